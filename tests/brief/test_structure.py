"""The city's structure as it reads: findings, marks, what is absent and what is never added up."""

from __future__ import annotations

import json
import re

import pytest

from tests.made_city import FALLING, FLAT, NAMES
from tylib.brief.city import balance, comparison, structure
from tylib.brief.context import Context
from tylib.store import open_city

PARTS = (structure.industries, structure.upgrading, balance.balance, comparison.labour, comparison.cities)


def text(part) -> str:
    bare = re.sub(r"<script.*?</script>|<[^>]+>", " ", str(part.html()), flags=re.S)
    return " ".join(bare.split())


def row_of(part, name: str) -> str:
    """The row of a thing in the part's own table, the one that bears its key."""
    table = str(part.html()).split(f'id="table-{part.key}"')[1].split("</table>")[0]
    (row,) = (r for r in re.findall(r"<tr[^>]*>.*?</tr>", table, re.S) if f'row">{name}' in r)
    return row


@pytest.fixture(scope="module", params=["zh", "en"])
def context(request, city):
    return Context.of(f"city:{city.place}", language=request.param, city=city)


@pytest.fixture(scope="module")
def english(city):
    return Context.of(f"city:{city.place}", language="en", city=city)


@pytest.fixture(scope="module")
def made(written_city):
    city = open_city(written_city)
    return Context.of(f"city:{city.place}", language="en", city=city)


@pytest.mark.parametrize("part", PARTS)
def test_every_part_reads_without_a_gap(context, part):
    said = text(part(context))
    assert (
        part(context).heading
        and "None " not in said.replace("None for", "")
        and "{" not in said
        and "nan" not in said.split()
    )


def test_a_group_of_which_nothing_is_published_says_so(english):
    part = structure.industries(english)
    assert row_of(part, "Artificial intelligence").count("not published") == 2
    assert "0%" not in row_of(part, "Artificial intelligence")


def test_groups_are_bars_side_by_side_and_their_match_is_ours(english):
    part = structure.industries(english)
    html = str(part.html())
    assert "the groups overlap and do not add up" in html
    assert 'data-status="assumed"' in row_of(part, "Steel")


def test_the_shares_drawn_are_those_of_the_heading(english):
    part = structure.industries(english)
    drawn = str(part.html()).split('id="table-industry-shares"')[1].split("</table>")[0]
    assert "57.8%" in part.heading and "57.8%" in drawn and "54.6%" not in drawn
    assert "For comparison: Manufacturing" in drawn.split("Emerging industry")[1]  # last, larger though it is


def test_groups_that_tie_are_named_together_and_the_whole_is_no_group(english):
    said = text(structure.industries(english))
    assert (
        "Steel and new materials grew fastest, both 13.1% (first half of 2023); all above-scale industry 1.2%" in said
    )


def test_a_figure_too_old_for_the_present_is_called_older_and_not_counted(english):
    assert "older figure, 2012" in row_of(structure.industries(english), "Steel")
    part = structure.upgrading(english)
    assert "older figure" in row_of(part, "Change of energy use per industrial value added")
    assert "Green (绿色化) none of 5" in part.heading


def test_the_rule_stands_beside_what_follows_from_it(english):
    said = text(structure.industries(english))
    assert "weighted average of its parts, so all other industry grew less than 1.2%" in said


def test_the_city_counts_its_own_figures_only(english):
    heading = structure.upgrading(english).heading
    assert "High-end (高端化) 5 of 6" in heading and "Intelligent (智能化) none of 7" in heading


def test_a_figure_of_another_year_does_not_stand_beside(english):
    row = row_of(structure.upgrading(english), "Research and development expenditure over")
    assert "2.24%" in row and "1.12%" in row and "2.54" not in row
    assert '<td class="right"></td>' in row  # the nation's is of 2022


def test_five_of_ten_counties_give_a_floor(english):
    part = balance.balance(english)
    assert "only 5 of 10 counties" in part.heading and "at least 17.6 times" in part.heading
    assert "below 50" in text(part)  # the bound of those that publish none


def test_zones_stand_apart_from_counties(english):
    part = comparison.labour(english)
    head = str(part.html()).split('id="table-labour"')[1].split("</thead>")[0]
    assert "Zones" in head and "reform" not in head.lower()
    assert "9 key chains in 7 counties or districts" in part.heading
    assert "<details" in str(part.html()).split('id="table-labour"')[0].split("</table>")[-1]


def test_two_cities_are_not_ranked(english):
    part = comparison.cities(english)
    assert "45.5% of the province in 2021, against 22.7% of its GDP" in part.heading
    assert "not ranked: only 2 of 11" in row_of(part, "Gross domestic product")
    assert str(part.html()).count("vega-spec") == 1
    drawn = str(part.html()).split('id="table-cities-rd-expenditure"')[1].split("</table>")[0]
    assert "114.7" not in part.heading and "2.24%" in drawn  # the second measure stands in the table of the first


def test_a_made_city_is_spoken_of_in_the_same_words(made):
    assert "makes 55% of above-scale value added" in structure.industries(made).heading
    assert "more than 6%" in text(structure.industries(made))
    spread = text(balance.balance(made))
    assert "only 2 of 3" in spread and NAMES[FALLING][1] in spread
    assert comparison.cities(made).html() == ""
    assert f"No key chain was found in this search in {NAMES[FLAT][1]}." in text(comparison.labour(made))


@pytest.mark.parametrize("table", ["industry_groups", "upgrade_dimensions", "county_positioning", "chain_places"])
def test_a_table_without_rows_silences_its_part_and_no_other(made_city, table):
    listed = made_city.data / "datapackage.json"
    package = json.loads(listed.read_text(encoding="utf-8"))
    (resource,) = (r for r in package["resources"] if r["name"] == table)
    resource["minimumRows"] = 0
    listed.write_text(json.dumps(package), encoding="utf-8")
    path = made_city.data / resource["path"]
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    context = Context.of(f"city:{made_city.place}", language="zh", city=made_city)
    silent = {"industry_groups": structure.industries, "upgrade_dimensions": structure.upgrading}
    assert {part for part in PARTS[:3] if not part(context).heading} == ({silent[table]} if table in silent else set())
    assert comparison.labour(context).heading
