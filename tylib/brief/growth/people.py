"""Growth taken apart into more people and more output a head, where one source counts the people of both ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.growth.levels import WHOLE, actual, of_one_source, span, weakest
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.indicators.growth import contributions
from tylib.store.contracts import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tylib.brief.context import Context

RESIDENTS = "resident_population"


def per_head(facts: pl.DataFrame, /) -> pl.DataFrame:
    """Real growth of output, of people, and of output a head, for every place and year that has both.

    Equation: ``100 * ((1 + g / 100) / (1 + p / 100) - 1)``, g the published real rate of output, p the change of
    residents from the end of the year before to the end of the year, both counts of one source.

    Args:
        facts: Rows of :func:`tylib.store.facts`.

    Returns:
        ``place, year, growth, people, per_head`` (per cent), ``low, high`` (of output a head, for the rounding of the
        rate to a tenth), ``source_ids, status``; sorted by year and place.
    """
    usual = actual(facts).filter((pl.col("scope") == "") & (pl.col("period") == pl.col("year").cast(pl.String)))
    key = ["place", "year"]
    rates = usual.filter(pl.col("indicator") == WHOLE).unique(key, keep="first", maintain_order=True)
    counts = (
        usual.filter(pl.col("indicator") == RESIDENTS)
        .select(*key, "source_id", "value", "status")
        .unique([*key, "source_id"], keep="first")
    )
    before = counts.select("place", "source_id", year=pl.col("year") + 1, before="value")
    both = counts.join(before, on=[*key, "source_id"]).unique(key, keep="first", maintain_order=True)

    def output(growth: pl.Expr) -> pl.Expr:
        return 100 * ((1 + growth / 100) * pl.col("before") / pl.col("value") - 1)

    rate = pl.col("growth")
    return (
        rates.select(*key, growth="value", _rate="source_id", _status="status")
        .join(both, on=key, how="inner")
        .select(
            *key, "growth", people=100 * (pl.col("value") - pl.col("before")) / pl.col("before"),
            per_head=output(rate), low=output(rate - 0.05), high=output(rate + 0.05),
            source_ids=pl.concat_list("_rate", "source_id").list.unique().list.sort(),
            status=pl.max_horizontal("_status", "status", pl.lit("derived").cast(Status)),
        )
        .sort("year", "place")
    )  # fmt: skip


def people(context: Context) -> Part:
    """How much of growth was people, and in which counties they came to live."""
    said, city = context.words, context.city.place
    found = per_head(context.facts.filter(pl.col("place").is_in([city, *context.counties["place"]])))
    own = found.filter(pl.col("place") == city)
    moved = added(context, RESIDENTS)
    if own.is_empty() and moved is None:
        return Part("people", said("growth.people.heading.none"), (said("growth.people.none"),))
    heading = said("growth.people.heading.unknown")
    if own.height:
        row = own.row(-1, named=True)
        way = "up" if row["low"] > 0 else "down" if row["high"] < 0 else "flat"
        text = context.numbers.text
        heading = said(
            f"growth.people.heading.{way}", year=row["year"], growth=text(row["growth"], "%"),
            people=text(row["people"], "%"), per_head=text(abs(row["per_head"]), "%", decimals=1),
        )  # fmt: skip
    blocks = [moved, _table(context, found) if found.height else None, said("growth.people.rule")]
    return Part("people", heading, tuple(block for block in blocks if block))


def added(context: Context, indicator: str) -> Figure | None:
    """What each county added to the city's total of a level, where one source has all of them at both ends.

    Args:
        indicator: A level that the counties make up between them.
    """
    said, counties = context.words, context.counties["place"]
    own = context.facts.filter(pl.col("place").is_in(counties.implode()) & (pl.col("sector") == ""))
    rows = of_one_source(own, indicator, by=["place"])
    if rows["place"].n_unique() != counties.len() or counties.len() < 2:
        return None
    start, end = span(rows)
    # The city is the whole, its counties the parts.
    parts = rows.select(place=pl.lit(context.city.place), sector="place", year="year", value="value")
    found = contributions(parts, start=start, end=end).sort("value", descending=True)
    what, status = context.indicator_name(indicator), weakest(rows["status"])
    bars = pl.DataFrame(
        [
            {"label": context.place_name(row["sector"]), "value": row["value"], "status": status,
             "text": _hundredth(context, row["value"])}
            for row in found.iter_rows(named=True)
        ]
    )  # fmt: skip
    items = said("list.semicolon").join(
        said("growth.added.alt_item", place=row["label"], points=row["text"]) for row in bars.to_dicts()
    )
    alt = said("growth.added.alt", items=items, what=what)
    first = [context.place_name(code) for code in found["sector"][:2]]
    total, key = found["value"].sum(), "added-" + indicator.replace("_", "-")
    table = html_table(
        [{"place": row["label"], "points": row["text"]} for row in bars.to_dicts()],
        {"place": said("growth.place"), "points": said("growth.unit")}, key=key,
        caption=said("growth.added.caption", what=what), right=["points"],
    )  # fmt: skip
    return Figure(
        charts.ranking(bars, unit=said("growth.unit"), description=alt),
        key=key,
        title=said(
            "growth.added.figure", what=what, start=start, end=end,
            total=context.numbers.text(total, "%", signed=True), first=first[0], second=first[1],
            points=_hundredth(context, found["value"][:2].sum()),
        ),
        subtitle=said("growth.added.subtitle", what=what, start=start, end=end),
        alt=alt,
        words=said,
        foot=Markup("{} {}{}").format(
            said("growth.from"), context.cite(rows["source_id"].unique()), mark(status, said)
        ),
        table=table,
        csv=found.write_csv(),
    )  # fmt: skip


def _hundredth(context: Context, value: float) -> str:
    return context.numbers.bare(value, "pp", signed=True, decimals=2)


def _table(context: Context, found: pl.DataFrame) -> Markup:
    said, text = context.words, context.numbers.bare

    def cells(names: Sequence[str]) -> list[dict[str, object]]:
        return [
            {
                "place": context.place_name(row["place"]),
                "year": said("number.year", year=row["year"]),
                **{name: text(row[name], "%", signed=True, decimals=1) for name in names},
                "per_head": Markup("{}{}").format(
                    said("growth.between", low=text(row["low"], "%", signed=True, decimals=2),
                         high=text(row["high"], "%", signed=True, decimals=2)), mark(row["status"], said),
                ),
                "source": context.cite(row["source_ids"]),
            }
            for row in found.iter_rows(named=True)
        ]  # fmt: skip

    columns = {
        name: said(f"growth.people.columns.{name}") for name in ("place", "year", "growth", "people", "per_head")
    }
    return html_table(
        cells(("growth", "people")), columns | {"source": said("growth.source")}, key="per-head",
        caption=said("growth.people.caption"), caption_shown=True, right=["growth", "people", "per_head"],
        markup=["per_head", "source"],
    )  # fmt: skip
