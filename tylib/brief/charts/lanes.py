"""Rows of two lanes, one under the other in the same order: what holds under one assumption and under another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tylib.brief import theme
from tylib.brief.charts import ink

if TYPE_CHECKING:
    from collections.abc import Sequence

    import altair as alt
    import polars as pl

LANES = (("upper", theme.ACCENT), ("lower", theme.SECOND))
ROW, BAR, SHIFT, CAP = 42, 11, 9, 13
LEAST = 80
"""Pixels of the bars' plot on a small telephone."""


def paired(frame: pl.DataFrame, *, unit: str, description: str) -> alt.LayerChart:
    """Signed bars that add up, in two lanes: from zero to the right or to the left, the sum first and bold.

    Args:
        frame: ``label``; ``upper, lower`` (values; null is a zero that says nothing of size: a hollow diamond);
            ``upper_text, lower_text``; optional ``own`` (true for the sum). The order is kept.
        unit: Over the bars.
        description: What the chart shows, for who cannot see it.

    Raises:
        ParameterError: a column is missing or there are no rows.
    """
    import altair as alt

    found = ink.rows(frame, ["label", "upper", "lower", "upper_text", "lower_text"], own=False)
    found = [{**row, "label": ink.wrap(row["label"], 11)} for row in found]
    ends = [row[lane] for row in found for lane, _ in LANES if row[lane] is not None]
    x, y = _scales(found, ends, unit)
    bars, hollow, words = [], [], []
    for lane, colour, shift in _lanes():
        for row in found:
            value, base = row[lane], {"label": row["label"], "shift": shift, "colour": colour}
            if value is None:
                hollow.append(base | {"at": 0.0})
            elif value:
                bars.append(base | {"from": 0.0, "at": value})
            side = {"align": "right", "gap": -8} if (value or 0.0) < 0 else {"align": "left", "gap": 8}
            tone = {"colour": theme.MUTED if value is None else colour, "weight": ink.weight(row)}
            words.append(base | side | tone | {"at": value or 0.0, "text": row[f"{lane}_text"]})
    layers = [_zero(x)]
    if bars:
        bar = _layer(bars, y).mark_bar(size=BAR, yOffset=_of("shift"))
        layers.append(bar.encode(x=x("from"), x2=alt.X2("at:Q"), color=ink.raw("colour")))
    if hollow:
        layers.append(_hollow(hollow, y).encode(x=x("at"), color=ink.raw("colour")))
    text = ink.words(words, align=_of("align"), dx=_of("gap"), dy=_of("shift"), baseline="middle")
    return _chart(found, [*layers, text.encode(y=y, x=x("at"))], description)


def brackets(frame: pl.DataFrame, *, unit: str, description: str) -> alt.LayerChart:
    """Ranges in two lanes: pale between caps, the middle half darker, a line at the middle.

    Args:
        frame: ``label``; of each lane ``upper_low, upper_inner_low, upper_median, upper_inner_high, upper_high`` and
            the same for ``lower``; ``upper_text, lower_text``; optional ``upper_rest`` (a hollow diamond: what remains
            under another supposition), ``own``. The order is kept.
        unit: Over the axis.
        description: What the chart shows, for who cannot see it.

    Raises:
        ParameterError: a column is missing or there are no rows.
    """
    import altair as alt

    ends = ("low", "inner_low", "median", "inner_high", "high")
    needed = [f"{lane}_{name}" for lane, _ in LANES for name in (*ends, "text")]
    found = ink.rows(frame, ["label", *needed], own=False, upper_rest=None, lower_rest=None)
    found = [{**row, "label": ink.wrap(row["label"], 11)} for row in found]
    all_ends = [row[f"{lane}_{name}"] for row in found for lane, _ in LANES for name in (ends[0], ends[-1])]
    x, y = _scales(found, [*all_ends, *(row["upper_rest"] or 0.0 for row in found)], unit, ticks=True)
    spans, inner, ticks, rest, words = [], [], [], [], []
    for lane, colour, shift in _lanes():
        for row in found:
            base = {"label": row["label"], "shift": shift, "colour": colour}
            low, inner_low, median, inner_high, high = (row[f"{lane}_{name}"] for name in ends)
            spans.append(base | {"from": low, "at": high})
            inner.append(base | {"from": inner_low, "at": inner_high})
            ticks += [base | {"at": end} for end in (low, median, high)]
            words.append(base | {"at": high, "text": row[f"{lane}_text"], "weight": ink.weight(row)})
            rest += [base | {"at": row[f"{lane}_rest"]}] if row[f"{lane}_rest"] is not None else []
    layers = [_zero(x)]
    for rows, opacity in ((spans, 0.3), (inner, 0.5)):
        bar = _layer(rows, y).mark_bar(size=BAR - 2, yOffset=_of("shift"), opacity=opacity)
        layers.append(bar.encode(x=x("from"), x2=alt.X2("at:Q"), color=ink.raw("colour")))
    tick = _layer(ticks, y).mark_tick(size=CAP, thickness=2, orient="vertical", yOffset=_of("shift"))
    layers.append(tick.encode(x=x("at"), color=ink.raw("colour")))
    if rest:
        layers.append(_hollow(rest, y).encode(x=x("at"), color=ink.raw("colour")))
    text = ink.words(words, align="left", dx=8, dy=_of("shift"), baseline="middle")
    return _chart(found, [*layers, text.encode(y=y, x=x("at"))], description)


