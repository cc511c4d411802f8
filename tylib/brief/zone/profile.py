"""What a zone is: level, leading industry, the counties it is never added to, the parks inside it; and its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts, sentences
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.ledger import named
from tylib.brief.tables import html_table
from tylib.brief.zone.opening import short, what
from tylib.programme import zones as programme
from tylib.store import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tylib.brief.context import Context

LEADING = ("above_scale_industrial_va_growth", "above_scale_industrial_output_growth", "industrial_investment_growth")
"""Growth rates that say most of a zone; the others follow in the order of the table of indicators."""
IN_TITLE = 2
LEAST_RATES = 4  # growth rates of one period and scope that make a chart


def profile(context: Context) -> Part:
    """Register of the zone; the rule that its figures are never added to a county's stands under it."""
    said, row = context.words, context.row
    industries = said.pick(row, "industries")
    hosts = programme.hosts(context.city, context.code)
    kin = programme.family(context.city, context.code)
    above, inside = (kin.filter(pl.col("relation") == relation) for relation in ("parent", "child"))
    own = [row["source_id"]]
    entries = [
        ("level", said.pick(row, "level"), own),
        ("industries", industries, own),
        ("parks", "" if industries else _of_parks(context, inside), inside["source_id"]),
        ("hosts", where(context, row), [*own, *hosts["source_id"]]),
        ("parent", _listed(context, above), above["source_id"]),
        ("inside", _listed(context, inside), inside["source_id"]),
        ("note", said.pick(row, "note"), own),
    ]
    cells = [
        {"item": said(f"zone.profile.{key}"), "content": content, "source": context.cite(sources)}
        for key, content, sources in entries
        if content
    ]
    columns = {name: said(f"zone.profile.columns.{name}") for name in cells[0]}
    caption = said("zone.profile.caption", zone=context.name)
    table = html_table(cells, columns, key="profile", caption=caption, markup=["content", "source"])
    notes = []
    if hosts.height:
        notes.append(said.number_of("zone.profile.never_added", hosts.height))
    if inside.height:
        notes.append(said("zone.profile.inside_rule"))
    if (hosts["link_status"] == "assumed").any():
        notes.append(said("zone.assumed_note"))
    note = Markup('<p class="note">{}</p>').format(said("list.gap").join(notes)) if notes else ""
    which = "industries" if industries else "parks" if inside["industries_zh"].count() else "none"
    heading = said(f"zone.profile.heading.{which}", industries=industries)
    return Part("profile", heading, tuple(block for block in (table, note) if block))


def _of_parks(context: Context, inside: pl.DataFrame) -> str:
    """Leading industries of the parks inside, where the zone as a whole publishes none."""
    said = context.words
    listed = inside.filter(pl.col("industries_zh").is_not_null()).iter_rows(named=True)
    return said("list.semicolon").join(
        said("zone.profile.park", park=short(context, row), industries=said.pick(row, "industries")) for row in listed
    )


def where(context: Context, zone: Mapping[str, Any]) -> Markup | str:
    """The places that a zone lies in or overlaps, each with the mark of how we know.

    As its source words it where no county of the city is known: a neighbour alone would mislead.
    """
    hosts = programme.hosts(context.city, zone["zone_id"])
    text = context.words.pick(zone, "host_text")
    return _listed(context, hosts) if hosts["own"].any() or not text else text


def _listed(context: Context, rows: pl.DataFrame) -> Markup:
    """Names with the mark of how we know."""
    if "link_status" not in rows.columns:
        rows = rows.with_columns(link_status=pl.lit("published"))
    return Markup(context.words("list.comma")).join(named(context, row) for row in rows.iter_rows(named=True))


def figures(context: Context) -> Part:
    """Every published figure with period, scope and source; growth rates of one period as a chart."""
    said = context.words
    rows = programme.metrics(context.city, context.code).filter(pl.col("absent").is_null())
    if rows.is_empty():
        return Part()
    common = _common(context, rows)
    cells = [
        {
            "indicator": said.pick(row, "name"),
            "period": context.period(row["period"]),
            "figure": context.figure(row),
            "note": said("list.semicolon").join(_remarks(context, row, common)),
            "source": Markup("{} {}").format(context.cite([row["source_id"]]), context.grade(row["source_id"])),
        }
        for row in _newest_first(rows).iter_rows(named=True)
    ]
    columns = {name: said(f"zone.figures.columns.{name}") for name in cells[0]}
    if not any(cell["note"] for cell in cells):
        del columns["note"]
    table = html_table(
        cells,
        columns,
        key="figures",
        caption=said("zone.figures.caption", zone=context.name),
        right=["figure"],
        markup=["figure", "source"],
    )
    texts = (
        [said("zone.figures.not_differenced")] if rows["scope"].n_unique() > 1 or rows["period"].n_unique() > 1 else []
    )
    texts += [basis for basis in _bases(context) if (rows["scope"] != "").any()]
    note = Markup('<p class="note">{}</p>').format(said("list.gap").join(texts)) if texts else ""
    once = said("zone.figures.common", scope=common) if common else ""
    blocks = (_growth(context, rows), once, table, note)
    return Part("figures", _heading(context, rows), tuple(block for block in blocks if block))


