"""The key chains in the city brief: all at a glance, the three lists of chains side by side, masters and firms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.chain import PARTS as FULL
from tylib.brief.chain.firms import listed_counts
from tylib.brief.chain.gaps import attract_rule, attract_table, stage_name
from tylib.brief.chain.opening import graded
from tylib.brief.context import Context
from tylib.brief.document import Document, Part
from tylib.brief.figure import Figure
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.indicators.linkages import linkages
from tylib.programme import chains as programme
from tylib.programme import segments
from tylib.store import City, load, open_city

if TYPE_CHECKING:
    from collections.abc import Mapping


def chains(context: Context) -> Part:
    """Every key chain in a row: its stages by state, what to do, who and what can be named."""
    said = context.words
    thin = context.judgements.thin_segment.value
    rows = programme.overview(context.city, thin=thin)
    if rows.is_empty():
        return Part()
    cells = [
        {
            "name": said.pick(row, "name"),
            "strip": _strip(context, row),
            "tasks": context.joined(_tasks(context, row)) or said("chain.overview.none"),
            **{name: str(row[name]) for name in (*programme.GRADES, "firms", "guests")},
            "projects": str(row["projects"]),
            "investment": _planned(context, row),
        }
        for row in rows.iter_rows(named=True)
    ]
    columns = {name: said(f"chain.overview.columns.{name}") for name in cells[0]}
    if not rows["listed"].sum():  # a grade that only an imported list gives
        del columns["listed"]
    table = html_table(
        cells, columns, key="chains", caption=said("chain.overview.caption"),
        right=[*programme.GRADES, "firms", "guests", "projects", "investment"], markup=["strip", "investment"],
    )  # fmt: skip
    states = {
        state: Markup('<li><span class="key" data-state="{}"></span>{}</li>').format(
            state, said(f"chain.states.{state}")
        )
        for state in segments.STATES
    }
    legend = Markup('<ul class="map-legend" aria-label="{}">{}</ul>').format(
        said("status.legend"), Markup("").join(states.values())
    )
    note = Markup('<p class="note">{}</p>').format(said("chain.overview.rule", thin=context.numbers.text(thin, "")))
    totals = rows.select(pl.col("slots", "missing").sum()).row(0, named=True)
    heading = said(
        "chain.overview.heading", chains=rows.height, of=totals["slots"], told=totals["slots"] - totals["missing"],
        missing=totals["missing"],
    )  # fmt: skip
    sources = load("chain_segments", context.city)["source_id"].unique().sort()
    source = Markup("{} {}").format(said("chain.source"), context.cite(sources))
    return Part("chains", heading, (legend, table, note), source=source)


def _strip(context: Context, row: Mapping[str, Any]) -> Markup:
    """The stages of a chain as a row of the map's small boxes, with the count of each state for who cannot see them."""
    said = context.words
    counts = [(state, row[state]) for state in segments.STATES if row[state]]
    boxes = Markup("").join(
        Markup('<span class="key" data-state="{}"></span>').format(state) * count for state, count in counts
    )
    texts = context.joined(said("chain.overview.count", state=said(f"chain.states.{s}"), count=n) for s, n in counts)
    return Markup('<span class="slots" aria-hidden="true">{}</span><span class="unseen">{}</span>').format(boxes, texts)


def _tasks(context: Context, row: Mapping[str, Any]) -> list[str]:
    said = context.words
    return [
        said("chain.overview.count", state=said(f"chain.tasks.{task}.word"), count=row[task])
        for task in segments.TASKS
        if row[task]
    ]


def _planned(context: Context, row: Mapping[str, Any]) -> Markup:
    """The sum of what is published, or how many projects publish an amount where nothing is added."""
    said = context.words
    if row["value"] is None:
        return Markup('<span class="absent">{}</span>').format(
            said.number_of("chain.overview.unsummed", row["published"]) if row["published"] else
            said("absent.not_published")
        )  # fmt: skip
    figure = {"low": None, "high": None, "status": row["investment_status"], **row}
    return context.figure(figure)


def crosswalk(context: Context) -> Part:
    """The city's chains beside the earlier clusters and the province's chains: what was matched with what."""
    said, rows = context.words, programme.crosswalk(context.city)
    if rows.is_empty():
        return Part()
    every = {row["chain_id"]: said.pick(row, "name") for row in load("chains", context.city).iter_rows(named=True)}

    def listed(codes: list[str], status: str) -> Markup:
        if not codes:
            return Markup('<span class="absent">{}</span>').format(said("chain.overview.crosswalk.nothing"))
        return Markup("{}{}").format(context.joined(every[code] for code in codes), mark(status, said))

    cells = [
        {
            "chain": said.pick(row, "name"),
            "slot": said.pick(row, "slot"),
            "clusters": listed(row["clusters"], row["status"]),
            "provincial": listed(row["provincial"], row["status"]),
        }
        for row in rows.iter_rows(named=True)
    ]
    columns = {name: said(f"chain.overview.crosswalk.columns.{name}") for name in cells[0]}
    caption = said("chain.overview.crosswalk.caption")
    table = html_table(cells, columns, key="crosswalk", caption=caption, markup=["clusters", "provincial"])
    rest = [said.pick(row, "name") for row in programme.unmatched(context.city).iter_rows(named=True)]
    basis = said.pick(rows.row(0, named=True), "basis") if rows["basis_zh"].count() else ""
    text = [said("chain.overview.crosswalk.note", basis=basis)]
    text += [said("chain.overview.crosswalk.rest", rest=context.joined(rest))] if rest else []
    note = Markup('<p class="note">{}</p>').format(said("list.gap").join(text))
    source = Markup("{} {}").format(
        said("chain.source"), context.cite(load("chains", context.city)["source_id"].unique().sort())
    )
    heading = said("chain.overview.crosswalk.heading", kinds=len(every))
    return Part("crosswalk", heading, (table, note), source=source)


