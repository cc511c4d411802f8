"""The top of the city's brief: what came of the plan in a sentence, the size of the economy, the key numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from tylib.brief import blocks, sentences
from tylib.brief import opening as top
from tylib.brief.document import Part
from tylib.programme import actions
from tylib.programme.targets import actuals, edition_year
from tylib.store import load

if TYPE_CHECKING:
    from tylib.brief.context import Context

KEY_INDICATORS = (
    "gdp",
    "gdp_growth_real",
    "above_scale_industrial_output",
    "above_scale_industrial_va_growth",
    "high_tech_enterprises",
)
READ_BY_US = ("derived", "assumed")
"""Statuses that gaps and links of this brief always carry."""


def opening(context: Context) -> Part:
    """Kicker, headline and standfirst, generated from what is known."""
    # The unit is the city: its name stands once.
    kicker = context.words("city.kicker", city=context.words("brief.named", zh=context.row["name_zh"], en=context.name))
    block = blocks.opening(kicker=kicker, headline=headline(context), standfirst=standfirst(context))
    return Part(blocks=(block,))


def headline(context: Context) -> str:
    """What came of the plan's targets in figures; without a plan, the size of the economy."""
    said, rows = context.words, actions.scorecard(context.city)
    total = int(rows["targets"].sum() or 0)
    if total:
        met, missed, silent = (int(rows[name].sum()) for name in ("met", "not_met", "open"))
        ended = (actions.end_year(context.city) or 9999) < edition_year(context.city)
        outcome = "missed" if missed else "silent" if silent else "all"
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
    """How much of the plan was published, what the economy makes, and what was looked for and not found."""
    said, rows = context.words, actions.scorecard(context.city)
    named = rows.filter(pl.col("measures") == 0).height
    found = []
    if rows.height:
        found.append(said.number_of("city.standfirst.plan", rows.height, named=named, published=rows.height - named))
    gdp, rate = newest(context, "gdp"), newest(context, "gdp_growth_real")
    if gdp and rate and rate["period"] == gdp["period"]:
        flat, subject = context.judgements.flat_change.value, said("city.subject.gdp")
        grown = sentences.growth(context.numbers, subject, rate["value"], year=rate["year"], flat=flat)
        found.append(said("city.standfirst.gdp", growth=sentences.opened(grown), **_said_of(context, gdp)))
    if output := newest(context, "above_scale_industrial_output"):
        found.append(said("city.standfirst.output", **_said_of(context, output)))
    searched = load("not_found", context.city).filter(pl.col("place") == context.code)
    if searched.height:
        date = searched["searched_on"].cast(pl.String).max()
        found.append(said.number_of("city.standfirst.absent", searched.height, date=date))
    return "".join(found)


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
    return top.key_numbers(context, cards, statuses=marks.union(READ_BY_US))
