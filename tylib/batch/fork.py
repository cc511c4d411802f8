"""A process that imports everything once and forks for each piece of work: start-up is paid once, not for each brief.

Only where forking is sound: on Linux, and from a process in which polars has not run a query (its threads would be
missing in the child, which would then wait for them for ever). That is checked before every fork, and refused.
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import select
import signal
import sys
import threading
import time
import traceback
import warnings
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tylib.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable

AVAILABLE = sys.platform == "linux"
DEADLINE_S = 600.0
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
BIRTH_S = 2.0
# Threads that the first query starts.
QUERYING = ("polars-0", "tokio", "async-executor")
# What the briefs and the engine import; none of it runs a query.
PRELOADED = (
    "altair", "dataframely", "scipy.optimize", "nbconvert.exporters", "papermill", "jinja2.ext",
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
    _hurry_altair()


def _hurry_altair() -> None:
    """The same charts in less time, by not doing the same again.

    Altair makes the table of its 600 classes anew for each channel given as text: 25 ms each time. And of a chart that
    is put into another it copies every property, of which all but a few are not given.
    """
    from altair.utils import schemapi
    from altair.vegalite.v6.schema.core import VegaLiteSchema

    copied, absent = schemapi._deep_copy, schemapi.Undefined

    def copy(obj: Any, by_ref: set[str]) -> Any:
        if not isinstance(obj, schemapi.SchemaBase) or obj._args or hasattr(obj, "__deepcopy__"):
            return copied(obj, by_ref=by_ref)
        kinds = (schemapi.SchemaBase, list, dict)
        kept = {
            name: copy(value, by_ref) if isinstance(value, kinds) and name not in by_ref else value
            for name, value in obj._kwds.items()
            if value is not absent
        }
        with schemapi.debug_mode(False):
            return type(obj)(**kept)

    schemapi._deep_copy = copy
    classes, made = tuple(VegaLiteSchema._default_wrapper_classes()), cache(schemapi._FromDict)
    VegaLiteSchema._default_wrapper_classes = classmethod(lambda cls: classes)
    schemapi._FromDict = lambda classes: made(tuple(classes))


def refuse_after_queries() -> None:
    """Refuse to fork where a child would hang.

    Raises:
        RunError: Not Linux, or polars has run a query in this process.
    """
    if not AVAILABLE:
        raise RunError("this platform cannot fork safely", remedy="Use the engine with kernels: --engine kernel.")
    running = sorted(name for name in _threads().values() if name.startswith(QUERYING))
    if running:
        raise RunError(
            "polars has already run a query in this process, a forked copy of it would hang",
            where="fork", expected="a process that has only imported", remedy="Use --engine kernel, or start afresh.",
        )  # fmt: skip


def _threads() -> dict[int, str]:
    """Name of each thread of this process; one that is just being born has its parent's name until it runs."""
    until, own = time.monotonic() + BIRTH_S, {thread.native_id for thread in threading.enumerate()}
    while True:
        found = {}
        for task in Path("/proc/self/task").iterdir():
            with suppress(OSError):  # ended meanwhile
                found[int(task.name)] = (task / "comm").read_text().strip()
        born = [n for n, name in found.items() if n not in own and name == found[os.getpid()]]
        if not born or time.monotonic() > until:
            return found
        time.sleep(0.01)


@dataclass(frozen=True)
class Died:
    """A child that gave no answer. ``code`` is its exit code, negative for a signal, ``None`` at the deadline."""

    code: int | None


@dataclass
class Child:
    """A forked process, to be watched until :meth:`over` and then to be ended.

    Attributes:
        pid: It leads a process group of this number.
        read: End of the pipe through which its answer comes.
        process: Descriptor that is ready when it has ended.
        begun, until: By the monotonic clock.
    """

    pid: int
    read: int
    process: int
    begun: float
    until: float
    pieces: list[bytes] = field(default_factory=list)
    watched: list[int] = field(default_factory=list)
    ended: bool = False

    @property
    def left(self) -> float:
        return max(0.0, self.until - time.monotonic())

    def over(self, ready: list[int]) -> bool:
        """Take what has come; whether it has ended, or its time is up."""
        self.ended = self.process in ready
        if self.read in ready and not self._take():
            self.watched.remove(self.read)
        while self.ended and self.read in self.watched and select.select([self.read], [], [], 0)[0]:
            if not self._take():
                break
        return self.ended or not self.left

    def _take(self) -> bool:
        """Take the next piece out of the pipe; whether there was one."""
        self.pieces.append(os.read(self.read, 1 << 16))
        return bool(self.pieces[-1])

    def end(self) -> bytes | Died:
        """Leave neither it nor anything of its group behind; its answer if it gave one."""
        with suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        _live.discard(self.pid)
        os.close(self.process)
        os.close(self.read)
        code, content = os.waitstatus_to_exitcode(status) if self.ended else None, b"".join(self.pieces)
        return content if code == 0 and content else Died(code)


def start(work: Callable[..., Any], *arguments: Any, deadline: float) -> Child:
    """Fork a child that calls ``work``, answers and ends.

    It leads a process group of its own and is killed when this process dies.

    Raises:
        RunError: Forking would not be safe here (:func:`refuse_after_queries`).
    """
    refuse_after_queries()
    read, write = os.pipe()
    parent = os.getpid()
    with warnings.catch_warnings():
        # Python 3.12 and later warn of any thread; those there are belong to an allocator and wait for nothing.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        os.close(read)
        _live_and_die_with(parent)
        _answer(write, work, arguments)
    _live.add(pid)
    os.close(write)
    with suppress(OSError):  # whichever of the two comes first
        os.setpgid(pid, pid)
    process, begun = os.pidfd_open(pid), time.monotonic()
    return Child(pid, read, process, begun, begun + deadline, watched=[read, process])


def forked(work: Callable[..., Any], *arguments: Any, deadline: float) -> Any:
    """Call ``work`` in a forked child, and give its (picklable) result or :class:`Died`.

    When the child is done, late, or this process dies, its group is killed.

    Raises:
        RunError: Forking would not be safe here (:func:`refuse_after_queries`), or ``work`` raised.
    """
    child = start(work, *arguments, deadline=deadline)
    try:
        while not child.over(select.select(child.watched, [], [], child.left)[0]):
            pass
    finally:
        content = child.end()
    return content if isinstance(content, Died) else result(content)


def result(content: bytes) -> Any:
    """What a child's answer holds.

    Raises:
        RunError: ``work`` raised there; tells its traceback.
    """
    fine, value = pickle.loads(content)
    if not fine:
        raise RunError(value.strip(), where="in the forked process")
    return value


def kill_all() -> None:
    """End every child of this process and all that they started. Safe inside a signal handler."""
    for child in list(_live):
        with suppress(OSError):
            os.killpg(child, signal.SIGKILL)


def adopt() -> None:
    """Become the parent of what ended children leave behind, whatever group it fled to."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_strays() -> None:
    """End what children left behind (:func:`adopt`)."""
    with suppress(OSError):
        listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        for pid in {int(pid) for pid in listed} - _live:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _live_and_die_with(parent: int) -> None:
    """In the child: lead a group, be killed when the parent dies, take signals as any process does."""
    os.setpgid(0, 0)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before that was set
        os._exit(1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # a short life: what it leaves unused goes with it
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
