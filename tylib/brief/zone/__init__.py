"""The zone brief: what is known of one development zone (开发区) or park, and what in it belongs to the programme.

A zone's figures are never added to those of the counties that it lies in or overlaps. A part about which nothing is
known shows nothing, so that a zone of which little is known gets one page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tylib.brief import changes
from tylib.brief import closing as end
from tylib.brief.context import Context
from tylib.brief.document import Document
from tylib.brief.zone import closing, links, opening, profile
from tylib.store import City, open_city
from tylib.store.memory import one_edition

if TYPE_CHECKING:
    from collections.abc import Callable

    from tylib.brief.document import Part

PARTS: dict[str, Callable[[Context], Part]] = {
    "opening": opening.opening,
    "key_numbers": opening.key_numbers,
    "profile": profile.profile,
    "figures": profile.figures,
    "links": links.links,
    "projects": links.projects,
    "firms": links.firms,
    "changes": changes.part,
    "unknown": closing.unknown,
    "method": closing.method,
    "sources": end.sources,
}


@one_edition()
def brief(unit: str, /, *, language: str, city: City | None = None) -> Document:
    """The brief of one zone or park.

    Args:
        unit: ``zone:CODE``, the code as table ``zones`` has it.
        language: A folder of ``params/i18n``.
        city: Defaults to the city found from the working directory.

    Returns:
        A frozen :class:`Document`; ``brief[name]`` is a part that shows itself.

    Raises:
        ParameterError: No such unit or language.
        DataError: A table breaks its contract.
    """
    context = Context.of(unit, language=language, city=city or open_city(), kind="zone")
    # In this order: sources are numbered as the parts cite them.
    return Document(unit, language, {name: part(context) for name, part in PARTS.items()})
