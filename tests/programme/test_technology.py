"""Technology: published figures beside aims, matches worked out by hand, what supports a chain."""

from __future__ import annotations

import polars as pl
import pytest

from tylib.programme import technology
from tylib.store.params import judgements

# The project's own tables.


def row(frame, indicator):
    return frame.filter(pl.col("indicator") == indicator).row(0, named=True)


def test_figures_stand_beside_the_same_period_of_the_province_and_the_aim_of_the_city(city):
    rows = technology.innovation(city)
    assert rows["indicator"].to_list()[:2] == ["rd_expenditure", "rd_intensity_gdp"]
    spent = row(rows, "rd_expenditure")
    assert (spent["period"], spent["value"], spent["province_value"]) == ("2021", 114.7, 251.9)
    firms = row(rows, "high_tech_enterprises")
    assert (firms["value"], firms["aim_low"], firms["aim_period"]) == (2150, 4500, "2022-2026")
    assert row(rows, "rd_intensity_gdp")["aim_value_zh"] == "高于全国平均水平"
    assert row(rows, "new_type_rd_institutions")["value"] is None  # an aim, and no figure


def test_what_turned_up_elsewhere_is_not_called_missing(city):
    missing = technology.not_published(city)
    assert missing["name_zh"].str.contains("小巨人").any()
    assert not missing["name_zh"].str.contains("研究与试验发展").any()  # 2.24 per cent in 2021


def test_who_took_on_an_open_bid_project(city):
    assert technology.open_bid_firms(city)["firm_id"].to_list() == ["E03", "E14", "E16", "E17", "E18"]


def test_platforms_stand_among_zones_and_projects(city):
    assert technology.platforms(city)["name_zh"].to_list() == ["太原科创驱动中心", "晋创谷·太原"]  # J41 and Z13


def test_nothing_supports_a_chain_until_it_was_taken_in(city):
    rows = technology.support(city)
    assert rows.height == 9 * 6 and rows["entries"].sum() == 0
    assert technology.stages(city).is_empty() and technology.matches(city, judgements(city)).is_empty()


# A made city: the need speaks of four pairs of characters, its results of three, six and four.


def test_a_score_is_what_its_parts_add_up_to(made_city):
    found = technology.matches(made_city, judgements(made_city))
    assert found.select("need_id", "result_id", "same_chain", "same_field").rows() == [
        ("N1", "U2", True, True), ("N1", "U3", True, False),
    ]  # fmt: skip
    best, next_best = found.iter_rows(named=True)
    assert best["overlap"] == pytest.approx(2 * 4 / (4 + 6))
    assert best["score"] == pytest.approx(0.2 + 0.2 + 0.6 * 0.8)
    assert next_best["overlap"] == pytest.approx(2 * 3 / (4 + 4))  # 伞骨, 轻量, 量化
    assert next_best["score"] == pytest.approx(0.2 + 0.6 * 0.75)


def test_the_same_field_alone_is_no_match(made_city):
    found = technology.matches(made_city, judgements(made_city))
    assert "U1" not in found["result_id"]  # 0.2, below 0.25
    eased = judgements(made_city).match_least.model_copy(update={"value": 0.2})
    lax = judgements(made_city).model_copy(update={"match_least": eased})
    assert technology.matches(made_city, lax)["result_id"].to_list() == ["U2", "U3", "U1"]


def test_the_order_does_not_depend_on_that_of_the_rows(made_city):
    first = technology.matches(made_city, judgements(made_city))
    path = made_city.data / "published" / "technology_results.csv"
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([head, *reversed(lines)]) + "\n", encoding="utf-8")
    assert technology.matches(made_city, judgements(made_city)).equals(first)


def test_pairs_do_not_reach_over_a_gap_and_case_does_not_count(made_city):
    path = made_city.data / "published" / "technology_results.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("伞骨轻量化材料", "伞骨，轻量化 材料"), encoding="utf-8")
    best = technology.matches(made_city, judgements(made_city)).row(0, named=True)
    assert best["overlap"] == pytest.approx(2 * 3 / (4 + 4))  # 骨轻 and 化材 are no pairs any more


def test_each_stage_is_counted(made_city):
    assert technology.stages(made_city).rows() == [("needs", "gathered", 1), ("results", "published", 3)]


def test_a_stated_absence_supports_nothing(made_city):
    rows = technology.support(made_city)
    assert dict(rows.select(pl.col("item").cast(pl.String), "entries").iter_rows()) == {
        "fund": 1, "policy": 0, "land": 0, "energy": 0, "environment": 0, "people": 1,
    }  # fmt: skip
