"""A result is as weak as the weakest figure it rests on, and names every source of every figure it rests on."""

from __future__ import annotations

import hashlib

import polars as pl
import pytest

from tylib.errors import ParameterError
from tylib.indicators.comparison import ratio, share
from tylib.indicators.growth import compound_growth
from tylib.store.contracts import STATUS, Status
from tylib.store.provenance import derive, fingerprint

SCHEMA = {"place": pl.String, "year": pl.Int32, "value": pl.Float64, "status": Status, "source_id": pl.String}


def figures(*rows):
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def by_place(frame):
    return {row["place"]: row for row in frame.iter_rows(named=True)}


PEOPLE = figures(
    ("b", 2010, 100.0, "published", "Q2"), ("b", 2020, 200.0, "assumed", "Q1"),
    ("a", 2010, 50.0, "published", "Q2"), ("a", 2020, 60.0, "published", "Q2"),
    ("c", 2010, 10.0, "demonstration", "Q9"),
)  # fmt: skip


def test_status_is_the_weakest_of_derived_and_the_inputs():
    found = by_place(derive(compound_growth, PEOPLE, key=["place"], start=2010, end=2020))
    assert found["a"]["status"] == "derived"
    assert found["b"]["status"] == "assumed"
    assert round(found["b"]["value"], 3) == 7.177


@pytest.mark.parametrize("status", STATUS)
def test_every_status_against_derived(status):
    rows = figures(("a", 2010, 1.0, status, "Q1"), ("a", 2020, 2.0, "published", "Q1"))
    (row,) = derive(compound_growth, rows, key=["place"], start=2010, end=2020)["status"]
    assert row == (status if STATUS.index(status) > STATUS.index("derived") else "derived")


def test_sources_are_united_sorted_and_named_once():
    found = by_place(derive(compound_growth, PEOPLE, key=["place"], start=2010, end=2020))
    assert found["a"]["source_ids"] == ["Q2"]
    assert found["b"]["source_ids"] == ["Q1", "Q2"]
    area = figures(("a", 2020, 3.0, "published", "Q0"), ("b", 2020, 4.0, "published", None))
    people = PEOPLE.filter(pl.col("year") == 2020)
    found = by_place(derive(ratio, people, area, key=["place"]))
    assert found["a"]["source_ids"] == ["Q0", "Q2"]
    assert found["b"]["source_ids"] == ["Q1"]


def test_a_row_without_a_value_has_neither_status_nor_sources():
    found = by_place(derive(compound_growth, PEOPLE, key=["place"], start=2010, end=2020))
    assert (found["c"]["value"], found["c"]["status"], found["c"]["source_ids"]) == (None, None, [])


def test_an_input_without_the_key_bears_on_every_row():
    whole = figures(("x", 2020, 400.0, "estimated", "Q5")).drop("place")
    found = by_place(derive(share, PEOPLE.filter(pl.col("year") == 2020), whole, key=["place"]))
    assert found["a"] == {"place": "a", "value": 15.0, "status": "estimated", "source_ids": ["Q2", "Q5"]}
    assert found["b"]["status"] == "assumed"


def test_a_missing_whole_leaves_every_row_and_no_figure():
    whole = figures(("x", 2020, None, "published", "Q5")).drop("place")
    found = derive(share, PEOPLE.filter(pl.col("year") == 2020), whole, key=["place"])
    assert found["place"].to_list() == ["a", "b"]
    assert found["value"].null_count() == found["status"].null_count() == 2


def test_a_figure_that_is_absent_lends_neither_status_nor_source():
    rows = figures(("a", 2010, None, "demonstration", "Q9"), ("a", 2020, 2.0, "published", "Q1"))
    found = derive(lambda f: f.filter(pl.col("year") == 2020).select("place", "value"), rows, key=["place"])
    assert found.row(0) == ("a", 2.0, "derived", ["Q1"])


def test_an_undated_figure_keeps_its_provenance():
    rows = figures(("a", None, 2.0, "assumed", "Q1"))
    found = derive(lambda f: f.select("place", "year", "value"), rows, key=["place", "year"])
    assert found.row(0) == ("a", None, 2.0, "assumed", ["Q1"])


def test_rows_are_sorted_by_key_and_the_formula_fails_in_its_own_words():
    found = derive(compound_growth, PEOPLE, key=["place"], start=2010, end=2020)
    assert found["place"].to_list() == ["a", "b", "c"]
    assert found.schema["status"] == Status
    with pytest.raises(ParameterError, match="a start before the end"):
        derive(compound_growth, PEOPLE, key=["place"], start=2020, end=2010)


def test_a_fingerprint_is_of_names_and_bytes_in_no_order(tmp_path):
    one, other = tmp_path / "a" / "x.csv", tmp_path / "b.csv"
    one.parent.mkdir()
    one.write_bytes(b"1")
    other.write_bytes(b"2")
    first = fingerprint([one, other], root=tmp_path)
    assert first == fingerprint([other, one], root=tmp_path)
    assert len(first) == len(hashlib.sha256().hexdigest())
    other.write_bytes(b"3")
    assert fingerprint([one, other], root=tmp_path) != first
    other.write_bytes(b"2")
    other.rename(tmp_path / "c.csv")
    assert fingerprint([one, tmp_path / "c.csv"], root=tmp_path) != first
