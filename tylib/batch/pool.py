"""Processes that work through a list, and outlive the death or the silence of any one of them.

The standard library's pool gives up on everything when one of its processes is killed; here the others go on, the lost
item is tried again after a pause, and it is known which item was lost. Processes are spawned, never forked: polars
hangs in a forked child. Where forking is sound :mod:`tylib.batch.zygote` does the same, and faster.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from heapq import heappop, heappush
from multiprocessing.connection import wait
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Item = TypeVar("Item")
Result = TypeVar("Result")

TRIES, LATE_TRIES = 3, 2  # of an item whose process died, and of one that was ended at the deadline
PAUSE_S = 1.0  # before the second try; twice as long before the next: what was scarce may be there again
PATIENCE_S = 5.0


@dataclass(frozen=True)
class Lost:
    """An item without a result: its process died, or was ended at the deadline, each time it was tried."""

    reason: str
    seconds: float
    late: bool = False

    @classmethod
    def died(cls, code: int | None, seconds: float) -> Lost:
        """A process that ended by itself; ``code`` is negative for a signal."""
        told = f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
        return cls(f"the process of the brief {told}", seconds)

    @classmethod
    def overdue(cls, deadline: float, seconds: float) -> Lost:
        return cls(f"the brief took longer than {deadline:g} seconds and was ended", seconds, late=True)


class Waiting:
    """Numbers of items in the order in which they are to be tried; those tried in vain after a pause."""

    def __init__(self, count: int) -> None:
        self.heap: list[tuple[float, int]] = [(0.0, number) for number in range(count)]
        self.tries = [0] * count

    def __len__(self) -> int:
        return len(self.heap)

    @property
    def pause(self) -> float:
        """Seconds until the next one may be tried."""
        return max(0.0, self.heap[0][0] - time.monotonic()) if self.heap else float("inf")

    def take(self) -> int:
        number = heappop(self.heap)[1]
        self.tries[number] += 1
        return number

    def again(self, number: int, lost: Lost) -> bool:
        """Whether the item is to be tried once more; it then waits."""
        if self.tries[number] >= (LATE_TRIES if lost.late else TRIES):
            return False
        heappush(self.heap, (time.monotonic() + PAUSE_S * 2 ** (self.tries[number] - 1), number))
        return True


@dataclass
class _Worker:
    process: BaseProcess
    line: Connection
    number: int | None = None
    since: float = 0.0

    def end(self) -> None:
        """Ask to stop; insist after a while. What the worker itself started is ended by the worker."""
        with suppress(OSError, ValueError):
            self.line.send(None)
        if self.number is not None:
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
    before: Callable[[], None] = lambda: None,
) -> Iterator[tuple[Item, Result | Lost]]:
    """Apply ``work`` to each item in processes of its own, and yield each result as it comes.

    Args:
        items: What to work on; picklable.
        work: A picklable callable. It has to catch what it wants to report: an exception it raises loses its process.
            If it gives a :class:`Lost` the item is tried again, as if its process had died.
        workers: How many processes at most.
        deadline: Seconds after which an item's process is ended.
        environment: Further variables of the processes, from their start.
        before: Called once, before the first item is given away.

    Yields:
        Item and result, in the order of finishing; :class:`Lost` after so many tries. Closing the iterator, or an
        exception in its consumer, ends all processes.
    """
    context = multiprocessing.get_context("spawn")
    waiting, crew = Waiting(len(items)), list[_Worker]()

    def hire() -> _Worker:
        here, there = context.Pipe()
        process = context.Process(target=_serve, args=(there, work), daemon=True)
        with _environment(environment):
            process.start()
        there.close()  # so that the death of the process is the end of the line
        crew.append(_Worker(process, here))
        return crew[-1]

    def dismissed(worker: _Worker) -> int | None:
        worker.end()
        crew.remove(worker)
        return worker.process.exitcode

    before()
    try:
        while waiting or any(worker.number is not None for worker in crew):
            idle = [worker for worker in crew if worker.number is None]
            while not waiting.pause and (idle or len(crew) < workers):
                _give(idle.pop() if idle else hire(), waiting, items)
            busy = [worker for worker in crew if worker.number is not None]
            nearest = min((worker.since + deadline for worker in busy), default=float("inf")) - time.monotonic()
            rest = min(nearest, waiting.pause if len(busy) < workers else nearest)
            ready = set(wait([worker.line for worker in busy], timeout=max(0.0, rest)))
            for worker in busy:
                took = time.monotonic() - worker.since
                if worker.line in ready:
                    try:
                        answer = worker.line.recv()
                    except (EOFError, OSError):
                        worker.process.join(PATIENCE_S)
                        answer = Lost.died(dismissed(worker), took)
                elif took >= deadline:
                    dismissed(worker)
                    answer = Lost.overdue(deadline, took)
                else:
                    continue
                number, worker.number = worker.number, None
                if not (isinstance(answer, Lost) and waiting.again(number, answer)):
                    yield items[number], answer
    finally:
        for worker in crew:
            if worker.number is not None:
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


def _give(worker: _Worker, waiting: Waiting, items: Sequence[Any]) -> None:
    worker.number, worker.since = waiting.take(), time.monotonic()
    with suppress(OSError):  # a process that died at once: the end of its line is read next
        worker.line.send((items[worker.number],))


def _serve(line: Connection, work: Callable[[Any], Any]) -> None:
    """The whole life of a worker process."""
    # Ctrl-C reaches the whole group of the terminal; the parent decides, and ends us with a signal of its own.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: _leave())
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    while (given := line.recv()) is not None:
        line.send(work(*given))


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        _leave()


def _leave() -> None:
    if (kernels := sys.modules.get("tylib.batch.kernel")) is not None:
        kernels.BatchKernelManager.kill_all()
    os._exit(1)
