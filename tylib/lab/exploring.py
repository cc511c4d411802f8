"""What the lab shows of a state, as numbers: at once at one point, over all draws, in what the brief would show."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tylib import scenario
from tylib.errors import ParameterError, unknown
from tylib.scenario import OUTCOMES, running, shares
from tylib.store import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tylib.lab.state import State
    from tylib.scenario import Shown
    from tylib.scenario.baseline import Ensemble
    from tylib.scenario.running import Run, Setting
    from tylib.store import City

COUNTY = "county"
STAGES = ("point", "fan", "drawn", "told")
"""One path at the centre; few draws; all of them; what the brief would show."""


@dataclass(frozen=True)
class Ground:
    """What stays while the reader moves: the city, its baselines, settings once read.

    Attributes:
        city: Whose tables and parameters.
        known: The baselines.
        settings: By scenario, closure, horizon, and whether under the zero-effect prior.
    """

    city: City
    known: Ensemble
    settings: dict[tuple[Any, ...], tuple[Setting, Any]] = field(default_factory=dict, repr=False)

    @cached_property
    def tiles(self) -> list[dict[str, Any]]:
        """The tile grid: ``unit, place, row, col, name_zh, name_en`` of each county on it, row by row."""
        names = load("places", self.city).select("place", "name_zh", "name_en")
        tiles = load("tiles", self.city).sort("row", "col").join(names, on="place", how="left", maintain_order="left")
        rows = tiles.select(
            pl.format(f"{COUNTY}:{{}}", "place").alias("unit"), "place", "row", "col", "name_zh", "name_en"
        )
        return rows.to_dicts()

    @property
    def counties(self) -> list[str]:
        """Units of the counties that stand on the tile grid, in its order."""
        return [tile["unit"] for tile in self.tiles if tile["unit"] in self.known.units]

    def setting(self, state: State, *, until: int | None = None, zero_effect: bool = False) -> Setting:
        """The state as a setting, to a year; read once for each scenario, closure, horizon and prior."""
        key = (state.scenario, state.closure, state.horizon, zero_effect)
        if key not in self.settings:
            found = scenario.setting(state.scenario, self.city, closure=state.closure, zero_effect=zero_effect,
                                     overrides={"horizon": state.horizon}, known=self.known)  # fmt: skip
            self.settings[key] = (found, running.middle(found))
        pulled = scenario.pull(self.settings[key][0], state.levers)
        return replace(pulled, levers=pulled.levers[:, : (until or state.horizon) - self.known.year])

    def middle(self, state: State, *, zero_effect: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mean baseline and medians of the priors, once for each setting."""
        return self.settings[state.scenario, state.closure, state.horizon, zero_effect][1]


@dataclass(frozen=True)
class Seen:
    """What is known of a state, in per cent against the unit's own baseline.

    Attributes:
        state: The state.
        years: From the year before levers begin to the horizon.
        path: By year, at the centre: mean baseline, medians of the priors.
        zero: The same under the zero-effect prior.
        picked: By unit picked, the same.
        counties: By county, in the year in focus.
        levers: Share of each lever in the year in focus; columns of :func:`tylib.scenario.attribution`.
        total: What they add up to.
        fan: By year ``low, inner_low, median, inner_high, high``, over all draws; none before they are drawn.
        stale: Whether the fan is that of a state before, moved.
        few: Whether something of it is not yet that of all draws.
        shown: What the brief would show; none before it is run.
        status: ``scenario``, or ``demonstration`` where a figure was invented for show.
    """

    state: State
    years: tuple[int, ...]
    path: np.ndarray
    zero: np.ndarray
    picked: dict[str, np.ndarray]
    counties: dict[str, float]
    levers: pl.DataFrame
    total: float
    fan: pl.DataFrame | None = None
    stale: bool = False
    few: bool = False
    shown: Shown | None = None
    status: str = "scenario"

    @property
    def stage(self) -> str:
        """How far it is worked out: one of :data:`STAGES`."""
        if self.stale or (self.fan is None and self.state.draws):
            return STAGES[0]
        return STAGES[1] if self.few else STAGES[2] if self.shown is None else STAGES[3]

    def at(self, values: Any, year: int | None = None) -> Any:
        """The value of a year, by default the one in focus."""
        return values[self.years.index(self.state.focus if year is None else year)]


def ground(city: City) -> Ground:
    """The city's baselines, read once.

    Raises:
        ParameterError: The city has no feasible set, so that there is no baseline.
    """
    known = scenario.ensemble(city)
    if known is None:
        raise ParameterError("no baseline to run a scenario from", where="scenario",
                             expected="rows in data/reference/constraints.csv or imported figures")  # fmt: skip
    return Ground(city, known)


def point(on: Ground, state: State) -> Seen:
    """Everything that one path at the centre says; a few hundredths of a second.

    Raises:
        ParameterError: No such unit.
    """
    if state.unit not in on.known.units:
        raise unknown("unit", state.unit, on.known.units)
    picked, counties = [f"{COUNTY}:{place}" for place in state.places], on.counties
    units = [state.unit, *picked, *counties]
    changes = _central(on, state, units)
    first = max(0, len(changes) - (state.horizon - on.setting(state).supposed.start) - 2)
    years = on.setting(state).years[first:]
    parts = shares.attribution(on.setting(state, until=state.focus), units=[state.unit], outcome=state.outcome)
    focus = changes[first:][years.index(state.focus)]
    return Seen(
        state, years, changes[first:, 0], _central(on, state, [state.unit], zero_effect=True)[first:, 0],
        {unit: changes[first:, 1 + n] for n, unit in enumerate(picked)},
        dict(zip(counties, focus[1 + len(picked) :].tolist(), strict=True)), parts, float(parts["total"][0]),
        status=on.setting(state).status,
    )  # fmt: skip


