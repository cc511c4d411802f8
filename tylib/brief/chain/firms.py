"""Chain masters and the firms below them (链主＋链上): who can be named, what is bought nearby, the threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.chain.opening import graded
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.programme import chains as programme
from tylib.store import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context


def masters(context: Context) -> Part:
    """The gradient of firms, the local supporting rate, and the province's threshold as a criterion with its state."""
    said, firms = context.words, programme.firms(context.city, context.code)
    if firms.is_empty():
        return Part()
    own = firms.filter("own")
    masters, guests = graded(context, own), firms.height - own.height
    told = [said.number_of("chain.masters.heading.own", own.height)]
    told += [
        said("chain.masters.heading.graded", masters=context.joined(masters))
        if masters
        else said("chain.masters.heading.none")
    ]
    told += [said.number_of("chain.masters.heading.guests", guests)] if guests else []
    heading = said("list.comma_clause").join(told)
    figure, criteria = _rate(context), _criteria(context)
    parts = (listed_counts(context), firm_table(context, firms), figure, criteria)
    return Part("masters", heading, tuple(part for part in parts if part))


def firm_table(context: Context, firms: pl.DataFrame) -> Markup:
    """Masters first; a firm that the tables assign to another chain says to which."""
    said = context.words
    chains = {row["chain_id"]: said.pick(row, "name") for row in load("chains", context.city).iter_rows(named=True)}
    cells = [
        {
            "name": said.pick(row, "name"),
            "grade": _grade(context, row),
            "role": said.pick(row, "role"),
            "chain": Markup("{}{}").format(chains.get(row["chain_id"], ""), mark(row["chain_status"], said)),
            "place": Markup("{}{}").format(place, mark(row["place_status"], said))
            if (place := said.pick(row, "place_text"))
            else "",
            "source": context.cite([row["source_id"], row["grade_source_id"]]),
        }
        for row in firms.iter_rows(named=True)
    ]
    columns = {name: said(f"chain.masters.columns.{name}") for name in cells[0]}
    caption = said("chain.masters.caption", chain=context.name)
    markup = ["grade", "chain", "place", "source"]
    return html_table(cells, columns, key="firms", caption=caption, markup=markup)


def _grade(context: Context, row: Mapping[str, Any]) -> Markup:
    said = context.words
    if row["grade"] is None:
        return Markup("{}").format(said("chain.masters.grades.none"))
    return Markup("{}{}").format(said(f"chain.masters.grades.{row['grade']}"), mark(row["grade_status"], said))


def listed_counts(context: Context) -> Markup:
    """How many masters and firms are recognised in the whole city: counts were published, names were not."""
    said, rows = context.words, programme.published(context.city, programme.LISTED)
    if rows.is_empty():
        return Markup("")
    items = Markup(said("list.comma")).join(
        Markup("{} {}").format(said.pick(row, "name"), context.figure(row)) for row in rows.iter_rows(named=True)
    )
    when = context.period(rows["period"][0])
    return Markup("<p>{} {}</p>").format(
        said.html("chain.masters.listed", items=items, when=when), context.cite(rows["source_id"])
    )


def _rate(context: Context) -> Figure | None:
    """Local supporting rate between the first and the last year published of each firm, the change in points."""
    said, numbers = context.words, context.numbers
    rows = programme.supporting_rates(context.city, context.code)
    ends = rows.group_by("firm_id", "firm_zh", "firm_en", maintain_order=True).agg(
        pl.col("value").first().alias("start"), pl.col("value").last().alias("end"),
        pl.col("period").first().alias("from"), pl.col("period").last().alias("to"), pl.len(),
    ).filter(pl.col("len") > 1).unique(["from", "to"], keep="any").sort("firm_id")  # fmt: skip
    if ends.height != 1:  # one pair of dates a chart: firms with other dates stand in the table
        return None
    row = ends.row(0, named=True)
    start, end = (numbers.text(row[name], "%") for name in ("start", "end"))
    firm, dates = said.pick(row, "firm"), (context.period(row["from"]), context.period(row["to"]))
    change = numbers.text(row["end"] - row["start"], "pp", signed=True)
    frame = pl.DataFrame(
        {"label": [firm], "start": [row["start"]], "end": [row["end"]], "start_text": [start], "end_text": [end],
         "own": [True]}
    )  # fmt: skip
    values = {"firm": firm, "start": start, "end": end, "change": change, "first": dates[0], "last": dates[1]}
    alt = said("chain.masters.rate.alt", **values)
    cells = [
        {"firm": said.pick(r, "firm"), "period": context.period(r["period"]), "figure": context.figure(r),
         "source": context.cite([r["source_id"]])}
        for r in rows.iter_rows(named=True)
    ]  # fmt: skip
    columns = {name: said(f"chain.masters.rate.{name}") for name in cells[0]}
    table = html_table(cells, columns, key="rate", caption=alt, right=["figure"], markup=["figure", "source"])
    return Figure(
        charts.slope(frame, dates=dates, description=alt),
        key="rate",
        title=said("chain.masters.rate.title", **values),
        subtitle=said("chain.masters.rate.subtitle"),
        alt=alt,
        words=said,
        foot=Markup("{} {}").format(said("chain.source"), context.cite(rows["source_id"])),
        table=table,
        csv=rows.select("firm_id", "period", "value", "unit", "status", "source_id").write_csv(),
    )


def _criteria(context: Context) -> Markup:
    """The province's threshold for a chain leader and a core supplier, each with the state of what would meet it."""
    said, rows = context.words, programme.published(context.city, programme.THRESHOLDS)
    if rows.is_empty():
        return Markup("")
    cells = [
        {
            "criterion": said.pick(row, "name"),
            "threshold": context.figure(row),
            "state": Markup('<span class="absent">{}</span>').format(said("absent.not_published")),
            "note": said.pick(row, "note"),
            "source": context.cite([row["source_id"]]),
        }
        for row in rows.iter_rows(named=True)
    ]
    columns = {name: said(f"chain.masters.criteria.{name}") for name in cells[0]}
    caption = said("chain.masters.criteria.caption")
    return html_table(
        cells, columns, key="criteria", caption=caption, right=["threshold"], markup=["threshold", "state", "source"],
        caption_shown=True,
    )  # fmt: skip
