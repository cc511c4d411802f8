"""Small things that every block needs: keys that can be ids, and headings that break where a reader pauses."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from tylib.errors import ParameterError

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LATIN = dict.fromkeys("iljtfrI.,:;'|!()[] ", 0.33) | dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZ", 0.66)
_LATIN |= dict.fromkeys("mwMW%", 0.87) | dict.fromkeys("—…", 1.0)
_PHRASE = re.compile(r"[^，；：。！？]+[，；：。！？]*”?")


def check_key(key: str) -> str:
    """The key if it can stand in an id and in an address, else a ParameterError."""
    if not _KEY.fullmatch(key):
        raise ParameterError(f'"{key}" cannot be the key of a block', expected="small letters, digits and hyphens")
    return key


def phrases(text: str) -> Markup:
    """A heading whose Chinese clauses stay whole where a line has room: no browser knows where a Chinese word ends.

    >>> phrases("一成，二成")
    Markup('<span class="phrase">一成，</span><span class="phrase">二成</span>')
    >>> phrases("One, two")
    Markup('One, two')
    """
    if hasattr(text, "__html__"):
        return escape(text)
    clauses = _PHRASE.findall(text)
    if len(clauses) < 2 or "".join(clauses) != text:
        return escape(text)
    return Markup("").join(Markup('<span class="phrase">{}</span>').format(clause) for clause in clauses)


def em(text: str) -> float:
    """The width of a text in ems, near enough to leave room for it: a Chinese character is one.

    >>> em("统计局"), round(em("County"), 2)
    (3.0, 3.23)
    """
    return sum(1.0 if ord(character) >= 0x2E80 else _LATIN.get(character, 0.56) for character in text)
