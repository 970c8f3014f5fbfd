"""The rule of frequency: how often a person may be contacted.

Owns: counting contacts in rolling windows against caps, and the instant at which a full window frees. Does not own: the
contacts (store), or which caps hold (packs).

A window is the time from an instant back to, and without, the same instant a window earlier: with two in seven days, a
third may go exactly seven days after the first. Everything unprompted counts, whatever channel it went by: texts, and the
calls, e-mails, letters and visits that upstream systems report. A text of which the carrier took a part, or may have taken it,
counts, whatever became of the rest and whoever called that off; one that it only ever put off does not. An answer to the
consumer's own text does not.
"""

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter

import msgspec

from gateway.errors import Code
from gateway.model.clock import DAY, HOUR, spell_instant
from gateway.model.contact import Channel, Contact
from gateway.model.decision import Finding, Verdict

_RULE = "frequency"
_at = attrgetter("at")


class Per(StrEnum):
    """Whose contacts a cap counts."""

    ACCOUNT = "account"
    """Those about one account of the consumer (one debt)."""
    CONSUMER = "consumer"
    """All of them."""


class Cap(msgspec.Struct, frozen=True, omit_defaults=True):
    """At most ``most`` contacts within a window."""

    name: str
    """Pack and rule that say so."""
    most: int
    window: int
    """Milliseconds; whole hours."""
    per: Per = Per.CONSUMER
    channels: tuple[Channel, ...] = tuple(Channel)
    """What counts; a cap that does not count texts does not stop any."""
    refuses: bool = False
    """Whether a text above the cap is refused rather than held until the window frees."""


_HOPS = 32
"""How many plans for a consumer are looked through one by one. Beyond that, every one of them counts at once."""
_FREE = Finding(_RULE, Verdict.ALLOW, detail="no pack caps contacts")
_CODES = {Per.ACCOUNT: Code.FREQUENCY_ACCOUNT, Per.CONSUMER: Code.FREQUENCY_CONSUMER}


def judge_frequency(at: int, contacts: tuple[Contact, ...], caps: tuple[Cap, ...], account: str | None) -> Finding:
    """Whether one more text may go at an instant, after these contacts (in any order, at least the longest window's).

    A hold names the first instant at which every cap has room, should nothing else be sent. A text about no account counts
    as if it were about each of them.
    """
    if not caps:
        return _FREE
    if not contacts:
        return _room(0)
    latest: tuple[int, Cap] | None = None
    instant = at
    counted = [one for one in contacts if not one.planned or one.at <= at]
    # What is planned for a later time is no contact yet, but it may be one by the instant at which a window frees.
    later = sorted([one for one in contacts if one.planned and one.at > at], key=_at, reverse=True)
    longest = longest_window(caps)
    for hop in range(_HOPS):
        while later and (later[-1].at <= instant or hop == _HOPS - 1):
            counted.append(later.pop())
        if hop:
            counted = [one for one in counted if one.at + longest > instant]
        found = _last_to_free(instant, counted, caps, account)
        if found is None:
            break
        latest = found
        instant, cap = found
        if cap.refuses:
            return Finding(_RULE, Verdict.REFUSE, _CODES[cap.per], _spell(cap))
    if latest is None:
        return _room(len(contacts))
    frees, cap = latest
    return Finding(_RULE, Verdict.HOLD, _CODES[cap.per], f"{_spell(cap)}; room at {spell_instant(frees)}", frees)


@lru_cache(maxsize=512)
def _room(count: int) -> Finding:
    return Finding(_RULE, Verdict.ALLOW, detail=f"{count} contacts made or planned; every cap has room")


def _last_to_free(
    at: int, contacts: Sequence[Contact], caps: tuple[Cap, ...], account: str | None
) -> tuple[int, Cap] | None:
    """The cap among those without room at an instant that frees last, and when; one that refuses comes before all."""
    last: tuple[int, Cap] | None = None
    for cap in caps:
        frees = frees_at(contacts, cap, account)
        if frees <= at:
            continue
        if cap.refuses:
            return frees, cap
        if last is None or frees > last[0]:
            last = frees, cap
    return last


def frees_at(contacts: Sequence[Contact], cap: Cap, account: str | None) -> int:
    """The first instant at which the cap has room for a text; 0 where it always had.

    A contact with a time to come (a clock that ran ahead, a text under way) counts from now until a window after it.
    """
    if Channel.TEXT not in cap.channels:
        return 0
    if len(contacts) < cap.most:
        return 0
    counts, anyway = cap.channels, cap.per is Per.CONSUMER or account is None
    counted = [
        contact.at
        for contact in contacts
        if contact.channel in counts and (anyway or contact.account is None or contact.account == account)
    ]
    if len(counted) < cap.most:
        return 0
    counted.sort()
    return counted[-cap.most] + cap.window


def longest_window(caps: tuple[Cap, ...]) -> int:
    """How far back contacts have to be known, in milliseconds."""
    return max((cap.window for cap in caps), default=0)


def _spell(cap: Cap) -> str:
    whose = "about the account" if cap.per is Per.ACCOUNT else "with the consumer"
    what = "contact" if cap.most == 1 else "contacts"
    how = "" if set(cap.channels) == set(Channel) else f" by {', '.join(sorted(cap.channels))}"
    return f"at most {cap.most} {what} {whose}{how} in {_spell_window(cap.window)} ({cap.name})"


def _spell_window(window: int) -> str:
    unit, name = (DAY, "day") if window % DAY == 0 else (HOUR, "hour")
    return f"{window // unit} {name}{'' if window == unit else 's'}"
