"""The rows of each template of figures: what the made economy says, and ratios of ``params/demonstration.yml``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tylib.programme.demonstration.economy import ADDED, GDP, GROWTH, OUTPUT, REAL, economy, nearest
from tylib.programme.demonstration.things import things
from tylib.programme.demonstration.units import towns, townships, zones
from tylib.store.params import demonstration_suppositions
from tylib.store.templates import names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tylib.bounds import Draws, System
    from tylib.programme.demonstration.economy import Economy
    from tylib.store import City

Row = dict[str, Any]
RESIDENTS, URBAN = "resident_population", "urbanisation_rate"


def filled(city: City, rows: System, draws: Draws) -> dict[str, list[Row]]:
    """Every template filled.

    Args:
        city: With no table of the user's in its home.
        rows, draws: The feasible set and points in it.

    Returns:
        Name of a template to its rows by column, codes where a column has accepted values. A template for things that
        the city has none of (zones) is left out.
    """
    supposed = demonstration_suppositions(city)
    number = {name: one.value for name, one in supposed.numbers.items()}
    rng = np.random.default_rng(int(number["seed"]))
    made = economy(city, rows, draws, supposed, rng)
    heavy = np.array([sector in supposed.heavy_sectors for sector in made.sectors])
    figures = _figures(made, heavy, number, rng)
    tables = {
        "county_totals": _wide(made, figures, TOTALS),
        "sector_totals": list(_sectors(made, figures)),
        "county_sectors": list(_cells(made, figures)),
        "employment": _wide(made, figures, WORK),
        "energy": _wide(made, figures, ENERGY),
        "town_metrics": towns(city, made, figures, number, rng),
        "zone_metrics": zones(city, made, figures, number, rng),
        "townships": townships(city, made, figures, number, rng),
    }
    every = {**tables, **things(city, made, figures, number, supposed.dated, rng)}
    return {name: every[name] for name in names(city) if every.get(name)}


TOTALS = (
    GDP, REAL, "primary_va", "secondary_va", "tertiary_va", OUTPUT, ADDED, GROWTH, "above_scale_industrial_enterprises",
    "mfg_revenue", "fixed_asset_investment", "fixed_asset_investment_growth", "industrial_investment_growth",
    "tech_upgrade_investment", "retail_sales", "general_budget_revenue", "tax_revenue", RESIDENTS, URBAN,
    "urban_income_pc", "rural_income_pc", "high_tech_enterprises", "provincial_srdi_smes", "national_little_giants",
)  # fmt: skip
WORK = (
    "legal_units_employment_23", "industrial_legal_units", "industrial_employment", "mining_employment",
    "mfg_employment", "utilities_employment", "above_scale_employment",
)  # fmt: skip
ENERGY = (
    "industrial_electricity", "industrial_electricity_growth", "above_scale_energy_use",
    "energy_per_industrial_va_change", "energy_per_gdp_change",
)  # fmt: skip
WHOLE = frozenset({
    "above_scale_industrial_enterprises", "high_tech_enterprises", "provincial_srdi_smes", "national_little_giants",
    "urban_income_pc", "rural_income_pc", RESIDENTS, *WORK,
})  # fmt: skip
MEANS = {URBAN, "urban_income_pc", "rural_income_pc"}  # of the city: means over residents, never sums


def _figures(
    made: Economy, heavy: np.ndarray, number: Mapping[str, float], rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Every indicator by year and county; those of cells by year, county and sector as ``cell NAME``."""
    shape, cells = (len(made.years), len(made.places)), made.output.shape
    spread = number["spread_ratio"]

    def near(*size: int) -> np.ndarray:
        return np.exp(rng.normal(0, spread, size))

    county = near(1, shape[1]), near(1, shape[1]), near(1, shape[1])
    there = made.output > 0
    firms = np.maximum(np.round(number["firms_factor"] * made.output ** number["firms_power"]), 1) * there
    persons = np.where(heavy, number["persons_heavy"], number["persons_light"]) * near(1, *cells[1:])
    persons = np.maximum(np.round(persons * made.added), 20) * there
    saving = (1 - number["energy_saving"] / 100) ** np.arange(shape[0])[:, None, None]
    energy = (
        np.where(heavy, number["energy_heavy"], number["energy_light"]) * near(1, *cells[1:]) * saving * made.output
    )
    revenue = made.output * number["revenue"] * near(1, *cells[1:]) ** 0.3
    output, added, product = made.output.sum(axis=2), made.added.sum(axis=2), made.product
    residents, urban = _residents(made, number)
    parts = _parts(made, added, number)
    all_persons = persons * number["all_over_large"]
    year = (1 + number["growth"] / 100) ** (np.arange(shape[0]) - made.base)[:, None]
    investment = product * number["investment"] * county[0] * near(*shape) ** 0.2
    power = number["electricity"] * output * county[1] * saving[:, :, 0]
    use = energy.sum(axis=2)
    per_added, per_product = use / added, use / product
    found = {
        "cell " + OUTPUT: made.output, "cell " + ADDED: made.added, "cell revenue": revenue,
        "cell above_scale_industrial_enterprises": firms, "cell above_scale_employment": persons,
        "cell research": made.output * number["research"],
        GDP: product, REAL: _beside(product, made.real[REAL], number), **parts, OUTPUT: output, ADDED: added,
        GROWTH: _beside(added, made.real[GROWTH], number), "above_scale_industrial_enterprises": firms.sum(axis=2),
        "mfg_revenue": revenue[:, :, : made.made].sum(axis=2), "fixed_asset_investment": investment,
        "fixed_asset_investment_growth": _change(investment), "tech_upgrade_investment": number["upgrading"] * output,
        "industrial_investment_growth": _change(investment) + rng.normal(0, 2, shape),
        "retail_sales": product * number["retail"] * county[2], "tax_revenue": product * number["tax"] * county[1],
        "general_budget_revenue": product * number["budget"] * county[1], RESIDENTS: residents, URBAN: urban,
        "urban_income_pc": number["urban_income"] * year * county[0],
        "rural_income_pc": number["rural_income"] * year * county[0],
        "high_tech_enterprises": number["high_tech"] * added, "provincial_srdi_smes": number["specialised"] * added,
        "national_little_giants": number["giants"] * added,
        "industrial_employment": all_persons.sum(axis=2), "above_scale_employment": persons.sum(axis=2),
        "mfg_employment": all_persons[:, :, : made.made].sum(axis=2),
        "mining_employment": all_persons[:, :, made.made : -1].sum(axis=2),
        "utilities_employment": all_persons[:, :, -1] if len(made.sectors) > made.made else residents * 0,
        "industrial_legal_units": firms.sum(axis=2) * number["units_over_firms"],
        "legal_units_employment_23": residents * 0.3,
        "industrial_electricity": power, "industrial_electricity_growth": _change(power),
        "above_scale_energy_use": use, "energy_per_industrial_va_change": _change(per_added),
        "energy_per_gdp_change": _change(per_product),
    }  # fmt: skip
    return {name: np.round(value) if name in WHOLE else value for name, value in found.items()}


