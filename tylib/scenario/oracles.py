"""Published cases of the state equations: one region, fixed levers, closure ``binding``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl

from tylib.indicators.verdict import Answer
from tylib.scenario.model import LEVERS, PARAMETERS, Local, Start, Year, both

NAMES = {
    "depreciation": "delta", "scrapping": "sigma", "investment_response": "eta", "reach": "phi",
    "renewal_gain": "beta_v", "renewal_labour": "lam_K", "research_push": "drho", "research_elasticity": "gamma",
    "digital_pace": "dD", "digital_gain": "beta_D", "digital_dip": "j", "digital_labour": "lam_D",
    "cluster_pace": "gC", "cluster_elasticity": "beta_C", "congestion": "Cstar", "local_sourcing": "theta",
    "tier_pace": "dtau", "tier_gain": "beta_T", "quality_gain": "kappa", "outside_demand": "x8",
    "labour_response": "epsL", "efficiency_trend": "xi", "green_gain": "psi", "renewal_energy": "omega",
    "rebound": "R", "fuel_switch": "chi",
}  # fmt: skip
"""Our parameters by the symbols of the cases, which know neither local equipment nor another rate for research."""
COLUMNS = ("Y", "K", "L", "A", "energy", "co2", "nu", "G", "slack")
"""Of a printed path"""
FIXED = {"local_equipment": 0.0, "research_depreciation": 0.15}


def worked(p: Mapping[str, Any], u: Mapping[str, float], years: int, *, closure: str = "binding") -> dict[str, Any]:
    """The path with levers and the path without, for one region given by its symbols.

    Args:
        p: Figures of the base year by sector (``Y0, K0, L0, G0, D0, C0, e0, f0, alpha, i, rho, g, v, fd0``), its table
            (``A, A_nat``), ``gf, gY0`` and the parameters of :data:`NAMES`.
        u: ``u1`` to ``u8``, each one strength or a strength a year; an absent one is zero.
        years: After the base year.
        closure: As :func:`tylib.scenario.model.path`.

    Returns:
        ``path`` and ``baseline``, tuples of :class:`tylib.scenario.model.Year` of shape ``(1, 1, sector)``.
    """
    sectors = np.shape(p["Y0"])  # a single figure holds for all of them
    row = {name: np.broadcast_to(np.asarray(p[name], dtype=float), sectors)[None, None] for name in (
        "Y0", "K0", "L0", "G0", "D0", "C0", "e0", "f0", "alpha", "i", "rho", "g", "v")}  # fmt: skip
    A, national = (np.asarray(p[name], dtype=float) for name in ("A", "A_nat"))
    X = np.linalg.solve(np.eye(len(A)) - A, np.asarray(p["fd0"], dtype=float))
    local = Local(X[None, None], A[None, None], national, np.arange(len(A)), np.zeros_like(X[None, None]))
    start = Start(
        value_added=row["Y0"], capital=row["K0"], labour=row["L0"], research=row["G0"], demand=row["v"] * X,
        localisation=row["C0"], digital=row["D0"], energy=row["e0"], carbon=row["f0"], capital_share=row["alpha"],
        investment=row["i"], research_share=row["rho"], trend=row["g"], growth=np.full((1, 1, 1), p["gY0"]),
        demand_growth=np.full((1, 1, 1), p["gf"]), local=local,
    )  # fmt: skip
    theta = np.array([[p[NAMES[name]] if name in NAMES else FIXED[name]] for name in PARAMETERS], dtype=float)
    strengths = (np.asarray(u.get(f"u{n + 1}", 0.0), dtype=float) for n in range(len(LEVERS)))
    levers = np.array([np.broadcast_to(strength, years) for strength in strengths])
    baseline, found = both(start, theta, levers, closure=closure)
    return {"path": found, "baseline": baseline}


def table(path: tuple[Year, ...]) -> np.ndarray:
    """A path as the cases print it: a row a year and sector; columns as :data:`COLUMNS`."""
    rows = [
        (year.value_added, year.capital, year.outcome("labour"), np.exp(year.log_productivity), year.outcome("energy"),
         year.outcome("carbon"), year.young, year.research, year.slack + 0 * year.value_added)
        for year in path
    ]  # fmt: skip
    return np.array(rows)[:, :, 0, 0].swapaxes(1, 2).reshape(-1, len(rows[0]))


def _scenario(tables: Mapping[str, pl.DataFrame], params: Mapping[str, Any]) -> dict[str, Answer]:
    found = worked(params["p"], params["u"], int(params["T"]), closure=params.get("closure", "binding"))
    return {name: Answer(table(path), columns=COLUMNS) for name, path in found.items()}


FAMILIES: tuple[tuple[str, Callable[..., dict[str, Answer]]], ...] = ((r"scenario reference v1", _scenario),)
"""What a case's ``function`` says, and what answers to it; see :data:`tylib.indicators.oracles.FAMILIES`."""
