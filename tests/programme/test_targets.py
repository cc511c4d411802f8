"""Targets beside their outturns: what is differenced and what not, verdicts in both directions, the rows as they are.

Expected values of the project's own city were worked out from the CSV files by hand.
"""

from __future__ import annotations

import polars as pl
import pytest

from tests.made_city import BULLETIN, CITY, RISING
from tests.programme.test_county import rewrite
from tylib.indicators.growth import required_growth
from tylib.programme import targets as programme
from tylib.programme.targets import beside
from tylib.store import facts, load

AIM = {
    "target_id": "X", "place": RISING, "indicator": "gdp", "unit": "100M CNY", "value": None, "low": None, "high": None,
    "qualifier": None, "period": "2024", "kind": "target", "absent": None, "status": "published",
}  # fmt: skip
NUMBERS = ("value", "low", "high")
SCHEMA = dict.fromkeys([*AIM, "base_period"], pl.String) | dict.fromkeys(NUMBERS, pl.Float64)
CAME = {
    "place": RISING, "indicator": "gdp", "unit": "100M CNY", "value": None, "low": None, "high": None,
    "qualifier": "=", "status": "published", "period": "2024", "scope": "", "source_id": BULLETIN, "absent": None,
    "year": 2024,
}  # fmt: skip


def judged(city, aim, came, **more):
    """One aim beside one outturn; numbers alone are plain values."""
    aims = pl.DataFrame([AIM | ({"value": aim} if isinstance(aim, int | float) else aim) | more], schema=SCHEMA)
    row = CAME | ({"value": came} if isinstance(came, int | float) else came)
    types = dict.fromkeys(row, pl.String) | dict.fromkeys(NUMBERS, pl.Float64) | {"year": pl.Int32}
    return beside(city, aims, pl.DataFrame([row], schema=types)).row(0, named=True)


@pytest.mark.parametrize(
    ("aim", "came", "verdict"),
    [
        (100, 100, "met"),
        (100, 99.9, "not_met"),
        ({"low": 100, "qualifier": ">="}, 100, "met"),
        ({"low": 100, "qualifier": ">"}, 100, "not_met"),  # above is above
        ({"low": 100, "qualifier": ">"}, 100.1, "met"),
        ({"low": 100, "qualifier": ">"}, {"low": 100, "qualifier": ">"}, "met"),
        (100, {"low": 90, "qualifier": ">"}, "open"),  # more than 90 may be more than 100
        (100, {"high": 100, "qualifier": "<"}, "not_met"),
        ({"high": 50, "qualifier": "<="}, 50, "met"),  # not to be exceeded
        ({"high": 50, "qualifier": "<"}, 50, "not_met"),
        ({"value": 50, "qualifier": "<="}, 51, "not_met"),
        (-13.5, -14, "met"),  # a fall of at least 13.5
        (-13.5, -13, "not_met"),
        ({"low": 40, "high": 60, "qualifier": "="}, 60, "met"),
        ({"low": 40, "high": 60, "qualifier": "="}, 61, "not_met"),
        ({"low": 40, "high": 60, "qualifier": "="}, {"low": 30, "high": 50}, "open"),
        ({"value": 100, "qualifier": "~"}, 95, "met"),  # about, by the judgement about_tolerance
        ({"value": 100, "qualifier": "~"}, 94.9, "not_met"),
        (0, 0, "met"),  # a measured zero is a figure
    ],
)
def test_a_verdict_follows_from_direction_and_strictness(made_city, aim, came, verdict):
    assert judged(made_city, aim, came)["verdict"] == verdict


@pytest.mark.parametrize(
    ("came", "why"),
    [
        ({"value": 90.0, "scope": "district_only"}, "scope"),
        ({"value": 90.0, "unit": "tonne"}, "unit"),
        ({"value": 90.0, "period": "2024H1"}, "period"),  # a half-year is never annualised
        ({"value": 90.0, "period": "2020", "year": 2020}, "old"),  # the edition is of 2031
    ],
)
def test_another_scope_unit_period_or_an_old_figure_is_shown_and_not_differenced(made_city, came, why):
    row = judged(made_city, 100, came)
    assert (row["outturn_value"], row["compared"], row["verdict"]) == (90.0, why, "open")
    assert (row["gap_low"], row["gap_high"], row["growth"]) == (None, None, None)


