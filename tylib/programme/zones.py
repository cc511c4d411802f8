"""What belongs to a development zone (开发区) or park: hosts, parks inside it, figures, chains, towns, projects, firms.

A zone lies in counties or across them, so nothing of it is ever added to a county, and a park inside a zone is never
added to the zone. Each function returns rows with ``link_status``: how the statement that they belong together is
known (published, or assumed where it is our reading).
"""

from __future__ import annotations

import polars as pl

from tylib.programme.projects import WHOLE, ledger, ordered
from tylib.store import City, facts, load, units
from tylib.store.contracts import Status
from tylib.store.memory import remembered
from tylib.store.places import counties

WITH_NAMES = ("name_zh", "name_en")


@remembered
def within(city: City, zone: str, /) -> list[str]:
    """The zone and every park inside it, however deep, the zone first."""
    table, found = load("zones", city), [zone]
    inside = pl.col("parent_zone_id").is_in(found) & ~pl.col("zone_id").is_in(found)
    while (inner := table.filter(inside)).height:
        found += inner["zone_id"].to_list()
        inside = pl.col("parent_zone_id").is_in(found) & ~pl.col("zone_id").is_in(found)
    return found


@remembered
def family(city: City, zone: str, /) -> pl.DataFrame:
    """The zone that this one lies in, and the parks directly inside this one.

    Returns:
        Columns of table ``zones`` with ``relation``: ``parent`` or ``child``; the parent first, then by ``zone_id``.
    """
    table = load("zones", city)
    above = table.filter(pl.col("zone_id") == zone)["parent_zone_id"]
    relation = pl.when(pl.col("zone_id").is_in(above.implode())).then(pl.lit("parent")).otherwise(pl.lit("child"))
    kin = table.filter(pl.col("zone_id").is_in(above.implode()) | (pl.col("parent_zone_id") == zone))
    return kin.with_columns(relation=relation).sort(pl.col("relation") != "parent", "zone_id")


@remembered
def hosts(city: City, zone: str, /) -> pl.DataFrame:
    """The places that the zone lies in or overlaps: what its figures must not be added to.

    Returns:
        ``place, name_zh, name_en, relation`` (``host`` or ``overlap``), ``own`` (whether it is a county of the city),
        ``link_status, source_id``; the host first.
    """
    row = load("zones", city).filter((pl.col("zone_id") == zone) & pl.col("host").is_not_null())
    host = row.select(
        place="host", relation=pl.lit("host"), link_status=pl.col("host_status").cast(Status), source_id="source_id"
    )
    over = (
        load("place_overlaps", city)
        .filter(pl.col("zone_id") == zone)
        .select("place", relation=pl.lit("overlap"), link_status=pl.col("status").cast(Status), source_id="source_id")
        .join(host.select("place"), on="place", how="anti", maintain_order="left")
    )
    names = load("places", city).select("place", *WITH_NAMES)
    return (
        pl.concat([host, over])
        .join(names, on="place", how="left", maintain_order="left")
        .with_columns(own=pl.col("place").is_in(counties(city)["place"].implode()))
        .select("place", *WITH_NAMES, "relation", "own", "link_status", "source_id")
        .sort(pl.col("relation") != "host", "place")
    )


