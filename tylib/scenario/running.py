"""A scenario over all baselines and priors at once: changes against the same unit's baseline, fans, support, levels.

Effects are relative first: each draw is compared with its own baseline. A direction counts as a finding only where it
holds in the share ``finding`` of ``params/bounds.yml`` of the draws under both weightings.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tylib import bounds
from tylib.errors import unknown
from tylib.scenario.baseline import Ensemble, ensemble, start
from tylib.scenario.levers import priors, strengths
from tylib.scenario.model import CLOSURES, PARAMETERS, both
from tylib.scenario.priors import central, drawn
from tylib.store import load, open_city
from tylib.store import scenarios as files
from tylib.store.contracts import Status
from tylib.store.params import bounds_suppositions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from scipy.sparse import csr_array

    from tylib.scenario.model import Year
    from tylib.scenario.priors import Ends
    from tylib.store import City
    from tylib.store.scenarios import ModelSuppositions

OUTCOMES = ("value_added", "labour", "energy", "carbon")
LOW, MIDDLE, HIGH = 10, 50, 90
INNER = (25, 50, 75)
"""The middle half, for the darker part of a fan."""
DENSE = 20_000  # entries up to which a full matrix adds up quicker than a sparse one
BLOCK = 18_000  # cells that are worked on at once: more fall out of a processor's cache, fewer cost calls
NOTHING = 1e-9  # per cent: below it a change is none
BETWEEN: ContextVar[Callable[[], None]] = ContextVar("between blocks of draws", default=lambda: None)
"""Called between blocks of draws. What it raises ends the work: so a thread stops that works for nobody any more."""


@dataclass(frozen=True)
class Setting:
    """Everything a scenario needs: the city's baselines, its model, the levers by year, the priors.

    Attributes:
        name, closure: Of the scenario.
        ensemble: Baselines.
        supposed: The model.
        levers: ``(lever, year)``.
        priors: Ends by parameter.
        finding: Share of draws that makes a finding.
        sources: Of the evidence behind the priors, and of the national table.
        demonstration: Whether some figure of the feasible set was invented for show.
    """

    name: str
    closure: str
    ensemble: Ensemble
    supposed: ModelSuppositions
    levers: np.ndarray
    priors: dict[str, Ends]
    finding: float
    sources: tuple[str, ...]
    status: str

    @property
    def years(self) -> tuple[int, ...]:
        """The base year to the horizon."""
        return tuple(range(self.ensemble.year, self.ensemble.year + self.levers.shape[1] + 1))

    def named(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """Rows of drawn parameters by name."""
        return dict(zip(self.priors, theta, strict=True))

    def units(self, asked: Sequence[str] | None) -> list[int]:
        """Positions of units; all where none is asked for.

        Raises:
            ParameterError: A unit that is no set of counties and sectors.
        """
        known = self.ensemble.units
        for unit in asked or ():
            if unit not in known:
                raise unknown("unit", unit, known)
        return [known.index(unit) for unit in (asked or known)]


@dataclass(frozen=True)
class Run:
    """What a scenario changes.

    Attributes:
        setting: What was run.
        units: Labels.
        change: ``(outcome, weighting, draw, year, unit)``, per cent against the same draw's baseline.
        level: ``(weighting, draw, year, unit)``, value added with the levers, 100 million yuan of the base year.
        binds: ``(weighting, draw, unit)``, share of value added, at the horizon, of cells in which demand binds.
        cut: Share of draws in which somewhere local inputs were cut so that final demand is not negative.
    """

    setting: Setting
    units: tuple[str, ...]
    change: np.ndarray
    level: np.ndarray
    binds: np.ndarray
    cut: float


def setting(
    name: str, city: City | None = None, *, closure: str = "supply", overrides: Mapping[str, Any] | None = None,
    zero_effect: bool = False, known: Ensemble | None = None,
) -> Setting | None:  # fmt: skip
    """Read a scenario, the model and the baselines.

    Args:
        name: Of the scenario.
        city: Defaults to :func:`tylib.store.open_city`.
        closure: ``supply``, ``demand`` or ``binding``.
        overrides: Keys of the scenario that are set otherwise, checked like a file.
        zero_effect: The same under the zero-effect prior.
        known: The city's baselines where they are at hand (:func:`tylib.scenario.baseline.ensemble`): reading them is
            most of the time.

    Returns:
        ``None`` where the city has no feasible set.

    Raises:
        ParameterError: Unknown scenario, closure or key; a number outside its range.
    """
    city = city or open_city()
    if closure not in CLOSURES:
        raise unknown("closure", closure, CLOSURES)
    supposed, found = files.model(city), files.scenario(name, city)
    changes = {**(overrides or {}), **({"zero_effect": True} if zero_effect else {})}
    found = files.overridden(found, changes, city) if changes else found
    baselines = known or ensemble(city, supposed)
    if baselines is None:
        return None
    evidence = [one for prior in supposed.parameters.values() for one in prior.evidence]
    literature = load("literature_parameters", city).filter(pl.col("parameter_id").is_in(evidence))["source_id"]
    sources = {*literature.drop_nulls(), *load("sectors", city)["source_id"].drop_nulls()}
    return Setting(
        name, closure, baselines, supposed, strengths(found, supposed, base=baselines.year), priors(found, supposed),
        bounds_suppositions(city).finding.value, tuple(sorted(sources)), _status(city),
    )  # fmt: skip


def _status(city: City) -> str:
    from tylib.bounds.constraints import imported
    from tylib.store import facts

    own = [row.name for row in imported(city)]
    shown = facts(city).filter(pl.col("fact_id").is_in(own))["status"].cast(pl.String).to_list() if own else []
    return "demonstration" if "demonstration" in shown else "scenario"


def parameters(setting: Setting, draws: int) -> np.ndarray:
    """Draws of the priors of a setting: ``(parameter, draw)``."""
    return sampled(setting.supposed, setting.priors, draws)


def sampled(supposed: ModelSuppositions, priors: Mapping[str, Ends], draws: int) -> np.ndarray:
    """Draws of priors with the model's seed and correlations: ``(parameter, draw)``."""
    pairs = [(*pair.of, pair.value) for pair in supposed.correlations]
    return drawn(priors, draws=draws, seed=int(supposed.seed.value), pairs=pairs)


