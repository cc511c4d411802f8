"""A process that imports everything once and forks for each piece of work: start-up is paid once, not for each brief.

Only where forking is sound: on Linux, and from a process in which polars has not run a query (its threads would be
missing in the child, which would then wait for them for ever). That is checked before every fork, and refused.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import select
import signal
import sys
import time
import traceback
import warnings
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tylib.batch.pool import TRIES, Lost
from tylib.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable

AVAILABLE = sys.platform == "linux"
DEADLINE_S = 600.0
PR_SET_PDEATHSIG = 1
# Threads that the first query starts.
QUERYING = ("polars-0", "tokio", "async-executor")
# What the briefs and the engine import; none of it runs a query.
PRELOADED = (
    "altair", "great_tables", "dataframely", "scipy.optimize", "nbconvert.exporters", "papermill", "jinja2.ext",
    "tylib.lab", "tylib.brief.context", "tylib.brief.charts", "tylib.brief.figure", "tylib.batch.shell",
    "tylib.batch.export",
)  # fmt: skip

_live: set[int] = set()


def preload() -> None:
    """Import what every child needs. The briefs' own packages are small; the first child would not share them."""
    from tylib.batch.kernel import SLOW_GRAMMAR

    sys.modules.setdefault(SLOW_GRAMMAR, None)
    for name in PRELOADED:
        import_module(name)
    import tylib.brief

    for folder in sorted(Path(tylib.brief.__path__[0]).iterdir()):
        if (folder / "__init__.py").is_file():
            import_module(f"tylib.brief.{folder.name}")


def refuse_after_queries() -> None:
    """Refuse to fork where a child would hang.

    Raises:
        RunError: Not Linux, or polars has run a query in this process.
    """
    if not AVAILABLE:
        raise RunError("this platform cannot fork safely", remedy="Use the engine with kernels: --engine kernel.")
    names = {(task / "comm").read_text().strip() for task in Path("/proc/self/task").iterdir()}
    running = sorted(name for name in names if name.startswith(QUERYING))
    if running:
        raise RunError(
            "polars has already run a query in this process, a forked copy of it would hang",
            where="fork", expected="a process that has only imported", remedy="Use --engine kernel, or start afresh.",
        )  # fmt: skip


@dataclass(frozen=True)
class Died:
    """A child that gave no answer. ``code`` is its exit code, negative for a signal, ``None`` at the deadline."""

    code: int | None


def forked(work: Callable[..., Any], *arguments: Any, deadline: float) -> Any:
    """Call ``work`` in a forked child, and give its (picklable) result or :class:`Died`.

    The child leads a process group of its own: when it is done, late, or this process dies, the group is killed.

    Raises:
        RunError: Forking would not be safe here (:func:`refuse_after_queries`), or ``work`` raised.
    """
    refuse_after_queries()
    read, write = os.pipe()
    parent = os.getpid()
    with warnings.catch_warnings():
        # Python 3.12 and later warn of any thread; those there are belong to an allocator and wait for nothing.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os.close(read)
        _live_and_die_with(parent)
        _answer(write, work, arguments)
    os.close(write)
    with suppress(OSError):  # whichever of the two comes first
        os.setpgid(child, child)
    _live.add(child)
    try:
        answer, code = _listen(child, read, time.monotonic() + deadline)
    finally:
        os.close(read)
        _live.discard(child)
    if code != 0 or not answer:
        return Died(code)
    fine, result = pickle.loads(answer)
    if not fine:
        raise RunError(f"a forked child failed\n{result}")
    return result


def kill_all() -> None:
    """End every child of this process and all that they started. Safe inside a signal handler."""
    for child in list(_live):
        with suppress(OSError):
            os.killpg(child, signal.SIGKILL)


def _live_and_die_with(parent: int) -> None:
    """In the child: lead a group, be killed when the parent dies, take signals as any process does."""
    os.setpgid(0, 0)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before that was set
        os._exit(1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _live.clear()


def _answer(write: int, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """In the child: work, send the result, and go without the parent's ways of ending."""
    code = 1
    try:
        try:
            content = pickle.dumps((True, work(*arguments)))
        except Exception:
            content = pickle.dumps((False, traceback.format_exc()))
        with os.fdopen(write, "wb") as pipe:
            pipe.write(content)
        code = 0
    finally:
        os._exit(code)


def _listen(child: int, read: int, until: float) -> tuple[bytes, int | None]:
    """Read the answer until the child ends or the time is up; leave neither it nor its group behind."""
    pieces: list[bytes] = []
    process = os.pidfd_open(child)
    watched, ended = [read, process], False
    try:
        while not ended and (ready := select.select(watched, [], [], max(0.0, until - time.monotonic()))[0]):
            ended = process in ready
            if read in ready and not _take(read, pieces):
                watched.remove(read)
        while ended and read in watched and select.select([read], [], [], 0)[0] and _take(read, pieces):
            pass
    finally:
        os.close(process)
        with suppress(OSError):
            os.killpg(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    return b"".join(pieces), os.waitstatus_to_exitcode(status) if ended else None


def _take(read: int, pieces: list[bytes]) -> bool:
    """Take the next piece out of the pipe; whether there was one."""
    piece = os.read(read, 1 << 16)
    pieces.append(piece)
    return bool(piece)


@dataclass(frozen=True)
class Forking:
    """Work for a pool whose processes fork for each item; picklable.

    Attributes:
        work: What each child does.
        deadline: Seconds that a child may take.
    """

    work: Callable[[Any], Any]
    deadline: float

    def __call__(self, item: Any) -> Any:
        """The result, or :class:`~tylib.batch.pool.Lost` where child after child gave none."""
        preload()
        started = time.monotonic()
        for _ in range(TRIES):
            result = forked(self.work, item, deadline=self.deadline)
            if not isinstance(result, Died):
                return result
        reason = (
            f"the brief took longer than {self.deadline:g} seconds and was ended"
            if result.code is None
            else f"the process of the brief ended with code {result.code}"
        )
        return Lost(reason, time.monotonic() - started)
