"""A carrier's profile that was changed while texts were waiting: what it cuts otherwise is refused whole, and nobody else's text
suffers."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
import trio

from gateway.errors import Code
from gateway.flow import dispatch, pdus
from gateway.model.message import Accepted, Claimed, State
from gateway.smpp.pdu import SubmitSm
from gateway.store.sqlite import open_memory
from tests.flow.rig import Rig, Smsc, configured, settle

Clock = trio.testing.MockClock

OTHER = "+12025550177"
PORTUGUESE = {"national_language": "portuguese"}


@asynccontextmanager
async def restarted(
    before: Mapping[str, str], after: Mapping[str, str], text: str
) -> AsyncIterator[tuple[Rig, Accepted, Accepted]]:
    """A text and another person's behind it, taken under one profile of the carrier; the gateway under another."""
    async with open_memory() as store, trio.open_nursery() as nursery:
        first = Rig(configured(**before), store, nursery)
        await first.consent()
        await first.consent(OTHER)
        texts = await first.submit(text), await first.submit("Hello", number=OTHER)
        yield Rig(configured(**after), store, nursery), *texts
        nursery.cancel_scope.cancel()


def sent_to(smsc: Smsc, number: str) -> list[SubmitSm]:
    return [pdu for pdu in smsc.submits if pdu.destination_addr == number.removeprefix("+")]


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ({}, {"long_messages": "udh16"}, "x" * 306),  # two segments come to be three
        (PORTUGUESE, {}, "â" * 70 + "x"),  # one comes to be two
        ({}, PORTUGUESE, "â" * 200),  # three come to be two
    ],
)
async def test_a_text_that_it_cuts_otherwise_is_refused_whole(
    before: Mapping[str, str], after: Mapping[str, str], text: str, autojump_clock: Clock
) -> None:
    async with restarted(before, after, text) as (flow, cut, other):
        _, smsc = await flow.link()
        await settle()
        message = await flow.message(cut)
        assert (message.state, message.code) == (State.REJECTED, Code.CARRIER_UNENCODABLE)
        assert sent_to(smsc, message.number) == []
        assert await flow.state(other) is State.SUBMITTED


async def test_a_fault_at_one_text_leaves_no_other_in_flight(
    autojump_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def submit_sm(segment: Claimed, *rest: object) -> SubmitSm:
        if segment.text == "poison":
            raise ZeroDivisionError
        return pdus.submit_sm(segment, *rest)  # type: ignore[arg-type]

    async with restarted({}, {}, "poison") as (flow, poison, other):
        link, smsc = await flow.link(serve=False)
        monkeypatch.setattr(dispatch, "submit_sm", submit_sm)
        with pytest.raises(ExceptionGroup) as raised:
            await flow.road.serve(link)
        assert raised.group_contains(ZeroDivisionError)
        await settle()
        message = await flow.message(poison)
        assert (message.state, message.segments[0].state) == (State.REJECTED, State.REJECTED)
        assert (await flow.message(other)).segments[0].state is State.QUEUED
        flow.links.remove(link)
        _, smsc = await flow.link()
        await settle()
        assert len(sent_to(smsc, OTHER)) == 1
