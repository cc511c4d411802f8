"""Who needs whom: accounts and multipliers of an input-output table, by one LU factorisation and no inverse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tylib.errors import ParameterError


@dataclass(frozen=True)
class Factor:
    """``I - A`` in triangles: every account is a solution with it or with its transpose."""

    lu: np.ndarray
    """of the transpose: rows of ours are columns to LAPACK, which so needs no copy"""
    pivots: np.ndarray

    def solve(self, right: np.ndarray, *, transposed: bool = False) -> np.ndarray:
        """``L b``, or ``b' L`` where transposed, with ``L = (I - A)^-1``; ``right`` is ``(n,)`` or ``(n, k)``."""
        from scipy.linalg import get_lapack_funcs

        (getrs,) = get_lapack_funcs(("getrs",), (self.lu,))
        return getrs(self.lu, self.pivots, right, trans=int(not transposed))[0]


def coefficients(flows: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Technical coefficients ``a_ij = z_ij / x_j``: what a unit of sector j takes from sector i.

    Leontief; Miller and Blair (2009), Input-Output Analysis, chapter 2. A sector without output takes nothing.

    Args:
        flows: ``(..., n, n)``, Z, supplier by user, in one unit of money.
        output: ``(..., n)``, x, gross output in the same unit.

    Returns:
        ``(..., n, n)``, A; NaN in the column of a sector whose output is not known.

    >>> coefficients(np.array([[150.0, 500.0], [200.0, 100.0]]), np.array([1000.0, 2000.0])).tolist()
    [[0.15, 0.25], [0.2, 0.05]]
    """
    return flows / _where_made(output)[..., None, :]


def allocation(flows: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Allocation coefficients ``b_ij = z_ij / x_i`` of Ghosh: what share of sector i goes to sector j.

    Ghosh (1958), Economica 25, 58-64; Miller and Blair (2009), section 12.1. A sector without output sells nothing.

    Args:
        flows: ``(..., n, n)``, Z, as in `coefficients`.
        output: ``(..., n)``, x.

    Returns:
        ``(..., n, n)``, B.

    >>> allocation(np.array([[150.0, 500.0], [200.0, 100.0]]), np.array([1000.0, 2000.0])).tolist()
    [[0.15, 0.5], [0.1, 0.05]]
    """
    return flows / _where_made(output)[..., :, None]


def _where_made(output: np.ndarray) -> np.ndarray:
    """Output to divide by: what is a share of no output is nothing."""
    x = np.asarray(output, dtype=float)
    return np.where(x <= 0, np.inf, x)


def factor(matrix: np.ndarray) -> Factor:
    """Factorise ``I - A``, once for all accounts.

    Triangles by LAPACK's getrf; that A is productive is told by Hawkins and Simon (1949), Econometrica 17, 245-248.

    Args:
        matrix: ``(n, n)``, A (or Ghosh's B), finite; one table. Of a stack `multipliers_of_many` and `inverse_of_many`.

    Returns:
        See `Factor`.

    Raises:
        ParameterError: Not square, a stack, a value is missing, or the economy uses up more than it makes.

    >>> factor(np.array([[0.15, 0.25], [0.2, 0.05]])).solve(np.array([600.0, 1500.0])).round(2).tolist()
    [1247.52, 1841.58]
    """
    from scipy.linalg import get_lapack_funcs

    A = np.asarray(matrix, dtype=float)
    if A.ndim > 2:
        raise _stack(A)
    if A.ndim != 2 or A.shape[0] != A.shape[1] or not np.isfinite(A).all():
        raise ParameterError("no accounts from this table", expected="a square table without gaps")
    system = -A
    np.fill_diagonal(system, system.diagonal() + 1)
    (getrf,) = get_lapack_funcs(("getrf",), (system,))
    lu, pivots, failed = getrf(system.T, overwrite_a=True)
    found = Factor(lu, pivots)
    # Without negative cells an economy is productive just where one unit of each sector takes at least one of each.
    if failed or ((A >= 0).all() and not (found.solve(np.ones(len(A))) >= 1 - 1e-9).all()):
        raise ParameterError("a sector uses up more than the economy makes", expected="a productive economy")
    return found


def _stack(tables: np.ndarray) -> ParameterError:
    """The refusal of many tables where one is factorised."""
    return ParameterError(
        f"a stack of tables {tables.shape} where one is factorised", expected="one table (n, n)",
        remedy="For many tables at once take multipliers_of_many or inverse_of_many.",
    )  # fmt: skip


def multipliers(system: Factor, direct: np.ndarray | None = None) -> np.ndarray:
    """Total requirement of each sector's final demand: ``m = s L``, by one solution with the transpose.

    Miller and Blair (2009), chapter 6.

    Args:
        system: Of A for output multipliers; of Ghosh's B its row sums are `total_supply`.
        direct: ``(n,)`` or ``(k, n)``, direct need a unit of output (jobs, energy, carbon); ones are output itself.

    Returns:
        As ``direct``.

    >>> multipliers(factor(np.array([[0.15, 0.25], [0.2, 0.05]]))).round(4).tolist()
    [1.5182, 1.4521]
    """
    s = np.ones(len(system.lu)) if direct is None else np.asarray(direct, dtype=float)
    return system.solve(s.T, transposed=True).T


def multipliers_of_many(matrices: np.ndarray, direct: np.ndarray | None = None) -> np.ndarray:
    """`multipliers` of many tables at once, such as draws of one: ``m = s (I - A)^-1`` for each.

    Equation: see `multipliers`.

    Args:
        matrices: ``(..., n, n)``, A.
        direct: ``(..., n)``, ones where it is not given.

    Returns:
        ``(..., n)``; NaN for a table with a gap or of an economy that uses up more than it makes.

    >>> multipliers_of_many(np.array([[[0.15, 0.25], [0.2, 0.05]], [[0.9, 0.9], [0.9, 0.9]]])).round(4).tolist()
    [[1.5182, 1.4521], [nan, nan]]
    """
    A = np.asarray(matrices, dtype=float)
    ones = np.ones(A.shape[:-1])
    s = ones if direct is None else np.broadcast_to(np.asarray(direct, dtype=float), ones.shape)
    system, whole = _systems(A)
    whole &= np.isfinite(s).all(axis=-1)
    found = np.linalg.solve(np.swapaxes(system, -1, -2), np.stack([ones, np.where(whole[..., None], s, 0.0)], axis=-1))
    return np.where((whole & _productive(A, found[..., 0]))[..., None], found[..., 1], np.nan)


def inverse_of_many(matrices: np.ndarray) -> np.ndarray:
    """Leontief's inverse of many tables at once, ``(I - A)^-1`` of each.

    Equation: see `inverse`.

    Args:
        matrices: ``(..., n, n)``, A.

    Returns:
        ``(..., n, n)``; NaN for a table with a gap or of an economy that uses up more than it makes.

    >>> inverse_of_many(np.array([[[0.15, 0.25], [0.2, 0.05]], [[0.9, 0.9], [0.9, 0.9]]])).round(4).tolist()
    [[[1.2541, 0.33], [0.264, 1.1221]], [[nan, nan], [nan, nan]]]
    """
    A = np.asarray(matrices, dtype=float)
    system, whole = _systems(A)
    found = np.linalg.inv(system)
    return np.where((whole & _productive(A, found.sum(axis=-2)))[..., None, None], found, np.nan)


def _systems(A: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``I - A`` of each table, ``I`` where that cannot be solved, and which can be."""
    eye = np.eye(A.shape[-1])
    whole = np.isfinite(A).all(axis=(-1, -2))
    whole &= np.linalg.slogdet(eye - np.where(whole[..., None, None], A, 0.0))[0] != 0
    return eye - np.where(whole[..., None, None], A, 0.0), whole


def _productive(A: np.ndarray, multiplier: np.ndarray) -> np.ndarray:
    """Which economies make more than they use up, by the output that a unit of final demand takes; see `factor`."""
    return (multiplier >= 1 - 1e-9).all(axis=-1) | (A < 0).any(axis=(-1, -2))


@dataclass(frozen=True)
class Accounts:
    """What an economy makes and what that takes, by sector; names as pymrio and Miller and Blair have them."""

    output: np.ndarray
    """x, ``(n,)``"""
    coefficients: np.ndarray
    """A, ``(n, n)``"""
    direct: np.ndarray
    """S, ``(k, n)``: requirement a unit of output"""
    total: np.ndarray
    """M, ``(k, n)``: requirement a unit of final demand"""
    produced: np.ndarray
    """D_pba, ``(k, n)``: where it arises"""
    consumed: np.ndarray
    """D_cba, ``(k, n)``: for whose final demand, consuming region by sector of the good"""
    imported: np.ndarray
    """D_imp, ``(k, n)``: the part of consumed that arises in other regions"""
    exported: np.ndarray
    """D_exp, ``(k, n)``: the part of produced that serves final demand of other regions"""


def accounts(flows: np.ndarray, final: np.ndarray, extensions: np.ndarray, *, regions: int = 1) -> Accounts:
    """Leontief's accounts of one region or several, with extensions.

    ``x = Z 1 + Y 1``, ``A = Z / x``, ``S = F / x``, ``M = S L``; consumed of region r and good s:
    ``sum_o M_os Y_os,r``. L is never formed. Miller and Blair (2009), chapters 2, 3 and 10.

    Args:
        flows: ``(n, n)``, Z, one table; sectors in the same order within each of the ``regions``, region by region.
        final: ``(n, c)``, Y; columns region by region, the same number in each.
        extensions: ``(k, n)``, F, jobs, energy, carbon by sector.
        regions: How many regions stand in the table.

    Returns:
        See `Accounts`.

    Raises:
        ParameterError: Shapes that do not fit, a stack of tables, a missing value, an economy that is not productive.

    >>> Z, Y, jobs = np.array([[150.0, 500.0], [200.0, 100.0]]), np.array([[350.0], [1700.0]]), np.array([[10.0, 40.0]])
    >>> found = accounts(Z, Y, jobs)
    >>> found.output.tolist(), found.produced.tolist(), found.consumed.round(2).tolist()
    ([1000.0, 2000.0], [[10.0, 40.0]], [[6.24, 43.76]])
    """
    if np.ndim(flows) > 2:
        raise _stack(flows)
    n = len(flows)
    Y, F = np.asarray(final, dtype=float), np.asarray(extensions, dtype=float)
    if n % regions or Y.shape[0] != n or Y.shape[1] % regions or F.shape[-1] != n:
        raise ParameterError("tables that do not fit", expected="as many sectors and columns in every region")
    Y = Y.reshape(n, regions, -1).sum(axis=2)
    x = flows.sum(axis=1) + Y.sum(axis=1)
    A = coefficients(flows, x)
    system = factor(A)
    S = F / _where_made(x)
    M = multipliers(system, S)
    consumed = _by_good(M[None], Y[None], regions).sum(axis=0)
    if regions == 1:
        nothing = np.zeros(F.shape)
        return Accounts(x, A, S, M, S * x, consumed, nothing, nothing)
    home = np.repeat(np.eye(regions), n // regions, axis=1)
    own = multipliers(system, (home[:, None, :] * S).reshape(-1, n)).reshape(regions, -1, n)
    domestic = np.stack([_by_good(own[r : r + 1], Y[None, :, r : r + 1], regions)[0] for r in range(regions)], axis=1)
    abroad = x - (system.solve(Y) * home.T).sum(axis=1)
    return Accounts(x, A, S, M, S * x, consumed, consumed - domestic.reshape(F.shape), S * abroad)


def _by_good(M: np.ndarray, Y: np.ndarray, regions: int) -> np.ndarray:
    """``sum_o M[k, o, s] Y[o, s, r]`` laid out as ``(k, r * s)``."""
    sectors = M.shape[-1] // regions
    good = np.einsum(
        "bkos,bosr->bkrs", M.reshape(*M.shape[:-1], regions, sectors), Y.reshape(len(Y), regions, sectors, -1)
    )
    return good.reshape(*good.shape[:-2], -1)


def inverse(system: Factor) -> np.ndarray:
    """Leontief's inverse itself, for what needs every cell of it (spread, extraction, a look at the table).

    ``L = (I - A)^-1``; Miller and Blair (2009), chapter 2.

    Args:
        system: Of A, or of Ghosh's B.

    Returns:
        ``(n, n)``, supplier by final demand.

    >>> inverse(factor(np.array([[0.15, 0.25], [0.2, 0.05]]))).round(4).tolist()
    [[1.2541, 0.33], [0.264, 1.1221]]
    """
    return system.solve(np.eye(len(system.lu), order="F"))


def spread(inverse: np.ndarray) -> np.ndarray:
    """How evenly a sector pulls on the others: coefficient of variation of its column of L (n - 1), low is even.

    Rasmussen (1956), Studies in Inter-sectoral Relations; Miller and Blair (2009), chapter 12.

    Args:
        inverse: ``(..., n, n)``, L.

    Returns:
        ``(..., n)``; 0 for the one sector of a table of one.

    >>> spread(np.eye(4)).tolist()
    [2.0, 2.0, 2.0, 2.0]
    """
    return inverse.std(axis=-2, ddof=min(1, inverse.shape[-2] - 1)) / inverse.mean(axis=-2)


def extraction(inverse: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Output that is lost when a sector, its sales, purchases and final demand, is taken out of the economy.

    Closed form of n solutions without it: ``x_k (sum_i l_ik) / l_kk``. Miller and Blair (2009), chapter 12, total
    extraction; Dietzenbacher, van der Linden and Steenge (1993).

    Args:
        inverse: ``(..., n, n)``, L.
        output: ``(..., n)``, x.

    Returns:
        ``(..., n)`` in the unit of output, the sector's own output included; over ``sum x`` its share.

    >>> extraction(np.eye(2), np.array([3.0, 4.0])).tolist()
    [3.0, 4.0]
    """
    return output * inverse.sum(axis=-2) / np.diagonal(inverse, axis1=-2, axis2=-1)
