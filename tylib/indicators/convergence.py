"""Whether places grow alike: dispersion over time (sigma) and growth against the starting level (beta)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.cube import cube, long
from tylib.indicators.rows import within
from tylib.indicators.rows import years as asked

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
        years: T, above zero.

    Returns:
        ``alpha, beta, se_alpha, se_beta, p`` (two-sided, of beta), ``speed, half_life, n``, each ``(...)``; NaN with
        fewer than three places or where all start at the same level, half-life NaN where nothing converges.

    Raises:
        ParameterError: ``years`` is not above zero.

    >>> start = np.array([1.0, 2.0, 4.0])
    >>> beta(start, np.array([2.0, 3.0, 4.5]), years=5)["beta"].round(3).item()
    -0.083
    """
    from scipy.special import stdtr

    if not 0 < years < np.inf:
        raise ParameterError(f"{years} years", where="years", expected="more than none")
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

    Equations and sources: see `sigma`, `beta`, `equal_spread`.

    Args:
        frame: ``place, year, value``; a figure a head above zero, one unit and prices, one row a key.
        start: First year.
        end: Last year.
        by: Keys such as a draw, within each of which the same is done.
        least: Places below which beta is refused.

    Returns:
        One row (a key of ``by``): ``n`` (places with both years above zero), ``sigma_start, sigma_end`` (of
        logarithms), ``p_sigma`` (of the F test that variances are equal), ``alpha, beta, se_beta, p, speed, half_life``
        and ``notes``: ``too_few`` where n is below ``least``, ``no_spread`` where all start at the same level (all of
        beta is null in both) or null.

    Raises:
        ParameterError: ``end`` is not after ``start``, or ``least`` below three; a key that occurs twice.

    >>> frame = pl.DataFrame({"place": ["a", "b"] * 2, "year": [2020] * 2 + [2024] * 2, "value": [1.0, 4, 2, 4]})
    >>> convergence(frame, start=2020, end=2024).select("n", "beta", "notes").row(0)
    (2, None, 'too_few')
    """
    if least < 3:
        raise ParameterError(f"a line through {least} places", where="least", expected="three or more")
    keys = sorted(within(by, "year", "place"), key="year".__ne__)  # the year first
    values, axes = cube(frame, keys, labels={"year": asked(frame, start, end)})
    both = np.where((values > 0).all(axis=0), values, np.nan)
    line = beta(both[0], both[1], years=end - start)
    enough = line["n"] >= least
    deviation, _ = sigma(both)
    columns = {"sigma_start": deviation[0], "sigma_end": deviation[1], "p_sigma": equal_spread(both[0], both[1])}
    columns |= {name: np.where(enough, line[name], np.nan) for name in LINE}
    notes = np.where(enough, np.where(np.isnan(line["beta"]), "no_spread", ""), "too_few")
    return long(axes.without("year", "place"), n=line["n"], **columns, notes=notes).with_columns(
        pl.col("n").cast(pl.Int64)
    )


def equal_spread(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Two-sided p of the F test that logarithms vary as much at the end as at the start.

    ``F = sd_0^2 / sd_1^2`` with n - 1 and n - 1 degrees of freedom: Snedecor (1934), as REAT's ``sigmaconv`` has it.

    Args:
        start: ``(..., place)``, above zero; a place without both figures is left out.
        end: The same at the end.

    Returns:
        ``(...)``; NaN with fewer than two places or without any spread at the end.

    >>> equal_spread(np.array([1.0, 2.0, 4.0]), np.array([3.0, 6.0, 12.0])).round(6).item()
    1.0
    """
    from scipy.special import fdtr

    both = (np.asarray(start) > 0) & (np.asarray(end) > 0)
    (first, _), (last, _) = (sigma(np.where(both, a, np.nan)) for a in (start, end))
    n = both.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        below = fdtr(n - 1, n - 1, np.where((n > 1) & (last > 0), (first / last) ** 2, np.nan))
    return 2 * np.minimum(below, 1 - below)
