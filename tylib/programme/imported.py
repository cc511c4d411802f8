"""What the user's own tables bring to a unit: figures beside those that stood there, and rows of things."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tylib.store import City, load, preferred
from tylib.store.city import package
from tylib.store.facts import KEY
from tylib.store.memory import remembered
from tylib.store.tables import published
from tylib.store.taken import active

if TYPE_CHECKING:
    from collections.abc import Iterator

# Kind of unit: the column by which rows of a table belong to it; the city has all of them.
COLUMNS = {"county": "place", "township": "place", "town": "town_id", "chain": "chain_id", "zone": "zone_id"}
METRICS = {"town": "town_metrics", "zone": "zone_metrics"}
SHOWN = ("value", "low", "high", "qualifier", "absent", "status", "unit", "decimals", "source_id", "kind")
# What says how a cell came about, not what it says.
ABOUT = (
    "source_id", "also_source_id", "as_of", "status", "interval", "qualifier", "kind", "unit", "absent", "plan",
    "in_city", "comparator", "order",
)  # fmt: skip


def figures(city: City, facts: pl.DataFrame, kind: str, code: str, /) -> pl.DataFrame:
    """Figures of a unit that imports brought, each beside the one that was preferred without them.

    Args:
        facts: :func:`tylib.store.facts`.
        kind, code: The unit, of :data:`tylib.store.units.KINDS`.

    Returns:
        ``place, indicator, sector, period, scope, kind`` and :data:`SHOWN` of the imported figure; the same of the
        one before as ``before_*`` (null where there was none); ``used``, whether the imported one is now preferred;
        ``used_source_id``, the source of the one that is.
        A row for each import that has a figure. Sorted by key, of several the one that goes before first.
    """
    ids = [record.id for record in active(city)]
    if kind in METRICS:
        units, key = load("indicators", city).select("indicator", "decimals"), COLUMNS[kind]
        metrics = load(METRICS[kind], city).filter((pl.col(key) == code) & pl.col("indicator").is_not_null())
        own = metrics.join(units, on="indicator", how="left", maintain_order="left").with_columns(
            pl.col("kind", "qualifier", "absent").cast(pl.String),
            place=pl.col(key), sector=pl.lit(""), scope=pl.lit(""), fact_id="metric_id",
            tier=pl.lit(None, pl.String),
        )  # fmt: skip
    else:
        own = facts.filter(pl.col("place") == code)
    mine = pl.col("source_id").is_in(ids)
    old, now = (preferred(rows) for rows in (own.filter(~mine), own))
    # Each import keeps its figure: whoever reads two of them sees both.
    given = [preferred(own.filter(pl.col("source_id") == number)) for number in ids]
    first = preferred(own.filter(mine)).select(*KEY, _first="fact_id")
    new = pl.concat(given or [preferred(own.filter(mine))])
    before = old.select(*KEY, *(pl.col(name).alias(f"before_{name}") for name in SHOWN if name not in KEY))
    used = now.select(*KEY, _used="fact_id", used_source_id="source_id")
    on = list(KEY)
    return (
        new.select(*KEY, *(name for name in SHOWN if name not in KEY), "fact_id")
        .join(before, on=on, how="left", nulls_equal=True, maintain_order="left")
        .join(used, on=on, how="left", nulls_equal=True, maintain_order="left")
        .join(first, on=on, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(used=pl.col("fact_id") == pl.col("_used"))
        .sort(*on, pl.col("fact_id") != pl.col("_first"), "fact_id")
        .drop("fact_id", "_used", "_first")
    )


@remembered
def rows(city: City, kind: str, code: str, /) -> pl.DataFrame:
    """Things (firms, projects, needs, measures) that imports brought to a unit or brought up to date.

    Returns:
        ``table, id, name_zh, name_en, source_id, fresh`` (it was not there before), ``column, before, after`` (one
        row for each cell that says something else than before; null for a fresh thing), sorted by table and id.
    """
    filled = {name for record in active(city) for name in record.tables}
    named = {spec.get("into") for spec in package(city).get("templates", ())} & filled
    frames = [frame for name in sorted(named) for frame in _changed(city, name, kind, code)]
    empty = pl.DataFrame(schema=dict.fromkeys(_COLUMNS, pl.String) | {"fresh": pl.Boolean})
    return pl.concat([empty, *frames]).sort("table", "id", "column", nulls_last=True)


_COLUMNS = ("table", "id", "name_zh", "name_en", "source_id", "fresh", "column", "before", "after")


def _changed(city: City, name: str, kind: str, code: str) -> Iterator[pl.DataFrame]:
    resource = next(resource for resource in package(city)["resources"] if resource["name"] == name)
    (key,) = resource["schema"]["primaryKey"]
    now, before = load(name, city), published(name, city)
    ids = [record.id for record in active(city)]
    here = now.filter(pl.col("source_id").is_in(ids))
    column = COLUMNS.get(kind)
    if column is not None:
        here = here.filter(pl.col(column) == code) if column in now.columns else here.clear()
    if not {"name_zh", "name_en"} <= set(now.columns) or here.is_empty():
        return
    known = before[key].implode()
    head = [pl.lit(name).alias("table"), pl.col(key).alias("id"), "name_zh", "name_en", "source_id"]
    none = [pl.lit(None, pl.String).alias(cell) for cell in ("column", "before", "after")]
    fresh = here.filter(~pl.col(key).is_in(known))
    yield fresh.select(*head, fresh=pl.lit(True)).with_columns(none)
    cells = [
        c for c in now.columns
        if c not in (key, *ABOUT) and not c.endswith(("_status", "_text")) and not c.startswith("name_")
    ]  # fmt: skip
    texts = [frame.select(key, pl.col(cells).cast(pl.String)) for frame in (before, here)]
    old, new = (frame.unpivot(index=key, on=cells, variable_name="column", value_name="cell") for frame in texts)
    both = new.join(old, on=[key, "column"], suffix="_before").filter(pl.col("cell").ne_missing(pl.col("cell_before")))
    stood = here.filter(pl.col(key).is_in(known)).select(*head, fresh=pl.lit(False))
    yield stood.join(both.rename({key: "id"}), on="id", how="left").select(
        *stood.columns, "column", before="cell_before", after="cell"
    )
