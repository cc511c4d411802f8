"""Where a town stands: on the ladder, and among its peers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts, sentences
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.brief.town.opening import ordinal, short_name, since, span, what, years
from tylib.programme import town_ties, towns
from tylib.programme.county import RUNGS
from tylib.store import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context

ENDS = ("value", "low", "high")


def ladder(context: Context) -> Part:
    """Where the town stands, who else stands there, and what the next rung is."""
    row = towns.ladder(context.city).filter(pl.col("town_id") == context.code).row(0, named=True)
    key = "top" if row["next_rung"] is None else "candidate" if row["tier"] == RUNGS[0] else "next"
    rungs = {"rung": context.words(f"town.rung.{row['tier']}")}
    if row["next_rung"]:
        rungs["next"] = context.words(f"town.rung.{row['next_rung']}")
    return Part(
        "ladder", context.words(f"town.ladder.heading.{key}", **rungs), (ladder_figure(context, own=context.code),)
    )


def ladder_figure(context: Context, *, own: str = "") -> Figure:
    """The city's towns on the steps of the ladder, with the number aimed at for each step.

    Args:
        own: Code of the town in question; none where empty.
    """
    said = context.words
    table = towns.ladder(context.city).filter("in_city").sort("rung", "town_id")
    aims = town_ties.counts(context.city).filter(pl.col("place") == context.city.place)
    aimed = {row["indicator"]: row for row in aims.iter_rows(named=True) if row["value"] is not None}
    rows = []
    for rung in RUNGS:
        aim = aimed.get(f"{rung}_towns")
        note = said("town.ladder.unlisted") if rung == RUNGS[0] else said("town.ladder.no_aim")
        if aim:
            number = context.numbers.bare(aim["value"], aim["unit"])
            read = "aim_read" if aim["period_status"] == "assumed" else "aim"
            note = said(f"town.ladder.{read}", year=context.period(aim["period"]), number=number)
        here = list(table.filter(pl.col("rung").cast(pl.String) == rung).iter_rows(named=True))
        rows += [
            {"step": said(f"town.rung.{rung}"), "note": note, "name": short_name(context, town) if town else None,
             "own": bool(town) and town["town_id"] == own}
            for town in here or [{}]
        ]  # fmt: skip
    cells = [
        {
            "town": said.pick(town, "name"),
            "rung": since(context, town),
            "place": Markup("{}{}").format(
                context.place_name(town["place"]) if town["place"] else said("town.ties.no_place"),
                mark(town["place_status"], said),
            ),
            "industry": said.pick(town, "industry"),
            "source": context.cite([town["source_id"]]),
        }
        for town in table.sort("rung", "town_id", descending=[True, False]).iter_rows(named=True)
    ]
    counted = {rung: table.filter(pl.col("tier").cast(pl.String) == rung).height for rung in RUNGS}
    title = said("town.ladder.figure", **counted)
    alt = said("list.semicolon").join(said("town.ladder.alt", step=r["step"], name=r["name"] or "") for r in rows)
    columns = {name: said(f"town.ladder.{name}") for name in cells[0]}
    foot = [said("town.ladder.foot"), *due_read(context, aims)]
    return Figure(
        charts.ladder(pl.DataFrame(rows, schema_overrides={"name": pl.String}), description=alt),
        key="ladder",
        title=title,
        subtitle=said("town.ladder.subtitle"),
        alt=alt,
        words=said,
        foot=Markup("{} {} {}").format(
            said("list.gap").join(foot), said("town.source"), context.cite([*table["source_id"], *aims["source_id"]])
        ),
        table=html_table(
            cells, columns, key="ladder", caption=said("town.ladder.subtitle"), markup=["place", "source"]
        ),
    )


def due_read(context: Context, aims: pl.DataFrame) -> list[str]:
    """That the year in which aims fall due is our reading, where it is."""
    read = aims.filter(pl.col("period_status").cast(pl.String) == "assumed")["period"].unique().sort()
    when = context.joined(context.period(period) for period in read)
    return [context.words("town.aims.read", year=when)] if when else []


def peers(context: Context) -> Part:
    """The town beside the recognised towns, one chart an indicator that it or at least two of them publish."""
    said = context.words
    shown = [(name, towns.peers(context.city, context.code, indicator=name)) for name in towns.compared(context.city)]
    unranked = towns.incomparable(context.city)
    loose = [(name, rows) for name, rows in shown if name in unranked and rows["own"].any()]
    shown = [(name, rows) for name, rows in shown if name not in unranked]
    own = [(name, rows) for name, rows in shown if rows.height > 1 and rows["own"].any()]
    # A town without figures of its own is shown once beside its peers: five hatched stubs would say no more.
    drawn = own or [(name, rows) for name, rows in shown if rows.height > 1][:1]
    if not drawn:
        return Part()
    figures = [_peer_figure(context, name, rows) for name, rows in drawn]
    heading = _peer_heading(context, own)
    note = said("town.peers.rule", years=int(context.judgements.peer_years.value))
    blocks = [_unranked(context, name, rows) for name, rows in loose]
    return Part("peers", heading, (*figures, *blocks, Markup('<p class="note">{}</p>').format(note)))


def _unranked(context: Context, indicator: str, rows: pl.DataFrame) -> Markup:
    """The town's figure that is not ranked, and why: the reason stands in the table and is our reading."""
    said, mine = context.words, rows.filter("own").row(0, named=True)
    marks = load("town_marks", context.city).filter(pl.col("indicators").str.split(";").list.contains(indicator))
    reason = said.pick(marks.filter(pl.col("kind").cast(pl.String) == "scope").row(0, named=True), "reason")
    figure = context.numbers.row(mine)
    text = said("town.peers.unranked", what=sentences.opened(what(context, indicator)), figure=figure, reason=reason)
    return Markup("<p>{}{} {}</p>").format(text, mark("assumed", said), context.cite([mine["source_id"]]))


