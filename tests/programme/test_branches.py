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


def test_a_sector_of_which_a_division_has_no_rate_has_none():
    published = {"indicator": "x", "divisions": "36", "value": 5.0, "low": 4.95, "high": 5.05, "period": "2023H1",
                 "end": None, "source_id": "s", "status": "published"}  # fmt: skip
    rows = pl.DataFrame([published, published | {"indicator": "y", "divisions": "25"}])
    assert branches._rate("S", frozenset({36}), rows)["indicators"] == ["x"]
    assert branches._rate("S", frozenset({36, 37}), rows) is None
    assert branches._rate("", frozenset({25, 36}), rows) is None, "only a rate of the whole is one of the whole"


def by_hand(city, weigh):
    """The wider of both weightings' middle eight tenths, at the least and the most of the rates, plainly calculated."""
    rates = {row["sector"]: (row["low"], row["high"]) for row in branches.branch_rates(city).iter_rows(named=True)}
    low, high = [], []
    for weighting in bounds.WEIGHTINGS:
        drawn = bounds.draws(city, weighting=weighting)
        known = [at for at, sector in enumerate(drawn.sectors) if sector in rates]
        corners = np.array([
            weigh(drawn.value_added, known, np.array([rates[drawn.sectors[at]][one >> k & 1] for k, at in
                                                      enumerate(known)]), rates[""][one >> len(known) & 1])
            for one in range(2 ** (len(known) + 1))
        ])  # fmt: skip
        low.append(np.percentile(corners.min(axis=0), 10, axis=0))
        high.append(np.percentile(corners.max(axis=0), 90, axis=0))
    return np.min(low, axis=0), np.max(high, axis=0)


def test_points_and_what_is_left_make_the_growth_of_manufacturing_in_every_draw(city):
    def weigh(added, known, rate, total):
        share = added.sum(axis=1) / added.sum(axis=(1, 2))[:, None]
        points = share[:, known] * rate
        return np.column_stack([points, total - points.sum(axis=1)])

    found = branches.pulls(city)
    low, high = by_hand(city, weigh)
    wanted = {(*ends,) for ends in np.round(np.column_stack([low, high]), 9)}
    assert {(round(row["low"], 9), round(row["high"], 9)) for row in found.iter_rows(named=True)} == wanted
    rest = found.row(-1, named=True)
    assert rest["sector"] == "" and (rest["low"], rest["high"]) == pytest.approx((low[-1], high[-1]))
    assert rest["holds"] is False and rest["high"] < 0


def test_the_mix_of_a_county_is_that_of_rates_where_all_others_grew_alike(city):
    def weigh(added, known, rate, total):
        every = np.zeros(added.shape[2])
        every[known] = rate
        others = np.ones(added.shape[2], dtype=bool)
        others[known] = False
        whole = added.sum(axis=1)
        left = (total * whole.sum(axis=1) - whole @ every) / whole[:, others].sum(axis=1)
        rates = np.where(others, left[:, None], every)
        return (added * rates[:, None]).sum(axis=2) / added.sum(axis=2) - total

    found = branches.mixes(city)
    low, high = by_hand(city, weigh)
    assert found["place"].to_list() == list(bounds.draws(city).places)
    np.testing.assert_allclose(found["low"], low)
    np.testing.assert_allclose(found["high"], high)
    assert found.filter(pl.col("holds"))["low"].min() > 0 > found.filter(~pl.col("holds"))["high"].max()


def test_what_rests_on_an_invented_figure_is_invented(city, monkeypatch):
    assert {*branches.pulls(city)["status"], *branches.mixes(city)["status"]} == {"estimated"}
    monkeypatch.setattr(branches, "own_statuses", lambda city: {"row": "demonstration"})
    assert {*branches.pulls(city)["status"], *branches.mixes(city)["status"]} == {"demonstration"}


def test_the_largest_of_the_others_has_no_rate_of_its_own(city):
    sector, *shares = branches.largest_other(city)
    assert sector not in branches.branch_rates(city)["sector"].to_list() and min(shares) >= 0.9


@pytest.mark.parametrize("function", [branches.pulls, branches.mixes])
def test_a_city_without_rates_has_no_rows(made_city, function):
    assert function(made_city).is_empty() and branches.largest_other(made_city) is None
