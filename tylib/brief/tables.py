"""Tables for looking things up, as plain semantic HTML; the page's stylesheet dresses them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from tylib.brief.markup import check_key, em
from tylib.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import polars as pl

_UNSEEN = re.compile(r'<span class="unseen">.*?</span>', re.S)
FEW, LONG, SHORT = 3, 8, 12
"""Printed, a chart's table of few columns that is long runs in two columns; a short table stays on one sheet."""
_BETWEEN = re.compile(r">\s*\n\s*<")
WIDTHS = (2, 4, 6, 8, 12, 16)
"""Least widths of columns in ems: a Chinese cell would else be broken to a character a line on a small screen."""


def _width(cells: Sequence[str], label: str) -> str:
    """The class of a column by its longest cell: the smallest of ``WIDTHS`` that holds it, or the largest.

    A label may be broken, but not below four ems.
    """
    seen = (Markup(_UNSEEN.sub("", cell)).striptags() for cell in cells)
    longest = max([min(em(label), 4.0), *map(em, seen)])
    return f"w{next((width for width in WIDTHS if width >= longest), WIDTHS[-1])}"


def _head(
    names: Sequence[str],
    headings: Mapping[str, tuple[str, str]],
    spanners: Mapping[str, Sequence[str]],
) -> str:
    """The rows of headings: one, or two where a heading stands over several columns.

    Args:
        headings: Class and label of each column.
    """
    over = {name: label for label, spanned in spanners.items() for name in spanned}
    rows = ["", ""] if over else [""]
    for place, name in enumerate(names):
        kind, label = headings[name]
        tall = ' rowspan="2"' if over and name not in over else ""
        rows[-1 if name in over else 0] += f'<th class="{kind}"{tall} scope="col">{escape(label)}</th>'
        if name in over and (not place or over.get(names[place - 1]) != over[name]):
            wide = len(spanners[over[name]])
            span = f' colspan="{wide}"' if wide > 1 else ""
            rows[0] += f'<th class="center"{span} scope="colgroup">{escape(over[name])}</th>'
    return "".join(f"<tr>{row}</tr>" for row in rows)


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

    rows = frame.to_dicts() if isinstance(frame, pl.DataFrame) else list(frame)
    names = list(columns)
    wanted = [*names, groups] if groups else names
    cells = _cells(rows, wanted, markup)
    aligned = {name: "right " if name in right and place else "" for place, name in enumerate(names)}
    headings = {name: (aligned[name] + _width(cells[name], columns[name]), columns[name]) for name in names}
    opened = [f"<td{kind}>" for kind in (' class="right"' if aligned[name] else "" for name in names[1:])]
    # Together, in the order in which each group is first met.
    first = {group: place for place, group in reversed(list(enumerate(cells[groups] if groups else ())))}
    body = []
    for shown, at in enumerate(sorted(range(len(rows)), key=lambda at: first[cells[groups][at]] if groups else at)):
        if groups and at == first[cells[groups][at]]:
            body.append(f'<tr><th class="group" colspan="{len(names)}" scope="colgroup">{cells[groups][at]}</th></tr>')
        row = "".join(f"{tag}{cells[name][at]}</td>" for tag, name in zip(opened, names[1:], strict=True))
        kind = ' class="own"' if shown == own else ""
        body.append(f'<tr{kind}><th scope="row">{cells[names[0]][at]}</th>{row}</tr>')
    head = Markup('<table class="lookup" id="table-{key}"><caption{unseen}>{caption}</caption>').format(
        key=check_key(key), caption=caption, unseen=Markup("") if caption_shown else Markup(' class="unseen"')
    )
    inner = _BETWEEN.sub("><", f"<thead>{_head(names, headings, spanners or {})}</thead><tbody>{''.join(body)}</tbody>")
    kind = "table-scroll" + (" few" if len(names) <= FEW and len(rows) >= LONG else "")
    kind += " short" if len(rows) <= SHORT else ""
    return Markup('<div class="{}" role="region" tabindex="0" aria-label="{}">{}{}</table></div>').format(
        kind, caption, head, Markup(inner)
    )
