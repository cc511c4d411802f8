"""What the user keeps in the city's home, whole or not at all: scenarios of their own, what they take out of the lab.

A name becomes a file name only after it was checked; it never becomes a path.
"""

from __future__ import annotations

import os
from io import BytesIO
from typing import TYPE_CHECKING, Any

import polars as pl
import yaml

from tylib.errors import ParameterError, unknown
from tylib.store.scenarios import FOLDER, NAME, content_checked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tylib.store.city import City

EXPORTS = "exports"
FORMS = ("svg", "png", "csv", "parquet", "xlsx")


def save_scenario(name: str, content: Mapping[str, Any], city: City, *, replace: bool = False) -> Path:
    """Write a scenario of the user's own to ``home/scenarios/NAME.yml``; every command and brief knows it from then on.

    Args:
        name: Lower-case letters, digits and ``_``, a letter first.
        content: As :class:`tylib.store.scenarios.Scenario` has it; checked like a file before anything is written.
        city: Whose home.
        replace: Whether one of the user's own of that name may be written over.

    Raises:
        ParameterError: The name is none, is the suite's, or is taken; the content is wrong, all of it told at once.
    """
    _named(name, "scenario")
    if (city.params / FOLDER / f"{name}.yml").is_file():
        raise ParameterError(f'"{name}" is a scenario of the suite', where="name", expected="a name of its own")
    path = city.home / FOLDER / f"{name}.yml"
    if path.is_file() and not replace:
        raise ParameterError(f'there is a scenario "{name}" already', where="name", expected="a name not yet taken",
                             remedy="Choose another name, or say that it may be replaced.")  # fmt: skip
    content_checked(content, city)
    write_whole(path, yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False, width=120).encode())
    return path


def export(name: str, form: str, content: bytes, city: City) -> Path:
    """Write a picture or a table to ``home/exports/NAME.FORM``.

    Args:
        name: As of a scenario.
        form: One of :data:`FORMS`.
        content: The file.
        city: Whose home.

    Raises:
        ParameterError: The name or the form is none.
    """
    _named(name, "file")
    if form not in FORMS:
        raise unknown("form", form, FORMS)
    path = city.home / EXPORTS / f"{name}.{form}"
    write_whole(path, content)
    return path


def table(frame: pl.DataFrame, form: str) -> bytes:
    """A table as a file: ``csv``, ``parquet`` or ``xlsx``.

    Raises:
        ParameterError: The form is none.
    """
    plain, file = frame.with_columns(pl.col(pl.Enum).cast(pl.String)), BytesIO()
    writers = {"csv": plain.write_csv, "parquet": plain.write_parquet, "xlsx": plain.write_excel}
    if form not in writers:
        raise unknown("form", form, FORMS)
    writers[form](file)
    return file.getvalue()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place, then move it there: it is whole or as it was before. Its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _named(name: str, kind: str) -> None:
    if not NAME.fullmatch(name):
        raise ParameterError(f'a {kind} cannot be called "{name}"', where="name",
                             expected="lower-case letters, digits and _, a letter first")  # fmt: skip
