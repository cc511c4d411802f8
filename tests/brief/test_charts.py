"""What a chart shows is what its frame held: from zero, nothing reckoned by Vega, status as it is, words complete."""

from __future__ import annotations

import json
import warnings

import polars as pl
import pytest

from tylib.brief import charts, theme
from tylib.brief.charts import ink, lines
from tylib.errors import ParameterError

RANKED = pl.DataFrame(
    [
        {"label": "甲", "value": 2.0, "low": None, "high": None, "text": "2", "own": True, "status": "derived"},
        {"label": "乙", "value": 5.0, "low": None, "high": None, "text": "5", "own": False, "status": "imported"},
        {"label": "丙", "value": None, "low": None, "high": 4.0, "text": "<4", "own": False, "status": "published"},
        {
            "label": "丁",
            "value": None,
            "low": None,
            "high": None,
            "text": "未公布",
            "own": False,
            "status": "published",
        },
        {"label": "戊", "value": 0.0, "low": None, "high": None, "text": "0", "own": False, "status": "published"},
    ],
    infer_schema_length=None,
)
YEARS = pl.DataFrame({"year": [2020, 2021, 2023], "value": [1.0, 2.0, 1.5], "text": ["1", "2", "1.5"]})
SLOPES = pl.DataFrame({"label": ["甲", "乙"], "start": [1.0, 2.0], "end": [2.0, 1.0]}).with_columns(
    start_text=pl.col("start").cast(pl.String), end_text=pl.col("end").cast(pl.String)
)
TARGETS = pl.DataFrame({"label": ["a", "b"], "value": [3.5, None], "target": [7.0, 20.0], "text": ["3.5 / 7", "?"]})
BOUNDS = pl.DataFrame({"label": ["a", "b"], "low": [1.0, None], "high": [None, 3.0], "text": [">1", "<3"]})
TILES = pl.DataFrame({"label": ["a", "b"], "row": [0, 1], "col": [2, 1], "value": [1.0, None], "text": ["1", "未公布"]})
TILES = TILES.with_columns(own=pl.Series([True, False]))
CELLS = pl.DataFrame(
    {"row": ["a", "b"], "group": ["g", "g"], "column": ["2020", "2021"], "state": ["published", "absent"]}
)
PARTS = pl.DataFrame({"part": ["p", "q"], "value": [1.0, 3.0], "text": ["1", "3"]})

ALL = {
    "ranking": lambda frame=RANKED: charts.ranking(frame, unit="亿元", description="d"),
    "path": lambda frame=YEARS: charts.path(frame, unit="亿元", description="d"),
    "slope": lambda frame=SLOPES: charts.slope(frame, dates=("2010", "2020"), description="d"),
    "target": lambda frame=TARGETS: charts.target(frame, unit="目标=100", description="d"),
    "interval": lambda frame=BOUNDS: charts.interval(frame, unit="亿元", description="d"),
    "tiles": lambda frame=TILES: charts.tiles(frame, description="d"),
    "coverage": lambda frame=CELLS: charts.coverage(frame, states={"published": "公布"}, description="d"),
    "parts": lambda frame=PARTS: charts.parts(frame, unit="%", description="d"),
}


def spec(chart) -> dict:
    return theme.spec(chart)


def values(chart) -> list[dict]:
    """All rows of all layers."""
    whole = spec(chart)
    sets = whole.get("datasets", {})
    return [
        row
        for layer in whole["layer"]
        for row in layer.get("data", {}).get("values", sets.get(layer.get("data", {}).get("name"), []))
    ]


def layers(chart, mark: str) -> list[dict]:
    return [layer for layer in spec(chart)["layer"] if layer["mark"]["type"] == mark]


@pytest.mark.parametrize("kind", ALL)
def test_every_chart_is_valid_described_and_the_same_each_time(kind):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first = json.dumps(spec(ALL[kind]()), sort_keys=True)
    assert first == json.dumps(spec(ALL[kind]()), sort_keys=True)
    assert spec(ALL[kind]())["description"] == "d"


@pytest.mark.parametrize("kind", ALL)
def test_no_chart_reckons_sorts_or_fetches_in_the_browser(kind):
    text = json.dumps(spec(ALL[kind]()))
    for word in ('"transform"', '"aggregate"', '"bin"', '"url"', '"stack"'):
        assert word not in text


@pytest.mark.parametrize("kind", ALL)
def test_every_chart_compiles_and_draws_every_word(kind):
    import vl_convert

    svg = vl_convert.vegalite_to_svg(theme.themed(ALL[kind]()), vl_version="6.4")
    for text in {row["text"] for row in values(ALL[kind]()) if row.get("text")}:
        assert all(line.replace("<", "&lt;").replace(">", "&gt;") in svg for line in text.split("\n"))
    assert "NaN" not in svg


@pytest.mark.parametrize("kind", ALL)
def test_a_missing_column_and_no_rows_are_refused(kind):
    frame = {"ranking": RANKED, "path": YEARS, "slope": SLOPES, "target": TARGETS}.get(kind)
    frame = (
        frame if frame is not None else {"interval": BOUNDS, "tiles": TILES, "coverage": CELLS, "parts": PARTS}[kind]
    )
    with pytest.raises(ParameterError, match="lacks"):
        ALL[kind](frame.drop("state" if kind == "coverage" else "start_text" if kind == "slope" else "text"))
    with pytest.raises(ParameterError, match="no rows"):
        ALL[kind](frame.clear())


def test_a_ranking_is_sorted_with_bounds_in_place_zero_drawn_and_absence_last():
    sort = spec(ALL["ranking"]())["layer"][0]["encoding"]["y"]["sort"]
    assert sort == ["乙", "丙", "甲", "戊", "丁"]


