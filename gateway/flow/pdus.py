"""A claimed segment as the submit_sm that this carrier wants.

Owns: what of the carrier's profile and of the text goes into which field. Does not own: octets (text, smpp) or the profile's
values (config).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, TypedDict
from zlib import crc32

from gateway.config import CarrierConfig, TonNpi
from gateway.model.address import SenderKind, sender_kind
from gateway.model.message import Claimed
from gateway.smpp import const
from gateway.smpp.pdu import SubmitSm, Tlv
from gateway.text.alphabet import Alphabet
from gateway.text.segment import LongMode, Part, Plan, ReferenceBits, TooLong, plan
from gateway.text.shift import Language

_ESM_UDHI = 0x40


def plan_for(text: str, carrier: CarrierConfig) -> Plan:
    """How a text is cut for a carrier. Raises Unencodable, TooLong (more than 255 segments)."""
    return plan(text, **_manner(carrier))


# The segments of one long text are claimed one behind the other: cut it once.
_plan_again = lru_cache(maxsize=256)(plan)


class Manner(TypedDict):
    """How a carrier wants its texts cut and written."""

    mode: LongMode
    reference_bits: ReferenceBits
    alphabet: Alphabet
    language: Language | None
    supplementary: bool


_LONG: Final[Mapping[str, tuple[LongMode, ReferenceBits]]] = {
    "udh8": (LongMode.UDH, 8),
    "udh16": (LongMode.UDH, 16),
    "sar": (LongMode.SAR, 16),
    "payload": (LongMode.PAYLOAD, 16),
}


def _manner(carrier: CarrierConfig) -> Manner:
    return _read_manner(carrier.long_messages, carrier.alphabet, carrier.national_language, carrier.supplementary)


@lru_cache(maxsize=256)
def _read_manner(long_messages: str, alphabet: str, language: str | None, supplementary: str) -> Manner:
    mode, bits = _LONG[long_messages]
    return Manner(
        mode=mode,
        reference_bits=bits,
        alphabet=Alphabet(alphabet),
        language=Language[language.upper()] if language is not None else None,
        supplementary=supplementary == "send",
    )


def submit_sm(segment: Claimed, carrier: CarrierConfig, now: int) -> SubmitSm:
    """The PDU for a segment. ``now``: milliseconds since the epoch, for what is left of its validity.

    Raises Unencodable or TooLong where the carrier's profile has changed since the text was accepted: in more segments than
    it was promised in, or in fewer, it would lose its end or never be whole.
    """
    manner = _manner(carrier)
    cut = plan(segment.text, **manner) if segment.total == 1 else _plan_again(segment.text, **manner)
    if len(cut.texts) != segment.total:
        raise TooLong(len(cut.texts), segment.total, cut.encoding)
    bits = manner["reference_bits"]
    part = cut.part(segment.n, segment.concat & ((1 << bits) - 1))
    source, source_addr = source_of(segment.sender, carrier)
    tlvs = _tlvs(part)
    if carrier.user_message_reference:
        reference = user_message_reference(segment.message_id, segment.n)
        tlvs += (Tlv(const.TLV_USER_MESSAGE_REFERENCE, reference.to_bytes(2, "big")),)
    return SubmitSm(
        service_type=carrier.service_type,
        source_addr_ton=source.ton,
        source_addr_npi=source.npi,
        source_addr=source_addr,
        dest_addr_ton=carrier.destination.ton,
        dest_addr_npi=carrier.destination.npi,
        destination_addr=segment.number.removeprefix("+"),
        esm_class=_ESM_UDHI if part.udhi else 0,
        validity_period=_validity(segment, carrier, now),
        registered_delivery=carrier.registered_delivery,
        data_coding=cut.encoding.data_coding,
        short_message=b"" if part.in_message_payload else part.payload,
        tlvs=tlvs,
    )


def source_of(sender: str, carrier: CarrierConfig) -> tuple[TonNpi, str]:
    """TON, NPI and source_addr of a sender: a number without its plus sign (SMPP 3.4 §5.2.5 to §5.2.8)."""
    match sender_kind(sender):
        case SenderKind.E164:
            return carrier.source.e164, sender.removeprefix("+")
        case SenderKind.SHORT_CODE:
            return carrier.source.short_code, sender
        case SenderKind.ALPHANUMERIC:
            return carrier.source.alphanumeric, sender


def user_message_reference(message_id: int, n: int) -> int:
    """What a segment is called in user_message_reference (SMPP 3.4 §5.3.2.17): two octets, by which few texts to one number
    are told apart."""
    return crc32(f"{message_id}.{n}".encode()) & 0xFFFF


def _tlvs(part: Part) -> tuple[Tlv, ...]:
    if part.sar is not None:
        reference, total, number = part.sar
        return (
            Tlv(const.TLV_SAR_MSG_REF_NUM, reference.to_bytes(2, "big")),
            Tlv(const.TLV_SAR_TOTAL_SEGMENTS, bytes([total])),
            Tlv(const.TLV_SAR_SEGMENT_SEQNUM, bytes([number])),
        )
    if part.in_message_payload:
        return (Tlv(const.TLV_MESSAGE_PAYLOAD, part.payload),)
    return ()


def _validity(segment: Claimed, carrier: CarrierConfig, now: int) -> str:
    # What the carrier keeps in its own queue must not come out in the night either.
    match carrier.validity:
        case "relative":
            return validity_period(segment.ends_at - now)
        case "absolute":
            return f"{datetime.fromtimestamp(segment.ends_at // 1000, UTC):%y%m%d%H%M%S}000+"
        case "none":
            return ""


def validity_period(milliseconds: int) -> str:
    """A relative validity (SMPP 3.4 §7.1.1): what is left, in whole seconds, at least one, at most 14 days."""
    return _spell_validity(min(max(milliseconds // 1000, 1), 14 * 86400))


@lru_cache(maxsize=1024)
def _spell_validity(seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"0000{days:02d}{hours:02d}{minutes:02d}{seconds:02d}000R"
