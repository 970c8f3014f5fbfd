"""Owns the way from PDU to frame and back.

Does not own the finding of frames in a stream (`buffer`) nor the field table (`fields`).

Four PDUs are nearly all the traffic there is: submit_sm, deliver_sm and their responses. They have straight-line
lanes here. A lane only ever takes what it can take without doubt; for anything else it steps aside
for the table, which reads the same octets again and names the field at fault.
"""

import struct
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from gateway.smpp import const
from gateway.smpp.errors import BodyError, FramingError, LocalProtocolError, UnknownCommand
from gateway.smpp.fields import ADDRESS_LIMIT, STRING_LIMIT, read_fields, read_tlvs, write_fields, write_tlvs
from gateway.smpp.pdu import (
    BY_COMMAND_ID,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    Request,
    Response,
    SubmitSm,
    SubmitSmResp,
    Tlv,
)

_HEADER = struct.Struct(">IIII")
_unpack_header = _HEADER.unpack_from
_pack_header = _HEADER.pack


def decode(frame: bytes) -> Request | Response:
    """The PDU that `frame` holds: exactly one, from command_length to its last octet.

    Raises FramingError where command_length does not agree with `frame`, UnknownCommand, or BodyError. Raises nothing
    else, whatever the octets.
    """
    try:
        length, command_id, command_status, sequence_number = _unpack_header(frame)
    except struct.error:
        raise _framing_error(f"{len(frame)} octets are no header", 0, 0) from None
    if length != len(frame):
        raise _framing_error(
            f"command_length is {length}, the PDU has {len(frame)} octets", command_id, sequence_number
        )
    lane = _READ_LANES.get(command_id)
    if lane is not None:
        read, pdu_class = lane
        pdu: Request | Response | None = read(pdu_class, frame, command_status, sequence_number)
        if pdu is not None:
            return pdu
    return decode_by_table(frame)


def decode_by_table(frame: bytes) -> Request | Response:
    """What `decode` returns or raises, without its lanes, for a frame whose length is right."""
    _, command_id, command_status, sequence_number = _unpack_header(frame)
    pdu_class: Any = BY_COMMAND_ID.get(command_id)
    if pdu_class is None:
        raise UnknownCommand(
            f"command_id {command_id:#010x} is not one of SMPP 3.4",
            command_status=const.ESME_RINVCMDID,
            command_id=command_id,
            sequence_number=sequence_number,
            field="command_id",
        )
    # An error response may come as a header alone (§4.1.2, §4.4.2); carriers do it with other statuses too.
    if issubclass(pdu_class, Response) and pdu_class.body_field and len(frame) == const.HEADER_LENGTH:
        return _without_body(pdu_class, command_status, sequence_number, b"")
    try:
        values, position = read_fields(pdu_class, frame, command_id, sequence_number)
    except BodyError:
        # The body of an error response says nothing: its status stands.
        if issubclass(pdu_class, Response) and pdu_class.body_field and command_status:
            return _without_body(pdu_class, command_status, sequence_number, frame[const.HEADER_LENGTH :])
        raise
    tlvs, trailing = read_tlvs(frame, position)
    pdu: Request | Response = pdu_class(sequence_number, command_status, tlvs, trailing, *values)
    return pdu


def without_stray_nul(pdu: Request | Response) -> Request | Response:
    """`pdu`, with the optional parameters that stand behind a NUL; itself where there is no such thing.

    There are SMSCs that end a short_message with a NUL which sm_length does not count. Only where nothing could be read
    with it, and everything can be read behind it, is it taken for that. `decode` keeps it: what is read is as it came.
    """
    if not pdu.tlvs and pdu.trailing.startswith(b"\0"):
        tlvs, trailing = read_tlvs(pdu.trailing, 1)
        if tlvs and not trailing:
            return replace(pdu, tlvs=tlvs, trailing=b"")
    return pdu


def encode(pdu: Request | Response, sequence_number: int | None = None) -> bytes:
    """The frame of `pdu`, with its own sequence_number or the one given.

    Raises LocalProtocolError naming a value that does not fit.
    """
    if sequence_number is None:
        sequence_number = pdu.sequence_number
    body = None
    lane = _WRITE_LANES.get(type(pdu))
    if lane is not None:
        try:
            body = lane(pdu)
        except (ValueError, OverflowError, TypeError):
            body = None
    if body is None:
        body = encode_body_by_table(pdu)
    try:
        return _pack_header(16 + len(body), pdu.command_id, pdu.command_status, sequence_number) + body
    except struct.error as error:
        raise LocalProtocolError(f"{pdu.command_name}: a header field is not four octets") from error


def encode_body_by_table(pdu: Request | Response) -> bytes:
    """The octets behind the header."""
    if isinstance(pdu, Response) and pdu.body_field and getattr(pdu, pdu.body_field) is None:
        return write_tlvs(pdu)
    return write_fields(pdu) + write_tlvs(pdu)


def _framing_error(detail: str, command_id: int, sequence_number: int) -> FramingError:
    return FramingError(
        detail,
        command_status=const.ESME_RINVCMDLEN,
        command_id=command_id,
        sequence_number=sequence_number,
        field="command_length",
    )


def _without_body(pdu_class: Any, command_status: int, sequence_number: int, trailing: bytes) -> Response:
    pdu: Response = pdu_class(sequence_number, command_status, (), trailing, **{pdu_class.body_field: None})
    return pdu


# ---- lanes. They return None to step aside.


