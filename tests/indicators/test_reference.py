"""The reference page is that of the docstrings, and every family and formula stands on it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

HERE = Path(__file__).parent
OTHERS = {"__init__", "cube", "rows", "verdict", "oracles", "peers", "peers_indices"}
"""Ways and means, not indicators."""


@pytest.fixture(scope="module")
def reference():
    spec = importlib.util.spec_from_file_location("reference", HERE / "reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_current(reference):
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page(), "run tests/indicators/reference.py"


def test_every_module_stands_on_it(reference):
    listed = {name for modules in reference.FAMILIES.values() for name in modules}
    there = {path.stem for path in (reference.ROOT / "tylib" / "indicators").glob("*.py")}
    assert listed == there - OTHERS
    page = reference.page()
    assert all(f"**{name}**" in page for name in reference.PEERS)
