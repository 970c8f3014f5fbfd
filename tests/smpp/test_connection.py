"""The machine at work: two of them back to back, and one against octets from a peer that is not as it should be."""

from typing import Any

import pytest

from gateway.smpp import const, pdu
from gateway.smpp.codec import decode, encode
from gateway.smpp.connection import Connection
from gateway.smpp.errors import LocalProtocolError, WindowFull
from gateway.smpp.events import (
    NEED_DATA,
    BindRefused,
    Bound,
    Closed,
    CloseReason,
    Event,
    Malformed,
    RemoteProtocolError,
    RequestReceived,
    ResponseReceived,
    ResponseTimedOut,
    UnbindReceived,
    Unmatched,
)
from gateway.smpp.session import Role, State
from gateway.smpp.timers import AT_ONCE, GRACE, NEVER, Limits
from tests.smpp.pair import ConnectionPair, events_of

ROK = const.ESME_ROK


def text(number: int = 0) -> pdu.SubmitSm:
    """A text to send."""
    return pdu.SubmitSm(source_addr="12345", destination_addr=f"4477009{number:05}", short_message=b"hello")


def esme(limits: Limits = Limits(), bind: Any = pdu.BindTransceiver) -> Connection:  # noqa: B008 - frozen
    """A bound ESME, at time 0, with nothing to send."""
    connection = Connection(Role.ESME, limits)
    connection.tick(0.0)
    connection.request(bind(), 0.0)
    connection.receive_data(encode(pdu.response_to(bind(1))))
    assert isinstance(connection.next_event(), Bound)
    connection.data_to_send()
    return connection


def smsc(bind: Any = pdu.BindTransceiver) -> Connection:
    """A bound SMSC, at time 0, with nothing to send."""
    connection = Connection(Role.SMSC, Limits())
    connection.tick(0.0)
    connection.receive_data(encode(bind(1)))
    event = connection.next_event()
    assert isinstance(event, RequestReceived)
    connection.respond(event.request, pdu.response_to(event.request))
    connection.data_to_send()
    return connection


def told(connection: Connection, octets: bytes) -> list[Event]:
    """What a connection makes of these octets."""
    connection.receive_data(octets)
    return events_of(connection)


def sent(connection: Connection) -> list[pdu.Request | pdu.Response]:
    """The PDUs a connection has to send."""
    octets = connection.data_to_send()
    pdus = []
    while octets:
        length = int.from_bytes(octets[:4])
        pdus.append(decode(octets[:length]))
        octets = octets[length:]
    return pdus


# ---- binding


@pytest.mark.parametrize(
    ("bind", "state"),
    [
        (pdu.BindTransceiver(), State.BOUND_TRX),
        (pdu.BindTransmitter(), State.BOUND_TX),
        (pdu.BindReceiver(), State.BOUND_RX),
    ],
)
@pytest.mark.parametrize("portion", [0, 1])
def test_a_bind(bind: pdu.Bind, state: State, portion: int) -> None:
    pair = ConnectionPair(portion=portion)
    bound = pair.bind(bind)
    assert bound.request is bind
    assert bound.state is state
    assert bound.interface_version == const.INTERFACE_VERSION_33
    assert pair.esme.state is pair.smsc.state is state
    assert pair.esme.bound


def test_the_smsc_says_its_version() -> None:
    connection = Connection(Role.ESME, Limits())
    connection.request(pdu.BindTransceiver(), 0.0, token="mine")
    version = pdu.Tlv(const.TLV_SC_INTERFACE_VERSION, b"\x34")
    (bound,) = told(connection, encode(pdu.BindTransceiverResp(1, tlvs=(version,))))
    assert isinstance(bound, Bound)
    assert bound.interface_version == 0x34
    assert bound.token == "mine"


@pytest.mark.parametrize("status", [const.ESME_RINVPASWD, const.ESME_RALYBND, 0x401])
@pytest.mark.parametrize("system_id", [None, "", "smsc"])
def test_a_refused_bind_leaves_the_session_open(status: int, system_id: str | None) -> None:
    connection = Connection(Role.ESME, Limits())
    number = connection.request(pdu.BindTransceiver(), 0.0)
    response = pdu.BindTransceiverResp(number, status, system_id=system_id)
    (refused,) = told(connection, encode(response))
    assert refused == BindRefused(pdu.BindTransceiver(), response)
    assert connection.state is State.OPEN
    assert connection.request(pdu.BindTransceiver(), 1.0) == number + 1


@pytest.mark.parametrize("number", [1, 0, 77])
def test_a_bind_refused_by_generic_nack(number: int) -> None:
    connection = Connection(Role.ESME, Limits())
    connection.request(pdu.BindTransceiver(), 0.0)
    (refused,) = told(connection, encode(pdu.GenericNack(number, const.ESME_RINVCMDID)))
    assert isinstance(refused, BindRefused)
    assert refused.response.command_status == const.ESME_RINVCMDID


@pytest.mark.parametrize(
    "answer", [pdu.BindTransmitterResp(1, const.ESME_RINVPASWD), pdu.BindTransceiverResp(0, const.ESME_RINVPASWD)]
)
def test_a_bind_refused_in_the_form_of_another(answer: pdu.BindResp) -> None:
    """Whoever takes it for nothing tries a wrong password again and again, and does not know that it is wrong."""
    connection = Connection(Role.ESME, Limits())
    connection.request(pdu.BindTransceiver(), 0.0)
    assert told(connection, encode(answer)) == [BindRefused(pdu.BindTransceiver(), answer)]


