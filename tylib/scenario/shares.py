"""Which lever brings how much: exact Shapley shares over every combination of levers; carbon split by LMDI-I.

Both rank priors rather than evidence: every row is marked assumption-driven. They are worked out at one point, the
mean of all baselines (which is itself feasible) under the medians of the priors; the fan tells how far others lie.
"""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tylib.errors import unknown
from tylib.indicators.carbon import lmdi
from tylib.scenario.model import LEVERS
from tylib.scenario.running import NOTHING, OUTCOMES, adding, middle, simulated, totals
from tylib.store.contracts import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scipy.sparse import csr_array

    from tylib.scenario.model import Year
    from tylib.scenario.running import Setting

FACTORS = ("activity", "structure", "intensity", "factor")


def shapley(values: np.ndarray, /) -> np.ndarray:
    """Exact Shapley values of a game over ``n`` players.

    ``phi_i = sum_S |S|! (n - |S| - 1)! / n! (v(S + i) - v(S))``: Shapley (1953). They add up to ``v(all) - v(none)``.

    Args:
        values: ``(2 ** n, ...)``; bit ``i`` of the position says whether player ``i`` takes part.

    Returns:
        ``(n, ...)``.

    >>> shapley(np.array([0.0, 1.0, 2.0, 5.0])).tolist()
    [2.0, 3.0]
    """
    players = len(values).bit_length() - 1
    sets = np.arange(len(values))
    size = np.array([number.bit_count() for number in sets.tolist()])
    weight = np.array([factorial(k) * factorial(players - k - 1) for k in range(players)]) / factorial(players or 1)
    found = []
    for player in range(players):
        without = sets[(sets >> player) & 1 == 0]
        gain = values[without | 1 << player] - values[without]
        found.append(np.tensordot(weight[size[without]], gain, axes=1))
    return np.array(found).reshape(players, *values.shape[1:])


def combined(setting: Setting, members: np.ndarray | csr_array, outcome: str) -> np.ndarray:
    """An outcome at the horizon, in per cent against the baseline, under every combination of the levers pulled.

    Returns:
        ``(2 ** pulled, unit)``; position as in :func:`shapley`, levers in the order of :func:`pulled`.
    """
    own = pulled(setting)
    sets = np.arange(2 ** len(own))
    taken = (sets >> np.arange(len(own))[:, None]) & 1
    levers = np.repeat(setting.levers[..., None], len(sets), axis=2)
    levers[own] *= taken[:, None]
    reference, found, _ = simulated(setting, *middle(setting), levers=levers)
    last = [totals(path[-1:], outcome, members)[0] for path in (reference, found)]
    return 100 * (last[1] / last[0] - 1)


def pulled(setting: Setting) -> np.ndarray:
    """Positions of the levers that a scenario pulls in some year."""
    return np.flatnonzero(setting.levers.any(axis=1))


def attribution(
    setting: Setting, /, *, units: Sequence[str] | None = None, outcome: str = "value_added"
) -> pl.DataFrame:
    """The share of each lever in the change at the horizon, over all combinations of levers.

    Args:
        setting: A scenario under one closure.
        units: Default: all.
        outcome: One of :data:`tylib.scenario.running.OUTCOMES`.

    Returns:
        ``unit, scenario, closure, outcome, year, lever, action_id``; ``value``, points of per cent that add up to
        ``total``; ``alone``, what the lever does without the others; ``joint``, ``value - alone``: its part of what
        levers do only together; ``zero``: ``by_construction`` (the closure cannot let it move this outcome),
        ``not_pulled``, ``none`` or null where it is no zero; ``reason_zh, reason_en`` (why a zero or a part of it is
        by construction, empty elsewhere); ``assumption_driven`` (true); ``status``. Eight rows a unit, in the order of
        the actions; sorted by unit.

    Raises:
        ParameterError: No such unit or outcome.
    """
    if outcome not in OUTCOMES:
        raise unknown("outcome", outcome, OUTCOMES)
    at, own = setting.units(units), pulled(setting)
    game = combined(setting, adding(setting, at), outcome)
    share, alone = np.zeros((2, len(LEVERS), len(at)))
    share[own], alone[own] = shapley(game), game[1 << np.arange(len(own))] - game[0]
    rows = []
    for unit, position in sorted((setting.ensemble.units[n], k) for k, n in enumerate(at)):
        for lever, name in enumerate(LEVERS):
            value, single = float(share[lever, position]), float(alone[lever, position])
            zero, reason = _zero(setting, lever, value, outcome)
            rows.append((unit, name, setting.supposed.levers[name].action, value, single, value - single,
                         float(game[-1, position]), zero, reason.get("zh", ""), reason.get("en", "")))  # fmt: skip
    names = ("unit", "lever", "action_id", "value", "alone", "joint", "total", "zero", "reason_zh", "reason_en")
    kinds = dict.fromkeys(names, pl.String) | dict.fromkeys(names[3:7], pl.Float64)
    return pl.DataFrame(rows, schema=kinds, orient="row").with_columns(
        scenario=pl.lit(setting.name), closure=pl.lit(setting.closure), outcome=pl.lit(outcome),
        year=pl.lit(setting.years[-1]), assumption_driven=pl.lit(True), status=pl.lit(setting.status).cast(Status),
    ).select(
        "unit", "scenario", "closure", "outcome", "year", *names[1:], "assumption_driven", "status"
    )  # fmt: skip


