"""Own tables are taken in whole or not at all, stand in the tables beside the published, and leave no trace."""

from __future__ import annotations

import datetime
import json
import re
import shutil
import zipfile
from dataclasses import replace

import polars as pl
import pytest

from tests.made_city import BLOG, BULLETIN, CITY, FALLING, FLAT, RISING
from tests.own_tables import an_example, csv_file, sheet, workbook
from tylib.errors import DataError, ParameterError, RunError
from tylib.store import changes, check, conflicts, facts, imports, kept, load, open_city, preferred, taken, templates
from tylib.store.tables import published

TODAY = "2031-04-02"


def take(city, *paths, **options):
    return imports.take(city, paths, taken_on=TODAY, **options)


def told(city, *paths, **options):
    """The offences for which files are refused, as one text; nothing may have been taken."""
    before = tree(city)
    with pytest.raises(DataError) as caught:
        take(city, *paths, **options)
    assert tree(city) == before
    return caught.value.offences


def tree(city):
    """Every file of the home and its bytes, but what may be deleted at any time."""
    files = [path for path in city.home.rglob("*") if path.is_file() and path.parent.name != kept.FOLDER]
    return {path: path.read_bytes() for path in files}


def totals(city, path, *rows, **options):
    return csv_file(path, sheet(city, "county_totals", *rows, **options))


GDP = {"place": "青石区", "period": "2025", "gdp": 230}


# What is taken in stands in the tables.


@pytest.fixture(scope="module", params=["csv", "xlsx"])
def everything(request, city, tmp_path_factory):
    """The project's city with each template imported, filled as its own example shows."""
    folder = tmp_path_factory.mktemp("everything")
    for name in ("data", "params"):
        shutil.copytree(city.root / name, folder / name)
    opened = open_city(folder)
    write = csv_file if request.param == "csv" else workbook
    paths = []
    for name in templates.names(opened):
        cells = sheet(opened, name, an_example(opened, name), date="2026-11-20")
        paths.append(write(folder / f"{name}.{request.param}", cells))
    return opened, take(opened, *paths)


def test_every_template_makes_the_round_trip(everything):
    opened, result = everything
    assert [record.template for record in result.taken] == templates.names(opened)
    for record in result.taken:
        spec = templates.template(record.template, opened).spec
        wanted = {spec[key] if key == "into" else spec[key]["into"] for key in ("into", "melt") if key in spec}
        assert set(record.tables) == wanted
        for name in wanted:
            rows = load(name, opened).filter(pl.col("source_id") == record.id)
            assert rows.height, (record.template, name)
            assert set(rows["status"].cast(pl.String)) == {"imported"}


def test_every_figure_of_a_filled_row_is_a_fact(everything):
    opened, result = everything
    found = templates.template("county_totals", opened)
    measured = {field.indicator: float(field.example) for field in found.fields if field.indicator}
    record = next(record for record in result.taken if record.template == "county_totals")
    rows = facts(opened).filter(pl.col("source_id") == record.id)
    assert dict(rows.select("indicator", "value").iter_rows()) == measured
    units = dict(load("indicators", opened).select("indicator", "unit").iter_rows())
    assert all(row["unit"] == units[row["indicator"]] for row in rows.iter_rows(named=True))
    assert set(rows["as_of"]) == {"2026-11-20"}


def test_imported_tables_keep_every_contract(everything):
    opened, result = everything
    reports = {report.name: report for report in check(opened)}
    assert [str(o) for report in reports.values() for o in report.offences] == []
    assert {record.id for record in result.taken} <= set(reports)


def test_a_new_row_needs_only_what_its_template_says_must_be_filled(city, tmp_path):
    for name in ("data", "params"):
        shutil.copytree(city.root / name, tmp_path / name)
    opened = open_city(tmp_path)
    paths = []
    for name in templates.names(opened):
        found = templates.template(name, opened)
        row = {f.name: f.example for f in found.fields if f.required}
        measured = next((f for f in found.fields if f.indicator), None)
        if "into" not in found.spec:
            row[measured.name] = 0
        paths.append(csv_file(tmp_path / f"{name}.csv", sheet(opened, name, row, date="2026")))
    assert len(take(opened, *paths, dry_run=True).taken) == len(paths)


