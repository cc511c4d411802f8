"""Templates of the user's own tables: what the data package says under ``templates``, as spreadsheets to fill.

A template is a list of columns. A column takes title, type and limits from the table that it fills; one named after
an indicator becomes a fact of that indicator, its title and unit are the indicator's. What a column of codes accepts
(code or name, in any language) are the rows of the table it points to. The first column of a sheet is kept for
marks, the only thing by which a filled sheet is recognised.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from tylib.errors import ParameterError, unknown
from tylib.store import spreadsheet, units
from tylib.store.city import City, open_city, package
from tylib.store.tables import FACTS, NEVER_NEGATIVE, load, published
from tylib.store.words import Words, languages, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

MARK = "tylib"  # stands in the first cell of a sheet that is a template, the template's name beside it
HEAD = ("title", "holder", "date")
OPEN_ROWS = 2000  # rows of a template that offer the accepted values
KEY_COLUMN = {
    "indicators": "indicator",
    "units": "unit",
    "sectors": "sector",
    "scopes": "scope",
    "sources": "source_id",
}


@dataclass(frozen=True)
class Option:
    """One accepted value: its code and its name by language."""

    code: str
    names: Mapping[str, str]

    @property
    def label(self) -> str:
        """What stands in the list of a spreadsheet: every name, or the code where there is none."""
        return " ".join(dict.fromkeys(name for name in self.names.values() if name)) or self.code


@dataclass(frozen=True)
class Field:
    """One column of a template.

    Attributes:
        kind: string, number, integer, boolean, date, period or stamp (a date that may stop at year or month).
        unit: Code of the unit of its figures; ``unit_names`` as the reader of each language knows it.
        indicator: Code of the indicator whose facts the column holds; empty for all others.
        options: Accepted values; none where anything goes.
        coded: The option's code is what is stored; else its names are (``role_zh`` and ``role_en``).
    """

    name: str
    kind: str
    titles: Mapping[str, str]
    required: bool = False
    unit: str = ""
    unit_names: Mapping[str, str] | None = None
    indicator: str = ""
    least: float | None = None
    most: float | None = None
    options: tuple[Option, ...] = ()
    coded: bool = True
    example: str | float | None = None
    pattern: str = ""

    @property
    def unit_label(self) -> str:
        named = list((self.unit_names or {}).values())
        return " ".join(dict.fromkeys(named if len(named) == len(self.titles) else [*named, self.unit])).strip()


@dataclass(frozen=True)
class Template:
    """A template with its columns; ``spec`` is its entry in the data package."""

    name: str
    titles: Mapping[str, str]
    fields: tuple[Field, ...]
    spec: Mapping[str, Any]

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)


def names(city: City | None = None) -> list[str]:
    """Names of the templates of which the city knows an indicator or a table, in the order of the data package."""
    city = city or open_city()
    known = set(load("indicators", city)["indicator"])
    return [
        spec["name"]
        for spec in package(city).get("templates", ())
        if "into" in spec or known & {entry.get("indicator") for entry in spec["fields"]}
    ]


def template(name: str, city: City | None = None) -> Template:
    """One template. A column whose indicator the city does not know is left out.

    Raises:
        ParameterError: No template of that name.
    """
    city = city or open_city()
    specs = {spec["name"]: spec for spec in package(city).get("templates", ())}
    if name not in specs:
        raise unknown("template", name, specs)
    spec = specs[name]
    spoken = _spoken(spec, city)
    indicators = {row["indicator"]: row for row in load("indicators", city).iter_rows(named=True)}
    found = [
        _measured(entry, indicators[entry["indicator"]], city, spoken)
        if "indicator" in entry
        else _described(entry, spec, city, spoken)
        for entry in spec["fields"]
        if entry.get("indicator", next(iter(indicators), "")) in indicators or "indicator" not in entry
    ]
    return Template(name, spec["titles"], tuple(found), spec)


def _spoken(spec: Mapping[str, Any], city: City) -> dict[str, Words]:
    """The catalogue of each language, in the order in which the template names them."""
    known = languages(city)
    first = [language for language in spec["titles"] if language in known]
    return {language: words(language, city) for language in dict.fromkeys([*first, *known])}


def targets(spec: Mapping[str, Any], city: City) -> list[dict[str, Any]]:
    """The tables that a template fills, as the data package describes them."""
    wanted = [spec.get("into"), spec.get("melt", {}).get("into")]
    resources = {resource["name"]: resource for resource in package(city)["resources"]}
    return [resources[name] for name in wanted if name]


def _measured(entry: Mapping[str, Any], row: Mapping[str, Any], city: City, spoken: Mapping[str, Words]) -> Field:
    """A column of figures of one indicator."""
    share = row["quantity"] == "share" and row["unit"] == "%"
    least = 0.0 if row["quantity"] in NEVER_NEGATIVE else None
    titles = {language: row.get(f"title_{language}") or row["indicator"] for language in spoken}
    named = _unit_names(row["unit"], city, spoken)
    return Field(
        entry["name"], "number", titles, unit=row["unit"], unit_names=named, indicator=row["indicator"],
        least=least, most=100.0 if share else None, example=entry.get("example", 12.3 if row["decimals"] else 12),
    )  # fmt: skip


def _described(entry: Mapping[str, Any], spec: Mapping[str, Any], city: City, spoken: Mapping[str, Words]) -> Field:
    """Any other column: what the template does not say is taken from the table that it fills."""
    name = entry["name"]
    there = [f for resource in targets(spec, city) for f in resource["schema"]["fields"] if f["name"] == name]
    base = there[0] if there else {"type": "string", "titles": {}}
    limits = {k: v for k, v in base.get("constraints", {}).items() if k != "required"} | entry.get("constraints", {})
    dated = "(-" in limits.get("pattern", "")
    kind = "period" if name in ("period", "base_period") else "stamp" if dated else base["type"]
    if entry.get("list") == ["scopes"]:
        options = _scopes(spec, city, spoken)
    elif "list" in entry:
        options = tuple(option for source in entry["list"] for option in listed(source, city, spoken))
    elif "options" in entry:
        options = tuple(Option(names[next(iter(names))], names) for names in entry["options"])
    else:
        options = tuple(
            Option(code, {language: _choice(said, name, code) for language, said in spoken.items()})
            for code in limits.get("enum", ())
        )
    unit = entry.get("unit", "")
    first = options[0].label if options and entry.get("list") != ["scopes"] else None
    example = entry.get("example", first or {"number": 12.3, "integer": 12}.get(kind))
    return Field(
        name, kind, entry.get("titles") or base["titles"], limits.get("required", False), unit,
        _unit_names(unit, city, spoken) if unit else None, "", limits.get("minimum"), limits.get("maximum"),
        options, "options" not in entry, example, limits.get("pattern", "") if kind == "string" else "",
    )  # fmt: skip


def _scopes(spec: Mapping[str, Any], city: City, spoken: Mapping[str, Words]) -> tuple[Option, ...]:
    """The scopes in which the indicators of a template (any where it names none) are published for its places."""
    measured = [entry["indicator"] for entry in spec["fields"] if "indicator" in entry]
    lists = next((entry["list"] for entry in spec["fields"] if entry["name"] == "place"), [])
    places = [option.code for source in lists for option in listed(source, city, ())]
    names = [resource["name"] for resource in package(city)["resources"] if resource["name"].startswith(FACTS)]
    used = set()
    for name in names:
        rows = published(name, city).with_columns(pl.col("indicator").cast(pl.String))
        rows = rows.filter(pl.col("place").is_in(places) & (pl.col("indicator").is_in(measured) | (not measured)))
        used |= set(rows["scope"].drop_nulls())
    return tuple(option for option in listed("scopes", city, spoken) if option.code in used)


def _choice(said: Words, column: str, code: str) -> str:
    key = f"import.choice.{column}.{code}"
    return said(key) if said.has(key) else code


def _unit_names(unit: str, city: City, spoken: Mapping[str, Words]) -> dict[str, str]:
    """What a unit is called where its figures are not scaled for the reader, by language, where it has such a name."""
    rows = load("units", city).filter(pl.col("unit") == unit)
    row = rows.row(0, named=True) if rows.height else {}
    found = {}
    for language, said in spoken.items():
        key = f"import.raw_unit.{unit}"
        if said.has(key):
            found[language] = said(key)
        elif row.get(f"factor_{language}") == 1:
            found[language] = row[f"title_{language}"]
    return found


def listed(source: str, city: City, spoken: Iterable[str]) -> list[Option]:
    """The accepted values of a list: a kind of unit (its codes) or a table (its key)."""
    if source in units.KINDS:
        rows, key = units.rows(source, city), units.TABLES[source][1]
    else:
        rows, key = load(source, city), KEY_COLUMN[source]
    above = (
        dict(load("places", city).select("place", pl.struct("^name_.*$")).iter_rows()) if source == "township" else {}
    )
    options = []
    for row in rows.iter_rows(named=True):
        named = {}
        for language in spoken:
            said = row.get(f"name_{language}") or row.get(f"title_{language}") or row.get("title") or ""
            parent = above.get(row.get("parent"), {}).get(f"name_{language}", "")
            named[language] = f"{said} ({parent})" if parent and said else said
            if source == "sources":
                named[language] = f"{row[key]} {said}".strip()  # titles need not be unique, and some have none
        options.append(Option(row[key], named))
    return options


def plain(text: object) -> str:
    """A text as it is compared: full-width forms narrowed, spaces single, case folded."""
    return " ".join(unicodedata.normalize("NFKC", str(text)).split()).casefold()


def bare(text: object) -> str:
    """A name as it is compared: :func:`plain`, and without spaces and punctuation.

    >>> bare("ＡＢ 厂（一期）") == bare("ab厂(一期)")
    True
    """
    return "".join(character for character in plain(text) if character.isalnum())


# The sheets of a template.


def written(
    found: Template,
    city: City,
    *,
    form: str = "xlsx",
    filled: Sequence[Mapping[str, str | float | None]] = (),
    head: Mapping[str, str] | None = None,
    mark: str = "",
) -> bytes:
    """A template as a file to fill: ``xlsx`` (with an explanation and lists of accepted values) or ``csv``.

    Args:
        filled: Rows that stand in it already, by column; codes where a column has accepted values.
        head: ``title, holder, date`` as they stand in its head already.
        mark: What the sheet is beside a template, such as ``demonstration``.
    """
    spoken = _spoken(found.spec, city)
    rows, styles = _rows(found, spoken)
    for row in rows[1 : len(HEAD) + 1]:
        row[1] = (head or {}).get(str(row[0]).split(" ")[-1], row[1])
    rows[0] += [mark] if mark else []
    first = len(rows)
    rows += [[None, *(row.get(field.name) for field in found.fields)] for row in filled]
    if form == "csv":
        return spreadsheet.comma_separated(rows)
    title = next(iter(found.titles.values()))
    choices, lists = {}, []
    for column, field in enumerate(found.fields, 1):
        if field.options:
            letter = spreadsheet.column_letter(len(lists) + 1)
            choices[column] = f"lists!${letter}$2:${letter}${len(field.options) + 1}"
            lists.append([field.name, *(option.label for option in field.options)])
    # What must stay as it was typed: codes and dates, which a spreadsheet would take for numbers.
    texts = frozenset(n for n, f in enumerate(found.fields, 1) if f.kind in ("string", "period", "stamp"))
    pages = [
        spreadsheet.Page(
            spreadsheet_name(title), rows, styles, [16, *(max(14, len(f.unit_label) + 2) for f in found.fields)],
            (first - 1, 1), choices, (first, first + max(OPEN_ROWS, len(filled))), texts,
        ),
        spreadsheet.Page("read me", *_explained(found, spoken)),
    ]  # fmt: skip
    if lists:
        depth = max(map(len, lists))
        table = [[column[n] if n < len(column) else None for column in lists] for n in range(depth)]
        pages.append(spreadsheet.Page("lists", table, {0: "head"}, [30] * len(lists), (1, 0)))
    return spreadsheet.workbook(pages)


def write(found: Iterable[Template], city: City, *, folder: Path, form: str = "xlsx") -> list[Path]:
    """Write templates into a folder, each under its name. A file that is there and differs is never written over.

    Raises:
        ParameterError: Such a file is there: it may be filled already.
    """
    made = {folder / f"{one.name}.{form}": written(one, city, form=form) for one in found}
    filled = [path for path, content in made.items() if path.is_file() and path.read_bytes() != content]
    if filled:
        raise ParameterError(
            f"{filled[0]} is there already, and filled or of another edition",
            expected="a folder without it", remedy="Move it away, or name another folder with --folder.",
        )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in made.items():
        path.write_bytes(content)
    return list(made)


def spreadsheet_name(title: str) -> str:
    """A title as the name of a sheet: 31 characters, none of those that a spreadsheet forbids."""
    return "".join(" " if c in "[]:*?/\\" else c for c in title)[:31].strip("' ")


def example_row(found: Template) -> list[str | float | None]:
    """What the example row of a template shows."""
    return [field.example for field in found.fields]


def _rows(found: Template, spoken: Mapping[str, Words]) -> tuple[list[list[str | float | None]], dict[int, str]]:
    """Head, names, titles, units, the example: each row begins with its mark, the last word of its first cell."""

    def marked(name: str) -> str:
        said = dict.fromkeys(w(f"import.row.{name}") for w in spoken.values())
        return " ".join([*(text for text in said if text != name), name])

    title = " / ".join(found.titles.values())
    rows: list[list[str | float | None]] = [
        [MARK, found.name, title],
        *([marked(name), title if name == "title" else None] for name in HEAD),
        [marked("column"), *(field.name for field in found.fields)],
        *([language, *(field.titles.get(language, "") for field in found.fields)] for language in spoken),
        [marked("unit"), *(field.unit_label or None for field in found.fields)],
        [marked("example"), *example_row(found)],
    ]  # fmt: skip
    last = len(rows) - 1
    styles = {0: "title", 1: "ask", 2: "ask", 3: "ask", 4: "code", last - 1: "code", last: "example"}
    return rows, styles | dict.fromkeys(range(5, last - 1), "head")


def _explained(
    found: Template, spoken: Mapping[str, Words]
) -> tuple[list[list[str | float | None]], dict[int, str], list[int]]:
    """How to fill it, in every language; then each column, its unit, what it takes and whether it must be filled."""
    rows: list[list[str | float | None]] = []
    styles: dict[int, str] = {}
    for language, said in spoken.items():
        styles[len(rows)] = "title"
        rows.append([found.titles.get(language, found.name)])
        told = [found.spec.get("descriptions", {}).get(language, "")]
        told += [said(f"import.guide.{n}") for n in range(1, 20) if said.has(f"import.guide.{n}")]
        rows += [[text] for text in told if text]
        styles[len(rows)] = "head"
        rows.append([said(f"import.guide_column.{name}") for name in ("title", "column", "unit", "kind", "must")])
        for field in found.fields:
            kind = "list" if field.options else field.kind
            must = said("import.must.yes" if field.required else "import.must.no")
            rows.append(
                [field.titles.get(language, ""), field.name, field.unit_label, said(f"import.kind.{kind}"), must]
            )
        rows.append([])
    return rows, styles, [60, 24, 24, 40, 12]
