"""Filled templates, as a user would hand them in: the template as it is written, with rows put under it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from tylib.store import City, spreadsheet, templates

HOLDER, DATED = "雾江市统计局", "2030-12"


def sheet(city: City, name: str, *rows: Mapping[str, Any], holder: str = HOLDER, date: str = DATED) -> list[list[Any]]:
    """The cells of a template with its head filled and rows under it, each given by column."""
    text = templates.written(templates.template(name, city), city, form="csv").decode("utf-8-sig")
    cells: list[list[Any]] = [[cell or None for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    cells[2][1], cells[3][1] = holder, date
    columns = cells[4]
    for row in rows:
        assert set(row) <= set(columns), set(row) - set(columns)
        cells.append([None, *(row.get(column) for column in columns[1:])])
    return cells


def csv_file(path: Path, cells: Sequence[Sequence[Any]], *, encoding: str = "utf-8-sig") -> Path:
    """The cells as a CSV."""
    path.write_bytes(spreadsheet.comma_separated(cells).decode("utf-8-sig").encode(encoding))
    return path


def workbook(path: Path, cells: Sequence[Sequence[Any]], *, name: str = "表", spoil: Any = None) -> Path:
    """The cells as a workbook; ``spoil(book, sheet)`` may write over it."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    page = book.add_worksheet(name)
    for number, row in enumerate(cells):
        for column, cell in enumerate(row):
            if cell is not None:
                page.write(number, column, cell)
    if spoil:
        spoil(book, page)
    book.close()
    path.write_bytes(buffer.getvalue())
    return path


def an_example(city: City, name: str) -> dict[str, Any]:
    """A row that fills every column of a template with what its example shows."""
    return {field.name: field.example for field in templates.template(name, city).fields if field.example is not None}
