"""Owns the field table of every SMPP 3.4 PDU and the reading and writing of a body by it.

Does not own the header or the choice of a PDU's class (`codec`, which also has straight-line lanes for the four PDUs
that matter for speed and comes here for all others, and whenever a lane stumbles: the table is what names the field).

smpplib's codec is not used: it trusts every length, drops optional parameters it does not know and lacks five of the
commands, so that guarding it would take more code than this table. The tests hold the two against each other.

Limits count the closing NUL. They are wider than the specification's where carriers are known to go further
(passwords, system ids, message ids); an address may have the length that data_sm allows it (65) everywhere.
"""

import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from gateway.smpp import const
from gateway.smpp.errors import BodyError, LocalProtocolError
from gateway.smpp.pdu import (
    PDU_CLASSES,
    AlertNotification,
    BindReceiver,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    CancelSm,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    DistributionList,
    Outbind,
    Pdu,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    Tlv,
    UnsuccessSme,
)

ADDRESS_LIMIT = 65
STRING_LIMIT = 256
SHORT_MESSAGE_LIMIT = 255
"""What sm_length can count. The specification stops at 254; one octet more is harmless."""

_TLV_HEADER = struct.Struct(">HH")
_UINT32 = struct.Struct(">I")


class Field(NamedTuple):
    """One mandatory parameter: how it is read and written, and the status that says it does not hold."""

    name: str
    read: Callable[[bytes, int], tuple[Any, int]]
    """frame, position -> value, position behind it; ValueError where the octets do not hold one."""
    write: Callable[[Any], bytes]
    """value -> octets; ValueError where it does not fit."""
    status: int


# ---- kinds of field


def _read_integer(frame: bytes, position: int) -> tuple[int, int]:
    if position >= len(frame):
        raise ValueError("the body ends before it")
    return frame[position], position + 1


def _write_integer(value: int) -> bytes:
    if not 0 <= value <= 0xFF:
        raise ValueError(f"{value} is not one octet")
    return bytes((value,))


def _read_string(frame: bytes, position: int, limit: int) -> tuple[str, int]:
    if position >= len(frame):
        raise ValueError("the body ends before it")
    end = frame.find(0, position)
    if end < 0:
        raise ValueError("no closing NUL")
    if end - position >= limit:
        raise ValueError(f"longer than {limit - 1} octets")
    return frame[position:end].decode("latin-1"), end + 1


def _write_string(value: str, limit: int) -> bytes:
    if "\0" in value:
        raise ValueError("a NUL would end it early")
    if len(value) >= limit:
        raise ValueError(f"longer than {limit - 1} octets")
    try:
        return value.encode("latin-1") + b"\0"
    except UnicodeEncodeError as error:
        raise ValueError("a character that is not one octet") from error


def _read_short_message(frame: bytes, position: int) -> tuple[bytes, int]:
    length, position = _read_integer(frame, position)
    end = position + length
    if end > len(frame):
        raise ValueError(f"sm_length is {length}, the body has {len(frame) - position} octets left")
    return frame[position:end], end


def _write_short_message(value: bytes) -> bytes:
    if len(value) > SHORT_MESSAGE_LIMIT:
        raise ValueError(f"longer than {SHORT_MESSAGE_LIMIT} octets; use message_payload")
    return bytes((len(value),)) + value


def _read_destinations(frame: bytes, position: int) -> tuple[tuple[SmeAddress | DistributionList, ...], int]:
    count, position = _read_integer(frame, position)
    destinations: list[SmeAddress | DistributionList] = []
    for _ in range(count):
        flag, position = _read_integer(frame, position)
        if flag == const.DEST_FLAG_SME_ADDRESS:
            ton, position = _read_integer(frame, position)
            npi, position = _read_integer(frame, position)
            address, position = _read_string(frame, position, ADDRESS_LIMIT)
            destinations.append(SmeAddress(ton, npi, address))
        elif flag == const.DEST_FLAG_DISTRIBUTION_LIST:
            name, position = _read_string(frame, position, ADDRESS_LIMIT)
            destinations.append(DistributionList(name))
        else:
            raise ValueError(f"dest_flag {flag} is neither 1 nor 2")
    return tuple(destinations), position


