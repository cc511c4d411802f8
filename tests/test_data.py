"""Identities of the tables as they are published. Those that hold for any city are asked of the made one too."""

from __future__ import annotations

import csv
import re

import polars as pl
import pytest

from tylib.indicators.comparison import ratio, share
from tylib.indicators.growth import compound_growth
from tylib.store import check, facts, load, open_city, preferred
from tylib.store.city import package
from tylib.store.places import counties, total

HAN = r"[\u3400-\u9fff\uf900-\ufaff]"
ORDER = ("nation", "province", "prefecture", "county", "township")


@pytest.fixture(scope="module", params=["own", "made"])
def any_city(request, city, written_city):
    return city if request.param == "own" else open_city(written_city)


def resources(any_city):
    return package(any_city)["resources"]


def values(any_city, indicator, period, *, scope=""):
    """One preferred figure a place: ``place, value`` and what tells figures apart."""
    rows = facts(any_city).filter(
        (pl.col("indicator") == indicator) & (pl.col("period") == period) & (pl.col("scope") == scope)
        & (pl.col("sector") == "") & (pl.col("kind") == "actual") & pl.col("value").is_not_null()
    )  # fmt: skip
    return preferred(rows)


# Any city.


def test_every_table_keeps_its_contract(any_city):
    """Corrections too: one whose expectation no longer holds is an offence."""
    assert [str(offence) for report in check(any_city) for offence in report.offences] == []


def test_every_fact_has_a_source_and_every_figure_a_status(any_city):
    rows = facts(any_city)
    known = load("sources", any_city)["source_id"].to_list()
    assert rows.filter(~pl.col("source_id").is_in(known) | pl.col("source_id").is_null())["fact_id"].to_list() == []
    figures = rows.filter(pl.any_horizontal(pl.col("value", "low", "high").is_not_null()))
    assert figures.filter(pl.col("status").is_null())["fact_id"].to_list() == []
    assert rows.filter(pl.all_horizontal(pl.col("value", "low", "high", "absent").is_null())).is_empty()


def test_a_derived_or_estimated_figure_does_not_pass_for_a_published_one(any_city):
    rows = facts(any_city)
    ours = rows.filter((pl.col("tier") == "own") & pl.col("absent").is_null())
    assert ours.filter(pl.col("status") == "published")["fact_id"].to_list() == []


def test_a_value_lies_within_the_bounds_that_are_published_beside_it(any_city):
    key = ["place", "indicator", "sector", "period", "scope", "kind"]
    rows = facts(any_city)
    ends = rows.filter(pl.col("value").is_null() & pl.col("absent").is_null()).select(*key, "low", "high")
    beside = rows.filter(pl.col("value").is_not_null()).select(*key, "value", "fact_id").join(ends, on=key)
    assert beside.filter((pl.col("value") < pl.col("low")) | (pl.col("value") > pl.col("high"))).is_empty()


@pytest.mark.parametrize("indicator", ["resident_population", "census_population", "births", "deaths"])
def test_counties_add_up_to_the_city(any_city, indicator):
    """Counties only: a zone has no residents of its own beside those of its hosts."""
    codes = counties(any_city)["place"].to_list()
    wholes = facts(any_city).filter((pl.col("indicator") == indicator) & (pl.col("place") == any_city.place))
    compared = 0
    for period in wholes["period"].drop_nulls().unique().sort():
        every = values(any_city, indicator, period)
        parts = every.filter(pl.col("place").is_in(codes)).select("place", "value", "period", "unit")
        summed = total(parts, whole=any_city.place, city=any_city)
        if summed is not None:
            assert summed == every.filter(pl.col("place") == any_city.place)["value"].item(), period
            compared += 1
    assert compared or wholes.is_empty()


def test_urban_and_rural_residents_are_all_residents(any_city):
    actual = (pl.col("kind") == "actual") & (pl.col("scope") == "") & pl.col("value").is_not_null()
    rows = facts(any_city).filter(actual)
    wanted = ["urban_population", "rural_population", "resident_population", "urbanisation_rate"]
    wide = (
        preferred(rows.filter(pl.col("indicator").is_in(wanted)))
        .pivot("indicator", index=["place", "period"], values="value")
        .with_columns(pl.lit(None, pl.Float64).alias(n) for n in wanted if n not in rows["indicator"].unique())
        .drop_nulls(wanted)
    )
    both = pl.col("urban_population") + pl.col("rural_population")
    assert wide.filter(both != pl.col("resident_population")).is_empty()
    rate = 100 * pl.col("urban_population") / pl.col("resident_population")
    assert wide.filter((pl.col("urbanisation_rate") - rate).abs() > 0.006).is_empty()


