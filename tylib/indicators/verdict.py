"""Whether a result of ours is that of a published case: within its tolerance, by a rule of ours, or not."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import polars as pl

Tables = Mapping[str, pl.DataFrame]
Status = Literal["passed", "documented", "not_covered", "failed"]
STATUSES: tuple[Status, ...] = ("passed", "documented", "not_covered", "failed")
KEYS = {
    "key", "index", "region", "industry", "sector", "year", "t", "name", "dmu", "i", "j", "q", "place",
    "industry_1", "industry_2",
}  # fmt: skip


Rule = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Answer:
    """One output of ours, in the peer's unit and shape."""

    values: np.ndarray
    reason: str = ""
    """The rule of ours that this input calls up and the peer does not follow; empty where there is none"""
    theirs: Rule | None = None
    """By the peer's rule instead: given its values, those of that rule nearest to them; they must agree"""
    nulls: str = ""
    """Why cells are null here that the peer fills, where the others must agree all the same"""
    sign: bool = False
    """The output is defined up to its sign"""
    unit_sum: bool = False
    """The output is defined up to scale and origin, but for that the peer divides it by its sum"""
    kept: np.ndarray | None = None
    """Which cells the peer gives where it leaves out what has nothing"""
    columns: tuple[str, ...] = ()
    """What the peer calls the columns of a table, in our order"""


def named(values: Mapping[str, np.ndarray | float]) -> dict[str, Answer]:
    """Answers without a rule of their own."""
    return {name: Answer(np.asarray(value, dtype=float)) for name, value in values.items()}


@dataclass(frozen=True)
class Verdict:
    """What became of one case."""

    case: str
    status: Status
    reasons: tuple[str, ...] = field(default=())


def numbers(table: pl.DataFrame, *, keys: bool = False) -> np.ndarray:
    """The numbers of a table; NaN for blanks. Words are left out, and leading columns of keys unless asked for."""
    leading = 0 if keys else len(_keys(table))
    kept = [
        column
        for column in table.columns[leading:]
        if table[column].dtype.is_numeric() or table[column].null_count() == table.height
    ]
    return table.select(pl.col(kept).cast(pl.Float64)).fill_null(np.nan).to_numpy()


def _keys(table: pl.DataFrame) -> list[str]:
    """The columns that a table begins with and that name its rows; never all of them."""
    named = (name.lower() in KEYS or table[name].dtype == pl.String for name in table.columns[:-1])
    return table.columns[: len(list(itertools.takewhile(bool, named)))]


def column(table: pl.DataFrame, name: str) -> np.ndarray:
    """One column as numbers."""
    return table[name].cast(pl.Float64).fill_null(np.nan).to_numpy()


def arrays(
    expected: Mapping[str, Any], answers: Mapping[str, Answer], labels: Mapping[str, Sequence[str]]
) -> dict[str, np.ndarray]:
    """What a case expects, by the names of our answers and in their order.

    Args:
        expected: Tables, numbers, or numbers by name; a table of named columns is one output a column where we answer
            so.
        answers: Ours.
        labels: ``region`` and ``industry`` in the order of our answers; none where the case has no such table.
    """
    found: dict[str, np.ndarray] = {}
    for name, given in expected.items():
        if not isinstance(given, pl.DataFrame):
            found[name] = np.asarray(list(given.values()) if isinstance(given, Mapping) else given, dtype=float)
            continue
        table = _as_ours(given, labels)
        if any(answer.startswith(f"{name}.") for answer in answers):
            columns = [
                c for c in table.columns if table[c].dtype != pl.String and (c not in KEYS or f"{name}.{c}" in answers)
            ]
            found |= {f"{name}.{c}": column(table, c) for c in columns}
        else:
            named = answers[name].columns if name in answers else ()
            values = numbers(table.select(named) if named and set(named) <= set(table.columns) else table)
            if name in answers and values.size != np.size(answers[name].values):
                whole = numbers(table, keys=True)
                values = whole if whole.size == np.size(answers[name].values) else values
            found[name] = values
    return found


