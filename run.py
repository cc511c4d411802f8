#!/usr/bin/env python3
"""Start the suite on a machine that has nothing but Python and pip.

  python3 run.py                   the main job: every brief of the plan "all", into reports/
  python3 run.py test [ARGS]       unit tests, doctests, notebooks, browser tests; with ARGS: pytest with these only
  python3 run.py lab [ARGS]        JupyterLab on the first notebook; ARGS go to it (--no-browser, --port N)
  python3 run.py SUBCOMMAND ...    any subcommand of tylib; `python3 run.py SUBCOMMAND --help` explains it
  python3 run.py --no-venv ...     any of these in the Python that runs this file, as it stands

The first start makes an environment in .venv from the hash-locked requirements (a minute or two, 1 GB); later ones
use it. An activated conda or virtual environment that satisfies the lock is used as it is. TYLIB_VENV=FOLDER puts
the environment elsewhere. uv is used where it is installed and is never needed.
"""

# Only what Python 3.6 can parse and run: an old Python shall say that it is too old, not fail on a line of this file.
import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    import msvcrt

    fcntl = None

ROOT = Path(__file__).resolve().parent
VENV = Path(os.path.abspath(os.environ.get("TYLIB_VENV") or str(ROOT / ".venv")))
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP, BUSY = VENV / "tylib-stamp.json", VENV / "tylib-busy"
LOCKS = {"run": ROOT / "requirements.lock", "test": ROOT / "requirements-test.lock"}
LEVELS = ["", "run", "test"]  # each holds the one before it
NEEDED_MB = {"run": 900, "test": 1200}
THREADS = ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"]
TESTS = ["--nbval-lax", "--nbval-current-env", "-n", "auto", "--maxprocesses", "4", "--dist", "loadscope"]
SELF = ["--no-deps", "--no-build-isolation", "-e", str(ROOT)]  # `-e` has no hash: a second step after the lock's
FAILURES = [  # what the last lines of an installer show, in order of weight
    ("disk", r"No space left|Errno 28\b|os error (28|112)\b|not enough space"),
    ("hash", r"do not match the hashes|hash mismatch"),
    ("readonly", r"read-only file system|permission denied|access is denied|os error (5|13|30)\b"),
    ("network", r"name resolution|connect|timed out|unreachable|proxy|certificate|dns error|failed to fetch"
     r"|error sending request|no matching distribution"),
]  # fmt: skip


class Stop(Exception):
    """Something the reader can mend; the text says what happened and what to do."""


def stop(kind):
    again = "and start again."
    return Stop({
        "disk": f"The disk of {VENV} is full ({free_mb()} MB free, about {NEEDED_MB['test']} needed): free some space "
        f"there and on the disk for temporary files, or set TYLIB_VENV to a folder elsewhere, {again}",
        "hash": "A package that came is not the file the lock names, so it was not installed: try once more, then use "
        f"another package index, for this one serves altered files, {again}",
        "readonly": f"{ROOT} or {VENV} cannot be written: copy the project into a folder of your own {again}",
        "network": "The packages could not be fetched from the package index: check the network, the proxy "
        f"(HTTPS_PROXY) or the mirror (PIP_INDEX_URL for pip, UV_INDEX_URL for uv; it may be behind), {again}",
        "pip": f"{sys.executable} has no pip (22.3 or newer), so nothing can be installed: install pip (on Debian and "
        f"Ubuntu: apt install python3-pip; on Fedora: dnf install python3-pip) or uv, {again}",
        "foreign": f"{VENV} holds other things than an environment and is left alone: move it away, or set TYLIB_VENV "
        f"to another folder, {again}",
    }[kind])  # fmt: skip


def say(text):
    print(text, file=sys.stderr, flush=True)


def free_mb():
    return shutil.disk_usage(str(next(path for path in [VENV, *VENV.parents] if path.is_dir()))).free // 1000000


