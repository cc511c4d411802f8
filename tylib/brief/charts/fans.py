"""What would follow from assumptions, year by year: a dashed middle in a fan of two opacities, from a baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tylib.brief import theme
from tylib.brief.charts import ink
from tylib.brief.charts.lines import EDGE, PATH_HEIGHT, nice_ticks, pixel_of, spread_out, value_of

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

TONES = {"own": theme.ACCENT, "second": theme.SECOND, "none": theme.MUTED}
PALE, DARK = 0.14, 0.22
"""Opacity of the fan and what its middle half adds."""
LINE = 17


def fan(frame: pl.DataFrame, *, unit: str, baseline: str, description: str) -> alt.LayerChart:
    """Paths against a baseline at zero: the middle dashed, the range pale, its middle half darker.

    Args:
        frame: ``series`` (named at the end of its line), ``year`` (integer), ``median``, ``text`` (the last one is
            printed before the name); optional ``low, high`` and ``inner_low, inner_high`` (null for a line without
            a fan), ``tone`` (``own``, ``second`` or ``none``).
        unit: Over the axis.
        baseline: What the line at zero is.
        description: What the chart shows, for who cannot see it.

    Raises:
        ParameterError: a column is missing or there are no rows.
    """
    import altair as alt

    optional = {"low": None, "high": None, "inner_low": None, "inner_high": None, "tone": "own"}
    found = ink.rows(frame, ["series", "year", "median", "text"], **optional)
    ends = [row[name] for row in found for name in ("low", "median", "high") if row[name] is not None]
    ticks = nice_ticks(min([0.0, *ends]), max([0.0, *ends]))
    years = sorted({row["year"] for row in found})
    lasts = list({row["series"]: row for row in found if row["year"] == years[-1]}.values())
    words = [(row["median"], f"{row['text']} {row['series']}", TONES[row["tone"]]) for row in lasts]
    words.append((0.0, baseline, theme.INK))
    room = max(ink.pixels(text, bold=True) for _, text, _ in words) + 14
    x_scale = alt.Scale(domain=[years[0], years[-1]], nice=False, range=[EDGE, alt.ExprRef(f"width - {room}")])
    y_scale = alt.Scale(domain=[ticks[0], ticks[-1]], nice=False, zero=False)
    x_axis = alt.Axis(title=None, grid=False, values=years, format="d", labelOverlap="parity",
                      labelSeparation=6, labelFlush=False)  # fmt: skip
    margin = max(ink.pixels(f"{tick:,g}") for tick in ticks) + 8
    flat = {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleBaseline": "bottom", "titleX": -margin}
    digits = max(len(f"{tick:g}".partition(".")[2]) for tick in ticks)
    y_axis = alt.Axis(title=unit, values=ticks, titleY=-14, labelAlign="left", labelPadding=margin,
                      format=f",.{digits}f", **flat)  # fmt: skip

    def x(name: str) -> alt.X:
        return alt.X(f"{name}:Q", scale=x_scale, axis=x_axis)

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", scale=y_scale, axis=y_axis)

    layers = []
    for low, high, opacity in (("low", "high", PALE), ("inner_low", "inner_high", DARK)):
        bands = [_coloured(row, low, high) for row in found if row[low] is not None and row[high] is not None]
        if bands:
            area = alt.Chart(ink.data(bands)).mark_area(opacity=opacity)
            where = {"x": x("year"), "y": y(low), "y2": alt.Y2(f"{high}:Q")}
            layers.append(area.encode(**where, color=ink.raw("colour"), detail=alt.Detail("series:N")))
    zero = {"from": years[0], "to": years[-1], "zero": 0}
    rule = alt.Chart(ink.data([zero])).mark_rule(stroke=theme.INK, strokeWidth=1.25)
    layers.append(rule.encode(x=x("from"), x2=alt.X2("to:Q"), y=y("zero")))
    # A line without a fan has shorter dashes: it is told apart where all is grey.
    rows = [_coloured(row, "median") | {"dash": [2, 4] if row["low"] is None else [6, 4]} for row in found]
    line = alt.Chart(ink.data(rows)).mark_line(strokeWidth=2)
    dash = alt.StrokeDash("dash:N", scale=None, legend=None)
    layers.append(
        line.encode(x=x("year"), y=y("median"), color=ink.raw("colour"), strokeDash=dash, detail=alt.Detail("series:N"))
    )
    places = spread_out([pixel_of(value, ticks) for value, _, _ in words], LINE, PATH_HEIGHT)
    names = [
        {"year": years[-1], "value": value_of(place, ticks), "text": text, "colour": colour, "weight": "normal"}
        for (_, text, colour), place in zip(words, places, strict=True)
    ]
    layers.append(ink.words(names, align="left", dx=10, baseline="middle").encode(x=x("year"), y=y("value")))
    return alt.layer(*layers).properties(height=PATH_HEIGHT, description=description)


def _coloured(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: row[name] for name in ("series", "year", *names)} | {"colour": TONES[row["tone"]]}
