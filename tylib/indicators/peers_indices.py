"""What peer packages call our indices of many indicators: pymcdm, scikit-criteria, COINr, SALib, esda and DEA.

One function a family of cases; each takes the tables and parameters of a case and answers by the peers' own names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tylib.errors import ParameterError
from tylib.indicators import (
    composite,
    concentration,
    decision,
    frontier,
    normalisation,
    robustness,
    spatial,
    treatment,
    weighting,
)
from tylib.indicators.cube import over
from tylib.indicators.verdict import Answer, Tables, column, named, nearest, numbers


def decisions(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    """Weights and scores of pymcdm and scikit-criteria; scores by the weights given, else by entropy."""
    every = numbers(tables["X"], keys=True)
    X = every if every.shape[1] == len(params.get("types", ())) else numbers(tables["X"])
    sign = np.array(params.get("types", np.ones(X.shape[1])))
    entropy = _or_null(lambda: weighting.entropy_weights(X), X[0])
    given = np.asarray(params["weights"]) if "weights" in params else entropy
    whole = given.sum() if "weights" in params else 1.0  # weights that do not sum to one stay so with the peers
    gini = _or_null(lambda: concentration.gini(X.T), X[0])
    weights = {
        "entropy_weights": entropy, "textbook_entropy_0log0": entropy, "skcriteria_entropy": entropy,
        "critic_weights": weighting.critic_weights(X), "equal_weights": np.full(X.shape[1], 1 / X.shape[1]),
        "gini_weights": over(gini, gini.sum()), "pca_weights": weighting.principal(X)[0],
        "standard_deviation_weights": decision.deviation_weights(X),
        "merec_weights": _or_null(lambda: decision.removal_weights(X, direction=sign), X[0]),
    }  # fmt: skip
    scale = normalisation.normalise(X, method="sum", direction=sign)
    scores = {
        f"topsis_{name}": composite.topsis(X, given, direction=sign, normalisation=method)
        for name, method in (("vector", "vector"), ("minmax", "min-max"), ("sum", "sum"))
    }
    scores |= {
        "wsm": whole * composite.power_mean(scale, given),
        "wpm": _or_null(lambda: composite.power_mean(scale, given, power=0.0) ** whole, X[:, 0]),
        "vikor": decision.compromise(X, given, direction=sign),
    }  # fmt: skip
    same = (np.ptp(X, axis=0) == 0).any()
    void = "an indicator that does not vary has no weight and decides nothing here" * bool(same)
    zero = "an inverse of zero is null here" * bool((X == 0).any())
    below = "what weighs by shares or logarithms is null below zero here" * bool((X < 0).any())
    why = "; ".join(filter(None, [void, zero, below]))
    answers = {
        # Loadings have no sign of their own; weights have.
        f"weights.{name}": Answer(value, nulls=why, sign=name == "pca_weights")
        for name, value in weights.items()
    } | {f"scores.{name}": Answer(value, nulls=why) for name, value in scores.items()}
    if (X == 0).any():
        # To pymcdm a column with a zero has no entropy at all, and so the largest weight.
        p = over(X, X.sum(axis=0))
        e = -np.where(p > 0, p * np.log(np.where(p > 0, p, 1.0)), 0.0).sum(axis=0) / np.log(len(X))
        apart = 1 - np.where((X == 0).any(axis=0), 0.0, e)
        rule = {"reason": "0 ln 0 is 0 here", "theirs": nearest(over(apart, apart.sum()))}
        answers["weights.entropy_weights"] = Answer(entropy, nulls=why, **rule)
    return answers


def _or_null(found: Callable[[], np.ndarray], like: np.ndarray) -> np.ndarray:
    """What a formula refuses is null, so that the others of the case are compared all the same."""
    try:
        return found()
    except ParameterError:
        return np.full(like.shape, np.nan)


def aggregates(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    """Means of COINr: a_amean, a_gmean, a_hmean and a_genmean of the powers asked for."""
    v, w = (column(tables["x"], name) for name in ("v", "w"))
    powers = {"amean": 1.0, "gmean": 0.0, "hmean": -1.0}
    for name in params["asked"]:
        if power := re.fullmatch(r"genmean[_p]*(-?[\d.]+)", name):
            powers[name] = float(power[1])
    if "p" in params:
        powers["genmean"] = float(params["p"])
    return named({f"result.{name}": composite.power_mean(v, w, power=power) for name, power in powers.items()})


def scales(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    """COINr normalises: min-max to 100, z with the deviation of a sample, ranks from 1, goalposts as they are given."""
    x = column(tables["x"], "x")[:, None]
    n, lowest = (~np.isnan(x)).sum(), np.nanmin(x, initial=np.inf)
    place, scaled = normalisation.ranks(x[:, 0], descending=False)[:, None], normalisation.normalise(x)
    found = {
        "x": x, "minmax": 100 * scaled, "zscore": normalisation.normalise(x, method="z") * np.sqrt((n - 1) / n),
        "rank": place, "prank": normalisation.normalise(x, method="rank"), "borda": place - 1, "dist2max": scaled,
        "fracmax": normalisation.normalise(x, method="maximum"),
    }  # fmt: skip
    low, high, most = params.get("gposts", (0, 0, 1))
    reference = x[params["iref"] - 1, 0] if "iref" in params else np.nan
    posts = {
        "goalposts": (low, high, most), "dist2targ": (lowest, params.get("targ", np.nan), 1),
        "dist2ref": (lowest, reference, 1), "scaled": (*params.get("npara", (0, 100)), 100),
    }  # fmt: skip
    for name, (bottom, top, unit) in posts.items():
        if top > bottom:
            ends = {"low": np.array([bottom]), "high": np.array([top])}
            cut = normalisation.normalise(x, method="goalposts", **ends)
            goes_on = name != "goalposts" and not params.get("cap_max")
            found[name] = unit * np.where(goes_on & ((x < bottom) | (x > top)), np.nan, cut)
    below = "" if np.nanmax(x, initial=-np.inf) > 0 else "a share of what is not above zero is null here"
    nulls = dict.fromkeys(posts, "what lies beyond its goalposts is cut off there here") | {"fracmax": below}
    return {f"result.{name}": Answer(value, nulls=nulls.get(name, "")) for name, value in found.items()}


def winsorised(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    """Treatment of COINr: how far it goes by the bars of skewness and kurtosis."""
    x = column(tables["x"], "x")
    bars = {"most": "winmax", "skewness": "skew_thresh", "kurtosis": "kurt_thresh"}
    given = {ours: params[theirs] for ours, theirs in bars.items() if theirs in params}
    return named({"result.x": x, "result.treated": treatment.winsorise(x, **given)})


def variance_shares(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    """SALib's indices of Sobol from a Saltelli design, with or without the second order."""
    inputs, Y = len(set(params.get("groups") or tables["X"].columns)), numbers(tables["Y"])[:, 0]
    both = "S2" in params["asked"] if "N" not in params else len(Y) == params["N"] * (2 * inputs + 2)
    a, *mixed, b = Y.reshape(-1, 2 * inputs + 2 if both else inputs + 2).T
    found = robustness.sobol(a, b, np.array(mixed[:inputs]), np.array(mixed[inputs:]) if both else None)
    still = "what does not vary has no shares of its variance here" * bool(np.ptp(Y) == 0)
    shares = Answer(np.stack([found["first"], found["total"]], axis=1), nulls=still, columns=("S1", "ST"))
    return {"first_total": shares} | ({"S2": Answer(found["second"], nulls=still)} if both else {})


