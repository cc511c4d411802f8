"""Technology and talent: what is published of innovation, needs beside results, what supports each chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief.city.structure import recent, stated
from tylib.brief.document import Part
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.programme import technology
from tylib.programme.structure import FIGURE, is_older

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context

MOST_MATCHES = 3  # results that are proposed for one need


def innovation(context: Context) -> Part:
    """Published innovation figures beside province and aim; what was not found; who took on open-bid projects."""
    said, rows = context.words, technology.innovation(context.city)
    if rows.is_empty():
        return Part()
    cells = [
        {
            "indicator": context.indicator_name(row["indicator"]),
            "period": context.period(row["period"]) if row["status"] else "",
            "figure": recent(context, row),
            "province": stated(context, _side(row, "province"), absent=""),
            "aim": _aim(context, row),
            "source": context.cite(
                dict.fromkeys([row["source_id"], row["province_source_id"], row["aim_source_id"]])
            ),
        }
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    columns = {name: said(f"technology.{name}") for name in cells[0]}
    table = html_table(
        cells, columns, key="innovation", caption=said("technology.innovation.caption"), caption_shown=True,
        right=["figure", "province", "aim"], markup=["figure", "province", "aim", "source"],
    )  # fmt: skip
    note = Markup('<p class="note">{}</p>').format(said("structure.peers"))
    parts = [table, note, _named(context), _missing(context)]
    return Part("innovation", _innovation_heading(context, rows), tuple(part for part in parts if part))


def _side(row: Mapping[str, Any], side: str) -> dict[str, Any]:
    """The figure that stands in a row under the name of its side."""
    return {name: row[f"{side}_{name}"] for name in FIGURE if f"{side}_{name}" in row} | {"decimals": row["decimals"]}


def _aim(context: Context, row: Mapping[str, Any]) -> Markup:
    if row["aim_source_id"] is None:
        return Markup("")
    aim = _side(row, "aim")
    period = context.period(row["aim_period"])
    value = context.words.pick(row, "aim_value") if aim["absent"] else context.figure(aim)
    return Markup("{} <small>{}</small>").format(value, period)


def _innovation_heading(context: Context, rows: pl.DataFrame) -> str:
    """The first measure with a figure, beside the province where that has one; else how many there are."""
    said, numbers = context.words, context.numbers
    old = [period for period in rows["period"].drop_nulls().unique() if is_older(context.city, period)]
    known = rows.filter(pl.col("value").is_not_null() & ~pl.col("period").is_in(old))
    beside = known.filter(pl.col("province_value").is_not_null() & (pl.col("unit") == "%"))
    if beside.is_empty():
        return said.number_of("technology.innovation.heading.some", known.height)
    row = beside.row(0, named=True)
    return said(
        "technology.innovation.heading.beside", indicator=context.indicator_name(row["indicator"]),
        period=context.period(row["period"]), value=numbers.text(row["value"], "%", decimals=row["decimals"]),
        province=numbers.text(row["province_value"], "%", decimals=row["decimals"]),
    )  # fmt: skip


def _named(context: Context) -> Markup | None:
    """Who took on open-bid projects, and which platforms there are, as far as sources name them."""
    said = context.words
    found = {"firms": technology.open_bid_firms(context.city), "platforms": technology.platforms(context.city)}
    sentences = [
        Markup("{} {}").format(
            said.number_of(
                f"technology.innovation.{kind}", rows.height,
                names=context.joined(said.pick(row, "name") for row in rows.iter_rows(named=True)),
            ),
            context.cite(dict.fromkeys(rows["source_id"])),
        )
        for kind, rows in found.items()
        if rows.height
    ]  # fmt: skip
    return Markup("<p>{}</p>").format(Markup(said("list.gap")).join(sentences)) if sentences else None


def _missing(context: Context) -> Markup | None:
    missing = technology.not_published(context.city)
    if missing.is_empty():
        return None
    said = context.words
    items = said("list.semicolon").join(said.pick(row, "name") for row in missing.iter_rows(named=True))
    text = said("technology.innovation.missing", items=items, date=missing["as_of"].max())
    return Markup('<p class="note">{} {}</p>').format(text, context.cite(dict.fromkeys(missing["source_id"])))


def matching(context: Context) -> Part:
    """Needs and results (需求, 成果): how many are gathered, published and matched, and which may answer which."""
    said, counts = context.words, technology.stages(context.city)
    if counts.is_empty():
        silent = said("technology.matching.silent")
        return Part("matching", said("technology.matching.heading.none"), (silent,), kind="not-published")
    pairs = technology.matches(context.city, context.judgements)
    totals = dict(counts.group_by("table").agg(pl.col("count").sum()).iter_rows())
    heading = said(
        "technology.matching.heading.some", needs=totals.get("needs", 0), results=totals.get("results", 0),
        matched=pairs["need_id"].n_unique(),
    )  # fmt: skip
    parts = [_stages(context, counts), _pairs(context, pairs)]
    return Part("matching", heading, tuple(part for part in parts if part))


def _stages(context: Context, counts: pl.DataFrame) -> Markup:
    """One line each for needs and results: how many have come how far."""
    said = context.words
    lines = []
    for (table,), group in counts.group_by(["table"], maintain_order=True):
        items = context.joined(
            said("technology.matching.stage", state=said(f"technology.states.{state or 'none'}"), count=count)
            for state, count in group.select("state", "count").iter_rows()
        )
        lines.append(said(f"technology.matching.{table}", total=group["count"].sum(), items=items))
    return Markup("<p>{}</p>").format(said("list.gap").join(lines))


def _pairs(context: Context, pairs: pl.DataFrame) -> Markup:
    """The proposals, best first, each with its score in words, and under them the rule."""
    said, judged = context.words, context.judgements
    weights = {
        "chain": _points(context, judged.match_chain.value), "field": _points(context, judged.match_field.value),
        "words": _points(context, judged.match_words.value), "least": _points(context, judged.match_least.value),
    }  # fmt: skip
    rule = Markup('<p class="note">{}</p>').format(said("technology.matching.rule", most=MOST_MATCHES, **weights))
    shown = pairs.filter(pl.int_range(pl.len()).over("need_id") < MOST_MATCHES)
    if shown.is_empty():
        return Markup("<p>{}</p>{}").format(said("technology.matching.no_pair"), rule)
    cells = [
        {
            "need": _side_of(context, row, "need"),
            "result": _side_of(context, row, "result"),
            "score": Markup("{}{}").format(_points(context, row["score"]), mark("derived", said)),
            "why": _why(context, row, weights),
            "source": context.cite(dict.fromkeys([row["need_source_id"], row["result_source_id"]])),
        }
        for row in shown.iter_rows(named=True)
    ]
    columns = {name: said(f"technology.{name}") for name in cells[0]}
    table = html_table(cells, columns, key="matching", caption=said("technology.matching.caption"),
                       caption_shown=True, right=["score"], markup=["need", "result", "score", "source"])  # fmt: skip
    return Markup("{}{}").format(table, rule)


def _points(context: Context, value: float) -> str:
    return context.numbers.bare(value, "", decimals=2)


def _side_of(context: Context, row: Mapping[str, Any], side: str) -> Markup:
    said = context.words
    return Markup("{}{} <small>{}</small>").format(
        said.pick(row, f"{side}_name"), mark(row[f"{side}_status"], said), said.pick(row, f"{side}_holder")
    )


def _why(context: Context, row: Mapping[str, Any], weights: Mapping[str, str]) -> str:
    """What the score is made of, part by part."""
    said, numbers = context.words, context.numbers
    parts = [said(f"technology.matching.why.{name}", weight=weights[name])
             for name in ("chain", "field") if row[f"same_{name}"]]  # fmt: skip
    if row["overlap"]:
        share = numbers.text(100 * row["overlap"], "%", decimals=0)
        parts.append(said("technology.matching.why.words", weight=weights["words"], share=share))
    return said("technology.matching.why.plus").join(parts)


def support(context: Context) -> Part:
    """Fund, policies, land, energy, environment and people of each chain, as far as tables have been taken in."""
    said, rows = context.words, technology.support(context.city)
    if rows.is_empty():
        return Part()
    known = rows.filter(pl.col("entries") > 0)
    chains = rows["chain_id"].n_unique()
    if known.is_empty():
        silent = said("technology.support.silent")
        return Part("support", said.number_of("technology.support.none", chains), (silent,), kind="not-published")
    items = rows["item"].unique(maintain_order=True).to_list()
    cells = []
    for _, group in rows.group_by(["chain_id"], maintain_order=True):
        filled = {row["item"]: _entries(context, row) for row in group.iter_rows(named=True)}
        cells.append(
            {
                "chain": said.pick(group.row(0, named=True), "name"),
                **filled,
                "source": context.cite(dict.fromkeys(group["source_ids"].drop_nulls().explode())),
            }
        )
    columns = {"chain": said("technology.chain"), **{item: said(f"technology.items.{item}") for item in items}}
    columns |= {"source": said("technology.source")}
    table = html_table(cells, columns, key="support", caption=said("technology.support.caption"), caption_shown=True,
                       markup=[*items, "source"])  # fmt: skip
    heading = said("technology.support.some", chains=chains, cells=rows.height, known=known.height)
    return Part("support", heading, (table,))


def _entries(context: Context, row: Mapping[str, Any]) -> Markup:
    said = context.words
    if not row["entries"]:
        return Markup('<span class="absent">{}</span>').format(said("absent.not_published"))
    names = row[f"names_{said.language}"] if f"names_{said.language}" in row else row["names_zh"]
    return Markup("{}{}").format(context.joined(dict.fromkeys(names)), mark(row["status"], said))
