"""What every function of rows holds to: what it refuses, in words; that types and order of rows make no difference."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tylib.errors import ParameterError
from tylib.indicators import (
    capital,
    carbon,
    clusters,
    comparison,
    complexity,
    concentration,
    convergence,
    dispersion,
    growth,
    product_space,
)
from tylib.indicators import shift_share as shares
from tylib.indicators import specialisation as special

INDICATORS = Path(__file__).parents[2] / "tylib" / "indicators"
PENDING = (
    "projected", "composite_index", "multiplier_table", "requirements", "effects_of_demand", "linkages",
    "regional_multipliers", "balance", "rank_intervals",
)  # fmt: skip
WAYS = ("cube", "rows", "verdict", "peers")


@dataclass(frozen=True)
class Case:
    """A function of rows, called with a table that is tried in every way."""

    call: Callable[..., pl.DataFrame]
    table: pl.DataFrame
    numbers: tuple[str, ...] = ("value",)
    by: bool = False
    """Whether it takes keys within which it works."""
    fixed: tuple[str, ...] = ("growth", "years", "done", "whole", "share")
    """Numbers that have no unit: rates and years."""
    keeps: bool = False
    """Whether the columns given come back."""

    @property
    def keys(self) -> list[str]:
        return [name for name in self.table.columns if name not in self.numbers]


def grid(values: list[int], **axes: list) -> pl.DataFrame:
    """Every combination of the axes, one value each."""
    table = pl.DataFrame({"_": [0]})
    for name, labels in axes.items():
        table = table.join(pl.DataFrame({name: labels}), how="cross")
    return table.drop("_").with_columns(value=pl.Series(values, dtype=pl.Float64))


PLACES = pl.DataFrame({"place": ["a", "b", "c"], "value": [20.0, 50, 30]})
TABLE = grid([10, 20, 30, 5, 10, 7], place=["a", "b", "c"], sector=["x", "y"])
YEARS = grid([50, 40, 20, 30, 8, 9], place=["a", "b", "c"], year=[2020, 2021])
PANEL = grid([10, 12, 20, 18, 30, 33, 5, 9, 10, 11, 7, 7], place=["a", "b", "c"], sector=["x", "y"], year=[2020, 2021])
EMPTY_PLACE = pl.concat([pl.DataFrame({"place": ["0"], "value": [9.0]}), PLACES])
"""The first of which has no plant: one that has needs a figure."""
REFERENCE = grid([50, 60, 40, 44], sector=["x", "y"], year=[2020, 2021])
PLANTS = pl.DataFrame(
    {"sector": ["x", "x", "x", "y", "y"], "place": ["a", "a", "b", "b", "c"], "value": [10.0, 20, 30, 40, 7]}
)
GROUPS = pl.DataFrame({"group": ["g", "g"], "sector": ["x", "y"]})
FIRMS = TABLE.with_columns(firms=pl.Series([1.0, 2, 3, 1, 2, 1]))
LAND = PLACES.select("place", people="value", area=pl.Series([1.0, 2, 3]))
LEVELS = pl.DataFrame(
    {"name": ["p", "q"], "base": [50.0, 100], "value": [60.0, 90], "target": [100.0, 120], "done": [2.0, 3],
     "years": [4.0, 5]}
)  # fmt: skip
USE = PANEL.rename({"value": "output"}).with_columns(use=pl.Series(range(1, 13), dtype=pl.Float64))
KAYA = YEARS.rename({"value": "people"}).with_columns(
    output=pl.Series([9.0, 8, 7, 6, 5, 4]), energy=pl.Series([3.0, 4, 5, 6, 7, 8]), carbon=pl.Series([2.0, 3] * 3)
)
SOURCES = YEARS.rename({"value": "output"}).with_columns(capital=pl.col("output") * 2, labour=pl.col("output") + 3)
ENDS = pl.DataFrame(
    {"name": ["p", "q"], "pressure_start": [10.0, 20], "pressure_end": [11.0, 15], "output_start": [10.0, 10],
     "output_end": [15.0, 9]}
)  # fmt: skip
RATES = TABLE.with_columns(growth=pl.Series([3.0, 4, 5, 6, 7, 8]))
SPAN = {"start": 2020, "end": 2021}

CASES = {
    "share": Case(lambda t: comparison.share(t, pl.DataFrame({"value": [60.0]})), PLACES),
    "share: whole": Case(lambda t: comparison.share(PLACES, t), pl.DataFrame({"value": [60.0]})),
    "ratio": Case(lambda t: comparison.ratio(t, PLACES), PLACES),
    "ratio: denominator": Case(lambda t: comparison.ratio(PLACES, t), PLACES),
    "rank": Case(comparison.rank, PLACES),
    "change": Case(lambda t: growth.change(t, **SPAN), YEARS),
    "compound_growth": Case(lambda t: growth.compound_growth(t, **SPAN), YEARS),
    "required_growth": Case(
        growth.required_growth, LEVELS.drop("base", "done"), ("value", "target", "years"), keeps=True
    ),
    "contributions": Case(lambda t: growth.contributions(t, **SPAN), PANEL),
    "contributions_of_rates": Case(growth.contributions_of_rates, RATES, ("value", "growth")),
    "contribution_of_share": Case(
        lambda t: growth.contribution_of_share(t, step=0.1),
        pl.DataFrame({"name": ["p", "q"], "share": [55.0, 20], "growth": [10.0, 3], "whole": [5.0, 1]}),
        ("share", "growth", "whole"),
        keeps=True,
    ),
    "target_gap": Case(growth.target_gap, LEVELS, ("base", "value", "target", "done", "years"), keeps=True),
    "on_track": Case(lambda t: growth.on_track(t, target=9.5), grid([9, 10, 3, 20], place=["a", "b"], draw=[0, 1])),
    "convergence": Case(lambda t, **by: convergence.convergence(t, least=3, **SPAN, **by), YEARS, by=True),
    "dispersion": Case(dispersion.dispersion, PLACES, by=True),
    "location_quotients": Case(lambda t, **by: special.location_quotients(t, counts=True, **by), TABLE, by=True),
    "location_quotients: people": Case(
        lambda t: special.location_quotients(TABLE, people=t), LAND.drop("area"), ("people",)
    ),
    "specialisation": Case(special.specialisation, TABLE, by=True),
    "concentration": Case(concentration.concentration, TABLE, by=True),
    "unevenness": Case(
        lambda t, **by: concentration.unevenness(t, weights="people", groups="kind", **by),
        LAND.select("place", "people", value="area", kind=pl.Series(["u", "u", "v"])),
        ("value", "people"),
        by=True,
    ),
    "agglomeration": Case(lambda t, **by: clusters.agglomeration(t, PLACES, **by), PLANTS, by=True),
    "agglomeration: reference": Case(lambda t: clusters.agglomeration(PLANTS, t), EMPTY_PLACE),
    "cluster_indices": Case(
        lambda t, **by: clusters.cluster_indices(t, LAND, **by), FIRMS, ("value", "firms"), by=True
    ),
    "cluster_indices: places": Case(lambda t: clusters.cluster_indices(FIRMS, t), LAND, ("people", "area")),
    "cluster_stars": Case(
        lambda t, **by: clusters.cluster_stars(t, minimum=1, quotient=1.1, counts=True, **by), TABLE, by=True
    ),
    "coagglomerations": Case(lambda t, **by: clusters.coagglomerations(t, PLACES, GROUPS, **by), PLANTS, by=True),
    "coagglomerations: reference": Case(lambda t: clusters.coagglomerations(PLANTS, t, GROUPS), EMPTY_PLACE),
    "coagglomerations: groups": Case(lambda t: clusters.coagglomerations(PLANTS, PLACES, t), GROUPS, ()),
    "shift_share": Case(lambda t, **by: shares.shift_share(t, REFERENCE, **SPAN, **by), PANEL, by=True),
    "shift_share: reference": Case(lambda t: shares.shift_share(PANEL, t, dynamic=True, **SPAN), REFERENCE),
    "decomposition": Case(
        lambda t, **by: carbon.decomposition(t, factors=["output", "use"], **SPAN, **by),
        USE, ("output", "use"), by=True,
    ),
    "kaya": Case(
        lambda t, **by: carbon.kaya(t, **SPAN, **by), KAYA, ("people", "output", "energy", "carbon"), by=True
    ),
    "tapio": Case(carbon.tapio, ENDS, tuple(ENDS.columns[1:]), keeps=True),
    "capital_stock": Case(
        lambda t, **by: capital.capital_stock(t, depreciation=0.1, growth=0.02, **by), YEARS, by=True
    ),
    "complexity": Case(lambda t, **by: complexity.complexity(t, least=3, **by)[0], TABLE, by=True),
    "opportunities": Case(product_space.opportunities, TABLE, by=True),
    "proximities": Case(product_space.proximities, TABLE, by=True),
    "sources_of_growth": Case(
        lambda t, **by: capital.sources_of_growth(t, alpha=0.4, **by), SOURCES, ("output", "capital", "labour"), by=True
    ),
}  # fmt: skip

every = pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
grouped = pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items() if case.by])


def sound(table: pl.DataFrame) -> bool:
    """No number is NaN or infinite."""
    return all(series.is_finite().fill_null(True).all() for series in table.select(pl.selectors.float()))


def same(found: pl.DataFrame, wanted: pl.DataFrame) -> None:
    assert_frame_equal(found, wanted, check_dtypes=False, rel_tol=1e-12, abs_tol=1e-12)


def test_every_function_of_rows_is_tried():
    there = set()
    for path in INDICATORS.glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body if path.stem not in WAYS else ():
            given = [*node.args.posonlyargs, *node.args.args] if isinstance(node, ast.FunctionDef) else []
            parts = [given[0].annotation, node.returns] if given else []
            frames = bool(parts) and all(
                part is not None and ast.unparse(part).removeprefix("tuple[").startswith("pl.DataFrame")
                for part in parts
            )
            if frames and not node.name.startswith("_"):
                there.add(node.name)
    assert there - set(PENDING) == {name.split(":")[0] for name in CASES}


@every
def test_only_a_table_that_is_there_is_taken(case):
    with pytest.raises(ParameterError, match="collect"):
        case.call(case.table.lazy())
    with pytest.raises(ParameterError, match="is no table"):
        case.call(case.table.to_dict())


@every
def test_a_missing_column_is_named(case):
    needed = [name for name in case.table.columns if name != "name"]
    for name in needed:
        with pytest.raises(ParameterError, match=f'column "{name}"'):
            case.call(case.table.drop(name))


@every
def test_words_and_infinite_numbers_are_refused(case):
    for name in case.numbers:
        with pytest.raises(ParameterError, match=name):
            case.call(case.table.with_columns(pl.col(name).cast(pl.String)))
        with pytest.raises(ParameterError, match="infinite"):
            case.call(case.table.with_columns(pl.lit(float("inf")).alias(name)))


@every
@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt8, pl.Int32, pl.UInt32, pl.Float32, pl.Decimal(12, 2)])
def test_types_of_numbers_make_no_difference(case, dtype):
    same(case.call(case.table.with_columns(pl.col(case.numbers).cast(dtype))), case.call(case.table))


@every
@pytest.mark.parametrize("dtype", [pl.Int32, pl.UInt32, pl.Int64])
def test_large_whole_numbers_do_not_overflow(case, dtype):
    amounts = [name for name in case.numbers if name not in case.fixed]
    large = case.table.with_columns(pl.col(amounts) * 15_000_000)
    same(case.call(large.with_columns(pl.col(amounts).cast(dtype))), case.call(large))


@every
def test_what_is_no_number_is_missing_and_no_answer_is_odd(case):
    for name in case.numbers:
        first = pl.int_range(pl.len()) == 0
        odd, absent, tiny, vast, zero = (
            case.table.with_columns(pl.when(first).then(pl.lit(value, pl.Float64)).otherwise(name).alias(name))
            for value in (float("nan"), None, 1e-300, 1e300, 0.0)
        )
        same(case.call(odd), case.call(absent))
        for table in (odd, absent, tiny, vast, zero):
            assert sound(case.call(table)), name


@every
def test_the_order_of_rows_makes_no_difference(case):
    shuffled = case.call(case.table.sample(fraction=1, shuffle=True, seed=4))
    same(shuffled.sort("name") if case.keeps else shuffled, case.call(case.table))


@every
def test_labels_may_be_categories(case):
    words = [name for name in case.keys if case.table.schema[name] == pl.String]
    same(case.call(case.table.with_columns(pl.col(words).cast(pl.Categorical))), case.call(case.table))


@every
def test_a_table_without_rows_has_an_answer_or_a_reason(case):
    for table in (case.table.clear(), case.table.clear().cast(dict.fromkeys(case.table.columns, pl.Null))):
        try:
            assert sound(case.call(table))
        except ParameterError as error:
            assert error.expected


@grouped
def test_a_bare_text_is_no_list_of_keys(case):
    with pytest.raises(ParameterError, match="a list of columns"):
        case.call(case.table.with_columns(year=2020) if "year" not in case.table.columns else case.table, by="year")
    with pytest.raises(ParameterError, match="named twice"):
        case.call(case.table, by=["place"])
    with pytest.raises(ParameterError, match='column "draw"'):
        case.call(case.table, by=["draw"])


@grouped
def test_each_draw_is_as_it_is_alone(case):
    drawn = [case.table.with_columns(pl.col(case.numbers) * (n + 1), draw=pl.lit(n, pl.Int8)) for n in range(2)]
    found = case.call(pl.concat(drawn), by=["draw"])
    for n, table in enumerate(drawn):
        same(found.filter(draw=n).drop("draw"), case.call(table))


def test_a_key_that_occurs_twice_is_named_with_its_table():
    with pytest.raises(ParameterError, match="reference: year, sector: a key occurs twice: year 2020, sector x"):
        shares.shift_share(PANEL, pl.concat([REFERENCE, REFERENCE]), **SPAN)
