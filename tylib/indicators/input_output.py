"""Who needs whom: accounts and multipliers of an input-output table, by one LU factorisation and no inverse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.cube import cube, long


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

    >>> coefficients(np.array([[150.0, 500.0], [200.0, 100.0]]), np.array([1000.0, 2000.0])).tolist()
    [[0.15, 0.25], [0.2, 0.05]]
    """
    return flows / _where_made(output)[..., None, :]


def allocation(flows: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Allocation coefficients ``b_ij = z_ij / x_i`` of Ghosh: what share of sector i goes to sector j.

    Ghosh (1958), Economica 25, 58-64; Miller and Blair (2009), section 12.1. A sector without output sells nothing.
    """
    return flows / _where_made(output)[..., :, None]


def _where_made(output: np.ndarray) -> np.ndarray:
    """Output to divide by: what is a share of no output is nothing."""
    x = np.asarray(output, dtype=float)
    return np.where(x > 0, x, np.inf)


def factor(matrix: np.ndarray) -> Factor:
    """Factorise ``I - A``, once for all accounts.

    Args:
        matrix: ``(n, n)``, A (or Ghosh's B), finite.

    Raises:
        ParameterError: Not square, a value is missing, or the economy uses up more than it makes.

    >>> factor(np.array([[0.15, 0.25], [0.2, 0.05]])).solve(np.array([600.0, 1500.0])).round(2).tolist()
    [1247.52, 1841.58]
    """
    from scipy.linalg import get_lapack_funcs

    A = np.asarray(matrix, dtype=float)
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


def multipliers(system: Factor, direct: np.ndarray | None = None) -> np.ndarray:
    """Total requirement of each sector's final demand: ``m = s L``, by one solution with the transpose.

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
    whole = np.isfinite(A).all(axis=(-1, -2)) & np.isfinite(s).all(axis=-1)
    eye = np.eye(A.shape[-1])
    whole &= np.linalg.slogdet(eye - np.where(whole[..., None, None], A, 0.0))[0] != 0
    system = eye - np.where(whole[..., None, None], A, 0.0)
    found = np.linalg.solve(np.swapaxes(system, -1, -2), np.stack([ones, np.where(whole[..., None], s, 0.0)], axis=-1))
    productive = (found[..., 0] >= 1 - 1e-9).all(axis=-1) | (A < 0).any(axis=(-1, -2))
    return np.where((whole & productive)[..., None], found[..., 1], np.nan)


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
        flows: ``(n, n)``, Z; sectors in the same order within each of the ``regions``, region by region.
        final: ``(n, c)``, Y; columns region by region, the same number in each.
        extensions: ``(k, n)``, F, jobs, energy, carbon by sector.
        regions: How many regions stand in the table.

    Raises:
        ParameterError: Shapes that do not fit, a missing value, an economy that is not productive.
    """
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
    """Leontief's inverse itself, for what needs every cell of it (spread, extraction, a look at the table)."""
    return system.solve(np.eye(len(system.lu), order="F"))


def spread(inverse: np.ndarray) -> np.ndarray:
    """How evenly a sector pulls on the others: coefficient of variation of its column of L (n - 1), low is even.

    Rasmussen (1956), Studies in Inter-sectoral Relations; Miller and Blair (2009), chapter 12.

    >>> spread(np.eye(4)).tolist()
    [2.0, 2.0, 2.0, 2.0]
    """
    return inverse.std(axis=0, ddof=1) / inverse.mean(axis=0) if len(inverse) > 1 else np.zeros(1)


def extraction(inverse: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Output that is lost when a sector, its sales, purchases and final demand, is taken out of the economy.

    Closed form of n solutions without it: ``x_k (sum_i l_ik) / l_kk``. Miller and Blair (2009), chapter 12, total
    extraction; Dietzenbacher, van der Linden and Steenge (1993).

    Args:
        inverse: ``(n, n)``, L.
        output: ``(n,)``, x.

    Returns:
        ``(n,)`` in the unit of output, the sector's own output included; over ``sum x`` its share.

    >>> extraction(np.eye(2), np.array([3.0, 4.0])).tolist()
    [3.0, 4.0]
    """
    return output * inverse.sum(axis=0) / inverse.diagonal()


def multiplier_table(table: pl.DataFrame, /) -> pl.DataFrame:
    """Multipliers, linkages and extraction of every sector of an input-output table.

    Args:
        table: ``io_sector``, ``gross_output`` (zero or more) and one column ``use_SECTOR`` for each sector, in one unit
            of money.

    Returns:
        In the order of the table: ``output_multiplier`` (column sums of L), ``input_multiplier`` (row sums of Ghosh's
        inverse), ``backward, forward`` (Rasmussen's, 1 is the mean), ``forward_ghosh`` (likewise of Ghosh's),
        ``spread`` and ``loss`` (total extraction, per cent of all output). No row where the table has a gap.

    Raises:
        ParameterError: The economy uses up more than it makes.

    >>> table = pl.DataFrame({"io_sector": ["a", "b"], "gross_output": [1000.0, 2000.0],
    ...     "use_a": [150.0, 200.0], "use_b": [500.0, 100.0]})
    >>> multiplier_table(table)["output_multiplier"].round(4).to_list()
    [1.5182, 1.4521]
    """
    names = [f"use_{sector}" for sector in table["io_sector"]]
    columns = ("output_multiplier", "input_multiplier", "backward", "forward", "forward_ghosh", "spread", "loss")
    empty = pl.DataFrame(schema={"io_sector": pl.String} | dict.fromkeys(columns, pl.Float64))
    if not names or not set(names) <= set(table.columns):
        return empty
    flows, x = table.select(names).to_numpy().astype(float), table["gross_output"].cast(pl.Float64).to_numpy()
    if not (np.isfinite(flows).all() and np.isfinite(x).all()):
        return empty
    L = inverse(factor(coefficients(flows, x)))
    back, forward = L.sum(axis=0), L.sum(axis=1)
    ghosh = factor(allocation(flows, x)).solve(np.ones(len(x)))
    total = x.sum()
    loss = 100 * extraction(L, x) / total if total > 0 else np.full(len(x), np.nan)
    means = (back / back.mean(), forward / forward.mean(), ghosh / ghosh.mean())
    found = dict(zip(columns, (back, ghosh, *means, spread(L), loss), strict=True))
    return pl.DataFrame({"io_sector": table["io_sector"], **found}).with_columns(pl.selectors.float().fill_nan(None))


def requirements(table: pl.DataFrame, /, *, needs: Sequence[str]) -> pl.DataFrame:
    """What a unit of output, and a unit of final demand, of every sector takes of jobs, energy or carbon.

    Equations: ``s_j = f_j / x_j`` and ``m = s L``.

    Args:
        table: ``io_sector``, ``gross_output``, one column ``use_SECTOR`` for each sector in one unit of money, and the
            columns of ``needs``, totals of each sector in units of their own.
        needs: Their names.

    Returns:
        ``io_sector, need, direct, total`` (need's unit a unit of money), in the order of the table and of ``needs``.
        ``direct`` is null where a total is missing or the sector has no output; then ``total`` is null for every
        sector, as a part of it is not known.

    Raises:
        ParameterError: A gap in the flows, or an economy that uses up more than it makes.

    >>> table = pl.DataFrame({"io_sector": ["a", "b"], "gross_output": [1000.0, 2000.0],
    ...     "use_a": [150.0, 200.0], "use_b": [500.0, 100.0], "jobs": [10.0, 40.0]})
    >>> requirements(table, needs=["jobs"])["total"].round(4).to_list()
    [0.0178, 0.0257]
    """
    flows, x = _square(table)
    F = table.select(pl.col(needs).cast(pl.Float64)).fill_null(np.nan).to_numpy().T
    S = np.divide(F, x, out=np.where(np.isnan(F) | (F > 0), np.nan, 0.0), where=x > 0)
    M = multipliers(factor(coefficients(flows, x)), np.nan_to_num(S))
    M[np.isnan(S).any(axis=1)] = np.nan
    parts = [
        pl.DataFrame({"io_sector": table["io_sector"], "need": need, "direct": s, "total": m})
        for need, s, m in zip(needs, S, M, strict=True)
    ]
    return pl.concat(parts).with_columns(pl.selectors.float().fill_nan(None))


def effects_of_demand(table: pl.DataFrame, demand: pl.DataFrame, /) -> pl.DataFrame:
    """Output that a change of final demand takes from every sector: ``dx = L df``.

    Args:
        table: As in `multiplier_table`.
        demand: ``draw, io_sector, value``, one row a key, in the unit of the table; a sector without a row is not
            changed. Draws are solved at once.

    Returns:
        ``draw, io_sector, value``, sorted.

    Raises:
        ParameterError: A gap in the flows, a sector that the table has not, or a missing value.

    >>> table = pl.DataFrame({"io_sector": ["a", "b"], "gross_output": [1000.0, 2000.0],
    ...     "use_a": [150.0, 200.0], "use_b": [500.0, 100.0]})
    >>> more = pl.DataFrame({"draw": [0], "io_sector": ["a"], "value": [100.0]})
    >>> effects_of_demand(table, more)["value"].round(2).to_list()
    [125.41, 26.4]
    """
    flows, x = _square(table)
    order = table["io_sector"].arg_sort().to_numpy()
    if demand["value"].null_count() or not demand["io_sector"].is_in(table["io_sector"].implode()).all():
        raise ParameterError("a change of demand without a sector or value", expected="sectors of the table, no gap")
    change, axes = cube(demand, ["draw", "io_sector"], labels={"io_sector": table["io_sector"].sort()})
    system = factor(coefficients(flows, x)[np.ix_(order, order)])
    return long(axes, value=system.solve(np.nan_to_num(change).T).T)


def _square(table: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Flows and output of a table without a gap."""
    names = [f"use_{sector}" for sector in table["io_sector"]]
    if not names or not {*names, "gross_output"} <= set(table.columns):
        raise ParameterError("no square table", expected="gross_output and a column use_SECTOR for each sector")
    flows = table.select(pl.col(names).cast(pl.Float64)).fill_null(np.nan).to_numpy()
    x = table["gross_output"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    if not (np.isfinite(flows).all() and np.isfinite(x).all()):
        raise ParameterError("a gap in the table", expected="a value in every cell")
    return flows, x
