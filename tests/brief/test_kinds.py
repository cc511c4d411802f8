"""What holds for the brief of any unit of any kind, in every language: on the project's own tables."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module

import pytest

from tests.kinds import brief
from tylib.errors import ParameterError
from tylib.store import open_city
from tylib.store.units import units
from tylib.store.words import languages

CITY = open_city()
# Townships are many and alike: the first and the last of the register stand for them here.
ALL = units(CITY)
TOWNSHIPS = ALL.filter(ALL["kind"] == "township")["unit"].to_list()
UNITS = [unit for unit in ALL["unit"] if unit not in TOWNSHIPS[1:-1]]
MOST = {"zh": 36, "en": 22}  # characters, words: the headline fits a telephone's screen


@cache
def made(unit: str, language: str) -> str:
    return str(brief(unit, language=language, city=CITY).html())


@pytest.fixture(params=UNITS)
def unit(request):
    return request.param


@pytest.fixture(params=languages(CITY))
def html(request, unit):
    return made(unit, request.param)


def seen(html: str) -> str:
    bare = re.sub(r"<script.*?</script>|<[^>]+>", " ", html, flags=re.S)
    return " ".join(bare.split())


def test_nothing_is_left_unfilled(html):
    said = seen(html)
    assert "{" not in said and not re.search(r"\bNone\b(?! \w)|\bnan\b", said)  # "None of these" is English


def test_every_citation_leads_to_a_source_and_every_source_is_cited(html):
    cited, listed = set(re.findall(r'href="#(source-\d+)"', html)), set(re.findall(r'<li id="(source-\d+)"', html))
    assert cited and cited == listed


def test_every_section_has_a_finding_and_something_to_show(html):
    sections = re.findall(r'<section class="part[^"]*"[^>]*><h2[^>]*>(.*?)</h2>(.*?)</section>', html, re.S)
    assert sections
    assert all(seen(heading) and seen(body) for heading, body in sections)


def test_no_id_stands_twice(html):
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_the_answer_comes_first_and_is_short(html):
    headline = seen(re.search(r'<h1 class="headline">(.*?)</h1>', html, re.S)[1])
    chinese = re.search(r"[\u3400-\u9fff]", re.sub(r"\([^)]*\)", "", headline))
    length = len(re.sub(r"\s", "", headline)) if chinese else len(headline.split())
    assert 4 <= length <= MOST["zh" if chinese else "en"], headline


def test_both_languages_have_the_same_parts_and_figures(unit):
    parts = {tuple(re.findall(r'id="(part-[^"]+|fig-[^"]+|table-[^"]+)"', made(unit, one))) for one in languages(CITY)}
    assert len(parts) == 1


def test_a_unit_of_another_kind_is_refused(unit):
    kind = unit.partition(":")[0]
    other = UNITS[-1] if kind != "township" else UNITS[0]
    with pytest.raises(ParameterError, match=f"expected {kind}:CODE"):
        import_module(f"tylib.brief.{kind}").brief(other, language="zh", city=CITY)
