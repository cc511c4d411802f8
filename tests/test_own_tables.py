"""The commands for own tables: what they print, where they write, and with which exit code they end."""

from __future__ import annotations

import json

import pytest

from tests.made_city import RISING
from tests.own_tables import csv_file, sheet
from tylib.store import taken

from .test_command_line import tylib

GDP = {"place": RISING, "period": "2025", "gdp": 230}


@pytest.fixture
def table(made_city, tmp_path):
    return csv_file(tmp_path / "总量.csv", sheet(made_city, "county_totals", GDP))


def test_templates_are_written_where_they_are_wanted(made_city, tmp_path):
    ran = tylib(
        "template", "county_totals", "--folder", str(tmp_path / "t"), "--format", "csv", "--city", str(made_city.root)
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == str(tmp_path / "t" / "county_totals.csv")
    ran = tylib("template", "--city", str(made_city.root))
    assert len(ran.stdout.splitlines()) == len(list((made_city.home / "templates").glob("*.xlsx"))) > 10


@pytest.mark.parametrize("wrong", [("no_such",), ("--format", "pdf")])
def test_an_unknown_template_or_format_is_2(made_city, wrong):
    ran = tylib("template", *wrong, "--city", str(made_city.root))
    assert ran.returncode == 2 and len(ran.stderr.splitlines()) == 1
    assert not (made_city.home / "templates").exists()


def test_a_table_is_taken_listed_told_and_withdrawn(made_city, table):
    where = ("--city", str(made_city.root))
    ran = tylib("import", str(table), "--dry-run", *where)
    assert (ran.returncode, ran.stdout.strip()) == (0, "总量.csv: 1 rows of county_totals, nothing wrong")
    assert taken.register(made_city) == ()
    ran = tylib("import", str(table), "--title", "国民经济核算", *where)
    assert ran.stdout.strip() == "I0001  总量.csv: 1 rows of county_totals: 国民经济核算, 雾江市统计局"
    assert "I0001" in tylib("check", *where).stdout
    assert ["I0001", "active"] in [line.split()[:2] for line in tylib("imports", *where).stdout.splitlines()]
    assert json.loads(tylib("imports", "--format", "json", *where).stdout)[0]["title"] == "国民经济核算"
    ran = tylib("imports", "withdraw", "I0001", "--reason", "错发", *where)
    assert ran.returncode == 0 and "I0001 withdrawn" in ran.stdout
    rows = json.loads(tylib("changes", "--since", "2020", "--format", "json", *where).stdout)
    rows = [row for row in rows if row["id"] == "I0001"]
    assert [row["kind"] for row in rows] == ["import", "withdrawal"]
    assert rows[1]["what"].endswith(": 错发")


def test_a_bad_table_is_3_with_every_offence_and_no_traceback(made_city, tmp_path):
    path = csv_file(tmp_path / "t.csv", sheet(made_city, "county_totals", {**GDP, "gdp": "x"}, {**GDP, "place": "y"}))
    ran = tylib("import", str(path), "--city", str(made_city.root))
    assert ran.returncode == 3 and "Traceback" not in ran.stderr
    assert [line.split(":")[0] for line in ran.stderr.splitlines()[1:]] == [
        "  t.csv, line 10, column E (gdp)", "  t.csv, line 11, column B (place)",
    ]  # fmt: skip
    assert taken.register(made_city) == ()


@pytest.mark.parametrize("asked", [("imports", "withdraw", "I0007"), ("changes", "--since", "soon")])
def test_what_is_not_there_is_2(made_city, asked):
    ran = tylib(*asked, "--city", str(made_city.root))
    assert ran.returncode == 2 and len(ran.stderr.splitlines()) == 1


def test_doubts_are_counted_and_a_file_that_is_not_there_is_2(made_city, tmp_path):
    where = ("--city", str(made_city.root))
    path = csv_file(tmp_path / "t.csv", sheet(made_city, "county_totals", {**GDP, "gdp": 2_300_000}))
    ran = tylib("import", str(path), "--dry-run", *where)
    assert ran.stdout.strip() == "t.csv: 1 rows of county_totals, nothing refused, 1 to look at"
    assert ran.stderr.startswith("t.csv, line 10: gdp 2025 2,300,000") and len(ran.stderr.splitlines()) == 1
    ran = tylib("import", str(tmp_path / "none.xlsx"), *where)
    assert ran.returncode == 2 and "no such file" in ran.stderr and len(ran.stderr.splitlines()) == 1
