"""What peer packages call our indices: tables of places by sectors, output by output, with where our rule differs.

One function a peer; each takes the table and answers by the peer's own names. The peers' scales are applied here, so
that the indices themselves know of none.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from tylib.indicators import complexity as cx
from tylib.indicators import concentration as con
from tylib.indicators import iterations
from tylib.indicators import product_space as space
from tylib.indicators import specialisation as sp
from tylib.indicators.cube import over
from tylib.indicators.verdict import Answer, Labels, Rule, aligned, nearest, scores

NO_TOTAL = "a place or sector that has nothing is null here, and spoils no other"
LEFT_OUT = "a missing cell is left out of every total here"
APART = "a table in parts has an index in each part here, not a label for each"
NOT_SINGLE = "an index that the table does not determine (ties, all alike) is null here"
ALONE = "one place or one sector alone has no index here"


def _nulls(X: np.ndarray, found: cx.Indices | None = None) -> str:
    """Rules of ours that a table calls up and by which a cell is null."""
    void = (np.nansum(X, axis=0) == 0).any() or (np.nansum(X, axis=1) == 0).any()
    nulls = [NO_TOTAL * bool(void), ALONE * (min(X.shape) == 1)]
    if found is not None:
        nulls.append(NOT_SINGLE * bool(np.isnan(found.eci).any() or (found.gap < 1e-9).any()))
    return "; ".join(filter(None, nulls))


Peer = Callable[..., dict[str, Answer]]


def _gaps(*also: float) -> Callable[[Peer], Peer]:
    """Of a table with gaps a peer's values may be those of one where they are zero, or all be one number."""

    def decorate(peer: Peer) -> Peer:
        @functools.wraps(peer)
        def answers(X: np.ndarray, *more: Any) -> dict[str, Answer]:
            found = peer(X, *more)
            if not np.isnan(X).any():
                return found
            zero = peer(np.nan_to_num(X), *more)

            def rule(name: str, answer: Answer) -> Callable[[np.ndarray], np.ndarray]:
                flat = [np.full(np.shape(answer.values), value) for value in also]
                rules = [one.theirs for one in (answer, zero[name]) if one.theirs is not None]
                return nearest(lambda expected: aligned(zero[name], expected), *rules, *flat)

            return {
                name: replace(one, reason="; ".join(filter(None, [LEFT_OUT, one.reason])), theirs=rule(name, one))
                for name, one in found.items()
            }

        return answers

    return decorate


