"""Forking: a result, a death, a silence; nothing left behind; refused where a child would hang; as a kernel."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import nbformat
import pytest

from tylib.batch import fork
from tylib.batch.engine import engine_named, execute, execute_here
from tylib.batch.plan import Job
from tylib.errors import ParameterError, RunError

from .conftest import PROJECT, write_notebook

pytestmark = pytest.mark.skipif(not fork.AVAILABLE, reason="forking is sound on Linux only")
# The tests themselves run queries: everything that forks does so in a process that has only imported.
HEAD = "import os, signal, subprocess, sys, time\nfrom tylib.batch.fork import *\n"


def fresh(code: str, *arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", HEAD + textwrap.dedent(code), *arguments],
        capture_output=True, text=True, cwd=PROJECT, timeout=120, **options,
    )  # fmt: skip


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def gone(pid: int) -> bool:
    until = time.monotonic() + 10
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not alive(pid)


def test_a_result_of_any_size_comes_back_and_the_parent_is_as_before():
    ran = fresh("""
        kept = []
        def work(size): kept.append(1); return "x" * size
        assert forked(work, 3, deadline=60) == "xxx"
        assert len(forked(work, 5_000_000, deadline=60)) == 5_000_000
        assert kept == []
        print("fine")
    """)
    assert ran.stdout == "fine\n", ran.stderr


def test_what_work_raises_is_told():
    ran = fresh("""
        try: forked(lambda: 1 / 0, deadline=60)
        except Exception as error: print(type(error).__name__, "division by zero" in str(error))
    """)
    assert ran.stdout == "RunError True\n", ran.stderr


def test_a_death_is_told_by_its_code():
    ran = fresh("""
        print(forked(os._exit, 7, deadline=60), forked(lambda: os.kill(os.getpid(), 9), deadline=60))
    """)
    assert ran.stdout == "Died(code=7) Died(code=-9)\n", ran.stderr


def test_at_the_deadline_the_child_ends_with_all_that_it_started(tmp_path):
    ran = fresh("""
        def hang():
            started = subprocess.Popen(["sleep", "600"])
            open(sys.argv[1], "w").write(f"{os.getpid()} {started.pid}")
            time.sleep(600)
        begun = time.monotonic()
        print(forked(hang, deadline=2), time.monotonic() - begun < 20)
    """, str(tmp_path / "pids"))  # fmt: skip
    assert ran.stdout == "Died(code=None) True\n", ran.stderr
    assert all(gone(int(pid)) for pid in (tmp_path / "pids").read_text().split())


def test_a_child_dies_with_its_parent(tmp_path):
    code = HEAD + textwrap.dedent("""
        def hang(): open(sys.argv[1], "w").write(str(os.getpid())); time.sleep(600)
        forked(hang, deadline=600)
    """)
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "pid")], cwd=PROJECT)
    until = time.monotonic() + 60
    while not ((tmp_path / "pid").is_file() and (tmp_path / "pid").read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    child = int((tmp_path / "pid").read_text())
    assert alive(child)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    assert gone(child)


def test_a_process_that_has_run_a_query_is_refused():
    ran = fresh("""
        import polars as pl
        forked(int, deadline=60)
        pl.select(1)
        try: forked(int, deadline=60)
        except Exception as error: print(error)
    """)
    assert ran.stdout.startswith("fork: polars has already run a query in this process"), ran.stderr
    assert "--engine kernel" in ran.stdout


def test_preloading_runs_no_query():
    ran = fresh("preload(); refuse_after_queries(); print('fine')")
    assert ran.stdout == "fine\n", ran.stderr


def test_an_engine_is_named():
    assert engine_named("kernel") == {"execute": execute}
    assert engine_named() == engine_named("fork") == {"execute": execute_here, "forking": True}
    with pytest.raises(ParameterError, match=r'unknown engine "forc"; expected one of: fork, kernel. Did you mean'):
        engine_named("forc")


def test_without_forking_kernels_are_the_engine(monkeypatch):
    monkeypatch.setattr(fork, "AVAILABLE", False)
    assert engine_named() == {"execute": execute}
    with pytest.raises(RunError, match="cannot fork safely"):
        fork.refuse_after_queries()


CELLS = [
    "import sys\nprint('a')\nprint('b', file=sys.stderr)\nprint('c', end='')\nprint('d')",
    "from IPython.display import HTML, Markdown, display\ndisplay(HTML('<p>1</p>'))\nprint('x')\nMarkdown('**y**')",
    "1 + 1",
    "None",
    "import polars as pl\npl.DataFrame({'a': [1, 2]}).select(pl.col('a').sum())",
    "a = 1; a",
    "a;",
    "class B:\n    def _ipython_display_(self): display(HTML(unit))\nB()",
    "_, In[-1], __name__",
    "import asyncio\nawait asyncio.sleep(0)\n'awaited'",
    "b'bytes'",
    "",
]
IN_BATCH = {"TYLIB_BATCH": "1"}
RUN = """
    from tylib.batch.engine import execute, execute_here
    from tylib.batch.plan import Job
    from pathlib import Path
    import nbformat
    job = Job("county:1", "zh", "n", tuple(eval(sys.argv[3]).items()))
    def here(): return execute_here(job, Path(sys.argv[1]), Path(sys.argv[4]))
    made = forked(here, deadline=300)
    print(made.error or "fine")
    if made.notebook: nbformat.write(made.notebook, sys.argv[2])
