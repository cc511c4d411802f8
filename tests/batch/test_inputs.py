"""A brief depends on the tables it asked for, and on the corrections that apply to them."""

from __future__ import annotations

from tylib.batch.inputs import inputs
from tylib.batch.plan import Job
from tylib.store import load
from tylib.store.memory import USED


def test_what_is_asked_for_is_noted_with_its_corrections(made_city, monkeypatch):
    USED.clear()
    for _ in range(2):  # what is kept in memory is noted as well
        load("places", made_city)
        assert {"table places", "table corrections"} == USED
        USED.clear()
        load("places", made_city)
    now = inputs([], made_city)
    monkeypatch.setitem(now.notebooks, "90", "n")
    made_of = now.of(Job("county:1", "zh", "90", ()), USED)
    assert {"table places", "table corrections", "words zh"} <= made_of.keys()
    assert "table towns" not in made_of and "words en" not in made_of
