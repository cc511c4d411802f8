"""Change over time between two periods of the same place, indicator and scope."""

from __future__ import annotations

import polars as pl

from tylib.errors import ParameterError


def _ends(frame: pl.DataFrame, start: int, end: int) -> pl.DataFrame:
    """Value at two years side by side: ``place, start, end``; null where a year is missing."""
    if end <= start:
        raise ParameterError(f"years {start} and {end}", where="start, end", expected="a start before the end")
    places = frame.select("place").unique().sort("place")
    for name, year in (("start", start), ("end", end)):
        at = frame.filter(pl.col("year") == year).select("place", pl.col("value").alias(name))
        places = places.join(at, on="place", how="left", maintain_order="left", validate="1:1")
    return places


def change(frame: pl.DataFrame, /, *, start: int, end: int) -> pl.DataFrame:
    """Change of a level from one year to another, in per cent of the first.

    Equation: ``100 * (v_end / v_start - 1)``.

    Args:
        frame: ``place, year, value`` (any unit, the same throughout), one row a place and year.
        start: First year.
        end: Last year.

    Returns:
        ``place, value`` in per cent, sorted by place. Null where a year is missing or the first value is not positive.

    Raises:
        ParameterError: ``end`` is not after ``start``.

    >>> frame = pl.DataFrame({"place": ["a", "a"], "year": [2020, 2024], "value": [50.0, 40.0]})
    >>> change(frame, start=2020, end=2024)["value"].to_list()
    [-20.0]
    """
    positive = pl.when(pl.col("start") > 0).then(pl.col("start"))
    return _ends(frame, start, end).select("place", value=100 * (pl.col("end") - positive) / positive)


def compound_growth(frame: pl.DataFrame, /, *, start: int, end: int) -> pl.DataFrame:
    """Average growth a year between two years, in per cent (compound annual growth rate).

    Equation: ``100 * ((v_end / v_start) ** (1 / (end - start)) - 1)``.

    Args:
        frame: ``place, year, value`` (any unit, the same throughout), one row a place and year.
        start: First year.
        end: Last year.

    Returns:
        ``place, value`` in per cent a year, sorted by place. Null where a year is missing or the first value is not
        positive; -100 where the last value is a measured zero.

    Raises:
        ParameterError: ``end`` is not after ``start``.

    >>> frame = pl.DataFrame({"place": ["a", "a"], "year": [2010, 2020], "value": [100.0, 200.0]})
    >>> round(compound_growth(frame, start=2010, end=2020)["value"][0], 3)
    7.177
    """
    positive = pl.when(pl.col("start") > 0).then(pl.col("start"))
    growth = 100 * ((pl.col("end") / positive) ** (1 / (end - start)) - 1)
    return _ends(frame, start, end).select("place", value=growth)


def required_growth(frame: pl.DataFrame, /) -> pl.DataFrame:
    """Growth a year that leads from a level to a target in a number of years, in per cent (compound).

    Equation: ``100 * ((target / value) ** (1 / years) - 1)``, the inverse of compound interest: a level that grows at
    this rate every year stands at the target after ``years``.

    Args:
        frame: ``value`` and ``target`` (one unit, the same prices), ``years`` (from the one to the other).

    Returns:
        The frame with ``growth``. Null where anything is missing, a level is not positive or no year is left;
        negative where the target is below the level.

    >>> frame = pl.DataFrame({"value": [100.0, 100.0], "target": [121.0, 150.0], "years": [2, 0]})
    >>> required_growth(frame)["growth"].round(6).to_list()
    [10.0, None]
    """
    known = (pl.col("value") > 0) & (pl.col("target") > 0) & (pl.col("years") > 0)
    growth = 100 * ((pl.col("target") / pl.col("value")) ** (1 / pl.col("years")) - 1)
    return frame.with_columns(growth=pl.when(known).then(growth))
