import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tylib.errors import ParameterError
from tylib.indicators.growth import change, compound_growth


def levels(*values: float | None) -> pl.DataFrame:
    return pl.DataFrame(
        {"place": ["a"] * len(values), "year": [2010 + 10 * i for i in range(len(values))], "value": list(values)},
        schema_overrides={"value": pl.Float64},
    )


def test_growth_of_the_census_population_of_xiaodian_as_published_levels_give_it():
    # 804,537 in 2010 and 1,357,242 in 2020 (census counts): 5.369 per cent a year
    assert compound_growth(levels(804_537, 1_357_242), start=2010, end=2020)["value"][0] == pytest.approx(
        5.369, abs=5e-4
    )


@given(st.floats(0.1, 1e6), st.floats(0.1, 1e6))
def test_compounding_the_growth_gives_back_the_last_level(first, last):
    rate = compound_growth(levels(first, last), start=2010, end=2020)["value"][0]
    assert first * (1 + rate / 100) ** 10 == pytest.approx(last, rel=1e-9)


@pytest.mark.parametrize("formula", [change, compound_growth])
@pytest.mark.parametrize("values", [(None, 5.0), (5.0, None), (0.0, 5.0), (-1.0, 5.0)])
def test_growth_from_nothing_known_or_nothing_positive_is_unknown(formula, values):
    assert formula(levels(*values), start=2010, end=2020)["value"].to_list() == [None]


@pytest.mark.parametrize("formula", [change, compound_growth])
def test_growth_to_a_measured_zero_is_minus_one_hundred(formula):
    assert formula(levels(5.0, 0.0), start=2010, end=2020)["value"].to_list() == [-100.0]


def test_years_in_the_wrong_order_are_refused():
    with pytest.raises(ParameterError, match="a start before the end"):
        change(levels(1.0, 2.0), start=2020, end=2010)


@given(st.floats(0.5, 1e3))
def test_growth_does_not_depend_on_the_unit(scale):
    one = change(levels(3.0, 4.0), start=2010, end=2020)["value"][0]
    assert change(levels(3.0 * scale, 4.0 * scale), start=2010, end=2020)["value"][0] == pytest.approx(one, rel=1e-9)
