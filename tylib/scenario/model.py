"""The state equations of manufacturing upgrade, over draws, counties and sectors at once; a loop over years only.

Capital by vintages, a stock of research, total factor productivity with a dip before the gain of digitalisation,
labour that may be saved, quality, demand through the county's own Leontief inverse, energy and carbon. What levers do
to productivity through young capital and research counts as the deviation from the path without levers, so that the
trend holds what investment does anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from tylib.errors import unknown

LEVERS = ("renewal", "clusters", "firms", "research", "digital", "quality", "green", "openness")
"""In the order of the Eight Actions."""
CLOSURES = ("supply", "demand", "binding")
PARAMETERS = (
    "depreciation", "scrapping", "investment_response", "reach", "renewal_gain", "renewal_labour", "local_equipment",
    "research_depreciation", "research_push", "research_elasticity", "digital_pace", "digital_gain", "digital_dip",
    "digital_labour", "cluster_pace", "cluster_elasticity", "congestion", "local_sourcing", "tier_pace", "tier_gain",
    "quality_gain", "outside_demand", "labour_response", "efficiency_trend", "green_gain", "renewal_energy", "rebound",
    "fuel_switch",
)  # fmt: skip
"""Rows of the parameter array."""
NEW, DIP, LAG = 3, 3, 2
"""Years that capital is young, that digitalisation costs before it gains, that research takes."""
ROW = {name: at for at, name in enumerate(PARAMETERS)}


@dataclass(frozen=True)
class Local:
    """The county's own input-output table, over national sectors ``n``.

    Attributes:
        output: ``(draw, place, n)``, gross output of the base year.
        coefficients: ``(draw, place, n, n)``, local input coefficients, supplier by user.
        national: ``(n, n)``, or with leading axes: coefficients if everything were bought within.
        groups: ``(sector,)``, which national sector each sector belongs to.
        equipment: ``(draw, place, n)``, who makes equipment there: shares, or zeros.
    """

    output: np.ndarray
    coefficients: np.ndarray
    national: np.ndarray
    groups: np.ndarray
    equipment: np.ndarray


@dataclass(frozen=True)
class Start:
    """The base year, and what does not change from it; ``(draw, place, sector)`` or what broadcasts to it.

    Attributes:
        value_added, capital, research: In one unit of money.
        labour: In any unit.
        demand: Value added that base demand asks for.
        localisation: Own-sector location quotient.
        digital: Digitised share of firms.
        energy, carbon: Energy a value added, carbon an energy.
        capital_share, investment, research_share: Elasticity; shares of value added.
        trend: Growth of productivity a year, in logs.
        growth: Growth of value added into the base year, in logs.
        demand_growth: Growth of final demand a year.
        local: The county's own table; without it demand does not spread.
    """

    value_added: np.ndarray
    capital: np.ndarray
    labour: np.ndarray
    research: np.ndarray
    demand: np.ndarray
    localisation: np.ndarray
    digital: np.ndarray
    energy: np.ndarray
    carbon: np.ndarray
    capital_share: np.ndarray
    investment: np.ndarray
    research_share: np.ndarray
    trend: np.ndarray
    growth: np.ndarray
    demand_growth: np.ndarray
    local: Local | None

    def part(self, draws: slice | np.ndarray) -> Start:
        """The same for some draws; what has a single draw stays."""
        local = self.local and replace(
            self.local, **{n: _part(getattr(self.local, n), draws) for n in ("output", "coefficients", "equipment")}
        )
        return replace(self, local=local, **{n: _part(getattr(self, n), draws) for n in ARRAYS})


ARRAYS = tuple(name for name in Start.__dataclass_fields__ if name != "local")


def _part(values: np.ndarray, draws: slice | np.ndarray) -> np.ndarray:
    return values[draws] if values.ndim > 2 and len(values) > 1 else values


class Year(NamedTuple):
    """One year of a path, each ``(draw, place, sector)`` or what broadcasts to it."""

    value_added: np.ndarray
    capital: np.ndarray
    log_labour: np.ndarray
    log_productivity: np.ndarray
    research: np.ndarray
    young: np.ndarray
    """Share of capital under three years old"""
    intensity: np.ndarray
    """Energy a value added"""
    factor: np.ndarray
    """Carbon an energy"""
    log_supply: np.ndarray
    """Value added that could be made"""

    @property
    def slack(self) -> np.ndarray:
        """Value added that could be made and is not asked for; below zero where more is asked for than can be made."""
        return np.exp(self.log_supply) - self.value_added

    def outcome(self, name: str) -> np.ndarray:
        """``value_added, labour, energy`` or ``carbon``."""
        if name == "labour":
            return np.exp(self.log_labour)
        if name == "value_added":
            return self.value_added
        energy = self.value_added * self.intensity
        return energy if name == "energy" else energy * self.factor


def path(
    start: Start, theta: np.ndarray, levers: np.ndarray, *, closure: str, reference: Sequence[Year] | None = None
) -> Iterator[Year]:
    """Year by year from the base year on.

    ``K' = (1 - d - s u1) K + i Y (1 + eta phi u1)``; ``G' = (1 - d_G) G + (rho + u4 drho) Y``;
    ``a' = a + g + b_v dnu + gamma d ln G(-2) + J + b_C ln(C'/C) (1 - C'/C*) + b_T dtau u3``, where a cohort of
    digitised firms costs ``j`` for three years and gains ``b_D`` from then on;
    ``ln L' = ln L + eps dlnY(-1) - l_D dD - l_K du1``; supply ``a K^alpha L^(1-alpha)``; demand ``v (1 + kappa u6) X``
    with ``(I - A) X = f (1 + g_f)^t (1 + x u8) + equipment``, ``A`` moved by ``theta u2`` toward national coefficients;
    ``e' = e (1 - xi) (1 - (1 - R)(psi u7 + omega nu u1))``, ``c' = c (1 - chi u7)``.

    Args:
        start: The base year.
        theta: ``(parameter, draw)``, rows as :data:`PARAMETERS`.
        levers: ``(lever, year)`` or ``(lever, year, draw)``, rows as :data:`LEVERS`, from the year after the base year.
        closure: ``supply``: what can be made is sold; ``demand``: output follows demand; ``binding``: the smaller.
        reference: The path without levers under the same closure; without it this path is that one.

    Yields:
        The base year and each year after it.

    Raises:
        ParameterError: No such closure.
    """
    if closure not in CLOSURES:
        raise unknown("closure", closure, CLOSURES)
    p = _Rows(theta)
    u = (levers if levers.ndim == 3 else levers[..., None])[..., None, None]
    alpha, beta, i, rho = start.capital_share, 1 - start.capital_share, start.investment, start.research_share
    Y, K, G, C = start.value_added, start.capital, start.research, start.localisation
    lnY, lnL, stocks = np.log(Y), np.log(start.labour), [G] * (LAG + 1)
    base = lnY - alpha * np.log(K) - beta * lnL
    # Of full size: numpy multiplies like shapes in half the time.
    i, rho, keep, kept = (v + np.zeros_like(Y) for v in (i, rho, 1 - p.depreciation, 1 - p.research_depreciation))
    young = [i * Y] * NEW
    nu, e, c, grew, none = _young(young, keep, K), start.energy, start.carbon, start.growth, np.zeros((1, 1, 1))
    yield Year(Y, K, lnL, base, G, nu, e, c, lnY)
    before, digital, crowd, risen = none, [start.digital] * (DIP + 1), none, none
    spread, learning = _Spread(start, p, closure), p.tier_gain * p.tier_pace
    for t in range(1, levers.shape[1] + 1):
        u1, u2, u3, u4, u5, u6, u7, u8 = u[:, t - 1]
        ordinary = i * Y
        invested = ordinary * (1 + p.investment_response * p.reach * u1) if u1.any() else ordinary
        G = kept * G + (rho + u4 * p.research_push if u4.any() else rho) * Y
        K = (keep - p.scrapping * u1 if u1.any() else keep) * K + invested
        young = [invested, *young[:-1]]
        nu = _young(young, keep, K)
        digital = [np.minimum(digital[0] + p.digital_pace * u5, 1.0), *digital[:-1]]
        saved = p.digital_labour * (digital[0] - digital[1]) + p.renewal_labour * (u1 - before)
        lnL = lnL + (p.labour_response * grew - saved)
        stocks, before = [G, *stocks[:-1]], u1
        if u2.any():
            C = C * (1 + p.cluster_pace * u2)
            crowd = crowd + (p.cluster_elasticity * np.log1p(p.cluster_pace * u2)) * (1 - C / p.congestion)
        risen = risen + learning * u3
        learnt = p.digital_gain * (digital[DIP] - start.digital) - p.digital_dip * (digital[0] - digital[DIP])
        a = base + (start.trend * t + (risen + learnt))
        if crowd is not none:
            a += crowd
        if reference is not None:
            more = np.log(stocks[LAG] / reference[max(t - LAG, 0)].research)
            a += p.renewal_gain * (nu - reference[t].young) + p.research_elasticity * more
        now = made = a + alpha * np.log(K) + beta * lnL
        if closure != "supply":
            asked = spread.asked(t, u2, u6, u8, invested - ordinary if u1.any() else none)
            now = asked if closure == "demand" else np.minimum(made, asked)
        grew, lnY, Y = now - lnY, now, np.exp(now)
        saving = p.green_gain * u7 + p.renewal_energy * u1 * nu if u1.any() else p.green_gain * u7
        e = e * ((1 - p.efficiency_trend) * (1 - (1 - p.rebound) * saving))
        c = c * (1 - p.fuel_switch * u7)
        yield Year(Y, K, lnL, a, G, nu, e, c, made)


def both(
    start: Start, theta: np.ndarray, levers: np.ndarray, *, closure: str
) -> tuple[tuple[Year, ...], tuple[Year, ...]]:
    """The path without levers and the path with them; see :func:`path`."""
    reference = tuple(path(start, theta, np.zeros(levers.shape[:2]), closure=closure))
    return reference, tuple(path(start, theta, levers, closure=closure, reference=reference))


class _Rows:
    """Parameters by name, each ready to meet ``(draw, place, sector)``."""

    def __init__(self, theta: np.ndarray) -> None:
        self._theta = theta

    def __getattr__(self, name: str) -> np.ndarray:
        return self._theta[ROW[name], :, None, None]


def _young(vintages: list[np.ndarray], keep: np.ndarray, K: np.ndarray) -> np.ndarray:
    """Share of capital under three years old; vintages age at the ordinary rate."""
    return (vintages[0] + keep * (vintages[1] + keep * vintages[2])) / K


class _Spread:
    """Demand for value added, in logs: final demand through the local inverse, which lever 2 moves."""

    def __init__(self, start: Start, p: _Rows, closure: str) -> None:
        self.start, self.p = start, p
        if closure != "supply":
            self.base, self.year = np.log(start.demand), np.log1p(start.demand_growth)
        self.at: np.ndarray | None = None

    def asked(self, t: int, u2: np.ndarray, u6: np.ndarray, u8: np.ndarray, more: np.ndarray) -> np.ndarray:
        """Logarithm of the value added that demand of year ``t`` asks for; ``more``: investment beyond the ordinary."""
        grown, quality = self.year * t + np.log1p(self.p.outside_demand * u8), np.log1p(self.p.quality_gain * u6)
        local = self.start.local
        if local is None or not (u2.any() or more.any()):
            return self.base + (grown + quality)
        if self.at is None or not np.array_equal(self.at, u2):
            self.at = u2
            self.nearer, self.ordered = self._solve(local, u2)
        # Ordinary investment is part of final demand; only what comes on top of it is new.
        ordered = self.p.local_equipment * more.sum(axis=-1, keepdims=True) * self.ordered / np.exp(grown)
        return self.base + (grown + quality + np.log1p(self.nearer + ordered))[..., local.groups]

    def _solve(self, local: Local, u2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As shares of base output: what nearer sourcing adds, and what a unit of equipment bought within adds."""
        A, X = local.coefficients, local.output
        closer = (self.p.local_sourcing * u2)[..., None] * (local.national - A)
        inverse, right = np.eye(A.shape[-1]) - A - closer, closer @ X[..., None]
        equipment = np.broadcast_to(local.equipment, right.shape[:-1])[..., None]
        found = np.linalg.solve(inverse, np.concatenate([right, equipment], axis=-1))
        return tuple(np.moveaxis(found / np.where(X > 0, X, 1.0)[..., None], -1, 0))