@pytest.mark.parametrize("answer", [pdu.BindTransmitterResp(1), pdu.BindTransceiverResp(0)])
def test_nothing_is_bound_by_the_answer_to_another_bind(answer: pdu.BindResp) -> None:
    connection = Connection(Role.ESME, Limits())
    connection.request(pdu.BindTransceiver(), 0.0)
    assert told(connection, encode(answer)) == [Unmatched(answer)]
    assert connection.state is State.OPEN


def test_a_bind_accepted_by_a_header_alone() -> None:
    connection = Connection(Role.ESME, Limits())
    connection.request(pdu.BindTransmitter(), 0.0)
    (bound,) = told(connection, bytes.fromhex("00000010800000020000000000000001"))
    assert isinstance(bound, Bound)
    assert connection.state is State.BOUND_TX


def test_a_bind_accepted_with_a_body_that_does_not_hold() -> None:
    connection = Connection(Role.ESME, Limits())
    connection.request(pdu.BindTransmitter(), 0.0)
    malformed, bound = told(connection, bytes.fromhex("00000011800000020000000000000001 41"))
    assert isinstance(malformed, Malformed)
    assert not malformed.answered
    assert isinstance(bound, Bound)


@pytest.mark.parametrize("portion", [0, 1])
def test_the_first_text_may_come_with_the_bind_response(portion: int) -> None:
    connection = Connection(Role.ESME, Limits())
    connection.request(pdu.BindTransceiver(), 0.0)
    connection.data_to_send()
    octets = encode(pdu.BindTransceiverResp(1)) + encode(pdu.DeliverSm(1)) + encode(pdu.DeliverSm(2))
    events = []
    for start in range(0, len(octets), portion or len(octets)):
        events += told(connection, octets[start : start + (portion or len(octets))])
    assert [type(event) for event in events] == [Bound, RequestReceived, RequestReceived]
    assert sent(connection) == []


@pytest.mark.parametrize("bind", [pdu.BindTransceiver, pdu.BindReceiver])
def test_texts_that_overtake_the_bind_response_come_after_it(bind: Any) -> None:
    connection = Connection(Role.ESME, Limits())
    number = connection.request(bind(), 0.0)
    connection.data_to_send()
    assert told(connection, encode(pdu.DeliverSm(7, short_message=b"STOP")) + encode(pdu.DataSm(8))) == []
    assert sent(connection) == []
    bound, first, second = told(connection, encode(pdu.response_to(bind(number))))
    assert isinstance(bound, Bound)
    assert isinstance(first, RequestReceived)
    assert isinstance(second, RequestReceived)
    assert (first.request.sequence_number, second.request.sequence_number) == (7, 8)
    connection.respond(first.request, pdu.DeliverSmResp())
    assert sent(connection) == [pdu.DeliverSmResp(7)]


@pytest.mark.parametrize(
    "answer", [pdu.BindTransmitterResp(1), pdu.BindTransmitterResp(1, const.ESME_RINVPASWD, system_id=None)]
)
def test_texts_before_a_bind_that_does_not_receive_are_refused(answer: pdu.BindResp) -> None:
    connection = Connection(Role.ESME, Limits())
    connection.request(pdu.BindTransmitter(), 0.0)
    connection.data_to_send()
    outcome, refused = told(connection, encode(pdu.DeliverSm(7)) + encode(answer))
    assert isinstance(outcome, Bound | BindRefused)
    assert isinstance(refused, Malformed)
    assert sent(connection) == [pdu.DeliverSmResp(7, const.ESME_RINVBNDSTS)]


def test_only_so_many_texts_may_overtake_the_bind_response() -> None:
    connection = Connection(Role.ESME, Limits())
    connection.request(pdu.BindTransceiver(), 0.0)
    connection.data_to_send()
    (refused,) = told(connection, b"".join(encode(pdu.DeliverSm(number)) for number in range(101)))
    assert isinstance(refused, Malformed)
    assert sent(connection) == [pdu.DeliverSmResp(100, const.ESME_RINVBNDSTS)]


def test_a_narrow_window_of_ours_refuses_no_texts_that_overtake_the_bind_response() -> None:
    connection = Connection(Role.ESME, Limits(window=1))
    number = connection.request(pdu.BindTransceiver(), 0.0)
    connection.data_to_send()
    octets = b"".join(encode(pdu.DeliverSm(number, short_message=b"STOP")) for number in range(10))
    bound, *texts = told(connection, octets + encode(pdu.BindTransceiverResp(number)))
    assert isinstance(bound, Bound)
    assert [type(text) for text in texts] == [RequestReceived] * 10
    assert sent(connection) == []


def test_only_one_bind_at_a_time() -> None:
    connection = Connection(Role.ESME, Limits())
    connection.request(pdu.BindTransceiver(), 0.0)
    with pytest.raises(LocalProtocolError, match="bind is under way"):
        connection.request(pdu.BindReceiver(), 0.0)


def test_a_second_bind_is_refused_as_already_bound() -> None:
    connection = Connection(Role.SMSC, Limits())
    first, refusal = told(connection, encode(pdu.BindTransceiver(1)) + encode(pdu.BindTransceiver(2)))
    assert isinstance(first, RequestReceived)
    assert isinstance(refusal, Malformed)
    assert sent(connection) == [pdu.BindTransceiverResp(2, const.ESME_RALYBND, system_id=None)]
    connection.respond(first.request, pdu.BindTransceiverResp())
    assert connection.bound
    told(connection, encode(pdu.BindReceiver(3)))
    assert sent(connection)[1:] == [pdu.BindReceiverResp(3, const.ESME_RALYBND, system_id=None)]


