"""What the Eight Actions would change in a unit under stated assumptions: a scenario beside its baseline.

Direction with support comes first, as a bracket of two closures; a direction is a finding only where both draw
weightings carry it. Everything is read from what :func:`tylib.scenario.shown` keeps; nothing is run for a brief.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tylib.brief.document import Part
from tylib.brief.upgrade import figures, findings, tables
from tylib.brief.upgrade.reading import read

if TYPE_CHECKING:
    from tylib.brief.context import Context


def part(context: Context) -> Part:
    """The scenario that briefs lead with, for a county, town, chain or the city; empty where nothing is known of it.

    A town of which county or sector is not known, and a zone, which is no set of counties and sectors, have none.
    """
    found = read(context)
    if found is None:
        return Part()
    folded = [tables.others(found), tables.outcomes(found), tables.counties(found), tables.assumed(found)]
    body = [
        findings.question(found),
        figures.fan(found),
        findings.told(found),
        figures.levers(found),
        *folded,
    ]
    return Part("upgrade", findings.heading(found), tuple(block for block in body if block))


def statuses(context: Context) -> set[str]:
    """Statuses that the part carries, for the legend of the marks; none where there is no part."""
    found = read(context)
    return {found.status, "assumed"} if found else set()
