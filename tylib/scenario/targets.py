"""The model beside what was promised and what was seen: how likely a target is, how many draws fit past growth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.scenario.running import HIGH, LOW, MIDDLE, parameters

if TYPE_CHECKING:
    from tylib.scenario.running import Run, Setting

ENOUGH, LEAST_YEARS = 200, 3


def chance(run: Run, targets: pl.DataFrame, /) -> pl.DataFrame:
    """How likely a target is, only where its year and its scope are those of the model.

    Args:
        run: The scenario's run.
        targets: ``target_id, unit, indicator, base_period, period, value``: years as text, ``value`` in 100 million
            yuan or, for average growth, per cent a year, as ``targets`` of ``params/model.yml`` says of the indicator.

    Returns:
        ``target_id, unit, year, target, low, median, high`` (of what is reached), ``gap`` (per cent of the target that
        the median lacks), ``uniform, tilted`` (share of draws that reach it) and ``reason`` where there is none:
        ``no_year, outside`` (the run), ``scope`` (another quantity), ``base`` (growth from another year), ``unit``.
    """
    years, forms, rows = run.setting.years, run.setting.supposed.targets, []
    for target in targets.iter_rows(named=True):
        year, form = target["period"], forms.get(target["indicator"])
        whole = isinstance(year, str) and year.isdecimal()
        reason = (
            "no_year" if not whole or target["value"] is None
            else "outside" if int(year) not in years[1:]
            else "scope" if form is None
            else "unit" if target["unit"] not in run.units
            else "base" if form == "average_growth" and target["base_period"] != str(years[0]) else None
        )  # fmt: skip
        row = {"target_id": target["target_id"], "unit": target["unit"], "target": target["value"], "reason": reason,
               "year": int(year) if whole else None}  # fmt: skip
        if reason is None:
            of, at = run.units.index(target["unit"]), years.index(int(year))
            reached = run.level[:, :, at, of]
            if form == "average_growth":
                reached = 100 * ((reached / run.level[:, :, 0, of]) ** (1 / at) - 1)
            low, median, high = np.percentile(reached, (LOW, MIDDLE, HIGH))
            met = (reached >= target["value"]).mean(axis=1)
            gap = 100 * (1 - median / target["value"]) if target["value"] else None
            row |= {"low": low, "median": median, "high": high, "gap": gap, "uniform": met[0], "tilted": met[1]}
        rows.append(row)
    numbers = ("target", "low", "median", "high", "gap", "uniform", "tilted")
    schema = {"target_id": pl.String, "unit": pl.String, "year": pl.Int64, **dict.fromkeys(numbers, pl.Float64),
              "reason": pl.String}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").sort("target_id", "unit")


def history(setting: Setting, growth: pl.DataFrame, /, *, draws: int | None = None) -> pl.DataFrame:
    """How many draws of the baseline's growth agree with growth that was published: within two standard deviations.

    Args:
        setting: A scenario; only its priors count.
        growth: ``year, value``: published real growth of whole years, per cent a year.
        draws: Default as ``params/model.yml`` says.

    Returns:
        One row: ``years, mean, deviation`` (of what was published, per cent), ``draws, kept, enough`` (at least 200
        are kept, so that they can be used alone).

    Raises:
        ParameterError: Fewer than three years.
    """
    draws = int(setting.supposed.draws.value) if draws is None else draws
    return matched(growth, setting.named(parameters(setting, draws))["growth"])


def matched(growth: pl.DataFrame, drawn: np.ndarray, /) -> pl.DataFrame:
    """The same of draws of the baseline's growth, a share a year: see :func:`history`."""
    known = growth.drop_nulls("value").unique("year")["value"]
    if len(known) < LEAST_YEARS:
        raise ParameterError(f"growth of {len(known)} years", where="history", expected=f"{LEAST_YEARS} or more")
    mean, deviation = float(known.mean()), float(known.std())
    kept = int((np.abs(100 * drawn - mean) <= 2 * deviation).sum())
    return pl.DataFrame({"years": len(known), "mean": mean, "deviation": deviation, "draws": len(drawn), "kept": kept,
                         "enough": kept >= ENOUGH})  # fmt: skip
