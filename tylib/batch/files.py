"""Files that are whole or not there: written beside their place, then moved into it."""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

PART = ".part"
SKIPPED = {"__pycache__", ".ipynb_checkpoints"}


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write several files so that either all of them are new or none is.

    Every file is first written whole under a passing name in its own folder; only when the last of them is safely on
    the disk are they moved over what stood there. Folders are made.

    Raises:
        OSError: The disk is full or a folder cannot be written. What stood before still stands.
    """
    parts = {path: path.with_name(f".{path.name}{PART}") for path in contents}
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


def fingerprint(*roots: Path) -> str:
    """One hash of files and of all files below folders: their names and bytes, whatever the order of the disk.

    Args:
        roots: Files or folders; those that do not exist count as absent.

    Returns:
        Hexadecimal SHA-256.
    """
    total = sha256()
    for root in roots:
        for name, path in sorted(_files(root)):
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
