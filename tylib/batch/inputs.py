"""What a brief is made from, as hashes: what it loaded of the tables and words, and what every brief depends on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from tylib.batch.files import fingerprint
from tylib.batch.plan import notebook_path
from tylib.store import tables, taken
from tylib.store.city import package

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tylib.batch.plan import Job
    from tylib.store import City

LOCK = "requirements.lock"
SINGLE, SHARED = "single file", "shared assets"
ASKED, FORM = "parameters of the brief", "form of the page"
# Parts of params/ that not every brief depends on: each language for itself; a plan through what it asks for.
APART = ("i18n", "plans")
ENOUGH = 12  # digits that tell two editions of one file apart


@dataclass(frozen=True)
class Inputs:
    """Everything that briefs can be made from, taken once a run.

    Attributes:
        common: Of what every brief depends on: name to hash.
        loaded: Of what a brief depends on if it asks for it: ``table NAME``, ``words
            LANGUAGE``, ``scenario NAME`` of the user's own.
        notebooks: By name.
        shared: Whether pages share their stylesheet and scripts.
    """

    common: dict[str, str]
    loaded: dict[str, str]
    notebooks: dict[str, str]
    shared: bool = False

    def of(self, job: Job, used: Iterable[str] | None = None) -> dict[str, str]:
        """What a brief comes from: name to hash.

        Args:
            used: What it asked of the store; everything if that is not known.
        """
        kept = self.loaded if used is None else self.loaded.keys() & {*used, f"words {job.language}"}
        own = {
            f"notebook {job.notebook}": self.notebooks[job.notebook],
            ASKED: _short(json.dumps(job.parameters, sort_keys=True, default=str)),
            FORM: SHARED if self.shared else SINGLE,
        }
        return self.common | own | {name: self.loaded[name] for name in sorted(kept)}

    @cached_property
    def stamp(self) -> str:
        """One hash of all that any brief can be made from, but for notebooks."""
        return whole(self.common | self.loaded)

    @cached_property
    def _now(self) -> dict[str, str]:
        return self.common | self.loaded | {f"notebook {name}": found for name, found in self.notebooks.items()}

    def changed(self, made_of: Mapping[str, str], job: Job | None = None) -> list[str]:
        """Names of what is no longer as it was when a brief was made; without its job, as far as can be told."""
        now = self._now | self.of(job, ()) if job else self._now
        found = [name for name, before in made_of.items() if name in now and now[name] != before]
        gone = [name for name in made_of if name not in now and name not in (ASKED, FORM) and job]
        return found + gone + [name for name in self.common if name not in made_of]


def whole(made_of: Mapping[str, str]) -> str:
    """One hash of all of it: what stands in the foot of a page."""
    return sha256(json.dumps(dict(made_of), sort_keys=True).encode()).hexdigest()


def inputs(notebooks: Iterable[str], city: City, *, shared: bool = False) -> Inputs:
    """Take the hashes of everything that these notebooks can be made from."""
    suite = Path(__file__).parents[1]
    lock = next((p for p in (city.root / LOCK, suite.parent / LOCK) if p.is_file()), city.root / LOCK)
    described = {city.data / resource["path"]: resource["name"] for resource in package(city)["resources"]}
    spoken = [path for path in (city.params / "i18n").glob("*") if path.is_dir()]
    common = {
        "suite": fingerprint(suite),
        "lock": fingerprint(lock),
        "list of tables": fingerprint(city.data, without=described),
        "parameters": fingerprint(city.params, without=[city.params / name for name in APART]),
    }
    # Without a table of the user's it is as if there had never been one. With one all are due: a brief looks through
    # every fact and every list for what imports brought to its unit, and which rows it looked at is not known.
    if own := tables.contents(city, own=True):
        common["own tables"] = _short(json.dumps(own, sort_keys=True) + taken.identity(city))
    loaded = {f"table {name}": fingerprint(path) for path, name in described.items()}
    loaded |= {f"words {path.name}": fingerprint(path) for path in spoken}
    loaded |= {f"scenario {path.stem}": fingerprint(path) for path in (city.home / "scenarios").glob("*.yml")}
    read = {name: fingerprint(notebook_path(name, city)) for name in notebooks}
    return Inputs(*({name: found[:ENOUGH] for name, found in part.items()} for part in (common, loaded, read)), shared)


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:ENOUGH]
