"""Work for the pool's tests, where its processes can import it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

KNOWN: list[int] = []


def double(number: int) -> int:
    return 2 * number


def die_on_three(number: int) -> int:
    if number == 3:
        os._exit(9)
    return double(number)


def sleep_on_three(number: int) -> int:
    if number == 3:
        time.sleep(600)
    return double(number)


def whose_child(item) -> tuple[int, int, bool]:
    return os.getpid(), os.getppid(), isinstance(item, Path) and item.exists()


def misbehave(item: tuple[str, Path]) -> str:
    """Notes each process in a file, and goes the way that its item names."""
    way, path = item
    again = path.exists()
    with path.open("a") as file:
        file.write(f"{os.getpid()} ")
        if way == "hang":
            file.write(f"{subprocess.Popen(['sleep', '600'], start_new_session=True).pid} ")
    if way == "crash":
        os._exit(7)
    if way == "segment" or (way == "once" and not again):
        os.kill(os.getpid(), signal.SIGSEGV)
    if way == "hang":
        time.sleep(600)
    return "done"


def what_is_known(number: int) -> tuple[int, list[int]]:
    return number, list(KNOWN)


def learn(answer: tuple[int, list[int]]) -> tuple[int, list[int]]:
    KNOWN.append(answer[0])
    return answer


def learn_by_query(answer: object) -> object:
    query()
    return answer


def kill_parent_once(killed: Path, number: int) -> int:
    if number == 3 and not killed.exists():
        killed.write_text(str(subprocess.Popen(["sleep", "600"], start_new_session=True).pid))
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(600)
    return double(number)


def query() -> None:
    import polars as pl

    pl.select(1)


def fail() -> None:
    raise ValueError("no such words")
