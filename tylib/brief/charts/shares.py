"""Shares: of a target that was reached, of a whole that a part makes. Labels stand over the bars, at full width."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tylib.brief import theme
from tylib.brief.charts import ink
from tylib.errors import ParameterError

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

TARGET_ROW, TARGET_BAR = 54, 13
LINE = 18  # pixels
PART_ROW, PART_BAR = 54, 34
MOST_PARTS = 5
GAP = 16
"""Pixels between names that stand side by side."""


def target(frame: pl.DataFrame, *, unit: str, description: str) -> alt.LayerChart:
    """What was promised and what came: a bar for the outturn as a share of its target, a mark for the target.

    Rows may have different units, so each is drawn with its target as 100.

    Args:
        frame: ``label``; ``target`` (positive); ``value`` (null where no outturn is published: the bar is hatched);
            ``text`` (both figures as printed); optional ``own``, ``status``. In the order given.
        unit: Under the bars, such as "target = 100".
        description: What the chart shows, for who cannot see it.

    Raises:
        ParameterError: a target is not positive, a column is missing or there are no rows.
    """
    import altair as alt

    found = ink.rows(frame, ["label", "value", "target", "text"], own=True, status="published")
    if any(row["target"] is None or row["target"] <= 0 for row in found):
        raise ParameterError("a target that is not positive cannot be drawn as 100")
    bars, absent, marks, words, figures = [], [], [], [], []
    top = 24 - TARGET_ROW
    for row in found:
        # Each row: words on top, the bar under them, the target's mark a little taller than the bar. Where name and
        # figure do not fit side by side on a telephone, the name has a line of its own.
        stacked = ink.pixels(row["label"]) + ink.pixels(row["text"], bold=True) + GAP > ink.NARROW
        top += TARGET_ROW + stacked * LINE
        bar = {"from": 0, "top": top, "bottom": top + TARGET_BAR}
        if row["value"] is None:
            absent.append({**bar, "to": 100})
        else:
            bars.append(
                {**bar, "to": 100 * row["value"] / row["target"], "fill": ink.fill(row), "outline": ink.outline(row)}
            )
        marks.append({"at": 100, "top": top - 2, "bottom": top + TARGET_BAR + 6})
        words.append({"text": row["label"], "y": top - 13 - stacked * LINE, "colour": theme.INK, "weight": "normal"})
        tone = ("normal", theme.MUTED) if row["value"] is None else ("bold", theme.INK)
        figures.append({"text": row["text"], "y": top - 13, "colour": tone[1], "weight": tone[0]})
    height = top + TARGET_ROW - 24 + (6 if unit else -10)
    ends = [0.0, 100.0, *(bar["to"] for bar in bars)]
    x = alt.Scale(domain=[min(ends), max(ends)], nice=False)
    y_scale = alt.Scale(domain=[0, height], range=[0, height], nice=False)
    y = alt.Y("top:Q", scale=y_scale, axis=None)

    def bar_layer(rows: list[dict], **mark: object) -> alt.Chart:
        return (
            alt.Chart(ink.data(rows))
            .mark_rect(**mark)
            .encode(x=alt.X("from:Q", scale=x, axis=None), x2="to:Q", y=y, y2="bottom:Q")
        )

    layers = []
    if absent:
        layers.append(bar_layer(absent, fill=theme.HATCH, stroke=theme.HAIRLINE, strokeWidth=1))
    if bars:
        solid = bar_layer(bars, stroke=theme.MUTED, strokeWidth=alt.ExprRef("datum.outline"))
        layers.append(solid.encode(color=ink.raw("fill")))
    mark = alt.Chart(ink.data(marks)).mark_rule(stroke=theme.SECOND, strokeWidth=3)
    layers.append(mark.encode(x=alt.X("at:Q", scale=x, axis=None), y=y, y2="bottom:Q"))
    at = alt.Y("y:Q", scale=y_scale, axis=None)
    if unit:
        # Under its mark, unless that stands at the right edge.
        named = [{"at": 100, "text": unit, "colour": theme.SECOND, "weight": "normal", "y": height - 2}]
        centred = max(ends) * (1 - ink.pixels(unit) / 2 / ink.NARROW) >= 100
        text = ink.words(named, align="center" if centred else "right", baseline="middle", dx=0 if centred else 2)
        layers.append(text.encode(x=alt.X("at:Q", scale=x, axis=None), y=at))
    layers.append(ink.words(words, align="left", baseline="middle").encode(y=at, x=alt.value(0)))
    layers.append(ink.words(figures, align="right", baseline="middle").encode(y=at, x=alt.value(alt.ExprRef("width"))))
    return alt.layer(*layers).properties(height=height, description=description)


def parts(frame: pl.DataFrame, *, unit: str, description: str) -> alt.LayerChart:
    """What a whole is made of: one stacked bar a row, at most five parts, named where they stand.

    Args:
        frame: ``part``; ``value`` (not negative); ``text``; optional ``row`` (one bar each). Rows and parts stay in
            the order in which the frame names them first.
        unit: Under the bars.
        description: What the chart shows, for who cannot see it.

    Each row is drawn to its own total: lengths compare shares, the words carry the figures. The figure of a part too
    small for its word stands with the name over the first bar, or only in the table.

    Raises:
        ParameterError: more than five parts, a negative value, a column is missing or there are no rows.
    """
    import altair as alt

    found = ink.rows(frame, ["part", "value", "text"], row="")
    names = list(dict.fromkeys(row["part"] for row in found))
    bars = list(dict.fromkeys(row["row"] for row in found))
    if len(names) > MOST_PARTS:
        raise ParameterError(
            f"{len(names)} parts in one bar", expected=f"at most {MOST_PARTS}", remedy="Join the smallest."
        )
    if any(row["value"] is None or row["value"] < 0 for row in found):
        raise ParameterError("a part of a whole without a value, or below zero")
    # Dark to light, so that parts can be told apart in grey; few parts take the outer steps.
    steps = {1: [5], 2: [5, 2], 3: [5, 3, 1], 4: [5, 4, 2, 1], 5: [5, 4, 3, 2, 1]}[len(names)]
    margin = max(ink.pixels(bar) + 12 if bar else 0 for bar in bars)
    heads, over = _heads([row for row in found if row["row"] == bars[0]], ink.NARROW - margin)
    segments, inside = [], []
    for index, bar in enumerate(bars):
        own = [row for row in found if row["row"] == bar]
        total, start = sum(row["value"] for row in own) or 1.0, 0.0
        top = over + index * PART_ROW
        for row in own:
            share = 100 * row["value"] / total
            colour, on = theme.step(steps[names.index(row["part"])])
            segments.append({"from": start, "to": start + share, "top": top, "bottom": top + PART_BAR, "fill": colour})
            if _fits(row["text"], share, ink.NARROW - margin):
                word = {"at": start, "y": top + PART_BAR / 2, "text": row["text"], "colour": on, "weight": "bold"}
                inside.append(word)
            start += share
    height = over + PART_ROW * len(bars) - (PART_ROW - PART_BAR) + 8
    x_scale = alt.Scale(domain=[0, 100], nice=False, range=[margin, alt.ExprRef("width")])
    y_scale = alt.Scale(domain=[0, height], range=[0, height], nice=False)

    def x(name: str) -> alt.X:
        return alt.X(f"{name}:Q", scale=x_scale, axis=_below(unit))

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", scale=y_scale, axis=None)

    rect = alt.Chart(ink.data(segments)).mark_rect(stroke=theme.PAPER, strokeWidth=1.5)
    layers = [rect.encode(x=x("from"), x2="to:Q", y=y("top"), y2="bottom:Q", color=ink.raw("fill"))]
    if inside:
        layers.append(ink.words(inside, align="left", dx=7, baseline="middle").encode(x=x("at"), y=y("y")))
    for place, text in _side_by_side(heads, margin):
        name = {"text": text, "y": over - 14 - 15 * text.count("\n"), "colour": theme.INK, "weight": "normal"}
        layers.append(
            ink.words([name], align="left", baseline="middle").encode(x=alt.value(alt.ExprRef(place)), y=y("y"))
        )
    rows = [
        {"text": bar, "y": over + index * PART_ROW + PART_BAR / 2, "colour": theme.INK, "weight": "normal"}
        for index, bar in enumerate(bars)
        if bar
    ]
    if rows:
        layers.append(ink.words(rows, align="left", baseline="middle").encode(x=alt.value(0), y=y("y")))
    return alt.layer(*layers).properties(height=height, description=description)


def _fits(text: str, share: float, room: float) -> bool:
    """Whether a figure has room in its part on a small telephone."""
    return ink.pixels(text) + 12 <= share / 100 * room


def _heads(own: list[dict[str, Any]], room: float) -> tuple[list[tuple[float, str]], int]:
    """Where each part begins (per cent) and its name, with its figure where the part is too small for that.

    Names that do not fit side by side on a small telephone are broken into lines. Second is the room they take.
    """
    total, start, heads = sum(row["value"] for row in own) or 1.0, 0.0, []
    for row in own:
        share = 100 * row["value"] / total
        heads.append((start, row["part"] if _fits(row["text"], share, room) else f"{row['part']} {row['text']}"))
        start += share
    if sum(ink.pixels(text) + GAP for _, text in heads) - GAP > room:
        limit = (room / len(heads) - GAP) / theme.SMALL
        heads = [(at, ink.wrap(text, limit)) for at, text in heads]
    return heads, 11 + 15 * max(text.count("\n") + 1 for _, text in heads)


def _below(unit: str) -> alt.Axis:
    import altair as alt

    return alt.Axis(
        orient="bottom",
        title=unit or None,
        titleAnchor="start",
        titleAlign="left",
        labels=False,
        grid=False,
        titlePadding=2,
    )


def _side_by_side(heads: list[tuple[float, str]], margin: int) -> list[tuple[str, str]]:
    """Names over the beginnings of their parts, moved apart where a part is smaller than its name.

    The place is an expression of the plot's width: as far left as its part and the names before it allow, but not so
    far right that the names after it would not fit.
    """
    widths = [ink.pixels(text) + GAP for _, text in heads]
    places = []
    for index, (_, text) in enumerate(heads):
        starts = [
            f"{margin} + {heads[before][0]:.4g} * (width - {margin}) / 100 + {sum(widths[before:index])}"
            for before in range(index + 1)
        ]
        furthest = starts[0] if index == 0 else f"max({', '.join(starts)})"
        places.append((f"min({furthest}, width - {sum(widths[index:]) - GAP})", text))
    return places
