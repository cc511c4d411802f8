"""Cases like the published ones, worked out by the plain implementation: other regions, sectors, levers, closures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from tylib.__main__ import app
from tylib.scenario.oracles import COLUMNS, FIXED, NAMES

from .slow import walk

FUNCTION = "scenario reference v1 (one region)"
CENTRAL = {
    "delta": 0.1, "sigma": 0.01, "eta": 0.25, "phi": 0.6, "beta_v": 0.04, "gamma": 0.07, "drho": 0.01, "dD": 0.08,
    "j": 0.02, "beta_D": 0.03, "gC": 0.05, "beta_C": 0.02, "Cstar": 4.0, "dtau": 0.02, "beta_T": 0.05, "epsL": 0.3,
    "lam_D": 0.03, "lam_K": 0.03, "kappa": 0.015, "x8": 0.1, "theta": 0.08, "xi": 0.02, "psi": 0.025, "omega": 0.02,
    "R": 0.45, "chi": 0.015,
}  # fmt: skip
FULL = {f"u{n}": 1.0 for n in range(1, 9)}
VARIANTS = {
    "one_sector": {"sectors": 1, "u": FULL},
    "six_sectors_mixed": {"sectors": 6, "u": {"u2": 0.7, "u4": 0.3, "u8": 1.0}, "years": 12, "seed": 3},
    "one_year": {"u": FULL, "years": 1},
    "demand_binds": {"u": FULL, "slack": 0.9, "gf": 0.01},
    "demand_binds_without_levers": {"u": {}, "slack": 0.8, "gf": 0.0},
    "both_sides_bind": {"u": FULL, "slack": 0.95, "gf": 0.025, "sectors": 5, "seed": 9},
    "demand_closure": {"u": FULL, "closure": "demand"},
    "supply_closure": {"u": FULL, "closure": "supply"},
    "by_year": {"u": {"u1": [0, 0, 0.5, 1.0, 1.0], "u5": [1.0, 0, 0, 0, 0]}, "years": 5},
    "ends": {"u": FULL, "p": {"R": 1.0, "sigma": 0.0, "gamma": 0.0, "lam_D": -0.1, "chi": 0.0}, "digital": 0.95},
    "crowded": {"u": {"u2": 1.0}, "p": {"Cstar": 2.0, "beta_C": 0.05, "gC": 0.08}},
    "falling": {"u": FULL, "gY0": -0.05, "growth": -0.02, "slack": 0.97, "gf": -0.01},
}


def given(
    sectors=3, seed=0, slack=1.05, gf=0.055, gY0=0.05, growth=0.015, digital=0.2, years=7, u=(), p=(), closure=""
):
    """A case's parameters: a region drawn at random, of which demand asks ``slack`` times what it makes."""
    rng = np.random.default_rng(seed)
    Y, v = rng.uniform(20, 80, sectors), rng.uniform(0.2, 0.35, sectors)
    national = rng.uniform(0.02, 0.4 / sectors, (sectors, sectors))
    A = national * rng.uniform(0.5, 0.9, (sectors, sectors))
    base = {
        "Y0": Y, "K0": 2 * Y, "L0": Y / 15, "G0": 0.08 * Y, "D0": np.full(sectors, digital),
        "C0": rng.uniform(0.5, 3, sectors), "e0": rng.uniform(1, 2, sectors), "f0": rng.uniform(2, 3, sectors),
        "alpha": rng.uniform(0.4, 0.6, sectors), "i": np.full(sectors, 0.22), "rho": np.full(sectors, 0.02),
        "g": rng.uniform(0, 2, sectors) * growth, "v": v, "A": A, "A_nat": national,
        "fd0": (np.eye(sectors) - A) @ (slack * Y / v),
    }  # fmt: skip
    plain = {name: values.tolist() for name, values in base.items()}
    params = {"p": plain | {"gf": gf, "gY0": gY0} | CENTRAL | dict(p), "u": dict(u), "T": years}
    return params | ({"closure": closure} if closure else {})


