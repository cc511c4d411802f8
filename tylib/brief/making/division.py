"""How the counties divide the work: who does more of what than the nation, who is specialised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from markupsafe import Markup

from tylib import bounds
from tylib.brief import charts
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.making import amounts
from tylib.brief.making.amounts import sectors_of
from tylib.brief.tables import html_table
from tylib.indicators.concentration import theil, theil_parts
from tylib.indicators.specialisation import herfindahl, krugman

if TYPE_CHECKING:
    from tylib.brief.context import Context

SIGN = {
    ("implied", True): (">1", 5),
    ("draws", True): (">1", 3),
    ("draws", False): ("≤1", 1),
    ("implied", False): ("<1", 2),
}
SLOT = 56


def quotients(context: Context) -> Part:
    """Every county by every sector of the national table: is its location quotient above one?"""
    if amounts.contradicted(context):
        return Part()
    found = bounds.findings(context.city).filter(pl.col("quantity") == "location_quotient")
    if found.is_empty():
        return Part()
    said = context.words
    count = {key: found.filter((pl.col("verdict") == key[0]) & (pl.col("holds") == key[1])).height for key in SIGN}
    heading = said(
        "making.quotients.heading", implied=count["implied", True], drawn=count["draws", True], all=found.height
    )
    open_ = found.filter(pl.col("verdict") == "undecided").height
    told = said(
        "making.quotients.told", below=count["draws", False] + count["implied", False], open=open_, all=found.height
    )
    return Part("quotients", heading, (told, _grid(context, found), _quotient_table(context, found)))


def _grid(context: Context, found: pl.DataFrame) -> Figure:
    said = context.words
    codes = {code: number for number, code in enumerate(sorted(found["sector_code"].unique()), 1)}
    rows = []
    for row in found.sort("unit_code", "sector_code").iter_rows(named=True):
        text, level = SIGN.get((row["verdict"], row["holds"]), ("", 0))
        number = str(codes[row["sector_code"]])
        rows.append({"row": context.place_name(row["unit_code"]), "column": number, "title": number, "text": text,
                     "level": level, "hatched": row["verdict"] == "undecided"})  # fmt: skip
    alt = said("making.quotients.alt", counties=len({row["row"] for row in rows}), sectors=len(codes))
    key = said("list.semicolon").join(f"{number} {sectors_of(context, code)}" for code, number in codes.items())
    return Figure(
        charts.cells(pl.DataFrame(rows), description=alt, slot=SLOT),
        key="quotients", title=said("making.quotients.figure"), subtitle=said("making.quotients.subtitle"), alt=alt,
        words=said, foot=Markup("{}<br>{}").format(said("making.quotients.foot"), key),
        csv=found.drop("binding_low", "binding_high").write_csv(), wide=True,
    )  # fmt: skip


def _quotient_table(context: Context, found: pl.DataFrame) -> Markup:
    """What is settled, strongest first: the interval, the likely range, on what it rests."""
    said, numbers, cells = context.words, context.numbers, []
    order = {"implied": 0, "draws": 1}
    settled = found.filter(pl.col("verdict") != "undecided").to_dicts()
    settled.sort(key=lambda row: (order[row["verdict"]], not row["holds"], row["unit_code"], row["sector_code"]))
    for row in settled:
        low, high = (numbers.rounded(row[end], "") for end in ("likely_low", "likely_high"))
        ground = said("making.city.proved") if row["verdict"] == "implied" else _against(context, row)
        cells.append({
            "county": context.place_name(row["unit_code"]),
            "sector": sectors_of(context, row["sector_code"]),
            "verdict": said(f"making.quotients.{'above' if row['holds'] else 'below'}"),
            "ground": ground,
            "likely": said("number.interval", low=low, high=high),
        })  # fmt: skip
    if not cells:
        return Markup("")
    columns = {name: said(f"making.quotients.columns.{name}") for name in cells[0]}
    caption = said("making.quotients.columns.caption")
    table = html_table(cells, columns, key="quotients", caption=caption, right=["likely"])
    return Markup('<details class="data-table"><summary>{}</summary>{}</details>').format(caption, table)


def _against(context: Context, row: dict[str, Any]) -> str:
    """Share of draws for the statement that is made: of not being above one, where that is what is said."""
    if row["holds"]:
        return amounts.shares(context, row)
    return amounts.shares(context, {name: 1 - row[name] for name in ("uniform", "tilted")})


def labour(context: Context) -> Part:
    """Specialisation of each county and unevenness between them, over all draws of both weightings."""
    if amounts.contradicted(context):
        return Part()
    drawn = [bounds.draws(context.city, weighting=name) for name in bounds.WEIGHTINGS]
    if any(part is None for part in drawn):
        return Part()
    said = context.words
    labels = pl.DataFrame({"unit_code": list(drawn[0].places)})
    indices = {"krugman": krugman, "herfindahl": herfindahl}
    ranges = {name: _range(labels, [index(part.output) for part in drawn], drawn) for name, index in indices.items()}
    most = [krugman(part.output).argmax(axis=1) for part in drawn]
    shares = np.array([np.bincount(first, minlength=labels.height) / len(first) for first in most])
    best = int(shares.min(axis=0).argmax())
    first = {"uniform": shares[0, best], "tilted": shares[1, best]}
    finding = shares[:, best].min() >= _finding(context)
    name = context.place_name(labels["unit_code"][best])
    heading = said(
        f"making.labour.heading.{'settled' if finding else 'open'}", county=name, share=amounts.shares(context, first)
    )
    body = [_specialised(context, ranges["krugman"]), _indices(context, ranges, drawn)]
    body.append(Markup('<p class="note">{}</p>').format(said("making.labour.note")))
    return Part("labour-draws", heading, tuple(body))


def _finding(context: Context) -> float:
    from tylib.store.params import bounds_suppositions

    return bounds_suppositions(context.city).finding.value


def _range(labels: pl.DataFrame, values: list[np.ndarray], drawn: list[bounds.Draws]) -> pl.DataFrame:
    """Middle eight tenths of draws, the wider of the weightings at each end."""
    parts = [bounds.summarise(v, labels, weighting=d.weighting) for v, d in zip(values, drawn, strict=True)]
    return labels.with_columns(
        low=pl.Series(np.fmin(*(part["low"].to_numpy() for part in parts))),
        high=pl.Series(np.fmax(*(part["high"].to_numpy() for part in parts))),
    )


def _specialised(context: Context, ranges: pl.DataFrame) -> Figure:
    said = context.words
    rows = ranges.sort("high", descending=True).with_columns(
        label=pl.Series([context.place_name(code) for code in ranges.sort("high", descending=True)["unit_code"]])
    )
    rows = rows.with_columns(text=pl.Series([_interval(context, row) for row in rows.iter_rows(named=True)]))
    alt = said("making.labour.alt", count=rows.height)
    return Figure(
        charts.interval(rows.select("label", "low", "high", "text"), unit=said("making.labour.unit"), description=alt),
        key="krugman", title=said("making.labour.figure"), subtitle=said("making.labour.subtitle"), alt=alt, words=said,
        foot=said("making.labour.foot"), csv=ranges.write_csv(),
    )  # fmt: skip


def _interval(context: Context, row: dict[str, Any]) -> str:
    low, high = (context.numbers.rounded(row[end], "", decimals=2) for end in ("low", "high"))
    return context.words("number.interval", low=low, high=high)


def _indices(context: Context, ranges: dict[str, pl.DataFrame], drawn: list[bounds.Draws]) -> Markup:
    """Both indices of each county; Theil's index of output over counties, between districts and counties and within."""
    said, cells = context.words, []
    for place, spread, own in zip(
        ranges["krugman"]["unit_code"],
        ranges["krugman"].iter_rows(named=True),
        ranges["herfindahl"].iter_rows(named=True),
        strict=True,
    ):
        cells.append({"county": context.place_name(place), "krugman": _interval(context, spread),
                      "herfindahl": _interval(context, own)})  # fmt: skip
    columns = {name: said(f"making.labour.columns.{name}") for name in cells[0]}
    caption = said("making.labour.columns.caption")
    table = html_table(cells, columns, key="labour", caption=caption, right=["krugman", "herfindahl"])
    kinds = dict(context.counties.select("place", "type").iter_rows())
    groups = np.array([kinds[place] for place in drawn[0].places])
    whole = [theil(part.output.sum(axis=2)) for part in drawn]
    between = [theil_parts(part.output.sum(axis=2), groups)[1] for part in drawn]
    one = pl.DataFrame({"unit_code": [context.city.place]})
    spoken = {
        name: _interval(context, _range(one, [v[:, None] for v in values], drawn).row(0, named=True))
        for name, values in (("total", whole), ("between", between))
    }
    return Markup('<details class="data-table"><summary>{}</summary>{}</details><p>{}</p>').format(
        caption, table, said("making.labour.theil", **spoken)
    )
