"""The segments of a chain: which stages a source names, who stands on them, what is missing or thin, what to do there.

A *slot* is one stage of one branch. That no source names it is no proof that the city lacks it; it says where to look.
"""

from __future__ import annotations

import polars as pl

from tylib.indicators.linkages import linkages
from tylib.programme.projects import ledger
from tylib.store import City, load
from tylib.store.contracts import Status
from tylib.store.memory import remembered

STAGES = ("upstream", "midstream", "downstream")
STATES = ("named", "thin", "outside", "missing")  # from best to worst
USER = "user"  # state of a stage of users (power supply, construction …): a market, neither a gap nor a task
TASKS = ("extend", "upgrade", "build", "fill")  # 延链, 升链, 建链, 补链: in the order of the announcement
KINDS = {"firm": ("enterprises", "firm_id"), "project": ("projects", "project_id"), "town": ("towns", "town_id")}
SOUGHT = "promotion"  # stage of a project for which an investor is still looked for
Stage = pl.Enum(STAGES)


@remembered
def own_places(city: City, /) -> list[str]:
    """Codes of the city and of everything in it, zones and townships too."""
    table, found, level = load("places", city).select("place", "parent"), [], [city.place]
    while level:
        found += level
        level = table.filter(pl.col("parent").is_in(level))["place"].to_list()
    return found


@remembered
def segments(city: City, chain: str, /) -> pl.DataFrame:
    """The segments of one chain as they were published or read, by branch and stage.

    Returns:
        Columns of table ``chain_segments`` and ``outside``: whether the place it names lies outside the city.
    """
    rows = load("chain_segments", city).filter(pl.col("chain_id") == chain)
    outside = pl.col("place").is_not_null() & ~pl.col("place").is_in(own_places(city))
    order = (
        pl.col("segment")
        .cast(pl.String)
        .replace_strict(
            {stage: number for number, stage in enumerate(STAGES)}, default=len(STAGES), return_dtype=pl.Int8
        )
    )
    first = pl.col("segment_id").min().over("branch_zh")
    return rows.with_columns(outside=outside).sort(first, order, "segment_id")


@remembered
def members(city: City, chain: str, /) -> pl.DataFrame:
    """Firms, projects and specialised towns on the segments of a chain.

    Returns:
        ``segment_id, branch_zh, stage, kind, code, name_zh, name_en, status`` (of the statement that it stands there),
        ``reason_zh, reason_en, source_id, place, zone_id, parent`` (the project it lies in), ``report`` (stage of a
        project), ``of_chain`` (that it was assigned to), ``master`` (grade of a chain master, null for others),
        ``counts``: whether it carries the stage. What is still looking for an investor, lies outside the city or lies
        in another project of the same stage is shown and not counted.
    """
    own = segments(city, chain).select("segment_id", "branch_zh", stage=pl.col("segment").cast(pl.String))
    links = load("segment_links", city).with_columns(pl.col("kind").cast(pl.String))
    masters = load("chain_masters", city).select(
        kind=pl.lit("firm"), code="firm_id", master=pl.col("grade").cast(pl.String)
    )
    rows = own.join(links, on="segment_id", how="inner", maintain_order="left")
    every = pl.concat([_things(city, kind) for kind in KINDS], how="diagonal")
    for table in (every, masters):
        rows = rows.join(table, on=["kind", "code"], how="left", maintain_order="left")
    slot = ["branch_zh", "stage", "parent"]
    wholes = rows.filter(pl.col("kind") == "project").select("branch_zh", "stage", parent="code", nested=True).unique()
    rows = rows.join(wholes, on=slot, how="left", maintain_order="left")
    counts = pl.col("nested").is_null() & pl.col("in_city") & (pl.col("report") != SOUGHT)
    return rows.with_columns(counts=counts).drop("nested", "in_city").sort("segment_id", "kind", "code")


