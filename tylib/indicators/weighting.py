"""Weights taken from the data: entropy, CRITIC, the first principal component."""

from __future__ import annotations

import numpy as np

from tylib.indicators.cube import count, over
from tylib.indicators.normalisation import SAME, normalise, to_unit


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
    x = to_unit(x)
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
