"""Which package makes the brief of which kind of unit."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tylib.store.units import KINDS

if TYPE_CHECKING:
    from tylib.brief.document import Document
    from tylib.store import City


def brief(unit: str, *, language: str, city: City | None = None) -> Document:
    """The brief of any unit, by the function that its notebook calls."""
    kind = unit.partition(":")[0]
    assert kind in KINDS
    return import_module(f"tylib.brief.{kind}").brief(unit, language=language, city=city)
