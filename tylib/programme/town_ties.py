"""What a specialised town is tied to (chains, zones, firms, projects), what speaks to its criteria, what is missing.

Which figure speaks to which criterion or line of work is our reading (table ``town_marks``), as is where a town stands
on a chain (``segment_links``) or which zone carries it (``town_zones``), unless a source says so. How many towns the
tables can name is no count of the towns there are.
"""

from __future__ import annotations

import polars as pl

from tylib.programme.county import RUNGS
from tylib.programme.targets import AIMS
from tylib.programme.towns import compared, ladder, latest, metrics
from tylib.store import City, facts, load
from tylib.store.contracts import Status
from tylib.store.memory import remembered
from tylib.store.places import places

TIES = ("chain", "zone", "firm", "project")


@remembered
def ties(city: City, town: str, /) -> pl.DataFrame:
    """Chains, zones, firms and projects of a town, or on the segment of a chain on which it stands.

    Returns:
        ``kind`` (ordered as :data:`TIES`), ``code, name_zh, name_en, what_zh, what_en`` (a role, a size, a segment, an
        industry), ``own`` (tied to the town by name, not only through its segment), ``status`` (the strongest of the
        statements that tie it; the weaker of two where it takes two), ``source_ids``. Sorted by kind, own, code.
    """
    standing = load("segment_links", city).select(
        "segment_id", "code", "source_id", pl.col("kind", "status").cast(pl.String)
    )
    here = standing.filter((pl.col("kind") == "town") & (pl.col("code") == town))
    segments = load("chain_segments", city).join(
        here.select("segment_id", _tie="status", _tie_source="source_id"), on="segment_id", how="inner"
    )
    chains = segments.select(
        code="chain_id", what_zh="branch_zh", what_en="branch_en", own=pl.lit(value=True), status="_tie",
        source_id="_tie_source", kind=pl.lit("chain"),
    )  # fmt: skip
    zones = load("town_zones", city).filter(pl.col("town_id") == town).select(
        code="zone_id", what_zh="basis_zh", what_en="basis_en", own=pl.lit(value=True),
        status=pl.col("status").cast(pl.String), source_id="source_id", kind=pl.lit("zone"),
    )  # fmt: skip
    beside = standing.filter(pl.col("kind").is_in(["firm", "project"])).join(
        here.select("segment_id", _tie="status"), on="segment_id", how="inner"
    )
    # It takes two statements: that the town stands on the segment, and that the firm or project does.
    weaker = pl.max_horizontal(pl.col("status").cast(Status), pl.col("_tie").cast(Status)).cast(pl.String)
    beside = beside.select("kind", "code", "source_id", status=weaker, own=pl.lit(value=False))
    firms = load("enterprises", city).filter(pl.col("town_id") == town).select(
        code="firm_id", status=pl.col("town_status").cast(pl.String), source_id="source_id", kind=pl.lit("firm"),
        own=pl.lit(value=True),
    )  # fmt: skip
    projects = load("projects", city).filter(pl.col("town_id") == town).select(
        code="project_id", status=pl.col("status").cast(pl.String), source_id="source_id", kind=pl.lit("project"),
        own=pl.lit(value=True),
    )  # fmt: skip
    found = pl.concat([chains, zones, firms, projects, beside], how="diagonal").with_columns(
        pl.col("kind").cast(pl.Enum(TIES)), pl.col("status").cast(Status)
    )
    one = (
        found.sort("kind", "code", "own", "status", descending=[False, False, True, False])
        .group_by("kind", "code", maintain_order=True)
        .agg(
            pl.col("own", "status").first(),
            _zh=pl.col("what_zh").first(),
            _en=pl.col("what_en").first(),
            source_ids=pl.col("source_id").drop_nulls().unique(maintain_order=True),
        )
    )
    named = one.join(_names(city), on=["kind", "code"], how="left", maintain_order="left").with_columns(
        what_zh=pl.coalesce("_zh", "what_zh"), what_en=pl.coalesce("_en", "what_en")
    )
    return named.drop("_zh", "_en").sort("kind", "own", "code", descending=[False, True, False])


@remembered
def _names(city: City) -> pl.DataFrame:
    """Names of chains, zones, firms and projects, with what else is said of them in a phrase."""
    wanted = {
        "chain": ("chains", "chain_id", None),
        "zone": ("zones", "zone_id", "industries"),
        "firm": ("enterprises", "firm_id", "role"),
        "project": ("projects", "project_id", "capacity"),
    }
    frames = [
        load(table, city).select(
            "name_zh", "name_en", kind=pl.lit(kind).cast(pl.Enum(TIES)), code=key,
            **{f"what_{x}": pl.col(f"{what}_{x}") if what else pl.lit(None, pl.String) for x in ("zh", "en")},
        )
        for kind, (table, key, what) in wanted.items()
    ]  # fmt: skip
    return pl.concat(frames)