def test_a_bind_refused_by_us_may_be_tried_again() -> None:
    connection = Connection(Role.SMSC, Limits())
    for number in (1, 2):
        (event,) = told(connection, encode(pdu.BindTransmitter(number)))
        assert isinstance(event, RequestReceived)
        connection.respond(event.request, pdu.response_to(event.request, const.ESME_RINVPASWD))
        assert connection.state is State.OPEN
    assert [response.command_status for response in sent(connection)] == [const.ESME_RINVPASWD] * 2


def test_outbind() -> None:
    pair = ConnectionPair()
    pair.smsc.request(pdu.Outbind(system_id="smsc"), 0.0)
    assert pair.smsc.state is State.OUTBOUND
    (event,) = pair.to_esme()
    assert isinstance(event, RequestReceived)
    assert event.request == pdu.Outbind(1, system_id="smsc")
    assert pair.esme.state is State.OUTBOUND
    assert pair.bind(pdu.BindReceiver()).state is State.BOUND_RX


def test_an_outbind_that_crosses_a_bind_changes_nothing() -> None:
    connection = Connection(Role.ESME, Limits())
    number = connection.request(pdu.BindTransceiver(), 0.0)
    connection.data_to_send()
    stray, bound = told(connection, encode(pdu.Outbind(1)) + encode(pdu.BindTransceiverResp(number)))
    assert isinstance(stray, Malformed)
    assert isinstance(bound, Bound)
    assert connection.data_to_send() == b""


def test_a_bind_answered_by_generic_nack_may_be_tried_again() -> None:
    connection = Connection(Role.SMSC, Limits())
    (event,) = told(connection, encode(pdu.BindTransceiver(1)))
    assert isinstance(event, RequestReceived)
    connection.respond(event.request, pdu.GenericNack(command_status=const.ESME_RINVCMDID))
    (again,) = told(connection, encode(pdu.BindTransmitter(2)))
    assert isinstance(again, RequestReceived)


def test_no_bind_in_time_ends_both_sides() -> None:
    pair = ConnectionPair()
    pair.tick(0)
    pair.esme.request(pdu.BindTransceiver(), pair.now)
    pair.to_smsc()
    assert pair.tick(29.9) == ([], [])
    pair.tick(0.1)
    (of_esme,), (of_smsc,) = pair.tick(GRACE)
    assert isinstance(of_esme, Closed)
    assert isinstance(of_smsc, Closed)
    assert of_esme.reason is of_smsc.reason is CloseReason.SESSION_INIT
    assert [entry.request for entry in of_esme.unanswered] == [pdu.BindTransceiver()]


# ---- texts


@pytest.mark.parametrize(
    ("request_pdu", "command", "octets", "message_id"),
    [
        (text(), "80000004", b"ID-1", "ID-1"),
        (pdu.DataSm(), "80000103", b"ID-1", "ID-1"),
        (text(), "80000004", b"9" * 255, "9" * 255),
        (text(), "80000004", b"9" * 256, ""),
        (text(), "80000004", b"9" * 256 + b"\0", ""),
    ],
)
def test_an_id_without_its_closing_nul_is_an_id(
    request_pdu: pdu.SubmitSm | pdu.DataSm, command: str, octets: bytes, message_id: str
) -> None:
    connection = esme()
    number = connection.request(request_pdu, 0.0)
    frame = (16 + len(octets)).to_bytes(4) + bytes.fromhex(command) + bytes(4) + number.to_bytes(4) + octets
    malformed, answered = told(connection, frame)
    assert isinstance(malformed, Malformed)
    assert isinstance(answered, ResponseReceived)
    assert isinstance(answered.response, pdu.SubmitSmResp | pdu.DataSmResp)
    assert answered.response.message_id == message_id
    assert answered.response.command_status == ROK


@pytest.mark.parametrize("portion", [0, 1, 7])
def test_a_text_and_its_response(portion: int) -> None:
    pair = ConnectionPair(portion=portion)
    pair.bind()
    token = object()
    request = text()
    number = pair.esme.request(request, pair.now, token)
    assert pair.esme.in_flight == 1
    (received,) = pair.to_smsc()
    assert isinstance(received, RequestReceived)
    assert encode(received.request) == encode(request, number)
    pair.smsc.respond(received.request, pdu.SubmitSmResp(message_id="id-1"))
    (answered,) = pair.to_esme()
    assert answered == ResponseReceived(request, pdu.SubmitSmResp(number, message_id="id-1"), token)
    assert isinstance(answered, ResponseReceived)
    assert answered.request is request
    assert pair.esme.in_flight == 0


def test_both_ways_at_once_and_out_of_order() -> None:
    """Both number from where they like; answers find their requests by number and direction."""
    pair = ConnectionPair()
    pair.bind()
    ours = [pair.esme.request(text(number), pair.now, number) for number in range(5)]
    theirs = [pair.smsc.request(pdu.DeliverSm(), pair.now, number) for number in range(5)]
    at_smsc = pair.to_smsc()
    at_esme = pair.to_esme()
    assert set(ours) & set(theirs)
    for event in reversed(at_smsc):
        assert isinstance(event, RequestReceived)
        pair.smsc.respond(event.request, pdu.SubmitSmResp(message_id=str(event.request.sequence_number)))
    for event in at_esme[1:] + at_esme[:1]:
        assert isinstance(event, RequestReceived)
        pair.esme.respond(event.request, pdu.DeliverSmResp())
    answers = [event for event in pair.to_esme() if isinstance(event, ResponseReceived)]
    assert [answer.token for answer in answers] == [4, 3, 2, 1, 0]
    assert all(
        isinstance(a.response, pdu.SubmitSmResp) and a.response.message_id == str(ours[a.token]) for a in answers
    )
    assert [event.token for event in pair.to_smsc() if isinstance(event, ResponseReceived)] == [1, 2, 3, 4, 0]


