"""What this process has worked out and need not work out again; what results come from; how both are handed on.

A result is kept with what its making asked of the store, and whoever gets it again has asked for the same: nobody can
tell from :data:`USED` who was first. A process can hand what it knows to the one that it descends from
(:func:`told`, :func:`take`), and so to those that come after it.
"""

from __future__ import annotations

import os
import pickle
from contextlib import contextmanager
from functools import wraps
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from tylib.store.city import City, open_city

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Result = TypeVar("Result")
USED: set[str] = set()
"""What this process has asked of the store, such as ``table places`` and ``words en``: what its results come from."""
MOST = 128  # results of one function that are kept; the oldest go first

_kept: dict[str, dict[Any, tuple[frozenset[str], Any]]] = {}  # by function and by what it was asked
_own: list[tuple[str, Any]] = []  # those that this process made itself
_seen: dict[Any, Any] | None = None


def memo(function: Callable[..., Result]) -> Callable[..., Result]:
    """Keep the newest results of a function in this process, by its (positional, hashable) arguments.

    For functions whose arguments say everything that the result comes from; what it gives must not be changed.
    """
    name = _named(function)

    @wraps(function)
    def found(*asked: Any) -> Result:
        return _recalled(name, asked, lambda: function(*asked))

    return found


def remembered(function: Callable[..., Result]) -> Callable[..., Result]:
    """The same for a function of a city (its first argument), until a file that it may come from has changed.

    Further arguments may be anything whose ``repr`` tells it from all others.
    """
    name = _named(function)

    @wraps(function)
    def found(city: City | None = None, *asked: Any, **options: Any) -> Result:
        city = city or open_city()
        key = (city, repr((asked, sorted(options.items()))), _edition(city))
        return _recalled(name, key, lambda: function(city, *asked, **options))

    return found


def _named(function: Callable[..., Any]) -> str:
    name = f"{function.__module__}.{function.__qualname__}"
    _kept[name] = {}
    return name


def _recalled(name: str, key: Any, make: Callable[[], Result]) -> Result:
    kept = _kept[name]
    if key not in kept:
        result, used = traced(make)
        while len(kept) >= MOST:
            kept.pop(next(iter(kept)))
        kept[key] = (used, result)
        _own.append((name, key))
    used, result = kept[key]
    USED.update(used)
    return result


def traced(make: Callable[[], Result]) -> tuple[Result, frozenset[str]]:
    """A result, and what its making asked of the store."""
    before = USED.copy()
    USED.clear()
    try:
        result = make()
        return result, frozenset(USED)
    finally:
        USED.update(before)


def told() -> bytes:
    """Everything that this process has worked out itself, for :func:`take` in another one."""
    return pickle.dumps([(name, key, _kept[name][key]) for name, key in _own if key in _kept[name]])


def take(lesson: bytes) -> None:
    """Know what another process of this program has worked out (:func:`told`). Runs no query."""
    for name, key, kept in pickle.loads(lesson):
        _kept.setdefault(name, {})[key] = kept


@contextmanager
def one_edition() -> Iterator[None]:
    """Inside, every file is taken as it was when first looked at: what is made comes from one state of the tables.

    Looking again, thousands of times, is also most of what asking for a result at hand costs.
    """
    global _seen
    before = _seen
    _seen = {} if before is None else before
    try:
        yield
    finally:
        _seen = before


def held(key: Any, look: Callable[[], Result]) -> Result:
    """What a look at the disk tells; the same as at the first look inside :func:`one_edition`."""
    if _seen is None:
        return look()
    if key not in _seen:
        _seen[key] = look()
    return _seen[key]


def modified_at(path: str) -> int:
    """When a file was last changed, in nanoseconds; zero where there is none."""

    def look() -> int:
        try:
            return os.stat(path).st_mtime_ns
        except OSError:
            return 0

    return held(path, look)


def stamp(city: City) -> tuple[tuple[str, int, int], ...]:
    """What tells whether any table, parameter or import of a city has changed: each file with its size and time."""
    folders = (city.data, city.params, city.imports)
    return held((city, "files"), lambda: tuple(sorted(chain.from_iterable(map(_files, folders)))))


def _edition(city: City) -> str:
    return held((city, "edition"), lambda: sha256(repr(stamp(city)).encode()).hexdigest())


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
