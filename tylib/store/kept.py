"""Results that take long, kept beside the city under the hash of everything they come from.

Whoever keeps a result says what it was made from; other contents, another hash, another file: nothing kept is ever
stale. What is broken or was written by an older version is made again. The folder can be deleted at any time.
"""

from __future__ import annotations

import json
import os
from hashlib import sha256
from inspect import unwrap
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from zipfile import BadZipFile

import numpy as np
import polars as pl

from tylib.store.memory import USED, stamp, traced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType, ModuleType

    from tylib.store.city import City

FOLDER = "cache"
MOST = 24  # results of one name that are kept; the oldest go first


def digest(*parts: Any) -> str:
    """SHA-256 of what a result comes from: arrays by shape and bytes, modules by their code, else by ``repr``.

    >>> digest(np.zeros(2)) == digest(np.zeros(2)), digest(np.zeros(2)) == digest(np.zeros(3)), digest(1) == digest("1")
    (True, False, False)
    """
    from types import ModuleType

    hashed = sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            content = f"{part.shape}{part.dtype}".encode() + np.ascontiguousarray(part).tobytes()
        elif isinstance(part, ModuleType):
            content = _code(part).encode()
        else:
            content = repr(part).encode()
        hashed.update(len(content).to_bytes(8, "big") + content)
    return hashed.hexdigest()


def _code(module: ModuleType) -> str:
    """What the functions of a module do, whatever their comments and the place of its file."""
    own = [v for v in vars(module).values() if getattr(v, "__module__", None) == module.__name__]
    functions = [unwrap(f) for value in own for f in (vars(value).values() if isinstance(value, type) else [value])]
    codes = sorted(_steps(f.__code__) for f in functions if hasattr(f, "__code__"))
    numbers = sorted(f"{k}={v!r}" for k, v in vars(module).items() if isinstance(v, int | float | str) and k.isupper())
    return "\n".join([*codes, *numbers])


def _steps(code: CodeType) -> str:
    constants = [_steps(c) if hasattr(c, "co_code") else repr(c) for c in code.co_consts]
    return f"{code.co_qualname} {code.co_code.hex()} {constants} {code.co_names} {code.co_varnames}"


def arrays(city: City, name: str, key: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Named arrays from the cache, or made and put there.

    Args:
        name: What they are; part of the file name.
        key: Hash of everything they come from (:func:`digest`).
        make: Makes them. What it asks of the store is kept with them, and counts as asked for whenever they are read.
    """
    path = city.home / FOLDER / f"{name}-{key[:32]}.npz"
    found = _read(path, lambda: dict(np.load(path, allow_pickle=False)))
    if found is not None and "used" in found and found.pop("key", np.array("")).item() == key:
        USED.update(found.pop("used").tolist())
        return found
    made, used = traced(make)
    USED.update(used)
    told = np.array(sorted(used), dtype=str)
    _write(path, name, lambda file: np.savez(file, key=np.array(key), used=told, **made))
    return made


def frame(city: City, name: str, key: str, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """A frame from the cache, or made and put there; as :func:`arrays`."""
    path = city.home / FOLDER / f"{name}-{key}.frame"
    found = _read(path, lambda: _framed(path))
    if found is None:
        found = traced(make)
        _write(path, name, lambda file: _write_framed(file, *found))
    USED.update(found[1])
    return found[0]


def _framed(path: Path) -> tuple[pl.DataFrame, list[str]]:
    """A line of what its making asked of the store, and the frame."""
    head, _, body = path.read_bytes().partition(b"\n")
    return pl.read_ipc(body), json.loads(head)


def _write_framed(file: BinaryIO, found: pl.DataFrame, used: Iterable[str]) -> None:
    file.write(json.dumps(sorted(used)).encode() + b"\n")
    body = BytesIO()
    found.write_ipc(body)
    file.write(body.getbuffer())


def contents(city: City) -> str:
    """SHA-256 of every table, parameter and import of a city, by name and content; words are none of them."""
    paths = [path for name, *_ in stamp(city) if "i18n" not in (path := Path(name)).parts]
    return digest(*(part for path in paths for part in (path.name, path.read_bytes())))


BROKEN = (OSError, ValueError, EOFError, KeyError, BadZipFile, pl.exceptions.PolarsError)


def _read(path: Path, read: Callable[[], Any]) -> Any:
    """What is kept, or ``None`` where nothing is or where it cannot be read: it is then made again."""
    try:
        return read() if path.is_file() else None
    except BROKEN:
        return None


def _write(path: Path, name: str, write: Callable[[Any], Any]) -> None:
    """Put a file in its place at once; a folder that cannot be written only costs time."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            write(file)
        beside.replace(path)
        older = sorted(path.parent.glob(f"{name}-*{path.suffix}"), key=lambda p: p.stat().st_mtime_ns, reverse=True)
        for old in older[MOST:]:
            old.unlink(missing_ok=True)
    except OSError:
        beside.unlink(missing_ok=True)