def check_python(version=sys.version_info[:2]):
    """Stop unless the Python version is one that the lock was made for."""
    wanted = re.search(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    low, high = int(wanted.group(1)), int(wanted.group(2))
    if not (3, low) <= tuple(version) < (3, high):
        found = next(filter(shutil.which, [f"python3.{minor}" for minor in range(high - 1, low - 1, -1)]), None)
        remedy = f"start it with `{found} run.py`" if found else "install one and start run.py with it"
        raise Stop(f"This is Python {version[0]}.{version[1]}, and the suite needs 3.{low} to 3.{high - 1}: {remedy}.")


def missing(level):
    """Compare the running Python with a lock: a list of [package, version wanted, version found or ""]."""
    from importlib.metadata import distributions

    have = {re.sub(r"[-_.]+", "-", dist.metadata["Name"] or "").lower(): dist for dist in distributions()}
    try:
        from packaging.markers import Marker  # itself in the lock: where it is missing, that is said
    except ImportError:
        Marker = None
    rows = []
    for name, version, marker in re.findall(r"^(\S+)==(\S+)(?: ; (.*?))? \\$", LOCKS[level].read_text("utf-8"), re.M):
        if not marker or (Marker and Marker(marker).evaluate()):
            rows.append([name, version, have[name].version if name in have else ""])
    origin = have["tylib"].read_text("direct_url.json") if "tylib" in have else ""
    rows.append(["tylib", ROOT.as_uri(), json.loads(origin)["url"] if origin else ""])
    return [row for row in rows if row[1] != row[2]]


def activated(level):
    """Return the Python of an activated environment that satisfies the lock (or None), and what it lacks."""
    lacks = []
    for prefix in filter(None, map(os.environ.get, ("VIRTUAL_ENV", "CONDA_PREFIX"))):
        places = [Path(prefix, name) for name in ("bin/python", "Scripts/python.exe", "python.exe")]
        python = next((str(path) for path in places if path.exists()), None)
        if not python or Path(prefix).absolute() == VENV:
            continue
        look = [python, str(Path(__file__).resolve()), "--missing", level]
        answer = subprocess.run(look, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        lacks = json.loads(answer.stdout.decode()) if answer.returncode == 0 else [["Python 3.11 or newer", "", ""]]
        if [(row[0], row[2]) for row in lacks] == [("tylib", "")]:
            say(f"Adding tylib itself to the activated environment {prefix}.")
            install(python, [SELF])
            lacks = []
        if not lacks:
            return python, []
    return None, lacks


def as_it_stands(level):
    """Return the running Python if it can carry the suite at all; say what differs from the lock."""
    check_python()
    lacks = missing(level)
    absent = [name for name, _, found in lacks if not found]
    if absent:
        raise Stop(f"{sys.executable} lacks {', '.join(absent)}: leave out --no-venv, or install {LOCKS[level].name} "
                   f"with its pip and then the project (pip install {' '.join(SELF[:3])} .).")  # fmt: skip
    if lacks:
        say("Not as locked: " + ", ".join(f"{name} {found} (lock: {wanted})" for name, wanted, found in lacks))
    return sys.executable


def identity():
    """Say what the environment depends on: its Python, where the project lies, the locks."""
    files = [LOCKS["run"], LOCKS["test"], ROOT / "pyproject.toml"]
    return {
        "python": os.path.realpath(str(PYTHON)) if PYTHON.exists() else "",
        "folder": str(ROOT),
        "locks": hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest(),
    }


def read_stamp():
    try:
        return json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def ready(level):
    stamp = read_stamp()
    return stamp.get("of") == identity() and LEVELS.index(stamp.get("level", "")) >= LEVELS.index(level)


@contextlib.contextmanager
def alone():
    """Hold the only right to change the environment; the system gives it back even if this process is killed."""
    VENV.mkdir(parents=True, exist_ok=True)
    with open(str(BUSY), "a") as handle:
        waited = False
        while True:
            try:
                if fcntl:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                else:
                    msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
                break
            except (BlockingIOError, PermissionError):
                if not waited:
                    say("Another start is preparing the environment; waiting for it.")
                waited = True
                time.sleep(0.5)
            except OSError:
                break  # a file system without locks
        os.set_inheritable(handle.fileno(), True)  # an installer that outlives us keeps the right until it ends
        yield


def prepare(level):
    """Make the environment, mend it, or bring it up to the lock."""
    if not PYTHON.exists():
        check_python()
    with alone():
        if ready(level):
            return
        before, now = read_stamp(), identity()
        fresh = not PYTHON.exists() or "trying" in before or {**before.get("of", now), "locks": now["locks"]} != now
        if fresh:
            clear()
            before = {}
            if free_mb() < NEEDED_MB[level]:
                raise stop("disk")
        level = max(level, before.get("level", ""), key=LEVELS.index)
        say(f"Preparing the environment in {VENV} (once, a minute or two) ...")
        start = time.time()
        STAMP.write_text(json.dumps({**before, "trying": level}), "utf-8")
        try:
            if fresh:
                import venv

                venv.EnvBuilder(symlinks=os.name != "nt").create(str(VENV))
            install(str(PYTHON), [["--no-deps", "--require-hashes", "-r", str(LOCKS[level])], SELF])
        except Stop:
            if fresh:  # half an environment only fills the disk
                clear()
            elif before:  # an installer undoes what it could not finish: what stood before still stands
                STAMP.write_text(json.dumps(before), "utf-8")
            else:
                STAMP.unlink()
            raise
        STAMP.write_text(json.dumps({"of": identity(), "level": level}), "utf-8")
        say(f"Ready after {time.time() - start:.0f} s.")


def clear():
    """Remove an environment that cannot be mended, and nothing that is not one."""
    check_python()
    others = [path for path in VENV.iterdir() if path != BUSY]
    if others and not STAMP.exists() and not (VENV / "pyvenv.cfg").exists():
        raise stop("foreign")
    for path in sorted(others, key=STAMP.__eq__):  # the stamp last: it tells a later start whose folder this is
        shutil.rmtree(str(path)) if path.is_dir() and not path.is_symlink() else path.unlink()


def installers(python):
    """Yield the ways to install into an environment, the quickest first."""
    from importlib.metadata import PackageNotFoundError, version
    from importlib.util import find_spec

    if shutil.which("uv"):
        yield [shutil.which("uv"), "pip", "install", "--python", python]
    try:
        pip = [int(part) for part in re.findall(r"\d+", version("pip"))]
    except PackageNotFoundError:
        pip = []
    if pip >= [22, 3]:
        yield [sys.executable, "-m", "pip", "--python", python, "install"]
    elif find_spec("ensurepip") and not subprocess.call([python, "-m", "ensurepip"], stdout=subprocess.DEVNULL):
        yield [python, "-m", "pip", "install"]


def install(python, steps):
    """Run the steps with the first installer that manages them; if none does, say why in one sentence."""
    env = dict(os.environ, PIP_USER="0", PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    lines = None
    for installer in installers(python):
        for step in steps:
            code, lines = watch([*installer, *step], env)
            if code:
                break
        else:
            return
    if lines is None:
        raise stop("pip")
    end = "\n".join(lines[-20:])
    for kind, pattern in FAILURES:
        if re.search(pattern, end, re.I):
            raise stop(kind)
    raise Stop(f"The packages could not be installed; the installer's last words:\n{end}")


def watch(command, env):
    """Run a command, show its newest line on a terminal, and return its exit code and all its lines."""
    lines = []
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, close_fds=False)
    try:
        for raw in child.stdout:
            lines.append(raw.decode("utf-8", "replace").strip())
            if sys.stderr.isatty():
                print(f"\r{lines[-1][:78]:<78}\r", end="", file=sys.stderr, flush=True)
        return child.wait(), lines
    finally:
        if sys.stderr.isatty():
            print(" " * 78, end="\r", file=sys.stderr, flush=True)
        if child.poll() is None:
            child.terminate()
            child.wait()


def command(args):
    """Return what the environment's Python shall run for these arguments of run.py."""
    name, rest = (args[0], args[1:]) if args else ("batch", ["--plan", "all"])
    if name == "test":
        os.chdir(str(ROOT))
        return ["-m", "pytest", *(rest or [*TESTS, "tests", "tylib", "notebooks"])]
    if name == "lab":
        first = next((path.name for path in sorted((ROOT / "notebooks").glob("00_*.ipynb"))), "")
        return ["-m", "jupyterlab", f"--ServerApp.root_dir={ROOT}", f"--LabApp.default_url=/lab/tree/notebooks/{first}",
                f"--LabApp.app_settings_dir={ROOT / 'tylib' / 'lab' / 'settings'}",
                "--ServerApp.jpserver_extensions", "tylib.batch.lab_server=True", *rest]  # fmt: skip
    return ["-P", "-m", "tylib", name, *rest]


def launch(python, args):
    """Become the command (on Windows: run it), so that signals and the exit code are its own."""
    env = {"PYTHONUTF8": "1", **dict.fromkeys(THREADS, "1"), **os.environ}
    env["PATH"] = os.path.dirname(python) + os.pathsep + env.get("PATH", "")
    if os.name == "posix":
        os.execve(python, [python, *args], env)
    return subprocess.call([python, *args], env=env)


def main(args):
    bare = args[:1] == ["--no-venv"]
    args = args[1:] if bare else args
    level = "test" if args[:1] == ["test"] else "run"
    if args[:1] == ["--missing"]:
        print(json.dumps(missing(args[1])))
        return 0
    if args in (["-h"], ["--help"], ["help"]) or (args[:1] in (["test"], ["lab"]) and args[1:] in (["-h"], ["--help"])):
        print(__doc__.strip())
        return 0
    try:
        if bare:
            return launch(as_it_stands(level), command(args))
        python, lacks = activated(level)
        if not python and not ready(level):
            if lacks:
                names = ", ".join(row[0] for row in lacks[:3]) + (", ..." if lacks[3:] else "")
                say(f"The activated environment is not as locked ({names}) and is left alone.")
            prepare(level)
        return launch(python or str(PYTHON), command(args))
    except Stop as reason:
        say(f"run.py: {reason}")
    except OSError as error:
        kinds = {errno.ENOSPC: "disk", errno.EROFS: "readonly", errno.EACCES: "readonly", errno.EPERM: "readonly"}
        say(f"run.py: {stop(kinds[error.errno]) if error.errno in kinds else error}")
    except KeyboardInterrupt:
        say("\nrun.py: Stopped; the next start mends what is half made.")
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
