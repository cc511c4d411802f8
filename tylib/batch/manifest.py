"""``manifest.jsonl``: what became of every brief, one line each, on the disk before the next one starts."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from tylib.batch.files import write_together

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

NAME = "manifest.jsonl"
OK, FAILED = "ok", "failed"


@dataclass(frozen=True)
class Row:
    """One brief.

    Attributes:
        unit, language, notebook: What the brief is of. Unit, language and notebook together are the key.
        page: Path of the page in the reports folder, empty where there has never been one.
        status: ``ok`` or ``failed``: the last attempt.
        seconds: Wall time of that attempt.
        inputs: Hash of everything that the attempt was made from.
        error: Why it failed, in one line; empty where it did not.
        log: Path of its log in the reports folder.
        bytes, modified, sha256, page_inputs, made_of, headline, numbers: The page that stands, which after a failure
            is an earlier one: its size, when it was written (by the clock of files, in nanoseconds), its hash, the
            inputs it was made from (one hash, and each by its name), its first heading, its key numbers.
    """

    unit: str
    language: str
    notebook: str
    page: str
    status: str
    seconds: float
    inputs: str
    error: str
    log: str
    bytes: int = 0
    modified: int = 0
    sha256: str = ""
    page_inputs: str = ""
    made_of: dict[str, str] = field(default_factory=dict)
    headline: str = ""
    numbers: tuple[dict[str, str], ...] = field(default=())

    @property
    def key(self) -> tuple[str, str, str]:
        return self.notebook, self.language, self.unit

    @property
    def stands(self) -> bool:
        """Whether there is a page, of this attempt or an earlier one."""
        return bool(self.sha256)

    def line(self) -> bytes:
        return (json.dumps(vars(self), ensure_ascii=False, separators=(",", ":")) + "\n").encode()


class Manifest:
    """The rows of a reports folder. Later lines of a brief replace earlier ones."""

    def __init__(self, reports: Path) -> None:
        self.path = reports / NAME
        self._seen = _state(self.path)
        self.rows = _read(self.path)

    def append(self, row: Row) -> None:
        """Put a row on the disk before anything else happens.

        Raises:
            OSError: The disk is full or the file cannot be written.
        """
        with self.path.open("a+b") as file:
            # The end of the file may be half a line of a run that was killed.
            if file.tell() and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
                file.write(b"\n")
            file.write(row.line())
            file.flush()
            os.fsync(file.fileno())
        self.rows[row.key] = row

    def settle(self, kept: Iterable[str]) -> None:
        """Rewrite the file with one line a brief, in a fixed order, dropping units that the city no longer has.

        Args:
            kept: Units in the order in which to write them.

        Raises:
            OSError: As for :meth:`append`.
        """
        order = {unit: number for number, unit in enumerate(kept)}
        if _state(self.path) != self._seen:  # another run may have added its own meanwhile
            self.rows = _read(self.path) | self.rows
        rows = [row for row in self.rows.values() if row.unit in order]
        rows.sort(key=lambda row: (row.notebook, row.language, order[row.unit]))
        self.rows = {row.key: row for row in rows}
        content = b"".join(row.line() for row in rows)
        if not self.path.is_file() or self.path.read_bytes() != content:
            write_together({self.path: content})


def _state(path: Path) -> tuple[int, ...]:
    """What tells whether a file has changed since."""
    if not path.is_file():
        return ()
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: Path) -> dict[tuple[str, str, str], Row]:
    rows: dict[tuple[str, str, str], Row] = {}
    names = {f.name for f in fields(Row)}
    for line in path.read_bytes().splitlines() if path.is_file() else ():
        try:
            found: dict[str, Any] = json.loads(line)
            row = Row(**{name: found[name] for name in names & found.keys()})
        except (ValueError, TypeError, AttributeError):
            continue  # half a line, or one of another edition of the suite: the brief is simply made again
        rows[row.key] = replace(row, numbers=tuple(row.numbers))
    return rows
