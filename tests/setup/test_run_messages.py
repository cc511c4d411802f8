"""What can be in the way of run.py becomes one sentence with a remedy, exit code 1 and no traceback."""

from __future__ import annotations

import ast
import errno
import importlib.metadata
import importlib.util
import os
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = "/opt/bin/uv"


@pytest.mark.parametrize("version", [(3, 6), (3, 10), (3, 15)])
def test_wrong_python(run, monkeypatch, message, version) -> None:
    check = run.check_python
    monkeypatch.setattr(run, "check_python", lambda: check(version))
    monkeypatch.setattr(run.shutil, "which", lambda name: "/usr/bin/python3.12" if name == "python3.12" else None)
    assert run.main(["check"]) == 1
    text = message()
    assert f"This is Python {version[0]}.{version[1]}" in text
    assert "3.11 to 3.14" in text and "python3.12 run.py" in text
    assert not run.VENV.exists()


def test_an_old_python_can_read_run_py_and_say_so() -> None:
    ast.parse((ROOT / "run.py").read_text("utf-8"), feature_version=(3, 6))


FAILING = {
    "network": [
        "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3...>: "
        "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')'\n"
        "ERROR: Could not find a version that satisfies the requirement altair==6.3.0 (from versions: none)\n"
        "ERROR: No matching distribution found for altair==6.3.0",
        "error: Failed to fetch: `altair`\n  Caused by: error sending request\n  Caused by: dns error",
        "ERROR: Could not install: SSLError(SSLCertVerificationError: certificate verify failed)",
    ],
    "disk": [
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
        "error: Failed to extract archive\n  Caused by: No space left on device (os error 28)",
    ],
    "read-only": [
        "ERROR: Could not install packages due to an OSError: [Errno 30] Read-only file system: '/x'",
        "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/x'",
    ],
    "hash": [
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n    rich==15.0.0:",
        "error: Failed to read `rich==15.0.0`\n  Caused by: Hash mismatch for `rich==15.0.0`",
    ],
}
SENTENCES = {
    "network": "could not be fetched.*check the network.*HTTPS_PROXY.*PIP_INDEX_URL",
    "disk": "is full.*free some space.*TYLIB_VENV",
    "read-only": "cannot be written.*copy the project into a folder of your own",
    "hash": "not the file the lock names.*another package index",
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in FAILING.items() for text in texts])
def test_what_an_installer_fails_on_becomes_one_sentence(run, failing, message, kind, text) -> None:
    failing(text)
    assert run.main(["check"]) == 1
    assert re.search(SENTENCES[kind], message())
    assert run.launched == [] and not run.ready("run")


def test_what_it_does_not_know_is_shown(run, failing, capsys) -> None:
    failing("line one\nBuilding wheel failed: no compiler")
    assert run.main(["check"]) == 1
    assert "no compiler" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.EROFS, "read-only"), (errno.EACCES, "read-only"), (errno.ENOSPC, "disk")]
)
def test_a_folder_that_cannot_be_written(run, monkeypatch, message, number, kind) -> None:
    def refuse(path, *args, **settings):
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(run.Path, "mkdir", refuse)
    assert run.main(["check"]) == 1
    assert re.search(SENTENCES[kind], message())


def test_a_disk_too_small_is_seen_before_it_is_filled(run, monkeypatch, message) -> None:
    monkeypatch.setattr(run, "free_mb", lambda: 100)
    assert run.main(["check"]) == 1
    assert re.search(SENTENCES["disk"], message()) and run.asked == []


def test_no_pip_at_all(run, monkeypatch, message) -> None:
    monkeypatch.setattr(run, "installers", lambda python: iter([]))
    assert run.main(["check"]) == 1
    assert re.search("has no pip.*apt install python3-pip.*or uv", message())


# Ways to install


@pytest.fixture
def ways(plain_run, monkeypatch):
    """Return the installers that run.py finds on a machine with these things."""

    def find(uv: bool, pip: str | None, ensurepip: bool) -> list[str]:
        def version(name: str) -> str:
            if pip is None:
                raise importlib.metadata.PackageNotFoundError
            return pip

        monkeypatch.setattr(plain_run.shutil, "which", lambda name: UV if uv and name == "uv" else None)
        monkeypatch.setattr(importlib.metadata, "version", version)
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if ensurepip else None)
        monkeypatch.setattr(plain_run.subprocess, "call", lambda command, **_: 0)
        return [" ".join(way).replace(sys.executable, "python3") for way in plain_run.installers("ENV")]

    return find


@pytest.mark.parametrize(
    ("uv", "pip", "ensurepip", "expected"),
    [
        (True, "25.0", True, [f"{UV} pip install --python ENV", "python3 -m pip --python ENV install"]),
        (False, "23.0.1", False, ["python3 -m pip --python ENV install"]),
        (False, "22.0.2", True, ["ENV -m pip install"]),
        (False, None, True, ["ENV -m pip install"]),
        (False, "22.0.2", False, []),
        (True, None, False, [f"{UV} pip install --python ENV"]),
    ],
)
def test_the_quickest_way_that_is_there_is_taken(ways, uv, pip, ensurepip, expected) -> None:
    assert ways(uv, pip, ensurepip) == expected


def test_where_uv_fails_pip_is_tried(run, monkeypatch) -> None:
    monkeypatch.setattr(run, "installers", lambda python: iter([["uv"], ["pip"]]))
    note = run.watch
    monkeypatch.setattr(run, "watch", lambda command, env: (2, ["error"]) if command[0] == "uv" else note(command, env))
    assert run.main(["check"]) == 0
    assert [command[0] for command in run.asked] == ["pip", "pip"]


def test_an_installer_is_watched_to_its_end(plain_run) -> None:
    code = "import os; print('one'); print(os.environ['MARK']); raise SystemExit(3)"
    env = {**os.environ, "MARK": "二", "PYTHONUTF8": "1"}
    assert plain_run.watch([sys.executable, "-c", code], env) == (3, ["one", "二"])
