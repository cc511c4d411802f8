"""Complexity and the product space: what must hold of any table, and every row of the table of edges."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tylib.errors import ParameterError
from tylib.indicators import complexity as cx
from tylib.indicators import iterations
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
    assert np.allclose(iterations.fitness(M)[0][places], iterations.fitness(M[np.ix_(places, sectors)])[0])
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
    assert np.allclose(iterations.fitness(tables)[0][2], iterations.fitness(tables[2])[0])
    large = np.stack([made(1, 90, 70), made(2, 90, 70)])
    assert np.allclose(cx.indices(large).eci[1], cx.indices(large[1]).eci)


def test_reflections_lead_to_the_index():
    M = made(4, 20, 10)
    index = cx.indices(M).eci
    near = [abs(np.corrcoef(iterations.reflections(M, steps=steps)[0], index)[0, 1]) for steps in (2, 6, 12)]
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
    assert np.isnan(iterations.fitness(holed)[0][12:]).all() and np.isfinite(iterations.fitness(holed)[0][:12]).all()
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
    assert (
        holed["lq"] is None
        and holed["present"] is None
        and holed["notes"] == "missing"
        and holed["density"] is not None
    )


def test_income_of_sectors_lies_within_that_of_places():
    table, income = made(3) * 5, np.linspace(10, 40, 12)
    level, mix = space.income_level(table, income)
    assert level.min() >= 10 and level.max() <= 40 and mix.min() >= 10 and mix.max() <= 40


def keyed(tables: list[np.ndarray], key: str = "year") -> pl.DataFrame:
    return pl.concat([rows(table).with_columns(pl.lit(n).alias(key)) for n, table in enumerate(tables)])


def test_a_table_of_few_places_is_refused_beside_one_of_many_and_empty_places_do_not_count():
    large = np.round(made(2, 35, 8) * np.random.default_rng(1).uniform(5, 50, (35, 8)), 1)
    both = pl.concat([rows(large).with_columns(year=1), rows(large[:5]).with_columns(year=2)])
    places, sectors = cx.complexity(both, by=["year"])
    alone = cx.complexity(rows(large))
    assert places.filter(year=1)["eci"].to_list() == pytest.approx(alone[0]["eci"].to_list())
    late = places.filter(year=2)
    assert late["eci"].null_count() == late.height and set(late["notes"]) == {"too_few"}
    assert late["fitness"].null_count() == late["coi"].null_count() == late.height
    assert sectors.filter(year=2)["pci"].null_count() == 8 and set(sectors.filter(year=2)["notes"]) == {"too_few"}
    for nothing in (0.0, np.nan):
        emptied = large.copy()
        emptied[5:] = nothing
        assert set(cx.complexity(rows(emptied))[0]["notes"]) == {"too_few"}
        assert set(space.opportunities(rows(emptied))["notes"]) <= {"too_few", "nothing", "missing"}
        emptied = large.copy()
        emptied[9:34] = nothing
        with pytest.raises(ParameterError, match="10 places"):
            cx.projected(rows(large[:3]), rows(emptied))


def test_few_places_are_projected_by_a_key_on_one_reference_or_on_each_its_own():
    generator = np.random.default_rng(5)
    references = [np.round(made(seed, 40, 10) * generator.uniform(5, 50, (40, 10)), 1) for seed in (2, 3)]
    few = [table[:4] for table in references]
    each = cx.projected(keyed(few), keyed(references), by=["year"])
    one = cx.projected(keyed(few), rows(references[0]), by=["year"])
    for n in range(2):
        own, common = (cx.projected(rows(few[n]), rows(references[k])) for k in (n, 0))
        assert each.filter(year=n).drop("year").equals(own) and one.filter(year=n).drop("year").equals(common)
    for wrong in (keyed([*few, few[0]]), rows(few[0]).with_columns(year=0, sector=pl.lit("new")).head(1)):
        with pytest.raises(ParameterError, match="reference has not"):
            cx.projected(wrong, keyed(references), by=["year"])


def test_gain_is_what_a_lacking_sector_opens_worked_by_hand():
    M = np.array([[1.0, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]])
    table = space.opportunities(rows(M), threshold=0.5, least=4)
    pci, phi = cx.indices(M).raw, space.proximity(M)
    gain = np.zeros(M.shape)
    for c, p in zip(*np.nonzero(M == 0), strict=True):
        for q in np.flatnonzero(M[c] == 0):
            gain[c, p] += phi[p, q] / phi[q].sum() * pci[q]
    assert table["gain"].to_list() == pytest.approx(gain.ravel().tolist()) and gain[3, 1:].all()
    assert table["notes"].null_count() == 16 and (table["gain"] == 0).to_list() == table["present"].to_list()
    few = space.opportunities(rows(M), threshold=0.5)
    assert set(few["notes"]) == {"too_few"} and few["gain"].null_count() == 16 and few["density"].null_count() == 0
    both = space.opportunities(keyed([M, M[::-1]]), threshold=0.5, least=4, by=["year"])
    assert both.filter(year=0).drop("year").equals(table)
    ring = space.opportunities(rows(np.array([[1.0, 1, 0], [0, 1, 1], [1, 0, 1]])), least=3)
    assert set(ring["notes"]) == {"not_determined"}
    holed = space.opportunities(rows(np.vstack([M, np.zeros(4)])), threshold=0.5, least=4)
    assert holed.filter(place="p04")["notes"].to_list() == ["nothing"] * 4


def test_relatedness_worked_by_hand():
    M = np.array([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]])
    # Together: 0 and 1 twice, 0 and 2 once, 1 and 2 twice; sums 3, 4, 3, all 10.
    S, T = np.array([3.0, 4, 3]), 10
    C = np.array([[0.0, 2, 1], [2, 0, 2], [1, 2, 0]])
    i, j = np.triu_indices(3, 1)
    expected = {
        "jaccard": [2 / 5, 1 / 5, 2 / 5],
        "association": C[i, j] * T / (S[i] * S[j]),
        "cosine": C[i, j] / np.sqrt(S[i] * S[j]),
        "probability": C[i, j] / (T / 2 * (S[i] / T * S[j] / (T - S[i]) + S[j] / T * S[i] / (T - S[j]))),
    }
    for method, values in expected.items():
        found = space.relatedness(M, method=method)
        assert found[i, j].tolist() == pytest.approx(list(values)) and not found.diagonal().any()
    with pytest.raises(ParameterError, match="jacard"):
        space.relatedness(M, method="jacard")


def test_proximities_are_of_every_pair_and_by_a_key_of_each_table():
    M = np.array([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]])
    table = space.proximities(rows(M), threshold=0.1)
    assert table.columns == ["sector", "other", "proximity"] and table.height == 9
    found = {pair: value for *pair, value in ((a[1:] + b[1:], v) for a, b, v in table.rows()) for pair in pair}
    assert found["0001"] == found["0100"] == pytest.approx(2 / 3) and found["0002"] == 0.5 and found["0101"] == 1
    both = space.proximities(keyed([M, M[:2]]), threshold=0.1, by=["year"])
    assert both.filter(year=0).drop("year").equals(table)
    assert both.filter(year=1, sector="s00", other="s01")["proximity"].item() == 1


def test_frames_that_are_none_are_refused_in_words_and_an_empty_one_stays_empty():
    M = made(3)
    words, twice = rows(M).with_columns(value=pl.lit("much")), pl.concat([rows(M), rows(M)])
    asked = (cx.complexity, space.opportunities, space.proximities, lambda frame: cx.projected(frame, rows(M), least=2))
    for of in asked:
        for wrong in (rows(M).lazy(), rows(M).drop("sector"), rows(M).drop("value"), words, twice, rows(M * -1)):
            if of is not space.proximities or wrong is not twice:
                with pytest.raises(ParameterError):
                    of(wrong)
        made_of = of(rows(M).clear())
        assert all(table.is_empty() for table in (made_of if isinstance(made_of, tuple) else (made_of,)))
    whole = rows(M).with_columns(pl.col("value").cast(pl.Int8), pl.col("place", "sector").cast(pl.Categorical))
    assert space.opportunities(whole).equals(space.opportunities(rows(M)))


def test_correlation_of_sectors_knows_no_unit():
    x = np.random.default_rng(1).lognormal(size=(20, 4))
    x[:, 3] = 0.3
    for factor in (1e-14, 1e14):
        np.testing.assert_allclose(space.correlation(x * factor), space.correlation(x), atol=1e-9)
    assert np.isnan(space.correlation(x * 1e-14)[3]).all()


@pytest.mark.parametrize("index", [cx.indices, iterations.fitness, iterations.drift, iterations.reflections])
def test_amounts_are_not_taken_for_who_has_what(index):
    amounts = np.random.default_rng(0).uniform(0, 9, (8, 6))
    for wrong in (amounts, np.where(amounts > 5, 2.0, 0.0), np.where(amounts > 5, 1.0, np.nan)):
        with pytest.raises(ParameterError, match=r"neither 0 nor 1; expected .*presence"):
            index(wrong)
