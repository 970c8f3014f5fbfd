"""Characters beyond the Basic Multilingual Plane, for a carrier that takes none: emoji above all.

Owns: what becomes of each. Does not own: whether; the carrier's profile says it, and everything left out is reported.

UCS-2 as ISO 10646 had it ends at U+FFFF; carriers that take it at its word refuse a surrogate pair or show two boxes. A
pictogram can be left out and the sentence stays true. A letter cannot: a name without it is another name. So pictograms go,
styled letters become the plain ones that they stand for, and a text with any other character from there is not sent.
"""

import unicodedata
from typing import Final

import regex

from gateway.text.segment import Unencodable
from gateway.text.transliterate import Replacement, Transliterated

LAST_BASIC: Final = "\uffff"
_CLUSTER: Final = regex.compile(r"\X")
_LEFT_OUT: Final = frozenset({"So", "Sk", "Mn", "Me", "Cf", "Cn"})
"""General categories of pictograms, their skin tones, tags and selectors; unassigned, the pictograms of a later Unicode."""


def is_basic(text: str) -> bool:
    """Whether no character of the text is beyond the Basic Multilingual Plane."""
    return text.isascii() or max(text, default="") <= LAST_BASIC


def without_supplementary(text: str) -> Transliterated:
    """The text without them. Raises Unencodable for one that cannot be left out, and where nothing would be left."""
    if is_basic(text):
        return Transliterated(text)
    written = ""
    replacements: list[Replacement] = []
    blank_before = False
    for match in _CLUSTER.finditer(text):
        cluster = match[0]
        if is_basic(cluster):
            # Two words that a pictogram stood between keep one blank, and a line does not begin with it.
            if not (blank_before and cluster == " " and (not written or written[-1].isspace())):
                written += cluster
            blank_before = False
            continue
        at = next(place for place, char in enumerate(cluster) if char > LAST_BASIC)
        plain = unicodedata.normalize("NFKC", cluster)
        if not is_basic(plain):
            for place, char in enumerate(cluster):
                if char > LAST_BASIC and unicodedata.category(char) not in _LEFT_OUT:
                    raise Unencodable(char, match.start() + place)
            plain, blank_before = "", True
        written += plain
        replacements.append(Replacement(cluster[at], match.start() + at, plain))
    if blank_before:
        written = written.rstrip(" ")
    if not written.strip():
        raise Unencodable(replacements[0].char, replacements[0].position)
    return Transliterated(written, tuple(replacements))
