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

RUNGS = ("candidate", "municipal", "provincial")  # lowest first


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


def chains(city: City, county: str, /) -> pl.DataFrame:
    """Key chains of the city that name the county, or a firm, project or segment of which lies in it, by ``chain_id``.

    Returns:
        Columns of table ``chains`` and ``link_status`` (the strongest of the statements that place it here),
        ``firms, projects`` (how many of those that can be named lie here; a project inside another is not counted).
    """
    named = load("chain_places", city).filter(pl.col("place") == county).select("chain_id", link_status="status")
    firms_here, projects_here = firms(city, county), projects(city, county)
    # A chain is here through a firm or project only as surely as that is here and belongs to the chain.
    through = [
        table.filter(pl.col("chain_id").is_not_null()).select(
            "chain_id", link_status=pl.max_horizontal(pl.col("link_status", "chain_status").cast(Status))
        )
        for table in (firms_here, projects_here)
    ]
    found = pl.concat([named.with_columns(pl.col("link_status").cast(Status)), *through])
    strongest = found.group_by("chain_id").agg(pl.col("link_status").min())
    counts = [
        t.group_by("chain_id").agg(pl.len().alias(name))
        for name, t in (("firms", firms_here), ("projects", projects_here.filter(WHOLE)))
    ]
    own = units.rows("chain", city).join(strongest, on="chain_id", how="inner", maintain_order="left")
    for count in counts:
        own = own.join(count, on="chain_id", how="left", maintain_order="left")
    return own.with_columns(pl.col("firms", "projects").fill_null(0).cast(pl.Int64)).sort("chain_id")


def firms(city: City, county: str, /) -> pl.DataFrame:
    """Firms that can be named in the county, by ``firm_id``."""
    rows = load("enterprises", city).filter(pl.col("place") == county)
    return rows.with_columns(link_status=pl.col("place_status")).sort("firm_id")


def projects(city: City, county: str, /) -> pl.DataFrame:
    """Projects that can be named in the county, largest planned investment first, parts right after their whole.

    Returns:
        Columns of table ``projects`` with ``link_status`` and ``parent``: the project or park it lies in, null where
        it stands alone. Planned investment is not investment made.
    """
    here = ledger(city).filter(pl.col("place") == county).drop("relation")
    return ordered(here.with_columns(link_status=pl.col("place_status")))


# Domains of the city's targets that a county has a part in, and what it must have for that.
CARRIED_BY = {"towns": towns, "chains": chains, "projects": projects}


def targets(city: City, county: str, /) -> pl.DataFrame:
    """Targets that concern the county, its own first, each beside its outturn (:func:`tylib.programme.targets.beside`).

    Its own are those set for the county, in table ``targets`` or printed among its facts; of the city's, those of a
    domain the county has something in (:data:`CARRIED_BY`).
    """
    titles = load("indicators", city).select("indicator", name_zh="title_zh", name_en="title_en")
    printed = facts(city).filter((pl.col("place") == county) & pl.col("kind").is_in(AIMS))
    printed = printed.join(titles, on="indicator", how="left", maintain_order="left").rename({"fact_id": "target_id"})
    domains = [name for name, carried in CARRIED_BY.items() if carried(city, county).height]
    words = pl.col("kind", "domain", "indicator", "unit", "qualifier", "interval", "absent").cast(pl.String)
    table = pl.concat(
        [load("targets", city).with_columns(words), printed.select(pl.exclude("tier", "decimals", "year", "scope"))],
        how="diagonal",
    )
    concerned = (pl.col("place") == county) | ((pl.col("place") == city.place) & pl.col("domain").is_in(domains))
    aims = table.filter(concerned & pl.col("kind").is_in(AIMS) & pl.col("absent").is_null())
    return beside(city, aims).sort(pl.col("place") != county, "domain", "target_id")


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
