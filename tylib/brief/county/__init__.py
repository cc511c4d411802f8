"""The county brief: what is known of one county, in one language, on the published facts.

``brief`` puts the parts together in the order of the page. A part about which nothing is known is empty and shows
nothing, so that the length of a brief follows what is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tylib.brief import changes, upgrade
from tylib.brief import closing as end
from tylib.brief.context import Context
from tylib.brief.county import actions, closing, economy, opening, people, programme
from tylib.brief.document import Document
from tylib.brief.making import county as making
from tylib.brief.making import worth
from tylib.store import City, open_city
from tylib.store.memory import one_edition

if TYPE_CHECKING:
    from collections.abc import Callable

    from tylib.brief.document import Part

PARTS: dict[str, Callable[[Context], Part]] = {
    "opening": opening.opening,
    "key_numbers": opening.key_numbers,
    "economy": economy.economy,
    "industry": economy.industry,
    "makes": making.makes,
    "population": people.population,
    "programme": programme.membership,
    "actions": actions.actions,
    "projects": programme.projects,
    "firms": programme.firms,
    "targets": programme.targets,
    "upgrade": upgrade.part,
    "townships": people.townships,
    "changes": changes.part,
    "worth": worth.worth,
    "unknown": closing.unknown,
    "method": closing.method,
    "sources": end.sources,
}


@one_edition()
def brief(unit: str, /, *, language: str, scenario: str = "", city: City | None = None) -> Document:
    """The brief of one county.

    Args:
        unit: ``county:CODE``, the code as text.
        language: A folder of ``params/i18n``.
        scenario: The scenario to lead with; empty: the one that ``params/model.yml`` names.
        city: Defaults to the city found from the working directory.

    Returns:
        A frozen :class:`Document`; ``brief[name]`` is a part that shows itself.

    Raises:
        ParameterError: No such unit, language or scenario.
        DataError: A table breaks its contract.
    """
    context = Context.of(unit, language=language, city=city or open_city(), kind="county", scenario=scenario)
    # In this order: sources are numbered as the parts cite them.
    return Document(unit, language, {name: part(context) for name, part in PARTS.items()})
