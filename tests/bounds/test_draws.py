"""Draws: distributions with known answers, feasibility, reproducibility, the cache, what may be said of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy.sparse import csr_array

from tylib import bounds as feasible
from tylib.bounds import sampling, walk
from tylib.bounds.programs import Programs
from tylib.errors import ParameterError
from tylib.indicators import specialisation
from tylib.store import open_city
from tylib.store.kept import arrays, digest
from tylib.store.params import bounds_suppositions

from .conftest import row, simplex, small

MODULE = __import__("sys").modules["tylib.bounds.sampling"]


@pytest.fixture
def few(city, monkeypatch):
    """The project's suppositions with few draws of few chains, so that a test takes seconds."""
    supposed = bounds_suppositions(city)
    monkeypatch.setattr(MODULE, "APART", 6)
    monkeypatch.setattr(MODULE, "TRIES", 1)
    small_ = {name: getattr(supposed, name).model_copy(update={"value": value, "low": 1.0})
              for name, value in (("draws", 60), ("chains", 10))}  # fmt: skip
    return supposed.model_copy(update=small_)


def chains(left, low, high, count=400, seed=3, moves=None):
    inside = walk.reduced(csr_array(np.atleast_2d(left)), np.array(low, float), np.array(high, float))
    rng = np.random.default_rng(seed)
    walkers = walk.Walkers(inside, np.repeat(inside.at[:, None], count, axis=1), rng, moves)
    walk.uniform(walkers)
    return walkers


def test_a_box_is_filled_evenly():
    walkers = chains(np.eye(2), [0.0, 0.0], [1.0, 4.0])
    points = walkers.sweep(400, keep=20).reshape(2, -1)
    assert points.mean(axis=1) == pytest.approx([0.5, 2.0], rel=0.03)
    assert points.var(axis=1) == pytest.approx([1 / 12, 16 / 12], rel=0.05)
    quarters = np.histogram(points[0], bins=4, range=(0, 1))[0] / points.shape[1]
    assert quarters == pytest.approx([0.25] * 4, abs=0.02)


@pytest.mark.parametrize("many", [3, 12])
def test_a_simplex_has_the_moments_of_dirichlet(many):
    """Uniform on x >= 0, sum x = 1: mean 1/n, variance (n - 1) / (n^2 (n + 1))."""
    pairs = [(a, b) for a in range(many) for b in range(many) if a != b]
    moves = np.zeros((many, len(pairs)))
    for at, (a, b) in enumerate(pairs):
        moves[[a, b], at] = 1.0, -1.0
    for taken in (None, csr_array(moves)):
        points = chains(np.ones(many), [1.0], [1.0], moves=taken).sweep(300, keep=20).reshape(many, -1)
        assert points.mean(axis=1) == pytest.approx(np.full(many, 1 / many), rel=0.06)
        assert points.var(axis=1) == pytest.approx(np.full(many, (many - 1) / many**2 / (many + 1)), rel=0.12)
        assert np.abs(points.sum(axis=0) - 1).max() < 1e-12
        assert points.min() >= 0


def test_an_uneven_set_against_plain_rejection():
    rng = np.random.default_rng(0)
    left, high = np.array([[1.0, 2.0, 0.5], [2.0, 0.3, 1.0]]), np.array([2.0, 1.5])
    thrown = rng.random((400_000, 3)) * [0.75, 1.0, 1.5]
    kept = thrown[(thrown @ left.T <= high).all(axis=1)]
    points = chains(left, [-np.inf, -np.inf], high).sweep(400, keep=20).reshape(3, -1)
    assert points.mean(axis=1) == pytest.approx(kept.mean(axis=0), rel=0.04)
    assert np.cov(points) == pytest.approx(np.cov(kept.T), rel=0.1, abs=2e-3)


def test_a_tilted_interval_is_a_truncated_exponential():
    walkers = chains(np.eye(1), [0.0], [1.0])
    sample = walkers.sweep(20, keep=20).reshape(1, -1)
    walk.tilt(walkers, sample, np.eye(1), np.array([0.7]))
    slope, points = walkers.slope[0], walkers.sweep(200, keep=40).ravel()
    assert points.mean() == pytest.approx(1 / (1 - np.exp(-slope)) - 1 / slope, abs=0.01)
    assert points.mean() == pytest.approx(0.7, abs=0.06)


