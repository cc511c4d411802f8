"""The way to the next rung: the user's thresholds with their state, and where recognised towns stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief.document import Part
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.brief.town.opening import day, short_name, what
from tylib.programme import towns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context


def way(context: Context) -> Part:
    """What the next rung asks for: the user's threshold with its state, and where recognised towns stand."""
    said = context.words
    rows = towns.orientation(context.city, context.code)
    if rows.is_empty():
        return Part()
    above = list(dict.fromkeys(rows["rung"]))
    known = rows.filter((pl.col("peers") > 0) | pl.col("threshold").is_not_null())
    is_set = pl.col("threshold").is_not_null()
    chosen, unset = rows.filter(is_set), rows.filter(~is_set)
    set_ones = chosen.height
    # One rung stands over the table, several stand in its rows.
    rungs = dict.fromkeys(known["rung"])
    names = context.joined(said(f"town.rung.{rung}") for rung in rungs)
    cells = [_step(context, row, several=len(rungs) > 1) for row in known.iter_rows(named=True)]
    # What is the same in every row is said once, above the table.
    has_own = known.filter(pl.col("own").is_not_null() | pl.col("own_low").is_not_null()).height
    shown = ["indicator", *(["own"] if has_own else []), *(["threshold"] if set_ones else []), "lowest", "median"]
    columns = {name: said(f"town.way.{name}") for name in [*shown, *(["gap"] if has_own or set_ones else []), "source"]}
    right = [name for name in ("own", "lowest", "median") if name in columns]
    blocks = [
        _threshold_rule(context, chosen, unset),
        html_table(
            cells,
            columns,
            key="way",
            caption=said("town.way.caption", rung=names),
            caption_shown=True,
            right=right,
            markup=list(columns),
        )
        if cells
        else "",
    ]
    silent = [rung for rung in above if known.filter(pl.col("rung") == rung).is_empty()]
    notes = [said("town.way.silent", rung=said(f"town.rung.{rung}")) for rung in silent]
    notes += [] if has_own else [said("town.way.no_own")]
    notes.append(said("town.way.note"))
    blocks.append(Markup('<p class="note">{}</p>').format(said("list.gap").join(notes)))
    heading = said("town.way.heading.none", rung=said(f"town.rung.{above[0]}"))
    if set_ones:
        reached = context.joined(said(f"town.rung.{rung}") for rung in dict.fromkeys(chosen["rung"]))
        heading = said.number_of("town.way.heading.set", set_ones, rung=reached)
    return Part("way", heading, tuple(blocks))


def _threshold_rule(context: Context, chosen: pl.DataFrame, unset: pl.DataFrame) -> str:
    """Whose the thresholds are, which are set and why, and the state of the others."""
    said = context.words
    sentences = [said("town.way.rule")]
    if chosen.height:
        items = [
            said(
                "town.way.chosen_item",
                indicator=what(context, row["indicator"]),
                threshold=context.numbers.full(row["threshold"], row["unit"]),
                reason=said.pick(row, "reason"),
            )
            for row in chosen.iter_rows(named=True)
        ]
        sentences.append(said("town.way.chosen", items=said("list.semicolon").join(items)))
    if unset.height:
        row = unset.row(0, named=True)
        sentences.append(said("town.way.unset", date=day(context, row["searched_on"]), reason=said.pick(row, "reason")))
    return said("list.gap").join(sentences)


def _step(context: Context, row: Mapping[str, Any], *, several: bool) -> dict[str, Markup]:
    """One indicator on the way: own figure, threshold, lowest and median peer, what is still to go."""
    said, numbers = context.words, context.numbers
    absent = Markup('<span class="absent">{}</span>').format(said("absent.not_published"))
    own = {"value": row["own"], "low": row["own_low"], "high": None, "unit": row["unit"]}
    has_own = row["own"] is not None or row["own_low"] is not None
    derived = mark("derived", said)

    def small(text: str) -> Markup:
        return Markup("<br><small>{}</small>").format(text)

    lowest = median = Markup("{}").format(said("town.way.no_peer"))
    if row["peers"] and row["indicator"] in towns.incomparable(context.city):
        lowest = median = Markup("{}").format(said("town.way.unscoped"))
    elif row["peers"]:
        name = said(
            "town.way.by", town=short_name(context, row, "lowest"), year=said("number.year", year=row["lowest_year"])
        )
        lowest = Markup("{}{}{}").format(numbers.full(row["lowest"], row["unit"]), derived, small(name))
        middle = numbers.full(row["median"], row["unit"])
        middle = said("number.at_least", figure=middle) if row["bounded"] else middle
        span = said("town.way.of", count=row["peers"], first=row["first_year"], last=row["last_year"])
        median = Markup("{}{}{}").format(middle, derived, small(span))
        if row["peers"] == 1:  # one figure has no median
            median = Markup("{}").format(said("town.way.only"))
    threshold = said(f"town.way.{row['state']}")
    if row["threshold"] is not None:
        threshold = numbers.full(row["threshold"], row["unit"])
    return {
        "indicator": Markup("{}").format(
            said("town.way.on_rung", indicator=what(context, row["indicator"]), rung=said(f"town.rung.{row['rung']}"))
            if several
            else what(context, row["indicator"])
        ),
        "own": Markup("{}{}").format(numbers.row(own), small(said("number.year", year=row["own_year"])))
        if has_own
        else absent,
        "threshold": Markup("{}").format(threshold),
        "lowest": lowest,
        "median": median,
        "gap": _gap(context, row),
        "source": context.cite(row["source_ids"] or []),
    }  # fmt: skip


def _gap(context: Context, row: Mapping[str, Any]) -> Markup:
    """What is still to go to the threshold, with the growth it needs; else to the lowest peer, as no threshold."""
    said, numbers, unit = context.words, context.numbers, row["unit"]
    if row["gap"] is not None:
        text = said("town.way.to_threshold", gap=numbers.full(row["gap"], unit))
        if row["gap"] <= 0:
            text = said("town.way.reached")
        elif row["growth"] is not None:
            text = said("town.way.growing", gap=text, rate=numbers.full(row["growth"], "%"), year=row["by"])
        return Markup("{}{}").format(text, mark("derived", said))
    if row["indicator"] in towns.incomparable(context.city) and row["own"] is not None:
        return Markup("{}").format(said("town.way.unscoped"))
    if row["to_lowest"] is None:
        return Markup("{}").format(said("town.way.old" if row["own_young"] is False else "town.way.unknown"))
    key = "town.way.above_lowest" if row["to_lowest"] <= 0 else "town.way.to_lowest"
    return Markup("{}{}").format(said(key, gap=numbers.full(abs(row["to_lowest"]), unit)), mark("derived", said))
