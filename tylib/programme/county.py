"""What of the programme lies in a county, and how we know: one function a kind, one row a thing.

Each returns the columns of its table with ``link_status``: the status of the statement that it lies in this county
(published, or assumed where it is our reading). Nothing here adds figures up: zones overlap counties and projects
nest in one another.
"""

from __future__ import annotations

import polars as pl

from tylib.programme.projects import WHOLE, ledger, ordered
from tylib.programme.targets import AIMS, beside
from tylib.store import City, facts, load, units
from tylib.store.contracts import Status
from tylib.store.memory import remembered

RUNGS = ("candidate", "municipal", "provincial")  # lowest first


@remembered
def zones(city: City, county: str, /) -> pl.DataFrame:
    """Zones and parks hosted by the county, or overlapping it, by ``zone_id``.

    Returns:
        Columns of table ``zones`` and ``link_status``, ``link_source_id``.
    """
    table = load("zones", city)
    hosted = table.filter(pl.col("host") == county).with_columns(
        link_status=pl.col("host_status").cast(Status), link_source_id=pl.col("source_id")
    )
    links = load("place_overlaps", city).filter(pl.col("place") == county)
    over = (
        table.join(
            links.select("zone_id", link_status=pl.col("status"), link_source_id="source_id"),
            on="zone_id",
            how="inner",
            maintain_order="left",
        )
        .join(hosted.select("zone_id"), on="zone_id", how="anti", maintain_order="left")
        .select(hosted.columns)
    )
    return pl.concat([hosted, over]).sort("zone_id")


@remembered
def towns(city: City, county: str, /) -> pl.DataFrame:
    """Specialised towns (专业镇) of the county, by ``town_id``.

    Returns:
        Columns of table ``towns`` with ``rung``, an ordered enum (:data:`RUNGS`), and ``link_status``.
    """
    return (
        load("towns", city)
        .filter(pl.col("place") == county)
        .with_columns(rung=pl.col("tier").cast(pl.String).cast(pl.Enum(RUNGS)), link_status=pl.col("place_status"))
        .sort("town_id")
    )


@remembered
def chain_links(city: City, /) -> pl.DataFrame:
    """Which key chain is in which county: the one rule that every brief keeps to.

    A chain is in a county that is named for it, or in which one of its segments, firms or projects lies.

    Returns:
        ``chain_id, place, named, segments, firms, projects`` (how many statements name it, how many of each lie there;
        a project inside another is not counted, nor a segment that no source names), ``link_status`` (the strongest of
        these statements), by chain and place.
    """
    # A chain is there through a firm or project only as surely as that is there and belongs to the chain.
    through = pl.max_horizontal(pl.col("place_status", "chain_status").cast(Status))
    told = load("chain_segments", city).filter(pl.col("status") != "assumed")
    told = told.with_columns(pl.col("place").str.split("+")).explode("place")  # one segment may lie in two counties
    parts = {
        "named": (load("chain_places", city), pl.col("status").cast(Status)),
        "segments": (told, pl.col("place_status").cast(Status)),
        "firms": (load("enterprises", city), through),
        "projects": (ledger(city), through),
    }
    found = pl.concat(
        rows.select(
            "chain_id", "place", link_status=status, what=pl.lit(what), counts=WHOLE if what == "projects" else True
        )
        for what, (rows, status) in parts.items()
    )
    counties, own = units.rows("county", city)["place"], units.rows("chain", city)["chain_id"]
    here = found.filter(pl.col("place").is_in(counties.implode()) & pl.col("chain_id").is_in(own.implode()))
    return (
        here.group_by("chain_id", "place")
        .agg(
            *(((pl.col("what") == what) & pl.col("counts")).sum().cast(pl.Int64).alias(what) for what in parts),
            link_status=pl.col("link_status").min(),
        )
        .sort("chain_id", "place")
    )


@remembered
def chains(city: City, county: str, /) -> pl.DataFrame:
    """Key chains that are in the county (:func:`chain_links`), by ``chain_id``.

    Returns:
        Columns of table ``chains`` and ``link_status, named, segments, firms, projects``.
    """
    links = chain_links(city).filter(pl.col("place") == county).drop("place")
    return units.rows("chain", city).join(links, on="chain_id", how="inner", maintain_order="left").sort("chain_id")


@remembered
def firms(city: City, county: str, /) -> pl.DataFrame:
    """Firms that can be named in the county, by ``firm_id``."""
    rows = load("enterprises", city).filter(pl.col("place") == county)
    return rows.with_columns(link_status=pl.col("place_status")).sort("firm_id")


