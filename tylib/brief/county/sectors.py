"""Industry of a county by sector, once a table says so: sectors down, figures across, the newest year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from tylib.brief.tables import html_table
from tylib.store import load, preferred

if TYPE_CHECKING:
    from tylib.brief.context import Context

FEWEST = 3  # sectors of one indicator and year from which on they are a table of their own
MOST_COLUMNS = 5


def by_sector(rows: pl.DataFrame, /) -> pl.DataFrame:
    """The rows that make a table by sector: of each indicator its newest year, if enough sectors have a figure of it.

    Args:
        rows: Rows of :func:`tylib.store.facts` of one place.
    """
    valued = preferred(rows.filter((pl.col("sector") != "") & pl.col("value").is_not_null()))
    wide = valued.filter(pl.col("year").is_not_null() & (pl.len().over("indicator", "year", "scope") >= FEWEST))
    return wide.filter(pl.col("year") == pl.col("year").max())


def indicators(rows: pl.DataFrame, /) -> list[str]:
    """The indicators that :func:`by_sector` shows: what they say of sectors stands there."""
    return by_sector(rows)["indicator"].unique().sort().to_list()


def table(context: Context, rows: pl.DataFrame) -> Markup | None:
    """The table, largest sector first by the first of its columns; nothing where no year has enough sectors."""
    found = by_sector(rows)
    if found.is_empty():
        return None
    order = load("indicators", context.city).select("indicator", _order="order")
    names = found.join(order, on="indicator", how="left").sort("_order")["indicator"].unique(maintain_order=True)
    names = names.head(MOST_COLUMNS).to_list()
    figures = {(row["sector"], row["indicator"]): row for row in found.iter_rows(named=True)}
    first = found.filter(pl.col("indicator") == names[0]).sort("value", descending=True)["sector"]
    sectors = [*first, *(s for s in found["sector"].unique(maintain_order=True) if s not in first)]
    cells = [
        {"sector": context.sector_name(sector)}
        | {name: context.figure(figures[sector, name]) if (sector, name) in figures else "" for name in names}
        for sector in sectors
    ]
    year = context.words("number.year", year=found["year"][0])
    told = context.words("county.industry.by_sector", county=context.name, year=year)
    columns = {"sector": context.words("county.industry.sector")}
    columns |= {name: context.indicator_name(name) for name in names}
    made = html_table(
        cells, columns, key="by-sector", caption=told, caption_shown=True, right=names, markup=names
    )  # fmt: skip
    cited = context.cite(found["source_id"].unique(maintain_order=True))
    return Markup('{}<p class="note">{} {}</p>').format(made, context.words("county.facts.source"), cited)
