"""Input-output accounts and regional tables: a textbook table, identities of any table, what is refused."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tylib.errors import ParameterError
from tylib.indicators import input_output as io
from tylib.indicators import input_output_tables as rows_of
from tylib.indicators import regional_tables as regional
from tylib.indicators.linkages import linkages, rasmussen
from tylib.store import load

# Miller and Blair (2009), section 2.3: two sectors and what a new final demand of 600 and 1500 takes.
FLOWS, OUTPUT = np.array([[150.0, 500.0], [200.0, 100.0]]), np.array([1000.0, 2000.0])
seeds = st.integers(0, 10_000)


def economy(seed: int, n: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A productive economy: flows, final demand by two columns, a requirement."""
    generator = np.random.default_rng(seed)
    A = generator.uniform(0, 1, (n, n)) * (generator.uniform(size=(n, n)) < 0.7)
    A *= 0.7 / max(A.sum(axis=0).max(), 1e-9)
    final = generator.uniform(0, 50, (n, 2))
    x = np.linalg.solve(np.eye(n) - A, final.sum(axis=1))
    return A * x, final, generator.uniform(0, 5, (2, n))


def test_the_textbook_economy():
    A = io.coefficients(FLOWS, OUTPUT)
    assert A.tolist() == [[0.15, 0.25], [0.2, 0.05]]
    system = io.factor(A)
    assert io.inverse(system).round(4).tolist() == [[1.2541, 0.33], [0.264, 1.1221]]
    assert system.solve(np.array([600.0, 1500.0])).round(2).tolist() == [1247.52, 1841.58]
    assert io.multipliers(system).round(4).tolist() == [1.5182, 1.4521]
    # Ghosh, section 12.1: allocation is by row; both inverses share the diagonal.
    ghosh = io.inverse(io.factor(io.allocation(FLOWS, OUTPUT)))
    assert ghosh.diagonal() == pytest.approx(io.inverse(system).diagonal())


@given(seeds)
def test_accounts_add_up(seed):
    flows, final, needs = economy(seed)
    found = io.accounts(flows, final, needs)
    assert np.allclose(found.output, flows.sum(axis=1) + final.sum(axis=1))
    assert np.allclose(found.produced, needs * (found.output > 0))
    assert np.allclose(found.consumed.sum(axis=1), found.produced.sum(axis=1))
    assert not found.imported.any()
    two = io.accounts(flows, final, needs, regions=2)
    assert np.allclose(two.consumed.sum(axis=1), two.produced.sum(axis=1))
    assert np.allclose(two.imported.sum(axis=1), two.exported.sum(axis=1))
    half = slice(0, 3)
    assert np.allclose(
        two.produced[:, half].sum(1) - two.exported[:, half].sum(1),
        two.consumed[:, half].sum(1) - two.imported[:, half].sum(1),
    )


@given(seeds)
def test_extraction_in_closed_form_is_that_by_hand(seed):
    flows, final, _ = economy(seed)
    demand = final.sum(axis=1)
    x = flows.sum(axis=1) + demand
    A = io.coefficients(flows, x)
    lost = []
    for sector in range(len(x)):
        left = A.copy()
        left[sector], left[:, sector] = 0, 0
        kept = np.where(np.arange(len(x)) == sector, 0, demand)
        lost.append(x.sum() - np.linalg.solve(np.eye(len(x)) - left, kept).sum())
    assert np.allclose(io.extraction(io.inverse(io.factor(A)), x), lost)


@given(seeds, st.permutations(range(6)))
def test_the_order_of_sectors_and_the_unit_of_money_do_not_matter(seed, order):
    flows, final, _ = economy(seed)
    x = flows.sum(axis=1) + final.sum(axis=1)
    first = io.multipliers(io.factor(io.coefficients(flows, x)))
    again = io.multipliers(io.factor(io.coefficients(flows[np.ix_(order, order)] * 100, x[order] * 100)))
    assert np.allclose(first[list(order)], again)


def test_the_table_agrees_with_the_two_indices(city):
    table = load("input_output_2020", city)
    found = rows_of.multiplier_table(table)
    names = [f"use_{sector}" for sector in table["io_sector"]]
    backward, forward = rasmussen(table.select(names).to_numpy(), table["gross_output"].to_numpy())
    assert found["backward"].to_list() == pytest.approx(backward.tolist())
    assert found["forward"].to_list() == pytest.approx(forward.tolist())
    assert found["loss"].is_between(0, 100).all()
    holed = table.with_columns(pl.when(pl.int_range(pl.len()) > 0).then(names[0]).alias(names[0]))
    assert rows_of.multiplier_table(holed).is_empty()


