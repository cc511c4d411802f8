"""Who does what: the positioning of counties and the chains placed in them; the city among those of its province."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.city.structure import dated
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.programme import structure
from tylib.store import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context

FEWEST_CITIES = 3  # fewer are read faster in the table


def labour(context: Context) -> Part:
    """Division of labour between counties (优势互补): the published positioning, and where each chain is placed."""
    said = context.words
    stated, links = structure.positions(context.city), structure.division_of_labour(context.city)
    known = stated.filter(pl.col("positioning_zh").is_not_null() | pl.col("positioning_en").is_not_null())
    placed = links.filter(pl.col("status").is_not_null())
    if known.is_empty() and placed.is_empty():
        return Part()
    inside = placed.filter(pl.col("place").is_not_null())
    which = "none" if inside.is_empty() else "assumed" if (inside["status"] == "assumed").all() else "published"
    most = inside["place"].value_counts(sort=False).sort("count", "place", descending=[True, False]).head(1)
    values = {"most": context.place_name(most["place"][0]), "of": most["count"][0]} if most.height else {}
    heading = said(
        f"structure.labour.heading.{which}", known=known.height, total=stated.height,
        chains=said.number_of("structure.labour.chains", inside["chain_id"].n_unique()),
        counties=said.number_of("structure.labour.counties", inside["place"].n_unique()), **values,
    )  # fmt: skip
    parts = [_positions(context, stated), _matrix(context, placed)]
    return Part("labour", heading, tuple(part for part in parts if part))


def _positions(context: Context, stated: pl.DataFrame) -> Markup:
    said = context.words
    cells = [
        {
            "place": context.place_name(row["place"]),
            "positioning": _positioning(context, row),
            "source": Markup("{} {}").format(context.cite([row["source_id"]]), _dated(context, row)),
        }
        for row in stated.iter_rows(named=True)
    ]
    columns = {name: said(f"structure.{name}") for name in cells[0]}
    caption = said("structure.labour.positions")
    return html_table(cells, columns, key="positions", caption=caption, caption_shown=True,
                      markup=["positioning", "source"])  # fmt: skip


def _positioning(context: Context, row: Mapping[str, Any]) -> Markup:
    """What was published, or the word of absence; behind it what there is to remark."""
    said = context.words
    stated = said.pick(row, "positioning")
    text = (
        Markup("{}{}").format(stated, mark(row["status"], said))
        if stated
        else Markup('<span class="absent">{}</span>').format(said("absent.not_published"))
    )
    remark = said.pick(row, "remark")
    return Markup("{} <small>{}</small>").format(text, remark) if remark else text


def _dated(context: Context, row: Mapping[str, Any]) -> Markup:
    return Markup("<small>{}</small>").format(row["as_of"][:4]) if row.get("as_of") else Markup("")


def _matrix(context: Context, placed: pl.DataFrame) -> Markup | None:
    """Chains by counties, a mark in each cell that says how we know; zones stand in a column of their own."""
    if placed.is_empty():
        return None
    said = context.words
    zones = {row["zone_id"]: said.pick(row, "name") for row in load("zones", context.city).iter_rows(named=True)}
    counties = placed["place"].drop_nulls().unique().sort().to_list()
    cells = []
    for (_,), group in placed.group_by(["chain_id"], maintain_order=True):
        here = {row["place"]: _sign(context, row["status"]) for row in group.iter_rows(named=True) if row["place"]}
        within = [
            Markup("{}{}").format(zones.get(row["zone_id"], row["zone_id"]), mark(row["status"], said))
            for row in group.iter_rows(named=True)
            if row["zone_id"] and not row["place"]
        ]
        cells.append(
            {
                "chain": said.pick(group.row(0, named=True), "name"),
                **{code: here.get(code, Markup("")) for code in counties},
                "zones": Markup(said("list.comma")).join(within),
                "source": context.cite(group["source_ids"].explode().drop_nulls().unique(maintain_order=True)),
            }
        )
    columns = {"chain": said("structure.chain"), **{code: context.place_name(code) for code in counties},
               "zones": said("structure.zones"), "source": said("structure.source")}  # fmt: skip
    without = [context.place_name(code) for code in context.counties["place"] if code not in counties]
    remarks = [said("structure.labour.note")]
    remarks += [said("structure.labour.without", places=context.joined(without))] if without else []
    caption = said("structure.labour.matrix")
    table = html_table(cells, columns, key="labour", caption=caption, markup=[*counties, "zones", "source"])
    # Wide, and for looking up: folded on a screen, opened in print.
    folded = Markup('<details class="data-table"><summary>{}</summary>{}</details>').format(caption, table)
    return Markup('{}<p class="note">{}</p>').format(folded, said("list.gap").join(remarks))


def _sign(context: Context, status: str) -> Markup:
    """A dot where a source says it, the mark of the status where it is ours."""
    stated = Markup('<span aria-hidden="true">●</span><span class="unseen">{}</span>')
    return mark(status, context.words) or stated.format(context.words("status.published"))


def cities(context: Context) -> Part:
    """The city among those of its province, where they publish the same figure for the same period."""
    said, rows = context.words, structure.among_cities(context.city)
    own = rows.filter(pl.col("place") == context.city.place)
    if own.is_empty():
        return Part()
    ranked = [group for _, group in rows.group_by(["indicator"], maintain_order=True) if group.height >= FEWEST_CITIES]
    note = Markup('<p class="note">{}</p>').format(said("structure.cities.note"))
    figure = _cities_figure(context, ranked[0], ranked[1:]) if ranked else None
    parts = [figure, _cities_table(context, own), _elsewhere(context), note]
    return Part("cities", _cities_heading(context, own), tuple(part for part in parts if part))


def _elsewhere(context: Context) -> Markup | None:
    """What another city publishes and this one does not."""
    rows = structure.published_elsewhere(context.city)
    if rows.is_empty():
        return None
    said = context.words
    items = [
        said.html(
            "structure.cities.elsewhere_item", indicator=context.indicator_name(row["indicator"]),
            city=context.place_name(row["place"]), figure=context.figure(row), period=context.period(row["period"]),
        )
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    text = said.html("structure.cities.elsewhere", items=Markup(said("list.semicolon")).join(items))
    return Markup("<p>{} {}</p>").format(text, context.cite(rows["source_id"].unique(maintain_order=True)))


def _cities_heading(context: Context, own: pl.DataFrame) -> str:
    """The city's share of the province in what it holds most of, beside its share of the economy of that year."""
    said, numbers = context.words, context.numbers
    shares = own.filter(pl.col("province_share").is_not_null() & (pl.col("of") >= FEWEST_CITIES))
    if shares.is_empty():
        best = own.sort("rank", pl.col("of"), "indicator", descending=[False, True, False]).row(0, named=True)
        return said("structure.cities.heading.rank", indicator=context.indicator_name(best["indicator"]),
                    period=context.period(best["period"]), rank=best["rank"], of=best["of"])  # fmt: skip
    top = shares.sort("province_share", descending=True).row(0, named=True)
    economy = structure.share_of_province(context.city, "gdp", period=top["period"])
    values = {"indicator": context.indicator_name(top["indicator"]), "period": context.period(top["period"]),
              "share": numbers.text(top["province_share"], "%")}  # fmt: skip
    if economy is None or top["indicator"] == "gdp":
        return said("structure.cities.heading.share", **values)
    return said("structure.cities.heading.both", **values, economy=numbers.text(economy, "%"))


