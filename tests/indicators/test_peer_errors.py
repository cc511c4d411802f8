"""What is known to go wrong in packages of this kind, each as a test that it does not here.

In the order of the packages: py-ecomplexity, Datawheel's economic-complexity, EconGeo, REAT, R's economiccomplexity,
COINr, pymrio and leontief, SALib, pymcdm and scikit-criteria, inequality, scripts for LMDI.
"""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl
import pytest

from tylib.errors import ParameterError
from tylib.indicators import (
    carbon,
    clusters,
    composite,
    concentration,
    convergence,
    input_output,
    iterations,
    product_space,
    robustness,
    shift_share,
    specialisation,
)
from tylib.indicators import complexity as cx
from tylib.indicators import regional_tables as regional

TABLE = np.array(
    [[120.0, 30, 0, 15, 8], [45, 60, 12, 0, 20], [10, 5, 80, 40, 0], [0, 12, 9, 60, 33], [18, 18, 18, 18, 18]]
)


def rows(table: np.ndarray) -> pl.DataFrame:
    values = [(f"p{i}", f"s{j}", v) for i, row in enumerate(table) for j, v in enumerate(row.tolist())]
    return pl.DataFrame(values, schema=["place", "sector", "value"], orient="row").with_columns(
        pl.col("value").fill_nan(None)
    )


def test_neighbours_in_the_density_keep_their_weights():
    M = cx.presence(specialisation.location_quotient(TABLE))
    near = product_space.density(M, product_space.proximity(M), nearest=3)
    assert near.max() <= 1 + 1e-12 and not np.isin(near, [0, 1, 2, 3]).all()


def test_one_sector_that_no_place_has_does_not_make_every_index_null():
    lq = specialisation.location_quotient(TABLE)
    threshold = lq[:, 0].max() + 1e-6
    M = cx.presence(lq, threshold=threshold)
    assert (M.sum(axis=0) == 0).any() or (M.sum(axis=1) == 0).any()
    found = cx.indices(np.vstack([cx.presence(lq), np.zeros(5)]))
    assert np.isnan(found.eci[-1]) and np.isfinite(found.eci[:-1]).all()
    assert np.isnan(cx.indices(M).pci[0])


def test_missing_is_never_zero_in_silence():
    holed = TABLE.copy()
    holed[0, 1] = np.nan
    table = specialisation.location_quotients(rows(holed))
    assert table.filter(pl.col("notes") == "missing").height == 1
    asked = specialisation.location_quotients(rows(holed), missing="zero")
    assert asked["notes"].null_count() == asked.height
    assert not asked["lq"].equals(table["lq"])


def test_products_are_scaled_by_their_own_mean_and_deviation():
    found = cx.indices(cx.presence(specialisation.location_quotient(TABLE)))
    assert (found.pci.mean(), found.pci.std()) == pytest.approx((0, 1))


def test_nothing_warns_prints_or_touches_its_input(capsys):
    frozen = TABLE.copy()
    frozen.flags.writeable = False
    square = TABLE / 1000
    square.flags.writeable = False
    before = np.random.get_state()[1].tolist()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lq = specialisation.location_quotient(frozen)
        M = cx.presence(lq)
        M.flags.writeable = False
        cx.indices(M)
        iterations.fitness(M)
        product_space.outlook(M, M, product_space.proximity(M), lq[0])
        concentration.gini(frozen)
        concentration.theil(frozen)
        composite.topsis(frozen, composite.entropy_weights(frozen))
        composite.critic_weights(frozen)
        composite.normalise(frozen, method="rank")
        input_output.accounts(square, np.ones((5, 1)), frozen[:2])
        regional.ras(frozen, frozen.sum(axis=1), frozen.sum(axis=0))
        shift_share.components(frozen, frozen, frozen.sum(axis=0), frozen.sum(axis=0))
        carbon.lmdi(frozen[None] + 1, frozen[None] + 2)
        convergence.beta(frozen[0] + 1, frozen[1] + 1, years=3)
        zeros = np.zeros((3, 3))
        specialisation.location_quotient(zeros)
        specialisation.krugman(zeros)
        concentration.gini(zeros)
        composite.normalise(zeros)
        cx.indices(zeros)
        iterations.fitness(zeros)
    assert capsys.readouterr() == ("", "")
    assert np.random.get_state()[1].tolist() == before


