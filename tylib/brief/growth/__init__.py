"""What drove growth: contributions of sectors, groups and people, the city beside its province, shift and share.

``report`` puts the parts together for a city; each part is a finding with what it rests on, or says which table would
give it. What may be subtracted from what is decided in ``levels`` alone: levels of one source and scope, never of two
vintages, and no part of a year made into a year.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tylib.brief.coverage import city_context
from tylib.brief.document import Document
from tylib.brief.growth import branches, cities, closing, economy, energy, industry, people, sectors
from tylib.errors import unknown

if TYPE_CHECKING:
    from tylib.store import City


def report(*, language: str, measure: str = sectors.MEASURES[0], city: City | None = None) -> Document:
    """Everything that the tables say of what drove growth.

    Args:
        language: A folder of ``params/i18n``.
        measure: What growth of sectors and counties is measured by, where a table has two years of it: one of
            :data:`tylib.brief.growth.sectors.MEASURES`; the others follow where it has none.
        city: Defaults to the city found from the working directory.

    Returns:
        A frozen :class:`Document` with the parts ``economy, industry, branches, people, cities, sectors, counties,
        energy, unknown, confidence, method, sources``.

    Raises:
        ParameterError: No such language or measure.
        DataError: A table breaks its contract.

    >>> list(report(language="en").parts)[:3]
    ['economy', 'industry', 'branches']
    """
    if measure not in sectors.MEASURES:
        raise unknown("measure", measure, sectors.MEASURES)
    context = city_context(language, city)
    # In this order: sources are numbered as the parts cite them.
    parts = {
        "economy": economy.economy(context),
        "industry": industry.industry(context),
        "branches": branches.branches(context),
        "people": people.people(context),
        "cities": cities.cities(context),
        "sectors": sectors.sectors(context, measure=measure),
        "counties": sectors.counties(context, measure=measure),
        "energy": energy.energy(context, measure=measure),
        "unknown": closing.unknown(context, measure=measure),
        "confidence": closing.confidence(context, measure=measure),
        "method": closing.method(context),
    }
    parts["sources"] = closing.closing.sources(context)
    return Document(f"city:{context.code}", language, parts)
