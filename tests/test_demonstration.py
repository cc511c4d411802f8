"""The demonstration: made of what was published, seen to be made, and kept apart from everything else."""

from __future__ import annotations

import csv
import json
import re
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.made_city import CITY, FALLING, FLAT, PROJECT, RISING
from tests.own_tables import csv_file, sheet
from tylib import lab
from tylib.batch import demonstration
from tylib.batch.inputs import inputs
from tylib.bounds import Draws, system
from tylib.bounds.intervals import contradiction
from tylib.bounds.programs import Programs
from tylib.brief.city import brief as city_brief
from tylib.errors import DataError, ParameterError
from tylib.programme.demonstration import filled
from tylib.programme.demonstration.economy import published, rounded
from tylib.store import City, check, facts, imports, load, open_city, preferred, taken, templates, words
from tylib.store.params import demonstration_suppositions

from .test_command_line import tylib


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> City:
    """The project's city as a demonstration, before any table is filled."""
    return demonstration.made_city(open_city(PROJECT), tmp_path_factory.mktemp("demonstration") / "own")


@pytest.fixture(scope="module")
def point(own) -> Draws:
    """One point of the project's feasible set, the middle of some corners: drawing takes a minute, this a second."""
    rows = system(own, layer=demonstration_suppositions(own).layer)
    solver, rng = Programs(rows), np.random.default_rng(1)
    corners = np.mean([solver.corner(rng.standard_normal(len(solver.edge_cell))) for _ in range(40)], axis=0)
    at, cells = solver.edges @ corners, len(rows.cells)
    shape, cut = (1, len(rows.places), len(rows.sectors)), len(rows.places) * len(rows.sectors)
    return Draws(
        "uniform", 3, rows.places, rows.sectors, at[:cut].reshape(shape), at[cells : cells + cut].reshape(shape),
        tuple(sector for _, sector in rows.cells[cut:]), at[None, cut:cells], at[None, cells + cut :],
        pl.DataFrame({"figure": [], "rhat": [], "ess": []}), 0.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(own, point) -> dict[str, list[dict]]:
    return filled(own, system(own, layer=demonstration_suppositions(own).layer), point)


def test_every_template_is_filled(own, made):
    assert set(made) == set(templates.names(own))
    empty = {
        (name, field.name)
        for name, rows in made.items()
        for field in templates.template(name, own).fields
        if all(row.get(field.name) is None for row in rows)
    }
    # A scope or a sector that is left out says: all of it; until when something holds is open.
    left = {("county_totals", "scope"), ("employment", "sector"), ("energy", "sector"), ("work_system", "until"),
            ("choices", "scope")}  # fmt: skip
    assert empty == left


def test_the_year_of_the_set_fits_all_that_was_published(own, made, point):
    rows = system(own, layer=demonstration_suppositions(own).layer)
    cells = {(r["place"], r["sector"]): r for r in made["county_sectors"] if r["period"] == "2022"}
    output, added = "above_scale_industrial_output", "above_scale_industrial_va"
    assert round(sum(r[output] for r in cells.values()), 2) == 5197.3  # published, to the last digit
    at = np.zeros(rows.unknowns)
    whole = [(p, s) for p, s in rows.cells if p == rows.city]
    for place, sector in rows.cells:
        own_cells = [cells[place, sector]] if (place, sector) not in whole else [cells[p, sector] for p in rows.places]
        for quantity, name in (("output", output), ("value_added", added)):
            at[rows.unknown(quantity, place, sector)] = sum(r[name] for r in own_cells)
    for row in rows.rows:
        value = sum(at[n] * times for n, times in row.terms.items())
        room = 0.006 * sum(abs(times) for times in row.terms.values())  # two decimals
        assert row.low - room <= value <= row.high + room, row.name


def test_nothing_is_made_where_something_is_published(own, made):
    known = published(own)
    assert known
    doubled = [
        (row["place"], name, row["period"])
        for table in ("county_totals", "employment", "energy")
        for row in made[table]
        for name in row
        if (row["place"], name, int(row["period"])) in known
    ]
    assert doubled == []


def test_totals_are_the_sums_of_their_sectors(made):
    output = "above_scale_industrial_output"
    sums: dict = {}
    for row in made["county_sectors"]:
        sums[row["place"], row["period"]] = sums.get((row["place"], row["period"]), 0.0) + row[output]
    totals = {(r["place"], r["period"]): r[output] for r in made["county_totals"] if output in r}
    assert {key: round(sums[key] - totals[key], 2) for key in sums if key in totals} == dict.fromkeys(sums, 0.0)
    sectors: dict = {}
    for row in made["county_sectors"]:
        sectors[row["sector"], row["period"]] = sectors.get((row["sector"], row["period"]), 0.0) + row[output]
    assert all(abs(sectors[r["sector"], r["period"]] - r[output]) < 0.006 for r in made["sector_totals"])


def test_a_sector_leaves_a_county_and_another_one_comes(made):
    series: dict = {}
    for row in sorted(made["county_sectors"], key=lambda row: row["period"]):
        series.setdefault((row["place"], row["sector"]), []).append(row["above_scale_industrial_output"])
    moved = [s for s in series.values() if s[2] >= 0.5]
    assert any(s[-1] == 0 for s in moved) and any(s[0] == 0 for s in moved)


def test_product_is_never_less_than_the_industry_in_it(made):
    by = {(r["place"], r["period"]): r for r in made["county_totals"]}
    names = ("primary_va", "secondary_va", "tertiary_va")
    wrong = [
        key for key, row in by.items()
        if "gdp" in row and all(name in row for name in names)
        and (abs(row["gdp"] - sum(row[name] for name in names)) > 0.02 * row["gdp"] or min(row[n] for n in names) < 0)
    ]  # fmt: skip
    assert wrong == []
    assert [k for k, r in by.items() if r.get("secondary_va", 1e9) < r.get("above_scale_industrial_va", 0) - 0.01] == []


def test_names_say_that_they_are_made(own, made):
    for table in ("chain_firms", "project_ledger", "technology_needs", "technology_results", "work_system"):
        known = {bare for name in ("enterprises", "projects") for bare in load(name, own)["name_zh"]}
        for row in made[table]:
            assert "演示" in row["name_zh"] and "emonstration" in row["name_en"]
            assert row["name_zh"] not in known


def test_all_is_taken_in_with_its_mark_and_fits_the_set(own, point, monkeypatch):
    monkeypatch.setattr(demonstration, "draws", lambda *_, **__: point)
    records = demonstration.tables(own)
    assert [record.template for record in records] == templates.names(own)
    assert {record.status for record in records} == {"demonstration"}
    mine = pl.col("source_id").is_in([record.id for record in records])
    assert set(facts(own).filter(mine)["status"].cast(pl.String)) == {"demonstration"}
    for name in ("projects", "enterprises", "targets", "town_metrics", "zone_metrics", "chain_factors", "actions"):
        rows = load(name, own).filter(mine)
        told = [c for c in rows.columns if c == "status" or (c.endswith("_status") and c != "filing_status")]
        values = {v for c in told for v in rows[c].cast(pl.String).drop_nulls()}
        assert rows.height and values <= {"demonstration"}, (name, values)
    sources = load("sources", own).filter(mine)
    assert set(sources["tier"].cast(pl.String)) == {None}  # no office, no grade
    assert sources["holder"].str.contains("演示").all()
    assert contradiction(own, layer=3).is_empty()
    # A copy of its register where figures are real puts nothing into a brief.
    other = replace(own, root=PROJECT)
    wrong = [offence for report in check(other) for offence in report.offences]
    assert {offence.found for offence in wrong} == {"figures of the demonstration"}


def test_the_same_seed_gives_the_same_rows(own, point, made):
    again = filled(
        replace(own, home=own.home / "none"), system(own, layer=demonstration_suppositions(own).layer), point
    )
    assert json.dumps(again, sort_keys=True) == json.dumps(made, sort_keys=True)


def test_a_made_figure_never_goes_before_a_published_one(city):
    rows = facts(city).filter((pl.col("place") == city.place) & (pl.col("indicator") == "gdp")).head(1)
    text = pl.lit("demonstration").cast(rows.schema["status"])
    bound = rows.with_columns(value=None, low=1.0, absent=None)
    for stated in (rows, bound):
        invented = rows.with_columns(status=text, fact_id=pl.lit("A"), as_of=pl.lit("2099"))
        chosen = preferred(pl.concat([invented, stated], how="vertical_relaxed"))
        assert chosen["fact_id"].to_list() == stated["fact_id"].to_list()
    absent = rows.with_columns(value=None, absent=pl.lit("not_published"))
    assert preferred(pl.concat([absent, invented], how="vertical_relaxed"))["fact_id"].to_list() == ["A"]


def test_cents_are_kept():
    figures = np.array([0.333, 0.333, 0.334, 7.0001, 0.0])
    assert rounded(figures).sum() == pytest.approx(round(figures.sum(), 2))
    assert rounded(figures)[-1] == 0


# The made city: a set of a few rows, drawn in a moment.


@pytest.fixture
def small(made_city) -> City:
    """The made city with every indicator, three sectors and a small feasible set."""
    data = made_city.data
    for name in ("indicators", "units"):
        shutil.copyfile(PROJECT / "data" / "reference" / f"{name}.csv", data / "reference" / f"{name}.csv")
    _write(data / "reference" / "sectors.csv", [
        {"sector": "S1", "name_zh": "采石", "name_en": "Quarrying", "io_sector": "I1", "is_manufacturing": "false",
         "value_added_rate_2020": 0.5},
        {"sector": "S2", "name_zh": "制伞", "name_en": "Umbrellas", "io_sector": "I1", "is_manufacturing": "true",
         "value_added_rate_2020": 0.25},
        {"sector": "S3", "name_zh": "灯笼", "name_en": "Lanterns", "io_sector": "I1", "is_manufacturing": "true",
         "value_added_rate_2020": 0.2},
    ])  # fmt: skip
    with (data / "reference" / "input_output_2020.csv").open(encoding="utf-8", newline="") as file:
        national = list(csv.DictReader(file))
    _write(data / "reference" / "input_output_2020.csv", [{**row, "gross_output": 100} for row in national])
    told = {"scope_zh": "", "reason_zh": "虚构", "reason_en": "made", "active": "true", "period": "2022"}
    _write(data / "reference" / "constraints.csv", [
        {**told, "constraint_id": "R1", "layer": 1, "kind": "published", "title_zh": "总产值", "title_en": "Output",
         "low": 400, "high": 400, "unit": "100M CNY", "source_id": "M2"},
        {**told, "constraint_id": "R2", "layer": 2, "kind": "judgement", "title_zh": "增加值率", "title_en": "Rates",
         "each": "cell", "of": "cell_output", "low": 1, "low_times": "rate_low;national_rate", "high": 1,
         "high_times": "rate_high;national_rate", "unit": "ratio", "source_id": "M5"},
        {**told, "constraint_id": "R3", "layer": 2, "kind": "judgement", "title_zh": "制伞", "title_en": "Umbrellas",
         "low": 60, "unit": "100M CNY", "source_id": "M5"},
    ])  # fmt: skip
    terms = [("R1", "output", "all", "all"), ("R2", "value_added", "each", "each"), ("R3", "output", RISING, "S2"),
             ("R3", "output", CITY, "S1")]  # fmt: skip
    _write(data / "reference" / "constraint_terms.csv", [
        {"constraint_id": r, "term": n, "quantity": q, "place": p, "sector": s, "coefficient": 1 if p != CITY else 0}
        for n, (r, q, p, s) in enumerate(terms, 1)
    ])  # fmt: skip
    plan = "title: {en: Demonstration}\nbriefs: [{notebook: 90_county_brief, units: ['county:%s']}]\nlanguages: [en]\n"
    (made_city.params / "plans" / "demonstration.yml").write_text(plan % RISING, encoding="utf-8")
    assert [o for report in check(made_city) for o in report.offences] == []
    return made_city


def _write(path: Path, rows: list[dict]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def hashes(root: Path, *, without: str = "") -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.relative_to(root).parts[0] != without
    }


def test_it_is_made_apart_under_a_banner_and_the_same_again(small, tmp_path):
    path = csv_file(tmp_path / "own.csv", sheet(small, "county_totals", {"place": FLAT, "period": "2023", "gdp": 41}))
    imports.take(small, [path], taken_on="2031-01-01")
    (small.root / "reports").mkdir()
    (small.root / "reports" / "index.html").write_text("mine")
    before = hashes(small.root)
    ran = tylib("demo", "--city", str(small.root))
    assert ran.returncode == 0, ran.stderr
    assert hashes(small.root, without="demonstration") == before
    folder = small.root / "demonstration"
    page = (folder / "reports" / "briefs" / "en" / f"county-{RISING}.html").read_text(encoding="utf-8")
    for text in (page, (folder / "reports" / "index.html").read_text(encoding="utf-8")):
        assert '<p class="demonstration">' in text and 'class="demonstrating"' in text
        mark = '<span class="status" data-status="{}"'
        assert mark.format("demonstration") in text and mark.format("imported") not in text
    assert '--watermark:"demonstration"' in page
    assert 'content:"Demonstration ' in page  # the running head of each sheet
    own = open_city(folder)
    kicker = re.search(r'<p class="kicker">(.*?)</p>', str(city_brief(f"city:{CITY}", language="en", city=own).html()))
    assert kicker[1].startswith("Demonstration · ")  # its kicker is of its own making
    assert own.demonstration and not small.demonstration
    assert {record.status for record in taken.active(own)} == {"demonstration"}  # and no table of the user's

    # Another folder, the same seed: the same tables to the byte, and what a page is made from is the same.
    again = demonstration.made_city(small, tmp_path / "else where")
    demonstration.tables(again)
    first = {name: value for name, value in hashes(folder).items() if not name.startswith(("reports/", "home/cache"))}
    made_again = hashes(again.root)
    assert {name: made_again[name] for name in first} == first
    assert inputs(["90_county_brief"], again) == inputs(["90_county_brief"], open_city(folder))
    _refused_where_figures_are_real(small, again, tmp_path)


def _refused_where_figures_are_real(small, made, tmp_path):
    path = made.root / "templates" / "county_totals.xlsx"
    with pytest.raises(DataError, match="figures of the demonstration") as error:
        imports.take(small, [path], taken_on="2031-01-01")
    assert "Leave it out" in str(error.value)
    assert len(taken.register(small)) == 1  # the user's own, from before
    # In the demonstration one's own table may be tried: it is imported there, and goes before what is made.
    row = {"place": FALLING, "period": "2025", "gdp": 9}
    mine = csv_file(tmp_path / "tried.csv", sheet(small, "county_totals", row))
    (record,) = imports.take(made, [mine], taken_on="2031-01-01").taken
    rows = preferred(facts(made).filter((pl.col("indicator") == "gdp") & (pl.col("place") == FALLING)))
    assert record.status == "imported"
    assert rows.filter(pl.col("period") == "2025").select("value", "source_id").row(0) == (9.0, record.id)


def test_only_a_demonstration_is_made_anew(small, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    for folder in (tmp_path / "full", small.root, small.root.parent):
        with pytest.raises(ParameterError, match="holds other things"):
            demonstration.made_city(small, folder)
    assert (tmp_path / "full" / "letter.txt").read_text() == "mine"
    first = demonstration.made_city(small, tmp_path / "new")
    assert demonstration.made_city(small, tmp_path / "new") == first
    with pytest.raises(ParameterError, match="is no demonstration"):
        demonstration.tables(small)


def test_a_city_without_a_set_is_told(made_city, tmp_path):
    made = demonstration.made_city(made_city, tmp_path / "shown")
    with pytest.raises(ParameterError, match="nothing can be drawn"):
        demonstration.tables(made)
    assert not (made.root / "templates").exists()


def test_a_notebook_of_a_demonstration_says_so_before_anything_else(own, monkeypatch):
    for city, told in ((own, 1), (open_city(PROJECT), 0)):
        shown: list = []
        monkeypatch.setattr("IPython.display.display", shown.append)
        lab._banner(words("zh", city), city)
        assert len(shown) == told and all(words("zh", city)("demonstration.banner") in one.data for one in shown)