def _change(level: np.ndarray, price: np.ndarray | float = 0.0) -> np.ndarray:
    """Change from the year before, per cent, less that of prices; none in the first year."""
    found = np.full_like(level, np.nan)
    found[1:] = 100 * (level[1:] / np.maximum(level[:-1], 1e-9) - 1)
    return found - price


def _beside(level: np.ndarray, real: np.ndarray, number: Mapping[str, float]) -> np.ndarray:
    """Real growth of counties: the city's, and how much faster or slower a county moved, within bounds.

    Levels of one county that were published in two years may lie far apart; a growth rate made from them would not
    look like one.
    """
    apart = _change(level) - _change(level.sum(axis=1, keepdims=True))
    return real[:, None] + np.clip(apart / 2, -number["growth_apart"], number["growth_apart"])


def _residents(made: Economy, number: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Residents and urban share: as in the nearest published year, moved a little each year."""
    shape = (len(made.years), len(made.places))
    residents, urban = np.full(shape, np.nan), np.full(shape, np.nan)
    for when, year in enumerate(made.years):
        for at, place in enumerate(made.places):
            near = [nearest(made.known, place, indicator, year) for indicator in (RESIDENTS, "census_population")]
            near = sorted((entry for entry in near if entry[1] is not None), key=lambda entry: abs(entry[1] - year))
            if near:
                value, of = near[0]
                residents[when, at] = value * (1 + number["residents_near"]) ** (year - of)
            value, of = nearest(made.known, place, URBAN, year)
            urban[when, at] = np.clip(value + 0.3 * (year - of), 5, 100) if of is not None else 60.0
    mean = np.nanmean(residents) if np.isfinite(residents).any() else 1e5
    return np.where(np.isnan(residents), mean, residents), urban


def _parts(made: Economy, industry: np.ndarray, number: Mapping[str, float]) -> dict[str, np.ndarray]:
    """Primary, secondary and tertiary value added: what is published, and the rest so that they add up."""
    product = made.product
    names = ("primary_va", "secondary_va", "tertiary_va")
    stated = [np.array([[made.known.get((p, name, y), np.nan) for p in made.places] for y in made.years])
              for name in names]  # fmt: skip
    rural = np.minimum(np.median(made.shares) / made.shares, 3.0)
    first = np.where(np.isnan(stated[0]), number["primary_share"] * rural * product, stated[0])
    most = number["secondary_most"] * product
    made_second = np.maximum(industry, np.minimum(number["secondary_over_industry"] * industry, most))
    for at, place in enumerate(made.places):  # where a share is known of some year, the others are near it
        for when, year in enumerate(made.years):
            value, of = nearest(made.known, place, "secondary_va", year)
            if of in made.years:
                share = value / product[made.years.index(of), at]
                made_second[when, at] = max(industry[when, at], share * product[when, at])
    second = np.where(np.isnan(stated[1]), np.where(np.isnan(stated[2]), made_second, product - first - stated[2]),
                      stated[1])  # fmt: skip
    first = np.minimum(first, np.maximum(product - second, 0) / 2)
    return {"primary_va": first, "secondary_va": second, "tertiary_va": product - first - second}


def _wide(made: Economy, figures: Mapping[str, np.ndarray], names: tuple[str, ...]) -> list[Row]:
    """A row a county and year, then the city; nothing where something is published of it."""
    found = []
    for at, place in [*enumerate(made.places), (-1, made.city)]:
        for when, year in enumerate(made.years):
            row: Row = {"place": place, "period": str(year)}
            for name in names:
                value = figures[name][when, at] if at >= 0 else _of_city(made, figures, name, when)
                if value == value and (place, name, year) not in made.known:
                    row[name] = plain(name, value)
            if len(row) > 2:
                found.append(row)
    return found


def _of_city(made: Economy, figures: Mapping[str, np.ndarray], name: str, when: int) -> float:
    """The city’s figure: a sum of counties, a mean over residents, or a change of sums."""
    bases = {"fixed_asset_investment_growth": "fixed_asset_investment",
             "industrial_electricity_growth": "industrial_electricity"}  # fmt: skip
    ratios = {"energy_per_industrial_va_change": ADDED, "energy_per_gdp_change": GDP}
    if name in made.real:
        return float(made.real[name][when])
    if name in MEANS:
        return float(np.average(figures[name][when], weights=figures[RESIDENTS][when]))
    if name == "industrial_investment_growth":
        return float(np.average(figures[name][when], weights=figures["fixed_asset_investment"][when]))
    if name not in bases and name not in ratios:
        return float(figures[name][when].sum())
    level = figures[bases.get(name, "above_scale_energy_use")].sum(axis=1, keepdims=True)
    if name in ratios:
        level = level / figures[ratios[name]].sum(axis=1, keepdims=True)
    return float(_change(level)[when, 0])


def plain(name: str, value: float) -> float:
    """A figure as it is typed: whole where it counts, else two decimals."""
    return round(float(value)) if name in WHOLE else round(float(value), 2)


def _sectors(made: Economy, figures: Mapping[str, np.ndarray]) -> Iterator[Row]:
    whole = {name: figures[f"cell {name}"].sum(axis=1) for name in CELLS}
    growth = _change(whole[ADDED], made.price[:, None])
    for at, sector in enumerate(made.sectors):
        for when, year in enumerate(made.years):
            row = {"sector": sector, "period": str(year)} | {n: plain(n, v[when, at]) for n, v in whole.items()}
            row["rd_expenditure_above_scale_industry"] = round(float(figures["cell research"][when, :, at].sum()), 2)
            yield row | ({GROWTH: round(float(growth[when, at]), 1)} if when else {})


CELLS = (OUTPUT, ADDED, "above_scale_industrial_enterprises", "above_scale_employment", "revenue")


def _cells(made: Economy, figures: Mapping[str, np.ndarray]) -> Iterator[Row]:
    for at, place in enumerate(made.places):
        for kind, sector in enumerate(made.sectors):
            for when, year in enumerate(made.years):
                told = {name: plain(name, figures[f"cell {name}"][when, at, kind]) for name in CELLS}
                yield {"place": place, "sector": sector, "period": str(year)} | told