def test_shares_of_three_industries_make_a_hundred(any_city):
    wanted = [f"{name}_share_gdp" for name in ("primary", "secondary", "tertiary")]
    rows = preferred(facts(any_city).filter(pl.col("indicator").is_in(wanted) & pl.col("value").is_not_null()))
    whole = rows.group_by("place", "period", "scope").agg(pl.len(), pl.col("value").sum()).filter(pl.col("len") == 3)
    assert whole.filter((pl.col("value") - 100).abs() > 0.15).is_empty()


def test_every_indicator_and_unit_that_is_used_is_described_in_every_language(any_city):
    indicators, units = load("indicators", any_city), load("units", any_city)
    used = set().union(*(
        load(r["name"], any_city)[column].cast(pl.String).drop_nulls().to_list()
        for r in resources(any_city)
        for column in (f["name"] for f in r["schema"]["fields"]) if column == "indicator" and r["name"] != "indicators"
    ))  # fmt: skip
    assert used <= set(indicators["indicator"])
    for table in (indicators, units):
        assert table.select("title_zh", "title_en").null_count().row(0) == (0, 0)
    asked = load("request_tables", any_city)["indicators"].str.split(";").explode()
    assert set(asked) - set(indicators["indicator"]) == set()


def test_every_gap_of_a_county_can_be_asked_for_somewhere(any_city):
    mine = pl.col("place").is_in(counties(any_city)["place"].implode())
    gaps = facts(any_city).filter(mine & (pl.col("absent") == "not_published"))
    tables = load("request_tables", any_city).filter(pl.col("level").cast(pl.String) == "county")
    asked = tables["indicators"].str.split(";").explode()
    assert set(gaps["indicator"]) - set(asked) == set()


def test_english_columns_are_english_and_no_language_is_left_alone(any_city):
    for resource in resources(any_city):
        table, name = load(resource["name"], any_city), resource["name"]
        for english in (c for c in table.columns if c.endswith("_en") and table.schema[c] == pl.String):
            assert table.filter(pl.col(english).str.contains(HAN))[english].to_list() == [], (name, english)
            chinese = english.removesuffix("_en") + "_zh"
            assert chinese in table.columns, (name, english)
            alone = table.filter(pl.col(english).is_null() != pl.col(chinese).is_null())
            assert alone.is_empty(), (name, english)


def test_every_column_and_table_has_a_title_in_every_language(any_city):
    for resource in resources(any_city):
        titled = [resource, *resource["schema"]["fields"]]
        assert [entry["name"] for entry in titled if set(entry.get("titles", {})) != {"zh", "en"}] == []
        english = " ".join(entry["titles"]["en"] for entry in titled)
        assert not re.search(HAN, english), resource["name"]


def test_only_web_addresses_are_linked(any_city):
    links = load("sources", any_city)["url"].drop_nulls()
    assert links.str.contains(r"^https?://[^\s/]+\.[^\s]+$").all()
    assert load("sources", any_city)["title"].drop_nulls().str.contains(r"[\x00-\x1f]").any() is False


def test_a_place_lies_in_a_larger_one(any_city):
    places = load("places", any_city)
    levels = dict(places.select("place", pl.col("level").cast(pl.String)).iter_rows())
    parents = dict(places.select("place", "parent").iter_rows())
    for code, parent in parents.items():
        if parent is None:
            assert levels[code] == "nation"
        elif levels[code] in ORDER and levels[parent] in ORDER:
            assert ORDER.index(levels[parent]) < ORDER.index(levels[code]), code
    assert [c for c, p in parents.items() if levels[c] == "county" and levels[p] != "prefecture"] == []


def test_a_township_bears_the_code_of_what_it_lies_in(any_city):
    below = load("places", any_city).filter(pl.col("level") == "township")
    assert below.height
    assert below.filter(~pl.col("place").str.starts_with(pl.col("parent"))).is_empty()
    mine = counties(any_city)
    assert mine.filter(pl.col("place").str.slice(0, 4) != any_city.place[:4]).is_empty()


def test_every_county_has_a_tile_of_its_own(any_city):
    tiles = load("tiles", any_city)
    assert set(tiles["place"]) == set(counties(any_city)["place"])
    assert tiles.select(pl.struct("row", "col").is_unique().all()).item()


def test_a_project_inside_another_is_no_larger_and_no_circle_is_closed(any_city):
    parents = dict(load("project_nesting", any_city).select("project_id", "parent_project_id").iter_rows())
    amounts = dict(load("projects", any_city).select("project_id", "value").iter_rows())
    for project, parent in parents.items():
        assert amounts[project] is None or amounts[parent] is None or amounts[project] <= amounts[parent], project
        seen = [project]
        while (seen[-1] in parents) and len(seen) <= len(parents):
            seen.append(parents[seen[-1]])
        assert len(seen) == len(set(seen)), seen


