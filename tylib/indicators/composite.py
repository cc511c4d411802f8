"""Composite indices: normalise, weigh, aggregate; and always the table of the parts beside the sum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl

from tylib.errors import ParameterError, unknown
from tylib.indicators.cube import Axes, count, cube, long, over
from tylib.indicators.rows import rows, within

Normalisation = Literal["min-max", "z", "rank", "goalposts", "target", "vector", "sum", "maximum"]
NORMALISATIONS: tuple[Normalisation, ...] = (
    "min-max", "z", "rank", "goalposts", "target", "vector", "sum", "maximum"
)  # fmt: skip
Weighting = Literal["equal", "entropy", "critic", "pca"]
Aggregation = Literal["arithmetic", "geometric", "topsis"]
AGGREGATIONS: tuple[Aggregation, ...] = ("arithmetic", "geometric", "topsis")
LEAST = 30
"""Places below which weights are not taken from the data: they would be noise."""
SAME = 1e-13
"""Deviation, as a share of the largest value, below which an indicator does not vary: that is rounding."""


def ranks(scores: np.ndarray, *, descending: bool = True) -> np.ndarray:
    """Rank along the last axis, 1 the largest; equal scores share the smaller rank (``min``); NaN for NaN.

    Handbook on Constructing Composite Indicators (OECD and JRC 2008), step 5.

    Args:
        scores: ``(..., unit)``.
        descending: Whether the largest is the first.

    Returns:
        ``(..., unit)``.

    >>> ranks(np.array([3.0, 7.0, 7.0, np.nan])).tolist()
    [3.0, 1.0, 1.0, nan]
    """
    x = -np.asarray(scores, dtype=float) if descending else np.asarray(scores, dtype=float)
    order = np.argsort(x, axis=-1, kind="stable")
    ordered = np.take_along_axis(x, order, -1)
    place = np.arange(x.shape[-1])
    new = np.ones(x.shape, dtype=bool)
    new[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    found = np.empty(x.shape)
    np.put_along_axis(found, order, np.maximum.accumulate(np.where(new, place, 0), axis=-1) + 1.0, -1)
    return np.where(np.isnan(x), np.nan, found)


def normalise(
    values: np.ndarray,
    *,
    method: Normalisation = "min-max",
    direction: np.ndarray | None = None,
    low: np.ndarray | None = None,
    high: np.ndarray | None = None,
    target: np.ndarray | None = None,
) -> np.ndarray:
    """Bring indicators to one scale on which more is better.

    OECD and JRC (2008), Handbook on Constructing Composite Indicators, step 5. ``min-max``
    ``(x - min) / (max - min)``; ``z`` in standard deviations (of these units, not a sample); ``rank`` from 0, the
    worst, to 1, equal values sharing the smaller; ``goalposts`` as min-max between ``low`` and ``high``, cut off there;
    ``target`` ``x / target`` up to 1; ``vector`` ``x / sqrt(sum x^2)``; ``sum`` ``x / sum x``; ``maximum`` ``x / max``.
    An indicator of which less is better is turned round: 1 less the value (``min-max, goalposts, vector, maximum``),
    the sign (``z``), the order (``rank``), the inverse (``target, sum``). Goalposts are given low below high in both
    cases.

    Args:
        values: ``(..., unit, indicator)``; NaN where missing, and left out.
        method: Which.
        direction: ``(indicator,)``, 1 more is better (without it all are), -1 less is.
        low: ``(indicator,)``, for goalposts.
        high: ``(indicator,)``, for goalposts.
        target: ``(indicator,)`` above zero, for target.

    Returns:
        As ``values``; NaN where missing, throughout an indicator that does not vary (min-max, z), and where the total,
        maximum or, for an inverse, the value is not above zero.

    Raises:
        ParameterError: An unknown method, a direction that is neither, goalposts or targets missing or not in order.

    >>> normalise(np.array([[1.0, 1.0], [2.0, 2.0], [5.0, 5.0]]), direction=np.array([1, -1])).tolist()
    [[0.0, 1.0], [0.25, 0.75], [1.0, 0.0]]
    """
    x = np.asarray(values, dtype=float)
    sign = np.ones(x.shape[-1]) if direction is None else np.asarray(direction)
    if method not in NORMALISATIONS:
        raise unknown("normalisation", method, NORMALISATIONS)
    if not np.isin(sign, (-1, 1)).all():
        raise ParameterError("a direction is missing or neither", where="direction", expected="1 or -1 of each")
    up = sign > 0
    if method == "target":
        if target is None or not (np.asarray(target) > 0).all():
            raise ParameterError("a target is missing or not above zero", where="target", expected="one an indicator")
        return np.where(up, np.minimum(x / target, 1), np.minimum(over(np.asarray(target, dtype=float), x), 1))
    if method == "goalposts":
        if low is None or high is None or not (np.asarray(high) > np.asarray(low)).all():
            raise ParameterError("goalposts are missing or not in order", where="low, high", expected="low below high")
        scaled = np.clip((x - low) / (np.asarray(high, dtype=float) - low), 0, 1)
        return np.where(up, scaled, 1 - scaled)
    known = ~np.isnan(x)
    n = known.sum(axis=-2, keepdims=True)
    if method == "rank":
        place = np.swapaxes(ranks(np.swapaxes(x * sign, -1, -2), descending=False), -1, -2)
        return over(place - 1, n - 1.0)
    if method == "z":
        x = _unit(x)
        mean = over(np.nansum(x, axis=-2, keepdims=True), n)
        square = over(np.nansum((x - mean) ** 2, axis=-2, keepdims=True), n)
        return sign * over(x - mean, np.where(square > SAME**2, np.sqrt(square), 0))
    if method == "sum":
        parts = np.where(up, x, over(1.0, x))
        lost = (known & np.isnan(parts)).any(axis=-2, keepdims=True)
        return np.where(lost, np.nan, over(parts, np.nansum(parts, axis=-2, keepdims=True)))
    top = np.where(known, x, -np.inf).max(axis=-2, keepdims=True, initial=-np.inf)
    if method == "min-max":
        bottom = np.where(known, x, np.inf).min(axis=-2, keepdims=True, initial=np.inf)
        return np.where(up, over(x - bottom, top - bottom), over(top - x, top - bottom))
    if method == "vector":
        x = _unit(x)
        top = np.sqrt(np.nansum(x**2, axis=-2, keepdims=True))
    scaled = over(x, top)
    return np.where(up, scaled, 1 - scaled)


def _unit(x: np.ndarray) -> np.ndarray:
    """Each indicator over a power of two that brings its largest near 1: no digit changes, no square overflows."""
    largest = np.fmax.reduce(np.abs(x), axis=-2, keepdims=True, initial=0.0)
    return np.ldexp(x, -np.frexp(largest)[1])


def entropy_weights(values: np.ndarray) -> np.ndarray:
    """Weights by how unevenly an indicator lies over units (entropy method).

    ``e_j = -sum_i p_ij ln p_ij / ln n``, ``p_ij = x_ij / sum_i x_ij``, ``0 ln 0 = 0``;
    ``w_j = (1 - e_j) / sum (1 - e)``. Shannon (1948); Zeleny (1982), Multiple Criteria Decision Making.

    Args:
        values: ``(..., unit, indicator)``, zero or more, complete. An indicator that does not vary has weight 0.

    Returns:
        ``(..., indicator)``, sum 1; NaN where none varies or a total is not above zero.

    Raises:
        ParameterError: A value is negative.

    >>> entropy_weights(np.array([[1.0, 5.0], [3.0, 5.0]])).tolist()
    [1.0, 0.0]
    """
    x = np.asarray(values, dtype=float)
    total = x.sum(axis=-2)
    # -sum p ln p = ln X - sum x ln x / X: one pass, and a zero adds nothing.
    log = np.log(x) if x.size and x.min() > 0 else np.log(count(x), out=np.zeros_like(x), where=x > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        e = (np.log(total) - np.einsum("...ij,...ij->...j", x, log) / total) / np.log(x.shape[-2])
        spread = 1 - e
        spread = np.where(spread > 1e-12, spread, 0 * e)
        return spread / spread.sum(axis=-1, keepdims=True)


def _correlation(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Correlations of indicators (0 with one that does not vary) and deviations (n - 1) over the power of two."""
    x = _unit(x)
    centred = x - x.mean(axis=-2, keepdims=True)
    square = np.swapaxes(centred, -1, -2) @ centred
    deviation = np.sqrt(np.diagonal(square, axis1=-2, axis2=-1))
    deviation = np.where(deviation > SAME * x.shape[-2], deviation, 0.0)
    found = np.nan_to_num(over(square, deviation[..., :, None] * deviation[..., None, :]))
    return found, deviation / np.sqrt(max(x.shape[-2] - 1, 1))


