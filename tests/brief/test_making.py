"""What the feasible set says in briefs and notebooks: only what is fit to print, rounded outwards, layer by name."""

from __future__ import annotations

import re
import shutil

import polars as pl
import pytest

from tests.own_tables import csv_file, sheet
from tylib import bounds
from tylib.brief import certainty, making
from tylib.brief.context import Context
from tylib.brief.making import amounts, chain, county, division, worth
from tylib.brief.making import city as of_city
from tylib.errors import DataError, ParameterError
from tylib.programme import chains
from tylib.store import imports, open_city

CITY = open_city()


def context(unit: str, language: str = "en", city=CITY) -> Context:
    return Context.of(unit, language=language, city=city)


def text(part) -> str:
    bare = re.sub(r"<script.*?</script>|<[^>]+>", " ", str(part.html()), flags=re.S)
    return " ".join(bare.split())


@pytest.mark.parametrize(
    ("value", "up", "expected"),
    [(119.62, False, 119.0), (37.9467, True, 38.0), (4697.495, True, 4700.0), (0.9999, False, 0.999), (0.0, True, 0.0),
     (1000.0, True, 1000.0), (1000.0, False, 1000.0), (0.0001234, True, 0.000124)],
)  # fmt: skip
def test_ends_are_rounded_outwards(value, up, expected):
    assert amounts.outward(value, up=up) == pytest.approx(expected, rel=1e-12)


def test_what_is_printed_stays_true():
    """Every end that any county's table prints lies outside the interval that it stands for."""
    here = context(f"city:{CITY.place}", "zh")
    for row in bounds.findings(CITY).filter(pl.col("fit").is_not_null()).iter_rows(named=True):
        if row["quantity"] not in amounts.LEVELS:
            continue
        said = amounts.printed(here, row, united=False).replace(",", "")
        numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", said)]
        ends = {"interval": (row["low"], row["high"]), "floor": (row["low"],), "ceiling": (row["high"],)}[row["fit"]]
        assert len(numbers) == len(ends), said
        if row["fit"] != "ceiling":
            assert numbers[0] <= row["low"] + 1e-9
        if row["fit"] != "floor":
            assert numbers[-1] >= row["high"] - 1e-9


def test_a_county_says_its_strongest_floor_with_its_layer():
    part = county.makes(context("county:140121"))
    assert part.heading.startswith("Coking and petroleum output is at least 11.9 billion yuan")
    assert part.heading.endswith("(published figures and judgements)")
    # The floor of one small maker of vinegar is listed, but does not stand beside it as the size of the food industry.
    assert "Food" not in part.heading and "Food, beverages, tobacco output is at least 0.227" in text(part)
    assert "above one: Coking and petroleum at least 1.3" in text(
        part
    ) and "made here by a firm with sites elsewhere 0.5" in text(part)


def test_a_ceiling_that_published_figures_alone_carry_is_called_so():
    part = county.makes(context("county:140110"))
    assert part.heading == "Its manufacturing value added is at most 0.559 billion yuan (published figures only)"
    assert 'data-status="derived"' in str(part.html())


def test_a_county_of_which_nothing_is_settled_says_so_and_prints_no_interval():
    part = county.makes(context("county:140106"))
    assert part.heading == "Published figures do not settle what Yingze District makes"
    assert "vega-spec" not in str(part.html()) and "undecided" in text(part)
    assert not re.search(r"\d+(\.\d+)? billion", text(part))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_interval_too_wide_is_printed_anywhere(language):
    """The ends of what is not fit to print stand in no chart, table or sentence of a county's part."""
    for place in context(f"city:{CITY.place}").counties["place"]:
        here = context(f"county:{place}", language)
        shown = text(county.makes(here))
        wide = amounts.whole(here, place).filter(pl.col("fit").is_null())
        assert wide.height
        for row in wide.iter_rows(named=True):
            end = here.numbers.rounded(amounts.outward(row["high"], up=True), row["unit"])
            assert f" {end} " not in shown


def test_the_matrix_counts_what_the_bounds_count():
    here = context(f"city:{CITY.place}")
    counted = of_city.counts(here)
    for layer in bounds.LAYERS:
        frame = bounds.bounds(CITY, layer=layer, quantities=("output",)).filter(
            (pl.col("unit_code") != CITY.place) & (pl.col("sector_code") != "")
        )
        assert frame.height == 150 and sum(counted[layer].values()) == frame["fit"].count()
    part = of_city.makes(here)
    floors = counted[2]["floor"] + counted[2]["interval"]
    assert part.heading.startswith(f"Of 150 cells of county and sector, {floors} have a floor")
    spec = str(part.html())
    assert spec.count('"hatch":1') == 150 - sum(counted[2].values())


def test_a_chain_is_told_by_the_sector_where_most_of_its_stages_stand():
    sectors = chains.sectors(CITY, "C1")
    assert dict(sectors.select("sector", "stages").iter_rows())["S08"] == sectors["stages"].max() == 2
    assert chain.makes(context("chain:C1")).heading.startswith("Ferrous metals in the city: output at least 50 billion")
    told = text(chain.makes(context("chain:C1")))
    assert "Jiancaoping District at least 50" in told and "Jinyuan" not in told  # where only a ceiling is known
    assert "Jiancaoping District: Ferrous metals, Non-ferrous metals (every case that fits)" in told
    assert "Above-scale industry by county and sector, held by" in told


