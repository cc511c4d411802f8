"""A figure as HTML, and the page's pure functions over it."""

from __future__ import annotations

import json
import re
from types import MappingProxyType

import polars as pl
import pytest
from markupsafe import Markup

from tylib.brief import blocks, charts, page, theme
from tylib.brief.figure import Figure
from tylib.errors import ParameterError
from tylib.store import Words

SAY = Words(
    "en",
    MappingProxyType(
        {
            "page.data": "Data <table>",
            "page.csv": "CSV",
            "page.svg": "SVG",
            "page.no_picture": "(not shown)",
            "page.chart_failed": "failed",
            "page.lang": "en",
            "page.skip": "skip",
            "page.contents": "contents",
            "page.edition": "Edition {edition}",
            "page.inputs": "Inputs {hash}",
            "page.licence": "Licence {licence}",
        }
    ),
)
EVIL = '</script><script>alert("x")</script>'


def figure(**changes) -> Figure:
    frame = pl.DataFrame({"label": [EVIL, "b"], "value": [2.0, None], "text": ["2", "not published"]})
    given = {
        "chart": charts.ranking(frame, unit="t", description="d"),
        "key": "gdp",
        "title": "GDP & more",
        "alt": 'says "so"',
        "words": SAY,
        "foot": "<i>",
        "table": Markup("<table></table>"),
        "csv": "a,b\n1,2\n",
    }
    return Figure(**(given | changes))


def spec_of(html: str) -> dict:
    return json.loads(re.search(r'class="vega-spec">(.*?)</script>', html, re.S)[1])


def test_nothing_a_table_holds_can_close_the_script_element():
    html = str(figure().html())
    assert html.count("</script>") == 1
    assert EVIL in json.dumps(spec_of(html)).replace("\\n", "").replace('\\"', '"')


def test_text_is_escaped_and_markup_is_kept():
    html = str(figure(table="<b>plain</b>").html())
    assert "GDP &amp; more" in html
    assert "says &#34;so&#34;" in html
    assert "&lt;i&gt;" in html
    assert "&lt;b&gt;plain" in html
    assert "<table></table>" in str(figure().html())


def test_the_same_figure_is_the_same_text():
    assert figure().html() == figure().html()


def test_no_figure_needs_a_style_attribute_or_a_handler():
    html = re.sub(r"<script.*?</script>", "", str(figure().html()), flags=re.S)
    assert not re.search(r"\s(style|on\w+)=", html)


def test_the_table_stands_open_for_readers_without_scripts():
    assert '<details class="data-table" open>' in figure().html()
    assert "<details" not in figure(table="").html()


def test_a_key_that_cannot_be_an_id_is_refused():
    with pytest.raises(ParameterError, match="small letters"):
        figure(key="GDP 2023")


def test_in_a_batch_a_figure_shows_nothing_but_html(monkeypatch):
    shown = []
    monkeypatch.setenv("TYLIB_BATCH", "1")
    monkeypatch.setattr("IPython.display.display", shown.append)
    figure()._ipython_display_()
    assert [item.data for item in shown] == [str(figure().html())]


@pytest.fixture
def shown(monkeypatch):
    """What two figures display in a notebook."""
    seen = []
    monkeypatch.delenv("TYLIB_BATCH", raising=False)
    monkeypatch.setattr("IPython.display.display", seen.append)
    for _ in range(2):
        figure()._ipython_display_()
    return [item.data for item in seen]


def test_in_a_notebook_a_figure_shows_a_picture_between_its_words(shown):
    html, _ = shown
    head, drawn, foot = re.fullmatch(r'(.+)<div class="picture">(<svg.+</svg>)<p .+?</div>(.+)', html, re.S).groups()
    assert "GDP &amp; more" in head
    assert 'aria-label="says &#34;so&#34;"' in drawn and "var(--" not in drawn
    assert "&lt;i&gt;" in foot and 'download="gdp.svg"' in foot and 'download="gdp.csv"' in foot
    assert "(not shown)" in html  # for a viewer that takes the picture out


