"""Targets beside their outturns: what can be compared drawn, every row in a table, context and comparators folded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import blocks as html
from tylib.brief import charts
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.outturns import rule, table
from tylib.brief.status import MARKS
from tylib.programme import targets as programme
from tylib.programme.actions import NEXT, own_targets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context

OWN = ("own", "county")
FOLDED = ("above", "comparator")


def targets(context: Context) -> Part:
    """The city's targets by domain; those of province and nation and of other cities folded below."""
    said = context.words
    rows = programme.targets(context.city).filter(pl.col("plan").ne_missing(NEXT))
    if rows.is_empty():
        return Part()
    own = rows.filter(pl.col("reach").is_in(OWN))
    # Targets that stand among the measures alone belong here too.
    told = own.select("place", "indicator", "due")
    measured = own_targets(context.city).join(told, on=["place", "indicator", "due"], how="anti", maintain_order="left")
    own = pl.concat([measured.with_columns(domain=pl.lit("programme")), own], how="diagonal_relaxed")
    blocks: list[Any] = [_figure(context, own)]
    blocks.append(_folded(context, own, key="own"))
    notes = [rule(context), said("city.targets.two"), *_reasons(context, own)]
    blocks.append(Markup('<p class="note">{}</p>').format(said("list.gap").join(notes)))
    for reach in FOLDED:
        part = rows.filter(pl.col("reach") == reach)
        if part.height:
            blocks.append(_folded(context, part, key=reach, places=True, apart=True))
    return Part("targets", _heading(context, own), tuple(block for block in blocks if block))


def _folded(context: Context, rows: pl.DataFrame, *, key: str, places: bool = False, apart: bool = False) -> Markup:
    """Many rows for looking up: folded on a screen, opened in print; what stands apart stays folded there too."""
    said = context.words
    title = said.number_of(f"city.targets.fold.{key}", rows.filter(pl.col("verdict") != "scope").height)
    inside = table(context, rows, key=f"targets-{key}", caption=title, by_domain=True, places=places)
    if not apart:
        return Markup('<details class="data-table"><summary>{}</summary>{}</details>').format(title, inside)
    return Markup(
        '<details class="data-table stays-shut"><summary>{}<span class="in-print"> {}</span></summary>{}{}</details>'
    ).format(
        title, said("city.targets.not_printed"), inside, html.csv_link(f"targets-{key}", _csv(rows), said("page.csv"))
    )


def _csv(rows: pl.DataFrame) -> str:
    return rows.select(
        "target_id", "place", "indicator", "period", "value", "low", "unit", "outturn_value", "outturn_low",
        "outturn_period", "gap_low", "gap_high", "growth", "result_status", "verdict", "source_id",
    ).write_csv()  # fmt: skip


def _reasons(context: Context, rows: pl.DataFrame) -> list[str]:
    """What stands for what under another name, and why; each reason once."""
    said = context.words
    read = rows.filter(pl.col("reason_zh").is_not_null() & pl.col("compared").is_in(["yes", "part"]))
    found = read.unique("outturn_indicator", keep="first", maintain_order=True)
    return [
        said(
            "city.targets.reason", target=context.indicator_name(row["indicator"]),
            outturn=context.indicator_name(row["outturn_indicator"]), reason=said.pick(row, "reason"),
        )
        for row in found.iter_rows(named=True)
    ]  # fmt: skip


def _heading(context: Context, own: pl.DataFrame) -> str:
    said = context.words
    figures = own.filter(
        pl.any_horizontal(pl.col("value", "low", "high").is_not_null()) & (pl.col("verdict") != "scope")
    )
    compared = figures.filter(pl.col("gap_high").is_not_null() | pl.col("gap_low").is_not_null())
    met = figures.filter(pl.col("verdict") == "met").height
    which = "met" if met else "none"
    return said(f"city.targets.heading.{which}", count=figures.height, compared=compared.height, met=met)


def _title(context: Context, row: Mapping[str, Any]) -> str:
    """A short name for a chart, without what stands in brackets behind it; the whole of it stands in the table."""
    name = context.indicator_name(row["indicator"]) if row.get("measure_id") else context.words.pick(row, "name")
    return re.sub(r"\s*[（(][^（(]*[）)]$", "", name)


def _due(context: Context, row: Mapping[str, Any]) -> str:
    """The year of a target; one that is our reading has its mark in the chart too."""
    said = context.words
    if not row["due"]:
        return said("outturns.no_period")
    ours = row["period_status"] in MARKS
    return said("number.year", year=row["due"]) + (MARKS[row["period_status"]] if ours else "")


def _figure(context: Context, own: pl.DataFrame) -> Figure | None:
    """Targets that stand beside a comparable outturn, each with its target as 100; of several vintages the last."""
    said, numbers = context.words, context.numbers
    rows = (
        own.with_columns(
            _aim=pl.coalesce("value", "low"), _came=pl.coalesce("outturn_value", "outturn_low", "outturn_high")
        )
        .filter(pl.col("gap_high").is_not_null() & (pl.col("_aim") > 0))
        .sort("due", "target_id", descending=[True, False], nulls_last=True)
        .unique(["place", "indicator"], keep="first", maintain_order=True)
        .sort(pl.col("_came") / pl.col("_aim"), "target_id", descending=[True, False])
    )
    if rows.is_empty():
        return None
    labels, texts, items = [], [], []
    for row in rows.iter_rows(named=True):
        came = {name.removeprefix("outturn_"): value for name, value in row.items() if name.startswith("outturn_")}
        label = said(
            "city.targets.label",
            name=_title(context, row),
            due=_due(context, row),
        )
        labels.append(label)
        short = numbers.rounded(row["_came"], row["unit"])
        short = short if came["value"] is not None else said("number.above", figure=short)
        texts.append(said("city.targets.pair", came=short, aim=numbers.text(row["_aim"], row["unit"])))
        items.append(said("city.targets.item", label=label, came=numbers.row(came), aim=numbers.row(row)))
    frame = pl.DataFrame(
        {
            "label": labels,
            "value": rows["_came"],
            "target": rows["_aim"],
            "text": texts,
            "status": rows["outturn_status"].cast(pl.String),
        }
    )
    alt = said("city.targets.alt", items=said("list.semicolon").join(items))
    least = rows.row(-1, named=True)
    share = numbers.text(100 * least["_came"] / least["_aim"], "%", decimals=0)
    return Figure(
        charts.target(frame, unit=said("city.targets.hundred"), description=alt),
        key="targets",
        title=said("city.targets.figure", last=_title(context, least), least=share, count=rows.height),
        subtitle=said("city.targets.subtitle"),
        alt=alt,
        words=said,
        foot=Markup("{} {}").format(
            said("city.targets.foot"), context.cite([*rows["source_id"], *rows["outturn_source_id"]])
        ),
        table=table(context, rows, key="targets-drawn", caption=alt, shown=False) or "",
        csv=_csv(rows),
    )