def test_a_zero_is_measured_and_an_empty_cell_is_no_figure(made_city, tmp_path):
    take(made_city, totals(made_city, tmp_path / "t.csv", {**GDP, "gdp": 0, "retail_sales": None}))
    rows = facts(made_city).filter(pl.col("source_id") == "I0001")
    assert rows.select("indicator", "value").rows() == [("gdp", 0.0)]


def test_what_is_certain_is_read(made_city, tmp_path):
    """Numbers stored as text, full-width digits, separators, percentages, dates and names in any spelling."""

    def spoil(book, page):
        page.write_number(9, 5, -0.015, book.add_format({"num_format": "0.0%"}))  # growth in per cent

    cells = sheet(
        made_city, "county_totals",
        {"place": "QINGSHI  district", "period": "２０２５年", "gdp": "１,234.5"},
        {"place": FALLING, "period": 2024.0, "gdp": " 7 ", "gdp_growth_real": "2.5%"},
        {"place": "沙塘县 Shatang County", "period": "2024年上半年", "gdp": 3},
        date=46_000,
    )  # fmt: skip
    assert cells[4][5] == "gdp_growth_real" and len(cells) == 12
    record = take(made_city, workbook(tmp_path / "t.xlsx", cells, spoil=spoil)).taken[0]
    assert record.date == "2025-12-09"  # 46,000 days after 1899-12-30
    rows = facts(made_city).filter(pl.col("source_id") == "I0001")
    read = {(r["place"], r["indicator"], r["period"]): r["value"] for r in rows.iter_rows(named=True)}
    assert read == {
        (RISING, "gdp", "2025"): 1234.5, (RISING, "gdp_growth_real", "2025"): -1.5,
        (FALLING, "gdp", "2024"): 7.0, (FALLING, "gdp_growth_real", "2024"): 2.5, (FLAT, "gdp", "2024H1"): 3.0,
    }  # fmt: skip


def test_a_table_in_gbk_is_read_and_said_to_be(made_city, tmp_path):
    path = csv_file(tmp_path / "t.csv", sheet(made_city, "county_totals", GDP), encoding="gb18030")
    assert take(made_city, path).remarks == ("t.csv: read as GBK.",)
    assert taken.register(made_city)[0].holder == "雾江市统计局"


def test_the_command_line_goes_before_the_head(made_city, tmp_path):
    path = totals(made_city, tmp_path / "t.csv", GDP, holder="", date="")
    record = take(made_city, path, head={"holder": "某局", "date": "2026-1"}).taken[0]
    assert (record.holder, record.date) == ("某局", "2026-01")


def test_an_import_is_a_source_that_is_no_link(made_city, tmp_path):
    take(made_city, totals(made_city, tmp_path / "t.csv", GDP))
    row = load("sources", made_city).filter(pl.col("source_id") == "I0001").row(0, named=True)
    assert (row["holder"], row["date"], row["url"], row["tier"]) == ("雾江市统计局", "2030-12", None, None)


# Published and imported.


def test_a_published_figure_stands_and_the_conflict_is_open(made_city, tmp_path):
    take(made_city, totals(made_city, tmp_path / "t.csv", {"place": RISING, "period": "2022", "gdp": 200}))
    rows = facts(made_city).filter(
        (pl.col("place") == RISING) & (pl.col("indicator") == "gdp") & (pl.col("period") == "2022")
    )
    assert preferred(rows)["value"].to_list() == [180.4]
    assert sorted(conflicts(rows, tolerance=0.002)["value"]) == [180.4, 200.0]


def test_an_estimate_and_an_absence_give_way(made_city, tmp_path):
    rows = [{"place": FLAT, "period": "2024", "gdp": 41}, {"place": FLAT, "period": "2022", "gdp": 39}]
    take(made_city, totals(made_city, tmp_path / "t.csv", *rows))
    found = preferred(facts(made_city).filter((pl.col("place") == FLAT) & (pl.col("indicator") == "gdp")))
    assert found.select("period", "value").rows() == [("2022", 39.0), ("2024", 41.0)]


def choose(city, path, **row):
    reason = {"reason_zh": "盖章的原表", "declared_on": "2031-01-05"}
    return csv_file(path, sheet(city, "choices", {"indicator": "gdp", **reason, **row}))


