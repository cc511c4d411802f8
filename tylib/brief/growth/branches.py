"""Which branches of manufacturing pulled, and which counties their mix favours: published rates, weights of draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.making import amounts
from tylib.brief.sentences import opened
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.programme import branches as weighed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context


ENDS = ("low", "high")


def branches(context: Context) -> Part:
    """Points of each branch with a published rate and of all others; the mix of each county. Over draws, said so."""
    said = context.words
    found, rates = weighed.pulls(context.city), weighed.branch_rates(context.city)
    if found.is_empty():
        return Part("branches", said("growth.branches.heading.none"), (said("growth.branches.none"),))
    others = found.row(-1, named=True)
    whole = _rates(context, rates.row(0, named=True))
    heading = said(
        f"growth.branches.heading.{_side(others)}", period=opened(context.period(rates["period"][0])), whole=whole,
        rest=_size(context, others), count=found.height - 1,
    )  # fmt: skip
    blocks = [_pulls(context, found, rates), *_largest(context), _mixes(context, rates), said("growth.branches.rule")]
    return Part("branches", heading, tuple(blocks))


def _side(row: Mapping[str, Any]) -> str:
    return {True: "up", False: "down", None: "unknown"}[row["holds"]]


def _points(context: Context, row: Mapping[str, Any]) -> str:
    """Both ends with their signs."""
    return _between(context, *(context.numbers.bare(row[end], "pp", signed=True, decimals=1) for end in ENDS))


def _size(context: Context, row: Mapping[str, Any]) -> str:
    """Both ends without a sign, the smaller first."""
    sizes = sorted(abs(row[end]) for end in ENDS)
    return _between(context, *(context.numbers.bare(size, "pp", decimals=1) for size in sizes))


def _rates(context: Context, row: Mapping[str, Any]) -> str:
    """A published rate; both where a sector lies between two."""
    return _between(context, *(context.numbers.text(row[end], "%", decimals=1) for end in ("least", "most")))


def _between(context: Context, low: str, high: str) -> str:
    """Both ends, or the one figure that they come to as printed."""
    return low if low == high else context.words("growth.between", low=low, high=high)


def _label(context: Context, sector: str) -> str:
    return context.sector_name(sector) if sector else context.words("growth.branches.others")


def _pulls(context: Context, found: pl.DataFrame, rates: pl.DataFrame) -> Figure:
    said = context.words
    rate = {row["sector"]: _rates(context, row) for row in rates.iter_rows(named=True) if row["sector"]}
    rows = [
        {"label": _label(context, row["sector"]), "low": row["low"], "high": row["high"],
         "text": _points(context, row), "own": not row["sector"]}
        for row in found.iter_rows(named=True)
    ]  # fmt: skip
    alt = said("growth.branches.alt", items=_items(context, rows))
    status = found["status"][0]
    cells = [
        {"sector": row["label"], "growth": rate.get(code, said("growth.branches.unpublished")),
         "points": Markup("{}{}").format(row["text"], mark(status, said))}
        for row, code in zip(rows, found["sector"], strict=True)
    ]  # fmt: skip
    columns = {name: said(f"growth.{word}") for name, word in
               {"sector": "sector", "growth": "branches.growth", "points": "unit"}.items()}  # fmt: skip
    return Figure(
        charts.interval(pl.DataFrame(rows), unit=said("growth.unit"), description=alt),
        key="branches",
        title=said("growth.branches.figure", period=opened(context.period(rates["period"][0]))),
        subtitle=said("growth.branches.subtitle", year=rates["end"][0].year - 1),
        alt=alt,
        words=said,
        foot=Markup("{}<br>{}").format(said("growth.branches.foot"), _foot(context, rates, status)),
        table=html_table(cells, columns, key="branches", caption=said("growth.branches.caption"),
                         right=["growth", "points"], markup=["points"]),
        csv=found.write_csv(),
    )  # fmt: skip


def _items(context: Context, rows: list[dict[str, Any]]) -> str:
    said = context.words
    return said("list.semicolon").join(
        said("growth.branches.alt_item", name=row["label"], points=row["text"]) for row in rows
    )


def _foot(context: Context, rates: pl.DataFrame, status: str) -> Markup:
    said = context.words
    sources = rates["source_ids"].explode().unique(maintain_order=True)
    return Markup("{} {}{}").format(said("growth.from"), context.cite(sources), mark(status, said))


def _largest(context: Context) -> list[str]:
    found = weighed.largest_other(context.city)
    if found is None:
        return []
    sector, uniform, tilted = found
    share = amounts.shares(context, {"uniform": uniform, "tilted": tilted})
    return [context.words("growth.branches.largest", sector=context.sector_name(sector), share=share)]


def _mixes(context: Context, rates: pl.DataFrame) -> Figure:
    said = context.words
    found = weighed.mixes(context.city).sort(pl.col("low") + pl.col("high"), descending=True)
    rows = [
        {"label": context.place_name(row["place"]), "low": row["low"], "high": row["high"],
         "text": _points(context, row)}
        for row in found.iter_rows(named=True)
    ]  # fmt: skip
    alt = said("growth.branches.mix.alt", items=_items(context, rows))
    status = found["status"][0]
    sides = {
        side: said("list.comma").join(
            context.place_name(row["place"]) for row in found.iter_rows(named=True) if _side(row) == side
        ) or said("growth.branches.mix.no_one")
        for side in ("up", "down")
    }  # fmt: skip
    cells = [
        {"place": row["label"], "points": Markup("{}{}").format(row["text"], mark(status, said)),
         "holds": said(f"growth.branches.mix.{_side(judged)}")}
        for row, judged in zip(rows, found.iter_rows(named=True), strict=True)
    ]  # fmt: skip
    columns = {"place": said("growth.place"), "points": said("growth.unit")}
    columns |= {"holds": said("growth.branches.mix.column")}
    return Figure(
        charts.interval(pl.DataFrame(rows), unit=said("growth.unit"), description=alt),
        key="branches-mix",
        title=said("growth.branches.mix.figure", **sides),
        subtitle=said("growth.branches.mix.subtitle", period=opened(context.period(rates["period"][0]))),
        alt=alt,
        words=said,
        foot=_foot(context, rates, status),
        table=html_table(cells, columns, key="branches-mix", caption=said("growth.branches.mix.caption"),
                         right=["points"], markup=["points"]),
        csv=found.write_csv(),
    )  # fmt: skip
