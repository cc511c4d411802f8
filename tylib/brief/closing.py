"""The end of every brief: what is not known and whom to ask, how figures were made, the sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from tylib.brief import blocks
from tylib.brief.document import Part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tylib.brief.context import Context


def requests(
    context: Context, rows: Sequence[tuple[str, str, str]], *, heading: str, notes: Sequence[Any] = ()
) -> Part:
    """What is not published, the table that would fill it, and who holds that table; nothing where nothing is missing.

    Args:
        rows: (what; table; holder), in the order in which to ask.
        heading: The finding, with how many.
        notes: Further blocks below: when was searched, what is our reading.
    """
    if not rows:
        return Part()
    return Part("unknown", heading, (blocks.requests(rows), *notes), kind="not-published")


def holder(context: Context, row: Mapping[str, Any]) -> str:
    """Who keeps a table that can be asked for: in a county's brief its own office by name, where it has one.

    Args:
        row: Of table ``request_tables``.
    """
    own = context.words.pick(row, "own_holder") if context.kind == "county" else ""
    return own.format(county=context.name) if own else context.words.pick(row, "holder")


def method(context: Context, methods: Mapping[str, str], **values: Any) -> Part:
    """The rules and formulas behind the figures, each with the function that holds it.

    Args:
        methods: Key of the sentence in the catalogue to the dotted name of the function.
        values: Placeholders of the sentences (a parameter of ``params/judgements.yml`` in force).
    """
    if not methods:
        return Part()
    said = context.words
    items = [
        Markup("<li>{} <code>{}</code></li>").format(said(key, **values), function) for key, function in methods.items()
    ]
    listed = Markup('<ul class="note">{}</ul>').format(Markup("").join(items))
    return Part("method", said("brief.method"), (listed,))


def sources(context: Context) -> Part:
    """Every source cited so far, numbered in that order, in the form of GB/T 7714. Comes last."""
    entries = context.citations.entries()
    if not entries:
        return Part()
    grades = Markup('<p class="note">{}</p>').format(context.words("brief.grades"))
    return Part("sources", context.words("brief.sources"), (blocks.sources(entries), grades), kind="sources")
