"""How strongly a sector pulls on its suppliers and is leaned on by its users: Rasmussen's two indices."""

from __future__ import annotations

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.input_output import coefficients, factor, multipliers


def rasmussen(flows: np.ndarray, output: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Power and sensitivity of dispersion (Rasmussen 1956) of every sector.

    With ``A = Z / x`` (columns) and ``L = (I - A)^-1``, the backward index is the column sum of L and the forward
    index its row sum, each over the mean of all sectors: above 1 is stronger than the average sector. L is never
    formed: the sums are two systems with one matrix, solved by LU.

    Args:
        flows: Z, square: what sector i sold to sector j as intermediate input, in any unit of money.
        output: x, gross output of each sector in the same unit, above zero.

    Raises:
        ParameterError: Not square, an output that is not above zero, or an economy that uses up more than it makes.

    >>> back, forward = rasmussen(np.array([[150.0, 500.0], [200.0, 100.0]]), np.array([1000.0, 2000.0]))
    >>> back.round(3).tolist(), forward.round(3).tolist()
    ([1.022, 0.978], [1.067, 0.933])
    """
    size = len(output)
    if flows.shape != (size, size) or not (output > 0).all():
        raise ParameterError(
            "no linkages from this table", expected="a square table of flows and outputs above zero for every sector"
        )
    system = factor(coefficients(flows, output))
    columns, rows = multipliers(system), system.solve(np.ones(size))
    return columns * size / columns.sum(), rows * size / rows.sum()


def linkages(table: pl.DataFrame, /) -> pl.DataFrame:
    """Backward and forward index of each sector of an input-output table.

    Args:
        table: ``io_sector``, ``gross_output`` and one column ``use_SECTOR`` for each sector, in one unit of money.

    Returns:
        ``io_sector, backward, forward``, in the order of the table; no row where the table holds no complete square
        with outputs above zero.
    """
    names = [f"use_{sector}" for sector in table["io_sector"]]
    square = bool(names) and set(names) <= set(table.columns) and bool((table["gross_output"] > 0).all())
    flows = table.select(names).to_numpy() if square else np.zeros((0, 0))
    if not square or np.isnan(flows).any():
        return pl.DataFrame(schema={"io_sector": pl.String, "backward": pl.Float64, "forward": pl.Float64})
    backward, forward = rasmussen(flows, table["gross_output"].to_numpy())
    return pl.DataFrame({"io_sector": table["io_sector"], "backward": backward, "forward": forward})
