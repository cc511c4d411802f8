"""Economic complexity: which places make what few others make, from one symmetric eigenproblem on the smaller side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.cube import count, cube, long, over, zero_or_one
from tylib.indicators.iterations import rounds_of
from tylib.indicators.product_space import LEAST, density, outlook, proximity
from tylib.indicators.rows import rows, within
from tylib.indicators.specialisation import location_quotient

SAME = 1e-9
"""Eigenvalues nearer than this count as equal: their vectors are not determined by the table."""


def presence(quotients: np.ndarray, *, threshold: float = 1.0) -> np.ndarray:
    """Who has what: 1 where the quotient reaches the threshold (within 1e-12), else 0; 0 for NaN.

    Hidalgo and Hausmann (2009), PNAS 106, 10570-10575, whose threshold is 1.

    Args:
        quotients: Any shape.
        threshold: Of the quotient.

    Returns:
        As ``quotients``.

    >>> presence(np.array([1.0 - 1e-15, 0.5, np.nan])).tolist()
    [1.0, 0.0, 0.0]
    """
    return (np.nan_to_num(quotients) >= threshold - 1e-12).astype(float)


@dataclass(frozen=True)
class Indices:
    """What the eigenproblem of one table, or of each of many, gives."""

    eci: np.ndarray
    """``(..., place)``, mean 0 and standard deviation 1 over the places that have any; NaN where not determined"""
    pci: np.ndarray
    """``(..., sector)``"""
    raw: np.ndarray
    """``(..., sector)``: PCI before it is centred, in standard deviations of ECI; the outlook is taken from it"""
    components: np.ndarray
    """``(...)``: parts of the table that share nothing"""
    gap: np.ndarray
    """``(...)``: second eigenvalue less the third; small means that another table next door has another index"""


def indices(present: np.ndarray, *, scale: Literal["own", "places"] = "own") -> Indices:
    """Economic complexity of places (ECI) and sectors (PCI).

    Hidalgo and Hausmann (2009), PNAS 106, 10570-10575; Hausmann et al. (2014), The Atlas of Economic Complexity. With
    d diversity and u ubiquity: ECI is the second eigenvector of ``D^-1 M U^-1 M'``, found from the symmetric
    ``D^-1/2 M U^-1 M' D^-1/2`` or its partner, whichever is smaller; ``K_c = mean of K_p over what c has``. Signs: ECI
    rises with diversity; where all are equally diverse PCI falls with ubiquity, else the largest entry is positive.

    A place or sector that has nothing is left out (NaN). Where the table falls into parts that share nothing the
    eigenvectors only name the parts; then each part has its own index. NaN throughout a part where the second
    eigenvalue is zero (all alike) or not single (ties).

    Args:
        present: ``(..., place, sector)``, 0 or 1.
        scale: PCI by its own mean and standard deviation, or by those of ``places``, so that ECI is the mean of PCI.

    Returns:
        See `Indices`.

    Raises:
        ParameterError: A value is neither 0 nor 1, such as an amount or a quotient.

    >>> nested = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]])
    >>> indices(nested).eci.round(2).tolist()
    [1.34, 0.45, -0.45, -1.34]
    """
    return weighted_indices(zero_or_one(present), scale=scale)


def weighted_indices(M: np.ndarray, *, scale: Literal["own", "places"] = "own") -> Indices:
    """What `indices` gives, see `indices`, of cells that may weigh more than one: as a peer counts two tests at once.

    Args:
        M: ``(..., place, sector)``, zero or more.
        scale: As in `indices`.

    Returns:
        See `Indices`.

    >>> weighted_indices(np.array([[2.0, 2.0], [2.0, 0.0]])).eci.round(6).tolist()
    [1.0, -1.0]
    """
    lead = M.shape[:-2]
    flat = M.reshape(int(np.prod(lead)), *M.shape[-2:])
    kc, kp, several, gaps = _second(flat)
    for table in np.flatnonzero(several > 1):
        kc[table], kp[table], several[table] = _apart(flat[table])
    mean, deviation = _moments(kc)
    own_mean, own_deviation = _moments(kp) if scale == "own" else (mean, deviation)
    return Indices(
        over(kc - mean, deviation).reshape(*lead, kc.shape[-1]),
        over(kp - own_mean, own_deviation).reshape(*lead, kp.shape[-1]),
        over(kp, deviation).reshape(*lead, kp.shape[-1]),
        several.reshape(lead),
        gaps.reshape(lead),
    )


def _moments(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = ~np.isnan(vectors)
    n = np.maximum(known.sum(axis=-1, keepdims=True), 1)
    mean = np.nansum(vectors, axis=-1, keepdims=True) / n
    deviation = np.sqrt(np.nansum((vectors - mean) ** 2, axis=-1, keepdims=True) / n)
    return mean, np.where(deviation > SAME * (1 + np.abs(mean)), deviation, 0.0)


def _second(M: np.ndarray) -> tuple[np.ndarray, ...]:
    """Second vectors of a stack of tables, places and sectors; number of parts; gap to the third eigenvalue."""
    d, u = M.sum(axis=-1), M.sum(axis=-2)
    if not M.size:
        return np.full(d.shape, np.nan), np.full(u.shape, np.nan), np.zeros(len(M), dtype=int), np.zeros(len(M))
    inverse_d, inverse_u = np.nan_to_num(over(1.0, d)), np.nan_to_num(over(1.0, u))
    tall = M.shape[-2] > M.shape[-1]
    A = M * np.sqrt(inverse_d)[..., None] * np.sqrt(inverse_u)[..., None, :]
    values, vectors = _largest(np.swapaxes(A, -1, -2) @ A if tall else A @ np.swapaxes(A, -1, -2))
    second = values[:, 1]
    single = (second > SAME) & (second - values[:, 2] > SAME)
    # Eigenvalue one stands once for every part of the table that shares nothing with the others.
    several = np.where(second > 1 - SAME, 2, 1) * (M.any(axis=(-1, -2)))
    if tall:
        kp = np.sqrt(inverse_u) * vectors
        kc = inverse_d * (M @ kp[..., None])[..., 0]
    else:
        kc = np.sqrt(inverse_d) * vectors
        kp = inverse_u * (kc[:, None, :] @ M)[:, 0] * np.nan_to_num(over(1.0, second))[:, None]
    kc, kp = np.where(d > 0, kc, np.nan), np.where(u > 0, kp, np.nan)
    sign = np.where(single, _sign(kc, kp, d, u), np.nan)[:, None]
    return kc * sign, kp * sign, several, second - values[:, 2]


def _largest(S: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Three largest eigenvalues of each symmetric matrix (zero where there are fewer), vector of the second."""
    n = S.shape[-1]
    if n <= 64:
        values, vectors = np.linalg.eigh(S)
    else:
        from scipy.linalg import eigh

        found = [eigh(matrix, subset_by_index=[n - 3, n - 1], check_finite=False) for matrix in S]
        values, vectors = np.stack([v for v, _ in found]), np.stack([w for _, w in found])
    top = np.zeros((len(S), 3))
    take = min(3, n)
    top[:, :take] = values[:, : -take - 1 : -1]
    return np.maximum(top, 0.0), vectors[..., -2] if n > 1 else np.zeros((len(S), n))


