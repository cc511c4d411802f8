"""What we suppose: judgements and other parameters, each with unit, range, basis and reason."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from tylib.errors import ParameterError
from tylib.store.city import City, open_city
from tylib.store.words import LOADER, languages, words

if TYPE_CHECKING:
    from collections.abc import Iterator


class Supposition(BaseModel):
    """Base of everything read from ``params/``: unknown keys are errors, values cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=Supposition)


class Judgement(Supposition):
    """One number we had to choose. ``low`` and ``high`` say how far a reasonable person might choose otherwise."""

    title: dict[str, str]
    value: float
    unit: str
    low: float
    high: float
    basis: Literal["published", "estimated", "assumed"]
    source: str = ""
    reason: dict[str, str]

    @model_validator(mode="after")
    def _inside(self) -> Judgement:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"value {self.value} lies outside its own range {self.low} to {self.high}")
        return self


class Judgements(Supposition):
    """``params/judgements.yml``: the judgements that decide what a brief calls a conflict, a rise or old."""

    conflict_tolerance: Judgement
    flat_change: Judgement
    current_years: Judgement
    peer_years: Judgement
    carried_years: Judgement
    about_tolerance: Judgement
    thin_segment: Judgement
    linkage_margin: Judgement
    stalled_months: Judgement
    match_chain: Judgement
    match_field: Judgement
    match_words: Judgement
    match_least: Judgement


def judgements(city: City | None = None) -> Judgements:
    """The city's judgements.

    Raises:
        ParameterError: A key is unknown or missing, or a number lies outside its range.

    >>> judgements().conflict_tolerance.unit
    'ratio'
    """
    path = (city or open_city()).params / "judgements.yml"
    return read(path, Judgements)


class Threshold(Supposition):
    """A number that a town must reach to be recognised on a rung: the user's, with the state "not found" until set."""

    value: float | None
    unit: str
    by: int | None
    state: Literal["not_found", "set"]
    searched_on: str
    reason: dict[str, str]

    @model_validator(mode="after")
    def _set_or_not(self) -> Threshold:
        if (self.value is None) != (self.state == "not_found"):
            raise ValueError(f'state "{self.state}" does not go with the value {self.value}')
        return self


class TownThresholds(Supposition):
    """``params/town_thresholds.yml``: thresholds by rung and indicator; what they name, towns are compared by."""

    municipal: dict[str, Threshold]
    provincial: dict[str, Threshold]


def town_thresholds(city: City | None = None) -> TownThresholds:
    """The user's thresholds of specialised towns.

    Raises:
        ParameterError: A key is unknown or missing, or a value stands beside the state "not_found".

    >>> {one.state for one in town_thresholds().provincial.values()} <= {"not_found", "set"}
    True
    """
    return read((city or open_city()).params / "town_thresholds.yml", TownThresholds)


class BoundsSuppositions(Supposition):
    """``params/bounds.yml``: what the feasible set supposes, what of it is fit to print, how points are drawn.

    ``factors`` are free names: the rows of the table ``constraints`` refer to them.
    """

    year: int
    factors: dict[str, Judgement]
    import_rounding: Judgement
    print_ratio: Judgement
    print_floor: Judgement
    print_ceiling: Judgement
    print_points: Judgement
    draws: Judgement
    chains: Judgement
    seed: Judgement
    tilt: Judgement
    finding: Judgement
    worth_draws: Judgement


def bounds_suppositions(city: City | None = None) -> BoundsSuppositions:
    """What the city supposes of its feasible set.

    Raises:
        ParameterError: A key is unknown or missing, or a number lies outside its range.

    >>> 0 < bounds_suppositions().finding.value <= 1
    True
    """
    return read((city or open_city()).params / "bounds.yml", BoundsSuppositions)


class DemonstrationSuppositions(Supposition):
    """``params/demonstration.yml``: what the demonstration makes up. ``numbers`` are free names."""

    first_year: int
    last_year: int
    dated: str
    weighting: Literal["uniform", "tilted"]
    layer: Literal[1, 2, 3]
    heavy_sectors: list[str]
    numbers: dict[str, Judgement]


def demonstration_suppositions(city: City | None = None) -> DemonstrationSuppositions:
    """What the demonstration of a city supposes.

    Raises:
        ParameterError: A key is unknown or missing, or a number lies outside its range.

    >>> "seed" in demonstration_suppositions().numbers
    True
    """
    return read((city or open_city()).params / "demonstration.yml", DemonstrationSuppositions)


FILES: dict[str, type[Supposition]] = {
    "judgements.yml": Judgements,
    "town_thresholds.yml": TownThresholds,
    "bounds.yml": BoundsSuppositions,
    "demonstration.yml": DemonstrationSuppositions,
}


def check(city: City) -> None:
    """Read every parameter file and every catalogue of words that the city has: what is wrong shows before any brief.

    Raises:
        ParameterError: A parameter file is not what its model says.
        DataError: A catalogue of words cannot be read.
    """
    from tylib.store import scenarios

    for name, model in FILES.items():
        if (city.params / name).is_file():
            read(city.params / name, model)
    scenarios.check(city)
    for language in languages(city):
        words(language, city)


def read(path: Path, model: type[Model]) -> Model:
    """A parameter file as a checked, frozen model.

    Raises:
        ParameterError: No such file, not YAML, or not what the model says; names every offending key at once.
    """
    if not path.is_file():
        raise ParameterError("no such file", where=_shown(path), expected="a YAML file of parameters")
    return _read(path, path.stat().st_mtime_ns, model)


@lru_cache(maxsize=64)
def _read(path: Path, _modified: int, model: type[Model]) -> Model:
    try:
        return model.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER) or {})
    except ValidationError as error:
        raise ParameterError("; ".join(explained(error, model)), where=_shown(path), remedy="Mend the file.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ParameterError(str(error).replace("\n", " "), where=_shown(path), expected="YAML in UTF-8") from None


def _shown(path: Path) -> str:
    return "/".join(path.parts[path.parts.index("params") :]) if "params" in path.parts else path.name


def explained(error: ValidationError, model: type[BaseModel]) -> Iterator[str]:
    """Pydantic's findings in our words, with the nearest known key for an unknown one."""
    from difflib import get_close_matches

    for found in error.errors(include_url=False):
        where = ".".join(str(part) for part in found["loc"])
        if found["type"] == "extra_forbidden":
            near = get_close_matches(str(found["loc"][-1]), _known(model), n=1)
            yield f"{where}: unknown key" + (f", did you mean {near[0]}?" if near else "")
        elif found["type"] == "missing":
            yield f"{where}: missing"
        else:
            yield f"{where}: {found['msg'].removeprefix('Value error, ')}, found {_short(found['input'])}"


def _known(model: type[BaseModel]) -> list[str]:
    return [*model.model_fields, *Judgement.model_fields, *Threshold.model_fields]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
