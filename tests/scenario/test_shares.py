"""Shares of levers: exact, adding up, with what is a zero by construction said; carbon split without a rest."""

from __future__ import annotations

from itertools import permutations
from math import factorial

import numpy as np
import polars as pl
import pytest

from tylib import scenario
from tylib.errors import ParameterError
from tylib.scenario.model import LEVERS
from tylib.scenario.running import OUTCOMES, middle, simulated
from tylib.scenario.shares import combined, shapley


def test_shapley_is_the_mean_over_every_order_of_arrival():
    game = np.random.default_rng(0).random((32, 2))
    plain = np.zeros((5, 2))
    for order in permutations(range(5)):
        inside = 0
        for player in order:
            plain[player] += game[inside | 1 << player] - game[inside]
            inside |= 1 << player
    assert shapley(game) == pytest.approx(plain / factorial(5), abs=1e-12)
    assert shapley(game).sum(axis=0) == pytest.approx(game[-1] - game[0])


def test_shapley_knows_dummies_twins_and_sums():
    """Shapley's own axioms."""
    rng, sets = np.random.default_rng(1), np.arange(16)
    game = rng.random(16)
    dummy = game[sets & 0b0111]
    assert shapley(dummy)[3] == pytest.approx(0.0, abs=1e-15)
    twins = np.array([bin(s).count("1") ** 2 for s in sets], dtype=float)
    assert shapley(twins) == pytest.approx(np.full(4, 4.0))
    assert shapley(game + twins) == pytest.approx(shapley(game) + shapley(twins))


@pytest.mark.parametrize("closure", scenario.CLOSURES)
def test_shares_add_up_for_every_unit_and_outcome(asked, closure):
    setting = asked(closure=closure)
    before, after, _ = simulated(setting, *middle(setting))
    for outcome in OUTCOMES:
        table = scenario.attribution(setting, outcome=outcome)
        assert table.height == 8 * len(setting.ensemble.units) and table["assumption_driven"].all()
        sums = table.group_by("unit", maintain_order=True).agg(pl.col("value").sum(), pl.col("total").first())
        assert sums["value"].to_numpy() == pytest.approx(sums["total"].to_numpy(), abs=1e-10)
        levels = [path[-1].outcome(outcome).sum() for path in (before, after)]
        whole = sums.filter(pl.col("unit") == "city:c")["total"].item()
        assert whole == pytest.approx(100 * (levels[1] / levels[0] - 1), abs=1e-9)
        assert (table["value"] - table["alone"]).to_numpy() == pytest.approx(table["joint"].to_numpy())
        assert table["action_id"].head(8).to_list() == [f"A{n}" for n in range(1, 9)]


def test_a_combination_is_that_scenario_itself(asked):
    setting = asked(closure="binding", levers=dict(zip(LEVERS, np.linspace(0.3, 1, 8).tolist(), strict=True)))
    game = combined(setting, np.ones((12, 1)), "value_added")
    for chosen in (0, 0b10010001, 0b01101110, 255):
        levers = setting.levers * ((chosen >> np.arange(8))[:, None] & 1)
        before, after, _ = simulated(setting, *middle(setting), levers=levers)
        sums = [path[-1].value_added.sum() for path in (before, after)]
        assert game[chosen, 0] == pytest.approx(100 * (sums[1] / sums[0] - 1), abs=1e-10)


def test_a_zero_by_construction_says_why_and_no_other_does(asked):
    found = {c: scenario.attribution(asked(closure=c), units=["county:c1"]) for c in scenario.CLOSURES}
    inert = {c: t.filter(pl.col("zero") == "by_construction")["lever"].to_list() for c, t in found.items()}
    assert inert == {
        "supply": ["quality", "green", "openness"], "demand": ["firms", "research", "digital", "green"],
        "binding": ["green"],
    }  # fmt: skip
    for table in found.values():
        zero = table.filter(pl.col("zero").is_not_null())
        assert zero["value"].abs().max() < 1e-9 and zero["reason_zh"].str.len_chars().min() > 5
        assert table.filter(pl.col("zero").is_null())["value"].abs().min() > 1e-6
    partly = found["supply"].filter(pl.col("lever") == "clusters")
    assert partly["zero"].item() is None and partly["reason_en"].item()
    assert all(set(LEVERS) - set(inert[c]) for c in inert)
    carbon = scenario.attribution(asked(), units=["county:c1"], outcome="carbon")
    green = carbon.filter(pl.col("lever") == "green")
    assert green["value"].item() < 0 and green["zero"].item() is None and not green["reason_en"].item()
    alone = scenario.attribution(asked("only_renewal"), units=["county:c1"])
    assert alone["zero"].to_list() == [None, *["not_pulled"] * 7]


