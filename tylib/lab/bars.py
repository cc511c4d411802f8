"""Signed bars that add up, in rows of fixed height over an axis of fixed ends: they can be fed while they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tylib.brief import theme
from tylib.brief.charts import ink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import altair as alt

ROW, BAR, NAME = 30, 13, 9.5
"""Pixels of a row and of its bar; ems of a line of its name."""
RIGHT = 96
"""Pixels behind the longest bar for its figure."""


def bar_rows(found: Sequence[Mapping[str, Any]], ends: tuple[float, float]) -> dict[str, list[dict[str, Any]]]:
    """Rows of each layer: ``zero, bars, hollow, labels, words``.

    Args:
        found: ``label, value`` (null: a zero that says nothing of size, a hollow diamond), ``text``, ``own`` (the sum).
        ends: Of the axis; a bar beyond it is cut there, its figure is not.
    """
    layers: dict[str, list[dict[str, Any]]] = {
        "zero": [{"at": 0.0, "top": 0, "bottom": ROW * len(found)}], "bars": [], "hollow": [], "labels": [], "words": []
    }  # fmt: skip
    for number, row in enumerate(found):
        value, middle = min(max(row["value"] or 0.0, ends[0]), ends[1]), ROW * (number + 0.5)
        base = {"y": middle, "weight": ink.weight(row)}
        if row["value"] is None:
            layers["hollow"].append({"y": middle, "at": 0.0})
        elif value:
            fill = theme.ACCENT if row["own"] else theme.SECOND
            layers["bars"].append({"top": middle - BAR / 2, "bottom": middle + BAR / 2, "from": 0.0, "at": value,
                                   "colour": fill})  # fmt: skip
        layers["labels"].append(base | {"text": ink.wrap(row["label"], NAME), "colour": theme.INK})
        tone = theme.MUTED if row["value"] is None else theme.INK
        layers["words"].append(base | {"text": row["text"], "at": max(value, 0.0), "colour": tone})
    return layers


def bar_layers(
    ends: tuple[float, float], labels: Sequence[str], data: Mapping[str, alt.Data], *, description: str
) -> alt.LayerChart:
    """Bars over the data of their layers, whose rows (:func:`bar_rows`) are at hand or come later by name.

    Args:
        ends: Of the axis.
        labels: Of the rows, for the room that they take.
        data: By layer; a layer that has none is left out.
        description: What the chart shows, for who cannot see it.
    """
    import altair as alt

    left, count = max(ink.pixels(ink.wrap(label, NAME), bold=True) for label in labels) + 14, len(labels)
    x_scale = alt.Scale(domain=list(ends), nice=False, range=[left, alt.ExprRef(f"width - {RIGHT}")])
    y_scale = alt.Scale(domain=[0, ROW * count], range=[0, ROW * count], nice=False)

    def x(name: str) -> alt.X:
        return alt.X(f"{name}:Q", scale=x_scale, axis=None)

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", scale=y_scale, axis=None)

    drawn = {
        "bars": lambda own: alt.Chart(own).mark_rect().encode(
            x=x("from"), x2="at:Q", y=y("top"), y2="bottom:Q", color=ink.raw("colour")),
        "zero": lambda own: alt.Chart(own).mark_rule(stroke=theme.INK, strokeWidth=1).encode(
            x=x("at"), y=y("top"), y2="bottom:Q"),
        "hollow": lambda own: alt.Chart(own).mark_point(
            shape="diamond", size=46, filled=False, fill=theme.PAPER, stroke=theme.MUTED, strokeWidth=1.25, opacity=1,
        ).encode(x=x("at"), y=y("y")),
        "labels": lambda own: ink.words(own, align="left", baseline="middle", lineHeight=14, dy=alt.ExprRef(
            "indexof(datum.text, '\\n') < 0 ? 0 : -7")).encode(x=alt.value(0), y=y("y")),
        "words": lambda own: ink.words(own, align="left", dx=10, baseline="middle").encode(x=x("at"), y=y("y")),
    }  # fmt: skip
    layers = [draw(data[name]) for name, draw in drawn.items() if name in data]
    return alt.layer(*layers).properties(height=ROW * count, description=description)
