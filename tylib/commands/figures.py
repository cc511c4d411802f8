"""Subcommands for figures: ``bounds``, ``draws``, ``worth``, ``oracles``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tylib.commands.options import CityFolder, Form, printed

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl


def oracles(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Holds one folder a case, each with a case.json.")],
    form: Annotated[str, typer.Option("--format", metavar="FORM", help="text, or json: names by status.")] = "text",
) -> None:
    """Run published cases through the formulas: passed, documented (a rule of ours differs), not covered, failed."""
    import json

    from tylib.errors import unknown
    from tylib.indicators.oracles import FAMILIES, verdict
    from tylib.indicators.verdict import STATUSES
    from tylib.scenario import oracles as scenario
    from tylib.store.cases import cases

    if form not in ("text", "json"):
        raise unknown("format", form, ("text", "json"))
    families = (*scenario.FAMILIES, *FAMILIES)
    found = [verdict(case.described, case.inputs, case.expected, families=families) for case in cases(folder)]
    named = {status: [one.case for one in found if one.status == status] for status in STATUSES}
    if form == "json":
        reasons = {one.case: list(one.reasons) for one in found if one.reasons}
        typer.echo(json.dumps({**named, "reasons": reasons}, ensure_ascii=False, indent=1))
    else:
        for one in found:
            typer.echo("  ".join(filter(None, [f"{one.status:<11}", one.case, "; ".join(one.reasons)])))
        typer.echo(", ".join(f"{len(names)} {status.replace('_', ' ')}" for status, names in named.items()))
    if named["failed"]:
        raise typer.Exit(1)


Layer = Annotated[int, typer.Option(metavar="1|2|3", help="1 published, 2 with judgements, 3 with assumptions.")]
OneUnit = Annotated[str, typer.Option(metavar="UNIT", help="Such as county:CODE; default: all.", show_default=False)]


def _of_unit(frame: pl.DataFrame, unit: str, sector: str = "") -> list[dict]:
    """The rows of one unit (and sector), figures as they are printed; an unknown code is told, not met with silence."""
    import polars as pl

    from tylib.errors import unknown

    for column, kind, code in (("unit_code", "unit", unit.rpartition(":")[2]), ("sector_code", "sector", sector)):
        if code and frame.height and code not in frame[column]:
            raise unknown(kind, code, [known for known in frame[column].unique() if known])
        frame = frame.filter(pl.col(column) == code) if code else frame
    # An end of an interval is rounded outwards, so that what is printed stays true.
    ends = {"low": pl.col("low") - 5e-5, "high": pl.col("high") + 5e-5} if "binding" in frame.columns else {}
    outward = [pl.when(pl.col(name).round(4) == pl.col(name)).then(name).otherwise(moved).alias(name)
               for name, moved in ends.items()]  # fmt: skip
    return frame.with_columns(outward).with_columns(pl.col(pl.Float64).round(4)).to_dicts()


def _changes(asked: Iterable[str]) -> dict[str, dict[str, float]]:
    """Other ends of rows, from ``F31.low=900``; that a row and an end exist is looked at where they are used."""
    from tylib.errors import ParameterError

    changes: dict[str, dict[str, float]] = {}
    for text in asked:
        where, _, number = text.partition("=")
        row, _, end = where.partition(".")
        try:
            changes.setdefault(row.strip(), {})[end.strip()] = float(number)
        except ValueError:
            raise ParameterError(f'--change {text}: "{number}" is no number', expected="ROW.END=NUMBER") from None
    return changes


def bounds(
    unit: OneUnit = "",
    sector: Annotated[str, typer.Option(metavar="CODE", help="Such as S08; default: all.", show_default=False)] = "",
    layer: Layer = 2,
    on: Annotated[list[str] | None, typer.Option("--on", metavar="ROW", help="Use this row; repeatable.")] = None,
    off: Annotated[list[str] | None, typer.Option("--off", metavar="ROW", help="Leave this row out.")] = None,
    change: Annotated[
        list[str] | None, typer.Option("--change", metavar="ROW.END=NUMBER", help="Such as F31.low=900; repeatable.")
    ] = None,
    form: Form = "table",
    city: CityFolder = None,
) -> None:
    """What published figures imply of each county and sector: intervals, with the rows that hold their ends."""
    import polars as pl

    from tylib.bounds import bounds as intervals
    from tylib.store import open_city

    switch = {**dict.fromkeys(on or (), True), **dict.fromkeys(off or (), False)}
    found = intervals(open_city(city), layer=layer, switch=switch, change=_changes(change or ()))
    binding = pl.concat_list("binding_low", "binding_high").list.unique().list.sort().alias("binding")
    columns = ("unit_code", "sector_code", "quantity", "low", "high", "unit", "layer", "fit", "binding")
    rows = _of_unit(found.with_columns(binding).select(columns), unit, sector)
    if form == "table":
        rows = [{**row, "binding": " ".join(row["binding"])} for row in rows]
    printed(rows, columns, form)


def feasible_draws(
    unit: OneUnit = "",
    layer: Layer = 2,
    weighting: Annotated[str, typer.Option(metavar="uniform|tilted", help="How points are weighted.")] = "uniform",
    form: Form = "table",
    city: CityFolder = None,
) -> None:
    """Draw from all figures that fit what was published: output by county and sector, and how well it is mixed."""
    from tylib.bounds import cells, draws
    from tylib.store import open_city

    found = draws(open_city(city), layer=layer, weighting=weighting)
    if found is None:
        printed([], (), form)
        return
    worst, least = found.mixing["rhat"].max(), found.mixing["ess"].min()
    typer.echo(f"{len(found.output)} draws, R-hat at most {worst:.3f}, effective sample at least {least:.0f}", err=True)
    rows = _of_unit(cells(found).with_columns(layer=layer), unit)
    printed(rows, ("unit_code", "sector_code", "low", "median", "high", "weighting", "layer", "status"), form)


def worth(unit: OneUnit = "", layer: Layer = 2, form: Form = "table", city: CityFolder = None) -> None:
    """Which table is worth asking for: how much narrower the intervals would become, and who holds it."""
    from tylib.bounds import worth as worth_of_tables
    from tylib.store import open_city

    found = worth_of_tables(open_city(city), layer=layer)
    columns = (
        "unit_code",
        "rank",
        "table_id",
        "narrowing",
        "fit_before",
        "fit_after",
        "layer",
        "status",
        "title_en",
        "holder_en",
    )
    printed(_of_unit(found, unit), columns, form)
