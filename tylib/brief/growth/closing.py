"""What the tables do not allow to be said of growth, which table would, and how far what is said can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from tylib.brief import closing
from tylib.brief.coverage.gaps import request_tables
from tylib.brief.document import Part
from tylib.brief.growth.cities import beside
from tylib.brief.growth.economy import contributed
from tylib.brief.growth.energy import effects
from tylib.brief.growth.levels import STEP, WHOLE
from tylib.brief.growth.sectors import MEASURES, measured, real
from tylib.programme.branches import pulls
from tylib.store.city import package
from tylib.store.places import place

if TYPE_CHECKING:
    from tylib.brief.context import Context

TEMPLATES = {"sectors": "sector_totals", "counties": "county_sectors", "energy": "energy"}
"""Which template brings what a question needs."""
REQUESTED = ("sectors", "counties")
"""Of which the template's own list of tables to ask for says what is meant."""
METHODS = {
    "growth.method.rates": "tylib.indicators.growth.contributions_of_rates",
    "growth.method.share": "tylib.indicators.growth.contribution_of_share",
    "growth.method.rest": "tylib.indicators.shift_share.growth_of_rest",
    "growth.method.mix": "tylib.indicators.shift_share.mix_of_rates",
    "growth.method.levels": "tylib.indicators.growth.contributions",
    "growth.method.shift": "tylib.indicators.shift_share.components",
    "growth.method.energy": "tylib.indicators.carbon.lmdi",
}


def known(context: Context, *, measure: str) -> dict[str, bool]:
    """Which of the questions the tables answer: ``rates`` (three sectors, current), ``sectors, counties, energy,
    cities``."""
    city = context.facts.filter(pl.col("place") == context.city.place)
    own = context.facts.filter(pl.col("place").is_in(context.counties["place"].implode()))
    years = contributed(city)["period"].str.extract(r"^(\d{4})").cast(pl.Int32)
    newest = city.filter((pl.col("indicator") == WHOLE) & pl.col("value").is_not_null())["year"].max()
    others = beside(context, WHOLE)
    return {
        "rates": years.len() > 0 and newest is not None and years.max() >= newest,
        "sectors": measured(city, measure)[1].height > 0 or real(city).height > 0,
        "counties": measured(own, measure)[1]["place"].n_unique() > 1,
        "energy": effects(city, measure=MEASURES[0])[1].height > 0,
        "cities": others.height > 1 and others["value"].null_count() == 0,
    }


def unknown(context: Context, *, measure: str) -> Part:
    """A request for each question that the tables leave open: what, which table, who holds it."""
    said = context.words
    tables = {row["table_id"]: row for row in request_tables(context.city).iter_rows(named=True)}
    asked = {one["name"]: one.get("requests", ()) for one in package(context.city).get("templates", ())}
    province = place(context.city.place, context.city)["parent"]
    rows = []
    for question, answered in known(context, measure=measure).items():
        if answered:
            continue
        template = TEMPLATES.get(question)
        held = [tables[name] for name in asked.get(template or "", ()) if name in tables and question in REQUESTED]
        if held:
            title = said("list.semicolon").join(said.pick(row, "title") for row in held)
            holder = said("list.semicolon").join(dict.fromkeys(said.pick(row, "holder") for row in held))
        else:
            names = {"city": context.name, "province": context.place_name(province) if province else ""}
            title, holder = (said(f"growth.unknown.{part}.{question}", **names) for part in ("table", "holder"))
        into = said("growth.unknown.template", template=template) if template else ""
        rows.append((said(f"growth.unknown.what.{question}"), f"{title}{into}", holder))
    note = Markup('<p class="note">{}</p>').format(said("growth.unknown.note"))
    return closing.requests(context, rows, heading=said.number_of("growth.unknown.heading", len(rows)), notes=(note,))


def confidence(context: Context, *, measure: str) -> Part:
    """How many of the questions have an answer, and what every answer rests on."""
    said, found = context.words, known(context, measure=measure)
    periods = contributed(context.facts.filter(pl.col("place") == context.city.place))
    own = periods.filter(pl.col("scope") == "")
    broad = ("few" if pulls(context.city).is_empty() else "branches") if own.height else "none"
    case = "all" if all(found.values()) else "some" if found["sectors"] or found["counties"] else broad
    apart = (own["sum"] - own["whole"]).abs().max()
    count = own.select("period").n_unique()
    blocks = [said.number_of("growth.confidence.periods", count)] if count else []
    if apart is not None:
        points = context.numbers.bare(apart, "pp", decimals=2)
        # Each of the three rates and the whole may be half a tenth away.
        blocks.append(said(f"growth.confidence.apart.{'rounding' if apart <= STEP else 'more'}", points=points))
    blocks.append(said("growth.confidence.prices"))
    return Part("confidence", said(f"growth.confidence.heading.{case}"), tuple(blocks))


def method(context: Context) -> Part:
    """The formulas, each with the function that holds it."""
    return closing.method(context, METHODS)