def test_over_a_break_nothing_is_differenced(made_city):
    rewrite(made_city, "comparability", {"CP2": {"from_period": "2030"}}, "comparison_id")
    before = {"value": 90.0, "period": "2029", "year": 2029}
    row = judged(made_city, 100, before, period="2033")
    assert (row["compared"], row["gap_high"], row["reason_en"]) == ("break", None, "A census came between.")
    after = judged(made_city, 100, before | {"period": "2030", "year": 2030}, period="2033")
    assert (after["compared"], after["gap_high"]) == ("yes", 10.0)


def test_a_part_of_what_is_meant_bounds_the_gap_from_above(made_city):
    row = judged(made_city, 100, {"indicator": "secondary_va", "value": 81.0, "period": "2031", "year": 2031},
                 indicator="services_va", period="2033")  # fmt: skip
    assert (row["compared"], row["gap_low"], row["gap_high"], row["result_status"]) == ("part", None, 19.0, "assumed")
    assert row["growth"] == pytest.approx(100 * (10 / 9 - 1))  # two years from 81 to 100
    assert row["verdict"] == "pending"


def test_a_part_may_prove_that_a_target_is_met_but_never_that_it_is_missed(made_city):
    part = {"indicator": "secondary_va", "value": 81.0}
    assert judged(made_city, 80, part, indicator="services_va")["verdict"] == "met"
    assert judged(made_city, 82, part, indicator="services_va")["verdict"] == "open"


def test_a_missing_outturn_is_no_zero(made_city):
    row = judged(made_city, 100, {"value": 1.0, "indicator": "births"})
    assert (row["compared"], row["outturn_value"], row["gap_high"], row["growth"]) == ("none", None, None, None)
    assert row["verdict"] == "open"


def test_growth_over_years_stands_only_beside_the_same_years(made_city):
    falls = {"indicator": "gdp_growth_real", "unit": "%"}
    one = judged(made_city, -10, {**falls, "value": -4.0}, **falls, base_period="2020")
    assert one["compared"] == "period"
    same = judged(made_city, -10, {**falls, "value": -11.0, "period": "2020-2024"}, **falls, base_period="2020")
    assert (same["compared"], same["verdict"]) == ("yes", "met")


def test_growth_is_asked_only_of_levels_whose_year_is_to_come(made_city):
    came = {"value": 80.0, "period": "2031", "year": 2031}
    assert judged(made_city, 100, came, period="2032")["growth"] == pytest.approx(25.0)
    assert judged(made_city, 100, came, period="2031")["growth"] is None  # no year left
    assert judged(made_city, 70, came, period="2032")["growth"] is None  # reached
    share = {"indicator": "urbanisation_rate", "unit": "%"}
    assert judged(made_city, 90, came | share, period="2032", **share)["growth"] is None


def test_required_growth_is_the_inverse_of_compound_interest():
    frame = pl.DataFrame(
        {"value": [5197.3, 5197.3, 0.0, None], "target": [10000.0, 4000.0, 5.0, 5.0], "years": [4] * 4}
    )
    up, down, from_zero, unknown = required_growth(frame)["growth"]
    assert 5197.3 * (1 + up / 100) ** 4 == pytest.approx(10000) and down < 0
    assert from_zero is unknown is None


# The project's own tables.


@pytest.fixture(scope="module")
def own(city):
    return {row["target_id"]: row for row in programme.targets(city).iter_rows(named=True)}


def test_every_row_that_is_no_plain_actual_is_there_once(city):
    table = load("targets", city)
    gone = (pl.col("kind").cast(pl.String) == "actual") & (
        pl.col("absent").cast(pl.String) != "not_published"
    ).fill_null(value=True)
    wanted = table.filter(~gone)["target_id"].to_list()
    found = programme.targets(city)["target_id"].to_list()
    assert sorted(found) == sorted(wanted) and len(found) > 70


