"""From a figure to its source: what is printed in a brief, how it was printed before, where and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief.context import Context
from tylib.brief.document import Part
from tylib.brief.sources import entry
from tylib.brief.tables import html_table
from tylib.errors import unknown
from tylib.store import City, load, open_city, preferred

if TYPE_CHECKING:
    from collections.abc import Mapping


def trace(indicator: str, *, unit: str, language: str, city: City | None = None) -> Part:
    """The newest figure of an indicator, followed to its source.

    Args:
        indicator: Name in the indicators table.
        unit: ``county:CODE``.
        language: A folder of ``params/i18n``.
        city: Defaults to the city found from the working directory.

    Returns:
        A part with the figure as briefs show it, as the source printed it, its status, and the source with its grade
        and date; a part that says so where the unit has no dated figure of that indicator.

    Raises:
        ParameterError: No such indicator, unit or language.
    """
    context = Context.of(unit, language=language, city=city or open_city())
    indicators = load("indicators", context.city)["indicator"].cast(pl.String).to_list()
    if indicator not in indicators:
        raise unknown("indicator", indicator, indicators)
    said = context.words
    subject = said("lab.trace.subject", place=context.name, indicator=context.indicator_name(indicator))
    known = preferred(context.own(indicator)).filter(pl.col("value").is_not_null() & pl.col("year").is_not_null())
    if known.is_empty():
        return Part("trace", said("lab.trace.nothing", subject=subject), (said("lab.trace.other"),))
    row = known.sort("year", "kind").row(-1, named=True)
    figure = context.numbers.row(row)
    heading = said("lab.trace.heading", subject=subject, period=context.period(row["period"]), figure=figure)
    steps = [{"step": said(f"lab.trace.{name}"), "found": found} for name, found in _steps(context, row) if found]
    columns = {name: said(f"lab.trace.columns.{name}") for name in ("step", "found")}
    table = html_table(steps, columns, key="trace", caption=heading, markup=["found"])
    return Part("trace", heading, (table,))


def _steps(context: Context, row: Mapping[str, Any]) -> list[tuple[str, Markup]]:
    said = context.words
    sources = load("sources", context.city).filter(pl.col("source_id") == row["source_id"])
    name = f"status.{row['status']}"
    status = said("lab.trace.named", name=said(name), meaning=said(f"{name}_means"))
    printed = said("lab.trace.quoted", value=row["value_text"] or "", period=row["period_text"] or "")
    others = said.number_of("lab.trace.others", row["alternatives"]) if row["alternatives"] else ""
    return [
        ("figure", Markup("{}{}").format(context.figure(row), f" {others}" if others else "")),
        ("printed", Markup("{}").format(printed if row["value_text"] else "")),
        ("status", Markup("{}").format(status)),
        ("note", Markup("{}").format(row["note"] or "")),
        ("source", Markup("").join(entry(source, said) for source in sources.iter_rows(named=True))),
        ("as_of", Markup("{}").format(row["as_of"] or said("lab.trace.undated"))),
        ("row", Markup("<code>{}</code>").format(row["fact_id"])),
    ]
