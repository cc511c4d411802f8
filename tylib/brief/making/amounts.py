"""What the feasible set says of a figure, in words: the interval, floor or ceiling that is fit to print.

Ends are rounded outwards, so that what is printed stays true; a figure that the reader's own table has pinned down is
printed as one number.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib import bounds
from tylib.brief.status import mark
from tylib.store import load
from tylib.store.params import bounds_suppositions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tylib.brief.context import Context

KEY = ["quantity", "unit_code", "sector_code"]
SAME = 1e-6  # relative difference below which two ends are the same
DIGITS = 3  # significant digits of an end
SHOWN = 2  # the layer that briefs speak of, others beside it in tables
LEVELS = ("output", "value_added")
PERCENT = ("share", "county_share")


def found(context: Context, unit: str = "", *, layer: int = SHOWN) -> pl.DataFrame:
    """Findings on a unit (its own code by default), columns of :func:`tylib.bounds.findings`.

    What a stronger layer already implies in the same width keeps the layer and the status of that one.
    """
    frame = bounds.findings(context.city, layer=layer) if layer == SHOWN else bounds.bounds(context.city, layer=layer)
    own = frame.filter(pl.col("unit_code") == (unit or context.code))
    for stronger in range(layer - 1, 0, -1):
        columns = [*KEY, "low", "high", "layer", "status"]
        known = bounds.bounds(context.city, layer=stronger).select(columns)
        both = own.join(known, on=KEY, how="left", maintain_order="left", suffix="_stronger")
        same = pl.all_horizontal(
            pl.col(end).eq_missing(pl.col(f"{end}_stronger"))
            | ((pl.col(end) - pl.col(f"{end}_stronger")).abs() <= SAME * pl.col(end).abs())
            for end in ("low", "high")
        ).fill_null(False)
        own = both.select(
            pl.when(same).then(f"{name}_stronger").otherwise(name).alias(name) if name in ("layer", "status") else name
            for name in own.columns
        )
    return own


def holding(context: Context) -> list[int]:
    """The layers whose rows agree with one another, and with what the reader has imported."""
    return [layer for layer in bounds.LAYERS if bounds.contradiction(context.city, layer=layer).is_empty()]


def contradicted(context: Context) -> Markup:
    """What conflicts in the layer that briefs speak of, row by row in words; nothing where its rows agree."""
    rows = bounds.contradiction(context.city, layer=SHOWN)
    if rows.is_empty():
        return Markup("")
    items = [
        Markup("<li>{} {} {}</li>").format(row["constraint_id"], context.words.pick(row, "title"),
                                           context.cite([row["source_id"]]))
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    return Markup("<p>{}</p><ul>{}</ul>").format(context.words("making.contradicted.told"), Markup("").join(items))


def left_out(context: Context) -> str:
    """That a layer beyond the one shown conflicts with what is known, and is therefore left out."""
    gone = [layer for layer in bounds.LAYERS if layer > SHOWN and layer not in holding(context)]
    return context.words("making.contradicted.layer", layer=context.words(f"making.layer.{gone[0]}")) if gone else ""


def whole(context: Context, unit: str, *, layer: int = SHOWN) -> pl.DataFrame:
    """Output of each manufacturing sector of a unit, ``sector_code`` in the order of the table of sectors."""
    frame = found(context, unit, layer=layer)
    return frame.filter((pl.col("quantity") == "output") & (pl.col("sector_code") != ""))


def printed(context: Context, row: Mapping[str, Any], *, united: bool = True) -> str:
    """What of an interval is fit to print: ``at least 500``, ``at most 38``, ``2,720–4,700``, one number, or too wide.

    Args:
        row: ``quantity, low, high, fit, unit`` as :func:`tylib.bounds.bounds` gives them.
        united: Whether the unit stands behind it.
    """
    fit = row["fit"]
    if fit is None:
        return context.words("making.wide")
    scale, unit = (100.0, "%") if row["quantity"] in PERCENT else (1.0, row["unit"])
    if row["quantity"] not in (*LEVELS, *PERCENT):
        unit = ""
    if exact(context, row):
        value = (row["low"] + row["high"]) / 2 * scale
        return context.numbers.text(value, unit) if united else context.numbers.rounded(value, unit)
    ends: dict[str, Any] = {
        "low": outward(row["low"] * scale, up=False) if fit != "ceiling" and row["low"] else None,
        "high": outward(row["high"] * scale, up=True) if fit != "floor" and row["high"] is not None else None,
    }
    qualifier = "<=" if ends["low"] is None else ">="
    return context.numbers.row({**ends, "unit": unit, "qualifier": qualifier, "decimals": 3}, united=united)


def marked(context: Context, row: Mapping[str, Any], *, united: bool = True) -> Markup:
    """The same with the mark of its status; an interval too wide to print has none."""
    sign = mark(row["status"], context.words) if row["fit"] else ""
    return Markup("{}{}").format(printed(context, row, united=united), sign)


def exact(context: Context, row: Mapping[str, Any]) -> bool:
    """Whether an amount is known to the digits that its table prints."""
    if row["quantity"] not in LEVELS or row["low"] is None or row["high"] is None:
        return False
    room = bounds_suppositions(context.city).import_rounding.value
    return row["high"] - row["low"] <= 2 * room * 1.001


def outward(value: float, *, up: bool) -> float:
    """An end of an interval to three digits, never inwards.

    >>> outward(119.62, up=False), outward(37.9467, up=True), outward(4697.495, up=True)
    (119.0, 38.0, 4700.0)
    """
    if value == 0:
        return 0.0
    number = Decimal(repr(value))
    step = Decimal(1).scaleb(number.adjusted() - DIGITS + 1)
    return float(number.quantize(step, ROUND_CEILING if up else ROUND_FLOOR))


def sectors_of(context: Context, code: str) -> str:
    """Name of a sector, or of a sector of the national table: that of its members."""
    rows = load("sectors", context.city)
    own = rows.filter((pl.col("sector") == code) | ((pl.col("io_sector") == code) & pl.col("is_manufacturing")))
    return context.joined(context.words.pick(row, "name") for row in own.iter_rows(named=True)) or code


def statuses(context: Context, units: Sequence[str] = ()) -> set[str]:
    """Statuses of what is printed of some units (the own by default) in any layer, for the legend of the marks."""
    wanted = pl.col("unit_code").is_in(list(units or [context.code])) & pl.col("fit").is_not_null()
    if SHOWN not in holding(context):
        return set()
    frames = [bounds.bounds(context.city, layer=layer).filter(wanted) for layer in holding(context)]
    found = {status for frame in frames for status in frame["status"].unique()}
    return found | set(bounds.worth(context.city)["status"].unique())


def strongest(rows: pl.DataFrame, most: int) -> list[dict[str, Any]]:
    """The rows whose floor or interval is fit to print, the largest first."""
    fit = rows.filter(pl.col("fit").is_in(["floor", "interval"]) & (pl.col("low") > 0))
    return fit.sort("low", "sector_code", descending=[True, False]).head(most).to_dicts()


def binding(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Rows of the set that hold what is printed, each once, in the order of their names."""
    held: set[str] = set()
    for row in rows:
        if row["fit"] in ("interval", "floor"):
            held |= set(row["binding_low"])
        if row["fit"] in ("interval", "ceiling"):
            held |= set(row["binding_high"])
    return sorted(held)


