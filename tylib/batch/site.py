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
from tylib.store.memory import one_edition
from tylib.store.places import place
from tylib.store.units import KINDS
from tylib.store.units import units as all_units

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2 import Template

    from tylib.batch.inputs import Inputs
    from tylib.store import City, Words

SHOWN_NUMBERS = 3
FAILURES = "failures"
MOST_OF_A_LOG = 1 << 16
LISTED = ("township",)  # kinds with so many units that each is a line, not a card


@one_edition()
def write(city: City, rows: Sequence[Row], *, languages: Sequence[str], inputs: Inputs) -> None:
    """Write the list of briefs, one file a language, all or none.

    Args:
        city: Names of places, words, licence; ``city.reports`` is where it goes.
        rows: The manifest.
        languages: The first is ``index.html``, the others ``index.<language>.html``.
        inputs: What there is now: pages made from something else say so.

    Raises:
        OSError: The folder cannot be written; the list before still stands.
    """
    names = {language: "index.html" if number == 0 else f"index.{language}.html"
             for number, language in enumerate(languages)}  # fmt: skip
    # A page that somebody has removed since is not offered.
    rows = [row if (city.reports / row.page).is_file() else replace(row, sha256="") for row in rows]
    failed = {failure(row): row for row in rows if row.status == FAILED}
    write_together(
        {city.reports / name: html(city, rows, language=language, names=names, inputs=inputs).encode()
         for language, name in names.items()}
        | {city.reports / path: failure_page(city, row).encode() for path, row in failed.items()}
    )  # fmt: skip
    for path in (city.reports / FAILURES).glob("*/*.html"):
        if path.relative_to(city.reports).as_posix() not in failed:
            path.unlink()


def failure(row: Row) -> str:
    """Path of the page that says why a brief could not be made, in the reports folder."""
    return f"{FAILURES}/{row.page.partition('/')[2]}"


def failure_page(city: City, row: Row) -> str:
    """What became of a brief that could not be made, for its reader: in words; the log for whoever mends it, folded."""
    said = words(row.language, city)
    named = {unit["unit"]: unit for unit in all_units(city).iter_rows(named=True)}
    css = _css()
    log = city.reports / row.log
    return _template("failure").render(
        words=said,
        lang=said("page.lang"),
        name=said.pick(named[row.unit], "name") if row.unit in named else row.unit,
        css=Markup(css),
        csp=page.content_security_policy(styles=[css], scripts=[]),
        error=row.error,
        earlier=row.page if row.stands else "",
        log=log.read_bytes()[-MOST_OF_A_LOG:].decode(errors="replace") if log.is_file() else "",
    )


def _css() -> str:
    return "\n" + page.css() + (files(__package__) / "index.css").read_text(encoding="utf-8")


def html(city: City, rows: Sequence[Row], *, language: str, names: Mapping[str, str], inputs: Inputs) -> str:
    """One list of briefs as HTML. Everything from outside is escaped; no clock: the same rows give the same text."""
    said = words(language, city)
    named = {row["unit"]: row for row in all_units(city).iter_rows(named=True)}
    by_unit: dict[str, list[Row]] = {unit: [] for unit in named}
    for row in rows:
        by_unit.get(row.unit, []).append(row)
    css = _css()
    units = [_unit(own, said, city, named, inputs) for own in by_unit.values() if any(row.stands for row in own)]
    shown = [s for s in MARKS if any(number["status"] == s for unit in units for number in unit["numbers"])]
    return _template("index").render(
        words=said,
        lang=said("page.lang"),
        demonstration=said("demonstration.index") if city.demonstration else "",
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
                "page": failure(row),
            }
            for own in by_unit.values()
            for row in own
            if row.status == FAILED
        ],
        legend=blocks.legend([(status, said(f"status.{status}")) for status in shown], label=said("status.legend")),
        count=sum(row.stands for own in by_unit.values() for row in own),
        hash=inputs.stamp[:SHORT_HASH],
        licence=licence(city, said),
    )


def _unit(rows: Sequence[Row], said: Words, city: City, named: Mapping[str, Any], inputs: Inputs) -> dict[str, Any]:
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
                "earlier": bool(inputs.changed(row.made_of)),
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
def _template(name: str) -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    return environment.from_string((files(__package__) / f"{name}.html.j2").read_text(encoding="utf-8"))
