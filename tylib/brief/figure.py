"""A figure: a chart with its finding for a title, its words for those who cannot see it, its table, its source.

On the page it is one HTML block (``Figure.html``); the page's script draws the spec in it. In JupyterLab the same
figure shows itself as a picture.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from tylib.brief import blocks, page, picture, theme
from tylib.brief.markup import check_key, phrases

if TYPE_CHECKING:
    from tylib.store import Words


@dataclass(frozen=True)
class Figure:
    """What a reader sees as one numbered figure. Strings are escaped; ``markupsafe.Markup`` is taken as HTML.

    Args:
        chart: Altair chart from ``brief.charts``, or a Vega-Lite spec.
        key: Names the figure on its page: its id is ``fig-KEY``.
        title: The finding, a sentence.
        alt: What the chart shows, for who cannot see it; the figures themselves are in the table.
        words: The catalogue; says ``page.data``, ``page.csv``, ``page.chart_failed``.
        subtitle: Quantity, unit, year, scope.
        foot: Source and status.
        table: The data, from ``tables.html_table``.
        csv: The data as CSV text, for download; "" for none.
        wide: Use the full width of a figure on a wide screen, not only the column of text.
    """

    chart: Any
    key: str
    title: str
    alt: str
    words: Words
    subtitle: str = ""
    foot: str = ""
    table: str = ""
    csv: str = ""
    wide: bool = False

    def __post_init__(self) -> None:
        check_key(self.key)

    def _head(self) -> Markup:
        subtitle = Markup('<p class="figure-subtitle">{}</p>').format(self.subtitle) if self.subtitle else ""
        return Markup(
            '<figcaption><p class="figure-title" id="fig-{key}-title"><span class="figure-number"></span>'
            "{title}</p>{subtitle}</figcaption>"
        ).format(key=self.key, title=phrases(self.title), subtitle=subtitle)

    def _data(self, *more: Markup) -> Markup:
        if not self.table:
            return Markup("").join(more)
        download = Markup("").join(more)
        if self.csv:
            download = blocks.csv_link(self.key, self.csv, self.words("page.csv")) + download
        return Markup('<details class="data-table" open><summary>{word}</summary>{table}{download}</details>').format(
            word=self.words("page.data"), table=escape(self.table), download=download
        )

    def _foot(self) -> Markup:
        return Markup('<p class="figure-foot">{}</p>').format(self.foot) if self.foot else Markup("")

    def _chart(self) -> Markup:
        return Markup(
            '<div class="chart" role="img" aria-label="{alt}">'
            '<script type="application/json" class="vega-spec">{spec}</script></div>'
            '<p class="chart-failed" hidden>{failed}</p>'
        ).format(
            alt=self.alt,
            spec=Markup(page.json_block(theme.spec(self.chart))),
            failed=self.words("page.chart_failed"),
        )

    def _picture(self, drawn: str) -> Markup:
        """Where a viewer lets no SVG through (a site that shows notebooks), the words in its place remain."""
        return Markup('<div class="picture">{}<p class="no-picture">{} {}</p></div>').format(
            Markup(drawn), self.alt, self.words("page.no_picture")
        )

    def html(self) -> Markup:
        """The figure as the page wants it. The table stands open until the chart has been drawn over it."""
        return Markup(
            '<figure class="{classes}" id="fig-{key}" role="group" aria-labelledby="fig-{key}-title">{head}'
            "{chart}{foot}{data}</figure>"
        ).format(
            classes="figure wide" if self.wide else "figure",
            key=self.key,
            head=self._head(),
            chart=self._chart(),
            data=self._data(),
            foot=self._foot(),
        )

    def __html__(self) -> Markup:
        return self.html()

    def _ipython_display_(self) -> None:
        from IPython.display import HTML, display

        if os.environ.get("TYLIB_BATCH") == "1":
            display(HTML(self.html()))
            return
        # A picture and no widget: it is there in the notebook saved, exported or run by papermill too.
        drawn = picture.svg(self.chart, alt=self.alt, width=picture.WIDE if self.wide else picture.COLUMN)
        data = self._data(blocks.svg_link(self.key, drawn, self.words("page.svg")))
        display(HTML(self._head() + self._picture(drawn) + self._foot() + Markup(str(data).replace(" open>", ">", 1))))
