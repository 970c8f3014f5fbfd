"""The ledger: who saw what in one fault run, and which promise that breaks.

It owns the invariants. It starts nothing and asks nobody: it is given the journals of the client, the carriers and the
receivers of webhooks, and the database as it was left. Its words are those of the checkers of queues: attempts are what
was asked, `accepted` what was promised, `lost` what was promised and is nowhere, `duplicated` what a carrier took twice,
`recovered` what is kept although no answer promised it, `in_doubt` what nobody knows.

A text is known by its token, the first word of it, which no other text of the run has. A segment of a long text is known
by its number and its concatenation reference. The gateway's own replies all say the same: they are counted by number.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import msgspec

from gateway.model.ids import read, spell
from gateway.model.message import TERMINAL, State
from gateway.smpp.receipt_ids import match_keys
from tools.simulator.journal import Answered, Closed, Delivered, Entry, Submitted, Taken
from tools.torture.client import Attempt
from tools.torture.database import Dump, Message, Segment

_OK = "ESME_ROK"
_OTHER_LINK_NS = 100_000_000
"""What came over one link cannot be dated against what came over another more finely: both wait in the kernel, and the
carrier reads them in no particular order."""

_UNTOUCHED = (State.QUEUED, State.HELD, State.BLOCKED, State.CANCELLED)
"""Segment states that say: no carrier has it."""
_ENDED_UNSENT = (State.EXPIRED, State.REJECTED)
"""Segment states that say so where no carrier's id is recorded."""
_SENT = (State.SUBMITTED, State.DELIVERED, State.UNDELIVERED)
"""Segment states that say: a carrier took it."""

_OUTCOMES: Mapping[str, State] = MappingProxyType(
    {
        "DELIVRD": State.DELIVERED,
        "EXPIRED": State.EXPIRED,
        "DELETED": State.UNDELIVERED,
        "UNDELIV": State.UNDELIVERED,
        "REJECTD": State.REJECTED,
        "SKIPPED": State.UNDELIVERED,
    }
)


class Violation(msgspec.Struct, frozen=True):
    """One broken promise."""

    name: str
    what: str
    """A token, a key, a number: where to look."""
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.what}" + (f" ({self.detail})" if self.detail else "")


class Evidence(msgspec.Struct, frozen=True):
    """What everybody wrote down."""

    client: str
    attempts: Sequence[Attempt]
    carriers: Mapping[str, Sequence[Entry]]
    """By carrier."""
    webhooks: Mapping[str, Sequence[Mapping[str, Any]]]
    """By endpoint."""
    database: Dump
    resend: frozenset[str]
    """Categories whose doubtful texts are sent again."""
    log: str = ""
    """What the gateway wrote to standard error, over all its lives."""
    secrets: Sequence[str] = ()
    """What must not be in it, besides numbers and texts."""
    waiting: frozenset[str] = frozenset()
    """Carriers that never take anything: what is for them still waits."""
    outcomes: Mapping[str, State] = _OUTCOMES
    """What the final receipts of this run's carriers amount to, by their stat."""


def restricted(evidence: Evidence, carrier: str, outcomes: Mapping[str, State]) -> Evidence:
    """What concerns one carrier alone, whose tokens begin with its name. ``outcomes``: what its receipts say otherwise."""
    base = evidence.database
    messages = {message.id: message for message in base.messages.values() if message.carrier == carrier}
    database = msgspec.structs.replace(
        base,
        messages=messages,
        segments={place: segment for place, segment in base.segments.items() if segment.message_id in messages},
        events=[event for event in base.events if event.message_id in messages],
    )
    return msgspec.structs.replace(
        evidence,
        attempts=[attempt for attempt in evidence.attempts if attempt.token.startswith(f"{carrier}.")],
        carriers={carrier: evidence.carriers[carrier]},
        database=database,
        log="",
        outcomes=MappingProxyType({**_OUTCOMES, **outcomes}),
    )


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
    ledger = _Ledger(evidence)
    violations = tuple(
        violation
        for check in (
            ledger.kept,
            ledger.once_a_key,
            ledger.sent_once,
            ledger.named,
            ledger.receipts,
            ledger.heard,
            ledger.stopped,
            ledger.told,
            ledger.notified,
            ledger.sound,
            ledger.discreet,
        )
        for violation in check()
    )
    counts = ledger.counts()
    for name in ("lost", "duplicated"):
        counts[name] = sum(1 for violation in violations if violation.name == name)
    return Account(counts, violations)


