"""Outliers, neighbours and frontiers: closed forms, properties, what is null or refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tylib.errors import ParameterError
from tylib.indicators import frontier, spatial, treatment

seeds = st.integers(0, 10_000)


@given(seeds)
def test_shape_is_that_of_the_unbiased_sample(seed):
    x = np.random.default_rng(seed).lognormal(size=12)
    skew, kurtosis = treatment.shape(np.append(x, np.nan))
    assert skew == pytest.approx(stats.skew(x, bias=False)) and kurtosis == pytest.approx(stats.kurtosis(x, bias=False))


def test_outliers_come_in_from_the_side_they_are_on_and_no_further_than_allowed():
    x = np.array([1.0, 2, 2, 3, 3, 3, 4, 4, 5, 90])
    np.testing.assert_array_equal(treatment.winsorise(-x), -treatment.winsorise(x))
    assert treatment.winsorise(x, most=0).tolist() == x.tolist()
    assert treatment.winsorise(np.append(x, np.nan))[-1:].tolist() == pytest.approx([np.nan], nan_ok=True)
    assert treatment.winsorise(np.full(4, 2.0)).tolist() == [2.0] * 4
    # Of equal outliers none is left behind, and without an end it goes on until the bars are met.
    tied = np.array([1.0, 2, 2, 3, 3, 3, 4, 4, 5, 3, 2, 4, 3, 90, 90])
    assert treatment.winsorise(tied, most=1).max() == 5 == treatment.winsorise(tied, most=None).max()
    two = np.append(np.zeros(20) + np.arange(20) / 100, [50.0, 60.0])
    assert treatment.winsorise(two).max() == 0.19


def circle(n: int) -> np.ndarray:
    """Each place has the next and the one before beside it."""
    near = np.roll(np.eye(n), 1, axis=1)
    return near + near.T


def test_a_checkerboard_is_one_below_zero_and_a_cluster_above():
    board = np.tile([1.0, -1.0], 5)
    assert spatial.moran(board, circle(10))["value"].item() == pytest.approx(-1)
    halves = np.repeat([1.0, -1.0], 5)
    assert spatial.moran(halves, circle(10))["value"].item() == pytest.approx(0.6)
    assert spatial.geary(board, circle(10)).item() == pytest.approx(1.8)
    assert np.isnan(spatial.moran(np.ones(10), circle(10))["value"])


@settings(max_examples=8)
@given(seeds)
def test_the_moments_are_those_of_all_orders_and_parts_sum_to_the_whole(seed):
    generator = np.random.default_rng(seed)
    x, w = generator.normal(size=(6, 9)), circle(9) * generator.uniform(0.5, 1.5, (9, 1))
    found = spatial.moran(x, w)
    local, quadrant = spatial.local_moran(x, w)
    np.testing.assert_allclose(local.sum(axis=1) * 9 / (8 * w.sum()), found["value"])
    assert set(np.unique(quadrant)) <= {1, 2, 3, 4} and ((local > 0) == np.isin(quadrant, (1, 3))).all()
    shuffled = np.stack([generator.permutation(x[0]) for _ in range(4000)])
    values = spatial.moran(shuffled, w)["value"]
    assert values.mean() == pytest.approx(found["expected"][0], abs=0.03)
    assert values.var() == pytest.approx(found["variance_random"][0], rel=0.12)


@settings(max_examples=8)
@given(seeds)
def test_efficiency_is_at_most_one_falls_with_more_peers_and_knows_no_unit(seed):
    generator = np.random.default_rng(seed)
    x, y = generator.uniform(1, 5, (7, 2)), generator.uniform(1, 5, (7, 2))
    constant, variable = frontier.efficiency(x, y), frontier.efficiency(x, y, variable=True)
    assert (constant <= variable + 1e-9).all() and variable.max() == pytest.approx(1)
    np.testing.assert_allclose(frontier.efficiency(100 * x, y / 7), constant, rtol=1e-7)
    fewer = frontier.efficiency(x[:4], y[:4])
    assert (constant[:4] <= fewer + 1e-9).all()
    # One input, one output: the ratio to the best ratio.
    ratio = y[:, 0] / x[:, 0]
    np.testing.assert_allclose(frontier.efficiency(x[:, :1], y[:, :1]), ratio / ratio.max(), rtol=1e-7)


def test_progress_of_all_alike_is_a_shift_of_the_frontier():
    x, y = np.array([[1.0], [2.0], [4.0]]), np.array([[1.0], [3.0], [4.0]])
    found = frontier.malmquist((x, y), (x, 1.1 * y))
    assert found["frontier"].tolist() == pytest.approx([1.1] * 3)
    assert found["catching_up"].tolist() == pytest.approx([1.0] * 3)
    with pytest.raises(ParameterError, match="do not fit"):
        frontier.efficiency(x, y[:2])
    assert frontier.benefit_of_the_doubt(np.array([[1.0, 0.0], [0.0, 1.0], [0.4, 0.4]])).tolist() == pytest.approx(
        [1, 1, 0.8]
    )
