"""The ledger: who saw what in one fault run, and which promise that breaks.

It owns the account of a run, and the promises about texts that go out. It starts nothing and asks nobody: it is given the
journals of the client, the carriers and the receivers of webhooks, and the database as it was left. Its words are those of the
checkers of queues: attempts are what was asked, `accepted` what was promised, `lost` what was promised and is nowhere,
`duplicated` what a carrier took twice, `recovered` what is kept although no answer promised it, `in_doubt` what nobody
knows, `repeated` what went again because policy said so.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise

import msgspec

from gateway.model.ids import read, spell
from gateway.model.message import TERMINAL, State
from tools.torture.database import Segment
from tools.torture.evidence import Evidence, Violation
from tools.torture.incoming import heard, receipts, stopped
from tools.torture.records import discreet, notified, sound, told
from tools.torture.sightings import OK, OTHER_LINK_NS, Place, Sent, Sightings

_UNTOUCHED = (State.QUEUED, State.HELD, State.BLOCKED, State.CANCELLED)
"""Segment states that say: no carrier has it."""
_ENDED_UNSENT = (State.EXPIRED, State.REJECTED)
"""Segment states that say so where no carrier's id is recorded."""
_SENT = (State.SUBMITTED, State.DELIVERED, State.UNDELIVERED)
"""Segment states that say: a carrier took it."""


class Account(msgspec.Struct, frozen=True):
    """What became of a run's texts, and what is wrong with that."""

    counts: dict[str, int]
    violations: tuple[Violation, ...]

    @property
    def broken(self) -> Counter[str]:
        """Violations by name."""
        return Counter(violation.name for violation in self.violations)

    def summary(self) -> str:
        """One line: the counts that matter, then what is broken."""
        names = (
            "attempts",
            "accepted",
            "submitted",
            "in_doubt",
            "blocked",
            "recovered",
            "repeated",
            "lost",
            "duplicated",
        )
        told = [
            f"{name} {self.counts[name]}" for name in names if self.counts.get(name) or name in ("lost", "duplicated")
        ]
        told += [f"{name} {count}" for name, count in self.broken.items() if name not in ("lost", "duplicated")]
        return ", ".join(told)


def audit(evidence: Evidence) -> Account:
    """Hold the journals against each other and against the database."""
    seen = Sightings(evidence)
    violations = tuple(violation for check in _CHECKS for violation in check(seen))
    counts = _counts(seen)
    for name in ("lost", "duplicated"):
        counts[name] = sum(1 for violation in violations if violation.name == name)
    return Account(counts, violations)


# ---- I1: what was promised is kept, and comes to its end


def kept(seen: Sightings) -> Iterator[Violation]:
    """Every accepted text is kept; every one ends, or waits for a person; none is called sent that nobody got."""
    for attempt in seen.evidence.attempts:
        message_id = read("msg", attempt.id) if attempt.accepted else None
        if attempt.accepted and message_id not in seen.base.messages:
            yield Violation("lost", attempt.token, "answered 2xx, and not in the database")
    for entry in seen.strangers:
        yield Violation("unexpected", entry.token, "a carrier got it, and it is not in the database")
    for place, segment in seen.base.segments.items():
        message = seen.base.messages.get(segment.message_id)
        if message is None:
            yield Violation("corrupt", str(place), "a segment without its message")
            continue
        waits = message.state is State.HELD or message.carrier in seen.evidence.waiting
        if segment.state in (State.IN_FLIGHT, State.QUEUED) and not waits:
            yield Violation("stuck", message.token, f"segment {segment.n} ended as {segment.state}")
        if message.origin == "reply":
            continue
        sent = seen.sent.get(place, ())
        if segment.state in _SENT and not any(one.taken for one in sent):
            yield Violation("lost", message.token, f"segment {segment.n} is {segment.state}, and no carrier took it")
        if _says_unsent(segment) and (taken := [one for one in sent if one.taken and not one.refused]):
            detail = f"segment {segment.n} is {segment.state}, and a carrier has it as {taken[0].message_id}"
            yield Violation("misreported", message.token, detail)
    for message in seen.base.messages.values():
        if message.state not in TERMINAL | {State.SUBMITTED, State.IN_DOUBT, State.QUEUED, State.HELD}:
            yield Violation("stuck", message.token, f"ended as {message.state}")


