"""The rows of the feasible set in words; what each does; what becomes of the answers when rows are changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib import bounds
from tylib.brief import charts
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.making.amounts import KEY, marked, sectors_of
from tylib.brief.tables import html_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context

MOST_BARS = 12  # rows that the chart of effects shows; the table has all
MOST_MOVED = 20  # answers that are listed after a change
SAME = 1e-6


def stated(context: Context, *, layer: int) -> Part:
    """Every row of a layer and those below it: what it says, of what kind, why, from where, and whether it is used."""
    said, rows = context.words, bounds.stated_rows(context.city).filter(pl.col("layer") <= layer)
    if rows.is_empty():
        return Part()
    cells = [
        {
            "row": row["constraint_id"],
            "what": said.pick(row, "title"),
            "kind": said(f"making.kind.{row['kind']}"),
            "period": context.period(row["period"]) if row["period"] else "",
            "why": said.pick(row, "reason"),
            "used": said(f"certainty.rows.{'on' if row['active'] else 'off'}_word"),
            "source": context.cite([row["source_id"]]),
        }
        for row in rows.iter_rows(named=True)
    ]
    used = rows.filter("active").height
    heading = said("certainty.rows.heading", used=used, left=rows.height - used)
    columns = {name: said(f"certainty.rows.columns.{name}") for name in cells[0]}
    table = html_table(cells, columns, key="rows", caption=said("certainty.rows.caption"), markup=["source"])
    return Part("rows", heading, (table,))


def effects(context: Context, *, layer: int) -> Part:
    """How much of the width of the answers each row takes away, the others as they are."""
    found = bounds.effects(context.city, layer=layer)
    told = found.filter(pl.col("touched") > 0)
    if told.is_empty():
        return Part()
    said = context.words
    names = _titles(context)
    first = told.row(0, named=True)
    shown = told.head(MOST_BARS)
    rows = pl.DataFrame(
        {
            "label": [names[code] for code in shown["constraint_id"]],
            "value": shown["widening"] * 100,
            "text": [said("number.percent", figure=_percent(share)) for share in shown["widening"]],
        }
    )
    alt = said("certainty.effects.alt", count=shown.height)
    cells = [
        {
            "row": row["constraint_id"],
            "what": names[row["constraint_id"]],
            "takes": _percent(row["widening"]),
            "touched": str(row["touched"]),
            "fit": said("making.worth.fit", before=row["fit_with"], after=row["fit_without"]),
        }
        for row in found.iter_rows(named=True)
    ]
    columns = {name: said(f"certainty.effects.columns.{name}") for name in cells[0]}
    caption = said("certainty.effects.caption", answers=first["answers"])
    figure = Figure(
        charts.ranking(rows, unit=said("certainty.effects.unit"), description=alt, in_order=True),
        key="effects", title=said("certainty.effects.figure"), subtitle=said("certainty.effects.subtitle"), alt=alt,
        words=said, csv=found.write_csv(),
        table=html_table(cells, columns, key="effects", caption=caption, right=["takes", "touched", "fit"]),
    )  # fmt: skip
    heading = said(
        "certainty.effects.heading", row=names[first["constraint_id"]], share=_percent(first["widening"]),
        layer=said(f"making.layer.{layer}"),
    )  # fmt: skip
    return Part("effects", heading, (figure,))


def changed(
    context: Context, *, layer: int, switch: Mapping[str, bool], change: Mapping[str, Mapping[str, float]]
) -> Part:
    """What becomes of the answers on output when rows are switched or changed; nothing where none are."""
    if not switch and not change:
        return Part()
    said, city = context.words, context.city
    columns = [*KEY, "low", "high", "fit", "status", "unit"]
    before = bounds.bounds(city, layer=layer).select(columns).filter(pl.col("quantity") == "output")
    after = bounds.bounds(city, layer=layer, switch=switch, change=change).select(columns)
    both = before.join(after, on=KEY, how="inner", maintain_order="left", suffix="_after")
    moved = both.filter(pl.any_horizontal(_apart(end) for end in ("low", "high")))
    counted = [before["fit"].count(), both["fit_after"].count()]
    heading = said(
        "certainty.changed.heading", moved=moved.height, all=both.height, before=counted[0], after=counted[1]
    )
    what = [
        said(f"certainty.changed.{'used' if on else 'left'}", row=_title(context, name)) for name, on in switch.items()
    ]
    what += [
        said("certainty.changed.value", row=_title(context, name), end=said(f"certainty.changed.{end}"), value=value)
        for name, ends in change.items() for end, value in ends.items()
    ]  # fmt: skip
    listed = Markup("").join(Markup("<li>{}</li>").format(text) for text in what)
    return Part("changed", heading, (Markup("<ul>{}</ul>").format(listed), _moved(context, moved)))


def _apart(end: str) -> pl.Expr:
    """Whether an end is another one; an end that is there on one side only is."""
    new = pl.col(f"{end}_after")
    return (pl.col(end).is_null() != new.is_null()) | ((pl.col(end) - new).abs() > SAME * (1 + new.abs())).fill_null(
        False
    )


def _moved(context: Context, moved: pl.DataFrame) -> Markup:
    """The answers that something can be printed of before or after, those that move most first."""
    said = context.words
    told = moved.filter(pl.col("fit").is_not_null() | pl.col("fit_after").is_not_null())
    cells = []
    for row in told.iter_rows(named=True):
        after = {**row, **{name: row[f"{name}_after"] for name in ("low", "high", "fit", "status")}}
        ends = {"before": marked(context, row), "after": marked(context, after)}
        if ends["before"] != ends["after"]:
            sector = sectors_of(context, row["sector_code"]) if row["sector_code"] else said("making.all")
            cells.append({"county": context.place_name(row["unit_code"]), "sector": sector, **ends})
    if not cells:
        return Markup("<p>{}</p>").format(said("certainty.changed.none"))
    columns = {name: said(f"certainty.changed.columns.{name}") for name in cells[0]}
    caption = said("certainty.changed.columns.caption", count=min(len(cells), MOST_MOVED), all=len(cells))
    return html_table(cells[:MOST_MOVED], columns, key="changed", caption=caption, caption_shown=True,
                      markup=["before", "after"])  # fmt: skip


def _titles(context: Context) -> dict[str, str]:
    rows: list[dict[str, Any]] = bounds.stated_rows(context.city).to_dicts()
    return {row["constraint_id"]: context.words.pick(row, "title") for row in rows}


def _title(context: Context, name: str) -> str:
    return f"{name} {_titles(context).get(name, '')}".strip()


def _percent(share: float) -> str:
    return f"{share * 100:.1f}" if share < 0.1 else f"{share * 100:.0f}"
