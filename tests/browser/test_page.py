"""A whole page in Chromium with the network closed: drawn, quiet, accessible, in both languages, on every screen."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser
LANGUAGES = ("zh", "en")
OUTSIDE = """() => [...document.querySelectorAll('figure svg.marks text')]
    .filter(text => text.textContent && getComputedStyle(text).opacity !== '0')
    .filter(text => { const box = text.getBoundingClientRect(), all = text.closest('figure').getBoundingClientRect();
                      return box.left < all.left - 3 || box.right > all.right + 3; })
    .map(text => text.closest('figure').id + ': ' + text.textContent)"""
OWN_BAR = "() => getComputedStyle([...document.querySelectorAll('#fig-ranking .mark-rect path')].at(-1)).fill"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chart_is_drawn_and_nothing_is_requested_or_complained_of(
    browser_page, axe, sample, language, width, scheme
):
    opened = browser_page(sample(language), width=width, scheme=scheme)
    assert opened.charts == (8, 8)
    assert opened.requests == []
    assert opened.errors == []
    assert axe(opened.page) == []


@pytest.mark.parametrize("width", [1440, 1280, 768, 390, 320])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_scrolls_sideways_and_no_word_leaves_its_figure(browser_page, sample, language, width):
    opened = browser_page(sample(language), width=width)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    if width >= 390:
        assert opened.page.evaluate(OUTSIDE) == []


def test_charts_follow_their_column_when_the_window_changes(browser_page, sample):
    opened = browser_page(sample("en"), width=1280)
    wide = opened.page.locator("#fig-ranking svg.marks").bounding_box()["width"]
    opened.page.set_viewport_size({"width": 390, "height": 800})
    opened.page.wait_for_function(
        "document.querySelector('#fig-ranking svg.marks').getBoundingClientRect().width < 400"
    )
    assert wide > 600
    assert opened.page.evaluate(OUTSIDE) == []


def test_a_dark_screen_changes_the_colours_of_drawn_charts(browser_page, sample):
    opened = browser_page(sample("en"))
    light = opened.page.evaluate(OWN_BAR)
    opened.page.emulate_media(color_scheme="dark")
    dark = opened.page.evaluate(OWN_BAR)
    opened.page.emulate_media(color_scheme="dark", media="print")
    assert light != dark
    assert opened.page.evaluate(OWN_BAR) == light


def test_without_scripts_every_table_is_open(browser_page, sample):
    opened = browser_page(sample("zh"), scripts=False)
    tables = opened.page.locator("details.data-table table")
    assert tables.count() == 8
    assert all(tables.nth(index).is_visible() for index in range(8))


def test_with_scripts_the_tables_are_folded_until_printed(browser_page, sample):
    opened = browser_page(sample("zh"))
    table = opened.page.locator("#table-ranking")
    assert not table.is_visible()
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert table.is_visible()
    opened.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not table.is_visible()


def test_a_chart_that_cannot_be_drawn_says_so_and_shows_its_table(browser_page, broken):
    opened = browser_page(broken)
    assert opened.charts == (8, 7)
    assert opened.page.locator("#fig-ranking .chart-failed").is_visible()
    assert opened.page.locator("#table-ranking").is_visible()
    assert not opened.page.locator("#table-path").is_visible()


def test_the_policy_stops_what_is_not_the_pages_own(browser_page, sample):
    opened = browser_page(sample("en"))
    ran = opened.page.evaluate(
        # In a timer, because what the test itself says to the browser is exempt from the policy.
        """() => new Promise(done => setTimeout(() => {
            const script = document.createElement('script'); script.textContent = 'window.foreign = 1';
            document.body.append(script); let evaluated = false;
            try { evaluated = eval('true'); } catch {}
            done([window.foreign ?? 0, evaluated]); }))"""
    )
    assert ran == [0, False]


def test_landmarks_headings_and_numbers_are_in_order(browser_page, sample):
    opened = browser_page(sample("zh"))
    assert opened.page.evaluate("document.documentElement.lang") == "zh-Hans"
    for landmark in ("body > header", "nav[aria-label]", "main", "body > footer"):
        assert opened.page.locator(landmark).count() == 1
    assert opened.page.locator("h1").count() == 1
    numbers = opened.page.locator(".figure-number").all_text_contents()
    assert numbers == [f"图{number}" for number in range(1, 9)]
    assert opened.page.locator("nav.contents a").count() == opened.page.locator("main h2").count()


def test_print_is_a4_with_running_head(browser_page, sample):
    opened = browser_page(sample("en"))
    pdf = opened.page.pdf(prefer_css_page_size=True, print_background=True)
    boxes = {tuple(round(float(x)) for x in box.split()) for box in re.findall(rb"/MediaBox \[([\d. ]+)\]", pdf)}
    assert boxes == {(0, 0, 595, 842)}