def _central(on: Ground, state: State, units: list[str], *, zero_effect: bool = False) -> np.ndarray:
    """``(year, unit)``: change at the centre."""
    asked = on.setting(state, zero_effect=zero_effect)
    members = running.adding(asked, asked.units(units))
    paths = running.simulated(asked, *on.middle(state, zero_effect=zero_effect))[:2]
    without, with_ = (running.totals(path, state.outcome, members)[:, 0] for path in paths)
    return 100 * (with_ / without - 1)


def carried(seen: Seen, last: Seen) -> Seen:
    """The fan of the state before, moved by what the centre moved: about where the new one will be.

    Nothing is carried to another unit, outcome, closure, horizon or scenario. Where the levers are the same it is the
    fan, and what the brief would show still holds.
    """
    same = ("unit", "scenario", "closure", "outcome", "horizon", "draws")
    if any(getattr(seen.state, name) != getattr(last.state, name) for name in same):
        return seen
    still = seen.state.levers == last.state.levers
    if last.fan is None or not seen.state.draws:
        return replace(seen, shown=last.shown if still else None)
    moved = pl.Series(seen.path - last.path)
    ends = ("low", "inner_low", "median", "inner_high", "high")
    fan = last.fan.with_columns((pl.col(end) + moved).alias(end) for end in ends)
    # Counties and paths of the year in focus are at the centre until they are drawn again.
    return replace(seen, fan=fan, zero=last.zero, stale=not still, few=True, shown=last.shown)


def drawn(on: Ground, seen: Seen, *, draws: int | None = None) -> Seen:
    """The same over all draws: the fan, direction and support, medians of picked counties and of all.

    Args:
        on: What stays.
        seen: Of :func:`point`.
        draws: As in :func:`tylib.scenario.run`.
    """
    state, picked = seen.state, list(seen.picked)
    run = running.run(on.setting(state), draws=draws, units=[state.unit, *picked, *seen.counties])
    own = replace(run, units=(state.unit,), change=run.change[..., :1])
    inner = running.fan(own, ends=running.INNER)
    fan = (
        running.told(own)
        .with_columns(inner_low=inner["low"], inner_high=inner["high"])
        .filter(pl.col("outcome") == state.outcome, pl.col("year") >= seen.years[0])
    )
    middles = _medians(run, state.outcome)[-len(seen.years) :]
    return replace(
        seen, fan=fan, stale=False, few=draws is not None,
        picked={unit: middles[:, 1 + n] for n, unit in enumerate(picked)},
        counties=dict(zip(seen.counties, seen.at(middles)[1 + len(picked) :].tolist(), strict=True)),
    )  # fmt: skip


def without_effects(on: Ground, seen: Seen) -> Seen:
    """The same with what remains under the zero-effect prior told by its median, not at the centre."""
    run = running.run(on.setting(seen.state, zero_effect=True), units=[seen.state.unit])
    return replace(seen, zero=_medians(run, seen.state.outcome)[-len(seen.years) :, 0])


def _medians(run: Run, outcome: str) -> np.ndarray:
    """``(year, unit)``, over both weightings."""
    return np.median(run.change[OUTCOMES.index(outcome)], axis=(0, 1))


def shown(on: Ground, seen: Seen) -> Iterator[Seen | None]:
    """What the brief would show of the state; ``None`` after each piece of work, at last the whole."""
    state = seen.state
    if seen.shown is not None:
        yield seen
        return
    for made in scenario.explored(state.scenario, state.unit, on.city, overrides=state.overrides(), known=on.known):
        yield None if made is None else replace(seen, shown=made)


def numbers(seen: Seen) -> pl.DataFrame:
    """What is seen as a table to keep: one row a year.

    Returns:
        ``unit, scenario, levers`` (as they are pulled), ``closure, outcome, year, path, zero, low, inner_low, median,
        inner_high, high, direction, support`` (null where not drawn), ``status``; ``path_UNIT`` of each county picked.
    """
    state = seen.state
    ends = ("low", "inner_low", "median", "inner_high", "high", "direction", "support")
    base = pl.DataFrame({"year": seen.years, "path": seen.path, "zero": seen.zero}).with_columns(
        unit=pl.lit(state.unit), scenario=pl.lit(state.scenario), levers=pl.lit(state.told),
        closure=pl.lit(state.closure), outcome=pl.lit(state.outcome),
        **{f"path_{unit.replace(':', '_')}": pl.Series(own) for unit, own in seen.picked.items()},
    )  # fmt: skip
    if seen.fan is None:
        kinds = {name: pl.String if name == "direction" else pl.Float64 for name in ends}
        drawn = base.with_columns(pl.lit(None, kind).alias(name) for name, kind in kinds.items())
    else:
        drawn = base.join(seen.fan.select("year", *ends), on="year", how="left", maintain_order="left")
    picked = [name for name in drawn.columns if name.startswith("path_")]
    return drawn.with_columns(status=pl.lit(seen.status)).select(
        "unit", "scenario", "levers", "closure", "outcome", "year", "path", "zero", *ends, "status", *picked
    )
