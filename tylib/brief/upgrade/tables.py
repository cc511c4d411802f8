"""What is folded under the scenario: other scenarios, jobs, energy and carbon, the counties, what was assumed."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from tylib.brief.tables import html_table
from tylib.brief.upgrade.figures import adding_up
from tylib.brief.upgrade.reading import DECIMALS
from tylib.scenario import OUTCOMES
from tylib.scenario.answers import BRACKET
from tylib.store import load
from tylib.store import scenarios as files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tylib.brief.upgrade.reading import Reading


def _folded(summary: str, *blocks: str) -> Markup:
    return Markup('<details class="data-table"><summary>{}</summary>{}</details>').format(
        summary, reduce(Markup.__add__, (Markup("{}").format(block) for block in blocks), Markup(""))
    )


def _bracket(found: Reading, key: str, rows: Iterable[tuple[str, Mapping[str, str]]], *, first: str) -> Markup:
    """A table of two closures: what a row is, and what it changes under each."""
    said = found.context.words
    cells = [{"name": name, **ends} for name, ends in rows]
    columns = {"name": first, **{closure: said(f"upgrade.columns.{closure}") for closure in BRACKET}}
    return html_table(cells, columns, key=key, caption=said(f"upgrade.folded.{key.removeprefix('upgrade-')}"))


def others(found: Reading) -> Markup:
    """Scenarios that stand beside the main one: middle, range and support of each."""
    said, city = found.context.words, found.context.city
    names = found.shown.horizon["scenario"].unique(maintain_order=True).to_list()
    rows = [
        (files.scenario(name, city).title[said.language],
         {closure: found.brief(found.end(closure, name=name)) for closure in BRACKET})
        for name in (found.shown.scenario, *(name for name in names if name != found.shown.scenario))
    ]  # fmt: skip
    table = _bracket(found, "upgrade-others", rows, first=said("upgrade.columns.scenario"))
    return _folded(said("upgrade.folded.others", year=found.year, what=found.what), table)


def outcomes(found: Reading) -> Markup:
    """Jobs, energy and carbon: relative only, with what the change of carbon is made of."""
    said = found.context.words
    rows = [
        (said(f"upgrade.outcome.{outcome}"),
         {closure: found.brief(found.end(closure, outcome=outcome)) for closure in BRACKET})
        for outcome in OUTCOMES[1:]
    ]  # fmt: skip
    table = _bracket(found, "upgrade-outcomes", rows, first=said("upgrade.columns.outcome"))
    split = [_split(found, closure) for closure in BRACKET]
    note = Markup('<p class="note">{} {}</p>').format(said("upgrade.split.intro"), said("list.semicolon").join(split))
    return _folded(said("upgrade.folded.outcomes", year=found.year, what=found.what), table, note)


def _split(found: Reading, closure: str) -> str:
    """What the change of carbon is made of, under one closure."""
    said, rows = found.context.words, found.rows(found.shown.carbon, closure=closure)
    printed = adding_up(rows["value"].to_list(), rows["total"][0], decimals=DECIMALS)
    factors = (
        said(f"upgrade.split.{name}", figure=found.bare(value))
        for name, value in zip(rows["factor"], printed, strict=True)
    )
    return said("upgrade.split.of", closure=said(f"upgrade.columns.{closure}"), total=found.bare(rows["total"][0]),
                parts=found.context.joined(factors))  # fmt: skip


def counties(found: Reading) -> Markup | None:
    """Every county, in the city's brief alone."""
    if found.context.kind != "city":
        return None
    said, places = found.context.words, found.context.counties["place"].to_list()
    rows = [
        (found.context.place_name(place),
         {closure: found.brief(found.end(closure, unit=f"county:{place}")) for closure in BRACKET})
        for place in places if f"county:{place}" in found.shown.units
    ]  # fmt: skip
    table = _bracket(found, "upgrade-counties", rows, first=said("upgrade.columns.county"))
    return _folded(said("upgrade.folded.counties", year=found.year, what=found.what), table)


def assumed(found: Reading) -> Markup:
    """How far each lever is pulled, what that means, on what evidence; what the model cannot say."""
    said, city, supposed = found.context.words, found.context.city, files.model(found.context.city)
    cited = load("literature_parameters", city).select("parameter_id", "source_id")
    cells = []
    for name in found.pulled():
        lever = supposed.levers[name]
        evidence = [one for prior in lever.parameters for one in supposed.parameters[prior].evidence]
        sources = cited.filter(pl.col("parameter_id").is_in(evidence))["source_id"].unique().sort().to_list()
        text = Markup("{} {}").format(lever.evidence[said.language], found.context.cite(sources))
        cells.append({"lever": lever.title[said.language], "strength": _strength(found, name),
                      "maximum": lever.maximum[said.language], "evidence": text})  # fmt: skip
    columns = {name: said(f"upgrade.assumed.{name}") for name in cells[0]} if cells else {}
    table = html_table(cells, columns, key="upgrade-assumed", caption=said("upgrade.folded.assumed"),
                       markup=["evidence"]) if cells else ""  # fmt: skip
    remark = found.scenario.note.get(said.language, "")
    notes = [remark, said("upgrade.assumed.note"), supposed.shown.reason[said.language], said("upgrade.assumed.cannot")]
    return _folded(said("upgrade.folded.assumed"), table, _noted([text for text in notes if text]))


def _noted(texts: Sequence[str]) -> Markup:
    lines = Markup("").join(Markup("<p>{}</p>").format(text) for text in texts)
    return Markup('<div class="note">{}<p><code>tylib.scenario.model.path</code></p></div>').format(lines)


def _strength(found: Reading, lever: str) -> str:
    """How far a lever is pulled: one share, or shares by year."""
    said, given = found.context.words, found.scenario.levers[lever]

    def percent(share: float) -> str:
        return found.context.numbers.text(100 * share, "%")

    if not isinstance(given, dict):
        return percent(given)
    return found.context.joined(
        said("upgrade.assumed.by_year", year=year, share=percent(share)) for year, share in sorted(given.items())
    )
