"""What a scenario costs: a path, draws, every combination of levers, a slider's point, Sobol's design; how it grows.

Run by hand, never with the tests: ``python tests/benchmarks/scenario.py [SIZE ...]``. Every size and closure is a fresh
process with one BLAS thread, over made baselines of the shape of the real ones and the priors of ``params/model.yml``;
eight years, all eight levers, the path without levers included. Processor time is the smallest of several runs; the
peak is that of the process.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time

import numpy as np

SIZES = {"10x15": (10, 15), "10x42": (10, 42), "100x15": (100, 15), "2850x15": (2850, 15)}
CLOSURES = ("supply", "demand", "binding")
KEPT = {"2850x15": 4}  # matrices of the feasible set that are held; they are used again from the first


def made(places: int, sectors: int, kept: int):
    """Baselines of twelve national sectors; units are counties and the whole."""
    from tylib.scenario.baseline import Ensemble

    rng = np.random.default_rng(0)
    output = rng.lognormal(2.0, 1.5, (2, kept, places, sectors))
    groups = np.sort(np.arange(sectors) % 12)
    cells = np.arange(places * sectors).reshape(places, sectors)
    units = (*(f"county:{n:04}" for n in range(places)), "zz:all")
    use = rng.uniform(0, 0.08, (12, 12))
    return Ensemble(
        year=2022, places=tuple(f"{n:04}" for n in range(places)), sectors=tuple(map(str, range(sectors))),
        output=output, value_added=0.25 * output, national=rng.uniform(3e4, 2e5, 12), coefficients=use, groups=groups,
        shift=rng.uniform(-0.1, 0.1, sectors), energy=rng.uniform(0.3, 3, sectors), equipment=np.arange(12) > 5,
        units=units, members=(*cells, cells.ravel()),
    )  # fmt: skip


def setting(size: str, closure: str):
    from tylib.scenario.levers import priors, strengths
    from tylib.scenario.running import Setting
    from tylib.store import scenarios as files

    known, supposed, found = made(*SIZES[size], KEPT.get(size, 200)), files.model(), files.scenario("eight_full")
    levers = strengths(found, supposed, base=known.year)
    return Setting("eight_full", closure, known, supposed, levers, priors(found, supposed), 0.9, (), "scenario")


def least(action, times: int) -> float:
    """The smallest processor time of several runs, in milliseconds."""
    spent = []
    for _ in range(times):
        began = time.process_time()
        action()
        spent.append(time.process_time() - began)
    return 1e3 * min(spent)


def measure(size: str, closure: str) -> None:
    from tylib.scenario.baseline import start
    from tylib.scenario.model import LEVERS, PARAMETERS, both
    from tylib.scenario.point import point, pull
    from tylib.scenario.running import adding, fan, middle, parameters, run
    from tylib.scenario.sensitivity import effects
    from tylib.scenario.shares import combined

    asked = setting(size, closure)
    output, value_added, theta = middle(asked)
    p = asked.named(theta)
    began, _ = start(asked.ensemble, output, value_added, p, local=closure != "supply")
    rows = np.array([p[name] for name in PARAMETERS])
    line = f"{size:>8} {closure:>8}"
    line += f"  path {least(lambda: both(began, rows, asked.levers, closure=closure), 30):8.2f} ms"
    large = SIZES[size][0] > 1000
    count = 20 if large else 1000
    parameters(asked, 8)  # scipy.stats is loaded
    # Both weightings are run, so that half as many draws of each are what is counted.
    draws = least(lambda: run(asked, draws=count // 2), 2 if large else 4)
    line += f"  {count // 2 * 2} draws {draws:8.1f} ms ({draws / count:.3f} a draw)"
    if not large:
        every = least(lambda: combined(asked, adding(asked, range(len(asked.ensemble.units))), "value_added"), 4)
        line += f"  256 combinations {every:8.1f} ms"
        moved = {lever: 0.3 + 0.05 * at for at, lever in enumerate(LEVERS)}
        line += f"  a slider's point {least(lambda: point(pull(asked, moved)), 6):8.1f} ms"
        names = list(asked.supposed.levers["renewal"].parameters) + list(asked.supposed.levers["digital"].parameters)
        assert len(names) == 12
        unit = asked.ensemble.units[-1] if SIZES[size][0] <= 10 else asked.ensemble.units[0]
        design = least(lambda: effects(asked, names[:-1], units=[unit], outcome="value_added", base=1024), 1)
        line += f"  Sobol 12 x 1024, {'all' if unit == 'zz:all' else 'a county'} {design / 1e3:6.2f} s"
    if size == "10x15":
        fan(run(asked, draws=5000))  # under each of two weightings
        line += "  10,000 draws and fans"
    print(line + f"  peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB", flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "--one":
        measure(*sys.argv[2:])
    else:
        for asked in sys.argv[1:] or SIZES:
            for closure in CLOSURES:
                alone = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
                subprocess.run([sys.executable, __file__, "--one", asked, closure], env=alone, check=True)
