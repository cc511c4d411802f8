"""One run with everything in it that can go wrong, and what is left of it; told step by step by ``pytest -s``.

A killed worker, a crash, a hang, an exception, a segmentation fault and Ctrl-C in the first run; a full disk in the
second; the third makes what is missing, the fourth has nothing to do.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tylib.batch.fork import AVAILABLE

from .conftest import BRIEF, PLACES, write_notebook

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="forking is sound on Linux only")

WAYS = {
    "01": "pass",
    "02": "if not os.path.exists('killed'):\n    open('killed', 'w').close(), os.kill(os.getppid(), signal.SIGKILL)",
    "03": "os.kill(os.getpid(), signal.SIGKILL)",
    "04": "import ctypes\nctypes.string_at(0)",
    "05": "child = subprocess.Popen(['sleep', '631'], start_new_session=True)\ntime.sleep(631)",
    "06": "1 / 0",
    "07": "time.sleep(2)",  # the last one is begun so much later than the one that hangs, and so ended
    "08": "open('waiting', 'w').close()\ntime.sleep(631)",
}
REASONS = {
    "03": "the process of the brief was killed by signal 9",
    "04": "the process of the brief was killed by signal 11",
    "05": "the brief took longer than 4 seconds and was ended",
    "06": "ZeroDivisionError: division by zero",
}
WHOLE = 64 * 1024  # more than any output of the made city, less than all of them


def acting() -> str:
    """A cell in which each county goes its own way, until a file says that all are well."""
    cases = "\n".join(
        f"if unit.endswith('{number}'):\n    " + way.replace("\n", "\n    ") for number, way in WAYS.items()
    )
    return "import os, signal, subprocess, time\nif not os.path.exists('well'):\n    " + cases.replace("\n", "\n    ")


@pytest.fixture
def eight(city):
    """The made city with eight counties, one language, and reports on a small disk of its own where one may be had."""
    rows = [f"0099{number},县{number},County {number},county,9901" for number in WAYS]
    table = "\n".join([*PLACES.splitlines()[:2], *rows]) + "\n"
    (city.data / "places.csv").write_text(table, encoding="utf-8")
    write_notebook(city.root / "notebooks" / "90_brief.ipynb", acting(), BRIEF)
    city.reports.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", city.reports], capture_output=True)
    yield city
    if not mounted.returncode:
        subprocess.run(["umount", city.reports], check=True)


def command(city, *options: str) -> list[str]:
    return [sys.executable, "-m", "tylib", "batch", "--city", str(city.root), "--workers", "2", "--language", "zh",
            "--deadline", "4", *options]  # fmt: skip


def told(city, step: str, ran: subprocess.CompletedProcess | subprocess.Popen, said: str) -> dict[str, dict]:
    """The record after a step; with ``-s`` what was said, too."""
    lines = (city.reports / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    rows = {row["unit"][-2:]: row for row in map(json.loads, lines)}
    print(f"\n== {step}: exit code {ran.returncode}\n{said.rstrip()}\non record:")
    print("\n".join(f"  {number} {row['status']} {row['error']}" for number, row in sorted(rows.items())))
    return rows


def left(city) -> list[str]:
    """Processes that a brief or the run started and that are still there; half-written files."""
    alive = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if "Z" in (entry / "stat").read_text().rpartition(")")[2].split()[0]:
                continue
            if "sleep 631" in line or (entry / "cwd").resolve() == city.root:
                alive.append(line)
        except OSError:
            continue
    return alive + [path.name for path in city.reports.rglob("*.part")]


def test_whatever_goes_wrong_the_others_are_made_and_the_next_run_goes_on(eight):
    city = eight
    first = subprocess.Popen(command(city), stderr=subprocess.PIPE, text=True, start_new_session=True)
    waiting, record, until = city.root / "waiting", city.reports / "manifest.jsonl", time.monotonic() + 120
    while not (waiting.exists() and record.is_file() and len(record.read_bytes().splitlines()) == 7):
        assert first.poll() is None and time.monotonic() < until
        time.sleep(0.05)
    os.killpg(first.pid, signal.SIGINT)
    rows = told(
        city, "killed worker, crash, segmentation fault, hang, exception, Ctrl-C", first, first.communicate()[1]
    )
    assert first.returncode == 130 and (city.root / "killed").exists()
    assert {number: row["error"] for number, row in rows.items()} == dict.fromkeys(["01", "02", "07"], "") | REASONS
    assert all(f"县{number}" in (city.reports / "index.html").read_text(encoding="utf-8") for number in REASONS)
    assert left(city) == []

    (city.root / "well").touch()
    if city.reports.is_mount():
        stood = {path: path.read_bytes() for path in city.reports.rglob("*.html")}
        disk = os.statvfs(city.reports)
        (city.reports / "ballast").write_bytes(bytes(max(0, disk.f_bavail * disk.f_frsize - WHOLE)))
        second = subprocess.run(command(city), capture_output=True, text=True)
        told(city, "full disk", second, second.stderr)
        assert second.returncode == 1 and "No space left on device" in second.stderr
        assert "What stood before still stands" in second.stderr and "Traceback" not in second.stderr
        assert {path: path.read_bytes() for path in stood} == stood
        assert left(city) == []
        (city.reports / "ballast").unlink()

    third = subprocess.run(command(city), capture_output=True, text=True)
    rows = told(city, "all well", third, third.stderr)
    assert third.returncode == 0 and {row["status"] for row in rows.values()} == {"ok"} and len(rows) == len(WAYS)
    fourth = subprocess.run(command(city), capture_output=True, text=True)
    told(city, "nothing changed", fourth, fourth.stderr)
    assert "0 to make" in fourth.stderr and "8 left as they are" in fourth.stderr
    assert not (city.reports / "failures" / "zh").is_dir() or not list((city.reports / "failures" / "zh").iterdir())
    assert left(city) == []