def test_the_window_holds_texts_back_and_nothing_else() -> None:
    connection = esme(Limits(window=2))
    connection.request(text(), 0.0)
    connection.request(pdu.DataSm(), 0.0)
    with pytest.raises(WindowFull):
        connection.request(text(), 0.0)
    connection.request(pdu.QuerySm(message_id="1"), 0.0)
    connection.request(pdu.CancelSm(message_id="1"), 0.0)
    connection.request(pdu.EnquireLink(), 0.0)
    told(connection, encode(pdu.EnquireLink(5)))
    assert [type(each) for each in sent(connection)] == [
        pdu.SubmitSm,
        pdu.DataSm,
        pdu.QuerySm,
        pdu.CancelSm,
        pdu.EnquireLink,
        pdu.EnquireLinkResp,
    ]
    connection.window_size = 3
    connection.request(text(), 0.0)
    assert connection.in_flight == 3
    connection.request(pdu.Unbind(), 0.0)
    assert connection.state is State.UNBINDING


def test_a_value_that_does_not_fit_takes_no_place_in_the_window() -> None:
    connection = esme(Limits(window=1))
    for unfit in (pdu.SubmitSm(source_addr="a\0"), pdu.QuerySm(message_id="\N{SNOWMAN}")):
        with pytest.raises(LocalProtocolError):
            connection.request(unfit, 0.0)
    assert connection.in_flight == 0
    assert connection.data_to_send() == b""
    connection.request(text(), 0.0)


