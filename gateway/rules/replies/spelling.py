"""Owns misspelling: what one slip of the finger makes of a word that matters here.

Does not own which words matter (`words`, `gateway.rules.keywords` say).

Two strengths. Inside a sentence only long words are corrected, because a slip in a short one makes another word
("top", "ending"). A message that is nothing but one mistyped keyword is a keyword: missing a revocation costs more than
asking once too often whether it was one.
"""

from collections.abc import Iterable, Iterator

from .words import CLASS_OF, CLASSES

# Letters beside each other on a QWERTY keyboard.
_ROWS = {
    "q": "wa", "w": "qeasd", "e": "wrsd", "r": "etdf", "t": "ryfg", "y": "tugh", "u": "yihj", "i": "uojk", "o": "ipkl", "p": "ol",
    "a": "qwsz", "s": "awedxz", "d": "serfcx", "f": "drtgvc", "g": "ftyhbv", "h": "gyujnb", "j": "huikmn", "k": "jiolm", "l": "kop",
    "z": "asx", "x": "zsdc", "c": "xdfv", "v": "cfgb", "b": "vghn", "n": "bhjm", "m": "njk",
}  # fmt: skip

# One slip away from a word of ours, and words in their own right.
_ORDINARY = frozenset(
    "ending other others tested tests falling content contents evoke topping sopping shopping half hasta atop tasting "
    "resting nesting vesting renting tending mending vending lending bending fending sensing seeding asking gain again bock "
    "elect select lumber cumber umber cancer rouse reuse refuse move rove stoop stops quot suit pate pare hart malt hall "
    "mensual envia envio manda mandan envian escribe escriben contesta contenta".split()
)

# Classes whose words are corrected inside a sentence, with the shortest length for which a slip stays recognisable.
_CORRECTED = (
    "UNSUB UNSUBBED CANCEL REMOVE REVOKE KILL CONSENT TEXT TEXTS TEXTING CONTACT CONTACTING BOTHERING SENDING ALERTS "
    "NUMBER COMM SUBSCRIPTION RECEIVE AGAIN"
).split()
_LONG = 6


def transposed(word: str) -> Iterator[str]:
    """`word` with two neighbouring letters changed over: stop -> stpo."""
    for i in range(len(word) - 1):
        if word[i] != word[i + 1]:
            yield word[:i] + word[i + 1] + word[i] + word[i + 2 :]


def neighboured(word: str) -> Iterator[str]:
    """`word` with one letter hit on the next key: stop -> stip."""
    for i, letter in enumerate(word):
        for near in _ROWS.get(letter, ""):
            yield word[:i] + near + word[i + 1 :]


def dropped(word: str) -> Iterator[str]:
    """`word` with one letter left out: stop -> stp."""
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]


def doubled(word: str) -> Iterator[str]:
    """`word` with one letter struck twice: stop -> sttop."""
    for i in range(len(word)):
        yield word[: i + 1] + word[i] + word[i + 1 :]


def disguised(word: str) -> Iterator[str]:
    """`word` with a digit or sign for a letter: stop -> st0p, 5top."""
    for letter, sign in (("o", "0"), ("i", "1"), ("l", "1"), ("e", "3"), ("s", "5"), ("a", "4"), ("a", "@")):
        if letter in word:
            yield word.replace(letter, sign)


def slips(word: str) -> Iterator[str]:
    """One transposition or one neighbouring key, the slips that a whole message is forgiven."""
    yield from transposed(word)
    yield from neighboured(word)


def corrections(words: Iterable[str]) -> dict[str, str]:
    """Slip -> word for each of `words`, without words that mean something themselves."""
    table: dict[str, str] = {}
    for word in words:
        for slip in (*slips(word), *dropped(word), *doubled(word), *disguised(word)):
            if slip not in CLASS_OF and slip not in _ORDINARY:
                table.setdefault(slip, word)
    return table


def ordinary(word: str) -> bool:
    """Whether `word` is a word in its own right, to be left alone."""
    return word in _ORDINARY or word in CLASS_OF


SPELLED = corrections(word for name in _CORRECTED for word in CLASSES[name] if len(word) >= _LONG)
for _core in ("stop", "unsub", "quit"):
    SPELLED.update({form: _core for form in disguised(_core)})
