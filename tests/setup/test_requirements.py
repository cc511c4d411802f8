"""What is declared, what is locked and what conda and Binder install are the same thing."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
DECLARED = PROJECT["project"]
EXTRAS = DECLARED["optional-dependencies"]
PYTHONS = SpecifierSet(DECLARED["requires-python"])
LOCKS = {"run": "requirements.lock", "test": "requirements-test.lock"}
MINORS = [f"3.{minor}" for minor in range(8, 30) if f"3.{minor}.0" in PYTHONS]
PLATFORMS = {
    "linux": {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    "macos": {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    "windows": {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
}


def locked(level: str) -> list[Requirement]:
    """Return the requirements of a lock file, without their hashes."""
    text = re.sub(r"\\\n", " ", (ROOT / LOCKS[level]).read_text("utf-8"))
    return [Requirement(line.split(" --hash")[0]) for line in text.splitlines() if line]


def version(requirement: Requirement) -> str:
    (pin,) = requirement.specifier
    assert pin.operator == "=="
    return pin.version


def declared(level: str) -> list[Requirement]:
    extra = EXTRAS["test"] if level == "test" else []
    return [Requirement(line) for line in [*DECLARED["dependencies"], *EXTRAS["build"], *extra]]


@pytest.mark.parametrize("level", LOCKS)
def test_every_declared_requirement_is_locked_and_satisfied(level: str) -> None:
    pins: dict[str, list[str]] = {}
    for pin in locked(level):
        pins.setdefault(pin.name, []).append(version(pin))
    for wanted in declared(level):
        assert wanted.name in pins, f"{wanted.name} is declared and not in {LOCKS[level]}"
        assert all(found in wanted.specifier for found in pins[wanted.name]), f"{wanted} against {pins[wanted.name]}"


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("minor", MINORS)
def test_each_python_and_platform_gets_one_version_of_each(minor: str, platform: str) -> None:
    where = {**PLATFORMS[platform], "python_version": minor, "python_full_version": f"{minor}.9"}
    names = [pin.name for pin in locked("test") if pin.marker is None or pin.marker.evaluate(where)]
    assert len(names) == len(set(names))
    assert {requirement.name for requirement in declared("test")} <= set(names)


def test_the_test_lock_holds_the_run_lock() -> None:
    of_tests = {str(pin) for pin in locked("test")}
    # A pin without a marker holds wherever one with a marker does.
    missing = [str(pin) for pin in locked("run") if not {str(pin), f"{pin.name}=={version(pin)}"} & of_tests]
    assert missing == []


@pytest.mark.parametrize("level", LOCKS)
def test_locks_hold_hashes_and_no_address(level: str) -> None:
    text = (ROOT / LOCKS[level]).read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-|--(?!hash))", text.replace("    --hash", "hash"), re.M), "an option in a lock"
    for block in re.split(r"\n(?=\S)", text.strip()):
        first, *hashes = block.splitlines()
        assert re.fullmatch(r"[a-z0-9.-]+==[\w.]+( ; .+)? \\", first), first
        assert hashes and all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in hashes), first


def test_neither_pandas_nor_pyarrow_comes_along() -> None:
    assert not {"pandas", "pyarrow"} & {pin.name for level in LOCKS for pin in locked(level)}


def test_the_build_backend_is_locked() -> None:
    assert PROJECT["build-system"]["requires"] == EXTRAS["build"]


def imported(path: Path) -> set[str]:
    """Return the top-level modules that a file imports, ours and Python's own left out."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules.add(node.module)
    return {module.split(".")[0] for module in modules} - {"tylib"} - sys.stdlib_module_names


def test_every_import_of_the_package_is_declared() -> None:
    names = {requirement.name for requirement in declared("run")}
    for line in EXTRAS["dask"]:  # dask[distributed] asks for the package distributed
        names |= {Requirement(line).name, *Requirement(line).extras}
    owners = {module: {re.sub(r"[-_.]+", "-", owner).lower() for owner in owned}
              for module, owned in packages_distributions().items()}  # fmt: skip
    undeclared = {
        f"{path.relative_to(ROOT)}: {module}"
        for path in (ROOT / "tylib").rglob("*.py")
        for module in imported(path)
        if not owners.get(module, {module}) & names
    }
    assert undeclared == set()


def test_conda_gives_python_and_pip_and_the_lock_gives_the_rest() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    assert environment["channels"] == ["conda-forge", "nodefaults"]
    python, pip, packages = environment["dependencies"]
    assert (pip, packages) == ("pip", {"pip": ["-r requirements.lock"]})
    assert re.fullmatch(r"python=\d+\.\d+", python), "Binder reads the Python version in this form"
    assert python.removeprefix("python=") in MINORS


def test_binder_adds_the_package_itself() -> None:
    script = ROOT / "postBuild"
    assert "pip install --no-deps --no-build-isolation -e .\n" in script.read_text("utf-8")
    assert script.stat().st_mode & 0o100 or sys.platform == "win32"


def test_workflow_runs_on_pythons_of_the_lock() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text("utf-8"))["jobs"]
    assert jobs["linux"]["strategy"]["matrix"]["python"] == MINORS
    assert set(jobs["elsewhere"]["strategy"]["matrix"]["python"]) <= set(MINORS)


def test_markers_of_the_locks_are_ones_that_a_bare_start_can_leave_to_packaging() -> None:
    """run.py reads markers with packaging, which therefore has to be in the lock itself, and without a marker."""
    (packaging,) = [pin for pin in locked("run") if pin.name == "packaging"]
    assert packaging.marker is None
    assert any(isinstance(pin.marker, Marker) for pin in locked("run"))
