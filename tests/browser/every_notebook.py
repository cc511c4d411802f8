"""Every notebook in JupyterLab, by hand: what each takes and shows, and pictures of all of it to look at.

::

    python3 run.py test -q -s tests/browser/every_notebook.py
    TYLIB_PICTURES=pictures python3 run.py test -q -s tests/browser/every_notebook.py -k "30 or 40"

prints one line a notebook; with ``TYLIB_PICTURES`` it also takes each at 1440 and 1024 pixels, light and dark, into
that folder. The cache of results is empty at the start, so what several share is paid by the first of them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.browser.jupyter import NOTEBOOKS

pytestmark = pytest.mark.browser
LOOKS = [(1440, "light"), (1440, "dark"), (1024, "light"), (1024, "dark")]
COLUMNS = ("notebook", "seconds", "cells", "charts", "tables")


@pytest.fixture(scope="module", autouse=True)
def heading():
    print("\n| " + " | ".join(COLUMNS) + " |\n" + "|---" * len(COLUMNS) + "|")


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_it_runs_and_draws_in_jupyterlab(lab, name):
    opened = lab(name)
    seconds = opened.run_all()
    put_out, drawn = opened.charts
    cells, tables = len(opened.outputs), opened.page.locator(".jp-OutputArea table").count()
    print(f"| {name} | {seconds:.1f} | {cells} | {drawn} of {put_out} | {tables} |", flush=True)
    if folder := os.environ.get("TYLIB_PICTURES"):
        take(opened, Path(folder).resolve() / name[:2])
    assert put_out == drawn
    assert (opened.stderr, opened.errors, opened.foreign) == ([], [], [])


def take(opened, folder: Path) -> None:
    """Pictures of one notebook at every width and in both themes, without running it again."""
    for width, scheme in LOOKS:
        opened.page.set_viewport_size({"width": width, "height": 900})
        opened.page.emulate_media(color_scheme=scheme)
        opened.page.wait_for_timeout(1000)
        opened.screenshot(folder / f"{width}-{scheme}.png", tall=1800)
