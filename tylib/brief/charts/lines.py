"""Change: a path over years, a slope between two dates."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

from tylib.brief import theme
from tylib.brief.charts import ink

if TYPE_CHECKING:
    from collections.abc import Sequence

    import altair as alt
    import polars as pl

PATH_HEIGHT, SLOPE_ROW = 230, 27
OVER, UNDER = -13, 14
"""Pixels from a point to the middle of its figure."""
EDGE = 18
"""Room left of the first point, so that its figure is not cut."""


def path(frame: pl.DataFrame, *, unit: str, description: str, from_zero: bool = True) -> alt.LayerChart:
    """How something went over the years: lines with points, each named at its end.

    A line joins years that follow each other; over years of which nothing is known runs a thin dotted link. Points of
    different ``run`` (another scope, another vintage) are not joined: their difference means nothing.

    Args:
        frame: ``year`` (integer); ``value`` (null where there is none); ``text`` (the figure as printed); optional
            ``series`` (its name, at the end of the line), ``own`` (default true), ``status`` (scenario is dashed,
            derived hollow), ``run``, and ``low``, ``high`` (a year known within bounds: a capped bar, no point).
        unit: Over the axis.
        description: What the chart shows, for who cannot see it.
        from_zero: Whether the axis begins at zero: levels do, a rate need not.

    Raises:
        ParameterError: a column is missing or there are no rows.
    """
    import altair as alt

    optional = {"series": "", "own": True, "status": "published", "run": "", "low": None, "high": None}
    found = sorted(ink.rows(frame, ["year", "value", "text"], **optional), key=lambda row: (row["series"], row["year"]))
    found = [row for row in found if any(row[name] is not None for name in ("value", "low", "high"))]
    ends = [row[name] for row in found for name in ("value", "low", "high") if row[name] is not None]
    ticks = nice_ticks(min([0.0, *ends] if from_zero else ends), max([0.0, *ends] if from_zero else ends))
    years = sorted({row["year"] for row in found})
    points = [
        row | {"colour": theme.ACCENT if row["own"] else theme.MUTED} for row in found if row["value"] is not None
    ]
    lasts = _ends(points)
    room = max(ink.pixels(last["text"]) for last in lasts) + 14 if lasts else EDGE
    first, last = years[0], years[-1] if len(years) > 1 else years[0] + 1
    x_scale = alt.Scale(domain=[first, last], nice=False, zero=False, range=[EDGE, alt.ExprRef(f"width - {room}")])
    sizes = [ink.pixels("2000")] * len(years)
    narrow, wide = (_spread(years, years, sizes, room, width) for width in (ink.NARROW, ink.WIDE))
    shown = f"indexof(width < {ink.WIDE} ? {narrow} : {wide}, datum.value) < 0 ? '' : datum.label"
    tick = {"ticks": True, "tickColor": theme.CONTEXT, "tickSize": 5, "labelFlush": False, "labelPadding": 5}
    x_axis = alt.Axis(title=None, grid=False, values=years, format="d", labelExpr=shown, labelOverlap=False, **tick)
    y_scale = alt.Scale(domain=[ticks[0], ticks[-1]], nice=False, zero=False)
    # The unit lies flat above the axis, so that nothing is turned.
    margin = max(ink.pixels(f"{tick:,g}") for tick in ticks) + 8
    flat = {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleBaseline": "bottom", "titleX": -margin}
    # Every tick is printed whole: a tick of 2.5 rounded to 3 would make a false axis.
    digits = max(len(f"{tick:g}".partition(".")[2]) for tick in ticks)
    flat["format"] = f",.{digits}f"
    y_axis = alt.Axis(title=unit or None, values=ticks, titleY=-14, labelAlign="left", labelPadding=margin, **flat)

    def x(name: str) -> alt.X:
        return alt.X(f"{name}:Q", scale=x_scale, axis=x_axis)

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", scale=y_scale, axis=y_axis)

    layers = []
    for kind, links in _links(points).items():
        mark = {
            "gap": {"strokeWidth": 1.25, "strokeDash": [1, 4]},
            "scenario": {"strokeWidth": 2, "strokeDash": [6, 4]},
        }
        if links:
            rule = alt.Chart(ink.data(links)).mark_rule(strokeCap="round", **mark.get(kind, {"strokeWidth": 2.5}))
            layers.append(rule.encode(x=x("year"), y=y("value"), x2="next:Q", y2="then:Q", color=ink.raw("colour")))
    layers += _bounds([row for row in found if row["value"] is None], x, y, ticks)
    dots = [
        {name: row[name] for name in ("year", "value", "colour")}
        | {"inside": theme.PAPER if row["status"] in ("derived", "scenario") else row["colour"]}
        for row in points
    ]
    if dots:
        dot = alt.Chart(ink.data(dots)).mark_point(
            size=52, opacity=1, strokeWidth=1.75, fill=alt.ExprRef("datum.inside"), filled=False
        )
        layers.append(dot.encode(x=x("year"), y=y("value"), color=ink.raw("colour")))
    if lasts:
        places = spread_out([pixel_of(row["value"], ticks) for row in lasts], 17, PATH_HEIGHT)
        names = [
            {"year": row["year"], "value": value_of(place, ticks), "text": row["text"], **_tone(row)}
            for row, place in zip(lasts, places, strict=True)
        ]
        layers.append(ink.words(names, align="left", dx=10, baseline="middle").encode(x=x("year"), y=y("value")))
    for side, figures in _figures(found, years, room).items():
        if figures:
            fits = alt.ExprRef("width >= datum.from ? 1 : 0")
            text = ink.words(figures, align="center", dy=side, baseline="middle", opacity=fits)
            layers.append(text.encode(x=x("year"), y=y("value")))
    return alt.layer(*layers).properties(height=PATH_HEIGHT, description=description)


def slope(frame: pl.DataFrame, *, dates: tuple[str, str], description: str) -> alt.LayerChart:
    """What changed between two dates: a line each, its figures at both ends, its name at the right.

    Args:
        frame: ``label, start, end`` (both needed: a change has two ends), ``start_text, end_text``; optional ``own``.
        dates: The two dates, as printed over the ends; the unit stands in the figure's subtitle.
        description: What the chart shows, for who cannot see it.

    The axis need not begin at zero: it compares places, not lengths.

    Raises:
        ParameterError: a column is missing or there are no rows.
    """
    import altair as alt

    found = ink.rows(frame, ["label", "start", "end", "start_text", "end_text"], own=False)
    height = max(200, SLOPE_ROW * len(found) + 60)
    values = [row[name] for row in found for name in ("start", "end")]
    low, high = min(values), max(values)
    high = high if high > low else low + 1.0
    left = max(ink.pixels(text) for text in (dates[0], *(row["start_text"] for row in found))) + 12
    right = max(ink.pixels(f"{row['end_text']}  {row['label']}") for row in found) + 12
    x_scale = alt.Scale(domain=[0, 1], nice=False, range=[left, alt.ExprRef(f"width - {right}")])
    y_scale = alt.Scale(domain=[low, high], nice=False, zero=False, range=[height - 12, 34])

    def x(name: str) -> alt.X:
        return alt.X(f"{name}:Q", scale=x_scale, axis=None)

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", scale=y_scale, axis=None)

    def pixel(value: float) -> float:
        return 34 + (high - value) / (high - low) * (height - 46)

    def back(place: float) -> float:
        return high - (place - 34) / (height - 46) * (high - low)

    colour = {True: theme.ACCENT, False: theme.CONTEXT}
    lines = [
        {"from": 0, "to": 1, "start": row["start"], "end": row["end"], "colour": colour[row["own"]],
         "width": 3 if row["own"] else 1.75}
        for row in sorted(found, key=lambda row: row["own"])
    ]  # fmt: skip
    rule = alt.Chart(ink.data(lines)).mark_rule(strokeWidth=alt.ExprRef("datum.width"), strokeCap="round")
    layers = [rule.encode(x=x("from"), x2="to:Q", y=y("start"), y2="end:Q", color=ink.raw("colour"))]
    dots = [
        {"at": at, "value": row[name], "colour": colour[row["own"]]}
        for row in sorted(found, key=lambda row: row["own"])
        for at, name in ((0, "start"), (1, "end"))
    ]
    dot = alt.Chart(ink.data(dots)).mark_point(size=44, opacity=1, filled=True)
    layers.append(dot.encode(x=x("at"), y=y("value"), color=ink.raw("colour")))
    for at, name, align, shift in ((0, "start", "right", -9), (1, "end", "left", 9)):
        places = spread_out([pixel(row[name]) for row in found], 17, height)
        entries = [
            {"at": at, "value": back(place), "text": _end_word(row, name), **_tone(row, peers=theme.INK)}
            for row, place in zip(found, places, strict=True)
        ]
        layers.append(ink.words(entries, align=align, dx=shift, baseline="middle").encode(x=x("at"), y=y("value")))
    heads = [{"at": 0, "text": dates[0]}, {"at": 1, "text": dates[1]}]
    for head, align in zip(heads, ("right", "left"), strict=True):
        head |= {"colour": theme.MUTED, "weight": "normal"}
        text = ink.words([head], align=align, baseline="top", dx=-9 if align == "right" else 9)
        layers.append(text.encode(x=x("at"), y=alt.value(0)))
    return alt.layer(*layers).properties(height=height, description=description)


def nice_ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Round numbers that enclose a range, about ``count`` steps.

    >>> nice_ticks(0, 356.2)
    [0, 100, 200, 300, 400]
    >>> nice_ticks(-0.2, 9.6)
    [-2.5, 0.0, 2.5, 5.0, 7.5, 10.0]
    """
    span = (high - low) or abs(high) or 1.0
    power = 10 ** floor(log10(span / count))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if span / (size * power) <= count + 0.5)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(index * step, 10) for index in range(first, max(last, first + 1) + 1)]


