"""Made baselines: three counties, four sectors of three national ones, two weightings."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from tylib.scenario import running
from tylib.scenario.baseline import Ensemble
from tylib.scenario.levers import priors, strengths
from tylib.store import scenarios as files

PLACES, SECTORS, DRAWS = ("c1", "c2", "c3"), ("s1", "s2", "s3", "s4"), 30
GROUPS = np.array([0, 1, 1, 2])


def made(scale: float = 1.0, order: tuple[int, ...] = (0, 1, 2, 3)) -> Ensemble:
    """Baselines in another unit of money, or with sectors in another order."""
    rng, order = np.random.default_rng(4), np.array(order)
    output = rng.lognormal(3.0, 0.6, (2, DRAWS, 3, 4)) * scale
    added = output * rng.uniform(0.2, 0.3, output.shape)
    use = np.array([[0.12, 0.22, 0.03], [0.22, 0.08, 0.10], [0.19, 0.10, 0.13]])
    cells = [(p, s) for p in PLACES for s in SECTORS]
    units = {"chain:k": {(p, s) for p, s in cells if s in ("s2", "s4")}, "city:c": set(cells)}
    units |= {f"county:{p}": {cell for cell in cells if cell[0] == p} for p in PLACES} | {"town:t": {("c2", "s3")}}
    cells = [(p, SECTORS[n]) for p in PLACES for n in order]
    members = tuple(np.flatnonzero([cell in own for cell in cells]) for own in units.values())
    return Ensemble(
        year=2022, places=PLACES, sectors=tuple(SECTORS[n] for n in order), output=output[..., order],
        value_added=added[..., order], national=np.array([3e4, 9e4, 5e4]) * scale, coefficients=use,
        groups=GROUPS[order], shift=np.array([0.05, -0.1, 0.0, 0.05])[order],
        energy=np.array([0.4, 1.8, 1.3, 0.5])[order], equipment=np.array([False, True, True]), units=tuple(units),
        members=members,
    )  # fmt: skip


@pytest.fixture
def asked(city):
    """A setting over made baselines."""

    def build(
        name: str = "eight_full", closure: str = "supply", *, known: Ensemble | None = None, **changes
    ) -> running.Setting:
        supposed, scenario = files.model(city), files.scenario(name, city)
        scenario = files.overridden(scenario, changes, city) if changes else scenario
        known = known or made()
        levers = strengths(scenario, supposed, base=known.year)
        return running.Setting(
            name, closure, known, supposed, levers, priors(scenario, supposed), 0.9, ("Q1",), "scenario"
        )

    return build


@pytest.fixture
def made_baselines(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Every scenario starts from the made baselines, whatever the city."""
    monkeypatch.setattr(running, "ensemble", lambda *_: made())
    return running
