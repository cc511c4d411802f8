"""Which figures may be set against one another: levels and rates of one source, of one scope, of one period.

Levels are subtracted only where one source gives both years: such a source has them in one vintage. A rate is never
made into one of a longer period.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import polars as pl

from tylib.store.contracts import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

SECTORS = ("primary", "secondary", "tertiary")
WHOLE = "gdp_growth_real"
SOURCE = ["place", "period", "scope", "source_id"]
STEP = 0.1
"""The last digit to which statistics offices print shares and rates, in per cent."""


def actual(facts: pl.DataFrame, /) -> pl.DataFrame:
    """Values of what happened, for no single sector."""
    return facts.filter(
        pl.col("value").is_not_null() & (pl.col("kind") == "actual") & (pl.col("sector") == "")
        & pl.col("period").is_not_null()
    )  # fmt: skip


def three_sectors(facts: pl.DataFrame, /) -> pl.DataFrame:
    """Levels and real rates of the three sectors of an economy, where one source prints all six for a period.

    Args:
        facts: Rows of :func:`tylib.store.facts`.

    Returns:
        ``place, period, scope, source_id, sector, value, growth, whole`` (the published rate of all three, null where
        that source prints none) and ``status``, three rows a place, period and scope; of several sources that of the
        better grade. Sorted.
    """
    found = actual(facts)
    levels = _named(found, "{}_va").select(*SOURCE, "sector", "value", "status", "tier")
    rates = _named(found, "{}_va_growth").select(*SOURCE, "sector", growth="value")
    whole = found.filter(pl.col("indicator") == WHOLE).select(*SOURCE, whole="value").unique(SOURCE, keep="first")
    both = levels.join(rates, on=[*SOURCE, "sector"], how="inner").join(whole, on=SOURCE, how="left")
    return _one_source(both)


def published_contributions(facts: pl.DataFrame, /) -> pl.DataFrame:
    """Contributions of the three sectors as a source itself prints them, in per cent of the growth it prints.

    Returns:
        As :func:`three_sectors`, with ``share`` (per cent of the growth) in place of ``value`` and ``growth``.
    """
    found = actual(facts)
    shares = _named(found, "{}_contribution_to_growth").select(*SOURCE, "sector", "status", "tier", share="value")
    whole = found.filter(pl.col("indicator") == WHOLE).select(*SOURCE, whole="value").unique(SOURCE, keep="first")
    return _one_source(shares.join(whole, on=SOURCE, how="inner"))


def _named(facts: pl.DataFrame, pattern: str) -> pl.DataFrame:
    """Rows of an indicator of each sector, with ``sector``."""
    names = {pattern.format(sector): sector for sector in SECTORS}
    rows = facts.filter(pl.col("indicator").is_in(list(names)))
    return rows.with_columns(sector=pl.col("indicator").replace_strict(names, return_dtype=pl.String)).unique(
        [*SOURCE, "sector"], keep="first", maintain_order=True
    )


def _one_source(rows: pl.DataFrame) -> pl.DataFrame:
    whole = rows.filter(pl.len().over(SOURCE) == len(SECTORS))
    return (
        whole.sort("status", "tier", "source_id", nulls_last=True)
        .filter(pl.col("source_id") == pl.col("source_id").first().over("place", "period", "scope"))
        .drop("tier")
        .sort(*SOURCE, "sector")
    )


def of_one_source(
    facts: pl.DataFrame, indicator: str, /, *, by: Sequence[str], years: tuple[int, int] | None = None
) -> pl.DataFrame:
    """Levels at two years from the one source and scope that has most of them.

    Args:
        facts: Rows of :func:`tylib.store.facts`, of the places that are meant.
        indicator: A level.
        by: Columns that tell its rows apart, such as ``place`` and ``sector``.
        years: The two years, where they are given; else those with most keys, the farthest apart of such, the latest.

    Returns:
        ``by``, ``year, value, unit, status, source_id, scope``, two rows a key, sorted; none where no source has two
        years of anything. Keys with one year only are left out.
    """
    rows = facts.filter(
        (pl.col("indicator") == indicator) & pl.col("value").is_not_null() & (pl.col("kind") == "actual")
        & (pl.col("period") == pl.col("year").cast(pl.String))
    ).unique(["source_id", "scope", "year", *by], keep="first", maintain_order=True)  # fmt: skip
    best, found = (0, 0, 0), rows.clear()
    for _, own in rows.sort("source_id", "scope").group_by("source_id", "scope", maintain_order=True):
        pairs = [years] if years else combinations(sorted(own["year"].unique()), 2)
        for start, end in pairs:
            ends = own.filter(pl.col("year").is_in([start, end])).filter(pl.len().over(list(by)) == 2)
            rank = (ends.height, end - start, end)
            if ends.height and rank > best:
                best, found = rank, ends
    return found.select(*by, "year", "value", "unit", "status", "source_id", "scope").sort(*by, "year")


def span(rows: pl.DataFrame, /) -> tuple[int, int]:
    """The two years of :func:`of_one_source`."""
    return rows["year"].min(), rows["year"].max()


def weakest(statuses: pl.Series, /) -> str:
    """The status of what is computed from figures: derived, or the weakest of theirs.

    >>> weakest(pl.Series(["published"])), weakest(pl.Series(["imported", "demonstration"]))
    ('derived', 'demonstration')
    """
    return pl.concat([statuses.cast(Status).alias("status"), pl.Series("status", ["derived"], dtype=Status)]).max()
