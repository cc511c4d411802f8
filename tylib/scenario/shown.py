"""All that briefs read of scenarios, for every unit at once and kept on disk: a brief looks up and runs nothing.

Which scenario briefs lead with, and which stand beside it, is an entry of ``params/model.yml`` (``shown``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from tylib import bounds
from tylib.bounds import constraints, intervals, moves, programs, sampling, walk
from tylib.indicators import carbon, regional_tables, robustness
from tylib.scenario import answers, baseline, levers, model, priors, running, sensitivity, settling, shares
from tylib.scenario.answers import BRACKET, PRIORS
from tylib.store import scenarios as files
from tylib.store.kept import contents, digest, frame
from tylib.store.memory import remembered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tylib.scenario.baseline import Ensemble
    from tylib.store import City
    from tylib.store.scenarios import Scenario

CODE = (answers, baseline, levers, model, priors, running, sensitivity, settling, shares, carbon, regional_tables,
        robustness, constraints, intervals, moves, programs, sampling, walk)  # fmt: skip
FANS = ("unit", "closure", "prior", "outcome", "year", "low", "inner_low", "median", "inner_high", "high", "direction",
        "support", "uniform", "tilted", "status")  # fmt: skip
ENDS = ("unit", "scenario", "closure", "prior", "outcome", "year", "low", "median", "high", "direction", "support",
        "uniform", "tilted", "status")  # fmt: skip
SPLIT = ("value_added", "carbon")
"""Outcomes whose shares of levers are kept."""
NAMES = ("fans", "horizon", "attribution", "carbon", "unknowns", "settling", "binding", "levels")
"""Frames of what is shown."""


@dataclass(frozen=True)
class Shown:
    """What briefs read.

    Attributes:
        scenario: The one that briefs lead with.
        fans: ``unit, closure, prior, outcome, year, low, inner_low, median, inner_high, high, direction, support,
            uniform, tilted, status``: per cent against the baseline.
        horizon: The same of every scenario shown, at the horizon, with ``scenario``; without ``inner_*``.
        attribution: Of :func:`tylib.scenario.shares.attribution`, both closures of the bracket, outcomes :data:`SPLIT`.
        carbon: Of :func:`tylib.scenario.shares.carbon_split`, both closures.
        unknowns: Of :func:`tylib.scenario.sensitivity.unknowns_by_unit`, both closures.
        settling: Of :func:`tylib.scenario.settling.settling`, both closures.
        binding: Of :func:`tylib.scenario.running.binding`.
        levels: Of :func:`tylib.scenario.running.levels` at the horizon, with the levers, both closures.
        asked: The scenario as it was run, where no file holds it.
    """

    scenario: str
    fans: pl.DataFrame
    horizon: pl.DataFrame
    attribution: pl.DataFrame
    carbon: pl.DataFrame
    unknowns: pl.DataFrame
    settling: pl.DataFrame
    binding: pl.DataFrame
    levels: pl.DataFrame
    asked: Scenario | None = None

    @cached_property
    def ends(self) -> dict[tuple[str, ...], dict[str, Any]]:
        """Rows of ``horizon`` by unit, scenario, closure, prior, outcome."""
        key = ("unit", "scenario", "closure", "prior", "outcome")
        return {tuple(row[name] for name in key): row for row in self.horizon.iter_rows(named=True)}

    @cached_property
    def units(self) -> set[str]:
        """Units of which there is something to show."""
        return set(self.horizon["unit"])


def shown(city: City, main: str = "") -> Shown | None:
    """What briefs show of scenarios; ``None`` where there is no model, no feasible set, or its rows conflict.

    Args:
        city: Whose.
        main: The scenario to lead with; the others then stand beside it. Default: as ``params/model.yml`` says.

    Raises:
        ParameterError: The model, or a scenario that is shown, is wrong; there is no such scenario.
    """
    named = files.shown(city)
    if named is None:
        return None
    usual = (named.main, *named.beside)
    names = (main, *(name for name in usual if name != main)) if main else usual
    asked = tuple(files.scenario(name, city) for name in names)
    return _kept(city, names=names, asked=digest(named, asked))


def explored(
    name: str, unit: str, city: City, *, overrides: Mapping[str, Any], known: Ensemble
) -> Iterator[Shown | None]:
    """What a brief would show of one unit under a scenario set otherwise, run now and kept nowhere.

    Args:
        name: Of the scenario.
        unit: Such as ``county:...``.
        city: Whose model and baselines.
        overrides: As in :func:`tylib.scenario.running.setting`.
        known: The baselines.

    Yields:
        ``None`` after each piece of work, so that a caller who has lost interest can stop; at last the whole.

    Raises:
        ParameterError: As :func:`tylib.scenario.running.setting`; no such unit.
    """
    making = _Making(city, (name,), overrides, [unit])
    making.known = known
    frames = {}
    for part in NAMES:
        if part == "fans":
            for _ in making.runs():
                yield None
        frames[part] = getattr(making, part)()
        yield None
    found = files.overridden(files.scenario(name, city), overrides, city)
    yield Shown(name, **frames, asked=found)


def prepare(city: City, main: str = "") -> None:
    """Make what briefs show of scenarios, where it is not kept already: whoever comes next finds it.

    Raises:
        ParameterError: As :func:`shown`.
    """
    shown(city, main)


@remembered
def _kept(city: City, *, names: tuple[str, ...], asked: str) -> Shown | None:
    """Under the hash of all tables, parameters and imports: finding out what of them counts would cost more."""
    key, made = digest(contents(city), names, asked, *CODE), _Making(city, names)
    found = {name: frame(city, f"shown_{name}", key, lambda name=name: getattr(made, name)()) for name in NAMES}
    if found["horizon"].is_empty():
        return None
    return Shown(names[0], **found)


class _Making:
    """Makes each frame when it is asked for; baselines, unknowns and what is told of runs are made once.

    Without units for all of them, and the scenarios beside the first as they are kept; with units for these alone.
    """

    def __init__(
        self, city: City, names: tuple[str, ...], overrides: Mapping[str, Any] | None = None,
        units: list[str] | None = None,
    ) -> None:  # fmt: skip
        self.city = city
        self.names = names
        self.overrides, self.units = overrides, units
        self._runs: dict[tuple[str, str], _Told] = {}

    @cached_property
    def known(self) -> Ensemble | None:
        return baseline.ensemble(self.city) if bounds.contradiction(self.city).is_empty() else None

    def runs(self) -> Iterator[_Told]:
        """What the main scenario's runs say under both closures and priors; the draws themselves are let go."""
        for closure in BRACKET if self.known else ():
            for prior in PRIORS:
                if (closure, prior) not in self._runs:
                    asked = self.setting(closure, zero_effect=prior == PRIORS[1])
                    self._runs[closure, prior] = _Told.of(running.run(asked, units=self.units), prior)
                yield self._runs[closure, prior]

    def setting(self, closure: str, *, zero_effect: bool = False) -> running.Setting:
        return running.setting(self.names[0], self.city, closure=closure, overrides=self.overrides,
                               zero_effect=zero_effect, known=self.known)  # fmt: skip

    def settings(self) -> list[running.Setting]:
        return [self.setting(closure) for closure in BRACKET if self.known]

    def fans(self) -> pl.DataFrame:
        return _all([told.fans for told in self.runs()])

    def horizon(self) -> pl.DataFrame:
        main = [
            told.fans.filter(pl.col("year") == pl.col("year").max())
            .with_columns(scenario=pl.lit(self.names[0])).select(ENDS)
            for told in self.runs()
        ]  # fmt: skip
        beside = [answers.conclusions(name, self.city, known=self.known) for name in self.names[1:] if self.known]
        return _all([*main, *(part.select(ENDS) for part in beside)])

    def attribution(self) -> pl.DataFrame:
        asked = [(one, outcome) for one in self.settings() for outcome in SPLIT]
        return _all([shares.attribution(one, units=self.units, outcome=outcome) for one, outcome in asked])

    def carbon(self) -> pl.DataFrame:
        return _all([shares.carbon_split(one, units=self.units) for one in self.settings()])

    def unknowns(self) -> pl.DataFrame:
        return self.most

    @cached_property
    def most(self) -> pl.DataFrame:
        return _all([sensitivity.unknowns_by_unit(one, units=self.units) for one in self.settings()])

    def settling(self) -> pl.DataFrame:
        return _all([
            settling.settling(told.setting, self.most.filter(closure=told.setting.closure), units=told.left)
            for told in self.runs() if told.prior == PRIORS[0]
        ])  # fmt: skip

    def binding(self) -> pl.DataFrame:
        return running.binding(running.run(self.setting("binding"), units=self.units)) if self.known else pl.DataFrame()

    def levels(self) -> pl.DataFrame:
        return _all([told.levels for told in self.runs() if told.prior == PRIORS[0]])


@dataclass(frozen=True)
class _Told:
    """What is kept of one run of the main scenario."""

    setting: running.Setting
    prior: str
    fans: pl.DataFrame
    levels: pl.DataFrame
    left: list[str]

    @classmethod
    def of(cls, run: running.Run, prior: str) -> _Told:
        inner = running.fan(run, ends=running.INNER).select(inner_low="low", inner_high="high")
        fans = running.told(run).hstack(inner).with_columns(prior=pl.lit(prior)).select(FANS)
        levels = running.levels(run).drop("source_ids").filter(pl.col("year") == pl.col("year").max())
        return cls(run.setting, prior, fans, levels, settling.left_open(run))


def _all(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """The parts below each other, the text as it was, whatever list of names a part knew it by."""
    plain = [part.with_columns(pl.col(pl.Enum).cast(pl.String)) for part in parts]
    return pl.concat(plain) if plain else pl.DataFrame()
