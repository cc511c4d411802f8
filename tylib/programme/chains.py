"""The city's key chains: who and what belongs to each, what was promised to all, how the lists of chains compare."""

from __future__ import annotations

from typing import Any

import polars as pl

from tylib.programme.county import chain_links
from tylib.programme.projects import WHOLE, investment, ledger
from tylib.programme.segments import STATES, TASKS, attract, makers, ranked, segments, slots
from tylib.programme.targets import beside
from tylib.programme.targets import targets as all_targets
from tylib.store import City, load
from tylib.store.contracts import TAKEN, Status
from tylib.store.memory import remembered
from tylib.store.units import rows as own_rows

GRADES = ("provincial", "listed", "reported")  # of chain masters: by the province, in the user's own list, by the press
MASTER = "链主企业"  # the role that the template of chain firms gives a master
RATE = "local_supporting_rate"  # 本地协作配套率
LISTED = ("municipal_chain_masters", "key_chain_firms_listed")  # counts for the whole city; names are not published
THRESHOLDS = ("chain_leader_supporting_firms", "core_supplier_sales")  # of a chain leader and of a core supplier
DRAWN = "map"  # the item of the work system that the brief itself draws


@remembered
def firms(city: City, chain: str, /) -> pl.DataFrame:
    """Firms that sources name on a chain: chain masters first (:data:`GRADES`), then by ``firm_id``.

    A firm is of the chain it was assigned to (``own``); one of another chain is listed where it is on a segment of this
    one. A master is one that a source calls so (table ``chain_masters``) or that the user's own list of chain firms
    has as one.

    Returns:
        Columns of table ``enterprises``, ``own``, ``grade`` (null for who is no master), ``grade_status,
        grade_source_id``; firms of the chain first.
    """
    on = load("segment_links", city).filter(pl.col("kind").cast(pl.String) == "firm")
    on = on.join(segments(city, chain), on="segment_id", how="semi")["code"].unique()
    masters = load("chain_masters", city).select(
        "firm_id", pl.col("grade").cast(pl.Enum(GRADES)), grade_status="status", grade_source_id="source_id"
    )
    own = (pl.col("chain_id") == chain).fill_null(False)
    listed = (
        load("enterprises", city).with_columns(own=own).filter(pl.col("own") | pl.col("firm_id").is_in(on.implode()))
    )
    rows = listed.join(masters, on="firm_id", how="left")
    imported = pl.col("grade").is_null() & pl.col("status").cast(pl.String).is_in(TAKEN) & (pl.col("role_zh") == MASTER)
    return rows.with_columns(
        grade=pl.when(imported).then(pl.lit("listed", pl.Enum(GRADES))).otherwise("grade"),
        grade_status=pl.when(imported).then("status").otherwise("grade_status"),
        grade_source_id=pl.when(imported).then("source_id").otherwise("grade_source_id"),
    ).sort(~pl.col("own"), "grade", "firm_id", nulls_last=True)


@remembered
def projects(city: City, chain: str, /) -> pl.DataFrame:
    """Projects of a chain that can be named, in the order of :func:`tylib.programme.projects.ordered`."""
    return ledger(city).filter(pl.col("chain_id") == chain)


def largest(rows: pl.DataFrame, /) -> dict[str, Any] | None:
    """The project that more than half of the planned investment of several is, with their ``sum``; else nothing.

    Args:
        rows: Of :func:`tylib.programme.projects.ledger`.
    """
    (total,) = investment(rows).iter_rows(named=True) if rows.height else ({"value": None, "published": 0},)
    if total["value"] is None or total["published"] < 2:
        return None
    most = rows.filter(WHOLE & (pl.col("value") > total["value"] / 2))
    return {**most.row(0, named=True), "sum": total["value"]} if most.height else None


