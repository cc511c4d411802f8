"""How the lab looks: the specs of its live charts over named data, and what they and the texts between them show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib.brief import charts, page, theme
from tylib.brief.charts import ink
from tylib.brief.charts.fans import FanScale, fan_layers, fan_rows, fan_scale
from tylib.brief.charts.grids import tile_layers, tile_rows
from tylib.brief.charts.lines import nice_ticks
from tylib.brief.tables import html_table
from tylib.brief.upgrade import figures, findings
from tylib.brief.upgrade.reading import Reading
from tylib.lab import exploring
from tylib.lab.bars import bar_layers, bar_rows
from tylib.lab.state import strength
from tylib.store import scenarios as files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tylib.brief.context import Context
    from tylib.lab.exploring import Ground, Seen

MOST_KEPT = 4
FAN, LEVERS, TILES = "fan", "levers", "tiles"
FAN_LAYERS, TILE_LAYERS = ("outer", "inner", "zero", "lines", "names"), ("full", "own", "words")
DECIMALS = 1  # in charts, as in briefs
EXACT = 2  # in the table, as the command line prints


@dataclass(frozen=True)
class Scales:
    """What stays while levers move, so that two pictures can be compared.

    Attributes:
        fan: Years, ticks and room of the fan.
        levers: Ends of the bars' axis.
    """

    fan: FanScale
    levers: tuple[float, float]

    def hold(self, other: Scales) -> bool:
        """Whether everything of another scale can be seen on this one."""
        ours, theirs = self.fan.ticks, other.fan.ticks
        inside = ours[0] <= theirs[0] and theirs[-1] <= ours[-1] and other.fan.room <= self.fan.room
        return inside and self.levers[0] <= other.levers[0] and other.levers[1] <= self.levers[1]

    def joined(self, other: Scales) -> Scales:
        """The scale that holds both."""
        ends = [tick for one in (self, other) for tick in (one.fan.ticks[0], one.fan.ticks[-1])]
        ticks = tuple(nice_ticks(min(ends), max(ends)))
        low, high = (
            pick(ours, theirs) for pick, ours, theirs in zip((min, max), self.levers, other.levers, strict=True)
        )
        return Scales(replace(self.fan, ticks=ticks, room=max(self.fan.room, other.fan.room)), (low, high))


def scales(context: Context, seen: Seen) -> Scales:
    """The scales that hold what is seen."""
    said = context.words
    values = [0.0, seen.total, *seen.levers["value"].to_list()]
    ticks = nice_ticks(min(values), max(values))
    names = [said("upgrade.line.baseline"), "+00.0% " + said("lab.explore.with")]
    return Scales(fan_scale(_fan(context, seen), names), (ticks[0], ticks[-1]))


def specs(context: Context, on: Ground, scale: Scales, kept: Sequence[Seen] = ()) -> dict[str, Any]:
    """The live charts' specs by slot, over data that come by name: the fan, the levers, the tiles, and runs kept."""
    said = context.words
    fan = _named(
        FAN_LAYERS, lambda data: fan_layers(scale.fan, data, unit="%", description=said("lab.explore.fan.alt"))
    )
    brush = {"name": "years", "select": {"type": "interval", "encodings": ["x"]}}
    lines = next(layer for layer in fan["layer"] if layer["data"] == {"name": "lines"})
    lines["params"] = [brush]
    selects = {"years": {"signal": "years", "of": list(scale.fan.years)}}
    grid = _tiles(context, on, {unit: 0.0 for unit in on.counties}, own="", picked=())
    tiles = _named(TILE_LAYERS, lambda data: tile_layers(grid, data, description=said("lab.explore.tiles.alt")))
    # A tile can be clicked on its words as well: they let the mouse through to it.
    found = {
        FAN: {**fan, "usermeta": {"selects": selects}},
        LEVERS: _named(("zero", "bars", "hollow", "labels", "words"), lambda data: bar_layers(
            scale.levers, _labels(context), data, description=said("lab.explore.levers.alt"))),
        TILES: {**tiles, "usermeta": {**tiles["usermeta"], "selects": {"places": True}}},
    }  # fmt: skip
    alt = said("lab.explore.fan.alt")
    scales = [replace(scale.fan, years=seen.years) for seen in kept]  # the axis of all, over the years of each
    small = [
        _named(FAN_LAYERS, lambda data, own=own: fan_layers(own, data, unit="%", description=alt)) for own in scales
    ]
    return found | {f"kept-{n}": chart for n, chart in enumerate(small)}


