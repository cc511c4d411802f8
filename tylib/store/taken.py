"""The user's own tables as they were taken in: a register, and what each active one puts into the tables.

``home/imports/register.json`` lists every import that ever was, with its state; ``home/imports/I0001/`` holds its
original file and, for each table it fills, the cells as a CSV with the row of the spreadsheet they came from. What
is withdrawn stays there and puts nothing into any table. :mod:`tylib.store.imports` writes all this.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import polars as pl

from tylib.errors import DataError, Offence
from tylib.store import contracts
from tylib.store.city import IMPORTS as FOLDER
from tylib.store.contracts import LINE
from tylib.store.memory import held

if TYPE_CHECKING:
    from pathlib import Path

    from tylib.store.city import City

REGISTER = "register.json"
ACTIVE, WITHDRAWN = "active", "withdrawn"
SOURCES = "sources"
# Columns that make up one figure: whoever brings another figure replaces all of them.
FIGURE = ("value", "low", "high", "interval", "absent", "qualifier", "unit", "value_text")


@dataclass(frozen=True)
class Import:
    """One table of the user's.

    Attributes:
        id: I0001 and so on; the ``source_id`` of its rows.
        template: Name of its template in the data package.
        title, holder, date: What it is, who holds it, as of when (YYYY, YYYY-MM or YYYY-MM-DD).
        file, sheet: Where it came from; only ever shown.
        taken_on: Day on which it was taken in.
        rows: Rows of the spreadsheet that were taken.
        sha256: Of the original file.
        tables: Name of each table it fills, with the hash of its cells.
        status: Of its figures: ``imported``, or ``demonstration`` where the file bears that mark.
        state: ``active`` or ``withdrawn``.
        withdrawn_on, reason: When and why it was withdrawn.
    """

    id: str
    template: str
    title: str
    holder: str
    date: str
    file: str
    sheet: str
    taken_on: str
    rows: int
    sha256: str
    tables: dict[str, str]
    status: str = contracts.IMPORTED
    state: str = ACTIVE
    withdrawn_on: str = ""
    reason: str = ""

    @property
    def where(self) -> str:
        """The file as an offence names it."""
        return f"{self.file} [{self.sheet}]" if self.sheet else self.file

    @property
    def counted(self) -> str:
        """What its rows are counted by: a workbook has rows, a text has lines."""
        return "row" if self.sheet else "line"


def register(city: City) -> tuple[Import, ...]:
    """Every import there ever was, in the order in which they were taken in.

    Raises:
        DataError: The register cannot be read.
    """
    path = city.imports / REGISTER

    def look() -> tuple[int, ...]:
        try:
            found = path.stat()
        except OSError:
            return ()
        return found.st_mtime_ns, found.st_size, found.st_ino

    state = held(path, look)
    return _register(path, state) if state else ()


@lru_cache(maxsize=8)
def _register(path: Path, _state: tuple[int, ...]) -> tuple[Import, ...]:
    try:
        return tuple(Import(**row) for row in json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        where, expected = f"{FOLDER}/{REGISTER}", "the list of imports as tylib wrote it"
        raise DataError(
            "the register of imports cannot be read",
            offences=[Offence(where, None, "", f"{type(error).__name__}: {error}", expected, "Put it back.")],
        ) from None


def active(city: City) -> tuple[Import, ...]:
    """The imports that count."""
    return tuple(record for record in register(city) if record.state == ACTIVE)


def identity(city: City) -> str:
    """What the active imports are, as one hash; empty where there is none. One withdrawn leaves no trace in it."""
    told = [{**asdict(record), "taken_on": ""} for record in active(city)]
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest() if told else ""


def spoilt(city: City, record: Import) -> list[Offence]:
    """Cells of an import that are no longer what was taken in."""
    found = []
    for name, wanted in record.tables.items():
        path = path_of(city, record, name)
        if path.is_file() and sha256(path.read_bytes()).hexdigest() != wanted:
            where, remedy = f"{FOLDER}/{record.id}/{path.name}", f"Withdraw {record.id} and import the file again."
            found.append(Offence(where, None, "", "other cells than were taken in", "the file untouched", remedy))
    return found


def path_of(city: City, record: Import, name: str) -> Path:
    """The cells that an import puts into a table."""
    return city.imports / record.id / f"{name}.csv"


def parts(city: City, resource: dict[str, Any]) -> list[tuple[Import, pl.DataFrame, list[Offence]]]:
    """What each active import puts into a table, typed, with the row of its spreadsheet as ``line``."""
    name, found = resource["name"], []
    if name == SOURCES:
        return [(record, _as_source(record, resource), []) for record in active(city)]
    for record in active(city):
        if name in record.tables:
            path = path_of(city, record, name)
            state = path.stat().st_mtime_ns if path.is_file() else 0
            found.append((record, *_given(path, state, record.where, json.dumps(resource))))
    return found


def _as_source(record: Import, resource: dict[str, Any]) -> pl.DataFrame:
    """An import is a source of its own: no address, no grade, but a holder."""
    cells = {
        "source_id": record.id, "title": record.title, "date": record.date, "holder": record.holder,
        "reference": f"{FOLDER}/{record.id}",
    }  # fmt: skip
    fields = resource["schema"]["fields"]
    row = {LINE: 0, **{field["name"]: cells.get(field["name"]) for field in fields}}
    return pl.DataFrame([row], schema={LINE: pl.UInt32, **{f["name"]: contracts.field_dtype(f) for f in fields}})


@lru_cache(maxsize=64)
def _given(path: Path, state: int, where: str, described: str) -> tuple[pl.DataFrame, list[Offence]]:
    resource = {**json.loads(described), "path": where}
    names = [field["name"] for field in resource["schema"]["fields"]]
    text, offences = pl.DataFrame(schema=dict.fromkeys(names, pl.String)), []
    try:
        text = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        shown, found = f"{FOLDER}/{path.parent.name}/{path.name}", str(error).splitlines()[0]
        remedy = f"Put the file back, or withdraw {path.parent.name}."
        offences = [Offence(shown, None, "", found if state else "no such file", "the cells as taken in", remedy)]
    text = text.with_columns(pl.lit(None, pl.String).alias(name) for name in names if name not in text.columns)
    line = (pl.col(LINE) if LINE in text.columns else pl.lit(0)).cast(pl.UInt32, strict=False).alias(LINE)
    frame, wrong = contracts.typed(text.select(line, *names), resource)
    return frame, [*offences, *wrong]


def united(frame: pl.DataFrame, resource: dict[str, Any], given: pl.DataFrame) -> pl.DataFrame:
    """A table with the rows of one import.

    A row whose key is not there yet is added. Of one that is there every non-empty cell goes over the cell that
    stood there, a figure as a whole; the source that stood there becomes ``also_source_id`` where the table has
    that column.
    """
    keys = resource["schema"]["primaryKey"]
    others = [name for name in frame.columns if name not in keys]
    over = frame.join(
        given.with_columns(_hit=True), on=keys, how="left", suffix=" given", maintain_order="left"
    ).with_columns(pl.col("_hit").fill_null(False))
    figure = pl.lit(False)
    stated = [f"{name} given" for name in ("value", "low", "high", "absent") if name in others]
    if stated:
        figure = pl.any_horizontal(pl.col(stated).is_not_null())
    cells = []
    for name in others:
        new = pl.col(f"{name} given")
        takes = pl.col("_hit") & (new.is_not_null() | (figure if name in FIGURE else pl.lit(False)))
        cells.append(pl.when(takes).then(new).otherwise(pl.col(name)).alias(name))
    if "also_source_id" in others:
        stood = pl.when(pl.col("_hit")).then("source_id").otherwise("also_source_id").alias("also_source_id")
        cells[others.index("also_source_id")] = stood
    mended = over.with_columns(cells).select(frame.columns)
    added = given.select(frame.columns).join(frame.select(keys), on=keys, how="anti", maintain_order="left")
    return pl.concat([mended, added]).sort(keys) if added.height else mended
