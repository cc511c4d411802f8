"""Subcommand ``demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tylib.commands.options import CityFolder, Languages, Units


def demo(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where to make it. Default: demonstration/ in the city's folder."),
    ] = None,
    unit: Units = None,
    language: Languages = None,
    plan: Annotated[
        str, typer.Option(metavar="NAME", help="File in params/plans.", show_default="demonstration; with --unit, all")
    ] = "",
    workers: Annotated[int | None, typer.Option(min=1, metavar="N", help="Briefs made side by side.")] = None,
    only_tables: Annotated[bool, typer.Option("--only-tables", help="Fill and take in the tables; no brief.")] = False,
    city: CityFolder = None,
) -> None:
    """Show the suite at full depth: every table filled with made figures, in a folder of its own, under a banner."""
    import time

    from tylib.batch.demonstration import FOLDER, made_city, tables
    from tylib.commands.briefs import batch
    from tylib.store import open_city

    started = time.monotonic()
    opened = open_city(city)
    made = made_city(opened, folder or opened.root / FOLDER)
    typer.echo("Filling every table from one draw of what published figures allow.", err=True)
    taken = tables(made)
    rows = sum(record.rows for record in taken)
    seconds = time.monotonic() - started
    typer.echo(f"{len(taken)} tables with {rows} made rows taken in, in {seconds:.1f} s: {made.root}", err=True)
    if only_tables:
        return
    batch(
        context,
        plan=plan or ("all" if unit else FOLDER), unit=unit, language=language, workers=workers, city=made.root,
        reports=made.reports,
    )  # fmt: skip
