"""What briefs say of a scenario: a bracket of closures with support, never a forecast, figures as the model's."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace

import polars as pl
import pytest

from tests.kinds import brief
from tests.own_tables import csv_file, sheet
from tylib import scenario
from tylib.brief import charts, theme, upgrade
from tylib.brief.certainty.model import model
from tylib.brief.context import Context
from tylib.brief.making import amounts
from tylib.brief.upgrade import figures
from tylib.brief.upgrade.reading import read
from tylib.errors import ParameterError
from tylib.scenario.answers import BRACKET
from tylib.store import imports, open_city
from tylib.store import scenarios as files
from tylib.store.words import languages

CITY = open_city()
UNITS = ("county:140121", "county:140105", "county:140106", "town:T01", "chain:C1", f"city:{CITY.place}")
BANNED = re.compile(r"forecast|predict|\bwill\b|预测|预计|将会|必将", re.I)


def context(unit: str, language: str = "en", city=CITY) -> Context:
    return Context.of(unit, language=language, city=city)


def text(html: object) -> str:
    bare = re.sub(r"<script.*?</script>|<[^>]+>", " ", str(html), flags=re.S)
    return " ".join(bare.split())


@pytest.fixture
def told(monkeypatch):
    """The part's heading and text after the answers under supply and demand were set."""

    def say(supply: dict, demand: dict, *, language: str = "en", unit: str = "county:140121") -> tuple[str, str]:
        kept, here = scenario.shown(CITY), context(unit, language)
        set_, rows = {"supply": supply, "demand": demand}, []
        for row in kept.horizon.iter_rows(named=True):
            rows.append(row | (set_[row["closure"]] if row["outcome"] == "value_added" else {}))
        changed = replace(kept, horizon=pl.DataFrame(rows, schema=kept.horizon.schema))
        monkeypatch.setattr(scenario, "shown", lambda *_: changed)
        part = upgrade.part(here)
        return part.heading, text(part.html())

    return say


def end(direction: str, median: float, support: float | None) -> dict:
    spread = {"low": median - 1.0, "high": median + 1.0}
    return {
        "direction": direction,
        "median": median,
        "support": support,
        "uniform": support,
        "tilted": support,
    } | spread


RISE, FALL = end("rise", 3.0, 0.95), end("fall", -2.0, 0.925)
OPEN, NONE = end("undecided", 1.0, 0.8999), end("none", 0.0, None)


def test_a_finding_under_both_closures_is_the_heading_with_its_direction_and_support(told):
    heading, body = told(RISE, RISE)
    assert "would be 3% (supply) or 3% (demand) higher in 2030, each in at least 95% of draws" in heading
    assert "would be 3% higher (+2% to +4%), up in 95% of draws." in body
    assert "lower in 2030, each in at least 92% of draws" in told(FALL, FALL)[0]


def test_what_one_closure_leaves_open_is_undecided_and_no_share_is_rounded_up_to_a_finding(told):
    heading, body = told(OPEN, RISE)
    assert "is undecided (up in 89% of draws under supply, up in 95% of draws under demand)" in heading
    assert "median +1% (0% to +2%), up in 89% of draws, undecided." in body
    assert "undecided" in told(RISE, FALL)[0] and "undecided" in told(NONE, RISE)[0]


def test_nothing_moved_is_said_so(told):
    heading, body = told(NONE, NONE)
    assert heading.endswith("would not move manufacturing value added")
    assert "no change, by construction." in body


def test_chinese_says_the_same(told):
    assert "按供给会高3%，按需求会高3%（均不少于95%的抽样）" in told(RISE, RISE, language="zh")[0]
    assert "未定（按供给89%的抽样为升，按需求92%的抽样为降）" in told(OPEN, FALL, language="zh")[0]


@pytest.mark.parametrize("unit", UNITS)
def test_printed_figures_are_those_of_the_model(unit):
    here = context(unit)
    found, body = read(here), text(upgrade.part(here).html())
    name = files.shown(CITY).main
    for row in scenario.conclusions(name, CITY).filter(pl.col("unit") == unit).iter_rows(named=True):
        ends = [found.signed(row[end]) for end in ("low", "high")]
        assert f"({ends[0]} to {ends[1]})" in body
        assert f"{int(100 * row['support'] + 1e-6)}% of draws" in body
        assert found.end(row["closure"], prior=row["prior"])["median"] == pytest.approx(row["median"], rel=1e-9)


@pytest.mark.parametrize("unit", UNITS)
def test_shares_of_levers_add_up_as_printed_and_each_zero_by_construction_has_its_reason(unit):
    found = read(context(unit))
    parts = found.rows(found.shown.attribution, outcome="value_added")
    page = text(upgrade.part(found.context).html())
    for closure in BRACKET:
        own = parts.filter(closure=closure)
        printed = figures.adding_up(own["value"].to_list(), own["total"][0], decimals=1)
        assert sum(printed) == pytest.approx(round(own["total"][0], 1), abs=1e-9)
        assert all(abs(a - b) < 0.1 for a, b in zip(printed, own["value"], strict=True))
        zeros = own.filter(pl.col("zero") == "by_construction")
        assert zeros.height and all(value == 0.0 for value, zero in zip(printed, own["zero"], strict=True) if zero)
        assert all(reason in page for reason in zeros["reason_en"])


