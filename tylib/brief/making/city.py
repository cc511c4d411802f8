"""What the city makes and where: every county by every sector, as far as published figures tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib import bounds
from tylib.brief import charts
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.making import amounts, layers
from tylib.brief.making.amounts import SHOWN, marked, sectors_of
from tylib.brief.tables import html_table

if TYPE_CHECKING:
    from tylib.brief.context import Context

SIGNS = {"floor": "≥", "ceiling": "≤", "interval": "–"}
CLASSES = (0.003, 0.01, 0.03, 0.1)  # shares of the city's manufacturing from which a cell is a shade darker
COLUMNS = ("unit_code", "sector_code", "low", "high", "fit", "status")  # of its CSV
SLOT = 52  # pixels of a column on a wide screen


def makes(context: Context) -> Part:
    """The matrix of counties and sectors, the city's totals, who comes first; how many cells each layer settles."""
    if problem := amounts.contradicted(context):
        return Part("makes", context.words("making.contradicted.heading"), (problem,))
    cells = matrix(context)
    if cells.is_empty():
        return Part()
    said = context.words
    caption = said("making.city.sectors", unit=context.numbers.unit(cells["unit"][0]))
    body: list[Any] = [
        amounts.left_out(context),
        _total(context),
        _layers(context),
        figure(context, cells),
        _first(context),
        layers.by_sector(context, key="city-sectors", caption=caption),
    ]
    held = amounts.binding(cells.filter(pl.col("fit").is_not_null()).to_dicts())
    note = said("making.note_settled" if settled(context, cells) == cells.height else "making.note")
    body += [amounts.rows_in_words(context, held), Markup('<p class="note">{}</p>').format(note)]
    return Part("makes", _heading(context, cells), tuple(block for block in body if block))


def matrix(context: Context, *, layer: int = SHOWN) -> pl.DataFrame:
    """Output of every county and sector: rows of :func:`tylib.bounds.bounds` in the order of county and sector."""
    frame = bounds.findings(context.city) if layer == SHOWN else bounds.bounds(context.city, layer=layer)
    places = context.counties["place"]
    own = (pl.col("quantity") == "output") & (pl.col("sector_code") != "") & pl.col("unit_code").is_in(places.implode())
    return frame.filter(own)


def counts(context: Context) -> dict[int, dict[str, int]]:
    """How many cells each layer has to print, by kind (``interval, floor, ceiling``)."""
    found = {}
    for layer in amounts.holding(context):
        kinds = dict(matrix(context, layer=layer)["fit"].drop_nulls().value_counts().iter_rows())
        found[layer] = {kind: kinds.get(kind, 0) for kind in SIGNS}
    return found


def _heading(context: Context, cells: pl.DataFrame) -> str:
    kinds, known = counts(context)[SHOWN], settled(context, cells)
    case = "all" if known == cells.height else "some" if known else "none"
    return context.words(
        f"making.city.heading.{case}",
        exact=known,
        floors=kinds["floor"] + kinds["interval"] - known,
        ceilings=kinds["ceiling"],
        all=cells.height,
        layer=context.words(f"making.layer.{SHOWN}"),
    )


def settled(context: Context, cells: pl.DataFrame) -> int:
    """How many cells an imported table has settled to the digits that it prints."""
    return sum(amounts.exact(context, row) for row in cells.iter_rows(named=True))


def _layers(context: Context) -> Markup:
    """The same count in each layer, so that nobody takes a judgement for a publication."""
    said = context.words
    items = [
        said("making.city.layer", layer=said(f"making.layer.{layer}"), count=sum(kinds.values()), **kinds)
        for layer, kinds in counts(context).items()
    ]
    return Markup("<p>{}{}</p>").format(said("list.semicolon").join(items), said("list.full_stop"))


def _total(context: Context) -> Markup | None:
    """Manufacturing of the city: what the rows imply, and what draws say."""
    said = context.words
    own = amounts.found(context, context.city.place).filter(
        (pl.col("quantity") == "output") & (pl.col("sector_code") == "") & pl.col("fit").is_not_null()
    )
    if own.is_empty():
        return None
    row = own.row(0, named=True)
    text = said.html("making.city.total", figure=marked(context, row), layer=said(f"making.layer.{row['layer']}"))
    return Markup("<p>{}</p>").format(text)


