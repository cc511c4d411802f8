"""The top of a zone's page: its newest main figure, its leading industry, what was not found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import polars as pl

from tylib.brief import opening as page_opening
from tylib.programme import zones as programme
from tylib.programme.projects import WHOLE
from tylib.programme.targets import edition_year
from tylib.store import load
from tylib.store.contracts import TAKEN, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context
    from tylib.brief.document import Part

KEY_INDICATORS = (
    "gdp",
    "above_scale_industrial_output",
    "above_scale_industrial_va",
    "above_scale_industrial_va_growth",
    "zone_firms",
    "above_scale_industrial_enterprises",
    "planned_area",
    "core_area",
)
MOST_FIGURES = 3  # cards that print a figure; the others count what can be named here
MOST_MISSING = 4  # indicators that the standfirst names as not published
PRINTED = ("published", *TAKEN)
MAIN = KEY_INDICATORS[:6]  # what makes a headline: no area, which is planned
TOTALS = ("above_scale_industrial_output", "gdp")  # what the size of a zone's economy is read from


def opening(context: Context) -> Part:
    """Kicker, headline and standfirst, generated from what is known."""
    kind = context.words("zone.kicker")
    return page_opening.opening(context, kind=kind, headline=headline(context), standfirst=standfirst(context))


def short(context: Context, row: Mapping[str, Any] | None = None) -> str:
    """The short name of a zone, for headlines and charts; its full name where it has none."""
    return context.words.pick(row or context.row, "short") or context.words.pick(row or context.row, "name")


def headline(context: Context) -> str:
    """The newest main figure, else the leading industries; and which main figure was not found."""
    said, main = context.words, _main(context)
    missing = _not_found(context)
    if main is None:
        industries = re.split("[、；]", context.row["industries_zh"] or "")
        key = "none" if not industries[0] else "one" if len(industries) == 1 else "industries"
        count, one = _spelled(context, len(industries)), said.pick(context.row, "industries")
        return said(f"zone.headline.{key}", zone=short(context), count=count, industries=one, missing=missing)
    change = {"growth": "change", "count": "count"}.get(main["quantity"], "level")
    if change == "change" and main["value"] < 0:
        change = "fall"
    value = abs(main["value"]) if change == "fall" else main["value"]
    period = context.period(main["period"])
    when = said("zone.headline.half", period=period) if "H" in main["period"] else period
    return said(
        f"zone.headline.{change}",
        zone=short(context),
        when=when,
        what=what(context, main),
        figure=context.numbers.bare(value, main["unit"])
        if change == "count"
        else context.numbers.text(value, main["unit"]),
        missing=missing or said("zone.headline.later"),
    )


def what(context: Context, row: Mapping[str, Any]) -> str:
    """An indicator in a few words where the catalogue has them, else by its title."""
    key = f"zone.short.{row['indicator']}"
    name = context.words.pick(row, "name")
    return context.words(key) if context.words.has(key) else name[:1].lower() + name[1:]


def _spelled(context: Context, count: int) -> str:
    """A small number as it is read in a sentence."""
    key = f"zone.number.{count}"
    return context.words(key) if context.words.has(key) else str(count)


def _main(context: Context) -> dict[str, Any] | None:
    """The newest printed figure of the main indicators; where several are as new, the first of them."""
    rows = programme.metrics(context.city, context.code).filter(
        pl.col("absent").is_null()
        & pl.col("value").is_not_null()
        & pl.col("period").is_not_null()
        & (pl.col("kind") == "actual")
        & pl.col("status").is_in(PRINTED)
        & pl.col("indicator").is_in(MAIN)
    )
    kinds = load("indicators", context.city).select(pl.col("indicator", "quantity").cast(pl.String))
    rank = pl.col("indicator").replace_strict({name: at for at, name in enumerate(MAIN)}, return_dtype=pl.Int64)
    found = rows.join(kinds, on="indicator", how="left", maintain_order="left")
    found = found.sort(pl.col("period").str.head(4), rank, "period", descending=[True, False, True])
    return found.row(0, named=True) if found.height else None


def _not_found(context: Context) -> str:
    """The main figures that were not found, in a word."""
    known = programme.metrics(context.city, context.code).filter(pl.col("absent").is_null())["indicator"]
    missing = [name for name in TOTALS if name not in known]
    if len(missing) == len(TOTALS):
        return context.words("zone.headline.totals")
    return context.words("zone.headline.missing", what=context.words(f"zone.short.{missing[0]}")) if missing else ""


def standfirst(context: Context) -> str:
    """Leading industry and host, and which main figures are not published."""
    said = context.words
    industries = said.pick(context.row, "industries")
    parts = [
        said("zone.standfirst.industries", industries=industries)
        if industries
        else said("zone.standfirst.no_industries")
    ]
    hosts = programme.hosts(context.city, context.code)
    if hosts.height:
        known = hosts["own"].any()
        names = context.joined(said.pick(row, "name") for row in hosts.iter_rows(named=True))
        names = names if known else said.pick(context.row, "host_text") or names
        which = "host" if hosts["relation"][0] == "host" and hosts.height == 1 else "across"
        parts.append(said(f"zone.standfirst.{which}", places=names))
    missing = programme.unpublished(context.city, context.code)["indicators"].explode().drop_nulls()
    if missing.len():
        first = missing.unique(maintain_order=True)[:MOST_MISSING]
        names = said("list.semicolon").join(context.indicator_name(name) for name in first)
        parts.append(said("zone.standfirst.absent", items=names))
    return said("list.gap").join(parts)


def key_numbers(context: Context) -> Part:
    """The newest figures, then how many projects, firms and chains can be named; under them the marks that occur."""
    figures = _newest(context)
    cards = [page_opening.card(context, row, label=context.words.pick(row, "name")) for row in figures]
    cards += [page_opening.card(context, row, label=row["label"]) for row in _counted(context)]
    return page_opening.key_numbers(context, cards, statuses=statuses(context))


def _newest(context: Context) -> list[dict[str, Any]]:
    """One figure an indicator, of the newest whole year if there is one, none too old for the present, as listed."""
    rows = programme.metrics(context.city, context.code)
    year = pl.col("period").str.extract(r"^(\d{4})").cast(pl.Int32)
    oldest = edition_year(context.city) - context.judgements.current_years.value
    # A whole year before a part of one: a half-year's level would read as a year's.
    whole = pl.col("period").str.contains(r"^\d{4}$")
    young = rows.filter((year >= oldest) & pl.col("absent").is_null()).sort(
        whole, "period", descending=True, maintain_order=True
    )
    young = young.unique("indicator", keep="first", maintain_order=True)
    found = {row["indicator"]: row for row in young.iter_rows(named=True)}
    return [found[name] for name in KEY_INDICATORS if name in found][:MOST_FIGURES]


def _counted(context: Context) -> list[dict[str, Any]]:
    """What can be named in the zone, counted by us: chains, projects that stand by themselves, firms."""
    here = (context.city, context.code)
    tables = {
        "chains": programme.chains(*here),
        "projects": programme.projects(*here).filter(WHOLE),
        "firms": programme.firms(*here),
    }
    return [
        {
            "label": context.words(f"zone.key.{name}"),
            "value": table.height,
            "low": None,
            "high": None,
            "unit": "",
            "status": pl.Series(["derived", *table["link_status"].cast(pl.String)], dtype=Status).max(),
            "source_ids": table["source_id"].drop_nulls().unique(maintain_order=True).to_list(),
        }
        for name, table in tables.items()
        if table.height
    ]


def statuses(context: Context) -> set[str]:
    """Statuses that figures and links of the zone carry."""
    here = (context.city, context.code)
    tables = [getattr(programme, name)(*here) for name in ("hosts", "metrics", "chains", "towns", "projects", "firms")]
    found = {
        status
        for table in tables
        for name in ("status", "link_status", "chain_status")
        if name in table.columns
        for status in table[name].drop_nulls().cast(pl.String)
    }
    return found | {"derived"}  # what can be named is always counted here
