"""What of the programme lies in a county: links with their status, projects in one another, targets and verdicts."""

from __future__ import annotations

import csv
import json

import polars as pl
import pytest

from tests.made_city import FALLING, FLAT, RISING
from tylib.brief import county
from tylib.programme import county as programme
from tylib.store import facts


def verdicts(city, code):
    rows = programme.targets(city, code)
    return {row["target_id"]: row["verdict"] for row in rows.iter_rows(named=True)}


def rewrite(city, table: str, changes: dict[str, dict[str, str]], key: str) -> None:
    """Change cells of one table of a made city."""
    listed = json.loads((city.data / "datapackage.json").read_text(encoding="utf-8"))
    path = city.data / next(r["path"] for r in listed["resources"] if r["name"] == table)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(row | changes.get(row[key], {}) for row in rows)


def test_a_target_is_met_or_missed_only_by_an_outturn_of_its_own_year(made_city):
    assert verdicts(made_city, RISING)["G1"] == "met"  # 210.5 in 2024 against 200
    assert verdicts(made_city, FALLING)["G2"] == "not_met"  # -2.6 in 2024 against 4
    rewrite(made_city, "targets", {"G1": {"period": "2023"}}, "target_id")
    row = programme.targets(made_city, RISING).row(0, named=True)
    assert (row["verdict"], row["outturn_period"]) == ("open", "2024")  # the newest is shown, but decides nothing


def test_a_target_without_a_year_or_whose_year_is_not_over_has_no_verdict(made_city):
    rewrite(made_city, "targets", {"G1": {"period": ""}, "G3": {"period": "2031"}}, "target_id")
    assert verdicts(made_city, RISING)["G1"] == "no_year"
    assert verdicts(made_city, FLAT)["G3"] == "pending"  # the edition is of 2031


def test_a_target_in_another_unit_is_not_compared(made_city):
    rewrite(made_city, "targets", {"G2": {"unit": "firms"}}, "target_id")
    row = programme.targets(made_city, FALLING).row(0, named=True)
    assert (row["verdict"], row["compared"], row["gap_high"]) == ("open", "unit", None)


def test_a_project_inside_another_is_named_with_it_and_not_drawn_beside_it(made_city):
    rows = programme.projects(made_city, RISING)
    assert dict(rows.select("project_id", "parent").iter_rows()) == {"J1": None, "J2": "J1"}
    html = str(county.brief(f"county:{RISING}", language="en", city=made_city)["projects"].html())
    assert html.index("Umbrella rib park") < html.index("└ Umbrella ribs, phase one")
    assert "vega-spec" not in html  # one amount is left: nothing to compare


def test_a_part_of_a_project_is_not_counted_in_heading_or_chain(city, made_city):
    rewrite(made_city, "projects", {"J2": {"chain_id": "C1", "chain_status": "assumed"}}, "project_id")
    (row,) = programme.chains(made_city, RISING).iter_rows(named=True)
    assert row["projects"] == 1
    part = county.brief("county:140122", language="en", city=city)["projects"]
    # Of fourteen rows six lie in or serve others; with an amount J03, J04, J06, J12.
    assert part.heading == "Public reports name 8 projects that stand by themselves, 4 with a planned investment"


def test_a_link_that_is_our_reading_makes_no_headline_and_carries_its_mark(made_city):
    brief = county.brief(f"county:{FALLING}", language="en", city=made_city)
    assert "has no manufacturing project in public reports" in brief["opening"].html()  # J3 is placed here by us
    assert 'data-status="assumed"' in brief["projects"].html()


def test_gaps_are_periods_without_any_figure(made_city):
    gaps = programme.gaps(facts(made_city), FALLING)
    assert gaps.select("indicator", "periods").rows() == [("above_scale_industrial_va", ["2023", "2024"])]
    known = facts(made_city).filter((pl.col("place") == RISING) & (pl.col("indicator") == "gdp"))
    assert "2024" not in programme.gaps(facts(made_city), RISING)["periods"].explode().to_list()
    assert known.filter(pl.col("period") == "2024").height


def test_a_chain_counts_what_can_be_named_of_it(made_city):
    (row,) = programme.chains(made_city, RISING).iter_rows(named=True)
    assert (row["chain_id"], row["segments"], row["firms"], row["projects"]) == ("C1", 1, 1, 1)
    assert row["link_status"] == "published"  # by the segment that a source places here
    rewrite(made_city, "chain_segments", {"S2": {"place": ""}}, "segment_id")
    (row,) = programme.chains(made_city, RISING).iter_rows(named=True)
    assert row["link_status"] == "assumed"  # a firm stands here by a source, but that it is of the chain is our reading
    assert programme.chains(made_city, FLAT).is_empty()


def test_only_the_key_chains_are_chains_of_a_county(made_city):
    rewrite(made_city, "chains", {"C1": {"scheme": "provincial_16"}}, "chain_id")  # an older or wider list
    assert programme.chains(made_city, RISING).is_empty()


def test_only_a_full_name_places_something_in_a_township(made_city):
    from tylib.store.places import townships

    units = townships(RISING, made_city)
    found = programme.in_townships(made_city, RISING, units)
    assert found.select("township_en", "name_en").rows() == [("Shiqiao Town", "Rain & Shine Umbrellas")]


@pytest.mark.parametrize(("kind", "said"), [("actual", "21.1 billion yuan</h1>"), ("expected", "(expected)</h1>")])
def test_an_expected_figure_never_reads_as_an_actual_one(made_city, kind, said):
    ids = facts(made_city).filter(
        (pl.col("place") == RISING) & (pl.col("indicator") == "gdp") & (pl.col("period") == "2024")
    )["fact_id"]
    rewrite(made_city, "facts_counties", {i: {"kind": kind} for i in ids}, "fact_id")
    assert said in county.brief(f"county:{RISING}", language="en", city=made_city)["opening"].html()


def test_a_figure_too_old_for_the_present_makes_no_headline(made_city):
    rows = facts(made_city).filter((pl.col("place") == RISING) & (pl.col("indicator") == "gdp"))
    old = {i: {"period": "2009"} for i in rows.filter(pl.col("value").is_not_null())["fact_id"]}
    rewrite(made_city, "facts_counties", old, "fact_id")
    brief = county.brief(f"county:{RISING}", language="en", city=made_city)
    assert "its GDP was not found" in brief["opening"].html()
    assert "2009" in brief["economy"].html()  # it still stands in the table
