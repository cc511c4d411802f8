"""How strongly a sector pulls on its suppliers and is leaned on by its users: Rasmussen's two indices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.input_output import coefficients, factor, multipliers, multipliers_of_many
from tylib.indicators.input_output_tables import square


def rasmussen(flows: np.ndarray, output: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Power and sensitivity of dispersion (Rasmussen 1956) of every sector.

    With ``A = Z / x`` (columns) and ``L = (I - A)^-1``, the backward index is the column sum of L and the forward
    index its row sum, each over the mean of all sectors: above 1 is stronger than the average sector. L is never
    formed: the sums are two systems with one matrix, solved by LU. Miller and Blair (2009), chapter 12.

    Args:
        flows: ``(..., n, n)``, Z: what sector i sold to sector j as intermediate input, in any unit of money.
        output: ``(..., n)``, x, gross output of each sector in the same unit, above zero.

    Returns:
        Backward and forward, ``(..., n)``; of many tables NaN for one with a gap or that is not productive.

    Raises:
        ParameterError: Not square, an output that is not above zero; of one table an economy that uses up more than it
            makes.

    >>> back, forward = rasmussen(np.array([[150.0, 500.0], [200.0, 100.0]]), np.array([1000.0, 2000.0]))
    >>> back.round(3).tolist(), forward.round(3).tolist()
    ([1.022, 0.978], [1.067, 0.933])
    """
    size = np.shape(output)[-1]
    if flows.shape != (*output.shape, size) or (output <= 0).any():
        raise ParameterError(
            "no linkages from this table", expected="a square table of flows and outputs above zero for every sector"
        )
    A = coefficients(flows, output)
    if A.ndim > 2:
        columns, rows = multipliers_of_many(A), multipliers_of_many(np.swapaxes(A, -1, -2))
    else:
        system = factor(A)
        columns, rows = multipliers(system), system.solve(np.ones(size))
    return columns * size / columns.sum(axis=-1, keepdims=True), rows * size / rows.sum(axis=-1, keepdims=True)


def linkages(table: pl.DataFrame, /, *, by: Sequence[str] = ()) -> pl.DataFrame:
    """Backward and forward index of each sector of an input-output table, or of many.

    Equation: see `rasmussen`.

    Args:
        table: ``io_sector``, ``gross_output``, one column ``use_SECTOR`` for each sector, in one unit of money, and
            the columns of ``by``.
        by: Keys of tables that are taken each by itself, such as a draw; all of the same sectors.

    Returns:
        ``io_sector, backward, forward``, in the order of the table; no row where the table holds no complete square
        with outputs above zero. With ``by`` its columns first, sorted, and null for such a table and for one that is
        not productive.

    Raises:
        ParameterError: The one economy uses up more than it makes, and as `input_output_tables.square`.

    >>> table = pl.DataFrame({"io_sector": ["a", "b"], "gross_output": [1000.0, 2000.0],
    ...     "use_a": [150.0, 200.0], "use_b": [500.0, 100.0]})
    >>> linkages(table)["backward"].round(3).to_list()
    [1.022, 0.978]
    """
    found = square(table, by=by)
    flows, x = found.flows, found.output
    sound = np.isfinite(flows).all(axis=(-1, -2)) & (x > 0).all(axis=-1)
    if not by and not (sound and len(x)):
        return found.keys.clear().with_columns(backward=pl.lit(None, pl.Float64), forward=pl.lit(None, pl.Float64))
    if by:
        flows, x = np.where(sound[..., None, None], flows, np.nan), np.where(sound[..., None], x, 1.0)
    backward, forward = rasmussen(flows, x)
    return found.beside(backward=backward, forward=forward)
