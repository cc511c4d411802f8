"""Structure of the city's industry: groups as announced, upgrading, balance between counties, the city among its peers.

Every function returns frames; which figures speak to what is stated in tables of our own reading (``industry_groups``,
``upgrade_dimensions``). Groups overlap, so nothing here adds them up.
"""

from __future__ import annotations

import polars as pl

from tylib.indicators.comparison import share
from tylib.indicators.dispersion import dispersion
from tylib.programme import county, zones
from tylib.programme.targets import edition_year
from tylib.store import City, facts, load, preferred
from tylib.store.contracts import Status
from tylib.store.facts import TIERS
from tylib.store.memory import remembered
from tylib.store.params import judgements
from tylib.store.period import parse_period, periods
from tylib.store.places import counties, place
from tylib.store.provenance import derive
from tylib.store.units import rows as units_of

FIGURE = ("value", "low", "high", "qualifier", "unit", "decimals", "status", "absent", "source_id")
TEXTS = ("place", "indicator", "kind", "absent", "interval", "qualifier", "unit")
ROLES = ("own", "province", "nation")
YARDSTICKS = ("gdp", "gdp_growth_real", "above_scale_industrial_va", "above_scale_industrial_va_growth",
              "resident_population")  # fmt: skip
"""What the balance between counties is read from: economy, industry, and the people it must feed."""


@remembered
def actuals(city: City, /) -> pl.DataFrame:
    """Every figure of what happened, in the usual scope, from the facts and from what the targets report.

    Returns:
        One row a place, indicator and period (the preferred one): columns of :func:`tylib.store.facts`, ``quantity``
        of the indicator, and ``end``, the last day of the period (null where undated). Sorted by place, indicator, end.
    """
    usual = (pl.col("scope") == "") & (pl.col("sector") == "")
    reported = load("targets", city).with_columns(pl.col(TEXTS).cast(pl.String), fact_id="target_id")
    reported = reported.filter(pl.col("indicator").is_not_null() & ~pl.col("comparator"))
    tiers = load("sources", city).select("source_id", pl.col("tier").cast(pl.Enum(TIERS), strict=False))
    reported = reported.join(tiers, on="source_id", how="left", maintain_order="left").with_columns(
        pl.col("status").cast(Status), scope=pl.lit(""), sector=pl.lit("")
    )
    found = facts(city).filter(usual).drop("decimals")
    both = pl.concat([found, reported.select(c for c in reported.columns if c in found.columns)], how="diagonal")
    happened = both.filter((pl.col("kind") == "actual") & pl.col("absent").is_null())
    indicators = load("indicators", city).select("indicator", "decimals", pl.col("quantity").cast(pl.String))
    return (
        preferred(happened)
        .join(indicators, on="indicator", how="left", maintain_order="left")
        .with_columns(end=periods("period").struct.field("end"))
        .sort("place", "indicator", "end", "period", nulls_last=False)
    )


def newest(frame: pl.DataFrame, /, by: str | list[str] = "indicator") -> pl.DataFrame:
    """The row of the latest period for each key; an undated one only where nothing is dated."""
    ordered = frame.sort("end", "period", descending=True, nulls_last=True, maintain_order=True)
    return ordered.unique(by, keep="first", maintain_order=True).sort(by)


def is_older(city: City, period: str | None, /) -> bool:
    """Whether a figure is too old to stand for the present: it ends before ``current_years``, or bears no date."""
    return period is None or parse_period(period).end.year < edition_year(city) - judgements(city).current_years.value


def fullest(frame: pl.DataFrame, /) -> pl.DataFrame:
    """The rows of the one period for which most keys have a value, the latest of such periods; none without dates."""
    valued = frame.filter(pl.col("value").is_not_null() & pl.col("end").is_not_null())
    counts = valued.group_by("period").agg(pl.len(), pl.col("end").first()).sort("len", "end", descending=True)
    return valued.filter(pl.col("period").is_in(counts["period"].head(1).implode()))