def test_a_sector_without_output_has_a_multiplier_of_one():
    flows, final, needs = economy(3)
    flows[2], flows[:, 2], final[2] = 0, 0, 0
    found = io.accounts(flows, final, needs)
    assert found.output[2] == 0 and not found.coefficients[:, 2].any() and not found.direct[:, 2].any()
    assert io.multipliers(io.factor(found.coefficients))[2] == 1
    assert np.isfinite(found.consumed).all()


@pytest.mark.parametrize("A", [np.eye(2), np.array([[0.5, 0.6], [0.7, 0.5]]), np.ones((2, 3)), np.full((2, 2), np.nan)])
def test_an_economy_that_uses_up_more_than_it_makes_is_refused(A):
    with pytest.raises(ParameterError):
        io.factor(A)


def test_quotients_worked_by_hand():
    e, E = np.array([30.0, 10, 0]), np.array([100.0, 200, 100])
    slq = regional.simple_quotient(e, E)
    assert slq.tolist() == pytest.approx([3, 0.5, 0])
    size = np.log2(1 + 40 / 400)
    shares = regional.home_shares(e, E, method="flq", delta=0.5)
    assert shares[0].tolist() == pytest.approx([min(1, 3 * size**0.5), min(1, 6 * size**0.5), 0])
    assert shares[1].tolist() == pytest.approx([0.5 / 3 * size**0.5, 0.5 * size**0.5, 0])
    adjusted = regional.home_shares(e, E, method="aflq", delta=0.5)
    assert adjusted[1, 0] == pytest.approx(0.5 / 3 * size**0.5 * 2)
    assert regional.home_shares(e, E, method="slq")[:2, 2].tolist() == [1, 0.5]


@given(seeds, st.floats(0, 1))
def test_home_shares_are_shares_and_fall_with_delta(seed, delta):
    generator = np.random.default_rng(seed)
    E = generator.uniform(10, 100, (3, 5))
    e = E * generator.uniform(0, 0.5, (3, 5))
    for method in regional.METHODS:
        shares = regional.home_shares(e, E, method=method, delta=delta)
        assert shares.shape == (3, 5, 5) and shares.min() >= 0 and shares.max() <= 1
        assert np.allclose(shares[1], regional.home_shares(e[1], E[1], method=method, delta=delta))
        assert (regional.home_shares(e, E, method=method, delta=delta + 0.1) <= shares + 1e-12).all()


@given(seeds)
def test_balancing_meets_both_margins_and_keeps_zeros(seed):
    generator = np.random.default_rng(seed)
    matrix = generator.uniform(0.1, 9, (2, 4, 3))
    matrix[:, 1, 1] = 0
    goal = matrix * generator.uniform(0.5, 2, (2, 4, 3))
    found = regional.ras(matrix, goal.sum(axis=-1), goal.sum(axis=-2))
    assert np.allclose(found.sum(axis=-1), goal.sum(axis=-1)) and np.allclose(found.sum(axis=-2), goal.sum(axis=-2))
    assert not found[:, 1, 1].any()
    # Biproportional: cross ratios stay as they were.
    ratio = lambda t: t[..., 0, 0] * t[..., 2, 2] / (t[..., 0, 2] * t[..., 2, 0])  # noqa: E731
    assert np.allclose(ratio(found), ratio(matrix))


def test_what_cannot_be_balanced_is_refused():
    with pytest.raises(ParameterError, match="totals"):
        regional.ras(np.ones((2, 2)), np.array([1.0, 1]), np.array([1.0, 2]))
    with pytest.raises(ParameterError, match="zeros"):
        regional.ras(np.array([[1.0, 1], [0, 0]]), np.array([1.0, 1]), np.array([1.0, 1]))
    with pytest.raises(ParameterError, match="no balance"):
        regional.ras(np.array([[1.0, 0], [0, 1]]), np.array([2.0, 1]), np.array([1.0, 2]), limit=50)


def test_multipliers_of_a_region_are_a_range():
    flows = pl.DataFrame({"supplier": ["a", "a", "b"], "user": ["a", "b", "a"], "value": [0.1, 0.3, 0.2]})
    sectors = pl.DataFrame({"sector": ["a", "b"], "regional": [10.0, 1.0], "national": [50.0, 50.0]})
    found = regional.regional_multipliers(flows, sectors)
    assert found.height == 2 * (2 + 2 * 5) and found["value"].min() >= 1
    falling = found.filter(sector="a", method="flq")["value"]
    assert falling.to_list() == sorted(falling, reverse=True)


