"""What of the programme is in a zone: key chains and specialised towns with it in three-way matrix, projects, firms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import ledger
from tylib.brief.document import Part
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.brief.zone.opening import short
from tylib.programme import zones as programme
from tylib.programme.projects import investment, supporting
from tylib.store import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context

COUNTED = ("segments", "firms", "projects")


def links(context: Context) -> Part:
    """Key chains in the zone, the specialised town it carries, and where the three come together."""
    said, here = context.words, (context.city, context.code)
    chains, towns, triples = programme.chains(*here), programme.towns(*here), _triples(context)
    carried = towns.filter(pl.col("relation") == "zone")
    near = towns.filter(pl.col("relation") == "county")
    blocks: list[Any] = []
    if chains.height or carried.height:
        blocks.append(_pairs(context, chains, carried, triples))
        blocks.append(Markup('<p class="note">{}</p>').format(said("zone.links.rule")))
    else:
        blocks.append(said("zone.links.nothing"))
    if near.height:
        names = Markup(said("list.comma")).join(ledger.named(context, row) for row in near.iter_rows(named=True))
        text = said.html("zone.links.near", towns=names)
        blocks.append(Markup("<p>{} {}</p>").format(text, context.cite(near["source_id"].unique(maintain_order=True))))
    return Part("links", _heading(context, chains, carried, triples), tuple(block for block in blocks if block))


def _triples(context: Context) -> pl.DataFrame:
    return programme.three_way(context.city, programme.matrix(context.city, context.code))


def _heading(context: Context, chains: pl.DataFrame, carried: pl.DataFrame, triples: pl.DataFrame) -> str:
    said = context.words
    if triples.height:
        row = triples.row(0, named=True)
        town = load("towns", context.city).row(by_predicate=pl.col("town_id") == row["town_id"], named=True)
        chain = load("chains", context.city).row(by_predicate=pl.col("chain_id") == row["chain_id"], named=True)
        which = "stated" if row["link_status"] == "published" else "read"
        names = {"town": said.pick(town, "name"), "chain": said.pick(chain, "name")}
        return said(f"zone.links.heading.three_{which}", **names)
    if carried.height:
        return said("zone.links.heading.town", town=said.pick(carried.row(0, named=True), "name"))
    if chains.height:
        return said.number_of("zone.links.heading.chains", chains.height)
    return said("zone.links.heading.none")


def _pairs(context: Context, chains: pl.DataFrame, carried: pl.DataFrame, triples: pl.DataFrame) -> Markup:
    """A row a chain: what of it is here, and the town that the zone carries and that belongs to it."""
    said = context.words
    towns = {row["town_id"]: row for row in carried.iter_rows(named=True)}
    with_town = {row["chain_id"]: row for row in triples.iter_rows(named=True)}
    parks = _parks(context)
    cells = []
    for row in chains.iter_rows(named=True):
        counts = [said.number_of(f"zone.links.{name}", row[name]) for name in COUNTED if row[name]]
        counts += [said("zone.links.named")] if row["named"] else []
        triple = with_town.get(row["chain_id"])
        cells.append(
            {
                "chain": ledger.named(context, row),
                "here": context.joined(counts),
                "park": context.joined(parks.get(row["chain_id"], [])),
                "town": _town(context, towns[triple["town_id"]], triple) if triple else "",
            }
        )
    alone = [row for code, row in towns.items() if code not in triples["town_id"].to_list()]
    cells += [
        {"chain": said("zone.links.no_chain"), "here": "", "park": "", "town": ledger.named(context, row)}
        for row in alone
    ]
    columns = {name: said(f"zone.links.columns.{name}") for name in ("chain", "here", "park", "town")}
    columns = {name: title for name, title in columns.items() if any(cell[name] for cell in cells)}
    caption = said("zone.links.caption", zone=context.name)
    markup = [name for name in ("chain", "town") if name in columns]
    return html_table(cells, columns, key="links", caption=caption, markup=markup)


def _parks(context: Context) -> dict[str, list[str]]:
    """The parks inside the zone in which something of each chain is."""
    inside = [code for code in programme.within(context.city, context.code) if code != context.code]
    if not inside:
        return {}
    names = {row["zone_id"]: short(context, row) for row in load("zones", context.city).iter_rows(named=True)}
    pairs = programme.matrix(context.city, *inside).filter(pl.col("kind") == "chain")
    found: dict[str, list[str]] = {}
    for row in pairs.iter_rows(named=True):
        found.setdefault(row["code"], []).append(names[row["zone_id"]])
    return found


def _town(context: Context, town: Mapping[str, Any], triple: Mapping[str, Any]) -> Markup:
    return Markup("{}{}").format(context.words.pick(town, "name"), mark(triple["link_status"], context.words))


def projects(context: Context) -> Part:
    """Projects in the zone and its parks; the sum of their planned investment only beside how many publish none."""
    said, rows = context.words, programme.projects(context.city, context.code)
    if rows.is_empty():
        return Part()
    (total,) = investment(rows).iter_rows(named=True)
    caption = said("zone.projects.caption", zone=context.name)
    parks = ["zone"] if rows["zone_id"].n_unique() > 1 else []
    table = ledger.project_table(context, rows, key="projects", caption=caption, links=["chain", *parks])
    figure = ledger.investment_figure(context, rows, key="projects", subject=short(context))
    blocks = (figure, table, sums(context, rows), ledger.notes(context, rows))
    heading = said.number_of("zone.projects.heading", total["projects"], known=total["published"])
    return Part("projects", heading, tuple(block for block in blocks if block))


def sums(context: Context, rows: pl.DataFrame) -> Markup:
    """Planned investment against unknown, and supporting works apart; nothing where nothing may be added."""
    said = context.words
    (total,) = investment(rows).iter_rows(named=True)
    texts: list[Any] = []
    if total["value"] is not None and total["published"] > 1:
        figure = Markup("{}{}").format(context.numbers.full(total["value"], total["unit"]), mark(total["status"], said))
        key = "projects.sum.some" if total["unknown"] else "projects.sum.all"
        texts.append(said.html(key, published=total["published"], sum=figure, unknown=total["unknown"]))
    for row in supporting(rows).iter_rows(named=True):
        if row["value"] is not None:
            texts.append(said.html("projects.supporting", name=said.pick(row, "name"), figure=context.figure(row)))
    if not texts:
        return Markup("")
    return Markup("<p>{}</p>").format(Markup(said("list.gap")).join(texts))


def firms(context: Context) -> Part:
    """Firms that can be named in the zone."""
    said, rows = context.words, programme.firms(context.city, context.code)
    if rows.is_empty():
        return Part()
    table = ledger.firm_table(context, rows, key="firms", caption=said("zone.firms.caption", zone=context.name))
    note = Markup('<p class="note">{}</p>').format(said("zone.firms.list"))
    return Part("firms", said.number_of("zone.firms.heading", rows.height), (table, note))
