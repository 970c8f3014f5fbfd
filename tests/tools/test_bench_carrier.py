"""The bench's carrier, byte for byte, read and written by another library's codec."""

import struct
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smpplib import smpp

from tools.bench.blaster import submit_sm
from tools.bench.carrier import RECEIPT_WINDOW, Account, Journal, Link, Sink

ACCOUNT = b"bench"
CODEC = SimpleNamespace(next_sequence=lambda: 1)


def parse(stream: bytes) -> list[Any]:
    """The PDUs of a stream, by smpplib; what is left over is a fault."""
    pdus = []
    while stream:
        (length,) = struct.unpack_from(">I", stream)
        assert 16 <= length <= len(stream)
        pdus.append(smpp.parse_pdu(stream[:length], client=CODEC, allow_unknown_opt_params=True))
        stream = stream[length:]
    return pdus


def frame(command: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    return struct.pack(">IIII", 16 + len(body), command, status, sequence) + body


def bind(command: int = 0x09, system_id: bytes = ACCOUNT) -> bytes:
    return frame(command, 1, system_id + b"\0pw\0\0\x34\0\0\0")


def submission(text: bytes, **fields: Any) -> bytes:
    made = smpp.make_pdu(
        "submit_sm",
        client=CODEC,
        source_addr="12125550100",
        source_addr_ton=1,
        source_addr_npi=1,
        destination_addr="12122000001",
        dest_addr_ton=1,
        dest_addr_npi=1,
        short_message=text,
        registered_delivery=1,
        **fields,
    )
    return bytes(made.generate())


def acknowledgement(delivery: Any, status: int = 0) -> bytes:
    return frame(0x80000005, delivery.sequence, b"\0", status)


def bound(sink: Sink, command: int = 0x09) -> Link:
    link = Link(sink)
    link.receive(bind(command), 1.0)
    assert [pdu.status for pdu in parse(taken(link))] == [0]
    return link


def taken(link: Link, now: float = 1.0) -> bytes:
    """What the link sends by now, its account's receipts included."""
    if link.account is not None:
        link.account.pump(now)
    link.ripen(now)
    data = bytes(link.out)
    link.out.clear()
    return data


def expecting(count: int, **options: Any) -> Sink:
    sink = Sink(**options)
    sink.journal = Journal(0, count)
    return sink


def test_a_text_is_answered_and_its_receipt_comes_after_the_answer() -> None:
    link = bound(expecting(8))
    link.receive(submission(b"00000003 hello, a text of some length"), 2.0)
    answer, receipt = parse(taken(link, 2.0))
    assert (answer.command, answer.status) == ("submit_sm_resp", 0)
    assert receipt.command == "deliver_sm"
    assert receipt.esm_class == 0x04
    assert receipt.source_addr == b"12122000001"
    assert receipt.destination_addr == b"12125550100"
    assert (receipt.source_addr_ton, receipt.dest_addr_npi) == (1, 1)
    assert receipt.short_message == (
        b"id:%b sub:001 dlvrd:001 submit date:2401010000 done date:2401010000 stat:DELIVRD err:000 "
        b"text:00000003 hello, a te" % answer.message_id
    )


def test_the_blaster_submits_what_another_codec_reads() -> None:
    (read,) = parse(submit_sm(7, 42, 1))
    assert (read.command, read.sequence, read.registered_delivery) == ("submit_sm", 7, 1)
    assert read.destination_addr == b"12122000042"
    assert read.short_message.startswith(b"00000042 ")


def test_message_ids_are_unique() -> None:
    link = bound(expecting(100))
    link.receive(b"".join(submission(b"%08d" % token) for token in range(100)), 2.0)
    ids = {pdu.message_id for pdu in parse(taken(link)) if pdu.command == "submit_sm_resp"}
    assert len(ids) == 100


def test_bytes_one_by_one_mean_the_same() -> None:
    stream = bind() + submission(b"00000001 a") + submission(b"00000002 b") + frame(0x15, 9)
    whole, dripped = Link(expecting(4)), Link(expecting(4))
    whole.receive(stream, 1.0)
    for octet in stream:
        dripped.receive(bytes((octet,)), 1.0)
    assert taken(whole) == taken(dripped)
    assert whole.sink.journal.summary() == dripped.sink.journal.summary()


def test_no_receipt_where_none_is_asked_for() -> None:
    link = bound(expecting(4))
    link.receive(submit_sm(1, 0, 0), 2.0)
    assert [pdu.command for pdu in parse(taken(link))] == ["submit_sm_resp"]


def test_the_journal_knows_texts_by_their_tokens() -> None:
    sink = expecting(3)
    sink.journal = Journal(first=10, count=3)
    link = bound(sink)
    for moment, text in ((2.0, b"00000010"), (3.0, b"00000012"), (4.0, b"00000012"), (5.0, b"00000009"), (6.0, b"hi")):
        link.receive(submission(text), moment)
    journal = sink.journal
    assert list(journal.times) == [2.0, 0.0, 3.0]
    assert (journal.submits, journal.arrived, journal.duplicates, journal.strays) == (5, 2, 1, 2)
    assert (journal.first, journal.last) == (2.0, 6.0)


def test_an_accepted_receipt_is_counted_and_not_repeated() -> None:
    link = bound(expecting(4))
    link.receive(submission(b"00000000"), 2.0)
    receipt = parse(taken(link, 2.0))[1]
    link.receive(acknowledgement(receipt), 3.0)
    link.receive(acknowledgement(receipt), 4.0)
    assert (link.sink.journal.acked, link.sink.journal.last_ack) == (1, 3.0)
    assert taken(link, 100.0) == b""


@pytest.mark.parametrize("refusal", [0x14, 0x58, 0x64])
def test_a_refused_receipt_is_offered_again_after_a_pause(refusal: int) -> None:
    link = bound(expecting(4))
    link.receive(submission(b"00000000"), 2.0)
    receipt = parse(taken(link, 2.0))[1]
    link.receive(acknowledgement(receipt, refusal), 3.0)
    assert taken(link, 3.0) == b""
    assert link.account is not None
    again = link.account.next_due()
    assert again > 3.0
    assert parse(taken(link, again))[0].short_message == receipt.short_message
    assert (link.sink.journal.acked, link.sink.journal.refused) == (0, 1)


def test_receipts_wait_for_the_answers_to_those_before() -> None:
    link = bound(expecting(RECEIPT_WINDOW + 1))
    link.receive(b"".join(submission(b"%08d" % token) for token in range(RECEIPT_WINDOW + 1)), 2.0)
    receipts = [pdu for pdu in parse(taken(link, 2.0)) if pdu.command == "deliver_sm"]
    assert len(receipts) == RECEIPT_WINDOW
    link.receive(acknowledgement(receipts[0]), 2.0)
    assert len(parse(taken(link, 2.0))) == 1


def test_a_receipt_goes_to_the_receiver_of_the_same_account() -> None:
    sink = expecting(4)
    transmitter, receiver = bound(sink, 0x02), bound(sink, 0x01)
    stranger = Link(sink)
    stranger.receive(bind(system_id=b"other"), 1.0)
    taken(stranger)
    transmitter.receive(submission(b"00000000"), 2.0)
    assert [pdu.command for pdu in parse(taken(transmitter))] == ["submit_sm_resp"]
    assert [pdu.command for pdu in parse(taken(receiver, 2.0))] == ["deliver_sm"]
    assert taken(stranger, 2.0) == b""


def test_receipts_that_a_dead_link_owes_come_on_the_next() -> None:
    sink = expecting(4)
    first = bound(sink)
    first.receive(submission(b"00000000") + submission(b"00000001"), 2.0)
    owed = [pdu.short_message for pdu in parse(taken(first, 2.0)) if pdu.command == "deliver_sm"]
    first.close()
    second = Link(sink)
    second.receive(bind(), 3.0)
    assert [pdu.short_message for pdu in parse(taken(second, 3.0))[1:]] == owed
    assert sink.bound() == 1


def test_a_distant_carrier_answers_one_round_trip_later() -> None:
    sink = expecting(4, delay=0.05)
    link = Link(sink)
    link.receive(bind(), 1.0)
    assert taken(link, 1.04) == b""
    assert link.next_due() == pytest.approx(1.05)
    assert len(parse(taken(link, 1.05))) == 1


def test_receipts_ripen() -> None:
    link = bound(expecting(4, receipt_delay=1.0))
    link.receive(submission(b"00000000"), 2.003)
    assert len(parse(taken(link, 3.0))) == 1
    assert link.account is not None
    due = link.account.next_due()
    assert 3.003 <= due <= 3.02
    assert len(parse(taken(link, due))) == 1


def test_the_session_is_answered() -> None:
    link = bound(expecting(4))
    link.receive(frame(0x15, 7) + frame(0x06, 8), 2.0)
    assert [(pdu.command, pdu.sequence) for pdu in parse(taken(link))] == [("enquire_link_resp", 7), ("unbind_resp", 8)]
    assert link.closing


def test_nothing_is_taken_before_a_bind() -> None:
    link = Link(expecting(4))
    link.receive(submission(b"00000000"), 2.0)
    assert [pdu.status for pdu in parse(taken(link))] == [0x04]
    assert link.sink.journal.submits == 0


def test_a_command_that_it_does_not_know_is_refused() -> None:
    link = bound(expecting(4))
    link.receive(frame(0x0103, 5), 2.0)
    (answer,) = parse(taken(link))
    assert (answer.command, answer.status, answer.sequence) == ("generic_nack", 3, 5)


def test_a_body_cut_short_is_refused_and_the_next_one_taken() -> None:
    link = bound(expecting(4))
    link.receive(frame(0x04, 5, b"\0\1\1" + b"12125550100\0") + submission(b"00000001"), 2.0)
    answers = [pdu for pdu in parse(taken(link)) if pdu.command == "submit_sm_resp"]
    assert [answer.status for answer in answers] == [2, 0]
    assert link.sink.journal.submits == 1


@pytest.mark.parametrize("length", [0, 15, 65537, 2**32 - 1])
def test_a_length_that_cannot_be_ends_the_link(length: int) -> None:
    link = bound(expecting(4))
    link.receive(struct.pack(">IIII", length, 0x15, 0, 1), 2.0)
    assert link.closing
    assert taken(link) == b""


@given(st.binary(max_size=400), st.binary(max_size=60))
def test_no_bytes_make_it_stumble(noise: bytes, body: bytes) -> None:
    link = bound(expecting(4))
    link.receive(frame(0x04, 3, body) + noise, 2.0)
    answers = taken(link, 2.0)
    assert struct.unpack_from(">II", answers, 4)[0] == 0x80000004


def test_an_account_without_work_is_never_due() -> None:
    assert Account().next_due() == float("inf")
