"""The scenario's two figures: the fan against the baseline, and the levers' shares under two closures."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts
from tylib.brief.figure import Figure
from tylib.brief.tables import html_table
from tylib.brief.upgrade.reading import DECIMALS, DEMAND, STATED, SUPPLY, ZERO
from tylib.scenario.answers import BRACKET
from tylib.store import scenarios as files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tylib.brief.upgrade.reading import Reading

CSV = 4  # decimals of per cent in a file to take along: more would be more than is known
LINES = ((SUPPLY, STATED, "own"), (DEMAND, STATED, "second"), (SUPPLY, ZERO, "none"))
"""Lines of the fan; under demand the zero-effect prior stands in the table."""


def fan(found: Reading) -> Figure:
    """Value added against the baseline by year under both closures, and what remains without effects."""
    said, start = found.context.words, files.model(found.context.city).start
    rows = found.rows(found.shown.fans, outcome="value_added").filter(pl.col("year") >= start - 1)
    ends = ("low", "inner_low", "inner_high", "high")
    drawn = pl.concat(
        rows.filter(closure=closure, prior=prior).with_columns(
            [pl.lit(None, pl.Float64).alias(end) for end in ends] if prior == ZERO else [],
            series=pl.lit(said(f"upgrade.line.{closure if prior == STATED else prior}")), tone=pl.lit(tone),
        )
        for closure, prior, tone in LINES
    )  # fmt: skip
    drawn = drawn.with_columns(text=pl.col("median").map_elements(found.signed, return_dtype=pl.String))
    medians = {closure: found.signed(found.end(closure)["median"]) for closure in BRACKET}
    alt = said("upgrade.fan.alt", year=found.year, **medians)
    return Figure(
        charts.fan(drawn, unit=said("upgrade.fan.unit"), baseline=said("upgrade.line.baseline"), description=alt),
        key="upgrade", title=said("upgrade.fan.title", year=found.year, **medians),
        subtitle=said("upgrade.fan.subtitle", what=found.what), alt=alt, words=said,
        foot=said("upgrade.fan.foot"), table=_years(found, rows), csv=rows.write_csv(float_precision=CSV),
    )  # fmt: skip


def _years(found: Reading, rows: pl.DataFrame) -> Markup:
    said = found.context.words
    by_key = {(row["closure"], row["prior"], row["year"]): row for row in rows.iter_rows(named=True)}
    cells = []
    for year in rows["year"].unique().sort():
        cells.append({"year": str(year)} | {
            f"{closure}_{prior}": said("upgrade.fan.cell", median=found.bare(row["median"]), low=found.bare(row["low"]),
                                       high=found.bare(row["high"]))
            for closure in BRACKET for prior in (STATED, ZERO) for row in [by_key[closure, prior, year]]
        })  # fmt: skip
    # What is the same in both columns stands in one.
    same = all(cell[f"{DEMAND}_{STATED}"] == cell[f"{DEMAND}_{ZERO}"] for cell in cells)
    names = [name for name in cells[0] if not (same and name == f"{DEMAND}_{ZERO}")]
    columns = {name: said(f"upgrade.fan.columns.{name}") for name in names}
    return html_table(cells, columns, key="upgrade", caption=said("upgrade.fan.caption", what=found.what),
                      right=list(columns)[1:])  # fmt: skip


def levers(found: Reading) -> Figure | None:
    """The share of each lever under both closures: signed bars that add up, zeros by construction with their reason."""
    said, supposed = found.context.words, files.model(found.context.city)
    parts = found.rows(found.shown.attribution, outcome="value_added").filter(pl.col("zero").ne_missing("not_pulled"))
    if parts.is_empty():
        return None
    shares = {closure: _printed(found, parts.filter(closure=closure)) for closure in BRACKET}
    total = {closure: parts.filter(closure=closure)["total"][0] for closure in BRACKET}
    names = list(shares[SUPPLY])
    lanes = (("upper", SUPPLY), ("lower", DEMAND))
    rows = [{"label": said("upgrade.levers.total"), "own": True} | {
        key: value for lane, closure in lanes for key, value in {
            lane: total[closure],
            f"{lane}_text": said(f"upgrade.levers.sum.{closure}", figure=_figure(found, total[closure])),
        }.items()
    }]  # fmt: skip
    rows += [
        {"label": supposed.levers[name].title[said.language], "own": False} | {
            key: value for lane, closure in lanes for key, value in {
                lane: None if shares[closure][name]["zero"] else shares[closure][name]["value"],
                f"{lane}_text": shares[closure][name]["text"],
            }.items()
        }
        for name in names
    ]  # fmt: skip
    title = said("upgrade.levers.title", **{closure: _most(found, shares[closure]) for closure in BRACKET})
    alt = said("upgrade.levers.alt", count=len(names))
    return Figure(
        charts.paired(pl.DataFrame(rows), unit=said("upgrade.levers.unit"), description=alt),
        key="upgrade-levers", title=title, subtitle=said("upgrade.levers.subtitle", year=found.year), alt=alt,
        words=said, foot=_foot(found, parts), table=_lever_table(found, shares, total),
        csv=parts.write_csv(float_precision=CSV),
    )  # fmt: skip


def _most(found: Reading, shares: Mapping[str, Mapping[str, Any]]) -> str:
    """The lever that brings most under a closure."""
    said, row = found.context.words, max(shares.values(), key=lambda row: row["value"])
    if row["value"] <= 0:
        return said("upgrade.levers.nothing")
    lever = files.model(found.context.city).levers[row["lever"]].title[said.language]
    return said("upgrade.levers.most", lever=lever, value=row["text"])


def _printed(found: Reading, parts: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Each lever's share as printed: rounded so that what is printed adds up to the total as printed."""
    said, rows = found.context.words, {}
    printed = adding_up(parts["value"].to_list(), parts["total"][0], decimals=DECIMALS)
    for row, value in zip(parts.iter_rows(named=True), printed, strict=True):
        zero = row["zero"] == "by_construction"
        figure = said("upgrade.levers.zero") if zero else _figure(found, value, row["value"])
        rows[row["lever"]] = {**row, "zero": zero, "text": figure}
    return rows


