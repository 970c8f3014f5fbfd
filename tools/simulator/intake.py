"""What happens to a text that comes in: it owns the look at a `submit_sm`, the answer, and `query_sm` and `cancel_sm`.

What becomes of a text that was taken is `fate`'s.
"""

from functools import partial
from typing import TYPE_CHECKING, Final

from gateway.smpp import const
from gateway.smpp.pdu import (
    CancelSm,
    CancelSmResp,
    GenericNack,
    QuerySm,
    QuerySmResp,
    Response,
    SubmitSm,
    SubmitSmResp,
    response_to,
)
from gateway.smpp.status import name as status_name
from gateway.text import udh
from gateway.text.decode import decode
from gateway.text.supplementary import is_basic
from tools.simulator import fate, journal
from tools.simulator.message import MESSAGE_STATES, Message, written_id
from tools.simulator.scenario import Fault, LongForm, Mo, Scenario
from tools.simulator.status import status_code

if TYPE_CHECKING:
    from tools.simulator.session import Session
    from tools.simulator.smsc import Smsc

_OTHER_LINK: Final = 0.01  # what a delivery by another link gets as a head start


def submit(smsc: "Smsc", session: "Session", pdu: SubmitSm, now: float) -> None:
    """Take or refuse a text, and answer it."""
    scenario = smsc.script.scenario
    long, part, text = _read(pdu, scenario)
    token = text.partition(" ")[0]
    smsc.counted["submits"] += 1
    smsc.journal.add(
        journal.Submitted(
            session=session.number,
            sequence=pdu.sequence_number,
            account=session.account.name if session.account is not None else "",
            bind=session.bind,
            token=token,
            source=pdu.source_addr,
            destination=pdu.destination_addr,
            text=text,
            data_coding=pdu.data_coding,
            esm_class=pdu.esm_class,
            registered_delivery=pdu.registered_delivery,
            part=part,
        )
    )
    record = journal.Answered(session=session.number, sequence=pdu.sequence_number, token=token, status="")
    if session.silent is not None:
        record.status = session.silent
        smsc.journal.add(record)
        return
    session.unanswered += 1
    fault = smsc.script.fault("submit_sm", now, pdu.destination_addr)
    if fault is not None and fault.instead:
        _play_instead(smsc, session, pdu, text, record, fault)
        return
    status = _verdict(smsc, session, pdu, long, text, now)
    record.status = status_name(status)
    delay = smsc.script.answer_delay()
    if fault is not None and fault.do == "delay":
        delay += fault.seconds
    message: Message | None = None
    if status != const.ESME_ROK:
        smsc.counted["refused"] += 1
        _answer_later(smsc, session, delay, pdu, response_to(pdu, status), record)
    else:
        message = _take(smsc, session, pdu, text)
        record.message_id = message.message_id
        response = SubmitSmResp(message_id=message.message_id)
        if scenario.receipts.before_response:
            answer = partial(_answer_after, smsc, session, delay, pdu, response, record)
            fate.begin_with_the_end(smsc, message, answer)
        else:
            _answer_later(smsc, session, delay, pdu, response, record)
            fate.begin(smsc, message)
    if fault is not None:
        mo = _spoken(fault.mo, pdu, message) if fault.mo is not None else None
        session.play("submit_sm", fault, pdu.sequence_number, pdu, mo)


