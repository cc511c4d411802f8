"""What may be said of a figure nobody published: implied, so many draws, or undecided. As data; words are elsewhere.

*Implied* is proved by a bound: it holds for every matrix that fits the rows. A *share of draws* is a judgement about
weight: it counts as a finding only where both weightings reach the share of ``finding`` in ``params/bounds.yml``.
Everything else is *undecided*. The three never mix: what is implied carries no share of draws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tylib.bounds import constraints, intervals, sampling
from tylib.store import open_city
from tylib.store.params import bounds_suppositions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.bounds.constraints import System
    from tylib.bounds.sampling import Draws
    from tylib.store import City

IMPLIED, DRAWN, UNDECIDED = "implied", "draws", "undecided"
LOW, MIDDLE, HIGH = 10, 50, 90


def support(
    holds: tuple[np.ndarray, np.ndarray], /, *, finding: float,
    low: np.ndarray | None = None, high: np.ndarray | None = None, above: float | np.ndarray = 0.0,
) -> pl.DataFrame:  # fmt: skip
    """Judge statements of the form "the figure is above a number", or any statement tested on draws.

    Args:
        holds: Whether each statement holds in each draw, ``(draw, statement)``, under the uniform and under the
            tilted weighting.
        finding: Share of draws from which a statement counts as a finding.
        low, high: Ends of the interval that the rows imply for each figure, where there is one (NaN: nothing bounds
            it); without them nothing is implied.
        above: The number.

    Returns:
        One row a statement, in order: ``verdict`` (``implied, draws, undecided``), ``holds`` (null: undecided),
        ``uniform, tilted`` (share of draws in which it holds; null where it is implied).

    >>> always = np.ones((4, 1), dtype=bool)
    >>> support((always, ~always), finding=0.9)["verdict"].item()
    'undecided'
    >>> support((always, always), finding=0.9, low=np.array([3.0]), high=np.array([9.0]), above=2.0).row(0)
    ('implied', True, None, None)
    """
    uniform, tilted = (np.asarray(part).mean(axis=0) for part in holds)
    count = len(uniform)
    least = np.full(count, np.nan) if low is None else np.asarray(low, dtype=float)
    most = np.full(count, np.nan) if high is None else np.asarray(high, dtype=float)
    both = pl.all_horizontal
    table = pl.DataFrame({"uniform": uniform, "tilted": tilted, "_true": least > above, "_false": most <= above})
    shares, proved = pl.col("uniform", "tilted"), pl.col("_true") | pl.col("_false")
    yes, no = both(shares >= finding), both(shares <= 1 - finding)
    return table.select(
        verdict=pl.when(proved).then(pl.lit(IMPLIED)).when(yes | no).then(pl.lit(DRAWN)).otherwise(pl.lit(UNDECIDED)),
        holds=pl.when(pl.col("_true")).then(True).when(pl.col("_false")).then(False).when(yes).then(True)
        .when(no).then(False),
        uniform=pl.when(~proved).then("uniform"),
        tilted=pl.when(~proved).then("tilted"),
    )  # fmt: skip


def judged(
    city: City | None = None, *, quantity: str, above: float, layer: int = 2, switch: Mapping[str, bool] | None = None
) -> pl.DataFrame:
    """For every figure of a quantity, whether it lies above a number: implied, in so many draws, or undecided.

    Args:
        city: Defaults to :func:`tylib.store.open_city`.
        quantity: As in :func:`tylib.bounds.intervals.bounds`, such as ``location_quotient``.
        above: The number, such as 1.
        layer, switch: As in :func:`tylib.bounds.constraints.system`.

    Returns:
        The rows of :func:`tylib.bounds.intervals.bounds` with ``above`` and the columns of :func:`support`. Empty where
        the city has no rows.
    """
    city = city or open_city()
    rows = constraints.system(city, layer=layer, switch=switch)
    table = intervals.bounds(city, layer=layer, switch=switch, quantities=(quantity,))
    if table.is_empty():
        return table.with_columns(above=pl.lit(above), **{n: pl.lit(None, t) for n, t in VERDICT.items()})
    drawn = [sampling.draws(city, layer=layer, weighting=name, switch=switch) for name in sampling.WEIGHTINGS]
    uniform, tilted = (values(rows, part, quantity) > above for part in drawn)
    low, high = (table[end].cast(pl.Float64).fill_null(np.nan).to_numpy() for end in ("low", "high"))
    finding = bounds_suppositions(city).finding.value
    said = support((uniform, tilted), finding=finding, low=low, high=high, above=above)
    return table.with_columns(above=pl.lit(above)).hstack(said)


VERDICT = {"verdict": pl.String, "holds": pl.Boolean, "uniform": pl.Float64, "tilted": pl.Float64}


def values(rows: System, draws: Draws, quantity: str, /) -> np.ndarray:
    """Every figure of a quantity in every draw: ``(draw, figure)``, figures as :func:`bounds` sorts them.

    Args:
        rows: The system that was drawn from.
        draws: The draws.
        quantity: As in :func:`tylib.bounds.intervals.bounds`.
    """
    asked = sorted(intervals.figures(rows, (quantity,)), key=lambda figure: figure[:2])
    points = draws.points()
    found = points @ np.array([form * scale for *_, form, _, scale in asked]).T
    if all(per is None for *_, per, _ in asked):
        return found
    below = points @ np.array([per for *_, per, _ in asked]).T
    return np.divide(found, below, out=np.full_like(found, np.nan), where=below > 0)


def summarise(
    values: np.ndarray, labels: pl.DataFrame, /, *, weighting: str, status: str = "estimated"
) -> pl.DataFrame:
    """Any figure over all draws as facts: the middle and the range from the tenth to the ninetieth percentile.

    Args:
        values: ``(draw, figure)``; NaN where a draw has none.
        labels: One row a figure.
        weighting: Under which the draws were made.
        status: The weakest of what the draws rest on.

    Returns:
        ``labels`` with ``median, low, high``, ``interval`` (``p10_p90``), ``status, weighting``
        and ``defined`` (share of draws that have the figure). Null where no draw has it.

    >>> summarise(np.arange(11.0)[:, None], pl.DataFrame({"place": ["a"]}), weighting="uniform").row(0)[:4]
    ('a', 5.0, 1.0, 9.0)
    """
    known = ~np.isnan(values)
    filled = np.where(known.any(axis=0), values, 0.0)
    low, median, high = np.nanpercentile(filled, [LOW, MIDDLE, HIGH], axis=0)
    defined = pl.Series("defined", known.mean(axis=0))
    return labels.with_columns(
        defined,
        *(pl.when(defined > 0).then(pl.Series(name, ends)).alias(name)
          for name, ends in (("median", median), ("low", low), ("high", high))),
        interval=pl.lit("p10_p90"), status=pl.lit(status), weighting=pl.lit(weighting),
    ).select(*labels.columns, "median", "low", "high", "interval", "status", "weighting", "defined")  # fmt: skip


def cells(draws: Draws, values: np.ndarray | None = None, /) -> pl.DataFrame:
    """Each county and sector over all draws.

    Args:
        draws: The draws.
        values: ``(draw, place, sector)``; their output by default.

    Returns:
        As :func:`summarise`, with ``unit_code, sector_code``.
    """
    values = draws.output if values is None else values
    labels = pl.DataFrame(
        [(place, sector) for place in draws.places for sector in draws.sectors],
        schema={"unit_code": pl.String, "sector_code": pl.String}, orient="row",
    )  # fmt: skip
    status = intervals.STATUS[draws.layer]
    return summarise(values.reshape(len(values), -1), labels, weighting=draws.weighting, status=status)
