"""A grid of cells with words in them: what stands where, darker for more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tylib.brief import theme
from tylib.brief.charts import ink
from tylib.errors import ParameterError

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

LINE, SIZE, SLOT, HEAD_LINE = 14, 11, 50, 15
STEPS = 5
FILL = f"isValid(datum.hatch) ? '{theme.HATCH}' : isValid(datum.fill) ? datum.fill : 'transparent'"
STROKE = f"isValid(datum.fill) ? datum.fill : '{theme.HAIRLINE}'"


def cells(frame: pl.DataFrame, *, description: str, slot: int = SLOT) -> alt.LayerChart:
    """What stands in each cell of a grid, in its own words; empty cells stay empty.

    Args:
        frame: ``row``, ``column`` (its heading on a narrow screen), ``text`` (a line a thing; "" where nothing stands),
            ``level`` (0 for an empty cell, else 1 to 5: darker for more); optional ``title`` (heading of the column
            where there is room), ``short`` (what a narrow screen shows in its place), ``hatched`` (nothing can be
            said), ``own``. Rows and columns stay in the order in which the frame names them first.
        description: What the chart shows, for who cannot see it.
        slot: Width of a cell in pixels, up to which headings on a wide screen are broken into lines.

    Raises:
        ParameterError: a level out of range, a column is missing or there are no rows.
    """
    import altair as alt

    found = ink.rows(frame, ["row", "column", "text", "level"], title="", short=None, hatched=False, own=False)
    if any(row["level"] not in range(STEPS + 1) for row in found):
        raise ParameterError("a cell's level is none", expected=f"0 to {STEPS}")
    names = {row["row"]: ink.wrap(row["row"], 7.0) for row in found}
    columns = {row["column"]: ink.wrap(row["title"] or row["column"], slot / SIZE) for row in found}
    own = {row["row"] for row in found if row["own"]}
    margin = max(ink.pixels(name) for name in names.values()) + 10
    head = HEAD_LINE * max(title.count("\n") + 1 for title in columns.values()) + 4
    boxes, inside, labels, top = [], [], [], float(head)
    for name, label in names.items():
        mine = {row["column"]: row for row in found if row["row"] == name}
        lines = max([label.count("\n") + 1, *(row["text"].count("\n") + 1 for row in mine.values())])
        bottom = top + LINE * lines + 12
        for index, column in enumerate(columns):
            row = mine.get(column, {"text": "", "short": None, "level": 0, "hatched": False})
            colour, on = theme.step(row["level"]) if row["level"] else ("transparent", theme.INK)
            # Hundreds of cells: each holds only what differs, the rest is worked out where they are drawn.
            box = {"at": index, "top": round(top + 2, 1), "bottom": round(bottom - 2, 1)}
            boxes.append(box | ({"hatch": 1} if row["hatched"] else {"fill": colour} if row["level"] else {}))
            if row["text"]:
                middle = (top + bottom) / 2 - LINE / 2 * row["text"].count("\n")
                words = {"x": index + 0.5, "y": middle, "text": row["text"], "colour": on, "weight": "normal"}
                inside.append(words if row["short"] is None else {**words, "short": row["short"]})
        tone = (theme.ACCENT, "bold") if name in own else (theme.INK, "normal")
        middle = (top + bottom) / 2 - LINE / 2 * label.count("\n")
        labels.append({"y": middle, "text": label, "colour": tone[0], "weight": tone[1]})
        top = bottom
    x_scale = alt.Scale(domain=[0, len(columns)], nice=False, range=[margin, alt.ExprRef("width")])
    y_scale = alt.Scale(domain=[0, top], nice=False, range=[0, top])

    def at(name: str, scale: alt.Scale, axis: type) -> alt.X | alt.Y:
        return axis(f"{name}:Q", scale=scale, axis=None)

    heads = [
        {"x": index + 0.5, "y": head - 11 - HEAD_LINE * text.count("\n"), "text": text, "colour": theme.INK,
         "weight": "normal", "narrow": column, "low": head - 11}
        for index, (column, text) in enumerate(columns.items())
    ]  # fmt: skip
    painted = {"fill": alt.ExprRef(FILL), "stroke": alt.ExprRef(STROKE), "strokeWidth": 1}
    grid = alt.Chart(ink.data(boxes)).mark_rect(**painted)
    grid = grid.transform_calculate(left="datum.at + 0.03", right="datum.at + 0.97")
    style = {"align": "center", "baseline": "middle", "fontSize": SIZE}
    narrow = f"width < {ink.WIDE}"
    title = ink.words(heads, **style, lineHeight=HEAD_LINE, y=alt.ExprRef(f"{narrow} ? datum.low : datum.y"))
    layers = [
        grid.encode(
            x=at("left", x_scale, alt.X), x2="right:Q", y=at("top", y_scale, alt.Y), y2="bottom:Q"
        ),
        ink.words(labels, align="left", baseline="middle", lineHeight=LINE).encode(
            x=alt.value(0), y=at("y", y_scale, alt.Y)
        ),
        title.encode(
            x=at("x", x_scale, alt.X), text=alt.value(alt.ExprRef(f"{narrow} ? datum.narrow : datum.text"))
        ),
    ]  # fmt: skip
    if inside:
        text = ink.words(inside, **style, lineHeight=LINE)
        place = {"x": at("x", x_scale, alt.X), "y": at("y", y_scale, alt.Y)}
        if any("short" in words for words in inside):
            place["text"] = alt.value(alt.ExprRef(f"{narrow} && isValid(datum.short) ? datum.short : datum.text"))
        layers.append(text.encode(**place))
    return alt.layer(*layers).properties(height=top, description=description)