def gdp_of(city, place, period):
    rows = facts(city).filter(
        (pl.col("place") == place) & (pl.col("indicator") == "gdp") & (pl.col("period") == period)
    )
    return preferred(rows)["value"].item()


def test_a_declared_choice_decides_which_source_wins(made_city, tmp_path):
    take(made_city, totals(made_city, tmp_path / "t.csv", {"place": RISING, "period": "2022", "gdp": 200}))
    take(made_city, choose(made_city, tmp_path / "c.csv", place="青石区", winning_source_id="I0001"))
    assert gdp_of(made_city, RISING, "2022") == 200.0
    assert gdp_of(made_city, RISING, "2024") == 210.5  # the chosen source has no figure there


def test_a_choice_between_two_published_sources_holds_only_where_it_says(made_city, tmp_path):
    assert gdp_of(made_city, RISING, "2024") == 210.5
    take(made_city, choose(made_city, tmp_path / "c.csv", place=RISING, period="2022", winning_source_id=BLOG))
    assert gdp_of(made_city, RISING, "2024") == 210.5
    take(made_city, choose(made_city, tmp_path / "d.csv", winning_source_id=BLOG))
    assert gdp_of(made_city, RISING, "2024") == 203.0


def ledger(city, path, **row):
    told = {"category": "园区", "stage": "投产", "stage_date": "2030-11"}
    return csv_file(path, sheet(city, "project_ledger", {**told, **row}))


def test_a_project_of_the_same_name_is_brought_up_to_date(made_city, tmp_path):
    take(made_city, ledger(made_city, tmp_path / "p.csv", name_zh="伞骨产业园", invested=9, due_date="2031-06-30"))
    stood, stands = (
        table.filter(pl.col("project_id") == "J1").row(0, named=True)
        for table in (published("projects", made_city), load("projects", made_city))
    )
    assert load("projects", made_city).height == 3
    assert (stands["stage"], stands["invested"], stands["due_date"]) == (
        "in_production",
        9.0,
        datetime.date(2031, 6, 30),
    )
    assert (stands["value"], stands["name_en"], stands["chain_id"]) == (12.0, stood["name_en"], "C1")  # left alone
    assert (stands["status"], stands["source_id"], stands["also_source_id"]) == (
        "imported",
        "I0001",
        stood["source_id"],
    )


def test_a_figure_is_replaced_as_a_whole(made_city, tmp_path):
    """J3 has a reason for absence: it goes as soon as a figure comes, and the rules over columns still hold."""
    take(made_city, ledger(made_city, tmp_path / "p.csv", name_zh="纽扣厂", value=3))
    row = load("projects", made_city).filter(pl.col("project_id") == "J3").row(0, named=True)
    assert (row["value"], row["absent"], row["unit"]) == (3.0, None, "100M CNY")


def test_a_new_project_has_a_key_of_its_own_and_says_what_it_does_not_know(made_city, tmp_path):
    take(made_city, ledger(made_city, tmp_path / "p.csv", name_zh="新厂", place="柳湾区"))
    row = load("projects", made_city).filter(pl.col("source_id") == "I0001").row(0, named=True)
    assert (row["project_id"], row["name_en"], row["absent"]) == ("I0001-10", "新厂", "not_published")
    assert (row["place"], row["place_status"], row["stage_en"]) == (FALLING, "imported", "in production")


def test_a_later_import_brings_an_earlier_one_up_to_date(made_city, tmp_path):
    take(made_city, ledger(made_city, tmp_path / "p.csv", name_zh="新厂", invested=1))
    take(made_city, ledger(made_city, tmp_path / "q.csv", name_zh="新厂", invested=2))
    rows = load("projects", made_city).filter(pl.col("name_zh") == "新厂")
    assert rows.select("project_id", "invested", "source_id").rows() == [("I0001-10", 2.0, "I0002")]


# What is wrong is told, all of it, and nothing is taken.


