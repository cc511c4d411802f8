"""One point at the pace of a slider: other strengths on a setting that is at hand, and its central answer by year."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.scenario.levers import strengths
from tylib.scenario.running import OUTCOMES, adding, middle, simulated, totals
from tylib.scenario.shares import attribution
from tylib.store.contracts import Status
from tylib.store.scenarios import Scenario, offences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tylib.scenario.running import Setting


@dataclass(frozen=True)
class Point:
    """The central answer of a setting.

    Attributes:
        path: ``unit, scenario, closure, outcome, year, value`` (per cent against the baseline), ``status``; sorted by
            unit, outcome as :data:`tylib.scenario.running.OUTCOMES`, year.
        attribution: Of :func:`tylib.scenario.shares.attribution` for one outcome: its ``total`` is that path's end.
    """

    path: pl.DataFrame
    attribution: pl.DataFrame


def pull(setting: Setting, levers: Mapping[str, float | Mapping[int, float]], /) -> Setting:
    """The same setting with other strengths; nothing is read or drawn again.

    Args:
        setting: See :func:`tylib.scenario.running.setting`; closure, priors and horizon stay.
        levers: Strength by lever, or strengths by year as in a scenario's file; a lever that is not named is not
            pulled.

    Raises:
        ParameterError: Unknown lever, a strength outside its range or a year outside the model's.
    """
    years = {name: dict(given) if hasattr(given, "items") else given for name, given in levers.items()}
    asked = Scenario.model_construct(levers=years, parameters={}, horizon=setting.years[-1])
    if wrong := offences(asked, setting.supposed):
        raise ParameterError("; ".join(wrong), where="levers")
    return replace(setting, levers=strengths(asked, setting.supposed, base=setting.ensemble.year))


def point(setting: Setting, /, *, units: Sequence[str] | None = None, outcome: str = "value_added") -> Point:
    """The path at the mean of all baselines under the medians of the priors, and the levers' shares in its end.

    No interval and no support: it moves at once with a slider, the draws (:func:`tylib.scenario.running.run`) follow.

    Args:
        setting: A scenario under one closure; :func:`pull` sets other strengths.
        units: Default: all.
        outcome: Whose end is shared out over the levers.

    Raises:
        ParameterError: No such unit or outcome.
    """
    at = sorted(setting.units(units), key=lambda n: setting.ensemble.units[n])
    members = adding(setting, at)
    reference, found, _ = simulated(setting, *middle(setting))
    change = np.stack([totals(found, name, members) / totals(reference, name, members) - 1 for name in OUTCOMES])
    labels = ({"unit": [setting.ensemble.units[n] for n in at]}, {"outcome": OUTCOMES}, {"year": setting.years})
    named, outcomes, years = map(pl.DataFrame, labels)
    path = named.join(outcomes, how="cross").join(years, how="cross").select(
        "unit", pl.lit(setting.name).alias("scenario"), pl.lit(setting.closure).alias("closure"), "outcome", "year",
        value=pl.Series(100 * change[:, :, 0].transpose(2, 0, 1).ravel()),
        status=pl.lit(setting.status).cast(Status),
    )  # fmt: skip
    return Point(path, attribution(setting, units=units, outcome=outcome))
