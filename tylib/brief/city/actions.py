"""The Eight Actions (八大行动): one row an action, what relates to it where, and the slot of the next plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.city.opening import about, set_out
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.outturns import table as target_table
from tylib.brief.outturns import verdict
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.programme import actions as programme
from tylib.programme.targets import beside
from tylib.store import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tylib.brief.context import Context

MOST_NAMES = 9
"""Names of one group of carriers that are written out."""


def scorecard(context: Context) -> Part:
    """One row an action; below each row, folded: its measures, targets, indicators and who carries it, with reasons."""
    said, rows = context.words, programme.scorecard(context.city)
    if rows.is_empty():
        return Part()
    year = programme.end_year(context.city)
    cells = [
        {
            "action": said("city.actions.numbered", number=row["order"], name=said.pick(row, "name")),
            "published": _published(context, row),
            "outturn": _outturn(context, row),
            "indicators": _speaking(context, row),
            "carriers": _carried(context, row) or said("city.actions.carriers_none"),
        }
        for row in rows.iter_rows(named=True)
    ]
    columns = {name: said(f"city.actions.{name}", year=year) for name in cells[0]}
    table = html_table(cells, columns, key="actions", caption=said("city.actions.caption"), markup=["published"])
    rule = Markup('<p class="note">{} {}</p>').format(
        said("city.actions.rule", year=year), context.cite(rows["source_ids"].explode().unique(maintain_order=True))
    )
    return Part("actions", set_out(context, rows), (*_whole(context), table, rule, *_folded(context, rows)))


def _whole(context: Context) -> Iterable[Markup]:
    """What the plan is and where it was announced, what it aims at as a whole, and what its terms mean."""
    if plan := programme.plan(context.city):
        terms = context.words.pick(plan, "terms")
        yield Markup("<p>{}{} {}</p>").format(about(context), terms, context.cite([plan["source_id"]]))
    for row in (
        programme.measures(context.city).filter(pl.col("action_id") == programme.WHOLE_PLAN).iter_rows(named=True)
    ):
        aim = context.words("city.actions.whole", aim=context.words.pick(row, "measure"))
        yield Markup("<p>{}{} {}</p>").format(aim, _remark(context, row), context.cite([row["source_id"]]))


def _published(context: Context, row: Mapping[str, Any]) -> Markup:
    """Measures, states reached and what the work covers; what we put under an action from elsewhere has our mark."""
    said = context.words
    kinds = ("measures", "reached")
    items = [said.number_of(f"city.actions.{kind}", row[kind]) for kind in kinds if row[kind]]
    held = Markup("{}{}").format(said("list.semicolon").join(items), mark("assumed" if row["filed"] else None, said))
    covers = programme.own_targets(context.city).filter(
        (pl.col("action_id") == row["action_id"]) & (pl.col("verdict") == "scope")
    )
    parts = [] if row["set_out"] else [said("city.actions.name_only")]
    parts += [held] if items and row["set_out"] else [said.html("city.actions.filed", items=held)] if items else []
    parts += [
        Markup("{}{}").format(
            said("city.actions.covers", name=context.indicator_name(one["indicator"]), figure=context.numbers.row(one)),
            mark(one["scope_status"], said),
        )
        for one in covers.iter_rows(named=True)
    ]
    return Markup(said("list.semicolon")).join(parts)


def _outturn(context: Context, row: Mapping[str, Any]) -> str:
    """Met, not met, not found: by the targets in figures; without one there is nothing to judge."""
    said = context.words
    reached = programme.measures(context.city).filter(
        (pl.col("action_id") == row["action_id"]) & (pl.col("kind").cast(pl.String) == "actual")
    )
    states = [
        said("city.actions.state", name=context.indicator_name(m["indicator"]), figure=context.numbers.row(m),
             period=context.period(m["period"]))
        for m in reached.iter_rows(named=True)
    ]  # fmt: skip
    if not row["targets"]:
        return said("list.semicolon").join([said("city.actions.no_target"), *states])
    items = [
        said.number_of(f"city.actions.verdict.{name}", row[name]) for name in ("met", "not_met", "open") if row[name]
    ]
    counted = said.number_of("city.actions.targets", row["targets"], items=context.joined(items))
    return said("list.semicolon").join([counted, *states])


def _speaking(context: Context, row: Mapping[str, Any]) -> str:
    if not row["indicators"]:
        return context.words("city.actions.no_indicator")
    return context.words.number_of("city.actions.speaking", row["indicators"], published=row["published"])


def _carried(context: Context, row: Mapping[str, Any]) -> str:
    said = context.words
    return context.joined(said.number_of(f"city.count.{kind}", row[kind]) for kind in programme.CARRIERS if row[kind])


def _folded(context: Context, rows: pl.DataFrame) -> Iterable[Markup]:
    measures, indicators = programme.measures(context.city), programme.indicators(context.city)
    own, linked = programme.own_targets(context.city), programme.linked_targets(context.city)
    carriers = programme.standing(programme.carriers(context.city))
    said = context.words
    for row in rows.iter_rows(named=True):
        mine = pl.col("action_id") == row["action_id"]
        key = row["action_id"].lower()
        listed = [
            Markup("<li>{}{}{}</li>").format(said.pick(m, "measure"), _filed(context, m), _remark(context, m))
            for m in measures.filter(mine).iter_rows(named=True)
        ]
        blocks = [
            Markup("<p><b>{}</b></p><ul>{}</ul>").format(
                said("city.actions.measures_of", action=_name(context, row)), Markup("").join(listed)
            ),
            target_table(
                context, own.filter(mine), key=f"targets-{key}",
                caption=said("city.actions.targets_of", action=_name(context, row)),
            ),
            _related(context, linked.filter(mine)),
            _indicators(context, indicators.filter(mine), row, key),
            _carriers(context, carriers.filter(mine), row, key),
        ]  # fmt: skip
        yield Markup('<details class="data-table"><summary>{}</summary>{}</details>').format(
            said("city.actions.fold", number=row["order"], action=_name(context, row)),
            Markup("").join(block for block in blocks if block),
        )


def _related(context: Context, rows: pl.DataFrame) -> Markup | None:
    """Targets that speak to an action besides those of its measures: the local ones by name, of the others how many."""
    if rows.is_empty():
        return None
    said = context.words
    local = rows.filter(pl.col("reach").cast(pl.String).is_in(["own", "county"]))
    items = [
        said("city.actions.related", target=said.pick(row, "name"), verdict=verdict(context, row))
        for row in local.iter_rows(named=True)
    ]
    sentences = [said("city.actions.local", targets=said("list.semicolon").join(items))] if items else []
    others = rows.height - local.height
    sentences += [said.number_of("city.actions.above", others)] if others else []
    return Markup('<p class="note">{}</p>').format(said("list.gap").join(sentences))


def _name(context: Context, row: Mapping[str, Any]) -> str:
    return context.words.pick(row, "name")


def _remark(context: Context, row: Mapping[str, Any]) -> Markup:
    note = context.words.pick(row, "note")
    return Markup(" <small>{}</small>").format(context.words("city.bracketed", text=note)) if note else Markup("")


def _filed(context: Context, row: Mapping[str, Any]) -> Markup:
    """That the source does not say to which action a passage belongs, where we put it there."""
    said = context.words
    if row["filing_status"] != "assumed":
        return Markup("")
    return Markup(" <small>{}{}</small>").format(said("city.actions.filed_here"), mark("assumed", said))


def _indicators(context: Context, rows: pl.DataFrame, action: Mapping[str, Any], key: str) -> Markup | None:
    """Indicators that speak to an action, the newest figure of each, or who looked and found none."""
    if rows.is_empty():
        return None
    said = context.words
    cells = [
        {
            "indicator": said.pick(row, "name"),
            "figure": _figure(context, row),
            "period": context.period(row["period"]) if row["period"] else "",
            "later": said("city.actions.searched", periods=_periods(context, row), date=row["searched_on"])
            if row["searched_on"] else "",
            "reason": said.pick(row, "reason"),
            "source": context.cite([row["source_id"]]),
        }
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    columns = {name: said(f"city.indicators.{name}") for name in cells[0]}
    caption = said("city.actions.indicators_of", action=_name(context, action))
    return html_table(
        cells, columns, key=f"indicators-{key}", caption=caption, right=["figure"], markup=["figure", "source"],
        caption_shown=True,
    )  # fmt: skip


def _periods(context: Context, row: Mapping[str, Any]) -> str:
    return context.joined(context.period(period) for period in row["missing"])


def _figure(context: Context, row: Mapping[str, Any]) -> Markup:
    if row["value"] is None and row["low"] is None and row["high"] is None:
        word = "absent.not_published" if row["searched_on"] else "city.actions.no_figure"
        return Markup('<span class="absent">{}</span>').format(context.words(word))
    return context.figure(row)


def _carriers(context: Context, rows: pl.DataFrame, action: Mapping[str, Any], key: str) -> Markup | None:
    """Who carries an action, by the reason of our reading."""
    if rows.is_empty():
        return None
    said = context.words
    grouped = rows.group_by("kind", "reason_zh", "reason_en", maintain_order=True).agg(
        pl.col("name_zh", "name_en"), pl.col("status").max()
    )
    cells = [
        {
            "kind": said(f"city.kind.{row['kind']}"),
            "names": Markup("{}{}").format(
                _names(context, row), mark(row["status"], said)
            ),
            "reason": said.pick(row, "reason"),
        }
        for row in grouped.iter_rows(named=True)
    ]  # fmt: skip
    columns = {name: said(f"city.carriers.{name}") for name in cells[0]}
    caption = said("city.actions.carriers_of", action=_name(context, action))
    return html_table(cells, columns, key=f"carriers-{key}", caption=caption, markup=["names"], caption_shown=True)


def _names(context: Context, row: Mapping[str, Any]) -> str:
    """The names of a group; of a long one the first, and how many there are: each has its own section."""
    names = row.get(f"name_{context.words.language}") or row["name_zh"]
    some = context.joined(names[:MOST_NAMES])
    return some if len(names) <= MOST_NAMES else context.words("city.carriers.more", names=some, count=len(names))


def matrix(context: Context) -> Part:
    """Action by county: each cell says by what an action is carried there."""
    said, rows = context.words, programme.matrix(context.city)
    if rows.is_empty():
        return Part()
    actions = programme.scorecard(context.city).select("action_id", "order", "name_zh", "name_en")
    found = {key: frame for key, frame in rows.group_by("county", "action_id", maintain_order=True)}
    parts = [
        {
            "row": said.pick(county, "name"),
            "column": str(action["order"]),
            "title": said("city.matrix.column", number=action["order"], name=_short(context, action)),
            "text": "\n".join(
                said("city.matrix.short", letter=said(f"city.letter.{cell['kind']}"), count=cell["count"])
                for cell in found.get((county["place"], action["action_id"]), rows.clear()).iter_rows(named=True)
            ),
            "level": found.get((county["place"], action["action_id"]), rows.clear()).height,
        }
        for county in context.counties.iter_rows(named=True)
        for action in actions.iter_rows(named=True)
    ]
    heading = _matrix_heading(context, rows, actions.height)
    alt = said("city.matrix.alt", counties=context.counties.height, actions=actions.height)
    letters = [
        said("city.matrix.letter", letter=said(f"city.letter.{kind}"), kind=said(f"city.kind.{kind}"))
        for kind in programme.CARRIERS if kind in rows["kind"]
    ]  # fmt: skip
    names = [
        said("city.matrix.column", number=row["order"], name=_short(context, row))
        for row in actions.iter_rows(named=True)
    ]
    figure = Figure(
        charts.cells(pl.DataFrame(parts), description=alt, slot=80),
        key="matrix",
        title=said("city.matrix.title"),
        subtitle=said("city.matrix.subtitle", letters=context.joined(letters)),
        alt=alt,
        words=said,
        foot=said("city.matrix.foot", actions=said("list.semicolon").join(names)),
        table=_matrix_table(context, rows, actions),
        csv=rows.select("action_id", "county", "kind", "count", pl.col("name_zh").list.join(";"),
                        pl.col("name_en").list.join(";"), "status").write_csv(),
    )  # fmt: skip
    note = Markup('<p class="note">{}</p>').format(said("city.matrix.note"))
    return Part("matrix", heading, (figure, note))


def _matrix_heading(context: Context, rows: pl.DataFrame, actions: int) -> str:
    """Which counties carry most actions and which fewest; equal ones are named together."""
    said = context.words
    counted = context.counties.select(county="place").join(
        rows.group_by("county").agg(pl.col("action_id").n_unique()), on="county", how="left", maintain_order="left"
    ).with_columns(pl.col("action_id").fill_null(0))  # fmt: skip
    most, least = counted["action_id"].max(), counted["action_id"].min()

    def named(count: int) -> str:
        return context.joined(map(context.place_name, counted.filter(pl.col("action_id") == count)["county"]))

    if most == least:
        return said("city.matrix.heading.equal", count=most, actions=actions)
    return said(
        "city.matrix.heading.most", most=named(most), count=most, actions=actions, last=named(least), least=least
    )


def _short(context: Context, action: Mapping[str, Any]) -> str:
    """The name of an action without the word that all of them end in."""
    return context.words.pick(action, "name").removesuffix(context.words("city.matrix.ending"))


def _matrix_table(context: Context, rows: pl.DataFrame, actions: pl.DataFrame) -> Markup:
    said = context.words
    cells = []
    for county in context.counties.iter_rows(named=True):
        row: dict[str, str] = {"county": said.pick(county, "name")}
        for action in actions.iter_rows(named=True):
            mine = rows.filter((pl.col("county") == county["place"]) & (pl.col("action_id") == action["action_id"]))
            row[action["action_id"]] = context.joined(
                said.number_of(f"city.count.{cell['kind']}", cell["count"]) for cell in mine.iter_rows(named=True)
            )
        cells.append(row)
    columns = {"county": said("city.matrix.county")} | {
        row["action_id"]: said("city.matrix.column", number=row["order"], name=_short(context, row))
        for row in actions.iter_rows(named=True)
    }
    return html_table(cells, columns, key="matrix", caption=said("city.matrix.title"))


def next_plan(context: Context) -> Part:
    """The next plan (十五五), filled by import; until then it stands among what to ask for."""
    said, city = context.words, context.city
    rows = load("targets", city).filter(pl.col("plan").eq_missing(programme.NEXT))
    measures = programme.measures(city, plan=programme.NEXT)
    if rows.is_empty() and measures.is_empty():
        return Part()
    listed = [
        Markup("<li>{} {}</li>").format(
            said("city.next.measure", action=said.pick(row, "name"), measure=said.pick(row, "measure")),
            context.cite([row["source_id"]]),
        )
        for row in measures.iter_rows(named=True)
    ]
    blocks = [target_table(context, beside(city, rows), key="targets-next", caption=said("city.next.caption"))]
    blocks += [Markup("<ul>{}</ul>").format(Markup("").join(listed))] if listed else []
    heading = said("city.next.heading", targets=rows.height, measures=measures.height)
    return Part("next-plan", heading, tuple(block for block in blocks if block))
