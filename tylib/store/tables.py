"""The one loader: a table by its name, checked against its contract, with declared corrections applied."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from tylib.errors import DataError, Offence, unknown
from tylib.store import contracts
from tylib.store.city import City, open_city, package
from tylib.store.contracts import LINE

CORRECTIONS = "corrections"


@dataclass(frozen=True)
class TableReport:
    """What ``tylib check`` says of one table."""

    name: str
    path: str
    rows: int
    columns: int
    offences: tuple[Offence, ...]


def load(name: str, city: City | None = None) -> pl.DataFrame:
    """One table of the city, typed, checked, corrected, in the order of its file.

    Args:
        name: Resource name in ``data/datapackage.json``.
        city: Defaults to :func:`tylib.store.open_city`.

    Returns:
        Columns as the data package lists them. An empty cell is null: nothing is known; a zero is a measured zero.

    Raises:
        ParameterError: No table of that name.
        DataError: The table breaks its contract; carries every offence found in it.

    >>> load("places").columns[:2]
    ['place', 'name_zh']
    """
    city = city or open_city()
    resource = _resource(city, name)
    frame, offences = _read(city, resource)
    if offences:
        raise DataError(f"table {name} breaks its contract", offences=offences)
    frame, offences = _corrected(city, resource, frame)
    if offences:
        raise DataError("a declared correction no longer applies", offences=offences)
    return frame.drop(LINE)


def check(city: City | None = None) -> list[TableReport]:
    """Check every table against its contract, its foreign keys and the declared corrections. Nothing is raised.

    Returns:
        One report a table, in the order of the data package.
    """
    city = city or open_city()
    resources = package(city)["resources"]
    read = {resource["name"]: _read(city, resource) for resource in resources}
    sound = {name: frame for name, (frame, offences) in read.items() if not offences}
    reports = []
    for resource in resources:
        frame, offences = read[resource["name"]]
        if not offences:
            offences = contracts.dangling(frame, resource, sound | {"": frame})
            offences += _negative_levels(frame, resource, sound)
            offences += _corrected(city, resource, frame)[1] if CORRECTIONS in sound else []
        reports.append(
            TableReport(resource["name"], resource["path"], frame.height, frame.width - 1, tuple(offences))
        )
    return reports


def _resource(city: City, name: str) -> dict[str, Any]:
    resources = {resource["name"]: resource for resource in package(city)["resources"]}
    if name not in resources:
        raise unknown("table", name, resources)
    return resources[name]


def _read(city: City, resource: dict[str, Any]) -> tuple[pl.DataFrame, list[Offence]]:
    path = city.data / resource["path"]
    modified = path.stat().st_mtime_ns if path.is_file() else 0
    frame, offences = _read_cached(path, modified, resource["name"], city)
    return frame, list(offences)


@lru_cache(maxsize=256)
def _read_cached(path: Path, _modified: int, name: str, city: City) -> tuple[pl.DataFrame, tuple[Offence, ...]]:
    resource = _resource(city, name)
    text, offences = _read_text(path, resource)
    if offences:
        return _nothing(resource), tuple(offences)
    frame, offences = contracts.typed(text, resource)
    return frame, tuple(offences or contracts.broken(frame, resource, contracts.schema(resource)))


def _nothing(resource: dict[str, Any]) -> pl.DataFrame:
    fields = resource["schema"]["fields"]
    return pl.DataFrame(schema={LINE: pl.UInt32, **{f["name"]: contracts.field_dtype(f) for f in fields}})


def _read_text(path: Path, resource: dict[str, Any]) -> tuple[pl.DataFrame, list[Offence]]:
    """Every cell as text, and what keeps the file from being read as a table at all."""
    wanted = [field["name"] for field in resource["schema"]["fields"]]
    nothing = pl.DataFrame()

    def offence(found: str, expected: str, remedy: str, row: int | None = None, column: str = "") -> list[Offence]:
        return [Offence(resource["path"], row, column, found, expected, remedy)]

    if not path.is_file():
        return nothing, offence("no such file", "the file that the data package names", "Put it back or mend the path.")
    content = path.read_bytes()
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"byte 0x{content[error.start]:02x} that is not UTF-8"
        return nothing, offence(found, "a text file in UTF-8", "Save the file as CSV UTF-8 (not GBK).", line)
    try:
        frame = pl.read_csv(content, infer_schema=False, missing_utf8_is_empty_string=False, row_index_name=LINE,
                            row_index_offset=2)
    except (pl.exceptions.PolarsError, ValueError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return nothing, offence(reason, "a CSV table with a header and as many cells in each row", "Mend the file.")
    header = frame.columns[1:]
    missing = [name for name in wanted if name not in header]
    if missing:
        remedy = "Add the column, or correct its name in the first line."
        return nothing, [o for name in missing for o in offence("no such column", f"column {name}", remedy, 1, name)]
    extra = [name for name in header if name not in wanted]
    if extra:
        remedy = "Remove the column, or describe it in data/datapackage.json."
        return nothing, [o for name in extra for o in offence("a column that is not described", "the columns of the "
                         "data package only", remedy, 1, name)]
    if frame.is_empty():
        return nothing, offence("no rows", "at least one row under the header", "Fill the table, or remove it.")
    return frame.select(pl.col(LINE).cast(pl.UInt32), *wanted), []


def _negative_levels(frame: pl.DataFrame, resource: dict[str, Any], sound: dict[str, pl.DataFrame]) -> list[Offence]:
    """A level, count or share below zero. What may be negative is a property of the indicator, not of the column."""
    if "indicators" not in sound or not {"indicator", "value", "low", "high"} <= set(frame.columns):
        return []
    never_negative = sound["indicators"].filter(
        pl.col("quantity").cast(pl.String).is_in(["level", "count", "share", "rank", "intensity"])
    )
    rows = frame.with_columns(pl.col("indicator").cast(pl.String)).join(
        never_negative.select("indicator"), on="indicator", how="semi", maintain_order="left"
    ).filter(pl.min_horizontal("value", "low", "high") < 0)
    return [
        Offence(resource["path"], row[LINE], "value", str(row["value"]), f"zero or more for {row['indicator']}",
                "Correct the figure or its sign.")
        for row in rows.head(contracts.MOST_ROWS).iter_rows(named=True)
    ]


def _corrected(city: City, resource: dict[str, Any], frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Offence]]:
    """Apply the corrections declared for a table; one whose expectation no longer holds is an offence.

    A correction names table, key, column, the text it expects to find and the text to put there (or the action
    ``drop``). It fails as soon as the source has been mended, so that none outlives its reason.
    """
    names = {r["name"] for r in package(city)["resources"]}
    if CORRECTIONS not in names or resource["name"] == CORRECTIONS:
        return frame, []
    declared, broken = _read(city, _resource(city, CORRECTIONS))
    if broken:
        return frame, broken
    offences = []
    key = resource["schema"]["primaryKey"][0] if resource["schema"].get("primaryKey") else None
    for row in declared.filter(pl.col("table") == resource["name"]).iter_rows(named=True):
        here = pl.col(key).cast(pl.String) == row["key"]
        matched = frame.filter(here).get_column(row["column"]).cast(pl.String).to_list() if key else []
        if matched != [row["expect"]]:
            offences.append(
                Offence(
                    f"{CORRECTIONS}.csv", row[LINE], "expect", f"{resource['name']}.{row['column']} = {matched}",
                    f'one row with key {row["key"]} and "{row["expect"]}" in it',
                    "The source has changed: remove the correction, or declare it anew.",
                )
            )
        elif row["action"] == "drop":
            frame = frame.filter(~here)
        else:
            dtype = frame.schema[row["column"]]
            frame = frame.with_columns(
                pl.when(here).then(pl.lit(row["replace"]).cast(dtype)).otherwise(pl.col(row["column"])).alias(row["column"])
            )
    return frame, offences
