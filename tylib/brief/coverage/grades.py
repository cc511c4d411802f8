"""How good the sources are on which the figures rest, and what follows for how far to trust them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.coverage import differences, matrix
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.tables import html_table
from tylib.store.facts import TIERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tylib.brief.context import Context
    from tylib.store import Words

GRADES = (*TIERS, "none")
GROUPS = ("counties", "city", "elsewhere")


def graded(facts: pl.DataFrame, /, *, counties: Sequence[str], city: str) -> pl.DataFrame:
    """How many figures rest on sources of each grade, for the counties, the city and other places.

    Args:
        facts: Rows of :func:`tylib.store.facts`; absences are left out, for nothing rests on them.
        counties: Codes of the county-level units.
        city: Code of the city.

    Returns:
        ``group`` (counties, city, elsewhere), ``grade`` (A, B, C, own, none: not graded), ``count``; every grade of a
        group that has figures, also with a zero, in the order of ``GROUPS`` and ``GRADES``.
    """
    group = (
        pl.when(pl.col("place").is_in(list(counties)))
        .then(pl.lit("counties"))
        .when(pl.col("place") == city)
        .then(pl.lit("city"))
        .otherwise(pl.lit("elsewhere"))
        .cast(pl.Enum(GROUPS))
    )
    figures = facts.filter(pl.col("absent").is_null()).select(
        group=group, grade=pl.col("tier").cast(pl.String).fill_null("none").cast(pl.Enum(GRADES))
    )
    counts = figures.group_by("group", "grade").agg(count=pl.len().cast(pl.Int64))
    every = (
        figures.select("group")
        .unique()
        .join(pl.DataFrame({"grade": GRADES}, schema={"grade": pl.Enum(GRADES)}), how="cross")
    )
    return (
        every.join(counts, on=["group", "grade"], how="left", maintain_order="left")
        .with_columns(pl.col("count").fill_null(0))
        .sort("group", "grade")
    )


def by_grade(found: pl.DataFrame, /) -> dict[str, int]:
    """Figures of each grade over all groups, every grade named."""
    totals = found.group_by(pl.col("grade").cast(pl.String)).agg(pl.col("count").sum())
    counts = dict(totals.iter_rows())
    return {grade: counts.get(grade, 0) for grade in GRADES}


def finding(words: Words, counts: Mapping[str, int], *, percent: Callable[[float], str]) -> str:
    """Which share of the figures rests on official sites, which on press, which on reposts; that there are none."""
    total = sum(counts.values())
    if not total:
        return words("coverage.grades.heading.none")
    items = [
        words(f"coverage.grades.share.{grade}", share=percent(100 * counts[grade] / total))
        for grade in GRADES
        if counts.get(grade)
    ]
    return words("coverage.grades.heading.some", total=total, items=words("list.comma").join(items))


def grades(context: Context) -> Part:
    """The grades of the sources behind all figures, drawn and in a table."""
    said = context.words

    def percent(value: float) -> str:
        return context.numbers.text(value, "%")

    found = _graded(context)
    heading = finding(said, by_grade(found), percent=percent)
    if found.is_empty():
        return Part("grades", heading, (said("coverage.grades.nothing"),))
    names = {grade: said(f"coverage.grades.short.{grade}") for grade in GRADES}
    groups = {group: said(f"coverage.grades.group.{group}") for group in GROUPS}
    heads = {grade: said(f"coverage.grades.head.{grade}") for grade in GRADES}
    drawn = found.select(
        part=pl.col("grade").cast(pl.String).replace_strict(heads),
        row=pl.col("group").cast(pl.String).replace_strict(groups),
        value=pl.col("count").cast(pl.Float64),
        text=pl.col("count").cast(pl.String),
    )
    totals = found.group_by("group", maintain_order=True).agg(pl.col("count").sum())
    rows, items = [], []
    for group, total in totals.iter_rows():
        own = found.filter(pl.col("group") == group).select("grade", "count").iter_rows()
        cells = {grade: context.numbers.bare(count, "", decimals=0) for grade, count in own}
        rows.append({"group": groups[group], "total": context.numbers.bare(total, "", decimals=0)} | cells)
        listed = said("list.comma").join(f"{names[grade]} {count}" for grade, count in cells.items())
        items.append(said("coverage.grades.alt_item", group=groups[group], items=listed))
    alt = said("coverage.grades.alt", items=said("list.semicolon").join(items))
    columns = {"group": said("coverage.grades.of"), "total": said("coverage.grades.total"), **names}
    figure = Figure(
        charts.parts(drawn, unit=said("coverage.grades.unit"), description=alt),
        key="grades",
        title=_leading(context, found),
        subtitle=said("coverage.grades.subtitle"),
        alt=alt,
        words=said,
        foot=said("coverage.grades.foot"),
        table=html_table(
            rows, columns, key="grades", caption=said("coverage.grades.caption"), right=["total", *GRADES]
        ),
        csv=found.write_csv(),
    )
    return Part("grades", heading, (figure, _meanings(context)))


def _graded(context: Context) -> pl.DataFrame:
    return graded(context.facts, counties=context.counties["place"].to_list(), city=context.code)


def _leading(context: Context, found: pl.DataFrame) -> str:
    """Of what grade most figures of the counties (or of whatever group there is) are."""
    group = found["group"][0]
    own = found.filter(pl.col("group") == group)
    best = own.sort("count", "grade", descending=[True, False]).row(0, named=True)
    return context.words(
        "coverage.grades.figure",
        group=context.words(f"coverage.grades.group.{group}"),
        grade=context.words(f"coverage.grades.short.{best['grade']}"),
        share=context.numbers.text(100 * best["count"] / own["count"].sum(), "%"),
    )


def _meanings(context: Context) -> Markup:
    items = [Markup("<li>{}</li>").format(context.words(f"tier.{grade}")) for grade in GRADES]
    return Markup('<ul class="note">{}</ul>').format(Markup("").join(items))


def confidence(context: Context, *, years: int = 5, indicators: Sequence[str] = matrix.MAIN) -> Part:
    """What the data carry and what they do not: one line for each of coverage, grade, conflicts and vintages."""
    said, numbers = context.words, context.numbers
    places = context.counties["place"].to_list()
    tolerance = context.judgements.conflict_tolerance.value
    found = matrix.cells(
        context.facts,
        places=places,
        indicators=indicators,
        tolerance=tolerance,
        years=matrix.recent(context.facts, places=places, count=years),
    )
    counts, tiers = matrix.counted(found), by_grade(_graded(context))
    total, figures = sum(counts.values()), sum(tiers.values())
    if not (total and figures):
        return Part()
    known = sum(counts.get(state, 0) for state in matrix.KNOWN)
    spreads = differences.differing(context.facts).group_by(differences.KEY).agg(pl.col("spread").first())["spread"]
    clashes = differences.clashes(context.facts, flat=context.judgements.flat_change.value)
    values = {
        "cells": total,
        "absent": counts.get("absent", 0),
        "unsearched": counts.get("unsearched", 0),
        "covered": numbers.text(100 * known / total, "%"),
        "official": numbers.text(100 * tiers["A"] / figures, "%"),
        "weak": numbers.text(100 * (tiers["C"] + tiers["none"]) / figures, "%"),
        "conflicts": int((spreads > tolerance).sum()),
        "clashes": clashes.height,
    }
    level = "low" if 2 * known < total else "fair" if 2 * tiers["A"] < figures else "good"
    lines = [said(f"coverage.confidence.{name}", **values) for name in ("coverage", "grade", "agreement")]
    items = Markup("").join(Markup("<li>{}</li>").format(line) for line in lines)
    heading = said(f"coverage.confidence.heading.{level}", **values)
    return Part("confidence", heading, (Markup("<ul>{}</ul>").format(items),))
