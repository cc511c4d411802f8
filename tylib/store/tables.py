"""The one loader: a table by its name, checked against its contract, with declared corrections applied."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from tylib.errors import DataError, Offence, unknown
from tylib.store import cells, contracts, kept, taken
from tylib.store.city import MARKER, City, open_city, package
from tylib.store.contracts import LINE
from tylib.store.memory import USED, memo, modified_at

if TYPE_CHECKING:
    from collections.abc import Iterable

CORRECTIONS = "corrections"
FACTS = "facts_"  # tables whose figures are compared with each other
_JUDGES = (cells, contracts, taken)
NEVER_NEGATIVE = ("level", "count", "share", "rank", "intensity")


@dataclass(frozen=True)
class TableReport:
    """What ``tylib check`` says of one table."""

    name: str
    path: str
    rows: int
    columns: int
    offences: tuple[Offence, ...]


def load(name: str, city: City | None = None) -> pl.DataFrame:
    """One table of the city, typed, checked, corrected, with what the user's own tables put into it.

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
    if not taken.active(city):
        return _published(name, city)
    USED.update((f"table {name}", f"table {CORRECTIONS}"))
    resource, frame = _resource(city, name), _published_cached(name, city, _state(name, city))
    for record, given, offences in taken.parts(city, resource):
        if offences:
            raise DataError(f"import {record.id} cannot be read", offences=offences)
        frame = taken.united(frame, resource, given)
    return frame.drop(LINE)


def state(names: Iterable[str], city: City) -> str:
    """What tells that any of these tables, as :func:`load` gives them, has changed since."""
    return repr([_state(name, city) for name in names]) + taken.identity(city)


def published(name: str, city: City | None = None) -> pl.DataFrame:
    """The same table without what the user's own tables put into it.

    Raises:
        ParameterError, DataError: As :func:`load`.
    """
    return _published(name, city or open_city())


def refuse_broken(city: City) -> None:
    """Refuse to go on from tables that break their contract. Once found sound they are not checked again until changed.

    Raises:
        DataError: With every offence that :func:`check` finds.
    """
    kept.arrays(city, "sound", kept.digest(_judges(), contents(city), taken.identity(city)), lambda: _found_sound(city))


def _found_sound(city: City) -> dict:
    offences = [offence for report in check(city) for offence in report.offences]
    if offences:
        raise DataError("the tables break their contract, no brief was made", where=str(city.data), offences=offences)
    return {}


def contents(city: City, *, own: bool = False) -> dict[str, str]:
    """Hash of each file of the user's own tables that count and, unless only those are asked for, of every table and
    of their list (under the empty name)."""
    listed = {"": city.root / MARKER} | {r["name"]: city.data / r["path"] for r in package(city)["resources"]}
    taken_in = {f"{record.id}/{name}": taken.path_of(city, record, name)
                for record in taken.active(city) for name in record.tables}  # fmt: skip
    return {name: _hash(path) for name, path in (taken_in if own else listed | taken_in).items()}


def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


@cache
def _judges() -> str:
    """What reads tables and judges them, as one hash: what another edition of it found is not taken over."""
    return kept.digest(pl.__version__, *(_hash(Path(file)) for file in (__file__, *(m.__file__ for m in _JUDGES))))


def _published(name: str, city: City) -> pl.DataFrame:
    USED.update((f"table {name}", f"table {CORRECTIONS}"))
    return _without_line(name, city, _state(name, city))


def _state(name: str, city: City) -> tuple[int, ...]:
    """What tells that a table, its description or its corrections have changed since."""
    listed = modified_at(str(city.root / MARKER))
    return listed, *map(modified_at, _behind(name, city, listed))


@lru_cache(maxsize=512)
def _behind(name: str, city: City, _listed: int) -> tuple[str, ...]:
    """The files of a table and of the corrections. Asked for a thousand times a brief."""
    resources = {resource["name"]: resource for resource in package(city)["resources"]}
    paths = [_resource(city, name)["path"], *([resources[CORRECTIONS]["path"]] if CORRECTIONS in resources else [])]
    return tuple(str(city.data / path) for path in paths)


@memo
def _without_line(name: str, city: City, state: tuple[int, ...]) -> pl.DataFrame:
    return _published_cached(name, city, state).drop(LINE)


@memo
def _published_cached(name: str, city: City, _state: tuple[int, ...]) -> pl.DataFrame:
    resource = _resource(city, name)
    frame, offences = _read(city, resource)
    if offences:
        raise DataError(f"table {name} breaks its contract", offences=offences)
    frame, offences = _corrected(city, resource, frame)
    if offences:
        raise DataError("a declared correction no longer applies", offences=offences)
    return frame


