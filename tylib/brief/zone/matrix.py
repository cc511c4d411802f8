"""The three-way matrix: zones, specialised towns and key chains (开发区 + 专业镇 + 产业链), drawn and as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.charts import ink
from tylib.brief.figure import Figure
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.brief.zone.opening import short
from tylib.programme import zones as programme
from tylib.store import units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context

SIGNS = {"published": ("●", 4), "assumed": ("◇", 1)}
"""How a link is drawn: dark where a source states it, pale where it is our reading."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SLOT, HEAD_SIZE = 54, 11
"""Pixels of a column where the page is wide: a name with a longer word gives way to its sign."""


def matrix(context: Context, pairs: pl.DataFrame) -> Figure | None:
    """Every zone by every key chain and specialised town of the city; nothing where nothing is linked.

    Args:
        pairs: Of :func:`tylib.programme.zones.matrix`, all zones.
    """
    said = context.words
    if pairs.is_empty():
        return None
    zones = units.rows("zone", context.city)
    columns = _columns(context)
    linked = {(row["zone_id"], row["kind"], row["code"]): row["link_status"] for row in pairs.iter_rows(named=True)}
    cells = []
    for zone in zones.iter_rows(named=True):
        for column in columns:
            text, level = SIGNS.get(linked.get((zone["zone_id"], column["kind"], column["code"])), ("", 0))
            cells.append(
                {"row": short(context, zone), "column": column["sign"], "title": column["head"]}
                | {"text": text, "level": level}
            )
    with_links = pairs["zone_id"].n_unique()
    triples = programme.three_way(context.city, pairs)
    alt = said("zone.matrix.alt", zones=zones.height, linked=with_links, complete=triples["zone_id"].n_unique())
    sources = zones.filter(pl.col("zone_id").is_in(pairs["zone_id"].implode()))["source_id"]
    return Figure(
        charts.cells(pl.DataFrame(cells), description=alt, slot=SLOT),
        key="three-way",
        title=said.number_of("zone.matrix.title", triples["zone_id"].n_unique(), zones=zones.height),
        subtitle=said("zone.matrix.subtitle"),
        alt=alt,
        words=said,
        foot=Markup("{}<br>{} {} {}").format(
            _key(context, columns), said("zone.matrix.foot"), said("projects.columns.source"), context.cite(sources)
        ),
        table=_table(context, zones, columns, linked),
        csv=pairs.write_csv(),
        wide=True,
    )


def _key(context: Context, columns: list[dict[str, str]]) -> Markup:
    """What the signs under the columns stand for, a line a kind."""
    said = context.words
    lines = []
    for kind in ("chain", "town"):
        items = said("list.semicolon").join(f"{c['sign']} {c['name']}" for c in columns if c["kind"] == kind)
        if items:
            lines.append(Markup("<b>{}</b> {}").format(said(f"zone.matrix.{kind}"), items))
    return Markup("<br>").join(lines)


def _columns(context: Context) -> list[dict[str, str]]:
    """Chains by number, towns by letter, with the name that stands over the column where there is room."""
    said = context.words

    def head(row: Mapping[str, Any]) -> str:
        return said.pick(row, "name").removesuffix(said("town.suffix"))

    chains = [
        {
            "kind": "chain",
            "code": row["chain_id"],
            "sign": str(number),
            "name": said.pick(row, "name"),
            "head": head(row),
        }
        for number, row in enumerate(units.rows("chain", context.city).iter_rows(named=True), 1)
    ]
    towns = [
        {"kind": "town", "code": row["town_id"], "sign": letter, "name": said.pick(row, "name"), "head": head(row)}
        for letter, row in zip(LETTERS, units.rows("town", context.city).iter_rows(named=True), strict=False)
    ]
    columns = [*chains, *towns]
    # All names or none: a row of names with signs between them is harder to read than signs with a list.
    words = [line for column in columns for line in ink.wrap(column["head"], SLOT / HEAD_SIZE).split("\n")]
    named = all(ink.pixels(word, HEAD_SIZE) <= SLOT for word in words)
    return [column | {"head": column["head"] if named else ""} for column in columns]


def _table(
    context: Context,
    zones: pl.DataFrame,
    columns: list[dict[str, str]],
    linked: dict[tuple[str, str, str], str],
) -> Markup:
    """A row a zone: the names of its chains and towns, each with the mark of its link."""
    said = context.words

    def names(zone: str, kind: str) -> Markup:
        found = [
            Markup("{}{}").format(column["name"], mark(linked[zone, kind, column["code"]], said))
            for column in columns
            if column["kind"] == kind and (zone, kind, column["code"]) in linked
        ]
        return Markup(said("list.comma")).join(found) or Markup('<span class="absent">{}</span>').format(
            said("zone.matrix.none")
        )

    cells = [
        {"zone": said.pick(row, "name"), **{kind: names(row["zone_id"], kind) for kind in ("chain", "town")}}
        for row in zones.iter_rows(named=True)
    ]
    heads = {name: said(f"zone.matrix.{name}") for name in ("zone", "chain", "town")}
    return html_table(cells, heads, key="three-way", caption=said("zone.matrix.caption"), markup=["chain", "town"])
