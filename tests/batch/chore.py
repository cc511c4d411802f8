"""Work for the pool's tests, where its processes can import it."""

from __future__ import annotations

import os
import time


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
