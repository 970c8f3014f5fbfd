"""Links and texts: binds, answers, query and cancel, redelivery, and the ways a link can go."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from gateway.smpp import const
from gateway.smpp.events import CloseReason
from gateway.smpp.pdu import (
    BindReceiver,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    CancelSm,
    DataSm,
    EnquireLink,
    QuerySm,
    QuerySmResp,
    SubmitSmResp,
    Tlv,
    Unbind,
)
from tests.tools.simulator_peer import Carrier, Esme, carrier, text
from tools.simulator import journal
from tools.simulator.door import Door
from tools.simulator.endpoint import Endpoint
from tools.simulator.originate import RawDelivery
from tools.simulator.scenario import Mo, Scenario, load
from tools.simulator.session import HowDown
from tools.simulator.smsc import Smsc

# ---- binds


async def test_credentials(autojump_clock: MockClock) -> None:
    async with carrier(system_id="esme", password="sécret, longer than 8") as smsc:
        wrong_name = BindTransceiver(system_id="other", password="sécret, longer than 8")
        assert (await smsc.connect().bind(wrong_name)).command_status == const.ESME_RINVSYSID
        for password in ("", "secret", "sécret, longer than 9"):
            wrong = BindTransceiver(system_id="esme", password=password.encode().decode("latin-1"))
            assert (await smsc.connect().bind(wrong)).command_status == const.ESME_RINVPASWD
        right = BindTransceiver(system_id="esme", password="sécret, longer than 8".encode().decode("latin-1"))
        answer = await smsc.connect().bind(right)
        assert answer.command_status == const.ESME_ROK
        assert answer.tlv(const.TLV_SC_INTERFACE_VERSION) == b"\x34"
        assert [record.status for record in smsc.seen(journal.Bound)].count("ESME_RINVPASWD") == 3
        assert not any(
            "secret" in str(record) or "cret, longer" in str(record) for record in smsc.smsc.journal.after(0)
        )


async def test_a_transmitter_gets_no_deliveries_and_a_receiver_may_not_submit(autojump_clock: MockClock) -> None:
    async with carrier() as smsc:
        sender = await smsc.bound(BindTransmitter(system_id="esme"))
        await sender.submit(text("one"))
        await sender.quiet(5)
        assert not sender.delivered
        receiver = await smsc.bound(BindReceiver(system_id="esme"))
        await receiver.until(lambda: receiver.delivered)
        elsewhere = await smsc.bound(BindReceiver(system_id="another"))
        await elsewhere.quiet(5)
        assert not elsewhere.delivered


async def test_the_name_in_a_bind_response_has_room_in_its_field(autojump_clock: MockClock) -> None:
    async with carrier() as smsc:
        answer = await smsc.connect().bind()
        assert isinstance(answer, BindTransceiverResp)
        assert 0 < len(answer.system_id or "") < 16  # SMPP 3.4 §4.1.2, its NUL included; some ESMEs hang up over more


async def test_unbind_from_the_esme_is_answered(autojump_clock: MockClock) -> None:
    async with carrier(set={"bind": {"limit": 1, "linger": 100}}) as smsc:
        esme = await smsc.bound()
        esme.ask(Unbind())
        assert (await esme.end()).reason is CloseReason.UNBOUND
        await esme.stream.aclose()
        await trio.sleep(1)
        assert [record.by for record in smsc.seen(journal.Unbound)] == ["them"]
        # An orderly end does not linger.
        await smsc.bound()


async def test_enquire_link_is_answered_and_sent(autojump_clock: MockClock) -> None:
    async with carrier(set={"wire": {"enquire_every": 20}}) as smsc:
        esme = await smsc.bound()
        esme.ask(EnquireLink())
        await esme.quiet(120)
        assert esme.closed is None
        # An ESME that says nothing at all is given up.
        await trio.sleep(60)
        assert not smsc.smsc.sessions


async def test_rubbish_ends_its_own_link_only(autojump_clock: MockClock) -> None:
    async with carrier() as smsc:
        esme = await smsc.bound()
        foreign = smsc.connect()
        await foreign.stream.send_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        with trio.fail_after(5):
            while await foreign.stream.receive_some():
                pass
        assert (await esme.submit(text("one"))).command_status == 0
        assert any("HTTP" in record.detail for record in smsc.seen(journal.Complained))


# ---- texts


async def test_the_journal_tells_what_came(autojump_clock: MockClock) -> None:
    async with carrier() as smsc:
        esme = await smsc.bound()
        sar = (
            Tlv(const.TLV_SAR_MSG_REF_NUM, b"\1\2"),
            Tlv(const.TLV_SAR_TOTAL_SEGMENTS, b"\3"),
            Tlv(const.TLV_SAR_SEGMENT_SEQNUM, b"\2"),
        )
        pdus = [
            text("token-1 plain"),
            text("", short_message=b"\5\0\3\x2a\2\1token-2 \x1be", esm_class=0x40),
            text(
                "", short_message=b"\6\x08\4\1\2\2\2" + "token-3 ü".encode("utf-16-be"), esm_class=0x40, data_coding=8
            ),
            text("token-4", tlvs=sar),
            text("", tlvs=(Tlv(const.TLV_MESSAGE_PAYLOAD, b"token-5 " + b"x" * 300),)),
            text("", short_message=b"\xff\xfe", data_coding=0),
        ]
        await esme.submit_all(pdus)
        seen = smsc.seen(journal.Submitted)
        assert [record.token for record in seen] == [f"token-{n}" for n in range(1, 6)] + [seen[5].token]
        assert [record.text for record in seen[:3]] == ["token-1 plain", "token-2 €", "token-3 ü"]
        assert [record.part for record in seen[:4]] == [
            None,
            journal.Part("udh8", 42, 2, 1),
            journal.Part("udh16", 0x0102, 2, 2),
            journal.Part("sar", 0x0102, 3, 2),
        ]
        answers = smsc.seen(journal.Answered)
        assert [record.sequence for record in answers] == [record.sequence for record in seen]
        assert [record.message_id for record in answers] == esme.message_ids
        assert all(answer.at >= one.at for answer, one in zip(answers, seen, strict=True))


async def test_registered_delivery_is_obeyed(autojump_clock: MockClock) -> None:
    outcomes = [{"stat": "DELIVRD"}, {"stat": "UNDELIV", "destination": "*66"}]
    async with carrier(set={"receipts": {"outcomes": outcomes, "intermediate": ["ENROUTE"]}}) as smsc:
        esme = await smsc.bound()
        for wanted, good, bad in ((0, 0, 0), (1, 1, 1), (2, 0, 1), (3, 1, 0), (0x10, 1, 1), (0x11, 2, 2)):
            for to, count in (("15551230001", good), ("15551230066", bad)):
                esme.delivered.clear()
                await esme.submit(text("t", to=to, registered_delivery=wanted))
                await esme.quiet(5)
                assert len(esme.delivered) == count, (wanted, to)


async def test_a_text_without_destination_is_refused(autojump_clock: MockClock) -> None:
    async with carrier() as smsc:
        esme = await smsc.bound()
        assert (await esme.submit(text("t", to=""))).command_status == const.ESME_RINVDSTADR


async def test_data_sm_from_an_esme_is_refused_politely(autojump_clock: MockClock) -> None:
    async with carrier() as smsc:
        esme = await smsc.bound()
        sequence = esme.ask(DataSm(destination_addr="1"))
        await esme.until(lambda: sequence in esme.responses)
        assert esme.responses[sequence].command_status == const.ESME_RINVCMDID


async def test_window_counts_what_is_unanswered_on_one_bind(autojump_clock: MockClock) -> None:
    async with carrier(set={"answers": {"delay": 1}, "throttle": {"window": 3}}) as smsc:
        one, two = await smsc.bound(), await smsc.bound()
        for round_ in range(3):
            for esme in (one, two):
                answers = await esme.submit_all([text(f"{round_}.{n}") for n in range(5)])
                assert [answer.command_status for answer in answers] == [0, 0, 0] + [const.ESME_RMSGQFUL] * 2


async def test_a_text_that_is_never_answered_gives_its_place_in_the_window_back(autojump_clock: MockClock) -> None:
    faults = [{"on": "submit_sm", "do": "silence", "count": 5}]
    async with carrier(set={"throttle": {"window": 1}, "faults": faults}) as smsc:
        esme = await smsc.bound()
        for n in range(5):
            esme.ask(text(f"t{n}"))
        await esme.quiet(1)
        assert (await esme.submit(text("t6"))).command_status == const.ESME_ROK


async def test_jitter_reorders_answers(autojump_clock: MockClock) -> None:
    async with carrier(set={"answers": {"delay": 0.1, "jitter": 0.5}}) as smsc:
        esme = await smsc.bound()
        await esme.submit_all([text(f"t{n}") for n in range(50)])
        assert list(esme.responses) != sorted(esme.responses)


async def test_an_answer_that_comes_after_the_link_has_gone_is_written_down_as_untold(
    autojump_clock: MockClock,
) -> None:
    async with carrier(set={"answers": {"delay": 5}, "receipts": {"delay": 15}}) as smsc:
        esme = await smsc.bound()
        esme.ask(text("one"))
        await esme.quiet(1)
        await esme.stream.aclose()
        await trio.sleep(10)
        (record,) = smsc.seen(journal.Answered)
        assert record.status == "closed"
        assert record.message_id
        # It was taken: the receipt waits for the next bind.
        again = await smsc.bound()
        await again.until(lambda: again.delivered)


# ---- query and cancel


async def test_query(autojump_clock: MockClock) -> None:
    async with carrier(set={"receipts": {"delay": 10}}) as smsc:
        esme = await smsc.bound()
        answer = await esme.submit(text("one", registered_delivery=0))
        assert isinstance(answer, SubmitSmResp)
        message_id = answer.message_id or ""

        async def ask(pdu: QuerySm, of: Esme = esme) -> QuerySmResp:
            sequence = of.ask(pdu)
            await of.until(lambda: sequence in of.responses)
            response = of.responses[sequence]
            assert isinstance(response, QuerySmResp)
            return response

        found = await ask(QuerySm(message_id=message_id, source_addr="40404"))
        assert (found.command_status, found.message_state, found.final_date) == (0, const.MESSAGE_STATE_ENROUTE, "")
        await esme.quiet(15)
        found = await ask(QuerySm(message_id=message_id, source_addr="40404"))
        assert (found.message_state, len(found.final_date)) == (const.MESSAGE_STATE_DELIVERED, 16)
        assert found.final_date.endswith("000+")
        for wrong in (QuerySm(message_id="1", source_addr="40404"), QuerySm(message_id=message_id, source_addr="4")):
            assert (await ask(wrong)).command_status == const.ESME_RINVMSGID
        stranger = await smsc.bound(BindTransceiver(system_id="another"))
        asked = QuerySm(message_id=message_id, source_addr="40404")
        assert (await ask(asked, stranger)).command_status == const.ESME_RINVMSGID


async def test_cancel_one_and_all(autojump_clock: MockClock) -> None:
    async with carrier(set={"receipts": {"delay": 10}}) as smsc:
        esme = await smsc.bound()
        await esme.submit_all([text("a"), text("b"), text("c"), text("d", to="15551230002")])
        all_of_one = CancelSm(source_addr="40404", destination_addr="15551230001")

        async def cancel(pdu: CancelSm) -> int:
            sequence = esme.ask(pdu)
            await esme.until(lambda: sequence in esme.responses)
            return esme.responses[sequence].command_status

        first = esme.message_ids[0]
        assert await cancel(CancelSm(message_id=first, source_addr="40404")) == const.ESME_ROK
        assert await cancel(CancelSm(message_id=first, source_addr="40404")) == const.ESME_RCANCELFAIL
        assert await cancel(all_of_one) == const.ESME_ROK
        assert await cancel(all_of_one) == const.ESME_RCANCELFAIL
        await esme.quiet(20)
        assert [record.cancelled for record in smsc.seen(journal.Cancelled)] == [1, 0, 2, 0]
        stats = [record.stat for record in smsc.seen(journal.Delivered)]
        assert sorted(stats) == ["DELETED", "DELETED", "DELETED", "DELIVRD"]


# ---- deliveries


async def test_a_refused_delivery_comes_again_until_it_is_taken(autojump_clock: MockClock) -> None:
    async with carrier(set={"delivery": {"interval": 2}}) as smsc:
        esme = await smsc.bound()
        statuses = iter([const.ESME_RX_T_APPN, const.ESME_RMSGQFUL, const.ESME_RSYSERR, const.ESME_ROK])
        esme.reply = lambda _: next(statuses)
        started = trio.current_time()
        smsc.smsc.originate(Mo(source="+15551230001", destination="40404", text="STOP"))
        smsc.smsc.settle()
        await esme.until(lambda: len(esme.delivered) == 4)
        assert 6 <= trio.current_time() - started < 7
        await esme.quiet(60)
        assert len(esme.delivered) == 4
        assert [record.attempt for record in smsc.seen(journal.Delivered)] == [1, 2, 3, 4]
        assert len({record.delivery for record in smsc.seen(journal.Delivered)}) == 1


@pytest.mark.parametrize("status", [const.ESME_RX_P_APPN, const.ESME_RX_R_APPN])
async def test_a_final_refusal_is_final(status: int, autojump_clock: MockClock) -> None:
    async with carrier() as smsc:
        esme = await smsc.bound()
        esme.reply = lambda _: status
        await esme.submit(text("one"))
        await esme.quiet(60)
        assert len(esme.delivered) == 1
        assert len(smsc.seen(journal.GivenUp)) == 1


async def test_an_unanswered_delivery_comes_again_and_is_given_up_after_so_many(autojump_clock: MockClock) -> None:
    async with carrier(set={"delivery": {"timeout": 5, "interval": 1, "attempts": 3}}) as smsc:
        esme = await smsc.bound()
        esme.reply = lambda _: None
        await esme.submit(text("one"))
        await esme.quiet(60)
        assert len(esme.delivered) == 3
        assert [record.status for record in smsc.seen(journal.Taken)] == ["timeout"] * 3
        assert smsc.smsc.stats()["given_up"] == 1


async def test_the_delivery_window_holds_and_the_rest_goes_to_the_next_bind(autojump_clock: MockClock) -> None:
    async with carrier(set={"delivery": {"window": 4, "timeout": 1_000}}) as smsc:
        esme = await smsc.bound()
        esme.reply = lambda _: None
        await esme.submit_all([text(f"t{n}") for n in range(10)])
        await esme.quiet(30)
        assert len(esme.delivered) == 4
        assert smsc.smsc.stats()["deliveries_waiting"] == 6
        await esme.stream.aclose()
        again = await smsc.bound()
        await again.until(lambda: len(again.delivered) == 10)
        assert [record.status for record in smsc.seen(journal.Taken)[:4]] == ["closed"] * 4


async def test_a_consumers_answer_goes_to_whoever_texted_last(autojump_clock: MockClock) -> None:
    async with carrier() as smsc:
        esme = await smsc.bound()
        await esme.submit(text("a", registered_delivery=0))
        await esme.submit(text("b", to="+15551230002", source_addr="Shop", source_addr_ton=5, registered_delivery=0))
        for source in ("+15551230001", "15551230002", "+15551239999"):
            smsc.smsc.originate(Mo(source=source, text="STOP"))
        smsc.smsc.settle()
        await esme.until(lambda: len(esme.delivered) == 3)
        assert [(one.source_addr, one.dest_addr_ton, one.destination_addr) for one in esme.delivered] == [
            ("15551230001", 3, "40404"),
            ("15551230002", 5, "Shop"),
            ("15551239999", 5, "Shop"),
        ]


async def test_a_delivery_of_the_operators_own_making(autojump_clock: MockClock) -> None:
    async with carrier() as smsc:
        esme = await smsc.bound()
        raw = RawDelivery(
            source_addr="1",
            destination_addr="2",
            esm_class=0x44,
            data_coding=0xF1,
            short_message="0003",
            tlvs=((0x1400, "00ff"), (0x1400, "")),
            trailing="14",
        )
        smsc.smsc.deliver(raw)
        smsc.smsc.settle()
        await esme.until(lambda: esme.delivered)
        (got,) = esme.delivered
        assert (got.esm_class, got.data_coding, got.trailing) == (0x44, 0xF1, b"\x14")
        assert [(tlv.tag, tlv.value) for tlv in got.tlvs] == [(0x1400, b"\x00\xff"), (0x1400, b"")]


async def test_receipt_first_does_not_wait_for_a_bind_that_is_not_there(autojump_clock: MockClock) -> None:
    async with carrier(set={"receipts": {"before_response": True}}) as smsc:
        sender = await smsc.bound(BindTransmitter(system_id="esme"))
        with trio.fail_after(1):
            assert (await sender.submit(text("one"))).command_status == const.ESME_ROK


async def test_receipt_first_over_another_link_has_a_head_start(autojump_clock: MockClock) -> None:
    async with carrier(set={"receipts": {"before_response": True}}) as smsc:
        sender = await smsc.bound(BindTransmitter(system_id="esme"))
        receiver = await smsc.bound(BindReceiver(system_id="esme"))
        await sender.submit(text("one"))
        await receiver.until(lambda: receiver.delivered)
        delivered, answered = smsc.seen(journal.Delivered)[0], smsc.seen(journal.Answered)[0]
        assert delivered.n < answered.n


# ---- another scenario in mid-flight


async def test_texts_taken_before_end_as_they_would_have(autojump_clock: MockClock) -> None:
    async with carrier(set={"receipts": {"delay": 10, "form": "text"}}) as smsc:
        esme = await smsc.bound()
        await esme.submit(text("one"))
        smsc.smsc.play(scenario_tlv())
        await esme.submit(text("two"))
        await esme.until(lambda: len(esme.delivered) == 2)
        assert [bool(one.tlvs) for one in esme.delivered] == [True, False]


async def test_held_receipts_are_released_by_a_scenario_that_holds_none(autojump_clock: MockClock) -> None:
    async with carrier(set={"receipts": {"hold": 1_000}}) as smsc:
        esme = await smsc.bound()
        await esme.submit_all([text(f"t{n}") for n in range(20)])
        await esme.quiet(10)
        assert smsc.smsc.stats()["receipts_held"] == 20
        smsc.smsc.play(scenario_tlv())
        smsc.smsc.settle()
        await esme.until(lambda: len(esme.delivered) == 20)


def scenario_tlv() -> Scenario:
    return load("tlv_only_receipts")


# ---- the ways a link can go, on real sockets


@pytest.fixture
def patient_clock() -> MockClock:
    """Time must not jump while octets are under way between two sockets."""
    return MockClock(autojump_threshold=0.02)


async def all_gone(smsc: Carrier) -> None:
    """Wait until the simulator has no link left."""
    with trio.fail_after(30):
        while smsc.smsc.sessions:
            await smsc.smsc.journal.wait_beyond(smsc.smsc.journal.last)


class OverTcp(Carrier):
    """A carrier behind a real listening socket."""

    def __init__(self, smsc: Smsc, nursery: trio.Nursery, door: Door, at: Endpoint) -> None:
        super().__init__(smsc, nursery)
        self.door = door
        self.at = at

    @asynccontextmanager
    async def dialled(self) -> AsyncIterator[Esme]:
        """A link that is closed in the end."""
        async with await trio.open_tcp_stream("127.0.0.1", self.at.port) as stream:
            yield Esme(stream, window=1_000_000)


@asynccontextmanager
async def over_tcp(**options: Any) -> AsyncIterator[OverTcp]:
    async with carrier(**options) as smsc, trio.open_nursery() as nursery:
        door = Door()
        at = await door.open(Endpoint("127.0.0.1", 0))

        async def serve(stream: trio.SocketStream) -> None:
            await smsc.smsc.serve(stream, "tcp")

        nursery.start_soon(door.run, serve)
        yield OverTcp(smsc.smsc, nursery, door, at)
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("how", ["fin", "rst", "unbind", "blackhole"])
async def test_disconnect(how: HowDown, patient_clock: MockClock) -> None:
    async with over_tcp() as smsc, smsc.dialled() as esme:
        await esme.bind()
        answers = [esme.ask(text(f"t{n}")) for n in range(3)]
        await esme.until(lambda: len(esme.responses) == 3)
        assert smsc.smsc.disconnect(how) == [1]
        assert smsc.smsc.disconnect(how) == [1] if how == "unbind" else smsc.smsc.disconnect(how) == []
        assert set(esme.responses) == set(answers)
        if how == "rst":
            with pytest.raises(trio.BrokenResourceError), trio.fail_after(5):
                await esme.stream.receive_some()
        elif how == "fin":
            with trio.fail_after(5):
                assert await esme.stream.receive_some() == b""
        elif how == "unbind":
            assert (await esme.end()).reason is CloseReason.UNBOUND
        else:
            esme.ask(text("into the dark"))
            esme.ask(EnquireLink())
            await esme.quiet(30)
            assert esme.closed is None
            assert len(smsc.smsc.sessions) == 1
            assert smsc.seen(journal.Answered)[-1].status == "blackhole"
        await esme.stream.aclose()
        await all_gone(smsc)
        assert smsc.seen(journal.Closed)[0].reason.startswith(how)


async def test_what_was_answered_before_a_cut_arrives(patient_clock: MockClock) -> None:
    for how in ("fin", "rst"):
        faults = [{"on": "submit_sm", "do": how, "after": 50}]
        async with over_tcp(set={"faults": faults}) as smsc, smsc.dialled() as esme:
            await esme.bind()
            for n in range(60):
                esme.ask(text(f"t{n}"))
            await esme.end()
            assert len(esme.responses) == 50
            assert [record.status for record in smsc.seen(journal.Answered)] == ["ESME_ROK"] * 50 + [how] * 10


async def test_a_peer_that_dies_is_read_to_the_end(patient_clock: MockClock) -> None:
    async with over_tcp() as smsc, smsc.dialled() as esme:
        await esme.bind()
        for n in range(5_000):
            esme.ask(text(f"t{n}"))
        await esme.flush()
        assert isinstance(esme.stream, trio.SocketStream)
        # Like a process that is killed with answers unread: the kernel sends RST.
        await esme.stream.aclose()
        await all_gone(smsc)
        assert len(smsc.seen(journal.Submitted)) == 5_000


async def test_a_peer_that_does_not_read_is_given_up(patient_clock: MockClock) -> None:
    async with over_tcp(set={"receipts": {"when": "never"}}) as smsc, smsc.dialled() as esme:
        assert isinstance(esme.stream, trio.SocketStream)
        esme.stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await esme.bind()

        async def talk_without_listening() -> None:
            while True:
                for n in range(1_000):
                    esme.ask(text(f"t{n}"))
                await esme.flush()

        with pytest.raises(trio.BrokenResourceError), trio.fail_after(60):
            await talk_without_listening()
        await all_gone(smsc)
        assert "answers are waiting" in smsc.seen(journal.Closed)[0].reason


async def test_away_and_back_at_the_same_port(patient_clock: MockClock) -> None:
    async with over_tcp() as smsc, smsc.dialled() as esme:
        await esme.bind()
        smsc.door.go_away(5)
        await trio.sleep(1)
        with pytest.raises(OSError, match="all attempts to connect"):
            await trio.open_tcp_stream("127.0.0.1", smsc.at.port)
        assert (await esme.submit(text("still here"))).command_status == 0
        await trio.sleep(5)
        async with smsc.dialled() as again:
            assert (await again.bind()).command_status == 0


async def test_stop_unbinds_everybody(patient_clock: MockClock) -> None:
    async with carrier() as smsc:
        links = [await smsc.bound() for _ in range(3)]
        async with trio.open_nursery() as nursery:
            for esme in links:
                nursery.start_soon(esme.end)
            await smsc.smsc.stop(1)
        assert all(esme.closed is not None and esme.closed.reason is CloseReason.UNBOUND for esme in links)
        silent = await smsc.bound()
        with trio.fail_after(1.5):
            await smsc.smsc.stop(1)
        assert silent.closed is None
