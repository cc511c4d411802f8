"""Figures as a reader of the language writes them: units, rounding, intervals, bounds.

Units and their factors are rows of ``data/reference/units.csv``; words around them stand in the catalogue. In a
sentence a figure is rounded to three significant digits (a whole part is never rounded away); in a table it stands
with the decimals of its unit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import floor, log10
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from tylib.store import Words

SIGNIFICANT = 3


@dataclass(frozen=True)
class Numbers:
    """Formats figures in one language.

    Attributes:
        words: Catalogue of the language.
        units: Rows of the units table by unit.
    """

    words: Words
    units: Mapping[str, Mapping[str, Any]] = field(repr=False)

    @classmethod
    def of(cls, words: Words, units: pl.DataFrame) -> Numbers:
        """From the catalogue and ``store.load("units")``."""
        return cls(words, MappingProxyType({row["unit"]: row for row in units.iter_rows(named=True)}))

    def unit(self, unit: str) -> str:
        """The unit's name, e.g. 亿元 or billion yuan; a unit that is not in the table stands as it is."""
        return self.words.pick(self.units[unit], "title") if unit in self.units else unit

    def factor(self, unit: str) -> float:
        """What a figure is multiplied by for the reader of this language."""
        return self.units[unit].get(f"factor_{self.words.language}") or 1.0 if unit in self.units else 1.0

    def bare(self, value: float, unit: str, *, signed: bool = False) -> str:
        """A figure without its unit, with the unit's decimals, trailing zeros dropped: for tables and axes."""
        decimals = self.units[unit]["decimals"] if unit in self.units else 2
        return _written(value * self.factor(unit), decimals, signed=signed)

    def text(self, value: float, unit: str, *, signed: bool = False) -> str:
        """A figure with its unit for a sentence, at most three significant digits: ``353亿元``, ``35.3 billion yuan``."""
        scaled = value * self.factor(unit)
        decimals = 0 if scaled == 0 else max(0, SIGNIFICANT - 1 - floor(log10(abs(scaled))))
        most = self.units[unit]["decimals"] if unit in self.units else 2
        return self._united(_written(scaled, min(decimals, most), signed=signed), unit)

    def full(self, value: float, unit: str, *, signed: bool = False) -> str:
        """A figure with its unit as precise as it is known: for tables and key numbers."""
        return self._united(self.bare(value, unit, signed=signed), unit)

    def row(self, row: Mapping[str, Any], *, united: bool = True) -> str:
        """A figure of a facts row in words: a value, ``about`` a value, an interval, a bound, or why there is none.

        Args:
            row: ``value, low, high, absent, qualifier, unit``.
            united: Whether the unit is written behind it.
        """
        unit = row["unit"] or ""
        written = self.full if united else self.bare
        if row.get("value") is not None:
            about = row.get("qualifier") == "~"
            figure = written(row["value"], unit)
            return self.words("number.about", figure=figure) if about else figure
        low, high = row.get("low"), row.get("high")
        if low is not None and high is not None:
            ends = self.words("number.interval", low=self.bare(low, unit), high=self.bare(high, unit))
            return self._united(ends, unit) if united else ends
        if low is not None:
            key = "number.at_least" if row.get("qualifier") == ">=" else "number.above"
            return self.words(key, figure=written(low, unit))
        if high is not None:
            key = "number.at_most" if row.get("qualifier") == "<=" else "number.below"
            return self.words(key, figure=written(high, unit))
        return self.words(f"absent.{row.get('absent') or 'not_published'}")

    def _united(self, figure: str, unit: str) -> str:
        name = self.unit(unit)
        return figure if not name else self.words("number.percent" if unit == "%" else "number.unit", figure=figure, unit=name)


def _written(value: float, decimals: int, *, signed: bool) -> str:
    """Thousands separated, trailing zeros dropped, a true minus sign, never a negative zero."""
    rounded = round(value, decimals) + 0.0
    text = f"{abs(rounded):,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    sign = "−" if rounded < 0 else "+" if signed and rounded > 0 else ""
    return sign + text
