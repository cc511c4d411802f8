"""A region's table from the nation's: location quotients as shares of home supply, and balancing to known margins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.cube import count, cube, long, over
from tylib.indicators.input_output import multipliers_of_many
from tylib.indicators.rows import rows as read
from tylib.indicators.rows import within

Method = Literal["slq", "cilq", "flq", "aflq"]
METHODS: tuple[Method, ...] = ("slq", "cilq", "flq", "aflq")


def simple_quotient(regional: np.ndarray, national: np.ndarray) -> np.ndarray:
    """``SLQ_i = (e_i / e.) / (E_i / E.)``; zero for a sector absent from the region, NaN for one absent from both.

    Miller and Blair (2009), section 8.2.

    Args:
        regional: ``(..., n)``, employment or output of the region, zero or more.
        national: ``(..., n)``, of the nation in the same unit.

    Returns:
        ``(..., n)``.

    Raises:
        ParameterError: A size is negative.

    >>> simple_quotient(np.array([30.0, 10.0]), np.array([100.0, 100.0])).tolist()
    [1.5, 0.5]
    """
    e, E = count(regional), count(national)
    return over(over(e, e.sum(axis=-1, keepdims=True)), over(E, E.sum(axis=-1, keepdims=True)))


def home_shares(
    regional: np.ndarray, national: np.ndarray, *, method: Method = "flq", delta: float | np.ndarray = 0.3
) -> np.ndarray:
    """Share of each input that the region supplies itself: factors of the national coefficients, 0 to 1.

    ``slq``: SLQ of the supplier. ``cilq``: ``SLQ_i / SLQ_j``, on the diagonal SLQ. ``flq``: cilq times
    ``lambda = log2(1 + e./E.)^delta`` (Flegg and Webber 1997, Regional Studies 31, 795-805). ``aflq``: flq times
    ``log2(1 + SLQ_j)`` where the user's SLQ is above 1 (Flegg and Webber 2000, Regional Studies 34, 563-569). All
    capped at 1. A sector absent from the region supplies nothing and, but for ``slq``, takes nothing.

    Args:
        regional: ``(..., n)``, as in `simple_quotient`.
        national: ``(..., n)``.
        method: Which quotient.
        delta: Of flq and aflq, 0 or more; 0.3 is the usual start and no more than that: show a range. An array holds
            one a region, ``(...)``.

    Returns:
        ``(..., n, n)``, supplier by user.

    Raises:
        ParameterError: An unknown method, a delta below zero, a size below zero.

    >>> home_shares(np.array([30.0, 10.0]), np.array([100.0, 100.0]), method="cilq").round(3).tolist()
    [[1.0, 1.0], [0.333, 0.5]]
    """
    if method not in METHODS or np.any(np.asarray(delta) < 0):
        raise ParameterError(f'no quotient "{method}" with delta {delta}', expected=f"one of {', '.join(METHODS)}")
    quotient = np.nan_to_num(simple_quotient(regional, national))
    n = quotient.shape[-1]
    supplier, user = quotient[..., :, None], quotient[..., None, :]
    if method == "slq":
        return np.minimum(np.broadcast_to(supplier, (*quotient.shape, n)), 1.0)
    share = np.where(np.eye(n, dtype=bool), supplier, np.nan_to_num(over(supplier, user)))
    if method in ("flq", "aflq"):
        size = over(count(regional).sum(axis=-1), count(national).sum(axis=-1))[..., None, None]
        share = share * np.log2(1 + size) ** np.asarray(delta)[..., None, None]
    if method == "aflq":
        share = share * np.where(user > 1, np.log2(1 + user), 1.0)
    return np.minimum(share, 1.0)


def ras(
    matrix: np.ndarray, rows: np.ndarray, columns: np.ndarray, *, tolerance: float = 1e-10, limit: int = 10_000
) -> np.ndarray:
    """Balance a table to row and column sums by scaling both in turn (RAS, biproportional).

    ``r_i = u_i / sum_j z_ij``, then ``s_j = v_j / sum_i z_ij``, and again. Stone (1961), Input-Output and National
    Accounts; Miller and Blair (2009), section 7.4. Zeros stay zero.

    Args:
        matrix: ``(..., n, m)``, zero or more.
        rows: ``(..., n)``, sums wanted.
        columns: ``(..., m)``, sums wanted, with the same total.
        tolerance: Largest difference from a row sum at the end, as a share of the total.
        limit: Rounds after which it is given up.

    Returns:
        ``(..., n, m)``.

    Raises:
        ParameterError: A negative value, totals that differ, a sum wanted of a row of zeros, or no balance in the
            rounds allowed.

    >>> ras(np.ones((2, 2)), np.array([3.0, 1.0]), np.array([2.0, 2.0])).tolist()
    [[1.5, 1.5], [0.5, 0.5]]
    """
    table, r, c = count(matrix).copy(), count(rows), count(columns)
    total = r.sum(axis=-1)
    if not np.allclose(total, c.sum(axis=-1), rtol=1e-9):
        raise ParameterError("rows and columns have different totals", where="rows, columns", expected="one total")
    if ((table.sum(axis=-1) == 0) & (r > 0)).any() or ((table.sum(axis=-2) == 0) & (c > 0)).any():
        raise ParameterError("a row or column of zeros is to have a sum", expected="a cell above zero in it")
    for _ in range(limit):
        table *= np.nan_to_num(over(r, table.sum(axis=-1)))[..., None]
        table *= np.nan_to_num(over(c, table.sum(axis=-2)))[..., None, :]
        if (np.abs(table.sum(axis=-1) - r) <= tolerance * total[..., None]).all():
            return table
    raise ParameterError(f"no balance in {limit} rounds", expected="margins that the zeros of the table allow")


def regional_multipliers(
    flows: pl.DataFrame,
    sectors: pl.DataFrame,
    /,
    *,
    by: Sequence[str] = (),
    methods: Sequence[Method] = METHODS,
    deltas: Sequence[float] = (0.1, 0.2, 0.3, 0.4, 0.5),
) -> pl.DataFrame:
    """Output multipliers of a region by every quotient and delta: a range, as none of them is known to hold here.

    Equations: see `home_shares` and `tylib.indicators.input_output.multipliers`.

    Args:
        flows: ``supplier, user, value``: national technical coefficients; an absent pair is zero.
        sectors: ``sector, regional, national``: employment or output, one row a sector of ``flows``, and the columns
            of ``by``.
        by: Keys of regions that are taken each by itself, such as a place or a draw.
        methods: Quotients.
        deltas: Of flq and aflq; the others have none.

    Returns:
        The columns of ``by``, ``sector, method, delta, value`` (a unit of final demand makes so many units of output in
        the region) and ``notes`` (``absent``: the region does not have the sector), sorted in that order; delta is null
        where the method has none.

    Raises:
        ParameterError: A sector without employment of both, a coefficient that is missing or negative, a supplier or
            user that is no sector, a table that is not productive, and as `home_shares`.

    >>> flows = pl.DataFrame({"supplier": ["a", "b"], "user": ["b", "a"], "value": [0.2, 0.1]})
    >>> sectors = pl.DataFrame({"sector": ["a", "b"], "regional": [1.0, 1.0], "national": [10.0, 10.0]})
    >>> regional_multipliers(flows, sectors, methods=["slq"])["value"].round(4).to_list()
    [1.1224, 1.2245]
    """
    flows = _complete(flows, ["supplier", "user"])
    sectors = read(sectors, keys=within(by, "sector"), numbers=["regional", "national"])
    (e, axes), (E, _) = (cube(sectors, [*by, "sector"], value=name) for name in ("regional", "national"))
    labels = axes.labels[-1]
    if not (np.isfinite(e).all() and np.isfinite(E).all() and {*flows["supplier"], *flows["user"]} <= set(labels)):
        raise ParameterError("a sector without its size", where="sectors", expected="regional and national of each")
    A = count(np.nan_to_num(cube(flows, ["supplier", "user"], labels={"supplier": labels, "user": labels})[0]))
    parts = []
    for method in methods:
        for delta in deltas if method in ("flq", "aflq") else (None,):
            value = multipliers_of_many(A * home_shares(e, E, method=method, delta=0.0 if delta is None else delta))
            if np.isnan(value).any():
                raise ParameterError("a sector uses up more than the economy makes", expected="a productive economy")
            found = long(axes, value=value, notes=np.where(e > 0, "", "absent"))
            parts.append(found.with_columns(method=pl.lit(method), delta=pl.lit(delta, pl.Float64)))
    return (
        pl.concat(parts).select(*axes.names, "method", "delta", "value", "notes").sort(*axes.names, "method", "delta")
    )


def balance(
    frame: pl.DataFrame, rows: pl.DataFrame, columns: pl.DataFrame, /, *, by: Sequence[str] = ()
) -> pl.DataFrame:
    """Balance a long table to known sums of suppliers and users.

    Equation: see `ras`.

    Args:
        frame: ``supplier, user, value``, zero or more, and the columns of ``by``; an absent pair is zero and stays so.
        rows: ``supplier, value``, the sums wanted, and the columns of ``by``.
        columns: ``user, value``, the sums wanted, with the same total, and the columns of ``by``.
        by: Keys of tables that are balanced each by itself, such as a year or a draw.

    Returns:
        The columns of ``by``, ``supplier, user, value``, every pair, sorted.

    Raises:
        ParameterError: A value or sum is missing, a sum is wanted of a supplier or user that the table has not, and as
            `ras`.

    >>> pairs = pl.DataFrame({"supplier": ["a", "a", "b", "b"], "user": ["x", "y"] * 2, "value": [1.0] * 4})
    >>> sums = pl.DataFrame({"supplier": ["a", "b"], "value": [3.0, 1.0]})
    >>> balance(pairs, sums, pl.DataFrame({"user": ["x", "y"], "value": [2.0, 2.0]}))["value"].to_list()
    [1.5, 1.5, 0.5, 0.5]
    """
    table, axes = cube(_complete(frame, within(by, "supplier", "user")), [*by, "supplier", "user"])
    labels = dict(zip(axes.names, axes.labels, strict=True))
    wanted = []
    for name, sums in (("supplier", rows), ("user", columns)):
        sums = _complete(sums, [*by, name])
        if any(set(sums[key]) != set(labels[key]) for key in (*by, name)):
            raise ParameterError("a sum is missing, or of none", where=name, expected="one for each in the table")
        wanted.append(cube(sums, [*by, name], labels=labels)[0])
    if any(np.isnan(sums).any() for sums in wanted):
        raise ParameterError("a sum is missing", where="rows, columns", expected="one for each supplier and user")
    return long(axes, value=ras(np.nan_to_num(table), *wanted))


def _complete(frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Rows of which every one has its value."""
    frame = read(frame, keys=keys, numbers=["value"])
    if frame["value"].null_count():
        raise ParameterError("a value is missing", where="value", expected="a number in every row")
    return frame
