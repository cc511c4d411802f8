"""What to do at each stage (延链、升链、建链、补链), for which to look for firms first; the rule beside each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief.chain.opening import grid
from tylib.brief.chain.segments import content, elsewhere, short_list, thin
from tylib.brief.document import Part
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.programme import segments
from tylib.store import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tylib.brief.context import Context

MOST_FIRMS = 3  # firms of a branch that one row names
MOST_NAMED = 2  # stages of equal rank that a heading names


def tasks(context: Context) -> Part:
    """Each stage at which something is to be done: its state, the task, the rule that gave it; then the mapping."""
    said, rows = context.words, grid(context).filter(pl.col("task").is_not_null())
    if rows.is_empty():
        return Part()
    cells = [
        {
            "stage": stage_name(context, row),
            "state": Markup("{}").format(state(context, row)) + _supposed(context, row),
            "task": said("chain.tasks.ruled", **{n: said(f"chain.tasks.{row['task']}.{n}") for n in ("word", "rule")}),
        }
        for row in rows.sort("task", maintain_order=True).iter_rows(named=True)
    ]
    columns = {name: said(f"chain.tasks.columns.{name}") for name in ("stage", "state")}
    caption = said("chain.tasks.caption", chain=context.name)
    table = html_table(cells, columns, key="tasks", caption=caption, groups="task", markup=["state"])
    counts = [
        said.number_of(f"chain.tasks.{task}.count", count)
        for task in segments.TASKS
        if (count := (rows["task"] == task).sum())
    ]
    note = Markup('<p class="note">{}</p>').format(said("chain.tasks.note", thin=thin(context)))
    heading = said("chain.tasks.heading", items=context.joined(counts))
    return Part("tasks", heading, (table, note, _classes(context)))


def _supposed(context: Context, row: Mapping[str, Any]) -> Markup:
    """What the stage makes, as a source has it or as we suppose it; of one outside the city who makes it."""
    told = {r["segment_id"]: r for r in segments.segments(context.city, context.code).iter_rows(named=True)}
    text = content(context, [told[i] for i in (row["segment_ids"] or row["structure_ids"])], row)
    return Markup("{}{}").format(context.words("list.semicolon"), text) if text else text


def stage_name(context: Context, row: Mapping[str, Any]) -> str:
    """A stage with its branch before it."""
    said = context.words
    stage = said(f"chain.stages.{row['stage']}").lower()
    return said("chain.stage_of", branch=said.pick(row, "branch"), stage=stage)


def state(context: Context, row: Mapping[str, Any]) -> str:
    """The state of a stage, and of one that sources name how many carry it."""
    said = context.words
    word = said(f"chain.states.{row['state']}")
    if row["state"] == "outside":
        return elsewhere(context, row)
    if row["state"] == "missing":
        return word
    return said("chain.state_of", state=word, count=said.number_of("chain.carriers", row["carriers"]))


def _classes(context: Context) -> Markup:
    """Which branch counts as what in the sense of the announcement, and why: folded, for whoever doubts it."""
    said, rows = context.words, load("branch_classes", context.city).filter(pl.col("chain_id") == context.code)
    if rows.is_empty():
        return Markup("")
    cells = [
        {
            "branch": said.pick(row, "branch"),
            "class": Markup("{}{}").format(said(f"chain.classes.{row['class']}"), mark(row["status"], said)),
            "reason": said.pick(row, "reason"),
            "source": context.cite([row["source_id"]]),
        }
        for row in rows.iter_rows(named=True)
    ]
    columns = {name: said(f"chain.class_columns.{name}") for name in cells[0]}
    caption = said("chain.class_columns.caption")
    table = html_table(cells, columns, key="classes", caption=caption, markup=["class", "source"])
    return Markup('<details class="data-table"><summary>{}</summary>{}</details>').format(caption, table)


def attract(context: Context) -> Part:
    """Weak stages in the order in which to look for firms, with reasons; no order where the data carry none."""
    said, city = context.words, context.city
    margin = context.judgements.linkage_margin.value
    rows = segments.attract(city, grid(context), context.code, margin=margin)
    if rows.is_empty():
        return Part()
    table = attract_table(context, rows, caption=said("chain.attract.caption", chain=context.name))
    rule = attract_rule(context)
    source = load("sectors", city)["source_id"].unique()
    return Part("attract", _heading(context, rows), (table, rule), source=_from(context, source))


def attract_rule(context: Context) -> Markup:
    """How the order was made, with the judgement of what sets two stages apart."""
    margin = context.numbers.text(context.judgements.linkage_margin.value, "")
    return Markup('<p class="note">{}</p>').format(context.words("chain.attract.rule", margin=margin))


def attract_table(context: Context, rows: pl.DataFrame, *, caption: str) -> Markup:
    """Weak stages with their place in the order, the reason, and who would host a newcomer.

    Args:
        rows: Of :func:`tylib.programme.segments.attract`; of :func:`tylib.programme.chains.breaks` with the chain.
    """
    said, ranks = context.words, rows["rank"].drop_nulls().to_list()
    cells = [
        {
            "stage": stage_name(context, row),
            "rank": said(f"chain.attract.rank.{_place(row, ranks)}", rank=row["rank"]),
            "reason": _reason(context, row),
            "hosts": _hosts(context, row),
            "chain": said.pick(row, "name"),
        }
        for row in rows.iter_rows(named=True)
    ]
    names = ("stage", *(["chain"] if "name_zh" in rows.columns else []), "rank", "reason", "hosts")
    columns = {name: said(f"chain.attract.columns.{name}") for name in names}
    return html_table(cells, columns, key="attract", caption=caption, markup=["reason", "hosts"])


def _place(row: Mapping[str, Any], ranks: list[int]) -> str:
    return "none" if row["rank"] is None else "alone" if ranks.count(row["rank"]) == 1 else "tied"


def _from(context: Context, source_ids: Iterable[str]) -> Markup:
    return Markup("{} {}").format(context.words("chain.source"), context.cite(source_ids))


def _heading(context: Context, rows: pl.DataFrame) -> str:
    """Which stage comes first; that the data hardly tell some apart where they do not."""
    said, ranked = context.words, rows.filter(pl.col("rank").is_not_null())
    first = ranked.filter(pl.col("rank") == 1)
    if ranked.is_empty():
        return said.number_of("chain.attract.heading.none", rows.height)
    stages = short_list(context, first)
    if first.height == 1:
        return said(f"chain.attract.heading.{'only' if rows.height == 1 else 'first'}", stages=stages)
    apart = "equal" if first["linkage"].n_unique() == 1 else "close"
    which = "few" if first.height <= MOST_NAMED else "many"
    return said(f"chain.attract.heading.{apart}_{which}", stages=stages, count=first.height)


def _reason(context: Context, row: Mapping[str, Any]) -> Markup:
    said = context.words
    sectors = load("sectors", context.city).filter(pl.col("sector") == row["sector"])
    sector = said.pick(sectors.row(0, named=True), "name") if sectors.height else ""
    if row["why"]:
        return Markup("{}").format(said(f"chain.attract.why.{row['why']}", sector=sector))
    indices = {name: f"{row[name]:.2f}" for name in ("backward", "forward", "linkage")}
    neighbours = said("chain.attract.neighbours", standing=row["standing"], others=row["others"])
    pull = said("chain.attract.pull", sector=sector, **indices)
    return Markup("{}{}{}").format(neighbours, pull, mark("assumed", said))


def _hosts(context: Context, row: Mapping[str, Any]) -> Markup:
    """Government, park and firm (政府＋园区＋链主) that would host a newcomer and pull it in."""
    said, city = context.words, context.city
    zones = load("zones", city).filter(pl.col("zone_id").is_in(row["zones"])).to_dicts()
    grounds = [context.place_name(code) for code in (*row["places"], *(z["host"] for z in zones if z["host"]))]
    # A park across several counties says so itself; where a county is known as well, that is whom to speak to.
    grounds = grounds or [said.pick(zone, "host_text") for zone in zones][-1:]
    firms = load("enterprises", city)
    named = [said.pick(firm, "name") for code in row["firms"][:MOST_FIRMS] for firm in _of(firms, "firm_id", code)]
    found = {
        "county": dict.fromkeys(grounds),
        "zone": [said.pick(zone, "short") or said.pick(zone, "name") for zone in zones],
        "firm": named,
    }
    lines = [
        Markup("<small>{}</small> {}").format(
            said(f"chain.attract.hosts.{name}"), context.joined(names) or said("chain.attract.nobody")
        )
        for name, names in found.items()
    ]
    return Markup("<br>").join(lines)


def _of(table: pl.DataFrame, key: str, code: str) -> list[dict[str, Any]]:
    return table.filter(pl.col(key) == code).to_dicts()