@remembered
def grounds(city: City, chain: str, /) -> pl.DataFrame:
    """Where a chain is: counties, zones and specialised towns that it names, or that hold a segment, firm or project.

    Returns:
        ``kind`` (county, zone, town), ``code``, ``named`` (how many statements name it for the chain as a whole),
        ``segments, firms, projects`` (how many of each lie there; a project in another is not counted), ``status``
        (the strongest of these statements). Counties are those of :func:`tylib.programme.county.chain_links`; a zone is
        never added to its hosts, a firm of another chain not counted.
    """
    parts = [
        (load("chain_places", city).filter(pl.col("chain_id") == chain), "named", pl.col("status")),
        (segments(city, chain).filter(pl.col("status") != "assumed"), "segments", pl.col("place_status")),
        (firms(city, chain).filter("own"), "firms", pl.max_horizontal("place_status", "chain_status")),
        (projects(city, chain).filter(pl.col("parent").is_null()), "projects",
         pl.max_horizontal("place_status", "chain_status")),
    ]  # fmt: skip
    frames = []
    for rows, what, status in parts:
        cast = rows.with_columns(pl.col("^(status|place_status|chain_status)$").cast(Status))
        frames.append(cast.select(code="zone_id", status=status, kind=pl.lit("zone"), what=pl.lit(what)))
    links = load("segment_links", city).join(segments(city, chain), on="segment_id", how="semi", maintain_order="left")
    links = links.filter(pl.col("kind").cast(pl.String) == "town")
    frames.append(links.select("code", "status", kind=pl.lit("town"), what=pl.lit("segments")))
    found = pl.concat(frames).filter(pl.col("code").is_not_null())
    columns = ("named", "segments", "firms", "projects")
    order = pl.Enum(["county", "zone", "town"])
    rest = found.group_by(pl.col("kind").cast(order), "code").agg(
        *((pl.col("what") == name).sum().cast(pl.Int64).alias(name) for name in columns), status=pl.col("status").min()
    )
    counties = chain_links(city).filter(pl.col("chain_id") == chain)
    counties = counties.select(
        pl.lit("county").cast(order).alias("kind"), pl.col("place").alias("code"), *columns, status="link_status"
    )
    return pl.concat([counties, rest]).sort("kind", pl.sum_horizontal(columns), "code", descending=[False, True, False])


@remembered
def overview(city: City, /, *, thin: float) -> pl.DataFrame:
    """The key chains at a glance, one row each.

    Args:
        thin: Judgement ``thin_segment``.

    Returns:
        ``chain_id, name_zh, name_en, branches, slots``, how many of these are ``named, thin, outside, missing``, how
        many tasks of each kind (:data:`tylib.programme.segments.TASKS`); stages of users are in none of these;
        ``firms`` of the chain, how many of them have each of :data:`GRADES`, ``guests`` (firms of other chains on its
        segments);
        ``projects, published, value, unit, investment_status`` of its projects in the city that stand by themselves
        (:func:`tylib.programme.projects.investment`).
    """
    return pl.concat([_at_a_glance(city, row, thin) for row in own_rows("chain", city).iter_rows(named=True)] or [
        pl.DataFrame(schema={"chain_id": pl.String})
    ], how="vertical_relaxed")  # fmt: skip


@remembered
def _at_a_glance(city: City, row: dict[str, str], thin: float) -> pl.DataFrame:
    grid, named = makers(slots(city, row["chain_id"], thin=thin)), firms(city, row["chain_id"])
    own = named.filter("own")
    planned = investment(projects(city, row["chain_id"]).filter(pl.col("in_city")))
    counted = grid.select(
        branches=pl.col("branch_zh").n_unique().cast(pl.Int64),
        slots=pl.len().cast(pl.Int64),
        **{s: (pl.col("state") == s).sum().cast(pl.Int64) for s in STATES},
        **{t: (pl.col("task") == t).sum().cast(pl.Int64) for t in TASKS},
        firms=pl.lit(own.height, pl.Int64),
        **{grade: pl.lit((own["grade"] == grade).sum(), pl.Int64) for grade in GRADES},
        guests=pl.lit(named.height - own.height, pl.Int64),
    )
    money = planned.select("projects", "published", "value", "unit", investment_status="status")
    if money.is_empty():
        money = money.clear(1).with_columns(pl.col("projects", "published").fill_null(0))
    names = pl.DataFrame({name: [row[name]] for name in ("chain_id", "name_zh", "name_en")})
    return pl.concat([names, counted, money], how="horizontal")


@remembered
def breaks(city: City, /, *, thin: float, margin: float) -> pl.DataFrame:
    """The weak stages of all key chains, ranked together by the rule of :func:`tylib.programme.segments.attract`.

    Args:
        thin: Judgement ``thin_segment``.
        margin: Judgement ``linkage_margin``.

    Returns:
        The columns of that function with ``chain_id, name_zh, name_en`` of the chain.
    """
    own = own_rows("chain", city).select("chain_id", "name_zh", "name_en")
    frames = [
        attract(city, slots(city, row["chain_id"], thin=thin), row["chain_id"], margin=margin).with_columns(
            pl.lit(value).alias(name) for name, value in row.items()
        )
        for row in own.iter_rows(named=True)
    ]
    return ranked(pl.concat(frames), margin=margin) if frames else own


