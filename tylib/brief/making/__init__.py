"""What each county makes, as far as published figures tell: the feasible set in words, charts and tables.

``report`` puts the parts together for a city and one of its counties; county, chain and city briefs take single parts.
"""

from __future__ import annotations

from dataclasses import replace

from tylib.brief import closing
from tylib.brief.context import Context
from tylib.brief.document import Document
from tylib.brief.making import city as of_city
from tylib.brief.making import county, division, worth
from tylib.store import City, open_city


def report(unit: str, /, *, language: str, city: City | None = None) -> Document:
    """What the counties make and how they divide the work.

    Args:
        unit: The county to look at closely, ``county:CODE``.
        language: A folder of ``params/i18n``.
        city: Defaults to the city found from the working directory.

    Returns:
        A frozen :class:`Document` with the parts ``makes`` (all counties), ``county``, ``quotients``, ``labour``,
        ``worth``, ``method``, ``sources``; a part about which nothing can be said is empty.

    Raises:
        ParameterError: No such unit or language.
        DataError: A table breaks its contract, or the rows of the feasible set conflict.
    """
    city = city or open_city()
    whole = Context.of(f"city:{city.place}", language=language, city=city)
    one = Context.of(unit, language=language, city=city, kind="county")
    # Both cite into one list, in the order of the page.
    one = replace(one, citations=whole.citations)
    parts = {
        "makes": of_city.makes(whole),
        "county": county.makes(one),
        "quotients": division.quotients(whole),
        "labour": division.labour(whole),
        "worth": worth.worth(whole),
        "method": closing.method(whole, METHODS),
        "sources": closing.sources(whole),
    }
    return Document(unit, language, parts)


METHODS = {
    "making.method.bounds": "tylib.bounds.bounds",
    "making.method.draws": "tylib.bounds.draws",
    "making.method.verdict": "tylib.bounds.support.support",
    "making.method.worth": "tylib.bounds.worth.worth",
}
"""Rules behind the parts of this package: word of the catalogue, function that holds the rule."""