@remembered
def projects(city: City, county: str, /) -> pl.DataFrame:
    """Projects that can be named in the county, largest planned investment first, parts right after their whole.

    Returns:
        Columns of table ``projects`` with ``link_status`` and ``parent``: the project or park it lies in, null where
        it stands alone. Planned investment is not investment made.
    """
    here = ledger(city).filter(pl.col("place") == county).drop("relation")
    return ordered(here.with_columns(link_status=pl.col("place_status")))


@remembered
def targets(city: City, county: str, /) -> pl.DataFrame:
    """The county's own targets, each beside its outturn (:func:`tylib.programme.targets.beside`).

    They are those set for the county, in table ``targets`` or printed among its facts.
    """
    titles = load("indicators", city).select("indicator", name_zh="title_zh", name_en="title_en")
    printed = facts(city).filter((pl.col("place") == county) & pl.col("kind").is_in(AIMS))
    printed = printed.join(titles, on="indicator", how="left", maintain_order="left").rename({"fact_id": "target_id"})
    words = pl.col("kind", "domain", "indicator", "unit", "qualifier", "interval", "absent").cast(pl.String)
    table = pl.concat(
        [load("targets", city).with_columns(words), printed.select(pl.exclude("tier", "decimals", "year", "scope"))],
        how="diagonal",
    )
    aims = table.filter((pl.col("place") == county) & pl.col("kind").is_in(AIMS) & pl.col("absent").is_null())
    return beside(city, aims).sort("domain", "target_id")


def in_townships(city: City, county: str, units: pl.DataFrame, /) -> pl.DataFrame:
    """Projects, firms and zones whose published place names a township-level unit of the county in full.

    Args:
        units: Rows of the places table, the units below the county.

    Returns:
        ``township_zh, township_en, name_zh, name_en, source_id``, sorted by township and name.
    """
    kinds = {"projects": "place_text_zh", "firms": "place_text_zh", "zones": "host_text_zh"}
    tables = {"projects": projects, "firms": firms, "zones": zones}
    named = pl.concat(
        tables[kind](city, county).select("name_zh", "name_en", "source_id", text=column)
        for kind, column in kinds.items()
    ).filter(pl.col("text").is_not_null())
    return (
        named.join(units.select(township_zh="name_zh", township_en="name_en"), how="cross")
        .filter(pl.col("text").str.contains(pl.col("township_zh"), literal=True))
        .drop("text")
        .unique(maintain_order=True)
        .sort("township_zh", "name_zh")
    )


def never_published(city: City, figures: pl.DataFrame, county: str, /) -> pl.DataFrame:
    """Tables a county-level holder keeps of which the suite has not one figure for the county.

    Nobody need have looked for these: they are what would deepen a brief most.

    Args:
        figures: :func:`tylib.store.facts`.

    Returns:
        Rows of table ``request_tables`` of level county, with ``indicators`` as a list, in their order.
    """
    known = figures.filter((pl.col("place") == county) & pl.col("absent").is_null())["indicator"].unique()
    tables = load("request_tables", city).with_columns(pl.col("indicators").str.split(";"))
    here = tables.filter(pl.col("level").cast(pl.String) == "county")
    untouched = pl.col("indicators").list.eval(pl.element().is_in(known.implode())).list.any()
    return here.filter(~untouched)


def gaps(figures: pl.DataFrame, county: str, /) -> pl.DataFrame:
    """What was looked for and not found on the county.

    Args:
        figures: :func:`tylib.store.facts`.

    Returns:
        ``indicator, periods`` (list, sorted), ``searched_on`` (newest search), ``source_ids``, in the order of how
        many periods are missing, most first. A period with a value in another row is no gap; a bound leaves it open.
    """
    key = ["indicator", "period"]
    own = figures.filter(pl.col("place") == county)
    known = own.filter(pl.col("value").is_not_null()).select(key)
    missing = own.filter(pl.col("absent") == "not_published").join(known, on=key, how="anti", maintain_order="left")
    return (
        missing.sort("period")
        .group_by("indicator", maintain_order=True)
        .agg(
            periods=pl.col("period").unique(maintain_order=True),
            searched_on=pl.col("as_of").max(),
            source_ids=pl.col("source_id").drop_nulls().unique(maintain_order=True),
        )
        .sort(pl.col("periods").list.len(), "indicator", descending=[True, False])
    )
