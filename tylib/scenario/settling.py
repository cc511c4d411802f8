"""What keeps a direction open: the lever without which it would be a finding, the unknown that would settle it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from tylib.scenario.model import LEVERS
from tylib.scenario.running import run, support
from tylib.scenario.shares import pulled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tylib.scenario.running import Run, Setting

KINDS = ("without", "known")
FOUND = ("rise", "fall")


def settling(
    setting: Setting, unknowns: pl.DataFrame, /, *, units: Sequence[str], draws: int | None = None
) -> pl.DataFrame:
    """For units whose direction is open, what would settle it, one thing at a time.

    Each lever that is pulled is left out in turn (``without``); each unknown that matters most is fixed at its most
    likely value in turn (``known``). The draws of everything else stay the same, so that nothing else differs.

    Args:
        setting: A scenario under one closure; only value added at the horizon counts.
        unknowns: ``unit, parameter``: priors that matter to each unit, as
            :func:`tylib.scenario.sensitivity.unknowns_by_unit` gives them; what is no prior is passed over.
        units: Of which the direction is open; see :func:`left_open`.
        draws: As in :func:`tylib.scenario.running.run`, the same as in the run that left them open.

    Returns:
        ``unit, closure, kind`` (:data:`KINDS`), ``name`` (of the lever or prior), ``direction, support`` (as
        :func:`tylib.scenario.running.support`, of what then remains); sorted by unit, kind, support from the largest.
    """
    asked = unknowns.filter(pl.col("unit").is_in(list(units)) & pl.col("parameter").is_in(list(setting.priors)))
    parts = [
        _ends(run(tried, draws=draws, units=units)).with_columns(kind=pl.lit(kind), name=pl.lit(name))
        for kind, name, tried in (_tried(setting, asked["parameter"].unique().sort().to_list()) if units else ())
    ]  # fmt: skip
    schema = {"unit": pl.String, "direction": pl.String, "support": pl.Float64, "kind": pl.String, "name": pl.String}
    found = pl.concat([pl.DataFrame(schema=schema), *parts])
    own = asked.select("unit", name="parameter").unique()
    known = found.join(own, on=["unit", "name"], how="semi").filter(pl.col("kind") == KINDS[1])
    return pl.concat([found.filter(pl.col("kind") == KINDS[0]), known]).select(
        "unit", pl.lit(setting.closure).alias("closure"), "kind", "name", "direction", "support"
    ).sort(["unit", "kind", "support", "name"], descending=[False, True, True, False], nulls_last=True)  # fmt: skip


def left_open(made: Run, /) -> list[str]:
    """Units whose value added at the horizon goes in no direction that is a finding, though it moves."""
    return _ends(made).filter(pl.col("direction") == "undecided")["unit"].to_list()


def _tried(setting: Setting, parameters: list[str]) -> Iterator[tuple[str, str, Setting]]:
    """The setting without each lever that can move output under its closure, and with each prior fixed."""
    for at in pulled(setting):
        name = LEVERS[at]
        if setting.closure in setting.supposed.levers[name].inert:
            continue
        strengths = setting.levers.copy()
        strengths[at] = 0.0
        yield KINDS[0], name, replace(setting, levers=strengths)
    for name in parameters:
        yield KINDS[1], name, replace(setting, priors=setting.priors | {name: (setting.priors[name][1],) * 3})


def _ends(made: Run) -> pl.DataFrame:
    """``unit, direction, support`` of value added at the horizon."""
    last = (pl.col("outcome") == "value_added") & (pl.col("year") == made.setting.years[-1])
    return support(made).filter(last).select("unit", "direction", "support")
