"""What stands is left as it is; what would come out another way is made, with its reason."""

from __future__ import annotations

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


@pytest.mark.parametrize("changed", ["data/places.csv", "params/i18n/en/page.yml", "notebooks/90_brief.ipynb"])
def test_other_inputs_make_all_due(made, todo, changed):
    path = made.root / changed
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert due(todo, made) == dict.fromkeys(todo, "made from other inputs")


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
