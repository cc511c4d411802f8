"""The chain brief says what the tables hold: the drawn map, the rule beside each result, gaps, citations, marks."""

from __future__ import annotations

import re

import pytest

from tests.programme.test_county import rewrite
from tylib.brief import chain
from tylib.brief.chain_map import GLYPHS, Lane, Node, draw
from tylib.brief.city import chains as of_the_city
from tylib.brief.context import Context
from tylib.errors import ParameterError
from tylib.programme import segments
from tylib.store import open_city

LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def made(written_city):
    city = open_city(written_city)
    return {language: chain.brief("chain:C1", language=language, city=city) for language in LANGUAGES}


@pytest.fixture(scope="module")
def metal(city):
    return chain.brief("chain:C1", language="en", city=city)


def text(part) -> str:
    bare = re.sub(r"<script.*?</script>|<[^>]+>", " ", str(part.html()), flags=re.S)
    return " ".join(bare.split())


def stages(part) -> list[tuple[str, str]]:
    """State and text of every stage that is drawn, in order."""
    html = str(part.html()).split('<details class="data-table"')[0]
    drawn = re.findall(r'<li class="stage" data-state="(\w+)">(.*?)</details></li>', html, re.S)
    return [(state, " ".join(re.sub(r"<[^>]+>", " ", inner).split())) for state, inner in drawn]


def test_the_headline_says_what_each_branch_lacks_and_the_standfirst_what_it_rests_on(made):
    said = text(made["en"]["opening"])
    assert "ribs without downstream; cloth without upstream and downstream" in said
    assert "By public sources, segments reported: 3 of 6" in said
    assert "缺下游，" in text(made["zh"]["opening"]) and "缺上、下游" in text(made["zh"]["opening"])


def test_a_stage_of_users_is_neither_a_gap_nor_a_task(made_city):
    path = made_city.data / "reference" / "branch_stages.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    head = lines[0].split(",").index("kind")
    for number, line in enumerate(lines):
        cells = line.split(",")
        if cells[2] == "Ribs" and "downstream" in cells:
            cells[head] = "user"
            lines[number] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    brief = chain.brief("chain:C1", language="en", city=made_city)
    drawn = stages(brief["map"])
    assert drawn[2][0] == "user" and "extend" not in drawn[2][1] and "not reported" not in drawn[2][1]
    assert "segments reported: 3 of 5" in text(brief["opening"])
    assert "Ribs, downstream" not in text(brief["tasks"]) + text(brief["attract"])


def test_the_map_draws_every_stage_in_its_state_with_who_stands_there(made):
    drawn = stages(made["en"]["map"])
    assert [state for state, _ in drawn] == ["thin", "named", "missing", "missing", "outside", "missing"]
    assert "Rain & Shine Umbrellas" in drawn[1][1].replace("&amp;", "&") and "Shiqiao Umbrellas" in drawn[1][1]
    assert "Umbrella ribs, phase one (not counted again)" in drawn[1][1]
    assert "Rain" not in drawn[0][1] and "extend" in drawn[0][1]


def test_every_stage_opens_without_a_script_and_holds_its_evidence(made):
    html = str(made["en"]["map"].html())
    assert "<script" not in html and "style=" not in html
    assert html.count('<details class="node"><summary>') == 6
    opened = html.split('<details class="node">')[2]
    assert "the same page says so" in opened and 'class="cite"' in opened
    # Links inside the summary would be a second thing to press in one: they stand in what it opens.
    assert all("<a " not in summary for summary in re.findall(r"<summary>.*?</summary>", html, re.S))


def test_the_table_under_the_map_holds_what_the_map_draws(made):
    table = str(made["en"]["map"].html()).split('<details class="data-table"')[1]
    for state in ("thin", "reported", "not reported"):
        assert f"<td>{state}</td>" in table
    assert "<td>outside the city" in table
    assert 'download="map.csv"' in table and table.count("Rain &amp; Shine Umbrellas") == 1


def test_what_is_supposed_is_marked_and_called_so(made):
    supposed = stages(made["en"]["map"])[-1][1]
    assert "Finished umbrellas ◇" in supposed and "no source names it" in supposed


def test_the_rule_stands_over_what_it_gave(made):
    said = text(made["en"]["tasks"])
    assert (
        said.index("Leading industry extends") < said.index("Ribs, upstream") < said.index("Emerging industry builds")
    )
    assert said.index("Emerging industry builds") < said.index("Cloth, midstream")
    assert "2 segments to extend into" in said and "3 segments to build" in said


def test_no_order_is_given_where_the_data_carry_none(made):
    said = text(made["en"]["attract"])
    assert "For 5 missing links the data carry no ranking" in said and said.count("not ranked") >= 5
    assert "The sector (Quarrying) is not manufacturing" in said and "No input-output figures" in said


def test_what_is_known_of_the_work_system_is_told_in_full_and_the_rest_in_a_sentence(made):
    said = text(made["en"]["system"])
    assert "1 of 3 items of the work system" in said
    assert "Umbrella makers ▣ imported people needed 30 persons" in said
    assert re.search(r"not found|without content so far: land", said) and "not published" not in said


def test_a_rate_has_its_change_in_points(made):
    assert "10% in 2022, 25.5% in 2024, a change of +15.5" in text(made["en"]["masters"])


def test_a_rate_that_falls_is_not_said_to_rise(made_city):
    rewrite(made_city, "enterprise_metrics", {"EM2": {"value": "4"}}, "metric_id")
    said = text(chain.brief("chain:C1", language="en", city=made_city)["masters"])
    assert "10% in 2022, 4% in 2024, a change of −6" in said


