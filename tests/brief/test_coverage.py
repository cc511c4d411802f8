"""How far the data reach is counted right, said truly in every case, and shown for any city."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import polars as pl
import pytest

from tests.made_city import CITY, COUNTIES, FALLING, FLAT, RISING
from tylib.brief import coverage
from tylib.brief.coverage import differences, gaps, grades, matrix
from tylib.brief.numbers import Numbers
from tylib.errors import ParameterError
from tylib.store import facts, load, words
from tylib.store.params import judgements
from tylib.store.places import counties, places
from tylib.store.words import languages

LANGUAGES = languages()
CHINESE = re.compile(r"[\u4e00-\u9fff]")
DEFAULTS = {
    "place": "a", "indicator": "gdp", "sector": "", "period": "2024", "status": "published", "kind": "actual",
    "scope": "", "qualifier": "=", "unit": "100M CNY", "source_id": "s", "as_of": "2025", "tier": "B",
}  # fmt: skip


@pytest.fixture(scope="module")
def blank(city) -> pl.DataFrame:
    return facts(city).clear()


@pytest.fixture
def table(blank):
    """Rows of facts, one for each dictionary; what it leaves out is as usual."""

    def made(*rows: dict) -> pl.DataFrame:
        filled = []
        for number, row in enumerate(rows):
            full = {**dict.fromkeys(blank.columns), **DEFAULTS, "fact_id": f"f{number}", **row}
            period = full["period"] or ""
            full["year"] = int(period[-4:]) if re.fullmatch(r"(\d{4}-)?\d{4}", period) else None
            filled.append(full)
        return pl.DataFrame(filled, schema=blank.schema)

    return made


@pytest.fixture(params=LANGUAGES)
def numbers(request, city) -> Numbers:
    return Numbers.of(words(request.param, city), load("units", city))


def cells(frame: pl.DataFrame, **asked) -> dict[tuple, str]:
    defaults = {"places": ["a", "b"], "indicators": ["gdp"], "years": [2023, 2024], "tolerance": 0.005}
    found = matrix.cells(frame, **(defaults | asked))
    return {(p, i, y): s for p, i, y, s, _ in found.iter_rows()}


# The matrix.


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([{"value": 1.0}], "published"),
        ([{"value": 0.0}], "published"),
        ([{"high": 5.0, "interval": "published_bound"}], "bound"),
        ([{"value": 1.0, "kind": "expected"}], "bound"),
        ([{"absent": "not_published"}], "absent"),
        ([], "unsearched"),
        ([{"value": 1.0}, {"value": 2.0}], "conflict"),
        ([{"value": 1000.0}, {"value": 1001.0}], "published"),
        ([{"value": 0.0}, {"value": 0.0}], "published"),
        ([{"value": 1.0}, {"absent": "not_published"}], "published"),
        ([{"low": 1.0}, {"absent": "not_published"}], "bound"),
        ([{"value": 1.0, "scope": "company"}], "unsearched"),
        ([{"value": 1.0, "sector": "S1"}], "unsearched"),
        ([{"value": 1.0, "kind": "target"}], "unsearched"),
        ([{"value": 1.0, "period": "2024H1"}], "unsearched"),
        ([{"value": 1.0, "period": "2020-2024"}], "unsearched"),
        ([{"value": 1.0, "period": None}], "unsearched"),
    ],
)
def test_a_cell_has_the_best_state_that_its_rows_bear_out(table, rows, state):
    found = cells(table(*rows)) if rows else cells(table({"place": "b", "value": 1.0}))
    assert found[("a", "gdp", 2024)] == state


def test_every_cell_that_is_asked_for_is_there_once_in_order(table):
    asked = {"places": ["b", "a"], "indicators": ["x", "gdp"], "years": [2024, 2023]}
    found = matrix.cells(table({"value": 1.0}), **asked, tolerance=0.1)
    assert found.select("place", "indicator", "year").rows() == list(product(*asked.values()))
    assert found.filter(state="published")["source_ids"].to_list() == [["s"]]
    assert found.filter(state="unsearched")["source_ids"].to_list() == [[]] * 7


def test_recent_years_end_with_the_newest_actual_row_of_the_places(table):
    aim = {"value": 1.0, "period": "2030", "kind": "target"}
    frame = table({"value": 1.0, "period": "2021"}, {"place": "b", "value": 1.0}, aim)
    assert matrix.recent(frame, places=["a"], count=2) == [2020, 2021]
    assert matrix.recent(frame, places=["a", "b"], count=2) == [2023, 2024]
    assert matrix.recent(frame, places=["c"], count=2) == []
    with pytest.raises(ParameterError, match="0 years"):
        matrix.recent(frame, places=["a"], count=0)


def test_the_counts_of_the_citys_own_tables_add_up(city):
    own = counties(city)["place"].to_list()
    years = matrix.recent(facts(city), places=own, count=5)
    found = matrix.cells(facts(city), places=own, indicators=matrix.MAIN, years=years, tolerance=0.005)
    counts = matrix.counted(found)
    assert sum(counts.values()) == len(own) * len(matrix.MAIN) * 5
    # The same, counted by hand from the rows.
    stated = {
        (row["place"], row["indicator"], row["period"])
        for row in facts(city).iter_rows(named=True)
        if row["place"] in own and row["indicator"] in matrix.MAIN and row["period"] in {str(year) for year in years}
        and row["scope"] == row["sector"] == "" and row["value"] is not None and row["kind"] == "actual"
    }  # fmt: skip
    assert counts.get("published", 0) + counts.get("conflict", 0) == len(stated)


@pytest.mark.parametrize(
    ("counts", "named"),
    [
        ({"published": 3, "absent": 2, "unsearched": 5}, [10, 3, 2, 5]),
        ({"conflict": 1, "published": 3, "bound": 6}, [10, 4, 1, 6]),  # those in conflict are among those published
        ({"unsearched": 10}, [10, 10]),
    ],
)
def test_the_matrix_says_how_many_cells_there_are_of_what_occurs(numbers, counts, named):
    said = matrix.finding(numbers.words, counts)
    assert [int(n) for n in re.findall(r"\d+", said)] == named
    none = {"zh": "没有一格", "en": "none holds"}[numbers.words.language]
    assert (none in said) == ("published" not in counts)


# What differs.


def test_values_that_agree_do_not_differ_however_often_they_are_printed(table):
    same = table({"value": 5.0}, {"value": 5.0}, {"value": 0.0, "place": "b"}, {"value": 0.0, "place": "b"})
    assert differences.differing(same).is_empty()
    assert differences.differing(same.clear()).is_empty()


def test_all_rows_of_what_differs_are_kept_with_their_spread(table):
    found = differences.differing(table({"value": 99.0}, {"value": 100.0}, {"value": 1.0, "period": "2020"}))
    assert found["value"].to_list() == [99.0, 100.0]
    assert found["spread"].to_list() == pytest.approx([0.01, 0.01])


def test_another_scope_or_kind_is_no_difference(table):
    rows = table({"value": 1.0}, {"value": 2.0, "scope": "company"}, {"value": 3.0, "kind": "target"})
    assert differences.differing(rows).is_empty()
    (apart,) = differences.scopes_apart(rows).iter_rows(named=True)
    assert (apart["usual"], apart["other"], apart["ratio"]) == (1.0, 2.0, 2.0)


@pytest.mark.parametrize(
    ("chosen", "other", "why"),
    [
        ({"status": "published"}, {"status": "derived"}, "status"),
        ({"tier": "A"}, {"tier": "C", "as_of": "2026"}, "tier"),
        ({"as_of": "2025"}, {"as_of": None}, "as_of"),
        ({}, {}, "order"),
    ],
)
def test_the_reason_is_what_really_decides(table, chosen, other, why):
    from tylib.store import preferred

    frame = table({"value": 2.0, **other, "fact_id": "z"}, {"value": 1.0, **chosen, "fact_id": "a"})
    assert preferred(frame)["fact_id"].to_list() == ["a"]
    assert differences.reason(*frame.sort("fact_id").to_dicts()) == why


@pytest.mark.parametrize(
    ("spreads", "over", "under"), [([], None, None), ([0.0001], None, 1), ([0.5, 0.0001], 1, 1), ([0.5, 0.4], 2, None)]
)
def test_conflicts_are_said_with_their_number_and_the_tolerance(numbers, city, spreads, over, under):
    tolerance = judgements(city).conflict_tolerance
    said = differences.conflict_finding(numbers.words, spreads, tolerance, percent=lambda ratio: f"<{ratio}>")
    assert (f"<{tolerance.value}>" in said) == bool(spreads)
    counts = sorted(int(n) for n in re.findall(r"\d+", re.sub(r"<.*?>", "", said)))
    assert counts == sorted(n for n in (over, under) if n is not None)


def level(value: float, period: str, **more) -> dict:
    return {"value": value, "period": period, **more}


def growth(value: float, period: str, indicator: str = "gdp_growth_real") -> dict:
    return {"value": value, "period": period, "indicator": indicator, "unit": "%"}


@pytest.mark.parametrize(
    ("rows", "clash"),
    [
        ([level(100, "2022"), level(97, "2024"), growth(1.2, "2024")], True),
        ([level(100, "2023"), level(103, "2024"), growth(-1.2, "2024")], True),
        ([level(100, "2023"), level(97, "2024"), growth(1.2, "2024", "gdp_growth")], True),
        ([level(100, "2023"), level(103, "2024"), growth(1.2, "2024")], False),
        ([level(100, "2023"), level(99.9, "2024"), growth(1.2, "2024")], False),  # flat is no direction
        ([level(100, "2023"), level(97, "2024"), growth(1.2, "2023")], False),  # of another year
        ([level(100, "2023"), level(97, "2024", scope="company"), growth(1.2, "2024")], False),
        ([level(100, "2023"), level(97, "2024H1"), growth(1.2, "2024H1")], False),
        ([level(100, "2023", place="b"), level(97, "2024"), growth(1.2, "2024")], False),
        ([level(0, "2023"), level(97, "2024"), growth(-1.2, "2024")], False),  # no change from zero
    ],
)
def test_levels_that_move_against_their_growth_are_found(table, rows, clash):
    found = differences.clashes(table(*rows), flat=0.5)
    assert found.height == clash
    if clash:
        row = found.row(0, named=True)
        assert row["change"] == pytest.approx(100 * (row["last"] / row["first"] - 1))
        assert row["growth"] * row["change"] < 0


@pytest.mark.parametrize(("count", "adjacent"), [(0, 0), (1, 1), (5, 2)])
def test_vintages_are_said_in_every_number(numbers, count, adjacent):
    said = differences.vintage_finding(numbers.words, count, adjacent)
    if count > 1:
        assert str(count) in said and str(adjacent) in said
    none = {"zh": "没有水平数", "en": "No level"}[numbers.words.language]
    assert (none in said) == (count == 0)


# What is missing.


@pytest.fixture
def lost(table):
    absent = {"absent": "not_published", "source_id": "search"}
    rows = table(
        {**absent, "place": "c1", "period": "2022"}, {**absent, "place": "c2", "period": "2024"},
        {**absent, "place": "town", "indicator": "towns", "period": None},
        {**absent, "place": "c3"}, {"place": "c3", "high": 5.0},  # known within a bound: no gap
    )  # fmt: skip
    levels = pl.DataFrame({"place": ["c1", "c2", "c3", "town"], "level": ["county", "county", "county", "prefecture"]})
    return gaps.missing(rows, levels)


def requests(*rows: tuple[str, str, str, list[str]]) -> pl.DataFrame:
    filled = [
        {"table_id": table_id, "holder_zh": holder, "holder_en": holder, "level": level, "indicators": indicators}
        for table_id, holder, level, indicators in rows
    ]
    return pl.DataFrame(filled, schema=gaps.NO_REQUESTS)


def test_gaps_are_counted_by_indicator_and_a_bound_is_none(lost):
    assert gaps.gaps(lost).select("indicator", "count", "places", "first", "last").rows() == [
        ("gdp", 2, 2, 2022, 2024), ("towns", 1, 1, None, None),
    ]  # fmt: skip


def test_a_holder_fills_each_gap_once_and_only_at_the_level_of_its_table(lost):
    asked = requests(
        ("T1", "bureau", "county", ["gdp", "retail_sales"]), ("T2", "bureau", "county", ["gdp"]),
        ("T3", "yearbook of the city", "city", ["gdp", "towns"]), ("T4", "zone", "zone", ["gdp"]),
    )  # fmt: skip
    assert gaps.holders(lost, asked).select("holder_en", "count", "tables").rows() == [
        ("bureau", 2, 2), ("yearbook of the city", 1, 1),
    ]  # fmt: skip
    assert gaps.holders(lost, requests()).is_empty()
    assert gaps.holders(lost.clear(), asked).is_empty()


@pytest.mark.parametrize("counts", [[], [4], [6, 3, 1], [30, 20, 10, 5]])
def test_what_is_missing_is_said_with_its_number(numbers, counts):
    top = ["X", "Y", "Z"][: len(counts)]
    said = gaps.finding(numbers.words, counts, top)
    assert all(name in said for name in top)
    assert (str(sum(counts)) in said) == bool(counts)


# How good the sources are.


def test_figures_are_graded_and_absences_are_not(table):
    rows = table(
        {"value": 1.0, "tier": "A"}, {"value": 0.0, "tier": None}, {"low": 1.0, "tier": "C"},
        {"absent": "not_published", "tier": "own"}, {"place": "z", "value": 1.0, "tier": "B"},
    )  # fmt: skip
    found = grades.graded(rows, counties=["a"], city="z")
    assert found.filter(pl.col("count") > 0).rows() == [
        ("counties", "A", 1), ("counties", "C", 1), ("counties", "none", 1), ("city", "B", 1),
    ]  # fmt: skip
    assert found.height == 2 * len(grades.GRADES)
    assert grades.by_grade(found) == {"A": 1, "B": 1, "C": 1, "own": 0, "none": 1}
    assert grades.by_grade(grades.graded(rows.clear(), counties=["a"], city="z")) == dict.fromkeys(grades.GRADES, 0)


@pytest.mark.parametrize("counts", [{}, {"A": 3, "B": 0, "C": 1, "own": 0, "none": 0}])
def test_grades_are_said_as_shares_of_what_there_is(numbers, counts):
    said = grades.finding(numbers.words, counts, percent=lambda value: f"<{value:g}>")
    assert re.findall(r"<(.*?)>", said) == (["75", "25"] if counts else [])


# The report, on the project's own city, on a made one, and on one of which nothing is known.


def texts(part) -> str:
    """What is read in a part, without the charts' specs."""
    html = re.sub(r"<script.*?</script>", "", str(part.html()), flags=re.S)
    return re.sub(r"data:text/csv;base64,\S+|<[^>]+>", " ", html)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("which", ["city", "made_city"])
