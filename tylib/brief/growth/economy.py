"""What the three sectors of the economy added to growth, for every period in which one source tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.growth.levels import SECTORS, STEP, WHOLE, actual, published_contributions, three_sectors, weakest
from tylib.brief.sentences import opened
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.indicators.growth import contributions_of_rates
from tylib.store.contracts import Status
from tylib.store.period import parse_period, periods

if TYPE_CHECKING:
    from tylib.brief.context import Context

KEYS = ["place", "period", "scope", "source_id"]


def contributed(facts: pl.DataFrame, /) -> pl.DataFrame:
    """Percentage points that each sector added, by place, period and scope.

    What a source prints itself goes before what follows from its levels and rates.

    Args:
        facts: Rows of :func:`tylib.store.facts`.

    Returns:
        ``place, period, scope, source_id, sector, value`` (points), ``sum`` (of the three), ``whole`` (the published
        growth, per cent; null where none) and ``status``, in order of place and time.
    """
    printed = published_contributions(facts).with_columns(value=pl.col("share") * pl.col("whole") / 100)
    levels = three_sectors(facts).join(printed, on=["place", "period", "scope"], how="anti")
    # One key a table: the formula takes places.
    group = pl.struct(KEYS).alias("place")
    points = contributions_of_rates(levels.select(group, "sector", "value", "growth")).unnest("place")
    derived = levels.drop("value", "growth").join(points.select(*KEYS, "sector", "value"), on=[*KEYS, "sector"])
    both = pl.concat([printed.drop("share"), derived], how="diagonal_relaxed")
    order = pl.col("sector").replace_strict({name: at for at, name in enumerate(SECTORS)})
    return (
        both.with_columns(
            status=pl.max_horizontal("status", pl.lit("derived").cast(Status)),
            sum=pl.col("value").sum().over(KEYS),
            end=periods("period").struct.field("end"),
        )
        .sort("place", "end", "period", "scope", order)
        .select(*KEYS, "sector", "value", "sum", "whole", "status")
    )


def economy(context: Context) -> Part:
    """The three sectors' part in growth: the city's periods drawn, those of counties in the table."""
    said, city = context.words, context.city.place
    codes = [city, *context.counties["place"]]
    found = contributed(context.facts.filter(pl.col("place").is_in(codes)))
    own = found.filter((pl.col("place") == city) & (pl.col("scope") == ""))
    if own.is_empty():
        return Part("economy", said("growth.economy.heading.none"), (said("growth.economy.none"),))
    newest = own.filter(pl.col("period") == own["period"][-1])
    most = newest.sort("value").row(-1, named=True)
    heading = said(
        "growth.economy.heading.some", period=opened(context.period(most["period"])),
        sector=said(f"growth.economy.sector.{most['sector']}"),
        points=_points(context, most["value"]), sum=_points(context, most["sum"]),
    )  # fmt: skip
    last = said("growth.economy.newest", period=context.period(most["period"]))
    blocks = (_figure(context, own, found), said("growth.economy.rule"), *_misfits(context, found), last)
    return Part("economy", heading, blocks)


def _misfits(context: Context, found: pl.DataFrame) -> list[str]:
    """A sentence that names where the sum and the published growth are further apart than rounding explains."""
    said, apart = context.words, (pl.col("sum") - pl.col("whole")).abs()
    rows = found.filter(apart > STEP).unique(KEYS, keep="first", maintain_order=True)
    items = [
        said("growth.economy.misfit_item", place=context.place_name(row["place"]), period=context.period(row["period"]),
             sum=_points(context, row["sum"]), whole=_points(context, row["whole"]))
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    return [said("growth.economy.misfit", items=said("list.semicolon").join(items))] if items else []


def _points(context: Context, value: float) -> str:
    return context.numbers.bare(value, "pp", decimals=1)


def _title(context: Context, own: pl.DataFrame) -> str:
    """Which sector added the most most often."""
    said = context.words
    firsts = own.sort("value").group_by("period").agg(pl.col("sector").last())
    sector, count = firsts.group_by("sector").len().sort("len", "sector", descending=[True, False]).row(0)
    return said(
        "growth.economy.figure", city=context.name, sector=said(f"growth.economy.sector.{sector}"), count=count,
        total=firsts.height,
    )  # fmt: skip


def undivided(facts: pl.DataFrame, found: pl.DataFrame, /) -> pl.DataFrame:
    """Published growth of the periods for which the three sectors are not known: ``period, value, source_id``.

    Args:
        facts: Rows of :func:`tylib.store.facts` of one place.
        found: :func:`contributed` of the same.
    """
    rates = actual(facts).filter((pl.col("indicator") == WHOLE) & (pl.col("scope") == ""))
    return (
        rates.join(found, on="period", how="anti", maintain_order="left")
        .unique("period", keep="first", maintain_order=True)
        .select("period", "value", "source_id")
    )


def _figure(context: Context, own: pl.DataFrame, found: pl.DataFrame) -> Figure:
    said = context.words
    open_ = undivided(context.own(), own)
    bars = [
        {
            "period": row["period"],
            "part": said(f"growth.economy.sector.{row['sector']}"),
            "value": row["value"],
            "text": _points(context, row["value"]),
            "total": row["sum"],
            "total_text": said("growth.points", points=_points(context, row["sum"])),
        }
        for row in own.sort(pl.col("sector") == "primary", maintain_order=True).iter_rows(named=True)
    ]
    bars += [
        {
            "period": period, "part": "", "value": None, "text": "", "total": value,
            "total_text": said("growth.economy.undivided", points=_points(context, value)),
        }
        for period, value in open_.select("period", "value").iter_rows()
    ]  # fmt: skip
    bars.sort(key=lambda bar: parse_period(bar["period"]).end)
    rows = [{"row": context.period(bar["period"]), **bar} for bar in bars]
    items = said("list.semicolon").join(
        said("growth.economy.alt_item", period=row["row"], part=row["part"], points=row["text"] or row["total_text"])
        for row in rows
    )
    alt = said("growth.economy.alt", items=items)
    sources = pl.concat([own["source_id"], open_["source_id"]]).unique(maintain_order=True)
    return Figure(
        charts.contributions(pl.DataFrame(rows), unit=said("growth.unit"), description=alt),
        key="economy",
        title=_title(context, own),
        subtitle=said("growth.economy.subtitle"),
        alt=alt,
        words=said,
        foot=Markup("{} {}{}").format(said("growth.from"), context.cite(sources), mark(weakest(own["status"]), said)),
        table=_table(context, found),
        csv=found.write_csv(),
    )


def _table(context: Context, found: pl.DataFrame) -> Markup:
    """A row a place and period: the points of each sector, their sum beside the published rate."""
    said = context.words
    cells = []
    for _, rows in found.group_by(KEYS, maintain_order=True):
        first: dict[str, Any] = rows.row(0, named=True)
        place = context.place_name(first["place"])
        scope = context.scope_name(first["scope"]) if first["scope"] else ""
        cells.append(
            {
                "period": context.period(first["period"]),
                "place": said("growth.scoped", place=place, scope=scope) if scope else place,
                **{row["sector"]: Markup("{}{}").format(_points(context, row["value"]), mark(row["status"], said))
                   for row in rows.iter_rows(named=True)},
                "sum": _points(context, first["sum"]),
                "whole": "" if first["whole"] is None else _points(context, first["whole"]),
                "source": context.cite([first["source_id"]]),
            }
        )  # fmt: skip
    columns = {"period": said("growth.period"), **{name: said(f"growth.economy.sector.{name}") for name in SECTORS}}
    columns |= {name: said(f"growth.economy.{name}") for name in ("sum", "whole")} | {"source": said("growth.source")}
    return html_table(
        cells, columns, key="economy", caption=said("growth.economy.caption"), right=[*SECTORS, "sum", "whole"],
        markup=[*SECTORS, "source"], groups="place",
    )  # fmt: skip
