"""Towns: what may be compared, how far the next rung is, what a share implies; two towns checked by hand."""

from __future__ import annotations

import polars as pl
import pytest
import yaml

from tylib.errors import ParameterError
from tylib.programme import town_ties, towns
from tylib.store import open_city

VINEGAR, STEEL = "T01", "T02"  # one with many figures, one with next to none


@pytest.fixture(scope="module")
def made(written_city):
    return open_city(written_city)


@pytest.fixture
def with_threshold(made_city):
    """The made city with a threshold of output for provincial towns."""

    def set_to(**given):
        path = made_city.params / "town_thresholds.yml"
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        content["provincial"]["town_output_value"] |= given
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return towns.orientation(made_city, "T1")

    return set_to


def one(rows, **wanted):
    return rows.filter(*(pl.col(name) == value for name, value in wanted.items())).row(0, named=True)


# The made city: a municipal town (18.3 in 2024), a provincial one elsewhere (40 in 2023), a candidate without figures.


def test_the_ladder_names_the_next_rung(made):
    rows = towns.ladder(made)
    assert rows.select("town_id", pl.col("rung").cast(pl.String), "next_rung").rows() == [
        ("T2", "provincial", None), ("T1", "municipal", "provincial"), ("T3", "candidate", "municipal"),
    ]  # fmt: skip


def test_without_a_threshold_peers_orient_and_nothing_is_called_a_gap(made):
    row = one(towns.orientation(made, "T1"), indicator="town_output_value")
    assert (row["state"], row["threshold"], row["gap"], row["growth"]) == ("not_found", None, None, None)
    assert (row["peers"], row["lowest"], row["own"]) == (1, 40.0, 18.3)
    assert row["to_lowest"] == pytest.approx(21.7)


def test_a_threshold_gives_distance_and_growth(with_threshold):
    row = one(with_threshold(value=36.6, state="set", by=2026), indicator="town_output_value")
    assert row["gap"] == pytest.approx(18.3)
    assert row["growth"] == pytest.approx(41.42, abs=0.01)  # doubled in two years: the root of two


def test_a_threshold_without_a_year_gives_no_growth(with_threshold):
    row = one(with_threshold(value=36.6, state="set"), indicator="town_output_value")
    assert row["gap"] == pytest.approx(18.3) and row["growth"] is None


def test_a_value_beside_the_state_not_found_is_refused(with_threshold):
    with pytest.raises(ParameterError, match='state "not_found" does not go with the value'):
        with_threshold(value=36.6)


def test_a_missing_figure_is_no_zero(made):
    row = one(towns.orientation(made, "T3"), indicator="town_output_value", rung="provincial")
    assert (row["own"], row["to_lowest"]) == (None, None)


def test_peers_that_lie_too_far_apart_in_time_are_not_compared(made_city):
    assert towns.peers(made_city, "T1", indicator="town_output_value")["town_id"].to_list() == ["T2", "T1"]
    path = made_city.data / "published" / "town_metrics.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",2023,40", ",2019,40"), encoding="utf-8")
    assert towns.peers(made_city, "T1", indicator="town_output_value")["town_id"].to_list() == ["T1"]


def test_nothing_is_known_of_criteria_where_there_are_none(made):
    assert town_ties.marks(made, "T1").is_empty()
    assert town_ties.ties(made, "T3").is_empty()


# The project's own towns, by hand from data/published/town_metrics.csv, towns.csv, projects.csv, enterprises.csv.


def test_vinegar_beside_its_peers(city):
    """Output value: 120.89 (X02, 2023), 70 (X09), 48.6 (X11), 21.1 (X10; 2022), 41.85 (X04, 2024), own 30 (2021)."""
    rows = towns.peers(city, VINEGAR, indicator="town_output_value")
    assert rows.select("town_id", "figure").rows() == [
        ("X02", 120.89), ("X09", 70.0), ("X11", 48.6), ("X04", 41.85), ("T01", 30.0), ("X10", 21.1),
    ]  # fmt: skip
    assert (rows["year"] - 2021).abs().max() == 3


def test_a_floor_ranks_by_its_lower_end(city):
    rows = towns.peers(city, VINEGAR, indicator="town_employment")
    assert rows["town_id"].to_list() == ["T01", "X07", "X09", "X05", "X10", "X02", "X11"]
    assert one(rows, town_id="X09")["value"] is None and one(rows, town_id="X09")["low"] == 4.5


def test_vinegar_figures_that_are_printed_again(city):
    rows = towns.repeats(city, VINEGAR)
    carried = rows.filter("carried").select("indicator", "figure", "years").rows()
    assert carried == [
        ("town_provincial_share", 80.0, [2020, 2025]),
        ("town_chain_output_value", 65.0, [2021, 2024, 2025]),
        ("town_firms", 81.0, [2021, 2024]),
    ]
    assert one(rows, indicator="town_employment")["carried"] is False  # 2024 and 2025 only


def test_vinegar_shares_imply_four_different_countries(city):
    """37.7 / (1/6), 55 / 12.5 %, 70 / 30 %, 80 / 20 %, 80 / 20 %."""
    rows = towns.implied_whole(city, VINEGAR)
    assert rows["year"].to_list() == [2011, 2015, 2020, 2024, 2025]
    assert [round(value, 1) for value in rows["whole"]] == [226.2, 440.0, 233.3, 400.0, 400.0]
    assert rows["bounded"].to_list() == [False, True, True, False, True]


