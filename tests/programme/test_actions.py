"""The Eight Actions: what was published of each, what speaks to it and who carries it, counted once.

Expected values of the project's own city were worked out from the CSV files by hand.
"""

from __future__ import annotations

import csv

import polars as pl
import pytest

from tests.made_city import FALLING, FLAT, RISING
from tests.programme.test_county import rewrite
from tylib.programme import actions as programme
from tylib.store import load
from tylib.store.places import counties


@pytest.fixture(scope="module")
def card(city):
    return {row["action_id"]: row for row in programme.scorecard(city).iter_rows(named=True)}


@pytest.fixture(scope="module")
def cells(city):
    rows = programme.matrix(city).iter_rows(named=True)
    return {(row["action_id"], row["county"], row["kind"]): row["count"] for row in rows}


def test_there_is_one_row_an_action(card):
    assert list(card) == [f"A{n}" for n in range(1, 9)]
    assert {row["order"] for row in card.values()} == set(range(1, 9))


def test_measures_and_targets_are_those_of_the_announcement(card):
    assert [row["measures"] for row in card.values()] == [3, 6, 0, 1, 0, 0, 0, 0]
    assert [row["reached"] for row in card.values()] == [0, 0, 2, 0, 0, 0, 0, 0]  # 22 and 225 firms are there already
    assert [row["targets"] for row in card.values()] == [0, 4, 0, 0, 0, 0, 0, 0]  # 85, 2, 10, at least 5
    assert (card["A2"]["met"], card["A2"]["not_met"], card["A2"]["open"]) == (0, 0, 4)


def test_two_actions_were_set_out_and_two_more_are_filed_by_us(card):
    """The press report describes the first two; of the six that it names, two get what other passages say."""
    assert [key for key, row in card.items() if row["set_out"]] == ["A1", "A2"]
    assert {key: row["filed"] for key, row in card.items() if row["filed"]} == {"A3": 2, "A4": 1}


def test_a_figure_that_says_what_the_work_covers_is_no_target(city):
    rows = {row["measure_id"]: row for row in programme.own_targets(city).iter_rows(named=True)}
    chains = rows["A2-1"]  # nine chains to focus on, and nine there are: nothing is met by that
    assert (chains["value"], chains["outturn_value"], chains["verdict"]) == (9.0, 9.0, "scope")
    assert chains["gap_low"] is chains["gap_high"] is None and chains["scope_status"] == "assumed"


def test_the_plan_has_its_name_and_its_announcement(city, made_city):
    assert programme.plan(city)["announced_on"] == "2024-05-17" and programme.plan(city)["source_id"] == "Q0270"
    assert programme.plan(made_city) is None


def test_no_indicator_has_a_figure_for_the_end_of_the_plan(city, card):
    assert programme.end_year(city) == 2025
    assert {row["published"] for row in card.values()} == {0}  # January 2025 is not the end of 2025
    assert card["A4"]["indicators"] == 11


def test_carriers_by_hand(city, card):
    # projects.csv: of the manufacturing ones in the city J07-J11 lie in J06, J16 in J15, J29 is of J28.
    assert card["A1"]["project"] == manufacturing(city) - 7
    assert (card["A2"]["town"], card["A2"]["chain"], card["A2"]["zone"]) == (6, 9, 16)
    assert card["A7"]["project"] == 6 and card["A6"]["town"] == 1


def manufacturing(city) -> int:
    with (city.data / "published" / "projects.csv").open(encoding="utf-8", newline="") as file:
        return sum(r["category"] == "manufacturing" and r["in_city"] == "true" for r in csv.DictReader(file))


@pytest.mark.parametrize(
    ("action", "county", "kind", "count"),
    [
        ("A2", "140121", "project", 4),  # J13, J19, J20, J21
        ("A2", "140121", "town", 1),  # vinegar
        ("A2", "140121", "chain", 4),  # C2 and C9 by their places, C1 and C5 by a firm
        ("A2", "140121", "zone", 2),  # Z07 and the park Z16 in it
        ("A7", "140123", "project", 6),  # J34-J39
        ("A4", "140122", "project", 1),  # J41
        ("A6", "140121", "town", 1),
        ("A1", "140108", "project", 4),  # J02, J22-J24
    ],
)
def test_cells_of_the_matrix_by_hand(cells, action, county, kind, count):
    assert cells[action, county, kind] == count


