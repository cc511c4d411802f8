"""Published cases by family: which of our formulas answers to what a case says it is of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from tylib.errors import TylibError
from tylib.indicators import (
    capital,
    carbon,
    clusters,
    concentration,
    growth,
    peers,
    shift_share,
)
from tylib.indicators import convergence as conv
from tylib.indicators import input_output as io
from tylib.indicators import peers_indices as indices
from tylib.indicators import regional_tables as regional
from tylib.indicators import specialisation as sp
from tylib.indicators.cube import cube
from tylib.indicators.peers import labels
from tylib.indicators.verdict import (
    Answer,
    Rule,
    Tables,
    Verdict,
    aligned,
    arrays,
    column,
    judge,
    named,
    nearest,
    numbers,
)

BROKEN = (
    TylibError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, pl.exceptions.PolarsError
)  # fmt: skip
"""What goes wrong with a case that is not as it says; what is wrong with the machine is not among it."""


def _quotient_interval(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    from scipy.special import ndtr

    X = numbers(tables["matrix"])
    lq = sp.location_quotient(X)
    error, low, high = sp.delta_interval(X, level=2 * float(ndtr(params.get("z", 1.959963984540054))) - 1)
    found = np.stack([X, lq, (lq - 1) / (lq + 1), error, low, high], axis=-1).reshape(-1, 6)
    return {"lq": Answer(found, columns=("value", "lq", "rsca", "se_log_lq", "lo95", "hi95"))}


def _shift_share(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    if "table" in tables:
        region, nation = (column(tables["table"], name) for name in ("e_ij1", "e_i1")), None
        pairs = [tuple(column(tables["table"], name) for name in ("e_ij1", "e_ij2", "e_i1", "e_i2"))]
    else:
        region, nation = (numbers(tables[name], keys=True).T for name in ("region", "nation"))
        pairs = list(zip(region[:-1], region[1:], nation[:-1], nation[1:], strict=True))
    years = [{name: part.sum() for name, part in shift_share.components(*pair).items()} for pair in pairs]
    rates = [shift_share.ratios(*pair) for pair in pairs]
    dunn = np.array([[y["change"], y["national"], y["mix"], y["regional"], y["mix"] + y["regional"]] for y in years])
    esteban = np.array([[y["change"], y["national"], y["mix"], y["competitive"], y["allocation"]] for y in years])
    gerfin = np.array([[float(r[name]) for name in ("mix", "regional", "net")] for r in rates])
    if nation is None:
        return named({"shift_Dunn": dunn[0], "shift_Esteban": esteban[0], "shift_Gerfin": gerfin[0]})
    return named(
        {
            # Factors of years are averaged by the peer, parts are summed.
            "shiftd_Dunn": dunn.sum(axis=0), "shiftd_Esteban": esteban.sum(axis=0),
            "shiftd_Gerfin": gerfin.mean(axis=0), "shiftd_year_Dunn": dunn.T, "shiftd_year_Esteban": esteban.T,
            "shiftd_year_Gerfin": gerfin.T,
        }
    )  # fmt: skip


def _convergence(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    years = params["t2"] - params["t1"]
    ends = [name for t in ("t1", "t2") for name in tables["gdp"].columns if name.endswith(str(params[t]))]
    start, end = numbers(tables["gdp"].select(ends) if len(ends) == 2 else tables["gdp"])[:, [0, -1]].T
    line = conv.beta(start, end, years=years)
    rows = np.full((4, 4), np.nan)
    for row, name in enumerate(("alpha", "beta")):
        t = line[name] / line[f"se_{name}"]
        rows[row, :3] = line[name], line[f"se_{name}"], t
    rows[1, 3] = line["p"]
    from scipy.special import stdtr

    rows[0, 3] = 2 * stdtr(line["n"] - 2, -abs(rows[0, 2]))
    # The peer takes the slope of a yearly mean for that of the whole time; `convergence.beta` does not.
    speed = -np.log1p(line["beta"]) / years
    rows[2:, 0] = speed, np.log(2) / speed
    return named({"betaconv": rows, "sigmaconv_cv": conv.equal_spread(start, end)})


def _ellison_glaeser(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    sector = pl.col("industry").cast(pl.String) if "industry" in tables["plants"].columns else pl.lit("i")
    plants = tables["plants"].select(sector=sector, place="region", value=pl.col("emp").cast(pl.Float64))
    if "region_totals" in tables:
        reference = tables["region_totals"].select(place="region", value=pl.col("emp").cast(pl.Float64))
    else:
        reference = plants.group_by("place").agg(pl.col("value").sum())
    found = clusters.agglomeration(plants, reference)
    alone = Answer(found.select("gamma", "raw", "z", "plants", "herfindahl").to_numpy())
    group = pl.DataFrame({"group": "all", "sector": found["sector"]})
    together = clusters.coagglomerations(plants, reference, group)["gamma"].fill_null(np.nan).to_numpy()
    rule: dict[str, Any] = {}
    if "REAT" in params["source"]:
        rule["reason"] = "industries that lie together weigh by their size in the group here"
        rule["theirs"] = nearest(_added_shares(plants, reference))
    both = Answer(together, **rule)
    return {"ellison_a": alone, "ellison_a2": alone, "ellison_c": both, "gamma_c": both}


def _added_shares(plants: pl.DataFrame, reference: pl.DataFrame) -> np.ndarray:
    """REAT's ``ellison.c``: shares of places added up, own gammas (of these plants alone) by the squares of all."""
    alone = clusters.agglomeration(plants, plants.group_by("place").agg(pl.col("value").sum()))
    sums = plants.group_by("sector", "place").agg(pl.col("value").sum())
    labels = {"sector": alone["sector"], "place": reference["place"].sort()}
    e = np.nan_to_num(cube(sums, ["sector", "place"], labels=labels)[0])
    total = cube(reference, ["place"], labels=labels)[0]
    x, w = total / total.sum(), (e.sum(axis=1) / total.sum()) ** 2
    gamma, H = (alone[name].fill_null(np.nan).to_numpy() for name in ("gamma", "herfindahl"))
    raw = (((e / e.sum(axis=1, keepdims=True)).sum(axis=0) - x) ** 2).sum()
    found = (raw / (1 - x @ x) - w @ H - (gamma * w.sum() * (1 - H)).sum()) / (1 - w.sum())
    return np.array([found])


