"""The product space: which sectors go together, how near a place is to those it lacks, what they would open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl

from tylib.errors import unknown
from tylib.indicators.cube import Axes, count, cube, long, over
from tylib.indicators.rows import rows, within
from tylib.indicators.specialisation import location_quotient

LEAST = 30
"""Places below which no complexity is estimated: project such places onto a larger reference instead."""


def cooccurrence(present: np.ndarray) -> np.ndarray:
    """How many places have both sectors, ``M' M``; on the diagonal ubiquity.

    Hidalgo et al. (2007), Science 317, 482-487.

    Args:
        present: ``(..., place, sector)``, 0 or 1.

    Returns:
        ``(..., sector, sector)``.

    >>> cooccurrence(np.array([[1.0, 1.0], [1.0, 0.0]])).tolist()
    [[2.0, 1.0], [1.0, 1.0]]
    """
    M = np.asarray(present, dtype=float)
    return np.swapaxes(M, -1, -2) @ M


def proximity(present: np.ndarray, *, symmetric: bool = True) -> np.ndarray:
    """Chance that a place with one sector has the other: ``phi_ij = C_ij / max(u_i, u_j)``.

    Hidalgo, Klinger, Barabasi and Hausmann (2007), Science 317, 482-487. Not symmetric: ``C_ij / u_i``, given i.

    Args:
        present: ``(..., place, sector)``, 0 or 1.
        symmetric: The smaller of the two conditional chances.

    Returns:
        ``(..., sector, sector)``; zero for a sector that no place has.

    >>> proximity(np.array([[1.0, 1.0], [1.0, 0.0]])).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    both = cooccurrence(present)
    u = np.asarray(present, dtype=float).sum(axis=-2)
    base = np.maximum(u[..., :, None], u[..., None, :]) if symmetric else u[..., :, None]
    return np.divide(both, base, out=np.zeros_like(both), where=base > 0)


