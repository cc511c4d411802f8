"""Whether places grow alike: dispersion over time (sigma) and growth against the starting level (beta)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.cube import cube, long

LEAST = 30
"""Places below which growth says nothing about its starting level: a line through ten points is noise."""
LINE = ("alpha", "beta", "se_beta", "p", "speed", "half_life")


def sigma(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Standard deviation and coefficient of variation of the logarithms over places (population's).

    Barro and Sala-i-Martin (1992), Journal of Political Economy 100, 223-251.

    Args:
        values: ``(..., place)``, above zero; others are left out.

    Returns:
        ``(...)`` each; NaN where no place is left. The coefficient depends on the unit, the deviation does not.

    >>> deviation, _ = sigma(np.array([1.0, np.e**2]))
    >>> deviation.item()
    1.0
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.where(np.asarray(values) > 0, np.log(values), np.nan)
        n = (~np.isnan(x)).sum(axis=-1)
        mean = np.where(n > 0, np.nansum(x, axis=-1) / n, np.nan)
        deviation = np.sqrt(_beyond_rounding(np.nansum((x - mean[..., None]) ** 2, axis=-1), n, mean) / n)
        return np.where(n > 0, deviation, np.nan), np.where(mean != 0, deviation / np.abs(mean), np.nan)


def _beyond_rounding(square: np.ndarray, n: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """A sum of squares about a mean, zero where it is no more than the rounding of equal numbers."""
    return np.where(square > n * (1e-13 * (1 + np.abs(mean))) ** 2, square, 0.0)


def beta(start: np.ndarray, end: np.ndarray, *, years: float) -> dict[str, np.ndarray]:
    """Line of average growth on the logarithm of the starting level, by least squares.

    ``ln(y1/y0) / T = alpha + beta ln y0``; as ``beta = -(1 - exp(-speed T)) / T`` there,
    ``speed = -ln(1 + beta T) / T`` a year and ``half_life = ln 2 / speed`` in years: Barro and Sala-i-Martin (1992).

    Args:
        start: ``(..., place)``, above zero; a place with another value or none is left out.
        end: The same at the end.
        years: T.

    Returns:
        ``alpha, beta, se_alpha, se_beta, p`` (two-sided, of beta), ``speed, half_life, n``, each ``(...)``; NaN with
        fewer than three places, half-life NaN where nothing converges.
    """
    from scipy.special import stdtr

    y0, y1 = np.broadcast_arrays(np.asarray(start, dtype=float), np.asarray(end, dtype=float))
    known = (y0 > 0) & (y1 > 0)
    n = known.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.where(known, np.log(np.where(known, y0, 1)), 0)
        y = np.where(known, np.log(np.where(known, y1, 1)) - x, 0) / years
        mean_x, mean_y = x.sum(axis=-1) / n, y.sum(axis=-1) / n
        dx, dy = (np.where(known, a - m[..., None], 0) for a, m in ((x, mean_x), (y, mean_y)))
        square = _beyond_rounding((dx**2).sum(axis=-1), n, mean_x)
        slope = np.where((n > 2) & (square > 0), (dx * dy).sum(axis=-1) / square, np.nan)
        residual = ((dy - slope[..., None] * dx) ** 2).sum(axis=-1) / (n - 2)
        se = np.sqrt(residual / square)
        speed = np.where(slope * years > -1, -np.log1p(slope * years) / years, np.nan)
        return {
            "alpha": mean_y - slope * mean_x,
            "beta": slope,
            "se_alpha": np.where(np.isnan(slope), np.nan, np.sqrt(residual * (1 / n + mean_x**2 / square))),
            "se_beta": np.where(np.isnan(slope), np.nan, se),
            "p": np.where(se > 0, 2 * stdtr(n - 2, -np.abs(slope / se)), np.where(np.isnan(slope), np.nan, 0.0)),
            "speed": speed,
            "half_life": np.where(speed > 0, np.log(2) / speed, np.nan),
            "n": n,
        }


def convergence(
    frame: pl.DataFrame, /, *, start: int, end: int, by: Sequence[str] = (), least: int = LEAST
) -> pl.DataFrame:
    """Sigma and beta convergence of one figure between two years.

    Args:
        frame: ``place, year, value``; a figure a head above zero, one unit and prices, one row a key.
        start: First year.
        end: Last year.
        by: Keys such as a draw, within each of which the same is done.
        least: Places below which beta is refused.

    Returns:
        One row (a key of ``by``): ``n`` (places with both years above zero), ``sigma_start, sigma_end`` (of
        logarithms), ``p_sigma`` (of the F test that variances are equal), ``alpha, beta, se_beta, p, speed, half_life``
        and ``notes``: ``too_few`` where n is below ``least`` (all of beta is null then) or null.

    Raises:
        ParameterError: ``end`` is not after ``start``, or ``least`` below three.

    >>> frame = pl.DataFrame({"place": ["a", "b"] * 2, "year": [2020] * 2 + [2024] * 2, "value": [1.0, 4, 2, 4]})
    >>> convergence(frame, start=2020, end=2024).select("n", "beta", "notes").row(0)
    (2, None, 'too_few')
    """
    if end <= start or least < 3:
        raise ParameterError("no line to draw", where="start, end, least", expected="end after start, three places")
    years = {"year": pl.Series([start, end], dtype=frame["year"].dtype)}
    values, axes = cube(frame, ["year", *by, "place"], labels=years)
    both = np.where((values > 0).all(axis=0), values, np.nan)
    line = beta(both[0], both[1], years=end - start)
    enough = line["n"] >= least
    deviation, _ = sigma(both)
    columns = {"sigma_start": deviation[0], "sigma_end": deviation[1], "p_sigma": equal_spread(both[0], both[1])}
    columns |= {name: np.where(enough, line[name], np.nan) for name in LINE}
    notes = np.where(enough, "", "too_few")
    return long(axes.without("year", "place"), n=line["n"], **columns, notes=notes).with_columns(
        pl.col("n").cast(pl.Int64)
    )


def equal_spread(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Two-sided p of the F test that logarithms vary as much at the end as at the start.

    Args:
        start: ``(..., place)``, above zero; a place without both figures is left out.
        end: The same at the end.
    """
    from scipy.special import fdtr

    both = (np.asarray(start) > 0) & (np.asarray(end) > 0)
    (first, _), (last, _) = (sigma(np.where(both, a, np.nan)) for a in (start, end))
    n = both.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        below = fdtr(n - 1, n - 1, np.where((n > 1) & (last > 0), (first / last) ** 2, np.nan))
    return 2 * np.minimum(below, 1 - below)
