"""What ``docs/announcement.md`` promises is where it says."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.kinds import brief
from tylib.store import open_city
from tylib.store.units import rows, units

DOCUMENT = Path(__file__).parents[1] / "docs" / "announcement.md"
ROWS = [
    tuple(cell.strip() for cell in line.strip("|\n").split("|"))
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
    if re.match(r"\| (?!说法|---)", line)
]
CITY = open_city()


@cache
def anchors(kind: str) -> frozenset[str]:
    """Anchors of the parts that a brief of this kind can have: of all its units taken together."""
    own = units(CITY)
    found = own.filter(own["kind"] == kind)["unit"]
    pages = (str(brief(unit, language="zh", city=CITY).html()) for unit in found)
    return frozenset(anchor for page in pages for anchor in re.findall(r'id="part-([^"]+)"', page))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[2]}-{row[3]}-{row[1][:20]}")
def test_a_notion_is_where_it_is_said_to_be(row):
    _, _, kind, part, _ = row
    assert part in anchors(kind)


def test_the_document_speaks_of_every_kind_but_the_register():
    assert {row[2] for row in ROWS} == {"city", "county", "town", "chain", "zone"}
    assert len(ROWS) > 60


def test_the_towns_named_are_those_of_the_table():
    named = " ".join(row[0] for row in ROWS)
    for town in rows("town", CITY)["name_zh"]:
        assert town.removesuffix("专业镇").removeprefix("中北")[:2] in named
