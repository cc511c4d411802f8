"""Technology as it reads: figures with their aims, a silent table of needs, matches with their score in words."""

from __future__ import annotations

import re

import pytest

from tylib.brief.city import technology
from tylib.brief.context import Context
from tylib.store import open_city


def text(part) -> str:
    bare = re.sub(r"<script.*?</script>|<[^>]+>", " ", str(part.html()), flags=re.S)
    return " ".join(bare.split())


@pytest.fixture(scope="module")
def english(city):
    return Context.of(f"city:{city.place}", language="en", city=city)


@pytest.fixture(scope="module")
def made(written_city):
    city = open_city(written_city)
    return Context.of(f"city:{city.place}", language="en", city=city)


def test_figures_stand_beside_province_and_aim(english):
    part = technology.innovation(english)
    assert "2.24% (2021), against 1.12% in the province" in part.heading
    said = text(part)
    assert "2,150 firms" in said and "at least 4,500 firms 2022–2026" in said
    assert "5 firms and institutes are reported" in said


def test_a_figure_too_old_for_the_present_is_called_older(english):
    html = str(technology.innovation(english).html())
    (row,) = (r for r in re.findall(r"<tr>.*?</tr>", html, re.S) if "Value of technology contracts" in r)
    assert "older figure" in row and "2015" in row


def test_an_aim_without_a_figure_is_not_published_and_not_zero(english):
    html = str(technology.innovation(english).html())
    (row,) = (r for r in re.findall(r"<tr>.*?</tr>", html, re.S) if "New-type research institutions" in r)
    assert "not published" in row and "350" in row and ">0" not in row


@pytest.mark.parametrize("language", ["zh", "en"])
def test_empty_tables_are_one_sentence_without_names_of_files(city, language):
    context = Context.of(f"city:{city.place}", language=language, city=city)
    for part in (technology.matching(context), technology.support(context)):
        assert part.kind == "not-published" and len(part.blocks) == 1
        assert "_" not in text(part) and "<table" not in str(part.html())


def test_chains_without_any_support_are_counted_and_whom_to_ask_is_named(english):
    said = text(technology.support(english))
    assert "for any of the 9 chains" in said and "task force" in said


def test_a_score_is_explained(made):
    said = text(technology.matching(made))
    assert "same chain 0.2 + same field 0.2 + 80% of words x 0.6" in said
    assert "0.88" in said and "0.65" in said
    assert "Pairs below 0.25 are left out" in said
    assert "Button dyes" not in said
    assert 'data-status="imported"' in str(technology.matching(made).html())


def test_what_was_taken_in_stands_in_the_grid(made):
    part = technology.support(made)
    assert "2 of 6 known" in part.heading and part.kind == ""
    said = text(part)
    assert "Umbrella fund" in said and "Umbrella makers" in said and "Chief" not in said
    assert str(part.html()).count('class="absent"') == 4


def test_needs_without_results_have_no_pair(made_city):
    path = made_city.data / "published" / "technology_results.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    context = Context.of(f"city:{made_city.place}", language="en", city=made_city)
    assert "no pair scores high enough" in text(technology.matching(context))
