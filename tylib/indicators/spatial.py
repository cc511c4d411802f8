"""Whether like lies beside like: Moran's I of all and of each place, Geary's C. For many places, never for ten."""

from __future__ import annotations

import numpy as np

from tylib.indicators.cube import over


def moran(values: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Moran's I, its expectation and its variance under normality and under randomisation.

    ``I = n / S0 * sum w_ij z_i z_j / sum z_i^2``, z the deviations from the mean, S0 the sum of the weights;
    ``E = -1 / (n - 1)``. Cliff and Ord (1981), Spatial Processes, ch. 2. With ten places the distribution is far from
    normal and the test has no power.

    Args:
        values: ``(..., place)``, complete.
        weights: ``(place, place)``, zero on the diagonal; rows need not sum to one.

    Returns:
        ``value, expected, variance_normal, z_normal, variance_random, z_random``, each ``(...)``; NaN where nothing
        varies or nothing is beside another.

    >>> line = np.array([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]])
    >>> moran(np.array([1.0, 2.0, 3.0]), line)["value"].item()
    0.0
    """
    x, w = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    n, z = x.shape[-1], x - x.mean(axis=-1, keepdims=True)
    square = (z**2).sum(axis=-1)
    S0, S1 = w.sum(), ((w + w.T) ** 2).sum() / 2
    S2 = ((w.sum(axis=0) + w.sum(axis=1)) ** 2).sum()
    value = over(n * ((z @ w.T) * z).sum(axis=-1), S0 * square)
    expected = over(-np.ones(value.shape), np.full(value.shape, n - 1.0))
    normal = over(n**2 * S1 - n * S2 + 3 * S0**2, np.asarray(S0**2 * (n**2 - 1))) - expected**2
    peak = over(n * (z**4).sum(axis=-1), square**2)
    random = n * ((n**2 - 3 * n + 3) * S1 - n * S2 + 3 * S0**2) - peak * ((n**2 - n) * S1 - 2 * n * S2 + 6 * S0**2)
    random = over(random, np.asarray((n - 1) * (n - 2) * (n - 3) * S0**2)) - expected**2
    found = {"value": value, "expected": expected}
    for name, variance in (("normal", normal), ("random", random)):
        found |= {f"variance_{name}": variance, f"z_{name}": over(value - expected, np.sqrt(np.maximum(variance, 0)))}
    return found


def local_moran(values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each place's part in Moran's I, and the quadrant of its scatter plot.

    ``I_i = (n - 1) z_i sum_j w_ij z_j / sum z^2``: Anselin (1995), Geographical Analysis 27, 93-115. Quadrants: 1 high
    beside high, 2 low beside high, 3 low beside low, 4 high beside low.

    Args:
        values: ``(..., place)``.
        weights: As in `moran`.

    Returns:
        Part and quadrant, ``(..., place)`` each; the part is NaN where nothing varies.

    >>> local, quadrant = local_moran(np.array([1.0, 1, 3]), np.array([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    >>> local.round(2).tolist(), quadrant.tolist()
    ([0.33, -0.33, -0.67], [3, 2, 4])
    """
    x = np.asarray(values, dtype=float)
    z = x - x.mean(axis=-1, keepdims=True)
    beside = z @ np.asarray(weights, dtype=float).T
    local = over((x.shape[-1] - 1) * z * beside, (z**2).sum(axis=-1, keepdims=True))
    quadrant = np.where(z > 0, np.where(beside > 0, 1, 4), np.where(beside > 0, 2, 3))
    return local, quadrant


def geary(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Geary's C: ``(n - 1) / (2 S0) * sum w_ij (x_i - x_j)^2 / sum z^2``; 1 is no pattern, below it like beside like.

    Geary (1954), The Incorporated Statistician 5, 115-145.

    Args:
        values: ``(..., place)``, complete.
        weights: As in `moran`.

    Returns:
        ``(...)``; NaN where nothing varies or nothing is beside another.

    >>> geary(np.array([1.0, 2.0, 3.0]), np.array([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]])).item()
    0.5
    """
    x, w = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    apart = (w * (x[..., :, None] - x[..., None, :]) ** 2).sum(axis=(-1, -2))
    square = ((x - x.mean(axis=-1, keepdims=True)) ** 2).sum(axis=-1)
    return over((x.shape[-1] - 1) * apart, 2 * w.sum() * square)
