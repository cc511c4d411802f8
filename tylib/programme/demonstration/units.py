"""Made figures of units that are parts of counties or overlap them: specialised towns, zones, townships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tylib.programme.demonstration.economy import ADDED, GDP, GROWTH, OUTPUT, REAL
from tylib.store import facts, load
from tylib.store.units import rows as units_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.programme.demonstration.economy import Economy
    from tylib.store import City

Row = dict[str, Any]
FIRMS = "above_scale_industrial_enterprises"


def towns(
    city: City, made: Economy, figures: Mapping[str, np.ndarray], number: Mapping[str, float], rng: np.random.Generator
) -> list[Row]:
    """Specialised towns: a part of the output of their county (of the city where that is none of its counties)."""
    known = _known(load("town_metrics", city), "town_id")
    found = []
    for town in units_of("town", city).drop_nulls("place").iter_rows(named=True):
        at = made.places.index(town["place"]) if town["place"] in made.places else None
        share = number["town_share"] * np.exp(rng.normal(0, 0.4))
        parts = rng.uniform(0.5, 1.5, 8)
        for when, year in enumerate(made.years):
            county = made.output[when, at].sum() if at is not None else made.output[when].sum() / len(made.places)
            grown = (1 + number["growth"] / 100) ** (year - made.years[made.base])
            output = _anchored(known, town["town_id"], "town_output_value", year, number, share * county)
            chain = _anchored(known, town["town_id"], "town_chain_output_value", year, number, 1.4 * output)
            firms = _anchored(known, town["town_id"], "town_firms", year, number, 4 + 3 * output * parts[0])
            row: Row = {"town_id": town["town_id"], "period": str(year)} | {
                "town_output_value": output, "town_chain_output_value": max(chain, output),
                "town_revenue": output * number["revenue"], "town_firms": firms,
                "town_above_scale_firms": min(firms, 1 + firms * 0.15 * parts[1]), "town_employment": 0.1 * output,
                "town_srdi_smes": firms * 0.08 * parts[2], "town_little_giants": firms * 0.02 * parts[3],
                "town_technology_centres": 1 + parts[4], "town_platforms": 1 + 2 * parts[5],
                "town_national_share": 4 * parts[6] * grown**0.2, "town_provincial_share": 25 * parts[7] * grown**0.2,
                "town_ecommerce_sales": 0.05 * output * grown,
            }  # fmt: skip
            if at is not None:
                row["town_share_of_county_output"] = 100 * output / county
                row["town_share_of_county_gdp"] = 100 * 0.25 * output / made.product[when, at]
            if any(name == "town_product_output" and key == town["town_id"] for key, name, _ in known):
                product = _anchored(known, town["town_id"], "town_product_output", year, number, output)
                row |= {"town_product_output": product, "town_product_capacity": 1.2 * product}
            found.append(_left(row, known, town["town_id"], year))
    return found


def zones(
    city: City, made: Economy, figures: Mapping[str, np.ndarray], number: Mapping[str, float], rng: np.random.Generator
) -> list[Row]:
    """Zones: a part of their host, of the city where none is known; one that holds others is more than these."""
    table, known = units_of("zone", city), _known(load("zone_metrics", city), "zone_id")
    if table.is_empty():
        return []
    shares, hosts = {}, {row["zone_id"]: row["host"] for row in table.iter_rows(named=True)}
    for zone in table["zone_id"]:
        shares[zone] = number["zone_share"] * np.exp(rng.normal(0, 0.4))
    inside = {row["zone_id"]: row["parent_zone_id"] for row in table.iter_rows(named=True)}
    basis = (OUTPUT, ADDED, GDP, FIRMS, "fixed_asset_investment")
    levels = {}
    for zone in sorted(inside, key=lambda zone: -_depth(zone, inside)):
        at = made.places.index(hosts[zone]) if hosts[zone] in made.places else None
        own = {name: shares[zone] * (figures[name][:, at] if at is not None else figures[name].mean(axis=1))
               for name in basis}  # fmt: skip
        held = [levels[child] for child, parent in inside.items() if parent == zone]
        levels[zone] = {name: own[name] + sum(child[name] for child in held) for name in basis}
    found = []
    for zone in table["zone_id"]:
        level = levels[zone]
        for when, year in enumerate(made.years):
            row: Row = {"zone_id": zone, "period": str(year)} | {name: level[name][when] for name in basis}
            row |= {"zone_firms": 6 * level[FIRMS][when], "zone_revenue": number["revenue"] * 1.4 * level[OUTPUT][when],
                    "zone_projects": 3 + 0.1 * level[OUTPUT][when],
                    "zone_projects_investment": 0.4 * level[OUTPUT][when]}  # fmt: skip
            if when:
                for name, of in ((REAL, GDP), (GROWTH, ADDED)):
                    row[name] = 100 * (level[of][when] / level[of][when - 1] - 1) - made.price[when]
            found.append(_left(row, known, zone, year))
    return found


def townships(
    city: City, made: Economy, figures: Mapping[str, np.ndarray], number: Mapping[str, float], rng: np.random.Generator
) -> list[Row]:
    """Townships: their county divided; some of them without industry above scale."""
    stated = facts(city).filter(pl.col("value").is_not_null() & pl.col("year").is_not_null())
    known = {(p, i, y): v for p, i, y, v in stated.select("place", "indicator", "year", "value").iter_rows()}
    table, found = units_of("township", city), []
    for at, place in enumerate(made.places):
        own = table.filter(pl.col("parent") == place)["place"].to_list()
        if not own:
            continue
        people = rng.dirichlet(np.full(len(own), 3.0))
        trade = rng.dirichlet(np.full(len(own), 1.2)) * (rng.random(len(own)) >= number["township_zero"])
        trade = trade / trade.sum() if trade.any() else people
        land = rng.uniform(5, 60, len(own)) / np.maximum(people * len(own), 0.2)
        for n, township in enumerate(own):
            for when, year in enumerate(made.years):
                industry = {name: trade[n] * figures[name][when, at] for name in (OUTPUT, FIRMS)}
                firms = np.ceil(industry[FIRMS]) if industry[OUTPUT] > 0 else 0
                row: Row = {
                    "place": township, "period": str(year), "resident_population":
                    people[n] * figures["resident_population"][when, at], "land_area": land[n], FIRMS: firms,
                    "industrial_enterprises": firms * number["units_over_firms"], OUTPUT: industry[OUTPUT],
                    "gross_output": 1.15 * industry[OUTPUT],
                    "industrial_employment": trade[n] * figures["industrial_employment"][when, at],
                    "fixed_asset_investment": people[n] * figures["fixed_asset_investment"][when, at],
                    "tax_revenue": (people[n] + trade[n]) / 2 * figures["tax_revenue"][when, at],
                }  # fmt: skip
                found.append(_left(row, known, township, year))
    return found


WHOLE = {
    "town_firms", "town_above_scale_firms", "town_srdi_smes", "town_little_giants", "town_technology_centres",
    "town_platforms", "zone_firms", "zone_projects", FIRMS, "industrial_enterprises", "resident_population",
    "industrial_employment",
}  # fmt: skip


def _depth(zone: str, inside: Mapping[str, str | None]) -> int:
    """How many zones a zone lies in."""
    depth, seen = 0, {zone}
    while (zone := inside.get(zone) or "") and zone not in seen:
        seen.add(zone)
        depth += 1
    return depth


def _known(metrics: pl.DataFrame, key: str) -> dict[tuple[str, str, int], float]:
    """What is published of a unit and a year; NaN where there is only a bound."""
    stated = metrics.filter((pl.col("kind").cast(pl.String) == "actual") & pl.col("absent").is_null())
    year = pl.col("period").str.extract(r"^(\d{4})$").cast(pl.Int32)
    rows = stated.select(key, pl.col("indicator").cast(pl.String), year, pl.col("value").fill_null(float("nan")))
    return {(unit, name, when): value for unit, name, when, value in rows.drop_nulls().iter_rows()}


def _anchored(
    known: Mapping[tuple[str, str, int], float], unit: str, name: str, year: int, number: Mapping[str, float],
    otherwise: float,
) -> float:  # fmt: skip
    """The published figure of the nearest year moved by half the made growth a year, or something else."""
    there = [(abs(y - year), -y, v) for (u, n, y), v in known.items() if (u, n) == (unit, name) and v == v]
    if not there:
        return otherwise
    _, of, value = min(there)
    return value * (1 + number["growth"] / 200) ** (year + of)


def _left(row: Row, known: Mapping[tuple[str, str, int], float], unit: str, year: int) -> Row:
    """A row without what is published of its year, figures as they are typed."""
    said = {name: value for name, value in row.items() if (unit, name, year) not in known}
    return {name: value if isinstance(value, str) else round(float(value)) if name in WHOLE else round(float(value), 2)
            for name, value in said.items()}  # fmt: skip
