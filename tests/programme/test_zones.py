"""Zones: what is in them and how we know, worked out by hand for two; and that a zone is never added to a county."""

from __future__ import annotations

import polars as pl
import pytest

from tylib.errors import DataError
from tylib.programme import county, zones
from tylib.programme.projects import investment
from tylib.store import load
from tylib.store.places import counties, total

# Read from the tables: zones, place_overlaps, chain_places, chain_segments, enterprises, projects, town_zones.
STEEL, COKE, REFORM, SILENT = "Z06", "Z07", "Z01", "Z11"


def rows(frame: pl.DataFrame, *columns: str) -> list[tuple]:
    return frame.select(pl.col(columns).cast(pl.String)).rows()


def test_a_zone_has_its_host_once_and_then_what_it_overlaps(city):
    assert rows(zones.hosts(city, STEEL), "place", "relation", "link_status") == [("140108", "host", "published")]
    assert rows(zones.hosts(city, COKE), "place", "relation", "link_status") == [("140121", "host", "published")]
    across = zones.hosts(city, REFORM)
    assert rows(across, "place", "own") == [
        ("140105", "true"), ("140107", "true"), ("140122", "true"), ("140700", "false"), ("140702", "false"),
    ]  # fmt: skip
    assert zones.hosts(city, SILENT).is_empty()


def test_parks_inside_a_zone_are_its_own_and_not_beside_it(city):
    assert zones.within(city, REFORM) == ["Z01", "Z02", "Z03", "Z04", "Z05"]
    assert rows(zones.family(city, "Z16"), "zone_id", "relation") == [("Z07", "parent")]
    assert rows(zones.family(city, COKE), "zone_id", "relation") == [("Z16", "child")]


def test_chains_of_the_steel_zone(city):
    assert rows(zones.chains(city, STEEL), "chain_id", "segments", "firms", "projects", "link_status") == [
        ("C1", "1", "0", "1", "published"),  # S019; J24
        ("C6", "1", "1", "0", "assumed"),  # S033, E16: both read by us
        ("C7", "2", "1", "1", "published"),  # S008, S009; E11; J02
    ]


def test_chains_of_the_coke_zone_come_from_the_park_inside_it_too(city):
    assert rows(zones.chains(city, COKE), "chain_id", "segments", "firms", "projects", "link_status") == [
        ("C2", "3", "2", "1", "published"),  # S022-S024; E26, E27 and J13 in the park
        ("C9", "0", "1", "0", "assumed"),  # E08: in the park by a source, of the chain by our reading
    ]


def test_a_town_in_the_same_county_is_not_carried_by_the_zone(city):
    assert rows(zones.towns(city, STEEL), "town_id", "relation", "chain_id") == [("T02", "zone", "C1")]
    assert rows(zones.towns(city, COKE), "town_id", "relation", "chain_id") == [("T01", "county", None)]


def test_the_three_come_together_as_surely_as_the_weakest_statement(city):
    assert rows(zones.three_way(city, zones.matrix(city, STEEL)), "town_id", "chain_id", "link_status") == [
        ("T02", "C1", "published")
    ]
    assert rows(zones.three_way(city, zones.matrix(city, REFORM)), "town_id", "chain_id", "link_status") == [
        ("T04", "C7", "assumed")
    ]
    assert zones.three_way(city, zones.matrix(city, COKE)).is_empty()


def test_the_matrix_holds_what_the_zones_hold(city):
    matrix = zones.matrix(city)
    assert rows(matrix.filter(pl.col("zone_id") == STEEL), "kind", "code") == [
        ("chain", "C1"), ("chain", "C6"), ("chain", "C7"), ("town", "T02"),
    ]  # fmt: skip
    assert not matrix.filter(pl.col("zone_id") == SILENT).height
    assert matrix.select("zone_id", "kind", "code").is_unique().all()


def test_figures_of_a_zone_are_its_own_and_those_in_its_scope(city):
    assert zones.metrics(city, STEEL)["fact_id"].sort().to_list() == [
        "FC0103", "FC0104", "FC0105", "FC0116", "ZM005", "ZM006", "ZM007", "ZM008",
    ]  # fmt: skip
    assert zones.metrics(city, COKE)["fact_id"].sort().to_list() == ["ZM009", "ZM010", "ZM011", "ZM012"]


def test_a_figure_printed_for_the_zone_and_its_place_is_one(city):
    part = zones.metrics(city, "Z02")
    output = part.filter(pl.col("indicator") == "above_scale_industrial_output")
    assert rows(output, "fact_id", "value") == [("ZM002", "595.85")]  # FC0283 says the same
    # The level of 2019 stands once though it is printed in two scopes.
    assert zones.metrics(city, REFORM).filter(pl.col("indicator") == "gdp")["fact_id"].to_list() == ["FC0292"]


def test_what_is_not_published_is_asked_of_the_zone(city):
    (missing,) = zones.unpublished(city, COKE)["indicators"].to_list()
    assert missing == [
        "gdp", "above_scale_industrial_output", "above_scale_industrial_va_growth", "zone_projects_investment",
    ]  # fmt: skip


def test_projects_of_the_two_zones(city):
    steel = zones.projects(city, STEEL)
    assert rows(steel, "project_id", "value") == [("J02", "91.0"), ("J24", "22.81"), ("J44", None)]
    (sums,) = investment(steel).iter_rows(named=True)
    assert (sums["value"], sums["published"], sums["unknown"]) == (pytest.approx(113.81), 2, 1)
    assert rows(zones.projects(city, COKE), "project_id", "zone_id") == [("J13", "Z16")]


def test_a_nested_project_is_not_counted_twice_in_a_zone(city):
    (sums,) = investment(zones.projects(city, REFORM)).iter_rows(named=True)
    # J01 560, J04 70, J15 50; J05 serves J04, J16 lies in J15; J14, J32, J33, J48 publish nothing.
    assert (sums["projects"], sums["nested"], sums["published"]) == (7, 2, 3)
    assert sums["value"] == pytest.approx(680)
    # In its park J16 stands without its whole, which lies in the zone around: still no project of its own.
    (park,) = investment(zones.projects(city, "Z05")).iter_rows(named=True)
    assert (park["projects"], park["nested"]) == (2, 1)


def test_a_zone_is_never_added_to_counties(city):
    codes = [*counties(city)["place"], "140171"]
    figures = pl.DataFrame({"place": codes, "value": [1.0] * len(codes)})
    with pytest.raises(DataError, match="do not add up"):
        total(figures, whole=city.place, city=city)
    assert total(figures.head(-1), whole=city.place, city=city) == 10


def test_what_lies_in_a_zone_alone_is_in_no_county(city):
    in_zone = load("projects", city).filter(pl.col("place") == "140171")["project_id"].to_list()
    assert len(in_zone) == 6
    named = [code for place in counties(city)["place"] for code in county.projects(city, place)["project_id"]]
    assert not set(in_zone) & set(named)
    assert len(named) == len(set(named))


def test_a_city_without_zones_has_an_empty_matrix(made_city):
    assert zones.matrix(made_city).is_empty()
