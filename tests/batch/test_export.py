"""The page is one file that runs only its own scripts, and the same file every time."""

from __future__ import annotations

import html
import re
from functools import partial

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tylib.batch.export import digest, export, html_blocks, share, vega_bundle
from tylib.brief import page
from tylib.store import words

from .conftest import check_policy

CHART = (
    '<figure id="fig-a"><span class="figure-number"></span>'
    '<script type="application/json" class="vega-spec">{}</script></figure>'
)
OPENING = (
    '<header class="opening"><p class="kicker">Place · 2031</p><h1 class="headline">A <em>b</em> &amp; c</h1>'
    '<p class="standfirst">Support.</p></header>'
)


def notebook(*blocks):
    cells = [new_code_cell("secret_input", outputs=[new_output("display_data", {"text/html": b})]) for b in blocks]
    cells[0].outputs.append(new_output("stream", text="secret stream"))
    return new_notebook(cells=[new_markdown_cell("secret text"), *cells])


@pytest.fixture
def brief(city, monkeypatch):
    monkeypatch.setattr("tylib.batch.export.vega_bundle", lambda folder: "const vega = 1;")
    return lambda *blocks: export(notebook(*blocks), city=city, words=words("zh", city), inputs="abcdef0123456789")


def test_the_outputs_and_nothing_else(brief):
    text = brief(OPENING, CHART)
    assert OPENING in text
    assert "secret" not in text
    assert "abcdef012345" in text
    assert "abcdef0123456" not in text
    assert 'lang="zh' in text
    assert '<span class="figure-number">图1</span>' in text
    assert "CC0 &amp; more" in text
    assert "2031" in text


def test_scripts_and_styles_are_those_of_the_policy(brief):
    text = brief(OPENING, CHART)
    check_policy(text)
    assert ">const vega = 1;</script>" in text


def test_no_bundle_on_a_page_without_charts(brief):
    assert "const vega" not in brief(OPENING)


def test_nothing_is_fetched(brief):
    text = brief(OPENING, CHART)
    assert not re.findall(r'(?:src|data|srcset|poster)="(?!data:)|<link|@import|url\((?!data:|#)', text)


def test_shared_pages_link_one_stylesheet_and_one_bundle_and_are_small(city, monkeypatch):
    monkeypatch.setattr("tylib.batch.export.vega_bundle", lambda folder: "const vega = 1;")
    share(city)
    kept = {path.name: path.read_text(encoding="utf-8") for path in (city.reports / "assets").iterdir()}
    assert sorted(re.sub("-[0-9a-f]{12}", "", name) for name in kept) == ["brief.css", "vega.js"]
    make = partial(export, city=city, words=words("zh", city), inputs="0", shared=True)
    text = make(notebook(OPENING, CHART))
    links = re.findall(r'(?:href|src)="\.\./\.\./assets/([^"]+)"', text)
    assert sorted(links) == sorted(kept)
    assert "const vega" not in text and "--paper" not in text and len(text) < 20_000
    assert "Place · 2031" in text and "@page{@top-left" in text  # the running head is the page's own
    assert len(re.findall(r"\.\./assets/", make(notebook(OPENING)))) == 1  # no chart, no bundle
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1])
    assert "default-src 'none'" in policy and "http" not in policy and "unsafe" not in policy and "*" not in policy


def test_the_same_page_twice(brief):
    assert brief(OPENING, CHART) == brief(OPENING, CHART)


def test_what_the_index_needs_is_read_back():
    card = (
        '<li class="key-number"><p class="label">People</p><p class="value"><span class="figure-value">346.9</span> '
        '<span class="unit">thousand</span><span class="status" data-status="derived"><sup aria-hidden="true">≈</sup>'
        '<span class="unseen">derived</span></span></p>'
        '<p class="when">end of 2024 <a class="cite" href="#s">[1]</a></p></li>'
    )
    found = digest(OPENING + card)
    assert (found.kicker, found.headline, found.standfirst) == ("Place · 2031", "A b & c", "Support.")
    people = {"label": "People", "figure": "346.9", "unit": "thousand", "when": "end of 2024", "status": "derived"}
    assert found.numbers == (people,)
    assert digest("").numbers == ()


def test_blocks_are_the_html_of_code_cells():
    assert html_blocks(notebook("<p>a</p>", "<p>b</p>")) == "<p>a</p>\n<p>b</p>"
    assert nbformat.validate(notebook("<p>a</p>")) is None


def test_the_bundle_is_made_once_and_kept(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr("vl_convert.javascript_bundle", lambda vl_version: made.append(vl_version) or "bundle")
    assert vega_bundle(tmp_path / "cache") == vega_bundle(tmp_path / "cache") == "bundle"
    assert made == [page.VEGALITE]
    (kept,) = (tmp_path / "cache").iterdir()
    assert kept.read_text(encoding="utf-8") == "bundle"
    (tmp_path / "file").touch()
    assert vega_bundle(tmp_path / "file" / "cache") == "bundle"