def correlation(quotients: np.ndarray) -> np.ndarray:
    """Proximity without a threshold: ``(1 + r_ij) / 2``, r the correlation of the quotients of two sectors over places.

    Pearson (1895), brought to 0 to 1 as py-ecomplexity 0.5.3 has it; no publication of that is known to us.

    Args:
        quotients: ``(..., place, sector)``; NaN counts as zero. A place that has nothing is left out.

    Returns:
        ``(..., sector, sector)``; NaN with a sector whose quotients are all equal.

    >>> correlation(np.array([[2.0, 1.0], [1.0, 2.0]])).round(9).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    x = np.nan_to_num(quotients)
    has = x.any(axis=-1, keepdims=True)
    least = 1e-12 * np.sqrt(x.shape[-2]) * np.abs(x).max(axis=-2, initial=0.0)  # below it rounding
    x = np.where(has, x - over(x.sum(axis=-2, keepdims=True), has.sum(axis=-2, keepdims=True)), 0.0)
    both = np.swapaxes(x, -1, -2) @ x
    deviation = np.sqrt(np.diagonal(both, axis1=-2, axis2=-1))
    deviation = np.where(deviation > least, deviation, 0)
    return (1 + np.clip(over(both, deviation[..., :, None] * deviation[..., None, :]), -1, 1)) / 2


def relatedness(
    present: np.ndarray, *, method: Literal["association", "cosine", "jaccard", "probability"] = "association"
) -> np.ndarray:
    """Co-occurrence freed of the size of the two sectors; zero on the diagonal.

    With C without its diagonal, S its row sums, T their sum: ``association`` ``C T / (S_i S_j)``, ``cosine``
    ``C / sqrt(S_i S_j)``, ``jaccard`` ``C / (S_i + S_j - C)``, ``probability`` C over its expectation
    ``T/2 (S_i/T S_j/(T - S_i) + S_j/T S_i/(T - S_j))``: van Eck and Waltman (2009), JASIST 60,
    1635-1651; Steijn (2021).

    Args:
        present: ``(..., place, sector)``, 0 or 1.
        method: Which.

    Returns:
        ``(..., sector, sector)``; zero for a sector that never goes with another.

    Raises:
        ParameterError: An unknown method.

    >>> relatedness(np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]), method="jaccard").round(3).tolist()
    [[0.0, 0.5, 0.25], [0.5, 0.0, 0.25], [0.25, 0.25, 0.0]]
    """
    C = cooccurrence(present) * (1 - np.eye(np.shape(present)[-1]))
    S = C.sum(axis=-1)
    i, j, T = S[..., :, None], S[..., None, :], S.sum(axis=-1)[..., None, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        base = {
            "association": lambda: i * j / T,
            "cosine": lambda: np.sqrt(i * j),
            "jaccard": lambda: i + j - C,
            "probability": lambda: (i * j / (T - i) + i * j / (T - j)) / 2,
        }
        if method not in base:
            raise unknown("method", method, base)
        return np.nan_to_num(over(C, base[method]()))


def density(present: np.ndarray, phi: np.ndarray, *, nearest: int | None = None) -> np.ndarray:
    """How near what a place has is to each sector: ``w_cp = sum_q M_cq phi_pq / sum_q phi_pq``, 0 to 1.

    Hidalgo et al. (2007). With ``nearest`` only so many sectors nearest to p count, p itself not among them, each with
    its proximity for weight; of equally near ones the first.

    Args:
        present: ``(..., place, sector)``, 0 or 1 (or quotients).
        phi: ``(..., sector, sector)``, proximity or another relatedness.
        nearest: How many, all where it is not given.

    Returns:
        ``(..., place, sector)``; NaN for a sector that is near to none.

    >>> density(np.array([[1.0, 0.0]]), np.array([[1.0, 0.5], [0.5, 1.0]])).round(3).tolist()
    [[0.667, 0.333]]
    """
    weights = np.nan_to_num(phi)
    if nearest is not None:
        others = np.where(np.eye(weights.shape[-1], dtype=bool), -1.0, weights)
        near = np.argsort(-others, axis=-1, kind="stable")[..., :nearest]
        chosen = np.zeros_like(weights)
        np.put_along_axis(chosen, near, np.take_along_axis(np.maximum(others, 0), near, -1), -1)
        weights = chosen
    total = weights.sum(axis=-1)
    return np.asarray(present, dtype=float) @ np.swapaxes(over(weights, total[..., None]), -1, -2)


def outlook(present: np.ndarray, near: np.ndarray, phi: np.ndarray, pci: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What a place could come to make (COI) and what each sector it lacks would open to it (COG).

    ``COI_c = sum_p (1 - M_cp) w_cp PCI_p``; ``COG_cp = (1 - M_cp) sum_q (1 - M_cq) phi_pq / sum_q' phi_qq' PCI_q``, p
    itself among the q: Hausmann et al. (2014); PCI before it is centred, as the Atlas and py-ecomplexity have it.

    Args:
        present: ``(..., place, sector)``, 0 or 1.
        near: The same shape, density w.
        phi: ``(..., sector, sector)``.
        pci: ``(..., sector)``, `complexity.Indices.raw`; a sector without one adds nothing.

    Returns:
        COI ``(..., place)``, not standardised; COG as ``present``, zero for what it has. NaN for a place that has
        nothing, and where no PCI is known.

    >>> M, phi, pci = np.array([[1.0, 0.0]]), np.array([[1.0, 0.5], [0.5, 1.0]]), np.array([-1.0, 1.0])
    >>> [one.round(3).tolist() for one in outlook(M, density(M, phi), phi, pci)]
    [[0.333], [[0.0, 0.667]]]
    """
    M, k = np.asarray(present, dtype=float), np.nan_to_num(pci)
    phi, lacking = np.nan_to_num(phi), 1 - M
    coi = ((lacking * np.nan_to_num(near)) @ k[..., None])[..., 0]
    gain = lacking * (lacking @ (phi * np.nan_to_num(over(k, phi.sum(axis=-1)))[..., None]))
    void = np.isnan(pci).all(axis=-1)[..., None] | ~M.any(axis=-1)
    gain[void] = np.nan
    return np.where(void, np.nan, coi), gain


