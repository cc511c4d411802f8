"""The benchmark is run by hand: what it calls of ours must be there when it is."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

SPEC = importlib.util.spec_from_file_location("benchmark", Path(__file__).parents[1] / "benchmarks" / "indicators.py")
benchmark = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(benchmark)
DRAWN, GROWING = benchmark.over_draws(), benchmark.growing()
SMALL = [job for job in benchmark.JOBS if job.endswith(("300 x 100", "42", "100 x 20", "51 x 49", "Sobol 8"))]


@pytest.mark.parametrize("name", DRAWN)
def test_every_indicator_of_the_benchmark_runs_over_draws(name):
    DRAWN[name]()


@pytest.mark.parametrize("name", GROWING)
def test_every_family_of_the_benchmark_runs_at_a_size(name):
    GROWING[name](400)()


@pytest.mark.parametrize("job", SMALL)
def test_ours_and_the_floor_of_a_small_job_run(job):
    sides = benchmark.JOBS[job]()
    for side in (one for one in sides if one.startswith(("ours", "floor"))):
        assert min(benchmark._spent(sides[side])) >= 0
