"""What of the programme lies in the county: towns, chains, zones, projects, firms, targets; each with how we know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import ledger, outturns
from tylib.brief.document import Part
from tylib.brief.tables import html_table
from tylib.programme import county as programme
from tylib.programme.projects import investment
from tylib.store import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context


def membership(context: Context) -> Part:
    """Specialised towns, key chains and zones of the county, and the published figures of its towns."""
    said, here = context.words, (context.city, context.code)
    found = {"towns": programme.towns(*here), "chains": programme.chains(*here), "zones": programme.zones(*here)}
    rows = [
        *(_town(context, row) for row in found["towns"].iter_rows(named=True)),
        *(_chain(context, row) for row in found["chains"].iter_rows(named=True)),
        *(_zone(context, row) for row in found["zones"].iter_rows(named=True)),
    ]
    if not rows:
        return Part("programme", said("county.programme.heading_none"), (said("county.firms.list"),))
    columns = {name: said(f"county.programme.{name}") for name in ("name", "kind", "role", "source")}
    caption = said("county.programme.caption", county=context.name)
    table = html_table(rows, columns, key="programme", caption=caption, markup=["name", "source"])
    counted = [said.number_of(f"county.programme.count.{kind}", f.height) for kind, f in found.items() if f.height]
    remarks = [said("county.programme.zone_note")] if found["zones"].height else []
    if any((frame["link_status"] == "assumed").any() for frame in found.values()):
        remarks.append(said("county.programme.assumed_note"))
    notes = [Markup('<p class="note">{}</p>').format(said("list.gap").join(remarks))] if remarks else []
    figures = [_town_figures(context, row) for row in found["towns"].iter_rows(named=True)]
    heading = said("county.programme.heading", items=context.joined(counted))
    return Part("programme", heading, (table, *notes, *(f for f in figures if f)))


def _town(context: Context, row: Mapping[str, Any]) -> dict[str, str | Markup]:
    said = context.words
    role = said(
        "county.programme.town_role", tier=said(f"county.tier.{row['rung']}"), industry=said.pick(row, "industry")
    )
    return _row(context, row, "town", role, [row["source_id"]])


def _chain(context: Context, row: Mapping[str, Any]) -> dict[str, str | Markup]:
    said = context.words
    held = ("segments", "firms", "projects")
    counted = [said.number_of(f"county.programme.count.{k}", row[k]) for k in held if row[k]]
    return _row(
        context, row, "chain", context.joined(counted) or said("county.programme.chain_named"), [row["source_id"]]
    )


def _zone(context: Context, row: Mapping[str, Any]) -> dict[str, str | Markup]:
    said = context.words
    level, industry = said.pick(row, "level"), said.pick(row, "industries")
    role = (
        said("county.programme.zone_role", level=level, industry=industry) if level and industry else level or industry
    )
    return _row(context, row, "zone", role, [row["source_id"], row["link_source_id"]])


def _row(
    context: Context, row: Mapping[str, Any], kind: str, role: str, sources: list[str | None]
) -> dict[str, str | Markup]:
    return {
        "name": ledger.named(context, row),
        "kind": context.words(f"county.programme.kinds.{kind}"),
        "role": role,
        "source": context.cite(sources),
    }


def _town_figures(context: Context, town: Mapping[str, Any]) -> Markup | None:
    """What is published of one town, newest first; the same figure repeated over the years shows itself."""
    said = context.words
    rows = (
        load("town_metrics", context.city)
        .filter(
            (pl.col("town_id") == town["town_id"])
            & (pl.col("kind").cast(pl.String) == "actual")
            & pl.col("absent").is_null()
        )
        .sort("name_en", "period", descending=[False, True], nulls_last=True)
    )
    if rows.is_empty():
        return None
    cells = [
        {
            "metric": said.pick(row, "name"),
            "period": context.period(row["period"]),
            "figure": context.figure(row),
            "source": context.cite([row["source_id"]]),
        }
        for row in rows.iter_rows(named=True)
    ]
    columns = {
        "metric": said("county.programme.metric"),
        "period": said("county.facts.period"),
        "figure": said("county.facts.figure"),
        "source": said("county.facts.source"),
    }
    key = f"town-{town['town_id'].lower()}"
    caption = said("county.programme.town_figures", town=said.pick(town, "name"))
    table = html_table(cells, columns, key=key, caption=caption, right=["figure"], markup=["figure", "source"])
    # Many rows for looking up: folded on a screen, opened in print.
    return Markup('<details class="data-table"><summary>{}</summary>{}</details>').format(
        said.number_of("county.programme.town_count", rows.height, town=said.pick(town, "name")), table
    )


def projects(context: Context) -> Part:
    """Projects that can be named, with planned investment where published. Never summed: they nest in one another."""
    said, rows = context.words, programme.projects(context.city, context.code)
    if rows.is_empty():
        return Part()
    caption = said("county.projects.caption", county=context.name)
    table = ledger.project_table(context, rows, key="projects", caption=caption)
    figure = ledger.investment_figure(context, rows, key="projects", subject=context.name)
    blocks = (figure, table, ledger.notes(context, rows))
    return Part("projects", _projects_heading(context, rows), tuple(block for block in blocks if block))


def _projects_heading(context: Context, rows: pl.DataFrame) -> str:
    """How many stand by themselves: a part is not counted beside its whole."""
    (total,) = investment(rows).iter_rows(named=True)
    if total["projects"] <= 1:
        return context.words("county.projects.heading.one", name=context.words.pick(rows.row(0, named=True), "name"))
    which = "invested" if total["published"] else "named"
    return context.words(f"county.projects.heading.{which}", count=total["projects"], amounts=total["published"])


def firms(context: Context) -> Part:
    """Firms that can be named, with their role and chain; the city's own lists of firms are not published."""
    said, rows = context.words, programme.firms(context.city, context.code)
    if rows.is_empty():
        return Part()
    table = ledger.firm_table(context, rows, key="firms", caption=said("county.firms.caption", county=context.name))
    note = Markup('<p class="note">{}</p>').format(said("county.firms.list"))
    return Part("firms", said.number_of("county.firms.heading", rows.height), (table, note))


def targets(context: Context) -> Part:
    """The county's own targets with outturns where known; those of the city stand in its brief."""
    said, rows = context.words, programme.targets(context.city, context.code)
    if rows.is_empty():
        unit = said(f"county.type.{context.row['type'] or 'county'}")
        return Part("targets", said("county.targets.heading.city", unit=unit), (said("county.targets.city"),))
    caption = said("county.targets.caption", county=context.name)
    listed = outturns.table(context, rows, key="targets", caption=caption, shown=False)
    known = rows["outturn_value"].count() + rows.filter(pl.col("outturn_value").is_null())["outturn_low"].count()
    heading = said.number_of(f"county.targets.heading.{'met' if known else 'none'}", rows.height, known=known)
    note = Markup('<p class="note">{}</p>').format(outturns.rule(context))
    return Part("targets", heading, (listed, note, said("county.targets.city")))
