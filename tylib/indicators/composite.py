"""Composite indices: normalise, weigh, aggregate; and always the table of the parts beside the sum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl

from tylib.errors import ParameterError, unknown
from tylib.indicators.cube import Axes, count, cube, long, over
from tylib.indicators.normalisation import Normalisation, normalise, ranks, signs, to_unit
from tylib.indicators.rows import rows, within
from tylib.indicators.weighting import critic_weights, entropy_weights, principal

Weighting = Literal["equal", "entropy", "critic", "pca"]
Aggregation = Literal["arithmetic", "geometric", "topsis"]
AGGREGATIONS: tuple[Aggregation, ...] = ("arithmetic", "geometric", "topsis")
LEAST = 30
"""Places below which weights are not taken from the data: they would be noise."""


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
        weights: ``(..., indicator)``, zero or more.
        direction: As in `normalise`.
        normalisation: The original is ``vector``.

    Returns:
        ``(..., unit)``, 0 to 1; an indicator that does not vary decides nothing; NaN where none does, or where a value
        is missing.

    Raises:
        ParameterError: A negative weight, another number of weights than of indicators, a direction that is neither 1
            nor -1, an unknown normalisation.

    >>> topsis(np.array([[1.0], [2.0], [3.0]]), np.ones(1)).round(6).tolist()
    [0.0, 0.5, 1.0]
    """
    x = np.asarray(values, dtype=float)
    w, sign = count(weights), signs(direction, x.shape[-1])
    if w.shape[-1:] != sign.shape:
        many = w.shape[-1] if w.ndim else 1
        raise ParameterError(f"{many} weights", where="weights", expected=f"one for each of {len(sign)} indicators")
    if normalisation == "vector":
        # Distances do not see that an indicator is turned round by taking it from 1: its sign will do.
        length = np.sqrt(np.einsum("...ij,...ij->...j", x, x))
        if not ((length > 1e-140) & (length < 1e140)).all():
            # A gap, nothing at all, or squares beyond the range of numbers.
            x = to_unit(x)
            length = np.sqrt(np.nansum(x**2, axis=-2))
        x = x * (w * sign / np.where(length > 0, length, np.inf))[..., None, :]
    else:
        x = normalise(values, method=normalisation, direction=direction) * w[..., None, :]
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
