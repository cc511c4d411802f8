"""The top of the city's brief: what came of the plan in a sentence, the size of the economy, the key numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import opening as top
from tylib.brief import sentences, upgrade
from tylib.brief.city import closing
from tylib.brief.document import Part
from tylib.brief.making import amounts
from tylib.programme import actions
from tylib.programme.targets import actuals, edition_year
from tylib.store import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tylib.brief.context import Context

REVENUE = "key_chain_firm_revenue"
KEY_INDICATORS = (
    "gdp",
    "gdp_growth_real",
    REVENUE,
    "above_scale_industrial_output",
    "above_scale_industrial_va_growth",
)
READ_BY_US = ("derived", "assumed")
"""Statuses that gaps and links of this brief always carry."""


def opening(context: Context) -> Part:
    """Kicker, headline and standfirst, generated from what is known."""
    # The unit is the city: its name stands once.
    kicker = context.words("city.kicker", city=context.words("brief.named", zh=context.row["name_zh"], en=context.name))
    return top.opened(context, kicker=kicker, headline=headline(context), standfirst=standfirst(context))


def headline(context: Context) -> str:
    """What came of the plan's targets in figures; without a plan, the size of the economy."""
    said, rows = context.words, actions.scorecard(context.city)
    total = int(rows["targets"].sum() or 0)
    if total:
        met, missed, silent = (int(rows[name].sum()) for name in ("met", "not_met", "open"))
        ended = (actions.end_year(context.city) or 9999) < edition_year(context.city)
        outcome = "missed" if missed else "none_found" if silent == total else "silent" if silent else "all"
        return said(
            f"city.headline.{outcome if ended else 'running'}", targets=total, met=met, missed=missed, open=silent
        )
    gdp = newest(context, "gdp")
    return said("city.headline.gdp" if gdp else "city.headline.none", city=context.name, **_said_of(context, gdp))


def _said_of(context: Context, row: dict[str, Any] | None) -> dict[str, str]:
    if row is None:
        return {}
    return {"period": context.period(row["period"]), "figure": context.numbers.text(row["value"], row["unit"])}


def standfirst(context: Context) -> str:
    """What the plan is, how much of it was set out, what the economy makes, and what was searched for and not found."""
    said, rows = context.words, actions.scorecard(context.city)
    plan, found = actions.plan(context.city), []
    if plan:
        found.append(said("city.standfirst.about", name=said.pick(plan, "name"), aim=said.pick(plan, "aim")))
    if rows.height:
        found.append(f"{set_out(context, rows)}{said('list.full_stop')}{said('list.gap')}")
    gdp, rate = newest(context, "gdp"), newest(context, "gdp_growth_real")
    if gdp and rate and rate["period"] == gdp["period"]:
        flat, subject = context.judgements.flat_change.value, said("city.subject.gdp")
        grown = sentences.growth(context.numbers, subject, rate["value"], year=rate["year"], flat=flat)
        found.append(said("city.standfirst.gdp", growth=sentences.opened(grown), **_said_of(context, gdp)))
    if revenue := newest(context, REVENUE):
        name = context.indicator_name(REVENUE)
        found.append(said("city.standfirst.revenue", indicator=name, **_said_of(context, revenue)))
    kinds, others, date = closing.missing(context)
    if kinds + others:
        found.append(said("city.standfirst.absent", kinds=kinds, others=others, date=_date(context, date)))
    return "".join(found)


def about(context: Context) -> str:
    """What the plan is called and is for, where and when it was announced, how far its text is public."""
    said, plan = context.words, actions.plan(context.city)
    if plan is None:
        return ""
    texts = {name: said.pick(plan, name) for name in ("name", "aim", "announced_by", "state")}
    return said("city.about", date=_date(context, plan["announced_on"]), **texts)


def _date(context: Context, day: str) -> str:
    year, month, day = day.split("-")
    said = context.words
    return said("city.date", year=year, month=said(f"period.month_name.m{int(month)}"), day=int(day))


def set_out(context: Context, rows: pl.DataFrame) -> str:
    """How many actions were set out, how many only named, and to how many of these other passages speak."""
    said, told = context.words, rows["set_out"].sum()
    filed = rows.filter(~pl.col("set_out") & (pl.col("filed") > 0)).height
    which = "filed" if filed else "plain"
    return said(f"city.set_out.{which}", actions=rows.height, told=told, named=rows.height - told, filed=filed)


