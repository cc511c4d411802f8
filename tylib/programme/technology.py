"""Technology and talent: published innovation figures, needs beside results, what supports each chain.

Needs and results of technology (需求, 成果), funds, policies and factors come by import; until then their tables are
empty and so are the frames here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tylib.programme.structure import FIGURE, actuals, aims, newest
from tylib.store import City, load
from tylib.store.memory import remembered
from tylib.store.places import place
from tylib.store.units import rows as units_of

if TYPE_CHECKING:
    from tylib.store.params import Judgements

DOMAIN = "innovation"
RESEARCH = ("rd_expenditure", "rd_intensity_gdp")
"""Measures of research that stand first, whether or not a target was set for them."""
OPEN_BID = "揭榜挂帅"
"""What the role of a firm says that took on an open-bid research project."""
PLATFORM = "创新平台"
"""Level of a zone that is a platform of innovation, and of nothing else."""
SYSTEM, FACTORS = ("fund", "policy"), ("land", "energy", "environment", "people")
STATES = ("gathered", "published", "matched", "closed")


@remembered
def innovation(city: City, /) -> pl.DataFrame:
    """Published innovation figures of the city, each beside the province's of the same period and the aim set for it.

    Which they are follows from the tables: every indicator of the domain in table ``targets``, and :data:`RESEARCH`.

    Returns:
        ``indicator``, ``period`` and :data:`FIGURE` of the city's newest figure, the same under ``province_`` for the
        same period, under ``aim_`` the target of the city (with ``aim_value_zh, aim_value_en`` where it is in words);
        null where not published. Rows with neither a figure nor an aim are left out. In the order of the indicators.
    """
    domain = load("targets", city).filter((pl.col("domain") == DOMAIN) & pl.col("indicator").is_not_null())
    listed = pl.DataFrame({"indicator": [*RESEARCH, *domain["indicator"].cast(pl.String)]}).unique()
    every = actuals(city).join(listed, on="indicator", how="semi")
    own = newest(every.filter(pl.col("place") == city.place)).select("indicator", "period", *FIGURE)
    province = every.filter(pl.col("place") == place(city.place, city)["parent"])
    beside = province.select("indicator", "period", *(pl.col(name).alias(f"province_{name}") for name in FIGURE))
    wanted = aims(city).filter(pl.col("role") == "own")
    columns = ("value_zh", "value_en", "period", *(name for name in FIGURE if name != "decimals"))
    wanted = wanted.select("indicator", *(pl.col(name).alias(f"aim_{name}") for name in columns))
    first = pl.col("indicator").replace_strict({name: n for n, name in enumerate(RESEARCH)}, default=len(RESEARCH))
    return (
        listed.join(own, on="indicator", how="left")
        .join(beside, on=["indicator", "period"], how="left")
        .join(wanted, on="indicator", how="left")
        .filter(pl.col("status").is_not_null() | pl.col("aim_source_id").is_not_null())
        .sort(first, pl.col("status").is_null(), "indicator")
    )


def not_published(city: City, /) -> pl.DataFrame:
    """What of innovation in the city was looked for and not found, unless a figure turned up elsewhere.

    Returns:
        ``name_zh, name_en, note_zh, note_en, source_id, as_of``, by name.
    """
    known = actuals(city).filter(pl.col("place") == city.place)["indicator"].unique()
    table = load("targets", city).with_columns(pl.col("indicator", "absent").cast(pl.String))
    missing = table.filter(
        (pl.col("place") == city.place) & (pl.col("domain") == DOMAIN) & (pl.col("absent") == "not_published")
        & ~pl.col("indicator").is_in(known.implode()).fill_null(False)
    )  # fmt: skip
    return missing.select("name_zh", "name_en", "note_zh", "note_en", "source_id", "as_of").sort("name_zh")


def open_bid_firms(city: City, /) -> pl.DataFrame:
    """Firms that a source names as having taken on an open-bid project (揭榜挂帅): rows of ``enterprises``."""
    return load("enterprises", city).filter(pl.col("role_zh").str.contains(OPEN_BID, literal=True)).sort("firm_id")


def platforms(city: City, /) -> pl.DataFrame:
    """Platforms of innovation that can be named, among zones and projects: ``name_zh, name_en, source_id``."""
    zones = load("zones", city).filter(pl.col("level_zh") == PLATFORM)
    projects = load("projects", city).filter(pl.col("in_city") & (pl.col("category") == "innovation_platform"))
    return pl.concat([table.select("name_zh", "name_en", "source_id") for table in (zones, projects)]).sort("name_zh")


@remembered
def stages(city: City, /) -> pl.DataFrame:
    """How many needs and results have been gathered, published, matched and closed: ``table, state, count``.

    ``state`` is null where a row names none. Empty while both tables are.
    """
    tables = {"needs": "technology_needs", "results": "technology_results"}
    order = pl.Enum(STATES)
    counted = [
        load(name, city).group_by("state").agg(count=pl.len().cast(pl.Int64))
        .select(table=pl.lit(kind), state=pl.col("state").cast(pl.String).cast(order), count="count")
        for kind, name in tables.items()
    ]  # fmt: skip
    return pl.concat(counted).sort("table", "state", nulls_last=True)


def matches(city: City, judgements: Judgements, /) -> pl.DataFrame:
    """Needs beside the results that may answer them, best first, each with its score and what makes it up.

    ``score = chain weight (same chain) + field weight (same field) + word weight * overlap``, where ``overlap`` is
    Dice's coefficient of the pairs of neighbouring characters in the Chinese name and content: twice those in common
    over those of either. The weights are ``match_chain, match_field, match_words``; pairs below ``match_least`` are
    left out. This proposes; whether a result answers a need is for the two sides to say.

    Returns:
        ``need_id, result_id``, ``need_`` and ``result_`` with ``name_zh, name_en, holder_zh, holder_en, status,
        source_id``, ``same_chain, same_field`` (booleans), ``overlap, score``; by need, then falling score, then
        result.
    """
    weights = {"same_chain": judgements.match_chain, "same_field": judgements.match_field,
               "overlap": judgements.match_words}  # fmt: skip
    needs, results = _side(city, "need"), _side(city, "result")
    common = (
        _pairs(needs, "need_id").join(_pairs(results, "result_id"), on="pair", how="inner")
        .group_by("need_id", "result_id").agg(_common=pl.len())
    )  # fmt: skip
    pairs = (
        needs.join(results, how="cross")
        .join(common, on=["need_id", "result_id"], how="left")
        .with_columns(
            same_chain=(pl.col("need_chain_id") == pl.col("result_chain_id")).fill_null(False),
            same_field=pl.col("need_field") == pl.col("result_field"),
            overlap=(2 * pl.col("_common").fill_null(0) / (pl.col("need_pairs") + pl.col("result_pairs"))).fill_nan(0),
        )
    )
    # Rounded as it is shown, so that equal scores stay equal whatever the order of adding.
    score = pl.sum_horizontal(weight.value * pl.col(name) for name, weight in weights.items())
    scored = pairs.with_columns(score=score.round(4)).filter(pl.col("score") >= judgements.match_least.value)
    text = ("name_zh", "name_en", "holder_zh", "holder_en", "status", "source_id")
    kept = [f"{side}_{name}" for side in ("need", "result") for name in text]
    return scored.select("need_id", "result_id", *kept, "same_chain", "same_field", "overlap", "score").sort(
        "need_id", "score", "result_id", descending=[False, True, False]
    )


def _side(city: City, side: str) -> pl.DataFrame:
    """Rows of one table under the name of its side, with their text in one spelling and how many pairs it has."""
    table = load(f"technology_{side}s", city)
    text = pl.concat_str(pl.col("name_zh", "content_zh").fill_null(""), separator=" ")
    plain = table.with_columns(
        text=text.str.to_lowercase().str.replace_all(r"[\s\p{P}\p{S}]+", " ").str.strip_chars(),
        field=pl.col("field_zh").str.strip_chars(),
    )
    named = plain.rename({f"{side}_id": "id"}).rename(lambda name: f"{side}_{name}")
    counts = _pairs(named, f"{side}_id").group_by(f"{side}_id").agg(pl.len().alias(f"{side}_pairs"))
    return named.join(counts, on=f"{side}_id", how="left", maintain_order="left").with_columns(
        pl.col(f"{side}_pairs").fill_null(0)
    )


def _pairs(side: pl.DataFrame, key: str) -> pl.DataFrame:
    """The different pairs of neighbouring characters of each row's text; none reaches over a gap between words."""
    letters = side.select(key, pair=pl.col(f"{key.removesuffix('_id')}_text").str.split("")).explode("pair")
    both = letters.with_columns(pair=pl.col("pair") + pl.col("pair").shift(-1).over(key))
    return both.filter(~pl.col("pair").str.contains(" ", literal=True)).unique(maintain_order=True)