@pytest.mark.parametrize("number", [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_the_peers_numbers_are_repeated_exactly(number: int) -> None:
    connection = esme()
    events = told(connection, encode(pdu.DeliverSm(number)) + encode(pdu.EnquireLink(number)))
    assert isinstance(events[0], RequestReceived)
    connection.respond(events[0].request, pdu.DeliverSmResp())
    assert sent(connection) == [pdu.EnquireLinkResp(number), pdu.DeliverSmResp(number)]


def test_an_answer_must_belong_to_its_request() -> None:
    connection = esme()
    for wrong in (pdu.SubmitSmResp(), pdu.EnquireLinkResp()):
        with pytest.raises(LocalProtocolError, match="does not answer"):
            connection.respond(pdu.DeliverSm(1), wrong)
    with pytest.raises(LocalProtocolError, match="does not answer"):
        connection.respond(pdu.AlertNotification(1), pdu.DeliverSmResp())
    with pytest.raises(LocalProtocolError, match="not waiting"):
        smsc().respond(pdu.BindReceiver(9), pdu.BindReceiverResp())
    connection.respond(pdu.DeliverSm(3), pdu.GenericNack(command_status=const.ESME_RINVCMDID))
    assert sent(connection) == [pdu.GenericNack(3, const.ESME_RINVCMDID)]


def test_numbers_wrap_on_the_wire() -> None:
    connection = esme()
    connection._window._next_sequence = const.SEQUENCE_MAX
    assert [connection.request(text(), 0.0) for _ in range(3)] == [0x7FFFFFFF, 1, 2]
    (answer,) = told(connection, encode(pdu.SubmitSmResp(0x7FFFFFFF)))
    assert isinstance(answer, ResponseReceived)


def test_alert_notification_has_no_answer() -> None:
    pair = ConnectionPair()
    pair.bind()
    pair.smsc.request(pdu.AlertNotification(source_addr="1"), pair.now)
    (event,) = pair.to_esme()
    assert isinstance(event, RequestReceived)
    assert pair.esme.data_to_send() == b""
    pair.smsc.close()
    (closed,) = events_of(pair.smsc)
    assert isinstance(closed, Closed)
    assert closed.unanswered == ()


# ---- answers that do not come, or come late, or belong to nothing


def test_a_late_response_is_known_for_what_it_is() -> None:
    connection = esme(Limits(window=1, response_timeout=30))
    request = text()
    number = connection.request(request, 0.0, "token")
    connection.tick(29.9)
    assert not any(isinstance(event, ResponseTimedOut) for event in events_of(connection))
    connection.tick(30.0)
    assert events_of(connection) == [ResponseTimedOut(request, number, "token")]
    assert connection.request(text(), 30.0) != number
    response = pdu.SubmitSmResp(number, message_id="x")
    assert told(connection, encode(response)) == [ResponseReceived(request, response, "token", late=True)]
    assert told(connection, encode(response)) == [Unmatched(response)]


def test_a_missing_response_makes_us_ask_for_life() -> None:
    connection = esme(Limits(response_timeout=5))
    connection.request(text(), 0.0)
    connection.data_to_send()
    connection.tick(5.0)
    events_of(connection)
    assert [type(each) for each in sent(connection)] == [pdu.EnquireLink]


def test_a_response_to_nothing_is_never_answered() -> None:
    connection = esme()
    connection.request(text(), 0.0)
    connection.data_to_send()
    strangers: list[pdu.Response] = [
        pdu.SubmitSmResp(999),
        pdu.DeliverSmResp(2),  # the number of our text, the wrong kind
        pdu.GenericNack(0, const.ESME_RUNKNOWNERR),
        pdu.BindTransceiverResp(1),
        pdu.UnbindResp(5),
    ]
    for stranger in strangers:
        assert told(connection, encode(stranger)) == [Unmatched(stranger)]
    assert connection.data_to_send() == b""
    assert connection.in_flight == 1
    assert connection.bound


def test_ten_thousand_responses_to_nothing() -> None:
    connection = esme()
    octets = b"".join(encode(pdu.SubmitSmResp(1000 + number)) for number in range(10_000))
    connection.receive_data(octets)
    count = 0
    while connection.next_event() is not NEED_DATA:
        count += 1
    assert count == 10_000
    assert connection.data_to_send() == b""


def test_a_response_whose_body_does_not_hold_still_answers() -> None:
    """Its header is whole: the carrier has the text."""
    connection = esme()
    request = text()
    number = connection.request(request, 0.0, "token")
    octets = bytes.fromhex("00000012 80000004 00000000") + number.to_bytes(4) + b"12"
    malformed, answered = told(connection, octets)
    assert malformed == Malformed(
        const.SUBMIT_SM_RESP, number, const.ESME_RINVMSGID, "message_id", "message_id: no closing NUL", answered=False
    )
    assert answered == ResponseReceived(request, pdu.SubmitSmResp(number, message_id="12"), "token")
    assert connection.in_flight == 0


def test_a_generic_nack_fails_its_request() -> None:
    connection = esme()
    request = text()
    number = connection.request(request, 0.0, "token")
    nack = pdu.GenericNack(number, const.ESME_RINVCMDID)
    assert told(connection, encode(nack)) == [ResponseReceived(request, nack, "token")]
    assert connection.bound


@pytest.mark.parametrize("matched", [True, False])
def test_a_generic_nack_for_a_length_ends_the_link(matched: bool) -> None:
    connection = esme()
    number = connection.request(text(), 0.0)
    other = connection.request(text(), 0.0)
    connection.data_to_send()
    nack = pdu.GenericNack(number if matched else 0, const.ESME_RINVCMDLEN)
    first, error, closed = told(connection, encode(nack))
    assert isinstance(first, ResponseReceived if matched else Unmatched)
    assert isinstance(error, RemoteProtocolError)
    assert isinstance(closed, Closed)
    assert {entry.sequence_number for entry in closed.unanswered} == ({other} if matched else {number, other})
    assert connection.data_to_send() == b""


# ---- what the peer gets wrong


def test_a_body_that_does_not_hold_is_answered_and_survived() -> None:
    connection = esme()
    bad = bytes.fromhex("00000012 00000005 00000000 00000009 3131")
    events = told(connection, bad + encode(pdu.DeliverSm(10)))
    assert events[0] == Malformed(
        const.DELIVER_SM,
        9,
        const.ESME_RINVSERTYP,
        "service_type",
        "service_type: no closing NUL",
        answered=True,
    )
    assert isinstance(events[1], RequestReceived)
    assert sent(connection) == [pdu.DeliverSmResp(9, const.ESME_RINVSERTYP)]


def test_an_unknown_request_gets_a_generic_nack() -> None:
    connection = esme()
    (malformed,) = told(connection, bytes.fromhex("00000010 00000110 00000000 FFFFFFFF"))
    assert isinstance(malformed, Malformed)
    assert malformed.answered
    assert sent(connection) == [pdu.GenericNack(0xFFFFFFFF, const.ESME_RINVCMDID)]
    assert connection.bound


def test_an_unknown_response_gets_nothing() -> None:
    connection = esme()
    (malformed,) = told(connection, bytes.fromhex("00000010 80000110 00000000 00000001"))
    assert isinstance(malformed, Malformed)
    assert not malformed.answered
    assert connection.data_to_send() == b""


def test_two_connections_never_nack_each_other_without_end() -> None:
    pair = ConnectionPair()
    pair.bind()
    pair.smsc.receive_data(bytes.fromhex("00000010 00000110 00000000 00000001 00000010 80000110 00000000 00000001"))
    events_of(pair.smsc)
    turns = 0
    while pair.to_esme() or pair.to_smsc():
        turns += 1
        assert turns < 3


@pytest.mark.parametrize(
    ("connection", "request_", "answer"),
    [
        (Connection(Role.SMSC, Limits()), pdu.SubmitSm(7), pdu.SubmitSmResp(7, 4, message_id=None)),
        (Connection(Role.SMSC, Limits()), pdu.Unbind(7), pdu.UnbindResp(7, 4)),
        (Connection(Role.ESME, Limits()), pdu.DeliverSm(7), pdu.DeliverSmResp(7, 4)),
        (smsc(pdu.BindReceiver), pdu.SubmitSm(7), pdu.SubmitSmResp(7, 4, message_id=None)),
        (smsc(pdu.BindReceiver), pdu.QuerySm(7), pdu.QuerySmResp(7, 4)),
        (smsc(), pdu.DeliverSm(7), pdu.DeliverSmResp(7, 4)),
        (esme(bind=pdu.BindTransmitter), pdu.DeliverSm(7), pdu.DeliverSmResp(7, 4)),
        (esme(), pdu.SubmitSm(7), pdu.SubmitSmResp(7, 4, message_id=None)),
        (esme(), pdu.BindTransceiver(7), pdu.BindTransceiverResp(7, const.ESME_RALYBND, system_id=None)),
    ],
)
def test_a_request_out_of_place_is_refused(connection: Connection, request_: pdu.Request, answer: pdu.Response) -> None:
    state = connection.state
    (malformed,) = told(connection, encode(request_))
    assert isinstance(malformed, Malformed)
    assert malformed.answered
    assert malformed.command_status == answer.command_status
    assert sent(connection) == [answer]
    assert connection.state is state


def test_what_has_no_answer_gets_none_out_of_place() -> None:
    connection = esme(bind=pdu.BindTransmitter)
    for stray in (pdu.AlertNotification(1), pdu.Outbind(2)):
        (malformed,) = told(connection, encode(stray))
        assert isinstance(malformed, Malformed)
        assert not malformed.answered
    told(connection, bytes.fromhex("00000011 00000102 00000000 00000001 00"))
    assert connection.data_to_send() == b""


@pytest.mark.parametrize("length", [0, 1, 15, 69_633, 0x7FFFFFFF, 0xFFFFFFFF])
@pytest.mark.parametrize("portion", [1, 1000])
def test_a_length_that_cannot_be_ends_the_link(length: int, portion: int) -> None:
    connection = esme()
    number = connection.request(text(), 0.0, "token")
    connection.data_to_send()
    octets = encode(pdu.DeliverSm(1)) + length.to_bytes(4) + bytes(60)
    events = []
    for start in range(0, len(octets), portion):
        events += told(connection, octets[start : start + portion])
    received, error, closed = events
    assert isinstance(received, RequestReceived)
    assert isinstance(error, RemoteProtocolError)
    assert error.command_status == const.ESME_RINVCMDLEN
    assert isinstance(closed, Closed)
    assert closed.reason is CloseReason.PROTOCOL_ERROR
    assert [(entry.sequence_number, entry.token) for entry in closed.unanswered] == [(number, "token")]
    assert sent(connection) == [pdu.GenericNack(0, const.ESME_RINVCMDLEN)]
    assert told(connection, encode(pdu.DeliverSm(2))) == []


@pytest.mark.parametrize(
    "first", [b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 400 Bad Request\r\n", bytes.fromhex("160301020001")]
)
def test_a_peer_of_another_protocol_is_named_and_not_answered(first: bytes) -> None:
    connection = Connection(Role.ESME, Limits())
    connection.request(pdu.BindTransceiver(), 0.0)
    connection.data_to_send()
    error, closed = told(connection, first)
    assert isinstance(error, RemoteProtocolError)
    assert error.foreign
    assert isinstance(closed, Closed)
    assert "HTTP" in closed.detail or "TLS" in closed.detail
    assert connection.data_to_send() == b""


def test_a_peer_that_does_not_read_is_given_up() -> None:
    connection = esme(Limits(max_unsent=1000))
    events = told(connection, encode(pdu.EnquireLink(1)) * 100)
    (closed,) = events
    assert isinstance(closed, Closed)
    assert closed.reason is CloseReason.PEER_NOT_READING


def test_a_peer_that_reads_may_ask_for_ever() -> None:
    connection = esme(Limits(max_unsent=1000))
    for _ in range(100):
        assert told(connection, encode(pdu.EnquireLink(1)) * 10) == []
        assert len(connection.data_to_send()) == 160


# ---- time


def test_silence_is_asked_about_and_answered_inside() -> None:
    pair = ConnectionPair()
    pair.bind()
    assert pair.esme.next_deadline() <= pair.now + 25
    for _ in range(10):
        assert pair.tick(25) == ([], [])
        assert pair.to_smsc() == pair.to_esme() == []
        # Both have asked; the answers go the other way.
        assert pair.to_smsc() == pair.to_esme() == []
    assert pair.esme.bound
    assert pair.smsc.bound


@pytest.mark.parametrize("step", [0.25, 1.0, None])
def test_a_dead_peer_is_found_in_time_and_what_it_owes_is_named(step: float | None) -> None:
    """However often the clock is looked at: at every step, or only when the machine asked for it."""
    connection = esme(Limits(response_timeout=600))
    connection.request(text(), 0.0, "token")
    now, events = 0.0, list[Event]()
    while not events:
        now = max(now, connection.next_deadline()) if step is None else now + step
        connection.tick(now)
        events = events_of(connection)
        assert now < 600
    (closed,) = events
    assert isinstance(closed, Closed)
    assert closed.reason is CloseReason.NO_LIFE
    assert now <= 45
    assert [entry.token for entry in closed.unanswered] == ["token"]
    assert connection.next_deadline() == NEVER


def test_enquire_link_is_answered_before_the_bind_and_sent_only_after_it() -> None:
    connection = Connection(Role.ESME, Limits(session_init_timeout=500))
    connection.tick(0.0)
    for now in range(0, 400, 10):
        connection.tick(float(now))
    assert connection.data_to_send() == b""
    with pytest.raises(LocalProtocolError, match="before the bind"):
        connection.request(pdu.EnquireLink(), 400.0)
    assert told(connection, encode(pdu.EnquireLink(9))) == []
    assert sent(connection) == [pdu.EnquireLinkResp(9)]


def test_other_traffic_is_life_enough() -> None:
    connection = esme()
    for now in range(0, 200, 20):
        connection.receive_data(encode(pdu.DeliverSm(1)), float(now))
        connection.tick(float(now))
        assert [type(event) for event in events_of(connection)] == [RequestReceived]
    assert connection.data_to_send() == b""


def test_a_frozen_process_hears_what_was_said_meanwhile() -> None:
    """All deadlines are past when it wakes, but the peer's octets are only waiting to be read."""
    connection = esme()
    connection.tick(25.0)
    assert [type(each) for each in sent(connection)] == [pdu.EnquireLink]
    connection.tick(125.0)
    assert events_of(connection) == []
    connection.receive_data(encode(pdu.EnquireLinkResp(2)), 125.0)
    assert events_of(connection) == []
    connection.tick(130.0)
    assert events_of(connection) == []
    assert connection.bound


def test_half_a_pdu_is_not_waited_for_without_end() -> None:
    connection = esme()
    frame = encode(pdu.DeliverSm(1, short_message=b"x" * 100))
    now = 0.0
    for octet in frame[:-1]:
        # One octet a second: each is heard, none is a PDU.
        connection.receive_data(bytes((octet,)), now)
        events = events_of(connection)
        connection.tick(now)
        events += events_of(connection)
        if events:
            break
        now += 1.0
    (closed,) = events
    assert isinstance(closed, Closed)
    assert closed.reason is CloseReason.PARTIAL_PDU
    assert now <= 12


def test_a_partial_pdu_is_due_at_once_for_the_clock() -> None:
    connection = esme()
    connection.tick(1.0)
    assert connection.next_deadline() > 1.0
    told(connection, b"\0\0")
    assert connection.next_deadline() == AT_ONCE
    connection.tick(2.0)
    assert connection.next_deadline() == 12.0


def test_a_peer_that_only_enquires_is_inactive() -> None:
    connection = esme(Limits(inactivity_timeout=60))
    events: list[Event] = []
    for now in range(0, 100, 5):
        connection.receive_data(encode(pdu.EnquireLink(1)), float(now))
        connection.tick(float(now))
        events += events_of(connection)
    (closed,) = events
    assert isinstance(closed, Closed)
    assert closed.reason is CloseReason.INACTIVE


# ---- the end


def test_unbind_from_us() -> None:
    pair = ConnectionPair()
    pair.bind()
    pair.esme.request(pdu.Unbind(), pair.now)
    assert not pair.esme.bound
    for more in (text(), pdu.DataSm(), pdu.Unbind()):
        with pytest.raises(LocalProtocolError, match="unbinding"):
            pair.esme.request(more, pair.now)
    (event,) = pair.to_smsc()
    assert isinstance(event, UnbindReceived)
    (closed,) = pair.to_esme()
    assert closed == Closed(CloseReason.UNBOUND, "", ())
    (at_smsc,) = told(pair.smsc, b"")
    assert isinstance(at_smsc, Closed)
    assert at_smsc.reason is CloseReason.UNBOUND


def test_unbind_crosses_a_text_of_the_peer() -> None:
    pair = ConnectionPair()
    pair.bind()
    pair.esme.request(pdu.Unbind(), pair.now)
    pair.smsc.request(pdu.DeliverSm(), pair.now, "token")
    (received,) = pair.to_esme()
    assert isinstance(received, RequestReceived)
    pair.esme.respond(received.request, pdu.DeliverSmResp())
    unbind, answered = pair.to_smsc()
    assert isinstance(unbind, UnbindReceived)
    assert isinstance(answered, ResponseReceived)


def test_unbind_from_the_peer_is_answered_and_drained() -> None:
    connection = esme()
    number = connection.request(text(), 0.0, "a")
    connection.request(text(), 0.0, "b")
    connection.data_to_send()
    connection.tick(1.0)
    (event,) = told(connection, encode(pdu.Unbind(44)))
    assert event == UnbindReceived(pdu.Unbind(44))
    assert sent(connection) == [pdu.UnbindResp(44)]
    assert not connection.bound
    with pytest.raises(LocalProtocolError):
        connection.request(text(), 1.0)
    assert told(connection, encode(pdu.Unbind(45))) == []
    (answered,) = told(connection, encode(pdu.SubmitSmResp(number)))
    assert isinstance(answered, ResponseReceived)
    for now in (1.5, 6.5, 7.5):
        assert events_of(connection) == []
        connection.tick(now)
    (closed,) = events_of(connection)
    assert isinstance(closed, Closed)
    assert closed.reason is CloseReason.UNBOUND
    assert [entry.token for entry in closed.unanswered] == ["b"]


def test_unbind_from_an_smsc_is_answered_after_its_texts() -> None:
    connection = esme()
    first, unbound = told(connection, encode(pdu.DeliverSm(7, short_message=b"STOP")) + encode(pdu.Unbind(44)))
    assert isinstance(first, RequestReceived)
    assert unbound == UnbindReceived(pdu.Unbind(44))
    (second,) = told(connection, encode(pdu.EnquireLink(45)) + encode(pdu.DataSm(46)))
    assert isinstance(second, RequestReceived)
    assert sent(connection) == [pdu.EnquireLinkResp(45)]
    connection.respond(second.request, pdu.DataSmResp())
    assert sent(connection) == [pdu.DataSmResp(46)]
    connection.respond(first.request, pdu.DeliverSmResp())
    assert sent(connection) == [pdu.DeliverSmResp(7), pdu.UnbindResp(44)]
    told(connection, encode(pdu.Unbind(47)))
    assert sent(connection) == [pdu.UnbindResp(47)]


def test_unbind_from_an_smsc_is_answered_though_its_texts_are_not() -> None:
    connection = esme()
    told(connection, encode(pdu.DeliverSm(7)) + encode(pdu.Unbind(44)))
    for now in (0.0, 5.0):
        connection.tick(now)
        assert events_of(connection) == []
        assert sent(connection) == []
    connection.tick(5.0 + GRACE)
    (closed,) = events_of(connection)
    assert isinstance(closed, Closed)
    assert closed.reason is CloseReason.UNBOUND
    assert sent(connection) == [pdu.UnbindResp(44)]


def test_unbind_from_an_esme_does_not_wait_for_its_texts() -> None:
    pair = ConnectionPair()
    pair.bind()
    pair.esme.request(text(), pair.now)
    number = pair.esme.request(pdu.Unbind(), pair.now)
    pair.to_smsc()
    assert sent(pair.smsc) == [pdu.UnbindResp(number)]


def test_unbind_that_nobody_answers_has_an_end() -> None:
    connection = esme()
    connection.request(pdu.Unbind(), 0.0)
    for now in (0.0, 5.0, 6.0):
        assert events_of(connection) == []
        connection.tick(now)
    (closed,) = events_of(connection)
    assert closed == Closed(CloseReason.UNBOUND, "", ())


def test_the_peer_closes_and_what_it_owes_is_named() -> None:
    connection = esme()
    numbers = [connection.request(text(n), 0.0, n) for n in range(3)]
    connection.request(pdu.EnquireLink(), 0.0)
    connection.data_to_send()
    connection.receive_data(encode(pdu.SubmitSmResp(numbers[1])))
    connection.receive_data(b"")
    assert not connection.bound
    # What came before the end is told before the end.
    answered, closed = events_of(connection)
    assert isinstance(answered, ResponseReceived)
    assert isinstance(closed, Closed)
    assert closed.reason is CloseReason.PEER_CLOSED
    assert [(entry.sequence_number, entry.token) for entry in closed.unanswered] == [(numbers[0], 0), (numbers[2], 2)]
    assert closed.unsent == frozenset()
    assert connection.state is State.CLOSED
    assert connection.next_event() is NEED_DATA


def test_a_stream_that_ends_within_a_pdu_says_so() -> None:
    connection = esme()
    (closed,) = told(connection, encode(pdu.DeliverSm(1))[:-1]) + told(connection, b"")
    assert isinstance(closed, Closed)
    assert "middle" in closed.detail


def test_what_was_never_handed_out_is_known_to_be_unsent() -> None:
    connection = esme()
    gone = connection.request(text(1), 0.0, "gone")
    connection.data_to_send()
    kept = connection.request(text(2), 0.0, "kept")
    told(connection, encode(pdu.DeliverSm(8)))
    connection.respond(pdu.DeliverSm(8), pdu.DeliverSmResp())
    connection.close("done")
    (closed,) = events_of(connection)
    assert isinstance(closed, Closed)
    assert closed.reason is CloseReason.ABANDONED
    assert [entry.sequence_number for entry in closed.unanswered] == [gone, kept]
    assert closed.unsent == {kept}
    # What is reported as unsent does not leave after that; an answer may.
    assert sent(connection) == [pdu.DeliverSmResp(8)]


def test_octets_that_did_not_go_out_are_the_end() -> None:
    connection = esme()
    numbers = [connection.request(text(n), 0.0, n) for n in range(2)]
    connection.data_to_send()
    third = connection.request(text(2), 0.0, 2)
    connection.receive_data(encode(pdu.SubmitSmResp(numbers[0])))
    connection.send_failed()
    connection.receive_data(b"")
    assert connection.data_to_send() == b""
    with pytest.raises(LocalProtocolError, match="send failed"):
        connection.request(text(), 1.0)
    answered, closed = events_of(connection)
    assert isinstance(answered, ResponseReceived)
    assert isinstance(closed, Closed)
    assert closed.reason is CloseReason.SEND_FAILED
    assert [entry.token for entry in closed.unanswered] == [1, 2]
    assert closed.unsent == {third}


def test_after_the_end_nothing_happens_any_more() -> None:
    connection = esme()
    told(connection, b"")
    connection.respond(pdu.DeliverSm(1), pdu.DeliverSmResp())
    connection.tick(1000.0)
    connection.send_failed()
    connection.close()
    assert told(connection, encode(pdu.DeliverSm(1))) == []
    assert connection.data_to_send() == b""
    assert connection.next_deadline() == NEVER
    with pytest.raises(LocalProtocolError):
        connection.request(text(), 1000.0)


@pytest.mark.parametrize(
    ("connection", "forbidden"),
    [
        (Connection(Role.ESME, Limits()), text()),
        (Connection(Role.SMSC, Limits()), pdu.DeliverSm()),
        (Connection(Role.SMSC, Limits()), pdu.BindTransceiver()),
        (Connection(Role.ESME, Limits()), pdu.Outbind()),
        (Connection(Role.ESME, Limits()), pdu.Unbind()),
        (esme(bind=pdu.BindReceiver), text()),
        (esme(bind=pdu.BindReceiver), pdu.QuerySm()),
        (esme(), pdu.DeliverSm()),
        (esme(), pdu.BindTransceiver()),
        (smsc(), text()),
        (smsc(pdu.BindTransmitter), pdu.DeliverSm()),
    ],
)
def test_what_the_state_forbids_is_our_own_error(connection: Connection, forbidden: pdu.Request) -> None:
    with pytest.raises(LocalProtocolError, match=forbidden.command_name):
        connection.request(forbidden, 0.0)
    assert connection.data_to_send() == b""
