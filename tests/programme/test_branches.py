"""Published rates of branches, weighed by draws: only what fits the feasible set, and never more than follows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tylib import bounds
from tylib.programme import branches
from tylib.store import load


def test_a_sector_has_a_rate_where_all_its_divisions_have_one(city):
    rates = branches.branch_rates(city)
    cover = dict(load("sectors", city).select("sector", "gbt4754_2017").iter_rows())
    given = dict(load("branch_rates", city).select("indicator", "divisions").iter_rows())
    for row in rates.filter(pl.col("sector") != "").iter_rows(named=True):
        named = set().union(*(branches._divisions([given[name]]) for name in row["indicators"]))
        assert named == branches._divisions([cover[row["sector"]]]), row
        assert row["low"] < row["least"] <= row["most"] < row["high"]
    # Motor vehicles and other transport equipment are two divisions of one sector.
    assert rates.filter(pl.col("least") < pl.col("most"))["indicators"].list.len().to_list() == [2]


def test_divisions_are_read_from_codes_and_ranges():
    assert branches._divisions(["17-19 41", None, ""]) == {17, 18, 19, 41}


def test_points_and_what_is_left_make_the_growth_of_manufacturing_in_every_draw(city):
    rates, found = branches.branch_rates(city), branches.pulls(city)
    assert found["sector"].to_list()[-1] == "" and (found["low"] <= found["high"]).all()
    rate = {row["sector"]: row["least"] for row in rates.iter_rows(named=True)}
    shares = []
    for weighting in bounds.WEIGHTINGS:
        drawn = bounds.draws(city, weighting=weighting)
        whole = drawn.value_added.sum(axis=1)
        rest = rate[""] - sum(
            whole[:, at] / whole.sum(axis=1) * rate[sector] for at, sector in enumerate(drawn.sectors) if sector in rate
        )
        shares.append((rest < 0).mean())
        low, high = np.percentile(rest, [10, 90])
        last = found.row(-1, named=True)
        assert last["low"] <= low + 0.2 and high <= last["high"] + 1e-9
    assert (found["holds"][-1] is False) == (min(shares) >= 0.9)


def test_the_mix_of_all_counties_together_is_that_of_the_city(city):
    found = branches.mixes(city)
    assert found["place"].to_list() == list(bounds.draws(city).places)
    assert found.filter(pl.col("holds"))["low"].min() > 0 > found.filter(~pl.col("holds"))["high"].max()
    assert found["status"].unique().to_list() == ["estimated"]


def test_the_largest_of_the_others_has_no_rate_of_its_own(city):
    sector, *shares = branches.largest_other(city)
    assert sector not in branches.branch_rates(city)["sector"].to_list() and min(shares) >= 0.9


@pytest.mark.parametrize("function", [branches.pulls, branches.mixes])
def test_a_city_without_rates_has_no_rows(made_city, function):
    assert function(made_city).is_empty() and branches.largest_other(made_city) is None
