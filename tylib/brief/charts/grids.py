"""Grids: the counties as tiles in place of a map, and what of them is published at all."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from tylib.brief import theme
from tylib.brief.charts import ink
from tylib.errors import unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import altair as alt
    import polars as pl

CLASSES = 5
TILE, TILE_WIDTH = 62, 118
TILE_NAME = 6.0
"""Ems of a name that a tile holds on a small telephone."""
CELL, GROUP_GAP = 22, 0.8
STATES = ("published", "bound", "conflict", "absent", "unsearched")


def tiles(frame: pl.DataFrame, *, description: str) -> alt.LayerChart:
    """Where it is: one tile a place on a schematic grid, darker for more, hatched where absent, the unit framed.

    Args:
        frame: ``label, row, col`` (grid, from 0), ``value`` (null where absent), ``text`` (figure or word of absence);
            optional ``own``.
        description: What the chart shows, for who cannot see it.

    Values fall in five classes of equal width between the smallest and the largest; the figure stands in each tile, so
    there is no legend. Equal values are all in the middle class.

    Raises:
        ParameterError: a column is missing or there are no rows.
    """
    found = ink.rows(frame, ["label", "row", "col", "value", "text"], own=False)
    rows = tile_rows(found)
    return tile_layers(found, {name: ink.data(own) for name, own in rows.items() if own}, description=description)


def tile_rows(found: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The rows of each layer of a tile grid: ``full, hatched, own, words``.

    Args:
        found: Rows with every column of :func:`tiles`; ``place``, where there is one, goes with the tile.
    """
    known = [row["value"] for row in found if row["value"] is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    top, left, _, _ = _extent(found)
    shapes: dict[str, list[dict[str, Any]]] = {"full": [], "hatched": [], "own": [], "words": []}
    for row in found:
        x, y = row["col"] - left, (row["row"] - top) * TILE
        box = {"left": x, "right": x + 1, "top": y, "bottom": y + TILE}
        named = {"place": row["place"]} if "place" in row else {}
        box |= named
        on, colour = theme.INK, ""
        if row["value"] is None:
            shapes["hatched"].append(box)
        else:
            share = (row["value"] - low) / (high - low) if high > low else 0.5
            colour, on = theme.step(min(CLASSES, 1 + int(share * CLASSES)))
            shapes["full"].append(box | {"fill": colour})
        if row["own"]:
            shapes["own"].append(box)
        # A name too wide for a tile on a small telephone takes two lines; the figure stands under the last.
        label = ink.wrap(row["label"], TILE_NAME)
        middle, half = y + TILE / 2, 8 * (label.count("\n") + 1)
        for text, at in ((label, middle - half), (row["text"], middle + half)):
            shapes["words"].append(
                {"x": x + 0.5, "y": at, "text": text, "colour": on, "weight": ink.weight(row)} | named
            )
    return shapes


def _extent(found: Sequence[Mapping[str, Any]]) -> tuple[int, int, int, int]:
    """First row, first column, number of columns, number of rows."""
    rows, columns = ([row[name] for row in found] for name in ("row", "col"))
    return min(rows), min(columns), max(columns) - min(columns) + 1, max(rows) - min(rows) + 1


def tile_layers(
    found: Sequence[Mapping[str, Any]], data: Mapping[str, alt.Data], *, description: str
) -> alt.LayerChart:
    """Tiles over the data of their layers, whose rows (:func:`tile_rows`) are at hand or come later by name.

    Args:
        found: Rows with ``row, col``: the grid.
        data: By layer; a layer that has none is left out.
        description: What the chart shows, for who cannot see it.
    """
    import altair as alt

    _, _, columns, rows = _extent(found)
    # The frame of a tile is drawn on its edge: half of it is let out, so that tiles end where text begins.
    x_scale = alt.Scale(domain=[0, columns], nice=False, range=[-1.5, alt.ExprRef("width + 1.5")])
    y_scale = alt.Scale(domain=[0, TILE * rows], range=[0, TILE * rows], nice=False)
    box = {
        "x": alt.X("left:Q", scale=x_scale, axis=None),
        "x2": "right:Q",
        "y": alt.Y("top:Q", scale=y_scale, axis=None),
        "y2": "bottom:Q",
    }
    layers = []
    if "full" in data:
        full = alt.Chart(data["full"]).mark_rect(stroke=theme.PAPER, strokeWidth=3)
        layers.append(full.encode(**box, color=ink.raw("fill")))
    if "hatched" in data:
        hatched = alt.Chart(data["hatched"]).mark_rect(fill=theme.HATCH, stroke=theme.PAPER, strokeWidth=3)
        layers.append(hatched.encode(**box))
    if "own" in data:
        own = alt.Chart(data["own"]).mark_rect(filled=False, stroke=theme.ACCENT, strokeWidth=3)
        layers.append(own.encode(**box))
    text = ink.words(data["words"], align="center", baseline="middle")
    layers.append(text.encode(x=alt.X("x:Q", scale=x_scale, axis=None), y=alt.Y("y:Q", scale=y_scale, axis=None)))
    return alt.layer(*layers).properties(
        height=TILE * rows, description=description, usermeta={"maxWidth": TILE_WIDTH * columns}
    )


def coverage(frame: pl.DataFrame, *, states: Mapping[str, str], description: str) -> alt.LayerChart:
    """What is published at all: a cell for each place and column, columns in groups (an indicator's years).

    Args:
        frame: ``row`` (place), ``column`` (year, or indicator), ``state`` (published, bound, conflict, absent,
            unsearched); optional ``group`` (heading over columns, such as the indicator), ``own``. Rows, groups and
            columns stay in the order in which the frame names them first; a cell not named is unsearched.
        states: The word of each state that occurs, for the key under the grid.
        description: What the chart shows, for who cannot see it.

    Raises:
        ParameterError: an unknown state, a column is missing or there are no rows.
    """
    import altair as alt

    found = ink.rows(frame, ["row", "column", "state"], group="", own=False)
    for row in found:
        if row["state"] not in STATES:
            raise unknown("state", str(row["state"]), STATES)
    places = list(dict.fromkeys(row["row"] for row in found))
    own = {row["row"] for row in found if row["own"]}
    groups: dict[str, list[str]] = {}
    for row in found:
        columns = groups.setdefault(row["group"], [])
        if row["column"] not in columns:
            columns.append(row["column"])
    margin = max(ink.pixels(place) for place in places) + 10
    slots = sum(len(columns) for columns in groups.values()) + GROUP_GAP * (len(groups) - 1)
    state = {(row["row"], row["group"], row["column"]): row["state"] for row in found}
    cells = []
    for index, place in enumerate(places):
        for start, group in _starts(groups):
            for offset, column in enumerate(groups[group]):
                box = {"left": start + offset + 0.06, "right": start + offset + 0.94}
                box |= {"top": index * CELL + 2, "bottom": (index + 1) * CELL - 2}
                cells.append(box | _paint(state.get((place, group, column), "unsearched")))
    labels = [
        {"text": place, "at": (index + 0.5) * CELL}
        | ({"colour": theme.ACCENT, "weight": "bold"} if place in own else {"colour": theme.INK, "weight": "normal"})
        for index, place in enumerate(places)
    ]
    bottom = CELL * len(places)
    narrow, wide = (_around(groups, states, margin, slots, width) for width in (ink.NARROW + 40, ink.WIDE))

    def by_width(name: str) -> str:
        return f"(width < {ink.WIDE} ? {narrow[name]} : {wide[name]})"

    head, foot = by_width("head"), f"({by_width('head')} + {bottom})"
    x_scale = alt.Scale(domain=[0, slots], nice=False, range=[margin, alt.ExprRef("width")])
    y_range = [alt.ExprRef(head), alt.ExprRef(foot)]
    y_scale = alt.Scale(domain=[0, bottom], nice=False, range=y_range)

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", scale=y_scale, axis=None)

    painted = {"fill": alt.ExprRef("datum.fill"), "stroke": alt.ExprRef("datum.stroke"), "strokeWidth": 1}
    x = {"x": alt.X("left:Q", scale=x_scale, axis=None), "x2": "right:Q"}
    layers = [
        alt.Chart(ink.data(cells)).mark_rect(**painted).encode(**x, y=y("top"), y2="bottom:Q"),
        ink.words(labels, align="left", baseline="middle").encode(x=alt.value(0), y=y("at")),
    ]
    # What stands around the cells has a place for a narrow plot and one for a wide plot.
    here = f"datum[width < {ink.WIDE} ? 'narrow' : 'wide']"
    for name, origin, size in (("heads", "0", theme.SMALL), ("feet", foot, 11), ("names", foot, theme.SMALL)):
        entries = [
            {
                "colour": theme.INK if name == "heads" else theme.MUTED,
                "weight": "normal",
                "narrow": small,
                "wide": large,
            }
            for small, large in zip_longest(narrow[name], wide[name], fillvalue={"text": "", "x": 0, "y": 0, "size": 0})
        ]
        if entries:
            place = {"x": alt.ExprRef(f"{here}.x"), "y": alt.ExprRef(f"{origin} + {here}.y")}
            if name != "names":
                place["x"] = alt.ExprRef(f"min(scale('x', {here}.x), width - {here}.size)")
            text = ink.words(entries, align="left", baseline="middle", lineHeight=15, fontSize=size, **place)
            layers.append(text.encode(text=alt.value(alt.ExprRef(f"{here}.text"))))
    squares = [
        _paint(state) | {"narrow": small, "wide": large}
        for state, small, large in zip(states, narrow["names"], wide["names"], strict=True)
    ]
    left, middle = f"{here}.x - 20", f"{foot} + {here}.y"
    edges = {"x": left, "x2": f"{left} + 14", "y": f"{middle} - 6", "y2": f"{middle} + 6"}
    square = alt.Chart(ink.data(squares)).mark_rect(**painted, **{k: alt.ExprRef(v) for k, v in edges.items()})
    heights = [layout["head"] + bottom + layout["foot"] for layout in (narrow, wide)]
    return alt.layer(*layers, square).properties(
        height=heights[0], description=description, usermeta={"wideFrom": ink.WIDE, "wideHeight": heights[1]}
    )


def _paint(state: str) -> dict[str, str]:
    fills = {
        "published": (theme.SECOND, theme.SECOND),
        "bound": (theme.step(2)[0], theme.SECOND),
        "conflict": (theme.category(2), theme.category(2)),
        "absent": (theme.HATCH, theme.HAIRLINE),
        "unsearched": ("transparent", theme.HAIRLINE),
    }
    return dict(zip(("fill", "stroke"), fills[state], strict=True))


def _starts(groups: Mapping[str, list[str]]) -> list[tuple[float, str]]:
    """Where each group of columns begins, in columns."""
    starts, start = [], 0.0
    for group, columns in groups.items():
        starts.append((start, group))
        start += len(columns) + GROUP_GAP
    return starts


def _around(
    groups: Mapping[str, list[str]], states: Mapping[str, str], margin: int, slots: float, width: int
) -> dict[str, Any]:
    """What stands over and under the cells in a plot of a width: names of groups and columns, the key, the heights."""
    slot = (width - margin) / slots
    heads, head = _heads(groups, slot, width - margin)
    feet, foot = _feet(groups, slot)
    names, x, line = [], 0, 0
    for word in states.values():
        room = 20 + ink.pixels(word) + 14
        if x and x + room > width:
            x, line = 0, line + 1
        names.append({"text": word, "x": x + 20, "y": foot + 20 + line * 20})
        x += room
    return {"heads": heads, "head": head, "feet": feet, "names": names, "foot": foot + (line + 1) * 20 + 16}


def _heads(groups: Mapping[str, list[str]], slot: float, plot: float) -> tuple[list[dict[str, Any]], int]:
    """Names over the groups, broken to about their width; one that would touch the one before goes a level higher."""
    if not any(groups):
        return [], 0
    levels: list[float] = []
    placed = []
    for start, group in _starts(groups):
        text = ink.wrap(group, max(len(groups[group]) * slot / theme.SMALL, 2.0))
        size = ink.pixels(text)
        left = max(0.0, min(start * slot, plot - size))
        level = next((level for level, end in enumerate(levels) if end + 8 <= left), len(levels))
        levels[level : level + 1] = [left + size]
        placed.append((start, text, size, level))
    lines = [max(text.count("\n") + 1 for _, text, _, level in placed if level == at) for at in range(len(levels))]
    head = sum(lines) * 15 + 6 * len(lines)
    heads = []
    for start, text, size, level in placed:
        last_line = head - 13 - sum(lines[:level]) * 15 - 6 * level
        heads.append({"text": text, "x": start, "y": last_line - 15 * text.count("\n"), "size": size})
    return heads, head


def _feet(groups: Mapping[str, list[str]], slot: float) -> tuple[list[dict[str, Any]], int]:
    """Names under the columns: each where all fit, else the first and the last of a group, on two lines if need be."""
    size, feet = 11, []
    each = all(ink.pixels(column, size) + 4 <= slot for columns in groups.values() for column in columns)
    for start, group in _starts(groups):
        columns = groups[group]
        if each:
            feet += [(start + offset, column) for offset, column in enumerate(columns)]
        elif len(columns) == 1:
            feet.append((start, columns[0]))
        else:
            span = f"{columns[0]}–{columns[-1]}"
            fits = ink.pixels(span, size) <= (len(columns) + GROUP_GAP) * slot
            feet.append((start, span if fits else span.replace("–", "–\n")))
    lines = max(text.count("\n") for _, text in feet) + 1
    return [{"text": text, "x": x, "y": 11, "size": 0} for x, text in feet], 6 + 14 * lines
