"""The top of a zone's page: what of the programme is in it, its leading industry, its newest figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from tylib.brief import opening as page_opening
from tylib.programme import zones as programme
from tylib.programme.projects import WHOLE
from tylib.programme.targets import edition_year
from tylib.store.contracts import Status

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
PRINTED = ("published", "imported")
STATED = pl.col("link_status") == "published"  # our own readings make no headline


def opening(context: Context) -> Part:
    """Kicker, headline and standfirst, generated from what is known."""
    kind = context.words("zone.kicker")
    return page_opening.opening(context, kind=kind, headline=headline(context), standfirst=standfirst(context))


def short(context: Context, row: Mapping[str, Any] | None = None) -> str:
    """The short name of a zone, for headlines and charts; its full name where it has none."""
    return context.words.pick(row or context.row, "short") or context.words.pick(row or context.row, "name")


def headline(context: Context) -> str:
    """How many key chains, named projects and published figures the zone has, as sources state it."""
    said, here = context.words, (context.city, context.code)
    chains = programme.chains(*here).filter(STATED)
    projects = programme.projects(*here).filter(STATED & WHOLE)
    figures = programme.metrics(*here).filter(pl.col("absent").is_null() & pl.col("status").is_in(PRINTED))
    counts = {"chains": chains.height, "projects": projects.height, "figures": figures.height}
    items = [said.number_of(f"zone.count.{name}", count) for name, count in counts.items() if count]
    if not items:
        return said("zone.headline.none", zone=short(context))
    return said("zone.headline.some", zone=short(context), items=context.joined(items))


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
