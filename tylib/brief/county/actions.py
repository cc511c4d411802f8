"""The county's row of the Eight Actions (八大行动): to which of them something here relates, and what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief.document import Part
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.programme import actions as programme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context

MOST_NAMES = 2


def actions(context: Context) -> Part:
    """One row an action that something in the county relates to, by our reading; empty where nothing does."""
    said, cells = context.words, programme.matrix(context.city, context.code)
    if cells.is_empty():
        return Part()
    named = programme.scorecard(context.city).select("action_id", "order", "name_zh", "name_en")
    rows = [
        {
            "action": said("city.actions.numbered", number=action["order"], name=said.pick(action, "name")),
            "carriers": said("list.semicolon").join(_counted(context, cell) for cell in mine.iter_rows(named=True))
            + mark("assumed", said),
        }
        for action in named.iter_rows(named=True)
        if (mine := cells.filter(pl.col("action_id") == action["action_id"])).height
    ]  # fmt: skip
    columns = {name: said(f"city.county.{name}") for name in rows[0]}
    caption = said("city.county.caption", county=context.name)
    table = html_table(rows, columns, key="actions", caption=caption, markup=["carriers"])
    note = Markup('<p class="note">{}</p>').format(said("city.county.note"))
    heading = said.number_of("city.county.heading", len(rows), county=context.name)
    return Part("actions", heading, (table, note))


def _counted(context: Context, cell: Mapping[str, Any]) -> str:
    """How many of a kind, with their names where they are few: all of them stand in the parts around this one."""
    said = context.words
    count = said.number_of(f"city.count.{cell['kind']}", cell["count"])
    names = cell.get(f"name_{said.language}") or cell["name_zh"]
    return count if len(names) > MOST_NAMES else said("city.county.kind", kind=count, names=context.joined(names))