def test_a_planted_bad_spreadsheet_is_refused_row_by_row(made_city, tmp_path):
    rows = [
        {"place": "青石区区", "period": "2025", "gdp": 230},  # row 10: no such place
        {"place": RISING, "period": "2031", "gdp": 230},  # 11: after the date of the table
        {"place": RISING, "period": "2025", "gdp": -1},  # 12: a level below zero
        {"place": RISING, "period": "2025", "gdp": 231},  # 13: the key of row 12 again
        {"place": FALLING, "period": "2025", "gdp": "约12"},  # 14: a word among figures
        {"place": FLAT, "period": datetime.date(2025, 1, 1), "gdp": 1},  # 15: a date for a period
        {"place": None, "period": "2024", "gdp": 1},  # 16: no place
        {"place": FLAT, "period": "2023", "gdp": 1, "urbanisation_rate": 6050},  # 17: more than all
        {"place": FLAT, "period": "2022"},  # 18: an error beside
        {"place": FLAT, "period": "2021"},  # 19: a formula never computed
        {"place": FLAT, "period": "2020"},  # 20: a percentage of money
        {"place": "合计", "period": "2020", "gdp": 9},  # 21: a row of totals
        {"place": FLAT, "period": "2019", "gdp": 9},  # 22: hidden
        {"place": FALLING, "period": "2018", "gdp": True},  # 23: no number
        {"place": FALLING, "period": "2017", "scope": "=cmd|x", "gdp": 1},  # 24: no scope
    ]

    def spoil(book, page):
        page.write_formula("E18", "=1/0", None, "#DIV/0!")
        page.write_formula("E19", "=SUM(A1:A2)", None, "")
        page.write_number("E20", 0.5, book.add_format({"num_format": "0%"}))
        page.set_row(21, None, None, {"hidden": True})
        page.write("E8", "万元")
        page.merge_range("F10:F11", "")
        page.write("A25", "备注")
        page.write("ZZ12", 5)

    path = workbook(tmp_path / "坏.xlsx", sheet(made_city, "county_totals", *rows), spoil=spoil)
    offences = told(made_city, path)
    assert {offence.file for offence in offences} == {"坏.xlsx [表]"}
    found = {(offence.row, offence.column): offence for offence in offences}
    assert set(found) == {
        (8, "E (gdp)"), (10, "B (place)"), (10, "F (gdp_growth_real)"), (11, "C (period)"), (12, "E (gdp)"),
        (12, "ZZ"), (13, ""), (14, "E (gdp)"), (15, "C (period)"), (16, "B (place)"), (17, "M (urbanisation_rate)"),
        (18, "E (gdp)"), (19, "E (gdp)"), (20, "E (gdp)"), (21, "B (place)"), (22, ""), (23, "E (gdp)"),
        (24, "D (scope)"), (25, "A"),
    }  # fmt: skip
    said = {place: str(offence) for place, offence in found.items()}
    assert (
        'found "青石区区"' in said[10, "B (place)"]
        and 'Did you mean "青石区 Qingshi District"' in said[10, "B (place)"]
    )
    assert 'found "万元"; expected 亿元 100M CNY' in said[8, "E (gdp)"]
    assert "a year from 1949 to 2030" in said[11, "C (period)"]
    assert "0 or more" in said[12, "E (gdp)"] and "as in row 12" in said[13, ""]
    assert "the error #DIV/0!" in said[18, "E (gdp)"] and "never computed" in said[19, "E (gdp)"]
    assert "merged cells F10:F11" in said[10, "F (gdp_growth_real)"]
    assert not taken.register(made_city)


def test_one_bad_file_keeps_all_out_and_all_are_told(made_city, tmp_path):
    good = totals(made_city, tmp_path / "good.csv", GDP)
    bad = [totals(made_city, tmp_path / f"bad{n}.csv", {**GDP, "gdp": "x" * n}) for n in (1, 2)]
    assert [offence.file for offence in told(made_city, bad[0], good, bad[1])] == ["bad1.csv", "bad2.csv"]


