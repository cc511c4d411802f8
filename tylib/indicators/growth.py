"""Change over time between two periods of the same place, indicator and scope: growth, what adds to it, targets."""

from __future__ import annotations

from math import inf, isfinite

import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.rows import extended, finite, rows, years


def _ends(frame: pl.DataFrame, start: int, end: int, *keys: str) -> pl.DataFrame:
    """Value at two years side by side: the keys, ``start, end``; null where a year is missing."""
    known = rows(frame, keys=[*keys, "year"], numbers=["value"], unique=True)
    found = known.select(keys).unique().sort(keys)
    for name, year in zip(("start", "end"), years(known, start, end), strict=True):
        at = known.filter(pl.col("year") == year).select(*keys, pl.col("value").alias(name))
        found = found.join(at, on=keys, how="left", maintain_order="left")
    return found


def change(frame: pl.DataFrame, /, *, start: int, end: int) -> pl.DataFrame:
    """Change of a level from one year to another, in per cent of the first.

    Equation: ``100 * (v_end / v_start - 1)``. Elementary; no source.

    Args:
        frame: ``place, year, value`` (any unit, the same throughout), one row a place and year.
        start: First year.
        end: Last year.

    Returns:
        ``place, value`` in per cent, sorted by place. Null where a year is missing or the first value is not positive.

    Raises:
        ParameterError: ``end`` is not after ``start``; a key occurs twice; a column is missing or holds no numbers.

    >>> frame = pl.DataFrame({"place": ["a", "a"], "year": [2020, 2024], "value": [50.0, 40.0]})
    >>> change(frame, start=2020, end=2024)["value"].to_list()
    [-20.0]
    """
    positive = pl.when(pl.col("start") > 0).then(pl.col("start"))
    growth = 100 * (pl.col("end") - positive) / positive
    return _ends(frame, start, end, "place").select("place", value=finite(growth))


def compound_growth(frame: pl.DataFrame, /, *, start: int, end: int) -> pl.DataFrame:
    """Average growth a year between two years, in per cent (compound annual growth rate).

    Equation: ``100 * ((v_end / v_start) ** (1 / (end - start)) - 1)``. Elementary; no source.

    Args:
        frame: ``place, year, value`` (any unit, the same throughout), one row a place and year.
        start: First year.
        end: Last year.

    Returns:
        ``place, value`` in per cent a year, sorted by place. Null where a year is missing or the first value is not
        positive or the last below zero; -100 where the last value is a measured zero.

    Raises:
        ParameterError: ``end`` is not after ``start``; a key occurs twice; a column is missing or holds no numbers.

    >>> frame = pl.DataFrame({"place": ["a", "a"], "year": [2010, 2020], "value": [100.0, 200.0]})
    >>> round(compound_growth(frame, start=2010, end=2020)["value"][0], 3)
    7.177
    """
    positive = pl.when(pl.col("start") > 0).then(pl.col("start"))
    growth = 100 * ((pl.col("end") / positive) ** (1 / (end - start)) - 1)
    return _ends(frame, start, end, "place").select("place", value=finite(growth))


def required_growth(frame: pl.DataFrame, /) -> pl.DataFrame:
    """Growth a year that leads from a level to a target in a number of years, in per cent (compound).

    Equation: ``100 * ((target / value) ** (1 / years) - 1)``, the inverse of compound interest: a level that grows at
    this rate every year stands at the target after ``years``. Elementary; no source.

    Args:
        frame: ``value`` and ``target`` (one unit, the same prices), ``years`` (from the one to the other).

    Returns:
        The frame with ``growth``. Null where anything is missing, a level is not positive or no year is left;
        negative where the target is below the level.

    Raises:
        ParameterError: A column is missing or holds no numbers.

    >>> frame = pl.DataFrame({"value": [100.0, 100.0], "target": [121.0, 150.0], "years": [2, 0]})
    >>> required_growth(frame)["growth"].round(6).to_list()
    [10.0, None]
    """
    known = (pl.col("value") > 0) & (pl.col("target") > 0) & (pl.col("years") > 0)
    growth = 100 * ((pl.col("target") / pl.col("value")) ** (1 / pl.col("years")) - 1)
    return extended(frame, ["value", "target", "years"], growth=pl.when(known).then(growth))