def test_what_two_do_together_is_what_remains_of_both(asked):
    setting = asked("green_first")
    pairs = scenario.together(setting, units=["county:c1"], outcome="carbon")
    assert pairs.select("lever", "other").rows() == [("renewal", "green")]
    table = scenario.attribution(setting, units=["county:c1"], outcome="carbon")
    joint = table.filter(pl.col("lever").is_in(["renewal", "green"]))["joint"].to_list()
    assert joint == pytest.approx([pairs["value"].item() / 2] * 2)
    with pytest.raises(ParameterError, match="unknown outcome"):
        scenario.attribution(setting, outcome="jobs")


@pytest.mark.parametrize("closure", scenario.CLOSURES)
def test_carbon_is_split_without_a_rest(asked, closure):
    found = scenario.carbon_split(asked(closure=closure))
    sums = found.group_by("unit", maintain_order=True).agg(pl.col("value").sum(), pl.col("total").first())
    assert sums["value"].to_numpy() == pytest.approx(sums["total"].to_numpy(), abs=1e-10)
    shares = scenario.attribution(asked(closure=closure), outcome="carbon")
    totals = dict(shares.group_by("unit").agg(pl.col("total").first()).rows())
    assert dict(sums.select("unit", "total").rows()) == pytest.approx(totals, abs=1e-9)
    one = found.filter((pl.col("unit") == "town:t") & (pl.col("factor") == "structure"))["value"].item()
    assert one == pytest.approx(0.0, abs=1e-12), "a town of one sector has no structure"


def test_under_the_zero_effect_prior_no_productivity_is_left(asked):
    """Capital, labour saved and energy stay; research, firms and digital gains do not."""
    table = scenario.attribution(asked(zero_effect=True), units=["county:c1"])
    value = dict(table.select("lever", "value").rows())
    for lever in ("firms", "research", "clusters"):
        assert value[lever] == pytest.approx(0.0, abs=1e-12)
    assert value["renewal"] != 0
    assert asked("zero_effect").priors["renewal_gain"] == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("closure", scenario.CLOSURES)
def test_a_sliders_point_is_the_path_of_the_scenario_that_says_the_same(asked, closure):
    moved = {"green": 0.3, "digital": {2025: 0, 2028: 0.8}, "openness": 1.0}
    slid = scenario.pull(asked("eight_full", closure), moved)
    spelt = asked("baseline", closure, levers=moved)
    assert np.array_equal(slid.levers, spelt.levers) and slid.years == spelt.years
    found, outcome = scenario.point(slid, outcome="carbon"), scenario.attribution(spelt, outcome="carbon")
    assert found.attribution.drop("scenario").equals(outcome.drop("scenario"))
    ends = found.path.filter((pl.col("year") == 2030) & (pl.col("outcome") == "carbon"))
    totals = outcome.group_by("unit", maintain_order=True).agg(pl.col("total").first())
    assert ends["unit"].to_list() == totals["unit"].to_list() and found.path["unit"].is_sorted()
    assert ends["value"].to_numpy() == pytest.approx(totals["total"].to_numpy(), rel=1e-9, abs=1e-12)
    assert found.path.filter(pl.col("year") < 2024)["value"].abs().max() == 0
    for wrong, said in (
        ({"gren": 1}, "did you mean"),
        ({"green": 2}, "expected 0 to 1"),
        ({"green": {1999: 1}}, "1999"),
    ):
        with pytest.raises(ParameterError, match=said):
            scenario.pull(slid, wrong)


def test_a_point_reads_nothing_from_the_disk(asked, monkeypatch):
    setting = asked("eight_half")
    monkeypatch.setattr("pathlib.Path.read_text", lambda *_: pytest.fail("a file was read"))
    monkeypatch.setattr("pathlib.Path.open", lambda *_: pytest.fail("a file was read"))
    assert scenario.point(scenario.pull(setting, {"research": 0.2})).path.height == 6 * 4 * 9
