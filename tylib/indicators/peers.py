"""What peer packages call our indices: tables of places by sectors, output by output, with where our rule differs.

One function a peer; each takes the table and answers by the peer's own names. The peers' scales are applied here, so
that the indices themselves know of none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from tylib.indicators import complexity as cx
from tylib.indicators import concentration as con
from tylib.indicators import product_space as space
from tylib.indicators import specialisation as sp
from tylib.indicators.cube import over
from tylib.indicators.verdict import Answer

NO_TOTAL = "a place or sector that has nothing is null here, and spoils no other"
LEFT_OUT = "a missing cell is left out of every total here"
APART = "a table in parts has an index in each part here, not a label for each"
NOT_SINGLE = "an index that the table does not determine (ties, all alike) is null here"
ALONE = "one place or one sector alone has no index here"


def _rules(X: np.ndarray, found: cx.Indices | None = None, *, also: str = "") -> dict[str, str]:
    """Rules of ours that a table calls up: ``nulls``, by which a cell is null, ``reason``, by which values differ."""
    void = (np.nansum(X, axis=0) == 0).any() or (np.nansum(X, axis=1) == 0).any()
    nulls = [NO_TOTAL * bool(void), ALONE * (min(X.shape) == 1)]
    reasons = [LEFT_OUT * bool(np.isnan(X).any()), also]
    if found is not None:
        nulls.append(NOT_SINGLE * bool(np.isnan(found.eci).any() or (found.gap < 1e-9).any()))
        reasons.append(APART * bool((found.components > 1).any()))
    return {"reason": "; ".join(filter(None, reasons)), "nulls": "; ".join(filter(None, nulls))}


def labels(tables: Mapping[str, pl.DataFrame]) -> dict[str, list[str]]:
    """What names the rows and columns of a case's answers, in their order: places, sectors, or what its table has."""
    if "long" in tables:
        return {name: tables["long"][name].unique().sort().cast(pl.String).to_list() for name in ("region", "industry")}
    if "matrix" in tables:
        first, *others = tables["matrix"].columns
        return {"region": tables["matrix"][first].cast(pl.String).to_list(), "industry": others}
    first = [table.to_series() for table in tables.values() if table.width > 1]
    return {rows.name: rows.cast(pl.String).to_list() for rows in first if rows.n_unique() == len(rows)}


def sizes(X: np.ndarray) -> np.ndarray:
    """The made populations of the peers' runs: 10, 17, 24 …"""
    return 10.0 + 7 * np.arange(len(X))


def incomes(X: np.ndarray) -> np.ndarray:
    """The made incomes of the peers' runs: 100, 113, 126 …"""
    return 100.0 + 13 * np.arange(len(X))


def _scores(vector: np.ndarray, ddof: int = 1) -> np.ndarray:
    """Standard scores of what is known."""
    n = np.isfinite(vector).sum()
    return (
        over(vector - np.nanmean(vector), np.nanstd(vector, ddof=ddof)) if n > ddof else np.full(vector.shape, np.nan)
    )