"""


def both(notebook: Path, folder: Path, **parameters) -> tuple[str, str, str]:
    """The executed notebook by a kernel, by a forked shell, and what the latter said."""
    kernel = execute(Job("county:1", "zh", "n", tuple(parameters.items())), notebook, PROJECT)
    asked = str(notebook), str(folder / "out.ipynb"), repr(parameters), str(PROJECT)
    ran = fresh(RUN, *asked, env=os.environ | IN_BATCH)
    assert not kernel.error, kernel.detail
    return nbformat.writes(kernel.notebook) + "\n", (folder / "out.ipynb").read_text(encoding="utf-8"), ran.stdout


def test_outputs_are_those_of_a_kernel_to_the_letter(tmp_path):
    notebook = write_notebook(tmp_path / "n.ipynb", *CELLS)
    kernel, shell, said = both(notebook, tmp_path, unit="county:<1>")
    assert said == "fine\n"
    assert shell == kernel


@pytest.mark.parametrize(
    "notebook", sorted((PROJECT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem.partition("_")[0]
)
def test_every_notebook_of_the_suite_is_the_same_by_both_engines(notebook, tmp_path):
    kernel, shell, said = both(notebook, tmp_path, language="en")
    assert said == "fine\n"
    assert shell == kernel


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import ipywidgets\nipywidgets.IntSlider()", "this engine cannot carry widgets. Use --engine kernel"),
        ("input()", "this engine cannot carry input. Use --engine kernel"),
    ],
)
def test_what_cannot_be_is_an_error_in_words(tmp_path, cell, message):
    notebook = write_notebook(tmp_path / "n.ipynb", cell)
    ran = fresh(RUN, str(notebook), str(tmp_path / "out.ipynb"), repr({"unit": "u"}), str(tmp_path))
    assert ran.stdout.startswith(message), ran.stdout + ran.stderr
    assert not (tmp_path / "out.ipynb").exists()


def test_stock_papermill_takes_the_engine_by_its_name(tmp_path):
    notebook = write_notebook(tmp_path / "n.ipynb", "print(unit)")
    code = "import papermill, sys; papermill.execute_notebook(sys.argv[1], sys.argv[2], {'unit': 'u7'}, 'tylib-fork')"
    ran = subprocess.run(
        [sys.executable, "-c", code, str(notebook), str(tmp_path / "out.ipynb")], capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    assert "u7" in (tmp_path / "out.ipynb").read_text(encoding="utf-8")
