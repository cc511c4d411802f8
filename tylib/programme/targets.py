"""Targets beside what came of them: the newest outturn that may stand beside each, the gap, the verdict and its rule.

Two figures are differenced only where they speak of the same thing: the same place, indicator and unit, a whole year,
one scope and one vintage; growth and change only over the very period of the target. Any other outturn is shown with
the reason why it is not. What may stand for what under another name, and where a scope or vintage changed, are rows of
table ``comparability``. A missing outturn is missing: never zero, never a failure.
"""

from __future__ import annotations

import polars as pl

from tylib.indicators.growth import required_growth
from tylib.store import City, facts, load, preferred
from tylib.store.city import package
from tylib.store.contracts import Status
from tylib.store.facts import TIERS
from tylib.store.memory import remembered
from tylib.store.params import judgements
from tylib.store.places import counties

AIMS = ("target", "plan")
VERDICTS = ("met", "not_met", "pending", "open", "no_year", "words", "rule", "expected", "scope", "not_found")
FIGURE = ("indicator", "unit", "value", "low", "high", "qualifier", "status", "period", "scope", "source_id", "absent")
YEAR = r"(\d{4})(?:H\d|Q\d|M[\dM-]+)?$"
"""The year in which a period ends."""


COMPARABLE = ("yes", "part")


def edition_year(city: City) -> int:
    """Year of the data's edition (``version`` of the data package): what falls due in it or later is not over."""
    return int(package(city)["version"][:4])


@remembered
def actuals(city: City, /) -> pl.DataFrame:
    """Every dated actual figure of a whole place, from the targets, the facts and the figures of the city's towns.

    A town's figures stand for the county it lies in; figures of single sectors are left out. Where several stand for
    the same thing, the one that :func:`tylib.store.preferred` takes.

    Returns:
        ``place`` and the columns of :data:`FIGURE`, one row a place, indicator, period and scope; ``year``, the year
        in which the period ends; ``copied_from``, the year in which a town's figure was first printed, where that is
        longer ago than judgement ``carried_years`` (null otherwise): it was printed again, not measured anew.
    """
    own = load("towns", city).filter("in_city").select("town_id", _host="place")
    towns = load("town_metrics", city).join(own, on="town_id", how="inner", maintain_order="left")
    year = pl.col("period").str.extract(YEAR).cast(pl.Int32)
    printed = pl.coalesce("value", "low", "high")
    first = year.min().over("town_id", "indicator", "unit", "kind", printed)
    copied = printed.is_not_null() & (year - first > judgements(city).carried_years.value)
    tables = [
        load("targets", city).with_columns(fact_id="target_id", copied_from=pl.lit(None, pl.Int32)),
        towns.with_columns(
            place=pl.coalesce("_host", "place"), fact_id="metric_id", copied_from=pl.when(copied).then(first)
        ),
    ]
    dated = (pl.col("kind").cast(pl.String) == "actual") & pl.col("absent").is_null() & pl.col("period").is_not_null()
    tiers = load("sources", city).select("source_id", pl.col("tier").cast(pl.Enum(TIERS), strict=False))
    texts = [pl.col(name).cast(pl.String) for name in ("indicator", "unit", "qualifier", "absent", "place", "kind")]
    kept = ("fact_id", "as_of", "value", "low", "high", "status", "period", "source_id", "copied_from")
    others = pl.concat([table.filter(dated).select(*kept, *texts) for table in tables])
    others = others.join(tiers, on="source_id", how="left", maintain_order="left").with_columns(
        pl.col("status").cast(Status), sector=pl.lit(""), scope=pl.lit(""), chosen=pl.lit(value=False)
    )
    known = facts(city).filter(dated & (pl.col("sector") == ""))
    known = known.with_columns(copied_from=pl.lit(None, pl.Int32)).select(others.columns)
    found = pl.concat([others, known]).filter(pl.col("indicator").is_not_null())
    return preferred(found).select("place", *FIGURE, "copied_from", year=year)


