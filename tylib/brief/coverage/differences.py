"""Where published figures do not agree: two values for one thing, or levels of different vintages beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief.document import Part
from tylib.brief.sentences import direction
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.indicators.growth import change
from tylib.store.facts import KEY, preferred
from tylib.store.facts import conflicts as differing_by

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tylib.brief.context import Context
    from tylib.store import Words
    from tylib.store.params import Judgement

GROWTH = ("_growth_real", "_growth")
"""Endings that make the name of a growth rate from that of its level."""

RULE = ("status", "tier", "as_of")
"""What decides between two values, in this order (:func:`tylib.store.preferred`); after these the order of the file."""


LEAST_SHOWN = 0.1
"""Smallest difference in per cent that is printed as a number."""


def differing(facts: pl.DataFrame, /) -> pl.DataFrame:
    """All rows of every key for which more than one value is published, however little they differ.

    Args:
        facts: Rows of :func:`tylib.store.facts`.

    Returns:
        The rows with ``spread`` ((max - min) / largest absolute value), sorted by key. Measured zeros that agree are
        no difference.
    """
    return differing_by(facts, tolerance=0.0).filter(pl.col("spread").is_not_nan())


def scopes_apart(facts: pl.DataFrame, /) -> pl.DataFrame:
    """Figures of one place, indicator and period that exist in the usual scope and in another: no conflict, a trap.

    Returns:
        ``place, indicator, sector, period, kind, unit, usual, scope, other, ratio`` (larger over smaller), the widest
        apart first; values only, both positive.
    """
    shared = [column for column in KEY if column != "scope"]
    known = preferred(facts.filter((pl.col("value") > 0) & pl.col("period").is_not_null()))
    usual = known.filter(pl.col("scope") == "").select(*shared, "unit", usual="value", usual_source="source_id")
    other = known.filter(pl.col("scope") != "").select(*shared, "scope", other="value", other_source="source_id")
    ratio = pl.max_horizontal("usual", "other") / pl.min_horizontal("usual", "other")
    return (
        usual.join(other, on=shared, maintain_order="left")
        .with_columns(ratio=ratio)
        .sort("ratio", *shared, "scope", descending=[True] + [False] * (len(shared) + 1))
    )


def clashes(facts: pl.DataFrame, /, *, flat: float) -> pl.DataFrame:
    """Successive published levels that move against the growth published for the later year.

    A level that falls while real growth is positive (or rises while it is negative) was revised, moved by prices or
    changed its scope; with years between, what happened in them may explain it too. In no case is the difference of
    the two levels growth.

    Args:
        facts: Rows of :func:`tylib.store.facts`.
        flat: Largest absolute change in per cent that is no direction (``flat_change``).

    Returns:
        One row a pair, sorted by place, indicator, year: ``place, indicator, unit, decimals, start, first,
        first_as_of, first_source, end, last, last_as_of, last_source, change`` (of the levels, in per cent),
        ``growth_indicator, growth`` (published, in per cent), ``growth_source``. Actual figures of single years in
        their usual scope only.
    """
    known = preferred(
        facts.filter(
            pl.col("value").is_not_null()
            & (pl.col("kind") == "actual")
            & (pl.col("scope") == "")
            & (pl.col("sector") == "")
            & (pl.col("period") == pl.col("year").cast(pl.String))
        )
    ).sort("place", "indicator", "year")
    ending = pl.col("indicator").str.extract(f"({'|'.join(GROWTH)})$")
    rates = known.filter(ending.is_not_null()).select(
        "place",
        pl.col("indicator").str.strip_suffix(ending).alias("level"),
        "year",
        growth_indicator="indicator",
        growth="value",
        growth_source="source_id",
    )
    before = {
        name: pl.col(column).shift(1).over("place", "indicator")
        for name, column in {
            "start": "year",
            "first": "value",
            "first_as_of": "as_of",
            "first_source": "source_id",
        }.items()
    }
    pairs = (
        known.with_columns(**before)
        .filter(pl.col("first").is_not_null())
        .rename({"year": "end", "value": "last", "as_of": "last_as_of", "source_id": "last_source"})
        .join(
            rates,
            left_on=["place", "indicator", "end"],
            right_on=["place", "level", "year"],
            how="inner",
            maintain_order="left",
        )
    )
    moved = [_moved(row) for row in pairs.iter_rows(named=True)]
    ways = [
        (direction(level, flat=flat), direction(rate, flat=flat))
        for level, rate in zip(moved, pairs["growth"], strict=True)
    ]
    against = [way in (("rise", "fall"), ("fall", "rise")) for way in ways]
    pairs = pairs.with_columns(change=pl.Series(moved, dtype=pl.Float64))
    return pairs.filter(pl.Series(against, dtype=pl.Boolean)).select(
        "place",
        "indicator",
        "unit",
        "decimals",
        "start",
        "first",
        "first_as_of",
        "first_source",
        "end",
        "last",
        "last_as_of",
        "last_source",
        "change",
        "growth_indicator",
        "growth",
        "growth_source",
    )


def _moved(row: Mapping[str, Any]) -> float | None:
    ends = pl.DataFrame({"place": ["-"] * 2, "year": [row["start"], row["end"]], "value": [row["first"], row["last"]]})
    return change(ends, start=row["start"], end=row["end"])["value"][0]


def reason(chosen: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """What decided for one of two values: the first of ``RULE`` in which they differ, else ``order``."""
    return next((name for name in RULE if chosen[name] != other[name]), "order")


def conflict_finding(
    words: Words, spreads: Sequence[float], tolerance: Judgement, *, percent: Callable[[float], str]
) -> str:
    """How many figures conflict at the tolerance, and how many differ by less.

    Args:
        spreads: Relative spread of each key that has more than one value.
        tolerance: The judgement.
        percent: Writes a ratio as per cent.
    """
    over = sum(spread > tolerance.value for spread in spreads)
    case = "none" if not spreads else "some" if over == len(spreads) else "mixed" if over else "rounding"
    under = len(spreads) - over
    return words(
        f"coverage.conflicts.heading.{case}",
        over=words.number_of("coverage.conflicts.figures", over),
        under=words.number_of("coverage.conflicts.figures", under),
        tolerance=percent(tolerance.value),
    )


def conflicts(context: Context) -> Part:
    """Keys with several published values: which one a brief takes and why; how far that hangs on the tolerance."""
    said, tolerance = context.words, context.judgements.conflict_tolerance
    rows = differing(context.facts)
    groups = [group for _, group in rows.group_by(KEY, maintain_order=True)]
    spreads = [group["spread"][0] for group in groups]

    def percent(ratio: float) -> str:
        return context.numbers.text(100 * ratio, "%")

    found: list[Any] = []
    if groups:
        found.append(_conflict_table(context, sorted(groups, key=lambda group: -group["spread"][0])))
        strict, loose = (sum(s > limit for s in spreads) for limit in (tolerance.low, tolerance.high))
        found.append(
            said(
                "coverage.conflicts.range",
                low=percent(tolerance.low),
                strict=strict,
                high=percent(tolerance.high),
                loose=loose,
            )
        )
    found.append(said("coverage.conflicts.rule"))
    if apart := _apart(context):
        found.append(apart)
    return Part("conflicts", conflict_finding(said, spreads, tolerance, percent=percent), tuple(found))


def _conflict_table(context: Context, groups: Sequence[pl.DataFrame]) -> Markup:
    said, tolerance = context.words, context.judgements.conflict_tolerance.value
    cells = []
    for group in groups:
        chosen = preferred(group).row(0, named=True)
        others = group.filter(pl.col("fact_id") != chosen["fact_id"]).to_dicts()
        spread = group["spread"][0]
        cells.append(
            {
                "what": _what(context, chosen),
                "taken": _precise(context, chosen),
                "others": Markup(said("list.semicolon")).join(_precise(context, row) for row in others),
                "spread": said("number.below", figure=context.numbers.text(LEAST_SHOWN, "%"))
                if 100 * spread < LEAST_SHOWN
                else context.numbers.text(100 * spread, "%"),
                "verdict": said("coverage.conflicts." + ("conflict" if spread > tolerance else "rounding")),
                "reason": said(f"coverage.conflicts.why.{reason(chosen, others[0])}"),
            }
        )
    names = ("what", "taken", "others", "spread", "verdict", "reason")
    columns = {name: said(f"coverage.conflicts.{name}") for name in names}
    return html_table(
        cells,
        columns,
        key="conflicts",
        caption=said("coverage.conflicts.caption"),
        right=["spread"],
        markup=["taken", "others"],
    )


def _precise(context: Context, row: Mapping[str, Any]) -> Markup:
    """A figure with enough decimals that two values that differ also look different, and its source."""
    return Markup("{} {}").format(context.figure({**row, "decimals": 3}), context.cite([row["source_id"]]))


def _what(context: Context, row: Mapping[str, Any]) -> str:
    """Place, indicator and period of a figure in words."""
    place, indicator = context.place_name(row["place"]), context.indicator_name(row["indicator"])
    return context.words("coverage.what", place=place, indicator=indicator, period=context.period(row["period"]))


def _apart(context: Context) -> Markup | None:
    """The widest gap between two scopes of one figure; nothing where every figure has one scope."""
    rows = scopes_apart(context.facts)
    if rows.is_empty():
        return None
    row = rows.row(0, named=True)
    unit = row["unit"] or ""
    return Markup("<p>{} {}</p>").format(
        context.words.number_of(
            "coverage.conflicts.scopes",
            rows.height,
            what=_what(context, row),
            usual=context.numbers.text(row["usual"], unit),
            other=context.numbers.text(row["other"], unit),
            scope=context.scope_name(row["scope"]),
        ),
        context.cite([row["usual_source"], row["other_source"]]),
    )


def vintages(context: Context) -> Part:
    """Levels that must not be subtracted from one another, and how many figures carry no date of publication."""
    said = context.words
    rows = clashes(context.facts, flat=context.judgements.flat_change.value)
    figures = context.facts.filter(pl.col("absent").is_null())
    undated = figures["as_of"].null_count()
    found: list[Any] = []
    if rows.height:
        found += [_clash_table(context, rows), said("coverage.vintages.reading")]
    if figures.height:
        found.append(
            said(
                "coverage.vintages.undated" if undated else "coverage.vintages.dated",
                undated=undated,
                total=figures.height,
            )
        )
    adjacent = rows.filter(pl.col("end") - pl.col("start") == 1).height
    return Part("vintages", vintage_finding(said, rows.height, adjacent), tuple(found))


def vintage_finding(words: Words, count: int, adjacent: int) -> str:
    """How many pairs of levels move against the published growth, and how many of them in successive years."""
    if not count:
        return words("coverage.vintages.none")
    return words.number_of("coverage.vintages.heading", count, adjacent=adjacent)


def _clash_table(context: Context, rows: pl.DataFrame) -> Markup:
    said, numbers = context.words, context.numbers

    def level(row: Mapping[str, Any], value: str, end: str) -> Markup:
        figure = numbers.full(row[value], row["unit"] or "", decimals=row["decimals"])
        year = said("number.year", year=row[end])
        return Markup("{} {}").format(
            said("coverage.vintages.level", year=year, figure=figure), context.cite([row[f"{value}_source"]])
        )

    def dates(row: Mapping[str, Any]) -> str:
        return said(
            "coverage.vintages.between",
            first=row["first_as_of"] or said("coverage.undated"),
            last=row["last_as_of"] or said("coverage.undated"),
        )

    cells = [
        {
            "what": said(
                "coverage.vintages.what",
                place=context.place_name(row["place"]),
                indicator=context.indicator_name(row["indicator"]),
            ),
            "first": level(row, "first", "start"),
            "last": level(row, "last", "end"),
            "change": Markup("{}{}").format(numbers.text(row["change"], "%", signed=True), mark("derived", said)),
            "growth": Markup("{} {}").format(
                numbers.text(row["growth"], "%", signed=True), context.cite([row["growth_source"]])
            ),
            "dates": dates(row),
        }
        for row in rows.iter_rows(named=True)
    ]
    names = ("what", "first", "last", "change", "growth", "dates")
    columns = {name: said(f"coverage.vintages.columns.{name}") for name in names}
    return html_table(
        cells,
        columns,
        key="vintages",
        caption=said("coverage.vintages.caption"),
        right=["change", "growth"],
        markup=["first", "last", "change", "growth"],
    )
