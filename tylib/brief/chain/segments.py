"""The chain map: every stage of every branch with who stands on it, as a drawing with its table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief.chain.opening import grid, lowered, short_stages
from tylib.brief.chain_map import GLYPHS, Drawing, Lane, Node, draw
from tylib.brief.document import Part
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.programme import segments
from tylib.programme.targets import edition_year
from tylib.store import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tylib.brief.context import Context


def chain_map(context: Context) -> Part:
    """The drawn map. Its heading says what no source names; what stands on no stage is listed under it."""
    said, stages = context.words, grid(context)
    if stages.is_empty():
        return Part()
    here = (context.city, context.code)
    rows, people = segments.segments(*here), segments.members(*here)
    loose = [_name(context, row, row["chain_status"]) for row in segments.unplaced(*here).iter_rows(named=True)]
    order = [state for state in (*segments.STATES, segments.USER) if (stages["state"] == state).any()]
    chart = draw(
        _lanes(context, stages, rows, people),
        kinds={kind: said(f"chain.map.kinds.{kind}") for kind in GLYPHS},
        states={state: said(f"chain.states.{state}") for state in order},
        legend=said("status.legend"),
        loose=(said("chain.map.loose"), loose),
    )
    own = segments.makers(stages)
    counted = {state: (own["state"] == state).sum() for state in segments.STATES}
    told = own.height - counted["missing"]
    figure = Drawing(
        chart,
        key="map",
        title=said("chain.map.title", told=told, of=own.height, carried=(own["carriers"] > 0).sum()),
        subtitle=said("chain.map.subtitle"),
        alt=said("chain.map.alt", chain=context.name, **counted),
        words=said,
        foot=Markup("{} {}").format(said("chain.source"), context.cite(rows["source_id"])),
        table=_table(context, stages, rows, people),
        csv=_csv(stages, rows, people),
        wide=True,
    )
    remarks = [said("chain.map.rule", thin=thin(context)), *_dated(context, rows)]
    rule = Markup('<p class="note">{}</p>').format(said("list.gap").join(remarks))
    return Part("map", _heading(context, stages), (figure, rule))


def _dated(context: Context, rows: pl.DataFrame) -> list[str]:
    """That sources of segments are too old to speak of the present, where they are."""
    first = edition_year(context.city) - context.judgements.current_years.value
    old = rows.filter(pl.col("as_of").str.slice(0, 4).cast(pl.Int32) < first)
    if old.is_empty():
        return []
    years = context.joined(sorted({context.period(day[:4]) for day in old["as_of"]}))
    return [context.words.number_of("chain.map.old", old.height, years=years)]


def thin(context: Context) -> str:
    """The judgement of when a stage is thin, as printed."""
    return context.numbers.text(context.judgements.thin_segment.value, "")


def _heading(context: Context, stages: pl.DataFrame) -> str:
    said, stages = context.words, segments.makers(stages)
    for state in ("missing", "outside", "thin"):
        found = stages.filter(pl.col("state") == state)
        if found.height:
            few = "few" if found["branch_zh"].n_unique() <= MOST_BRANCHES else "many"
            stages = short_list(context, found)
            return said.number_of(f"chain.map.heading.{state}.{few}", found.height, stages=stages)
    return said("chain.map.heading.whole", of=stages.height)


MOST_BRANCHES = 2  # branches whose stages a heading lists; the drawing has them all


def short_list(context: Context, rows: pl.DataFrame) -> str:
    """Stages by branch in as few words as can be (``铜箔中、下游``)."""
    said = context.words
    return said("list.comma_clause").join(
        said(
            "chain.short.of",
            branch=lowered(said.pick({"branch_zh": zh, "branch_en": en}, "branch")),
            stages=short_stages(context, own["stage"].sort().to_list()),
        )
        for (zh, en), own in rows.group_by("branch_zh", "branch_en", maintain_order=True)
    )


def stage_list(context: Context, rows: pl.DataFrame) -> str:
    """Stages by branch as one would say them: the branch once, then its stages."""
    said = context.words
    return said("list.semicolon").join(
        said(
            "chain.map.stages_of",
            branch=said.pick({"branch_zh": zh, "branch_en": en}, "branch"),
            stages=context.joined(said(f"chain.stages.{stage}").lower() for stage in own["stage"]),
        )
        for (zh, en), own in rows.group_by("branch_zh", "branch_en", maintain_order=True)
    )


def _lanes(context: Context, stages: pl.DataFrame, rows: pl.DataFrame, people: pl.DataFrame) -> Iterable[Lane]:
    """A lane a branch; a text on all stages at once is a lane of its own, unless it speaks of another place."""
    said = context.words
    told = {row["segment_id"]: row for row in rows.iter_rows(named=True)}
    lanes = []
    for (zh, en), own in stages.group_by("branch_zh", "branch_en", maintain_order=True):
        nodes = [_node(context, row, told, people) for row in own.iter_rows(named=True)]
        tags = [said(f"chain.classes.{name}") for name in own["classes"][0]]
        lanes.append(Lane(said.pick({"branch_zh": zh, "branch_en": en}, "branch"), tags, nodes))
    whole = rows.filter(~pl.col("segment").cast(pl.String).is_in(segments.STAGES) & ~pl.col("outside"))
    for row in whole.iter_rows(named=True):
        node = Node(
            said("chain.stages.whole"), "whole", "", said.pick(row, "content"),
            _where(context, [row]), [_evidence(context, row)],
        )  # fmt: skip
        lanes.append(Lane(said.pick(row, "branch"), [], [node]))
    return lanes


def _node(context: Context, slot: Mapping[str, Any], told: Mapping[str, Any], people: pl.DataFrame) -> Node:
    said = context.words
    rows = [told[i] for i in (slot["segment_ids"] or slot["structure_ids"])]
    on = people.filter((pl.col("branch_zh") == slot["branch_zh"]) & (pl.col("stage") == slot["stage"]))
    on = on.sort(pl.col("kind") != "firm", pl.col("master").is_null(), pl.col("kind") != "project", "code")
    members = [
        ("master" if row["master"] and row["of_chain"] == context.code else row["kind"], Markup("{}{}").format(
            _name(context, row, row["status"]), _remark(context, row)))
        for row in on.iter_rows(named=True)
    ]  # fmt: skip
    evidence = [_evidence(context, row) for row in rows]
    because = on.group_by("reason_zh", "reason_en", "source_id", maintain_order=True).agg("name_zh", "name_en")
    evidence += [
        Markup("{} {}").format(
            said(
                "chain.map.because", name=context.joined(row[f"name_{said.language}"]), reason=said.pick(row, "reason")
            ),
            context.cite([row["source_id"]]),
        )
        for row in because.iter_rows(named=True)
    ]
    return Node(
        said(f"chain.stages.{slot['stage']}"),
        slot["state"],
        elsewhere(context, slot) if slot["state"] == "outside" else said(f"chain.states.{slot['state']}"),
        content(context, rows, slot),
        [*members, *_where(context, rows)],
        evidence or [said(f"chain.map.{'market' if slot['state'] == segments.USER else 'nothing'}")],
        said(f"chain.tasks.{slot['task']}.word") if slot["task"] else "",
        said("chain.map.of", branch=said.pick(slot, "branch")),
    )


def elsewhere(context: Context, slot: Mapping[str, Any]) -> str:
    """Of a stage outside the city: where it is, and whose it is."""
    said, here = context.words, (context.city, context.code)
    rows = segments.segments(*here).filter(pl.col("segment_id").is_in(slot["segment_ids"]))
    on = segments.members(*here).filter(pl.col("segment_id").is_in(slot["segment_ids"]) & (pl.col("kind") == "firm"))
    where = context.joined(
        dict.fromkeys(t for row in rows.iter_rows(named=True) if (t := said.pick(row, "place_text")))
    )
    firms = context.joined(said.pick(row, "name") for row in on.iter_rows(named=True))
    told = said("list.comma_clause").join(text for text in (where, firms) if text)
    return said("chain.outside_at", told=told) if told else said("chain.states.outside")


def content(context: Context, rows: list[Mapping[str, Any]], slot: Mapping[str, Any]) -> Markup:
    """What the stage makes, as a source has it or as we suppose it."""
    said = context.words
    texts = [Markup("{}{}").format(said.pick(row, "content"), mark(row["status"], said)) for row in rows]
    if texts:
        return Markup(said("list.semicolon")).join(texts)
    table = load("branch_stages", context.city)
    own = table.filter(
        (pl.col("chain_id") == context.code) & (pl.col("branch_zh") == slot["branch_zh"])
        & (pl.col("segment").cast(pl.String) == slot["stage"])
    )  # fmt: skip
    if own.is_empty():
        return Markup("")
    return Markup("{}{}").format(said.pick(own.row(0, named=True), "reason"), mark("assumed", said))


def _name(context: Context, row: Mapping[str, Any], status: str) -> Markup:
    return Markup("{}{}").format(context.words.pick(row, "name"), mark(status, context.words))


def _remark(context: Context, row: Mapping[str, Any]) -> Markup:
    """Why something that stands there does not carry the stage."""
    if row["counts"]:
        return Markup("")
    why = "sought" if row["report"] == segments.SOUGHT else "inside" if row["parent"] else "outside"
    return Markup("<small>{}</small>").format(context.words(f"chain.map.not_counted.{why}"))


def _where(context: Context, rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, Markup]]:
    said = context.words
    return [
        ("place", Markup("{}{}").format(said.pick(row, "place_text"), mark(row["place_status"], said)))
        for row in rows
        if said.pick(row, "place_text")
    ]


def _evidence(context: Context, row: Mapping[str, Any]) -> Markup:
    said = context.words
    if row["status"] == "assumed":
        return Markup("{}").format(said("chain.map.supposed"))
    when = context.period(row["as_of"][:4] if row["as_of"] else None)
    return Markup("{} {}").format(said("chain.map.told", when=when), context.cite([row["source_id"]]))


def _table(context: Context, stages: pl.DataFrame, rows: pl.DataFrame, people: pl.DataFrame) -> Markup:
    said = context.words
    told = {row["segment_id"]: row for row in rows.iter_rows(named=True)}
    cells = []
    for slot in stages.iter_rows(named=True):
        own = [told[i] for i in (slot["segment_ids"] or slot["structure_ids"])]
        on = people.filter((pl.col("branch_zh") == slot["branch_zh"]) & (pl.col("stage") == slot["stage"]))
        cells.append(
            {
                "stage": said(f"chain.stages.{slot['stage']}"),
                "branch": said.pick(slot, "branch"),
                "state": elsewhere(context, slot)
                if slot["state"] == "outside"
                else said(f"chain.states.{slot['state']}"),
                "what": content(context, own, slot),
                **{
                    f"{kind}s": Markup(said("list.comma")).join(
                        _name(context, row, row["status"])
                        for row in on.filter(pl.col("kind") == kind).iter_rows(named=True)
                    )
                    for kind in segments.KINDS
                },
                "place": Markup(said("list.semicolon")).join(text for _, text in _where(context, own)),
                "source": context.cite([*(r["source_id"] for r in own), *on["source_id"]]),
            }
        )
    columns = {name: said(f"chain.map.columns.{name}") for name in cells[0] if name != "branch"}
    columns = {name: label for name, label in columns.items() if any(cell[name] for cell in cells)}
    return html_table(
        cells, columns, key="map", caption=said("chain.map.caption", chain=context.name), groups="branch",
        markup=[c for c in ("what", "firms", "projects", "towns", "place", "source") if c in columns],
    )  # fmt: skip


def _csv(stages: pl.DataFrame, rows: pl.DataFrame, people: pl.DataFrame) -> str:
    """One row a stage and what stands on it; a stage with nothing has one row."""
    plain = stages.select(
        "branch_zh", "branch_en", pl.col("stage", "state", "task").cast(pl.String), "carriers",
        segment_id=pl.concat_list("segment_ids", "structure_ids").list.first(),
    )  # fmt: skip
    texts = rows.select("segment_id", "content_zh", "content_en", "place", "zone_id", segment_status="status")
    on = people.select("branch_zh", "stage", "kind", "code", "name_zh", "name_en", "counts", "status", "source_id")
    table = plain.join(texts, on="segment_id", how="left", maintain_order="left")
    return table.join(on, on=["branch_zh", "stage"], how="left", maintain_order="left").write_csv()
