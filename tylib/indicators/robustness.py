"""How far a rank or a result hangs on choices: ranks over drawn weights and scales, shares of variance after Sobol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.composite import power_mean, table_of
from tylib.indicators.cube import count, long, over
from tylib.indicators.normalisation import Normalisation, normalise, ranks


@dataclass(frozen=True)
class Level:
    """One level of an index: to which group each part belongs, and with what weight (drawn ones first)."""

    group: np.ndarray
    """``(part,)``, 0 … groups - 1"""
    weight: np.ndarray
    """``(part,)`` or ``(draw, part)``, within the group"""
    power: float = 1.0
    """Of the mean: 1 arithmetic, 0 geometric"""


def climb(parts: np.ndarray, levels: Sequence[Level]) -> np.ndarray:
    """Aggregate parts level by level, over many draws of the weights at once.

    Means of means as in the Handbook (OECD and JRC 2008, step 6); each as `composite.power_mean`.

    Args:
        parts: ``(..., unit, part)``, normalised; zero or more where a level has another power than 1.
        levels: From the indicators up; the last has one group.

    Returns:
        ``(..., unit)``, leading axes those of parts and of weights, spread; NaN where a part is missing.

    Raises:
        ParameterError: The last level has several groups, or a part is negative under another power than 1.

    >>> climb(np.array([[0.0, 1.0], [1.0, 0.5]]), [Level(np.zeros(2, dtype=int), np.array([1.0, 3.0]))]).tolist()
    [0.75, 0.625]
    """
    x = np.asarray(parts, dtype=float)
    for level in levels:
        member = (level.group[:, None] == np.arange(level.group.max() + 1)).astype(float)
        share = level.weight[..., :, None] * member
        share = over(share, share.sum(axis=-2, keepdims=True))
        if level.power == 1.0:
            x = x @ share
        elif level.power == 0.0:
            # A zero has no logarithm: it makes zero of every mean in which it has a weight, however small.
            zero = count(x) == 0
            x = np.exp(np.log(np.where(zero, 1.0, x)) @ share)
            if zero.any():
                x = np.where(zero.astype(float) @ (share > 0).astype(float) > 0, 0.0 * x, x)
        else:
            x = power_mean(x[..., None, :], np.swapaxes(share, -1, -2)[..., None, :, :], power=level.power)
    if x.shape[-1] != 1:
        raise ParameterError("an index with several tops", where="levels", expected="one group on the last level")
    return x[..., 0]


def drawn_weights(weights: np.ndarray, *, draws: int, generator: np.random.Generator, spread: float) -> np.ndarray:
    """Weights drawn about those given: Dirichlet with a mean of ``weights`` and about ``spread`` relative deviation.

    Shares of gamma variates, with the concentration at which an average weight of m deviates by
    ``sqrt((1 - m) / (m (c + 1)))``: Johnson, Kotz and Balakrishnan (2000), Continuous Multivariate Distributions,
    chapter 49.

    Args:
        weights: ``(part,)``, zero or more; zeros stay zero.
        draws: How many.
        generator: Where they come from.
        spread: Standard deviation of an average weight, as a share of it, above 0 and below 1.

    Returns:
        ``(draw, part)``, each draw with sum 1.

    Raises:
        ParameterError: A spread outside its range, or a weight that is missing or negative, or all zero.

    >>> drawn_weights(np.array([1.0, 0.0]), draws=2, generator=np.random.default_rng(0), spread=0.25).tolist()
    [[1.0, 0.0], [1.0, 0.0]]
    """
    if not (np.asarray(weights) >= 0).all() or not np.sum(weights) > 0:
        raise ParameterError("weights are missing, negative or all zero", where="weight", expected="a sum above zero")
    if not 0 < spread < 1:
        raise ParameterError("a spread outside its range", where="spread", expected="above 0 and below 1")
    share = np.asarray(weights, dtype=float) / np.sum(weights)
    if (share > 0).sum() == 1:
        return np.tile(share, (draws, 1))  # one weight alone is not drawn: it is all there is
    mean = 1 / (share > 0).sum()
    concentration = max((1 - mean) / (mean * spread**2) - 1, 1e-3)
    gamma = generator.standard_gamma(share * concentration, size=(draws, len(share)))
    return gamma / gamma.sum(axis=1, keepdims=True)


def rank_intervals(
    frame: pl.DataFrame,
    indicators: pl.DataFrame,
    /,
    *,
    seed: int,
    by: Sequence[str] = (),
    draws: int = 1000,
    spread: float = 0.25,
    normalisations: Sequence[Normalisation] = ("min-max", "z", "rank"),
    geometric: bool = False,
    level: float = 0.9,
) -> pl.DataFrame:
    """Where each place may stand when weights and scale are drawn as well as chosen.

    Handbook on Constructing Composite Indicators (OECD and JRC 2008), step 7: Monte Carlo over the choices.

    Args:
        frame: ``place, indicator, value``, one row a key, and the columns of ``by``.
        indicators: ``indicator, direction, weight`` and, for an index in two levels, ``pillar``: weights then hold
            within the pillar, and pillars weigh alike.
        seed: Of the draws.
        by: Keys of tables that are taken each by itself, such as a year; the same weights are drawn for all.
        draws: How many, shared evenly among the normalisations.
        spread: As in `drawn_weights`.
        normalisations: Between which one is drawn; none that asks for goalposts or a target.
        geometric: Join pillars (or indicators) by the geometric mean; the scales must not be negative (not ``z``).
        level: Coverage of the interval, above 0 and below 1.

    Returns:
        The columns of ``by``, ``place, rank`` (median), ``low, high`` (rank interval, 1 is best), ``first`` (per cent
        of draws at rank 1) and ``notes``: ``missing`` or null. Null for a place of which a part is missing. An
        indicator that does not vary parts no place from another.

    Raises:
        ParameterError: No draw, a level outside its range, a negative scale under the geometric mean, an indicator that
            stands twice, has no direction, weight or pillar, or a pillar without weight.

    >>> frame = pl.DataFrame({"place": ["a", "a", "b", "b"], "indicator": ["x", "y"] * 2, "value": [1.0, 1, 3, 3]})
    >>> parts = pl.DataFrame({"indicator": ["x", "y"], "direction": 1, "weight": 1.0})
    >>> rank_intervals(frame, parts, seed=1, draws=30).select("low", "high").rows()
    [(2, 2), (1, 1)]
    """
    if not normalisations or draws < len(normalisations):
        raise ParameterError(f"{draws} draws", where="draws", expected="one for each normalisation at least")
    if not 0 < level < 1:
        raise ParameterError(f"a coverage of {level}", where="level", expected="above 0 and below 1")
    x, axes, indicators, sign = table_of(frame, indicators, by=by, numbers=["weight"])
    whole = ~np.isnan(x).any(axis=-1)
    x = np.where(whole[..., None], x, np.nan)
    weight = indicators["weight"].fill_null(np.nan).to_numpy()
    pillar = indicators["pillar"] if "pillar" in indicators.columns else pl.repeat("all", len(weight), eager=True)
    if pillar.null_count():
        raise ParameterError("an indicator without its pillar", where="pillar", expected="a pillar of each")
    group = pillar.rank("dense").cast(pl.Int64).to_numpy() - 1
    if (np.bincount(group, weight) == 0).any():
        raise ParameterError("a pillar has no weight", where="weight", expected="a sum above zero in each")
    top = np.zeros(group.max() + 1, dtype=int)
    generator = np.random.default_rng(seed)
    found = []
    for share, method in enumerate(normalisations):
        size = draws // len(normalisations) + (share < draws % len(normalisations))
        parts = np.where(whole[..., None], np.nan_to_num(normalise(x, method=method, direction=sign)), np.nan)
        if geometric and (parts < 0).any():
            raise ParameterError(f'the scale "{method}" is negative', where="normalisations", expected="zero or more")
        own = drawn_weights(weight, draws=size, generator=generator, spread=spread)
        above = (
            drawn_weights(np.ones(len(top)), draws=size, generator=generator, spread=spread) if len(top) > 1 else None
        )
        levels = [Level(group, own, 0.0 if geometric and above is None else 1.0)]
        if above is not None:
            levels.append(Level(top, above, 0.0 if geometric else 1.0))
        found.append(ranks(climb(parts[..., None, :, :], levels)))
    drawn = np.concatenate(found, axis=-2)
    quantiles = [(1 - level) / 2, 0.5, (1 + level) / 2]
    low, middle, high = np.quantile(drawn, quantiles, axis=-2, method="inverted_cdf")
    first = np.where(whole, 100 * (drawn == 1).mean(axis=-2), np.nan)
    notes = np.where(whole, "", "missing")
    table = long(axes.without("indicator"), rank=middle, low=low, high=high, first=first, notes=notes)
    return table.with_columns(pl.col("rank", "low", "high").cast(pl.Int64))


def sobol(a: np.ndarray, b: np.ndarray, ab: np.ndarray, ba: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Shares of the variance of a result that its inputs explain, from a Saltelli design.

    First order ``S_i = mean(b (ab_i - a)) / V``, total ``T_i = mean((a - ab_i)^2) / 2V`` on centred results, V the
    variance of a and b together: Saltelli et al. (2010), Computer Physics Communications 181, 259-270 (first order),
    Jansen (1999) (total). Second order ``S_ij = mean(ba_i ab_j - a b) / V - S_i - S_j`` (Saltelli 2002).

    Args:
        a: ``(..., n)``, results of the first sample.
        b: ``(..., n)``, of the second.
        ab: ``(..., input, n)``, of the first with column i of the second.
        ba: The other way round, for the second order.

    Returns:
        ``first, total`` ``(..., input)``; with ``ba`` ``second`` ``(..., input, input)``, upper triangle, else NaN.
        NaN where the result does not vary. Estimates may lie a little outside 0 to 1: that is noise, not an error.

    >>> a, b = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0, 1.0])
    >>> sobol(a, b, b[None])["total"].tolist()
    [1.0]
    """
    every = [a[..., None, :], ab, *([] if ba is None else [ba]), b[..., None, :]]
    mean = np.concatenate(every, axis=-2).mean(axis=(-2, -1))
    a, b = a - mean[..., None], b - mean[..., None]
    ab = ab - mean[..., None, None]
    variance = np.concatenate([a, b], axis=-1).var(axis=-1)
    variance = np.where(variance > 1e-26 * mean**2, variance, 0.0)
    n = a.shape[-1]
    first = over(((ab - a[..., None, :]) @ b[..., None])[..., 0] / n, variance[..., None])
    total = over(((ab - a[..., None, :]) ** 2).mean(axis=-1) / 2, variance[..., None])
    found = {"first": first, "total": total}
    if ba is not None:
        joint = (ba - mean[..., None, None]) @ np.swapaxes(ab, -1, -2) / n - (a * b).mean(axis=-1)[..., None, None]
        pairs = over(joint, variance[..., None, None]) - first[..., :, None] - first[..., None, :]
        size = ab.shape[-2]
        found["second"] = np.where(np.triu(np.ones((size, size), dtype=bool), 1), pairs, np.nan)
    return found


