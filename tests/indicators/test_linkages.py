"""Linkages: a textbook table, what must hold of any, and what is refused."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tylib.errors import ParameterError
from tylib.indicators.linkages import linkages, rasmussen
from tylib.store import load

# Miller and Blair (2009), section 2.3: two sectors, L = [[1.2541, 0.3300], [0.2640, 1.1221]].
FLOWS, OUTPUT = np.array([[150.0, 500.0], [200.0, 100.0]]), np.array([1000.0, 2000.0])


def test_the_sums_are_those_of_the_textbook_inverse():
    backward, forward = rasmussen(FLOWS, OUTPUT)
    total = 1.2541 + 0.3300 + 0.2640 + 1.1221
    assert backward == pytest.approx([2 * (1.2541 + 0.2640) / total, 2 * (0.3300 + 1.1221) / total], abs=1e-4)
    assert forward == pytest.approx([2 * (1.2541 + 0.3300) / total, 2 * (0.2640 + 1.1221) / total], abs=1e-4)


def test_the_mean_sector_is_one_and_the_unit_of_money_does_not_matter(city):
    table = linkages(load("input_output_2020", city))
    assert table.height == 20
    assert table.select(pl.col("backward", "forward").mean()).row(0) == pytest.approx((1, 1))
    money = pl.selectors.starts_with("use_") | pl.selectors.by_name("gross_output")
    again = linkages(load("input_output_2020", city).with_columns(money * 0.1))
    assert again["backward"].to_list() == pytest.approx(table["backward"].to_list())


def test_who_buys_nothing_pulls_least_and_who_sells_nothing_is_leaned_on_least():
    backward, forward = rasmussen(np.array([[0.0, 5.0, 3.0], [0.0, 1.0, 2.0], [0.0, 0.0, 0.0]]), np.full(3, 10.0))
    assert backward.argmin() == 0 and forward.argmin() == 2


@pytest.mark.parametrize(
    ("flows", "output"), [(FLOWS[:1], OUTPUT), (FLOWS, np.array([1000.0, 0.0])), (FLOWS * 9, OUTPUT)]
)
def test_what_is_no_productive_economy_is_refused(flows, output):
    with pytest.raises(ParameterError):
        rasmussen(flows, output)


def test_a_table_without_a_complete_square_has_no_linkages(made_city):
    assert linkages(load("input_output_2020", made_city)).is_empty()  # outputs of zero
    gap = pl.DataFrame({"io_sector": ["A", "B"], "use_A": [1.0, 2.0], "use_B": [1.0, None], "gross_output": [9.0, 9.0]})
    assert linkages(gap).is_empty() and linkages(gap.drop("use_B")).is_empty()
