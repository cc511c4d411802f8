"""All that can be said of each figure nobody published, in one frame; and which sector or county comes first.

Two kinds of knowledge stand side by side and never mix: the interval that the rows imply, true of every matrix that
fits them, and the range of the middle eight tenths of draws, the wider of the two weightings at each end, which is a
judgement about weight.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tylib.bounds import constraints, intervals, sampling, support
from tylib.bounds.programs import Programs
from tylib.bounds.worth import worth
from tylib.store import open_city
from tylib.store.kept import digest, frame
from tylib.store.memory import remembered
from tylib.store.params import bounds_suppositions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tylib.bounds.constraints import System
    from tylib.bounds.sampling import Draws
    from tylib.store import City

    Change = Mapping[str, Mapping[str, float]] | None
    Switch = Mapping[str, bool] | None

SHOWN = 2  # the layer that briefs speak of
TESTED = {"location_quotient": 1.0}  # what a figure of a quantity is judged against: the national share
KEY = ["quantity", "unit_code", "sector_code"]
RANGE = {"likely_low": pl.Float64, "likely_high": pl.Float64}
LEADERS = {
    "unit_code": pl.String, "kind": pl.String, "code": pl.String, "verdict": pl.String, "holds": pl.Boolean,
    "uniform": pl.Float64, "tilted": pl.Float64, "layer": pl.Int64, "status": pl.String,
}  # fmt: skip


@remembered
def findings(city: City | None = None, *, layer: int = 2, switch: Switch = None, change: Change = None) -> pl.DataFrame:
    """Interval, likely range and verdict of every figure of every quantity.

    Args:
        city: Defaults to :func:`tylib.store.open_city`.
        layer, switch, change: As in :func:`tylib.bounds.constraints.system`.

    Returns:
        The rows of :func:`tylib.bounds.intervals.bounds` with ``likely_low, likely_high`` (tenth and ninetieth
        percentile of the draws, the lower and the higher of both weightings; null where a draw has no such figure), and
        for a location quotient, judged against one, ``verdict, holds, uniform, tilted`` of
        :func:`tylib.bounds.support.support`. Sorted by quantity, unit, sector; empty where the city has no rows.

    Raises:
        ContradictionError: The rows conflict.
        ParameterError: Unknown layer or row.
    """
    city = city or open_city()
    table = intervals.bounds(city, layer=layer, switch=switch, change=change)
    if table.is_empty():
        return table.with_columns(**{n: pl.lit(None, t) for n, t in {**RANGE, **support.VERDICT}.items()})
    rows = constraints.system(city, layer=layer, switch=switch, change=change)
    finding = bounds_suppositions(city).finding.value

    def make() -> pl.DataFrame:
        draws = _drawn(city, layer, switch, change)
        return pl.concat(
            _judged(rows, part, draws, finding) for part in table.partition_by("quantity", maintain_order=True)
        )

    made = (table.hash_rows().to_numpy(), finding, *sampling.origin(rows, city), support, sys.modules[__name__])
    return frame(city, "findings", digest(*made), make)


def _judged(rows: System, table: pl.DataFrame, draws: tuple[Draws, Draws], finding: float) -> pl.DataFrame:
    """One quantity: what the draws add to its intervals."""
    quantity = table["quantity"][0]
    values = [support.values(rows, part, quantity) for part in draws]
    labels = table.select("unit_code", "sector_code")
    ranges = [support.summarise(v, labels, weighting=d.weighting) for v, d in zip(values, draws, strict=True)]
    likely = table.with_columns(
        likely_low=np.fmin(*(part["low"].to_numpy() for part in ranges)),
        likely_high=np.fmax(*(part["high"].to_numpy() for part in ranges)),
    ).with_columns(pl.col(*RANGE).fill_nan(None))
    if quantity not in TESTED:
        return likely.with_columns(**{n: pl.lit(None, t) for n, t in support.VERDICT.items()})
    above = TESTED[quantity]
    low, high = (table[end].fill_null(np.nan).to_numpy() for end in ("low", "high"))
    holds = (values[0] > above, values[1] > above)
    return likely.hstack(support.support(holds, finding=finding, low=low, high=high, above=above))


@remembered
def leaders(city: City | None = None, *, layer: int = 2, switch: Switch = None, change: Change = None) -> pl.DataFrame:
    """Which manufacturing sector is the largest of each county and of the city, and which county is: by output.

    Args:
        city: Defaults to :func:`tylib.store.open_city`.
        layer, switch, change: As in :func:`tylib.bounds.constraints.system`.

    Returns:
        A row for each unit and ``kind`` (``sector``; of the city also ``county``): the ``code`` that leads in most
        draws of the weighting that supports it less, ``verdict`` (``implied`` where no matrix that fits the rows has
        another first), ``holds`` (null: undecided), ``uniform, tilted`` (share of draws in which it leads; null where
        implied), ``layer, status``. Sorted by unit and kind; empty where the city has no rows.
    """
    city = city or open_city()
    rows = constraints.system(city, layer=layer, switch=switch, change=change)
    if not rows.rows:
        return pl.DataFrame(schema=LEADERS)
    finding, own = bounds_suppositions(city).finding.value, intervals.own_statuses(city)

    def make() -> pl.DataFrame:
        status = intervals.INVENTED if intervals.INVENTED in own.values() else intervals.STATUS[layer]
        found = [(*line, layer, status) for line in _first(rows, _drawn(city, layer, switch, change), finding)]
        return pl.DataFrame(found, schema=LEADERS, orient="row").sort("unit_code", "kind")

    made = (layer, finding, own, *sampling.origin(rows, city), intervals, sys.modules[__name__])
    return frame(city, "leaders", digest(*made), make)


def _first(rows: System, draws: tuple[Draws, Draws], finding: float) -> Iterator[tuple]:
    """``unit, kind, code, verdict, holds, uniform, tilted`` of each question who comes first."""
    solver = Programs(rows)
    outputs = [part.output for part in draws]
    questions: list[tuple[str, str, tuple[str, ...], list[np.ndarray]]] = [
        (place, "sector", rows.sectors, [part[:, at] for part in outputs]) for at, place in enumerate(rows.places)
    ]
    questions += [
        (rows.city, "sector", rows.sectors, [part.sum(axis=1) for part in outputs]),
        (rows.city, "county", rows.places, [part.sum(axis=2) for part in outputs]),
    ]
    for unit, kind, codes, sizes in questions:
        shares = [np.bincount(part.argmax(axis=1), minlength=len(codes)) / len(part) for part in sizes]
        best = int(np.minimum(*shares).argmax())
        uniform, tilted = (float(part[best]) for part in shares)
        forms = [rows.form("output", *_members(rows, unit, kind, code)) for code in codes]
        # Only what leads in every draw can lead in every matrix.
        proved = min(uniform, tilted) == 1.0 and all(
            solver.least(forms[best] - form).value > 0 for at, form in enumerate(forms) if at != best
        )
        if proved:
            yield unit, kind, codes[best], support.IMPLIED, True, None, None
        elif min(uniform, tilted) >= finding:
            yield unit, kind, codes[best], support.DRAWN, True, uniform, tilted
        else:
            yield unit, kind, codes[best], support.UNDECIDED, None, uniform, tilted


def _members(rows: System, unit: str, kind: str, code: str) -> tuple[list[str], list[str]]:
    if kind == "county":
        return [code], []
    return ([] if unit == rows.city else [unit]), [code]


def _drawn(city: City, layer: int, switch: Switch, change: Change) -> tuple[Draws, Draws]:
    uniform, tilted = (
        sampling.draws(city, layer=layer, weighting=name, switch=switch, change=change) for name in sampling.WEIGHTINGS
    )
    return uniform, tilted


def prepare(city: City) -> None:
    """Make what briefs read of the feasible set, where it is not kept already: whoever comes next finds it.

    A layer whose rows conflict is left out: briefs say so in its place.
    """
    holding = [layer for layer in constraints.LAYERS if intervals.contradiction(city, layer=layer).is_empty()]
    for layer in holding:
        intervals.bounds(city, layer=layer)
    if SHOWN in holding:
        findings(city)
        leaders(city)
        worth(city)
