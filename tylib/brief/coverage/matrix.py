"""Which county has which figure for which year: published, only bounded, contradicted, not found, never looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.tables import html_table
from tylib.errors import ParameterError
from tylib.store.facts import conflicts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tylib.brief.context import Context
    from tylib.store import Words

MAIN = (
    "resident_population",
    "gdp",
    "gdp_growth_real",
    "above_scale_industrial_va",
    "above_scale_industrial_va_growth",
    "fixed_asset_investment_growth",
)
"""What a reader asks first of any county: people, size, growth, industry, investment."""

STATES = ("conflict", "published", "bound", "absent", "unsearched")
"""From what is known best to what nobody looked for; of several rows for one cell the first of these counts."""

KNOWN = ("published", "conflict")


def recent(facts: pl.DataFrame, /, *, places: Sequence[str], count: int) -> list[int]:
    """The last ``count`` years up to the newest that any of the places has a row for; none without dated rows.

    Raises:
        ParameterError: ``count`` is below one.
    """
    if count < 1:
        raise ParameterError(f"{count} years", where="years", expected="at least 1")
    rows = facts.filter(pl.col("place").is_in(list(places)) & (pl.col("kind") == "actual"))
    last = rows["year"].max()
    return [] if last is None else list(range(last - count + 1, last + 1))


def cells(
    facts: pl.DataFrame, /, *, places: Sequence[str], indicators: Sequence[str], years: Sequence[int], tolerance: float
) -> pl.DataFrame:
    """The state of every place, indicator and year.

    Args:
        facts: Rows of :func:`tylib.store.facts`.
        places, indicators, years: What is asked for, in the order wanted.
        tolerance: Largest relative difference that counts as rounding (``conflict_tolerance``).

    Returns:
        ``place, indicator, year, state, source_ids``, one row a cell in the order of the arguments. ``published``: a
        source states the figure for this year and the usual scope; ``bound``: only an end or an expectation;
        ``conflict``: stated figures differ by more than the tolerance; ``absent``: somebody looked, and found none;
        ``unsearched``: no row at all. A measured zero is a published figure.
    """
    grid = (
        pl.DataFrame({"place": list(places)}, schema={"place": pl.String})
        .join(pl.DataFrame({"indicator": list(indicators)}, schema={"indicator": pl.String}), how="cross")
        .join(pl.DataFrame({"year": list(years)}, schema={"year": pl.Int32}), how="cross")
    )
    rows = facts.filter(
        pl.col("place").is_in(list(places))
        & pl.col("indicator").is_in(list(indicators))
        & (pl.col("period") == pl.col("year").cast(pl.String))
        & pl.col("kind").is_in(["actual", "expected"])
        & (pl.col("scope") == "")
        & (pl.col("sector") == "")
    )
    contradicted = conflicts(rows, tolerance=tolerance).filter(pl.col("spread").is_not_nan())["fact_id"]
    state = (
        pl.when(pl.col("fact_id").is_in(contradicted.to_list()))
        .then(pl.lit("conflict"))
        .when(pl.col("value").is_not_null() & (pl.col("kind") == "actual"))
        .then(pl.lit("published"))
        .when(pl.col("absent").is_null())
        .then(pl.lit("bound"))
        .otherwise(pl.lit("absent"))
        .cast(pl.Enum(STATES))
    )
    found = (
        rows.with_columns(state=state)
        .group_by("place", "indicator", "year")
        .agg(pl.col("state").min(), source_ids=pl.col("source_id").drop_nulls().unique().sort())
    )
    return grid.join(found, on=["place", "indicator", "year"], how="left", maintain_order="left").with_columns(
        pl.col("state").fill_null("unsearched"), pl.col("source_ids").fill_null([])
    )


def counted(frame: pl.DataFrame, /) -> dict[str, int]:
    """How many cells are in each state that occurs, in the order of ``STATES``."""
    counts = dict(frame["state"].cast(pl.String).value_counts().iter_rows())
    return {state: counts[state] for state in STATES if state in counts}


def finding(words: Words, counts: Mapping[str, int]) -> str:
    """How much of the matrix is known, in a sentence; that nothing is, where nothing is."""
    known = sum(counts.get(state, 0) for state in KNOWN)
    items = [words("coverage.matrix.known" if known else "coverage.matrix.none", count=known)]
    items += [
        words(f"coverage.matrix.{state}", count=counts[state])
        for state in ("conflict", "bound", "absent", "unsearched")
        if counts.get(state)
    ]
    return words("coverage.matrix.heading", cells=sum(counts.values()), items=words("list.comma").join(items))


def matrix(context: Context, *, years: int = 5, indicators: Sequence[str] = MAIN) -> Part:
    """Counties by indicators by recent years, drawn, in a table and as CSV.

    Args:
        context: The city's.
        years: How many recent years, at least one.
        indicators: In the order drawn.

    Returns:
        A part; empty where no county has a dated row.

    Raises:
        ParameterError: ``years`` is below one.
    """
    places = context.counties["place"].to_list()
    asked = recent(context.facts, places=places, count=years)
    tolerance = context.judgements.conflict_tolerance.value
    found = cells(context.facts, places=places, indicators=indicators, years=asked, tolerance=tolerance)
    if found.is_empty():
        return Part()
    said = context.words
    names = {indicator: context.indicator_name(indicator) for indicator in indicators}
    shares = _shares(found)
    alt = said(
        "coverage.matrix.alt",
        items=said("list.semicolon").join(
            said("coverage.matrix.alt_item", indicator=names[indicator], share=context.numbers.text(share, "%"))
            for indicator, share in shares.items()
        ),
    )
    drawn = found.select(
        row=pl.col("place").replace_strict({code: context.place_name(code) for code in places}),
        column=pl.col("year").cast(pl.String),
        state=pl.col("state").cast(pl.String),
        group=pl.col("indicator").replace_strict(names),
    )
    states = {state: said(f"coverage.state.{state}") for state in counted(found)}
    figure = Figure(
        charts.coverage(drawn, states=states, description=alt),
        key="coverage",
        title=_extremes(context, shares, names),
        subtitle=said("coverage.matrix.subtitle", counties=len(places), first=asked[0], last=asked[-1]),
        alt=alt,
        words=said,
        foot=Markup("{} {}").format(said("coverage.from"), context.cite(found["source_ids"].explode())),
        table=_table(context, found, names),
        csv=found.select("place", "indicator", "year", "state", pl.col("source_ids").list.join(";")).write_csv(),
        wide=True,
    )
    return Part(
        "coverage",
        finding(said, counted(found)),
        (figure, Markup('<p class="note">{}</p>').format(said("coverage.matrix.reading"))),
    )


def _shares(found: pl.DataFrame) -> dict[str, float]:
    """Share of the cells of each indicator with a published figure, in per cent, in the order of the frame."""
    shares = found.group_by("indicator", maintain_order=True).agg(
        100 * pl.col("state").cast(pl.String).is_in(KNOWN).mean()
    )
    return dict(shares.iter_rows())


def _extremes(context: Context, shares: Mapping[str, float], names: Mapping[str, str]) -> str:
    """Which indicator is covered best and which least."""
    text = context.numbers.text
    best, least = max(shares, key=shares.__getitem__), min(shares, key=shares.__getitem__)
    if shares[best] == shares[least]:
        return context.words("coverage.matrix.same", share=text(shares[best], "%"))
    return context.words(
        "coverage.matrix.extremes",
        best=names[best],
        high=text(shares[best], "%"),
        least=names[least],
        low=text(shares[least], "%"),
    )


def _table(context: Context, found: pl.DataFrame, names: Mapping[str, str]) -> Markup:
    """A row a county, a column an indicator; in a cell its years by state, those never looked for left out."""
    said = context.words

    def cell(rows: pl.DataFrame) -> str:
        by_state = rows.group_by("state", maintain_order=True).agg(pl.col("year").cast(pl.String)).sort("state")
        return said("list.semicolon").join(
            said(f"coverage.matrix.years.{state}", years=said("list.comma").join(years))
            for state, years in by_state.iter_rows()
            if state != "unsearched"
        )

    rows = [
        {"place": context.place_name(code)}
        | {indicator: cell(own.filter(pl.col("indicator") == indicator)) for indicator in names}
        for (code,), own in found.group_by(["place"], maintain_order=True)
    ]
    caption = said("coverage.matrix.caption")
    return html_table(rows, {"place": said("coverage.place"), **names}, key="coverage", caption=caption)
