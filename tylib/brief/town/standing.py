"""Where a town stands: on the ladder, on the way to the next rung, among its peers, before the published criteria."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.brief.town.opening import short_name, since, what, years
from tylib.programme import town_ties, towns
from tylib.programme.county import RUNGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context

ENDS = ("value", "low", "high")


def ladder(context: Context) -> Part:
    """Where the town stands, who else stands there, and what the next rung is."""
    row = towns.ladder(context.city).filter(pl.col("town_id") == context.code).row(0, named=True)
    key = "top" if row["next_rung"] is None else "next"
    rungs = {"rung": context.words(f"town.rung.{row['tier']}")}
    if row["next_rung"]:
        rungs["next"] = context.words(f"town.rung.{row['next_rung']}")
    return Part(
        "ladder", context.words(f"town.ladder.heading.{key}", **rungs), (ladder_figure(context, own=context.code),)
    )


def ladder_figure(context: Context, *, own: str = "") -> Figure:
    """The city's towns on the steps of the ladder, with the number aimed at for each step.

    Args:
        own: Code of the town in question; none where empty.
    """
    said = context.words
    table = towns.ladder(context.city).filter("in_city").sort("rung", "town_id")
    aims = town_ties.counts(context.city).filter(pl.col("place") == context.city.place)
    aimed = {row["indicator"]: row for row in aims.iter_rows(named=True) if row["value"] is not None}
    rows = []
    for rung in RUNGS:
        aim = aimed.get(f"{rung}_towns")
        note = said("town.ladder.unlisted") if rung == RUNGS[0] else said("town.ladder.no_aim")
        if aim:
            number = context.numbers.bare(aim["value"], aim["unit"])
            note = said("town.ladder.aim", year=context.period(aim["period"]), number=number)
        here = list(table.filter(pl.col("rung").cast(pl.String) == rung).iter_rows(named=True))
        rows += [
            {"step": said(f"town.rung.{rung}"), "note": note, "name": short_name(context, town) if town else None,
             "own": bool(town) and town["town_id"] == own}
            for town in here or [{}]
        ]  # fmt: skip
    cells = [
        {
            "town": said.pick(town, "name"),
            "rung": since(context, town),
            "place": Markup("{}{}").format(
                context.place_name(town["place"]) if town["place"] else said("town.ties.no_place"),
                mark(town["place_status"], said),
            ),
            "industry": said.pick(town, "industry"),
            "source": context.cite([town["source_id"]]),
        }
        for town in table.sort("rung", "town_id", descending=[True, False]).iter_rows(named=True)
    ]
    counted = {rung: table.filter(pl.col("tier").cast(pl.String) == rung).height for rung in RUNGS}
    title = said("town.ladder.figure", **counted)
    alt = said("list.semicolon").join(said("town.ladder.alt", step=r["step"], name=r["name"] or "") for r in rows)
    columns = {name: said(f"town.ladder.{name}") for name in cells[0]}
    return Figure(
        charts.ladder(pl.DataFrame(rows, schema_overrides={"name": pl.String}), description=alt),
        key="ladder",
        title=title,
        subtitle=said("town.ladder.subtitle"),
        alt=alt,
        words=said,
        foot=Markup("{} {} {}").format(
            said("town.ladder.foot"), said("town.source"), context.cite([*table["source_id"], *aims["source_id"]])
        ),
        table=html_table(
            cells, columns, key="ladder", caption=said("town.ladder.subtitle"), markup=["place", "source"]
        ),
    )


def way(context: Context) -> Part:
    """What the next rung asks for: the user's threshold with its state, and where recognised towns stand."""
    said = context.words
    rows = towns.orientation(context.city, context.code)
    if rows.is_empty():
        return Part()
    above = list(dict.fromkeys(rows["rung"]))
    known = rows.filter((pl.col("peers") > 0) | pl.col("threshold").is_not_null())
    is_set = pl.col("threshold").is_not_null()
    chosen, unset = rows.filter(is_set), rows.filter(~is_set)
    set_ones = chosen.height
    # One rung stands over the table, several stand in its rows.
    rungs = dict.fromkeys(known["rung"])
    names = context.joined(said(f"town.rung.{rung}") for rung in rungs)
    cells = [_step(context, row, several=len(rungs) > 1) for row in known.iter_rows(named=True)]
    # What is the same in every row is said once, above the table.
    has_own = known.filter(pl.col("own").is_not_null() | pl.col("own_low").is_not_null()).height
    shown = ["indicator", *(["own"] if has_own else []), *(["threshold"] if set_ones else []), "lowest", "median"]
    columns = {name: said(f"town.way.{name}") for name in [*shown, *(["gap"] if has_own or set_ones else []), "source"]}
    right = [name for name in ("own", "lowest", "median") if name in columns]
    blocks = [
        _threshold_rule(context, chosen, unset),
        html_table(
            cells,
            columns,
            key="way",
            caption=said("town.way.caption", rung=names),
            caption_shown=True,
            right=right,
            markup=list(columns),
        )
        if cells
        else "",
    ]
    silent = [rung for rung in above if known.filter(pl.col("rung") == rung).is_empty()]
    notes = [said("town.way.silent", rung=said(f"town.rung.{rung}")) for rung in silent]
    notes += [] if has_own else [said("town.way.no_own")]
    notes.append(said("town.way.note"))
    blocks.append(Markup('<p class="note">{}</p>').format(said("list.gap").join(notes)))
    heading = said("town.way.heading.none", rung=said(f"town.rung.{above[0]}"))
    if set_ones:
        reached = context.joined(said(f"town.rung.{rung}") for rung in dict.fromkeys(chosen["rung"]))
        heading = said.number_of("town.way.heading.set", set_ones, rung=reached)
    return Part("way", heading, tuple(blocks))


