"""Charts that stay on the screen while what they show changes: the Python half of ``live.js``.

Any chart over named data will do. A whole picture goes to the browser at once, which paints the newest it has and
drops the ones between; what the reader brushes or clicks comes back as ``selection``.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from tylib.brief import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    import anywidget

NOTHING: dict[str, Any] = {"years": None, "places": []}
"""Nothing selected."""


def live(frame: str, *, specs: Mapping[str, Any], picture: Mapping[str, Any]) -> anywidget.AnyWidget:
    """A widget of live charts.

    Args:
        frame: HTML with an element ``data-slot="NAME"`` for every chart and text; data in it are escaped.
        specs: Vega-Lite specs over named data, by slot. ``usermeta.selects`` says what the reader can select in one:
            ``years: {signal, of}`` by a brush over the axis of years, ``places`` by a click on a mark whose row has
            ``place``.
        picture: What is painted first: ``seq``, ``charts`` (rows by slot and layer), ``html`` (text by slot).

    Returns:
        A widget with the traits ``frame, specs, picture`` (set them to change what is shown) and ``selection``.
    """
    return _widget()(frame=frame, specs=dict(specs), picture=dict(picture), selection=dict(NOTHING))


@cache
def _widget() -> type:
    import anywidget
    import traitlets
    import vl_convert

    class Live(anywidget.AnyWidget):
        """Live charts; see :func:`live`."""

        _esm = vl_convert.javascript_bundle(_script(), vl_version=page.VEGALITE)
        frame = traitlets.Unicode().tag(sync=True)
        specs = traitlets.Dict().tag(sync=True)
        picture = traitlets.Dict().tag(sync=True)
        selection = traitlets.Dict().tag(sync=True)

    return Live


def _script() -> str:
    return (files(__name__.rpartition(".")[0]) / "live.js").read_text(encoding="utf-8")
