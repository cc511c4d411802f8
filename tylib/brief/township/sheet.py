"""The parts of a township sheet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import closing
from tylib.brief import opening as page_opening
from tylib.brief.county.opening import KEY_INDICATORS
from tylib.brief.county.standing import latest
from tylib.brief.document import Part
from tylib.brief.ledger import nested
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.brief.zone.closing import holder
from tylib.programme import county as of_county
from tylib.programme import townships as programme
from tylib.programme import zones
from tylib.programme.projects import WHOLE
from tylib.store import load
from tylib.store.places import place, townships

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context

MOST_COUNTED = 3  # kinds of things that the headline counts
MOST_FIGURES = 4  # of the county: it is context here, not the subject


def opening(context: Context) -> Part:
    """What is named in the unit, counted; its place in the register."""
    said, row, found = context.words, context.row, programme.here(context.city, context.code)
    counted = _counted(context, found)[:MOST_COUNTED]
    brought = programme.figures(context.city, context.code).height
    which = "some" if counted else "figures" if brought else "none"
    headline = said.number_of(f"township.headline.{which}", brought, unit=context.name, items=context.joined(counted))
    standfirst = said(
        "township.standfirst",
        county=context.place_name(row["parent"]),
        type=said(f"township.type.{row['type']}"),
        code=context.code,
        edition=row["edition"] or said("period.undated"),
    )
    unknown = said.number_of("township.brought" if brought else "township.not_brought", brought)
    return page_opening.opening(
        context,
        kind=said("township.kicker"),
        headline=headline,
        standfirst=said("list.gap").join([standfirst, unknown]),
    )


def _counted(context: Context, found: pl.DataFrame) -> list[str]:
    """How many zones, projects (parts are not counted beside their whole), firms and segments, in words."""
    rows = found.filter(pl.col("parent").is_null())
    return [
        context.words.number_of(f"township.count.{kind}", count)
        for kind in programme.KINDS
        if (count := rows.filter(pl.col("kind") == kind).height)
    ]


def key_numbers(context: Context) -> Part:
    """The newest figures that were brought in, with the marks of the page; nothing where none was."""
    rows = programme.figures(context.city, context.code).filter(pl.col("value").is_not_null())
    wanted = programme.asked(context.city)
    rank = pl.col("indicator").replace_strict({name: n for n, name in enumerate(wanted)}, default=len(wanted))
    newest = rows.sort(rank, "period", descending=[False, True]).unique("indicator", keep="first", maintain_order=True)
    cards = [
        page_opening.card(context, row, label=context.indicator_name(row["indicator"]))
        for row in newest.iter_rows(named=True)
    ]
    marks = programme.here(context.city, context.code)["link_status"].cast(pl.String)
    return page_opening.key_numbers(context, cards, statuses={*newest["status"].cast(pl.String), *marks})


def figures(context: Context) -> Part:
    """Figures of the unit itself: only from a table that was brought in."""
    said, rows = context.words, programme.figures(context.city, context.code)
    if rows.is_empty():
        return Part()
    caption = said("township.figures.caption", unit=context.name)
    rows = rows.sort("indicator", "period", descending=[False, True])
    table = context.facts_table(rows, key="figures", caption=caption)
    return Part("figures", said.number_of("township.figures.heading", rows.height), (table,))


def here(context: Context) -> Part:
    """What public sources place in the unit, by its code or full name; and where the register is from."""
    said, found = context.words, programme.here(context.city, context.code)
    register = Markup('<p class="note">{} {}</p>').format(
        said("township.here.rule"), context.cite([context.row["source_id"]])
    )
    if found.is_empty():
        text = said("township.here.nothing")
        return Part("here", said("township.here.heading_none"), (text, register))
    listed = set(found["code"])
    cells = [
        {
            "name": Markup("{}{}").format(nested(context, row, listed), mark(row["link_status"], said)),
            "kind": said(f"township.kind.{row['kind']}"),
            "what": said.pick(row, "what"),
            "investment": context.figure(row) if row["value"] is not None or row["low"] is not None else "",
            "source": context.cite([row["source_id"]]),
        }
        for row in found.iter_rows(named=True)
    ]
    columns = {name: said(f"township.here.{name}") for name in cells[0]}
    columns = {name: label for name, label in columns.items() if any(cell[name] for cell in cells)}
    markup = [name for name in ("name", "investment", "source") if name in columns]
    caption = said("township.here.caption", unit=context.name)
    table = html_table(cells, columns, key="here", caption=caption, right=["investment"], markup=markup)
    heading = said("township.here.heading", items=context.joined(_counted(context, found)))
    return Part("here", heading, (table, register))


def county(context: Context) -> Part:
    """A few key figures of the county around it, clearly the county's, and how much of it is placed in a township."""
    said, code = context.words, context.row["parent"]
    name, rows = context.place_name(code), _around(context, code)
    projects = of_county.projects(context.city, code).filter(WHOLE)
    units = townships(code, context.city)
    blocks: list[Any] = []
    if rows:
        cells = [
            {
                "indicator": said.pick(row, "name") if "name_zh" in row else context.indicator_name(row["indicator"]),
                "period": context.period(row["period"]),
                "figure": context.figure(row),
                "source": context.cite([row["source_id"]]),
            }
            for row in rows
        ]
        columns = {key: said(f"county.facts.{key}") for key in ("indicator", "period", "figure", "source")}
        caption = said("township.county.caption", county=name)
        table = html_table(cells, columns, key="county", caption=caption, right=["figure"], markup=["figure", "source"])
        blocks += [table, Markup('<p class="note">{}</p>').format(said("township.county.rule", county=name))]
    if projects.height and place(code, context.city)["level"] == "county":
        placed = of_county.in_townships(context.city, code, units)
        known = projects.filter(pl.col("name_zh").is_in(placed["name_zh"].implode())).height
        blocks.append(said.number_of("township.county.projects", projects.height, county=name, known=known))
    heading = said("township.county.heading", county=name, count=units.height)
    return Part("county", heading, tuple(blocks) or (said("township.county.nothing", county=name),))


