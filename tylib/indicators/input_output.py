"""Who needs whom: accounts and multipliers of an input-output table, by one LU factorisation and no inverse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.cube import Axes, cube, long, over
from tylib.indicators.rows import rows, within


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


def multiplier_table(table: pl.DataFrame, /, *, by: Sequence[str] = ()) -> pl.DataFrame:
    """Multipliers, linkages and extraction of every sector of an input-output table, or of many.

    Equations: see `multipliers`, `allocation`, `tylib.indicators.linkages.rasmussen`, `spread` and `extraction`.

    Args:
        table: ``io_sector``, ``gross_output`` (zero or more), one column ``use_SECTOR`` for each sector, in one unit
            of money, and the columns of ``by``.
        by: Keys of tables that are taken each by itself, such as a year or a draw; all of the same sectors.

    Returns:
        In the order of the table (of the first, under the sorted keys of ``by``): ``output_multiplier`` (column sums
        of L), ``input_multiplier`` (row sums of Ghosh's inverse), ``backward, forward`` (Rasmussen's, 1 is the mean),
        ``forward_ghosh`` (likewise of Ghosh's), ``spread``, ``loss`` (total extraction, per cent of all output; above
        100 where final demand is below zero) and ``notes``. No row where the table has a gap; with ``by`` null, and
        the note ``missing``, or ``not_productive`` where the economy uses up more than it makes.

    Raises:
        ParameterError: The one economy uses up more than it makes, an output is negative, a sector without output has
            flows, a sector stands twice or not in every table.

    >>> table = pl.DataFrame({"io_sector": ["a", "b"], "gross_output": [1000.0, 2000.0],
    ...     "use_a": [150.0, 200.0], "use_b": [500.0, 100.0]})
    >>> multiplier_table(table)["output_multiplier"].round(4).to_list()
    [1.5182, 1.4521]
    """
    found = square(table, by=by)
    keys, flows, x = found.keys, found.flows, found.output
    gap = ~(np.isfinite(flows).all(axis=(-1, -2)) & np.isfinite(x).all(axis=-1))
    names = ("output_multiplier", "input_multiplier", "backward", "forward", "forward_ghosh", "spread", "loss")
    if not by and (gap.any() or not len(keys)):
        schema = keys.schema | dict.fromkeys(names, pl.Float64) | {"notes": pl.String}
        return pl.DataFrame(schema=schema)
    if by:
        L, ghosh = inverse_of_many(coefficients(flows, x)), inverse_of_many(allocation(flows, x)).sum(axis=-1)
    else:
        L, ghosh = inverse(factor(coefficients(flows, x))), factor(allocation(flows, x)).solve(np.ones(len(x)))
    back, forward = L.sum(axis=-2), L.sum(axis=-1)
    loss = over(100 * extraction(L, x), x.sum(axis=-1, keepdims=True))
    means = (sums / sums.mean(axis=-1, keepdims=True) for sums in (back, forward, ghosh))
    columns = dict(zip(names, (back, ghosh, *means, spread(L), loss), strict=True))
    notes = np.where(gap, "missing", np.where(np.isnan(back).any(axis=-1), "not_productive", ""))[..., None]
    return found.beside(**columns, notes=np.broadcast_to(notes, x.shape))


def requirements(table: pl.DataFrame, /, *, needs: Sequence[str], by: Sequence[str] = ()) -> pl.DataFrame:
    """What a unit of output, and a unit of final demand, of every sector takes of jobs, energy or carbon.

    Equations: ``s_j = f_j / x_j`` and ``m = s L``; Miller and Blair (2009), chapter 6.

    Args:
        table: ``io_sector``, ``gross_output``, one column ``use_SECTOR`` for each sector in one unit of money, the
            columns of ``needs``, totals of each sector in units of their own, and those of ``by``.
        needs: Their names.
        by: As in `multiplier_table`.

    Returns:
        ``io_sector, need, direct, total`` (need's unit a unit of money), in the order of the table and of ``needs``.
        ``direct`` is null where a total is missing or the sector has no output; then ``total`` is null for every
        sector, as a part of it is not known.

    Raises:
        ParameterError: A gap in the flows, an economy that uses up more than it makes, and as `multiplier_table`.

    >>> table = pl.DataFrame({"io_sector": ["a", "b"], "gross_output": [1000.0, 2000.0],
    ...     "use_a": [150.0, 200.0], "use_b": [500.0, 100.0], "jobs": [10.0, 40.0]})
    >>> requirements(table, needs=["jobs"])["total"].round(4).to_list()
    [0.0178, 0.0257]
    """
    found = square(table, by=by, numbers=needs)
    A, x, F = coefficients(*found.complete()), found.output, found.numbers
    S = np.divide(F, x, out=np.where(np.isnan(F) | (F > 0), np.nan, 0.0), where=x > 0)
    if by:
        M = multipliers_of_many(np.broadcast_to(A, (len(needs), *A.shape)), np.nan_to_num(S))
        if np.isnan(M).any():
            raise ParameterError("a sector uses up more than the economy makes", expected="a productive economy")
    else:
        M = multipliers(factor(A), np.nan_to_num(S))
    M = np.where(np.isnan(S).any(axis=-1, keepdims=True), np.nan, M)
    parts = [
        found.beside(direct=s, total=m).select(*by, "io_sector", pl.lit(need).alias("need"), "direct", "total")
        for need, s, m in zip(needs, S, M, strict=True)
    ]
    return pl.concat(parts)


def effects_of_demand(table: pl.DataFrame, demand: pl.DataFrame, /) -> pl.DataFrame:
    """Output that a change of final demand takes from every sector: ``dx = L df``.

    Miller and Blair (2009), section 2.2.

    Args:
        table: As in `multiplier_table`, one.
        demand: ``draw, io_sector, value``, one row a key, in the unit of the table; a sector without a row is not
            changed. Draws are solved at once.

    Returns:
        ``draw, io_sector, value``, sorted.

    Raises:
        ParameterError: A gap in the flows, a sector that the table has not, a missing value, and as
            `multiplier_table`.

    >>> table = pl.DataFrame({"io_sector": ["a", "b"], "gross_output": [1000.0, 2000.0],
    ...     "use_a": [150.0, 200.0], "use_b": [500.0, 100.0]})
    >>> more = pl.DataFrame({"draw": [0], "io_sector": ["a"], "value": [100.0]})
    >>> effects_of_demand(table, more)["value"].round(2).to_list()
    [125.41, 26.4]
    """
    found = square(table)
    demand = rows(demand, keys=["draw", "io_sector"], numbers=["value"])
    sectors = found.keys["io_sector"]
    order = sectors.arg_sort().to_numpy()
    if demand["value"].null_count() or not set(demand["io_sector"]) <= set(sectors):
        raise ParameterError("a change of demand without a sector or value", expected="sectors of the table, no gap")
    change, axes = cube(demand, ["draw", "io_sector"], labels={"io_sector": sectors.sort()})
    system = factor(coefficients(*found.complete())[np.ix_(order, order)])
    return long(axes, value=system.solve(np.nan_to_num(change).T).T)


@dataclass(frozen=True)
class Square:
    """An input-output table as arrays, NaN where it has a gap; leading axes are those of tables that stand together."""

    keys: pl.DataFrame
    """one row a table and sector, in the order of the arrays"""
    flows: np.ndarray
    """Z, ``(..., n, n)``"""
    output: np.ndarray
    """x, ``(..., n)``"""
    numbers: np.ndarray
    """what else was asked for, ``(k, ..., n)``"""

    def complete(self) -> tuple[np.ndarray, np.ndarray]:
        """Flows and output.

        Raises:
            ParameterError: There is no sector, or a gap.
        """
        if not len(self.keys) or not (np.isfinite(self.flows).all() and np.isfinite(self.output).all()):
            raise ParameterError("a gap in the table", expected="gross_output and use_SECTOR of each, all with a value")
        return self.flows, self.output

    def beside(self, **arrays: np.ndarray) -> pl.DataFrame:
        """Columns, each ``(..., n)``, beside the keys; NaN and a text without letters become null."""
        row = Axes(("row",), (pl.Series(range(len(self.keys))),))
        return self.keys.hstack(long(row, **{name: array.ravel() for name, array in arrays.items()}).drop("row"))


def square(table: pl.DataFrame, /, *, by: Sequence[str] = (), numbers: Sequence[str] = ()) -> Square:
    """Read an input-output table; a column ``use_SECTOR`` that is not there is a gap.

    Args:
        table: As in `multiplier_table`.
        by: Keys of tables that stand together.
        numbers: Further columns of figures.

    Returns:
        See `Square`.

    Raises:
        ParameterError: A column is missing or holds words, a sector stands twice or not in every table, an output is
            negative, a sector without output has flows.

    >>> square(pl.DataFrame({"io_sector": ["a"], "gross_output": [9], "use_a": [None]})).flows.tolist()
    [[nan]]
    """
    keys = within(by, "io_sector")
    sectors = rows(table, keys=keys)["io_sector"].unique(maintain_order=True)
    names = [f"use_{sector}" for sector in sectors]
    there = set(table.columns)
    figures = dict.fromkeys(["gross_output", *numbers, *(name for name in names if name in there)])
    table = rows(table, keys=keys, numbers=list(figures), unique=True)
    if by:
        order = pl.DataFrame({"io_sector": sectors, "sector_order": range(len(sectors))})
        table = table.join(order, on="io_sector").sort(*by, "sector_order")
        if table.height != table.select(by).n_unique() * len(sectors):
            raise ParameterError("a sector does not stand in every table", where="io_sector", expected="the same")
    cells = table.select(pl.col(name) if name in there else pl.lit(np.nan).alias(name) for name in names)
    flows = cells.fill_null(np.nan).to_numpy()
    x, *more = (table[name].fill_null(np.nan).to_numpy() for name in ("gross_output", *numbers))
    lead = (table.height // max(len(sectors), 1), len(sectors)) if by else (len(sectors),)
    flows, x = flows.reshape(*lead, len(sectors)), x.reshape(lead)
    moves = np.nan_to_num(flows) != 0
    still = (x == 0) & (moves.any(axis=-1) | moves.any(axis=-2))
    if (x < 0).any() or still.any():
        raise ParameterError(
            "an output is negative, or zero beside flows", where="gross_output", expected="output of what buys or sells"
        )
    return Square(table.select(keys), flows, x, np.array(more).reshape(len(numbers), *lead))
