"""Owns misspelling: what one slip of the finger makes of a word that matters here.

Does not own what the words mean (`words`) or which are keywords (`exact`).

Two strengths. Inside a sentence only long words are corrected, because a slip in a short one makes another word ("top",
"ending"). A message that is nothing but one mistyped keyword is that keyword: missing a revocation costs more than asking
once too often whether it was one.
"""

from collections.abc import Iterable, Iterator

from .words import CLASS_OF

# Letters beside each other on a QWERTY keyboard.
_BESIDE = {
    "q": "wa", "w": "qeasd", "e": "wrsd", "r": "etdf", "t": "ryfg", "y": "tugh", "u": "yihj", "i": "uojk", "o": "ipkl",
    "p": "ol", "a": "qwsz", "s": "awedxz", "d": "serfcx", "f": "drtgvc", "g": "ftyhbv", "h": "gyujnb", "j": "huikmn",
    "k": "jiolm", "l": "kop", "z": "asx", "x": "zsdc", "c": "xdfv", "v": "cfgb", "b": "vghn", "n": "bhjm", "m": "njk",
}  # fmt: skip
_SIGNS = (("o", "0"), ("i", "1"), ("l", "1"), ("e", "3"), ("s", "5"), ("a", "4"))

# Words corrected inside a sentence.
_CORRECTED = """
    unsubscribe unsubscribed unsubscribing cancel remove removed delete revoke terminate deactivate disable consent
    permission message messages messaging texting contact contacting contacted harassing harassment bothering spamming
    sending number communication communications notifications reminders subscription receive receiving anymore please
    mensaje mensajes numero suscripcion consentimiento permiso escriban manden envien contacten molesten equivocado
    desabonner envoyez ecrivez contactez arretez supprimez retirez messages
"""

# One slip away from a word of ours, and words in their own right.
_ORDINARY_WORDS = """
    ending tending mending vending lending bending fending sensing other massage massages content contents evoke remote
    removes elect relate cancer concert context contract lumber cumber umber tasting testing resting nesting vesting
    half hasta atop crop algo alot galt hart malt hall stoops stops quot suit pate page pace pasar pagar quiet
    mandan envian escriben escribas contactan cancelo estop
"""
_ORDINARY = frozenset(_ORDINARY_WORDS.split())


def transposed(word: str) -> Iterator[str]:
    """`word` with two neighbouring letters changed over: stop, stpo."""
    for i in range(len(word) - 1):
        if word[i] != word[i + 1]:
            yield word[:i] + word[i + 1] + word[i] + word[i + 2 :]


def neighboured(word: str) -> Iterator[str]:
    """`word` with one letter hit on the next key: stop, stip."""
    for i, letter in enumerate(word):
        for beside in _BESIDE.get(letter, ""):
            yield word[:i] + beside + word[i + 1 :]


def shortened(word: str) -> Iterator[str]:
    """`word` with one letter left out: stop, stp."""
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]


def doubled(word: str) -> Iterator[str]:
    """`word` with one letter struck twice: stop, sttop."""
    for i in range(len(word)):
        yield word[: i + 1] + word[i:]


def inserted(word: str) -> Iterator[str]:
    """`word` with the next key struck too: stop, stiop."""
    for i, letter in enumerate(word):
        for beside in _BESIDE.get(letter, ""):
            yield word[:i] + beside + word[i:]
            yield word[: i + 1] + beside + word[i + 1 :]


def disguised(word: str) -> Iterator[str]:
    """`word` with a digit for a letter, everywhere or once: stop, st0p."""
    for letter, sign in _SIGNS:
        if letter in word:
            yield word.replace(letter, sign)
            yield word.replace(letter, sign, 1)
            yield sign.join(word.rsplit(letter, 1))


def numbered(word: str) -> Iterator[str]:
    """`word` with a digit struck behind it: stop, stop1."""
    for digit in "0123456789":
        yield word + digit


def ordinary(word: str) -> bool:
    """Whether `word` is a word in its own right, to be left alone."""
    return word in _ORDINARY or word in CLASS_OF


def _corrections(words: Iterable[str]) -> dict[str, str]:
    table = {form: word for word in ("stop", "unsub") for form in (*disguised(word), word + word[-1])}
    for word in ("stop", "stopall", "unsubscribe", "quit", "cancel", "revoke", "optout"):
        table.update((form, word) for form in (*disguised(word), *numbered(word)))
    for word in words:
        for slips in (transposed, neighboured, shortened, doubled, disguised):
            for slip in slips(word):
                if not ordinary(slip) and slip + "s" != word:
                    table.setdefault(slip, word)
    return table


# Slip -> the word meant.
SPELLED = _corrections(_CORRECTED.split())
