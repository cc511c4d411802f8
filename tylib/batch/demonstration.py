"""The folder of the demonstration: a copy of the city that says what it is, and the made tables taken in there.

It is a city of its own (``data/``, ``params/``, ``home/``, ``reports/``), so every command works in it with
``--city``; nothing of the city that it was made from is written. The files pass the very checks of a user's.
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from tylib.batch.files import write_together
from tylib.bounds import draws, system
from tylib.errors import ParameterError
from tylib.programme.demonstration import filled
from tylib.store import imports, open_city, templates, words
from tylib.store.city import MARKER
from tylib.store.contracts import DEMONSTRATION
from tylib.store.params import demonstration_suppositions
from tylib.store.taken import FOLDER as IMPORTS

if TYPE_CHECKING:
    from pathlib import Path

    from tylib.store import City
    from tylib.store.taken import Import

FOLDER, TEMPLATES = "demonstration", "templates"
COPIED = ("data", "params", "notebooks")
# Made anew each time. Briefs that stand are kept, and results that take long: the demonstration's own, never those of
# the city, from which a table of the user's might be read.
MADE = ("data", "params", "notebooks", f"home/{IMPORTS}", TEMPLATES)
SKIPPED = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", MARKER.name)


def made_city(city: City, folder: Path) -> City:
    """A copy of a city in a folder, marked as a demonstration and without a table of the user's.

    Args:
        folder: New, empty, or of an earlier demonstration, which is made anew.

    Raises:
        ParameterError: Something else is in the folder, or it is the city's own.
    """
    folder = folder.resolve()
    others = folder.is_dir() and any(folder.iterdir()) and not _ours(folder)
    if others or folder == city.root or folder in city.root.parents:
        raise ParameterError(
            f"{folder} holds other things than a demonstration",
            expected="a folder that is new, empty, or of an earlier demonstration",
            remedy="Name another one with --folder.",
        )
    for name in MADE:
        shutil.rmtree(folder / name, ignore_errors=True)
    described = json.loads((city.root / MARKER).read_text(encoding="utf-8"))
    described["city"][DEMONSTRATION] = True
    folder.mkdir(parents=True, exist_ok=True)
    # The mark comes first: what is interrupted is known again as a demonstration.
    write_together({folder / MARKER: json.dumps(described, ensure_ascii=False, indent=1).encode()})
    for name in COPIED:
        if (city.root / name).is_dir():
            shutil.copytree(city.root / name, folder / name, ignore=SKIPPED, dirs_exist_ok=True)
    return open_city(folder, reports=folder / "reports")


def _ours(folder: Path) -> bool:
    with suppress(OSError, ValueError, KeyError):
        return bool(json.loads((folder / MARKER).read_text(encoding="utf-8"))["city"].get(DEMONSTRATION))
    return False


def tables(made: City) -> tuple[Import, ...]:
    """Fill every template of a demonstration, write the files, take them in.

    Raises:
        ParameterError: The folder is no demonstration, or its city has no feasible set to draw from.
        DataError: A made table was refused.
    """
    if not made.demonstration:
        raise ParameterError(f"{made.root} is no demonstration", remedy="Make one with tylib demo.")
    supposed = demonstration_suppositions(made)
    rows = system(made, layer=supposed.layer)
    drawn = draws(made, layer=supposed.layer, weighting=supposed.weighting)
    if drawn is None:
        raise ParameterError(
            "nothing can be drawn for this city",
            where="data/reference/constraints.csv",
            expected="rows that bound output by county and sector",
            remedy="State what is published of the city's industry there.",
        )
    contents = {}
    for name, lines in filled(made, rows, drawn).items():
        found = templates.template(name, made)
        content = templates.written(found, made, filled=lines, head=_head(made, found), mark=DEMONSTRATION)
        contents[made.root / TEMPLATES / f"{name}.xlsx"] = content
    write_together(contents)
    return imports.take(made, list(contents), taken_on=supposed.dated).taken


def _head(made: City, found: templates.Template) -> dict[str, str]:
    """Title, holder and date of a made table: it comes from the demonstration and from no office."""
    spoken = [(words(language, made), title) for language, title in found.titles.items()]
    title = " / ".join(said("demonstration.title", table=title) for said, title in spoken)
    holder = " / ".join(said("demonstration.holder") for said, _ in spoken)
    return {"title": title, "holder": holder, "date": demonstration_suppositions(made).dated}
