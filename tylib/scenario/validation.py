"""The model's growth held against growth that was published: backtest, coverage, signs, and what the data cannot carry.

Two forecasts of a year's growth stand against three naive ones. ``prior`` is the model as it is: the same range of
growth for every place, set by somebody who had seen these years, so that its test is not out of sample. ``pooled`` is
what the years up to the origin say: the city's mean of ordinary years and the county's pooled deviation from it
(:mod:`tylib.scenario.pooling`). ``last`` is the last growth known, ``mean`` that of the last years, ``city`` the
city's last growth for every county. Effects of levers cannot be tested: no year is known without the policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tylib.scenario.past import growth, used
from tylib.scenario.pooling import Pooled, deviations, epidemic, pool
from tylib.scenario.priors import triangular
from tylib.scenario.running import sampled
from tylib.scenario.targets import LEAST_YEARS, matched
from tylib.store import open_city
from tylib.store.places import counties
from tylib.store.scenarios import model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tylib.scenario.priors import Ends
    from tylib.store import City
    from tylib.store.scenarios import Validation as Rules

FORECASTS, NAIVE = ("prior", "pooled"), ("last", "mean", "city")
INSIDE, TARGET = 0.8, (70.0, 90.0)
"""Share that an interval is to hold, and between which per cent its share of outcomes is to lie."""
NORMAL = 1.2815515655446004  # the ninetieth percentile
SURE = 0.95


@dataclass(frozen=True)
class Validated:
    """What came out.

    Attributes:
        published: Rows of :func:`tylib.scenario.past.growth`.
        points: Of every series, columns of :func:`backtest` after ``indicator``.
        scores: Of :func:`scored`; ``indicator`` first.
        coverage: Of :func:`covered`; ``indicator`` first.
        skill: Of :func:`skill`; ``indicator`` first.
        pooled: By indicator.
        epidemic: Of :func:`tylib.scenario.pooling.epidemic` for the city; ``indicator`` first.
        history: Of :func:`tylib.scenario.targets.matched` for the city's growth where the prior speaks of it;
            ``indicator`` first. Empty where fewer than three years are known.
    """

    published: pl.DataFrame
    points: pl.DataFrame
    scores: pl.DataFrame
    coverage: pl.DataFrame
    skill: pl.DataFrame
    pooled: dict[str, Pooled]
    epidemic: pl.DataFrame
    history: pl.DataFrame


def validate(city: City | None = None) -> Validated:
    """Hold the model against every series that ``params/model.yml`` names (``validation``).

    Args:
        city: Defaults to :func:`tylib.store.open_city`.

    Raises:
        ParameterError: The model is wrong.
    """
    city = city or open_city()
    supposed, own = model(city), counties(city)["place"].to_list()
    rules = supposed.validation
    found, parts, pooled, matches = growth(city, indicators=list(rules.series)), [], {}, []
    ends = {name: (one.low, one.value, one.high) for name, one in supposed.parameters.items()}
    drawn = sampled(supposed, ends, int(supposed.draws.value))[list(ends).index("growth")]
    for name, speaks in rules.series.items():
        known = used(found, name).filter(pl.col("year") > rules.origins[0] - rules.window)
        points = backtest(known, rules, whole=city.place, prior=ends["growth"] if speaks == "model" else None)
        pooled[name] = pool(deviations(known, whole=city.place, counties=own))
        whole = known.filter(pl.col("place") == city.place)
        struck = epidemic(whole, years=rules.epidemic)
        if speaks == "model" and len(whole) >= LEAST_YEARS:
            matches.append(matched(whole, drawn).select(pl.lit(name).alias("indicator"), pl.all()))
        tables = (points, scored(points), covered(points), skill(points, counties=len(own), least=rules.least_outcomes),
                  struck)  # fmt: skip
        parts.append([table.select(pl.lit(name).alias("indicator"), pl.all()) for table in tables])
    points, scores, coverage, skills, struck = (pl.concat(tables) for tables in zip(*parts, strict=True))
    history = pl.concat(matches) if matches else pl.DataFrame()
    return Validated(found, points, scores, coverage, skills, pooled, struck, history)


def backtest(known: pl.DataFrame, rules: Rules, /, *, whole: str, prior: Ends | None = None) -> pl.DataFrame:
    """Forecasts from every origin to every horizon, from what was known in the origin alone, beside what came.

    Args:
        known: ``place, kind, year, value``: growth in per cent, one row a place and year; of kinds ``city`` and
            ``county``.
        rules: Origins, horizons, the window, the years of the epidemic.
        whole: The city's place.
        prior: Low, most likely, high of the prior of growth, a share; ``None`` where it does not speak of this series.

    Returns:
        ``place, kind, origin, horizon, actual``, the forecasts :data:`FORECASTS` and :data:`NAIVE` (null where what
        was known in the origin does not carry one), ``prior_low, prior_high, pooled_low, pooled_high`` (80 per cent);
        sorted by place, origin, horizon. Only years that were published make a row.
    """
    known = known.filter(pl.col("kind").is_in(["city", "county"]))
    ahead = pl.DataFrame({"horizon": range(1, rules.horizons + 1)})
    asked = known.join(ahead, how="cross").select(
        "place", "kind", "horizon", origin=pl.col("year") - pl.col("horizon"), actual="value"
    ).filter(pl.col("origin").is_between(*rules.origins))  # fmt: skip
    past = asked.select("place", "origin").unique().join(known.select("place", "year", "value"), on="place")
    past = past.filter((pl.col("year") <= pl.col("origin")) & (pl.col("year") > pl.col("origin") - rules.window))
    own = past.sort("year").group_by("place", "origin").agg(
        last=pl.col("value").last(),
        mean=pl.when(pl.len() >= rules.least_years).then(pl.col("value").mean()),
    )  # fmt: skip
    origins = range(rules.origins[0], rules.origins[1] + 1)
    places = known["place"].unique().sort()
    pooled = pl.concat(
        _pooled(known.filter(pl.col("year") <= origin), rules, places=places, whole=whole, origin=origin)
        for origin in origins
    )
    found = asked.join(own, on=["place", "origin"], how="left").join(pooled, on=["place", "origin"], how="left")
    ends = [None] * 3 if prior is None else 100 * triangular(np.array([[0.1, 0.5, 0.9]]), [prior])[0]
    city = pl.when(pl.col("kind") == "county").then("city")
    return found.select(
        "place", "kind", "origin", "horizon", "actual", pl.lit(ends[1], pl.Float64).alias("prior"), "pooled", "last",
        "mean", city.alias("city"), pl.lit(ends[0], pl.Float64).alias("prior_low"),
        pl.lit(ends[2], pl.Float64).alias("prior_high"), "pooled_low", "pooled_high",
    ).sort("place", "origin", "horizon")  # fmt: skip


def _pooled(known: pl.DataFrame, rules: Rules, *, places: pl.Series, whole: str, origin: int) -> pl.DataFrame:
    """Pooled growth of every place as known in one origin, with its 80 per cent, and the city's last growth.

    A county of which nothing was known takes the mean of all counties.
    """
    window = known.filter((pl.col("place") == whole) & (pl.col("year") > origin - rules.window)).sort("year")
    ordinary = window.filter(~pl.col("year").is_in(rules.epidemic))["value"]
    trend, n = ordinary.mean(), len(ordinary)
    noise = float(ordinary.var()) * (1 + 1 / n) if n > 1 else None
    parts = pool(deviations(known, whole=whole, counties=places.filter(places != whole)))
    own = pl.col("place") != whole
    found = pl.DataFrame({"place": places}).join(parts.counties, on="place", how="left").with_columns(
        deviation=pl.when(own).then(pl.col("deviation").fill_null(pl.lit(parts.mean, pl.Float64))).otherwise(0.0),
        weight=pl.col("weight").fill_null(0.0),
    )  # fmt: skip
    between, within = (pl.lit(part, pl.Float64) for part in (parts.between, parts.within))
    spread = pl.when(own).then((1 - pl.col("weight")) * between + within).otherwise(0.0)
    middle = pl.lit(trend, pl.Float64) + pl.col("deviation")
    half = NORMAL * (pl.lit(noise, pl.Float64) + spread).sqrt()
    last = window["value"].last() if len(window) else None
    return found.select("place", pl.lit(origin, pl.Int64).alias("origin"), middle.alias("pooled"),
                        (middle - half).alias("pooled_low"), (middle + half).alias("pooled_high"),
                        pl.lit(last, pl.Float64).alias("city"))  # fmt: skip


def _pairs(points: pl.DataFrame) -> pl.DataFrame:
    """Errors of each forecast beside each naive one, where both are known: a row a point and pair."""
    keys = ("place", "kind", "origin", "horizon", "actual")
    sides = [
        points.unpivot(on=list(names), index=keys if side == "forecast" else keys[:-1], variable_name=side,
                       value_name=f"_{side}").drop_nulls(f"_{side}")
        for side, names in (("forecast", FORECASTS), ("against", NAIVE))
    ]  # fmt: skip
    both = sides[0].join(sides[1], on=["place", "kind", "origin", "horizon"])
    return both.select("place", "kind", "origin", "horizon", "forecast", "against",
                       error=(pl.col("_forecast") - pl.col("actual")).abs(),
                       naive=(pl.col("_against") - pl.col("actual")).abs())  # fmt: skip


def scored(points: pl.DataFrame, /) -> pl.DataFrame:
    """Errors on the same points, by kind of place and horizon, and over all horizons.

    ``mase``: mean absolute error over that of the naive forecast on the same points (the scaled error of Hyndman and
    Koehler 2006, scaled by the naive forecast's own errors as no place has enough years before the first origin). The
    sign test counts points at which the forecast is nearer, ties apart, exactly binomial, in the manner of Diebold and
    Mariano (1995); points that share a year are not independent, so that ``p`` is rather too small.

    Args:
        points: See :func:`backtest`.

    Returns:
        ``forecast, against, kind, horizon`` (null: all), ``n, places, mae, mae_naive, mase`` (null where the naive
        forecast never errs), ``wins, losses, p``; sorted so. No row where no point carries both.
    """
    pairs = _pairs(points)
    every = pl.concat([pairs, pairs.with_columns(horizon=pl.lit(None, pairs.schema["horizon"]))])
    found = every.group_by("forecast", "against", "kind", "horizon").agg(
        n=pl.len(), places=pl.col("place").n_unique(), mae=pl.col("error").mean(), mae_naive=pl.col("naive").mean(),
        wins=(pl.col("error") < pl.col("naive")).sum(), losses=(pl.col("error") > pl.col("naive")).sum(),
    )  # fmt: skip
    sign = [_sign(wins, losses) for wins, losses in found.select("wins", "losses").iter_rows()]
    ratio = pl.when(pl.col("mae_naive") > 0).then(pl.col("mae") / pl.col("mae_naive"))
    return found.select(
        "forecast", "against", "kind", "horizon", "n", "places", "mae", "mae_naive", ratio.alias("mase"), "wins",
        "losses", pl.Series("p", sign, dtype=pl.Float64),
    ).sort("forecast", "against", "kind", "horizon", nulls_last=True)  # fmt: skip


def _sign(wins: int, losses: int) -> float | None:
    from scipy.stats import binomtest

    return float(binomtest(wins, wins + losses).pvalue) if wins + losses else None


def covered(points: pl.DataFrame, /) -> pl.DataFrame:
    """How many outcomes lie inside the 80 per cent interval.

    An interval that is the same from every origin, as the prior's is, counts each place and year once.

    Returns:
        ``forecast, n, inside, share, low, high`` (per cent, 95 per cent exactly binomial), ``met``: whether the share
        lies within :data:`TARGET`; null with fewer than ten outcomes, of which no share can say so much.
    """
    rows = []
    for name in FORECASTS:
        low, high = f"{name}_low", f"{name}_high"
        own = points.drop_nulls([low, high]).with_columns(year=pl.col("origin") + pl.col("horizon"))
        n = own.unique(["place", "year", low, high])
        inside = int(n.select(pl.col("actual").is_between(low, high).sum()).item())
        rows.append((name, len(n), inside, *_share(inside, len(n))))
    schema = {"forecast": pl.String, "n": pl.Int64, "inside": pl.Int64, "share": pl.Float64, "low": pl.Float64,
              "high": pl.Float64}  # fmt: skip
    found = pl.DataFrame(rows, schema=schema, orient="row")
    return found.with_columns(met=pl.when(pl.col("n") >= 10).then(pl.col("share").is_between(*TARGET)))


def _share(inside: int, n: int) -> tuple[float | None, ...]:
    """A share in per cent with its exact interval (Clopper and Pearson 1934)."""
    from scipy.stats import beta

    if not n:
        return None, None, None
    low = beta.ppf((1 - SURE) / 2, inside, n - inside + 1) if inside else 0.0
    high = beta.ppf((1 + SURE) / 2, inside + 1, n - inside) if inside < n else 1.0
    return 100 * inside / n, 100 * float(low), 100 * float(high)


def skill(points: pl.DataFrame, /, *, counties: int, least: int) -> pl.DataFrame:
    """Whether a forecast may be called better: only if its scaled error is below one in most of all counties.

    Args:
        points: See :func:`backtest`.
        counties: How many there are, with or without figures.
        least: Outcomes, each year once, of a county below which nothing is said of it.

    Returns:
        ``forecast, against, counties, points`` (of counties), ``scored`` (counties with enough outcomes), ``better``
        (scaled error below one), ``claim``; a row for every pair of :data:`FORECASTS` and :data:`NAIVE`.
    """
    pairs = _pairs(points).filter(pl.col("kind") == "county")
    each = pairs.group_by("forecast", "against", "place").agg(
        n=pl.len(), years=(pl.col("origin") + pl.col("horizon")).n_unique(),
        ahead=pl.col("error").mean() < pl.col("naive").mean(),
    )  # fmt: skip
    enough = pl.col("years") >= least
    found = each.group_by("forecast", "against").agg(
        points=pl.col("n").sum(), scored=enough.sum(), better=(enough & pl.col("ahead")).sum()
    )  # fmt: skip
    asked = _crossed(("forecast", FORECASTS), ("against", NAIVE))
    counted = [pl.col(name).fill_null(0).cast(pl.Int64) for name in ("points", "scored", "better")]
    return asked.join(found, on=["forecast", "against"], how="left", maintain_order="left").select(
        "forecast", "against", pl.lit(counties, pl.Int64).alias("counties"), *counted
    ).with_columns(claim=2 * pl.col("better") > pl.col("counties"))  # fmt: skip


def _crossed(*sides: tuple[str, Sequence[str]]) -> pl.DataFrame:
    one, other = (pl.DataFrame({name: values}) for name, values in sides)
    return one.join(other, how="cross")
