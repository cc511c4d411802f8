"""What a table would be worth before its values are known: how much narrower the answers at hand would become.

Its values are unknown, so draws stand for them: each in turn is taken for the truth, the figures that the table would
print are added as rows, and the intervals are computed again. What is told is the mean over the draws. Which unknowns
a table would settle stands in ``request_rows``; a table that is not there says nothing of output or value added.
"""

from __future__ import annotations

import sys
from math import inf
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tylib.bounds import constraints, intervals, sampling
from tylib.bounds.constraints import Row
from tylib.bounds.programs import Programs
from tylib.store import load, open_city
from tylib.store.kept import digest, frame
from tylib.store.memory import remembered
from tylib.store.params import bounds_suppositions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tylib.bounds.constraints import System
    from tylib.store import City
    from tylib.store.params import BoundsSuppositions

ANSWERS = ("output",)
KEY = ["unit_code", "sector_code", "quantity"]


@remembered
def worth(city: City | None = None, *, layer: int = 2, switch: Mapping[str, bool] | None = None) -> pl.DataFrame:
    """How much each table that can be asked for would narrow what is known of each county and of the city.

    Answers at hand are the intervals of output: for a county of its sectors and its total, for the city of all of
    these and the totals of its sectors. A table that each county keeps for itself is asked of one county at a time.

    Args:
        city: Defaults to :func:`tylib.store.open_city`.
        layer, switch: As in :func:`tylib.bounds.constraints.system`.

    Returns:
        ``unit_code, rank, table_id, title_zh, title_en, holder_zh, holder_en, narrowing`` (mean share of an
        interval's width that goes), ``answers`` (how many intervals), ``fit_before, fit_after`` (how many are fit to
        print, after as a mean over the draws), ``layer, status``. Sorted by unit and rank; empty where the city has no
        rows or nothing can be asked for.

    Raises:
        ContradictionError: The rows conflict.
    """
    city = city or open_city()
    rows, supposed = constraints.system(city, layer=layer, switch=switch), bounds_suppositions(city)
    asked, tables = load("request_rows", city), load("request_tables", city)
    if not rows.rows or asked.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    own = intervals.own_statuses(city)
    made = (*sampling.origin(rows, city), own, asked.rows(), tables.rows(), repr(supposed), layer, intervals,
            sys.modules[__name__])  # fmt: skip

    def make() -> pl.DataFrame:
        truths = _truths(city, layer, switch, supposed)
        invented = intervals.INVENTED in own.values()
        found = _ranked(_measured(rows, supposed, asked, tables, truths), tables, layer)
        return found.with_columns(status=pl.lit(intervals.INVENTED if invented else "assumed"))

    return frame(city, "worth", digest(*made), make)


SCHEMA = {
    "unit_code": pl.String, "rank": pl.Int64, "table_id": pl.String, "title_zh": pl.String, "title_en": pl.String,
    "holder_zh": pl.String, "holder_en": pl.String, "narrowing": pl.Float64, "narrowing_low": pl.Float64,
    "narrowing_high": pl.Float64, "answers": pl.Int64,
    "fit_before": pl.Float64, "fit_after": pl.Float64, "layer": pl.Int64, "status": pl.String,
}  # fmt: skip


