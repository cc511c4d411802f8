"""The county brief says what the tables hold: ranks, density, chart values, gaps, citations and marks."""

from __future__ import annotations

import re

import pytest

from tests.made_city import FALLING, FLAT, RISING
from tests.programme.test_county import rewrite
from tylib.brief import county
from tylib.errors import DataError
from tylib.store import open_city


@pytest.fixture(scope="module")
def briefs(written_city):
    city = open_city(written_city)
    return {code: county.brief(f"county:{code}", language="en", city=city) for code in (RISING, FALLING, FLAT)}


def text(part) -> str:
    bare = re.sub(r"<script.*?</script>|<[^>]+>", " ", str(part.html()), flags=re.S)
    return " ".join(bare.split())


@pytest.mark.parametrize(
    ("code", "place"), [(RISING, "first of the 3"), (FALLING, "number 2 of the 3"), (FLAT, "last of the 3")]
)
def test_a_place_follows_from_the_figures(briefs, code, place):
    assert place in text(briefs[code]["opening"])  # residents: 310, 115 and 80 thousand


def test_density_is_residents_over_area(briefs):
    assert "2,583 persons per square kilometre" in text(briefs[RISING]["population"])  # 310,000 / 120


def test_the_chart_draws_the_growth_that_the_table_prints(briefs):
    html = str(briefs[RISING]["population"].html())
    drawn = {round(float(value), 2) for value in re.findall(r'"value":(-?[\d.]+)', html)}
    assert {2.29, -1.7, 0.01} <= drawn
    assert "+2.29" in html and "−1.7" in html


def test_a_gap_with_a_value_is_none(briefs):
    asked = text(briefs[RISING]["unknown"])
    assert "Gross domestic product, 2023" in asked and "2024" not in asked.split("Public sources")[0]


def test_every_key_number_cites_its_source(briefs):
    for brief in briefs.values():
        cards = str(brief["key_numbers"].html()).split('<li class="key-number">')[1:]
        assert cards and all('class="cite"' in card for card in cards)


def test_what_we_place_ourselves_is_marked(made_city):
    rewrite(made_city, "chain_segments", {"S2": {"place": ""}}, "segment_id")  # no source places the chain here
    part = county.brief(f"county:{RISING}", language="en", city=made_city)["programme"]
    assert 'data-status="assumed"' in str(part.html()) and "marks our reading" in text(part)


def test_targets_of_the_city_are_left_to_its_brief(city):
    part = county.brief("county:140105", language="en", city=city)["targets"]
    assert part.heading == "No target of the district's own was found; city targets are in the city brief"
    assert "<table" not in part.html()


def test_an_estimate_in_a_heading_is_called_one_and_gives_its_premises(briefs):
    said, html = text(briefs[FLAT]["economy"]), str(briefs[FLAT]["economy"].html())
    assert "No published GDP was found for 2024" in said and "about 3–4.4 billion yuan" in said
    assert "It rests on" in said and 'data-status="estimated"' in html and 'class="cite"' in html


def test_no_brief_is_made_from_broken_tables(made_city):
    path = made_city.data / "published" / "facts_counties.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",310000,", ",-310000,"), encoding="utf-8")
    with pytest.raises(DataError, match="no brief was made"):
        county.brief(f"county:{RISING}", language="en", city=made_city)
