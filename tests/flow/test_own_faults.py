"""A fault of ours: every text is told of, and no other waits for the one that met it."""

from collections.abc import Sequence
from typing import Any

import pytest
import trio

from gateway.errors import Code
from gateway.flow import answers, dispatch, inbound
from gateway.flow.inbound import PARTS_TIMEOUT
from gateway.model.message import State
from gateway.smpp.events import ResponseReceived
from gateway.smpp.pdu import SubmitSmResp
from gateway.store.sqlite import open_memory
from gateway.text.reassembly import Joined, ReceivedPart, join
from tests.flow.rig import Rig, configured, rig, settle

Clock = trio.testing.MockClock

POISON = "+12025550177"
NUMBERS = ("+12025550176", POISON, "+12025550178")
CLIENT = configured().clients[0].id
NO_PDU = bytes.fromhex("00000005")


def _judged(event: ResponseReceived, *rest: object) -> object:
    if event.token.number == POISON:
        raise ZeroDivisionError
    return answers.judged(event, *rest)  # type: ignore[arg-type]


async def _told(monkeypatch: pytest.MonkeyPatch, *, unanswered: str = "", ends: bytes = b"") -> list[State]:
    """What became of one text to each number, all but one of them answered in one read, before the octets that end the link."""
    async with open_memory() as store:
        texts = []

        async def live() -> None:
            async with trio.open_nursery() as nursery:
                flow = Rig(configured(), store, nursery)
                for number in NUMBERS:
                    await flow.consent(number)
                    texts.append((await flow.submit(number=number)).id)
                link, smsc = await flow.link(serve=False)
                smsc.answer = lambda pdu: None
                nursery.start_soon(flow.road.serve, link)
                await settle()
                monkeypatch.setattr(dispatch, "judged", _judged)
                for pdu in smsc.submits:
                    if f"+{pdu.destination_addr}" != unanswered:
                        smsc.connection.respond(pdu, SubmitSmResp(message_id=pdu.destination_addr))
                await smsc.stream.send_all(smsc.connection.data_to_send() + ends)

        with pytest.raises(ExceptionGroup) as raised:
            await live()
        assert raised.group_contains(ZeroDivisionError)
        found = [await store.message(text, CLIENT) for text in texts]
        return [message.state for message in found if message is not None]


async def test_those_behind_it_are_in_doubt(autojump_clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await _told(monkeypatch) == [State.SUBMITTED, State.IN_DOUBT, State.IN_DOUBT]


async def test_so_is_what_had_no_answer_where_the_link_ends_with_it(
    autojump_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await _told(monkeypatch, unanswered=NUMBERS[2], ends=NO_PDU)
    assert told == [State.SUBMITTED, State.IN_DOUBT, State.IN_DOUBT]


async def test_parts_that_we_cannot_join_keep_no_other_text_waiting(
    autojump_clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(parts: Sequence[ReceivedPart], *alphabet: Any, **times: Any) -> Joined | None:
        if any(b"poison" in part.body for part in parts):
            raise ZeroDivisionError
        return join(parts, *alphabet, **times)

    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        for reference, text in enumerate((b"poison", b"STOP")):
            await smsc.deliver(short_message=bytes((5, 0, 3, reference, 2, 1)) + text, esm_class=0x40)
        flow.wall += PARTS_TIMEOUT + 1
        monkeypatch.setattr(inbound, "join", fail)
        assert await flow.inbound.end_partial_texts() == 1
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT
        assert "could not be read" in caplog.text
