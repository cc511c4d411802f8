"""Words of the suite in the reader's language: a keyed catalogue under ``params/i18n/<language>/*.yml``.

A new language is a new folder with the same keys; nothing in ``tylib`` names a language.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import yaml
from markupsafe import Markup, escape

from tylib.errors import DataError, Offence, ParameterError, unknown
from tylib.store.city import City, open_city
from tylib.store.memory import USED, held

if TYPE_CHECKING:
    from collections.abc import Mapping

# Safe, and ten times as fast where PyYAML was built with libyaml.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Words:
    """The catalogue of one language, called with a key and the values of its placeholders.

    >>> Words("en", MappingProxyType({"greet.you": "Hello {name}"}))("greet.you", name="Li")
    'Hello Li'
    """

    language: str
    catalogue: Mapping[str, str] = field(repr=False)

    def __call__(self, key: str, **values: Any) -> str:
        """Plain text for a key.

        Raises:
            ParameterError: No such key, or a placeholder without a value.
        """
        return string.Formatter().vformat(self._entry(key), (), _Values(key, values))

    def html(self, key: str, **values: Any) -> Markup:
        """The same as HTML: text and values are escaped, values that already are ``Markup`` stand as they are."""
        return Markup(escape(self._entry(key))).format_map(_Values(key, values))

    def has(self, key: str) -> bool:
        return key in self.catalogue

    def number_of(self, key: str, count: int, **values: Any) -> str:
        """A counted noun: ``key.one`` for exactly one where the language has that form, else ``key.other``."""
        form = f"{key}.one" if count == 1 and self.has(f"{key}.one") else f"{key}.other"
        return self(form, count=count, **values)

    def pick(self, row: Mapping[str, Any], name: str) -> str:
        """The column of a row in this language: ``name_zh`` or ``name_en``; the other one where it is empty."""
        own = row.get(f"{name}_{self.language}")
        # A language is two letters: a column such as name_text holds what a source printed.
        others = (row[key] for key in row if re.fullmatch(f"{re.escape(name)}_[a-z]{{2}}", key) and row[key])
        return own or next(others, "")

    def _entry(self, key: str) -> str:
        try:
            return self.catalogue[key]
        except KeyError:
            raise unknown("word", key, self.catalogue, where=f"params/i18n/{self.language}") from None


class _Values(dict):
    """Values of placeholders that name what is missing instead of a bare KeyError."""

    def __init__(self, key: str, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.key = key

    def __missing__(self, name: str) -> str:
        raise ParameterError(f'no value for placeholder "{name}"', where=f"word {self.key}")


def languages(city: City | None = None) -> list[str]:
    """Languages that the city has words for, sorted.

    >>> languages()
    ['en', 'zh']
    """
    folder = (city or open_city()).params / "i18n"
    return sorted(p.name for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []


def words(language: str, city: City | None = None) -> Words:
    """The catalogue of a language, all its files merged.

    Raises:
        ParameterError: No words in that language.
        DataError: A file is not YAML of nested keys and texts, or a key stands twice.
    """
    city = city or open_city()
    USED.add(f"words {language}")
    return held((city, "words", language), lambda: _words(language, city))


def _words(language: str, city: City) -> Words:
    known = languages(city)
    if language not in known:
        raise unknown("language", language, known)
    files = tuple(sorted((city.params / "i18n" / language).glob("*.yml")))
    return _read(language, files, tuple(f.stat().st_mtime_ns for f in files))


@lru_cache(maxsize=16)
def _read(language: str, files: tuple[Path, ...], _modified: tuple[int, ...]) -> Words:
    catalogue: dict[str, str] = {}
    for file in files:
        for key, text in _flat(_parsed(file), ()):
            if key in catalogue:
                raise DataError(
                    "words that stand twice",
                    offences=[
                        Offence(_shown(file), None, key, "a second text", "each key once", "Remove one of them.")
                    ],
                )
            catalogue[key] = text
    return Words(language, MappingProxyType(catalogue))


def _parsed(file: Path) -> dict[str, Any]:
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=LOADER) or {}
        if not isinstance(content, dict):
            raise ValueError("not a mapping")
    except (yaml.YAMLError, ValueError) as error:
        found = str(error).replace("\n", " ")
        raise DataError(
            "words cannot be read",
            offences=[
                Offence(_shown(file), None, "", found, "YAML of nested keys and texts in UTF-8", "Mend the file.")
            ],
        ) from None
    return content


def _shown(file: Path) -> str:
    return "/".join(file.parts[-4:])


def _flat(tree: dict[str, Any], path: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in tree.items():
        here = (*path, str(name))
        pairs += _flat(value, here) if isinstance(value, dict) else [(".".join(here), str(value))]
    return pairs
