"""The map of a chain (产业图谱): branches as lanes, stages from left to right, who stands where, what is missing.

It is HTML, not a chart: every stage is a native ``details`` that opens by key and stands open in print, text wraps on
a telephone, and no script is needed. The connectors are drawn by the page's stylesheet (``page/chain_map.css``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from tylib.brief.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping

GLYPHS = ("master", "firm", "project", "town", "place")
"""Kinds of what stands on a stage; each has a glyph in the stylesheet."""


@dataclass(frozen=True)
class Node:
    """One stage of a branch. Texts may hold Markup.

    Attributes:
        stage: Name of the stage.
        state: ``named``, ``thin``, ``outside``, ``missing`` or ``user``; ``whole`` for a text on all stages at once.
        state_word: The same in words.
        what: What the stage makes.
        members: Who stands on it: (one of :data:`GLYPHS`, the name with its mark).
        evidence: Why each of them stands there, with sources; shown when the stage is opened.
        task: What is to be done there, a short word.
        branch: The branch as it stands before the stage, for who hears the node alone.
    """

    stage: str
    state: str
    state_word: str
    what: str
    members: Sequence[tuple[str, str]] = ()
    evidence: Sequence[str] = ()
    task: str = ""
    branch: str = ""

    def html(self, kinds: Mapping[str, str]) -> Markup:
        members = Markup("").join(
            Markup('<span class="{0}"><span class="unseen">{1} </span>{2}</span>').format(kind, kinds[kind], name)
            for kind, name in self.members
        )
        task = Markup('<span class="task">{}</span>').format(self.task) if self.task else ""
        head = Markup(
            '<span class="node-head"><span class="step"><span class="unseen">{}</span>{}</span>'
            '<span class="state">{}</span>{}</span>'
            '<span class="what">{}</span><span class="who">{}</span>'
        ).format(self.branch, self.stage, self.state_word, task, self.what, members)
        listed = Markup("").join(Markup("<li>{}</li>").format(item) for item in self.evidence)
        return Markup(
            '<li class="stage" data-state="{}"><details class="node"><summary>{}</summary><ul>{}</ul></details></li>'
        ).format(self.state, head, listed)


@dataclass(frozen=True)
class Lane:
    """One branch: its name, small words under it, and its stages in order."""

    branch: str
    tags: Sequence[str]
    nodes: Sequence[Node]

    def html(self, kinds: Mapping[str, str]) -> Markup:
        tags = Markup("").join(Markup('<span class="tag">{}</span>').format(tag) for tag in self.tags)
        return Markup('<li class="lane"><p class="branch"><b>{}</b>{}</p><ol class="stages">{}</ol></li>').format(
            self.branch, tags, Markup("").join(node.html(kinds) for node in self.nodes)
        )


def draw(
    lanes: Sequence[Lane],
    *,
    kinds: Mapping[str, str],
    states: Mapping[str, str],
    legend: str,
    loose: tuple[str, Sequence[str]] | None = None,
) -> Markup:
    """The map: a legend, a lane a branch, and under them what stands on no stage.

    Args:
        kinds: Name of each of :data:`GLYPHS`.
        states: State to its word, for the legend; only those that occur.
        legend: Names the legend.
        loose: Heading and names of what is of the chain and on no stage.

    >>> node = Node("Upstream", "missing", "not named", "Fibre")
    >>> kinds = dict.fromkeys(GLYPHS, "Firm")
    >>> html = draw([Lane("Fibre", [], [node])], kinds=kinds, states={"missing": "not named"}, legend="Marks")
    >>> html.count("<details"), html.count("data-state")
    (1, 2)
    """
    keys = [Markup('<li><span class="key" data-state="{}"></span>{}</li>').format(*item) for item in states.items()]
    keys += [Markup('<li><span class="{}">{}</span></li>').format(*item) for item in kinds.items()]
    rest = Markup("")
    if loose and loose[1]:
        items = Markup("").join(Markup("<li>{}</li>").format(name) for name in loose[1])
        rest = Markup('<div class="loose"><p>{}</p><ul>{}</ul></div>').format(loose[0], items)
    return Markup('<ul class="map-legend" aria-label="{}">{}</ul><ol class="chain-map">{}</ol>{}').format(
        legend, Markup("").join(keys), Markup("").join(lane.html(kinds) for lane in lanes), rest
    )


class Drawing(Figure):
    """A figure whose chart is HTML (:func:`draw`). Its table is folded on a screen: the drawing needs no script."""

    def _chart(self) -> Markup:
        return Markup('<p class="unseen">{}</p><div class="drawing">{}</div>').format(self.alt, self.chart)

    def _data(self) -> Markup:
        return Markup(str(super()._data()).replace(" open>", ">", 1))

    def _ipython_display_(self) -> None:
        from IPython.display import HTML, display

        display(HTML(self.html()))
