"""Subcommands for tables: ``check``, ``template``, ``import``, ``imports``, ``changes``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tylib.commands.options import CityFolder, Form, printed


def check(city: CityFolder = None) -> None:
    """Check every table, and the parameters: one line a table, every offence with its place and remedy."""
    from tylib.store import check as check_tables
    from tylib.store import open_city
    from tylib.store.params import check as check_parameters

    opened = open_city(city)
    found = check_tables(opened)
    width = max((len(report.name) for report in found), default=0)
    for report in found:
        count = len(report.offences)
        verdict = "ok" if not count else f"{count} offence" + "s" * (count > 1)
        typer.echo(f"{report.name:<{width}}  {report.rows:>6} rows  {report.columns:>3} columns  {verdict}")
    offences = [offence for report in found for offence in report.offences]
    for offence in offences:
        typer.echo(str(offence), err=True)
    if offences:
        raise typer.Exit(3)
    check_parameters(opened)


def template(
    name: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="All where none is named.")] = None,
    folder: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where to write. Default: home/templates in the city's folder."),
    ] = None,
    form: Annotated[str, typer.Option("--format", metavar="xlsx|csv", help="Kind of file.")] = "xlsx",
    city: CityFolder = None,
) -> None:
    """Write spreadsheets to fill with tables of your own."""
    from tylib.errors import unknown
    from tylib.store import open_city, templates

    if form not in ("xlsx", "csv"):
        raise unknown("format", form, ("xlsx", "csv"))
    opened = open_city(city)
    found = [templates.template(one, opened) for one in name or templates.names(opened)]
    for path in templates.write(found, opened, folder=folder or opened.home / "templates", form=form):
        here = Path.cwd()
        typer.echo(str(path.relative_to(here) if path.is_relative_to(here) else path))


def take_in(
    file: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Filled templates, .xlsx or .csv.")],
    title: Annotated[str, typer.Option(help="What the table is; else as in its head.")] = "",
    holder: Annotated[str, typer.Option(help="Who holds it; else as in its head.")] = "",
    date: Annotated[str, typer.Option(help="Date of the table, such as 2026-03; else as in its head.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only.")] = False,
    city: CityFolder = None,
) -> None:
    """Check tables of your own and take them in: all or nothing."""
    import datetime

    from tylib.store import imports, open_city

    today, head = datetime.date.today().isoformat(), {"title": title, "holder": holder, "date": date}
    result = imports.take(open_city(city), file, taken_on=today, head=head, dry_run=dry_run)
    for remark in (*result.remarks, *result.doubts):
        typer.echo(remark, err=True)
    for record in result.taken:
        where = f"{record.where}: {record.rows} rows of {record.template}"
        odd = sum(doubt.startswith(f"{record.where}, {record.counted} ") for doubt in result.doubts)
        verdict = f"nothing refused, {odd} to look at" if odd else "nothing wrong"
        if not dry_run:
            verdict = f"{odd} to look at" if odd else ""
            where = f"{record.id}  {where}: {record.title}, {record.holder}"
        typer.echo(", ".join(filter(None, [where, verdict])))


imports_app = typer.Typer(help="List your own tables, or withdraw one.", invoke_without_command=True)


@imports_app.callback()
def imports_list(context: typer.Context, form: Form = "table", city: CityFolder = None) -> None:
    """List every table that was ever taken in, with its state."""
    if context.invoked_subcommand:
        return
    from dataclasses import asdict

    from tylib.store import open_city, taken

    rows = [asdict(record) for record in taken.register(open_city(city))]
    printed(rows, ("id", "state", "taken_on", "template", "rows", "date", "holder", "title"), form)


@imports_app.command("withdraw")
def imports_withdraw(
    number: Annotated[str, typer.Argument(metavar="ID", help="Such as I0001.")],
    reason: Annotated[str, typer.Option(help="Why; kept in the register.")] = "",
    city: CityFolder = None,
) -> None:
    """Take a table back: briefs made afterwards are as if it had never been there."""
    import datetime

    from tylib.store import imports, open_city

    record = imports.withdraw(open_city(city), number, withdrawn_on=datetime.date.today().isoformat(), reason=reason)
    typer.echo(f"{record.id} withdrawn: {record.title}, {record.holder}")


def changes(
    since: Annotated[str, typer.Option(metavar="DATE", help="Such as 2026-03-31, 2026-03 or 2026.")],
    form: Form = "table",
    city: CityFolder = None,
) -> None:
    """What has changed since a day: figures published, tables taken in or withdrawn, corrections, choices."""
    from tylib.store import changes as store_changes
    from tylib.store import open_city

    rows = store_changes.changes(since, open_city(city)).to_dicts()
    printed(rows, ("date", "kind", "id", "what"), form)
