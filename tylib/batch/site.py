"""The page somebody opens first: every brief with its answer and key numbers, and plainly what failed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from tylib.batch.export import SHORT_HASH, licence
from tylib.batch.files import write_together
from tylib.batch.manifest import FAILED, Row
from tylib.brief import blocks, page
from tylib.brief.status import MARKS, mark
from tylib.store import words
from tylib.store.places import place
from tylib.store.units import KINDS
from tylib.store.units import units as all_units

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2 import Template

    from tylib.store import City, Words

SHOWN_NUMBERS = 3
LISTED = ("township",)  # kinds with so many units that each is a line, not a card


def write(city: City, rows: Sequence[Row], *, languages: Sequence[str], latest: Mapping[str, str]) -> None:
    """Write the list of briefs, one file a language, all or none.

    Args:
        city: Names of places, words, licence; ``city.reports`` is where it goes.
        rows: The manifest.
        languages: The first is ``index.html``, the others ``index.<language>.html``.
        latest: Notebook to the hash of its inputs now: pages made from others say so.

    Raises:
        OSError: The folder cannot be written; the list before still stands.
    """
    names = {language: "index.html" if number == 0 else f"index.{language}.html"
             for number, language in enumerate(languages)}  # fmt: skip
    # A page that somebody has removed since is not offered.
    rows = [row if (city.reports / row.page).is_file() else replace(row, sha256="") for row in rows]
    write_together(
        {
            city.reports / name: html(city, rows, language=language, names=names, latest=latest).encode()
            for language, name in names.items()
        }
    )


def html(city: City, rows: Sequence[Row], *, language: str, names: Mapping[str, str], latest: Mapping[str, str]) -> str:
    """One list of briefs as HTML. Everything from outside is escaped; no clock: the same rows give the same text."""
    said = words(language, city)
    named = {row["unit"]: row for row in all_units(city).iter_rows(named=True)}
    by_unit: dict[str, list[Row]] = {unit: [] for unit in named}
    for row in rows:
        by_unit.get(row.unit, []).append(row)
    css = "\n" + page.css() + (files(__package__) / "index.css").read_text(encoding="utf-8")
    units = [_unit(own, said, city, named, latest) for own in by_unit.values() if any(row.stands for row in own)]
    shown = [s for s in MARKS if any(number["status"] == s for unit in units for number in unit["numbers"])]
    return _template().render(
        words=said,
        lang=said("page.lang"),
        title=said("index.title", city=said.pick(place(city.place, city), "name")),
        css=Markup(css),
        csp=page.content_security_policy(styles=[css], scripts=[]),
        switch=[
            {"href": name, "lang": words(other, city)("page.lang"), "name": words(other, city)("index.language")}
            for other, name in names.items()
            if other != language
        ],
        kinds=[
            {"kind": kind, "title": said(f"index.kinds.{kind}"), "units": own, "listed": kind in LISTED}
            for kind in KINDS
            if (own := [unit for unit in units if unit["kind"] == kind])
        ],
        failed=[
            {
                "name": said.pick(named[row.unit], "name"),
                "lang": words(row.language, city)("page.lang"),
                "language": words(row.language, city)("index.language"),
                "error": row.error,
                "stands": row.stands,
                "log": row.log,
            }
            for own in by_unit.values()
            for row in own
            if row.status == FAILED
        ],
        legend=blocks.legend([(status, said(f"status.{status}")) for status in shown], label=said("status.legend")),
        count=sum(row.stands for own in by_unit.values() for row in own),
        hashes=sorted({row.page_inputs[:SHORT_HASH] for row in rows if row.stands}),
        licence=licence(city, said),
    )


def _unit(
    rows: Sequence[Row], said: Words, city: City, named: Mapping[str, Any], latest: Mapping[str, str]
) -> dict[str, Any]:
    """A card: the brief in the language of the list if there is one, else in another, and links to all."""
    rows = sorted((row for row in rows if row.stands), key=lambda row: (row.language != said.language, row.language))
    first = rows[0]
    unit = named[first.unit]
    name = said.pick(unit, "name")
    others = [(row.language, words(row.language, city)) for row in rows if row.language != said.language]
    other_name = others[0][1].pick(unit, "name") if others else ""
    return {
        "key": first.unit.replace(":", "-"),
        "kind": unit["kind"],
        "name": name,
        "other_name": other_name if other_name != name else "",
        "other_lang": others[0][1]("page.lang") if others else "",
        "page": first.page,
        "page_lang": words(first.language, city)("page.lang"),
        "headline": first.headline,
        "numbers": [
            {**number, "value": _united(number, said), "mark": mark(number["status"], said)}
            for number in first.numbers[:SHOWN_NUMBERS]
        ],
        "pages": [
            {
                "href": row.page,
                "lang": words(row.language, city)("page.lang"),
                "language": words(row.language, city)("index.language"),
                "label": words(row.language, city)("index.read", name=words(row.language, city).pick(unit, "name")),
                "earlier": row.page_inputs != latest.get(row.notebook, row.page_inputs),
            }
            for row in rows
        ],
    }


def _united(number: Mapping[str, str], said: Words) -> str:
    """A figure with its unit as the language of the list writes the two."""
    if number["unit"] in ("", "%"):
        return said("number.percent", figure=number["figure"]) if number["unit"] else number["figure"]
    return said("number.unit", figure=number["figure"], unit=number["unit"])


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    return environment.from_string((files(__package__) / "index.html.j2").read_text(encoding="utf-8"))
