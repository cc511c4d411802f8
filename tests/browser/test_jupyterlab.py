"""Notebooks in a real JupyterLab with no network: every cell runs, every chart is drawn, nothing is complained of.

Two of them here, between them light and dark, wide and narrow; ``every_notebook.py`` takes all, by hand.
"""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

CUT_OFF = """() => [...document.querySelectorAll('.picture svg')].filter(svg => {
    const own = svg.getBoundingClientRect(), room = svg.closest('.jp-OutputArea-output').getBoundingClientRect();
    return own.right > room.right + 1 || own.left < room.left - 1;
}).length"""
UNHATCHED = """() => [...document.querySelectorAll('.picture [fill^="url("]')].filter(mark => {
    const name = mark.getAttribute('fill').match(/#([^)"]+)/)[1];
    return !mark.closest('svg').querySelector('pattern[id="' + name + '"]');
}).length"""
HATCHED = """() => document.querySelectorAll('.picture [fill^="url("]').length"""
CONTRAST = """() => {
    const light = colour => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map(v => v / 255).map(
            v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
        return .2126 * r + .7152 * g + .0722 * b;
    };
    const paper = light(getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor);
    const ratio = colour => (Math.max(light(colour), paper) + .05) / (Math.min(light(colour), paper) + .05);
    const words = '.picture svg .role-axis-label text, .jp-OutputArea-output :is(h2, td, .figure-title)';
    return Math.min(...[...document.querySelectorAll(words)].map(
        word => ratio(getComputedStyle(word)[word.namespaceURI.endsWith('svg') ? 'fill' : 'color'])));
}"""
PAPER = "() => getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor"


@pytest.mark.parametrize(
    ("name", "width", "dark", "hatched"), [("00_start_here", 1440, False, 0), ("10_what_do", 1024, True, 50)]
)
def test_a_notebook_runs_untouched_and_draws_every_chart(lab, name, width, dark, hatched):
    opened = lab(name, width=width, dark=dark)
    opened.run_all()
    put_out, drawn = opened.charts
    assert put_out == drawn > 0
    assert (opened.stderr, opened.errors, opened.foreign) == ([], [], [])
    assert opened.page.evaluate(CUT_OFF) == 0
    assert opened.page.evaluate(UNHATCHED) == 0  # each has its pattern in its own picture
    assert opened.page.evaluate(HATCHED) >= hatched
    assert opened.page.evaluate(CONTRAST) >= 4.5
    assert (opened.page.evaluate(PAPER) == "rgb(17, 17, 17)") == dark


def test_the_first_notebook_leads_to_the_others(lab):
    opened = lab("00_start_here")
    opened.page.locator(".jp-RenderedMarkdown a", has_text="93 zone brief").click()
    opened.page.wait_for_function(
        "window.jupyterapp.shell.currentWidget.context?.path == 'notebooks/93_zone_brief.ipynb'"
    )
    assert opened.errors == []
