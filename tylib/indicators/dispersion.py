"""How unequal places are: highest against lowest, coefficient of variation, Theil's index."""

from __future__ import annotations

import polars as pl


def dispersion(frame: pl.DataFrame, /) -> pl.DataFrame:
    """Spread of one figure over places.

    Equations, over the n places with a value, m their mean (no place weighs more than another):
    ``ratio = max / min``; ``difference = max - min``; ``variation = 100 * sqrt(mean((v - m)**2)) / m``;
    ``theil = mean(v / m * ln(v / m))``.

    Args:
        frame: ``place, value``, one row a place, one unit.

    Returns:
        One row: ``known`` (places with a value), ``highest, lowest`` (their places; of equal ones the first by code),
        ``ratio, difference, variation`` (per cent), ``theil`` (nats). Null where no place has a value; ``ratio``,
        ``variation`` and ``theil`` are also null unless every value is above zero.

    >>> frame = pl.DataFrame({"place": ["a", "b"], "value": [1.0, 3.0]})
    >>> dispersion(frame).select("highest", "ratio", "difference", "variation").row(0)
    ('b', 3.0, 2.0, 50.0)
    """
    value, mean = pl.col("value"), pl.col("value").mean()
    positive = (value > 0).all() & (pl.len() > 0)
    relative = value / mean
    return (
        frame.filter(value.is_not_null())
        .sort("place")
        .select(
            known=pl.len().cast(pl.Int64),
            highest=pl.col("place").get(value.arg_max(), null_on_oob=True),
            lowest=pl.col("place").get(value.arg_min(), null_on_oob=True),
            ratio=pl.when(positive).then(value.max() / value.min()),
            difference=value.max() - value.min(),
            variation=pl.when(positive).then(100 * value.std(ddof=0) / mean),
            theil=pl.when(positive).then((relative * relative.log()).mean()),
        )
    )
