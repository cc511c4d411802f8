"""What several subcommands share: options, and rows as text or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CityFolder = Annotated[
    Path | None,
    typer.Option("--city", metavar="FOLDER", help="Folder with the city's data/ and params/.", show_default=False),
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
    widths = [max((len(str(row[name])) for row in rows), default=0) for name in columns]
    for row in rows:
        cells = (str(row[name]).ljust(width) for name, width in zip(columns, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())
