"""The top of a town's brief: its rung, since when, its newest figures, and what of it is not published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import opening as page_opening
from tylib.brief import sentences, upgrade
from tylib.programme import town_ties, towns
from tylib.programme.targets import edition_year

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context
    from tylib.brief.document import Part

# What heads a brief, in this order; the rest of what is published follows.
FIRST = ("town_product_output", "town_chain_output_value", "town_output_value", "town_employment", "town_firms")
VALUE = "town_output_value"  # what a headline says is not published, or only of long ago


def opening(context: Context) -> Part:
    """Kicker, headline and standfirst, generated from what is known."""
    kind = context.words("town.kicker")
    return page_opening.opening(context, kind=kind, headline=_headline(context), standfirst=_standfirst(context))


def when(context: Context, date: str | None) -> str:
    """A date such as ``2022-09`` or ``2022-09-01`` as a year or a month in words."""
    year, _, rest = (date or "").partition("-")
    return context.period(f"{year}M{int(rest[:2])}" if rest else year)


def day(context: Context, date: str) -> str:
    """A date such as ``2022-09-01`` in words; a month or a year as :func:`when` has it."""
    parts = date.split("-")
    if len(parts) < 3:
        return when(context, date)
    month = context.words(f"period.month_name.m{int(parts[1])}")
    return context.words("town.day", year=parts[0], month=month, day=int(parts[2]))


def measured(context: Context, row: Mapping[str, Any], name: str) -> Markup:
    """A figure with its unit, without the noun of the unit where the name of the figure ends with it already."""
    figure, measure = context.figure(row), context.words("town.measure")
    unit = context.numbers.unit(row["unit"])
    noun = unit.removeprefix(measure)
    if not measure or noun == unit or not noun or not name.endswith((noun, noun + "数")):
        return figure
    return Markup(str(figure).replace(unit, measure, 1))


def short_name(context: Context, row: Mapping[str, Any], name: str = "name") -> str:
    """A town's name without the word for its kind, which every name in a list of towns would repeat."""
    return context.words.pick(row, name).removesuffix(context.words("town.suffix"))


def what(context: Context, indicator: str) -> str:
    """An indicator in a word or two where the catalogue has them, else by its title."""
    key = f"town.short.{indicator}"
    return context.words(key) if context.words.has(key) else context.indicator_name(indicator)


def since(context: Context, row: dict[str, Any]) -> str:
    """The rung of a town and since when: recognised in, reported in, or named to be cultivated in."""
    known = "recognised" if row["recognised_on"] else "reported"
    key = f"town.since.candidate_{known}" if row["tier"] == "candidate" else f"town.since.{known}"
    date = when(context, row["recognised_on"] or row["as_of"])
    return context.words(key, rung=context.words(f"town.rung.{row['tier']}"), when=date)


def figures(context: Context) -> pl.DataFrame:
    """The town's newest figures that are young enough to head a brief, those of :data:`FIRST` first."""
    oldest = edition_year(context.city) - context.judgements.current_years.value
    own = towns.latest(towns.metrics(context.city)).filter(
        (pl.col("town_id") == context.code) & (pl.col("year") >= oldest)
    )
    order = {name: place for place, name in enumerate(FIRST)}
    return own.sort(pl.col("indicator").replace_strict(order, default=len(FIRST), return_dtype=pl.Int64), "metric_id")


def _headline(context: Context) -> str:
    said, found = context.words, figures(context)
    fresh = found.filter(~pl.col("carried") & pl.col("indicator").is_in(FIRST))
    status = since(context, dict(context.row))
    if fresh.is_empty():
        old = towns.latest(towns.metrics(context.city)).filter(
            (pl.col("town_id") == context.code) & (pl.col("indicator") == VALUE)
        )
        year = said("number.year", year=old["year"][0]) if old.height else ""
        return said(f"town.headline.{'old' if year else 'none'}", town=context.name, since=status, year=year)
    newest = fresh.filter(pl.col("year") == pl.col("year").max()).row(0, named=True)
    return said(
        "town.headline.figure",
        town=context.name,
        since=status,
        what=said(f"town.short.{newest['indicator']}"),
        figure=context.numbers.row(newest),
        year=said("number.year", year=newest["year"]),
    )


def _standfirst(context: Context) -> str:
    said, row = context.words, context.row
    place = context.place_name(row["place"]) if row["place"] else ""
    known = "unknown" if not place else "assumed" if row["place_status"] == "assumed" else "published"
    where = said(f"town.standfirst.{known}", place=place, industry=sentences.opened(said.pick(row, "industry")))
    gaps = town_ties.gaps(context.city, context.code)
    missing = gaps.filter(pl.col("kind") != "mark")
    items = [
        said("town.standfirst.recent", what=what(context, row["indicator"]))
        if row["known"]
        else what(context, row["indicator"])
        for row in missing.filter(pl.col("indicator").is_not_null()).iter_rows(named=True)
    ]
    absent = said("town.standfirst.absent", items=context.joined(items)) if items else ""
    return said("list.gap").join(part for part in (where, absent) if part)


def key_numbers(context: Context) -> Part:
    """Up to five figures with year, status and place among the peers; where none is published, the legend alone."""
    found = figures(context)
    if found.is_empty():
        rows = towns.metrics(context.city).filter(pl.col("town_id") == context.code)
        found = rows.filter(pl.col("figure").is_not_null() & pl.col("kind").is_in(["target", "plan"]))
        found = found.filter(pl.col("indicator").is_in(FIRST))
    cards = [_card(context, row) for row in found.iter_rows(named=True)]
    rows = towns.metrics(context.city).filter((pl.col("town_id") == context.code) & pl.col("figure").is_not_null())
    if rows.height and len(cards) < page_opening.MOST_KEY_NUMBERS - 2:
        counted = {"value": rows.height, "unit": "", "status": "derived", "period": None, "source_ids": []}
        cards.append(page_opening.card(context, counted, label=context.words("town.key.published")))
    return page_opening.key_numbers(context, cards, statuses={"derived", "assumed"} | upgrade.statuses(context))


def _card(context: Context, row: dict[str, Any]) -> Markup:
    said, place = context.words, ""
    if row["carried"]:
        place = said("town.key.carried", year=said("number.year", year=row["first_year"]))
    elif row["indicator"] in towns.incomparable(context.city):
        place = said("town.key.unscoped")
    elif row["indicator"] in towns.compared(context.city) and row["kind"] == "actual":
        place = among(context, towns.peers(context.city, context.code, indicator=row["indicator"]))
    return page_opening.card(context, row, label=said.pick(row, "name"), place=place)


def among(context: Context, peers: pl.DataFrame) -> str:
    """The place of the town among the towns whose figure may be compared with its own, in words."""
    if peers.height < 2 or not peers["own"].any():
        return ""
    own = peers.filter("own")["figure"][0]
    rank = peers.filter(pl.col("figure") > own).height + 1
    return context.words("town.key.rank", rank=ordinal(context, rank), of=peers.height, span=span(context, peers))


def ordinal(context: Context, rank: int) -> str:
    """A rank as it is written in a sentence."""
    key = f"town.ordinal.{rank}"
    return context.words(key) if context.words.has(key) else context.words("town.ordinal.any", rank=rank)


def span(context: Context, rows: pl.DataFrame) -> str:
    """The years that some figures span, in words."""
    ends = years(rows)
    return context.period("-".join(str(year) for year in sorted(set(ends.values()))))


def years(rows: pl.DataFrame) -> dict[str, int]:
    """First and last year of some figures."""
    return {"first": rows["year"].min(), "last": rows["year"].max()}
