"""Where a scenario starts: every matrix that fits what was published, under both weightings, never one of them.

Of a county and sector the feasible set gives output and value added; everything else follows from priors. Capital is
such that it grows with output, ``K = i Y / (g + d)``, research likewise, and the trend of productivity is what then
lets value added grow at ``g``; labour and energy are indices, weighed by labour's share and by the energy inputs of
the national table, as nothing is published by county. The county's own table is the nation's by Flegg's quotient.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tylib import bounds
from tylib.indicators.cube import over
from tylib.indicators.regional_tables import home_shares
from tylib.scenario.model import Local, Start
from tylib.store import load, open_city, units
from tylib.store.params import bounds_suppositions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.store import City
    from tylib.store.scenarios import ModelSuppositions

LEAST = 1e-9  # 100 million yuan: what stands for a cell that an import says is empty
SHARES = (0.2, 0.8)  # between which a sector's capital share stays
CROWDED = 2.0  # localisation counts up to this multiple of where congestion begins


@dataclass(frozen=True)
class Ensemble:
    """Every baseline.

    Attributes:
        year: Of the feasible set.
        places, sectors: Labels.
        output, value_added: ``(weighting, draw, place, sector)``, 100 million yuan of that year.
        national: Gross output by national sector; ``coefficients``: ``(n, n)``; ``groups``: ``(sector,)``.
        shift: What sectors add to the capital share; ``energy``: energy inputs a value added, mean 1.
        equipment: Which national sectors make equipment.
        units: Labels ``unit``; ``members``: positions, in ``place * sector``, of the cells of each.
    """

    year: int
    places: tuple[str, ...]
    sectors: tuple[str, ...]
    output: np.ndarray
    value_added: np.ndarray
    national: np.ndarray
    coefficients: np.ndarray
    groups: np.ndarray
    shift: np.ndarray
    energy: np.ndarray
    equipment: np.ndarray
    units: tuple[str, ...]
    members: tuple[np.ndarray, ...]


def ensemble(city: City | None = None, supposed: ModelSuppositions | None = None) -> Ensemble | None:
    """The baselines of a city.

    Args:
        city: Defaults to :func:`tylib.store.open_city`.
        supposed: Defaults to ``params/model.yml``.

    Returns:
        ``None`` where the city has no feasible set, or its national table does not hold the flows between its sectors.
    """
    from tylib.store.scenarios import model

    city = city or open_city()
    supposed = supposed or model(city)
    rows = bounds.system(city)
    drawn = [bounds.draws(city, weighting=weighting) for weighting in bounds.WEIGHTINGS] if rows.rows else [None]
    if drawn[0] is None:
        return None
    names = list(rows.groups)
    table = load("input_output_2020", city).filter(pl.col("io_sector").is_in(names))
    if not {f"use_{name}" for name in names} <= set(table.columns) or table.height < len(names):
        return None
    at = [table["io_sector"].to_list().index(name) for name in names]
    table = table[at]
    gross, added = (table[name].to_numpy() for name in ("gross_output", "value_added"))
    uses = table.select(f"use_{name}" for name in names).to_numpy()
    groups = np.array([next(n for n, m in enumerate(rows.groups.values()) if s in m) for s in range(len(rows.sectors))])
    whole = load("input_output_2020", city).filter(pl.col("io_sector").is_in(supposed.energy_inputs))
    energy = whole.select(f"use_{name}" for name in names).sum().to_numpy()[0] / added
    energy = energy[groups]
    labour = (table["compensation_of_employees"].to_numpy() / added)[groups]
    labels, members = _units(city, rows.places, rows.sectors)
    return Ensemble(
        year=bounds_suppositions(city).year, places=rows.places, sectors=rows.sectors,
        output=np.maximum(np.stack([part.output for part in drawn]), LEAST),
        value_added=np.maximum(np.stack([part.value_added for part in drawn]), LEAST),
        national=gross, coefficients=uses / gross, groups=groups, shift=labour.mean() - labour,
        energy=energy / energy.mean(), equipment=np.isin(names, supposed.equipment),
        units=labels, members=members,
    )  # fmt: skip


def _units(
    city: City, places: tuple[str, ...], sectors: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[np.ndarray, ...]]:
    """Units that are sets of cells: the city, its counties, towns (the trade's sectors in the county), chains (the
    sectors of their makers in the whole city). A town without a county, or a trade that is no manufacturing, is none.
    """
    stage = pl.col("segment").cast(pl.String)
    stages = load("branch_stages", city).filter(pl.col("kind").cast(pl.String) == "maker")
    stages = stages.select("chain_id", "branch_zh", "sector", stage)
    segments = load("chain_segments", city).select("segment_id", "chain_id", "branch_zh", stage)
    segments = segments.join(stages, on=["chain_id", "branch_zh", "segment"], how="inner")
    links = load("segment_links", city).filter(pl.col("kind").cast(pl.String) == "town")
    standing = links.join(segments, on="segment_id", how="inner").select(town_id="code", sector="sector")
    anchored = load("plant_anchors", city).select("town_id", "sector")
    trades = pl.concat([standing, anchored]).drop_nulls().unique()
    found: dict[str, set[tuple[str, str]]] = {f"city:{city.place}": {(p, s) for p in places for s in sectors}}
    found |= {f"county:{place}": {(place, s) for s in sectors} for place in places}
    for row in units.rows("town", city).iter_rows(named=True):
        own = trades.filter(pl.col("town_id") == row["town_id"])["sector"]
        found[f"town:{row['town_id']}"] = {(row["place"], s) for s in own}
    for row in units.rows("chain", city).iter_rows(named=True):
        own = stages.filter(pl.col("chain_id") == row["chain_id"])["sector"].drop_nulls()
        found[f"chain:{row['chain_id']}"] = {(p, s) for p in places for s in own}
    at = {cell: n for n, cell in enumerate((p, s) for p in places for s in sectors)}
    kept = {unit: np.array(sorted(at[cell] for cell in own & at.keys()), dtype=int) for unit, own in found.items()}
    labels = sorted(unit for unit, own in kept.items() if len(own))
    return tuple(labels), tuple(kept[unit] for unit in labels)


def start(
    ensemble: Ensemble, output: np.ndarray, value_added: np.ndarray, draws: Mapping[str, np.ndarray], *, local: bool
) -> tuple[Start, np.ndarray]:
    """The base year of some draws.

    Args:
        ensemble: The baselines.
        output, value_added: ``(draw, place, sector)``.
        draws: Parameters by name, each ``(draw,)``.
        local: Whether the county's own table is wanted, which only demand asks for.

    Returns:
        The start, and in how many counties of each draw local inputs had to be cut (see :func:`own_table`).
    """
    p = {name: values[:, None, None] for name, values in draws.items()}
    growth, Y = p["growth"], value_added
    alpha = np.clip(p["capital_share"] + ensemble.shift, *SHARES)
    rate = np.log1p(growth)
    county = output.sum(axis=-1, keepdims=True)
    by_group = _grouped(output, ensemble)
    quotient = over(by_group / county, ensemble.national / ensemble.national.sum())[..., ensemble.groups]
    table, cut = (None, np.zeros(len(Y)))
    if local:
        table, cut = own_table(ensemble, by_group, draws["flq_delta"])
    made = Start(
        value_added=Y, capital=p["investment_rate"] * Y / (growth + p["depreciation"]), labour=(1 - alpha) * Y,
        research=p["research_share"] * Y / (growth + p["research_depreciation"]), demand=Y,
        localisation=np.minimum(quotient, CROWDED * p["congestion"]), digital=p["digital_share"],
        energy=ensemble.energy, carbon=np.ones(1), capital_share=alpha, investment=p["investment_rate"],
        research_share=p["research_share"], trend=rate * (1 - alpha) * (1 - p["labour_response"]), growth=rate,
        demand_growth=growth + p["demand_gap"], local=table,
    )  # fmt: skip
    return made, cut


def own_table(ensemble: Ensemble, output: np.ndarray, delta: np.ndarray) -> tuple[Local, np.ndarray]:
    """The county's own input-output table in each draw, by Flegg's quotient.

    Final demand ``(I - A) X`` cannot be negative: a supplier that would deliver more within the county than it makes
    delivers all it makes, to each user in proportion.

    Args:
        ensemble: The baselines.
        output: ``(draw, place, n)`` by national sector.
        delta: ``(draw,)``.

    Returns:
        The table, and the number of counties in each draw in which a supplier was cut.
    """
    A = ensemble.coefficients * home_shares(output, ensemble.national, delta=delta[:, None])
    used = (A @ output[..., None])[..., 0]
    cut = used > output
    A *= np.where(cut, over(output, used), 1.0)[..., None]
    makers = output * ensemble.equipment
    shares = np.nan_to_num(over(makers, makers.sum(axis=-1, keepdims=True)))
    return Local(output, A, ensemble.coefficients, ensemble.groups, shares), cut.any(axis=-1).sum(axis=-1)


def _grouped(values: np.ndarray, ensemble: Ensemble) -> np.ndarray:
    """Sums by national sector."""
    return values @ (ensemble.groups[:, None] == np.arange(len(ensemble.national))).astype(float)