def econgeo(X: np.ndarray, params: Mapping[str, Any]) -> dict[str, Answer]:
    """EconGeo: rounds many results, halves the locational Gini and leaves the origin out of its curve."""
    lq = sp.location_quotient(X)
    M, T = cx.presence(lq), np.nan_to_num(X.T)
    found = cx.indices(M)
    plain, complexity = _rules(X), _rules(X, found)
    krugman, average = sp.krugman(X), sp.mean_quotient(X)
    # It rounds quotients before they weigh incomes, and shares' entropy after.
    rounded, income = np.nan_to_num(lq).round(2), incomes(X)
    level = over(income @ rounded, rounded.sum(axis=0))
    mix = over(T.T, T.sum(axis=0)[:, None]) @ np.nan_to_num(level)
    total = np.broadcast_to(np.nansum(X, axis=1), T.shape)
    origin = _rules(X, also="Lorenz's curve starts at the origin here")
    both = space.cooccurrence(M)
    answers = {
        "lq": Answer(lq, **plain),
        "lq_bin": Answer(M, **plain),
        "lq_avg": Answer(average, **plain),
        "hachman": Answer(over(1.0, average), **plain),
        "krugman": Answer(krugman, **plain),
        "spec_coeff": Answer(krugman / 2, **plain),
        "hhi": Answer(sp.herfindahl(X), **plain),
        "entropy": Answer(sp.entropy(X, base=2).round(3), **plain),
        "gini": Answer(con.gini(X.T), **plain),
        "hoover": Answer(100 * con.hoover(X.T, np.broadcast_to(sizes(X), T.shape)), **plain),
        "hoover_gini": Answer(con.gini(X.T, np.broadcast_to(sizes(X), T.shape)), **plain),
        "locational_gini": Answer(con.locational_gini(X.T, total, normalisation="half"), **origin),
        "diversity": Answer(M.sum(axis=1), **plain),
        "ubiquity": Answer(M.sum(axis=0), **plain),
        "kci": Answer(found.eci, **complexity, affine=True, kept=M.any(axis=1)),
        "tci": Answer(found.pci, **complexity, affine=True, kept=M.any(axis=0)),
        "cooc": Answer(both * (1 - np.eye(len(both))), **plain),
        "prody": Answer(level, **plain),
        "expy": Answer(mix, **plain),
    }
    names = {"prob": "probability", "association": "association", "cosine": "cosine", "jaccard": "jaccard"}
    for name, method in names.items():
        related = space.relatedness(M, method=method)
        answers[f"relatedness_{name}"] = Answer(related, **plain)
        never = "a sector that goes with no other has no density here"
        why = plain | {"nulls": "; ".join(filter(None, [plain["nulls"], never]))}
        answers[f"reldensity_{name}"] = Answer(100 * space.density(M, related), **why)
    return answers


def reat(X: np.ndarray, params: Mapping[str, Any]) -> dict[str, Answer]:
    """REAT: its theil is the mean log deviation, its Williamson index mixes two means."""
    lq, n = sp.location_quotient(X), (~np.isnan(X)).sum(axis=0)
    plain, T = _rules(X), X.T
    size = np.broadcast_to(sizes(X), T.shape)
    gini = con.gini(T)
    weighted = over(np.nansum(T * size, axis=1), np.where(np.isnan(T), 0.0, size).sum(axis=1))
    apart = over(over(np.nansum(T, axis=1), (~np.isnan(T)).sum(axis=1)) - weighted, weighted)
    return {
        "locq": Answer(lq, **plain),
        "cv": Answer(con.variation(T, sample=True), **plain),
        "gini2": Answer(gini, **plain),
        "gini2_norm": Answer(gini * over(n, n - 1.0), **plain),
        "gini_conc": Answer(con.gini(lq.T), **plain),
        "gini_spec": Answer(con.gini(lq), **plain),
        "herf": Answer(sp.herfindahl(X), **plain),
        "herf_norm": Answer(sp.herfindahl(X, normalised=True), **plain),
        "hoover": Answer(con.hoover(T, size), **plain),
        "krugman_spec_vs_rest": Answer(sp.krugman(X, against="rest"), **plain),
        "theil": Answer(con.log_deviation(T), **plain),
        # Squares about another mean are those about the own one and the square of their distance.
        "williamson": Answer(np.hypot(con.variation(T, size), apart), **plain),
    }


