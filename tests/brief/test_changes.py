"""An import changes in a brief what it should and nothing else; withdrawn, it gives the very bytes back."""

from __future__ import annotations

import re

import pytest

from tests.made_city import CITY, FALLING, FLAT, RISING
from tests.own_tables import csv_file, sheet
from tylib.brief import changes, county, coverage
from tylib.brief.context import Context
from tylib.store import imports

TODAY = "2031-04-02"


def brief(city, code, language="en"):
    return county.brief(f"county:{code}", language=language, city=city)


def part(city, unit, language="en"):
    html = str(changes.part(Context.of(unit, language=language, city=city)).html())
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def take(city, folder, name, *rows):
    path = csv_file(folder / f"{name}.csv", sheet(city, name, *rows))
    return imports.take(city, [path], taken_on=TODAY).taken[0]


def test_nothing_imported_nothing_said(made_city):
    for unit in (f"county:{RISING}", f"city:{CITY}", "town:T1", "chain:C1"):
        assert part(made_city, unit) == ""


def test_an_import_changes_what_it_should_and_a_withdrawal_restores_the_bytes(made_city, tmp_path):
    before = {
        (code, language): brief(made_city, code, language)
        for code in (RISING, FALLING, FLAT)
        for language in ("zh", "en")
    }
    bytes_before = {key: str(document.html()) for key, document in before.items()}
    take(made_city, tmp_path, "county_totals", {"place": RISING, "period": "2025", "retail_sales": 77})
    for (code, language), document in before.items():
        now = brief(made_city, code, language)
        changed = {name for name in now.parts if str(now[name].html()) != str(document[name].html())}
        # The figure stands in the table of the economy, is told, is cited: citations behind it move up by one.
        allowed = {"economy", "changes", "sources"} if code == RISING else set()
        cited = {name for name in changed - allowed if uncited(now[name]) == uncited(document[name])}
        assert changed - cited == allowed, (code, language)
    imports.withdraw(made_city, "I0001", withdrawn_on=TODAY)
    for (code, language), html in bytes_before.items():
        assert str(brief(made_city, code, language).html()) == html


def uncited(shown):
    """A part without the numbers of its citations and the legend of the marks that occur."""
    bare = re.sub(r'<a class="cite" href="#source-\d+">[^<]*</a>', "", str(shown.html()))
    return re.sub(r'<ul class="legend".*?</ul>', "", bare)


def test_old_stands_beside_new_with_marks_and_sources(made_city, tmp_path):
    take(
        made_city, tmp_path, "county_totals",
        {"place": RISING, "period": "2022", "gdp": 200}, {"place": RISING, "period": "2023", "gdp": 205},
    )  # fmt: skip
    html = str(changes.part(Context.of(f"county:{RISING}", language="en", city=made_city)).html())
    assert html.count('data-status="imported"') == 2 and html.count('class="cite"') >= 4
    told = part(made_city, f"county:{RISING}")
    assert told.startswith("Imported tables bring 2 figures")
    assert re.search(r"2022 18.04 billion yuan 20 billion yuan ▣ imported as before \[\d\] \[\d\]", told)
    assert re.search(r"2023 not published 20.5 billion yuan ▣ imported imported \[\d\] \[\d\]", told)
    assert "unless a choice is declared" in told
    assert part(made_city, f"county:{FALLING}") == ""


def test_a_choice_is_told_with_its_reason(made_city, tmp_path):
    take(made_city, tmp_path, "county_totals", {"place": RISING, "period": "2022", "gdp": 200})
    why = {"reason_zh": "盖章原表", "declared_on": "2031-01-05"}
    take(made_city, tmp_path, "choices", {"place": RISING, "indicator": "gdp", "winning_source_id": "I0001", **why})
    told = part(made_city, f"county:{RISING}", "zh")
    assert "理由：盖章原表（2031-01-05声明）" in told and "20.0" not in told
    assert re.search(r"200亿元 ▣ 导入 导入 \[\d\]", told)


def test_things_are_told_to_the_units_they_belong_to(made_city, tmp_path):
    take(
        made_city, tmp_path, "project_ledger",
        {"name_zh": "伞骨产业园", "category": "园区", "stage": "投产", "stage_date": "2030-11", "invested": 9},
        {"name_zh": "新厂", "category": "制造业", "stage": "在建", "stage_date": "2030-11", "place": "柳湾区"},
    )  # fmt: skip
    rising, falling = part(made_city, f"county:{RISING}", "zh"), part(made_city, f"county:{FALLING}", "zh")
    assert "伞骨产业园" in rising and "阶段由在建改为投产" in rising and "已完成投资由无改为9" in rising
    assert "新厂，新增" in falling and "伞骨" not in falling
    assert "伞骨产业园" in part(made_city, "chain:C1", "zh") and "新厂" not in part(made_city, "chain:C1", "zh")
    assert {"伞骨产业园", "新厂"} <= set(re.findall("伞骨产业园|新厂", part(made_city, f"city:{CITY}", "zh")))
    assert part(made_city, f"county:{FLAT}") == ""


def test_figures_of_a_specialised_town_are_told_to_it(made_city, tmp_path):
    from tylib.store import load, templates

    found = [field.name for field in templates.template("town_metrics", made_city).fields if field.indicator]
    if not found:
        pytest.skip("the made city has no metric of towns")
    take(made_city, tmp_path, "town_metrics", {"town_id": "T1", "period": "2029", found[0]: 5})
    assert load("town_metrics", made_city)["place"].null_count() == 0
    assert "5" in part(made_city, "town:T1")
    assert part(made_city, "chain:C1") == ""


def test_what_the_data_cover_is_shown_with_own_tables_too(made_city, tmp_path):
    take(made_city, tmp_path, "county_totals", {"place": RISING, "period": "2023", "gdp": 205})
    document = coverage.report(language="en", city=made_city)
    assert "I0001" not in str(document["tables"].html())
    assert all(shown.html() is not None for shown in document.parts.values())


def test_an_own_table_is_cited_as_one(made_city, tmp_path):
    take(made_city, tmp_path, "county_totals", {"place": RISING, "period": "2025", "gdp": 230})
    document = brief(made_city, RISING)
    entry = next(item for item in str(document["sources"].html()).split("<li") if "I0001" in item)
    assert "雾江市统计局. " in entry and "[DS]. (2030-12)" in entry and "user&#39;s own table I0001" in entry
    assert "href=" not in entry
    assert "23 billion yuan" in str(document["opening"].html()) + str(document["economy"].html())


def test_two_imports_of_one_figure_stand_side_by_side_and_the_later_is_used(made_city, tmp_path):
    """The dates are the same: the one taken in later goes before, in the table and in the county's economy."""
    for figure in (77, 66):
        take(made_city, tmp_path, "county_totals", {"place": RISING, "period": "2025", "retail_sales": figure})
    said = part(made_city, f"county:{RISING}")
    first, second = (said.index(cell) for cell in ("6.6", "7.7"))
    assert first < second
    assert said.count("another imported table") == 1 and "the one taken in later" in said
    assert "unless a choice is declared, the published one is used" not in said
