"""A chart as a picture that stands alone: SVG, drawn here, for JupyterLab and wherever a notebook is shown.

A picture stays when the notebook is saved, exported or read on a site that runs nothing. Its colours are plain ones:
where there is a stylesheet for the dark, that replaces each by its counterpart (``tylib.lab.style``).
"""

from __future__ import annotations

import re
from itertools import count
from typing import Any

from markupsafe import escape

from tylib.brief import page, theme

COLUMN, WIDE = 720, 800
"""Pixels of a chart, and of one that wants more room; where there is less the picture becomes smaller."""

_NAME = re.compile(r'(\bid="|url\(#)(?=[\w-])')
_DRAWN = count(1)


def svg(chart: Any, *, alt: str, width: int = COLUMN) -> str:
    """The chart as SVG, with its own hatch and its words for those who cannot see it.

    Names inside are the picture's own: several on one page never take the clip or pattern of another. That also holds
    where only what is in sight is laid out, and a pattern elsewhere would be none.

    Args:
        chart: Altair chart from ``brief.charts``, or a Vega-Lite spec.
        alt: What it shows.
        width: Pixels.

    >>> picture = svg({"mark": "point", "data": {"values": [{}]}}, alt="one <point>")
    >>> 'role="img" aria-label="one &lt;point&gt;"' in picture and 'id="hatch"' not in picture
    True
    """
    import vl_convert

    drawn = vl_convert.vegalite_to_svg(theme.themed(chart, width=width), vl_version=page.VEGALITE)
    pattern = re.search(r"<defs>.*</defs>", page.hatch(), re.S)[0]
    head, rest = re.fullmatch(r"(<svg\b[^>]*)>(.*)", drawn, re.S).groups()
    named = f'{head} role="img" aria-label="{escape(alt)}">{pattern}{rest}'
    return _NAME.sub(rf"\g<1>p{next(_DRAWN)}-", named)