def check(city: City | None = None) -> list[TableReport]:
    """Check every table against its contract, its foreign keys and the declared corrections. Nothing is raised.

    Returns:
        One report a table, in the order of the data package; then one for each of the user's own tables that counts.
    """
    city = city or open_city()
    resources = package(city)["resources"]
    read = {resource["name"]: _read(city, resource) for resource in resources}
    # A table with an offence in one cell still holds its codes: what points to them is checked in the same run.
    mended, obsolete = {}, {}
    for resource in resources:
        name = resource["name"]
        frame, offences = read[name]
        unread = offences and frame.is_empty()  # of a table that cannot be read no correction is obsolete
        mended[name], obsolete[name] = (frame, []) if unread else _corrected(city, resource, frame)
    readable = {name: frame for name, frame in mended.items() if frame.height or not read[name][1]}
    readable, imported = _with_imports(city, resources, readable)
    reports = []
    for resource in resources:
        name, frame = resource["name"], mended[resource["name"]]
        known = readable | {"": readable.get(name, frame)}
        pointing = [*contracts.dangling(frame, resource, known), *_misfits(frame, resource, readable)]
        offences = (*read[name][1], *contracts.limited(pointing), *obsolete[name])
        reports.append(TableReport(name, resource["path"], read[name][0].height, frame.width - 1, offences))
    return reports + [_import_report(city, record, imported, readable) for record in taken.active(city)]


def _with_imports(
    city: City, resources: list[dict[str, Any]], readable: dict[str, pl.DataFrame]
) -> tuple[dict[str, pl.DataFrame], dict[str, list]]:
    """Every table with what the imports put into it; and by import what that is, as it stands in the table."""
    whole, imported = dict(readable), {record.id: [] for record in taken.active(city)}
    for resource in resources:
        name = resource["name"]
        for record, given, offences in taken.parts(city, resource) if name in readable else ():
            whole[name] = taken.united(whole[name], resource, given)
            keys = resource["schema"]["primaryKey"]
            rows = whole[name].join(given.select(keys), on=keys, how="semi", maintain_order="left")
            doubled = given.filter(given.select(keys).is_duplicated())
            width = sum(given[name].null_count() < given.height for name in given.columns if name != LINE)
            imported[record.id].append(({**resource, "path": record.where}, rows, doubled, offences, width))
    return whole, imported


def _import_report(
    city: City, record: taken.Import, imported: dict[str, list], readable: dict[str, pl.DataFrame]
) -> TableReport:
    """One of the user's own tables: its rows as they stand in the tables keep the contract of these."""
    offences = list(taken.spoilt(city, record))
    if record.status == contracts.DEMONSTRATION and not city.demonstration:
        remedy = f"Withdraw {record.id}."
        found = ("figures of the demonstration", "figures that somebody holds", remedy)
        offences.append(Offence(record.where, None, "", *found))
    for resource, rows, doubled, found, _ in imported[record.id]:
        keyed = [*contracts.broken(doubled, resource, contracts.schema(resource))] if doubled.height else []
        offences += [
            *found, *keyed, *contracts.broken(rows, resource, contracts.schema(resource)),
            *contracts.dangling(rows, resource, readable | {"": readable[resource["name"]]}),
            *_misfits(rows, resource, readable),
        ]  # fmt: skip
    width = sum(part[-1] for part in imported[record.id])
    return TableReport(record.id, record.where, record.rows, width, contracts.limited(offences))


def _resource(city: City, name: str) -> dict[str, Any]:
    resources = {resource["name"]: resource for resource in package(city)["resources"]}
    if name not in resources:
        raise unknown("table", name, resources)
    return resources[name]


def _read(city: City, resource: dict[str, Any]) -> tuple[pl.DataFrame, list[Offence]]:
    path = city.data / resource["path"]
    state = modified_at(str(path)), modified_at(str(city.root / MARKER))
    frame, offences = _read_cached(path, state, resource["name"], city)
    return frame, list(offences)


class _Broken(Exception):
    """A table with offences, which is not kept: the frame and what was found."""


@memo
def _read_cached(
    path: Path, _modified: tuple[int, ...], name: str, city: City
) -> tuple[pl.DataFrame, tuple[Offence, ...]]:
    resource = _resource(city, name)

    def parsed() -> pl.DataFrame:
        frame, offences = _parsed(path, resource)
        if offences:
            raise _Broken(frame, offences)
        return frame

    try:
        key = kept.digest(_judges(), json.dumps(resource), _hash(path))
        return kept.frame(city, f"table-{name}", key, parsed), ()
    except _Broken as broken:
        return broken.args[0], broken.args[1]


def _parsed(path: Path, resource: dict[str, Any]) -> tuple[pl.DataFrame, tuple[Offence, ...]]:
    """Read a table and check it against its contract, row by row."""
    text, offences = cells.read(path, resource)
    if offences:
        return _nothing(resource), tuple(offences)
    frame, offences = contracts.typed(text, resource)
    # A cell that is no number has become null: what follows from that is not told as well.
    told = {(offence.row, offence.column) for offence in offences}
    offences += [
        offence for offence in contracts.broken(frame, resource, contracts.schema(resource))
        if not told & {(offence.row, column) for column in offence.column.split(", ")}
    ]  # fmt: skip
    return frame, contracts.limited(offences)


