"""``assent inspect receipt``: what a delivery receipt says, as a program sees it.

Owns: the shape of the record and of the answer. Does not own: any rule about receipts (gateway.smpp).
"""

import binascii
import string

from gateway.smpp import const
from gateway.smpp.receipt import combine, decoded, state_of

_ID_OCTETS = frozenset((string.ascii_letters + string.digits + "-_./+").encode())
_HIGHEST_ID = 10**64


class _Wrong(Exception):
    """A field of the record that cannot be read, and why."""


def inspect(record: dict[str, object]) -> dict[str, object]:
    """One answer for one record ``{"text"?, "tlvs"?: {name: value}}``: what is said, unchanged, null where it is not.

    Parameters are named as in the specification; those that say nothing about a receipt are passed over. A value may be
    written as text, as a number, or as the hex of its octets (as ``assent inspect pdu`` shows it).
    """
    text = record.get("text")
    tlvs = record.get("tlvs")
    try:
        if text is not None and not isinstance(text, str):
            raise _Wrong("text must be a string")
        if tlvs is None:
            tlvs = {}
        if not isinstance(tlvs, dict):
            raise _Wrong("tlvs must be an object of names and values")
        message_id = _message_id(tlvs.get("receipted_message_id"))
        state = _message_state(tlvs.get("message_state"))
        error = _network_error_code(tlvs.get("network_error_code"))
        text = text or _message_payload(tlvs.get("message_payload"))
    except _Wrong as wrong:
        return {"ok": False, "error": "request.invalid", "detail": str(wrong)}
    receipt = combine(text, message_id, state, error)
    return {
        "smsc_message_id": receipt.smsc_message_id,
        "stat": receipt.stat,
        "err": receipt.err,
        "sub": receipt.sub,
        "dlvrd": receipt.dlvrd,
        "submit_date": receipt.submit_date,
        "done_date": receipt.done_date,
        "text": receipt.text,
    }


def _octets(value: str) -> bytes | None:
    """The octets that `value` is the hex of, or None if it is none."""
    try:
        return binascii.unhexlify(value.removeprefix("0x"))
    except ValueError:
        return None


def _message_id(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _HIGHEST_ID:
        return str(value)
    if not isinstance(value, str):
        raise _Wrong("receipted_message_id must be a string or a whole number")
    octets = _octets(value)
    # An id may itself look like hex. It is the hex of one only with its closing NUL, and letters of an id before it.
    if octets and octets[-1] == 0 and len(octets) > 1 and _ID_OCTETS.issuperset(octets[:-1]):
        return octets[:-1].decode("ascii")
    return value.rstrip("\0")


def _message_state(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        if 0 <= value <= 0xFF:
            return value
    elif isinstance(value, str):
        named = state_of(value)
        if named is not None:
            return named
        octets = _octets(value if len(value) > 1 else f"0{value}")
        if octets is not None and len(octets) == 1:
            return octets[0]
    raise _Wrong("message_state must be a number from 0 to 255, its hex, or the name of a state")


def _network_error_code(value: object) -> tuple[int, int] | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        # A number may be the code alone, or all three octets.
        if 0 <= value <= 0xFFFFFF:
            return value >> 16, value & 0xFFFF
    elif isinstance(value, str):
        octets = _octets(value)
        if octets is not None and len(octets) == 3:
            return octets[0], int.from_bytes(octets[1:])
        if len(value) <= 5 and value.isascii() and value.isdecimal() and int(value) <= 0xFFFF:
            return 0, int(value)
    raise _Wrong("network_error_code must be three octets in hex, or a whole number")


def _message_payload(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise _Wrong("message_payload must be a string")
    octets = _octets(value)
    return value if octets is None else decoded(octets, const.DATA_CODING_DEFAULT)
