"""Texts from consumers: from a text to the `deliver_sm` that carry it.

It owns encoding and cutting in this direction. It cuts blindly, as handsets do: an escape or surrogate pair may lie across
two parts.
"""

from typing import Annotated, Final, TypeAlias

from msgspec import Meta, Struct

from gateway.smpp import const
from gateway.smpp.pdu import DeliverSm, Tlv
from gateway.text import gsm7, udh
from gateway.text.alphabet import Alphabet
from tools.simulator.scenario import LongForm, Mo, MoEncoding

_DATA_CODINGS: Final[dict[str, int]] = {
    "gsm7": const.DATA_CODING_DEFAULT,
    "ascii": const.DATA_CODING_IA5,
    "latin1": const.DATA_CODING_LATIN1,
    "ucs2": const.DATA_CODING_UCS2,
}
# What one part holds (3GPP TS 23.040 §9.2.3.24).
_OCTETS: Final = 140
_SEPTETS: Final = 160


Address: TypeAlias = tuple[int, int, str]
"""TON, NPI and the digits or letters."""


class Nobody(Exception):
    """There is no one to whom a text could go."""


class Unwritable(Exception):
    """The text cannot be written in the encoding asked for, or cannot be cut into so many parts."""


Octet = Annotated[int, Meta(ge=0, le=255)]


class RawDelivery(Struct, frozen=True, forbid_unknown_fields=True):
    """A `deliver_sm` field by field, under the specification's names; octets are hex."""

    source_addr: str
    destination_addr: str
    short_message: str = ""
    esm_class: Octet = 0
    data_coding: Octet = 0
    source_addr_ton: Octet = const.TON_INTERNATIONAL
    source_addr_npi: Octet = const.NPI_ISDN
    dest_addr_ton: Octet = const.TON_INTERNATIONAL
    dest_addr_npi: Octet = const.NPI_ISDN
    service_type: str = ""
    tlvs: tuple[tuple[Annotated[int, Meta(ge=0, le=0xFFFF)], str], ...] = ()
    """Tag and value, in this order, repeated where wanted."""
    trailing: str = ""
    """Octets behind the last TLV: a truncated one, or rubbish."""
    account: str = ""
    """The `system_id` that gets it; empty means the account that bound last."""

    def __post_init__(self) -> None:
        for octets in (self.short_message, self.trailing, *(value for _, value in self.tlvs)):
            bytes.fromhex(octets)

    def pdu(self) -> DeliverSm:
        """The PDU."""
        return DeliverSm(
            source_addr=self.source_addr,
            destination_addr=self.destination_addr,
            short_message=bytes.fromhex(self.short_message),
            esm_class=self.esm_class,
            data_coding=self.data_coding,
            source_addr_ton=self.source_addr_ton,
            source_addr_npi=self.source_addr_npi,
            dest_addr_ton=self.dest_addr_ton,
            dest_addr_npi=self.dest_addr_npi,
            service_type=self.service_type,
            tlvs=tuple(Tlv(tag, bytes.fromhex(value)) for tag, value in self.tlvs),
            trailing=bytes.fromhex(self.trailing),
        )


def address(number: str, *, plus: bool) -> Address:
    """TON, NPI and address as a carrier writes a number or a name (SMPP 3.4 §5.2.5, §5.2.6)."""
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return const.TON_ALPHANUMERIC, const.NPI_UNKNOWN, number
    if len(digits) <= 6 and digits == number:
        return const.TON_NETWORK_SPECIFIC, const.NPI_UNKNOWN, digits
    return const.TON_INTERNATIONAL, const.NPI_ISDN, f"+{digits}" if plus else digits


