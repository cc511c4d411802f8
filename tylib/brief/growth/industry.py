"""What the groups that industry is divided into added to its growth: from a share, two rates, and their rounding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.growth.levels import STEP, weakest
from tylib.brief.sentences import opened
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.indicators.growth import contribution_of_share
from tylib.programme.structure import industry_figures
from tylib.store.contracts import Status

if TYPE_CHECKING:
    from tylib.brief.context import Context
    from tylib.store import City


def groups(city: City, /) -> pl.DataFrame:
    """Percentage points that each group added to the growth of all above-scale industry.

    Only where share, rate and the rate of the whole are published for the same period; undated ones are left out.
    Groups overlap: each divides the same whole into itself and all else, and none is added to another.

    Returns:
        ``industry_id, name_zh, name_en, period, end, share, growth, whole, value, low, high`` (points, and the range
        that rounding leaves), ``rest, rest_low, rest_high`` (of all else), ``source_ids`` and ``status``; in
        the order of time and of the table.
    """
    found = industry_figures(city).filter(pl.col("value").is_not_null() & pl.col("end").is_not_null())
    of = {name: found.filter(pl.col("quantity") == name) for name in ("share", "growth")}
    comparison = of["growth"].filter(pl.col("whole") & (pl.col("group") == "comparison"))
    key = ["industry_id", "period"]
    pairs = (
        of["share"].select(*key, "order", "name_zh", "name_en", "end", share="value", _share="source_id", _a="status")
        .join(of["growth"].select(*key, growth="value", _growth="source_id", _b="status"), on=key, how="inner")
        .join(comparison.select("period", whole="value", _whole="source_id", _c="status"), on="period", how="inner")
        .sort("end", "order")
    )  # fmt: skip
    points = contribution_of_share(pairs, step=STEP)
    half = STEP / 2
    return points.select(
        *key, "name_zh", "name_en", "end", "share", "growth", "whole", "value", "low", "high",
        rest=pl.col("whole") - pl.col("value"), rest_low=pl.col("whole") - half - pl.col("high"),
        rest_high=pl.col("whole") + half - pl.col("low"),
        source_ids=pl.concat_list("_share", "_growth", "_whole").list.unique().list.sort(),
        status=pl.max_horizontal("_a", "_b", "_c", pl.lit("derived").cast(Status)),
    )  # fmt: skip


def industry(context: Context) -> Part:
    """Each group beside all else, for every period that has them; the newest in the heading."""
    said, found = context.words, groups(context.city)
    if found.is_empty():
        return Part("industry", said("growth.industry.heading.none"), (said("growth.industry.none"),))
    newest = found.filter(pl.col("end") == pl.col("end").max())
    row = newest.sort(pl.col("value") - pl.col("rest")).row(-1, named=True)
    # Which way all else went must hold at both ends of what rounding leaves.
    side = "down" if row["rest_high"] < 0 else "up" if row["rest_low"] > 0 else "unknown"
    heading = said(
        f"growth.industry.heading.{side}", period=opened(context.period(row["period"])),
        group=_inside(said.pick(row, "name")), points=_points(context, row["value"]),
        whole=context.numbers.text(row["whole"], "%"),
        rest=_points(context, abs(row["rest"])),
    )  # fmt: skip
    return Part("industry", heading, (_figure(context, found), said("growth.industry.rule")))


def _inside(name: str) -> str:
    """A name inside a sentence: it begins small, but for an abbreviation."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def _points(context: Context, value: float) -> str:
    return context.numbers.bare(value, "pp", decimals=1)


def _figure(context: Context, found: pl.DataFrame) -> Figure:
    said = context.words
    rows: list[dict[str, Any]] = []
    for row in found.reverse().iter_rows(named=True):
        label = said("growth.industry.row", period=context.period(row["period"]), group=said.pick(row, "name"))
        total = {"total": row["whole"], "total_text": said("growth.points", points=_points(context, row["whole"]))}
        for part in ("group", "rest"):
            value = row["value" if part == "group" else "rest"]
            named = {"part": said(f"growth.industry.{part}"), "value": value, "text": _points(context, value)}
            rows.append({"row": label, **named, **total})
    items = said("list.semicolon").join(
        said("growth.industry.alt_item", row=row["row"], part=row["part"], points=row["text"]) for row in rows
    )
    alt = said("growth.industry.alt", items=items)
    sources = found["source_ids"].explode().unique(maintain_order=True)
    return Figure(
        charts.contributions(pl.DataFrame(rows), unit=said("growth.unit"), description=alt),
        key="industry",
        title=said("growth.industry.figure"),
        subtitle=said("growth.industry.subtitle"),
        alt=alt,
        words=said,
        foot=Markup("{} {}{}").format(said("growth.from"), context.cite(sources), mark(weakest(found["status"]), said)),
        table=_table(context, found),
        csv=found.drop("source_ids").write_csv(),
    )


def _table(context: Context, found: pl.DataFrame) -> Markup:
    said = context.words

    def between(low: float, high: float) -> str:
        first, last = (context.numbers.bare(end, "pp", decimals=2) for end in (low, high))
        return said("growth.between", low=first, high=last)

    cells = [
        {
            "period": context.period(row["period"]),
            "group": said.pick(row, "name"),
            **{name: context.numbers.bare(row[name], "%", decimals=1) for name in ("share", "growth", "whole")},
            "points": Markup("{}{}").format(between(row["low"], row["high"]), mark(row["status"], said)),
            "rest": Markup("{}{}").format(between(row["rest_low"], row["rest_high"]), mark(row["status"], said)),
            "source": context.cite(row["source_ids"]),
        }
        for row in found.reverse().iter_rows(named=True)
    ]
    columns = {"group": said("growth.industry.name")}
    columns |= {name: said(f"growth.industry.{name}") for name in ("share", "growth", "whole", "points")}
    columns |= {"rest": said("growth.industry.rest"), "source": said("growth.source")}
    return html_table(
        cells, columns, key="industry", caption=said("growth.industry.caption"), groups="period",
        right=["share", "growth", "whole", "points", "rest"], markup=["points", "rest", "source"],
    )  # fmt: skip
