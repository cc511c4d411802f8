"""Projects: parts are never counted beside their whole, sums stop at what is unknown, dates know no clock."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from tests.made_city import CITY
from tests.programme.test_county import rewrite
from tylib.programme import projects
from tylib.programme.projects import WHOLE


@pytest.fixture(scope="module")
def ledger(city):
    return projects.ledger(city)


@pytest.fixture(scope="module")
def own(ledger):
    return ledger.filter("in_city")


def only(frame: pl.DataFrame) -> dict:
    (row,) = frame.iter_rows(named=True)
    return row


def test_every_project_stands_once_whatever_it_lies_in(ledger):
    assert ledger["project_id"].n_unique() == ledger.height == 48
    assert ledger.filter(~WHOLE)["project_id"].sort().to_list() == [
        "J05", "J07", "J08", "J09", "J10", "J11", "J16", "J29",
    ]  # fmt: skip


def test_parts_stand_right_under_their_whole(ledger):
    order = ledger["project_id"].to_list()
    assert order[:8] == ["J01", "J06", "J11", "J07", "J08", "J09", "J10", "J13"]
    assert order.index("J05") == order.index("J04") + 1
    assert order.index("J29") == order.index("J28") + 1


def test_a_nested_amount_is_never_added_twice(own):
    row = only(projects.investment(own))
    # By hand from the table: 560+91+90+70+450+9.98+400+50+15+20+22.81+6.8+40+8+12; not J11 (200) inside J06 (450),
    # not the supporting works J05 (10.5).
    assert (row["projects"], row["published"], row["unknown"], row["nested"]) == (38, 15, 23, 8)
    assert row["value"] == pytest.approx(1845.59)
    assert row["status"] == "derived"


def test_a_part_is_nobodys_second_project_even_alone(ledger):
    row = only(projects.investment(ledger.filter(pl.col("project_id").is_in(["J06", "J11"]))))
    assert (row["projects"], row["value"], row["status"]) == (1, 450, "published")  # one amount is nobody's sum
    row = only(projects.investment(ledger.filter(pl.col("project_id") == "J11")))
    assert (row["projects"], row["nested"], row["value"]) == (0, 1, None)


def test_supporting_works_are_no_part_of_the_main_project(ledger):
    assert projects.supporting(ledger)["project_id"].to_list() == ["J05"]
    row = only(projects.investment(ledger.filter(pl.col("project_id").is_in(["J04", "J05"]))))
    assert row["value"] == 70


def test_amounts_in_two_units_are_not_added(made_city):
    rewrite(made_city, "project_nesting", {"J2": {"project_id": "J3"}}, "project_id")
    rewrite(made_city, "projects", {"J2": {"unit": "%"}}, "project_id")
    row = only(projects.investment(projects.ledger(made_city)))
    assert (row["projects"], row["published"], row["value"]) == (2, 2, None)


def test_groups_cover_every_project_once(own):
    for key in ("chain_id", "zone_id", "stage", "place"):
        assert projects.investment(own, by=[key])["projects"].sum() == 38


def test_the_funnel_keeps_the_order_of_the_stages_and_its_zeros(own):
    found = dict(projects.funnel(own).select("stage", "projects").iter_rows())
    assert found == {
        "promotion": 0, "planned": 7, "signed": 5, "approved": 0, "started": 5, "under_construction": 11,
        "partly_in_production": 5, "in_production": 4, "complete": 1,
    }  # fmt: skip
    assert list(found) == projects.funnel(own).schema["stage"].categories.to_list()


def test_the_time_line_counts_each_project_in_the_year_of_its_last_report(own):
    years = dict(projects.timeline(own).group_by("year").agg(pl.col("projects").sum()).iter_rows())
    assert years == {2020: 2, 2021: 1, 2022: 14, 2023: 11, 2024: 4, 2025: 1, None: 5}


def test_counts_that_do_not_reconcile_stand_side_by_side(city):
    found = projects.counts(city)
    values = dict(found.select("indicator", "value").iter_rows())
    assert [values[f"chain_projects_{kind}"] for kind in ("tracked", "provincial", "municipal")] == [85, 52, 73]
    assert (values["provincial_key_projects"], values["municipal_key_mfg_projects"]) == (67, 113)
    assert sorted(found.filter(pl.col("indicator") == "industrial_projects_under_way")["value"]) == [283, 424]
    assert found["source_id"].null_count() == 0


def test_the_edition_is_the_date_and_not_today(city, made_city):
    assert projects.edition(city) == date(2026, 11, 1)
    assert projects.edition(made_city) == date(2031, 4, 1)


def watched(made_city, **cells):
    rewrite(made_city, "projects", {"J1": cells}, "project_id")
    found = projects.watched(projects.ledger(made_city), on=projects.edition(made_city), months=12)
    return dict(found.select("project_id", "verdict").iter_rows())


@pytest.mark.parametrize(
    ("cells", "verdict"),
    [
        ({"due_date": "2031-03-31"}, "overdue"),
        ({"due_date": "2031-04-01"}, "on_course"),  # not before the edition
        ({"due_date": "2030-01-01", "stage": "in_production"}, "finished"),  # in time or not: not said
        ({"status": "imported", "stage_date": "2030-03"}, "stalled"),  # thirteen months
        ({"status": "imported", "stage_date": "2029"}, "stalled"),
        ({"status": "imported", "stage_date": "2030", "next_due": "2031-06-01"}, "on_course"),  # December at the latest
        ({"status": "imported", "stage_date": "2030-04", "next_due": "2031-06-01"}, "on_course"),  # twelve
    ],
)
def test_overdue_and_stalled_follow_the_rule(made_city, cells, verdict):
    assert watched(made_city, **cells) == {"J1": verdict}


def test_a_project_of_the_press_is_never_called_stalled(made_city):
    assert watched(made_city, stage_date="2019") == {}
    assert watched(made_city, stage_date="2019-05") == {}


def test_what_is_late_comes_first(made_city):
    rewrite(made_city, "projects", {"J2": {"due_date": "2032-01-01"}, "J3": {"due_date": "2030-12-31"}}, "project_id")
    found = projects.watched(projects.ledger(made_city), on=projects.edition(made_city), months=12)
    assert found.select("project_id", "verdict").rows() == [("J3", "overdue"), ("J2", "finished")]


def test_a_city_without_counts_says_nothing(made_city):
    assert projects.counts(made_city).is_empty()
    assert made_city.place == CITY
