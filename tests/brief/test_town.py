"""The brief of a town: what it concludes stands beside its rule, what is not published is never a zero."""

from __future__ import annotations

import re

import pytest
import yaml

from tylib.brief import town
from tylib.brief.city.towns import towns as city_towns
from tylib.brief.context import Context
from tylib.errors import ParameterError
from tylib.store import open_city


@pytest.fixture(scope="module")
def made(written_city):
    return open_city(written_city)


@pytest.fixture(scope="module")
def vinegar(city):
    return {language: town.brief("town:T01", language=language, city=city) for language in ("zh", "en")}


@pytest.fixture(scope="module")
def steel(city):
    return town.brief("town:T02", language="en", city=city)


def text(part) -> str:
    bare = re.sub(r"<script.*?</script>|<[^>]+>", " ", str(part.html()), flags=re.S)
    return " ".join(bare.split())


@pytest.mark.parametrize("code", ["T1", "T3"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_made_town_has_a_brief_of_its_own(made, code, language):
    brief = town.brief(f"town:{code}", language=language, city=made)
    said = text(brief)
    assert "Third-generation" not in said and "醋" not in said
    assert brief["series"].blocks if code == "T1" else not brief["series"].blocks
    assert not brief["work"].blocks and not brief["marks"].blocks and not brief["aims"].blocks


def test_a_town_elsewhere_has_no_brief(made):
    with pytest.raises(ParameterError, match='unknown unit "town:T2"'):
        town.brief("town:T2", language="en", city=made)


def test_the_made_town_stands_below_its_only_peer(made):
    brief = town.brief("town:T1", language="en", city=made)
    assert "Output value ranks 2nd of 2 comparable towns" in text(brief["peers"])
    assert "2.17 billion yuan below the lowest" in text(brief["way"])  # 40 - 18.3 = 21.7
    assert "not found" in text(brief["way"]) and "no thresholds" in text(brief["way"])


@pytest.mark.parametrize(
    ("threshold", "said"),
    [
        ({"value": 36.6, "by": 2026}, "1.83 billion yuan to go: 41.4% a year until 2026"),
        ({"value": 36.6}, "1.83 billion yuan to go"),
        ({"value": 18.0, "by": 2026}, "reached"),
    ],
)
def test_a_threshold_that_is_set_gives_the_distance(made_city, threshold, said):
    path = made_city.params / "town_thresholds.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["provincial"]["town_output_value"] |= {**threshold, "state": "set"}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    part = town.brief("town:T1", language="en", city=made_city)["way"]
    assert part.heading == "On the way to provincial: 1 threshold is set"
    assert said in text(part) and 'data-status="derived"' in str(part.html())


def test_a_town_without_figures_says_so_and_is_no_zero(made):
    brief = town.brief("town:T3", language="en", city=made)
    assert "output value not found" in text(brief["opening"])
    legend_alone = brief["key_numbers"]
    assert "not found in this search" in text(legend_alone) and "key-number" not in str(legend_alone.html())
    drawn = re.findall(r"\{[^{}]*Shatang[^{}]*\}", str(brief["peers"].html()))
    assert any("not published" in row for row in drawn) and not any(re.search(r'"value": ?\d', row) for row in drawn)


def test_the_city_part_is_silent_on_outcomes_that_are_not_published(made, city):
    part = text(city_towns(Context.of(f"city:{made.place}", language="en", city=made)))
    assert "1 municipal, 1 to be developed as municipal towns" in part
    own = text(city_towns(Context.of(f"city:{city.place}", language="en", city=city)))
    assert own.startswith("One provincial and one municipal town are reported; aims for 2024◇: 2 and 10")
    assert "due in 2024 is our reading" in own and "15 are reported by name, 3 could not be found by name" in own


# Two towns of the project's own, by hand from the tables.


def test_vinegar_says_rung_date_and_newest_figure(vinegar):
    assert "2022年9月认定为省级，" in text(vinegar["zh"]["opening"])
    assert "2025年产量约80万吨" in text(vinegar["zh"]["opening"]).replace(" ", "")
    assert "provincial since September 2022; output about 800 thousand tonnes in 2025" in text(vinegar["en"]["opening"])


def test_vinegar_is_on_top_and_has_no_way_further(vinegar):
    assert not vinegar["en"]["way"].blocks
    assert vinegar["en"]["ladder"].heading == "It already has provincial status"


def test_vinegar_needs_a_quarter_more_and_says_why_the_value_gives_no_growth(vinegar):
    assert vinegar["en"]["aims"].heading == (
        "Output is about 200 thousand tonnes short of its aim: 2026 must exceed 2025 by 25%"
    )
    said = text(vinegar["en"]["aims"])
    assert "at most 3.5 billion yuan" in said  # 10 less more than 6.5
    assert "repeats one of years ago" in said and "Rule:" in said


def test_vinegar_doubts_stand_beside_their_rule(vinegar):
    part = vinegar["en"]["doubts"]
    assert part.heading == "The national share is given as 16.7%, 12.5%, about 30%, 20%, each without a base"
    said = text(part)
    assert "between 2,262 thousand tonnes and 4,400 thousand tonnes" in said
    assert "6.5 billion yuan: the same for 2021, 2024, 2025" in said and "more than 2 years" in said


def test_vinegar_lines_and_centres(vinegar):
    said = text(vinegar["en"]["work"])
    assert "Of 4 announced lines of work, 2 have figures" in said
    for line in ("Support and safeguards", "Working mechanism", "Growing the cluster", "Strengthening the brand"):
        assert line in said
    assert "National platform for testing and certifying vinegar not confirmed" in said
    assert "the names of the other four are not published" in said


def test_rules_of_other_places_are_not_applied(vinegar):
    said = text(vinegar["en"]["marks"])
    assert "by township, Shanxi by county: not like for like" in said
    assert said.count("another place's rule") + said.count("another place&#39;s rule") == 3


def test_steel_knows_its_rung_but_no_figure_to_compare(steel):
    assert "reported as municipal in March 2025; output value not found" in text(steel["opening"])
    way = text(steel["way"])
    assert "2.11 billion yuan" in way and "Yangquan Suburb Refractories, 2022" in way
    assert "no distance can be computed" in way
    assert 'data-status="assumed"' in str(steel["ties"].html())


def test_who_can_say_is_named(steel):
    said = text(steel["unknown"])
    assert "Ledger of the specialised towns" in said and "Measures for recognising" in said
    assert said.count("Employment") == 1


@pytest.mark.parametrize("code", [f"T0{n}" for n in range(1, 7)])
def test_headings_and_headlines_are_short(city, code):
    for language, most in (("zh", 30), ("en", 18)):
        headline = re.search(r'<h1 class="headline">(.*?)</h1>', str(
            town.brief(f"town:{code}", language=language, city=city)["opening"].html()), re.S)[1]  # fmt: skip
        bare = re.sub(r"<[^>]+>", "", headline)
        length = sum(1.0 if ord(c) > 0x2E80 else 0.5 for c in bare) if language == "zh" else len(bare.split())
        assert length <= most, bare


def test_every_figure_is_cited(vinegar):
    cards = str(vinegar["zh"]["key_numbers"].html()).split('<li class="key-number">')[1:]
    assert len(cards) == 5 and all('class="cite"' in card for card in cards)


def test_employment_without_a_stated_scope_is_not_ranked(vinegar):
    part = vinegar["en"]["peers"]
    assert (
        "mployment" not in part.heading and "Output value ranks 5th of 6 comparable towns (2021–2024)" in part.heading
    )
    assert "Employment is given as 100 thousand persons without a stated scope; not ranked." in text(part)
    assert 'data-status="assumed"' in str(part.html()) and "peers-town-employment" not in str(part.html())
    assert "从业人员载为10万人，范围未说明，不排位" in text(vinegar["zh"]["peers"])
    assert "scope not stated, not ranked" in text(vinegar["en"]["key_numbers"])


def test_one_table_of_one_holder_is_asked_for_once(vinegar, city):
    # Eight things not known of the first town, in two tables; seven of the third, in two.
    for brief, count in ((vinegar["en"], 8), (town.brief("town:T03", language="en", city=city), 7)):
        part = brief["unknown"]
        assert part.heading == f"{count} items are not known; tables that would fill them: 2"
        assert str(part.html()).count("<li>") == 2 and text(part).count("Ledger of the specialised towns") == 1


def test_figures_are_counted_one_way(vinegar):
    part = vinegar["zh"]["series"]
    assert part.heading == "查到32个数字，最早2011年，最新2025年；另有目标和计划4个"
    assert "全部37条记录，新旧并列：32个数字、4个目标和计划、1条文字" in text(part)


def test_a_single_figure_is_called_one_and_has_no_median(city):
    brief = town.brief("town:T03", language="zh", city=city)
    assert brief["series"].heading == "只查到1个数字，未注年份，是目标"
    assert "只有1个镇，不计" in text(brief["way"]) and text(brief["way"]).count("62.2%") == 1
    assert "2026年11月22日" in text(brief["way"]) and "params/" not in text(brief["way"])


def test_a_noun_is_not_said_twice_and_a_text_is_a_sentence(vinegar):
    said = text(vinegar["zh"]["work"]).replace(" ", "")
    assert "省级食醋技术中心4个（" in said and "新增投资项目192个（" in said
    assert "电子商务服务平台为“五中心一基地一平台”（2024年）" in said


def test_every_bound_and_point_of_a_path_has_its_figure(vinegar):
    html = str(vinegar["zh"]["series"].html())
    assert '"text":"超过55万吨"' in html and html.count('"text":"70"') == 2
