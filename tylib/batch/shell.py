"""A notebook run in this very process: IPython's shell without a kernel around it, its outputs those of a kernel.

For a process made for one notebook and gone with it (:mod:`tylib.batch.fork`): nothing is cleaned up that the end of
the process cleans up. What needs a person or a browser at the other end (widgets, ``input``) is refused in words.
"""

from __future__ import annotations

import builtins
import os
import sys
import tempfile
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import List, Type
from traitlets.config import Config

from tylib.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbformat import NotebookNode

# What a kernel of this interpreter says of itself in the notebook.
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": sys.version_info[0]},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": sys.version.partition(" ")[0],
}


def _text(data: Mapping[str, Any]) -> dict[str, Any]:
    """A bundle of representations as a notebook file holds it: pictures as text."""
    return {kind: b64encode(v).decode() if isinstance(v, bytes) else v for kind, v in data.items()}


class _Publisher(DisplayPublisher):
    def publish(self, data: Mapping[str, Any], metadata: Mapping[str, Any] | None = None, **_: Any) -> None:
        self.shell.add("display_data", data=_text(data), metadata=dict(metadata or {}))

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear()


class _Hook(DisplayHook):
    """The value of a cell's last expression."""

    def start_displayhook(self) -> None: ...

    def write_output_prompt(self) -> None: ...

    def write_format_data(self, format_dict: Mapping[str, Any], md_dict: Mapping[str, Any] | None = None) -> None:
        if format_dict:
            count = self.exec_result.execution_count
            self.shell.add("execute_result", data=_text(format_dict), metadata=md_dict or {}, execution_count=count)

    def finish_displayhook(self) -> None: ...


class _Shell(InteractiveShell):
    outputs = List()
    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)

    def add(self, kind: str, **content: Any) -> None:
        from nbformat import from_dict

        self.outputs.append(from_dict({"output_type": kind, **content}))

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.add("error", ename=etype.__name__, evalue=str(evalue), traceback=stb)


class _Stream:
    """``sys.stdout`` of the cells: what a cell writes to one stream becomes one output, as the other engine has it."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, name: str, shell: _Shell) -> None:
        self.name, self.shell = name, shell

    def write(self, text: str) -> int:
        begun = next((output for output in self.shell.outputs if output.get("name") == self.name), None)
        if begun is not None:
            begun["text"] += text
        elif text:
            self.shell.add("stream", name=self.name, text=text)
        return len(text)

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return False


def run(cells: list[NotebookNode], *, begun: Callable[[int], None], done: Callable[[int], None]) -> bool:
    """Run code cells in order, until one raises, and fill in their outputs.

    Args:
        cells: All cells of the notebook; others than code are passed over.
        begun, done: Told the index of each cell before and after.

    Returns:
        Whether every cell ran through.
    """
    shell = ready()
    _refuse("widgets", _set_comm)
    _refuse("input", lambda refuse: setattr(builtins, "input", refuse))
    sys.stdout, sys.stderr = _Stream("stdout", shell), _Stream("stderr", shell)
    try:
        for index, cell in enumerate(cells):
            begun(index)
            if cell.cell_type == "code" and cell.source.strip():
                shell.outputs = cell.outputs = []
                result = shell.run_cell(cell.source, store_history=True)
                cell.outputs, cell.execution_count = list(shell.outputs), result.execution_count
                if not result.success:
                    return False
            done(index)
    finally:
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    return True


def ready() -> _Shell:
    """The shell of this process, made when first asked for (a copy of this process then need not make it).

    It knows nothing of the user's profile: its own is gone as soon as it has been read.
    """
    if _Shell.initialized():
        return _Shell.instance()
    with tempfile.TemporaryDirectory(prefix="tylib-") as folder:
        os.environ["IPYTHONDIR"] = folder
        return _Shell.instance(config=Config({"HistoryManager": {"enabled": False, "hist_file": ":memory:"}}))


def _refuse(what: str, put: Callable[[Callable[..., Any]], None]) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise RunError(
            f"this engine cannot carry {what}", remedy="Use --engine kernel, or leave it out when run in a batch."
        )

    put(refused)


def _set_comm(refuse: Callable[..., Any]) -> None:
    import comm

    comm.create_comm = refuse