def test_what_a_unit_of_demand_takes_is_what_all_demand_takes_in_sum(city):
    table = load("input_output_2020", city)
    needed = table.with_columns(jobs=pl.col("gross_output") * 0.1, carbon=pl.int_range(pl.len()).cast(pl.Float64))
    found = rows_of.requirements(needed, needs=["jobs", "carbon"])
    assert found.columns == ["io_sector", "need", "direct", "total"] and found.height == 2 * table.height
    uses = table.select(pl.sum_horizontal(pl.col(f"use_{s}") for s in table["io_sector"])).to_series()
    final = table["gross_output"] - uses
    for need in ("jobs", "carbon"):
        own = found.filter(need=need)
        assert (own["total"] >= own["direct"] - 1e-12).all()
        assert (own["total"] * final).sum() == pytest.approx(needed[need].sum())
    gap = rows_of.requirements(needed.with_columns(jobs=None), needs=["jobs"])
    assert gap["total"].null_count() == table.height


def test_demand_by_draws_is_solved_at_once(city):
    table = load("input_output_2020", city)
    sector = table["io_sector"].to_list()
    more = pl.DataFrame({"draw": [0, 0, 1], "io_sector": [sector[3], sector[0], sector[3]], "value": [10.0, 5.0, 20.0]})
    found = rows_of.effects_of_demand(table, more)
    assert found.height == 2 * table.height and found["io_sector"].head(table.height).is_sorted()
    alone = rows_of.effects_of_demand(table, more.filter(draw=1))
    assert found.filter(draw=1)["value"].to_list() == pytest.approx(alone["value"].to_list())
    multiplier = rows_of.multiplier_table(table).filter(io_sector=sector[3])["output_multiplier"].item()
    assert alone["value"].sum() == pytest.approx(20 * multiplier)
    with pytest.raises(ParameterError, match="demand"):
        rows_of.effects_of_demand(table, more.with_columns(io_sector=pl.lit("none")))


def test_a_long_table_is_balanced_and_a_missing_sum_refused():
    pairs = pl.DataFrame({"supplier": ["a", "a", "b"], "user": ["x", "y", "y"], "value": [1.0, 2, 3]})
    rows = pl.DataFrame({"supplier": ["a", "b"], "value": [4.0, 6.0]})
    columns = pl.DataFrame({"user": ["x", "y"], "value": [3.0, 7.0]})
    found = regional.balance(pairs, rows, columns)
    assert found.filter(supplier="b", user="x")["value"].item() == 0
    assert found.group_by("supplier").agg(pl.col("value").sum()).sort("supplier")["value"].to_list() == pytest.approx(
        [4, 6]
    )
    with pytest.raises(ParameterError, match="sum"):
        regional.balance(pairs, rows.head(1), columns)


@given(seeds)
def test_many_tables_as_each_alone_and_a_broken_one_spoils_no_other(seed):
    tables = np.stack(
        [io.coefficients(f, f.sum(axis=1) + d.sum(axis=1)) for f, d, _ in map(economy, range(seed, seed + 3))]
    )
    tables = np.concatenate([tables, [np.eye(6), np.full((6, 6), 0.5), np.full((6, 6), np.nan)]])
    direct = np.arange(6.0)
    found = io.multipliers_of_many(tables, direct)
    assert np.allclose(found[:3], [io.multipliers(io.factor(A), direct) for A in tables[:3]])
    assert np.isnan(found[3:]).all()


def one_table(flows: np.ndarray = FLOWS, output: np.ndarray = OUTPUT, **more) -> pl.DataFrame:
    columns = {f"use_{name}": flows[:, j] for j, name in enumerate("ab")}
    return pl.DataFrame({"io_sector": ["a", "b"], "gross_output": output, **columns, **more})


def test_a_change_of_demand_that_is_no_number_is_refused_and_not_taken_for_zero():
    for wrong in (None, float("nan"), float("inf"), "much"):
        more = pl.DataFrame({"draw": [0], "io_sector": ["a"], "value": [wrong]})
        with pytest.raises(ParameterError):
            rows_of.effects_of_demand(one_table(), more)
    whole = pl.DataFrame({"draw": [0], "io_sector": pl.Series(["a"], dtype=pl.Categorical), "value": [100]})
    assert rows_of.effects_of_demand(one_table(), whole)["value"].round(2).to_list() == [125.41, 26.4]


