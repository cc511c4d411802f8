"""Output and value added by year, county and sector: a draw for the year of the set, moved to the years around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tylib.bounds.sampling import county_sizes
from tylib.store import facts, preferred
from tylib.store.params import bounds_suppositions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.bounds import Draws, System
    from tylib.store import City
    from tylib.store.params import DemonstrationSuppositions

OUTPUT, ADDED, GROWTH = "above_scale_industrial_output", "above_scale_industrial_va", "above_scale_industrial_va_growth"
GDP, REAL = "gdp", "gdp_growth_real"
CENTS = 100


@dataclass(frozen=True)
class Economy:
    """What the made tables rest on, in 100 million yuan.

    Attributes:
        city: Code of the city.
        places, sectors: Labels; ``made`` of the sectors, the first ones, are manufacturing.
        years: In order; ``base`` is the position of the year of the set.
        output, added: ``(year, place, sector)``.
        product: Gross domestic product, ``(year, place)``.
        real: Real growth of the city’s product and industry, per cent a year, published or made.
        price: Price change from the year before, per cent; NaN in the first year.
        shares: Share of each county in the residents of the city.
        known: What is published: ``(place, indicator, year)`` to a value, NaN where only a bound is.
    """

    city: str
    places: tuple[str, ...]
    sectors: tuple[str, ...]
    made: int
    years: tuple[int, ...]
    base: int
    output: np.ndarray
    added: np.ndarray
    product: np.ndarray
    price: np.ndarray
    real: Mapping[str, np.ndarray]
    shares: np.ndarray
    known: Mapping[tuple[str, str, int], float]


def economy(
    city: City, rows: System, draws: Draws, supposed: DemonstrationSuppositions, rng: np.random.Generator
) -> Economy:
    """The made economy of a city.

    Args:
        rows: The feasible set; ``draws`` come from it, one of them is taken.
        rng: Decides which, and all that the set leaves open.
    """
    number, known = {name: one.value for name, one in supposed.numbers.items()}, published(city)
    years, places = tuple(range(supposed.first_year, supposed.last_year + 1)), rows.places
    base, shares = years.index(bounds_suppositions(city).year), county_sizes(rows, bounds_suppositions(city), city)
    taken = _taken(draws, places, known, years[base], number["secondary_most"], rng)
    added = np.hstack([draws.value_added[taken], _placed(draws.whole_added[taken], draws.value_added[taken].sum(axis=1),
                                                         shares, places, known, years[base])])  # fmt: skip
    rates = draws.whole_output[taken] / draws.whole_added[taken]
    output = np.hstack([draws.output[taken], added[:, len(rows.sectors) :] * rates])
    output, added = rounded(output), rounded(added)

    real = _growth(known, rows.city, GROWTH, years, number["growth"])
    product = _product(known, rows.city, years, number)
    total = _totals(known, rows.city, years, base, float(output.sum()), real, number["price"])
    move = _moved(output.shape, len(years), base, number, rng)
    outputs, addeds = output * move, added * move
    _exit_and_entry(outputs, addeds, base, number["small_output"], len(rows.sectors))
    nominal = total / outputs.sum(axis=(1, 2))
    outputs, addeds = outputs * nominal[:, None, None], addeds * nominal[:, None, None]
    fitted = _fitted(addeds.sum(axis=2), places, years, base, known, number["secondary_most"])
    addeds *= fitted[:, :, None]
    outputs *= _keeping(outputs.sum(axis=2), fitted)[:, :, None]
    outputs, addeds = np.array([rounded(one) for one in outputs]), np.round(addeds, 2)
    outputs[base], addeds[base] = output, added
    reals = {GROWTH: real, REAL: _growth(known, rows.city, REAL, years, number["growth"])}
    price = np.full(len(years), np.nan)
    price[1:] = 100 * (total[1:] / total[:-1] / (1 + real[1:] / 100) - 1)
    counties = _counties(known, rows, years, product, addeds, shares, number)
    return Economy(
        rows.city, places, (*rows.sectors, *draws.whole_sectors), len(rows.sectors), years, base, outputs, addeds,
        counties, price, reals, shares, known,
    )  # fmt: skip


def _taken(
    draws: Draws, places: tuple[str, ...], known: Mapping[tuple[str, str, int], float], year: int, most: float,
    rng: np.random.Generator,
) -> int:  # fmt: skip
    """The number of the draw: of those that leave each county room for services beside its manufacturing, if any do."""
    product = np.array([known.get((place, GDP, year), np.nan) for place in places])
    added = draws.value_added.sum(axis=2)
    fits = np.flatnonzero(~(added > most * product).any(axis=1))
    return int(rng.choice(fits if len(fits) else len(added)))


def _fitted(
    added: np.ndarray, places: tuple[str, ...], years: tuple[int, ...], base: int,
    known: Mapping[tuple[str, str, int], float], most: float,
) -> np.ndarray:  # fmt: skip
    """By what the cells of a county and year are multiplied so that they are what is published, or fit under it."""
    factor = np.ones_like(added)
    for when, year in enumerate(years):
        for at, place in enumerate(places):
            value, ceiling = known.get((place, ADDED, year), np.nan), most * known.get((place, GDP, year), np.nan)
            if when != base and value == value:
                factor[when, at] = value / added[when, at]
            elif when != base and added[when, at] > ceiling:
                factor[when, at] = ceiling / added[when, at]
    return factor


def _keeping(output: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Factors of counties that are fitted; the others make up for what the city as a whole would lose."""
    fitted = factor != 1
    free = np.where(fitted, 0.0, output).sum(axis=1)
    lost = (output * (1 - factor)).sum(axis=1)
    return np.where(fitted, factor, (1 + lost / np.maximum(free, 1e-9))[:, None])