def spread_out(places: Sequence[float], gap: float, height: float) -> list[float]:
    """Places of labels moved apart to at least ``gap`` pixels, in their order, inside 0 to ``height`` where it fits.

    >>> spread_out([10.0, 12.0, 80.0], 10, 100)
    [6.0, 16.0, 80.0]
    """
    order = sorted(range(len(places)), key=lambda index: places[index])
    groups: list[tuple[list[int], float]] = []
    for index in order:
        groups.append(([index], places[index]))
        # Labels that touch become one block around the mean of their places; a block may then touch the one before.
        while len(groups) > 1:
            (upper, above), (lower, below) = groups[-2], groups[-1]
            if below - above >= gap * (len(upper) + len(lower)) / 2:
                break
            joined = upper + lower
            groups[-2:] = [(joined, sum(places[member] for member in joined) / len(joined))]
    found = [0.0] * len(places)
    for members, centre in groups:
        half = gap * (len(members) - 1) / 2
        centre = min(max(centre, half), max(height - half, half))
        for rank, member in enumerate(members):
            found[member] = centre - half + rank * gap
    return found


def pixel_of(value: float, ticks: Sequence[float]) -> float:
    """Where a value lies, in pixels from the top of a path."""
    return PATH_HEIGHT * (ticks[-1] - value) / (ticks[-1] - ticks[0])


