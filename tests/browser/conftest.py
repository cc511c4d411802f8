"""Chromium for tests of whole pages: opened from disk, network closed, everything it asks for or complains of kept."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import nbformat
import polars as pl
import pytest
from markupsafe import Markup
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.browser.jupyter import jupyterlab
from tylib.brief import blocks, charts, page
from tylib.brief.figure import Figure
from tylib.brief.tables import html_table
from tylib.store import words

PEERS = {
    "zh": "甲乙丙丁戊己庚辛壬",
    "en": ["Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Eta", "Theta", "Iota"],
}


@dataclass
class Opened:
    """A page in the browser, what it asked the network for and what it complained of."""

    page: object
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def charts(self) -> tuple[int, int]:
        """Charts on the page and charts drawn."""
        return self.page.locator("script.vega-spec").count(), self.page.locator('figure[data-drawn="true"]').count()


@pytest.fixture
def browser_page(browser):
    """Opens an HTML file: ``browser_page(path, width=1280, scheme="light", scripts=True) -> Opened``.

    The network is closed; what the page tried to load from anywhere but itself stands in ``requests``. With scripts it
    returns once all charts were tried.
    """
    contexts = []

    def open_file(path: Path, *, width: int = 1280, scheme: str = "light", scripts: bool = True) -> Opened:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts, offline=True
        )
        contexts.append(context)
        opened = Opened(context.new_page())
        address = path.resolve().as_uri()
        opened.page.on("request", lambda r: None if r.url == address else opened.requests.append(r.url))
        opened.page.on("console", lambda m: opened.errors.append(m.text) if m.type in ("error", "warning") else None)
        opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
        opened.page.goto(address)
        if scripts and opened.charts[0]:
            opened.page.wait_for_selector("html[data-ready=true]", timeout=20_000)
        return opened

    yield open_file
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def jupyter_server(browser, tmp_path_factory):
    """One JupyterLab for all tests of a session, on a copy of the notebooks and the city."""
    with jupyterlab(browser, tmp_path_factory.mktemp("jupyterlab")) as server:
        yield server


@pytest.fixture
def lab(jupyter_server):
    """``lab(name, width=1440, dark=False) -> OpenedNotebook``, see ``jupyter.py``; kernels end with the test."""
    yield jupyter_server
    jupyter_server.close()


@pytest.fixture(scope="session")
def axe():
    """``axe(page)``: what axe-core finds wrong, one line each. Its script comes with a package, not from a network."""
    found = find_spec("axe_playwright_python")
    if not found:
        pytest.skip("axe-playwright-python is not installed")
    source = (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")

    def run(opened_page) -> list[str]:
        opened_page.evaluate(source)
        violations = opened_page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)")
        return [f"{v['id']}: {node['target']} {node['failureSummary']}" for v in violations for node in v["nodes"]]

    return run


@pytest.fixture(scope="session")
def bundle():
    """The Vega bundle that draws the charts."""
    import vl_convert

    return vl_convert.javascript_bundle(vl_version=page.VEGALITE)


def _figures(language: str) -> list[Figure]:
    """One figure of every kind, on made figures."""
    say = words(language)
    peers = list(PEERS[language])
    unit = {"zh": "亿元", "en": "billion yuan"}[language]
    own = {"zh": "本县", "en": "This county"}[language]
    none = say("absent.not_published")
    rows = [{"label": own, "value": 35.3, "text": "35.3", "own": True}]
    rows += [{"label": name, "value": 90.0 - 9 * i, "text": f"{90 - 9 * i}"} for i, name in enumerate(peers[:6])]
    rows += [{"label": peers[6], "value": None, "low": 10.0, "high": 20.0, "text": "10–20", "status": "estimated"}]
    rows += [{"label": name, "value": None, "text": none} for name in peers[7:]]
    ranked = pl.DataFrame(rows, infer_schema_length=None)
    table = html_table(ranked, {"label": "<b>", "text": unit}, key="all", caption=own, right=["text"], own=0)
    years = pl.DataFrame({"year": [2011, 2022, 2023], "value": [11.7, 35.6, 35.3], "run": ["a", "b", "b"]})
    years = years.with_columns(text=pl.col("value").cast(pl.String))
    slopes = pl.DataFrame(
        [
            {
                "label": name,
                "start": 10.0 + i,
                "end": 9.0 + 2 * i,
                "start_text": f"{10 + i}",
                "end_text": f"{9 + 2 * i}",
            }
            for i, name in enumerate([own, *peers])
        ]
    ).with_columns(own=pl.col("label") == own)
    aims = pl.DataFrame(
        [
            {"label": f"{own} 1", "value": 1.9, "target": 7.0, "text": "1.9 / 7"},
            {"label": f"{own} 2", "value": None, "target": 20.0, "text": none},
        ]
    )
    bounds = pl.DataFrame(
        [
            {"label": own, "low": 12.0, "high": None, "text": "≥12", "own": True, "p10": None, "p90": None},
            {"label": peers[0], "low": 2.0, "high": 26.0, "text": "2–26", "own": False, "p10": 6.0, "p90": 15.0},
            {"label": peers[1], "low": None, "high": 9.0, "text": "≤9", "own": False, "p10": None, "p90": None},
        ]
    )
    ten = range(10)
    grid = pl.DataFrame(
        {
            "label": [own, *peers],
            "row": [i // 4 for i in ten],
            "col": [i % 4 for i in ten],
            "value": [None if i == 3 else float(i) for i in ten],
            "text": [none if i == 3 else str(i) for i in ten],
            "own": [i == 0 for i in ten],
        }
    )
    known = pl.DataFrame(
        [
            {"row": name, "group": group, "column": str(year), "state": state, "own": name == own}
            for name in [own, *peers]
            for group in (unit, "GDP", say("page.data"))
            for year, state in ((2022, "published"), (2023, "absent"), (2024, "bound"), (2025, "conflict"))
        ]
    )
    states = {
        name: say(f"status.{name}") if name == "published" else name for name in ("published", "bound", "conflict")
    }
    shares = pl.DataFrame(
        [
            {"row": str(year), "part": name, "value": value, "text": f"{value:g}%"}
            for year in (2020, 2023)
            for name, value in zip(peers[:3], (5.2, 59.3, 35.5), strict=True)
        ]
    )
    drawn = {
        "ranking": charts.ranking(ranked, unit=unit, description="ranking"),
        "path": charts.path(years, unit=unit, description="path"),
        "slope": charts.slope(slopes, dates=("2010", "2020"), description="slope"),
        "target": charts.target(aims, unit="= 100", description="target"),
        "interval": charts.interval(bounds, unit=unit, description="interval"),
        "tiles": charts.tiles(grid, description="tiles"),
        "coverage": charts.coverage(known, states=states, description="coverage"),
        "parts": charts.parts(shares, unit="%", description="parts"),
    }
    return [
        Figure(
            chart,
            key=kind,
            title=f"{own}: {kind}",
            alt=f"{kind} <&>",
            subtitle=unit,
            foot=none,
            words=say,
            table=table.replace("table-all", f"table-{kind}"),
            csv="a,b\n",
            wide=kind == "coverage",
        )
        for kind, chart in drawn.items()
    ]


@pytest.fixture(scope="session")
def sample(bundle, tmp_path_factory):
    """``sample(language) -> Path``: a page with every block and every kind of chart, through the notebook template."""
    from nbconvert.exporters import HTMLExporter

    folder = tmp_path_factory.mktemp("sample")

    def build(language: str) -> Path:
        path = folder / f"{language}.html"
        if path.exists():
            return path
        say = words(language)
        figures = _figures(language)
        card = blocks.key_number(
            label="GDP", value="35.3", unit="%", when="2023", place="1 / 10",
            strip=blocks.strip([35.3, None, 90.0, -4.0, *[1.0] * 6], own=0, label="1 / 10"),
        )  # fmt: skip
        parts = [
            blocks.opening(
                kicker="A · B", headline="清徐，一二三" if language == "zh" else "One, two", standfirst="A & B"
            ),
            blocks.key_numbers([card] * 5, label=say("status.legend"))
            + blocks.legend([("published", "a"), ("derived", "b"), ("absent", "c")], label=say("status.legend")),
            *(blocks.section(f"part-{f.key}", f.title, f, Markup("<p>{}</p>").format(f.alt)) for f in figures),
            blocks.section("ask", "?", blocks.requests([("a", "b", "c"), ("d", "e", "f")]), kind="not-published"),
            blocks.section("sources", "S", blocks.sources([("Q0001", "<script>alert(1)</script>")]), kind="sources"),
        ]
        outputs = [[new_output("display_data", {"text/html": str(part)})] for part in parts]
        cells = [new_code_cell("x", outputs=output, id=f"c{index}") for index, output in enumerate(outputs)]
        notebook = new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})
        nbformat.validate(notebook)
        exporter = HTMLExporter(template_name="tylib", extra_template_basedirs=[page.template_path()])
        context = page.context("".join(parts), title=f"T & {language}", words=say, bundle=bundle, edition="2031")
        text, _ = exporter.from_notebook_node(notebook, {"brief": context})
        path.write_text(page.number_figures(text, lambda number: say("page.figure", number=number)), encoding="utf-8")
        return path

    return build


@pytest.fixture
def broken(sample, tmp_path):
    """The sample with the first spec made unreadable."""
    text = sample("en").read_text(encoding="utf-8")
    start = re.search(r'<script[^>]*class="vega-spec"[^>]*>', text).end()
    end = text.index("</script>", start)
    spec = json.loads(text[start:end])
    spec["layer"][0]["mark"] = {"type": "no-such-mark"}
    path = tmp_path / "broken.html"
    path.write_text(text[:start] + page.json_block(spec) + text[end:], encoding="utf-8")
    return path
