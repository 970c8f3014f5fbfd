"""Ids that we give: ordered in time, unique over restarts, short to read.

Owns: the shape of an id and its public spelling. Does not own: storing them.

An id is a positive 63-bit integer: milliseconds since the epoch, then a 20-bit count. Ids of one source only grow, so a
B-tree takes them at its right edge, and a sort by id is a sort by age. A source that is told the greatest id on disk
stays above it even when the clock was set back.
"""

from typing import NewType

MessageId = NewType("MessageId", int)
InboundId = NewType("InboundId", int)
ReviewId = NewType("ReviewId", int)
OptinId = NewType("OptinId", int)
JobId = NewType("JobId", int)

_COUNT_BITS = 20
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_WIDTH = 13
_MOST = (1 << 63) - 1


class IdSource:
    """Gives ids that only grow."""

    def __init__(self, floor: int = 0) -> None:
        self._last = floor

    def next(self, now: int) -> int:
        """An id greater than every one before; ``now`` is in milliseconds since the epoch."""
        self._last = max(self._last + 1, now << _COUNT_BITS)
        return self._last


def first_id(at: int) -> int:
    """What no id is below that was given at or after an instant."""
    return max(0, at) << _COUNT_BITS


def spell(kind: str, number: int) -> str:
    """The public spelling of an id, such as ``msg_1a2b3c4d5e6f7``; ``kind`` is its prefix."""
    pairs = _PAIRS
    return (
        f"{kind}_{_ALPHABET[number >> 60]}{pairs[number >> 50 & 1023]}{pairs[number >> 40 & 1023]}"
        f"{pairs[number >> 30 & 1023]}{pairs[number >> 20 & 1023]}{pairs[number >> 10 & 1023]}{pairs[number & 1023]}"
    )


def read(kind: str, text: str) -> int | None:
    """The id that ``text`` spells, or None if it is not one of this kind."""
    prefix, _, letters = text.partition("_")
    if prefix != kind or len(letters) != _WIDTH:
        return None
    number = 0
    for letter in letters:
        value = _VALUES.get(letter)
        if value is None:
            return None
        number = number << 5 | value
    return number if number <= _MOST else None


def pattern(kind: str) -> str:
    """What ``spell`` makes of ids of a kind, as a pattern of JSON Schema."""
    return f"^{kind}_[0-9a-z]{{{_WIDTH}}}$"


def spell_message(number: int) -> str:
    """The public spelling of a message's id."""
    return spell("msg", number)
