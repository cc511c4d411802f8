"""The city brief: the programme and the industry of the whole city, in one language, on the published facts.

``brief`` puts the parts together in the order of the page. A part about which nothing is known is empty and shows
nothing, so that the length of a brief follows what is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tylib.brief import changes, upgrade
from tylib.brief import closing as foot
from tylib.brief.city import (
    actions,
    balance,
    chains,
    closing,
    comparison,
    opening,
    projects,
    structure,
    targets,
    technology,
    towns,
    zones,
)
from tylib.brief.context import Context
from tylib.brief.document import Document
from tylib.brief.making import city as making
from tylib.brief.making import worth
from tylib.store import City, open_city
from tylib.store.memory import one_edition

if TYPE_CHECKING:
    from collections.abc import Callable

    from tylib.brief.document import Part

PARTS: dict[str, Callable[[Context], Part]] = {
    "opening": opening.opening,
    "key_numbers": opening.key_numbers,
    "actions": actions.scorecard,
    "matrix": actions.matrix,
    "targets": targets.targets,
    "industries": structure.industries,
    "upgrading": structure.upgrading,
    "makes": making.makes,
    "balance": balance.balance,
    "labour": comparison.labour,
    "cities": comparison.cities,
    "chains": chains.chains,
    "gradient": chains.gradient,
    "crosswalk": chains.crosswalk,
    "towns": towns.towns,
    "zones": zones.zones,
    "three_way": zones.three_way,
    "projects": projects.projects,
    "watch": projects.watch,
    "innovation": technology.innovation,
    "matching": technology.matching,
    "support": technology.support,
    "upgrade": upgrade.part,
    "next_plan": actions.next_plan,
    "changes": changes.part,
    "worth": worth.worth,
    "unknown": closing.unknown,
    "method": closing.method,
    "sources": foot.sources,
}


@one_edition()
def brief(unit: str, /, *, language: str, scenario: str = "", city: City | None = None) -> Document:
    """The brief of the city.

    Args:
        unit: ``city:CODE``, the code as text.
        language: A folder of ``params/i18n``.
        scenario: The scenario to lead with; empty: the one that ``params/model.yml`` names.
        city: Defaults to the city found from the working directory.

    Returns:
        A frozen :class:`Document`; ``brief[name]`` is a part that shows itself.

    Raises:
        ParameterError: No such unit, language or scenario.
        DataError: A table breaks its contract.
    """
    context = Context.of(unit, language=language, city=city or open_city(), kind="city", scenario=scenario)
    # In this order: sources are numbered as the parts cite them.
    return Document(unit, language, {name: part(context) for name, part in PARTS.items()})
