"""Places and what may be added up: the only module that decides it.

A zone overlaps counties and is never added to them; a group of counties is never added to its members; two scopes
or two vintages of a figure are different things.
"""

from __future__ import annotations

import polars as pl

from tylib.errors import DataError, unknown
from tylib.store.city import City, open_city
from tylib.store.memory import remembered
from tylib.store.tables import load


def places(city: City | None = None) -> pl.DataFrame:
    """Every place of the city's tables: ``place, name_zh, name_en, level, type, parent, ...``."""
    return load("places", city)


@remembered
def counties(city: City | None = None) -> pl.DataFrame:
    """The county-level units of the city itself (not of its neighbours, not zones), sorted by code."""
    city = city or open_city()
    return places(city).filter((pl.col("level") == "county") & (pl.col("parent") == city.place)).sort("place")


def townships(county: str, city: City | None = None) -> pl.DataFrame:
    """The township-level units of one county, sorted by code."""
    return places(city).filter((pl.col("level") == "township") & (pl.col("parent") == county)).sort("place")


def place(code: str, city: City | None = None) -> dict[str, str | None]:
    """One place as a dictionary.

    Raises:
        ParameterError: No such code.
    """
    known = _by_code(city or open_city())
    if code not in known:
        raise unknown("place", code, known)
    return dict(known[code])


@remembered
def _by_code(city: City) -> dict[str, dict[str, str | None]]:
    return {row["place"]: row for row in places(city).iter_rows(named=True)}


def total(frame: pl.DataFrame, /, *, whole: str, city: City | None = None) -> float | None:
    """Sum a figure over places, if they may be added and none is missing.

    Args:
        frame: One row a place with ``place`` and ``value``, and, if there, ``indicator, unit, period, scope, kind``.
        whole: Place that the parts should make up.

    Returns:
        The sum, or ``None`` where a part of ``whole`` has no value: an absence is never summed in silence.

    Raises:
        DataError: The rows mix levels (a zone with its hosts), indicators, units, periods, scopes or kinds, name a
            place twice, or name one that is no part of ``whole``.
    """
    levels = places(city).select("place", "level", "parent")
    rows = frame.join(levels, on="place", how="left", maintain_order="left")
    faults = [
        f"They differ in {column} ({', '.join(sorted(map(str, rows[column].unique())))})."
        for column in ("level", "indicator", "unit", "period", "scope", "kind")
        if column in rows.columns and rows[column].n_unique() > 1
    ]
    twice = rows.filter(pl.col("place").is_duplicated())["place"].unique().sort().to_list()
    strange = rows.filter(pl.col("parent").is_null() | (pl.col("parent") != whole))["place"].unique().sort().to_list()
    faults += [f"Twice: {', '.join(twice)}."] if twice else []
    faults += [f"No part of {whole}: {', '.join(strange)}."] if strange else []
    if faults:
        raise DataError(
            "these figures do not add up",
            where=f"sum for {whole}",
            expected="its own parts of one level, one indicator, unit, period, scope and kind, each once",
            remedy=" ".join(faults),
        )
    parts = levels.filter((pl.col("parent") == whole) & pl.col("level").is_in(rows["level"].unique().implode()))
    present = rows.filter(pl.col("value").is_not_null())
    return present["value"].sum() if present.height == parts.height > 0 else None
