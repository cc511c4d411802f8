"""The map of a chain in a browser: beside one another or stacked, by key, without a script, and whole on paper."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.kinds import brief
from tylib.batch.export import export
from tylib.store import open_city, words
from tylib.store.units import rows

pytestmark = pytest.mark.browser
CITY = open_city()
CODES = rows("chain", CITY)["chain_id"].to_list()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """``pages(code, language)``: the page of one chain, made once."""
    folder = tmp_path_factory.mktemp("chains")

    def page(code: str, language: str) -> Path:
        path = folder / f"{language}-{code}.html"
        if not path.exists():
            parts = brief(f"chain:{code}", language=language, city=CITY).parts.values()
            shown = [part.html() for part in parts]
            cells = [
                new_code_cell("x", outputs=[new_output("display_data", {"text/html": str(html)})], id=f"c{number}")
                for number, html in enumerate(shown)
            ]
            notebook = new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})
            path.write_text(export(notebook, city=CITY, words=words(language, CITY), inputs="0"), encoding="utf-8")
        return path

    return page


def boxes(page) -> list[list[dict[str, float]]]:
    """Position of every stage, lane by lane; a text on a whole chain is a lane of one."""
    return page.evaluate(
        "[...document.querySelectorAll('.lane')].map(lane => [...lane.querySelectorAll('.stage')].map(s => {"
        "const b = s.getBoundingClientRect(); return {x: b.x, y: b.y, right: b.right, bottom: b.bottom}}))"
    )


# English words are longer: the first chain of most branches and the last in that language too.
@pytest.mark.parametrize(("code", "language"), [*((code, "zh") for code in CODES), (CODES[2], "en"), (CODES[-1], "en")])
def test_stages_stand_in_a_row_or_under_one_another_and_none_is_cut_off(browser_page, pages, code, language):
    wide = browser_page(pages(code, language), width=1280)
    for lane in boxes(wide.page):
        assert len({round(box["y"]) for box in lane}) == 1
        assert all(left["right"] < right["x"] for left, right in pairwise(lane))
    narrow = browser_page(pages(code, language), width=390)
    for lane in boxes(narrow.page):
        assert len({round(box["x"]) for box in lane}) == 1
        assert all(upper["bottom"] < lower["y"] for upper, lower in pairwise(lane))
        assert all(box["right"] <= 390 - 15 for box in lane)
    cut = "[...document.querySelectorAll('.drawing *')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth)"
    inside = narrow.page.evaluate(f"{cut}.filter(e => getComputedStyle(e).display != 'inline').map(e => e.className)")
    assert [name for name in inside if "unseen" not in name] == []


def test_connectors_point_right_where_stages_stand_in_a_row_and_down_where_they_are_stacked(browser_page, pages):
    style = "getComputedStyle(document.querySelectorAll('.stage')[1], '::before')"
    wide, narrow = (browser_page(pages(CODES[0], "zh"), width=width).page for width in (1280, 390))
    assert float(wide.evaluate(f"{style}.width").removesuffix("px")) > 20
    assert float(wide.evaluate(f"{style}.height").removesuffix("px")) < 4
    assert float(narrow.evaluate(f"{style}.height").removesuffix("px")) > 20
    assert float(narrow.evaluate(f"{style}.width").removesuffix("px")) < 4


@pytest.mark.parametrize("scripts", [True, False])
def test_a_stage_opens_by_key_with_and_without_scripts(browser_page, pages, scripts):
    page = browser_page(pages(CODES[0], "en"), width=390, scripts=scripts).page
    evidence = page.locator(".node > ul").first
    assert not evidence.is_visible()
    page.locator(".node > summary").first.focus()
    page.keyboard.press("Enter")
    assert evidence.is_visible()
    page.keyboard.press("Enter")
    assert not evidence.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_opened_or_not_the_map_is_accessible(browser_page, axe, pages, scheme):
    page = browser_page(pages(CODES[-1], "zh"), width=390, scheme=scheme).page
    page.evaluate("document.querySelectorAll('.node').forEach((node, number) => { node.open = number % 2 == 0; })")
    assert axe(page) == []


def test_on_paper_every_stage_is_open(browser_page, pages):
    page = browser_page(pages(CODES[0], "zh")).page
    page.emulate_media(media="print")
    heights = page.evaluate("[...document.querySelectorAll('.node > ul')].map(e => e.getBoundingClientRect().height)")
    assert len(heights) > 3 and min(heights) > 5