def _apart(
    M: np.ndarray, found: cx.Indices, *, scale: str, ddof: int = 0, by: str = "own"
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the indices of places and of sectors are to a peer that has one for the whole table, however it falls."""
    if found.components < 2:
        return {}, {}
    of = cx.parts(M)
    members = [numbers == np.arange(found.components)[:, None] for numbers in of]
    sizes = [member.sum(axis=1) for member in members]
    return tuple(
        {
            "reason": APART,
            "theirs": Labels(member.astype(float), sizes[0] if by == "places" else size, scale, ddof, kept),
        }
        for member, size, kept in zip(members, sizes, (M.any(axis=1), M.any(axis=0)), strict=True)
    )


def _unsigned(M: np.ndarray, found: cx.Indices) -> bool:
    """Whether the index says nothing of diversity, by which it has its sign: then rounding gives a peer its own."""
    known = np.isfinite(found.eci)
    d = M.sum(axis=1)[known] - M.sum(axis=1)[known].mean() if known.any() else np.zeros(0)
    return bool(
        known.any() and abs(found.eci[known] @ d) <= 1e-9 * np.linalg.norm(found.eci[known]) * np.linalg.norm(d)
    )


def _over(rule: dict[str, Any], shape: tuple[int, int], axis: int) -> dict[str, Any]:
    """A rule for places (0) or sectors (1) where the peer repeats its values over a table of both."""
    parts = np.expand_dims(rule["theirs"].parts, 2 - axis)
    return rule | {"theirs": replace(rule["theirs"], parts=np.broadcast_to(parts, (len(parts), *shape)), kept=None)}


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


@_gaps(0.0)
def econgeo(X: np.ndarray, params: Mapping[str, Any]) -> dict[str, Answer]:
    """EconGeo: rounds many results, halves the locational Gini; one gap makes every quotient zero."""
    lq = sp.location_quotient(X)
    M, T = cx.presence(lq), np.nan_to_num(X.T)
    found = cx.indices(M)
    plain, nulls = {"nulls": _nulls(X)}, {"nulls": _nulls(X, found)}
    kci, tci = _apart(M, found, scale="sum")
    krugman, average = sp.krugman(X), sp.mean_quotient(X)
    # It rounds quotients before they weigh incomes, and shares' entropy after.
    rounded, income = np.nan_to_num(lq).round(2), incomes(X)
    level = over(income @ rounded, rounded.sum(axis=0))
    mix = over(T.T, T.sum(axis=0)[:, None]) @ np.nan_to_num(level)
    total = np.broadcast_to(np.nansum(X, axis=1), T.shape)
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
        "locational_gini": Answer(con.locational_gini(X.T, total, normalisation="half"), **plain),
        "diversity": Answer(M.sum(axis=1), **plain),
        "ubiquity": Answer(M.sum(axis=0), **plain),
        "kci": Answer(found.eci, **nulls, **kci, unit_sum=True, kept=M.any(axis=1)),
        "tci": Answer(found.pci, **nulls, **tci, unit_sum=True, kept=M.any(axis=0)),
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


@_gaps()
def reat(X: np.ndarray, params: Mapping[str, Any]) -> dict[str, Answer]:
    """REAT: its theil is the mean log deviation, its Williamson index mixes two means."""
    lq, n = sp.location_quotient(X), (~np.isnan(X)).sum(axis=0)
    plain, T = {"nulls": _nulls(X)}, X.T
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
    return iterations.reflections(M, steps=18)[0], iterations.reflections(M, steps=19)[1]


@_gaps()
def economiccomplexity(X: np.ndarray, params: Mapping[str, Any]) -> dict[str, Answer]:
    """R's economiccomplexity: standard scores of a sample; of twenty rounds the start counts as the first."""
    M = cx.presence(sp.location_quotient(X))
    found = cx.indices(M)
    plain, nulls = {"nulls": _nulls(X)}, _nulls(X, found)
    xci, yci = (
        {"nulls": nulls, "sign": _unsigned(M, found)} | rule for rule in _apart(M, found, scale="scores", ddof=1)
    )
    if NOT_SINGLE in nulls and found.components < 2:
        xci = yci = {"nulls": nulls, "theirs": scores(ddof=1)}
    F, Q = iterations.fitness(M, rounds=19)
    kc, kp = _reflections(M)
    return {
        "balassa": Answer(M, **plain),
        "eigenvalues_xci": Answer(_scores(found.eci), **xci),
        "eigenvalues_yci": Answer(_scores(found.pci), **yci),
        "fitness_xci": Answer(F, **plain),
        "fitness_yci": Answer(Q, **plain),
        "proximity_product": Answer(space.proximity(M), **plain),
        "proximity_country": Answer(space.proximity(M.T), **plain),
        "reflections_xci": Answer(_scores(kc), **plain),
        "reflections_yci": Answer(_scores(kp), **plain),
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
    plain = {"nulls": _nulls(X)}
    return {
        "rca": Answer(lq, **plain),
        "proximity": Answer(phi, **plain),
        "relatedness": Answer(near, **plain),
        "distance": Answer(1 - near, **plain),
        "eci": Answer(_scores(kc), **plain),
        "pci": Answer(pci, **plain),
        "opportunity_gain": Answer(gain, **plain),
    }


def _unweighted(measure: np.ndarray, phi: np.ndarray, nearest_ones: int, *, whole: bool) -> Rule:
    """Density of the nearest as py-ecomplexity sums it, without weights; where ties choose them any whole number."""
    if whole:
        return lambda given: np.clip(given.round(), 0, nearest_ones)
    others = np.where(np.eye(len(phi), dtype=bool), -np.inf, np.nan_to_num(phi))
    order = np.argsort(-others, axis=1, kind="stable")[:, :nearest_ones]
    return nearest(np.nan_to_num(measure)[:, order].sum(axis=2))


@_gaps()
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
    found = cx.weighted_indices(M, scale="places")
    smooth = bool(params.get("continuous"))
    phi = space.correlation(measure) if smooth else space.proximity(M, symmetric=not params.get("asymmetric"))
    near = space.density(np.nan_to_num(measure) if smooth else M, phi, nearest=params.get("knn"))
    coi, cog = space.outlook(M, near, phi, found.raw)
    # A place that has nothing is near to nothing: the peer counts its outlook of zero among the others.
    nothing = ~M.any(axis=1)
    unseen = nothing & ~(np.nansum(X, axis=1) > 0)  # left out of its table altogether
    ahead = np.where(nothing, np.nan, _scores(np.where(unseen, np.nan, np.where(nothing, 0.0, coi)), ddof=0))
    nulls, unsure = _nulls(X), _nulls(X, found)
    if nothing.any() or not M.any(axis=0).all():
        nulls = unsure = NO_TOTAL
    plain, why = {"nulls": nulls}, {"nulls": unsure, "sign": _unsigned(M, found)}
    eci, pci, gain, ahead_of, weighed = why, why, why, why, plain
    if found.components > 1:
        eci, pci = (why | rule for rule in _apart(M, found, scale="scores", by="places"))
        eci, pci = (_over(rule, X.shape, axis) for rule, axis in ((eci, 0), (pci, 1)))
        alone = [space.outlook(M, near, phi, member) for member in pci["theirs"].parts[:, 0]]
        cois, cogs = (np.stack(every) for every in zip(*alone, strict=True))
        cois = np.broadcast_to(np.where(nothing, 0.0, cois)[..., None], (len(cois), *X.shape))
        gain = why | {"reason": APART, "theirs": replace(eci["theirs"], parts=cogs, scale="spread")}
        ahead_of = why | {"reason": APART, "theirs": scores(ddof=0, among=cois)}
    if params.get("knn") is not None:
        near_ones = "the nearest are weighed by their proximity here"
        weighed = plain | {"reason": near_ones, "theirs": _unweighted(measure, phi, params["knn"], whole=not smooth)}
        ahead_of = why | {"reason": near_ones, "theirs": scores(ddof=0)}
    shape = X.shape
    return {
        "value": Answer(X, **plain),
        "rca": Answer(own, **plain),
        "rpop": Answer(measure, **plain),
        "mcp": Answer(M, **plain),
        "diversity": Answer(np.broadcast_to(M.sum(axis=1)[:, None], shape), **plain),
        "ubiquity": Answer(np.broadcast_to(M.sum(axis=0), shape), **plain),
        "eci": Answer(np.broadcast_to(found.eci[:, None], shape), **eci),
        "pci": Answer(np.broadcast_to(found.pci, shape), **pci),
        "density": Answer(near, **weighed),
        "coi": Answer(np.broadcast_to(ahead[:, None], shape), **ahead_of),
        "cog": Answer(cog, **gain),
        "proximity": Answer(phi, **plain),
    }
