"""What a county makes, as far as published figures tell: what is implied, what holds in draws, what is undecided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib import bounds
from tylib.brief import charts
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.making import amounts, layers
from tylib.brief.making.amounts import SHOWN, marked, printed, sectors_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tylib.brief.context import Context

MOST_NAMED = 2  # sectors that a heading names
BESIDE = 0.1  # share of the largest floor from which another is named beside it in a heading
MOST_LISTED = 6  # sectors that are told one by one
MANY_CEILINGS = 4  # from so many on, ceilings are told as one


def makes(context: Context) -> Part:
    """Floors, ceilings and intervals of the county's manufacturing by sector, with what draws add to them."""
    if problem := amounts.contradicted(context):
        return Part("makes", context.words("making.contradicted.heading"), (problem,))
    found = amounts.found(context)
    if found.is_empty():
        return Part()
    said, sectors = context.words, amounts.whole(context, context.code)
    fit = [*sectors.filter(pl.col("fit").is_not_null()).to_dicts(), *_totals(found)]
    # A share of the city rests on nearly every row: they are listed only where nothing else is told.
    fit = [row for row in fit if row["quantity"] != "county_share"] or fit
    caption = said("making.columns.caption", unit=context.numbers.unit(sectors["unit"][0]), year=year(context))
    body: list[Any] = [*_implied(context, found, sectors), *_drawn(context, found)]
    body += [
        _figure(context, sectors, found),
        layers.by_sector(context, key="makes-layers", caption=caption, likely=True),
        amounts.rows_in_words(context, amounts.binding(fit)),
    ]
    body += [
        amounts.left_out(context),
        Markup('<p class="note">{}</p>').format(said("making.note" if fit else "making.note_none")),
    ]
    return Part("makes", heading(context), tuple(block for block in body if block))


def heading(context: Context) -> str:
    """The strongest thing that is implied, with the layer it belongs to; else that nothing is settled."""
    return finding(context) or context.words("making.heading.none", county=context.name)


def finding(context: Context) -> str:
    """The strongest thing that is implied, with the layer it belongs to; nothing where nothing is."""
    if amounts.contradicted(context):
        return ""
    found, said = amounts.found(context), context.words
    if found.is_empty():
        return ""
    sectors = amounts.whole(context, context.code)
    named = amounts.strongest(sectors, MOST_NAMED)
    # One small firm's floor beside that of a large sector would pass for the size of its sector.
    named = [row for row in named if row["low"] >= BESIDE * named[0]["low"]]
    if named:
        items = [
            said("making.item.output", sector=sectors_of(context, row["sector_code"]), figure=printed(context, row))
            for row in named
        ]
        return said("making.heading.known", items=said("list.semicolon").join(items), layer=_layer(context, named[0]))
    for row in _totals(found):
        key = "share" if row["quantity"] == "county_share" else "total"
        what = said(f"making.quantity.{row['quantity']}")
        return said(f"making.heading.{key}", what=what, figure=printed(context, row), layer=_layer(context, row))
    return ""


def _layer(context: Context, row: dict[str, Any]) -> str:
    own = row["status"] in ("imported", "demonstration")
    return context.words(f"making.layer.{'own' if own else row['layer']}")


def _totals(found: pl.DataFrame) -> list[dict[str, Any]]:
    """What is fit to print of all manufacturing together: output, value added, the place in the city."""
    order = {"output": 0, "value_added": 1, "county_share": 2}
    rows = found.filter((pl.col("sector_code") == "") & pl.col("fit").is_not_null())
    return sorted(rows.to_dicts(), key=lambda row: order.get(row["quantity"], len(order)))


def _implied(context: Context, found: pl.DataFrame, sectors: pl.DataFrame) -> Iterator[Markup]:
    """What is true of every matrix that fits the rows."""
    said, items, totals = context.words, [], _totals(found)
    # A floor of value added says less than that of output, from which it follows.
    for row in [row for row in totals if row["quantity"] != "value_added" or row["fit"] != "floor" or row == totals[0]]:
        what = said(f"making.quantity.{row['quantity']}")
        items.append(said.html("making.item.of", what=what, figure=marked(context, row)))
    for row in amounts.strongest(sectors, MOST_LISTED):  # the chart has all
        sector = sectors_of(context, row["sector_code"])
        items.append(said.html("making.item.output", sector=sector, figure=marked(context, row)))
    ceilings = sectors.filter(pl.col("fit") == "ceiling").to_dicts()
    if len(ceilings) >= MANY_CEILINGS:
        most = max(ceilings, key=lambda row: row["high"])
        items.append(said.html("making.item.ceilings", count=len(ceilings), figure=marked(context, most)))
    else:
        items += [
            said.html("making.item.output", sector=sectors_of(context, row["sector_code"]), figure=marked(context, row))
            for row in ceilings
        ]
    above = _verdicts(found, "implied", holds=True)
    if above:
        names = said("list.semicolon").join(
            said("making.item.quotient", sector=sectors_of(context, row["sector_code"]), low=_low(context, row))
            for row in above
        )
        items.append(said.html("making.item.quotients", names=names))
    if items:
        yield _listed(said("making.implied"), items)
    else:
        yield Markup("<p>{}</p>").format(said("making.nothing_implied"))