def critic_weights(values: np.ndarray, *, direction: np.ndarray | None = None) -> np.ndarray:
    """Weights by contrast and conflict (CRITIC): ``c_j = sd_j sum_k (1 - r_jk)``, over their sum.

    Diakoulaki, Mavrotas and Papayannakis (1995), Computers and Operations Research 22, 763-770; on min-max values.

    Args:
        values: ``(..., unit, indicator)``, complete.
        direction: As in `normalise`; it turns the sign of correlations.

    Returns:
        ``(..., indicator)``, sum 1; an indicator that does not vary has weight 0 and is in conflict with none. Where
        none is in conflict with another (there is one, or all say the same) contrast alone weighs: the limit.

    >>> critic_weights(np.array([[1.0, 5.0, 3.0], [2.0, 5.0, 9.0], [3.0, 5.0, 6.0]])).round(6).tolist()
    [0.5, 0.0, 0.5]
    """
    scaled = np.nan_to_num(normalise(values, direction=direction))
    r, deviation = _correlation(scaled)  # min-max values reach 1: their power of two is the same for all
    varies = deviation > 0
    conflict = ((1 - r) * varies[..., None, :]).sum(axis=-1)
    c = deviation * np.where((conflict > 1e-12).any(axis=-1, keepdims=True), conflict, 1.0)
    return over(c, c.sum(axis=-1, keepdims=True))


