"""The state equations: published cases, a second implementation, identities, directions, what a closure makes inert."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest

from tylib.indicators.oracles import FAMILIES as OTHERS
from tylib.indicators.oracles import verdict
from tylib.scenario.baseline import own_table, start
from tylib.scenario.model import CLOSURES, LEVERS, PARAMETERS, both, path
from tylib.scenario.oracles import FAMILIES, table, worked
from tylib.scenario.priors import drawn
from tylib.scenario.running import middle, simulated
from tylib.store.cases import cases
from tylib.store.scenarios import model

from .conftest import made
from .slow import walk

BESIDE = Path(__file__).parents[3] / "shared" / "oracles" / "open"
FOLDER = Path(os.environ.get("TYLIB_ORACLES") or BESIDE)
OUTCOMES = ("value_added", "labour", "energy", "carbon")


@pytest.mark.skipif(not FOLDER.is_dir(), reason="no published cases here: name their folder in TYLIB_ORACLES")
def test_published_cases_of_the_equations_pass():
    asked = [one for one in cases(FOLDER) if one.described["function"].startswith("scenario")]
    found = [verdict(c.described, c.inputs, c.expected, families=(*FAMILIES, *OTHERS)) for c in asked]
    assert len(found) >= 4 and [one for one in found if one.status != "passed"] == []


def drawn_start(draws=5, local=True, seed=1, known=None):
    known, supposed = known or made(), model()
    ends = {n: (p.low, p.value, p.high) for n, p in supposed.parameters.items()}
    theta = drawn(ends, draws=draws, seed=seed)
    named = dict(zip(ends, theta, strict=True))
    began, _ = start(known, known.output[0, :draws], known.value_added[0, :draws], named, local=local)
    return began, np.array([named[name] for name in PARAMETERS]), named


def pulled(**strengths):
    """Levers from the second year on, eight years."""
    u = np.zeros((len(LEVERS), 8))
    for name, value in strengths.items():
        u[LEVERS.index(name), 1:] = value
    return u


@pytest.mark.parametrize("closure", CLOSURES)
def test_a_plain_second_implementation_agrees(closure):
    """Random priors, levers that move, tables by county; supply binds in some cells and demand in others."""
    began, theta, _ = drawn_start()
    u = np.random.default_rng(2).uniform(0, 1, (8, 8)) * (np.arange(8) > 0)
    fast = both(began, theta, u, closure=closure)
    shape, sides = began.value_added.shape, set()
    for d, c in product(range(shape[0]), range(shape[1])):
        at = lambda values, d=d, c=c: np.broadcast_to(values, shape)[d, c].tolist()  # noqa: E731
        s = {"Y": at(began.value_added), "K": at(began.capital), "L": at(began.labour), "G": at(began.research),
             "alpha": at(began.capital_share), "localisation": at(began.localisation), "demand": at(began.demand),
             "energy": at(began.energy), "carbon": at(began.carbon), "trend": at(began.trend),
             "i": at(began.investment)[0], "rho": at(began.research_share)[0], "digital": at(began.digital)[0],
             "growth": at(began.growth)[0], "demand_growth": at(began.demand_growth)[0],
             "output": began.local.output[d, c].tolist(), "A": began.local.coefficients[d, c].tolist(),
             "national": began.local.national.tolist(), "groups": began.local.groups.tolist(),
             "equipment": began.local.equipment[d, c].tolist()}  # fmt: skip
        p = dict(zip(PARAMETERS, theta[:, d].tolist(), strict=True))
        without = walk(s, p, [None, *np.zeros((8, 8)).tolist()], closure)
        with_ = walk(s, p, [None, *u.T.tolist()], closure, without)
        for slow, quick in ((without, fast[0]), (with_, fast[1])):
            for one, year in zip(slow, quick, strict=True):
                ours = {"Y": year.value_added, "K": year.capital, "L": year.outcome("labour"),
                        "G": year.research, "A": np.exp(year.log_productivity), "nu": year.young,
                        "E": year.outcome("energy"), "C": year.outcome("carbon"), "slack": year.slack}  # fmt: skip
                for name, values in ours.items():
                    assert at(values) == pytest.approx(one[name], rel=1e-9, abs=1e-9), (closure, name)
            sides |= {value > 1e-9 for year in slow for value in year["slack"]}
    assert closure != "binding" or sides == {True, False}


@pytest.mark.parametrize("closure", CLOSURES)
def test_without_levers_the_baseline_bit_for_bit_and_the_base_year_is_the_data(closure):
    began, theta, _ = drawn_start()
    reference, found = both(began, theta, pulled(), closure=closure)
    for one, other in zip(reference, found, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert np.array_equal(found[0].value_added, began.value_added)
    moved = both(began, theta, pulled(**dict.fromkeys(LEVERS, 1.0)), closure=closure)[1]
    assert np.array_equal(moved[0].value_added, began.value_added)
    assert np.array_equal(moved[1].value_added, reference[1].value_added), "levers start in 2024"


def test_the_baseline_under_supply_grows_in_balance():
    began, theta, named = drawn_start()
    found = tuple(path(began, theta, pulled(), closure="supply"))
    for t, year in enumerate(found):
        grown = began.value_added * (1 + named["growth"][:, None, None]) ** t
        assert year.value_added == pytest.approx(grown, rel=1e-12)
        assert year.young == pytest.approx(found[0].young, rel=0.2)


def test_growth_accounting_leaves_nothing():
    began, theta, _ = drawn_start()
    alpha, found = began.capital_share, both(began, theta, pulled(**dict.fromkeys(LEVERS, 1.0)), closure="supply")[1]
    for before, after in pairwise(found):
        parts = after.log_productivity - before.log_productivity + alpha * np.log(after.capital / before.capital)
        parts += (1 - alpha) * (after.log_labour - before.log_labour)
        assert np.abs(np.log(after.value_added / before.value_added) - parts).max() < 1e-12


def test_output_is_what_it_takes_and_what_is_asked_for():
    """X = A X + f, and no final demand is negative, by the stated rule where the quotient would make it so."""
    known = made()
    began, _, _ = drawn_start(30, known=known)
    X, A = began.local.output, began.local.coefficients
    f = X - (A @ X[..., None])[..., 0]
    assert f.min() >= -1e-12 * X.max()
    assert np.linalg.solve(np.eye(3) - A, f[..., None])[..., 0] == pytest.approx(X, rel=1e-12)
    hungry = replace(known, national=known.national * 0.003, coefficients=known.coefficients * [[4.0], [1.0], [1.0]])
    table, cut = own_table(hungry, X, np.full(30, 0.1))
    used = (table.coefficients @ X[..., None])[..., 0]
    assert cut.any() and (used <= X * (1 + 1e-12)).all()


def effect(closure, theta_change=None, **strengths):
    began, theta, _ = drawn_start(20)
    theta = theta.copy()
    for name, value in (theta_change or {}).items():
        theta[PARAMETERS.index(name)] = value
    reference, found = both(began, theta, pulled(**strengths), closure=closure)
    return [found[-1].outcome(o) / reference[-1].outcome(o) - 1 for o in OUTCOMES], reference, found


@pytest.mark.parametrize("lever", ["firms", "research"])
def test_firms_and_research_never_lower_output(lever):
    for closure in CLOSURES:
        assert effect(closure, **{lever: 1.0})[0][0].min() >= -1e-12


def test_quality_openness_and_sourcing_do_nothing_where_supply_binds_and_never_lower_output():
    for levers in ({"quality": 1.0}, {"openness": 1.0}, {"clusters": 1.0}):
        (output, *_), reference, _ = effect("binding", {"cluster_elasticity": 0.0}, **levers)
        free = np.all([year.slack == 0 for year in reference[1:]], axis=0)
        assert output.min() >= -1e-12 and (output > 1e-6).any()
        assert free.any() and not output[free].any()


def test_renewal_pays_only_against_scrapping_and_labour_saved():
    cost_free, *_ = effect("supply", {"scrapping": 0.0, "renewal_labour": 0.0}, renewal=1.0)
    dear, *_ = effect("supply", {"scrapping": 0.03, "renewal_labour": 0.075, "investment_response": 0.0}, renewal=1.0)
    assert cost_free[0].min() > 0 and dear[0].max() < 0


def test_digitalisation_costs_before_it_gains():
    began, theta, _ = drawn_start(20)
    theta = theta.copy()
    theta[PARAMETERS.index("digital_labour")] = 0.0
    reference, found = both(began, theta, pulled(digital=1.0), closure="supply")
    change = [(b.value_added / a.value_added).mean() - 1 for a, b in zip(reference, found, strict=True)]
    assert change[2] < 0 and change[3] < change[2] and change[4] < change[3]
    assert change[5] > change[4] and change[-1] > change[4], "the gain begins in the fourth year"


def test_green_never_raises_carbon_and_a_full_rebound_saves_nothing():
    (output, _, energy, carbon), *_ = effect("supply", green=1.0)
    assert not output.any() and carbon.max() <= 0 and energy.min() < 0
    (_, _, energy, _), *_ = effect("supply", {"rebound": 1.0}, green=1.0)
    assert np.abs(energy).max() < 1e-12


def test_a_crowded_place_loses_by_more_of_the_same():
    began, theta, _ = drawn_start(20)
    theta = theta.copy()
    theta[PARAMETERS.index("cluster_elasticity")] = 0.03
    reference, found = both(began, theta, pulled(clusters=1.0), closure="supply")
    gain = found[-1].value_added - reference[-1].value_added
    crowded = (began.localisation / theta[PARAMETERS.index("congestion")][:, None, None]) > 1
    sparse = began.localisation * 1.08**7 < theta[PARAMETERS.index("congestion")][:, None, None]
    assert gain[sparse].min() > 0 and (not crowded.any() or gain[crowded].max() < 0)


@pytest.mark.parametrize(("lever", "closure"), list(product(LEVERS, CLOSURES)))
def test_what_a_closure_makes_inert_is_what_the_model_says(lever, closure):
    said = model().levers[lever].inert
    (output, *others), *_ = effect(closure, **{lever: 1.0})
    still = np.abs(output).max() == 0
    assert still == (closure in said), f"{lever} under {closure}"
    assert not still or all(said[closure].values())
    assert any(np.abs(one).max() > 1e-6 for one in (output, *others)) or closure in said


def test_money_counted_in_halves_doubles_levels_and_leaves_changes(asked):
    for closure in CLOSURES:
        one, double = (asked(closure=closure, known=made(scale=k)) for k in (1.0, 2.0))
        paths = [simulated(s, *middle(s)) for s in (one, double)]
        (before, after, _), (before2, after2, _) = paths
        assert after2[-1].value_added == pytest.approx(2 * after[-1].value_added, rel=1e-11)
        ratios = [b[-1].value_added / a[-1].value_added for a, b in ((before, after), (before2, after2))]
        assert ratios[1] == pytest.approx(ratios[0], rel=1e-11)


def test_sectors_may_come_in_any_order(asked):
    order = (2, 0, 3, 1)
    for closure in CLOSURES:
        paths = [simulated(s, *middle(s))[1] for s in (asked(closure=closure), asked(closure=closure,
                 known=made(order=order)))]  # fmt: skip
        assert paths[1][-1].value_added == pytest.approx(paths[0][-1].value_added[..., list(order)], rel=1e-11)


def test_draws_pass_side_by_side_as_one_by_one():
    began, theta, _ = drawn_start()
    u = pulled(**dict.fromkeys(LEVERS, 0.7))
    whole = both(began, theta, u, closure="binding")[1][-1].value_added
    for d in range(len(whole)):
        one = both(began.part(slice(d, d + 1)), theta[:, d : d + 1], u, closure="binding")[1][-1].value_added
        assert one[0] == pytest.approx(whole[d], rel=1e-12)


def test_the_form_of_a_case_is_answered_in_full():
    p = {"Y0": [10.0], "K0": [20.0], "L0": [1.0], "G0": [1.0], "D0": [0.2], "C0": [1.0], "e0": [1.0], "f0": [2.0],
         "alpha": [0.5], "i": [0.2], "rho": [0.02], "g": [0.01], "v": [0.25], "A": [[0.1]], "A_nat": [[0.2]],
         "fd0": [36.0], "gf": 0.01, "gY0": 0.03}  # fmt: skip
    symbols = [
        "delta", "sigma", "eta", "phi", "beta_v", "lam_K", "drho", "gamma", "dD", "beta_D", "j", "lam_D", "gC",
        "beta_C", "theta", "dtau", "beta_T", "kappa", "x8", "epsL", "xi", "psi", "omega", "R", "chi",
    ]  # fmt: skip
    p |= dict.fromkeys(symbols, 0.05) | {"Cstar": 4.0}
    found = worked(p, {"u8": 1.0}, 3)
    assert table(found["path"]).shape == table(found["baseline"]).shape == (4, 9)
    assert table(found["path"])[0, :4] == pytest.approx([10.0, 20.0, 1.0, 10 / 20**0.5])


def test_a_sectors_capital_share_leans_on_labours_share_and_stays_within_reason():
    known = made()
    began, _, named = drawn_start(known=known, local=False)
    share = named["capital_share"][:, None] + known.shift
    assert began.capital_share[:, 0] == pytest.approx(share)
    steep, *_ = drawn_start(known=replace(known, shift=np.array([0.5, -0.5, 0.0, 0.0])), local=False)
    assert steep.capital_share.max() == 0.8 and steep.capital_share.min() == 0.2


def test_localisation_counts_no_further_than_twice_where_congestion_begins():
    known = made()
    output = known.output.copy()
    output[:, :, 0, 1:] *= 1e-3  # one county makes next to nothing but the first sector
    began, _, named = drawn_start(known=replace(known, output=output, national=np.array([1e2, 9e4, 5e4])), local=False)
    assert began.localisation[:, 0, 0] == pytest.approx(2 * named["congestion"])
    assert began.localisation.min() > 0 and (began.localisation[:, 0, 1:] < 1).all()


def test_orders_for_equipment_are_shared_out_among_those_who_make_it():
    began, _, _ = drawn_start()
    made_by = began.local.output * np.array([False, True, True])
    assert began.local.equipment.sum(axis=-1) == pytest.approx(1.0)
    assert began.local.equipment == pytest.approx(made_by / made_by.sum(axis=-1, keepdims=True))
    none, *_ = drawn_start(known=replace(made(), equipment=np.zeros(3, dtype=bool)))
    assert not none.local.equipment.any(), "who makes none is ordered nothing from"
