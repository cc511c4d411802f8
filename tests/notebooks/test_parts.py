"""A brief's notebook shows every part of its brief, once and in the order of the page: none is lost on the way."""

from __future__ import annotations

import json
import re
from importlib import import_module

import pytest
import yaml

from tylib.store import open_city

CITY = open_city()
PLANS = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((CITY.params / "plans").glob("*.yml"))]
SHOWN = {
    (briefs["notebook"], unit.partition(":")[0])
    for plan in PLANS
    for briefs in plan["briefs"]
    for unit in briefs["units"]
}


@pytest.mark.parametrize(("notebook", "kind"), sorted(SHOWN))
def test_a_notebook_shows_each_part_once_in_order(notebook, kind):
    cells = json.loads((CITY.root / "notebooks" / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    assert re.findall(r'\b(?:brief|sheet)\["(\w+)"\]', code) == list(import_module(f"tylib.brief.{kind}").PARTS)


def test_every_kind_of_unit_has_a_plan():
    from tylib.store.units import KINDS

    assert {kind for _, kind in SHOWN} == set(KINDS)
