"""The ledger that a store is held against: what was accepted, claimed and answered, and what each number said.

Owns: the oracle of consent, one method a verb that posts it and checks its answer, and the audit. Does not own: in which order
things happen (the test).
"""

from collections.abc import Awaitable, Callable
from itertools import pairwise

from gateway.model.address import Number
from gateway.model.consent import ANY, ConsentChange, ConsentState
from gateway.model.inbound import ReplyKind
from gateway.model.message import TERMINAL, Answer, Claimed, Message, Origin, State
from gateway.store.base import Store
from gateway.store.claim import Claim
from gateway.store.doubt import Cancellation, Expiry, Recovery, Settlement
from gateway.store.silence import Silence
from tests.contract.desk import CARRIER, CLIENT, PROGRAM, Desk, news_of
from tests.policies import look_again

NUMBERS = (Number("+12025550123"), Number("+12025550124"))
CATEGORIES = ("servicing", "collections")
BINDS = ("sim/0", "sim/1")
RESEND = frozenset({"servicing"})

WAITING = frozenset({State.QUEUED, State.HELD})
ENDS_BEFORE_THE_CARRIER = frozenset({State.BLOCKED, State.EXPIRED, State.CANCELLED})
FAILS = frozenset({State.REJECTED, State.EXPIRED, State.UNDELIVERED})
FOLLOWS = {
    State.QUEUED: WAITING | ENDS_BEFORE_THE_CARRIER | FAILS | {State.SUBMITTED, State.IN_DOUBT},
    State.HELD: WAITING | ENDS_BEFORE_THE_CARRIER | FAILS | {State.SUBMITTED, State.IN_DOUBT},
    State.IN_DOUBT: WAITING | FAILS | {State.BLOCKED, State.SUBMITTED, State.IN_DOUBT, State.DELIVERED},
    State.SUBMITTED: FAILS | {State.DELIVERED, State.UNCONFIRMED},
    State.UNCONFIRMED: FAILS | {State.DELIVERED},
    State.UNDELIVERED: {State.DELIVERED},
    State.EXPIRED: {State.DELIVERED},
    State.DELIVERED: frozenset[State](),
    State.REJECTED: frozenset[State](),
    State.BLOCKED: frozenset[State](),
    State.CANCELLED: frozenset[State](),
}
"""What a message's events may tell one after the other."""

OUTCOMES = (
    State.SUBMITTED, State.SUBMITTED, State.SUBMITTED, State.QUEUED, State.REJECTED, State.IN_DOUBT, State.BLOCKED,
)  # fmt: skip
RECEIPTS = (State.DELIVERED, State.UNDELIVERED, State.EXPIRED, State.REJECTED, None)

Check = Callable[[], Awaitable[None]]
"""Waits for what was posted and holds it against what the ledger knows."""


class Wishes:
    """What a number said, told by its own short rules: the oracle of consent."""

    def __init__(self) -> None:
        self._granted: set[str] = set()
        self._granted_since: set[str] = set()
        """Since the STOP that stands."""
        self._ended: dict[str, int] = {}
        self._stopped_at: int | None = None

    def stop(self, now: int) -> None:
        self._stopped_at = now
        self._granted_since = set()

    def start(self) -> None:
        self._stopped_at = None

    def end(self, category: str, now: int) -> None:
        self._ended[category] = now
        self._granted.discard(category)

    def grant(self, category: str, obtained_at: int) -> bool:
        if obtained_at <= max(self._ended.get(category, 0), self._stopped_at or 0):
            return False
        self._ended.pop(category, None)
        self._granted.add(category)
        self._granted_since.add(category)
        return True

    def allow(self, category: str) -> bool:
        return category in self._granted and (self._stopped_at is None or category in self._granted_since)


