"""Parts that add up to a change, those that pull up and those that pull down: stacked from zero to both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tylib.brief import theme
from tylib.brief.charts import ink
from tylib.errors import ParameterError

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

ROW, BAR, LINE = 58, 22, 18
MOST_PARTS = 5
SQUARE, GAP = 11, 18
"""Pixels of a part's square in the key, and between its entries."""


def contributions(frame: pl.DataFrame, *, unit: str, description: str) -> alt.LayerChart:
    """What adds up to a change: a stacked bar a row, parts above zero to the right, parts below it to the left.

    Args:
        frame: ``row`` (its label, over the bar), ``part``, ``value`` (null where how the total divides is not known: it
            is hatched), ``text``; optional ``total`` (where the sum stands: a mark) and ``total_text`` (at
            the right end of the label's line). Rows and parts stay in the order in which the frame names them first.
        unit: Under the bars.
        description: What the chart shows, for who cannot see it.

    The figure of a part too small for its word stands only in the table.

    Raises:
        ParameterError: more than five parts, a column is missing or there are no rows.
    """
    import altair as alt

    found = ink.rows(frame, ["row", "part", "value", "text"], total=None, total_text="")
    names = list(dict.fromkeys(row["part"] for row in found if row["value"] is not None))
    if len(names) > MOST_PARTS:
        raise ParameterError(
            f"{len(names)} parts in one bar", expected=f"at most {MOST_PARTS}", remedy="Join the smallest."
        )
    labels = list(dict.fromkeys(row["row"] for row in found))
    low, high = _reach(found, labels)
    keys, top = _key(names)
    segments, inside, totals, hatched, heads = [], [], [], [], []
    for label in labels:
        own = [row for row in found if row["row"] == label]
        wide = ink.pixels(label) + ink.pixels(own[0]["total_text"], bold=True) + GAP > ink.NARROW
        heads.append({"text": label, "y": top + 8, "colour": theme.INK, "weight": "normal", "side": "left"})
        top += LINE * wide
        heads.append(
            {"text": own[0]["total_text"], "y": top + 8, "colour": theme.INK, "weight": "bold", "side": "right"}
        )
        band = {"top": top + 20, "bottom": top + 20 + BAR}
        up = down = 0.0
        for row in own:
            if row["value"] is None:
                hatched.append({"from": 0, "to": high if row["total"] is None else row["total"], **band})
                continue
            start = up if row["value"] >= 0 else down
            end = start + row["value"]
            up, down = (end, down) if row["value"] >= 0 else (up, end)
            colour, on = theme.step(_steps(len(names))[names.index(row["part"])])
            segments.append({"from": start, "to": end, **band, "fill": colour})
            if ink.pixels(row["text"], bold=True) + 10 <= abs(row["value"]) / (high - low) * ink.NARROW:
                inside.append({"at": (start + end) / 2, "y": band["top"] + BAR / 2, "text": row["text"],
                               "colour": on, "weight": "bold"})  # fmt: skip
        if own[0]["total"] is not None:
            totals.append({"at": own[0]["total"], "y": band["bottom"] + 6})
        top += ROW
    height = top + (LINE if unit else 0)
    x_scale = alt.Scale(domain=[low, high], nice=False, range=[0, alt.ExprRef("width")])
    y_scale = alt.Scale(domain=[0, height], range=[0, height], nice=False)

    def x(name: str) -> alt.X:
        return alt.X(f"{name}:Q", scale=x_scale, axis=None)

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", scale=y_scale, axis=None)

    layers = []
    if hatched:
        stub = alt.Chart(ink.data(hatched)).mark_rect(fill=theme.HATCH, stroke=theme.HAIRLINE, strokeWidth=1)
        layers.append(stub.encode(x=x("from"), x2="to:Q", y=y("top"), y2="bottom:Q"))
    if segments:
        rect = alt.Chart(ink.data(segments)).mark_rect(stroke=theme.PAPER, strokeWidth=1.5)
        layers.append(rect.encode(x=x("from"), x2="to:Q", y=y("top"), y2="bottom:Q", color=ink.raw("fill")))
        # A line for each bar: one through all of them would strike through their labels.
        zeros = [{"zero": 0, "top": top - 4, "bottom": top + BAR + 4} for top in {bar["top"] for bar in segments}]
        rule = alt.Chart(ink.data(sorted(zeros, key=lambda zero: zero["top"]))).mark_rule(
            stroke=theme.INK, strokeWidth=1
        )
        layers.append(rule.encode(x=x("zero"), y=y("top"), y2="bottom:Q"))
    if totals:
        # Under the bar, where it hides no figure.
        point = alt.Chart(ink.data(totals)).mark_point(
            shape="triangle-up", size=55, filled=True, fill=theme.SECOND, opacity=1
        )
        layers.append(point.encode(x=x("at"), y=y("y")))
    if inside:
        layers.append(ink.words(inside, align="center", baseline="middle").encode(x=x("at"), y=y("y")))
    for side, at in (("left", 0), ("right", alt.ExprRef("width"))):
        entries = [{name: head[name] for name in ("text", "y", "colour", "weight")} for head in heads
                   if head["side"] == side and head["text"]]  # fmt: skip
        if entries:
            layers.append(ink.words(entries, align=side, baseline="middle").encode(x=alt.value(at), y=y("y")))
    for at, line, name in keys:
        layers += _entry(at, line, name, names, y)
    if unit:
        below = [{"text": unit, "y": height - 7, "colour": theme.MUTED, "weight": "normal"}]
        layers.append(ink.words(below, align="left", baseline="middle").encode(x=alt.value(0), y=y("y")))
    return alt.layer(*layers).properties(height=height, description=description)


