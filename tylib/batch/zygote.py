"""The process that forks one child for each item, and the list worked through by it. Linux only.

One fresh process imports everything once and keeps out of polars; each child is a copy of it, runs one item and is
gone. Whoever dies takes nothing along: a child is tried again, a zygote started again, and when this process dies
(even by SIGKILL) the zygote reads the end of its line and ends its children with all that they started.
"""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tylib.batch import fork
from tylib.batch.pool import PATIENCE_S, Lost, Waiting
from tylib.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

GRACE_S = 60.0  # for the imports, and for a zygote to end a late child itself
MARK = "TYLIB_ZYGOTE"
BEGUN, DONE, REFUSED = "begun", "done", "refused"
START = "import sys; from tylib.batch.zygote import serve; serve(int(sys.argv[1]))"


def work_through(
    items: Sequence[Any],
    work: Callable[[Any], Any],
    /,
    *,
    workers: int,
    deadline: float,
    environment: Mapping[str, str] = MappingProxyType({}),
    before: Callable[[], None] = lambda: None,
    warm: Callable[[], None] | None = None,
    learn: Callable[[Any], Any] | None = None,
) -> Iterator[tuple[Any, Any]]:
    """As :func:`tylib.batch.pool.work_through`, each item in a forked child.

    Args:
        warm: Called once in the process that forks, after the imports: what every child then finds done. Picklable;
            must not run a query.
        learn: Called there with each result before it goes on its way, which is what it gives: what it leaves in that
            process every later child finds. Picklable; must not run a query.

    Raises:
        RunError: The process that forks could not be made ready; tells why.
    """
    waiting = Waiting(len(items))
    given: dict[int, float] = {}  # number of an item: when it was given
    pids: dict[int, int] = {}
    zygote: _Zygote | None = _Zygote((work, deadline, warm, learn), environment)
    try:
        before()
        while waiting or given:
            zygote = zygote or _Zygote((work, deadline, warm, learn), environment)
            while not waiting.pause and len(given) < workers:
                number = waiting.take()
                given[number] = time.monotonic()
                zygote.give(number, items[number])
            overdue = min(given.values(), default=float("inf")) + deadline + GRACE_S - time.monotonic()
            rest = min(overdue, waiting.pause if len(given) < workers else overdue)
            if rest > 0 and not zygote.line.poll(rest):
                continue
            try:
                kind, number, told = zygote.line.recv() if overdue > 0 else (None, None, None)
            except (EOFError, OSError):
                kind = None
            if kind == BEGUN:
                pids[number] = told
                continue
            if kind == REFUSED:
                raise RunError(told, where="the process that forks")
            if kind is None:
                code = zygote.end(pids.values())
                took = time.monotonic()
                answers = {n: Lost.died(code, took - since) for n, since in given.items()}
                zygote = None
            else:
                answers = {number: _answer(told, deadline, time.monotonic() - given[number])}
            for number, answer in answers.items():
                del given[number]
                pids.pop(number, None)
                if not (isinstance(answer, Lost) and waiting.again(number, answer)):
                    yield items[number], answer
    finally:
        if zygote:
            zygote.end(pids.values())


def _answer(told: bytes | fork.Died, deadline: float, took: float) -> Any:
    if not isinstance(told, fork.Died):
        return fork.result(told)
    return Lost.overdue(deadline, took) if told.code is None else Lost.died(told.code, took)


class _Zygote:
    """The process and the line to it."""

    def __init__(self, charge: tuple[Any, ...], environment: Mapping[str, str]) -> None:
        self.line, there = Pipe()
        # Whatever descends from it bears its mark, and is found by it should it be killed itself.
        self.mark = uuid4().hex
        own = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), MARK: self.mark}
        told = {**os.environ, **environment, **own}
        # A session of its own: Ctrl-C and a signal to our group are for us to judge. No stream of ours: a hung child
        # would keep them open.
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, str(there.fileno())], pass_fds=(there.fileno(),), env=told,
            start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        there.close()  # so that the death of the process is the end of the line
        self._send(charge)

    def give(self, number: int, item: Any) -> None:
        self._send((number, item))

    def _send(self, told: Any) -> None:
        with suppress(OSError):  # it died at once: the end of its line is read next
            self.line.send(told)

    def end(self, children: Any) -> int:
        """End it and its children; its exit code."""
        self.line.close()
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
        if code := self.process.wait():  # killed: nobody has ended its children and what they started
            for pid in list(children):
                with suppress(OSError):
                    os.killpg(pid, signal.SIGKILL)
            _end_marked(f"{MARK}={self.mark}".encode())
        return code


def _end_marked(mark: bytes) -> None:
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # ended meanwhile, or another user's
            if mark in environ.read_bytes().split(b"\0"):
                os.kill(int(environ.parent.name), signal.SIGKILL)


def serve(descriptor: int) -> None:
    """The whole life of the process that forks: ends when the line does."""
    line = Connection(descriptor)
    signal.signal(signal.SIGTERM, lambda *_: _leave())
    work, deadline, warm, learn = line.recv()
    try:
        fork.preload()
        if warm is not None:
            warm()
        fork.refuse_after_queries()
    except Exception as error:
        line.send((REFUSED, None, str(error).rstrip(".") or type(error).__name__))
        _leave()
    fork.adopt()
    gc.collect()
    gc.freeze()  # a child's collection would touch, and so copy, every page of ours
    with suppress(EOFError, OSError):  # the other end is gone
        _serve(line, work, deadline, learn)
    _leave()


def _serve(line: Connection, work: Callable[[Any], Any], deadline: float, learn: Callable[[Any], Any] | None) -> None:
    children: dict[int, fork.Child] = {}

    def alone(item: Any) -> Any:
        line.close()
        return work(item)

    while True:
        watched = [descriptor for child in children.values() for descriptor in child.watched]
        rest = min((child.left for child in children.values()), default=None)
        ready = select.select([line, *watched], [], [], rest)[0]
        for number, child in list(children.items()):
            if child.over(ready):
                line.send((DONE, number, _learned(child.end(), learn)))
                del children[number]
                fork.end_strays()
        if line in ready:
            number, item = line.recv()
            try:
                children[number] = fork.start(alone, item, deadline=deadline)
            except RunError as error:  # what was learned has run a query: no child of it would end
                line.send((REFUSED, number, str(error).rstrip(".")))
                return
            line.send((BEGUN, number, children[number].pid))


def _learned(told: bytes | fork.Died, learn: Callable[[Any], Any] | None) -> bytes | fork.Died:
    if learn is None or isinstance(told, fork.Died):
        return told
    fine, value = pickle.loads(told)
    return pickle.dumps((fine, learn(value) if fine else value))


def _leave() -> None:
    fork.kill_all()
    for pid in list(fork._live):
        with suppress(OSError):
            os.waitpid(pid, 0)
    fork.end_strays()
    os._exit(0)
