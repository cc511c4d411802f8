"""Subcommands ``batch`` and ``batch merge``."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tylib.commands.options import CityFolder, Languages, Units

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tylib.batch.manifest import Row

INTERRUPTED = 130
SINGLE_AT_MOST = 1000  # briefs whose pages are single files unless asked otherwise: each holds 0.9 MB of scripts

batch_app = typer.Typer(invoke_without_command=True)
ReportsFolder = Annotated[
    Path | None,
    typer.Option("--reports", metavar="FOLDER", help="Where to write. Default: reports/ in the city's folder."),
]


@batch_app.callback()
def batch(
    context: typer.Context,
    plan: Annotated[str, typer.Option(metavar="NAME", help="File in params/plans, without .yml.")] = "all",
    unit: Units = None,
    language: Languages = None,
    scenario: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Lead with this scenario, the suite's or one of home/scenarios; writes to reports/scenario-NAME.",
            show_default="as params/model.yml says",
        ),
    ] = "",
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
    assets: Annotated[
        str,
        typer.Option(
            metavar="single|shared",
            help="Each page one file, or stylesheet and scripts once beside all of them.",
            show_default=f"single up to {SINGLE_AT_MOST} briefs",
        ),
    ] = "",
    shard: Annotated[
        str, typer.Option(metavar="I/N", help="Only the I-th of N parts; join them with tylib batch merge.")
    ] = "",
    executor: Annotated[str, typer.Option(metavar="local|dask", help="Where the briefs are made.")] = "local",
    scheduler: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="Of dask, such as tcp://host:8786. Default: workers on this machine."),
    ] = "",
    city: CityFolder = None,
    reports: ReportsFolder = None,
) -> None:
    """Make every brief of a plan that does not stand yet as it would be made: pages, notebooks, index, a record."""
    if context.invoked_subcommand:
        return
    import signal

    from tylib.batch.engine import engine_named
    from tylib.batch.plan import jobs, read_plan
    from tylib.batch.plan import shard as part_of
    from tylib.batch.resume import due
    from tylib.batch.runner import default_workers, run
    from tylib.errors import unknown
    from tylib.store import open_city
    from tylib.store.params import check as check_parameters
    from tylib.store.tables import refuse_broken

    for name, given, known in (("assets", assets, ("", "single", "shared")), ("executor", executor, ("local", "dask"))):
        if given not in known:
            raise unknown(name, given, [choice for choice in known if choice], where=f"--{name}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    opened = open_city(city, reports=reports)
    by = engine_named(engine)
    planned = read_plan(plan, opened)
    asked = jobs(planned, opened, only=unit or (), spoken=language or (), scenario=scenario)
    if scenario and reports is None:  # beside the ordinary briefs, which stay; that the name is one was checked
        opened = replace(opened, reports=opened.reports / f"scenario-{scenario}")
    shared = assets == "shared" or (not assets and len(asked) > SINGLE_AT_MOST)
    asked = part_of(asked, shard) if shard else asked
    check_parameters(opened)
    refuse_broken(opened)
    reasons = due(asked, opened, force=force, only_failed=only_failed, shared=shared)
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
            shared=shared,
            scheduler=scheduler if executor == "dask" else None,
            languages=planned.languages,
            report=progress.tell,
            tell=progress.say,
            **by,
        )
    done, index = len(summary.rows) - len(summary.failed), opened.reports / "index.html"
    typer.echo(f"{done} of {len(todo)} made in {summary.seconds:.1f} s: {index}", err=True)
    if summary.interrupted:
        typer.echo("Stopped. The briefs that were done are kept.", err=True)
        raise typer.Exit(INTERRUPTED)
    if summary.failed:
        raise typer.Exit(1)


@batch_app.command()
def merge(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER...", help="Reports folders to take briefs from.")],
    city: CityFolder = None,
    reports: ReportsFolder = None,
) -> None:
    """Join reports folders, such as those of shards made on several machines, into one with one index."""
    from tylib.batch.manifest import FAILED
    from tylib.batch.merging import merge as join
    from tylib.errors import RunError
    from tylib.store import open_city

    opened = open_city(city, reports=reports)
    try:
        merged = join(folders, opened)
    except OSError as error:
        raise RunError(
            f"cannot write: {error.strerror or error}", where=str(error.filename or opened.reports)
        ) from None
    failed = sum(row.status == FAILED for row in merged.rows)
    told = f"{merged.taken} taken from {len(folders)} folders; {len(merged.rows)} briefs on record, {failed} failed"
    typer.echo(f"{told}: {opened.reports / 'index.html'}", err=True)
    for brief in merged.damaged:
        typer.echo(f"Left out, its page is not the one on record: {brief}", err=True)
    if failed or merged.damaged:
        raise typer.Exit(1)


class _Progress:
    """A bar on a terminal, a line a brief otherwise, always on stderr. Failures are lines in both."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.begun = total, 0, 0.0
        self.bar: AbstractContextManager | None = None

    def __enter__(self) -> _Progress:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            self.bar = Progress(
                TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[pace]}"),
                TimeElapsedColumn(), console=Console(stderr=True), transient=True,
            )  # fmt: skip
            self.bar.__enter__()
            self.task = self.bar.add_task("Briefs", total=self.total, pace="")
        return self

    def __exit__(self, *error: object) -> None:
        if self.bar:
            self.bar.__exit__(*error)

    def say(self, line: str) -> None:
        """A line that is not about a brief."""
        if self.bar is None:
            typer.echo(line, err=True)
        else:
            self.bar.console.print(line, markup=False, highlight=False)

    def tell(self, row: Row) -> None:
        """Show that a brief is done."""
        self.begun = self.begun or time.monotonic() - row.seconds
        self.done += 1
        name = f"{row.unit} {row.language}"
        line = f"[{self.done:>{len(str(self.total))}}/{self.total}] {name} {row.status} {row.seconds:.1f} s"
        if row.error:
            line += f": {row.error} (log: {row.log})"
        if self.bar is None or row.error:
            self.say(line)
        if self.bar is not None:
            rate = self.done / max(time.monotonic() - self.begun, 1e-3)
            self.bar.update(self.task, advance=1, description=name, pace=pace(rate, self.total - self.done))


def pace(rate: float, left: int) -> str:
    """How fast it goes and how long it will go on.

    >>> pace(2.5, 300), pace(0.1, 60), pace(4, 0)
    ('2.5 a second, 2 min left', '6.0 a minute, 10 min left', '4.0 a second')
    """
    told = f"{rate:.1f} a second" if rate >= 1 else f"{60 * rate:.1f} a minute"
    seconds = left / rate
    return told + (f", {seconds / 60:.0f} min left" if seconds >= 90 else f", {seconds:.0f} s left" if left else "")
