"""A store with somebody at either side of it: a client that submits, a carrier that answers, a consumer that replies.

Owns: texts, answers, receipts and replies with all that a test does not care about filled in. Does not own: any rule (the
gateway's own are used) or any expectation.
"""

from collections.abc import Iterable

import msgspec

from gateway.model.address import Number
from gateway.model.consent import ANY, ConsentChange, ConsentState
from gateway.model.events import Event
from gateway.model.ids import IdSource, InboundId, MessageId
from gateway.model.inbound import Inbound, InboundEffect, ReplyKind
from gateway.model.message import (
    Accepted,
    Answer,
    Claimed,
    Facts,
    Message,
    Origin,
    ReceiptNews,
    Ruling,
    State,
    Submission,
)
from gateway.rules.gate import Terms, rule
from gateway.store.accept import Acceptance
from gateway.store.base import Store
from gateway.store.claim import Claim, Claims, Look
from gateway.store.inbound import Reception
from gateway.store.news import MessageNews
from tests.policies import OPEN, look_again

NOON = 1_790_000_000_000
CLIENT = "acme"
PROGRAM = "loans"
CATEGORY = "servicing"
NUMBER = Number("+12025550123")
OTHER_NUMBER = Number("+12025550124")
SENDER = "+12025550100"
CARRIER = "sim"
BIND = "sim/0"
DAY = 86_400_000


def judge(submission: Submission, facts: Facts) -> Ruling:
    """The gateway's rules, with consent as the one thing in question."""
    terms = Terms("US", frozenset({"US"}), 20, OPEN)
    return rule(submission, facts, terms)


