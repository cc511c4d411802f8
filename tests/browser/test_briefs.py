"""The main job as it ships: every brief and the index, opened in Chromium with the network closed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tylib.brief import county
from tylib.store import load, open_city
from tylib.store.places import counties
from tylib.store.words import languages

pytestmark = pytest.mark.browser
CITY = open_city()
BRIEFS = [(language, code) for language in languages(CITY) for code in counties(CITY)["place"]]


@pytest.fixture(scope="session")
def reports(tmp_path_factory) -> Path:
    """What the main job leaves: all briefs in all languages, made once."""
    folder = tmp_path_factory.mktemp("reports")
    command = [sys.executable, "-m", "tylib", "batch", "--reports", str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=CITY.root, check=False)
    assert run.returncode == 0, run.stderr
    return folder


def path_of(reports: Path, language: str, code: str) -> Path:
    return reports / "briefs" / language / f"county-{code}.html"


@pytest.mark.parametrize(("language", "code"), BRIEFS)
def test_a_brief_is_drawn_quiet_and_accessible(browser_page, axe, reports, language, code):
    path = path_of(reports, language, code)
    opened = browser_page(path, width=390)
    wanted, drawn = opened.charts
    # As many charts as the brief holds figures: an output lost on the way to the page would not be missed otherwise.
    document = county.brief(f"county:{code}", language=language)
    assert wanted == drawn == document.html().count('class="vega-spec"') > 0
    assert (opened.requests, opened.errors) == ([], [])
    assert axe(opened.page) == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert path.stat().st_size < 1_100_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index.html", "index.en.html"])
def test_the_index_names_and_links_every_brief(browser_page, axe, reports, name, scheme):
    opened = browser_page(reports / name, scheme=scheme)
    assert (opened.requests, opened.errors) == ([], [])
    assert axe(opened.page) == []
    links = opened.page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
    for language, code in BRIEFS:
        assert f"briefs/{language}/county-{code}.html" in links


@pytest.mark.parametrize(("language", "code"), BRIEFS)
def test_every_citation_leads_to_a_source_and_every_section_says_something(reports, language, code):
    text = path_of(reports, language, code).read_text(encoding="utf-8")
    cited = set(re.findall(r'href="#(source-\d+)"', text))
    listed = set(re.findall(r'<li id="(source-\d+)"', text))
    assert cited and cited == listed
    assert not re.search(r"<section[^>]*>\s*(<h2[^>]*>.*?</h2>)?\s*</section>", text, re.S)
    assert "{" not in re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.S)  # no placeholder left unfilled


def test_the_manifest_tells_each_brief_as_it_lies_on_disk(reports):
    from hashlib import sha256

    rows = [json.loads(line) for line in (reports / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {(row["language"], row["unit"].removeprefix("county:")) for row in rows} == set(BRIEFS)
    for row in rows:
        path = path_of(reports, row["language"], row["unit"].removeprefix("county:"))
        assert row["sha256"] == sha256(path.read_bytes()).hexdigest()


def test_a_published_figure_reaches_the_page_as_it_stands_in_its_row(reports):
    rows = load("facts_counties").filter(load("facts_counties")["indicator"] == "births")
    for row in rows.iter_rows(named=True):
        page = path_of(reports, "en", row["place"]).read_text(encoding="utf-8")
        assert f"{row['value']:,.0f} were born" in page
