"""What each layer settles: how many cells of county and sector have something to print, and which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from tylib.bounds import LAYERS
from tylib.brief import charts
from tylib.brief.charts.ink import STATUSES
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.making import amounts
from tylib.brief.making import city as making
from tylib.brief.making.amounts import SHOWN, marked, sectors_of
from tylib.brief.tables import html_table

if TYPE_CHECKING:
    from tylib.brief.context import Context


def layers(context: Context) -> Part:
    """Counts by layer as bars, the cells by name in a table."""
    shown = amounts.holding(context)
    if problem := amounts.contradicted(context):
        return Part("layers", context.words("making.contradicted.heading"), (problem,))
    cells = {layer: making.matrix(context, layer=layer) for layer in shown}
    if cells[SHOWN].is_empty():
        return Part()
    said, counted = context.words, {layer: frame["fit"].count() for layer, frame in cells.items()}
    heading = said(
        "certainty.layers.heading", all=cells[SHOWN].height, **{f"n{k}": counted.get(k, "—") for k in LAYERS}
    )
    kinds = making.counts(context)
    rows = pl.DataFrame(
        {
            "label": [said(f"making.layer.{layer}") for layer in shown],
            "value": [float(counted[layer]) for layer in shown],
            "text": [said("certainty.layers.text", count=counted[layer], **kinds[layer]) for layer in shown],
            "own": [layer == SHOWN for layer in shown],
            "status": [_status(cells[layer]) for layer in shown],
        }
    )
    alt = said("certainty.layers.alt", all=cells[SHOWN].height)
    figure = Figure(
        charts.ranking(rows, unit=said("certainty.layers.unit"), description=alt, in_order=True),
        key="layers", title=said("certainty.layers.figure", count=counted[LAYERS[0]], all=cells[SHOWN].height),
        subtitle=said("certainty.layers.subtitle"), alt=alt,
        words=said, table=_table(context, cells),
    )  # fmt: skip
    return Part(
        "layers",
        heading,
        (figure, amounts.left_out(context), Markup('<p class="note">{}</p>').format(said("certainty.layers.note"))),
    )


def _status(cells: pl.DataFrame) -> str:
    """The weakest status of a layer's cells."""
    return max(cells["status"].unique(), key=STATUSES.index)


def _table(context: Context, cells: dict[int, pl.DataFrame]) -> Markup:
    """Every cell that some layer has something to print of."""
    said, lines = context.words, []
    by_key = {
        layer: {(row["unit_code"], row["sector_code"]): row for row in frame.iter_rows(named=True)}
        for layer, frame in cells.items()
    }
    for key in by_key[SHOWN]:
        found = {layer: by_key[layer][key] for layer in cells}
        if any(row["fit"] for row in found.values()):
            lines.append(
                {"county": context.place_name(key[0]), "sector": sectors_of(context, key[1])}
                | {f"layer_{layer}": marked(context, row, united=False) for layer, row in found.items()}
            )
    columns = {"county": said("making.city.columns.county"), "sector": said("making.columns.sector")}
    columns |= {f"layer_{layer}": said(f"making.layer.{layer}") for layer in cells}
    unit = context.numbers.unit(cells[SHOWN]["unit"][0])
    return html_table(lines, columns, key="layers", caption=said("certainty.layers.caption", unit=unit),
                      markup=[f"layer_{layer}" for layer in cells])  # fmt: skip
