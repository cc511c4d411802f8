"""What may be added up, and which places a unit can be."""

from __future__ import annotations

import polars as pl
import pytest

from tylib.errors import DataError, ParameterError
from tylib.store.places import counties, place, total, townships, unit_place

CITY = "980100"
A, B, C = "980102", "980103", "980121"


@pytest.fixture
def zoned(made_city, edited):
    """The made city with a zone of its own and a county beyond its border."""
    with edited("places") as rows:
        base = {**dict.fromkeys(rows[0], ""), "name_zh": "区", "name_en": "Zone"}
        rows.append({**base, "place": "980171", "level": "zone", "parent": CITY})
        rows.append({**base, "place": "980202", "level": "county", "parent": "980200"})
        rows.append({**base, "place": "980200", "level": "prefecture", "parent": "980000"})
    return made_city


def figures(values, **columns):
    rows = pl.DataFrame(list(values.items()), schema={"place": pl.String, "value": pl.Float64}, orient="row")
    return rows.with_columns(**{name: pl.Series(name, column) for name, column in columns.items()})


ALL = {A: 1.0, B: 2.5, C: 0.0}


def test_counties_of_the_city_add_up(made_city):
    assert total(figures(ALL), whole=CITY, city=made_city) == 3.5


def test_townships_of_a_county_add_up(made_city):
    below = townships(A, made_city)["place"].to_list()
    assert below == ["980102001", "980102100"]
    assert total(figures(dict.fromkeys(below, 2.0)), whole=A, city=made_city) == 4.0


@pytest.mark.parametrize("values", [{A: 1.0, B: 2.0}, {A: 1.0, B: 2.0, C: None}, {}])
def test_a_missing_part_is_not_summed_over(made_city, values):
    assert total(figures(values), whole=CITY, city=made_city) is None


def test_a_zone_is_never_added_to_its_hosts(zoned):
    with pytest.raises(DataError) as raised:
        total(figures({**ALL, "980171": 9.0}), whole=CITY, city=zoned)
    message = str(raised.value)
    assert message.startswith(f"sum for {CITY}: these figures do not add up; expected its own parts of one level")
    assert "They differ in level (county, zone)." in message
    assert raised.value.exit_code == 3


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("scope", ["", "", "district_only"]),
        ("period", ["2023", "2023", "2024"]),
        ("indicator", ["gdp", "gdp", "births"]),
        ("unit", ["head", "person", "head"]),
        ("kind", ["actual", "actual", "expected"]),
        ("scope", [None, None, "district_only"]),
    ],
)
def test_two_kinds_of_figure_are_never_added(made_city, column, cells):
    with pytest.raises(DataError, match=f"They differ in {column}"):
        total(figures(ALL, **{column: cells}), whole=CITY, city=made_city)


def test_one_scope_throughout_adds_up(made_city):
    columns = {"scope": ["district_only"] * 3, "period": ["2024"] * 3}
    assert total(figures(ALL, **columns), whole=CITY, city=made_city) == 3.5


def test_a_place_counts_once(made_city):
    rows = pl.concat([figures(ALL), figures({A: 1.0})])
    with pytest.raises(DataError, match=f"Twice: {A}"):
        total(rows, whole=CITY, city=made_city)


@pytest.mark.parametrize("stranger", ["980202", "999999"])
def test_a_place_that_is_no_part_is_not_added(zoned, stranger):
    with pytest.raises(DataError, match=f"No part of {CITY}: {stranger}"):
        total(figures({**ALL, stranger: 5.0}), whole=CITY, city=zoned)
    with pytest.raises(DataError, match="No part of 980200"):
        total(figures(ALL), whole="980200", city=zoned)


def test_counties_are_those_of_the_city_alone(zoned):
    assert counties(zoned)["place"].to_list() == [A, B, C]


def test_a_unit_is_a_county_of_the_city(made_city):
    assert unit_place(f"county:{B}", made_city)["name_en"] == "Liuwan District"


@pytest.mark.parametrize("unit", [B, "county:", "", "district:980103", "980103:county", "zone:980171"])
def test_a_unit_of_another_form_is_refused_with_an_example(made_city, unit):
    with pytest.raises(ParameterError) as raised:
        unit_place(unit, made_city)
    assert str(raised.value) == f'unit: unit "{unit}"; expected county:CODE. For example county:{A}.'


def test_a_unit_that_is_not_here_lists_those_that_are(made_city):
    with pytest.raises(ParameterError) as raised:
        unit_place("county:980104", made_city)
    assert f"expected one of: county:{A}, county:{B}, county:{C}." in str(raised.value)
    assert 'Did you mean "county:98010' in str(raised.value)


@pytest.mark.parametrize("code", [CITY, "980102001"])
def test_a_place_of_another_level_is_no_county(made_city, code):
    with pytest.raises(ParameterError, match="unknown unit"):
        unit_place(f"county:{code}", made_city)


def test_a_county_beyond_the_border_is_no_unit(zoned):
    with pytest.raises(ParameterError, match="unknown unit"):
        unit_place("county:980202", zoned)


def test_an_unknown_place(made_city):
    assert place(CITY, made_city)["name_zh"] == "雾江市"
    with pytest.raises(ParameterError, match='unknown place "1"'):
        place("1", made_city)
