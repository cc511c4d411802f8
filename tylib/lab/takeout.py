"""What leaves the lab: its picture and its numbers as files, and what stands in its place where no widget can live."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from tylib.brief import theme
from tylib.errors import ParameterError
from tylib.lab import exploring, views
from tylib.store.kept import digest
from tylib.store.saved import table

if TYPE_CHECKING:
    from tylib.brief.context import Context
    from tylib.brief.figure import Figure
    from tylib.lab.explorer import Explorer
    from tylib.lab.exploring import Seen
    from tylib.lab.state import State

PICTURES = ("svg", "png")
WIDTH, SCALE = 860, 2
WIDGET = "application/vnd.jupyter.widget-view+json"


def named(state: State) -> str:
    """A name for a file of the state: scenario, unit, and what tells it from every other state."""
    mark = digest(state.told, state.horizon, state.closure, state.outcome, state.years, state.places)[:6]
    return f"{state.scenario}_{state.unit.replace(':', '_').lower()}_{state.closure}_{state.outcome}_{mark}"


def made(context: Context, seen: Seen, form: str) -> bytes:
    """The picture or the numbers as a file.

    Raises:
        ParameterError: No such form; a PNG whose words no font of this machine can write.
    """
    if form in PICTURES:
        return _picture(context, seen, form)
    return table(exploring.numbers(seen), form)


def _picture(context: Context, seen: Seen, form: str) -> bytes:
    import vl_convert

    from tylib.brief.page import VEGALITE

    fan, bars = views.still(context, seen)
    drawn = [
        {
            **theme.spec(fan.chart, width=WIDTH),
            "title": _title(fan.title, [views.about(context, seen), context.words(f"status.{seen.status}_means")]),
        },
        {**theme.spec(bars.chart, width=WIDTH), "title": _title(bars.title, context.words("lab.explore.levers.foot"))},
    ]
    config = {**theme.config(), "background": "white", "padding": 16}
    spec = theme.plain(
        {"vconcat": drawn, "spacing": 28, "config": {k: v for k, v in config.items() if k != "autosize"}}
    )
    if form == "svg":
        return vl_convert.vegalite_to_svg(spec, vl_version=VEGALITE).encode()
    if context.words.language != "en" and not _writes():
        raise ParameterError("no font of this machine writes these words", where="png", expected="a font for Chinese",
                             remedy="Install one (Debian: fonts-wqy-microhei), or take svg.")  # fmt: skip
    return vl_convert.vegalite_to_png(spec, vl_version=VEGALITE, scale=SCALE)


def _title(text: str, below: str | list[str]) -> dict[str, Any]:
    return {
        "text": text,
        "subtitle": below,
        "subtitleColor": theme.MUTED,
        "subtitleFontSize": 12,
        "anchor": "start",
        "fontSize": 16,
        "offset": 14,
        "color": theme.INK,
    }


@cache
def _writes() -> bool:
    """Whether Chinese can be drawn here: without a font every character is the same box."""
    import vl_convert

    def drawn(text: str) -> bytes:
        spec = {"data": {"values": [{}]}, "mark": {"type": "text", "text": text}, "config": theme.plain(theme.config())}
        return vl_convert.vegalite_to_png(spec)

    return drawn("\u592a") != drawn("\u53bf")


@dataclass(frozen=True)
class Picture:
    """The figures of a state, which show themselves one under the other."""

    figures: tuple[Figure, ...]

    def _ipython_display_(self) -> None:
        for figure in self.figures:
            figure._ipython_display_()


def display(opened: Explorer) -> None:
    """Show the lab; with it goes a picture and a line that says why it does not move, for where no widget can live."""
    from IPython.display import display as show

    still = {"text/html": str(_still(opened)), "text/plain": "scenario lab"}
    if os.environ.get("TYLIB_BATCH") == "1":
        show(still, raw=True)
        return
    show({**opened.widget()._repr_mimebundle_(), **still}, raw=True)


def _still(opened: Explorer) -> Markup:
    """The picture as SVG, under the line."""
    from base64 import b64encode

    said = opened.context.words
    encoded = b64encode(made(opened.context, opened.seen, "svg")).decode()
    return Markup('<p class="hint">{}</p><img alt="{}" src="data:image/svg+xml;base64,{}">').format(
        said("lab.explore.why_still"), said("lab.explore.fan.alt"), Markup(encoded)
    )
