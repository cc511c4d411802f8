"""Specialised towns (专业镇): where each stands on the ladder, what is published of it, and of its peers.

A figure of a town is compared only with figures of the same indicator and unit whose years lie close together
(judgement ``peer_years``); one that is printed unchanged for longer than ``carried_years`` counts as copied, not as
measured anew. Thresholds of recognition are the user's (``params/town_thresholds.yml``). Nothing here adds figures up.
"""

from __future__ import annotations

from itertools import pairwise

import polars as pl

from tylib.indicators.growth import required_growth
from tylib.programme.county import RUNGS
from tylib.programme.targets import FIGURE, YEAR, beside, edition_year
from tylib.store import City, load
from tylib.store.memory import remembered
from tylib.store.params import judgements, town_thresholds

SHARE, OUTPUT = "town_national_share", "town_product_output"


@remembered
def ladder(city: City, /) -> pl.DataFrame:
    """Every town of the table, highest rung first: its columns with ``rung`` (ordered) and ``next_rung`` (null on top).

    Sorted by rung, whether it is the city's own, and code.
    """
    above = dict(pairwise(RUNGS))
    return (
        load("towns", city)
        .with_columns(rung=pl.col("tier").cast(pl.String).cast(pl.Enum(RUNGS)))
        .with_columns(next_rung=pl.col("rung").cast(pl.String).replace_strict(above, default=None))
        .sort("rung", "in_city", "town_id", descending=[True, True, False])
    )


@remembered
def metrics(city: City, /) -> pl.DataFrame:
    """Every printed figure on a town.

    Returns:
        Columns of table ``town_metrics`` (enums as text, fractions as per cent) with ``year`` (in which the period
        ends), ``decimals`` of the indicator (null where the unit is another), ``figure`` (the value, or the end
        of a bound), ``first_year`` (in which the same figure was first printed for the same town, indicator and
        unit) and ``carried``: whether that is longer ago than ``carried_years``. Sorted by town, indicator,
        year.
    """
    decimals = load("indicators", city).select(pl.col("indicator").cast(pl.String), "decimals", _usual="unit")
    scale = pl.when(pl.col("unit") == "fraction").then(100.0).otherwise(1.0)
    key = ["town_id", "indicator", "unit", "kind", "figure"]
    rows = (
        load("town_metrics", city)
        .with_columns(pl.col("indicator", "unit", "kind", "absent", "interval", "qualifier").cast(pl.String))
        .with_columns(pl.col("value", "low", "high") * scale, unit=pl.col("unit").replace("fraction", "%"))
        .with_columns(
            figure=pl.coalesce("value", "low", "high"), year=pl.col("period").str.extract(YEAR).cast(pl.Int32)
        )
        .with_columns(first_year=pl.when(pl.col("figure").is_not_null()).then(pl.col("year").min().over(key)))
    )
    years = judgements(city).carried_years.value
    carried = ((pl.col("year") - pl.col("first_year")) > years) & (pl.col("kind") == "actual")
    return (
        rows.with_columns(carried=carried.fill_null(value=False))
        .join(decimals, on="indicator", how="left", maintain_order="left")
        .with_columns(decimals=pl.when(pl.col("unit") == pl.col("_usual")).then("decimals"))
        .drop("_usual")
        .sort("town_id", "indicator", "year", "metric_id", nulls_last=True)
    )


def latest(rows: pl.DataFrame, /) -> pl.DataFrame:
    """The newest dated actual figure of each town and indicator; a value goes before a bound of the same year.

    Args:
        rows: Of :func:`metrics`.
    """
    dated = (pl.col("kind") == "actual") & pl.col("figure").is_not_null() & pl.col("year").is_not_null()
    order = [*(pl.col(c) for c in ("town_id", "indicator")), -pl.col("year"), pl.col("value").is_null(), "metric_id"]
    found = rows.filter(dated & pl.col("town_id").is_not_null() & pl.col("indicator").is_not_null())
    return found.sort(order).unique(["town_id", "indicator"], keep="first", maintain_order=True)


@remembered
def compared(city: City, /) -> list[str]:
    """Indicators by which towns are compared: those that the thresholds name, in their order."""
    limits = town_thresholds(city)
    return list(dict.fromkeys(name for rung in RUNGS[1:] for name in getattr(limits, rung)))