def contributions(frame: pl.DataFrame, /, *, start: int, end: int) -> pl.DataFrame:
    """What each sector adds to the growth of its place, in percentage points.

    Equation: ``100 * (v_end - v_start) / V_start``, V the sum of the sectors that have both years; the contributions
    of a place sum to its growth. As statistical offices publish them; elementary, no source.

    Args:
        frame: ``place, sector, year, value`` (one unit, constant prices), one row a key.
        start: First year.
        end: Last year.

    Returns:
        ``place, sector, value`` in percentage points, ``share`` of the place's change in per cent (null where nothing
        changes), sorted, and ``notes``: ``missing`` where a year is, ``partial`` where another sector of the place
        lacks one, or null.

    Raises:
        ParameterError: ``end`` is not after ``start``; a key occurs twice; a column is missing or holds no numbers.

    >>> frame = pl.DataFrame({"sector": ["x", "y"] * 2, "year": [2020] * 2 + [2024] * 2, "value": [30.0, 70, 40, 80]})
    >>> contributions(frame.with_columns(place=pl.lit("a")), start=2020, end=2024)["value"].to_list()
    [10.0, 10.0]
    """
    ends = _ends(frame, start, end, "place", "sector")
    change, known = pl.col("end") - pl.col("start"), pl.col("start").is_not_null() & pl.col("end").is_not_null()
    whole = pl.when(known).then(pl.col("start")).sum().over("place")
    total = pl.when(known).then(change).sum().over("place")
    return ends.select(
        "place",
        "sector",
        value=finite(pl.when(known & (whole > 0)).then(100 * change / whole)),
        share=finite(pl.when(known & (total != 0)).then(100 * change / total)),
        notes=pl.when(~known).then(pl.lit("missing")).when(~known.all().over("place")).then(pl.lit("partial")),
    )


def contributions_of_rates(frame: pl.DataFrame, /) -> pl.DataFrame:
    """What each part adds to the growth of its whole, from levels at the end and the real rates that led there.

    Equation: ``100 * (v - b) / sum b`` with ``b = v / (1 + growth / 100)``, the level before at prices of the end. No
    level of another vintage is needed. The points of a whole sum to its growth at these prices. Elementary; no source.

    Args:
        frame: ``place, sector, value`` (level at the end, one unit) and ``growth`` (real, per cent), one row a key.

    Returns:
        ``place, sector, value`` in percentage points, ``share`` of the place's change in per cent (null where nothing
        changes), sorted, and ``notes``: ``missing`` where a part of the place lacks a figure or fell by all it was, or
        null. Then the whole is not known and every part of it is null.

    Raises:
        ParameterError: A key occurs twice; a column is missing or holds no numbers.

    >>> frame = pl.DataFrame({"place": "a", "sector": ["x", "y"], "value": [55.0, 50.0], "growth": [10.0, 0.0]})
    >>> contributions_of_rates(frame)["value"].round(6).to_list()
    [5.0, 0.0]
    """
    known = pl.col("value").is_not_null() & (pl.col("growth") > -100)
    before = pl.col("value") / (1 + pl.col("growth") / 100)
    whole = known.fill_null(False).all().over("place") & (before.sum().over("place") > 0)
    change = pl.col("value") - before
    total = change.sum().over("place")
    keys = ["place", "sector"]
    # Sorted first: a sum of the same rows in another order may differ in its last digit.
    return (
        rows(frame, keys=keys, numbers=["value", "growth"], unique=True)
        .sort(keys)
        .select(
            *keys,
            value=finite(pl.when(whole).then(100 * change / before.sum().over("place"))),
            share=finite(pl.when(whole & (total != 0)).then(100 * change / total)),
            notes=pl.when(~whole).then(pl.lit("missing")),
        )
    )


