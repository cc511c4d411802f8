"""The sheet a brief stands on: tokens, stylesheet, script and template, and the contract of the HTML between them.

**The contract.** A brief is a row of HTML blocks, one a notebook cell. The template puts them inside ``<main>``
and adds everything else (skip link, contents, foot). The policy of the page forbids ``style="..."`` attributes,
``on...`` handlers and any script of a block's own: say it with a class. ``tylib.brief.blocks`` writes all of the
blocks below; whoever writes HTML by hand keeps to the same shapes. ``key`` is ``[a-z0-9-]+``, once on a page.

Opening (``blocks.opening``)::

    <header class="opening">
      <p class="kicker">City · County · Edition</p>
      <h1 class="headline">The answer in a sentence.</h1>
      <p class="standfirst">Two sentences: support, and what is not known.</p>
    </header>

Key numbers (``blocks.key_numbers``, ``blocks.key_number``, ``blocks.strip``); three to five of them::

    <ul class="key-numbers">
      <li class="key-number">
        <p class="label">Residents</p>
        <p class="value"><span class="figure-value">346.9</span> <span class="unit">thousand</span> STATUS</p>
        <p class="when">end of 2024</p>
        <p class="place"><svg class="strip" ...>ten bars</svg> 5th of ten</p>
      </li>
    </ul>

Status mark, beside a figure in text, table and card (``brief.status``); nothing where published::

    <span class="status" data-status="derived"><sup aria-hidden="true">≈</sup><span class="unseen">derived</span></span>

Legend of the marks that occur, once, under the key numbers (``blocks.legend``)::

    <ul class="legend" aria-label="..."><li><span class="swatch" data-status="estimated"></span>interval</li></ul>

Section (``blocks.section``): its heading is its finding; at most one figure, 80 words, then where it comes from::

    <section class="part" aria-labelledby="part-KEY">
      <h2 id="part-KEY">Industry carries two thirds of the county's value added.</h2>
      <p>...</p>  FIGURE or TABLE  <p class="source-line">...</p>
    </section>

Figure (``figure.Figure``): see that module. Its number and the references to it are filled in by ``number_figures``::

    <span class="figure-number"></span>  and  <a class="figure-ref" href="#fig-KEY"></a>

Table (``tables.html_table``)::

    <div class="table-scroll" role="region" tabindex="0" aria-label="...">
      <table class="lookup" id="table-KEY">...</table></div>

Inside text: ``.tag`` (a small label), ``.absent`` (the word "not published", hatched), ``.num`` (a figure that must
not break from its unit), ``.unseen`` (for screen readers only), ``.note`` (an aside in small type),
``.conflict`` (two published values for one thing), ``.demonstration`` (a banner; also draws the watermark).

What is not published (``blocks.requests``): a part whose list is a list of requests::

    <section class="part not-published" aria-labelledby="part-KEY"><h2 id="part-KEY">...</h2>
      <ol class="requests"><li><p class="what">...</p><p class="ask">table</p><p class="holder">holder</p></li></ol>
    </section>

Sources (``blocks.sources``); where one is linked the words of the link are its address, so that print needs no more::

    <section class="part sources" aria-labelledby="part-sources"><h2 id="part-sources">...</h2>
      <ol><li id="source-Q0001">...</li></ol></section>

**The exporter** makes ``resources["brief"] = context(...)``, runs nbconvert's ``HTMLExporter`` with
``template_name="tylib", extra_template_basedirs=[template_path()]`` and passes the result through
``number_figures``. ``context`` documents each name. The bundle is vl-convert's default one
(``vl_convert.javascript_bundle(vl_version="6.4")``, which sets ``window.vegaEmbed``).
"""

from __future__ import annotations

import html as _html
import json
import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tylib.store import Words

VEGALITE = "6.4"
"""The Vega-Lite version of the specs that Altair 6.3 writes, and of the bundle that draws them."""


def _asset(name: str) -> str:
    return (files(__name__) / name).read_text(encoding="utf-8")


@cache
def tokens() -> dict[str, Any]:
    """The one list of colours (light and dark), type sizes, line heights and widths.

    >>> tokens()["color"]["light"]["paper"], tokens()["size"]["body"]
    ('#ffffff', 17)
    """
    return json.loads(_asset("tokens.json"))


