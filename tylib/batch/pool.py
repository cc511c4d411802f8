"""Processes that work through a list, and outlive the death or the silence of any one of them.

The standard library's pool gives up on everything when one of its processes is killed; here the others go on, the lost
item is tried once more, and it is known which item was lost. Processes are spawned, never forked: polars hangs in a
forked child.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import Counter, deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Item = TypeVar("Item")
Result = TypeVar("Result")

TRIES = 2
PATIENCE_S = 5.0


@dataclass(frozen=True)
class Lost:
    """An item without a result: its process died, or was ended at the deadline, each time it was tried."""

    reason: str
    seconds: float


@dataclass
class _Worker:
    process: BaseProcess
    line: Connection
    item: Any = None
    since: float = 0.0

    @property
    def busy(self) -> bool:
        return self.item is not None

    def end(self) -> None:
        """Ask to stop; insist after a while. What the worker itself started is ended by the worker."""
        with suppress(OSError, ValueError):
            self.line.send(None)
        if self.busy:
            self.process.terminate()
        self.process.join(PATIENCE_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join(PATIENCE_S)
        self.line.close()


def work_through(
    items: Sequence[Item],
    work: Callable[[Item], Result],
    /,
    *,
    workers: int,
    deadline: float,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[tuple[Item, Result | Lost]]:
    """Apply ``work`` to each item in processes of its own, and yield each result as it comes.

    Args:
        items: What to work on; picklable, not ``None``.
        work: A picklable callable. It has to catch what it wants to report: an exception it raises loses its process.
        workers: How many processes at most.
        deadline: Seconds after which an item's process is ended.
        environment: Further variables of the processes, from their start.

    Yields:
        Item and result, in the order of finishing; :class:`Lost` after two tries. Closing the iterator, or an
        exception in its consumer, ends all processes.
    """
    context = multiprocessing.get_context("spawn")
    waiting, tries = deque(items), Counter[int]()
    crew: list[_Worker] = []
    order = {id(item): number for number, item in enumerate(items)}

    def hire() -> _Worker:
        here, there = context.Pipe()
        process = context.Process(target=_serve, args=(there, work), daemon=True)
        with _environment(environment):
            process.start()
        there.close()  # so that the death of the process is the end of the line
        return _Worker(process, here)

    def lose(worker: _Worker, reason: str) -> Lost | None:
        worker.end()
        crew.remove(worker)
        tries[order[id(worker.item)]] += 1
        if tries[order[id(worker.item)]] < TRIES:
            waiting.append(worker.item)
            return None
        return Lost(reason, time.monotonic() - worker.since)

    try:
        while waiting or any(worker.busy for worker in crew):
            while waiting and len(crew) < workers and all(worker.busy for worker in crew):
                crew.append(hire())
                _give(crew[-1], waiting)
            for worker in crew:
                if waiting and not worker.busy:
                    _give(worker, waiting)
            busy = [worker for worker in crew if worker.busy]
            nearest = min(worker.since for worker in busy) + deadline
            ready = set(wait([worker.line for worker in busy], timeout=max(0.0, nearest - time.monotonic())))
            for worker in busy:
                answer: Any = None
                if worker.line in ready:
                    try:
                        answer = worker.line.recv()
                    except (EOFError, OSError):
                        worker.process.join(PATIENCE_S)
                        answer = lose(worker, f"the process of the brief ended with code {worker.process.exitcode}")
                elif time.monotonic() - worker.since >= deadline:
                    answer = lose(worker, f"the brief took longer than {deadline:g} seconds and was ended")
                if answer is not None:
                    item, worker.item = worker.item, None
                    yield item, answer
    finally:
        for worker in crew:
            if worker.busy:
                worker.process.terminate()  # all at once, so that the wait for each is short
        for worker in crew:
            worker.end()


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """A spawned process takes the variables that are set while it is started."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _give(worker: _Worker, waiting: deque[Any]) -> None:
    worker.item, worker.since = waiting.popleft(), time.monotonic()
    with suppress(OSError):  # a process that died at once: the end of its line is read next
        worker.line.send(worker.item)


def _serve(line: Connection, work: Callable[[Any], Any]) -> None:
    """The whole life of a worker process."""
    # Ctrl-C reaches the whole group of the terminal; the parent decides, and ends us with a signal of its own.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: _leave())
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    while (item := line.recv()) is not None:
        line.send(work(item))


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        _leave()


def _leave() -> None:
    if (kernels := sys.modules.get("tylib.batch.kernel")) is not None:
        kernels.BatchKernelManager.kill_all()
    if (forks := sys.modules.get("tylib.batch.fork")) is not None:
        forks.kill_all()
    os._exit(1)