def run(setting: Setting, /, *, draws: int | None = None, units: Sequence[str] | None = None) -> Run:
    """Run a scenario under both weightings.

    Args:
        setting: See :func:`setting`.
        draws: Under each weighting; default as ``params/model.yml`` says. Draw ``k`` joins the ``k``-th draw of the
            priors to the ``k``-th matrix of the feasible set (again from the first where there are fewer).
        units: Such as ``county:...``; default: all.

    Raises:
        ParameterError: No such unit, or no draw.
    """
    from tylib.errors import ParameterError

    draws = int(setting.supposed.draws.value) if draws is None else draws
    if draws < 1:
        raise ParameterError(f"{draws} draws", where="draws", expected="1 or more")
    at, theta = setting.units(units), parameters(setting, draws)
    known, members = setting.ensemble, adding(setting, at)
    many, years = known.output.shape[:2], len(setting.years)
    change = np.empty((len(OUTCOMES), many[0], draws, years, len(at)))
    level, binds, cut = np.empty(change.shape[1:]), np.empty((many[0], draws, len(at))), 0
    for weighting in range(many[0]):
        for block in blocks(draws, known.output[0, 0].size):
            of = np.arange(block.start, block.stop) % many[1]
            reference, found, cuts = simulated(setting, known.output[weighting, of], known.value_added[weighting, of],
                                               theta[:, block])  # fmt: skip
            cut += int((cuts > 0).sum())
            for outcome, name in enumerate(OUTCOMES):
                without, with_ = (totals(path, name, members) for path in (reference, found))
                change[outcome, weighting, block] = (100 * (with_ / without - 1)).swapaxes(0, 1)
                if outcome == 0:
                    level[weighting, block] = with_.swapaxes(0, 1)
            last = found[-1]
            bound = last.value_added * ((last.slack > 0) & (setting.closure == "binding"))
            binds[weighting, block] = sums(bound, members) / sums(last.value_added, members)
    return Run(setting, tuple(known.units[n] for n in at), change, level, binds, cut / draws / many[0])