def test_a_project_inside_another_is_counted_and_added_once(made):
    assert "1 project publishes a planned investment: 1.2 billion yuan" in text(made["en"]["projects"])
    cards = text(made["en"]["key_numbers"])
    assert "1.2 billion yuan" in cards and "1.65" not in cards  # 12, with the 4.5 that lie in it


def test_a_chain_of_which_nothing_is_known_is_short_and_says_so(made_city):
    ids = ("S1", "S2", "S3", "S4")
    rewrite(made_city, "chain_segments", {i: {"chain_id": ""} for i in ids}, "segment_id")
    brief = chain.brief("chain:C1", language="en", city=made_city)
    assert "no published segment was found" in text(brief["opening"])
    assert all(not brief[name].blocks for name in ("map", "tasks", "attract"))


def test_another_kind_of_unit_is_refused(city):
    with pytest.raises(ParameterError):
        chain.brief("county:C1", language="en", city=city)
    with pytest.raises(ParameterError, match="chain:C9"):
        chain.brief("chain:C99", language="en", city=city)


# The city's own chains.


def test_what_stands_on_no_segment_is_listed_under_the_map(metal):
    assert "no source says on which segment: Kangmei Technology" in text(metal["map"])


def test_the_rate_the_sum_and_the_threshold_are_those_of_their_rows(metal):
    masters = text(metal["masters"])
    assert "11.3% in 2022, 22.3% in 2024, a change of +11 percentage points" in masters
    assert "at least 15 firms" in masters and "22 firms" in masters and "225 firms" in masters
    assert "2 of 4 projects that stand by themselves publish a planned investment, 11.3 billion yuan" in text(
        metal["projects"]
    )


def test_nothing_that_was_not_published_is_given_for_the_work_system(metal):
    said = text(metal["system"])
    assert "Of the 13 items of the work system" in said and "not published" not in said
    assert "chief, task force, policies" in said and "<table" not in metal["system"].html()


def test_a_stage_elsewhere_and_a_call_for_investors_are_said_to_be_so(city):
    energy = stages(chain.brief("chain:C9", language="en", city=city)["map"])
    outside = next(words for state, words in energy if state == "outside")
    assert outside.index("outside the city: Jinzhong part") < outside.index("Meijin Energy") < outside.index("build")
    assert [words for state, words in energy if state == "whole"] == []  # the text on the whole province
    bio = stages(chain.brief("chain:C3", language="en", city=city)["map"])
    assert "(investor sought, not counted)" in bio[1][1] and bio[1][0] == "thin"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", [f"C{number}" for number in range(1, 10)])
def test_every_chain_has_a_short_headline_a_map_and_only_its_own_language(city, language, code):
    brief = chain.brief(f"chain:{code}", language=language, city=city)
    (headline,) = re.findall(r'<h1 class="headline">(.*?)</h1>', str(brief["opening"].html()))
    said = re.sub(r"<[^>]+>", "", headline)
    assert len(said) <= 30 if language == "zh" else len(said.split()) <= 18, said
    grid = segments.slots(city, code, thin=2)
    assert [state for state, _ in stages(brief["map"]) if state != "whole"] == grid["state"].to_list()
    keys = re.findall(r'id="([^"]+)"', str(brief.html()))
    assert len(keys) == len(set(keys))
    if language == "en":
        bare = re.sub(r"\([^()]*\)|（[^（）]*）", "", text(brief["map"]))
        assert re.findall(r"[\u3400-\u9fff]", bare) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_city_brief_has_the_nine_and_both_other_lists(city, language):
    context = Context.of(f"city:{city.place}", language=language, city=city)
    html = str(of_the_city.chains(context).html())
    assert html.count('<tr><th scope="row">') == 9 and html.count('data-state="missing"') == 18 + 1  # and the legend
    crosswalk = text(of_the_city.crosswalk(context))
    assert "31" in crosswalk and crosswalk.count("◇") == 18
    assert len(re.findall(r'<tr><th scope="row">', str(of_the_city.gradient(context).html()))) == 9


def test_all_chains_in_one_order(city):
    report = of_the_city.comparison("chain:C7", language="en", city=city)
    html = str(report["breaks"].html())
    assert html.count('<tr><th scope="row">') == 28  # 18 missing, 1 outside, 9 thin; 4 stages of users are none
    assert "24 of 28 missing links can be ranked" in html
    assert 'class="vega-spec"' in str(report["linkages"].html())


# The drawing itself.


def test_a_node_is_named_with_its_branch():
    html = draw([Lane("Solar", [], [Node("Upstream", "named", "reported", "A", branch="Solar, ")])],
                kinds=dict.fromkeys(GLYPHS, ""), states={}, legend="")  # fmt: skip
    (summary,) = re.findall(r"<summary>(.*?)</summary>", html)
    assert re.sub(r"<[^>]+>", "", summary).startswith("Solar, Upstream")


def test_names_are_escaped_and_nothing_on_a_stage_is_said_to_be_so():
    kinds = dict.fromkeys(GLYPHS, "Firm")
    node = Node("Up", "named", "named", "A & B", [("firm", "<b>X</b>")], ["1 < 2"], task="extend")
    html = draw([Lane("L", ["t"], [node])], kinds=kinds, states={}, legend="", loose=("Rest", ["<i>"]))
    assert "&lt;b&gt;X" in html and "A &amp; B" in html and "1 &lt; 2" in html and "&lt;i&gt;" in html
    assert "loose" not in draw([], kinds=kinds, states={}, legend="", loose=("Rest", []))