class _Sent(msgspec.Struct, frozen=True):
    """One submit_sm as the carrier saw it, with its answer and the end of its link."""

    at: int
    session: int
    status: str
    """Of the answer; empty where there was none."""
    message_id: str
    """The carrier's; given whenever it took the text."""
    link_ended_at: int | None

    @property
    def taken(self) -> bool:
        return bool(self.message_id) or self.status == _OK

    @property
    def refused(self) -> bool:
        """Whether the carrier said that it did not take it."""
        return self.status.startswith(("ESME_", "0x")) and self.status != _OK


_Place = tuple[int, int]
"""A message's id and the number of the segment."""


class _Ledger:
    """The evidence, indexed."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._base = evidence.database
        self._repeated = 0
        self._numbers = {message.number[1:] for message in self._base.messages.values()}
        self._by_token: dict[tuple[str, str], Message] = {}
        self._by_reference: dict[tuple[str, str, int], Message] = {}
        self._replies: dict[tuple[str, str, str], list[Message]] = defaultdict(list)
        for message in self._base.messages.values():
            if message.origin == "reply":
                self._replies[message.carrier, message.number, message.text].append(message)
                continue
            self._by_token[message.carrier, message.token] = message
            if message.segments > 1:
                for mask in (0xFF, 0xFFFF):
                    self._by_reference[message.carrier, message.number, message.concat & mask] = message
        self._sent: dict[_Place, list[_Sent]] = defaultdict(list)
        self._reply_sent: Counter[tuple[str, str, str]] = Counter()
        self._strangers: list[Submitted] = []
        for carrier, entries in evidence.carriers.items():
            self._index(carrier, entries)

    def _index(self, carrier: str, entries: Sequence[Entry]) -> None:
        answers = {(entry.session, entry.sequence): entry for entry in entries if isinstance(entry, Answered)}
        ends = {entry.session: entry.at for entry in entries if isinstance(entry, Closed)}
        for entry in entries:
            if not isinstance(entry, Submitted):
                continue
            number = f"+{entry.destination.removeprefix('+')}"
            answer = answers.get((entry.session, entry.sequence))
            if (carrier, number, entry.text) in self._replies:
                if answer is None or not answer.status.startswith(("ESME_", "0x")) or answer.status == _OK:
                    self._reply_sent[carrier, number, entry.text] += 1
                continue
            place = self._place(carrier, number, entry)
            if place is None:
                self._strangers.append(entry)
                continue
            self._sent[place].append(
                _Sent(
                    entry.at,
                    entry.session,
                    "" if answer is None else answer.status,
                    "" if answer is None else answer.message_id,
                    ends.get(entry.session),
                )
            )

    def _place(self, carrier: str, number: str, entry: Submitted) -> _Place | None:
        if entry.part is not None:
            message = self._by_reference.get((carrier, number, entry.part.reference))
            return None if message is None else (message.id, entry.part.number)
        message = self._by_token.get((carrier, entry.token))
        return None if message is None or message.number != number else (message.id, 1)

    def _token(self, message_id: int) -> str:
        return self._base.messages[message_id].token

    # ---- I1: what was promised is kept, and comes to its end

    def kept(self) -> Iterator[Violation]:
        """Every accepted text is kept; every one ends, or waits for a person; none is called sent that nobody got."""
        for attempt in self._evidence.attempts:
            message_id = read("msg", attempt.id) if attempt.accepted else None
            if attempt.accepted and message_id not in self._base.messages:
                yield Violation("lost", attempt.token, "answered 2xx, and not in the database")
        for entry in self._strangers:
            yield Violation("unexpected", entry.token, "a carrier got it, and it is not in the database")
        for place, segment in self._base.segments.items():
            message = self._base.messages.get(segment.message_id)
            if message is None:
                yield Violation("corrupt", str(place), "a segment without its message")
                continue
            waits = message.state is State.HELD or message.carrier in self._evidence.waiting
            if segment.state in (State.IN_FLIGHT, State.QUEUED) and not waits:
                yield Violation("stuck", message.token, f"segment {segment.n} ended as {segment.state}")
            if message.origin == "reply":
                continue
            sent = self._sent.get(place, ())
            if segment.state in _SENT and not any(one.taken for one in sent):
                yield Violation(
                    "lost", message.token, f"segment {segment.n} is {segment.state}, and no carrier took it"
                )
            if _says_unsent(segment) and (taken := [one for one in sent if one.taken and not one.refused]):
                detail = f"segment {segment.n} is {segment.state}, and a carrier has it as {taken[0].message_id}"
                yield Violation("misreported", message.token, detail)
        for message in self._base.messages.values():
            if message.state not in TERMINAL | {State.SUBMITTED, State.IN_DOUBT, State.QUEUED, State.HELD}:
                yield Violation("stuck", message.token, f"ended as {message.state}")

    # ---- I6: one message for each idempotency key

    def once_a_key(self) -> Iterator[Violation]:
        """A key stands for one message, and for the same one whenever it was answered."""
        answered: dict[str, set[str]] = defaultdict(set)
        for attempt in self._evidence.attempts:
            if attempt.key and attempt.accepted:
                answered[attempt.key].add(attempt.id)
        for key, ids in answered.items():
            if len(ids) > 1:
                yield Violation("key_doubled", key, f"answered with {len(ids)} ids")
            kept = self._base.keys.get((self._evidence.client, key))
            if kept is None:
                yield Violation("key_lost", key, "answered 2xx, and the key is not kept")
            elif {spell("msg", one) for one in kept} != ids:
                yield Violation("key_doubled", key, "the database has another message for it")
        tokens = {attempt.token for attempt in self._evidence.attempts if attempt.key}
        kept_tokens = Counter(message.token for message in self._base.messages.values() if message.origin != "reply")
        for token in tokens:
            if kept_tokens[token] > 1:
                yield Violation("key_doubled", token, f"{kept_tokens[token]} messages")

    # ---- I2: at most once on the wire

    def sent_once(self) -> Iterator[Violation]:
        """No segment goes again after a carrier took it or may have taken it; where policy says so, after a lost link."""
        for (message_id, n), sent in self._sent.items():
            resend = self._base.messages[message_id].category in self._evidence.resend
            for earlier, later in pairwise(sent):
                if earlier.refused:
                    continue
                lost = earlier.status != _OK or (
                    earlier.link_ended_at is not None and earlier.link_ended_at < later.at + _OTHER_LINK_NS
                )
                if resend and lost:
                    self._repeated += 1
                    continue
                detail = f"segment {n} went again {(later.at - earlier.at) / 1e6:.0f} ms after {earlier.status or 'no answer'}"
                yield Violation("duplicated", self._token(message_id), detail)
        for key, count in self._reply_sent.items():
            if count > len(self._replies[key]):
                yield Violation(
                    "duplicated", key[1], f"{count} replies on the wire, {len(self._replies[key])} were made"
                )

    # ---- I3: what the carrier called it is known

    def named(self) -> Iterator[Violation]:
        """The id of an answer that said OK is stored, unless the answer was lost with its link."""
        for place, sent in self._sent.items():
            segment = self._base.segments.get(place)
            told = [one.message_id for one in sent if one.status == _OK and one.message_id]
            if segment is None or not told or segment.smsc_message_id in told or segment.state is State.IN_DOUBT:
                continue
            detail = f"{segment.state}, kept as {segment.smsc_message_id}, told as {told[-1]}"
            yield Violation("unidentified", self._token(place[0]), detail)

    # ---- I4: what was said to be taken is kept

    def receipts(self) -> Iterator[Violation]:
        """Every receipt that we answered OK moved its segment or is kept, and segments stand as their receipts say."""
        for carrier, entries in self._evidence.carriers.items():
            kept = self._kept_receipts(carrier)
            # Carriers use ids again: the number tells their texts apart.
            places = {
                (one.message_id, self._base.messages[place[0]].number.removeprefix("+")): place
                for place, sent in self._sent.items()
                if self._base.messages[place[0]].carrier == carrier
                for one in sent
                if one.message_id
            }
            for place, segment in self._base.segments.items():  # those of our own replies, which have no token
                message = self._base.messages.get(segment.message_id)
                if message is not None and message.carrier == carrier and segment.smsc_message_id is not None:
                    places.setdefault((segment.smsc_message_id, message.number.removeprefix("+")), place)
            news: dict[_Place, list[Delivered]] = defaultdict(list)
            for delivered in _acknowledged(entries, ("receipt", "intermediate")):
                where = places.get((delivered.message_id, delivered.source.removeprefix("+")))
                about = None if where is None else self._base.segments.get(where)
                moved = about is not None and about.receipt_at is not None
                if not moved and not _among(delivered, kept):
                    name = delivered.message_id or delivered.source
                    yield Violation("receipt_lost", name, f"{delivered.stat} was answered OK")
                if where is not None and about is not None and about.smsc_message_id == delivered.message_id:
                    news[where].append(delivered)
            yield from self._judged(news)

    def _kept_receipts(self, carrier: str) -> set[str]:
        """What the receipts that moved nothing may be known by: their keys and their numbers."""
        known: set[str] = set()
        for row in self._base.receipts:
            if row.carrier == carrier:
                told = msgspec.json.decode(row.news)
                known.update(told["keys"])
                known.add(told["number"].removeprefix("+"))
        return known

    def _judged(self, news: Mapping[_Place, Sequence[Delivered]]) -> Iterator[Violation]:
        for place, told in news.items():
            segment = self._base.segments[place]
            states = [self._evidence.outcomes[one.stat] for one in told if one.stat in self._evidence.outcomes]
            if not states:
                continue
            # The first counts; that a text was delivered after all corrects it, unless it was refused.
            corrected = State.DELIVERED in states and states[0] is not State.REJECTED
            expected = State.DELIVERED if corrected else states[0]
            if segment.state is not expected:
                detail = f"segment {segment.n} is {segment.state}, its receipt said {told[0].stat}"
                yield Violation("misjudged", self._token(place[0]), detail)

    def heard(self) -> Iterator[Violation]:
        """Every consumer's text that we answered OK is kept once."""
        for carrier, entries in self._evidence.carriers.items():
            kept = Counter(
                (one.source.removeprefix("+"), one.text) for one in self._base.inbound if one.carrier == carrier
            )
            waiting = {source.removeprefix("+") for name, source in self._base.parts if name == carrier}
            said: dict[tuple[str, str], set[int]] = defaultdict(set)
            for delivered in _acknowledged(entries, ("mo",)):
                said[delivered.source.removeprefix("+"), delivered.text].add(delivered.delivery)
            for (source, text), deliveries in said.items():
                count = kept[source, text]
                if not count and source not in waiting:
                    yield Violation("mo_lost", text[:40], f"{len(deliveries)} deliveries were answered OK")
                elif count > len(deliveries):
                    yield Violation("mo_doubled", text[:40], f"kept {count} times, said {len(deliveries)} times")

    # ---- I5: nobody who said STOP is texted

    def stopped(self) -> Iterator[Violation]:
        """After the answer to a STOP nothing goes to that number but the one confirmation."""
        for carrier, entries in self._evidence.carriers.items():
            stops = self._stops(carrier, entries)
            for entry in entries:
                if not isinstance(entry, Submitted):
                    continue
                number = entry.destination.removeprefix("+")
                if (carrier, f"+{number}", entry.text) in self._replies:
                    continue
                stop = stops.get(number)
                if stop is not None and entry.at > stop[0] + (0 if entry.session == stop[1] else _OTHER_LINK_NS):
                    detail = f"{(entry.at - stop[0]) / 1e6:.1f} ms after the STOP was answered"
                    yield Violation("sent_after_stop", entry.token, detail)
            for (_, number, text), count in self._reply_sent.items():
                if number.removeprefix("+") in stops and count > 1:
                    yield Violation("confirmed_twice", number, f"{count} × {text[:20]!r} was taken")

    def _stops(self, carrier: str, entries: Sequence[Entry]) -> dict[str, tuple[int, int]]:
        """By number: when the first STOP was answered OK, all parts of it, and over which link."""
        opted_out = {
            (one.source.removeprefix("+"), one.text)
            for one in self._base.inbound
            if one.carrier == carrier and one.kind == "opt-out"
        }
        sent: dict[int, tuple[str, str]] = {}
        answered: dict[tuple[str, str], dict[int, tuple[int, int]]] = defaultdict(dict)
        for entry in entries:
            if isinstance(entry, Delivered) and entry.kind == "mo":
                sent[entry.delivery] = (entry.source.removeprefix("+"), entry.text)
            elif isinstance(entry, Taken) and entry.status == _OK and entry.delivery in sent:
                answered[sent[entry.delivery]].setdefault(entry.delivery, (entry.at, entry.session))
        stops: dict[str, tuple[int, int]] = {}
        for said, moments in answered.items():
            whole = len(moments) == sum(1 for other in sent.values() if other == said)
            if said in opted_out and whole:
                last = max(moments.values())
                stops[said[0]] = min(stops.get(said[0], last), last)
        return stops

    # ---- I8: every change has a time and a cause

    def told(self) -> Iterator[Violation]:
        """The log tells of each message how it began, each change with its cause, and the state that it has now."""
        stories: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
        for event in self._base.events:
            if event.message_id is not None:
                body = msgspec.json.decode(event.body)
                stories[event.message_id].append((event.kind, body.get("state", ""), body.get("cause") or ""))
                if event.at <= 0:
                    yield Violation("untold", str(event.seq), "an event without its time")
        for message in self._base.messages.values():
            story = stories.get(message.id)
            if not story:
                yield Violation("untold", message.token, "no event")
                continue
            if story[0][0] not in ("message.accepted", "message.held", "message.blocked"):
                yield Violation("untold", message.token, f"begins with {story[0][0]}")
            if story[-1][1] != message.state:
                yield Violation("untold", message.token, f"is {message.state}, told as {story[-1][1]}")
            if any(not cause for _, _, cause in story):
                yield Violation("untold", message.token, "a change without a cause")
            ended = [state for _, state, _ in story if state in TERMINAL]
            if len(ended) > 1 and (ended[1:] != ["delivered"] or ended[0] not in ("expired", "undelivered")):
                yield Violation("ended_twice", message.token, " then ".join(ended))

    def notified(self) -> Iterator[Violation]:
        """Every receiver got every event at least once, always under the same id with the same body."""
        for endpoint, lines in self._evidence.webhooks.items():
            bodies: dict[str, Any] = {}
            for line in lines:
                if not line["verified"]:
                    yield Violation("webhook_forged", endpoint, str(line["reason"]))
                elif bodies.setdefault(line["id"], line["body"]) != line["body"]:
                    yield Violation("webhook_changed", str(line["id"]), "one id, two bodies")
            for event in self._base.events:
                if event.client == self._evidence.client and spell("evt", event.seq) not in bodies:
                    yield Violation("webhook_lost", f"{endpoint}: {event.kind} {event.seq}")

    # ---- I7: the file is sound

    def sound(self) -> Iterator[Violation]:
        """SQLite finds nothing wrong, and no message lacks a segment."""
        if self._base.integrity != ("ok",):
            yield Violation("corrupt", "integrity_check", "; ".join(self._base.integrity)[:200])
        found = Counter(segment.message_id for segment in self._base.segments.values())
        for message in self._base.messages.values():
            if found[message.id] != message.segments and not (message.state is State.BLOCKED and not found[message.id]):
                yield Violation("corrupt", message.token, f"{found[message.id]} of {message.segments} segments")

    # ---- S11: what is nobody's business is in no log

    def discreet(self) -> Iterator[Violation]:
        """No number, no text and no secret was logged."""
        texts = {message.text.partition(" ")[2][:20] for message in self._base.messages.values()}
        for line in self._evidence.log.splitlines():
            shown = next((secret for secret in self._evidence.secrets if secret in line), None)
            shown = shown or next((text for text in texts if len(text) == 20 and text in line), None)
            if shown is not None or (shown := _shown_number(line, self._numbers)) is not None:
                yield Violation("logged", shown, line[:100])

    def counts(self) -> dict[str, int]:
        """The run in numbers."""
        attempts = self._evidence.attempts
        accepted = {attempt.id for attempt in attempts if attempt.accepted}
        ours = [message for message in self._base.messages.values() if message.origin != "reply"]
        states = Counter(message.state for message in ours)
        return {
            "attempts": len({attempt.token for attempt in attempts}),
            "accepted": len(accepted),
            "recovered": sum(
                1 for message in ours if message.state is not State.BLOCKED and spell("msg", message.id) not in accepted
            ),
            "submitted": sum(len(sent) for sent in self._sent.values()),
            "repeated": self._repeated,
            "in_doubt": sum(1 for segment in self._base.segments.values() if segment.state is State.IN_DOUBT),
            "blocked": states[State.BLOCKED],
            "delivered": states[State.DELIVERED],
            "inbound": len(self._base.inbound),
        }


_DIGITS = re.compile(r"\d{7,15}")


def _shown_number(line: str, numbers: set[str]) -> str | None:
    """A consumer's number that a line shows whole."""
    return next((digits for digits in _DIGITS.findall(line) if digits in numbers), None)


def _says_unsent(segment: Segment) -> bool:
    if segment.state in _UNTOUCHED:
        return True
    return segment.state in _ENDED_UNSENT and segment.smsc_message_id is None and segment.receipt_at is None


def _acknowledged(entries: Sequence[Entry], kinds: Sequence[str]) -> Iterator[Delivered]:
    """Deliveries of these kinds that we answered OK, once each."""
    taken = {entry.delivery for entry in entries if isinstance(entry, Taken) and entry.status == _OK}
    for entry in entries:
        if isinstance(entry, Delivered) and entry.kind in kinds and entry.delivery in taken:
            taken.discard(entry.delivery)
            yield entry


def _among(delivered: Delivered, kept: set[str]) -> bool:
    keys = match_keys(delivered.message_id) if delivered.message_id else (delivered.source.removeprefix("+"),)
    return not kept.isdisjoint(keys)
