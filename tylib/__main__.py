"""The command line: one thin function a subcommand. Whatever goes wrong ends in one message and an exit code.

0 done; 1 a run failed; 2 a parameter is wrong; 3 data break their contract; 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tylib import __version__

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import polars as pl

    from tylib.batch.manifest import Row
    from tylib.store import City

INTERRUPTED = 130

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Briefs on what is published about each county, made from tables, parameters and notebooks.",
)

CityFolder = Annotated[
    Path | None,
    typer.Option("--city", metavar="FOLDER", help="Folder with the city's data/ and params/.", show_default=False),
]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"tylib {__version__}")
        raise typer.Exit


@app.callback()
def _tylib(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    pass


@app.command()
def batch(
    plan: Annotated[str, typer.Option(metavar="NAME", help="File in params/plans, without .yml.")] = "all",
    unit: Annotated[
        list[str] | None,
        typer.Option(metavar="UNIT", help="Only this unit, such as county:CODE; repeatable.", show_default=False),
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(metavar="LANGUAGE", help="Only this language; repeatable.", show_default=False),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Briefs made side by side. Default: one a core, 8 at most."),
    ] = None,
    deadline: Annotated[float, typer.Option(min=1, metavar="SECONDS", help="Give a brief up after so long.")] = 600.0,
    engine: Annotated[
        str,
        typer.Option(
            metavar="fork|kernel",
            help="A forked copy of one ready process for each brief (Linux), or a kernel of its own.",
            show_default="fork where it can be had",
        ),
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Also what stands and would come out the same.")] = False,
    only_failed: Annotated[bool, typer.Option("--only-failed", help="Only what failed the last time.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be made and why; make nothing.")] = False,
    city: CityFolder = None,
    reports: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where to write. Default: reports/ in the city's folder."),
    ] = None,
) -> None:
    """Make every brief of a plan that does not stand yet as it would be made: pages, notebooks, index, a record."""
    import signal

    from tylib.batch.engine import engine_named
    from tylib.batch.plan import jobs, read_plan
    from tylib.batch.resume import due
    from tylib.batch.runner import default_workers, run
    from tylib.store import open_city
    from tylib.store.params import check as check_parameters

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    opened = open_city(city, reports=reports)
    by = engine_named(engine)
    planned = read_plan(plan, opened)
    asked = jobs(planned, opened, only=unit or (), spoken=language or ())
    check_parameters(opened)
    _refuse_broken_tables(opened)
    reasons = due(asked, opened, force=force, only_failed=only_failed)
    todo = list(reasons)
    if dry_run:
        for job, reason in reasons.items():
            typer.echo(f"{job.unit} {job.language}: {reason}")
        typer.echo(f"{len(todo)} of {len(asked)} to make", err=True)
        return
    side_by_side = min(workers or default_workers(len(todo)), len(todo))
    title = " / ".join(planned.title.values())
    stand = f", {len(asked) - len(todo)} left as they are" if len(todo) < len(asked) else ""
    typer.echo(f"{title}: {len(todo)} to make, {side_by_side} at a time{stand}", err=True)
    with _Progress(len(todo)) as progress:
        summary = run(
            todo,
            opened,
            workers=side_by_side,
            deadline=deadline,
            languages=planned.languages,
            report=progress.tell,
            **by,
        )
    done, index = len(summary.rows) - len(summary.failed), opened.reports / "index.html"
    typer.echo(f"{done} of {len(todo)} made in {summary.seconds:.1f} s: {index}", err=True)
    if summary.interrupted:
        typer.echo("Stopped. The briefs that were done are kept.", err=True)
        raise typer.Exit(INTERRUPTED)
    if summary.failed:
        raise typer.Exit(1)


def _refuse_broken_tables(city: City) -> None:
    """No brief is made from tables that break their contract: it might be wrong in silence."""
    from tylib.errors import DataError
    from tylib.store import check as check_tables

    offences = [offence for report in check_tables(city) for offence in report.offences]
    if offences:
        raise DataError("the tables break their contract, no brief was made", where=str(city.data), offences=offences)


@app.command()
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


@app.command()
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
        typer.echo(str(path))


@app.command("import")
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
    for remark in result.remarks:
        typer.echo(remark, err=True)
    for record in result.taken:
        where = f"{record.where}: {record.rows} rows of {record.template}"
        typer.echo(f"{where}, nothing wrong" if dry_run else f"{record.id}  {where}: {record.title}, {record.holder}")


imports_app = typer.Typer(help="List your own tables, or withdraw one.", invoke_without_command=True)
app.add_typer(imports_app, name="imports")
Form = Annotated[str, typer.Option("--format", metavar="table|json", help="How to print.")]


def _printed(rows: list[dict], columns: tuple[str, ...], form: str) -> None:
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


@imports_app.callback()
def imports_list(context: typer.Context, form: Form = "table", city: CityFolder = None) -> None:
    """List every table that was ever taken in, with its state."""
    if context.invoked_subcommand:
        return
    from dataclasses import asdict

    from tylib.store import open_city, taken

    rows = [asdict(record) for record in taken.register(open_city(city))]
    _printed(rows, ("id", "state", "taken_on", "template", "rows", "date", "holder", "title"), form)


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


@app.command()
def changes(
    since: Annotated[str, typer.Option(metavar="DATE", help="Such as 2026-03-31, 2026-03 or 2026.")],
    form: Form = "table",
    city: CityFolder = None,
) -> None:
    """What has changed since a day: figures published, tables taken in or withdrawn, corrections, choices."""
    from tylib.store import changes as store_changes
    from tylib.store import open_city

    rows = store_changes.changes(since, open_city(city)).to_dicts()
    _printed(rows, ("date", "kind", "id", "what"), form)


@app.command()
def oracles(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Holds one folder a case, each with a case.json.")],
    form: Annotated[str, typer.Option("--format", metavar="FORM", help="text, or json: names by status.")] = "text",
) -> None:
    """Run published cases through the indicators: passed, documented (a rule of ours differs), not covered, failed."""
    import json

    from tylib.errors import unknown
    from tylib.indicators.oracles import verdict
    from tylib.indicators.verdict import STATUSES
    from tylib.store.cases import cases

    if form not in ("text", "json"):
        raise unknown("format", form, ("text", "json"))
    found = [verdict(case.described, case.inputs, case.expected) for case in cases(folder)]
    named = {status: [one.case for one in found if one.status == status] for status in STATUSES}
    if form == "json":
        reasons = {one.case: list(one.reasons) for one in found if one.reasons}
        typer.echo(json.dumps({**named, "reasons": reasons}, ensure_ascii=False, indent=1))
    else:
        for one in found:
            typer.echo("  ".join(filter(None, [f"{one.status:<11}", one.case, "; ".join(one.reasons)])))
        typer.echo(", ".join(f"{len(names)} {status.replace('_', ' ')}" for status, names in named.items()))
    if named["failed"]:
        raise typer.Exit(1)


Layer = Annotated[int, typer.Option(metavar="1|2|3", help="1 published, 2 with judgements, 3 with assumptions.")]
OneUnit = Annotated[str, typer.Option(metavar="UNIT", help="Such as county:CODE; default: all.", show_default=False)]


def _of_unit(frame: pl.DataFrame, unit: str, sector: str = "") -> list[dict]:
    """The rows of one unit (and sector), figures as they are printed; an unknown code is told, not met with silence."""
    import polars as pl

    from tylib.errors import unknown

    for column, kind, code in (("unit_code", "unit", unit.rpartition(":")[2]), ("sector_code", "sector", sector)):
        if code and frame.height and code not in frame[column]:
            raise unknown(kind, code, frame[column].unique())
        frame = frame.filter(pl.col(column) == code) if code else frame
    return frame.with_columns(pl.col(pl.Float64).round(4)).to_dicts()


@app.command()
def bounds(
    unit: OneUnit = "",
    sector: Annotated[str, typer.Option(metavar="CODE", help="Such as S08; default: all.", show_default=False)] = "",
    layer: Layer = 2,
    on: Annotated[list[str] | None, typer.Option("--on", metavar="ROW", help="Use this row; repeatable.")] = None,
    off: Annotated[list[str] | None, typer.Option("--off", metavar="ROW", help="Leave this row out.")] = None,
    form: Form = "table",
    city: CityFolder = None,
) -> None:
    """What published figures imply of each county and sector: intervals, with the rows that hold their ends."""
    import polars as pl

    from tylib.bounds import bounds as intervals
    from tylib.store import open_city

    switch = {**dict.fromkeys(on or (), True), **dict.fromkeys(off or (), False)}
    found = intervals(open_city(city), layer=layer, switch=switch)
    binding = pl.concat_list("binding_low", "binding_high").list.unique().list.sort().alias("binding")
    columns = ("unit_code", "sector_code", "quantity", "low", "high", "layer", "binding")
    rows = _of_unit(found.with_columns(binding).select(*columns, "unit", "fit"), unit, sector)
    if form == "table":
        rows = [{**row, "binding": " ".join(row["binding"])} for row in rows]
    _printed(rows, columns, form)


@app.command("draws")
def feasible_draws(
    unit: OneUnit = "",
    layer: Layer = 2,
    weighting: Annotated[str, typer.Option(metavar="uniform|tilted", help="How points are weighted.")] = "uniform",
    form: Form = "table",
    city: CityFolder = None,
) -> None:
    """Draw from all figures that fit what was published: output by county and sector, and how well it is mixed."""
    from tylib.bounds import cells, draws
    from tylib.store import open_city

    found = draws(open_city(city), layer=layer, weighting=weighting)
    if found is None:
        _printed([], (), form)
        return
    worst, least = found.mixing["rhat"].max(), found.mixing["ess"].min()
    typer.echo(f"{len(found.output)} draws, R-hat at most {worst:.3f}, effective sample at least {least:.0f}", err=True)
    _printed(_of_unit(cells(found), unit), ("unit_code", "sector_code", "low", "median", "high", "weighting"), form)


@app.command()
def worth(unit: OneUnit = "", layer: Layer = 2, form: Form = "table", city: CityFolder = None) -> None:
    """Which table is worth asking for: how much narrower the intervals would become, and who holds it."""
    from tylib.bounds import worth as worth_of_tables
    from tylib.store import open_city

    found = worth_of_tables(open_city(city), layer=layer)
    columns = ("unit_code", "rank", "table_id", "narrowing", "fit_before", "fit_after", "title_en", "holder_en")
    _printed(_of_unit(found, unit), columns, form)


class _Progress:
    """A bar on a terminal, a line a brief otherwise, always on stderr. Failures are lines in both."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0
        self.bar: AbstractContextManager | None = None

    def __enter__(self) -> _Progress:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            self.bar = Progress(
                TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                console=Console(stderr=True), transient=True,
            )  # fmt: skip
            self.bar.__enter__()
            self.task = self.bar.add_task("Briefs", total=self.total)
        return self

    def __exit__(self, *error: object) -> None:
        if self.bar:
            self.bar.__exit__(*error)

    def tell(self, row: Row) -> None:
        """Show that a brief is done."""
        self.done += 1
        name = f"{row.unit} {row.language}"
        line = f"[{self.done:>{len(str(self.total))}}/{self.total}] {name} {row.status} {row.seconds:.1f} s"
        if row.error:
            line += f": {row.error} (log: {row.log})"
        if self.bar is None:
            typer.echo(line, err=True)
            return
        if row.error:
            self.bar.console.print(line, markup=False, highlight=False)
        self.bar.update(self.task, advance=1, description=name)


def main() -> None:
    """Entry point of the command ``tylib``: errors of ours become messages, all others a message and a log."""
    from tylib.errors import TylibError

    for stream in (sys.stdout, sys.stderr):
        # A Chinese Windows console is GBK: a character it lacks must not end the run.
        stream.reconfigure(errors="replace")
    try:
        app(prog_name="tylib")
    except TylibError as error:
        print(f"tylib: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("tylib: stopped.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except Exception as error:
        print(f"tylib: {type(error).__name__}: {error}\ntylib: {_logged()}", file=sys.stderr)
        sys.exit(1)


def _logged() -> str:
    """Write the traceback where the user can find it, and say where."""
    import tempfile
    import traceback

    try:
        with tempfile.NamedTemporaryFile("w", prefix="tylib-", suffix=".log", delete=False, encoding="utf-8") as file:
            file.write(" ".join(sys.argv) + "\n" + traceback.format_exc())
    except OSError:
        return "the traceback could not be written anywhere."
    return f"this should not happen; the traceback is in {file.name}"


if __name__ == "__main__":
    main()
