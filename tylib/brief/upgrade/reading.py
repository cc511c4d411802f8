"""One unit's rows of what is kept of scenarios, and how their figures are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from tylib import scenario
from tylib.scenario.answers import BRACKET, PRIORS
from tylib.store import scenarios as files

if TYPE_CHECKING:
    from tylib.brief.context import Context
    from tylib.scenario import Shown
    from tylib.store.scenarios import Scenario

SUPPLY, DEMAND = BRACKET
STATED, ZERO = PRIORS
DECIMALS = 1  # of a change in per cent: more would be more than is known


@dataclass(frozen=True)
class Reading:
    """What a brief says of scenarios for one unit.

    Attributes:
        context: Of the brief.
        shown: What is kept of all units.
        unit: ``kind:code``.
    """

    context: Context
    shown: Shown
    unit: str

    @property
    def status(self) -> str:
        """``scenario``, or ``demonstration`` where a figure was invented for show."""
        return self.shown.horizon["status"][0]

    @property
    def scenario(self) -> Scenario:
        return self.shown.asked or files.scenario(self.shown.scenario, self.context.city)

    @property
    def title(self) -> str:
        return self.scenario.title[self.context.words.language]

    @property
    def year(self) -> int:
        return self.shown.horizon["year"][0]

    @property
    def what(self) -> str:
        """Whose value added: the county's, or that of some of its sectors."""
        return self.context.words(f"upgrade.what.{self.context.kind}")

    def end(
        self, closure: str, *, prior: str = STATED, outcome: str = "value_added", name: str = "", unit: str = ""
    ) -> dict[str, Any]:
        """What a scenario (the main one by default) changes at the horizon."""
        return self.shown.ends[unit or self.unit, name or self.shown.scenario, closure, prior, outcome]

    def rows(self, frame: pl.DataFrame, **asked: str) -> pl.DataFrame:
        """The unit's rows of a frame, of one closure, outcome or prior."""
        return frame.filter(pl.col("unit") == self.unit, **asked)

    def signed(self, value: float) -> str:
        """A change in per cent with its sign: ``+2.5%``; what rounds to nothing is not printed as nothing."""
        figure = self.bare(value)
        nothing = self.context.words("upgrade.near_zero")
        return figure if figure == nothing else self.context.words("number.percent", figure=figure)

    def bare(self, value: float) -> str:
        """The same without the sign of per cent."""
        figure = self.context.numbers.bare(value, "%", signed=True, decimals=DECIMALS)
        return self.context.words("upgrade.near_zero") if figure == "0" and value else figure

    def span(self, row: dict[str, Any]) -> str:
        """The middle eight tenths of draws: ``−0.2% to +5.8%``."""
        return self.context.words("upgrade.span", low=self.signed(row["low"]), high=self.signed(row["high"]))

    def share(self, row: dict[str, Any]) -> str:
        """In how many draws the likelier direction holds, at least: cut, so that no 89.9 reads as 90."""
        return self.context.words("upgrade.draws", share=int(100 * row["support"] + 1e-6))

    def side(self, row: dict[str, Any]) -> str:
        """The likelier direction: that of the finding, else that of the middle."""
        if row["direction"] in ("rise", "fall", "none"):
            return row["direction"]
        return "rise" if row["median"] >= 0 else "fall"

    def support(self, row: dict[str, Any]) -> str:
        """``up in 88% of draws``; that nothing moves, where nothing does."""
        said = self.context.words
        return said("upgrade.support.none") if row["support"] is None else said(
            f"upgrade.support.{self.side(row)}", share=self.share(row)
        )  # fmt: skip

    def verdict(self, row: dict[str, Any]) -> str:
        """The same, and whether that is a finding."""
        said, which = self.context.words, row["direction"]
        kind = "undecided" if which == "undecided" else "none" if which == "none" else "finding"
        return said(f"upgrade.verdict.{kind}", support=self.support(row))

    def brief(self, row: dict[str, Any]) -> str:
        """Middle, range and verdict, for a cell of a table."""
        if row["direction"] == "none":
            return self.context.words("upgrade.support.none")
        return self.context.words(
            "upgrade.cell", median=self.signed(row["median"]), span=self.span(row), verdict=self.verdict(row)
        )

    def pulled(self) -> list[str]:
        """Levers that the scenario pulls."""
        return [name for name in scenario.LEVERS if name in self.scenario.levers]


def read(context: Context) -> Reading | None:
    """What is kept of the brief's unit; ``None`` where it is no set of counties and sectors, or nothing is known."""
    shown, unit = scenario.shown(context.city, context.scenario), f"{context.kind}:{context.code}"
    return Reading(context, shown, unit) if shown and unit in shown.units else None
