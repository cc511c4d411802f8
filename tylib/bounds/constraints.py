"""The rows of the feasible set as one sparse system over gross output X and value added W by county and sector.

What each row says stands in the tables ``constraints`` and ``constraint_terms``, the numbers we chose for it in
``params/bounds.yml``. A figure that the user has imported for the year becomes a row of its own and replaces a row
of the same linear form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import product
from math import inf, prod
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tylib.errors import DataError, Offence, ParameterError, unknown
from tylib.store import facts, load, open_city, preferred
from tylib.store.contracts import TAKEN
from tylib.store.memory import remembered
from tylib.store.params import bounds_suppositions
from tylib.store.places import counties

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scipy.sparse import csr_array

    from tylib.store import City
    from tylib.store.params import BoundsSuppositions

LAYERS = (1, 2, 3)
QUANTITIES = ("output", "value_added")
INDICATORS = {"above_scale_industrial_output": "output", "above_scale_industrial_va": "value_added"}
TABLE, TERMS = "data/reference/constraints.csv", "data/reference/constraint_terms.csv"
Cell = tuple[str, str]


@dataclass(frozen=True)
class Row:
    """One row of the system: the linear form ``terms`` (unknown -> coefficient) lies between ``low`` and ``high``.

    ``title`` says it in words, for whoever must mend it.
    """

    name: str
    terms: dict[int, float]
    low: float
    high: float
    place: str = ""
    sector: str = ""
    title: str = ""


@dataclass(frozen=True)
class System:
    """A polytope ``low <= A x <= high, x >= 0`` with names.

    Attributes:
        city: Code of the city.
        places: Codes of its counties.
        sectors: Codes of the manufacturing sectors.
        cells: ``(place, sector)``: every county and sector (counties slow, sectors fast), then the sectors that are
            unknown for the city as a whole only. Unknown ``i`` is the output of cell ``i``, unknown
            ``len(cells) + i`` its value added, in 100 million yuan.
        groups: National input-output sector -> positions in ``sectors`` of what belongs to it.
        national: National input-output sector -> its share of national manufacturing output.
        rows: See :class:`Row`.
    """

    city: str
    places: tuple[str, ...]
    sectors: tuple[str, ...]
    cells: tuple[Cell, ...]
    groups: dict[str, tuple[int, ...]]
    national: dict[str, float]
    rows: tuple[Row, ...]
    _index: dict[Cell, int] = field(default_factory=dict, repr=False, compare=False)

    @property
    def unknowns(self) -> int:
        """Number of unknowns: output and value added of every cell."""
        return 2 * len(self.cells)

    def unknown(self, quantity: str, place: str, sector: str) -> int:
        """Position of one unknown."""
        if not self._index:
            self._index.update({cell: at for at, cell in enumerate(self.cells)})
        return QUANTITIES.index(quantity) * len(self.cells) + self._index[place, sector]

    def form(self, quantity: str, places: Iterable[str] = (), sectors: Iterable[str] = ()) -> np.ndarray:
        """The sum of a quantity over counties and manufacturing sectors (none named: all) as a vector."""
        vector = np.zeros(self.unknowns)
        for place, sector in product(places or self.places, sectors or self.sectors):
            vector[self.unknown(quantity, place, sector)] += 1
        return vector

    def matrix(self) -> csr_array:
        """The left sides, one row a row."""
        from scipy.sparse import csr_array

        starts = np.cumsum([0, *(len(row.terms) for row in self.rows)])
        columns = np.array([column for row in self.rows for column in row.terms], dtype=np.int64)
        values = np.array([value for row in self.rows for value in row.terms.values()], dtype=float)
        return csr_array((values, columns, starts), shape=(len(self.rows), self.unknowns))

    def ends(self) -> tuple[np.ndarray, np.ndarray]:
        """The right sides: ``low, high``."""
        return np.array([row.low for row in self.rows]), np.array([row.high for row in self.rows])

    def also(self, rows: Iterable[Row]) -> System:
        """The same system with further rows."""
        return replace(self, rows=(*self.rows, *rows), _index={})

    def without(self, name: str) -> System:
        """The same system without the rows of one name."""
        return replace(self, rows=tuple(row for row in self.rows if row.name != name), _index={})


@remembered
def system(
    city: City | None = None,
    *,
    layer: int = 2,
    switch: Mapping[str, bool] | None = None,
    change: Mapping[str, Mapping[str, float]] | None = None,
) -> System:
    """The feasible set of a city as rows.

    Args:
        city: Defaults to :func:`tylib.store.open_city`.
        layer: 1 what is published and what follows by definition; 2 with judgements; 3 with assumptions.
        switch: Rows to use or leave out, whatever the table says; a row of a higher layer stays out.
        change: Other values of ``low`` or ``high`` (as the table has them, before factors) by row.

    Returns:
        A system without rows where the city's tables state none and nothing was imported.

    Raises:
        ParameterError: Unknown layer, row or end.
        DataError: A row names a place, sector or factor that does not exist.

    >>> system(layer=1).unknowns % 2
    0
    """
    city = city or open_city()
    if layer not in LAYERS:
        raise unknown("layer", str(layer), map(str, LAYERS))
    table, switch, change = load("constraints", city), dict(switch or {}), dict(change or {})
    for name in (*switch, *change):
        if name not in table["constraint_id"]:
            raise unknown("row", name, table["constraint_id"])
    for name, ends in change.items():
        if strange := set(ends) - {"low", "high"}:
            raise ParameterError(f"unknown end {sorted(strange)[0]}", where=f"row {name}", expected="low or high")
    sectors = load("sectors", city)
    empty = _unknowns(city, sectors)
    builder = _Builder(empty, bounds_suppositions(city), sectors, load("constraint_terms", city))
    rows = [
        row for stated in table.filter(pl.col("layer") <= layer).iter_rows(named=True)
        if switch.get(stated["constraint_id"], stated["active"])
        for row in builder.rows({**stated, **change.get(stated["constraint_id"], {})})
    ]  # fmt: skip
    own = list(_imported(empty, builder.supposed, city))
    given = {frozenset(row.terms.items()) for row in own}
    return empty.also([*(row for row in rows if frozenset(row.terms.items()) not in given), *own])


@remembered
def imported(city: City | None = None) -> tuple[Row, ...]:
    """The rows that the user's own figures of the year make; see :func:`system`."""
    city = city or open_city()
    return tuple(_imported(_unknowns(city, load("sectors", city)), bounds_suppositions(city), city))


