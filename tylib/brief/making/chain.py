"""What the sectors of a key chain make in the city and where, as far as published figures tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib import bounds
from tylib.brief.document import Part
from tylib.brief.making import amounts
from tylib.brief.making.amounts import SHOWN, marked, printed, sectors_of
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.programme import chains
from tylib.store import load

if TYPE_CHECKING:
    from tylib.brief.context import Context


def makes(context: Context) -> Part:
    """The chain's sectors: floors and intervals in the city, and the counties of which something can be printed."""
    if amounts.contradicted(context):
        return Part()
    sectors = chains.sectors(context.city, context.code)
    found = bounds.findings(context.city).filter(
        (pl.col("quantity") == "output") & pl.col("sector_code").is_in(sectors["sector"].implode())
    )
    if found.is_empty():
        return Part()
    said = context.words
    city = found.filter(pl.col("unit_code") == context.city.place)
    # Where most of its stages stand comes first; how large a sector is says nothing of its part in the chain.
    weight = dict(sectors.select("sector", "stages").iter_rows())
    named = sorted(amounts.strongest(city, city.height), key=lambda row: (-weight[row["sector_code"]], -row["low"]))
    layer = said(f"making.layer.{SHOWN}")
    if named:
        heading = said(
            "making.chain.heading.known", sector=sectors_of(context, named[0]["sector_code"]),
            figure=printed(context, named[0]), layer=layer,
        )  # fmt: skip
    else:
        heading = said("making.chain.heading.none", count=sectors.height)
    fit = amounts.strongest(found, found.height)
    body: list[Any] = [
        Markup("<p>{}{}</p>").format(said("making.chain.intro", count=sectors.height), mark("assumed", said)),
        _table(context, found, sectors["sector"].to_list()),
        _concentrated(context, sectors["sector"].to_list()),
        amounts.rows_in_words(context, amounts.binding(fit)),
        _ask(context),
        Markup('<p class="note">{}</p>').format(said("making.chain.note")),
    ]
    return Part("makes", heading, tuple(block for block in body if block))


def _table(context: Context, found: pl.DataFrame, sectors: list[str]) -> Markup:
    """A row a sector: the city's output, and the counties with a figure fit to print."""
    said, cells = context.words, []
    for code in sectors:
        rows = found.filter(pl.col("sector_code") == code)
        city = rows.filter(pl.col("unit_code") == context.city.place).row(0, named=True)
        # A ceiling of a county says nothing of the chain: it would read as if the sector stood there.
        counties = amounts.strongest(rows.filter(pl.col("unit_code") != context.city.place), rows.height)
        where = [
            Markup("{} {}").format(context.place_name(row["unit_code"]), marked(context, row, united=False))
            for row in counties
        ]
        cells.append(
            {
                "sector": sectors_of(context, code),
                "city": marked(context, city, united=False),
                "where": Markup(said("list.semicolon")).join(where) if where else said("making.chain.nowhere"),
            }
        )
    unit = context.numbers.unit(found["unit"][0])
    columns = {name: said(f"making.chain.columns.{name}") for name in cells[0]}
    caption = said("making.chain.columns.caption", unit=unit)
    return html_table(cells, columns, key="makes", caption=caption, caption_shown=True, markup=["city", "where"])


def _concentrated(context: Context, sectors: list[str]) -> Markup | None:
    """Counties in which a sector of the chain is more concentrated than in the nation, by proof or by draws."""
    said = context.words
    rows = load("sectors", context.city).filter(pl.col("sector").is_in(sectors))
    known = bounds.findings(context.city).filter(
        (pl.col("quantity") == "location_quotient") & pl.col("sector_code").is_in(rows["io_sector"].unique().implode())
        & pl.col("holds")
    )  # fmt: skip
    items = [
        Markup("<li>{}</li>").format(
            said("making.chain.above", county=context.place_name(row["unit_code"]),
                 sector=sectors_of(context, row["sector_code"]),
                 share=said("making.city.proved") if row["verdict"] == "implied" else amounts.shares(context, row))
        )
        for row in known.sort("unit_code", "sector_code").iter_rows(named=True)
    ]  # fmt: skip
    if not items:
        return None
    return Markup("<p>{}</p><ul>{}</ul>").format(said("making.chain.concentrated"), Markup("").join(items))


def _ask(context: Context) -> Markup | None:
    """The table that would narrow what is known of the city's sectors most, and who holds it."""
    ranked = bounds.worth(context.city).filter((pl.col("unit_code") == context.city.place) & (pl.col("rank") == 1))
    if ranked.is_empty():
        return None
    row, said = ranked.row(0, named=True), context.words
    text = said("making.chain.ask", table=said.pick(row, "title"), holder=said.pick(row, "holder"))
    return Markup("<p>{}{}</p>").format(text, mark(row["status"], said))