def _zero(setting: Setting, lever: int, value: float, outcome: str) -> tuple[str | None, dict[str, str]]:
    """What kind of zero a share is, and what the closure has to do with it."""
    said = setting.supposed.levers[LEVERS[lever]]
    inert = said.inert.get(setting.closure, {}) if outcome == "value_added" else {}
    if not setting.levers[lever].any():
        return "not_pulled", {}
    if abs(value) > NOTHING:
        return None, said.partly.get(setting.closure, {}) if outcome == "value_added" else {}
    return ("by_construction", inert) if inert else ("none", {})


def together(setting: Setting, /, *, units: Sequence[str] | None = None, outcome: str = "value_added") -> pl.DataFrame:
    """What two levers do together beyond what each does alone, in points of per cent.

    Returns:
        ``unit, lever, other, value``: ``v(both) - v(one) - v(other) + v(none)``, pairs in the order of the actions;
        sorted by unit.
    """
    at, own = setting.units(units), pulled(setting)
    game = combined(setting, adding(setting, at), outcome)
    rows = [
        (setting.ensemble.units[n], LEVERS[own[i]], LEVERS[own[j]],
         float(game[1 << i | 1 << j, k] - game[1 << i, k] - game[1 << j, k] + game[0, k]))
        for n, k in sorted(zip(at, range(len(at)), strict=True)) for i, j in combinations(range(len(own)), 2)
    ]  # fmt: skip
    schema = {"unit": pl.String, "lever": pl.String, "other": pl.String, "value": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def carbon_split(setting: Setting, /, *, units: Sequence[str] | None = None) -> pl.DataFrame:
    """The change of carbon at the horizon against the baseline: activity, structure, intensity, carbon an energy.

    LMDI-I (:func:`tylib.indicators.carbon.lmdi`), exact. Energy by county is not published, so that all is relative:
    per cent of the unit's own carbon in the baseline.

    Returns:
        ``unit, scenario, closure, year, factor`` (:data:`FACTORS`), ``value``, which add up to ``total``, and
        ``status``; sorted by unit, factors in order.
    """
    reference, found, _ = simulated(setting, *middle(setting))
    at, parts = sorted(setting.units(units), key=lambda n: setting.ensemble.units[n]), []
    inside = np.zeros((len(at), setting.ensemble.output[0, 0].size))
    for k, n in enumerate(at):
        inside[k, setting.ensemble.members[n]] = 1.0
    ends = [_factors(path[-1], inside) for path in (reference, found)]
    effect = lmdi(*ends)["effect"]
    before = ends[0].prod(axis=0).sum(axis=-1)
    for k, n in enumerate(at):
        parts += [(setting.ensemble.units[n], factor, float(100 * effect[f, k] / before[k]))
                  for f, factor in enumerate(FACTORS)]  # fmt: skip
    table = pl.DataFrame(parts, schema={"unit": pl.String, "factor": pl.String, "value": pl.Float64}, orient="row")
    return table.select(
        "unit", pl.lit(setting.name).alias("scenario"), pl.lit(setting.closure).alias("closure"),
        pl.lit(setting.years[-1]).alias("year"), "factor", "value", total=pl.col("value").sum().over("unit"),
        status=pl.lit(setting.status).cast(Status),
    )  # fmt: skip


def _factors(year: Year, members: np.ndarray) -> np.ndarray:
    """``(factor, unit, cell)``: all value added, share of each cell, energy a value added, carbon an energy."""
    cells = year.value_added[0].ravel()
    shape = year.value_added.shape
    intensity, factor = (np.broadcast_to(v, shape)[0].ravel() for v in (year.intensity, year.factor))
    whole = (members @ cells)[:, None]
    inside = members * cells
    return np.stack(np.broadcast_arrays(whole, inside / whole, intensity, factor))
