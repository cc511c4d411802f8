"""Shift-share, contributions, convergence, targets: worked values, identities, the cases at the edge."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tylib.errors import ParameterError
from tylib.indicators import growth
from tylib.indicators.convergence import beta, convergence, equal_spread, sigma
from tylib.indicators.shift_share import (
    components,
    dynamic_components,
    growth_of_rest,
    mix_of_rates,
    ratios,
    shift_share,
)

amounts = arrays(float, (4, 5), elements=st.sampled_from([0.0, 1.0, 3.5, 20.0, 700.0]))


def years(values: dict[int, list[float | None]], **more: str) -> pl.DataFrame:
    """Sectors x, y, z… by year."""
    rows = [(f"s{n}", year, value) for year, column in values.items() for n, value in enumerate(column)]
    table = pl.DataFrame(rows, schema={"sector": pl.String, "year": pl.Int64, "value": pl.Float64}, orient="row")
    return table.with_columns(**{name: pl.lit(value) for name, value in more.items()})


def test_a_table_worked_by_hand():
    # Two sectors: the nation grows by 10 % (20 % and 0 %), the place from 50 + 50 to 66 + 48.
    place = years({2020: [50.0, 50], 2024: [66.0, 48]}, place="a")
    nation = years({2020: [100.0, 100], 2024: [120.0, 100]})
    found = shift_share(place, nation, start=2020, end=2024)
    for name, values in {
        "national": [5, 5], "mix": [5, -5], "regional": [6, -2], "competitive": [6, -2], "allocation": [0, 0],
        "change": [16, -2],
    }.items():  # fmt: skip
        assert found[name].to_list() == pytest.approx(values), name
    uneven = years({2020: [80.0, 20], 2024: [104.0, 18]}, place="a")
    found = shift_share(uneven, nation, start=2020, end=2024)
    # Esteban-Marquillas: homothetic 50 and 50; growth beyond the nation's 10 % and -10 %.
    assert found["competitive"].to_list() == pytest.approx([5, -5])
    assert found["allocation"].to_list() == pytest.approx([3, 3])


@given(amounts)
def test_parts_sum_to_the_change_whatever_enters_or_leaves(table):
    e0, e1, E0, E1 = table
    E0, E1 = E0 + e0, E1 + e1
    found = components(e0, e1, E0, E1)
    assert np.allclose(found["national"] + found["mix"] + found["regional"], found["change"]) or E0.sum() == 0
    assert np.allclose(found["competitive"] + found["allocation"], found["regional"], equal_nan=True)
    if E0.sum() > 0:
        assert np.allclose(found["change"], e1 - e0)
        assert found["national"].sum() == pytest.approx(e0.sum() * (E1.sum() / E0.sum() - 1))


@given(amounts)
def test_the_nation_itself_has_neither_mix_nor_a_share_of_its_own(table):
    e0, e1 = table[:2] + 1
    found = components(e0, e1, e0, e1)
    assert found["mix"].sum() == pytest.approx(0, abs=1e-9) and np.allclose(found["regional"], 0)
    factors = ratios(e0, e1, e0, e1)
    assert [factors[name].item() for name in ("mix", "regional", "net")] == pytest.approx([1, 1, 1])


def test_a_new_industry_is_regional_and_the_identity_holds():
    found = components(np.array([10.0, 0]), np.array([12.0, 5]), np.array([100.0, 0]), np.array([110.0, 5]))
    assert found["regional"][1] == 5 and found["mix"][1] == 0 and found["allocation"][1] == 5
    assert found["national"].sum() + found["mix"].sum() + found["regional"].sum() == pytest.approx(7)


def test_over_draws_and_year_by_year():
    generator = np.random.default_rng(5)
    series = generator.uniform(1, 9, (6, 4, 3))
    whole = series.sum(axis=0)
    found = dynamic_components(series, whole)
    assert found["regional"].shape == (6, 3)
    assert np.allclose(found["national"] + found["mix"] + found["regional"], series[:, -1] - series[:, 0])
    one = components(series[:, 0], series[:, 1], whole[0], whole[1])
    again = [components(place[0], place[1], whole[0], whole[1])["mix"] for place in series]
    assert np.allclose(one["mix"], again)
    rows = pl.concat(
        [years({2020 + t: list(row) for t, row in enumerate(p)}, place=f"p{n}") for n, p in enumerate(series)]
    )
    nation = years({2020 + t: list(row) for t, row in enumerate(whole)})
    table = shift_share(rows, nation, start=2020, end=2023, dynamic=True, totals=True)
    assert table["regional"].to_list() == pytest.approx(found["regional"].sum(axis=1).tolist())
    assert table["regional"].sum() == pytest.approx(0, abs=1e-9)


def test_a_sector_without_a_figure_is_left_out_and_said():
    place = years({2020: [50.0, None], 2024: [66.0, 48]}, place="a")
    nation = years({2020: [100.0, 100], 2024: [120.0, 100]})
    rows = shift_share(place, nation, start=2020, end=2024)
    assert rows["notes"].to_list() == [None, "missing"] and rows["regional"].to_list() == [pytest.approx(6), None]
    total = shift_share(place, nation, start=2020, end=2024, totals=True).row(0, named=True)
    assert total["change"] == pytest.approx(16) and total["notes"] == "missing"
    with pytest.raises(ParameterError, match="no row of 2021, 2022; expected years of the table: 2020, 2024"):
        shift_share(place, nation, start=2021, end=2022, totals=True)
    with pytest.raises(ParameterError, match="years"):
        shift_share(place, nation, start=2024, end=2020)


def test_order_of_rows_does_not_matter():
    place = years({2020: [50.0, 30, 20], 2024: [66.0, 48, 1]}, place="a")
    nation = years({2020: [100.0, 100, 40], 2024: [120.0, 100, 41]})
    forward = shift_share(place, nation, start=2020, end=2024)
    assert forward.equals(
        shift_share(place.reverse(), nation.sample(fraction=1, shuffle=True, seed=2), start=2020, end=2024)
    )


def test_the_whole_may_differ_by_draw():
    place = years({2020: [50.0, 50], 2024: [66.0, 48]}, place="a")
    nations = [years({2020: [100.0, 100], 2024: [110.0 + 10 * n, 100]}) for n in range(2)]
    drawn, whole = (
        pl.concat([table.with_columns(draw=pl.lit(n)) for n, table in enumerate(tables)])
        for tables in ([place] * 2, nations)
    )
    for more in ({}, {"totals": True}):
        found = shift_share(drawn, whole, start=2020, end=2024, by=["draw"], **more)
        for n, nation in enumerate(nations):
            alone = shift_share(place, nation, start=2020, end=2024, **more)
            assert found.filter(draw=n).drop("draw").equals(alone)


def test_a_sector_of_the_whole_of_a_wider_type_is_not_lost():
    place = pl.DataFrame({"place": "a", "sector": [1, 1], "year": [2020, 2024], "value": [1.0, 2.0]})
    narrow = place.with_columns(pl.col("sector").cast(pl.Int8))
    nation = pl.DataFrame({"sector": [1, 1, 300, 300], "year": [2020, 2024] * 2, "value": [10.0, 12, 10, 30]})
    found = shift_share(narrow, nation, start=2020, end=2024)
    assert found.select("sector", "national").rows() == [(1, pytest.approx(1.1)), (300, None)]
    with pytest.raises(ParameterError, match="labels of one kind"):
        shift_share(place, nation.with_columns(pl.col("sector").cast(pl.String)), start=2020, end=2024)


def test_places_that_all_start_alike_have_no_line_and_a_note():
    frame = pl.DataFrame(
        {
            "place": [f"p{i}" for i in range(9)] * 2,
            "year": [2020] * 9 + [2024] * 9,
            "value": [3.0] * 9 + [*range(1, 10)],
        },
        strict=False,
    )
    found = convergence(frame, start=2020, end=2024, least=5)
    assert found.select("n", "beta", "notes").row(0) == (9, None, "no_spread") and found["sigma_end"].item() > 0


def test_contributions_sum_to_growth():
    frame = years({2020: [30.0, 70, None], 2024: [45.0, 65, 9]}, place="a")
    found = growth.contributions(frame, start=2020, end=2024)
    assert found["value"].to_list() == [pytest.approx(15), pytest.approx(-5), None]
    assert found["share"].to_list() == [pytest.approx(150), pytest.approx(-50), None]
    assert found["notes"].to_list() == ["partial", "partial", "missing"]


def test_a_gap_and_where_the_pace_leads():
    frame = pl.DataFrame(
        {"base": [120.0, 0, None], "value": [150.0, 5, 5], "target": [260.0, 10, 0], "done": 3, "years": 7}
    )
    found = growth.target_gap(frame)
    assert found["gap"].to_list() == [pytest.approx(100 * 110 / 260), 50, None]
    assert found["achieved"].to_list() == [pytest.approx(100 * (1.25 ** (1 / 3) - 1)), None, None]
    assert found["projection"].to_list() == [pytest.approx(150 * 1.25 ** (7 / 3)), None, None]
    back = found.row(0, named=True)
    assert 150 * (1 + back["growth"] / 100) ** 7 == pytest.approx(260)


def test_the_speed_that_made_the_data_is_found():
    # Levels that close five per cent of their distance a year, without noise.
    start = np.geomspace(1, 30, 40)
    target, speed, T = np.log(20), 0.05, 6
    end = np.exp(target + (np.log(start) - target) * np.exp(-speed * T))
    found = beta(start, end, years=T)
    assert found["speed"] == pytest.approx(speed) and found["half_life"] == pytest.approx(np.log(2) / speed)
    assert found["se_beta"] == pytest.approx(0, abs=1e-9)
    assert sigma(end)[0] < sigma(start)[0] and equal_spread(start, end) == pytest.approx(equal_spread(end, start))
    drawn = beta(np.stack([start, start * 2]), np.stack([end, end * 2]), years=T)
    assert drawn["beta"].tolist() == pytest.approx([float(found["beta"])] * 2)


def test_ten_places_are_too_few_for_a_line():
    frame = pl.DataFrame(
        {"place": [f"p{i}" for i in range(10)] * 2, "year": [2020] * 10 + [2024] * 10, "value": np.arange(1.0, 21)}
    )
    found = convergence(frame, start=2020, end=2024).row(0, named=True)
    assert found["notes"] == "too_few" and found["beta"] is None and found["sigma_start"] > found["sigma_end"]
    assert convergence(frame, start=2020, end=2024, least=10)["beta"].item() < 0
    same = frame.with_columns(value=pl.lit(3.0))
    flat = convergence(same, start=2020, end=2024, least=3)
    assert flat.select("beta", "p_sigma").row(0) == (None, None)


def test_convergence_by_draws_is_that_of_each_draw():
    generator = np.random.default_rng(1)
    frame = pl.DataFrame(
        {"place": [f"p{i:02}" for i in range(40)] * 2, "year": [2020] * 40 + [2024] * 40}
    ).with_columns(value=pl.Series(generator.lognormal(size=80)))
    both = pl.concat([frame.with_columns(draw=pl.lit(n), value=pl.col("value") * (n + 1)) for n in range(2)])
    found = convergence(both, start=2020, end=2024, by=["draw"])
    assert (
        found.height == 2 and found["n"].to_list() == [40, 40] and found["beta"][0] == pytest.approx(found["beta"][1])
    )
    assert found.filter(draw=0).drop("draw").equals(convergence(frame, start=2020, end=2024))


# Rates of some sectors only.


def test_what_is_left_to_the_others_closes_the_sum():
    generator = np.random.default_rng(3)
    whole, rates = generator.uniform(1, 9, (50, 6)), generator.uniform(-10, 20, 6)
    total = (whole * rates).sum(axis=1) / whole.sum(axis=1)
    known = np.where(np.arange(6) < 3, rates, np.nan)
    for at in range(5):
        found = growth_of_rest(whole[at], known, known, (total[at], total[at]))
        np.testing.assert_allclose(found["low"][:3].sum() + found["rest_low"], total[at])
        others = (whole[at, 3:] * rates[3:]).sum() / whole[at, 3:].sum()
        np.testing.assert_allclose([found["rate_low"], found["rate_high"]], others)


def test_the_mix_from_some_rates_is_that_of_shift_and_share_where_the_others_grew_alike():
    generator = np.random.default_rng(4)
    place, whole = generator.uniform(0, 9, (40, 3, 6)), generator.uniform(1, 9, (40, 1, 6))
    rates = np.array([0.1, -0.2, 0.05, 0.3, 0.3, 0.3])
    parts = components(place, place, whole, whole * (1 + rates))
    wanted = 100 * parts["mix"].sum(axis=-1) / place.sum(axis=-1)
    known = 100 * np.where(np.arange(6) < 3, rates, np.nan)
    for at in range(40):
        grown = 100 * (whole[at, 0] @ rates) / whole[at, 0].sum()
        low, high = mix_of_rates(place[at], whole[at], known, known, (grown, grown))
        np.testing.assert_allclose(low, wanted[at], atol=1e-12)
        np.testing.assert_allclose(high, wanted[at], atol=1e-12)


def test_ends_of_rates_give_the_ends_of_the_mix():
    place, whole = np.array([[5.0, 1, 2, 4], [0, 0, 3, 3]]), np.array([3.0, 2, 4, 5])
    low, high, total = np.array([2.0, 7, np.nan, np.nan]), np.array([3.0, 9, np.nan, np.nan]), (1.0, 1.5)
    corners = [
        mix_of_rates(place, whole, np.array([a, b, np.nan, np.nan]), np.array([a, b, np.nan, np.nan]), (g, g))[0]
        for a in (2, 3) for b in (7, 9) for g in total
    ]  # fmt: skip
    found = mix_of_rates(place, whole, low, high, total)
    np.testing.assert_allclose(found, [np.min(corners, axis=0), np.max(corners, axis=0)])
    rest = growth_of_rest(whole, low, high, total)
    np.testing.assert_allclose([rest["rest_low"], rest["rest_high"]], [1 - (9 + 18) / 14, 1.5 - (6 + 14) / 14])


def test_a_place_made_of_sectors_that_the_whole_has_not_has_no_mix_from_rates():
    rate = np.array([4.0, np.nan])
    assert np.isnan(mix_of_rates(np.array([1.0, 1.0]), np.array([2.0, 0.0]), rate, rate, (4.0, 4.0))).all()
    np.testing.assert_allclose(mix_of_rates(np.array([1.0, 0.0]), np.array([2.0, 0.0]), rate, rate, (4.0, 4.0)), 0)