class Ledger:
    """One run: posts what it is told to, and checks every answer of the store."""

    def __init__(self, store: Store) -> None:
        self.desk = Desk(store)
        self.store = store
        self.wishes = {number: Wishes() for number in NUMBERS}
        self.accepted: dict[int, Origin] = {}
        self.claimed: list[Claimed] = []
        self.open: dict[tuple[int, int], int] = {}
        """Segments that are with a carrier or on their way to one, by the attempt that took them there."""
        self.keys: list[str] = []

    # Each posts at once and returns its check; they are named after their verbs.

    def accept(self, a: int, b: int) -> Check:
        number, category = NUMBERS[a % 2], CATEGORIES[b % 2]
        later = self.desk.now + 50 if b >= 6 else None
        reply = a == 7
        text = self.desk.submission(
            number=number,
            category=category,
            segments=1 + a % 3,
            priority=b % 4,
            send_at=later,
            expires_at=self.desk.now + (100 if a == 6 else 100_000),
            origin=Origin.REPLY if reply else Origin.CLIENT,
        )
        posted = self.store.accept(self.desk.acceptance(text))

        async def check() -> None:
            (answer,) = await posted
            assert isinstance(answer, tuple)
            allowed = reply or self.wishes[number].allow(category)
            assert (answer[0].state in WAITING) == allowed
            self.accepted[text.id] = text.origin

        return check

    def claim(self, a: int, b: int) -> Check:
        mine, other = BINDS[a % 2], BINDS[1 - a % 2]
        others = frozenset({other}) if b % 4 else frozenset[str]()
        posted = self.store.claim(Claim(CARRIER, mine, 1 + b, self.desk.now, look_again, others))

        async def check() -> None:
            (claims,) = await posted
            assert len(claims.segments) <= 1 + b
            for segment in claims.segments:
                place = (segment.message_id, segment.n)
                assert place not in self.open, "a segment is handed out once"
                assert segment.expires_at > self.desk.now
                assert segment.due_at <= self.desk.now
                if segment.origin is not Origin.REPLY:
                    assert self.wishes[segment.number].allow(segment.category), "nothing goes without consent"
                self.open[place] = segment.attempt
                self.claimed.append(segment)

        return check

    def settle(self, a: int, b: int) -> Check:
        if not self.claimed:
            return _nothing
        segment = self.claimed[-1 - (a * 5) % len(self.claimed)]
        state = OUTCOMES[b % len(OUTCOMES)]
        key = f"k{len(self.keys)}"
        self.keys.append(key)
        answer = Answer(
            segment, state, self.desk.now, "response", None, 0, key if state is State.SUBMITTED else None,
            key if state is State.SUBMITTED else None, self.desk.now + 10 * (b % 2), b < 4,
        )  # fmt: skip
        posted = self.store.settle([answer])

        async def check() -> None:
            (settled,) = await posted
            if settled and state in (State.QUEUED, State.REJECTED, State.BLOCKED):
                del self.open[segment.message_id, segment.n]
            elif settled:
                self.open[segment.message_id, segment.n] = segment.attempt

        return check

    def receipt(self, a: int, b: int) -> Check:
        # Of an answer that was, or of one that is still to come.
        key = self.keys[-1 - a % len(self.keys)] if self.keys and a < 6 else f"k{len(self.keys) + a - 6}"
        state = RECEIPTS[b % len(RECEIPTS)]
        number = NUMBERS[b % 2] if a % 2 else ""
        posted = self.store.receive_receipts([self.desk.receipt(key, state=state, number=number)])

        async def check() -> None:
            await posted

        return check

    def stop(self, a: int, b: int) -> Check:
        return self._say(NUMBERS[a % 2], ReplyKind.OPT_OUT)

    def start(self, a: int, b: int) -> Check:
        return self._say(NUMBERS[a % 2], ReplyKind.OPT_IN)

    def _say(self, number: Number, kind: ReplyKind) -> Check:
        now = self.desk.now
        reception = self.desk.reception(self.desk.reply(kind, number))
        assert reception.reply is not None
        (reply,) = reception.reply.submissions
        posted = self.store.receive_inbound([reception])

        async def check() -> None:
            assert await posted == [True]
            if kind is ReplyKind.OPT_OUT:
                self.wishes[number].stop(now)
            else:
                self.wishes[number].start()
            if await self.store.message(reply.id, None) is not None:
                self.accepted[reply.id] = Origin.REPLY

        return check

    def grant(self, a: int, b: int) -> Check:
        number, category, obtained_at = NUMBERS[a % 2], CATEGORIES[b % 2], self.desk.now - (b // 2) * 5
        change = ConsentChange(
            number, CLIENT, PROGRAM, category, ConsentState.CONFIRMED, self.desk.now, "api", b"{}", obtained_at
        )
        posted = self.store.change_consents([change])

        async def check() -> None:
            assert await posted == [self.wishes[number].grant(category, obtained_at)]

        return check

    def revoke(self, a: int, b: int) -> Check:
        number, now = NUMBERS[a % 2], self.desk.now
        program, category = (ANY, ANY) if b == 0 else (PROGRAM, CATEGORIES[b % 2])
        posted = self.store.change_consents(
            [ConsentChange(number, CLIENT, program, category, ConsentState.REVOKED, now, "operator")]
        )

        async def check() -> None:
            await posted
            if category == ANY:
                self.wishes[number].stop(now)
            else:
                self.wishes[number].end(category, now)

        return check

    def cancel(self, a: int, b: int) -> Check:
        if not self.accepted:
            return _nothing
        message_id = list(self.accepted)[-1 - (a + b) % len(self.accepted)]
        posted = self.store.cancel(Cancellation(message_id, CLIENT, self.desk.now))

        async def check() -> None:
            (state,) = await posted
            assert state is not None
            if state is State.CANCELLED:
                assert not any(place[0] == message_id for place in self.open)

        return check

    def expire(self, a: int, b: int) -> Check:
        posted = self.store.expire(Expiry(tuple(self.accepted), self.desk.now))

        async def check() -> None:
            await posted

        return check

    def silence(self, a: int, b: int) -> Check:
        posted = self.store.end_silence(Silence(self.desk.now + (100_000 if a == 7 else 0), self.desk.now, 1 + b))

        async def check() -> None:
            await posted

        return check

    def word(self, a: int, b: int) -> Check:
        """A person settles what is in doubt."""
        if not self.claimed:
            return _nothing
        message_id = self.claimed[-1 - a % len(self.claimed)].message_id
        state = (State.QUEUED, State.SUBMITTED, State.UNDELIVERED)[b % 3]

        async def check() -> None:
            # Alone in its batch: what it settles is what is in doubt right now.
            doubtful = [doubt.n for doubt in await self.store.doubts(1000) if doubt.message_id == message_id]
            (known,) = await self.store.settle_doubt([Settlement(message_id, state, self.desk.now, "says so")])
            assert known == bool(doubtful)
            for n in doubtful:
                if state is not State.SUBMITTED:
                    del self.open[message_id, n]

        return check

    def restart(self, a: int, b: int) -> Check:
        async def check() -> None:
            # Alone in its batch, as at a start: nothing else is under way.
            in_flight = [segment for segment in self.claimed if await self._is(segment, State.IN_FLIGHT)]
            await self.store.recover(Recovery(self.desk.now, RESEND))
            for segment in in_flight:
                if segment.category in RESEND:
                    self.open.pop((segment.message_id, segment.n), None)

        return check

    async def _is(self, segment: Claimed, state: State) -> bool:
        message = await self.desk.message(segment.message_id)
        return message.segments[segment.n - 1].state is state

    def tick(self, a: int, b: int) -> Check:
        self.desk.now += 1 + 10 * a
        return _nothing

    async def audit(self) -> None:
        """Every message is accounted for, and its log tells how it came to where it is."""
        seqs: list[int] = []
        doubts = {doubt.message_id for doubt in await self.store.doubts(1000)}
        for message_id, origin in self.accepted.items():
            message = await self.desk.message(message_id)
            assert message.origin is origin
            _check_sum(message)
            if message.state is State.IN_DOUBT:
                assert message_id in doubts
            events = await self.store.timeline(message_id)
            told = [news_of(event) for event in events]
            assert told[0].state in WAITING | {State.BLOCKED}
            for before, after in pairwise(told):
                assert after.state in FOLLOWS[before.state], f"{before.state} then {after.state}"
            assert all(news.cause for news in told)
            assert all(before.at <= after.at for before, after in pairwise(events))
            stands = State.QUEUED if message.state is State.IN_FLIGHT else message.state
            assert (told[-1].state, events[-1].at) == (
                State.HELD if stands is State.QUEUED and told[-1].state is State.HELD else stands,
                message.updated_at,
            )
            seqs += [event.seq for event in events]
        log = await self.store.events(CLIENT, 0, 100_000)
        assert [event.seq for event in log] == sorted({event.seq for event in log})
        assert set(seqs) <= {event.seq for event in log}


def _check_sum(message: Message) -> None:
    """The state of a message and those of its segments agree."""
    states = {segment.state for segment in message.segments}
    match message.state:
        case State.QUEUED | State.HELD:
            assert State.QUEUED in states
            assert states <= {State.QUEUED, State.SUBMITTED, State.DELIVERED}
        case State.IN_FLIGHT:
            assert State.IN_FLIGHT in states
        case State.IN_DOUBT:
            assert State.IN_DOUBT in states
        case State.SUBMITTED:
            assert State.SUBMITTED in states
            assert states <= {State.SUBMITTED, State.DELIVERED}
        case State.DELIVERED:
            assert states == {State.DELIVERED}
        case _:
            assert message.state in TERMINAL
            assert State.QUEUED not in states, "the rest of a text that failed is not sent"


async def _nothing() -> None:
    pass
