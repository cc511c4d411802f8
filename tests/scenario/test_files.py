"""Scenarios as files, and the command line: the suite's and the user's own, checked, listed, run; errors in words."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import yaml
from typer.testing import CliRunner

from tylib import scenario
from tylib.__main__ import app
from tylib.errors import ParameterError
from tylib.scenario import answers, running
from tylib.scenario.levers import strengths
from tylib.scenario.model import LEVERS, PARAMETERS
from tylib.store import load, open_city
from tylib.store import scenarios as files
from tylib.store.params import bounds_suppositions
from tylib.store.params import check as check_parameters

MINE = {
    "title": "我的情景", "question": "只做一半的研发？", "horizon": 2028, "levers": {"research": {2025: 0, 2027: 0.5}},
    "parameters": {"research_elasticity": {"low": 0.02, "value": 0.03, "high": 0.05}, "growth": 0.03},
}  # fmt: skip


@pytest.fixture
def home(city, tmp_path):
    """The project's city with a home of its own."""
    (tmp_path / "scenarios").mkdir()
    return replace(open_city(city.root), home=tmp_path)


def write(city, content, name="mine"):
    path = city.home / "scenarios" / f"{name}.yml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    return path


def test_every_scenario_of_the_suite_is_checked_and_says_its_question(city):
    found = scenario.listed(city)
    assert found.height >= 15 and {"baseline", "zero_effect", "equipment_renewal"} <= set(found["scenario"])
    assert {f"only_{lever}" for lever in LEVERS} <= set(found["scenario"])
    texts = found.select("title_zh", "title_en", "question_zh", "question_en")
    assert texts.select(pl.all().str.len_chars().min()).row(0) > (0, 0, 0, 0)
    assert found.filter(pl.col("question_en").str.ends_with("?")).height == found.height
    check_parameters(city)


def test_the_model_names_eight_actions_and_rests_on_the_literature_table(city):
    supposed, levers = files.model(city), scenario.described(city)
    assert tuple(supposed.levers) == LEVERS and set(PARAMETERS) <= set(supposed.parameters)
    assert levers["action_id"].to_list() == [f"A{n}" for n in range(1, 9)] and levers["action_zh"].null_count() == 0
    known = set(load("literature_parameters", city)["parameter_id"])
    assert {one for prior in supposed.parameters.values() for one in prior.evidence} <= known
    assert all(prior.reason["zh"] and prior.reason["en"] for prior in supposed.parameters.values())
    used = {name for lever in supposed.levers.values() for name in lever.parameters}
    assert used <= set(supposed.parameters) and set(supposed.zero_effect) <= used


def test_equipment_renewal_is_the_national_aim(city):
    """25 per cent more investment in 2027."""
    found, supposed = files.scenario("equipment_renewal", city), files.model(city)
    path = strengths(found, supposed, base=2022)[0]
    assert path.tolist() == pytest.approx([0, 0.25, 0.5, 0.75, 1, 1, 1, 1])
    assert path[4] * found.parameters["investment_response"] * found.parameters["reach"] == pytest.approx(
        0.25, abs=1e-3
    )


