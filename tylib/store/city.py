"""Where a city lives: one folder with ``data/`` and ``params/``; what is made from them goes beside them.

The city is data: nothing else in ``tylib`` knows its name. Another city is another folder.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tylib.errors import DataError, Offence, ParameterError

MARKER = Path("data") / "datapackage.json"
IMPORTS = "imports"


@dataclass(frozen=True)
class City:
    """The folders of one city.

    Attributes:
        root: Folder that holds ``data/``, ``params/`` and (for the suite itself) ``notebooks/``.
        reports: Where a batch run writes. Not under version control.
        home: The user's own imports, scenarios and caches. Not under version control.
    """

    root: Path
    reports: Path
    home: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def params(self) -> Path:
        return self.root / "params"

    @property
    def imports(self) -> Path:
        """The user's own tables as they were taken in."""
        return self.home / IMPORTS

    @property
    def place(self) -> str:
        """Code of the city itself, as ``data/datapackage.json`` states it under ``city.place``."""
        return package(self)["city"]["place"]

    @property
    def demonstration(self) -> bool:
        """Whether the folder is a demonstration: made figures may stand in its home, and its pages bear a banner."""
        return bool(package(self)["city"].get("demonstration", False))


def open_city(folder: Path | str | None = None, *, reports: Path | str | None = None) -> City:
    """Find a city's folder.

    Looks, in this order, at ``folder``; the environment variable ``TYLIB_CITY``; the working directory and the
    folders above it; the folder that holds the installed package.

    Args:
        folder: Folder with ``data/datapackage.json`` in it.
        reports: Where to write instead of ``reports/`` in that folder (or ``TYLIB_REPORTS``).

    Raises:
        ParameterError: The named folder has no ``data/datapackage.json``, or none was found.

    >>> open_city().data.name
    'data'
    """
    named = folder or os.environ.get("TYLIB_CITY")
    candidates = [Path(named)] if named else [Path.cwd(), *Path.cwd().parents, Path(__file__).parents[2]]
    for candidate in candidates:
        if (candidate / MARKER).is_file():
            root = candidate.resolve()
            return City(
                root, Path(reports or os.environ.get("TYLIB_REPORTS") or root / "reports").resolve(), root / "home"
            )
    raise ParameterError(
        f"no city found in {candidates[0]}" if named else "no city found here or in any folder above",
        expected=f"a folder that holds {MARKER.as_posix()}",
        remedy="Name it with --city FOLDER.",
    )


def package(city: City) -> dict[str, Any]:
    """The city's ``datapackage.json``: the only list of tables and columns.

    Raises:
        DataError: The file is not JSON or lacks ``city.place`` or ``resources``.
    """
    path = city.root / MARKER
    return _read_package(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read_package(path: Path, _modified: int) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        _ = content["city"]["place"], [resource["schema"]["fields"] for resource in content["resources"]]
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            "the list of tables cannot be read",
            offences=[
                Offence(
                    MARKER.as_posix(),
                    None,
                    "",
                    f"{type(error).__name__}: {error}",
                    "a data package with city.place and resources, each with schema.fields",
                    "Mend the file.",
                )
            ],
        ) from None
    return content
