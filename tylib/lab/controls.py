"""What the reader moves: one widget a choice, eight sliders, each with its unit, its size in words and its range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from tylib.lab.state import STEP, strength
from tylib.scenario import CLOSURES, LEVERS, OUTCOMES
from tylib.scenario.levers import priors
from tylib.store import scenarios as files
from tylib.store.saved import FORMS
from tylib.store.units import units
from tylib.store.words import languages

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ipywidgets

    from tylib.lab.exploring import Ground
    from tylib.lab.state import State
    from tylib.scenario.priors import Ends
    from tylib.store import Words
    from tylib.store.scenarios import Lever, ModelSuppositions

CHOICES = ("unit", "scenario", "outcome", "closure", "horizon")
BUTTONS = ("reset", "keep", "clear", "export", "save")
SAVING = ("name", "title", "question", "reason")


@dataclass(frozen=True)
class Controls:
    """The widgets by what they are for.

    Attributes:
        choices: One of several; see :data:`CHOICES`.
        draws: Whether the fan is drawn.
        language: Of everything shown.
        years: The years in focus.
        levers, readouts: The slider and the text of each lever.
        buttons: See :data:`BUTTONS`.
        saving: Texts of a scenario to be saved, and whether it may replace one.
        form: Of a file that is taken out.
        told: What came of a button.
        marked: What the bands on the tracks mean.
        opener: Opens and shuts the panel for saving.
        top, side, foot: The boxes that all of them stand in.
    """

    choices: Mapping[str, ipywidgets.Dropdown]
    draws: ipywidgets.Checkbox
    language: ipywidgets.ToggleButtons
    years: ipywidgets.IntRangeSlider
    levers: Mapping[str, ipywidgets.FloatSlider]
    readouts: Mapping[str, ipywidgets.HTML]
    buttons: Mapping[str, ipywidgets.Button]
    saving: Mapping[str, Any]
    form: ipywidgets.Dropdown
    told: ipywidgets.HTML
    marked: ipywidgets.HTML
    opener: ipywidgets.ToggleButton
    top: ipywidgets.Box
    side: ipywidgets.Box
    foot: ipywidgets.Box


def controls(said: Words, on: Ground) -> Controls:
    """Make the widgets; :func:`relabelled` gives them their words and :func:`set_to` their values."""
    import ipywidgets as w

    supposed = files.model(on.city)
    choices = {name: w.Dropdown() for name in CHOICES}
    ends = {name: {"min": one.low, "max": one.high} for name, one in supposed.levers.items()}
    levers = {name: w.FloatSlider(**ends[name], step=STEP, readout=False,
                                  continuous_update=True) for name in LEVERS}  # fmt: skip
    readouts = {name: w.HTML() for name in LEVERS}
    buttons = {name: w.Button() for name in BUTTONS}
    saving = {name: (w.Textarea if name == "reason" else w.Text)(continuous_update=False) for name in SAVING}
    saving["replace"] = w.Checkbox(indent=False)
    form = w.Dropdown(options=list(FORMS))
    draws, told, marked = w.Checkbox(indent=False), w.HTML(), w.HTML()
    language = w.ToggleButtons(options=languages(on.city), value=said.language)
    years = w.IntRangeSlider(min=supposed.start, max=supposed.horizon, readout_format="d", continuous_update=False)
    opener, panel = w.ToggleButton(), w.VBox([*saving.values(), buttons["save"]], layout={"display": "none"})
    opener.observe(lambda change: setattr(panel.layout, "display", "" if change["new"] else "none"), names="value")
    rows = [w.VBox([readouts[name], slider]) for name, slider in levers.items()]
    for name, row in zip(levers, rows, strict=True):
        row.add_class("tylib-lever")
        row.add_class(f"tylib-lever-{name}")
    top = w.HBox([*choices.values(), draws, language, buttons["reset"]])
    side = w.VBox([*rows, marked, years])
    foot = w.VBox([w.HBox([buttons["keep"], buttons["clear"], form, buttons["export"]]),
                   opener, panel, told])  # fmt: skip
    for box, name in ((top, "top"), (side, "side"), (foot, "foot"), (panel, "saving")):
        box.add_class(f"tylib-lab-{name}")
    return Controls(
        choices, draws, language, years, levers, readouts, buttons, saving, form, told, marked, opener, top, side, foot
    )


def relabelled(shown: Controls, said: Words, on: Ground) -> None:
    """Give every widget its words in a language, and the choices their entries; values stay."""
    supposed = files.model(on.city)
    options = {
        "unit": _units(said, on),
        "scenario": [(said.pick({f"title_{k}": v for k, v in one.title.items()}, "title"), name)
                     for name, one in files.scenarios(on.city).items()],
        "outcome": [(said(f"lab.explore.outcome.{name}"), name) for name in OUTCOMES],
        "closure": [(said(f"lab.explore.closures.{name}"), name) for name in CLOSURES],
        "horizon": [(str(year), year) for year in range(supposed.start + 1, supposed.horizon + 1)],
    }  # fmt: skip
    for name, widget in shown.choices.items():
        kept = widget.value
        widget.options = options[name]
        widget.value = kept if kept in [value for _, value in options[name]] else options[name][0][1]
        widget.description = said(f"lab.explore.choice.{name}")
    shown.draws.description = said("lab.explore.choice.draws")
    shown.years.description = said("lab.explore.choice.years")
    shown.marked.value = Markup("<p class='hint'>{}</p>").format(said("lab.explore.marked"))
    for name, button in shown.buttons.items():
        button.description = said(f"lab.explore.button.{name}")
    for name, widget in shown.saving.items():
        widget.description = said(f"lab.explore.saving.{name}")
    shown.form.description = said("lab.explore.choice.form")
    shown.opener.description = said("lab.explore.saving.heading")
    for name, slider in shown.levers.items():
        slider.description_allow_html = False
        slider.tooltip = files.model(on.city).levers[name].title[said.language]


def _units(said: Words, on: Ground) -> list[tuple[str, str]]:
    known = units(on.city).filter(units(on.city)["unit"].is_in(on.known.units))
    return [(said("lab.explore.unit", kind=said(f"lab.explore.kind.{row['kind']}"), name=said.pick(row, "name")),
             row["unit"]) for row in known.iter_rows(named=True)]  # fmt: skip


def set_to(shown: Controls, state: State, said: Words, on: Ground) -> None:
    """Give every widget the value that the state has."""
    supposed = files.model(on.city)
    ends = priors(files.scenario(state.scenario, on.city), supposed)
    for name in CHOICES:
        shown.choices[name].value = getattr(state, name)
    shown.draws.value, shown.language.value = state.draws, said.language
    shown.years.max = state.horizon
    shown.years.value = state.years or (supposed.start, state.horizon)
    for name, slider in shown.levers.items():
        slider.value = strength(state.levers[name])
        shown.readouts[name].value = readout(name, state, said, supposed, ends)


def readout(name: str, state: State, said: Words, supposed: ModelSuppositions, ends: Mapping[str, Ends]) -> str:
    """A lever in words: how far it is pulled, what that comes to in its unit, in what range, on what ground.

    Args:
        ends: Low, most likely and high of each prior under the scenario.
    """
    lever, to = supposed.levers[name], strength(state.levers[name])
    size = supposed.parameters[lever.size]
    low, value, high = (f"{100 * to * end:.3g}" for end in ends[lever.size])
    text = said("lab.explore.size", unit=size.title[said.language], low=low, value=value, high=high)
    ground = said(f"lab.explore.basis.{size.basis}")
    given = state.levers[name]
    course = said("lab.explore.course", years=", ".join(f"{y}: {100 * v:.0f}%" for y, v in sorted(given.items()))) \
        if isinstance(given, dict) else ""  # fmt: skip
    return Markup(
        '<div class="lever" title="{maximum}">'
        '<span class="name"><b>{action}</b> {title}</span> <span class="strength">{to:.0f}%</span>'
        '<span class="size">{text} · {ground}{course}</span></div>'
    ).format(action=lever.action, to=100 * to, text=text,
             title=lever.title[said.language], ground=ground, course=course,
             maximum=lever.maximum[said.language])  # fmt: skip


def evidence(lever: Lever, supposed: ModelSuppositions) -> tuple[float, float]:
    """Strengths whose size lies inside the range of the lever's prior: what is marked on its track."""
    size = supposed.parameters[lever.size]
    return max(lever.low, size.low / size.value), min(lever.high, size.high / size.value)


def marks(supposed: ModelSuppositions) -> str:
    """The rules that mark the range of each lever on its track; one of judgement is told apart by its pattern."""
    rules = []
    for name, lever in supposed.levers.items():
        first, last = evidence(lever, supposed)
        basis = supposed.parameters[lever.size].basis
        rules.append(f".tylib-lever-{name}{{--from:{100 * first:.0f}%;--to:{100 * last:.0f}%;"
                     f"--mark:var(--lab-{'evidence' if basis == 'estimated' else 'judgement'})}}")  # fmt: skip
    return "\n".join(rules)