def test_what_only_rows_together_fix_is_fixed():
    """x + y <= 1 and x + y >= 1 as two rows; and z <= 0."""
    inside = walk.reduced(csr_array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
                          np.array([-np.inf, 1.0, -np.inf]), np.array([1.0, np.inf, 0.0]))  # fmt: skip
    assert inside.basis.shape[1] == 1
    assert inside.at @ [1, 1, 0] == pytest.approx(1.0) and inside.at[2] == pytest.approx(0.0, abs=1e-12)


def test_mixing_is_told_apart():
    rng = np.random.default_rng(0)
    good = rng.standard_normal((40, 20, 1))
    stuck = good + np.arange(20)[None, :, None]
    slow = np.cumsum(good, axis=0)
    rhat, ess = walk.converged(np.concatenate([good, stuck, slow, np.ones_like(good)], axis=2))
    assert rhat[0] < 1.02 and rhat[1] > 2 and rhat[2] > 1.1 and rhat[3] == 1.0
    assert ess[0] > 500 and ess[2] < 200


def test_draws_are_feasible_and_reproducible(own, few):
    system, sizes = own[3], np.full(10, 0.1)
    first = sampling.drawn(system, few, sizes)
    tilted = sampling.drawn(system, few, sizes, lambda: first)
    left, (low, high) = system.matrix(), system.ends()
    for found in (first, tilted):
        points = found["points"]
        assert points.shape == (60, system.unknowns) and points.min() >= 0
        sides = left @ points.T
        assert max((low[:, None] - sides).max(), (sides - high[:, None]).max()) < 1e-9
    again = sampling.drawn(system, few, sizes)
    assert np.array_equal(first["points"], again["points"])
    other = few.model_copy(update={"seed": few.seed.model_copy(update={"value": 7.0})})
    assert not np.array_equal(first["points"], sampling.drawn(system, other, sizes)["points"])
    assert not np.allclose(first["points"].mean(axis=0), tilted["points"].mean(axis=0), rtol=0.01)


def test_draws_lie_within_the_bounds(own, few):
    points = sampling.drawn(own[2], few, np.full(10, 0.1))["points"]
    solver = Programs(own[2])
    for place, sector in (("140108", "S08"), ("140110", "S01"), ("140121", "S03")):
        form = own[2].form("output", [place], [sector])
        assert solver.least(form).value - 1e-6 <= (points @ form).min()
        assert (points @ form).max() <= solver.greatest(form).value + 1e-6


def test_the_nearest_point_has_its_closed_form():
    """Without other rows than the total, it is the reference itself, scaled."""
    system = simplex(2, 2, 8.0)
    amounts = np.array([1.0, 2.0, 3.0, 4.0])
    forms = [system.form("output", [p], [s]) for p in system.places for s in system.sectors]
    found = sampling.nearest(Programs(system), list(zip(forms, amounts, strict=True)))
    assert found[:4] == pytest.approx(8.0 * amounts / 10, abs=0.15)


def test_nothing_is_drawn_from_a_set_without_bounds(few):
    open_ = small(1, 2).also([row("floor", {0: 1.0}, 1.0)])
    with pytest.raises(ParameterError, match="without bounds"):
        sampling.drawn(open_, few, np.ones(1))


def test_what_is_kept_is_never_stale(tmp_path, made_city):
    city, made = replace(made_city, home=tmp_path), []

    def make():
        made.append(1)
        return {"x": np.arange(3.0)}

    for key in ("a", "a", "b", "a"):
        assert arrays(city, "thing", digest(key), make)["x"].tolist() == [0.0, 1.0, 2.0]
    assert len(made) == 2
    for path in (tmp_path / "cache").glob("thing-*"):
        path.write_bytes(path.read_bytes()[:40])  # a file cut short is made again
    assert arrays(city, "thing", digest("a"), make)["x"].tolist() == [0.0, 1.0, 2.0]
    assert len(made) == 3
    assert digest(walk) == digest(walk) != digest(MODULE)


