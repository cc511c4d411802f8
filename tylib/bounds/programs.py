"""Linear programs over a system: least and greatest value of anything linear, and of ratios of two linear forms.

Solved by HiGHS through :func:`scipy.optimize.linprog`. Two exact reductions make the programs small. A row that only
ties the value added of one cell to its output is no row: the pair is written as a non-negative combination of the two
edges of its cone. And unknowns with equal columns are one unknown: their sum. What is infeasible is answered with an
irreducible set of rows (Farkas, then one row left out at a time; Chinneck 2008, *Feasibility and Infeasibility in
Optimization*, ch. 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import inf, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from tylib.errors import DataError, RunError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scipy.sparse import csc_array, csr_array

    from tylib.bounds.constraints import Row, System

TINY = 1e-9  # below it a multiplier or an unknown of a solved program is zero
INFEASIBLE, UNBOUNDED = 2, 3
QUICK = {"presolve": False}  # presolving takes longer than solving programs of this size
DENSE = 200_000  # entries up to which a matrix is quicker to hand over in full
POINTS = 64  # corners that are remembered
MIX = (np.pi, np.e)


class ContradictionError(DataError):
    """The rows leave nothing: carries an irreducible set of rows that conflict."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = tuple(rows)
        named = "; ".join(dict.fromkeys(" ".join(filter(None, (r.name, r.title, r.place, r.sector))) for r in rows))
        super().__init__(
            f"no figures fit these rows together: {named}",
            where="feasible set",
            expected="rows that leave at least one set of figures",
            remedy="Without any one of them the others agree; switch one off or mend it.",
        )


@dataclass(frozen=True)
class Extreme:
    """One end of an interval: its value (infinite where nothing bounds it) and the rows that hold it there."""

    value: float
    binding: tuple[str, ...]


