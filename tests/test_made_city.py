"""The suite on a made city: other names and codes, three districts, no zones. Nothing of the project's own shows."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from html import unescape

import polars as pl
import pytest

from tylib.brief import county, coverage
from tylib.store import check, conflicts, facts, load, open_city, preferred
from tylib.store.places import counties, total, townships
from tylib.store.words import languages

from .made_city import CITY, COUNTIES, FALLING, FLAT, NAMES, RISING

LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def made(written_city):
    return open_city(written_city)


@pytest.fixture(scope="module")
def briefs(made):
    """Every brief of the made city as HTML: three counties in two languages."""
    return {
        (code, language): str(county.brief(f"county:{code}", language=language, city=made).html())
        for code in COUNTIES
        for language in LANGUAGES
    }


def text_of(html):
    """What a reader sees of a page."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())


@pytest.fixture(scope="module")
def foreign(city):
    """A pattern of every name and code of the project's own city, its counties and their townships and zones."""
    places = load("places", city)
    codes = [city.place, *counties(city)["place"]]
    own = places.filter(pl.col("place").is_in(codes) | pl.col("parent").is_in(codes))
    names = {name for row in own.select("place", "name_zh", "name_en").rows() for name in row}
    for zh, en in own.filter(pl.col("place").is_in(codes)).select("name_zh", "name_en").rows():
        names |= {zh[:-1], en.split(" ")[0]}
    return re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)))


def test_the_tables_are_sound_and_hold_no_zone(made):
    assert [str(offence) for report in check(made) for offence in report.offences] == []
    assert load("zones", made).is_empty() and load("place_overlaps", made).is_empty()
    assert load("places", made).filter(pl.col("level") == "zone").is_empty()
    assert made.place == CITY
    assert tuple(languages(made)) == LANGUAGES


def test_its_counties_and_townships_are_its_own(made):
    assert counties(made)["place"].to_list() == list(COUNTIES)
    assert counties(made)["name_en"].to_list() == [NAMES[code][1] for code in COUNTIES]
    assert [townships(code, made).height for code in COUNTIES] == [2, 0, 1]


def test_figures_of_every_shape_are_facts(made):
    rows = facts(made).filter(pl.col("place").is_in(COUNTIES))
    assert rows["value"].count() and rows["low"].count() and rows["absent"].count()
    assert set(rows["interval"].drop_nulls()) == {"published_bound", "implied"}
    assert set(rows["absent"].drop_nulls()) == {"not_published", "suppressed"}


def test_one_figure_is_preferred_and_the_conflict_kept(made):
    rows = facts(made)
    assert preferred(rows).filter((pl.col("place") == RISING) & (pl.col("indicator") == "gdp"))["value"].to_list() == [
        180.4, None, 210.5,
    ]  # fmt: skip
    assert set(conflicts(rows, tolerance=0.002)["place"]) == {RISING}


def test_its_counties_add_up_to_it(made):
    rows = preferred(facts(made).filter((pl.col("indicator") == "resident_population") & (pl.col("period") == "2024")))
    parts = rows.filter(pl.col("place").is_in(COUNTIES)).select("place", "value", "period", "unit", "kind")
    assert total(parts, whole=CITY, city=made) == 505_000


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", COUNTIES)
def test_a_brief_is_made_and_is_about_this_city_alone(briefs, foreign, code, language):
    html = briefs[code, language]
    said = text_of(html)
    own, elsewhere = NAMES[code], {"en": "Wujiang", "zh": "雾江市"}
    assert said.startswith(elsewhere[language])
    assert own[LANGUAGES.index(language) == 0] in said
    assert foreign.findall(html) == []
    assert "{" not in said


@pytest.mark.parametrize("code", COUNTIES)
def test_it_counts_three_and_not_ten(briefs, code):
    english, chinese = (text_of(briefs[code, language]) for language in LANGUAGES)
    assert "of the 3 counties and districts" in english
    assert "3个县（市、区）" in chinese
    assert not re.search(r"\b(ten|10)\b (\w+ )?(counties|districts|units)", english, re.I)
    assert not re.search(r"(10|十)个?县", chinese)