def published(city: City) -> dict[tuple[str, str, int], float]:
    """What is published of a place as a whole and a year, whatever its form: NaN where there is only a bound."""
    plain = (pl.col("scope") == "") & (pl.col("sector") == "") & (pl.col("kind") == "actual")
    stated = preferred(facts(city).filter(plain & pl.col("absent").is_null() & pl.col("year").is_not_null()))
    rows = stated.select("place", "indicator", "year", pl.col("value").fill_null(float("nan"))).iter_rows()
    return {(place, indicator, year): value for place, indicator, year, value in rows}


def rounded(figures: np.ndarray) -> np.ndarray:
    """Two decimals that add up to the rounded total (largest remainders).

    >>> float(rounded(np.array([1.004, 1.004, 1.004])).sum().round(2))
    3.01
    """
    cents = figures.ravel() * CENTS
    whole = np.floor(cents)
    short = round(float(cents.sum())) - int(whole.sum())
    whole[np.argsort(whole - cents, kind="stable")[:short]] += 1
    return whole.reshape(figures.shape) / CENTS


def _placed(
    totals: np.ndarray, there: np.ndarray, shares: np.ndarray, places: tuple[str, ...],
    known: Mapping[tuple[str, str, int], float], year: int,
) -> np.ndarray:  # fmt: skip
    """Value added of sectors that the set knows for the city only, by county: what a published total leaves, no more.

    Mining lies where few live; the last of the sectors, utilities, where many do.
    """
    room = np.full(len(places), np.inf)
    fixed = np.zeros(len(places), dtype=bool)
    for at, place in enumerate(places):
        value = known.get((place, ADDED, year), np.nan)
        ceiling = nearest(known, place, GDP, year)[0]
        if value == value:
            room[at], fixed[at] = max(value - there[at], 0.0), True
        elif ceiling == ceiling:
            room[at] = max(0.7 * ceiling - there[at], 0.01 * there[at])
    made = np.zeros((len(places), len(totals)))
    made[fixed] = room[fixed, None] * totals / totals.sum()
    few = (1 / shares) / (1 / shares).sum()
    left = totals - made.sum(axis=0)
    last = np.arange(len(totals)) == len(totals) - 1
    for group, weight in ((last, shares), (~last, few)):
        weights = np.where(fixed, 0.0, weight)
        for _ in range(len(places)):  # fill up to what a county has room for, the rest elsewhere
            free = np.where(fixed, 0.0, room - made.sum(axis=1))
            weights = np.where(free > 1e-9, weights, 0.0)
            open_ = left[group].sum()
            if open_ < 1e-9 or not weights.any():
                break
            step = np.minimum(free, open_ * weights / weights.sum())[:, None] * left[group] / open_
            made[:, group] += step
            left[group] -= step.sum(axis=0)
    return made + left * shares[:, None]


def nearest(
    known: Mapping[tuple[str, str, int], float], place: str, indicator: str, year: int
) -> tuple[float, int | None]:
    """The published value of the year nearest, the later of two, and that year; NaN where there is none."""
    there = [(abs(y - year), -y, value) for (p, i, y), value in known.items() if (p, i) == (place, indicator)]
    there = [entry for entry in there if entry[2] == entry[2]]
    return (min(there)[2], -min(there)[1]) if there else (np.nan, None)