def test_vinegar_aims(city):
    """A hundred of each by 2026: 80 (about, 2025) needs a quarter more; over 65 is the 65 of 2021, so no growth."""
    rows = towns.aims(city, VINEGAR)
    output, value = one(rows, target_id="TM031"), one(rows, target_id="TM005")
    assert (output["gap_low"], output["due"], output["outturn_year"]) == (20.0, 2026, 2025)
    assert output["growth"] == pytest.approx(25.0) and not output["outturn_carried"]
    assert (value["gap_low"], value["gap_high"], value["outturn_carried"]) == (None, 35.0, True)
    firms = one(rows, target_id="TM002")
    assert (firms["compared"], firms["gap_low"], firms["verdict"]) == ("none", None, "open")


def test_vinegar_criteria_and_lines(city):
    rows = town_ties.marks(city, VINEGAR)
    verdicts = dict(rows.filter(pl.col("criterion_id").is_not_null()).select("criterion_id", "verdict").iter_rows())
    assert [verdicts[f"SX{n}"] for n in (1, 2, 3, 4, 5, 6, 7, 9)] == ["holds"] * 2 + ["figures"] * 5 + ["not_found"]
    assert {verdicts["GD1"], verdicts["GD9"], verdicts["JC1"]} == {"elsewhere"}
    assert one(rows, criterion_id="SX7")["evidence"] == ["TM010"]
    centres = rows.filter(pl.col("kind") == "centre")
    assert centres.height == 4 and "published" not in centres["state"].to_list()
    assert rows.filter(pl.col("kind") == "line")["state"].to_list() == ["not_published"] * 2 + ["published"] * 2


def test_vinegar_ties(city):
    rows = town_ties.ties(city, VINEGAR)
    assert rows["code"].to_list() == ["E28", "E29", "E30", "E31", "J19", "J20", "J21"]
    assert rows["own"].all() and set(rows["status"].cast(pl.String)) == {"published"}


def test_steel_publishes_nothing_to_compare(city):
    """Five indicators, no figure of its own; six provincial towns publish output, the lowest 21.1 (X10, 2022)."""
    rows = towns.orientation(city, STEEL)
    assert rows["own"].null_count() == rows.height == 5
    output = one(rows, indicator="town_output_value")
    assert (output["peers"], output["lowest"], output["lowest_year"]) == (6, 21.1, 2022)
    assert output["median"] == pytest.approx((41.85 + 48.6) / 2)
    firms = one(rows, indicator="town_firms")
    assert (firms["peers"], firms["lowest"], firms["median"]) == (9, 40.0, 81.0)
    assert "T02" not in towns.peers(city, STEEL, indicator="town_output_value")["town_id"].to_list()


def test_steel_ties(city):
    """Zone and segment are published; the project beside it is placed on the segment by us: the weaker counts."""
    rows = town_ties.ties(city, STEEL)
    assert rows.select("kind", "code", "own", pl.col("status").cast(pl.String)).rows() == [
        ("chain", "C1", True, "published"), ("zone", "Z06", True, "published"), ("project", "J24", False, "assumed"),
    ]  # fmt: skip
    verdicts = dict(town_ties.marks(city, STEEL).select("criterion_id", "verdict").iter_rows())
    assert verdicts["SX2"] == "holds" and verdicts["SX3"] == "figures" and verdicts["SX7"] == "nothing"
    assert one(town_ties.marks(city, STEEL), criterion_id="SX3")["evidence"] == ["TM041", "TM042", "TM043"]


def test_a_town_in_a_zone_is_in_no_county(city):
    assert one(town_ties.marks(city, "T04"), criterion_id="SX2")["verdict"] == "not_holds"


def test_what_can_be_named_is_no_outturn(city):
    rows = town_ties.counts(city)
    own = one(rows, place=city.place, indicator="municipal_towns")
    assert (own["value"], own["named"], own["reported"], own["searched_on"]) == (10.0, 1, None, "2026-11-23")
    province = one(rows, place="140000", indicator="provincial_towns")
    assert (province["low"], province["named"], province["reported"]) == (30.0, 15, 18.0)
    assert one(rows, indicator="new_municipal_towns")["named"] is None


def test_where_the_peers_are(city):
    rows = town_ties.elsewhere(city)
    assert rows.select("place", "named", "published").head(3).rows() == [
        ("140700", 4, 4.0), ("140500", 3, 3.0), ("140900", 2, 2.0),
    ]  # fmt: skip
    assert rows["named"].sum() == 15


def test_a_gap_is_what_no_figure_of_any_year_fills(city):
    asked = town_ties.gaps(city, VINEGAR).filter(pl.col("kind") == "figure")["indicator"].to_list()
    assert asked == ["town_above_scale_firms", "town_share_of_county_output"]
    steel = town_ties.gaps(city, STEEL)
    searched = steel.filter(pl.col("kind") == "searched")
    assert searched["indicator"].to_list() == ["town_employment", "town_output_value"]
    assert steel["indicator"].n_unique() == steel.height


def test_a_figure_of_long_ago_is_shown_but_no_distance_is_taken_from_it(city):
    """Flowers: 2.2 in 2010, when its peers' figures are of 2021 to 2024; the lowest of them is 21.1."""
    row = one(towns.orientation(city, "T06"), rung="provincial", indicator="town_output_value")
    assert (row["own"], row["own_year"], row["own_young"]) == (2.2, 2010, False)
    assert (row["lowest"], row["to_lowest"], row["gap"]) == (21.1, None, None)


def test_decimals_are_those_of_the_unit_that_is_printed(city):
    planned = one(towns.metrics(city), metric_id="TM048")
    assert (planned["value"], planned["unit"], planned["decimals"]) == (1.4, "10k mu", None)
