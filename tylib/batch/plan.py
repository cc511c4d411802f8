"""What is to be made: ``params/plans/<plan>.yml`` times units times languages becomes a list of jobs.

Everything that can be wrong with a request is found here, before a process is started.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from tylib.batch.parameters import check_parameters, notebook_parameters
from tylib.errors import ParameterError, unknown
from tylib.store import scenarios
from tylib.store.params import Supposition, read
from tylib.store.units import KINDS, units
from tylib.store.words import languages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tylib.store import City

NOTEBOOKS = "notebooks"
LEAD = "scenario"
"""Parameter of a notebook that tells of a scenario: the one to lead with"""
EVERY = "*"
# A unit becomes a file name on every platform.
UNIT = re.compile(r"[a-z][a-z0-9_]*:[A-Za-z0-9][A-Za-z0-9_.-]*")


class Briefs(Supposition):
    """Briefs of one kind in a plan.

    Attributes:
        notebook: Name in ``notebooks/``, without ``.ipynb``.
        units: ``county:CODE``, or ``county:*`` for every one of the city.
        parameters: Further parameters of the notebook, the same for every brief.
    """

    notebook: str = Field(pattern=r"^\w[\w.-]*$")
    units: list[str] = Field(min_length=1)
    parameters: dict[str, Any] = Field(default_factory=dict)


class Plan(Supposition):
    """``params/plans/<name>.yml``: which notebooks, for which units, in which languages.

    Attributes:
        title: By language.
        briefs: In the order in which they are made.
        languages: Folders of ``params/i18n``.
    """

    title: dict[str, str]
    briefs: list[Briefs] = Field(min_length=1)
    languages: list[str] = Field(min_length=1)


@dataclass(frozen=True)
class Job:
    """One brief to be made. Small, picklable, the same on every machine.

    >>> job = Job("county:01", "zh", "90_county_brief", (("unit", "county:01"), ("language", "zh")))
    >>> job.name, job.page, job.executed, job.log
    ('county-01', 'briefs/zh/county-01.html', 'notebooks/zh/county-01.ipynb', 'logs/zh/county-01.log')
    """

    unit: str
    language: str
    notebook: str
    parameters: tuple[tuple[str, Any], ...]

    @property
    def name(self) -> str:
        return self.unit.replace(":", "-")

    @property
    def page(self) -> str:
        """Path of the page in the reports folder; so are ``executed`` and ``log``."""
        return f"briefs/{self.language}/{self.name}.html"

    @property
    def executed(self) -> str:
        return f"notebooks/{self.language}/{self.name}.ipynb"

    @property
    def log(self) -> str:
        return f"logs/{self.language}/{self.name}.log"


def read_plan(name: str, city: City) -> Plan:
    """A plan of the city by name.

    Raises:
        ParameterError: No such plan (with the nearest name), or a key in it is unknown, missing or wrong.
    """
    folder = city.params / "plans"
    known = sorted(path.stem for path in folder.glob("*.yml"))
    if name not in known:
        raise unknown("plan", name, known, where="params/plans")
    return read(folder / f"{name}.yml", Plan)


def jobs(
    plan: Plan, city: City, /, *, only: Sequence[str] = (), spoken: Sequence[str] = (), scenario: str = ""
) -> list[Job]:
    """Every brief of a plan, or those asked for, in the order of the plan: language by language, unit by unit.

    Args:
        plan: What :func:`read_plan` returned.
        city: Whose places the units are.
        only: These units of the plan; empty means all.
        spoken: These languages of the plan; empty means all.
        scenario: What briefs that tell of one lead with; empty means what ``params/model.yml`` says.

    Raises:
        ParameterError: A unit or language that the city or plan does not have; a notebook that does not exist, has
            no cell tagged ``parameters``, or lacks a parameter that the plan sets.
    """
    planned = {unit: kind for kind in plan.briefs for unit in _units(kind, city)}
    wanted_units = _chosen("unit", planned, only, _named(city))
    wanted_languages = _chosen("language", _languages(plan, city), spoken, {})
    if scenario:
        scenarios.scenario(scenario, city)
    leads = {briefs.notebook: _check_notebook(briefs, city) and bool(scenario) for briefs in plan.briefs}
    return [
        Job(
            unit,
            language,
            planned[unit].notebook,
            _parameters(planned[unit], unit, language, scenario if leads[planned[unit].notebook] else ""),
        )
        for language in wanted_languages
        for unit in wanted_units
    ]


def shard(jobs: Sequence[Job], part: str) -> list[Job]:
    """One part of the jobs, so that several machines can share them.

    Args:
        part: ``i/n``: every n-th job from the i-th on.

    Raises:
        ParameterError: Not of that form, or i is not between 1 and n.

    >>> shard([1, 2, 3, 4, 5], "2/3")
    [2, 5]
    """
    number, _, count = part.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise ParameterError(f'shard "{part}"', expected="i/n with i from 1 to n", remedy="For example --shard 1/4.")
    return list(jobs[int(number) - 1 :: int(count)])


def _parameters(briefs: Briefs, unit: str, language: str, scenario: str) -> tuple[tuple[str, Any], ...]:
    given = {"unit": unit, "language": language, **briefs.parameters}
    return tuple((given | ({LEAD: scenario} if scenario else {})).items())


def _check_notebook(briefs: Briefs, city: City) -> bool:
    """The notebook exists and takes what it is to be given; whether it can lead with a scenario."""
    path = notebook_path(briefs.notebook, city)
    where = f"{NOTEBOOKS}/{path.name}"
    given = {"unit": "", "language": "", **briefs.parameters}
    known = notebook_parameters(_parsed(path, where), where=where)
    check_parameters(given, known, where=where)
    return LEAD in known


def notebook_path(name: str, city: City) -> Path:
    """A notebook of the city or, where the city's folder holds only data and parameters, of the suite.

    Raises:
        ParameterError: There is none of that name; lists those there are.
    """
    folders = [city.root / NOTEBOOKS, Path(__file__).parents[2] / NOTEBOOKS]
    for folder in folders:
        if (path := folder / f"{name}.ipynb").is_file():
            return path
    there = {path.stem for folder in folders for path in folder.glob("*.ipynb")}
    raise unknown("notebook", name, there, where=NOTEBOOKS)


def _units(briefs: Briefs, city: City) -> list[str]:
    known = units(city)
    found: dict[str, None] = {}
    for unit in briefs.units:
        kind, _, code = unit.partition(":")
        if kind not in KINDS:
            raise unknown("kind of unit", kind, KINDS, where="plan")
        own = known.filter(known["kind"] == kind)["unit"].to_list()
        if code != EVERY and unit not in own:
            raise unknown("unit", unit, own, where="plan")
        found |= dict.fromkeys(own if code == EVERY else [unit])
    for unit in found:
        if not UNIT.fullmatch(unit):
            raise ParameterError(f'the code in unit "{unit}" cannot be a file name', expected="letters, digits, . _ -")
    return list(found)


def _languages(plan: Plan, city: City) -> list[str]:
    known = languages(city)
    for language in plan.languages:
        if language not in known:
            raise unknown("language", language, known, where="plan")
    return list(dict.fromkeys(plan.languages))


def _chosen(kind: str, planned: Iterable[str], asked: Sequence[str], named: Mapping[str, str]) -> list[str]:
    """Those asked for in the order of the plan; a name that is not in the plan is an error that knows the nearest."""
    planned = list(planned)
    for one in asked:
        if one not in planned:
            raise _stranger(kind, one, planned, named)
    return [one for one in planned if not asked or one in asked]


def _stranger(kind: str, one: str, planned: Sequence[str], named: Mapping[str, str]) -> ParameterError:
    """What is not in the plan: meant as another name of something, or something that this plan does not make."""
    error = unknown(kind, one, planned)
    if one in named.values():
        remedy = "Name a plan that makes it with --plan; the plans are in params/plans."
        return ParameterError(f'{kind} "{one}" is not in this plan', expected=error.expected, remedy=remedy)
    typed = (one.partition(":")[2] or one).casefold()
    begun = [unit for name, unit in named.items() if name.startswith(typed)] if len(typed) > 1 else []
    if meant := named.get(typed) or (begun[0] if len(set(begun)) == 1 else None):
        return ParameterError(error.what, expected=error.expected, remedy=f'Did you mean "{meant}"?')
    return error


def _named(city: City) -> dict[str, str]:
    """Names and bare codes that people type for a unit, to tell them what it is called here."""
    return {
        text.casefold(): row["unit"]
        for row in units(city).reverse().iter_rows(named=True)
        for text in (row["code"], row["name_zh"], row["name_en"])
        if text
    }


def _parsed(path: Path, where: str) -> dict[str, Any]:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        _ = notebook["cells"]
    except (ValueError, KeyError, TypeError) as error:
        found = f"{type(error).__name__}: {error}"
        raise ParameterError(f"not a notebook ({found})", where=where, expected="nbformat 4, in UTF-8") from None
    return notebook