def simulated(
    setting: Setting, output: np.ndarray, value_added: np.ndarray, theta: np.ndarray, levers: np.ndarray | None = None
) -> tuple[tuple[Year, ...], tuple[Year, ...], np.ndarray]:
    """Paths without and with levers of some matrices under some parameters, and the counties cut in each draw."""
    p = setting.named(theta)
    began, cut = start(setting.ensemble, output, value_added, p, local=setting.closure != "supply")
    rows = np.array([p[name] for name in PARAMETERS])
    return *both(began, rows, setting.levers if levers is None else levers, closure=setting.closure), cut


def middle(setting: Setting) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One point for what cannot be drawn: mean of all baselines (itself feasible) and the medians of the priors."""
    known = setting.ensemble
    return (*(part.mean(axis=(0, 1))[None] for part in (known.output, known.value_added)), central(setting.priors))


def blocks(draws: int, cells: int) -> Iterator[slice]:
    """Draws in pieces that fit a processor's cache; :data:`BETWEEN` is called before each."""
    size = max(1, BLOCK // cells)
    for first in range(0, draws, size):
        BETWEEN.get()()
        yield slice(first, min(first + size, draws))


def adding(setting: Setting, at: Sequence[int]) -> np.ndarray | csr_array:
    """Zeros and ones, ``(cell, unit)``: which cells add up to each unit; sparse where they are many."""
    members, cells = [setting.ensemble.members[n] for n in at], setting.ensemble.output[0, 0].size
    if len(at) * cells > DENSE:
        from scipy.sparse import csr_array

        unit = np.repeat(np.arange(len(at)), [len(own) for own in members])
        return csr_array((np.ones(len(unit)), (np.concatenate(members), unit)), shape=(cells, len(at)))
    matrix = np.zeros((cells, len(at)))
    for k, own in enumerate(members):
        matrix[own, k] = 1.0
    return matrix


def sums(cells: np.ndarray, members: np.ndarray | csr_array) -> np.ndarray:
    """``(draw, unit)``: sums of ``(draw, place, sector)`` over the cells of each unit (:func:`adding`)."""
    return cells.reshape(len(cells), -1) @ members


def totals(path: tuple[Year, ...], outcome: str, members: np.ndarray | csr_array) -> np.ndarray:
    """``(year, draw, unit)``: sums over the cells of each unit."""
    return np.stack([sums(year.outcome(outcome), members) for year in path])


def fan(run: Run, /, *, ends: tuple[int, int, int] = (LOW, MIDDLE, HIGH)) -> pl.DataFrame:
    """The middle and the range from the tenth to the ninetieth percentile, over the draws of both weightings.

    Args:
        run: A scenario's run.
        ends: Other percentiles, such as :data:`INNER`.

    Returns:
        ``unit, scenario, closure, outcome, year, low, median, high`` (per cent against the baseline), ``interval``
        (``p10_p90``), ``status`` (``scenario``; ``demonstration`` where a figure was invented), ``source_ids``;
        sorted by unit, outcome as :data:`OUTCOMES`, year.
    """
    found = np.stack([_quantiles(values, ends) for values in run.change], axis=1)
    return _labelled(run, found.transpose(0, 3, 1, 2), OUTCOMES, interval=f"p{ends[0]}_p{ends[2]}")


def levels(run: Run, /) -> pl.DataFrame:
    """Value added with the levers, as intervals only: 100 million yuan at prices of the base year.

    Returns:
        As :func:`fan`, with outcome ``value_added_level``.
    """
    return _labelled(run, _quantiles(run.level)[:, None].transpose(0, 3, 1, 2), ("value_added_level",))


def _quantiles(values: np.ndarray, ends: Sequence[int] = (LOW, MIDDLE, HIGH)) -> np.ndarray:
    """``(3, year, unit)`` of ``(weighting, draw, year, unit)``."""
    flat = np.ascontiguousarray(values.reshape(-1, *values.shape[2:]).transpose(1, 2, 0))
    return np.percentile(flat, ends, axis=-1, overwrite_input=True)


def _labels(run: Run, outcomes: Sequence[str]) -> pl.DataFrame:
    """Unit, outcome, year in this order of what varies slowest."""
    frames = ({"unit": run.units}, {"outcome": outcomes}, {"year": run.setting.years})
    units, names, years = map(pl.DataFrame, frames)
    return units.join(names, how="cross").join(years, how="cross").select(
        "unit", pl.lit(run.setting.name).alias("scenario"), pl.lit(run.setting.closure).alias("closure"),
        "outcome", "year",
    )  # fmt: skip


def _labelled(
    run: Run, ends: np.ndarray, outcomes: Sequence[str], *, interval: str = f"p{LOW}_p{HIGH}"
) -> pl.DataFrame:
    """Quantiles ``(end, unit, outcome, year)`` as a long frame."""
    low, median, high = ends.reshape(3, -1)
    return _labels(run, outcomes).with_columns(
        low=pl.Series(low), median=pl.Series(median), high=pl.Series(high), interval=pl.lit(interval),
        status=pl.lit(run.setting.status).cast(Status),
        source_ids=pl.lit(pl.Series([list(run.setting.sources)], dtype=pl.List(pl.String))).first(),
    )  # fmt: skip


def support(run: Run, /) -> pl.DataFrame:
    """In which direction each outcome goes, and in what share of draws, year by year.

    Returns:
        ``unit, scenario, closure, outcome, year, direction`` (``rise, fall``: a finding under both weightings;
        ``undecided``; ``none``: no draw moves), ``support`` (the smaller share of the two weightings in the direction
        found, or in the likelier one), ``uniform, tilted`` (the shares in that direction; null for none), ``zero``
        (share of draws that do not move), ``status``; sorted by unit, outcome as :data:`OUTCOMES`, year.
    """
    # (weighting, draw, unit x outcome x year): statements in the order of the labels
    change = run.change.transpose(1, 2, 4, 0, 3)
    change = change.reshape(*change.shape[:2], -1)
    moved = (change > NOTHING, change < -NOTHING)
    rise, fall = (
        bounds.support(tuple(part), finding=run.setting.finding)["holds"].fill_null(False).to_numpy() for part in moved
    )
    shares = np.array([part.mean(axis=1) for part in moved])
    likelier = (shares[1].sum(axis=0) > shares[0].sum(axis=0)).astype(int)
    uniform, tilted = shares[likelier, :, np.arange(shares.shape[-1])].T
    still = shares.sum(axis=(0, 1)) == 0
    direction = np.select([still, rise, fall], ["none", "rise", "fall"], "undecided")
    shown = _labels(run, OUTCOMES).with_columns(
        direction=pl.Series(direction), support=pl.Series(np.minimum(uniform, tilted)), uniform=pl.Series(uniform),
        tilted=pl.Series(tilted), zero=pl.Series(1 - shares.sum(axis=0).mean(axis=0)),
        status=pl.lit(run.setting.status).cast(Status),
    )  # fmt: skip
    return shown.with_columns(pl.when(pl.col("direction") != "none").then(pl.col("support", "uniform", "tilted")))


def told(run: Run, /) -> pl.DataFrame:
    """Fans and directions side by side: the columns of :func:`fan` and of :func:`support`."""
    return fan(run).hstack(support(run).select("direction", "support", "uniform", "tilted", "zero"))


def binding(run: Run, /) -> pl.DataFrame:
    """Which side binds at the horizon: the mean share of value added in cells that demand holds back.

    Returns:
        ``unit, uniform, tilted``, 0 to 1, sorted by unit; zero unless the closure is ``binding``.
    """
    uniform, tilted = run.binds.mean(axis=1)
    return pl.DataFrame({"unit": run.units, "uniform": uniform, "tilted": tilted})