def _as_ours(table: pl.DataFrame, labels: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """Rows and columns in the order of ours, by their labels; rows that the peer left out are blank."""
    orders = {name: pl.Series(name, order, dtype=pl.String) for name, order in labels.items()}
    if "industry" in orders:
        orders |= {name: orders["industry"].alias(name) for name in ("industry_1", "industry_2")}
    keys = [name for name in ("year", *orders) if name in table.columns]
    first, *others = table.columns
    if {"region", "industry"} <= set(keys) or {"industry_1", "industry_2"} <= set(keys):
        table = table.with_columns(pl.col(keys).cast(pl.String))
        axes = [orders[name] if name in orders else table[name].unique().sort() for name in keys]
        grid = axes[0].to_frame()
        for axis in axes[1:]:
            grid = grid.join(axis.to_frame(), how="cross")
        return grid.join(table, on=keys, how="left", maintain_order="left")
    for order in orders.values():
        if len(others) > 1 and set(others) == set(order):
            table = table.select(first, *order)
        named = table[first].cast(pl.String)
        if table.height == len(order) and named.n_unique() == len(named) and set(named) == set(order):
            rows = table.with_columns(named.alias(first))
            table = order.alias(first).to_frame().join(rows, on=first, how="left", maintain_order="left")
    return table


def aligned(answer: Answer, expected: np.ndarray) -> np.ndarray:
    """Ours in the shape, sign and scale of the expected values."""
    ours = np.asarray(answer.values, dtype=float)
    if answer.kept is not None and ours.size != expected.size == answer.kept.sum():
        ours = ours[answer.kept]
    ours = ours.reshape(expected.shape) if ours.size == expected.size else np.full(expected.shape, np.nan)
    both = np.isfinite(ours) & np.isfinite(expected)
    whole = abs(abs(np.nansum(expected)) - 1) < 1e-6
    if answer.unit_sum and whole and both.sum() > 1 and np.ptp(ours[both]) > 0:
        slope, origin = np.polyfit(ours[both], expected[both], 1)
        return slope * ours + origin
    if answer.sign and (ours[both] * expected[both]).sum() < 0:
        return -ours
    return ours


def nearest(*candidates: np.ndarray | Rule) -> Rule:
    """The rule of a peer of which it is not known which it follows: the candidate nearest to its values, as a whole.

    >>> nearest(np.zeros(2), np.ones(2))(np.array([0.9, 1.1])).tolist()
    [1.0, 1.0]
    """

    def rule(expected: np.ndarray) -> np.ndarray:
        given = [one(expected) if callable(one) else np.asarray(one, dtype=float) for one in candidates]
        fitting = [one.reshape(expected.shape) for one in given if one.size == expected.size]
        return min(fitting, key=lambda one: _away(one, expected), default=np.full(expected.shape, np.nan))

    return rule


def _away(ours: np.ndarray, theirs: np.ndarray) -> tuple[int, float]:
    """How many of their cells are null in ours, and how far apart the others are at most."""
    known = np.isfinite(theirs)
    both = known & np.isfinite(ours)
    return int((known & ~both).sum()), float(np.abs(ours - theirs)[both].max(initial=0.0))


@dataclass(frozen=True)
class Labels:
    """A peer's index of a table in parts: a mix of what each part alone gives, on the peer's scale."""

    parts: np.ndarray
    """``(part, ...)``, the output were the index 1 in that part and 0 in the others"""
    sizes: np.ndarray
    """``(part,)``, how many of each part count for the scale"""
    scale: Literal["scores", "spread", "sum"]
    """Of the mix: mean 0 and deviation 1, deviation 1, or a sum of 1 or -1"""
    ddof: int = 0
    kept: np.ndarray | None = None

    def __call__(self, expected: np.ndarray) -> np.ndarray:
        """The values nearest to those given that such a mix can have."""
        parts = self.parts.reshape(len(self.parts), -1)
        if self.kept is not None and parts.shape[1] != expected.size == self.kept.sum():
            parts = parts[:, self.kept]
        known = (
            np.isfinite(expected).ravel() & np.isfinite(parts).all(axis=0) if parts.size else np.zeros(0, dtype=bool)
        )
        if parts.shape[1] != expected.size or not known.any():
            return np.full(expected.shape, np.nan)
        mix = np.linalg.lstsq(parts[:, known].T, expected.ravel()[known], rcond=None)[0]
        n, total = self.sizes.sum(), self.sizes @ mix
        away = mix - total / n
        deviation = np.sqrt(self.sizes @ away**2 / (n - self.ddof))
        scaled = {"scores": away, "spread": mix, "sum": mix}[self.scale]
        size = abs(total) if self.scale == "sum" else deviation
        return (scaled / size @ parts if size > 0 else np.full(expected.shape, np.nan)).reshape(expected.shape)


def scores(*, ddof: int, among: np.ndarray | None = None) -> Rule:
    """Of values of which it is known only that the peer standardises them: what they are when standardised.

    Args:
        ddof: As in numpy's deviation.
        among: ``(k, ...)``, values of which a mix is standardised; any where it is not given.

    >>> scores(ddof=0)(np.array([3.0, 5.0])).tolist()
    [-1.0, 1.0]
    """

    def rule(expected: np.ndarray) -> np.ndarray:
        values, known = expected, np.isfinite(expected)
        if among is not None and among[0].size == expected.size:
            base = np.vstack([among.reshape(len(among), -1), np.ones(expected.size)])
            known = known & np.isfinite(base).all(axis=0).reshape(expected.shape)
            mix = np.linalg.lstsq(base[:, known.ravel()].T, expected[known], rcond=None)[0]
            values = (mix @ base).reshape(expected.shape)
        if known.sum() <= ddof:
            return np.full(expected.shape, np.nan)
        mean, deviation = values[known].mean(), values[known].std(ddof=ddof)
        return (values - mean) / deviation if deviation > 0 else values - mean

    return rule


def judge(
    case: str, answers: Mapping[str, Answer], expected: Mapping[str, np.ndarray], tolerance: Mapping[str, float]
) -> Verdict:
    """Compare output by output. A cell that the peer left blank binds no one; one that we leave blank must be a rule.

    Where a rule of ours differs, the peer's values must be those of its own rule (`Answer.theirs`), or, where we are
    null by the rule, agree in every other cell: no difference passes that the rule does not account for.

    Args:
        case: Its name.
        answers: Ours, by the peer's names.
        expected: The peer's, NaN where blank.
        tolerance: Absolute, by name; ``_default`` for the others.

    >>> one = np.array([1.0])
    >>> judge("a", {"x": Answer(one)}, {"x": one + 1e-12}, {"_default": 1e-9}).status
    'passed'
    >>> judge("a", {"x": Answer(one)}, {"x": one + 1}, {"_default": 1e-9}).reasons
    ('x: 1.0 away',)
    """
    wrong, rules, passed = [], [], 0
    for name, theirs in expected.items():
        if name not in answers:
            rules.append(f"{name}: not offered, left to the peer")
            continue
        answer, bound = answers[name], tolerance.get(name, tolerance.get("_default", 1e-9))
        bound = bound * (1 + 1e-9) + 1e-12
        lost, away = _away(aligned(answer, theirs), theirs)
        if away <= bound and not lost:
            passed += 1
            continue
        if answer.theirs is not None:
            beyond, apart = _away(answer.theirs(theirs), theirs)
            if apart <= bound and (answer.nulls or not beyond):
                rules.append(f"{name}: {answer.reason or answer.nulls}")
                continue
        elif away <= bound and answer.nulls:
            rules.append(f"{name}: {answer.nulls}")
            continue
        wrong.append(f"{name}: {lost} cells null here" if lost else f"{name}: {away:.2} away")
    if wrong:
        return Verdict(case, "failed", tuple(wrong))
    if not passed and not any(name in answers for name in expected) and expected:
        return Verdict(case, "not_covered", tuple(rules))
    return Verdict(case, "documented" if rules else "passed", tuple(rules))
