"""Tables for looking things up: great_tables lays them out, the page's stylesheet dresses them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from tylib.brief.markup import check_key, em
from tylib.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import polars as pl

_OPENING = re.compile(r"<(table|thead|tbody|tr|th|td)\b([^>]*)>")
_ATTRIBUTE = re.compile(r'\b(scope|colspan|rowspan|class)="([^"]*)"')
_SPANNER = re.compile(r'\s*<span class="gt_column_spanner">(.*?)</span>\s*', re.S)
_UNSEEN = re.compile(r'<span class="unseen">.*?</span>', re.S)
_HEADING = re.compile(r'\bid="[^"]*-(c\d+)"')
_CLASS = {"gt_right": "right", "gt_center": "center", "gt_group_heading": "group"}
FEW, LONG, SHORT = 3, 8, 12
"""Printed, a chart's table of few columns that is long runs in two columns; a short table stays on one sheet."""
_ROW = '<tr><th scope="row">'
WIDTHS = (2, 4, 6, 8, 12, 16)
"""Least widths of columns in ems: a Chinese cell would else be broken to a character a line on a small screen."""


def _width(cells: Sequence[str], label: str) -> str:
    """The class of a column by its longest cell: the smallest of ``WIDTHS`` that holds it, or the largest.

    A label may be broken, but not below four ems.
    """
    seen = (Markup(_UNSEEN.sub("", cell)).striptags() for cell in cells)
    longest = max([min(em(label), 4.0), *map(em, seen)])
    return f"w{next((width for width in WIDTHS if width >= longest), WIDTHS[-1])}"


def _tidy(match: re.Match[str], widths: Mapping[str, str]) -> str:
    """An opening tag of great_tables with only what says something: scope, spans, alignment, width of the column."""
    name, kept = match[1], []
    heading = _HEADING.search(match[2])
    column = "" if name != "th" or 'scope="col"' not in match[2] else heading[1] if heading else "c0"
    for attribute, value in _ATTRIBUTE.findall(match[2]):
        if attribute == "class":
            value = " ".join(_CLASS[word] for word in value.split() if word in _CLASS)
            value = f"{value} {widths.get(column, '')}".strip()
        if not value or (attribute.endswith("span") and value == "1"):
            continue
        kept.append(f' {attribute}="{value}"')
    return f"<{name}{''.join(kept)}>"


def _cells(
    rows: Sequence[Mapping[str, Any]], columns: Collection[str], markup: Collection[str]
) -> dict[str, list[str]]:
    """Every cell as safe HTML, by column."""
    found: dict[str, list[str]] = {}
    for name in columns:
        cells = []
        for row in rows:
            if name not in row:
                raise ParameterError(f'a table has no column "{name}"', expected="one of: " + ", ".join(row))
            cell = row[name]
            if cell is not None and not isinstance(cell, str):
                raise ParameterError(
                    f'column "{name}" of a table holds {type(cell).__name__}',
                    expected="text: figures are formatted first",
                )
            cells.append("" if cell is None else str(Markup(cell) if name in markup else escape(cell)))
        found[name] = cells
    return found


def html_table(
    frame: pl.DataFrame | Sequence[Mapping[str, Any]],
    columns: Mapping[str, str],
    *,
    key: str,
    caption: str,
    right: Collection[str] = (),
    markup: Collection[str] = (),
    spanners: Mapping[str, Sequence[str]] | None = None,
    groups: str = "",
    own: int | None = None,
    caption_shown: bool = False,
) -> Markup:
    """A table as semantic HTML: caption, column and row headings with scope, its own box to scroll in.

    Args:
        frame: Rows in the order shown; a frame, or mappings where single cells are ``Markup``. Every cell is text
            already (figures with their status mark as formatted by ``brief.numbers``); null is an empty cell.
        columns: Name to label, in the order shown; the first is the heading of each row. The unit stands in the label.
        key: Names the table on its page: its id is ``table-KEY``.
        caption: What the table holds; also names its scrolling box.
        right: Columns of figures, set to the right in figures of equal width.
        markup: Columns whose text is HTML already (from ``brief.status``); all other text is escaped.
        spanners: Label to columns, for headings over several columns.
        groups: Column whose value opens a new group of rows; "" for none.
        own: Index of the unit's own row among its peers, set off in the accent colour; null for none.
        caption_shown: Show the caption; else only a screen reader says it (a figure's title says it already).

    Raises:
        ParameterError: a column is not there, or a cell is not text.

    >>> table = html_table([{"place": "A", "value": "1.2"}], {"place": "County", "value": "GDP, bn"}, key="gdp",
    ...                    caption="GDP by county", right=["value"])
    >>> print(str(table).replace("><", ">\\n<"))
    <div class="table-scroll short" role="region" tabindex="0" aria-label="GDP by county">
    <table class="lookup" id="table-gdp">
    <caption class="unseen">GDP by county</caption>
    <thead>
    <tr>
    <th class="w4" scope="col">County</th>
    <th class="right w4" scope="col">GDP, bn</th>
    </tr>
    </thead>
    <tbody>
    <tr>
    <th scope="row">A</th>
    <td class="right">1.2</td>
    </tr>
    </tbody>
    </table>
    </div>
    """
    import polars as pl
    from great_tables import GT

    rows = frame.to_dicts() if isinstance(frame, pl.DataFrame) else list(frame)
    names = list(columns)
    wanted = [*names, groups] if groups else names
    cells = _cells(rows, wanted, markup)
    # great_tables makes ids of column names; ours may be in any language, so they go in under plain ones.
    plain = {name: f"c{index}" for index, name in enumerate(wanted)}
    body = pl.DataFrame({plain[name]: pl.Series(cells[name], dtype=pl.String) for name in wanted})
    table = (
        GT(body, id=check_key(key), rowname_col=plain[names[0]], groupname_col=plain[groups] if groups else None)
        .tab_stubhead(columns[names[0]])
        .cols_label({plain[name]: columns[name] for name in names[1:]})
        .cols_align("left", [plain[name] for name in names[1:]])
        .fmt(lambda cell: cell, columns=list(plain.values()))
    )
    if right:
        table = table.cols_align("right", [plain[name] for name in names[1:] if name in right])
    for label, spanned in (spanners or {}).items():
        table = table.tab_spanner(label, [plain[name] for name in spanned])
    raw = table.as_raw_html()
    inner = raw[raw.index("<table") : raw.rindex("</table>")]
    inner = _SPANNER.sub(r"\1", inner)
    widths = {plain[name]: _width(cells[name], columns[name]) for name in names}
    inner = re.sub(r">\s*\n\s*<", "><", _OPENING.sub(lambda tag: _tidy(tag, widths), inner))
    if own is not None:
        before, *after = inner.split(_ROW)
        opened = _ROW.replace("<tr>", '<tr class="own">')
        inner = before + "".join((opened if index == own else _ROW) + row for index, row in enumerate(after))
    head = Markup('<table class="lookup" id="table-{key}"><caption{unseen}>{caption}</caption>').format(
        key=key, caption=caption, unseen=Markup("") if caption_shown else Markup(' class="unseen"')
    )
    inner = inner.replace("<table>", head, 1).strip()
    kind = "table-scroll" + (" few" if len(names) <= FEW and len(rows) >= LONG else "")
    kind += " short" if len(rows) <= SHORT else ""
    return Markup('<div class="{}" role="region" tabindex="0" aria-label="{}">{}</table></div>').format(
        kind, caption, Markup(inner)
    )
