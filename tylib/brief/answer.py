"""What a brief shows is one frozen value: rows with their status and sources, and the name of the method."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Answer:
    """Rows to show and what they rest on.

    Charts, tables and sentences take an Answer; from any figure the reader reaches formula and source in three
    steps: figure - its note (status, source, method) - the docstring of the method.

    Attributes:
        frame: Tidy rows. A row that is a figure has ``status`` and ``source_ids`` (list of text).
        method: Dotted name of the function that made the rows, e.g. ``tylib.indicators.growth.compound_growth``;
            empty where they are as published.
    """

    frame: pl.DataFrame
    method: str = ""

    @property
    def is_empty(self) -> bool:
        return self.frame.is_empty()

    @property
    def status(self) -> str | None:
        """The weakest status among the rows, ``None`` where there is no figure."""
        return self.frame["status"].max() if "status" in self.frame.columns else None

    @property
    def statuses(self) -> list[str]:
        """Every status that occurs, strongest first."""
        if "status" not in self.frame.columns:
            return []
        return self.frame["status"].drop_nulls().unique().sort().cast(pl.String).to_list()

    @property
    def source_ids(self) -> list[str]:
        """Sources of all rows in the order in which the rows name them."""
        if "source_ids" not in self.frame.columns:
            return []
        return self.frame["source_ids"].explode().drop_nulls().unique(maintain_order=True).to_list()