def _growth(
    known: Mapping[tuple[str, str, int], float], place: str, indicator: str, years: tuple[int, ...], otherwise: float
) -> np.ndarray:
    found = np.array([known.get((place, indicator, year), np.nan) for year in years])
    return np.where(np.isnan(found), otherwise, found)


def _totals(
    known: Mapping[tuple[str, str, int], float], place: str, years: tuple[int, ...], base: int, total: float,
    real: np.ndarray, price: float,
) -> np.ndarray:  # fmt: skip
    """Output of all industry: published, or moved by growth and price from the year before or after."""
    found = np.array([known.get((place, OUTPUT, year), np.nan) for year in years])
    found[base] = total
    step = (1 + real / 100) * (1 + price / 100)
    for at in [*range(base + 1, len(years)), *range(base - 1, -1, -1)]:
        if np.isnan(found[at]):
            found[at] = found[at - 1] * step[at] if at > base else found[at + 1] / step[at + 1]
    return found


def _product(
    known: Mapping[tuple[str, str, int], float], place: str, years: tuple[int, ...], number: Mapping[str, float]
) -> np.ndarray:
    """Product of the city: published, or moved by real growth from the nearest published year."""
    real = _growth(known, place, REAL, tuple(range(min(years) - 5, max(years) + 6)), number["growth"])
    level = np.cumprod(1 + real / 100)
    first = min(years) - 5
    found = []
    for year in years:
        value, at = nearest(known, place, GDP, year)
        found.append(np.nan if at is None or not first <= at <= max(years) + 5
                     else value * level[year - first] / level[at - first])  # fmt: skip
    return np.array(found)


def _moved(
    shape: tuple[int, ...], count: int, base: int, number: Mapping[str, float], rng: np.random.Generator
) -> np.ndarray:
    """How far each cell has moved from the year of the set: walks of sectors and of cells, 1 in that year."""
    sector = rng.normal(0, number["spread_sector"], (count, 1, shape[1]))
    cell = rng.normal(0, number["spread_cell"], (count, *shape))
    walk = np.cumsum(sector + cell, axis=0)
    return np.exp(walk - walk[base])


def _exit_and_entry(output: np.ndarray, added: np.ndarray, base: int, least: float, made: int) -> None:
    """One small sector of a county is gone in the last years, another one was not there in the first."""
    size = output[base, :, :made]
    size = np.where(size >= least, size, np.inf)
    gone, come = np.argsort(size, axis=None, kind="stable")[:2]
    for at, years in ((gone, slice(base + 2, None)), (come, slice(None, base))):
        place, sector = np.unravel_index(at, size.shape)
        output[years, place, sector] = added[years, place, sector] = 0.0


def _counties(
    known: Mapping[tuple[str, str, int], float], rows: System, years: tuple[int, ...], product: np.ndarray,
    added: np.ndarray, shares: np.ndarray, number: Mapping[str, float],
) -> np.ndarray:  # fmt: skip
    """Product of each county: published, moved with the city from a published year, or a part of what is left."""
    industry = added.sum(axis=2)
    if np.isnan(product).any():
        product = number["product_over_industry"] * industry.sum(axis=1)
    found = np.full((len(years), len(rows.places)), np.nan)
    for at, place in enumerate(rows.places):
        own = np.array([known.get((place, GDP, year), np.nan) for year in years])
        there = np.flatnonzero(~np.isnan(own))
        if len(there):  # its part of the city's product, between published years on a line
            found[:, at] = product * np.interp(range(len(years)), there, (own / product)[there])
    open_ = np.isnan(found)
    services = np.maximum(product - number["secondary_over_industry"] * industry.sum(axis=1), 0.3 * product)
    weights = number["secondary_over_industry"] * industry + services[:, None] * shares
    left = product - np.nansum(found, axis=1)
    least = (weights * open_).sum(axis=1)
    left = np.where(left > 0.5 * least, left, least)
    made = np.where(open_, left[:, None] * weights / np.maximum((weights * open_).sum(axis=1), 1e-9)[:, None], found)
    stated = np.array([[known.get((p, GDP, y), np.nan) == known.get((p, GDP, y), np.nan) for p in rows.places]
                       for y in years])  # fmt: skip
    return np.where(stated, made, np.maximum(made, number["secondary_over_industry"] / 0.8 * industry))
