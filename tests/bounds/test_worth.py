"""Own tables collapse the set to themselves; what a table is worth before its values are known."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from tests.own_tables import csv_file, sheet
from tylib import bounds as feasible
from tylib.bounds import intervals
from tylib.bounds.programs import Programs
from tylib.store import imports, open_city
from tylib.store.params import bounds_suppositions

from .conftest import simplex

MODULE = sys.modules["tylib.bounds.worth"]


@pytest.fixture(scope="module")
def truth(own):
    """One matrix that fits every row: the middle of some corners."""
    rng, solver = np.random.default_rng(2), Programs(own[2])
    corners = [solver.corner(rng.standard_normal(len(solver.edge_cell))) for _ in range(40)]
    return solver.edges @ np.mean(corners, axis=0)


@pytest.fixture
def copied(city, tmp_path):
    for name in ("data", "params"):
        shutil.copytree(city.root / name, tmp_path / "city" / name)
    return open_city(tmp_path / "city")


def taken(city, folder, name, rows):
    path = csv_file(folder / f"{name}.csv", sheet(city, name, *rows, date="2026-11-20"))
    return imports.take(city, [path], taken_on="2026-11-21")


def amounts(own, truth, place, sector):
    return {
        f"above_scale_industrial_{short}": round(float(truth[own[2].unknown(quantity, place, sector)]), 2)
        for short, quantity in (("output", "output"), ("va", "value_added"))
    }


def test_a_table_of_counties_by_sectors_collapses_the_set_to_itself(own, truth, copied, tmp_path):
    cells = [(place, sector) for place in own[2].places for sector in own[2].sectors]
    rows = [{"place": p, "sector": s, "period": "2022", **amounts(own, truth, p, s)} for p, s in cells]
    taken(copied, tmp_path, "county_sectors", rows)
    found = feasible.bounds(copied, layer=2, quantities=("output",)).filter(
        (pl.col("unit_code") != copied.place) & (pl.col("sector_code") != "")
    )
    expected = pl.DataFrame([(p, s, float(truth[own[2].unknown("output", p, s)])) for p, s in cells],
                            schema=["unit_code", "sector_code", "true"], orient="row")  # fmt: skip
    both = found.join(expected, on=["unit_code", "sector_code"], validate="1:1")
    assert both.height == 150
    assert both.filter((pl.col("low") > pl.col("true") + 0.011) | (pl.col("high") < pl.col("true") - 0.011)).is_empty()
    assert (both["high"] - both["low"]).max() < 0.011
    assert {"imported"} <= set(feasible.stated_rows(copied)["kind"])


def test_a_total_of_a_sector_is_a_row_and_a_wrong_one_is_named(own, truth, copied, tmp_path):
    steel = own[2].form("output", (), ["S08"]) @ truth
    row = {"sector": "S08", "period": "2022", "above_scale_industrial_output": round(float(steel), 2)}
    taken(copied, tmp_path, "sector_totals", [row, {**row, "sector": "S09", "above_scale_industrial_output": 90_000}])
    with pytest.raises(feasible.ContradictionError, match="F02") as caught:
        feasible.bounds(copied)
    words = feasible.contradiction(copied)
    assert words["kind"].to_list().count("imported") == 1 and words["sector"].to_list().count("S09") == 1
    assert len(caught.value.rows) == words.height == 2
    imports.withdraw(copied, "I0001", withdrawn_on="2026-11-22")
    assert feasible.contradiction(copied).is_empty()


def test_figures_of_another_year_say_nothing(own, copied, tmp_path):
    row = {"place": "140121", "sector": "S03", "period": "2019", "above_scale_industrial_output": 77.0}
    taken(copied, tmp_path, "county_sectors", [row])
    assert len(feasible.system(copied, layer=2).rows) == len(own[2].rows)


@pytest.fixture(scope="module")
def measured(city):
    """A set of two counties and two sectors that share a total of ten, and the tables that could be asked for."""
    system = simplex(2, 2, 10.0)
    point = np.array([4.0, 3.0, 2.0, 1.0])
    truths = np.concatenate([point, point / 2])[None]
    asked = pl.DataFrame(
        [("T1", "output", "county", "each", "equal"), ("T2", "output", "county", "sum", "at_most"),
         ("T3", "output", "city", "each", "equal")],
        schema=["table_id", "quantity", "level", "sectors", "relation"], orient="row",
    )  # fmt: skip
    tables = pl.DataFrame({"table_id": ["T1", "T2", "T3"], "own_holder_zh": [None, "own", None]})
    return MODULE._measured(system, bounds_suppositions(city), asked, tables, truths)


def worth(measured, table, unit):
    return measured.filter((pl.col("table_id") == table) & (pl.col("unit_code") == unit))["narrowing"].item()


def test_the_worth_of_a_table_has_its_closed_form(measured):
    """All intervals are 0..10. Cells fixed: nothing is left. Counties at most 7 and 3. Sectors fixed at 6 and 4."""
    assert worth(measured, "T1", "p0") == pytest.approx(1.0, abs=0.01)
    # p0 is asked alone: its three answers fall from 10 to 7 wide.
    assert worth(measured, "T2", "p0") == pytest.approx(0.3, abs=0.01)
    assert worth(measured, "T2", "p1") == pytest.approx(0.7, abs=0.01)
    # Cells of the first sector fall to 6 wide, of the second to 4; totals of counties stay as they were.
    assert worth(measured, "T3", "p0") == pytest.approx((0.4 + 0.6 + 0.0) / 3, abs=0.01)


def test_what_is_already_known_is_worth_nothing(city):
    system = simplex(2, 2, 10.0)
    point = np.array([4.0, 3.0, 2.0, 1.0])
    rows = MODULE._rows(system, [{"quantity": "output", "level": "county", "sectors": "each", "relation": "equal"}],
                        np.concatenate([point, point / 2]), system.places, bounds_suppositions(city))  # fmt: skip
    known = intervals.intervals(system.also(rows), 1, bounds_suppositions(city), ("output",))
    assert (known["high"] - known["low"]).max() < 0.05


def run(*arguments):
    return subprocess.run([sys.executable, "-m", "tylib", *arguments], capture_output=True, text=True, encoding="utf-8")


def test_the_command_prints_rows_a_program_can_read(copied):
    asked = ("bounds", "--unit", "county:140110", "--sector", "S08", "--layer", "2", "--city", str(copied.root))
    ran = run(*asked, "--format", "json")
    rows = json.loads(ran.stdout)
    assert {"unit_code", "sector_code", "quantity", "low", "high", "layer", "binding"} <= set(rows[0])
    assert {row["quantity"] for row in rows} == {"output", "value_added", "share"}
    output = next(row for row in rows if row["quantity"] == "output")
    assert output["binding"] == ["F04", "F20"] and output["fit"] == "ceiling"
    assert run(*asked, "--off", "F99").returncode == 2
    lower = json.loads(run(*asked, "--change", "F04.high=3", "--format", "json").stdout)
    assert next(r for r in lower if r["quantity"] == "output")["high"] < output["high"]
    assert run(*asked, "--change", "F04.high=three").returncode == 2
    clash = run(*asked, "--change", "F04.high=0", "--change", "F04.low=9")
    assert clash.returncode == 3 and "晋源区规模以上工业增加值 / Value added of industry in Jinyuan" in clash.stderr
    assert run("bounds", "--unit", "county:0", "--city", str(copied.root)).returncode == 2


def test_commands_are_silent_where_nothing_is_known(made_city):
    for command in ("bounds", "draws", "worth"):
        ran = run(command, "--city", str(made_city.root), "--format", "json")
        assert (ran.returncode, ran.stdout.strip()) == (0, "[]"), ran.stderr