@remembered
def crosswalk(city: City, /) -> pl.DataFrame:
    """The key chains beside the earlier clusters and the province's chains they were matched with.

    Returns:
        ``chain_id, slot_zh, slot_en, name_zh, name_en``, ``clusters`` and ``provincial`` (lists of codes in table
        ``chains``), ``status`` (the weakest), ``basis_zh, basis_en``. No figure goes from one list to another.
    """
    lists = {"clusters": ("cluster_crosswalk", "cluster_id"), "provincial": ("chain_crosswalk", "provincial_chain_id")}
    rows = own_rows("chain", city).select("chain_id", "slot_zh", "slot_en", "name_zh", "name_en")
    bases = []
    for name, (table, code) in lists.items():
        links = load(table, city)
        bases.append(links.select("chain_id", "status", "basis_zh", "basis_en"))
        rows = rows.join(
            links.group_by("chain_id").agg(pl.col(code).sort().alias(name)), on="chain_id", how="left",
            maintain_order="left",
        ).with_columns(pl.col(name).fill_null([]))  # fmt: skip
    basis = (
        pl.concat(bases)
        .group_by("chain_id")
        .agg(pl.col("status").max(), pl.col("basis_zh", "basis_en").unique(maintain_order=True).first())
    )
    return rows.join(basis, on="chain_id", how="left", maintain_order="left").sort("chain_id")


def unmatched(city: City, /) -> pl.DataFrame:
    """Rows of table ``chains`` in the other lists that no key chain was matched with, by scheme and code."""
    matched = crosswalk(city).select(pl.concat_list("clusters", "provincial").explode().alias("chain_id")).drop_nulls()
    own = own_rows("chain", city).select("chain_id")
    rest = load("chains", city).join(own, on="chain_id", how="anti", maintain_order="left")
    return rest.join(matched, on="chain_id", how="anti", maintain_order="left").sort("scheme", "chain_id")


@remembered
def sectors(city: City, chain: str, /) -> pl.DataFrame:
    """Manufacturing sectors in which makers of the chain's stages stand, by our reading (table ``branch_stages``).

    Returns:
        ``sector, name_zh, name_en, stages`` (how many stages of the chain stand in it), sorted by sector.
    """
    stages = load("branch_stages", city).filter(
        (pl.col("chain_id") == chain) & (pl.col("kind").cast(pl.String) == MAKER)
    )
    counted = stages.group_by("sector").agg(stages=pl.len().cast(pl.Int64))
    made = load("sectors", city).filter("is_manufacturing").select("sector", "name_zh", "name_en")
    return made.join(counted, on="sector", how="inner").sort("sector")


@remembered
def targets(city: City, chain: str, /) -> pl.DataFrame:
    """Targets that concern a chain, beside their outturns (:func:`tylib.programme.targets.beside`).

    They are those whose name says so (table ``chain_targets``), of the chain itself or of a cluster or provincial
    chain it was matched with, and the goal of that cluster.

    Returns:
        Columns of that function, ``link_status``, ``through`` (the code in table ``chains`` that the target was set
        for) and ``through_list``: ``own``, ``clusters`` or ``provincial``.
    """
    matched = crosswalk(city).filter(pl.col("chain_id") == chain)
    lists = {name: matched[name].explode().drop_nulls().to_list() for name in ("clusters", "provincial")}
    others = [code for codes in lists.values() for code in codes]
    links = load("chain_targets", city).filter(pl.col("chain_id").is_in([chain, *others]))
    links = links.select("target_id", link_status="status", through="chain_id")
    named = all_targets(city).join(links, on="target_id", how="inner", maintain_order="left")
    goals = load("chains", city).filter(
        pl.col("chain_id").is_in(others) & pl.any_horizontal(pl.col("value", "low", "high").is_not_null())
    )
    aims = goals.with_columns(
        target_id="chain_id", place=pl.lit(city.place), through="chain_id", link_status=pl.lit("assumed").cast(Status)
    )
    rows = pl.concat([beside(city, aims), named], how="diagonal_relaxed") if aims.height else named
    which = {code: name for name, codes in lists.items() for code in codes}
    through = pl.col("through").replace_strict(which, default="own", return_dtype=pl.String)
    return rows.with_columns(through_list=through)


