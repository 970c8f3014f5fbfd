"""Tables of wordings: which words betray a phrase, and the phrase as a pattern.

Owns: the notation and the search. Does not own: any table (its neighbours).

A phrase is a regular expression over plain text in which a blank is a gap inside a sentence (blanks, quotes, hyphens,
apostrophes: "l'action" is ``l action``), a tilde a gap that may also hold a comma, and ``W`` any one word. It begins and
ends at a word's edge. Gaps and repetitions are bounded, so a search is linear in the text. A phrase is looked for only
where one of its words is in the text, which costs one look into a set for all tables together.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Final

from gateway.rules.content.reading import Reading

_GAP: Final = r"[^\w.!?;,\n]{1,4}"
_LOOSE: Final = r"[^\w.!?;\n]{1,4}"
_ANY: Final = r"\w{1,30}(?:[.,]\d{1,12}){0,3}"
_GROUP: Final = re.compile(r"\((?!\?)")


Table = Mapping[str, str | tuple[str, ...]]
"""Words, parted by blanks, any one of which is in each match, to the phrase or phrases that may be there."""


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

    @property
    def words(self) -> frozenset[str]:
        """What a text has to hold, one at least, for any phrase to be in it."""
        return frozenset(self._by_word)

    def find(self, reading: Reading, words: Iterable[str]) -> Iterator[tuple[int, int]]:
        """The first place of each phrase that these words of the text betray, in the text as given."""
        for start, end in self.places(reading, words):
            yield reading.span(start, end)

    def places(self, reading: Reading, words: Iterable[str]) -> Iterator[tuple[int, int]]:
        """The same, in the plain text."""
        plain = reading.plain
        patterns = {pattern: None for word in sorted(words) for pattern in self._by_word.get(word, ())}
        for pattern in patterns:
            for match in pattern.finditer(plain):
                start = match.start()
                if self._unless is None or not self._unless.search(plain, max(0, start - _BEFORE), start):
                    yield match.span()
                    break


_BEFORE: Final = 60
"""How many characters before a phrase can deny it ("we will never threaten ...")."""
