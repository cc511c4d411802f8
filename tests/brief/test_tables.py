"""Tables: semantic, escaped, the same text each time."""

from __future__ import annotations

import re

import polars as pl
import pytest
from markupsafe import Markup

from tylib.brief.tables import html_table
from tylib.errors import ParameterError

COLUMNS = {"place": "County", "gdp": "GDP, bn", "growth": "Growth, %"}
ROWS = [
    {"place": "A & B", "gdp": "35.3", "growth": Markup("1.9<sup>≈</sup>")},
    {"place": "<b>C", "gdp": None, "growth": "not published"},
]


def test_rows_and_columns_have_headings_with_scope_and_the_box_a_name():
    html = html_table(ROWS, COLUMNS, key="gdp", caption="GDP by county", right=["gdp", "growth"])
    assert html.startswith(
        '<div class="table-scroll short" role="region" tabindex="0" aria-label="GDP by county"><table'
    )
    assert html.count('scope="col"') == 3
    assert html.count('<th scope="row">') == 2
    assert '<caption class="unseen">GDP by county</caption>' in html


def test_text_is_escaped_and_markup_kept():
    html = html_table(ROWS, COLUMNS, key="gdp", caption="<c>")
    assert "A &amp; B" in html
    assert "&lt;b&gt;C" in html
    assert "1.9<sup>≈</sup>" in html
    assert "&lt;c&gt;" in html


def test_a_frame_may_say_which_columns_are_html():
    frame = pl.DataFrame({"place": ["<b>"], "gdp": ["<i>1</i>"], "growth": ["<i>2</i>"]})
    html = html_table(frame, COLUMNS, key="gdp", caption="c", markup=["growth"])
    assert "&lt;b&gt;" in html
    assert "&lt;i&gt;1" in html
    assert "<i>2</i>" in html


def test_a_heading_over_several_columns_spans_them_and_nothing_is_dressed():
    html = html_table(ROWS, COLUMNS, key="gdp", caption="c", spanners={"Both": ["gdp", "growth"]})
    assert not re.search(r'style=|<style|gt_|data-|headers=|\sid="(?!table-gdp")', html)
    assert '<th class="center" colspan="2" scope="colgroup">Both</th>' in html


def test_the_same_table_is_the_same_text():
    assert html_table(ROWS, COLUMNS, key="a", caption="c") == html_table(ROWS, COLUMNS, key="a", caption="c")


def test_groups_and_the_own_row_are_marked():
    rows = [{**row, "kind": kind} for row, kind in zip(ROWS, ("town", "district"), strict=True)]
    html = html_table(rows, COLUMNS, key="a", caption="c", groups="kind", own=1)
    assert html.count('class="group"') == 2
    assert '<tr class="own"><th scope="row">&lt;b&gt;C' in html


def test_a_column_of_short_words_is_not_broken_and_a_status_for_listeners_takes_no_room():
    seen = Markup('9<span class="status"><sup>≈</sup><span class="unseen">a long word for listeners</span></span>')
    rows = [{"place": "清徐县", "gdp": seen, "growth": "x" * 60}]
    html = html_table(rows, COLUMNS, key="a", caption="c")
    assert re.findall(r'<th class="(w\d+)"', html) == ["w4", "w4", "w16"]


@pytest.mark.parametrize(
    ("rows", "columns", "says"),
    [
        ([{"place": "A", "gdp": 1.5}], {"place": "County", "gdp": "GDP"}, 'column "gdp" of a table holds float'),
        ([{"place": "A"}], {"place": "County", "gdp": "GDP"}, 'no column "gdp"'),
    ],
)
def test_what_is_not_text_or_not_there_is_refused(rows, columns, says):
    with pytest.raises(ParameterError, match=says):
        html_table(rows, columns, key="a", caption="c")
