"""Indicators on one scale: ranks, goalposts, distances, standard scores."""

from __future__ import annotations

from typing import Literal

import numpy as np

from tylib.errors import ParameterError, unknown
from tylib.indicators.cube import over

Normalisation = Literal["min-max", "z", "rank", "goalposts", "target", "vector", "sum", "maximum"]
NORMALISATIONS: tuple[Normalisation, ...] = (
    "min-max", "z", "rank", "goalposts", "target", "vector", "sum", "maximum"
)  # fmt: skip
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


def signs(direction: np.ndarray | None, many: int) -> np.ndarray:
    """Directions of indicators, refused where one is neither.

    Args:
        direction: 1 more is better, -1 less is; without it all are 1.
        many: How many indicators there are.

    Returns:
        ``(indicator,)``.

    Raises:
        ParameterError: Another number of them, or one that is neither.

    >>> signs(None, 2).tolist(), signs(np.array([1, -1]), 2).tolist()
    ([1.0, 1.0], [1, -1])
    """
    found = np.ones(many) if direction is None else np.asarray(direction)
    if found.shape != (many,) or found.dtype.kind not in "iuf" or not (np.abs(found) == 1).all():
        raise ParameterError(
            "a direction is missing or neither", where="direction", expected=f"1 or -1 of each of {many} indicators"
        )
    return found


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
    sign = signs(direction, x.shape[-1])
    if method not in NORMALISATIONS:
        raise unknown("normalisation", method, NORMALISATIONS)
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
        x = to_unit(x)
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
        x = to_unit(x)
        top = np.sqrt(np.nansum(x**2, axis=-2, keepdims=True))
    scaled = over(x, top)
    return np.where(up, scaled, 1 - scaled)


def to_unit(x: np.ndarray) -> np.ndarray:
    """Each indicator over a power of two that brings its largest near 1: no digit changes, no square overflows."""
    largest = np.fmax.reduce(np.abs(x), axis=-2, keepdims=True, initial=0.0)
    return np.ldexp(x, -np.frexp(largest)[1])
