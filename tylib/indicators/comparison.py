"""One place beside the others: shares of a whole, ratios of two figures, ranks."""

from __future__ import annotations

import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.rows import alike, finite, rows


def share(part: pl.DataFrame, whole: pl.DataFrame, /) -> pl.DataFrame:
    """Each place's share of a whole, in per cent.

    Equation: ``100 * v_place / v_whole``. Elementary; no source.

    Args:
        part: ``place, value``.
        whole: One row with ``value`` in the same unit.

    Returns:
        ``place, value`` in per cent, sorted by place. Null where a value is missing or the whole is not positive.

    Raises:
        ParameterError: The whole has no row or several; a column is missing or holds no numbers.

    >>> share(pl.DataFrame({"place": ["a"], "value": [1.0]}), pl.DataFrame({"value": [4.0]}))["value"].to_list()
    [25.0]
    """
    found = rows(whole, numbers=["value"])
    if found.height != 1:
        raise ParameterError(f"a whole of {found.height} rows", where="whole", expected="one row")
    base = found["value"].item()
    valid = base if base is not None and base > 0 else None
    percent = finite(100 * pl.col("value") / pl.lit(valid, pl.Float64))
    return rows(part, keys=["place"], numbers=["value"]).select("place", value=percent).sort("place")


def ratio(numerator: pl.DataFrame, denominator: pl.DataFrame, /, *, scale: float = 1.0) -> pl.DataFrame:
    """One figure over another, place by place (density, a figure per head).

    Equation: ``scale * v_numerator / v_denominator``. Elementary; no source.

    Args:
        numerator: ``place, value``.
        denominator: ``place, value``, one row a place.
        scale: Factor between the units of the quotient and those wanted.

    Returns:
        ``place, value``, sorted by place. Null where either is missing or the denominator is not positive.

    Raises:
        ParameterError: A place occurs twice in the denominator; a column is missing or holds no numbers.

    >>> people, area = (pl.DataFrame({"place": ["a"], "value": [v]}) for v in (600.0, 3.0))
    >>> ratio(people, area)["value"].to_list()
    [200.0]
    """
    above = rows(numerator, keys=["place"], numbers=["value"])
    below = alike(rows(denominator, keys=["place"], numbers=["value"], unique=True), above, ["place"])
    if not above.height:
        return above.select("place", "value")
    positive = pl.when(pl.col("base") > 0).then(pl.col("base"))
    return (
        above.select("place", "value")
        .join(below.select("place", base="value"), on="place", how="left", maintain_order="left")
        .select("place", value=finite(scale * pl.col("value") / positive))
        .sort("place")
    )


def rank(frame: pl.DataFrame, /, *, descending: bool = True) -> pl.DataFrame:
    """Rank among the places that have a value: 1 is the largest; equal values share the smaller rank.

    Standard competition ranking ("1224").

    Args:
        frame: ``place, value``, one row a place.
        descending: Whether the largest value is first.

    Returns:
        ``place, value, rank, of`` sorted by place; ``of`` is the number of places with a value, and ``rank`` is null
        where there is none.

    Raises:
        ParameterError: A place occurs twice; a column is missing or holds no numbers.

    >>> rank(pl.DataFrame({"place": ["a", "b", "c"], "value": [2.0, None, 5.0]}))["rank"].to_list()
    [2, None, 1]
    """
    known = rows(frame, keys=["place"], numbers=["value"], unique=True)
    return known.select(
        "place",
        "value",
        rank=pl.col("value").rank("min", descending=descending).cast(pl.Int64),
        of=pl.col("value").count().cast(pl.Int64),
    ).sort("place")
