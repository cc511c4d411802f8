"""The main job as it ships: every brief and the index, opened in Chromium with the network closed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import nbformat
import pytest

from tylib.batch.export import CHART, html_blocks
from tylib.batch.plan import Job, jobs, read_plan
from tylib.store import load, open_city

pytestmark = pytest.mark.browser
CITY = open_city()
JOBS = jobs(read_plan("all", CITY), CITY)
FIRST = JOBS[0].language


def named(job: Job) -> str:
    return f"{job.name}-{job.language}"


def opened_in_tests() -> list[Job]:
    """Every brief in the first language, and every county and one unit of each other kind in the others."""
    seen: set[tuple[str, str]] = set()
    found = []
    for job in JOBS:
        kind = job.unit.partition(":")[0]
        if job.language == FIRST or kind == "county" or (kind, job.language) not in seen:
            found.append(job)
        seen.add((kind, job.language))
    return found


@pytest.fixture(scope="session")
def reports(tmp_path_factory) -> Path:
    """What the main job leaves: all briefs in all languages, made once."""
    folder = tmp_path_factory.mktemp("reports")
    command = [sys.executable, "-m", "tylib", "batch", "--reports", str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=CITY.root, check=False)
    assert run.returncode == 0, run.stderr
    return folder


@pytest.mark.parametrize("job", opened_in_tests(), ids=named)
def test_a_brief_is_drawn_quiet_and_accessible(browser_page, axe, reports, job):
    path = reports / job.page
    opened = browser_page(path, width=390)
    # As many charts as the notebook made: a chart lost on the way to the page would not be missed otherwise.
    made = html_blocks(nbformat.read(reports / job.executed, as_version=4)).count(CHART)
    assert opened.charts == (made, made)
    assert (opened.requests, opened.errors) == ([], [])
    assert axe(opened.page) == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390
    # 0.9 MB of it draw the charts; the brief of the whole city holds as much as a dozen others.
    assert path.stat().st_size < (1_400_000 if job.unit.startswith("city") else 1_100_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index.html", "index.en.html"])
def test_the_index_names_and_links_every_brief(browser_page, axe, reports, name, scheme):
    opened = browser_page(reports / name, scheme=scheme)
    assert (opened.requests, opened.errors) == ([], [])
    assert axe(opened.page) == []
    links = opened.page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
    assert {job.page for job in JOBS} <= set(links)


@pytest.mark.parametrize("job", JOBS, ids=named)
def test_every_citation_leads_to_a_source_and_every_section_says_something(reports, job):
    text = (reports / job.page).read_text(encoding="utf-8")
    cited = set(re.findall(r'href="#(source-\d+)"', text))
    listed = set(re.findall(r'<li id="(source-\d+)"', text))
    assert cited and cited == listed
    assert not re.search(r"<section[^>]*>\s*(<h2[^>]*>.*?</h2>)?\s*</section>", text, re.S)
    assert "{" not in re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.S)  # no placeholder left unfilled


def test_the_manifest_tells_each_brief_as_it_lies_on_disk(reports):
    rows = [json.loads(line) for line in (reports / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {(row["language"], row["unit"]) for row in rows} == {(job.language, job.unit) for job in JOBS}
    for row in rows:
        assert row["sha256"] == sha256((reports / row["page"]).read_bytes()).hexdigest()


def test_a_second_run_makes_nothing(reports):
    before = {path: path.stat().st_mtime_ns for path in (reports / "briefs").rglob("*.html")}
    command = [sys.executable, "-m", "tylib", "batch", "--reports", str(reports)]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=CITY.root, check=False)
    assert (run.returncode, f"{len(JOBS)} left as they are" in run.stderr) == (0, True), run.stderr
    assert {path: path.stat().st_mtime_ns for path in (reports / "briefs").rglob("*.html")} == before


def test_a_published_figure_reaches_the_page_as_it_stands_in_its_row(reports):
    rows = load("facts_counties").filter(load("facts_counties")["indicator"] == "births")
    for row in rows.iter_rows(named=True):
        page = (reports / "briefs" / "en" / f"county-{row['place']}.html").read_text(encoding="utf-8")
        assert f"{row['value']:,.0f} were born" in page


def test_pages_with_shared_assets_are_drawn_from_the_files_beside_them(browser_page, tmp_path):
    job = next(job for job in JOBS if job.unit.startswith("county"))
    command = [sys.executable, "-m", "tylib", "batch", "--reports", str(tmp_path), "--assets", "shared"]
    command += ["--unit", job.unit, "--language", job.language]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=CITY.root, check=False)
    assert run.returncode == 0, run.stderr
    made = html_blocks(nbformat.read(tmp_path / job.executed, as_version=4)).count(CHART)
    opened = browser_page(tmp_path / job.page, width=390)
    assert made and opened.charts == (made, made) and opened.errors == []
    assert sorted(opened.requests) == sorted(path.as_uri() for path in (tmp_path / "assets").iterdir())
    assert opened.page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--paper')").strip()
