"""What breaks a table's contract is said with file, line, column, what was found, what was expected and what to do."""

from __future__ import annotations

import pytest

from tylib.errors import DataError
from tylib.store import check, load

from .conftest import path_of

FACTS = "published/facts_counties.csv"


def row_of(rows, **wanted):
    """Index of the first row with these cells."""
    return next(n for n, row in enumerate(rows) if all(row[name] == cell for name, cell in wanted.items()))


def test_the_made_city_is_sound(made_city):
    reports = check(made_city)
    assert [o for report in reports for o in report.offences] == []
    counted = {report.name: (report.rows, report.columns) for report in reports}
    assert counted["tiles"] == (3, 4)


# Which cell becomes what; the column blamed, what is found there, what the words expect, what they tell to do.
CELLS = {
    "not a number": ({"value": "12 万"}, "value", '"12 万"', "a number", "plain number"),
    "a number that is none": ({"value": "NaN"}, "value", '"NaN"', "a number", "plain number"),
    "endless": ({"value": "inf"}, "value", '"inf"', "a number", "plain number"),
    "bad enum": ({"kind": "wish"}, "kind", '"wish"', "one of actual, expected, target, plan, rule", "Correct"),
    "bad status": ({"status": "certain"}, "status", '"certain"', "one of published, imported", "Correct"),
    "bad form": ({"as_of": "May 2025"}, "as_of", '"May 2025"', r"\d{4}(-\d{2}(-\d{2})?)?", "Correct"),
    "form only in part": ({"as_of": "2025-04-10 or so"}, "as_of", '"2025-04-10 or so"', r"\d{4}", "Correct"),
    "empty key": ({"fact_id": ""}, "fact_id", "an empty cell", "a value in every row", "Correct"),
    "empty required cell": ({"unit": ""}, "unit", "an empty cell", "a value in every row", "Correct"),
    "nothing at all": (
        {"value": ""}, "value, low, high, absent", "empty, empty, empty, empty", "a value, an interval", "Fill in",
    ),
    "value and absence": (
        {"absent": "suppressed"}, "value, low, high, absent", "210.5, empty, empty, suppressed",
        "no figure beside a reason", "Remove",
    ),
    "low above high": (
        {"value": "", "low": "9", "high": "7", "interval": "implied"}, "low, high",
        "9.0, 7.0", "low not above high", "Swap",
    ),
    "interval unnamed": (
        {"value": "", "low": "5", "high": "7"}, "low, high, interval",
        "5.0, 7.0, empty", "interval named", "published_bound",
    ),
    "interval without ends": (
        {"interval": "implied"}, "low, high, interval",
        "empty, empty, implied", "exactly where there is", "published_bound",
    ),
    "foreign key to nowhere": ({"place": "980199"}, "place", '"980199"', "place that stand in table places", "add the"),
    "unknown indicator": ({"indicator": "joy"}, "indicator", '"joy"', "indicator that stand in table", "add the"),
    "negative level": ({"value": "-3"}, "value", "-3.0", "zero or more for gdp", "sign"),
    "negative end": (
        {"value": "", "low": "-1", "high": "7", "interval": "implied"}, "value", "-1.0", "zero or more for gdp", "sign",
    ),
    "wrong unit": ({"unit": "tonne"}, "unit", "unit tonne", "100M CNY for gdp", "Convert"),
}  # fmt: skip


@pytest.mark.parametrize(("cells", "column", "found", "expected", "remedy"), CELLS.values(), ids=CELLS)
def test_one_spoilt_cell_is_one_offence(edited, offences, cells, column, found, expected, remedy):
    with edited("facts_counties") as rows:
        here = row_of(rows, indicator="gdp", value="210.5")
        rows[here].update(cells)
    (offence,) = offences()
    assert (offence.file, offence.row, offence.column) == (FACTS, here + 2, column)
    assert offence.found == found
    assert expected in offence.expected
    assert remedy in offence.remedy


