"""Chains: states and tasks by their rules on a made chain; conclusions on three real chains worked out by hand."""

from __future__ import annotations

import csv

import polars as pl
import pytest

from tests.made_city import FALLING, RISING
from tests.programme.test_county import rewrite
from tylib.programme import chains, county, segments
from tylib.programme.projects import WHOLE

THIN, MARGIN = 2, 0.1


def grid(city, chain="C1", thin=THIN) -> dict[tuple[str, str], tuple[str, str | None]]:
    rows = segments.slots(city, chain, thin=thin)
    return {(r["branch_en"], r["stage"]): (r["state"], r["task"]) for r in rows.iter_rows(named=True)}


def cells(city, path: str) -> list[dict[str, str]]:
    """A table as it stands in its file."""
    with (city.data / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# A made chain: every state and what follows from it.


def test_states_and_tasks_follow_their_rules(made_city):
    assert grid(made_city) == {
        ("Ribs", "upstream"): ("thin", "extend"),  # named, nobody on it, beside the stage of a leading branch
        ("Ribs", "midstream"): ("named", None),
        ("Ribs", "downstream"): ("missing", "extend"),
        ("Cloth", "upstream"): ("missing", "build"),
        ("Cloth", "midstream"): ("outside", "build"),  # the only source places it in another city
        ("Cloth", "downstream"): ("missing", "build"),  # what we only suppose is named by no source
    }


def test_a_stage_that_stands_in_a_traditional_branch_is_upgraded_and_others_are_filled(made_city):
    path = made_city.data / "reference" / "branch_classes.csv"
    text = path.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if ",advantage," not in line]
    path.write_text("\n".join(kept).replace("emerging", "traditional") + "\n", encoding="utf-8")
    found = grid(made_city)
    assert found["Ribs", "midstream"] == ("named", "upgrade")
    assert found["Ribs", "upstream"] == ("thin", "fill") and found["Cloth", "upstream"] == ("missing", "fill")


def test_when_a_stage_is_thin_is_a_judgement(made_city):
    assert grid(made_city, thin=4)["Ribs", "midstream"][0] == "thin"
    assert grid(made_city, thin=0)["Ribs", "upstream"][0] == "named"


def test_a_project_inside_another_carries_a_stage_only_once(made_city):
    people = segments.members(made_city, "C1")
    assert dict(people.select("code", "counts").iter_rows()) == {"E1": True, "J1": True, "J2": False, "T1": True}
    row = segments.slots(made_city, "C1", thin=THIN).filter(pl.col("carriers") > 0).row(0, named=True)
    assert (row["firms"], row["projects"], row["towns"], row["carriers"]) == (1, 1, 1, 3)
    rewrite(made_city, "project_nesting", {"J2": {"parent_project_id": "J3"}}, "project_id")  # not on this stage
    assert segments.members(made_city, "C1")["counts"].all()


@pytest.mark.parametrize(("column", "value"), [("stage", "promotion"), ("in_city", "false")])
def test_what_is_still_sought_or_lies_elsewhere_carries_nothing(made_city, column, value):
    rewrite(made_city, "projects", {"J1": {column: value}}, "project_id")
    counts = dict(segments.members(made_city, "C1").select("code", "counts").iter_rows())
    assert not counts["J1"] and counts["E1"]


def test_nothing_is_ranked_where_the_data_carry_no_ranking(made_city):
    rows = segments.attract(made_city, segments.slots(made_city, "C1", thin=THIN), "C1", margin=MARGIN)
    why = {(r["branch_en"], r["stage"]): r["why"] for r in rows.iter_rows(named=True)}
    assert rows["rank"].null_count() == rows.height == 5
    assert why["Ribs", "upstream"] == "no_maker"  # its sector makes nothing
    assert why["Ribs", "downstream"] == "no_sector"  # the made input-output table has outputs of zero
    assert why["Cloth", "midstream"] == "no_neighbour"
    assert rows.filter(pl.col("branch_en") == "Ribs")["firms"].to_list() == [["E1"], ["E1"]]


