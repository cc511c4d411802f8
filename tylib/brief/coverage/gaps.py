"""What was looked for and not found, who keeps the table that would tell, and which tables there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.tables import html_table
from tylib.store import check, load
from tylib.store.city import package
from tylib.store.places import places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tylib.brief.context import Context
    from tylib.store import City, Words

REQUESTS = "request_tables"
NO_REQUESTS = {
    "table_id": pl.String,
    "title_zh": pl.String,
    "title_en": pl.String,
    "holder_zh": pl.String,
    "holder_en": pl.String,
    "level": pl.String,
    "indicators": pl.List(pl.String),
}

FILLS = {"county": ("county",), "prefecture": ("city", "county", "town", "chain"), "zone": ("zone",)}
"""Which levels of table hold figures of a place of a level: a city's table by sector says nothing of one county."""

MOST_NAMED, MOST_BARS = 3, 8


def missing(facts: pl.DataFrame, places: pl.DataFrame, /) -> pl.DataFrame:
    """Every figure that somebody looked for and did not find.

    Args:
        facts: Rows of :func:`tylib.store.facts`.
        places: ``place, level``.

    Returns:
        The rows of absence with ``level`` of the place, in the order of the facts. A period for which another row has
        a figure, a bound or an expectation is no gap.
    """
    key = ["place", "indicator", "period"]
    known = facts.filter(pl.col("absent").is_null()).select(key)
    levels = places.select("place", pl.col("level").cast(pl.String))
    return (
        facts.filter(pl.col("absent").is_not_null())
        .join(known, on=key, how="anti", nulls_equal=True, maintain_order="left")
        .join(levels, on="place", how="left", maintain_order="left")
    )


def gaps(lost: pl.DataFrame, /) -> pl.DataFrame:
    """What is missing by indicator.

    Args:
        lost: From :func:`missing`.

    Returns:
        ``indicator, count, places`` (how many), ``levels`` (of those places), ``first, last`` (years, null where
        undated), ``source_ids``; most counted first.
    """
    return (
        lost.group_by("indicator")
        .agg(
            count=pl.len(),
            places=pl.col("place").n_unique(),
            levels=pl.col("level").drop_nulls().unique().sort(),
            first=pl.col("period").str.extract(r"^(\d{4})").cast(pl.Int32).min(),
            last=pl.col("year").max(),
            source_ids=pl.col("source_id").drop_nulls().unique().sort(),
        )
        .sort("count", "indicator", descending=[True, False])
    )


def request_tables(city: City) -> pl.DataFrame:
    """Which table would fill which gap and who keeps it; no rows where the city has no such list."""
    if REQUESTS not in {resource["name"] for resource in package(city)["resources"]}:
        return pl.DataFrame(schema=NO_REQUESTS)
    each = pl.col("indicators").str.split(";").list.eval(pl.element().str.strip_chars())
    return load(REQUESTS, city).with_columns(each, pl.col("level").cast(pl.String))


def holders(lost: pl.DataFrame, requests: pl.DataFrame, /) -> pl.DataFrame:
    """Who could fill how many gaps.

    Args:
        lost: From :func:`missing`.
        requests: From :func:`request_tables`.

    Returns:
        ``holder_zh, holder_en, count`` (gaps, each once), ``tables`` (how many of the holder's fill any), largest
        first; holders who could fill none are left out. A gap that several holders could fill counts for each of
        them, so the counts do not add up.
    """
    pairs = [(level, held) for level, all_held in FILLS.items() for held in all_held]
    fills = pl.DataFrame(pairs, schema={"level": pl.String, "held": pl.String}, orient="row")
    wanted = requests.explode("indicators").select(
        "table_id", "holder_zh", "holder_en", held="level", indicator="indicators"
    )
    return (
        lost.select("fact_id", "indicator", "level")
        .join(fills, on="level", maintain_order="left")
        .join(wanted, on=["indicator", "held"], maintain_order="left")
        .group_by("holder_zh", "holder_en")
        .agg(count=pl.col("fact_id").n_unique(), tables=pl.col("table_id").n_unique())
        .sort("count", "holder_zh", descending=[True, False])
    )


def finding(words: Words, counts: Sequence[int], top: Sequence[str]) -> str:
    """How many figures were looked for in vain, and of what most of them; that none was, where none was."""
    if not counts:
        return words("coverage.gaps.heading.none")
    case = "one" if len(counts) == 1 else "some"
    return words(
        f"coverage.gaps.heading.{case}",
        count=sum(counts),
        indicators=len(counts),
        items=words("list.semicolon").join(top),
        share=round(100 * sum(counts[: len(top)]) / sum(counts)),
    )