def originate(mo: Mo, source: Address, destination: Address, reference: int, default: Alphabet) -> list[DeliverSm]:
    """The parts of a consumer's text, in the order to send. Raises Unwritable."""
    body, data_coding, capacity = _encoded(mo, default)
    packed = default is Alphabet.GSM7_PACKED and data_coding == const.DATA_CODING_DEFAULT
    parts = _parts(body, capacity, mo.long, reference, packed=packed)
    if any(number > len(parts) for number in mo.parts):
        raise Unwritable(f"the text has {len(parts)} parts; `parts` asks for number {max(mo.parts)}")
    source_ton, source_npi, source_addr = source
    dest_ton, dest_npi, destination_addr = destination
    return [
        DeliverSm(
            source_addr_ton=source_ton,
            source_addr_npi=source_npi,
            source_addr=source_addr,
            dest_addr_ton=dest_ton,
            dest_addr_npi=dest_npi,
            destination_addr=destination_addr,
            esm_class=esm_class,
            data_coding=data_coding if mo.data_coding is None else mo.data_coding,
            short_message=octets,
            tlvs=tlvs,
        )
        for octets, esm_class, tlvs in ([parts[number - 1] for number in mo.parts] if mo.parts else parts)
    ]


def _encoded(mo: Mo, default: Alphabet) -> tuple[bytes, int, int]:
    """The text in septets or octets, its `data_coding`, and how many of them one part holds."""
    encoding: MoEncoding = mo.encoding
    if encoding == "auto":
        body = _in_default(mo.text, default)
        if body is not None:
            # Whatever the link carries, the handset sent 160 septets.
            return body, const.DATA_CODING_DEFAULT, _SEPTETS
        encoding = "ucs2"
    if encoding == "gsm7":
        septets = gsm7.encode(mo.text)
        if septets is None:
            raise Unwritable(f"gsm7 has no {mo.text[gsm7.DEFAULT.first_unencodable(mo.text) or 0]!a}")
        return septets, const.DATA_CODING_DEFAULT, _SEPTETS
    try:
        body = mo.text.encode("utf-16-be" if encoding == "ucs2" else encoding)
    except UnicodeEncodeError as error:
        raise Unwritable(f"{encoding} has no {mo.text[error.start]!a}") from error
    return body, _DATA_CODINGS[encoding], _OCTETS


def _in_default(text: str, alphabet: Alphabet) -> bytes | None:
    if alphabet in (Alphabet.GSM7, Alphabet.GSM7_PACKED):
        return gsm7.encode(text)
    try:
        return text.encode(alphabet.value)
    except UnicodeEncodeError:
        return None


def _parts(
    body: bytes, capacity: int, long: LongForm, reference: int, *, packed: bool
) -> list[tuple[bytes, int, tuple[Tlv, ...]]]:
    """`short_message`, `esm_class` and TLVs of each part."""
    if long == "payload":
        return [(b"", 0, (Tlv(const.TLV_MESSAGE_PAYLOAD, gsm7.pack(body) if packed else body),))]
    if len(body) <= capacity:
        return [(gsm7.pack(body) if packed else body, 0, ())]
    # A header of 6 or 7 octets costs 7 or 8 septets; with octets, both sizes stay even for UCS-2.
    size = {"udh8": (153, 134), "udh16": (152, 132), "sar": (153, 134)}[long][capacity == _OCTETS]
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    total = len(pieces)
    if total > 255:
        raise Unwritable(f"the text needs {total} parts; 255 can be counted")
    if long == "sar":
        return [
            (
                gsm7.pack(piece) if packed else piece,
                0,
                (
                    Tlv(const.TLV_SAR_MSG_REF_NUM, (reference & 0xFFFF).to_bytes(2, "big")),
                    Tlv(const.TLV_SAR_TOTAL_SEGMENTS, bytes((total,))),
                    Tlv(const.TLV_SAR_SEGMENT_SEQNUM, bytes((number,))),
                ),
            )
            for number, piece in enumerate(pieces, 1)
        ]
    bits = 8 if long == "udh8" else 16
    parts: list[tuple[bytes, int, tuple[Tlv, ...]]] = []
    for number, piece in enumerate(pieces, 1):
        header = udh.header(udh.concat_element(bits, reference & (1 << bits) - 1, total, number))
        octets = gsm7.pack(piece, gsm7.fill_bits(len(header))) if packed else piece
        parts.append((header + octets, const.ESM_CLASS_UDHI, ()))
    return parts