def income_level(values: np.ndarray, income: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Income associated with each sector (PRODY) and with the mix of each place (EXPY).

    ``PRODY_j = sum_i LQ_ij Y_i / sum_i LQ_ij``; ``EXPY_i = sum_j s_ij PRODY_j``: Hausmann, Hwang and Rodrik (2007),
    Journal of Economic Growth 12, 1-25.

    Args:
        values: ``(..., place, sector)``.
        income: ``(..., place)``, output a head.

    Returns:
        PRODY ``(..., sector)`` and EXPY ``(..., place)``, in the unit of income; NaN for what has nothing.

    Raises:
        ParameterError: A value is negative.

    >>> [one.tolist() for one in income_level(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([10.0, 30.0]))]
    [[10.0, 30.0], [10.0, 30.0]]
    """
    lq = np.nan_to_num(location_quotient(values))
    e = np.nan_to_num(count(values))
    level = over((np.asarray(income)[..., None, :] @ lq)[..., 0, :], lq.sum(axis=-2))
    share = over(e, e.sum(axis=-1, keepdims=True))
    return level, (share @ np.nan_to_num(level)[..., None])[..., 0]


def opportunities(
    frame: pl.DataFrame, /, *, by: Sequence[str] = (), threshold: float = 1.0, least: int = LEAST
) -> pl.DataFrame:
    """How near every sector is to what a place makes, and what it would open to it.

    Equations: see `density` and `outlook`.

    Args:
        frame: ``place, sector, value`` and the columns of ``by``; one unit, zero or more, one row a key.
        by: Keys of tables that are taken each by itself, such as a year or a draw.
        threshold: Of the location quotient, at which a place has a sector.
        least: Places of a table that have any sector, below which no gain is estimated from it.

    Returns:
        One row a place and sector: ``lq, present, density`` (0 to 1), ``gain`` (COG, in standard deviations of ECI; 0
        for what a place has) and ``notes``: ``missing`` (no value: null but for density and gain), ``nothing`` (the
        place or the sector has nothing), ``too_few`` (no gain), ``not_determined`` (no gain: ties, all alike). Density
        is null for a sector that no place has; it needs no eigenvalue, so it holds for few places too, but rests on how
        often sectors go together there.

    Raises:
        ParameterError: A column is missing or holds words, a key occurs twice or is missing, a value is negative or
            infinite.

    >>> table = {"place": ["a", "a", "b"], "sector": ["x", "y", "x"], "value": [1.0, 1.0, 1.0]}
    >>> opportunities(pl.DataFrame(table), threshold=0.5)["density"].to_list()
    [1.0, 1.0, 0.66..., 0.33...]
    """
    # Complexity is built on this module; only here it is the other way round.
    from tylib.indicators.complexity import indices

    values, axes, lq, M = _tables(frame, by, threshold)
    phi = proximity(M)
    near = density(M, phi)
    enough = M.any(axis=-1).sum(axis=-1) >= least
    pci = np.full(M.shape[:-2] + M.shape[-1:], np.nan)
    if enough.any():
        pci[enough] = indices(M[enough]).raw
    _, gain = outlook(M, near, phi, pci)
    void = ~M.any(axis=-1)[..., None] | ~M.any(axis=-2)[..., None, :]
    few = np.broadcast_to(~enough[..., None, None], M.shape)
    notes = np.select(
        [np.isnan(values), void, few, np.isnan(gain)], ["missing", "nothing", "too_few", "not_determined"], ""
    )
    found = long(axes, lq=lq, present=M > 0, density=near, gain=gain, notes=notes)
    return found.with_columns(present=pl.when(pl.col("lq").is_not_null()).then("present"))


def proximities(frame: pl.DataFrame, /, *, by: Sequence[str] = (), threshold: float = 1.0) -> pl.DataFrame:
    """Proximity of every pair of sectors.

    Equation: see `proximity`.

    Args:
        frame: ``place, sector, value`` and the columns of ``by``, as in `opportunities`.
        by: Keys of tables that are taken each by itself, such as a year or a draw.
        threshold: Of the location quotient.

    Returns:
        The columns of ``by``, ``sector, other, proximity`` (0 to 1), both orders of each pair and each with itself,
        sorted.

    Raises:
        ParameterError: As `opportunities`.

    >>> table = {"place": ["a", "a", "b"], "sector": ["x", "y", "x"], "value": [1.0, 1.0, 1.0]}
    >>> proximities(pl.DataFrame(table), threshold=0.5)["proximity"].to_list()
    [1.0, 0.5, 0.5, 1.0]
    """
    _, axes, _, M = _tables(frame, by, threshold)
    sectors = axes.labels[-1]
    pairs = Axes((*by, "sector", "other"), (*axes.labels[:-2], sectors, sectors))
    return long(pairs, proximity=proximity(M))


def _tables(
    frame: pl.DataFrame, by: Sequence[str], threshold: float
) -> tuple[np.ndarray, Axes, np.ndarray, np.ndarray]:
    """Values, their axes, quotients, and who has what."""
    keys = within(by, "place", "sector")
    values, axes = cube(rows(frame, keys=keys, numbers=["value"]), keys)
    lq = location_quotient(values)
    return values, axes, lq, (np.nan_to_num(lq) >= threshold - 1e-12).astype(float)
