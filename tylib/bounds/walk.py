"""Points drawn inside a polytope: hit-and-run along a fixed set of directions, after exact reduction and rounding.

Hit-and-run moves a walker to a point of the chord through the set; it has no step size and rejects nothing, and along
any directions that span the set it draws from the density wanted (Smith 1984, *Operations Research* 32, 1296-1308;
Belisle, Romeijn, Smith 1993, *Mathematics of Operations Research* 18, 255-266). Two kinds of directions are used.
The axes are those of CHRR (Haraldsdottir, Cousins, Thiele, Fleming, Vempala 2017, *Bioinformatics* 33, 1741-1743),
made for polytopes with equalities: what the equalities fix is taken out, the rest is brought to isotropic position,
here by the covariance of a pilot run. Alone they mix slowly where hundreds of unknowns share one total, since every
axis ends at the nearest of hundreds of faces; so moves of a few unknowns each are taken as well, as for tables with
given margins (Diaconis, Gangolli 1995, *Discrete Probability and Algorithms*, 15-41). Many chains walk side by side.
A log-linear density is drawn exactly: on a chord it is a truncated exponential.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tylib.errors import RunError

PILOTS = (20, 40, 80)  # sweeps of the rounds that bring the set to isotropic position
SNAPSHOTS = 20  # points of each chain that one round looks at
AXES = 20  # widest axes taken in every sweep beside the moves, and others by chance
ROUNDS = 16  # rounds that look for the slope of a tilted density
CLOSE = 0.15  # how near its means must come to those wanted, in standard deviations
ALIVE = 0.1  # share of a sample that must still count when it is weighted
LOOKS = 50  # points at which the length of a move is looked at
LEAST = 1e-13  # what counts as no room at all


@dataclass(frozen=True)
class Inside:
    """A polytope in its own dimension.

    Attributes:
        at: A point inside.
        basis: Orthonormal directions that stay in the set, as columns.
        uneven, right: The inequalities that can be slack: ``uneven @ x + right >= 0``.
        fixed: Left sides of what holds exactly.
    """

    at: np.ndarray
    basis: np.ndarray
    uneven: Any
    right: np.ndarray
    fixed: np.ndarray


def reduced(left: Any, low: np.ndarray, high: np.ndarray) -> Inside:
    """Take out of ``low <= left @ x <= high, x >= 0`` what is fixed, also where only the rows together fix it.

    One linear program over rays finds a point at which as many inequalities as possible are slack: those that are
    not are equalities, and the point lies inside (Freund, Roundy, Todd 1985).

    Raises:
        RunError: The set is empty or unbounded in a way that the program cannot tell.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack, vstack

    left, count = csr_array(left), left.shape[1]
    equal = low == high
    below, above = np.isfinite(high) & ~equal, np.isfinite(low) & ~equal
    uneven = vstack([-left[below], left[above], eye_array(count)], format="csr")
    right = np.concatenate([high[below], -low[above], np.zeros(count)])
    # uneven @ x + right * t >= s, left @ x == low * t where equal, 0 <= s <= 1, t >= 1: as many s as possible.
    many = len(right)
    rows = hstack([-uneven, csr_array(-right[:, None]), eye_array(many)], format="csr")
    exact = hstack([left[equal], csr_array(-low[equal][:, None]), csr_array((equal.sum(), many))], format="csr")
    found = linprog(
        np.concatenate([np.zeros(count + 1), -np.ones(many)]), rows, np.zeros(many), exact, np.zeros(equal.sum()),
        bounds=[*[(0, None)] * count, (1, None), *[(0, 1)] * many], method="highs",
    )  # fmt: skip
    if found.status != 0:
        raise RunError(f"no point inside was found: {found.message}", where="feasible set")
    inside, slack = found.x[:count] / found.x[count], found.x[count + 1 :] > 0.5
    fixed = vstack([left[equal], uneven[~slack]], format="csr").toarray()
    wanted = np.concatenate([low[equal], -right[~slack]])
    if len(fixed):
        _, sizes, turned = np.linalg.svd(fixed, full_matrices=True)
        rank = int((sizes > 1e-10 * sizes[0]).sum())
        basis = turned[rank:].T
        # The point of the program is as exact as its solver: brought onto the equalities before it is used.
        inside = inside - np.linalg.lstsq(fixed, fixed @ inside - wanted, rcond=1e-10)[0]
    else:
        basis = np.eye(count)
    return Inside(inside, basis, csr_array(uneven[slack]), right[slack], fixed)


