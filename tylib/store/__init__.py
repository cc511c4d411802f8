"""Data, parameters and words: read, checked, with provenance. Of the floors, only this and ``batch`` touch the disk."""

from tylib.store.city import City, open_city
from tylib.store.facts import conflicts, facts, preferred
from tylib.store.tables import TableReport, check, load
from tylib.store.words import Words, words

__all__ = ["City", "TableReport", "Words", "check", "conflicts", "facts", "load", "open_city", "preferred", "words"]
