import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tylib.errors import ParameterError
from tylib.indicators.comparison import rank, ratio, share

VALUES = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=30)


def frame(values: list[float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {"place": [f"p{i:02}" for i in range(len(values))], "value": values}, schema_overrides={"value": pl.Float64}
    )


@given(VALUES)
def test_shares_of_their_own_sum_add_to_one_hundred(values):
    whole = pl.DataFrame({"value": [sum(values)]})
    assert share(frame(values), whole)["value"].sum() == pytest.approx(100)


def test_a_share_of_an_unknown_whole_is_unknown_and_not_zero():
    whole = pl.DataFrame({"value": [None]}, schema={"value": pl.Float64})
    assert share(frame([1.0]), whole)["value"].to_list() == [None]


@given(VALUES)
def test_ranks_name_the_largest_first_and_count_those_with_a_value(values):
    ranked = rank(frame([*values, None]))
    assert ranked.filter(pl.col("rank") == 1)["value"].max() == max(values)
    assert ranked["of"].unique().to_list() == [len(values)]
    assert ranked["rank"].to_list()[-1] is None


def test_equal_values_share_the_smaller_rank():
    assert rank(frame([5.0, 7.0, 5.0, 1.0]))["rank"].to_list() == [2, 1, 2, 4]


def test_a_ratio_to_zero_or_to_nothing_is_unknown():
    below = frame([0.0, 4.0])
    assert ratio(frame([1.0, 2.0, 3.0]), below)["value"].to_list() == [None, 0.5, None]


def test_what_is_no_number_has_no_rank():
    assert rank(frame([1.0, float("nan"), 3.0])).rows() == [
        ("p00", 1.0, 2, 2),
        ("p01", None, None, 2),
        ("p02", 3.0, 1, 2),
    ]


def test_a_whole_is_one_row_and_a_place_below_occurs_once():
    with pytest.raises(ParameterError, match="a whole of 2 rows"):
        share(frame([1.0]), pl.DataFrame({"value": [1.0, 2.0]}))
    with pytest.raises(ParameterError, match="a key occurs twice: place p00"):
        ratio(frame([1.0]), pl.concat([frame([1.0])] * 2))
    with pytest.raises(ParameterError, match="labels of one kind"):
        ratio(frame([1.0]), pl.DataFrame({"place": [1], "value": [1.0]}))
