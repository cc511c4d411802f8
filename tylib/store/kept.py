"""Results that take long, kept beside the city under the hash of everything they come from.

Whoever keeps a result says what it was made from; other contents, another hash, another file: nothing kept is ever
stale. What is broken or was written by an older version is made again. The folder can be deleted at any time.
"""

from __future__ import annotations

import os
from functools import wraps
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zipfile import BadZipFile

import numpy as np
import polars as pl

from tylib.store.city import open_city
from tylib.store.taken import FOLDER as IMPORTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, ModuleType

    from tylib.store.city import City

Result = TypeVar("Result")
FOLDER = "cache"
USED: set[str] = set()
"""What this process has asked of the store, such as ``table places`` and ``words en``: what its results come from."""
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
    functions = [f for value in own for f in (vars(value).values() if isinstance(value, type) else [value])]
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
        make: Makes them.
    """
    path = city.home / FOLDER / f"{name}-{key[:32]}.npz"
    found = _read(path, lambda: dict(np.load(path, allow_pickle=False)))
    if found is not None and found.pop("key", np.array("")).item() == key:
        return found
    made = make()
    _write(path, name, lambda file: np.savez(file, key=np.array(key), **made))
    return made


def frame(city: City, name: str, key: str, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """A frame from the cache, or made and put there; as :func:`arrays`."""
    path = city.home / FOLDER / f"{name}-{key}.arrow"
    found = _read(path, lambda: pl.read_ipc(path.read_bytes()))
    if found is not None:
        return found
    made = make()
    _write(path, name, made.write_ipc)
    return made


def stamp(city: City) -> tuple[tuple[str, int, int], ...]:
    """What tells whether any table, parameter or import of a city has changed: each file with its size and time."""
    return tuple(sorted(chain.from_iterable(map(_files, (city.data, city.params, city.home / IMPORTS)))))


def _files(folder: Path | str) -> Iterator[tuple[str, int, int]]:
    """Every file below a folder with its size and time; none where there is no folder."""
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir():
            yield from _files(entry.path)
        else:
            found = entry.stat()
            yield entry.path, found.st_size, found.st_mtime_ns


def contents(city: City) -> str:
    """SHA-256 of every table, parameter and import of a city, by name and content; words are none of them."""
    paths = [path for name, *_ in stamp(city) if "i18n" not in (path := Path(name)).parts]
    return digest(*(part for path in paths for part in (path.name, path.read_bytes())))


def remembered(function: Callable[..., Result]) -> Callable[..., Result]:
    """Keep the newest results of a function of a city in this process, until a file they may come from has changed.

    Beside the files of the cache this saves finding out which of them is the right one.
    """
    kept: dict[str, tuple[Any, Result]] = {}

    @wraps(function)
    def found(city: City | None = None, **options: Any) -> Result:
        city = city or open_city()
        asked, now = repr((city, sorted(options.items()))), stamp(city)
        if asked not in kept or kept[asked][0] != now:
            kept.pop(asked, None)
            if len(kept) >= MOST:
                kept.pop(next(iter(kept)))
            kept[asked] = (now, function(city, **options))
        return kept[asked][1]

    return found


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
