"""One brief made, in a worker process: the notebook run, the page exported, both written, the log kept."""

from __future__ import annotations

import logging
import os
import sys
import time
import traceback
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from tylib.batch import engine
from tylib.batch.files import write_together
from tylib.batch.inputs import Inputs, whole
from tylib.batch.manifest import FAILED, OK, Row
from tylib.batch.plan import notebook_path
from tylib.batch.pool import Lost
from tylib.brief import page, theme
from tylib.errors import TylibError
from tylib.store import memory, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tylib.batch.engine import Outcome
    from tylib.batch.plan import Job
    from tylib.store import City

    Execute = Callable[[Job, Path, Path], Outcome]


@dataclass(frozen=True)
class Setting:
    """What every brief of a run shares. Travels to the worker processes.

    Attributes:
        city: Its folders; ``city.reports`` is where the outputs go.
        inputs: Hashes of all that the briefs are made from.
        execute: The engine: takes a job, its notebook file and a working directory, gives an outcome.
        first: The first brief of each notebook. Its charts are held against the schema (the others are drawn by the
            same code, and a fifth of their time would go there), and it hands on what it has worked out
            (:mod:`tylib.store.memory`). ``None``: every chart is held against it, nothing is handed on.
        begun: When the run began, by the clock of files: a log from before is replaced, one from since continued.
    """

    city: City
    inputs: Inputs
    execute: Execute = engine.execute
    first: frozenset[Job] | None = None
    begun: float = field(default_factory=time.time)


@dataclass(frozen=True)
class Made:
    """What a worker reports of one brief. ``stop`` says why the whole run has to end, if it has to.

    ``lesson`` is what the process that forks is to know from now on (:func:`learned`).
    """

    row: Row
    stop: str = ""
    lesson: bytes = b""


def learned(made: Made | Lost) -> Made | Lost:
    """Keep in this process what a brief has worked out, so that those forked later need not. Runs no query."""
    if isinstance(made, Lost) or not made.lesson:
        return made
    memory.take(made.lesson)
    return replace(made, lesson=b"")


def warm(setting: Setting, languages: Sequence[str]) -> None:
    """Read and make once, before the first fork, what every brief needs. Runs no query."""
    import altair as alt
    from altair.utils import schemapi
    from papermill.iorw import load_notebook_node

    from tylib.batch import export, shell
    from tylib.store import params
    from tylib.store.city import package

    package(setting.city)
    params.check(setting.city)
    for language in languages:
        words(language, setting.city)
    for notebook in setting.inputs.notebooks:
        # The first notebook read compiles the schema of all.
        load_notebook_node(engine.path_for_papermill(notebook_path(notebook, setting.city)))
    export.ready(setting.city)
    page.css(), page.script()
    shell.ready()
    # Every part of a chart would be validated when it is made, and the whole once more when it is done: once is enough.
    schemapi.disable_debug_mode()
    # Validating the first chart builds what validating the others uses.
    theme.spec(alt.Chart(alt.Data(values=[{"a": 1}])).mark_bar().encode(x="a:Q", y=alt.Y("a:N", title="a")))


def make(setting: Setting, job: Job) -> Made | Lost:
    """Make one brief: run the notebook, export the page, write both. Runs in a worker process.

    Never raises: a failure is a row, with its story in the log; :class:`~tylib.batch.pool.Lost` where the process that
    ran the notebook died, which is worth another try.
    """
    from tylib.batch.kernel import SLOW_GRAMMAR

    sys.modules.setdefault(SLOW_GRAMMAR, None)
    theme.VALIDATING = setting.first is None or job in setting.first
    started, stop = time.monotonic(), ""
    row = begun(setting, job)
    try:
        with _log(setting, job) as tell:
            try:
                row = _made(setting, job, row, tell)
                if isinstance(row, Lost):
                    return replace(row, seconds=time.monotonic() - started)
            except Exception as error:
                tell(traceback.format_exc())
                row = replace(row, status=FAILED, error=_one_line(error))
                stop = error.what if isinstance(error, _NotWritten) else ""
            row = replace(row, seconds=round(time.monotonic() - started, 3))
            tell(f"{row.status} after {row.seconds:.1f} s" + (f": {row.error}" if row.error else ""))
    except OSError as error:
        stop = unwritten(error)
        row = replace(row, status=FAILED, error=stop, seconds=round(time.monotonic() - started, 3))
    teaches = row.status == OK and job in (setting.first or ())
    return Made(row, stop, memory.told() if teaches else b"")


class _NotWritten(TylibError):
    """An output could not be written: it will be so for the next brief too."""


def _made(setting: Setting, job: Job, row: Row, tell: Callable[[str], None]) -> Row | Lost:
    from tylib.batch.export import digest, export, html_blocks

    city = setting.city
    source = notebook_path(job.notebook, city)
    outcome = setting.execute(job, source, city.root)
    if outcome.detail:
        tell(outcome.detail)
    if outcome.crashed:
        return Lost(outcome.error, 0.0)
    if outcome.notebook is None:
        return replace(row, status=FAILED, error=outcome.error)
    made_of = setting.inputs.of(job, outcome.used)
    row = replace(row, inputs=whole(made_of))
    html = export(
        outcome.notebook, city=city, words=words(job.language, city), inputs=row.inputs, shared=setting.inputs.shared
    ).encode()
    executed = engine.written(outcome.notebook)
    try:
        write_together({city.reports / job.page: html, city.reports / job.executed: executed})
    except OSError as error:
        raise _NotWritten(unwritten(error)) from error
    found = digest(html_blocks(outcome.notebook))
    return replace(
        row,
        bytes=len(html),
        modified=(city.reports / job.page).stat().st_mtime_ns,
        sha256=sha256(html).hexdigest(),
        page_inputs=row.inputs,
        made_of=made_of,
        headline=found.headline,
        numbers=found.numbers,
    )


def begun(setting: Setting, job: Job) -> Row:
    """The row of a brief before anything is known of it."""
    inputs = whole(setting.inputs.of(job))
    return Row(job.unit, job.language, job.notebook, job.page, OK, 0.0, inputs, "", job.log)


def _one_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or ["no message"]
    return lines[0] if isinstance(error, TylibError) else f"{type(error).__name__}: {lines[0]}"


def unwritten(error: OSError) -> str:
    """Why a file could not be written, in the system's words."""
    return f"cannot write: {error.strerror or error}"


@contextmanager
def _log(setting: Setting, job: Job) -> Iterator[Callable[[str], None]]:
    """Send everything that this process and its kernel say to a file of the brief, from the first line on.

    A second try in the same run goes on below the first.
    """
    path = setting.city.reports / job.log
    path.parent.mkdir(parents=True, exist_ok=True)
    again = path.is_file() and path.stat().st_mtime >= setting.begun
    with path.open("ab" if again else "wb", buffering=0) as file:

        def tell(text: str) -> None:
            with suppress(OSError):  # a full disk shows itself where the page is written
                file.write((text.rstrip() + "\n").encode())

        file.write(f"{job.notebook} {dict(job.parameters)}\n".encode())
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