def test_the_own_bar_is_accented_and_the_derived_one_outlined():
    bars = {row["label"]: row for row in values(ALL["ranking"]()) if "outline" in row}
    assert bars["甲"] == {"label": "甲", "value": 2.0, "fill": theme.ACCENT, "outline": 1.0}
    assert bars["乙"]["fill"] == theme.CONTEXT
    assert bars["戊"]["value"] == 0.0
    assert set(bars) == {"甲", "乙", "戊"}


def test_bars_begin_at_zero_whatever_the_values():
    frame = pl.DataFrame({"label": ["a", "b"], "value": [98.0, 99.0], "text": ["98", "99"]})
    assert spec(ALL["ranking"](frame))["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0.0, 99.0]
    losses = pl.DataFrame({"label": ["a", "b"], "value": [-2.0, 3.0], "text": ["−2", "3"]})
    assert spec(ALL["ranking"](losses))["layer"][0]["encoding"]["x"]["scale"]["domain"] == [-2.0, 3.0]


def test_an_estimate_has_caps_and_no_point_and_an_open_end_an_arrow():
    assert layers(ALL["interval"](), "tick")
    shapes = [layer["mark"]["shape"] for layer in layers(ALL["interval"](), "point")]
    assert shapes == ["triangle-right"]
    spans = [(row["low"], row["high"]) for row in values(ALL["interval"]()) if "high" in row]
    assert spans == [(1.0, 3.0), (0.0, 3.0)]


def test_a_path_does_not_join_runs_and_shows_a_gap_as_a_gap():
    def links(frame):
        return [(row["year"], row["next"]) for row in values(ALL["path"](frame)) if "next" in row]

    assert sorted(links(YEARS)) == [(2020, 2021), (2021, 2023)]
    gap, solid = layers(ALL["path"](), "rule")
    assert gap["mark"]["strokeDash"] == [1, 4]
    assert "strokeDash" not in solid["mark"]
    assert links(YEARS.with_columns(run=pl.Series(["a", "b", "b"]))) == [(2021, 2023)]


def test_a_scenario_is_dashed():
    frame = YEARS.with_columns(status=pl.Series(["published", "scenario", "scenario"]))
    (rule,) = layers(ALL["path"](frame), "rule")
    assert rule["mark"]["strokeDash"] == [6, 4]


def test_an_unknown_status_or_state_is_refused_by_name():
    with pytest.raises(ParameterError, match='unknown status "guess"'):
        ALL["path"](YEARS.with_columns(status=pl.lit("guess")))
    with pytest.raises(ParameterError, match=r'unknown state "publishd".*Did you mean "published"'):
        ALL["coverage"](CELLS.with_columns(state=pl.lit("publishd")))


def test_outturns_are_shares_of_their_target_and_absent_ones_hatched():
    bars = [row["to"] for row in values(ALL["target"]()) if "fill" in row]
    assert bars == [50.0]
    assert theme.HATCH in json.dumps(spec(ALL["target"]()), ensure_ascii=False)
    with pytest.raises(ParameterError, match="not positive"):
        ALL["target"](TARGETS.with_columns(target=0.0))


def test_absent_tiles_are_hatched_and_the_own_one_framed():
    marks = [layer["mark"] for layer in layers(ALL["tiles"](), "rect")]
    assert [mark.get("fill", mark.get("stroke")) for mark in marks] == [theme.PAPER, theme.HATCH, theme.ACCENT]
    assert len(layers(ALL["tiles"](TILES.with_columns(value=None, own=False)), "rect")) == 1


def test_parts_are_at_most_five_and_fill_the_bar():
    ends = [row["to"] for row in values(ALL["parts"]()) if "to" in row]
    assert ends == [25.0, 100.0]
    many = pl.DataFrame({"part": list("abcdef"), "value": [1.0] * 6, "text": ["1"] * 6})
    with pytest.raises(ParameterError, match="at most 5"):
        ALL["parts"](many)
    with pytest.raises(ParameterError, match="below zero"):
        ALL["parts"](PARTS.with_columns(value=-1.0))


def test_labels_are_moved_apart_in_their_order_and_stay_inside():
    places = lines.spread_out([95.0, 96.0, 97.0, 10.0], 12, 100)
    assert sorted(places) == [places[3], places[0], places[1], places[2]]
    assert all(b - a >= 12 - 1e-9 for a, b in zip(sorted(places), sorted(places)[1:], strict=False))
    assert min(places) >= 0
    assert max(places) <= 100


def test_ticks_enclose_what_they_measure():
    for low, high in ((0, 0), (0, 1), (-3, 7), (0, 0.04), (12, 12), (-5, 0), (0, 123456)):
        ticks = lines.nice_ticks(low, high)
        assert ticks[0] <= low
        assert ticks[-1] >= high
        assert 2 <= len(ticks) <= 8


def test_chinese_breaks_anywhere_and_english_at_words():
    assert ink.wrap("清徐") == "清徐"
    assert ink.wrap("规模以上工业企业利润总额增速", 8).count("\n") == 1
    assert ink.wrap("Industrial output", 6) == "Industrial\noutput"


def test_a_bold_label_with_a_dash_leaves_a_gap_before_its_bar():
    """As measured in a browser at 13 pixels: 141, in bold, with a dash as wide as a Chinese character."""
    (label, measured) = ("太钢—中北招商9户签约", 141)
    axis = ink.row_axis([label], [label]).to_dict()
    assert axis["labelPadding"] >= measured + 6
    assert ink.row_axis([label], []).to_dict()["labelPadding"] < axis["labelPadding"]
