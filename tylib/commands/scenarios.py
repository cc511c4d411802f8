"""Subcommands for scenarios: ``scenario list``, ``run``, ``tell``, ``validate``, ``check``, ``schema``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tylib.commands.options import CityFolder, Form, Units, printed

app = typer.Typer(no_args_is_help=True, help="Scenarios: list them, run one for a unit, check a file of your own.")


@app.command("list")
def scenario_list(form: Form = "table", city: CityFolder = None) -> None:
    """List every scenario: the suite's own, and those in home/scenarios."""
    from tylib.scenario import listed
    from tylib.store import open_city

    rows = listed(open_city(city)).to_dicts()
    if form == "table":
        rows = [{**row, "levers": " ".join(row["levers"])} for row in rows]
    printed(rows, ("scenario", "title_zh", "title_en", "horizon", "levers"), form)


@app.command("run")
def scenario_run(
    name: Annotated[str, typer.Argument(metavar="ID", help="Of a scenario, as listed.")],
    unit: Annotated[str, typer.Option(metavar="UNIT", help="Such as county:CODE, town:ID, chain:ID, city:CODE.")],
    closure: Annotated[str, typer.Option(metavar="supply|demand|binding", help="What limits output.")] = "supply",
    draws: Annotated[int | None, typer.Option(help="Under each weighting.", show_default=False)] = None,
    outcome: Annotated[str, typer.Option(metavar="value_added|labour|energy|carbon")] = "value_added",
    zero_effect: Annotated[bool, typer.Option("--zero-effect", help="As if no action raised productivity.")] = False,
    form: Form = "table",
    city: CityFolder = None,
) -> None:
    """Run a scenario for one unit: change against its baseline in per cent, by year; shares of levers; support."""
    import json

    from tylib.errors import ParameterError, unknown
    from tylib.scenario import OUTCOMES, answer, setting
    from tylib.store import open_city

    for kind, given, known in (("format", form, ("table", "json")), ("outcome", outcome, OUTCOMES)):
        if given not in known:
            raise unknown(kind, given, known)
    asked = setting(name, open_city(city), closure=closure, zero_effect=zero_effect)
    if asked is None:
        raise ParameterError(
            "no baseline to run a scenario from",
            where="scenario",
            expected="rows in data/reference/constraints.csv or imported figures",
        )
    found = answer(asked, unit, draws=draws, outcome=outcome)
    if form == "json":
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    ends = ("low", "median", "high")
    years = zip(found["years"], *(found[end] for end in ends), strict=True)
    printed([{"year": y, **{e: f"{v:+.2f}" for e, v in zip(ends, of, strict=True)}} for y, *of in years],
            ("year", *ends), form)  # fmt: skip
    typer.echo()
    rows = [{**row, "value": f"{row['value']:+.3f}", "why": row["reason_en"]} for row in found["attribution"]]
    printed(rows, ("lever", "action", "value", "zero", "why"), form)
    said = found["support"]
    share = "" if said["share"] is None else f", in {said['share']:.0%} of draws or more under either weighting"
    most = "; ".join(f"{row['title_en'].lower()} ({row['total']:.0%})" for row in found["unknowns"])
    typer.echo(f"\n{found['total_effect']:+.3f} % in {found['years'][-1]} at the centre; {said['direction']}{share}")
    typer.echo(f"what matters most, by share of variance: {most or 'nothing varies'}")
    typer.echo("assumption-driven: priors, not estimates; a scenario, not a forecast")


@app.command("tell")
def scenario_tell(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Of scenarios.", show_default=False)
    ] = None,
    unit: Units = None,
    language: Annotated[str, typer.Option(metavar="LANGUAGE", help="Of the words.")] = "zh",
    form: Form = "table",
    city: CityFolder = None,
) -> None:
    """Tell scenarios for units in the words of a brief: support, what remains without effects, what keeps it open.

    By default the first three scenarios that briefs show, for every county.
    """
    import json

    from tylib.brief.upgrade.telling import told
    from tylib.errors import unknown
    from tylib.store import open_city
    from tylib.store.places import counties
    from tylib.store.scenarios import shown
    from tylib.store.words import words

    if form not in ("table", "json"):
        raise unknown("format", form, ("table", "json"))
    home = open_city(city)
    named = shown(home)
    asked = names or ([named.main, *named.beside][:3] if named else [])
    units = unit or [f"county:{place}" for place in counties(home)["place"]]
    rows = told(home, names=asked, units=units, language=language)
    if form == "json":
        typer.echo(json.dumps(list(rows), ensure_ascii=False, indent=1))
        return
    said, before = words(language, home), ""
    for row in rows:
        if row["title"] != before:
            typer.echo(f"\n{row['title']}" if before else row["title"])
        before = row["title"]
        typer.echo(f"  {row['name']}")
        for part in ("supply", "demand", "rest"):
            typer.echo("    " + said(f"upgrade.tell.{part}", told=row[part]))
        for text in row["open"]:
            typer.echo(f"    {text}")


@app.command("validate")
def scenario_validate(form: Form = "table", city: CityFolder = None) -> None:
    """Hold the model against published growth: backtest, coverage, pooling, epidemic; what the figures cannot carry."""
    import json

    import polars as pl

    from tylib.errors import unknown
    from tylib.scenario import validate
    from tylib.store import open_city

    if form not in ("table", "json"):
        raise unknown("format", form, ("table", "json"))
    found = validate(open_city(city))
    kinds = ("indicator", "kind", "reason")
    counted = found.published.with_columns(pl.col("reason").fill_null("used")).group_by(kinds)
    rows = {
        "published": counted.agg(rows=pl.len(), places=pl.n_unique("place")).sort(kinds),
        "scores": found.scores, "coverage": found.coverage, "skill": found.skill, "history": found.history,
        "epidemic": found.epidemic, "points": found.points,
        "pooling": pl.concat(
            one.counties.select(pl.lit(name).alias("indicator"), pl.all()) for name, one in found.pooled.items()
        ),
    }  # fmt: skip
    if form == "json":
        typer.echo(json.dumps({name: table.to_dicts() for name, table in rows.items()}, ensure_ascii=False, indent=1))
        return
    rows.pop("points")
    for name, table in rows.items():
        shown = table.with_columns(pl.col(pl.Float64).round(2))
        typer.echo(f"\n{name}")
        printed(shown.to_dicts(), tuple(shown.columns), form)
    for name, one in found.pooled.items():
        ends = f"{one.weight_low:.2f} to {one.weight_high:.2f}" if one.known else "not known"
        typer.echo(f"\n{name}: {one.freedom} years to spare; weight of one year of a county's own: {ends}")
    claimed = found.skill.filter("claim").height
    typer.echo(f"skill claimed in {claimed} of {found.skill.height} comparisons; effects of levers cannot be tested")


@app.command("check")
def scenario_check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A scenario of your own, .yml.")],
    city: CityFolder = None,
) -> None:
    """Check a scenario's file: keys, levers, strengths, priors, years."""
    from tylib.store import open_city
    from tylib.store.scenarios import checked

    found = checked(file, open_city(city))
    typer.echo(f"{file.stem}: ok, {len(found.levers)} levers, {len(found.parameters)} priors set otherwise")


@app.command("schema")
def scenario_schema() -> None:
    """Print the JSON Schema of a scenario's file, for an editor."""
    import json

    from tylib.store.scenarios import schema

    typer.echo(json.dumps(schema(), ensure_ascii=False, indent=1))
