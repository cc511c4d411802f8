"""How large the economy is and how it moves; what is known of its industry. Published figures, bounds as bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts, sentences
from tylib.brief.county import sectors
from tylib.brief.county.opening import growth_of
from tylib.brief.county.standing import REPORTED, latest, reported
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.programme.targets import edition_year
from tylib.store import conflicts, load, preferred

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context

# Rows of the accounts table: level, real growth, share of GDP.
ACCOUNTS = (
    ("gdp", "gdp_growth_real", ""),
    ("primary_va", "primary_va_growth", "primary_share_gdp"),
    ("secondary_va", "secondary_va_growth", "secondary_share_gdp"),
    ("tertiary_va", "tertiary_va_growth", "tertiary_share_gdp"),
)
ACCOUNT_NAMES = [name for line in ACCOUNTS for name in line if name]
FEWEST_YEARS = 3  # fewer are read faster in the table
MOST_PERIODS = 1  # periods of one indicator in a table for looking up; the rest stands in the data tables


def economy(context: Context) -> Part:
    """GDP by year with its bounds and conflicts, and the other figures of the national accounts."""
    said = context.words
    rows = topic(context, "economy")
    if rows.is_empty():
        return Part()
    accounts, year = _accounts(context)
    others = rows
    if accounts:
        told = pl.col("indicator").is_in(ACCOUNT_NAMES) & (pl.col("scope") == "") & (pl.col("year") <= year)
        others = rows.filter(~told.fill_null(False))
    table = _recent(context, others, key="economy")
    parts = [
        _implied(context),
        _gdp_figure(context),
        _growths(context),
        _conflicts(context, rows),
        accounts,
        _structure_figure(context),
        table,
        _all_figures(context, rows, key="economy"),
    ]
    if reported(context, "gdp").height > 1:
        parts.insert(1, said("county.economy.caution"))
    return Part("economy", _economy_heading(context), tuple(part for part in parts if part))


def _economy_heading(context: Context) -> str:
    said, numbers = context.words, context.numbers
    if gdp := latest(context, "gdp"):
        figure = sentences.as_kind(numbers, numbers.text(gdp["value"], gdp["unit"]), gdp["kind"])
        rate, year = growth_of(context, gdp), said("number.year", year=gdp["year"])
        if rate is None:
            return said("county.economy.heading.value", year=year, gdp=figure)
        which = sentences.direction(rate, flat=context.judgements.flat_change.value)
        size = sentences.size(numbers, rate, which, kind=gdp["kind"])
        return said(f"county.economy.heading.{which}", year=year, gdp=figure, size=size)
    bounds = _gdp_rows(context)
    if bounds.height:
        row = bounds.row(-1, named=True)
        # What follows from published figures must not read like one.
        if row["status"] != "published":
            return said("county.economy.heading.implied", year=said("number.year", year=row["year"]))
        return said("county.economy.heading.bound", year=said("number.year", year=row["year"]), gdp=numbers.row(row))
    return said("county.economy.heading.unknown")


def _implied(context: Context) -> Markup | None:
    """The bounds that a heading speaks of, with their mark, premises and source; nothing where a value is published."""
    bounds = _gdp_rows(context)
    if latest(context, "gdp") or bounds.is_empty():
        return None
    row = bounds.row(-1, named=True)
    said = context.words
    return Markup("<p>{} {}</p>").format(
        said.html(
            "county.economy.implied",
            year=said("number.year", year=row["year"]),
            gdp=_about(context, row),
            premises=said.pick(row, "note") or said("county.economy.no_premises"),
        ),
        context.cite([row["source_id"]]),
    )


def _about(context: Context, row: Mapping[str, Any]) -> Markup:
    """Bounds that we worked out, to two digits: the published figures that they rest on carry no more."""
    if row["status"] == "published":
        return context.figure(row)
    ends = {end: float(f"{row[end]:.1e}") for end in ("low", "high") if row[end] is not None}
    figure = context.figure({**row, **ends, "decimals": None})
    return context.words.html("county.economy.about", figure=figure) if len(ends) == 2 else figure


def _gdp_rows(context: Context) -> pl.DataFrame:
    """GDP of every year that has a figure: the preferred value where one is published, else the narrowest bounds."""
    dated = pl.col("kind").is_in(REPORTED) & pl.col("year").is_not_null() & pl.col("absent").is_null()
    rows = context.own("gdp").filter(dated)
    values = preferred(rows.filter(pl.col("value").is_not_null())).unique("year", keep="first", maintain_order=True)
    width = pl.col("high").fill_null(float("inf")) - pl.col("low").fill_null(0.0)
    bounds = (
        rows.filter(pl.col("value").is_null())
        .join(values, on="year", how="anti", maintain_order="left")
        .sort("year", width, "fact_id")
        .unique("year", keep="first", maintain_order=True)
    )
    return pl.concat([values.select(rows.columns), bounds]).sort("year")


def _gdp_figure(context: Context) -> Figure | None:
    """GDP by year, if there are enough years to draw: values and intervals; a floor or ceiling alone draws nothing."""
    both_ends = pl.all_horizontal(pl.col("low", "high").is_not_null())
    rows = _gdp_rows(context).filter(pl.col("value").is_not_null() | both_ends)
    if rows.height < FEWEST_YEARS:
        return None
    said, numbers = context.words, context.numbers
    unit = rows["unit"][0]
    factor = numbers.factor(unit)
    frame = pl.DataFrame(
        {
            "year": rows["year"],
            **{name: rows[name] * factor for name in ("value", "low", "high")},
            "text": [
                sentences.as_kind(numbers, numbers.row(row, united=False), row["kind"])
                for row in rows.iter_rows(named=True)
            ],
            "status": rows["status"].cast(pl.String),
            # Years of different sources and vintages are not joined: their difference means nothing.
            "run": rows["source_id"],
        }
    )
    items = context.joined(
        said("county.economy.alt_item", period=context.period(row["period"]), figure=numbers.row(row))
        for row in rows.iter_rows(named=True)
    )
    alt = said("county.economy.alt", county=context.name, items=items)
    first = context.period(rows["period"][0])
    newest = rows.row(-1, named=True)
    latest_figure = sentences.as_kind(numbers, numbers.row(newest), newest["kind"])
    return Figure(
        charts.path(frame, unit=numbers.unit(unit), description=alt),
        key="gdp",
        title=said(
            "county.economy.figure",
            first=first,
            last=context.period(newest["period"]),
            figure=latest_figure,
            count=rows.height,
        ),
        subtitle=said("county.economy.subtitle", unit=numbers.unit(unit)),
        alt=alt,
        words=said,
        foot=Markup("{} {}").format(said("county.facts.source"), context.cite(rows["source_id"])),
        table=context.facts_table(
            rows,
            key="gdp",
            caption=said("county.facts.caption", county=context.name, topic=context.indicator_name("gdp")),
        ),
        csv=_csv(rows),
    )


def _accounts(context: Context) -> tuple[Markup | None, int | None]:
    """Level, real growth and share of GDP and its sectors in the year of the newest GDP, and that year.

    ``None`` where fewer than two levels are published for it.
    """
    rows = preferred(context.own(*ACCOUNT_NAMES).filter(pl.col("kind").is_in(REPORTED) & pl.col("year").is_not_null()))
    # What happened goes before what was expected to.
    rows = rows.filter(pl.col("value").is_not_null()).sort("indicator", "year", "kind")
    rows = rows.unique(["indicator", "year"], keep="first", maintain_order=True)
    levels = rows.filter(pl.col("indicator").is_in([line[0] for line in ACCOUNTS]))
    year = levels.filter(pl.col("indicator") == ACCOUNTS[0][0])["year"].max()
    if year is None or levels.filter(pl.col("year") == year).height < 2:
        return None, None
    said = context.words
    of_year = {row["indicator"]: row for row in rows.filter(pl.col("year") == year).iter_rows(named=True)}
    cells = []
    for line in ACCOUNTS:
        found = [of_year.get(name) for name in line]
        if any(found):
            level, rate, share = (_stated(context, row) if row else "" for row in found)
            source = context.cite(row["source_id"] for row in found if row)
            name = context.indicator_name(line[0])
            cells.append({"account": name, "level": level, "growth": rate, "share": share, "source": source})
    columns = {name: said(f"county.economy.{name}") for name in ("account", "level", "growth", "share")}
    columns["source"] = said("county.facts.source")
    columns = {name: label for name, label in columns.items() if any(cell[name] for cell in cells)}
    caption = said("county.economy.accounts", county=context.name, year=said("number.year", year=year))
    table = html_table(
        cells,
        columns,
        key="accounts",
        caption=caption,
        caption_shown=True,
        right=["level", "growth", "share"],
        markup=["level", "growth", "share", "source"],
    )
    return table, year


def _stated(context: Context, row: Mapping[str, Any]) -> Markup:
    """A figure with its mark; one that was only expected says so."""
    figure = sentences.as_kind(context.numbers, context.numbers.row(row), row["kind"])
    return Markup("{}{}").format(figure, mark(row["status"], context.words))


def _structure_figure(context: Context) -> Figure | None:
    """Shares of the three sectors in GDP, in the newest year for which all three are published."""
    names = [share for _, _, share in ACCOUNTS if share]
    rows = preferred(context.own(*names).filter(pl.col("kind").is_in(REPORTED) & pl.col("year").is_not_null()))
    whole = rows.filter(pl.col("value").is_not_null()).filter(pl.len().over("year") == len(names))
    if whole.is_empty():
        return None
    said, numbers = context.words, context.numbers
    newest = whole.filter(pl.col("year") == whole["year"].max())
    shares = {row["indicator"]: row for row in newest.iter_rows(named=True)}
    ordered = [shares[name] for name in names]
    labels = [said(f"county.economy.sector.{name}") for name in names]
    written = [numbers.row(row) for row in ordered]
    largest = max(range(len(ordered)), key=lambda index: ordered[index]["value"])
    frame = pl.DataFrame(
        {"label": context.name, "part": labels, "value": [row["value"] for row in ordered], "text": written}
    )
    year = said("number.year", year=newest["year"][0])
    items = context.joined(f"{label} {text}" for label, text in zip(labels, written, strict=True))
    alt = said("county.economy.structure_alt", county=context.name, year=year, items=items)
    return Figure(
        charts.parts(frame, unit="%", description=alt),
        key="structure",
        title=said("county.economy.structure", part=labels[largest], share=written[largest]),
        subtitle=said("county.economy.structure_subtitle", year=year),
        alt=alt,
        words=said,
        foot=Markup("{} {}").format(said("county.facts.source"), context.cite(newest["source_id"])),
        table=context.facts_table(newest, key="structure", caption=alt),
        csv=_csv(newest),
    )


def _csv(rows: pl.DataFrame) -> str:
    """The rows of a figure as CSV text, with their status and source."""
    return rows.select(
        "place", "indicator", "period", "value", "low", "high", "unit", "status", "kind", "source_id", "fact_id"
    ).write_csv()


def _growths(context: Context) -> Markup | None:
    rows = reported(context, "gdp_growth_real")
    if rows.height < 2:
        return None
    said = context.words
    items = Markup(said("list.comma")).join(
        said.html("county.economy.growth_item", year=row["year"], rate=context.figure(row))
        for row in rows.iter_rows(named=True)
    )
    told = said.html("county.economy.growths", items=items)
    return Markup("<p>{} {}</p>").format(told, context.cite(rows["source_id"]))


def _conflicts(context: Context, rows: pl.DataFrame) -> Markup | None:
    """Figures that stand for one thing and differ, said with both values and their sources."""
    found = conflicts(rows, tolerance=context.judgements.conflict_tolerance.value)
    if found.is_empty():
        return None
    said = context.words
    items = []
    for _, group in found.group_by(["indicator", "period"], maintain_order=True):
        chosen = preferred(group).row(0, named=True)["fact_id"]
        ordered = group.sort(pl.col("fact_id") != chosen, "fact_id")
        values = [
            Markup("{}{}").format(context.figure(r), context.cite([r["source_id"]]))
            for r in ordered.iter_rows(named=True)
        ]
        first = ordered.row(0, named=True)
        items.append(
            said.html(
                "county.economy.conflict_item",
                period=context.period(first["period"]),
                indicator=context.indicator_name(first["indicator"]),
                values=Markup(said("county.economy.between")).join(values),
            )
        )
    return Markup('<p class="conflict">{}</p>').format(
        said.html("county.economy.conflict", items=Markup(said("list.semicolon")).join(items))
    )


def industry(context: Context) -> Part:
    """Above-scale industry and what else of industry, investment and innovation is published."""
    rows = topic(context, "industry")
    if rows.is_empty():
        return Part()
    whole = rows.filter((pl.col("sector") == "") | ~pl.col("indicator").is_in(sectors.indicators(rows)))
    table = _recent(context, whole, key="industry")
    every = _all_figures(context, rows, key="industry")
    parts = [_conflicts(context, rows), table, sectors.table(context, rows), every]
    return Part("industry", _industry_heading(context, rows), tuple(part for part in parts if part))


def _industry_heading(context: Context, rows: pl.DataFrame) -> str:
    said, numbers = context.words, context.numbers
    if own := latest(context, "above_scale_industrial_va"):
        value = sentences.as_kind(
            numbers, numbers.text(own["value"], own["unit"], decimals=own["decimals"]), own["kind"]
        )
        rate = latest(context, "above_scale_industrial_va_growth")
        if rate is None or (rate["year"], rate["kind"]) != (own["year"], own["kind"]):
            return said("county.industry.heading.value", year=own["year"], value=value)
        which = sentences.direction(rate["value"], flat=context.judgements.flat_change.value)
        size = sentences.size(numbers, rate["value"], which, kind=rate["kind"])
        return said(f"county.industry.heading.{which}", year=own["year"], value=value, size=size)
    if second := latest(context, "secondary_va"):
        return said(
            "county.industry.heading.secondary",
            year=second["year"],
            value=numbers.text(second["value"], second["unit"]),
        )
    return said.number_of("county.industry.heading.some", rows.height)


def topic(context: Context, name: str) -> pl.DataFrame:
    """The unit's figures of one topic of the indicators table; absences, aims and our own sums left out."""
    # A sign or a yes is no figure to look up.
    topics = (
        load("indicators", context.city).filter(~pl.col("unit").is_in(["sign", "flag"])).select("indicator", "topic")
    )
    return (
        context.own(scope=None)
        .filter(pl.col("absent").is_null() & pl.col("kind").is_in(REPORTED))
        .filter((pl.col("tier") != "own").fill_null(True) | pl.col("value").is_null())
        .join(topics.filter(pl.col("topic").cast(pl.String) == name), on="indicator", how="semi", maintain_order="left")
    )


