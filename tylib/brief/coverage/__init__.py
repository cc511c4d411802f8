"""What the data cover: what is published for which place and year, where figures differ, what nobody publishes, and
how good the sources are.

``report`` puts the parts together for a city; each part is a finding with what it rests on. The counting is in
functions of the facts (``matrix.cells``, ``differences.differing``, ``differences.clashes``, ``gaps.gaps``,
``grades.graded``), apart from the words, so that any other city's tables go through the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tylib.brief import blocks
from tylib.brief.context import Context
from tylib.brief.coverage import differences, gaps, grades, matrix
from tylib.brief.coverage.matrix import MAIN
from tylib.brief.document import Document, Part
from tylib.store import City, open_city

if TYPE_CHECKING:
    from collections.abc import Sequence


def city_context(language: str, city: City | None = None) -> Context:
    """What the parts have at hand when the unit is the city itself.

    Args:
        language: A folder of ``params/i18n``.
        city: Defaults to the city found from the working directory.

    Raises:
        ParameterError: No such language.
        DataError: A table breaks its contract.

    >>> context = city_context("en")
    >>> context.code == context.city.place
    True
    """
    city = city or open_city()
    return Context.of(f"city:{city.place}", language=language, city=city)


def report(*, language: str, years: int = 5, indicators: Sequence[str] = MAIN, city: City | None = None) -> Document:
    """Everything that can be said on how far the data reach.

    Args:
        language: A folder of ``params/i18n``.
        years: How many recent years the matrix shows, at least one.
        indicators: Which indicators the matrix shows.
        city: Defaults to the city found from the working directory.

    Returns:
        A frozen :class:`Document` with the parts ``tables, matrix, conflicts, vintages, unpublished, grades,
        confidence, sources``; a part about which there is nothing to say is empty.

    Raises:
        ParameterError: No such language, or no year asked for.
        DataError: A table breaks its contract.
    """
    context = city_context(language, city)
    # In this order: sources are numbered as the parts cite them.
    parts = {
        "tables": gaps.tables(context),
        "matrix": matrix.matrix(context, years=years, indicators=indicators),
        "conflicts": differences.conflicts(context),
        "vintages": differences.vintages(context),
        "unpublished": gaps.unpublished(context),
        "grades": grades.grades(context),
        "confidence": grades.confidence(context, years=years, indicators=indicators),
    }
    parts["sources"] = _sources(context)
    return Document(f"city:{context.code}", language, parts)


def _sources(context: Context) -> Part:
    entries = context.citations.entries()
    if not entries:
        return Part()
    return Part("sources", context.words("coverage.sources.heading"), (blocks.sources(entries),), kind="sources")
