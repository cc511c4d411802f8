"""Whether a result of ours is that of a published case: within its tolerance, by a rule of ours, or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

Status = Literal["passed", "documented", "not_covered", "failed"]
STATUSES: tuple[Status, ...] = ("passed", "documented", "not_covered", "failed")


@dataclass(frozen=True)
class Answer:
    """One output of ours, in the peer's unit and shape."""

    values: np.ndarray
    reason: str = ""
    """The rule of ours that this input calls up and the peer does not follow; empty where there is none"""
    sign: bool = False
    """The output is defined up to its sign"""
    affine: bool = False
    """The output is defined up to scale and origin"""


@dataclass(frozen=True)
class Verdict:
    """What became of one case."""

    case: str
    status: Status
    reasons: tuple[str, ...] = field(default=())


def aligned(answer: Answer, expected: np.ndarray) -> np.ndarray:
    """Ours in the shape, sign and scale of the expected values."""
    ours = np.asarray(answer.values, dtype=float)
    ours = ours.reshape(expected.shape) if ours.size == expected.size else np.full(expected.shape, np.nan)
    both = np.isfinite(ours) & np.isfinite(expected)
    if answer.affine and both.sum() > 1 and np.ptp(ours[both]) > 0:
        slope, origin = np.polyfit(ours[both], expected[both], 1)
        return slope * ours + origin
    if answer.sign and (ours[both] * expected[both]).sum() < 0:
        return -ours
    return ours


def decimals(values: np.ndarray) -> int | None:
    """To how many places a peer rounded, if to four or fewer."""
    known = values[np.isfinite(values)]
    for places in range(5):
        if np.allclose(known, np.round(known, places), rtol=0, atol=1e-12):
            return places
    return None


def judge(
    case: str, answers: Mapping[str, Answer], expected: Mapping[str, np.ndarray], tolerance: Mapping[str, float]
) -> Verdict:
    """Compare output by output. A cell that the peer left blank binds no one; one that we leave blank must be a rule.

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
        ours, bound = aligned(answers[name], theirs), tolerance.get(name, tolerance.get("_default", 1e-9))
        binding = ~np.isnan(theirs)
        lost = binding & np.isnan(ours) & np.isfinite(theirs)
        both = binding & np.isfinite(ours) & np.isfinite(theirs)
        away = float(np.abs(ours - theirs)[both].max()) if both.any() else 0.0
        rounded = decimals(theirs)
        if not lost.any() and away <= bound * (1 + 1e-9) + 1e-12:
            passed += 1
        elif not lost.any() and rounded is not None and away <= 0.5001 * 10.0**-rounded:
            rules.append(f"{name}: rounded to {rounded} places by the peer, never here")
        elif answers[name].reason:
            rules.append(f"{name}: {answers[name].reason}")
        else:
            wrong.append(f"{name}: {int(lost.sum())} cells null here" if lost.any() else f"{name}: {away:.2} away")
    if wrong:
        return Verdict(case, "failed", tuple(wrong))
    if not passed and not any(name in answers for name in expected) and expected:
        return Verdict(case, "not_covered", tuple(rules))
    return Verdict(case, "documented" if rules else "passed", tuple(rules))
