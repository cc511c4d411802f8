"""A made city of two counties with a notebook that takes no time, and engines that need no kernel."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tylib.batch.export import bundle_file
from tylib.batch.files import write_together
from tylib.batch.plan import jobs, read_plan
from tylib.store import open_city

PROJECT = Path(__file__).parents[2]
PLACES = """place,name_zh,name_en,level,parent
9901,甲市,Alpha,prefecture,
009901,子县,North County,county,9901
009902,丑县,South <County>,county,9901
"""
PLAN = "title: {zh: 简报, en: Briefs}\nbriefs: [{notebook: 90_brief, units: ['county:*']}]\nlanguages: [zh, en]\n"
PARAMETERS = 'unit: str = "county:009901"  # unit\nlanguage: str = "zh"'
BRIEF = """from IPython.display import HTML
HTML(
    f'<header class="opening"><p class="kicker">{unit}</p><h1 class="headline">Answer in {language}</h1></header>'
    '<ul class="key-numbers"><li class="key-number"><p class="label">People</p><p class="value">'
    '<span class="figure-value">3</span> <span class="unit">thousand</span>'
    '<span class="status" data-status="derived"><sup>=</sup><span class="unseen">derived</span></span></p></li></ul>'
)"""


def write_notebook(path: Path, *cells: str, parameters: str | None = PARAMETERS) -> Path:
    """A notebook file with these code cells after a parameters cell."""
    tagged = [] if parameters is None else [new_code_cell(parameters, id="par", metadata={"tags": ["parameters"]})]
    notebook = new_notebook(cells=[*tagged, *(new_code_cell(c, id=f"c{n}") for n, c in enumerate(cells))])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


@pytest.fixture
def city(tmp_path, monkeypatch):
    """The made city; its words are those of the suite."""
    root = tmp_path / "alpha"
    shutil.copytree(PROJECT / "params" / "i18n", root / "params" / "i18n")
    (root / "params" / "plans").mkdir()
    (root / "params" / "plans" / "all.yml").write_text(PLAN, encoding="utf-8")
    fields = [{"name": name, "type": "string", "constraints": {"required": name != "parent"}}
              for name in PLACES.splitlines()[0].split(",")]  # fmt: skip
    package = {
        "name": "alpha",
        "version": "2031",
        "city": {"place": "9901"},
        "licenses": [{"name": "CC0", "title": "CC0 & more", "path": "https://creativecommons.org/zero"}],
        "resources": [
            {"name": "places", "path": "places.csv", "schema": {"fields": fields, "primaryKey": ["place"]}},
        ],
    }
    (root / "data").mkdir()
    (root / "data" / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    (root / "data" / "places.csv").write_text(PLACES, encoding="utf-8")
    write_notebook(root / "notebooks" / "90_brief.ipynb", BRIEF)
    for name in ("TYLIB_CITY", "TYLIB_REPORTS"):
        monkeypatch.delenv(name, raising=False)
    made = open_city(root)
    # The real bundle takes a second to make; nothing is drawn here.
    write_together({bundle_file(made.home / "cache"): b"const vega = 1;"})
    return made


@pytest.fixture
def todo(city):
    """The four jobs of the made city's plan."""
    return jobs(read_plan("all", city), city)


@pytest.fixture
def engines(monkeypatch):
    """The module of engines without a kernel, where the worker processes find it too."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    import kernelless

    return kernelless


def check_policy(text: str) -> None:
    """The styles and scripts of a page are, to the letter, those that its content-security policy lets run."""
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1])
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        contents = re.findall(rf'<{tag}(?! type="application/json")[^>]*>(.*?)</{tag}>', text, re.S)
        hashes = {base64.b64encode(hashlib.sha256(content.encode()).digest()).decode() for content in contents}
        assert hashes == set(re.findall(r"'sha256-([^']+)'", re.search(rf"{tag}-src ([^;]*)", policy)[1]))


@pytest.fixture
def one_process(monkeypatch):
    """Run the jobs here, one after the other: for what does not depend on processes."""

    def serial(jobs, work, /, **_):
        for job in jobs:
            yield job, work(job)

    monkeypatch.setattr("tylib.batch.runner.work_through", serial)


@pytest.fixture
def chores(monkeypatch):
    """The module of chores for the pool, where its processes find it too."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    import chore

    return chore