@remembered
def incomparable(city: City, /) -> list[str]:
    """Indicators by which towns are not ranked, since most figures state no scope: rows ``scope`` of ``town_marks``."""
    rows = load("town_marks", city).filter(pl.col("kind").cast(pl.String) == "scope")
    return rows["indicators"].str.split(";").explode().drop_nulls().unique(maintain_order=True).to_list()


@remembered
def peers(city: City, town: str, /, *, indicator: str) -> pl.DataFrame:
    """The town and the recognised towns whose figure may be compared with its own, largest first.

    Rule: the same indicator and unit, an actual figure, years at most ``peer_years`` apart from the town's own. Where
    the town has none itself: the recognised towns whose figure is not older than ``current_years``.

    Returns:
        Columns of :func:`metrics` with ``rung, town_zh, town_en`` and ``own``.
    """
    names = ladder(city).select("town_id", "rung", town_zh="name_zh", town_en="name_en")
    rows = latest(metrics(city)).filter(pl.col("indicator") == indicator)
    rows = rows.join(names, on="town_id", how="inner", maintain_order="left")
    rows = rows.with_columns(own=pl.col("town_id") == town)
    mine, limits = rows.filter("own"), judgements(city)
    near = pl.col("year") >= edition_year(city) - limits.current_years.value
    if mine.height:
        apart = (pl.col("year") - mine["year"][0]).abs()
        near = (apart <= limits.peer_years.value) & (pl.col("unit") == mine["unit"][0])
    recognised = pl.col("own") | (pl.col("rung") > RUNGS[0])
    return rows.filter(near & recognised).sort("figure", "town_id", descending=[True, False])


@remembered
def orientation(city: City, town: str, /) -> pl.DataFrame:
    """The way to each higher rung, by indicator: the user's threshold, the town's own figure, the peers up there.

    The lowest and the median peer are no thresholds: they say where recognised towns stand. A peer's figure counts if
    it is not older than ``current_years``; a bound counts with its lower end, and ``bounded`` says so.

    Returns:
        ``rung, indicator, unit``; ``state, threshold, by, searched_on, reason_zh, reason_en`` of the threshold; ``own,
        own_low, own_year, own_carried, own_young`` (null without a figure; one that is not young is not
        compared); ``peers, lowest, lowest_zh, lowest_en, lowest_year, median, first_year, last_year, bounded,
        source_ids``; ``to_lowest, to_median, gap`` (what is still to go, negative where it is above; null where
        either is unknown) and ``growth``, the yearly growth in per cent from the own figure to the threshold by
        the year ``by``. Sorted as the thresholds are.
    """
    table = ladder(city)
    rung = table.filter(pl.col("town_id") == town)["rung"][0]
    limits = pl.DataFrame(
        [
            {"rung": name, "indicator": key, "threshold": one.value, **one.model_dump(exclude={"value", "reason"})}
            | {f"reason_{language}": text for language, text in one.reason.items()}
            for name in RUNGS[RUNGS.index(rung) + 1 :]
            for key, one in getattr(town_thresholds(city), name).items()
        ],
        schema={
            "rung": pl.String, "indicator": pl.String, "unit": pl.String, "threshold": pl.Float64, "by": pl.Int32,
            "state": pl.String, "searched_on": pl.String, "reason_zh": pl.String, "reason_en": pl.String,
        },
    )  # fmt: skip
    names = table.select("town_id", pl.col("rung").cast(pl.String), town_zh="name_zh", town_en="name_en")
    found = latest(metrics(city)).join(names, on="town_id", how="inner", maintain_order="left")
    young = pl.col("year") >= edition_year(city) - judgements(city).current_years.value
    mine = found.filter(pl.col("town_id") == town).select(
        "indicator", "unit", own="value", own_low="low", own_year="year", own_carried="carried", own_young=young
    )
    others = found.filter(young & (pl.col("town_id") != town)).sort("figure", "town_id")
    first = {f"lowest_{name}": pl.col(f"town_{name}").first() for name in ("zh", "en")}
    beyond = others.group_by("rung", "indicator", "unit", maintain_order=True).agg(
        peers=pl.len(),
        lowest=pl.col("figure").first(),
        **first,
        lowest_year=pl.col("year").first(),
        median=pl.col("figure").median(),
        first_year=pl.col("year").min(),
        last_year=pl.col("year").max(),
        bounded=pl.col("value").is_null().any(),
        source_ids=pl.col("source_id").unique(maintain_order=True),
    )
    key = ["indicator", "unit"]
    joined = limits.join(mine, on=key, how="left", maintain_order="left")
    joined = joined.join(beyond, on=["rung", *key], how="left", maintain_order="left")
    # A figure of long ago says nothing of how far it is today.
    reached = pl.when("own_young").then(pl.coalesce("own", "own_low"))
    asked = joined.select(value=reached, target="threshold", years=pl.col("by") - pl.col("own_year"))
    growth = required_growth(asked)["growth"]
    return joined.with_columns(
        pl.col("peers").fill_null(0),
        to_lowest=pl.col("lowest") - reached,
        to_median=pl.col("median") - reached,
        gap=pl.col("threshold") - reached,
        growth=growth,
    )