def gradient(context: Context) -> Part:
    """Masters and other firms of each chain that can be named (链主＋链上), against the counts that were published."""
    said, city = context.words, context.city
    named = load("chains", city)
    own = programme.crosswalk(city)["chain_id"]
    frames = [programme.firms(city, chain).filter("own").with_columns(pl.col("grade").cast(pl.String)) for chain in own]
    firms = pl.concat(frames) if frames else pl.DataFrame()
    if firms.is_empty():
        return Part()
    names = {row["chain_id"]: said.pick(row, "name") for row in named.iter_rows(named=True)}

    def of(chain: str, grade: str | None) -> Markup:
        rows = firms.filter((pl.col("chain_id") == chain) & pl.col("grade").eq_missing(grade))
        return Markup(said("list.comma")).join(
            Markup("{}{}").format(said.pick(row, "name"), mark(row["chain_status"], said))
            for row in rows.iter_rows(named=True)
        )

    cells = [
        {"chain": names[chain], **{grade or "others": of(chain, grade) for grade in (*programme.GRADES, None)}}
        for chain in own
    ]
    columns = {name: said(f"chain.overview.gradient.columns.{name}") for name in cells[0]}
    columns = {name: label for name, label in columns.items() if any(cell[name] for cell in cells)}
    caption = said("chain.overview.gradient.caption")
    markup = [name for name in columns if name != "chain"]
    table = html_table(cells, columns, key="gradient", caption=caption, markup=markup)
    others = said.number_of("chain.overview.gradient.others", firms["grade"].null_count())
    heading = said("list.comma_clause").join([*graded(context, firms), others])
    source = Markup("{} {}").format(said("chain.source"), context.cite(firms["source_id"].unique(maintain_order=True)))
    return Part("gradient", heading, (listed_counts(context), table), source=source)


def _breaks(context: Context) -> pl.DataFrame:
    judged = context.judgements
    return programme.breaks(context.city, thin=judged.thin_segment.value, margin=judged.linkage_margin.value)


def breaks(context: Context) -> Part:
    """The weak stages of all key chains in one order, with reasons and hosts."""
    said = context.words
    rows = _breaks(context)
    if rows.is_empty():
        return Part()
    first = rows.filter(pl.col("rank") == 1)
    stages = context.joined(stage_name(context, row) for row in first.iter_rows(named=True))
    counted = {"count": rows.height, "ranked": rows["rank"].count()}
    heading = said(f"chain.breaks.heading.{'some' if stages else 'none'}", stages=stages, **counted)
    table = attract_table(context, rows, caption=said("chain.breaks.caption"))
    return Part("breaks", heading, (table, attract_rule(context)))


def sector_linkages(context: Context) -> Part:
    """How strongly the sectors of makers are tied to the others, those that a weak stage belongs to set off."""
    said, city = context.words, context.city
    index = linkages(load("input_output_2020", city))
    sectors = load("sectors", city).filter("is_manufacturing").select("io_sector", "source_id").unique("io_sector")
    names = load("input_output_2020", city).select("io_sector", "name_zh", "name_en")
    rows = index.join(sectors, on="io_sector").join(names, on="io_sector")
    if rows.is_empty():
        return Part()
    weak = _breaks(context)["io_sector"].unique()
    rows = rows.with_columns(
        mean=(pl.col("backward") + pl.col("forward")) / 2, own=pl.col("io_sector").is_in(weak.implode())
    ).sort("mean", descending=True)
    cells = [
        {"sector": said.pick(row, "name"), **{n: f"{row[n]:.2f}" for n in ("backward", "forward", "mean")}}
        for row in rows.iter_rows(named=True)
    ]
    frame = pl.DataFrame(
        {"label": [c["sector"] for c in cells], "value": rows["mean"], "text": [c["mean"] for c in cells],
         "own": rows["own"], "status": ["derived"] * rows.height}
    )  # fmt: skip
    columns = {name: said(f"chain.linkages.{name}") for name in cells[0]}
    own = rows.filter("own")
    top = said.pick(own.row(0, named=True), "name") if own.height else ""
    alt = said("chain.linkages.alt", items=context.joined(f"{c['sector']} {c['mean']}" for c in cells))
    figure = Figure(
        charts.ranking(frame, unit=said("chain.linkages.unit"), description=alt),
        key="linkages",
        title=said(f"chain.linkages.title.{'some' if top else 'none'}", sector=top),
        subtitle=said("chain.linkages.subtitle"),
        alt=alt,
        words=said,
        foot=Markup("{} {}").format(said("chain.source"), context.cite(rows["source_id"].unique())),
        table=html_table(cells, columns, key="linkages", caption=alt, right=["backward", "forward", "mean"]),
        csv=rows.select("io_sector", "backward", "forward", "mean", "own").write_csv(),
    )
    return Part("linkages", said("chain.linkages.heading", count=own.height), (figure,))


def comparison(unit: str, /, *, language: str, city: City | None = None) -> Document:
    """All key chains beside one another, then one of them in full: what notebook 50 asks.

    Args:
        unit: ``chain:CODE``, the one in full.
        language: A folder of ``params/i18n``.
        city: Defaults to the city found from the working directory.
    """
    context = Context.of(unit, language=language, city=city or open_city(), kind="chain")
    asked = {
        "chains": chains, "breaks": breaks, "linkages": sector_linkages, "gradient": gradient,
        "crosswalk": crosswalk, **{name: FULL[name] for name in ONE},
    }  # fmt: skip
    return Document(unit, language, {name: part(context) for name, part in asked.items()})


ONE = ("map", "tasks", "masters", "projects", "system", "unknown", "method", "sources")