def _sign(kc: np.ndarray, kp: np.ndarray, d: np.ndarray, u: np.ndarray) -> np.ndarray:
    """By diversity, else by ubiquity, else by the largest entry."""

    def with_(vector: np.ndarray, size: np.ndarray) -> np.ndarray:
        known = ~np.isnan(vector)
        n = np.maximum(known.sum(axis=-1, keepdims=True), 1)
        x, y = (np.where(known, a, 0) for a in (vector, size))
        x, y = (np.where(known, a - a.sum(axis=-1, keepdims=True) / n, 0) for a in (x, y))
        product = (x * y).sum(axis=-1)
        sure = np.abs(product) > 1e-9 * np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1))
        return np.where(sure, np.sign(product), 0)

    filled = np.nan_to_num(kc)
    # Of entries equally large the first: rounding must not choose.
    largest = np.argmax(np.abs(filled) >= np.abs(filled).max(axis=-1, keepdims=True) * (1 - 1e-9), axis=-1)
    last = np.where(np.take_along_axis(filled, largest[:, None], -1)[:, 0] < 0, -1, 1)
    by_diversity, by_ubiquity = with_(kc, d), -with_(kp, u)
    return np.where(by_diversity != 0, by_diversity, np.where(by_ubiquity != 0, by_ubiquity, last))


