"""The process that forks: every item once, whoever dies tried again, nobody left behind, no query before a fork."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from tylib.batch import fork, pool, zygote
from tylib.batch.pool import Lost
from tylib.errors import RunError

from .conftest import PROJECT
from .test_fork import alive, gone

pytestmark = pytest.mark.skipif(not fork.AVAILABLE, reason="forking is sound on Linux only")


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(pool, "PAUSE_S", 0.01)


def run(work, items, **options):
    return dict(zygote.work_through(items, work, **{"workers": 2, "deadline": 60.0} | options))


def test_each_item_in_a_child_of_its_own_from_one_process_after_what_comes_before(chores, tmp_path):
    begun = tmp_path / "begun"
    answers = run(chores.whose_child, [begun, *range(5)], before=begun.touch)
    assert answers.pop(begun)[2]  # it was there when the first item was given
    assert len({child for child, _, _ in answers.values()}) == 5
    assert len({parent for _, parent, _ in answers.values()}) == 1
    assert os.getpid() not in {parent for _, parent, _ in answers.values()}


def test_deaths_and_silence_cost_their_own_item_only(chores, tmp_path):
    tried = {name: tmp_path / name for name in ("crash", "hang", "segment", "once", "fine")}
    answers = run(chores.misbehave, list(tried.items()), deadline=2.0)
    told = {name: answer for (name, _), answer in answers.items()}
    assert told.pop("fine") == told.pop("once") == "done"
    assert {name: lost.reason for name, lost in told.items()} == {
        "crash": "the process of the brief ended with code 7",
        "hang": "the brief took longer than 2 seconds and was ended",
        "segment": "the process of the brief was killed by signal 11",
    }
    tries = {name: path.read_text().split() for name, path in tried.items()}
    assert {name: len(pids) for name, pids in tries.items()} == {
        "crash": 3, "hang": 4, "segment": 3, "once": 2, "fine": 1,
    }  # fmt: skip
    # The hanging child had started one in a session of its own: twice two processes.
    assert all(gone(int(pid)) for pids in tries.values() for pid in pids)


def test_a_killed_zygote_is_started_again_and_nothing_is_lost(chores, tmp_path):
    answers = run(partial(chores.kill_parent_once, tmp_path / "killed"), [1, 2, 3, 4])
    assert answers == {1: 2, 2: 4, 3: 6, 4: 8}
    assert gone(int((tmp_path / "killed").read_text()))  # what the child had started, in a session of its own


def test_what_one_child_found_the_next_ones_know(chores):
    answers = run(chores.what_is_known, [1, 2, 3], workers=1, learn=chores.learn)
    assert answers == {1: (1, []), 2: (2, [1]), 3: (3, [1, 2])}
    with pytest.raises(RunError, match="polars has already run a query"):
        run(chores.double, [1, 2], workers=1, learn=chores.learn_by_query)


@pytest.mark.parametrize("warm", ["query", "fail"])
def test_what_cannot_fork_is_refused_in_words(chores, warm):
    with pytest.raises(RunError, match="polars has already run a query" if warm == "query" else "no such words"):
        run(chores.double, [1], warm=getattr(chores, warm))


def test_no_process_is_left_when_the_reader_stops_or_is_killed(chores, tmp_path):
    answers = zygote.work_through([1, 3, 3], chores.sleep_on_three, workers=3, deadline=60.0)
    assert next(answers) == (1, 2)
    began = time.monotonic()
    answers.close()
    assert time.monotonic() - began < 5

    code = "import sys; from pathlib import Path; from tylib.batch.zygote import work_through; import chore;"
    code += "list(work_through([('hang', Path(sys.argv[1]))], chore.misbehave, workers=1, deadline=600))"
    path = os.pathsep.join([os.path.dirname(__file__), str(PROJECT)])
    killed = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "pids")], env={**os.environ, "PYTHONPATH": path}
    )
    until = time.monotonic() + 60
    while not ((tmp_path / "pids").is_file() and len((tmp_path / "pids").read_text().split()) == 2):
        assert time.monotonic() < until
        time.sleep(0.05)
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert all(map(alive, pids))
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert all(map(gone, pids))


def test_a_loss_says_what_became_of_the_process():
    assert Lost.died(-9, 1.0).reason == "the process of the brief was killed by signal 9"
    assert Lost.died(0, 1.0).reason == "the process of the brief ended with code 0"