def test_the_report_shows_every_part_of_any_city(request, which, language):
    report = coverage.report(language=language, city=request.getfixturevalue(which))
    for name, part in report.parts.items():
        assert part.heading and part.blocks, name
        assert not re.search(r"\{\w*\}|None|nan\b", texts(part)), name
        if language == "en" and name != "sources":
            assert not CHINESE.search(part.heading + texts(part)), name
    figures = [block for part in report.parts.values() for block in part.blocks if hasattr(block, "alt")]
    assert len(figures) == 3 and all(figure.alt and figure.table and figure.csv for figure in figures)


def test_what_a_part_cites_stands_among_the_sources(city):
    report = coverage.report(language="en", city=city)
    cited = {n for part in report.parts.values() for n in re.findall(r'href="#source-(\d+)"', str(part.html()))}
    listed = set(re.findall(r'id="source-(\d+)"', str(report["sources"].html())))
    assert cited == listed and cited


def test_the_report_tells_of_the_made_city_what_was_put_into_it(made_city):
    report = coverage.report(language="en", city=made_city)
    assert "Qingshi District, Gross domestic product, 2024" in texts(report["conflicts"])
    assert "better grade of source" in texts(report["conflicts"])
    missing = gaps.missing(facts(made_city), places(made_city))
    # 2022 of one and 2023 of another are gaps; a suppressed figure is one too.
    assert set(missing.select("place", "indicator", "period").iter_rows()) == {
        (RISING, "gdp", "2023"), (FALLING, "above_scale_industrial_va", "2023"),
        (FALLING, "above_scale_industrial_va", "2024"), (FLAT, "gdp", "2022"),
        (FLAT, "above_scale_industrial_va", "2024"),
    }  # fmt: skip
    found = matrix.cells(facts(made_city), places=COUNTIES, indicators=["gdp"], years=[2022, 2024], tolerance=0.005)
    assert found["state"].to_list() == ["published", "conflict", "bound", "published", "absent", "bound"]
    assert report.unit == f"city:{CITY}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_nothing_is_known_every_part_says_so_or_is_silent(city, language):
    context = coverage.city_context(language, city)
    nothing = replace(context, facts=context.facts.clear())
    assert not matrix.matrix(nothing).blocks
    assert not grades.confidence(nothing).blocks
    for made in (differences.conflicts, differences.vintages, gaps.unpublished, grades.grades):
        part = made(nothing)
        assert part.heading and "<figure" not in str(part.html()) and "<table" not in str(part.html())


def test_years_and_language_are_refused_in_words(city):
    with pytest.raises(ParameterError, match="at least 1"):
        coverage.report(language="en", years=0, city=city)
    with pytest.raises(ParameterError, match="unknown language"):
        coverage.report(language="fr", city=city)
