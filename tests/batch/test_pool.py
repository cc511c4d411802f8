"""Processes that die or hang take nothing with them but their own item, and that only after a second try."""

from __future__ import annotations

import multiprocessing
import time

import pytest

from tylib.batch import pool
from tylib.batch.pool import Lost, Waiting, work_through


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(pool, "PAUSE_S", 0.01)


def run(work, items, **options):
    return dict(work_through(items, work, **{"workers": 2, "deadline": 60.0} | options))


def test_every_item_is_worked_on_once(chores):
    assert run(chores.double, [1, 2, 3, 4, 5]) == {1: 2, 2: 4, 3: 6, 4: 8, 5: 10}


def test_a_process_that_dies_loses_one_item(chores):
    results = run(chores.die_on_three, [1, 2, 3, 4, 5])
    assert isinstance(results.pop(3), Lost)
    assert results == {1: 2, 2: 4, 4: 8, 5: 10}


def test_a_process_that_hangs_is_ended_at_the_deadline(chores):
    # The deadline covers the start of the process too.
    results = run(chores.sleep_on_three, [3, 4], deadline=2.0)
    assert results[4] == 8
    assert "longer than 2 seconds" in results[3].reason


def test_no_process_is_left_when_the_reader_stops(chores):
    results = work_through([1, 3, 3], chores.sleep_on_three, workers=2, deadline=60.0)
    assert next(results) == (1, 2)
    began = time.monotonic()
    results.close()
    assert time.monotonic() - began < 5
    assert multiprocessing.active_children() == []


def test_a_further_try_waits_twice_as_long_and_the_last_one_is_the_last(monkeypatch):
    monkeypatch.setattr(pool, "PAUSE_S", 100.0)
    waiting, pauses = Waiting(2), []
    assert waiting.take() == 0
    while waiting.again(0, Lost("died", 0.0)):
        assert waiting.take() == 1 if len(waiting) > 1 else True  # the others go first
        pauses.append(round(waiting.pause))
        assert waiting.take() == 0
    assert pauses == [100, 200]
    late = Waiting(1)
    late.take()
    assert late.again(0, Lost.overdue(5, 5.0)) and late.take() == 0
    assert not late.again(0, Lost.overdue(5, 5.0))
