"""What a frame function is given: rows with keys and numbers, checked once and in one place."""

from __future__ import annotations

from collections.abc import Sequence

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
    found = frame.with_columns(pl.col(categories).cast(pl.String), pl.col(numbers).cast(pl.Float64).fill_nan(None))
    for name in numbers:
        if found[name].is_infinite().any():
            raise ParameterError("a value is infinite", where=name, expected="numbers")
    if unique and keys:
        _single(found, keys)
    return found


def _single(frame: pl.DataFrame, keys: Sequence[str]) -> None:
    if frame.select(pl.any_horizontal(pl.col(*keys).is_null().any())).item():
        raise ParameterError("a key is missing", where=", ".join(keys), expected="a label in every row")
    twice = frame.filter(pl.struct(keys).is_duplicated())
    if twice.height:
        first = ", ".join(f"{name} {twice[name][0]}" for name in keys)
        raise ParameterError(f"a key occurs twice: {first}", where=", ".join(keys), expected="one row a key")
