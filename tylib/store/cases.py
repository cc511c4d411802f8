"""Published cases on disk: one folder a case, ``case.json`` beside its tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tylib.errors import DataError, ParameterError


@dataclass(frozen=True)
class Case:
    """One case: what it is of, what goes in, what came out of the peer."""

    described: dict[str, Any]
    """``id, function, source, params, tolerance, notes``"""
    inputs: dict[str, pl.DataFrame | Any]
    expected: dict[str, pl.DataFrame | Any]


def cases(folder: Path) -> Iterator[Case]:
    """Read every case below a folder, in the order of their names.

    Args:
        folder: Holds one folder a case; other files are left alone.

    Raises:
        ParameterError: No folder, or no case in it.
        DataError: A case that cannot be read.
    """
    found = sorted(folder.glob("*/case.json"))
    if not folder.is_dir():
        raise ParameterError(f'no folder "{folder}"', where="folder", expected="one that is there")
    if not found:
        raise ParameterError(
            f'no case in "{folder}"', where="folder", expected="a folder that holds folders with a case.json"
        )
    for path in found:
        try:
            described = json.loads(path.read_text(encoding="utf-8"))
            tables = [
                {name: _content(path.parent, given) for name, given in (described.get(part) or {}).items()}
                for part in ("inputs", "expected")
            ]
        except (OSError, ValueError, KeyError, AttributeError, pl.exceptions.PolarsError) as error:
            raise DataError(
                f"a case cannot be read: {error}", where=str(path), expected="JSON and its tables"
            ) from error
        yield Case({"id": path.parent.name, **described}, *tables)


def _content(folder: Path, given: Any) -> pl.DataFrame | Any:
    if not isinstance(given, dict) or "file" not in given:
        return given["value"] if isinstance(given, dict) and "value" in given else given
    path = folder / given["file"]
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    return pl.read_csv(path, infer_schema_length=None, null_values=["", "NA", "NaN"])
