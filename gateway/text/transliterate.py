"""The replacing of typographic characters by GSM 03.38 ones, so that one curly quote does not halve a segment.

Owns: what is replaced by what. Does not own: whether; a program asks for it, and every replacement is reported.
Letters, figures and currency signs never change: a name, an amount and an address stay what the client wrote.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

import msgspec

from gateway.text import gsm7


class Replacement(msgspec.Struct, frozen=True, gc=False):
    """One character that became another."""

    char: str
    position: int
    """Its index in the text as given."""
    replaced_by: str


class Transliterated(msgspec.Struct, frozen=True, gc=False):
    """The text to send, and how it differs from the one that was given."""

    text: str
    replacements: tuple[Replacement, ...] = ()


_GROUPS: Final[Mapping[str, str]] = {
    "'": "‘’‚‛′‵ʹʻʼˈ‹›`´",
    '"': "“”„‟″‶«»",
    "-": "‐‑‒–—―−﹘﹣－",
    "...": "…",
    "..": "‥",
    ".": "·․",
    "*": "•‣∙▪●∗",
    "/": "⁄∕",
    "|": "¦",
    " ": "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "\n": "\u0085\u2028\u2029",
    # Soft hyphen, zero-width space and joiners, direction marks, variation selectors, byte order mark: nothing to see.
    "": "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\ufeff",
    "->": "→",
    "<-": "←",
    "<=": "≤",
    ">=": "≥",
    "x": "×",
    "(C)": "©",
    "(R)": "®",
    "(TM)": "™",
    "(SM)": "℠",
    "No.": "№",
    "ff": "ﬀ",
    "fi": "ﬁ",
    "fl": "ﬂ",
}
TABLE: Final[Mapping[str, str]] = {char: by for by, chars in _GROUPS.items() for char in chars}

_LETTER = re.compile("[^\u0300-\u036f][\u0300-\u036f]*|[\u0300-\u036f]+")


def transliterate(text: str) -> Transliterated:
    """The text with its typographic characters replaced, if that makes it wholly GSM 03.38; else the text as given.

    A letter with a separate accent (as some systems write é) becomes the one character where GSM has it."""
    if gsm7.encode(text) is not None:
        return Transliterated(text)
    written: list[str] = []
    replacements: list[Replacement] = []
    for match in _LETTER.finditer(text):
        char = match[0]
        if char in gsm7.DEFAULT.characters:
            written.append(char)
            continue
        by = TABLE.get(char)
        if by is None:
            by = unicodedata.normalize("NFC", char)
            if by not in gsm7.DEFAULT.characters:
                return Transliterated(text)
        written.append(by)
        replacements.append(Replacement(char, match.start(), by))
    return Transliterated("".join(written), tuple(replacements))
