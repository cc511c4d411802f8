"""Decomposition, Kaya, decoupling and capital: worked values, exactness for any table, entry and exit."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tylib.errors import ParameterError
from tylib.indicators import capital, carbon

factors = arrays(float, (2, 3, 4), elements=st.sampled_from([0.0, 1e-9, 0.3, 1.0, 1.0000001, 12.0, 5e4]))


def test_two_industries_worked_by_hand():
    # Energy 30 and 20 from output 10 and 40; then 40 and 24 from 20 and 60.
    E0, E1, Q0, Q1 = np.array([30.0, 20]), np.array([40.0, 24]), np.array([10.0, 40]), np.array([20.0, 60])
    whole = np.ones(2)
    start = np.stack([50 * whole, Q0 / 50, E0 / Q0])
    end = np.stack([80 * whole, Q1 / 80, E1 / Q1])
    found = carbon.lmdi(start, end)
    mean = (E1 - E0) / np.log(E1 / E0)
    assert found["effect"].tolist() == pytest.approx(
        [mean.sum() * np.log(1.6), (mean * np.log([1.25, 0.9375])).sum(), (mean * np.log([2 / 3, 0.8])).sum()]
    )
    assert found["ratio"][0] == pytest.approx(np.exp(mean.sum() * np.log(1.6) / (14 / np.log(64 / 50))))
    assert found["effect"].sum() == pytest.approx(14) and found["ratio"].prod() == pytest.approx(64 / 50)


@given(factors)
def test_the_parts_are_exact_whatever_enters_or_leaves(table):
    found = carbon.lmdi(*table)
    totals = table.prod(axis=1).sum(axis=-1)
    assert found["change"] == pytest.approx(totals[1] - totals[0])
    assert np.isfinite(found["effect"]).all()
    assert found["effect"].sum() == pytest.approx(found["change"], abs=1e-9 * max(1, totals.max()))
    if totals.min() > 0 and totals.max() / totals.min() < 1e12:
        assert np.log(found["ratio"]).sum() == pytest.approx(np.log(totals[1] / totals[0]), abs=1e-9)
    back = carbon.lmdi(*table[::-1])
    assert np.allclose(back["effect"], -found["effect"], atol=1e-9 * max(1, totals.max()))


def test_the_limit_is_what_a_small_value_in_place_of_zero_approaches():
    start = np.array([[100.0, 100], [0.0, 1.0], [2.0, 3.0]])
    end = np.array([[150.0, 150], [0.4, 0.6], [2.5, 2.0]])
    limit = carbon.lmdi(start, end)["effect"]
    errors = []
    for tiny in (1e-20, 1e-80, 1e-300):
        near = start.copy()
        near[1, 0] = tiny
        errors.append(np.abs(carbon.lmdi(near, end)["effect"] - limit).max())
    assert errors == sorted(errors, reverse=True) and errors[-1] < 0.1 * errors[0]
    # What is not made has no intensity: unknown there, and no effect.
    unknown = start.copy()
    unknown[2, 0] = np.nan
    assert carbon.lmdi(unknown, end)["effect"].tolist() == pytest.approx(limit.tolist())


def test_a_term_that_two_factors_bring_is_shared_by_them():
    start, end = np.array([[2.0], [0.0], [0.0]]), np.array([[3.0], [4.0], [5.0]])
    assert carbon.lmdi(start, end)["effect"].tolist() == [0, 30, 30]
    assert carbon.lmdi(end, start)["effect"].tolist() == [0, -30, -30]


def test_over_draws_without_a_loop():
    generator = np.random.default_rng(2)
    start, end = generator.uniform(0, 5, (2, 3, 50, 4))
    found = carbon.lmdi(start, end)
    assert found["effect"].shape == (3, 50) and found["change"].shape == (50,)
    one = carbon.lmdi(start[:, 7], end[:, 7])
    assert np.allclose(found["effect"][:, 7], one["effect"]) and np.allclose(found["ratio"][:, 7], one["ratio"])


def test_nearly_equal_values_keep_their_digits():
    assert carbon.logarithmic_mean(1 + 1e-12, 1.0) == pytest.approx(1 + 5e-13, abs=1e-15)
    assert carbon.logarithmic_mean(2.0, 8.0) == pytest.approx(6 / np.log(4), rel=1e-15)


def test_a_frame_says_what_is_missing():
    rows = {"place": ["a", "a", "b", "b"], "sector": "x", "year": [2020, 2024] * 2}
    frame = pl.DataFrame(rows | {"output": [10.0, 12, 5, 6], "intensity": [2.0, 1.5, 3, None]})
    found = carbon.decomposition(frame, factors=["output", "intensity"], start=2020, end=2024)
    assert found["factor"].to_list() == ["output", "intensity"] * 2
    assert found["effect"].head(2).sum() == pytest.approx(18 - 20)
    assert found["share"].head(2).sum() == pytest.approx(100)
    assert found["notes"].to_list() == [None, None, "missing", "missing"] and found["effect"].null_count() == 2
    still = frame.with_columns(output=pl.lit(1.0), intensity=pl.lit(1.0))
    assert carbon.decomposition(still, factors=["output", "intensity"], start=2020, end=2024)["share"].null_count() == 4
    with pytest.raises(ParameterError, match="negative"):
        carbon.decomposition(
            frame.with_columns(-pl.col("output")), factors=["output", "intensity"], start=2020, end=2024
        )


def test_kaya_sums_to_the_change_of_carbon():
    frame = pl.DataFrame(
        {
            "place": ["a"] * 2 + ["b"] * 2, "year": [2020, 2024] * 2, "people": [5.0, 5.2, 1, 1],
            "output": [100.0, 150, 8, 0], "energy": [60.0, 66, 2, 2], "carbon": [120.0, 118, 3, 3],
        }
    )  # fmt: skip
    found = carbon.kaya(frame, start=2020, end=2024)
    assert found.filter(place="a")["effect"].sum() == pytest.approx(-2)
    assert found.filter(place="a")["ratio"].product() == pytest.approx(118 / 120)
    assert found.filter(place="b")["notes"].unique().to_list() == ["missing"]


@pytest.mark.parametrize(
    ("pressure", "output", "state"),
    [
        (9, 12, "strong_decoupling"), (11, 15, "weak_decoupling"), (12, 12, "expansive_coupling"),
        (15, 12, "expansive_negative_decoupling"), (12, 9, "strong_negative_decoupling"),
        (9, 5, "weak_negative_decoupling"), (8, 8, "recessive_coupling"), (5, 8, "recessive_decoupling"),
        (12, 10, None), (None, 12, None), (float("nan"), 12, None), (-1, 12, None),
        # The ends of the band: elasticities of 0.79 and 0.81, 1.19 and 1.21.
        (11.58, 12, "weak_decoupling"), (11.62, 12, "expansive_coupling"), (12.38, 12, "expansive_coupling"),
        (12.42, 12, "expansive_negative_decoupling"), (8.42, 8, "weak_negative_decoupling"),
        (8.38, 8, "recessive_coupling"), (7.62, 8, "recessive_coupling"), (7.58, 8, "recessive_decoupling"),
    ],
)  # fmt: skip
def test_the_eight_states_of_decoupling(pressure, output, state):
    row = {"pressure_start": 10.0, "pressure_end": pressure, "output_start": 10.0, "output_end": float(output)}
    found = carbon.tapio(pl.DataFrame([row], schema=dict.fromkeys(row, pl.Float64)))
    assert found["state"].item() == state and (found["elasticity"].item() is None) == (state is None)


@given(st.floats(0.02, 0.3), st.floats(0, 0.1))
def test_a_stock_on_its_path_grows_with_investment(depreciation, growth):
    investment = 10 * (1 + growth) ** np.arange(8)
    stocks = capital.perpetual_inventory(investment, depreciation=depreciation, growth=growth)
    assert np.allclose(stocks[1:] / stocks[:-1], 1 + growth)
    drawn = capital.perpetual_inventory(np.stack([investment] * 3), depreciation=depreciation, growth=growth)
    assert np.allclose(drawn, stocks)


def test_growth_accounting_finds_the_progress_that_was_put_in():
    K, L = np.array([100.0, 110, 130]), np.array([50.0, 51, 49])
    A = np.array([1.0, 1.02, 1.05])
    found = capital.growth_accounting(A * K**0.4 * L**0.6, K, L, alpha=0.4)
    assert found["productivity"].tolist() == pytest.approx(np.diff(np.log(A)).tolist())
    assert sum(found[name] for name in ("capital", "labour", "productivity")) == pytest.approx(found["output"])


def test_what_capital_refuses_and_what_it_leaves_open():
    with pytest.raises(ParameterError):
        capital.perpetual_inventory(np.ones(3), depreciation=0.05)
    with pytest.raises(ParameterError):
        capital.perpetual_inventory(np.ones(3), depreciation=0.05, growth=-0.06)
    with pytest.raises(ParameterError):
        capital.growth_accounting(np.ones(2), np.ones(2), np.ones(2), alpha=1.2)
    gap = pl.DataFrame({"place": "a", "year": [2020, 2022], "value": [1.0, 1.0]})
    with pytest.raises(ParameterError, match="year"):
        capital.capital_stock(gap, depreciation=0.1, growth=0.0)
    holed = pl.DataFrame({"place": "a", "year": [2020, 2021, 2022], "value": [1.0, None, 1.0]})
    assert capital.capital_stock(holed, depreciation=0.1, growth=0.0)["value"].is_null().to_list() == [
        False,
        False,
        True,
    ]
    frame = pl.DataFrame({"place": "a", "year": [1, 3], "output": [1.0, 2], "capital": [1.0, 2], "labour": [1.0, 2]})
    assert capital.sources_of_growth(frame, alpha=0.3)["output"].null_count() == 2


def test_frames_by_draws_are_those_of_each_draw():
    table = {
        "place": "a",
        "year": [2020, 2021, 2022],
        "people": [1.0, 1, 2],
        "output": [2.0, 3, 4],
        "energy": [2.0, 2, 2],
    }
    one = pl.DataFrame(
        table | {"carbon": [1.0, 2, 3], "capital": [5.0, 6, 7], "labour": [1.0, 1, 1], "value": [1.0, 2, 3]}
    )
    both = pl.concat([one.with_columns(draw=pl.lit(n), output=pl.col("output") * (n + 1)) for n in range(2)])
    for call in (
        lambda frame, **by: carbon.kaya(frame, start=2020, end=2022, **by),
        lambda frame, **by: capital.sources_of_growth(frame, alpha=0.4, **by),
        lambda frame, **by: capital.capital_stock(frame, depreciation=0.1, growth=0.02, **by),
    ):
        assert call(both, by=["draw"]).filter(draw=0).drop("draw").equals(call(one))


def test_a_ratio_too_large_to_be_a_number_is_null():
    found = carbon.lmdi(np.array([[1e-300, 1e300], [1.0, 1e-300]]), np.array([[1e300, 1.0], [1.0, 1.0]]))
    assert not np.isinf(found["ratio"]).any()


def test_a_factor_that_does_not_change_has_a_share_of_zero_and_not_of_minus_zero():
    table = {"people": [1.0, 1.0], "output": [2.0, 2.0], "energy": [3.0, 3.0], "carbon": [4.0, 2.0]}
    found = carbon.kaya(pl.DataFrame({"place": "a", "year": [2020, 2024]} | table), start=2020, end=2024)
    assert [str(share) for share in found["share"]] == ["0.0", "0.0", "0.0", "100.0"]
    assert [str(effect) for effect in found["effect"].head(3)] == ["0.0"] * 3


def test_rates_of_capital_may_differ_by_draw():
    investment, depreciation, growth = np.array([10.0, 12]), np.array([0.05, 0.1]), np.array([0.0, 0.02])
    found = capital.perpetual_inventory(investment, depreciation=depreciation, growth=growth)
    for n in range(2):
        one = capital.perpetual_inventory(investment, depreciation=depreciation[n], growth=growth[n])
        assert np.array_equal(found[n], one)
    first = capital.perpetual_inventory(investment, depreciation=0.1, initial=np.array([50.0, 60.0]))
    assert first[:, 1].tolist() == [55.0, 64.0]
    series = np.array([1.0, 2.0, 3.0])
    parts = capital.growth_accounting(series, series, series, alpha=np.array([[0.3], [0.4]]))
    assert parts["output"].shape == (2, 2) and np.allclose(parts["capital"][1], 0.4 * np.diff(np.log(series)))
    for call in (
        lambda: capital.growth_accounting(series, series, series, alpha=np.full(3, 0.3)),
        lambda: capital.perpetual_inventory(np.ones((3, 2)), depreciation=0.1, growth=growth),
    ):
        with pytest.raises(ParameterError, match="do not spread"):
            call()
    with pytest.raises(ParameterError, match="no year"):
        capital.perpetual_inventory(np.ones((3, 0)), depreciation=0.1, growth=0.0)