def newest(context: Context, indicator: str) -> dict[str, Any] | None:
    """The city's newest actual value of a whole year that is young enough to stand for the present."""
    oldest = edition_year(context.city) - context.judgements.current_years.value
    rows = actuals(context.city).filter(
        (pl.col("place") == context.code)
        & (pl.col("indicator") == indicator)
        & (pl.col("scope") == "")
        & pl.col("value").is_not_null()
        & pl.col("period").str.contains(r"^\d{4}$")
        & (pl.col("year") >= oldest)
    )
    return rows.sort("year").row(-1, named=True) if rows.height else None


def key_numbers(context: Context) -> Part:
    """The size of the economy and of industry, each with its own year; under them the marks that the brief uses."""
    found = {name: row for name in KEY_INDICATORS if (row := newest(context, name))}
    decimals = dict(
        load("indicators", context.city).select(pl.col("indicator").cast(pl.String), "decimals").iter_rows()
    )
    cards = [
        top.card(context, row | {"decimals": decimals.get(name)}, label=context.indicator_name(name))
        for name, row in found.items()
    ]
    shown = (context.own(scope=None), load("targets", context.city), load("projects", context.city))
    marks = {status for table in shown for status in table["status"].drop_nulls().cast(pl.String)}
    units = [*context.counties["place"], context.code]
    marks = marks.union(READ_BY_US, amounts.statuses(context, units), upgrade.statuses(context))
    part = top.key_numbers(context, cards, statuses=marks)
    cautions = [*_vintages(context, found), *_unstated(context)]
    notes = (Markup('<p class="note">{}</p>').format(caution) for caution in cautions)
    return Part(blocks=(*part.blocks, *notes)) if part.blocks else part


def _rules(context: Context, relation: str) -> list[dict[str, Any]]:
    """Rows of table ``comparability`` of one relation that hold for the city."""
    rows = load("comparability", context.city).with_columns(
        pl.col("indicator", "actual_indicator", "relation").cast(pl.String)
    )
    here = pl.col("place").is_null() | (pl.col("place") == context.code)
    return rows.filter((pl.col("relation") == relation) & here).to_dicts()


def _vintages(context: Context, cards: Mapping[str, dict[str, Any]]) -> Iterable[Markup]:
    """A level below one that was printed for an earlier year, of another vintage: no fall, and not differenced."""
    said, numbers = context.words, context.numbers
    for rule in _rules(context, "break"):
        card, changed = cards.get(rule["indicator"]), int((rule["from_period"] or "0")[:4])
        if card is None or card["year"] < changed:
            continue
        before = _actuals(context, rule["indicator"]).filter((pl.col("year") < changed) & pl.col("value").is_not_null())
        before = before.filter(pl.col("period").str.contains(r"^\d{4}$")).sort("year")
        if before.height and before["value"][-1] > card["value"]:
            last = before.row(-1, named=True)
            yield Markup("{}{}").format(
                said("city.vintage", indicator=context.indicator_name(rule["indicator"]),
                     reason=said.pick(rule, "reason"),
                     before=numbers.text(last["value"], last["unit"]), before_period=context.period(last["period"]),
                     **_said_of(context, card)),
                context.cite([last["source_id"]]),
            )  # fmt: skip


def _unstated(context: Context) -> Iterable[Markup]:
    """Two counts of like things that no source sets against each other: both, and whom to ask."""
    said = context.words
    for rule in _rules(context, "unstated"):
        both = [_actuals(context, rule[name]).sort("year", "period") for name in ("indicator", "actual_indicator")]
        if any(rows.is_empty() for rows in both):
            continue
        first, second = (rows.row(-1, named=True) for rows in both)
        pair = [
            said("city.counted", indicator=context.indicator_name(row["indicator"]), figure=context.numbers.row(row),
                 period=context.period(row["period"]))
            for row in (first, second)
        ]  # fmt: skip
        text = said("city.unstated", first=pair[0], second=pair[1], reason=said.pick(rule, "reason"))
        yield Markup("{}{}").format(text, context.cite([first["source_id"], second["source_id"]]))


def _actuals(context: Context, indicator: str) -> pl.DataFrame:
    here = (pl.col("place") == context.code) & (pl.col("indicator") == indicator) & (pl.col("scope") == "")
    return actuals(context.city).filter(here)