def test_the_matrix_names_counties_only(city, cells):
    assert {county for _, county, _ in cells} <= set(counties(city)["place"])
    assert ("A1", "140106", "project") not in cells  # an empty cell is no row, and no zero


def test_a_target_of_the_measures_is_not_told_twice(city):
    linked = programme.linked_targets(city).filter(pl.col("action_id") == "A2")["target_id"].to_list()
    assert not {"G027", "G031", "G032", "G033"} & set(linked) and "H001" in linked


def test_a_state_reached_stands_with_its_date(city):
    rows = programme.indicators(city).filter(pl.col("action_id") == "A3")
    found = {r["indicator"]: (r["value"], r["period"]) for r in rows.iter_rows(named=True)}
    assert found["municipal_chain_masters"] == (22.0, "2024M5")
    assert found["key_chain_firms_listed"] == (225.0, "2024M5")
    assert found["provincial_srdi_smes"] == (None, None)


def test_every_link_selects_something_that_is_there(city):
    """A selector that a table no longer answers would pass in silence."""
    links = load("action_links", city).with_columns(pl.col("kind").cast(pl.String))
    columns = {"chain": "chains", "town": "towns", "zone": "zones", "firm": "enterprises", "project": "projects",
               "project_category": "projects", "target": "targets", "indicator": "indicators"}  # fmt: skip
    for row in links.filter(pl.col("selector") != "*").iter_rows(named=True):
        column, _, values = row["selector"].partition("=")
        known = load(columns[row["kind"]], city)[column].cast(pl.String).to_list()
        assert set(values.split("|")) <= set(known), row
    assert set(links["action_id"]) <= {*load("actions", city)["action_id"]}


# A made city.


def made_card(made_city):
    return {row["action_id"]: row for row in programme.scorecard(made_city).iter_rows(named=True)}


def test_a_project_inside_another_is_counted_once(made_city):
    assert made_card(made_city)["B1"]["project"] == 2  # J1 with J2 in it, and J3
    rewrite(made_city, "project_nesting", {"J2": {"parent_project_id": "J3"}}, "project_id")
    assert made_card(made_city)["B1"]["project"] == 2  # now in J3, that carries it too
    rewrite(made_city, "action_links", {"1": {"selector": "project_id=J2"}}, "number")
    assert made_card(made_city)["B1"]["project"] == 1  # by itself where what holds it does not carry the action


def test_a_missing_outturn_is_open_and_one_of_the_year_decides(made_city):
    row = made_card(made_city)["B1"]
    assert (row["targets"], row["met"], row["not_met"], row["open"]) == (2, 0, 1, 1)  # 371.8 against 400; none
    rewrite(made_city, "actions", {"B1-1": {"value": "370"}}, "measure_id")
    assert made_card(made_city)["B1"]["met"] == 1


def test_a_row_of_data_makes_a_target_the_scope_of_the_work(made_city):
    rewrite(made_city, "comparability", {"CP2": {"relation": "scope", "from_period": ""}}, "comparison_id")
    assert made_card(made_city)["B1"]["targets"] == 1  # births; gross domestic product is scope now


def test_rows_of_the_next_plan_stay_out_until_they_are_asked_for(made_city):
    assert list(made_card(made_city)) == ["B1", "B2"]
    rewrite(made_city, "actions", {"B2-1": {"plan": programme.NEXT}}, "measure_id")
    assert list(made_card(made_city)) == ["B1"]
    assert programme.measures(made_city, plan=programme.NEXT)["measure_id"].to_list() == ["B2-1"]


def test_what_our_reading_places_is_marked_in_its_cell(made_city):
    rows = {(r["action_id"], r["county"], r["kind"]): r for r in programme.matrix(made_city).iter_rows(named=True)}
    assert rows["B1", FALLING, "project"]["name_en"] == ["Button works"]
    assert rows["B1", RISING, "project"]["status"] == "assumed"
    assert not [key for key in rows if key[1] == FLAT]


def test_the_newest_part_of_a_year_is_the_one_that_ends_last(city):
    rows = programme.indicators(city).filter(pl.col("indicator") == "emerging_industry_va_growth")
    assert set(rows.select("period", "value").iter_rows()) == {("2022H1", 20.2)}  # the first quarter's was 22.1
