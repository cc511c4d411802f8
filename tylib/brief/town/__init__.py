"""The brief of a specialised town (专业镇): its rung, what is published of it and of its peers, what is in doubt.

A part about which nothing is known is empty and shows nothing: a town of which little is published gets one page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tylib.brief import changes, upgrade
from tylib.brief import closing as end
from tylib.brief.context import Context
from tylib.brief.document import Document
from tylib.brief.town import closing, criteria, opening, series, standing, way, work
from tylib.store import City, open_city
from tylib.store.memory import one_edition

if TYPE_CHECKING:
    from collections.abc import Callable

    from tylib.brief.document import Part

PARTS: dict[str, Callable[[Context], Part]] = {
    "opening": opening.opening,
    "key_numbers": opening.key_numbers,
    "ladder": standing.ladder,
    "way": way.way,
    "peers": standing.peers,
    "series": series.series,
    "aims": series.aims,
    "doubts": series.doubts,
    "work": work.work,
    "marks": criteria.marks,
    "ties": work.ties,
    "upgrade": upgrade.part,
    "changes": changes.part,
    "unknown": closing.unknown,
    "method": closing.method,
    "sources": end.sources,
}


@one_edition()
def brief(unit: str, /, *, language: str, scenario: str = "", city: City | None = None) -> Document:
    """The brief of one specialised town.

    Args:
        unit: ``town:CODE``, the code as the table of towns has it.
        language: A folder of ``params/i18n``.
        scenario: The scenario to lead with; empty: the one that ``params/model.yml`` names.
        city: Defaults to the city found from the working directory.

    Returns:
        A frozen :class:`Document`; ``brief[name]`` is a part that shows itself.

    Raises:
        ParameterError: No such unit, language or scenario.
        DataError: A table breaks its contract.
    """
    context = Context.of(unit, language=language, city=city or open_city(), kind="town", scenario=scenario)
    # In this order: sources are numbered as the parts cite them.
    return Document(unit, language, {name: part(context) for name, part in PARTS.items()})
