"""Which table is worth asking for, before its values are known: how much narrower the answers at hand would become."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib import bounds
from tylib.brief import charts, closing
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.making import amounts
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.store import load

if TYPE_CHECKING:
    from tylib.brief.context import Context

LEAST = 0.005  # a narrowing that prints as nothing is none


def ranked(context: Context) -> pl.DataFrame:
    """The tables that would narrow the answers on the unit, the most useful first; columns of :func:`bounds.worth`."""
    found = bounds.worth(context.city)
    return found.filter((pl.col("unit_code") == context.code) & (pl.col("narrowing") >= LEAST))


def worth(context: Context) -> Part:
    """Tables in the order of what they would settle, with who holds each."""
    if amounts.contradicted(context):
        return Part()
    said, found = context.words, ranked(context)
    if found.is_empty():
        return Part()
    first = found.row(0, named=True)
    heading = said(
        "making.worth.heading", table=said.pick(first, "title"), before=_whole(first["fit_before"]),
        after=_whole(first["fit_after"]), answers=first["answers"],
    )  # fmt: skip
    sign = mark(first["status"], said)
    note = Markup('<p class="note">{}{}</p>').format(said("making.worth.note"), sign)
    return Part("worth", heading, (_figure(context, found), _table(context, found), note))


def _narrowing(context: Context, row: dict[str, Any]) -> str:
    """The mean, and between which values it lies from draw to draw where these print differently."""
    said, mean = context.words, context.words("number.percent", figure=_whole(row["narrowing"] * 100))
    low, high = (_whole(row[f"narrowing_{end}"] * 100) for end in ("low", "high"))
    return mean if low == high else said("making.worth.between", mean=mean, low=low, high=high)


def _whole(count: float) -> str:
    return f"{count:.0f}"


def _figure(context: Context, found: pl.DataFrame) -> Figure:
    """How much narrower the intervals become on average, a bar a table."""
    said = context.words
    rows = pl.DataFrame(
        {
            "label": [said.pick(row, "title") for row in found.iter_rows(named=True)],
            "value": found["narrowing"] * 100,
            "text": [_narrowing(context, row) for row in found.iter_rows(named=True)],
            "status": found["status"],
        }
    )
    alt = said("making.worth.alt", count=found.height)
    return Figure(
        charts.ranking(rows, unit=said("making.worth.unit"), description=alt, in_order=True),
        key="worth", title=said.number_of("making.worth.figure", found.height),
        subtitle=said("making.worth.subtitle"), alt=alt, words=said, csv=found.write_csv(),
    )  # fmt: skip


def _table(context: Context, found: pl.DataFrame) -> Markup:
    said = context.words
    kept = {row["table_id"]: row for row in load("request_tables", context.city).iter_rows(named=True)}
    cells = [
        {
            "table": said.pick(row, "title"),
            "holder": closing.holder(context, kept[row["table_id"]]),
            "fit": said("making.worth.fit", before=_whole(row["fit_before"]), after=_whole(row["fit_after"])),
        }
        for row in found.iter_rows(named=True)
    ]
    columns = {name: said(f"making.worth.columns.{name}") for name in cells[0]}
    caption = said("making.worth.columns.caption", answers=found["answers"][0])
    return html_table(cells, columns, key="worth", caption=caption, right=["fit"], caption_shown=True)
