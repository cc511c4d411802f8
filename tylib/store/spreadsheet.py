"""Spreadsheets as bytes: read with everything that a reader must not overlook, and written.

A reader of values alone takes an error, a formula that was never computed and an empty cell for the same thing, and a
percentage for a number. So the sheet is looked through a second time for those. Nothing is fetched, no formula is
run, and a file that would unpack to more than a spreadsheet of this kind can hold is refused unread.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from tylib.errors import DataError, Offence, ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

MOST_BYTES, MOST_UNPACKED, MOST_ROWS = 20_000_000, 200_000_000, 100_000
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PERCENT = (9, 10)  # numbers of the built-in percentage formats
_FORMULA = re.compile(r"[=+@\t\r]|-(?![\d.,\s]*%?$)")


@dataclass(frozen=True)
class Sheet:
    """One sheet of a file.

    Attributes:
        name: Empty for a CSV.
        rows: Cells from the first row and column on; text, number, truth value or date; an empty cell is "".
        hidden: The whole sheet is hidden.
        hidden_rows: Rows that are hidden or filtered away, counted from 1.
        merged: Merged ranges as (first row, last row, first column, last column), counted from 1.
        marks: What is the matter with a cell (row, column; from 1): ``error`` (the text of the error),
            ``formula`` (never computed), ``percent``.
    """

    name: str
    rows: Sequence[Sequence[Any]]
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    marks: Mapping[tuple[int, int], tuple[str, str]] = field(default_factory=dict)


def refused(file: str, found: str, expected: str, remedy: str) -> DataError:
    """The error of a file that is not read at all."""
    return DataError("a file cannot be read", offences=[Offence(file, None, "", found, expected, remedy)])


def read(path: Path) -> tuple[bytes, list[Sheet], str]:
    """The bytes of a file, its sheets, and the encoding of its text (empty for a workbook).

    Raises:
        ParameterError: No such file.
        DataError: Empty, too large, not .xlsx or .csv, broken, locked by a password, or in an encoding that
            is neither UTF-8 nor GBK.
    """
    kinds = "a spreadsheet as .xlsx or .csv"
    if not path.is_file():
        raise ParameterError("no such file", where=str(path), expected=kinds, remedy="Correct the name.")
    if path.stat().st_size > MOST_BYTES:
        raise refused(path.name, "a file too large", f"at most {MOST_BYTES // 1_000_000} MB", "Split the table.")
    content = path.read_bytes()
    if not content.removeprefix(b"\xef\xbb\xbf").strip():
        raise refused(path.name, "the file is empty", "a filled template", "Fill a template and save it.")
    if content[:4] == b"PK\x03\x04":
        return content, list(_workbook(content, path.name)), ""
    if path.suffix.lower() in (".csv", ".txt"):
        rows, encoding = _table(content, path.name)
        return content, [Sheet("", rows)], encoding
    old = content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    found = "an old or a locked workbook" if old else f"a file {path.suffix or 'without a suffix'}"
    raise refused(path.name, found, kinds, "Save it as .xlsx, without a password.")


def _table(content: bytes, file: str) -> tuple[list[list[str]], str]:
    text, encoding = "", ""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if b"\0" in content or (content and not text):
        raise refused(file, "neither UTF-8 nor GBK", "text in UTF-8", "Save it as CSV UTF-8.")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise refused(file, str(error), "a CSV table", "Close the quotation marks; double those in a cell.") from None
    if rows and len(rows[0]) == 1 and re.search(r"[;\t]", rows[0][0]):
        raise refused(file, "cells parted by semicolons or tabs", "commas", "Save it as CSV with commas.")
    if len(rows) > MOST_ROWS:
        raise _too_long(file)
    return rows, "UTF-8" if encoding == "utf-8-sig" else "GBK"


def _too_long(file: str) -> DataError:
    return refused(file, "a table too long", f"at most {MOST_ROWS:,} rows", "Split the table.")


def _workbook(content: bytes, file: str) -> Iterator[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    broken = "a workbook that is broken"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
                limit = f"at most {MOST_UNPACKED // 1_000_000} MB"
                raise refused(file, "a workbook that unpacks to too much", limit, "Split the table.")
            if bad := archive.testzip():  # a size that lies
                raise zipfile.BadZipFile(bad)
            paths, percent = _paths(archive), _percent_styles(archive)
            workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
            for sheet in workbook.sheets_metadata:
                if sheet.name not in paths:
                    continue
                cells = workbook.get_sheet_by_name(sheet.name)
                rows = cells.to_python(skip_empty_area=False, nrows=MOST_ROWS + 1)
                if len(rows) > MOST_ROWS:
                    raise _too_long(file)
                marks, hidden = _second_look(archive, paths[sheet.name], percent)
                merged = tuple((a + 1, c + 1, b + 1, d + 1) for (a, b), (c, d) in cells.merged_cell_ranges or ())
                yield Sheet(
                    sheet.name, rows, sheet.visible != SheetVisibleEnum.Visible, frozenset(hidden), merged, marks
                )
    except (zipfile.BadZipFile, CalamineError, ElementTree.ParseError, KeyError, OSError, ValueError) as error:
        raise refused(file, f"{broken} ({error})", "a workbook as .xlsx", "Save it anew as .xlsx.") from None


def _xml(archive: zipfile.ZipFile, name: str) -> bytes:
    content = archive.read(name)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError("it declares entities")
    return content


def _paths(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name to the file in the archive that holds it."""
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in ElementTree.fromstring(_xml(archive, "xl/_rels/workbook.xml.rels"))
    }
    sheets = ElementTree.fromstring(_xml(archive, "xl/workbook.xml")).iter(f"{_MAIN}sheet")
    found = {sheet.get("name", ""): targets.get(sheet.get(_RELATION), "") for sheet in sheets}
    full = {name: path.lstrip("/") if path.startswith("/") else f"xl/{path}" for name, path in found.items()}
    return {name: path for name, path in full.items() if path in archive.namelist()}


