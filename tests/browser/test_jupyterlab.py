"""Notebooks in a real JupyterLab with no network: every cell runs, every chart is drawn, nothing is complained of."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("name", "dark"), [("00", False), ("40", True)])
def test_a_notebook_runs_untouched_and_draws_every_chart(lab, name, dark, tmp_path):
    opened = lab(name, dark=dark)
    seconds = opened.run_all()
    print(opened.name, seconds, opened.charts, opened.screenshot(tmp_path / "x.png", tall=1500))
    put_out, drawn = opened.charts
    assert put_out == drawn > 0
    assert (opened.stderr, opened.errors, opened.foreign) == ([], [], [])
    assert seconds < 60