def test_nothing_is_rounded():
    third = np.array([[1.0, 2.0], [3.0, 3.0]])
    assert specialisation.location_quotient(third)[0, 0] == pytest.approx((1 / 3) / (4 / 9), abs=1e-15)
    assert concentration.hoover(np.array([1.0, 1.0, 1.0, 4.0])) == pytest.approx(9 / 28, abs=1e-15)
    M = cx.presence(specialisation.location_quotient(TABLE))
    # An eigenproblem on rounded numbers would not give back its own vector to the last digits.
    d, u = M.sum(axis=1), M.sum(axis=0)
    vector = cx.indices(M, scale="places").raw @ M.T / d
    image = M @ (M.T @ vector / u) / d
    assert np.ptp(image / vector) < 1e-12


def test_the_curve_of_a_locational_gini_has_its_origin():
    # The place with the lowest quotient has something: without the origin its triangle would be lost.
    found = concentration.locational_gini(np.array([1.0, 3.0]), np.array([1.0, 1.0]))
    assert found == pytest.approx(0.25)


def test_one_row_one_column_or_one_gap_is_no_crash():
    for table in (TABLE[:1], TABLE[:, :1], np.where(TABLE == 60, np.nan, TABLE)):
        frame = rows(table)
        for found in (
            specialisation.location_quotients(frame),
            specialisation.specialisation(frame),
            concentration.concentration(frame),
            product_space.opportunities(frame),
            *cx.complexity(frame, least=1),
        ):
            numbers = found.select(pl.selectors.float())
            assert not any(numbers[name].is_nan().any() for name in numbers.columns)


def test_a_standardised_quotient_recycles_nothing():
    # More places than sectors and the other way round: each column by its own mean and deviation.
    for table in (TABLE[:, :3], TABLE[:3]):
        scores = specialisation.standardised(specialisation.location_quotient(table))
        assert np.allclose(scores.mean(axis=0), 0) and np.allclose(scores.std(axis=0), 1)


def test_long_rows_need_not_be_complete_or_in_order():
    whole = specialisation.location_quotients(rows(np.where(TABLE == 0, np.nan, TABLE)))
    thinned = rows(TABLE).filter(pl.col("value") > 0).sample(fraction=1, shuffle=True, seed=4)
    assert specialisation.location_quotients(thinned).equals(whole)


def test_one_empty_row_does_not_empty_every_coefficient():
    table = np.vstack([TABLE, np.zeros(5)])
    sectors = concentration.concentration(rows(table))
    assert sectors["locational_gini"].null_count() == 0
    places = specialisation.specialisation(rows(table))
    assert places["gini"].is_null().to_list() == [False] * 5 + [True]


def test_a_new_industry_does_not_undo_the_sum():
    found = shift_share.components(np.array([5.0, 0]), np.array([6.0, 4]), np.array([50.0, 10]), np.array([55.0, 30]))
    assert found["national"].sum() + found["mix"].sum() + found["regional"].sum() == pytest.approx(5)
    assert all(np.isfinite(part).all() for part in found.values())


def test_the_speed_of_convergence_is_that_of_a_yearly_mean():
    start = np.array([1.0, 2, 4, 8, 16])
    end = np.exp(np.log(16) + (np.log(start) - np.log(16)) * np.exp(-0.3))
    assert convergence.beta(start, end, years=6)["speed"] == pytest.approx(0.05)


def test_industries_weigh_by_size_when_they_go_together():
    # Two industries of unequal size: the larger decides, so the order of the two does not.
    e = np.array([[90.0, 10, 0], [1.0, 0, 9]])
    H = np.array([0.1, 0.2])
    first = clusters.coagglomeration(e, np.array([40.0, 30, 30]), H)
    assert first == pytest.approx(clusters.coagglomeration(e[::-1], np.array([40.0, 30, 30]), H[::-1]))
    assert np.isnan(clusters.coagglomeration(e[:1], np.array([40.0, 30, 30]), H[:1]))


def test_loadings_do_not_all_come_out_negative():
    generator = np.random.default_rng(1)
    one = generator.normal(size=(60, 1))
    loadings, explained = composite.principal(one + 0.3 * generator.normal(size=(60, 4)))
    assert (loadings > 0).all() and 0.5 < explained < 1


def test_ranks_are_taken_before_anything_is_rounded():
    assert composite.ranks(np.array([0.12345678901, 0.12345678902])).tolist() == [2, 1]


