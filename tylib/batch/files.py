"""Files that are whole or not there: written beside their place, then moved into it."""

from __future__ import annotations

import os
import platform
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import TYPE_CHECKING, TextIO

from tylib.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

PART = ".part"
BUSY = ".busy"
SKIPPED = {"__pycache__", ".ipynb_checkpoints"}


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write several files so that either all of them are new or none is.

    Every file is first written whole under a passing name in its own folder; only when the last of them is safely on
    the disk are they moved over what stood there. Folders are made.

    Raises:
        OSError: The disk is full or a folder cannot be written. What stood before still stands.
    """
    # A name of this process: of two that write the same file one wins, and neither a mixture.
    parts = {path: path.with_name(f".{path.name}.{os.getpid()}{PART}") for path in contents}
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with parts[path].open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for path, part in parts.items():
            os.replace(part, path)
    finally:
        for part in parts.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what killed processes left half written. Only where nobody is writing (:func:`alone`)."""
    for part in folder.rglob(f".*{PART}"):
        with suppress(OSError):
            part.unlink()


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the only right to write into a folder; the system gives it back even if this process is killed.

    Raises:
        RunError: Another process holds it; names it.
        OSError: The folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / BUSY).open("a+", encoding="utf-8") as file:
        try:
            _lock(file)
        except (BlockingIOError, PermissionError):
            holder = ""
            with suppress(OSError):
                file.seek(0)
                holder = file.read().strip()
            raise RunError(
                "another run is writing there" + (f" ({holder})" if holder else ""), where=str(folder),
                remedy="Wait for it, or name another folder with --reports and join both with tylib batch merge.",
            ) from None  # fmt: skip
        except OSError:
            pass  # a file system without locks
        with suppress(OSError):  # on Windows nobody else may read what is locked
            file.truncate(0)
            file.write(f"process {os.getpid()} on {platform.node()}")
            file.flush()
        yield


def _lock(file: TextIO) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def fingerprint(*roots: Path, without: Iterable[Path] = ()) -> str:
    """One hash of files and of all files below folders: their names and bytes, whatever the order of the disk.

    Args:
        roots: Files or folders; those that do not exist count as absent.
        without: Files and folders in them that are left out.

    Returns:
        Hexadecimal SHA-256.
    """
    total, without = sha256(), set(without)
    for root in roots:
        for name, path in sorted(_files(root)):
            if without and not without.isdisjoint([path, *path.parents]):
                continue
            total.update(f"{name}\0{sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    if root.is_file():
        yield root.name, root
    found: Iterable[Path] = root.rglob("*") if root.is_dir() else ()
    for path in found:
        inside = path.relative_to(root)
        if path.is_file() and not SKIPPED & set(inside.parts) and not path.name.startswith("."):
            yield f"{root.name}/{inside.as_posix()}", path