@remembered
def _things(city: City, kind: str) -> pl.DataFrame:
    """Everything of one kind that can stand on a segment."""
    table, key = KINDS[kind]
    rows = ledger(city) if kind == "project" else load(table, city)
    blank = pl.lit(None, pl.String)
    return rows.select(
        "name_zh",
        "name_en",
        "place",
        kind=pl.lit(kind),
        code=key,
        of_chain=pl.col("chain_id") if "chain_id" in rows.columns else blank,
        zone_id=pl.col("zone_id") if "zone_id" in rows.columns else blank,
        parent=pl.col("parent") if kind == "project" else blank,
        in_city=pl.col("in_city").fill_null(True) if "in_city" in rows.columns else pl.lit(True),
        report=pl.col("stage").cast(pl.String).fill_null("") if kind == "project" else pl.lit(""),
    )


@remembered
def unplaced(city: City, chain: str, /) -> pl.DataFrame:
    """Firms and projects of the chain that no published text puts on one of its segments: ``kind, code, name_*``."""
    placed = members(city, chain).select("kind", "code")
    own = [
        load(KINDS[kind][0], city).filter(pl.col("chain_id") == chain)
        .select("name_zh", "name_en", "chain_status", "source_id", kind=pl.lit(kind), code=KINDS[kind][1])
        for kind in ("firm", "project")
    ]  # fmt: skip
    return pl.concat(own, how="vertical_relaxed").join(placed, on=["kind", "code"], how="anti", maintain_order="left")


@remembered
def slots(city: City, chain: str, /, *, thin: float) -> pl.DataFrame:
    """Every stage of every branch of a chain, named by a source or not, with its state and what is to be done there.

    A stage that table ``branch_stages`` calls one of users has the state ``user`` and no task, and is no neighbour of
    the others. The other states, in this order: ``missing``, no source names a segment; ``outside``, every named one
    lies outside the city; ``thin``, fewer than ``thin`` firms, projects and towns carry it; else ``named``. A stage
    stands if a source names it in the city and something carries it. The task, one at most:
    ``upgrade`` (升链) a stage that stands in a traditional branch; ``extend`` (延链) into one that does not stand, next
    to a named one of a leading branch; ``build`` (建链) one that does not stand, in an emerging branch of which fewer
    than two other stages stand; ``fill`` (补链) any other that is missing, outside or thin.

    Args:
        thin: Judgement ``thin_segment``.

    Returns:
        ``branch_zh, branch_en, stage, segment_ids`` (of those named), ``structure_ids`` (of those we only suppose),
        ``firms, projects, towns, carriers, sector, kind, state, task, classes, standing`` (other stages of the branch
        that stand), ``others`` (how many there are), in the order of the map.
    """
    rows = segments(city, chain).filter(pl.col("segment").cast(pl.String).is_in(STAGES))
    rows = rows.with_columns(stage=pl.col("segment").cast(pl.String).cast(Stage), named=pl.col("status") != "assumed")
    branches = rows.select("branch_zh", "branch_en").unique(maintain_order=True).with_row_index("_order")
    grid = branches.join(pl.DataFrame({"stage": STAGES}, schema={"stage": Stage}), how="cross")
    told = rows.group_by("branch_zh", "stage").agg(
        segment_ids=pl.col("segment_id").filter("named"),
        structure_ids=pl.col("segment_id").filter(~pl.col("named")),
        outside=pl.col("outside").filter("named").all() & pl.col("named").any(),
    )
    carried = (
        members(city, chain)
        .filter(pl.col("counts") & pl.col("stage").is_in(STAGES))
        .with_columns(pl.col("stage").cast(Stage))
        .unique(["branch_zh", "stage", "kind", "code"])
        .group_by("branch_zh", "stage")
        .agg((pl.col("kind") == kind).sum().cast(pl.Int64).alias(f"{kind}s") for kind in KINDS)
    )
    sectors = _enum_free(load("branch_stages", city).filter(pl.col("chain_id") == chain)).select(
        "branch_zh", "sector", "kind", stage=pl.col("segment").cast(Stage)
    )
    classes = _enum_free(load("branch_classes", city).filter(pl.col("chain_id") == chain))
    classes = classes.group_by("branch_zh").agg(classes=pl.col("class").sort())
    key = ["branch_zh", "stage"]
    for table in (told, carried, sectors):
        grid = grid.join(table, on=key, how="left", maintain_order="left")
    grid = grid.join(classes, on="branch_zh", how="left", maintain_order="left").with_columns(
        pl.col("segment_ids", "structure_ids", "classes").fill_null([]),
        pl.col("outside").fill_null(False),
        pl.col("firms", "projects", "towns").fill_null(0),
    )
    grid = grid.with_columns(carriers=pl.sum_horizontal("firms", "projects", "towns"))
    state = (
        pl.when(pl.col("kind") == USER).then(pl.lit(USER))
        .when(pl.col("segment_ids").list.len() == 0).then(pl.lit("missing"))
        .when("outside").then(pl.lit("outside"))
        .when(pl.col("carriers") < thin).then(pl.lit("thin"))
        .otherwise(pl.lit("named"))
    )  # fmt: skip
    grid = grid.with_columns(state=state.cast(pl.Enum([*STATES, USER]))).sort("_order", "stage")
    of_makers = (pl.col("state") != USER).cast(pl.Int64)
    stands, branch = pl.col("state").is_in(["named", "thin"]) & (pl.col("carriers") > 0), "branch_zh"
    grid = grid.with_columns(
        standing=(stands.sum().over(branch) - stands.cast(pl.UInt32)).cast(pl.Int64),
        others=of_makers.sum().over(branch) - of_makers,
        _beside=pl.any_horizontal((pl.col("state") == "named").shift(n).over(branch) for n in (1, -1)).fill_null(False),
    )  # fmt: skip
    return grid.with_columns(task=_task(stands).cast(pl.Enum(TASKS))).drop("_order", "_beside", "outside")


