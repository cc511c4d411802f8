"""What every part of a unit's brief has at hand: its facts, the words, the sources being cited."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import blocks
from tylib.brief.numbers import Numbers
from tylib.brief.sources import Citations, grade
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.store import City, Words, load
from tylib.store import facts as all_facts
from tylib.store import words as catalogue
from tylib.store.facts import preferred_facts
from tylib.store.memory import remembered
from tylib.store.params import Judgements, judgements
from tylib.store.places import counties, place
from tylib.store.tables import refuse_broken
from tylib.store.units import TABLES, unit_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class Context:
    """Made once a brief; the parts read it and cite through it.

    Attributes:
        city: Where tables and words come from.
        kind: What the unit is: one of :data:`tylib.store.units.KINDS`.
        row: Row of the unit in the table of its kind.
        words, numbers: The reader's language.
        citations: Numbers the sources as parts cite them.
        judgements: ``params/judgements.yml``.
        facts: Every fact of the city's tables (:func:`tylib.store.facts`).
        counties: The county-level units of the city, the unit among them.
        scenario: The scenario that the brief leads with; empty: the one that ``params/model.yml`` names.
    """

    city: City
    kind: str
    row: Mapping[str, Any]
    words: Words
    numbers: Numbers
    citations: Citations
    judgements: Judgements
    facts: pl.DataFrame
    counties: pl.DataFrame
    scenario: str = ""

    @classmethod
    def of(cls, unit: str, *, language: str, city: City, kind: str = "", scenario: str = "") -> Context:
        """Everything for a brief of a unit such as ``county:CODE``.

        Args:
            kind: The kind the brief is for; a unit of another kind is refused. Any where empty.
            scenario: To lead with.

        Raises:
            ParameterError: No such unit or language, or a unit of another kind.
            DataError: A table breaks its contract.
        """
        refuse_broken(city)
        words = catalogue(language, city)
        row = unit_row(unit, city, kind=kind)
        sources = {row["source_id"]: row for row in load("sources", city).iter_rows(named=True)}
        return cls(
            city,
            unit.partition(":")[0],
            row,
            words,
            Numbers.of(words, load("units", city)),
            Citations(words, sources),
            judgements(city),
            all_facts(city),
            counties(city),
            scenario,
        )

    @property
    def code(self) -> str:
        return self.row[TABLES[self.kind][1]]

    @property
    def name(self) -> str:
        """The unit's name in the reader's language."""
        return self.words.pick(self.row, "name")

    def place_name(self, code: str) -> str:
        return self.words.pick(place(code, self.city), "name")

    def indicator_name(self, indicator: str) -> str:
        row = _indicators(self.city).get(indicator)
        return self.words.pick(row, "title") if row else indicator

    def own(self, *indicators: str, scope: str | None = "") -> pl.DataFrame:
        """The unit's facts on some indicators (all where none is named), as a whole and in the usual scope.

        With ``scope=None`` also those of one sector and of every scope.
        """
        rows = self._of_place
        if indicators:
            rows = rows.filter(pl.col("indicator").is_in(indicators))
        return rows if scope is None else rows.filter((pl.col("scope") == scope) & (pl.col("sector") == ""))

    @cached_property
    def _of_place(self) -> pl.DataFrame:
        return self.facts.filter(pl.col("place") == self.code)

    @cached_property
    def own_preferred(self) -> pl.DataFrame:
        """Of the unit's facts as a whole and in the usual scope, those that a brief prints."""
        whole = (pl.col("scope") == "") & (pl.col("sector") == "")
        return preferred_facts(self.city).filter((pl.col("place") == self.code) & whole)

    def figure(self, row: Mapping[str, Any], *, united: bool = True) -> Markup:
        """A figure of a facts row with the mark of its status."""
        return Markup("{}{}").format(self.numbers.row(row, united=united), mark(row.get("status"), self.words))

    def cite(self, source_ids: Iterable[str | None]) -> Markup:
        return self.citations.cite(s for s in source_ids if s)

    def grade(self, source_id: str) -> Markup:
        """The grade of a source as a small tag; nothing where it is not graded."""
        return grade(self.citations.table.get(source_id, {}).get("tier"), self.words)

    def csv_link(self, rows: pl.DataFrame, *, name: str, text: str) -> Markup:
        """Rows of facts as a file to keep, inside the page itself."""
        table = rows.select(
            "fact_id",
            "place",
            "indicator",
            "period",
            "value",
            "low",
            "high",
            "unit",
            "kind",
            "scope",
            "status",
            "source_id",
        ).write_csv()
        return blocks.csv_link(name, table, text)

    def joined(self, items: Iterable[str]) -> str:
        return self.words("list.comma").join(items)

    def period(self, period: str | None) -> str:
        """A period in words: a year, a half, a quarter, months, a span of years."""
        if not period:
            return self.words("period.undated")
        for key, pattern in _PERIODS.items():
            if found := re.fullmatch(pattern, period):
                parts = found.groupdict()
                if key == "half":
                    parts["half"] = self.words(f"period.half_{parts['half']}")
                if key.startswith("month"):
                    named = _MONTHS & parts.keys()
                    parts |= {name: self.words(f"period.month_name.m{int(parts[name])}") for name in named}
                return self.words(f"period.{key}", **parts)
        return period

    def facts_table(self, rows: pl.DataFrame, *, key: str, caption: str) -> Markup:
        """Facts for looking up: indicator, period, figure with its status, scope, source."""
        said = self.words
        cells = [
            {
                "indicator": self.indicator_name(row["indicator"]),
                "period": self.period(row["period"]),
                "figure": self.figure(row),
                "note": self.words("list.semicolon").join(self._remarks(row)),
                "source": self.cite([row["source_id"]]),
            }
            for row in rows.iter_rows(named=True)
        ]
        columns = {name: said(f"county.facts.{name}") for name in ("indicator", "period", "figure", "note", "source")}
        if not any(cell["note"] for cell in cells):
            del columns["note"]
        return html_table(cells, columns, key=key, caption=caption, right=["figure"], markup=["figure", "source"])

    def _remarks(self, row: Mapping[str, Any]) -> list[str]:
        """What a reader must know to read the figure: one sector, another scope, not an actual, how it follows."""
        said = [self.sector_name(row["sector"])] if row.get("sector") else []
        said += [self.scope_name(row["scope"])] if row["scope"] else []
        said += [self.words(f"kind.{row['kind']}")] if row["kind"] != "actual" else []
        reading = self.words.pick(row, "note") if row["status"] not in (None, "published") else ""
        return said + ([reading] if reading else [])

    def sector_name(self, sector: str) -> str:
        rows = load("sectors", self.city).filter(pl.col("sector") == sector)
        return self.words.pick(rows.row(0, named=True), "name") if rows.height else sector

    def scope_name(self, scope: str) -> str:
        row = _scopes(self.city).get(scope)
        return self.words.pick(row, "title") if row else scope


@remembered
def _indicators(city: City) -> dict[str, dict[str, Any]]:
    return {row["indicator"]: row for row in load("indicators", city).iter_rows(named=True)}


@remembered
def _scopes(city: City) -> dict[str, dict[str, Any]]:
    return {row["scope"]: row for row in load("scopes", city).iter_rows(named=True)}


_MONTHS = {"month", "first", "last"}
_PERIODS = {
    "year": r"(?P<year>\d{4})",
    "span": r"(?P<first>\d{4})-(?P<last>\d{4})",
    "half": r"(?P<year>\d{4})H(?P<half>[12])",
    "quarter": r"(?P<year>\d{4})Q(?P<quarter>[1-4])",
    "months": r"(?P<year>\d{4})M(?P<first>\d+)-M(?P<last>\d+)",
    "month": r"(?P<year>\d{4})M(?P<month>\d+)",
    "months_across": r"(?P<year>\d{4})M(?P<first>\d+)-(?P<until>\d{4})M(?P<last>\d+)",
}