def sobol_errors(
    a: np.ndarray, b: np.ndarray, ab: np.ndarray, *, resamples: int, generator: np.random.Generator
) -> dict[str, np.ndarray]:
    """Standard errors of the first-order and total shares, by bootstrap over the rows of the design.

    Archer, Saltelli and Sobol (1997), Journal of Statistical Computation and Simulation 58, 99-120.

    Args:
        a: ``(..., n)``, as in `sobol`.
        b: ``(..., n)``.
        ab: ``(..., input, n)``.
        resamples: How often rows are drawn again, the same rows for all leading axes.
        generator: Where they come from.

    Returns:
        ``first, total`` ``(..., input)``; NaN where the result does not vary.

    >>> a, b = np.arange(64.0) % 5, np.arange(64.0) % 7
    >>> found = sobol_errors(a, b, b[None], resamples=50, generator=np.random.default_rng(0))
    >>> 0 < found["first"].item() < 1
    True
    """
    n, inputs = ab.shape[-1], ab.shape[-2]
    mean = (a.sum(axis=-1) + b.sum(axis=-1) + ab.sum(axis=(-1, -2))) / (n * (inputs + 2))
    a, b, ab = a - mean[..., None], b - mean[..., None], ab - mean[..., None, None]
    a, b = a[..., None, :], b[..., None, :]
    step = ab - a
    times = generator.multinomial(n, np.full(n, 1 / n), size=resamples).astype(float)
    # One product of matrices: every sum of every resample at once.
    sums = np.concatenate([b * step, step**2 / 2, a + b, a**2 + b**2], axis=-2) @ times.T / n
    variance = sums[..., -1:, :] / 2 - (sums[..., -2:-1, :] / 2) ** 2
    variance = np.where(variance > 1e-26 * mean[..., None, None] ** 2, variance, 0.0)
    return {
        "first": over(sums[..., :inputs, :], variance).std(axis=-1, ddof=1),
        "total": over(sums[..., inputs : 2 * inputs, :], variance).std(axis=-1, ddof=1),
    }