@remembered
def support(city: City, /) -> pl.DataFrame:
    """What supports each of the city's key chains: fund, policies, land, energy, environment, people.

    Returns:
        ``chain_id, name_zh, name_en, item`` (:data:`SYSTEM` then :data:`FACTORS`), ``entries`` (how many rows speak of
        it; 0 means not published), ``names_zh, names_en, source_ids`` (lists), ``status`` (the weakest); one row a
        chain and item.
    """
    items = pl.Enum([*SYSTEM, *FACTORS])
    parts = ("chain_id", "name_zh", "name_en", "status", "source_id")
    work = load("work_system", city).with_columns(pl.col("item").cast(pl.String)).filter(pl.col("item").is_in(SYSTEM))
    factors = load("chain_factors", city).filter(pl.col("absent").is_null()).rename({"factor": "item"})
    rows = pl.concat([table.select(*parts, pl.col("item").cast(pl.String).cast(items)) for table in (work, factors)])
    found = rows.group_by("chain_id", "item").agg(
        entries=pl.len().cast(pl.Int64),
        names_zh=pl.col("name_zh"), names_en=pl.col("name_en"), source_ids=pl.col("source_id").unique().sort(),
        status=pl.col("status").max(),
    )  # fmt: skip
    grid = units_of("chain", city).select("chain_id", "name_zh", "name_en").join(
        pl.DataFrame({"item": items.categories.to_list()}, schema={"item": items}), how="cross"
    )  # fmt: skip
    return (
        grid.join(found, on=["chain_id", "item"], how="left", maintain_order="left")
        .with_columns(pl.col("entries").fill_null(0))
        .sort("chain_id", "item")
    )
