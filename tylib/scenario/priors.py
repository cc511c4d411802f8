"""Draws of the parameters: Latin hypercubes for fans, Saltelli's design for shares of variance.

Every scenario uses the same random numbers, so that two scenarios differ by the scenario alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Ends = tuple[float, float, float]


def triangular(unit: np.ndarray, ends: Sequence[Ends]) -> np.ndarray:
    """Inverse of the triangular distribution function.

    Args:
        unit: ``(parameter, draw)``, 0 to 1.
        ends: ``low, most likely, high`` of each parameter.

    >>> triangular(np.array([[0.0, 0.5, 1.0]]), [(0.0, 1.0, 2.0)]).tolist()
    [[0.0, 1.0, 2.0]]
    """
    low, mode, high = np.array(ends, dtype=float).T[..., None]
    width = high - low
    split = np.divide(mode - low, width, out=np.zeros_like(width), where=width > 0)
    up = low + np.sqrt(unit * width * (mode - low))
    down = high - np.sqrt((1 - unit) * width * (high - mode))
    return np.where(unit < split, up, down)


def correlated(unit: np.ndarray, names: Sequence[str], pairs: Iterable[tuple[str, str, float]]) -> np.ndarray:
    """Bind pairs of rows by the correlation of their normal scores (a Gaussian copula); margins stay uniform."""
    from scipy.special import ndtr, ndtri

    matrix = np.eye(len(names))
    for one, other, value in pairs:
        at, to = names.index(one), names.index(other)
        matrix[at, to] = matrix[to, at] = value
    bound = np.flatnonzero(np.abs(matrix - np.eye(len(names))).sum(axis=0))
    if not len(bound):
        return unit
    scores = ndtri(np.clip(unit[bound], 1e-12, 1 - 1e-12))
    found = unit.copy()
    found[bound] = ndtr(np.linalg.cholesky(matrix[np.ix_(bound, bound)]) @ scores)
    return found


def drawn(
    priors: Mapping[str, Ends], *, draws: int, seed: int, pairs: Iterable[tuple[str, str, float]] = ()
) -> np.ndarray:
    """A Latin hypercube over the priors.

    Args:
        priors: ``low, most likely, high`` by parameter.
        draws: How many.
        seed: Of the random numbers; the same for every scenario.
        pairs: ``one, other, correlation``.

    Returns:
        ``(parameter, draw)``, read-only, rows in the order of ``priors``.
    """
    from scipy.stats import qmc

    unit = qmc.LatinHypercube(len(priors), rng=np.random.default_rng(seed)).random(draws).T
    return _fixed(triangular(correlated(unit, list(priors), pairs), list(priors.values())))


def central(priors: Mapping[str, Ends]) -> np.ndarray:
    """The median of every prior: ``(parameter, 1)``."""
    return _fixed(triangular(np.full((len(priors), 1), 0.5), list(priors.values())))


def saltelli(inputs: int, *, base: int, seed: int) -> np.ndarray:
    """Saltelli's design on a scrambled Sobol sequence: a sample, another, and the first with one column of the other.

    Args:
        inputs: How many vary.
        base: Size of a sample, a power of two.
        seed: Of the scrambling.

    Returns:
        ``(input, block, base)``, 0 to 1; blocks are ``a, b, ab_1 ...``.
    """
    from scipy.stats import qmc

    both = qmc.Sobol(2 * inputs, rng=np.random.default_rng(seed)).random(base).T
    a, b = both[:inputs], both[inputs:]
    design = np.repeat(a[:, None], inputs + 2, axis=1)
    design[:, 1] = b
    design[np.arange(inputs), np.arange(inputs) + 2] = b
    return design


def _fixed(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values
