"""Through dask: every brief once, a killed worker loses nothing, what cannot be is said in words."""

from __future__ import annotations

import sys

import pytest

from tylib.batch import distributed, fork
from tylib.batch.distributed import LARGEST
from tylib.batch.engine import engine_named
from tylib.batch.plan import Job
from tylib.batch.runner import run
from tylib.errors import ParameterError, RunError

from .conftest import BRIEF, write_notebook

pytestmark = pytest.mark.skipif(not fork.AVAILABLE, reason="forking is sound on Linux only")

KILLS = """import os, signal, psutil
if not os.path.exists("killed"):
    open("killed", "w").close()
    os.kill(psutil.Process(os.getppid()).ppid(), signal.SIGKILL)"""


def test_a_killed_worker_loses_nothing(city, todo):
    pytest.importorskip("distributed", reason="dask is not installed: pip install 'tylib[dask]'")
    # The parent of a brief is the process that forks, whose parent is the worker.
    write_notebook(city.root / "notebooks" / "90_brief.ipynb", BRIEF, KILLS)
    summary = run(todo, city, workers=2, scheduler="", **engine_named("fork"))
    assert (city.root / "killed").exists()
    assert sorted((row.unit, row.language, row.status) for row in summary.rows) == sorted(
        (job.unit, job.language, "ok") for job in todo
    )
    assert all((city.reports / job.page).is_file() for job in todo)


def test_a_scheduler_that_is_not_there(city, todo, monkeypatch):
    pytest.importorskip("distributed", reason="dask is not installed: pip install 'tylib[dask]'")
    monkeypatch.setattr(distributed, "CONNECT_S", 1.0)
    with pytest.raises(RunError, match="no dask scheduler answers"):
        run(todo, city, scheduler="tcp://127.0.0.1:1", **engine_named("fork"))


def test_dask_without_the_forking_engine_or_without_dask(city, todo, monkeypatch):
    with pytest.raises(ParameterError, match="dask needs the forking engine"):
        run(todo, city, scheduler="", **engine_named("kernel"))
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RunError, match=r"dask is not installed.*tylib\[dask\]"):
        run(todo, city, scheduler="", **engine_named("fork"))


@pytest.mark.parametrize(("count", "slots", "size"), [(3, 2, 1), (60, 2, 8), (41_000, 2, LARGEST)])
def test_shards_are_large_enough_to_pay_and_small_enough_to_share(count, slots, size):
    jobs = [Job(f"county:{n}", "zh", "90", ()) for n in range(count)]
    shards = distributed.shards(jobs, slots)
    assert [job for shard in shards for job in shard] == jobs
    assert len(shards[0]) == size