@pytest.mark.parametrize(
    ("name", "cells", "column", "expected", "remedy"),
    [
        ("tiles", {"row": "1.5"}, "row", "a whole number", "Write a whole number."),
        ("tiles", {"row": "-1"}, "row", "0 or more", "Write a whole number."),
        ("sectors", {"is_manufacturing": "yes"}, "is_manufacturing", "true or false", "Write true or false."),
        ("not_found", {"searched_on": "2031-13-01"}, "searched_on", "a date", "Write YYYY-MM-DD."),
        ("sources", {"url": "ftp://x"}, "url", "the form https?", "Correct the cell."),
    ],
)
def test_every_type_says_what_it_wants(edited, offences, name, cells, column, expected, remedy):
    with edited(name) as rows:
        rows[0].update(cells)
    (offence,) = offences()
    assert (offence.row, offence.column) == (2, column)
    assert expected in offence.expected
    assert offence.remedy == remedy


def test_a_growth_may_be_negative_and_a_unit_may_add_its_prices(edited, offences):
    with edited("facts_counties") as rows:
        rows[row_of(rows, indicator="gdp_growth_real")]["value"] = "-40"
        rows[row_of(rows, indicator="gdp")]["unit"] = "100M CNY (2023 prices)"
    with edited("units") as rows:
        rows.append(dict(rows[row_of(rows, unit="100M CNY")], unit="100M CNY (2023 prices)"))
    assert offences() == []


def test_a_double_key_is_named_on_every_line_it_stands_on(edited, offences):
    with edited("sources") as rows:
        rows.append(rows[0])
        last = len(rows) + 1
    found = offences()
    assert [o.row for o in found] == [2, last]
    assert {o.found for o in found} == {"source_id=M1 more than once"}
    assert {o.column for o in found} == {"source_id"}
    assert "Remove the double row" in found[0].remedy


def header(path, change):
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text(change(lines[0]) + "".join(lines[1:]), encoding="utf-8")


def test_a_missing_column_is_not_guessed_and_an_extra_one_not_ignored(made_city, offences):
    header(path_of(made_city, "tiles"), lambda line: line.replace("col,", "column,"))
    missing, extra = offences()
    assert (missing.row, missing.column, missing.found, missing.expected) == (1, "col", "no such column", "column col")
    assert (extra.row, extra.column, extra.found) == (1, "column", "a column that is not described")
    assert "datapackage.json" in extra.remedy


def test_a_column_twice(made_city, offences):
    header(path_of(made_city, "tiles"), lambda line: line.replace("col,", "row,"))
    assert ("row", "a column that stands twice") in [(o.column, o.found) for o in offences()]


def test_a_row_with_too_few_or_too_many_cells_is_not_filled_up(made_city, offences):
    path = path_of(made_city, "tiles")
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1], lines[3] = lines[1].rpartition(",")[0], lines[3] + ",7"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert [(o.row, o.found, o.expected) for o in offences()] == [
        (2, "3 cells", "4 cells, as in the first line"),
        (4, "5 cells", "4 cells, as in the first line"),
    ]


def test_an_open_quotation_mark(made_city, offences):
    path = path_of(made_city, "tiles")
    path.write_text(path.read_text(encoding="utf-8") + '"980199,4,4,M1\n', encoding="utf-8")
    (offence,) = offences()
    assert (offence.row, offence.expected) == (5, "a CSV table")
    assert "quotation marks" in offence.remedy


def test_a_file_in_another_encoding(made_city, offences):
    path = path_of(made_city, "places")
    path.write_bytes(path.read_text(encoding="utf-8").encode("gbk"))
    (offence,) = offences()
    assert offence.file == "reference/places.csv"
    assert offence.row == 2
    assert offence.found == "byte 0xb1 that is not UTF-8"
    assert offence.remedy == "Save the file as CSV UTF-8 (not GBK)."


def test_what_a_spreadsheet_program_saves_is_read(made_city):
    path = path_of(made_city, "tiles")
    before = load("tiles", made_city)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n") + b"\r\n")
    assert load("tiles", made_city).equals(before)


@pytest.mark.parametrize(("content", "found"), [("", "an empty file"), ("place,row,col,source_id\n", "no rows")])
def test_a_table_without_rows(made_city, offences, content, found):
    path_of(made_city, "tiles").write_text(content, encoding="utf-8")
    (offence,) = offences()
    assert (offence.file, offence.found) == ("reference/tiles.csv", found)
    assert "Fill the table" in offence.remedy


