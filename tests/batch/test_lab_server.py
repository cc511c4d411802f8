"""While JupyterLab runs, what notebooks share is made beside it; a folder that holds no city costs nothing."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from tylib.batch import lab_server


@pytest.fixture
def started(monkeypatch):
    """Start the extension in a folder: the cities that were prepared, and what the server was told."""
    asked, said = [], []

    def start(folder, failing: str = "") -> tuple[list, list]:
        monkeypatch.setattr(lab_server, "prepare", lambda city, **_: asked.append(city.root) or failing)
        log = SimpleNamespace(info=said.append, warning=said.append)
        lab_server._load_jupyter_server_extension(SimpleNamespace(root_dir=str(folder), log=log))
        for thread in threading.enumerate():
            if thread.name == "preparing":
                thread.join(10)
        return asked, said

    return start


def test_the_city_of_the_server_is_prepared(started, made_city):
    assert started(made_city.root) == ([made_city.root], [])


def test_what_fails_is_said_in_the_log(started, made_city):
    assert started(made_city.root, failing="not prepared")[1] == ["not prepared"]


def test_a_folder_without_a_city_is_left_alone(started, tmp_path, monkeypatch):
    monkeypatch.delenv("TYLIB_CITY", raising=False)
    assert started(tmp_path) == ([], [])


def test_jupyter_finds_it_by_the_name_that_run_py_gives():
    assert lab_server._jupyter_server_extension_points() == [{"module": "tylib.batch.lab_server"}]
