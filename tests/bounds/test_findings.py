"""What is said of each figure in one frame: likely ranges, verdicts, who comes first, what each row does."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tests.own_tables import csv_file, sheet
from tylib import bounds as feasible
from tylib.bounds import intervals
from tylib.bounds.programs import Programs
from tylib.store import imports, open_city
from tylib.store.memory import remembered
from tylib.store.params import bounds_suppositions

from .conftest import row, simplex

module = sys.modules["tylib.bounds.findings"]  # the package has a function of that name


@pytest.fixture(scope="module")
def warm():
    """The project's own city with its own cache: these tests read what briefs read."""
    return open_city()


@pytest.fixture(scope="module")
def found(warm):
    return feasible.findings(warm)


def test_what_draws_say_lies_within_what_bounds_prove(found):
    known = found.filter(pl.col("likely_low").is_not_null())
    assert known.height == found.height
    room = 1e-6 * (1 + pl.col("likely_high").abs())
    assert known.filter(pl.col("likely_low") < pl.col("low") - room).is_empty()
    assert known.filter(pl.col("high").is_not_null() & (pl.col("likely_high") > pl.col("high") + room)).is_empty()


def test_only_quotients_are_judged_and_what_is_implied_has_no_share(found):
    judged = found.filter(pl.col("verdict").is_not_null())
    assert judged["quantity"].unique().to_list() == ["location_quotient"]
    assert judged.height == found.filter(pl.col("quantity") == "location_quotient").height
    implied = judged.filter(pl.col("verdict") == "implied")
    assert implied.height and implied["uniform"].null_count() == implied.height
    assert implied.filter(pl.col("holds") != (pl.col("low") > 1)).is_empty()


def test_the_frame_agrees_with_single_questions(found, warm):
    alone = feasible.judged(warm, quantity="location_quotient", above=1.0)
    both = found.filter(pl.col("quantity") == "location_quotient").select("verdict", "holds", "uniform", "tilted")
    assert both.equals(alone.select(both.columns))


def drawn(system, count=400, seed=5):
    """Random matrices of a simplex as both weightings."""
    rng = np.random.default_rng(seed)
    cells = len(system.cells)
    made = rng.dirichlet(np.ones(cells), size=count) * system.rows[0].low
    shape = (count, len(system.places), len(system.sectors))
    part = feasible.Draws("uniform", 2, system.places, system.sectors, made.reshape(shape), made.reshape(shape) / 2, (),
                          np.zeros((count, 0)), np.zeros((count, 0)), pl.DataFrame(), 0.0)  # fmt: skip
    return part, replace(part, weighting="tilted")


def test_who_comes_first_is_proved_only_by_bounds():
    plain = simplex(2, 2, 10.0)
    # p0 makes at least six of ten in its first sector: it is the largest sector and county in every matrix.
    held = plain.also([row("floor", {0: 1.0}, 6.0)])
    pair = drawn(plain)
    output = pair[0].output.copy()
    output[:, 0, 0] += 100
    pair = tuple(replace(part, output=output) for part in pair)
    proved = {(line[0], line[1]): line for line in module._first(held, pair, 0.9)}
    assert proved["p0", "sector"][2:] == ("s0", "implied", True, None, None)
    assert proved["city", "county"][2:] == ("p0", "implied", True, None, None)
    # The same draws from a set whose rows do not prove it.
    only_drawn = {(line[0], line[1]): line for line in module._first(plain, pair, 0.9)}
    assert only_drawn["p0", "sector"][2:5] == ("s0", "draws", True)
    # Nothing leads where all are alike.
    even = {(line[0], line[1]): line for line in module._first(plain, drawn(plain), 0.9)}
    assert even["city", "sector"][3] == "undecided" and even["city", "sector"][4] is None


def test_leaders_of_the_city_hold_in_every_corner(warm):
    leaders = feasible.leaders(warm).filter(pl.col("verdict") == "implied")
    system = feasible.system(warm)
    solver = Programs(system)
    for line in leaders.iter_rows(named=True):
        forms = [system.form("output", *module._members(system, line["unit_code"], line["kind"], code))
                 for code in (system.places if line["kind"] == "county" else system.sectors)]  # fmt: skip
        best = system.form("output", *module._members(system, line["unit_code"], line["kind"], line["code"]))
        assert all(solver.least(best - form).value >= -1e-9 for form in forms)
    assert feasible.leaders(warm).height == len(system.places) + 2


