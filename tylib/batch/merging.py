"""Reports folders joined into one: what shards made on several machines, or runs made apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from tylib.batch import site
from tylib.batch.export import ASSETS
from tylib.batch.files import alone, sweep, write_together
from tylib.batch.inputs import inputs
from tylib.batch.manifest import NAME, OK, Manifest, Row
from tylib.batch.plan import UNIT, Job, notebook_path
from tylib.errors import ParameterError
from tylib.store.units import units
from tylib.store.words import languages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tylib.batch.inputs import Inputs
    from tylib.store import City


@dataclass(frozen=True)
class Merged:
    """What a merge came to.

    Attributes:
        rows: Every row of the folder now.
        taken: How many of them came from the folders.
        damaged: Briefs whose page is not the one on record there, with the folder; they were left out.
    """

    rows: tuple[Row, ...]
    taken: int
    damaged: tuple[str, ...]


def merge(folders: Sequence[Path], city: City, /, *, spoken: Sequence[str] = ()) -> Merged:
    """Take briefs, records and logs of other reports folders into the city's own, and write its index.

    Of two records of one brief the better one is kept: made before failed, from what there is now before from earlier
    inputs, of a later folder before an earlier one. The folders are only read.

    Args:
        folders: Written by :func:`tylib.batch.runner.run`, of this city.
        city: ``city.reports`` is where to write.
        spoken: Languages of the index, the first is ``index.html``. By default those of the briefs.

    Raises:
        ParameterError: A folder without a manifest.
        RunError: Another run is writing there.
        OSError: The disk is full or the folder cannot be written.
    """
    for folder in folders:
        if not (folder / NAME).is_file():
            raise ParameterError("no reports folder", where=str(folder), expected=f"a folder with {NAME}")
    known, damaged, taken = set(units(city)["unit"]), list[str](), set[tuple[str, str, str]]()
    with alone(city.reports):
        sweep(city.reports)
        own = Manifest(city.reports)
        found = [(folder, row) for folder in folders for row in Manifest(folder).rows.values()]
        now = inputs(_notebooks([row for _, row in found] + list(own.rows.values()), city), city)
        for folder, row in found:
            if row.unit not in known or not _plain(row, city) or not _better(row, own.rows.get(row.key), now):
                continue
            contents = _contents(folder, row)
            if row.stands and sha256(contents.get(row.page, b"")).hexdigest() != row.sha256:
                damaged.append(f"{row.unit} {row.language} in {folder}")
                continue
            write_together({city.reports / name: content for name, content in contents.items()})
            page = city.reports / row.page
            own.rows[row.key] = replace(row, modified=page.stat().st_mtime_ns if row.stands else 0)
            taken.add(row.key)
        for folder in folders:
            there = {city.reports / ASSETS / path.name: path for path in (folder / ASSETS).glob("*.*")}
            write_together({new: path.read_bytes() for new, path in there.items() if not new.is_file()})
        own.settle(units(city)["unit"])
        rows = tuple(own.rows.values())
        site.write(city, rows, languages=spoken or sorted({row.language for row in rows}), inputs=now)
    return Merged(rows, len(taken), tuple(damaged))


def _plain(row: Row, city: City) -> bool:
    """Whether the paths of a record are those that such a brief has: nothing else is read or written."""
    job = _job(row)
    fine = UNIT.fullmatch(row.unit) and row.language in languages(city)
    return bool(fine) and (row.page, row.log) == (job.page, job.log)


def _job(row: Row) -> Job:
    return Job(row.unit, row.language, row.notebook, ())


def _better(row: Row, before: Row | None, now: Inputs) -> bool:
    def rank(one: Row) -> tuple[bool, bool]:
        return one.status == OK, not now.changed(one.made_of)

    return before is None or rank(row) >= rank(before)


def _contents(folder: Path, row: Row) -> dict[str, bytes]:
    paths = [row.log, *((row.page, _job(row).executed) if row.stands else ())]
    return {path: (folder / path).read_bytes() for path in paths if (folder / path).is_file()}


def _notebooks(rows: Sequence[Row], city: City) -> set[str]:
    """Notebooks of the records that this city or the suite has."""
    there = set()
    for name in {row.notebook for row in rows}:
        try:
            notebook_path(name, city)
        except ParameterError:
            continue
        there.add(name)
    return there
