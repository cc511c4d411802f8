"""How sure we are: what each layer of the feasible set settles, what each row does, whether the draws can be trusted.

``report`` puts the parts together; rows can be switched and changed, and what that does is shown beside the set as it
stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tylib import bounds
from tylib.brief import closing, making
from tylib.brief.certainty import layers, mixing, model, past, rows, tables
from tylib.brief.context import Context
from tylib.brief.document import Document, Part
from tylib.brief.making.amounts import SHOWN
from tylib.store import City, open_city

if TYPE_CHECKING:
    from collections.abc import Mapping


def report(
    *,
    language: str,
    layer: int = SHOWN,
    switch: Mapping[str, bool] | None = None,
    change: Mapping[str, Mapping[str, float]] | None = None,
    city: City | None = None,
) -> Document:
    """What the feasible set settles and why.

    Args:
        language: A folder of ``params/i18n``.
        layer: The layer whose rows and draws are looked at.
        switch, change: Rows to use or leave out, and other ends of theirs, as in :func:`tylib.bounds.system`.
        city: Defaults to the city found from the working directory.

    Returns:
        A frozen :class:`Document` with the parts ``layers, rows, effects, changed, mixing, worth, model, past,
        method, sources``; a part about which nothing can be said is empty.

    Raises:
        ParameterError: No such language, layer, row or end.
        DataError: A table breaks its contract, or the rows of the set conflict; names a smallest set of rows that do.
    """
    city = city or open_city()
    context = Context.of(f"city:{city.place}", language=language, city=city)
    holds = bounds.contradiction(city, layer=layer).is_empty()
    parts = {
        "layers": layers.layers(context),
        "rows": rows.stated(context, layer=layer),
        "effects": rows.effects(context, layer=layer) if holds else Part(),
        "changed": rows.changed(context, layer=layer, switch=switch or {}, change=change or {}),
        "mixing": mixing.mixing(context, layer=layer) if holds else Part(),
        "worth": tables.tables(context) if holds else Part(),
        "model": model.model(context) if holds else Part(),
        "past": past.past(context),
        "method": closing.method(context, making.METHODS),
        "sources": closing.sources(context),
    }
    return Document(f"city:{city.place}", language, parts)
