"""Composite indices and their robustness: worked values, properties, what is refused, what stays null."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tylib.errors import ParameterError
from tylib.indicators import composite as ci
from tylib.indicators import decision, treatment
from tylib.indicators import robustness as ro

X = np.array([[1.0, 10.0], [2.0, 30.0], [4.0, 20.0]])
tables = arrays(float, st.tuples(st.integers(3, 8), st.integers(2, 5)), elements=st.sampled_from([0, 1, 2, 5.5, 80]))


def rows(table: np.ndarray) -> pl.DataFrame:
    values = [(f"p{i:02}", f"x{j}", float(v)) for i, row in enumerate(table) for j, v in enumerate(row)]
    return pl.DataFrame(values, schema=["place", "indicator", "value"], orient="row").with_columns(
        pl.col("value").fill_nan(None)
    )


def described(n: int, **more) -> pl.DataFrame:
    return pl.DataFrame({"indicator": [f"x{j}" for j in range(n)], "direction": [1] * n, "weight": [1.0] * n} | more)


def test_scales_worked_by_hand():
    down = np.array([1, -1])
    assert ci.normalise(X, direction=down).tolist() == [[0, 1], [1 / 3, 0], [1, 0.5]]
    assert ci.normalise(X, method="rank", direction=down).tolist() == [[0, 1], [0.5, 0], [1, 0.5]]
    z = ci.normalise(X, method="z", direction=down)
    assert z.mean(axis=0) == pytest.approx([0, 0]) and z.std(axis=0) == pytest.approx([1, 1]) and z[1, 1] < 0
    # Goalposts are given low below high whatever the direction, and cut off what lies beyond.
    found = ci.normalise(X, method="goalposts", direction=down, low=np.array([2.0, 10]), high=np.array([4.0, 20]))
    assert found.tolist() == [[0, 1], [0, 0], [1, 0]]
    to_target = ci.normalise(X, method="target", direction=down, target=np.array([4.0, 20]))
    assert to_target.tolist() == [[0.25, 1], [0.5, 2 / 3], [1, 1]]


@given(tables)
def test_scales_do_not_know_the_unit_and_keep_the_order(table):
    for method in ("min-max", "z", "rank"):
        found = ci.normalise(table, method=method)
        assert np.allclose(found, ci.normalise(table * 7 + 3, method=method), equal_nan=True)
        turned = ci.normalise(table, method=method, direction=-np.ones(table.shape[1]))
        for j in range(table.shape[1]):
            if not np.isnan(found[:, j]).any():
                assert (np.argsort(found[:, j], kind="stable") == np.argsort(table[:, j], kind="stable")).all()
                assert np.ptp(table[:, j]) == 0 or np.corrcoef(found[:, j], turned[:, j])[0, 1] < 0


@given(tables)
def test_weights_sum_to_one_and_a_column_that_does_not_vary_has_none(table):
    table = np.column_stack([table, np.full(len(table), 3.0)])
    for weights in (ci.entropy_weights(table), ci.critic_weights(table), ci.principal(table)[0] ** 2):
        if np.isnan(weights).any():
            continue
        if (np.ptp(table, axis=0) > 0).any():
            assert weights.sum() == pytest.approx(1) and weights[-1] == pytest.approx(0, abs=1e-9)
        assert (weights >= 0).all()
    loadings, explained = ci.principal(table)
    assert loadings.sum() >= -1e-12 and (np.isnan(explained) or 0 <= explained <= 1 + 1e-12)


def test_entropy_with_a_zero_is_the_textbook_one():
    p = np.array([0.0, 0.25, 0.75])
    e = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75)) / np.log(3)
    q = X[:, 0] / 7
    other = -(q * np.log(q)).sum() / np.log(3)
    found = ci.entropy_weights(np.column_stack([p * 8, X[:, 0]]))
    assert found.tolist() == pytest.approx([(1 - e) / (2 - e - other), (1 - other) / (2 - e - other)])


@given(tables, st.sampled_from([-1.0, 0.0, 0.5, 1.0, 2.0]))
def test_means_lie_between_the_parts(table, power):
    found = ci.power_mean(table, np.ones(table.shape[1]), power=power)
    assert (found >= table.min(axis=1) - 1e-9).all() and (found <= table.max(axis=1) + 1e-9).all()
    assert (ci.power_mean(table, np.ones(table.shape[1]), power=0) <= table.mean(axis=1) + 1e-9).all()


@given(tables)
def test_topsis_is_one_for_the_best_of_all_and_draws_go_together(table):
    both = np.vstack([table, table.max(axis=0) + 1, np.zeros(table.shape[1])])
    weights = np.ones(table.shape[1])
    found = ci.topsis(both, weights)
    assert found[-2] == pytest.approx(1) and found[-1] == pytest.approx(0) and ((found >= 0) & (found <= 1)).all()
    drawn = ci.topsis(np.stack([both, both * 2]), weights, normalisation="min-max")
    assert np.allclose(drawn[0], drawn[1])


def test_ranks_share_the_smaller_number():
    assert ci.ranks(np.array([[5.0, 7, 7, 1], [1.0, 1, 1, 1]])).tolist() == [[3, 1, 1, 4], [1, 1, 1, 1]]


def test_an_index_comes_with_its_parts():
    index, parts = ci.composite_index(rows(X), described(2, weight=[3.0, 1.0], direction=[1, -1]))
    assert index["value"].to_list() == pytest.approx([0.25, 0.25, 0.875]) and index["rank"].to_list() == [2, 2, 1]
    sums = parts.group_by("place").agg(pl.col("contribution").sum()).sort("place")
    assert sums["contribution"].to_list() == pytest.approx(index["value"].to_list())
    for aggregation in ("geometric", "topsis"):
        other, again = ci.composite_index(rows(X), described(2), aggregation=aggregation)
        assert other["value"].is_between(0, 1).all() and again.height == 6


def test_a_place_with_a_part_missing_is_not_scored():
    holed = X.copy()
    holed[1, 0] = np.nan
    index, parts = ci.composite_index(rows(holed), described(2))
    assert index["value"].is_null().to_list() == [False, True, False] and index["notes"].to_list() == [
        None,
        "missing",
        None,
    ]
    assert index["rank"].to_list() == [2, None, 1] and parts["contribution"].null_count() == 1


def test_weights_from_few_places_are_refused():
    for weighting in ("entropy", "critic", "pca"):
        with pytest.raises(ParameterError, match="noise"):
            ci.composite_index(rows(X), described(2), weighting=weighting)
        index, parts = ci.composite_index(rows(X), described(2), weighting=weighting, least=3)
        assert parts["weight"].head(2).sum() == pytest.approx(1) and index["value"].null_count() == 0
    assert ci.composite_index(rows(X), described(2), weighting="equal")[1]["weight"].unique().to_list() == [0.5]
    with pytest.raises(ParameterError, match="weights"):
        ci.composite_index(rows(X), described(2, weight=[None, 1.0]))
    with pytest.raises(ParameterError, match="goalposts"):
        ci.composite_index(rows(X), described(2, low=[5.0, 0], high=[1.0, 9]), normalisation="goalposts")
    with pytest.raises(ParameterError, match="negative"):
        ci.composite_index(rows(X), described(2), normalisation="z", aggregation="geometric")


def test_ranks_over_draws_hold_the_rank_of_the_centre():
    generator = np.random.default_rng(4)
    table = generator.uniform(0, 10, (9, 6))
    table[0], table[1] = 20, -5
    parts = described(6, pillar=["a", "a", "b", "b", "c", "c"])
    found = ro.rank_intervals(rows(table), parts, seed=7, draws=301)
    assert found.select("low", "high", "first").row(0) == (1, 1, 100) and found.row(1)[2:4] == (9, 9)
    assert (found["low"] <= found["rank"]).all() and (found["rank"] <= found["high"]).all()
    assert found["first"].sum() == pytest.approx(100)
    assert found.equals(ro.rank_intervals(rows(table), parts, seed=7, draws=301))
    table[3, 2] = np.nan
    holed = ro.rank_intervals(rows(table), parts, seed=7, normalisations=["min-max"], geometric=True)
    assert holed.row(3, named=True)["notes"] == "missing" and holed["rank"].null_count() == 1
    with pytest.raises(ParameterError, match="negative"):
        ro.rank_intervals(rows(table), parts, seed=7, normalisations=["z"], geometric=True)


def test_drawn_weights_keep_their_mean_and_spread():
    weights = np.array([1.0, 1, 1, 1, 0])
    drawn = ro.drawn_weights(weights, draws=4000, generator=np.random.default_rng(5), spread=0.3)
    assert drawn.sum(axis=1) == pytest.approx(np.ones(4000)) and not drawn[:, 4].any()
    assert drawn[:, 0].mean() == pytest.approx(0.25, rel=0.02) and drawn[:, 0].std() == pytest.approx(0.075, rel=0.05)


def test_levels_are_means_of_means():
    parts = np.array([[1.0, 0.5, 0.2], [0.0, 1.0, 1.0]])
    levels = [ro.Level(np.array([0, 0, 1]), np.array([1.0, 3, 2])), ro.Level(np.zeros(2, int), np.ones(2), 0.0)]
    assert ro.climb(parts, levels).tolist() == pytest.approx([np.sqrt(0.625 * 0.2), np.sqrt(0.75)])
    drawn = [ro.Level(levels[0].group, np.stack([levels[0].weight] * 5)), levels[1]]
    assert np.allclose(ro.climb(parts, drawn), ro.climb(parts, levels))
    squared = [levels[0], ro.Level(np.zeros(2, int), np.ones(2), 2.0)]
    assert ro.climb(parts, squared)[0] == pytest.approx(np.sqrt((0.625**2 + 0.2**2) / 2))


def test_sobol_of_a_sum_is_its_variances():
    generator = np.random.default_rng(6)
    A, B = generator.uniform(-1, 1, (2, 200_000, 3))
    scale = np.array([1.0, 2.0, 0.0])

    def run(x: np.ndarray) -> np.ndarray:
        return x @ scale + 10

    def mixed(base: np.ndarray, other: np.ndarray) -> np.ndarray:
        return np.stack([run(np.where(np.arange(3) == i, other, base)) for i in range(3)])

    found = ro.sobol(run(A), run(B), mixed(A, B), mixed(B, A))
    assert found["first"].tolist() == pytest.approx([0.2, 0.8, 0], abs=0.01)
    assert found["total"].tolist() == pytest.approx([0.2, 0.8, 0], abs=0.01)
    assert found["second"][0, 1] == pytest.approx(0, abs=0.02) and np.isnan(found["second"][1, 0])
    still = ro.sobol(np.ones(8), np.ones(8), np.ones((3, 8)))
    assert np.isnan(still["first"]).all()


@given(tables)
def test_further_weights_do_not_know_the_order_and_give_a_constant_column_nothing(table):
    table = table + 1.0
    turned = table[:, ::-1]
    for weights in (decision.deviation_weights, decision.removal_weights):
        found = weights(table)
        assert np.isnan(found).all() or found.sum() == pytest.approx(1)
        np.testing.assert_allclose(weights(turned), found[::-1], atol=1e-9)
        assert (found[np.ptp(table, axis=0) == 0] == 0).all() or np.isnan(found).all()
    # MEREC does not know the unit; a zero has no logarithm, and neither warns.
    np.testing.assert_allclose(decision.removal_weights(1000 * table), decision.removal_weights(table), atol=1e-9)
    assert np.isnan(decision.removal_weights(np.array([[0.0, 1.0], [1.0, 2.0]]))).all()


@given(tables)
def test_a_compromise_is_zero_where_both_regrets_are_least_and_draws_go_together(table):
    weights = np.ones(table.shape[1])
    found = decision.compromise(table, weights)
    known = found[~np.isnan(found)]
    assert ((known >= -1e-12) & (known <= 1 + 1e-12)).all()
    stacked = decision.compromise(np.stack([table, table[::-1]]), weights)
    np.testing.assert_allclose(stacked[1][::-1], found, equal_nan=True, atol=1e-12)
    np.testing.assert_allclose(
        decision.compromise(-table, weights, direction=np.full(table.shape[1], -1)), found, equal_nan=True, atol=1e-12
    )


def test_contrast_and_conflict_worked_by_hand():
    # Two indicators are in one conflict, so contrast alone divides: deviations of 0, 0, 1 and 0, 1/2, 1.
    contrast = np.array([np.sqrt(1 / 3), 0.5])
    table = np.array([[3.0, 10], [3, 20], [9, 30]])
    assert ci.critic_weights(table) == pytest.approx(contrast / contrast.sum())
    # A third that says what the second says: neither of the two is in conflict with the other.
    r = 0.25 / contrast.prod()
    weights = np.array([contrast[0] * 2 * (1 - r), 0.5 * (1 - r), 0.5 * (1 - r)])
    assert ci.critic_weights(table[:, [0, 1, 1]]) == pytest.approx(weights / weights.sum())
    # Where all say the same, or there is one, contrast is all there is.
    assert ci.critic_weights(table[:, [1, 1]]) == pytest.approx([0.5, 0.5])
    assert ci.critic_weights(table[:, :1]).tolist() == [1]


def test_an_indicator_that_does_not_vary_changes_no_weight_of_critic():
    table = np.random.default_rng(2).lognormal(size=(9, 3))
    with_constant = ci.critic_weights(np.column_stack([table, np.full(9, 4.0)]))
    np.testing.assert_allclose(with_constant[:3], ci.critic_weights(table), atol=1e-12)
    assert with_constant[3] == 0


def test_one_unit_alone_has_no_weights_and_no_score_and_nothing_warns():
    import warnings

    alone = np.array([[1.0, 2.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = [weigh(alone) for weigh in (ci.entropy_weights, ci.critic_weights, decision.deviation_weights)]
        assert np.isnan(found).all() and np.isnan(ci.topsis(alone, np.ones(2))).all()


def test_outliers_are_pulled_in_indicator_by_indicator():
    peaked = np.array([1.0, 2, 2, 3, 3, 3, 4, 4, 5, 90])
    tables = np.stack([[peaked, -peaked, np.arange(10.0)], [peaked * 3, np.full(10, 2.0), np.full(10, np.nan)]])
    tables[0, 1, 0] = np.nan
    found = treatment.winsorise(tables)
    for at in np.ndindex(2, 3):
        np.testing.assert_array_equal(found[at], treatment.winsorise(tables[at]))
    assert found[0, 0].max() == 5 and found[0, 1].min(initial=0, where=~np.isnan(found[0, 1])) == -5
    assert (found[0, 2] == np.arange(10)).all() and (found[1, 1] == 2).all()
    skew, peak = treatment.shape(tables)
    assert skew.shape == peak.shape == (2, 3) and np.isnan(skew[1, 1:]).all()


def test_a_zero_makes_zero_of_a_geometric_mean_however_small_its_weight():
    def level(*weights: float) -> list[ro.Level]:
        return [ro.Level(np.zeros(len(weights), int), np.array(weights), 0.0)]

    assert ro.climb(np.array([[0.0, 1.0]]), level(0.0005, 0.9995)).tolist() == [0]
    assert ro.climb(np.array([[0.0, 2.0], [0.0, np.nan]]), level(0, 1)).tolist() == pytest.approx(
        [2, np.nan], nan_ok=True
    )
    assert np.isnan(ro.climb(np.array([[0.0, np.nan]]), level(1, 1))).all()
    with pytest.raises(ParameterError, match="negative"):
        ro.climb(np.array([[-1.0, 2.0]]), level(1, 1))


@given(tables)
def test_levels_are_power_means(table):
    weights = np.arange(1.0, table.shape[1] + 1)
    for power in (1.0, 0.0, -1.0, 2.0):
        found = ro.climb(table, [ro.Level(np.zeros(len(weights), int), weights, power)])
        np.testing.assert_allclose(found, ci.power_mean(table, weights, power=power), atol=1e-12)


WIDE = np.random.default_rng(11).lognormal(size=(40, 3))


@pytest.mark.parametrize("normalisation", ["min-max", "z"])
@pytest.mark.parametrize("weighting", [None, "equal", "entropy", "critic", "pca"])
@pytest.mark.parametrize("aggregation", ["arithmetic", "topsis"])
def test_an_indicator_that_does_not_vary_has_no_weight_and_empties_no_index(normalisation, weighting, aggregation):
    asked = {"normalisation": normalisation, "weighting": weighting, "aggregation": aggregation}
    table = np.column_stack([WIDE, np.full(40, 7.0)])
    index, parts = ci.composite_index(rows(table), described(4), **asked)
    without, _ = ci.composite_index(rows(WIDE), described(3), **asked)
    np.testing.assert_allclose(index["value"], without["value"], atol=1e-9)
    assert index["notes"].null_count() == 40
    still = parts.filter(indicator="x3").select("normalised", "weight", "contribution", "notes").unique()
    assert still.rows() == [(None, 0.0, 0.0, "constant")]
    assert parts.filter(place="p00")["weight"].sum() == pytest.approx(1)
    nothing, _ = ci.composite_index(rows(table[:, 3:]), described(1), normalisation=normalisation)
    assert nothing["notes"].unique().to_list() == ["nothing_varies"] and nothing["value"].null_count() == 40


def test_ways_to_normalise_and_join_are_those_asked_for_or_refused():
    for wrong in ({"aggregation": "nonsense"}, {"normalisation": "nonsense"}, {"weighting": "nonsense", "least": 2}):
        with pytest.raises(ParameterError, match="nonsense"):
            ci.composite_index(rows(X), described(2), **wrong)
    with pytest.raises(ParameterError, match="direction"):
        ci.composite_index(rows(X), described(2, direction=[1, None]))
    weights = np.array([0.75, 0.25])
    for method in (None, "vector", "min-max", "z"):
        index, parts = ci.composite_index(
            rows(X), described(2, weight=[3.0, 1.0], direction=[1, -1]), aggregation="topsis", normalisation=method
        )
        scale, down = method or "vector", np.array([1, -1])
        assert index["value"].to_list() == pytest.approx(
            ci.topsis(X, weights, direction=down, normalisation=scale).tolist()
        )
        assert parts["normalised"].to_list() == pytest.approx(
            ci.normalise(X, method=scale, direction=down).ravel().tolist()
        )
    lost, parts = ci.composite_index(rows(np.array([[0.0], [2.0]])), described(1, direction=[-1]), normalisation="sum")
    assert lost["notes"].to_list() == ["no_scale"] * 2 and parts["notes"].to_list() == ["no_scale"] * 2


def keyed(tables: list[np.ndarray]) -> pl.DataFrame:
    return pl.concat([rows(table).with_columns(draw=pl.lit(n)) for n, table in enumerate(tables)])


@pytest.mark.parametrize("weighting", ["equal", "entropy", "critic", "pca"])
@pytest.mark.parametrize("aggregation", ["arithmetic", "geometric", "topsis"])
def test_indices_and_ranks_by_a_key_as_each_table_alone(weighting, aggregation):
    tables = [WIDE, WIDE[::-1] * 2 + 1, WIDE**2]
    tables = [np.vstack([table, [np.nan, 1, 1]]) for table in tables]
    tables[2][:, 1] = 4.0
    asked = {"weighting": weighting, "aggregation": aggregation}
    index, parts = ci.composite_index(keyed(tables), described(3), by=["draw"], **asked)
    intervals = ro.rank_intervals(keyed(tables), described(3), seed=3, draws=60, by=["draw"])
    for n, table in enumerate(tables):
        alone = ci.composite_index(rows(table), described(3), **asked)
        for found, one in ((index, alone[0]), (parts, alone[1])):
            mine, own = (t.select(pl.selectors.float()).to_numpy() for t in (found.filter(draw=n), one))
            np.testing.assert_allclose(mine, own, atol=1e-12)
            assert found.filter(draw=n)["notes"].to_list() == one["notes"].to_list()
        own = ro.rank_intervals(rows(table), described(3), seed=3, draws=60)
        assert intervals.filter(draw=n).drop("draw").equals(own)
        assert own["notes"].to_list() == [None] * 40 + ["missing"] and own["first"].null_count() == 1


def test_ranks_know_which_way_is_better():
    table = np.array([[1.0, 9.0], [2.0, 5.0], [3.0, 1.0]])
    found = ro.rank_intervals(rows(table), described(2, direction=[1, -1]), seed=1, draws=90)
    assert found["rank"].to_list() == [3, 2, 1] and found["first"].to_list() == [0, 0, 100]
    turned = ro.rank_intervals(rows(table), described(2, direction=[-1, 1]), seed=1, draws=90)
    assert turned["rank"].to_list() == [1, 2, 3]
    # A pillar of which less is better turns the indicators in it, and no others.
    mixed = described(2, direction=[1, -1], pillar=["a", "b"])
    assert ro.rank_intervals(rows(table), mixed, seed=1, draws=90)["rank"].to_list() == [3, 2, 1]


@pytest.mark.parametrize(
    ("changed", "asked"),
    [
        ({"weight": [1.0, -1.0]}, {}),
        ({"weight": [1.0, None]}, {}),
        ({"weight": [0.0, 0.0]}, {}),
        ({"weight": ["1", "1"]}, {}),
        ({"weight": [1.0, 0.0], "pillar": ["a", "b"]}, {}),
        ({"pillar": ["a", None]}, {}),
        ({"direction": [1, None]}, {}),
        ({"direction": [1, 2]}, {}),
        ({"indicator": ["x0", "x0"]}, {}),
        ({"indicator": [0, 1]}, {}),
        ({}, {"level": 3}),
        ({}, {"level": 0}),
        ({}, {"draws": 0}),
        ({}, {"normalisations": []}),
        ({}, {"normalisations": ["nonsense"]}),
        ({}, {"by": ["year"]}),
        ({}, {"spread": 2.0}),
    ],
)
def test_what_gives_no_ranks_is_refused_in_words(changed, asked):
    with pytest.raises(ParameterError):
        ro.rank_intervals(rows(X), described(2, **changed), seed=1, **asked)


def test_frames_of_no_kind_are_refused_and_empty_ones_stay_empty():
    words = rows(X).with_columns(value=pl.lit("much"))
    twice = pl.concat([rows(X), rows(X)])
    for wrong in (rows(X).lazy(), rows(X).drop("place"), words, twice, rows(X).with_columns(place=None)):
        for asked in (
            lambda frame: ci.composite_index(frame, described(2)),
            lambda frame: ro.rank_intervals(frame, described(2), seed=1),
        ):
            with pytest.raises(ParameterError):
                asked(wrong)
    for aggregation in ci.AGGREGATIONS:
        for table in ci.composite_index(rows(X).clear(), described(2), aggregation=aggregation):
            assert table.is_empty() and "notes" in table.columns
    assert ro.rank_intervals(rows(X).clear(), described(2), seed=1).is_empty()
    lost = ro.rank_intervals(rows(X * np.nan), described(2), seed=1)
    assert lost["notes"].unique().to_list() == ["missing"] and lost["rank"].null_count() == 3
    # Categories and whole numbers are as good as text and decimals; one indicator has the one weight there is.
    text = rows(X).with_columns(pl.col("indicator").cast(pl.Categorical), pl.col("value").cast(pl.Int8))
    assert ci.composite_index(text, described(2))[0].equals(ci.composite_index(rows(X), described(2))[0])
    assert ro.rank_intervals(rows(X[:, :1]), described(1), seed=1)["rank"].to_list() == [3, 2, 1]


@pytest.mark.parametrize("factor", [1e-14, 1e-160, 1e160])
def test_no_scale_or_weight_knows_the_unit(factor):
    for method in ("min-max", "z", "rank", "vector", "sum", "maximum"):
        np.testing.assert_allclose(
            ci.normalise(WIDE * factor, method=method), ci.normalise(WIDE, method=method), atol=1e-12
        )
    same = {"rtol": 1e-9, "atol": 1e-12}
    np.testing.assert_allclose(ci.topsis(WIDE * factor, np.ones(3)), ci.topsis(WIDE, np.ones(3)), **same)
    np.testing.assert_allclose(ci.principal(WIDE * factor)[0], ci.principal(WIDE)[0], **same)
    np.testing.assert_allclose(ci.critic_weights(WIDE * factor), ci.critic_weights(WIDE), **same)
    # What does not vary but for rounding still does not.
    assert np.isnan(ci.normalise(np.full((7, 1), 0.1) * factor * np.array([[1 + 1e-16]] * 7), method="z")).all()
    assert ci.principal(np.column_stack([WIDE, np.full(40, 0.1)]) * factor)[0][3] == 0


def test_shares_of_variance_know_no_unit_and_take_results_together():
    generator = np.random.default_rng(12)
    A, B = generator.uniform(-1, 1, (2, 512, 3))
    scale = np.array([[1.0, 2.0, 0.5], [0.0, 1.0, 3.0]])  # two results
    a, b = scale @ A.T + 1000, scale @ B.T + 1000
    ab = np.stack([scale @ np.where(np.arange(3) == i, B, A).T + 1000 for i in range(3)], axis=1)
    both = ro.sobol(a, b, ab)
    errors = ro.sobol_errors(a, b, ab, resamples=60, generator=np.random.default_rng(1))
    for k in range(2):
        alone = ro.sobol_errors(a[k], b[k], ab[k], resamples=60, generator=np.random.default_rng(1))
        for name in ("first", "total"):
            np.testing.assert_allclose(errors[name][k], alone[name], atol=1e-12)
            np.testing.assert_allclose(both[name][k], ro.sobol(a[k], b[k], ab[k])[name], atol=1e-12)
    for factor in (1e-14, 1e14):
        small = ro.sobol(a * factor, b * factor, ab * factor)
        np.testing.assert_allclose(small["total"], both["total"], rtol=1e-6)
        for name, found in ro.sobol_errors(
            a * factor, b * factor, ab * factor, resamples=60, generator=np.random.default_rng(1)
        ).items():
            np.testing.assert_allclose(found, errors[name], rtol=1e-6)


def test_errors_of_shares_are_those_of_resampling_by_hand():
    generator = np.random.default_rng(13)
    A, B = generator.uniform(-1, 1, (2, 256, 2))
    weights = np.array([1.0, 3.0])
    # Far from zero: without taking the mean away first, its square drowns the variance.
    a, b = A @ weights + 50, B @ weights + 50
    ab = np.stack([np.where(np.arange(2) == i, B, A) @ weights + 50 for i in range(2)])
    found = ro.sobol_errors(a, b, ab, resamples=400, generator=np.random.default_rng(2))
    rows_of = np.random.default_rng(3).integers(0, 256, (400, 256))
    drawn = [ro.sobol(a[rows], b[rows], ab[:, rows]) for rows in rows_of]
    for name in ("first", "total"):
        by_hand = np.std([one[name] for one in drawn], axis=0, ddof=1)
        assert found[name] == pytest.approx(by_hand, rel=0.15)


def test_topsis_refuses_weights_and_directions_that_are_none():
    table = np.array([[1.0, 2.0], [3.0, 1.0]])
    for options, said in (
        ({"weights": np.array([-0.5, 1.5])}, "negative"),
        ({"weights": np.ones(3)}, "3 weights; expected one for each of 2"),
        ({"weights": np.array(1.0)}, "1 weights"),
        ({"weights": np.ones(2), "direction": np.array([1, 0])}, "1 or -1"),
        ({"weights": np.ones(2), "direction": np.array([1])}, "1 or -1"),
        ({"weights": np.ones(2), "direction": np.array(["max", "min"])}, "1 or -1"),
    ):
        for normalisation in ("vector", "min-max"):
            with pytest.raises(ParameterError, match=said):
                ci.topsis(table, normalisation=normalisation, **options)
