"""The Eight Actions (八大行动): what was published of each, what speaks to it, who carries it, and where.

Measures are rows of table ``actions``. What speaks to an action and who carries it is our reading: rows of table
``action_links``, each with its reason. The next plan takes the same two tables by import, under its own code.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from tylib.programme import county as here
from tylib.programme.targets import AIMS, YEAR, actuals, beside
from tylib.programme.targets import targets as all_targets
from tylib.store import City, facts, load, units
from tylib.store.contracts import Status
from tylib.store.memory import remembered
from tylib.store.period import periods
from tylib.store.places import counties

NEXT = "FYP15"
"""Code of the plan for 2026-2030 in the column ``plan``; rows of any other belong to the plan that has run."""
WHOLE_PLAN = "ALL"
CARRIERS = ("project", "town", "chain", "zone", "firm")
KEYS = {kind: f"{kind}_id" for kind in CARRIERS}


def measures(city: City, /, *, plan: str = "") -> pl.DataFrame:
    """Rows of table ``actions`` in their order; those of the plan that has run, or of :data:`NEXT`."""
    is_next = pl.col("plan").eq_missing(NEXT)
    rows = load("actions", city).filter(is_next if plan == NEXT else ~is_next)
    return rows.sort("order", "measure_id")


def plan(city: City, /) -> dict[str, Any] | None:
    """The row of table ``plans`` of the plan that has run; nothing where the table does not know it."""
    codes = measures(city)["plan"].drop_nulls().unique().implode()
    rows = load("plans", city).filter(pl.col("plan_id").is_in(codes)).sort("plan_id")
    return rows.row(0, named=True) if rows.height else None


def end_year(city: City, /) -> int | None:
    """The year in which the plan that has run ended; null where none is stated."""
    years = measures(city)["period"].str.extract(YEAR).cast(pl.Int32)
    return years.max()


@remembered
def carriers(city: City, /) -> pl.DataFrame:
    """Who carries each action, by the selectors of ``action_links``.

    Returns:
        ``action_id, kind`` (:data:`CARRIERS`), ``id, name_zh, name_en, place, parent`` (of a project), ``status,
        reason_zh, reason_en``; a thing once an action, under its first reason.
    """
    projects = here.ledger(city).filter("in_city")
    tables = {
        "project": projects,
        "town": units.rows("town", city),
        "chain": units.rows("chain", city),
        "zone": units.rows("zone", city),
        "firm": load("enterprises", city),
    }
    links = load("action_links", city).with_columns(
        kind=pl.col("kind").cast(pl.String).str.replace("project_category", "project"),
    )
    found = [_selected(links.filter(pl.col("kind") == kind), tables[kind], KEYS[kind]) for kind in CARRIERS]
    return (
        pl.concat([frame.with_columns(kind=pl.lit(kind)) for kind, frame in zip(CARRIERS, found, strict=True)])
        .sort("action_id", "number")
        .unique(["action_id", "kind", "id"], keep="first", maintain_order=True)
        .with_columns(_order=pl.col("kind").cast(pl.Enum(CARRIERS)).to_physical())
        .sort("action_id", "_order", "id")
        .drop("number", "_order")
    )


def _selected(links: pl.DataFrame, table: pl.DataFrame, key: str) -> pl.DataFrame:
    """Rows of a table that each link selects: ``column=value|value``, or ``*`` for all."""
    split = links.with_columns(
        column=pl.col("selector").str.extract("^([a-z_]+)="),
        wanted=pl.col("selector").str.extract("=(.+)$").str.split("|"),
    ).drop("kind", "selector")
    named = {"id": pl.col(key), "name_zh": pl.col("name_zh"), "name_en": pl.col("name_en")}
    named |= {"place": pl.col("place") if "place" in table.columns else pl.lit(None, pl.String)}
    named |= {"parent": pl.col("parent") if "parent" in table.columns else pl.lit(None, pl.String)}
    every = split.filter(pl.col("column").is_null()).drop("column", "wanted").join(table.select(**named), how="cross")
    parts = [every]
    for column in split["column"].drop_nulls().unique(maintain_order=True):
        rows = table.select(**named, wanted=pl.col(column).cast(pl.String))
        asked = split.filter(pl.col("column") == column).drop("column").explode("wanted")
        parts.append(asked.join(rows, on="wanted", how="inner", maintain_order="left").drop("wanted"))
    return pl.concat(parts)


@remembered
def scorecard(city: City, /) -> pl.DataFrame:
    """One row an action of the plan that has run.

    Returns:
        ``action_id, order, name_zh, name_en``; ``measures`` (how many are public; states already reached are none),
        ``reached`` (states reached), ``set_out`` (whether its source sets the action out), ``filed`` (how many
        measures and states other passages hold that are put here by us), ``targets`` (its own, in figures, without
        those that say what the work covers) and of these ``met, not_met, open`` (no outturn of the year was found);
        ``indicators`` (that speak to it) and ``published`` (of these, with a figure of the plan's whole last year);
        ``project, town, chain, zone, firm`` (how many carry it; a project inside another that carries it too is not
        counted again), ``source_ids``.
    """
    listed = measures(city).filter(pl.col("action_id") != WHOLE_PLAN)
    said = pl.col("absent").cast(pl.String).ne_missing("not_published")
    is_state = said & (pl.col("kind").cast(pl.String) == "actual")
    is_ours = pl.col("filing_status").cast(pl.String).eq_missing("assumed")
    rows = listed.group_by("action_id", maintain_order=True).agg(
        pl.col("order", "name_zh", "name_en").first(),
        measures=(said & ~is_state).sum().cast(pl.Int64),
        reached=is_state.sum().cast(pl.Int64),
        set_out=(said & ~is_ours).any(),
        filed=(said & is_ours).sum().cast(pl.Int64),
        source_ids=pl.col("source_id").drop_nulls().unique(maintain_order=True),
    )
    verdicts = (
        own_targets(city)
        .filter(pl.col("verdict") != "scope")
        .group_by("action_id")
        .agg(
            targets=pl.len().cast(pl.Int64),
            met=(pl.col("verdict") == "met").sum().cast(pl.Int64),
            not_met=(pl.col("verdict") == "not_met").sum().cast(pl.Int64),
        )
    )
    last = end_year(city)
    speaking = (
        indicators(city)
        .group_by("action_id")
        .agg(indicators=pl.len().cast(pl.Int64), published=(pl.col("period") == str(last)).sum().cast(pl.Int64))
    )
    counted = (
        standing(carriers(city)).group_by("action_id", "kind").len()
        .pivot("kind", index="action_id", values="len")
    )  # fmt: skip
    for frame in (verdicts, speaking, counted):
        rows = rows.join(frame, on="action_id", how="left", maintain_order="left")
    lacking = [pl.lit(None, pl.Int64).alias(kind) for kind in CARRIERS if kind not in rows.columns]
    numbers = ("targets", "met", "not_met", "indicators", "published", *CARRIERS)
    rows = rows.with_columns(lacking).with_columns(pl.col(numbers).fill_null(0).cast(pl.Int64))
    return rows.with_columns(open=pl.col("targets") - pl.col("met") - pl.col("not_met")).sort("order", "action_id")


def standing(rows: pl.DataFrame, /) -> pl.DataFrame:
    """Carriers without the projects that lie in another one that carries the same action: nothing counts twice."""
    wholes = rows.filter(pl.col("kind") == "project").select("action_id", parent="id")
    return rows.join(wholes, on=["action_id", "parent"], how="anti", maintain_order="left")


@remembered
def own_targets(city: City, /, *, plan: str = "") -> pl.DataFrame:
    """Targets in figures that stand among the measures of a plan, each beside its outturn.

    A year that table ``targets`` holds to be our reading is one here too.

    Returns:
        ``action_id``, measure and columns of :func:`tylib.programme.targets.beside`, in the order of the measures.
    """
    key = ["place", "indicator", "period"]
    read = (
        load("targets", city).filter(pl.col("kind").cast(pl.String).is_in(AIMS))
        .with_columns(pl.col("indicator").cast(pl.String))
        .select(*key, pl.col("period_status").cast(Status)).unique(key, keep="first", maintain_order=True)
    )  # fmt: skip
    figures = pl.any_horizontal(pl.col("value", "low", "high").is_not_null())
    rows = measures(city, plan=plan).filter((pl.col("kind").cast(pl.String) == "target") & figures)
    rows = rows.with_columns(pl.col("indicator").cast(pl.String), target_id="measure_id", place=pl.lit(city.place))
    return beside(city, rows.join(read, on=key, how="left", maintain_order="left"))


@remembered
def linked_targets(city: City, /) -> pl.DataFrame:
    """Rows of table ``targets`` that speak to an action, without those that repeat a target of its measures.

    Returns:
        ``action_id, reason_zh, reason_en`` of the link as ``link_zh, link_en``, and columns of
        :func:`tylib.programme.targets.targets`.
    """
    links = load("action_links", city).filter(pl.col("kind").cast(pl.String) == "target")
    table = all_targets(city).filter(pl.col("plan").ne_missing(NEXT))
    chosen = _selected(links, table, "target_id")
    chosen = chosen.select("action_id", "number", target_id="id", link_zh="reason_zh", link_en="reason_en")
    rows = chosen.sort("action_id", "number").join(table, on="target_id", how="inner", maintain_order="left")
    own = own_targets(city).select("place", "indicator", "due").unique()
    return rows.join(own, on=["place", "indicator", "due"], how="anti", maintain_order="left").drop("number")


@remembered
def indicators(city: City, /) -> pl.DataFrame:
    """Indicators of the city that speak to each action, with the newest actual figure, that of a whole year first.

    Returns:
        ``action_id, indicator, reason_zh, reason_en, searched_on`` (newest search that found nothing for a later
        period; null where there was none) and the figure (columns of
        :func:`tylib.programme.targets.actuals`; null where none is published).
    """
    links = load("action_links", city).filter(pl.col("kind").cast(pl.String) == "indicator")
    known = load("indicators", city).with_columns(
        pl.col("indicator").cast(pl.String), name_zh="title_zh", name_en="title_en"
    )
    decimals = known.select("indicator", "decimals")
    asked = _selected(links, known, "indicator").select(
        "action_id", "number", "reason_zh", "reason_en", "name_zh", "name_en", indicator="id"
    )
    whole = pl.col("period").str.contains(r"^\d{4}$")
    newest = (
        actuals(city).filter((pl.col("place") == city.place) & (pl.col("scope") == ""))
        .sort("year", whole, periods("period").struct.field("end"), "period", descending=[True, True, True, True])
        .unique("indicator", keep="first", maintain_order=True).drop("place")
    )  # fmt: skip
    searched = (
        facts(city).filter((pl.col("place") == city.place) & (pl.col("absent") == "not_published"))
        .group_by("indicator").agg(searched_on=pl.col("as_of").max(), missing=pl.col("period").sort())
    )  # fmt: skip
    return (
        asked.sort("action_id", "number", "indicator")
        .join(newest, on="indicator", how="left", maintain_order="left")
        .join(decimals, on="indicator", how="left", maintain_order="left")
        .join(searched, on="indicator", how="left", maintain_order="left")
        .with_columns(pl.col("status").cast(Status))
        .drop("number")
    )


@remembered
def located(city: City, /, *codes: str) -> pl.DataFrame:
    """What lies in which county, as the county briefs have it: ``county, kind, id, link_status``.

    Args:
        codes: Of counties; all where none is named.
    """
    tables = {
        "project": here.projects,
        "town": here.towns,
        "chain": here.chains,
        "zone": here.zones,
        "firm": here.firms,
    }
    status = pl.col("link_status").cast(Status)
    frames = [
        table(city, code).select(county=pl.lit(code), kind=pl.lit(kind), id=KEYS[kind], link_status=status)
        for code in codes or counties(city)["place"]
        for kind, table in tables.items()
    ]
    return pl.concat(frames)


@remembered
def matrix(city: City, /, *codes: str) -> pl.DataFrame:
    """What carries each action in each county.

    A zone that overlaps several counties stands in each: rows are never added up over counties. A project inside
    another that carries the action too is not counted again.

    Args:
        codes: Of counties; all where none is named.

    Returns:
        ``action_id, county, kind, count, name_zh, name_en`` (lists), ``status`` (the weakest of the links), sorted;
        only cells with something in them.
    """
    rows = standing(carriers(city)).join(located(city, *codes), on=["kind", "id"], how="inner", maintain_order="left")
    weakest = pl.max_horizontal(pl.col("status").cast(Status).max(), pl.col("link_status").max())
    return (
        rows.group_by("action_id", "county", "kind", maintain_order=True)
        .agg(count=pl.len().cast(pl.Int64), name_zh=pl.col("name_zh"), name_en=pl.col("name_en"), status=weakest)
        .sort("action_id", "county", pl.col("kind").cast(pl.Enum(CARRIERS)).to_physical())
    )
