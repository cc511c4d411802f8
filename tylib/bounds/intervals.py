"""What the rows imply: an interval for every county and sector, with the rows that hold its ends."""

from __future__ import annotations

import sys
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tylib.bounds import constraints, programs
from tylib.bounds.constraints import System
from tylib.bounds.programs import Programs
from tylib.errors import unknown
from tylib.store import facts, load, open_city
from tylib.store.kept import digest, frame
from tylib.store.memory import remembered
from tylib.store.params import bounds_suppositions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tylib.store import City
    from tylib.store.params import BoundsSuppositions

SCHEMA = {
    "unit_code": pl.String, "sector_code": pl.String, "quantity": pl.String, "low": pl.Float64, "high": pl.Float64,
    "unit": pl.String, "layer": pl.Int64, "binding_low": pl.List(pl.String), "binding_high": pl.List(pl.String),
    "fit": pl.String, "status": pl.String,
}  # fmt: skip
STATUS = {1: "derived", 2: "estimated", 3: "assumed"}  # the weakest that a layer rests on
IMPORTED, INVENTED = "imported", "demonstration"
LEVELS, RATIOS = ("output", "value_added"), ("share", "location_quotient", "county_share")
MONEY, RATIO = "100M CNY", "ratio"


@remembered
def bounds(
    city: City | None = None,
    *,
    layer: int = 2,
    switch: Mapping[str, bool] | None = None,
    change: Mapping[str, Mapping[str, float]] | None = None,
    quantities: tuple[str, ...] = (*LEVELS, *RATIOS),
) -> pl.DataFrame:
    """The interval of every figure that the rows of a layer imply: true of every matrix that fits them.

    Args:
        city: Defaults to :func:`tylib.store.open_city`.
        layer, switch, change: As in :func:`tylib.bounds.constraints.system`.
        quantities: ``output`` and ``value_added`` (100 million yuan; of a county and sector, of their totals in
            manufacturing where a code is empty or the city's); ``share`` of a sector in the county's manufacturing
            output; ``location_quotient``, that share over the national one, by national input-output sector;
            ``county_share`` of a county in the city's manufacturing output.

    Returns:
        ``unit_code, sector_code`` (empty: all manufacturing), ``quantity, low, high`` (null: nothing bounds it),
        ``unit, layer, binding_low, binding_high`` (rows that hold the end; none: it is zero by itself), ``fit``
        (``interval``, ``floor``, ``ceiling``, or null: too wide to print; see :func:`fit_to_print`), ``status`` (what
        the layer rests on at its weakest). Sorted by quantity, unit, sector. Empty where the city has no rows.

    Raises:
        ContradictionError: The rows conflict; carries an irreducible set of them.
        ParameterError: Unknown layer, row or quantity.
        DataError: A row cannot be read.

    >>> found = bounds(layer=1, quantities=("output",))
    >>> found.filter(pl.col("low") > pl.col("high")).height
    0
    """
    city = city or open_city()
    for quantity in quantities:
        if quantity not in (*LEVELS, *RATIOS):
            raise unknown("quantity", quantity, (*LEVELS, *RATIOS))
    rows = constraints.system(city, layer=layer, switch=switch, change=change)
    supposed = bounds_suppositions(city)
    own = own_statuses(city)
    made = (*identity(rows), layer, quantities, repr(supposed), own, constraints, programs, sys.modules[__name__])
    return frame(city, "bounds", digest(*made), lambda: intervals(rows, layer, supposed, quantities, own))


@remembered
def own_statuses(city: City) -> dict[str, str]:
    """The rows that figures of the user's own make, each with the status of its figure."""
    names = [row.name for row in constraints.imported(city)]
    rows = facts(city).filter(pl.col("fact_id").is_in(names)).select("fact_id", pl.col("status").cast(pl.String))
    return dict(rows.iter_rows())


def identity(rows: System) -> tuple[Any, ...]:
    """Everything a system says, for the hash of what comes from it."""
    left = rows.matrix()
    named = [(row.name, row.place, row.sector) for row in rows.rows]
    return (
        rows.cells,
        rows.sectors,
        rows.national,
        rows.groups,
        left.indptr,
        left.indices,
        left.data,
        *rows.ends(),
        named,
    )