@remembered
def industry_figures(city: City, /) -> pl.DataFrame:
    """Published shares and growth of each announced industry and group, every period.

    A share whose complement alone is published is a hundred less that, status derived.

    Returns:
        ``industry_id, group, order, whole, name_zh, name_en, indicator, quantity`` and the figure (:data:`FIGURE`,
        ``period, end``), in the order of the table and of time; a row without period where nothing is published.
    """
    listed = load("industry_groups", city).with_columns(pl.col("group").cast(pl.String), _codes=pl.col("indicators"))
    listed = listed.with_columns(pl.col("indicators").str.split(";")).explode("indicators")
    listed = listed.rename({"indicators": "indicator"})
    own = actuals(city).filter(pl.col("place") == city.place).select("indicator", "period", "end", *FIGURE, "quantity")
    pairs = listed.filter(pl.col("complement").is_not_null()).unique("industry_id", keep="first", maintain_order=True)
    turned = (
        own.filter(pl.col("value").is_not_null())
        .join(pairs.select("indicator", complement=pl.col("complement").cast(pl.String)), left_on="indicator",
              right_on="complement", how="inner", maintain_order="left")
        .with_columns(
            indicator="indicator_right", value=100 - pl.col("value"),
            status=pl.max_horizontal("status", pl.lit("derived").cast(Status)),
        )
        .drop("indicator_right")
        .join(own, on=["indicator", "period"], how="anti", maintain_order="left")
    )  # fmt: skip
    named = ("industry_id", "group", "order", "whole", "name_zh", "name_en", "indicator")
    kinds = load("indicators", city).select("indicator", pl.col("quantity").cast(pl.String))
    return (
        listed.select(named)
        .join(pl.concat([own, turned]).drop("quantity"), on="indicator", how="left", maintain_order="left")
        .join(kinds, on="indicator", how="left", maintain_order="left")
        .sort("order", "indicator", "end", nulls_last=True, maintain_order=True)
    )


def abreast(shares: pl.DataFrame, /) -> pl.DataFrame:
    """The rows of the newest period for which traditional industry has a share, if there is another beside it.

    Args:
        shares: Shares of :func:`industry_figures` that have a figure.

    Returns:
        Some of the rows; of the period with most groups (:func:`fullest`) where traditional industry stands alone.
    """
    stated = shares.filter(pl.col("value").is_not_null())
    whole = stated.filter(pl.col("whole") & (pl.col("group") == "traditional") & pl.col("end").is_not_null())
    found = stated.filter(pl.col("period").is_in(newest(whole, "industry_id")["period"].implode()))
    return found if found.height > 1 else fullest(shares)


def remainder(figures: pl.DataFrame, /) -> dict[str, object] | None:
    """What the growth of one group says of all that lies outside it, in the newest period that has both.

    Real growth of a whole is an average of its parts', each with a positive weight: where one part grows faster than
    the whole, the rest must grow slower. The reverse holds too.

    Args:
        figures: :func:`industry_figures`.

    Returns:
        ``period, whole, part`` (growth, per cent), ``side`` (``slower``, ``faster``: the rest against the whole) and
        ``source_ids``; ``None`` where no period has both, or they are equal.
    """
    growth = figures.filter(pl.col("whole") & (pl.col("quantity") == "growth") & pl.col("value").is_not_null())
    whole = growth.filter(pl.col("group") == "comparison").select("period", "end", whole="value", _source="source_id")
    part = growth.filter(pl.col("group") == "traditional").select("period", part="value", source_id="source_id")
    both = whole.join(part, on="period", how="inner").filter(pl.col("whole") != pl.col("part")).sort("end")
    if both.is_empty():
        return None
    row = both.row(-1, named=True)
    side = "slower" if row["part"] > row["whole"] else "faster"
    return {**row, "side": side, "source_ids": sorted({row["_source"], row["source_id"]})}


@remembered
def upgrading(city: City, /) -> pl.DataFrame:
    """Indicators of high-end, intelligent and green development for the city, its province and the nation.

    A line has one period: that of the city's newest figure, else of the province's, else of the nation's. The others
    stand beside it only with the same indicator, period and scope; else the figure is null: not published.

    Returns:
        ``dimension, order, indicator, reason_zh, reason_en, role`` (:data:`ROLES`), ``period`` and :data:`FIGURE`, in
        the order of the dimensions and of the roles.
    """
    listed = load("upgrade_dimensions", city).with_columns(pl.col("dimension", "indicator").cast(pl.String))
    roles = _roles(city)
    found = actuals(city).join(roles, on="place", how="inner", maintain_order="left")
    reference = found.sort("_rank", "end", descending=[False, True], nulls_last=True, maintain_order=True)
    when = reference.unique("indicator", keep="first", maintain_order=True).select("indicator", "period")
    dimensions = pl.Enum(["high_end", "intelligent", "green"])
    return (
        listed.select(pl.col("dimension").cast(dimensions), "order", "indicator", "reason_zh", "reason_en")
        .join(when, on="indicator", how="left", maintain_order="left")
        .join(roles, how="cross", maintain_order="left")
        .join(found.select("indicator", "role", "period", *FIGURE), on=["indicator", "role", "period"], how="left",
              nulls_equal=True, maintain_order="left")
        .sort("dimension", "order", "_rank")
        .drop("_rank", "place")
    )  # fmt: skip