@pytest.mark.parametrize("output", [[1000.0, 0.0], [1000.0, -2000.0]])
def test_an_output_that_is_negative_or_zero_beside_flows_is_refused(output):
    table = one_table(output=np.array(output), jobs=[1.0, 2.0])
    more = pl.DataFrame({"draw": [0], "io_sector": ["a"], "value": [1.0]})
    for asked in (
        lambda: rows_of.multiplier_table(table),
        lambda: rows_of.requirements(table, needs=["jobs"]),
        lambda: rows_of.effects_of_demand(table, more),
    ):
        with pytest.raises(ParameterError, match="gross_output"):
            asked()
    idle = one_table(np.array([[150.0, 0], [0, 0]]), np.array([1000.0, 0.0]))
    assert rows_of.multiplier_table(idle)["output_multiplier"].to_list() == pytest.approx([1 / 0.85, 1])
    with pytest.raises(ParameterError, match="gap"):
        io.factor(io.coefficients(FLOWS, np.array([1000.0, np.nan])))


@given(seeds)
def test_leading_axes_of_spread_and_extraction_are_tables_each_by_itself(seed):
    made = [economy(seed + k) for k in range(4)]
    made = [(flows, flows.sum(axis=1) + final.sum(axis=1)) for flows, final, _ in made]
    A, x = np.stack([io.coefficients(*one) for one in made]), np.stack([one[1] for one in made])
    L = io.inverse_of_many(A)
    for k in range(4):
        alone = io.inverse(io.factor(A[k]))
        np.testing.assert_allclose(L[k], alone)
        np.testing.assert_allclose(io.spread(L)[k], io.spread(alone))
        np.testing.assert_allclose(io.extraction(L, x)[k], io.extraction(alone, x[k]))
        if (x[k] > 0).all() and (x > 0).all():
            both = rasmussen(np.stack([one[0] for one in made]), x)
            np.testing.assert_allclose([both[0][k], both[1][k]], rasmussen(made[k][0], x[k]))
    # As many draws as sectors: nothing may be read across tables.
    square = np.stack([np.eye(3), 2 * np.eye(3) + 1, np.arange(9.0).reshape(3, 3) + 1])
    assert io.spread(square).tolist() == [io.spread(one).tolist() for one in square]


def test_one_factorisation_is_of_one_table_and_says_what_is_of_many():
    stack = np.stack([FLOWS / OUTPUT] * 3)
    with pytest.raises(ParameterError, match="multipliers_of_many"):
        io.factor(stack)
    with pytest.raises(ParameterError, match="multipliers_of_many"):
        io.accounts(stack, np.ones((2, 1)), np.ones((1, 2)))


def test_frames_over_draws_as_each_draw_alone_and_a_bad_draw_spoils_no_other():
    draws = [one_table(FLOWS * k, jobs=[10.0, 40.0 * k]).with_columns(draw=pl.lit(n)) for n, k in enumerate((1, 0.5))]
    both = pl.concat(draws)
    keys = {"by": ["draw"]}
    for asked in (
        lambda t, **by: rows_of.multiplier_table(t, **by),
        lambda t, **by: linkages(t, **by),
        lambda t, **by: rows_of.requirements(t, needs=["jobs"], **by),
    ):
        together = asked(both.reverse(), **keys)
        for n, one in enumerate(draws):
            # In the order of the sectors of the table given, under the sorted draws.
            alone = asked(one.reverse()).select(pl.selectors.float())
            found = together.filter(draw=n).select(pl.selectors.float())
            np.testing.assert_allclose(found.to_numpy(), alone.to_numpy())
    wasteful = pl.concat([*draws, one_table(FLOWS * 9, jobs=[1.0, 1.0]).with_columns(draw=pl.lit(2))])
    holed = wasteful.with_columns(use_a=pl.when(pl.col("draw") != 1).then("use_a"))
    found = rows_of.multiplier_table(holed, by=["draw"])
    assert found["notes"].to_list() == [None, None, "missing", "missing", "not_productive", "not_productive"]
    assert found["spread"].is_null().to_list() == [False, False, True, True, True, True]
    assert linkages(holed, by=["draw"])["backward"].is_null().to_list() == [False, False, True, True, True, True]
    with pytest.raises(ParameterError, match="uses up"):
        rows_of.requirements(wasteful, needs=["jobs"], by=["draw"])
    with pytest.raises(ParameterError, match="every table"):
        rows_of.multiplier_table(both.head(3), by=["draw"])


