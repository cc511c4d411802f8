"""Specialisation and concentration: worked values, what must hold of any table, and the cases at the edge."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tylib.errors import ParameterError
from tylib.indicators import clusters, concentration, specialisation
from tylib.indicators.cube import cube

TABLE = np.array([[10.0, 20.0, 0.0], [30.0, 5.0, 5.0], [10.0, 10.0, 10.0]])
tables = arrays(float, st.tuples(st.integers(2, 6), st.integers(2, 6)), elements=st.sampled_from([0, 1, 2.5, 40, 1e3]))
vectors = arrays(float, st.integers(2, 12), elements=st.sampled_from([0, 1, 2.5, 7, 40]))


def frame(table: np.ndarray) -> pl.DataFrame:
    """A table as rows; NaN as a null value."""
    rows, columns = table.shape
    return pl.DataFrame(
        {
            "place": np.repeat([f"p{i}" for i in range(rows)], columns),
            "sector": np.tile([f"s{j}" for j in range(columns)], rows),
            "value": table.ravel(),
        }
    ).with_columns(pl.col("value").fill_nan(None))


def finite(table: pl.DataFrame) -> bool:
    """No number of a frame is NaN or infinite."""
    return bool(table.select(pl.selectors.float().drop_nulls().is_finite().all()).transpose().to_series().all())


def test_a_worked_table():
    found = specialisation.location_quotients(frame(TABLE)).filter(place="p0")
    assert found["lq"].to_list() == pytest.approx([(10 / 30) / 0.5, (20 / 30) / 0.35, 0])
    assert found["symmetric"].to_list() == pytest.approx([-0.2, (40 / 21 - 1) / (40 / 21 + 1), -1])
    assert found["logarithm"].to_list()[2] is None
    profile = specialisation.specialisation(frame(TABLE)).row(0, named=True)
    assert profile["krugman"] == pytest.approx(abs(1 / 3 - 0.5) + abs(2 / 3 - 0.35) + 0.15)
    assert profile["krugman_rest"] == pytest.approx(abs(1 / 3 - 40 / 70) + abs(2 / 3 - 15 / 70) + 15 / 70)
    assert profile["herfindahl"] == pytest.approx(5 / 9)
    assert profile["herfindahl_normalised"] == pytest.approx((5 / 9 - 1 / 3) / (2 / 3))
    assert profile["hachman"] == pytest.approx(1 / (1 / 9 / 0.5 + 4 / 9 / 0.35))


def test_the_quotient_alone_is_the_same_without_its_kin():
    whole = specialisation.location_quotients(frame(TABLE))
    alone = specialisation.location_quotients(frame(TABLE), kin=False)
    assert alone.columns == ["place", "sector", "lq", "present", "notes"] and alone.equals(whole.select(alone.columns))


def test_a_head_an_area_and_half_an_area_worked_by_hand():
    # 2 of 4 made by 1 of 4 persons, 2 by 3.
    assert specialisation.per_head(np.array([[2.0], [2.0]]), np.array([1.0, 3.0])).ravel().tolist() == pytest.approx(
        [2, 2 / 3]
    )
    # Three of four employed in half of the firms, a quarter of the persons and two thirds of the area.
    firms, people, area = np.array([[5.0], [5.0]]), np.array([1.0, 3.0]), np.array([2.0, 1.0])
    index = clusters.cluster_index(np.array([[3.0], [1.0]]), firms, people, area).ravel()
    assert index.tolist() == pytest.approx([0.75 * 0.5 / (2 / 3 * 0.25), 0.25 * 0.5 / (1 / 3 * 0.75)])
    # All in one of two equal places: a triangle of a quarter below the diagonal, out of a half.
    one, both = np.array([1.0, 0.0]), np.ones(2)
    assert (
        concentration.locational_gini(one, both) == 0.5
        and concentration.locational_gini(one, both, normalisation="half") == 0.25
    )


def test_the_interval_of_a_quotient_of_counts():
    error, low, high = specialisation.delta_interval(TABLE)
    assert error[0, 0] == pytest.approx(np.sqrt(1 / 10 - 1 / 30 + 1 / 50 - 1 / 100))
    assert low[0, 2] == 0 and np.isnan(high[0, 2]) and np.isnan(error[0, 2])
    generator = np.random.default_rng(7)
    drawn_low, drawn_high = specialisation.bootstrap_interval(TABLE * 100, draws=4000, generator=generator)
    _, low, high = specialisation.delta_interval(TABLE * 100)
    # Two samples are wider than a part within its whole, which is what the draws are of.
    _, inner_low, inner_high = specialisation.delta_interval(TABLE * 100, within=True)
    some = TABLE > 0
    assert (low[some] <= inner_low[some]).all() and (inner_high[some] <= high[some]).all()
    assert drawn_low[some] == pytest.approx(inner_low[some], rel=0.02)
    assert drawn_high[some] == pytest.approx(inner_high[some], rel=0.02)
    assert np.isfinite(drawn_high).all()


def test_the_error_within_the_whole_is_that_of_a_multinomial_sample():
    counts = np.array([[200.0, 300, 500], [100, 400, 250]])
    generator = np.random.default_rng(3)
    drawn = generator.multinomial(1750, (counts / counts.sum()).ravel(), size=40_000).reshape(-1, 2, 3)
    spread = np.log(specialisation.location_quotient(drawn.astype(float))).std(axis=0)
    np.testing.assert_allclose(specialisation.delta_interval(counts, within=True)[0], spread, rtol=0.02)
    # As two samples the same errors are up to twice too wide here: half of all is in one place.
    assert (specialisation.delta_interval(counts)[0] > 1.3 * spread).all()


def test_draws_come_from_the_generator_alone():
    first, again = (
        specialisation.bootstrap_interval(TABLE, draws=50, generator=np.random.default_rng(1)) for _ in range(2)
    )
    assert np.array_equal(first, again)


@given(tables)
def test_quotients_do_not_know_units_or_order(table):
    lq = specialisation.location_quotient(table)
    assert np.allclose(specialisation.location_quotient(table * 1e4), lq, equal_nan=True)
    assert np.allclose(specialisation.location_quotient(table[::-1, ::-1]), lq[::-1, ::-1], equal_nan=True)
    # Weighted by the places' shares of all, the quotients of a sector are one on average.
    weight = table.sum(1) / max(table.sum(), 1)
    sums = np.nansum(lq * weight[:, None], axis=0)
    assert np.allclose(sums[table.sum(0) > 0], 1)


@given(tables)
def test_indices_stay_in_their_range_and_frames_hold_no_nan(table):
    profile = specialisation.specialisation(frame(table))
    sectors = concentration.concentration(frame(table))
    assert finite(profile) and finite(sectors) and finite(specialisation.location_quotients(frame(table), counts=True))
    for column, most in (("krugman", 2), ("krugman_rest", 2), ("herfindahl", 1), ("hachman", 1), ("gini", 1)):
        assert profile[column].drop_nulls().is_between(-1e-9, most + 1e-9).all(), column
    for column in ("locational_gini", "hoover", "herfindahl", "gini"):
        assert sectors[column].drop_nulls().is_between(-1e-9, 1 + 1e-9).all(), column
    void = table.sum(1) == 0
    assert profile["notes"].to_list() == ["no_total" if empty else None for empty in void]
    assert (profile["krugman"].is_null() == pl.Series(void)).all()


@given(vectors)
def test_inequality_is_the_same_for_any_unit_and_splits_exactly(values):
    groups = np.arange(len(values)) % 3
    total, between, within = concentration.theil_parts(values, groups)
    if values.sum() == 0:
        assert np.isnan(total)
        return
    assert total == pytest.approx(between + within) and between >= -1e-12 and within >= -1e-12
    for index in (concentration.gini, concentration.theil, concentration.hoover, concentration.variation):
        assert index(values * 3) == pytest.approx(index(values)) and index(values) >= -1e-12
        assert index(np.full(4, 2.0)) == pytest.approx(0)
    pairs = np.abs(values[:, None] - values).sum() / (2 * len(values) ** 2 * values.mean())
    assert concentration.gini(values) == pytest.approx(pairs)


def test_all_over_draws_without_a_loop():
    drawn = np.stack([TABLE, TABLE * 2, TABLE + 1])
    for index in (
        specialisation.location_quotient,
        specialisation.krugman,
        specialisation.herfindahl,
        specialisation.entropy,
        specialisation.mean_quotient,
        concentration.gini,
        concentration.theil,
        concentration.hoover,
        concentration.variation,
    ):
        assert np.allclose(index(drawn), np.stack([index(table) for table in drawn]))
    both = pl.concat([frame(t).with_columns(draw=pl.lit(n)) for n, t in enumerate(drawn)])
    assert specialisation.specialisation(both, by=["draw"]).height == 9
    assert (
        specialisation.location_quotients(both, by=["draw"])
        .filter(draw=0)
        .drop("draw")
        .equals(specialisation.location_quotients(frame(TABLE)))
    )


def test_a_zero_row_or_column_is_null_for_itself_alone():
    holed = TABLE.copy()
    holed[2] = 0
    holed[:, 1] = 0
    found = specialisation.location_quotients(frame(holed))
    assert found.filter(pl.col("lq").is_null())["notes"].unique().to_list() == ["no_total"]
    rest = found.filter(pl.col("place") != "p2", pl.col("sector") != "s1")
    assert rest["lq"].null_count() == 0
    sectors = concentration.concentration(frame(holed))
    assert sectors["locational_gini"].is_null().to_list() == [False, True, False]


def test_a_missing_cell_is_left_out_unless_it_is_called_zero():
    holed = TABLE.copy()
    holed[0, 2] = np.nan
    left_out = specialisation.location_quotients(frame(holed))
    assert left_out.row(2, named=True)["notes"] == "missing"
    assert left_out.filter(pl.col("lq").is_not_null())["lq"].to_list() == pytest.approx(
        np.delete(specialisation.location_quotient(TABLE).ravel(), 2)
    )
    assert specialisation.location_quotients(frame(holed), missing="zero")["lq"].to_list() == pytest.approx(
        specialisation.location_quotient(TABLE).ravel()
    )
    assert specialisation.specialisation(frame(holed))["notes"].to_list() == ["missing", None, None]
    # An absent row is a missing cell as well.
    assert left_out.equals(specialisation.location_quotients(frame(holed).drop_nulls()))


def test_a_quotient_of_one_is_present():
    assert specialisation.location_quotients(frame(np.outer([1.0, 2, 7], [3.0, 0.1, 11])))["present"].all()


def test_one_place_or_proportional_places_have_no_specialisation():
    alone = specialisation.specialisation(frame(TABLE[:1])).row(0, named=True)
    assert alone["krugman"] == 0 and alone["hachman"] == pytest.approx(1) and alone["krugman_rest"] is None
    same = specialisation.specialisation(frame(np.outer([1.0, 2, 3], [5.0, 7, 11])))
    assert same["krugman"].to_list() == pytest.approx([0, 0, 0], abs=1e-12)
    assert same["gini"].to_list() == pytest.approx([0, 0, 0], abs=1e-12)
    one_sector = specialisation.specialisation(frame(TABLE[:, :1]))
    assert one_sector["herfindahl_normalised"].null_count() == 3 and finite(one_sector)


def test_standardising_uses_the_columns_own_mean_and_deviation():
    scores = specialisation.standardised(specialisation.location_quotient(TABLE))
    assert scores.mean(axis=0) == pytest.approx(np.zeros(3), abs=1e-12)
    assert scores.std(axis=0) == pytest.approx(np.ones(3))


def test_the_curve_starts_at_the_origin_and_nothing_is_rounded():
    # Two places of equal size, all of it in one: twice the area is 1/2, the area 1/4.
    assert concentration.locational_gini(np.array([0.0, 5.0]), np.ones(2)) == pytest.approx(0.5)
    third = specialisation.location_quotient(np.array([[1.0, 2.0], [2.0, 2.0]]))[0, 0]
    assert third == pytest.approx((1 / 3) / (3 / 7), abs=1e-15)
    assert concentration.hoover(np.array([1.0, 2.0])) == pytest.approx(1 / 6, abs=1e-15)


def test_negative_infinite_or_repeated_is_refused():
    with pytest.raises(ParameterError, match="negative"):
        specialisation.location_quotients(frame(-TABLE))
    with pytest.raises(ParameterError, match="twice"):
        specialisation.location_quotients(pl.concat([frame(TABLE)] * 2))
    with pytest.raises(ParameterError, match="infinite"):
        cube(frame(TABLE).with_columns(value=pl.lit(float("inf"))), ["place", "sector"])
    with pytest.raises(ParameterError, match="unknown rule"):
        specialisation.location_quotients(frame(TABLE), missing="drop")


def test_plants_spread_at_random_are_not_agglomerated():
    # Ellison and Glaeser (1997): gamma is zero on average where plants choose places like darts.
    generator = np.random.default_rng(3)
    reference = np.array([0.5, 0.3, 0.2])
    sizes = generator.pareto(2, size=40) + 1
    places = generator.choice(3, size=(4000, 40), p=reference)
    shares = np.stack([(sizes * (places == place)).sum(axis=1) for place in range(3)], axis=1)
    H = (sizes**2).sum() / sizes.sum() ** 2
    found = clusters.ellison_glaeser(shares, np.broadcast_to(reference, shares.shape), np.full(4000, H))
    assert found["gamma"].mean() == pytest.approx(0, abs=0.003)


def test_industries_that_always_go_together_are_coagglomerated():
    plants = np.array([0.1, 0.1])
    together = clusters.coagglomeration(np.array([[10.0, 0, 0], [10.0, 0, 0]]), np.ones(3), plants)
    apart = clusters.coagglomeration(np.array([[10.0, 0, 0], [0.0, 10, 0]]), np.ones(3), plants)
    assert together == pytest.approx(1) and apart < 0


def test_one_plant_has_no_gamma():
    plants = pl.DataFrame({"sector": ["x"], "place": ["a"], "value": [5.0]})
    found = clusters.agglomeration(plants, pl.DataFrame({"place": ["a", "b"], "value": [1.0, 1.0]}))
    assert found.select("gamma", "z", "notes").row(0) == (None, None, "single_plant") and finite(found)


def test_no_star_below_the_least_size_or_where_chance_explains_it():
    counts = frame(np.array([[3.0, 4000.0], [2.0, 90000.0], [1.0, 70000.0]]))
    assert clusters.cluster_stars(counts, minimum=50).filter(sector="s0")["stars"].sum() == 0
    small = clusters.cluster_stars(counts, minimum=1, counts=True).filter(place="p0", sector="s0").row(0, named=True)
    assert small["lq"] > 2 and small["size"]
    sure = counts.with_columns(pl.col("value") * 1000)
    assert clusters.cluster_stars(sure, minimum=1, counts=True).filter(place="p0", sector="s0")["specialisation"].item()
    thin = frame(np.array([[2.0, 400.0], [2.0, 900.0], [1.0, 700.0]]))
    unsure = clusters.cluster_stars(thin, minimum=1, quotient=1.2, counts=True)
    assert unsure.filter(place="p0", sector="s0").select("specialisation", "notes").row(0) == (False, "uncertain")


def test_the_frame_takes_its_interval_from_draws_where_asked():
    delta = specialisation.location_quotients(frame(TABLE), counts=True)
    drawn = specialisation.location_quotients(frame(TABLE), counts=True, draws=400, seed=5)
    assert drawn["high"].null_count() == 0 and delta["high"].null_count() == 1
    assert (
        drawn.filter(pl.col("lq") > 0)
        .select((pl.col("low") < pl.col("lq")) & (pl.col("lq") < pl.col("high")))
        .to_series()
        .all()
    )
    assert drawn.equals(specialisation.location_quotients(frame(TABLE), counts=True, draws=400, seed=5))


def test_groups_of_industries_and_cluster_indices_as_frames():
    plants = pl.DataFrame(
        {"sector": ["x", "x", "y", "y", "z"], "place": ["a", "a", "a", "a", "b"], "value": [5.0, 4, 6, 3, 9]}
    )
    reference = pl.DataFrame({"place": ["a", "b"], "value": [50.0, 50.0]})
    groups = pl.DataFrame({"group": ["near", "near", "far", "far", "one"], "sector": ["x", "y", "x", "z", "q"]})
    found = clusters.coagglomerations(plants, reference, groups)
    assert found["group"].to_list() == ["far", "near", "one"] and found["sectors"].to_list() == [2, 2, 0]
    assert found["gamma"][1] > found["gamma"][0] and found["gamma"][2] is None
    with pytest.raises(ParameterError, match="without a reference"):
        clusters.agglomeration(plants, reference.head(1))
    table = pl.DataFrame({"place": ["a", "b"], "sector": "x", "value": [3.0, None], "firms": [1.0, 1.0]})
    places = pl.DataFrame({"place": ["a", "b"], "people": [1.0, 1.0], "area": [1.0, 1.0]})
    assert clusters.cluster_indices(table, places)["index"].is_null().to_list() == [False, True]
    grouped = pl.DataFrame(
        {"place": ["a", "b", "c"], "value": [1.0, 2, 6], "type": ["u", "u", "v"], "people": [1.0, 1, 2]}
    )
    whole = concentration.unevenness(grouped, groups="type", weights="people").row(0, named=True)
    assert whole["theil"] == pytest.approx(whole["between"] + whole["within"])
    by_year = concentration.unevenness(grouped.with_columns(year=2020), by=["year"], groups="type")
    assert by_year.columns[:2] == ["year", "gini"] and by_year.height == 1


def test_equal_quotients_are_not_standardised_by_their_rounding():
    proportional = np.outer(np.random.default_rng(0).random(7), np.random.default_rng(1).random(5))
    lq = specialisation.location_quotient(proportional)
    assert np.isnan(specialisation.standardised(lq)).all()
    assert np.isnan(specialisation.standardised(lq, logarithm=True)).all()
    found = specialisation.location_quotients(frame(proportional))
    assert found["standardised"].null_count() == 35 and found["notes"].unique().to_list() == ["no_spread"]
    near = specialisation.standardised(np.array([[1.0], [1.0 + 1e-9]]) * 1e-14)
    assert near.ravel().tolist() == pytest.approx([-1, 1], rel=1e-6)


def test_a_missing_sector_is_left_out_of_both_structures():
    table = np.array([[1.0, np.nan, 2], [3, 4, 5], [1, 1, 1]])
    found = specialisation.specialisation(frame(table)).row(0, named=True)
    # Of the whole 5 and 8 of 13, of the rest 4 and 6 of 10; the place has a third and two thirds.
    assert found["krugman"] == pytest.approx(2 * (5 / 13 - 1 / 3)) and found["coefficient"] == found["krugman"] / 2
    assert found["krugman_rest"] == pytest.approx(2 * (4 / 10 - 1 / 3))
    assert found["hachman"] == pytest.approx(1 / ((1 / 9) / (5 / 13) + (4 / 9) / (8 / 13)))
    zero = specialisation.specialisation(frame(table), missing="zero").row(0, named=True)
    assert zero["krugman"] == pytest.approx(0.5556, abs=1e-4) and zero["hachman"] < found["hachman"]
    # A missing sector adds nothing to entropy, as one of zero does: 0 ln 0 is 0.
    assert zero["entropy"] == found["entropy"]
    alike = np.array([[1.0, np.nan, 2], [1, 9, 2]])
    assert specialisation.specialisation(frame(alike))["hachman"][0] == pytest.approx(1)


def test_a_missing_weight_leaves_the_place_out_of_every_index():
    table = pl.DataFrame({"place": ["a", "b", "c"], "value": [3.0, 1.0, 2.0], "w": [1.0, None, 1.0]})
    found = concentration.unevenness(table, weights="w")
    kept = concentration.unevenness(table.drop_nulls(), weights="w")
    assert found.drop("notes").equals(kept.drop("notes")) and found["hoover"].item() == pytest.approx(0.1)
    assert found["notes"].to_list() == ["missing"] and kept["notes"].to_list() == [None]
    assert concentration.hoover(np.array([3.0, 1.0]), np.array([1.0, 0.0])) == 0.25


def test_what_is_missing_counts_in_no_total_a_head_or_an_area():
    assert specialisation.per_head(np.array([[2.0], [2]]), np.array([1, np.nan]))[0, 0] == 1
    assert specialisation.per_head(np.array([[2.0], [np.nan]]), np.array([1.0, 3]))[0, 0] == 1
    # Nor does a place that has nothing.
    assert specialisation.per_head(np.array([[2.0], [0]]), np.array([1.0, 3]))[0, 0] == 1
    people = pl.DataFrame({"place": ["p0", "p1"], "people": [1, 3]})
    found = specialisation.location_quotients(frame(TABLE), people=people)
    head = specialisation.per_head(TABLE, np.array([1, 3, np.nan])).ravel()
    assert found["per_head"].drop_nulls().to_list() == pytest.approx(head[:6].tolist())
    assert found["notes"].to_list() == [None] * 6 + ["no_people"] * 3
    table = pl.DataFrame({"place": ["a", "b"], "sector": "x", "value": [3.0, 5.0], "firms": [1.0, 1.0]})
    alone = clusters.cluster_indices(table, pl.DataFrame({"place": ["a"], "people": [1.0], "area": [1.0]}))
    assert alone.rows() == [("a", "x", 1.0, None), ("b", "x", None, "missing")]


def test_williamson_takes_mean_and_deviations_with_the_same_weights():
    # Mean (3 * 1 + 1 * 3) / 4 = 1.5, variance 0.75 * 0.25 + 0.25 * 2.25 = 0.75.
    assert concentration.variation(np.array([1.0, 3]), np.array([3.0, 1])) == pytest.approx(0.75**0.5 / 1.5)


@pytest.mark.parametrize("unit", [1e-160, 1e-14, 1e160])
def test_inequality_knows_no_unit_however_small_or_large(unit):
    values, weights = np.array([1.0, 3, 4, 9]), np.array([2.0, 1, 4, 2])
    for index in (concentration.variation, concentration.gini, concentration.theil, concentration.hoover):
        assert index(values * unit) == pytest.approx(index(values))
        assert index(values * unit, weights * unit) == pytest.approx(index(values, weights))


def test_nothing_at_all_has_no_inequality():
    for aversion in (0.5, 1.0, 2.0):
        assert np.isnan(concentration.atkinson(np.zeros(3), aversion=aversion))
    with pytest.raises(ParameterError, match="aversion"):
        concentration.atkinson(np.ones(3), aversion=-1)


def test_small_whole_numbers_as_keys_do_not_wrap():
    keys = pl.Series("place", [-100, 50, -5, 95], dtype=pl.Int8)
    array, axes = cube(pl.DataFrame([keys]).with_columns(value=pl.Series([1.0, 2, 3, 4])), ["place"])
    assert array.tolist() == [1, 3, 2, 4] and axes.labels[0].to_list() == [-100, -5, 50, 95]
    top = pl.Series("place", [2**64 - 1, 2**64 - 3], dtype=pl.UInt64)
    assert cube(pl.DataFrame([top]).with_columns(value=pl.Series([1.0, 2])), ["place"])[0].tolist() == [2, 1]


def test_why_a_gamma_has_no_value():
    places = pl.DataFrame({"place": ["a", "b"], "value": [5.0, 5.0]})
    plants = pl.DataFrame(
        {
            "sector": ["holed"] * 3 + ["one"] * 2 + ["none"] * 2 + ["whole"] * 2,
            "place": ["a", "a", "b"] + ["a", "b"] * 3,
            "value": [1.0, 3.0, float("nan"), 2.0, 0.0, 0.0, 0.0, 1.0, 1.0],
        }
    )
    found = clusters.agglomeration(plants, places)
    assert dict(found.select("sector", "notes").iter_rows()) == {
        "holed": "missing", "one": "single_plant", "none": "no_total", "whole": None,
    }  # fmt: skip
    assert found["gamma"].is_null().to_list() == [False, True, True, False] and found["plants"].to_list() == [
        2,
        2,
        2,
        2,
    ]
    alone = clusters.agglomeration(plants.filter(place="a"), places.head(1))
    assert alone.filter(sector="holed")["notes"].item() == "single_place"
    # A place of which the reference is missing is as one that is not there.
    third = pl.concat([places, pl.DataFrame({"place": ["c"], "value": [None]}, schema=places.schema)])
    assert clusters.agglomeration(plants, third).equals(found)
    with pytest.raises(ParameterError, match="without a reference"):
        clusters.agglomeration(plants.with_columns(place=pl.lit("c")), third)
    with pytest.raises(ParameterError, match="negative"):
        clusters.agglomeration(pl.concat([plants, plants.with_columns(-pl.col("value") / 2)]), places)


def test_a_group_of_three_is_the_weighted_mean_of_its_pairs():
    # Pairs of Ellison, Glaeser and Kerr (2010): sum (s - x)(t - x) / (1 - sum x^2) are -1/2, -1/4 and 1/2 here,
    # weighed with the products of shares 4/9, 1/9 and 4/9.
    table, H = np.array([[30.0, 10], [0, 10], [10, 30]]), np.array([0.1, 0.2, 0.3])
    assert clusters.coagglomeration(table, np.ones(2), H) == pytest.approx(-1 / 6)
    pairs = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 1], [1, 1, 1], [1, 0, 0]])
    found = clusters.coagglomeration(np.stack([table, table * 7]), np.ones(2), H, member=pairs)
    assert (
        found[:, :4] == pytest.approx(np.array([[-1 / 2, -1 / 4, 1 / 2, -1 / 6]] * 2)) and np.isnan(found[:, 4]).all()
    )
    table[1, 0] = np.nan
    gaps = np.isnan(clusters.coagglomeration(table, np.ones(2), H, member=pairs))
    assert gaps.tolist() == [True, False, True, True, True]


def test_the_reference_of_plants_may_differ_by_year():
    plants = pl.DataFrame({"sector": ["x", "x", "y"], "place": ["a", "b", "a"], "value": [1.0, 2.0, 3.0]})
    places = [pl.DataFrame({"place": ["a", "b"], "value": [1.0 + n, 1.0]}) for n in range(2)]
    groups = pl.DataFrame({"group": "g", "sector": ["x", "y"]})
    both, wholes = (
        pl.concat([table.with_columns(year=pl.lit(n)) for n, table in enumerate(tables)])
        for tables in ([plants] * 2, places)
    )
    for n, whole in enumerate(places):
        found = clusters.agglomeration(both, wholes, by=["year"]).filter(year=n).drop("year")
        assert found.equals(clusters.agglomeration(plants, whole))
        found = clusters.coagglomerations(both, wholes, groups, by=["year"]).filter(year=n).drop("year")
        assert found.equals(clusters.coagglomerations(plants, whole, groups))
    late = clusters.agglomeration(both.filter((pl.col("year") == 0) | (pl.col("sector") == "x")), wholes, by=["year"])
    assert late.filter(year=1, sector="y").select("plants", "notes").row(0) == (0, "no_plants")


def test_bars_and_levels_outside_their_range_are_refused():
    for bars in ({"top": 5}, {"top": -5}, {"quotient": 0}, {"minimum": float("nan")}):
        with pytest.raises(ParameterError, match="bars of"):
            clusters.cluster_stars(frame(TABLE), **({"minimum": 1} | bars))
    for level in (2, -1, 0, 1):
        with pytest.raises(ParameterError, match="covers"):
            specialisation.location_quotients(frame(TABLE), counts=True, level=level)


def test_seven_per_cent_of_a_hundred_places_are_seven():
    rising = np.stack([np.arange(1.0, 101), np.full(100, 100.0)], axis=1)
    found = clusters.cluster_stars(frame(rising), minimum=1, top=0.07).filter(sector="s0")
    assert found["size"].sum() == 7


def test_quotients_beyond_what_a_number_holds_are_null():
    found = specialisation.location_quotients(frame(np.array([[1e-300, 1e10], [0.0, 1e10]])), counts=True)
    assert finite(found) and found.filter(sector="s0")["notes"].unique().to_list() == ["no_total"]
