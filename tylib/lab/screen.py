"""The lab on the screen: controls and live charts, painted from what is seen, heard for what the reader does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from tylib.errors import TylibError
from tylib.lab import controls, live, views
from tylib.lab.state import pulled
from tylib.store import scenarios as files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tylib.lab.explorer import Explorer


class Screen:
    """The widgets of an explorer."""

    def __init__(self, opened: Explorer) -> None:
        import ipywidgets as w

        self._opened, self.seq, self._hears, self._drawn = opened, 0, False, None
        self._supposed = files.model(opened.ground.city)
        said = opened.context.words
        self.shown = controls.controls(said, opened.ground)
        self.live = live.live(str(views.frame(opened.context)), specs={}, picture={})
        self.relabel()
        self.paint()
        self._hear()
        style = w.HTML(f"<style>{controls.marks(self._supposed)}</style>")
        body = w.HBox([self.shown.side, self.live])
        body.add_class("tylib-lab-body")
        self.whole = w.VBox([style, self.shown.top, body, self.shown.foot])
        self.whole.add_class("tylib-lab")

    def paint(self) -> None:
        """Show what the explorer sees now: specs only where the axes, the language or the runs kept are others."""
        opened = self._opened
        self.seq += 1
        drawn = (opened.language, opened.scales, [seen.years for seen in opened.kept])
        with self.live.hold_sync():
            if drawn != self._drawn:
                self._drawn = drawn
                self.live.frame = str(views.frame(opened.context))
                self.live.specs = views.specs(opened.context, opened.ground, opened.scales, opened.kept)
            self.live.picture = self._picture()
            self.live.selection = {"years": opened.state.years, "places": list(opened.state.places)}
        self._quietly(lambda: controls.set_to(self.shown, opened.state, opened.context.words, opened.ground))

    def _picture(self) -> dict[str, Any]:
        opened, seen = self._opened, self._opened.seen
        found = views.picture(opened.context, opened.ground, seen, opened.scales)
        for n in range(views.MOST_KEPT):
            kept = opened.kept[n] if n < len(opened.kept) else None
            card = views.card(opened.context_of(kept.state.unit), kept, opened.scales) if kept else {}
            found["html"][f"kept-{n}-head"] = card.get("html", "")
            if card:
                found["charts"][f"kept-{n}"] = card["chart"]
        html = {slot: str(text) for slot, text in found["html"].items()}
        return {
            "seq": self.seq,
            "stage": seen.stage,
            "years": seen.state.years,
            "charts": found["charts"],
            "html": html,
        }

    def relabel(self) -> None:
        """The words of the widgets in the language of now, and the scenarios there are now."""
        self._quietly(lambda: controls.relabelled(self.shown, self._opened.context.words, self._opened.ground))

    def tell(self, text: str) -> None:
        """Words beside the buttons; empty to take them away."""
        self.shown.told.value = str(Markup('<p class="told">{}</p>').format(text)) if text else ""

    def _quietly(self, change: Callable[[], None]) -> None:
        """Set widgets without hearing them."""
        before, self._hears = self._hears, False
        try:
            change()
        finally:
            self._hears = before

    def _hear(self) -> None:
        """Follow the widgets from now on."""
        shown, opened = self.shown, self._opened
        for name, widget in shown.choices.items():
            self._on_change(widget, opened.load if name == "scenario" else lambda v, name=name: opened.set(**{name: v}))
        self._on_change(shown.draws, lambda value: opened.set(draws=value))
        self._on_change(shown.years, lambda value: opened.set(years=tuple(value)))
        self._on_change(shown.language, lambda value: opened.speak(value))
        for name, slider in shown.levers.items():
            self._on_change(slider, lambda value, name=name: opened.show(pulled(opened.state, name, value)))
        self.live.observe(lambda change: self._acted(lambda: self._select(change["new"])), names="selection")
        acts = {"reset": opened.reset, "keep": opened.keep, "clear": opened.clear, "save": self._save,
                "export": self._export}  # fmt: skip
        for name, button in shown.buttons.items():
            button.on_click(lambda _, act=acts[name]: self._acted(act))
        self._hears = True

    def _on_change(self, widget: Any, act: Callable[[Any], Any]) -> None:
        def heard(change: Mapping[str, Any]) -> None:
            if self._hears:
                self._acted(lambda: act(change["new"]))

        widget.observe(heard, names="value")

    def _acted(self, act: Callable[[], Any]) -> None:
        """Do what a widget asks; what is wrong is told beside it, and the widgets show again what holds."""
        try:
            self.tell("")
            act()
        except TylibError as error:
            self.tell(str(error))
            self.paint()
        except Exception as error:
            self.tell(f"{type(error).__name__}: {error}")  # a widget's error would stand in a log that nobody opens
            raise

    def _select(self, selection: Mapping[str, Any]) -> None:
        years, places = selection.get("years"), tuple(selection.get("places", ()))
        chosen = {"years": tuple(years) if years else None, "places": places}
        if chosen != {name: getattr(self._opened.state, name) for name in chosen}:
            self._opened.set(**chosen)

    def _save(self) -> None:
        given = {name: self.shown.saving[name].value for name in controls.SAVING}
        path = self._opened.save(given["name"].strip(), title=given["title"], question=given["question"],
                                 reason=given["reason"], replace=self.shown.saving["replace"].value)  # fmt: skip
        words = self._opened.context.words
        self.tell(words("lab.explore.saved", file="/".join(path.parts[-3:]), name=path.stem))

    def _export(self) -> None:
        path = self._opened.export(self.shown.form.value)
        self.tell(self._opened.context.words("lab.explore.exported", file="/".join(path.parts[-3:])))