def test_goalposts_know_directions():
    x = np.array([[10.0], [20.0], [40.0]])
    up = composite.normalise(x, method="goalposts", low=np.array([10.0]), high=np.array([30.0]))
    down = composite.normalise(
        x, method="goalposts", low=np.array([10.0]), high=np.array([30.0]), direction=np.array([-1])
    )
    assert up.ravel().tolist() == [0, 0.5, 1] and down.ravel().tolist() == [1, 0.5, 0]


def test_every_step_of_an_index_is_drawn_and_none_is_skipped():
    frame = rows(TABLE).rename({"sector": "indicator"})
    parts = pl.DataFrame({"indicator": [f"s{j}" for j in range(5)], "direction": 1, "weight": 1.0})
    fixed = robustness.rank_intervals(frame, parts, seed=1, spread=1e-6, normalisations=["min-max"])
    assert (fixed["low"] == fixed["high"]).all()
    scaled = robustness.rank_intervals(frame, parts, seed=1, spread=1e-6, normalisations=["min-max", "rank", "z"])
    assert (scaled["low"] < scaled["high"]).any()


def test_what_is_consumed_is_never_null_for_a_sector_without_output():
    flows, final = TABLE / 500, np.ones((5, 1))
    flows[2], flows[:, 2], final[2] = 0, 0, 0
    found = input_output.accounts(flows, final, TABLE[:2])
    assert np.isfinite(found.consumed).all() and found.consumed[:, 2].tolist() == [0, 0]
    with pytest.raises(ParameterError):
        input_output.factor(np.full((2, 2), 0.6))


def test_a_result_that_does_not_vary_has_no_shares_and_no_crash():
    still = robustness.sobol(np.full(16, 2.0), np.full(16, 2.0), np.full((3, 16), 2.0))
    errors = robustness.sobol_errors(
        np.full(16, 2.0), np.full(16, 2.0), np.full((3, 16), 2.0), resamples=5, generator=np.random.default_rng(0)
    )
    assert np.isnan(still["first"]).all() and np.isnan(errors["total"]).all()


def test_errors_of_shares_shrink_with_the_design():
    generator = np.random.default_rng(2)

    def spread(n: int) -> float:
        A, B = generator.uniform(-1, 1, (2, n, 2))
        ab = np.stack([np.column_stack([B[:, 0], A[:, 1]]).sum(1), np.column_stack([A[:, 0], B[:, 1]]).sum(1)])
        found = robustness.sobol_errors(A.sum(1), B.sum(1), ab, resamples=200, generator=generator)
        return float(found["first"].mean())

    assert spread(16_000) == pytest.approx(spread(1000) / 4, rel=0.35)


def test_a_zero_or_a_constant_column_is_no_error_and_takes_no_weight_it_has_not():
    table = np.column_stack([TABLE, np.full(5, 3.0)])
    entropy = composite.entropy_weights(table)
    assert entropy[-1] == 0 and np.isfinite(entropy).all() and entropy.sum() == pytest.approx(1)
    assert np.isfinite(composite.critic_weights(table)).all()
    assert np.isfinite(composite.topsis(table, entropy)).all()
    # A column with a zero is not made the heaviest for it.
    even, one_zero = np.array([5.0, 5, 5, 5, 4]), np.array([6.0, 6, 6, 6, 0])
    weights = composite.entropy_weights(np.column_stack([even, one_zero, [1.0, 9, 1, 1, 1]]))
    assert weights[2] > weights[1] > weights[0]


def test_topsis_is_the_original_by_default():
    x = TABLE + 1
    w = np.full(5, 0.2)
    scaled = x / np.sqrt((x**2).sum(axis=0)) * w
    worst = np.sqrt(((scaled - scaled.min(0)) ** 2).sum(1))
    best = np.sqrt(((scaled - scaled.max(0)) ** 2).sum(1))
    assert np.allclose(composite.topsis(x, w), worst / (worst + best))


def test_parts_of_inequality_sum_to_the_whole():
    x = TABLE.ravel() + 1
    total, between, within = concentration.theil_parts(x, np.arange(25) % 4)
    assert total == pytest.approx(concentration.theil(x)) and total == pytest.approx(between + within)


def test_the_base_of_a_logarithm_cannot_matter_in_a_decomposition():
    x0, x1 = np.array([[2.0], [3.0]]), np.array([[4.0], [5.0]])
    found = carbon.lmdi(x0, x1)
    weight = (20 - 6) / np.log10(20 / 6)
    assert found["effect"].ravel() == pytest.approx(weight * np.log10((x1 / x0).ravel()))
