"""Projects that can be named: which lie in one another, how far they are, what is planned to be spent, what is late.

A project inside another, a later phase of one and supporting works of one are never counted beside it, and their
planned investment is never added to its. Planned investment is not investment made.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from tylib.store import City, facts, load
from tylib.store.city import package
from tylib.store.contracts import TAKEN, Status
from tylib.store.memory import remembered

if TYPE_CHECKING:
    from collections.abc import Sequence

WHOLE = pl.col("parent").is_null()
"""Projects that stand by themselves: only these are counted, and only their amounts are added."""
FINISHED = ("in_production", "complete")
COUNTED_IN = "projects"  # the unit of counts of projects, and the domain of the targets about them


@remembered
def ledger(city: City, /) -> pl.DataFrame:
    """Every project that can be named, with what it lies in, in the order of :func:`ordered`.

    Returns:
        Columns of table ``projects``; ``parent`` (the project or park it lies in, is a later phase of or serves; null
        where it stands by itself) and ``relation`` (``part_of``, ``phase_of``, ``serves``). A project that several
        rows place in another takes the first.
    """
    nesting = (
        load("project_nesting", city)
        .select("project_id", "relation", parent="parent_project_id")
        .unique("project_id", keep="first", maintain_order=True)
    )
    return ordered(load("projects", city).join(nesting, on="project_id", how="left", maintain_order="left"))


def ordered(rows: pl.DataFrame, /) -> pl.DataFrame:
    """Largest planned investment first, parts right after their whole.

    Args:
        rows: ``project_id, parent, value``: of :func:`ledger`, any of them.
    """
    return (
        rows.with_columns(whole=pl.coalesce("parent", "project_id"))
        .with_columns(_size=pl.col("value").filter(WHOLE).max().over("whole"))
        .sort(
            "_size",
            "whole",
            ~WHOLE,
            "value",
            "project_id",
            descending=[True, False, False, True, False],
            nulls_last=True,
        )
        .drop("_size", "whole")
    )


def investment(rows: pl.DataFrame, /, *, by: Sequence[str | pl.Expr] = ()) -> pl.DataFrame:
    """How many projects there are, how many publish a planned investment, and what those that do add up to.

    Args:
        rows: Of :func:`ledger`, any of them.
        by: Columns to group by; all together where empty.

    Returns:
        A row a group: ``projects`` (that stand by themselves), ``nested``, ``published`` and ``unknown`` (of
        ``projects``), ``value`` and ``unit`` (the sum of the published ones; null where none is published or their
        units differ: nothing is added then), ``status`` (that of the only one, else derived, or weaker),
        ``source_ids``. The sum is no total of what is planned wherever ``unknown`` is not zero.
    """
    told = WHOLE & pl.col("value").is_not_null()
    added = pl.col("unit").filter(told).n_unique() == 1
    least = pl.when(told.sum() > 1).then(pl.lit("derived").cast(Status))
    found = rows.group_by(list(by) or pl.lit(0).alias("_all"), maintain_order=True).agg(
        projects=WHOLE.sum().cast(pl.Int64),
        nested=(~WHOLE).sum().cast(pl.Int64),
        published=told.sum().cast(pl.Int64),
        unknown=(WHOLE & pl.col("value").is_null()).sum().cast(pl.Int64),
        value=pl.when(added).then(pl.col("value").filter(told).sum().round(6)),
        unit=pl.when(added).then(pl.col("unit").filter(told).first()),
        status=pl.when(added).then(pl.max_horizontal(least, pl.col("status").cast(Status).filter(told).max())),
        source_ids=pl.col("source_id").filter(told).drop_nulls().unique(maintain_order=True),
    )
    return found.drop("_all", strict=False)


def supporting(rows: pl.DataFrame, /) -> pl.DataFrame:
    """Supporting works (配套工程) of a project: paid by others, never part of its investment."""
    return rows.filter(pl.col("relation").cast(pl.String) == "serves")


def funnel(rows: pl.DataFrame, /) -> pl.DataFrame:
    """Projects that stand by themselves by stage, in the order of the stages, one with nothing in it among them.

    The order is that of the table's list of stages (from promotion to completion); a project is counted at the stage
    in which it was last reported, so that the rows add up to all that have one.

    Returns:
        ``stage, projects, published, unknown, value, unit, status, source_ids`` (see :func:`investment`).
    """
    stages = pl.DataFrame({"stage": rows.schema["stage"].categories}, schema={"stage": rows.schema["stage"]})
    found = stages.join(investment(rows, by=["stage"]).drop("nested"), on="stage", how="left", maintain_order="left")
    return found.with_columns(pl.col("projects", "published", "unknown").fill_null(0))


def timeline(rows: pl.DataFrame, /) -> pl.DataFrame:
    """Projects that stand by themselves by stage and by the year in which that stage was reported.

    Returns:
        ``stage, year, projects``, sorted; ``year`` is null where the report has no date. Only what occurs.
    """
    year = pl.col("stage_date").str.extract(r"^(\d{4})").cast(pl.Int32)
    counted = rows.filter(WHOLE & pl.col("stage").is_not_null()).group_by("stage", year=year)
    return counted.agg(projects=pl.len().cast(pl.Int64)).sort("stage", "year", nulls_last=True)


def edition(city: City, /) -> date:
    """First day of the month of the data's edition (``version`` of the data package): dates are held against it.

    The clock is never asked, so that the same data always give the same verdict.
    """
    year, month, *_ = (int(part) for part in f"{package(city)['version']}.1".split(".")[:2])
    return date(year, month, 1)


def watched(rows: pl.DataFrame, /, *, on: date, months: float) -> pl.DataFrame:
    """What a ledger with dates says: overdue, stalled, and what is next.

    Args:
        rows: Of :func:`ledger`.
        on: The date that due dates are held against (:func:`edition`).
        months: A project of an imported ledger whose stage is older has stalled (``stalled_months``).

    Returns:
        The rows with a due date, a next milestone or a verdict, with ``verdict``: ``overdue`` (due before ``on``, and
        not in production or complete), ``stalled`` (of an imported ledger, not finished, and at its stage for more
        than ``months``; of a year alone its last month counts), ``on_course`` or ``finished``; in this order, then by
        ``next_due``. A row from the press is never called stalled: that nobody wrote of it means nothing.
    """
    unfinished = ~pl.col("stage").cast(pl.String).is_in(FINISHED).fill_null(False)
    dated = pl.concat_str("stage_date", pl.lit("-12")).str.extract(r"^(\d{4}-\d{2})").str.to_date("%Y-%m", strict=False)
    age = 12 * (on.year - dated.dt.year()) + (on.month - dated.dt.month())
    verdict = (
        pl.when(~unfinished)
        .then(pl.lit("finished"))
        .when(pl.col("due_date") < on)
        .then(pl.lit("overdue"))
        .when(pl.col("status").cast(pl.String).is_in(TAKEN) & (age > months))
        .then(pl.lit("stalled"))
        .otherwise(pl.lit("on_course"))
    )
    dates = pl.col("due_date").is_not_null() | pl.col("next_due").is_not_null()
    judged = rows.with_columns(verdict=verdict).filter(dates | (pl.col("verdict") == "stalled"))
    order = pl.col("verdict").replace_strict(
        {"overdue": 0, "stalled": 1, "on_course": 2, "finished": 3}, return_dtype=pl.Int8
    )
    return judged.sort(order, "next_due", "due_date", "project_id", nulls_last=True)


@remembered
def counts(city: City, /) -> pl.DataFrame:
    """Published counts of the city's projects, side by side: they were counted by different rules.

    Nothing is added, subtracted or averaged here.

    Returns:
        ``indicator, name_zh, name_en, period, value, low, high, qualifier, unit, status, absent, kind, source_id,
        as_of, note_zh, note_en``, newest period first: of the targets of the domain, and of the city's facts counted
        in projects.
    """
    columns = ["indicator", "name_zh", "name_en", "period", "value", "low", "high", "qualifier", "unit", "status"]
    columns += ["absent", "kind", "source_id", "as_of", "note_zh", "note_en"]
    here = (pl.col("place") == city.place) & (pl.col("unit").cast(pl.String) == COUNTED_IN)
    text = pl.col("indicator", "unit", "kind", "qualifier", "absent").cast(pl.String)
    named = load("indicators", city).select(pl.col("indicator").cast(pl.String), name_zh="title_zh", name_en="title_en")
    told = load("targets", city).filter(here & (pl.col("domain").cast(pl.String) == COUNTED_IN)).with_columns(text)
    stated = facts(city).filter(here & pl.col("absent").is_null()).with_columns(text)
    stated = stated.join(named, on="indicator", how="left", maintain_order="left")
    frames = [frame.select(c for c in columns if c in frame.columns) for frame in (told, stated)]
    return pl.concat(frames, how="diagonal_relaxed").sort(
        "period", "indicator", descending=[True, False], nulls_last=True
    )
