"""The index: every brief that stands, whatever failed, both languages, and no text that could act as markup."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tylib.batch.files import write_together
from tylib.batch.inputs import Inputs
from tylib.batch.manifest import Row
from tylib.batch.site import html, write

from .conftest import check_policy

NOW = Inputs({"suite": "a"}, {}, {})
NAMES = {"zh": "index.html", "en": "index.en.html"}
EVIL = "<script>alert(1)</script>\"'&"


def row(unit="county:009901", language="zh", **values):
    return Row(**{
        "unit": unit, "language": language, "notebook": "90",
        "page": f"briefs/{language}/{unit.replace(':', '-')}.html", "status": "ok",
        "seconds": 1.0, "inputs": "a" * 64, "error": "", "log": "logs/x.log", "sha256": "s",
        "page_inputs": "a" * 64, "made_of": {"suite": "a"}, "headline": f"Answer in {language}", **values,
    })  # fmt: skip


@pytest.fixture
def index(city):
    def made(*rows, language="en", suite="a"):
        return html(city, rows, language=language, names=NAMES, inputs=Inputs({"suite": suite}, {}, {}))

    return made


def test_a_card_links_to_the_brief_in_the_language_of_the_list(index):
    text = index(row(), row(language="en"))
    assert '<h3><a href="briefs/en/county-009901.html">North County</a>' in text
    assert 'href="briefs/zh/county-009901.html" lang="zh' in text
    assert "Answer in en" in text
    assert "Answer in zh" not in text
    assert 'href="index.html"' in text
    assert "子县" in text


def test_a_brief_in_one_language_only_is_still_listed(index):
    text = index(row(), language="en")
    assert '<a href="briefs/zh/county-009901.html" hreflang="zh' in text
    assert "Answer in zh" in text


def test_numbers_keep_their_status(index):
    number = {"label": "People", "figure": "3", "unit": "thousand", "when": "2024", "status": "derived"}
    share = {"label": "Share", "figure": "4", "unit": "%", "when": "", "status": ""}
    text = index(row(language="en", numbers=(number, share)))
    assert ">3 thousand<" in text
    assert ">4%<" in text
    assert 'data-status="derived"' in text
    assert "≈" in text


def test_failures_are_named_with_what_stands(index):
    failed = {"status": "failed", "error": "ValueError: no figures"}
    text = index(row(language="en", **failed), row("county:009902", "en", sha256="", **failed))
    assert text.count("ValueError: no figures") == 2
    assert "the edition before still stands" in text
    assert "no edition yet" in text
    assert 'id="county-009902"' not in text
    assert "not-published failures" not in index(row())


def test_a_page_of_earlier_inputs_says_so(index):
    assert "earlier inputs" in index(row(language="en"), suite="b")
    assert "earlier inputs" not in index(row(language="en"))


def test_texts_are_escaped(index):
    number = dict.fromkeys(("label", "figure", "unit", "when", "status"), EVIL)
    text = index(
        row(language="en", headline=EVIL, numbers=(number,), status="failed", error=EVIL), row("county:009902", "en")
    )
    assert "<script" not in text
    assert "South &lt;County&gt;" in text
    assert "alert(1)" in text


def test_the_page_is_sound_and_fetches_nothing(index):
    class Check(HTMLParser):
        def __init__(self):
            super().__init__()
            self.open, self.ids = [], []

        def handle_starttag(self, tag, attrs):
            self.ids += [value for name, value in attrs if name == "id"]
            assert not {name for name, _ in attrs} & {"style", "src", "onclick"}
            if tag not in ("meta", "br"):
                self.open.append(tag)

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

    text = index(row(), row(language="en"), row("county:009902", "en", status="failed", error="x"))
    check = Check()
    check.feed(text)
    assert check.open == []
    assert len(check.ids) == len(set(check.ids))
    check_policy(text)
    assert "<script" not in text
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(check.ids)
    assert text.count("<h1") == 1


def test_one_file_a_language_and_the_same_twice(city):
    rows = [row(), row(language="en"), row("county:009902")]
    for r in rows[:2]:
        write_together({city.reports / r.page: b""})
    write(city, rows, languages=["zh", "en"], inputs=NOW)
    first = {path.name: path.read_bytes() for path in city.reports.glob("*.html")}
    write(city, rows[::-1], languages=["zh", "en"], inputs=NOW)
    assert {path.name: path.read_bytes() for path in city.reports.glob("*.html")} == first
    assert sorted(first) == ["index.en.html", "index.html"]
    text = first["index.html"].decode()
    assert '<html lang="zh' in text
    assert 'id="county-009901"' in text
    assert 'id="county-009902"' not in text  # its page has gone


def test_a_failed_brief_in_the_language_of_the_list_falls_back(index):
    text = index(row(), replace(row(language="en"), sha256="", status="failed", error="x"))
    assert '<h3><a href="briefs/zh/county-009901.html"' in text


def test_briefs_stand_under_their_kind_and_many_alike_are_lines(made_city):
    city = made_city
    rows = [
        row(unit, "en", notebook=unit[:2], sha256="s")
        for unit in ("township:980102100", "county:980102", "chain:C1", "city:980100")
    ]
    for made in rows:
        path = city.reports / made.page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    text = html(city, rows, language="en", names=NAMES, inputs=NOW)
    kinds = ["city", "county", "chain", "township"]
    assert re.findall(r'<h2 class="kind-title" id="(\w+)">', text) == kinds
    assert re.findall(r'<li class="unit" id="([^"]+)"', text) == [
        "city-980100", "county-980102", "chain-C1", "township-980102100",
    ]  # fmt: skip
    assert '<ul class="unit-lines">' in text and text.count('<ul class="units">') == 3
