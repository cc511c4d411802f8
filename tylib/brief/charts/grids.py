"""Grids: the counties as tiles in place of a map, and what of them is published at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tylib.brief import theme
from tylib.brief.charts import ink
from tylib.errors import unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import altair as alt
    import polars as pl

CLASSES = 5
TILE, TILE_WIDTH = 62, 118
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
    import altair as alt

    found = ink.rows(frame, ["label", "row", "col", "value", "text"], own=False)
    known = [row["value"] for row in found if row["value"] is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    top, left = min(row["row"] for row in found), min(row["col"] for row in found)
    columns = max(row["col"] for row in found) - left + 1
    height = TILE * (max(row["row"] for row in found) - top + 1)
    shapes, words = {"full": [], "hatched": [], "own": []}, []
    for row in found:
        x, y = row["col"] - left, (row["row"] - top) * TILE
        box = {"left": x, "right": x + 1, "top": y, "bottom": y + TILE}
        on, colour = theme.INK, ""
        if row["value"] is None:
            shapes["hatched"].append(box)
        else:
            share = (row["value"] - low) / (high - low) if high > low else 0.5
            colour, on = theme.step(min(CLASSES, 1 + int(share * CLASSES)))
            shapes["full"].append(box | {"fill": colour})
        if row["own"]:
            shapes["own"].append(box)
        words.append(
            {"x": x + 0.5, "y": y + TILE / 2 - 9, "text": row["label"], "colour": on, "weight": ink.weight(row)}
        )
        words.append(
            {"x": x + 0.5, "y": y + TILE / 2 + 10, "text": row["text"], "colour": on, "weight": ink.weight(row)}
        )
    x_scale = alt.Scale(domain=[0, columns], nice=False)
    y_scale = alt.Scale(domain=[0, height], range=[0, height], nice=False)
    box = {
        "x": alt.X("left:Q", scale=x_scale, axis=None),
        "x2": "right:Q",
        "y": alt.Y("top:Q", scale=y_scale, axis=None),
        "y2": "bottom:Q",
    }
    layers = []
    if shapes["full"]:
        full = alt.Chart(ink.data(shapes["full"])).mark_rect(stroke=theme.PAPER, strokeWidth=3)
        layers.append(full.encode(**box, color=ink.raw("fill")))
    if shapes["hatched"]:
        layers.append(
            alt.Chart(ink.data(shapes["hatched"]))
            .mark_rect(fill=theme.HATCH, stroke=theme.PAPER, strokeWidth=3)
            .encode(**box)
        )
    if shapes["own"]:
        layers.append(
            alt.Chart(ink.data(shapes["own"])).mark_rect(filled=False, stroke=theme.ACCENT, strokeWidth=3).encode(**box)
        )
    text = ink.words(words, align="center", baseline="middle")
    layers.append(text.encode(x=alt.X("x:Q", scale=x_scale, axis=None), y=alt.Y("y:Q", scale=y_scale, axis=None)))
    return alt.layer(*layers).properties(
        height=height, description=description, usermeta={"maxWidth": TILE_WIDTH * columns}
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
    slot = (ink.NARROW + 40 - margin) / slots
    heads, head = _heads(groups, slot)
    bottom = head + CELL * len(places)
    feet, foot = _feet(groups, slot, bottom + 4)
    state = {(row["row"], row["group"], row["column"]): row["state"] for row in found}
    cells = []
    for index, place in enumerate(places):
        start = 0.0
        for group, columns in groups.items():
            for offset, column in enumerate(columns):
                top = head + index * CELL
                box = {
                    "left": start + offset + 0.06,
                    "right": start + offset + 0.94,
                    "top": top + 2,
                    "bottom": top + CELL - 2,
                }
                cells.append(box | _paint(state.get((place, group, column), "unsearched")))
            start += len(columns) + GROUP_GAP
    key, room = _key(states, bottom + foot + 16)
    height = bottom + foot + 16 + room
    x_scale = alt.Scale(domain=[0, slots], nice=False, range=[margin, alt.ExprRef("width")])
    y_scale = alt.Scale(domain=[0, height], range=[0, height], nice=False)

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", scale=y_scale, axis=None)

    painted = {"fill": alt.ExprRef("datum.fill"), "stroke": alt.ExprRef("datum.stroke"), "strokeWidth": 1}
    x = {"x": alt.X("left:Q", scale=x_scale, axis=None), "x2": "right:Q"}
    layers = [alt.Chart(ink.data(cells)).mark_rect(**painted).encode(**x, y=y("top"), y2="bottom:Q")]
    at = alt.X("at:Q", scale=x_scale, axis=None)
    narrow = f"width < {ink.WIDE}"
    over = ink.words(
        heads, align="left", baseline="alphabetic", lineHeight=15, dy=alt.ExprRef(f"{narrow} ? datum.up : 0")
    )
    layers.append(over.encode(x=at, y=y("y"), text=alt.value(alt.ExprRef(f"{narrow} ? datum.short : datum.text"))))
    if feet:
        under = ink.words(feet, align="left", baseline="top", lineHeight=14, fontSize=11)
        layers.append(under.encode(x=at, y=y("y"), text=alt.value(alt.ExprRef(f"{narrow} ? datum.short : datum.text"))))
    labels = [
        {
            "text": place,
            "y": head + index * CELL + CELL / 2,
            "colour": theme.ACCENT if place in own else theme.INK,
            "weight": "bold" if place in own else "normal",
        }
        for index, place in enumerate(places)
    ]
    layers.append(ink.words(labels, align="left", baseline="middle").encode(x=alt.value(0), y=y("y")))
    for entry in key:
        x, top = (f"({narrow} ? {entry['narrow'][axis]} : {entry['wide'][axis]})" for axis in (0, 1))
        square = alt.Chart(ink.data([entry["paint"]])).mark_rect(
            **painted,
            x=alt.ExprRef(x),
            x2=alt.ExprRef(f"{x} + 14"),
            y=alt.ExprRef(f"{top} - 6"),
            y2=alt.ExprRef(f"{top} + 6"),
        )
        place = {"x": alt.ExprRef(f"{x} + 20"), "y": alt.ExprRef(top)}
        layers += [square, ink.words([entry["word"]], align="left", baseline="middle", **place)]
    return alt.layer(*layers).properties(height=height, description=description)


def _paint(state: str) -> dict[str, str]:
    fills = {
        "published": (theme.SECOND, theme.SECOND),
        "bound": (theme.step(2)[0], theme.SECOND),
        "conflict": (theme.category(2), theme.category(2)),
        "absent": (theme.HATCH, theme.HAIRLINE),
        "unsearched": ("transparent", theme.HAIRLINE),
    }
    return dict(zip(("fill", "stroke"), fills[state], strict=True))


def _heads(groups: Mapping[str, list[str]], slot: float) -> tuple[list[dict], int]:
    """Names over the groups, broken into lines; on two levels where a group is narrower than a word of its name."""
    narrowest = min(len(columns) for columns in groups.values()) * slot
    longest = max((ink.pixels(word) for group in groups for word in group.split(" ")), default=0)
    chinese = all(ord(group[0]) >= 0x2E80 for group in groups if group)
    levels = 1 if chinese or longest <= narrowest else 2
    names = list(groups)
    wrapped = [
        ink.wrap(name, max((len(columns) * levels + GROUP_GAP * (levels - 1)) * slot / theme.SMALL, 2.0))
        for name, columns in groups.items()
    ]
    lines = [max((text.count("\n") + 1 for text in wrapped[level::levels]), default=0) for level in range(levels)]
    head = sum(lines) * 15 + 8 * levels if any(groups) else 0
    heads, start = [], 0.0
    for index, columns in enumerate(groups.values()):
        # The first of two levels is the upper one.
        y = head - 6 - (lines[1] * 15 + 8 if levels == 2 and index % 2 == 0 else 0)
        text = wrapped[index]
        words = {"at": start, "y": y, "short": text, "up": -15 * text.count("\n"), "text": names[index]}
        heads.append(words | {"colour": theme.INK, "weight": "normal"})
        start += len(columns) + GROUP_GAP
    return heads, head


def _feet(groups: Mapping[str, list[str]], slot: float, y: float) -> tuple[list[dict], int]:
    """Names under the columns: each where all fit, else the first and the last of a group."""
    size = 11
    each = all(ink.pixels(column, size) + 4 <= slot for columns in groups.values() for column in columns)
    feet, start = [], 0.0
    for columns in groups.values():
        if each:
            texts = [(start + offset, column) for offset, column in enumerate(columns)]
        elif len(columns) == 1:
            texts = [(start, columns[0])]
        else:
            texts = [(start, f"{columns[0]}–{columns[-1]}")]
        feet += [
            {
                "at": at,
                "y": y,
                "text": text,
                "short": text.replace("–", "–\n"),
                "colour": theme.MUTED,
                "weight": "normal",
            }
            for at, text in texts
        ]
        start += len(columns) + GROUP_GAP
    return feet, 14 if each else 32


def _key(states: Mapping[str, str], top: float) -> tuple[list[dict], int]:
    """Squares and words of the states: where they stand in a narrow and in a wide plot, and the height they take."""
    entries = [
        {"paint": _paint(state), "word": {"text": word, "colour": theme.MUTED, "weight": "normal"}}
        for state, word in states.items()
    ]
    line = 0
    for name, room in (("wide", ink.WIDE), ("narrow", ink.NARROW + 40)):
        x, line = 0, 0
        for entry in entries:
            width = 20 + ink.pixels(entry["word"]["text"]) + 18
            if x and x + width > room:
                x, line = 0, line + 1
            entry[name] = (x, top + line * 20 + 6)
            x += width
    return entries, (line + 1) * 20