def test_what_lies_in_a_place_says_how_we_know(any_city):
    for name in ("enterprises", "projects", "towns"):
        table = load(name, any_city)
        assert table.filter(pl.col("place").is_not_null() & pl.col("place_status").is_null()).is_empty(), name


def test_files_are_sorted_by_key_and_plain(any_city):
    for resource in resources(any_city):
        content = (any_city.data / resource["path"]).read_bytes()
        assert b"\r" not in content and content.endswith(b"\n") and not content.startswith(b"\xef\xbb\xbf")
        key = resource["schema"]["primaryKey"]
        table = load(resource["name"], any_city)
        assert table.select(key).equals(table.sort(key).select(key)), resource["name"]


# The project's own city.


def raw(city, name):
    """Cells of a table as they stand in its file."""
    (path,) = (r["path"] for r in resources(city) if r["name"] == name)
    with (city.data / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_correction_gives_a_reason_and_changes_something(city):
    for row in load("corrections", city).iter_rows(named=True):
        (key,) = next(r for r in resources(city) if r["name"] == row["table"])["schema"]["primaryKey"]
        stood = [r for r in raw(city, row["table"]) if r[key] == row["key"]]
        table = load(row["table"], city)
        stands = table.filter(pl.col(key) == row["key"])[row["column"]].cast(pl.String).to_list()
        assert len(stood) == 1, row["correction_id"]
        assert stands == [] if row["action"] == "drop" else stands != [stood[0][row["column"]]]
        assert len(row["reason"]) > 20


def printed_alike(found, derived):
    """Whether a recomputed figure is the printed one, to the decimals that are printed."""
    joined = derived.join(found.select("place", again="value"), on="place", how="left")
    decimals = joined["value_text"].str.split(".").list.get(1, null_on_oob=True).str.len_chars().fill_null(0)
    near = (joined["value"] - joined["again"]).abs() <= 0.5 * (10.0 ** (-decimals.cast(pl.Float64))) + 1e-9
    assert joined.filter(~near.fill_null(False)).is_empty()
    assert joined.height
    return joined.height


def derived_facts(city, indicator, period):
    return load("facts_derived", city).filter((pl.col("indicator") == indicator) & (pl.col("period") == period))


def test_derived_figures_are_what_the_formulas_give(city):
    """Each recomputed from what is published, with the functions that a brief uses."""
    checked = 0
    census = facts(city).filter(pl.col("indicator") == "census_population")
    growth = compound_growth(census, start=2010, end=2020)
    checked += printed_alike(growth, derived_facts(city, "population_cagr", "2010-2020"))

    people = values(city, "census_population", "2020")
    density = ratio(people, values(city, "land_area", "2005"))
    checked += printed_alike(density, derived_facts(city, "population_density", "2020"))

    for indicator, period in (("census_population", "2020"), ("resident_population", "2024")):
        every = values(city, indicator, period)
        shares = share(every, every.filter(pl.col("place") == city.place))
        checked += printed_alike(shares, derived_facts(city, "population_share_of_city", period))

    for period in ("2022", "2023"):
        per_head = ratio(values(city, "gdp", period), values(city, "resident_population", period), scale=1e8)
        checked += printed_alike(per_head, derived_facts(city, "gdp_per_capita", period))

    back = values(city, "gdp", "2023").join(values(city, "gdp_growth_real", "2023"), on="place")
    real = back.select("place", value=pl.col("value") / (1 + pl.col("value_right") / 100))
    checked += printed_alike(real, derived_facts(city, "gdp", "2022"))
    assert checked == load("facts_derived", city).height


def test_the_input_output_table_balances(city):
    """Rows: uses are output. Columns: inputs and value added are output. To what rounding to three decimals leaves."""
    table = load("input_output_2020", city)
    uses = [column for column in table.columns if column.startswith("use_")]
    assert [column.removeprefix("use_") for column in uses] == table["io_sector"].to_list()
    rows = table.select(pl.sum_horizontal(uses) + pl.col("total_final_use") - pl.col("gross_output"))
    assert rows.to_series().abs().max() < 0.01
    inputs = pl.Series([table[column].sum() for column in uses])
    columns = inputs + table["imported_inputs"] + table["value_added"] - table["gross_output"]
    assert columns.abs().max() < 0.01
    parts = ("compensation_of_employees", "net_taxes_on_production", "depreciation", "operating_surplus")
    assert (table.select(pl.sum_horizontal(parts)).to_series() - table["value_added"]).abs().max() < 0.01


def test_the_city_is_the_one_we_know(city):
    """Ten county-level units, and their residents of 2024 as the city's bulletin prints them."""
    assert counties(city).height == 10
    residents = values(city, "resident_population", "2024")
    assert residents.filter(pl.col("place") == city.place)["value"].item() == 5_514_668
