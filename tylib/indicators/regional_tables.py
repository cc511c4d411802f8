"""A region's table from the nation's: location quotients as shares of home supply, and balancing to known margins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.cube import count, cube, long, over
from tylib.indicators.input_output import factor, multipliers

Method = Literal["slq", "cilq", "flq", "aflq"]
METHODS: tuple[Method, ...] = ("slq", "cilq", "flq", "aflq")


def simple_quotient(regional: np.ndarray, national: np.ndarray) -> np.ndarray:
    """``SLQ_i = (e_i / e.) / (E_i / E.)``; zero for a sector absent from the region, NaN for one absent from both.

    Args:
        regional: ``(..., n)``, employment or output of the region, zero or more.
        national: ``(..., n)``, of the nation in the same unit.
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
        ParameterError: An unknown method, or a delta below zero.
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

    Stone (1961); Miller and Blair (2009), section 7.4. Zeros stay zero.

    Args:
        matrix: ``(..., n, m)``, zero or more.
        rows: ``(..., n)``, sums wanted.
        columns: ``(..., m)``, sums wanted, with the same total.
        tolerance: Largest difference from a row sum at the end, as a share of the total.
        limit: Rounds after which it is given up.

    Raises:
        ParameterError: Totals that differ, a sum wanted of a row of zeros, or no balance in the rounds allowed.

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
    methods: Sequence[Method] = METHODS,
    deltas: Sequence[float] = (0.1, 0.2, 0.3, 0.4, 0.5),
) -> pl.DataFrame:
    """Output multipliers of a region by every quotient and delta: a range, as none of them is known to hold here.

    Args:
        flows: ``supplier, user, value``: national technical coefficients; an absent pair is zero.
        sectors: ``sector, regional, national``: employment or output, one row a sector of ``flows``.
        methods: Quotients.
        deltas: Of flq and aflq; the others have none.

    Returns:
        ``sector, method, delta, value`` (a unit of final demand makes so many units of output in the region), sorted
        in that order; delta is null where the method has none.

    Raises:
        ParameterError: A sector without employment of both, or a table that is not productive.

    >>> flows = pl.DataFrame({"supplier": ["a", "b"], "user": ["b", "a"], "value": [0.2, 0.1]})
    >>> sectors = pl.DataFrame({"sector": ["a", "b"], "regional": [1.0, 1.0], "national": [10.0, 10.0]})
    >>> regional_multipliers(flows, sectors, methods=["slq"])["value"].round(4).to_list()
    [1.1224, 1.2245]
    """
    labels = sectors["sector"].sort()
    axis = {"supplier": labels, "user": labels, "sector": labels}
    A = np.nan_to_num(cube(flows, ["supplier", "user"], labels=axis)[0])
    size = [cube(sectors, ["sector"], value=name, labels=axis)[0] for name in ("regional", "national")]
    if not np.isfinite(size).all() or not flows["supplier"].is_in(labels.implode()).all():
        raise ParameterError("a sector without its size", where="sectors", expected="regional and national of each")
    parts = []
    for method in methods:
        for delta in deltas if method in ("flq", "aflq") else (None,):
            shares = home_shares(*size, method=method, delta=0.0 if delta is None else delta)
            value = multipliers(factor(A * shares))
            parts.append(
                pl.DataFrame({"sector": labels, "value": value}).select(
                    "sector", method=pl.lit(method), delta=pl.lit(delta, pl.Float64), value="value"
                )
            )
    return pl.concat(parts).sort("sector", "method", "delta")


def balance(frame: pl.DataFrame, rows: pl.DataFrame, columns: pl.DataFrame, /) -> pl.DataFrame:
    """Balance a long table to known sums of suppliers and users.

    Equation: see `ras`.

    Args:
        frame: ``supplier, user, value``, zero or more; an absent pair is zero and stays so.
        rows: ``supplier, value``, the sums wanted.
        columns: ``user, value``, the sums wanted, with the same total.

    Returns:
        ``supplier, user, value``, every pair, sorted.

    Raises:
        ParameterError: A sum is missing, and as `ras`.

    >>> pairs = pl.DataFrame({"supplier": ["a", "a", "b", "b"], "user": ["x", "y"] * 2, "value": [1.0] * 4})
    >>> sums = pl.DataFrame({"supplier": ["a", "b"], "value": [3.0, 1.0]})
    >>> balance(pairs, sums, pl.DataFrame({"user": ["x", "y"], "value": [2.0, 2.0]}))["value"].to_list()
    [1.5, 1.5, 0.5, 0.5]
    """
    table, axes = cube(frame, ["supplier", "user"])
    labels = dict(zip(axes.names, axes.labels, strict=True))
    wanted = [cube(sums, [name], labels=labels)[0] for name, sums in (("supplier", rows), ("user", columns))]
    if any(np.isnan(sums).any() for sums in wanted):
        raise ParameterError("a sum is missing", where="rows, columns", expected="one for each supplier and user")
    return long(axes, value=ras(np.nan_to_num(table), *wanted))
