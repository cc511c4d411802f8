"""Growth that was published, as the model can be held against it: whole years, one scope, nothing chained to levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tylib.store import facts, open_city
from tylib.store.facts import preferred
from tylib.store.places import counties

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tylib.store import City

REASONS = ("not_published", "part_year", "expected", "scope", "no_value")
WHOLE_YEAR = r"^\d{4}$"


def growth(city: City | None = None, *, indicators: Sequence[str]) -> pl.DataFrame:
    """Every row of growth of the city, its counties and its peers, with whether it can be used and why not.

    Rates of growth are as published, each on the scope of its own year; none is reckoned from two levels, which differ
    in scope, prices and vintage.

    Args:
        city: Defaults to :func:`tylib.store.open_city`.
        indicators: Of growth, per cent a year.

    Returns:
        ``indicator, place, kind`` (``city, county, other``), ``period, year, value, scope, reason`` (null: used; else
        one of :data:`REASONS`: ``scope`` flags another territory than the whole), ``fact_id, source_id``; sorted by
        indicator, place, period. A figure that stands twice counts once, as briefs choose it.

    >>> sorted(growth(indicators=["gdp_growth_real"])["kind"].unique())
    ['city', 'county', 'other']
    """

    city = city or open_city()
    own = counties(city)["place"].to_list()
    whole = pl.col("sector").fill_null("") == ""
    found = facts(city).filter(pl.col("indicator").is_in(list(indicators)) & pl.col("period").is_not_null() & whole)
    here = pl.col("place")
    kind = pl.when(here == city.place).then(pl.lit("city")).when(here.is_in(own)).then(pl.lit("county"))
    reason = (
        pl.when(pl.col("absent").is_not_null()).then(pl.lit("not_published"))
        .when(~pl.col("period").str.contains(WHOLE_YEAR)).then(pl.lit("part_year"))
        .when(pl.col("kind") != "actual").then(pl.lit("expected"))
        .when(pl.col("scope").fill_null("") != "").then(pl.lit("scope"))
        .when(pl.col("value").is_null()).then(pl.lit("no_value"))
    )  # fmt: skip
    return preferred(found).select(
        "indicator", "place", kind.otherwise(pl.lit("other")).alias("kind"), "period",
        pl.col("period").str.extract(r"^(\d{4})").cast(pl.Int64).alias("year"), "value", "scope",
        reason.alias("reason"), "fact_id", "source_id",
    ).sort("indicator", "place", "period", "fact_id")  # fmt: skip


def used(found: pl.DataFrame, indicator: str, /) -> pl.DataFrame:
    """What can be used of one indicator: ``place, kind, year, value``, sorted by place and year."""
    kept = found.filter(pl.col("reason").is_null() & (pl.col("indicator") == indicator))
    return kept.select("place", "kind", "year", "value").sort("place", "year")
