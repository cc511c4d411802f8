"""Any scenarios for any units in the words of a brief: the bracket with support, what remains, what keeps it open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tylib import scenario
from tylib.brief.context import Context
from tylib.brief.upgrade import findings
from tylib.brief.upgrade.reading import DEMAND, STATED, SUPPLY, ZERO, Reading
from tylib.errors import ParameterError
from tylib.scenario import sensitivity, settling
from tylib.scenario.answers import BRACKET

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tylib.scenario.baseline import Ensemble
    from tylib.store import City

MOST = 2


def told(
    city: City, *, names: Sequence[str], units: Sequence[str], language: str
) -> Iterator[dict[str, str | list[str]]]:
    """One answer a scenario and unit.

    Args:
        city: Whose.
        names: Of scenarios.
        units: Such as ``county:...``; each a set of counties and sectors.
        language: A folder of ``params/i18n``.

    Yields:
        ``scenario, title, unit, name, supply, demand, rest`` (supply under the zero-effect prior), ``open`` (why a
        direction is undecided, a sentence a closure; empty where none is).

    Raises:
        ParameterError: Unknown scenario or unit, or no feasible set to start from.
    """
    known = scenario.ensemble(city)
    if known is None:
        raise ParameterError("no baseline to run a scenario from", where="scenario",
                             expected="rows in data/reference/constraints.csv or imported figures")  # fmt: skip
    for name in names:
        shown = _shown(city, name, units, known)
        for unit in units:
            found = Reading(Context.of(unit, language=language, city=city), shown, unit)
            yield {
                "scenario": name, "title": found.title, "unit": unit, "name": found.context.name,
                "supply": found.brief(found.end(SUPPLY)), "demand": found.brief(found.end(DEMAND)),
                "rest": found.brief(found.end(SUPPLY, prior=ZERO)),
                "open": [str(text) for text in findings.opened(found)],
            }  # fmt: skip


def _shown(city: City, name: str, units: Sequence[str], known: Ensemble) -> scenario.Shown:
    """What a brief would read of a scenario, of these units alone."""
    ends, parts, none = scenario.conclusions(name, city, known=known), [], pl.DataFrame()
    for closure in BRACKET:
        asked = scenario.setting(name, city, closure=closure, known=known)
        asked.units(units)
        mine = ends.filter(pl.col("unit").is_in(list(units)) & (pl.col("direction") == "undecided"), closure=closure)
        left = mine.filter(prior=STATED)["unit"].to_list()
        most = [sensitivity.unknowns(asked, unit=unit).head(MOST) for unit in left]
        if most:
            parts.append(settling.settling(asked, pl.concat(most), units=left))
    plain = ends.with_columns(pl.col(pl.Enum).cast(pl.String))
    return scenario.Shown(
        scenario=name, fans=none, horizon=plain, attribution=none, carbon=none, unknowns=none,
        settling=pl.concat(parts) if parts else none, binding=none, levels=none,
    )  # fmt: skip