def _write_destinations(value: tuple[SmeAddress | DistributionList, ...]) -> bytes:
    octets = [_write_integer(len(value))]
    for destination in value:
        if isinstance(destination, SmeAddress):
            octets.append(bytes((const.DEST_FLAG_SME_ADDRESS,)))
            octets.append(_write_integer(destination.dest_addr_ton))
            octets.append(_write_integer(destination.dest_addr_npi))
            octets.append(_write_string(destination.destination_addr, ADDRESS_LIMIT))
        else:
            octets.append(bytes((const.DEST_FLAG_DISTRIBUTION_LIST,)))
            octets.append(_write_string(destination.dl_name, ADDRESS_LIMIT))
    return b"".join(octets)


def _read_unsuccessful(frame: bytes, position: int) -> tuple[tuple[UnsuccessSme, ...], int]:
    count, position = _read_integer(frame, position)
    unsuccessful = []
    for _ in range(count):
        ton, position = _read_integer(frame, position)
        npi, position = _read_integer(frame, position)
        address, position = _read_string(frame, position, ADDRESS_LIMIT)
        if position + 4 > len(frame):
            raise ValueError("the body ends before an error_status_code")
        (status,) = _UINT32.unpack_from(frame, position)
        position += 4
        unsuccessful.append(UnsuccessSme(ton, npi, address, status))
    return tuple(unsuccessful), position


def _write_unsuccessful(value: tuple[UnsuccessSme, ...]) -> bytes:
    octets = [_write_integer(len(value))]
    for sme in value:
        if not 0 <= sme.error_status_code <= 0xFFFFFFFF:
            raise ValueError(f"error_status_code {sme.error_status_code} is not four octets")
        octets.append(_write_integer(sme.dest_addr_ton))
        octets.append(_write_integer(sme.dest_addr_npi))
        octets.append(_write_string(sme.destination_addr, ADDRESS_LIMIT))
        octets.append(_UINT32.pack(sme.error_status_code))
    return b"".join(octets)


def _integer(name: str, status: int = const.ESME_RINVPARLEN) -> Field:
    return Field(name, _read_integer, _write_integer, status)


def _string(name: str, status: int, limit: int = STRING_LIMIT) -> Field:
    return Field(
        name,
        lambda frame, position: _read_string(frame, position, limit),
        lambda value: _write_string(value, limit),
        status,
    )


# ---- the table

_SOURCE = (
    _integer("source_addr_ton", const.ESME_RINVSRCTON),
    _integer("source_addr_npi", const.ESME_RINVSRCNPI),
    _string("source_addr", const.ESME_RINVSRCADR, ADDRESS_LIMIT),
)
_DESTINATION = (
    _integer("dest_addr_ton", const.ESME_RINVDSTTON),
    _integer("dest_addr_npi", const.ESME_RINVDSTNPI),
    _string("destination_addr", const.ESME_RINVDSTADR, ADDRESS_LIMIT),
)
_SERVICE_TYPE = _string("service_type", const.ESME_RINVSERTYP)
_MESSAGE_ID = _string("message_id", const.ESME_RINVMSGID)
_ESM_CLASS = _integer("esm_class", const.ESME_RINVESMCLASS)
_REGISTERED_DELIVERY = _integer("registered_delivery", const.ESME_RINVREGDLVFLG)
_TIMES = (
    _string("schedule_delivery_time", const.ESME_RINVSCHED),
    _string("validity_period", const.ESME_RINVEXPIRY),
)
_DEFAULT_MESSAGE = _integer("sm_default_msg_id", const.ESME_RINVDFTMSGID)
_SHORT_MESSAGE = Field("short_message", _read_short_message, _write_short_message, const.ESME_RINVMSGLEN)
_MESSAGE = (
    _ESM_CLASS,
    _integer("protocol_id"),
    _integer("priority_flag", const.ESME_RINVPRTFLG),
    *_TIMES,
    _REGISTERED_DELIVERY,
    _integer("replace_if_present_flag", const.ESME_RINVREPFLAG),
    _integer("data_coding"),
    _DEFAULT_MESSAGE,
    _SHORT_MESSAGE,
)
_BIND = (
    _string("system_id", const.ESME_RINVSYSID),
    _string("password", const.ESME_RINVPASWD),
    _string("system_type", const.ESME_RINVSYSTYP),
    _integer("interface_version"),
    _integer("addr_ton"),
    _integer("addr_npi"),
    _string("address_range", const.ESME_RBINDFAIL),
)
_BIND_RESP = (_BIND[0],)

