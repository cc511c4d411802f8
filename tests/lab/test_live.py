"""live.js: linted, tested, small, and nothing in it that reaches for a network."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
SCRIPTS = [HOUSE / "tylib" / "lab" / "live.js", HOUSE / "tylib" / "brief" / "page" / "brief.js"]
TESTS = Path(__file__).with_name("live_test.js")


@pytest.fixture(scope="module")
def deno():
    """Runs Deno, which comes with the test packages; ``deno(*arguments) -> CompletedProcess``."""
    found = shutil.which("deno", path=str(Path(sys.executable).parent)) or shutil.which("deno")
    if not found:
        pytest.skip("no Deno beside this Python (a test package: python3 run.py test)")

    def run(*arguments: object) -> subprocess.CompletedProcess:
        return subprocess.run(
            [found, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8", cwd=HOUSE, timeout=120,
            env={"NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1", "DENO_DIR": str(HOUSE / "home" / "cache" / "deno")},
        )  # fmt: skip

    return run


@pytest.mark.parametrize("script", [*SCRIPTS, TESTS], ids=lambda path: path.name)
def test_the_linter_finds_nothing(deno, script):
    # The rule speaks of Deno's own globals; a page has a window.
    ran = deno("lint", "--rules-exclude=no-window", script)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_linter_would_find_something(deno, tmp_path):
    wrong = tmp_path / "wrong.js"
    wrong.write_text("export function f(a, b) { const c = 1; if (a = b) debugger; }\n", encoding="utf-8")
    assert deno("lint", wrong).returncode != 0


def test_the_tests_of_the_script_pass(deno):
    ran = deno("test", "--no-remote", TESTS)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"ok \| [1-9]\d* passed \| 0 failed", ran.stdout)


def test_nothing_is_fetched_or_evaluated():
    for script in SCRIPTS:
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", script.read_text(encoding="utf-8"), flags=re.S)
        assert not re.search(r"https?:|fetch\(|XMLHttpRequest|WebSocket|eval\(|new Function|import\(", code), script


def test_the_bundle_brings_a_widget_and_needs_no_import():
    from tylib.lab.live import live

    widget = live("<p></p>", specs={}, picture={"seq": 1})
    assert re.search(r"export\s*\{\s*\w+ as default\s*\}", widget._esm)
    assert not re.search(r"""(?:from|import)\s*["']https?:""", widget._esm)
    widget.close()
