"""What a brief can be about, and what a unit is called."""

from __future__ import annotations

import polars as pl
import pytest

from tylib.errors import ParameterError
from tylib.store import load, open_city
from tylib.store.units import KINDS, rows, unit_row, units

CITY = "980100"
A, B, C = "980102", "980103", "980121"


def test_a_unit_is_a_county_of_the_city(made_city):
    assert unit_row(f"county:{B}", made_city)["name_en"] == "Liuwan District"


@pytest.mark.parametrize("unit", [B, "county:", "", "district:980103", "980103:county", "zone:980171"])
def test_a_unit_of_another_form_is_refused_with_an_example(made_city, unit):
    with pytest.raises(ParameterError) as raised:
        unit_row(unit, made_city, kind="county")
    assert str(raised.value) == f'unit: unit "{unit}"; expected county:CODE. For example county:{A}.'


def test_a_unit_that_is_not_here_lists_those_that_are(made_city):
    with pytest.raises(ParameterError) as raised:
        unit_row("county:980104", made_city)
    assert f"expected one of: county:{A}, county:{B}, county:{C}." in str(raised.value)
    assert 'Did you mean "county:98010' in str(raised.value)


@pytest.mark.parametrize("code", [CITY, "980102001"])
def test_a_place_of_another_level_is_no_county(made_city, code):
    with pytest.raises(ParameterError, match="unknown unit"):
        unit_row(f"county:{code}", made_city)


def test_a_county_beyond_the_border_is_no_unit(made_city, edited):
    with edited("places") as rows:
        base = {**dict.fromkeys(rows[0], ""), "name_zh": "县", "name_en": "Elsewhere"}
        rows.append({**base, "place": "980202", "level": "county", "parent": "980200"})
        rows.append({**base, "place": "980200", "level": "prefecture", "parent": "980000"})
    with pytest.raises(ParameterError, match="unknown unit"):
        unit_row("county:980202", made_city)


def test_every_kind_has_its_units(made_city):
    found = units(made_city)
    assert found["kind"].unique(maintain_order=True).to_list() == ["city", "county", "town", "chain", "township"]
    assert f"city:{CITY}" in found["unit"] and "township:980102100" in found["unit"]
    assert found["unit"].n_unique() == found.height
    assert not found["name_zh"].null_count() and not found["name_en"].null_count()


def test_towns_elsewhere_and_other_lists_of_chains_are_no_units():
    city = open_city()
    assert rows("town", city)["in_city"].all() and load("towns", city).height > rows("town", city).height
    assert rows("chain", city)["scheme"].n_unique() == 1 and load("chains", city)["scheme"].n_unique() > 1
    assert rows("township", city).height == 108
    assert set(units(city)["kind"]) == set(KINDS)


def test_a_unit_of_another_kind_is_refused(made_city):
    with pytest.raises(ParameterError, match=r'unit "county:980102"; expected city:CODE. For example city:980100'):
        unit_row(f"county:{A}", made_city, kind="city")


def test_an_unknown_kind_is_told_the_kinds(made_city):
    with pytest.raises(ParameterError, match='unknown kind of unit "village"'):
        rows("village", made_city)


def test_rows_keep_every_column(made_city):
    assert rows("county", made_city).equals(load("places", made_city).filter(pl.col("place").is_in([A, B, C])))
