"""One long frame of figures: what is chosen where several stand for one thing, what conflicts, what is absent."""

from __future__ import annotations

import random

import polars as pl
import pytest

from tylib.errors import DataError
from tylib.store import City, conflicts, facts, preferred
from tylib.store.contracts import Status
from tylib.store.facts import KEY, TIERS

from .conftest import path_of

FIELDS = {
    **dict.fromkeys(KEY, pl.String), "value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "absent": pl.String,
    "status": Status, "tier": pl.Enum(TIERS), "as_of": pl.String, "fact_id": pl.String,
}  # fmt: skip
PLAIN = {
    "place": "a", "indicator": "gdp", "sector": "", "period": "2024", "scope": "", "kind": "actual", "value": 1.0,
    "status": "published", "tier": "B", "as_of": "2025", "fact_id": "F5",
}  # fmt: skip


def frame(*rows):
    return pl.DataFrame([{**PLAIN, **row} for row in rows], schema=FIELDS)


def chosen(*rows):
    """The id of the chosen row, whatever the order of the rows."""
    found = set()
    for seed in range(4):
        shuffled = list(rows)
        random.Random(seed).shuffle(shuffled)
        (row,) = preferred(frame(*shuffled)).iter_rows(named=True)
        assert row["alternatives"] == len(rows) - 1
        found.add(row["fact_id"])
    (only,) = found
    return only


NO_VALUE = {"value": None}
# Of each pair the first is preferred: the rule decides against everything that comes after it.
WORSE = {"status": "scenario", "tier": None, "as_of": None, "fact_id": "F1"}
PAIRS = {
    "a value before an interval": ({}, {**NO_VALUE, "low": 1.0}, WORSE),
    "an interval before an absence": ({**NO_VALUE, "high": 1.0}, {**NO_VALUE, "absent": "not_published"}, WORSE),
    "the stronger status": ({"status": "derived"}, {"status": "estimated"}, {"tier": None, "as_of": None}),
    "published before imported": ({"status": "published"}, {"status": "imported"}, {"tier": None, "as_of": None}),
    "official before press": ({"tier": "A"}, {"tier": "B"}, {"as_of": "2001"}),
    "press before repost": ({"tier": "B"}, {"tier": "C"}, {"as_of": None}),
    "any grade before none": ({"tier": "own"}, {"tier": None}, {"as_of": "2001"}),
    "the later date": ({"as_of": "2025-03"}, {"as_of": "2025-02-28"}, {}),
    "a dated before an undated": ({"as_of": "1990"}, {"as_of": None}, {}),
    "a day before its bare month": ({"as_of": "2025-03-01"}, {"as_of": "2025-03"}, {}),
}


@pytest.mark.parametrize(("better", "worse", "handicap"), PAIRS.values(), ids=PAIRS)
def test_the_rule_in_its_order(better, worse, handicap):
    assert chosen({**handicap, **better, "fact_id": "F9"}, {**worse, "fact_id": "F0"}) == "F9"


def test_the_id_decides_last():
    assert chosen({"fact_id": "F2"}, {"fact_id": "F1"}, {"fact_id": "F3"}) == "F1"


@pytest.mark.parametrize("column", KEY)
def test_different_things_do_not_compete(column):
    other = {"kind": "expected"}.get(column, "other")
    found = preferred(frame({}, {column: other, "fact_id": "F6"}))
    assert sorted(found["fact_id"]) == ["F5", "F6"]
    assert found["alternatives"].to_list() == [0, 0]


def test_undated_figures_are_one_thing():
    assert chosen({"period": None, "fact_id": "F2"}, {"period": None, "fact_id": "F1"}) == "F1"


def spreads(*rows, tolerance=0.01):
    numbered = [{**row, "fact_id": f"F{n}"} for n, row in enumerate(rows, 1)]
    found = conflicts(frame(*numbered), tolerance=tolerance)
    return {row["fact_id"]: round(row["spread"], 4) for row in found.iter_rows(named=True)}


