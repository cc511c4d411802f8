"""A brief as one frozen value: its parts by name, each of which shows itself on the page and in JupyterLab."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from markupsafe import Markup

from tylib.brief import blocks
from tylib.errors import unknown

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Part:
    """One part of a brief. Without blocks it has nothing to say and shows nothing.

    Attributes:
        key: Name of the part; its heading has the id ``part-KEY``. Empty for the opening.
        heading: The finding, a sentence.
        blocks: Paragraphs (text), HTML (``Markup``), figures.
        source: Where it comes from, in one line.
        kind: ``not-published``, ``sources`` or nothing.
    """

    key: str = ""
    heading: str = ""
    blocks: tuple = ()
    source: str = ""
    kind: str = ""

    def html(self) -> Markup:
        """The part as one block of the page."""
        if not self.blocks:
            return Markup("")
        if not self.key:
            return Markup("").join(self.blocks)
        return blocks.section(self.key, self.heading, *self.blocks, source=self.source, kind=self.kind)

    def _ipython_display_(self) -> None:
        from IPython.display import HTML, display

        if not self.blocks:
            return
        if os.environ.get("TYLIB_BATCH") == "1":
            display(HTML(self.html()))
            return
        # In JupyterLab a figure draws itself; the texts around it are shown one by one.
        if self.heading:
            display(HTML(Markup("<h2>{}</h2>").format(self.heading)))
        for block in self.blocks:
            if hasattr(block, "_ipython_display_"):
                display(block)
            else:
                display(HTML(block if hasattr(block, "__html__") else Markup("<p>{}</p>").format(block)))
        if self.source:
            display(HTML(Markup('<p class="source-line">{}</p>').format(self.source)))


@dataclass(frozen=True)
class Document:
    """A brief of one unit in one language.

    Attributes:
        unit: ``county:CODE``.
        language: Language of everything in it.
        parts: Parts by name, in the order of the page.
    """

    unit: str
    language: str
    parts: Mapping[str, Part] = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", MappingProxyType(dict(self.parts)))

    def __getitem__(self, name: str) -> Part:
        """A part by name; one with nothing to say is empty, one that no brief has is an error."""
        if name not in self.parts:
            raise unknown("part of the brief", name, self.parts)
        return self.parts[name]

    def html(self) -> Markup:
        """All parts in order."""
        return Markup("").join(part.html() for part in self.parts.values())
