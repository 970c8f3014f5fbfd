"""Which text in doubt a receipt belongs to whose id we do not know: the response that named it was lost.

Owns: the comparison, and when it is unambiguous. Does not own: receipts and texts (store), or what follows (flow).

A receipt repeats what we know: the two addresses, and some of how the text begins, when it was submitted, and the
user_message_reference. The addresses alone prove nothing: one of the others has to agree, and none may disagree. And it must
be the only text in doubt that the receipt can mean, and the text must be meant by receipts of one id only.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from gateway.model.clock import HOUR, MINUTE

_FEWEST_LETTERS: Final = 3
_CLOCKS_APART: Final = 2 * MINUTE
"""How far the carrier's clock may be off; a date without seconds is up to one of them off by itself."""
_QUARTER: Final = 15 * MINUTE
"""Offsets of time zones are whole numbers of these."""
_FARTHEST_ZONE: Final = 14 * HOUR
_DATES: Final = {10: "%y%m%d%H%M", 12: "%y%m%d%H%M%S", 14: "%Y%m%d%H%M%S"}


class Doubtful(msgspec.Struct, frozen=True, gc=False):
    """A segment in doubt."""

    message_id: int
    n: int
    number: str
    sender: str
    text: str
    """Of this segment."""
    claimed_at: int
    user_message_reference: int | None


class Told(msgspec.Struct, frozen=True, gc=False):
    """A receipt that nothing is known of by its id."""

    receipt_id: int
    smsc_key: str | None
    number: str
    sender: str
    at: int
    submit_date: str | None
    text: str | None
    user_message_reference: int | None


def resolve(doubts: Sequence[Doubtful], receipts: Iterable[Told]) -> list[tuple[Told, Doubtful]]:
    """The receipts that can mean one text in doubt only, with that text, in the receipts' order."""
    by_number: dict[str, list[Doubtful]] = {}
    for doubt in doubts:
        by_number.setdefault(_tail(doubt.number), []).append(doubt)
    found: list[tuple[Told, Doubtful]] = []
    ids: dict[tuple[int, int], set[str | None]] = {}
    for told in receipts:
        near = {_tail(told.number): told, _tail(told.sender): told}
        fitting = [doubt for tail in near for doubt in by_number.get(tail, ()) if fits(told, doubt)]
        for doubt in fitting:
            ids.setdefault((doubt.message_id, doubt.n), set()).add(told.smsc_key)
        if len(fitting) == 1:
            found.append((told, fitting[0]))
    return [(told, doubt) for told, doubt in found if len(ids[doubt.message_id, doubt.n]) == 1]


def fits(told: Told, doubt: Doubtful) -> bool:
    """Whether a receipt can be that of a segment."""
    if told.at < doubt.claimed_at or not _same_addresses(told, doubt):
        return False
    if told.user_message_reference is not None and doubt.user_message_reference is not None:
        return told.user_message_reference == doubt.user_message_reference
    signs = (_same_text(told.text, doubt.text), _same_time(told.submit_date, doubt.claimed_at))
    return True in signs and False not in signs


def _same_addresses(told: Told, doubt: Doubtful) -> bool:
    # Most carriers turn the addresses of the submit_sm round, some leave them as they were.
    return any(
        same_number(number, doubt.number) and _same_sender(sender, doubt.sender)
        for number, sender in ((told.number, told.sender), (told.sender, told.number))
    )


def same_number(told: str, ours: str) -> bool:
    """Whether an address of a carrier means a number of ours."""
    # Carriers drop the plus sign, and some the country code; some leave the addresses as they were in the submit_sm.
    digits = told.lstrip("+0")
    return len(digits) >= 7 and ours.endswith(digits)


def _same_sender(told: str, ours: str) -> bool:
    return told.lstrip("+").casefold() == ours.lstrip("+").casefold()


def _tail(number: str) -> str:
    return number[-7:]


def _same_text(told: str | None, ours: str) -> bool | None:
    """None where too little of it is told. What a carrier cannot write it replaces or drops: only ASCII is compared."""
    said, meant = _letters(told or ""), _letters(ours)
    if min(len(said), len(meant)) < _FEWEST_LETTERS:
        return None
    return meant.startswith(said) or said.startswith(meant)


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isascii() and letter.isalnum()).casefold()


def _same_time(told: str | None, claimed_at: int) -> bool | None:
    """None where no date can be read. In which zone it is, the receipt does not say: any that there is will do."""
    form = _DATES.get(len(told or ""))
    if told is None or form is None or not told.isascii() or not told.isdigit():
        return None
    try:
        written = datetime.strptime(told, form).replace(tzinfo=UTC)
    except ValueError:
        return None
    apart = (written - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1) - claimed_at
    beside = (apart + _QUARTER // 2) % _QUARTER - _QUARTER // 2
    return abs(beside) <= _CLOCKS_APART and abs(apart) <= _FARTHEST_ZONE + _CLOCKS_APART