def beside(city: City, aims: pl.DataFrame, outturns: pl.DataFrame | None = None, /) -> pl.DataFrame:
    """Each aim beside its outturn, with gap, required growth and verdict.

    Args:
        aims: ``target_id, place, indicator, unit, value, low, high, qualifier, period, kind, absent, status``; where
            known ``period_status``. A low end is to be reached, a high end not to be exceeded, both are an interval;
            a value is to be reached, one with ``<`` or ``<=`` not to be exceeded, a negative one is a fall of at least
            that much; ``~`` is about a value (judgement ``about_tolerance``).
        outturns: :func:`actuals` where not given.

    Returns:
        The rows of ``aims`` in their order with ``due`` (the year); the outturn's columns under ``outturn_``
        (:data:`FIGURE`, ``year``, ``copied_from`` and ``decimals``; null where none is published); ``compared``:
        ``yes``, ``part`` (the outturn is only a part of what the target means), or why nothing is differenced:
        ``none``, ``words`` (the target is no figure), ``unit, scope, break, period, old, copied`` (an old figure
        printed again); ``reason_zh, reason_en`` of table ``comparability``;
        ``gap_low, gap_high`` (how much is still to go, in the unit of the target; negative where exceeded; null where
        open to that side); ``growth``, the yearly growth required from the outturn to the target in per cent (an upper
        bound where ``gap_low`` is null; null for shares and rates, where nothing is to go, and where the year is over);
        ``result_status``, the weakest status of what the gap rests on; and ``verdict``, one of :data:`VERDICTS`: met
        or not met only by an outturn of the very year or period in which the target falls due; ``pending`` where that
        year is not over; ``scope`` where table ``comparability`` holds the figure to say what the work covers, with
        ``scope_zh, scope_en, scope_status`` (null for all others): nothing is differenced there.
    """
    found = (actuals(city) if outturns is None else outturns).with_columns(pl.col("status").cast(Status))
    if "copied_from" not in found.columns:
        found = found.with_columns(copied_from=pl.lit(None, pl.Int32))
    quantity = load("indicators", city).select(pl.col("indicator").cast(pl.String), pl.col("quantity").cast(pl.String))
    rows = aims.with_columns(
        pl.col("place", "indicator", "unit", "qualifier", "kind", "absent").cast(pl.String),
        pl.col("status").cast(Status),
        period_status=(pl.col("period_status") if "period_status" in aims.columns else pl.lit(None)).cast(Status),
        due=pl.col("period").str.extract(YEAR).cast(pl.Int32),
        _row=pl.int_range(pl.len()),
    ).join(quantity, on="indicator", how="left", maintain_order="left")  # fmt: skip
    covers = load("comparability", city).filter(pl.col("relation").cast(pl.String) == "scope").select(
        pl.col("indicator").cast(pl.String), at="place", scope_zh="reason_zh", scope_en="reason_en",
        scope_status=pl.col("status").cast(Status),
    )  # fmt: skip
    hits = rows.select("_row", "place", "indicator").join(covers, on="indicator", how="inner", maintain_order="left")
    hits = hits.filter(pl.col("at").is_null() | (pl.col("at") == pl.col("place"))).drop("place", "indicator", "at")
    rows = rows.join(hits.unique("_row", keep="first"), on="_row", how="left", maintain_order="left")
    newest = _candidates(city, rows, found).unique("_row", keep="first", maintain_order=True)
    joined = rows.join(newest, on="_row", how="left", maintain_order="left").with_columns(
        compared=pl.col("compared").fill_null("none")
    )
    decimals = load("indicators", city).select(
        outturn_indicator=pl.col("indicator").cast(pl.String), outturn_decimals="decimals"
    )
    joined = joined.join(decimals, on="outturn_indicator", how="left", maintain_order="left")
    return _judged(city, joined).drop("_row", "quantity", "_link")


