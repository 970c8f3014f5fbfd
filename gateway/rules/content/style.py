"""How a text looks to a carrier's filter and what it costs.

Owns: capitals, $$$ and !!!, the characters that force UCS-2, the number of segments. Does not own: measuring (text does, and
the context tells).
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from gateway.rules.content.finding import ContentCode, ContentContext, ContentFinding, Level
from gateway.rules.content.reading import Reading
from gateway.rules.replies.exact import RESERVED

_CAPITALS: Final = re.compile(r"(?:(?<!\w)[^\W\d_a-z]{2,}(?!\w)[^\w\n]{1,3}){3,}[^\W\d_a-z]{2,}(?!\w)")
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_SHOUT: Final = re.compile(r"\${2,}|!{2,}|\?{3,}|(?:!\?|\?!){2,}")
_KNOWN: Final = frozenset(word.upper() for word in RESERVED) | {"YES", "NO", "PAY", "OR", "AND"}
_ENOUGH: Final = 4
"""Words in capitals in a row that look like shouting; a name or a list of keywords has fewer of its own."""


def find_style(reading: Reading, context: ContentContext) -> Iterator[ContentFinding]:
    """What is better otherwise."""
    text = reading.text
    if context.forced_by is not None:
        for char in dict.fromkeys(context.forced_by):
            at = max(0, text.find(char))
            yield ContentFinding(
                ContentCode.FORCES_UCS2,
                Level.WARN,
                at,
                at + 1,
                f"{_name(char)} is not in GSM 03.38, so a segment has room for 70 characters and not 160",
                "replace the character, or let typographic characters be replaced",
            )
    if context.segments > context.max_segments:
        yield ContentFinding(
            ContentCode.MANY_SEGMENTS,
            Level.WARN,
            0,
            len(text),
            f"it needs {context.segments} segments, and {context.max_segments} are wanted at most",
            "shorten it",
        )
    if "!!" in text or "$$" in text or "??" in text:
        match = _SHOUT.search(text)
        if match is not None:
            yield ContentFinding(
                ContentCode.SHOUTING,
                Level.WARN,
                *match.span(),
                "carriers' filters take repeated signs for spam",
                "write one, or none",
            )
    if sum(map(str.isupper, text.split())) >= _ENOUGH:
        match = _CAPITALS.search(text)
        if match is not None and _shouts(match[0], context):
            yield ContentFinding(
                ContentCode.CAPITALS,
                Level.WARN,
                *match.span(),
                "carriers' filters take words in capitals for spam",
                "write them in small letters",
            )


def _shouts(run: str, context: ContentContext) -> bool:
    names = {word for name in context.identity for word in _WORD.findall(name.upper())}
    return sum(word not in _KNOWN and word not in names for word in _WORD.findall(run)) >= _ENOUGH


def _name(char: str) -> str:
    shown = f'"{char}" ' if char.isprintable() else ""
    return f"{shown}(U+{ord(char):04X} {unicodedata.name(char, 'unnamed')})"
