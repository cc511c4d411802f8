"""Outliers brought in before an index is made of indicators: winsorised until skewness and kurtosis pass."""

from __future__ import annotations

import numpy as np

from tylib.indicators.cube import over


def shape(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Skewness and excess kurtosis of a sample, unbiased under normality (type 2).

    ``G1 = g1 sqrt(n (n - 1)) / (n - 2)``, ``G2 = ((n + 1) g2 + 6) (n - 1) / ((n - 2) (n - 3))``: Joanes and Gill
    (1998), The Statistician 47, 183-189.

    Args:
        values: ``(..., unit)``; NaN is left out.

    Returns:
        Both ``(...)``; NaN where the sample does not vary or is too small (3 and 4 values).

    >>> skew, kurtosis = shape(np.array([1.0, 2.0, 3.0, 4.0]))
    >>> float(skew), round(float(kurtosis), 6)
    (0.0, -1.2)
    """
    x = np.asarray(values, dtype=float)
    known = ~np.isnan(x)
    n = known.sum(axis=-1).astype(float)

    def mean(of: np.ndarray) -> np.ndarray:
        return over(np.where(known, of, 0.0).sum(axis=-1), n)

    away = x - mean(x)[..., None]
    second = mean(away**2)
    g1, g2 = over(mean(away**3), second**1.5), over(mean(away**4), second**2) - 3
    skew = over(g1 * np.sqrt(np.maximum(n * (n - 1), 0)), n - 2)
    return skew, over(((n + 1) * g2 + 6) * (n - 1), np.where(n > 3, (n - 2) * (n - 3), 0.0))


def winsorise(values: np.ndarray, *, most: int | None = 5, skewness: float = 2.0, kurtosis: float = 3.5) -> np.ndarray:
    """Outliers of an indicator pulled in to the next value, equal ones together, while it is both skewed and peaked.

    OECD and JRC (2008), Handbook on Constructing Composite Indicators, step 3; the bars are those of COINr. The end
    that the skewness points to is treated first.

    Args:
        values: ``(..., unit)``, one indicator along the last axis; NaN stays NaN.
        most: Values pulled in after which it ends, None for no end but the bars; where that does not do, all are left
            as they were pulled.
        skewness: Of its absolute value; below it nothing is done.
        kurtosis: Excess; below it nothing is done.

    Returns:
        As ``values``.

    >>> winsorise(np.array([1.0, 2, 2, 3, 3, 3, 4, 4, 5, 90])).tolist()
    [1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 4.0, 4.0, 5.0, 5.0]
    """
    x = np.array(values, dtype=float)
    ordered = np.sort(x, axis=-1)  # NaN comes last
    n = (~np.isnan(x)).sum(axis=-1)
    high, low = np.zeros(n.shape, dtype=int), np.zeros(n.shape, dtype=int)
    limit = n - 1 if most is None else np.minimum(n - 1, most)
    while True:
        skew, peak = shape(x)
        # Comparisons with NaN are false: what does not vary is left alone.
        stands = (np.abs(skew) > skewness) & (peak > kurtosis) & (high + low < limit)
        if not stands.any():
            break
        right, left = stands & (skew > 0), stands & ~(skew > 0)
        high = np.where(right, (x == np.fmax.reduce(x, axis=-1, keepdims=True)).sum(axis=-1), high)
        low = np.where(left, (x == np.fmin.reduce(x, axis=-1, keepdims=True)).sum(axis=-1), low)
        bottom, top = (np.take_along_axis(ordered, np.maximum(at, 0)[..., None], axis=-1) for at in (low, n - 1 - high))
        x = np.clip(x, bottom, top)
    return x