def _labels(context: Context) -> list[str]:
    """Of the bars: the sum, then each lever."""
    levers, said = files.model(context.city).levers, context.words
    return [said("upgrade.levers.total"), *(one.title[said.language] for one in levers.values())]


def _named(layers: Sequence[str], drawn: Any) -> dict[str, Any]:
    """A chart's spec with the names of its layers in place of their data."""
    import altair as alt

    return theme.spec(drawn({name: alt.NamedData(name) for name in layers})) | {"config": theme.config()}


def picture(context: Context, on: Ground, seen: Seen, scale: Scales) -> dict[str, Any]:
    """What is painted: rows of every layer of the charts, and the texts."""
    said, state = context.words, seen.state
    grid = _tiles(context, on, seen.counties, own=state.unit, picked=state.places)
    year = {"year": state.focus}
    return {
        "charts": {
            FAN: fan_rows(_fan(context, seen), scale.fan, baseline=said("upgrade.line.baseline")),
            LEVERS: bar_rows(_levers(context, seen), scale.levers),
            TILES: {name: rows for name, rows in tile_rows(grid).items() if name in TILE_LAYERS},
        },
        "html": {
            "headline": headline(context, seen),
            "fan-title": said.html("lab.explore.fan.title", what=_what(context, seen)),
            "levers-title": said.html("lab.explore.levers.title", **year),
            "levers-foot": _reasons(context, seen),
            "tiles-title": said.html("lab.explore.tiles.title", what=said(f"lab.explore.outcome.{state.outcome}"),
                                     **year),
            "numbers": _numbers(context, seen),
            "sentences": sentences(context, seen),
        },
    }  # fmt: skip


def card(context: Context, seen: Seen, scale: Scales) -> dict[str, Any]:
    """A run that was kept: the rows of its fan, and its text."""
    rows = fan_rows(
        _fan(context, seen), replace(scale.fan, years=seen.years), baseline=context.words("upgrade.line.baseline")
    )
    return {"chart": rows, "html": headline(context, seen)}


def frame(context: Context) -> Markup:
    """The HTML that the charts and texts stand in."""
    said = context.words
    kept = Markup("").join(
        Markup('<figure class="kept"><div data-slot="{0}-head"></div><div data-slot="{0}"></div></figure>').format(slot)
        for slot in (f"kept-{n}" for n in range(MOST_KEPT))
    )
    return Markup(
        '{hatch}<div class="seen" lang="{lang}"><div data-slot="headline" aria-live="polite"></div>'
        '<figure class="fan" role="group"><figcaption data-slot="fan-title"></figcaption><div data-slot="fan"></div>'
        '<p class="hint">{brush}</p></figure><div class="pair"><figure><figcaption data-slot="levers-title">'
        '</figcaption><div data-slot="levers"></div><p class="hint" data-slot="levers-foot"></p></figure><figure>'
        '<figcaption data-slot="tiles-title"></figcaption><div data-slot="tiles"></div><p class="hint">{click}</p>'
        '</figure></div>'
        '<details class="numbers"><summary>{numbers}</summary><div data-slot="numbers"></div></details>'
        '<section class="sentences"><h4>{sentences}</h4><div data-slot="sentences"></div></section>'
        '<section class="side-by-side">{kept}</section></div>'
    ).format(
        hatch=Markup(page.hatch()), lang=said("page.lang"), brush=said("lab.explore.brush"), kept=kept,
        click=said("lab.explore.click"), numbers=said("lab.explore.numbers"), sentences=said("lab.explore.sentences"),
    )  # fmt: skip


def _what(context: Context, seen: Seen) -> str:
    """Whose, and what of it."""
    said, outcome = context.words, seen.state.outcome
    what = said(f"upgrade.what.{context.kind}") if outcome == "value_added" else said(f"lab.explore.outcome.{outcome}")
    return said("lab.explore.of", name=context.name, what=what)


def _signed(context: Context, value: float, decimals: int = DECIMALS) -> str:
    """A change in per cent with its sign; what rounds to nothing is not printed as nothing."""
    figure = context.numbers.bare(value, "%", signed=True, decimals=decimals)
    if figure == "0" and value:
        return context.words("upgrade.near_zero")
    return context.words("number.percent", figure=figure)


