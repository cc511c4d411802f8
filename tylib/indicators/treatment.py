"""Outliers brought in before an index is made of indicators: winsorised until skewness and kurtosis pass."""

from __future__ import annotations

import numpy as np


def shape(values: np.ndarray) -> tuple[float, float]:
    """Skewness and excess kurtosis of a sample, unbiased under normality (type 2).

    ``G1 = g1 sqrt(n (n - 1)) / (n - 2)``, ``G2 = ((n + 1) g2 + 6) (n - 1) / ((n - 2) (n - 3))``: Joanes and Gill
    (1998), The Statistician 47, 183-189. NaN is left out; NaN where it does not vary or is too small (3 and 4 values).

    >>> skew, kurtosis = shape(np.array([1.0, 2.0, 3.0, 4.0]))
    >>> float(skew), round(float(kurtosis), 6)
    (0.0, -1.2)
    """
    x = np.asarray(values, dtype=float)
    x = x[~np.isnan(x)]
    n, away = len(x), x - x.mean() if len(x) else x
    second = (away**2).mean() if n else 0.0
    if n < 3 or second <= 0:
        return np.nan, np.nan
    g1, g2 = (away**3).mean() / second**1.5, (away**4).mean() / second**2 - 3
    skew = g1 * np.sqrt(n * (n - 1)) / (n - 2)
    return skew, ((n + 1) * g2 + 6) * (n - 1) / ((n - 2) * (n - 3)) if n > 3 else np.nan


def winsorise(values: np.ndarray, *, most: int | None = 5, skewness: float = 2.0, kurtosis: float = 3.5) -> np.ndarray:
    """Outliers of one indicator pulled in to the next value, equal ones together, while it is both skewed and peaked.

    OECD and JRC (2008), Handbook on Constructing Composite Indicators, step 3; the bars are those of COINr. The end
    that the skewness points to is treated first.

    Args:
        values: ``(unit,)``; NaN stays NaN.
        most: Values pulled in after which it ends, None for no end but the bars; where that does not do, all are left
            as they were pulled.
        skewness: Of its absolute value; below it nothing is done.
        kurtosis: Excess; below it nothing is done.

    >>> winsorise(np.array([1.0, 2, 2, 3, 3, 3, 4, 4, 5, 90])).tolist()
    [1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 4.0, 4.0, 5.0, 5.0]
    """
    x = np.array(values, dtype=float)
    high = low = 0
    while most is None or high + low < most:
        skew, peak = shape(x)
        if not (abs(skew) > skewness and peak > kurtosis):
            break
        end, following = (np.nanmax(x), np.nanmax) if skew > 0 else (np.nanmin(x), np.nanmin)
        outlying = x == end
        x[outlying] = following(x[~outlying])
        high, low = (outlying.sum(), low) if skew > 0 else (high, outlying.sum())
    return x
