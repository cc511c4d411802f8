"""The township sheet: one page on a township-level unit, fuller where a township table was brought in.

The register, what public sources place in the unit, the county around it (whose figures are never shared out), and
the table to ask for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tylib.brief import closing as end
from tylib.brief.context import Context
from tylib.brief.document import Document
from tylib.brief.township import sheet
from tylib.store import City, open_city
from tylib.store.memory import one_edition

if TYPE_CHECKING:
    from collections.abc import Callable

    from tylib.brief.document import Part

PARTS: dict[str, Callable[[Context], Part]] = {
    "opening": sheet.opening,
    "key_numbers": sheet.key_numbers,
    "figures": sheet.figures,
    "here": sheet.here,
    "county": sheet.county,
    "unknown": sheet.unknown,
    "sources": end.sources,
}


@one_edition()
def brief(unit: str, /, *, language: str, city: City | None = None) -> Document:
    """The sheet of one township, town, subdistrict or equivalent unit.

    Args:
        unit: ``township:CODE``, the code as text.
        language: A folder of ``params/i18n``.
        city: Defaults to the city found from the working directory.

    Returns:
        A frozen :class:`Document`; ``brief[name]`` is a part that shows itself.

    Raises:
        ParameterError: No such unit or language.
        DataError: A table breaks its contract.
    """
    context = Context.of(unit, language=language, city=city or open_city(), kind="township")
    # In this order: sources are numbered as the parts cite them.
    return Document(unit, language, {name: part(context) for name, part in PARTS.items()})