def about(context: Context, seen: Seen) -> str:
    """Whose state it is: unit, scenario, closure, and levers that are pulled otherwise."""
    said, state = context.words, seen.state
    title = said.pick({f"title_{k}": v for k, v in files.scenario(state.scenario, context.city).title.items()}, "title")
    closure = said(f"lab.explore.closures.{state.closure}")
    text = said("lab.explore.about", name=context.name, scenario=title, closure=closure)
    others = _otherwise(context, seen)
    return said("lab.explore.otherwise", about=text, levers=others) if others else text


def headline(context: Context, seen: Seen) -> Markup:
    """The answer of a state: at the centre, then over all draws with direction and support."""
    said, state = context.words, seen.state
    centre = said("lab.explore.centre", year=state.focus, what=_what(context, seen))
    spread = Markup("")
    if seen.fan is not None:
        row = seen.fan.row(seen.years.index(state.focus), named=True)
        text = said("lab.explore.spread", median=_signed(context, row["median"]), low=_signed(context, row["low"]),
                    high=_signed(context, row["high"]), support=_support(context, row))  # fmt: skip
        spread = Markup('<p class="spread">{}</p>').format(text)
    return Markup('<p class="about">{}</p><p class="centre"><b>{}</b> {}</p>{}').format(
        about(context, seen), _signed(context, seen.at(seen.path)), centre, spread
    )


def _otherwise(context: Context, seen: Seen) -> str:
    """Levers that are pulled otherwise than in the scenario it began with."""
    said, state = context.words, seen.state
    before, titles = files.scenario(state.scenario, context.city).levers, files.model(context.city).levers
    return context.joined(
        said("lab.explore.pulled", lever=titles[name].title[said.language], share=f"{100 * strength(to):.0f}")
        for name, to in state.levers.items() if to != before.get(name, 0.0)
    )  # fmt: skip


def _support(context: Context, row: Mapping[str, Any]) -> str:
    """Direction and support of a row of draws, in the brief's words."""
    said = context.words
    if row["support"] is None:
        return said("upgrade.support.none")
    side = row["direction"] if row["direction"] in ("rise", "fall") else "rise" if row["median"] >= 0 else "fall"
    share = said("upgrade.draws", share=int(100 * row["support"] + 1e-6))
    kind = "undecided" if row["direction"] == "undecided" else "finding"
    return said(f"upgrade.verdict.{kind}", support=said(f"upgrade.support.{side}", share=share))


def sentences(context: Context, seen: Seen) -> Markup:
    """What the brief would print of the state; that it is being worked out, until it is."""
    if seen.shown is None or not seen.shown.units:
        return Markup('<p class="hint">{}</p>').format(context.words("lab.explore.waiting"))
    found = Reading(context, seen.shown, seen.state.unit)
    return Markup("<p><b>{}</b></p>{}").format(findings.heading(found), findings.told(found))


def _fan(context: Context, seen: Seen) -> list[dict[str, Any]]:
    """Rows of the fan: the unit with its draws, what remains without effects, counties picked."""
    said, none = context.words, dict.fromkeys(("low", "inner_low", "inner_high", "high"))
    if seen.fan is None:
        own = [
            none | {"year": year, "median": value} for year, value in zip(seen.years, seen.path.tolist(), strict=True)
        ]
    else:
        own = seen.fan.select("year", "low", "inner_low", "median", "inner_high", "high").to_dicts()
    name = said("lab.explore.with" if seen.fan is None else "lab.explore.median")
    found = [row | {"series": name, "tone": "own"} for row in own]
    others = [(said("upgrade.line.zero_effect"), "none", seen.zero)]
    others += [(context.place_name(unit.partition(":")[2]), "second", path) for unit, path in seen.picked.items()]
    for name, tone, path in others:
        found += [none | {"series": name, "tone": tone, "year": year, "median": value}
                  for year, value in zip(seen.years, path.tolist(), strict=True)]  # fmt: skip
    return [row | {"text": _signed(context, row["median"])} for row in found]