def _regional(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    A = numbers(tables["A_national"])
    e, E = (column(tables["emp"], name) for name in ("regional", "national"))
    shares = {m: regional.home_shares(e, E, method=m, delta=params.get("delta", 0.3)) for m in regional.METHODS}
    nowhere = "a sector that the nation does not have has no quotient here" * bool((E == 0).any())
    return {"slq": Answer(regional.simple_quotient(e, E), nulls=nowhere)} | named(
        {f"A_{m}": A * share for m, share in shares.items()}
    )


def _inequality(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    x, table = column(tables["x"], "x"), tables["x"]
    groups = table["group"].to_numpy() if "group" in table.columns else np.zeros(len(x), dtype=int)
    total, between, within = concentration.theil_parts(x, groups)
    parts = {"gini": concentration.gini(x), "theil": total, "theil_between": between, "theil_within": within}
    asked = {name: float(name.removeprefix("atkinson_")) for name in params["asked"] if name.startswith("atkinson_")}
    return named(parts | {name: concentration.atkinson(x, aversion=e) for name, e in asked.items()})


def _linkages(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    A, x = numbers(tables["A"]), numbers(tables["x"])[:, 0]
    L, flows = io.inverse(io.factor(A)), A * x
    ghosh = io.factor(io.allocation(flows, x)).solve(np.ones(len(x)))
    back, forward = L.sum(axis=0), L.sum(axis=1)
    means = (back / back.mean(), forward / forward.mean(), ghosh / ghosh.mean())
    columns = (back, ghosh, *means, io.spread(L), io.extraction(L, x))
    names = (
        "output_multiplier", "input_multiplier_ghosh", "rasmussen_backward", "rasmussen_forward", "ghosh_forward",
        "bl_cv", "extraction_loss_total",
    )  # fmt: skip
    return {"linkages": Answer(np.stack(columns, axis=1), columns=names)}


def _accounts(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    Z = numbers(tables["Z"])
    names = tables["Z"].columns[1:]
    regions = len({name.split("|")[0] for name in names}) if all("|" in name for name in names) else 1
    found: dict[str, np.ndarray] = {}
    for table in tables:
        if not table.startswith("F_"):
            continue
        name, got = table[2:], io.accounts(Z, numbers(tables["Y"]), numbers(tables[table]), regions=regions)
        found |= {
            "x": got.output, "A": got.coefficients, "L": io.inverse(io.factor(got.coefficients)),
            f"{name}_S": got.direct, f"{name}_M": got.total,
            f"{name}_D_cba": got.consumed, f"{name}_D_pba": got.produced,
            f"{name}_D_imp": got.imported, f"{name}_D_exp": got.exported,
        }  # fmt: skip
        for kind in ("cba", "pba", "imp", "exp"):
            whole = found[f"{name}_D_{kind}"]
            found[f"{name}_D_{kind}_reg"] = whole.reshape(len(whole), regions, -1).sum(axis=2)
    return named(found)


def _inverse(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    given = {name: numbers(table) for name, table in tables.items()}
    if "x" not in given and {"Z", "f"} <= set(given):
        given["x"] = given["Z"].sum(axis=1) + given["f"].sum(axis=1)
    A = given["A"] if "A" in given else io.coefficients(given["Z"], given["x"].ravel())
    L = io.inverse(io.factor(A))
    output = L @ given["f"].sum(axis=1) if "f" in given else given.get("x", np.full(len(A), np.nan))
    back, forward = L.sum(axis=0), L.sum(axis=1)
    found = {"A": A, "L": L, "x": output, "multipliers": back, "output_multiplier": back, "row_sums": forward}
    if "Z" in given and "x" in given:
        B = io.allocation(given["Z"], given["x"].ravel())
        found |= {"B": B, "G": io.inverse(io.factor(B))}
    return named(found)


def _lmdi(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    table = tables["sectors"]
    start, end = (
        np.stack([np.full(table.height, params[f"Q{at}"]), *(column(table, f"{name}{at}") for name in "sif")])
        for at in (0, 1)
    )
    # Ang and Liu (2007) put a small value in place of zero; its limit is what we take where a case says nothing of it.
    if small := re.search(r"small-value rule ([\d.e-]+)", params["source"]):
        start, end = (np.where(x == 0, float(small[1]), x) for x in (start, end))
    found = carbon.lmdi(start, end)
    answers = {
        "additive": Answer(found["effect"]),
        "multiplicative": Answer(found["ratio"]),
        "total_change": Answer(found["change"]),
    }
    if (start == 0).any() or (end == 0).any():
        limit = "a term that enters or leaves is counted by its limit here, not by a small value"
        others = [carbon.lmdi(*(np.where(x == 0, small, x) for x in (start, end))) for small in (1e-10, 1e-20, 1e-100)]
        for name, part in (("additive", "effect"), ("multiplicative", "ratio")):
            answers[name] = Answer(found[part], limit, nearest(*(other[part] for other in others)))
    return answers


def _capital(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    series = tables["series"]
    first = {"growth": params["g"]} if "K0" not in params else {"initial": params["K0"]}
    stock = capital.perpetual_inventory(column(series, "I"), depreciation=params["delta"], **first)[:-1]
    found = capital.growth_accounting(column(series, "Y"), stock, column(series, "L"), alpha=params["alpha"])
    parts = Answer(np.stack(list(found.values()), axis=1), columns=("dlnY", "capital", "labour", "tfp"))
    return {"K": Answer(stock), "accounting": parts}


def _targets(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    table = tables["t"].with_columns(
        base=pl.col("base").cast(pl.Float64), value=pl.col("current").cast(pl.Float64),
        target=pl.col("target").cast(pl.Float64), years=params["years_left"], done=params["years_done"],
    )  # fmt: skip
    found = growth.target_gap(table).with_columns(pl.col("gap", "growth", "achieved") / 100)
    out = found.select("gap", "growth", "achieved", "projection").to_numpy()
    none = "without a level and a target above zero there is no rate of growth, and no gap, here"
    below = none * bool(table.select((pl.col("value") <= 0) | (pl.col("target") <= 0)).to_series().any())
    return {"out": Answer(out, nulls=below, columns=("gap", "required_cagr", "achieved_cagr", "projection"))}


def _matrix(peer: Callable[..., dict[str, Answer]]) -> Callable[[Tables, Mapping[str, Any]], dict[str, Answer]]:
    return lambda tables, params: peer(numbers(tables["matrix"]), params)


def _ecomplexity(tables: Tables, params: Mapping[str, Any]) -> dict[str, Answer]:
    if "matrix" in tables:
        found = peers.ecomplexity(numbers(tables["matrix"]), params)
    else:
        long = tables["long"] if "year" in tables["long"].columns else tables["long"].with_columns(year=0)
        found = _by_year(long, tables.get("pop"), params)
    return {name if name == "proximity" else f"result.{name}": answer for name, answer in found.items()}


def _by_year(long: pl.DataFrame, people: pl.DataFrame | None, params: Mapping[str, Any]) -> dict[str, Answer]:
    """The answers of each year, one after the other; every place and sector has a row in every year."""
    values, axes = cube(long, ["year", "region", "industry"])
    there, _ = cube(long.with_columns(value=1.0), ["year", "region", "industry"])
    values = np.where(np.isnan(there), 0.0, values)  # to the peer what has no row is nothing
    size = None
    if people is not None:
        size, _ = cube(people, ["year", "region"], value="pop", labels=dict(zip(axes.names, axes.labels, strict=True)))
    years = [peers.ecomplexity(X, params, None if size is None else size[at]) for at, X in enumerate(values)]

    def said(name: str, rule: str) -> str:
        return "; ".join(sorted({getattr(year[name], rule) for year in years} - {""}))

    def rule(name: str) -> Rule | None:
        """The peer's rule in each year that has one, ours in the others."""
        if all(year[name].theirs is None for year in years):
            return None
        rules = [year[name].theirs or partial(aligned, year[name]) for year in years]
        return lambda given: np.concatenate(
            [one(block) for one, block in zip(rules, np.array_split(given.ravel(), len(rules)), strict=True)]
        ).reshape(given.shape)

    return {
        name: Answer(
            np.stack([year[name].values for year in years]), said(name, "reason"), rule(name), said(name, "nulls")
        )
        for name in years[0]
    }


Families = tuple[tuple[str, Callable[[Tables, Mapping[str, Any]], dict[str, Answer]]], ...]
FAMILIES: Families = (
    (r"^econgeo", _matrix(peers.econgeo)),
    (r"^reat", _matrix(peers.reat)),
    (r"^ec14", _matrix(peers.economiccomplexity)),
    (r"^dw", _matrix(peers.datawheel)),
    (r"ECI, PCI|presence_test", _ecomplexity),
    (r"delta-method", _quotient_interval),
    (r"shift-share", _shift_share),
    (r"convergence", _convergence),
    (r"Ellison-Glaeser", _ellison_glaeser),
    (r"regionalised A|FLQ", _regional),
    (r"Theil|Gini\b|Atkinson", _inequality),
    (r"Rasmussen", _linkages),
    (r"Leontief accounts", _accounts),
    (r"Leontief inverse|Ghosh", _inverse),
    (r"LMDI", _lmdi),
    (r"TOPSIS|VIKOR|WSM|CRITIC|MEREC|(?i:(entropy|gini|deviation|standard|merec) weights)", indices.decisions),
    (r"COINr agg", indices.aggregates),
    (r"COINr norm", indices.scales),
    (r"COINr winsorise", indices.winsorised),
    (r"Moran|Geary", indices.neighbours),
    (r"CCR|benefit-of-the-doubt", indices.efficiencies),
    (r"perpetual inventory", _capital),
    (r"Sobol", indices.variance_shares),
    (r"required CAGR", _targets),
)
"""What a case's ``function`` says, and what answers to it; the first that matches."""


def _asked(expected: Mapping[str, pl.DataFrame | Any]) -> frozenset[str]:
    """Names of what a case expects, and of its columns: some say which of many parameters they are of."""
    columns = (table.columns for table in expected.values() if isinstance(table, pl.DataFrame))
    return frozenset(expected).union(*columns)


def verdict(
    case: Mapping[str, Any],
    inputs: Tables,
    expected: Mapping[str, pl.DataFrame | Any],
    *,
    families: Families = FAMILIES,
) -> Verdict:
    """Run one case.

    Args:
        case: Its description: ``id, function, params, tolerance``.
        inputs: Its tables by name.
        expected: The peer's results by name: tables, numbers, or numbers by name.
        families: What answers to which case; floors above have families of their own.

    Returns:
        ``passed`` within the tolerance; ``documented`` where a rule of ours differs, with the rule; ``not_covered``
        where we offer no such formula; ``failed`` with how far away, or with the error.
    """
    said = {"asked": _asked(expected), "source": str(case.get("source", ""))}
    name, params = str(case.get("id", "")), {**(case.get("params") or {}), **said}
    family = next((call for pattern, call in families if re.search(pattern, case.get("function", ""))), None)
    if family is None:
        return Verdict(name, "not_covered", (f"no formula here for: {case.get('function', '')}",))
    try:
        answers = family(inputs, params)
    except (KeyError, pl.exceptions.ColumnNotFoundError) as error:
        return Verdict(name, "not_covered", (f"the case does not give what the formula asks for: {error}",))
    except BROKEN as error:
        return Verdict(name, "failed", (f"{type(error).__name__}: {error}",))
    try:
        return judge(name, answers, arrays(expected, answers, labels(inputs)), case.get("tolerance") or {})
    except BROKEN as error:
        return Verdict(name, "failed", (f"{type(error).__name__}: {error}",))