def _listed(intro: str, items: Sequence[str]) -> Markup:
    listed = Markup("").join(Markup("<li>{}</li>").format(item) for item in items)
    return Markup("<p>{}</p><ul>{}</ul>").format(intro, listed)


def _low(context: Context, row: dict[str, Any]) -> str:
    return context.numbers.rounded(int(row["low"] * 10) / 10, "")


def _verdicts(found: pl.DataFrame, verdict: str, *, holds: bool) -> list[dict[str, Any]]:
    tested = (pl.col("quantity") == "location_quotient") & (pl.col("verdict") == verdict)
    return found.filter(tested & (pl.col("holds") == holds)).to_dicts()


def _drawn(context: Context, found: pl.DataFrame) -> Iterator[Markup]:
    """What holds in nearly all draws of both weightings, and what stays undecided."""
    said, items = context.words, []
    first = bounds.leaders(context.city).filter(pl.col("unit_code") == context.code).row(0, named=True)
    sector = sectors_of(context, first["code"])
    if first["verdict"] == "implied":
        yield Markup("<p>{}</p>").format(said("making.first.implied", sector=sector))
    elif first["verdict"] == "draws":
        items.append(said("making.first.draws", sector=sector, share=amounts.shares(context, first)))
    for row in _verdicts(found, "draws", holds=True):
        name = sectors_of(context, row["sector_code"])
        items.append(said("making.drawn.above", sector=name, share=amounts.shares(context, row)))
    quotients = found.filter(pl.col("quantity") == "location_quotient")
    # That a sector is not above the nation in most draws says more of the weighting than of the county: it is not told.
    open_ = quotients.filter(~pl.col("holds").fill_null(False)).height
    if items:
        yield _listed(said("making.drawn.intro"), items)
    if open_:
        which = "rest" if open_ < quotients.height else "all"
        yield Markup("<p>{}</p>").format(said.number_of(f"making.undecided.{which}", open_))


def _figure(context: Context, sectors: pl.DataFrame, found: pl.DataFrame) -> Figure | None:
    """Sectors with a floor or an interval worth printing; the rest as one hatched row."""
    said, numbers = context.words, context.numbers
    shown = amounts.strongest(sectors, len(sectors))
    if not shown:
        return None
    factor, rows = numbers.factor(shown[0]["unit"]), []
    total = [row for row in _totals(found) if row["quantity"] == "output" and row["fit"] != "ceiling"]
    for row, name in [(t, said("making.all")) for t in total] + [
        (s, sectors_of(context, s["sector_code"])) for s in shown
    ]:
        known, high = amounts.exact(context, row), row["high"] if row["fit"] == "interval" else None
        rows.append({
            "label": name,
            "low": None if known else row["low"] * factor,
            "high": None if known or high is None else high * factor,
            "value": (row["low"] + row["high"]) / 2 * factor if known else None,
            "p10": None if known else row["likely_low"] * factor,
            "p90": None if known else row["likely_high"] * factor,
            "text": printed(context, row, united=False), "own": row["sector_code"] == "", "status": row["status"],
        })  # fmt: skip
    rest = sectors.height - len(shown)
    if rest:
        label = said.number_of("making.rest", rest)
        rows.append({"label": label, "low": None, "high": None, "value": None, "p10": None, "p90": None,
                     "text": said("making.wide"), "own": False, "status": "estimated"})  # fmt: skip
    unit = numbers.unit(shown[0]["unit"])
    alt = said("making.alt", county=context.name, count=len(shown))
    return Figure(
        charts.interval(pl.DataFrame(rows), unit=unit, description=alt),
        key="makes",
        title=said.number_of("making.figure", len(shown), county=context.name, all=sectors.height),
        subtitle=said("making.subtitle", unit=unit, year=year(context)),
        alt=alt,
        words=said,
        foot=said("making.foot", layer=said(f"making.layer.{SHOWN}")),
        csv=amounts.found(context).drop("binding_low", "binding_high").write_csv(),
    )


def year(context: Context) -> str:
    """The year of the feasible set, as it is printed."""
    from tylib.store.params import bounds_suppositions

    return context.words("number.year", year=bounds_suppositions(context.city).year)