@pytest.mark.parametrize(
    ("values", "total"),
    [([0.26, 0.26, -0.12], 0.40), ([1.0], 1.0), ([0.05, 0.05, 0.05], 0.15), ([-0.04, -0.04], -0.08)],
)
def test_any_parts_add_up(values, total):
    assert sum(figures.adding_up(values, total, decimals=1)) == pytest.approx(round(total + 1e-12, 1))


@pytest.mark.parametrize("language", languages(CITY))
@pytest.mark.parametrize("unit", UNITS)
def test_a_scenario_is_never_called_a_forecast(unit, language):
    part = upgrade.part(context(unit, language))
    assert not BANNED.search(f"{part.heading} {text(part.html())}")
    assert 'data-status="scenario"' in str(part.html())


def test_levels_are_told_only_where_a_table_pins_them(monkeypatch):
    here = context("county:140121")
    assert "at prices of" not in text(upgrade.part(here).html())
    monkeypatch.setattr(amounts, "exact", lambda *_: True)
    levels = scenario.shown(CITY).levels.filter(pl.col("unit") == "county:140121")
    low, high = (here.numbers.bare(levels.filter(closure="supply")[end][0], "100M CNY", decimals=0)
                 for end in ("low", "high"))  # fmt: skip
    assert f"at prices of 2022: in 2030 {low}–{high} billion yuan under supply" in text(upgrade.part(here).html())


def test_the_legend_knows_the_mark_where_the_part_stands():
    html = str(brief("county:140121", language="zh", city=CITY).html())
    legend = re.search(r'<ul class="legend".*?</ul>', html, re.S)[0]
    assert 'data-status="scenario"' in legend and "part-upgrade" in html


def test_units_that_are_no_sectors_of_counties_have_none():
    unplaced = next(row for row in ("town:T04", "town:T06", "zone:Z01") if row not in scenario.shown(CITY).units)
    assert not upgrade.part(context(unplaced)).blocks and upgrade.statuses(context(unplaced)) == set()


def test_a_city_without_rows_has_none_and_prepares_nothing(made_city):
    scenario.prepare(made_city)
    assert scenario.shown(made_city) is None
    assert not upgrade.part(context("county:980102", city=made_city)).blocks
    assert not model(context(f"city:{made_city.place}", city=made_city)).blocks


def test_where_rows_conflict_none_is_told_nothing_is_cited_and_preparing_does_not_fail(tmp_path):
    for name in ("data", "params"):
        shutil.copytree(CITY.root / name, tmp_path / "city" / name)
    copied = open_city(tmp_path / "city")
    row = {"sector": "S08", "period": "2022", "above_scale_industrial_output": 100.0}  # below a floor by judgement
    path = csv_file(tmp_path / "own.csv", sheet(copied, "sector_totals", row, date="2026-11-20"))
    imports.take(copied, [path], taken_on="2026-11-21")
    scenario.prepare(copied)
    here = context("town:T01", city=copied)
    assert not upgrade.part(here).blocks and upgrade.statuses(here) == set()
    assert here.citations.entries() == []


def test_a_scenario_that_briefs_name_and_nobody_wrote_is_told(made_city):
    path = made_city.params / "model.yml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("main: eight_half", "main: eight_halves"), encoding="utf-8"
    )
    with pytest.raises(ParameterError, match=r'unknown scenario "eight_halves".*Did you mean "eight_half"'):
        files.check(made_city)


@pytest.mark.parametrize("language", languages(CITY))
def test_how_sure_a_scenario_is_counts_what_the_counties_say(language):
    here = context(f"city:{CITY.place}", language)
    part, found = model(here), read(here)
    counties = [f"county:{place}" for place in here.counties["place"]]
    for closure in BRACKET:
        settled = sum(found.end(closure, unit=unit)["direction"] in ("rise", "fall") for unit in counties)
        assert str(settled) in part.heading
    assert not BANNED.search(f"{part.heading} {text(part.html())}")


def test_a_fan_is_dashed_has_two_opacities_and_its_baseline():
    ends = {"low": [0.0, 1.0], "inner_low": [0.0, 1.5], "inner_high": [0.0, 2.5], "high": [0.0, 3.0]}
    frame = pl.DataFrame({"series": "s", "year": [2023, 2030], "median": [0.0, 2.0], "text": ["", "+2%"], **ends})
    spec = theme.spec(charts.fan(frame, unit="%", baseline="baseline", description="d"))
    marks = [layer["mark"] for layer in spec["layer"]]
    assert [mark["opacity"] for mark in marks if mark["type"] == "area"] == [0.14, 0.22]
    assert "[6, 4]" in json.dumps(spec) and "baseline" in json.dumps(spec)


def test_a_pair_of_bars_hangs_to_the_left_below_zero_and_a_zero_by_construction_is_hollow():
    frame = pl.DataFrame({"label": ["a", "b"], "upper": [-1.0, None], "lower": [2.0, 1.0], "upper_text": ["-1", "none"],
                          "lower_text": ["2", "1"]})  # fmt: skip
    spec = theme.spec(charts.paired(frame, unit="%", description="d"))
    (hollow,) = [layer for layer in spec["layer"] if layer["mark"]["type"] == "point"]
    assert [row["label"] for row in hollow["data"]["values"]] == ["b"]
    words = [row for row in spec["layer"][-1]["data"]["values"] if row["text"] == "-1"]
    assert words[0]["align"] == "right"
