"""How the cost of the feasible set grows: made sets of 10 x 15, 100 x 40 and 500 x 40 counties by sectors.

Run by hand, never with the tests: ``python tests/benchmarks/bounds.py [SIZE ...]``. Every size is a fresh process
with one BLAS thread. A made set has the shape of the real ones: one total, shares of groups of sectors, ceilings of
some counties, floors of some cells, value-added rates in ranges. ``plain`` is one program of the same set as scipy
takes it without our reductions. Programs are timed on a sample of cells; a sweep moves 100 chains.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from itertools import product
from math import inf

import numpy as np

SIZES = {"10x15": (10, 15), "100x40": (100, 40), "500x40": (500, 40)}
SAMPLE, CHAINS, SWEEPS = 20, 100, 3


def made(places: int, sectors: int):
    """A set that surely holds one random matrix."""
    from tylib.bounds.constraints import Row, System

    rng = np.random.default_rng(0)
    names, codes = tuple(f"p{n}" for n in range(places)), tuple(f"s{n}" for n in range(sectors))
    empty = System("city", names, codes, tuple(product(names, codes)), {}, {}, ())
    count = len(empty.cells)
    output, rate = rng.exponential(size=count), rng.uniform(0.15, 0.3, sectors)
    added = output * np.tile(rate, places)
    rows = [Row("total", dict.fromkeys(range(count), 1.0), output.sum(), output.sum())]
    for cell in range(count):
        for share, low, high in ((0.6, 0.0, inf), (1.25, -inf, 0.0)):
            rows.append(Row("rate", {count + cell: 1.0, cell: -share * rate[cell % sectors]}, low, high))
    for start in range(0, sectors, 5):
        members = [count + cell for cell in range(count) if start <= cell % sectors < start + 5]
        amount = sum(added[at - count] for at in members)
        rows.append(Row("group", dict.fromkeys(members, 1.0), 0.9 * amount, 1.1 * amount))
    for place in range(places // 3):
        own = range(place * sectors, (place + 1) * sectors)
        rows.append(Row("county", {count + cell: 1.0 for cell in own}, -inf, 1.5 * added[list(own)].sum()))
    for cell in rng.choice(count, places, replace=False).tolist():
        rows.append(Row("floor", {cell: 1.0}, 0.5 * output[cell], inf))
    return empty.also(rows)


def plain(system, form) -> None:
    """The same program without reductions."""
    from scipy.optimize import linprog
    from scipy.sparse import vstack

    left, (low, high) = system.matrix(), system.ends()
    below, above = np.isfinite(high), np.isfinite(low)
    sides = vstack([left[below], -left[above]], format="csr")
    linprog(-form, sides, np.concatenate([high[below], -low[above]]), method="highs")


def measure(size: str) -> None:
    from tylib.bounds import moves, walk
    from tylib.bounds.programs import Programs

    places, sectors = SIZES[size]
    system, rng = made(places, sectors), np.random.default_rng(1)
    began = time.perf_counter()
    solver = Programs(system)
    ready = time.perf_counter() - began
    forms = [system.form("output", [system.places[rng.integers(places)]], [system.sectors[rng.integers(sectors)]])
             for _ in range(SAMPLE)]  # fmt: skip
    began = time.perf_counter()
    for form in forms:
        solver.least(form), solver.greatest(form)
    both = (time.perf_counter() - began) / SAMPLE
    began = time.perf_counter()
    plain(system, forms[0])
    bare = time.perf_counter() - began
    line = (
        f"{size:>7}  ready {ready:7.2f} s  a cell, both ends {1e3 * both:8.2f} ms  all {both * places * sectors:8.1f} s"
    )
    line += f"  plain program {1e3 * bare:8.1f} ms"
    if places * sectors <= 4000:
        began = time.perf_counter()
        inside = walk.reduced(solver.left, solver.low, solver.high)
        sizes = np.ones(len(system.cells))
        walkers = walk.Walkers(
            inside, np.repeat(inside.at[:, None], CHAINS, axis=1), rng, moves.moves(solver, sizes, rng)
        )
        prepared = time.perf_counter() - began
        began = time.perf_counter()
        walkers.sweep(SWEEPS)
        line += f"  draws ready {prepared:6.1f} s, a sweep {1e3 * (time.perf_counter() - began) / SWEEPS:8.1f} ms"
    print(line + f"  peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB", flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--one":
        measure(sys.argv[2])
    else:
        for asked in sys.argv[1:] or SIZES:
            alone = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
            subprocess.run([sys.executable, __file__, "--one", asked], env=alone, check=True)