def _unknowns(city: City, sectors: pl.DataFrame) -> System:
    """The unknowns alone: counties by manufacturing sectors, and what terms name for the city as a whole."""
    places = tuple(counties(city)["place"])
    made = sectors.filter(pl.col("is_manufacturing"))
    codes = tuple(made["sector"])
    terms = load("constraint_terms", city)
    whole = terms.filter(pl.col("place") == city.place)["sector"].unique().sort().to_list()
    coefficients = load("input_output_2020", city)
    output = dict(coefficients.select("io_sector", "gross_output").iter_rows())
    groups: dict[str, list[int]] = {}
    for at, group in enumerate(made["io_sector"]):
        groups.setdefault(group, []).append(at)
    total = sum(output.get(group, 0.0) for group in groups) or 1.0
    return System(
        city=city.place,
        places=places,
        sectors=codes,
        cells=(*product(places, codes), *((city.place, sector) for sector in whole)),
        groups={group: tuple(members) for group, members in groups.items()},
        national={group: output[group] / total for group in groups if group in output},
        rows=(),
    )


class _Builder:
    """Turns stated rows into rows of the system."""

    def __init__(self, empty: System, supposed: BoundsSuppositions, sectors: pl.DataFrame, terms: pl.DataFrame) -> None:
        self.system, self.supposed, self.known = empty, supposed, frozenset(empty.cells)
        self.rates = dict(sectors.select("sector", "value_added_rate_2020").iter_rows())
        self.terms = {
            name: part.sort("term").rows(named=True)
            for (name,), part in terms.partition_by("constraint_id", as_dict=True).items()
        }

    def rows(self, stated: dict[str, Any]) -> list[Row]:
        """The rows of one stated row: one, or one for each cell or group it is repeated for."""
        return [
            row for place, members, group in self._repeated(stated) for row in self._one(stated, place, members, group)
        ]

    def _repeated(self, stated: dict[str, Any]) -> list[tuple[str, tuple[str, ...], str]]:
        only, excluded = _split(stated["sectors"]), {tuple(pair.split(":")) for pair in _split(stated["excluded"])}
        known = {sector for _, sector in self.system.cells}
        for sector in only:
            self._must(sector in known, stated, TABLE, "sectors", sector, "a sector of the system")
        for pair in excluded:
            self._must(pair in self.known, stated, TABLE, "excluded", ":".join(pair), "county:sector of the system")
        if stated["each"] is None:
            return [("", (), "")]
        if stated["each"] == "cell":
            cells = [cell for cell in self.system.cells if cell not in excluded and (not only or cell[1] in only)]
            return [(place, (sector,), "") for place, sector in cells]
        return [
            (place, tuple(self.system.sectors[at] for at in members), group)
            for place in self.system.places
            for group, members in self.system.groups.items()
            if not any((place, self.system.sectors[at]) in excluded for at in members)
        ]

    def _one(self, stated: dict[str, Any], place: str, members: tuple[str, ...], group: str) -> list[Row]:
        form: dict[int, float] = {}
        for term in self.terms.get(stated["constraint_id"], ()):
            for unknown_at in self._positions(term, place, members, stated):
                form[unknown_at] = form.get(unknown_at, 0.0) + term["coefficient"]
        self._must(bool(form), stated, TERMS, "constraint_id", "no term", "at least one term")
        margin = self._factor(stated["margin"], "", "", stated) if stated["margin"] else 0.0
        sector = members[0] if len(members) == 1 else group
        ends = [
            None if stated[end] is None
            else shift + stated[end] * prod(self._factor(n, sector, group, stated) for n in _split(stated[times]))
            for end, times, shift in (("low", "low_times", -margin), ("high", "high_times", margin))
        ]  # fmt: skip
        name, title = stated["constraint_id"], _titled(stated)
        if stated["of"] is None:
            low, high = (-inf if ends[0] is None else ends[0]), (inf if ends[1] is None else ends[1])
            return [Row(name, form, low, high, place, sector, title)]
        base = self._base(stated["of"], place, members)
        return [
            Row(name, _without({at: form.get(at, 0.0) - end * base.get(at, 0.0) for at in {**form, **base}}),
                *((0.0, inf) if at_least else (-inf, 0.0)), place, sector, title)
            for end, at_least in ((ends[0], True), (ends[1], False))
            if end is not None and (not at_least or end > 0 or min(form.values()) < 0)
        ]  # fmt: skip

    def _positions(
        self, term: dict[str, Any], place: str, members: tuple[str, ...], stated: dict[str, Any]
    ) -> list[int]:
        wide = "all" in (term["place"], term["sector"])
        if wide:
            cells = list(self.system.cells)
        else:
            places = {"*": self.system.places, "each": (place,)}.get(term["place"], (term["place"],))
            sectors = {"*": self.system.sectors, "each": members}.get(term["sector"], (term["sector"],))
            cells = list(product(places, sectors))
        for cell in cells:
            self._must(
                wide or cell in self.known, stated, TERMS, "place, sector", ":".join(cell), "a cell of the system"
            )
        return [self.system.unknown(term["quantity"], *cell) for cell in cells]

    def _base(self, of: str, place: str, members: tuple[str, ...]) -> dict[int, float]:
        """What low and high are relative to, as a linear form."""
        if of == "cell_output":
            cells: Iterable[Cell] = [(place, member) for member in members]
        elif of == "county_output":
            cells = product([place], self.system.sectors)
        else:
            cells = self.system.cells
        quantity = "value_added" if of == "industry_value_added" else "output"
        return {self.system.unknown(quantity, *cell): 1.0 for cell in cells}

    def _factor(self, name: str, sector: str, group: str, stated: dict[str, Any]) -> float:
        if name == "national_rate":
            rate = self.rates.get(sector)
            self._must(rate is not None, stated, TABLE, "low_times", f"{name} of {sector}", "a sector with a rate")
            return rate
        if name == "national_share":
            self._must(group in self.system.national, stated, TABLE, "high_times", f"{name} of {group}", "a group")
            return self.system.national[group]
        self._must(name in self.supposed.factors, stated, TABLE, "factors", name, "a factor of params/bounds.yml")
        return self.supposed.factors[name].value

    @staticmethod
    def _must(holds: bool, stated: dict[str, Any], file: str, column: str, found: str, expected: str) -> None:
        if not holds:
            name = stated["constraint_id"]
            offence = Offence(file, None, column, f'"{found}" in row {name}', expected, "Mend the row.")
            raise DataError("a row of the feasible set cannot be read", offences=[offence])