def test_a_known_item_of_the_work_system_is_known_and_the_others_are_not_published(made_city):
    states = dict(chains.system(made_city, "C1").select("item", "state").iter_rows())
    assert states == {"chief": "known", "map": "drawn", "land": "not_published"}  # of land only that nothing is said
    kinds = chains.entries(made_city, "C1").select("item", "name_en").rows()
    assert kinds[0] == ("chief", "Chief") and ("people", "Umbrella makers") in kinds and ("land", "Land") not in kinds
    for table in ("work_system", "chain_factors"):
        (path,) = (made_city.data / "published").glob(f"{table}.csv")
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert set(chains.system(made_city, "C1").filter(pl.col("item") != "map")["state"]) == {"not_published"}


def test_a_chain_without_segments_has_no_stages_and_a_place_is_counted_once(made_city):
    assert segments.slots(made_city, "K1", thin=THIN).is_empty()
    assert segments.attract(made_city, segments.slots(made_city, "K1", thin=THIN), "K1", margin=MARGIN).is_empty()
    rows = chains.grounds(made_city, "C1")
    assert rows.filter(pl.col("kind") == "county").select("code", "segments", "firms", "projects").rows() == [
        (RISING, 1, 1, 1), (FALLING, 1, 0, 0)
    ]  # fmt: skip


def test_a_master_in_the_users_own_list_is_one(made_city):
    rewrite(made_city, "chain_masters", {"E1": {"firm_id": "E0"}}, "firm_id")
    assert chains.firms(made_city, "C1")["grade"].to_list() == [None]
    rewrite(made_city, "enterprises", {"E1": {"status": "imported", "role_zh": chains.MASTER}}, "firm_id")
    assert chains.firms(made_city, "C1")["grade"].to_list() == ["listed"]


# The city's own chains: what must hold of all.


def own_chains(city):
    return [row["chain_id"] for row in cells(city, "published/chains.csv") if row["scheme"] == "municipal_1233"]


def test_every_stage_has_a_sector_and_every_branch_a_class(city):
    branches = {(r["chain_id"], r["branch_zh"]) for r in cells(city, "published/chain_segments.csv")
                if r["segment"] != "full_chain"}  # fmt: skip
    stages = {(r["chain_id"], r["branch_zh"], r["segment"]) for r in cells(city, "reference/branch_stages.csv")}
    assert stages == {(*branch, stage) for branch in branches for stage in segments.STAGES}
    assert {(r["chain_id"], r["branch_zh"]) for r in cells(city, "reference/branch_classes.csv")} == branches


def test_a_leading_branch_has_a_provincial_master_or_output_above_a_hundred_billion(city):
    masters = {r["firm_id"] for r in cells(city, "reference/chain_masters.csv") if r["grade"] == "provincial"}
    large = {r["firm_id"] for r in cells(city, "published/enterprise_metrics.csv")
             if r["indicator"] == "gross_output" and float(r["low"] or r["value"]) >= 1000}  # fmt: skip
    leading = [r for r in cells(city, "reference/branch_classes.csv") if r["class"] == "advantage"]
    assert len(leading) > 4
    for row in leading:
        people = segments.members(city, row["chain_id"]).filter(pl.col("branch_zh") == row["branch_zh"])
        assert set(people["code"]) & (masters | large), row["branch_zh"]


def test_every_link_points_to_something(city):
    known = {
        kind: {r[key] for r in cells(city, f"published/{table}.csv")} for kind, (table, key) in segments.KINDS.items()
    }
    links = cells(city, "reference/segment_links.csv")
    assert [r for r in links if r["code"] not in known[r["kind"]]] == []


def test_every_firm_and_project_of_a_chain_stands_on_its_map_or_beside_it(city):
    for chain in own_chains(city):
        on = set(segments.members(city, chain)["code"]) | set(segments.unplaced(city, chain)["code"])
        for table, key in (("enterprises", "firm_id"), ("projects", "project_id")):
            assigned = {r[key] for r in cells(city, f"published/{table}.csv") if r["chain_id"] == chain}
            # A firm may stand on a segment of another chain; it is then not lost from its own.
            elsewhere = {r["code"] for r in cells(city, "reference/segment_links.csv")}
            assert assigned - on <= elsewhere, (chain, table)


def test_firms_of_other_chains_are_counted_apart(city):
    rows = chains.overview(city, thin=THIN)
    own = {c: sum(r["chain_id"] == c for r in cells(city, "published/enterprises.csv")) for c in own_chains(city)}
    assert dict(rows.select("chain_id", "firms").iter_rows()) == own
    assert dict(rows.filter(pl.col("guests") > 0).select("chain_id", "guests").iter_rows()) == {"C2": 1, "C5": 1}
    assert rows["provincial"].sum() == 5 and rows["reported"].sum() == 2


