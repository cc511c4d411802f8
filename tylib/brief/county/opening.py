"""The top of the page: the answer in a sentence, what supports it, what is not known, and the key numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from tylib.brief import blocks, sentences, upgrade
from tylib.brief import opening as page_opening
from tylib.brief.county.standing import among_counties, latest, of_period
from tylib.brief.making import amounts
from tylib.brief.making import county as making
from tylib.programme import county as programme
from tylib.store import load
from tylib.store.contracts import TAKEN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from markupsafe import Markup

    from tylib.brief.context import Context
    from tylib.brief.document import Part

KEY_INDICATORS = (
    "gdp",
    "gdp_growth_real",
    "above_scale_industrial_va",
    "above_scale_industrial_va_growth",
    "resident_population",
    "urbanisation_rate",
)


MOST_TABLES = 2  # tables that are named for what was not found: the nearest ones, in the order of their table


def opening(context: Context) -> Part:
    """Kicker, headline and standfirst, generated from what is known."""
    kind = context.words("county.kicker")
    return page_opening.opening(context, kind=kind, headline=headline(context), standfirst=standfirst(context))


def headline(context: Context) -> str:
    """The answer in a sentence: the county's part in the programme, and the size of its economy."""
    said, gdp = context.words, latest(context, "gdp")
    role = _role(context)
    if gdp is None:
        return said("county.headline.unknown", county=context.name, role=role)
    figure = sentences.as_kind(context.numbers, context.numbers.text(gdp["value"], gdp["unit"]), gdp["kind"])
    return said(
        "county.headline.known", county=context.name, role=role, year=said("number.year", year=gdp["year"]), gdp=figure
    )


def _role(context: Context) -> str:
    """The county's part in the programme.

    Only what a source, or a table of the user's own, places here counts (our own readings make no headline), and of
    projects only those that stand by themselves: a part of another is not a second one.
    """
    said = context.words
    stated = pl.col("link_status") != "assumed"
    towns = programme.towns(context.city, context.code).filter(stated)
    projects = programme.projects(context.city, context.code).filter(stated & pl.col("parent").is_null())
    making = projects.filter(pl.col("category") == "manufacturing").height
    counted = said.number_of("county.count.projects", making)
    if towns.height:
        highest = towns.filter(pl.col("rung") == pl.col("rung").max())
        tier = said(f"county.tier.{highest['rung'][0]}")
        town = said.number_of("county.count.towns", highest.height, tier=tier)
        return said(f"county.role.{'towns_projects' if making else 'towns'}", towns=town, projects=counted)
    if making:
        return said("county.role.projects", projects=counted)
    if projects.height:
        others = said.number_of("county.count.others", projects.height)
        return said("county.role.others", projects=others)
    return said("county.role.none")


def standfirst(context: Context) -> str:
    """What supports the headline, and what of the main indicators was looked for and is not published."""
    return "".join([*_support(context), _not_published(context)])


def _support(context: Context) -> Iterator[str]:
    said, people = context.words, latest(context, "resident_population")
    if people:
        where = among_counties(context, of_period(context, "resident_population", people["period"]))
        yield said(
            "county.standfirst.population",
            year=said("number.year", year=people["year"]),
            population=context.numbers.text(people["value"], people["unit"], decimals=people["decimals"]),
            standing=where.said(context),
        )
    if (gdp := latest(context, "gdp")) and (rate := growth_of(context, gdp)) is not None:
        flat, subject = context.judgements.flat_change.value, said("county.subject.gdp")
        sentence = sentences.growth(context.numbers, subject, rate, year=gdp["year"], kind=gdp["kind"], flat=flat)
        yield said("county.standfirst.growth", growth=sentences.opened(sentence))
    if finding := making.finding(context):
        yield said("county.standfirst.makes", finding=finding, year=making.year(context))


