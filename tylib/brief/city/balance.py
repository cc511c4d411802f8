"""Balance between counties (发展均衡): how far apart they stand, and what share of the city each makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.city.structure import stated
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.programme import structure
from tylib.store import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tylib.brief.context import Context

BALANCED = "gdp"
"""What the tile grid shows: the one level that most counties publish."""


def balance(context: Context) -> Part:
    """Balance between counties (发展均衡): how far apart they stand, as far as they publish, and who has what share."""
    said, spreads = context.words, structure.balance(context.city)
    if spreads.is_empty():
        return Part()
    first = spreads.row(0, named=True)
    parts = [_tiles(context), _spread_table(context, spreads)]
    parts.append(Markup('<p class="note">{}</p>').format(said("structure.balance.note")))
    return Part("balance", _balance_heading(context, first), tuple(part for part in parts if part))


def _distance(context: Context, row: Mapping[str, Any]) -> str:
    """Highest against lowest: times, or percentage points where the figures are rates."""
    said, which = context.words, "all" if row["known"] == row["total"] else "some"
    if row["ratio"] is not None:
        return said(f"structure.balance.ratio.{which}", times=context.numbers.bare(row["ratio"], "", decimals=1))
    return said(
        f"structure.balance.difference.{which}", points=context.numbers.full(row["difference"], "pp", decimals=1)
    )


def _balance_heading(context: Context, row: Mapping[str, Any]) -> str:
    which = "all" if row["known"] == row["total"] else "some"
    return context.words(
        f"structure.balance.heading.{which}", indicator=context.indicator_name(row["indicator"]),
        period=context.period(row["period"]), known=row["known"], total=row["total"], distance=_distance(context, row),
    )  # fmt: skip


def _spread_table(context: Context, spreads: pl.DataFrame) -> Markup:
    said, numbers = context.words, context.numbers

    def end(row: Mapping[str, Any], name: str) -> str:
        figure = numbers.full(row[f"{name}_value"], row["unit"], decimals=row["decimals"])
        return said("structure.balance.end", place=context.place_name(row[name]), figure=figure)

    cells = [
        {
            "indicator": said(
                "structure.balance.of", indicator=context.indicator_name(row["indicator"]),
                period=context.period(row["period"]),
            ),
            "known": said("structure.balance.known", known=row["known"], total=row["total"]),
            "highest": end(row, "highest"),
            "lowest": end(row, "lowest"),
            "distance": _marked(context, _distance(context, row), "derived"),
            "dispersion": Markup("") if row["variation"] is None else _marked(context, said(
                "structure.balance.dispersion", variation=numbers.text(row["variation"], "%"),
                theil=numbers.bare(row["theil"], "", decimals=2),
            ), "derived"),
            "source": context.cite(row["source_ids"]),
        }
        for row in spreads.iter_rows(named=True)
    ]  # fmt: skip
    columns = {name: said(f"structure.{name}") for name in cells[0]}
    return html_table(
        cells, columns, key="balance", caption=said("structure.balance.caption"), caption_shown=True,
        markup=["distance", "dispersion", "source"],
    )  # fmt: skip


def _tiles(context: Context) -> Figure | None:
    """The counties on their grid, with figures, bounds and absences of the period that most of them publish."""
    rows = structure.county_shares(context.city, BALANCED)
    grid = load("tiles", context.city).select("place", "row", "col")
    known = rows.filter(pl.col("value").is_not_null())
    if known.height < 2 or grid.is_empty():
        return None
    said, numbers = context.words, context.numbers
    placed = rows.join(grid, on="place", how="inner", maintain_order="left")
    unit = known["unit"][0]
    frame = placed.select("row", "col", "value").with_columns(
        label=pl.Series([context.place_name(code) for code in placed["place"]]),
        text=pl.Series([numbers.row(row, united=False) for row in placed.iter_rows(named=True)]),
    )
    period = context.period(rows["period"][0])
    top = known.sort("value", descending=True).row(0, named=True)
    name = context.indicator_name(BALANCED)
    values = {"indicator": name, "period": period, "first": context.place_name(top["place"]), "known": known.height}
    share = None if top["share"] is None else numbers.text(top["share"], "%")
    title = said(f"structure.balance.title.{'share' if share else 'value'}", share=share,
                 figure=numbers.text(top["value"], unit), **values)  # fmt: skip
    cells = [
        {
            "place": context.place_name(row["place"]),
            "figure": context.figure(row) if row["status"] else stated(context, None),
            "share": Markup("") if row["share"] is None
            else _marked(context, numbers.full(row["share"], "%", decimals=1), "derived"),
            "source": context.cite([row["source_id"]]),
        }
        for row in placed.iter_rows(named=True)
    ]  # fmt: skip
    columns = {"place": said("structure.place"), "figure": name, "share": said("structure.of_city"),
               "source": said("structure.source")}  # fmt: skip
    alt = said("structure.balance.alt", total=placed.height, **values)
    return Figure(
        charts.tiles(frame, description=alt),
        key="balance",
        title=title,
        subtitle=said("structure.balance.subtitle", indicator=name, unit=numbers.unit(unit), period=period),
        alt=alt,
        words=said,
        foot=Markup("{} {}").format(said("structure.balance.foot"), context.cite(_cited(placed))),
        table=html_table(cells, columns, key="balance-counties", caption=alt, right=["figure", "share"],
                         markup=["figure", "share", "source"]),
        csv=placed.drop("row", "col", "decimals").write_csv(),
    )  # fmt: skip


def _cited(rows: pl.DataFrame) -> Iterable[str]:
    return rows["source_id"].drop_nulls().unique(maintain_order=True)


def _marked(context: Context, text: str, status: str) -> Markup:
    return Markup("{}{}").format(text, mark(status, context.words))
