"""What may be wrong in a table of the user's and is yet possible: said, never refused.

Another unit, a share for a per cent, a leap from one year to the next, a figure that another import gives otherwise,
a name that is nearly a listed one, a stage dated ahead. Whoever knows the table decides.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import polars as pl

from tylib.store import mapping, taken
from tylib.store.facts import facts, imported_order, preferred
from tylib.store.tables import load
from tylib.store.templates import bare

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tylib.store.city import City
    from tylib.store.filled import Filled
    from tylib.store.taken import Import

FAR_OFF = 50  # times the usual figure: no county grows so fast, but ten thousand yuan are not a hundred million
LEAP = 3  # times the figure of a year near by
NEAR_YEARS = 2  # how far a year is near by: totals are often published every other year
USUAL_PERCENT = 10  # where this much is usual, a figure below 1 may be a share
ALIKE = 0.85  # of 1: from here on two names may be spellings of one
AHEAD = ("promotion", "planned")  # stages that may lie in the future
SAME = ("place", "indicator", "sector", "scope", "unit")
CELL = ("place", "town_id", "zone_id", "firm_id", "indicator", "sector", "period", "scope", "kind")


def figures(trial: City, records: Sequence[Import]) -> list[str]:
    """Doubts about the figures of imports that stand in a city on trial, in the order of the imports and rows."""
    levels = load("indicators", trial).filter(pl.col("quantity").cast(pl.String) == "level")["indicator"]
    known = facts(trial).filter(pl.col("value").is_not_null())
    mine = pl.col("source_id").is_in([record.id for record in records])
    odd = pl.concat(
        [
            _far_off(known, mine),
            _shares(known, mine),
            _leaps(known.filter(pl.col("indicator").is_in(levels.implode())), mine),
        ],
        how="diagonal",
    ).unique("fact_id", keep="first", maintain_order=True)
    own = {record.id: record for record in records}
    said = [
        (row["source_id"], row["fact_id"].split("-")[1], f"{_figure(row)}, where {row['told']}")
        for row in odd.iter_rows(named=True)
    ]
    said += _contradicted(trial, own)
    ordered = sorted(said, key=lambda one: (one[0], int(one[1])))
    return [f"{own[source].where}, {own[source].counted} {line}: {text}" for source, line, text in ordered]


def _figure(row: dict) -> str:
    return " ".join(filter(None, [row["indicator"], row["period"], f"{row['value']:,.12g}", row["unit"]]))


def _number(column: str) -> pl.Expr:
    return pl.col(column).map_elements(lambda value: f"{value:,.12g}", return_dtype=pl.String)


def _far_off(known: pl.DataFrame, mine: pl.Expr) -> pl.DataFrame:
    """Figures so far from every other one of the same thing that the unit may be another."""
    above = known.filter((pl.col("value") > 0) & (pl.col("unit") != "%"))
    usual = above.filter(~mine).group_by(SAME).agg(usual=pl.col("value").median())
    ratio = pl.col("value") / pl.col("usual")
    odd = above.filter(mine).join(usual, on=SAME).filter((ratio > FAR_OFF) | (ratio < 1 / FAR_OFF))
    return odd.with_columns(told=pl.format("{} is usual. Look at its unit.", _number("usual")))


def _shares(known: pl.DataFrame, mine: pl.Expr) -> pl.DataFrame:
    """Per cents below 1 where they are usually above ten: 0.125 may mean 12.5."""
    rates = known.filter(pl.col("unit") == "%")
    usual = rates.filter(~mine).group_by("indicator").agg(usual=pl.col("value").median())
    small = (pl.col("value").abs() < 1) & (pl.col("value") != 0) & (pl.col("usual") > USUAL_PERCENT)
    odd = rates.filter(mine).join(usual, on="indicator").filter(small)
    meant = odd.with_columns(meant=(pl.col("value") * 100).round(8))
    told = pl.format("{} is usual. If {} % is meant, write {}.", *map(_number, ("usual", "meant", "meant")))
    return meant.with_columns(told=told)


def _leaps(known: pl.DataFrame, mine: pl.Expr) -> pl.DataFrame:
    """Levels that are three times, or a third of, what stands for the same thing in the nearest year."""
    dated = known.filter((pl.col("value") > 0) & pl.col("year").is_not_null())
    on = [*SAME, "kind"]
    rows = preferred(dated.filter(~mine)).select(dated.columns)
    others = pl.concat([rows, dated.filter(mine)]).select(*on, _from=mine, beside="year", stood="value")
    apart = (pl.col("year") - pl.col("beside")).abs()
    ratio = pl.col("value") / pl.col("stood")
    # Of two figures of the user's own the larger is told, once.
    leap = (ratio >= LEAP) | ((ratio <= 1 / LEAP) & ~pl.col("_from"))
    return (
        dated.filter(mine)
        .join(others, on=on)
        .filter(apart.is_between(1, NEAR_YEARS))
        .sort("fact_id", "_from", apart, "beside")
        .unique("fact_id", keep="first", maintain_order=True)
        .filter(leap)
        .with_columns(told=pl.format("{} has {}. Look at its unit and its year.", "beside", _number("stood")))
    )


def _contradicted(trial: City, own: dict[str, Import]) -> Iterator[tuple[str, str, str]]:
    """Figures that an import taken in before gives otherwise, and which of the two goes before."""
    records = {record.id: record for record in taken.active(trial)}
    chosen = set(facts(trial).filter("chosen")["fact_id"])
    for name in sorted({name for record in own.values() for name in record.tables}):
        table = load(name, trial)
        if not {"indicator", "period", "value", "source_id"} <= set(table.columns):
            continue
        if "fact_id" not in table.columns:
            table = table.rename({table.columns[0]: "fact_id"})
        cell = [column for column in CELL if column in table.columns]
        given = table.filter(pl.col("source_id").is_in(list(records)) & pl.col("value").is_not_null())
        given = given.with_columns(_order=imported_order())
        earlier = given.select(
            *cell, "_order", other="source_id", _fact_other="fact_id", stood="value", stood_as_of="as_of"
        )
        both = given.filter(pl.col("source_id").is_in(list(own))).join(
            earlier, on=cell, nulls_equal=True, suffix="_other"
        )
        differ = (pl.col("_order_other") < pl.col("_order")) & (pl.col("stood") != pl.col("value"))
        for row in both.filter(differ).sort("_order", "fact_id", "_order_other").iter_rows(named=True):
            here, there = row["source_id"], row["other"]
            dates = str(row["as_of"] or ""), str(row["stood_as_of"] or "")
            first = here if dates[0] >= dates[1] else there
            why = "its date is later" if dates[0] != dates[1] else "it was taken in later"
            declared = [row["fact_id"] in chosen, row["_fact_other"] in chosen]
            if any(declared) and not all(declared):
                first, why = here if declared[0] else there, "a choice is declared"
            other = records[there]
            told = (
                f"{_figure(row)} in {here}, where {there} ({other.title}, {other.holder}, {other.date}) has "
                f"{row['stood']:,.12g}. Of the two {first} goes before: {why}. Withdraw the one that is wrong."
            )
            yield here, row["fact_id"].split("-")[1], told


def things(city: City, one: Filled, today: str) -> list[str]:
    """Doubts about the firms, projects and the like of a sheet: names that are nearly listed, stages dated ahead."""
    key, known = mapping.listed_names(city, one)
    match, counted = one.template.spec.get("match"), "row" if one.sheet else "line"
    said = []
    for line, read in one.rows:
        where, name = f"{one.where}, {counted} {line}", read.get(match) if match else None
        if name and not read.get(key):
            same = known.get(bare(name))
            near = get_close_matches(bare(name), list(known), n=1, cutoff=ALIKE)
            if same and same[1] != name:
                said.append(f'{where}: "{name}" is {same[0]} {same[1]}, listed already: brought up to date.')
            elif not same and near:
                code, listed = known[near[0]]
                said.append(f'{where}: "{name}" is new. Is it {code} {listed}? Then write its name, or its {key}.')
        stage, dated = read.get("stage"), read.get("stage_date") or ""
        if stage and stage not in AHEAD and dated > today[: len(dated)]:
            said.append(f"{where}: stage {stage} from {dated} on, which is yet to come. Look at the date.")
    return said
