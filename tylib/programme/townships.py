"""What public sources place in one township-level unit: by its code in a table, or by its full name in their text."""

from __future__ import annotations

import polars as pl

from tylib.programme import zones as programme
from tylib.programme.projects import ledger
from tylib.store import City, facts, load
from tylib.store.contracts import Status
from tylib.store.memory import remembered
from tylib.store.places import place

KINDS = ("zone", "project", "firm", "segment")
"""What can stand in a unit, in the order shown."""


@remembered
def here(city: City, code: str, /) -> pl.DataFrame:
    """Zones, projects, firms and chain segments that a source places in the unit.

    Placed by code: a zone whose own code this is and what is in that zone, and whatever names the code as its place.
    Placed by name: whatever is in the same county and writes the unit's full Chinese name in its place.

    Returns:
        ``kind`` (:data:`KINDS`), ``code, name_zh, name_en, what_zh, what_en`` (industry, size, role, chain stage),
        ``by`` (``code`` or ``name``), ``parent`` (of a project), ``value, low, high, qualifier, unit, status, absent``
        (planned investment of a project), ``link_status, source_id``; by kind and code, each once.
    """
    unit = place(code, city)
    zones = load("zones", city)
    inside = list(
        dict.fromkeys(
            inner for zone in zones.filter(pl.col("place") == code)["zone_id"] for inner in programme.within(city, zone)
        )
    )
    tables = {
        "zone": _table(zones, "zone_id", what="industries", place="host", text="host_text_zh", status="status"),
        "project": _table(ledger(city), "project_id", what="capacity", text="place_text_zh"),
        "firm": _table(load("enterprises", city), "firm_id", what="role", text="place_text_zh"),
        "segment": _table(
            load("chain_segments", city), "segment_id", name="branch", what="content", text="place_text_zh"
        ),
    }
    named = pl.col("text").str.contains(unit["name_zh"], literal=True) & (
        (pl.col("place") == unit["parent"]) | (pl.col("place") == code)
    )
    in_zone = pl.col("zone_id").is_in(inside)
    coded = (pl.col("place") == code) | in_zone | ((pl.col("own") == code).fill_null(False))
    found = pl.concat(
        [
            table.with_columns(own=zones["place"] if kind == "zone" else pl.lit(None, pl.String), kind=pl.lit(kind))
            for kind, table in tables.items()
        ],
        how="diagonal_relaxed",
    )
    placed = found.filter((coded | named).fill_null(False)).with_columns(
        by=pl.when(coded.fill_null(False)).then(pl.lit("code")).otherwise(pl.lit("name")),
        # That a zone is a unit of the register follows from its code, no source says it in words.
        link_status=pl.when(in_zone.fill_null(False))
        .then(pl.max_horizontal(pl.col("zone_status"), pl.lit("derived").cast(Status)))
        .otherwise("place_status"),
    )
    return placed.select(
        "kind", "code", "name_zh", "name_en", "what_zh", "what_en", "by", "parent", "value", "low", "high",
        "qualifier", "unit", "status", "absent", "link_status", "source_id",
    ).sort(pl.col("kind").cast(pl.Enum(KINDS)), "code")  # fmt: skip


def _table(rows: pl.DataFrame, key: str, *, what: str, text: str, name: str = "name", **other: str) -> pl.DataFrame:
    """The columns that all four kinds share; a zone counts as published where its own row is."""
    zone_status = "zone_status" if "zone_status" in rows.columns else other.get("status", "place_status")
    figures = ["parent", "value", "low", "high", "qualifier", "unit", "status", "absent"]
    return rows.select(
        code=key,
        name_zh=f"{name}_zh",
        name_en=f"{name}_en",
        what_zh=f"{what}_zh",
        what_en=f"{what}_en",
        place=other.get("place", "place"),
        zone_id="zone_id",
        text=text,
        place_status=pl.col(other.get("status", "place_status")).cast(Status),
        zone_status=pl.col(zone_status).cast(Status),
        source_id="source_id",
        **{
            column: pl.col(column).cast(pl.String) if column in ("status", "absent", "qualifier", "unit") else column
            for column in (figures if key == "project_id" else [])
        },
    )


@remembered
def figures(city: City, code: str, /) -> pl.DataFrame:
    """Every figure of the unit: none is published, so what stands here was brought in (:func:`tylib.store.facts`)."""
    return facts(city).filter((pl.col("place") == code) & pl.col("absent").is_null())


def asked(city: City, /) -> list[str]:
    """Indicators that tables of townships hold, in the order of the tables: the first say most."""
    rows = load("request_tables", city).filter(pl.col("level").cast(pl.String) == "township")
    return rows["indicators"].str.split(";").explode().unique(maintain_order=True).to_list()


def tables(city: City, code: str, /) -> pl.DataFrame:
    """Tables to ask for of which the suite has not one figure for the unit.

    Returns:
        Rows of table ``request_tables`` of level township, with ``indicators`` as a list of those still unknown.
    """
    known = figures(city, code)["indicator"].unique()
    rows = load("request_tables", city).filter(pl.col("level").cast(pl.String) == "township")
    missing = pl.col("indicators").str.split(";").list.filter(~pl.element().is_in(known.implode()))
    return rows.with_columns(indicators=missing).filter(pl.col("indicators").list.len() > 0)
