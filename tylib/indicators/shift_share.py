"""Why a place grew as it did: the pull of the whole, the mix of its sectors, what remains its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.cube import beside, count, cube, long, over
from tylib.indicators.rows import rows, within, years

PARTS = ("national", "mix", "regional", "competitive", "allocation")


def components(
    start: np.ndarray, end: np.ndarray, reference_start: np.ndarray, reference_end: np.ndarray
) -> dict[str, np.ndarray]:
    """Shift and share of every sector, after Dunn and after Esteban-Marquillas.

    With e a place's sector, E the reference's, g its growth there, G that of the reference's total:
    ``national = e0 G``, ``mix = e0 (g - G)``, ``regional = e1 - e0 (1 + g)`` (Dunn 1960); the last is split into
    ``competitive = h (r - g)``, ``h = e0. E0_j / E0.`` the homothetic value and r the sector's growth in the place, and
    ``allocation``, the rest (Esteban-Marquillas 1972, Regional and Urban Economics 2 (3)).

    A sector new to the reference (``E0 = 0``) has neither share nor mix: what comes of it is regional. A sector new to
    the place (``e0 = 0``) has no rate of its own: it is allocation. So the sums always hold.

    Args:
        start: ``(..., sector)``, the place at the start, zero or more; NaN where missing.
        end: The same at the end.
        reference_start: ``(..., sector)`` or what spreads to it, the reference at the start.
        reference_end: The same at the end.

    Returns:
        ``national, mix, regional, competitive, allocation`` and ``change``, their sum (the first three). NaN for a
        sector of which a figure is missing; it counts in no total of the place.

    Raises:
        ParameterError: A negative value.

    >>> found = components(np.array([90.0]), np.array([100.0]), np.array([400.0]), np.array([440.0]))
    >>> {name: part.round(9).tolist() for name, part in found.items() if name in ("national", "regional", "change")}
    {'national': [9.0], 'regional': [1.0], 'change': [10.0]}
    """
    e0, e1, E0, E1 = (count(a) for a in (start, end, reference_start, reference_end))
    whole = ~(np.isnan(E0) | np.isnan(E1))
    total0, total1 = (np.where(whole, E, 0).sum(axis=-1, keepdims=True) for E in np.broadcast_arrays(E0, E1))
    G = over(total1, total0) - 1
    # A sector new to the reference has neither share nor mix; one the place had before the reference is a broken table.
    g = np.where(E0 == 0, 0.0, over(E1, E0) - 1)
    change = e1 - e0
    national = e0 * np.where(E0 == 0, 0.0, G)
    mix = e0 * np.where(E0 == 0, 0.0, g - G)
    regional = change - national
    regional -= mix
    if not whole.all() or (E0 == 0).any():
        regional = np.where(whole & ~((E0 == 0) & (e0 > 0)), regional, np.nan)
    every = bool(np.isfinite(regional.sum()))
    known = None if every else ~np.isnan(regional)
    homothetic = (e0 if every else np.where(known, e0, 0)).sum(axis=-1, keepdims=True) * np.nan_to_num(over(E0, total0))
    with np.errstate(divide="ignore", invalid="ignore"):
        competitive = e1 / e0
        competitive -= 1 + g
        competitive *= homothetic
    # Where the place had nothing its rate is taken for the reference's, so that no effect remains.
    np.copyto(competitive, 0.0, where=e0 == 0)
    found = {
        "national": national, "mix": mix, "regional": regional, "competitive": competitive,
        "allocation": regional - competitive, "change": change,
    }  # fmt: skip
    if every:
        return found
    return {name: np.where(known, part, np.nan) for name, part in found.items()}


def ratios(
    start: np.ndarray, end: np.ndarray, reference_start: np.ndarray, reference_end: np.ndarray
) -> dict[str, np.ndarray]:
    """Shift as factors: growth of the place over that of the reference is mix times regional.

    ``mix = (sum e0 E1/E0 / sum e0) / (E1. / E0.)``, ``regional = sum e1 / sum e0 E1/E0``, ``net`` their product.
    Gerfin (1964), Kyklos 17, 565-593.

    Args:
        start: ``(..., sector)`` and as in `components`; sectors with a missing figure are left out.
        end: At the end.
        reference_start: The reference at the start; a sector new to it is expected to stay at zero.
        reference_end: At the end.

    Returns:
        ``mix, regional, net``, each ``(...)``; NaN where a total is not above zero.

    Raises:
        ParameterError: A negative value.

    >>> found = ratios(np.array([10.0, 10.0]), np.array([15.0, 10.0]), np.array([50.0, 50.0]), np.array([60.0, 50.0]))
    >>> {name: part.round(4).item() for name, part in found.items()}
    {'mix': 1.0, 'regional': 1.1364, 'net': 1.1364}
    """
    e0, e1, E0, E1 = np.broadcast_arrays(*(count(a) for a in (start, end, reference_start, reference_end)))
    known, whole = ~np.isnan(e0 + e1 + E0 + E1), ~np.isnan(E0 + E1)
    expected = np.where(known & (E0 > 0), e0 * over(E1, E0), 0).sum(axis=-1)
    first, last = (np.where(known, e, 0).sum(axis=-1) for e in (e0, e1))
    reference = over(np.where(whole, E1, 0).sum(axis=-1), np.where(whole, E0, 0).sum(axis=-1))
    mix, regional = over(over(expected, first), reference), over(last, expected)
    return {"mix": mix, "regional": regional, "net": mix * regional}


def dynamic_components(series: np.ndarray, reference: np.ndarray) -> dict[str, np.ndarray]:
    """Shift and share year by year, summed: shares follow the structure as it changes.

    Barff and Knight (1988), Growth and Change 19, 1-10.

    Args:
        series: ``(..., year, sector)``, the place in years that follow each other.
        reference: The same, or what spreads to it.

    Returns:
        As `components`; a sector with a gap in any year has NaN.

    Raises:
        ParameterError: A negative value.

    >>> place, whole = np.array([[10.0], [12.0], [12.0]]), np.array([[100.0], [110.0], [121.0]])
    >>> dynamic_components(place, whole)["national"].round(6).tolist()
    [2.2]
    """
    each = components(series[..., :-1, :], series[..., 1:, :], reference[..., :-1, :], reference[..., 1:, :])
    return {name: part.sum(axis=-2) for name, part in each.items()}


def growth_of_rest(
    whole: np.ndarray, low: np.ndarray, high: np.ndarray, total: tuple[float, float]
) -> dict[str, np.ndarray]:
    """What sectors of known growth add to that of the whole, and what is thereby left to all others.

    With s the share of a sector at the start, r its growth and G that of the whole: a sector adds ``s r``, all others
    together ``G - sum s r``, so that they grew by ``(G - sum s r) / (1 - sum s)``: the identity that contributions sum
    to growth, solved for what is not known.

    Args:
        whole: ``(..., sector)``, levels of the whole at the start, zero or more, one unit.
        low: ``(sector,)``, the least that growth of a sector can have been, in per cent; NaN where it is not known.
        high: ``(sector,)``, the most; the same as ``low`` where it is known to the digit.
        total: The least and the most that growth of the whole can have been, in per cent.

    Returns:
        ``low, high`` (..., sector), percentage points that a sector adds, NaN where its growth is not known;
        ``rest_low, rest_high`` (...), points of all others; ``rate_low, rate_high`` (...), their growth in per cent,
        NaN where there are none. NaN throughout where a level is missing or all are zero.

    >>> found = growth_of_rest(np.array([25.0, 75.0]), np.array([8.0, np.nan]), np.array([8.0, np.nan]), (5.0, 5.0))
    >>> float(found["rest_low"]), float(found["rate_high"])
    (3.0, 4.0)
    """
    share = over(count(whole), whole.sum(axis=-1, keepdims=True))
    known = ~np.isnan(low)
    least, most = share * low, share * high
    rest = (total[0] - most[..., known].sum(axis=-1), total[1] - least[..., known].sum(axis=-1))
    left = share[..., ~known].sum(axis=-1)
    rates = {"rate_low": over(rest[0], left), "rate_high": over(rest[1], left)}
    return {"low": least, "high": most, "rest_low": rest[0], "rest_high": rest[1], **rates}


def mix_of_rates(
    place: np.ndarray, whole: np.ndarray, low: np.ndarray, high: np.ndarray, total: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Growth beyond that of the whole which the mix of a place would have brought it, from rates of some sectors only.

    The industry mix of `components` over the place's start, ``sum w (r - G)``, with ``r`` of the sectors that have no
    rate of their own that of `growth_of_rest`: ``sum_known (w - s l) r + (l - 1) G`` with w and s the shares of a
    sector in place and whole and l the share of all others in the place over that in the whole. It is linear in every
    rate, so the ends of the rates give its ends.

    Args:
        place: ``(..., sector)``, levels of the place at the start, zero or more.
        whole: ``(..., sector)``, of the whole; spreads to ``place``.
        low, high, total: As in `growth_of_rest`.

    Returns:
        The least and the most (...), percentage points. NaN where place or whole have nothing, or where the place has
        of the others what the whole has not.

    >>> start, rate = np.array([60.0, 40.0]), np.array([10.0, np.nan])
    >>> mix_of_rates(start, np.array([50.0, 50.0]), rate, rate, (6.0, 6.0))[0].round(9)
    np.float64(0.8)
    """
    known = ~np.isnan(low)
    w, s = (over(count(levels), levels.sum(axis=-1, keepdims=True)) for levels in (place, whole))
    others, left = (share[..., ~known].sum(axis=-1) for share in (w, s))
    pull = np.where(others == 0, 0.0, over(others, left))
    lever = w[..., known] - s[..., known] * pull[..., None]
    terms = np.sort(np.stack([lever * low[known], lever * high[known]]), axis=0).sum(axis=-1)
    own = np.sort(np.stack([(pull - 1) * total[0], (pull - 1) * total[1]]), axis=0)
    return terms[0] + own[0], terms[1] + own[1]


