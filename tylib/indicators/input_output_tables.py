"""Input-output tables as rows: multipliers, requirements and effects of demand, with the sectors' names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.cube import Axes, cube, long, over
from tylib.indicators.input_output import (
    allocation,
    coefficients,
    extraction,
    factor,
    inverse,
    inverse_of_many,
    multipliers,
    multipliers_of_many,
    spread,
)
from tylib.indicators.rows import rows, within


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
