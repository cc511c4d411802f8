"""Horizontal bars from zero: a ranking of values, a row of intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tylib.brief import theme
from tylib.brief.charts import ink
from tylib.store.contracts import IMPORTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    import altair as alt
    import polars as pl

ROW, BAR, THIN = 27, 17, 9
STUB = 54
"""Width of the hatched stub that stands for what is absent: a word needs no length."""


def ranking(frame: pl.DataFrame, *, unit: str, description: str, in_order: bool = False) -> alt.LayerChart:
    """Who stands where: horizontal bars, largest first, the unit in accent, its peers grey, the absent ones last.

    Args:
        frame: ``label``; ``value`` (null where there is none); ``text`` (the figure as printed, or the word for its
            absence); optional ``low``, ``high`` (bounds where there is no value; one alone is a floor or a ceiling),
            ``own`` (true for the unit in question), ``status`` (default published). Order does not matter.
        unit: Stands over the bars.
        description: What the chart shows, for who cannot see it.
        in_order: Keep the order given: for stages that follow one another.

    Zero is a bar of no length with its word. Negative values hang to the left of the zero line.

    Raises:
        ParameterError: a column is missing or there are no rows.
    """
    found = ink.rows(frame, ["label", "value", "text"], low=None, high=None, own=False, status="published")
    found = [{**row, "label": ink.wrap(row["label"], 11)} for row in (found if in_order else sorted(found, key=_order))]
    bounded = any(row["value"] is None and not _is_absent(row) for row in found)
    plot = _plot(found, unit=unit, ticks=bounded)
    return _chart(plot, [*_solid(plot), *_capped(plot), *_absent(plot), _zero(plot), *_words(plot)], description)


def interval(frame: pl.DataFrame, *, unit: str, description: str) -> alt.LayerChart:
    """What is known only within bounds: capped bars in the order given; a published value is a point.

    Args:
        frame: ``label, low, high, text``; a floor has no ``high`` and ends in an arrow, a ceiling has no ``low`` and
            no left cap; optional ``value`` (published point), ``p10`` and ``p90`` (the darker part), ``own``,
            ``status`` (default estimated). A row without any of these is absent.
        unit: Title of the axis.
        description: What the chart shows, for who cannot see it.

    Raises:
        ParameterError: a column is missing or there are no rows.
    """
    optional = {"value": None, "p10": None, "p90": None, "own": False, "status": "estimated"}
    found = [
        {**row, "label": ink.wrap(row["label"], 11)}
        for row in ink.rows(frame, ["label", "low", "high", "text"], **optional)
    ]
    plot = _plot(found, unit=unit, ticks=True)
    layers = [*_capped(plot), *_absent(plot), _zero(plot)]
    points = [_keep(row, "label", "value") | {"fill": ink.fill(row)} for row in found if row["value"] is not None]
    if points:
        point = _layer(plot, points).mark_point(size=80, filled=True, opacity=1)
        layers.append(point.encode(x=plot.x("value"), color=ink.raw("fill")))
    return _chart(plot, [*layers, *_words(plot)], description)


@dataclass(frozen=True)
class _Plot:
    """The rows of a bar chart and the scales its layers share."""

    rows: tuple[dict[str, Any], ...]
    low: float
    high: float
    x_scale: alt.Scale
    x_axis: alt.Axis
    y: alt.Y

    def x(self, name: str) -> alt.X:
        import altair as alt

        return alt.X(f"{name}:Q", scale=self.x_scale, axis=self.x_axis)


def _plot(rows: Sequence[dict[str, Any]], *, unit: str, ticks: bool) -> _Plot:
    """Scales from zero, with room at the right (and at the left of negative values) for the longest word."""
    import altair as alt

    ends = [row[name] for row in rows for name in ("value", "low", "high", "p90") if row.get(name) is not None]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    if high == low:
        high = low + 1.0
    room = max(ink.pixels(row["text"], bold=bool(row["own"])) for row in rows) + 12
    span = [room if low < 0 else 0, alt.ExprRef(f"width - {room}")]
    labels = [row["label"] for row in rows]
    axis = ink.row_axis(labels, [row["label"] for row in rows if row["own"]])
    return _Plot(
        tuple(rows),
        low,
        high,
        alt.Scale(domain=[low, high], nice=False, range=span),
        ink.unit_axis(unit, ticks=ticks),
        alt.Y("label:N", sort=labels, scale=alt.Scale(paddingInner=0, paddingOuter=0), axis=axis),
    )


def _order(row: dict[str, Any]) -> tuple[bool, float, str]:
    size = next((row[name] for name in ("value", "high", "low") if row[name] is not None), None)
    return size is None, -(size or 0.0), row["label"]


def _is_absent(row: dict[str, Any]) -> bool:
    return row["value"] is None and row["low"] is None and row["high"] is None


def _keep(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _layer(plot: _Plot, rows: Sequence[dict[str, Any]]) -> alt.Chart:
    import altair as alt

    return alt.Chart(ink.data(rows)).encode(y=plot.y)


def _solid(plot: _Plot) -> list[alt.Chart]:
    """Bars of what has a value: derived with an outline, imported with a notch."""
    import altair as alt

    valued = [
        _keep(row, "label", "value") | {"fill": ink.fill(row), "outline": ink.outline(row)}
        for row in plot.rows
        if row["value"] is not None
    ]
    layers = []
    if valued:
        bar = _layer(plot, valued).mark_bar(size=BAR, stroke=theme.MUTED, strokeWidth=alt.ExprRef("datum.outline"))
        layers.append(bar.encode(x=plot.x("value"), color=ink.raw("fill")))
    notched = [_keep(row, "label", "value") for row in plot.rows if row["status"] == IMPORTED and row["value"]]
    if notched:
        notch = _layer(plot, notched).mark_point(shape="square", size=30, fill=theme.PAPER, xOffset=-7, opacity=1)
        layers.append(notch.encode(x=plot.x("value")))
    return layers


def _capped(plot: _Plot) -> list[alt.Chart]:
    """Intervals: a pale bar between caps, the likely part darker; an open end has an arrow in place of its cap."""
    spans, likely, caps, arrows = [], [], [], []
    for row in plot.rows:
        low, high = row["low"], row["high"]
        if low is None and high is None:
            continue
        base = {"label": row["label"], "fill": theme.ACCENT if row["own"] else theme.MUTED}
        start, end = min(0.0, high) if low is None else low, plot.high if high is None else high
        spans.append({**base, "low": start, "high": end})
        caps += [{**base, "at": at} for at in (low, high) if at is not None]
        arrows += [{**base, "at": plot.high}] if high is None else []
        if row.get("p10") is not None and row.get("p90") is not None:
            likely.append({**base, "low": row["p10"], "high": row["p90"]})
    layers = []
    for bars, opacity in ((spans, 0.32), (likely, 0.75)):
        if bars:
            bar = _layer(plot, bars).mark_bar(size=THIN, opacity=opacity)
            layers.append(bar.encode(x=plot.x("low"), x2="high:Q", color=ink.raw("fill")))
    if caps:
        cap = _layer(plot, caps).mark_tick(size=BAR, thickness=2, orient="vertical")
        layers.append(cap.encode(x=plot.x("at"), color=ink.raw("fill")))
    if arrows:
        arrow = _layer(plot, arrows).mark_point(shape="triangle-right", size=60, filled=True, opacity=1)
        layers.append(arrow.encode(x=plot.x("at"), color=ink.raw("fill")))
    return layers


def _absent(plot: _Plot) -> list[alt.Chart]:
    """Hatched stubs, the same short length for all."""
    import altair as alt

    none = [_keep(row, "label") for row in plot.rows if _is_absent(row)]
    if not none:
        return []
    zero = "scale('x', 0)"
    stub = _layer(plot, none).mark_rect(
        x=alt.ExprRef(zero),
        x2=alt.ExprRef(f"{zero} + {STUB}"),
        height={"band": BAR / ROW},
        fill=theme.HATCH,
        stroke=theme.HAIRLINE,
        strokeWidth=1,
    )
    return [stub]


def _words(plot: _Plot) -> list[alt.Chart]:
    """The word of each row behind the end of its bar, before it where the value is negative."""
    import altair as alt

    after, before, stubs = [], [], []
    for row in plot.rows:
        entry = {"label": row["label"], "text": row["text"], "colour": ink.word_colour(row), "weight": ink.weight(row)}
        if _is_absent(row):
            stubs.append({**entry, "colour": theme.MUTED, "weight": "normal"})
        elif row["value"] is not None and row["value"] < 0:
            before.append({**entry, "at": row["value"]})
        else:
            is_open = row["value"] is None and row["high"] is None
            ends = [row[name] for name in ("value", "low", "high") if row[name] is not None]
            after.append({**entry, "at": plot.high if is_open else max(ends)})
    layers = []
    for entries, align, shift in ((after, "left", 8), (before, "right", -8)):
        if entries:
            text = ink.words(entries, align=align, dx=shift, baseline="middle")
            layers.append(text.encode(y=plot.y, x=plot.x("at")))
    if stubs:
        text = ink.words(stubs, align="left", dx=8, baseline="middle", x=alt.ExprRef(f"scale('x', 0) + {STUB}"))
        layers.append(text.encode(y=plot.y))
    return layers


def _zero(plot: _Plot) -> alt.Chart:
    import altair as alt

    return alt.Chart(ink.data([{"zero": 0}])).mark_rule(stroke=theme.INK, strokeWidth=1).encode(x=plot.x("zero"))


def _chart(plot: _Plot, layers: Sequence[alt.Chart], description: str) -> alt.LayerChart:
    import altair as alt

    # Rows of two lines need more room; all rows are given the same.
    lines = max(row["label"].count("\n") for row in plot.rows)
    return alt.layer(*layers).properties(height=(ROW + 10 * lines) * len(plot.rows), description=description)
