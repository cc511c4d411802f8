"""The city's development zones and parks: where they lie, their leading industries, and the three-way matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from tylib.brief.document import Part
from tylib.brief.ledger import named
from tylib.brief.tables import html_table
from tylib.brief.zone.matrix import matrix
from tylib.brief.zone.opening import short
from tylib.brief.zone.profile import where
from tylib.programme import zones as programme
from tylib.programme.projects import WHOLE
from tylib.store import units

if TYPE_CHECKING:
    from typing import Any

    from tylib.brief.context import Context


def zones(context: Context) -> Part:
    """Every zone and park: level, hosts, leading industry, what can be named in it. Nothing here is added up."""
    said, rows = context.words, units.rows("zone", context.city)
    if rows.is_empty():
        return Part()
    cells = [_row(context, row) for row in _nested(rows).iter_rows(named=True)]
    columns = {name: said(f"zone.city.{name}") for name in cells[0]}
    table = html_table(
        cells,
        columns,
        key="zones",
        caption=said("zone.city.caption"),
        right=["chains", "projects", "firms"],
        markup=["hosts", "source"],
    )
    stated = rows["industries_zh"].count()
    heading = said.number_of("zone.city.heading", rows.height, stated=stated)
    note = Markup('<p class="note">{}</p>').format(said("zone.city.rule"))
    return Part("zones", heading, (table, note))


def three_way(context: Context) -> Part:
    """Zone, specialised town and key chain (开发区 + 专业镇 + 产业链), for all zones."""
    said, pairs = context.words, programme.matrix(context.city)
    figure = matrix(context, pairs)
    if figure is None:
        return Part()
    codes = units.rows("zone", context.city)["zone_id"]
    found = programme.three_way(context.city, pairs)
    names = {
        kind: {row[f"{kind}_id"]: row for row in units.rows(kind, context.city).iter_rows(named=True)}
        for kind in ("zone", "town", "chain")
    }
    cells = [
        {
            kind: named(context, names[kind][row[f"{kind}_id"]] | {"link_status": row["link_status"]})
            if kind == "zone"
            else said.pick(names[kind][row[f"{kind}_id"]], "name")
            for kind in names
        }
        for row in found.iter_rows(named=True)
    ]
    columns = {kind: said(f"zone.matrix.{kind}") for kind in names}
    table = (
        html_table(cells, columns, key="complete", caption=said("zone.city.three"), markup=["zone"]) if cells else ""
    )
    stated = found.filter(pl.col("link_status") == "published").height
    heading = said.number_of("zone.city.three_heading", found["zone_id"].n_unique(), zones=codes.len(), stated=stated)
    rule = Markup('<p class="note">{}</p>').format(said("zone.links.rule"))
    return Part("three-way", heading, tuple(block for block in (figure, table, rule) if block))


def _nested(rows: pl.DataFrame) -> pl.DataFrame:
    """Parks right under the zone that they lie in."""
    return rows.sort(pl.coalesce("parent_zone_id", "zone_id"), pl.col("parent_zone_id").is_not_null(), "zone_id")


def _row(context: Context, row: dict[str, Any]) -> dict[str, Any]:
    said, here = context.words, (context.city, row["zone_id"])
    counts = {
        "chains": programme.chains(*here),
        "projects": programme.projects(*here).filter(WHOLE),
        "firms": programme.firms(*here),
    }
    name = short(context, row)
    return {
        "name": said("projects.nested", name=name) if row["parent_zone_id"] else name,
        "industries": said.pick(row, "industries") or said("absent.not_published"),
        "hosts": where(context, row),
        **{key: str(table.height or "") for key, table in counts.items()},
        "source": context.cite([row["source_id"]]),
    }