def value_of(place: float, ticks: Sequence[float]) -> float:
    """The value that lies at a place: the other way round."""
    return ticks[-1] - place / PATH_HEIGHT * (ticks[-1] - ticks[0])


def _tone(row: dict[str, Any], peers: str = theme.MUTED) -> dict[str, str]:
    return {"colour": theme.ACCENT if row["own"] else peers, "weight": ink.weight(row)}


def _end_word(row: dict[str, Any], name: str) -> str:
    return row["start_text"] if name == "start" else f"{row['end_text']}  {row['label']}"


def _ends(points: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last point of each series, with its figure and name for a word."""
    lasts = {row["series"]: row for row in points}
    return [row | {"text": f"{row['text']} {row['series']}".strip()} for row in lasts.values()]


def _links(points: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Pieces of line between neighbouring points of one series and run, by how they are drawn."""
    found: dict[str, list[dict[str, Any]]] = {"gap": [], "scenario": [], "solid": []}
    for here, there in pairwise(points):
        if (here["series"], here["run"]) != (there["series"], there["run"]):
            continue
        kind = "scenario" if there["status"] == "scenario" else "solid" if there["year"] == here["year"] + 1 else "gap"
        link = {"year": here["year"], "value": here["value"], "next": there["year"], "then": there["value"]}
        found[kind].append(link | {"colour": there["colour"]})
    return found


def _bounds(rows: Sequence[dict[str, Any]], x: Any, y: Any, ticks: Sequence[float]) -> list[alt.Chart]:
    """Years known within bounds: an upright bar between caps; without a cap where a side is open."""
    import altair as alt

    bars, caps = [], []
    for row in rows:
        low, high = row["low"], row["high"]
        base = {"year": row["year"], "colour": theme.ACCENT if row["own"] else theme.MUTED}
        bars.append(base | {"value": ticks[0] if low is None else low, "then": ticks[-1] if high is None else high})
        caps += [base | {"value": end} for end in (low, high) if end is not None]
    if not bars:
        return []
    bar = alt.Chart(ink.data(bars)).mark_rule(strokeWidth=6, opacity=0.32)
    cap = alt.Chart(ink.data(caps)).mark_tick(orient="horizontal", size=14, thickness=2)
    return [
        bar.encode(x=x("year"), y=y("value"), y2="then:Q", color=ink.raw("colour")),
        cap.encode(x=x("year"), y=y("value"), color=ink.raw("colour")),
    ]


def _spread(wanted: Sequence[int], years: Sequence[int], widths: Sequence[int], room: float, width: float) -> list[int]:
    """Those of ``wanted`` (most wanted first) whose words do not touch in a plot of a width, in order."""
    span = (years[-1] - years[0]) or 1
    scale = (width - EDGE - room) / span
    size = dict(zip(wanted, widths, strict=True))
    kept: list[int] = []
    for year in [years[-1], years[0], *wanted]:
        if year not in size or year in kept:
            continue
        if all(abs(year - other) * scale >= (size[year] + size[other]) / 2 + 5 for other in kept):
            kept.append(year)
    return sorted(kept)


def _figures(rows: Sequence[dict[str, Any]], years: Sequence[int], room: float) -> dict[int, list[dict[str, Any]]]:
    """Figures of the only line by where they stand: over their point, or under it where another figure is in the way.

    Every bound has its figure, under a floor and over a ceiling; of the points as many as have room, the last one's
    stands behind it. ``from`` is the width of the plot from which on a figure has room.
    """
    found: dict[int, list[dict[str, Any]]] = {OVER: [], UNDER: []}
    points = [row for row in rows if row["value"] is not None]
    if len({row["series"] for row in rows}) != 1 or len(rows) < 2:
        return found
    floors = [row for row in rows if row["value"] is None and row["low"] is not None and row["high"] is None]
    ceilings = [row for row in rows if row["value"] is None and row["high"] is not None]
    before = sorted(points[:-1], key=lambda row: -row["value"])
    shown: dict[tuple[int, int], int] = {}
    for least, width in ((0, ink.NARROW), (ink.WIDE, ink.WIDE)):
        over = _room([*ceilings, *before], years, room, width)
        left = [row for row in before if row["year"] not in over]
        under = _room([*floors, *left], years, room, width)
        for side, other, kept in ((OVER, UNDER, over), (UNDER, OVER, under)):
            for year in kept:
                # A figure stands on one side only, whatever the width.
                if (other, year) not in shown:
                    shown.setdefault((side, year), least)
    for row in [*ceilings, *before, *floors]:
        value = next(row[name] for name in ("value", "high", "low") if row[name] is not None)
        for side in (OVER, UNDER):
            if (side, row["year"]) in shown:
                word = {"year": row["year"], "value": value, "text": row["text"], "colour": theme.INK}
                found[side].append(word | {"weight": "normal", "from": shown[side, row["year"]]})
    return found


def _room(rows: Sequence[dict[str, Any]], years: Sequence[int], room: float, width: float) -> list[int]:
    """Years of the rows (most wanted first) whose figures do not touch in a plot of a width."""
    widths = [ink.pixels(row["text"]) for row in rows]
    return _spread([row["year"] for row in rows], years, widths, room, width) if rows else []
