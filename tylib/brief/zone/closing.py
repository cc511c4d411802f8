"""What is not known of a zone and whom to ask; the rules behind its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import closing
from tylib.programme import zones as programme
from tylib.store import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context
    from tylib.brief.document import Part

ALSO = {"projects": "chain_projects_tracked", "firms": "key_chain_firms_listed"}
"""Lists of the whole city that would tell what is in the zone: the indicator that finds their table."""

METHODS = {
    "zone.method.added": "tylib.programme.zones.hosts",
    "zone.method.scope": "tylib.programme.zones.metrics",
    "zone.method.link": "tylib.programme.zones.chains",
    "zone.method.three": "tylib.programme.zones.three_way",
    "zone.method.sum": "tylib.programme.projects.investment",
}


def holder(context: Context, row: Mapping[str, Any], zone: str = "") -> str:
    """Who keeps a table of a zone: its own office by its name; that of the zone around it where it is a park.

    Args:
        row: Of table ``request_tables``.
        zone: Code; the zone of the context where empty.
    """
    own = context.words.pick(row, "own_holder")
    if not own:
        return context.words.pick(row, "holder")
    zones = {one["zone_id"]: one for one in load("zones", context.city).iter_rows(named=True)}
    one = zones[zone or context.code]
    while one["parent_zone_id"]:
        one = zones[one["parent_zone_id"]]
    return own.format(zone=context.words.pick(one, "name"))


def unknown(context: Context) -> Part:
    """Tables of the zone's own office first, then the city's lists of projects and firms."""
    said = context.words
    rows = [
        (
            said("list.semicolon").join(context.indicator_name(name) for name in row["indicators"]),
            said.pick(row, "title"),
            holder(context, row),
        )
        for row in programme.unpublished(context.city, context.code).iter_rows(named=True)
    ]
    tables = load("request_tables", context.city).with_columns(pl.col("indicators").str.split(";"))
    for key, indicator in ALSO.items():
        found = tables.filter(pl.col("indicators").list.contains(indicator)).head(1)
        rows += [
            (said(f"zone.unknown.{key}"), said.pick(row, "title"), said.pick(row, "holder"))
            for row in found.iter_rows(named=True)
        ]
    note = Markup('<p class="note">{}</p>').format(said("county.unknown.reading"))
    return closing.requests(context, rows, heading=said.number_of("zone.unknown.heading", len(rows)), notes=(note,))


def method(context: Context) -> Part:
    """The rules that this page followed, each with its function."""
    here = (context.city, context.code)
    silent = {
        "zone.method.scope": programme.metrics(*here).is_empty(),
        "zone.method.sum": programme.projects(*here).is_empty(),
    }
    return closing.method(context, {key: function for key, function in METHODS.items() if not silent.get(key)})
