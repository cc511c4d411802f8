"""Output of a unit's sectors layer by layer, so that nobody takes a judgement for a publication."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from tylib.brief.making import amounts
from tylib.brief.making.amounts import SHOWN, marked, sectors_of
from tylib.brief.tables import html_table

if TYPE_CHECKING:
    from tylib.brief.context import Context


def by_sector(context: Context, *, key: str, caption: str, likely: bool = False) -> Markup | None:
    """Sectors of which any layer has something to print, folded; how many have nothing stands below.

    Args:
        key: Names the table on its page.
        caption: What the table holds, with unit and year.
        likely: Whether the middle of the draws stands beside the layers.
    """
    said, layers = context.words, amounts.holding(context)
    rows = {
        layer: {row["sector_code"]: row for row in amounts.whole(context, context.code, layer=layer).to_dicts()}
        for layer in layers
    }
    told = [code for code in rows[SHOWN] if any(rows[layer][code]["fit"] for layer in layers)]
    if not told:
        return None
    columns = {"sector": said("making.columns.sector")}
    columns |= {f"layer_{layer}": said(f"making.layer.{layer}") for layer in layers}
    columns |= {"likely": said("making.columns.likely")} if likely else {}
    cells = [
        {"sector": sectors_of(context, code), "likely": _likely(context, rows[SHOWN][code])}
        | {f"layer_{layer}": marked(context, rows[layer][code], united=False) for layer in layers}
        for code in told
    ]
    table = html_table(cells, columns, key=key, caption=caption, right=["likely"],
                       markup=[f"layer_{layer}" for layer in layers])  # fmt: skip
    left = len(rows[SHOWN]) - len(told)
    note = Markup('<p class="note">{}</p>').format(said.number_of("making.left_out", left)) if left else ""
    return Markup('<details class="data-table"><summary>{}</summary>{}{}</details>').format(caption, table, note)


def _likely(context: Context, row: dict[str, Any]) -> str:
    """The middle of the draws; nothing where the figure itself is known."""
    if amounts.exact(context, row) or row["likely_low"] is None:
        return ""
    low, high = (amounts.outward(row[end], up=end == "likely_high") for end in ("likely_low", "likely_high"))
    return context.numbers.row({"low": low, "high": high, "unit": row["unit"], "decimals": 1}, united=False)
