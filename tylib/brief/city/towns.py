"""The city's specialised towns: the ladder, numbers aimed at beside those that can be named, where the peers are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts, sentences
from tylib.brief.context import Context
from tylib.brief.document import Document, Part
from tylib.brief.figure import Figure
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.brief.town import PARTS
from tylib.brief.town.opening import day, measured, short_name
from tylib.brief.town.standing import due_read, ladder_figure
from tylib.programme import town_ties
from tylib.programme import towns as programme
from tylib.programme.county import RUNGS
from tylib.store import open_city

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.store import City


def comparison(unit: str, /, *, language: str, city: City | None = None) -> Document:
    """All towns of the city beside one another, then one of them: the parts of its brief that compare or doubt.

    Args:
        unit: ``town:CODE`` of the one.
        language: A folder of ``params/i18n``.
        city: Defaults to the city found from the working directory.

    Raises:
        ParameterError: No such unit or language.
        DataError: A table breaks its contract.
    """
    context = Context.of(unit, language=language, city=city or open_city(), kind="town")
    shown = {"towns": towns, **{name: part for name, part in PARTS.items() if name not in ("opening", "key_numbers")}}
    return Document(unit, language, {name: part(context) for name, part in shown.items()})


def towns(context: Context) -> Part:
    """The ladder of all towns against the numbers aimed at, and where in the province the peers are."""
    table = programme.ladder(context.city).filter("in_city")
    if table.is_empty():
        return Part()
    counts = town_ties.counts(context.city)
    blocks = [ladder_figure(context), _counts(context, counts), _elsewhere(context, counts)]
    return Part("towns", _heading(context, table, counts), tuple(block for block in blocks if block))


def _heading(context: Context, table: pl.DataFrame, counts: pl.DataFrame) -> str:
    said = context.words
    named = {rung: table.filter(pl.col("rung").cast(pl.String) == rung).height for rung in RUNGS}
    own = counts.filter((pl.col("place") == context.city.place) & pl.col("value").is_not_null())
    aims = {row["indicator"]: row for row in own.iter_rows(named=True)}
    found = [aims.get(f"{rung}_towns") for rung in RUNGS[1:]]
    if not all(found) or any(row["reported"] is not None for row in found):
        return said("town.city.heading.bare", **named)
    numbers = {
        f"aim_{rung}": context.numbers.bare(row["value"], row["unit"])
        for rung, row in zip(RUNGS[1:], found, strict=True)
    }
    # Read aloud: one provincial and one municipal town.
    spelled = {rung: _spelled(context, count) for rung, count in named.items()}
    return sentences.opened(
        said.number_of(
            "town.city.heading.named",
            named[RUNGS[1]],
            year=context.period(found[0]["period"]),
            **spelled,
            **numbers,
        )
    )


def _spelled(context: Context, count: int) -> str:
    key = f"town.number.{count}"
    return context.words(key) if context.words.has(key) else str(count)


def _counts(context: Context, counts: pl.DataFrame) -> Markup | None:
    """Numbers aimed at beside the towns that can be named, which are no outturn, and published outturns."""
    if counts.is_empty():
        return None
    said = context.words
    cells = [
        {
            "aim": Markup("{} <small>{}{}</small>").format(
                said.pick(row, "name"),
                context.joined([context.place_name(row["place"]), context.period(row["period"])]),
                mark(row["period_status"] if row["period_status"] == "assumed" else None, said),
            ),
            "target": measured(context, row, said.pick(row, "name")),
            "named": _named(context, row),
            "reported": _reported(context, row),
            "source": context.cite([row["source_id"], row["reported_source"]]),
        }
        for row in counts.iter_rows(named=True)
    ]
    columns = {name: said(f"town.city.{name}") for name in cells[0]}
    table = html_table(
        cells, columns, key="town-counts", caption=said("town.city.counts"), caption_shown=True,
        right=["target", "named", "reported"], markup=["aim", "target", "named", "reported", "source"],
    )  # fmt: skip
    searched = counts["searched_on"].drop_nulls().max()
    notes = [
        said("town.city.rule"),
        *due_read(context, counts),
        *([said("town.unknown.searched", date=day(context, searched))] if searched else []),
    ]
    return table + Markup('<p class="note">{}</p>').format(said("list.gap").join(notes))


def _named(context: Context, row: Mapping[str, Any]) -> Markup:
    if row["named"] is None:
        return Markup("{}").format(context.words("town.city.not_counted"))
    return Markup("{}{}").format(context.numbers.bare(row["named"], row["unit"]), mark("derived", context.words))


def _reported(context: Context, row: Mapping[str, Any]) -> Markup:
    said = context.words
    if row["reported"] is None:
        return Markup('<span class="absent">{}</span>').format(said("absent.not_published"))
    figure = context.numbers.full(row["reported"], row["unit"])
    when = said("list.semicolon").join(
        text for text in (context.period(row["reported_period"]), said.pick(row, "reported_note")) if text
    )
    return Markup("{} <small>{}</small>").format(figure, when)


def _elsewhere(context: Context, counts: pl.DataFrame) -> Figure | None:
    """Provincial towns by city, the own one in accent: those that can be named, and what each city publishes."""
    said, rows = context.words, programme_elsewhere(context)
    if len(rows) < 2:
        return None
    drawn = [
        {
            "label": context.place_name(row["place"]),
            "value": float(row["named"]),
            "text": _both(context, row),
            "own": row["place"] == context.city.place,
            "status": "derived",
        }
        for row in rows
    ]
    cells = [
        {
            "place": context.place_name(row["place"]),
            "towns": context.joined(row["names"]),
            "named": Markup("{}{}").format(str(row["named"]), mark("derived", said)),
            "published": Markup('<span class="absent">{}</span>').format(said("absent.not_published"))
            if row["published"] is None
            else Markup("{} <small>{}</small>").format(f"{row['published']:.0f}", context.period(row["period"])),
            "source": context.cite([row["source_id"]]),
        }
        for row in rows
    ]
    columns = {name: said(f"town.city.{name}") for name in cells[0]}
    total = sum(row["named"] for row in rows)
    title = said("town.city.elsewhere_title", count=total, cities=len(rows))
    alt = said("town.city.elsewhere_alt", items=context.joined(f"{row['label']} {row['text']}" for row in drawn))
    return Figure(
        charts.ranking(pl.DataFrame(drawn), unit=context.numbers.unit("towns"), description=alt),
        key="towns-elsewhere",
        title=title,
        subtitle=said("town.city.elsewhere_subtitle"),
        alt=alt,
        words=said,
        foot=Markup("{} {}").format(_more(context, counts, total), context.cite(row["source_id"] for row in rows)),
        table=html_table(
            cells, columns, key="towns-elsewhere", caption=title, right=["named", "published"],
            markup=["named", "published", "source"],
        ),
    )  # fmt: skip


def programme_elsewhere(context: Context) -> list[dict[str, Any]]:
    """Rows of :func:`tylib.programme.town_ties.elsewhere` with the towns' names in the reader's language."""
    names = {row["town_id"]: short_name(context, row) for row in programme.ladder(context.city).iter_rows(named=True)}
    found = town_ties.elsewhere(context.city).iter_rows(named=True)
    return [{**row, "names": [names[code] for code in row["towns"]]} for row in found]


def _both(context: Context, row: Mapping[str, Any]) -> str:
    if row["published"] is None:
        return str(row["named"])
    return context.words("town.city.elsewhere_text", named=row["named"], published=f"{row['published']:.0f}")


def _more(context: Context, counts: pl.DataFrame, named: int) -> str:
    """How many towns the province reports beyond those that can be named."""
    said = context.words
    told = counts.filter((pl.col("place") != context.city.place) & pl.col("reported").is_not_null())
    told = told.filter(pl.col("indicator") == f"{RUNGS[-1]}_towns")
    if told.is_empty():
        return said("town.source")
    row = told.row(0, named=True)
    rest = int(row["reported"]) - named
    return said(
        "town.city.more", period=context.period(row["reported_period"]), reported=int(row["reported"]), named=named,
        rest=rest,
    )  # fmt: skip