def _cities_figure(context: Context, group: pl.DataFrame, others: list[pl.DataFrame]) -> Figure:
    """Cities by the first indicator that enough of them publish; by the others in columns of its table."""
    said, numbers = context.words, context.numbers
    indicator = group["indicator"][0]
    name, period = context.indicator_name(indicator), context.period(group["period"][0])
    own = group.filter(pl.col("place") == context.city.place).row(0, named=True)
    labels = [context.place_name(code) for code in group["place"]]
    unit = group["unit"][0]
    frame = pl.DataFrame(
        {
            "label": labels,
            "value": group["value"] * numbers.factor(unit),
            "text": [numbers.row(row, united=False) for row in group.iter_rows(named=True)],
            "own": group["place"] == context.city.place,
            "status": group["status"].cast(pl.String),
        }
    )
    beside = {rows["indicator"][0]: {row["place"]: row for row in rows.iter_rows(named=True)} for rows in others}
    cells = [
        {"rank": str(row["rank"]), "place": label, "figure": context.figure(row),
         **{key: dated(context, found.get(row["place"])) for key, found in beside.items()},
         "source": context.cite(
             [row["source_id"], *(found.get(row["place"], row)["source_id"] for found in beside.values())]
         )}
        for label, row in zip(labels, group.iter_rows(named=True), strict=True)
    ]  # fmt: skip
    columns = {"place": said("structure.city"), "figure": name, "rank": said("structure.rank"),
               **{key: context.indicator_name(key) for key in beside}, "source": said("structure.source")}  # fmt: skip
    values = {"indicator": name, "period": period, "city": context.name, "rank": own["rank"], "of": own["of"],
              "figure": numbers.row(own)}  # fmt: skip
    alt = said("structure.cities.alt", **values)
    key = f"cities-{indicator.replace('_', '-')}"
    return Figure(
        charts.ranking(frame, unit=numbers.unit(unit), description=alt),
        key=key,
        title=said("structure.cities.title", **values),
        subtitle=said("structure.cities.subtitle", indicator=name, unit=numbers.unit(unit), period=period),
        alt=alt,
        words=said,
        foot=Markup("{} {}").format(said("structure.source"), context.cite(group["source_id"].unique())),
        table=html_table(cells, columns, key=key, caption=alt, right=["figure", "rank", *beside],
                         markup=["figure", *beside, "source"]),
        csv=pl.concat([group, *others])
        .select("place", "indicator", "period", "value", "unit", "rank", "status", "source_id").write_csv(),
    )  # fmt: skip


def _cities_table(context: Context, own: pl.DataFrame) -> Markup:
    """The city's place in each indicator that another city publishes too."""
    said = context.words
    cells = [
        {
            "indicator": context.indicator_name(row["indicator"]),
            "period": context.period(row["period"]),
            "figure": context.figure(row),
            # Two are not ranked.
            "standing": said(
                f"structure.cities.standing.{'ranked' if row['of'] >= FEWEST_CITIES else 'few'}",
                rank=row["rank"], of=row["of"], total=row["total"],
            ),
            "of_province": Markup("") if row["province_share"] is None
            else Markup("{}{}").format(context.numbers.text(row["province_share"], "%"), mark("derived", said)),
            "source": context.cite([row["source_id"]]),
        }
        for row in own.iter_rows(named=True)
    ]  # fmt: skip
    columns = {name: said(f"structure.{name}") for name in cells[0]}
    return html_table(
        cells, columns, key="cities", caption=said("structure.cities.caption"), caption_shown=True,
        right=["figure", "of_province"], markup=["figure", "of_province", "source"],
    )  # fmt: skip
