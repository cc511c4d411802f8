"""`run.py lab` opens the first notebook; it runs there, charts are drawn, and nothing leaves the machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLENTY = 120_000  # ms: a busy machine may take its time, a page that is there is not waited for


@pytest.fixture
def lab(plain_run, tmp_path) -> Iterator[str]:
    """Start what `run.py lab` starts, on a copy of the notebooks (Lab saves what runs) and with an empty HOME."""
    for folder in ("notebooks", "tylib/lab/settings"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    plain_run.ROOT = tmp_path
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = ["--no-browser", f"--port={port}", "--IdentityProvider.token=", "--ServerApp.allow_root=True"]
    command = [sys.executable, *plain_run.command(["lab", *own])]
    keep = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    with open(tmp_path / "lab.log", "wb") as log:
        server = subprocess.Popen(command, cwd=tmp_path, env={**keep, "HOME": str(tmp_path)}, stdout=log, stderr=log)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(20)


@pytest.mark.browser
def test_lab_opens_the_first_notebook_and_draws_its_charts_with_no_network(browser, lab, tmp_path) -> None:
    from playwright.sync_api import Error

    abroad: list[str] = []
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.on("request", lambda request: abroad.append(request.url) if not is_local(request.url, lab) else None)
    for _ in range(120):  # the server needs some seconds until it answers
        try:
            page.goto(lab, timeout=PLENTY)
            break
        except Error:
            page.wait_for_timeout(500)
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=PLENTY)
    assert "00_" in page.title()
    page.get_by_text("| Idle").wait_for(timeout=PLENTY)  # before the kernel is there, "run" does nothing
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").click()
    page.locator(".lm-Menu-itemLabel").get_by_text("Run All Cells", exact=True).click()
    page.locator(".jp-OutputArea svg.marks").first.wait_for(timeout=PLENTY)
    page.locator(".jp-InputPrompt", has_text="[*]").first.wait_for(state="detached", timeout=PLENTY)
    errors = page.locator("[data-mime-type='application/vnd.jupyter.stderr']").all_inner_texts()
    news = page.locator(".Toastify__toast, .jp-Dialog").all_inner_texts()
    page.close()
    assert (errors, news, abroad) == ([], [], []), (tmp_path / "lab.log").read_text("utf-8")[-2000:]


def is_local(url: str, server: str) -> bool:
    return url.startswith((server, server.replace("http", "ws", 1), "data:", "blob:"))