def rows_in_words(context: Context, names: Sequence[str]) -> Markup:
    """The rows of the set that hold an answer: what each says, on what ground, from where; folded."""
    said = context.words
    stated = bounds.stated_rows(context.city).filter(pl.col("constraint_id").is_in(list(names)))
    items = [
        Markup("<li>{} <b>{}</b> ({}{}) {} {} {}</li>").format(
            row["constraint_id"],
            said.pick(row, "title"),
            said(f"making.kind.{row['kind']}"),
            said("making.of_period", period=context.period(row["period"])) if row["period"] else "",
            said.pick(row, "reason"),
            _factors(context, row["constraint_id"]),
            context.cite([row["source_id"]]),
        )
        for row in stated.iter_rows(named=True)
    ]
    if not items:
        return Markup("")
    heading = said.number_of("making.rows", len(items))
    return Markup('<details class="data-table"><summary>{}</summary><ul class="note">{}</ul></details>').format(
        heading, reduce(Markup.__add__, items, Markup(""))
    )


def _factors(context: Context, name: str) -> str:
    """The numbers of our own that a row is taken with, by title and value."""
    rows = load("constraints", context.city).filter(pl.col("constraint_id") == name)
    supposed = bounds_suppositions(context.city).factors
    named = [
        factor.strip()
        for column in ("low_times", "high_times", "margin")
        for factor in (rows[column].item() or "").split(";")
    ] if rows.height else []  # fmt: skip
    told = [
        context.words("making.factor", title=supposed[factor].title[context.words.language],
                      value=f"{supposed[factor].value:g}")
        for factor in dict.fromkeys(named) if factor in supposed
    ]  # fmt: skip
    return context.words("making.factors", list=context.words("list.semicolon").join(told)) if told else ""


def shares(context: Context, row: Mapping[str, Any]) -> str:
    """In how many draws a statement holds, under both weightings: ``99–100 %``."""
    ends = sorted(round(100 * row[name]) for name in ("uniform", "tilted"))
    if ends[0] == ends[1]:
        return context.words("making.draws_one", share=ends[0])
    return context.words("making.draws_two", low=ends[0], high=ends[1])
