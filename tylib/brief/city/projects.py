"""The city's projects: how far they are, what is planned against what is unknown, counts that differ, what is late."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts, ledger
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.brief.zone.links import sums
from tylib.programme import projects as programme
from tylib.programme.projects import WHOLE
from tylib.store import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context

TRACKED = "chain_projects_tracked"  # the count that the announcement gives a name of its own
GROUPS = ("chain", "county", "zone")


def own(context: Context) -> pl.DataFrame:
    """The ledger without what lies outside the city."""
    rows = programme.ledger(context.city).filter(pl.col("in_city"))
    return rows.with_columns(link_status=pl.col("place_status"))


def projects(context: Context) -> Part:
    """Stage by year of the last report, planned investment by stage, chain, county and zone, and counts that differ."""
    said, rows = context.words, own(context)
    if rows.is_empty():
        found = (_counts(context), _label(context))
        heading = said("projects.counts.heading")
    else:
        (total,) = programme.investment(rows).iter_rows(named=True)
        heading = said(
            "projects.city.heading", projects=total["projects"], published=total["published"], unknown=total["unknown"]
        )
        outside = programme.ledger(context.city).height - rows.height
        stages = said("list.comma").join(_stage(context, stage) for stage in rows.schema["stage"].categories)
        notes = [said("projects.city.order", stages=stages)]
        notes += [said.number_of("projects.city.outside", outside)] if outside else []
        found = (
            _timeline(context, rows),
            sums(context, rows),
            _groups(context, rows),
            Markup('<p class="note">{}</p>').format(said("list.gap").join(notes)),
            _all(context, rows),
            _counts(context),
            _label(context),
            _no_ledger(context) if _watched(context, rows).is_empty() else None,
        )
    return Part("projects", heading, tuple(block for block in found if block))


def _stage(context: Context, stage: str) -> str:
    return context.words(f"import.choice.stage.{stage}")


def _amounts(
    context: Context, found: pl.DataFrame, column: str, names: list[str], *, key: str, caption: str, groups: str = ""
) -> Markup:
    """Rows of :func:`tylib.programme.projects.investment` as a table: projects, how many publish, the sum of those."""
    said = context.words
    cells = [
        {
            column: name,
            "projects": str(row["projects"]),
            "published": str(row["published"]),
            "unknown": str(row["unknown"]),
            "sum": _sum(context, row),
            **({groups: row[groups]} if groups else {}),
        }
        for name, row in zip(names, found.iter_rows(named=True), strict=True)
    ]
    heads = {column: said(f"projects.city.columns.{column}")}
    heads |= {name: said(f"projects.city.columns.{name}") for name in ("projects", "published", "unknown", "sum")}
    right = ["projects", "published", "unknown", "sum"]
    return html_table(cells, heads, key=key, caption=caption, right=right, markup=["sum"], groups=groups)


def _sum(context: Context, row: Mapping[str, Any]) -> Markup:
    if row["value"] is None:
        return Markup("")
    figure = context.numbers.full(row["value"], row["unit"])
    return Markup("{}{} {}").format(figure, mark(row["status"], context.words), context.cite(row["source_ids"] or []))


def _timeline(context: Context, rows: pl.DataFrame) -> Figure | None:
    """Stage by the year of the last report: how old is what is known."""
    said, found = context.words, programme.timeline(rows)
    dated = found.filter(pl.col("year").is_not_null())
    if dated.is_empty():
        return None
    years = [*range(dated["year"].min(), dated["year"].max() + 1), *([None] if found["year"].null_count() else [])]
    counts = {(row["stage"], row["year"]): row["projects"] for row in found.iter_rows(named=True)}
    stages = found["stage"].unique(maintain_order=True).to_list()
    largest = max(counts.values())
    heads = {year: str(year) if year else said("projects.city.undated") for year in years}
    cells = [
        {
            "row": _stage(context, stage),
            "column": f"{year % 100:02}" if year else said("projects.city.undated_short"),
            "title": heads[year],
            "text": str(count) if (count := counts.get((stage, year), 0)) else "",
            "level": -(-count * 4 // largest),
        }
        for stage in stages
        for year in years
    ]
    by_year = dated.group_by("year").agg(pl.col("projects").sum()).sort("projects", "year", descending=True)
    newest = by_year.filter(pl.col("year") == by_year["year"].max()).row(0, named=True)
    most = by_year.row(0, named=True)
    by_stage = programme.funnel(rows)
    largest_stage = by_stage.row(by_stage["projects"].arg_max(), named=True)
    alt = said("projects.city.timeline_alt", first=years[0], last=dated["year"].max())
    columns = {"stage": said("projects.city.columns.stage")} | {str(year): heads[year] for year in years}
    table = html_table(
        [
            {"stage": _stage(context, stage)} | {str(year): str(counts.get((stage, year), "")) for year in years}
            for stage in stages
        ],
        columns,
        key="timeline",
        caption=alt,
        right=[str(year) for year in years],
    )
    return Figure(
        charts.cells(pl.DataFrame(cells), description=alt),
        key="timeline",
        title=said(
            "projects.city.timeline",
            stage=_stage(context, largest_stage["stage"]),
            most=largest_stage["projects"],
            year=most["year"],
            count=most["projects"],
            newest=newest["year"],
            least=newest["projects"],
        ),
        subtitle=said("projects.city.timeline_subtitle"),
        alt=alt,
        words=said,
        foot=said("projects.city.timeline_foot"),
        table=table,
        csv=found.write_csv(),
    )


def _groups(context: Context, rows: pl.DataFrame) -> Markup:
    """Amounts by stage, key chain, county and zone; each list covers every project once, none is added to another."""
    said, by_stage = context.words, programme.funnel(rows).filter(pl.col("projects") > 0)
    names = [_stage(context, stage) for stage in by_stage["stage"]]
    frames = [by_stage.drop("stage").with_columns(group=pl.lit(said("projects.city.by.stage")))]
    for group in GROUPS:
        key = ledger.LINKS[group][1]
        known = ledger.names(context, group)
        code = pl.col(key)
        if group == "county":  # what is only said to be in a zone is in no county's row
            code = pl.when(code.is_in(context.counties["place"].implode())).then(code).alias(key)
        found = programme.investment(rows, by=[code]).filter(pl.col("projects") > 0)
        found = found.sort(pl.col(key).is_null(), "projects", key, descending=[False, True, False])
        names += [known.get(code, "") if code else said(f"projects.city.no_{group}") for code in found[key]]
        frames.append(found.drop(key, "nested").with_columns(group=pl.lit(said(f"projects.city.by.{group}"))))
    table = _amounts(
        context,
        pl.concat(frames),
        "item",
        names,
        key="project-groups",
        caption=said("projects.city.groups"),
        groups="group",
    )
    return _folded(said("projects.city.groups"), table)


def _all(context: Context, rows: pl.DataFrame) -> Markup:
    table = ledger.project_table(
        context, rows, key="ledger", caption=context.words("projects.city.caption"), links=GROUPS
    )
    summary = context.words.number_of("projects.city.all", rows.height)
    return _folded(summary, table + ledger.notes(context, rows))


def _folded(summary: str, content: Markup) -> Markup:
    # Many rows for looking up: folded on a screen, opened in print.
    return Markup('<details class="data-table"><summary>{}</summary>{}</details>').format(summary, content)


def _counts(context: Context) -> Markup | None:
    """Published counts of projects, which differ in scope, side by side with ours."""
    said, rows = context.words, programme.counts(context.city)
    if rows.is_empty():
        return None
    named = own(context).filter(WHOLE)
    cells = [
        {
            "name": said.pick(row, "name"),
            "figure": Markup("{} {}").format(context.figure(row, united=False), _kind(context, row)),
            "period": context.period(row["period"]),
            "as_of": row["as_of"] or said("projects.counts.undated"),
            "note": said.pick(row, "note"),
            "source": Markup("{} {}").format(context.cite([row["source_id"]]), context.grade(row["source_id"])),
        }
        for row in rows.iter_rows(named=True)
    ]
    ours = {"name": said("projects.counts.ours"), "as_of": "", "period": "", "note": "", "source": Markup("")}
    ours["figure"] = Markup("{}{}").format(named.height, mark("derived", said))
    columns = {name: said(f"projects.counts.{name}") for name in cells[0]}
    if not any(cell["note"] for cell in cells):
        del columns["note"]
    table = html_table(
        [*cells, ours],
        columns,
        key="project-counts",
        caption=said("projects.counts.caption"),
        right=["figure"],
        markup=["figure", "source"],
        own=len(cells),
    )
    finding = said.number_of("projects.counts.finding", rows.height)
    return Markup('<p>{}</p>{}<p class="note">{}</p>').format(finding, table, said("projects.counts.rule"))


def _kind(context: Context, row: Mapping[str, Any]) -> Markup:
    if row["kind"] == "actual":
        return Markup("")
    return Markup("<small>{}</small>").format(context.words(f"kind.{row['kind']}"))


def _label(context: Context) -> Markup:
    """What stands between quotation marks in the measure on the tracked projects, and whether it was ever defined."""
    said, city = context.words, context.city
    measures = load("actions", city).filter(pl.col("indicator").cast(pl.String) == TRACKED).head(1)
    quoted = [re.search(r"“.+?”", text) for text in measures["measure_zh"].drop_nulls()]
    if not quoted or not quoted[0]:
        return Markup("")
    measure = said.pick(measures.row(0, named=True), "measure")
    label = re.search(r"“.+?”", measure) or quoted[0]
    searched = load("not_found", city).filter(pl.col("item_zh").str.contains(quoted[0][0], literal=True))
    key = "projects.counts.undefined" if searched.height else "projects.counts.unsearched"
    text = said(key, label=label[0], measure=measure, date=searched["searched_on"].max() or "")
    return Markup("<p>{} {}</p>").format(text, context.cite([*measures["source_id"], *searched["source_id"]]))


def _watched(context: Context, rows: pl.DataFrame) -> pl.DataFrame:
    months = context.judgements.stalled_months.value
    return programme.watched(rows, on=programme.edition(context.city), months=months)


def watch(context: Context) -> Part:
    """Overdue, stalled, next due, where a ledger with dates was brought in; else the projects say that none was."""
    said, on = context.words, programme.edition(context.city)
    months = context.judgements.stalled_months.value
    found = _watched(context, own(context))
    if found.is_empty():
        return Part()
    verdicts = dict(found["verdict"].value_counts().iter_rows())
    coming = found.filter(pl.col("next_due") >= on).sort("next_due")
    cells = [
        {
            "name": said.pick(row, "name"),
            "verdict": said(f"projects.watch.{row['verdict']}"),
            "state": ledger.state(context, row),
            "due": str(row["due_date"] or ""),
            "next": said("list.comma_clause").join(
                filter(None, [said.pick(row, "next_milestone"), str(row["next_due"] or "")])
            ),
            "invested": _invested(context, row),
            "source": context.cite([row["source_id"]]),
        }
        for row in found.iter_rows(named=True)
    ]
    columns = {name: said(f"projects.watch.{name}") for name in cells[0]}
    columns = {name: label for name, label in columns.items() if any(cell[name] for cell in cells)}
    table = html_table(
        cells,
        columns,
        key="project-watch",
        caption=said("projects.watch.caption"),
        right=["invested"],
        markup=[name for name in ("invested", "source") if name in columns],
    )
    rule = said("projects.watch.rule", date=on.isoformat(), months=f"{months:g}")
    heading = said(
        "projects.watch.heading.next" if coming.height else "projects.watch.heading.none",
        overdue=verdicts.get("overdue", 0),
        stalled=verdicts.get("stalled", 0),
        date=coming["next_due"][0].isoformat() if coming.height else "",
    )
    return Part("project-watch", heading, (table, Markup('<p class="note">{}</p>').format(rule)))


def _invested(context: Context, row: Mapping[str, Any]) -> Markup:
    """What was spent, of what was planned."""
    if row["invested"] is None:
        return Markup("")
    spent = {**row, "value": row["invested"], "low": None, "high": None, "qualifier": "=", "absent": None}
    if row["value"] is None:
        return context.figure(spent)
    return Markup(context.words.html("projects.watch.of", spent=context.figure(spent), planned=context.figure(row)))


def _no_ledger(context: Context) -> Markup:
    """Why nothing is said of delays, and whom to ask; where the part on them would stand, a link to it leads here."""
    said = context.words
    tables = load("request_tables", context.city).with_columns(pl.col("indicators").str.split(";"))
    held = tables.filter(pl.col("indicators").list.contains(TRACKED)).head(1)
    asked = [
        said("projects.watch.ask", table=said.pick(row, "title"), holder=said.pick(row, "holder"))
        for row in held.iter_rows(named=True)
    ]
    text = said("list.gap").join([said("projects.watch.no_ledger"), *asked])
    return Markup('<p id="part-project-watch">{}</p>').format(text)