def test_tables_are_ranked_with_their_holders():
    part = worth.worth(context("county:140121"))
    assert "16 in place of 3" in part.heading
    assert "Industry statistics unit" in text(part) and "our reading" in text(part)


def test_the_three_kinds_of_knowledge_are_told_apart_in_the_grid():
    here = context(f"city:{CITY.place}")
    found = bounds.findings(CITY).filter(pl.col("quantity") == "location_quotient")
    part = division.quotients(here)
    implied = found.filter((pl.col("verdict") == "implied") & pl.col("holds")).height
    assert f"{implied} are more concentrated than the nation by published figures" in part.heading
    assert str(part.html()).count("every case that fits") >= implied


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_reports_of_notebooks_are_whole(language):
    report = making.report("county:140121", language=language, city=CITY)
    assert all(report[name].blocks for name in report.parts)
    sure = certainty.report(language=language, city=CITY)
    assert {name for name, part in sure.parts.items() if not part.blocks} == {"changed"}


def test_a_changed_row_is_shown_and_a_wrong_one_told():
    changed = certainty.report(language="en", switch={"F30": False}, change={"F31": {"low": 1200}}, city=CITY)[
        "changed"
    ]
    assert "left out: F30" in text(changed) and "low end is 1200" in text(changed)
    assert re.search(r"Electronics and instruments at least 75 billion yuan.* at least 90 billion yuan", text(changed))
    with pytest.raises(ParameterError, match="F99"):
        certainty.report(language="en", switch={"F99": True}, city=CITY)
    with pytest.raises(DataError, match="fit these rows"):
        certainty.report(language="en", change={"F31": {"low": 9000}}, city=CITY)


def test_a_city_without_rows_shows_nothing(made_city):
    here = context(f"city:{made_city.place}", city=made_city)
    own = context("county:980102", city=made_city)
    for part in (of_city.makes(here), division.quotients(here), division.labour(here), worth.worth(here),
                 county.makes(own)):  # fmt: skip
        assert not part.blocks
    assert county.finding(own) == ""


@pytest.fixture
def copied(tmp_path):
    for name in ("data", "params"):
        shutil.copytree(CITY.root / name, tmp_path / "city" / name)
    return open_city(tmp_path / "city")


def test_an_imported_figure_is_printed_as_one_with_its_mark(copied, tmp_path):
    row = {"place": "140106", "sector": "S02", "period": "2022", "above_scale_industrial_output": 61.5}
    path = csv_file(tmp_path / "own.csv", sheet(copied, "county_sectors", row, date="2026-11-20"))
    imports.take(copied, [path], taken_on="2026-11-21")
    here = context("county:140106", "zh", copied)
    table = bounds.bounds(copied).filter((pl.col("unit_code") == "140106") & (pl.col("sector_code") == "S02"))
    exact = table.filter(pl.col("quantity") == "output").row(0, named=True)
    assert amounts.exact(here, exact) and exact["status"] == "imported"
    assert amounts.printed(here, exact) == "61.5亿元"
    assert 'data-status="imported"' in amounts.marked(here, exact)


LARGE = {"S01": 1100.0, "S05": 1000.0}  # leaves too little for the seven firms above ten billion


@pytest.mark.parametrize(("totals", "holds"), [(LARGE, [1, 2]), ({"S08": 100.0}, [1])])
def test_an_import_that_contradicts_a_row_is_told_and_no_brief_fails(copied, tmp_path, totals, holds):
    """Below what is assumed, only that layer goes; below a floor by judgement, the rows are named."""
    rows = [
        {"sector": sector, "period": "2022", "above_scale_industrial_output": value} for sector, value in totals.items()
    ]
    path = csv_file(tmp_path / "own.csv", sheet(copied, "sector_totals", *rows, date="2026-11-20"))
    imports.take(copied, [path], taken_on="2026-11-21")
    here, whole = context("county:140108", "en", copied), context(f"city:{copied.place}", "en", copied)
    assert amounts.holding(here) == holds
    if 2 in holds:
        assert "with assumptions too" in amounts.left_out(here)
        return
    for part in (county.makes(here), of_city.makes(whole)):
        assert "contradict one another" in part.heading and "F30 Steel in Jiancaoping: TISCO" in text(part)
    assert county.finding(here) == "" and amounts.statuses(here) == set()
    assert not worth.worth(here).blocks and not division.quotients(whole).blocks
    assert not chain.makes(context("chain:C1", "en", copied)).blocks
    bounds.prepare(copied)


@pytest.mark.parametrize(("known", "said"), [(0, "floor"), (2, "2 are settled"), (150, "all 150 cells")])
def test_a_cell_that_a_table_settles_is_no_floor(monkeypatch, known, said):
    here = context(f"city:{CITY.place}")
    cells = of_city.matrix(here)
    before = of_city.counts(here)[amounts.SHOWN]
    settled = {(row["unit_code"], row["sector_code"]) for row in cells.sort("fit").tail(known).iter_rows(named=True)}
    monkeypatch.setattr(amounts, "exact", lambda _, row: (row["unit_code"], row["sector_code"]) in settled)
    heading = of_city._heading(here, cells)
    assert said in heading and cells.height == 150
    assert ("floor" in heading) == (known < 150)
    if known < 150:
        assert f"{before['floor'] + before['interval'] - known} have a floor" in heading