def neighbours(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    """esda's Moran (all moments, local) and Geary, places in the order of their table."""
    places = tables["y"]
    y, at = column(places, "y"), {place: k for k, place in enumerate(places["i"])}
    w = np.zeros((len(y), len(y)))
    for i, j, weight in tables["w"].select("i", "j", "w").iter_rows():
        w[at[i], at[j]] = weight
    whole, (local, quadrant) = spatial.moran(y, w), spatial.local_moran(y, w)
    return named(
        {
            "moran": np.stack(list(whole.values())), "geary_C": spatial.geary(y, w), "local.Is": local,
            "local.q": quadrant,
        }
    )  # fmt: skip


def efficiencies(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    """Efficiency of two years, Malmquist index with its parts, benefit of the doubt."""
    years = [
        tuple(t.select(sorted(c for c in t.columns if c[0] == kind)).to_numpy().astype(float) for kind in "xy")
        for t in (tables["t1"], tables["t2"])
    ]
    moved = frontier.malmquist(*years)
    return named(
        {
            "dea.ccr_output_eff": frontier.efficiency(*years[0]),
            "dea.bcc_output_eff": frontier.efficiency(*years[0], variable=True), "dea.malmquist": moved["index"],
            "dea.effch": moved["catching_up"], "dea.techch": moved["frontier"],
            "dea.bod_t1": frontier.benefit_of_the_doubt(years[0][1]),
        }
    )  # fmt: skip
