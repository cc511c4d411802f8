"""What goes wrong, in words for the person who has to mend it.

Three kinds, by who can act: the caller (a parameter), the keeper of a table (data), the machine (a run).
The command line prints the message alone and ends with the class's ``exit_code``.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Offence:
    """One place in a table that breaks its contract.

    ``row`` is the line of the file as an editor counts it (the header is line 1), of a workbook (``file [sheet]``)
    the row, or ``None`` where the whole file or column is meant.
    """

    file: str
    row: int | None
    column: str
    found: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        counted = "row" if self.file.endswith("]") else "line"
        line = f"{self.file}" + (f", {counted} {self.row}" if self.row is not None else "")
        column = f", column {self.column}" if self.column else ""
        return f"{line}{column}: found {self.found}; expected {self.expected}. {self.remedy}"


class TylibError(Exception):
    """Base of every error that tylib raises on purpose.

    Args:
        what: What was wrong, in a sentence without a full stop.
        where: File, parameter or step it was found in.
        expected: What would have been right.
        remedy: What to do now.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", expected: str = "", remedy: str = "") -> None:
        self.what, self.where, self.expected, self.remedy = what, where, expected, remedy
        super().__init__(what)

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.expected:
            parts.append(f"expected {self.expected}")
        message = "; ".join(parts) + "."
        return f"{message} {self.remedy}" if self.remedy else message


class RunError(TylibError):
    """The machine could not do it: a full disk, a folder that cannot be written, a crashed brief."""

    exit_code = 1


class ParameterError(TylibError):
    """The caller asked for something that does not exist or is not allowed."""

    exit_code = 2


class DataError(TylibError):
    """A table breaks its contract. Carries every offence found, not only the first."""

    exit_code = 3

    def __init__(self, what: str, *, offences: Iterable[Offence] = (), **parts: str) -> None:
        super().__init__(what, **parts)
        self.offences = tuple(offences)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(f"  {offence}" for offence in self.offences)])


def unknown(kind: str, found: str, known: Iterable[str], *, where: str = "") -> ParameterError:
    """A ParameterError for a name that is not on the list, with the nearest names on it.

    >>> str(unknown("language", "fr", ["en", "zh"]))
    'unknown language "fr"; expected one of: en, zh.'
    >>> str(unknown("plan", "al", ["all", "one"]))
    'unknown plan "al"; expected one of: all, one. Did you mean "all"?'
    """
    names = sorted(known)
    near = get_close_matches(found, names, n=1, cutoff=0.5)
    return ParameterError(
        f'unknown {kind} "{found}"',
        where=where,
        expected="one of: " + ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else ""),
        remedy=f'Did you mean "{near[0]}"?' if near else "",
    )
