"""What each table that can be asked for would settle, for the city and county by county."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tylib import bounds
from tylib.brief import charts
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.making import worth
from tylib.brief.tables import html_table

if TYPE_CHECKING:
    from tylib.brief.context import Context

STEPS = (0.2, 0.4, 0.6, 0.8)  # narrowing from which a cell is a shade darker


def tables(context: Context) -> Part:
    """The city's ranking, then every county by every table."""
    found = bounds.worth(context.city)
    if found.is_empty():
        return Part()
    ranking = worth.worth(context)
    return Part("worth", ranking.heading, (*ranking.blocks, _grid(context, found)))


def _grid(context: Context, found: pl.DataFrame) -> Figure:
    said = context.words
    order = found.filter(pl.col("unit_code") == context.city.place).sort("rank")
    titles = {row["table_id"]: said.pick(row, "title") for row in order.iter_rows(named=True)}
    units = [*context.counties["place"], context.city.place]
    value = {(row["unit_code"], row["table_id"]): row for row in found.iter_rows(named=True)}
    cells = [
        {
            "row": context.place_name(unit), "column": str(number), "title": str(number),
            "text": said("number.percent", figure=f"{value[unit, table]['narrowing'] * 100:.0f}"),
            "level": 1 + sum(value[unit, table]["narrowing"] >= step for step in STEPS),
        }
        for unit in units for number, table in enumerate(titles, 1)
    ]  # fmt: skip
    lines = [
        {"unit": context.place_name(unit)}
        | {
            table: said("making.worth.fit", before=f"{value[unit, table]['fit_before']:.0f}",
                        after=f"{value[unit, table]['fit_after']:.0f}")
            for table in titles
        }
        for unit in units
    ]  # fmt: skip
    alt = said("certainty.worth.alt", units=len(units), tables=len(titles))
    key = said("list.semicolon").join(f"{number} {title}" for number, title in enumerate(titles.values(), 1))
    return Figure(
        charts.cells(pl.DataFrame(cells), description=alt),
        key="worth-units", title=said("certainty.worth.figure"), subtitle=said("making.worth.subtitle"), alt=alt,
        words=said, foot=key, csv=found.write_csv(),
        table=html_table(lines, {"unit": said("making.city.columns.county"), **titles}, key="worth-units",
                         caption=said("certainty.worth.caption"), right=list(titles)),
    )  # fmt: skip
