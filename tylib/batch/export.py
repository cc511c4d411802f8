"""From an executed notebook to one HTML page, in this process: no clock, no random name, nothing to be fetched."""

from __future__ import annotations

import html as _html
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from tylib.batch.files import write_together
from tylib.brief import page
from tylib.store.city import package

if TYPE_CHECKING:
    from pathlib import Path

    from nbconvert.exporters import Exporter
    from nbformat import NotebookNode

    from tylib.store import City, Words

CHART = 'class="vega-spec"'
SHORT_HASH = 12
ASSETS = "assets"
_TAG = re.compile(r"<[^>]+>")
# What stands beside a text and is no part of it: the mark of a status, words for listeners, a number of a source.
_BESIDE = re.compile(
    r'<span class="status"[^>]*>.*?</span></span>|<span class="unseen">.*?</span>|<a class="cite"[^>]*>.*?</a>', re.S
)


@dataclass(frozen=True)
class Digest:
    """What a list of briefs tells of one: its kicker, first heading, standfirst and key numbers, all plain text."""

    kicker: str
    headline: str
    standfirst: str
    numbers: tuple[dict[str, str], ...]


def export(notebook: NotebookNode, *, city: City, words: Words, inputs: str, shared: bool = False) -> str:
    """The page of an executed brief notebook.

    Args:
        notebook: Executed; its text/html outputs are the blocks of the page.
        city: Whose licence, edition and cache of the Vega bundle are used.
        words: The catalogue in the language of the brief.
        inputs: Hash of all inputs; its first twelve digits stand in the foot.
        shared: Link the stylesheet and the bundle that :func:`share` wrote, in place of holding them.

    Returns:
        One HTML document, self-contained unless ``shared``; the same text for the same arguments.
    """
    blocks = html_blocks(notebook)
    found = digest(blocks)
    bundle = vega_bundle(city.home / "cache") if CHART in blocks else ""
    links = _links(bundle) if shared else None
    context = page.context(
        blocks,
        title=found.kicker or found.headline,
        description=found.headline,
        words=words,
        bundle=bundle,
        links=links,
        edition=edition(city),
        input_hash=inputs[:SHORT_HASH],
        licence=licence(city, words),
        demonstration=words("demonstration.banner") if city.demonstration else "",
    )
    text, _ = _exporter().from_notebook_node(notebook, {"brief": context})
    # Figures stand before the scripts, which are nine tenths of the page.
    before, foot, after = text.rpartition('<footer class="page-foot">')
    return page.number_figures(before, lambda number: words("page.figure", number=number)) + foot + after


def ready(city: City) -> None:
    """Make what every page of this process needs; without the bundle where it is not kept."""
    _exporter().template  # noqa: B018  parsed when first asked for
    if bundle_file(city.home / "cache").is_file():
        vega_bundle(city.home / "cache")


def share(city: City) -> None:
    """Write the stylesheet and the bundle beside the briefs, each under a name that changes with its content.

    Raises:
        OSError: The folder cannot be written.
    """
    bundle = vega_bundle(city.home / "cache")
    names = [link.rpartition("/")[2] for link in _links(bundle)]
    paths = {city.reports / ASSETS / name: text for name, text in zip(names, (page.css(), bundle), strict=True)}
    write_together({path: text.encode() for path, text in paths.items() if not path.is_file()})


@cache
def _links(bundle: str) -> tuple[str, str]:
    """Addresses of stylesheet and bundle, as seen from a brief."""

    def name(stem: str, text: str, ending: str) -> str:
        return f"../../{ASSETS}/{stem}-{sha256(text.encode()).hexdigest()[:SHORT_HASH]}.{ending}"

    return name("brief", page.css(), "css"), name("vega", bundle, "js") if bundle else ""


def html_blocks(notebook: NotebookNode) -> str:
    """The text/html outputs of the code cells, joined in order."""
    return "\n".join(
        output.data["text/html"]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "text/html" in output.get("data", {})
    )


def digest(blocks: str) -> Digest:
    """Read a page's opening and key numbers back from its HTML (shapes: ``tylib.brief.page``).

    >>> digest('<h1 class="headline">A <em>b</em> &amp; c</h1>').headline
    'A b & c'
    """
    cards = re.findall(r'<li class="key-number">(.*?)</li>', blocks, re.S)
    return Digest(
        kicker=_inside(blocks, "p", "kicker"),
        headline=_inside(blocks, "h1", "headline"),
        standfirst=_inside(blocks, "p", "standfirst"),
        numbers=tuple(
            {
                "label": _inside(card, "p", "label"),
                "figure": _inside(card, "span", "figure-value"),
                "unit": _inside(card, "span", "unit"),
                "when": _inside(card, "p", "when"),
                "status": (re.findall(r'data-status="([a-z]+)"', card) or [""])[0],
            }
            for card in cards
        ),
    )


def vega_bundle(cache_folder: Path) -> str:
    """Vega, Vega-Lite and the embedding function as one script, made once and kept as a file.

    Args:
        cache_folder: Where to keep it. If nothing can be written there it is made again by every process (a second).
    """
    return _bundle(bundle_file(cache_folder))


def bundle_file(cache_folder: Path) -> Path:
    """Where the bundle is kept: another name for each edition of what it is made by and of."""
    return cache_folder / f"vega-{page.VEGALITE}-vl-convert-{version('vl-convert-python')}.js"


@cache
def _bundle(path: Path) -> str:
    if path.is_file():
        return path.read_text(encoding="utf-8")
    import vl_convert

    text = vl_convert.javascript_bundle(vl_version=page.VEGALITE)
    with suppress(OSError):
        write_together({path: text.encode()})
    return text


def edition(city: City) -> str:
    """Edition of the data, as ``datapackage.json`` states it; empty where it states none."""
    return str(package(city).get("version", ""))


def licence(city: City, words: Words) -> Markup:
    """The licences of ``datapackage.json``, linked; named in the reader's language where they have a name in it."""
    entries: list[dict[str, Any]] = package(city).get("licenses", [])
    named = [entry.get("titles", {}).get(words.language) or entry.get("title") or entry["name"] for entry in entries]
    return Markup(" · ").join(
        Markup('<a href="{}">{}</a>').format(entry["path"], name) if entry.get("path") else name
        for entry, name in zip(entries, named, strict=True)
    )


@cache
def _exporter() -> Exporter:
    """One a process: making it costs more than using it."""
    from nbconvert.exporters import HTMLExporter
    from nbconvert.exporters.templateexporter import TemplateExporter

    class PageExporter(HTMLExporter):
        # HTMLExporter parses and writes the finished page again to mend images without a text. Ours have one, and the
        # content-security policy holds hashes of the styles and scripts to the letter.
        from_notebook_node = TemplateExporter.from_notebook_node

    # What preprocessors change (numbers of cells, anchors, colours of a terminal) the template does not print.
    return PageExporter(template_name="tylib", extra_template_basedirs=[page.template_path()], default_preprocessors=[])


def _inside(html: str, tag: str, kind: str) -> str:
    found = re.search(rf'<{tag} class="{kind}"[^>]*>(.*?)</{tag}>', html, re.S)
    return _plain(found[1]) if found else ""


def _plain(html: str) -> str:
    return " ".join(_html.unescape(_TAG.sub("", _BESIDE.sub("", html))).split())
