"""What of the programme lies in the county: towns, chains, zones, projects, firms, targets; each with how we know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.programme import county as programme
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


def _link(context: Context, row: Mapping[str, Any]) -> Markup:
    """The name of a thing with the mark of how we know that it lies here."""
    return Markup("{}{}").format(context.words.pick(row, "name"), mark(row["link_status"], context.words))


def _town(context: Context, row: Mapping[str, Any]) -> dict[str, str | Markup]:
    said = context.words
    role = said(
        "county.programme.town_role", tier=said(f"county.tier.{row['rung']}"), industry=said.pick(row, "industry")
    )
    return _row(context, row, "town", role, [row["source_id"]])


def _chain(context: Context, row: Mapping[str, Any]) -> dict[str, str | Markup]:
    said = context.words
    counted = [said.number_of(f"county.programme.count.{k}", row[k]) for k in ("firms", "projects") if row[k]]
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
        "name": _link(context, row),
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
    cells = [
        {
            "name": Markup("{}{}").format(_nested(context, row), mark(row["link_status"], said)),
            "category": said(f"county.projects.categories.{row['category']}"),
            "investment": context.figure(row) if row["value"] is not None or row["low"] is not None else "",
            "capacity": said.pick(row, "capacity"),
            "state": _state(context, row),
            "source": context.cite([row["source_id"]]),
        }
        for row in rows.iter_rows(named=True)
    ]
    columns = {name: said(f"county.projects.{name}") for name in cells[0]}
    columns = {name: label for name, label in columns.items() if any(cell[name] for cell in cells)}
    if rows["category"].unique().to_list() == ["manufacturing"]:
        del columns["category"]
    table = html_table(
        cells,
        columns,
        key="projects",
        caption=said("county.projects.caption", county=context.name),
        right=["investment"],
        markup=["name", "investment", "source"],
    )
    inside = rows["parent"].count()
    notes = [said("county.projects.ledger"), *([said.number_of("county.projects.nesting", inside)] if inside else [])]
    note = Markup('<p class="note">{}</p>').format(said("list.gap").join(notes))
    figure = _investment_figure(context, rows)
    return Part("projects", _projects_heading(context, rows), tuple(p for p in (figure, table, note) if p))


def _projects_heading(context: Context, rows: pl.DataFrame) -> str:
    amounts = rows["value"].count()
    if rows.height == 1:
        return context.words("county.projects.heading.one", name=context.words.pick(rows.row(0, named=True), "name"))
    which = "invested" if amounts else "named"
    return context.words(f"county.projects.heading.{which}", count=rows.height, amounts=amounts)


def _nested(context: Context, row: Mapping[str, Any]) -> str:
    """The name; a part of the project above it is set off as one."""
    name = context.words.pick(row, "name")
    return context.words("county.projects.nested", name=name) if row["parent"] else name


def _state(context: Context, row: Mapping[str, Any]) -> str:
    """How far a project was when it was last reported on."""
    stage, when = context.words.pick(row, "stage"), row["stage_date"]
    return context.words("county.projects.state_of", stage=stage, date=when) if stage and when else stage


def _investment_figure(context: Context, rows: pl.DataFrame) -> Figure | None:
    """Planned investment of the projects that publish one, if at least two stand beside one another.

    A project inside another is left out: its amount may be part of the larger one's.
    """
    invested = rows.filter(pl.col("value").is_not_null() & pl.col("parent").is_null())
    if invested.height < 2:
        return None
    said, numbers = context.words, context.numbers
    unit = invested["unit"][0]
    names = [said.pick(row, "name") for row in invested.iter_rows(named=True)]
    figures = [numbers.row(row) for row in invested.iter_rows(named=True)]
    frame = pl.DataFrame(
        {
            "label": names,
            "value": invested["value"] * numbers.factor(unit),
            "text": [numbers.row(row, united=False) for row in invested.iter_rows(named=True)],
            "own": [True] * invested.height,
            "status": invested["status"].cast(pl.String),
        }
    )
    items = context.joined(
        said("county.projects.alt_item", name=n, figure=f) for n, f in zip(names, figures, strict=True)
    )
    alt = said("county.projects.alt", county=context.name, items=items)
    return Figure(
        charts.ranking(frame, unit=numbers.unit(unit), description=alt),
        key="projects",
        title=said("county.projects.figure", largest=said("list.comma_clause").join([names[0], figures[0]])),
        subtitle=said("county.projects.subtitle", unit=numbers.unit(unit)),
        alt=alt,
        words=said,
        foot=Markup("{} {}").format(said("county.facts.source"), context.cite(invested["source_id"])),
        csv=invested.select(
            "project_id", "name_zh", "name_en", "value", "unit", "status", "parent", "source_id"
        ).write_csv(),
    )


def firms(context: Context) -> Part:
    """Firms that can be named, with their role and chain; the city's own lists of firms are not published."""
    said, rows = context.words, programme.firms(context.city, context.code)
    if rows.is_empty():
        return Part()
    chains = {row["chain_id"]: said.pick(row, "name") for row in load("chains", context.city).iter_rows(named=True)}
    cells = [
        {
            "name": _link(context, row),
            "role": said.pick(row, "role"),
            "chain": Markup("{}{}").format(
                chains.get(row["chain_id"], ""), mark(row["chain_status"], said) if row["chain_id"] else ""
            ),
            "place": said.pick(row, "place_text"),
            "source": context.cite([row["source_id"]]),
        }
        for row in rows.iter_rows(named=True)
    ]
    columns = {name: said(f"county.firms.{name}") for name in cells[0]}
    table = html_table(
        cells,
        columns,
        key="firms",
        caption=said("county.firms.caption", county=context.name),
        markup=["name", "chain", "source"],
    )
    note = Markup('<p class="note">{}</p>').format(said("county.firms.list"))
    return Part("firms", said.number_of("county.firms.heading", rows.height), (table, note))


def targets(context: Context) -> Part:
    """Targets of the county, its towns and the city's programme that it has a part in, with outturns where known."""
    said, rows = context.words, programme.targets(context.city, context.code)
    if rows.is_empty():
        return Part()
    cells = [
        {
            "indicator": said.pick(row, "name"),
            "scope": context.place_name(row["place"]),
            "period": context.period(row["period"]),
            "target": context.figure(row),
            "outturn": _outturn(context, row),
            "verdict": said(f"county.targets.{row['verdict']}"),
            "source": context.cite([row["source_id"], row["outturn_source_id"]]),
        }
        for row in rows.iter_rows(named=True)
    ]
    columns = {name: said(f"county.targets.{name}") for name in cells[0]}
    table = html_table(
        cells,
        columns,
        key="targets",
        caption=said("county.targets.caption", county=context.name),
        right=["target", "outturn"],
        markup=["target", "outturn", "source"],
    )
    known = rows["outturn_value"].count() + rows.filter(pl.col("outturn_value").is_null())["outturn_low"].count()
    heading = said.number_of(f"county.targets.heading.{'met' if known else 'none'}", rows.height, known=known)
    note = Markup('<p class="note">{}</p>').format(said("county.targets.rule"))
    return Part("targets", heading, (table, note))


def _outturn(context: Context, row: Mapping[str, Any]) -> Markup:
    outturn = {name.removeprefix("outturn_"): value for name, value in row.items() if name.startswith("outturn_")}
    if outturn["value"] is None and outturn["low"] is None and outturn["high"] is None:
        return Markup('<span class="absent">{}</span>').format(context.words("absent.not_published"))
    period = context.period(outturn["period"])
    return Markup("{} <small>{}</small>").format(context.figure(outturn), period)