def test_pictures_on_one_page_share_no_name(shown):
    one, other = (set(re.findall(r' id="([^"]+)"', html)) - {"fig-gdp-title"} for html in shown)
    assert one and other and not one & other
    assert set(re.findall(r"url\(#([^)]+)\)", shown[0])) <= one


def test_the_page_holds_the_theme_once_and_specs_hold_none():
    spec = spec_of(str(figure().html()))
    assert "config" not in spec
    assert "$schema" not in spec
    assert "width" not in spec
    assert theme.themed(figure().chart)["config"]["view"]


def test_every_colour_name_of_a_chart_is_a_token_in_both_schemes():
    used = set(re.findall(r"var\(--([a-z0-9-]+)\)", json.dumps([spec_of(str(figure().html())), theme.config()])))
    colours = page.tokens()["color"]
    assert used <= set(colours["light"])
    assert set(colours["light"]) == set(colours["dark"])


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_on_its_ground(scheme):
    colour = page.tokens()["color"][scheme]
    pairs = [(ink, ground) for ink in ("ink", "muted", "accent", "second") for ground in ("paper", "tint")]
    pairs += [(f"on-step-{i}", f"step-{i}") for i in range(1, 6)]
    assert {pair: ratio for pair in pairs if (ratio := _contrast(colour[pair[0]], colour[pair[1]])) < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_steps_can_be_told_apart_in_grey(scheme):
    colour = page.tokens()["color"][scheme]
    levels = [_luminance(colour[f"step-{i}"]) for i in range(1, 6)]
    assert levels == sorted(levels, reverse=scheme == "light")
    assert all(_contrast(colour[f"step-{i}"], colour[f"step-{i + 1}"]) > 1.25 for i in range(1, 5))


def test_a_reference_to_a_figure_that_is_not_there_is_plain_text():
    html = '<a class="figure-ref" href="#fig-none">above</a>'
    assert page.number_figures(html, "Figure {}".format) == "above"


def test_the_running_head_cannot_leave_its_string():
    css = page.css(running_head='"}</style><b>清徐', running_edition="2026")
    head = css[css.index("@page{@top-left") :]
    assert "</style" not in css
    assert "清徐" in head
    assert head.count('"') == 4


def test_the_context_has_a_policy_for_exactly_its_own_styles_and_scripts():
    context = page.context("", title="t", words=SAY, bundle="let a = 1;", edition="<2026>", licence=Markup("<a>CC</a>"))
    policy = page.content_security_policy(styles=[context["css"]], scripts=["let a = 1;", context["js"]])
    assert context["csp"] == policy
    assert "unsafe" not in policy
    assert [str(line) for line in context["foot"]] == [
        '<span class="edition">Edition &lt;2026&gt;</span>',
        '<span class="licence">Licence <a>CC</a></span>',
    ]


def test_a_bundle_that_would_close_its_element_is_refused():
    with pytest.raises(ValueError, match="closing script"):
        page.context("", title="t", words=SAY, bundle='"</SCRIPT>"')


def test_blocks_escape_and_keep_their_shapes():
    html = blocks.section("a", "One <two>", "text & more", "", Markup("<p>as is</p>"), source="from <x>")
    assert html == (
        '<section class="part" aria-labelledby="part-a"><h2 id="part-a">One &lt;two&gt;</h2><p>text &amp; more</p>'
        '<p>as is</p><p class="source-line">from &lt;x&gt;</p></section>'
    )
    assert page.contents(html) == [("part-a", "One <two>")]
    assert blocks.key_numbers([], label="x") == blocks.legend([], label="x") == blocks.requests([]) == ""


def test_a_strip_puts_the_absent_last_and_hangs_losses_below_zero():
    html = str(blocks.strip([1.0, None, -1.0], own=1, label="3rd"))
    kinds = re.findall(r'class="([a-z ]+)" x="([\d.]+)" y="([\d.]+)"', html)
    assert [kind for kind, _, _ in kinds] == ["peer", "peer", "own none"]
    assert float(kinds[1][2]) > float(kinds[0][2])
    assert blocks.strip([0.0, 0.0], own=0, label="all zero").count('height="1.0"') == 2
