"""What is not known of a county and whom to ask; how its figures were made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from tylib.brief import blocks, closing
from tylib.brief.county.opening import MOST_TABLES, asked_in, on_day, years
from tylib.brief.document import Part
from tylib.programme import county as programme

if TYPE_CHECKING:
    from tylib.brief.context import Context

MOST_NEVER = 4  # tables of which nothing is known that one brief names

# Methods that a county brief uses: word of the catalogue, function that holds the formula.
METHODS = {
    "county.method.population_growth": "tylib.indicators.growth.compound_growth",
    "county.method.density": "tylib.indicators.comparison.ratio",
    "county.method.rank": "tylib.indicators.comparison.rank",
    "county.method.preferred": "tylib.store.facts.preferred",
    "county.method.conflict": "tylib.store.facts.conflicts",
}


def unknown(context: Context) -> Part:
    """What was looked for and not found, with the tables that would fill it; then tables nothing is known from yet."""
    said, gaps = context.words, programme.gaps(context.facts, context.code)
    if gaps.is_empty():
        return Part()
    rows = []
    for gap in gaps.iter_rows(named=True):
        asked = list(asked_in(context, gap["indicator"]).head(MOST_TABLES).iter_rows(named=True))
        what = said(
            "county.unknown.what",
            indicator=context.indicator_name(gap["indicator"]),
            periods=years(context, gap["periods"]),
        )
        ask = said("list.semicolon").join(said.pick(row, "title") for row in asked)
        holders = dict.fromkeys(closing.holder(context, row) for row in asked)
        rows.append((what, ask, said("list.semicolon").join(holders)))
    searched = gaps["searched_on"].max()
    note = Markup('<p class="note">{} {} {}</p>').format(
        said("county.unknown.searched", date=on_day(context, searched)) if searched else "",
        context.cite(gaps["source_ids"].explode()),
        said("county.unknown.reading"),
    )
    heading = said.number_of("county.unknown.heading", gaps.height)
    return closing.requests(context, rows, heading=heading, notes=(note, *_never(context, set(gaps["indicator"]))))


def _never(context: Context, asked: set[str]) -> list[Markup]:
    """Tables of which the suite has not one figure for the county: they would deepen the brief most."""
    said = context.words
    untouched = programme.never_published(context.city, context.facts, context.code)
    above = pl.col("indicators").list.eval(pl.element().is_in(list(asked))).list.any()
    untouched = untouched.filter(~above).head(MOST_NEVER)
    if untouched.is_empty():
        return []
    rows = [
        (
            context.joined(context.indicator_name(name) for name in row["indicators"][:2]),
            said.pick(row, "title"),
            closing.holder(context, row),
        )
        for row in untouched.iter_rows(named=True)
    ]
    return [Markup("<p>{}</p>").format(said("county.unknown.never_heading")), blocks.requests(rows)]


def method(context: Context) -> Part:
    """The rules and formulas behind the figures, each with the function that holds it."""
    tolerance = context.numbers.text(context.judgements.conflict_tolerance.value * 100, "%")
    return closing.method(context, METHODS, tolerance=tolerance)
