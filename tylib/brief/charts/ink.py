"""What all charts share: reading their frame, the room that words take, the marks of status."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tylib.brief import theme
from tylib.brief.markup import em
from tylib.errors import ParameterError, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import altair as alt
    import polars as pl

STATUSES = ("published", "imported", "derived", "estimated", "assumed", "scenario", "demonstration")
NARROW, WIDE = 300, 600
"""Widths in pixels of a plot on a small telephone, and from which on it counts as wide: labels are thinned for both."""


def rows(frame: pl.DataFrame, needed: Sequence[str], **optional: Any) -> list[dict[str, Any]]:
    """The frame as rows with every column a chart reads; null and absent optional columns get their default.

    Raises:
        ParameterError: a needed column is missing, the frame is empty, or a status is none.
    """
    lacking = [name for name in needed if name not in frame.columns]
    if lacking:
        raise ParameterError(
            "a chart's frame lacks " + ", ".join(lacking), expected="columns " + ", ".join((*needed, *optional))
        )
    if frame.is_empty():
        raise ParameterError("a chart has no rows", remedy="Leave the figure out where nothing is known.")
    found = []
    for given in frame.to_dicts():
        row = {name: given[name] for name in needed}
        row |= {name: default if given.get(name) is None else given[name] for name, default in optional.items()}
        if "status" in row and row["status"] not in STATUSES:
            raise unknown("status", str(row["status"]), STATUSES)
        found.append(row)
    return found


BOLD = 1.08
"""How much wider bold words are."""
GAP = 10
"""Pixels between the longest label of a row and the plot."""


def pixels(text: str, size: int = theme.SMALL, *, bold: bool = False) -> int:
    """The width of the widest line of a text, in pixels."""
    widest = max((em(line) for line in text.split("\n")), default=0.0)
    return round(widest * size * (BOLD if bold else 1)) + 1


def wrap(text: str, limit: float = 9.0) -> str:
    """A label in lines of at most ``limit`` ems: broken at spaces, or anywhere between Chinese characters.

    >>> wrap("规模以上工业增加值增速", 7)
    '规模以上工业\\n增加值增速'
    >>> wrap("Above-scale industrial value added", 10)
    'Above-scale\\nindustrial value\\nadded'
    """
    lines = max(1, -(-em(text) // limit))
    share = em(text) / lines
    wrapped, line = [], ""
    for word in _words(text):
        whole = em(line + word.rstrip())
        if line and (whole > limit or em(line) >= share):
            wrapped.append(line.rstrip())
            line = ""
        line += word
    return "\n".join([*wrapped, line.rstrip()])


def _words(text: str) -> list[str]:
    words, latin = [], ""
    for character in text:
        if ord(character) >= 0x2E80:
            words += [latin, character] if latin else [character]
            latin = ""
        else:
            latin += character
            if character in " -–/":
                words.append(latin)
                latin = ""
    return [*words, latin] if latin else words


def fill(row: Mapping[str, Any]) -> str:
    """Accent for the unit in question, grey for its peers."""
    return theme.ACCENT if row["own"] else theme.CONTEXT


def word_colour(row: Mapping[str, Any]) -> str:
    """Colour of a row's words: accent for the unit in question, ink for its peers."""
    return theme.ACCENT if row["own"] else theme.INK


def weight(row: Mapping[str, Any]) -> str:
    """Weight of a row's words: bold for the unit in question."""
    return "bold" if row["own"] else "normal"


def outline(row: Mapping[str, Any]) -> float:
    """Width of the outline: thin where derived, else none."""
    return 1.0 if row["status"] == "derived" else 0.0


def row_axis(labels: Sequence[str], own: Sequence[str]) -> alt.Axis:
    """Labels of rows: no line, no ticks, the unit's own in accent and bold; line breaks kept."""
    import altair as alt

    test = f"indexof({json.dumps(list(own), ensure_ascii=False)}, datum.value) >= 0"
    return alt.Axis(
        title=None,
        grid=False,
        labelLimit=0,
        labelAlign="left",
        labelPadding=max(pixels(label, bold=label in own) for label in labels) + GAP,
        labelLineHeight=15,
        labelExpr="split(datum.label, '\\n')" if any("\n" in label for label in labels) else alt.Undefined,
        labelColor={"condition": {"test": test, "value": theme.ACCENT}, "value": theme.INK},
        labelFontWeight={"condition": {"test": test, "value": "bold"}, "value": "normal"},
    )


def unit_axis(unit: str, *, ticks: bool = True, count: int = 4) -> alt.Axis:
    """A quantity along the top: the unit as its title at the left, few numbers, no line."""
    import altair as alt

    return alt.Axis(
        orient="top",
        title=unit or None,
        titleAnchor="start",
        titleAlign="left",
        labels=ticks,
        grid=ticks,
        tickCount=count,
        labelFlush=True,
        labelPadding=3,
        titlePadding=4,
    )


def words(layer: Sequence[Mapping[str, Any]] | alt.Data, **mark: Any) -> alt.Chart:
    """A layer of words: columns ``text``, ``colour`` and ``weight``, and where they stand by the caller's encoding."""
    import altair as alt

    return (
        alt.Chart(layer if isinstance(layer, alt.SchemaBase) else data(layer))
        .mark_text(fontWeight=alt.ExprRef("datum.weight"), lineBreak="\n", **mark)
        .encode(text=alt.Text("text:N"), color=raw("colour"))  # a bare name would cost a search of Altair's classes
    )


def raw(column: str) -> alt.Color:
    """A colour encoding that takes the column's own colour names, without scale or legend."""
    import altair as alt

    return alt.Color(f"{column}:N", scale=None, legend=None)


def data(layer: Sequence[Mapping[str, Any]]) -> alt.Data:
    """Rows as inline data of a layer, numbers rounded to what a screen can show."""
    import altair as alt

    found = alt.Data(values=[{k: _round(v) for k, v in row.items() if v is not None} for row in layer])
    # Altair copies a chart, rows and all, each time it is put into another one; nobody changes these rows.
    object.__setattr__(found, "__deepcopy__", lambda _: found)
    return found


def _round(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value