def _held(held: pl.Series, asked: pl.Series) -> None:
    """Refuse years of which a table has no row, and say which it has."""
    absent = asked.filter(~asked.is_in(held.implode()))
    if len(absent):
        none, there = (", ".join(map(str, years)) for years in (absent, held.unique().sort()))
        raise ParameterError(f"no row of {none}", where="start, end", expected=f"years of the table: {there}")


def shift_share(
    frame: pl.DataFrame,
    reference: pl.DataFrame,
    /,
    *,
    start: int,
    end: int,
    by: Sequence[str] = (),
    dynamic: bool = False,
    totals: bool = False,
) -> pl.DataFrame:
    """Parts of the change of every sector of every place, or of the places.

    Equations: see `components`.

    Args:
        frame: ``place, sector, year, value`` and the columns of ``by``; one unit, zero or more, one row a key.
        reference: ``sector, year, value``, the whole they are measured against, in the same unit, and of the columns of
            ``by`` those that tell it apart (a whole that differs by draw).
        start: First year.
        end: Last year.
        by: Keys such as a draw, within each of which the same is done.
        dynamic: Year by year and summed; every year between the two is needed.
        totals: Sums over sectors, a row a place.

    Returns:
        ``place, sector`` (not for totals), ``national, mix, regional, competitive, allocation, change`` in the unit
        of ``value``, sorted, and ``notes``: ``missing`` where a figure is (for totals: where sectors are left out) or
        null. Null where a figure is missing.

    Raises:
        ParameterError: ``end`` is not after ``start``, or the frame has no row of a year that is needed; a negative
            value; a key that occurs twice.

    >>> table = {"sector": ["x", "y"] * 2, "year": [2020, 2020, 2024, 2024]}
    >>> place = pl.DataFrame({"place": "a", **table, "value": [10.0, 10, 15, 10]})
    >>> whole = pl.DataFrame({**table, "value": [100.0, 100, 120, 100]})
    >>> shift_share(place, whole, start=2020, end=2024, totals=True).select("national", "regional").row(0)
    (2.0..., 3.0...)
    """
    keys = within(by, "place", "year", "sector")
    known, whole = rows(frame, keys=keys), rows(reference, keys=["sector", "year"])
    sectors = (
        pl.concat([known.select("sector"), whole.select("sector")], how="vertical_relaxed").unique().sort("sector")
    )
    labels = {"year": years(known, start, end, every=dynamic), "sector": sectors["sector"]}
    series, axes = cube(known, keys, labels=labels)
    whole = beside(whole, axes, needed=["year", "sector"], by=by, table="reference")
    parts = dynamic_components(series, whole)
    found = axes.without("year")
    missing = np.isnan(parts["change"])
    if missing.all() and known.height:
        _held(known["year"], labels["year"])
    if totals:
        lost = missing.all(axis=-1)
        parts = {name: np.where(lost, np.nan, np.nansum(part, axis=-1)) for name, part in parts.items()}
        found, missing = found.without("sector"), missing.any(axis=-1)
    return long(found, **parts, notes=np.where(missing, "missing", ""))
