"""run.py makes, mends or finds an environment and runs in it what it is asked. Nothing is installed here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
POSIX = pytest.mark.skipif(os.name != "posix", reason="the stand-in for Python is a shell script")


# What it runs


def test_without_arguments_it_runs_the_plan_of_all_briefs(run) -> None:
    assert run.main([]) == 0
    assert run.launched == [[str(run.PYTHON), "-P", "-m", "tylib", "batch", "--plan", "all"]]


def test_any_other_word_goes_to_the_command(run) -> None:
    run.main(["check", "--city", "elsewhere"])
    run.main(["--version"])
    assert [call[3:] for call in run.launched] == [["tylib", "check", "--city", "elsewhere"], ["tylib", "--version"]]


def test_tests_run_in_the_project_with_the_notebooks_or_with_the_given_arguments_only(run) -> None:
    run.main(["test"])
    run.main(["test", "-k", "setup"])
    whole, part = run.launched
    assert whole[1:3] == ["-m", "pytest"] and whole[-3:] == ["tests", "tylib", "notebooks"] and "--nbval-lax" in whole
    assert part[1:] == ["-m", "pytest", "-k", "setup"]
    assert Path.cwd() == run.ROOT


def test_lab_opens_the_first_notebook_with_our_settings(run) -> None:
    run.main(["lab", "--no-browser", "--port", "8899"])
    (call,) = run.launched
    assert call[1:3] == ["-m", "jupyterlab"] and call[-3:] == ["--no-browser", "--port", "8899"]
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in call
    assert f"--ServerApp.root_dir={run.ROOT}" in call
    assert call[call.index("--ServerApp.jpserver_extensions") + 1] == "tylib.batch.lab_server=True"
    settings = next(part.split("=")[1] for part in call if part.startswith("--LabApp.app_settings_dir="))
    assert (ROOT / Path(settings).relative_to(run.ROOT) / "overrides.json").is_file()


@pytest.mark.parametrize("args", [["--help"], ["-h"], ["help"], ["test", "--help"], ["lab", "--help"]])
def test_help_makes_no_environment(run, capsys, args) -> None:
    assert run.main(args) == 0
    assert "python3 run.py lab" in capsys.readouterr().out
    assert not run.VENV.exists() and run.launched == []


@POSIX
def test_the_command_keeps_its_exit_code_and_gets_utf8_and_one_thread(tmp_path) -> None:
    python = tmp_path / "python"
    shown = "$PYTHONUTF8 $OPENBLAS_NUM_THREADS $OMP_NUM_THREADS $MKL_NUM_THREADS $@"
    python.write_text(f'#!/bin/sh\necho "{shown}"\nexit 7\n', "utf-8")
    python.chmod(0o755)
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import run; run.launch({str(python)!r}, ['batch'])"
    env = {name: value for name, value in os.environ.items() if "THREADS" not in name} | {"OMP_NUM_THREADS": "3"}
    answer = subprocess.run([sys.executable, "-B", "-c", code], env=env, capture_output=True, text=True)
    assert (answer.stdout, answer.returncode) == ("1 1 3 1 batch\n", 7)


# The environment


def test_first_start_installs_the_lock_with_hashes_and_then_the_project(run, capsys) -> None:
    run.main(["check"])
    packages, project = run.asked
    assert packages == ["pip", "--no-deps", "--require-hashes", "-r", str(run.ROOT / "requirements.lock")]
    assert project == ["pip", "--no-deps", "--no-build-isolation", "-e", str(run.ROOT)]
    assert run.PYTHON.exists() and run.ready("run") and not run.ready("test")
    assert "Preparing" in capsys.readouterr().err


def test_second_start_installs_nothing_and_says_nothing(run, capsys) -> None:
    run.main(["test"])
    run.asked.clear()
    capsys.readouterr()
    run.main(["check"])
    run.main(["test"])
    assert run.asked == [] and capsys.readouterr().err == ""


def test_a_changed_lock_is_installed_into_what_is_there(run) -> None:
    run.main(["test"])
    (run.VENV / "kept").touch()
    run.LOCKS["run"].write_text("# changed\n" + run.LOCKS["run"].read_text("utf-8"), "utf-8")
    run.asked.clear()
    run.main(["check"])
    assert run.asked[0][-1].endswith("requirements-test.lock"), "what testing needs stays"
    assert (run.VENV / "kept").exists() and run.ready("test")


@POSIX
def test_another_python_or_a_moved_folder_begins_anew(run, tmp_path) -> None:
    run.main(["check"])
    (run.VENV / "stale").touch()
    run.PYTHON.unlink()
    run.PYTHON.symlink_to(shutil.which("sh"))
    run.main(["check"])
    assert not (run.VENV / "stale").exists() and run.ready("run")


def test_after_a_stop_in_the_middle_the_next_start_begins_anew(run, monkeypatch, message) -> None:
    def interrupted(command, env):
        (run.VENV / "half").touch()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run, "watch", interrupted)
        assert run.main(["check"]) == 130
    assert "Stopped" in message()
    assert not run.ready("run") and run.launched == []
    assert run.main(["check"]) == 0
    assert not (run.VENV / "half").exists() and run.ready("run")


def test_a_failed_step_up_leaves_what_worked(run, monkeypatch) -> None:
    run.main(["check"])
    with monkeypatch.context() as patch:
        patch.setattr(run, "watch", lambda command, env: (1, ["Temporary failure in name resolution"]))
        assert run.main(["test"]) == 1
    assert run.ready("run") and not run.ready("test")
    (run.VENV / "kept").touch()
    assert run.main(["test"]) == 0
    assert (run.VENV / "kept").exists() and run.ready("test")


def test_a_folder_with_other_things_is_left_alone(run, message) -> None:
    run.VENV.mkdir()
    (run.VENV / "thesis.txt").write_text("years of work", "utf-8")
    assert run.main(["check"]) == 1
    assert "left alone" in message()
    assert (run.VENV / "thesis.txt").read_text("utf-8") == "years of work"


def test_an_environment_made_by_hand_is_filled_not_removed(run) -> None:
    venv.EnvBuilder(symlinks=os.name == "posix").create(run.VENV)
    (run.VENV / "mine").touch()
    run.main(["check"])
    assert (run.VENV / "mine").exists() and run.ready("run")


def test_an_environment_made_by_hand_stays_when_it_cannot_be_filled(run, failing) -> None:
    venv.EnvBuilder(symlinks=os.name == "posix").create(run.VENV)
    failing("No space left on device")
    for _ in range(2):
        assert run.main(["check"]) == 1
    assert run.PYTHON.exists() and not run.STAMP.exists()


def test_a_first_start_that_fails_leaves_no_half_environment(run, failing) -> None:
    failing("No space left on device")
    assert run.main(["check"]) == 1
    assert [path.name for path in run.VENV.iterdir()] == [run.BUSY.name]


def test_two_starts_at_once_make_one_environment(run, capsys) -> None:
    with run.alone():
        other = threading.Thread(target=run.prepare, args=("run",))
        other.start()
        time.sleep(0.3)
        assert run.asked == []
        run.PYTHON.parent.mkdir()
        run.PYTHON.touch()
        run.STAMP.write_text(json.dumps({"of": run.identity(), "level": "run"}), "utf-8")
    other.join(10)
    assert not other.is_alive() and run.asked == []
    assert "waiting" in capsys.readouterr().err


# Environments of the user


def pretend(run, monkeypatch, tmp_path, lacks, name="CONDA_PREFIX") -> Path:
    """Activate an environment that lacks something."""
    python = tmp_path / "conda" / run.PYTHON.relative_to(run.VENV)
    python.parent.mkdir(parents=True)
    python.touch()
    monkeypatch.setenv(name, str(tmp_path / "conda"))
    answer = subprocess.CompletedProcess([], 0, json.dumps(lacks).encode())
    monkeypatch.setattr(run.subprocess, "run", lambda command, **_: answer)
    return python


@pytest.mark.parametrize("name", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_an_activated_environment_that_satisfies_the_lock_is_used(run, monkeypatch, tmp_path, name) -> None:
    python = pretend(run, monkeypatch, tmp_path, [], name)
    run.main(["check"])
    assert run.launched[0][0] == str(python) and run.asked == [] and not run.VENV.exists()


def test_an_activated_environment_from_the_lock_gets_the_project(run, monkeypatch, tmp_path) -> None:
    python = pretend(run, monkeypatch, tmp_path, [["tylib", run.ROOT.as_uri(), ""]])
    run.main(["check"])
    assert run.asked == [["pip", *run.SELF]] and run.launched[0][0] == str(python)


def test_an_activated_environment_of_another_copy_is_not_touched(run, monkeypatch, tmp_path) -> None:
    pretend(run, monkeypatch, tmp_path, [["tylib", run.ROOT.as_uri(), "file:///elsewhere"]])
    run.main(["check"])
    assert run.launched[0][0] == str(run.PYTHON)


def test_an_activated_environment_that_lacks_something_is_not_used(run, monkeypatch, tmp_path, capsys) -> None:
    pretend(run, monkeypatch, tmp_path, [["polars", "2.1.0", "1.0"], ["numpy", "2.4.6", ""]])
    run.main(["check"])
    assert run.launched[0][0] == str(run.PYTHON)
    assert "not as locked (polars, numpy) and is left alone" in capsys.readouterr().err


def test_missing_reads_what_is_installed(run) -> None:
    lacks = {row[0]: row for row in run.missing("test")}
    assert lacks.pop("tylib")[1] == run.ROOT.as_uri(), "installed from another folder than this copy"
    text = run.LOCKS["run"].read_text("utf-8")
    run.LOCKS["run"].write_text("no-such-thing==1.0 \\\n" + text.replace("\nrich==", "\nrich==0.", 1), "utf-8")
    changed = {row[0]: row for row in run.missing("run")}
    assert changed["no-such-thing"] == ["no-such-thing", "1.0", ""]
    assert changed["rich"][1] == "0." + changed["rich"][2]
    assert set(changed) - set(lacks) <= {"no-such-thing", "rich", "tylib"}


def test_no_venv_says_what_is_missing(run, monkeypatch, message) -> None:
    monkeypatch.setattr(run, "missing", lambda level: [["polars", "2.1.0", ""], ["rich", "15", "14"]])
    assert run.main(["--no-venv", "check"]) == 1
    text = message()
    assert "lacks polars:" in text and "requirements.lock" in text and run.launched == []


def test_no_venv_goes_on_with_other_versions_and_names_them(run, monkeypatch, capsys) -> None:
    monkeypatch.setattr(run, "missing", lambda level: [["rich", "15", "14"]])
    assert run.main(["--no-venv", "check"]) == 0
    assert "rich 14 (lock: 15)" in capsys.readouterr().err
    assert run.launched == [[sys.executable, "-P", "-m", "tylib", "check"]]