def _imported(empty: System, supposed: BoundsSuppositions, city: City) -> Iterable[Row]:
    """Rows that the user's own figures of the year make.

    Of a county and a manufacturing sector, or of the city and any sector: the figure itself, within its rounding. Of
    a county without a sector: a ceiling for its manufacturing, since mining and utilities are part of it. Of a county
    and another sector: a floor for the city.
    """
    mine = pl.col("indicator").is_in(list(INDICATORS)) & pl.col("status").cast(pl.String).is_in(TAKEN)
    titles = {row["indicator"]: _titled(row) for row in load("indicators", city).iter_rows(named=True)}
    plain = (pl.col("period") == str(supposed.year)) & (pl.col("scope") == "") & (pl.col("kind") == "actual")
    for fact in preferred(facts(city).filter(mine & plain & pl.col("absent").is_null())).iter_rows(named=True):
        quantity, place, sector = INDICATORS[fact["indicator"]], fact["place"], fact["sector"]
        value, room = fact["value"], supposed.import_rounding.value
        low, high = (
            (value - room, value + room)
            if value is not None
            else (-inf if fact["low"] is None else fact["low"], inf if fact["high"] is None else fact["high"])
        )
        at_city = [cell for cell in empty.cells if cell[0] == empty.city and cell[1] == sector]
        if place == empty.city and not sector:
            cells = list(empty.cells)
        elif place == empty.city:
            cells = [*at_city, *((p, sector) for p in empty.places if sector in empty.sectors)]
        elif place in empty.places and sector in empty.sectors:
            cells = [(place, sector)]
        elif place in empty.places and not sector:
            cells, low = [(place, s) for s in empty.sectors], -inf
        elif place in empty.places:
            cells, high = at_city, inf
        else:
            continue
        if cells:
            terms = {empty.unknown(quantity, *cell): 1.0 for cell in cells}
            floor, title = max(low, 0.0) if low > -inf else low, titles.get(fact["indicator"], "")
            yield Row(fact["fact_id"], terms, floor, high, place, sector, title)


def _titled(row: Mapping[str, Any]) -> str:
    """The title of a row in every language of its table."""
    return " / ".join(
        row[name] for name in sorted(row, reverse=True) if re.fullmatch(r"title_[a-z]{2}", name) and row[name]
    )


def _without(form: dict[int, float]) -> dict[int, float]:
    return {at: value for at, value in form.items() if value != 0}


def _split(text: str | None) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()] if text else []