def _truths(city: City, layer: int, switch: Mapping[str, bool] | None, supposed: BoundsSuppositions) -> np.ndarray:
    """Draws that stand for the unknown values, half of them under each weighting."""
    each = -(-int(supposed.worth_draws.value) // len(sampling.WEIGHTINGS))
    drawn = [sampling.draws(city, layer=layer, weighting=name, switch=switch) for name in sampling.WEIGHTINGS]
    return np.vstack([part.points()[np.linspace(0, len(part.output) - 1, each, dtype=int)] for part in drawn])


def _measured(
    rows: System, supposed: BoundsSuppositions, asked: pl.DataFrame, tables: pl.DataFrame, truths: np.ndarray
) -> pl.DataFrame:
    """``table_id, unit_code, truth, narrowing, answers, fit_before, fit_after``, one row each."""
    before = intervals.intervals(rows, 1, supposed, ANSWERS)
    whole = {name: before_whole(rows, name) for name in ANSWERS}
    own = set(tables.filter(pl.col("own_holder_zh").is_not_null())["table_id"])
    units = [*rows.places, rows.city]
    found = []
    for (table,), stated in asked.sort("table_id", "quantity").partition_by("table_id", as_dict=True).items():
        prints = stated.rows(named=True)
        for number, truth in enumerate(truths):
            for places, told in [((unit,), [unit]) for unit in rows.places] if table in own else []:
                after = _after(rows, supposed, _rows(rows, prints, truth, places, supposed), told, before, whole)
                found += [(table, number, *line) for line in after]
            added = _rows(rows, prints, truth, rows.places, supposed)
            told = [rows.city] if table in own else units
            found += [(table, number, *line) for line in _after(rows, supposed, added, told, before, whole)]
    return pl.DataFrame(
        found, orient="row",
        schema=["table_id", "truth", "unit_code", "narrowing", "answers", "fit_before", "fit_after"],
    )  # fmt: skip


def before_whole(rows: System, quantity: str) -> float | None:
    """Greatest amount of all industry of the city, the yardstick of what is fit to print."""
    value = Programs(rows).greatest(intervals.everything(rows, quantity)).value
    return value if np.isfinite(value) else None


def _after(
    rows: System, supposed: BoundsSuppositions, added: Sequence[Row], units: Sequence[str], before: pl.DataFrame,
    whole: Mapping[str, float | None],
) -> Iterator[tuple[str, float, int, int, int]]:  # fmt: skip
    """What becomes of the answers of each unit once rows are added."""
    told = before if rows.city in units else before.filter(pl.col("unit_code").is_in(units))
    pinned = {next(iter(row.terms)): (row.low, row.high) for row in added if len(row.terms) == 1 and row.low > -inf}
    ends = [_pinned(rows, pinned, *key) for key in told.select(KEY).iter_rows()]
    if None in ends:
        after = intervals.again(rows.also(added), told, whole=whole, supposed=supposed)
    else:  # the table itself prints every answer: nothing is left to compute
        low, high = (pl.Series([end[side] for end in ends], dtype=pl.Float64) for side in (0, 1))
        after = intervals.fit_to_print(told.with_columns(low=low, high=high), whole=whole, supposed=supposed)
    both = told.with_columns(_width=after["high"] - after["low"], _fit=after["fit"])
    for unit in units:
        mine = both if unit == rows.city else both.filter(pl.col("unit_code") == unit)
        open_ = mine.filter((pl.col("high") - pl.col("low")) > 0)
        gone = (1 - pl.col("_width") / (pl.col("high") - pl.col("low"))).clip(0.0, 1.0)
        narrowing = round(open_.select(gone.mean()).item(), 9) if open_.height else 0.0
        yield unit, narrowing, mine.height, mine["fit"].count(), mine["_fit"].count()


def _pinned(
    rows: System, pinned: Mapping[int, tuple[float, float]], unit: str, sector: str, quantity: str
) -> tuple[float, float] | None:
    """The interval of an answer all whose cells a table prints, else ``None``."""
    places, sectors = ([] if unit == rows.city else [unit]), ([sector] if sector else [])
    cells = np.flatnonzero(rows.form(quantity, places, sectors)).tolist()
    if not all(cell in pinned for cell in cells):
        return None
    return sum(pinned[cell][0] for cell in cells), sum(pinned[cell][1] for cell in cells)


def _rows(
    rows: System, prints: Sequence[Mapping[str, str]], truth: np.ndarray, places: Sequence[str],
    supposed: BoundsSuppositions,
) -> list[Row]:  # fmt: skip
    """The rows that a table would make if a draw were the truth.

    A sum of all industry of a county holds its mining and utilities too: the ceiling is its manufacturing times
    what all industry of the city is of its manufacturing.
    """
    made, room = [], supposed.import_rounding.value
    for line in prints:
        quantity = line["quantity"]
        manufacturing = rows.form(quantity) @ truth
        beside = (intervals.everything(rows, quantity) @ truth) / manufacturing if manufacturing > 0 else 1.0
        wholes = [(rows.city, rows.places)] if line["level"] == "city" else [(place, [place]) for place in places]
        parts = [(sector, [sector]) for sector in rows.sectors] if line["sectors"] == "each" else [("", rows.sectors)]
        if line["level"] == "city" and line["sectors"] == "each":
            made += [
                Row(
                    "request", {rows.unknown(quantity, *cell): 1.0}, *_about(truth[rows.unknown(quantity, *cell)], room)
                )
                for cell in rows.cells[len(rows.places) * len(rows.sectors) :]
            ]
        for place, members in wholes:
            for sector, sectors in parts:
                form = rows.form(quantity, members, sectors)
                low, high = _about(float(form @ truth), room)
                if line["relation"] == "at_most":
                    low, high = -inf, high * (beside if line["sectors"] == "sum" else 1.0)
                terms = {int(at): 1.0 for at in np.flatnonzero(form)}
                made.append(Row("request", terms, low, high, place, sector))
    return made


def _about(value: float, room: float) -> tuple[float, float]:
    return max(value - room, 0.0), value + room


def _ranked(measured: pl.DataFrame, tables: pl.DataFrame, layer: int) -> pl.DataFrame:
    mean = measured.group_by("unit_code", "table_id").agg(
        pl.col("narrowing").mean(), pl.col("narrowing").min().alias("narrowing_low"),
        pl.col("narrowing").max().alias("narrowing_high"), pl.col("answers").first().cast(pl.Int64),
        pl.col("fit_before", "fit_after").cast(pl.Float64).mean(),
    )  # fmt: skip
    columns = ["table_id", "title_zh", "title_en", "holder_zh", "holder_en"]
    return (
        mean.join(tables.select(columns), on="table_id", how="left")
        .sort(["unit_code", "narrowing", "table_id"], descending=[False, True, False])
        .with_columns(
            rank=pl.int_range(1, pl.len() + 1).over("unit_code"), layer=pl.lit(layer, pl.Int64),
            status=pl.lit("assumed"),
        )
        .select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
    )  # fmt: skip
