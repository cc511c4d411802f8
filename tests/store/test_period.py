"""Periods: what is read, what is refused, and that nothing is guessed or stretched."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tylib.errors import ParameterError
from tylib.store.period import Period, parse_period, periods

years = st.integers(1900, 2090)
months = st.integers(1, 12)


@st.composite
def written_periods(draw: st.DrawFn) -> Period:
    """A period and its written form, made from its first and last month."""
    year, later = draw(years), draw(st.integers(1, 9))
    first, last = sorted((draw(months), draw(months)))
    half, quarter = draw(st.integers(1, 2)), draw(st.integers(1, 4))
    form, begin, end, end_month = draw(
        st.sampled_from(
            [
                (f"{year}", 1, year, 12),
                (f"{year}-{year + later}", 1, year + later, 12),
                (f"{year}H{half}", 6 * half - 5, year, 6 * half),
                (f"{year}Q{quarter}", 3 * quarter - 2, year, 3 * quarter),
                (f"{year}M{first}", first, year, first),
                (f"{year}M{first}-M{last}" if first < last else f"{year}M{first}", first, year, last),
                (f"{year}M{last}-{year + later}M{first}", last, year + later, first),
            ]
        )
    )
    whole = begin == 1 and end_month == 12
    return Period(form, date(year, begin, 1), date(end, end_month, monthrange(end, end_month)[1]), whole)


@given(written_periods())
def test_a_written_form_is_read_back_as_itself(period):
    assert parse_period(str(period)) == period


@given(written_periods())
def test_only_the_first_of_january_to_the_end_of_december_is_whole_years(period):
    read = parse_period(period.period)
    assert read.whole_years == ((read.start.month, read.start.day, read.end.month, read.end.day) == (1, 1, 12, 31))


@pytest.mark.parametrize(
    ("saying", "form"),
    [
        ("H1 2022", "2022H1"),
        ("2022年上半年", "2022H1"),
        ("first half of 2022", "2022H1"),
        ("2022年下半年", "2022H2"),
        ("2022年一季度", "2022Q1"),
        ("2022年第3季度", "2022Q3"),
        ("2022年前三季度", "2022M1-M9"),
        ("Jan-Sep 2023", "2023M1-M9"),
        ("January–September 2023", "2023M1-M9"),
        ("2023年1-9月", "2023M1-M9"),
        ("2023M01-M09", "2023M1-M9"),
        ("Apr 2022", "2022M4"),
        ("Sept. 2022", "2022M9"),
        ("2023-07", "2023M7"),
        ("２０２３年７月", "2023M7"),
        ("2022-09 to 2023-07", "2022M9-2023M7"),
        ("2023-24", "2023-2024"),
        ("2024-26", "2024-2026"),
        ("2021 and 2022", "2021-2022"),
        ("2024, 2025", "2024-2025"),
        ("2016–2020年", "2016-2020"),
        ("2022-2022", "2022"),
        ("end-2025", "2025"),
        ("2025年底", "2025"),
        ("2023 (first 10 chains)", "2023"),
        ("2025 target", "2025"),
    ],
)
def test_sayings_have_one_written_form(saying, form):
    assert parse_period(saying).period == form


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "undated"),
        ("n.d.", "undated"),
        ("undated(before 2018?)", "undated"),
        ("no year stated", "undated"),
        ("latest", "undated"),
        ("c. 2023", "a supposed date"),
        ("2024 (inferred)", "a supposed date"),
        ("Jan-Oct (2024 inferred)", "a supposed date"),
        ("约2013年", "a supposed date"),
        ("2011-12", "a month, or two years?"),
        ("2015 and 2020", "two years apart from each other"),
        ("2022 (H1)", "a remark that names another time"),
        ("2023 (2022)", "a remark that names another time"),
        ("2020-2016", "it ends before it begins"),
        ("2022M5-M2", "it ends before it begins"),
        ("2022M13", "no period in a known form"),
        ("2022H3", "no period in a known form"),
        ("2018+", "no period in a known form"),
        ("last year", "no period in a known form"),
    ],
)
def test_what_cannot_be_known_is_refused_with_a_reason(text, reason):
    with pytest.raises(ParameterError, match=r"cannot be read") as refusal:
        parse_period(text)
    assert f": {reason};" in str(refusal.value)


def test_a_half_year_is_never_a_year():
    half = parse_period("2022年上半年")
    assert (half.period, half.end, half.whole_years) == ("2022H1", date(2022, 6, 30), False)


def test_a_column_is_read_as_its_cells_are():
    texts = ["2022H1", None, "c. 2013", "2016-2020", "2022"]
    rows = pl.DataFrame({"t": texts}).select(periods("t")).to_series().to_list()
    assert rows[1] is None
    assert [row["period"] for row in rows if row] == ["2022H1", None, "2016-2020", "2022"]
    assert rows[2]["reason"] == "a supposed date"
    assert rows[3]["whole_years"] is True


def test_an_empty_column_stays_empty():
    assert pl.DataFrame({"t": []}, schema={"t": pl.String}).select(periods("t")).height == 0


@given(st.lists(st.one_of(st.none(), st.text(max_size=15)), max_size=5))
def test_no_text_breaks_the_reader(texts):
    read = pl.DataFrame({"t": texts}, schema={"t": pl.String}).select(periods("t").alias("p")).unnest("p")
    assert read.filter(pl.col("period").is_not_null() & pl.col("reason").is_not_null()).is_empty()
