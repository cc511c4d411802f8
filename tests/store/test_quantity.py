"""Printed figures: what is read, what is refused, and that a bound never becomes a level."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tylib.errors import ParameterError
from tylib.store.quantity import Quantity, parse_quantity, quantities

numbers = st.floats(-1e12, 1e12, allow_nan=False).map(lambda x: round(x, 6) + 0.0)
units = st.sampled_from([None, "%", "亿元", "firms", "kgce/t"])


@st.composite
def printed(draw: st.DrawFn) -> Quantity:
    """Any figure that can be printed: a point, an open bound or a range."""
    qualifier, unit = draw(st.sampled_from(["=", "~", ">", ">=", "<", "<=", "range"])), draw(units)
    one, two = sorted((draw(numbers), draw(numbers)))
    match qualifier:
        case "range":
            return Quantity(low=one, high=two, interval="published_bound", unit=unit)
        case ">" | ">=":
            return Quantity(low=one, qualifier=qualifier, interval="published_bound", unit=unit)
        case "<" | "<=":
            return Quantity(high=one, qualifier=qualifier, interval="published_bound", unit=unit)
    return Quantity(value=one, qualifier=qualifier, unit=unit)


@given(printed())
def test_what_is_printed_is_read_back(quantity):
    assert parse_quantity(str(quantity)) == quantity


@given(printed())
def test_a_figure_is_a_value_or_an_interval_never_both(quantity):
    read = parse_quantity(str(quantity))
    assert (read.value is None) == (read.interval is not None)


@pytest.mark.parametrize(
    ("text", "value", "low", "high", "qualifier", "unit"),
    [
        ("1,234,567.8", 1234567.8, None, None, "=", None),
        ("１２", 12, None, None, "=", None),
        ("−4.4", -4.4, None, None, "=", None),
        ("0", 0, None, None, "=", None),
        ("1/6", 1 / 6, None, None, "=", None),
        ("~1/3", 1 / 3, None, None, "~", None),
        ("~30", 30, None, None, "~", None),
        ("近20家", 20, None, None, "~", "家"),
        ("约20左右", 20, None, None, "~", None),
        (">55", None, 55, None, ">", None),
        ("20余家", None, 20, None, ">", "家"),
        ("50多家", None, 50, None, ">", "家"),
        ("over 700", None, 700, None, ">", None),
        ("at least 5", None, 5, None, ">=", None),
        (">= 30", None, 30, None, ">=", None),
        ("70%以上", None, 70, None, ">=", "%"),
        ("低于500亿元", None, None, 500, "<", "亿元"),
        ("不超过30个", None, None, 30, "<=", "个"),
        ("40-50", None, 40, 50, "=", None),
        ("40%-50%", None, 40, 50, "=", "%"),
        ("-16 to -13", None, -16, -13, "=", None),
        ("5万家", 5, None, None, "=", "万家"),
    ],
)
def test_figures_as_people_print_them(text, value, low, high, qualifier, unit):
    read = parse_quantity(text)
    assert (read.value, read.low, read.high, read.qualifier, read.unit) == (value, low, high, qualifier, unit)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no figure in it"),
        ("NOT FOUND", "no figure in it"),
        ("暂无", "no figure in it"),
        ("9 / 141", "two figures in one cell"),
        ("25 / 90 / 75", "two figures in one cell"),
        ("4 provincial + 12 municipal", "not a figure with a known qualifier"),
        ("a batch", "not a figure with a known qualifier"),
        ("> national average", "not a figure with a known qualifier"),
        ("超三成", "not a figure with a known qualifier"),
        ("1234,567", "not a figure with a known qualifier"),
        ("1e5", "not a figure with a known qualifier"),
        ("超过20以下", "two qualifiers that disagree"),
        ("50-40", "a range whose ends stand in the wrong order"),
        ("1/0", "a fraction of nothing"),
    ],
)
def test_what_is_not_one_figure_is_refused_with_a_reason(text, reason):
    with pytest.raises(ParameterError, match=r"cannot be read") as refusal:
        parse_quantity(text)
    assert f": {reason};" in str(refusal.value)


def test_a_column_is_read_as_its_cells_are():
    texts = [">1000", None, "17 / 13", "22.3"]
    rows = pl.DataFrame({"t": texts}).select(quantities("t")).to_series().to_list()
    assert rows[1] is None
    assert [row["low"] for row in rows if row] == [1000.0, None, None]
    assert rows[2]["reason"] == "two figures in one cell"
    assert rows[3]["value"] == 22.3


def test_an_empty_column_stays_empty():
    assert pl.DataFrame({"t": []}, schema={"t": pl.String}).select(quantities("t")).height == 0


@given(st.lists(st.one_of(st.none(), st.text(max_size=15)), max_size=5))
def test_no_text_breaks_the_reader(texts):
    read = pl.DataFrame({"t": texts}, schema={"t": pl.String}).select(quantities("t").alias("q")).unnest("q")
    figures = pl.any_horizontal(pl.col("value", "low", "high").is_not_null())
    assert read.filter(figures & pl.col("reason").is_not_null()).is_empty()
