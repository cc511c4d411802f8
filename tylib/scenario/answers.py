"""What briefs, notebooks and the command line ask: frames for all units, kept under the hash of what they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from tylib.errors import unknown
from tylib.indicators import regional_tables
from tylib.scenario import baseline, levers, model, priors, running, shares
from tylib.scenario.running import setting
from tylib.scenario.sensitivity import unknowns
from tylib.store import open_city
from tylib.store.kept import digest, frame
from tylib.store.scenarios import scenario

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tylib.scenario.baseline import Ensemble
    from tylib.scenario.running import Setting
    from tylib.store import City

BRACKET = ("supply", "demand")
PRIORS = ("stated", "zero_effect")


def effects(
    name: str, city: City | None = None, *, closure: str = "supply", zero_effect: bool = False,
    known: Ensemble | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Fans and directions of every unit and outcome, year by year; see :func:`tylib.scenario.running.told`.

    Args:
        name: Of the scenario.
        city: Defaults to :func:`tylib.store.open_city`.
        closure: ``supply``, ``demand`` or ``binding``.
        zero_effect: Under the zero-effect prior.
        known: As in :func:`tylib.scenario.running.setting`.

    Returns:
        ``unit, scenario, closure, outcome, year, low, median, high`` (per cent against the baseline), ``interval,
        status, source_ids, direction, support, uniform, tilted, zero``; sorted by unit, outcome, year. Empty where the
        city has no feasible set.

    Raises:
        ParameterError: Unknown scenario or closure, or a file that is wrong.
    """
    city = city or open_city()
    asked = setting(name, city, closure=closure, zero_effect=zero_effect, known=known)
    if asked is None:
        return pl.DataFrame()
    known = asked.ensemble
    arrays = (known.output, known.value_added, *known.members, known.coefficients, known.shift, known.energy)
    numbers = (asked.supposed, asked.priors, asked.levers, asked.finding, asked.status, asked.sources, known.units)
    code = (model, baseline, levers, priors, running, regional_tables)
    key = digest(closure, scenario(name, city), *numbers, *arrays, *code)
    return frame(city, f"scenario_{name}", key, lambda: running.told(running.run(asked)))


def conclusions(
    name: str, city: City | None = None, *, closures: Sequence[str] = BRACKET, outcome: str = "value_added",
    known: Ensemble | None = None,
) -> pl.DataFrame:  # fmt: skip
    """The bracket of closures at the horizon, and what remains of it under the zero-effect prior.

    Args:
        name: Of the scenario.
        city: Defaults to :func:`tylib.store.open_city`.
        closures: Which.
        outcome: One of :data:`tylib.scenario.running.OUTCOMES`.
        known: As in :func:`tylib.scenario.running.setting`.

    Returns:
        The columns of :func:`effects` and ``prior`` (:data:`PRIORS`); sorted by unit, closure and prior as asked.
        Empty where the city has no feasible set.

    Raises:
        ParameterError: Unknown scenario, closure or outcome.
    """
    if outcome not in running.OUTCOMES:
        raise unknown("outcome", outcome, running.OUTCOMES)
    city = city or open_city()
    known = known or running.ensemble(city)
    parts = [
        effects(name, city, closure=closure, zero_effect=prior == PRIORS[1], known=known)
        .with_columns(prior=pl.lit(prior))
        for closure in closures for prior in PRIORS
    ]  # fmt: skip
    if "unit" not in parts[0].columns:
        return pl.DataFrame()
    order = [pl.col(n).cast(pl.Enum(list(kinds))) for n, kinds in (("closure", closures), ("prior", PRIORS))]
    last = (pl.col("outcome") == outcome) & (pl.col("year") == pl.col("year").max())
    return pl.concat(part.filter(last) for part in parts).sort("unit", *order)


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
    shown = running.told(made).filter(pl.col("outcome") == outcome)
    said = shown.row(-1, named=True)
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