def _percent_styles(archive: zipfile.ZipFile) -> set[str]:
    """Numbers of the cell styles that show a percentage."""
    if "xl/styles.xml" not in archive.namelist():
        return set()
    root = ElementTree.fromstring(_xml(archive, "xl/styles.xml"))
    formats = {str(number) for number in _PERCENT}
    formats |= {f.get("numFmtId") for f in root.iter(f"{_MAIN}numFmt") if "%" in f.get("formatCode", "")}
    styles = root.find(f"{_MAIN}cellXfs")
    return {str(n) for n, style in enumerate(styles if styles is not None else ()) if style.get("numFmtId") in formats}


def _second_look(
    archive: zipfile.ZipFile, name: str, percent: set[str]
) -> tuple[dict[tuple[int, int], tuple[str, str]], set[int]]:
    """Errors, formulas that were never computed, percentages, and the hidden rows of a sheet."""
    marks: dict[tuple[int, int], tuple[str, str]] = {}
    hidden: set[int] = set()
    for _, row in ElementTree.iterparse(io.BytesIO(_xml(archive, name))):
        if row.tag != f"{_MAIN}row":
            continue
        number = int(row.get("r", 0))
        if row.get("hidden") in ("1", "true"):
            hidden.add(number)
        for cell in row.iter(f"{_MAIN}c"):
            value = cell.findtext(f"{_MAIN}v") or ""
            place = (number, column_number(cell.get("r", "A")))
            if cell.get("t") == "e":
                marks[place] = ("error", value)
            elif cell.find(f"{_MAIN}f") is not None and not value:
                marks[place] = ("formula", cell.findtext(f"{_MAIN}f") or "")
            elif value and cell.get("s") in percent and cell.get("t", "n") == "n":
                marks[place] = ("percent", value)
        row.clear()
    return marks, hidden