def _reflections(M: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Twenty iterations as the peers count them: the start is the first, places are read at an even step."""
    return cx.reflections(M, steps=18)[0], cx.reflections(M, steps=19)[1]


def economiccomplexity(X: np.ndarray, params: Mapping[str, Any]) -> dict[str, Answer]:
    """R's economiccomplexity: standard scores of a sample; of twenty rounds the start counts as the first."""
    M = cx.presence(sp.location_quotient(X))
    found = cx.indices(M)
    plain, why = _rules(X), _rules(X, found)
    F, Q = cx.fitness(M, rounds=19)
    kc, kp = _reflections(M)
    return {
        "balassa": Answer(M, **plain),
        "eigenvalues_xci": Answer(_scores(found.eci), **why),
        "eigenvalues_yci": Answer(_scores(found.pci), **why),
        "fitness_xci": Answer(F, **plain),
        "fitness_yci": Answer(Q, **plain),
        "proximity_product": Answer(space.proximity(M), **plain),
        "proximity_country": Answer(space.proximity(M.T), **plain),
        "reflections_xci": Answer(_scores(kc), **plain, sign=True),
        "reflections_yci": Answer(_scores(kp), **plain, sign=True),
    }


def datawheel(X: np.ndarray, params: Mapping[str, Any]) -> dict[str, Answer]:
    """Datawheel's economic-complexity: a gap is zero, reflections in twenty steps, no sector near to itself."""
    X = np.nan_to_num(X)
    lq = sp.location_quotient(X)
    M = cx.presence(lq, threshold=params.get("cutoff", 1))
    kc, kp = _reflections(M)
    pci = _scores(kp)
    phi = space.proximity(M) * (1 - np.eye(M.shape[1]))
    near = space.density(M, phi)
    # Its own gain: complexity of what is lacking by nearness to the sector, less what is there already.
    gain = ((1 - M) * pci) @ over(phi, phi.sum(axis=0)) - near * pci
    plain = _rules(X)
    return {
        "rca": Answer(lq, **plain),
        "proximity": Answer(phi, **plain),
        "relatedness": Answer(near, **plain),
        "distance": Answer(1 - near, **plain),
        "eci": Answer(_scores(kc), **plain, sign=True),
        "pci": Answer(pci, **plain, sign=True),
        "opportunity_gain": Answer(gain, **plain, sign=True),
    }


def ecomplexity(X: np.ndarray, params: Mapping[str, Any], people: np.ndarray | None = None) -> dict[str, Answer]:
    """py-ecomplexity: PCI on the scale of ECI; every output a table of places by sectors."""
    lq = sp.location_quotient(X)
    test = params.get("presence_test", "rca")
    by_head = test in ("rpop", "both") and people is not None
    own = X if test == "manual" else lq  # given presence stands for its own quotient
    measure = sp.per_head(X, people) if by_head else own
    bar = params.get("rpop_mcp_threshold" if by_head else "rca_mcp_threshold", 1)
    M = np.nan_to_num(X) if test == "manual" else cx.presence(measure, threshold=bar)
    if test == "both":
        M = M + cx.presence(lq, threshold=params.get("rca_mcp_threshold", 1))
    found = cx.indices(M, scale="places")
    smooth = bool(params.get("continuous"))
    phi = space.correlation(measure) if smooth else space.proximity(M, symmetric=not params.get("asymmetric"))
    near = space.density(np.nan_to_num(measure) if smooth else M, phi, nearest=params.get("knn"))
    coi, cog = space.outlook(M, near, phi, found.raw)
    # A place that has nothing is near to nothing: the peer counts its outlook of zero among the others.
    nothing = ~M.any(axis=1)
    unseen = nothing & ~(np.nansum(X, axis=1) > 0)  # left out of its table altogether
    ahead = np.where(nothing, np.nan, _scores(np.where(unseen, np.nan, np.where(nothing, 0.0, coi)), ddof=0))
    plain, why = _rules(X), _rules(X, found)
    if nothing.any() or not M.any(axis=0).all():
        plain, why = ({**rules, "nulls": NO_TOTAL} for rules in (plain, why))
    near_ones = "the nearest are weighed by their proximity here" * (params.get("knn") is not None)
    weighed = {"nulls": plain["nulls"], "reason": "; ".join(filter(None, [plain["reason"], near_ones]))}
    ahead_of = {"nulls": why["nulls"], "reason": "; ".join(filter(None, [why["reason"], near_ones]))}
    shape = X.shape
    return {
        "value": Answer(X, **plain),
        "rca": Answer(own, **plain),
        "rpop": Answer(measure, **plain),
        "mcp": Answer(M, **plain),
        "diversity": Answer(np.broadcast_to(M.sum(axis=1)[:, None], shape), **plain),
        "ubiquity": Answer(np.broadcast_to(M.sum(axis=0), shape), **plain),
        "eci": Answer(np.broadcast_to(found.eci[:, None], shape), **why),
        "pci": Answer(np.broadcast_to(found.pci, shape), **why),
        "density": Answer(near, **weighed),
        "coi": Answer(np.broadcast_to(ahead[:, None], shape), **ahead_of),
        "cog": Answer(cog, **why),
        "proximity": Answer(phi, **plain),
    }
