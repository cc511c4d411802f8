"""What is not known of the chain and whom to ask; how the rules of this brief work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from tylib.brief import closing
from tylib.brief.chain.opening import grid
from tylib.brief.chain.segments import stage_list, thin
from tylib.programme import chains as programme
from tylib.store import load

if TYPE_CHECKING:
    from tylib.brief.context import Context
    from tylib.brief.document import Part

# Rules that a chain brief uses: word of the catalogue, function that holds the rule.
METHODS = {
    "chain.method.states": "tylib.programme.segments.slots",
    "chain.method.members": "tylib.programme.segments.members",
    "chain.method.attract": "tylib.programme.segments.attract",
    "chain.method.linkages": "tylib.indicators.linkages.rasmussen",
    "chain.method.projects": "tylib.programme.projects.investment",
    "chain.method.targets": "tylib.programme.targets.beside",
}
MASTERS = "list"  # the item of the work system whose holder also keeps what firms sell and buy


def unknown(context: Context) -> Part:
    """Items of the work system that are not published, by table to ask for; then what a list of firms would tell."""
    said, city = context.words, context.city
    system = programme.system(city, context.code)
    tables = {row["table_id"]: row for row in load("request_tables", city).iter_rows(named=True)}
    absent = system.filter((pl.col("state") != "known") & pl.col("table_id").is_not_null())
    missing = grid(context).filter(pl.col("state") == "missing")
    rows = []
    for (table,), own in absent.filter(pl.col("table_id").is_in(list(tables))).group_by(
        "table_id", maintain_order=True
    ):
        asked = [context.joined(said.pick(row, "name") for row in own.iter_rows(named=True))]
        if MASTERS in own["item"]:
            asked += [said("chain.unknown.output"), said("chain.unknown.supporting")]
            asked += [said("chain.unknown.stages", stages=stage_list(context, missing))] if missing.height else []
        kept = tables[table]
        rows.append((said("list.semicolon").join(asked), said.pick(kept, "title"), said.pick(kept, "holder")))
    note = Markup('<p class="note">{}</p>').format(said("chain.unknown.note"))
    return closing.requests(context, rows, heading=said.number_of("chain.unknown.heading", len(rows)), notes=(note,))


def method(context: Context) -> Part:
    """The rules behind states, tasks and ranks, each with the function that holds it."""
    margin = context.numbers.text(context.judgements.linkage_margin.value, "")
    return closing.method(context, METHODS, thin=thin(context), margin=margin)
