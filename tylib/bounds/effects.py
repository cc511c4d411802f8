"""What each row of the set does: how much wider the answers would be without it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import polars as pl

from tylib.bounds import constraints, intervals, programs
from tylib.bounds.worth import before_whole
from tylib.store import open_city
from tylib.store.kept import digest, frame
from tylib.store.memory import remembered
from tylib.store.params import bounds_suppositions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.bounds.constraints import System
    from tylib.store import City
    from tylib.store.params import BoundsSuppositions

ANSWERS = ("output",)
SCHEMA = {
    "constraint_id": pl.String, "widening": pl.Float64, "answers": pl.Int64, "touched": pl.Int64, "fit_with": pl.Int64,
    "fit_without": pl.Int64, "layer": pl.Int64,
}  # fmt: skip


@remembered
def effects(
    city: City | None = None,
    *,
    layer: int = 2,
    switch: Mapping[str, bool] | None = None,
    change: Mapping[str, Mapping[str, float]] | None = None,
) -> pl.DataFrame:
    """For every row in force, the answers on output with it and without it, the others unchanged.

    Args:
        city: Defaults to :func:`tylib.store.open_city`.
        layer, switch, change: As in :func:`tylib.bounds.constraints.system`.

    Returns:
        ``constraint_id`` (every row of one name together), ``widening`` (mean share of the width without it that the
        row takes away; an end that nothing else bounds counts as all of it), ``answers`` (intervals in all),
        ``touched`` (how many become wider without it), ``fit_with, fit_without`` (how many are fit to print),
        ``layer``. The strongest first; empty where the city has no rows.

    Raises:
        ContradictionError: The rows conflict.
    """
    city = city or open_city()
    rows, supposed = constraints.system(city, layer=layer, switch=switch, change=change), bounds_suppositions(city)
    if not rows.rows:
        return pl.DataFrame(schema=SCHEMA)
    made = (*intervals.identity(rows), layer, repr(supposed), constraints, programs, intervals, sys.modules[__name__])
    return frame(city, "effects", digest(*made), lambda: _measured(rows, layer, supposed))


def _measured(rows: System, layer: int, supposed: BoundsSuppositions) -> pl.DataFrame:
    with_all = intervals.intervals(rows, layer, supposed, ANSWERS)
    whole = {name: before_whole(rows, name) for name in ANSWERS}
    found = []
    for name in dict.fromkeys(row.name for row in rows.rows):
        without = intervals.again(rows.without(name), with_all, whole=whole, supposed=supposed)
        both = with_all.select("low", "high", "fit").with_columns(
            _wide=without["high"] - without["low"], _without=without["fit"]
        )
        taken = 1 - (pl.col("high") - pl.col("low")) / pl.col("_wide")
        # Without an upper end the width has no measure: the row takes all of it.
        taken = pl.when(pl.col("_wide").is_null() & pl.col("high").is_not_null()).then(1.0).otherwise(taken)
        shares = both.select(_taken=taken.fill_nan(0.0).fill_null(0.0).clip(0.0, 1.0).round(9))["_taken"]
        found.append((name, shares.mean(), both.height, int((shares > 1e-6).sum()), both["fit"].count(),
                      both["_without"].count(), layer))  # fmt: skip
    return pl.DataFrame(found, schema=SCHEMA, orient="row").sort("widening", "constraint_id", descending=[True, False])