def test_a_county_has_the_same_chains_whichever_side_one_asks_from(city):
    for chain in own_chains(city):
        there = set(chains.grounds(city, chain).filter(pl.col("kind") == "county")["code"])
        asked = {p for p in county.chain_links(city)["place"] if chain in county.chains(city, p)["chain_id"].to_list()}
        assert there == asked, chain


def test_all_nine_are_in_the_crosswalk_and_what_is_left_over_is_named(city):
    rows = chains.crosswalk(city)
    assert rows["chain_id"].to_list() == own_chains(city) and len(rows) == 9
    assert rows["clusters"].list.len().to_list() == [1] * 9
    assert chains.unmatched(city)["chain_id"].to_list() == ["P06", "P16"]  # 铝镁精深加工, 装配式建筑


def test_the_whole_list_at_a_glance(city):
    rows = chains.overview(city, thin=THIN)
    # 38 segments, one on a whole chain: 37 stages with a text, 5 of them supposed; 18 branches of 3 stages, 4 of these
    # of users (two supposed, two without a text).
    told = rows.select(pl.sum("slots"), pl.sum("missing"), pl.sum("outside")).row(0)
    assert told == (50, 50 - 32, 1)
    assert rows.select(pl.sum_horizontal("named", "thin", "outside", "missing") == pl.col("slots")).to_series().all()
    assert chains.published(city, chains.LISTED)["value"].to_list() == [22, 225]


# Three chains by hand, from the tables as they stand in their files.


def test_metal_materials(city):
    """C1. Stainless: S017 upstream (E01, E03), S018 midstream (E03, J22, J23), S019 downstream (J24, T02): all stand,
    traditional, hence upgraded. Copper foil: S020 upstream (E12, J03) only, emerging with one stage, hence built."""
    up = ("named", "upgrade")
    assert grid(city, "C1") == {
        ("Stainless and special steel", "upstream"): up, ("Stainless and special steel", "midstream"): up,
        ("Stainless and special steel", "downstream"): up, ("Copper foil", "upstream"): ("named", None),
        ("Copper foil", "midstream"): ("missing", "build"), ("Copper foil", "downstream"): ("missing", "build"),
    }  # fmt: skip
    # J03 90 and J24 22.81 publish an amount, J22 and J23 none; nothing nests.
    row = chains.overview(city, thin=THIN).filter(pl.col("chain_id") == "C1").row(0, named=True)
    assert (row["projects"], row["published"], row["value"]) == (4, 2, 112.81)
    rates = chains.supporting_rates(city, "C1")
    assert rates.select("period", "value").rows() == [("2022", 11.3), ("2024", 22.3)]
    assert segments.unplaced(city, "C1")["code"].to_list() == ["E32"]
    # Electrical machinery (C11) and electronics (C12) by numpy.linalg.inv on the table: 1.19 and 0.77, 0.97 and 0.89.
    rows = segments.attract(city, segments.slots(city, "C1", thin=THIN), "C1", margin=MARGIN)
    assert rows.select("stage", pl.col("linkage").round(2), "relatedness", "rank").rows() == [
        ("downstream", 0.98, 0.5, 1), ("midstream", 0.93, 0.5, 1)  # 0.05 apart: less than the margin
    ]  # fmt: skip
    assert rows["zones"].to_list() == [["Z09"]] * 2 and rows["firms"].to_list() == [["E12"]] * 2


def test_biomaterials(city):
    """C3. Synthetic biology: upstream E07 and J06 (J07 to J10 lie in it); J11 on both other stages is a call for
    investors. One segment each of two further branches: S004 midstream, S025 downstream."""
    found = grid(city, "C3")
    assert found["Synthetic biology", "upstream"] == ("named", None)
    assert found["Synthetic biology", "midstream"] == ("thin", "extend")
    assert found["Synthetic biology", "downstream"] == ("thin", "build")
    assert [key for key, (state, _) in found.items() if state == "missing"] == [
        ("Biopharmaceuticals", "upstream"), ("Biopharmaceuticals", "downstream"),
        ("Bio-based composites", "upstream"), ("Bio-based composites", "midstream"),
    ]  # fmt: skip
    first = segments.slots(city, "C3", thin=THIN).row(0, named=True)
    assert (first["firms"], first["projects"]) == (1, 1)
    listed = chains.projects(city, "C3")
    # J04 70 and J06 450 stand by themselves; J32 and J47 publish nothing; J07 to J11 lie in J06, J11's 200 too.
    assert sorted(listed.filter(WHOLE)["project_id"]) == ["J04", "J06", "J32", "J47"]
    row = chains.overview(city, thin=THIN).filter(pl.col("chain_id") == "C3").row(0, named=True)
    assert (row["projects"], row["published"], row["value"]) == (4, 2, 520.0)