def _threshold_rule(context: Context, chosen: pl.DataFrame, unset: pl.DataFrame) -> str:
    """Whose the thresholds are, which are set and why, and the state of the others."""
    said = context.words
    sentences = [said("town.way.rule")]
    if chosen.height:
        items = [
            said(
                "town.way.chosen_item",
                indicator=what(context, row["indicator"]),
                threshold=context.numbers.full(row["threshold"], row["unit"]),
                reason=said.pick(row, "reason"),
            )
            for row in chosen.iter_rows(named=True)
        ]
        sentences.append(said("town.way.chosen", items=said("list.semicolon").join(items)))
    if unset.height:
        row = unset.row(0, named=True)
        sentences.append(said("town.way.unset", date=row["searched_on"], reason=said.pick(row, "reason")))
    return said("list.gap").join(sentences)


def _step(context: Context, row: Mapping[str, Any], *, several: bool) -> dict[str, Markup]:
    """One indicator on the way: own figure, threshold, lowest and median peer, what is still to go."""
    said, numbers = context.words, context.numbers
    absent = Markup('<span class="absent">{}</span>').format(said("absent.not_published"))
    own = {"value": row["own"], "low": row["own_low"], "high": None, "unit": row["unit"]}
    has_own = row["own"] is not None or row["own_low"] is not None
    derived = mark("derived", said)

    def small(text: str) -> Markup:
        return Markup("<br><small>{}</small>").format(text)

    lowest = median = Markup("{}").format(said("town.way.no_peer"))
    if row["peers"]:
        name = said(
            "town.way.by", town=short_name(context, row, "lowest"), year=said("number.year", year=row["lowest_year"])
        )
        lowest = Markup("{}{}{}").format(numbers.full(row["lowest"], row["unit"]), derived, small(name))
        middle = numbers.full(row["median"], row["unit"])
        middle = said("number.at_least", figure=middle) if row["bounded"] else middle
        span = said.number_of("town.way.of", row["peers"], first=row["first_year"], last=row["last_year"])
        median = Markup("{}{}{}").format(middle, derived, small(span))
    threshold = said(f"town.way.{row['state']}")
    if row["threshold"] is not None:
        threshold = numbers.full(row["threshold"], row["unit"])
    return {
        "indicator": Markup("{}").format(
            said("town.way.on_rung", indicator=what(context, row["indicator"]), rung=said(f"town.rung.{row['rung']}"))
            if several
            else what(context, row["indicator"])
        ),
        "own": Markup("{}{}").format(numbers.row(own), small(said("number.year", year=row["own_year"])))
        if has_own
        else absent,
        "threshold": Markup("{}").format(threshold),
        "lowest": lowest,
        "median": median,
        "gap": _gap(context, row),
        "source": context.cite(row["source_ids"] or []),
    }  # fmt: skip