def slowly(params) -> dict[str, list[dict]]:
    """The same by the plain implementation."""
    p, sectors = params["p"], len(params["p"]["Y0"])
    A = np.array(p["A"])
    X = np.linalg.solve(np.eye(sectors) - A, p["fd0"])
    s = {
        "Y": p["Y0"], "K": p["K0"], "L": p["L0"], "G": p["G0"], "alpha": p["alpha"], "localisation": p["C0"],
        "demand": (np.array(p["v"]) * X).tolist(), "energy": p["e0"], "carbon": p["f0"], "trend": p["g"],
        "i": p["i"][0], "rho": p["rho"][0], "digital": p["D0"][0], "growth": p["gY0"], "demand_growth": p["gf"],
        "output": X.tolist(), "A": p["A"], "national": p["A_nat"], "groups": list(range(sectors)),
        "equipment": [0.0] * sectors,
    }  # fmt: skip
    own = {name: p[symbol] for name, symbol in NAMES.items()} | FIXED
    years, closure = params["T"], params.get("closure", "binding")
    by_year = [np.broadcast_to(params["u"].get(f"u{n}", 0.0), years).tolist() for n in range(1, 9)]
    without = walk(s, own, [None, *np.zeros((years, 8)).tolist()], closure)
    return {"baseline": without, "path": walk(s, own, [None, *np.transpose(by_year).tolist()], closure, without)}


def printed(walked: list[dict]) -> pl.DataFrame:
    keys = ("Y", "K", "L", "A", "E", "C", "nu", "G", "slack")
    rows = [(t, k, *(year[key][k] for key in keys)) for t, year in enumerate(walked) for k in range(len(year["Y"]))]
    return pl.DataFrame(rows, schema=["t", "sector", *COLUMNS], orient="row")


def write(folder: Path, name: str, params: dict) -> dict[str, list[dict]]:
    found = slowly(params)
    (folder / name).mkdir()
    for key, walked in found.items():
        printed(walked).write_csv(folder / name / f"out_{key}.csv")
    case = {"id": name, "function": FUNCTION, "params": params, "inputs": {}, "tolerance": {"_default": 1e-9},
            "expected": {key: {"file": f"out_{key}.csv"} for key in found}}  # fmt: skip
    (folder / name / "case.json").write_text(json.dumps(case), encoding="utf-8")
    return found


def run(folder: Path) -> dict:
    names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    (folder / "index.json").write_text(json.dumps(names), encoding="utf-8")
    return json.loads(CliRunner().invoke(app, ["oracles", str(folder), "--format", "json"]).stdout)


def test_the_runner_answers_every_variant_of_the_family(tmp_path):
    found = {name: write(tmp_path, name, given(**changes)) for name, changes in VARIANTS.items()}
    told = run(tmp_path)
    assert sorted(told["passed"]) == sorted(VARIANTS), told
    bound = {name: {value > 1e-9 for year in walked["path"][1:] for value in year["slack"]}
             for name, walked in found.items()}  # fmt: skip
    assert bound["demand_binds_without_levers"] == {True} and bound["one_sector"] == {False}
    assert bound["both_sides_bind"] == {True, False}, "the variants try both sides"


@pytest.mark.parametrize("column", COLUMNS)
def test_a_figure_that_is_wrong_is_a_failure(tmp_path, column):
    write(tmp_path, "wrong", given(**VARIANTS["both_sides_bind"]))
    path = tmp_path / "wrong" / "out_path.csv"
    last = pl.int_range(pl.len()) == pl.len() - 1
    changed = pl.read_csv(path).with_columns(pl.col(column) + pl.when(last).then(1e-6).otherwise(0.0))
    changed.write_csv(path)
    assert run(tmp_path)["failed"] == ["wrong"]


def test_one_figure_for_all_sectors_and_a_symbol_that_is_missing(tmp_path):
    params = given()
    write(tmp_path, "case", params)
    path = tmp_path / "case" / "case.json"
    case = json.loads(path.read_text(encoding="utf-8"))
    case["params"]["p"] |= {"i": 0.22, "rho": 0.02, "D0": 0.2}
    path.write_text(json.dumps(case), encoding="utf-8")
    assert run(tmp_path)["passed"] == ["case"]
    del case["params"]["p"]["chi"]
    path.write_text(json.dumps(case), encoding="utf-8")
    assert run(tmp_path)["not_covered"] == ["case"]
    assert "chi" in CliRunner().invoke(app, ["oracles", str(tmp_path)]).stdout
