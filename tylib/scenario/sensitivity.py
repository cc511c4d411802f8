"""Which two unknowns matter most: shares of the variance of an effect that each prior, and the baseline, explain.

Sobol's indices on Saltelli's design over every prior and over which matrix of the feasible set is true; priors count
as independent here. What ranks first is what to find out first, not what is true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tylib.errors import ParameterError, unknown
from tylib.indicators.robustness import sobol, sobol_errors
from tylib.scenario.priors import saltelli, triangular
from tylib.scenario.running import NOTHING, OUTCOMES, blocks, simulated, totals
from tylib.store.contracts import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tylib.scenario.running import Setting

STRUCTURE = "structure"
"""The unknown that is no prior: which matrix of the feasible set is true."""
TRIED = 128  # draws on which a prior is tried before its block is run; never where both sides can bind
MARGIN = 1.959963984540054  # of a 95 per cent interval


def unknowns(setting: Setting, /, *, unit: str, outcome: str = "value_added", base: int | None = None) -> pl.DataFrame:
    """Shares of the variance of an effect at the horizon, by unknown.

    Args:
        setting: A scenario under one closure.
        unit: Whose effect.
        outcome: One of :data:`tylib.scenario.running.OUTCOMES`.
        base: Size of a sample, a power of two; default as ``params/model.yml`` says.

    Returns:
        ``unit, scenario, closure, outcome, year, rank, parameter`` (a prior, or :data:`STRUCTURE`), ``title_zh,
        title_en, first, first_low, first_high, total, total_low, total_high`` (95 per cent, bootstrap), ``status``;
        sorted by rank, which goes by total. Empty where the effect does not vary.

    Raises:
        ParameterError: No such unit or outcome, or a base that is no power of two.
    """
    if outcome not in OUTCOMES:
        raise unknown("outcome", outcome, OUTCOMES)
    base = int(setting.supposed.design.value) if base is None else base
    if base < 2 or base & base - 1:
        raise ParameterError(f"a sample of {base}", where="base", expected="a power of two")
    (found,) = _shares(setting, (unit,), outcome, base)
    return found


def unknowns_by_unit(
    setting: Setting, /, *, units: Sequence[str] | None = None, outcome: str = "value_added", most: int = 2
) -> pl.DataFrame:
    """The unknowns that matter most to every unit, from one pass over the whole city.

    Args:
        setting: A scenario under one closure.
        units: Default: all.
        outcome: One of :data:`tylib.scenario.running.OUTCOMES`.
        most: How many of each unit.

    Returns:
        The columns of :func:`unknowns`, sorted by unit and rank; nothing of a unit whose effect does not vary.
    """
    labels = sorted(units or setting.ensemble.units)
    parts = _shares(setting, labels, outcome, int(setting.supposed.design.value))
    return pl.concat(part.head(most) for part in parts)


def _shares(setting: Setting, units: Sequence[str], outcome: str, base: int) -> Iterator[pl.DataFrame]:
    """The unknowns of each unit, ranked."""
    names = [name for name, (low, _, high) in setting.priors.items() if low < high]
    titles = {name: prior.title for name, prior in setting.supposed.parameters.items()}
    titles[STRUCTURE] = {"zh": "县的行业结构", "en": "What the county makes"}
    labels = [*names, STRUCTURE]
    for unit, effect in zip(units, effects(setting, names, units=units, outcome=outcome, base=base), strict=True):
        a, b, ab = effect[0], effect[1], effect[2:]
        if np.ptp(effect) < NOTHING:
            yield _empty()
            continue
        shares = sobol(a, b, ab)
        errors = sobol_errors(a, b, ab, resamples=int(setting.supposed.resamples.value),
                              generator=np.random.default_rng(int(setting.supposed.seed.value)))  # fmt: skip
        yield pl.DataFrame({
            "unit": unit, "scenario": setting.name, "closure": setting.closure, "outcome": outcome,
            "year": setting.years[-1], "parameter": labels, "title_zh": [titles[n]["zh"] for n in labels],
            "title_en": [titles[n]["en"] for n in labels],
            **{f"{kind}{end}": shares[kind] + sign * MARGIN * errors[kind]
               for kind in ("first", "total") for end, sign in (("", 0), ("_low", -1), ("_high", 1))},
        }).sort("total", "parameter", descending=[True, False]).select(
            "unit", "scenario", "closure", "outcome", "year", pl.int_range(1, pl.len() + 1).alias("rank"), "parameter",
            "title_zh", "title_en", "first", "first_low", "first_high", "total", "total_low", "total_high",
            status=pl.lit(setting.status).cast(Status),
        )  # fmt: skip


def effects(setting: Setting, names: list[str], *, units: Sequence[str], outcome: str, base: int) -> np.ndarray:
    """Effects over Saltelli's design: ``(unit, block, base)``; inputs are ``names`` and then the matrix."""
    design = saltelli(len(names) + 1, base=base, seed=int(setting.supposed.seed.value))
    flat = design.reshape(len(design), -1)
    theta = np.array([np.full(flat.shape[1], mode) for _, mode, _ in setting.priors.values()])
    vary = [list(setting.priors).index(name) for name in names]
    theta[vary] = triangular(flat[:-1], [setting.priors[name] for name in names])
    known = setting.ensemble
    cells = [np.divmod(known.members[at], len(known.sectors)) for at in setting.units(units)]
    inside = np.unique(np.concatenate([place for place, _ in cells]))
    members = np.zeros((len(inside) * len(known.sectors), len(cells)))
    for column, (place, sector) in enumerate(cells):
        members[np.searchsorted(inside, place) * len(known.sectors) + sector, column] = 1.0
    output, value_added = (part.reshape(-1, *part.shape[2:])[:, inside] for part in (known.output, known.value_added))
    # One weighting after the other: the last input says which matrix of which weighting.
    which = np.minimum((flat[-1] * len(output)).astype(int), len(output) - 1)

    def effect(columns: np.ndarray) -> np.ndarray:
        """Effects of some columns of the design: ``(unit, column)``."""
        made = np.empty((len(cells), len(columns)))
        for block in blocks(len(columns), len(members)):
            at = columns[block]
            reference, path, _ = simulated(setting, output[which[at]], value_added[which[at]], theta[:, at])
            without, with_ = (totals(years[-1:], outcome, members)[0] for years in (reference, path))
            made[:, block] = (100 * (with_ / without - 1)).T
        return made

    columns = np.arange(flat.shape[1]).reshape(design.shape[1:])
    # A prior that the closure keeps from this outcome changes no bit of it: its block is that of the first sample.
    few = effect(columns[:, :TRIED].ravel()).reshape(len(cells), len(columns), -1)
    moves = (few != few[:, :1]).any(axis=(0, 2)) | (setting.closure == "binding")
    moves[0] = True
    found = np.empty((len(cells), *columns.shape))
    found[:, moves] = effect(columns[moves].ravel()).reshape(len(cells), -1, base)
    found[:, ~moves] = found[:, :1]
    return found


def _empty() -> pl.DataFrame:
    texts = ("unit", "scenario", "closure", "outcome", "parameter", "title_zh", "title_en")
    ends = [f"{kind}{end}" for kind in ("first", "total") for end in ("", "_low", "_high")]
    schema = {"unit": pl.String, "scenario": pl.String, "closure": pl.String, "outcome": pl.String, "year": pl.Int32,
              "rank": pl.Int64, **dict.fromkeys(texts[4:], pl.String), **dict.fromkeys(ends, pl.Float64),
              "status": Status}  # fmt: skip
    return pl.DataFrame(schema=schema)
