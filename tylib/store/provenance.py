"""Status and sources of results. Formulas see values only; this is the one place that carries provenance along."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import polars as pl

from tylib.store.contracts import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


def derive(
    formula: Callable[..., pl.DataFrame], *inputs: pl.DataFrame, key: Iterable[str], **options: object
) -> pl.DataFrame:
    """Apply a formula to frames of facts and attach what its results rest on.

    Args:
        formula: Takes the inputs positionally (columns of ``key`` and ``value``) and ``options`` by name, returns one
            row a key.
        inputs: Frames with ``value``, ``status``, ``source_id`` and any of the key columns. Provenance is matched on
            the key columns that an input has: an input without ``place`` (a national total) bears on every place.
        key: Columns that tell the results apart.

    Returns:
        The formula's frame with ``status`` (the weakest of ``derived`` and the inputs) and ``source_ids`` (sorted
        list), sorted by key. A row without a value has neither status nor sources: nothing was derived.
    """
    key = list(key)
    result = formula(*inputs, **options)
    none = pl.lit([], pl.List(pl.String))
    gathered = (
        result.select(key)
        .unique(maintain_order=True)
        .with_columns(status=pl.lit("derived").cast(Status), source_ids=none, _all=1)
    )
    for frame in inputs:
        shared = [column for column in key if column in frame.columns] or ["_all"]
        bearing = frame.filter(pl.col("value").is_not_null()).with_columns(_all=1)
        basis = bearing.group_by(shared).agg(
            pl.col("status").max().alias("_status"), pl.col("source_id").drop_nulls().alias("_sources")
        )
        # An undated figure bears on the undated result.
        gathered = (
            gathered.join(basis, on=shared, how="left", maintain_order="left", nulls_equal=True)
            .with_columns(
                status=pl.max_horizontal("status", "_status"),
                source_ids=pl.concat_list("source_ids", pl.col("_sources").fill_null([])),
            )
            .drop("_status", "_sources")
        )
    gathered = gathered.drop("_all").with_columns(pl.col("source_ids").list.unique().list.sort())
    known = pl.col("value").is_not_null()
    carried = {"status": pl.when(known).then("status"), "source_ids": pl.when(known).then("source_ids").otherwise(none)}
    return (
        result.join(gathered, on=key, how="left", maintain_order="left", nulls_equal=True)
        .with_columns(**carried)
        .sort(key)
    )


def fingerprint(paths: Iterable[Path], *, root: Path) -> str:
    """SHA-256 over the names (below ``root``) and bytes of files: the identity of what a result was made from.

    The order of ``paths`` does not matter.
    """
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
