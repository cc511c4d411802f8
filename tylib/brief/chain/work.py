"""Projects and places of the chain, the work system item by item, the targets that concern it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import ledger
from tylib.brief.chain.opening import lowered
from tylib.brief.county.opening import on_day
from tylib.brief.document import Part
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.programme import chains as programme
from tylib.programme.projects import WHOLE, investment
from tylib.store import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context


def projects(context: Context) -> Part:
    """Named projects, parts under their whole; what is planned is added only over those that stand by themselves."""
    said, rows = context.words, programme.projects(context.city, context.code)
    if rows.is_empty():
        return Part()
    rows = rows.with_columns(link_status=pl.col("chain_status"))
    inside = rows.filter(pl.col("in_city"))
    planned = investment(inside if inside.height else rows).row(0, named=True)
    which = "invested" if planned["value"] is not None else "named"
    amount = context.numbers.text(planned["value"], planned["unit"]) if planned["value"] is not None else ""
    heading = said.number_of(
        f"chain.projects.heading.{which}", planned["projects"], published=planned["published"], amount=amount
    )
    figure = ledger.investment_figure(context, inside, key="projects", subject=context.name)
    table = ledger.project_table(
        context, rows, key="projects", caption=said("chain.projects.caption", chain=context.name), links=("county",)
    )
    out = rows.filter(~pl.col("in_city") & WHOLE).height
    remarks = [said.number_of("chain.projects.outside", out)] if out else []
    if planned["unknown"] and planned["published"]:
        remarks.append(said.number_of("chain.projects.unknown", planned["unknown"]))
    note = Markup('<p class="note">{}</p>').format(said("list.gap").join(remarks)) if remarks else ""
    return Part("projects", heading, tuple(p for p in (figure, table, ledger.notes(context, rows), note) if p))


NAMES = {"county": ("places", "place"), "zone": ("zones", "zone_id"), "town": ("towns", "town_id")}


def grounds(context: Context) -> Part:
    """Counties, zones and specialised towns of the chain, and what of it each holds."""
    said, rows = context.words, programme.grounds(context.city, context.code)
    if rows.is_empty():
        return Part()
    names = {
        kind: {r[key]: said.pick(r, "name") for r in load(table, context.city).iter_rows(named=True)}
        for kind, (table, key) in NAMES.items()
    }
    cells = [
        {
            "name": Markup("{}{}").format(names[row["kind"]][row["code"]], mark(row["status"], said)),
            "kind": said(f"chain.grounds.kinds.{row['kind']}"),
            "what": _holds(context, row),
        }
        for row in rows.iter_rows(named=True)
    ]
    columns = {name: said(f"chain.grounds.columns.{name}") for name in cells[0]}
    table = html_table(
        cells, columns, key="grounds", caption=said("chain.grounds.caption", chain=context.name), markup=["name"]
    )
    counted = [
        said.number_of(f"chain.grounds.count.{kind}", count)
        for kind in NAMES
        if (count := (rows["kind"] == kind).sum())
    ]
    note = Markup('<p class="note">{}</p>').format(said("chain.grounds.note"))
    places = load("chain_places", context.city).filter(pl.col("chain_id") == context.code)
    source = Markup("{} {}").format(said("chain.source"), context.cite(places["source_id"]))
    return Part("grounds", said("chain.grounds.heading", items=context.joined(counted)), (table, note), source=source)


def _holds(context: Context, row: Mapping[str, Any]) -> str:
    said = context.words
    parts = [said.number_of(f"chain.grounds.holds.{n}", row[n]) for n in ("segments", "firms", "projects") if row[n]]
    return context.joined(parts) or said("chain.grounds.named")


def system(context: Context) -> Part:
    """The work system: what of it is known for this chain, item by item; what is not, in one sentence."""
    said, rows = context.words, programme.system(context.city, context.code)
    if rows.is_empty():
        return Part()
    known, absent = (rows.filter(pl.col("state") == state) for state in ("known", "not_published"))
    cells = [
        {
            "item": Markup("{}{}").format(said.pick(row, "name"), mark(row["status"], said)),
            "announced": said.pick(row, "text"),
            "state": _known(context, row),
            "source": context.cite([row["source_id"]]),
        }
        for row in known.iter_rows(named=True)
    ]
    columns = {name: said(f"chain.system.columns.{name}") for name in (cells[0] if cells else ())}
    caption = said("chain.system.caption", chain=context.name)
    table = (
        html_table(cells, columns, key="system", caption=caption, markup=["item", "state", "source"]) if cells else ""
    )
    heading = said.number_of(f"chain.system.heading.{'some' if cells else 'none'}", rows.height, known=known.height)
    return Part("system", heading, tuple(part for part in (_absent(context, absent), table, _entries(context)) if part))


def _absent(context: Context, rows: pl.DataFrame) -> Markup:
    """What was announced and not found, item by item in a sentence, with the sources of both."""
    said = context.words
    if rows.is_empty():
        return Markup("")
    names = context.joined(lowered(said.pick(row, "name")) for row in rows.iter_rows(named=True))
    searched = rows["searched_on"].drop_nulls().max()
    told = said("chain.system.absent", items=names)
    if searched:
        told = said("chain.system.searched", items=names, date=on_day(context, searched))
    cited = context.cite([*rows["source_id"].unique(maintain_order=True), *rows["search_source_id"].unique()])
    figure = Markup('<a class="figure-ref" href="#fig-map"></a>')
    return Markup("<p>{} {}{}{}</p>").format(
        told, cited, said("list.gap"), said.html("chain.system.drawn", figure=figure)
    )


def _entries(context: Context) -> Markup:
    """Each fund, policy, factor, need and result that is known, in full; nothing where nothing is."""
    said, rows = context.words, programme.entries(context.city, context.code)
    if rows.is_empty():
        return Markup("")
    items = {r["item"]: said.pick(r, "name") for r in load("work_system_items", context.city).iter_rows(named=True)}
    cells = [
        {
            "name": Markup("{}{}").format(said.pick(row, "name"), mark(row["status"], said)),
            "item": items.get(row["item"], row["item"]),
            "figure": _figure(context, row),
            "holder": context.joined(t for name in ("holder", "document", "field") if (t := said.pick(row, name))),
            "when": _when(context, row),
            "source": context.cite([row["source_id"]]),
        }
        for row in rows.iter_rows(named=True)
    ]
    columns = {name: said(f"chain.system.entries.{name}") for name in cells[0]}
    columns = {name: label for name, label in columns.items() if any(cell[name] for cell in cells)}
    caption = said("chain.system.entries.caption", chain=context.name)
    return html_table(
        cells, columns, key="entries", caption=caption, right=["figure"], caption_shown=True,
        markup=[name for name in ("name", "figure", "source") if name in columns],
    )  # fmt: skip


def _figure(context: Context, row: Mapping[str, Any]) -> Markup:
    """The size of an entry; of a factor whether it is needed or can be had."""
    if row["value"] is None:
        return Markup("")
    side = context.words(f"chain.system.entries.sides.{row['side']}") if row["side"] else ""
    return Markup("{} {}").format(side, context.numbers.row({"low": None, "high": None, **row}))


def _when(context: Context, row: Mapping[str, Any]) -> str:
    if row["period"]:
        return context.period(row["period"])
    if not row["since"]:
        return ""
    which = "span" if row["until"] else "since"
    return context.words(f"chain.system.entries.{which}", since=row["since"], until=row["until"])


def _known(context: Context, row: Mapping[str, Any]) -> Markup:
    names = context.joined(row[f"names_{context.words.language}"])
    return Markup("{}{} {}").format(names, mark(row["entry_status"], context.words), context.cite(row["source_ids"]))


def targets(context: Context) -> Part:
    """Targets that concern the chain, through which list of chains, with outturn and verdict; the rule under them."""
    said, rows = context.words, programme.targets(context.city, context.code)
    if rows.is_empty():
        return Part()
    chains = {row["chain_id"]: said.pick(row, "name") for row in load("chains", context.city).iter_rows(named=True)}
    cells = [
        {
            "target": said("chain.targets.goal", cluster=chains[row["target_id"]])
            if row["target_id"] in chains
            else said.pick(row, "name"),
            "through": Markup("{}{}").format(
                said(f"chain.targets.lists.{row['through_list']}", name=chains[row["through"]]),
                mark(row["link_status"], said),
            ),
            "due": context.period(row["period"]) if row["period"] else said("chain.targets.no_year"),
            "aim": context.figure(row),
            "outturn": _outturn(context, row),
            "verdict": said(f"chain.targets.verdicts.{row['verdict']}"),
            "source": context.cite([row["source_id"], row["outturn_source_id"]]),
        }
        for row in rows.iter_rows(named=True)
    ]
    columns = {name: said(f"chain.targets.columns.{name}") for name in cells[0]}
    table = html_table(
        cells, columns, key="targets", caption=said("chain.targets.caption", chain=context.name),
        right=["aim", "outturn"], markup=["through", "aim", "outturn", "source"],
    )  # fmt: skip
    known = (rows["outturn_value"].is_not_null() | rows["outturn_low"].is_not_null()).sum()
    which = "some" if known else "none"
    heading = said.number_of(f"chain.targets.heading.{which}", rows.height, known=known)
    note = Markup('<p class="note">{}</p>').format(said("chain.targets.rule"))
    return Part("targets", heading, (table, note))


def _outturn(context: Context, row: Mapping[str, Any]) -> Markup:
    outturn = {name.removeprefix("outturn_"): value for name, value in row.items() if name.startswith("outturn_")}
    if all(outturn[end] is None for end in ("value", "low", "high")):
        return Markup('<span class="absent">{}</span>').format(context.words("absent.not_published"))
    return Markup("{} <small>{}</small>").format(context.figure(outturn), context.period(outturn["period"]))
