"""Structure of industry: figures worked out by hand from the tables, and what may not be said."""

from __future__ import annotations

import csv
from statistics import mean, pstdev

import polars as pl
import pytest

from tests.made_city import CITY, FALLING, FLAT, PROJECT, RISING
from tylib.programme import structure
from tylib.store import load
from tylib.store.places import counties


def printed(name):
    with (PROJECT / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def figure(frame, **wanted):
    rows = frame.filter(*(pl.col(name) == value for name, value in wanted.items()))
    assert rows.height == 1, wanted
    return rows.row(0, named=True)


# The project's own tables.


def test_a_share_is_a_hundred_less_its_complement_where_only_that_is_printed(city):
    figures = structure.industry_figures(city)
    turned = figure(figures, indicator="traditional_share_above_scale_va", period="2022H1")
    assert turned["value"] == pytest.approx(54.6)  # 100 - 45.4
    assert turned["status"] == "derived"
    stated = figure(figures, indicator="traditional_share_above_scale_va", period="2023H1")
    assert (stated["value"], stated["status"]) == (57.8, "published")


def test_the_period_with_most_groups_is_drawn(city):
    figures = structure.industry_figures(city)
    shares = structure.fullest(figures.filter(pl.col("quantity") == "share"))
    assert sorted(shares.select("period", "value").rows()) == [
        ("2022H1", 15.0), ("2022H1", 21.8), ("2022H1", 27.1), ("2022H1", pytest.approx(54.6)),
    ]  # fmt: skip
    growth = structure.fullest(figures.filter(pl.col("quantity") == "growth"))
    assert set(growth["period"]) == {"2023H1"} and growth.height == 6


def test_what_lies_outside_a_faster_part_is_slower_than_the_whole(city):
    found = structure.remainder(structure.industry_figures(city))
    assert (found["period"], found["part"], found["whole"], found["side"]) == ("2023H1", 5.4, 1.2, "slower")


def test_every_code_in_the_groups_stands_in_its_table(city):
    table = load("industry_groups", city)
    for column, name, key in (("indicators", "indicators", "indicator"), ("sectors", "sectors", "sector"),
                              ("chains", "chains", "chain_id")):  # fmt: skip
        codes = table[column].drop_nulls().str.split(";").explode()
        assert codes.len() and set(codes) <= set(load(name, city)[key])
    named = {"钢铁", "焦化", "装备制造", "新一代电子信息制造", "现代煤化工", "新材料", "新能源", "人工智能",
             "第四代半导体", "碳基新材料"}  # fmt: skip
    assert named <= set(table.filter(pl.col("status") == "published")["name_zh"])


def test_one_line_compares_one_period_only(city):
    rows = structure.upgrading(city).filter(pl.col("indicator") == "rd_intensity_gdp")
    assert rows.select("role", "period", "value").rows() == [
        ("own", "2021", 2.24), ("province", "2021", 1.12), ("nation", "2021", None),  # the nation's 2.54 is of 2022
    ]  # fmt: skip
    smart = structure.upgrading(city).filter(pl.col("indicator") == "smart_factories_advanced")
    assert smart.select("role", "value").rows() == [("own", None), ("province", 76.0), ("nation", None)]


def test_the_aim_of_the_city_stands_before_that_of_the_nation(city):
    aims = structure.aims(city)
    assert figure(aims, indicator="high_tech_enterprises")["low"] == 4500
    assert figure(aims, indicator="key_process_numerical_control")["role"] == "nation"
    assert "360000" not in aims["place"].to_list()  # a province that is only there to compare


def test_the_distance_of_five_counties_is_a_floor_and_not_a_spread(city):
    row = figure(structure.balance(city), indicator="gdp")
    assert (row["period"], row["known"], row["total"]) == ("2020", 5, 10)
    assert row["ratio"] == pytest.approx(1063.68 / 60.57)
    assert (row["highest"], row["lowest"], row["variation"], row["theil"]) == ("140105", "140181", None, None)


def test_the_spread_of_all_counties_is_that_of_the_printed_figures(city):
    row = figure(structure.balance(city), indicator="resident_population")
    people = [
        float(r["value"]) for r in printed("published/facts_counties")
        if (r["indicator"], r["period"], r["scope"]) == ("resident_population", "2024", "")
        and r["place"] in counties(city)["place"].to_list()
    ]  # fmt: skip
    assert (row["known"], len(people)) == (10, 10)
    assert row["ratio"] == pytest.approx(max(people) / min(people))
    assert row["variation"] == pytest.approx(100 * pstdev(people) / mean(people))


def test_growth_is_told_apart_in_points_and_not_in_times(city):
    row = figure(structure.balance(city), indicator="gdp_growth_real")
    assert row["difference"] == pytest.approx(5.1 - 1.7)
    assert row["ratio"] is None


def test_a_share_of_the_city_is_of_the_same_period(city):
    shares = structure.county_shares(city, "gdp")
    assert shares.height == 10
    assert figure(shares, place="140105")["share"] == pytest.approx(100 * 1063.68 / 4153.25)
    bounded = figure(shares, place="140108")
    assert (bounded["high"], bounded["share"]) == (500, None)


def test_a_zone_is_never_turned_into_a_county(city):
    links = structure.division_of_labour(city)
    assert set(links["place"].drop_nulls()) <= set(counties(city)["place"])
    assert links.filter(pl.col("place").is_null() & pl.col("zone_id").is_null()).is_empty()
    assert not links.select("chain_id", "place", "zone_id").is_duplicated().any()


def test_a_chain_is_in_every_county_that_is_named_or_holds_a_firm_or_project_of_it(city):
    """By hand from the tables: the rule of the county briefs."""
    own = set(counties(city)["place"])
    told = {
        (row["chain_id"], row["place"])
        for name in ("chain_places", "enterprises", "projects")
        for row in printed(f"published/{name}")
        if row["chain_id"] and row["place"] in own
    }
    links = structure.division_of_labour(city).filter(pl.col("place").is_not_null())
    assert len(told) > 15 and told <= set(links.select("chain_id", "place").rows())
    assert ("C9", "140107") in told  # through a project alone


def test_what_ends_before_the_first_current_year_is_older(city):
    assert structure.is_older(city, "2017") and structure.is_older(city, "2012-2016") and structure.is_older(city, None)
    assert not structure.is_older(city, "2018M1-M4") and not structure.is_older(city, "2025M10")


def test_the_shares_of_the_newest_period_of_traditional_industry(city):
    figures = structure.industry_figures(city).filter(pl.col("quantity") == "share")
    assert sorted(structure.abreast(figures).select("period", "value").rows()) == [
        ("2023H1", 27.1), ("2023H1", 57.8), ("2023H1", 62.7),
    ]  # fmt: skip


def test_the_city_among_eleven(city):
    rows = structure.among_cities(city).filter(pl.col("indicator") == "rd_expenditure")
    own = figure(rows, place="140100")
    assert (own["rank"], own["of"], own["total"], own["period"]) == (1, 11, 11, "2021")
    assert own["province_share"] == pytest.approx(100 * 114.7 / 251.9)
    assert rows["province_share"].sum() == pytest.approx(100)  # the eleven make up the province
    assert structure.share_of_province(city, "gdp", period="2021") == pytest.approx(100 * 5121.6 / 22590.16)


def test_what_another_city_publishes_is_named(city):
    rows = structure.published_elsewhere(city)
    masters = figure(rows, indicator="provincial_chain_masters")
    assert (masters["place"], masters["period"], masters["value"]) == ("140700", "2025M10", 3)
    assert "gdp" not in rows["indicator"]  # the city has one, if of another year


# A made city.


def test_a_printed_share_is_not_overwritten_by_its_complement(made_city):
    figures = structure.industry_figures(made_city)
    turned = figure(figures, indicator="traditional_share_above_scale_va")
    assert (turned["value"], turned["status"]) == (55.0, "derived")
    path = made_city.data / "published" / "facts_city.csv"
    line = next(r for r in path.read_text(encoding="utf-8").splitlines() if "non_traditional_share" in r)
    stated = line.replace("non_traditional", "traditional").replace(line.split(",")[0], "MZ1").replace("45.0", "54.0")
    path.write_text(path.read_text(encoding="utf-8") + stated + "\n", encoding="utf-8")
    again = figure(structure.industry_figures(made_city), indicator="traditional_share_above_scale_va")
    assert (again["value"], again["status"]) == (54.0, "published")


def test_the_rest_of_a_slower_part_is_faster(made_city):
    assert structure.remainder(structure.industry_figures(made_city))["side"] == "faster"  # 4 in a whole of 6


def test_nothing_is_compared_across_years(made_city):
    rows = structure.upgrading(made_city)
    assert rows.select("role", "period", "value").rows() == [
        ("own", "2023", 1.8), ("province", "2023", None), ("nation", "2023", None),  # the province's is of 2022
    ]  # fmt: skip


def test_counties_without_a_figure_stay_in_the_grid(made_city):
    shares = structure.county_shares(made_city, "gdp")
    assert shares["place"].to_list() == [RISING, FALLING, FLAT]
    assert figure(shares, place=RISING)["share"] == pytest.approx(100 * 210.5 / 371.8)
    assert figure(shares, place=FLAT)["share"] is None


def test_a_city_alone_in_its_province_is_not_ranked(made_city):
    assert structure.among_cities(made_city).is_empty()
    assert structure.share_of_province(made_city, "gdp", period="2024") is None
    assert CITY not in structure.positions(made_city)["place"]
