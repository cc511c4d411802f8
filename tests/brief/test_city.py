"""The city brief shows every action and every target, says what is not published, and never makes a zero of it."""

from __future__ import annotations

import re

import polars as pl
import pytest
from markupsafe import escape

from tests.made_city import CITY
from tests.programme.test_county import rewrite
from tylib.brief import charts, county, theme
from tylib.brief import city as package
from tylib.errors import ParameterError
from tylib.programme import actions as programme
from tylib.store import load, open_city

LANGUAGES = ("zh", "en")


@pytest.fixture(scope="module")
def briefs(city):
    return {language: package.brief(f"city:{city.place}", language=language, city=city) for language in LANGUAGES}


@pytest.fixture(scope="module")
def made(written_city):
    return package.brief(f"city:{CITY}", language="en", city=open_city(written_city))


def text(part) -> str:
    bare = re.sub(r"<script.*?</script>|<[^>]+>", " ", str(part.html()), flags=re.S)
    return " ".join(bare.split())


def rows(part, key: str) -> list[str]:
    """Rows of one table of a part as text."""
    table = re.search(rf'<table class="lookup" id="table-{key}">.*?</table>', str(part.html()), re.S)[0]
    return [
        " ".join(re.sub(r"<[^>]+>", " ", row).split())
        for row in re.findall(r"<tr>(.*?)</tr>", table, re.S)
        if "<td" in row
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_action_has_its_row_and_its_folded_detail(briefs, city, language):
    part = briefs[language]["actions"]
    names = programme.scorecard(city)[f"name_{language}"].to_list()
    found = rows(part, "actions")
    assert len(found) == len(names) == 8
    for number, (name, row) in enumerate(zip(names, found, strict=True), 1):
        assert row.startswith(f"{number} {name}")
        assert str(part.html()).count(f"<summary>{number} {name}") == 1


def test_the_state_that_was_reached_stands_in_the_row_of_its_action(briefs):
    third = rows(briefs["en"]["actions"], "actions")[2]
    assert "Municipal chain leaders: 22 firms (2024)" in third and "225 firms (2024)" in third


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_measure_is_shown_with_what_is_said_of_it(briefs, city, language):
    html = str(briefs[language]["actions"].html())
    table = programme.measures(city)
    for row in table.iter_rows(named=True):
        assert str(escape(row[f"measure_{language}"])) in html, row["measure_id"]
        assert row[f"note_{language}"] is None or str(escape(row[f"note_{language}"])) in html, row["measure_id"]
    assert table.height == 17


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_target_plan_and_rule_of_the_table_is_shown(briefs, city, language):
    """Whatever a row's place, domain or verdict: a reader finds its name somewhere in the brief."""
    table = load("targets", city).filter(pl.col("kind").cast(pl.String).is_in(["target", "plan", "rule"]))
    shown = "".join(
        rows(briefs[language]["targets"], f"targets-{reach}").__str__() for reach in ("own", "above", "comparator")
    )
    missing = [row["target_id"] for row in table.iter_rows(named=True) if row[f"name_{language}"] not in shown]
    assert table.height > 70 and missing == []
    counted = sum(
        len(rows(briefs[language]["targets"], f"targets-{reach}")) for reach in ("own", "above", "comparator")
    )
    assert counted >= table.height


def test_what_is_not_published_is_never_a_zero(briefs):
    (row,) = (
        row for row in rows(briefs["en"]["targets"], "targets-own") if row.startswith("Municipal specialised towns")
    )
    assert "not published" in row and "no verdict" in row
    assert not re.search(r"\b0 ?(%|towns)", row)
    assert not re.search(r"\b0 ?%", text(briefs["en"]["actions"])) and "达到0" not in text(briefs["zh"]["actions"])


def test_the_headline_counts_the_targets_of_the_plan(briefs):
    assert "results were found for none of their 4 numeric targets" in text(briefs["en"]["opening"])
    headline = re.search(r"<h1[^>]*>(.*?)</h1>", str(briefs["zh"]["opening"].html()))[1]
    assert len(re.sub(r"<[^>]+>", "", headline)) <= 30


def test_what_the_work_covers_is_shown_as_such_and_counted_nowhere(briefs):
    second = rows(briefs["zh"]["actions"], "actions")[1]
    assert "工作范围：重点产业链数（9条）" in second and "4个目标：未查到结果4个" in second
    drawn = rows(briefs["zh"]["targets"], "targets-drawn")
    assert not [row for row in drawn if "1233" in row]
    (listed,) = (row for row in rows(briefs["zh"]["targets"], "targets-own") if "链长制" in row)
    assert "工作范围，不作目标" in listed and "不是要达到的数" in listed


def test_the_plan_is_named_first_and_what_we_file_ourselves_is_marked(briefs, city):
    standfirst = text(briefs["zh"]["opening"])
    plan = programme.plan(city)
    assert plan["name_zh"] in standfirst and "2项在发布会上展开，6项只列名称；其中2项另有内容可以对应◇" in standfirst
    assert "2024年5月17日" in text(briefs["zh"]["actions"]) and "百亿级企业" in text(briefs["zh"]["actions"])
    third, fourth, fifth = rows(briefs["zh"]["actions"], "actions")[2:5]
    assert "只列名称；另有2项已有进展 ◇" in third and "另有1条措施 ◇" in fourth and "另有" not in fifth
    assert str(briefs["zh"]["actions"].html()).count("由我们归入") == 3


def test_an_old_figure_printed_again_is_no_result(briefs):
    (row,) = (row for row in rows(briefs["zh"]["targets"], "targets-own") if row.startswith("醋产业全产业链产值"))
    assert "2025年仍印超过65亿元，与2021年相同，不作实绩" in row and "差" not in row and "须增" not in row
    assert not [drawn for drawn in rows(briefs["zh"]["targets"], "targets-drawn") if drawn.startswith("醋产业")]


def test_growth_is_said_with_its_span(briefs):
    drawn = " ".join(rows(briefs["zh"]["targets"], "targets-drawn"))
    assert "2021—2026年年均须增15.1%" in drawn and "2026年须比2025年增长25%" in drawn and "此后每年" not in drawn
    html = str(briefs["zh"]["targets"].html())
    spec = re.search(r'class="vega-spec">(.*?)</script>', html, re.S)[1]
    assert (
        "高新技术企业（2026年◇）" in html and "2026年◇" in spec and "推迟至2027年" not in spec and "2027年◇" not in spec
    )


def test_key_numbers_say_what_cannot_be_compared_and_what_is_to_be_verified(briefs):
    said = text(briefs["zh"]["key_numbers"])
    assert "2,275 亿元" in said and "186户（2024年）" in said and "225户（2024年5月）" in said
    assert "低于此前公布的2022年数5,571亿元" in said and said.count("来源待核") == 1  # of output in 2022


def test_what_is_only_context_stays_folded_in_print(briefs):
    html = str(briefs["zh"]["targets"].html())
    folded = re.findall(r'<details class="data-table stays-shut"><summary>(.*?)</summary>', html)
    assert len(folded) == 2 and all("打印时不展开" in summary for summary in folded)
    assert html.count('download="targets-above.csv"') == html.count('download="targets-comparator.csv"') == 1


def test_output_and_gdp_of_a_trillion_are_two_targets(briefs):
    found = rows(briefs["en"]["targets"], "targets-own")
    output = next(row for row in found if row.startswith("Industrial output towards one trillion"))
    gdp = next(row for row in found if row.startswith("GDP of one trillion"))
    assert "519.73" in output and "at most 480.27 billion yuan short" in output and "at most 17.8%" in output
    assert "541.887" in gdp and "458.113 billion yuan short" in gdp and "22.7% a year on average, 2024–2027" in gdp


def test_a_year_that_we_read_carries_its_mark(briefs):
    html = str(briefs["en"]["targets"].html())
    cell = re.search(r"<td>at least 4,500 firms.*?</td>", html, re.S)[0]
    assert "2022–2026" in cell and 'data-status="assumed"' in cell


def test_why_two_figures_are_not_differenced_stands_beside_them(briefs):
    found = rows(briefs["en"]["targets"], "targets-own")
    signed = next(row for row in found if row.startswith("Planned investment of signed"))
    assert "January to September 2023" in signed and "another period; not differenced" in signed
    per_head = next(row for row in found if row.startswith("GDP per capita"))
    assert "another unit; not differenced" in per_head


def test_the_matrix_draws_what_its_table_says(briefs, city):
    html = str(briefs["en"]["matrix"].html())
    count = programme.matrix(city).filter((pl.col("county") == "140121") & (pl.col("action_id") == "A2"))
    assert "P4\\nT1\\nC4\\nZ2" in html  # projects, town, chains, zones
    assert count["count"].to_list() == [4, 1, 4, 2]
    row = next(row for row in rows(briefs["en"]["matrix"], "matrix") if row.startswith("Qingxu County"))
    assert "4 projects, 1 specialised town, 4 chains, 2 zones or parks" in row


def test_the_next_plan_says_what_was_looked_for_and_what_would_fill_it(briefs):
    said = text(briefs["zh"]["unknown"])
    assert not briefs["zh"]["next_plan"].blocks and said.startswith("还缺什么、找谁要")
    assert (
        "2026-11-23" in said and "“十五五”规划制造业目标" in said and "发展和改革委员会" in said and "模板" not in said
    )
    assert "“十五五”规划目标、“十五五”规划措施" in text(briefs["zh"]["method"])


def test_unknown_things_stand_under_the_table_that_would_fill_them(briefs, city):
    said = text(briefs["en"]["unknown"])
    looked = load("not_found", city).filter(pl.col("place") == city.place)
    for row in looked.filter(pl.col("indicator").is_null()).iter_rows(named=True):
        assert row["item_en"] in said
    assert "Ledger of the specialised towns" in said and "21" not in said.split("kinds of figures")[0]


# The made city.


def test_a_city_with_another_plan_has_a_brief(made):
    # 371.8 of 400; births unknown.
    assert "1 of 2 numeric targets missed, no result found for 1" in text(made["opening"])
    assert rows(made["actions"], "actions")[1].startswith("2 Buttons only named")
    assert "Button works" in text(made["actions"])


def test_an_imported_plan_fills_its_section(made_city):
    rewrite(made_city, "targets", {"G3": {"plan": programme.NEXT, "domain": "fifteenth_five_year_plan"}}, "target_id")
    rewrite(made_city, "actions", {"B2-1": {"plan": programme.NEXT}}, "measure_id")
    brief = package.brief(f"city:{CITY}", language="en", city=made_city)
    said = text(brief["next_plan"])
    assert "targets 1, measures 1" in said and "New button works" in said and "Buttons: Named only" in said
    assert "New button works" not in text(brief["targets"])


def test_without_any_action_the_headline_is_the_size_of_the_economy(made_city):
    for name in ("actions", "action_links", "targets"):
        path = next((made_city.data).rglob(f"{name}.csv"))
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    package_file = made_city.data / "datapackage.json"
    listed = package_file.read_text(encoding="utf-8")
    package_file.write_text(
        re.sub(r'("name": "(?:actions|action_links|targets)",)', r'\1 "minimumRows": 0,', listed), encoding="utf-8"
    )
    brief = package.brief(f"city:{CITY}", language="en", city=made_city)
    assert "GDP of Wujiang in 2024 is 37.2 billion yuan" in text(brief["opening"])
    assert not brief["actions"].blocks and not brief["matrix"].blocks and not brief["targets"].blocks


# The chart of cells.

CELLS = pl.DataFrame(
    {"row": ["a", "a", "b"], "column": ["1", "2", "1"], "text": ["P1\nT2", "", "Z3"], "level": [2, 0, 1]}
)


def test_a_grid_of_cells_draws_each_cell_and_the_words_in_it():
    spec = theme.spec(charts.cells(CELLS, description="d"))
    values = [layer["data"]["values"] for layer in spec["layer"]]
    assert len(values[0]) == 4  # a cell that the frame leaves out is drawn empty
    assert [row["text"] for row in values[3]] == ["P1\nT2", "Z3"]
    assert "fill" not in values[0][1] and "hatch" not in values[0][1]  # drawn empty


def test_a_level_that_is_none_is_refused():
    with pytest.raises(ParameterError, match="level"):
        charts.cells(CELLS.with_columns(level=6), description="d")


def test_a_county_sees_its_row_of_the_matrix(city):
    found = rows(county.brief("county:140123", language="en", city=city)["actions"], "actions")
    assert [row[0] for row in found] == ["1", "2", "7"]  # its chain; its wind-power and storage projects
    assert "6 projects; 1 chain (New energy)" in found[2]
