"""Complexity by rounds: fitness and quality that weigh each other, and averages reflected in one another."""

from __future__ import annotations

import numpy as np

from tylib.indicators.cube import over, zero_or_one


def fitness(present: np.ndarray, *, rounds: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Fitness of places and complexity of sectors, a fixed number of rounds; `drift` tells whether they were enough.

    ``F = M Q``, ``Q = 1 / (M' (1 / F))``, each over its mean after every round: Tacchella et al. (2012), Scientific
    Reports 2, 723. Places or sectors that have nothing are NaN and leave the others alone.

    Args:
        present: ``(..., place, sector)``, 0 or 1.
        rounds: How many; some fitness goes to zero with the rounds in many tables, the order holds.

    Returns:
        ``(..., place)`` and ``(..., sector)``, mean 1 each.

    Raises:
        ParameterError: A value is neither 0 nor 1.

    >>> [one.round(2).tolist() for one in fitness(np.array([[1.0, 1.0], [1.0, 0.0]]), rounds=5)]
    [[1.71, 0.29], [0.29, 1.71]]
    """
    return rounds_of(zero_or_one(present), rounds)[:2]


def drift(present: np.ndarray, *, rounds: int = 200) -> np.ndarray:
    """How far the last round of `fitness` moved the fitness of any place, in mean fitness.

    Near zero it has settled; else it still wanders, as it does for long in tables that are empty beyond the diagonal:
    Pugliese, Zaccaria and Pietronero (2016), European Physical Journal Special Topics 225, 1893-1911.

    Args:
        present: ``(..., place, sector)``, 0 or 1.
        rounds: As in `fitness`.

    Returns:
        ``(...)``; NaN where no place has anything.

    Raises:
        ParameterError: A value is neither 0 nor 1.

    >>> nested = np.array([[1.0, 1.0], [1.0, 0.0]])
    >>> bool(drift(np.ones((2, 2))) == 0), bool(drift(nested, rounds=9) > drift(nested, rounds=90) > 0)
    (True, True)
    """
    return rounds_of(zero_or_one(present), rounds)[2]


def rounds_of(M: np.ndarray, rounds: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fitness, complexity, and how far the last round moved any fitness."""
    has, made = M.any(axis=-1), M.any(axis=-2)
    F, Q = has.astype(float), made.astype(float)
    before = F
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(rounds):
            before = F
            burden = (np.where(has, 1 / F, 0.0)[..., None, :] @ M)[..., 0, :]
            F, Q = (M @ Q[..., None])[..., 0], np.where(made, 1 / burden, 0.0)
            F, Q = (
                np.where(own, x * own.sum(axis=-1, keepdims=True) / x.sum(axis=-1, keepdims=True), 0.0)
                for x, own in ((F, has), (Q, made))
            )
            F = np.where(has, np.maximum(F, np.finfo(float).tiny), 0.0)
    moved = np.where(has.any(axis=-1), np.abs(F - before).max(axis=-1, initial=0.0), np.nan)
    return np.where(has, F, np.nan), np.where(made, Q, np.nan), moved


def reflections(present: np.ndarray, *, steps: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Method of reflections: averages of averages, ``k_c,n = mean of k_p,n-1``, ``k_p,n = mean of k_c,n-1``.

    Hidalgo and Hausmann (2009). It tends to ECI slowly and loses digits on the way: `indices` is the index, this is
    here to compare.

    Args:
        present: ``(..., place, sector)``, 0 or 1.
        steps: n.

    Returns:
        ``k_c,n`` and ``k_p,n``, not standardised; NaN for what has nothing.

    Raises:
        ParameterError: A value is neither 0 nor 1.

    >>> [one.tolist() for one in reflections(np.array([[1.0, 1.0], [1.0, 0.0]]), steps=1)]
    [[1.5, 2.0], [1.5, 2.0]]
    """
    M = zero_or_one(present)
    d, u = M.sum(axis=-1), M.sum(axis=-2)
    kc, kp = d, u
    for _ in range(steps):
        kc, kp = (
            np.nan_to_num(over((M @ kp[..., None])[..., 0], d)),
            np.nan_to_num(over((kc[..., None, :] @ M)[..., 0, :], u)),
        )
    return np.where(d > 0, kc, np.nan), np.where(u > 0, kp, np.nan)
