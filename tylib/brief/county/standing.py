"""A unit beside its peers: its latest figure, and its place among those published for the same period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from tylib.brief import sentences
from tylib.indicators.comparison import rank
from tylib.programme.targets import edition_year
from tylib.store.facts import preferred_facts

if TYPE_CHECKING:
    from tylib.brief.context import Context

REPORTED = ("actual", "expected")  # what happened, or was expected to when the year was nearly over


def reported(context: Context, indicator: str) -> pl.DataFrame:
    """The unit's preferred dated figures of an indicator in its usual scope, oldest first; values only."""
    dated = pl.col("kind").is_in(REPORTED) & pl.col("year").is_not_null() & pl.col("value").is_not_null()
    return context.own_preferred.filter((pl.col("indicator") == indicator) & dated).sort("year", "kind")


def latest(context: Context, indicator: str) -> dict[str, Any] | None:
    """The newest of them, an actual one before an expected one of the same year.

    ``None`` where there is none, or none that is young enough to stand for the present (``current_years``).
    """
    oldest = edition_year(context.city) - context.judgements.current_years.value
    rows = reported(context, indicator).filter(pl.col("year") >= oldest).sort("year", pl.col("kind") == "actual")
    return rows.row(-1, named=True) if rows.height else None


@dataclass(frozen=True)
class Standing:
    """Place of a unit among its peers for one indicator and period.

    Attributes:
        values: One a peer, in the order of the codes; ``None`` where not published.
        own: Index of the unit in ``values``.
        rank: 1 is the largest; ``None`` without a figure of its own.
        of: Peers with a figure.
    """

    values: tuple[float | None, ...]
    own: int
    rank: int | None
    of: int

    def said(self, context: Context) -> str:
        """The place in words."""
        tied = self.rank is not None and self.values.count(self.values[self.own]) > 1
        return sentences.standing(context.numbers, self.rank, self.of, len(self.values), tied=tied)


def among_counties(context: Context, figures: pl.DataFrame) -> Standing:
    """Where the unit stands among the counties.

    Args:
        figures: ``place, value``; other places are left out, missing counties count as not published.
    """
    peers = context.counties.select("place").join(
        figures.select("place", "value"), on="place", how="left", maintain_order="left", validate="1:1"
    )
    ranked = rank(peers)
    index = ranked["place"].to_list().index(context.code)
    own = ranked.row(index, named=True)
    return Standing(tuple(ranked["value"]), index, own["rank"], own["of"])


def of_period(context: Context, indicator: str, period: str, *, kind: str = "actual") -> pl.DataFrame:
    """The preferred figure of every place for one indicator, period and kind, in the usual scope."""
    return preferred_facts(context.city).filter(
        (pl.col("indicator") == indicator)
        & (pl.col("period") == period)
        & (pl.col("kind") == kind)
        & (pl.col("scope") == "")
        & (pl.col("sector") == "")
    )
