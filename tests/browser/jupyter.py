"""A real JupyterLab with notebooks in it, driven by Chromium: what a reader there sees, asks for and is told.

``lab`` in ``conftest.py`` gives it to tests, one server a session::

    def test_it(lab):
        opened = lab("60_scenario_lab", width=1440, dark=False)  # a copy; the checkout is never touched
        opened.run_all()          # every cell, top to bottom; seconds until the kernel is idle and all is drawn
        opened.charts             # (charts put out, charts drawn and not empty)
        opened.stderr             # what cells printed to stderr, tracebacks too
        opened.errors             # what the console complained of
        opened.foreign            # addresses off this machine that were asked for (and refused)
        opened.screenshot(path)   # all of the notebook in one picture; ``tall=N``: in pictures of N pixels
        opened.page               # Playwright's page, for everything else
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import psutil

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
HERE = "127.0.0.1"
LOCAL = ("data", "blob", "about")
TALLEST = 16_000  # pixels of a picture, about what Chromium can draw in one
PLENTY = 120_000  # ms: a busy machine may take its time, what is there is not waited for
CITY = ("notebooks", "data", "params", "tylib/lab/settings")
"""What the copy holds: a city of its own, so that whatever is saved or imported lands there."""
CACHE = Path("home") / "cache"
"""Shared with the project's own city: a result lies under the hash of all it comes from, and takes a minute to make."""

NOTEBOOK = "window.jupyterapp.shell.currentWidget"
READY = f"""async () => {{
    await window.jupyterapp.restored;
    const panel = {NOTEBOOK};
    await panel.context.ready; await panel.revealed; await panel.sessionContext.ready;
    await panel.sessionContext.session.kernel.info;
}}"""
OUTPUTS = f"""() => [...{NOTEBOOK}.content.model.cells].map(
    cell => cell.type == "code" ? cell.outputs.toJSON() : [])"""
CHARTS = """() => {
    const full = mark => { const box = mark.getBBox(); return box.width > 1 && box.height > 1; };
    const drawn = chart => {
        if (chart.localName == "canvas") return chart.width > 1 && chart.height > 1;
        return full(chart) && [...chart.querySelectorAll("path, text, rect, image")].some(full);
    };
    const charts = ".jp-OutputArea .picture > svg, .jp-OutputArea .vega-embed :is(svg.marks, canvas.marks)";
    return [...document.querySelectorAll(charts)].filter(drawn).length;
}"""
TOP = f"() => {{ {NOTEBOOK}.content.activeCellIndex = 0; {NOTEBOOK}.content.outerNode.scrollTop = 0; }}"
HEIGHT = f"""() => {{
    const end = {NOTEBOOK}.content.widgets.at(-1).node.getBoundingClientRect().bottom;
    return Math.ceil(end + {NOTEBOOK}.content.outerNode.scrollTop + 60);
}}"""


@dataclass
class OpenedNotebook:
    """A notebook in JupyterLab, and what it said and asked for since it was opened."""

    page: object
    name: str
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def run_all(self) -> float:
        """Run every cell and wait until the kernel is idle and every chart had its turn.

        Returns:
            Seconds from the command to the last drawn chart.
        """
        self.page.evaluate(READY)
        started = time.monotonic()
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        self.page.wait_for_function(f'{NOTEBOOK}.sessionContext.session.kernel.status == "idle"', timeout=PLENTY)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.charts[1] < self.charts[0]:
            self.page.wait_for_timeout(100)
        return time.monotonic() - started

    @property
    def outputs(self) -> list[list[dict]]:
        """The outputs of each cell, as they would be saved; nothing for a cell of text."""
        return self.page.evaluate(OUTPUTS)

    @property
    def charts(self) -> tuple[int, int]:
        """Charts that cells put out, and charts that are drawn with something on them."""
        kinds = [output.get("data", {}) for cell in self.outputs for output in cell]
        pictures = sum("".join(data.get("text/html", "")).count('<div class="picture">') for data in kinds)
        put_out = pictures + sum("JupyterChart" in "".join(data.get("text/plain", "")) for data in kinds)
        return put_out, self.page.evaluate(CHARTS)

    @property
    def stderr(self) -> list[str]:
        """What cells wrote to stderr and the errors they ended in."""
        said = [output for cell in self.outputs for output in cell]
        return [
            "".join(output["text"]) if output["output_type"] == "stream" else f"{output['ename']}: {output['evalue']}"
            for output in said
            if output.get("name") == "stderr" or output["output_type"] == "error"
        ]

    def screenshot(self, path: Path, *, tall: int = 0) -> list[Path]:
        """Take the notebook from first to last cell.

        Args:
            path: A PNG; with ``tall`` a number is added to its name.
            tall: Pixels from which a new picture begins; 0 for all in one.

        Returns:
            The pictures, in order.
        """
        size = self.page.viewport_size
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.evaluate(TOP)
        height, before = 0, -1
        while height != before:  # what comes into view for the first time may be longer than was supposed
            height, before = min(self.page.evaluate(HEIGHT), TALLEST), height
            self.page.set_viewport_size({"width": size["width"], "height": height})
            self.page.wait_for_timeout(400)
        tops = range(0, height, tall or height)
        paths = [path.with_stem(f"{path.stem}-{n:02}") if tall else path for n in range(len(tops))]
        for top, one in zip(tops, paths, strict=True):
            clip = {"x": 0, "y": top, "width": size["width"], "height": min(tall or height, height - top)}
            self.page.screenshot(path=one, clip=clip)
        self.page.set_viewport_size(size)
        return paths