@remembered
def marks(city: City, town: str, /) -> pl.DataFrame:
    """Criteria of recognition, lines of work and centres of a town, each with what is published under it.

    Returns:
        Columns of table ``town_marks`` for every town and for this one; ``name_zh, name_en, scheme_zh, scheme_en,
        rule_zh, rule_en`` (the words of the criterion), ``evidence`` (keys of rows of ``town_metrics``: the newest of
        each indicator, undated ones where there is no other, and those named) and
        ``verdict``: ``holds`` or ``not_holds`` where the rule can be checked, ``figures`` or ``nothing`` where it has
        no number and only what is published can be shown, ``unknown`` where the town's place is not known,
        ``not_found`` for a threshold, ``elsewhere`` for a rule of another place. Sorted by kind and number.
    """
    row = ladder(city).filter(pl.col("town_id") == town).row(0, named=True)
    level = places(city).filter(pl.col("place").eq_missing(row["place"]))["level"].cast(pl.String).to_list()
    rules = load("town_criteria", city).select(
        "criterion_id", "scheme_zh", "scheme_en", rule_zh="item_zh", rule_en="item_en", words_zh="value_zh",
        words_en="value_en", rule_note_zh="note_zh", rule_note_en="note_en", rule_source="source_id",
    )  # fmt: skip
    own = (
        pl.when(pl.col("check") == "category").then(pl.lit(row["category"]))
        .when(pl.col("check") == "level").then(pl.lit(level[0] if level else None))
    )  # fmt: skip
    table = (
        load("town_marks", city)
        .filter(pl.col("town_id").is_null() | (pl.col("town_id") == town))
        .with_columns(pl.col("kind", "check", "state").cast(pl.String))
        .filter(pl.col("kind") != "scope")
        .join(rules, on="criterion_id", how="left", maintain_order="left")
    )
    table = table.join(_evidence(city, town, table), on="mark_id", how="left", maintain_order="left").with_columns(
        pl.col("evidence").fill_null([]), _own=own
    )
    verdict = (
        pl.when(pl.col("check") == "threshold").then(pl.lit("not_found"))
        .when(pl.col("check") == "elsewhere").then(pl.lit("elsewhere"))
        .when((pl.col("check") == "figures") & (pl.col("evidence").list.len() > 0)).then(pl.lit("figures"))
        .when(pl.col("check") == "figures").then(pl.lit("nothing"))
        .when(pl.col("_own").is_null()).then(pl.lit("unknown"))
        .when(pl.col("accepts").str.split(";").list.contains(pl.col("_own"))).then(pl.lit("holds"))
        .otherwise(pl.lit("not_holds"))
    )  # fmt: skip
    names = {name: pl.coalesce(name, name.replace("name", "rule")) for name in ("name_zh", "name_en")}
    return table.with_columns(verdict=verdict, **names).drop("_own").sort("kind", "number")


def _evidence(city: City, town: str, table: pl.DataFrame) -> pl.DataFrame:
    """Rows of ``town_metrics`` that speak to each mark: the newest of each indicator, the undated, those named."""
    rows = metrics(city)
    own = rows.filter((pl.col("town_id") == town) & (pl.col("kind") == "actual"))
    newest = latest(own)
    undated = own.filter(pl.col("year").is_null() & pl.col("figure").is_not_null())
    undated = undated.join(newest, on="indicator", how="anti", maintain_order="left")
    told = pl.concat([newest, undated]).select("indicator", "metric_id")

    def listed(column: str, name: str) -> pl.DataFrame:
        split = table.select("mark_id", pl.col(column).str.split(";").alias(name)).explode(name)
        return split.filter(pl.col(name).is_not_null())

    by_indicator = listed("indicators", "indicator").join(
        told, on="indicator", how="inner", maintain_order="left_right"
    )
    by_name = listed("records", "metric_id").join(rows, on="metric_id", how="semi", maintain_order="left")
    both = pl.concat([by_indicator.select("mark_id", "metric_id"), by_name])
    return both.group_by("mark_id", maintain_order=True).agg(evidence=pl.col("metric_id"))


