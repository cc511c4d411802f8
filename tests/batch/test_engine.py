"""The engine with real kernels: strict about parameters, the same bytes twice, nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import pytest

from tylib.batch.engine import TylibEngine, execute
from tylib.batch.plan import Job

from .conftest import BRIEF, write_notebook

SEES = """import os, sys, json
print(json.dumps({
    "python": sys.executable, "unit": unit, "cwd": os.getcwd(), "ipython": get_ipython().profile_dir.location,
    **{k: os.environ.get(k) for k in ("TYLIB_BATCH", "TYLIB_CITY", "PYTHONUTF8", "OMP_NUM_THREADS")},
}))"""


def job(**parameters):
    return Job("county:009901", "zh", "90_brief", tuple(parameters.items()))


def streams(notebook):
    return "".join(o.text for c in notebook.cells for o in c.get("outputs", ()) if o.output_type == "stream")


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """Where kernels put their files, to be found empty afterwards. Short: sockets lie in it."""
    with tempfile.TemporaryDirectory(prefix="ty") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def test_the_kernel_is_this_interpreter_with_a_known_environment(tmp_path, monkeypatch, scratch):
    registered = tmp_path / "jupyter" / "kernels" / "python3"
    registered.mkdir(parents=True)
    (registered / "kernel.json").write_text(
        json.dumps({"argv": ["false"], "display_name": "another", "language": "python"}), encoding="utf-8"
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    notebook = write_notebook(tmp_path / "{90}.ipynb", SEES, "print(language)\nobject()")
    outcomes = [execute(job(unit="county:001"), notebook, tmp_path) for _ in range(2)]
    assert [outcome.error for outcome in outcomes] == ["", ""]
    seen = json.loads(streams(outcomes[0].notebook).splitlines()[0])
    assert seen.pop("ipython").startswith(str(scratch))
    assert seen == {
        "python": sys.executable, "unit": "county:001", "cwd": str(tmp_path), "TYLIB_CITY": str(tmp_path),
        "TYLIB_BATCH": "1", "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    assert "TCP" not in streams(outcomes[0].notebook)
    plain = [o.data["text/plain"] for o in outcomes[0].notebook.cells[-1].outputs if "data" in o]
    assert plain == ["<object>"]
    for outcome in outcomes:
        outcome.notebook.cells[-2].outputs = []  # names the folder of its kernel
    assert nbformat.writes(outcomes[0].notebook) == nbformat.writes(outcomes[1].notebook)
    written = nbformat.writes(outcomes[0].notebook)
    assert "start_time" not in written
    assert "iopub" not in written
    assert list(scratch.iterdir()) == []


def test_an_exception_is_an_outcome_with_its_place(tmp_path, scratch):
    notebook = write_notebook(tmp_path / "n.ipynb", "1 + 1", "raise ValueError('no \\x1b[31msuch\\x1b[0m thing')")
    outcome = execute(job(unit="county:001"), notebook, tmp_path)
    assert (outcome.notebook, outcome.crashed) == (None, False)
    assert outcome.error == "ValueError: no such thing"
    assert "Cell 4:" in outcome.detail
    assert "\x1b" not in outcome.detail


def test_errors_of_ours_say_only_their_message(tmp_path, scratch):
    cell = "from tylib.errors import DataError\nraise DataError('the table is empty', where='data/x.csv')"
    outcome = execute(job(unit="county:001"), write_notebook(tmp_path / "n.ipynb", cell), tmp_path)
    assert outcome.error == "data/x.csv: the table is empty."


def test_a_kernel_that_dies_is_a_crash(tmp_path, scratch):
    notebook = write_notebook(tmp_path / "n.ipynb", "import os; os._exit(3)")
    outcome = execute(job(unit="county:001"), notebook, tmp_path)
    assert (outcome.notebook, outcome.crashed) == (None, True)
    assert outcome.error == "the process of the brief ended before the brief did"
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("parameters", "cell", "message"),
    [
        ({"unti": "county:001"}, "unit = 'x'", 'unknown parameter "unti"; expected one of: unit. Did you mean "unit"?'),
        ({"unit": 1}, "unit = 'x'", "parameter unit is 1, a int"),
        ({"unit": "county:001"}, None, "no cell tagged parameters"),
    ],
)
def test_what_papermill_only_warns_of_is_refused(tmp_path, parameters, cell, message):
    notebook = write_notebook(tmp_path / "n.ipynb", "1", parameters=cell)
    outcome = execute(job(**parameters), notebook, tmp_path)
    assert message in outcome.error


def test_another_language_is_refused(tmp_path):
    notebook = nbformat.read(write_notebook(tmp_path / "n.ipynb", "1"), as_version=4)
    notebook.metadata["kernelspec"]["language"] = "R"
    nbformat.write(notebook, tmp_path / "n.ipynb")
    assert "written in R" in execute(job(unit="county:001"), tmp_path / "n.ipynb", tmp_path).error


def papermill(*arguments, cwd):
    command = [sys.executable, "-m", "papermill", "--engine", "tylib", "--no-progress-bar", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8")


def test_by_hand_with_stock_papermill(city):
    ran = papermill("90_brief.ipynb", "out.ipynb", "-r", "unit", "county:009902", cwd=city.root / "notebooks")
    assert ran.returncode == 0, ran.stderr
    assert "TCP" not in ran.stderr
    out = city.root / "notebooks" / "out.ipynb"
    assert "county:009902" in nbformat.read(out, as_version=4).cells[-1].outputs[0].data["text/html"]

    before = out.read_bytes()
    ran = papermill("notebooks/90_brief.ipynb", "notebooks/out.ipynb", "-r", "uint", "county:009902", cwd=city.root)
    assert ran.returncode == 1
    assert 'unknown parameter "uint"' in ran.stderr
    assert out.read_bytes() == before


def test_nothing_is_saved_while_cells_run(city, monkeypatch):
    import papermill

    written = []
    monkeypatch.setattr("papermill.engines.write_ipynb", lambda nb, path: written.append(path))
    papermill.engines.papermill_engines.register("tylib", TylibEngine)
    out = city.root / "out.ipynb"
    papermill.execute_notebook(city.root / "notebooks" / "90_brief.ipynb", out, engine_name="tylib", progress_bar=False)
    assert written == []
    assert BRIEF in nbformat.read(out, as_version=4).cells[-1].source


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_a_killed_batch_leaves_no_kernel(tmp_path):
    tell = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))"
    notebook = write_notebook(tmp_path / "n.ipynb", f"import os, time\n{tell}\ntime.sleep(600)")
    code = (
        "from pathlib import Path; from tylib.batch.engine import execute; from tylib.batch.plan import Job;"
        f"execute(Job('county:1', 'zh', 'n', ()), Path({str(notebook)!r}), Path({str(tmp_path)!r}))"
    )
    batch = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(tmp_path)})
    try:
        pid = int(wait_for(lambda: (tmp_path / "pid").is_file() and (tmp_path / "pid").read_text()))
        batch.send_signal(signal.SIGKILL)
        batch.wait()
        assert wait_for(lambda: not alive(pid))
    finally:
        batch.kill()


def wait_for(condition, seconds=120):  # a busy machine may take its time to start a kernel
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.is_file() or state.read_text().rpartition(")")[2].split()[0] != "Z"