def _says_unsent(segment: Segment) -> bool:
    if segment.state in _UNTOUCHED:
        return True
    return segment.state in _ENDED_UNSENT and segment.smsc_message_id is None and segment.receipt_at is None


# ---- I6: one message for each idempotency key


def once_a_key(seen: Sightings) -> Iterator[Violation]:
    """A key stands for one message, and for the same one whenever it was answered."""
    answered: dict[str, set[str]] = defaultdict(set)
    for attempt in seen.evidence.attempts:
        if attempt.key and attempt.accepted:
            answered[attempt.key].add(attempt.id)
    for key, ids in answered.items():
        if len(ids) > 1:
            yield Violation("key_doubled", key, f"answered with {len(ids)} ids")
        kept = seen.base.keys.get((seen.evidence.client, key))
        if kept is None:
            yield Violation("key_lost", key, "answered 2xx, and the key is not kept")
        elif {spell("msg", one) for one in kept} != ids:
            yield Violation("key_doubled", key, "the database has another message for it")
    tokens = {attempt.token for attempt in seen.evidence.attempts if attempt.key}
    kept_tokens = Counter(message.token for message in seen.base.messages.values() if message.origin != "reply")
    for token in tokens:
        if kept_tokens[token] > 1:
            yield Violation("key_doubled", token, f"{kept_tokens[token]} messages")


# ---- I2: at most once on the wire


def sent_once(seen: Sightings) -> Iterator[Violation]:
    """No segment goes again after a carrier took it or may have taken it; where policy says so, after a lost link."""
    for (message_id, n), earlier, later, excused in _again(seen):
        if excused:
            continue
        detail = f"segment {n} went again {(later.at - earlier.at) / 1e6:.0f} ms after {earlier.status or 'no answer'}"
        yield Violation("duplicated", seen.token(message_id), detail)
    for key, count in seen.reply_sent.items():
        if count > len(seen.replies[key]):
            yield Violation("duplicated", key[1], f"{count} replies on the wire, {len(seen.replies[key])} were made")


def _again(seen: Sightings) -> Iterator[tuple[Place, Sent, Sent, bool]]:
    """What went again though it was not refused, and whether policy says so."""
    for place, sent in seen.sent.items():
        resend = seen.base.messages[place[0]].category in seen.evidence.resend
        for earlier, later in pairwise(sent):
            if earlier.refused:
                continue
            lost = earlier.status != OK or (
                earlier.link_ended_at is not None and earlier.link_ended_at < later.at + OTHER_LINK_NS
            )
            yield place, earlier, later, resend and lost


# ---- I3: what the carrier called it is known


def named(seen: Sightings) -> Iterator[Violation]:
    """The id of an answer that said OK is stored, unless the answer was lost with its link."""
    for place, sent in seen.sent.items():
        segment = seen.base.segments.get(place)
        told = [one.message_id for one in sent if one.status == OK and one.message_id]
        if segment is None or not told or segment.smsc_message_id in told or segment.state is State.IN_DOUBT:
            continue
        detail = f"{segment.state}, kept as {segment.smsc_message_id}, told as {told[-1]}"
        yield Violation("unidentified", seen.token(place[0]), detail)


_CHECKS: tuple[Callable[[Sightings], Iterator[Violation]], ...] = (
    kept,
    once_a_key,
    sent_once,
    named,
    receipts,
    heard,
    stopped,
    told,
    notified,
    sound,
    discreet,
)


def _counts(seen: Sightings) -> dict[str, int]:
    """The run in numbers."""
    attempts = seen.evidence.attempts
    accepted = {attempt.id for attempt in attempts if attempt.accepted}
    ours = [message for message in seen.base.messages.values() if message.origin != "reply"]
    states = Counter(message.state for message in ours)
    return {
        "attempts": len({attempt.token for attempt in attempts}),
        "accepted": len(accepted),
        "recovered": sum(
            1 for message in ours if message.state is not State.BLOCKED and spell("msg", message.id) not in accepted
        ),
        "submitted": sum(len(sent) for sent in seen.sent.values()),
        "repeated": sum(1 for *_, excused in _again(seen) if excused),
        "in_doubt": sum(1 for segment in seen.base.segments.values() if segment.state is State.IN_DOUBT),
        "blocked": states[State.BLOCKED],
        "delivered": states[State.DELIVERED],
        "inbound": len(seen.base.inbound),
    }
