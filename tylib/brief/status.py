"""How a figure's status looks beside it in text, tables and cards: the same mark everywhere, none where published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from tylib.store import Words

MARKS = {"imported": "▣", "derived": "≈", "estimated": "⟷", "assumed": "◇", "scenario": "⋯", "demonstration": "※"}


def mark(status: str | None, words: Words) -> Markup:
    """The superscript of a status, with its name for those who listen; empty for published figures and absences."""
    if status not in MARKS:
        return Markup("")
    return Markup(
        '<span class="status" data-status="{}"><sup aria-hidden="true">{}</sup><span class="unseen">{}</span></span>'
    ).format(status, MARKS[status], words(f"status.{status}"))
