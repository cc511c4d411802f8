"""Contracts of tables, made from ``datapackage.json``, and what breaks them, said for the person who mends it.

The data package is the only list of columns. From each resource comes one dataframely schema; rules that tie
columns together apply to every table that has those columns, so that a figure means the same everywhere.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import dataframely as dy
import polars as pl

from tylib.errors import Offence

if TYPE_CHECKING:
    from collections.abc import Iterable

IMPORTED, DEMONSTRATION = "imported", "demonstration"
TAKEN = (IMPORTED, DEMONSTRATION)  # what figures of a table that was taken in can be
STATUS = ("published", "imported", "derived", "estimated", "assumed", "scenario", "demonstration")
Status = pl.Enum(STATUS)
LINE = "line"
MOST_ROWS = 5  # offences of one kind that are shown for one table: enough to see the pattern
EXPECTED = {"number": "a number", "integer": "a whole number", "boolean": "true or false", "date": "a date"}

TYPES: dict[str, pl.DataType] = {
    "string": pl.String(),
    "number": pl.Float64(),
    "integer": pl.Int64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
}

# Rules over several columns: name -> (columns needed, what must hold, expectation, remedy).
# A null in a comparison gives null, which does not break a rule: absence is not an offence here.
RULES: dict[str, tuple[tuple[str, ...], pl.Expr, str, str]] = {
    "figure_or_reason": (
        ("value", "low", "high", "absent"),
        pl.any_horizontal(pl.col("value", "low", "high", "absent").is_not_null()),
        "a value, an interval (low, high) or a reason for absence",
        "Fill in value, or low and/or high, or absent.",
    ),
    "absence_has_no_figure": (
        ("value", "low", "high", "absent"),
        pl.col("absent").is_null() | pl.all_horizontal(pl.col("value", "low", "high").is_null()),
        "no figure beside a reason for absence",
        "Remove the figure or the reason.",
    ),
    "interval_is_ordered": (
        ("low", "high"),
        pl.col("low") <= pl.col("high"),
        "low not above high",
        "Swap or correct the two ends.",
    ),
    "interval_is_named": (
        ("low", "high", "interval"),
        pl.col("interval").is_not_null() == pl.any_horizontal(pl.col("low", "high").is_not_null()),
        "interval named exactly where there is a low or a high end",
        "Say in column interval where the ends come from: published_bound, implied or p10_p90.",
    ),
    "figure_has_status": (
        ("value", "status", "absent"),
        pl.col("status").is_not_null() | pl.col("absent").is_not_null(),
        "a status for every figure",
        "Fill in status: " + ", ".join(STATUS) + ".",
    ),
}


def field_dtype(field: dict[str, Any]) -> pl.DataType:
    """Polars type of a field: ``status`` is the ordered enum, another enumerated string its own enum."""
    if field["name"] == "status":
        return Status
    choices = field.get("constraints", {}).get("enum")
    return pl.Enum(choices) if choices else TYPES[field["type"]]


def schema(resource: dict[str, Any]) -> type[dy.Schema]:
    """The dataframely schema of one resource, with the line number of each row carried along."""
    keys = set(resource["schema"].get("primaryKey", ()))
    columns: dict[str, Any] = {"__module__": __name__, LINE: dy.UInt32(nullable=False)}
    for field in resource["schema"]["fields"]:
        limits = field.get("constraints", {})
        options: dict[str, Any] = {
            "nullable": not (limits.get("required") or field["name"] in keys),
            "primary_key": field["name"] in keys,
        }
        dtype = field_dtype(field)
        if isinstance(dtype, pl.Enum):
            columns[field["name"]] = dy.Enum(dtype.categories.to_list(), **options)
        elif field["type"] == "string":
            columns[field["name"]] = dy.String(regex=_whole(limits.get("pattern")), **options)
        elif field["type"] in ("number", "integer"):
            kind = dy.Float64 if field["type"] == "number" else dy.Int64
            columns[field["name"]] = kind(min=limits.get("minimum"), max=limits.get("maximum"), **options)
        else:
            columns[field["name"]] = {"boolean": dy.Bool, "date": dy.Date}[field["type"]](**options)
    return type(resource["name"], (dy.Schema,), columns)


def _whole(pattern: str | None) -> str | None:
    return None if pattern is None else f"^(?:{pattern})$"


def typed(text: pl.DataFrame, resource: dict[str, Any]) -> tuple[pl.DataFrame, list[Offence]]:
    """Give each column its type; a cell that does not fit becomes null and an offence.

    Args:
        text: Every column a string, null where the cell was empty, and ``line``.

    Returns:
        The typed frame with ``line`` first, and the offences found.
    """
    fields = resource["schema"]["fields"]
    frame = text.select(LINE, *(_cast(field) for field in fields))
    offences = []
    for field in fields:
        name = field["name"]
        if text[name].null_count() == frame[name].null_count():
            continue
        lost = text.filter(pl.col(name).is_not_null() & frame[name].is_null())
        choices = field.get("constraints", {}).get("enum")
        expected = "one of " + ", ".join(choices) if choices else EXPECTED.get(field["type"], field["type"])
        offences += [
            Offence(resource["path"], line, name, f'"{found}"', expected, _remedy(field))
            for line, found in lost.select(LINE, name).iter_rows()
        ]
    return frame, offences


def limited(offences: Iterable[Offence]) -> tuple[Offence, ...]:
    """The first few offences of each kind; the last of them says how many more there are."""
    kinds: dict[tuple[str, str, str], list[Offence]] = {}
    for offence in offences:
        kinds.setdefault((offence.file, offence.column, offence.expected), []).append(offence)
    shown: list[Offence] = []
    for kind in kinds.values():
        left = len(kind) - MOST_ROWS
        if left > 0:
            last = kind[MOST_ROWS - 1]
            more = f"{left} more {'rows' if left > 1 else 'row'} like this."
            kind = [*kind[: MOST_ROWS - 1], replace(last, remedy=f"{last.remedy} {more}")]
        shown += kind
    return tuple(shown)


def _cast(field: dict[str, Any]) -> pl.Expr:
    """A text column as its type; null where the text does not fit."""
    column, dtype = pl.col(field["name"]), field_dtype(field)
    if dtype == pl.Boolean():
        return column.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean)
    if dtype == pl.Date():
        return column.str.to_date(strict=False)
    cast = column.cast(dtype, strict=False)
    return pl.when(cast.is_finite()).then(cast).alias(field["name"]) if dtype == pl.Float64() else cast


def _remedy(field: dict[str, Any]) -> str:
    unit = f" in {field['unit']}" if field.get("unit") else ""
    return {
        "number": f"Write a plain number{unit}, without separators or words.",
        "integer": f"Write a whole number{unit}.",
        "date": "Write YYYY-MM-DD.",
        "boolean": "Write true or false.",
    }.get(field["type"], "Correct the cell.")


def broken(frame: pl.DataFrame, resource: dict[str, Any], contract: type[dy.Schema]) -> list[Offence]:
    """Offences of a typed frame against its schema and the rules over several columns."""
    _, failure = contract.filter(frame)
    counts = failure.counts()
    details = failure.details() if counts else None
    offences: list[Offence] = []
    for rule in counts:
        rows = details.filter(pl.col(rule) == "invalid")
        offences += [_explain(rule, row, resource) for row in rows.iter_rows(named=True)]
    for needed, holds, expected, remedy in RULES.values():
        if set(needed) <= set(frame.columns):
            rows = frame.filter(~holds)
            offences += [
                Offence(
                    resource["path"],
                    row[LINE],
                    ", ".join(needed),
                    ", ".join(str(row[c]) if row[c] is not None else "empty" for c in needed),
                    expected,
                    remedy,
                )
                for row in rows.iter_rows(named=True)
            ]
    return offences


def _explain(rule: str, row: dict[str, Any], resource: dict[str, Any]) -> Offence:
    if rule == "primary_key":
        keys = resource["schema"]["primaryKey"]
        found = ", ".join(f"{key}={row[key]}" for key in keys)
        return Offence(
            resource["path"],
            row[LINE],
            ", ".join(keys),
            f"{found} more than once",
            "each key once",
            "Remove the double row, or give it a key of its own.",
        )
    name, _, kind = rule.partition("|")
    field = next(f for f in resource["schema"]["fields"] if f["name"] == name)
    limits = field.get("constraints", {})
    found = "an empty cell" if row[name] is None else f'"{row[name]}"'
    expected = {
        "nullability": "a value in every row",
        "min": f"{limits.get('minimum')} or more",
        "max": f"{limits.get('maximum')} or less",
        "regex": f"the form {limits.get('pattern')}",
    }.get(kind, f"column {name} to pass the check {kind}")
    return Offence(resource["path"], row[LINE], name, found, expected, _remedy(field))


def dangling(frame: pl.DataFrame, resource: dict[str, Any], targets: dict[str, pl.DataFrame]) -> list[Offence]:
    """Offences against foreign keys: a code that stands nowhere in the table it points to.

    Args:
        targets: Tables by resource name; the resource itself under the empty name.
    """
    offences = []
    for key in resource["schema"].get("foreignKeys", ()):
        fields, name, there = (
            _as_list(key["fields"]),
            key["reference"]["resource"],
            _as_list(key["reference"]["fields"]),
        )
        if name not in targets:  # that table is broken itself and already reported
            continue
        known = targets[name].select(pl.col(t).cast(pl.String).alias(f) for f, t in zip(fields, there, strict=True))
        pointing = frame.with_columns(pl.col(fields).cast(pl.String)).drop_nulls(fields)
        lost = pointing.join(known, on=fields, how="anti", maintain_order="left")
        offences += [
            Offence(
                resource["path"],
                row[LINE],
                ", ".join(fields),
                ", ".join(f'"{row[f]}"' for f in fields),
                f"{' and '.join(there)} that stand in table {name or resource['name']}",
                "Correct it, or add the row there first.",
            )
            for row in lost.iter_rows(named=True)
        ]
    return offences


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