def test_a_scenario_of_the_users_own_shows_up_everywhere(home, made_baselines):
    write(home, MINE)
    row = scenario.listed(home).filter(pl.col("scenario") == "mine").row(0, named=True)
    assert row["title_zh"] == row["title_en"] == "我的情景" and row["horizon"] == 2028 and row["levers"] == ["research"]
    asked = scenario.setting("mine", home)
    assert asked.years[-1] == 2028 and asked.levers[3].tolist() == [0, 0, 0, 0.25, 0.5, 0.5]
    assert asked.priors["growth"] == (0.03, 0.03, 0.03) and asked.priors["research_elasticity"] == (0.02, 0.03, 0.05)
    found = scenario.answer(asked, "county:c1", draws=10)
    assert len(found["years"]) == len(found["median"]) == 7 and found["median"][-1] > 0
    write(home, MINE, "baseline")
    with pytest.raises(ParameterError, match='two scenarios are called "baseline"'):
        scenario.listed(home)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"levres": {}}, "levres: unknown key, did you mean levers?"),
        ({"title": None}, "title: Input should be a valid dictionary"),
        ({"levers": {"reserch": 1}}, 'unknown lever "reserch", did you mean "research"?'),
        ({"levers": {"research": 1.5}}, "levers.research: found 1.5, expected 0 to 1"),
        ({"levers": {"research": {2020: 1}}}, "levers.research: found 2020, expected 2024 to 2030"),
        ({"levers": {"research": {}}}, "levers.research: no year"),
        ({"parameters": {"growht": 0.03}}, 'unknown parameter "growht", did you mean "growth"?'),
        ({"parameters": {"growth": 0.3}}, "parameters.growth: found 0.3, expected 0 to 0.08"),
        ({"parameters": {"growth": {"low": 0.05, "value": 0.03, "high": 0.06}}}, "not in order: 0.05, 0.03, 0.06"),
        ({"horizon": 2035}, "horizon: found 2035, expected a year from 2025 to 2030"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_the_nearest_name(home, change, said):
    path = write(home, MINE | change)
    with pytest.raises(ParameterError) as raised:
        files.checked(path, home)
    assert said in str(raised.value) and "scenarios/mine.yml" in str(raised.value)
    shown = CliRunner().invoke(app, ["scenario", "check", str(path)])
    assert shown.exit_code == 1 and isinstance(shown.exception, ParameterError)
    with pytest.raises(ParameterError):
        files.overridden(files.scenario("baseline", home), change, home)


def test_all_that_is_wrong_is_told_at_once(home):
    path = write(home, MINE | {"levers": {"digitl": 1, "green": 2}, "horizon": 1999})
    with pytest.raises(ParameterError, match=r"digitl.*horizon.*levers\.green"):
        files.checked(path, home)
    with pytest.raises(ParameterError, match="YAML"):
        files.checked(write(home, "a: [", "broken"), home)
    with pytest.raises(ParameterError, match="cannot be called"):
        files.checked(write(home, MINE, "My scenario"), home)
    with pytest.raises(ParameterError, match="no such file"):
        files.checked(home.home / "scenarios" / "none.yml", home)


@pytest.mark.parametrize("name", ["equipment_renewl", "../model", "", "Baseline"])
def test_an_unknown_scenario_is_no_path(home, name):
    with pytest.raises(ParameterError, match="unknown scenario"):
        files.scenario(name, home)


def test_the_schema_for_editors_knows_every_key():
    schema = files.schema()
    assert set(schema["properties"]) == set(files.Scenario.model_fields) and schema["additionalProperties"] is False
    shown = CliRunner().invoke(app, ["scenario", "schema"])
    assert json.loads(shown.stdout) == schema


def test_the_command_line_runs_one_for_a_unit(made_baselines):
    call = ["scenario", "run", "eight_full", "--unit", "county:c1", "--draws", "20"]
    shown = CliRunner().invoke(app, [*call, "--format", "json", "--closure", "demand"])
    found = json.loads(shown.stdout)
    assert found["years"] == list(range(2022, 2031)) and found["closure"] == "demand"
    assert all(a <= b <= c for a, b, c in zip(found["low"], found["median"], found["high"], strict=True))
    assert sum(part["value"] for part in found["attribution"]) == pytest.approx(found["total_effect"])
    assert [part["lever"] for part in found["attribution"]] == list(LEVERS)
    assert len(found["unknowns"]) == 2 and found["support"]["direction"] == "rise" and found["status"] == "scenario"
    text = CliRunner().invoke(app, [*call, "--outcome", "carbon", "--zero-effect"]).stdout
    assert "2030" in text and "assumption-driven" in text and "openness  A8" in text
    for wrong, said in (("--closure=suply", "supply"), ("--unit=county:c9", "county:c3"), ("--format=jsn", "json"),
                        ("--outcome=carbn", "carbon")):  # fmt: skip
        failed = CliRunner().invoke(app, [*call, wrong])
        assert isinstance(failed.exception, ParameterError) and f'Did you mean "{said}"?' in str(failed.exception)
    listed = json.loads(CliRunner().invoke(app, ["scenario", "list", "--format", "json"]).stdout)
    assert {"scenario", "question_zh", "levers"} <= set(listed[0])


def test_the_bracket_and_what_remains_are_kept_until_something_changes(home, made_baselines, monkeypatch):
    ran, run = [], running.run
    monkeypatch.setattr(answers.running, "run", lambda *a, **k: ran.append(1) or run(*a, **{**k, "draws": 20}))
    found = scenario.conclusions("eight_full", home)
    assert found.height == 6 * 2 * 2 and len(ran) == 4
    one = found.filter(pl.col("unit") == "county:c1").select("closure", "prior").rows()
    assert one == [("supply", "stated"), ("supply", "zero_effect"), ("demand", "stated"), ("demand", "zero_effect")]
    assert found["status"].unique().to_list() == ["scenario"]
    assert scenario.conclusions("eight_full", home).equals(found) and len(ran) == 4
    write(home, MINE)
    scenario.effects("mine", home)
    write(home, MINE | {"horizon": 2029})
    assert scenario.effects("mine", home)["year"].max() == 2029 and len(ran) == 6


def test_a_city_without_a_feasible_set_has_no_scenario(made_city):
    assert scenario.setting("baseline", made_city) is None
    assert scenario.effects("baseline", made_city).is_empty() and scenario.conclusions("baseline", made_city).is_empty()
    assert scenario.listed(made_city).height >= 15
    call = ["scenario", "run", "baseline", "--unit", "county:980102", "--city", str(made_city.root)]
    assert "no baseline" in str(CliRunner().invoke(app, call).exception)


def test_the_projects_own_baselines(city, monkeypatch):
    """Units and tables of the project, with made draws in place of those that take minutes."""
    from types import SimpleNamespace

    from tylib.scenario import baseline

    rows, rng = baseline.bounds.system(city), np.random.default_rng(0)
    output = rng.lognormal(2, 1, (2, 40, len(rows.places), len(rows.sectors)))
    drawn = {name: SimpleNamespace(output=part, value_added=0.25 * part)
             for name, part in zip(baseline.bounds.WEIGHTINGS, output, strict=True)}  # fmt: skip
    monkeypatch.setattr(baseline.bounds, "draws", lambda _city, weighting: drawn[weighting])
    known = baseline.ensemble(city)
    assert known.year == bounds_suppositions(city).year and np.array_equal(known.output, output)
    kinds = [unit.partition(":")[0] for unit in known.units]
    assert kinds.count("county") == len(known.places) and kinds.count("city") == 1
    assert kinds.count("town") >= 3 and kinds.count("chain") >= 6 and list(known.units) == sorted(known.units)
    cells = np.concatenate([own for own, kind in zip(known.members, kinds, strict=True) if kind == "county"])
    assert np.sort(cells).tolist() == list(range(output[0, 0].size)), "counties share no cell and miss none"
    assert (known.coefficients >= 0).all() and known.coefficients.sum(axis=0).max() < 1
    assert known.energy.mean() == pytest.approx(1.0) and known.shift.mean() == pytest.approx(0.0, abs=1e-12)
    monkeypatch.setattr(running, "ensemble", lambda *_: known)
    for closure in scenario.CLOSURES:
        found = running.run(scenario.setting("eight_full", city, closure=closure), draws=50)
        assert np.isfinite(found.change).all() and found.cut == 0
        whole = found.level[0, :40, 0, known.units.index(f"city:{city.place}")]
        assert whole == pytest.approx(known.value_added[0].sum(axis=(-1, -2)))
