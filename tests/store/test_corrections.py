"""A declared correction is applied, and fails as soon as the table no longer holds what it expects."""

from __future__ import annotations

import csv

import pytest

from tests.store.conftest import path_of
from tylib.errors import DataError
from tylib.store import load

COLUMNS = [
    "correction_id", "table", "key", "column", "expect", "replace", "action", "reason", "source_id", "declared_on",
]  # fmt: skip
SCHEMA = {
    "fields": [{"name": name, "type": "string"} for name in COLUMNS],
    "primaryKey": ["correction_id"],
}


@pytest.fixture
def declare(made_city, described):
    """Declare one correction: table, key, column, what is expected, what is put there (``None``: drop the row)."""

    def write(table, key, column, expect, replace):
        with described() as content:
            others = [r for r in content["resources"] if r["name"] != "corrections"]
            mine = {"name": "corrections", "path": "corrections.csv", "schema": SCHEMA}
            content["resources"] = [*others, mine]
        action = "drop" if replace is None else "replace"
        row = ["K1", table, key, column, expect, replace or "", action, "printed so elsewhere", "M1", "2031-01-01"]
        with (made_city.data / "corrections.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, row])

    return write


def cell(city, name, key, column):
    table = load(name, city)
    return table.filter(table.to_series(0) == key)[column].to_list()


def test_without_a_table_of_corrections_nothing_changes(made_city, described):
    with described() as content:
        content["resources"] = [r for r in content["resources"] if r["name"] != "corrections"]
    assert cell(made_city, "tiles", "980103", "row") == [1]


@pytest.mark.parametrize(
    ("table", "key", "column", "expect", "replace", "then"),
    [
        ("tiles", "980103", "row", "1", "7", 7),
        ("places", "980103", "name_en", "Liuwan District", "Liuwan", "Liuwan"),
        ("facts_counties", "MC002", "value", "210.50", "211", 211.0),  # a number, however it is written
        ("facts_counties", "MC002", "kind", "actual", "expected", "expected"),
        ("places", "980103", "note", "", "seen", "seen"),
        ("places", "980103", "edition", "2030", "", None),
    ],
)
def test_it_is_applied(made_city, declare, offences, table, key, column, expect, replace, then):
    declare(table, key, column, expect, replace)
    assert cell(made_city, table, key, column) == [then]
    assert offences() == []
    assert load(table, made_city).schema == load(table, made_city).schema


def test_a_row_is_dropped(made_city, declare, offences):
    declare("tiles", "980103", "row", "1", None)
    assert load("tiles", made_city)["place"].to_list() == ["980102", "980121"]
    assert offences() == []


def test_a_key_of_several_columns(made_city, declare, described):
    declare("tiles", "980103;1", "col", "0", "4")
    with described() as content:
        next(r for r in content["resources"] if r["name"] == "tiles")["schema"]["primaryKey"] = ["place", "row"]
    assert load("tiles", made_city)["col"].to_list() == [0, 4, 0]


# Which correction; the column blamed, what is found there, what the words expect.
WRONG = {
    "obsolete": (("tiles", "980103", "row", "2", "7"), "expect", '"1"', '"2" in tiles, key 980103, column row'),
    "obsolete, drop": (("tiles", "980103", "row", "2", None), "expect", '"1"', '"2" in tiles'),
    "now empty": (("places", "980103", "note", "old", "new"), "expect", "empty", '"old" in places'),
    "no longer empty": (("places", "980103", "edition", "", "2031"), "expect", '"2030"', '"" in places'),
    "no such row": (("tiles", "980199", "row", "1", "7"), "expect", "no key 980199", '"1" in tiles'),
    "expects no number": (("tiles", "980103", "row", "one", "7"), "expect", '"1"', '"one" in tiles'),
    "no such column": (("tiles", "980103", "line", "1", "7"), "column", '"line"', "one of place, row, col"),
    "no such table": (("tales", "980103", "row", "1", "7"), "table", '"tales"', "a table of the data package"),
    "no number": (("tiles", "980103", "row", "1", "left"), "replace", '"left"', "what column row can hold"),
    "breaks the contract": (("tiles", "980103", "row", "1", "-7"), "replace", '"-7"', "0 or more"),
    "leaves nothing": (("tiles", "980103", "row", "1", ""), "replace", '""', "a value in every row"),
}


@pytest.mark.parametrize(("correction", "column", "found", "expected"), WRONG.values(), ids=WRONG)
def test_one_that_does_not_apply_is_an_offence(made_city, declare, offences, correction, column, found, expected):
    declare(*correction)
    (offence,) = offences()
    assert (offence.file, offence.row, offence.column) == ("corrections.csv", 2, column)
    assert offence.found == found
    assert expected in offence.expected
    assert offence.remedy
    if correction[0] == "tiles":
        with pytest.raises(DataError, match="a declared correction no longer applies") as raised:
            load("tiles", made_city)
        assert raised.value.offences == (offence,)


def test_other_tables_are_checked_against_the_corrected_one(declare, offences):
    declare("sources", "M1", "source_id", "M1", "M9")
    assert {o.found for o in offences()} == {'"M1"'}


def test_a_correction_mends_what_a_check_finds(edited, declare, offences):
    with edited("facts_counties") as rows:
        rows[1]["unit"] = "tonne"
    declare("facts_counties", "MC002", "unit", "tonne", "100M CNY")
    assert offences() == []


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda text: text.encode("gbk") + "表".encode("gbk"), "not UTF-8"),
        (lambda text: b"", "an empty file"),
        (lambda text: text.replace("place,", "plce,", 1).encode(), "no such column"),
        (lambda text: text.replace(",", ";").encode(), "cells parted by semicolons"),
    ],
)
def test_of_a_table_that_cannot_be_read_none_is_obsolete(made_city, declare, offences, spoil, found):
    declare("tiles", "980103", "row", "1", "7")
    assert offences() == []
    path = path_of(made_city, "tiles")
    path.write_bytes(spoil(path.read_text(encoding="utf-8")))
    told = offences()
    assert {offence.file for offence in told} == {"reference/tiles.csv"}
    assert found in "".join(offence.found for offence in told)
    assert len(told) <= 2  # a renamed column: one is missing, one is not described
