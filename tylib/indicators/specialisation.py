"""What a place does more of than others: location quotient and its kin, its interval, profiles of places, stars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl

from tylib.errors import ParameterError, unknown
from tylib.indicators.concentration import gini
from tylib.indicators.cube import Axes, beside, count, coverage, cube, filled, gaps, long, over
from tylib.indicators.rows import within

Missing = Literal["exclude", "zero"]


def location_quotient(values: np.ndarray) -> np.ndarray:
    """Balassa's index of every cell: ``LQ_ij = (e_ij / e_i.) / (e_.j / E)``.

    Balassa (1965), The Manchester School 33, 99-123. Totals leave out missing cells.

    Args:
        values: ``(..., place, sector)``, one unit, zero or more, NaN where missing.

    Returns:
        The same shape; NaN for a missing cell and for a place or sector without a positive total, the others stand. A
        sector too small for a number to hold how rare it is counts as one without.

    Raises:
        ParameterError: A negative value.

    >>> location_quotient(np.array([[3.0, 1.0], [1.0, 3.0]])).tolist()
    [[1.5, 0.5], [0.5, 1.5]]
    """
    e = count(values)
    known = filled(e)
    place, sector = known.sum(axis=-1, keepdims=True), known.sum(axis=-2, keepdims=True)
    rarity = over(place.sum(axis=-2, keepdims=True), sector)
    rarity[np.isinf(rarity)] = np.nan
    found = e / np.where(place > 0, place, np.nan)
    found *= rarity
    return found


def per_head(values: np.ndarray, people: np.ndarray) -> np.ndarray:
    """RPOP, a quotient per head: ``(e_ij / p_i) / (e_.j / P)``.

    Balassa's index with persons in place of the place's total, as The Growth Lab's py-ecomplexity has it (``rpop``).

    Args:
        values: ``(..., place, sector)``; NaN where missing.
        people: ``(..., place)``, persons; P is their sum over the places that have anything, so that one of which
            nothing is known or made leaves the others alone. Where either is missing the place is left out of both
            totals of the sector.

    Returns:
        As ``values``; NaN where something is missing or a total is not above zero.

    Raises:
        ParameterError: A negative value.

    >>> per_head(np.array([[2.0], [2.0]]), np.array([1.0, 3.0])).ravel().tolist()
    [2.0, 0.6666666666666666]
    """
    e, p = np.broadcast_arrays(count(values), count(people)[..., None])
    known = ~np.isnan(e + p) & (e > 0).any(axis=-1, keepdims=True)
    whole, persons = (np.where(known, a, 0.0).sum(axis=-2, keepdims=True) for a in (e, p))
    return over(over(e, p), over(whole, persons))


def standardised(quotients: np.ndarray, *, logarithm: bool = False) -> np.ndarray:
    """How far a quotient lies from the mean of its sector, in standard deviations over places.

    ``(LQ_ij - mean_j) / sd_j`` with the population's sd (O'Donoghue and Gleave 2004, Regional Studies 38, 419-427);
    with ``logarithm`` the same of ``ln LQ`` (Tian 2013), a zero quotient being left out there.

    Args:
        quotients: ``(..., place, sector)``; NaN where missing.
        logarithm: Whether their logarithms are compared.

    Returns:
        The same shape; NaN for a sector whose quotients do not differ by more than rounding (1e-12 of their mean).

    >>> standardised(np.array([[1.0], [3.0]])).ravel().tolist()
    [-1.0, 1.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.where(quotients > 0, np.log(quotients), np.nan) if logarithm else np.asarray(quotients, dtype=float)
        known = filled(x)
        n = x.shape[-2] if known is x else (~np.isnan(x)).sum(axis=-2, keepdims=True)
        mean = known.sum(axis=-2, keepdims=True) / n
        away = x - mean
        square = filled(away)
        deviation = np.sqrt(np.einsum("...ij,...ij->...j", square, square)[..., None, :] / n)
        rounding = 1e-12 * (np.maximum(np.abs(mean), 1) if logarithm else np.abs(mean))
        away /= np.where(deviation > rounding, deviation, np.nan)
    return away


def delta_interval(
    counts: np.ndarray, *, level: float = 0.95, within: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Interval of a location quotient of counts by the delta method on its logarithm.

    ``var(ln LQ) = 1/e_ij - 1/e_i. + 1/e_.j - 1/E`` takes the place and the whole for two samples: too wide where the
    place is much of the whole. ``within`` counts it as a part, all cells being one multinomial sample:
    ``1/e_ij - 1/e_i. - 1/e_.j + (2 LQ - 1) / E``. Bounds ``LQ exp(-+ z sd)``. The first is Katz, Baptista, Azen and
    Pike (1978), Biometrics 34, 469-474, for a ratio of proportions.

    Args:
        counts: ``(..., place, sector)``, persons or firms, never money: the variance is that of a count.
        level: Coverage.
        within: Whether the place is a part of the whole, as counties are of their city.

    Returns:
        Standard error of ln LQ, low, high. A count of zero has neither an error nor an upper bound (NaN); its low is 0.

    Raises:
        ParameterError: A negative value, or a level outside 0 to 1.

    >>> [part[0, 0].round(3).item() for part in delta_interval(np.array([[30.0, 10.0], [10.0, 30.0]]))]
    [0.144, 1.13, 1.99]
    """
    from scipy.special import ndtri

    e = count(counts)
    place, sector = np.nansum(e, axis=-1, keepdims=True), np.nansum(e, axis=-2, keepdims=True)
    whole, quotient, z = place.sum(axis=-2, keepdims=True), location_quotient(e), ndtri(0.5 + coverage(level) / 2)
    variance = over(1.0, e) - over(1.0, place)
    variance += over(2 * quotient - 1, whole) - over(1.0, sector) if within else over(1.0, sector) - over(1.0, whole)
    error = np.sqrt(np.maximum(variance, 0))
    with np.errstate(over="ignore"):
        factor = np.exp(z * error)
    low = np.where(e == 0, np.where(np.isnan(quotient), np.nan, 0.0), quotient * np.exp(-z * error))
    return error, low, quotient * factor


def bootstrap_interval(
    counts: np.ndarray, *, draws: int, generator: np.random.Generator, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Interval of a location quotient of counts by draws of the whole table.

    Cells are drawn from the Dirichlet distribution with Jeffreys' prior (gamma draws of shape ``e_ij + 1/2``), so that
    a count of zero has an upper bound too: Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., section 3.4.

    Args:
        counts: ``(..., place, sector)``; NaN where missing, there neither drawn nor counted.
        draws: How many; all are held at once.
        generator: Where the draws come from.
        level: Coverage.

    Returns:
        Low and high, quantiles over the draws; NaN where the quotient is.

    Raises:
        ParameterError: A negative value, no draw, or a level outside 0 to 1.

    >>> table = np.array([[30.0, 10.0], [10.0, 30.0]])
    >>> low, high = bootstrap_interval(table, draws=200, generator=np.random.default_rng(0))
    >>> bool(low[0, 0] < 1.5 < high[0, 0])
    True
    """
    if draws < 1:
        raise ParameterError(f"{draws} draws", where="draws", expected="one at least")
    e, level = count(counts), coverage(level)
    drawn = generator.standard_gamma(np.where(np.isnan(e), 1.0, e) + 0.5, size=(draws, *e.shape))
    quotients = location_quotient(np.where(np.isnan(e), np.nan, drawn))
    low, high = np.quantile(quotients, [(1 - level) / 2, (1 + level) / 2], axis=0)
    void = np.isnan(location_quotient(e))
    return np.where(void, np.nan, low), np.where(void, np.nan, high)


def krugman(values: np.ndarray, *, against: Literal["all", "rest"] = "all") -> np.ndarray:
    """Krugman's index of each place: ``K_i = sum_j |e_ij/e_i. - E_j/E|``, from 0 to 2; half of it is the coefficient
    of specialisation.

    Krugman (1991), Geography and Trade. A sector of which the place's value is missing is left out of both structures.

    Args:
        values: ``(..., place, sector)``; NaN where missing.
        against: ``all`` places together, the place among them, or the ``rest`` without it.

    Returns:
        ``(..., place)``; NaN for a place without a positive total, or the only one against the rest.

    Raises:
        ParameterError: A negative value, or another word for ``against``.

    >>> krugman(np.array([[4.0, 0.0], [0.0, 4.0]])).tolist()
    [1.0, 1.0]
    """
    if against not in ("all", "rest"):
        raise unknown("comparison", against, ("all", "rest"), where="against")
    given = count(values)
    e = filled(given)
    place, sector = e.sum(axis=-1, keepdims=True), e.sum(axis=-2, keepdims=True)
    other = sector - e if against == "rest" else sector
    if e is not given:
        other = np.where(np.isnan(given), 0.0, other)
    return np.abs(over(e, place) - over(other, other.sum(axis=-1, keepdims=True))).sum(axis=-1)


def herfindahl(values: np.ndarray, *, normalised: bool = False) -> np.ndarray:
    """Sum of squared shares along the last axis: ``H = sum_j s_j^2``; normalised ``(H - 1/n) / (1 - 1/n)``.

    Hirschman (1964), American Economic Review 54, 761; n counts the sectors that have a value, zero among them.

    Args:
        values: ``(..., sector)``; NaN where missing.
        normalised: Whether it is to run from 0 to 1 whatever the number of sectors.

    Returns:
        ``(...)``; NaN without a positive total, and normalised for one sector alone.

    Raises:
        ParameterError: A negative value.

    >>> herfindahl(np.array([1.0, 1.0])).item(), herfindahl(np.array([1.0, 0.0]), normalised=True).item()
    (0.5, 1.0)
    """
    e = count(values)
    index = np.nansum(over(e, np.nansum(e, axis=-1, keepdims=True)) ** 2, axis=-1)
    index = np.where(np.nansum(e, axis=-1) > 0, index, np.nan)
    n = (~np.isnan(e)).sum(axis=-1)
    return over(index - over(1.0, n), 1 - over(1.0, n)) if normalised else index


def entropy(values: np.ndarray, *, base: float | None = None) -> np.ndarray:
    """Shannon's entropy of the shares along the last axis: ``-sum_j s_j ln s_j`` with ``0 ln 0 = 0``.

    Shannon (1948), Bell System Technical Journal 27, 379-423. A missing sector adds nothing, as one of zero does.

    Args:
        values: ``(..., sector)``; NaN where missing.
        base: Of the logarithm; natural where it is not given (nats), 2 gives bits.

    Returns:
        ``(...)``; NaN without a positive total.

    Raises:
        ParameterError: A negative value.

    >>> entropy(np.array([1.0, 1.0, 0.0]), base=2).item()
    1.0
    """
    e = count(values)
    share = over(e, np.nansum(e, axis=-1, keepdims=True))
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(share > 0, -share * np.log(share), 0.0)
    return np.where(np.nansum(e, axis=-1) > 0, terms.sum(axis=-1), np.nan) / (np.log(base) if base else 1.0)


def mean_quotient(values: np.ndarray) -> np.ndarray:
    """Quotients of a place weighted by its own shares: ``sum_j s_ij LQ_ij``; its inverse is Hachman's index (1 is the
    structure of all places together).

    Frank Hachman, Bureau of Economic and Business Research, University of Utah. A sector of which the place's value is
    missing is left out of both structures.

    Args:
        values: ``(..., place, sector)``; NaN where missing.

    Returns:
        ``(..., place)``; NaN for a place without a positive total.

    Raises:
        ParameterError: A negative value.

    >>> (1 / mean_quotient(np.array([[1.0, 1.0], [1.0, 1.0]]))).tolist()
    [1.0, 1.0]
    """
    e = count(values)
    known = filled(e)
    place, sector = known.sum(axis=-1, keepdims=True), known.sum(axis=-2, keepdims=True)
    mean = np.nansum(over(e, place) * location_quotient(e), axis=-1)
    if known is not e:  # of the whole only the sectors that the place knows
        mean *= over(np.where(np.isnan(e), 0.0, sector).sum(axis=-1), sector.sum(axis=-1))
    return np.where(place[..., 0] > 0, mean, np.nan)


def _spread(frame: pl.DataFrame, by: Sequence[str], missing: Missing) -> tuple[np.ndarray, Axes]:
    if missing not in ("exclude", "zero"):
        raise unknown("rule", missing, ("exclude", "zero"), where="missing")
    values, axes = cube(frame, within(by, "place", "sector"))
    return (np.nan_to_num(values) if missing == "zero" else values), axes


def location_quotients(
    frame: pl.DataFrame,
    /,
    *,
    by: Sequence[str] = (),
    missing: Missing = "exclude",
    kin: bool = True,
    counts: bool = False,
    level: float = 0.95,
    draws: int = 0,
    seed: int = 0,
    people: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Location quotient of every place and sector, with its kin.

    Equations: ``lq = (e_ij / e_i.) / (e_.j / E)``; ``symmetric = (lq - 1) / (lq + 1)``; ``logarithm = ln lq``;
    ``standardised`` = distance from the sector's mean in standard deviations over places;
    ``per_head = (e_ij / p_i) / (e_.j / P)``. See `location_quotient`, `standardised`, `per_head`; ``symmetric`` is of
    Laursen (2015), Eurasian Business Review 5, 99-115.

    Args:
        frame: ``place, sector, value`` and the columns of ``by``; one unit, zero or more, one row a key.
        by: Keys within which totals are taken, such as a year or a draw.
        missing: ``exclude`` leaves missing cells out of the totals; ``zero`` counts them as zero.
        kin: Whether the quotient's kin is wanted; without it ``symmetric, logarithm, standardised`` are left out.
        counts: The values are counts: adds ``se, low, high`` of the delta method, each place a part of the whole.
        level: Coverage of that interval.
        draws: Above zero, ``low, high`` are quantiles of so many draws of the table instead, and have no gap at zero.
        seed: Of these draws.
        people: ``place, people`` (persons) and of the columns of ``by`` those that tell it apart; adds ``per_head``.

    Returns:
        One row a place and sector, sorted: ``lq, symmetric, logarithm, standardised, present`` (lq >= 1, within
        1e-12) and ``notes``: ``missing``, ``no_total`` (place or sector without a positive total), ``no_spread`` (the
        quotients of the sector are all equal, so that none can be standardised), ``no_people`` (nor a value a
        head) or null. Null where the quotient is; the logarithm of zero is null too.

    Raises:
        ParameterError: A negative or infinite value, a key that occurs twice, an unknown rule, a level outside 0 to 1.

    >>> frame = pl.DataFrame({"place": ["a", "a", "b"], "sector": ["x", "y", "x"], "value": [1.0, 1.0, 2.0]})
    >>> location_quotients(frame)["lq"].round(3).to_list()
    [0.667, 2.0, 1.333, None]
    """
    values, axes = _spread(frame, by, missing)
    lq = location_quotient(values)
    columns = {"lq": lq}
    if kin:
        logarithm = np.log(lq, out=np.full(lq.shape, np.nan), where=lq > 0)
        columns |= {"symmetric": (lq - 1) / (lq + 1), "logarithm": logarithm, "standardised": standardised(lq)}
    if counts:
        columns |= dict(zip(("se", "low", "high"), delta_interval(values, level=level, within=True), strict=True))
    if people is not None:
        size = beside(people, axes, needed=["place"], by=by, value="people", table="people")[..., 0]
        columns["per_head"] = per_head(values, size)
    if counts and draws:
        drawn = bootstrap_interval(values, draws=draws, generator=np.random.default_rng(seed), level=level)
        columns |= dict(zip(("low", "high"), drawn, strict=True))
    notes = pl.when("absent").then(pl.lit("missing")).when(pl.col("lq").is_null()).then(pl.lit("no_total"))
    if kin:
        notes = notes.when(pl.col("standardised").is_null()).then(pl.lit("no_spread"))
    if people is not None:
        notes = notes.when(pl.col("per_head").is_null()).then(pl.lit("no_people"))
    return long(axes, **columns, absent=np.isnan(values)).select(
        *axes.names, *columns, present=pl.col("lq") >= 1 - 1e-12, notes=notes
    )


def specialisation(frame: pl.DataFrame, /, *, by: Sequence[str] = (), missing: Missing = "exclude") -> pl.DataFrame:
    """How far each place keeps to few sectors, or to other ones than the rest.

    Equations and sources: see `krugman`, `herfindahl`, `entropy`, `mean_quotient` and `tylib.indicators.concentration`.

    Args:
        frame: ``place, sector, value`` and the columns of ``by``; one unit, zero or more.
        by: Keys within which shares are taken.
        missing: As in `location_quotients`.

    Returns:
        One row a place: ``krugman`` (0 to 2), ``krugman_rest`` (against all others), ``coefficient`` (half of the
        first), ``herfindahl, herfindahl_normalised, entropy`` (nats), ``hachman`` (1 like all), ``gini`` (of the
        quotients) and ``notes``: ``no_total``, ``missing`` (some sectors left out, of what it is compared with too) or
        null.

    Raises:
        ParameterError: A negative or infinite value, a key that occurs twice, an unknown rule.

    >>> frame = pl.DataFrame({"place": ["a", "a", "b", "b"], "sector": ["x", "y"] * 2, "value": [4.0, 0, 0, 4]})
    >>> specialisation(frame).select("krugman", "herfindahl", "hachman").row(0)
    (1.0, 1.0, 0.5)
    """
    values, axes = _spread(frame, by, missing)
    index = krugman(values)
    return long(
        axes.without("sector"),
        krugman=index,
        krugman_rest=krugman(values, against="rest"),
        coefficient=index / 2,
        herfindahl=herfindahl(values),
        herfindahl_normalised=herfindahl(values, normalised=True),
        entropy=entropy(values),
        hachman=over(1.0, mean_quotient(values)),
        gini=gini(location_quotient(values)),
        notes=gaps(values),
    )
