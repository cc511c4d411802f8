"""One place beside the others: shares of a whole, ratios of two figures, ranks."""

from __future__ import annotations

import polars as pl


def share(part: pl.DataFrame, whole: pl.DataFrame, /) -> pl.DataFrame:
    """Each place's share of a whole, in per cent.

    Equation: ``100 * v_place / v_whole``.

    Args:
        part: ``place, value``.
        whole: One row with ``value`` in the same unit.

    Returns:
        ``place, value`` in per cent, sorted by place. Null where a value is missing or the whole is not positive.

    >>> share(pl.DataFrame({"place": ["a"], "value": [1.0]}), pl.DataFrame({"value": [4.0]}))["value"].to_list()
    [25.0]
    """
    base = whole["value"].item()
    valid = base if base is not None and base > 0 else None
    return part.select("place", value=100 * pl.col("value") / pl.lit(valid, pl.Float64)).sort("place")


def ratio(numerator: pl.DataFrame, denominator: pl.DataFrame, /, *, scale: float = 1.0) -> pl.DataFrame:
    """One figure over another, place by place (density, a figure per head).

    Equation: ``scale * v_numerator / v_denominator``.

    Args:
        numerator: ``place, value``.
        denominator: ``place, value``, one row a place.
        scale: Factor between the units of the quotient and those wanted.

    Returns:
        ``place, value``, sorted by place. Null where either is missing or the denominator is not positive.

    >>> people, area = (pl.DataFrame({"place": ["a"], "value": [v]}) for v in (600.0, 3.0))
    >>> ratio(people, area)["value"].to_list()
    [200.0]
    """
    positive = pl.when(pl.col("base") > 0).then(pl.col("base"))
    return (
        numerator.select("place", "value")
        .join(denominator.select("place", base="value"), on="place", how="left", validate="m:1", maintain_order="left")
        .select("place", value=scale * pl.col("value") / positive)
        .sort("place")
    )


def rank(frame: pl.DataFrame, /, *, descending: bool = True) -> pl.DataFrame:
    """Rank among the places that have a value: 1 is the largest; equal values share the smaller rank.

    Args:
        frame: ``place, value``, one row a place.
        descending: Whether the largest value is first.

    Returns:
        ``place, value, rank, of`` sorted by place; ``of`` is the number of places with a value, and ``rank`` is null
        where there is none.

    >>> rank(pl.DataFrame({"place": ["a", "b", "c"], "value": [2.0, None, 5.0]}))["rank"].to_list()
    [2, None, 1]
    """
    return frame.select(
        "place",
        "value",
        rank=pl.col("value").rank("min", descending=descending).cast(pl.Int64),
        of=pl.col("value").count().cast(pl.Int64),
    ).sort("place")
