import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tylib.errors import ParameterError
from tylib.indicators.growth import (
    change,
    compound_growth,
    contribution_of_share,
    contributions,
    contributions_of_rates,
    on_track,
    required_growth,
)


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


def test_contributions_of_published_rates_sum_to_the_published_growth():
    # Statistical bulletin for 2020 as the facts have it: 32.24, 1504.19 and 2616.82 grew 3.7, 3.0 and 2.3; GDP 2.6.
    table = pl.DataFrame(
        {"place": "a", "sector": ["1", "2", "3"], "value": [32.24, 1504.19, 2616.82], "growth": [3.7, 3.0, 2.3]}
    )
    found = contributions_of_rates(table)
    assert found["value"].sum() == pytest.approx(2.6, abs=0.05)
    assert found["share"].sum() == pytest.approx(100)
    before = np.array([32.24 / 1.037, 1504.19 / 1.03, 2616.82 / 1.023])
    by_hand = 100 * (table["value"].to_numpy() - before) / before.sum()
    assert found["value"].to_list() == pytest.approx(by_hand.tolist())


@given(st.lists(st.tuples(st.floats(0.1, 1e3), st.floats(-50, 80)), min_size=2, max_size=6))
def test_levels_and_rates_tell_the_same_as_both_levels_at_constant_prices(parts):
    value, growth = (np.array(column) for column in zip(*parts, strict=True))
    names = [f"s{n}" for n in range(len(parts))]
    table = pl.DataFrame({"place": "a", "sector": names, "value": value, "growth": growth})
    both = pl.concat(
        [
            pl.DataFrame({"place": "a", "sector": names, "year": 2020, "value": value / (1 + growth / 100)}),
            pl.DataFrame({"place": "a", "sector": names, "year": 2021, "value": value}),
        ]
    )
    straight = contributions(both, start=2020, end=2021)
    found = contributions_of_rates(table)
    np.testing.assert_allclose(found["value"], straight["value"], atol=1e-9)
    # Part by part from shares alone, and the parts sum to the whole.
    share, whole = 100 * value / value.sum(), 100 * (value.sum() / (value / (1 + growth / 100)).sum() - 1)
    alone = contribution_of_share(pl.DataFrame({"share": share, "growth": growth, "whole": [whole] * len(parts)}))
    np.testing.assert_allclose(alone["value"], found["value"], atol=1e-9)
    rounded = pl.DataFrame(
        {"share": share.round(1), "growth": growth.round(1), "whole": [round(whole, 1)] * len(parts)}
    )
    bounds = contribution_of_share(rounded, step=0.1)
    assert (bounds["low"] <= alone["value"] + 1e-9).all() and (alone["value"] <= bounds["high"] + 1e-9).all()


def test_a_part_that_is_not_known_leaves_the_whole_unknown():
    table = pl.DataFrame({"place": "a", "sector": ["x", "y"], "value": [1.0, None], "growth": [1.0, 1.0]})
    assert contributions_of_rates(table)["value"].null_count() == 2
    assert contributions_of_rates(table)["notes"].to_list() == ["missing", "missing"]
    gone = contribution_of_share(pl.DataFrame({"share": [10.0, None], "growth": [-100.0, 1.0], "whole": [1.0, 1.0]}))
    assert gone["value"].null_count() == 2
    with pytest.raises(ParameterError, match="step"):
        contribution_of_share(table, step=-1)


def test_only_draws_that_have_a_value_say_whether_a_target_is_met():
    rows = {"place": ["a"] * 4 + ["b"] * 2, "draw": [0, 1, 2, 3, 0, 1]}
    draws = pl.DataFrame(rows | {"value": [1.0, 12.0, float("nan"), None, None, None]})
    assert on_track(draws, target=10.0).rows() == [("a", 50.0, 2), ("b", None, 0)]
    assert on_track(draws, target=1.0, fall=True)["value"].to_list() == [50.0, None]
    assert on_track(draws, target=1.0)["value"].to_list() == [100.0, None]
    with pytest.raises(ParameterError, match="a target of nan"):
        on_track(draws, target=float("nan"))


def test_growth_to_below_zero_has_no_average():
    assert compound_growth(levels(10.0, -5.0), start=2010, end=2020)["value"].to_list() == [None]


def test_a_range_that_may_reach_a_fall_by_all_is_not_told():
    # Half a step below -99.98 nothing is left: what the part was before is then without bound.
    table = pl.DataFrame({"share": [1.0, 1.0], "growth": [-99.98, -99.0], "whole": [0.0, 0.0]})
    found = contribution_of_share(table, step=0.1)
    assert found["value"].null_count() == 0
    assert found["low"].is_null().to_list() == found["high"].is_null().to_list() == [True, False]


def test_columns_given_come_back_as_they_were():
    table = pl.DataFrame({"value": [100, 50], "target": [121.0, float("nan")], "years": [2, 2], "name": ["p", "q"]})
    found = required_growth(table)
    assert found.schema["value"] == found.schema["years"] == pl.Int64
    assert found["target"].to_list() == [121.0, None] and found["growth"].round(9).to_list() == [10.0, None]


@pytest.mark.parametrize("years", [("2010", "2020"), (2010.5, 2020), (2020, 2020)])
def test_years_are_whole_numbers_in_order(years):
    with pytest.raises(ParameterError, match="a start before the end"):
        change(levels(1.0, 2.0), start=years[0], end=years[1])
    with pytest.raises(ParameterError, match="whole numbers"):
        change(levels(1.0, 2.0).with_columns(pl.col("year").cast(pl.String)), start=2010, end=2020)
