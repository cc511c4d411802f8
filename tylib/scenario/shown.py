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
from tylib.scenario import answers, baseline, levers, model, priors, running, sensitivity, shares
from tylib.scenario.answers import BRACKET, PRIORS
from tylib.store import scenarios as files
from tylib.store.kept import contents, digest, frame, remembered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tylib.scenario.baseline import Ensemble
    from tylib.store import City

CODE = (answers, baseline, levers, model, priors, running, sensitivity, shares, carbon, regional_tables, robustness,
        constraints, intervals, moves, programs, sampling, walk)  # fmt: skip
SPLIT = ("value_added", "carbon")
"""Outcomes whose shares of levers are kept."""


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
        binding: Of :func:`tylib.scenario.running.binding`.
        levels: Of :func:`tylib.scenario.running.levels` at the horizon, with the levers, both closures.
    """

    scenario: str
    fans: pl.DataFrame
    horizon: pl.DataFrame
    attribution: pl.DataFrame
    carbon: pl.DataFrame
    unknowns: pl.DataFrame
    binding: pl.DataFrame
    levels: pl.DataFrame

    @cached_property
    def ends(self) -> dict[tuple[str, ...], dict[str, Any]]:
        """Rows of ``horizon`` by unit, scenario, closure, prior, outcome."""
        key = ("unit", "scenario", "closure", "prior", "outcome")
        return {tuple(row[name] for name in key): row for row in self.horizon.iter_rows(named=True)}

    @cached_property
    def units(self) -> set[str]:
        """Units of which there is something to show."""
        return set(self.horizon["unit"])


def shown(city: City) -> Shown | None:
    """What briefs show of scenarios; ``None`` where there is no model, no feasible set, or its rows conflict.

    Raises:
        ParameterError: The model, or a scenario that is shown, is wrong.
    """
    named = files.shown(city)
    if named is None:
        return None
    asked = tuple(files.scenario(name, city) for name in (named.main, *named.beside))
    return _kept(city, asked=digest(named, asked))


def prepare(city: City) -> None:
    """Make what briefs show of scenarios, where it is not kept already: whoever comes next finds it.

    Raises:
        ParameterError: As :func:`shown`.
    """
    shown(city)


@remembered
def _kept(city: City, *, asked: str) -> Shown | None:
    """Under the hash of all tables, parameters and imports: finding out what of them counts would cost more."""
    key, made = digest(contents(city), asked, *CODE), _Making(city)
    names = ("fans", "horizon", "attribution", "carbon", "unknowns", "binding", "levels")
    found = {name: frame(city, f"shown_{name}", key, lambda name=name: getattr(made, name)()) for name in names}
    if found["horizon"].is_empty():
        return None
    return Shown(files.model(city).shown.main, **found)


class _Making:
    """Makes each frame when it is asked for; baselines and runs are made once."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.names = (files.model(city).shown.main, *files.model(city).shown.beside)
        self._known: list[Ensemble | None] = []
        self._runs: dict[tuple[str, str], running.Run] = {}

    @property
    def known(self) -> Ensemble | None:
        if not self._known:
            agree = bounds.contradiction(self.city).is_empty()
            self._known.append(baseline.ensemble(self.city) if agree else None)
        return self._known[0]

    def runs(self) -> Iterator[tuple[str, running.Run]]:
        """The main scenario's runs under both closures and priors, with the prior's name."""
        for closure in BRACKET if self.known else ():
            for prior in PRIORS:
                if (closure, prior) not in self._runs:
                    asked = self.setting(closure, zero_effect=prior == PRIORS[1])
                    self._runs[closure, prior] = running.run(asked)
                yield prior, self._runs[closure, prior]

    def setting(self, closure: str, *, zero_effect: bool = False) -> running.Setting:
        return running.setting(self.names[0], self.city, closure=closure, zero_effect=zero_effect, known=self.known)

    def settings(self) -> list[running.Setting]:
        return [self.setting(closure) for closure in BRACKET if self.known]

    def fans(self) -> pl.DataFrame:
        columns = ("unit", "closure", "prior", "outcome", "year", "low", "inner_low", "median", "inner_high", "high",
                   "direction", "support", "uniform", "tilted", "status")  # fmt: skip
        parts = []
        for prior, run in self.runs():
            inner = running.fan(run, ends=running.INNER).select(inner_low="low", inner_high="high")
            parts.append(running.told(run).hstack(inner).with_columns(prior=pl.lit(prior)).select(columns))
        return _all(parts)

    def horizon(self) -> pl.DataFrame:
        parts = [
            answers.conclusions(name, self.city, outcome=outcome, known=self.known).drop("source_ids", "zero")
            for name in self.names if self.known
            for outcome in (running.OUTCOMES if name == self.names[0] else running.OUTCOMES[:1])
        ]  # fmt: skip
        return _all(parts)

    def attribution(self) -> pl.DataFrame:
        return _all([shares.attribution(one, outcome=outcome) for one in self.settings() for outcome in SPLIT])

    def carbon(self) -> pl.DataFrame:
        return _all([shares.carbon_split(one) for one in self.settings()])

    def unknowns(self) -> pl.DataFrame:
        return _all([sensitivity.unknowns_by_unit(one) for one in self.settings()])

    def binding(self) -> pl.DataFrame:
        return running.binding(running.run(self.setting("binding"))) if self.known else pl.DataFrame()

    def levels(self) -> pl.DataFrame:
        parts = [running.levels(run).drop("source_ids") for prior, run in self.runs() if prior == PRIORS[0]]
        return _all([part.filter(pl.col("year") == pl.col("year").max()) for part in parts])


def _all(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """The parts below each other, the text as it was, whatever list of names a part knew it by."""
    plain = [part.with_columns(pl.col(pl.Enum).cast(pl.String)) for part in parts]
    return pl.concat(plain) if plain else pl.DataFrame()
