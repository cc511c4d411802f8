"""Scenarios told on the command line are those of the brief, word for word; what is open says why."""

from __future__ import annotations

import json

import polars as pl
import pytest
from typer.testing import CliRunner

from tests.scenario.conftest import made
from tylib import scenario
from tylib.__main__ import app
from tylib.brief.context import Context
from tylib.brief.upgrade import telling
from tylib.brief.upgrade.reading import DEMAND, SUPPLY, read
from tylib.errors import ParameterError
from tylib.scenario import running, settling
from tylib.store import open_city

CITY = open_city()
UNITS = ["county:140121", "county:140105"]


@pytest.fixture
def kept(monkeypatch):
    """What is kept for briefs in place of runs that take seconds."""
    monkeypatch.setattr(telling, "_shown", lambda *_: scenario.shown(CITY))
    monkeypatch.setattr(scenario, "ensemble", lambda *_: object())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_told_is_what_the_brief_says(kept, language):
    rows = list(telling.told(CITY, names=[scenario.shown(CITY).scenario], units=UNITS, language=language))
    assert [row["unit"] for row in rows] == UNITS
    for row in rows:
        found = read(Context.of(row["unit"], language=language, city=CITY))
        assert (row["supply"], row["demand"]) == tuple(found.brief(found.end(closure)) for closure in (SUPPLY, DEMAND))
        open_ = found.end(SUPPLY)["direction"] == "undecided"
        assert bool(row["open"]) == open_ and (not open_ or "%" in row["open"][0])


def test_the_command_prints_words_and_json(kept):
    call = ["scenario", "tell", "eight_half", "--unit", UNITS[0], "--language", "en"]
    shown = CliRunner().invoke(app, call).stdout
    assert (
        "All eight actions at half strength" in shown and "    Supply: " in shown and "Zero effect, supply: " in shown
    )
    (row,) = json.loads(CliRunner().invoke(app, [*call, "--format", "json"]).stdout)
    assert row["scenario"] == "eight_half" and set(row) >= {"supply", "demand", "rest", "open", "title", "name"}
    failed = CliRunner().invoke(app, [*call, "--format", "jsn"])
    assert isinstance(failed.exception, ParameterError)


def test_a_scenario_that_no_brief_shows_is_run_for_the_units_asked(monkeypatch):
    run = running.run
    for module in (running, settling, scenario):
        monkeypatch.setattr(module, "run", lambda *a, **k: run(*a, **{**k, "draws": 40}))
    monkeypatch.setattr("tylib.scenario.answers.frame", lambda _city, _name, _key, make: make())
    shown = telling._shown(CITY, "equipment_renewal", ["county:c1", "town:t"], made())
    ends = shown.horizon.filter(unit="county:c1")
    assert ends.select("closure", "prior").rows() == [
        (c, p) for c in (SUPPLY, DEMAND) for p in ("stated", "zero_effect")
    ]
    left = shown.horizon.filter(pl.col("direction") == "undecided", prior="stated")
    assert set(shown.settling["unit"] if shown.settling.height else ()) <= set(left["unit"])
    with pytest.raises(ParameterError, match="unknown unit"):
        telling._shown(CITY, "equipment_renewal", ["county:c9"], made())
    monkeypatch.setattr(scenario, "ensemble", lambda *_: None)
    with pytest.raises(ParameterError, match="no baseline"):
        list(telling.told(CITY, names=["eight_half"], units=UNITS, language="en"))