def _peer_heading(context: Context, own: list[tuple[str, pl.DataFrame]]) -> str:
    said = context.words
    if not own:
        return said("town.peers.heading.none")
    items = []
    for name, rows in own:
        rank = rows.filter(pl.col("figure") > rows.filter("own")["figure"][0]).height + 1
        one = {"rank": ordinal(context, rank), "of": rows.height, "span": span(context, rows)}
        items.append(said("town.peers.item", what=what(context, name), **one))
    return said("town.peers.heading.ranked", items=sentences.opened(said("list.semicolon").join(items)))


def _peer_figure(context: Context, indicator: str, rows: pl.DataFrame) -> Figure:
    said, numbers = context.words, context.numbers
    unit = rows["unit"][0]
    named = what(context, indicator)
    found = list(rows.iter_rows(named=True))

    def label(row: Mapping[str, Any]) -> str:
        return said("town.peers.label", town=short_name(context, row, "town"), year=row["year"])

    drawn = [
        {
            "label": label(row),
            **{name: None if row[name] is None else row[name] * numbers.factor(unit) for name in ENDS},
            "text": numbers.row(row, united=False),
            "own": row["own"],
            "status": str(row["status"]),
        }
        for row in found
    ]  # fmt: skip
    has_own, foot = bool(rows["own"].any()), said("town.peers.foot")
    if not has_own:
        none = {"value": None, "low": None, "high": None, "own": True, "status": "published"}
        drawn.append({"label": short_name(context, context.row), "text": said("absent.not_published"), **none})
    cells = [
        {
            "town": said.pick(row, "town"),
            "figure": context.figure(row),
            "period": context.period(row["period"]),
            "named": said.pick(row, "name"),
            "source": context.cite([row["source_id"]]),
        }
        for row in found
    ]
    columns = {name: said(f"town.peers.{name}") for name in cells[0]}
    ends = {"low": numbers.row(found[-1]), "high": numbers.row(found[0])}
    title = said("town.peers.range", what=named, count=rows.height, **ends)
    if has_own:
        mine = rows.filter("own").row(0, named=True)
        rank = rows.filter(pl.col("figure") > mine["figure"]).height + 1
        if mine["carried"]:
            foot = said("list.gap").join([said("town.peers.carried", year=mine["first_year"]), foot])
        title = said(
            "town.peers.title", what=named, figure=numbers.row(mine), rank=ordinal(context, rank), of=rows.height,
            span=span(context, rows),
        )  # fmt: skip
    alt = said("town.peers.alt", what=named, items=context.joined(f"{r['label']} {r['text']}" for r in drawn))
    return Figure(
        charts.ranking(
            pl.DataFrame(drawn, schema_overrides=dict.fromkeys(ENDS, pl.Float64)),
            unit=numbers.unit(unit),
            description=alt,
        ),
        key=f"peers-{indicator.replace('_', '-')}",
        title=title,
        subtitle=said("town.peers.subtitle", what=named, unit=numbers.unit(unit), **years(rows)),
        alt=alt,
        words=said,
        foot=Markup("{} {} {}").format(foot, said("town.source"), context.cite(rows["source_id"])),
        table=html_table(
            cells, columns, key=f"peers-{indicator.replace('_', '-')}", caption=title, right=["figure"],
            markup=["figure", "source"],
        ),
        csv=rows.select("metric_id", "town_id", "period", *ENDS, "unit", "status", "source_id").write_csv(),
    )  # fmt: skip