def _reach(rows: list[dict[str, Any]], labels: list[str]) -> tuple[float, float]:
    """How far the bars go to both sides, totals among them; never nothing."""
    ends = [0.0, *(row["total"] for row in rows if row["total"] is not None)]
    for label in labels:
        values = [row["value"] for row in rows if row["row"] == label and row["value"] is not None]
        ends += [sum(v for v in values if v > 0), sum(v for v in values if v < 0)]
    low, high = min(ends), max(ends)
    return (low, high) if high > low else (low, low + 1.0)


def _steps(count: int) -> list[int]:
    """Dark to light, so that parts can be told apart in grey; few parts take the outer steps."""
    return {1: [5], 2: [5, 2], 3: [5, 3, 1], 4: [5, 4, 2, 1], 5: [5, 4, 3, 2, 1]}[count]


def _key(names: list[str]) -> tuple[list[tuple[int, int, str]], int]:
    """Where the name of each part stands over the bars (pixels from the left, line), and the room that takes."""
    found, at, line = [], 0, 0
    for name in names:
        width = SQUARE + 6 + ink.pixels(name)
        if at and at + width > ink.NARROW:
            at, line = 0, line + 1
        found.append((at, line, name))
        at += width + GAP
    return found, (LINE + 2) * (line + 1) + 8 if names else 0


def _entry(at: int, line: int, name: str, names: list[str], y: Any) -> list[alt.Chart]:
    """A part's square and its name."""
    import altair as alt

    colour, _ = theme.step(_steps(len(names))[names.index(name)])
    top = line * (LINE + 2)
    square = alt.Chart(ink.data([{"top": top + 2, "bottom": top + 2 + SQUARE}])).mark_rect(
        fill=colour, x=at, x2=at + SQUARE
    )
    word = ink.words([{"text": name, "y": top + 8, "colour": theme.INK, "weight": "normal"}], align="left",
                     baseline="middle")  # fmt: skip
    return [
        square.encode(y=y("top"), y2="bottom:Q"),
        word.encode(x=alt.value(at + SQUARE + 6), y=y("y")),
    ]
