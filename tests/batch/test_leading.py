"""Briefs that lead with a scenario that was asked for: who takes it, and what makes them due again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tylib.batch.inputs import inputs
from tylib.batch.plan import LEAD, jobs, read_plan
from tylib.errors import ParameterError
from tylib.store import memory, open_city
from tylib.store import scenarios as files
from tylib.store.saved import save_scenario

from .conftest import PROJECT

MINE = {"title": "T", "question": "Q?", "levers": {"research": 0.5}, "note": "R"}


@pytest.fixture
def own(tmp_path):
    """The project's city with a home that holds one scenario."""
    city = replace(open_city(PROJECT), home=tmp_path)
    save_scenario("mine", MINE, city)
    return city


def test_only_briefs_that_tell_of_scenarios_are_given_one(own):
    asked = jobs(read_plan("all", own), own, scenario="mine")
    leads = {job.notebook: dict(job.parameters).get(LEAD) for job in asked}
    assert leads == {"90_county_brief": "mine", "91_town_brief": "mine", "92_chain_brief": "mine",
                     "93_zone_brief": None, "94_city_brief": "mine"}  # fmt: skip
    assert all(LEAD not in dict(job.parameters) for job in jobs(read_plan("all", own), own))


def test_a_scenario_that_is_none_is_refused_with_the_nearest(own):
    with pytest.raises(ParameterError, match='Did you mean "mine"'):
        jobs(read_plan("all", own), own, scenario="mien")


def test_a_scenario_that_was_changed_makes_due_what_asked_for_it_and_nothing_else(own):
    job = jobs(read_plan("counties", own), own, scenario="mine")[0]
    _, used = memory.traced(lambda: files.scenario("mine", own))
    before = inputs([job.notebook], own)
    with_it, without = before.of(job, used), before.of(job, ())
    assert "scenario mine" in with_it
    save_scenario("mine", {**MINE, "levers": {"research": 0.6}}, own, replace=True)
    now = inputs([job.notebook], own)
    assert now.changed(with_it, job) == ["scenario mine"] and now.changed(without, job) == []
    (own.home / "scenarios" / "mine.yml").unlink()
    assert inputs([job.notebook], own).changed(with_it, job) == ["scenario mine"]
