"""Sectors of the city's industry, and counties beside one another, from a table that holds two years of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.growth.levels import of_one_source, span, weakest
from tylib.brief.growth.people import added
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.indicators.growth import contributions, contributions_of_rates
from tylib.indicators.shift_share import PARTS, shift_share

if TYPE_CHECKING:
    from tylib.brief.context import Context

KEY = ["place", "sector"]
MEASURES = (
    "above_scale_industrial_va", "above_scale_industrial_output", "revenue", "above_scale_employment",
)  # fmt: skip
"""What growth may be measured by, the first that a table has."""
REAL = "above_scale_industrial_va_growth"
TOTALS = ("gdp", "above_scale_industrial_va")
"""Totals of counties, of which a table may have all counties at two years."""
DRAWN = ("regional", "mix", "national")
"""From zero outwards: what is a county's own can be compared along one line."""


def measured(facts: pl.DataFrame, measure: str, /) -> tuple[str, pl.DataFrame]:
    """Levels by place and sector at two years of one source, by the measure asked for or the first that has any.

    Args:
        facts: Rows of :func:`tylib.store.facts`, of the places that are meant.
        measure: Wanted first, then :data:`MEASURES`.

    Returns:
        The measure, and rows of :func:`tylib.brief.growth.levels.of_one_source`; none where there is no such table.
    """
    single = facts.filter(pl.col("sector") != "")
    for name in dict.fromkeys([measure, *MEASURES]):
        rows = of_one_source(single, name, by=KEY)
        if rows.height:
            return name, rows
    return measure, rows


def real(facts: pl.DataFrame, /) -> pl.DataFrame:
    """Points that every sector added in the newest year for which one source has level and real rate of all of them.

    Returns:
        ``place, sector, year, value, source_id, status``; none where no source has both for two sectors.
    """
    single = facts.filter(
        (pl.col("sector") != "") & pl.col("value").is_not_null() & (pl.col("kind") == "actual")
        & (pl.col("period") == pl.col("year").cast(pl.String))
    )  # fmt: skip
    key = [*KEY, "year", "source_id", "scope"]
    levels = single.filter(pl.col("indicator") == MEASURES[0]).unique(key, keep="first")
    rates = single.filter(pl.col("indicator") == REAL).unique(key, keep="first").select(*key, growth="value")
    both = levels.select(*key, "value", "status").join(rates, on=key, how="left")
    whole = pl.col("growth").is_not_null().all().over("place", "year", "source_id") & (
        pl.len().over("place", "year", "source_id") > 1
    )
    newest = both.filter(whole).filter(pl.col("year") == pl.col("year").max())
    newest = newest.filter(pl.col("source_id") == pl.col("source_id").max())
    points = contributions_of_rates(newest.select(*KEY, "value", "growth"))
    return points.select(*KEY, "value").join(newest.drop("value", "growth"), on=KEY).sort("value", descending=True)


def sectors(context: Context, *, measure: str) -> Part:
    """Which sectors added to the growth of the city's industry; which table would tell, where none does."""
    said, city = context.words, context.city.place
    facts = context.facts.filter(pl.col("place") == city)
    name, rows = measured(facts, measure)
    rates = real(facts)
    if rows.is_empty() and rates.is_empty():
        return Part("sectors", said("growth.sectors.heading.none"), (said("growth.sectors.none"),))
    blocks: list[Any] = []
    if rates.height:
        year = rates["year"][0]
        blocks.append(_ranking(context, rates, key="sectors-real", form="real", year=year, measure=MEASURES[0]))
        heading = _heading(context, rates, "real", year=year)
    if rows.height:
        start, end = span(rows)
        found = _with_source(contributions(rows, start=start, end=end), rows)
        blocks.append(_ranking(context, found, key="sectors", form="level", start=start, end=end, measure=name))
        if not rates.height:
            heading = _heading(context, found, "level", start=start, end=end)
    return Part("sectors", heading, (*blocks, said("growth.sectors.rule")))


