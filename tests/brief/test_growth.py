"""What drove growth is told from figures that belong together, said in every case, and filled once a table has it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.made_city import PROJECT
from tests.own_tables import csv_file, sheet
from tylib.brief import charts, growth
from tylib.brief.coverage import city_context
from tylib.brief.growth import economy, industry, levels, people, sectors
from tylib.errors import ParameterError
from tylib.store import City, facts, imports, open_city, places
from tylib.store.words import languages

EMPTY = {"place": "a", "indicator": "gdp", "sector": "", "period": "2024", "kind": "actual", "scope": "",
         "status": "published", "unit": "100M CNY", "source_id": "s", "tier": "B"}  # fmt: skip
BRANCHES = ("S08", "S15", "B1")
OPEN = ("rates", "sectors", "counties", "energy", "cities")


@pytest.fixture
def table(city):
    """Rows of facts, one for each dictionary; what it leaves out is as usual."""
    schema = facts(city).schema

    def made(*rows: dict) -> pl.DataFrame:
        full = [{**dict.fromkeys(schema), **EMPTY, "fact_id": f"f{n}", **row} for n, row in enumerate(rows)]
        years = [int(row["period"]) if re.fullmatch(r"\d{4}", row["period"] or "") else None for row in full]
        return pl.DataFrame([row | {"year": year} for row, year in zip(full, years, strict=True)], schema=schema)

    return made


def three(place: str = "a", period: str = "2024", source: str = "s", **changed: float | None) -> list[dict]:
    """Levels and rates of the three sectors, one source."""
    values = {"primary_va": 10.0, "secondary_va": 100.0, "tertiary_va": 100.0,
              "primary_va_growth": 0.0, "secondary_va_growth": 25.0, "tertiary_va_growth": -20.0} | changed  # fmt: skip
    return [
        {"place": place, "period": period, "source_id": source, "indicator": name, "value": value}
        for name, value in values.items()
    ]


def test_points_follow_from_one_source_and_its_rates(table):
    found = economy.contributed(table(*three()))
    # Before, at prices of the end: 10, 80 and 125.
    assert found["value"].to_list() == pytest.approx([0, 100 * 20 / 215, -100 * 25 / 215])
    assert found["sum"].to_list() == pytest.approx([-500 / 215] * 3)
    assert found["whole"].null_count() == 3 and found["status"].unique().to_list() == ["derived"]


def test_sources_scopes_and_periods_are_never_mixed(table):
    # The rate of the service sector stands in another source, in another scope, for another period.
    for other in ({"source_id": "t"}, {"scope": "company"}, {"period": "2024H1"}, {"kind": "expected"}):
        rows = three()
        rows[-1] |= other
        assert economy.contributed(table(*rows)).is_empty(), other


def test_what_a_source_prints_itself_goes_first(table):
    printed = [
        {"indicator": f"{name}_contribution_to_growth", "value": share, "source_id": "t"}
        for name, share in (("primary", 0.0), ("secondary", 40.0), ("tertiary", 60.0))
    ]
    whole = {"indicator": "gdp_growth_real", "value": 5.0, "source_id": "t"}
    found = economy.contributed(table(*three(), *printed, whole))
    assert found["source_id"].unique().to_list() == ["t"]
    assert found["value"].to_list() == pytest.approx([0, 2, 3])


def test_levels_of_two_sources_are_not_subtracted(table):
    def level(year: int, value: float, **more: str) -> dict:
        return {"indicator": "revenue", "sector": "x", "period": str(year), "value": value} | more

    apart = table(level(2020, 1.0), level(2022, 2.0, source_id="t"))
    assert levels.of_one_source(apart, "revenue", by=["place", "sector"]).is_empty()
    scopes = table(level(2020, 1.0), level(2022, 2.0, scope="company"))
    assert levels.of_one_source(scopes, "revenue", by=["place", "sector"]).is_empty()
    half = table(level(2020, 1.0), level(2022, 2.0, period="2022H1"))
    assert levels.of_one_source(half, "revenue", by=["place", "sector"]).is_empty()
    more = table(
        level(2020, 1.0), level(2022, 2.0), level(2020, 5.0, sector="y"),
        level(2021, 1.0, source_id="t"), level(2022, 2.0, source_id="t"),
        level(2021, 3.0, source_id="t", sector="y"), level(2022, 4.0, source_id="t", sector="y"),
    )  # fmt: skip
    found = levels.of_one_source(more, "revenue", by=["place", "sector"])
    assert found["source_id"].unique().to_list() == ["t"] and levels.span(found) == (2021, 2022) and found.height == 4
    given = levels.of_one_source(more, "revenue", by=["place", "sector"], years=(2020, 2022))
    assert given["source_id"].unique().to_list() == ["s"] and given.height == 2


def test_output_a_head_needs_both_counts_from_one_source(table):
    rate = {"indicator": "gdp_growth_real", "value": 5.0}
    before = {"indicator": "resident_population", "value": 100.0, "period": "2023"}
    after = {"indicator": "resident_population", "value": 102.0}
    found = people.per_head(table(rate, before, after)).row(0, named=True)
    assert found["people"] == pytest.approx(2.0) and found["per_head"] == pytest.approx(100 * (1.05 / 1.02 - 1))
    assert found["low"] < found["per_head"] < found["high"]
    assert people.per_head(table(rate, before, after | {"source_id": "t"})).is_empty()


def test_groups_of_the_citys_industry_divide_the_published_whole(city):
    found = industry.groups(city)
    assert found.height > 3
    np.testing.assert_allclose(found["value"] + found["rest"], found["whole"])
    assert (found["low"] <= found["value"]).all() and (found["value"] <= found["high"]).all()
    assert (found["rest_low"] < found["rest"]).all() and (found["rest"] < found["rest_high"]).all()


def test_the_citys_own_sums_are_the_published_growth_within_rounding(city):
    own = economy.contributed(facts(city)).filter((pl.col("place") == city.place) & (pl.col("scope") == ""))
    assert own["period"].n_unique() > 3
    assert (own["sum"] - own["whole"]).abs().max() <= 0.1


@pytest.mark.parametrize("language", languages())
def test_a_sum_that_does_not_fit_its_published_growth_is_named(city, language):
    context = city_context(language, city)
    codes = [city.place, *context.counties["place"]]
    found = economy.contributed(facts(city).filter(pl.col("place").is_in(codes)))
    found = found.unique(["place", "period", "scope"], maintain_order=True)
    apart = (found["sum"] - found["whole"]).abs()
    wrong = found.filter(apart > 0.1)
    blocks = [str(block) for block in growth.report(language=language, city=city)["economy"].blocks]
    for row in wrong.iter_rows(named=True):
        assert any(context.place_name(row["place"]) in block for block in blocks[2:]), row
    assert len(blocks) == 3 + (wrong.height > 0)


@pytest.mark.parametrize("language", languages())
def test_every_part_says_something_or_which_table_would(city, language):
    report = growth.report(language=language, city=city)
    assert all(part.blocks and part.heading for part in report.parts.values())
    html = str(report.html())
    assert "{" not in re.sub(r"<script.*?</script>", "", html, flags=re.S)
    assert html.count('class="what"') == len(OPEN)


@pytest.mark.parametrize("language", languages())
def test_a_city_of_which_nothing_of_this_is_known_is_told_so(made_city, language):
    report = growth.report(language=language, city=made_city)
    assert all(part.blocks for name, part in report.parts.items() if name not in ("sources", "cities"))
    assert not re.search(r"vega-spec", str(report["sectors"].html()) + str(report["economy"].html()))


def test_an_unknown_measure_is_refused_by_name(city):
    with pytest.raises(ParameterError, match="revenu"):
        growth.report(language="en", city=city, measure="revenu")


# With tables of one's own.


def filled(city: City, folder: Path) -> list[Path]:
    """Three years of sectors, counties by sector and energy: made figures."""
    generator = np.random.default_rng(5)
    counties = places.counties(city)["place"].to_list()
    years = range(2022, 2025)
    level = {
        (county, branch, year): float(round(generator.uniform(5, 40) * (1 + 0.1 * (year - 2022)), 2))
        for county in counties for branch in BRANCHES for year in years
    }  # fmt: skip
    whole = {
        (branch, year): round(sum(level[county, branch, year] for county in counties), 2)
        for branch in BRANCHES for year in years
    }  # fmt: skip
    rows = {
        "county_sectors": [
            {"place": place, "sector": branch, "period": str(year), "above_scale_industrial_va": value}
            for (place, branch, year), value in level.items()
        ],
        "sector_totals": [
            {"sector": b, "period": str(y), "above_scale_industrial_va": v, "above_scale_industrial_va_growth": 2.5 + n}
            for n, ((b, y), v) in enumerate(whole.items())
        ],
        "energy": [
            {"place": city.place, "sector": b, "period": str(y), "above_scale_energy_use": round(0.3 * v, 2)}
            for (b, y), v in whole.items()
        ],
    }  # fmt: skip
    rows["county_totals"] = [
        {"place": county, "period": str(year), "gdp": 100.0 + 3 * n * (year - 2020)}
        for n, county in enumerate(counties) for year in years
    ]  # fmt: skip
    return [csv_file(folder / f"{name}.csv", sheet(city, name, *given, date="2025-12")) for name, given in rows.items()]


@pytest.fixture(scope="module")
def own_city(tmp_path_factory) -> City:
    """The project's city with tables of one's own taken in."""
    root = tmp_path_factory.mktemp("own") / "city"
    for name in ("data", "params"):
        shutil.copytree(PROJECT / name, root / name)
    city = open_city(root)
    imports.take(city, filled(city, root.parent), taken_on="2026-11-27")
    return city


@pytest.mark.parametrize("language", languages())
def test_imported_tables_fill_what_was_open(own_city, language):
    report = growth.report(language=language, city=own_city)
    html = str(report.html())
    for name in ("sectors", "counties", "energy"):
        assert "vega-spec" in str(report[name].html()), name
        assert 'data-status="derived"' in str(report[name].html()), name
    assert "I0001" in html  # the tables stand among the sources
    assert 'id="fig-added-gdp"' in str(report["counties"].html())
    assert html.count('class="what"') == 2  # three sectors in the newest years, and the other cities


def test_shares_and_shifts_of_all_counties_sum_to_the_change(own_city):
    context = city_context("en", own_city)
    codes = context.counties["place"]
    name, rows = sectors.measured(context.facts.filter(pl.col("place").is_in(codes.implode())), "revenue")
    assert name == "above_scale_industrial_va" and levels.span(rows) == (2022, 2024)
    found = sectors.shifts(rows)
    change = (
        rows.sort("year")
        .group_by("place", "sector", maintain_order=True)
        .agg(pl.col("value").last() - pl.col("value").first())
    )
    assert found["change"].sum() == pytest.approx(change["value"].sum())
    np.testing.assert_allclose(found["national"] + found["mix"] + found["regional"], found["change"], atol=1e-9)
    assert found["regional"].sum() == pytest.approx(0, abs=1e-9)  # all counties are the whole
    assert found["mix"].sum() == pytest.approx(0, abs=1e-9)


def test_real_contributions_use_the_newest_year_with_every_rate(own_city):
    found = sectors.real(facts(own_city).filter(pl.col("place") == own_city.place))
    assert found["year"].unique().to_list() == [2024] and found.height == len(BRANCHES)


# The chart.


def test_a_chart_of_contributions_stacks_both_ways_and_marks_the_sum():
    rows = [
        {"row": "2024", "part": part, "value": value, "text": str(value), "total": 1.0, "total_text": "1"}
        for part, value in (("a", 3.0), ("b", -2.0))
    ]
    none = {"row": "2025", "part": "a", "value": None, "text": "", "total": None, "total_text": "not known"}
    chart = charts.contributions(pl.DataFrame([*rows, none]), unit="points", description="d").to_dict()
    drawn = [layer["data"]["values"] for layer in chart["layer"]]
    bars = next(values for values in drawn if {"from", "fill"} <= set(values[0]))
    assert [(bar["from"], bar["to"]) for bar in bars] == [(0, 3), (0, -2)]
    assert any(layer["mark"].get("shape") == "triangle-up" for layer in chart["layer"])
    with pytest.raises(ParameterError, match="6 parts"):
        many = [rows[0] | {"part": str(n)} for n in range(6)]
        charts.contributions(pl.DataFrame(many), unit="", description="")


def test_growth_whose_sectors_are_not_known_is_drawn_hatched_and_never_left_out(table):
    rate = {"indicator": "gdp_growth_real", "value": 3.0}
    rows = table(*three(), rate | {"period": "2025"}, rate)
    found = economy.contributed(rows)
    assert economy.undivided(rows, found).rows() == [("2025", 3.0, "s")]
    row = {"row": "2025", "part": "", "value": None, "text": "", "total": 3.0, "total_text": "3"}
    chart = charts.contributions(pl.DataFrame([row]), unit="", description="d").to_dict()
    assert any(layer["data"]["values"][0].get("to") == 3 and "fill" in layer["mark"] for layer in chart["layer"])


def test_what_is_made_of_invented_figures_is_marked_as_invented(table):
    rows = [row | {"status": "demonstration"} for row in three()]
    assert economy.contributed(table(*rows))["status"].unique().to_list() == ["demonstration"]
    rate = {"indicator": "gdp_growth_real", "value": 5.0}
    counts = [{"indicator": "resident_population", "value": 100.0, "period": period} for period in ("2023", "2024")]
    found = people.per_head(table(rate, *(row | {"status": "demonstration"} for row in counts)))
    assert found["status"].to_list() == ["demonstration"]
