"""The model held against published growth: made panels with known answers, and what the project's figures carry."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from tylib import scenario
from tylib.__main__ import app
from tylib.errors import ParameterError
from tylib.scenario import past, validation
from tylib.scenario.pooling import deviations, epidemic, pool
from tylib.store import scenarios as files

COUNTIES = ("a", "b", "c", "d", "e")
YEARS = range(2010, 2024)


@pytest.fixture
def rules(city):
    return files.model(city).validation


def panel(growth: dict[str, dict[int, float]]) -> pl.DataFrame:
    rows = [(place, "city" if place == "w" else "county", year, value)
            for place, by_year in growth.items() for year, value in by_year.items()]  # fmt: skip
    return pl.DataFrame(rows, schema=["place", "kind", "year", "value"], orient="row")


def test_pooling_keeps_the_closed_form_weight_of_each_county():
    """Three counties of 2, 3 and 4 years, worked by hand: mean squares 0.5 and 100.5, n0 = 26/9."""
    made = {"a": [9.5, 10.5], "b": [-0.5, 0.0, 0.5], "c": [-1.5, -0.5, -1.5, -0.5]}
    rows = [(place, 2010 + k, value) for place, values in made.items() for k, value in enumerate(values)]
    found = pool(pl.DataFrame(rows, schema=["place", "year", "value"], orient="row"))
    within = (0.5 + 0.5 + 1.0) / 6
    grand = (20 + 0 - 4) / 9
    among = (2 * (10 - grand) ** 2 + 3 * grand**2 + 4 * (1 + grand) ** 2) / 2
    n0 = (9 - (4 + 9 + 16) / 9) / 2
    assert found.freedom == 6 and found.within == pytest.approx(within)
    assert found.between == pytest.approx((among - within) / n0)
    n = np.array([2, 3, 4])
    weight = n / (n + within / found.between)
    assert found.counties["weight"].to_numpy() == pytest.approx(weight)
    centre = weight @ [10, 0, -1] / weight.sum()
    assert found.mean == pytest.approx(centre)
    assert found.counties["deviation"].to_numpy() == pytest.approx(centre + weight * ([10, 0, -1] - centre))
    assert 0 < found.weight_low < 1 / (1 + within / found.between) < found.weight_high < 1


def test_pooling_finds_the_variances_that_were_put_in_and_counties_alike_keep_nothing():
    rng = np.random.default_rng(3)
    truth = rng.normal(0, 2, 400)
    rows = [(f"{k:03}", t, truth[k] + rng.normal(0, 3)) for k in range(400) for t in range(1 + k % 6)]
    found = pool(pl.DataFrame(rows, schema=["place", "year", "value"], orient="row"))
    assert found.within == pytest.approx(9, rel=0.1) and found.between == pytest.approx(4, rel=0.2)
    own, pooled = (found.counties[name].to_numpy() for name in ("mean", "deviation"))
    assert ((pooled - truth) ** 2).mean() < 0.75 * ((own - truth) ** 2).mean(), "pooling is nearer to the truth"
    alike = pl.DataFrame({"place": [*"aabbcc"], "year": [1, 2] * 3, "value": [-1.0, 1.0] * 3})
    found = pool(alike)
    assert found.between == 0 and found.counties["weight"].to_list() == [0, 0, 0]


@pytest.mark.parametrize("value", [[1.0, 2.0, 3.0], [1.0, 1.0, 2.0, 2.0]])
def test_pooling_says_where_there_is_too_little(value):
    places = ["a", "b", "c"] if len(value) == 3 else [*"aabb"]
    found = pool(pl.DataFrame({"place": places, "year": range(len(value)), "value": value}))
    assert not found.known and found.counties["weight"].null_count() == found.counties.height


def test_a_year_that_struck_all_alike_leaves_counties_deviations_as_they_were():
    rng = np.random.default_rng(1)
    own = {place: {year: rng.normal(5, 2) for year in YEARS} for place in ("w", *COUNTIES)}
    hit = {place: {year: value - 8 * (year == 2020) for year, value in by.items()} for place, by in own.items()}
    before, after = (deviations(panel(g), whole="w", counties=COUNTIES)["value"].to_numpy() for g in (own, hit))
    assert after == pytest.approx(before)


def test_a_dummy_is_what_its_year_differs_from_the_others_by_least_squares():
    values = {2016: 6.0, 2017: 8.0, 2018: 7.0, 2019: 7.0, 2020: 2.0, 2021: 12.0}
    found = epidemic(panel({"w": values}), years=(2020, 2021, 2022))
    design = np.array([[1, y == 2020, y == 2021] for y in values], dtype=float)
    y = np.array(list(values.values()))
    fit, *_ = np.linalg.lstsq(design, y, rcond=None)
    variance = ((y - design @ fit) ** 2).sum() / 3 * np.linalg.inv(design.T @ design)
    assert found["value"].to_numpy() == pytest.approx(fit) and found["year"].to_list() == [None, 2020, 2021]
    assert found["error"].to_numpy() == pytest.approx(np.sqrt(np.diag(variance)))
    assert epidemic(panel({"w": {2020: 1.0}}), years=(2020,)).is_empty()
    assert epidemic(panel({"w": {2019: 1.0}}), years=(2020,))["error"].to_list() == [None]


def test_forecasts_use_nothing_that_came_after_their_origin(rules):
    rng = np.random.default_rng(5)
    made = {place: {year: rng.normal(5, 2) for year in YEARS} for place in ("w", *COUNTIES)}
    found = validation.backtest(panel(made), rules, whole="w", prior=(0.0, 0.04, 0.08))
    assert found.height == 6 * (3 + 3 + 3 + 2 + 1), "2024 and 2025 were not made"
    later = {place: {y: v + 50 * (y > 2020) for y, v in by.items()} for place, by in made.items()}
    changed = validation.backtest(panel(later), rules, whole="w", prior=(0.0, 0.04, 0.08))
    early = pl.col("origin") <= 2020
    assert found.filter(early).drop("actual").equals(changed.filter(early).drop("actual"))
    assert not found.filter(~early).drop("actual").equals(changed.filter(~early).drop("actual"))
    row = found.filter(pl.col("place") == "b", origin=2019, horizon=2).row(0, named=True)
    assert row["actual"] == made["b"][2021] and row["last"] == made["b"][2019] and row["city"] == made["w"][2019]
    assert row["mean"] == pytest.approx(np.mean([made["b"][y] for y in range(2015, 2020)]))
    assert row["prior"] == pytest.approx(4.0)
    trend = np.mean([made["w"][y] for y in range(2015, 2020)])
    past_ = panel({p: {y: v for y, v in by.items() if y <= 2019} for p, by in made.items()})
    own = pool(deviations(past_, whole="w", counties=COUNTIES)).counties.filter(place="b")["deviation"][0]
    assert row["pooled"] == pytest.approx(trend + own)
    assert found.filter(kind="city")["city"].null_count() == found.filter(kind="city").height


def test_scores_of_errors_that_are_known(rules):
    """Actual growth 6; the prior says 4, so errs by 2; the last said 9 or 7: errs by 3 or 1."""
    points = pl.DataFrame({
        "place": ["a", "a", "a", "b", "b", "b"], "kind": "county", "origin": [2018, 2019, 2020] * 2, "horizon": 1,
        "actual": 6.0, "prior": 4.0, "pooled": None, "last": [9.0, 9.0, 9.0, 7.0, 7.0, 8.0], "mean": None,
        "city": [6.0] * 6, "prior_low": 2.0, "prior_high": [5.0, 5.0, 6.0, 6.0, 6.0, 7.0], "pooled_low": None,
        "pooled_high": None,
    }).with_columns(pl.col("pooled", "mean", "pooled_low", "pooled_high").cast(pl.Float64))  # fmt: skip
    found = validation.scored(points)
    row = found.filter(against="last", horizon=1).row(0, named=True)
    assert (row["n"], row["places"], row["wins"], row["losses"]) == (6, 2, 3, 2)
    assert row["mae"] == 2 and row["mae_naive"] == pytest.approx(13 / 6) and row["mase"] == pytest.approx(12 / 13)
    assert row["p"] == pytest.approx(1.0), "3 of 5"
    assert found.filter(against="city")["mase"].to_list() == [None, None], "a forecast that never errs scales nothing"
    assert set(found["forecast"]) == {"prior"} and found["horizon"].to_list().count(None) == 2
    skill = validation.skill(points, counties=3, least=3).filter(forecast="prior", against="last")
    assert skill.select("points", "scored", "better", "claim").row(0) == (6, 2, 1, False), "one of three is not most"
    assert validation.skill(points, counties=1, least=3).filter(against="last", forecast="prior")["claim"].item()
    assert validation.skill(points, counties=1, least=4)["scored"].sum() == 0
    again = points.with_columns(origin=2021 - pl.col("horizon"))
    assert validation.skill(again, counties=1, least=2)["scored"].sum() == 0, "one year from six origins is one outcome"
    inside = validation.covered(points).filter(forecast="prior").row(0, named=True)
    assert inside["n"] == 6 and inside["inside"] == 4 and inside["met"] is None, "of six outcomes nothing is said"
    assert inside["low"] == pytest.approx(22.28, abs=0.01) and inside["high"] == pytest.approx(95.67, abs=0.01)


def test_pooled_growth_beats_naive_where_counties_differ_and_covers_what_it_says(rules):
    """Many counties that differ for good, in noisy years: the forecast earns its claim and holds its intervals."""
    rules = replace_rules(rules, epidemic=())

    rng = np.random.default_rng(2)
    city = {year: 5.0 + rng.normal(0, 1) for year in YEARS}
    made = {f"{k:02}": {y: city[y] + own + rng.normal(0, 2) for y in YEARS}
            for k, own in enumerate(rng.normal(0, 3, 60))}  # fmt: skip
    found = validation.backtest(panel({"w": city} | made), rules, whole="w")
    verdict = validation.skill(found, counties=60, least=3).filter(forecast="pooled")
    assert verdict.filter(pl.col("against").is_in(["last", "city"]))["claim"].all()
    inside = validation.covered(found).filter(forecast="pooled").row(0, named=True)
    assert inside["met"] and inside["n"] > 500
    row = (
        validation.scored(found).filter(against="last", kind="county", forecast="pooled", horizon=1).row(0, named=True)
    )
    assert row["mase"] < 0.9 and row["p"] < 0.01
    assert validation.skill(found, counties=200, least=3)["claim"].sum() == 0, (
        "most of all counties, not of those tried"
    )


def replace_rules(rules, **changes):
    return rules.model_copy(update=changes)


def test_a_prior_that_is_the_same_from_every_origin_counts_each_outcome_once(rules):
    made = {"w": dict.fromkeys(YEARS, 4.0), "a": dict.fromkeys(YEARS, 20.0)}
    found = validation.covered(validation.backtest(panel(made), rules, whole="w", prior=(0.0, 0.04, 0.08)))
    row = found.filter(forecast="prior").row(0, named=True)
    assert (row["n"], row["inside"]) == (10, 5), "growth of 2019 to 2023 in two places" and row["met"] is False


def test_published_growth_carries_a_flag_of_scope_and_what_cannot_be_used(city):
    found = past.growth(city, indicators=["gdp_growth_real", "above_scale_industrial_va_growth"])
    flagged = found.filter(reason="scope")
    assert flagged.height and (flagged["scope"] != "").all()
    kept = found.filter(pl.col("reason").is_null())
    assert (kept["scope"].fill_null("") == "").all() and kept["value"].null_count() == 0
    assert (
        kept["period"].str.contains(r"^\d{4}$").all()
        and not kept.select("indicator", "place", "year").is_duplicated().any()
    )
    assert {"part_year", "expected", "not_published"} <= set(found["reason"])


def test_the_projects_figures_claim_no_skill(city):
    """Two figures of industry by county, one year each: nothing can be said, and nothing is."""
    found = scenario.validate(city)
    assert not found.skill["claim"].any() and found.skill["scored"].sum() == 0
    assert not found.pooled["above_scale_industrial_va_growth"].known
    assert found.coverage["met"].null_count() == found.coverage.height
    assert found.history.row(0, named=True)["years"] == 4
    speaks = found.points.filter(pl.col("prior").is_not_null())["indicator"].unique().to_list()
    assert speaks == ["above_scale_industrial_va_growth"]


def test_the_command_prints_what_was_found(city):
    shown = CliRunner().invoke(app, ["scenario", "validate"])
    assert shown.exit_code == 0 and "skill claimed in 0 of 12" in shown.stdout and "weight of one year" in shown.stdout
    told = json.loads(CliRunner().invoke(app, ["scenario", "validate", "--format", "json"]).stdout)
    assert {"published", "points", "scores", "coverage", "skill", "history", "epidemic", "pooling"} == set(told)
    failed = CliRunner().invoke(app, ["scenario", "validate", "--format", "jsn"])
    assert isinstance(failed.exception, ParameterError) and 'Did you mean "json"?' in str(failed.exception)


def test_a_city_that_published_nothing_is_told_so(made_city):
    empty = scenario.validate(made_city)
    assert empty.scores.is_empty() and empty.history.is_empty() and not empty.skill["claim"].any()
    assert CliRunner().invoke(app, ["scenario", "validate", "--city", str(made_city.root)]).exit_code == 0