MAKER = "maker"  # a stage that makes something; the other kind only uses it
ENTRIES = {"work_system": "item", "chain_factors": "factor", "technology_needs": "need", "technology_results": "result"}
"""Tables that say something of the work system: the column of the item, or the item that all of their rows are of."""


@remembered
def entries(city: City, chain: str, /) -> pl.DataFrame:
    """What is known of the work system of a chain, by publication or import, in the order of its items.

    Returns:
        ``item, name_zh, name_en, value, unit, side`` (of a factor: needed or available), ``period, since, until,
        holder_zh, holder_en, document_zh, document_en, field_zh, field_en, status, source_id``; null where the table
        it comes from has no such column. A row that only says that something is absent is none.
    """
    wanted = ("name_zh", "name_en", "value", "unit", "side", "period", "since", "until", "holder_zh", "holder_en",
              "document_zh", "document_en", "field_zh", "field_en", "status", "source_id")  # fmt: skip
    frames = []
    for table, column in ENTRIES.items():
        rows = load(table, city).filter(pl.col("chain_id") == chain)
        rows = rows.filter(pl.col("absent").is_null()) if "absent" in rows.columns else rows
        item = pl.col(column).cast(pl.String) if column in rows.columns else pl.lit(column)
        text = pl.col("^(unit|side)$").cast(pl.String)
        frames.append(rows.with_columns(text).select(item.alias("item"), *(c for c in wanted if c in rows.columns)))
    order = load("work_system_items", city).select("item", "order")
    every = pl.concat(frames, how="diagonal").join(order, on="item", how="left", maintain_order="left")
    return every.sort("order", "name_zh", nulls_last=True).drop("order")


@remembered
def system(city: City, chain: str, /) -> pl.DataFrame:
    """The work system of a chain, item by item: what was announced, and what of it is known.

    Returns:
        Columns of table ``work_system_items`` in their order; ``entries`` (rows known by publication or import),
        ``names_zh, names_en, source_ids`` (lists), ``entry_status`` (the weakest), ``searched_on``; ``state``:
        ``known`` (there are entries), ``drawn`` (the map, which the brief draws itself) or ``not_published``.
    """
    listed = load("work_system_items", city)
    known = entries(city, chain).group_by("item").agg(
        entries=pl.len().cast(pl.Int64), names_zh="name_zh", names_en="name_en",
        source_ids=pl.col("source_id").unique(maintain_order=True), entry_status=pl.col("status").max(),
    )  # fmt: skip
    searches = load("not_found", city).select("search_id", "searched_on", search_source_id="source_id")
    joined = listed.join(known, on="item", how="left", maintain_order="left")
    joined = joined.join(searches, on="search_id", how="left", maintain_order="left")
    state = (
        pl.when(pl.col("entries") > 0).then(pl.lit("known"))
        .when(pl.col("item") == DRAWN).then(pl.lit("drawn"))
        .otherwise(pl.lit("not_published"))
    )  # fmt: skip
    return joined.with_columns(pl.col("entries").fill_null(0), state=state).sort("order")


@remembered
def supporting_rates(city: City, chain: str, /) -> pl.DataFrame:
    """Local supporting rates (本地协作配套率) of firms that the chain is assigned, by firm and period.

    Returns:
        Columns of table ``enterprise_metrics`` with ``name_zh, name_en`` of the firm under ``firm_zh, firm_en``.
    """
    own = load("enterprises", city).filter(pl.col("chain_id") == chain)
    own = own.select("firm_id", firm_zh="name_zh", firm_en="name_en")
    rows = load("enterprise_metrics", city).filter((pl.col("indicator") == RATE) & pl.col("value").is_not_null())
    return rows.join(own, on="firm_id", how="inner", maintain_order="left").sort("firm_id", "period")


@remembered
def published(city: City, indicators: tuple[str, ...], /) -> pl.DataFrame:
    """Rows of table ``targets`` on some indicators, in their order: counts of all chains, the province's thresholds."""
    order = (
        pl.col("indicator")
        .cast(pl.String)
        .replace_strict({name: number for number, name in enumerate(indicators)}, default=None, return_dtype=pl.Int8)
    )
    rows = load("targets", city).with_columns(_order=order)
    return rows.filter(pl.col("_order").is_not_null()).sort("_order", "target_id").drop("_order")
