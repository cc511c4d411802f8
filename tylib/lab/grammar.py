"""The marks of status, shown with what they mean: the same in every chart, table and sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from tylib.brief.document import Part
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.store import words
from tylib.store.contracts import STATUS

if TYPE_CHECKING:
    from tylib.store import City

BESIDE = ("absent", "conflict")
"""Not statuses of a figure, but drawn with marks of their own."""


def statuses(*, language: str, city: City | None = None) -> Part:
    """Every status from the strongest to the weakest: its swatch in charts, its sign in text, its meaning.

    Args:
        language: A folder of ``params/i18n``.
        city: Defaults to the city found from the working directory.

    >>> statuses(language="en").blocks[0].count("swatch")
    9
    """
    said = words(language, city)
    rows = [
        {
            "name": said(f"status.{name}") if name in STATUS else said(f"lab.statuses.{name}"),
            "chart": Markup('<span class="swatch" data-status="{}" aria-hidden="true"></span>').format(name),
            "text": mark(name, said),
            "meaning": said(f"status.{name}_means") if name in STATUS else said(f"lab.statuses.{name}_means"),
        }
        for name in (*STATUS, *BESIDE)
    ]
    columns = {name: said(f"lab.statuses.columns.{name}") for name in ("name", "chart", "text", "meaning")}
    table = html_table(rows, columns, key="statuses", caption=said("status.legend"), markup=["chart", "text"])
    return Part("statuses", said("lab.statuses.heading"), (table, said("lab.statuses.weakest")))
