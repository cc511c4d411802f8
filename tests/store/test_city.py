"""Where a city is looked for, and what is said when none is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tylib.errors import DataError, ParameterError
from tylib.store import load, open_city
from tylib.store.places import counties


@pytest.fixture(autouse=True)
def _nowhere(tmp_path, monkeypatch):
    """Start in a folder that has no city above it, with nothing said in the environment."""
    for name in ("TYLIB_CITY", "TYLIB_REPORTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_folder_named_is_taken_before_the_environment(made_city, city, monkeypatch):
    monkeypatch.setenv("TYLIB_CITY", str(city.root))
    assert open_city(made_city.root).root == made_city.root
    assert open_city(str(made_city.root)).place == "980100"


def test_the_environment_is_taken_before_the_working_directory(made_city, city, monkeypatch):
    monkeypatch.chdir(city.root)
    monkeypatch.setenv("TYLIB_CITY", str(made_city.root))
    assert open_city().root == made_city.root


def test_the_working_directory_and_the_folders_above_it_are_searched(made_city, monkeypatch):
    below = made_city.root / "notebooks" / "deep"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert open_city().root == made_city.root


def test_else_the_folder_of_the_package(city):
    assert open_city().root == city.root


def test_a_folder_without_a_city_is_said_and_no_other_is_taken(tmp_path, city, monkeypatch):
    monkeypatch.chdir(city.root)
    with pytest.raises(ParameterError) as raised:
        open_city(tmp_path / "empty")
    assert str(raised.value) == (
        f"no city found in {tmp_path / 'empty'}; expected a folder that holds data/datapackage.json. "
        "Name it with --city FOLDER."
    )
    monkeypatch.setenv("TYLIB_CITY", str(tmp_path / "gone"))
    with pytest.raises(ParameterError, match="gone"):
        open_city()


def test_none_anywhere(tmp_path, monkeypatch):
    import tylib.store.city as module

    monkeypatch.setattr(module, "__file__", str(tmp_path / "lib" / "tylib" / "store" / "city.py"))
    with pytest.raises(ParameterError, match="no city found here or in any folder above"):
        open_city()


def test_where_reports_go(made_city, tmp_path, monkeypatch):
    assert made_city.reports == made_city.root / "reports"
    monkeypatch.setenv("TYLIB_REPORTS", "there")
    assert open_city(made_city.root).reports == tmp_path / "there"
    assert open_city(made_city.root, reports=Path("here")).reports == tmp_path / "here"
    assert made_city.home == made_city.root / "home"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "JSONDecodeError"),
        ("[]", "TypeError"),
        ('{"resources": []}', "KeyError: 'city'"),
        ('{"city": {"place": "1"}, "resources": [{"name": "x"}]}', "KeyError: 'schema'"),
    ],
)
def test_a_list_of_tables_that_cannot_be_read(made_city, content, said):
    (made_city.data / "datapackage.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match="the list of tables cannot be read") as raised:
        load("places", made_city)
    (offence,) = raised.value.offences
    assert offence.file == "data/datapackage.json"
    assert said in offence.found


def test_an_unknown_table_suggests_the_nearest(made_city):
    with pytest.raises(ParameterError) as raised:
        load("facts_county", made_city)
    message = str(raised.value)
    assert message.startswith('unknown table "facts_county"; expected one of: ')
    assert message.endswith('Did you mean "facts_counties"?')


def test_two_cities_in_one_process_do_not_mix(made_city, city):
    assert counties(made_city)["place"].to_list() == ["980102", "980103", "980121"]
    assert set(counties(city)["place"]).isdisjoint(counties(made_city)["place"])
