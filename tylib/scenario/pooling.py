"""Growth of few years in few places: partial pooling in closed form, and what the epidemic did to the city's own.

A county's growth less the city's in the same year is ``y = mu + d + e``, ``d ~ N(0, tau^2)`` of the county, ``e ~ N(0,
sigma^2)`` of the year: taking the city's year off is a dummy for every year, those of the epidemic among them. The mean
of ``n`` years keeps the weight ``n / (n + sigma^2 / tau^2)``, the rest goes to the mean of all counties. Both variances
come from the mean squares of a one-way layout of unequal groups (Searle, Casella and McCulloch 1992, ch. 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Collection

GROUPS, FREEDOM = 3, 3
"""Counties, and years beyond the first of each, below which no variance is worked out."""
LEVEL = 0.95


@dataclass(frozen=True)
class Pooled:
    """Partial pooling of growth.

    Attributes:
        counties: ``place, years`` (how many), ``mean`` (of the county's growth less the city's, points), ``weight``
            (null where the variances are not known), ``deviation`` (pooled, points); sorted by place.
        mean: Of all counties, each by its information.
        within, between: Variances over years and over counties, points squared; null where they cannot be told.
        freedom: Years beyond the first of each county.
        weight_low, weight_high: Of one year, 95 per cent by the ratio of mean squares.
    """

    counties: pl.DataFrame
    mean: float | None
    within: float | None
    between: float | None
    freedom: int
    weight_low: float | None
    weight_high: float | None

    @property
    def known(self) -> bool:
        """Whether the variances could be worked out."""
        return self.within is not None


def deviations(growth: pl.DataFrame, *, whole: str, counties: Collection[str]) -> pl.DataFrame:
    """Growth of counties less that of the city in the same year: ``place, year, value``, points."""
    city = growth.filter(pl.col("place") == whole).select("year", _city="value")
    own = growth.filter(pl.col("place").is_in(list(counties))).join(city, on="year", how="inner")
    return own.select("place", "year", value=pl.col("value") - pl.col("_city")).sort("place", "year")


def pool(deviation: pl.DataFrame, /) -> Pooled:
    """Pool what counties grew beyond the city.

    Args:
        deviation: ``place, year, value`` (points), one row a county and year; see :func:`deviations`.

    >>> made = pl.DataFrame({"place": [*"aabbcc"], "year": [1, 2] * 3, "value": [4.0, 6.0, -1.0, 1.0, -6.0, -4.0]})
    >>> found = pool(made)
    >>> found.within, found.between, found.counties["weight"].round(3).to_list()
    (2.0, 24.0, [0.96, 0.96, 0.96])
    """
    by = deviation.group_by("place").agg(years=pl.len(), mean=pl.col("value").mean(), spread=pl.col("value").var())
    by = by.sort("place")
    n, mean = by["years"].to_numpy(), by["mean"].to_numpy()
    total, groups = int(n.sum()), len(n)
    freedom = total - groups
    if groups < GROUPS or freedom < FREEDOM:
        shown = by.select("place", "years", "mean", weight=pl.lit(None, pl.Float64), deviation=pl.lit(None, pl.Float64))
        return Pooled(shown, None, None, None, freedom, None, None)
    within = float(((n - 1) * by["spread"].fill_null(0.0).to_numpy()).sum() / freedom)
    among = float((n * (mean - (n @ mean) / total) ** 2).sum() / (groups - 1))
    size = (total - (n**2).sum() / total) / (groups - 1)
    between = max(0.0, float((among - within) / size))
    weight = n * between / (n * between + within) if between else np.zeros(groups)
    trust = weight if between else n.astype(float)
    centre = float(trust @ mean / trust.sum())
    low, high = _weights(among, within, size, groups - 1, freedom)
    shown = by.select(
        "place", "years", "mean", weight=pl.Series(weight), deviation=pl.Series(centre + weight * (mean - centre))
    )
    return Pooled(shown, centre, within, between, freedom, low, high)


def _weights(among: float, within: float, size: float, groups: int, freedom: int) -> tuple[float, float]:
    """Ends of the weight of one year: the ratio of mean squares is ``(1 + size tau^2 / sigma^2) F``."""
    from scipy.stats import f

    if within == 0:
        return (1.0, 1.0) if among else (0.0, 0.0)
    ends = f.ppf([(1 + LEVEL) / 2, (1 - LEVEL) / 2], groups, freedom)
    ratio = np.maximum(0.0, (among / within / ends - 1) / size)
    low, high = ratio / (1 + ratio)
    return float(low), float(high)


def epidemic(growth: pl.DataFrame, /, *, years: Collection[int]) -> pl.DataFrame:
    """Growth of one place with a dummy for each year of the epidemic.

    Least squares of growth on a constant and the dummies: the constant is the mean of the other years, a dummy is what
    its year differs from it.

    Args:
        growth: ``year, value``.
        years: Of the epidemic.

    Returns:
        ``year`` (null: the constant), ``value`` (per cent, or points for a dummy), ``years`` (it rests on), ``error``
        (standard error; null without a year to spare); the constant first. Empty where every year is the epidemic's.
    """
    known = growth.drop_nulls("value").sort("year")
    struck = pl.col("year").is_in(list(years))
    plain, hit = known.filter(~struck)["value"], known.filter(struck)
    if not len(plain):
        return pl.DataFrame(schema={"year": pl.Int64, "value": pl.Float64, "years": pl.Int64, "error": pl.Float64})
    trend, n = float(plain.mean()), len(plain)
    spread = float(plain.std()) if n > 1 else None
    rows = [(None, trend, n, spread and spread / n**0.5)]
    rows += [(year, value - trend, n + 1, spread and spread * (1 + 1 / n) ** 0.5)
             for year, value in hit.select("year", "value").iter_rows()]  # fmt: skip
    return pl.DataFrame(rows, orient="row", schema={"year": pl.Int64, "value": pl.Float64, "years": pl.Int64,
                                                    "error": pl.Float64})  # fmt: skip
