"""Run a list of jobs in processes side by side: each output whole or not there, each brief on record when done."""

from __future__ import annotations

import logging
import os
import sys
import time
import traceback
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from tylib.batch import engine, site
from tylib.batch.export import vega_bundle
from tylib.batch.files import fingerprint, write_together
from tylib.batch.manifest import FAILED, OK, Manifest, Row
from tylib.batch.plan import notebook_path
from tylib.batch.pool import TRIES, Lost, work_through
from tylib.errors import RunError, TylibError
from tylib.store import taken, words
from tylib.store.units import units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tylib.batch.engine import Outcome
    from tylib.batch.plan import Job
    from tylib.store import City

    Execute = Callable[[Job, Path, Path], Outcome]

DEADLINE_S = 600.0
GRACE_S = 60.0
# Each worker is two processes of about 200 MB; more of them only when asked for.
MOST_WORKERS = 8
LOCK = "requirements.lock"
REMEDY = "Make room or allow writing there, or name another folder with --reports. What stood before still stands."


@dataclass(frozen=True)
class Setting:
    """What every brief of a run shares. Travels to the worker processes.

    Attributes:
        city: Its folders; ``city.reports`` is where the outputs go.
        inputs: Notebook name to the hash of all inputs.
        execute: The engine: takes a job, its notebook file and a working directory, gives an outcome.
    """

    city: City
    inputs: dict[str, str]
    execute: Execute = engine.execute


@dataclass(frozen=True)
class Made:
    """What a worker reports of one brief. ``stop`` says why the whole run has to end, if it has to."""

    row: Row
    stop: str = ""


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
    languages: Sequence[str] = (),
    report: Callable[[Row], None] = lambda row: None,
) -> Summary:
    """Make every brief, keep the manifest, write the index.

    Args:
        jobs: From :func:`tylib.batch.plan.jobs`.
        city: Where to read and write.
        workers: Processes side by side; by default one a core, at most eight, never more than jobs.
        deadline: Seconds after which a brief is given up.
        execute: The engine.
        forking: Fork a process for each brief from one that has imported everything (:mod:`tylib.batch.fork`);
            ``execute`` then runs in that child.
        languages: Those the index is written in; the first one is ``index.html``. By default those of the jobs.
        report: Called with each row as it is done.

    Returns:
        The rows of this run in order of finishing. A failed brief is a row, not an exception; what stood of it before
        still stands. After Ctrl-C those that were done.

    Raises:
        RunError: The reports folder cannot be written or the disk is full.
    """
    started, interrupted = time.monotonic(), False
    rows: list[Row] = []
    spoken = list(dict.fromkeys([*languages, *(job.language for job in jobs)]))
    for language in spoken:
        words(language, city)  # what the index needs at the end is found broken at the start
    with _disk(city):
        _ready(city)
        manifest = Manifest(city.reports)
    vega_bundle(city.home / "cache")  # once here, not once in every worker
    setting = Setting(city, {name: inputs(name, city) for name in {job.notebook for job in jobs}}, execute)
    work = _through(jobs, setting, workers or default_workers(len(jobs)), deadline, forking=forking)
    with _disk(city):
        try:
            with closing(work):
                for job, made in work:
                    if isinstance(made, Lost):
                        made = _lost(job, made, setting)
                    row = _standing(made.row, manifest.rows.get(made.row.key), city)
                    manifest.append(row)
                    rows.append(row)
                    report(row)
                    if made.stop:
                        raise RunError(made.stop, where=str(city.reports), remedy=REMEDY)
        except KeyboardInterrupt:
            interrupted = True
        manifest.settle(units(city)["unit"])
        site.write(city, list(manifest.rows.values()), languages=spoken, latest=setting.inputs)
    return Summary(tuple(rows), time.monotonic() - started, interrupted)


def _through(
    jobs: Sequence[Job], setting: Setting, workers: int, deadline: float, *, forking: bool
) -> Iterator[tuple[Job, Made | Lost]]:
    """The jobs through a pool of processes; the iterator has to be closed."""
    work = partial(make, setting)
    if not forking:
        return work_through(jobs, work, workers=workers, deadline=deadline)
    from tylib.batch.fork import Forking
    from tylib.batch.kernel import ENVIRONMENT

    # A child is ended by its own process; the pool only ends one that fails to do so.
    whole = deadline * TRIES + GRACE_S
    return work_through(jobs, Forking(work, deadline), workers=workers, deadline=whole, environment=ENVIRONMENT)