def figure(context: Context, cells: pl.DataFrame) -> Figure:
    """The grid: a figure where one is fit to print, hatched where the interval is too wide."""
    said, numbers = context.words, context.numbers
    city = amounts.found(context, context.city.place).filter(
        (pl.col("quantity") == "output") & (pl.col("sector_code") == "")
    )
    most = city["high"].item() or float("inf")
    codes = cells["sector_code"].unique(maintain_order=True).to_list()
    order = {code: number for number, code in enumerate(sorted(codes), 1)}
    rows = []
    for row in cells.sort("unit_code", "sector_code").iter_rows(named=True):
        text, short = _cell(context, row)
        rows.append(
            {
                "row": context.place_name(row["unit_code"]),
                "column": str(order[row["sector_code"]]),
                "title": str(order[row["sector_code"]]),
                "text": text,
                "short": short,
                "level": _level(row, most),
                "hatched": row["fit"] is None,
            }
        )
    unit = numbers.unit(cells["unit"][0])
    key = said("list.semicolon").join(f"{number} {sectors_of(context, code)}" for code, number in order.items())
    alt = said("making.city.alt", counties=context.counties.height, sectors=len(codes))
    return Figure(
        charts.cells(pl.DataFrame(rows), description=alt, slot=SLOT),
        key="matrix-makes",
        title=said("making.city.figure", fit=cells["fit"].count(), wide=cells["fit"].null_count()),
        subtitle=said("making.city.subtitle", unit=unit, layer=said(f"making.layer.{SHOWN}")),
        alt=alt,
        words=said,
        foot=Markup("{}<br>{}").format(said("making.city.foot"), key),
        table=_table(context, cells),
        csv=cells.select(COLUMNS).with_columns(pl.col(pl.Float64).round(2)).write_csv(),
        wide=True,
    )


def _cell(context: Context, row: dict[str, Any]) -> tuple[str, str]:
    """What stands in a cell where there is room, and the sign on a telephone."""
    if row["fit"] is None:
        return "", ""
    factor = context.numbers.factor(row["unit"])
    if amounts.exact(context, row):
        return context.numbers.rounded((row["low"] + row["high"]) / 2, row["unit"]), "●"
    low, high = (amounts.outward((row[end] or 0.0) * factor, up=end == "high") for end in ("low", "high"))
    told = {"floor": f"≥{low:,g}", "ceiling": f"≤{high:,g}", "interval": f"{low:,g}–\n{high:,g}"}
    return told[row["fit"]], SIGNS[row["fit"]]


def _level(row: dict[str, Any], most: float) -> int:
    """How dark a cell is: by what is proved to be there, as a share of the most that the city can make."""
    if row["fit"] is None:
        return 0
    if row["fit"] == "ceiling":
        return 1
    share = row["low"] / most
    return 1 + sum(share >= bound for bound in CLASSES)


def _table(context: Context, cells: pl.DataFrame) -> Markup:
    """Every cell that is fit to print, county by county."""
    said, lines = context.words, []
    for (place,), rows in cells.group_by("unit_code", maintain_order=True):
        fit = rows.filter(pl.col("fit").is_not_null())
        items = [
            Markup("{} {}").format(sectors_of(context, row["sector_code"]), marked(context, row, united=False))
            for row in fit.sort("fit", "low", descending=True).iter_rows(named=True)
        ]
        left = rows.height - fit.height
        text = Markup(said("list.semicolon")).join(items) if items else Markup("")
        lines.append({"county": context.place_name(place), "fit": text, "wide": str(left)})
    columns = {name: said(f"making.city.columns.{name}") for name in lines[0]}
    return html_table(lines, columns, key="matrix-makes", caption=said("making.city.columns.caption"),
                      right=["wide"], markup=["fit"])  # fmt: skip


def _first(context: Context) -> Markup | None:
    """The county and the sector that come first, and the counties whose largest sector is settled."""
    said, items = context.words, []
    found = bounds.leaders(context.city)
    for row in found.filter(pl.col("verdict") != "undecided").iter_rows(named=True):
        of_city = row["unit_code"] == context.city.place
        name = context.place_name(row["code"]) if row["kind"] == "county" else sectors_of(context, row["code"])
        kind = f"city_{row['kind']}" if of_city else "county"
        share = said("making.city.proved") if row["verdict"] == "implied" else amounts.shares(context, row)
        county = "" if of_city else context.place_name(row["unit_code"])
        items.append(said(f"making.city.first.{kind}", name=name, share=share, county=county))
    if not items:
        return None
    open_ = found.filter(pl.col("verdict") == "undecided").height
    listed = Markup("").join(Markup("<li>{}</li>").format(item) for item in items)
    after = said.number_of("making.city.first.open", open_) if open_ else ""
    return Markup("<p>{}</p><ul>{}</ul><p>{}</p>").format(said("making.city.first.intro"), listed, after)
