"""What is worked out after a move, in a thread beside the one that hears the next: the newest state only."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from tylib.lab import exploring
from tylib.scenario import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tylib.lab.exploring import Ground, Seen
    from tylib.lab.state import State

REST = 0.03
"""Seconds that the hand must rest before the draws are run."""
FEW = 500
"""Draws under each weighting that are shown first; all of them follow."""
PAUSE = 0.5
"""Seconds after the draws before the brief's sentences are worked out, which takes some seconds."""


class _Gone(Exception):
    """The state that was worked on is no longer looked at."""


class Follower:
    """Works out what is still to come of the newest state, stage by stage, and gives each to who shows it.

    Args:
        on: What stays.
        now: The state that is looked at; a stage of another one is dropped.
        come: Takes what a stage has seen, in the loop's own thread.
        failed: Takes the words of an error.
    """

    def __init__(
        self, on: Ground, now: Callable[[], State], come: Callable[[Seen], None], failed: Callable[[str], None]
    ) -> None:
        self._on, self._now, self._come, self._failed = on, now, come, failed
        self._timer: asyncio.TimerHandle | None = None
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lab")

    def follow(self, seen: Seen) -> None:
        """Begin with a state once the hand rests; where no loop runs nobody waits, and nothing is begun."""
        self.stop()
        with suppress(RuntimeError):
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(REST, lambda: self._worker.submit(self._work, seen, loop))

    def stop(self) -> None:
        """Begin nothing that is not begun yet."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _work(self, seen: Seen, loop: asyncio.AbstractEventLoop) -> None:
        def given(found: Seen) -> None:
            if self._now() is found.state:
                self._come(found)

        def still() -> None:
            if self._now() is not seen.state:
                raise _Gone

        running.BETWEEN.set(still)
        try:
            for found in stages(self._on, seen, pause=PAUSE):
                still()
                if found is not None:
                    loop.call_soon_threadsafe(given, found)
        except _Gone:
            return
        except Exception as error:  # a thread's error would be lost
            loop.call_soon_threadsafe(self._failed, str(error))


def stages(on: Ground, seen: Seen, *, pause: float = 0.0, sentences: bool = True) -> Iterator[Seen | None]:
    """What is still to come of a state: few draws, all, what remains without effects, the brief's sentences.

    Args:
        on: What stays.
        seen: Of :func:`tylib.lab.exploring.point`.
        pause: Seconds between the draws and the sentences.
        sentences: Whether the sentences are worked out.

    Yields:
        What is seen so far; ``None`` where a piece of work is done and there is nothing new to see.
    """
    if seen.state.draws:
        if pause and seen.shown is None:
            yield exploring.drawn(on, seen, draws=FEW)
        seen = exploring.drawn(on, seen)
        yield seen
        seen = exploring.without_effects(on, seen)
        yield seen
    if not sentences:
        yield seen
        return
    until = time.monotonic() + pause
    while time.monotonic() < until:
        time.sleep(min(pause, 0.05))
        yield None
    yield from exploring.shown(on, seen)
