"""From long frames to arrays and back: the one way between rows with keys and axes with labels.

In an array NaN is the mark of an absent value, as null is in a frame: kernels take it and give it back, frames never
hold it. Leading axes (years, draws) pass through every kernel untouched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tylib.errors import ParameterError


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
    frame: pl.DataFrame, /, axes: Sequence[str], *, value: str = "value", labels: dict[str, pl.Series] | None = None
) -> tuple[np.ndarray, Axes]:
    """Spread a long frame over an array.

    Args:
        frame: One row a key; the key columns are ``axes``.
        axes: Key columns, one an axis, in this order.
        value: Column of the values; null and NaN are absent.
        labels: Labels of an axis where they are not those that occur (sorted); a row outside them is left out.

    Returns:
        The array, NaN where the frame has no row or no value, and its axes.

    Raises:
        ParameterError: A key occurs twice, a key is null or a value is infinite.

    >>> frame = pl.DataFrame({"place": ["b", "a"], "sector": ["x", "y"], "value": [1.0, 2.0]})
    >>> array, found = cube(frame, ["place", "sector"])
    >>> array.tolist(), found.shape
    ([[nan, 2.0], [1.0, nan]], (2, 2))
    """
    given = labels or {}
    if frame.select(pl.any_horizontal(pl.col(*axes).is_null().any())).item():
        raise ParameterError("a key is missing", where=", ".join(axes), expected="a label in every row")
    found = Axes(tuple(axes), tuple(given[name] if name in given else _labels(frame[name]) for name in axes))
    for name, series in given.items():
        if name in axes:
            frame = frame.filter(pl.col(name).is_in(series.implode()))
    flat = np.zeros(frame.height, dtype=np.int64)
    for name, series in zip(found.names, found.labels, strict=True):
        flat = flat * len(series) + _codes(frame[name], series)
    size = int(np.prod(found.shape))
    seen = np.zeros(size, dtype=bool)
    seen[flat] = True
    if int(seen.sum()) != frame.height:
        raise ParameterError("a key occurs twice", where=", ".join(axes), expected="one row a key")
    array = np.full(size, np.nan)
    array[flat] = frame[value].cast(pl.Float64).fill_null(np.nan).to_numpy()
    if np.isinf(array).any():
        raise ParameterError("a value is infinite", where=value, expected="numbers")
    return array.reshape(found.shape), found


def _labels(column: pl.Series) -> pl.Series:
    """What occurs in a column, sorted."""
    if (low := _dense(column, len(column))) is None:
        return column.unique().sort()
    seen = np.zeros(int(column.max()) - low + 1, dtype=bool)
    seen[column.to_numpy() - low] = True
    return pl.Series(column.name, np.flatnonzero(seen) + low, dtype=column.dtype)


def _codes(column: pl.Series, labels: pl.Series) -> np.ndarray:
    """Where in the labels each value of a column stands."""
    if column.dtype == pl.String:
        return column.cast(pl.Enum(labels)).to_physical().to_numpy().astype(np.int64)
    if (low := _dense(labels, len(column))) is None:
        return np.asarray(labels.search_sorted(column), dtype=np.int64)
    place = np.zeros(int(labels.max()) - low + 1, dtype=np.int64)
    place[labels.to_numpy() - low] = np.arange(len(labels))
    return place[column.to_numpy() - low]


def _dense(numbers: pl.Series, size: int) -> int | None:
    """The least of whole numbers that lie so close that a table of them is cheaper than a search; None of others."""
    if not (numbers.dtype.is_integer() and len(numbers)):
        return None
    low = int(numbers.min())
    return low if int(numbers.max()) - low < 4 * size + 1000 else None


def long(axes: Axes, /, **arrays: np.ndarray) -> pl.DataFrame:
    """A frame of arrays over the same axes, one row a cell, sorted by key.

    Args:
        axes: Names and labels.
        arrays: One a column; each is spread over the axes (numpy's broadcasting). NaN and a text without
            letters become null. Without axes the frame has one row.

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
            columns[name] = series.fill_nan(None) if flat.dtype.kind == "f" else series
    return pl.DataFrame(columns)


def over(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """``part / whole``; NaN, the mark of absence, where the whole is not above zero.

    >>> over(np.array([1.0, 1.0]), np.array([2.0, 0.0])).tolist()
    [0.5, nan]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def count(values: np.ndarray) -> np.ndarray:
    """The array as float, refused where a quantity is below zero: a share of such a total has no meaning.

    Raises:
        ParameterError: A value is negative.
    """
    array = np.asarray(values, dtype=float)
    if array.size and np.fmin.reduce(array, axis=None) < 0:
        raise ParameterError("a quantity is negative", expected="values of zero or more")
    return array


def filled(array: np.ndarray) -> np.ndarray:
    """The array with zero where a value is absent, so that sums leave it out; the array itself where none is.

    >>> filled(np.array([1.0, np.nan])).tolist()
    [1.0, 0.0]
    """
    return array if np.isfinite(array.sum()) else np.nan_to_num(array)


def gaps(values: np.ndarray) -> np.ndarray:
    """What the note of a total along the last axis says: ``no_total``, ``missing`` (some are left out) or nothing."""
    return np.where(filled(values).sum(axis=-1) > 0, np.where(np.isnan(values).any(axis=-1), "missing", ""), "no_total")