@remembered
def metrics(city: City, zone: str, /) -> pl.DataFrame:
    """Every published figure of the zone: its own, and those of a place in the scope that speaks of it.

    Which scope speaks of which zone is a row of table ``zone_scopes``. The same figure printed in both places is one.

    Returns:
        ``fact_id, indicator, name_zh, name_en, period, value, low, high, interval, status, absent, kind, qualifier,
        unit, scope, source_id, as_of, decimals``, by indicator, newest period first.
    """
    named = load("indicators", city).select(
        pl.col("indicator").cast(pl.String), name_zh="title_zh", name_en="title_en", decimals="decimals"
    )
    text = pl.col("indicator", "unit", "kind", "qualifier", "absent", "interval").cast(pl.String)
    own = load("zone_metrics", city).filter(pl.col("zone_id") == zone).with_columns(text)
    own = own.rename({"metric_id": "fact_id"}).with_columns(scope=pl.lit(""), status=pl.col("status").cast(Status))
    own = own.join(named.select("indicator", "decimals"), on="indicator", how="left", maintain_order="left")
    scopes = load("zone_scopes", city).filter(pl.col("zone_id") == zone).select("number", "place", "scope")
    stated = (
        facts(city)
        .join(scopes, on=["place", "scope"], how="inner", maintain_order="left")
        .sort("number", "fact_id")
        .drop("decimals")
        .join(named, on="indicator", how="left", maintain_order="left")
    )
    columns = ["fact_id", "indicator", *WITH_NAMES, "period", "value", "low", "high", "interval", "status", "absent"]
    columns += ["kind", "qualifier", "unit", "scope", "source_id", "as_of", "decimals"]
    same = ["indicator", "period", "value", "low", "high", "source_id"]
    found = pl.concat([own.select(columns), stated.select(columns)], how="vertical_relaxed")
    # Two parks may have the same count, so only a figure of a place can repeat one of the zone's own.
    repeated = found.with_row_index("at").filter((pl.col("at") >= own.height) & ~pl.struct(same).is_first_distinct())
    return (
        found.with_row_index("at")
        .join(repeated.select("at"), on="at", how="anti", maintain_order="left")
        .drop("at")
        .sort("indicator", "period", "fact_id", descending=[False, True, False], nulls_last=True)
    )


@remembered
def projects(city: City, zone: str, /) -> pl.DataFrame:
    """Projects that can be named in the zone or a park inside it (:func:`tylib.programme.projects.ledger`)."""
    here = ledger(city).filter(pl.col("zone_id").is_in(within(city, zone)))
    return ordered(here.with_columns(link_status=pl.col("zone_status").cast(Status)))


@remembered
def firms(city: City, zone: str, /) -> pl.DataFrame:
    """Firms that can be named in the zone or a park inside it, by ``firm_id``."""
    here = load("enterprises", city).filter(pl.col("zone_id").is_in(within(city, zone)))
    return here.with_columns(link_status=pl.col("zone_status").cast(Status)).sort("firm_id")


@remembered
def segments(city: City, zone: str, /) -> pl.DataFrame:
    """Segments of chains that are placed in the zone or a park inside it, by ``segment_id``."""
    here = load("chain_segments", city).filter(pl.col("zone_id").is_in(within(city, zone)))
    weakest = pl.max_horizontal(pl.col("place_status", "status").cast(Status))
    return here.with_columns(link_status=weakest).sort("segment_id")


@remembered
def chains(city: City, zone: str, /) -> pl.DataFrame:
    """Key chains that have a segment, a firm or a project in the zone, or are said to lie there, by ``chain_id``.

    Returns:
        Columns of table ``chains``; ``named`` (our list places it here), ``segments, firms, projects`` (how many of
        those that can be named; projects that stand by themselves), ``link_status``: the strongest of these
        statements, each as strong as its weaker half (that the thing is here; that it is of the chain).
    """
    weaker = pl.max_horizontal(pl.col("link_status", "chain_status").cast(Status))
    tables = {
        "segments": segments(city, zone),
        "firms": firms(city, zone).with_columns(link_status=weaker),
        "projects": projects(city, zone).filter(WHOLE).with_columns(link_status=weaker),
        "named": load("chain_places", city)
        .filter(pl.col("zone_id").is_in(within(city, zone)))
        .with_columns(link_status=pl.col("status").cast(Status)),
    }
    links = pl.concat(
        table.filter(pl.col("chain_id").is_not_null()).select("chain_id", "link_status", by=pl.lit(by))
        for by, table in tables.items()
    )
    counted = links.group_by("chain_id").agg(
        pl.col("link_status").min(), *((pl.col("by") == by).sum().cast(pl.Int64).alias(by) for by in tables)
    )
    found = units.rows("chain", city).join(counted, on="chain_id", how="inner", maintain_order="left")
    return found.with_columns(pl.col("named") > 0).sort("chain_id")