def _read_short_message(pdu_class: type[Any], frame: bytes, command_status: int, sequence_number: int) -> Any:
    """submit_sm (SMPP 3.4 §4.4.1) and deliver_sm (§4.6.1), which have one layout."""
    find = frame.find
    start = 16
    end = find(b"\0", start)
    if end == start:
        service_type = ""
    elif start < end < start + STRING_LIMIT:
        service_type = frame[start:end].decode("latin-1")
    else:
        return None
    try:
        source_addr_ton = frame[end + 1]
        source_addr_npi = frame[end + 2]
        start = end + 3
        end = find(b"\0", start)
        if not start <= end < start + ADDRESS_LIMIT:
            return None
        source_addr = frame[start:end].decode("latin-1")
        dest_addr_ton = frame[end + 1]
        dest_addr_npi = frame[end + 2]
        start = end + 3
        end = find(b"\0", start)
        if not start <= end < start + ADDRESS_LIMIT:
            return None
        destination_addr = frame[start:end].decode("latin-1")
        esm_class = frame[end + 1]
        protocol_id = frame[end + 2]
        priority_flag = frame[end + 3]
        start = end + 4
        end = find(b"\0", start)
        if end == start:
            schedule_delivery_time = ""
        elif start < end < start + STRING_LIMIT:
            schedule_delivery_time = frame[start:end].decode("latin-1")
        else:
            return None
        start = end + 1
        end = find(b"\0", start)
        if end == start:
            validity_period = ""
        elif start < end < start + STRING_LIMIT:
            validity_period = frame[start:end].decode("latin-1")
        else:
            return None
        registered_delivery = frame[end + 1]
        replace_if_present_flag = frame[end + 2]
        data_coding = frame[end + 3]
        sm_default_msg_id = frame[end + 4]
        start = end + 6
        end = start + frame[end + 5]
    except IndexError:
        return None
    tlvs: tuple[Tlv, ...] = ()
    trailing = b""
    if end != len(frame):
        if end > len(frame):
            return None
        tlvs, trailing = read_tlvs(frame, end)
    return pdu_class(
        sequence_number,
        command_status,
        tlvs,
        trailing,
        service_type,
        source_addr_ton,
        source_addr_npi,
        source_addr,
        dest_addr_ton,
        dest_addr_npi,
        destination_addr,
        esm_class,
        protocol_id,
        priority_flag,
        schedule_delivery_time,
        validity_period,
        registered_delivery,
        replace_if_present_flag,
        data_coding,
        sm_default_msg_id,
        frame[start:end],
    )


def _read_message_id(pdu_class: type[Any], frame: bytes, command_status: int, sequence_number: int) -> Any:
    """submit_sm_resp (SMPP 3.4 §4.4.2), deliver_sm_resp (§4.6.2) and data_sm_resp (§4.7.2) without parameters."""
    end = len(frame) - 1
    if frame.find(b"\0", 16) != end or end >= 16 + STRING_LIMIT:
        return None
    return pdu_class(sequence_number, command_status, (), b"", frame[16:end].decode("latin-1"))


_READ_LANES: dict[int, tuple[Callable[[type[Any], bytes, int, int], Any], type[Any]]] = {
    const.SUBMIT_SM: (_read_short_message, SubmitSm),
    const.DELIVER_SM: (_read_short_message, DeliverSm),
    const.SUBMIT_SM_RESP: (_read_message_id, SubmitSmResp),
    const.DELIVER_SM_RESP: (_read_message_id, DeliverSmResp),
    const.DATA_SM_RESP: (_read_message_id, DataSmResp),
}


def _write_short_message(pdu: SubmitSm | DeliverSm) -> bytes | None:
    service_type = pdu.service_type
    source_addr = pdu.source_addr
    destination_addr = pdu.destination_addr
    schedule_delivery_time = pdu.schedule_delivery_time
    validity_period = pdu.validity_period
    short_message = pdu.short_message
    strings = service_type + source_addr + destination_addr + schedule_delivery_time + validity_period
    # One look at them all: whatever is long enough to be too long, or holds a NUL, is the table's to judge.
    if len(strings) >= ADDRESS_LIMIT or "\0" in strings:
        return None
    body = b"%b\0%c%c%b\0%c%c%b\0%c%c%c%b\0%b\0%c%c%c%c%c%b" % (
        service_type.encode("latin-1"),
        pdu.source_addr_ton,
        pdu.source_addr_npi,
        source_addr.encode("latin-1"),
        pdu.dest_addr_ton,
        pdu.dest_addr_npi,
        destination_addr.encode("latin-1"),
        pdu.esm_class,
        pdu.protocol_id,
        pdu.priority_flag,
        schedule_delivery_time.encode("latin-1"),
        validity_period.encode("latin-1"),
        pdu.registered_delivery,
        pdu.replace_if_present_flag,
        pdu.data_coding,
        pdu.sm_default_msg_id,
        len(short_message),
        short_message,
    )
    if pdu.tlvs or pdu.trailing:
        return body + write_tlvs(pdu)
    return body


def _write_message_id(pdu: SubmitSmResp | DeliverSmResp) -> bytes | None:
    message_id = pdu.message_id
    if message_id is None or pdu.tlvs or pdu.trailing or "\0" in message_id or len(message_id) >= STRING_LIMIT:
        return None
    return message_id.encode("latin-1") + b"\0"


_WRITE_LANES: dict[type[Any], Callable[[Any], bytes | None]] = {
    SubmitSm: _write_short_message,
    DeliverSm: _write_short_message,
    SubmitSmResp: _write_message_id,
    DeliverSmResp: _write_message_id,
    DataSmResp: _write_message_id,
}
