"""Capital built up from investment, and growth taken apart into capital, labour and the rest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.cube import Axes, count, cube, long
from tylib.indicators.rows import within, years

SOURCES = ("output", "capital", "labour")


def perpetual_inventory(
    investment: np.ndarray,
    *,
    depreciation: float | np.ndarray,
    growth: float | np.ndarray | None = None,
    initial: np.ndarray | None = None,
) -> np.ndarray:
    """Stock at the start of each year: ``K_t+1 = (1 - d) K_t + I_t``, ``K_0 = I_0 / (g + d)`` where it is not given.

    Harberger (1978) for the first stock; OECD, Measuring Capital (2009).

    Args:
        investment: ``(..., year)``, at constant prices, zero or more; a missing year (NaN) ends the series.
        depreciation: d, geometric, a year, above 0 and at most 1; one number or ``(...)``, such as one a draw.
        growth: g, of investment before the first year; needed without ``initial``. One number or ``(...)``.
        initial: ``(...)``, K_0.

    Returns:
        ``(..., year + 1)``: the last is the stock after the last investment. The leading axes are those that all of
        these spread to.

    Raises:
        ParameterError: A depreciation outside its range, or neither growth nor initial, or ``g + d`` not above zero; a
            negative value; no year; leading axes that do not spread to one another.

    >>> perpetual_inventory(np.array([10.0, 10.0]), depreciation=0.1, growth=0.0).tolist()
    [100.0, 100.0, 100.0]
    >>> perpetual_inventory(np.array([10.0]), depreciation=0.1, growth=np.array([0.0, 0.1])).round(9).tolist()
    [[100.0, 100.0], [50.0, 55.0]]
    """
    d, flow = np.asarray(depreciation, dtype=float), count(investment)
    g = np.asarray(np.nan if growth is None else growth, dtype=float)
    first = None if initial is None else count(initial)
    lead = _spread(flow.shape[:-1], d.shape, g.shape, () if first is None else first.shape)
    if not ((d > 0) & (d <= 1)).all() or (initial is None and not (g + d > 0).all()):
        raise ParameterError("no stock from this", expected="0 < depreciation <= 1, and growth or an initial stock")
    if flow.ndim == 0 or flow.shape[-1] == 0:
        raise ParameterError("no year of investment", where="investment", expected="one at least along the last axis")
    stocks = np.empty((*lead, flow.shape[-1] + 1))
    stocks[..., 0] = flow[..., 0] / (g + d) if first is None else first
    for year in range(flow.shape[-1]):
        stocks[..., year + 1] = (1 - d) * stocks[..., year] + flow[..., year]
    return stocks


def _spread(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that all spread to; in words where there is none."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise ParameterError(
            f"arrays of {', '.join(map(str, shapes))} do not spread to one another", expected="leading axes that agree"
        ) from None


def growth_accounting(
    output: np.ndarray, capital: np.ndarray, labour: np.ndarray, *, alpha: float | np.ndarray
) -> dict[str, np.ndarray]:
    """Growth of output by source: ``dln Y = alpha dln K + (1 - alpha) dln L + dln A``, the last the residual.

    Solow (1957), Review of Economics and Statistics 39, 312-320.

    Args:
        output: ``(..., year)``, constant prices, above zero; what is not, or is missing, has no growth (NaN).
        capital: The same shape; stocks at the start of the year.
        labour: The same shape, persons or hours.
        alpha: Share of capital, 0 to 1: one number, or what spreads to ``(..., year - 1)``: one a change of a year, or
            ``(draw, 1)`` for one a draw.

    Returns:
        ``output, capital, labour, productivity``, contributions in log points, ``(..., year - 1)``; the first is the
        sum of the others.

    Raises:
        ParameterError: A share outside 0 to 1, or arrays that do not spread to one another.

    >>> levels = np.array([1.0, np.e])
    >>> growth_accounting(levels, levels, levels, alpha=np.array([[0.3], [0.4]]))["capital"].tolist()
    [[0.3], [0.4]]
    """
    share = np.asarray(alpha, dtype=float)
    if not ((share >= 0) & (share <= 1)).all():
        raise ParameterError("a share of capital outside its range", where="alpha", expected="0 to 1")
    with np.errstate(divide="ignore", invalid="ignore"):
        dY, dK, dL = (np.diff(np.where(np.asarray(x) > 0, np.log(x), np.nan)) for x in (output, capital, labour))
    shape = _spread(dY.shape, dK.shape, dL.shape, share.shape)
    dY, dK, dL = (np.broadcast_to(x, shape) for x in (dY, dK, dL))
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
    every = years(frame)
    investment, axes = cube(frame, within(by, "place", "year"))
    if len(every) != len(axes.labels[-1]):
        raise ParameterError("a year is missing between others", where="year", expected="years without a gap")
    if not len(every):
        return long(axes, value=investment)
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

    Raises:
        ParameterError: A share outside 0 to 1; an infinite value, a key that occurs twice.

    >>> twice = {name: [1.0, 2.0] for name in ("output", "capital", "labour")}
    >>> frame = pl.DataFrame({"place": "a", "year": [1, 2], **twice})
    >>> sources_of_growth(frame, alpha=0.4).select("capital", "productivity").row(0)
    (27.7..., 0.0)
    """
    labels, keys = {"year": years(frame)}, within(by, "place", "year")
    series = {name: cube(frame, keys, value=name, labels=labels) for name in SOURCES}
    found = growth_accounting(*(array for array, _ in series.values()), alpha=alpha)
    axes = series["output"][1]
    axes = Axes(axes.names, (*axes.labels[:-1], labels["year"][1:]))
    return long(axes, **{name: 100 * part for name, part in found.items()})