@remembered
def towns(city: City, zone: str, /) -> pl.DataFrame:
    """Specialised towns (专业镇) that the zone carries, and those that merely lie in a county that it lies in.

    Returns:
        Columns of table ``towns``; ``relation``: ``zone`` (a row of table ``town_zones`` says so) or ``county``;
        ``link_status``; ``chain_id`` and ``chain_status``: the key chain on a segment of which the town
        stands (``segment_links``). Those that the zone carries first.
    """
    rows = units.rows("town", city)
    carried = (
        load("town_zones", city)
        .filter(pl.col("zone_id").is_in(within(city, zone)))
        .select("town_id", relation=pl.lit("zone"), link_status=pl.col("status").cast(Status))
        .unique("town_id", keep="first", maintain_order=True)
    )
    here = hosts(city, zone).select("place", host_status="link_status")
    near = (
        rows.join(here, on="place", how="inner", maintain_order="left")
        .join(carried, on="town_id", how="anti", maintain_order="left")
        .select(
            "town_id",
            relation=pl.lit("county"),
            link_status=pl.max_horizontal(pl.col("place_status").cast(Status), "host_status"),
        )
    )
    return (
        rows.join(pl.concat([carried, near]), on="town_id", how="inner", maintain_order="left")
        .join(_chain_of_towns(city), on="town_id", how="left", maintain_order="left")
        .sort(pl.col("relation") != "zone", "town_id")
    )


@remembered
def _chain_of_towns(city: City) -> pl.DataFrame:
    """The key chain on a segment of which each town stands: ``town_id, chain_id, chain_status``."""
    return (
        load("segment_links", city)
        .filter(pl.col("kind").cast(pl.String) == "town")
        .join(load("chain_segments", city).select("segment_id", "chain_id"), on="segment_id", how="inner")
        .select("chain_id", town_id="code", chain_status=pl.col("status").cast(Status))
        .sort("town_id", "chain_status", "chain_id")
        .unique("town_id", keep="first", maintain_order=True)
    )


@remembered
def matrix(city: City, /, *zones: str) -> pl.DataFrame:
    """Which chain and which specialised town is in which zone: one row a pair that belongs together.

    What is in a park is in the zone around it too, so rows of a zone and of its parks overlap and are never added.

    Args:
        zones: Codes; all of the city where none is named.

    Returns:
        ``zone_id, kind`` (``chain`` or ``town``), ``code, link_status``, sorted.
    """
    schema = {"zone_id": pl.String, "kind": pl.String, "code": pl.String, "link_status": Status}
    found = [pl.DataFrame(schema=schema)]
    for zone in zones or units.rows("zone", city)["zone_id"]:
        carried = towns(city, zone).filter(pl.col("relation") == "zone")
        for kind, table in (("chain", chains(city, zone)), ("town", carried)):
            found.append(
                table.select(
                    zone_id=pl.lit(zone),
                    kind=pl.lit(kind),
                    code=pl.col(f"{kind}_id"),
                    link_status=pl.col("link_status").cast(Status),
                )
            )
    return pl.concat(found).sort("zone_id", "kind", "code")


def three_way(city: City, pairs: pl.DataFrame, /) -> pl.DataFrame:
    """Where zone, town and chain come together (开发区 + 专业镇 + 产业链).

    The zone carries a town, the town stands on a segment of a chain, and the chain is in the zone.

    Args:
        pairs: Of :func:`matrix`.

    Returns:
        ``zone_id, town_id, chain_id, link_status``: as strong as the weakest of the three statements. By zone and town.
    """
    carried = pairs.filter(pl.col("kind") == "town").select("zone_id", "link_status", town_id="code")
    present = pairs.filter(pl.col("kind") == "chain").select("zone_id", chain_id="code", present_status="link_status")
    return (
        carried.join(_chain_of_towns(city), on="town_id", how="inner", maintain_order="left")
        .join(present, on=["zone_id", "chain_id"], how="inner", maintain_order="left")
        .select(
            "zone_id",
            "town_id",
            "chain_id",
            link_status=pl.max_horizontal("link_status", "chain_status", "present_status"),
        )
    )


@remembered
def unpublished(city: City, zone: str, /) -> pl.DataFrame:
    """Tables that the office of a zone keeps, with those of their indicators of which no figure of the zone is known.

    Returns:
        Rows of table ``request_tables`` of level zone with ``indicators`` as a list, a table with nothing new left out.
    """
    known = metrics(city, zone).filter(pl.col("absent").is_null())["indicator"].unique()
    tables = load("request_tables", city).filter(pl.col("level").cast(pl.String) == "zone")
    missing = pl.col("indicators").str.split(";").list.filter(~pl.element().is_in(known.implode()))
    return tables.with_columns(indicators=missing).filter(pl.col("indicators").list.len() > 0)
