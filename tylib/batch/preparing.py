"""Before the first brief: what all of them read from the cache of results is made once, in a fresh process.

Two briefs that found the cache cold would each spend the minute. A process of its own, because the one that forks may
run no query, and because what it needs of memory goes with it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from tylib.errors import TylibError
from tylib.store.city import City, package

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

QUIET_S = 1.0  # nothing is said of what takes less
TABLE = "constraints"  # a city without it has no feasible set to prepare
START = "from tylib.batch.preparing import main; main()"
LOG = Path("logs") / "preparing.log"


def prepare(city: City, *, deadline: float, tell: Callable[[str], None], scenarios: Iterable[str] = ("",)) -> str:
    """Make in a fresh process what is missing of the results that briefs share.

    Args:
        deadline: Seconds after which it is ended.
        tell: Called with one line where it takes longer than a second.
        scenarios: Those that briefs lead with; empty is the one that ``params/model.yml`` names.

    Returns:
        What went wrong, in one line; empty where nothing did.
    """
    from tylib.batch.kernel import ENVIRONMENT

    if TABLE not in {resource["name"] for resource in package(city)["resources"]}:
        return ""
    told = {**os.environ, **ENVIRONMENT, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    log = city.reports / LOG
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w+", encoding="utf-8") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", START, *map(str, (city.root, city.reports, city.home)), *scenarios], env=told,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, encoding="utf-8",
        )  # fmt: skip
        # The line of its input stays open as long as this process lives; the child ends when it does not.
        try:
            try:
                process.wait(QUIET_S)
            except subprocess.TimeoutExpired:
                tell("Preparing what the briefs share; after a change of the tables this takes up to some minutes ...")
                process.wait(deadline)
        except subprocess.TimeoutExpired:
            return f"What the briefs share was not prepared in {deadline:g} seconds."
        finally:
            process.kill()
            process.wait()
            message = process.stdout.read().strip()
            process.stdin.close()
            process.stdout.close()
    if not process.returncode:
        log.unlink(missing_ok=True)
        return ""
    return f"What the briefs share was not prepared: {message or f'exit code {process.returncode} (log: {LOG})'}"


def main() -> None:
    """The whole life of the process."""
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    root, reports, home = map(Path, sys.argv[1:4])
    city = City(root, reports, home)
    try:
        from tylib import bounds, scenario

        bounds.prepare(city)
        for name in sys.argv[4:]:
            scenario.prepare(city, name)
    except TylibError as error:
        print(error, flush=True)
        sys.exit(error.exit_code)


def _leave_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)
