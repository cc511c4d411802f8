"""What the scenario model leaves open: closures county by county, the zero effect, the unknowns that matter most."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import polars as pl

from tylib.brief import charts
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.tables import html_table
from tylib.brief.upgrade.reading import DEMAND, STATED, SUPPLY, ZERO, Reading, read
from tylib.scenario.answers import BRACKET

if TYPE_CHECKING:
    from markupsafe import Markup

    from tylib.brief.context import Context

LANES = (("upper", SUPPLY), ("lower", DEMAND))
SETTLED = ("rise", "fall")


def model(context: Context) -> Part:
    """The bracket of closures of every county as a chart, and what each county's answer turns on as a table."""
    found = read(context)
    if found is None:
        return Part()
    said, units = context.words, [f"county:{place}" for place in context.counties["place"]]
    units = [unit for unit in units if unit in found.shown.units]
    settled = {
        (closure, prior): sum(found.end(closure, prior=prior, unit=unit)["direction"] in SETTLED for unit in units)
        for closure in BRACKET for prior in (STATED, ZERO)
    }  # fmt: skip
    heading = said(
        "certainty.model.heading", all=len(units), title=found.title, supply=settled[SUPPLY, STATED],
        demand=settled[DEMAND, STATED], rest=settled[SUPPLY, ZERO],
    )  # fmt: skip
    return Part("model", heading, (_figure(found, units), _first(found, units), _table(found, units)))


def _figure(found: Reading, units: list[str]) -> Figure:
    said = found.context.words
    inner = found.shown.fans.filter(
        pl.col("year") == found.year, outcome="value_added", prior=STATED
    ).select("unit", "closure", "inner_low", "inner_high")  # fmt: skip
    halves = {(unit, closure): ends for unit, closure, *ends in inner.iter_rows()}
    rows = []
    for unit in units:
        row: dict[str, Any] = {"label": found.context.place_name(unit.partition(":")[2]), "own": False}
        for lane, closure in LANES:
            end = found.end(closure, unit=unit)
            row |= {f"{lane}_{name}": end[name] for name in ("low", "median", "high")}
            row |= dict(zip((f"{lane}_inner_low", f"{lane}_inner_high"), halves[unit, closure], strict=True))
            row[f"{lane}_text"] = said("certainty.model.text", median=found.signed(end["median"]),
                                       share=found.share(end) if end["support"] is not None else "")  # fmt: skip
        row["upper_rest"] = found.end(SUPPLY, prior=ZERO, unit=unit)["median"]
        rows.append(row)
    alt = said("certainty.model.alt", count=len(units))
    medians = {closure: _medians(found, units, closure) for closure in BRACKET}
    csv = found.shown.horizon.filter(pl.col("unit").is_in(units) & (pl.col("outcome") == "value_added")).write_csv()
    return Figure(
        charts.brackets(pl.DataFrame(rows), unit="%", description=alt), key="model", alt=alt, words=said, csv=csv,
        title=said("certainty.model.figure", **medians), subtitle=said("certainty.model.subtitle", year=found.year),
        foot=said("certainty.model.foot"), table=_ends(found, units),
    )  # fmt: skip


def _medians(found: Reading, units: list[str], closure: str) -> str:
    """From the lowest county's median to the highest's."""
    medians = [found.end(closure, unit=unit)["median"] for unit in units]
    return found.span({"low": min(medians), "high": max(medians)})


def _ends(found: Reading, units: list[str]) -> Markup:
    """Both closures and, under supply, what remains without effects."""
    said = found.context.words
    cells = [
        {
            "county": found.context.place_name(unit.partition(":")[2]),
            **{closure: found.brief(found.end(closure, unit=unit)) for closure in BRACKET},
            "rest": found.brief(found.end(SUPPLY, prior=ZERO, unit=unit)),
        }
        for unit in units
    ]
    columns = {name: said(f"certainty.model.columns.{name}") for name in cells[0]}
    return html_table(cells, columns, key="model", caption=said("certainty.model.caption", year=found.year))


def _most(found: Reading, unit: str, closure: str) -> list[tuple[str, float]]:
    rows = found.shown.unknowns.filter(pl.col("unit") == unit, closure=closure).sort("rank")
    return [(found.context.words.pick(row, "title"), row["total"]) for row in rows.iter_rows(named=True)]


def _first(found: Reading, units: list[str]) -> str:
    """Which unknown comes first most often, under each closure."""
    said, told = found.context.words, {}
    for closure in BRACKET:
        counted = Counter(most[0][0] for unit in units if (most := _most(found, unit, closure)))
        name, count = counted.most_common(1)[0] if counted else ("", 0)
        told[closure] = said("certainty.model.first", name=name, count=count, all=len(units))
    return said("certainty.model.told", **told)


def _table(found: Reading, units: list[str]) -> Markup:
    """The two unknowns that matter most to each county, with their share of the variance."""
    said = found.context.words
    cells = [
        {"county": found.context.place_name(unit.partition(":")[2])} | {
            closure: found.context.joined(
                said("upgrade.unknown", name=name, share=f"{100 * share:.0f}")
                for name, share in _most(found, unit, closure)
            )
            for closure in BRACKET
        }
        for unit in units
    ]  # fmt: skip
    columns = {name: said(f"certainty.model.columns.{name}") for name in ("county", *BRACKET)}
    caption = said("certainty.model.unknowns")
    return html_table(cells, columns, key="model-unknowns", caption=caption, caption_shown=True)
