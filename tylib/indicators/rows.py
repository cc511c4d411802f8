"""What a frame function is given: rows with keys and numbers, checked once and in one place; what it gives back."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from numbers import Integral

import polars as pl

from tylib.errors import ParameterError, unknown


def rows(
    frame: pl.DataFrame, /, *, keys: Sequence[str] = (), numbers: Sequence[str] = (), unique: bool = False
) -> pl.DataFrame:
    """The frame as formulas take it: numbers as floats, an absent one as null, keys of categories as text.

    Args:
        frame: Any frame that has the columns; others stay as they are.
        keys: Columns that tell rows apart.
        numbers: Columns of figures: whole numbers become floats (they would overflow or wrap), NaN becomes null.
        unique: Whether a key may occur once only, and must be there in every row.

    Raises:
        ParameterError: No frame, or one not yet collected; a column that is missing, or holds words where numbers are
            expected; an infinite number; with ``unique`` a key that occurs twice or is missing.

    >>> rows(pl.DataFrame({"place": ["a"], "value": [2]}), keys=["place"], numbers=["value"])["value"].to_list()
    [2.0]
    """
    if not isinstance(frame, pl.DataFrame):
        lazy = "collect() it first" if isinstance(frame, pl.LazyFrame) else ""
        raise ParameterError(f"a {type(frame).__name__} is no table", expected="a polars DataFrame", remedy=lazy)
    schema = frame.schema  # made anew at every call: once for hundreds of columns
    for name in (*keys, *numbers):
        if name not in schema:
            raise unknown("column", name, frame.columns)
    for name in numbers:
        dtype = schema[name]
        if not (dtype.is_numeric() or dtype in (pl.Boolean, pl.Null)):
            raise ParameterError(f"{dtype} in a column of figures", where=name, expected="numbers")
    categories = [name for name in keys if frame.schema[name] in (pl.Categorical, pl.Enum)]
    found = frame.with_columns(pl.col(categories).cast(pl.String), pl.col(numbers).cast(pl.Float64))
    odd = [name for name in numbers if not isfinite(found[name].sum())]  # a sum is cheaper than a search
    for name in odd:
        if found[name].is_infinite().any():
            raise ParameterError("a value is infinite", where=name, expected="numbers")
    found = found.with_columns(pl.col(odd).fill_nan(None))
    if unique and keys:
        present(found, keys)
        single(found, keys)
    return found


def single(frame: pl.DataFrame, keys: Sequence[str], /, *, table: str = "") -> None:
    """Refuse a key that occurs twice, and say which.

    Args:
        frame: With the columns.
        keys: Their names.
        table: What the caller calls the frame, where it takes several.

    Raises:
        ParameterError: A key occurs twice.

    >>> single(pl.DataFrame({"place": ["a", "b"]}), ["place"])
    """
    twice = frame.filter(pl.struct(keys).is_duplicated())
    if twice.height:
        first = ", ".join(f"{name} {twice[name][0]}" for name in keys)
        where = ": ".join(filter(None, [table, ", ".join(keys)]))
        raise ParameterError(f"a key occurs twice: {first}", where=where, expected="one row a key")


def present(frame: pl.DataFrame, keys: Sequence[str], /) -> None:
    """Refuse a row without one of its keys.

    Args:
        frame: With the columns.
        keys: Their names.

    Raises:
        ParameterError: A key is missing.

    >>> present(pl.DataFrame({"place": ["a"]}), ["place"])
    """
    if frame.select(pl.any_horizontal(pl.col(*keys).is_null().any())).item():
        raise ParameterError("a key is missing", where=", ".join(keys), expected="a label in every row")


def within(by: Sequence[str], /, *names: str, where: str = "by") -> list[str]:
    """The keys within which something is done, and those that follow them.

    Args:
        by: Names that the caller gave.
        names: Those that the function adds.
        where: Parameter that the caller gave them as.

    Raises:
        ParameterError: A bare text in place of a list of names, or a name that occurs twice.

    >>> within(["year"], "place")
    ['year', 'place']
    """
    if isinstance(by, str):
        raise ParameterError(f'"{by}" is a text', where=where, expected=f'a list of columns, such as ["{by}"]')
    keys = [*by, *names]
    if len(set(keys)) < len(keys):
        raise ParameterError(f"a column is named twice: {', '.join(keys)}", where=where, expected="each once")
    return keys


def alike(frame: pl.DataFrame, other: pl.DataFrame, keys: Sequence[str], /) -> pl.DataFrame:
    """The frame with its keys of the same type as in another, so that they can be compared.

    Args:
        frame: With the keys; a number that the other type cannot hold becomes null, for it has no equal there.
        other: Frame whose types are wanted.
        keys: Columns of both.

    Raises:
        ParameterError: They are of different kinds, such as text and numbers.

    >>> alike(pl.DataFrame({"year": [2020]}, schema={"year": pl.Int16}), pl.DataFrame({"year": [1]}), ["year"]).schema
    Schema([('year', Int64)])
    """
    for name in keys:
        one, two = frame.schema[name], other.schema[name]
        if one != two and not (one.is_numeric() and two.is_numeric()) and pl.Null not in (one, two):
            raise ParameterError(f"{one} beside {two}", where=name, expected="labels of one kind")
    differ = [name for name in keys if other.schema[name] not in (frame.schema[name], pl.Null)]
    return frame.with_columns(pl.col(name).cast(other.schema[name], strict=False) for name in differ)


def years(
    frame: pl.DataFrame, start: int | None = None, end: int | None = None, /, *, every: bool = False
) -> pl.Series:
    """The two years asked for, or every one between them, of the type that the frame's ``year`` has.

    Args:
        frame: With a column ``year`` of whole numbers.
        start: First year; that of the frame where it is not given.
        end: Last year; that of the frame where it is not given.
        every: Whether those between are wanted too.

    Raises:
        ParameterError: ``end`` is not after ``start``, or a year is no whole number.

    >>> years(pl.DataFrame({"year": [2021]}), 2020, 2022, every=True).to_list()
    [2020, 2021, 2022]
    """
    held = rows(frame, keys=["year"]).schema["year"]
    dtype = pl.Int64() if held == pl.Null else held
    if not dtype.is_numeric():
        raise ParameterError(f"{dtype} in the column of years", where="year", expected="whole numbers")
    if start is None or end is None:
        present(frame, ["year"])
        asked = range(frame["year"].min(), frame["year"].max() + 1) if frame.height else []
        return pl.Series("year", asked, dtype=dtype)
    if not (isinstance(start, Integral) and isinstance(end, Integral) and start < end):
        raise ParameterError(f"years {start} and {end}", where="start, end", expected="a start before the end")
    return pl.Series("year", range(start, end + 1) if every else [start, end]).cast(dtype, strict=False)


def finite(value: pl.Expr, /) -> pl.Expr:
    """The value, null where it is no number or beyond what one can hold.

    Args:
        value: Of floats.

    >>> pl.DataFrame({"v": [1.0, 0.0]}).select(finite(1 / pl.col("v")))["literal"].to_list()
    [1.0, None]
    """
    return pl.when(value.is_finite()).then(value)


def extended(frame: pl.DataFrame, numbers: Sequence[str], /, **columns: pl.Expr) -> pl.DataFrame:
    """The frame with columns calculated from its numbers; these stay as they were given, NaN as null.

    Args:
        frame: Any frame that has the numbers.
        numbers: Columns of figures.
        columns: Of floats; what is not finite becomes null.

    Raises:
        ParameterError: As `rows`.

    >>> extended(pl.DataFrame({"v": [1, 2]}), ["v"], half=pl.col("v") / 2).rows()
    [(1, 0.5), (2, 1.0)]
    """
    found = rows(frame, numbers=numbers).select(**{name: finite(value) for name, value in columns.items()})
    floats = [name for name in numbers if frame.schema[name].is_float()]
    return frame.with_columns(pl.col(floats).fill_nan(None)).with_columns(found)
