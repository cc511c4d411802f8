"""A CSV file as a table of texts, or what keeps it from being read as one, said for the person who mends it."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import polars as pl

from tylib.errors import Offence
from tylib.store.contracts import LINE


def read(path: Path, resource: dict[str, Any]) -> tuple[pl.DataFrame, list[Offence]]:
    """Every cell as text, and what keeps the file from being read as a table at all."""
    wanted = [field["name"] for field in resource["schema"]["fields"]]
    nothing = pl.DataFrame()

    def offence(found: str, expected: str, remedy: str, row: int | None = None, column: str = "") -> Offence:
        return Offence(resource["path"], row, column, found, expected, remedy)

    if not path.is_file():
        expected = "the file that the data package names"
        return nothing, [offence("no such file", expected, "Put it back or mend the path.")]
    content = path.read_bytes()
    try:
        text = content.decode("utf-8").removeprefix("\ufeff")  # spreadsheet programs put a byte-order mark there
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"byte 0x{content[error.start]:02x} that is not UTF-8"
        return nothing, [offence(found, "a text file in UTF-8", "Save the file as CSV UTF-8 (not GBK).", line)]
    try:
        (_, header), *rows = _records(text)
    except ValueError:
        return nothing, [offence("an empty file", "a header and rows", "Fill the table, or put the file back.")]
    except csv.Error as error:
        found, line = error.args
        return nothing, [offence(found, "a CSV table", "Close the quotation marks; double those inside a cell.", line)]
    if len(header) == 1 < len(wanted) and (parted := set(header[0]) & set(";\t|")):
        mark = {";": "semicolons", "\t": "tabs"}.get(min(parted), "bars")
        return nothing, [offence(f"cells parted by {mark}", "commas", "Save the file as CSV with commas.", 1)]
    offences = [
        offence("no such column", f"column {name}", "Add the column, or correct its name in the first line.", 1, name)
        for name in wanted if name not in header
    ] + [
        offence("a column that is not described", "the columns of the data package only",
                "Remove the column, or describe it in data/datapackage.json.", 1, name)
        for name in dict.fromkeys(header) if name not in wanted
    ] + [
        offence("a column that stands twice", "each column once", "Remove or rename one of them.", 1, name)
        for name in dict.fromkeys(header) if header.count(name) > 1
    ] + [
        offence(f"{len(cells)} cells", f"{len(header)} cells, as in the first line",
                "Put a cell that holds a comma in quotation marks; leave an unknown cell empty.", line)
        for line, cells in rows if len(cells) != len(header)
    ]  # fmt: skip
    if len(rows) < (least := resource.get("minimumRows", 1)):
        found = f"{len(rows) or 'no'} rows"
        offences.append(offence(found, f"at least {least} under the header", "Fill the table, or put it back."))
    if offences:
        return nothing, offences
    frame = pl.DataFrame(
        [[line, *(cell or None for cell in cells)] for line, cells in rows],
        schema={LINE: pl.UInt32, **dict.fromkeys(header, pl.String)}, orient="row",
    )  # fmt: skip
    return frame.select(LINE, *wanted), []


def _records(text: str) -> list[tuple[int, list[str]]]:
    """The rows of a CSV text, each with the line it begins on; empty lines left out."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records, line = [], 1
    try:
        for cells in reader:
            if cells:
                records.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise csv.Error(str(error), line) from None
    return records
