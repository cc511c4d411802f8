"""The scenario lab: one state, which Python reads and sets like the reader does with sliders and charts.

A move shows one path at the centre at once; the draws follow when the hand rests, then the brief's sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tylib.brief import closing
from tylib.brief.context import Context
from tylib.errors import ParameterError, unknown
from tylib.lab import exploring, takeout, views
from tylib.lab.following import Follower, stages
from tylib.lab.state import begun, content, fitted
from tylib.scenario import LEVERS
from tylib.store import open_city
from tylib.store import scenarios as files
from tylib.store.saved import export, save_scenario

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from tylib.brief.document import Part
    from tylib.lab.exploring import Ground, Seen
    from tylib.lab.screen import Screen
    from tylib.lab.state import State
    from tylib.store import City

ROUGH = 100  # draws that tell how wide the axes must be
FRAMED = ("unit", "outcome", "closure", "horizon", "scenario", "draws")
"""Choices with which the axes change; while levers move they stand."""


class Explorer:
    """A scenario of one unit that can be moved. Made by :func:`explore`.

    Attributes:
        ground: What stays: the city and its baselines.
        state: What is chosen now; change it with :meth:`set`.
        seen: What is known of it so far.
        kept: Runs that stand side by side, at most four.
        language: Of everything shown.
        scales: Axes of the charts.
    """

    def __init__(self, ground: Ground, state: State, language: str) -> None:
        self.ground, self.state, self.language = ground, state, language
        self.kept: list[Seen] = []
        self._contexts: dict[tuple[str, str], Context] = {}
        self._screen: Screen | None = None
        self._follower = Follower(ground, lambda: self.state, self._come, self._tell)
        self.seen = exploring.point(ground, state)
        self.scales = self._scales_of(state)

    @property
    def context(self) -> Context:
        """Words, numbers and names for the unit in the language chosen."""
        return self.context_of(self.state.unit)

    def context_of(self, unit: str) -> Context:
        """The same for another unit."""
        key = (unit, self.language)
        if key not in self._contexts:
            self._contexts[key] = Context.of(key[0], language=key[1], city=self.ground.city)
        return self._contexts[key]

    @property
    def selection(self) -> dict[str, Any]:
        """What is brushed and picked in the charts: ``years`` (first and last, or none) and ``places``."""
        return {"years": self.state.years, "places": list(self.state.places)}

    @property
    def painted(self) -> int:
        """Number of the newest picture that was sent to the screen; 0 before there is one."""
        return self._screen.seq if self._screen else 0

    def set(self, **changes: Any) -> Explorer:
        """Choose otherwise, as the widgets do.

        Args:
            changes: Fields of :class:`tylib.lab.state.State`; ``levers`` may name some of them, ``scenario`` begins
                again with another one.

        Raises:
            ParameterError: Nothing of that name, or a value that the model does not take; the state stays as it was.
        """
        fields = type(self.state).__dataclass_fields__
        for name in changes:
            if name not in fields:
                raise unknown("choice", name, fields)
        own = changes.pop("levers", {})
        if not isinstance(own, Mapping):
            raise ParameterError(
                f"levers are {own!r}", where="levers", expected='strengths by name, such as {"digital": 0.9}'
            )
        before = self._begun(changes.pop("scenario")) if "scenario" in changes else self.state
        return self.show(replace(before, levers={**before.levers, **own}, **changes))

    def load(self, scenario: str) -> Explorer:
        """Begin again with a scenario of the suite or of your own; unit, closure and what is selected stay.

        Raises:
            ParameterError: No such scenario, or its file is wrong.
        """
        return self.show(self._begun(scenario))

    def _begun(self, scenario: str) -> State:
        kept = {name: getattr(self.state, name) for name in ("closure", "outcome", "draws", "years", "places")}
        return begun(self.state.unit, scenario, self.ground.city, **kept)

    def reset(self) -> Explorer:
        """Back to the scenario as its file has it, and nothing selected."""
        self.state = replace(self.state, places=(), years=None)
        return self.load(self.state.scenario)

    def show(self, state: State) -> Explorer:
        """Show another state: at once what one path says, the rest when the hand rests.

        Raises:
            ParameterError: The model does not take it; the state stays as it was.
        """
        places, first = [tile["place"] for tile in self.ground.tiles], files.model(self.ground.city).start
        state = fitted(state, first=first, places=places)
        found = files.scenario(state.scenario, self.ground.city)
        files.overridden(found, state.overrides(), self.ground.city)
        seen = exploring.point(self.ground, state)
        if any(getattr(self.state, name) != getattr(state, name) for name in FRAMED):
            self.state = state
            self.scales = self._scales_of(state)
        self.state, self.seen = state, exploring.carried(seen, self.seen)
        self._paint()
        self._follower.follow(replace(seen, shown=self.seen.shown) if not self.seen.stale else seen)
        return self

    def settle(self, *, sentences: bool = True) -> Seen:
        """Work out now whatever is still to come of the state.

        Args:
            sentences: The brief's sentences too, which take some seconds.

        Returns:
            All that is seen.
        """
        known = exploring.STAGES
        if known.index(self.seen.stage) < (3 if sentences else 2):
            self._follower.stop()
            told = None if self.seen.stale else self.seen.shown
            point = replace(exploring.point(self.ground, self.state), shown=told)
            self.seen = [seen for seen in stages(self.ground, point, sentences=sentences) if seen][-1]
            self._paint()
        return self.seen

    def frame(self) -> pl.DataFrame:
        """The state as a table, year by year, over all draws; see :func:`tylib.lab.exploring.numbers`."""
        return exploring.numbers(self.settle(sentences=False))

    def sentences(self) -> Any:
        """What the brief would print of the state, as HTML that shows itself."""
        from IPython.display import HTML

        self.settle()
        return HTML(views.sentences(self.context, self.seen))

    def keep(self) -> Explorer:
        """Keep the run as it is, to stand beside the next ones.

        Raises:
            ParameterError: Four are kept already.
        """
        if len(self.kept) >= views.MOST_KEPT:
            raise ParameterError(f"{len(self.kept)} runs are kept", where="keep", expected=f"at most {views.MOST_KEPT}",
                                 remedy="Clear them first.")  # fmt: skip
        self.settle(sentences=False)
        self.kept = [*self.kept, self.seen]
        self._paint()
        return self

    def clear(self) -> Explorer:
        """Let go of the runs that were kept."""
        self.kept = []
        self._paint()
        return self

    def speak(self, language: str) -> Explorer:
        """Show everything in another language.

        Raises:
            ParameterError: No words in that language.
        """
        Context.of(self.state.unit, language=language, city=self.ground.city)
        self.language = language
        self.scales = self._scales_of(self.state)
        if self._screen:
            self._screen.relabel()
        self._paint()
        return self

    def save(self, name: str, *, title: str, reason: str, question: str = "", replace: bool = False) -> Path:
        """Save the state as a scenario of your own, which every command and brief then knows.

        Args:
            name: Lower-case letters, digits and ``_``.
            title, reason: In your own words.
            question: What it asks; default: that of the scenario it began with.
            replace: Whether one of your own of that name may be written over.

        Returns:
            The file.

        Raises:
            ParameterError: What is wrong; nothing is written.
        """
        city = self.ground.city
        asked = question or files.scenario(self.state.scenario, city).question[self.language]
        made = content(self.state, city, title=title, question=asked, reason=reason)
        path = save_scenario(name, made, city, replace=replace)
        for key in [key for key in self.ground.settings if key[0] == name]:
            del self.ground.settings[key]  # one that was replaced may have been read
        if self._screen:
            self._screen.relabel()
        return path

    def export(self, form: str, name: str = "") -> Path:
        """Write the picture (``svg``, ``png``) or the numbers (``csv``, ``parquet``, ``xlsx``) to ``home/exports``.

        Args:
            form: Of the file.
            name: Of the file; default: one of its own for each state.

        Raises:
            ParameterError: No such form or name, or a picture would show boxes in place of words.
        """
        content = takeout.made(self.context, self.settle(sentences=False), form)
        return export(name or takeout.named(self.state), form, content, self.ground.city)

    def sources(self) -> Part:
        """Where baselines and priors come from: published figures, the national table, the studies."""
        context = Context.of(self.state.unit, language=self.language, city=self.ground.city)
        context.cite(self.ground.setting(self.state).sources)
        return closing.sources(context)

    def picture(self) -> takeout.Picture:
        """The state as figures that stand alone, for paper and wherever nothing can be moved."""
        self.settle(sentences=False)
        return takeout.Picture(tuple(views.still(self.context, self.seen)))

    def _scales_of(self, state: State) -> views.Scales:
        """Axes that hold the state and all levers at full strength, so that they stand while levers move."""
        full = exploring.point(self.ground, replace(state, levers=dict.fromkeys(LEVERS, 1.0)))
        wide = exploring.drawn(self.ground, full, draws=ROUGH) if state.draws else full
        own = views.scales(self.context, exploring.point(self.ground, state))
        return views.scales(self.context, wide).joined(own)

    def _come(self, seen: Seen) -> None:
        known = exploring.STAGES
        if self.seen.state is not seen.state or known.index(seen.stage) >= known.index(self.seen.stage):
            self.seen = seen
            self._paint()

    def _paint(self) -> None:
        if self._screen is None:
            return
        for seen in (self.seen, *self.kept):
            needed = views.scales(self.context_of(seen.state.unit), seen)
            if not self.scales.hold(needed):
                self.scales = self.scales.joined(needed)
        self._screen.paint()

    def _tell(self, text: str) -> None:
        if self._screen:
            self._screen.tell(text)

    def widget(self) -> Any:
        """The lab as one widget: controls, charts, what is beside them."""
        from tylib.lab.screen import Screen

        if self._screen is None:
            self._screen = Screen(self)
            self._follower.follow(self.seen)
        return self._screen.whole

    def _ipython_display_(self) -> None:
        takeout.display(self)


def explore(unit: str, scenario: str, /, *, language: str = "zh", city: City | None = None, **chosen: Any) -> Explorer:
    """Open the scenario lab.

    Args:
        unit: A county, town, chain or the city, such as ``county:CODE``.
        scenario: What to begin with.
        language: A folder of ``params/i18n``.
        city: Defaults to the city found from the working directory.
        chosen: ``closure, outcome, draws, horizon, levers`` to begin otherwise.

    Returns:
        An :class:`Explorer`, which shows itself in JupyterLab.

    Raises:
        ParameterError: No such unit, scenario, language or choice; the city has no baseline.
    """
    ground = exploring.ground(city or open_city())
    opened = Explorer(ground, begun(unit, scenario, ground.city), language)
    return opened.set(**chosen) if chosen else opened
