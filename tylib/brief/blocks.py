"""The blocks of a brief as HTML, in the shapes that the page's contract names (``tylib.brief.page``).

Everything is escaped; ``markupsafe.Markup`` is taken as HTML. Nothing here knows a language: words come in as text.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from tylib.brief.markup import check_key, phrases

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STRIP_STEP, STRIP_BAR, STRIP_HEIGHT = 9, 6, 28


def _join(parts: Iterable[str]) -> Markup:
    return Markup("").join(escape(part) for part in parts)


def _paragraph(kind: str, text: str) -> Markup:
    return Markup('<p class="{}">{}</p>').format(kind, text) if text else Markup("")


def opening(*, kicker: str, headline: str, standfirst: str) -> Markup:
    """The first thing read: where and which edition; the answer in a sentence; support and what is not known."""
    return Markup(
        '<header class="opening"><p class="kicker">{}</p><h1 class="headline">{}</h1>'
        '<p class="standfirst">{}</p></header>'
    ).format(kicker, phrases(headline), standfirst)


def strip(values: Sequence[float | None], *, own: int, label: str) -> Markup:
    """The place among peers as a row of small bars, largest first, the own one in the accent colour.

    Args:
        values: One value a peer, in any order and one unit; null where not published (a hollow mark at the end).
        own: Index of the unit in ``values``.
        label: The same in words, for who cannot see it.

    Negative values hang below the common zero line. Where all are zero every bar is a line.

    >>> strip([2.0, None, 4.0], own=0, label="2nd of 2").count("<rect")
    3
    """
    order = sorted(range(len(values)), key=lambda index: (values[index] is None, -(values[index] or 0.0), index))
    known = [value for value in values if value is not None]
    top, bottom = max([0.0, *known]), min([0.0, *known])
    scale = (STRIP_HEIGHT - 2) / ((top - bottom) or 1.0)
    zero = 1 + top * scale
    bars = []
    for place, index in enumerate(order):
        value, x = values[index], place * STRIP_STEP
        kind = "own" if index == own else "peer"
        if value is None:
            hollow = f'x="{x + 0.5}" y="{zero - 4.5:.1f}" width="{STRIP_BAR - 1}" height="4"'
            bars.append(f'<rect class="{kind} none" {hollow}></rect>')
            continue
        height = max(abs(value) * scale, 1.0)
        y = zero - height if value >= 0 else zero
        bars.append(f'<rect class="{kind}" x="{x}" y="{y:.1f}" width="{STRIP_BAR}" height="{height:.1f}"></rect>')
    width = len(values) * STRIP_STEP - (STRIP_STEP - STRIP_BAR)
    return Markup(
        '<svg class="strip" role="img" aria-label="{}" width="{}" height="{}" viewBox="0 0 {} {}">{}</svg>'
    ).format(label, width, STRIP_HEIGHT, width, STRIP_HEIGHT, Markup("".join(bars)))


def key_number(
    *, label: str, value: str, unit: str = "", when: str = "", status: str = "", strip: str = "", place: str = ""
) -> Markup:
    """A card: what, how much with its unit and status mark, when, and where it stands among its peers."""
    inner = _join(
        [
            _paragraph("label", label),
            Markup('<p class="value"><span class="figure-value">{}</span>{}{}</p>').format(
                value, Markup(' <span class="unit">{}</span>').format(unit) if unit else "", status
            ),
            _paragraph("when", when),
            _paragraph("place", Markup("{}<span>{}</span>").format(strip, place) if strip or place else ""),
        ]
    )
    return Markup('<li class="key-number">{}</li>').format(inner)


def key_numbers(cards: Sequence[str], *, label: str) -> Markup:
    """The cards in a row; "" where there is none. ``label`` names the list."""
    if not cards:
        return Markup("")
    return Markup('<ul class="key-numbers" aria-label="{}">{}</ul>').format(label, _join(cards))


def legend(marks: Sequence[tuple[str, str]], *, label: str) -> Markup:
    """The marks of status that occur, each with its word: (status, or ``absent`` or ``conflict``; word)."""
    items = [
        Markup('<li><span class="swatch" data-status="{}" aria-hidden="true"></span>{}</li>').format(*mark)
        for mark in marks
    ]
    return Markup('<ul class="legend" aria-label="{}">{}</ul>').format(label, _join(items)) if items else Markup("")


def section(key: str, heading: str, *blocks: str, source: str = "", kind: str = "") -> Markup:
    """A part of the brief. Its heading is its finding, a sentence; a plain string among ``blocks`` is a paragraph.

    Args:
        key: The id of the heading is ``part-KEY``.
        source: "Where from", the last line in small type.
        kind: A further class: ``not-published``, ``sources``.
    """
    body = [block if hasattr(block, "__html__") else Markup("<p>{}</p>").format(block) for block in blocks if block]
    return Markup('<section class="{}" aria-labelledby="part-{}"><h2 id="part-{}">{}</h2>{}{}</section>').format(
        f"part {kind}".strip(), check_key(key), key, phrases(heading), _join(body), _paragraph("source-line", source)
    )


def requests(rows: Sequence[tuple[str, str, str]]) -> Markup:
    """What to ask for: (what is not published; the table that would fill it; who holds that)."""
    items = [
        Markup("<li>{}{}{}</li>").format(_paragraph("what", what), _paragraph("ask", ask), _paragraph("holder", holder))
        for what, ask, holder in rows
    ]
    return Markup('<ol class="requests">{}</ol>').format(_join(items)) if items else Markup("")


def csv_link(name: str, content: str, text: str) -> Markup:
    """A table as a file to keep, inside the page; the mark of byte order tells a spreadsheet that it is UTF-8."""
    return Markup('<p class="csv"><a download="{}.csv" href="data:text/csv;charset=utf-8;base64,{}">{}</a></p>').format(
        name, b64encode(("\ufeff" + content).encode()).decode(), text
    )


def svg_link(name: str, drawn: str, text: str) -> Markup:
    """A picture as a file to keep."""
    return Markup('<p class="svg"><a download="{}.svg" href="data:image/svg+xml;base64,{}">{}</a></p>').format(
        name, b64encode(drawn.encode()).decode(), text
    )


def sources(entries: Sequence[tuple[str, str]]) -> Markup:
    """The list of sources: (source id; its entry, linked where it may be)."""
    items = [Markup('<li id="source-{}">{}</li>').format(*entry) for entry in entries]
    return Markup("<ol>{}</ol>").format(_join(items))
