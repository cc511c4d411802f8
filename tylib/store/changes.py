"""What has changed since a day: figures published, tables taken in or withdrawn, corrections and choices declared."""

from __future__ import annotations

import re

import polars as pl

from tylib.errors import ParameterError
from tylib.store import taken
from tylib.store.city import City, open_city, package
from tylib.store.facts import facts
from tylib.store.tables import load

COLUMNS = ("date", "kind", "id", "what", "source_id")


def changes(since: str, city: City | None = None) -> pl.DataFrame:
    """Everything that bears a date on or after a day, oldest first.

    Args:
        since: YYYY, YYYY-MM or YYYY-MM-DD. A date known only to the year or month counts where it may be as late.

    Returns:
        ``date``, ``kind`` (fact, import, withdrawal, correction, choice), ``id``, ``what``, ``source_id``.

    Raises:
        ParameterError: ``since`` is no date.
    """
    if not re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", since):
        raise ParameterError(f'"{since}"', where="since", expected="a date: 2026, 2026-03 or 2026-03-31")
    city = city or open_city()
    listed = {resource["name"] for resource in package(city)["resources"]}
    found = facts(city).filter(pl.col("absent").is_null())
    figure = pl.coalesce(pl.col("value").cast(pl.String), pl.format("{} to {}", *_ends()), pl.lit(""))
    sector = pl.when(pl.col("sector") != "").then("sector")
    cells = [pl.col("indicator"), pl.col("place"), sector, pl.col("period"), figure, pl.col("unit")]
    told = pl.concat_str(cells, separator=" ", ignore_nulls=True)
    frames = [found.select(_rows("as_of", "fact", "fact_id", told))]
    if "corrections" in listed:
        what = pl.format("{} {} {}: {}", "table", "key", "column", "reason")
        frames.append(load("corrections", city).select(_rows("declared_on", "correction", "correction_id", what)))
    if "choices" in listed:
        what = pl.format("{} of {}: {}", pl.col("indicator").fill_null("everything"), "winning_source_id", "reason_en")
        frames.append(load("choices", city).select(_rows("declared_on", "choice", "choice_id", what)))
    records = [
        (day, kind, record.id, f"{record.template}: {record.title}, {record.holder}, {record.date}{why}", record.id)
        for record in taken.register(city)
        for day, kind, why in (
            (record.taken_on, "import", f", {record.rows} rows"),
            (record.withdrawn_on, "withdrawal", f": {record.reason}" if record.reason else ""),
        )
        if day
    ]
    frames.append(pl.DataFrame(records, schema=dict.fromkeys(COLUMNS, pl.String), orient="row"))
    late = pl.col("date") >= pl.lit(since).str.slice(0, pl.col("date").str.len_chars())
    return pl.concat(frames).filter(late).sort("date", "kind", "id")


def _ends() -> tuple[pl.Expr, pl.Expr]:
    return tuple(pl.col(end).cast(pl.String).fill_null("…") for end in ("low", "high"))


def _rows(date: str, kind: str, key: str, what: pl.Expr) -> list[pl.Expr]:
    return [
        pl.col(date).cast(pl.String).alias("date"), pl.lit(kind).alias("kind"), pl.col(key).alias("id"),
        what.alias("what"), pl.col("source_id"),
    ]  # fmt: skip
