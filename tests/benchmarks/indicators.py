"""How fast the indicators are beside their peers and beside the barest code for the same numbers.

Run by hand, never with the tests: ``pip install .[bench]``, then ``python tests/benchmarks/indicators.py [JOB ...]``.
Every run is a fresh process with one BLAS thread; ours and the others take turns; the best of the turns counts, ratios
come from the same turns. ``floor`` is plain numpy for the same result. Peak memory is that of the process. What a side
is given (arrays to kernels, frames to frame functions, its own tables to a peer) is made before its clock starts.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

RNG = np.random.default_rng(0)
Side = Callable[[], object] | tuple[Callable[[], object], Callable[[object], object]]
"""What is timed; or what makes its input, anew before every run, and what is timed with it."""


def table(places: int, sectors: int) -> np.ndarray:
    """Output of places by sectors, heavy-tailed, with zeros."""
    slope = np.add.outer(np.linspace(2, -2, places), np.linspace(2, -2, sectors))
    return np.where(RNG.uniform(size=(places, sectors)) < 0.75, RNG.lognormal(slope, 2.0), 0.0)


def complexity(places: int, sectors: int, years: int) -> dict[str, Side]:
    X = [table(places, sectors) for _ in range(years)]

    def ours():
        from tylib.indicators import complexity as cx
        from tylib.indicators import product_space as space
        from tylib.indicators.specialisation import location_quotient

        kept = []
        for one in X:
            lq = location_quotient(one)
            M = cx.presence(lq)
            found = cx.indices(M, scale="places")
            phi = space.proximity(M)
            near = space.density(M, phi)
            kept.append((lq, found, near, *space.outlook(M, near, phi, found.raw)))
        return kept

    def floor():
        kept = []
        for e in X:
            lq = (e / e.sum(1, keepdims=True)) / (e.sum(0) / e.sum())
            M = (lq >= 1).astype(float)
            d, u = M.sum(1), M.sum(0)
            A = M / np.sqrt(d)[:, None] / np.sqrt(u)
            tall = places > sectors
            _, vectors = np.linalg.eigh(A.T @ A if tall else A @ A.T)
            kp = vectors[:, -2] / np.sqrt(u) if tall else (M / u).T @ (vectors[:, -2] / np.sqrt(d))
            kc = M @ kp / d
            C = M.T @ M
            phi = C / np.maximum(u[:, None], u)
            near = M @ (phi / phi.sum(1)[:, None]).T
            lacking = 1 - M
            coi = (lacking * near) @ kp
            cog = lacking * (lacking @ (phi * (kp / phi.sum(1))[:, None]))
            kept.append((lq, kc, kp, near, coi, cog))
        return kept

    def rows():
        import polars as pl

        place, sector = (axis.ravel() for axis in np.indices(X[0].shape))
        return pl.DataFrame({"place": place, "sector": sector, "value": X[0].ravel()})

    def framed(frame: object):
        from tylib.indicators.complexity import complexity

        return complexity(frame)

    def long():
        import pandas as pd

        place, sector = np.divmod(np.arange(places * sectors), sectors)
        parts = [pd.DataFrame({"t": y, "l": place, "p": sector, "v": one.ravel()}) for y, one in enumerate(X)]
        return pd.concat(parts)

    def peer(table: object, **options: bool):
        import contextlib
        import io
        import warnings

        from ecomplexity import ecomplexity

        names = {"time": "t", "loc": "l", "prod": "p", "val": "v"}
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            return ecomplexity(table, names, verbose=False, **options)

    def bare(table: object):
        return peer(table, check_logsupermodularity=False)

    # The frame function has fitness besides, and no density of each cell; its rows are of one year.
    frame = {"ours, frame": (rows, framed)} if years == 1 else {}
    return {"ours": ours, "floor": floor, **frame, "py-ecomplexity": (long, peer), "without check": (long, bare)}


def input_output(n: int) -> dict[str, Side]:
    A = RNG.uniform(size=(n, n)) * 1.4 / n
    Y = RNG.uniform(1, 5, (n, 1))
    x = np.linalg.solve(np.eye(n) - A, Y.sum(1))
    Z, F = A * x, RNG.uniform(size=(3, n))

    def ours():
        from tylib.indicators.input_output import accounts

        return accounts(Z, Y, F)

    def floor():
        from scipy.linalg import lu_factor, lu_solve

        out = Z.sum(1) + Y.sum(1)
        a, S = Z / out, F / out
        M = lu_solve(lu_factor(np.eye(n) - a, check_finite=False), S.T, trans=1, check_finite=False).T
        return out, a, S, M, M * Y[:, 0]

    def rows():
        import polars as pl

        names = [f"{k}" for k in range(n)]
        columns = {f"use_{name}": Z[:, k] for k, name in enumerate(names)}
        return pl.DataFrame({"io_sector": names, "gross_output": x, **columns})

    def frame(table: object):
        from tylib.indicators.input_output_tables import multiplier_table

        return multiplier_table(table)

    def system():
        import pandas as pd
        import pymrio

        index = pd.MultiIndex.from_product([["r"], [str(k) for k in range(n)]], names=["region", "sector"])
        final = pd.MultiIndex.from_product([["r"], ["y"]], names=["region", "category"])
        stressor = pd.Index(["a", "b", "c"], name="stressor")
        made = pymrio.IOSystem(Z=pd.DataFrame(Z, index, index), Y=pd.DataFrame(Y, index, final))
        made.env = pymrio.Extension("env", F=pd.DataFrame(F, stressor, index))
        return made

    def peer(made: object):
        return made.calc_all()

    return {"ours": ours, "floor": floor, "ours, frame": (rows, frame), "pymrio": (system, peer)}


def decision(units: int, indicators: int) -> dict[str, Callable[[], object]]:
    X = RNG.lognormal(size=(units, indicators))

    def ours():
        from tylib.indicators.composite import topsis
        from tylib.indicators.weighting import entropy_weights

        return topsis(X, entropy_weights(X))

    def floor():
        p = X / X.sum(0)
        e = -np.einsum("ij,ij->j", p, np.log(p)) / np.log(units)
        w = (1 - e) / (1 - e).sum()
        v = X * (w / np.sqrt(np.einsum("ij,ij->j", X, X)))
        best, worst = ((v - end) for end in (v.max(0), v.min(0)))
        up, down = (np.sqrt(np.einsum("ij,ij->i", q, q)) for q in (best, worst))
        return down / (up + down)

    def pymcdm():
        from pymcdm.methods import TOPSIS
        from pymcdm.normalizations import vector_normalization
        from pymcdm.weights import entropy_weights

        return TOPSIS(vector_normalization)(X, entropy_weights(X), np.ones(indicators))

    return {"ours": ours, "floor": floor, "pymcdm": pymcdm}


def ranks() -> dict[str, Callable[[], object]]:
    X = RNG.uniform(size=(51, 49))
    eight, three = np.arange(49) % 8, np.arange(8) % 3

    def ours():
        from tylib.indicators.composite import ranks as rank
        from tylib.indicators.robustness import Level, climb, drawn_weights

        sizes, generator = ((eight, 49), (three, 8), (np.zeros(3, dtype=int), 3)), np.random.default_rng(1)
        levels = [
            Level(group, drawn_weights(np.ones(n), draws=1000, generator=generator, spread=0.25)) for group, n in sizes
        ]
        return rank(climb(X, levels))

    def flat():
        weights = np.random.default_rng(1).dirichlet(np.ones(49), 1000)
        return np.argsort(np.argsort(-(weights @ X.T), axis=1), axis=1)

    return {"ours": ours, "floor": flat}


def sobol(inputs: int) -> dict[str, Callable[[], object]]:
    n = 1024
    Y = RNG.normal(size=n * (inputs + 2))
    blocks = Y.reshape(n, inputs + 2).T

    def ours():
        from tylib.indicators.robustness import sobol, sobol_errors

        a, b, ab = blocks[0], blocks[-1], blocks[1:-1]
        return sobol(a, b, ab), sobol_errors(a, b, ab, resamples=100, generator=np.random.default_rng(0))

    def floor():
        a, b, ab = blocks[0], blocks[-1], blocks[1:-1]
        times = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), 100).astype(float)
        terms = np.vstack([b * (ab - a), (ab - a) ** 2 / 2, a + b, a**2 + b**2]) @ times.T / n
        V = terms[-1] / 2 - (terms[-2] / 2) ** 2
        return (terms[:inputs] / V).std(1), (terms[inputs : 2 * inputs] / V).std(1)

    def peer():
        from SALib.analyze import sobol as salib

        problem = {"num_vars": inputs, "names": [str(k) for k in range(inputs)], "bounds": [[0, 1]] * inputs}
        return salib.analyze(problem, Y, calc_second_order=False, num_resamples=100, seed=0)

    return {"ours": ours, "floor": floor, "SALib": peer}


def quotients() -> dict[str, Callable[[], object]]:
    import polars as pl

    X = table(3000, 700)
    rows, columns = np.divmod(np.arange(X.size), X.shape[1])
    long = pl.DataFrame({"place": rows, "sector": columns, "value": X.ravel()})

    def ours():
        from tylib.indicators.specialisation import location_quotients

        return location_quotients(long, kin=False)

    def whole():
        from tylib.indicators.specialisation import location_quotients

        return location_quotients(long)

    def window():
        total = pl.col("value").sum()
        return long.with_columns(lq=(pl.col("value") / total.over("place")) / (total.over("sector") / total))

    def windows():
        lq, mean = pl.col("lq"), pl.col("lq").mean().over("sector")
        kin = {"symmetric": (lq - 1) / (lq + 1), "logarithm": pl.when(lq > 0).then(lq.log()), "present": lq >= 1}
        kin["standardised"] = (lq - mean) / lq.std(ddof=0).over("sector")
        return window().lazy().with_columns(**kin).sort("place", "sector").collect()

    return {"ours": ours, "floor": window, "ours, with kin": whole, "floor, with kin": windows}


def shift() -> dict[str, Callable[[], object]]:
    e0, e1 = table(3000, 600), table(3000, 600)

    def ours():
        from tylib.indicators.shift_share import components

        return components(e0, e1, e0.sum(0), e1.sum(0))

    def floor():
        E0, E1 = e0.sum(0), e1.sum(0)
        G, g = E1.sum() / E0.sum() - 1, E1 / E0 - 1
        national, mix = e0 * G, e0 * (g - G)
        regional = e1 - e0 * (1 + g)
        with np.errstate(divide="ignore", invalid="ignore"):
            own = e0.sum(1, keepdims=True) * E0 / E0.sum() * np.where(e0 > 0, e1 / e0 - 1 - g, 0)
        return national, mix, regional, own, regional - own

    def frames():
        import polars as pl

        from tylib.indicators.shift_share import shift_share

        place, sector = (axis.ravel() for axis in np.indices(e0.shape))
        long = pl.DataFrame({"place": place, "sector": sector, "value": e0.ravel(), "end": e1.ravel()})
        both = [long.select("place", "sector", year=pl.lit(y), value=v) for y, v in ((2020, "value"), (2024, "end"))]
        whole = [
            pl.DataFrame({"sector": range(600), "year": y, "value": e.sum(0)}) for y, e in ((2020, e0), (2024, e1))
        ]
        frame, reference = pl.concat(both), pl.concat(whole)

        def ours():
            return shift_share(frame, reference, start=2020, end=2024)

        def expressions():
            keys = ["place", "sector"]
            wide = frame.pivot("year", index=keys, values="value").rename({"2020": "e0", "2024": "e1"})
            total = reference.pivot("year", index="sector", values="value").rename({"2020": "E0", "2024": "E1"})
            e, f, E, F = pl.col("e0"), pl.col("e1"), pl.col("E0"), pl.col("E1")
            G, g = total["E1"].sum() / total["E0"].sum() - 1, F / E - 1
            own = e.sum().over("place") * E / total["E0"].sum() * pl.when(e > 0).then(f / e - 1 - g).otherwise(0)
            joined = (
                wide.lazy()
                .join(total.lazy(), on="sector")
                .with_columns(national=e * G, mix=e * (g - G), regional=f - e * (1 + g), competitive=own)
            )
            return joined.with_columns(allocation=pl.col("regional") - pl.col("competitive")).sort(keys).collect()

        return ours, expressions

    framed, expressions = frames()
    return {"ours": ours, "floor": floor, "ours, frame": framed, "polars, frame": expressions}


def decomposition() -> dict[str, Callable[[], object]]:
    x = RNG.lognormal(size=(20, 4, 3000, 40))

    def ours():
        from tylib.indicators.carbon import lmdi

        return [lmdi(x[year], x[year + 1]) for year in range(19)]

    def floor():
        kept = []
        for year in range(19):
            x0, x1 = x[year], x[year + 1]
            c0, c1 = x0.prod(0), x1.prod(0)
            log = np.log(x1 / x0)
            kept.append(((c1 - c0) / log.sum(0) * log).sum(-1))
        return kept

    return {"ours": ours, "floor": floor}


def inequality() -> dict[str, Callable[[], object]]:
    x, groups = RNG.lognormal(size=100_000), RNG.integers(0, 20, 100_000)

    def ours():
        from tylib.indicators.concentration import gini, theil_parts

        return theil_parts(x, groups), gini(x)

    def floor():
        q = x / x.sum()
        n, Q = np.bincount(groups) / len(x), np.bincount(groups, q)
        ordered = np.sort(x)
        gini = 2 * (np.arange(1, len(x) + 1) @ ordered) / (len(x) * ordered.sum()) - 1 - 1 / len(x)
        return (q * np.log(q * len(x))).sum(), (Q * np.log(Q / n)).sum(), gini

    def peer():
        from inequality.gini import Gini
        from inequality.theil import TheilD

        return TheilD(x, groups), Gini(x)

    return {"ours": ours, "floor": floor, "inequality": peer}


def extraction() -> dict[str, Callable[[], object]]:
    n = 500
    A = RNG.uniform(size=(n, n)) * 1.4 / n
    x = np.linalg.solve(np.eye(n) - A, np.ones(n))

    def ours():
        from tylib.indicators import input_output as io

        return io.extraction(io.inverse(io.factor(A)), x)

    def floor():
        L = np.linalg.inv(np.eye(n) - A)
        return x * L.sum(0) / L.diagonal()

    return {"ours": ours, "floor": floor}


JOBS: dict[str, Callable[[], dict[str, Side]]] = {
    "complexity 300 x 100": lambda: complexity(300, 100, 1),
    "complexity 3000 x 600": lambda: complexity(3000, 600, 1),
    "complexity 3000 x 600 x 20": lambda: complexity(3000, 600, 20),
    "input-output 42": lambda: input_output(42),
    "input-output 500": lambda: input_output(500),
    "input-output 2000": lambda: input_output(2000),
    "entropy and TOPSIS 100 x 20": lambda: decision(100, 20),
    "entropy and TOPSIS 10 000 x 50": lambda: decision(10_000, 50),
    "entropy and TOPSIS 1 000 000 x 20": lambda: decision(1_000_000, 20),
    "1000 rank draws 51 x 49, three levels": ranks,
    "Sobol 8": lambda: sobol(8),
    "Sobol 12": lambda: sobol(12),
    "Sobol 20": lambda: sobol(20),
    "location quotients, 2.1 million rows": quotients,
    "shift-share 3000 x 600": shift,
    "LMDI 19 x 3000 x 40 x 4": decomposition,
    "Theil by groups and Gini, 100 000": inequality,
    "extraction of each of 500": extraction,
}
LARGE = {"complexity 3000 x 600 x 20", "entropy and TOPSIS 1 000 000 x 20"}
"""Minutes and gigabytes with the peer: only when named."""


def over_draws() -> dict[str, Callable[[], object]]:
    """Each indicator over 1,000 draws of 10 places by 15 sectors at once; frames have a row a draw, place, sector."""
    import polars as pl

    from tylib.indicators import (
        capital,
        carbon,
        clusters,
        composite,
        concentration,
        convergence,
        decision,
        input_output,
        input_output_tables,
        iterations,
        normalisation,
        product_space,
        regional_tables,
        robustness,
        shift_share,
        specialisation,
        treatment,
        weighting,
    )
    from tylib.indicators import complexity as cx

    X, Y = RNG.lognormal(size=(2, 1000, 10, 15))
    M, people = (X > 1).astype(float), RNG.uniform(1, 5, (1000, 10))
    A = RNG.uniform(size=(1000, 15, 15)) * 0.05
    T, total = np.swapaxes(X, 1, 2), np.broadcast_to(X.sum(2)[:, None], (1000, 15, 10))
    draw, place, sector = (axis.ravel() for axis in np.indices(X.shape))
    long = pl.DataFrame({"draw": draw, "place": place, "sector": sector, "value": X.ravel()})
    both = pl.concat([long.with_columns(year=2020), long.with_columns(year=2024, value=pl.col("value") * 1.1)])
    whole = both.group_by("sector", "year").agg(pl.col("value").sum())
    values = long.with_columns(indicator=pl.format("{}", "sector"))
    parts = pl.DataFrame({"indicator": [f"{j}" for j in range(15)], "direction": 1, "weight": 1.0})
    uses = {f"use_{j}": (A * X[:, 0].sum(axis=-1)[:, None, None])[..., j].ravel() for j in range(15)}
    made = np.repeat(X[:, 0].sum(axis=-1), 15)
    keys = {"draw": np.repeat(np.arange(1000), 15), "io_sector": [f"{j}" for j in range(15)] * 1000}
    tables = pl.DataFrame({**keys, "gross_output": made, **uses})
    near = product_space.proximity(M)
    dense = product_space.density(M, near)
    raw = cx.indices(M).raw
    return {
        "location_quotient": lambda: specialisation.location_quotient(X),
        "standardised": lambda: specialisation.standardised(X),
        "delta_interval": lambda: specialisation.delta_interval(X),
        "krugman": lambda: specialisation.krugman(X),
        "herfindahl": lambda: specialisation.herfindahl(X),
        "entropy": lambda: specialisation.entropy(X),
        "mean_quotient (Hachman)": lambda: specialisation.mean_quotient(X),
        "gini": lambda: concentration.gini(X),
        "locational_gini": lambda: concentration.locational_gini(T, total),
        "theil_parts": lambda: concentration.theil_parts(X, np.arange(15) % 3),
        "hoover": lambda: concentration.hoover(T, total),
        "variation (Williamson)": lambda: concentration.variation(X[..., 0], people),
        "ellison_glaeser": lambda: clusters.ellison_glaeser(T, total, np.full((1000, 15), 0.1)),
        "coagglomeration": lambda: clusters.coagglomeration(T, total[:, 0], np.full((1000, 15), 0.1)),
        "cluster_index": lambda: clusters.cluster_index(X, Y, people, people),
        "components (shift-share)": lambda: shift_share.components(
            X, Y, X.sum(1, keepdims=True), Y.sum(1, keepdims=True)
        ),
        "sigma, beta": lambda: (convergence.sigma(X[..., 0]), convergence.beta(X[..., 0], Y[..., 0], years=4)),
        "indices (ECI, PCI)": lambda: cx.indices(M),
        "fitness": lambda: iterations.fitness(M),
        "proximity": lambda: product_space.proximity(M),
        "density": lambda: product_space.density(M, near),
        "outlook (COI, COG)": lambda: product_space.outlook(M, dense, near, raw),
        "normalise (six ways)": lambda: [
            normalisation.normalise(X, method=method)
            for method in normalisation.NORMALISATIONS
            if method not in ("goalposts", "target")
        ],
        "entropy_weights": lambda: weighting.entropy_weights(X),
        "critic_weights": lambda: weighting.critic_weights(X),
        "principal": lambda: weighting.principal(X),
        "topsis": lambda: composite.topsis(X, np.ones(15)),
        "compromise (VIKOR)": lambda: decision.compromise(X, np.ones(15)),
        "ranks": lambda: composite.ranks(X[..., 0]),
        "climb": lambda: robustness.climb(X, [robustness.Level(np.zeros(15, dtype=int), np.ones(15))]),
        "multipliers_of_many": lambda: input_output.multipliers_of_many(A),
        "inverse, spread, extraction": lambda: (
            input_output.spread(L := input_output.inverse_of_many(A)),
            input_output.extraction(L, X[:, 0]),
        ),
        "winsorise": lambda: treatment.winsorise(X),
        "home_shares (FLQ)": lambda: regional_tables.home_shares(X[:, 0], X.sum(1)),
        "ras": lambda: regional_tables.ras(X, Y.sum(2), Y.sum(1)),
        "lmdi": lambda: carbon.lmdi(np.stack([X, Y]), np.stack([Y, X])),
        "perpetual_inventory": lambda: capital.perpetual_inventory(X, depreciation=0.06, growth=0.02),
        "growth_accounting": lambda: capital.growth_accounting(X, Y, X, alpha=0.4),
        "frame: location_quotients": lambda: specialisation.location_quotients(long, by=["draw"]),
        "frame: specialisation": lambda: specialisation.specialisation(long, by=["draw"]),
        "frame: concentration": lambda: concentration.concentration(long, by=["draw"]),
        "frame: shift_share": lambda: shift_share.shift_share(
            both, whole, start=2020, end=2024, by=["draw"], totals=True
        ),
        "frame: opportunities": lambda: product_space.opportunities(long, by=["draw"]),
        "frame: proximities": lambda: product_space.proximities(long, by=["draw"]),
        "frame: complexity": lambda: cx.complexity(long, by=["draw"], least=10),
        "frame: composite_index": lambda: composite.composite_index(values, parts, by=["draw"]),
        "frame: rank_intervals": lambda: robustness.rank_intervals(values, parts, by=["draw"], seed=1, draws=100),
        "frame: multiplier_table": lambda: input_output_tables.multiplier_table(tables, by=["draw"]),
    }


def growing() -> dict[str, Callable[[int], Callable[[], object]]]:
    """One job a family by its size: tables of so many places, or square ones of so many sectors."""
    from tylib.indicators import (
        carbon,
        clusters,
        composite,
        concentration,
        convergence,
        input_output,
        product_space,
        regional_tables,
        shift_share,
        specialisation,
        weighting,
    )
    from tylib.indicators import complexity as cx

    def places(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        X, Y = RNG.lognormal(size=(2, n, 50))
        return X, Y, (X > 1).astype(float)

    def square(n: int) -> np.ndarray:
        return RNG.uniform(size=(n, n)) / n

    def on_places(work: Callable[..., object]) -> Callable[[int], Callable[[], object]]:
        def made(n: int) -> Callable[[], object]:
            tables = places(n)
            return lambda: work(*tables)

        return made

    def on_squares(work: Callable[..., object]) -> Callable[[int], Callable[[], object]]:
        def made(n: int) -> Callable[[], object]:
            A = square(n // 20)
            return lambda: work(A)

        return made

    return {
        "specialisation": on_places(lambda X, Y, M: specialisation.location_quotient(X)),
        "concentration": on_places(lambda X, Y, M: concentration.gini(X.T, Y.T)),
        "clusters": on_places(lambda X, Y, M: clusters.ellison_glaeser(X.T, Y.T, np.full(50, 0.1))),
        "shift-share": on_places(lambda X, Y, M: shift_share.components(X, Y, X.sum(0), Y.sum(0))),
        "convergence": on_places(lambda X, Y, M: convergence.beta(X.T, Y.T, years=5)),
        "complexity": on_places(lambda X, Y, M: cx.indices(M)),
        "product space": on_places(lambda X, Y, M: product_space.density(M, product_space.proximity(M))),
        "composite": on_places(lambda X, Y, M: composite.topsis(X, weighting.entropy_weights(X))),
        "energy and carbon": on_places(lambda X, Y, M: carbon.lmdi(np.stack([X, Y]), np.stack([Y, X]))),
        "input-output, n / 20": on_squares(lambda A: input_output.multipliers(input_output.factor(A))),
        "regional tables, n / 20": on_squares(lambda A: regional_tables.ras(A, A.sum(0), A.sum(1)[::-1])),
    }


def grow(sizes: tuple[int, ...] = (2000, 4000, 8000, 16000)) -> None:
    """Milliseconds of the processor at each size, and the power of n that the last doubling shows."""
    print(f"{'n':<26}" + "".join(f"{n:>10}" for n in sizes) + "     power")
    for name, made in growing().items():
        spent = []
        for n in sizes:
            work = made(n)
            work()
            spent.append(min(_spent(work)[1] for _ in range(5)))
        shown = "".join(f"{1000 * seconds:>10.2f}" for seconds in spent)
        print(f"{name:<26}{shown}{np.log2(spent[-1] / spent[-2]):>10.2f}")


def once(job: str, side: str) -> None:
    """One run in this process: best seconds of some, and what memory the work added to the data."""
    work = JOBS[job]()[side]
    _spent(work)
    runs: list[tuple[float, float]] = []
    # Three runs at least, but of what takes half a minute one is enough.
    while sum(wall for wall, _ in runs) < (0.3 if len(runs) > 2 else 30):
        runs.append(_spent(work))
    wall, cpu = (min(side) for side in zip(*runs, strict=True))
    print(json.dumps({"seconds": wall, "cpu": cpu, "megabytes": _peak()}))


def _peak() -> float:
    """Megabytes at most; Linux counts in ``ru_maxrss`` what the process was before it became this one, so not that."""
    try:
        with open("/proc/self/status", encoding="utf-8") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _spent(work: Side) -> tuple[float, float]:
    """Seconds of one run, and those of the processor, which are not lengthened by others on the machine."""
    make, run = work if isinstance(work, tuple) else (None, work)
    given = [make()] if make else []
    wall, cpu = time.perf_counter(), time.process_time()
    run(*given)
    return time.perf_counter() - wall, time.process_time() - cpu


def turn(job: str, side: str) -> dict[str, float] | str:
    """The same in a fresh process; a word where the side is not installed."""
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, __file__, "--once", side, job]
    ran = subprocess.run(command, capture_output=True, text=True, env=os.environ | threads, check=False)
    return json.loads(ran.stdout) if ran.returncode == 0 else ran.stderr.strip().splitlines()[-1]


def main() -> None:
    read = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    read.add_argument("jobs", nargs="*", metavar="JOB", help="part of a name; all but the large ones without any")
    read.add_argument("--turns", type=int, default=3)
    read.add_argument("--once", metavar="SIDE", help=argparse.SUPPRESS)
    read.add_argument("--draws", action="store_true", help="each indicator over 1,000 draws of 10 by 15, and no peers")
    read.add_argument("--growth", action="store_true", help="each family at n doubled, and no peers")
    asked = read.parse_args()
    if asked.growth:
        return grow()
    if asked.draws:
        for name, work in over_draws().items():
            best = min(_spent(work)[1] for _ in range(5))
            print(f"{name:<28}{1000 * best:>9.1f} ms")
        return None
    if asked.once:
        return once(asked.jobs[0], asked.once)
    for job, sides in JOBS.items():
        if not (any(part in job for part in asked.jobs) if asked.jobs else job not in LARGE):
            continue
        found: dict[str, list[dict[str, float]]] = {}
        missing: dict[str, str] = {}
        for _ in range(asked.turns):
            for side in [name for name in sides() if name not in missing]:
                got = turn(job, side)
                if isinstance(got, str):
                    missing[side] = got
                else:
                    found.setdefault(side, []).append(got)
        best = {side: min(one["seconds"] for one in runs) for side, runs in found.items()}
        busy = {side: min(one["cpu"] for one in runs) for side, runs in found.items()}
        print(f"{job:<18}{'wall':>11}{'CPU':>14}{'peak':>11}{'wall':>10}{'CPU':>8}")
        for side, seconds in best.items():
            memory = min(one["megabytes"] for one in found[side])
            shown = f"{1000 * seconds:>12.3f} ms{1000 * busy[side]:>11.3f} ms{memory:>8.0f} MB"
            print(f"  {side:<16}{shown}{seconds / best['ours']:>8.2f}{busy[side] / busy['ours']:>8.2f} x ours")
        for side, word in missing.items():
            print(f"  {side:<16}not run: {word}")


if __name__ == "__main__":
    main()
