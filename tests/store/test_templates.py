"""Templates: every column known, in both languages, written as spreadsheets that say how to fill them."""

from __future__ import annotations

import csv
import io
import re

import pytest
from python_calamine import CalamineWorkbook

from tylib.errors import ParameterError
from tylib.store import load, open_city, spreadsheet, templates
from tylib.store.city import package

WANTED = {
    "county_totals", "sector_totals", "county_sectors", "employment", "energy", "town_metrics", "zone_metrics",
    "townships", "chain_firms", "project_ledger", "technology_needs", "technology_results", "work_system",
    "chain_factors", "plan_targets", "plan_measures", "choices",
}  # fmt: skip
HAN = r"[\u3400-\u9fff]"


@pytest.fixture(scope="module", params=["own", "made"])
def any_city(request, city, written_city):
    return city if request.param == "own" else open_city(written_city)


def test_every_table_that_an_office_may_bring_has_a_template(city):
    assert set(templates.names(city)) == WANTED


def test_every_column_has_a_title_in_both_languages_and_leads_somewhere(any_city):
    resources = {resource["name"]: resource for resource in package(any_city)["resources"]}
    indicators = set(load("indicators", any_city)["indicator"])
    for name in templates.names(any_city):
        found = templates.template(name, any_city)
        there = {
            f["name"]
            for target in templates.targets(found.spec, any_city)
            for f in resources[target["name"]]["schema"]["fields"]
        }
        for field in found.fields:
            assert set(field.titles) == {"zh", "en"} and all(field.titles.values()), (name, field.name)
            assert not re.search(HAN, field.titles["en"]), (name, field.name)
            assert field.name in there or field.indicator in indicators, (name, field.name)


def test_an_indicator_that_the_city_does_not_know_is_no_column(city, written_city):
    made = open_city(written_city)
    known = {field.name for field in templates.template("county_totals", made).fields}
    assert {"gdp", "resident_population"} <= known
    assert "tax_revenue" not in known
    assert templates.template("county_totals", city).field("tax_revenue").unit == "100M CNY"


def test_figures_are_asked_for_in_the_unit_in_which_they_are_kept(city):
    found = templates.template("county_totals", city)
    assert found.field("gdp").unit_label == "亿元 100M CNY"
    assert found.field("resident_population").unit_label == "人 persons"
    assert found.field("urbanisation_rate").most == 100


def test_a_workbook_explains_itself_and_lists_what_it_takes(any_city):
    name = "chain_firms"
    found = templates.template(name, any_city)
    book = CalamineWorkbook.from_filelike(io.BytesIO(templates.written(found, any_city)))
    fill, explained, lists = (book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in book.sheet_names)
    assert fill[0][:2] == ["tylib", name]
    assert [row[0].split(" ")[-1] for row in fill[1:]] == [
        "title",
        "holder",
        "date",
        "column",
        "zh",
        "en",
        "unit",
        "example",
    ]
    text = "\n".join(str(row[0]) for row in explained)
    assert "写0表示实际为零" in text and "Write 0 only for a measured zero" in text
    chains = [row[lists[0].index("chain_id")] for row in lists[1:]]
    assert "雨伞 Umbrellas" in chains or "高端金属材料 High-end metal materials" in chains


def test_the_same_template_is_the_same_bytes(any_city):
    found = templates.template("county_totals", any_city)
    assert templates.written(found, any_city) == templates.written(found, any_city)


def test_lists_are_offered_in_the_cells(any_city):
    import zipfile

    found = templates.template("county_totals", any_city)
    archive = zipfile.ZipFile(io.BytesIO(templates.written(found, any_city)))
    assert b"<dataValidation" in archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml").replace(b"<formula1>", b"")


def test_a_csv_holds_the_same_rows_and_opens_as_utf_8(any_city):
    found = templates.template("project_ledger", any_city)
    content = templates.written(found, any_city, form="csv")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[4][1:] == [field.name for field in found.fields]


def test_a_filled_template_is_never_written_over(any_city, tmp_path):
    found = [templates.template("choices", any_city)]
    (path,) = templates.write(found, any_city, folder=tmp_path)
    assert templates.write(found, any_city, folder=tmp_path) == [path]  # the same bytes: nothing is lost
    path.write_bytes(b"filled")
    with pytest.raises(ParameterError, match="is there already"):
        templates.write(found, any_city, folder=tmp_path)
    assert path.read_bytes() == b"filled"


def test_an_unknown_template_is_told_with_the_nearest(city):
    with pytest.raises(ParameterError, match='Did you mean "county_totals"'):
        templates.template("county_total", city)


def test_a_name_of_a_sheet_is_one_that_spreadsheets_take():
    name = templates.spreadsheet_name("a/b:c*" + "长" * 60)
    assert len(name) == 31 and not set(name) & set("[]:*?/\\")


def test_nothing_we_write_is_run_as_a_formula():
    book = spreadsheet.workbook([spreadsheet.Page("p", [["=1+1", "@x", "http://example.org"]])])
    import zipfile

    sheet = zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet and b"hyperlink" not in sheet


def test_a_template_offers_only_scopes_of_its_indicators(city):
    """Fuels are scopes of energy factors alone, and those are the nation's."""
    kinds = dict(load("scopes", city).select("scope", "kind").iter_rows())
    for name in ("county_totals", "choices"):
        found = templates.template(name, city).field("scope")
        offered = {option.code for option in found.options}
        assert "district_only" in offered
        assert {kinds[code] for code in offered} == {"coverage"}
        assert found.example is None
