"""What the scenario model supposes (``params/model.yml``) and the scenarios: the suite's and the user's own.

A scenario is a short file: a title, a question, a horizon, how far each lever is pulled, and the few priors it sets
otherwise. The suite's lie in ``params/scenarios``, the user's in ``home/scenarios``; both are checked alike.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from tylib.errors import ParameterError, unknown
from tylib.store.city import City, open_city
from tylib.store.memory import USED
from tylib.store.params import Judgement, Supposition, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Text = dict[Literal["zh", "en"], str]
Plain = Annotated[Text, BeforeValidator(lambda given: {"zh": given, "en": given} if isinstance(given, str) else given)]
"""Words in both languages, or one text for both: a user need not translate."""
Closure = Literal["supply", "demand", "binding"]
CLOSURES: tuple[Closure, ...] = ("supply", "demand", "binding")
NAME = re.compile(r"[a-z][a-z0-9_]*")
FOLDER = "scenarios"


class Prior(Judgement):
    """A number of the model nobody has measured here: triangular from ``low`` over ``value`` to ``high``.

    ``evidence`` names rows of the table ``literature_parameters``.
    """

    evidence: tuple[str, ...] = ()


class Lever(Supposition):
    """One of the Eight Actions as something that can be pulled: 0 not at all, 1 as far as ``maximum`` says."""

    action: str
    title: Text
    unit: str = "share of the maximum"
    low: float = 0.0
    high: float = 1.0
    maximum: Text
    channel: Text
    evidence: Text
    lag: int
    size: str
    """The prior that full strength comes to"""
    parameters: tuple[str, ...]
    inert: dict[Closure, Text] = Field(default_factory=dict)
    """Closures under which it cannot move output, by construction, and why"""
    partly: dict[Closure, Text] = Field(default_factory=dict)
    """Closures under which one of its channels cannot"""


class Correlation(Supposition):
    """Two priors that are drawn together, by the correlation of their normal scores."""

    of: tuple[str, str]
    value: float = Field(gt=-1, lt=1)
    reason: Text


class Shown(Supposition):
    """The scenario that briefs lead with, those that stand beside it, and why."""

    main: str
    beside: tuple[str, ...]
    reason: Text


class Validation(Supposition):
    """What the model is held against: published growth of whole years.

    ``series`` says of each indicator whether the prior of growth speaks of it (``model``) or whether it tests pooling
    alone (``method``).
    """

    series: dict[str, Literal["model", "method"]]
    origins: tuple[int, int]
    horizons: int = Field(ge=1)
    window: int = Field(ge=2)
    """Years up to an origin that a mean or a last value may come from"""
    least_years: int = Field(ge=1)
    """Of the window, below which there is no mean of it"""
    least_outcomes: int = Field(ge=1)
    """Years of a county that were forecast, below which nothing is said of skill in it"""
    epidemic: tuple[int, ...]
    reason: Text


class ModelSuppositions(Supposition):
    """``params/model.yml``: horizon, what briefs show, priors, levers."""

    start: int
    horizon: int
    shown: Shown
    draws: Judgement
    seed: Judgement
    design: Judgement
    resamples: Judgement
    validation: Validation
    parameters: dict[str, Prior]
    correlations: tuple[Correlation, ...]
    zero_effect: tuple[str, ...]
    levers: dict[str, Lever]
    targets: dict[str, Literal["level", "average_growth"]]
    """Indicators of targets that speak of what the model tells: manufacturing value added"""
    energy_inputs: tuple[str, ...]
    equipment: tuple[str, ...]

    @model_validator(mode="after")
    def _known(self) -> ModelSuppositions:
        named = [*self.zero_effect, *(n for c in self.correlations for n in c.of),
                 *(n for lever in self.levers.values() for n in (lever.size, *lever.parameters))]  # fmt: skip
        _only(named, self.parameters, "parameter")
        if self.start >= self.horizon:
            raise ValueError(f"the horizon {self.horizon} is not after the start {self.start}")
        return self


class Range(Supposition):
    """A prior that a scenario sets otherwise."""

    low: float
    value: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"not in order: {self.low}, {self.value}, {self.high}")
        return self


class Scenario(Supposition):
    """One scenario. A lever is a strength, or strengths by year between which it moves in a straight line.

    ``zero_effect`` sets to zero every prior that ``params/model.yml`` lists as an effect on productivity.
    """

    title: Plain
    question: Plain
    horizon: int | None = None
    levers: dict[str, float | dict[int, float]] = Field(default_factory=dict)
    parameters: dict[str, float | Range] = Field(default_factory=dict)
    zero_effect: bool = False
    note: Plain = Field(default_factory=dict)


def model(city: City | None = None) -> ModelSuppositions:
    """What the city's scenario model supposes.

    Raises:
        ParameterError: A key is unknown or missing, or a number lies outside its range.

    >>> len(model().levers)
    8
    """
    return read((city or open_city()).params / "model.yml", ModelSuppositions)


def scenarios(city: City | None = None) -> dict[str, Scenario]:
    """Every scenario by name, the suite's first, each checked against the model.

    Raises:
        ParameterError: A file is not a scenario, or a name stands in both folders.

    >>> "baseline" in scenarios()
    True
    """
    city = city or open_city()
    paths = [
        path for folder in (city.params / FOLDER, city.home / FOLDER) if folder.is_dir()
        for path in sorted(folder.glob("*.yml"))
    ]  # fmt: skip
    twice = [path for path in paths if [other.stem for other in paths].count(path.stem) > 1]
    if twice:
        raise ParameterError(
            f'two scenarios are called "{twice[-1].stem}"',
            where=_where(twice[-1]),
            expected="a name of its own",
            remedy="Rename the file.",
        )
    return {path.stem: checked(path, city) for path in paths}


def scenario(name: str, city: City | None = None) -> Scenario:
    """One scenario.

    Raises:
        ParameterError: No such scenario (with the nearest name), or its file is wrong.

    >>> scenario("baseline").levers
    {}
    """
    city = city or open_city()
    USED.add(f"scenario {name}")
    found = [folder / f"{name}.yml" for folder in (city.params / FOLDER, city.home / FOLDER)]
    if not NAME.fullmatch(name) or not any(path.is_file() for path in found):
        raise unknown("scenario", name, scenarios(city))
    return scenarios(city)[name] if all(path.is_file() for path in found) else checked(
        next(path for path in found if path.is_file()), city
    )  # fmt: skip


def checked(path: Path, city: City | None = None) -> Scenario:
    """A scenario's file, read and checked: keys, levers, strengths, priors, years.

    Args:
        path: The file; its name is the scenario's.
        city: Defaults to :func:`tylib.store.open_city`.

    Raises:
        ParameterError: What is wrong, all of it at once, with the nearest known name.
    """
    if not NAME.fullmatch(path.stem):
        raise ParameterError(
            f'a scenario cannot be called "{path.stem}"',
            where=_where(path),
            expected="lower-case letters, digits and _, a letter first",
            remedy="Rename the file.",
        )
    try:
        found = read(path, Scenario)
    except ParameterError as error:
        raise ParameterError(error.what, where=_where(path), expected=error.expected, remedy=error.remedy) from None
    wrong = offences(found, model(city))
    if wrong:
        raise ParameterError("; ".join(wrong), where=_where(path), remedy="Mend the file.")
    return found


def overridden(found: Scenario, changes: Mapping[str, Any], city: City | None = None) -> Scenario:
    """A scenario with a few keys set otherwise, checked like a file.

    Args:
        found: The scenario.
        changes: As in a file; ``levers`` and ``parameters`` are laid over those of the scenario.

    Raises:
        ParameterError: As :func:`checked`.

    >>> overridden(scenario("baseline"), {"levers": {"research": 0.5}}).levers
    {'research': 0.5}
    """
    whole = found.model_dump()
    for key, value in changes.items():
        whole[key] = {**whole[key], **value} if key in ("levers", "parameters") and isinstance(value, dict) else value
    return content_checked(whole, city, where="overrides")


def content_checked(content: Mapping[str, Any], city: City | None = None, *, where: str = "scenario") -> Scenario:
    """What is to become a scenario, checked like a file.

    Raises:
        ParameterError: As :func:`checked`.
    """
    from pydantic import ValidationError

    from tylib.store.params import explained

    try:
        made = Scenario.model_validate(content)
    except ValidationError as error:
        raise ParameterError("; ".join(explained(error, Scenario)), where=where) from None
    if wrong := offences(made, model(city)):
        raise ParameterError("; ".join(wrong), where=where)
    return made


def offences(found: Scenario, supposed: ModelSuppositions) -> list[str]:
    """What a scenario asks of the model that the model does not have or allow."""
    wrong = [*_strange(found.levers, supposed.levers, "lever"),
             *_strange(found.parameters, supposed.parameters, "parameter")]  # fmt: skip
    end = supposed.horizon if found.horizon is None else found.horizon
    if not supposed.start < end <= supposed.horizon:
        wrong.append(f"horizon: found {end}, expected a year from {supposed.start + 1} to {supposed.horizon}")
    for name, strength in found.levers.items():
        lever = supposed.levers.get(name)
        by_year = strength if isinstance(strength, dict) else {supposed.start: strength}
        for year, value in by_year.items() if lever else ():
            if not lever.low <= value <= lever.high:
                wrong.append(f"levers.{name}: found {value}, expected {lever.low:g} to {lever.high:g}")
            if not supposed.start <= year <= supposed.horizon:
                wrong.append(f"levers.{name}: found {year}, expected {supposed.start} to {supposed.horizon}")
        if isinstance(strength, dict) and not strength:
            wrong.append(f"levers.{name}: no year, expected at least one")
    for name, given in found.parameters.items():
        prior = supposed.parameters.get(name)
        values = (given.low, given.value, given.high) if isinstance(given, Range) else (given,)
        if prior and not all(prior.low <= value <= prior.high for value in values):
            wrong.append(f"parameters.{name}: found {values[0]:g}, expected {prior.low:g} to {prior.high:g}")
    return wrong


def schema() -> dict[str, Any]:
    """JSON Schema of a scenario's file, for editors.

    >>> schema()["title"]
    'Scenario'
    """
    return Scenario.model_json_schema()


def check(city: City) -> None:
    """Read the model and every scenario that the city has.

    Raises:
        ParameterError: One of them is wrong.
    """
    if (city.params / "model.yml").is_file():
        found, shown = scenarios(city), model(city).shown
        for name in (shown.main, *shown.beside):
            if name not in found:
                raise unknown("scenario", name, found, where="params/model.yml, shown")


def shown(city: City) -> Shown | None:
    """What briefs show of scenarios; ``None`` where the city supposes no model."""
    return model(city).shown if (city.params / "model.yml").is_file() else None


def _strange(named: Iterable[str], known: Iterable[str], kind: str) -> list[str]:
    found = []
    for name in named:
        if name not in known:
            near = get_close_matches(name, list(known), n=1, cutoff=0.5)
            found.append(f'unknown {kind} "{name}"' + (f', did you mean "{near[0]}"?' if near else ""))
    return found


def _only(named: Iterable[str], known: Iterable[str], kind: str) -> None:
    if wrong := _strange(named, known, kind):
        raise ValueError("; ".join(wrong))


def _where(path: Path) -> str:
    return "/".join(path.parts[-3:]) if path.parent.name == FOLDER else path.name
