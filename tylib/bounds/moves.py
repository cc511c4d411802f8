"""Moves of a few unknowns each through a set of counties by sectors: what a walker takes beside its axes.

Over the edges of the cells (see :class:`tylib.bounds.programs.Programs`): output from one cell to another, anywhere,
within a county or within a sector; the basic move of a table, which keeps the sums of two counties and two sectors;
another value-added rate of a cell, alone or against another cell; output together with its value added. Partners come
by chance, some of them by size: large cells are few and everything else waits for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tylib.bounds.programs import Programs

PAIRS, CARRIED = 2, 6  # moves of each kind that start at one edge or cell


class _Moves:
    """Collects moves as dictionaries edge -> change."""

    def __init__(self, programs: Programs, sizes: np.ndarray, rng: np.random.Generator) -> None:
        self.rng, self.sizes = rng, sizes
        self.cells, self.sides = list(programs.edge_cell), list(programs.edge_side)
        self.edge = {key: at for at, key in enumerate(zip(self.cells, self.sides, strict=True))}
        count = len(programs.system.cells)
        dense = programs.edges[count:].tocsc()
        self.rate = np.array([dense[cell, at] for at, cell in enumerate(self.cells)])
        self.places, self.sectors = len(programs.system.places), len(programs.system.sectors)
        self.found: list[dict[int, float]] = []

    def add(self, *changes: tuple[int | None, float]) -> None:
        """Keep a move whose edges all exist and differ."""
        move = {edge: change for edge, change in changes if edge is not None}
        if len(move) == len(changes):
            self.found.append(move)

    def output(self, at: int) -> None:
        """Output from other edges to this one."""
        cell, side = self.cells[at], self.sides[at]
        for _ in range(PAIRS):
            self.add((at, 1.0), (int(self.rng.integers(len(self.cells))), -1.0))
        if cell >= self.places * self.sectors:
            return
        place, sector = divmod(cell, self.sectors)
        other, else_ = int(self.rng.integers(self.places)), int(self.rng.integers(self.sectors))
        across, along = other * self.sectors + sector, place * self.sectors + else_
        for neighbour in (across, along):
            self.add((at, 1.0), (self.edge.get((neighbour, side)), -1.0))
        corner = other * self.sectors + else_
        self.add((at, 1.0), *((self.edge.get((c, side)), s) for c, s in ((across, -1.0), (along, -1.0), (corner, 1.0))))

    def traded(self, at: int) -> None:
        """Output of the county at the same value added: more here, less of another edge, the rest from elsewhere."""
        cell = self.cells[at]
        own = [
            edge for edge in range(len(self.cells)) if self.place(self.cells[edge]) == self.place(cell) and edge != at
        ]
        large = np.maximum(self.sizes[self.cells], 0.0) + 1e-9 * max(self.sizes.max(initial=0.0), 1.0)
        for _ in range(PAIRS):
            if not own:
                return
            second, third = int(self.rng.choice(own)), int(self.rng.choice(len(large), p=large / large.sum()))
            if self.rate[second] > 0:
                share = self.rate[at] / self.rate[second]
                self.add((at, 1.0), (second, -share), (third, share - 1.0))

    def rates(self, at: int) -> None:
        """Another rate of this cell, alone or so that the value added of two cells stays."""
        opposite = self.edge.get((self.cells[at], 1 - self.sides[at]))
        second = int(self.rng.integers(len(self.cells)))
        against = self.edge.get((self.cells[second], 1 - self.sides[second]))
        self.add((at, 1.0), (opposite, -1.0))
        if opposite is not None and against is not None:
            share = (self.rate[at] - self.rate[opposite]) / (self.rate[second] - self.rate[against])
            self.add((at, 1.0), (opposite, -1.0), (second, -share), (against, share))

    def place(self, cell: int) -> int:
        """Position of a cell's county; one past the last for the city as a whole."""
        return min(cell // self.sectors, self.places)

    def beside(self, cell: int, wide: list[int]) -> list[int]:
        """The other cells of its county, or of the city as a whole."""

        return [other for other in wide if other != cell and self.place(other) == self.place(cell)]

    def carried(self, wide: list[int]) -> None:
        """Output from one cell to another with its value added."""
        weight = np.maximum(self.sizes[wide], 0.0) + 1e-9 * max(self.sizes.max(initial=0.0), 1.0)
        weight = weight / weight.sum()
        for cell in wide:
            for turn in range(CARRIED):
                first = cell if turn < CARRIED // 2 else int(self.rng.choice(wide, p=weight))
                by_size = turn >= CARRIED // 2
                near = [] if by_size or not turn else self.beside(cell, wide)
                second = int(self.rng.choice(near or wide, p=weight if by_size else None))
                ends = [[self.rate[self.edge[c, side]] for side in (0, 1)] for c in (first, second)]
                rate = self.rng.uniform(min(ends[0][0], ends[1][0]), max(ends[0][1], ends[1][1]))
                parts = [(rate - low) / (high - low) for low, high in ends]
                self.add((self.edge[first, 1], parts[0]), (self.edge[first, 0], 1 - parts[0]),
                         (self.edge[second, 1], -parts[1]), (self.edge[second, 0], parts[1] - 1))  # fmt: skip


def moves(programs: Programs, sizes: np.ndarray, rng: np.random.Generator) -> Any:
    """Moves for one set, as sparse columns over its edges.

    Args:
        programs: The set.
        sizes: About how large the output of each cell is; only decides how often it takes part.
        rng: Source of the choice.
    """
    from scipy.sparse import csc_array

    made = _Moves(programs, sizes, rng)
    for at in range(len(made.cells)):
        made.output(at)
        made.traded(at)
        made.rates(at)
    two_edges = [
        cell for cell in sorted(set(made.cells)) if (cell, 1) in made.edge and made.edge.get((cell, 0)) is not None
    ]
    wide = [cell for cell in two_edges if made.rate[made.edge[cell, 1]] - made.rate[made.edge[cell, 0]] < 1.5]
    if wide:
        made.carried(wide)
    at = [(edge, column) for column, move in enumerate(made.found) for edge in move]
    rows, columns = (np.array([pair[k] for pair in at], dtype=np.int64) for k in (0, 1))
    values = np.array([change for move in made.found for change in move.values()], dtype=float)
    return csc_array((values, (rows, columns)), shape=(len(made.cells), len(made.found)))
