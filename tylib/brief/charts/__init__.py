"""Charts, one a relationship, named for it.

Each takes a small frame whose text is in the reader's language already and returns an Altair chart: no counting and
no sorting is left to Vega, so what the chart shows is what the frame held. Colours are names of the page
(``brief.theme``). Status has one grammar everywhere: published solid, derived with a thin outline, imported with a
notch, estimated a bar between caps without a point, scenario dashed, absent hatched with the word.

``figure.Figure`` puts a chart on a page with title, table and source.
"""

from tylib.brief.charts.bars import interval, ranking
from tylib.brief.charts.cells import cells
from tylib.brief.charts.fans import fan
from tylib.brief.charts.grids import coverage, tiles
from tylib.brief.charts.lanes import brackets, paired
from tylib.brief.charts.lines import path, slope
from tylib.brief.charts.shares import parts, target
from tylib.brief.charts.signed import contributions
from tylib.brief.charts.steps import ladder

__all__ = [
    "brackets", "cells", "contributions", "coverage", "fan", "interval", "ladder", "paired", "parts", "path", "ranking",
    "slope", "target", "tiles",
]  # fmt: skip