@remembered
def aims(city: City, town: str, /) -> pl.DataFrame:
    """What the town was to reach, each beside its own newest figure (:func:`tylib.programme.targets.beside`).

    Returns:
        As ``beside``, with ``target_id`` (the row of ``town_metrics``) and ``outturn_carried``: the newest figure is
        an old one printed again, so that a growth from it would be none of the year it is printed for.
    """
    own = metrics(city).filter(pl.col("town_id") == town)
    wanted = own.filter((pl.col("kind") == "target") & pl.col("indicator").is_not_null()).rename(
        {"metric_id": "target_id"}
    )
    dated = (pl.col("kind") == "actual") & pl.col("figure").is_not_null() & pl.col("year").is_not_null()
    outturns = own.filter(dated).with_columns(scope=pl.lit(""))
    rows = beside(city, wanted, outturns.select("place", *FIGURE, "year"))
    # By its source as well: another figure of the same year, such as one of the user's own table, is no copy.
    copied = outturns.filter("carried").select(
        "indicator", outturn_period="period", outturn_source_id="source_id", outturn_carried="carried"
    )
    return rows.join(
        copied.unique(), on=["indicator", "outturn_period", "outturn_source_id"], how="left", maintain_order="left"
    ).with_columns(pl.col("outturn_carried").fill_null(value=False))


@remembered
def repeats(city: City, town: str, /) -> pl.DataFrame:
    """Figures printed again unchanged for a later year, longest first.

    Returns:
        ``indicator, unit, figure, decimals, years`` (list), ``span`` (years between the first and the last),
        ``carried`` (longer than ``carried_years``), ``source_ids``.
    """
    rows = metrics(city).filter(
        (pl.col("town_id") == town) & (pl.col("kind") == "actual") & pl.col("figure").is_not_null()
        & pl.col("year").is_not_null()
    )  # fmt: skip
    return (
        rows.group_by("indicator", "unit", "figure", "decimals", maintain_order=True)
        .agg(
            years=pl.col("year").unique().sort(),
            carried=pl.col("carried").any(),
            source_ids=pl.col("source_id").unique(maintain_order=True),
        )
        .filter(pl.col("years").list.len() > 1)
        .with_columns(span=pl.col("years").list.last() - pl.col("years").list.first())
        .sort(-pl.col("span"), "indicator")
    )


@remembered
def implied_whole(city: City, town: str, /) -> pl.DataFrame:
    """National output that a town's output and its share of it, printed for the same year, would imply.

    Equation: ``100 * output / share``. If the shares had one base, the whole would move as slowly as an industry does.

    Returns:
        ``year, share, output, unit, whole, bounded`` (one of the two is a bound or said to be about), ``source_ids``,
        sorted by year.
    """
    rows = metrics(city).filter(
        (pl.col("town_id") == town) & (pl.col("kind") == "actual") & (pl.col("figure") > 0)
        & pl.col("year").is_not_null()
    )  # fmt: skip
    loose = (pl.col("qualifier") != "=").fill_null(value=False)
    part = rows.filter(pl.col("indicator") == SHARE).select("year", share="figure", loose=loose, of="source_id")
    whole = rows.filter(pl.col("indicator") == OUTPUT).select(
        "year", "unit", "source_id", "decimals", output="figure", free=loose
    )
    return (
        part.join(whole, on="year", how="inner", maintain_order="left")
        .select(
            "year", "share", "output", "unit", "decimals",
            whole=100 * pl.col("output") / pl.col("share"),
            bounded=pl.col("loose") | pl.col("free"),
            source_ids=pl.concat_list("of", "source_id").list.unique().list.sort(),
        )
        .sort("year")
    )  # fmt: skip