class Lab:
    """A running JupyterLab. Called with the name of a notebook it opens that."""

    def __init__(self, browser: object, folder: Path, address: str, token: str) -> None:
        self.folder, self._browser, self._address, self._token = folder, browser, address, token
        self._contexts: list = []

    def __call__(self, name: str, *, width: int = 1440, height: int = 900, dark: bool = False) -> OpenedNotebook:
        """Open a notebook: the whole name, or enough of its beginning to be the only one."""
        (path,) = sorted((self.folder / "notebooks").glob(f"{name.removesuffix('.ipynb')}*.ipynb"))
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", accept_downloads=True
        )
        self._contexts.append(context)
        context.set_default_timeout(PLENTY)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=self._address)
        opened = OpenedNotebook(context.new_page(), path.name)
        context.route(_is_foreign, lambda route: route.abort())
        page = opened.page
        page.on("request", lambda request: opened.foreign.append(request.url) if _is_foreign(request.url) else None)
        page.on("websocket", lambda socket: opened.foreign.append(socket.url) if _is_foreign(socket.url) else None)
        page.on("console", lambda said: opened.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: opened.errors.append(str(error)))
        place = f"{self._address}/lab/workspaces/w{len(self._contexts)}/tree/notebooks/{path.name}"
        page.goto(f"{place}?reset&token={self._token}", wait_until="domcontentloaded")
        page.wait_for_function(f"window.jupyterapp && {NOTEBOOK} && {NOTEBOOK}.context")
        page.evaluate(READY)
        return opened

    def close(self) -> None:
        """Close what was opened and end its kernels; the server stays."""
        while self._contexts:
            self._contexts.pop().close()
        for session in json.loads(self._ask("GET", "sessions")):
            self._ask("DELETE", f"sessions/{session['id']}")

    def _ask(self, method: str, what: str) -> bytes:
        asked = Request(f"{self._address}/api/{what}", method=method, headers={"Authorization": f"token {self._token}"})
        with urlopen(asked, timeout=30) as answer:
            return answer.read()

    def wait(self, server: subprocess.Popen, log: Path, seconds: float = 90) -> None:
        """Return once the server answers; fail with its last lines if it does not."""
        deadline = time.monotonic() + seconds
        while server.poll() is None and time.monotonic() < deadline:
            try:
                self._ask("GET", "status")
                return
            except (URLError, OSError):
                time.sleep(0.2)
        raise AssertionError(f"JupyterLab did not start:\n{log.read_text('utf-8')[-3000:]}")


def _is_foreign(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in LOCAL and parts.hostname != HERE


def _arguments(folder: Path) -> list[str]:
    """What ``run.py lab`` starts, with the copy for its root."""
    found = spec_from_file_location("run_for_lab", ROOT / "run.py")
    run = module_from_spec(found)
    found.loader.exec_module(run)
    run.ROOT = folder
    return run.command(["lab", "--no-browser"])


def _follow_the_screen(home: Path) -> dict[str, str]:
    """Settings of a user whose JupyterLab is light or dark as the screen is."""
    settings = home / "user-settings"
    themes = settings / "@jupyterlab" / "apputils-extension" / "themes.jupyterlab-settings"
    themes.parent.mkdir(parents=True)
    themes.write_text('{"adaptive-theme": true}', encoding="utf-8")
    return {"HOME": str(home), "JUPYTERLAB_SETTINGS_DIR": str(settings)}


def _end(server: subprocess.Popen) -> None:
    """End the server and every kernel of it, whatever they are doing."""
    try:
        family = psutil.Process(server.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    server.terminate()
    try:
        server.wait(15)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait(15)
    _, left = psutil.wait_procs(family, timeout=3)
    for process in left:
        process.kill()


@contextmanager
def jupyterlab(browser: object, folder: Path, *, share_cache: bool = True) -> Iterator[Lab]:
    """Start JupyterLab on a copy of the city in an empty folder; it and its kernels are gone afterwards."""
    for name in CITY:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    if share_cache:
        (ROOT / CACHE).mkdir(parents=True, exist_ok=True)
        (folder / CACHE).parent.mkdir()
        (folder / CACHE).symlink_to(ROOT / CACHE, target_is_directory=True)
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        port = probe.getsockname()[1]
    token, log = secrets.token_hex(16), folder / "lab.log"
    own = [
        f"--ServerApp.ip={HERE}", f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}",
        "--ServerApp.allow_root=True", "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "TYLIB", "PYTEST"))}
    one = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    env = {**keep, **one, "PYTHONUTF8": "1", **_follow_the_screen(folder / "user")}
    with log.open("wb") as said:
        command = [sys.executable, *_arguments(folder), *own]
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=said, stderr=said)
        lab = Lab(browser, folder, f"http://{HERE}:{port}", token)
        try:
            lab.wait(server, log)
            yield lab
            lab.close()
        finally:
            _end(server)
