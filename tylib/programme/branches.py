"""Published growth of single branches, weighed by draws: what each added, what is left to all others, whom it favours.

A source prints the growth of some branches and that of all manufacturing, but not how large the branches are. The
feasible set bounds their sizes: value added of every draw gives the weights. So all figures here are over draws.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tylib import bounds
from tylib.bounds.intervals import INVENTED, STATUS, own_statuses
from tylib.indicators.shift_share import growth_of_rest, mix_of_rates
from tylib.programme.structure import actuals
from tylib.store import City, load
from tylib.store.contracts import Status
from tylib.store.memory import remembered
from tylib.store.params import bounds_suppositions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tylib.bounds.sampling import Draws

LAYER = 2
LEAST = 2
"""Branches with a rate below which there is nothing to weigh."""


def _divisions(texts: Iterable[str | None]) -> frozenset[int]:
    """Divisions of GB/T 4754 that texts such as ``17-24 41`` name."""
    spans = (part.split("-") for text in texts for part in (text or "").split())
    return frozenset(chain.from_iterable(range(int(span[0]), int(span[-1]) + 1) for span in spans))


@remembered
def branch_rates(city: City, /) -> pl.DataFrame:
    """Growth of manufacturing and of its sectors in the newest period for which some of both are published.

    A sector has a rate where published rates cover all its divisions; of several, it lies between them. The period
    must follow the year of the feasible set, which gives the weights.

    Returns:
        ``sector`` (empty: all manufacturing), ``least, most`` (per cent, as published: one rate or several), ``low,
        high`` (with what rounding leaves), ``period, end, indicators, source_ids, status``; sorted, without rows where
        there is no such period.
    """
    listed = load("sectors", city).filter("is_manufacturing")
    cover = {row["sector"]: _divisions([row["gbt4754_2017"]]) for row in listed.iter_rows(named=True)}
    cover[""] = frozenset().union(*cover.values())
    table = load("branch_rates", city).select("indicator", "divisions")
    half = 0.5 * 10.0 ** -pl.col("decimals")
    found = (
        actuals(city)
        .filter((pl.col("place") == city.place) & pl.col("value").is_not_null() & pl.col("end").is_not_null())
        .filter(pl.col("end").dt.year() == int(bounds_suppositions(city).year) + 1)
        .join(table, on="indicator", how="inner")
        .with_columns(low=pl.col("value") - half, high=pl.col("value") + half)
    )
    for period in found.unique("period").sort("end", "period", descending=True)["period"]:
        of = found.filter(pl.col("period") == period)
        rows = [row for sector, codes in cover.items() if (row := _rate(sector, codes, of))]
        if len(rows) > LEAST and any(row["sector"] == "" for row in rows):
            return pl.DataFrame(rows, schema=SCHEMA).sort("sector")
    return pl.DataFrame(schema=SCHEMA)


SCHEMA = {
    "sector": pl.String, "least": pl.Float64, "most": pl.Float64, "low": pl.Float64, "high": pl.Float64,
    "period": pl.String, "end": pl.Date, "indicators": pl.List(pl.String), "source_ids": pl.List(pl.String),
    "status": Status,
}  # fmt: skip


def _rate(sector: str, codes: frozenset[int], rows: pl.DataFrame) -> dict[str, object] | None:
    """What the rates of a period say of a sector; nothing where they leave a division of it out."""
    own = rows.filter([bool(part := _divisions([text])) and part <= codes for text in rows["divisions"]])
    if sector == "":
        own = own.filter([_divisions([text]) == codes for text in own["divisions"]])
    if not codes or own.is_empty() or _divisions(own["divisions"]) != codes:
        return None
    return {
        "sector": sector, "least": own["value"].min(), "most": own["value"].max(),
        "low": own["low"].min(), "high": own["high"].max(), "period": own["period"][0], "end": own["end"][0],
        "indicators": sorted(own["indicator"]),
        "source_ids": sorted(own["source_id"].drop_nulls().unique()), "status": own["status"].max(),
    }  # fmt: skip


def pulls(city: City, /) -> pl.DataFrame:
    """Percentage points that each branch of known growth added to that of manufacturing, and what all others did.

    Returns:
        ``sector`` (empty: all others), ``low, high`` (points, from the tenth to the ninetieth percentile of draws, the
        wider of two weightings, with the range of the rates), ``status``, ``holds`` (true: above zero in as many draws
        as a finding takes, false: below it, null: undecided); all others last, the rest by size. Without rows where
        no rates or no draws are to be had.
    """
    rates, drawn = branch_rates(city), _drawn(city)
    if rates.is_empty() or not drawn:
        return pl.DataFrame(schema={"sector": pl.String, **RANGE})
    low, high, total = _ends(rates, drawn[0])
    known = ~np.isnan(low)
    ends = []
    for part in drawn:
        found = growth_of_rest(part.value_added.sum(axis=1), low, high, total)
        ends.append([np.column_stack([found[end][:, known], found[f"rest_{end}"]]) for end in ("low", "high")])
    labels = [*np.array(drawn[0].sectors)[known], ""]
    table = _judged(city, rates, pl.DataFrame({"sector": labels}), ends)
    size = (pl.col("low") + pl.col("high")).abs()
    return table.sort(pl.col("sector") == "", -size)


def mixes(city: City, /) -> pl.DataFrame:
    """Percentage points by which the mix of each county would have lifted its growth over that of the city.

    Every sector is taken to have grown as in the city, those without a rate as all others together.

    Returns:
        ``place`` in the order of the feasible set, and as :func:`pulls`.
    """
    rates, drawn = branch_rates(city), _drawn(city)
    if rates.is_empty() or not drawn:
        return pl.DataFrame(schema={"place": pl.String, **RANGE})
    low, high, total = _ends(rates, drawn[0])
    ends = [
        mix_of_rates(part.value_added, part.value_added.sum(axis=1, keepdims=True), low, high, total) for part in drawn
    ]
    return _judged(city, rates, pl.DataFrame({"place": drawn[0].places}), ends)


def largest_other(city: City, /) -> tuple[str, float, float] | None:
    """The largest by value added of the sectors without a rate, and in what share of draws, by weighting."""
    rates, drawn = branch_rates(city), _drawn(city)
    if rates.is_empty() or not drawn:
        return None
    others = [at for at, sector in enumerate(drawn[0].sectors) if sector not in set(rates["sector"])]
    first = [part.value_added.sum(axis=1)[:, others].argmax(axis=1) for part in drawn]
    shares = np.array([np.bincount(one, minlength=len(others)) / len(one) for one in first])
    best = int(shares.min(axis=0).argmax())
    if shares[:, best].min() < bounds_suppositions(city).finding.value:
        return None
    return drawn[0].sectors[others[best]], float(shares[0, best]), float(shares[1, best])


RANGE = {"low": pl.Float64, "high": pl.Float64, "status": Status, "holds": pl.Boolean}


def _drawn(city: City) -> list[Draws]:
    """Draws under both weightings; none where the rows conflict or there are none."""
    if not bounds.contradiction(city, layer=LAYER).is_empty():
        return []
    drawn = [bounds.draws(city, layer=LAYER, weighting=name) for name in bounds.WEIGHTINGS]
    return [] if any(part is None for part in drawn) else drawn


def _ends(rates: pl.DataFrame, drawn: Draws) -> tuple[np.ndarray, np.ndarray, tuple[float, float]]:
    """Least and most growth of every sector that is drawn (NaN: not known), and of the whole."""
    by = {row["sector"]: (row["low"], row["high"]) for row in rates.iter_rows(named=True)}
    low, high = np.array([by.get(sector, (np.nan, np.nan)) for sector in drawn.sectors]).T
    return low, high, by[""]


def _judged(
    city: City, rates: pl.DataFrame, labels: pl.DataFrame, ends: list[tuple[np.ndarray, np.ndarray]]
) -> pl.DataFrame:
    """Ranges over the draws of both weightings, and on which side of zero the figures lie."""
    lows, highs = (
        [bounds.summarise(pair[at], labels, weighting=name) for pair, name in zip(ends, bounds.WEIGHTINGS, strict=True)]
        for at in (0, 1)
    )
    # At every rate that rounding allows, under both weightings.
    above = np.min([(least > 0).mean(axis=0) for least, _ in ends], axis=0)
    below = np.min([(most < 0).mean(axis=0) for _, most in ends], axis=0)
    finding = bounds_suppositions(city).finding.value
    invented = INVENTED in own_statuses(city).values()
    status = pl.concat([rates["status"], pl.Series("status", [INVENTED if invented else STATUS[LAYER]], Status)]).max()
    return labels.with_columns(
        low=pl.Series(np.fmin(*(part["low"].to_numpy() for part in lows))),
        high=pl.Series(np.fmax(*(part["high"].to_numpy() for part in highs))),
        status=pl.lit(status, Status),
        holds=pl.when(pl.Series(above) >= finding).then(True).when(pl.Series(below) >= finding).then(False),
    )
