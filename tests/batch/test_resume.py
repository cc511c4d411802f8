"""What stands is left as it is; what would come out another way is made, with its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tylib.batch.resume import due
from tylib.batch.runner import run

pytestmark = pytest.mark.usefixtures("one_process")


@pytest.fixture
def made(city, todo, engines):
    """The city after one whole run."""
    run(todo, city, execute=engines.answer)
    return city


def test_everything_is_due_before_the_first_run(city, todo):
    assert due(todo, city) == dict.fromkeys(todo, "not made yet")


def test_nothing_is_due_after_it(made, todo):
    assert due(todo, made) == {}


def test_all_is_due_when_asked_for(made, todo):
    assert due(todo, made, force=True) == dict.fromkeys(todo, "asked for")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ("params/judgements.yml", "parameters"), ("notebooks/90_brief.ipynb", "notebook 90_brief"),
        ("data/datapackage.json", "list of tables"), ("requirements.lock", "lock"),
    ],
)  # fmt: skip
def test_what_every_brief_depends_on_makes_all_due(made, todo, changed, told):
    path = made.root / changed
    path.write_text((path.read_text(encoding="utf-8") if path.exists() else "") + "\n", encoding="utf-8")
    assert due(todo, made) == dict.fromkeys(todo, f"changed since: {told}")


def test_what_only_some_briefs_loaded_makes_only_these_due(city, todo, engines):
    run(todo, city, execute=engines.ask_for_places_in_the_north)
    words, table = city.params / "i18n" / "en" / "page.yml", city.data / "places.csv"
    words.write_text(words.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert due(todo, city) == {job: "changed since: words en" for job in todo if job.language == "en"}
    table.write_text(table.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert due(todo, city) == {
        job: "changed since: " + ", ".join(
            (["table places"] if job.unit.endswith("01") else []) + (["words en"] if job.language == "en" else [])
        )
        for job in todo if job.unit.endswith("01") or job.language == "en"
    }  # fmt: skip


def test_a_plan_counts_by_what_it_asks_for(made, todo):
    plan = made.params / "plans" / "all.yml"
    plan.write_text(plan.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert due(todo, made) == {}
    other = [replace(todo[0], parameters=(*todo[0].parameters, ("year", 2024)))]
    assert due(other, made) == dict.fromkeys(other, "changed since: parameters of the brief")


def test_pages_of_the_other_form_are_due(made, todo):
    assert due(todo, made, shared=True) == dict.fromkeys(todo, "changed since: form of the page")


def test_tables_of_the_users_own_are_inputs_and_leave_no_trace_when_withdrawn(made, todo, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("tylib.store.tables.contents", lambda city, own: {"I0001/places": "x"})
        assert due(todo, made) == dict.fromkeys(todo, "changed since: own tables")
    assert due(todo, made) == {}


def test_a_page_that_is_gone_or_changed_is_due(made, todo):
    (made.reports / todo[0].page).unlink()
    (made.reports / todo[1].page).write_text("x", encoding="utf-8")
    (made.reports / todo[2].executed).unlink()
    assert due(todo, made) == {
        todo[0]: "its page or notebook is gone", todo[1]: "its page was changed since",
        todo[2]: "its page or notebook is gone",
    }  # fmt: skip


def test_only_what_failed(city, todo, engines):
    run(todo, city, execute=engines.fail_on_south)
    south = [job for job in todo if job.unit.endswith("02")]
    failed = due(todo, city, only_failed=True)
    assert list(failed) == south and set(failed.values()) == {"failed: ValueError: no <such> thing"}
    assert list(due(todo, city, only_failed=True, force=True)) == south
    run(south, city, execute=engines.answer)
    assert due(todo, city) == {}