def test_no_row_widens_and_what_only_one_row_holds_is_its_own(warm):
    found = feasible.effects(warm)
    system = feasible.system(warm)
    assert set(found["constraint_id"]) == {r.name for r in system.rows}
    assert found["widening"].min() >= 0 and found["widening"].max() <= 1
    assert found["widening"].is_sorted(descending=True)
    # Recomputed from scratch for one row: the bounds with the row left out.
    name = "F40"
    with_it = feasible.bounds(warm, quantities=("output",))
    without = feasible.bounds(warm, switch={name: False}, quantities=("output",))
    width = [(frame["high"] - frame["low"]).to_numpy() for frame in (with_it, without)]
    expected = np.clip(1 - width[0] / np.where(width[1] > 0, width[1], np.inf), 0, 1).mean()
    line = found.filter(pl.col("constraint_id") == name).row(0, named=True)
    assert line["widening"] == pytest.approx(expected, abs=1e-6)
    assert (line["fit_with"], line["fit_without"]) == (with_it["fit"].count(), without["fit"].count())


def test_an_end_that_nothing_else_bounds_is_all_that_its_row_holds():
    system = simplex(1, 2, 10.0)
    supposed = bounds_suppositions(open_city())
    effects = sys.modules["tylib.bounds.effects"]._measured(system, 2, supposed)
    assert effects.filter(pl.col("constraint_id") == "total")["widening"].item() == pytest.approx(1.0)
    assert effects.filter(pl.col("constraint_id") == "total")["touched"].item() == effects["answers"][0]


@pytest.fixture
def copied(city, tmp_path):
    for name in ("data", "params"):
        shutil.copytree(city.root / name, tmp_path / "city" / name)
    return open_city(tmp_path / "city")


def test_the_status_is_that_of_the_weakest_row_and_results_follow_an_import_at_once(copied, tmp_path):
    asked = {"layer": 1, "quantities": ("output",)}
    cell = (pl.col("unit_code") == "140121") & (pl.col("sector_code") == "S03")
    before = feasible.bounds(copied, **asked).filter(cell).row(0, named=True)
    assert before["status"] == "derived" and before["low"] == 0
    row_of = {"place": "140121", "sector": "S03", "period": "2022", "above_scale_industrial_output": 300.0}
    path = csv_file(tmp_path / "own.csv", sheet(copied, "county_sectors", row_of, date="2026-11-20"))
    imports.take(copied, [path], taken_on="2026-11-21")
    after = feasible.bounds(copied, **asked)
    assert after.filter(cell).row(0, named=True)["status"] == "imported"
    assert after.filter(cell)["low"].item() == pytest.approx(299.995)
    assert set(after.filter(~cell)["status"]) <= {"derived", "imported"}
    # An invented figure among the rows makes everything that follows invented.
    own = intervals.own_statuses(copied)
    system = feasible.system(copied, layer=1)
    made = intervals.intervals(system, 1, bounds_suppositions(copied), ("output",), dict.fromkeys(own, "demonstration"))
    assert made["status"].unique().to_list() == ["demonstration"]
    imports.withdraw(copied, "I0001", withdrawn_on="2026-11-22")
    assert feasible.bounds(copied, **asked).filter(cell).row(0, named=True) == before


def test_a_result_is_remembered_until_a_file_changes(made_city):
    calls = []

    @remembered
    def counted(city, *, layer=1):
        calls.append(layer)
        return layer

    assert [counted(made_city, layer=2), counted(made_city, layer=2), counted(made_city)] == [2, 2, 1]
    assert calls == [2, 1]
    path = made_city.params / "bounds.yml"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    counted(made_city, layer=2)
    assert calls == [2, 1, 2]


def test_a_city_without_rows_has_no_findings(made_city):
    feasible.prepare(made_city)
    assert feasible.findings(made_city).is_empty() and feasible.leaders(made_city).is_empty()
    assert feasible.effects(made_city).is_empty()