def _font(stack: Sequence[str]) -> str:
    generic = {"serif", "sans-serif", "system-ui", "monospace"}
    return ", ".join(name if name in generic else f'"{name}"' for name in stack)


def custom_properties() -> str:
    """The tokens as CSS custom properties: light, dark where the reader's screen asks for it, light again in print."""
    known = tokens()

    def block(scheme: str) -> str:
        return "".join(f"--{name}:{value};" for name, value in known["color"][scheme].items())

    fixed = [f"--{name}:{_font(stack)};" for name, stack in known["font"].items()]
    fixed += [f"--size-{name}:{value}px;" for name, value in known["size"].items()]
    fixed += [f"--line-{name}:{value};" for name, value in known["line"].items()]
    fixed += [f"--measure-{name}:{value};" for name, value in known["measure"].items()]
    fixed += [f"--width-{name}:{value}px;" for name, value in known["width"].items()]
    fixed += [f"--section:{known['space']['section']}px;"]
    return (
        f":root{{color-scheme:light dark;{''.join(fixed)}{block('light')}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{block('dark')}}}}}\n"
    )


def _css_string(text: str) -> str:
    """A CSS string that no title can close: everything but letters, digits and spaces is escaped by code point."""
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text) + '"'


def css(*, running_head: str = "", running_edition: str = "") -> str:
    """The stylesheet: tokens, rules, and for print the running head of each sheet (:func:`running`)."""
    return _sheet() + running(running_head, running_edition)


@cache
def _sheet() -> str:
    return custom_properties() + _asset("brief.css") + _asset("chain_map.css")


def running(head: str, edition: str) -> str:
    """The rule for what each printed sheet but the first has at its top.

    Args:
        head: At the left, as the title.
        edition: At the right.
    """
    if not (head or edition):
        return ""
    return f"@page{{@top-left{{content:{_css_string(head)}}}@top-right{{content:{_css_string(edition)}}}}}\n"


def watermark(word: str) -> str:
    """The rule for the word behind the figures of a page whose data are made up; none where there is no word."""
    return f":root{{--watermark:{_css_string(word)}}}\n" if word else ""


@cache
def script() -> str:
    """The script that draws the charts of a page with the embedded bundle."""
    return _asset("brief.js")


def hatch() -> str:
    """The one pattern for what is absent, as an SVG of no size; charts fill with ``url(#hatch)``."""
    return _asset("hatch.svg").strip()


def template_path() -> str:
    """Folder to name in nbconvert's ``extra_template_basedirs``; the template in it is called ``tylib``."""
    return str(files(__name__) / "templates")


def content_security_policy(*, styles: Sequence[str], scripts: Sequence[str], beside: bool = False) -> str:
    """A policy under which only these very styles and scripts run, and nothing is fetched.

    Args:
        styles: Contents of the page's ``<style>`` elements, to the letter.
        scripts: Contents of its executable ``<script>`` elements, to the letter.
        beside: Styles and scripts in files beside the page are let in too, opened from a disk or from the page's own
            server; still nothing from elsewhere.

    >>> content_security_policy(styles=[], scripts=["1"])
    "default-src 'none'; img-src data:; style-src 'none'; script-src 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='; base-uri 'none'; form-action 'none'"
    """  # noqa: E501

    def hashes(parts: Sequence[str]) -> str:
        found = [f"'sha256-{b64encode(sha256(part.encode()).digest()).decode()}'" for part in parts]
        return " ".join([*found, *(["'self'", "file:"] if beside else [])]) or "'none'"

    return (
        f"default-src 'none'; img-src data:; style-src {hashes(styles)}; script-src {hashes(scripts)}; "
        "base-uri 'none'; form-action 'none'"
    )


_HEADING = re.compile(r'<h2 id="([^"]+)"[^>]*>(.*?)</h2>', re.S)
_TAG = re.compile(r"<[^>]+>")


def contents(html: str) -> list[tuple[str, str]]:
    """The headings of the parts as (id, plain text), in order.

    >>> contents('<h2 id="part-a">A <em>finding</em> &amp; more</h2><h2>no id</h2>')
    [('part-a', 'A finding & more')]
    """
    return [(key, _html.unescape(_TAG.sub("", text)).strip()) for key, text in _HEADING.findall(html)]


_FIGURE = re.compile(r'<figure\b[^>]*\bid="([^"]+)"|<span class="figure-number"></span>')
_REFERENCE = re.compile(r'(<a class="figure-ref" href="#([^"]+)">)(.*?)(</a>)', re.S)