def _nothing(resource: dict[str, Any]) -> pl.DataFrame:
    fields = resource["schema"]["fields"]
    return pl.DataFrame(schema={LINE: pl.UInt32, **{f["name"]: contracts.field_dtype(f) for f in fields}})


def _misfits(frame: pl.DataFrame, resource: dict[str, Any], readable: dict[str, pl.DataFrame]) -> list[Offence]:
    """Figures that their indicator does not allow: a level, count or share below zero; in a fact, another unit.

    What may be negative and what it is measured in are properties of the indicator, not of the column. A unit may
    add in brackets at what prices it is measured. Tables that only list what was printed may keep its unit.
    """
    if "indicators" not in readable or not {"indicator", "unit", "value", "low", "high"} <= set(frame.columns):
        return []
    indicators = readable["indicators"].select("indicator", "quantity", _unit="unit")
    rows = frame.with_columns(pl.col("indicator", "unit").cast(pl.String)).join(
        indicators, on="indicator", how="inner", maintain_order="left"
    )
    least = pl.min_horizontal("value", "low", "high")
    negative = rows.filter(pl.col("quantity").cast(pl.String).is_in(NEVER_NEGATIVE) & (least < 0))
    measured = pl.col("unit").str.split(" (").list.first()
    other = rows.filter(resource["name"].startswith(FACTS) & (measured != pl.col("_unit")))
    return [
        Offence(resource["path"], line, "value", str(found), f"zero or more for {indicator}",
                "Correct the figure or its sign.")
        for line, found, indicator in negative.select(LINE, least, "indicator").iter_rows()
    ] + [
        Offence(resource["path"], line, "unit", f"unit {unit}", f"{wanted} for {indicator}",
                "Convert the figure and keep the printed one in value_text, or use an indicator of that unit.")
        for line, unit, wanted, indicator in other.select(LINE, "unit", "_unit", "indicator").iter_rows()
    ]  # fmt: skip


def _corrected(city: City, resource: dict[str, Any], frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Offence]]:
    """Apply the corrections declared for a table; one whose expectation no longer holds is an offence.

    A correction names table, key (several key columns joined by ``;``), column, the text it expects to find and the
    text to put there (or the action ``drop``). It fails as soon as the source has been mended, so that none outlives
    its reason. What it leaves must keep the contract.
    """
    names = {r["name"] for r in package(city)["resources"]}
    if CORRECTIONS not in names:
        return frame, []
    declared, broken = _read(city, _resource(city, CORRECTIONS))
    path = _resource(city, CORRECTIONS)["path"]
    if resource["name"] == CORRECTIONS:
        lost = declared.filter(~pl.col("table").is_in(sorted(names)))
        return frame, [
            Offence(path, row[LINE], "table", f'"{row["table"]}"', "a table of the data package", "Correct the name.")
            for row in lost.iter_rows(named=True)
        ]
    if broken:
        return frame, []  # reported where corrections are checked
    offences: list[Offence] = []
    for row in declared.filter(pl.col("table") == resource["name"]).iter_rows(named=True):
        frame, offence = _applied(frame, resource, row, path)
        offences += offence
    return frame, offences


def _applied(
    frame: pl.DataFrame, resource: dict[str, Any], row: dict[str, Any], path: str
) -> tuple[pl.DataFrame, list[Offence]]:
    """One correction applied, or the offence that it is."""
    column, keys = row["column"], resource["schema"].get("primaryKey", [])
    if column not in frame.columns[1:] or not keys:
        expected = "one of " + ", ".join(frame.columns[1:]) + ", of a table with a key"
        return frame, [Offence(path, row[LINE], "column", f'"{column}"', expected, "Correct the name of the column.")]
    here = pl.concat_str(pl.col(keys).cast(pl.String), separator=";") == row["key"]
    dtype = frame.schema[column]
    wanted, replacement = (
        pl.Series([row[name]], dtype=pl.String).cast(dtype, strict=False) for name in ("expect", "replace")
    )
    found = frame.filter(here)[column]
    if found.to_list() != wanted.to_list() or (row["expect"] is not None and wanted.null_count()):
        shown = ", ".join("empty" if cell is None else f'"{cell}"' for cell in found) or f"no key {row['key']}"
        expected = f'"{row["expect"] or ""}" in {resource["name"]}, key {row["key"]}, column {column}'
        remedy = "The table has changed: remove the correction, or declare it anew."
        return frame, [Offence(path, row[LINE], "expect", shown, expected, remedy)]
    if row["action"] == "drop":
        return frame.filter(~here), []
    mended = frame.with_columns(pl.when(here).then(pl.lit(replacement)).otherwise(pl.col(column)).alias(column))
    fits = row["replace"] is None or not replacement.null_count()
    broken = contracts.broken(mended.filter(here), resource, contracts.schema(resource)) if fits else []
    if broken or not fits:
        expected = broken[0].expected if broken else f"what column {column} can hold"
        put = f'"{row["replace"] or ""}"'
        return frame, [Offence(path, row[LINE], "replace", put, expected, "Correct the replacement.")]
    return mended, []
