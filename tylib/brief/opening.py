"""The top of every brief: the answer in a sentence, and the key numbers with the marks that the brief uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from tylib.brief import blocks
from tylib.brief.document import Part
from tylib.brief.status import MARKS, mark

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tylib.brief.context import Context

MOST_KEY_NUMBERS = 5


def opening(context: Context, *, kind: str, headline: str, standfirst: str) -> Part:
    """Kicker, headline and standfirst.

    Args:
        kind: What the brief is, in the reader's language; the kicker adds the city and the unit's names.
        headline: The answer, at most 30 Chinese characters or 18 English words.
        standfirst: What supports it, and what is not known.
    """
    said = context.words
    names = said("brief.named", zh=context.row["name_zh"], en=context.row["name_en"])
    kicker = said("brief.kicker", city=context.place_name(context.city.place), unit=names, kind=kind)
    return opened(context, kicker=kicker, headline=headline, standfirst=standfirst)


def opened(context: Context, *, kicker: str, headline: str, standfirst: str) -> Part:
    """The same with a kicker of its own; a demonstration says so in it."""
    if context.city.demonstration:  # also in the window's title and the running head of the print
        kicker = context.words("demonstration.kicker", kicker=kicker)
    return Part(blocks=(blocks.opening(kicker=kicker, headline=headline, standfirst=standfirst),))


def key_numbers(context: Context, cards: Sequence[Markup], *, statuses: Collection[str] = ()) -> Part:
    """The cards in a row and, under them, the legend of the marks that occur anywhere in the brief.

    Args:
        cards: Of :func:`card`; at most :data:`MOST_KEY_NUMBERS` are shown.
        statuses: Statuses of figures and links of the whole brief; the legend stands where there is any, card or not.
    """
    said = context.words
    if not cards and not statuses:
        return Part()
    marks: list[tuple[str, str]] = [("published", said("status.published_means"))]
    marks += [
        (status, Markup("<b>{}</b> {}").format(MARKS[status], said(f"status.{status}_means")))
        for status in MARKS
        if status in statuses
    ]
    marks.append(("absent", said("absent.means")))
    return Part(
        blocks=(
            blocks.key_numbers(cards[:MOST_KEY_NUMBERS], label=said("brief.key_numbers")),
            blocks.legend(marks, label=said("status.legend")),
        )
    )


def card(context: Context, row: Mapping[str, Any], *, label: str, strip: str = "", place: str = "") -> Markup:
    """A key number: a figure with its unit, year, status mark and source.

    Args:
        row: ``value`` or ``low`` / ``high``, ``unit, status, period, source_id``; ``kind`` and ``decimals`` if there.
            A bound reads as one; what we counted ourselves may have no ``period`` and a list ``source_ids``.
        strip: Marks of the peers (:func:`tylib.brief.blocks.strip`).
        place: The place among them in words.
    """
    said, numbers = context.words, context.numbers
    kind = row.get("kind") or "actual"
    when = [context.period(row["period"])] if row.get("period") else []
    when += [said(f"kind.{kind}")] if kind != "actual" else []
    cited = row.get("source_ids") or [row.get("source_id")]
    single = row["value"] is not None and row.get("qualifier") in (None, "=")
    value = numbers.rounded(row["value"], row["unit"], decimals=row.get("decimals")) if single else None
    return blocks.key_number(
        label=label,
        value=value or numbers.row(row, united=False),
        unit=numbers.unit(row["unit"]),
        when=Markup("{} {} {}").format(context.joined(when), context.cite(cited), _graded(context, cited)),
        status=mark(row["status"], said),
        strip=strip,
        place=place,
    )


def _graded(context: Context, cited: Sequence[str | None]) -> Markup:
    """The grade of the one source of a figure, and that it is to be verified where nothing leads to it by name."""
    if len(cited) != 1 or not cited[0]:
        return Markup("")
    return Markup("{} {}").format(context.grade(cited[0]), context.citations.unverified(cited[0])).strip()
