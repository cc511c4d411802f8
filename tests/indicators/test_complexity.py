"""Complexity and the product space: what must hold of any table, and every row of the table of edges."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tylib.errors import ParameterError
from tylib.indicators import complexity as cx
from tylib.indicators import product_space as space
from tylib.indicators.specialisation import location_quotient, per_head

seeds = st.integers(0, 10_000)


def made(seed: int, places: int = 12, sectors: int = 8) -> np.ndarray:
    """Who has what, more of it towards one corner, one row and column full so that it is one part."""
    generator = np.random.default_rng(seed)
    slope = np.add.outer(np.linspace(1, 0, places), np.linspace(1, 0, sectors)) / 2
    table = (generator.uniform(size=(places, sectors)) < slope).astype(float)
    table[0], table[:, 0] = 1, 1
    return table


def rows(table: np.ndarray) -> pl.DataFrame:
    values = [(f"p{i:02}", f"s{j:02}", float(v)) for i, row in enumerate(table) for j, v in enumerate(row)]
    return pl.DataFrame(values, schema=["place", "sector", "value"], orient="row").with_columns(
        pl.col("value").fill_nan(None)
    )


@given(seeds, st.sampled_from([(12, 8), (8, 12)]))
def test_both_sides_of_the_eigenproblem(seed, shape):
    M = made(seed, *shape)
    found = cx.indices(M, scale="places")
    if np.isnan(found.eci).any():
        assert found.gap < 1e-8
        return
    d, u = M.sum(axis=1), M.sum(axis=0)
    # The definition itself: ECI is the mean PCI of what a place has, and a vector of D^-1 M U^-1 M'.
    assert np.allclose(found.eci, M @ found.pci / d)
    vector = found.raw @ M.T / d
    image = M @ (M.T @ vector / u) / d
    second = np.sort(np.linalg.eigvals(M / d[:, None] @ (M / u).T).real)[-2]
    assert np.allclose(image, second * vector, atol=1e-8)
    own = cx.indices(M)
    assert (own.pci.mean(), own.pci.std()) == pytest.approx((0, 1)) and own.eci.std() == pytest.approx(1)


@given(seeds, st.randoms(use_true_random=False))
def test_order_does_not_matter(seed, random):
    M = made(seed)
    places, sectors = list(range(12)), list(range(8))
    random.shuffle(places)
    random.shuffle(sectors)
    first, again = cx.indices(M), cx.indices(M[np.ix_(places, sectors)])
    assert np.allclose(first.eci[places], again.eci, atol=1e-6, equal_nan=True)
    assert np.allclose(cx.fitness(M)[0][places], cx.fitness(M[np.ix_(places, sectors)])[0])
    assert np.allclose(space.proximity(M)[np.ix_(sectors, sectors)], space.proximity(M[np.ix_(places, sectors)]))


def test_many_tables_at_once_as_each_alone():
    tables = np.stack([made(seed) for seed in range(5)])
    together = cx.indices(tables)
    for n, table in enumerate(tables):
        alone = cx.indices(table)
        assert np.allclose(together.eci[n], alone.eci) and np.allclose(together.pci[n], alone.pci)
    phi = space.proximity(tables)
    near = space.density(tables, phi)
    assert np.allclose(near[3], space.density(tables[3], phi[3]))
    assert np.allclose(cx.fitness(tables)[0][2], cx.fitness(tables[2])[0])
    large = np.stack([made(1, 90, 70), made(2, 90, 70)])
    assert np.allclose(cx.indices(large).eci[1], cx.indices(large[1]).eci)


def test_reflections_lead_to_the_index():
    M = made(4, 20, 10)
    index = cx.indices(M).eci
    near = [abs(np.corrcoef(cx.reflections(M, steps=steps)[0], index)[0, 1]) for steps in (2, 6, 12)]
    assert near == sorted(near) and near[-1] > 0.95


@given(seeds)
def test_proximity_and_density_stay_within_their_range(seed):
    M = made(seed)
    phi, given_one = space.proximity(M), space.proximity(M, symmetric=False)
    assert np.allclose(phi, np.minimum(given_one, given_one.T)) and np.allclose(np.diag(phi), 1)
    near = space.density(M, phi)
    assert near.min() >= 0 and near.max() <= 1 + 1e-12 and np.allclose(near[0], 1)
    for method in ("association", "cosine", "jaccard", "probability"):
        assert np.allclose(space.relatedness(M, method=method), space.relatedness(M, method=method).T)


def test_density_of_the_nearest_weighs_by_proximity():
    phi = np.array([[1.0, 0.9, 0.3, 0.1], [0.9, 1, 0.2, 0.2], [0.3, 0.2, 1, 0.5], [0.1, 0.2, 0.5, 1]])
    M = np.array([[0.0, 1, 0, 0], [0, 0, 1, 0]])
    near = space.density(M, phi, nearest=2)
    assert near[0, 0] == pytest.approx(0.9 / 1.2) and near[1, 0] == pytest.approx(0.3 / 1.2)
    assert np.allclose(space.density(M, phi, nearest=3)[:, 2], [0.2, 0.0])


def test_a_table_in_parts_has_an_index_in_each():
    M = np.zeros((9, 8))
    M[:5, :4] = [[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [1, 0, 1, 0]]
    M[5:, 4:] = [[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]]
    found = cx.indices(M)
    assert found.components == 2 and not np.isnan(found.eci).any()
    # Not two labels: an order within each part.
    assert len(np.unique(found.eci[:5].round(6))) == 4 and found.eci[0] == found.eci[:5].max()
    assert [part.tolist() for part in cx.parts(M)] == [[0] * 5 + [1] * 4, [0] * 4 + [1] * 4]
    table, _ = cx.complexity(rows(M * 10 + 1e-9), threshold=0.5, least=9)
    assert table["notes"].unique().to_list() == ["parts"] and table["components"].unique().to_list() == [2]


def test_what_has_nothing_is_null_alone():
    M = made(6)
    whole = cx.indices(M)
    holed = np.zeros((14, 9))
    holed[:12, :8] = M
    found = cx.indices(holed)
    assert np.isnan(found.eci[12:]).all() and np.isnan(found.pci[8])
    assert np.allclose(found.eci[:12], whole.eci) and np.allclose(found.pci[:8], whole.pci)
    assert np.isnan(cx.fitness(holed)[0][12:]).all() and np.isfinite(cx.fitness(holed)[0][:12]).all()
    coi, cog = space.outlook(holed, space.density(holed, space.proximity(holed)), space.proximity(holed), found.raw)
    assert np.isnan(coi[12:]).all() and np.isfinite(coi[:12]).all() and np.isfinite(cog[:12]).all()
    places, sectors = cx.complexity(rows(np.where(holed > 0, holed, 0)), threshold=0.1, least=5)
    assert places["notes"].tail(2).to_list() == ["nothing"] * 2 and sectors["notes"].tail(1).to_list() == ["nothing"]
    assert places.select(pl.selectors.float().is_nan().any()).row(0) == (False,) * 5


def test_a_place_that_has_nothing_changes_no_correlation_and_no_quotient_a_head_of_others():
    X, people = np.array([[3.0, 1, 2], [1, 4, 0], [0, 2, 5]]), np.array([2.0, 3, 5])
    for nothing in (0.0, np.nan):
        more = np.insert(X, 1, nothing, axis=0)
        found = space.correlation(location_quotient(more))
        assert found == pytest.approx((1 + np.corrcoef(location_quotient(X).T)) / 2)
        heads = per_head(more, np.insert(people, 1, 9.0))
        assert np.delete(heads, 1, axis=0) == pytest.approx(per_head(X, people))


def test_a_high_threshold_that_leaves_a_sector_with_no_one_spoils_nothing_else():
    generator = np.random.default_rng(8)
    lq = location_quotient(generator.uniform(1, 10, (40, 12)) * np.add.outer(np.arange(40), np.arange(12) ** 2))
    lq[:, 3] = 1.0
    found = cx.indices(cx.presence(lq, threshold=1.05))
    assert np.isnan(found.pci[3]) and np.isfinite(np.delete(found.pci, 3)).all()


def test_equal_places_have_equal_indices_and_ties_are_not_decided():
    M = made(9)
    M[5] = M[6]
    found = cx.indices(M)
    assert found.eci[5] == pytest.approx(found.eci[6])
    ring = np.array([[1.0, 1, 0], [0, 1, 1], [1, 0, 1]])
    assert np.isnan(cx.indices(ring).eci).all()


def test_proportional_places_one_place_and_one_sector_have_none():
    for table in (np.outer([1.0, 2, 3], [5.0, 7]), np.array([[1.0, 2, 3]]), np.array([[1.0], [2], [3]])):
        places, sectors = cx.complexity(rows(table), least=1)
        assert places["eci"].null_count() == len(table) and set(places["notes"]) == {"not_determined"}
        assert sectors["pci"].null_count() == table.shape[1]
        assert np.allclose(location_quotient(table), 1)


def test_few_places_are_refused_or_projected():
    generator = np.random.default_rng(3)
    reference = np.round(made(2, 40, 10) * generator.uniform(5, 50, (40, 10)), 1)
    few = rows(reference[:6])
    places, sectors = cx.complexity(few)
    assert set(places["notes"]) == {"too_few"} and places["eci"].null_count() == 6 and sectors["pci"].null_count() == 10
    found = cx.projected(few, rows(reference))
    whole = cx.indices(cx.presence(location_quotient(reference)), scale="places")
    assert np.allclose(found["eci"], whole.eci[:6])
    with pytest.raises(ParameterError, match="places"):
        cx.projected(few, few)
    assert space.opportunities(few)["density"].drop_nulls().is_between(0, 1).all()


def test_a_missing_cell_is_no_presence_and_no_noise():
    table = made(2, 12, 6) * 10
    table[3, 2] = np.nan
    found = cx.indices(cx.presence(location_quotient(table)))
    assert np.isfinite(found.eci).all()
    holed = space.opportunities(rows(table)).filter(place="p03", sector="s02").row(0, named=True)
    assert holed["lq"] is None and holed["present"] is False and holed["density"] is not None


def test_income_of_sectors_lies_within_that_of_places():
    table, income = made(3) * 5, np.linspace(10, 40, 12)
    level, mix = space.income_level(table, income)
    assert level.min() >= 10 and level.max() <= 40 and mix.min() >= 10 and mix.max() <= 40
