"""Townships: what stands in one by its code or its full name, and nothing else."""

from __future__ import annotations

import polars as pl

from tests.made_city import RISING
from tests.programme.test_county import rewrite
from tylib.programme import townships
from tylib.store import units

HUANGZHAI, XIAOHE, NAMED, UNNAMED = "140122100", "140171404", "980102100", "980102001"


def placed(city, code) -> list[tuple]:
    return townships.here(city, code).select("kind", "code", "by", pl.col("link_status").cast(pl.String)).rows()


def test_a_full_name_in_the_place_of_a_thing_places_it(city):
    # J12, E14 and S021 say 黄寨镇; nothing else in the county does.
    assert placed(city, HUANGZHAI) == [
        ("project", "J12", "name", "published"),
        ("firm", "E14", "name", "published"),
        ("segment", "S021", "name", "published"),
    ]


def test_a_zone_with_a_code_in_the_register_brings_what_is_in_it(city):
    codes = townships.here(city, XIAOHE)["code"].to_list()
    assert codes == ["Z05", "J01", "J14", "J16", "E04", "E06", "E09", "S005", "S010", "S011", "S012", "S030"]
    # That zone and unit of the register are one follows from the code: no source says it.
    assert {status for _, _, _, status in placed(city, XIAOHE)} == {"derived"}


def test_most_units_have_nothing_placed_in_them(city):
    found = {code: townships.here(city, code).height for code in units.rows("township", city)["place"]}
    assert len(found) == 108
    assert {code for code, count in found.items() if count} == {
        "140108400", "140122100", "140171401", "140171403", "140171404",
    }  # fmt: skip


def test_a_name_counts_only_in_its_own_county(made_city):
    assert ("firm", "E1", "name", "published") in placed(made_city, NAMED)
    rewrite(made_city, "enterprises", {"E1": {"place": "980103"}}, "firm_id")
    assert "E1" not in [code for _, code, _, _ in placed(made_city, NAMED)]


def test_a_part_of_a_project_is_shown_with_its_whole(made_city):
    rewrite(made_city, "projects", {code: {"place_text_zh": "石桥镇"} for code in ("J1", "J2")}, "project_id")
    rows = townships.here(made_city, NAMED).filter(pl.col("kind") == "project")
    assert rows.select("code", "parent").rows() == [("J1", None), ("J2", "J1")]


def test_figures_are_only_those_of_the_unit(made_city):
    assert townships.figures(made_city, UNNAMED).is_empty()
    rewrite(made_city, "facts_counties", {"MC001": {"place": UNNAMED, "status": "imported"}}, "fact_id")
    assert townships.figures(made_city, UNNAMED)["fact_id"].to_list() == ["MC001"]
    assert "MC001" not in townships.figures(made_city, RISING)["fact_id"].to_list()


def test_a_table_is_asked_for_until_its_figures_are_there(city):
    tables = townships.tables(city, HUANGZHAI)
    assert tables["level"].cast(pl.String).unique().to_list() == ["township"]
    assert "census_population" in tables["indicators"].explode().to_list()