def unpublished(context: Context) -> Part:
    """The gaps by indicator as a ranking, with the table to ask for and its holder; the holders by what they hold."""
    said, lost = context.words, missing(context.facts, places(context.city))
    found = gaps(lost)
    top = [context.indicator_name(indicator) for indicator in found["indicator"][:MOST_NAMED]]
    heading = finding(said, found["count"].to_list(), top)
    if found.is_empty():
        return Part("unpublished", heading, (said("coverage.gaps.nothing"),))
    requests = request_tables(context.city)
    shown = [_figure(context, found, requests)]
    if requests.height:
        shown.append(_holders(context, holders(lost, requests)))
    others = load("not_found", context.city).filter(pl.col("indicator").is_null() | pl.col("place").is_null())
    if others.height:
        shown.append(said.number_of("coverage.gaps.others", others.height))
    return Part("unpublished", heading, tuple(shown))


def _figure(context: Context, found: pl.DataFrame, requests: pl.DataFrame) -> Figure:
    said = context.words
    names = [context.indicator_name(indicator) for indicator in found["indicator"]]
    bars = pl.DataFrame(
        {
            "label": names,
            "value": found["count"].cast(pl.Float64),
            "text": [
                said.number_of("coverage.gaps.bar", places, figures=count)
                for count, places in found.select("count", "places").iter_rows()
            ],
        }
    ).head(MOST_BARS)
    items = said("list.semicolon").join(
        said("coverage.gaps.alt_item", indicator=name, count=count)
        for name, count in zip(names, found["count"], strict=True)
    )
    alt = said("coverage.gaps.alt", items=items)
    rows = [
        {
            "indicator": name,
            "count": str(row["count"]),
            "places": str(row["places"]),
            "years": said("coverage.gaps.years", first=row["first"], last=row["last"])
            if row["first"] and row["last"] and row["first"] != row["last"]
            else str(row["last"] or ""),
            "ask": said("list.semicolon").join(said.pick(table, "title") for table in asked),
            "holder": said("list.semicolon").join(dict.fromkeys(said.pick(table, "holder") for table in asked)),
        }
        for name, row in zip(names, found.iter_rows(named=True), strict=True)
        for asked in [_asked(requests, row)]
    ]
    shown = ("indicator", "count", "places", "years", *(("ask", "holder") if requests.height else ()))
    columns = {name: said(f"coverage.gaps.columns.{name}") for name in shown}
    title = "coverage.gaps.figure." + ("more" if found.height > MOST_BARS else "all")
    return Figure(
        charts.ranking(bars, unit=said("coverage.gaps.unit"), description=alt),
        key="unpublished",
        title=said(title, shown=bars.height),
        subtitle=said("coverage.gaps.subtitle"),
        alt=alt,
        words=said,
        foot=Markup("{} {}").format(said("coverage.from"), context.cite(found["source_ids"].explode())),
        table=html_table(
            rows, columns, key="unpublished", caption=said("coverage.gaps.caption"), right=["count", "places"]
        ),
        csv=found.drop("source_ids", "levels").write_csv(),
    )


def _asked(requests: pl.DataFrame, gap: dict) -> list[dict]:
    """The tables that would fill a gap at the levels at which it gapes."""
    held = [name for level in gap["levels"] for name in FILLS.get(level, ())]
    return requests.filter(
        pl.col("indicators").list.contains(gap["indicator"]) & pl.col("level").is_in(held)
    ).to_dicts()


def _holders(context: Context, found: pl.DataFrame) -> Markup:
    said = context.words
    rows = [
        {"holder": said.pick(row, "holder"), "tables": str(row["tables"]), "count": str(row["count"])}
        for row in found.iter_rows(named=True)
    ]
    columns = {name: said(f"coverage.gaps.holders.{name}") for name in ("holder", "tables", "count")}
    return html_table(
        rows,
        columns,
        key="holders",
        caption=said("coverage.gaps.holders.caption"),
        right=["tables", "count"],
        caption_shown=True,
    )


def tables(context: Context) -> Part:
    """Every table of the city: its name for ``load``, what it holds, its rows, and whether it keeps its contract."""
    said = context.words
    titles = {resource["name"]: resource for resource in package(context.city)["resources"]}
    reports = [report for report in check(context.city) if report.name in titles]  # not the user's own tables
    rows = [
        {
            "name": Markup("<code>{}</code>").format(report.name),
            "folder": said("coverage.tables.folder", folder=report.path.rpartition("/")[0]),
            "title": titles[report.name].get("titles", {}).get(said.language) or titles[report.name].get("title", ""),
            "rows": context.numbers.bare(report.rows, "", decimals=0),
            "columns": str(report.columns),
        }
        for report in reports
    ]
    columns = {name: said(f"coverage.tables.{name}") for name in ("name", "title", "rows", "columns")}
    offences = sum(len(report.offences) for report in reports)
    heading = said(
        "coverage.tables.heading." + ("broken" if offences else "sound"),
        tables=len(reports),
        rows=sum(report.rows for report in reports),
        offences=offences,
    )
    table = html_table(
        rows,
        columns,
        key="tables",
        caption=said("coverage.tables.caption"),
        right=["rows", "columns"],
        markup=["name"],
        groups="folder",
    )
    return Part("tables", heading, (table,))
