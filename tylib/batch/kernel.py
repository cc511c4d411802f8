"""The kernel a brief runs in: this very interpreter, reached without a network port, with a known environment."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets import default

# jsonschema, which altair and nbformat need, spends 0.8 s of every process on building a grammar for one format of text
# (iri) if this package is there, and does without that format if it is not. No schema here has it.
SLOW_GRAMMAR = "rfc3987_syntax"
PACKAGE_FOLDER = Path(__file__).parents[2]
# Run when the kernel starts: that, and after each cell a note of what the notebook has asked of the store.
STARTUP = f"""
import sys as _sys
_sys.modules.setdefault({SLOW_GRAMMAR!r}, None)
def _note(*_):
    if (memory := _sys.modules.get("tylib.store.memory")) is not None:
        open({{note!r}}, "w", encoding="utf-8").write("\\n".join(sorted(memory.USED)))
get_ipython().events.register("post_run_cell", _note)
del _note
"""
# A socket's path has 104 bytes on every Unix, less "/kernel-ipc-5".
SOCKET_ROOM = 90

ENVIRONMENT = {
    "TYLIB_BATCH": "1",
    "PYTHONUTF8": "1",
    # The same bytes from the same inputs: no order by random hash, no sum in the order in which threads finish.
    "PYTHONHASHSEED": "0",
    "POLARS_MAX_THREADS": "1",
    # Briefs run side by side: a pool of threads in each would only fight for the same cores.
    **dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS"),
        "1",
    ),
    # The debugger is of no use without a person, and warns of frozen modules on every start.
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


class ThisInterpreter(KernelSpecManager):
    """Answers every name with the interpreter that runs the batch, whatever the user has registered as python3."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        environment = dict(ENVIRONMENT)
        if not {"site-packages", "dist-packages"} & set(PACKAGE_FOLDER.parts):
            # Run from its source tree: the kernel has to find the same one.
            environment["PYTHONPATH"] = os.pathsep.join(
                [str(PACKAGE_FOLDER), *filter(None, [os.environ.get("PYTHONPATH")])]
            )
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            env=environment,
            name=kernel_name,
            display_name="Python 3",
            language="python",
        )


class BatchKernelManager(AsyncKernelManager):
    """A kernel manager whose files lie in a folder of its own, gone with the kernel.

    Sockets of the file system where the platform has them (several kernels picking TCP ports at once now and then pick
    the same one), TCP on Windows.
    """

    live: ClassVar[set[BatchKernelManager]] = set()
    environment: ClassVar[dict[str, str]] = {}
    used: ClassVar[list[str]] = []  # what the notebook asked of the store, once the kernel is gone

    def __init__(self, **options: Any) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tylib-"))
        super().__init__(**options, kernel_spec_manager=ThisInterpreter())
        self.connection_file = str(self.folder / "kernel.json")

    @default("transport")
    def _transport_default(self) -> str:
        return "tcp" if os.name == "nt" or len(os.fsencode(self.folder)) > SOCKET_ROOM else "ipc"

    async def _async_start_kernel(self, **options: Any) -> None:
        BatchKernelManager.live.add(self)
        # A profile in the user's home must not change what a brief says; this one has a single start-up file.
        profile = self.folder / "ipython"
        options["env"] = {**os.environ, **self.environment, "IPYTHONDIR": str(profile)}
        startup = profile / "profile_default" / "startup"
        startup.mkdir(parents=True)
        (startup / "ready.py").write_text(STARTUP.format(note=str(self.folder / "used")), encoding="utf-8")
        await super()._async_start_kernel(**options)

    start_kernel = _async_start_kernel

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        await super()._async_cleanup_resources(restart=restart)
        if not restart:
            BatchKernelManager.live.discard(self)
            with suppress(OSError):  # a notebook that asked for nothing
                self.used[:] = (self.folder / "used").read_text(encoding="utf-8").splitlines()
            shutil.rmtree(self.folder, ignore_errors=True)

    cleanup_resources = _async_cleanup_resources

    @classmethod
    def kill_all(cls) -> None:
        """End every kernel of this process and all that they started. Safe inside a signal handler."""
        for manager in list(cls.live):
            process = getattr(manager.provisioner, "process", None)
            with suppress(OSError, AttributeError):
                if os.name == "nt":
                    process.kill()
                else:
                    os.killpg(process.pid, signal.SIGKILL)
            shutil.rmtree(manager.folder, ignore_errors=True)