def test_what_the_tables_refuse_is_told_with_the_row_of_the_sheet(made_city, tmp_path):
    cells = sheet(
        made_city, "chain_firms", {"name_zh": "甲", "chain_id": "C1", "role_zh": "链主企业", "firm_id": "F/../x"}
    )
    (offence,) = told(made_city, csv_file(tmp_path / "f.csv", cells))
    assert (offence.row, "firm_id" in offence.column) == (10, True)


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+1+cmd", "-2+3", "a\x07b", "x" * 3000])
def test_a_text_that_could_do_harm_is_refused(made_city, tmp_path, text):
    (offence,) = told(made_city, ledger(made_city, tmp_path / "p.csv", name_zh=text))
    assert (offence.row, offence.column) == (10, "C (name_zh)")


def test_markup_in_a_cell_stays_text(made_city, tmp_path):
    take(made_city, ledger(made_city, tmp_path / "p.csv", name_zh="<script>alert(1)</script>", place=RISING))
    from tylib.brief import county

    html = str(county.brief(f"county:{RISING}", language="en", city=made_city).html())
    assert "<script>alert" not in html and "&lt;script&gt;alert" in html


def test_columns_are_told(made_city, tmp_path):
    cells = sheet(made_city, "county_totals", GDP)
    cells[4][2], cells[4][4] = "perod", "gpd"
    offences = told(made_city, csv_file(tmp_path / "t.csv", cells))
    said = "\n".join(map(str, offences))
    assert 'Did you mean "gdp"?' in said and 'Did you mean "period"?' in said and "no column period" in said


def test_the_example_is_left_out_and_figures_over_it_are_refused(made_city, tmp_path):
    cells = sheet(made_city, "county_totals", GDP)
    take(made_city, csv_file(tmp_path / "t.csv", cells))
    assert facts(made_city).filter(pl.col("source_id") == "I0001").height == 1
    cells[8][4] = 99
    (offence,) = told(made_city, csv_file(tmp_path / "u.csv", cells))
    assert offence.row == 9 and "Move your figures below the example" in offence.remedy


def test_a_sheet_without_rows_holder_or_date_is_refused(made_city, tmp_path):
    path = csv_file(tmp_path / "t.csv", sheet(made_city, "county_totals", holder="", date="今年"))
    assert {offence.found for offence in told(made_city, path)} == {
        "no filled row",
        "no holder",
        '"今年"',
        "no date",
    } - {"no filled row"}


def test_a_hidden_sheet_is_refused_and_a_foreign_one_passed_over(made_city, tmp_path):
    def hide(book, page):
        other = book.add_worksheet("我的")
        other.write(0, 0, "anything")
        other.activate()
        other.set_first_sheet()
        page.hide()

    cells = sheet(made_city, "county_totals", GDP)
    (offence,) = told(made_city, workbook(tmp_path / "h.xlsx", cells, spoil=hide))
    assert offence.found == "a hidden sheet"
    assert take(made_city, workbook(tmp_path / "o.xlsx", cells, spoil=lambda book, _: book.add_worksheet("我的"))).taken


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or a locked workbook"),
        ("a.pdf", b"%PDF-1.7", "a file .pdf"),
        ("a.xlsx", b"PK\x03\x04broken", "a workbook that is broken"),
        ("a.csv", b"\xff\xfe\x00a", "neither UTF-8 nor GBK"),
        ("a.csv", b"tylib;county_totals\n", "cells parted by semicolons"),
        ("a.csv", b"place,gdp\n1,2\n", "no sheet that is a template"),
        ("a.csv", b"tylib,no_such_template\n", '"no_such_template"'),
        ("a.csv", b"", "the file is empty"),
    ],
)
def test_what_is_no_filled_template_is_refused(made_city, tmp_path, name, content, found):
    path = tmp_path / name
    path.write_bytes(content)
    (offence,) = told(made_city, path)
    assert offence.found.startswith(found)


def test_a_file_that_is_not_there_is_told(made_city, tmp_path):
    before = tree(made_city)
    with pytest.raises(ParameterError, match="no such file"):
        take(made_city, totals(made_city, tmp_path / "t.csv", GDP), tmp_path / "none.xlsx")
    assert tree(made_city) == before


def test_a_bomb_is_not_unpacked(made_city, tmp_path, monkeypatch):
    path = workbook(tmp_path / "t.xlsx", sheet(made_city, "county_totals", GDP))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros", bytes(3_000_000))
    monkeypatch.setattr("tylib.store.spreadsheet.MOST_UNPACKED", 2_000_000)
    assert told(made_city, path)[0].found == "a workbook that unpacks to too much"
    monkeypatch.setattr("tylib.store.spreadsheet.MOST_BYTES", 1_000)
    assert told(made_city, path)[0].found == "a file too large"