def test_figures_that_differ_by_more_than_the_tolerance_conflict():
    assert spreads({"value": 100.0}, {"value": 98.0}) == {"F1": 0.02, "F2": 0.02}
    assert spreads({"value": 100.0}, {"value": 99.1}) == {}
    assert spreads({"value": 100.0}, {"value": 99.0}) == {}  # no more than the tolerance
    assert spreads({"value": 100.0}, {"value": 99.0}, tolerance=0.0099) == {"F1": 0.01, "F2": 0.01}


def test_all_rows_of_a_conflict_are_shown():
    assert set(spreads({"value": 100.0}, {"value": 100.0}, {"value": 90.0})) == {"F1", "F2", "F3"}


def test_zeros():
    assert spreads({"value": 0.0}, {"value": 0.0}) == {}
    assert spreads({"value": 0.0}) == {}
    assert spreads({"value": 0.0}, {"value": 2.0}) == {"F1": 1.0, "F2": 1.0}
    assert spreads({"value": -2.0}, {"value": 2.0}) == {"F1": 2.0, "F2": 2.0}


@pytest.mark.parametrize(
    "rows",
    [
        ({"value": 1.0, "period": None}, {"value": 9.0, "period": None}),
        ({"value": 1.0}, {"value": None, "low": 8.0}),
        ({"value": None, "absent": "not_published"}, {"value": None, "absent": "not_published"}),
        ({"value": 1.0}, {"value": 9.0, "kind": "target"}),
        ({"value": 1.0}, {"value": 9.0, "scope": "district_only"}),
        ({"value": 1.0}, {"value": 9.0, "period": "2023"}),
    ],
)
def test_what_never_conflicts(rows):
    assert spreads(*rows) == {}


def test_facts_of_the_made_city(made_city):
    found = facts(made_city)
    assert found.height == sum(
        len(path_of(made_city, name).read_text(encoding="utf-8").splitlines()) - 1
        for name in ("facts_counties", "facts_city", "facts_derived", "not_found")
    )
    keys = found.select(KEY).rows()
    assert keys == sorted(keys, key=lambda key: [cell or "" for cell in key])
    assert found["sector"].null_count() == found["scope"].null_count() == found["unit"].null_count() == 0
    years = dict(zip(found["period"], found["year"], strict=True))
    assert (years["2024"], years["2010-2020"], years["2024H1"], years[None]) == (2024, 2020, None, None)


def test_a_search_without_a_find_is_an_absence(made_city):
    (row,) = facts(made_city).filter(pl.col("fact_id") == "MN1").iter_rows(named=True)
    assert (row["place"], row["indicator"], row["period"], row["absent"]) == ("980102", "gdp", "2023", "not_published")
    assert (row["as_of"], row["tier"], row["unit"]) == ("2031-03-01", "own", "100M CNY")
    assert (row["value"], row["status"]) == (None, None)


def test_the_conflict_of_the_made_city_is_data_and_the_official_figure_is_taken(made_city):
    rows = facts(made_city)
    found = conflicts(rows, tolerance=0.002)
    assert found["value"].to_list() == [210.5, 203.0]
    (row,) = preferred(found).iter_rows(named=True)
    assert (row["value"], row["tier"], row["alternatives"]) == (210.5, "A", 1)


def test_every_figure_of_the_projects_own_city_is_kept(city: City):
    rows = facts(city)
    assert rows["fact_id"].is_unique().all()
    assert rows["tier"].null_count() < rows.height
    assert not conflicts(rows, tolerance=0.0)["spread"].is_nan().any()
    assert preferred(rows).select(KEY).is_unique().all()


def test_a_broken_table_is_told(made_city, edited):
    with edited("facts_city") as rows:
        rows[0]["value"] = "lots"
    with pytest.raises(DataError, match="facts_city breaks its contract"):
        facts(made_city)
