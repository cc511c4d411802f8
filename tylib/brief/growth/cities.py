"""The city beside its province and the other cities of it: whose growth is published for the same period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.growth.levels import WHOLE, weakest
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.programme.structure import actuals, fullest
from tylib.store import load
from tylib.store.contracts import Status
from tylib.store.places import place, places

if TYPE_CHECKING:
    from tylib.brief.context import Context

INDUSTRY = "above_scale_industrial_va_growth"
FIRST = (WHOLE, INDUSTRY)
"""Rates that stand first; any other real rate that both publish follows."""


def gaps(facts: pl.DataFrame, /, *, city: str, province: str) -> pl.DataFrame:
    """How much faster the city grew than its province, for every rate and period that both publish.

    Args:
        facts: Rows of :func:`tylib.programme.structure.actuals`.
        city, province: Codes of the two.

    Returns:
        ``indicator, period, city, province, value`` (percentage points, the first less the second),
        ``source_ids, status``; whole years only, by indicator (:data:`FIRST` first) and time.
    """
    rates = facts.filter(
        (pl.col("quantity") == "growth") & pl.col("value").is_not_null()
        & (pl.col("period") == pl.col("end").dt.year().cast(pl.String))
    )  # fmt: skip
    key = ["indicator", "period"]
    both = rates.filter(pl.col("place") == city).join(
        rates.filter(pl.col("place") == province), on=key, how="inner", suffix="_province"
    )
    first = pl.col("indicator").replace_strict({name: at for at, name in enumerate(FIRST)}, default=len(FIRST))
    return both.sort(first, *key).select(
        *key, city="value", province="value_province", value=pl.col("value") - pl.col("value_province"),
        source_ids=pl.concat_list("source_id", "source_id_province").list.unique().list.sort(),
        status=pl.max_horizontal("status", "status_province", pl.lit("derived").cast(Status)),
    )  # fmt: skip


def beside(context: Context, indicator: str) -> pl.DataFrame:
    """The rate of every city of the province in the one period that most of them publish.

    Returns:
        ``place, name, period, value, source_id``, one row a city, null where no rate of it is in the tables; sorted by
        place. ``period`` is the newest of the city's own where no period has two cities.
    """
    city = context.city.place
    own = places(context.city).filter(
        (pl.col("level") == "prefecture") & (pl.col("parent") == place(city, context.city)["parent"])
    )
    rates = actuals(context.city).filter(
        (pl.col("indicator") == indicator) & pl.col("place").is_in(own["place"].implode())
    )
    found = fullest(rates).select("place", "period", "value", "source_id")
    named = own.select("place", name=pl.col(f"name_{context.words.language}").fill_null(pl.col("name_en")))
    period = found["period"].first()
    return (
        named.join(found.drop("period"), on="place", how="left", maintain_order="left")
        .with_columns(period=pl.lit(period, pl.String))
        .sort("place")
    )


def cities(context: Context) -> Part:
    """The gaps to the province drawn; the other cities with what is published of them, and what is not."""
    said, city = context.words, context.city.place
    province = place(city, context.city)["parent"]
    found = gaps(actuals(context.city), city=city, province=province or "")
    others = beside(context, WHOLE)
    known = others.filter(pl.col("value").is_not_null()).height
    if found.is_empty() and known < 2:
        return Part("cities", said("growth.cities.heading.none"), (said("growth.cities.none"),))
    heading = said("growth.cities.heading.others", known=known, total=others.height)
    newest = found.filter(pl.col("indicator") == FIRST[0]).tail(1)
    if newest.height:
        row = newest.row(0, named=True)
        way = "behind" if row["value"] < 0 else "ahead" if row["value"] > 0 else "level"
        heading = said(
            f"growth.cities.heading.{way}", year=row["period"], province=context.place_name(province or ""),
            points=context.numbers.bare(abs(row["value"]), "pp", decimals=1), known=known, total=others.height,
        )  # fmt: skip
    blocks: list[Any] = [_gaps(context, found, province or "")] if found.height else []
    blocks += [_others(context, others)] if others.height > 1 and known else []
    return Part("cities", heading, (*blocks, said("growth.cities.rule", places=_measured(context))))


def _gaps(context: Context, found: pl.DataFrame, province: str) -> Figure:
    said = context.words

    def label(row: dict[str, Any]) -> str:
        return said("growth.cities.row", indicator=context.indicator_name(row["indicator"]), year=row["period"])

    rows = found.to_dicts()
    bars = pl.DataFrame(
        [
            {"label": label(row), "value": row["value"], "status": row["status"],
             "text": context.numbers.bare(row["value"], "pp", signed=True, decimals=1)}
            for row in rows
        ]
    )  # fmt: skip
    items = said("list.semicolon").join(
        said("growth.cities.alt_item", row=row["label"], points=row["text"]) for row in bars.to_dicts()
    )
    names = {"city": context.name, "province": context.place_name(province)}
    alt = said("growth.cities.alt", items=items, **names)
    cells = [
        {
            "indicator": context.indicator_name(row["indicator"]),
            "year": said("number.year", year=row["period"]),
            **{name: context.numbers.bare(row[name], "%", signed=True, decimals=1) for name in ("city", "province")},
            "gap": Markup("{}{}").format(context.numbers.bare(row["value"], "pp", signed=True, decimals=1),
                                         mark(row["status"], said)),
            "source": context.cite(row["source_ids"]),
        }
        for row in rows
    ]  # fmt: skip
    columns = {"indicator": said("growth.indicator"), "year": said("growth.period"), **names}
    columns |= {"gap": said("growth.cities.gap"), "source": said("growth.source")}
    return Figure(
        charts.ranking(bars, unit=said("growth.unit"), description=alt, in_order=True),
        key="gaps",
        title=said("growth.cities.figure", **names),
        subtitle=said("growth.cities.subtitle", **names),
        alt=alt,
        words=said,
        foot=Markup("{} {}{}").format(
            said("growth.from"), context.cite(found["source_ids"].explode().unique(maintain_order=True)),
            mark(weakest(found["status"]), said),
        ),
        table=html_table(cells, columns, key="gaps", caption=said("growth.cities.caption", **names),
                         right=["city", "province", "gap"], markup=["gap", "source"]),
        csv=found.drop("source_ids").write_csv(),
    )  # fmt: skip


def _others(context: Context, others: pl.DataFrame) -> Figure:
    """Every city of the province: its rate, or that none is in the tables."""
    said, city = context.words, context.city.place
    bars = pl.DataFrame(
        [
            {"label": row["name"], "value": row["value"], "own": row["place"] == city,
             "text": said("growth.cities.absent") if row["value"] is None
             else context.numbers.text(row["value"], "%", signed=True)}
            for row in others.iter_rows(named=True)
        ],
        schema_overrides={"value": pl.Float64},
    )  # fmt: skip
    known = others.filter(pl.col("value").is_not_null())
    case = "all" if known.height == others.height else "some"
    items = said("list.semicolon").join(
        said("growth.cities.other", city=row["label"], rate=row["text"]) for row in bars.to_dicts()
    )
    alt = said("growth.cities.others_alt", items=items)
    period = context.period(others["period"][0])
    return Figure(
        charts.ranking(bars, unit=context.numbers.unit("%"), description=alt),
        key="cities",
        title=said(f"growth.cities.others_figure.{case}", known=known.height, total=others.height, period=period),
        subtitle=said("growth.cities.others_subtitle", period=period),
        alt=alt,
        words=said,
        foot=Markup("{} {}").format(said("growth.from"), context.cite(known["source_id"].unique(maintain_order=True))),
        table=html_table(
            [{"city": row["label"], "rate": row["text"]} for row in bars.to_dicts()],
            {"city": said("growth.place"), "rate": context.indicator_name(WHOLE)}, key="cities",
            caption=said("growth.cities.others_caption"), right=["rate"],
        ),
        csv=others.write_csv(),
    )  # fmt: skip


def _measured(context: Context) -> str:
    """What the tables hold of every city of the province for one year: the only ground on which all can be compared."""
    own = places(context.city).filter(
        (pl.col("level") == "prefecture") & (pl.col("parent") == place(context.city.place, context.city)["parent"])
    )
    found = actuals(context.city).filter(pl.col("place").is_in(own["place"].implode()) & pl.col("value").is_not_null())
    complete = (
        found.group_by("indicator", "period").agg(pl.col("place").n_unique()).filter(pl.col("place") == own.height)
    )
    order = load("indicators", context.city).select("indicator").with_row_index("_at")
    listed = (
        complete.join(order, on="indicator", how="left").sort("_at", "period") if own.height > 1 else complete.clear()
    )
    items = [
        context.words("growth.cities.row", indicator=context.indicator_name(name), year=period)
        for name, period in listed.select("indicator", "period").iter_rows()
    ]
    return context.words("list.semicolon").join(items) or context.words("growth.cities.nothing")