def _read(pdu: SubmitSm, scenario: Scenario) -> tuple[LongForm | None, journal.Part | None, str]:
    """The form in which a long text came, the place of this part, and its text."""
    body = pdu.short_message
    long: LongForm | None = None
    part: journal.Part | None = None
    locking = single = 0
    if pdu.tlvs:
        payload = pdu.tlv(const.TLV_MESSAGE_PAYLOAD)
        if payload is not None and not body:
            body = payload
            long = "payload"
        reference = pdu.tlv(const.TLV_SAR_MSG_REF_NUM)
        total = pdu.tlv(const.TLV_SAR_TOTAL_SEGMENTS)
        number = pdu.tlv(const.TLV_SAR_SEGMENT_SEQNUM)
        if reference is not None and total is not None and number is not None:
            long = "sar"
            part = journal.Part(
                long, int.from_bytes(reference, "big"), int.from_bytes(total, "big"), int.from_bytes(number, "big")
            )
    if pdu.esm_class & const.ESM_CLASS_UDHI:
        header = udh.parse(body)
        body = header.body
        locking, single = header.locking, header.single
        if header.concat is not None:
            wide = any(element.identifier == udh.CONCAT_16 for element in header.elements)
            long = "udh16" if wide else "udh8"
            part = journal.Part(long, header.concat.reference, header.concat.total, header.concat.sequence)
    alphabet = scenario.content.default_alphabet
    return long, part, decode(body, pdu.data_coding, alphabet, locking=locking, single=single).text


def _verdict(smsc: "Smsc", session: "Session", pdu: SubmitSm, long: LongForm | None, text: str, now: float) -> int:
    """The `command_status` of the answer."""
    scenario = smsc.script.scenario
    content = scenario.content
    throttle = scenario.throttle
    if throttle.window and session.unanswered > throttle.window:
        return status_code(throttle.window_status)
    if smsc.script.throttled(now):
        return status_code(throttle.status)
    if content.source_ton_npi and (pdu.source_addr_ton, pdu.source_addr_npi) not in content.source_ton_npi:
        return const.ESME_RINVSRCADR
    if content.destination_ton_npi and (pdu.dest_addr_ton, pdu.dest_addr_npi) not in content.destination_ton_npi:
        return const.ESME_RINVDSTADR
    if not pdu.destination_addr or (pdu.destination_addr[0] == "+" and not content.plus):
        return const.ESME_RINVDSTADR
    if long is not None and long not in content.long:
        return status_code(content.long_status)
    if not content.supplementary and not is_basic(text):
        return const.ESME_RX_R_APPN
    return const.ESME_ROK


def _take(smsc: "Smsc", session: "Session", pdu: SubmitSm, text: str) -> Message:
    assert session.account is not None  # the machine lets texts through on a bound link only
    answers = smsc.script.scenario.answers
    number = smsc.book.next_number(answers.recycle_after)
    message = Message(
        number=number,
        message_id=written_id(number, answers.id_form),
        account=session.account,
        session=session.number,
        pdu=pdu,
        text=text,
        submitted=smsc.wall_clock(),
        outcome=smsc.script.outcome(pdu.destination_addr),
    )
    smsc.book.add(message)
    smsc.remember_sender(message)
    smsc.counted["taken"] += 1
    return message


def _play_instead(
    smsc: "Smsc", session: "Session", pdu: SubmitSm, text: str, record: journal.Answered, fault: Fault
) -> None:
    """Play a fault in place of the answer; the text may be taken all the same."""
    record.status = status_name(status_code(fault.status)) if fault.do in ("status", "nack") else fault.do
    if fault.taken:
        message = _take(smsc, session, pdu, text)
        record.message_id = message.message_id
        fate.begin(smsc, message)
    else:
        smsc.counted["refused"] += 1
    smsc.journal.add(record)
    session.play("submit_sm", fault, pdu.sequence_number, pdu)
    session.leave_unanswered()


def _answer_later(
    smsc: "Smsc", session: "Session", delay: float, pdu: SubmitSm, response: Response, record: journal.Answered
) -> None:
    if delay:
        smsc.agenda.later(delay, partial(session.answer, pdu, response, record))
    else:
        session.answer(pdu, response, record)


def _answer_after(
    smsc: "Smsc",
    session: "Session",
    delay: float,
    pdu: SubmitSm,
    response: Response,
    record: journal.Answered,
    by: int,
) -> None:
    """Answer once the receipt is on its way: behind it on the same link, a little later than it on another."""
    _answer_later(smsc, session, delay or (0.0 if by in (0, session.number) else _OTHER_LINK), pdu, response, record)


