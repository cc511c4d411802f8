"""Subcommand ``batch``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tylib.commands.options import CityFolder

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tylib.batch.manifest import Row
    from tylib.store import City

INTERRUPTED = 130


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
