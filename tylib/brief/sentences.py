"""Findings as generated sentences. Every direction word has a number beside it; what is unknown is said so.

The grammar of each language stands in its catalogue; here is only what decides which sentence is true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tylib.brief.numbers import Numbers


def direction(change: float | None, *, flat: float) -> str:
    """``rise``, ``fall``, ``flat`` or ``unknown``.

    Args:
        change: In per cent; ``None`` where it is not known.
        flat: Largest absolute change that is still flat (``flat_change``).

    >>> [direction(c, flat=0.5) for c in (2.0, -2.0, 0.3, None)]
    ['rise', 'fall', 'flat', 'unknown']
    """
    if change is None:
        return "unknown"
    return "flat" if abs(change) <= flat else "rise" if change > 0 else "fall"


def opened(text: str) -> str:
    """A phrase as the beginning of a sentence.

    >>> opened("real GDP grew")
    'Real GDP grew'
    """
    return text[:1].upper() + text[1:]


def size(
    numbers: Numbers, change: float | None, which: str, *, kind: str = "actual", decimals: int | None = None
) -> str:
    """How much, behind the word of direction: that carries the sign of a rise or fall, a flat one keeps its own.

    Args:
        change: In per cent; ``None`` gives no text.
        which: What :func:`direction` returned.
        kind: ``expected`` is said beside the figure.
        decimals: At most so many; else those of the unit.
    """
    if change is None:
        return ""
    flat = which == "flat"
    return as_kind(numbers, numbers.text(change if flat else abs(change), "%", signed=flat, decimals=decimals), kind)


def as_kind(numbers: Numbers, figure: str, kind: str) -> str:
    """A figure that was only expected never reads as an actual one."""
    return numbers.words("number.expected", figure=figure) if kind == "expected" else figure


def growth(numbers: Numbers, subject: str, rate: float | None, *, year: int, flat: float, kind: str = "actual") -> str:
    """A published growth rate of one year, e.g. ``2023年GDP实际增长1.9%``."""
    which = direction(rate, flat=flat)
    return numbers.words(
        f"sentence.growth.{which}", subject=subject, size=size(numbers, rate, which, kind=kind), year=year
    )


def standing(numbers: Numbers, rank: int | None, of: int, total: int, *, tied: bool = False) -> str:
    """Place among the units: among all, among those published, or unknown.

    Args:
        rank: 1 is the largest; ``None`` where the unit has no figure.
        of: Units with a figure.
        total: Units there are.
        tied: Whether another unit has the same figure.
    """
    which = "unknown" if rank is None else "alone" if of == 1 else "all" if of == total else "some"
    if which in ("all", "some") and tied:
        which += "_tied"
    elif which in ("all", "some") and rank == 1:
        which += "_first"
    elif which in ("all", "some") and rank == of:
        which += "_last"
    return numbers.words(f"sentence.standing.{which}", rank=rank, of=of, total=total)
