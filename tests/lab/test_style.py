"""The stylesheet touches outputs of cells and nothing else of JupyterLab, in light and in dark."""

from __future__ import annotations

import re

import pytest

from tylib.brief import page
from tylib.lab.style import DARK, OUTPUT, stylesheet


def outermost(sheet: str) -> list[str]:
    """Selectors of the rules that are not inside another."""
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.S)
    found, depth, start = [], 0, 0
    for place, character in enumerate(sheet):
        if character == "{":
            if depth == 0:
                found.append(sheet[start:place].strip())
            depth += 1
        elif character == "}":
            depth -= 1
            start = place + 1
    assert depth == 0
    return found


def test_every_rule_is_scoped_to_outputs():
    selectors = outermost(stylesheet())
    assert len(selectors) > 40
    assert [selector for selector in selectors if OUTPUT not in selector] == []


def test_nothing_is_fetched():
    assert not re.search(r"@import|url\((?!#)|https?://", stylesheet())


@pytest.mark.parametrize("name", list(page.tokens()["color"]["light"]))
def test_every_colour_of_a_chart_has_its_dark_counterpart(name):
    light, dark = (page.tokens()["color"][scheme][name] for scheme in ("light", "dark"))
    rules = re.findall(rf'{re.escape(DARK)} [^{{]*\[fill="{light}"\] {{ fill: (#\w+); }}', stylesheet())
    # Two names may share a light colour; the last rule decides, and then both mean nearly the same in dark.
    assert close(rules[-1], dark)


def close(one: str, other: str) -> bool:
    channels = [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in (one, other)]
    return all(abs(a - b) <= 40 for a, b in zip(*channels, strict=True))


def test_the_hatch_of_what_is_absent_has_no_colour_of_its_own():
    assert ".hatch-line { stroke: var(--muted)" in stylesheet() and "url(#hatch" not in stylesheet()
