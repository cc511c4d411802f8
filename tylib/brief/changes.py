"""What the user's own tables changed in a brief: figures old beside new, things new or brought up to date, choices.

Says nothing where nothing was imported and no choice is declared: then a brief is the published one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief.document import Part
from tylib.brief.tables import html_table
from tylib.programme import imported
from tylib.store import load
from tylib.store.city import package
from tylib.store.taken import active

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tylib.brief.context import Context

MOST_FIGURES = 40  # rows of figures in the brief; the rest is counted
MOST_THINGS = 30


def part(context: Context) -> Part:
    """What changed in this brief because of imported tables and declared choices; empty where nothing did."""
    figures = imported.figures(context.city, context.facts, context.kind, context.code)
    things = imported.rows(context.city, context.kind, context.code)
    choices = _choices(context)
    said = context.words
    if figures.is_empty() and things.is_empty() and choices.is_empty():
        return Part()
    blocks = [*_figures(context, figures), *_things(context, things), *_chosen(context, choices)]
    if not active(context.city):
        return Part("changes", said.number_of("changes.heading_choices", choices.height), tuple(blocks))
    tables = {*figures["source_id"], *things["source_id"]}
    named = [record for record in active(context.city) if record.id in tables]
    listed = said("list.semicolon").join(
        said("changes.table", title=record.title, holder=record.holder, date=record.date) for record in named
    )
    source = Markup("{} {}").format(said("changes.from", tables=listed), context.cite(sorted(tables))) if named else ""
    count, things_count = figures.height, things["id"].n_unique()
    which = "both" if count and things_count else "figures" if count else "things"
    heading = said(
        f"changes.heading.{which}",
        figures=said.number_of("changes.figures", count),
        things=said.number_of("changes.things", things_count),
    )
    return Part("changes", heading, tuple(blocks), source=source)


def _figures(context: Context, rows: pl.DataFrame) -> Iterator[Markup]:
    """Each imported figure beside the one that stood there, and which of them the brief prints."""
    said = context.words
    if rows.is_empty():
        return
    cells, ids = [], {record.id for record in active(context.city)}
    # First what another figure stood for, then the unit as a whole, the newest first.
    stood = pl.col("before_source_id").is_not_null()
    shown = rows.sort(~stood, pl.col("sector") != "", "period", descending=[False, False, True], maintain_order=True)
    for row in shown.head(MOST_FIGURES).iter_rows(named=True):
        before = {name.removeprefix("before_"): cell for name, cell in row.items() if name.startswith("before_")}
        stood = before["source_id"] is not None
        which = "imported" if row["used"] else "other" if row["used_source_id"] in ids else "before"
        told = [context.indicator_name(row["indicator"])]
        told += [context.sector_name(row["sector"])] if row["sector"] else []
        told += [context.scope_name(row["scope"])] if row["scope"] else []
        cells.append(
            {
                "what": said("list.comma_clause").join([*told, context.period(row["period"])]),
                "before": context.figure(before) if stood else said("changes.none"),
                "now": context.figure(row),
                "used": said(f"changes.used.{which}"),
                "source": context.cite([before["source_id"], row["source_id"]]),
            }
        )
    columns = {name: said(f"changes.column.{name}") for name in ("what", "before", "now", "used", "source")}
    yield html_table(
        cells, columns, key="changes", caption=said("changes.caption"), right=["before", "now"],
        markup=["before", "now", "source"],
    )  # fmt: skip
    if rows.height > MOST_FIGURES:
        yield Markup('<p class="note">{}</p>').format(said("changes.more", count=rows.height - MOST_FIGURES))
    passed = rows.filter(~pl.col("used"))["used_source_id"].is_in(list(ids))
    for key, holds in (("rule", (~passed).any()), ("several", passed.any())):
        if holds:
            yield Markup('<p class="note">{}</p>').format(said(f"changes.{key}"))


def _things(context: Context, rows: pl.DataFrame) -> Iterator[Markup]:
    """Firms, projects and the like: new, or what of them says something else now."""
    said = context.words
    titles = {resource["name"]: resource for resource in package(context.city)["resources"]}
    items = []
    for _, thing in rows.group_by(["table", "id"], maintain_order=True):
        head = thing.row(0, named=True)
        title = titles[head["table"]]["titles"].get(said.language, head["table"])
        if head["fresh"]:
            told = said("changes.fresh")
        else:
            cells = [cell for row in thing.iter_rows(named=True) for cell in _cell(context, titles[head["table"]], row)]
            told = said("list.semicolon").join(cells) or said("changes.confirmed")
        text = said("changes.thing", table=title, name=said.pick(head, "name"), told=told)
        items.append(Markup("<li>{}{}</li>").format(text, context.cite([head["source_id"]])))
    if items:
        yield Markup('<ul class="note">{}</ul>').format(Markup("").join(items[:MOST_THINGS]))
        yield Markup('<p class="note">{}</p>').format(said("changes.counted"))
    if len(items) > MOST_THINGS:
        yield Markup('<p class="note">{}</p>').format(said("changes.more", count=len(items) - MOST_THINGS))


def _cell(context: Context, resource: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[str]:
    """One cell that changed, in the reader's language; nothing for its twin in another language or in words."""
    said, column = context.words, row["column"]
    fields = {field["name"]: field for field in resource["schema"]["fields"]}
    stem, _, language = (column or "").rpartition("_")
    twin = stem and len(language) == 2 and language != "id" and (language != said.language or stem in fields)
    if not column or twin:
        return
    field = fields[column]
    before, after = (_named(context, column, row[side]) for side in ("before", "after"))
    label = field["titles"].get(said.language, column)
    yield said("changes.cell", column=label, before=before or said("changes.none"), after=after)


def _named(context: Context, column: str, cell: str | None) -> str:
    """A code in words, where there are such words."""
    key = f"import.choice.{column}.{cell}"
    return context.words(key) if cell and context.words.has(key) else (cell or "").removesuffix(".0")


def _choices(context: Context) -> pl.DataFrame:
    """Declared choices that decided a figure of the unit."""
    names = {resource["name"] for resource in package(context.city)["resources"]}
    decided = context.facts.filter(pl.col("chosen") & (pl.col("place") == context.code))
    if "choices" not in names or decided.is_empty():
        return pl.DataFrame()
    told = pl.col("winning_source_id").is_in(decided["source_id"].implode()) & (
        pl.col("indicator").is_null() | pl.col("indicator").is_in(decided["indicator"].implode())
    )
    here = pl.col("place").is_null() | (pl.col("place") == context.code)
    return load("choices", context.city).filter(told & here)


def _chosen(context: Context, rows: pl.DataFrame) -> Iterator[Markup]:
    said = context.words
    items = [
        Markup("<li>{}{}</li>").format(
            said(
                "changes.choice",
                indicator=context.indicator_name(row["indicator"]) if row["indicator"] else said("changes.any"),
                period=context.period(row["period"]) if row["period"] else said("changes.any_period"),
                reason=said.pick(row, "reason"),
                date=row["declared_on"],
            ),
            context.cite([row["winning_source_id"]]),
        )
        for row in rows.iter_rows(named=True)
    ]
    if items:
        yield Markup('<ul class="note">{}</ul>').format(Markup("").join(items))