@remembered
def aims(city: City, /) -> pl.DataFrame:
    """The target that stands beside an indicator: the city's own, else the province's, else the nation's, the latest.

    Returns:
        ``indicator, role``, columns of table ``targets``, one row an indicator, sorted by it.
    """
    table = load("targets", city).with_columns(pl.col(TEXTS).cast(pl.String), pl.col("status").cast(Status))
    set_for = table.filter(
        pl.col("kind").is_in(["target", "plan"]) & ~pl.col("comparator") & pl.col("indicator").is_not_null()
        & (pl.col("absent").is_null() | pl.col("value_zh").is_not_null())
    )  # fmt: skip
    ranked = set_for.join(_roles(city), on="place", how="inner", maintain_order="left").with_columns(
        end=periods("period").struct.field("end")
    )
    first = ranked.sort("indicator", "_rank", "end", descending=[False, False, True], nulls_last=True,
                        maintain_order=True)  # fmt: skip
    return first.unique("indicator", keep="first", maintain_order=True).drop("_rank", "end")


@remembered
def _roles(city: City) -> pl.DataFrame:
    province = place(city.place, city)["parent"]
    codes = [city.place, province, place(province, city)["parent"] if province else None]
    return pl.DataFrame({"place": codes, "role": ROLES, "_rank": [0, 1, 2]}, schema_overrides={"place": pl.String})


@remembered
def balance(city: City, /, *, indicators: tuple[str, ...] = YARDSTICKS) -> pl.DataFrame:
    """How far apart the counties stand, for each indicator in the period that most of them publish.

    The distance between those that publish is the least there can be between all: a county that is missing can only
    lie farther out. What describes all of them (variation, Theil) is given only where all are published.

    Returns:
        ``indicator, quantity, period, known, total, highest, highest_value, lowest, lowest_value, ratio, difference,
        variation, theil, unit, decimals, source_ids``, one row an indicator that at least two publish, in the order
        asked for.
    """
    codes = counties(city)["place"]
    own = actuals(city).filter(pl.col("place").is_in(codes.implode()))
    asked = [fullest(own.filter(pl.col("indicator") == name)) for name in indicators]
    spreads = [
        dispersion(rows.select("place", "value")).with_columns(
            rows.head(1).select("indicator", "quantity", "period", "unit", "decimals"),
            total=pl.lit(codes.len()),
            source_ids=pl.lit(rows["source_id"].unique().sort().implode()),
        )
        for rows in asked
        if rows.height > 1
    ]
    if not spreads:
        return pl.DataFrame(schema={"indicator": pl.String, "known": pl.Int64, "total": pl.Int64})
    values = pl.concat(asked).select("indicator", "place", "value")
    ends = pl.concat(spreads).with_columns(
        # A difference of levels says nothing, nor does a ratio of growth rates.
        pl.when(pl.col("quantity") != "growth").then("ratio").alias("ratio"),
        *(pl.when((pl.col("known") == pl.col("total")) & (pl.col("quantity") != "growth")).then(name).alias(name)
          for name in ("variation", "theil")),
    )  # fmt: skip
    for end in ("highest", "lowest"):
        ends = ends.join(values.rename({"place": end, "value": f"{end}_value"}), on=["indicator", end], how="left",
                         maintain_order="left")  # fmt: skip
    return ends


@remembered
def county_shares(city: City, indicator: str, /) -> pl.DataFrame:
    """Each county's share of the city in the period that most counties publish, with the bounds of the others.

    Returns:
        Every county: ``place, period``, :data:`FIGURE`, ``share`` (per cent, derived; null where the county or the
        city has no value); sorted by place. Without a common period only nulls.
    """
    own = actuals(city).filter(pl.col("indicator") == indicator)
    codes = counties(city).select("place")
    period = fullest(own.join(codes, on="place", how="semi"))["period"].first()
    at = own.filter(pl.col("period") == (period or ""))
    whole = at.filter(pl.col("place") == city.place).select("value", "status", "source_id")
    part = at.join(codes, on="place", how="semi")
    shares = derive(share, part, whole, key=["place"]) if whole.height else part.select("place", value=None)
    return (
        codes.join(part.select("place", *FIGURE), on="place", how="left", maintain_order="left")
        .join(shares.select("place", share=pl.col("value").cast(pl.Float64)), on="place", how="left",
              maintain_order="left")
        .with_columns(period=pl.lit(period, pl.String))
        .sort("place")
    )  # fmt: skip