def growth_of(context: Context, gdp: dict[str, Any]) -> float | None:
    """The published real growth of the year of a GDP figure, of the same kind."""
    rates = of_period(context, "gdp_growth_real", gdp["period"], kind=gdp["kind"])
    own = rates.filter(pl.col("place") == context.code)
    return own["value"].item() if own.height else None


def _not_published(context: Context) -> str:
    said = context.words
    gaps = programme.gaps(context.facts, context.code)
    if gaps.is_empty():
        told = (row for name in KEY_INDICATORS if (row := latest(context, name)))
        return said(f"county.standfirst.complete{'_own' if any(row['status'] in TAKEN for row in told) else ''}")
    items = [
        said(
            "county.standfirst.years_of",
            indicator=context.indicator_name(row["indicator"]),
            years=years(context, row["periods"]),
        )
        for row in gaps.iter_rows(named=True)
    ]
    tables = (asked_in(context, name) for name in gaps["indicator"])
    first = dict.fromkeys(said.pick(rows.row(0, named=True), "title") for rows in tables if rows.height)
    where = said("county.standfirst.held", tables=context.joined(list(first)[:MOST_TABLES])) if first else ""
    return said("county.standfirst.absent", items=said("list.semicolon").join(items), where=where)


def asked_in(context: Context, indicator: str) -> pl.DataFrame:
    """Tables kept for units of this kind that should carry an indicator, the nearest first."""
    tables = load("request_tables", context.city).with_columns(pl.col("indicators").str.split(";"))
    # A city's table by sector says nothing of one county.
    fits = (pl.col("level").cast(pl.String) == context.kind) & pl.col("indicators").list.contains(indicator)
    return tables.filter(fits)


def on_day(context: Context, day: date | str) -> str:
    """A date in words."""
    year, month, number = str(day).split("-")
    return context.words(
        "county.day", year=year, month=context.words(f"period.month_name.m{int(month)}"), day=int(number)
    )


def years(context: Context, periods: list[str]) -> str:
    """Years as a reader writes them: a run as ``2023—2025年``, else one by one."""
    whole = [int(p) for p in periods if p.isdigit()]
    if len(whole) == len(periods) > 1 and whole == list(range(whole[0], whole[0] + len(whole))):
        return context.words("period.span", first=whole[0], last=whole[-1])
    return context.joined(context.period(p) for p in periods)


def key_numbers(context: Context) -> Part:
    """Up to five figures with year, status and place among the counties; under them the marks that occur."""
    found = [row for name in KEY_INDICATORS if (row := latest(context, name))][: page_opening.MOST_KEY_NUMBERS]
    # The legend explains every mark that the brief may use below, not only those of the cards.
    statuses = {row["status"] for row in found} | programme_statuses(context)
    return page_opening.key_numbers(context, [_card(context, row) for row in found], statuses=statuses)


def programme_statuses(context: Context) -> set[str]:
    """Statuses that figures and links of the county carry."""
    linked = [programme.towns, programme.chains, programme.zones, programme.projects, programme.firms]
    frames = [table(context.city, context.code) for table in linked]
    return (
        {
            status
            for frame in [*frames, context.own(scope=None)]
            for name in ("status", "link_status")
            if name in frame.columns
            for status in frame[name].drop_nulls().cast(pl.String).to_list()
        }
        | {"derived"}
        | amounts.statuses(context)
        | upgrade.statuses(context)
    )  # population growth and density are always computed here


def _card(context: Context, row: dict[str, Any]) -> Markup:
    said = context.words
    where = among_counties(context, of_period(context, row["indicator"], row["period"], kind=row["kind"]))
    label, ranked, strip = said(f"county.key.{row['indicator']}"), where.said(context), ""
    if where.of > 1:
        period = context.period(row["period"])
        words = said("county.key.strip", label=label, total=len(where.values), period=period, standing=ranked)
        strip = blocks.strip(where.values, own=where.own, label=words)
    return page_opening.card(context, row, label=label, strip=strip, place=ranked)
