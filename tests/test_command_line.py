"""Every way in through the command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from .batch.conftest import city, write_notebook  # noqa: F401 - the fixture

BATCH = ("batch", "--language", "en", "--unit", "county:009901")


def tylib(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "tylib", *arguments],
        capture_output=True, text=True, encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1", **environment},
    )  # fmt: skip


def test_help_and_version_are_quick_and_load_nothing_heavy():
    code = (
        "import sys; sys.argv = ['tylib', '--version']\nfrom tylib.__main__ import main\n"
        "try: main()\nexcept SystemExit: pass\n"
    )
    heavy = "print({'polars', 'altair', 'papermill', 'nbconvert', 'numpy'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code + heavy], capture_output=True, text=True, encoding="utf-8")
    assert ran.stdout.splitlines()[0].startswith("tylib ")
    assert ran.stdout.splitlines()[1] == "set()"
    assert "batch" in tylib("--help").stdout


def test_an_option_that_does_not_exist_is_2():
    ran = tylib("batch", "--untis", "x")
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("--unit", "county:009903"), 'unknown unit "county:009903"'),
        (("--language", "cn"), 'unknown language "cn"'),
        (("--plan", "al"), 'unknown plan "al"; expected one of: all. Did you mean "all"?'),
    ],
)
def test_an_unknown_name_is_2_with_one_message(city, asked, message):  # noqa: F811
    ran = tylib("batch", *asked, "--city", str(city.root))
    assert ran.returncode == 2
    assert message in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert not city.reports.exists()


def test_a_folder_without_a_city_is_2(tmp_path):
    ran = tylib("check", "--city", str(tmp_path))
    assert ran.returncode == 2
    assert "expected a folder that holds data/datapackage.json" in ran.stderr


def test_check_prints_a_line_a_table(city):  # noqa: F811
    ran = tylib("check", "--city", str(city.root))
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == ["places", "3", "rows", "5", "columns", "ok"]


def test_check_lists_every_offence_with_its_place(city):  # noqa: F811
    places = city.data / "places.csv"
    places.write_text(places.read_text(encoding="utf-8") + "009902,,Twice,county,9901\n", encoding="utf-8")
    ran = tylib("check", "--city", str(city.root))
    assert ran.returncode == 3
    assert "places.csv, line 5" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("command", [["check"], ["batch", "--dry-run"]])
def test_a_parameter_file_that_is_wrong_is_found_before_any_brief(city, command):  # noqa: F811
    (city.params / "judgements.yml").write_text("conflict_tolerence: 1", encoding="utf-8")
    ran = tylib(*command, "--city", str(city.root))
    assert ran.returncode == 2
    assert "params/judgements.yml: " in ran.stderr and "did you mean conflict_tolerance?" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_data_that_cannot_be_read_are_3(city):  # noqa: F811
    (city.data / "datapackage.json").write_text("{", encoding="utf-8")
    assert tylib("check", "--city", str(city.root)).returncode == 3
    assert tylib("batch", "--city", str(city.root)).returncode == 3


def test_a_brief_is_made_and_told_in_plain_lines(city, tmp_path):  # noqa: F811
    ran = tylib(*BATCH, "--reports", str(tmp_path / "out"), TYLIB_CITY=str(city.root))
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.splitlines()[0] == "简报 / Briefs: 1 to make, 1 at a time"
    assert ran.stderr.splitlines()[1].startswith("[1/1] county:009901 en ok")
    assert (tmp_path / "out" / "briefs" / "en" / "county-009901.html").is_file()
    assert json.loads((tmp_path / "out" / "manifest.jsonl").read_text(encoding="utf-8"))["status"] == "ok"
    assert not city.reports.exists()


def test_a_failed_brief_is_1_and_told(city):  # noqa: F811
    write_notebook(city.root / "notebooks" / "90_brief.ipynb", "1 / 0")
    ran = tylib(*BATCH, "--city", str(city.root))
    assert ran.returncode == 1
    assert "failed" in ran.stderr
    assert "ZeroDivisionError: division by zero (log: logs/en/county-009901.log)" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "division by zero" in (city.reports / "index.html").read_text(encoding="utf-8")


def test_reports_that_cannot_be_written_are_1(city, tmp_path):  # noqa: F811
    (tmp_path / "file").touch()
    ran = tylib(*BATCH, "--city", str(city.root), "--reports", str(tmp_path / "file"))
    assert ran.returncode == 1
    assert "cannot write" in ran.stderr
    assert len(ran.stderr.splitlines()) == 2


def test_what_nobody_expected_is_a_message_and_a_file(tmp_path):
    code = (
        "import sys; sys.argv = ['tylib', 'check']\nimport tylib.__main__ as m, tylib.store\n"
        "def broken(*_): raise ZeroDivisionError('oh')\ntylib.store.open_city = broken\nm.main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "TMPDIR": str(tmp_path)}
    )
    assert ran.returncode == 1
    assert "ZeroDivisionError: oh" in ran.stderr
    assert "Traceback" not in ran.stderr
    (log,) = tmp_path.glob("tylib-*.log")
    assert "in broken" in log.read_text(encoding="utf-8")
