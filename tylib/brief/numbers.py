"""Figures as a reader of the language writes them: units, rounding, intervals, bounds.

Units and their factors are rows of ``data/reference/units.csv``; words around them stand in the catalogue. In a
sentence a figure is rounded to three significant digits (a whole part is never rounded away); in a table it stands
with the decimals of its unit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
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

    def bare(self, value: float, unit: str, *, signed: bool = False, decimals: int | None = None) -> str:
        """A figure without its unit, with the unit's decimals (or those asked for), trailing zeros dropped."""
        return _written(self._scaled(value, unit), self._decimals(unit, decimals), signed=signed)

    def text(self, value: float, unit: str, *, signed: bool = False, decimals: int | None = None) -> str:
        """A figure with its unit for a sentence, at most three significant digits: ``35.3 billion yuan``."""
        return self._united(self.rounded(value, unit, signed=signed, decimals=decimals), unit)

    def rounded(self, value: float, unit: str, *, signed: bool = False, decimals: int | None = None) -> str:
        """The same without its unit: for cards, where the unit stands apart."""
        scaled = self._scaled(value, unit)
        digits = 0 if scaled == 0 else max(0, SIGNIFICANT - 1 - floor(log10(abs(scaled))))
        return _written(scaled, min(digits, self._decimals(unit, decimals)), signed=signed)

    def full(self, value: float, unit: str, *, signed: bool = False, decimals: int | None = None) -> str:
        """A figure with its unit as precise as it is known: for tables and key numbers."""
        return self._united(self.bare(value, unit, signed=signed, decimals=decimals), unit)

    def row(self, row: Mapping[str, Any], *, united: bool = True) -> str:
        """A figure of a facts row in words: a value, ``about`` a value, an interval, a bound, or why there is none.

        Args:
            row: ``value, low, high, absent, qualifier, unit`` and, where known, the ``decimals`` of its indicator.
            united: Whether the unit is written behind it.
        """
        unit, qualifier = row["unit"] or "", row.get("qualifier")

        def written(value: float, *, with_unit: bool = united) -> str:
            return (self.full if with_unit else self.bare)(value, unit, decimals=row.get("decimals"))

        value, low, high = row.get("value"), row.get("low"), row.get("high")
        if value is not None:
            return self.words("number.about", figure=written(value)) if qualifier == "~" else written(value)
        if low is not None and high is not None:
            ends = self.words("number.interval", low=written(low, with_unit=False), high=written(high, with_unit=False))
            return self._united(ends, unit) if united else ends
        if low is not None:
            return self.words("number.at_least" if qualifier == ">=" else "number.above", figure=written(low))
        if high is not None:
            return self.words("number.at_most" if qualifier == "<=" else "number.below", figure=written(high))
        return self.words(f"absent.{row.get('absent') or 'not_published'}")

    def _scaled(self, value: float, unit: str) -> Decimal:
        return Decimal(repr(float(value))) * Decimal(repr(float(self.factor(unit))))

    def _decimals(self, unit: str, decimals: int | None) -> int:
        """Decimals in the reader's unit: those of the tables are meant for the first language of the units table."""
        if unit not in self.units:
            return 2 if decimals is None else decimals
        row = self.units[unit]
        first = next(value for name, value in row.items() if name.startswith("factor_"))
        shift = round(log10(first / self.factor(unit)))
        return max(0, (row["decimals"] if decimals is None else decimals) + shift)

    def _united(self, figure: str, unit: str) -> str:
        name = self.unit(unit)
        return (
            figure
            if not name
            else self.words("number.percent" if unit == "%" else "number.unit", figure=figure, unit=name)
        )


def _written(value: Decimal, decimals: int, *, signed: bool) -> str:
    """Thousands separated, trailing zeros dropped, a true minus sign, never a negative zero.

    Rounded half up as printed figures are, and in decimals: the same figure ends alike in every unit.
    """
    rounded = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{abs(rounded):,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    sign = "−" if rounded < 0 else "+" if signed and rounded > 0 else ""
    return sign + text