def _of(column: str) -> alt.ExprRef:
    import altair as alt

    return alt.ExprRef(f"datum.{column}")


def _hollow(rows: Sequence[dict[str, Any]], y: alt.Y) -> alt.Chart:
    """Hollow diamonds: what is there by supposition, not by size."""
    return _layer(rows, y).mark_point(
        shape="diamond", size=46, filled=False, fill=theme.PAPER, strokeWidth=1.25, opacity=1, yOffset=_of("shift")
    )


def _lanes() -> list[tuple[str, str, int]]:
    return [(lane, colour, shift) for (lane, colour), shift in zip(LANES, (-SHIFT, SHIFT), strict=True)]


def _scales(found: Sequence[dict[str, Any]], ends: Sequence[float], unit: str, *, ticks: bool = False) -> Any:
    """Scales from zero with room for the longest word at the right and, where something is negative, at the left."""
    import altair as alt

    low, high = min([0.0, *ends]), max([0.0, *ends])
    high = high if high > low else low + 1.0
    texts = [(row[f"{lane}_text"], row.get(lane), row.get(f"{lane}_high", 0.0)) for row in found for lane, _ in LANES]
    # A word beside a short bar has the rest of the plot as well, even on a small telephone.
    right = max(
        ink.pixels(text, bold=True) + 12 - LEAST * (1 - max(value if value is not None else at, 0.0) / (high or 1.0))
        for text, value, at in texts
    )
    left = max((ink.pixels(text, bold=True) + 12 for text, value, _ in texts if (value or 0.0) < 0), default=8)
    scale = alt.Scale(domain=[low, high], nice=False, range=[left, alt.ExprRef(f"width - {right}")])
    axis = ink.unit_axis(unit, ticks=ticks)
    labels = [row["label"] for row in found]
    own = ink.row_axis(labels, [row["label"] for row in found if row["own"]])
    y = alt.Y("label:N", sort=labels, scale=alt.Scale(paddingInner=0, paddingOuter=0), axis=own)
    return lambda name: alt.X(f"{name}:Q", scale=scale, axis=axis), y


def _layer(rows: Sequence[dict[str, Any]], y: alt.Y) -> alt.Chart:
    import altair as alt

    return alt.Chart(ink.data(rows)).encode(y=y)


def _zero(x: Any) -> alt.Chart:
    import altair as alt

    return alt.Chart(ink.data([{"zero": 0}])).mark_rule(stroke=theme.INK, strokeWidth=1).encode(x=x("zero"))


def _chart(found: Sequence[dict[str, Any]], layers: Sequence[alt.Chart], description: str) -> alt.LayerChart:
    import altair as alt

    return alt.layer(*layers).properties(height=ROW * len(found), description=description)
