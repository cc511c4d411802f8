"""A filled template, read and checked cell by cell: every offence with sheet, row, column, value and expectation.

Nothing is guessed. A number that was stored as text, full-width digits and a percentage are read, because what they
say is certain; an error, a formula that was never computed, a word among figures, a name that stands for two places
are offences. An empty cell is no figure, a zero is a measured zero.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from tylib.errors import Offence, ParameterError
from tylib.store.contracts import DEMONSTRATION, IMPORTED
from tylib.store.period import parse_period
from tylib.store.spreadsheet import column_letter, looks_like_formula
from tylib.store.templates import HEAD, MARK, Field, Template, bare, example_row, names, plain, template
from tylib.store.words import languages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tylib.store.city import City
    from tylib.store.spreadsheet import Sheet

STAMP = re.compile(r"(\d{4})(?:[-./年](\d{1,2})(?:[-./月](\d{1,2})日?)?)?[年月]?")
NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?%?")
SERIALS = range(20_000, 80_000)  # days since 1899-12-30 that are dates of 1954 to 2119, never years
FIRST_YEAR, LAST_YEAR = 1949, 2100
LONGEST_TEXT = 2000
CLEAR = "Leave the cell empty where there is no figure; write 0 only for a measured zero."


@dataclass(frozen=True)
class Filled:
    """What a sheet holds once it is checked.

    Attributes:
        where: File and sheet, as offences name them.
        title, holder, date: From the head of the sheet; empty where it is silent.
        rows: Number of the row in the sheet, and its cells by column: canonical text, null where empty.
        texts: The same cells as they stood there.
        status: ``demonstration`` where the sheet bears that mark, else ``imported``.
    """

    template: Template
    where: str
    sheet: str
    title: str
    holder: str
    date: str
    rows: tuple[tuple[int, Mapping[str, str | None]], ...]
    texts: Mapping[tuple[int, str], str]
    status: str = IMPORTED


class Misread(Exception):
    """A cell that cannot be read: what was expected, and what to do."""

    def __init__(self, expected: str, remedy: str = "Correct the cell.") -> None:
        self.expected, self.remedy = expected, remedy
        super().__init__(expected)


def marked(sheet: Sheet) -> str | None:
    """The template that a sheet is marked as; null where it bears no mark."""
    first = list(sheet.rows[0][:2]) if sheet.rows else []
    return shown(first[1]) if len(first) == 2 and plain(first[0]) == MARK else None


def shown(cell: Any) -> str:
    """A cell as its reader sees it."""
    if isinstance(cell, datetime):
        return cell.isoformat(" ").removesuffix(" 00:00:00")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


def checked(sheet: Sheet, file: str, city: City, *, dated: str = "") -> tuple[Filled | None, list[Offence]]:
    """A marked sheet, and everything that is wrong with it. ``dated`` goes before the date in its head."""
    where = f"{file} [{sheet.name}]" if sheet.name else file
    name = marked(sheet) or ""
    try:
        found = template(name, city)
    except ParameterError as error:
        known = "a template: " + ", ".join(names(city))
        return None, [Offence(where, 1, "B", f'"{name}"', known, error.remedy or "Write a template anew.")]
    if sheet.hidden:
        return None, [Offence(where, None, "", "a hidden sheet", "a sheet that its reader sees", "Show or delete it.")]
    status = DEMONSTRATION if DEMONSTRATION in map(plain, sheet.rows[0]) else IMPORTED
    if status == DEMONSTRATION and not city.demonstration:
        remedy = "Leave it out; fill a template of your own (tylib template)."
        return None, [Offence(where, 1, "", "figures of the demonstration", "figures that somebody holds", remedy)]
    reader = _Reader(found, sheet, where, dated=dated, spoken=languages(city))
    reader.read()
    head = (reader.head.get(key, "") for key in HEAD)
    return Filled(found, where, sheet.name, *head, tuple(reader.rows), reader.texts, status), reader.offences


class _Reader:
    """Goes through one sheet once; what it finds lies in ``rows``, ``texts``, ``head`` and ``offences``."""

    def __init__(self, found: Template, sheet: Sheet, where: str, *, dated: str, spoken: Sequence[str]) -> None:
        self.template, self.sheet, self.where, self.dated, self.spoken = found, sheet, where, dated, spoken
        self.columns: dict[int, Field] = {}
        self.head: dict[str, str] = {}
        self.rows: list[tuple[int, dict[str, str | None]]] = []
        self.texts: dict[tuple[int, str], str] = {}
        self.offences: list[Offence] = []
        self.unnamed: set[int] = set()  # columns told already: nothing more is said of their cells
        self.unread: set[tuple[int, str]] = set()  # cells that could not be read
        self.counted = "row" if sheet.name else "line"
        self.spelt = {field.name: _spellings(field) for field in found.fields if field.options}

    def say(self, row: int | None, column: int | None, found: str, expected: str, remedy: str) -> None:
        field = self.columns.get(column or 0)
        name = (column_letter(column) + (f" ({field.name})" if field else "")) if column else ""
        if row is not None:  # one word a message
            expected, remedy = (re.sub(r"\brow(s?)\b", rf"{self.counted}\1", text) for text in (expected, remedy))
        self.offences.append(Offence(self.where, row, name, found, expected, remedy))

    def read(self) -> None:
        for number, cells in enumerate(self.sheet.rows[1:], 2):
            mark = plain(cells[0]).split(" ")[-1] if cells else ""
            if mark == "column":
                self._name_columns(number, cells)
            elif mark in HEAD:
                self._read_head(number, mark, cells)
            elif mark == "unit":
                self._check_units(number, cells)
            elif mark == "example":
                self._check_example(number, cells)
            elif mark in self.spoken:
                continue  # titles of the columns in one of the languages
            elif mark:
                expected = "an empty cell: the first column is kept for marks"
                self.say(number, 1, f'"{shown(cells[0])}"', expected, "Clear the cell.")
            elif any(shown(cell) for cell in cells) or any(place[0] == number for place in self.sheet.marks):
                self._read_row(number, cells)
        if not self.columns and not self.offences:
            self.say(None, None, "no row of column names", 'a row marked "column"', "Write the template anew.")
        elif not self.rows and not self.offences:
            self.say(None, None, "no filled row", "rows below the example", "Fill the table.")
        self._check_merged()
        self._check_keys()

    def _read_head(self, number: int, mark: str, cells: Sequence[Any]) -> None:
        cell = cells[1] if len(cells) > 1 else ""
        try:
            self.head[mark] = (stamp if mark == "date" else plain_text)(cell) if shown(cell) else ""
        except Misread as wrong:
            self.say(number, 2, f'"{shown(cell)}"', wrong.expected, wrong.remedy)

    def _name_columns(self, number: int, cells: Sequence[Any]) -> None:
        for column, cell in enumerate(cells[1:], 2):
            name, field = shown(cell), self.template.field(shown(cell))
            if field and field not in self.columns.values():
                self.columns[column] = field
            elif name:
                self.unnamed.add(column)
                near = None if field else self._meant(number, column, cells)
                remedy = f'Did you mean "{near}"?' if near else "Delete the column."
                self.say(number, column, f'"{name}"', "a column of the template, each once", remedy)
        for field in self.template.fields:
            if field.required and field not in self.columns.values():
                self.say(number, None, f"no column {field.name}", "every column that must be filled", "Put it back.")

    def _meant(self, number: int, column: int, cells: Sequence[Any]) -> str | None:
        """The column of the template that a wrong name may stand for: by the title under it, or by what is near."""
        taken = {shown(cell) for cell in cells}
        free = [field for field in self.template.fields if field.name not in taken]
        under = {bare(row[column - 1]) for row in self.sheet.rows[number:] if self._titles(row) and column <= len(row)}
        known = {bare(text): field.name for field in free for text in (*field.titles.values(), field.name) if text}
        name = bare(cells[column - 1])
        if titled := [known[title] for title in under if title in known]:
            return titled[0]
        if near := get_close_matches(name, list(known), n=1):
            return known[near[0]]
        held = [text for text in known if text in name or (len(name) > 2 and name in text)]
        return known[max(held, key=len)] if held else None

    def _titles(self, row: Sequence[Any]) -> bool:
        return bool(row) and plain(row[0]) in self.spoken

    def _check_units(self, number: int, cells: Sequence[Any]) -> None:
        for column, field in self.columns.items():
            cell = shown(cells[column - 1]) if column <= len(cells) else ""
            known = {plain(text) for text in (field.unit_label, field.unit, *(field.unit_names or {}).values())}
            if cell and plain(cell) not in known:
                remedy = "Convert the figures, and put the unit back."
                self.say(number, column, f'"{cell}"', field.unit_label or "no unit", remedy)

    def _check_example(self, number: int, cells: Sequence[Any]) -> None:
        for column, field in self.columns.items():
            cell = cells[column - 1] if column <= len(cells) and not field.options else ""  # lists may have grown
            written = dict(zip((f.name for f in self.template.fields), example_row(self.template), strict=True))
            if shown(cell) and not _alike(cell, written[field.name]):
                expected = "the example as it was, which is not taken in"
                self.say(number, column, f'"{shown(cell)}"', expected, "Move your figures below the example.")
                return

    def _read_row(self, number: int, cells: Sequence[Any]) -> None:
        if not self.columns:
            self.say(number, None, "a row above the column names", 'a row marked "column" first', "Put it back.")
            return
        if number in self.sheet.hidden_rows:
            self.say(number, None, "a hidden row", "rows that their reader sees", "Show the row or delete it.")
            return
        read: dict[str, str | None] = {}
        for column, field in self.columns.items():
            cell = cells[column - 1] if column <= len(cells) else ""
            read[field.name] = None
            try:
                read[field.name] = self._value(number, column, field, cell)
            except Misread as wrong:
                what = self.sheet.marks.get((number, column), ("", ""))
                found = {"error": f"the error {what[1]}", "formula": "a formula that was never computed"}.get(what[0])
                self.say(number, column, found or f'"{shown(cell)}"', wrong.expected, wrong.remedy)
                self.unread.add((number, field.name))
                continue
            if read[field.name] is None and field.required:
                self.unread.add((number, field.name))
                self.say(number, column, "an empty cell", "a value in every row", "Fill the cell or delete the row.")
            if shown(cell):
                self.texts[number, field.name] = shown(cell)
        for column, cell in enumerate(cells[1:], 2):
            if column not in self.columns and column not in self.unnamed and shown(cell):
                self.say(number, column, f'"{shown(cell)}"', "nothing outside the named columns", "Clear the cell.")
        self.rows.append((number, read))

    def _value(self, number: int, column: int, field: Field, cell: Any) -> str | None:
        mark = self.sheet.marks.get((number, column), ("", ""))[0]
        if mark in ("error", "formula"):
            raise Misread("a value", "Copy the column and paste it as values; mend what gives an error.")
        if not shown(cell):
            return None
        if field.options:
            return _chosen(field, self.spelt[field.name], cell)
        if field.kind in ("number", "integer"):
            return _number(field, cell, percent=mark == "percent")
        if field.kind == "period":
            return self._period(cell)
        if field.kind == "boolean":
            return _truth(cell)
        if field.kind in ("date", "stamp"):
            return stamp(cell, whole=field.kind == "date")
        text = plain_text(cell)
        if field.pattern and not re.fullmatch(field.pattern, text):
            raise Misread(f"the form {field.pattern}")
        return text

    def _period(self, cell: Any) -> str:
        if isinstance(cell, date):
            raise Misread("a period such as 2024 or 2024H1", "Set the column to text and write the period.")
        try:
            period = parse_period(shown(cell))
        except ParameterError:
            raise Misread("a period such as 2024, 2024H1, 2024Q1 or 2024M1-M9") from None
        spec, last = self.template.spec, LAST_YEAR
        dated = self.dated or self.head.get("date", "")
        if spec.get("set", {}).get("kind") == "actual" and dated[:4].isdigit():
            last = int(dated[:4])  # a table cannot report what came after it
        if not FIRST_YEAR <= period.start.year <= period.end.year <= last:
            raise Misread(f"a year from {FIRST_YEAR} to {last}", "Correct the year, or the date of the table.")
        return str(period)

    def _check_merged(self) -> None:
        filled = {number for number, _ in self.rows}
        for top, bottom, left, right in self.sheet.merged:
            if filled & set(range(top, bottom + 1)):
                found = f"merged cells {column_letter(left)}{top}:{column_letter(right)}{bottom}"
                self.say(top, left, found, "a value in each cell", "Undo the merge and fill each cell.")

    def _check_keys(self) -> None:
        """No key twice: of two figures for one thing nobody knows which is meant."""
        spec = self.template.spec
        keys = [*([spec["match"]] if "match" in spec else []), *spec.get("melt", {}).get("key", ())]
        keys = [key for key in keys if any(field.name == key for field in self.columns.values())]
        seen: dict[tuple, int] = {}
        for number, read in self.rows:
            if any((number, name) in self.unread for name in keys or read):  # what could not be read is not compared
                continue
            cells = {**read, **({spec["match"]: bare(read.get(spec["match"]) or "")} if "match" in spec else {})}
            key = tuple(cells[name] for name in keys) if keys else tuple(read.values())
            if any(key) and key in seen:
                named = ", ".join(f"{n}={v}" for n, v in zip(keys, key, strict=True) if v) if keys else "the same cells"
                found = f"{named}, as in {self.counted} {seen[key]}"
                self.say(number, None, found, "each only once", "Delete one of the rows.")
            seen.setdefault(key, number)


def _spellings(field: Field) -> dict[str, set[int]]:
    """Every way to write an accepted value, as it is compared, with the numbers of the options it stands for."""
    spelt: dict[str, set[int]] = {}
    for number, option in enumerate(field.options):
        full = [option.code, option.label, *option.names.values()]
        short = [re.sub(r" \([^()]*\)$", "", name) for name in option.names.values()]
        for text in filter(None, [*full, *short]):
            spelt.setdefault(plain(text), set()).add(number)
    return spelt


def _chosen(field: Field, spelt: Mapping[str, set[int]], cell: Any) -> str:
    hits = spelt.get(plain(shown(cell)), set())
    exact = {number for number in hits if field.options[number].code == shown(cell)}
    if len(exact or hits) == 1:
        return field.options[next(iter(exact or hits))].code
    if hits:
        codes = ", ".join(sorted(field.options[number].code for number in hits))
        raise Misread("one of them", f"Several have this name; write the code: {codes}.")
    near = get_close_matches(plain(shown(cell)), list(spelt), n=1, cutoff=0.5)
    first = ", ".join(option.label for option in field.options[:3])
    more = f" and {len(field.options) - 3} more" if len(field.options) > 3 else ""
    meant = f'Did you mean "{field.options[min(spelt[near[0]])].label}"?' if near else "Choose from the list."
    raise Misread(f"one of the list ({first}{more}), or its code", meant)


def _number(field: Field, cell: Any, *, percent: bool) -> str:
    whole = field.kind == "integer"
    wanted = ("a whole number" if whole else "a number") + (f" in {field.unit_label}" if field.unit else "")
    if isinstance(cell, bool | date | timedelta) or not isinstance(cell, int | float | str):
        raise Misread(wanted, "Set the cell to a number and write it again.")
    text = unicodedata.normalize("NFKC", shown(cell)).replace("−", "-").replace(" ", "")
    if isinstance(cell, str) and not NUMBER.fullmatch(text):
        raise Misread(wanted, CLEAR)
    percent = percent or text.endswith("%")
    if percent and field.unit != "%":
        raise Misread(f"{wanted}, no percentage", "Write the figure itself, in the unit of the column.")
    value = float(text.rstrip("%").replace(",", "")) if isinstance(cell, str) else float(cell)
    if percent and not isinstance(cell, str):
        value = round(value * 100, 10)  # the cell shows 12.5 %, the file holds 0.125
    if value != value or value in (float("inf"), float("-inf")) or (whole and not value.is_integer()):
        raise Misread(wanted, CLEAR)
    if field.least is not None and value < field.least:
        raise Misread(f"{field.least:g} or more", "Correct the figure or its sign.")
    if field.most is not None and value > field.most:
        raise Misread(f"at most {field.most:g}", "Correct the figure; look at its unit.")
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _alike(cell: Any, written: str | float | None) -> bool:
    """Whether a cell still says what was written there; a spreadsheet may have put a date its own way."""
    texts = [shown("" if text is None else text) for text in (cell, written)]
    if plain(texts[0]) == plain(texts[1]):
        return True
    try:
        return stamp(cell) == stamp(written)
    except Misread:
        return False


def _truth(cell: Any) -> str:
    said = {"true": "true", "1": "true", "是": "true", "false": "false", "0": "false", "否": "false"}
    if (found := said.get(plain(shown(cell)))) is None:
        raise Misread("true or false")
    return found


def stamp(cell: Any, *, whole: bool = False) -> str:
    """A date, which may stop at year or month unless it must be ``whole``."""
    expected = "a date as 2026-03-31" + ("" if whole else ", 2026-03 or 2026")
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    if isinstance(cell, int | float) and not isinstance(cell, bool) and cell in SERIALS:
        return (date(1899, 12, 30) + timedelta(days=int(cell))).isoformat()
    parts = STAMP.fullmatch(unicodedata.normalize("NFKC", shown(cell)).removesuffix(" 00:00:00"))
    if not parts or (whole and not parts[3]):
        raise Misread(expected)
    year, month, day = (int(part) if part else None for part in parts.groups())
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        raise Misread(expected, "There is no such day.") from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Misread(f"a year from {FIRST_YEAR} to {LAST_YEAR}")
    return "-".join(f"{part:02}" for part in (year, month, day) if part)


def plain_text(cell: Any) -> str:
    """A text as it may stand in a table: one line, nothing that a spreadsheet would run."""
    text = shown(cell)
    if looks_like_formula(text):
        raise Misread("a text that no spreadsheet takes for a formula", "Begin it with another character.")
    text = " ".join(_lines(text))
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise Misread("a text without control characters", "Type it anew.")
    if len(text) > LONGEST_TEXT:
        raise Misread(f"at most {LONGEST_TEXT} characters", "Shorten it.")
    return text


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())
