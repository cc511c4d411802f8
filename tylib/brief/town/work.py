"""What is done for a town, line by line, and what it is tied to: county, chains, zones, firms, projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief.document import Part
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.brief.town.criteria import evidence_list
from tylib.brief.town.opening import when
from tylib.programme import town_ties, towns
from tylib.store import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context


def work(context: Context) -> Part:
    """The announced lines of work and centres, each with what is published under it and what is not."""
    said = context.words
    rows = town_ties.marks(context.city, context.code).filter(pl.col("kind") != "criterion")
    if rows.is_empty():
        return Part()
    tables = [_table(context, rows.filter(pl.col("kind") == kind), kind) for kind in ("line", "centre")]
    lines, centres = (rows.filter(pl.col("kind") == kind) for kind in ("line", "centre"))
    shown, sure = (part.filter(pl.col("state") == "published").height for part in (lines, centres))
    key = "none" if centres.height and not sure else "some"
    heading = said(f"town.work.heading.{key}", lines=lines.height, shown=shown, sure=sure)
    note = Markup('<p class="note">{}</p>').format(said("town.work.foot"))
    return Part("work", heading, (*(table for table in tables if table), note))


def _table(context: Context, rows: pl.DataFrame, kind: str) -> Markup | None:
    said = context.words
    printed = {row["metric_id"]: row for row in towns.metrics(context.city).iter_rows(named=True)}
    cells = [
        {
            "name": Markup("{}{}").format(said.pick(row, "name"), mark(str(row["status"]), said)),
            "known": said(f"town.work.state.{row['state']}"),
            "shown": _shown(context, row, [printed[code] for code in row["evidence"]]),
            "note": said.pick(row, "note"),
            "source": context.cite([row["source_id"]]),
        }
        for row in rows.iter_rows(named=True)
    ]
    if not cells:
        return None
    columns = {name: said(f"town.work.{kind if name == 'name' else name}") for name in cells[0]}
    caption = said(f"town.work.caption.{kind}")
    return html_table(
        cells, columns, key=f"work-{kind}", caption=caption, caption_shown=True, markup=["name", "shown", "source"]
    )


def _shown(context: Context, row: Mapping[str, Any], evidence: list[Mapping[str, Any]]) -> Markup:
    """Figures under a line of work, and how many firms and projects can be named."""
    said = context.words
    counted = town_ties.ties(context.city, context.code).filter("own")
    asked = (row["records"] or "").split(";")
    named = [
        Markup("{}{}").format(
            said.number_of(f"town.work.{kind}s", counted.filter(pl.col("kind") == kind).height), mark("derived", said)
        )
        for kind in ("firm", "project")
        if f"{kind}s" in asked
    ]
    blocks = [*([evidence_list(context, evidence)] if evidence else []), *named]
    return Markup("<br>").join(blocks) or Markup('<span class="absent">{}</span>').format(said("absent.not_published"))


def ties(context: Context) -> Part:
    """Where the town lies and what it is tied to, each with how we know."""
    said, row = context.words, context.row
    found = town_ties.ties(context.city, context.code)
    if found.is_empty() and not row["place"]:
        return Part()
    where = context.place_name(row["place"]) if row["place"] else said("town.ties.no_place")
    cells = [
        {
            "name": Markup("{}{}").format(where, mark(row["place_status"], said) if row["place"] else ""),
            "kind": said("town.ties.kinds.place"),
            "what": said.pick(row, "note"),
            "source": context.cite([row["source_id"]]),
        }
    ]
    cells += [
        {
            "name": Markup("{}{}").format(said.pick(tie, "name"), mark(str(tie["status"]), said)),
            "kind": said(f"town.ties.kinds.{tie['kind']}"),
            "what": _what(context, tie),
            "source": context.cite(tie["source_ids"]),
        }
        for tie in found.iter_rows(named=True)
    ]
    columns = {name: said(f"town.ties.{name}") for name in cells[0]}
    table = html_table(
        cells, columns, key="ties", caption=said("town.ties.caption", town=context.name), markup=["name", "source"]
    )
    counts = {kind: found.filter((pl.col("kind") == kind) & pl.col("own")).height for kind in town_ties.TIES}
    notes = [] if counts["chain"] else [said("town.ties.no_chain")]
    notes += [said("town.ties.segment")] if found.filter(~pl.col("own")).height else []
    notes += [said("town.ties.note")]
    note = Markup('<p class="note">{}</p>').format(said("list.gap").join(notes))
    items = [said.number_of(f"town.ties.count.{kind}", count) for kind, count in counts.items() if count]
    key = "some" if items else "none"
    return Part("ties", said(f"town.ties.heading.{key}", items=context.joined(items)), (table, note))


def _what(context: Context, tie: Mapping[str, Any]) -> str:
    """What is said of a tie: a segment, a basis, a role; of a project also how far it was when last reported on."""
    said, what = context.words, context.words.pick(tie, "what")
    if tie["kind"] == "project":
        project = load("projects", context.city).filter(pl.col("project_id") == tie["code"]).row(0, named=True)
        stage, date = said.pick(project, "stage"), project["stage_date"]
        state = said("town.ties.state", stage=stage, date=when(context, date)) if stage and date else stage
        what = said("list.semicolon").join(text for text in (what, state) if text)
    if tie["kind"] == "chain":
        what = said("town.ties.on_segment", segment=what)
    return what if tie["own"] else said("town.ties.beside", what=what) if what else said("town.ties.beside_only")
