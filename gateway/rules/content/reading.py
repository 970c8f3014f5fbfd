"""A text as the rules read it: in plain small letters, with the way back to each place in the text as given.

Owns: the plain spelling and its words. Does not own: the folding of one character (lookalikes) or any rule.

Rules read plain text so that capitals, accents, full width, look-alikes and zero-width characters are no way around
them. A second, *joined* spelling undoes letters that stand apart ("a r r e s t") and figures for letters ("sh1t"); it
exists only where a text has such, and only rules on words read it: in numbers and links, a figure is a figure.
"""

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from gateway.rules.content.lookalikes import FOLDING

_FOREIGN: Final = re.compile(r"[^\x00-\x7f]+")
_WORD: Final = re.compile(r"[^\W\d]+")
_APART: Final = re.compile(r"(?<!\w)[a-z](?:[ .*-]{1,2}[a-z]){3,}(?!\w)")
_DISGUISED: Final = re.compile(r"(?<![\w@$!*./:=?&#%-])[@$]?[a-z]++[0134578@$!]++[a-z][a-z0134578@$!]*+")
_UNDISGUISED: Final = str.maketrans("0134578@$!", "oieastbasi")


class Reading:
    """One spelling of a text. Its words are in ``words``; ``span`` leads back to the text as given."""

    __slots__ = ("_origins", "plain", "text", "words")

    def __init__(self, text: str, plain: str, origins: list[int] | None = None) -> None:
        self.text = text
        self.plain = plain
        self.words = frozenset(_WORD.findall(plain))
        self._origins = origins

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where [start, end) of the plain text stands in the text as given."""
        if self._origins is None:
            if self.text.isascii():
                return start, end
            self._origins = _origins(self.text)
        return self._origins[start], self._origins[end - 1] + 1 if end > start else self._origins[start]

    def joined(self) -> "Reading | None":
        """The text without disguises inside words, or None where there are none to see."""
        edits = [*_joins(self.plain), *_undisguises(self.plain)]
        if not edits:
            return None
        origins = self._origins or _origins(self.text)
        spelt: list[str] = []
        places: list[int] = []
        at = 0
        for start, end, letters in sorted(edits):
            if start < at:
                continue
            spelt += [self.plain[at:start], *(letter for _, letter in letters)]
            places += [*origins[at:start], *(origins[place] for place, _ in letters)]
            at = end
        spelt.append(self.plain[at:])
        places += origins[at:]
        return Reading(self.text, "".join(spelt), places)


def read(text: str) -> Reading:
    """The plain spelling of any ``str``."""
    if text.isascii():
        return Reading(text, text.lower().replace("_", " "))
    return Reading(text, _FOREIGN.sub(_fold_run, text).lower().replace("_", " "))


def _fold_run(run: re.Match[str]) -> str:
    return run[0].translate(FOLDING)


def _origins(text: str) -> list[int]:
    """For each character of the plain text the index of the one it came from, and one more for the end."""
    if text.isascii():
        return list(range(len(text) + 1))
    origins = [at for at, char in enumerate(text) for _ in (char if char.isascii() else FOLDING[ord(char)])]
    return [*origins, len(text)]


_Edit = tuple[int, int, list[tuple[int, str]]]


def _joins(plain: str) -> Iterator[_Edit]:
    for run in _APART.finditer(plain):
        letters = [(at, char) for at, char in enumerate(run[0], run.start()) if char.isalpha()]
        yield run.start(), run.end(), letters


def _undisguises(plain: str) -> Iterator[_Edit]:
    for run in _DISGUISED.finditer(plain):
        word = run[0].translate(_UNDISGUISED)
        yield run.start(), run.end(), list(enumerate(word, run.start()))