def test_what_is_no_table_is_refused_in_words():
    table = one_table(jobs=[1.0, 2.0])
    for wrong in (
        table.lazy(), table.drop("io_sector"), table.drop("gross_output"), table.with_columns(gross_output=pl.lit("9")),
        table.with_columns(use_a=pl.lit("much")), pl.concat([table, table]), table.with_columns(io_sector=None),
    ):  # fmt: skip
        for asked in (
            lambda t: rows_of.multiplier_table(t),
            lambda t: linkages(t),
            lambda t: rows_of.requirements(t, needs=["jobs"]),
        ):
            with pytest.raises(ParameterError):
                asked(wrong)
    with pytest.raises(ParameterError, match="gap"):
        rows_of.requirements(table.clear(), needs=["jobs"])
    assert rows_of.multiplier_table(table.clear()).columns == rows_of.multiplier_table(table).columns


NATION = pl.DataFrame({"supplier": ["a", "a", "b"], "user": ["a", "b", "a"], "value": [0.1, 0.3, 0.2]})
SIZES = pl.DataFrame({"sector": ["a", "b"], "regional": [10, 1], "national": [50, 50]})


@pytest.mark.parametrize(
    "flows",
    [
        NATION.with_columns(value=pl.when(pl.col("user") == "b").then("value")),
        NATION.with_columns(value=pl.col("value") - 0.15),
        NATION.with_columns(user=pl.lit("c")).head(1),
        NATION.with_columns(supplier=pl.lit("c")).head(1),
        NATION.with_columns(value=pl.col("value") * 9),
        NATION.with_columns(value=pl.lit("much")),
        NATION.drop("user"),
        NATION.lazy(),
    ],
)
def test_coefficients_that_are_none_are_refused(flows):
    with pytest.raises(ParameterError):
        regional.regional_multipliers(flows, SIZES)


def test_regions_by_a_key_as_each_alone_and_an_absent_sector_is_noted():
    both = pl.concat([SIZES.with_columns(draw=pl.lit(n), regional=pl.col("regional") * f) for n, f in ((0, 1), (1, 3))])
    both = both.with_columns(
        regional=pl.when((pl.col("draw") == 1) & (pl.col("sector") == "b")).then(0).otherwise("regional")
    )
    found = regional.regional_multipliers(NATION, both, by=["draw"])
    for draw in (0, 1):
        alone = regional.regional_multipliers(NATION, both.filter(draw=draw))
        assert found.filter(draw=draw)["value"].to_list() == pytest.approx(alone["value"].to_list())
    absent = found.filter(pl.col("notes") == "absent")
    assert absent.select("draw", "sector").unique().rows() == [(1, "b")] and absent.height == 12
    # By the quotients of two sectors one that is not there takes nothing.
    assert absent.filter(pl.col("method") != "slq")["value"].to_list() == [1.0] * 11
    with pytest.raises(ParameterError, match="size"):
        regional.regional_multipliers(NATION, both.head(3), by=["draw"])


def test_a_sum_wanted_of_none_in_the_table_is_refused_and_draws_are_balanced_each_by_itself():
    pairs = pl.DataFrame({"supplier": ["a", "a", "b"], "user": ["x", "y", "y"], "value": [1, 2, 3]})
    rows = pl.DataFrame({"supplier": ["a", "b"], "value": [4.0, 6.0]})
    columns = pl.DataFrame({"user": ["x", "y"], "value": [3.0, 7.0]})
    more = pl.concat([rows, pl.DataFrame({"supplier": ["c"], "value": [5.0]})])
    for wrong in (
        (pairs, more, columns),
        (pairs.with_columns(value=None), rows, columns),
        (pairs.lazy(), rows, columns),
    ):
        with pytest.raises(ParameterError):
            regional.balance(*wrong)
    text = pairs.with_columns(pl.col("supplier").cast(pl.Categorical))
    alone = regional.balance(text, rows, columns)
    drawn = [
        pl.concat([t.with_columns(draw=pl.lit(n), value=pl.col("value") * f) for n, f in ((0, 1.0), (1, 3.0))])
        for t in (pairs, rows, columns)
    ]
    found = regional.balance(*drawn, by=["draw"])
    assert found.filter(draw=0).drop("draw").equals(alone)
    assert found.filter(draw=1)["value"].to_list() == pytest.approx((3 * alone["value"]).to_list())