def intervals(
    rows: System,
    layer: int,
    supposed: BoundsSuppositions,
    quantities: tuple[str, ...] = (*LEVELS, *RATIOS),
    own: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """The intervals of one system; see :func:`bounds`.

    Args:
        own: Of :func:`own_statuses`. What only figures of the user's hold has their status; where one of them is
            invented, every interval is.
    """
    if not rows.rows:
        return pl.DataFrame(schema=SCHEMA)
    solver = Programs(rows)
    found = []
    for unit, sector, quantity, form, per, scale in figures(rows, quantities):
        low, high = solver.least(form, per=per), solver.greatest(form, per=per)
        ends = [_known(end.value * scale) for end in (low, high)]
        unit_of = MONEY if quantity in LEVELS else RATIO
        status = _status(layer, {*low.binding, *high.binding}, own or {})
        found.append((unit, sector, quantity, *ends, unit_of, layer, list(low.binding), list(high.binding), None,
                      status))  # fmt: skip
    table = pl.DataFrame(found, schema=SCHEMA, orient="row").sort("quantity", "unit_code", "sector_code")
    whole = {q: _known(solver.greatest(everything(rows, q)).value) for q in LEVELS if q in quantities}
    return fit_to_print(table, whole=whole, supposed=supposed)


def _status(layer: int, binding: set[str], own: Mapping[str, str]) -> str:
    """The weakest of what an interval rests on; with an invented figure among the rows nothing is anything else."""
    if INVENTED in own.values():
        return INVENTED
    return IMPORTED if binding and binding <= own.keys() else STATUS[layer]


def again(
    rows: System, table: pl.DataFrame, /, *, whole: Mapping[str, float | None], supposed: BoundsSuppositions
) -> pl.DataFrame:
    """The same amounts under other rows: ``table`` with new ``low, high, fit``, its rows in their order.

    Args:
        rows: The other rows.
        table: ``unit_code, sector_code, quantity`` of amounts.
        whole, supposed: As in :func:`fit_to_print`.
    """
    solver = Programs(rows)
    ends = []
    for unit, sector, quantity in table.select("unit_code", "sector_code", "quantity").iter_rows():
        form = rows.form(quantity, [] if unit == rows.city else [unit], [sector] if sector else [])
        ends.append((_known(solver.least(form).value), _known(solver.greatest(form).value)))
    found = pl.DataFrame(ends, schema={"low": pl.Float64, "high": pl.Float64}, orient="row")
    return fit_to_print(table.with_columns(found["low"], found["high"]), whole=whole, supposed=supposed)


def _known(value: float) -> float | None:
    return value if isfinite(value) else None


def everything(rows: System, quantity: str) -> np.ndarray:
    """All industry of the city as a form: every county and sector, mining and utilities included."""
    form = np.zeros(rows.unknowns)
    at = LEVELS.index(quantity) * len(rows.cells)
    form[at : at + len(rows.cells)] = 1.0
    return form


def figures(
    rows: System, quantities: tuple[str, ...]
) -> Iterator[tuple[str, str, str, np.ndarray, np.ndarray | None, float]]:
    """Every figure of some quantities as forms over the unknowns: ``unit, sector, quantity, form, per, scale``."""
    for quantity in (q for q in LEVELS if q in quantities):
        for place in rows.places:
            for sector in rows.sectors:
                yield place, sector, quantity, rows.form(quantity, [place], [sector]), None, 1.0
            yield place, "", quantity, rows.form(quantity, [place]), None, 1.0
        for sector in rows.sectors:
            yield rows.city, sector, quantity, rows.form(quantity, (), [sector]), None, 1.0
        yield rows.city, "", quantity, rows.form(quantity), None, 1.0
    for place in rows.places:
        total = rows.form("output", [place])
        if "share" in quantities:
            for sector in rows.sectors:
                yield place, sector, "share", rows.form("output", [place], [sector]), total, 1.0
        if "location_quotient" in quantities:
            for group, share in rows.national.items():
                members = [rows.sectors[at] for at in rows.groups[group]]
                yield place, group, "location_quotient", rows.form("output", [place], members), total, 1.0 / share
        if "county_share" in quantities:
            yield place, "", "county_share", total, rows.form("output"), 1.0


def fit_to_print(
    table: pl.DataFrame, /, *, whole: Mapping[str, float | None], supposed: BoundsSuppositions
) -> pl.DataFrame:
    """Say of each interval what of it is worth printing. The rule, with numbers of ``params/bounds.yml``:

    ``interval``: an amount whose high end is at most ``print_ratio`` times its low one; a share no wider than
    ``print_points``; a location quotient that lies wholly above or wholly below one or meets ``print_ratio``.
    ``floor``: an amount of at least ``print_floor`` of the city. ``ceiling``: an amount of at most
    ``print_ceiling`` of the city. The first that holds counts; null: none.

    Args:
        table: ``quantity, low, high``.
        whole: Greatest amount of the city, mining and utilities included, by quantity.
        supposed: The numbers.

    Returns:
        The table with ``fit``.
    """
    low, high, quantity = pl.col("low"), pl.col("high"), pl.col("quantity")
    city = quantity.replace_strict({q: whole.get(q) for q in LEVELS}, default=None, return_dtype=pl.Float64)
    amount, quotient = quantity.is_in(LEVELS), quantity == "location_quotient"
    narrow = (low > 0) & (high <= supposed.print_ratio.value * low)
    thin = (high - low) <= supposed.print_points.value
    fit = (
        pl.when(amount & narrow).then(pl.lit("interval"))
        .when(amount & (low >= supposed.print_floor.value * city)).then(pl.lit("floor"))
        .when(amount & (high <= supposed.print_ceiling.value * city)).then(pl.lit("ceiling"))
        .when(quotient & (narrow | (low > 1) | (high < 1))).then(pl.lit("interval"))
        .when(quantity.is_in(["share", "county_share"]) & thin).then(pl.lit("interval"))
    )  # fmt: skip
    return table.with_columns(fit=fit)


def between(
    rows: System, form: np.ndarray, /, *, per: np.ndarray | None = None
) -> tuple[float, float, tuple[str, ...], tuple[str, ...]]:
    """The interval of any linear form of a system, or of the ratio of two: ``low, high`` and the rows that hold them.

    Raises:
        ContradictionError: The rows conflict.
    """
    solver = Programs(rows)
    low, high = solver.least(form, per=per), solver.greatest(form, per=per)
    return low.value, high.value, low.binding, high.binding


@remembered
def contradiction(
    city: City | None = None,
    *,
    layer: int = 2,
    switch: Mapping[str, bool] | None = None,
    change: Mapping[str, Mapping[str, float]] | None = None,
) -> pl.DataFrame:
    """An irreducible set of rows that conflict, as :func:`stated_rows` describes them; empty where they agree."""
    city = city or open_city()
    rows = constraints.system(city, layer=layer, switch=switch, change=change)
    names = {"constraint_id": pl.String, "place": pl.String, "sector": pl.String}

    def make() -> pl.DataFrame:
        found = programs.conflict(rows) if rows.rows else []
        return pl.DataFrame([(r.name, r.place, r.sector) for r in found], names, orient="row")

    at = frame(city, "conflict", digest(*identity(rows), programs), make)
    return at.join(stated_rows(city), on="constraint_id", how="left", maintain_order="left")


@remembered
def stated_rows(city: City | None = None) -> pl.DataFrame:
    """Every row that can bind, in words: the table ``constraints`` and the user's own figures of the year.

    Returns:
        ``constraint_id, layer, kind, title_zh, title_en, scope_zh, scope_en, period, source_id, reason_zh, reason_en,
        active``, sorted by id. A figure of the user's has kind ``imported``, layer 1, its indicator as title and no
        reason.
    """
    city = city or open_city()
    columns = ["constraint_id", "layer", "kind", "title_zh", "title_en", "scope_zh", "scope_en", "period", "source_id",
               "reason_zh", "reason_en", "active"]  # fmt: skip
    stated = load("constraints", city).with_columns(pl.col("kind").cast(pl.String)).select(columns)
    names = [row.name for row in constraints.imported(city)]
    own = facts(city).filter(pl.col("fact_id").is_in(names))
    titles = load("indicators", city).select("indicator", "title_zh", "title_en")
    given = own.join(titles, on="indicator", how="left").select(
        pl.col("fact_id").alias("constraint_id"), pl.lit(1, pl.Int64).alias("layer"), pl.lit("imported").alias("kind"),
        "title_zh", "title_en", *(pl.lit(None, pl.String).alias(c) for c in ("scope_zh", "scope_en")), "period",
        "source_id", *(pl.lit(None, pl.String).alias(c) for c in ("reason_zh", "reason_en")),
        pl.lit(True).alias("active"),
    )  # fmt: skip
    return pl.concat([stated, given], how="vertical_relaxed").sort("constraint_id")