class Programs:
    """The programs of one system, prepared once.

    Raises:
        ContradictionError: The rows of the system conflict.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self._cones()
        self._seen: list[np.ndarray] = []
        if self._solve(np.zeros(len(self.edge_cell)), None, np.zeros(system.unknowns), None) is None:
            raise ContradictionError(conflict(system))

    def _cones(self) -> None:
        """Split the rows into cones of single cells and the rest, and write the rest over the edges of the cones."""
        from scipy.sparse import csc_array, csr_array

        count = len(self.system.cells)
        least, most = np.zeros(count), np.full(count, inf)
        self.holding: list[list[str]] = [["" for _ in range(count)] for _ in range(2)]
        rest = []
        for row in self.system.rows:
            cone = self._cone(row, count)
            if cone is None:
                rest.append(row)
                continue
            cell, slope, at_least = cone
            if at_least and slope > least[cell]:
                least[cell], self.holding[0][cell] = slope, row.name
            elif not at_least and slope < most[cell]:
                most[cell], self.holding[1][cell] = slope, row.name
        self.rest = tuple(rest)
        # An edge is a direction (output, value added); a cell whose cone is empty has none: it is zero.
        edges, self.edge_cell, self.edge_side = [], [], []
        for cell in range(count):
            if least[cell] > most[cell] + 1e-15:
                continue
            sides = [(1.0, least[cell])]
            if most[cell] == inf:
                sides.append((0.0, 1.0))
            elif most[cell] > least[cell]:
                sides.append((1.0, most[cell]))
            for side, (output, added) in enumerate(sides):
                edges += [(cell, len(self.edge_cell), output), (count + cell, len(self.edge_cell), added)]
                self.edge_cell.append(cell)
                self.edge_side.append(side)
        at = np.array([(i, j) for i, j, v in edges if v], dtype=np.int64).reshape(-1, 2)
        values = np.array([v for *_, v in edges if v], dtype=float)
        shape = (self.system.unknowns, len(self.edge_cell))
        self.edges: csr_array = csr_array((values, (at[:, 0], at[:, 1])), shape=shape)
        left = np.array([(n, j, v) for n, row in enumerate(rest) for j, v in row.terms.items()]).reshape(-1, 3)
        whole = csr_array((left[:, 2], (left[:, 0].astype(int), left[:, 1].astype(int))),
                          shape=(len(rest), self.system.unknowns))  # fmt: skip
        self.whole: csr_array = whole
        self.left: csc_array = csc_array(whole @ self.edges)
        self.left.sort_indices()
        self.low = np.array([row.low for row in rest], dtype=float)
        self.high = np.array([row.high for row in rest], dtype=float)

    @staticmethod
    def _cone(row: Row, count: int) -> tuple[int, float, bool] | None:
        """``cell, slope, whether value added is at least slope x output`` of a row that says just that."""
        added = [at for at in row.terms if at >= count]
        if len(added) != 1 or len(row.terms) > 2 or {row.low, row.high} not in ({0.0, inf}, {-inf, 0.0}):
            return None
        cell = added[0] - count
        if any(at not in (cell, added[0]) for at in row.terms):
            return None
        slope = -row.terms.get(cell, 0.0) / row.terms[added[0]]
        return (cell, slope, (row.terms[added[0]] > 0) == (row.low == 0)) if slope >= 0 else None

    @cached_property
    def _marks(self) -> np.ndarray:
        """A random projection of every column: equal columns have equal marks."""
        return np.random.default_rng(0).random(len(self.rest)) @ self.left

    @cached_property
    def _sides(self) -> tuple[Any, np.ndarray, Any, np.ndarray]:
        """``upper @ edges <= right`` and ``exact @ edges == wanted``; dense while that is quicker."""
        from scipy.sparse import vstack

        equal = self.low == self.high
        below, above = np.isfinite(self.high) & ~equal, np.isfinite(self.low) & ~equal
        self._owners = np.concatenate([np.flatnonzero(kind) for kind in (below, above, equal)])
        rows = self.left.tocsr()
        upper, exact = vstack([rows[below], -rows[above]], format="csc"), rows[equal].tocsc()
        if upper.shape[0] * upper.shape[1] <= DENSE:
            upper, exact = upper.toarray(), exact.toarray()
        return upper, np.concatenate([self.high[below], -self.low[above]]), exact, self.low[equal]

    def least(self, form: np.ndarray, *, per: np.ndarray | None = None) -> Extreme:
        """The least value of a linear form (a vector over the unknowns), or of its ratio to another, ``per``.

        A ratio is taken over the points at which ``per`` is above zero (Charnes and Cooper 1962).
        """
        return self._extreme(form, per, 1.0)

    def greatest(self, form: np.ndarray, *, per: np.ndarray | None = None) -> Extreme:
        """The greatest value; as :meth:`least`."""
        return self._extreme(form, per, -1.0)

    def corner(self, cost: np.ndarray) -> np.ndarray | None:
        """A point over the edges at which a cost of them is least; ``None`` where nothing bounds it."""
        return self.convex(cost[None], [(0, 0.0, 0.0, 1.0)], free=True)

    def convex(
        self, forms: np.ndarray, tangents: Sequence[tuple[int, float, float, float]], *, free: bool = False
    ) -> np.ndarray | None:
        """The point over the edges at which a sum of convex functions, one a form, given by tangents, is least.

        Args:
            forms: One row a form, over the edges.
            tangents: ``which form, place, value there, slope there``.
            free: Whether a function may fall below zero.
        """
        from scipy.optimize import linprog
        from scipy.sparse import csc_array, csr_array, hstack, vstack

        many, wide = len(forms), len(self.edge_cell)
        upper, right, exact, wanted = self._sides
        which = np.array([tangent[0] for tangent in tangents])
        places, values, slopes = (np.array([tangent[k] for tangent in tangents]) for k in (1, 2, 3))
        sloped = csr_array(slopes[:, None] * forms[which])
        above = csr_array((-np.ones(len(which)), (np.arange(len(which)), which)), shape=(len(which), many))
        rows = vstack(
            [hstack([csc_array(upper), csc_array((len(right), many))]), hstack([sloped, above])], format="csc"
        )
        equal = hstack([csc_array(exact), csc_array((len(wanted), many))], format="csc")
        found = linprog(
            np.append(np.zeros(wide), np.ones(many)), rows, np.append(right, slopes * places - values),
            equal if len(wanted) else None, wanted if len(wanted) else None,
            bounds=[*[(0, None)] * wide, *[(None if free else 0, None)] * many], method="highs-ds",
        )  # fmt: skip
        return np.maximum(found.x[:wide], 0.0) if found.status == 0 else None

    def _extreme(self, form: np.ndarray, per: np.ndarray | None, sign: float) -> Extreme:
        cost, base = sign * (form @ self.edges), None if per is None else per @ self.edges
        if sign > 0 and form.min(initial=0.0) >= 0 and self._seen_at_zero(cost, base):
            return Extreme(0.0, ())
        solved = self._solve(cost, base, sign * form, per)
        if solved is None:  # the set is not empty, so only a denominator that is always zero leads here
            return Extreme(nan, ())
        value, binding = solved
        return Extreme(sign * value if abs(value) > TINY else 0.0, binding)

    def _seen_at_zero(self, cost: np.ndarray, base: np.ndarray | None) -> bool:
        """Whether a point met before has the form at zero: what cannot be negative has its least value there."""
        points = np.array(self._seen).reshape(-1, len(cost))
        zero = points @ cost <= TINY
        return bool((zero if base is None else zero & (points @ base > 1.0)).any())

    def _solve(
        self, cost: np.ndarray, base: np.ndarray | None, form: np.ndarray, per: np.ndarray | None
    ) -> tuple[float, tuple[str, ...]] | None:
        """Minimise a cost of the edges, which is ``form`` over the unknowns; ``None`` where nothing is feasible."""
        from scipy.optimize import linprog

        chosen = self._distinct(cost, base)
        upper, right, exact, wanted = self._sides
        upper, exact, cost = upper[:, chosen], exact[:, chosen], cost[chosen]
        if base is not None:
            upper, exact, wanted = _homogeneous(upper, right, exact, wanted, base[chosen])
            right, cost = np.zeros(len(right)), np.append(cost, 0.0)
        found = linprog(
            cost, upper if len(right) else None, right if len(right) else None, exact if len(wanted) else None,
            wanted if len(wanted) else None, method="highs-ds", options=QUICK,
        )  # fmt: skip
        if found.status == INFEASIBLE:
            return None
        if found.status == UNBOUNDED:
            return -inf, ()
        if found.status != 0:
            raise RunError(f"the linear program was not solved: {found.message}", where="feasible set")
        if len(self._seen) < POINTS:
            point = np.zeros(len(self.edge_cell))
            scale = 1.0 if base is None else found.x[-1]
            if scale > TINY:
                point[chosen] = found.x[: len(chosen)] / scale
                self._seen.append(point)
        pressed = np.concatenate([found.ineqlin.marginals, found.eqlin.marginals[: len(self._owners) - len(right)]])
        names = {self.rest[at].name for at in self._owners[np.abs(pressed) > TINY]}
        spared = form - self.whole.T @ self._multipliers(pressed)
        if per is not None:
            spared = spared - found.eqlin.marginals[-1] * per
        names |= self._holding(spared)
        return float(found.fun), tuple(sorted(names - {""}))

    def _distinct(self, cost: np.ndarray, base: np.ndarray | None) -> np.ndarray:
        """One column of each kind: unknowns that differ in nothing count by their sum alone."""
        marks = self._marks + cost * MIX[0] + (0.0 if base is None else base * MIX[1])
        return np.unique(marks, return_index=True)[1]

    def _multipliers(self, pressed: np.ndarray) -> np.ndarray:
        """The multiplier of each row of the rest, from those of its sides."""
        above = np.isfinite(self.low) & (self.low != self.high)
        below = int((np.isfinite(self.high) & (self.low != self.high)).sum())
        sides = np.ones(len(pressed))
        sides[below : below + int(above.sum())] = -1.0
        return np.bincount(self._owners, weights=pressed * sides, minlength=len(self.rest))

    def _holding(self, spared: np.ndarray) -> set[str]:
        """The cone rows that hold, of cells that are used and of those that are not.

        What one more unit of an unknown would cost at the multipliers found is below zero only where a row of its cone
        forbids that unit by itself: output without value added, or value added without output.
        """
        count = len(self.system.cells)
        output, added = spared[:count] < -TINY, spared[count:] < -TINY
        return {self.holding[side][cell] for side, cost in ((0, output), (1, added)) for cell in np.flatnonzero(cost)}


def _homogeneous(
    upper: Any, right: np.ndarray, exact: Any, wanted: np.ndarray, base: np.ndarray
) -> tuple[Any, Any, Any]:
    """The same program over rays: one more unknown scales the right sides, and the denominator is one."""
    scaled, fixed = -right[:, None], np.append(wanted * 0.0, 1.0)
    if isinstance(upper, np.ndarray):
        lower_right = np.vstack([np.hstack([exact, -wanted[:, None]]), np.append(base, 0.0)])
        return np.hstack([upper, scaled]), lower_right, fixed
    from scipy.sparse import csc_array, hstack, vstack

    last = csc_array(np.append(base, 0.0)[None])
    ray = hstack([exact, csc_array(-wanted[:, None])], format="csc")
    return hstack([upper, csc_array(scaled)], format="csc"), vstack([ray, last], format="csc"), fixed


def conflict(system: System) -> list[Row]:
    """An irreducible set of rows that conflict: without any one of them the others can hold together.

    Returns:
        Empty where the rows agree.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack, vstack

    left, (low, high) = system.matrix(), system.ends()
    below, above = np.flatnonzero(np.isfinite(high)), np.flatnonzero(np.isfinite(low))
    owner = np.concatenate([below, above])
    whole = csr_array(vstack([left[below], -left[above]]))
    right = np.concatenate([high[below], -low[above]])

    def elastic(kept: np.ndarray) -> tuple[float, np.ndarray]:
        """How far the kept inequalities must give, and the multiplier of each."""
        count = len(kept)
        rows = hstack([whole[kept], -eye_array(count)], format="csr")
        cost = np.concatenate([np.zeros(system.unknowns), np.ones(count)])
        found = linprog(cost, A_ub=rows, b_ub=right[kept], method="highs-ds")
        return float(found.fun), found.ineqlin.marginals

    scale = 1e-7 * (1.0 + np.abs(right).max(initial=0.0))
    needed, multipliers = elastic(np.arange(len(owner)))
    if needed <= scale:
        return []
    suspects = list(dict.fromkeys(owner[np.abs(multipliers) > TINY].tolist()))
    for suspect in list(suspects):
        fewer = [row for row in suspects if row != suspect]
        if elastic(np.flatnonzero(np.isin(owner, fewer)))[0] > scale:
            suspects = fewer
    return [system.rows[at] for at in suspects]