def column_number(reference: str) -> int:
    """The number of a column in a reference such as ``AB12``: 28."""
    total = 0
    for letter in re.sub(r"[^A-Z]", "", reference):
        total = total * 26 + ord(letter) - 64
    return total


def column_letter(number: int) -> str:
    """The letters of a column.

    >>> column_letter(28)
    'AB'
    """
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet would run a text as a formula; a plain negative number is none.

    >>> [looks_like_formula(text) for text in ("=1+1", "-1.5", "-2+3", "@A1", "steel")]
    [True, False, True, True, False]
    """
    return bool(_FORMULA.match(text))


@dataclass(frozen=True)
class Page:
    """A sheet to be written.

    Attributes:
        name: At most 31 characters.
        rows: Texts and numbers; null is an empty cell.
        styles: Number of a row, from 0, to its style (:data:`STYLES`).
        widths: Width of each column in characters.
        frozen: Rows and columns that stay in view.
        choices: Column, from 0, to the range of its accepted values in another sheet.
        open_rows: First and last row, from 0, that are to be filled.
        texts: Columns whose cells are texts whatever is typed.
    """

    name: str
    rows: Sequence[Sequence[str | float | None]]
    styles: Mapping[int, str] = field(default_factory=dict)
    widths: Sequence[int] = ()
    frozen: tuple[int, int] = (0, 0)
    choices: Mapping[int, str] = field(default_factory=dict)
    open_rows: tuple[int, int] = (0, 0)
    texts: frozenset[int] = frozenset()


STYLES = {
    "plain": {"text_wrap": True, "valign": "top"},
    "title": {"bold": True, "font_size": 14},
    "head": {"bold": True, "bg_color": "#E6EEF2", "border": 1, "border_color": "#B9C2CA", "text_wrap": True,
             "valign": "top"},
    "ask": {"bg_color": "#FFF6DD", "border": 1, "border_color": "#B9C2CA"},
    "code": {"font_color": "#59656F", "font_size": 9},
    "example": {"italic": True, "font_color": "#59656F", "bg_color": "#F5F7F8"},
}  # fmt: skip


def workbook(pages: Sequence[Page]) -> bytes:
    """An .xlsx of pages; texts are written as texts, never as formulas or links. The same pages give the same bytes."""
    from datetime import datetime

    import xlsxwriter

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"created": datetime(2000, 1, 1)})
    styles = {name: book.add_format(style) for name, style in STYLES.items()}
    text = book.add_format({"num_format": "@"})
    for page in pages:
        sheet = book.add_worksheet(page.name)
        for column, width in enumerate(page.widths):
            sheet.set_column(column, column, width, text if column in page.texts else None)
        for number, row in enumerate(page.rows):
            style = styles[page.styles.get(number, "plain")]
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell, style)
                elif cell is not None:
                    sheet.write_number(number, column, cell, style)
                elif number in page.styles:
                    sheet.write_blank(number, column, None, style)
        if any(page.frozen):
            sheet.freeze_panes(*page.frozen)
        for column, source in page.choices.items():
            first, last = page.open_rows
            # A warning, not a ban: a code may be typed where the list shows names.
            rule = {"validate": "list", "source": f"={source}", "error_type": "warning"}
            sheet.data_validation(first, column, last, column, rule)
    book.close()
    return buffer.getvalue()


def comma_separated(rows: Sequence[Sequence[str | float | None]]) -> bytes:
    """The rows as CSV in UTF-8 with the mark by which spreadsheet programs know it."""
    buffer = io.StringIO()
    width = max(map(len, rows), default=0)
    cells = [["" if cell is None else cell for cell in row] + [""] * (width - len(row)) for row in rows]
    csv.writer(buffer, lineterminator="\r\n").writerows(cells)
    return ("\ufeff" + buffer.getvalue()).encode()
