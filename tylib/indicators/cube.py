"""From long frames to arrays and back: the one way between rows with keys and axes with labels.

In an array NaN is the mark of an absent value, as null is in a frame: kernels take it and give it back, frames never
hold it. Leading axes (years, draws) pass through every kernel untouched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.rows import alike, finite, present, rows, single


@dataclass(frozen=True)
class Axes:
    """Names of the axes of an array, and the labels along each, in order."""

    names: tuple[str, ...]
    labels: tuple[pl.Series, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """How long each axis is."""
        return tuple(len(series) for series in self.labels)

    def without(self, *names: str) -> Axes:
        """The axes that are left when some are summed away."""
        kept = [at for at, name in enumerate(self.names) if name not in names]
        return Axes(tuple(self.names[at] for at in kept), tuple(self.labels[at] for at in kept))


def cube(
    frame: pl.DataFrame,
    /,
    axes: Sequence[str],
    *,
    value: str = "value",
    labels: dict[str, pl.Series] | None = None,
    table: str = "",
) -> tuple[np.ndarray, Axes]:
    """Spread a long frame over an array.

    Args:
        frame: One row a key; the key columns are ``axes``.
        axes: Key columns, one an axis, in this order.
        value: Column of the values; null and NaN are absent.
        labels: Labels of an axis where they are not those that occur (sorted); a row outside them is left out.
        table: What the caller calls the frame, where it takes several.

    Returns:
        The array, NaN where the frame has no row or no value, and its axes.

    Raises:
        ParameterError: A key occurs twice or is missing, a value is infinite, or as `rows` has it.

    >>> frame = pl.DataFrame({"place": ["b", "a"], "sector": ["x", "y"], "value": [1.0, 2.0]})
    >>> array, found = cube(frame, ["place", "sector"])
    >>> array.tolist(), found.shape
    ([[nan, 2.0], [1.0, nan]], (2, 2))
    """
    given = labels or {}
    frame = rows(frame, keys=axes, numbers=[value])
    present(frame, axes)
    found = Axes(tuple(axes), tuple(given[name] if name in given else _labels(frame[name]) for name in axes))
    for name, series in given.items():
        if name in axes:
            frame = alike(frame, series.to_frame(name), [name])
            frame = frame.filter(pl.col(name).is_in(series.implode()))
    flat = np.zeros(frame.height, dtype=np.int64)
    for name, series in zip(found.names, found.labels, strict=True):
        flat = flat * len(series) + _codes(frame[name], series)
    size = int(np.prod(found.shape))
    seen = np.zeros(size, dtype=bool)
    seen[flat] = True
    if int(seen.sum()) != frame.height:
        single(frame, axes, table=table)
    array = np.full(size, np.nan)
    array[flat] = frame[value].fill_null(np.nan).to_numpy()
    return array.reshape(found.shape), found


def beside(
    frame: pl.DataFrame,
    axes: Axes,
    /,
    *,
    needed: Sequence[str],
    by: Sequence[str] = (),
    value: str = "value",
    table: str = "",
) -> np.ndarray:
    """Spread a frame over some axes of another, such as a reference that is the same in every draw or not.

    Args:
        frame: One row a key; a row outside the labels of the axes is left out.
        axes: Of the other.
        needed: Axes that are keys of this frame.
        by: Axes that are keys of it where it has such a column.
        value: Column of the values.
        table: What the caller calls the frame.

    Returns:
        An array that spreads over the axes: as long as they are along its own, 1 along the others.

    Raises:
        ParameterError: As `cube`.

    >>> axes = Axes(("place", "sector"), (pl.Series(["a", "b"]), pl.Series(["x", "y"])))
    >>> beside(pl.DataFrame({"sector": ["y"], "value": [2.0]}), axes, needed=["sector"]).tolist()
    [[nan, 2.0]]
    """
    held = rows(frame, keys=needed).columns
    labels = {
        name: series
        for name, series in zip(axes.names, axes.labels, strict=True)
        if name in needed or (name in by and name in held)
    }
    array, _ = cube(frame, list(labels), value=value, labels=labels, table=table)
    return array.reshape([len(s) if n in labels else 1 for n, s in zip(axes.names, axes.labels, strict=True)])


def _labels(column: pl.Series) -> pl.Series:
    """What occurs in a column, sorted."""
    if (low := _dense(column, len(column))) is None:
        return column.unique().sort()
    seen = np.zeros(int(column.max()) - low + 1, dtype=bool)
    seen[_above(column, low)] = True
    return pl.Series(column.name, np.flatnonzero(seen) + low, dtype=column.dtype)


def _codes(column: pl.Series, labels: pl.Series) -> np.ndarray:
    """Where in the labels each value of a column stands."""
    if not len(column):
        return np.zeros(0, dtype=np.int64)
    if column.dtype == pl.String:
        return column.cast(pl.Enum(labels)).to_physical().to_numpy().astype(np.int64)
    if (low := _dense(labels, len(column))) is None:
        return np.asarray(labels.search_sorted(column), dtype=np.int64)
    place = np.zeros(int(labels.max()) - low + 1, dtype=np.int64)
    place[_above(labels, low)] = np.arange(len(labels))
    return place[_above(column, low)]


def _above(numbers: pl.Series, low: int) -> np.ndarray:
    """How far whole numbers lie above the least, counted in a type in which the difference cannot wrap."""
    return np.subtract(numbers.to_numpy(), low, dtype=np.int64)


def _dense(numbers: pl.Series, size: int) -> int | None:
    """The least of whole numbers that lie so close that a table of them is cheaper than a search; None of others."""
    if not (numbers.dtype.is_integer() and len(numbers)):
        return None
    low, high = int(numbers.min()), int(numbers.max())
    return low if high - low < 4 * size + 1000 and high < 2**63 else None


def long(axes: Axes, /, **arrays: np.ndarray) -> pl.DataFrame:
    """A frame of arrays over the same axes, one row a cell, sorted by key.

    Args:
        axes: Names and labels.
        arrays: One a column; each is spread over the axes (numpy's broadcasting). NaN and a text without
            letters become null, as does what is beyond a number's range. Without axes the frame has one row.

    >>> axes = Axes(("place",), (pl.Series(["a", "b"]),))
    >>> long(axes, value=np.array([1.0, np.nan]))["value"].to_list()
    [1.0, None]
    """
    columns: dict[str, pl.Series] = {}
    shape = axes.shape
    for at, (name, series) in enumerate(zip(axes.names, axes.labels, strict=True)):
        codes = np.arange(len(series)).reshape([-1 if axis == at else 1 for axis in range(len(shape))])
        columns[name] = series.gather(np.broadcast_to(codes, shape).ravel()).alias(name)
    for name, array in arrays.items():
        flat = np.broadcast_to(array, shape).ravel()
        if flat.dtype.kind in "OU":
            columns[name] = pl.Series(name, [text or None for text in flat.tolist()], dtype=pl.String)
        else:
            series = pl.Series(name, flat)
            # A sum is cheaper than a search, and finite where every value is.
            sound = flat.dtype.kind != "f" or isfinite(series.sum())
            columns[name] = series if sound else pl.select(finite(pl.lit(series)).alias(name)).to_series()
    return pl.DataFrame(columns)


def over(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """``part / whole``; NaN, the mark of absence, where the whole is not above zero.

    Args:
        part: Any shape.
        whole: What spreads to it.

    >>> over(np.array([1.0, 1.0]), np.array([2.0, 0.0])).tolist()
    [0.5, nan]
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def count(values: np.ndarray) -> np.ndarray:
    """The array as float, refused where a quantity is below zero: a share of such a total has no meaning.

    Args:
        values: Any shape; NaN where absent.

    Raises:
        ParameterError: A value is negative.

    >>> count([1, 2]).tolist()
    [1.0, 2.0]
    """
    array = np.asarray(values, dtype=float)
    if array.size and np.fmin.reduce(array, axis=None) < 0:
        raise ParameterError("a quantity is negative", expected="values of zero or more")
    return array


def zero_or_one(values: np.ndarray) -> np.ndarray:
    """The array as float, refused where it says more than whether something is there.

    Args:
        values: Any shape, such as `complexity.presence` gives.

    Raises:
        ParameterError: A value is neither 0 nor 1.

    >>> zero_or_one(np.array([[True, False]])).tolist()
    [[1.0, 0.0]]
    """
    array = np.asarray(values, dtype=float)
    if not ((array == 0) | (array == 1)).all():
        raise ParameterError(
            "a value is neither 0 nor 1", expected="who has what: complexity.presence(location_quotient(values))"
        )
    return array


def coverage(level: float) -> float:
    """The level of an interval, refused where it covers nothing or more than all.

    Args:
        level: Share of all that it is to cover.

    Raises:
        ParameterError: It does not lie between 0 and 1.

    >>> coverage(0.95)
    0.95
    """
    if not 0 < level < 1:
        raise ParameterError(f"an interval that covers {level}", where="level", expected="above 0 and below 1")
    return level


def scaled(values: np.ndarray) -> np.ndarray:
    """The values times the power of two that brings their largest along the last axis to between a half and one.

    Their products neither overflow nor vanish then, and no digit changes: for what does not depend on the unit.

    Args:
        values: ``(..., n)``, without NaN.

    >>> scaled(np.array([3e200, 1e200])).round(3).tolist()
    [0.98, 0.327]
    """
    if not values.shape[-1]:
        return values
    return np.ldexp(values, -np.frexp(np.abs(values).max(axis=-1, keepdims=True))[1])


def filled(array: np.ndarray) -> np.ndarray:
    """The array with zero where a value is absent, so that sums leave it out; the array itself where none is.

    Args:
        array: Any shape; NaN where absent.

    >>> filled(np.array([1.0, np.nan])).tolist()
    [1.0, 0.0]
    """
    return array if np.isfinite(array.sum()) else np.nan_to_num(array)


def gaps(values: np.ndarray) -> np.ndarray:
    """What the note of a total along the last axis says: ``no_total``, ``missing`` (some are left out) or nothing.

    Args:
        values: ``(..., n)``, zero or more; NaN where absent.

    >>> gaps(np.array([[1.0, np.nan], [0.0, 0.0], [1.0, 2.0]])).tolist()
    ['missing', 'no_total', '']
    """
    return np.where(filled(values).sum(axis=-1) > 0, np.where(np.isnan(values).any(axis=-1), "missing", ""), "no_total")