def principal(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Loadings of the first principal component of the correlations, and the share of variance it explains.

    The sign is such that the loadings sum to more than zero; their squares, which sum to 1, are the weights ``pca``
    (Handbook on Constructing Composite Indicators, OECD and JRC 2008, step 6). An indicator that does not vary has
    loading 0.

    Args:
        values: ``(..., unit, indicator)``, complete.

    Returns:
        ``(..., indicator)`` of length 1, and ``(...)``.

    >>> loading, explained = principal(np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]]))
    >>> (loading**2).round(6).tolist(), round(float(explained), 6)
    ([0.5, 0.5], 1.0)
    """
    r, deviation = _correlation(np.asarray(values, dtype=float))
    variances, vectors = np.linalg.eigh(r)
    loading = vectors[..., -1] * (deviation > 0)
    sign = np.where(loading.sum(axis=-1, keepdims=True) < 0, -1.0, 1.0)
    return sign * loading, over(variances[..., -1], (deviation > 0).sum(axis=-1))


def power_mean(values: np.ndarray, weights: np.ndarray, *, power: float = 1.0) -> np.ndarray:
    """Weighted mean along the last axis: arithmetic (1), geometric (0), harmonic (-1) or of any power.

    ``(sum w x^p / sum w)^(1/p)``, for p = 0 ``exp(sum w ln x / sum w)``. The lower the power, the less a strength makes
    up for a weakness: with 0 or less a single zero makes all zero. Hardy, Littlewood and Polya (1934), Inequalities,
    chapter 2; Handbook (OECD and JRC 2008), step 6.

    Args:
        values: ``(..., indicator)``; zero or more unless the power is 1.
        weights: What spreads to the same shape, zero or more.
        power: p.

    Returns:
        ``(...)``; NaN where a value with a weight is missing, or no weight is above zero.

    Raises:
        ParameterError: A negative value with another power than 1, or a negative weight.

    >>> [power_mean(np.array([1.0, 4.0]), np.ones(2), power=p).round(6).item() for p in (1, 0, -1)]
    [2.5, 2.0, 1.6]
    """
    w = count(weights)
    x = np.asarray(values, dtype=float) if power == 1 else count(values)
    used = w > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = x if power == 1 else np.log(x) if power == 0 else x**power
        mean = over(np.where(used, w * terms, 0.0).sum(axis=-1), np.broadcast_to(w, np.shape(x * w)).sum(axis=-1))
        return mean if power == 1 else np.exp(mean) if power == 0 else mean ** (1 / power)


def topsis(
    values: np.ndarray,
    weights: np.ndarray,
    *,
    direction: np.ndarray | None = None,
    normalisation: Normalisation = "vector",
) -> np.ndarray:
    """Nearness to the ideal: distance from the worst over the sum of distances from worst and best.

    Hwang and Yoon (1981), Multiple Attribute Decision Making. Distances are Euclidean on weighted normalised values.

    Args:
        values: ``(..., unit, indicator)``, complete.
        weights: ``(..., indicator)``.
        direction: As in `normalise`.
        normalisation: The original is ``vector``.

    Returns:
        ``(..., unit)``, 0 to 1; an indicator that does not vary decides nothing; NaN where none does, or where a value
        is missing.

    >>> topsis(np.array([[1.0], [2.0], [3.0]]), np.ones(1)).round(6).tolist()
    [0.0, 0.5, 1.0]
    """
    if normalisation == "vector":
        # Distances do not see that an indicator is turned round by taking it from 1: its sign will do.
        x = np.asarray(values, dtype=float)
        length = np.sqrt(np.einsum("...ij,...ij->...j", x, x))
        if not ((length > 1e-140) & (length < 1e140)).all():
            # A gap, nothing at all, or squares beyond the range of numbers.
            x = _unit(x)
            length = np.sqrt(np.nansum(x**2, axis=-2))
        scale = np.asarray(weights) if direction is None else np.asarray(weights) * np.asarray(direction)
        x = x * (scale / np.where(length > 0, length, np.inf))[..., None, :]
    else:
        x = normalise(values, method=normalisation, direction=direction) * np.asarray(weights)[..., None, :]
        # An indicator that does not vary is null on these scales and decides nothing; a missing value decides all.
        x = np.where(np.isnan(values), np.nan, np.nan_to_num(x))
    return _nearness(x)


def _nearness(x: np.ndarray) -> np.ndarray:
    """Distance from the worst over the sum of distances from worst and best, of weighted normalised values."""
    if not x.shape[-2]:
        return np.zeros(x.shape[:-1])
    best, worst = (_distance(x, end(x, axis=-2, keepdims=True)) for end in (np.fmax.reduce, np.fmin.reduce))
    with np.errstate(invalid="ignore"):
        return worst / (best + worst)


def _distance(x: np.ndarray, end: np.ndarray) -> np.ndarray:
    away = x - end
    return np.sqrt(np.einsum("...ij,...ij->...i", away, away))


def composite_index(
    frame: pl.DataFrame,
    indicators: pl.DataFrame,
    /,
    *,
    by: Sequence[str] = (),
    normalisation: Normalisation | None = None,
    weighting: Weighting | None = None,
    aggregation: Aggregation = "arithmetic",
    least: int = LEAST,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """An index of several indicators, and the table of its parts.

    Equations: see `normalise`, `entropy_weights`, `critic_weights`, `principal`, `power_mean`, `topsis`; the steps are
    those of the Handbook on Constructing Composite Indicators (OECD and JRC 2008).

    Args:
        frame: ``place, indicator, value``, each indicator in its own unit, one row a key, and the columns of ``by``.
        indicators: ``indicator, direction`` (1 or -1); ``weight`` where ``weighting`` is not given; ``low, high`` for
            goalposts, ``target`` for targets. Only these are used.
        by: Keys of tables that are taken each by itself, such as a year or a draw.
        normalisation: As in `normalise`; without it ``min-max``, and under ``topsis`` its own, ``vector``.
        weighting: How weights come from the data instead: ``equal, entropy, critic`` or ``pca``, of each table from
            the places that are complete in all.
        aggregation: How the parts are joined: ``arithmetic, geometric`` or ``topsis``.
        least: Places below which weights are not taken from the data (``equal`` may always be).

    Returns:
        ``place, value`` (0 to 1 where the parts are), ``rank`` and ``notes``: ``missing`` where a part is (no place is
        scored on fewer parts than the others), ``no_scale`` where the normalisation has no value for a part,
        ``nothing_varies`` where no indicator has a weight; and the parts, ``place, indicator, value, normalised,
        weight, contribution`` (weight times normalised; the contributions of a place sum to its arithmetic index) and
        ``notes``: ``missing``, ``no_scale``, or ``constant`` of an indicator that does not vary and has no scale for
        it: it parts no place from another, its weight is 0 and the others' sum to 1.

    Raises:
        ParameterError: Too few places for weights from the data, weights that are missing or sum to nothing, a negative
            normalised value under the geometric mean, an unknown way to normalise, weigh or join, an indicator that
            stands twice or has no direction.

    >>> frame = pl.DataFrame({"place": ["a", "a", "b", "b"], "indicator": ["x", "y"] * 2, "value": [1.0, 9, 3, 1]})
    >>> parts = pl.DataFrame({"indicator": ["x", "y"], "direction": [1, -1], "weight": [3.0, 1.0]})
    >>> composite_index(frame, parts)[0].select("value", "rank").rows()
    [(0.0, 2), (1.0, 1)]
    """
    if aggregation not in AGGREGATIONS:
        raise unknown("aggregation", aggregation, AGGREGATIONS)
    method = normalisation or ("vector" if aggregation == "topsis" else "min-max")
    asked = {"goalposts": ["low", "high"], "target": ["target"]}.get(method, [])
    given = ["weight"] if weighting is None else []
    x, axes, indicators, sign = table_of(frame, indicators, by=by, numbers=[*asked, *given])
    options = {name: indicators[name].fill_null(np.nan).to_numpy() for name in asked}
    parts = normalise(x, method=method, direction=sign, **options)
    missing = np.isnan(x)
    constant = np.zeros(x.shape[:-2] + x.shape[-1:], dtype=bool)
    if method in ("min-max", "z"):
        constant = np.isnan(parts).all(axis=-2) & ~missing.all(axis=-2)
    unscaled = np.isnan(parts) & ~missing & ~constant[..., None, :]
    whole = ~(missing | unscaled).any(axis=-1)
    filled = np.where(constant[..., None, :], 0.0, parts)
    w = _weights(x, filled, whole, sign, indicators, weighting, least)
    w = np.where(constant, 0.0, w)
    w = over(w, w.sum(axis=-1, keepdims=True)) if constant.any() else np.broadcast_to(w, constant.shape)
    scored = whole[..., None]
    if aggregation != "topsis":
        score = power_mean(filled, w[..., None, :], power=0.0 if aggregation == "geometric" else 1.0)
    elif method == "vector":
        score = topsis(np.where(scored, x, np.nan), w, direction=sign)
    else:
        score = _nearness(np.where(scored, filled * w[..., None, :], np.nan))
    score = np.where(whole, score, np.nan)
    reasons = [missing.any(axis=-1), unscaled.any(axis=-1), np.isnan(score)]
    notes = np.select(reasons, ["missing", "no_scale", "nothing_varies"], "")
    still = np.broadcast_to(constant[..., None, :], x.shape)
    why = np.select([missing, unscaled, still], ["missing", "no_scale", "constant"], "")
    weight = np.broadcast_to(w[..., None, :], x.shape)
    table = long(axes, value=x, normalised=parts, weight=weight, contribution=weight * filled, notes=why)
    index = long(axes.without("indicator"), value=score, rank=ranks(score), notes=notes)
    return index.with_columns(pl.col("rank").cast(pl.Int64)), table


def table_of(
    frame: pl.DataFrame, indicators: pl.DataFrame, /, *, by: Sequence[str], numbers: Sequence[str]
) -> tuple[np.ndarray, Axes, pl.DataFrame, np.ndarray]:
    """What an index is made of: values, ``(..., place, indicator)``, their axes, the indicators sorted, directions.

    Args:
        frame: ``place, indicator, value`` and the columns of ``by``.
        indicators: ``indicator, direction`` and the columns of ``numbers``.
        by: Keys of tables that stand together.
        numbers: Columns of figures that are read.

    Returns:
        An indicator without a value anywhere is NaN throughout; a direction that is missing is 0.

    Raises:
        ParameterError: A column is missing or of another kind, an indicator stands twice, there is none.

    >>> frame = pl.DataFrame({"place": ["a"], "indicator": ["x"], "value": [2]})
    >>> table_of(frame, pl.DataFrame({"indicator": ["x"], "direction": [-1]}), by=[], numbers=[])[0].tolist()
    [[2.0]]
    """
    described = rows(indicators, keys=["indicator"], numbers=["direction", *numbers], unique=True).sort("indicator")
    keys = within(by, "place", "indicator")
    frame = rows(frame, keys=keys, numbers=["value"])
    if not described.height or frame.schema["indicator"] != described.schema["indicator"]:
        raise ParameterError(
            f"no indicators, or of another type ({described.schema['indicator']}) than those of the values "
            f"({frame.schema['indicator']})", where="indicator", expected="the same names in both tables"
        )  # fmt: skip
    x, axes = cube(frame, keys, labels={"indicator": described["indicator"]})
    return x, axes, described, described["direction"].fill_null(0).to_numpy()


def _weights(
    x: np.ndarray,
    parts: np.ndarray,
    whole: np.ndarray,
    sign: np.ndarray,
    indicators: pl.DataFrame,
    weighting: Weighting | None,
    least: int,
) -> np.ndarray:
    if weighting is None or weighting == "equal":
        w = np.ones(x.shape[-1]) if weighting else indicators["weight"].fill_null(np.nan).to_numpy()
        if not (w >= 0).all() or not w.sum() > 0:
            raise ParameterError(
                "weights are missing, negative or all zero", where="weight", expected="a sum above zero"
            )
        return w / w.sum()
    whole = whole.all(axis=tuple(range(whole.ndim - 1)))
    if whole.sum() < least:
        raise ParameterError(
            f"weights from {whole.sum()} places would be noise", where="weighting", expected=f"{least} places or more",
            remedy="Give the weights, or estimate them on a larger reference.",
        )  # fmt: skip
    x, parts = x[..., whole, :], parts[..., whole, :]
    by = {
        "entropy": lambda: entropy_weights(x),
        "critic": lambda: critic_weights(x, direction=sign),
        "pca": lambda: principal(parts)[0] ** 2,
    }
    if weighting not in by:
        raise unknown("weighting", weighting, ["equal", *by])
    return by[weighting]()
