"""What may be added up, and which places a unit can be."""

from __future__ import annotations

import polars as pl
import pytest

from tylib.errors import DataError, ParameterError
from tylib.store.places import counties, place, total, townships

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


def test_an_unknown_place(made_city):
    assert place(CITY, made_city)["name_zh"] == "雾江市"
    with pytest.raises(ParameterError, match='unknown place "1"'):
        place("1", made_city)
