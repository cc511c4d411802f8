"""What to do at each stage (延链、升链、建链、补链), for which to look for firms first; the rule beside each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief.chain.opening import grid
from tylib.brief.chain.segments import thin
from tylib.brief.document import Part
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.programme import segments
from tylib.store import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tylib.brief.context import Context

MOST_FIRMS = 3  # firms of a branch that one row names


def tasks(context: Context) -> Part:
    """Each stage at which something is to be done: its state, the task, the rule that gave it; then the mapping."""
    said, rows = context.words, grid(context).filter(pl.col("task").is_not_null())
    if rows.is_empty():
        return Part()
    cells = [
        {
            "stage": stage_name(context, row),
            "state": state(context, row),
            "task": Markup("<b>{}</b>{}").format(said(f"chain.tasks.{row['task']}.word"), mark("assumed", said)),
            "rule": said(f"chain.tasks.{row['task']}.rule"),
        }
        for row in rows.sort("task", maintain_order=True).iter_rows(named=True)
    ]
    columns = {name: said(f"chain.tasks.columns.{name}") for name in cells[0]}
    caption = said("chain.tasks.caption", chain=context.name)
    table = html_table(cells, columns, key="tasks", caption=caption, markup=["task"])
    counts = [
        said.number_of(f"chain.tasks.{task}.count", count)
        for task in segments.TASKS
        if (count := (rows["task"] == task).sum())
    ]
    note = Markup('<p class="note">{}</p>').format(said("chain.tasks.note", thin=thin(context)))
    heading = said("chain.tasks.heading", items=context.joined(counts))
    return Part("tasks", heading, (table, note, _classes(context)))


def stage_name(context: Context, row: Mapping[str, Any]) -> str:
    """A stage with its branch before it."""
    said = context.words
    return said("chain.stage_of", branch=said.pick(row, "branch"), stage=said(f"chain.stages.{row['stage']}"))


def state(context: Context, row: Mapping[str, Any]) -> str:
    """The state of a stage, and of one that sources name how many carry it."""
    said = context.words
    word = said(f"chain.states.{row['state']}")
    if row["state"] in ("missing", "outside"):
        return word
    return said("chain.state_of", state=word, count=said.number_of("chain.carriers", row["carriers"]))


def _classes(context: Context) -> Markup:
    """Which branch counts as what in the sense of the announcement, and why: folded, for whoever doubts it."""
    said, rows = context.words, load("branch_classes", context.city).filter(pl.col("chain_id") == context.code)
    if rows.is_empty():
        return Markup("")
    cells = [
        {
            "branch": said.pick(row, "branch"),
            "class": Markup("{}{}").format(said(f"chain.classes.{row['class']}"), mark(row["status"], said)),
            "reason": said.pick(row, "reason"),
            "source": context.cite([row["source_id"]]),
        }
        for row in rows.iter_rows(named=True)
    ]
    columns = {name: said(f"chain.class_columns.{name}") for name in cells[0]}
    caption = said("chain.class_columns.caption")
    table = html_table(cells, columns, key="classes", caption=caption, markup=["class", "source"])
    return Markup('<details class="data-table"><summary>{}</summary>{}</details>').format(caption, table)


def attract(context: Context) -> Part:
    """Weak stages in the order in which to look for firms, with reasons; no order where the data carry none."""
    said, city = context.words, context.city
    rows = segments.attract(city, grid(context), context.code)
    if rows.is_empty():
        return Part()
    cells = [
        {
            "rank": str(row["rank"]) if row["rank"] is not None else said("chain.attract.unranked"),
            "stage": stage_name(context, row),
            "state": state(context, row),
            "reason": _reason(context, row),
            **_hosts(context, row),
        }
        for row in rows.iter_rows(named=True)
    ]
    columns = {name: said(f"chain.attract.columns.{name}") for name in cells[0]}
    table = html_table(
        cells, columns, key="attract", caption=said("chain.attract.caption", chain=context.name),
        markup=["reason", "firm"],
    )  # fmt: skip
    rule = Markup('<p class="note">{}</p>').format(said("chain.attract.rule"))
    source = load("sectors", city)["source_id"].unique()
    return Part("attract", _heading(context, rows), (table, rule), source=_from(context, source))


def _from(context: Context, source_ids: Iterable[str]) -> Markup:
    return Markup("{} {}").format(context.words("chain.source"), context.cite(source_ids))


def _heading(context: Context, rows: pl.DataFrame) -> str:
    """Which stage comes first; that the data tell none apart where they do not."""
    said, ranked = context.words, rows.filter(pl.col("rank").is_not_null())
    first = ranked.filter(pl.col("rank") == 1)
    if ranked.is_empty():
        return said("chain.attract.heading.none", count=rows.height)
    if first.height == ranked.height and ranked.height > 1:
        return said("chain.attract.heading.tied", count=ranked.height)
    which = "first" if first.height == 1 else "several"
    stages = context.joined(stage_name(context, row) for row in first.iter_rows(named=True))
    return said(f"chain.attract.heading.{which}", stages=stages, count=first.height, of=ranked.height)


def _reason(context: Context, row: Mapping[str, Any]) -> Markup:
    said = context.words
    sectors = load("sectors", context.city).filter(pl.col("sector") == row["sector"])
    sector = said.pick(sectors.row(0, named=True), "name") if sectors.height else ""
    if row["why"]:
        return Markup("{}").format(said(f"chain.attract.why.{row['why']}", sector=sector))
    # One decimal each: the ranks compare no more.
    indices = {name: f"{row[name]:.1f}" for name in ("backward", "forward", "linkage")}
    neighbours = said("chain.attract.neighbours", standing=row["standing"], others=row["others"])
    pull = said("chain.attract.pull", sector=sector, **indices)
    return Markup("{}{}{}").format(neighbours, pull, mark("assumed", said))


def _hosts(context: Context, row: Mapping[str, Any]) -> dict[str, Any]:
    """Government, park and firm (政府＋园区＋链主) that would host a newcomer and pull it in."""
    said, city = context.words, context.city
    zones = load("zones", city).filter(pl.col("zone_id").is_in(row["zones"]))
    counties = dict.fromkeys([*row["places"], *zones["host"].drop_nulls()])
    firms = {r["firm_id"]: r for r in load("enterprises", city).iter_rows(named=True)}
    named = [Markup("{}").format(said.pick(firms[code], "name")) for code in row["firms"][:MOST_FIRMS] if code in firms]
    nobody = said("chain.attract.nobody")
    return {
        "county": context.joined(context.place_name(code) for code in counties) or said("chain.attract.across"),
        "zone": context.joined(said.pick(zone, "name") for zone in zones.iter_rows(named=True)) or nobody,
        "firm": Markup(said("list.comma")).join(named) or nobody,
    }
