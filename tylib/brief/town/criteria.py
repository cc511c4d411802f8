"""A town before the published criteria of recognition: each rule in its own words, beside what is published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief.document import Part
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.brief.town.opening import measured
from tylib.programme import town_ties, towns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context


def marks(context: Context) -> Part:
    """The published criteria of recognition, each with its rule, and what is published of the town under it."""
    said = context.words
    rows = town_ties.marks(context.city, context.code).filter(pl.col("kind") == "criterion")
    if rows.is_empty():
        return Part()
    printed = {row["metric_id"]: row for row in towns.metrics(context.city).iter_rows(named=True)}
    numeric = rows.filter(pl.col("check") == "figures")
    shown = numeric.filter(pl.col("verdict") == "figures").height
    # Where nothing speaks to any criterion a line says so, in place of a table of absences.
    listed = rows if shown else rows.filter(~pl.col("check").is_in(["figures", "elsewhere"]))
    cells = [
        {
            "rule": _rule(context, row),
            "result": Markup("{}{}").format(
                said(f"town.marks.verdict.{row['verdict']}"), mark(_reading(context, row), said)
            ),
            "evidence": evidence_list(context, [printed[code] for code in row["evidence"]])
            if row["check"] == "figures"
            else Markup("{}").format(said.pick(row, "rule_note")),
            "scheme": said.pick(row, "scheme"),
            "source": context.cite([row["rule_source"]]),
        }
        for row in listed.iter_rows(named=True)
    ]
    columns = {name: said(f"town.marks.{name}") for name in ("rule", "result", "evidence", "scheme", "source")}
    columns = {name: label for name, label in columns.items() if any(cell[name] for cell in cells)}
    table = html_table(
        cells, columns, key="marks", caption=said("town.marks.caption"), markup=["rule", "result", "evidence", "source"]
    )
    rules = said("list.semicolon").join(said.pick(row, "rule") for row in numeric.iter_rows(named=True))
    notes = [] if shown else [said("town.marks.others", rules=rules)]
    note = Markup('<p class="note">{} {}</p>').format(
        said("list.gap").join([*notes, said("town.marks.note")]),
        "" if shown else context.cite(numeric["rule_source"]),
    )
    return Part("marks", said("town.marks.heading", count=numeric.height, shown=shown), (table, note))


def _rule(context: Context, row: Mapping[str, Any]) -> Markup:
    said = context.words
    words = said.pick(row, "words")
    return Markup("{}{}").format(said.pick(row, "rule"), said("town.marks.words", words=words) if words else "")


def _reading(context: Context, row: Mapping[str, Any]) -> str | None:
    """Whether a verdict rests on a reading of ours: which figure speaks to a rule, or where the town lies."""
    if row["verdict"] in ("elsewhere", "not_found", "nothing"):
        return None
    place = row["check"] == "level" and context.row["place_status"] == "assumed"
    category = row["check"] == "category" and context.row["category_status"] == "assumed"
    return "assumed" if place or category or row["check"] == "figures" else None


def _named(context: Context, row: Mapping[str, Any]) -> str:
    """What a figure is of; one that is not the town's own says whose."""
    said = context.words
    scope, name = said.pick(row, "scope"), said.pick(row, "name")
    return said("town.marks.scoped", scope=scope, what=name) if scope and row["town_id"] is None else name


def evidence_list(context: Context, rows: list[Mapping[str, Any]]) -> Markup:
    """Printed figures in a line each: what, how much, when, from where."""
    said = context.words
    items = [
        Markup("{} {}").format(
            said.html(
                "town.marks.item" if row["figure"] is not None else "town.marks.text",
                what=_named(context, row),
                figure=measured(context, row, said.pick(row, "name"))
                if row["figure"] is not None
                else said.pick(row, "value"),
                period=context.period(row["period"]),
            ),
            context.cite([row["source_id"]]),
        )
        for row in rows
    ]  # fmt: skip
    return Markup("<br>").join(items)