FINDINGS = [
    (RISING, "en", "grew 5.1%"), (RISING, "zh", "增长5.1%"), (FALLING, "en", "fell 2.6%"), (FALLING, "zh", "下降2.6%"),
    (RISING, "en", "population grew 2.29% a year"), (RISING, "zh", "人口年均增长2.29%"),
    (FALLING, "en", "population fell 1.7% a year"), (FALLING, "zh", "人口年均减少1.7%"),
    (FLAT, "en", "population hardly changed"), (FLAT, "zh", "人口基本持平"),
    (RISING, "en", "natural increase of 620"), (RISING, "zh", "自然增加620"),
    (FALLING, "en", "natural decrease of 280"), (FALLING, "zh", "自然减少280"),
    (FLAT, "en", "no natural change"), (FLAT, "zh", "自然增减相抵"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "language", "finding"), FINDINGS)
def test_findings_follow_the_figures(briefs, code, language, finding):
    assert finding in text_of(briefs[code, language])


def test_what_is_known_differs_and_so_does_the_length(briefs):
    lengths = {code: len(briefs[code, "en"]) for code in COUNTIES}
    assert lengths[RISING] > lengths[FALLING] > lengths[FLAT]
    assert "part-townships" not in briefs[FALLING, "en"]  # no township, no section
    assert "part-firms" in briefs[RISING, "en"] and "part-firms" not in briefs[FLAT, "en"]


def test_bounds_intervals_conflicts_and_absences_are_shown_as_such(briefs):
    said = {code: text_of(briefs[code, "en"]) for code in COUNTIES}
    assert "at most 6 billion yuan" in said[FALLING]
    assert "3–4.4 billion yuan" in said[FLAT]
    assert 'data-status="estimated"' in briefs[FLAT, "en"]
    assert "21.05 billion yuan" in said[RISING] and "20.3 billion yuan" in said[RISING]
    assert "year not stated" in said[FALLING]
    assert "Statistics bureaus of the counties" in said[RISING]


def test_text_of_the_tables_is_escaped(briefs):
    html = briefs[RISING, "zh"]
    assert "晴雨伞业 &amp; 子公司" in html
    assert "雾江统计年鉴 &lt;2021&gt;" in html
    assert "<2021>" not in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_its_data_cover(made, foreign, language):
    report = coverage.report(language=language, city=made)
    html = str(report.html())
    assert report.unit == f"prefecture:{CITY}"
    assert {"part-coverage", "part-conflicts", "part-unpublished"} <= set(re.findall(r"part-[a-z]+", html))
    assert foreign.findall(html) == []
    assert "{" not in text_of(html)
    assert all(NAMES[code][LANGUAGES.index(language) == 0] in html for code in COUNTIES)


def test_no_zone_is_spoken_of(briefs):
    for code in COUNTIES:
        assert "Zones cut across" not in text_of(briefs[code, "en"])


@pytest.fixture(scope="module")
def made_run(written_city, tmp_path_factory):
    """The city's folder and the reports that one run of the command line leaves, with what it said."""
    folder = shutil.copytree(written_city, tmp_path_factory.mktemp("run") / "wujiang")
    reports = folder.parent / "reports"
    ran = subprocess.run(
        [sys.executable, "-m", "tylib", "batch", "--city", str(folder), "--unit", f"county:{RISING}",
         "--language", "en", "--reports", str(reports)],
        capture_output=True, text=True, encoding="utf-8", cwd=folder.parent,
        env={name: value for name, value in os.environ.items() if not name.startswith("TYLIB_")},
    )  # fmt: skip
    return folder, reports, ran


def test_one_brief_from_the_command_line(made_run, foreign):
    _, reports, ran = made_run
    assert ran.returncode == 0, ran.stderr
    page = (reports / "briefs" / "en" / f"county-{RISING}.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "2031.04" in page and "CC0 1.0" in page  # edition and licence of the made city
    assert foreign.findall(text_of(page)) == []
    assert "of the 3 counties and districts" in text_of(page)
    assert page.count('class="vega-spec"') == 1  # census growth; two years of GDP are read faster in the table
    (row,) = map(json.loads, (reports / "manifest.jsonl").read_text(encoding="utf-8").splitlines())
    assert (row["unit"], row["language"], row["status"]) == (f"county:{RISING}", "en", "ok")


def test_its_index_speaks_of_it_alone(made_run, foreign):
    _, reports, _ = made_run
    indexes = [path.read_text(encoding="utf-8") for path in sorted(reports.glob("index*.html"))]
    assert indexes
    for index in indexes:
        assert foreign.findall(index) == []
    assert any("Qingshi District" in index for index in indexes)


def test_nothing_is_written_into_the_city_but_its_cache(made_run):
    folder, _, _ = made_run
    assert sorted(path.name for path in folder.iterdir()) == ["data", "home", "params"]
    assert [path.name for path in (folder / "home").iterdir()] == ["cache"]
