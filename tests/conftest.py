"""The cities that tests ask of: the project's own, and a made one with other names."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tylib.store import City, open_city

from . import made_city as made


@pytest.fixture(scope="session")
def city() -> City:
    """The city of the project's own tables."""
    return open_city(made.PROJECT)


@pytest.fixture(scope="session")
def written_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the made city, written once; only to be read."""
    return made.write(tmp_path_factory.mktemp("made") / "wujiang")


@pytest.fixture
def made_city(written_city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    """A copy of the made city that a test may spoil."""
    for name in ("TYLIB_CITY", "TYLIB_REPORTS"):
        monkeypatch.delenv(name, raising=False)
    return open_city(shutil.copytree(written_city, tmp_path / "wujiang"))


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="session")
def browser():
    """Chromium, or a skip that says what to install."""
    path = os.environ.get("TYLIB_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not path:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()
