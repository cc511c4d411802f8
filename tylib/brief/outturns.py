"""Targets beside their results as a table for looking up, the same in every brief."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief.status import mark
from tylib.brief.tables import html_table
from tylib.store.contracts import IMPORTED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.brief.context import Context


def table(
    context: Context,
    rows: pl.DataFrame,
    *,
    key: str,
    caption: str,
    by_domain: bool = False,
    places: bool = False,
    shown: bool = True,
) -> Markup | None:
    """Targets for looking up: target, when, outturn with its date, gap with required growth, verdict with its reason.

    Args:
        rows: Columns of :func:`tylib.programme.targets.beside`.
        by_domain: Group rows under their domain.
        places: Say whose target each is.
        shown: Show the caption of a table that no summary or title stands over.
    """
    if rows.is_empty():
        return None
    said = context.words
    cells = [
        {
            "target": _name(context, row, places=places),
            "aim": aim(context, row),
            "outturn": outturn(context, row),
            "verdict": _remarked(context, row),
            "source": context.cite([row["source_id"], row["outturn_source_id"]]),
            "domain": said(f"outturns.domain.{row['domain']}") if by_domain else "",
        }
        for row in rows.iter_rows(named=True)
    ]
    columns = {name: said(f"outturns.{name}") for name in cells[0] if name != "domain"}
    return html_table(
        cells, columns, key=key, caption=caption, groups="domain" if by_domain else "",
        markup=["target", "aim", "outturn", "verdict", "source"], caption_shown=shown and not by_domain,
    )  # fmt: skip


def _name(context: Context, row: Mapping[str, Any], *, places: bool) -> Markup:
    """The target, and whose it is where it is not the city's."""
    said = context.words
    name = said.pick(row, "measure") or said.pick(row, "name")
    whose = context.place_name(row["place"]) if places or row["place"] != context.city.place else ""
    return Markup("{}{}").format(name, Markup("<div><small>{}</small></div>").format(whose) if whose else "")


def aim(context: Context, row: Mapping[str, Any]) -> Markup:
    """What was aimed at and by when; a year that the source does not state carries the mark of our reading."""
    said = context.words
    when = context.period(row["period"]) if row["period"] else said("outturns.no_period")
    due = Markup("<small>{}{}</small>").format(when, mark(row["period_status"], said) if row["period"] else "")
    if row["absent"] == "not_applicable":
        return Markup("{} {}").format(said.pick(row, "value") or said("outturns.in_words"), due)
    if row["absent"]:
        return Markup('<span class="absent">{}</span>').format(said(f"absent.{row['absent']}"))
    return Markup("{} {}").format(context.figure(row), due)


def _remarked(context: Context, row: Mapping[str, Any]) -> Markup:
    """The verdict and the gap; in small type where the target stands and what a reader must know to read it."""
    said = context.words
    small = said("list.semicolon").join(part for part in (said.pick(row, "document"), said.pick(row, "note")) if part)
    remark = Markup("<div><small>{}</small></div>").format(small) if small else ""
    return Markup("{}{}{}").format(verdict(context, row), gap(context, row), remark)


def outturn(context: Context, row: Mapping[str, Any]) -> Markup:
    """The outturn with its date, or that none is published."""
    figure = {name.removeprefix("outturn_"): value for name, value in row.items() if name.startswith("outturn_")}
    if figure["value"] is None and figure["low"] is None and figure["high"] is None:
        return Markup('<span class="absent">{}</span>').format(context.words("absent.not_published"))
    if row["compared"] == "copied":
        return context.words.html("outturns.copied", figure=context.figure(figure), year=row["outturn_year"],
                                  first=row["outturn_copied_from"])  # fmt: skip
    return Markup("{} <small>{}</small>").format(context.figure(figure), context.period(figure["period"]))


def gap(context: Context, row: Mapping[str, Any]) -> Markup:
    """What is still to go, and the growth a year that would lead there; or why nothing is differenced."""
    said, numbers = context.words, context.numbers
    if row["scope_status"] is not None:
        return Markup("<div><small>{}{}</small></div>").format(said.pick(row, "scope"), mark(row["scope_status"], said))
    if row["gap_low"] is None and row["gap_high"] is None:
        if row["compared"] in ("none", "yes", "part", "copied"):
            return Markup("")
        reason = said.pick(row, "reason") if row["compared"] == "break" else ""
        why = reason or said(f"outturns.why.{row['compared']}")
        return Markup("<div><small>{}</small></div>").format(why)
    unit = "pp" if row["unit"] == "%" else row["unit"]
    bound = row["gap_low"] is None
    over = (row["gap_high"] if row["gap_high"] is not None else row["gap_low"]) <= 0
    size = abs(row["gap_high"] if row["gap_high"] is not None else row["gap_low"])
    figure = numbers.full(size, unit) if size else ""
    which = "even" if not size else "over" if over else "at_most" if bound else "short"
    parts = [Markup("{}{}").format(said(f"outturns.gap_{which}", figure=figure), mark(_status(row), said))]
    if row["growth"] is not None:
        rate, first, last = numbers.text(row["growth"], "%", decimals=1), row["outturn_year"], row["due"]
        which = ("year" if last - first == 1 else "growth") + ("_at_most" if bound else "")
        parts.append(Markup("<small>{}</small>").format(said(f"outturns.{which}", rate=rate, first=first, last=last)))
    return Markup("").join(Markup("<div>{}</div>").format(part) for part in parts)


def _status(row: Mapping[str, Any]) -> str:
    """A difference is derived at best."""
    return "derived" if row["result_status"] in (None, "published", IMPORTED) else row["result_status"]


def verdict(context: Context, row: Mapping[str, Any]) -> str:
    """What came of the target; with no outturn published, that and nothing else."""
    known = row["compared"] != "none"
    which = {("open", False): "silent", ("not_found", True): "found_since"}.get((row["verdict"], known), row["verdict"])
    return context.words(f"outturns.verdicts.{which}")


def rule(context: Context) -> str:
    """What is differenced and what decides a verdict, in words."""
    tolerance = context.numbers.text(100 * context.judgements.about_tolerance.value, "%")
    return context.words("outturns.rule", tolerance=tolerance)