def test_a_table_may_be_empty_where_the_data_package_says_so(made_city, described, offences):
    assert load("facts_energy", made_city).is_empty()
    assert "fact_id" in load("facts_energy", made_city).columns
    with described() as content:
        for resource in content["resources"]:
            if resource["name"] == "facts_energy":
                resource["minimumRows"] = 2
    (offence,) = offences()
    assert (offence.found, offence.expected) == ("no rows", "at least 2 under the header")


def test_no_such_file(made_city, offences):
    path_of(made_city, "tiles").unlink()
    (offence,) = offences()
    assert (offence.file, offence.found) == ("reference/tiles.csv", "no such file")
    assert offence.expected == "the file that the data package names"
    assert "mend the path" in offence.remedy


def test_the_line_is_that_of_an_editor(made_city, edited, offences):
    with edited("sources") as rows:
        rows[0]["title"] = "two\nlines"
        rows[1]["tier"] = "D"
    assert offences()[0].row == 4
    path = path_of(made_city, "tiles")
    path.write_text(path.read_text(encoding="utf-8").replace("\n", "\n\n") + "x,1,1,\n", encoding="utf-8")
    assert [o.row for o in offences() if o.file == "reference/tiles.csv"] == [9]


def test_every_offence_in_every_table_is_told_at_once(made_city, edited, offences):
    with edited("facts_counties") as rows:
        rows[0].update(value="many", kind="wish")
        rows[1].update(place="980199", value="-1")
        rows[2].update(unit="tonne")
    with edited("places") as rows:
        rows[0]["type"] = "realm"
    path_of(made_city, "tiles").unlink()
    header(path_of(made_city, "sectors"), lambda line: line.replace("name_zh", "name_cn"))
    found = offences()
    assert sorted((o.file, o.row, o.column) for o in found if o.row is not None) == [
        (FACTS, 2, "kind"), (FACTS, 2, "value"), (FACTS, 3, "place"), (FACTS, 3, "value"), (FACTS, 4, "unit"),
        ("reference/places.csv", 2, "type"),
        ("reference/sectors.csv", 1, "name_cn"), ("reference/sectors.csv", 1, "name_zh"),
    ]  # fmt: skip
    assert [o.file for o in found if o.row is None] == ["reference/tiles.csv"]
    assert all(o.found and o.expected and o.remedy for o in found)


def test_a_whole_column_of_offences_is_shown_in_part_and_counted(edited, offences):
    with edited("facts_counties") as rows:
        for row in rows[:12]:
            row["kind"] = "wish"
    found = offences()
    assert [o.row for o in found] == [2, 3, 4, 5, 6]
    assert found[-1].remedy == "Correct the cell. 7 more rows like this."


def test_a_table_that_cannot_be_read_does_not_blame_those_that_point_to_it(made_city, offences):
    path_of(made_city, "places").write_text("nonsense\n1\n", encoding="utf-8")
    assert {o.file for o in offences()} == {"reference/places.csv"}


def test_load_raises_with_everything_wrong_in_that_table(made_city, edited):
    with edited("facts_counties") as rows:
        rows[0]["value"] = "many"
        rows[1]["kind"] = "wish"
    with pytest.raises(DataError) as raised:
        load("facts_counties", made_city)
    assert len(raised.value.offences) == 2
    message = str(raised.value)
    assert message.splitlines()[0] == "table facts_counties breaks its contract."
    assert f'{FACTS}, line 2, column value: found "many"; expected a number.' in message
    assert raised.value.exit_code == 3


def test_a_mended_table_and_a_mended_contract_are_read_anew(made_city, edited, described):
    with edited("tiles") as rows:
        rows[0]["row"] = "-1"
    with pytest.raises(DataError):
        load("tiles", made_city)
    with described() as content:
        (table,) = (r for r in content["resources"] if r["name"] == "tiles")
        del next(f for f in table["schema"]["fields"] if f["name"] == "row")["constraints"]["minimum"]
    assert load("tiles", made_city)["row"].to_list() == [-1, 1, 2]
    with edited("tiles") as rows:
        rows[0]["row"] = "5"
    assert load("tiles", made_city)["row"].to_list() == [5, 1, 2]


def test_an_empty_cell_is_not_a_zero(made_city, edited):
    with edited("tiles") as rows:
        rows[0].update(col="0", source_id="")
    table = load("tiles", made_city)
    assert table["col"][0] == 0
    assert table["source_id"][0] is None
