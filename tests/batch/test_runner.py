"""What becomes of a run when a brief fails, a process dies, the disk fills up, or nothing goes wrong at all."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tylib.batch.fork import AVAILABLE
from tylib.batch.inputs import inputs
from tylib.batch.making import Setting, make
from tylib.batch.manifest import Manifest
from tylib.batch.runner import default_workers, run
from tylib.errors import DataError, ParameterError, RunError

from .conftest import BRIEF, write_notebook

SOUTH, NORTH = "county:009902", "county:009901"


def shown(rows):
    return {(row.unit, row.language): row.status for row in rows}


def outputs(city):
    """Every file of the reports folder but logs and the manifest, which tell of times."""
    return {
        path.relative_to(city.reports).as_posix(): path.read_bytes()
        for path in sorted(city.reports.rglob("*"))
        if path.is_file() and path.suffix in (".html", ".ipynb")
    }


def test_real_kernels_give_the_same_bytes_twice_and_a_killed_one_is_reported(city, todo, monkeypatch):
    still = inputs(["90_brief"], city)  # the suite may be being edited
    monkeypatch.setattr("tylib.batch.runner.inputs", lambda notebooks, city, shared: still)
    monkeypatch.setattr("tylib.batch.pool.PAUSE_S", 0.01)
    dies = "import os\nif unit.endswith('02') and language == 'en' and os.path.exists('die'):\n    os._exit(1)"
    write_notebook(city.root / "notebooks" / "90_brief.ipynb", BRIEF, dies)
    first = run(todo, city, languages=["zh", "en"])
    assert shown(first.rows) == {(job.unit, job.language): "ok" for job in todo}
    before = outputs(city)
    assert sorted(before) == [
        "briefs/en/county-009901.html", "briefs/en/county-009902.html",
        "briefs/zh/county-009901.html", "briefs/zh/county-009902.html", "index.en.html", "index.html",
        "notebooks/en/county-009901.ipynb", "notebooks/en/county-009902.ipynb",
        "notebooks/zh/county-009901.ipynb", "notebooks/zh/county-009902.ipynb",
    ]  # fmt: skip
    row = Manifest(city.reports).rows["90_brief", "en", SOUTH]
    assert row.headline == "Answer in en"
    assert row.numbers == ({"label": "People", "figure": "3", "unit": "thousand", "when": "", "status": "derived"},)
    assert row.bytes == len(before["briefs/en/county-009902.html"])
    assert row.inputs[:12].encode() in before["briefs/en/county-009902.html"]

    (city.root / "die").touch()
    second = run(todo[:0:-1], city, languages=["zh", "en"])
    assert shown(second.rows) == {(NORTH, "en"): "ok", (SOUTH, "en"): "failed", (SOUTH, "zh"): "ok"}
    assert second.failed[0].error == "the process of the brief ended before the brief did"
    now = outputs(city)
    changed = {name for name in before if now[name] != before[name]}
    assert changed == {"index.html", "index.en.html"}
    assert now.keys() - before.keys() == {"failures/en/county-009902.html"}
    assert not [path for path in city.reports.rglob("*") if path.name.endswith(".part")]


def test_a_failed_brief_stops_no_other_and_leaves_what_stood(city, todo, engines, one_process):
    assert run(todo, city, execute=engines.answer).failed == ()
    stood = outputs(city)
    (city.data / "note.txt").write_text("new inputs", encoding="utf-8")
    summary = run(todo, city, execute=engines.fail_on_south, languages=["zh", "en"])
    assert {row.unit for row in summary.failed} == {SOUTH}
    assert {row.error for row in summary.failed} == {"ValueError: no <such> thing"}
    now = outputs(city)
    assert now["briefs/zh/county-009902.html"] == stood["briefs/zh/county-009902.html"]
    assert now["notebooks/zh/county-009902.ipynb"] == stood["notebooks/zh/county-009902.ipynb"]
    assert now["briefs/zh/county-009901.html"] != stood["briefs/zh/county-009901.html"]
    row = Manifest(city.reports).rows["90_brief", "zh", SOUTH]
    assert row.status == "failed"
    assert row.inputs != row.page_inputs
    assert row.stands
    assert "1/0" in (city.reports / row.log).read_text(encoding="utf-8")
    assert "no &lt;such&gt; thing" in now["index.html"].decode()


def test_a_first_failure_has_no_page_and_a_line_in_the_index(city, todo, engines, one_process):
    run(todo, city, execute=engines.fail_on_south)
    assert not Manifest(city.reports).rows["90_brief", "zh", SOUTH].stands
    assert "briefs/zh/county-009902.html" not in outputs(city)
    assert "failures/zh/county-009902.html" in outputs(city)["index.html"].decode()
    told = outputs(city)["failures/zh/county-009902.html"].decode()
    assert told.index("no &lt;such&gt; thing") < told.index("<details") < told.index("1/0")
    run(todo, city, execute=engines.answer)
    assert not list(city.reports.glob("failures/*/*"))


def test_a_process_that_dies_is_tried_again_then_reported_and_the_others_finish(city, todo, engines, monkeypatch):
    monkeypatch.setattr("tylib.batch.pool.PAUSE_S", 0.01)
    summary = run([todo[0], *todo[2:]], city, execute=engines.die, workers=2)
    assert shown(summary.rows) == {(NORTH, "zh"): "ok", (NORTH, "en"): "ok", (SOUTH, "en"): "failed"}
    assert summary.failed[0].error == "the process of the brief ended with code 7"
    assert (city.root / "tried-zh-county-009901").exists()


def test_a_kernel_that_dies_once_is_tried_once_more(city, todo, engines, monkeypatch):
    monkeypatch.setattr("tylib.batch.pool.PAUSE_S", 0.01)
    assert run(todo[:1], city, execute=engines.crash_kernel_once).failed == ()
    log = (city.reports / todo[0].log).read_text(encoding="utf-8")
    assert log.index("gone") < log.index("ok after")  # the second try goes on below the first


def test_a_partial_run_keeps_the_other_rows(city, todo, engines, one_process):
    run(todo, city, execute=engines.answer)
    run(todo[:1], city, execute=engines.answer, languages=["zh", "en"])
    lines = (city.reports / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    assert [(row["language"], row["unit"]) for row in map(json.loads, lines)] == [
        ("en", NORTH), ("en", SOUTH), ("zh", NORTH), ("zh", SOUTH),
    ]  # fmt: skip
    assert "briefs/en/county-009902.html" in outputs(city)["index.html"].decode()


def test_a_page_that_cannot_be_exported_is_a_failed_brief(city, todo, engines, one_process, monkeypatch):
    def refuse(notebook, *, words, **_):
        raise ParameterError(f"no words\nin {words.language}", where="page")

    monkeypatch.setattr("tylib.batch.export.export", refuse)
    summary = run(todo[:1], city, execute=engines.answer)
    assert summary.failed[0].error == "page: no words"
    assert "in zh" in (city.reports / todo[0].log).read_text(encoding="utf-8")


@pytest.mark.parametrize("place", ["a file", "a file inside"])
def test_reports_that_cannot_be_written(city, todo, place):
    at = city.reports if place == "a file" else city.reports.parent / "file" / "reports"
    (at if place == "a file" else at.parent).write_text("in the way", encoding="utf-8")
    with pytest.raises(RunError, match=r"cannot write.*--reports") as caught:
        run(todo, replace(city, reports=at))
    assert caught.value.exit_code == 1
    assert not isinstance(caught.value.__cause__, OSError)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_a_folder_without_permission(city, todo):
    city.reports.mkdir()
    city.reports.chmod(0o500)
    with pytest.raises(RunError, match="Permission denied"):
        run(todo, city)


def test_a_disk_that_fills_up_ends_the_run_with_one_message(city, todo, engines, one_process, monkeypatch):
    run(todo, city, execute=engines.answer)
    stood = outputs(city)

    def full(contents):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("tylib.batch.making.write_together", full)
    made = make(Setting(city, inputs(["90_brief"], city), engines.answer), todo[0])
    assert made.stop == "cannot write: No space left on device"
    assert outputs(city) == stood

    with pytest.raises(RunError, match="cannot write: No space left on device") as caught:
        run(todo, city, execute=engines.answer)
    assert "What stood before still stands" in str(caught.value)
    assert outputs(city) == stood


@pytest.mark.skipif(not sys.platform.startswith("linux") or os.geteuid() != 0, reason="needs to mount a small disk")
def test_a_really_full_disk(city, todo, engines, one_process):
    city.reports.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", city.reports], capture_output=True)
    if mounted.returncode:
        pytest.skip("may not mount a small disk here")
    try:
        run(todo[:1], city, execute=engines.answer)
        stood = outputs(city)
        disk = os.statvfs(city.reports)
        (city.reports / "ballast").write_bytes(bytes(disk.f_bavail * disk.f_frsize - 32 * 1024))
        with pytest.raises(RunError, match="No space left on device"):
            run(todo, city, execute=engines.answer)
        assert {name: outputs(city)[name] for name in stood} == stood
        assert not list(city.reports.rglob("*.part"))
    finally:
        subprocess.run(["umount", city.reports], check=True)


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.parametrize(
    ("sent", "engine"), [(signal.SIGINT, "kernel"), (signal.SIGTERM, "kernel"), (signal.SIGINT, "fork")]
)
def test_stopping_keeps_what_is_done_and_leaves_no_process(city, sent, engine):
    if engine == "fork" and not AVAILABLE:
        pytest.skip("forking is sound on Linux only")
    write_notebook(
        city.root / "notebooks" / "90_brief.ipynb",
        BRIEF,
        "import os, subprocess, time\nif unit.endswith('02'):\n    child = subprocess.Popen(['sleep', '600'])\n"
        "    open('pid', 'w').write(str(child.pid))\n    time.sleep(600)",
    )
    command = [sys.executable, "-m", "tylib", "batch", "--city", str(city.root), "--workers", "2", "--language", "zh"]
    command += ["--engine", engine]
    scratch = city.root / "tmp"
    scratch.mkdir()
    ran = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, encoding="utf-8", start_new_session=True,
        env={**os.environ, "TMPDIR": str(scratch)},
    )  # fmt: skip
    record, pid = city.reports / "manifest.jsonl", city.root / "pid"
    try:
        until = time.monotonic() + 60
        while not (record.is_file() and pid.is_file() and pid.read_text()) and time.monotonic() < until:
            time.sleep(0.05)
        os.killpg(ran.pid, sent) if sent == signal.SIGINT else ran.send_signal(sent)
        _, said = ran.communicate(timeout=20)
    finally:
        ran.kill()
    assert [row.unit for row in Manifest(city.reports).rows.values()] == [NORTH]
    if sent != signal.SIGKILL:
        assert ran.returncode == 130, said
        assert "The briefs that were done are kept" in said
        assert "Traceback" not in said
        assert "county-009901" in (city.reports / "index.html").read_text(encoding="utf-8")
    kernel = Path("/proc") / pid.read_text()
    until = time.monotonic() + 10  # killed, the batch itself can wait for nobody
    while kernel.exists() and " Z " not in (kernel / "stat").read_text() and time.monotonic() < until:
        time.sleep(0.05)
    assert not kernel.exists() or " Z " in (kernel / "stat").read_text()
    assert list(scratch.iterdir()) == []


def test_broken_words_are_found_before_anything_is_started(city, todo):
    (city.params / "i18n" / "en" / "index.yml").write_text("index: [", encoding="utf-8")
    with pytest.raises(DataError):
        run(todo[:1], city, languages=["zh", "en"])
    assert not city.reports.exists()


def test_never_more_workers_than_jobs():
    assert default_workers(1) == 1
    assert 1 <= default_workers(1000) <= 8


def test_a_job_survives_the_way_to_a_worker(city, todo, engines):
    import pickle

    work = partial(make, Setting(city, inputs(["90_brief"], city), engines.answer))
    assert pickle.loads(pickle.dumps(work))(todo[0]).row.status == "ok"
