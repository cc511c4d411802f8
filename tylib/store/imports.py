"""Taking the user's own tables in, and giving them back: all or nothing, with a history.

Files are read, every sheet of every file is checked cell by cell (:mod:`tylib.store.filled`), then the rows are put
into a trial copy of the register and checked as part of the tables. Only if nothing is wrong anywhere is the copy
made real, by one renaming of the register. A cell never becomes a path: folders are named by number, the original
is kept under a fixed name.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from tylib.errors import DataError, Offence, ParameterError, RunError, unknown
from tylib.store import doubts, filled, mapping, spreadsheet, taken
from tylib.store.saved import write_whole
from tylib.store.tables import check
from tylib.store.taken import REGISTER, WITHDRAWN, Import
from tylib.store.templates import HEAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tylib.store.city import City
    from tylib.store.filled import Filled

ORIGINAL, LOCK = "original", ".lock"


@dataclass(frozen=True)
class Result:
    """What an import did, or would do."""

    taken: tuple[Import, ...]
    remarks: tuple[str, ...]  # what the user should know of how the files were read
    doubts: tuple[str, ...] = ()  # what is possible but unlikely, file and row first: to look at


@dataclass(frozen=True)
class _Read:
    """A checked sheet with the file it came from."""

    filled: Filled
    name: str
    suffix: str
    content: bytes


def take(
    city: City, paths: Sequence[Path], *, taken_on: str, head: Mapping[str, str] | None = None, dry_run: bool = False
) -> Result:
    """Check files and take them in.

    Args:
        paths: Filled templates, .xlsx or .csv; each marked sheet becomes an import of its own.
        taken_on: Today, YYYY-MM-DD: only ever printed.
        head: ``title, holder, date`` that go before those in the sheets.
        dry_run: Check only.

    Raises:
        DataError: Anything is wrong anywhere; carries every offence. Nothing was taken.
    """
    head = {key: value for key, value in (head or {}).items() if value}
    given, remarks, odd, offences = [], [], [], _misstated(head)
    for path in paths:
        found, said, wrong = _read(city, Path(path), head)
        given += found
        remarks += said
        offences += wrong
    offences += _known(city, given)
    if offences:
        raise DataError("nothing was taken in", offences=offences)
    with _alone(city), tempfile.TemporaryDirectory(prefix=".trial-", dir=city.imports) as folder:
        trial = _trial(city, Path(folder))
        records: list[Import] = []
        for read in given:
            odd += doubts.things(trial, read.filled, taken_on)
            records.append(_staged(trial, read, _next_id(city, records), taken_on, head))
            _write(trial, [*taken.register(city), *records])
        _refuse_offences(trial, "nothing was taken in")
        odd += doubts.figures(trial, records)
        if not dry_run:
            for record, read in zip(records, given, strict=True):
                staged = trial.imports / record.id
                (staged / f"{ORIGINAL}{read.suffix}").write_bytes(read.content)
                os.replace(staged, city.imports / record.id)
            _write(city, [*taken.register(city), *records])
    return Result(tuple(records), tuple(remarks), tuple(odd))


def withdraw(city: City, number: str, *, withdrawn_on: str, reason: str = "") -> Import:
    """Take an import back: nothing of it stands in any table from then on; that it was there stays in the register.

    Raises:
        ParameterError: No such import, or it is withdrawn already.
        DataError: Another import rests on a row of this one.
    """
    records = {record.id: record for record in taken.register(city)}
    if number not in records:
        raise unknown("import", number, records)
    if records[number].state == WITHDRAWN:
        raise ParameterError(f"import {number} was withdrawn on {records[number].withdrawn_on}")
    records[number] = replace(records[number], state=WITHDRAWN, withdrawn_on=withdrawn_on, reason=reason)
    with _alone(city), tempfile.TemporaryDirectory(prefix=".trial-", dir=city.imports) as folder:
        trial = _trial(city, Path(folder))
        _write(trial, records.values())
        _refuse_offences(trial, f"import {number} was not withdrawn, others rest on it")
        _write(city, records.values())
    return records[number]


# Files to sheets.


def _misstated(head: Mapping[str, str]) -> list[Offence]:
    """Offences in what was said on the command line."""
    found = []
    for key, value in head.items():
        try:
            (filled.stamp if key == "date" else filled.plain_text)(value)
        except filled.Misread as wrong:
            found.append(Offence(f"--{key}", None, "", f'"{value}"', wrong.expected, wrong.remedy))
    return found


def _read(city: City, path: Path, head: Mapping[str, str]) -> tuple[list[_Read], list[str], list[Offence]]:
    try:
        content, sheets, encoding = spreadsheet.read(path)
    except DataError as error:
        return [], [], list(error.offences)
    remarks = [f"{path.name}: read as {encoding}."] if encoding == "GBK" else []
    found, offences = [], []
    for sheet in sheets:
        if filled.marked(sheet) is None:
            continue
        one, wrong = filled.checked(sheet, path.name, city, dated=head.get("date", ""))
        offences += wrong
        if one is None:
            continue
        for key in HEAD:
            if not (head.get(key) or getattr(one, key)):
                remedy = f"Fill the cell, or say --{key}."
                offences.append(Offence(one.where, None, "", f"no {key}", "title, holder and date", remedy))
        found.append(_Read(one, path.name, ".xlsx" if content[:2] == b"PK" else ".csv", content))
    if not found and not offences:
        where, expected = path.name, "a sheet that a template of ours became, marked in its first cell"
        remedy = "Write a template (tylib template) and paste the figures there."
        offences.append(Offence(where, None, "", "no sheet that is a template", expected, remedy))
    return found, remarks, offences


def _known(city: City, given: Iterable[_Read]) -> list[Offence]:
    """The same bytes are never taken twice."""
    seen = {(record.sha256, record.template, record.sheet): record.id for record in taken.active(city)}
    offences = []
    for read in given:
        key = (sha256(read.content).hexdigest(), read.filled.template.name, read.filled.sheet)
        if key in seen:
            remedy = "Withdraw that first, or leave this out."
            offences.append(Offence(read.filled.where, None, "", f"the same as {seen[key]}", "a new table", remedy))
        seen.setdefault(key, f"{read.name}, named before")
    return offences


# Sheets to a trial register.


def _next_id(city: City, records: Sequence[Import]) -> str:
    known = [record.id for record in (*taken.register(city), *records)]
    number = max((int(name[1:]) for name in known), default=0) + 1
    while (city.imports / f"I{number:04}").exists():  # what a crash left is never written over
        number += 1
    return f"I{number:04}"


def _staged(trial: City, read: _Read, number: str, taken_on: str, head: Mapping[str, str]) -> Import:
    """The rows of a sheet, written as cells of the tables they go into."""
    one = read.filled
    said = {key: head.get(key) or getattr(one, key) for key in HEAD}
    said["date"] = filled.stamp(said["date"])
    folder = trial.imports / number
    folder.mkdir(parents=True)
    sums = {}
    for name, frame in mapping.tables(trial, one, number, said["date"]).items():
        content = frame.write_csv().encode()
        (folder / f"{name}.csv").write_bytes(content)
        sums[name] = sha256(content).hexdigest()
    return Import(
        number, one.template.name, **said, file=read.name, sheet=one.sheet, taken_on=taken_on, rows=len(one.rows),
        sha256=sha256(read.content).hexdigest(), tables=sums, status=one.status,
    )  # fmt: skip


# The register.


@contextmanager
def _alone(city: City) -> Iterator[None]:
    """No two imports at a time."""
    folder = city.imports
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / LOCK).touch(exist_ok=False)
    except FileExistsError:
        where, remedy = f"home/{taken.FOLDER}/{LOCK}", "If none is running, delete that file."
        raise RunError("another import is running", where=where, remedy=remedy) from None
    except OSError as error:
        raise RunError("cannot write", where=str(folder), expected=str(error)) from None
    try:
        yield
    finally:
        (folder / LOCK).unlink(missing_ok=True)


def _trial(city: City, folder: Path) -> City:
    """A city whose home is a copy of the imports, to try changes on."""
    trial = replace(city, home=folder)
    for record in taken.active(city):
        for name in record.tables:
            there = taken.path_of(trial, record, name)
            there.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # told by the check
                shutil.copyfile(taken.path_of(city, record, name), there)
    trial.imports.mkdir(exist_ok=True)
    _write(trial, taken.register(city))
    return trial


def _refuse_offences(trial: City, what: str) -> None:
    offences = [offence for report in check(trial) for offence in report.offences]
    if offences:
        raise DataError(what, offences=offences)


def _write(city: City, records: Iterable[Import]) -> None:
    """The register, whole or not at all."""
    text = json.dumps([asdict(record) for record in records], ensure_ascii=False, indent=1)
    write_whole(city.imports / REGISTER, text.encode())