def test_draws_are_kept_until_a_number_changes(city, few, tmp_path, monkeypatch):
    own = replace(open_city(city.root), home=tmp_path)
    monkeypatch.setattr(MODULE, "bounds_suppositions", lambda _city: few)
    counted, drawn = [], sampling.drawn
    monkeypatch.setattr(MODULE, "drawn", lambda *given: counted.append(1) or drawn(*given))
    first = feasible.draws(own, layer=2)
    assert np.array_equal(feasible.draws(own, layer=2).output, first.output) and len(counted) == 1
    feasible.draws(own, layer=2, switch={"F36": False})
    feasible.draws(own, layer=2, change={"F04": {"high": 5.0}})
    assert len(counted) == 3
    assert first.output.shape == (60, 10, 15) and first.points().shape == (60, first.output[0].size * 2 + 6)
    assert first.mixing.columns == ["figure", "rhat", "ess"]
    table = feasible.cells(first)
    assert table.height == 150 and table.filter(pl.col("low") > pl.col("high")).is_empty()


def test_implied_drawn_and_undecided_never_mix():
    holds = np.array([[1, 1, 1, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 0, 0]], dtype=bool)
    table = feasible.support((holds, holds), finding=0.9, low=np.array([5.0, 0.0, 0.0, 0.0]),
                             high=np.array([9.0, 9.0, np.nan, 9.0]), above=2.0)  # fmt: skip
    assert table["verdict"].to_list() == ["implied", "draws", "undecided", "draws"]
    assert table["holds"].to_list() == [True, True, None, False]
    assert table["uniform"].to_list() == [None, 1.0, 0.5, 0.0]
    below = feasible.support((holds, holds), finding=0.9, high=np.full(4, 1.5), above=2.0)
    assert below["verdict"].unique().to_list() == ["implied"] and not below["holds"].any()
    apart = feasible.support((holds, ~holds), finding=0.9)
    assert apart["verdict"].unique().to_list() == ["undecided"]


def test_where_no_draw_has_a_figure_there_is_none():
    table = feasible.summarise(
        np.array([[1.0, np.nan], [3.0, np.nan]]), pl.DataFrame({"unit": ["a", "b"]}), weighting="x"
    )
    assert table["median"].to_list() == [2.0, None] and table["defined"].to_list() == [1.0, 0.0]


def test_a_quotient_is_judged_by_its_bounds_first(city, few, monkeypatch):
    monkeypatch.setattr(MODULE, "bounds_suppositions", lambda _city: few)
    table = feasible.judged(city, quantity="location_quotient", above=1.0)
    proved = table.filter(pl.col("verdict") == "implied")
    assert proved.height and table.filter(pl.col("verdict") != "implied").height
    assert proved.filter(pl.col("holds") != (pl.col("low") > 1.0)).is_empty()
    assert proved.select("uniform", "tilted").null_count().row(0) == (proved.height,) * 2
    rest = table.filter((pl.col("verdict") == "draws") & pl.col("holds"))
    assert rest.filter(pl.min_horizontal("uniform", "tilted") < 0.9).is_empty()
    rows, drawn = feasible.system(city), feasible.draws(city)
    shares = feasible.values(rows, drawn, "share")
    assert shares.shape == (60, 150) and shares.reshape(60, 10, 15).sum(axis=2) == pytest.approx(1.0)
    assert feasible.values(rows, drawn, "output").shape[1] == 10 * 16 + 16


def test_indicators_pass_over_draws_without_a_loop(city, few, monkeypatch):
    monkeypatch.setattr(MODULE, "bounds_suppositions", lambda _city: few)
    output = feasible.draws(city).output
    for kernel in (specialisation.location_quotient, specialisation.krugman, specialisation.herfindahl):
        every = kernel(output)
        assert len(every) == 60
        assert every[7] == pytest.approx(kernel(output[7]))
