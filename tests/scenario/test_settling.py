"""What keeps a direction open: against runs that are made by hand, under both closures."""

from __future__ import annotations

import polars as pl
import pytest

from tylib import scenario
from tylib.scenario import running
from tylib.scenario.settling import left_open, settling

UNKNOWN = pl.DataFrame({"unit": ["county:c1", "county:c1", "county:c2"],
                        "parameter": ["scrapping", "structure", "renewal_labour"]})  # fmt: skip


def ends(made: running.Run) -> dict[str, tuple]:
    rows = scenario.support(made).filter(pl.col("outcome") == "value_added", pl.col("year") == 2030)
    return {row["unit"]: (row["direction"], row["support"]) for row in rows.iter_rows(named=True)}


def test_each_lever_and_each_unknown_is_tried_alone_on_the_same_draws(asked):
    setting, units = asked("equipment_renewal", levers={"research": 0.2, "green": 1.0}), ["county:c1", "county:c2"]
    found = settling(setting, UNKNOWN, units=units, draws=60)
    tried = {(row["unit"], row["kind"], row["name"]): (row["direction"], row["support"])
             for row in found.iter_rows(named=True)}  # fmt: skip
    levers = {(unit, "without", lever) for unit in units for lever in ("renewal", "research")}
    priors = {("county:c1", "known", "scrapping"), ("county:c2", "known", "renewal_labour")}
    assert set(tried) == levers | priors, "green moves no output, structure is no prior, each county has its unknowns"
    bare = ends(running.run(scenario.pull(setting, {"research": 0.2}), draws=60))
    assert tried["county:c2", "without", "renewal"] == bare["county:c2"] == ("rise", 1.0)
    fixed = asked("equipment_renewal", levers={"research": 0.2, "green": 1.0}, parameters={"scrapping": 0.01})
    assert tried["county:c1", "known", "scrapping"] == ends(running.run(fixed, draws=60))["county:c1"]
    assert found.filter(unit="county:c1", kind="without")["support"].is_sorted(descending=True)


@pytest.mark.parametrize("closure", ["supply", "demand"])
def test_what_is_left_open_is_what_a_run_calls_undecided(asked, closure):
    made = running.run(asked("equipment_renewal", closure), draws=60)
    said = ends(made)
    assert left_open(made) == [unit for unit in made.units if said[unit][0] == "undecided"]
    assert settling(made.setting, UNKNOWN, units=[], draws=60).is_empty()
