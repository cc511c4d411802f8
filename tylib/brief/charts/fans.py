"""What would follow from assumptions, year by year: a dashed middle in a fan of two opacities, from a baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tylib.brief import theme
from tylib.brief.charts import ink
from tylib.brief.charts.lines import EDGE, PATH_HEIGHT, nice_ticks, pixel_of, spread_out, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import altair as alt
    import polars as pl

TONES = {"own": theme.ACCENT, "second": theme.SECOND, "none": theme.MUTED}
PALE, DARK = 0.14, 0.22
"""Opacity of the fan and what its middle half adds."""
LINE = 17
BANDS = {"outer": ("low", "high"), "inner": ("inner_low", "inner_high")}


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
    optional = {"low": None, "high": None, "inner_low": None, "inner_high": None, "tone": "own"}
    found = ink.rows(frame, ["series", "year", "median", "text"], **optional)
    scale = fan_scale(found, [baseline])
    rows = fan_rows(found, scale, baseline=baseline)
    return fan_layers(
        scale, {name: ink.data(own) for name, own in rows.items() if own}, unit=unit, description=description
    )


@dataclass(frozen=True)
class FanScale:
    """What stays while the figures of a fan change.

    Attributes:
        years: The first and all others, in order.
        ticks: Of the upright axis, which they span.
        room: Pixels for the names at the right.
    """

    years: tuple[int, ...]
    ticks: tuple[float, ...]
    room: int


def fan_scale(found: Sequence[Mapping[str, Any]], names: Sequence[str] = ()) -> FanScale:
    """The scale that holds the rows of a fan, and the names that may stand at its right end."""
    ends = [row[name] for row in found for name in ("low", "median", "high") if row[name] is not None]
    years = tuple(sorted({row["year"] for row in found}))
    lasts = (f"{row['text']} {row['series']}" for row in found if row["year"] == years[-1])
    room = max(ink.pixels(text, bold=True) for text in (*names, *lasts)) + 14
    return FanScale(years, tuple(nice_ticks(min([0.0, *ends]), max([0.0, *ends]))), room)


def fan_rows(found: Sequence[Mapping[str, Any]], scale: FanScale, *, baseline: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of each layer of a fan: ``outer, inner, zero, lines, names``.

    Args:
        found: Rows with every column of :func:`fan`, null where there is none.
        scale: What stays.
        baseline: What the line at zero is.
    """
    rows = {
        layer: [_coloured(row, low, high) for row in found if row[low] is not None and row[high] is not None]
        for layer, (low, high) in BANDS.items()
    }
    rows["zero"] = [{"from": scale.years[0], "to": scale.years[-1], "zero": 0}]
    # A line without a fan has shorter dashes: it is told apart where all is grey.
    rows["lines"] = [_coloured(row, "median") | {"dash": [2, 4] if row["low"] is None else [6, 4]} for row in found]
    lasts = list({row["series"]: row for row in found if row["year"] == scale.years[-1]}.values())
    words = [(row["median"], f"{row['text']} {row['series']}", TONES[row["tone"]]) for row in lasts]
    words.append((0.0, baseline, theme.INK))
    places = spread_out([pixel_of(value, scale.ticks) for value, _, _ in words], LINE, PATH_HEIGHT)
    rows["names"] = [
        {"year": scale.years[-1], "value": value_of(place, scale.ticks), "text": text, "colour": colour,
         "weight": "normal"}
        for (_, text, colour), place in zip(words, places, strict=True)
    ]  # fmt: skip
    return rows


def fan_layers(scale: FanScale, data: Mapping[str, alt.Data], *, unit: str, description: str) -> alt.LayerChart:
    """A fan over the data of its layers, whose rows (:func:`fan_rows`) are at hand or come later by name.

    Args:
        scale: What stays.
        data: By layer; a layer that has none is left out.
        unit: Over the axis.
        description: What the chart shows, for who cannot see it.
    """
    import altair as alt

    years, ticks = scale.years, scale.ticks
    x_range = [EDGE, alt.ExprRef(f"width - {scale.room}")]
    x_scale = alt.Scale(domain=[years[0], years[-1]], nice=False, range=x_range)
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
    for layer, opacity in (("outer", PALE), ("inner", DARK)):
        if layer in data:
            low, high = BANDS[layer]
            area = alt.Chart(data[layer]).mark_area(opacity=opacity)
            where = {"x": x("year"), "y": y(low), "y2": alt.Y2(f"{high}:Q")}
            layers.append(area.encode(**where, color=ink.raw("colour"), detail=alt.Detail("series:N")))
    rule = alt.Chart(data["zero"]).mark_rule(stroke=theme.INK, strokeWidth=1.25)
    layers.append(rule.encode(x=x("from"), x2=alt.X2("to:Q"), y=y("zero")))
    line = alt.Chart(data["lines"]).mark_line(strokeWidth=2)
    dash = alt.StrokeDash("dash:N", scale=None, legend=None)
    layers.append(
        line.encode(x=x("year"), y=y("median"), color=ink.raw("colour"), strokeDash=dash, detail=alt.Detail("series:N"))
    )
    names = ink.words(data["names"], align="left", dx=10, baseline="middle")
    layers.append(names.encode(x=x("year"), y=y("value")))
    return alt.layer(*layers).properties(height=PATH_HEIGHT, description=description)


def _coloured(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: row[name] for name in ("series", "year", *names)} | {"colour": TONES[row["tone"]]}
