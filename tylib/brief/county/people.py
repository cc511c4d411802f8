"""Who lives there: the one series that is complete; and the townships and subdistricts below the county."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from tylib.brief import charts, sentences
from tylib.brief.county.standing import Standing, among_counties, latest, of_period, reported
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.indicators.comparison import ratio
from tylib.indicators.growth import compound_growth
from tylib.programme import county as programme
from tylib.store.places import townships as register
from tylib.store.provenance import derive

if TYPE_CHECKING:
    from tylib.brief.context import Context

KINDS = ("subdistrict", "town", "township", "township_like_unit")  # the customary order
CENSUS, RESIDENTS = "census_population", "resident_population"


def census_growth(context: Context) -> tuple[pl.DataFrame, int, int] | None:
    """Growth a year of every county between the last two censuses the unit stands in, with those two years."""
    years = sorted(context.own(CENSUS).filter(pl.col("value").is_not_null())["year"].drop_nulls().unique())
    if len(years) < 2:
        return None
    start, end = years[-2:]
    counts = context.facts.filter(
        (pl.col("indicator") == CENSUS) & pl.col("place").is_in(context.counties["place"].implode())
    )
    return derive(compound_growth, counts, key=["place"], start=start, end=end), start, end


def population(context: Context) -> Part:
    """Growth between censuses among the counties; residents, density and births now."""
    found = census_growth(context)
    now = latest(context, RESIDENTS)
    if found is None and now is None:
        return Part()
    parts = [_now(context), _vital(context)]
    if found is None:
        return Part("population", context.words("county.population.heading.unknown"), tuple(p for p in parts if p))
    growth, start, end = found
    where = among_counties(context, growth)
    parts.insert(0, _growth_figure(context, growth, start, end))
    return Part("population", _heading(context, growth, where, start, end), tuple(part for part in parts if part))


def _heading(context: Context, growth: pl.DataFrame, where: Standing, start: int, end: int) -> str:
    """The direction is that of the whole stretch between the censuses: a little a year adds up."""
    own = growth.filter(pl.col("place") == context.code)["value"].item()
    whole = None if own is None else 100 * ((1 + own / 100) ** (end - start) - 1)
    which = sentences.direction(whole, flat=context.judgements.flat_change.value)
    rate = sentences.size(context.numbers, own, which, decimals=2)
    said = context.words(
        f"county.population.heading.{which}", rate=rate, standing=where.said(context), start=start, end=end
    )
    return sentences.opened(said)


def _growth_figure(context: Context, growth: pl.DataFrame, start: int, end: int) -> Figure:
    said, numbers = context.words, context.numbers
    own = growth.filter(pl.col("place") == context.code)["value"].item()
    rows = context.counties.select("place").join(growth, on="place", how="left", maintain_order="left")
    ordered = rows.sort("value", descending=True, nulls_last=True)
    names = [context.place_name(code) for code in ordered["place"]]
    written = [
        said("absent.not_published") if value is None else numbers.bare(value, "%", signed=True, decimals=2)
        for value in ordered["value"]
    ]
    frame = pl.DataFrame(
        {
            "label": names,
            "value": ordered["value"],
            "text": written,
            "own": ordered["place"] == context.code,
            "status": ordered["status"].cast(pl.String),
        }
    )
    alt = said(
        "county.population.alt",
        start=start,
        end=end,
        county=context.name,
        rate=numbers.full(own, "%", decimals=2),
    )
    known = ordered.filter(pl.col("value").is_not_null())
    cells = [
        {"label": name, "value": Markup("{}{}").format(text, mark(status, said)), "source": context.cite(ids or [])}
        for name, text, status, ids in zip(
            names, written, ordered["status"], ordered["source_ids"].to_list(), strict=True
        )
    ]
    columns = {
        "label": said("county.population.place"),
        "value": said("county.population.rate"),
        "source": said("county.facts.source"),
    }
    return Figure(
        charts.ranking(frame, unit=said("county.population.rate"), description=alt),
        key="population",
        title=said(
            "county.population.figure",
            county=context.name,
            rate=numbers.bare(own, "%", signed=True, decimals=2),
            first=context.place_name(known["place"][0]),
            most=numbers.bare(known["value"][0], "%", signed=True, decimals=2),
        ),
        subtitle=said("county.population.subtitle", start=start, end=end),
        alt=alt,
        words=said,
        foot=Markup("{} {}").format(said("county.population.foot"), context.cite(known["source_ids"].explode())),
        table=html_table(cells, columns, key="population", caption=alt, right=["value"], markup=["value", "source"]),
        csv=ordered.select("place", "value", "status", pl.col("source_ids").list.join(" ")).write_csv(),
    )


def _now(context: Context) -> Markup | None:
    said, numbers, now = context.words, context.numbers, latest(context, RESIDENTS)
    if now is None:
        return None
    everywhere = of_period(context, RESIDENTS, now["period"])
    sources = [now["source_id"]]
    items = [
        said.html(
            "county.population.now",
            year=now["year"],
            population=numbers.text(now["value"], now["unit"], decimals=now["decimals"]),
            standing=among_counties(context, everywhere).said(context),
        )
    ]
    if (urban := latest(context, "urbanisation_rate")) and urban["year"] == now["year"]:
        items.append(said.html("county.population.urban", rate=numbers.text(urban["value"], "%")))
        sources.append(urban["source_id"])
    if (density := _density(context, everywhere)) is not None:
        value, ids, status = density
        figure = Markup("{}{}").format(numbers.text(value, "person/km2"), mark(status, said))
        items.append(said.html("county.population.density", density=figure))
        sources += ids
    text = Markup(said("list.comma_clause")).join(items)
    return Markup("<p>{}{} {}</p>").format(text, said("list.full_stop"), context.cite(sources))


def _density(context: Context, residents: pl.DataFrame) -> tuple[float, list[str], str] | None:
    areas = reported(context, "land_area").tail(1)  # an area does not age
    result = derive(ratio, residents.filter(pl.col("place") == context.code), areas, key=["place"])
    if result.is_empty():
        return None
    row = result.row(0, named=True)
    return None if row["value"] is None else (row["value"], row["source_ids"], row["status"])


def _vital(context: Context) -> Markup | None:
    births, deaths = latest(context, "births"), latest(context, "deaths")
    if births is None or deaths is None or births["year"] != deaths["year"]:
        return None
    said, numbers = context.words, context.numbers
    natural = births["value"] - deaths["value"]
    which = "flat" if natural == 0 else "rise" if natural > 0 else "fall"
    balance = said(f"county.population.natural_{which}", count=numbers.bare(abs(natural), "head"))
    return Markup("<p>{} {}</p>").format(
        said.html(
            "county.population.vital",
            year=births["year"],
            births=numbers.bare(births["value"], "head"),
            deaths=numbers.bare(deaths["value"], "head"),
            balance=Markup("{}{}").format(balance, mark("derived", said)),
        ),
        context.cite([births["source_id"], deaths["source_id"]]),
    )


def townships(context: Context) -> Part:
    """The register below the county, and what public sources place in one of its units."""
    said, units = context.words, register(context.code, context.city)
    if units.is_empty():
        return Part()
    ranks = {kind: rank for rank, kind in enumerate(KINDS)}
    kinds = (
        units.group_by("type", maintain_order=True)
        .agg(pl.len(), "name_zh", "name_en")
        .sort(pl.col("type").cast(pl.String).replace_strict(ranks, default=len(ranks), return_dtype=pl.Int32))
    )
    counted = context.joined(
        said.number_of(f"county.townships.kinds.{row['type']}", row["len"]) for row in kinds.iter_rows(named=True)
    )
    cells = [
        {
            "type": said(f"county.townships.type_of.{row['type']}"),
            "count": str(row["len"]),
            "names": context.joined(row[f"name_{said.language}"] if f"name_{said.language}" in row else row["name_zh"]),
        }
        for row in kinds.iter_rows(named=True)
    ]
    columns = {name: said(f"county.townships.{name}") for name in ("type", "count", "names")}
    edition = units["edition"].drop_nulls().first()
    register_note = said("county.townships.edition", edition=edition) if edition else ""
    table = html_table(
        cells, columns, key="townships", caption=said("county.townships.caption", county=context.name), right=["count"]
    )
    known = context.facts.filter(pl.col("place").is_in(units["place"].implode()) & pl.col("value").is_not_null())
    note = Markup('<p class="note">{} {} {}</p>').format(
        register_note,
        context.cite(units["source_id"].unique(maintain_order=True)),
        said(f"county.townships.{'sheets' if known.height else 'census'}"),
    )
    heading = said.number_of("county.townships.heading", units.height, kinds=counted)
    return Part("townships", heading, (_located(context, units), table, note))


def _located(context: Context, units: pl.DataFrame) -> Markup:
    """What a public source places in one township by naming it."""
    said = context.words
    named = programme.in_townships(context.city, context.code, units)
    if named.is_empty():
        return Markup("<p>{}</p>").format(said("county.townships.unnamed"))
    items = [
        Markup("{} {}").format(
            said("county.townships.named_item", township=said.pick(row, "township"), what=said.pick(row, "name")),
            context.cite([row["source_id"]]),
        )
        for row in named.iter_rows(named=True)
    ]
    return Markup("<p>{}</p>").format(
        said.html("county.townships.named", items=Markup(said("list.semicolon")).join(items))
    )
