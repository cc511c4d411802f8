"""What growth in one county asks of the others: a frame of its own, never added to a county's growth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tylib.errors import unknown
from tylib.scenario.baseline import own_table
from tylib.scenario.running import middle, simulated
from tylib.store.contracts import Status

if TYPE_CHECKING:
    from tylib.scenario.running import Setting


def spillover(setting: Setting, /, *, unit: str) -> pl.DataFrame:
    """Inputs that a county's extra output takes from other counties of the city, with what these then need at home.

    The county buys within the city what Flegg's quotient of the whole city says, less what it buys at home; each other
    county supplies its share of what the others make of it: ``dX_d = (I - A_d)^-1 share_d (A_city - A_c) dX_c``. At the
    mean of all baselines under the medians of the priors, at the horizon.

    Args:
        setting: A scenario under one closure.
        unit: ``county:...``, the one that grows.

    Returns:
        ``unit, other, value`` (per cent of the other's manufacturing output), ``status``; sorted by value, the largest
        first.

    Raises:
        ParameterError: No such county.
    """
    counties = [f"county:{place}" for place in setting.ensemble.places]
    if unit not in counties:
        raise unknown("county", unit, counties)
    at, known = counties.index(unit), setting.ensemble
    output, value_added, theta = middle(setting)
    reference, found, _ = simulated(setting, output, value_added, theta)
    user = (known.groups[:, None] == np.arange(len(known.national))).astype(float)
    grown = (output * (found[-1].value_added / reference[-1].value_added - 1))[0, at] @ user
    groups, delta = output @ user, setting.named(theta)["flq_delta"]
    home, _ = own_table(known, groups, delta)
    whole, _ = own_table(known, groups.sum(axis=1, keepdims=True), delta)
    wanted = np.maximum(whole.coefficients[0, 0] - home.coefficients[0, at], 0.0) @ grown
    others = np.delete(np.arange(len(counties)), at)
    made = groups[0, others]
    asked = wanted * made / made.sum(axis=0)
    more = np.linalg.solve(np.eye(asked.shape[1]) - home.coefficients[0, others], asked[..., None])[..., 0]
    percent = 100 * more.sum(axis=1) / made.sum(axis=1)
    table = pl.DataFrame({"unit": unit, "other": [counties[n] for n in others], "value": percent})
    return table.with_columns(status=pl.lit(setting.status).cast(Status)).sort(
        "value", "other", descending=[True, False]
    )
