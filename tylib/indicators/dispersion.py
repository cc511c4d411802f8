"""How unequal places are: highest against lowest, coefficient of variation, Theil's index."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tylib.indicators.rows import finite, rows, within


def dispersion(frame: pl.DataFrame, /, *, by: Sequence[str] = ()) -> pl.DataFrame:
    """Spread of one figure over places.

    Equations, over the n places with a value, m their mean (no place weighs more than another):
    ``ratio = max / min``; ``difference = max - min``; ``variation = 100 * sqrt(mean((v - m)**2)) / m``;
    ``theil = mean(v / m * ln(v / m))`` (Theil 1967, Economics and Information Theory, ch. 4).

    Args:
        frame: ``place, value`` and the columns of ``by``, one row a key, one unit.
        by: Keys within which places are compared, such as a year or a draw.

    Returns:
        One row (a key of ``by``): ``known`` (places with a value), ``highest, lowest`` (their places; of equal ones the
        first by code), ``ratio, difference, variation`` (per cent), ``theil`` (nats). Null where no place has a value;
        ``ratio``, ``variation`` and ``theil`` are also null unless every value is above zero.

    Raises:
        ParameterError: A key occurs twice; a column is missing or holds no numbers.

    >>> frame = pl.DataFrame({"place": ["a", "b"], "value": [1.0, 3.0]})
    >>> dispersion(frame).select("highest", "ratio", "difference", "variation").row(0)
    ('b', 3.0, 2.0, 50.0)
    """
    value = pl.col("value").drop_nulls()
    mean, place = value.mean(), pl.col("place").filter(pl.col("value").is_not_null())
    positive = (value > 0).all() & (value.len() > 0)
    relative = value / mean
    columns = {
        "known": value.len().cast(pl.Int64),
        "highest": place.get(value.arg_max(), null_on_oob=True),
        "lowest": place.get(value.arg_min(), null_on_oob=True),
        "ratio": finite(pl.when(positive).then(value.max() / value.min())),
        "difference": finite(value.max() - value.min()),
        "variation": finite(pl.when(positive).then(100 * value.std(ddof=0) / mean)),
        "theil": finite(pl.when(positive).then((relative * relative.log()).mean())),
    }
    keys = within(by, "place")
    known = rows(frame, keys=keys, numbers=["value"], unique=True).sort(keys)
    return known.group_by(by, maintain_order=True).agg(**columns) if len(by) else known.select(**columns)
