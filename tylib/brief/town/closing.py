"""What is not known of a town and whom to ask; how its figures were made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import closing
from tylib.brief.town.opening import day
from tylib.programme import town_ties, towns
from tylib.store import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context
    from tylib.brief.document import Part

# Methods that a town's brief uses: word of the catalogue, function that holds the rule.
METHODS = {
    "town.method.peers": "tylib.programme.towns.peers",
    "town.method.orientation": "tylib.programme.towns.orientation",
    "town.method.marks": "tylib.programme.town_ties.marks",
    "town.method.repeats": "tylib.programme.towns.repeats",
    "town.method.whole": "tylib.programme.towns.implied_whole",
    "town.method.aims": "tylib.programme.targets.beside",
    "town.method.growth": "tylib.indicators.growth.required_growth",
}
THRESHOLD = "provincial_towns"  # the table that holds how towns are recognised answers their number too


def unknown(context: Context) -> Part:
    """What was looked for, compared by or named and not confirmed, with the table that would fill it and its holder."""
    said = context.words
    gaps = town_ties.gaps(context.city, context.code)
    limits = towns.orientation(context.city, context.code).filter(pl.col("threshold").is_null())
    tables = load("request_tables", context.city).filter(pl.col("level").cast(pl.String) == context.kind)
    tables = tables.with_columns(pl.col("indicators").str.split(";"))
    rows = [_asked(context, _missing(context, row), tables, row["indicator"]) for row in gaps.iter_rows(named=True)]
    if limits.height:
        rungs = context.joined(said(f"town.rung.{rung}") for rung in dict.fromkeys(limits["rung"]))
        rows.insert(0, _asked(context, said("town.unknown.threshold", rungs=rungs), tables, THRESHOLD, last=True))
    count = len(rows)
    rows = _merged(context, rows)
    dates = [*gaps["searched_on"].drop_nulls(), *limits["searched_on"]]
    notes = [said("town.unknown.searched", date=day(context, max(dates)))] if dates else []
    cited = context.cite(gaps.filter(pl.col("kind") == "searched")["source_id"].drop_nulls())
    note = Markup('<p class="note">{} {} {}</p>').format(
        said("list.gap").join(notes), cited, said("town.unknown.reading")
    )
    return closing.requests(
        context, rows, heading=said.number_of("town.unknown.heading", count, tables=len(rows)), notes=(note,)
    )


def _merged(context: Context, rows: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """One request a table and holder, with all that it would answer."""
    asked: dict[tuple[str, str], list[str]] = {}
    for what, title, holder in rows:
        asked.setdefault((title, holder), []).append(what)
    gap = context.words("list.semicolon")
    return [(gap.join(dict.fromkeys(items)), *table) for table, items in asked.items()]


def _missing(context: Context, row: Mapping[str, Any]) -> str:
    """What is missing; of recent years only, where an old figure stands."""
    name = context.words.pick(row, "what")
    return context.words("town.standfirst.recent", what=name) if row["known"] else name


def _asked(
    context: Context, what: str, tables: pl.DataFrame, indicator: str | None, *, last: bool = False
) -> tuple[str, str, str]:
    """What is missing, the table that answers it (else the town's own ledger, the first), who holds that."""
    said = context.words
    fits = tables.filter(pl.col("indicators").list.contains(indicator)) if indicator else tables.head(0)
    fits = fits if fits.height else tables.head(1)
    if fits.is_empty():
        return what, "", ""
    row: Mapping[str, Any] = fits.row(-1 if last else 0, named=True)
    return what, said.pick(row, "title"), said.pick(row, "holder")


def method(context: Context) -> Part:
    """The rules behind the figures, each with the function that holds it."""
    limits = context.judgements
    return closing.method(
        context, METHODS, peer_years=int(limits.peer_years.value), carried_years=int(limits.carried_years.value)
    )
