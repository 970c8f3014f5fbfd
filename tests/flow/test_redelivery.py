"""What a carrier brings again because its link died is one text, whichever copy comes to the store first."""

from collections.abc import Sequence

import pytest
import trio
import trio.testing

from gateway.errors import Code, Transient
from gateway.model.clock import HOUR, MINUTE, SECOND
from gateway.model.events import Kind
from gateway.model.inbound import Part
from gateway.smpp import const
from gateway.smpp.pdu import DeliverSm, Tlv
from gateway.store.inbound import Arrival
from gateway.store.received import InboundFilter
from tests.flow.rig import NUMBER, SENDER, Rig, rig, settle

FIRST_OF_TWO = (
    Tlv(const.TLV_SAR_MSG_REF_NUM, b"\0\7"),
    Tlv(const.TLV_SAR_TOTAL_SEGMENTS, b"\2"),
    Tlv(const.TLV_SAR_SEGMENT_SEQNUM, b"\1"),
)


async def heard(flow: Rig) -> int:
    events = await flow.store.events(flow.client, 0, 100)
    return [event.kind for event in events].count(Kind.INBOUND_RECEIVED)


async def test_a_link_that_is_closed_does_not_live_though_it_is_still_there(
    autojump_clock: trio.testing.MockClock, nursery: trio.Nursery
) -> None:
    async with rig() as flow:
        first, smsc = await flow.link(serve=False)
        nursery.start_soon(flow.road.serve, first)
        await smsc.text("I paid")
        await smsc.stream.aclose()
        await settle()
        assert first.closed is not None
        assert first in flow.links
        _, again = await flow.link()
        await again.text("I paid")
        assert await heard(flow) == 1
        nursery.cancel_scope.cancel()


async def test_a_copy_that_its_dead_link_still_holds_is_left_to_the_next_link(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        gate = trio.Event()
        store_parts = flow.store.store_parts

        async def store_parts_later(arrivals: Sequence[Arrival]) -> list[tuple[Part, ...]]:
            await gate.wait()
            return await store_parts(arrivals)

        monkeypatch.setattr(flow.store, "store_parts", store_parts_later)
        # Both in one read, so in one batch: the part holds up what stands behind it.
        for tlvs, words in ((FIRST_OF_TWO, b"I will pay"), ((), b"I paid")):
            text = DeliverSm(source_addr=NUMBER[1:], destination_addr=SENDER, short_message=words, tlvs=tlvs)
            smsc.connection.request(text, trio.current_time())
        await smsc.send()
        await settle()
        await smsc.stream.aclose()
        await settle()
        _, again = await flow.link()
        await again.deliver(short_message=b"I paid", source_addr_ton=0, source_addr_npi=0)
        assert await heard(flow) == 1
        gate.set()
        await settle()
        assert await heard(flow) == 1


async def test_what_the_carrier_had_our_answer_to_is_the_consumer_s_again_over_the_next_link(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await smsc.text("HELP")
        for _ in range(2):  # the carrier answers enquire_link meanwhile
            await trio.sleep(60)
            flow.wall += MINUTE
        await smsc.stream.aclose()
        await settle()
        _, again = await flow.link()
        for count in (1, 2):
            await again.text("HELP")
            assert (await heard(flow), len(again.submits)) == (1 + count, count)


async def test_what_a_link_that_fell_silent_had_brought_is_brought_again(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig() as flow:
        link, smsc = await flow.link()
        await trio.sleep(120)
        flow.wall += 2 * MINUTE
        await smsc.text("HELP")
        monkeypatch.setattr(smsc.connection, "receive_data", lambda octets, now: None)
        await link.wait_ended()
        flow.wall += 36 * SECOND
        await settle()
        _, again = await flow.link()
        await again.text("HELP")
        assert await heard(flow) == 1


async def test_a_part_that_comes_again_after_the_join_is_no_text_of_its_own(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        second = b"\x05\x00\x03\x07\x02\x02 the second half"
        await smsc.deliver(short_message=b"\x05\x00\x03\x07\x02\x01The first half and", esm_class=0x40)
        for _ in range(2):
            flow.wall += MINUTE
            await smsc.deliver(short_message=second, esm_class=0x40)
        flow.wall += HOUR
        assert await flow.inbound.end_partial_texts() == 0
        events = await flow.store.events(flow.client, 0, 10)
        assert [event.kind for event in events] == ["inbound.received"]


@pytest.mark.parametrize("order", [(1, 2, 2), (1, 1, 2, 1), (2, 3, 1, 3, 1)], ids=str)
async def test_parts_that_come_again_in_one_read_make_one_text(
    autojump_clock: trio.testing.MockClock, order: tuple[int, ...]
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        for number in order:
            body = bytes((5, 0, 3, 7, max(order), number)) + b" part of what I say"
            text = DeliverSm(source_addr=NUMBER[1:], destination_addr=SENDER, short_message=body, esm_class=0x40)
            smsc.connection.request(text, trio.current_time())
        await smsc.send()
        await settle()
        assert [answer.command_status for answer in smsc.answers] == [const.ESME_ROK] * len(order)
        assert await heard(flow) == 1


async def test_parts_that_a_dead_link_left_are_one_text_however_many_come_again(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()

        def down(receptions: object) -> None:
            raise Transient(Code.STORE_UNAVAILABLE, "down")

        parts = [
            DeliverSm(
                source_addr=NUMBER[1:],
                destination_addr=SENDER,
                short_message=bytes((5, 0, 3, 7, 3, number)) + b" part of what I say",
                esm_class=0x40,
            )
            for number in (1, 2, 3)
        ]
        # Its parts are on disk, it is not.
        with monkeypatch.context() as patched:
            patched.setattr(flow.store, "receive_inbound", down)
            for part in parts:
                smsc.connection.request(part, trio.current_time())
            await smsc.send()
            await settle()
        await smsc.stream.aclose()
        await settle()
        _, again = await flow.link()
        for part in parts:
            again.connection.request(part, trio.current_time())
        await again.send()
        await settle()
        assert [answer.command_status for answer in again.answers] == [const.ESME_ROK] * 3
        assert await heard(flow) == 1


async def test_a_reference_that_is_used_again_in_one_read_makes_two_texts(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        for words in (b"\x01I will ", b"\x02pay you", b"\x01Or not, ", b"\x02I fear"):
            text = DeliverSm(
                source_addr=NUMBER[1:],
                destination_addr=SENDER,
                short_message=b"\x05\x00\x03\x07\x02" + words,
                esm_class=0x40,
            )
            smsc.connection.request(text, trio.current_time())
        await smsc.send()
        await settle()
        page, _ = await flow.store.received_page(InboundFilter(flow.client))
        assert sorted(inbound.text for inbound in page) == ["I will pay you", "Or not, I fear"]


async def test_the_same_long_stop_over_a_link_that_lives_stops_again(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        for words in ("STOP", "START"):
            flow.wall += MINUTE
            if words == "START":
                await smsc.text(words)
                assert (await flow.submit()).code is None
            for part in (b"\x01Please stop ", b"\x02texting me"):
                await smsc.deliver(short_message=b"\x05\x00\x03\x07\x02" + part, esm_class=0x40)
            assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT
