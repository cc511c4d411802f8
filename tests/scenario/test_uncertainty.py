"""Draws, fans, support, chances, unknowns: what may be said of an effect, and from how many draws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tylib import scenario
from tylib.errors import ParameterError
from tylib.scenario import running
from tylib.scenario.baseline import own_table
from tylib.scenario.priors import central, correlated, drawn, saltelli
from tylib.scenario.sensitivity import effects

from .conftest import DRAWS, made


def test_a_hypercube_fills_every_stratum_and_has_the_moments_of_the_prior():
    ends = {"a": (0.0, 1.0, 4.0), "b": (2.0, 2.0, 2.0), "c": (-1.0, -1.0, 0.0)}
    theta = drawn(ends, draws=2000, seed=3)
    low, mode, high = np.array(list(ends.values())).T
    assert theta.mean(axis=1) == pytest.approx((low + mode + high) / 3, abs=2e-3)
    spread = (low**2 + mode**2 + high**2 - low * mode - low * high - mode * high) / 18
    assert theta.var(axis=1) == pytest.approx(spread, rel=0.01, abs=1e-12)
    assert not theta.flags.writeable and np.array_equal(theta, drawn(ends, draws=2000, seed=3))
    assert central(ends)[:, 0] == pytest.approx(np.median(theta, axis=1), abs=2e-3)


def test_correlated_priors_keep_their_margins():
    unit = np.random.default_rng(0).random((3, 20_000))
    bound = correlated(unit, ["a", "b", "c"], [("a", "c", 0.5)])
    from scipy.stats import norm

    assert np.corrcoef(norm.ppf(bound[[0, 2]]))[0, 1] == pytest.approx(0.5, abs=0.02)
    assert np.array_equal(bound[1], unit[1])
    assert np.quantile(bound[2], [0.1, 0.5, 0.9]) == pytest.approx([0.1, 0.5, 0.9], abs=0.02)


def test_the_model_draws_its_stated_pairs_together(asked):
    setting = asked()
    theta = setting.named(running.parameters(setting, 4000))
    for pair in setting.supposed.correlations:
        assert np.corrcoef(*(theta[name] for name in pair.of))[0, 1] == pytest.approx(pair.value, abs=0.06)


def test_scenarios_share_their_random_numbers(asked):
    one, other = (running.parameters(asked(name), 50) for name in ("eight_full", "only_green"))
    assert np.array_equal(one, other)
    half, full = (running.run(asked(name), draws=40).change[0] for name in ("eight_half", "eight_full"))
    assert np.corrcoef(half.ravel(), full.ravel())[0, 1] > 0.95


def test_a_run_is_each_draw_by_itself(asked, monkeypatch):
    """Blocks, weightings and units: against draws that are run alone, with matrices used again from the first."""
    setting, draws = asked(closure="binding"), DRAWS + 7
    monkeypatch.setattr(running, "BLOCK", 100)
    whole, theta = running.run(setting, draws=draws), running.parameters(setting, draws)
    assert whole.change.shape == (4, 2, draws, 9, 6) and whole.setting.years == tuple(range(2022, 2031))
    for weighting, draw in ((0, 3), (1, DRAWS + 2)):
        matrix = [part[weighting, [draw % DRAWS]] for part in (setting.ensemble.output, setting.ensemble.value_added)]
        before, after, _ = running.simulated(setting, *matrix, theta[:, [draw]])
        for at, unit in enumerate(whole.units):
            inside = setting.ensemble.members[setting.ensemble.units.index(unit)]
            levels = [path[-1].outcome("energy").ravel()[inside].sum() for path in (before, after)]
            assert whole.change[2, weighting, draw, -1, at] == pytest.approx(100 * (levels[1] / levels[0] - 1))


def test_many_units_are_added_up_as_few(asked, monkeypatch):
    few = running.run(asked(), draws=5)
    monkeypatch.setattr(running, "DENSE", 0)
    many = running.run(asked(), draws=5)
    assert many.change == pytest.approx(few.change, rel=1e-9, abs=1e-9)
    assert many.level == pytest.approx(few.level)


def test_counties_add_up_to_the_city_and_a_town_is_no_more_than_its_county(asked):
    for closure in scenario.CLOSURES:
        found = running.run(asked(closure=closure), draws=20)
        level = dict(zip(found.units, np.moveaxis(found.level, -1, 0), strict=True))
        counties = sum(level[unit] for unit in found.units if unit.startswith("county:"))
        assert level["city:c"] == pytest.approx(counties, rel=1e-9)
        assert (level["town:t"] <= level["county:c2"] * (1 + 1e-12)).all()
        assert level["city:c"][:, :, 0] == pytest.approx(made().value_added[:, :20].sum(axis=(-1, -2)))


def test_fans_are_long_sorted_and_carry_status_and_sources(asked):
    found = running.run(asked(), draws=25, units=["county:c1", "town:t"])
    fan, levels = scenario.fan(found), scenario.levels(found)
    assert fan.height == 2 * 4 * 9 and fan.columns == levels.columns
    assert fan.select((pl.col("low") <= pl.col("median")) & (pl.col("median") <= pl.col("high"))).to_series().all()
    assert fan["status"].unique().to_list() == ["scenario"] and fan["source_ids"][0].to_list() == ["Q1"]
    row = fan.filter((pl.col("unit") == "town:t") & (pl.col("outcome") == "carbon") & (pl.col("year") == 2027))
    draws = found.change[3, :, :, 5, 1].ravel()
    assert row.select("low", "median", "high").row(0) == pytest.approx(np.percentile(draws, [10, 50, 90]))
    assert fan.filter(pl.col("year") < 2024).select("low", "high").sum().row(0) == (0.0, 0.0)


def test_a_direction_is_a_finding_only_under_both_weightings(asked):
    found = running.run(asked(), draws=20, units=["county:c1"])
    change = np.ones_like(found.change)
    change[0, 1, :3] = -1  # 85 per cent of one weighting
    change[1, 0, :2], change[2] = -1, 0  # 90 per cent; nothing moves
    change[3] = np.where(np.arange(20)[:, None, None] < 10, 0.0, -1.0)
    said = (
        scenario.support(replace(found, change=change))
        .filter(pl.col("year") == 2030)
        .select("outcome", "direction", "support", "uniform", "zero")
    )
    assert said.rows() == [
        ("value_added", "undecided", 0.85, 1.0, 0.0), ("labour", "rise", 0.9, 0.9, 0.0),
        ("energy", "none", None, None, 1.0), ("carbon", "undecided", 0.5, 0.5, 0.5),
    ]  # fmt: skip
    told = scenario.told(found)
    assert told.filter(pl.col("year") < 2024)["direction"].unique().to_list() == ["none"]
    moved = found.change[3, :, :, 8, 0]
    last = told.filter((pl.col("outcome") == "carbon") & (pl.col("year") == 2030)).row(0, named=True)
    assert last["median"] == pytest.approx(np.median(moved)) and last["uniform"] == (moved[0] < 0).mean()


def test_a_chance_is_told_only_where_year_and_scope_match(asked):
    found = running.run(asked(), draws=20, units=["county:c1"])
    level = found.level[:, :, 6, 0]
    base = {"unit": "county:c1", "indicator": "above_scale_mfg_va", "base_period": None, "period": "2028",
            "value": float(np.median(level[0]))}  # fmt: skip
    growth = {"indicator": "above_scale_mfg_va_growth_avg", "period": "2025", "value": 3.0}
    asked_for = [
        base, base | {"period": None}, base | {"period": "2035"}, base | {"indicator": "gdp"},
        base | {"unit": "county:c9"}, base | growth | {"base_period": "2020"}, base | growth | {"base_period": "2022"},
    ]  # fmt: skip
    targets = pl.DataFrame([{"target_id": f"T{n}", **one} for n, one in enumerate(asked_for)])
    shown = scenario.chance(found, targets)
    assert shown["reason"].to_list() == [None, "no_year", "outside", "scope", "unit", "base", None]
    assert shown["uniform"][0] == 0.5 and shown["tilted"][0] == (level[1] >= base["value"]).mean()
    assert shown.filter(pl.col("reason").is_not_null())["uniform"].null_count() == 5
    rate = 100 * ((found.level[0, :, 3, 0] / found.level[0, :, 0, 0]) ** (1 / 3) - 1)
    assert shown["uniform"][6] == (rate >= 3.0).mean()


def test_draws_are_held_against_published_growth(asked):
    near, far = ({"year": [2019, 2021, 2022], "value": values} for values in ([4.5, 3.2, 8.5], [15.0, 15.1, 15.2]))
    found = scenario.history(asked(), pl.DataFrame(near)).row(0, named=True)
    assert found["kept"] == found["draws"] == 2000 and found["enough"] and found["mean"] == pytest.approx(5.4)
    found = scenario.history(asked(), pl.DataFrame(far), draws=300).row(0, named=True)
    assert found["kept"] == 0 and not found["enough"] and found["draws"] == 300
    with pytest.raises(ParameterError, match="growth of 1 years"):
        scenario.history(asked(), pl.DataFrame(near).head(1))


def test_saltellis_design_gives_the_known_shares_of_ishigami():
    """Ishigami and Homma (1990): S = 0.314, 0.442, 0; T = 0.558, 0.442, 0.244."""
    from tylib.indicators.robustness import sobol

    design = saltelli(3, base=4096, seed=1)
    x = np.pi * (2 * design - 1)
    y = np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])
    found = sobol(y[0], y[1], y[2:])
    assert found["first"] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert found["total"] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)


def test_unknowns_rank_and_their_first_orders_add_up_to_no_more_than_all(asked):
    setting = asked("equipment_renewal")
    found = scenario.unknowns(setting, unit="county:c1", base=512)
    assert found["rank"].to_list() == list(range(1, found.height + 1)) and found["total"].is_sorted(descending=True)
    assert 0.8 < found["first"].sum() < 1.05
    assert found.filter((pl.col("total_low") > pl.col("total")) | (pl.col("total") > pl.col("total_high"))).is_empty()
    top = found.head(4)["parameter"].to_list()
    assert {"scrapping", "renewal_labour"} <= set(top), "investment's response is fixed in this scenario"
    assert not {"reach", "investment_response"} & set(found["parameter"])
    idle = found.filter(pl.col("parameter").is_in(["quality_gain", "digital_dip", "outside_demand"]))
    assert idle.height == 3 and np.abs(idle["total"].to_numpy()).max() < 1e-9
    assert scenario.unknowns(asked("baseline"), unit="county:c1", base=64).is_empty()
    for wrong in ({"base": 100}, {"outcome": "gdp"}):
        with pytest.raises(ParameterError):
            scenario.unknowns(setting, unit="county:c1", **wrong)


def test_salib_finds_the_same_shares_in_the_same_effects(asked):
    """A peer of the benchmarks: checked where it is installed."""
    sobol = pytest.importorskip("SALib.analyze.sobol", reason="SALib is not installed")
    setting = asked("only_research")
    names = [name for name, (low, _, high) in setting.priors.items() if low < high]
    (effect,) = effects(setting, names, units=["county:c2"], outcome="value_added", base=256)
    ours = scenario.unknowns(setting, unit="county:c2", base=256).sort("parameter")
    problem = {"num_vars": len(names) + 1, "names": [*names, "structure"], "bounds": [[0, 1]] * (len(names) + 1)}
    theirs = sobol.analyze(problem, effect[[0, *range(2, len(effect)), 1]].T.ravel(), calc_second_order=False, seed=1)
    order = np.argsort(problem["names"])
    assert ours["first"].to_numpy() == pytest.approx(theirs["S1"][order], abs=0.02)
    assert ours["total"].to_numpy() == pytest.approx(theirs["ST"][order], abs=1e-9)


def test_what_growth_asks_of_others_is_told_apart(asked):
    for closure in scenario.CLOSURES:
        found = scenario.spillover(asked(closure=closure), unit="county:c1")
        assert set(found["other"]) == {"county:c2", "county:c3"}
        assert found["value"].min() > 0 and found["value"].is_sorted(descending=True)
    still = scenario.spillover(asked("baseline"), unit="county:c1")
    assert still["value"].to_list() == [0.0, 0.0]
    with pytest.raises(ParameterError, match="unknown county"):
        scenario.spillover(asked(), unit="town:t")


def test_the_table_of_a_small_county_keeps_less_at_home():
    known = made()
    output = known.output[0, :5] @ (known.groups[:, None] == np.arange(3)).astype(float)
    small, _ = own_table(known, output, np.full(5, 0.3))
    large, _ = own_table(known, 50 * output, np.full(5, 0.3))
    assert (small.coefficients < large.coefficients).all() and (large.coefficients <= known.coefficients).all()


def test_no_draw_and_no_such_unit_are_told(asked):
    with pytest.raises(ParameterError, match="0 draws"):
        running.run(asked(), draws=0)
    with pytest.raises(ParameterError, match='unknown unit "county:c"'):
        running.run(asked(), draws=2, units=["county:c"])


@pytest.mark.parametrize("closure", ["supply", "demand"])
def test_blocks_that_are_not_run_are_those_that_would_move_nothing(asked, monkeypatch, closure):
    from tylib.scenario import sensitivity

    setting, ran = asked("eight_full", closure), []
    names = [name for name, (low, _, high) in setting.priors.items() if low < high]
    simulated = sensitivity.simulated
    monkeypatch.setattr(sensitivity, "simulated", lambda s, o, *a: ran.append(len(o)) or simulated(s, o, *a))
    monkeypatch.setattr(sensitivity, "TRIED", 32)
    quick = effects(setting, names, units=["county:c1", "city:c"], outcome="value_added", base=128)
    spent = sum(ran)
    monkeypatch.setattr(sensitivity, "TRIED", 128)  # all that are tried are all there are
    whole = effects(setting, names, units=["county:c1", "city:c"], outcome="value_added", base=128)
    assert np.array_equal(quick, whole) and spent < 128 * (len(names) + 3)
    still = {name for at, name in enumerate(names) if np.array_equal(quick[:, at + 2], quick[:, 0])}
    assert "green_gain" in still and ("outside_demand" in still) == (closure == "supply")
    assert "scrapping" not in still or closure == "demand"


def test_only_the_closure_of_both_sides_says_which_binds(asked):
    for closure in scenario.CLOSURES:
        told = scenario.binding(running.run(asked(closure=closure), draws=20))
        moved = told.select("uniform", "tilted").to_numpy()
        assert (moved == 0).all() if closure != "binding" else (moved > 0).any() and (moved <= 1).all()


def test_spillover_is_what_the_city_buys_beyond_the_county_worked_out_by_hand(asked):
    setting = asked()
    output, value_added, theta = running.middle(setting)
    reference, found, _ = running.simulated(setting, output, value_added, theta)
    known = setting.ensemble
    user = (known.groups[:, None] == np.arange(3)).astype(float)
    more = (output * (found[-1].value_added / reference[-1].value_added - 1))[0, 0] @ user
    groups, delta = output[0] @ user, setting.named(theta)["flq_delta"]
    tables = [
        own_table(known, made_by[None, None], delta)[0].coefficients[0, 0] for made_by in (groups.sum(axis=0), *groups)
    ]
    wanted = np.clip(tables[0] - tables[1], 0, None) @ more
    told = dict(scenario.spillover(setting, unit="county:c1").select("other", "value").rows())
    for at in (1, 2):
        asked_of = wanted * groups[at] / groups[1:].sum(axis=0)
        made_more = np.linalg.inv(np.eye(3) - tables[1 + at]) @ asked_of
        assert told[f"county:c{at + 1}"] == pytest.approx(100 * made_more.sum() / groups[at].sum())