def _recent(context: Context, rows: pl.DataFrame, *, key: str) -> Markup | None:
    """The newest figure of each indicator and scope as a table, in the order of the indicators table.

    What says less than another row is left to the file of all figures: an undated figure or a mere bound beside a dated
    value, and what is too old for the present beside anything younger.
    """
    order = load("indicators", context.city).select("indicator", _order="order")
    by = ["indicator", "sector", "scope"]
    oldest = edition_year(context.city) - context.judgements.current_years.value
    young = (pl.col("year") >= oldest).fill_null(pl.col("period").is_not_null() & pl.col("year").is_null())
    newest = (
        preferred(rows)
        .filter(~(pl.col("period").is_null() & _dated_value().any().over(by)))
        .filter(~(pl.col("value").is_null() & (_dated_value() & young).any().over(by)))
        .filter(young | ~young.any())
        .join(order, on="indicator", how="left", maintain_order="left")
        .sort("_order", *by, "period", descending=[False, False, False, False, True], nulls_last=True)
        .filter(pl.int_range(pl.len()).over(by) < MOST_PERIODS)
    )
    if newest.is_empty():
        return None
    caption = context.words("county.facts.caption", county=context.name, topic=context.words(f"county.topic.{key}"))
    return context.facts_table(newest, key=key, caption=caption)


def _dated_value() -> pl.Expr:
    return pl.col("period").is_not_null() & pl.col("value").is_not_null()


def _all_figures(context: Context, rows: pl.DataFrame, *, key: str) -> Markup:
    """Every published figure of the topic, old and conflicting ones too, as a file to keep."""
    text = context.words.number_of("county.facts.all", rows.height)
    return context.csv_link(rows, name=f"{context.code}-{key}", text=text)