def _figure(found: Reading, value: float, exact: float | None = None) -> str:
    figure = found.context.numbers.bare(value, "%", signed=True, decimals=DECIMALS)
    return found.context.words("upgrade.near_zero") if figure == "0" and (exact or value) else figure


def adding_up(values: Sequence[float], total: float, *, decimals: int) -> list[float]:
    """Parts rounded so that they add up to their rounded total: the largest remainders are rounded up.

    >>> adding_up([0.26, 0.26, -0.1, 0.0], 0.42, decimals=1)
    [0.3, 0.2, -0.1, 0.0]
    """
    step = Decimal(1).scaleb(-decimals)
    exact = [Decimal(repr(float(value))) / step for value in values]
    floors = [number.to_integral_value(ROUND_FLOOR) for number in exact]
    missing = int((Decimal(repr(float(total))) / step).to_integral_value() - sum(floors))
    order = sorted(range(len(exact)), key=lambda at: (floors[at] - exact[at], at))
    raised = set(order[:missing])
    return [float((floor + (at in raised)) * step) for at, floor in enumerate(floors)]


def _foot(found: Reading, parts: pl.DataFrame) -> Markup:
    """Why zeros are zeros, each reason once with its closures and levers; how the shares were reckoned."""
    said, supposed = found.context.words, files.model(found.context.city)
    rows = parts.filter(pl.col("zero") == "by_construction")
    reasons: dict[str, dict[str, list[str]]] = {}
    for row in rows.iter_rows(named=True):
        closures = reasons.setdefault(said.pick(row, "reason"), {})
        closures.setdefault(row["closure"], []).append(supposed.levers[row["lever"]].title[said.language])
    lines = []
    for reason, closures in reasons.items():
        alike = len(closures) == len(BRACKET) and len({*map(tuple, closures.values())}) == 1
        for closure, named in [("both", next(iter(closures.values())))] if alike else closures.items():
            lines.append(said(f"upgrade.levers.why.{closure}", levers=found.context.joined(named), reason=reason))
    return Markup("<br>").join([*lines, said("upgrade.levers.foot")])


def _lever_table(found: Reading, shares: Mapping[str, Mapping[str, Any]], total: Mapping[str, float]) -> Markup:
    said, levers = found.context.words, files.model(found.context.city).levers
    cells = [
        {
            "lever": levers[name].title[said.language],
            **{closure: shares[closure][name]["text"] for closure in BRACKET},
            "why": said("list.gap").join(
                said(f"upgrade.levers.note.{closure}", reason=reason)
                for closure in BRACKET
                if not shares[closure][name]["zero"] and (reason := said.pick(shares[closure][name], "reason"))
            ),
        }
        for name in shares[SUPPLY]
    ]  # fmt: skip
    last = {closure: _figure(found, total[closure]) for closure in BRACKET}
    cells.append({"lever": said("upgrade.levers.total"), **last, "why": ""})
    columns = {name: said(f"upgrade.levers.columns.{name}") for name in cells[0]}
    return html_table(cells, columns, key="upgrade-levers", caption=said("upgrade.levers.caption", year=found.year),
                      right=list(BRACKET))  # fmt: skip
