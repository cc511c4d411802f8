"""The look of every chart, from the page's own tokens.

Charts name colours as the page does, ``var(--accent)``: the stylesheet decides what that is, so that a chart follows
a dark screen and goes back to light in print without being drawn again. Where no stylesheet is at hand (JupyterLab,
a PNG), ``plain`` puts the light colours in.
"""

from __future__ import annotations

import re
from typing import Any

from tylib.brief import page

_VARIABLE = re.compile(r"var\(--([a-z0-9-]+)\)")

ACCENT, SECOND, CONTEXT = "var(--accent)", "var(--second)", "var(--context)"
INK, MUTED, HAIRLINE, PAPER = "var(--ink)", "var(--muted)", "var(--hairline)", "var(--paper)"
HATCH = "url(#hatch) var(--tint)"
"""Fill of what is absent: the page's pattern, or its plain tint where the pattern is not defined."""

SMALL: int = page.tokens()["size"]["small"]


def step(number: int) -> tuple[str, str]:
    """Fill and text colour of a class (1 lowest to 5 highest) of the sequential ramp."""
    return f"var(--step-{number})", f"var(--on-step-{number})"


def category(number: int) -> str:
    """Colour of a further category, 1 to 4."""
    return f"var(--category-{number})"


def config() -> dict[str, Any]:
    """The Vega-Lite config of every chart: no frame, quiet axes, small type in the page's font."""
    font = page._font(page.tokens()["font"]["sans"])
    text = {"labelFont": font, "titleFont": font, "labelFontSize": SMALL, "titleFontSize": SMALL}
    return {
        "background": "transparent",
        # The page says what a chart shows in one sentence and gives its table; a voice for every mark would drown both.
        "aria": False,
        "font": font,
        "padding": 0,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "view": {"stroke": None, "continuousWidth": 640, "discreteWidth": 640},
        "axis": {
            **text,
            "labelColor": MUTED,
            "titleColor": MUTED,
            "titleFontWeight": "normal",
            "domain": False,
            "ticks": False,
            "gridColor": HAIRLINE,
            "gridWidth": 1,
            "labelPadding": 6,
            "titlePadding": 8,
        },
        "axisY": {"labelLimit": 220},
        "text": {"font": font, "fontSize": SMALL, "fill": INK},
        "bar": {"fill": CONTEXT},
        "rule": {"stroke": MUTED},
        "line": {"strokeWidth": 2.5, "strokeCap": "round", "strokeJoin": "round"},
        "point": {"size": 50, "filled": True},
    }


VALIDATING = True
"""Whether a finished chart is held against the schema; a run of many briefs does so for the first of each kind."""


def plain(value: Any, scheme: str = "light") -> Any:
    """The same spec with colours in place of names, for where the page's stylesheet is not.

    >>> plain({"fill": "var(--accent)", "data": [{"label": "a"}]})
    {'fill': '#b5432a', 'data': [{'label': 'a'}]}
    """
    colours = page.tokens()["color"][scheme]
    if isinstance(value, str):
        return _VARIABLE.sub(lambda name: colours.get(name[1], name[0]), value)
    if isinstance(value, dict):
        return {key: plain(inner, scheme) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner, scheme) for inner in value]
    return value


def spec(chart: Any, *, width: int | None = None) -> dict[str, Any]:
    """A chart (Altair, or a spec already) as a Vega-Lite spec without theme, schema address or width of its own.

    The page has the theme once and gives each chart the width of its column.
    """
    if isinstance(chart, dict):
        found = dict(chart)
    else:
        import altair as alt

        with alt.theme.enable("none"):
            found = chart.to_dict(validate=VALIDATING)
    found.pop("$schema", None)
    if not found.get("config"):
        found.pop("config", None)
    if width is None:
        found.pop("width", None)
    else:
        found["width"] = width
    return found


def themed(chart: Any, *, width: int = 640, scheme: str = "light") -> dict[str, Any]:
    """A whole spec that stands alone: theme and colours inside, for JupyterLab or a picture."""
    found = spec(chart, width=width)
    # On a page the script chooses between the heights for a narrow and a wide column; alone, the width decides here.
    wide = found.get("usermeta", {})
    if width >= wide.get("wideFrom", float("inf")):
        found["height"] = wide["wideHeight"]
    found["config"] = {**config(), **found.get("config", {})}
    return plain(found, scheme)