class Walkers:
    """Chains that walk side by side through one polytope, one column each.

    Args:
        inside: The polytope.
        starts: Points to start from, one column a chain, strictly inside.
        rng: Source of all randomness.
        moves: Directions of a few unknowns each, as columns; those that would leave the equalities are left out.
    """

    def __init__(self, inside: Inside, starts: np.ndarray, rng: np.random.Generator, moves: Any = None) -> None:
        self.inside, self.x, self.rng = inside, starts.copy(), rng
        self.slope = np.zeros(len(starts))
        self.axes = inside.basis
        self.moves, self.columns = _sparse_moves(inside, moves)
        self.taken = np.full(len(self.moves), 1.0 / max(len(self.moves), 1))

    def round_by(self, points: np.ndarray) -> None:
        """Take the principal axes of points (columns), each unknown in units of its own spread; widest first."""
        basis = self.inside.basis
        if basis.shape[1] == 0:
            return
        scale = np.maximum(points.std(axis=1), 1e-12 * points.std() + 1e-300)
        axes, width, _ = np.linalg.svd(
            (points - points.mean(axis=1, keepdims=True)) / scale[:, None], full_matrices=False
        )
        known = width > 1e-9 * width[0]
        within = basis @ (basis.T @ (axes[:, known] * scale[:, None] * width[known] / np.sqrt(points.shape[1])))
        self.axes = within if known.sum() >= basis.shape[1] else np.hstack([within, basis * np.median(scale)])

    def weigh_moves(self, points: np.ndarray) -> None:
        """Take the moves that lead far, in units of the spread of what they change, more often than the others."""
        if not self.moves:
            return
        room = np.maximum(self.inside.uneven @ points[:, :LOOKS] + self.inside.right[:, None], LEAST)
        spread = np.maximum(points.std(axis=1), 1e-12 * points.std() + 1e-300)
        far = np.empty(len(self.moves))
        for at, (rows, change, places, parts) in enumerate(self.moves):
            rate = change / room[rows]
            length = (-1.0 / rate.min(axis=0) + 1.0 / rate.max(axis=0)).mean()
            far[at] = min(length * np.abs(parts[:, 0] / spread[places]).max(), 4.0)
        self.taken = 0.9 * far / far.sum() + 0.1 / len(far)

    def sweep(self, times: int, *, keep: int = 0) -> np.ndarray:
        """Move every chain as many times as there are unknowns, and along some axes, ``times`` over.

        Returns:
            ``keep`` snapshots of all chains, evenly spread: ``(unknowns, keep, chains)``.
        """
        when = set((np.linspace(0, times, keep + 1, dtype=int)[1:] - 1).tolist())
        kept = []
        for time in range(times):
            if self.axes.shape[1]:
                self._sweep()
            if time in when:
                kept.append(self.x.copy())
        return np.stack(kept, axis=1) if kept else np.empty((len(self.x), 0, self.x.shape[1]))

    def _sweep(self) -> None:
        inside, count = self.inside, len(self.x)
        room = np.maximum(inside.uneven @ self.x + inside.right[:, None], LEAST)
        many = self.axes.shape[1]
        few = min(many, 2 * AXES) if self.moves else many
        others = self.rng.permutation(np.arange(few // 2, many))[: few - few // 2]
        order = self.rng.permutation(np.concatenate([np.arange(few // 2), others]))
        axes = self.axes[:, order]
        changes, along = np.ascontiguousarray((inside.uneven @ axes).T), self.slope @ axes
        chance = self.rng.random((few, self.x.shape[1]))
        for axis in range(few):
            step = self._step(changes[axis][:, None], room, along[axis], chance[axis])
            room += changes[axis][:, None] * step
            np.maximum(room, LEAST, out=room)
            self.x += axes[:, axis][:, None] * step
        if self.moves:
            chosen = self.rng.choice(len(self.moves), size=count, p=self.taken)
            chance = self.rng.random((count, self.x.shape[1]))
            uphill = (self.columns.T @ self.slope)[chosen].tolist()
            for turn, which in enumerate(chosen.tolist()):
                rows, change, places, parts = self.moves[which]
                near = room[rows]
                step = self._step(change, near, uphill[turn], chance[turn])
                room[rows] = np.maximum(near + change * step, LEAST)
                self.x[places] += parts * step
        self._settle()

    @staticmethod
    def _step(change: np.ndarray, room: np.ndarray, along: float, chance: np.ndarray) -> np.ndarray:
        rate = change / room
        first, last = -1.0 / rate.max(axis=0), -1.0 / rate.min(axis=0)
        length = last - first
        return first + length * (_along(chance, along, length) if along else chance)

    def _settle(self) -> None:
        """Rounding errors of a sweep leave a walker a hair off: brought back onto the equalities and inside."""
        inside = self.inside
        off = inside.basis @ (inside.basis.T @ (self.x - inside.at[:, None]))
        rest = (inside.uneven @ inside.at + inside.right)[:, None]
        over = inside.uneven @ off + rest
        if over.min(initial=1.0) < 0:
            share = np.where(over < 0, rest / (rest - over), 1.0).min(axis=0)
            off = off * np.where(share < 1.0, share * (1 - 1e-12), 1.0)
        self.x = inside.at[:, None] + off


def _sparse_moves(inside: Inside, moves: Any) -> tuple[list[tuple[np.ndarray, ...]], Any]:
    """Each move as ``rows it changes, by how much, unknowns it changes, by how much``; and all of them as columns."""
    from scipy.sparse import csc_array

    if moves is None or moves.shape[1] == 0:
        return [], None
    moves = csc_array(moves)
    if len(inside.fixed):
        moves = moves[:, np.abs(inside.fixed @ moves).max(axis=0) < 1e-12 * np.abs(inside.fixed).max()]
    changed = csc_array(inside.uneven @ moves)
    changed.eliminate_zeros()

    def column(of: Any, at: int) -> tuple[np.ndarray, np.ndarray]:
        part = slice(of.indptr[at], of.indptr[at + 1])
        return of.indices[part].copy(), of.data[part][:, None].copy()

    useful = [
        at for at in range(moves.shape[1])
        if (change := column(changed, at)[1]).size and change.min() < 0 < change.max()
    ]  # fmt: skip
    return [(*column(changed, at), *column(moves, at)) for at in useful], moves[:, useful]


def _along(chance: np.ndarray, slope: float, length: np.ndarray) -> np.ndarray:
    """The inverse distribution of ``exp(slope * t)`` on 0..length, as a share of the length."""
    falling = -abs(slope) * length - 1e-300
    share = np.log1p(chance * np.expm1(falling)) / falling
    return share if slope < 0 else 1.0 - share


def starts(inside: Inside, corners: np.ndarray) -> np.ndarray:
    """Places to start from, far apart and inside: halfway to corners of the set (columns)."""
    return inside.at[:, None] + 0.5 * inside.basis @ (inside.basis.T @ (corners - inside.at[:, None]))


def uniform(walkers: Walkers) -> None:
    """Bring the walkers to isotropic position and let them forget where they started."""
    for sweeps in PILOTS:
        points = walkers.sweep(sweeps, keep=SNAPSHOTS)[:, SNAPSHOTS // 2 :].reshape(len(walkers.x), -1)
        walkers.round_by(points)
        walkers.weigh_moves(points)
    walkers.sweep(PILOTS[-1])


def tilt(walkers: Walkers, sample: np.ndarray, forms: np.ndarray, wanted: np.ndarray) -> None:
    """Lead uniform walkers to the density nearest to the uniform whose means of some linear forms are those wanted.

    Of all densities with these means the one of least relative entropy is log-linear in the forms (Csiszar 1975). Its
    slope is found by weighting a uniform sample as far as enough of it counts, then by Newton steps on the means that
    the walkers show, none longer than two standard deviations. The slope settles what the density is: where the means
    stop short of those wanted, it is the nearest with the means that it has.

    Args:
        walkers: In isotropic position; they end in the tilted density.
        sample: Uniform points, as columns.
        forms: One row a form, over the unknowns.
        wanted: Means wanted.
    """
    slope = _weighted(forms @ sample, wanted)
    sweeps = PILOTS[0]
    for _ in range(ROUNDS):
        walkers.slope = forms.T @ slope
        points = walkers.sweep(sweeps, keep=SNAPSHOTS)[:, SNAPSHOTS // 4 :].reshape(len(walkers.x), -1)
        shown = forms @ points
        gap, spread = wanted - shown.mean(axis=1), np.atleast_2d(np.cov(shown))
        if np.abs(gap / np.sqrt(np.maximum(np.diag(spread), 1e-300))).max() < CLOSE:
            break
        inverse = np.linalg.pinv(spread, rcond=1e-6, hermitian=True)
        slope = slope + inverse @ gap / max(float(np.sqrt(gap @ inverse @ gap)) / 2, 1.0)
    walkers.slope = forms.T @ slope
    walkers.round_by(points)
    walkers.sweep(PILOTS[-1])


def _weighted(values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The slope that brings the weighted means of a sample (columns) toward those wanted, while enough of it counts."""
    slope, count = np.zeros(len(values)), values.shape[1]
    for _ in range(20):
        weights = _weights(slope @ values)
        off = values - (values @ weights)[:, None]
        gap = wanted - values @ weights
        step = np.linalg.pinv((off * weights) @ off.T, rcond=1e-6, hermitian=True) @ gap
        while np.abs(step).max(initial=0.0) > 0:
            weights = _weights((slope + step) @ values)
            if 1.0 / (weights @ weights) >= ALIVE * count:
                break
            step = step / 2 if np.abs(step).max() > 1e-9 else step * 0
        slope = slope + step
        if np.abs(step @ off).std() < 1e-3:
            break
    return slope


def _weights(heights: np.ndarray) -> np.ndarray:
    weights = np.exp(heights - heights.max())
    return weights / weights.sum()


def converged(chains: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rank-normalised split R-hat and bulk effective sample size (Vehtari, Gelman, Simpson, Carpenter, Buerkner 2021).

    Args:
        chains: ``(draws, chains, quantities)``, four draws a chain at least.

    Returns:
        ``R-hat, effective sample size``, one a quantity; 1 and all draws where a quantity does not vary.
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata

    length = len(chains) // 2
    split = np.concatenate([chains[:length], chains[-length:]], axis=1)
    count = length * split.shape[1]
    ranks = rankdata(split.reshape(count, -1), axis=0).reshape(split.shape)
    score = ndtri((ranks - 0.375) / (count + 0.25))
    means = score.mean(axis=0)
    within, between = score.var(axis=0, ddof=1).mean(axis=0), means.var(axis=0, ddof=1)
    still = np.ptp(split.reshape(count, -1), axis=0) <= 1e-9 * np.abs(split).max(axis=(0, 1), initial=1e-300)
    within = np.where(still | (within <= 0), 1.0, within)
    total = (length - 1) / length * within + between
    off = score - means
    paired = np.ones(score.shape[2])  # sum of autocorrelations, by Geyer's initial positive pairs
    alive = np.ones(score.shape[2], dtype=bool)
    correlation = [
        1 - (within - (off[: length - lag] * off[lag:]).sum(axis=0).mean(axis=0) / (length - 1)) / total
        for lag in range(length)
    ]
    for lag in range(1, length - 1, 2):
        pair = correlation[lag] + correlation[lag + 1]
        alive &= pair > 0
        paired += np.where(alive, 2 * pair, 0.0)
    rhat = np.where(still, 1.0, np.sqrt(total / within))
    return rhat, np.where(still, count, np.minimum(count / paired, count * np.log10(max(count, 10))))


def independent(walkers: Walkers, draws: int, apart: int) -> np.ndarray:
    """Points kept for good, ``apart`` sweeps from one another: ``(draws a chain, chains, unknowns)``."""
    each = -(-draws // walkers.x.shape[1])
    return walkers.sweep(each * apart, keep=each).transpose(1, 2, 0)