def test_entities_are_not_followed(made_city, tmp_path):
    path = workbook(tmp_path / "t.xlsx", sheet(made_city, "county_totals", GDP))
    evil = tmp_path / "e.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(evil, "w") as new:
        for item in old.infolist():
            content = old.read(item)
            if item.filename == "xl/workbook.xml":
                content = content.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', 1)
            new.writestr(item, content)
    assert told(made_city, evil)[0].found.startswith("a workbook that is broken")


def test_a_figure_in_what_may_be_another_unit_is_pointed_out(made_city, tmp_path):
    rows = [{**GDP, "gdp": 2_300_000}, {"place": FALLING, "period": "2025", "gdp": 130}]
    said = take(made_city, totals(made_city, tmp_path / "t.csv", *rows), dry_run=True).doubts
    assert said == ("t.csv, line 10: gdp 2025 2,300,000 100M CNY, where 203 is usual. Look at its unit.",)


def test_a_table_too_long_is_not_cut(made_city, tmp_path, monkeypatch):
    monkeypatch.setattr("tylib.store.spreadsheet.MOST_ROWS", 9)
    for write in (csv_file, workbook):
        path = write(tmp_path / f"t.{'csv' if write is csv_file else 'xlsx'}", sheet(made_city, "county_totals", GDP))
        assert told(made_city, path)[0].found == "a table too long"


def doubts(city, path, **options):
    return take(city, path, dry_run=True, **options).doubts


def test_a_share_for_a_per_cent_is_pointed_out(city, tmp_path):
    rows = [{"place": "140105", "period": "2024", "urbanisation_rate": n} for n in (0.955,)]
    path = csv_file(tmp_path / "t.csv", sheet(city, "county_totals", *rows, date="2026"))
    (said,) = imports.take(replace(city, home=tmp_path / "home"), [path], taken_on=TODAY, dry_run=True).doubts
    assert said.startswith("t.csv, line 10: urbanisation_rate 2024 0.955 %") and "write 95.5" in said


def test_a_leap_from_the_year_before_is_pointed_out_once(made_city, tmp_path):
    """210.5 is published for 2024."""
    path = totals(made_city, tmp_path / "t.csv", {**GDP, "gdp": 640})
    assert doubts(made_city, path) == (
        "t.csv, line 10: gdp 2025 640 100M CNY, where 2024 has 210.5. Look at its unit and its year.",
    )
    path = totals(made_city, tmp_path / "u.csv", {**GDP, "gdp": 620})
    assert doubts(made_city, path) == ()
    years = [{"place": RISING, "period": year, "retail_sales": figure} for year, figure in (("2029", 30), ("2030", 90))]
    (said,) = doubts(made_city, totals(made_city, tmp_path / "v.csv", *years))
    assert "line 11: retail_sales 2030 90 100M CNY, where 2029 has 30" in said


def test_two_imports_that_differ_are_told_and_the_later_goes_before(made_city, tmp_path):
    first = take(made_city, totals(made_city, tmp_path / "a.csv", GDP))
    assert first.doubts == ()
    again = totals(made_city, tmp_path / "b.csv", {**GDP, "gdp": 240})
    (said,) = doubts(made_city, again)
    assert said == (
        f"b.csv, line 10: gdp 2025 240 100M CNY in I0002, where I0001 ({first.taken[0].title}, 雾江市统计局, 2030-12) "
        "has 230. Of the two I0002 goes before: it was taken in later. Withdraw the one that is wrong."
    )
    assert take(made_city, again).doubts == (said,)
    assert gdp_of(made_city, RISING, "2025") == 240.0
    (older,) = take(made_city, totals(made_city, tmp_path / "c.csv", {**GDP, "gdp": 235}, date="2030-01")).doubts[:1]
    assert "has 230. Of the two I0001 goes before: its date is later" in older
    assert gdp_of(made_city, RISING, "2025") == 240.0


