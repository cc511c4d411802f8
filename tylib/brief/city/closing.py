"""The end of the city's brief: what was looked for and not found, by the table that would fill it; the methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from tylib.brief import closing
from tylib.programme import actions
from tylib.store import load
from tylib.store.city import package

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tylib.brief.context import Context
    from tylib.brief.document import Part

METHODS = {
    "city.method.carriers": "tylib.programme.actions.carriers",
    "city.method.matrix": "tylib.programme.actions.matrix",
    "city.method.outturn": "tylib.programme.targets.beside",
    "city.method.growth": "tylib.indicators.growth.required_growth",
    "structure.method.complement": "tylib.programme.structure.industry_figures",
    "structure.method.remainder": "tylib.programme.structure.remainder",
    "structure.method.dispersion": "tylib.indicators.dispersion.dispersion",
    "technology.method.match": "tylib.programme.technology.matches",
}


def missing(context: Context) -> tuple[int, int, str]:
    """How many kinds of figures, and how many lists and documents, were searched for and not found; and when."""
    looked, gaps, fits = _searched(context)
    date = looked["searched_on"].cast(pl.String).max()
    return gaps.height, _others(looked, fits).height, date or ""


def _searched(context: Context) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """What was searched for in vain; of it the indicators with their periods; these under the table that fills them."""
    looked = load("not_found", context.city).filter(pl.col("place") == context.code)
    gaps = (
        looked.filter(pl.col("indicator").is_not_null())
        .with_columns(pl.col("indicator").cast(pl.String))
        .group_by("indicator", maintain_order=True)
        .agg(pl.col("period").sort())
    )
    tables = load("request_tables", context.city).with_columns(indicator=pl.col("indicators").str.split(";"))
    # The city's own table first, then those below it; a gap stands under the first that would fill it.
    order = pl.col("level").cast(pl.String).replace_strict({"city": 0, "chain": 1, "town": 1, "county": 2}, default=3)
    fits = (
        tables.with_columns(_order=order).explode("indicator").join(gaps, on="indicator", how="inner")
        .sort("_order", "table_id").unique("indicator", keep="first", maintain_order=True)
        .group_by("table_id", maintain_order=True)
        .agg(pl.col("title_zh", "title_en", "holder_zh", "holder_en").first(), pl.col("indicator", "period"))
    )  # fmt: skip
    return looked, gaps, fits


def _others(looked: pl.DataFrame, fits: pl.DataFrame) -> pl.DataFrame:
    """What no table is known to hold, and what is no figure: lists and documents."""
    filled = fits["indicator"].explode().implode()
    left = pl.col("indicator").is_null() | ~pl.col("indicator").cast(pl.String).is_in(filled)
    return looked.filter(left).unique(["item_zh", "period"], maintain_order=True)


def unknown(context: Context) -> Part:
    """What is missing and whom to ask: the next plan, figures by the table that fills them, lists and documents."""
    said = context.words
    looked, _, fits = _searched(context)
    if looked.is_empty():
        return closing.requests(context, [], heading="")
    rows = [
        (
            said("list.semicolon").join(
                said("city.unknown.what", indicator=context.indicator_name(name), periods=_periods(context, periods))
                for name, periods in zip(row["indicator"], row["period"], strict=True)
            ),
            said.pick(row, "title"),
            said.pick(row, "holder"),
        )
        for row in fits.iter_rows(named=True)
    ]
    others = _others(looked, fits)
    awaited = _awaited(context, others)
    rows = [*_next_plan(context, awaited), *rows]
    items = [
        Markup("<li>{}</li>").format(
            said("city.unknown.what", indicator=said.pick(row, "item"), periods=context.period(row["period"]))
        )
        for row in others.join(awaited, on="search_id", how="anti", maintain_order="left").iter_rows(named=True)
    ]
    kinds, lists, date = missing(context)
    notes = [
        Markup('<p class="note">{} {}</p>').format(
            said("city.unknown.searched", date=date), context.cite(looked["source_id"].unique(maintain_order=True))
        )
    ]
    if items:
        notes.append(
            Markup('<details class="data-table"><summary>{}</summary><ul>{}</ul></details>').format(
                said.number_of("city.unknown.others", len(items)), Markup("").join(items)
            )
        )
    heading = said.number_of("city.unknown.heading", kinds, tables=len(rows), others=lists)
    return closing.requests(context, rows, heading=heading, notes=notes)


def _awaited(context: Context, others: pl.DataFrame) -> pl.DataFrame:
    """What was searched for of a plan that begins after the one that has run; nothing once it is imported."""
    known = load("targets", context.city).filter(pl.col("plan").eq_missing(actions.NEXT)).height
    known += actions.measures(context.city, plan=actions.NEXT).height
    first = pl.col("period").str.slice(0, 4).cast(pl.Int32, strict=False)
    later = pl.col("period").str.contains(r"^\d{4}-\d{4}$") & (first > (actions.end_year(context.city) or 9999))
    return others.filter(later & pl.lit(not known))


def _next_plan(context: Context, awaited: pl.DataFrame) -> Iterable[tuple[str, str, str]]:
    """The next plan as something to ask for, where table ``plans`` says who holds it."""
    said = context.words
    plan = load("plans", context.city).filter((pl.col("plan_id") == actions.NEXT) & pl.col("holder_zh").is_not_null())
    if awaited.height and plan.height:
        row = plan.row(0, named=True)
        what = said("list.semicolon").join(said.pick(item, "item") for item in awaited.iter_rows(named=True))
        yield what, said.pick(row, "name"), said.pick(row, "holder")


def _periods(context: Context, periods: list[str]) -> str:
    return context.joined(context.period(period) for period in periods)


def method(context: Context) -> Part:
    """How links, gaps, verdicts and required growth follow from the tables, and which templates take the next plan."""
    said = context.words
    templates = [
        said.pick({f"name_{language}": title for language, title in template["titles"].items()}, "name")
        for template in package(context.city).get("templates", [])
        if template.get("set", {}).get("plan") == actions.NEXT
    ]
    more = {"city.method.next": "tylib.programme.actions.measures"} if templates else {}
    return closing.method(context, METHODS | more, templates=context.joined(templates))
