"""``assent inspect pdu``: what a PDU says, from its hex, as a program sees it.

Owns: the shape of the record and of the answer. Does not own: any rule about PDUs (gateway.smpp).
"""

import binascii

import msgspec

from gateway.smpp import const
from gateway.smpp.codec import decode, encode
from gateway.smpp.errors import FramingError, PduError, UnknownCommand
from gateway.smpp.fields import FIELDS
from gateway.smpp.pdu import DistributionList, Request, Response, SmeAddress, UnsuccessSme

# A field that a count or a length stands before on the wire, and the name of that count.
_COUNTED = {"short_message": "sm_length", "dest_address": "number_of_dests", "unsuccess_sme": "no_unsuccess"}


def inspect(record: dict[str, object]) -> dict[str, object]:
    """One answer for one record ``{"hex"}``: the whole of one PDU, in hex digits of either case, blanks allowed.

    ``fatal`` in a refusal says whether a link that received this would have lost the beginning of the next PDU.
    """
    if "hex" not in record:
        return _wrong("request.invalid", "hex is missing", fatal=False)
    digits = record["hex"]
    if not isinstance(digits, str):
        return _wrong("request.invalid", "hex must be a string", fatal=False)
    try:
        frame = binascii.unhexlify("".join(digits.split()))
    except ValueError:
        return _wrong("request.invalid", "hex must be an even number of hexadecimal digits", fatal=False)
    try:
        pdu = decode(frame)
    except PduError as error:
        return _wrong(_code(error), error.detail, fatal=error.fatal)
    answer: dict[str, object] = {
        "ok": True,
        "command": pdu.command_name,
        "command_id": pdu.command_id,
        "command_status": pdu.command_status,
        "sequence_number": pdu.sequence_number,
        "fields": _fields(pdu),
        "tlvs": [
            {"tag": tlv.tag, "name": const.TLV_NAMES.get(tlv.tag), "value_hex": tlv.value.hex()} for tlv in pdu.tlvs
        ],
        "hex": encode(pdu).hex(),
    }
    if pdu.trailing:
        # Octets behind the last whole optional parameter, which a link takes note of and nothing else.
        answer["trailing_hex"] = pdu.trailing.hex()
    return answer


def _fields(pdu: Request | Response) -> dict[str, object]:
    fields: dict[str, object] = {}
    for field in FIELDS[type(pdu)]:
        value = getattr(pdu, field.name)
        if field.name in _COUNTED:
            fields[_COUNTED[field.name]] = len(value)
        fields[field.name] = _plain(value)
    return fields


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, SmeAddress):
        return {"dest_flag": const.DEST_FLAG_SME_ADDRESS, **msgspec.structs.asdict(value)}
    if isinstance(value, DistributionList):
        return {"dest_flag": const.DEST_FLAG_DISTRIBUTION_LIST, **msgspec.structs.asdict(value)}
    if isinstance(value, UnsuccessSme):
        return msgspec.structs.asdict(value)
    return value


def _code(error: PduError) -> str:
    if isinstance(error, FramingError):
        return "pdu.framing"
    if isinstance(error, UnknownCommand):
        return "pdu.unknown_command"
    return "pdu.body"


def _wrong(code: str, detail: str, *, fatal: bool) -> dict[str, object]:
    return {"ok": False, "error": code, "detail": detail, "fatal": fatal}
