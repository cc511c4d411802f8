"""The reference page is that of the docstrings, and every family and formula stands on it."""

from __future__ import annotations

import ast
import importlib.util
import re
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


def test_every_entry_says_what_it_takes_and_what_it_is_called_elsewhere(reference):
    entries = [one for modules in reference.FAMILIES.values() for name in modules for one in reference.entries(name)]
    names = {one.name for one in entries}
    assert names >= set(reference.PEERS) and not names & reference.MEANS
    kinds = {one.name: reference.kind(one) for one in entries}
    assert kinds["share"] == kinds["ratio"] == kinds["regional_multipliers"] == kinds["on_track"] == "rows"
    assert kinds["location_quotient"] == kinds["rasmussen"] == kinds["climb"] == "arrays"
    page = reference.page()
    assert page.count("*Elsewhere:*") == len(entries)
    assert all(f"**{name}** ({kind})." in page for name, kind in kinds.items())


OURS = (
    "complexity", "product_space", "composite", "decision", "robustness", "treatment", "input_output", "linkages",
    "regional_tables", "spatial", "frontier",
)  # fmt: skip


@pytest.mark.parametrize("module", OURS)
def test_every_formula_says_what_it_takes_gives_and_comes_from_with_an_example(reference, module):
    for one in reference.entries(module):
        said = ast.get_docstring(one)
        assert all(part in said for part in ("Args:", "Returns:", ">>>")), one.name
        # A year of publication, or the formula that has it.
        assert re.search(r"(1[89]|20)\d\d|see `", said.split("Args:")[0]), one.name
        assert "Raises:" in said or not any(isinstance(part, ast.Raise) for part in ast.walk(one)), one.name
