"""Tables of wordings: which words betray a phrase, and the phrase as a pattern.

Owns: the notation and the search. Does not own: any table (its neighbours).

A phrase is a regular expression over plain text in which a blank is a gap inside a sentence (blanks, quotes, hyphens,
apostrophes: "l'action" is ``l action``), a tilde a gap that may also hold a comma, and ``W`` any one word. It begins and
ends at a word's edge. Gaps and repetitions are bounded, so a search is linear in the text. A phrase is looked for only
where one of its words is in the text, which costs one look into a set for all tables together.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from gateway.rules.content.reading import Reading

_GAP: Final = r"[^\w.!?;,\n]{1,4}"
_LOOSE: Final = r"[^\w.!?;\n]{1,4}"
_ANY: Final = r"\w{1,30}(?:[.,]\d{1,12}){0,3}"
_GROUP: Final = re.compile(r"\((?!\?)")


def phrase(notation: str) -> re.Pattern[str]:
    """The pattern of one phrase."""
    source = re.sub(r"\bW\b", lambda _: _ANY, _GROUP.sub("(?:", notation))
    return re.compile(rf"\b(?:{source.replace(' ', _GAP).replace('~', _LOOSE)})\b")


class Wordings:
    """A table: words, any one of which is in each match, to the phrases that may be there."""

    def __init__(self, table: Mapping[str, str | tuple[str, ...]], unless: re.Pattern[str] | None = None) -> None:
        self._by_word: dict[str, list[re.Pattern[str]]] = {}
        for words, phrases in table.items():
            patterns = [phrase(one) for one in ((phrases,) if isinstance(phrases, str) else phrases)]
            for word in words.split():
                self._by_word.setdefault(word, []).extend(patterns)
        self._unless = unless

    @property
    def words(self) -> frozenset[str]:
        """What a text has to hold, one at least, for any phrase to be in it."""
        return frozenset(self._by_word)

    def find(self, reading: Reading, words: Iterable[str]) -> Iterator[tuple[int, int]]:
        """The first place of each phrase that these words of the text betray, as spans of the text as given."""
        seen: set[re.Pattern[str]] = set()
        for word in sorted(words):
            for pattern in self._by_word.get(word, ()):
                if pattern in seen:
                    continue
                seen.add(pattern)
                for match in pattern.finditer(reading.plain):
                    if self._unless is None or not self._unless.search(
                        reading.plain, max(0, match.start() - _BEFORE), match.start()
                    ):
                        yield reading.span(*match.span())
                        break


_BEFORE: Final = 60
"""How many characters before a phrase can deny it ("we will never threaten ...")."""
