"""Capital built up from investment, and growth taken apart into capital, labour and the rest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.cube import Axes, count, cube, long

SOURCES = ("output", "capital", "labour")


def perpetual_inventory(
    investment: np.ndarray, *, depreciation: float, growth: float | None = None, initial: np.ndarray | None = None
) -> np.ndarray:
    """Stock at the start of each year: ``K_t+1 = (1 - d) K_t + I_t``, ``K_0 = I_0 / (g + d)`` where it is not given.

    Harberger (1978) for the first stock; OECD, Measuring Capital (2009).

    Args:
        investment: ``(..., year)``, at constant prices, zero or more; a missing year (NaN) ends the series.
        depreciation: d, geometric, a year, above 0 and at most 1.
        growth: g, of investment before the first year; needed without ``initial``.
        initial: ``(...)``, K_0.

    Returns:
        ``(..., year + 1)``: the last is the stock after the last investment.

    Raises:
        ParameterError: A depreciation outside its range, or neither growth nor initial, or ``g + d`` not above zero.

    >>> perpetual_inventory(np.array([10.0, 10.0]), depreciation=0.1, growth=0.0).tolist()
    [100.0, 100.0, 100.0]
    """
    if not 0 < depreciation <= 1 or (initial is None and (growth is None or growth + depreciation <= 0)):
        raise ParameterError("no stock from this", expected="0 < depreciation <= 1, and growth or an initial stock")
    flow = count(investment)
    stocks = np.empty((*flow.shape[:-1], flow.shape[-1] + 1))
    stocks[..., 0] = flow[..., 0] / (growth + depreciation) if initial is None else count(initial)
    for year in range(flow.shape[-1]):
        stocks[..., year + 1] = (1 - depreciation) * stocks[..., year] + flow[..., year]
    return stocks


def growth_accounting(
    output: np.ndarray, capital: np.ndarray, labour: np.ndarray, *, alpha: float | np.ndarray
) -> dict[str, np.ndarray]:
    """Growth of output by source: ``dln Y = alpha dln K + (1 - alpha) dln L + dln A``, the last the residual.

    Solow (1957), Review of Economics and Statistics 39, 312-320.

    Args:
        output: ``(..., year)``, constant prices, above zero; what is not, or is missing, has no growth (NaN).
        capital: The same shape; stocks at the start of the year.
        labour: The same shape, persons or hours.
        alpha: Share of capital, 0 to 1, one number or one a year's change.

    Returns:
        ``output, capital, labour, productivity``, contributions in log points, ``(..., year - 1)``; the first is the
        sum of the others.

    Raises:
        ParameterError: A share outside 0 to 1.
    """
    share = np.asarray(alpha, dtype=float)
    if not ((share >= 0) & (share <= 1)).all():
        raise ParameterError("a share of capital outside its range", where="alpha", expected="0 to 1")
    with np.errstate(divide="ignore", invalid="ignore"):
        dY, dK, dL = (np.diff(np.where(np.asarray(x) > 0, np.log(x), np.nan)) for x in (output, capital, labour))
    return {
        "output": dY,
        "capital": share * dK,
        "labour": (1 - share) * dL,
        "productivity": dY - share * dK - (1 - share) * dL,
    }


def capital_stock(
    frame: pl.DataFrame, /, *, depreciation: float, growth: float, by: Sequence[str] = ()
) -> pl.DataFrame:
    """Capital of each place at the start of every year, from its investment.

    Equation: see `perpetual_inventory`.

    Args:
        frame: ``place, year, value``: gross investment at constant prices, one row a key, years without a gap.
        depreciation: A year.
        growth: Of investment before the first year.
        by: Keys such as a draw.

    Returns:
        ``place, year, value``, sorted; from a missing year on null.

    Raises:
        ParameterError: A gap between years, or as `perpetual_inventory`.

    >>> frame = pl.DataFrame({"place": "a", "year": [2020, 2021], "value": [10.0, 20.0]})
    >>> capital_stock(frame, depreciation=0.1, growth=0.0)["value"].to_list()
    [100.0, 100.0]
    """
    investment, axes = cube(frame, [*by, "place", "year"])
    if (np.diff(axes.labels[-1].to_numpy()) != 1).any():
        raise ParameterError("a year is missing between others", where="year", expected="years without a gap")
    return long(axes, value=perpetual_inventory(investment, depreciation=depreciation, growth=growth)[..., :-1])


def sources_of_growth(frame: pl.DataFrame, /, *, alpha: float, by: Sequence[str] = ()) -> pl.DataFrame:
    """Yearly growth of each place by source, in log points times a hundred (nearly per cent).

    Equation: see `growth_accounting`.

    Args:
        frame: ``place, year, output, capital, labour``, one row a key; what is not above zero counts as missing.
        alpha: Share of capital.
        by: Keys such as a draw.

    Returns:
        ``place, year`` (the later of the two), ``output, capital, labour, productivity``, sorted; null where a figure
        of either year is missing, as where a year has no row.

    >>> twice = {name: [1.0, 2.0] for name in ("output", "capital", "labour")}
    >>> frame = pl.DataFrame({"place": "a", "year": [1, 2], **twice})
    >>> sources_of_growth(frame, alpha=0.4).select("capital", "productivity").row(0)
    (27.7..., 0.0)
    """
    years = pl.Series(range(frame["year"].min(), frame["year"].max() + 1), dtype=frame["year"].dtype)
    series = {name: cube(frame, [*by, "place", "year"], value=name, labels={"year": years}) for name in SOURCES}
    found = growth_accounting(*(array for array, _ in series.values()), alpha=alpha)
    axes = series["output"][1]
    axes = Axes(axes.names, (*axes.labels[:-1], years[1:]))
    return long(axes, **{name: 100 * part for name, part in found.items()})
