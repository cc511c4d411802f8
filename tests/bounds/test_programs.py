"""Linear programs: closed forms, another solver, every corner; what is infeasible is named."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import inf

import numpy as np
import pytest
from scipy.optimize import linprog

from tylib.bounds.intervals import figures
from tylib.bounds.programs import ContradictionError, Programs, conflict

from .conftest import row, simplex, small


def test_a_box_has_its_own_ends():
    box = small(1, 3).also([row(f"r{n}", {n: 1.0}, n, 10.0 + n) for n in range(3)])
    solver = Programs(box)
    for n in range(3):
        form = box.form("output", ["p0"], [f"s{n}"])
        assert (solver.least(form).value, solver.greatest(form).value) == pytest.approx((n, 10.0 + n))
        assert solver.greatest(form).binding == (f"r{n}",)
    assert solver.greatest(box.form("output")).value == pytest.approx(33.0)
    assert solver.greatest(box.form("value_added")).value == inf


def test_a_simplex_gives_each_cell_all_or_nothing():
    system = simplex(2, 3, 12.0)
    solver = Programs(system)
    for quantity, most in (("output", 12.0), ("value_added", 6.0)):
        form = system.form(quantity, ["p1"], ["s2"])
        assert (solver.least(form).value, solver.greatest(form).value) == pytest.approx((0.0, most))
    assert solver.least(form).binding == ()
    assert set(solver.greatest(form).binding) == {"total", "rate"}


def test_a_ratio_against_its_closed_form():
    """Two outputs between 1 and 3 and between 2 and 5: the first is between 1/6 and 3/5 of both."""
    box = small(1, 2).also([row("a", {0: 1.0}, 1.0, 3.0), row("b", {1: 1.0}, 2.0, 5.0)])
    solver, form, per = Programs(box), box.form("output", ["p0"], ["s0"]), box.form("output", ["p0"])
    assert solver.least(form, per=per).value == pytest.approx(1 / 6)
    assert solver.greatest(form, per=per).value == pytest.approx(3 / 5)


def test_a_ratio_over_nothing_is_undefined():
    none = small(1, 2).also([row("none", {0: 1.0, 1: 1.0}, 0.0, 0.0)])
    solver = Programs(none)
    assert np.isnan(solver.greatest(none.form("output", ["p0"], ["s0"]), per=none.form("output", ["p0"])).value)


def plain(system, cost):
    """The same program without any reduction, by the interior-point solver."""
    left, (low, high) = system.matrix().toarray(), system.ends()
    above, below = np.isfinite(low), np.isfinite(high)
    return linprog(cost, np.vstack([left[below], -left[above]]), np.concatenate([high[below], -low[above]]),
                   method="highs-ipm").fun  # fmt: skip


@pytest.mark.parametrize("layer", [2, 3])
def test_the_reduced_programs_agree_with_the_plain_ones(own, layer):
    system = own[layer]
    solver, rng = Programs(system), np.random.default_rng(layer)
    forms = [system.form("output", [system.places[p]], [system.sectors[s]]) for p, s in rng.integers(0, 10, (12, 2))]
    forms += [rng.standard_normal(system.unknowns) for _ in range(4)]
    for form in forms:
        assert solver.least(form).value == pytest.approx(plain(system, form), abs=1e-5, rel=1e-6)
        assert solver.greatest(form).value == pytest.approx(-plain(system, -form), abs=1e-5, rel=1e-6)


def test_every_corner_of_a_small_set_lies_between_the_ends_and_two_reach_them():
    rng = np.random.default_rng(5)
    system = small(1, 2).also([
        *(row("ceiling", {n: 1.0}, 0.0, 4.0) for n in range(4)),
        *(row("cut", dict(enumerate(rng.uniform(0.1, 1.0, 4))), -inf, 3.0) for _ in range(3)),
    ])  # fmt: skip
    left, (_, high) = system.matrix().toarray(), system.ends()
    faces, room = np.vstack([left, -np.eye(4)]), np.concatenate([high, np.zeros(4)])
    corners = []
    for chosen in combinations(range(len(faces)), 4):
        square = faces[list(chosen)]
        if abs(np.linalg.det(square)) > 1e-9:
            point = np.linalg.solve(square, room[list(chosen)])
            if (faces @ point <= room + 1e-9).all():
                corners.append(point)
    solver = Programs(system)
    for _ in range(10):
        form = rng.standard_normal(4)
        heights = np.array(corners) @ form
        assert (solver.least(form).value, solver.greatest(form).value) == pytest.approx((heights.min(), heights.max()))


def test_a_planted_contradiction_is_named_and_nothing_else():
    system = simplex(2, 2, 10.0).also([
        row("harmless", {0: 1.0}, 0.0, 9.0), row("floor a", {0: 1.0}, 6.0), row("floor b", {3: 1.0}, 5.0),
    ])  # fmt: skip
    with pytest.raises(ContradictionError) as caught:
        Programs(system)
    assert {found.name for found in caught.value.rows} == {"total", "floor a", "floor b"}
    assert caught.value.exit_code == 3
    for left_out in caught.value.rows:
        kept = [found for found in system.rows if found is not left_out]
        assert conflict(small(2, 2).also(kept)) == []


def test_a_cell_whose_rates_conflict_is_zero():
    count = 2
    system = small(1, 2).also([
        row("total", {0: 1.0, 1: 1.0}, 8.0, 8.0),
        row("at least", {count: 1.0, 0: -0.5}, 0.0), row("at most", {count: 1.0, 0: -0.3}, -inf, 0.0),
        row("within", {count + 1: 1.0, 1: -1.0}, -inf, 0.0),
    ])  # fmt: skip
    assert Programs(system).greatest(system.form("output", ["p0"], ["s0"])).value == 0.0
    assert Programs(system).least(system.form("output", ["p0"], ["s1"])).value == pytest.approx(8.0)


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_the_rows_that_are_named_hold_the_end_by_themselves(own, layer):
    """With no row but those named, each end comes out again: amounts of cells and totals, and location quotients."""
    system = own[layer]
    solver, rng = Programs(system), np.random.default_rng(layer)
    asked = [figure for figure in figures(system, ("output", "value_added", "location_quotient"))]
    for at in rng.choice(len(asked), 25, replace=False):
        *_, form, per, _ = asked[at]
        for name in ("least", "greatest"):
            end = getattr(solver, name)(form, per=per)
            if not end.binding or not np.isfinite(end.value):
                continue
            named = replace(system, rows=tuple(r for r in system.rows if r.name in end.binding), _index={})
            assert getattr(Programs(named), name)(form, per=per).value == pytest.approx(end.value, rel=1e-6), end


def test_a_ratio_names_the_rows_that_hold_it_and_no_other():
    """At most 3 of at least 10 are three tenths; how much value added comes of them does not matter."""
    empty = small(1, 2)
    rates = [row("rate", {2 + cell: 1.0, cell: -0.5}, 0.0, inf) for cell in range(2)]
    system = empty.also([row("cap", {0: 1.0}, 0.0, 3.0), row("total", {0: 1.0, 1: 1.0}, 10.0, 99.0), *rates])
    form, per = system.form("output", ["p0"], ["s0"]), system.form("output", ["p0"])
    found = Programs(system).greatest(form, per=per)
    assert found.value == pytest.approx(0.3) and found.binding == ("cap", "total")
