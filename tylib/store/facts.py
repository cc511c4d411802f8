"""Facts: every figure in one long frame, with what is published where, what contradicts what, and what is absent.

Columns: ``place, indicator, sector, period, value, low, high, interval, status, absent, kind, scope, qualifier,
unit, source_id, as_of`` and the texts as printed. A row has a value, or an interval, or a reason for absence. Zero
means a measured zero. Nothing is summed over an absence in silence.
"""

from __future__ import annotations

import polars as pl

from tylib.store.city import City, open_city, package
from tylib.store.contracts import DEMONSTRATION, Status
from tylib.store.memory import memo, remembered
from tylib.store.tables import FACTS, load, state

KEY = ("place", "indicator", "sector", "period", "scope", "kind")
OTHERS = ("sources", "indicators", "not_found", "choices")
TIERS = ("A", "B", "C", "own")


def facts(city: City | None = None) -> pl.DataFrame:
    """Every figure and every stated absence of the city's fact tables.

    Returns:
        One row a printed figure or searched absence, sorted by key and ``fact_id``. Added: ``tier`` of its source;
        ``decimals`` of its indicator; ``year``, the last year of a period of whole years, else null; ``chosen``,
        whether a declared choice (table ``choices``) says that its source wins.

    Raises:
        DataError: A fact table breaks its contract.

    >>> sorted(set(KEY) - set(facts().columns))
    []
    """
    city = city or open_city()
    listed = [resource["name"] for resource in package(city)["resources"]]
    names = tuple(name for name in listed if name.startswith(FACTS))
    return _facts(names, city, state([*names, *(name for name in OTHERS if name in listed)], city))


@memo
def _facts(names: tuple[str, ...], city: City, _state: str) -> pl.DataFrame:
    """Put together once; asked for by every part of a brief."""
    sources = load("sources", city).select("source_id", "tier")
    indicators = load("indicators", city).select("indicator", "decimals", _unit=pl.col("unit"))
    frames = [
        load(name, city).with_columns(_text("place", "indicator", "kind", "absent", "interval", "qualifier"))
        for name in names
    ]
    found = pl.concat([*frames, _searched(city)], how="diagonal")
    return (
        found.join(sources, on="source_id", how="left", maintain_order="left")
        .join(indicators, on="indicator", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce("unit", "_unit").alias("unit"),
            pl.col("status").cast(Status),
            pl.col("tier").cast(pl.Enum(TIERS), strict=False),
            pl.col("sector", "scope").fill_null(""),
            year=pl.col("period").str.extract(r"^(?:\d{4}-)?(\d{4})$").cast(pl.Int32),
        )
        .drop("_unit")
        .with_columns(chosen=pl.col("fact_id").is_in(_chosen(found, city).implode()))
        .sort([*KEY, "fact_id"])
    )


def _text(*columns: str) -> list[pl.Expr]:
    return [pl.col(column).cast(pl.String) for column in columns]


def _chosen(found: pl.DataFrame, city: City) -> pl.Series:
    """Facts whose source wins by a declared choice. A choice holds for whatever it leaves open."""
    wherever = ("place", "indicator", "period", "scope", "kind")
    if "choices" not in {resource["name"] for resource in package(city)["resources"]}:
        return pl.Series(dtype=pl.String)
    choices = load("choices", city).select(source_id="winning_source_id", **{f"_{c}": c for c in wherever})
    held = [
        pl.col(f"_{name}").is_null() | (pl.col(f"_{name}").cast(pl.String) == pl.col(name).fill_null(""))
        for name in wherever
    ]
    stated = found.filter(pl.col("absent").is_null()).join(choices, on="source_id", how="inner")
    return stated.filter(pl.all_horizontal(held))["fact_id"]


def _searched(city: City) -> pl.DataFrame:
    """Absences: somebody looked for a county or city figure and no public one was there."""
    table = load("not_found", city).with_columns(_text("place", "indicator"))
    return table.filter(pl.col("indicator").is_not_null() & pl.col("place").is_not_null()).select(
        pl.col("search_id").alias("fact_id"),
        "place",
        "indicator",
        "period",
        "source_id",
        "note",
        pl.lit("not_published").alias("absent"),
        pl.lit("actual").alias("kind"),
        pl.col("searched_on").cast(pl.String).alias("as_of"),
    )


def preferred(frame: pl.DataFrame, /) -> pl.DataFrame:
    """One row a key: the figure a brief prints where several stand for the same thing.

    The rule, in order: what a declared choice prefers; an actual value before an interval, an interval before a made
    value of the demonstration, whatever there is before an absence; the
    stronger status; the better tier of source (A official, B press or the organisation's own page, C repost; ungraded
    last); the later date; of imports the one taken in later; the fact's id. The others are not lost: see
    :func:`conflicts`.

    Args:
        frame: Rows of :func:`facts`.

    Returns:
        The chosen rows with ``alternatives`` (how many other rows stand for the key), sorted by key.
    """
    return (
        frame.with_columns(
            _absent=pl.when(pl.col("value").is_not_null())
            .then(pl.when(pl.col("status").cast(pl.String) == DEMONSTRATION).then(2).otherwise(0))
            .when(pl.col("absent").is_null())
            .then(1)
            .otherwise(3),
            alternatives=pl.len().over(KEY) - 1,
            _passed=~pl.col("chosen") if "chosen" in frame.columns else pl.lit(True),
            _taken=imported_order() if "source_id" in frame.columns else pl.lit(0),
        )
        .sort(
            [*KEY, "_passed", "_absent", "status", "tier", "as_of", "_taken", "fact_id"],
            descending=[False] * (len(KEY) + 4) + [True, True, False],
            nulls_last=True,
        )
        .unique(subset=list(KEY), keep="first", maintain_order=True)
        .drop("_absent", "_passed", "_taken")
    )


@remembered
def preferred_facts(city: City, /) -> pl.DataFrame:
    """What is preferred of all :func:`facts`; of any part of them that :data:`KEY` tells, so is that part of it."""
    return preferred(facts(city))


def imported_order() -> pl.Expr:
    """The number of the import that a row's source is: the higher, the later; null where it is none."""
    return pl.col("source_id").str.extract(r"^I(\d{4,})$").cast(pl.Int64)


def conflicts(frame: pl.DataFrame, /, *, tolerance: float) -> pl.DataFrame:
    """Keys for which published values differ by more than a tolerance, all their rows.

    Args:
        frame: Rows of :func:`facts`.
        tolerance: Largest relative difference that still counts as rounding (``conflict_tolerance``).

    Returns:
        The rows concerned with ``spread`` ((max - min) / largest absolute value), sorted by key. Undated rows and
        rows without a value never conflict, nor do measured zeros that agree.
    """
    largest = pl.col("value").abs().max()
    spread = pl.when(largest > 0).then((pl.col("value").max() - pl.col("value").min()) / largest).otherwise(0.0)
    return (
        frame.filter(pl.col("value").is_not_null() & pl.col("period").is_not_null())
        .with_columns(spread=spread.over(KEY))
        .filter(pl.col("spread") > tolerance)
        .sort([*KEY, "fact_id"])
    )
