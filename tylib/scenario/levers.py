"""How far each lever is pulled in each year, and which priors a scenario draws from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tylib.scenario.model import LEVERS
from tylib.store import load
from tylib.store import scenarios as files
from tylib.store.scenarios import Range

if TYPE_CHECKING:
    from tylib.store import City
    from tylib.store.scenarios import ModelSuppositions, Scenario


def strengths(scenario: Scenario, supposed: ModelSuppositions, *, base: int) -> np.ndarray:
    """Levers by year.

    Args:
        scenario: A checked scenario.
        supposed: The model; before its ``start`` nothing is pulled.
        base: Base year; the first column is the year after it, the last the scenario's horizon.

    Returns:
        ``(lever, year)``, 0 to 1, rows as :data:`tylib.scenario.model.LEVERS`. Between the years that a lever names it
        moves in a straight line, before and after them it stands still.
    """
    years = np.arange(base + 1, (scenario.horizon or supposed.horizon) + 1)
    found = np.zeros((len(LEVERS), len(years)))
    for name, given in scenario.levers.items():
        by_year = dict(sorted(given.items())) if isinstance(given, dict) else {supposed.start: given}
        path = np.interp(years, list(by_year), list(by_year.values()))
        found[LEVERS.index(name)] = np.where(years < supposed.start, 0.0, path)
    return found


def priors(scenario: Scenario, supposed: ModelSuppositions) -> dict[str, tuple[float, float, float]]:
    """Low, most likely and high of every parameter under a scenario; equal where it is fixed."""
    found = {name: (prior.low, prior.value, prior.high) for name, prior in supposed.parameters.items()}
    for name, given in scenario.parameters.items():
        found[name] = (given.low, given.value, given.high) if isinstance(given, Range) else (given,) * 3
    return found | dict.fromkeys(supposed.zero_effect if scenario.zero_effect else (), (0.0, 0.0, 0.0))


def listed(city: City | None = None) -> pl.DataFrame:
    """Every scenario, the suite's and the user's own.

    Returns:
        ``scenario, title_zh, title_en, question_zh, question_en, horizon, levers`` (their names), ``zero_effect``,
        sorted by scenario.

    >>> listed()["scenario"].is_sorted()
    True
    """
    supposed, found = files.model(city), files.scenarios(city)
    rows = [
        (name, *(text.get(language, "") for text in (one.title, one.question) for language in ("zh", "en")),
         one.horizon or supposed.horizon, [lever for lever in LEVERS if lever in one.levers], one.zero_effect)
        for name, one in sorted(found.items())
    ]  # fmt: skip
    texts = ("scenario", "title_zh", "title_en", "question_zh", "question_en")
    schema = dict.fromkeys(texts, pl.String) | {
        "horizon": pl.Int64, "levers": pl.List(pl.String), "zero_effect": pl.Boolean
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def described(city: City | None = None) -> pl.DataFrame:
    """The eight levers and the actions they stand for.

    Returns:
        ``lever, action_id, action_zh, action_en`` (the action's published name), ``title_*, unit, low, high,
        maximum_*, channel_*, evidence_*, lag`` (years until the first effect) and ``parameters``, in the order of the
        actions.
    """
    actions = load("actions", city).group_by("action_id").agg(pl.col("name_zh", "name_en").first())
    both = ("title", "maximum", "channel", "evidence")
    rows = [
        {"lever": name, "action_id": one.action, "unit": one.unit, "low": one.low, "high": one.high, "lag": one.lag,
         "parameters": list(one.parameters),
         **{f"{text}_{language}": getattr(one, text)[language] for text in both for language in ("zh", "en")}}
        for name, one in files.model(city).levers.items()
    ]  # fmt: skip
    table = pl.DataFrame(rows).join(actions, on="action_id", how="left", maintain_order="left")
    names = [f"{text}_{language}" for text in both for language in ("zh", "en")]
    renamed = table.rename({"name_zh": "action_zh", "name_en": "action_en"})
    order = ("lever", "action_id", "action_zh", "action_en", "unit", "low", "high", *names, "lag", "parameters")
    return renamed.select(order)
