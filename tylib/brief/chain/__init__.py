"""The chain brief: which stages of one key chain are named, thin or missing, who stands on them, and what to do next.

``brief`` puts the parts together in the order of the page. A part about which nothing is known is empty and shows
nothing, so that the length of a brief follows what is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tylib.brief import changes, upgrade
from tylib.brief import closing as end
from tylib.brief.chain import closing, firms, gaps, opening, segments, work
from tylib.brief.context import Context
from tylib.brief.document import Document
from tylib.brief.making import chain as making
from tylib.store import City, open_city
from tylib.store.memory import one_edition

if TYPE_CHECKING:
    from collections.abc import Callable

    from tylib.brief.document import Part

PARTS: dict[str, Callable[[Context], Part]] = {
    "opening": opening.opening,
    "key_numbers": opening.key_numbers,
    "map": segments.chain_map,
    "tasks": gaps.tasks,
    "attract": gaps.attract,
    "makes": making.makes,
    "masters": firms.masters,
    "projects": work.projects,
    "grounds": work.grounds,
    "system": work.system,
    "targets": work.targets,
    "upgrade": upgrade.part,
    "changes": changes.part,
    "unknown": closing.unknown,
    "method": closing.method,
    "sources": end.sources,
}


@one_edition()
def brief(unit: str, /, *, language: str, scenario: str = "", city: City | None = None) -> Document:
    """The brief of one key chain.

    Args:
        unit: ``chain:CODE``, the code as text.
        language: A folder of ``params/i18n``.
        scenario: The scenario to lead with; empty: the one that ``params/model.yml`` names.
        city: Defaults to the city found from the working directory.

    Returns:
        A frozen :class:`Document`; ``brief[name]`` is a part that shows itself.

    Raises:
        ParameterError: No such unit, language or scenario.
        DataError: A table breaks its contract.
    """
    context = Context.of(unit, language=language, city=city or open_city(), kind="chain", scenario=scenario)
    # In this order: sources are numbered as the parts cite them.
    return Document(unit, language, {name: part(context) for name, part in PARTS.items()})
