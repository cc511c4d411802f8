"""What several subcommands share: options, and rows as text or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CityFolder = Annotated[
    Path | None,
    typer.Option("--city", metavar="FOLDER", help="Folder with the city's data/ and params/.", show_default=False),
]
Units = Annotated[
    list[str] | None,
    typer.Option("--unit", metavar="UNIT", help="Only this unit, such as county:CODE; repeatable.", show_default=False),
]
Languages = Annotated[
    list[str] | None,
    typer.Option("--language", metavar="LANGUAGE", help="Only this language; repeatable.", show_default=False),
]
Form = Annotated[str, typer.Option("--format", metavar="table|json", help="How to print.")]


def printed(rows: list[dict], columns: tuple[str, ...], form: str) -> None:
    """Rows as aligned text or as JSON."""
    import json

    from tylib.errors import unknown

    if form not in ("table", "json"):
        raise unknown("format", form, ("table", "json"))
    if form == "json":
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    table = [columns, *(["" if row[name] is None else str(row[name]) for name in columns] for row in rows)]
    widths = [max(len(cells[number]) for cells in table) for number in range(len(columns))]
    for cells in table if rows else ():
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())
