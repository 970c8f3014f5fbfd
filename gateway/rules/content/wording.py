"""Tables of wordings: which words betray a phrase, and the phrase as a pattern.

Owns: the notation and the search. Does not own: any table (its neighbours).

A phrase is a regular expression over plain text in which a blank is a gap inside a sentence (blanks, quotes, hyphens,
apostrophes: "l'action" is ``l action``), a tilde a gap that may also hold a comma, and ``W`` any one word. It begins and
ends at a word's edge. Gaps and repetitions are bounded, so a search is linear in the text. A phrase is looked for only
where one of its words is in the text, which costs one look into a set for all tables together.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

from gateway.rules.content.reading import Reading

_GAP: Final = r"[^\w.!?;,\n]{1,4}"
_LOOSE: Final = r"[^\w.!?;\n]{1,4}"
_ANY: Final = r"\w{1,30}(?:[.,]\d{1,12}){0,3}"
_GROUP: Final = re.compile(r"\((?!\?)")
_BEFORE: Final = 60
"""How many characters before a phrase can deny it ("we will never threaten ...")."""

Table = Mapping[str, str | tuple[str, ...]]
"""Words, parted by blanks, any one of which is in each match, to the phrase or phrases that may be there."""


def word_set(listed: str) -> frozenset[str]:
    """The words of a list that blanks part."""
    return frozenset(listed.split())


def phrase(notation: str) -> re.Pattern[str]:
    """The pattern of one phrase."""
    source = re.sub(r"\bW\b", lambda _: _ANY, _GROUP.sub("(?:", notation))
    return re.compile(rf"\b(?:{source.replace(' ', _GAP).replace('~', _LOOSE)})\b")


class Wordings:
    """Tables of one rule, and what before a phrase denies it."""

    def __init__(self, *tables: Table, unless: re.Pattern[str] | None = None) -> None:
        self._by_word: dict[str, list[re.Pattern[str]]] = {}
        for words, phrases in chain.from_iterable(table.items() for table in tables):
            patterns = [phrase(one) for one in ((phrases,) if isinstance(phrases, str) else phrases)]
            for word in words.split():
                self._by_word.setdefault(word, []).extend(patterns)
        self._unless = unless
        self.words = frozenset(self._by_word)
        """What a text has to hold, one at least, for any phrase to be in it."""

    def find(self, reading: Reading, words: frozenset[str]) -> Iterator[tuple[int, int]]:
        """The first place of each phrase that these words of the text betray, in the text as given."""
        for pattern in self._betrayed(words):
            place = next(self._places(pattern, reading.plain), None)
            if place is not None:
                yield reading.span(*place)

    def places(self, reading: Reading, words: frozenset[str]) -> Iterator[tuple[int, int]]:
        """Every place, in the plain text."""
        for pattern in self._betrayed(words):
            yield from self._places(pattern, reading.plain)

    def _betrayed(self, words: frozenset[str]) -> dict[re.Pattern[str], None]:
        return {pattern: None for word in sorted(words) for pattern in self._by_word.get(word, ())}

    def _places(self, pattern: re.Pattern[str], plain: str) -> Iterator[tuple[int, int]]:
        for match in pattern.finditer(plain):
            start = match.start()
            if self._unless is None or not self._unless.search(plain, max(0, start - _BEFORE), start):
                yield match.span()
