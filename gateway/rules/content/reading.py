"""A text as the rules read it: in plain small letters, with the way back to each place in the text as given.

Owns: the plain spelling and its words. Does not own: the folding of one character (lookalikes) or any rule.

Rules read plain text so that capitals, accents, full width, look-alikes and zero-width characters are no way around
them. A second, *joined* spelling undoes letters that stand apart ("a r r e s t") and figures for letters ("sh1t"); it
exists only where a text has such, and only rules on words read it: in numbers and links, a figure is a figure.
"""

import re
from collections.abc import Iterator
from typing import Final

from gateway.rules.content.lookalikes import FOLDING

_FOREIGN: Final = re.compile(r"[^\x00-\x7f]+")
_WORD: Final = re.compile(r"[^\W\d]+")
_ONLY_LETTERS: Final = {code: chr(code) if chr(code).isalpha() else " " for code in range(0x80)}
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz")
_APART: Final = re.compile(r"[a-z](?<!\w\w)(?:[ .*-]{1,2}[a-z]){3,}(?!\w)")
_DISGUISE: Final = re.compile(r"[0134578@$!](?<=[a-z@].)[0134578@$!]*[a-z]")
_DISGUISED: Final = re.compile(r"(?<![\w@$!*./:=?&#%-])[@$]?[a-z]++[0134578@$!]++[a-z][a-z0134578@$!]*+")
_UNDISGUISED: Final = str.maketrans("0134578@$!", "oieastbasi")

_Edit = tuple[int, int, list[tuple[int, str]]]
"""From, to, and the letters that take its place, each with the place that it comes from."""


class Reading:
    """One spelling of a text; ``span`` leads back to the text as given."""

    __slots__ = ("_origins", "_words", "plain", "text")

    def __init__(self, text: str, plain: str, origins: list[int] | None = None) -> None:
        self.text = text
        self.plain = plain
        self._origins = origins
        self._words: frozenset[str] | None = None

    @property
    def words(self) -> frozenset[str]:
        """What of it is letters; a look at its numbers need not know."""
        if self._words is None:
            plain = self.plain
            # Two ways to the same words; the first is the faster.
            self._words = frozenset(plain.translate(_ONLY_LETTERS).split() if plain.isascii() else _WORD.findall(plain))
        return self._words

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where [start, end) of the plain text stands in the text as given."""
        if self._origins is None:
            if self.text.isascii():
                return start, end
            self._origins = _origins(self.text)
        begin = self._origins[start]
        return begin, self._origins[end - 1] + 1 if end > start else begin

    def given(self, start: int, end: int) -> str:
        """For each letter of [start, end) of the plain text the one that it comes from."""
        if self._origins is None:
            if self.text.isascii():
                return self.text[start:end]
            self._origins = _origins(self.text)
        return "".join([self.text[place] for place in self._origins[start:end]])

    def joined(self) -> "Reading | None":
        """The text without disguises inside words, or None where there are none."""
        edits: list[_Edit] = []
        if len(self.words & _LETTERS) > 3:
            edits += _joins(self.plain)
        if _DISGUISE.search(self.plain) is not None:
            edits += _undisguises(self.plain)
        if not edits:
            return None
        origins = self._origins if self._origins is not None else _origins(self.text)
        spelt: list[str] = []
        places: list[int] = []
        at = 0
        for start, end, letters in sorted(edits):
            if start < at:
                continue
            spelt += [self.plain[at:start], *[letter for _, letter in letters]]
            places += [*origins[at:start], *[origins[place] for place, _ in letters]]
            at = end
        return Reading(self.text, "".join([*spelt, self.plain[at:]]), places + origins[at:])


def read(text: str) -> Reading:
    """The plain spelling of any ``str``."""
    plain = text if text.isascii() else _FOREIGN.sub(_fold_run, text)
    plain = plain.lower().replace("_", " ").replace("\t", " ")
    return Reading(text, plain) if "  " not in plain else _squeezed(text, plain)


def _squeezed(text: str, plain: str) -> Reading:
    """With one blank where there are many."""
    origins = _origins(text)
    kept = [at for at, char in enumerate(plain) if char != " " or plain[at - 1 : at] != " "]
    return Reading(text, "".join([plain[at] for at in kept]), [*[origins[at] for at in kept], len(text)])


def _fold_run(run: re.Match[str]) -> str:
    return run[0].translate(FOLDING)


def _origins(text: str) -> list[int]:
    """For each character of the plain text the index of the one it came from, and one more for the end."""
    origins: list[int] = []
    at = 0
    for run in _FOREIGN.finditer(text):
        origins += range(at, run.start())
        for at, char in enumerate(run[0], run.start()):
            origins += [at] * len(FOLDING[ord(char)])
        at += 1
    origins += range(at, len(text) + 1)
    return origins


def _joins(plain: str) -> Iterator[_Edit]:
    for run in _APART.finditer(plain):
        letters = [(at, char) for at, char in enumerate(run[0], run.start()) if char.isalpha()]
        yield run.start(), run.end(), letters


def _undisguises(plain: str) -> Iterator[_Edit]:
    for run in _DISGUISED.finditer(plain):
        word = run[0].translate(_UNDISGUISED)
        yield run.start(), run.end(), list(enumerate(word, run.start()))
