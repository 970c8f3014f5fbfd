"""Texts of which nobody knows whether the carrier has them: listed, and settled by an operator's word.

Owns: the bodies of requests and answers. Does not own: what a settlement changes (store), or how doubt arises (flow).
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from gateway.errors import Code
from gateway.flow.invalid import Invalid
from gateway.model.address import mask
from gateway.model.ids import spell_message
from gateway.model.message import State
from gateway.store.doubt import Settlement
from gateway.web.doors import Doors
from gateway.web.evidence import check_text
from gateway.web.http import Request, Response
from gateway.web.problem import Problem
from gateway.web.wire import Body, check_query, no_such, read_count, read_message_id, reply, spell_time, unacceptable

ALL: Final = "all"
LONGEST_REASON: Final = 200
MOST_LISTED: Final = 1000


class SettlementBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An operator's word on what became of a text."""

    message: Annotated[str, Meta(description='the id of a message, or "all"')]
    state: Literal["queued", "submitted", "undelivered"]
    reason: Annotated[str, Meta(description="how it came to be known, for the record")]


class DoubtView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A segment in doubt."""

    message: str
    n: int
    client: str
    number: str
    """Masked."""
    category: str
    carrier: str
    bind: str | None = None
    claimed_at: str | None = None


class DoubtsView(msgspec.Struct, frozen=True):
    """Segments in doubt, oldest first."""

    doubts: list[DoubtView]


class SettledView(msgspec.Struct, frozen=True):
    """How many messages are settled."""

    settled: int


_SETTLEMENT = Body(SettlementBody)


class Doubts:
    """The handlers."""

    def __init__(self, doors: Doors) -> None:
        self._store = doors.store
        self._now = doors.now

    async def browse(self, request: Request) -> Response:
        """The oldest segments in doubt."""
        check_query(request, "limit")
        doubts = await self._store.doubts(read_count(request, "limit", 100, 1, MOST_LISTED))
        return reply(
            DoubtsView(
                [
                    DoubtView(
                        spell_message(doubt.message_id),
                        doubt.n,
                        doubt.client,
                        mask(doubt.number),
                        doubt.category,
                        doubt.carrier,
                        doubt.bind,
                        spell_time(doubt.claimed_at),
                    )
                    for doubt in doubts
                ]
            )
        )

    async def settle(self, request: Request) -> Response:
        """Take an operator's word on one message, or on all that are in doubt."""
        body = _SETTLEMENT.read(request)
        faults: list[Invalid] = []
        check_text("reason", body.reason, LONGEST_REASON, faults)
        if faults:
            raise unacceptable(faults)
        if body.message == ALL:
            return reply(SettledView(await self._settle_all(State(body.state), body.reason)))
        message_id = read_message_id(body.message)
        settlement = Settlement(message_id, State(body.state), self._now(), body.reason)
        (was_in_doubt,) = await self._store.settle_doubt([settlement])
        if not was_in_doubt:
            message = await self._store.message(message_id, None)
            if message is None:
                raise no_such("message")
            raise Problem(
                409,
                Code.STATE_CONFLICT,
                f"The message is {message.state}, not in doubt.",
                fix="See which are: assent admin doubts.",
                extra={"id": body.message, "state": message.state},
            )
        return reply(SettledView(1))

    async def _settle_all(self, state: State, reason: str) -> int:
        """A page at a time, so that other writes get their turn.

        What is sent again may come into doubt again while this goes on: the word was not about that.
        """
        now = self._now()
        settled = 0
        while True:
            doubts = await self._store.doubts(MOST_LISTED)
            doubtful = dict.fromkeys(doubt.message_id for doubt in doubts if (doubt.claimed_at or 0) <= now)
            outcomes = await self._store.settle_doubt(
                [Settlement(message_id, state, now, reason) for message_id in doubtful]
            )
            if not any(outcomes):
                return settled
            settled += sum(outcomes)
