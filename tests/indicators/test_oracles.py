"""Published cases: those of the folder named by TYLIB_ORACLES, and how any case is judged."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from tylib.__main__ import app
from tylib.errors import DataError, ParameterError
from tylib.indicators import oracles, peers
from tylib.indicators.oracles import FAMILIES, verdict
from tylib.indicators.verdict import STATUSES, Answer, Labels, judge, nearest
from tylib.store.cases import cases

BESIDE = Path(__file__).parents[3] / "shared" / "oracles" / "open"
FOLDER = Path(os.environ.get("TYLIB_ORACLES") or BESIDE)


@pytest.fixture
def case(tmp_path):
    """Write a case of location quotients; what is given replaces what stands in its description."""

    def write(name: str = "one", **changed) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "in_matrix.csv").write_text("region,x,y\na,3,1\nb,1,3\n", encoding="utf-8")
        (folder / "out_lq.csv").write_text("key,x,y\na,1.5,0.5\nb,0.5,1.5\n", encoding="utf-8")
        described = {
            "id": name, "function": "econgeo: lq", "params": {}, "inputs": {"matrix": {"file": "in_matrix.csv"}},
            "expected": {"lq": {"file": "out_lq.csv"}}, "tolerance": {"_default": 1e-9},
        } | changed  # fmt: skip
        (folder / "case.json").write_text(json.dumps(described), encoding="utf-8")
        return tmp_path

    return write


@pytest.mark.skipif(not FOLDER.is_dir(), reason="no published cases here: name their folder in TYLIB_ORACLES")
def test_no_published_case_fails():
    found = [verdict(one.described, one.inputs, one.expected) for one in cases(FOLDER)]
    assert [one for one in found if one.status == "failed"] == []
    assert all(one.reasons for one in found if one.status in ("documented", "not_covered"))
    assert sum(one.status == "passed" for one in found) > len(found) / 2


@pytest.mark.skipif(not FOLDER.is_dir(), reason="no published cases here: name their folder in TYLIB_ORACLES")
def test_no_rule_of_ours_hides_a_wrong_value(monkeypatch):
    asked: list[tuple] = []
    monkeypatch.setattr(oracles, "judge", lambda *of: asked.append(of) or judge(*of))
    for one in cases(FOLDER):
        verdict(one.described, one.inputs, one.expected)
    assert len(asked) > 10
    hidden = []
    for case, answers, expected, tolerance in asked:
        for name, values in expected.items():
            if name not in answers or not np.isfinite(values).any():
                continue
            trend = 0.01 * np.arange(values.size).reshape(values.shape)
            for wrong in (1.1 * values + 0.37, 1.1 * values + 0.37 + trend):
                if judge(case, answers, {name: wrong}, tolerance).status != "failed":
                    hidden.append((case, name))
    # What is null here in every cell, and of no scale at the peer, is all that nothing can be said of.
    of = {(case, name): answers[name] for case, answers, *_ in asked for name in answers}
    assert all(np.isnan(of[one].values).all() for one in hidden), hidden
    assert len(set(hidden)) <= 0.01 * sum(len(expected) for _, _, expected, _ in asked), hidden


def test_a_case_is_judged_by_its_family_and_tolerance(case):
    folder = case()
    case("far", expected={"lq": {"value": [[1.6, 0.5], [0.5, 1.5]]}})
    case("partly", expected={"lq": {"file": "out_lq.csv"}, "unknown": {"value": 3}})
    case("rounded", expected={"lq": {"value": [[2, 1], [1, 2]]}})
    case("other", function="the phase of the moon")
    case("broken", inputs={"A": {"value": 1}}, function="Leontief inverse")
    case("bare", params={}, function="Leontief inverse")
    shown = CliRunner().invoke(app, ["oracles", str(folder), "--format", "json"])
    found = json.loads(shown.stdout)
    assert shown.exit_code == 1 and set(found) == {*STATUSES, "reasons"}
    assert {name: found[name] for name in STATUSES} == {
        "passed": ["one"], "documented": ["partly"], "not_covered": ["bare", "other"],
        "failed": ["broken", "far", "rounded"],
    }  # fmt: skip
    assert found["reasons"]["far"] == ["lq: 0.1 away"] and "unknown: not offered" in found["reasons"]["partly"][0]
    lines = CliRunner().invoke(app, ["oracles", str(folder)]).stdout.splitlines()
    assert len(lines) == 8 and lines[-1] == "1 passed, 1 documented, 2 not covered, 3 failed"


def test_rows_and_columns_are_matched_by_their_labels_and_what_a_peer_left_out_binds_no_one(case):
    folder = case()
    turned = pl.DataFrame({"key": ["b", "a"], "y": [1.5, 0.5], "x": [0.5, 1.5]})
    turned.write_parquet(folder / "one" / "out_lq.parquet")
    case("turned", expected={"lq": {"file": "../one/out_lq.parquet"}})
    (folder / "one" / "out_long.csv").write_text("industry,rca,region\ny,1.5,b\nx,1.5,a\n", encoding="utf-8")
    case("long", function="ECI, PCI", expected={"result": {"file": "../one/out_long.csv"}})
    (folder / "one" / "out_wrong.csv").write_text("industry,rca,region\ny,1.4,b\n", encoding="utf-8")
    case("wrong", function="ECI, PCI", expected={"result": {"file": "../one/out_wrong.csv"}})
    found = {one.described["id"]: verdict(one.described, one.inputs, one.expected) for one in cases(folder)}
    assert {name: one.status for name, one in found.items()} == {
        "one": "passed", "turned": "passed", "long": "passed", "wrong": "failed",
    }  # fmt: skip


def test_names_of_rows_may_be_numbers_and_stand_in_any_order(case):
    folder = case(inputs={"matrix": {"value": 0}})
    made = pl.DataFrame({"region": [12, 7], "1": [3.0, 1.0], "2": [1.0, 3.0]})
    made.write_parquet(folder / "one" / "in_numbers.parquet")
    (folder / "one" / "in_y.csv").write_text("i,y\nb,1\nc,5\na,2\n", encoding="utf-8")
    (folder / "one" / "in_w.csv").write_text("i,j,w\na,b,1\nb,a,1\nb,c,1\nc,b,1\n", encoding="utf-8")
    (folder / "one" / "out_herf.csv").write_text("key,V1\n7,0.625\n12,0.625\n", encoding="utf-8")
    (folder / "one" / "out_lq.csv").write_text("key,2,1\n7,1.5,0.5\n12,0.5,1.5\n", encoding="utf-8")
    (folder / "one" / "out_long.csv").write_text("region,industry,rca\n7,2,1.5\n12,2,0.5\n", encoding="utf-8")
    (folder / "one" / "out_local.csv").write_text("i,q\na,3\nb,2\nc,4\n", encoding="utf-8")
    case("herf", function="reat: herf", inputs={"matrix": {"file": "../one/in_numbers.parquet"}},
         expected={"herf": {"file": "../one/out_herf.csv"}})  # fmt: skip
    case("lq", inputs={"matrix": {"file": "../one/in_numbers.parquet"}})
    case("long", function="ECI, PCI", inputs={"matrix": {"file": "../one/in_numbers.parquet"}},
         expected={"result": {"file": "../one/out_long.csv"}})  # fmt: skip
    named = {name: {"file": f"../one/in_{name}.csv"} for name in "yw"}
    case("local", function="local Moran", inputs=named, expected={"local": {"file": "../one/out_local.csv"}})
    (folder / "lq" / "out_lq.csv").write_bytes((folder / "one" / "out_lq.csv").read_bytes())
    found = {one.described["id"]: verdict(one.described, one.inputs, one.expected) for one in cases(folder)}
    del found["one"]
    assert {name: (one.status, one.reasons) for name, one in found.items()} == dict.fromkeys(found, ("passed", ()))


def test_a_parameter_is_read_from_what_is_asked_for(case):
    folder = case("atkinson", function="Theil between", inputs={"x": {"file": "in_x.csv"}},
                  expected={"atkinson_0.25": {"value": 0.026794919}}, tolerance={"_default": 1e-1})  # fmt: skip
    (folder / "atkinson" / "in_x.csv").write_text("x,group\n1,a\n4,b\n", encoding="utf-8")
    case("mean", function="COINr agg", inputs={"x": {"file": "in_x.csv"}}, expected={"result": {"file": "out.csv"}})
    (folder / "mean" / "in_x.csv").write_text("v,w\n1,1\n2,1\n", encoding="utf-8")
    (folder / "mean" / "out.csv").write_text("genmean3\n1.650963624447313\n", encoding="utf-8")
    # Two inputs, first order only: four results a row of the design where the second order has six.
    X, Y = "x1,name\n" + "0,0\n" * 16, "Y\n" + "0\n1\n0\n1\n" + "1\n0\n1\n0\n" + "0\n1\n0\n1\n" + "1\n1\n1\n1\n"
    case("first", function="Sobol", params={"N": 4}, expected={"first_total": {"file": "out.csv"}},
         inputs={name: {"file": f"{name}.csv"} for name in "XY"})  # fmt: skip
    for name, text in (("X", X), ("Y", Y), ("out", "name,S1,ST\nx1,0,0\nname,0,0\n")):
        (folder / "first" / f"{name}.csv").write_text(text, encoding="utf-8")
    found = {one.described["id"]: verdict(one.described, one.inputs, one.expected) for one in cases(folder)}
    assert found["atkinson"].status == found["mean"].status == "passed"
    assert "away" in found["first"].reasons[0], "the layout is read, the figures are not these"


def test_presence_that_is_given_stands_for_its_own_quotient(case):
    folder = case(function="presence_test=manual", params={"presence_test": "manual", "continuous": True},
                  expected={"result": {"file": "out_result.csv"}})  # fmt: skip
    (folder / "one" / "in_matrix.csv").write_text("region,x,y\na,1,0\nb,1,1\nc,0,1\n", encoding="utf-8")
    # Correlated at -1/2: each sector weighs 1 for itself and 1/4 for the other.
    rows = [("a", "x", 0.8), ("a", "y", 0.2), ("b", "x", 1), ("b", "y", 1), ("c", "x", 0.2), ("c", "y", 0.8)]
    text = "region,industry,density\n" + "".join(f"{r},{i},{d}\n" for r, i, d in rows)
    (folder / "one" / "out_result.csv").write_text(text, encoding="utf-8")
    (one,) = cases(folder)
    assert verdict(one.described, one.inputs, one.expected).status == "passed"


def test_goalposts_are_read_from_the_parameters_and_what_lies_beyond_them_is_told(case):
    given = {"gposts": [2, 6, 10], "targ": 4, "iref": 3, "npara": [0, 10]}
    columns = "rank,goalposts,dist2targ,dist2ref,scaled"
    rows = ["1,0,0,0,10", "2,2.5,0.6666666666666666,0.5,30", "3,7.5,{beyond},1,50"]
    for name, beyond in (("on", "1.3333333333333333"), ("cap", "1")):
        folder = case(name, function="COINr norm", params=given | {"cap_max": name == "cap"},
                      inputs={"x": {"file": "in_x.csv"}}, expected={"result": {"file": "out.csv"}})  # fmt: skip
        (folder / name / "in_x.csv").write_text("x\n1\n3\n5\n", encoding="utf-8")
        text = "\n".join([columns, *rows]).format(beyond=beyond)
        (folder / name / "out.csv").write_text(text, encoding="utf-8")
    found = {one.described["id"]: verdict(one.described, one.inputs, one.expected) for one in cases(folder)}
    assert found["cap"].status == "passed" and found["on"].status == "documented"
    assert [reason.split(":")[0] for reason in found["on"].reasons] == ["result.dist2targ"]


def test_what_a_case_does_not_give_is_taken_from_what_it_does(case):
    plants = {"plants": {"file": "in_plants.csv"}}
    folder = case("plants", function="Ellison-Glaeser", inputs=plants, expected={"ellison_a2": {"file": "out.csv"}})
    rows = "emp,industry,region\n1,p,a\n1,p,a\n4,q,a\n2,q,b\n2,q,b\n"
    (folder / "plants" / "in_plants.csv").write_text(rows, encoding="utf-8")
    # The places hold 3/5 and 2/5 of all: p lies in the first alone, q half in each; H is 1/2 and 3/8.
    text = "key,Gamma i,G i,z Gi,K i,HHI i\n"
    for name, G, plants, H in (("p", 8 / 25, 2, 1 / 2), ("q", 2 / 100, 3, 3 / 8)):
        text += f"{name},{(G - 12 / 25 * H) / (12 / 25 * (1 - H))},{G},,{plants},{H}\n"
    (folder / "plants" / "out.csv").write_text(text, encoding="utf-8")
    case("whole", function="Gini, Theil", inputs={"x": {"file": "in_x.csv"}}, expected={"gini": {"value": 0.25}})
    (folder / "whole" / "in_x.csv").write_text("x\n1\n3\n", encoding="utf-8")
    found = {one.described["id"]: verdict(one.described, one.inputs, one.expected) for one in cases(folder)}
    assert found["whole"].status == found["plants"].status == "passed", found


def test_ghosh_is_answered_beside_leontief_and_groups_count_as_inputs(case):
    folder = case("ghosh", function="Ghosh inverse", inputs={"Z": {"file": "in_Z.csv"}, "x": {"file": "in_x.csv"}},
                  expected={"B": {"value": [[0.25, 0.5], [0.5, 0]]}, "G": {"value": [[2, 1], [1, 1.5]]}})  # fmt: skip
    (folder / "ghosh" / "in_Z.csv").write_text("s1,s2\n1,2\n1,0\n", encoding="utf-8")
    (folder / "ghosh" / "in_x.csv").write_text("x\n4\n2\n", encoding="utf-8")
    case("groups", function="Sobol", params={"N": 2, "groups": ["a", "a", "b"]},
         inputs={name: {"file": f"in_{name}.csv"} for name in "XY"},
         expected={"first_total": {"value": [[1, 1], [0, 0]]}})  # fmt: skip
    # a, a with b's of group a, a with b's of group b, b: the first group alone decides.
    (folder / "groups" / "in_X.csv").write_text("x1,x2,x3\n" + "0,0,0\n" * 8, encoding="utf-8")
    (folder / "groups" / "in_Y.csv").write_text("Y\n0\n1\n0\n1\n1\n0\n1\n0\n", encoding="utf-8")
    found = {one.described["id"]: verdict(one.described, one.inputs, one.expected) for one in cases(folder)}
    assert found["ghosh"].status == "passed", found
    assert found["groups"].reasons == ("first_total: 1.0 away",), "two inputs are read, of noise"


def test_what_one_weighting_refuses_leaves_the_other_outputs_of_a_case(case):
    inputs, params = {"X": {"file": "in_X.csv"}}, {"types": [1, -1], "weights": [1, 3]}
    expected = {name: {"file": f"out_{name}.csv"} for name in ("weights", "scores")}
    for name, lowest in (("below", -1), ("above", 1)):
        folder = case(name, function="VIKOR doc example", inputs=inputs, params=params, expected=expected)
        (folder / name / "in_X.csv").write_text(f"c0,c1\n{lowest},2\n3,4\n", encoding="utf-8")
        (folder / name / "out_weights.csv").write_text("equal_weights,merec_weights\n0.5,\n0.5,\n", encoding="utf-8")
    # Weights stay as they are given: 1 and 3 on shares 1/4, 3/4 and, less being better, 2/3, 1/3.
    (folder / "below" / "out_scores.csv").write_text("vikor\n0\n1\n", encoding="utf-8")
    rows = "".join(f"{x + 3 * y},{x * y**3}\n" for x, y in ((1 / 4, 2 / 3), (3 / 4, 1 / 3)))
    (folder / "above" / "out_scores.csv").write_text("wsm,wpm\n" + rows, encoding="utf-8")
    found = {one.described["id"]: verdict(one.described, one.inputs, one.expected) for one in cases(folder)}
    assert {one.status for one in found.values()} == {"passed"}, found


def test_a_folder_without_cases_or_a_broken_one_is_refused(case, tmp_path):
    with pytest.raises(ParameterError, match="no folder"):
        list(cases(tmp_path / "none"))
    with pytest.raises(ParameterError, match="no case"):
        list(cases(tmp_path))
    folder = case()
    (folder / "one" / "out_lq.csv").unlink()
    with pytest.raises(DataError, match="cannot be read"):
        list(cases(folder))


def test_a_blank_of_the_peer_binds_no_one_and_one_of_ours_needs_a_rule():
    ours, theirs = np.array([1.0, 2.0, np.nan]), np.array([1.0, np.nan, 3.5551])
    exact = {"_default": 1e-9}
    assert judge("a", {"x": Answer(ours)}, {"x": theirs}, exact).status == "failed"
    assert judge("a", {"x": Answer(ours, nulls="a rule")}, {"x": theirs}, exact).reasons == ("x: a rule",)
    assert judge("a", {"x": Answer(ours, nulls="a rule")}, {"x": theirs + 1}, exact).status == "failed"
    # A rule by which values differ must say what the peer's are.
    assert judge("a", {"x": Answer(ours, "a rule")}, {"x": theirs + 1}, exact).status == "failed"
    known = Answer(ours, "a rule", nearest(theirs * 7, theirs + 1))
    assert judge("a", {"x": known}, {"x": theirs + 1}, exact).reasons == ("x: a rule",)
    assert judge("a", {"x": known}, {"x": theirs + 1.1}, exact).status == "failed"
    assert judge("a", {"x": Answer(ours)}, {"x": np.array([1.0, np.nan, np.nan])}, exact).status == "passed"


def test_sign_and_scale_are_free_only_where_they_are():
    ours, theirs = np.array([1.0, 2.0, 4.0]), np.array([-0.11, -0.23, -0.471])
    exact = {"_default": 1e-9}
    assert judge("a", {"x": Answer(theirs)}, {"x": -theirs}, exact).status == "failed"
    assert judge("a", {"x": Answer(theirs, sign=True)}, {"x": -theirs}, exact).status == "passed"
    # An index over its own sum: up to scale and origin, but not of any scale.
    for vector in (ours / 7, -ours / 7, (ours - 5) / -8):
        assert judge("a", {"x": Answer(ours, unit_sum=True)}, {"x": vector}, exact).status == "passed"
        for wrong in (1.1 * vector, vector + 0.37, vector + np.array([0, 0.01, -0.01])):
            assert judge("a", {"x": Answer(ours, unit_sum=True)}, {"x": wrong}, exact).status == "failed"


def test_labels_of_a_table_in_parts_are_known_up_to_which_part_has_which():
    # Two places and three: one label each, with mean 0 and deviation 1.
    member = np.array([[1.0, 1, 0, 0, 0], [0, 0, 1, 1, 1]])
    label = np.array([-1.0, -1, 1, 1, 1])
    theirs = (label - label.mean()) / label.std()
    ours = Answer(np.arange(5.0), "parts", Labels(member, np.array([2, 3]), "scores"))
    exact = {"_default": 1e-9}
    for known in (theirs, -theirs, np.where(np.arange(5) == 2, np.nan, theirs)):
        assert judge("a", {"x": ours}, {"x": known}, exact).status == "documented"
    for wrong in (theirs * 1.1, theirs + 0.37, theirs + np.array([0, 0, 0.1, -0.1, 0]), np.full(5, 0.5)):
        assert judge("a", {"x": ours}, {"x": wrong}, exact).status == "failed"
    shares = Answer(np.arange(5.0), "parts", Labels(member, np.array([2, 3]), "sum"))
    assert judge("a", {"x": shares}, {"x": member[0] / -2}, exact).status == "documented"
    assert judge("a", {"x": shares}, {"x": member[0]}, exact).status == "failed"


def test_families_go_by_what_a_case_says_and_never_by_its_name():
    patterns = [pattern for pattern, _ in FAMILIES]
    assert len(set(patterns)) == len(patterns) and not any("open" in pattern for pattern in patterns)


def test_a_peer_that_takes_a_gap_for_zero_is_known_by_it_and_by_nothing_else():
    X = np.array([[3.0, 1, 0], [1, np.nan, 4], [2, 2, 9]])
    exact = {"_default": 1e-9}
    zero = peers.reat(np.nan_to_num(X), {})
    for name, ours in peers.reat(X, {}).items():
        theirs = np.asarray(zero[name].values, dtype=float)
        assert judge("a", {name: ours}, {name: theirs}, exact).status in ("passed", "documented")
        assert judge("a", {name: ours}, {name: 1.1 * theirs + 0.37}, exact).status == "failed", name
    # To EconGeo one gap makes every quotient zero.
    lq = peers.econgeo(X, {})["lq"]
    assert judge("a", {"x": lq}, {"x": np.zeros((3, 3))}, exact).status == "documented"
    assert judge("a", {"x": lq}, {"x": np.eye(3)}, exact).status == "failed"


def test_a_peer_that_labels_parts_is_known_by_its_labels():
    X = np.zeros((5, 4))
    X[:2, :2], X[2:, 2:] = [[4, 1], [1, 3]], [[2, 1], [1, 5], [3, 3]]
    exact = {"_default": 1e-9}
    label = np.repeat([1.0, -1.0], [2, 3])
    scores = (label - label.mean()) / label.std()
    ours = peers.ecomplexity(X, {})
    for sign in (1, -1):
        theirs = np.broadcast_to(sign * scores[:, None], (5, 4))
        assert judge("a", {"eci": ours["eci"]}, {"eci": theirs}, exact).status == "documented"
        # Sectors stand on the scale of places: each has the label of those that have it.
        sectors = np.broadcast_to(sign * scores[[0, 0, 2, 2]], (5, 4))
        assert judge("a", {"pci": ours["pci"]}, {"pci": sectors}, exact).status == "documented"
        for wrong in (1.1 * theirs, theirs + 0.37, theirs + 0.01 * np.arange(5)[:, None]):
            assert judge("a", {"eci": ours["eci"]}, {"eci": wrong}, exact).status == "failed"


def test_only_an_index_that_says_nothing_of_diversity_is_free_in_its_sign():
    exact = {"_default": 1e-9}
    nested = np.array([[1.0, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]])
    eci = peers.ecomplexity(nested, {"presence_test": "manual"})["eci"]
    assert np.isfinite(eci.values).all()
    assert judge("a", {"x": eci}, {"x": -eci.values}, exact).status == "failed"
    # A chain: all places are equally diverse.
    chain = np.array([[1.0, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]])
    even = peers.ecomplexity(chain, {"presence_test": "manual"})["eci"]
    assert np.isfinite(even.values).all()
    assert judge("a", {"x": even}, {"x": -even.values}, exact).status == "passed"


def test_coagglomeration_of_reat_is_known_by_its_own_rule():
    plants = {"emp": [3, 1, 2, 6], "industry": ["A", "A", "B", "B"], "region": ["W", "X", "X", "Y"]}
    # Its shares of places added up: A 0.75, 0.25, 0 and B 0, 0.25, 0.75, beside 0.25, 0.25, 0.5 of all.
    x, H = np.array([0.25, 0.25, 0.5]), np.array([10 / 16, 40 / 64])
    own = [(G - (1 - x @ x) * h) / ((1 - x @ x) * (1 - h)) for G, h in zip([0.5, 0.125], H, strict=True)]
    w = np.array([4, 8]) / 12
    raw = ((np.array([0.75, 0.5, 0.75]) - x) ** 2).sum()
    drawn = sum(g * (w @ w) * (1 - h) for g, h in zip(own, H, strict=True))
    theirs = (raw / (1 - x @ x) - w**2 @ H - drawn) / (1 - w @ w)
    for value, status in ((theirs, "documented"), (theirs + 1e-6, "failed")):
        found = verdict(
            {"id": "c", "function": "Ellison-Glaeser coagglomeration", "source": "REAT 3.0.3",
             "tolerance": {"_default": 1e-9}},
            {"plants": pl.DataFrame(plants)}, {"ellison_c": value},
        )  # fmt: skip
        assert found.status == status


def test_density_of_the_nearest_is_known_as_the_peer_sums_it():
    phi, measure = np.array([[1.0, 0.9, 0.1], [0.9, 1.0, 0.5], [0.1, 0.5, 1.0]]), np.array([[1.0, 2.5, 4.0]])
    found = peers._unweighted(measure, phi, 1, whole=False)
    assert found(np.zeros((1, 3))).tolist() == [[2.5, 1.0, 2.5]]
    assert peers._unweighted(measure, phi, 1, whole=True)(np.array([[0.2, 1.0, 7.0]])).tolist() == [[0, 1, 1]]