def _with_source(found: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    about = rows.group_by("place").agg(pl.col("source_id").first(), pl.col("status").max())
    known = found.filter(pl.col("value").is_not_null())
    return known.join(about, on="place").sort("value", descending=True)


def _heading(context: Context, found: pl.DataFrame, form: str, **when: int) -> str:
    row = found.row(0, named=True)
    return context.words(
        f"growth.sectors.heading.{form}", sector=context.sector_name(row["sector"]),
        points=context.numbers.bare(row["value"], "pp", decimals=1),
        total=context.numbers.text(found["value"].sum(), "%", decimals=1), **when,
    )  # fmt: skip


def _ranking(context: Context, found: pl.DataFrame, *, key: str, form: str, measure: str, **when: int) -> Figure:
    said = context.words
    shown = weakest(found["status"])
    bars = pl.DataFrame(
        [
            {"label": context.sector_name(row["sector"]), "value": row["value"], "status": shown,
             "text": context.numbers.bare(row["value"], "pp", signed=True, decimals=2)}
            for row in found.iter_rows(named=True)
        ]
    )  # fmt: skip
    items = said("list.semicolon").join(
        said("growth.sectors.alt_item", sector=row["label"], points=row["text"]) for row in bars.to_dicts()
    )
    alt = said("growth.sectors.alt", items=items)
    name = context.indicator_name(measure)
    rows = [
        {"sector": row["label"], "points": Markup("{}{}").format(row["text"], mark(shown, said))}
        for row in bars.to_dicts()
    ]
    return Figure(
        charts.ranking(bars, unit=said("growth.unit"), description=alt),
        key=key,
        title=_heading(context, found, form, **when),
        subtitle=said(f"growth.sectors.subtitle.{form}", measure=name, **when),
        alt=alt,
        words=said,
        foot=Markup("{} {}{}").format(
            said("growth.from"), context.cite(found["source_id"].unique()), mark(shown, said)
        ),
        table=html_table(rows, {"sector": said("growth.sector"), "points": said("growth.unit")}, key=key,
                         caption=said("growth.sectors.caption", measure=name), right=["points"], markup=["points"]),
        csv=found.select("sector", "value").write_csv(),
    )  # fmt: skip


def shifts(rows: pl.DataFrame, /, *, totals: bool = True) -> pl.DataFrame:
    """Shift and share of each county against all counties of the table together.

    Args:
        rows: ``place, sector, year, value`` of one source at two years.
        totals: A row a place, else a row a place and sector.

    Returns:
        As :func:`tylib.indicators.shift_share.shift_share`.
    """
    start, end = span(rows)
    whole = rows.group_by("sector", "year").agg(pl.col("value").sum())
    return shift_share(rows.select(*KEY, "year", "value"), whole, start=start, end=end, totals=totals)


def counties(context: Context, *, measure: str) -> Part:
    """Shift and share of the counties; which table would tell, where none does."""
    said, codes = context.words, context.counties["place"]
    levels = [figure for name in TOTALS if (figure := added(context, name))]
    name, rows = measured(context.facts.filter(pl.col("place").is_in(codes.implode())), measure)
    if rows.is_empty() or rows["place"].n_unique() < 2:
        return Part("counties", said("growth.counties.heading.none"), (said("growth.counties.none"), *levels))
    start, end = span(rows)
    base = rows.filter(pl.col("year") == start).group_by("place").agg(base=pl.col("value").sum())
    found = shifts(rows).join(base, on="place", how="left").sort("regional", descending=True)
    unit = rows["unit"].first() or ""

    def amount(value: float) -> str:
        return context.numbers.bare(value, unit, signed=True, decimals=1)

    best = found.row(0, named=True)
    heading = said(
        "growth.counties.heading.some", place=context.place_name(best["place"]), start=start, end=end,
        amount=context.numbers.text(best["regional"], unit, signed=True),
    )  # fmt: skip
    bars = [
        {"row": context.place_name(row["place"]), "part": said(f"growth.counties.parts.{part}"), "value": row[part],
         "text": amount(row[part]), "total": row["change"], "total_text": amount(row["change"])}
        for row in found.iter_rows(named=True)
        for part in DRAWN
    ]  # fmt: skip
    alt = said(
        "growth.counties.alt",
        items=said("list.semicolon").join(
            said("growth.counties.alt_item", place=context.place_name(row["place"]), change=amount(row["change"]),
                 regional=amount(row["regional"]))
            for row in found.iter_rows(named=True)
        ),
    )  # fmt: skip
    status = weakest(rows["status"])
    columns = {name: said(f"growth.counties.parts.{name}") for name in PARTS} | {
        "change": said("growth.counties.change")
    }
    table = html_table(
        [
            {"place": context.place_name(row["place"]),
             **{part: Markup("{}{}").format(amount(row[part]), mark(status, said)) for part in columns}}
            for row in found.iter_rows(named=True)
        ],
        {"place": said("growth.place"), **columns}, key="counties",
        caption=said("growth.counties.caption", unit=context.numbers.unit(unit)), right=list(columns),
        markup=list(columns),
    )  # fmt: skip
    figure = Figure(
        charts.contributions(pl.DataFrame(bars), unit=context.numbers.unit(unit), description=alt),
        key="counties",
        title=heading,
        subtitle=said("growth.counties.subtitle", measure=context.indicator_name(name), start=start, end=end,
                      count=rows["place"].n_unique(), total=codes.len()),
        alt=alt,
        words=said,
        foot=Markup("{} {}{}").format(
            said("growth.from"), context.cite(rows["source_id"].unique()), mark(status, said)
        ),
        table=table,
        csv=shifts(rows, totals=False).write_csv(),
    )  # fmt: skip
    return Part("counties", heading, (figure, said("growth.counties.rule"), *levels))