def _enum_free(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.col("^(segment|class|kind)$").cast(pl.String))


def _task(stands: pl.Expr) -> pl.Expr:
    """Which of the four verbs applies, by the order of :func:`slots`; null where nothing is to be done."""
    is_of = {name: pl.col("classes").list.contains(name) for name in ("traditional", "advantage", "emerging")}
    return (
        pl.when(is_of["traditional"] & stands).then(pl.lit("upgrade"))
        .when(pl.col("state").is_in(["named", USER])).then(None)
        .when(is_of["advantage"] & ~stands & pl.col("_beside")).then(pl.lit("extend"))
        .when(is_of["emerging"] & ~stands & (pl.col("standing") < 2)).then(pl.lit("build"))
        .otherwise(pl.lit("fill"))
    )  # fmt: skip


def makers(grid: pl.DataFrame, /) -> pl.DataFrame:
    """Rows of :func:`slots` without stages of users: those that a state, a count and a task are for."""
    return grid.filter(pl.col("state") != USER)


def attract(city: City, grid: pl.DataFrame, chain: str, /, *, margin: float) -> pl.DataFrame:
    """Missing, outlying and thin stages in the order in which to look for firms: first by relatedness, then by linkage.

    Relatedness is the share of the other stages of the branch that stand: a newcomer finds its neighbours there.
    Linkage is the mean of the backward and the forward index of the stage's sector in the national input-output table
    (:func:`tylib.indicators.linkages.rasmussen`; 1 is the average sector). Of stages equal in relatedness one comes
    after the next only where its linkage is smaller by ``margin`` or more; else they share a rank: a table of twenty
    sectors carries no finer order. There is none where the sector makes nothing, where no other stage stands, or where
    no sector or linkage is known. Stages of users are left out.

    Args:
        grid: Of :func:`slots`.
        margin: Judgement ``linkage_margin``.

    Returns:
        The weak rows of ``grid`` with ``io_sector, backward, forward, linkage, relatedness, rank`` (null where not
        ranked), ``why`` (``no_maker``, ``no_neighbour``, ``no_sector`` or null), ``zones`` and ``places`` that hold the
        other stages of the branch (those of the chain where none does), ``firms`` on the branch, chain masters first;
        ranked first.
    """
    weak = makers(grid).filter(pl.col("state") != "named").drop("firms")
    sectors = load("sectors", city).select("sector", "io_sector", "is_manufacturing")
    for table in (sectors, linkages(load("input_output_2020", city))):
        weak = weak.join(table, on=table.columns[0], how="left", maintain_order="left")
    weak = weak.with_columns(
        linkage=(pl.col("backward") + pl.col("forward")) / 2,
        relatedness=pl.col("standing") / pl.col("others"),
        why=pl.when(~pl.col("is_manufacturing")).then(pl.lit("no_maker"))
        .when(pl.col("standing") == 0).then(pl.lit("no_neighbour"))
        .when(pl.col("backward").is_null()).then(pl.lit("no_sector")),
    )  # fmt: skip
    return ranked(weak, margin=margin).join(
        _hosts(city, chain, grid), on="branch_zh", how="left", maintain_order="left"
    )


