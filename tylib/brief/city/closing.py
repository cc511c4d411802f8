"""The end of the city's brief: what was looked for and not found, by the table that would fill it; the methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from tylib.brief import closing
from tylib.store import load

if TYPE_CHECKING:
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


def unknown(context: Context) -> Part:
    """Gaps of the city, gathered under the table that would fill most of them; what no table fills is listed below."""
    said, code = context.words, context.code
    looked = load("not_found", context.city).filter(pl.col("place") == code)
    if looked.is_empty():
        return closing.requests(context, [], heading="")
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
    # What no table is known to hold, and what is no figure: lists and documents.
    filled = fits["indicator"].explode().implode()
    left = pl.col("indicator").is_null() | ~pl.col("indicator").cast(pl.String).is_in(filled)
    others = looked.filter(left).unique(["item_zh", "period"], maintain_order=True)
    items = [
        Markup("<li>{}</li>").format(
            said("city.unknown.what", indicator=said.pick(row, "item"), periods=context.period(row["period"]))
        )
        for row in others.iter_rows(named=True)
    ]
    date = looked["searched_on"].cast(pl.String).max()
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
    heading = said.number_of("city.unknown.heading", gaps.height, tables=len(rows), others=len(items))
    return closing.requests(context, rows, heading=heading, notes=notes)


def _periods(context: Context, periods: list[str]) -> str:
    return context.joined(context.period(period) for period in periods)


def method(context: Context) -> Part:
    """How carriers, gaps, verdicts and required growth follow from the tables."""
    return closing.method(context, METHODS)
