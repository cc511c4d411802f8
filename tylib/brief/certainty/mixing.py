"""Whether the draws can be trusted: how well chains agree, what they are worth, where the weightings differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from tylib import bounds
from tylib.brief.document import Part
from tylib.brief.tables import html_table

if TYPE_CHECKING:
    from tylib.brief.context import Context


def mixing(context: Context, *, layer: int) -> Part:
    """R-hat and effective sample size under both weightings, and how many verdicts turn on the weighting."""
    drawn = [bounds.draws(context.city, layer=layer, weighting=name) for name in bounds.WEIGHTINGS]
    if any(part is None for part in drawn):
        return Part()
    said, numbers, cells = context.words, context.numbers, []
    for part in drawn:
        cells.append({
            "weighting": said(f"certainty.mixing.{part.weighting}"),
            "draws": str(len(part.output)),
            "rhat": numbers.rounded(part.mixing["rhat"].max(), "", decimals=3),
            "ess": numbers.rounded(part.mixing["ess"].min(), "", decimals=0),
            "figures": str(part.mixing.height),
        })  # fmt: skip
    columns = {name: said(f"certainty.mixing.columns.{name}") for name in cells[0]}
    table = html_table(cells, columns, key="mixing", caption=said("certainty.mixing.caption"), caption_shown=True,
                       right=["draws", "rhat", "ess", "figures"])  # fmt: skip
    worst = max(part.mixing["rhat"].max() for part in drawn)
    key = "mixed" if all(part.mixed for part in drawn) else "unmixed"
    heading = said(f"certainty.mixing.heading.{key}", rhat=numbers.rounded(worst, "", decimals=3))
    return Part("mixing", heading, (table, _disagreement(context, layer), said("certainty.mixing.method")))


def _disagreement(context: Context, layer: int) -> Markup:
    """How many statements hold in nine tenths of draws under one weighting and not under the other."""
    from tylib.store.params import bounds_suppositions

    finding = bounds_suppositions(context.city).finding.value
    tested = bounds.findings(context.city, layer=layer).filter(pl.col("uniform").is_not_null())
    sure = {name: (pl.col(name) >= finding) | (pl.col(name) <= 1 - finding) for name in ("uniform", "tilted")}
    one = tested.filter(sure["uniform"] != sure["tilted"]).height
    both = tested.filter(sure["uniform"] & sure["tilted"]).height
    text = context.words("certainty.mixing.disagree", all=tested.height, both=both, one=one)
    return Markup("<p>{}</p>").format(text)
