"""What briefs share is made once before the first, in a process of its own; its failure hides nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tylib.batch import preparing
from tylib.batch.runner import run

from .conftest import PROJECT
from .test_fork import gone

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in is put in place through PYTHONPATH")
HEAD = """import os, sys, time
import tylib.bounds
from tylib.errors import DataError
def prepare(city):
    (city.home / "prepared").write_text(str(os.getpid()))
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Puts other steps in the place of the bounds' own, in every fresh Python process."""

    def put(*lines: str):
        folder = tmp_path / "site"
        folder.mkdir(exist_ok=True)
        body = "".join(f"    {line}\n" for line in lines)
        (folder / "sitecustomize.py").write_text(HEAD + body + "tylib.bounds.prepare = prepare\n", encoding="utf-8")
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.setattr(preparing, "TABLE", "places")
        return folder

    return put


def prepared(city, **options):
    told = []
    failure = preparing.prepare(city, **{"deadline": 60.0, "tell": told.append} | options)
    return failure, told


def test_it_is_made_in_a_process_of_its_own_and_told_only_when_it_takes_long(city, stand_in, monkeypatch):
    stand_in("assert 'polars' in sys.modules and os.environ['OMP_NUM_THREADS'] == '1'")
    monkeypatch.setattr(preparing, "QUIET_S", 60.0)
    assert prepared(city) == ("", [])
    assert int((city.home / "prepared").read_text()) != os.getpid()
    assert not (city.reports / preparing.LOG).exists()
    monkeypatch.setattr(preparing, "QUIET_S", 0.0)
    failure, told = prepared(city)
    assert not failure and len(told) == 1 and told[0].startswith("Preparing what the briefs share")


def test_a_contradiction_is_told_in_words_and_a_crash_with_its_log(city, stand_in):
    stand_in("raise DataError('two tables contradict each other', where='data/x.csv')")
    assert "data/x.csv: two tables contradict each other" in prepared(city)[0]
    stand_in("1 / 0")
    assert "exit code 1 (log: logs/preparing.log)" in prepared(city)[0]
    assert "ZeroDivisionError" in (city.reports / preparing.LOG).read_text(encoding="utf-8")


def test_a_city_without_a_feasible_set_has_nothing_to_prepare(city, monkeypatch):
    monkeypatch.setattr("subprocess.Popen", lambda *_, **__: pytest.fail("no process is needed"))
    assert prepared(city) == ("", [])


def test_it_has_a_deadline(city, stand_in, monkeypatch):
    stand_in("time.sleep(600)")
    monkeypatch.setattr(preparing, "QUIET_S", 0.0)
    assert "was not prepared in 3 seconds" in prepared(city, deadline=3.0)[0]
    assert gone(int((city.home / "prepared").read_text()))


def test_it_ends_with_the_run_that_asked_for_it(city, stand_in):
    folder = stand_in("time.sleep(600)")
    code = "import sys; from tylib.batch import preparing; from tylib.store import open_city;"
    code += "preparing.TABLE = 'places'; preparing.prepare(open_city(sys.argv[1]), deadline=600, tell=print)"
    path = os.pathsep.join([str(folder), str(PROJECT)])
    killed = subprocess.Popen([sys.executable, "-c", code, str(city.root)], env={**os.environ, "PYTHONPATH": path})
    until = time.monotonic() + 60
    while not ((city.home / "prepared").is_file() and (city.home / "prepared").read_text()):
        assert time.monotonic() < until
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert gone(int((city.home / "prepared").read_text()))


def test_briefs_are_made_all_the_same_and_nothing_is_prepared_for_none(city, todo, engines, stand_in, monkeypatch):
    stand_in("raise DataError('two tables contradict each other')")
    told = []
    summary = run(todo[:1], city, execute=engines.answer, tell=told.append)
    assert not summary.failed and summary.rows
    assert "contradict each other" in told[-1] and "the others are made" in told[-1]
    monkeypatch.setattr("tylib.batch.runner.prepare", lambda *_, **__: pytest.fail("nothing is to be made"))
    assert run([], city, execute=engines.answer, languages=["zh"]).rows == ()
