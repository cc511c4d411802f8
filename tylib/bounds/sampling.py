"""Points inside the feasible set, under two named weightings, kept under the hash of what they come from.

Uniform: every matrix that fits the rows weighs the same. Tilted: of all weightings whose mean totals lie part of the
way from the uniform ones to a reference, the one of least relative entropy to the uniform. The reference is the
matrix of the set nearest, in relative entropy, to national sector structure times county population. Both are
judgements; where they disagree a matter is undecided.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tylib.bounds import constraints, intervals, moves, programs, walk
from tylib.bounds.programs import Programs
from tylib.errors import ParameterError, unknown
from tylib.store import facts, open_city, preferred
from tylib.store.kept import arrays, digest
from tylib.store.params import bounds_suppositions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.bounds.constraints import System
    from tylib.store import City
    from tylib.store.params import BoundsSuppositions

WEIGHTINGS = ("uniform", "tilted")
APART = 80  # sweeps between draws
TRIES, MIXED = 3, 1.05  # how often chains may go on; R-hat that is asked for
STEPS = (0.02, 0.1, 0.3, 0.6, 1.0, 1.7, 3.0, 8.0, 30.0)  # where relative entropy is first touched by tangents
SIZES = ("resident_population", "census_population")


@dataclass(frozen=True)
class Draws:
    """Points of the feasible set.

    Attributes:
        weighting, layer: What they were drawn under.
        places, sectors: Labels of the second and third axis.
        output, value_added: ``(draw, place, sector)``, 100 million yuan.
        whole_sectors: Sectors known for the city as a whole only; ``whole_output, whole_added``: ``(draw, sector)``.
        mixing: ``figure, rhat, ess`` of what is printed: cells, shares, totals.
        off_target: How far the means of a tilted weighting ended from those wanted, in standard deviations.
    """

    weighting: str
    layer: int
    places: tuple[str, ...]
    sectors: tuple[str, ...]
    output: np.ndarray
    value_added: np.ndarray
    whole_sectors: tuple[str, ...]
    whole_output: np.ndarray
    whole_added: np.ndarray
    mixing: pl.DataFrame
    off_target: float

    @property
    def mixed(self) -> bool:
        """Whether R-hat stays below what is asked for on everything that is printed."""
        return bool(self.mixing.is_empty() or self.mixing["rhat"].max() < MIXED)

    def points(self) -> np.ndarray:
        """The draws as rows over the unknowns of the system."""
        count = len(self.output)
        return np.hstack([self.output.reshape(count, -1), self.whole_output,
                          self.value_added.reshape(count, -1), self.whole_added])  # fmt: skip


def draws(
    city: City | None = None,
    *,
    layer: int = 2,
    weighting: str = "uniform",
    switch: Mapping[str, bool] | None = None,
    change: Mapping[str, Mapping[str, float]] | None = None,
) -> Draws | None:
    """Draws from the feasible set of a city, from the cache where nothing they come from has changed.

    Args:
        city: Defaults to :func:`tylib.store.open_city`.
        layer, switch, change: As in :func:`tylib.bounds.constraints.system`.
        weighting: ``uniform`` or ``tilted``.

    Returns:
        As many as ``params/bounds.yml`` says; ``None`` where the city has no rows.

    Raises:
        ContradictionError: The rows conflict.
        ParameterError: Unknown layer, row or weighting; or a set without bounds, from which nothing can be drawn.
    """
    city = city or open_city()
    if weighting not in WEIGHTINGS:
        raise unknown("weighting", weighting, WEIGHTINGS)
    rows, supposed = constraints.system(city, layer=layer, switch=switch, change=change), bounds_suppositions(city)
    if not rows.rows:
        return None
    sizes = county_sizes(rows, supposed, city)
    made = origin(rows, city)

    def kept(name: str) -> dict[str, np.ndarray]:
        before = (lambda: kept("uniform")) if name == "tilted" else None
        return arrays(city, f"draws-{name}", digest(name, *made), lambda: drawn(rows, supposed, sizes, before))

    return labelled(kept(weighting), rows, weighting, layer)


def origin(rows: System, city: City) -> tuple[Any, ...]:
    """Everything that draws from a system come from, for the hash of what is made of them: they need not be read."""
    supposed = bounds_suppositions(city)
    return (*intervals.identity(rows), county_sizes(rows, supposed, city), supposed.draws, supposed.chains,
            supposed.seed, supposed.tilt, np.__version__, version("scipy"), constraints, programs, moves, walk,
            sys.modules[__name__])  # fmt: skip


def county_sizes(rows: System, supposed: BoundsSuppositions, city: City) -> np.ndarray:
    """Residents of each county in the year nearest to that of the set in which all are known; else all alike."""
    known = preferred(
        facts(city).filter(
            pl.col("indicator").is_in(SIZES) & pl.col("place").is_in(rows.places) & pl.col("value").is_not_null()
            & (pl.col("scope") == "") & (pl.col("sector") == "") & (pl.col("kind") == "actual")
        )
    )  # fmt: skip
    complete = [
        (abs(year - supposed.year), SIZES.index(indicator), part)
        for (indicator, year), part in known.filter(pl.col("year").is_not_null())
        .partition_by("indicator", "year", as_dict=True).items()
        if part["place"].n_unique() == len(rows.places)
    ]  # fmt: skip
    if not complete:
        return np.full(len(rows.places), 1.0 / len(rows.places))
    *_, part = min(complete, key=lambda entry: entry[:2])
    by_place = dict(part.select("place", "value").iter_rows())
    sizes = np.array([by_place[place] for place in rows.places], dtype=float)
    return sizes / sizes.sum()


def drawn(
    rows: System, supposed: BoundsSuppositions, sizes: np.ndarray, before: object = None
) -> dict[str, np.ndarray]:
    """Draw anew: points over the unknowns, and how well they are mixed.

    Args:
        rows: The set.
        supposed: Numbers of ``params/bounds.yml``.
        sizes: Share of each county, for the reference of the tilted weighting.
        before: For the tilted weighting, a function that gives the uniform draws; without it they are uniform.
    """
    solver, chains = Programs(rows), int(supposed.chains.value)
    rng = np.random.default_rng([int(supposed.seed.value), 0 if before is None else 1])
    inside = walk.reduced(solver.left, solver.low, solver.high)
    edges = solver.edges.tocsr()
    corners = _corners(solver, chains, rng)
    taken = moves.moves(solver, (edges[: len(rows.cells)] @ corners).mean(axis=1), rng)
    walkers = walk.Walkers(inside, walk.starts(inside, corners), rng, taken)
    walk.uniform(walkers)
    wanted, forms = np.zeros(0), np.zeros((0, rows.unknowns))
    if before is not None:
        forms, groups = _totals(rows)
        mean = forms @ before()["points"].mean(axis=0)
        toward = forms @ nearest(solver, _reference(rows, sizes, groups, mean[-1]))
        wanted = mean + supposed.tilt.value * (toward - mean)
        walk.tilt(
            walkers,
            walkers.sweep(walk.PILOTS[0], keep=walk.PILOTS[0]).reshape(len(inside.at), -1),
            forms @ edges,
            wanted,
        )
    count, parts = int(supposed.draws.value), []
    for _ in range(TRIES):
        parts.append(walk.independent(walkers, count, APART) @ edges.T.toarray())
        points = np.concatenate(parts)
        rhat, ess = walk.converged(_printed(points, rows))
        if rhat.max(initial=1.0) < MIXED:
            break
    # Chains that had to go on are thinned: as many points as asked for, so much further apart.
    kept = points[:: len(parts)]
    ess = ess if len(parts) == 1 else walk.converged(_printed(kept, rows))[1]
    flat = kept.reshape(-1, rows.unknowns)[:count]
    made = flat @ forms.T
    away = np.abs(made.mean(axis=0) - wanted) / np.maximum(made.std(axis=0), 1e-300)
    return {"points": flat, "rhat": rhat, "ess": ess, "away": away.max(initial=0.0)[None]}


def _corners(solver: Programs, many: int, rng: np.random.Generator) -> np.ndarray:
    """Corners of the set in directions that come by chance, as columns over the edges."""
    corners = []
    for _ in range(many):
        point = solver.corner(rng.standard_normal(len(solver.edge_cell)))
        if point is None:
            raise ParameterError(
                "nothing can be drawn from a set without bounds",
                where="feasible set",
                expected="rows that bound every figure",
                remedy="Switch on the row that gives the city’s total.",
            )
        corners.append(point)
    return np.array(corners).T


def _printed(points: np.ndarray, rows: System) -> np.ndarray:
    """What is printed of each draw: outputs of cells, their shares in the county, totals, the rest of industry."""
    cells, cut = len(rows.cells), len(rows.places) * len(rows.sectors)
    output = points[..., :cut].reshape(*points.shape[:-1], len(rows.places), len(rows.sectors))
    county = output.sum(axis=-1)
    share = output / np.maximum(county[..., None], 1e-300)
    flat = (*points.shape[:-1], cut)
    parts = [output.reshape(flat), share.reshape(flat), county, output.sum(axis=-2), county.sum(axis=-1)[..., None],
             points[..., cut:cells], points[..., cells:].sum(axis=-1)[..., None]]  # fmt: skip
    return np.concatenate(parts, axis=-1)


def _figures(rows: System) -> list[str]:
    pairs = [f"{place}:{sector}" for place, sector in rows.cells[: len(rows.places) * len(rows.sectors)]]
    rest = [f"{place}:{sector}" for place, sector in rows.cells[len(pairs) :]]
    sectors = [f"{rows.city}:{sector}" for sector in rows.sectors]
    outputs = [*pairs, *(f"share {pair}" for pair in pairs), *rows.places, *sectors, rows.city, *rest]
    return [*outputs, f"value_added {rows.city}"]


def _totals(rows: System) -> tuple[np.ndarray, list[list[str]]]:
    """Forms whose means a weighting is told by: output of counties, of national sectors, of all; and the sectors."""
    groups = [[rows.sectors[at] for at in rows.groups[group]] for group in rows.national]
    forms = [rows.form("output", [place]) for place in rows.places]
    forms += [rows.form("output", (), members) for members in groups]
    return np.array([*forms, rows.form("output")]), groups


def _reference(
    rows: System, sizes: np.ndarray, groups: list[list[str]], total: float
) -> list[tuple[np.ndarray, float]]:
    """National structure times county size: each county and national sector as a form, with its amount."""
    shares = list(rows.national.values())
    return [
        (rows.form("output", [place], members), float(total * size * share / sum(shares)))
        for place, size in zip(rows.places, sizes, strict=True)
        for members, share in zip(groups, shares, strict=True)
    ]


def nearest(solver: Programs, reference: list[tuple[np.ndarray, float]]) -> np.ndarray:
    """The point of a set at the least relative entropy from a reference: ``sum y ln(y / t) - y + t``.

    The curve is replaced by tangents and touched again where the last solution lies (Kelley 1960) until the two
    differ by less than a ten-thousandth of the total.

    Args:
        solver: The set.
        reference: Forms y over the unknowns and their amounts t above zero.

    Returns:
        The point over the unknowns.
    """
    forms, amounts = np.array([form for form, _ in reference]), np.array([amount for _, amount in reference])
    over = forms @ solver.edges
    at = [(which, amount * step) for which, amount in enumerate(amounts) for step in STEPS]
    for _ in range(30):
        point = solver.convex(over, [(which, place, *_touch(place, amounts[which])) for which, place in at])
        made = over @ point
        curve = sum(_touch(max(y, 1e-9 * t), t)[0] for y, t in zip(made, amounts, strict=True))
        flat = sum(
            max(value + slope * (made[which] - place) for value, slope, place in touched)
            for which, touched in _by_form(at, amounts).items()
        )
        if curve - flat < 1e-4 * amounts.sum():
            break
        at += [(which, max(y, 1e-6 * t)) for which, (y, t) in enumerate(zip(made, amounts, strict=True))]
    return solver.edges @ point


def _touch(place: float, amount: float) -> tuple[float, float]:
    """Value and slope of ``y ln(y / t) - y + t`` at a place."""
    slope = float(np.log(place / amount))
    return place * slope - place + amount, slope


def _by_form(at: list[tuple[int, float]], amounts: np.ndarray) -> dict[int, list[tuple[float, float, float]]]:
    found: dict[int, list[tuple[float, float, float]]] = {}
    for which, place in at:
        found.setdefault(which, []).append((*_touch(place, amounts[which]), place))
    return found


def labelled(found: dict[str, np.ndarray], rows: System, weighting: str, layer: int) -> Draws:
    """Arrays as they are kept, with their labels."""
    points, cells = found["points"], len(rows.cells)
    shape, cut = (len(points), len(rows.places), len(rows.sectors)), len(rows.places) * len(rows.sectors)
    mixing = pl.DataFrame({"figure": _figures(rows), "rhat": found["rhat"], "ess": found["ess"]})
    return Draws(
        weighting=weighting,
        layer=layer,
        places=rows.places,
        sectors=rows.sectors,
        output=points[:, :cut].reshape(shape),
        value_added=points[:, cells : cells + cut].reshape(shape),
        whole_sectors=tuple(sector for _, sector in rows.cells[cut:]),
        whole_output=points[:, cut:cells],
        whole_added=points[:, cells + cut :],
        mixing=mixing,
        off_target=float(found["away"][0]),
    )
