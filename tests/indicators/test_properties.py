"""What must hold of any table: neither unit nor order matters, parts add up. Families without such a test beside.

Each property is tried on tables with zeros, of any shape.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tylib.indicators import carbon, clusters, convergence, iterations, product_space, robustness, specialisation
from tylib.indicators import complexity as cx
from tylib.indicators import regional_tables as regional


@st.composite
def tables(draw):
    """A generator, places by sectors with zeros but no empty row or column, and an order of the places."""
    generator = np.random.default_rng(draw(st.integers(0, 10_000)))
    shape = draw(st.integers(3, 9)), draw(st.integers(3, 9))
    X = generator.lognormal(size=shape) * (generator.uniform(size=shape) < 0.7)
    X[np.arange(shape[0]), np.arange(shape[0]) % shape[1]] += 0.5
    X[np.arange(shape[1]) % shape[0], np.arange(shape[1])] += 0.5
    return generator, X, generator.permutation(shape[0])


@settings(max_examples=40, deadline=None)
@given(tables())
def test_clusters_know_neither_unit_nor_order_of_places(given_):
    generator, X, order = given_
    shares, whole, plants = X.T, np.broadcast_to(X.sum(axis=1), X.T.shape), generator.uniform(0.05, 0.5, X.shape[1])
    gamma = clusters.ellison_glaeser(shares, whole, plants)["gamma"]
    assert clusters.ellison_glaeser(7 * shares[:, order], whole[:, order], plants)["gamma"] == pytest.approx(gamma)
    together = clusters.coagglomeration(shares, whole[0], plants)
    turned = generator.permutation(len(shares))
    assert clusters.coagglomeration(3 * shares[turned], whole[0], plants[turned]) == pytest.approx(together)
    firms, people, area = np.ceil(X), X.sum(axis=1) + 1, generator.uniform(1, 5, len(X))
    index = clusters.cluster_index(X, firms, people, area)
    assert clusters.cluster_index(9 * X[order], firms[order], people[order], area[order]) == pytest.approx(index[order])


@settings(max_examples=40, deadline=None)
@given(tables(), st.floats(0.01, 100))
def test_convergence_knows_no_unit_and_its_line_goes_through_the_means(given_, unit):
    _, X, order = given_
    start, end = X[:, 0] + 0.1, X[:, 1] + 0.1
    line = convergence.beta(start, end, years=5)
    again = convergence.beta(unit * start[order], unit * end[order], years=5)
    assert again["beta"] == pytest.approx(line["beta"], abs=1e-9)
    assert convergence.sigma(unit * start)[0] == pytest.approx(convergence.sigma(start)[0], abs=1e-9)
    growth = np.log(end / start).mean() / 5
    assert line["alpha"] + line["beta"] * np.log(start).mean() == pytest.approx(growth, nan_ok=True)


@settings(max_examples=40, deadline=None)
@given(tables())
def test_fitness_and_the_product_space_know_no_order(given_):
    _, X, order = given_
    M = cx.presence(specialisation.location_quotient(X))
    F, Q = iterations.fitness(M, rounds=30)
    turned, same = iterations.fitness(M[order], rounds=30)
    assert turned == pytest.approx(F[order], nan_ok=True) and same == pytest.approx(Q, nan_ok=True)
    assert np.nanmean(F) == pytest.approx(1) and np.nanmean(Q) == pytest.approx(1)
    phi = product_space.proximity(M)
    assert product_space.proximity(M[order]) == pytest.approx(phi) and (phi == phi.T).all()
    near, lacking = (product_space.density(m, phi) for m in (M, 1 - M))
    assert np.nan_to_num(near + lacking, nan=1.0) == pytest.approx(1), (
        "what is there and what is not share all nearness"
    )


@settings(max_examples=40, deadline=None)
@given(tables(), st.floats(0.01, 100))
def test_effects_know_neither_unit_nor_order_of_factors_and_terms(given_, unit):
    generator, X, order = given_
    x0, x1 = X.T[:3], generator.permuted(X.T[:3], axis=1)
    effect = carbon.lmdi(x0, x1)["effect"]
    turned = carbon.lmdi(x0[::-1][:, order], x1[::-1][:, order])["effect"]
    assert turned[::-1] == pytest.approx(effect, abs=1e-9)
    assert carbon.lmdi(x1, x0)["effect"] == pytest.approx(-effect, abs=1e-9), "there and back is nothing"
    scaled = np.array([unit, 1, 1])[:, None]
    assert carbon.lmdi(scaled * x0, scaled * x1)["effect"] == pytest.approx(unit * effect, rel=1e-7, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(tables())
def test_shares_of_variance_know_neither_unit_nor_origin_and_balancing_no_scale(given_):
    generator, X, _ = given_
    a, b = generator.normal(size=(2, 64))
    ab = np.stack([a + 0.3 * b, b])
    found, moved = (robustness.sobol(*(k * y + 5 for y in (a, b, ab))) for k in (1, 40))
    assert moved["first"] == pytest.approx(found["first"]) and moved["total"] == pytest.approx(found["total"])
    full = X + 0.1
    rows, columns = full.sum(axis=1) * 1.5, full.sum(axis=0) * 1.5
    assert regional.ras(full, rows, columns) == pytest.approx(1.5 * full, rel=1e-6), "what already fits is only scaled"


def test_fitness_of_a_full_table_settles_and_of_a_nested_one_wanders():
    nested = np.triu(np.ones((6, 6)))[:, ::-1]
    assert iterations.drift(np.ones((6, 4))) == 0
    assert iterations.drift(nested, rounds=20) > iterations.drift(nested, rounds=2000) > 1e-6
    assert np.isnan(iterations.drift(np.zeros((2, 2))))


def test_the_order_in_which_weights_are_given_does_not_matter():
    import polars as pl

    from tylib.indicators.composite import composite_index

    values = [("a", "x", 1.0), ("a", "y", 9.0), ("b", "x", 3.0), ("b", "y", 1.0), ("c", "x", 2.0), ("c", "y", 8.0)]
    frame = pl.DataFrame(values, schema=["place", "indicator", "value"], orient="row")
    parts = pl.DataFrame({"indicator": ["x", "y"], "direction": [1, -1], "weight": [3.0, 1.0]})
    index, table = composite_index(frame, parts)
    again, table_again = composite_index(frame.reverse(), parts.reverse())
    assert again.equals(index) and table_again.equals(table)
    assert index["value"].round(6).to_list() == [0.0, 1.0, 0.40625]


def test_a_place_without_neighbours_does_not_break_the_others():
    from tylib.indicators import spatial

    w = np.zeros((4, 4))
    w[0, 1] = w[1, 0] = w[1, 2] = w[2, 1] = 1.0
    local, quadrant = spatial.local_moran(np.array([1.0, 2.0, 4.0, 9.0]), w)
    assert np.isfinite(local).all() and local[3] == 0 and np.isfinite(quadrant).all()
    assert np.isnan(spatial.geary(np.ones(4), w)) and np.isnan(spatial.moran(np.ones(4), w)["value"])