def ranked(rows: pl.DataFrame, /, *, margin: float) -> pl.DataFrame:
    """Rows of :func:`attract`, of one chain or of several, with ``rank`` among all that may be ranked; these first."""
    by = ["relatedness", "linkage"]
    told = rows.filter(pl.col("why").is_null()).sort(by, descending=True, nulls_last=True, maintain_order=True)
    # A new tier begins where the fall from the row above is as large as the margin (rounded: 0.1 is no binary number).
    falls = (pl.col("linkage").shift(1) - pl.col("linkage")).round(9) >= margin
    tier = (falls | (pl.col("relatedness") != pl.col("relatedness").shift(1))).fill_null(False).cum_sum()
    told = told.with_columns(rank=tier.rank("min").cast(pl.Int64))
    rest = rows.filter(pl.col("why").is_not_null()).with_columns(rank=pl.lit(None, pl.Int64))
    return pl.concat([told, rest], how="diagonal").sort("rank", nulls_last=True, maintain_order=True)


def _hosts(city: City, chain: str, grid: pl.DataFrame) -> pl.DataFrame:
    """Parks and counties that hold a branch, and firms on it: ``branch_zh, zones, places, firms``."""
    here = segments(city, chain).filter(~pl.col("outside") & (pl.col("status") != "assumed"))
    standing = members(city, chain).filter("counts")
    # A park holds a branch where a source places a segment of it, or a firm or project on one.
    parks = pl.concat(table.select("branch_zh", "zone_id").drop_nulls() for table in (here, standing))
    grounds = here.group_by("branch_zh").agg(
        places=pl.col("place").filter(pl.col("zone_id").is_null()).drop_nulls().unique(maintain_order=True),
    )
    parks = parks.unique(maintain_order=True).group_by("branch_zh", maintain_order=True).agg(zones="zone_id")
    firms = standing.filter(pl.col("kind") == "firm")
    people = (
        firms.join(here, on="segment_id", how="semi", maintain_order="left")
        .sort(pl.col("master").is_null(), pl.col("status").cast(Status), "code")
        .group_by("branch_zh")
        .agg(firms=pl.col("code").unique(maintain_order=True))
    )
    rows = grid.select("branch_zh").unique(maintain_order=True)
    for table in (parks, grounds, people):
        rows = rows.join(table, on="branch_zh", how="left", maintain_order="left")
    rows = rows.with_columns(pl.col("zones", "places", "firms").fill_null([]))
    of_chain = load("chain_places", city).filter(pl.col("chain_id") == chain)
    bare = (pl.col("zones").list.len() == 0) & (pl.col("places").list.len() == 0)
    wider = {
        "zones": of_chain["zone_id"].drop_nulls().to_list(),
        "places": of_chain.filter(pl.col("zone_id").is_null())["place"].drop_nulls().to_list(),
    }
    return rows.with_columns(
        pl.when(bare).then(pl.lit(found, pl.List(pl.String))).otherwise(name).alias(name)
        for name, found in wider.items()
    )
