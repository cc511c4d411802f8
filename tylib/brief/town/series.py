"""What is published of a town by year, what of it is in doubt, and what it was to reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts, sentences
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.brief.town.opening import measured, what
from tylib.programme import towns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context

FEWEST_YEARS = 3  # fewer, or fewer different figures, are read faster in the table
SHORT_UNIT = 3  # characters
OPEN = 8  # rows up to which the table of all figures stands open


def _own(context: Context) -> pl.DataFrame:
    return towns.metrics(context.city).filter(pl.col("town_id") == context.code)


def series(context: Context) -> Part:
    """Every printed figure of the town, as a path where it moves; what contradicts itself has a part of its own."""
    said, rows = context.words, _own(context)
    if rows.is_empty():
        return Part()
    figures = rows.filter((pl.col("kind") == "actual") & pl.col("figure").is_not_null() & pl.col("year").is_not_null())
    many = figures.filter(pl.col("indicator") != towns.SHARE).group_by("indicator", "unit", maintain_order=True)
    many = many.agg(pl.col("year", "figure").n_unique())
    many = many.filter(pl.min_horizontal("year", "figure") >= FEWEST_YEARS)
    paths = [
        _path(context, figures.filter((pl.col("indicator") == row["indicator"]) & (pl.col("unit") == row["unit"])))
        for row in many.iter_rows(named=True)
    ]
    table = _all(context, rows)
    counted = rows.filter(pl.col("figure").is_not_null())
    aims = counted.filter(pl.col("kind") != "actual")
    actual = counted.height - aims.height
    if rows.height > OPEN:
        kinds = {"actual": actual, "aims": aims.height, "texts": rows.height - counted.height}
        parts = [said.number_of(f"town.series.kinds.{kind}", count) for kind, count in kinds.items() if count]
        summary = said.number_of("town.series.all", rows.height, parts=context.joined(parts))
        table = Markup('<details class="data-table"><summary>{}</summary>{}</details>').format(summary, table)
    told = counted.filter(pl.col("kind") == "actual") if actual else counted
    span = told["year"].drop_nulls()
    key = "undated" if span.is_empty() else "year" if span.n_unique() == 1 else "dated"
    heading = said.number_of(f"town.series.heading.{key}", told.height, first=span.min(), last=span.max())
    if actual and aims.height:
        heading += said.number_of("town.series.heading.aims", aims.height)
    elif told.height == aims.height:
        heading += said("town.series.heading.only_aims")
    return Part("series", heading, (*paths, table))


def _path(context: Context, rows: pl.DataFrame) -> Figure:
    said, numbers = context.words, context.numbers
    rows = rows.sort("year", pl.col("value").is_null()).unique("year", keep="first", maintain_order=True)
    unit, indicator = rows["unit"][0], rows["indicator"][0]
    factor, name = numbers.factor(unit), what(context, indicator)
    found = list(rows.iter_rows(named=True))
    short = len(numbers.unit(unit)) <= SHORT_UNIT
    frame = pl.DataFrame(
        {
            "year": rows["year"],
            **{name: rows[name] * factor for name in ("value", "low", "high")},
            # A bound says its unit where it is short: it stands apart from the points, which the axis measures.
            "text": [numbers.row(row, united=row["value"] is None and short) for row in found],
            "status": rows["status"].cast(pl.String),
            # Figures of different sources are not joined: their difference means nothing.
            "run": rows["source_id"],
        }
    )
    items = context.joined(
        said("town.series.item", year=said("number.year", year=row["year"]), figure=numbers.row(row)) for row in found
    )
    alt = said("town.series.alt", what=name, items=items)
    first, last = found[0], found[-1]
    return Figure(
        charts.path(frame, unit=numbers.unit(unit), description=alt),
        key=f"series-{indicator.replace('_', '-')}",
        title=said(
            "town.series.title",
            what=sentences.opened(name), start=numbers.row(first), first=first["year"], end=numbers.row(last),
            last=last["year"],
        ),
        subtitle=said("town.series.subtitle", what=sentences.opened(name), unit=numbers.unit(unit)),
        alt=alt,
        words=said,
        foot=Markup("{} {}").format(said("town.source"), context.cite(rows["source_id"])),
        table=_all(context, rows, key=f"series-{indicator.replace('_', '-')}"),
        csv=rows.select("metric_id", "period", "value", "low", "high", "unit", "status", "source_id").write_csv(),
    )  # fmt: skip


def _all(context: Context, rows: pl.DataFrame, *, key: str = "all-figures") -> Markup:
    """Printed figures for looking up, with what a reader must know to read them."""
    said = context.words
    cells = [
        {
            "what": said.pick(row, "name"),
            "period": context.period(row["period"]),
            "figure": Markup("{}").format(
                said.pick(row, "value") if row["figure"] is None else measured(context, row, said.pick(row, "name"))
            ),
            "note": said("list.semicolon").join(_remarks(context, row)),
            "source": context.cite([row["source_id"]]),
        }
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    columns = {name: said(f"town.series.{name}") for name in ("what", "period", "figure", "note", "source")}
    if not any(cell["note"] for cell in cells):
        del columns["note"]
    caption = said("town.series.caption", town=context.name)
    return html_table(cells, columns, key=key, caption=caption, right=["figure"], markup=["figure", "source"])


def _remarks(context: Context, row: Mapping[str, Any]) -> list[str]:
    kind = [context.words(f"kind.{row['kind']}")] if row["kind"] != "actual" else []
    note = context.words.pick(row, "note")
    return kind + ([note] if note else [])


def doubts(context: Context) -> Part:
    """Figures of the town that cannot all be true: shares without a base, figures printed again year after year."""
    said = context.words
    shares = _own(context).filter((pl.col("indicator") == towns.SHARE) & pl.col("year").is_not_null())
    shares = shares.filter((pl.col("kind") == "actual") & pl.col("figure").is_not_null())
    whole = towns.implied_whole(context.city, context.code)
    copied = towns.repeats(context.city, context.code).filter("carried")
    differing = shares["figure"].n_unique() > 1
    if not differing and copied.is_empty():
        return Part()
    blocks: list[Any] = []
    if differing:
        blocks.append(_share_figure(context, shares, whole))
        if whole.height > 1:
            numbers, unit = context.numbers, whole["unit"][0]
            ends = {"low": numbers.text(whole["whole"].min(), unit), "high": numbers.text(whole["whole"].max(), unit)}
            blocks.append(Markup("<p>{}{}</p>").format(said("town.doubts.whole", **ends), mark("derived", said)))
    if copied.height:
        items = [
            said(
                "town.doubts.copied_item",
                what=sentences.opened(what(context, row["indicator"])),
                figure=context.numbers.full(row["figure"], row["unit"], decimals=row["decimals"]),
                years=context.joined(said("number.year", year=year) for year in row["years"]),
            )
            for row in copied.iter_rows(named=True)
        ]
        cited = context.cite(copied["source_ids"].explode())
        rule = said("town.doubts.rule", years=int(context.judgements.carried_years.value))
        listed = Markup("").join(Markup("<li>{}</li>").format(item) for item in items)
        blocks.append(Markup("<p>{} {}</p><ul>{}</ul>").format(rule, cited, listed))
    key = "shares" if differing else "copied"
    figures = context.joined(context.numbers.row(row) for row in _changes(shares).iter_rows(named=True))
    return Part("doubts", said(f"town.doubts.heading.{key}", shares=figures, count=copied.height), tuple(blocks))


def _changes(shares: pl.DataFrame) -> pl.DataFrame:
    """Each value the share had, in the order in which they were first printed."""
    return shares.sort("year").unique("figure", keep="first", maintain_order=True)


def _share_figure(context: Context, shares: pl.DataFrame, whole: pl.DataFrame) -> Figure:
    said, numbers = context.words, context.numbers
    rows = shares.sort("year").unique("year", keep="first", maintain_order=True)
    implied = {row["year"]: row for row in whole.iter_rows(named=True)}
    found = list(rows.iter_rows(named=True))
    frame = pl.DataFrame(
        {
            "year": rows["year"],
            "value": rows["value"],
            "low": rows["low"],
            "high": rows["high"],
            "text": [numbers.row(row, united=False) for row in found],
            "status": rows["status"].cast(pl.String),
            "run": rows["source_id"],
        }
    )
    cells = []
    for row in found:
        base = implied.get(row["year"])
        output = implied_text = Markup("")
        if base:
            output = Markup("{}").format(numbers.full(base["output"], base["unit"]))
            text = numbers.text(base["whole"], base["unit"])
            text = said("number.about", figure=text) if base["bounded"] else text
            implied_text = Markup("{}{}").format(text, mark("derived", said))
        cells.append(
            {
                "period": context.period(row["period"]),
                "share": context.figure(row),
                "base": said("town.doubts.no_base"),
                "output": output,
                "implied": implied_text,
                "source": context.cite([row["source_id"]]),
            }
        )
    columns = {name: said(f"town.doubts.{name}") for name in cells[0]}
    alt = said(
        "town.doubts.alt",
        items=context.joined(f"{c['period']} {numbers.row(r)}" for c, r in zip(cells, found, strict=True)),
    )
    title = said("town.doubts.figure", count=len({row["figure"] for row in found}))
    return Figure(
        charts.path(frame, unit="%", description=alt),
        key="shares",
        title=title,
        subtitle=said("town.doubts.subtitle"),
        alt=alt,
        words=said,
        foot=Markup("{} {} {}").format(said("town.doubts.foot"), said("town.source"), context.cite(rows["source_id"])),
        table=html_table(
            cells, columns, key="shares", caption=title, right=["share", "output", "implied"],
            markup=["share", "output", "implied", "source"],
        ),
        csv=rows.select("metric_id", "period", "value", "low", "unit", "status", "source_id").write_csv(),
    )  # fmt: skip


def aims(context: Context) -> Part:
    """What the town was to reach, with what is still to go and the growth it needs, or why that cannot be said."""
    said, rows = context.words, towns.aims(context.city, context.code)
    if rows.is_empty():
        return Part()
    found = list(rows.iter_rows(named=True))
    cells = [
        {
            "aim": Markup("{}<br><small>{}</small>").format(
                said.pick(row, "name"), context.period(row["period"]) if row["period"] else said("town.aims.no_year")
            ),
            "target": context.figure(row),
            "outturn": _outturn(context, row),
            "gap": Markup("{}<br>{}").format(_to_go(context, row), _growth(context, row)),
            "source": context.cite([row["source_id"], row["outturn_source_id"]]),
        }
        for row in found
    ]
    columns = {name: said(f"town.aims.{name}") for name in cells[0]}
    markup = ["aim", "target", "outturn", "gap", "source"]
    caption = said("town.aims.caption", town=context.name)
    table = html_table(cells, columns, key="aims", caption=caption, right=["target", "outturn"], markup=markup)
    blocks = [_aim_figure(context, found), table, Markup('<p class="note">{}</p>').format(said("town.aims.rule"))]
    return Part("aims", _aims_heading(context, found), tuple(block for block in blocks if block))


def _sure(row: Mapping[str, Any]) -> bool:
    """Whether a growth may be read off: the newest figure is one of its own year, and still below the aim."""
    return row["growth"] is not None and not row["outturn_carried"]


def _aims_heading(context: Context, found: list[Mapping[str, Any]]) -> str:
    said, numbers = context.words, context.numbers
    sure = [row for row in found if _sure(row)]
    if not sure:
        return said.number_of("town.aims.heading.none", len(found))
    row = sure[0]
    key = "next" if row["due"] == row["outturn_year"] + 1 else "sure"
    return said(
        f"town.aims.heading.{key}",
        what=sentences.opened(what(context, row["indicator"])),
        gap=numbers.row(_gap(row)),
        rate=numbers.text(row["growth"], "%"),
        since=row["outturn_year"],
        year=row["due"],
    )


def _reached(row: Mapping[str, Any]) -> dict[str, Any]:
    """The newest figure beside an aim."""
    return {name.removeprefix("outturn_"): value for name, value in row.items() if name.startswith("outturn_")}


def _outturn(context: Context, row: Mapping[str, Any]) -> Markup:
    said = context.words
    outturn = _reached(row)
    if outturn["value"] is None and outturn["low"] is None and outturn["high"] is None:
        return Markup('<span class="absent">{}</span>').format(said("absent.not_published"))
    return Markup("{}<br><small>{}</small>").format(context.figure(outturn), context.period(row["outturn_period"]))


def _to_go(context: Context, row: Mapping[str, Any]) -> Markup:
    said = context.words
    if row["verdict"] in ("met", "not_met"):
        return Markup("{}").format(said(f"town.aims.verdict.{row['verdict']}"))
    if row["gap_low"] is None and row["gap_high"] is None:
        return Markup("{}").format(said("town.aims.unknown"))
    return context.figure(_gap(row))


def _gap(row: Mapping[str, Any]) -> dict[str, Any]:
    """What is still to go as a figure: a value as loose as the newest figure, or the end that is known."""
    exact = row["gap_low"] == row["gap_high"]
    return {
        "value": row["gap_low"] if exact else None,
        "low": row["gap_low"],
        "high": row["gap_high"],
        "qualifier": row["outturn_qualifier"] if exact else "<=",
        "unit": row["unit"],
        "status": "derived",
    }


def _growth(context: Context, row: Mapping[str, Any]) -> Markup:
    said = context.words
    if _sure(row):
        years = row["due"] - row["outturn_year"]
        rate = said("town.aims.growth", rate=context.numbers.full(row["growth"], "%"))
        span = said.number_of("town.aims.years", years, first=row["outturn_year"], last=row["due"])
        return Markup("{}{} <small>{}</small>").format(rate, mark("derived", said), span)
    why = "carried" if row["outturn_carried"] else "no_outturn" if row["compared"] == "none" else "no_year"
    return Markup("<small>{}</small>").format(said(f"town.aims.why.{why}"))


def _aim_figure(context: Context, found: list[Mapping[str, Any]]) -> Figure | None:
    """Aims beside their newest figure, where at least one may be compared."""
    said, numbers = context.words, context.numbers
    reached = [row["outturn_value"] if not row["outturn_carried"] else None for row in found]
    if all(value is None for value in reached):
        return None
    drawn = [
        {
            "label": said("town.aims.label", what=said.pick(row, "name"), due=context.period(row["period"])),
            "target": row["value"],
            "value": value,
            "text": said(
                "town.aims.text",
                outturn=said("town.aims.open") if value is None else numbers.row(_reached(row), united=False),
                target=numbers.row(row),
            ),
        }
        for row, value in zip(found, reached, strict=True) if row["value"]
    ]  # fmt: skip
    alt = said("list.semicolon").join(f"{row['label']} {row['text']}" for row in drawn)
    return Figure(
        charts.target(
            pl.DataFrame(drawn, schema_overrides={"value": pl.Float64}), unit=said("town.aims.hundred"), description=alt
        ),
        key="aims",
        title=said.number_of(
            "town.aims.figure", sum(value is not None for value in reached), of=len(found)
        ),
        subtitle=said("town.aims.subtitle"),
        alt=alt,
        words=said,
        foot=Markup("{} {}").format(
            said("town.source"), context.cite(r[name] for r in found for name in ("source_id", "outturn_source_id"))
        ),
    )  # fmt: skip