def _levers(context: Context, seen: Seen) -> list[dict[str, Any]]:
    """Rows of the bars: the sum first, then each lever; a zero by construction says so."""
    said, titles = context.words, files.model(context.city).levers
    values = seen.levers["value"].to_list()
    printed = figures.adding_up(values, seen.total, decimals=DECIMALS)
    rows = [
        {"label": said("upgrade.levers.total"), "value": seen.total, "text": _bare(context, seen.total), "own": True}
    ]
    for row, value in zip(seen.levers.iter_rows(named=True), printed, strict=True):
        zero = row["zero"] == "by_construction"
        text = said("upgrade.levers.zero") if zero else "" if row["zero"] == "not_pulled" else _bare(context, value)
        label = titles[row["lever"]].title[said.language]
        rows.append({"label": label, "value": None if zero else row["value"], "text": text, "own": False})
    return rows


def _bare(context: Context, value: float) -> str:
    figure = context.numbers.bare(value, "%", signed=True, decimals=DECIMALS)
    return context.words("upgrade.near_zero") if figure == "0" and value else figure


def _reasons(context: Context, seen: Seen) -> Markup:
    """Why a lever is a zero by construction."""
    said, titles = context.words, files.model(context.city).levers
    rows = [row for row in seen.levers.iter_rows(named=True) if row["zero"] == "by_construction"]
    return Markup(" ").join(
        said.html("lab.explore.why", lever=titles[row["lever"]].title[said.language], reason=said.pick(row, "reason"))
        for row in rows
    ) or Markup("").join([said("lab.explore.levers.foot")])


def _tiles(
    context: Context, on: Ground, values: Mapping[str, float], *, own: str, picked: Sequence[str]
) -> list[dict[str, Any]]:
    """Rows of the tile grid; the unit, or the counties picked, are framed."""
    rows = []
    for tile in on.tiles:
        # What is printed alike is shaded alike.
        value = None if tile["unit"] not in values else round(values[tile["unit"]], DECIMALS)
        text = context.words("absent.not_published") if value is None else _signed(context, value)
        rows.append({**tile, "label": context.words.pick(tile, "name"), "value": value, "text": text,
                     "own": own == tile["unit"] or tile["place"] in picked})  # fmt: skip
    return rows


def _numbers(context: Context, seen: Seen) -> Markup:
    """The years in focus as a table, with as many decimals as the command line prints."""
    said, (first, last) = context.words, seen.state.years or (seen.years[0], seen.years[-1])
    drawn = seen.fan is not None
    names = ["year", "path", *(("median", "low", "high", "support") if drawn else ()), "zero"]
    cells = []
    for row in exploring.numbers(seen).filter(pl.col("year").is_between(first, last)).iter_rows(named=True):
        cell = {name: _signed(context, row[name], EXACT) for name in names if name not in ("year", "support")}
        support = {"support": _support(context, row)} if drawn else {}
        cells.append({name: ({"year": str(row["year"])} | cell | support)[name] for name in names})
    columns = {name: said(f"lab.explore.columns.{name}") for name in names}
    return html_table(cells, columns, key="lab-numbers", caption=said("lab.explore.table", what=_what(context, seen)),
                      right=names[1:])  # fmt: skip


def still(context: Context, seen: Seen) -> list[Any]:
    """The state as figures that stand alone: for paper, and where nothing can be moved."""
    from tylib.brief.figure import Figure

    said = context.words
    fan = charts.fan(pl.DataFrame(_fan(context, seen), infer_schema_length=None), unit="%",
                     baseline=said("upgrade.line.baseline"), description=said("lab.explore.fan.alt"))  # fmt: skip
    title = said("lab.explore.still", value=_signed(context, seen.at(seen.path)), year=seen.state.focus,
                 what=_what(context, seen))  # fmt: skip
    values = [0.0, seen.total, *seen.levers["value"].to_list()]
    ticks = nice_ticks(min(values), max(values))
    rows, ends = _levers(context, seen), (ticks[0], ticks[-1])
    data = {name: ink.data(own) for name, own in bar_rows(rows, ends).items() if own}
    bars = bar_layers(ends, _labels(context), data, description=said("lab.explore.levers.alt"))
    foot = said("upgrade.fan.foot")
    return [
        Figure(fan, key="lab-fan", title=title, subtitle=said("lab.explore.fan.title", what=_what(context, seen)),
               alt=said("lab.explore.fan.alt"), words=said, foot=foot, table=_numbers(context, seen),
               csv=exploring.numbers(seen).write_csv()),
        Figure(bars, key="lab-levers", title=said("lab.explore.levers.title", year=seen.state.focus),
               alt=said("lab.explore.levers.alt"), words=said, foot=_reasons(context, seen)),
    ]  # fmt: skip
