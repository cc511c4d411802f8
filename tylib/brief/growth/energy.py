"""What moved the energy that industry uses: more output, another mix of sectors, or less energy for the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.document import Part
from tylib.brief.figure import Figure
from tylib.brief.growth.levels import of_one_source, span, weakest
from tylib.brief.growth.sectors import KEY, MEASURES
from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.indicators.carbon import decomposition

if TYPE_CHECKING:
    from tylib.brief.context import Context

ENERGY = "above_scale_energy_use"
FACTORS = ("output", "structure", "intensity")


def effects(facts: pl.DataFrame, /, *, measure: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Effects of output, of the mix of sectors and of energy an output on the energy used.

    ``E = sum_s Y (Y_s / Y) (E_s / Y_s)`` by LMDI-I: :func:`tylib.indicators.carbon.lmdi`. Only sectors of which both
    output and energy are known at both years count.

    Args:
        facts: Rows of :func:`tylib.store.facts`, of one place.
        measure: What output is measured by.

    Returns:
        ``place, factor, effect, share`` as :func:`tylib.indicators.carbon.decomposition`, and the rows it rests on
        (``place, sector, year, energy, output, unit, status, sources``); both without rows where no table has it.
    """
    single = facts.filter(pl.col("sector") != "")
    energy = of_one_source(single, ENERGY, by=KEY)
    output = of_one_source(single, measure, by=KEY, years=span(energy)) if energy.height else energy
    rows = energy.join(output.select(*KEY, "year", output="value", _output="source_id", _status="status"),
                       on=[*KEY, "year"], how="inner").filter(pl.col("output") > 0)  # fmt: skip
    rows = rows.filter(pl.len().over(KEY) == 2).select(
        *KEY, "year", "unit", "output", energy="value", status=pl.max_horizontal("status", "_status"),
        sources=pl.concat_list("source_id", "_output"),
    )  # fmt: skip
    if rows["sector"].n_unique() < 2:
        return pl.DataFrame(), rows.clear()
    total = pl.col("output").sum().over("place", "year")
    terms = rows.select(
        *KEY, "year", structure=pl.col("output") / total, intensity=pl.col("energy") / pl.col("output"), output=total
    )
    start, end = span(rows)
    return decomposition(terms, factors=FACTORS, start=start, end=end), rows


def energy(context: Context, *, measure: str) -> Part:
    """Signed parts that add up to the change of energy use; which table would tell, where none does."""
    said, facts = context.words, context.facts.filter(pl.col("place") == context.city.place)
    name = measure if measure in MEASURES[:3] else MEASURES[0]
    found, rows = effects(facts, measure=name)
    if rows.is_empty():
        return Part("energy", said("growth.energy.heading.none"), (said("growth.energy.none"),))
    start, end = span(rows)
    unit = rows["unit"].first() or ""
    change = found["effect"].sum()
    effect = dict(found.select("factor", "effect").iter_rows())

    def amount(value: float) -> str:
        return context.numbers.bare(value, unit, signed=True, decimals=1)

    way = "up" if change > 0 else "down"
    heading = said(
        f"growth.energy.heading.{way}", start=start, end=end, change=context.numbers.text(abs(change), unit),
        intensity=context.numbers.text(effect["intensity"], unit, signed=True),
    )  # fmt: skip
    status = weakest(rows["status"])
    cells = [
        {"factor": said(f"growth.energy.factor.{factor}"),
         "effect": Markup("{}{}").format(amount(effect[factor]), mark(status, said))}
        for factor in FACTORS
    ]  # fmt: skip
    bars = pl.DataFrame(
        [{"row": said("growth.energy.row", start=start, end=end), "part": said(f"growth.energy.factor.{factor}"),
          "value": effect[factor], "text": amount(effect[factor]), "total": change, "total_text": amount(change)}
         for factor in FACTORS]
    )  # fmt: skip
    alt = said("growth.energy.alt", items=said("list.semicolon").join(
        said("growth.energy.alt_item", factor=row["part"], effect=row["text"]) for row in bars.to_dicts()))  # fmt: skip
    sources = rows["sources"].explode().unique().sort()
    figure = Figure(
        charts.contributions(bars, unit=context.numbers.unit(unit), description=alt),
        key="energy",
        title=heading,
        subtitle=said("growth.energy.subtitle", measure=context.indicator_name(name), count=rows["sector"].n_unique()),
        alt=alt,
        words=said,
        foot=Markup("{} {}{}").format(said("growth.from"), context.cite(sources), mark(status, said)),
        table=html_table(cells, {"factor": said("growth.energy.name"), "effect": context.numbers.unit(unit)},
                         key="energy", caption=said("growth.energy.caption"), right=["effect"], markup=["effect"]),
        csv=found.write_csv(),
    )  # fmt: skip
    return Part("energy", heading, (figure, said("growth.energy.rule")))
