"""Further ways to weigh indicators and to choose: by deviation, by removal (MEREC), by compromise (VIKOR)."""

from __future__ import annotations

import numpy as np

from tylib.indicators.cube import count, over
from tylib.indicators.normalisation import signs


def deviation_weights(values: np.ndarray) -> np.ndarray:
    """Weights by standard deviation: ``w_j = sd_j / sum sd`` (n - 1).

    It depends on the units: bring indicators to one scale first. Diakoulaki, Mavrotas and Papayannakis (1995).

    Args:
        values: ``(..., unit, indicator)``, complete.

    Returns:
        ``(..., indicator)``, sum 1; 0 for an indicator that does not vary, NaN where none varies.

    >>> deviation_weights(np.array([[1.0, 5.0, 2.0], [2.0, 5.0, 5.0]])).round(9).tolist()
    [0.25, 0.0, 0.75]
    """
    x = np.asarray(values, dtype=float)
    deviation = np.where(np.ptp(x, axis=-2) == 0, 0.0, x.std(axis=-2, ddof=min(1, x.shape[-2] - 1)))
    return over(deviation, deviation.sum(axis=-1, keepdims=True))


def removal_weights(values: np.ndarray, *, direction: np.ndarray | None = None) -> np.ndarray:
    """Weights by what removing an indicator does to the scores of all units (MEREC).

    With ``n_ij = min_i x / x_ij`` where more is better, else ``x_ij / max_i x``, and
    ``S_i = ln(1 + mean_j |ln n_ij|)``: ``w_j`` is in proportion to ``sum_i |S_i without j - S_i|``.
    Keshavarz-Ghorabaee et al. (2021), Symmetry 13, 525.

    Args:
        values: ``(..., unit, indicator)``, above zero, complete.
        direction: ``(indicator,)``, 1 more is better (without it all are), -1 less is.

    Returns:
        ``(..., indicator)``, sum 1; NaN where a value is not above zero (its logarithm has no limit) or none varies.

    Raises:
        ParameterError: A value is negative.

    >>> removal_weights(np.array([[1.0, 5.0], [2.0, 5.0]])).tolist()
    [1.0, 0.0]
    """
    x = count(values)
    up = signs(direction, x.shape[-1])
    low, high = x.min(axis=-2, keepdims=True), x.max(axis=-2, keepdims=True)
    ratio = over(np.where(up > 0, low, x), np.where(up > 0, x, high))
    distance = np.abs(np.log(ratio, out=np.full(x.shape, np.nan), where=ratio > 0))
    whole = distance.sum(axis=-1, keepdims=True)
    without = np.log1p((whole - distance) / x.shape[-1]) - np.log1p(whole / x.shape[-1])
    removed = np.abs(without).sum(axis=-2)
    return over(removed, removed.sum(axis=-1, keepdims=True))


def compromise(
    values: np.ndarray, weights: np.ndarray, *, direction: np.ndarray | None = None, majority: float = 0.5
) -> np.ndarray:
    """Distance from the compromise (VIKOR): 0 is the unit to choose, 1 the one to leave.

    With ``d_ij = w_j (best_j - x_ij) / (best_j - worst_j)``, ``S_i = sum_j d_ij`` and ``R_i = max_j d_ij``, each
    brought to 0 to 1 over the units: ``Q = v S + (1 - v) R``. Opricovic and Tzeng (2004), EJOR 156, 445-455.

    Args:
        values: ``(..., unit, indicator)``, complete.
        weights: ``(..., indicator)``.
        direction: ``(indicator,)``, 1 or -1, as in `removal_weights`.
        majority: v, weight of the sum against the largest regret.

    Returns:
        ``(..., unit)``; an indicator that does not vary decides nothing; NaN where units do not differ.

    >>> compromise(np.array([[1.0, 1.0], [2.0, 1.0], [3.0, 1.0]]), np.ones(2)).tolist()
    [1.0, 0.5, 0.0]
    """
    x = np.asarray(values, dtype=float)
    x = x * signs(direction, x.shape[-1])
    best, worst = x.max(axis=-2, keepdims=True), x.min(axis=-2, keepdims=True)
    regret = np.asarray(weights)[..., None, :] * np.where(best == worst, 0.0, over(best - x, best - worst))
    total, largest = (
        over(s - s.min(axis=-1, keepdims=True), np.ptp(s, axis=-1)[..., None])
        for s in (regret.sum(axis=-1), regret.max(axis=-1))
    )
    return majority * total + (1 - majority) * largest
