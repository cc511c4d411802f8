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
from tylib.store import check, conflicts, facts, load, open_city, preferred, words
from tylib.store.places import counties, total, townships
from tylib.store.units import units
from tylib.store.words import languages

from . import kinds
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
    """What a reader sees of a page, without the spaces that only markup puts between Chinese characters."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.S)
    said = " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())
    return re.sub(r"(?<=[^\x00-\xff]) | (?=[^\x00-\xff])", "", said)


def spoken(text, made, language, key, **known):
    """Whether a text says a word of the catalogue with these values; what it fills in elsewhere is short."""
    word = words(language, made).catalogue[key].strip()
    parts = re.split(r"\{(\w+)\}", word)
    filled = (re.escape(known[p]) if p in known else "[^。；]{1,40}?" for p in parts[1::2])
    pattern = "".join(re.escape(plain) + value for plain, value in zip(parts[::2], [*filled, ""], strict=True))
    return re.search(pattern, text, re.I) is not None


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
    name = LANGUAGES.index(language) == 0
    assert said.startswith(NAMES[CITY][name])
    assert NAMES[code][name] in said
    assert foreign.findall(html) == []
    assert "{" not in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("unit", [f"city:{CITY}", "town:T1", "chain:C1", "township:980102100", "township:980121200"])
def test_a_brief_of_any_kind_is_about_this_city_alone(made, foreign, unit, language):
    html = str(kinds.brief(unit, language=language, city=made).html())
    said = text_of(html)
    assert said.startswith(NAMES[CITY][LANGUAGES.index(language) == 0])
    assert foreign.findall(html) == []
    assert "{" not in said and "None" not in said


def test_every_unit_of_it_is_tried(made):
    tried = {"city", "county", "town", "chain", "township"}
    assert set(units(made)["kind"]) == tried


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", COUNTIES)
def test_it_counts_three_and_not_ten(briefs, made, code, language):
    text = text_of(briefs[code, language])
    ways = [key for key in words(language, made).catalogue if key.startswith("sentence.standing.")]
    counted = [key for key in ways if "{total}" in words(language, made).catalogue[key]]
    assert any(spoken(text, made, language, key, total="3") for key in counted)
    for number in ("10", "ten", "十"):
        assert not any(spoken(text, made, language, key, total=number, of=number) for key in ways)


FINDINGS = [
    (RISING, "sentence.growth.rise", {"size": "5.1%"}),
    (FALLING, "sentence.growth.fall", {"size": "2.6%"}),
    (RISING, "county.population.heading.rise", {"rate": "2.29%"}),
    (FALLING, "county.population.heading.fall", {"rate": "1.7%"}),
    (FLAT, "county.population.heading.flat", {}),
    (RISING, "county.population.natural_rise", {"count": "620"}),
    (FALLING, "county.population.natural_fall", {"count": "280"}),
    (FLAT, "county.population.natural_flat", {}),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("code", "key", "known"), FINDINGS)
def test_findings_follow_the_figures(briefs, made, code, key, known, language):
    text, subject = text_of(briefs[code, language]), words(language, made)("county.subject.gdp")
    assert spoken(text, made, language, key, subject=subject, **known)
    family = key.removesuffix("rise").removesuffix("fall").removesuffix("flat")
    others = {family + which for which in ("rise", "fall", "flat")} - {key}
    assert not [other for other in others if spoken(text, made, language, other, subject=subject)]


def test_what_is_known_differs_and_so_does_the_length(briefs):
    lengths = {code: len(briefs[code, "en"]) for code in COUNTIES}
    assert lengths[RISING] > lengths[FALLING] > lengths[FLAT]
    assert "part-townships" not in briefs[FALLING, "en"]  # no township, no section
    assert "part-firms" in briefs[RISING, "en"] and "part-firms" not in briefs[FLAT, "en"]


def test_bounds_intervals_conflicts_and_absences_are_shown_as_such(briefs, made):
    said = {code: text_of(briefs[code, "en"]) for code in COUNTIES}
    assert spoken(said[FALLING], made, "en", "number.at_most", figure="6 billion yuan")
    assert spoken(said[FLAT], made, "en", "number.interval", low="3", high="4.4")
    assert 'data-status="estimated"' in briefs[FLAT, "en"]
    assert "21.05 billion yuan" in said[RISING] and "20.3 billion yuan" in said[RISING]
    assert spoken(said[FALLING], made, "en", "period.undated")
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
    assert report.unit == f"city:{CITY}"
    assert {"part-coverage", "part-conflicts", "part-unpublished"} <= set(re.findall(r"part-[a-z]+", html))
    assert foreign.findall(html) == []
    assert "{" not in text_of(html)
    assert all(NAMES[code][LANGUAGES.index(language) == 0] in html for code in COUNTIES)


def test_no_zone_is_spoken_of(briefs, made):
    for code in COUNTIES:
        assert not spoken(text_of(briefs[code, "en"]), made, "en", "county.programme.zone_note")


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
    assert any(NAMES[RISING][1] in index for index in indexes)


def test_nothing_is_written_into_the_city_but_its_cache(made_run):
    folder, _, _ = made_run
    assert sorted(path.name for path in folder.iterdir()) == ["data", "home", "params"]
    assert [path.name for path in (folder / "home").iterdir()] == ["cache"]


def test_no_brief_is_made_from_tables_that_break_their_contract(written_city, tmp_path):
    folder = shutil.copytree(written_city, tmp_path / "wujiang")
    table = folder / "data" / "published" / "facts_counties.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(f",{RISING},gdp,", ",000000,gdp,", 1), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "tylib", "batch", "--city", str(folder), "--reports", str(tmp_path / "reports")],
        capture_output=True, text=True, encoding="utf-8", cwd=tmp_path,
    )  # fmt: skip
    assert ran.returncode == 3
    assert '"000000"' in ran.stderr and "facts_counties.csv" in ran.stderr and "Traceback" not in ran.stderr
    assert not (tmp_path / "reports").exists()