def _around(context: Context, code: str) -> list[Mapping[str, Any]]:
    """Newest key figures of the county; of the zone, where a zone stands in the register in place of a county."""
    around = place(code, context.city)
    if around["level"] == "county":
        of = replace(context, kind="county", row=around)
        found = [latest(of, indicator) for indicator in KEY_INDICATORS]
        return [row for row in found if row][:MOST_FIGURES]
    own = load("zones", context.city).filter((pl.col("place") == code) & pl.col("parent_zone_id").is_null())
    rows = [zones.metrics(context.city, zone) for zone in own["zone_id"]]
    if not rows:
        return []
    wanted = pl.concat(rows).filter(pl.col("indicator").is_in(KEY_INDICATORS) & pl.col("absent").is_null())
    return list(wanted.unique("indicator", keep="first", maintain_order=True).head(MOST_FIGURES).iter_rows(named=True))


def unknown(context: Context) -> Part:
    """Which township table to ask for, and from whom."""
    said, name = context.words, context.place_name(context.row["parent"])
    rows, around = [], _administration(context)
    for row in programme.tables(context.city, context.code).iter_rows(named=True):
        own = said.pick(row, "own_holder")
        what = said("list.semicolon").join(context.indicator_name(indicator) for indicator in row["indicators"])
        rows.append(
            (what, said.pick(row, "title"), around or (own.format(county=name) if own else said.pick(row, "holder")))
        )
    note = Markup('<p class="note">{} {}</p>').format(said("township.unknown.import"), said("county.unknown.reading"))
    return closing.requests(context, rows, heading=said.number_of("township.unknown.heading", len(rows)), notes=(note,))


def _administration(context: Context) -> str:
    """Who keeps the tables of a unit that a zone governs: a zone has no bureau of statistics of its own."""
    if place(context.row["parent"], context.city)["level"] == "county":
        return ""
    held = load("request_tables", context.city).filter(pl.col("level").cast(pl.String) == "zone").head(1)
    zones = load("zones", context.city)
    own = zones.filter((pl.col("place") == context.row["parent"]) & pl.col("parent_zone_id").is_null())
    if held.is_empty() or own.is_empty():
        return context.words.pick(held.row(0, named=True), "holder") if held.height else ""
    return holder(context, held.row(0, named=True), own["zone_id"][0])