FIELDS: dict[type[Pdu], tuple[Field, ...]] = dict.fromkeys(PDU_CLASSES, ()) | {
    BindReceiver: _BIND,
    BindTransmitter: _BIND,
    BindTransceiver: _BIND,
    BindReceiverResp: _BIND_RESP,
    BindTransmitterResp: _BIND_RESP,
    BindTransceiverResp: _BIND_RESP,
    Outbind: _BIND[:2],
    SubmitSm: (_SERVICE_TYPE, *_SOURCE, *_DESTINATION, *_MESSAGE),
    SubmitSmResp: (_MESSAGE_ID,),
    DeliverSm: (_SERVICE_TYPE, *_SOURCE, *_DESTINATION, *_MESSAGE),
    DeliverSmResp: (_MESSAGE_ID,),
    DataSm: (_SERVICE_TYPE, *_SOURCE, *_DESTINATION, _ESM_CLASS, _REGISTERED_DELIVERY, _integer("data_coding")),
    DataSmResp: (_MESSAGE_ID,),
    SubmitMulti: (
        _SERVICE_TYPE,
        *_SOURCE,
        Field("dest_address", _read_destinations, _write_destinations, const.ESME_RINVNUMDESTS),
        *_MESSAGE,
    ),
    SubmitMultiResp: (
        _MESSAGE_ID,
        Field("unsuccess_sme", _read_unsuccessful, _write_unsuccessful, const.ESME_RINVNUMDESTS),
    ),
    QuerySm: (_MESSAGE_ID, *_SOURCE),
    QuerySmResp: (
        _MESSAGE_ID,
        _string("final_date", const.ESME_RINVPARLEN),
        _integer("message_state"),
        _integer("error_code"),
    ),
    CancelSm: (_SERVICE_TYPE, _MESSAGE_ID, *_SOURCE, *_DESTINATION),
    ReplaceSm: (_MESSAGE_ID, *_SOURCE, *_TIMES, _REGISTERED_DELIVERY, _DEFAULT_MESSAGE, _SHORT_MESSAGE),
    AlertNotification: (
        *_SOURCE,
        _integer("esme_addr_ton", const.ESME_RINVDSTTON),
        _integer("esme_addr_npi", const.ESME_RINVDSTNPI),
        _string("esme_addr", const.ESME_RINVDSTADR, ADDRESS_LIMIT),
    ),
}
"""The mandatory parameters of every PDU, in their order on the wire."""


# ---- bodies


def read_fields(pdu_class: type[Pdu], frame: bytes, command_id: int, sequence_number: int) -> tuple[list[Any], int]:
    """The mandatory parameters of `frame` in the order of the struct's fields, and the position behind them.

    Raises BodyError naming the first field that does not hold.
    """
    values: list[Any] = []
    position = const.HEADER_LENGTH
    for field in FIELDS[pdu_class]:
        try:
            value, position = field.read(frame, position)
        except ValueError as error:
            raise BodyError(
                f"{field.name}: {error}",
                command_status=field.status,
                command_id=command_id,
                sequence_number=sequence_number,
                field=field.name,
            ) from None
        values.append(value)
    return values, position


def read_tlvs(frame: bytes, position: int) -> tuple[tuple[Tlv, ...], bytes]:
    """The optional parameters from `position` on, and the octets behind the last whole one.

    A truncated parameter spoils neither those before it nor the PDU (SMPP 3.4 §3.3 asks to ignore what is not
    understood).
    """
    tlvs = []
    while position + 4 <= len(frame):
        tag, length = _TLV_HEADER.unpack_from(frame, position)
        end = position + 4 + length
        if end > len(frame):
            break
        tlvs.append(Tlv(tag, frame[position + 4 : end]))
        position = end
    return tuple(tlvs), frame[position:]


def write_fields(pdu: Pdu) -> bytes:
    """The mandatory parameters of `pdu` as octets. Raises LocalProtocolError naming a value that does not fit."""
    octets = []
    for field in FIELDS[type(pdu)]:
        try:
            octets.append(field.write(getattr(pdu, field.name)))
        except (ValueError, TypeError, AttributeError) as error:
            raise LocalProtocolError(f"{pdu.command_name}.{field.name}: {error}") from error
    return b"".join(octets)


def write_tlvs(pdu: Pdu) -> bytes:
    """The optional parameters of `pdu` and its trailing octets. Raises LocalProtocolError for one that does not fit."""
    octets = []
    for tlv in pdu.tlvs:
        try:
            octets.append(_TLV_HEADER.pack(tlv.tag, len(tlv.value)) + tlv.value)
        except (struct.error, TypeError) as error:
            raise LocalProtocolError(f"{pdu.command_name}, optional parameter {tlv!r}: {error}") from error
    octets.append(pdu.trailing)
    return b"".join(octets)