def _spoken(mo: Mo, pdu: SubmitSm, message: Message | None) -> Mo:
    """The consumer's answer to this text, its placeholders filled."""
    message_id = message.message_id if message is not None else ""
    text = mo.text.replace("{message_id}", message_id).replace("{from}", pdu.source_addr)
    return Mo(
        source=mo.source or pdu.destination_addr,
        destination=mo.destination or pdu.source_addr,
        text=text.replace("{to}", pdu.destination_addr),
        encoding=mo.encoding,
        data_coding=mo.data_coding,
        long=mo.long,
        parts=mo.parts,
        account=mo.account,
    )


def query(smsc: "Smsc", session: "Session", pdu: QuerySm, now: float) -> None:
    """Tell the state of a text (SMPP 3.4 §4.8)."""
    record = journal.Queried(
        session=session.number, sequence=pdu.sequence_number, message_id=pdu.message_id, status="ESME_RINVMSGID"
    )
    smsc.counted["queries"] += 1
    fault = smsc.script.fault("query_sm", now)
    message = smsc.book.find(session.account, pdu.message_id, pdu.source_addr)
    response: Response = response_to(pdu, const.ESME_RINVMSGID)
    if not smsc.script.scenario.query:
        record.status = "ESME_RINVCMDID"
        response = GenericNack(command_status=const.ESME_RINVCMDID)
    elif message is not None:
        record.status = "ESME_ROK"
        record.state = message.stat
        error = message.outcome.err if message.done is not None else ""
        response = QuerySmResp(
            message_id=message.message_id,
            final_date=message.done.strftime("%y%m%d%H%M%S000+") if message.done is not None else "",
            message_state=MESSAGE_STATES[message.stat],
            error_code=int(error) & 0xFF if error.isdecimal() else 0,
        )
    _serve(smsc, session, pdu, response, record, fault)


def cancel(smsc: "Smsc", session: "Session", pdu: CancelSm, now: float) -> None:
    """Stop a text, or all texts from one address to another (SMPP 3.4 §4.9)."""
    record = journal.Cancelled(
        session=session.number, sequence=pdu.sequence_number, message_id=pdu.message_id, status="ESME_RCANCELFAIL"
    )
    smsc.counted["cancels"] += 1
    fault = smsc.script.fault("cancel_sm", now)
    response: Response = response_to(pdu, const.ESME_RCANCELFAIL)
    if not smsc.script.scenario.cancel:
        record.status = "ESME_RINVCMDID"
        response = GenericNack(command_status=const.ESME_RINVCMDID)
    elif fault is None or not fault.instead:
        if pdu.message_id:
            found = smsc.book.find(session.account, pdu.message_id, pdu.source_addr)
            messages = [found] if found is not None and not found.ended else []
        else:
            messages = list(smsc.book.between(session.account, pdu.source_addr, pdu.destination_addr))
        for message in messages:
            fate.cancel(smsc, message)
        if messages:
            record.status = "ESME_ROK"
            record.cancelled = len(messages)
            response = CancelSmResp()
    _serve(smsc, session, pdu, response, record, fault)


def _serve(
    smsc: "Smsc",
    session: "Session",
    pdu: QuerySm | CancelSm,
    response: Response,
    record: journal.Queried | journal.Cancelled,
    fault: Fault | None,
) -> None:
    """Answer as found, unless a fault stands in its place."""
    on = pdu.command_name
    if fault is not None and fault.instead:
        record.status = status_name(status_code(fault.status)) if fault.do in ("status", "nack") else fault.do
        smsc.journal.add(record)
        session.play(on, fault, pdu.sequence_number, pdu)
        return
    smsc.journal.add(record)
    if fault is not None and fault.do == "delay":
        smsc.agenda.later(fault.seconds, partial(session.respond, pdu, response))
    else:
        session.respond(pdu, response)
    if fault is not None:
        session.play(on, fault, pdu.sequence_number, pdu)
