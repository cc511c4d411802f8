"""Small sets with known answers, and the project's own once a session."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import inf

import pytest

from tylib import bounds as feasible
from tylib.bounds.constraints import Row, System


def small(places: int, sectors: int, rows: list[Row] = (), *, whole: tuple[str, ...] = ()) -> System:
    """A system without rows of its own: counties p0, p1, ..., sectors s0, s1, ..., each sector a national one."""
    names, codes = tuple(f"p{n}" for n in range(places)), tuple(f"s{n}" for n in range(sectors))
    return System(
        city="city", places=names, sectors=codes, cells=(*product(names, codes), *(("city", s) for s in whole)),
        groups={f"C{n}": (n,) for n in range(sectors)}, national={f"C{n}": 1 / sectors for n in range(sectors)},
        rows=tuple(rows),
    )  # fmt: skip


def row(name: str, terms: dict[int, float], low: float = -inf, high: float = inf) -> Row:
    return Row(name, terms, low, high)


def simplex(places: int, sectors: int, total: float) -> System:
    """Outputs add up to a total; value added is half of output."""
    empty = small(places, sectors)
    count = len(empty.cells)
    rates = [row("rate", {count + cell: 1.0, cell: -0.5}, 0.0, inf) for cell in range(count)]
    rates += [row("rate", {count + cell: 1.0, cell: -0.5}, -inf, 0.0) for cell in range(count)]
    return empty.also([row("total", dict.fromkeys(range(count), 1.0), total, total), *rates])


@pytest.fixture(scope="session")
def own(city):
    """The project's own set in every layer."""
    return {layer: feasible.system(city, layer=layer) for layer in feasible.LAYERS}


@pytest.fixture(scope="session")
def city(city, tmp_path_factory):
    """The project's own city with a home of its own: tests leave nothing in the user's cache."""
    return replace(city, home=tmp_path_factory.mktemp("home"))