def test_a_name_in_another_spelling_is_the_listed_one(made_city, tmp_path):
    (said,) = take(made_city, ledger(made_city, tmp_path / "p.csv", name_zh="伞骨 产业园（）", invested=9)).doubts
    assert said == 'p.csv, line 10: "伞骨 产业园（）" is J1 伞骨产业园, listed already: brought up to date.'
    rows = load("projects", made_city)
    assert rows.height == 3
    assert rows.filter(pl.col("project_id") == "J1").select("name_zh", "invested").rows() == [("伞骨产业园", 9.0)]


def test_a_name_that_is_nearly_a_listed_one_is_asked_about(made_city, tmp_path):
    take(made_city, ledger(made_city, tmp_path / "p.csv", name_zh="青石区特种钢材精密加工项目"))
    (said,) = doubts(made_city, ledger(made_city, tmp_path / "q.csv", name_zh="青石区特种钢精密加工项目"))
    assert "Is it I0001-10 青石区特种钢材精密加工项目? Then write its name, or its project_id." in said
    assert doubts(made_city, ledger(made_city, tmp_path / "r.csv", name_zh="水厂扩建")) == ()


@pytest.mark.parametrize(
    ("stage", "date", "odd"), [("投产", "2031-05", 1), ("投产", "2031-04", 0), ("拟建", "2033", 0)]
)
def test_a_stage_yet_to_come_is_pointed_out(made_city, tmp_path, stage, date, odd):
    path = ledger(made_city, tmp_path / "p.csv", name_zh="水厂", stage=stage, stage_date=date)
    assert len(doubts(made_city, path)) == odd


def test_a_renamed_column_is_told_once(made_city, tmp_path):
    """By the title under it, by what is near, and its cells are not told as well."""
    for name in ("GDP（亿元）", "总量", "gdpp"):
        cells = sheet(made_city, "county_totals", GDP, {"place": FALLING, "period": "2025", "gdp": 1})
        cells[4][4] = name
        (offence,) = told(made_city, csv_file(tmp_path / "t.csv", cells))
        assert (offence.row, offence.remedy) == (5, 'Did you mean "gdp"?')


def test_what_cannot_be_read_is_not_compared(made_city, tmp_path):
    rows = [{**GDP, "place": place} for place in ("某地", "某处", None, None)]
    assert len(told(made_city, totals(made_city, tmp_path / "t.csv", *rows))) == 4


def test_a_text_has_lines_and_a_workbook_rows(made_city, tmp_path):
    cells = sheet(made_city, "county_totals", GDP, GDP, {**GDP, "place": None})
    text, book = (
        "\n".join(map(str, told(made_city, path)))
        for path in (csv_file(tmp_path / "t.csv", cells), workbook(tmp_path / "t.xlsx", cells))
    )
    assert "as in line 10" in text and not re.search(r"\brows?\b", text)
    assert "as in row 10" in book and not re.search(r"\blines?\b", book)


def test_a_year_is_read_in_every_spelling(made_city, tmp_path):
    rows = [{"place": place, "period": "2025年度", "gdp": 60} for place in (RISING, FLAT)]
    take(made_city, totals(made_city, tmp_path / "t.csv", *rows))
    assert set(facts(made_city).filter(pl.col("source_id") == "I0001")["period"]) == {"2025"}


# The register.


def test_the_same_bytes_are_not_taken_twice(made_city, tmp_path):
    path = totals(made_city, tmp_path / "t.csv", GDP)
    take(made_city, path)
    assert told(made_city, path)[0].found == "the same as I0001"
    copy = shutil.copyfile(path, tmp_path / "copy.csv")
    assert told(made_city, copy)[0].found == "the same as I0001"
    imports.withdraw(made_city, "I0001", withdrawn_on=TODAY)
    assert take(made_city, path).taken[0].id == "I0002"


def test_a_dry_run_takes_nothing(made_city, tmp_path):
    result = take(made_city, totals(made_city, tmp_path / "t.csv", GDP), dry_run=True)
    assert result.taken[0].rows == 1
    assert not taken.register(made_city) and tree(made_city) == {}


