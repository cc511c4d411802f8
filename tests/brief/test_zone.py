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
from tylib.brief.zone import opening as zone_opening
from tylib.store import units

STEEL, COKE, SILENT = "Z06", "Z07", "Z11"


@pytest.fixture(scope="module")
def briefs(city):
    return {code: zone.brief(f"zone:{code}", language="en", city=city) for code in (STEEL, COKE, SILENT, "Z01", "Z05")}


def of_city(city, language="en"):
    return Context.of(f"city:{city.place}", language=language, city=city, kind="city")


def test_the_headline_is_the_newest_main_figure_and_what_was_not_found(briefs):
    said = text(briefs["Z01"]["opening"])
    assert "Reform zone: above-scale value added up 11.1% in the first half of 2024; output not found" in said
    assert "Zhongbei zone: three leading industries; no output or GDP found" in text(briefs[STEEL]["opening"])
    assert "Qingxu zone: firms in the zone, 372 in 2022; no output or GDP found" in text(briefs[COKE]["opening"])


def test_a_fall_of_the_main_figure_is_called_one(city, monkeypatch):
    context = Context.of("zone:Z01", language="en", city=city, kind="zone")
    main = zone_opening._main(context)
    monkeypatch.setattr(zone_opening, "_main", lambda _: main | {"value": -2.5})
    assert "above-scale value added down 2.5% in the first half of 2024" in zone_opening.headline(context)


@pytest.mark.parametrize(("language", "most"), [("zh", 30), ("en", 18)])
def test_headlines_are_short(city, language, most):
    for code in units.rows("zone", city)["zone_id"]:
        said = zone_opening.headline(Context.of(f"zone:{code}", language=language, city=city, kind="zone"))
        length = sum(1.0 if ord(c) > 0x2E80 else 0.5 for c in said) if language == "zh" else len(said.split())
        assert length <= most, said


def test_growth_rates_stand_by_importance_and_their_scope_once(briefs):
    html, said = str(briefs["Z01"]["figures"].html()), text(briefs["Z01"]["figures"])
    assert "Above-scale value added up 11.1%, industrial investment up 59.8%" in said
    assert "of this scope: the zone, parts in the two cities not separated." in said
    # Under the title of the chart, over the table, and where the reading is explained; no more in twenty rows.
    assert said.count("parts in the two cities not separated") == 3
    assert html.index("Growth of industrial investment") < html.index("Growth of imports and exports of the")


def test_a_zone_is_asked_at_its_own_office(briefs):
    assert "Administration of Zhongbei High-tech Zone" in text(briefs[STEEL]["unknown"])
    # A park has no office of its own: that of the zone around it.
    assert "Administration of Shanxi Transition Comprehensive Reform" in text(briefs["Z05"]["unknown"])


def test_leading_industry_stands_as_published(briefs):
    assert text(briefs[COKE]["profile"]).startswith(
        "Leading industries: new coal chemicals (lead); equipment (cultivated)"
    )
    assert "was found for the whole zone, but for its parks" in text(briefs["Z01"]["profile"])


def test_every_zone_with_a_host_says_that_it_is_never_added(city, briefs):
    for code in (STEEL, COKE, "Z01"):
        assert "its figures are never added to" in text(briefs[code]["opening"])
        assert "nor to any total of counties" in text(briefs[code]["profile"])


def test_a_zone_whose_county_is_unknown_is_not_given_a_neighbour_for_one(briefs):
    said = text(briefs["Z05"]["profile"])
    assert "Taiyuan and Jinzhong (county not found)" in said


def test_the_three_way_finding_says_how_it_is_known(briefs):
    assert text(briefs[STEEL]["links"]).startswith("It carries Zhongbei Stainless Products, which belongs to the chain")
    assert "meet here, in our reading" in text(briefs["Z01"]["links"])
    assert "No source says that this zone carries it" in text(briefs[COKE]["links"])  # the town of the same county


def test_a_zone_shows_its_own_links_and_the_city_all(briefs, city):
    html = str(briefs[STEEL]["links"].html())
    assert 'class="vega-spec"' not in html and 'id="table-links"' in html and "Qingxu" not in html
    assert "In which park" in text(briefs["Z01"]["links"]) and "In which park" not in text(briefs[STEEL]["links"])
    drawn = str(city_zones.three_way(of_city(city)).html())
    assert drawn.count('class="vega-spec"') == 1 and 'id="table-three-way"' in drawn
    # Names over the columns where all of them fit; else their signs, with the list under the chart.
    assert "Carbon\\nFibre" not in drawn and "E Carbon Fibre" in drawn
    assert "高端金\\n属材料" in str(city_zones.three_way(of_city(city, "zh")).html())


def test_planned_investment_stands_beside_how_many_publish_none(briefs):
    said = text(briefs[STEEL]["projects"])
    assert "11.381 billion yuan" in said and "another 1 publish none" in said
    assert "supporting works paid by another party" in text(briefs["Z01"]["projects"])
    assert "68 billion yuan" in text(briefs["Z01"]["projects"])  # 56 + 7 + 5, not the 1.05 of the works


def test_a_part_whose_whole_lies_elsewhere_says_of_which(briefs):
    assert "(inside CETC Shanxi electronics park)" in text(briefs["Z05"]["projects"])


def test_a_zone_of_which_little_is_known_gets_one_page(briefs):
    shown = [name for name, part in briefs[SILENT].parts.items() if part.blocks]
    assert shown == ["opening", "key_numbers", "profile", "links", "unknown", "method", "sources"]
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
        "In 3 of 16 zones, a zone, a specialised town and a chain match"
    )