@remembered
def gaps(city: City, town: str, /) -> pl.DataFrame:
    """What is not known of a town: looked for and not found; compared by nobody; named, but not confirmed.

    Returns:
        ``what_zh, what_en, kind`` (``searched``, ``figure`` or ``mark``), ``indicator``, ``searched_on, source_id``;
        ``known``: whether a figure of other years stands.
        An indicator that nobody searched is no gap where a figure of any year stands.
    """
    searched = (
        load("not_found", city)
        .filter(pl.col("town_id") == town)
        .select(
            what_zh="item_zh", what_en="item_en", kind=pl.lit("searched"),
            indicator=pl.col("indicator").cast(pl.String),
            searched_on=pl.col("searched_on").cast(pl.String), source_id="source_id",
        )
    )  # fmt: skip
    own = metrics(city).filter((pl.col("town_id") == town) & (pl.col("kind") == "actual"))
    titles = load("indicators", city).select("indicator", what_zh="title_zh", what_en="title_en")
    told = [*own["indicator"], *searched["indicator"]]
    never = [name for name in compared(city) if name not in told]
    figures = titles.filter(pl.col("indicator").cast(pl.String).is_in(never)).with_columns(
        pl.col("indicator").cast(pl.String), kind=pl.lit("figure")
    )
    known = pl.col("indicator").is_in(own["indicator"].drop_nulls().implode())
    open_marks = marks(city, town).filter((pl.col("kind") != "criterion") & (pl.col("state") != "published"))
    marked = open_marks.select(what_zh="name_zh", what_en="name_en", kind=pl.lit("mark"), source_id="source_id")
    return pl.concat([searched, figures, marked], how="diagonal").with_columns(known=known.fill_null(value=False))


@remembered
def counts(city: City, /) -> pl.DataFrame:
    """The city's and its province's aims for numbers of towns, each beside what the tables can name.

    Returns:
        Columns of table ``targets`` for the domain ``towns`` and the city or its province; ``named``: towns of that
        rung that the tables name there (null for increases: when a town was recognised is rarely published);
        ``reported, reported_period, reported_source, reported_note_zh, reported_note_en``: the newest published count
        of the same place and indicator, with what was noted on it; ``searched_on``: when an outturn was looked for in
        vain. One row where the same aim was printed twice. Sorted by place (the city first) and code.
    """
    province = places(city).filter(pl.col("place") == city.place)["parent"].to_list()
    aims = load("targets", city).filter(
        (pl.col("domain").cast(pl.String) == "towns") & pl.col("kind").cast(pl.String).is_in(AIMS)
        & pl.col("place").is_in([city.place, *province])
    ).with_columns(pl.col("indicator").cast(pl.String))  # fmt: skip
    table = ladder(city)
    named = pl.concat(
        [
            table.filter(pl.col("rung").cast(pl.String) == rung, *([pl.col("in_city")] if own else []))
            .select(named=pl.len().cast(pl.Int64), indicator=pl.lit(f"{rung}_towns"), place=pl.lit(place))
            for place, own in [(city.place, True), *((code, False) for code in province)]
            for rung in RUNGS[1:]
            # Towns of a lower rung elsewhere are no peers of the table: their number says nothing.
            if own or rung == RUNGS[-1]
        ]
    )  # fmt: skip
    reported = (
        facts(city)
        .filter((pl.col("kind") == "actual") & pl.col("value").is_not_null() & (pl.col("sector") == ""))
        .sort("period", descending=True)
        .unique(["place", "indicator"], keep="first", maintain_order=True)
        .select(
            "place",
            "indicator",
            reported="value",
            reported_period="period",
            reported_source="source_id",
            reported_note_zh="note_zh",
            reported_note_en="note_en",
        )
    )
    searched = load("not_found", city).filter(pl.col("indicator").is_not_null()).select(
        "place", pl.col("indicator").cast(pl.String), searched_on=pl.col("searched_on").cast(pl.String)
    ).unique(["place", "indicator"], keep="first", maintain_order=True)  # fmt: skip
    for frame in (named, reported, searched):
        aims = aims.join(frame, on=["place", "indicator"], how="left", maintain_order="left")
    same = ["place", "indicator", "period", "kind", "value", "low"]
    aims = aims.sort(pl.col("place") != city.place, "target_id")
    return aims.unique(same, keep="first", maintain_order=True)


@remembered
def elsewhere(city: City, /) -> pl.DataFrame:
    """Provincial towns by city: those that the tables name, and the number that each city publishes.

    Returns:
        ``place`` (the city), ``towns`` (list of codes), ``named``, ``published, period, source_id`` (null where no
        number was found), most named first.
    """
    named = (
        ladder(city)
        .filter(pl.col("rung") == RUNGS[-1])
        .group_by("city", maintain_order=True)
        .agg(towns=pl.col("town_id"), named=pl.len().cast(pl.Int64))
    )
    told = pl.concat(
        [
            load(table, city)
            .with_columns(pl.col("indicator", "kind").cast(pl.String))
            .filter((pl.col("indicator") == f"{RUNGS[-1]}_towns") & (pl.col("kind") == "actual"))
            .select("place", "period", "source_id", published="value")
            for table in ("town_metrics", "town_criteria")
        ]
    ).sort("period", descending=True).unique("place", keep="first", maintain_order=True)  # fmt: skip
    return named.join(told, left_on="city", right_on="place", how="left", maintain_order="left").rename(
        {"city": "place"}
    ).sort(-pl.col("named"), "place")  # fmt: skip
