"""What is remembered: never stale, whoever asks is noted, it travels to another process without a query there."""

from __future__ import annotations

import subprocess
import sys

import polars as pl
import pytest

from tylib.store import facts, kept, load, memory
from tylib.store.memory import USED, one_edition, remembered

TOLD = """import sys
from pathlib import Path
from tylib.batch import fork
from tylib.store import memory
fork.preload()
memory.take(Path(sys.argv[1]).read_bytes())
fork.refuse_after_queries()
(frame,) = [kept[1] for by in memory._kept.values() for kept in by.values()]
print(frame.rows(), frame.schema)
"""


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    monkeypatch.setattr(memory, "_kept", {name: {} for name in memory._kept})
    monkeypatch.setattr(memory, "_own", [])


def asked_for_by(ask):
    USED.clear()
    ask()
    return set(USED)


def touch(path):
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")


def test_whoever_finds_a_result_has_asked_for_what_it_comes_from(made_city):
    @remembered
    def inner(city):
        return load("places", city).height

    @remembered
    def outer(city, factor):
        return factor * inner(city)

    load("sources", made_city)
    wanted = {"table places", "table corrections"}
    assert asked_for_by(lambda: inner(made_city)) == wanted
    for _ in range(2):  # made from what is remembered, then remembered itself
        assert asked_for_by(lambda: outer(made_city, 2)) == wanted
    first = asked_for_by(lambda: facts(made_city))
    assert first == asked_for_by(lambda: facts(made_city)) and "table sources" in first


def test_what_is_read_from_the_disk_has_been_asked_for_too(made_city):
    def ask():
        kept.frame(made_city, "thing", "key", lambda: load("places", made_city).head(1))
        kept.arrays(made_city, "thing", "key", lambda: {"a": load("sources", made_city)["source_id"].to_numpy()[:0]})

    made, read = asked_for_by(ask), asked_for_by(ask)
    assert made == read == {"table places", "table sources", "table corrections"}


def test_a_result_is_made_again_after_a_change_unless_one_edition_is_asked_for(made_city):
    calls = []

    @remembered
    def counted(city):
        calls.append(load("places", city).height)
        return len(calls)

    path = made_city.params / "bounds.yml"
    assert [counted(made_city), counted(made_city)] == [1, 1]
    touch(path)
    assert counted(made_city) == 2
    with one_edition():
        counted(made_city)
        touch(path)
        assert counted(made_city) == 2
        with one_edition():
            assert counted(made_city) == 2
    assert counted(made_city) == 3


def test_what_was_worked_out_travels_without_a_query(made_city, tmp_path):
    kinds = pl.Enum(["a", "b"])
    frame = pl.DataFrame({"kind": ["b", None], "list": [[1.5], []]}, schema_overrides={"kind": kinds})

    @remembered
    def thing(city):
        return frame.with_row_index("at")

    thing(made_city)
    (tmp_path / "lesson").write_bytes(memory.told())
    told = subprocess.run([sys.executable, "-c", TOLD, tmp_path / "lesson"], capture_output=True, text=True)
    assert told.stdout.strip() == f"{thing(made_city).rows()} {thing(made_city).schema}", told.stderr