def _gap(context: Context, row: Mapping[str, Any]) -> Markup:
    """What is still to go to the threshold, with the growth it needs; else to the lowest peer, as no threshold."""
    said, numbers, unit = context.words, context.numbers, row["unit"]
    if row["gap"] is not None:
        text = said("town.way.to_threshold", gap=numbers.full(row["gap"], unit))
        if row["gap"] <= 0:
            text = said("town.way.reached")
        elif row["growth"] is not None:
            text = said("town.way.growing", gap=text, rate=numbers.full(row["growth"], "%"), year=row["by"])
        return Markup("{}{}").format(text, mark("derived", said))
    if row["to_lowest"] is None:
        return Markup("{}").format(said("town.way.old" if row["own_young"] is False else "town.way.unknown"))
    key = "town.way.above_lowest" if row["to_lowest"] <= 0 else "town.way.to_lowest"
    return Markup("{}{}").format(said(key, gap=numbers.full(abs(row["to_lowest"]), unit)), mark("derived", said))


def peers(context: Context) -> Part:
    """The town beside the recognised towns, one chart an indicator that it or at least two of them publish."""
    said = context.words
    shown = [(name, towns.peers(context.city, context.code, indicator=name)) for name in towns.compared(context.city)]
    own = [(name, rows) for name, rows in shown if rows.height > 1 and rows["own"].any()]
    # A town without figures of its own is shown once beside its peers: five hatched stubs would say no more.
    drawn = own or [(name, rows) for name, rows in shown if rows.height > 1][:1]
    if not drawn:
        return Part()
    figures = [_peer_figure(context, name, rows) for name, rows in drawn]
    heading = _peer_heading(context, own)
    note = said("town.peers.rule", years=int(context.judgements.peer_years.value))
    return Part("peers", heading, (*figures, Markup('<p class="note">{}</p>').format(note)))


def _peer_heading(context: Context, own: list[tuple[str, pl.DataFrame]]) -> str:
    said = context.words
    if not own:
        return said("town.peers.heading.none")
    items = []
    for name, rows in own:
        rank = rows.filter(pl.col("figure") > rows.filter("own")["figure"][0]).height + 1
        items.append(said("town.peers.item", what=what(context, name), rank=rank, of=rows.height))
    return said("town.peers.heading.ranked", items=said("list.semicolon").join(items))


def _peer_figure(context: Context, indicator: str, rows: pl.DataFrame) -> Figure:
    said, numbers = context.words, context.numbers
    unit = rows["unit"][0]
    named = what(context, indicator)
    found = list(rows.iter_rows(named=True))

    def label(row: Mapping[str, Any]) -> str:
        return said("town.peers.label", town=short_name(context, row, "town"), year=row["year"])

    drawn = [
        {
            "label": label(row),
            **{name: None if row[name] is None else row[name] * numbers.factor(unit) for name in ENDS},
            "text": numbers.row(row, united=False),
            "own": row["own"],
            "status": str(row["status"]),
        }
        for row in found
    ]  # fmt: skip
    has_own, foot = bool(rows["own"].any()), said("town.peers.foot")
    if not has_own:
        none = {"value": None, "low": None, "high": None, "own": True, "status": "published"}
        drawn.append({"label": short_name(context, context.row), "text": said("absent.not_published"), **none})
    cells = [
        {
            "town": said.pick(row, "town"),
            "figure": context.figure(row),
            "period": context.period(row["period"]),
            "named": said.pick(row, "name"),
            "source": context.cite([row["source_id"]]),
        }
        for row in found
    ]
    columns = {name: said(f"town.peers.{name}") for name in cells[0]}
    ends = {"low": numbers.row(found[-1]), "high": numbers.row(found[0])}
    title = said("town.peers.range", what=named, count=rows.height, **ends)
    if has_own:
        mine = rows.filter("own").row(0, named=True)
        rank = rows.filter(pl.col("figure") > mine["figure"]).height + 1
        if mine["carried"]:
            foot = said("list.gap").join([said("town.peers.carried", year=mine["first_year"]), foot])
        title = said("town.peers.title", what=named, figure=numbers.row(mine), rank=rank, of=rows.height)
    alt = said("town.peers.alt", what=named, items=context.joined(f"{r['label']} {r['text']}" for r in drawn))
    return Figure(
        charts.ranking(
            pl.DataFrame(drawn, schema_overrides=dict.fromkeys(ENDS, pl.Float64)),
            unit=numbers.unit(unit),
            description=alt,
        ),
        key=f"peers-{indicator.replace('_', '-')}",
        title=title,
        subtitle=said("town.peers.subtitle", what=named, unit=numbers.unit(unit), **years(rows)),
        alt=alt,
        words=said,
        foot=Markup("{} {} {}").format(foot, said("town.source"), context.cite(rows["source_id"])),
        table=html_table(
            cells, columns, key=f"peers-{indicator.replace('_', '-')}", caption=title, right=["figure"],
            markup=["figure", "source"],
        ),
        csv=rows.select("metric_id", "town_id", "period", *ENDS, "unit", "status", "source_id").write_csv(),
    )  # fmt: skip


