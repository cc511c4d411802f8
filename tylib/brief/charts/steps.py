"""Steps of a ladder, lowest at the left: who stands on which, and where the unit in question would go next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tylib.brief import theme
from tylib.brief.charts import ink
from tylib.errors import ParameterError

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

HEAD, RISE, LINE, GAP = 32, 46, 16, 7
"""Pixels: room for a step's name, how much each rises over the one before, a line of text, room between names."""


def ladder(frame: pl.DataFrame, *, description: str) -> alt.LayerChart:
    """Who stands on which step: names in boxes on the steps, the unit's own framed, an arrow to the step after it.

    Args:
        frame: ``step`` and ``note`` (what stands in the step, in two lines), ``name`` (null: nobody is named there);
            optional ``own``. Steps and names stay in the order in which the frame names them first, lowest step first.
        description: What the chart shows, for who cannot see it.

    Raises:
        ParameterError: a column is missing, there are no rows, or a unit stands on two steps.
    """
    import altair as alt

    found = ink.rows(frame, ["step", "note", "name"], own=False)
    steps = list(dict.fromkeys((row["step"], row["note"]) for row in found))
    if sum(row["own"] for row in found) > 1:
        raise ParameterError("a unit stands on one step only")
    limit = ((ink.NARROW + 40) / len(steps) - 14) / theme.SMALL
    notes = [ink.wrap(note, limit) for _, note in steps]
    names = [ink.wrap(step, limit) for step, _ in steps]
    most = max(name.count("\n") for name in names)
    lowest = HEAD + LINE * (most + max(note.count("\n") + 1 for note in notes))
    bars, boxes, words, arrows = [], [], [], []
    tops = [lowest + index * RISE for index in range(len(steps))]
    highest = tops[-1]
    for index, (step, _) in enumerate(steps):
        fill, on = theme.step(index + 1)
        bars.append({"from": index + 0.01, "to": index + 0.99, "low": 0, "high": tops[index], "fill": fill})
        below = LINE * names[index].count("\n")
        for text, offset, weight in ((names[index], 18, "bold"), (notes[index], 38 + below, "normal")):
            place = {"x": index + 0.5, "y": tops[index] - offset}
            words.append({**place, "text": text, "colour": on, "weight": weight})
        height = tops[index] + GAP
        for row in (row for row in found if row["step"] == step and row["name"]):
            text = ink.wrap(row["name"], limit)
            lines = text.count("\n") + 1
            end = height + lines * LINE + 8
            colour = theme.ACCENT if row["own"] else theme.HAIRLINE
            boxes.append({"from": index + 0.04, "to": index + 0.96, "low": height, "high": end, "fill": colour,
                          "line": 2.5 if row["own"] else 1.0})  # fmt: skip
            first = end - 4 - LINE / 2
            words.append({"x": index + 0.5, "y": first, "text": text, "colour": ink.word_colour(row),
                          "weight": ink.weight(row)})  # fmt: skip
            if row["own"] and index + 1 < len(steps):
                arrows.append({"x": index + 0.96, "y": (height + end) / 2, "x2": index + 1.04, "y2": tops[index + 1]})
            height = end + GAP
            highest = max(highest, end)
    height = highest + 6
    x_scale = alt.Scale(domain=[0, len(steps)], nice=False, range=[0, alt.ExprRef("width")])
    y_scale = alt.Scale(domain=[0, height], nice=False, range=[height, 0])

    def place(x: str, y: str) -> dict:
        return {"x": alt.X(f"{x}:Q", scale=x_scale, axis=None), "y": alt.Y(f"{y}:Q", scale=y_scale, axis=None)}

    ends = {**place("from", "low"), "x2": "to:Q", "y2": "high:Q"}
    layers = [alt.Chart(ink.data(bars)).mark_rect().encode(**ends, color=ink.raw("fill"))]
    if boxes:
        box = alt.Chart(ink.data(boxes)).mark_rect(
            cornerRadius=3, fill=theme.PAPER, strokeWidth=alt.ExprRef("datum.line"),
            stroke=alt.ExprRef("datum.fill"),
        )  # fmt: skip
        layers.append(box.encode(**ends))
    layers.append(ink.words(words, align="center", baseline="middle", lineHeight=LINE).encode(**place("x", "y")))
    if arrows:
        line = alt.Chart(ink.data(arrows)).mark_rule(stroke=theme.ACCENT, strokeWidth=2, strokeDash=[4, 3])
        layers.append(line.encode(**place("x", "y"), x2="x2:Q", y2="y2:Q"))
        head = alt.Chart(ink.data(arrows)).mark_point(
            shape="triangle-right", size=70, filled=True, fill=theme.ACCENT, opacity=1
        )
        layers.append(head.encode(**place("x2", "y2")))
    return alt.layer(*layers).properties(height=height, description=description)