def _candidates(city: City, rows: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Outturns that may stand beside each aim, best first: comparable ones, those of the due year, the newest."""
    rules = load("comparability", city).with_columns(
        pl.col("indicator", "actual_indicator", "relation").cast(pl.String)
    )
    names = rules.filter(pl.col("relation").is_in(["same", "part"])).select(
        "indicator", "actual_indicator", "relation", "reason_zh", "reason_en", _link=pl.col("status").cast(Status)
    )
    wanted = ("_row", "place", "indicator", "unit", "period", "base_period", "due", "absent", "quantity")
    asked = rows.filter(pl.col("indicator").is_not_null()).select(name for name in wanted if name in rows.columns)
    asked = asked if "base_period" in asked.columns else asked.with_columns(base_period=pl.lit(None, pl.String))
    same = asked.with_columns(actual_indicator=pl.col("indicator"), relation=pl.lit("same"), _order=pl.lit(0))
    others = asked.join(names, on="indicator", how="inner", maintain_order="left").with_columns(_order=pl.lit(1))
    named = found.rename({name: f"outturn_{name}" for name in (*FIGURE, "year", "copied_from")})
    pairs = pl.concat([same, others], how="diagonal").join(
        named, left_on=["place", "actual_indicator"], right_on=["place", "outturn_indicator"], how="inner",
        maintain_order="left",
    ).with_columns(outturn_indicator=pl.col("actual_indicator"))  # fmt: skip
    breaks = rules.filter(pl.col("relation") == "break").select(
        "indicator", at="place", changed=pl.col("from_period").str.slice(0, 4).cast(pl.Int32),
        break_zh="reason_zh", break_en="reason_en",
    )  # fmt: skip
    pairs = pairs.join(breaks, left_on="actual_indicator", right_on="indicator", how="left", maintain_order="left")
    broken = (
        (pl.col("at").is_null() | (pl.col("at") == pl.col("place")))
        & (pl.col("outturn_year") < pl.col("changed"))
        & (pl.coalesce("due", pl.lit(9999)) >= pl.col("changed"))
    ).fill_null(value=False)
    # A change over several years is comparable only with one over the same years; one of a year only with that year's.
    spanned = pl.coalesce(pl.col("base_period") + "-" + pl.col("due").cast(pl.String), "period")
    rate = pl.col("quantity").is_in(["growth", "change"]).fill_null(value=False)
    whole = (
        pl.when(rate)
        .then(pl.col("outturn_period") == spanned)
        .otherwise(pl.col("outturn_period").str.contains(r"^\d{4}$") | (pl.col("outturn_period") == pl.col("period")))
    )
    oldest = edition_year(city) - judgements(city).current_years.value
    compared = (
        pl.when(pl.col("absent").is_not_null()).then(pl.lit("words"))
        .when(pl.col("outturn_unit").ne_missing(pl.col("unit"))).then(pl.lit("unit"))
        .when(pl.col("outturn_scope") != "").then(pl.lit("scope"))
        .when(broken).then(pl.lit("break"))
        .when(~whole.fill_null(value=False)).then(pl.lit("period"))
        .when((pl.col("outturn_year") < oldest) & (pl.col("outturn_year") != pl.coalesce("due", pl.lit(0))))
        .then(pl.lit("old"))
        .when(pl.col("outturn_copied_from").is_not_null()).then(pl.lit("copied"))
        .when(pl.col("relation") == "part").then(pl.lit("part"))
        .otherwise(pl.lit("yes"))
    )  # fmt: skip
    pairs = pairs.with_columns(compared=compared).with_columns(
        reason_zh=pl.when(pl.col("compared") == "break").then("break_zh").otherwise("reason_zh"),
        reason_en=pl.when(pl.col("compared") == "break").then("break_en").otherwise("reason_en"),
    )
    # A newer figure that only repeats an older one stands before it: what is shown must say so.
    return pairs.sort(
        pl.col("compared").is_in([*COMPARABLE, "copied"]).not_(), "_order", pl.col("outturn_year") != pl.col("due"),
        -pl.col("outturn_year"), "outturn_period", "outturn_scope", nulls_last=True, maintain_order=True,
    ).select(
        "_row", "compared", "reason_zh", "reason_en", "_link",
        *(f"outturn_{name}" for name in (*FIGURE, "year", "copied_from")),
    )  # fmt: skip


def _judged(city: City, rows: pl.DataFrame) -> pl.DataFrame:
    """Gap, required growth and verdict of each row."""
    about = 1 - judgements(city).about_tolerance.value
    is_ceiling = pl.col("qualifier").is_in(["<", "<="]).fill_null(value=False) | (pl.col("value") < 0)
    ends = rows.with_columns(
        _low=pl.when(pl.col("value").is_null()).then("low").when(~is_ceiling).then("value"),
        _high=pl.when(pl.col("value").is_null()).then("high").when(is_ceiling).then("value"),
        # What is known of the outturn: at least, at most. A part says nothing of how much the whole is at most.
        _least=pl.coalesce("outturn_value", "outturn_low"),
        _most=pl.when(pl.col("compared") != "part").then(pl.coalesce("outturn_value", "outturn_high")),
    )
    low = pl.col("_low") * pl.when(pl.col("qualifier") == "~").then(about).otherwise(1.0)
    least, most, high = pl.col("_least"), pl.col("_most"), pl.col("_high")
    above, below = pl.col("qualifier").eq_missing(">"), pl.col("qualifier").eq_missing("<")
    is_over, is_under = pl.col("outturn_qualifier").eq_missing(">"), pl.col("outturn_qualifier").eq_missing("<")
    reached = (low.is_null() | (least > low) | ((least == low) & (~above | is_over))) & (
        high.is_null() | (most < high) | ((most == high) & (~below | is_under))
    )
    missed = ((most < low) | ((most == low) & (above | is_under))).fill_null(value=False) | (
        (least > high) | ((least == high) & (below | is_over))
    ).fill_null(value=False)
    comparable = pl.col("compared").is_in(COMPARABLE) & pl.col("scope_status").is_null()
    is_due = comparable & (pl.col("outturn_year") == pl.col("due"))
    absent = pl.col("absent").fill_null("")
    verdict = (
        pl.when(pl.col("kind") == "rule").then(pl.lit("rule"))
        .when(pl.col("kind") == "expected").then(pl.lit("expected"))
        .when(pl.col("scope_status").is_not_null()).then(pl.lit("scope"))
        .when(absent == "not_published").then(pl.lit("not_found"))
        .when(absent != "").then(pl.lit("words"))
        .when(pl.col("due").is_null()).then(pl.lit("no_year"))
        .when(is_due & reached.fill_null(value=False)).then(pl.lit("met"))
        .when(is_due & missed).then(pl.lit("not_met"))
        .when(pl.col("due") >= edition_year(city)).then(pl.lit("pending"))
        .otherwise(pl.lit("open"))
    )  # fmt: skip
    one_sided = comparable & (pl.col("_low").is_null() | high.is_null())
    judged = ends.with_columns(
        verdict=verdict.cast(pl.Enum(VERDICTS)),
        gap_low=pl.when(one_sided).then(pl.coalesce(pl.col("_low") - most, least - high)),
        gap_high=pl.when(one_sided).then(pl.coalesce(pl.col("_low") - least, most - high)),
        result_status=pl.max_horizontal(pl.col("status", "period_status", "outturn_status", "_link")),
    )
    still = pl.col("quantity").is_in(["level", "count"]) & (pl.col("gap_high") > 0) & (pl.col("verdict") == "pending")
    asked = judged.select(
        value="_least", target="_low", years=pl.when(still).then(pl.col("due") - pl.col("outturn_year"))
    )
    grown = required_growth(asked)["growth"]
    return judged.with_columns(growth=grown).drop("_low", "_high", "_least", "_most")


@remembered
def targets(city: City, /) -> pl.DataFrame:
    """Every row of table ``targets`` that is no plain actual, beside its outturn (:func:`beside`).

    What was looked for and not found is among them, with the verdict ``not_found``.

    Returns:
        Columns of :func:`beside` and ``reach``: ``own`` (of the city), ``county`` (of a place in it), ``above``
        (province, nation), ``comparator`` (another city or province); sorted by reach, domain and identifier.
    """
    table = load("targets", city)
    kind, absent = pl.col("kind").cast(pl.String), pl.col("absent").cast(pl.String).fill_null("")
    rows = table.filter((kind != "actual") | (absent == "not_published"))
    inside = counties(city)["place"].implode()
    reach = (
        pl.when(pl.col("comparator")).then(pl.lit("comparator"))
        .when(pl.col("place") == city.place).then(pl.lit("own"))
        .when(pl.col("place").is_in(inside)).then(pl.lit("county"))
        .otherwise(pl.lit("above"))
    )  # fmt: skip
    order = pl.Enum(["own", "county", "above", "comparator"])
    return beside(city, rows).with_columns(reach=reach.cast(order)).sort("reach", "domain", "target_id")
