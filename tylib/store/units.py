"""Units: what a brief can be about. A unit is written ``kind:code``, the code as the tables have it.

Counties, townships and the city are places; specialised towns (专业镇), key chains (重点产业链) and zones (开发区)
are rows of their own tables. A specialised town is not a township: the policy's word for a cluster of one trade.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from tylib.errors import ParameterError, unknown
from tylib.store.city import City, open_city, package
from tylib.store.memory import remembered
from tylib.store.tables import load

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = ("city", "county", "town", "chain", "zone", "township")


def _counties(city: City) -> pl.Expr:
    return (pl.col("level") == "county") & (pl.col("parent") == city.place)


def _townships(city: City) -> pl.Expr:
    # A zone that governs townships itself is their parent in the register.
    own = load("places", city).filter(pl.col("parent") == city.place)["place"]
    return (pl.col("level") == "township") & pl.col("parent").is_in(own.implode())


# Kind: its table, the column of its code, and which rows of the table are the city's own.
TABLES: dict[str, tuple[str, str, Callable[[City], pl.Expr]]] = {
    "city": ("places", "place", lambda city: pl.col("place") == city.place),
    "county": ("places", "place", _counties),
    "town": ("towns", "town_id", lambda city: pl.col("in_city")),
    "chain": ("chains", "chain_id", lambda city: pl.col("scheme") == package(city)["city"].get("key_chains")),
    "zone": ("zones", "zone_id", lambda city: pl.lit(True)),
    "township": ("places", "place", _townships),
}


def rows(kind: str, city: City | None = None) -> pl.DataFrame:
    """The city's own rows of one kind, with every column of their table, sorted by code.

    Raises:
        ParameterError: No such kind.

    >>> rows("county").columns[0]
    'place'
    """
    if kind not in KINDS:
        raise unknown("kind of unit", kind, KINDS)
    return _rows(city or open_city(), kind)


@remembered
def _rows(city: City, kind: str) -> pl.DataFrame:
    table, key, own = TABLES[kind]
    return load(table, city).filter(own(city)).sort(key)


def units(city: City | None = None) -> pl.DataFrame:
    """Every unit of the city: ``unit, kind, code, name_zh, name_en``, sorted by kind (:data:`KINDS`) and code."""
    city = city or open_city()
    listed = {resource["name"] for resource in package(city)["resources"]}
    frames = [
        rows(kind, city).select(kind=pl.lit(kind), code=TABLES[kind][1], name_zh="name_zh", name_en="name_en")
        for kind in KINDS
        if TABLES[kind][0] in listed
    ]
    named = pl.concat(frames)
    return named.select(pl.format("{}:{}", "kind", "code").alias("unit"), pl.all())


def unit_row(unit: str, city: City | None = None, *, kind: str = "") -> dict[str, Any]:
    """The row behind a unit such as ``county:CODE`` in the table of its kind.

    Args:
        unit: ``kind:code``. The code is text: an administrative code is not a number.
        kind: The kind that is asked for here; any where empty.

    Raises:
        ParameterError: Not of that form, another kind, or no such unit in this city; the message lists those.
    """
    city = city or open_city()
    found, _, code = str(unit).partition(":")
    wanted = kind or (found if found in KINDS else KINDS[1])
    table = rows(wanted, city)
    key = TABLES[wanted][1]
    codes = table[key].to_list()
    if not code or found != wanted:
        example = f"{wanted}:{codes[0]}" if codes else f"{wanted}:CODE"
        raise ParameterError(
            f'unit "{unit}"', where="unit", expected=f"{wanted}:CODE", remedy=f"For example {example}."
        )
    if code not in codes:
        raise unknown("unit", unit, [f"{wanted}:{known}" for known in codes])
    return table.row(codes.index(code), named=True)
