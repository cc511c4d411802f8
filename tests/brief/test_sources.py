"""Sources as a reader sees them: numbered as cited, linked only where they may be, escaped."""

from __future__ import annotations

import pytest

from tylib.brief.sources import Citations, entry
from tylib.store import load, words

ROW = {"title": "A <b> & c", "url": None, "date": "2024", "tier": "B", "reference": "www.example.org/x?y=1"}


@pytest.fixture
def said():
    return words("en")


def test_a_reference_is_evidence_and_never_a_link(said):
    html = entry(ROW, said)
    assert "href" not in html
    assert "www.example.org" in html and "y=1" not in html


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//example.org", "ftp://example.org/x", ""])
def test_only_an_address_of_the_web_is_a_link(said, url):
    assert "href" not in entry(ROW | {"url": url}, said)
    assert 'href="https://example.org/a&amp;b"' in entry(ROW | {"url": "https://example.org/a&b"}, said)


def test_a_title_is_escaped_and_a_missing_one_is_said(said):
    assert "A &lt;b&gt; &amp; c[EB/OL]. (2024)" in entry(ROW, said)
    assert "www.example.org/x?y=1 (title not recorded)" in entry(ROW | {"title": None}, said)
    assert "(no date)" in entry(ROW | {"date": None}, said)


def test_sources_are_numbered_in_the_order_in_which_they_are_cited(said):
    citations = Citations(said, {"Q2": ROW | {"title": "two"}, "Q1": ROW | {"title": "one"}})
    assert citations.cite(["Q2"]) == '<a class="cite" href="#source-1">[1]</a>'
    assert citations.cite(["Q1", "Q2", "unknown"]).count("<a ") == 2
    assert [(n, "one" in e, "two" in e) for n, e in citations.entries()] == [("1", False, True), ("2", True, False)]


def test_no_source_of_the_city_is_linked_but_through_its_url(said):
    for row in load("sources").iter_rows(named=True):
        html = entry(row, said)
        assert ("href" in html) == bool(row["url"])
