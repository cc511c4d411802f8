"""What briefs, notebooks and the command line ask: frames for all units, kept under the hash of what they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from tylib.indicators import regional_tables
from tylib.scenario import baseline, levers, model, priors, running, shares
from tylib.scenario.running import setting
from tylib.scenario.sensitivity import unknowns
from tylib.store import open_city
from tylib.store.kept import digest, frame
from tylib.store.scenarios import scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tylib.scenario.running import Run, Setting
    from tylib.store import City

BRACKET = ("supply", "demand")
PRIORS = ("stated", "zero_effect")


def effects(name: str, city: City | None = None, *, closure: str = "supply", zero_effect: bool = False) -> pl.DataFrame:
    """Fans of every unit and outcome of a scenario; see :func:`tylib.scenario.running.fan`.

    Args:
        name: Of the scenario.
        city: Defaults to :func:`tylib.store.open_city`.
        closure: ``supply``, ``demand`` or ``binding``.
        zero_effect: Under the zero-effect prior.

    Returns:
        Empty where the city has no feasible set.
    """
    return _kept("fan", running.fan, name, city, closure, zero_effect)


def verdicts(
    name: str, city: City | None = None, *, closure: str = "supply", zero_effect: bool = False
) -> pl.DataFrame:
    """Directions of every unit and outcome at the horizon; see :func:`tylib.scenario.running.support`."""
    return _kept("support", running.support, name, city, closure, zero_effect)


def conclusions(
    name: str, city: City | None = None, *, closures: Sequence[str] = BRACKET, outcome: str = "value_added"
) -> pl.DataFrame:
    """The bracket of closures at the horizon, and what remains of it under the zero-effect prior.

    Args:
        name: Of the scenario.
        city: Defaults to :func:`tylib.store.open_city`.
        closures: Which.
        outcome: One of :data:`tylib.scenario.running.OUTCOMES`.

    Returns:
        ``unit, scenario, closure, prior`` (:data:`PRIORS`), ``outcome, year, low, median, high`` (per cent against the
        baseline), ``direction, support, uniform, tilted, status, source_ids``; sorted by unit, closure and prior as
        asked. Empty where the city has no feasible set.
    """
    parts = []
    for closure in closures:
        for prior in PRIORS:
            zero = prior == "zero_effect"
            said = verdicts(name, city, closure=closure, zero_effect=zero).drop("zero", "status", strict=False)
            shown = effects(name, city, closure=closure, zero_effect=zero)
            if shown.is_empty():
                return shown
            joined = shown.join(said, on=["unit", "scenario", "closure", "outcome", "year"], how="inner")
            parts.append(joined.filter(pl.col("outcome") == outcome).with_columns(prior=pl.lit(prior)))
    order = [pl.col(n).cast(pl.Enum(list(kinds))) for n, kinds in (("closure", closures), ("prior", PRIORS))]
    return pl.concat(parts).sort("unit", *order).select(
        "unit", "scenario", "closure", "prior", "outcome", "year", "low", "median", "high", "direction", "support",
        "uniform", "tilted", "status", "source_ids",
    )  # fmt: skip


def answer(asked: Setting, unit: str, /, *, draws: int | None = None, outcome: str = "value_added") -> dict[str, Any]:
    """One scenario for one unit as plain values.

    Args:
        asked: The scenario; see :func:`tylib.scenario.running.setting`.
        unit: Such as ``county:...``.
        draws: Under each weighting.
        outcome: One of :data:`tylib.scenario.running.OUTCOMES`.

    Returns:
        ``unit, scenario, closure, outcome, years``; ``low, median, high`` by year, per cent against the baseline;
        ``total_effect``, at the mean baseline and the medians of the priors, and ``attribution`` (``lever, action,
        value, joint, zero, reason_zh, reason_en``), which adds up to it; ``support`` (``direction, share, uniform,
        tilted``); ``unknowns`` (the first two: ``parameter, first, total`` with intervals); ``demand_binds``;
        ``draws, assumption_driven, status, source_ids``.
    """
    made = running.run(asked, draws=draws, units=[unit])
    shown = running.fan(made).filter(pl.col("outcome") == outcome)
    said = running.support(made).filter(pl.col("outcome") == outcome).row(0, named=True)
    parts = shares.attribution(asked, units=[unit], outcome=outcome)
    most = unknowns(asked, unit=unit, outcome=outcome).head(2)
    bound = running.binding(made).row(0, named=True)
    ends = [f"{kind}{end}" for kind in ("first", "total") for end in ("", "_low", "_high")]
    return {
        "unit": unit, "scenario": asked.name, "closure": asked.closure, "outcome": outcome, "years": list(asked.years),
        **{end: shown[end].to_list() for end in ("low", "median", "high")},
        "total_effect": float(parts["total"][0]),
        "attribution": parts.select("lever", "value", "joint", "zero", "reason_zh", "reason_en",
                                    action="action_id").to_dicts(),
        "support": {"direction": said["direction"], "share": said["support"], "uniform": said["uniform"],
                    "tilted": said["tilted"]},
        "unknowns": most.select("parameter", "title_zh", "title_en", *ends).to_dicts(),
        "demand_binds": {"uniform": bound["uniform"], "tilted": bound["tilted"]},
        "draws": made.change.shape[2], "assumption_driven": True, "status": asked.status,
        "source_ids": list(asked.sources),
    }  # fmt: skip


def _kept(
    kind: str, make: Callable[[Run], pl.DataFrame], name: str, city: City | None, closure: str, zero_effect: bool
) -> pl.DataFrame:
    city = city or open_city()
    asked = setting(name, city, closure=closure, zero_effect=zero_effect)
    if asked is None:
        return pl.DataFrame()
    known = asked.ensemble
    arrays = (known.output, known.value_added, known.members, known.coefficients, known.shift, known.energy)
    numbers = (asked.supposed, asked.priors, asked.levers, asked.finding, asked.status, asked.sources, known.units)
    code = (model, baseline, levers, priors, running, regional_tables)
    key = digest(kind, closure, scenario(name, city), *numbers, *arrays, *code)
    return frame(city, f"scenario_{kind}_{name}", key, lambda: make(running.run(asked)))