def _newest_first(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort("period", "indicator", "fact_id", descending=[True, False, False], nulls_last=True)


def _heading(context: Context, rows: pl.DataFrame) -> str:
    dated = rows["period"].drop_nulls()
    if dated.is_empty():
        return context.words.number_of("zone.figures.heading.undated", rows.height)
    return context.words.number_of("zone.figures.heading.dated", rows.height, period=context.period(dated.max()))


def _common(context: Context, rows: pl.DataFrame) -> str:
    """The scope of most figures, to be said once over the table; nothing where most are of the zone as such."""
    scopes = rows["scope"].fill_null("").value_counts(sort=True)
    scope = scopes["scope"][0]
    return context.scope_name(scope) if scope and scopes["count"][0] > rows.height / 2 > 1 else ""


def _remarks(context: Context, row: Mapping[str, Any], common: str) -> Iterable[str]:
    """Scope, where it is neither said over the table nor the zone by its name; and what is no actual figure."""
    scope = context.scope_name(row["scope"]) if row["scope"] else ""
    if scope not in ("", common, context.name):
        yield scope
    if row["kind"] != "actual":
        yield context.words(f"kind.{row['kind']}")


def _bases(context: Context) -> Iterable[str]:
    """Why a scope of a place's facts is read as the zone's, where that is our reading."""
    scopes = load("zone_scopes", context.city).filter(
        (pl.col("zone_id") == context.code) & (pl.col("status").cast(pl.String) == "assumed")
    )
    for row in scopes.iter_rows(named=True):
        yield context.words(
            "zone.figures.reading", scope=context.scope_name(row["scope"]), basis=context.words.pick(row, "basis")
        )


def _growth(context: Context, rows: pl.DataFrame) -> Figure | None:
    """Growth rates of the newest period in which there are enough of them, in one scope."""
    said, numbers = context.words, context.numbers
    rates = load("indicators", context.city).filter(pl.col("quantity").cast(pl.String) == "growth")
    rates = rates.select(pl.col("indicator").cast(pl.String), "order")
    found = rows.join(rates, on="indicator", how="inner", maintain_order="left").filter(
        (pl.col("unit") == "%")
        & (pl.col("kind") == "actual")
        & pl.col("value").is_not_null()
        & pl.col("period").is_not_null()
    )
    found = found.filter(pl.len().over("period", "scope") >= LEAST_RATES)
    found = found.filter(pl.col("period") == pl.col("period").max()).filter(pl.col("scope") == pl.col("scope").first())
    if found.is_empty():
        return None
    leads = pl.col("indicator").replace_strict(
        {name: at for at, name in enumerate(LEADING)}, default=len(LEADING), return_dtype=pl.Int64
    )
    found = found.sort(leads, "order", -pl.col("value"))
    names = [said.pick(row, "name") for row in found.iter_rows(named=True)]
    written = [numbers.row(row, united=False) for row in found.iter_rows(named=True)]
    frame = pl.DataFrame(
        {
            "label": names,
            "value": found["value"],
            "text": written,
            "own": [True] * found.height,
            "status": found["status"].cast(pl.String),
        }
    )
    period = context.period(found["period"][0])
    firsts = [
        said("zone.figures.grew", what=what(context, row), rate=numbers.text(row["value"], "%"))
        for row in found.head(IN_TITLE).iter_rows(named=True)
    ]
    alt = said(
        "zone.figures.alt",
        zone=context.name,
        period=period,
        items=context.joined(
            said("projects.alt_item", name=n, figure=f"{w}%") for n, w in zip(names, written, strict=True)
        ),
    )
    scope = found["scope"][0]
    return Figure(
        charts.ranking(frame, unit="%", description=alt, in_order=True),
        key="growth",
        title=said("zone.figures.growth", items=sentences.opened(said("list.comma_clause").join(firsts))),
        subtitle=said("list.semicolon").join(
            [said("zone.figures.subtitle", period=period), *([context.scope_name(scope)] if scope else [])]
        ),
        alt=alt,
        words=said,
        foot=Markup("{} {}").format(
            said("projects.columns.source"), context.cite(found["source_id"].unique(maintain_order=True))
        ),
        csv=found.select("fact_id", "indicator", "period", "value", "unit", "scope", "status", "source_id").write_csv(),
    )
