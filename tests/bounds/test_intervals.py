"""Identities of the intervals, on the project's own rows and on the made city, which has none."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tylib import bounds as feasible
from tylib.bounds.intervals import identity, intervals
from tylib.errors import ParameterError
from tylib.store import load
from tylib.store.kept import digest
from tylib.store.params import bounds_suppositions

KEY = ["unit_code", "sector_code", "quantity"]


@pytest.fixture(scope="module")
def layers(city):
    return {layer: feasible.bounds(city, layer=layer) for layer in feasible.LAYERS}


def widths(frame):
    return frame.select(*KEY, "low", "high")


def wider(inner, outer, room=1e-6):
    """Rows whose interval in the first frame sticks out of that in the second."""
    both = widths(inner).join(widths(outer), on=KEY, suffix="_outer", validate="1:1")
    scale = 1.0 + pl.col("high_outer").abs()
    return both.filter(
        (pl.col("low") < pl.col("low_outer") - room * scale) | (pl.col("high") > pl.col("high_outer") + room * scale)
    )


def test_every_figure_has_an_interval_in_every_layer(layers, city):
    rows = feasible.system(city, layer=1)
    cells = len(rows.places) * len(rows.sectors)
    for frame in layers.values():
        assert frame.filter((pl.col("quantity") == "output") & (pl.col("sector_code") != "")
                            & (pl.col("unit_code") != city.place)).height == cells  # fmt: skip
        assert frame.filter(pl.col("low") > pl.col("high") + 1e-9).is_empty()
        assert frame.filter(pl.col("low") < 0).is_empty()
        assert frame.select(KEY).is_unique().all()


def test_a_layer_lies_within_the_one_before(layers):
    assert wider(layers[2], layers[1]).is_empty()
    assert wider(layers[3], layers[2]).is_empty()


def test_what_stated_rows_bind_is_stated(layers, city):
    known = set(feasible.stated_rows(city)["constraint_id"])
    for frame in layers.values():
        named = set(frame["binding_low"].explode().drop_nulls()) | set(frame["binding_high"].explode().drop_nulls())
        assert named <= known


@pytest.mark.parametrize("name", ["F04", "F26", "F31"])
def test_leaving_a_row_out_never_narrows(layers, city, name):
    asked = ("output",)
    without = feasible.bounds(city, layer=2, switch={name: False}, quantities=asked)
    assert wider(layers[2].filter(pl.col("quantity") == "output"), without).is_empty()
    assert not wider(without, layers[2].filter(pl.col("quantity") == "output")).is_empty()


def test_a_changed_row_changes_what_it_bounds(city):
    asked = {"layer": 2, "quantities": ("value_added",)}
    total = (pl.col("unit_code") == "140110") & (pl.col("sector_code") == "")
    before = feasible.bounds(city, **asked).filter(total)["high"].item()
    after = feasible.bounds(city, change={"F04": {"high": 3.0}}, **asked).filter(total)["high"].item()
    assert (before, after) == pytest.approx((5.585, 3.0))


def test_a_sum_is_no_wider_than_its_parts(layers):
    frame = layers[2].filter(pl.col("quantity") == "output")
    parts = frame.filter(pl.col("sector_code") != "").group_by("unit_code").agg(pl.col("low", "high").sum())
    both = frame.filter(pl.col("sector_code") == "").join(parts, on="unit_code", suffix="_sum")
    assert both.height == 11
    assert both.filter(
        (pl.col("low") < pl.col("low_sum") - 1e-6) | (pl.col("high") > pl.col("high_sum") + 1e-6)
    ).is_empty()


def test_a_quotient_is_a_share_over_the_national_one(layers, own):
    """Where a national sector is one of ours, its quotient times the national share is the share."""
    single = {group: own[2].sectors[at[0]] for group, at in own[2].groups.items() if len(at) == 1}
    frame = layers[2]
    shares = frame.filter(pl.col("quantity") == "share")
    quotients = frame.filter((pl.col("quantity") == "location_quotient") & pl.col("sector_code").is_in(list(single)))
    national = pl.col("sector_code").replace_strict(own[2].national, return_dtype=pl.Float64)
    both = quotients.with_columns(
        pl.col("low", "high") * national, sector_code=pl.col("sector_code").replace_strict(single)
    ).join(shares, on=["unit_code", "sector_code"], suffix="_share")
    assert both.height == 10 * len(single)
    assert (both["low"] - both["low_share"]).abs().max() < 1e-7
    assert (both["high"] - both["high_share"]).abs().max() < 1e-7


def test_the_rule_of_what_is_fit_to_print(city):
    supposed = bounds_suppositions(city)
    whole = {"output": 1000.0}
    ends = [(50.0, 100.0), (50.0, 900.0), (0.0, 5.0), (0.0, 900.0)]
    table = pl.DataFrame(ends, schema=["low", "high"], orient="row").with_columns(quantity=pl.lit("output"))
    assert feasible.fit_to_print(table, whole=whole, supposed=supposed)["fit"].to_list() == [
        "interval", "floor", "ceiling", None,
    ]  # fmt: skip


def test_a_wrong_name_is_told(city):
    for asked in (
        {"switch": {"X": True}},
        {"layer": 9},
        {"quantities": ("profit",)},
        {"change": {"F04": {"mid": 1.0}}},
    ):
        with pytest.raises(ParameterError):
            feasible.bounds(city, **asked)


def test_a_planted_contradiction_is_named_in_words(city):
    planted = {"F04": {"high": 0.001}, "F30": {"low": 100_000.0}}
    with pytest.raises(feasible.ContradictionError, match="F30"):
        feasible.bounds(city, change=planted)
    told = feasible.contradiction(city, change=planted)
    assert "F30" in told["constraint_id"].to_list() and "F04" not in told["constraint_id"].to_list()
    assert told.select("title_zh", "title_en", "reason_zh", "reason_en").null_count().row(0) == (0, 0, 0, 0)
    assert feasible.contradiction(city).is_empty()


def test_without_rows_there_is_silence(made_city):
    assert load("constraints", made_city).is_empty()
    assert feasible.bounds(made_city).is_empty()
    assert feasible.contradiction(made_city).is_empty()
    assert feasible.draws(made_city) is None
    assert feasible.worth(made_city).is_empty()
    assert feasible.stated_rows(made_city).is_empty()


def test_published_rows_say_what_their_source_says(city):
    """Numbers of the first layer stand in the tables of facts, or follow from two that do."""
    rows = load("constraints", city).filter(pl.col("kind").cast(pl.String) == "published")
    assert rows.filter(pl.col("source_id").is_null()).is_empty()
    judged = load("constraints", city).filter(pl.col("kind").cast(pl.String) == "judgement")
    assert judged.select("reason_zh", "reason_en").null_count().row(0) == (0, 0)


def test_intervals_follow_a_draw_of_their_own(own, city):
    """A figure fixed by a row collapses, and everything else stays within what it was."""
    supposed = bounds_suppositions(city)
    place, sector = own[2].places[1], own[2].sectors[1]
    cell = own[2].unknown("output", place, sector)
    before = intervals(own[2], 2, supposed, ("output",))
    after = intervals(
        own[2].also([feasible.constraints.Row("given", {cell: 1.0}, 40.0, 40.0)]), 2, supposed, ("output",)
    )
    fixed = after.filter((pl.col("unit_code") == place) & (pl.col("sector_code") == sector))
    assert fixed.select("low", "high", "fit").row(0) == (pytest.approx(40.0), pytest.approx(40.0), "interval")
    assert wider(after, before).is_empty()


def test_another_row_is_another_identity(own):
    changed = own[2].also([feasible.constraints.Row("more", {0: 1.0}, 0.0, 1.0)])
    assert digest(*identity(own[2])) != digest(*identity(changed))
    assert digest(*identity(own[2])) == digest(*identity(own[2].also([])))
    assert np.isfinite(own[2].matrix().data).all()