@remembered
def division_of_labour(city: City, /) -> pl.DataFrame:
    """Which counties and zones each of the city's key chains is in, and how we know: as their own briefs have it.

    A chain is in a county by :func:`tylib.programme.county.chains`, in a zone by :func:`tylib.programme.zones.chains`;
    of zones, those that lie in no other. A zone is never turned into a county.

    Returns:
        ``chain_id, name_zh, name_en, place, zone_id, firms, projects`` (how many of those that can be named are
        there), ``status, source_ids`` (list: of the chain's places, segments, firms and projects), one row a chain
        and place, counties before zones; a chain of which nothing is placed has one row without either.
    """
    outer = load("zones", city).filter(pl.col("parent_zone_id").is_null())["zone_id"]
    columns = ("chain_id", "firms", "projects", pl.col("link_status").alias("status"))
    here = [county.chains(city, code).select(*columns, place=pl.lit(code)) for code in counties(city)["place"]]
    here += [zones.chains(city, code).select(*columns, zone_id=pl.lit(code)) for code in outer]
    tables = ("chain_places", "chain_segments", "enterprises", "projects")
    told = pl.concat(load(name, city).select("chain_id", "source_id") for name in tables)
    sources = told.group_by("chain_id").agg(source_ids=pl.col("source_id").drop_nulls().unique().sort())
    chains = units_of("chain", city).select("chain_id", "name_zh", "name_en")
    none = pl.DataFrame(schema={"place": pl.String, "zone_id": pl.String})
    linked = chains.join(pl.concat([*here, none], how="diagonal"), on="chain_id", how="left", maintain_order="left")
    return linked.join(sources, on="chain_id", how="left", maintain_order="left").sort(
        "chain_id", "place", "zone_id", nulls_last=True
    )


@remembered
def positions(city: City, /) -> pl.DataFrame:
    """The published positioning of every county, null where none was found: columns of ``county_positioning``."""
    table = load("county_positioning", city)
    return counties(city).select("place").join(table, on="place", how="left", maintain_order="left").sort("place")


@remembered
def among_cities(city: City, /) -> pl.DataFrame:
    """The city among those of its province, for every indicator that it and another publish for one period.

    Returns:
        ``indicator, period, place, rank`` (1 is the largest), ``of, total`` (cities with a figure; all),
        ``province_share`` (per cent, for levels and counts; null where the province has no figure of that period) and
        :data:`FIGURE`; the newest period of each indicator, sorted by indicator and rank.
    """
    province = place(city.place, city)["parent"]
    table = load("places", city).filter((pl.col("level") == "prefecture") & (pl.col("parent") == province))
    every = actuals(city).filter(pl.col("value").is_not_null() & pl.col("end").is_not_null())
    key = ["indicator", "period"]
    peers = every.join(table.select("place"), on="place", how="semi", maintain_order="left")
    shared = peers.filter((pl.col("place") == city.place).any().over(key) & (pl.len().over(key) > 1))
    latest = shared.filter(pl.col("end") == pl.col("end").max().over("indicator"))
    whole = every.filter(pl.col("place") == province).select(*key, whole="value")
    adds_up = pl.col("quantity").is_in(["level", "count"]) & (pl.col("whole") > 0)
    return (
        latest.join(whole, on=key, how="left", maintain_order="left")
        .with_columns(
            rank=pl.col("value").rank("min", descending=True).over(key).cast(pl.Int64),
            of=pl.len().over(key).cast(pl.Int64),
            total=pl.lit(table.height, pl.Int64),
            province_share=pl.when(adds_up).then(100 * pl.col("value") / pl.col("whole")),
        )
        .select("indicator", "quantity", "period", "place", "rank", "of", "total", "province_share", *FIGURE)
        .sort("indicator", "rank", "place")
    )


def published_elsewhere(city: City, /) -> pl.DataFrame:
    """Indicators of which another city of the province has a figure and the city has none of any period.

    Returns:
        ``indicator, place, period`` and :data:`FIGURE`: the newest figure of each, sorted by indicator.
    """
    table = load("places", city).filter(pl.col("level") == "prefecture").select("place", "parent")
    peers = table.filter(pl.col("parent") == place(city.place, city)["parent"])
    every = actuals(city).join(peers, on="place", how="semi", maintain_order="left")
    own = every.filter(pl.col("place") == city.place)
    missing = every.join(own, on="indicator", how="anti", maintain_order="left")
    return newest(missing).select("indicator", "place", "period", *FIGURE)


def share_of_province(city: City, indicator: str, /, *, period: str) -> float | None:
    """The city's share of its province in one period, in per cent; ``None`` where either has no figure."""
    at = actuals(city).filter((pl.col("indicator") == indicator) & (pl.col("period") == period))
    whole = at.filter(pl.col("place") == place(city.place, city)["parent"])
    part = at.filter(pl.col("place") == city.place)
    return share(part, whole)["value"].item() if part.height and whole.height else None