def parts(present: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Parts of one table that share nothing: a number for each place and each sector, -1 for those that have nothing.

    Connected components of the graph of places and sectors: Hopcroft and Tarjan (1973), Communications of the ACM 16,
    372-378.

    Args:
        present: ``(place, sector)``, 0 or 1.

    Returns:
        ``(place,)`` and ``(sector,)``.

    >>> places, sectors = parts(np.array([[1.0, 0.0], [0.0, 1.0]]))
    >>> places.tolist(), sectors.tolist()
    ([0, 1], [0, 1])
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows, columns = np.nonzero(present)
    size = sum(present.shape)
    graph = coo_array((np.ones(len(rows)), (rows, columns + len(present))), shape=(size, size))
    _, found = connected_components(graph, directed=False)
    alone = np.concatenate([present.sum(axis=1), present.sum(axis=0)]) == 0
    numbers = np.full(size, -1)
    numbers[~alone] = np.unique(found[~alone], return_inverse=True)[1]
    return numbers[: len(present)], numbers[len(present) :]


def _apart(M: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Vectors of a table in parts, each standardised by itself so that parts can stand side by side; how many."""
    kc, kp = np.full(len(M), np.nan), np.full(M.shape[1], np.nan)
    places, sectors = parts(M)
    for part in range(places.max() + 1):
        rows, columns = places == part, sectors == part
        if rows.sum() > 1 and columns.sum() > 1:
            c, p, _, _ = _second(M[np.ix_(rows, columns)][None])
            mean, deviation = _moments(c)
            kc[rows], kp[columns] = over(c - mean, deviation)[0], over(p - mean, deviation)[0]
    return kc, kp, places.max() + 1


def project(present: np.ndarray, pci: np.ndarray) -> np.ndarray:
    """Complexity of places that are too few for an index of their own: mean PCI of what they have.

    With PCI on the scale of places (`indices`) it is what ECI would be were they among the reference's places and
    changed nothing there: ``K_c = sum_p M_cp PCI_p / sum_p M_cp``, Hausmann et al. (2014).

    Args:
        present: ``(..., place, sector)`` of the places, against the reference's totals.
        pci: ``(..., sector)`` of the reference; sectors without one are left out.

    Returns:
        ``(..., place)``; NaN for a place that has none of the sectors.

    >>> project(np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([2.0, -1.0])).tolist()
    [0.5, nan]
    """
    known = ~np.isnan(pci)
    held = np.asarray(present) * known[..., None, :]
    return over((held * np.nan_to_num(pci)[..., None, :]).sum(axis=-1), held.sum(axis=-1))


def complexity(
    frame: pl.DataFrame, /, *, by: Sequence[str] = (), threshold: float = 1.0, least: int = LEAST
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Complexity of places and of sectors.

    Equations: see `indices`, `fitness` and `product_space.outlook`; a place has a sector where its location quotient
    reaches the threshold.

    Args:
        frame: ``place, sector, value`` and the columns of ``by``; one unit, zero or more, one row a key.
        by: Keys of tables that are taken each by itself, such as a year or a draw.
        threshold: Of the quotient.
        least: Places of a table that have any sector, below which nothing is estimated from it.

    Returns:
        Places: ``diversity, eci, fitness, coi`` (outlook, standardised), ``components, gap, drift`` (of the table; the
        last is that of fitness) and ``notes``: ``too_few``, ``nothing`` (has no sector), ``not_determined`` (ties, all
        alike), ``parts`` (the table falls apart, the index is the part's own) or null. Sectors: ``ubiquity, pci,
        complexity`` (of fitness) and ``notes`` likewise. Null where not determined.

    Raises:
        ParameterError: A column is missing or holds words, a key occurs twice or is missing, a value is negative or
            infinite.

    >>> made = [[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]]
    >>> rows = [(f"p{i}", f"s{j}", 10.0 * v) for i, row in enumerate(made) for j, v in enumerate(row)]
    >>> frame = pl.DataFrame(rows, schema=["place", "sector", "value"], orient="row")
    >>> complexity(frame, threshold=0.5, least=4)[0]["eci"].round(2).to_list()
    [1.34, 0.45, -0.45, -1.34]
    """
    keys = within(by, "place", "sector")
    values, axes = cube(rows(frame, keys=keys, numbers=["value"]), keys)
    M = presence(location_quotient(values), threshold=threshold)
    few = (M.any(axis=-1).sum(axis=-1) < least)[..., None]
    found = weighted_indices(M)
    F, Q, moved = rounds_of(M, 200)
    phi = proximity(M)
    coi, _ = outlook(M, density(M, phi), phi, found.raw)
    mean, deviation = _moments(coi)
    table = {"components": found.components, "gap": found.gap, "drift": moved}
    places = {"eci": found.eci, "fitness": F, "coi": over(coi - mean, deviation)}
    sectors = {"pci": found.pci, "complexity": Q}

    def shown(size: np.ndarray, without: str, columns: dict[str, np.ndarray], name: str) -> pl.DataFrame:
        index = next(iter(columns.values()))
        apart = np.broadcast_to(found.components[..., None] > 1, size.shape)
        reasons = [np.broadcast_to(few, size.shape), size == 0, np.isnan(index), apart]
        notes = np.select(reasons, ["too_few", "nothing", "not_determined", "parts"], "")
        kept = {column: np.where(few, np.nan, array) for column, array in columns.items()}
        whole = {column: array[..., None] for column, array in table.items()} if without == "sector" else {}
        return long(axes.without(without), **{name: size.astype(int)}, **kept, **whole, notes=notes)

    return shown(M.sum(axis=-1), "sector", places, "diversity"), shown(M.sum(axis=-2), "place", sectors, "ubiquity")


def projected(
    frame: pl.DataFrame,
    reference: pl.DataFrame,
    /,
    *,
    by: Sequence[str] = (),
    threshold: float = 1.0,
    least: int = LEAST,
) -> pl.DataFrame:
    """Complexity of few places on the scale of a larger reference (a province's counties, a nation's prefectures).

    Equation: see `project`; quotients of the places are taken against the reference's totals.

    Args:
        frame: ``place, sector, value``, the few places; zero or more; and the columns of ``by``.
        reference: The same, in the same unit and sectors, the places the index is estimated on; without the columns of
            ``by`` it is one for all.
        by: Keys of tables that are taken each by itself, such as a year or a draw.
        threshold: Of the quotient.
        least: Places of the reference that have any sector, below which it is refused.

    Returns:
        The columns of ``by``, ``place, diversity, eci`` (0 is the reference's mean place, 1 its standard deviation)
        and ``notes``: ``nothing`` or null.

    Raises:
        ParameterError: The reference has fewer places, no index, or not the tables or sectors of the frame; and as
            `complexity`.

    >>> made = [[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]]
    >>> cells = [(f"p{i}", f"s{j}", 10.0 * v) for i, row in enumerate(made) for j, v in enumerate(row)]
    >>> large = pl.DataFrame(cells, schema=["place", "sector", "value"], orient="row")
    >>> projected(large.head(4), large, threshold=0.5, least=4)["eci"].round(2).to_list()
    [1.34]
    """
    own = list(by) if isinstance(reference, pl.DataFrame) and set(by) <= set(reference.columns) else []
    large, axes = cube(rows(reference, keys=[*own, "place", "sector"], numbers=["value"]), [*own, "place", "sector"])
    M = presence(location_quotient(large), threshold=threshold)
    places = int(M.any(axis=-1).sum(axis=-1).min(initial=M.shape[-2]))
    if places < least:
        raise ParameterError(f"a reference of {places} places", where="reference", expected=f"{least} or more")
    found = indices(M, scale="places")
    if np.isnan(found.pci).all(axis=-1).any() or (found.components > 1).any():
        raise ParameterError("the reference has no single index", where="reference", expected="a table in one part")
    keys = within(by, "place", "sector")
    frame = rows(frame, keys=keys, numbers=["value"])
    labels = {name: series for name, series in zip(axes.names, axes.labels, strict=True) if name != "place"}
    for name, series in labels.items():
        if not set(frame[name]) <= set(series):
            raise ParameterError(f"a {name} that the reference has not", where=name, expected="those of the reference")
    small, axes = cube(frame, keys, labels=labels)
    e = count(small)
    share = over(np.nansum(large, axis=-2), np.nansum(large, axis=(-1, -2))[..., None])[..., None, :]
    M = presence(over(over(e, np.nansum(e, axis=-1, keepdims=True)), share), threshold=threshold)
    size = M.sum(axis=-1)
    return long(
        axes.without("sector"),
        diversity=size.astype(int),
        eci=project(M, found.pci),
        notes=np.where(size == 0, "nothing", ""),
    )
