"""Tables of the made city, to be spoilt."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tylib.errors import Offence
from tylib.store import City, check
from tylib.store.city import package

Rows = list[dict[str, Any]]


def path_of(city: City, name: str) -> Path:
    """The file of a table."""
    (found,) = (r["path"] for r in package(city)["resources"] if r["name"] == name)
    return city.data / found


@pytest.fixture
def edited(made_city: City) -> Callable[[str], AbstractContextManager[Rows]]:
    """Open a table as a list of rows; what is done to them is written back. Row ``n`` stands on line ``n + 2``."""

    @contextmanager
    def edit(name: str) -> Iterator[Rows]:
        path = path_of(made_city, name)
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            rows, columns = list(reader), list(reader.fieldnames)
        yield rows
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    return edit


@pytest.fixture
def described(made_city: City) -> Callable[[], AbstractContextManager[dict[str, Any]]]:
    """Open the data package; what is done to it is written back."""

    @contextmanager
    def edit() -> Iterator[dict[str, Any]]:
        path = made_city.data / "datapackage.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        yield content
        path.write_text(json.dumps(content), encoding="utf-8")

    return edit


@pytest.fixture
def offences(made_city: City) -> Callable[[], list[Offence]]:
    """Return everything that a check of the made city finds."""
    return lambda: [offence for report in check(made_city) for offence in report.offences]