def test_new_energy(city):
    """C9. Photovoltaics whole (E09, J01); hydrogen: S014 with E08 alone, S015 elsewhere; storage: six projects."""
    found = grid(city, "C9")
    assert [found["Photovoltaics", stage] for stage in segments.STAGES] == [("named", None)] * 3
    assert found["Hydrogen", "upstream"] == ("thin", "fill")
    assert found["Hydrogen", "midstream"] == ("missing", "build")
    assert found["Hydrogen", "downstream"] == ("outside", "build")  # S015 lies in 140700
    assert found["Wind, solar and storage", "midstream"] == ("named", None)
    row = chains.overview(city, thin=THIN).filter(pl.col("chain_id") == "C9").row(0, named=True)
    # J01 560, J34 6.8, J35 40, J36 8, J37 12; J38, J39, J40 publish nothing; J48 lies outside the city.
    assert (row["projects"], row["published"], row["value"]) == (8, 5, 626.8)
    assert (row["provincial"], row["reported"], row["firms"], row["guests"]) == (0, 1, 2, 0)
    assert chains.firms(city, "C9")["grade"].to_list() == ["reported", None]
    rows = segments.attract(city, segments.slots(city, "C9", thin=THIN), "C9", margin=MARGIN)
    ranks = {(r["branch_en"], r["stage"]): (r["rank"], r["why"]) for r in rows.iter_rows(named=True)}
    assert ("Wind, solar and storage", "downstream") not in ranks  # power supply: users
    assert ranks["Wind, solar and storage", "upstream"] == (1, None)  # the one other stage of makers stands
    assert ranks["Hydrogen", "upstream"] == (None, "no_neighbour")
    assert ranks["Hydrogen", "midstream"] == ranks["Hydrogen", "downstream"] == (2, None)
    most = chains.largest(chains.projects(city, "C9"))
    assert (most["project_id"], most["sum"]) == ("J01", 626.8)  # 560 of it


def test_carbon_materials_neighbours_go_before_linkages(city):
    """C2. Coking: three stages stand (J13 alone on two); carbon fibre: S021 only, so half of its neighbours at most."""
    rows = segments.attract(city, segments.slots(city, "C2", thin=THIN), "C2", margin=MARGIN)
    assert rows.select("branch_en", "stage", "relatedness", pl.col("linkage").round(1), "rank").rows() == [
        ("Coking and carbon materials", "midstream", 1.0, 1.3, 1),
        ("Coking and carbon materials", "downstream", 1.0, 0.9, 2),  # weaker sector, but both neighbours stand
        ("Carbon fibre", "upstream", 0.5, 1.3, 3), ("Carbon fibre", "downstream", 0.5, 1.3, 3),
    ]  # fmt: skip


def test_semiconductors_one_gap_in_a_branch_that_stands_is_filled(city):
    """C7. Silicon carbide: S007 is named with nobody on it, beside S006 of a leading branch; 300 mm wafers: S008 and
    S009 stand (E11, J02), only the third stage is missing."""
    found = grid(city, "C7")
    assert found["Silicon carbide", "downstream"] == ("thin", "extend")
    assert found["300 mm wafers", "downstream"] == ("missing", "fill")
    assert {task for _, task in found.values()} == {None, "extend", "fill"}


def test_targets_of_a_chain_come_through_the_list_they_were_set_for(city):
    rows = chains.targets(city, "C1")
    assert dict(rows.select("target_id", "through").iter_rows()) == {
        "K1": "K1", "G027": "C1", "G065a": "P01", "G065b": "P01"
    }  # fmt: skip
    assert rows.filter(pl.col("target_id") == "K1")["verdict"].to_list() == ["no_year"]
    assert set(chains.targets(city, "C4")["target_id"]) == {"K4", "G027", "N17"}
