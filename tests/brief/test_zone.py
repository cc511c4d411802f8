"""The zone brief, and zones and projects of the city: what is said of two zones, checked against the tables."""

from __future__ import annotations

import re

import pytest

from tests.brief.test_county import text
from tests.programme.test_county import rewrite
from tylib.brief import zone
from tylib.brief.city import projects as city_projects
from tylib.brief.city import zones as city_zones
from tylib.brief.context import Context

STEEL, COKE, SILENT = "Z06", "Z07", "Z11"


@pytest.fixture(scope="module")
def briefs(city):
    return {code: zone.brief(f"zone:{code}", language="en", city=city) for code in (STEEL, COKE, SILENT, "Z01", "Z05")}


def of_city(city, language="en"):
    return Context.of(f"city:{city.place}", language=language, city=city, kind="city")


def test_the_headline_counts_only_what_sources_state(briefs):
    # C1 and C7 by sources, C6 by our reading; J02, J24, J44; six figures, the two sums are derived.
    assert "2 key chains, 3 named projects, 6 published figures" in text(briefs[STEEL]["opening"])
    assert "1 key chain, 1 named project, 4 published figures" in text(briefs[COKE]["opening"])


def test_leading_industry_stands_as_published(briefs):
    assert text(briefs[COKE]["profile"]).startswith(
        "Leading industries: new coal chemicals (lead); equipment (cultivated)"
    )
    assert "is published for the whole zone, but for its parks" in text(briefs["Z01"]["profile"])


def test_every_zone_with_a_host_says_that_it_is_never_added(city, briefs):
    for code in (STEEL, COKE, "Z01"):
        assert "its figures are never added to" in text(briefs[code]["opening"])
        assert "nor to any total of counties" in text(briefs[code]["profile"])


def test_a_zone_whose_county_is_unknown_is_not_given_a_neighbour_for_one(briefs):
    said = text(briefs["Z05"]["profile"])
    assert "Taiyuan and Jinzhong (county not found)" in said


def test_the_three_way_finding_says_how_it_is_known(briefs):
    assert text(briefs[STEEL]["links"]).startswith("It carries Zhongbei Stainless Products, which stands on the chain")
    assert "meet here, in our reading" in text(briefs["Z01"]["links"])
    assert "No source says that this zone carries it" in text(briefs[COKE]["links"])  # the town of the same county


def test_the_matrix_is_drawn_with_its_table_and_the_zone_in_accent(briefs):
    html = str(briefs[STEEL]["links"].html())
    assert html.count('class="vega-spec"') == 1 and 'id="table-three-way"' in html
    assert html.count('"state"') == 0  # what is drawn are cells, not words of the code
    assert '"text":"Zhongbei zone"' in html.replace("\\u003c", "<")


def test_planned_investment_stands_beside_how_many_publish_none(briefs):
    said = text(briefs[STEEL]["projects"])
    assert "11.381 billion yuan" in said and "another 1 publish none" in said
    assert "supporting works paid by another party" in text(briefs["Z01"]["projects"])
    assert "68 billion yuan" in text(briefs["Z01"]["projects"])  # 56 + 7 + 5, not the 1.05 of the works


def test_a_part_whose_whole_lies_elsewhere_says_of_which(briefs):
    assert "(inside CETC Shanxi electronics park)" in text(briefs["Z05"]["projects"])


def test_a_zone_of_which_little_is_known_gets_one_page(briefs):
    shown = [name for name, part in briefs[SILENT].parts.items() if part.blocks]
    assert shown == ["opening", "profile", "links", "unknown", "method", "sources"]
    assert len(text(briefs[SILENT]["links"])) < 400


def test_no_zone_stands_among_the_counties_of_the_projects(city):
    html = str(city_projects.projects(of_city(city)).html())
    by_county = html.split("By county or district")[1].split("By zone")[0]
    assert "Yangqu County" in by_county and "Demonstration Zone" not in by_county
    assert "only a zone is named, or county not found" in by_county


def test_counts_that_differ_stand_side_by_side_and_are_not_added(city):
    said = text(city_projects.projects(of_city(city)))
    for figure in ("85", "52", "73", "67", "113", "424", "283"):
        assert re.search(rf"\b{figure}\b", said)
    counted = said.split("Published counts of projects")[1].split("neither added")[0]
    assert "125" not in counted and "8 project counts have been published" in said  # 52 + 73
    assert "so it serves as a name only" in said


def test_without_a_ledger_nothing_is_called_late(city):
    assert not city_projects.watch(of_city(city)).blocks
    said = text(city_projects.projects(of_city(city)))
    assert "Delays cannot be judged: the project ledger was not found" in said and "Ledger of the" in said


def test_with_a_ledger_what_is_late_stands_beside_its_rule(made_city):
    cells = {"due_date": "2030-06-30", "next_due": "2031-05-31", "invested": "3", "status": "imported"}
    rewrite(made_city, "projects", {"J1": cells}, "project_id")
    part = city_projects.watch(of_city(made_city))
    assert part.heading == "Overdue: 1; stalled: 0; the next milestone falls on 2031-05-31"
    said = text(part)
    assert "2031-04-01, never against today" in said and "0.3 billion yuan" in said and "of 1.2" in said


def test_a_city_without_zones_is_silent_about_them(made_city):
    context = of_city(made_city)
    assert not city_zones.zones(context).blocks and not city_zones.three_way(context).blocks
    assert city_projects.projects(context).blocks


def test_the_table_of_zones_adds_nothing_up(city):
    said = text(city_zones.zones(of_city(city)))
    assert "no total ever adds a zone" in said and "Total" not in said
    assert text(city_zones.three_way(of_city(city))).startswith(
        "Zone, specialised town and chain come together in 3 of 16"
    )
