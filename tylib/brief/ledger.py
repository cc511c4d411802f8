"""Projects and firms that can be named, as tables: alike in the briefs of a county, a zone, a township and the city."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.figure import Figure
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.programme.projects import WHOLE
from tylib.store import load
from tylib.store.contracts import TAKEN

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tylib.brief.context import Context

LINKS = {"chain": ("chains", "chain_id"), "zone": ("zones", "zone_id"), "county": ("places", "place")}
"""Further columns: what a project belongs to, each with the mark of how we know."""


def named(context: Context, row: Mapping[str, Any]) -> Markup:
    """The name of a thing with the mark of how we know that it belongs here."""
    return Markup("{}{}").format(context.words.pick(row, "name"), mark(row["link_status"], context.words))


def project_table(
    context: Context, rows: pl.DataFrame, *, key: str, caption: str, links: Collection[str] = ()
) -> Markup:
    """Projects, parts under their whole: kind, planned investment, size, how far they are, source.

    Args:
        rows: Of :func:`tylib.programme.projects.ledger` in its order, with ``link_status``.
        links: Of :data:`LINKS`. A column that would be empty is left out.
    """
    said = context.words
    known = {link: names(context, link) for link in links}
    listed = set(rows["project_id"])
    cells = [
        {
            "name": Markup("{}{}").format(nested(context, row, listed), mark(row["link_status"], said)),
            "category": said(f"projects.categories.{row['category']}"),
            **{link: _linked(context, row, link, known[link]) for link in links},
            "investment": context.figure(row) if row["value"] is not None or row["low"] is not None else "",
            "capacity": said.pick(row, "capacity"),
            "state": state(context, row),
            "source": context.cite([row["source_id"]]),
        }
        for row in rows.iter_rows(named=True)
    ]
    columns = {name: said(f"projects.columns.{name}") for name in cells[0]}
    columns = {name: label for name, label in columns.items() if any(cell[name] for cell in cells)}
    if rows["category"].unique().to_list() == ["manufacturing"]:
        del columns["category"]
    markup = [name for name in ("name", "investment", "source", *links) if name in columns]
    return html_table(cells, columns, key=key, caption=caption, right=["investment"], markup=markup)


def firm_table(context: Context, rows: pl.DataFrame, *, key: str, caption: str) -> Markup:
    """Firms with their role, key chain and place."""
    said, chains = context.words, names(context, "chain")
    cells = [
        {
            "name": named(context, row),
            "role": said.pick(row, "role"),
            "chain": _linked(context, row, "chain", chains),
            "place": said.pick(row, "place_text"),
            "source": context.cite([row["source_id"]]),
        }
        for row in rows.iter_rows(named=True)
    ]
    columns = {name: said(f"projects.firms.{name}") for name in cells[0]}
    return html_table(cells, columns, key=key, caption=caption, markup=["name", "chain", "source"])


def notes(context: Context, rows: pl.DataFrame) -> Markup:
    """What a reader of the table must know: where the list comes from, and what is not added."""
    said, inside = context.words, rows["parent"].count()
    brought = rows["status"].cast(pl.String).is_in(TAKEN).any()
    texts = [
        said("projects.ledger_imported" if brought else "projects.ledger"),
        *([said.number_of("projects.nesting", inside)] if inside else []),
    ]
    return Markup('<p class="note">{}</p>').format(said("list.gap").join(texts))


def investment_figure(context: Context, rows: pl.DataFrame, *, key: str, subject: str) -> Figure | None:
    """Planned investment of the projects that publish one, if at least two stand beside one another.

    A project inside another is left out: its amount may be part of the larger one's.
    """
    invested = rows.filter(pl.col("value").is_not_null() & WHOLE)
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
    items = context.joined(said("projects.alt_item", name=n, figure=f) for n, f in zip(names, figures, strict=True))
    alt = said("projects.alt", subject=subject, items=items)
    return Figure(
        charts.ranking(frame, unit=numbers.unit(unit), description=alt),
        key=key,
        title=said("projects.figure", largest=said("list.comma_clause").join([names[0], figures[0]])),
        subtitle=said("projects.subtitle", unit=numbers.unit(unit)),
        alt=alt,
        words=said,
        foot=Markup("{} {}").format(said("projects.columns.source"), context.cite(invested["source_id"])),
        csv=invested.select(
            "project_id", "name_zh", "name_en", "value", "unit", "status", "parent", "source_id"
        ).write_csv(),
    )


def state(context: Context, row: Mapping[str, Any]) -> str:
    """How far a project was when it was last reported on."""
    stage, when = context.words.pick(row, "stage"), row["stage_date"]
    when = context.period(when) if when and len(when) == 4 else when
    # What an office keeps was not reported in the press.
    key = "import.state_of" if row["status"] in TAKEN else "projects.state_of"
    return context.words(key, stage=stage, date=when) if stage and when else stage


def names(context: Context, link: str) -> dict[str, str]:
    """Names of what a project can belong to, by code; the short name where there is one."""
    table, key = LINKS[link]
    pick = context.words.pick
    rows = load(table, context.city).iter_rows(named=True)
    return {row[key]: pick(row, "short") or pick(row, "name") for row in rows}


def _linked(context: Context, row: Mapping[str, Any], link: str, names: Mapping[str, str]) -> Markup:
    """What a row belongs to by a column of codes, with the mark of that statement."""
    key = LINKS[link][1]
    if row[key] is None:
        return Markup("")
    return Markup("{}{}").format(names.get(row[key], ""), mark(row[f"{key.removesuffix('_id')}_status"], context.words))


def nested(context: Context, row: Mapping[str, Any], listed: Collection[str]) -> str:
    """The name; a part of the project above it is set off, one of a project that is not in the table says of which."""
    name = context.words.pick(row, "name")
    if not row["parent"]:
        return name
    if row["parent"] in listed:
        return context.words("projects.nested", name=name)
    above = load("projects", context.city).row(by_predicate=pl.col("project_id") == row["parent"], named=True)
    return context.words("projects.nested_elsewhere", name=name, whole=context.words.pick(above, "name"))