def test_the_original_and_the_history_are_kept(made_city, tmp_path):
    path = totals(made_city, tmp_path / "../../name.csv" if False else tmp_path / "a b.csv", GDP)
    take(made_city, path)
    imports.withdraw(made_city, "I0001", withdrawn_on="2031-04-03", reason="错发")
    folder = made_city.home / "imports"
    assert (folder / "I0001" / "original.csv").read_bytes() == path.read_bytes()
    (row,) = json.loads((folder / "register.json").read_text(encoding="utf-8"))
    assert (row["state"], row["taken_on"], row["withdrawn_on"], row["reason"]) == (
        "withdrawn",
        TODAY,
        "2031-04-03",
        "错发",
    )
    assert sorted(p.name for p in folder.iterdir()) == ["I0001", "register.json"]


def test_a_withdrawn_import_leaves_every_table_as_it_was(made_city, tmp_path):
    names = [report.name for report in check(made_city)]
    before = {name: load(name, made_city) for name in names}
    take(made_city, totals(made_city, tmp_path / "t.csv", GDP), ledger(made_city, tmp_path / "p.csv", name_zh="纽扣厂"))
    assert load("facts_imported", made_city).height == 1
    imports.withdraw(made_city, "I0001", withdrawn_on=TODAY)
    assert load("facts_imported", made_city).height == 0
    assert not load("projects", made_city).equals(before["projects"])  # the other one still counts
    imports.withdraw(made_city, "I0002", withdrawn_on=TODAY)
    assert all(load(name, made_city).equals(table) for name, table in before.items())
    assert taken.identity(made_city) == ""


def test_what_others_rest_on_is_not_withdrawn(made_city, tmp_path):
    take(made_city, totals(made_city, tmp_path / "t.csv", GDP))
    take(made_city, choose(made_city, tmp_path / "c.csv", winning_source_id="I0001"))
    with pytest.raises(DataError, match="others rest on it"):
        imports.withdraw(made_city, "I0001", withdrawn_on=TODAY)
    assert [record.state for record in taken.register(made_city)] == ["active", "active"]


def test_withdrawing_what_is_not_there_is_told(made_city, tmp_path):
    with pytest.raises(ParameterError, match="unknown import"):
        imports.withdraw(made_city, "I0001", withdrawn_on=TODAY)
    take(made_city, totals(made_city, tmp_path / "t.csv", GDP))
    imports.withdraw(made_city, "I0001", withdrawn_on=TODAY)
    with pytest.raises(ParameterError, match="was withdrawn on"):
        imports.withdraw(made_city, "I0001", withdrawn_on=TODAY)


def test_no_two_imports_at_a_time(made_city, tmp_path):
    (made_city.home / "imports").mkdir(parents=True)
    (made_city.home / "imports" / ".lock").touch()
    with pytest.raises(RunError, match="another import is running"):
        take(made_city, totals(made_city, tmp_path / "t.csv", GDP))


def test_spoilt_cells_of_an_import_are_found(made_city, tmp_path):
    take(made_city, totals(made_city, tmp_path / "t.csv", GDP))
    path = made_city.home / "imports" / "I0001" / "facts_imported.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("230", "240"), encoding="utf-8")
    (report,) = [report for report in check(made_city) if report.name == "I0001"]
    assert report.offences[0].found == "other cells than were taken in"
    path.unlink()
    with pytest.raises(DataError, match="import I0001 cannot be read"):
        facts(made_city)
    imports.withdraw(made_city, "I0001", withdrawn_on=TODAY)
    assert facts(made_city).height


# What has changed.


def test_changes_since_a_day_are_told(made_city, tmp_path):
    take(made_city, totals(made_city, tmp_path / "t.csv", GDP))
    take(made_city, choose(made_city, tmp_path / "c.csv", winning_source_id=BULLETIN))
    rows = changes.changes("2030-12-02", made_city)
    assert rows.select("date", "kind", "id").rows() == [
        ("2030-12", "fact", "I0001-10-gdp"), ("2031-01-05", "choice", "I0002-10"),
        ("2031-04-02", "import", "I0001"), ("2031-04-02", "import", "I0002"),
    ]  # fmt: skip
    assert rows["what"][0] == f"gdp {RISING} 2025 230.0 100M CNY"
    assert CITY not in "".join(rows["what"])
    with pytest.raises(ParameterError, match="expected a date"):
        changes.changes("yesterday", made_city)
