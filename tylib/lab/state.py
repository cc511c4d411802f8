"""What the reader of the lab has chosen, as one frozen value: from a scenario, with levers set otherwise, to a file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tylib.errors import ParameterError, unknown
from tylib.scenario import CLOSURES, LEVERS, OUTCOMES
from tylib.store import scenarios as files

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tylib.store import City

STEP = 0.05
"""By how much a key moves a lever."""


@dataclass(frozen=True)
class State:
    """Everything that decides what the lab shows.

    Attributes:
        unit: Such as ``county:CODE``.
        scenario: Name of the scenario it began with, whose priors it keeps.
        levers: Every lever: one strength, or strengths by year.
        horizon: Last year.
        closure: ``supply``, ``demand`` or ``binding``.
        outcome: One of :data:`tylib.scenario.OUTCOMES`.
        draws: Whether the fan is drawn, or one path at the centre.
        years: The years in focus, first and last; the last is the one that levers and counties are told of.
        places: Counties picked to stand in the fan.
    """

    unit: str
    scenario: str
    levers: Mapping[str, Any]
    horizon: int
    closure: str = "supply"
    outcome: str = "value_added"
    draws: bool = True
    years: tuple[int, int] | None = None
    places: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "levers", MappingProxyType(dict(self.levers)))
        for kind, given, known in (("closure", self.closure, CLOSURES), ("outcome", self.outcome, OUTCOMES)):
            if given not in known:
                raise unknown(kind, given, known)

    @property
    def focus(self) -> int:
        """The year that levers and counties are told of."""
        return min(self.years[1], self.horizon) if self.years else self.horizon

    @property
    def told(self) -> str:
        """The levers as text: ``renewal=0.5 digital=2024:0.2,2027:0.9``."""

        def one(given: float | dict[int, float]) -> str:
            by_year = isinstance(given, dict)
            return ",".join(f"{y}:{v:g}" for y, v in sorted(given.items())) if by_year else f"{given:g}"

        return " ".join(f"{name}={one(given)}" for name, given in self.levers.items())

    def overrides(self) -> dict[str, Any]:
        """What differs from the scenario it began with, as :func:`tylib.scenario.setting` takes it."""
        return {"levers": dict(self.levers), "horizon": self.horizon}


def fitted(state: State, *, first: int, places: Collection[str]) -> State:
    """The state with its years in order and inside what is shown.

    Args:
        state: As somebody asked for it.
        first: The first year that levers act.
        places: Counties that can be picked.

    Raises:
        ParameterError: A value of another kind than the choice takes, or a place that is none.
    """
    kinds = {"unit": str, "scenario": str, "closure": str, "outcome": str, "draws": bool, "horizon": int}
    for name, kind in kinds.items():
        if type(getattr(state, name)) is not kind:
            raise ParameterError(f"{name} is {getattr(state, name)!r}", where=name, expected=f"a {kind.__name__}")
    for place in state.places:
        if place not in places:
            raise unknown("place", str(place), places)
    years = state.years
    if years is not None:
        if len(years) != 2 or any(type(year) is not int for year in years):
            raise ParameterError(
                f"years are {years!r}", where="years", expected="the first and the last, such as (2026, 2028)"
            )
        years = tuple(min(max(year, first), state.horizon) for year in sorted(years))
    return replace(state, years=years, places=tuple(state.places))


def begun(unit: str, scenario: str, city: City, **chosen: Any) -> State:
    """The state that a scenario begins with.

    Raises:
        ParameterError: No such scenario, closure or outcome.
    """
    found = files.scenario(scenario, city)
    levers = {name: found.levers.get(name, 0.0) for name in LEVERS}
    return State(unit, scenario, levers, found.horizon or files.model(city).horizon, **chosen)


def strength(given: float | dict[int, float]) -> float:
    """How far a lever is pulled in the end.

    >>> strength(0.5), strength({2024: 0.25, 2027: 1.0})
    (0.5, 1.0)
    """
    return float(given[max(given)] if isinstance(given, dict) else given)


def pulled(state: State, lever: str, to: float) -> State:
    """The same with a lever pulled otherwise; one given by year keeps its course, as a share of where it ends.

    >>> before = State("county:1", "baseline", {"digital": {2024: 0.2, 2026: 0.8}}, 2030)
    >>> dict(pulled(before, "digital", 0.4).levers)
    {'digital': {2024: 0.1, 2026: 0.4}}
    """
    given = state.levers[lever]
    end = strength(given)
    if isinstance(given, dict) and end:
        to = {year: round(min(value * to / end, 1.0), 6) for year, value in given.items()}
    return replace(state, levers={**state.levers, lever: to})


def content(state: State, city: City, *, title: str, question: str, reason: str) -> dict[str, Any]:
    """The state as the content of a scenario's file: levers that are pulled, priors of where it began, the reason.

    Raises:
        ParameterError: A scenario must have a title, a question and a reason, in words.
    """
    given = {"title": title.strip(), "question": question.strip(), "reason": reason.strip()}
    if lacking := [name for name, text in given.items() if not text]:
        raise ParameterError("no " + ", no ".join(lacking), where="scenario", expected="words of your own")
    found = files.scenario(state.scenario, city).model_dump(exclude_defaults=True)
    kept = {key: found[key] for key in ("parameters", "zero_effect") if key in found}
    levers = {name: to for name, to in state.levers.items() if strength(to) or isinstance(to, dict)}
    return {"title": given["title"], "question": given["question"], "horizon": state.horizon, "levers": levers, **kept,
            "note": given["reason"]}  # fmt: skip