@pytest.mark.parametrize(
    ("target", "outturn", "period", "compared", "gap", "growth", "verdict"),
    [
        # 10,000 of all industry; 5,197.3 in 2022 above scale: at most 4,802.7 short, at most 17.8 per cent a year.
        ("H001", 5197.3, "2022", "part", (None, 4802.7), 17.7757, "pending"),
        ("G001", 5197.3, "2022", "part", (None, 4802.7), None, "no_year"),
        ("H012", 5418.87, "2024", "yes", (4581.13, 4581.13), 22.6583, "pending"),  # of GDP, never merged with it
        ("H011", 5418.87, "2024", "yes", (4581.13, 4581.13), None, "open"),
        ("H004", 2150.0, "2024", "yes", (2350.0, 2350.0), 44.6728, "pending"),
        ("H010", 2963.7, "2021", "yes", (3036.3, 3036.3), 15.1499, "pending"),
        ("H008", 52.43, "2015", "old", (None, None), None, "pending"),
        ("G035", 817.1, "2023M1-M9", "period", (None, None), None, "open"),
        ("G003", 7.0, "2022H1", "words", (None, None), None, "words"),
        ("G027", None, None, "none", (None, None), None, "open"),
        ("G031", None, None, "none", (None, None), None, "open"),
        ("G032", None, None, "none", (None, None), None, "open"),
        ("G033", None, None, "none", (None, None), None, "open"),
        ("G051", 80.0, "2025", "yes", (20.0, 20.0), 25.0, "pending"),
        ("G052", None, "2025", "copied", (None, None), None, "pending"),  # above 65 of 2025; 65 in 2021 and 2024
        ("H013", 41.0, "2024", "yes", (4.0, 4.0), None, "not_met"),
        ("H015", 774.0, "2024", "yes", (-74.0, -74.0), None, "met"),
        ("H017", 4751.7, "2023", "yes", (-151.7, -151.7), None, "met"),
        ("G058", 7099.0, "2024", "yes", (901.0, 901.0), None, "open"),  # sixteen chains both
        ("N08", 44000.0, "2023", "yes", (11000.0, 11000.0), 5.7371, "pending"),
        ("N09", -5.6, "2021", "period", (None, None), None, "open"),  # one year beside five
        ("N23", None, None, "none", (None, None), None, "not_found"),
        ("N18a", None, None, "none", (None, None), None, "rule"),
        ("N19", 16.2, "2024", "yes", (-0.6, -0.6), None, "expected"),
    ],
)
def test_targets_as_worked_out_by_hand(own, target, outturn, period, compared, gap, growth, verdict):
    row = own[target]
    assert (row["outturn_value"], row["outturn_period"], row["compared"]) == (outturn, period, compared)
    assert (row["gap_low"], row["gap_high"]) == tuple(None if end is None else pytest.approx(end) for end in gap)
    assert row["growth"] == (None if growth is None else pytest.approx(growth, abs=1e-4))
    assert row["verdict"] == verdict


def test_an_old_figure_printed_again_stands_with_the_year_it_comes_from(own):
    row = own["G052"]
    assert (row["outturn_low"], row["outturn_year"], row["outturn_copied_from"]) == (65.0, 2025, 2021)
    assert own["G051"]["outturn_copied_from"] is None  # 80 in 2024 and 2025 is a year, not longer than carried_years


def test_a_year_that_is_our_reading_makes_the_result_one(own):
    assert own["H004"]["period_status"] == own["H004"]["result_status"] == "assumed"
    assert own["H015"]["period_status"] == own["H015"]["result_status"] == "published"


def test_reach_tells_whose_target_it_is(own, city):
    assert own["H001"]["reach"] == "own" and own["G051"]["reach"] == "county"
    assert own["N01"]["reach"] == own["H013"]["reach"] == "above"
    assert own["N21a"]["reach"] == own["H037"]["reach"] == "comparator"


def test_the_newest_whole_year_stands_for_the_city(made_city):
    aims = pl.DataFrame([AIM | {"place": CITY, "value": 400.0, "period": "2033"}], schema=SCHEMA)
    row = beside(made_city, aims).row(0, named=True)
    assert (row["outturn_value"], row["outturn_period"], row["gap_high"]) == (371.8, "2024", pytest.approx(28.2))


def test_figures_of_a_sector_or_another_source_do_not_pass_for_the_figure_of_the_place(made_city):
    ids = facts(made_city).filter(
        (pl.col("place") == RISING) & (pl.col("indicator") == "gdp") & (pl.col("period") == "2024")
    )
    official, blog = (ids.filter(pl.col("value") == value)["fact_id"].item() for value in (210.5, 203.0))
    aims = pl.DataFrame([AIM | {"value": 400.0}], schema=SCHEMA)
    assert beside(made_city, aims)["outturn_value"].item() == 210.5  # the better source, as everywhere
    rewrite(made_city, "facts_counties", {official: {"sector": "S1"}}, "fact_id")
    assert beside(made_city, aims)["outturn_value"].item() == 203.0
    rewrite(made_city, "facts_counties", {blog: {"sector": "S1"}}, "fact_id")
    assert beside(made_city, aims)["outturn_period"].item() == "2022"
