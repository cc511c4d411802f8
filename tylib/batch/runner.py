"""Run a list of jobs in processes side by side: each output whole or not there, each brief on record when done."""

from __future__ import annotations

import os
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from tylib.batch import engine, site
from tylib.batch.export import share, vega_bundle
from tylib.batch.files import alone, sweep, write_together
from tylib.batch.inputs import inputs
from tylib.batch.making import Made, Setting, begun, learned, make, unwritten, warm
from tylib.batch.manifest import FAILED, OK, Manifest, Row
from tylib.batch.plan import LEAD
from tylib.batch.pool import Lost, work_through
from tylib.batch.preparing import prepare
from tylib.errors import RunError
from tylib.store import words
from tylib.store.units import units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tylib.batch.making import Execute
    from tylib.batch.plan import Job
    from tylib.store import City

    Report = Callable[[Row], None]

DEADLINE_S = 600.0
# Each worker is up to two processes of about 200 MB; more of them only when asked for.
MOST_WORKERS = 8
REMEDY = "Make room or allow writing there, or name another folder with --reports. What stood before still stands."


@dataclass(frozen=True)
class Summary:
    """What a run came to."""

    rows: tuple[Row, ...]
    seconds: float
    interrupted: bool = False

    @property
    def failed(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.status == FAILED)


def run(
    jobs: Sequence[Job],
    city: City,
    /,
    *,
    workers: int | None = None,
    deadline: float = DEADLINE_S,
    execute: Execute = engine.execute,
    forking: bool = False,
    shared: bool = False,
    scheduler: str | None = None,
    languages: Sequence[str] = (),
    report: Report = lambda row: None,
    tell: Callable[[str], None] = lambda line: None,
) -> Summary:
    """Make every brief, keep the manifest, write the index.

    Args:
        jobs: From :func:`tylib.batch.plan.jobs`.
        city: Where to read and write.
        workers: Processes side by side; by default one a core, at most eight, never more than jobs.
        deadline: Seconds after which a brief is given up.
        execute: The engine.
        forking: Fork a process for each brief from one that has imported everything (:mod:`tylib.batch.zygote`);
            ``execute`` then runs in that child.
        shared: Pages share their stylesheet and scripts, in ``assets/``; else each is a single file.
        scheduler: Send the jobs to dask (:mod:`tylib.batch.distributed`): the address of its scheduler, or empty for
            workers on this machine. ``None``: without dask.
        languages: Those the index is written in; the first one is ``index.html``. By default those of the jobs.
        report: Called with each row as it is done.
        tell: Called with a line for the user on what takes long or went wrong beside the briefs.

    Returns:
        The rows of this run in order of finishing. A failed brief is a row, not an exception; what stood of it before
        still stands. After Ctrl-C those that were done.

    Raises:
        RunError: The reports folder cannot be written or the disk is full, or another run is writing there.
    """
    started, interrupted = time.monotonic(), False
    rows: list[Row] = []
    spoken = list(dict.fromkeys([*languages, *(job.language for job in jobs)]))
    for language in spoken:
        words(language, city)  # what the index needs at the end is found broken at the start
    with _disk(city), alone(city.reports):
        _ready(city)
        manifest = Manifest(city.reports)
        vega_bundle(city.home / "cache")  # once here, not once in every worker
        if shared:
            share(city)
        found = inputs({job.notebook for job in jobs}, city, shared=shared)
        setting = Setting(city, found, execute)
        through = Through(setting, workers, deadline, forking, scheduler, spoken, tell)
        try:
            with closing(through(jobs)) as work:
                for job, made in work:
                    if isinstance(made, Lost):
                        made = _lost(job, made, through.setting)
                    row = _standing(made.row, manifest.rows.get(made.row.key), city)
                    manifest.append(row)
                    rows.append(row)
                    report(row)
                    if made.stop:
                        raise RunError(made.stop, where=str(city.reports), remedy=REMEDY)
        except KeyboardInterrupt:
            interrupted = True
        sweep(city.reports)
        manifest.settle(units(city)["unit"])
        site.write(city, list(manifest.rows.values()), languages=spoken, inputs=found)
    return Summary(tuple(rows), time.monotonic() - started, interrupted)


@dataclass(frozen=True)
class Through:
    """Jobs through processes here, forked or spawned, or through dask. What it gives has to be closed."""

    setting: Setting
    workers: int | None
    deadline: float
    forking: bool
    scheduler: str | None
    languages: Sequence[str]
    tell: Callable[[str], None]

    def __call__(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, Made | Lost]]:
        setting = self.setting

        leads = sorted({dict(job.parameters)[LEAD] for job in jobs if LEAD in dict(job.parameters)}) or [""]

        def before() -> None:
            if failure := prepare(setting.city, deadline=self.deadline, tell=self.tell, scenarios=leads):
                self.tell(f"{failure} Briefs that need it will fail; the others are made.")

        if not jobs:
            return
        workers = self.workers or default_workers(len(jobs))
        if self.scheduler is None:
            yield from self.here(jobs, workers=workers, before=before)
        else:
            from tylib.batch.distributed import work_through as spread

            yield from spread(jobs, self, address=self.scheduler, workers=workers, before=before)

    def here(
        self, jobs: Sequence[Job], *, workers: int, before: Callable[[], None] = lambda: None
    ) -> Iterator[tuple[Job, Made | Lost]]:
        """The jobs through processes of this machine."""
        first = {job.notebook: job for job in reversed(jobs)}
        work = partial(make, replace(self.setting, first=frozenset(first.values())))
        if not self.forking:
            return work_through(jobs, work, workers=workers, deadline=self.deadline, before=before)
        from tylib.batch import zygote
        from tylib.batch.kernel import ENVIRONMENT

        return zygote.work_through(
            jobs, work, workers=workers, deadline=self.deadline, environment=ENVIRONMENT, before=before,
            warm=partial(warm, self.setting, self.languages), learn=learned,
        )  # fmt: skip


def default_workers(count: int) -> int:
    """One a core this process may use, at most eight, never more than there are jobs."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, MOST_WORKERS, count))


def _standing(row: Row, before: Row | None, city: City) -> Row:
    """A failed row keeps what is known of the page that stands from an earlier run."""
    if row.status == OK or before is None or not (city.reports / row.page).is_file():
        return row
    kept = ("bytes", "modified", "sha256", "page_inputs", "made_of", "headline", "numbers")
    return replace(row, **{name: getattr(before, name) for name in kept})


def _lost(job: Job, lost: Lost, setting: Setting) -> Made:
    with suppress(OSError), (setting.city.reports / job.log).open("a", encoding="utf-8", newline="\n") as file:
        file.write(f"{FAILED}: {lost.reason}\n")
    row = begun(setting, job)
    return Made(replace(row, status=FAILED, seconds=round(lost.seconds, 3), error=lost.reason))


def _ready(city: City) -> None:
    """Find out now, not after the first brief, whether the folder can be written."""
    probe = city.reports / ".probe"
    write_together({probe: b"\n"})
    probe.unlink()
    sweep(city.reports)


@contextmanager
def _disk(city: City) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RunError(unwritten(error), where=str(error.filename or city.reports), remedy=REMEDY) from None
