"""Sources of a brief: numbered in the order in which they are first cited, printed in the form of GB/T 7714-2015."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tylib.store import Words

_LINKED = ("http", "https")


@dataclass
class Citations:
    """Hands out the number of each source while a brief is put together; the only thing in a brief that is not frozen.

    Attributes:
        words: Catalogue of the reader's language.
        table: Rows of the sources table by ``source_id``.
    """

    words: Words
    table: Mapping[str, Mapping[str, Any]]
    _numbers: dict[str, int] = field(default_factory=dict)

    def cite(self, source_ids: Iterable[str]) -> Markup:
        """Marks such as ``[1][4]`` that lead to the list of sources; nothing for no source."""
        numbers = sorted({self._numbers.setdefault(s, len(self._numbers) + 1) for s in source_ids if s in self.table})
        return Markup("").join(
            Markup('<a class="cite" href="#source-{0}">{1}</a>').format(n, self.words("source.corner", number=n))
            for n in numbers
        )

    def unverified(self, source_id: str) -> Markup:
        """A small tag for a source with neither a title nor an address that may be followed; nothing for any other."""
        row = self.table.get(source_id, {})
        if not row or row.get("title") or row.get("holder") or _is_link(row.get("url")):
            return Markup("")
        return Markup('<span class="tag">{}</span>').format(self.words("source.unverified"))

    def entries(self) -> list[tuple[str, Markup]]:
        """The cited sources in order: the number of each and its entry."""
        return [
            (str(number), entry(self.table[source_id], self.words))
            for source_id, number in sorted(self._numbers.items(), key=lambda item: item[1])
        ]


def entry(row: Mapping[str, Any], words: Words) -> Markup:
    """One source in the form of GB/T 7714-2015 for electronic resources, with its grade.

    An address is a link only where the source table says it may be one (``url``); ``reference`` is evidence and is
    shown as the name of its host alone. A table of the user's own has a holder instead of an address, and no grade.

    Args:
        row: ``title, url, date, tier, reference`` of the sources table.
        words: Catalogue of the reader's language.
    """
    if row.get("holder"):
        said = words("import.source", title=row["title"], holder=row["holder"], date=row["date"])
        return Markup('{}. <span class="tag">{}</span>').format(said, words("import.tag", id=row["source_id"]))
    host = _host(row.get("url") or row.get("reference") or "")
    # Where no title was recorded, the address as it was noted is what leads to the page.
    title = row.get("title") or (
        words("source.untitled", address=row["reference"]) if row.get("reference") else words("source.untitled_own")
    )
    date = words("source.dated", date=row["date"]) if row.get("date") else words("source.undated")
    parts = [Markup("{}. ").format(words("source.entry", title=title, date=date))]
    if _is_link(row.get("url")):
        parts.append(Markup('<a href="{0}" rel="noreferrer">{0}</a>. ').format(row["url"]))
    elif host and row.get("title"):
        parts.append(Markup("{}. ").format(words("source.seen_at", host=host)))
    parts.append(grade(row.get("tier"), words))
    return Markup("").join(parts)


def grade(tier: str | None, words: Words) -> Markup:
    """The grade of a source as a small tag; nothing where it is not graded."""
    if not tier:
        return Markup("")
    said = words("source.own") if tier == "own" else words("source.grade", tier=tier)
    return Markup('<span class="tag">{}</span>').format(said)


def _is_link(url: str | None) -> bool:
    return bool(url) and urlsplit(url).scheme in _LINKED and bool(urlsplit(url).netloc)


def _host(address: str) -> str:
    """Name of the host of an address with or without a scheme; nothing where there is none (a bare number is none)."""
    first = address.split(" ")[0]
    host = urlsplit(first if "//" in first else f"//{first}").hostname or ""
    return host if "." in host and host.isascii() and not host.replace(".", "").isdigit() else ""