def contribution_of_share(frame: pl.DataFrame, /, *, step: float = 0.0) -> pl.DataFrame:
    """What a part adds to the growth of its whole, from its share at the end and both real rates.

    Equation: ``b * growth / 100`` with ``b = share * (1 + whole / 100) / (1 + growth / 100)``, the share before.
    Elementary; no source.

    Args:
        frame: ``share`` (of the whole at the end, per cent), ``growth`` (of the part, per cent) and ``whole`` (growth
            of the whole, per cent).
        step: The last printed digit of these figures, such as 0.1: each may be half a step away.

    Returns:
        The frame with ``value`` in percentage points and ``low, high``, the range that rounding leaves (both are the
        value where ``step`` is zero). Null where a figure is missing or a part fell by all it was; the range is null
        too where it may have, within half a step.

    Raises:
        ParameterError: A step below zero or without end; a column is missing or holds no numbers.

    >>> frame = pl.DataFrame({"share": [55.0], "growth": [10.0], "whole": [0.0]})
    >>> contribution_of_share(frame, step=0.1).select(pl.col("value", "low", "high").round(3)).row(0)
    (5.0, 4.97..., 5.03...)
    """
    if not 0 <= step < inf:
        raise ParameterError(f"a step of {step}", where="step", expected="zero or more")

    def points(share: float, growth: float, whole: float) -> pl.Expr:
        part = pl.col("growth") + growth
        before = (pl.col("share") + share) * (1 + (pl.col("whole") + whole) / 100) / (1 + part / 100)
        return pl.when((part > -100) & (pl.col("whole") + whole > -100)).then(before * part / 100)

    half = (-step / 2, step / 2)
    # Monotone in each of the three: the ends lie in the corners.
    corners = [points(share, growth, whole) for share in half for growth in half for whole in half]
    known = pl.all_horizontal(corner.is_not_null() for corner in corners)
    low, high = (pl.when(known).then(end(corners)) for end in (pl.min_horizontal, pl.max_horizontal))
    return extended(frame, ["share", "growth", "whole"], value=points(0, 0, 0), low=low, high=high)


def target_gap(frame: pl.DataFrame, /) -> pl.DataFrame:
    """How far a figure is from its target, and where it comes out if it goes on as before.

    Equations: ``gap = 100 * (target - value) / target``; ``growth`` as in `required_growth`;
    ``achieved = 100 * ((value / base) ** (1 / done) - 1)``; ``projection = value * (value / base) ** (years / done)``.
    Elementary; no source.

    Args:
        frame: ``base, value, target`` (one unit, the same prices), ``done`` (years from base to value), ``years`` (from
            value to target).

    Returns:
        The frame with ``gap, growth, achieved`` (per cent) and ``projection`` (the unit of value). The gap is null
        without a target above zero; achieved and projection without a base above zero and years between.

    Raises:
        ParameterError: A column is missing or holds no numbers.

    >>> frame = pl.DataFrame({"base": [100.0], "value": [121.0], "target": [242.0], "done": [2], "years": [1]})
    >>> target_gap(frame).select("gap", "achieved", "projection").row(0)
    (50.0, 10.0..., 133.1...)
    """
    growing = (pl.col("base") > 0) & (pl.col("value") >= 0) & (pl.col("done") > 0)
    pace = pl.col("value") / pl.col("base")
    return extended(
        required_growth(frame),
        ["base", "value", "target", "done", "years"],
        gap=pl.when(pl.col("target") > 0).then(100 * (pl.col("target") - pl.col("value")) / pl.col("target")),
        achieved=pl.when(growing).then(100 * (pace ** (1 / pl.col("done")) - 1)),
        projection=pl.when(growing).then(pl.col("value") * pace ** (pl.col("years") / pl.col("done"))),
    )


def on_track(draws: pl.DataFrame, /, *, target: float, fall: bool = False) -> pl.DataFrame:
    """Share of the draws of each place in which the target is met, in per cent.

    Equation: ``100 * n(v >= target) / n``, the draws without a value left out. Elementary; no source.

    Args:
        draws: ``place, draw, value`` at the year of the target, one row a key.
        target: In the unit of ``value``.
        fall: The target is to come down to (energy per output), not to rise to.

    Returns:
        ``place, value`` in per cent, sorted by place; ``draws`` is how many had a value, null value where none had.

    Raises:
        ParameterError: A target that is no number; a key occurs twice; a column is missing or holds no numbers.

    >>> draws = pl.DataFrame({"place": ["a"] * 3, "draw": [0, 1, 2], "value": [9.0, 10.0, None]})
    >>> on_track(draws, target=10.0).row(0)
    ('a', 50.0, 2)
    """
    if not isfinite(target):
        raise ParameterError(f"a target of {target}", where="target", expected="a number")
    met = pl.col("value") <= target if fall else pl.col("value") >= target
    return (
        rows(draws, keys=["place", "draw"], numbers=["value"], unique=True)
        .group_by("place")
        .agg(value=100 * met.mean(), draws=pl.col("value").count().cast(pl.Int64))
        .with_columns(value=pl.when(pl.col("draws") > 0).then("value"))
        .sort("place")
    )
