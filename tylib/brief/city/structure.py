"""Structure of the city's industry: groups as announced (传统, 新兴, 未来) and upgrading (高端化, 智能化, 绿色化)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.programme import structure
from tylib.programme.structure import ROLES
from tylib.store import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context

SHARE, GROWTH = "share", "growth"


def industries(context: Context) -> Part:
    """Traditional, emerging and future industry (传统, 新兴, 未来): published shares and growth, and what is absent."""
    said, figures = context.words, structure.industry_figures(context.city)
    if figures.is_empty():
        return Part()
    wanted = figures.filter(pl.col("quantity").is_in([SHARE, GROWTH]) & (pl.col("status").is_not_null()))
    latest = structure.newest(wanted, ["industry_id", "quantity"])
    parts = [
        _ranked(context, structure.abreast(wanted.filter(pl.col("quantity") == SHARE)), key="shares"),
        _ranked(context, structure.fullest(wanted.filter(pl.col("quantity") == GROWTH)), key="growth"),
        _remainder(context, figures),
        _industry_table(context, latest),
        _history(context, wanted),
        Markup('<p class="note">{}</p>').format(said("structure.industries.note")),
    ]
    return Part("industries", _industries_heading(context, latest), tuple(part for part in parts if part))


def _industries_heading(context: Context, latest: pl.DataFrame) -> str:
    said = context.words
    groups = latest.filter(pl.col("whole") & (pl.col("quantity") == SHARE) & pl.col("value").is_not_null())
    found = {row["group"]: row for row in groups.iter_rows(named=True)}
    old, new = found.get("traditional"), found.get("emerging")
    if not old:
        return said("structure.industries.heading.none")
    values = {"share": _text(context, old), "period": context.period(old["period"])}
    if not new or new["period"] != old["period"]:
        return said("structure.industries.heading.one", **values)
    return said("structure.industries.heading.both", **values, other=_text(context, new))


def _text(context: Context, row: Mapping[str, Any]) -> str:
    return context.numbers.text(row["value"], row["unit"], decimals=row["decimals"])


def _ranked(context: Context, rows: pl.DataFrame, *, key: str) -> Figure | None:
    """The groups ranked in one period; under them, unranked, what they are held against."""
    if rows.height < 2:
        return None
    said, numbers = context.words, context.numbers
    beside = pl.col("group") == "comparison"
    ordered = rows.sort(beside, "value", "order", descending=[False, True, False])
    labels = [
        said("structure.industries.beside", name=said.pick(row, "name"))
        if row["group"] == "comparison"
        else said.pick(row, "name")
        for row in ordered.iter_rows(named=True)
    ]
    written = [numbers.row(row) for row in ordered.iter_rows(named=True)]
    period = context.period(ordered["period"][0])
    items = context.joined(f"{label} {text}" for label, text in zip(labels, written, strict=True))
    alt = said(f"structure.industries.{key}.alt", period=period, items=items)
    frame = pl.DataFrame(
        {
            "label": labels,
            "value": ordered["value"],
            "text": [numbers.row(row, united=False) for row in ordered.iter_rows(named=True)],
            "own": ordered["group"] != "comparison",
            "status": ordered["status"].cast(pl.String),
        }
    )
    cells = [
        {"name": label, "figure": context.figure(row), "source": context.cite([row["source_id"]])}
        for label, row in zip(labels, ordered.iter_rows(named=True), strict=True)
    ]
    columns = {name: said(f"structure.{name}") for name in ("name", "figure", "source")}
    foot = "turned" if key == "shares" and (ordered["status"] == "derived").any() else "foot"
    return Figure(
        charts.ranking(frame, unit="%", description=alt, in_order=True),
        key=f"industry-{key}",
        title=_ranked_title(context, ordered, key=key, period=period),
        subtitle=said(f"structure.industries.{key}.subtitle", period=period),
        alt=alt,
        words=said,
        foot=Markup("{} {}").format(said(f"structure.industries.{key}.{foot}"), context.cite(ordered["source_id"])),
        table=html_table(cells, columns, key=f"industry-{key}", caption=alt, right=["figure"],
                         markup=["figure", "source"]),
        csv=ordered.select("industry_id", "indicator", "period", "value", "status", "source_id").write_csv(),
    )  # fmt: skip


def _ranked_title(context: Context, ordered: pl.DataFrame, *, key: str, period: str) -> str:
    """Which group is first, or which are, and what they are held against: the whole, or the first of what there is."""
    said = context.words
    groups = ordered.filter(pl.col("group") != "comparison")
    against = ordered.filter(pl.col("group") == "comparison").sort("whole", "order", descending=[True, False]).head(1)
    if groups.is_empty():
        groups, against = ordered, against.clear()
    names = [said.pick(row, "name") for row in groups.filter(pl.col("value") == pl.col("value").max()).to_dicts()]
    # Inside a sentence a name begins small, but for an abbreviation.
    names[1:] = [name[:1].lower() + name[1:] if name[1:2].islower() else name for name in names[1:]]
    which = {1: "one", 2: "two"}.get(len(names), "many")
    most = _text(context, groups.row(0, named=True))
    named = said("structure.industries.and").join(names) if len(names) == 2 else context.joined(names)
    title = said(f"structure.industries.{key}.first.{which}", names=named, most=most, period=period)
    for row in against.iter_rows(named=True):
        name = "whole" if row["whole"] else "other"
        title += said(f"structure.industries.against.{name}", name=said.pick(row, "name"), figure=_text(context, row))
    return title


def _remainder(context: Context, figures: pl.DataFrame) -> Markup | None:
    """What follows for everything outside traditional industry, with the rule that it follows from."""
    found = structure.remainder(figures)
    if found is None:
        return None
    said, numbers = context.words, context.numbers
    text = said.html(
        f"structure.industries.remainder.{found['side']}",
        period=context.period(found["period"]),
        part=numbers.text(found["part"], "%"),
        whole=numbers.text(found["whole"], "%"),
        mark=mark("derived", said),
    )
    return Markup("<p>{} {}</p>").format(text, context.cite(found["source_ids"]))


def _industry_table(context: Context, latest: pl.DataFrame) -> Markup:
    """Every industry that was named, with its newest share and growth, its chains, and how it was matched."""
    said = context.words
    table = load("industry_groups", context.city).sort("order")
    chains = {row["chain_id"]: said.pick(row, "name") for row in load("chains", context.city).iter_rows(named=True)}
    found = {(row["industry_id"], row["quantity"]): row for row in latest.iter_rows(named=True)}
    cells = []
    for row in table.iter_rows(named=True):
        figures = [found.get((row["industry_id"], quantity)) for quantity in (SHARE, GROWTH)]
        named = [chains[code] for code in (row["chains"] or "").split(";") if code in chains]
        yardstick = row["group"] == "comparison"
        cells.append(
            {
                "industry": Markup("{}{}").format(said.pick(row, "name"), mark(row["status"], said)),
                "group": said(f"structure.groups.{row['group']}"),
                # The whole has no share of itself.
                "share": dated(context, figures[0]) if figures[0] or not yardstick else Markup(""),
                "growth": dated(context, figures[1]),
                "chains": _marked(context, context.joined(named), row["mapping_status"] if named else None),
                "reason": said.pick(row, "reason"),
                "source": context.cite([row["source_id"], *(f["source_id"] for f in figures if f)]),
            }
        )
    columns = {name: said(f"structure.{name}") for name in ("industry", "share", "growth", "chains", "source")}
    listed = html_table(
        cells, columns, key="industries", caption=said("structure.industries.caption"), caption_shown=True,
        right=["share", "growth"], markup=list(columns), groups="group",
    )  # fmt: skip
    return Markup("{}{}").format(listed, _reasons(context, cells, "industry", key="industry-reasons"))


def _history(context: Context, rows: pl.DataFrame) -> Markup | None:
    """Every published share and growth, old beside new: folded on a screen, opened in print."""
    if rows.is_empty():
        return None
    said = context.words
    cells = [
        {
            "industry": said.pick(row, "name"),
            "indicator": context.indicator_name(row["indicator"]),
            "period": context.period(row["period"]),
            "figure": context.figure(row),
            "source": context.cite([row["source_id"]]),
        }
        for row in rows.iter_rows(named=True)
    ]
    columns = {name: said(f"structure.{name}") for name in cells[0]}
    summary = said.number_of("structure.industries.history", rows.height)
    table = html_table(cells, columns, key="industry-history", caption=summary, right=["figure"],
                       markup=["figure", "source"])  # fmt: skip
    return Markup('<details class="data-table"><summary>{}</summary>{}</details>').format(summary, table)


def _reasons(context: Context, cells: list[dict[str, Any]], name: str, *, key: str) -> Markup:
    """Why each line was matched as it was: folded on a screen, opened in print."""
    said = context.words
    columns = {name: said(f"structure.{name}"), "reason": said("structure.reason")}
    table = html_table(cells, columns, key=key, caption=said("structure.reasons"), markup=[name])
    return Markup('<details class="data-table"><summary>{}</summary>{}</details>').format(
        said("structure.reasons"), table
    )


def _marked(context: Context, text: str, status: str | None) -> Markup:
    return Markup("{}{}").format(text, mark(status, context.words))


def stated(context: Context, row: Mapping[str, Any] | None, *, absent: str = "absent.not_published") -> Markup:
    """A figure with its mark for a cell; the word of absence where there is none."""
    if row is None or row["status"] is None:
        return Markup('<span class="absent">{}</span>').format(context.words(absent)) if absent else Markup("")
    return context.figure(row)


def dated(context: Context, row: Mapping[str, Any] | None) -> Markup:
    """The same with its period, where each figure of a table has its own; one too old for the present is called so."""
    figure = stated(context, row)
    if row is None or row["status"] is None:
        return figure
    period = context.period(row["period"])
    if not structure.is_older(context.city, row["period"]):
        return Markup("{} <small>{}</small>").format(figure, period)
    words = context.words("structure.older.of", period=period) if row["period"] else period
    return _older(figure, words)


def recent(context: Context, row: Mapping[str, Any]) -> Markup:
    """A figure of a table with a column of periods; called older where it is."""
    figure = stated(context, row)
    if row["status"] is None or not structure.is_older(context.city, row["period"]):
        return figure
    return _older(figure, context.words("structure.older.figure"))


def _older(figure: Markup, words: str) -> Markup:
    """A figure that is too old to stand for the present: grey, and called so."""
    return Markup('<span class="absent">{} <small>{}</small></span>').format(figure, words)


def upgrading(context: Context) -> Part:
    """High-end, intelligent, green (高端化, 智能化, 绿色化): the city beside province, nation and target."""
    said, rows = context.words, structure.upgrading(context.city)
    if rows.is_empty():
        return Part()
    targets = {row["indicator"]: row for row in structure.aims(context.city).iter_rows(named=True)}
    old = [row["period"] for row in rows.iter_rows(named=True) if structure.is_older(context.city, row["period"])]
    known = pl.col("status").is_not_null() & ~pl.col("period").is_in(old) & pl.col("period").is_not_null()
    own = rows.filter(pl.col("role") == "own")
    counts = own.group_by("dimension", maintain_order=True).agg(pl.len(), known=known.sum())
    counted = [
        said(
            f"structure.upgrading.{'count' if known else 'none'}",
            dimension=said(f"structure.dimensions.{dimension}"), known=known, total=total,
        )
        for dimension, total, known in counts.iter_rows()
    ]  # fmt: skip
    cells = []
    for (indicator,), group in rows.group_by(["indicator"], maintain_order=True):
        figures = dict(zip(group["role"], group.iter_rows(named=True), strict=True))
        aim = targets.get(indicator)
        sources = [*group["source_id"], *([aim["source_id"]] if aim else [])]
        row = figures["own"]
        name = context.indicator_name(indicator)
        cells.append(
            {
                "indicator": name,
                "match": Markup("{}{}").format(name, mark("assumed", said)),
                "dimension": said(f"structure.dimensions.{row['dimension']}"),
                "period": context.period(row["period"]) if group["status"].count() else "",
                "own": recent(context, row),
                **{role: stated(context, figures[role], absent="") for role in ("province", "nation")},
                "aim": _aim(context, aim),
                "reason": said.pick(row, "reason"),
                "source": context.cite(dict.fromkeys(sources)),
            }
        )
    names = ("indicator", "period", "own", "province", "nation", "aim", "source")
    places = {role: context.place_name(code) for role, code in _places(context).items()}
    columns = {
        name: places.get(name) or said(f"structure.{name}") for name in names if name not in ROLES or name in places
    }
    table = html_table(
        cells, columns, key="upgrading", caption=said("structure.upgrading.caption"), caption_shown=True,
        right=["own", "province", "nation", "aim"], groups="dimension",
        markup=["own", "province", "nation", "aim", "source"],
    )  # fmt: skip
    note = Markup('<p class="note">{}</p>').format(said("structure.upgrading.note"))
    heading = said("structure.upgrading.heading", items=said("list.comma_clause").join(counted))
    return Part("upgrading", heading, (table, _reasons(context, cells, "match", key="upgrading-reasons"), note))


def _places(context: Context) -> dict[str, str]:
    table = load("places", context.city).select("place", "parent")
    parents = dict(table.iter_rows())
    province = parents[context.city.place]
    codes = {"own": context.city.place, "province": province, "nation": parents.get(province)}
    return {role: code for role, code in codes.items() if code}


def _aim(context: Context, aim: Mapping[str, Any] | None) -> Markup:
    """A target with the place it was set for and the year in which it falls due; in words where it has no figure."""
    if aim is None:
        return Markup("")
    said = context.words
    value = said.pick(aim, "value") if aim["absent"] else context.figure({**aim, "decimals": None})
    return Markup("{} <small>{}{}{}</small>").format(
        value, context.place_name(aim["place"]), said("list.gap"), context.period(aim["period"])
    )
