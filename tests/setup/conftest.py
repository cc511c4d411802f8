"""A copy of run.py in a project folder of its own, with an installer that only notes what it is asked."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_under_test", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def plain_run() -> ModuleType:
    """Return run.py as it is."""
    return load(ROOT / "run.py")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return run.py of a project folder of its own; `asked` is what it had installed, `launched` what it started."""
    project = tmp_path / "project"
    (project / "notebooks").mkdir(parents=True)
    (project / "notebooks" / "00_start_here.ipynb").write_text("{}", "utf-8")
    for name in ("run.py", "pyproject.toml", "requirements.lock", "requirements-test.lock"):
        shutil.copy(ROOT / name, project / name)
    for name in ("TYLIB_VENV", "VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    module = load(project / "run.py")
    module.asked, module.launched = [], []
    monkeypatch.setattr(module, "installers", lambda python: iter([["pip"]]))
    monkeypatch.setattr(module, "watch", lambda command, env: (module.asked.append(command), (0, []))[1])
    monkeypatch.setattr(module, "launch", lambda python, args: (module.launched.append([python, *args]), 0)[1])
    monkeypatch.setattr(module, "free_mb", lambda: 50_000)
    return module


@pytest.fixture
def failing(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let every installer print a text and fail."""
    return lambda text: monkeypatch.setattr(run, "watch", lambda command, env: (1, text.splitlines()))


@pytest.fixture
def message(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Return the sentence for people: the one line on stderr that begins with run.py."""

    def read() -> str:
        lines = capsys.readouterr().err.splitlines()
        assert not any("Traceback" in line for line in lines)
        (line,) = [line for line in lines if line.startswith("run.py: ")]
        return line

    return read
