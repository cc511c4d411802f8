"""The seam between a job and whatever runs it: :func:`execute` takes a job and gives an :class:`Outcome`.

Behind it stands papermill with a real kernel. ``papermill --engine tylib`` reaches the same engine by hand.
Papermill loads this module while it is itself being imported: nothing of papermill may be imported here at the top.
"""

from __future__ import annotations

import os
import re
import traceback
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tylib.batch.parameters import check_parameters, notebook_parameters
from tylib.errors import ParameterError, RunError, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbformat import NotebookNode
    from papermill.engines import NotebookExecutionManager

    from tylib.batch.plan import Job

ENGINE = "tylib"
KERNEL = "python3"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
ADDRESS = re.compile(r" at 0x[0-9a-f]+")
# Errors of ours carry their whole message for people; of anything else the name of the class helps.
OURS = {"TylibError", "RunError", "ParameterError", "DataError"}


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Attributes:
        notebook: The executed notebook, normalised; ``None`` where it failed.
        error: What went wrong, in one line for a reader; empty where nothing did.
        detail: The same for a developer: cell, source, traceback.
        crashed: The kernel died. Worth another try, as an exception is not.
        used: What the notebook asked of the store (``tylib.store.memory.USED``); ``None`` where that is not known.
    """

    notebook: NotebookNode | None
    error: str = ""
    detail: str = ""
    crashed: bool = False
    used: frozenset[str] | None = None


class TylibEngine:
    """An engine for papermill: a real kernel, this interpreter, strict about parameters, no half-written output.

    Has the three class methods that papermill calls and no papermill base class, because papermill loads it before
    that class is there for the importing module.
    """

    @classmethod
    def nb_kernel_name(cls, nb: NotebookNode, name: str | None = None) -> str:
        return KERNEL

    @classmethod
    def nb_language(cls, nb: NotebookNode, language: str | None = None) -> str:
        return "python"

    @classmethod
    def execute_notebook(
        cls,
        nb: NotebookNode,
        kernel_name: str,
        output_path: str | None = None,
        progress_bar: bool | dict[str, Any] = True,
        log_output: bool = False,
        autosave_cell_every: int = 0,
        environment: Mapping[str, str] = MappingProxyType({}),
        **options: Any,
    ) -> NotebookNode:
        """Run the notebook; papermill writes it once, when it returns.

        Args:
            environment: Further variables for the kernel. The other arguments are papermill's own.

        Raises:
            ParameterError: A parameter that the notebook does not have, or a number where it expects text.
        """
        from papermill.engines import NotebookExecutionManager

        where = str(options.get("input_path") or "notebook")
        language = nb.metadata.get("kernelspec", {}).get("language", "python")
        if language != "python":
            raise ParameterError(f"the notebook is written in {language}", where=where, expected="Python")
        given = nb.metadata.papermill.get("parameters") or {}
        if given:
            check_parameters(given, notebook_parameters(nb, where=where), where=where)

        # Without a path the manager saves nothing while cells run: a killed run leaves what stood before.
        manager = NotebookExecutionManager(
            nb, output_path=None, log_output=log_output, progress_bar=progress_bar, autosave_cell_every=0
        )
        manager.notebook_start()
        try:
            cls._run(manager, kernel_name, log_output=log_output, environment=dict(environment), **options)
        finally:
            manager.cleanup_pbar()
            manager.notebook_complete()
        return manager.nb

    @staticmethod
    def _run(manager: NotebookExecutionManager, kernel: str, *, environment: dict[str, str], **options: Any) -> None:
        from papermill.engines import NBClientEngine

        from tylib.batch.kernel import BatchKernelManager

        own = type("Manager", (BatchKernelManager,), {"environment": environment, "used": []})
        NBClientEngine.execute_managed_notebook(
            manager,
            kernel,
            kernel_manager_class=own,
            # Lines of one stream arrive in pieces that depend on timing.
            coalesce_streams=True,
            record_timing=False,
            # All outputs are in by then; a polite end takes between 0.3 and 3 seconds and yields nothing.
            shutdown_kernel="immediate",
            **options,
        )
        manager.nb.metadata.papermill["used"] = own.used


class ShellEngine(TylibEngine):
    """The same without a kernel: the cells run in this process, which must be made for them (``batch.fork``)."""

    @staticmethod
    def _run(manager: NotebookExecutionManager, kernel: str, *, environment: dict[str, str], **options: Any) -> None:
        from tylib.batch import shell
        from tylib.store.memory import USED

        USED.clear()
        os.environ.update(environment)
        os.chdir(options.get("cwd") or ".")
        cells = manager.nb.cells
        fine = shell.run(
            cells,
            begun=lambda index: manager.cell_start(cells[index], index),
            done=lambda index: manager.cell_complete(cells[index], index),
        )
        manager.nb.metadata["language_info"] = shell.LANGUAGE
        manager.nb.metadata.papermill["used"] = sorted(USED)
        if not fine:
            index = next(n for n, c in enumerate(cells) if _raised(c))
            manager.cell_exception(cells[index], index)
            manager.cell_complete(cells[index], index)


class ForkEngine(TylibEngine):
    """The shell in a forked child of this process: ``papermill --engine tylib-fork``, on Linux."""

    @staticmethod
    def _run(manager: NotebookExecutionManager, kernel: str, *, environment: dict[str, str], **options: Any) -> None:
        from tylib.batch import fork
        from tylib.batch.kernel import ENVIRONMENT

        made = fork.forked(
            _in_child, manager, kernel, {**ENVIRONMENT, **environment}, options, deadline=fork.DEADLINE_S
        )
        if isinstance(made, fork.Died):
            raise RunError(f"the process of the notebook ended with code {made.code}")
        manager.nb = made


def _in_child(
    manager: NotebookExecutionManager, kernel: str, environment: dict[str, str], options: dict[str, Any]
) -> NotebookNode:
    ShellEngine._run(manager, kernel, environment=environment, **options)
    return manager.nb


def _raised(cell: NotebookNode) -> bool:
    return any(output.output_type == "error" for output in cell.get("outputs", ()))


def execute(job: Job, notebook: Path, folder: Path, *, engine: type[TylibEngine] = TylibEngine) -> Outcome:
    """Run a job's notebook with its parameters in a kernel of its own, or by another engine.

    Args:
        job: What to make.
        notebook: The notebook file.
        folder: The city's root: working directory of the kernel, and where it finds data and parameters.
        engine: Of this module.

    Returns:
        Never raises for what the notebook does: that is an outcome. Its ``notebook`` holds nothing that differs
        between two runs.
    """
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError

    papermill_engines.register(ENGINE, engine)  # also where the package is used without being installed
    try:
        executed = papermill.execute_notebook(
            path_for_papermill(notebook),
            None,
            parameters=dict(job.parameters),
            engine_name=ENGINE,
            cwd=folder,
            progress_bar=False,
            environment={"TYLIB_CITY": str(folder)},
        )
    except PapermillExecutionError as error:
        text = COLOUR.sub("", "\n".join(error.traceback))
        detail = f"Cell {error.cell_index + 1}:\n{error.source}\n\n{text}"
        return Outcome(None, _plain(error.ename, error.evalue), detail)
    except Exception as error:
        crashed = isinstance(error, DeadKernelError) or "Kernel died" in str(error)
        ended = "the process of the brief ended before the brief did"
        message = ended if crashed else _plain(type(error).__name__, str(error))
        return Outcome(None, message, traceback.format_exc(), crashed)
    used = executed.metadata.papermill.get("used")
    return Outcome(_normalised(executed, notebook), used=None if used is None else frozenset(used))


def path_for_papermill(notebook: Path) -> str:
    """Papermill formats its paths."""
    return str(notebook).replace("{", "{{").replace("}", "}}")


def execute_here(job: Job, notebook: Path, folder: Path) -> Outcome:
    """The same in this very process, which must be a child made for it (:mod:`tylib.batch.fork`)."""
    return execute(job, notebook, folder, engine=ShellEngine)


def engine_named(name: str = "") -> dict[str, Any]:
    """What :func:`tylib.batch.runner.run` takes for an engine: ``fork`` or ``kernel``; by default the better one here.

    Raises:
        ParameterError: No such engine, or not on this platform.
    """
    from tylib.batch.fork import AVAILABLE

    engines: dict[str, dict[str, Any]] = {"kernel": {"execute": execute}}
    if AVAILABLE:
        engines["fork"] = {"execute": execute_here, "forking": True}
    name = name or ("fork" if AVAILABLE else "kernel")
    if name not in engines:
        raise unknown("engine", name, engines)
    return engines[name]


def written(notebook: NotebookNode) -> bytes:
    """An executed notebook as its file has it."""
    from nbformat import v4

    return (v4.writes(notebook) + "\n").encode()


def _plain(name: str, value: str) -> str:
    lines = COLOUR.sub("", value).strip().splitlines() or ["no message"]
    return lines[0] if name in OURS else f"{name}: {lines[0]}"


def _normalised(executed: NotebookNode, notebook: Path) -> NotebookNode:
    """The executed notebook without clock, random names or the place it was run in."""
    import nbformat

    source_ids = {cell.get("id") for cell in nbformat.read(notebook, as_version=nbformat.NO_CONVERT).cells}
    parameters = executed.metadata.papermill.get("parameters", {})
    executed.metadata["papermill"] = {"parameters": parameters}
    executed.metadata.pop("widgets", None)
    for number, cell in enumerate(executed.cells):
        for transient in ("papermill", "execution"):
            cell.metadata.pop(transient, None)
        for output in cell.get("outputs", ()):
            if "text/plain" in output.get("data", {}):
                output.data["text/plain"] = ADDRESS.sub("", output.data["text/plain"])
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
        if "id" in cell and cell["id"] not in source_ids:
            cell["id"] = f"made-{number}"
    return executed
