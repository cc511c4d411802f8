"""What the README and its neighbours say of the project is so: paths, commands, options, marks, examples, versions."""

from __future__ import annotations

import doctest
import importlib
import re
import tomllib
from pathlib import Path

import pytest
import typer.main
import yaml

from tylib.__main__ import INTERRUPTED, app
from tylib.brief.status import MARKS
from tylib.errors import DataError, ParameterError, RunError
from tylib.store.contracts import STATUS

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS}
README = TEXTS["README.md"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
COMMANDS = typer.main.get_command(app).commands
RUN = (ROOT / "run.py").read_text(encoding="utf-8")

# Top-level names that a document may speak of as paths; what a run or a reader makes is not among them.
HERE = {path.name for path in ROOT.iterdir()} - {"reports", "home", ".venv"}
LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")
PLAIN = re.compile(r"`([^`\s]+)`")
INDENTED = re.compile(r"^([a-z]+/) ", re.M)
IN_COMMAND = re.compile(r"(?<![\w./])([\w.]+/[\w./*-]+\.\w+)")


def code(text: str) -> list[str]:
    """The fenced blocks of a document."""
    return re.findall(r"^```\n(.*?)^```$", text, re.M | re.S)


def paths(text: str) -> set[str]:
    """Relative paths that a document names in backticks, commands and lists of folders."""
    said = {*PLAIN.findall(text), *(found for block in code(text) for found in IN_COMMAND.findall(block))}
    folders = {found for block in code(text) for found in INDENTED.findall(block)}
    return {path for path in said | folders if path.split("/")[0] in HERE and "xx" not in path and "<" not in path}


def options(command: str) -> set[str]:
    return {name for parameter in COMMANDS[command].params for name in parameter.opts if name != "--help"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_that_is_named_exists(name):
    found = paths(TEXTS[name])
    assert {path for path in found if not list(ROOT.glob(path.rstrip("/")))} == set()
    assert name == "CHANGELOG.md" or len(found) > 10


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_to_a_file_leads_somewhere(name):
    links = {link for link in LINK.findall(TEXTS[name]) if "://" not in link}
    assert {link for link in links if not (ROOT / link).is_file()} == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_subcommand_that_is_named_exists(name):
    asked = set(re.findall(r"(?:`tylib|run\.py) ([a-z]+)\b", TEXTS[name]))
    of_run = {word for word in ("test", "lab") if f'name == "{word}"' in RUN}
    assert asked <= set(COMMANDS) | of_run
    assert name == "CHANGELOG.md" or asked


def test_the_reference_lists_every_subcommand_and_option_and_no_other():
    reference = README.split("## The command line")[1].split("Exit code")[0]
    rows = re.findall(r"^\| `(tylib \w+|--[a-z][a-z-]+)[^`]*`", reference, re.M)
    assert {row.removeprefix("tylib ") for row in rows if row.startswith("tylib ")} == set(COMMANDS)
    assert {row for row in rows if row.startswith("--")} == options("batch")
    assert options("check") == {"--city"}
    for text in re.findall(r"^\| `--workers.*|^\| `--deadline.*", reference, re.M):
        number = {"--workers": 8, "--deadline": 600}[re.search(r"--[a-z][a-z-]+", text)[0]]
        assert f" {number} " in text


def test_every_option_in_an_example_exists():
    lines = [line for text in TEXTS.values() for block in code(text) for line in block.splitlines()]
    asked = re.findall(r"(?:run\.py|tylib) (batch|check)\b([^\n]*)", "\n".join(lines))
    assert asked
    for command, rest in asked:
        assert set(re.findall(r"--[a-z][a-z-]+", rest)) <= options(command)


def test_the_tests_that_are_recommended_exist():
    files, words = re.search(r"run\.py test (tests/\S+ tests/\S+) -k \"([^\"]+)\"", README).groups()
    names = "\n".join((ROOT / file).read_text(encoding="utf-8") for file in files.split())
    for word in words.split(" or "):
        assert re.search(rf"^def test_\w*{word}", names, re.M), word


def test_exit_codes_are_those_of_the_errors():
    said = README.split("Exit code:")[1].split("\n##")[0]
    codes = {0, RunError.exit_code, ParameterError.exit_code, DataError.exit_code, INTERRUPTED}
    assert {int(number) for number in re.findall(r"\*\*(\d+)\*\*", said)} == codes


def test_the_marks_are_those_of_the_briefs():
    table = README.split("## How to read a status")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\S?) ?\| (\w+) \| (\S+) \|", table, re.M)
    rows = [(mark, status, word) for mark, status, word in rows if status in STATUS]
    assert tuple(status for _, status, _ in rows) == STATUS
    assert {status: mark for mark, status, _ in rows if mark} == MARKS
    said = yaml.safe_load((ROOT / "params/i18n/zh/common.yml").read_text(encoding="utf-8"))["status"]
    assert {status: word for _, status, word in rows} == {status: said[status] for status in STATUS}


def test_rows_that_are_shown_stand_in_the_tables():
    shown = [line for block in code(README) for line in block.splitlines() if re.match(r"(FC|K)\d+,", line)]
    tables = ("data/published/facts_counties.csv", "data/corrections.csv")
    there = [(ROOT / name).read_text(encoding="utf-8") for name in tables]
    assert len(shown) == 4
    assert [row for row in shown if not any(f"{row}\n" in text for text in there)] == []


def test_the_formula_that_is_shown_stands_in_its_docstring():
    name, word = re.search(r"pydoc tylib\.([\w.]+) \| grep (\w+)", README).groups()
    module, _, function = name.rpartition(".")
    document = getattr(importlib.import_module(f"tylib.{module}"), function).__doc__
    said = [line.strip() for line in document.splitlines() if word in line]
    assert said == re.findall(rf"^    ({word}: .*)$", README, re.M) != []


def test_the_call_that_is_shown_gives_what_is_shown():
    shown = "".join(block for block in code(README) if block.startswith(">>>"))
    example = doctest.DocTestParser().get_doctest(shown, {}, "README", "README.md", 0)
    assert len(example.examples) > 3 and doctest.DocTestRunner().run(example).failed == 0


def test_environment_variables_that_are_named_are_read():
    sources = RUN + "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tylib").rglob("*.py"))
    for text in TEXTS.values():
        assert {name for name in re.findall(r"\bTYLIB_[A-Z]+\b", text) if name not in sources} == set()


def test_the_pythons_are_those_of_the_package():
    low, high = re.search(r">=3\.(\d+),<3\.(\d+)", PROJECT["requires-python"]).groups()
    assert f"Python 3.{low} to 3.{int(high) - 1}" in README


def test_the_picture_is_a_picture_and_light():
    (link,) = re.findall(r"!\[[^\]]{30,}\]\(([^)]+)\)", README)
    content = (ROOT / link).read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) < 300_000


def test_citation_and_changelog_name_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PROJECT["version"]
    assert citation["authors"] == [{"name": "The tylib authors"}]
    assert f"## [{PROJECT['version']}] - {citation['date-released']}" in TEXTS["CHANGELOG.md"]
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith(f"{citation['license']} License")
