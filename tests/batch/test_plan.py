"""A request is checked whole before anything is started."""

from __future__ import annotations

import shutil

import pytest

from tylib.batch.parameters import check_parameters, notebook_parameters
from tylib.batch.plan import Job, jobs, notebook_path, read_plan
from tylib.errors import ParameterError

from .conftest import BRIEF, PROJECT, write_notebook


def plan_of(city, briefs, rest="languages: [zh]"):
    text = f"title: {{en: t}}\nbriefs: [{{notebook: 90_brief, {briefs}}}]\n{rest}\n"
    (city.params / "plans" / "all.yml").write_text(text, encoding="utf-8")
    return read_plan("all", city)


def refusal(city, **asked):
    with pytest.raises(ParameterError) as caught:
        jobs(read_plan("all", city), city, **asked)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_a_plan_is_every_unit_in_every_language(city):
    made = jobs(read_plan("all", city), city)
    assert [(job.language, job.unit) for job in made] == [
        ("zh", "county:009901"), ("zh", "county:009902"), ("en", "county:009901"), ("en", "county:009902"),
    ]  # fmt: skip
    assert made[0] == Job("county:009901", "zh", "90_brief", (("unit", "county:009901"), ("language", "zh")))


def test_a_part_of_a_plan_keeps_its_order(city):
    made = jobs(read_plan("all", city), city, only=["county:009902", "county:009901"], spoken=["en"])
    assert [job.name for job in made] == ["county-009901", "county-009902"]
    assert {job.language for job in made} == {"en"}


def test_units_named_one_by_one_and_further_parameters(city):
    write_notebook(city.root / "notebooks" / "90_brief.ipynb", BRIEF, parameters='unit = ""\nlanguage = ""\nyear = 1')
    plan = plan_of(city, "units: ['county:009902', 'county:*'], parameters: {year: 2024}")
    made = jobs(plan, city)
    assert [job.unit for job in made] == ["county:009902", "county:009901"]
    assert dict(made[0].parameters) == {"unit": "county:009902", "language": "zh", "year": 2024}


def test_only_counties_of_the_city_itself(city):
    with (city.data / "places.csv").open("a", encoding="utf-8") as file:
        file.write("008801,寅县,Elsewhere,county,8801\n")
    assert len(jobs(read_plan("all", city), city)) == 4


@pytest.mark.parametrize(
    ("unit", "hint"),
    [
        ("county:009922", 'Did you mean "county:009902"'),
        ("009902", 'Did you mean "county:009902"'),
        ("丑县", 'Did you mean "county:009902"'),
        ("north county", 'Did you mean "county:009901"'),
        ("county:North", 'Did you mean "county:009901"'),
        ("town:009901", 'Did you mean "county:009901"'),
    ],
)
def test_an_unknown_unit_is_told_the_nearest(city, unit, hint):
    message = refusal(city, only=[unit])
    assert f'unknown unit "{unit}"' in message
    assert hint in message


def test_a_unit_of_another_plan_is_told_so(city):
    plan = plan_of(city, "units: ['county:009901']")
    with pytest.raises(ParameterError, match=r'unit "county:009902" is not in this plan; .*--plan'):
        jobs(plan, city, only=["county:009902"])


def test_an_unknown_language(city):
    assert refusal(city, spoken=["cn"]).startswith('unknown language "cn"; expected one of: en, zh.')


def test_an_unknown_plan(city):
    with pytest.raises(ParameterError, match=r'unknown plan "al"; expected one of: all. Did you mean "all"'):
        read_plan("al", city)


@pytest.mark.parametrize(
    ("briefs", "rest", "message"),
    [
        ("units: ['county:*']", "langauges: [zh]", "langauges: unknown key, did you mean languages"),
        ("units: ['county:*']", "languages: []", "languages"),
        ("units: ['county:1'", "", "params/plans/all.yml"),
    ],
)
def test_a_plan_with_a_mistake_in_it(city, briefs, rest, message):
    with pytest.raises(ParameterError, match=message):
        plan_of(city, briefs, rest)


@pytest.mark.parametrize(
    ("briefs", "rest", "message"),
    [
        ("units: ['country:*']", "languages: [zh]", 'unknown kind of unit "country".*Did you mean "county"'),
        ("units: ['county:1']", "languages: [zh]", 'unknown unit "county:1"'),
        ("units: ['county:*']", "languages: [zn]", 'unknown language "zn".*Did you mean'),
        ("units: ['county:*'], parameters: {yaer: 1}", "languages: [zh]", 'unknown parameter "yaer"'),
    ],
)
def test_a_plan_that_asks_for_what_is_not_there(city, briefs, rest, message):
    plan = plan_of(city, briefs, rest)
    with pytest.raises(ParameterError, match=message):
        jobs(plan, city)


def test_a_notebook_that_is_not_there(city):
    (city.root / "notebooks" / "90_brief.ipynb").rename(city.root / "notebooks" / "90_brief_old.ipynb")
    assert 'notebooks: unknown notebook "90_brief"' in refusal(city)


def test_a_city_without_notebooks_takes_those_of_the_suite(city):
    shutil.rmtree(city.root / "notebooks")
    assert notebook_path("90_county_brief", city) == PROJECT / "notebooks" / "90_county_brief.ipynb"


def test_a_notebook_that_is_no_notebook(city):
    (city.root / "notebooks" / "90_brief.ipynb").write_text("[]", encoding="utf-8")
    assert "notebooks/90_brief.ipynb: not a notebook" in refusal(city)


def test_a_notebook_without_a_parameters_cell(city):
    write_notebook(city.root / "notebooks" / "90_brief.ipynb", "unit = 1", parameters=None)
    assert "no cell tagged parameters" in refusal(city)


def test_a_notebook_without_the_unit_parameter(city):
    write_notebook(city.root / "notebooks" / "90_brief.ipynb", BRIEF, parameters='town = "x"\nlanguage = "zh"')
    assert 'unknown parameter "unit"' in refusal(city)


def test_defaults_are_read_not_run():
    source = 'a = 1\nb: str = "x"\nc = print("never")\nd: int\nif a: e = 2\nf.g = 3'
    cell = {"metadata": {"tags": ["parameters"]}, "source": source.splitlines(keepends=True)}
    assert notebook_parameters({"cells": [{}, cell]}, where="") == {"a": 1, "b": "x", "c": None, "d": None}


def test_a_code_that_became_a_number_is_refused():
    with pytest.raises(ParameterError, match=r"parameter unit is 140, a int.*-r unit"):
        check_parameters({"unit": 140}, {"unit": "county:01"}, where="")