def marks(context: Context) -> Part:
    """The published criteria of recognition, each with its rule, and what is published of the town under it."""
    said = context.words
    rows = town_ties.marks(context.city, context.code).filter(pl.col("kind") == "criterion")
    if rows.is_empty():
        return Part()
    printed = {row["metric_id"]: row for row in towns.metrics(context.city).iter_rows(named=True)}
    numeric = rows.filter(pl.col("check") == "figures")
    shown = numeric.filter(pl.col("verdict") == "figures").height
    # Where nothing speaks to any criterion a line says so, in place of a table of absences.
    listed = rows if shown else rows.filter(~pl.col("check").is_in(["figures", "elsewhere"]))
    cells = [
        {
            "rule": _rule(context, row),
            "result": Markup("{}{}").format(
                said(f"town.marks.verdict.{row['verdict']}"), mark(_reading(context, row), said)
            ),
            "evidence": evidence_list(context, [printed[code] for code in row["evidence"]])
            if row["check"] == "figures"
            else Markup("{}").format(said.pick(row, "rule_note")),
            "scheme": said.pick(row, "scheme"),
            "source": context.cite([row["rule_source"]]),
        }
        for row in listed.iter_rows(named=True)
    ]
    columns = {name: said(f"town.marks.{name}") for name in ("rule", "result", "evidence", "scheme", "source")}
    columns = {name: label for name, label in columns.items() if any(cell[name] for cell in cells)}
    table = html_table(
        cells, columns, key="marks", caption=said("town.marks.caption"), markup=["rule", "result", "evidence", "source"]
    )
    rules = said("list.semicolon").join(said.pick(row, "rule") for row in numeric.iter_rows(named=True))
    notes = [] if shown else [said("town.marks.others", rules=rules)]
    note = Markup('<p class="note">{} {}</p>').format(
        said("list.gap").join([*notes, said("town.marks.note")]),
        "" if shown else context.cite(numeric["rule_source"]),
    )
    return Part("marks", said("town.marks.heading", count=numeric.height, shown=shown), (table, note))


def _rule(context: Context, row: Mapping[str, Any]) -> Markup:
    said = context.words
    words = said.pick(row, "words")
    return Markup("{}{}").format(said.pick(row, "rule"), said("town.marks.words", words=words) if words else "")


def _reading(context: Context, row: Mapping[str, Any]) -> str | None:
    """Whether a verdict rests on a reading of ours: which figure speaks to a rule, or where the town lies."""
    if row["verdict"] in ("elsewhere", "not_found", "nothing"):
        return None
    place = row["check"] == "level" and context.row["place_status"] == "assumed"
    category = row["check"] == "category" and context.row["category_status"] == "assumed"
    return "assumed" if place or category or row["check"] == "figures" else None


def _named(context: Context, row: Mapping[str, Any]) -> str:
    """What a figure is of; one that is not the town's own says whose."""
    said = context.words
    scope, name = said.pick(row, "scope"), said.pick(row, "name")
    return said("town.marks.scoped", scope=scope, what=name) if scope and row["town_id"] is None else name


def evidence_list(context: Context, rows: list[Mapping[str, Any]]) -> Markup:
    """Printed figures in a line each: what, how much, when, from where."""
    said = context.words
    items = [
        Markup("{} {}").format(
            said.html(
                "town.marks.item",
                what=_named(context, row),
                figure=context.figure(row) if row["figure"] is not None else said.pick(row, "value"),
                period=context.period(row["period"]),
            ),
            context.cite([row["source_id"]]),
        )
        for row in rows
    ]  # fmt: skip
    return Markup("<br>").join(items)