def default_workers(count: int) -> int:
    """One a core this process may use, at most eight, never more than there are jobs."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, MOST_WORKERS, count))


def inputs(notebook: str, city: City) -> str:
    """Hash of everything a brief is made from: tables, the user's own among them, parameters, notebook, this package,
    the lock. Without a table of the user's it is as if there had never been one.
    """
    suite = Path(__file__).parents[1]
    lock = next((p for p in (city.root / LOCK, suite.parent / LOCK) if p.is_file()), city.root / LOCK)
    found = fingerprint(city.data, city.params, notebook_path(notebook, city), suite, lock)
    own = taken.identity(city)
    return sha256(f"{found}{own}".encode()).hexdigest() if own else found


def make(setting: Setting, job: Job) -> Made:
    """Make one brief: run the notebook, export the page, write both. Runs in a worker process.

    Never raises: a failure is a row, with its story in the log.
    """
    from tylib.batch.kernel import SLOW_GRAMMAR

    sys.modules.setdefault(SLOW_GRAMMAR, None)
    started, stop = time.monotonic(), ""
    row = _begun(setting, job)
    try:
        with _log(setting.city.reports / job.log, job, row) as tell:
            try:
                row = _made(setting, job, row, tell)
            except Exception as error:
                tell(traceback.format_exc())
                row = replace(row, status=FAILED, error=_one_line(error))
                stop = error.what if isinstance(error, _NotWritten) else ""
            row = replace(row, seconds=round(time.monotonic() - started, 3))
            tell(f"{row.status} after {row.seconds:.1f} s" + (f": {row.error}" if row.error else ""))
    except OSError as error:
        stop = _unwritten(error)
        row = replace(row, status=FAILED, error=stop, seconds=round(time.monotonic() - started, 3))
    return Made(row, stop)


class _NotWritten(TylibError):
    """An output could not be written: it will be so for the next brief too."""


def _made(setting: Setting, job: Job, row: Row, tell: Callable[[str], None]) -> Row:
    import nbformat

    from tylib.batch.export import digest, export, html_blocks

    city = setting.city
    source = notebook_path(job.notebook, city)
    for _ in range(TRIES):
        outcome = setting.execute(job, source, city.root)
        if outcome.detail:
            tell(outcome.detail)
        if not outcome.crashed:
            break
    if outcome.notebook is None:
        return replace(row, status=FAILED, error=outcome.error)
    html = export(outcome.notebook, city=city, words=words(job.language, city), inputs=row.inputs).encode()
    executed = (nbformat.writes(outcome.notebook) + "\n").encode()
    try:
        write_together({city.reports / job.page: html, city.reports / job.executed: executed})
    except OSError as error:
        raise _NotWritten(_unwritten(error)) from error
    found = digest(html_blocks(outcome.notebook))
    return replace(
        row,
        bytes=len(html),
        sha256=sha256(html).hexdigest(),
        page_inputs=row.inputs,
        headline=found.headline,
        numbers=found.numbers,
    )


def _standing(row: Row, before: Row | None, city: City) -> Row:
    """A failed row keeps what is known of the page that stands from an earlier run."""
    if row.status == OK or before is None or not (city.reports / row.page).is_file():
        return row
    kept = ("bytes", "sha256", "page_inputs", "headline", "numbers")
    return replace(row, **{name: getattr(before, name) for name in kept})


def _lost(job: Job, lost: Lost, setting: Setting) -> Made:
    with suppress(OSError), (setting.city.reports / job.log).open("a", encoding="utf-8", newline="\n") as file:
        file.write(f"{FAILED}: {lost.reason}\n")
    row = _begun(setting, job)
    return Made(replace(row, status=FAILED, seconds=round(lost.seconds, 3), error=lost.reason))


def _begun(setting: Setting, job: Job) -> Row:
    return Row(job.unit, job.language, job.notebook, job.page, OK, 0.0, setting.inputs[job.notebook], "", job.log)


def _one_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or ["no message"]
    return lines[0] if isinstance(error, TylibError) else f"{type(error).__name__}: {lines[0]}"


def _unwritten(error: OSError) -> str:
    return f"cannot write: {error.strerror or error}"


def _ready(city: City) -> None:
    """Find out now, not after the first brief, whether the folder can be written."""
    city.reports.mkdir(parents=True, exist_ok=True)
    probe = city.reports / ".probe"
    write_together({probe: b"\n"})
    probe.unlink()


@contextmanager
def _disk(city: City) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RunError(_unwritten(error), where=str(error.filename or city.reports), remedy=REMEDY) from None


@contextmanager
def _log(path: Path, job: Job, row: Row) -> Iterator[Callable[[str], None]]:
    """Send everything that this process and its kernel say to a file of the brief, from the first line on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb", buffering=0) as file:

        def tell(text: str) -> None:
            with suppress(OSError):  # a full disk shows itself where the page is written
                file.write((text.rstrip() + "\n").encode())

        file.write(f"{job.notebook} {dict(job.parameters)}\ninputs {row.inputs}\n".encode())
        tell(f"begun {time.strftime('%Y-%m-%d %H:%M:%S %z')}")
        handler = logging.StreamHandler(_Told(tell))
        logging.getLogger().addHandler(handler)
        kept = [os.dup(number) for number in (1, 2)]
        try:
            for number in (1, 2):
                os.dup2(file.fileno(), number)
            yield tell
        finally:
            logging.getLogger().removeHandler(handler)
            for number, old in zip((1, 2), kept, strict=True):
                os.dup2(old, number)
                os.close(old)


class _Told:
    """What :mod:`logging` takes for a stream."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.write = tell
