"""The model held against growth that was published: what there is, how far forecasts erred, what cannot be tested."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from tylib import scenario
from tylib.brief.document import Part
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.store import scenarios as files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tylib.brief.context import Context
    from tylib.scenario import Validated

KINDS = ("city", "county", "other")
IDLE = 0.95  # share of draws beyond which a match that keeps them tells nothing
LEFT = ("part_year", "expected", "scope", "not_published")


def past(context: Context) -> Part:
    """Two tables, then what they and the rest come to in words; empty where no growth was published."""
    if files.shown(context.city) is None:
        return Part()
    found, said = scenario.validate(context.city), context.words
    if found.published["reason"].is_not_null().all():
        return Part()
    speaks = _speaks(context)
    scored = found.skill.filter(pl.col("indicator") == speaks)["scored"].max() or 0
    key = "claimed" if found.skill["claim"].any() else "tried" if scored else "little"
    known = found.published.filter(
        pl.col("reason").is_null() & (pl.col("indicator") == speaks) & (pl.col("kind") == "county")
    )
    heading = said(
        f"certainty.past.heading.{key}", series=context.indicator_name(speaks), all=context.counties.height,
        figures=known.height, counties=known["place"].n_unique(), scored=scored,
        claimed=found.skill.filter("claim").height, pairs=found.skill.height,
    )  # fmt: skip
    paragraphs = Markup("").join(Markup("<p>{}</p>").format(text) for text in _told(context, found, speaks))
    return Part("past", heading, (_published(context, found), _errors(context, found), paragraphs))


def _speaks(context: Context) -> str:
    """The series that the prior of growth speaks of."""
    series = files.model(context.city).validation.series
    return next((name for name, role in series.items() if role == "model"), next(iter(series)))


def _published(context: Context, found: Validated) -> Markup:
    """How many years of growth there are of whom, and what was left aside, by reason."""
    said, cells = context.words, []
    counted = found.published.with_columns(pl.col("reason").fill_null("used"))
    for name in files.model(context.city).validation.series:
        for kind in KINDS:
            own = counted.filter((pl.col("indicator") == name) & (pl.col("kind") == kind))
            used = own.filter(pl.col("reason") == "used")
            numbers = {reason: str(own.filter(pl.col("reason") == reason).height) for reason in LEFT}
            cells.append({"series": context.indicator_name(name), "kind": said(f"certainty.past.kind.{kind}"),
                          "used": str(used.height), "places": str(used["place"].n_unique()), **numbers})  # fmt: skip
    columns = {name: said(f"certainty.past.columns.{name}") for name in cells[0] if name != "series"}
    return html_table(cells, columns, key="past-published", caption=said("certainty.past.published"),
                      caption_shown=True, right=["used", "places", *LEFT], groups="series")  # fmt: skip


def _errors(context: Context, found: Validated) -> Markup:
    """Each forecast beside each naive one, over all horizons: only pairs that share a point."""
    said, numbers = context.words, context.numbers
    cells = [
        {
            "series": context.indicator_name(row["indicator"]),
            "forecast": said(f"certainty.past.forecast.{row['forecast']}"),
            "against": said(f"certainty.past.against.{row['against']}"),
            "kind": said(f"certainty.past.kind.{row['kind']}"),
            "n": str(row["n"]),
            "mae": numbers.rounded(row["mae"], "", decimals=1),
            "naive": numbers.rounded(row["mae_naive"], "", decimals=1),
            "mase": "" if row["mase"] is None else numbers.rounded(row["mase"], "", decimals=2),
            "signs": said("certainty.past.signs", wins=row["wins"], losses=row["losses"], p=_p(context, row["p"])),
        }
        for row in found.scores.filter(pl.col("horizon").is_null()).iter_rows(named=True)
    ]
    if not cells:
        return Markup("")
    columns = {name: said(f"certainty.past.columns.{name}") for name in cells[0] if name != "series"}
    return html_table(cells, columns, key="past-errors", caption=said("certainty.past.errors"), caption_shown=True,
                      right=["n", "mae", "naive", "mase"], groups="series")  # fmt: skip


def _p(context: Context, p: float | None) -> str:
    return "" if p is None else context.words("certainty.past.p", p=context.numbers.rounded(p, "", decimals=2))


def _told(context: Context, found: Validated, speaks: str) -> Iterator[Markup]:
    """Coverage, pooling, the epidemic, the match with the city's growth, and what cannot be tested at all."""
    said, numbers, rules = context.words, context.numbers, files.model(context.city).validation
    own = pl.col("indicator") == speaks
    inside = found.coverage.filter(own & (pl.col("forecast") == "prior")).row(0, named=True)
    if inside["n"]:
        ends = (numbers.rounded(inside[end], "", decimals=0) for end in ("low", "high"))
        yield said.html("certainty.past.coverage", n=inside["n"], inside=inside["inside"],
                        **dict(zip(("low", "high"), ends, strict=True)))  # fmt: skip
    for name, pooled in found.pooled.items():
        texts = {"series": context.indicator_name(name), "counties": pooled.counties.height, "spare": pooled.freedom,
                 "years": int(pooled.counties["years"].sum())}  # fmt: skip
        if not pooled.known:
            yield said.html("certainty.past.unpooled", **texts)
            continue
        ends = {end: numbers.rounded(getattr(pooled, f"weight_{end}"), "", decimals=2) for end in ("low", "high")}
        use = said(f"certainty.past.use.{rules.series[name]}")
        yield said.html("certainty.past.pooled", **texts, **ends, use=use)
    for row in found.epidemic.filter(pl.col("year").is_null()).iter_rows(named=True):
        texts = {"series": context.indicator_name(row["indicator"]), "years": row["years"],
                 "first": min(rules.epidemic), "last": max(rules.epidemic)}  # fmt: skip
        few = said("certainty.past.few") if row["years"] < rules.least_years else ""
        trend = numbers.text(row["value"], "%", decimals=1)
        yield said.html("certainty.past.epidemic", trend=trend, few=few, **texts)
    for row in found.history.iter_rows(named=True):
        key = "idle" if row["kept"] > IDLE * row["draws"] else "enough" if row["enough"] else "little"
        yield said.html("certainty.past.history", kept=row["kept"], draws=row["draws"], years=row["years"],
                        verdict=said(f"certainty.past.verdict.{key}"))  # fmt: skip
    used = found.published.filter(pl.col("reason").is_null())["source_id"].drop_nulls().unique().sort().to_list()
    yield Markup("{} {}{}").format(said("certainty.past.cannot"), context.cite(used), mark("derived", said))