class Desk:
    """One store, one wall clock that the test sets, one source of ids."""

    def __init__(self, store: Store, ids: IdSource | None = None) -> None:
        self.store = store
        self.now = NOON
        self._ids = ids or IdSource()
        self._smsc_ids = 0

    # The client's side.

    async def grant(
        self, number: Number = NUMBER, category: str = CATEGORY, program: str = PROGRAM, age: int = 0
    ) -> bool:
        """Consent that the person gave ``age`` milliseconds ago."""
        change = ConsentChange(
            number, CLIENT, program, category, ConsentState.CONFIRMED, self.now, "api", b"{}", self.now - age
        )
        return (await self.store.change_consents([change]))[0]

    async def revoke(self, number: Number = NUMBER, program: str = ANY, category: str = ANY) -> bool:
        """The client ends a consent, or an opt-out of a wider scope."""
        change = ConsentChange(number, CLIENT, program, category, ConsentState.REVOKED, self.now, "api")
        return (await self.store.change_consents([change]))[0]

    def submission(self, **changes: object) -> Submission:
        """A text of one segment to NUMBER, due at once; ``changes`` are its fields."""
        text = Submission(
            MessageId(self._ids.next(self.now)),
            CLIENT,
            PROGRAM,
            CATEGORY,
            NUMBER,
            SENDER,
            CARRIER,
            "Your payment is due on 3 March.",
            "gsm7",
            31,
            1,
            2,
            self.now,
            self.now + DAY,
        )
        return msgspec.structs.replace(text, **changes)

    def acceptance(self, *submissions: Submission, key: str | None = None, fingerprint: bytes = b"") -> Acceptance:
        """A request of CLIENT."""
        return Acceptance(submissions, judge, CLIENT, self.now, key, fingerprint)

    async def accept(self, *submissions: Submission) -> tuple[Accepted, ...]:
        """Submit without a key."""
        (answer,) = await self.store.accept(self.acceptance(*submissions))
        assert isinstance(answer, tuple), "there is no key to use again"
        return answer

    async def queue(self, **changes: object) -> MessageId:
        """Submit a text that its number consented to."""
        submission = self.submission(**changes)
        await self.grant(submission.number, submission.category, submission.program)
        await self.accept(submission)
        return submission.id

    # The carrier's side.

    async def claims(
        self, limit: int = 10, bind: str = BIND, others: Iterable[str] = (), look: Look = look_again
    ) -> Claims:
        """A bind's claim."""
        (claims,) = await self.store.claim(Claim(CARRIER, bind, limit, self.now, look, frozenset(others)))
        return claims

    async def claim(self, limit: int = 10, bind: str = BIND, others: Iterable[str] = ()) -> tuple[Claimed, ...]:
        """The segments that a bind gets."""
        return (await self.claims(limit, bind, others)).segments

    def answer(
        self, segment: Claimed, state: State = State.SUBMITTED, smsc_id: str | None = None, **changes: object
    ) -> Answer:
        """What the carrier says of a segment; a new id where it takes it."""
        if state is State.SUBMITTED and smsc_id is None:
            self._smsc_ids += 1
            smsc_id = f"{self._smsc_ids:x}a"
        answer = Answer(segment, state, self.now, "response", smsc_message_id=smsc_id, smsc_key=smsc_id)
        return msgspec.structs.replace(answer, **changes)

    async def settle(self, *answers: Answer) -> list[bool]:
        """Record answers in one verb."""
        return await self.store.settle(answers)

    async def submit(self, **changes: object) -> tuple[MessageId, list[str]]:
        """A text all of whose segments the carrier took, and the ids it gave them."""
        message_id = await self.queue(**changes)
        answers = [self.answer(segment) for segment in await self.claim(100) if segment.message_id == message_id]
        await self.settle(*answers)
        return message_id, [answer.smsc_message_id or "" for answer in answers]

    def receipt(self, *keys: str, state: State | None = State.DELIVERED, **changes: object) -> ReceiptNews:
        """A receipt for NUMBER that may be known by these keys."""
        stats = {
            State.DELIVERED: "DELIVRD",
            State.UNDELIVERED: "UNDELIV",
            State.EXPIRED: "EXPIRED",
            State.REJECTED: "REJECTD",
        }
        stat = "ENROUTE" if state is None else stats[state]
        news = ReceiptNews(
            CARRIER,
            BIND,
            keys[0] if keys else "",
            keys,
            state,
            stat,
            "000",
            NUMBER[1:],
            SENDER[1:],
            "2611212200",
            self.now,
        )
        return msgspec.structs.replace(news, **changes)

    async def tell(self, *receipts: ReceiptNews) -> list[bool]:
        """Receipts in one verb; of each whether it was matched."""
        return [key is not None for key in await self.store.receive_receipts(receipts)]

    # The consumer's side.

    def reply(self, kind: ReplyKind, number: Number = NUMBER, **changes: object) -> Inbound:
        """A core word from a number."""
        inbound = Inbound(
            InboundId(self._ids.next(self.now)),
            CARRIER,
            CLIENT,
            PROGRAM,
            number,
            SENDER[1:],
            "word",
            kind,
            self.now,
            fingerprint=str(self._ids.next(self.now)).encode(),
            link="link-1",
        )
        return msgspec.structs.replace(inbound, **changes)

    def reception(self, inbound: Inbound, *, living: Iterable[str] = ("link-1",)) -> Reception:
        """The reply with what it changes and its one answer."""
        effect = InboundEffect(
            inbound,
            (CLIENT,) if inbound.kind is ReplyKind.OPT_OUT else (),
            (CLIENT,) if inbound.kind is ReplyKind.OPT_IN else (),
            Number(inbound.source),
        )
        answer = self.submission(
            number=Number(inbound.source), category="system", text="You are opted out.", origin=Origin.REPLY, priority=0
        )
        return Reception(effect, None, self.acceptance(answer), frozenset(living))

    async def say(self, kind: ReplyKind, number: Number = NUMBER) -> bool:
        """A consumer texts a core word; whether it was new."""
        return (await self.store.receive_inbound([self.reception(self.reply(kind, number))]))[0]

    async def stop(self, number: Number = NUMBER) -> bool:
        """STOP."""
        return await self.say(ReplyKind.OPT_OUT, number)

    async def start(self, number: Number = NUMBER) -> bool:
        """START."""
        return await self.say(ReplyKind.OPT_IN, number)

    # What came of it.

    async def message(self, message_id: int) -> Message:
        """The message as kept."""
        message = await self.store.message(message_id, None)
        assert message is not None
        return message

    async def state(self, message_id: int) -> State:
        """Where it stands."""
        return (await self.message(message_id)).state

    async def segments(self, message_id: int) -> list[State]:
        """Where its segments stand."""
        return [segment.state for segment in (await self.message(message_id)).segments]

    async def kinds(self, message_id: int) -> list[str]:
        """Its timeline, without the prefix that all have in common."""
        return [event.kind.removeprefix("message.") for event in await self.store.timeline(message_id)]

    async def last_news(self, message_id: int) -> MessageNews:
        """What its newest event tells."""
        return news_of((await self.store.timeline(message_id))[-1])


def news_of(event: Event) -> MessageNews:
    """The body of a message's event."""
    return msgspec.json.decode(event.body, type=MessageNews)