def number_figures(html: str, label: Callable[[int], str]) -> str:
    """Number the figures in the order they stand and put the numbers into the references to them.

    A reference to a figure that is not on the page (nothing was known for it) keeps its text and loses its link.

    Args:
        html: The page.
        label: What a number looks like: ``lambda number: words("page.figure", number=number)``.

    >>> page = '<a class="figure-ref" href="#fig-b"></a><figure id="fig-b"><span class="figure-number"></span></figure>'
    >>> number_figures(page, "Figure {}".format)
    '<a class="figure-ref" href="#fig-b">Figure 1</a><figure id="fig-b"><span class="figure-number">Figure 1</span></figure>'
    """  # noqa: E501
    numbers: dict[str, str] = {}

    def count(match: re.Match[str]) -> str:
        if match[1]:
            numbers[match[1]] = label(len(numbers) + 1)
            return match[0]
        current = list(numbers.values())[-1] if numbers else ""
        return f'<span class="figure-number">{_html.escape(current)}</span>'

    def refer(match: re.Match[str]) -> str:
        number = numbers.get(match[2])
        return f"{match[1]}{_html.escape(number)}{match[4]}" if number else match[3]

    return _REFERENCE.sub(refer, _FIGURE.sub(count, html))


def json_block(value: Any) -> str:
    """JSON that may stand inside a ``<script>`` element: no ``<``, ``>`` or ``&`` is left in it.

    >>> json_block({"a": "</script>"})
    '{"a":"\\\\u003c/script\\\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def context(
    blocks: str,
    *,
    title: str,
    words: Words,
    bundle: str,
    links: tuple[str, str] | None = None,
    description: str = "",
    edition: str = "",
    input_hash: str = "",
    licence: str = "",
    demonstration: str = "",
) -> dict[str, Any]:
    """What the template reads as ``resources["brief"]``.

    Args:
        blocks: The text/html outputs of the notebook joined in order (for the table of contents).
        title: Plain text, for the window and the running head of the print.
        words: The catalogue of the brief's language; says ``page.lang``, ``page.skip``, ``page.contents``,
            ``page.edition``, ``page.inputs``, ``page.licence``.
        bundle: The Vega bundle as JavaScript, or "" for a page without charts.
        links: Addresses of the stylesheet (:func:`css` without a running head) and the bundle, for a page that does not
            hold them itself.
        description: One sentence for lists of search results.
        edition: Edition of the brief, printed in foot and running head; "" for none, as with the next two.
        input_hash: Hash of all inputs, printed in the foot.
        licence: Licence of the brief, printed in the foot; ``Markup`` may link it.
        demonstration: The banner's words where the data are made up, else "".

    Returns:
        ``title, description, demonstration, bundle`` as given; ``lang``; ``skip`` and ``contents_label`` (words);
        ``contents`` (list of id and text); ``foot`` (list of lines); ``csp, css, js, vega_config, hatch, links``.

    Raises:
        ParameterError: a word is missing.
        ValueError: the bundle would close its own script element.
    """
    from tylib.brief import theme

    if "</script" in bundle.lower() or "<!--" in bundle:
        raise ValueError("the Vega bundle holds a closing script tag and cannot be embedded")
    head = running(title, edition) + watermark(words("status.demonstration") if demonstration else "")
    style = "\n" + (head if links else css() + head)
    own = "\n" + script()
    foot = [
        Markup('<span class="{}">{}</span>').format(name, words.html(f"page.{name}", **{placeholder: text}))
        for name, placeholder, text in (
            ("edition", "edition", edition),
            ("inputs", "hash", input_hash),
            ("licence", "licence", licence),
        )
        if text
    ]
    return {
        "lang": words("page.lang"),
        "title": title,
        "description": description,
        "demonstration": demonstration,
        "skip": words("page.skip"),
        "contents_label": words("page.contents"),
        "contents": contents(blocks),
        "foot": foot,
        "css": style,
        "js": own,
        "bundle": "" if links else bundle,
        "links": links,
        "vega_config": json_block(theme.config()),
        "hatch": hatch(),
        "csp": content_security_policy(
            styles=[style], scripts=[bundle, own] if bundle and not links else [own], beside=links is not None
        ),
    }
