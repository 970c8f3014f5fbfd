"""How a text goes out: in GSM 7-bit or UCS-2, in how many segments, and the octets of each.

Owns: the choice and the sizes. Does not own: where a text may be cut (cut), the reference that joins the segments (the
store counts it up for each sender and destination), or a client's limits (they come in as ``max_segments``).

A user part has 140 octets: room for 160 septets or 70 UTF-16 units (3GPP TS 23.040 §9.2.3.24.1). A header comes off
that, and the septets behind it begin at a septet boundary:

    header                     octets  septets  units
    none                         0      160      70
    8-bit reference              6      153      67
    16-bit reference             7      152      66
    one national table           4      155
    both national tables         7      152
    8-bit reference and one      9      149
    8-bit reference and both    12      146
    16-bit reference and one    10      148
    16-bit reference and both   13      145

The sizes are the same in each ``LongMode``: with SAR parameters or message_payload it is the carrier that writes the
header, and needs the room. Unless the carrier's alphabet is packed, each septet goes out in an octet of its own, so a
short_message has up to 160 octets.

``plan`` decides all but the reference, ``Plan.part`` writes the octets under one. So segments are counted, charged and
refused before anything is stored, and written when they are sent.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final, Literal

import msgspec

from gateway.text import gsm7, shift, udh
from gateway.text.alphabet import Alphabet
from gateway.text.cut import cut_septets, cut_units
from gateway.text.shift import Language

MAX_PARTS: Final = 255
"""What the one octet for the total can say (3GPP TS 23.040 §9.2.3.24.1)."""

ReferenceBits = Literal[8, 16]

_OCTETS: Final = 140
_SEPTETS: Final = 160
_CODECS: Final = {Alphabet.LATIN1: "latin-1", Alphabet.ASCII: "ascii"}


class Encoding(StrEnum):
    """What the text is written in."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"

    @property
    def data_coding(self) -> int:
        """SMPP 3.4 §5.2.19. GSM 7-bit goes as the carrier's default alphabet."""
        return 0x00 if self is Encoding.GSM7 else 0x08


class LongMode(StrEnum):
    """How the carrier learns which segments belong together. A text that fits into one goes alike in each mode."""

    UDH = "udh"
    """A header in each segment, and the UDHI bit in esm_class (SMPP 3.4 §5.2.12)."""

    SAR = "sar"
    """sar_msg_ref_num, sar_total_segments, sar_segment_seqnum (SMPP 3.4 §5.3.2.22 to §5.3.2.24) and no header."""

    PAYLOAD = "payload"
    """All of it in one message_payload (SMPP 3.4 §5.3.2.32); the carrier does the cutting, and charges for it."""


class TooLong(ValueError):
    """The text needs more segments than allowed; nothing is ever cut off."""

    def __init__(self, segments: int, limit: int, encoding: Encoding) -> None:
        super().__init__(f"the text needs {segments} segments and {limit} are allowed")
        self.segments = segments
        """How many it needs, or (of a text far too long) a number below that and above the limit."""
        self.limit = limit
        self.encoding = encoding


class Unencodable(ValueError):
    """The text holds a NUL or half a surrogate pair, which no encoding can carry, or what the carrier does not take."""

    def __init__(self, char: str, position: int) -> None:
        super().__init__(f"the character U+{ord(char):04X} at position {position} cannot be sent")
        self.char = char
        self.position = position


class Part(msgspec.Struct, frozen=True, gc=False):
    """What one submit_sm carries."""

    text: str
    payload: bytes
    """The octets of short_message, or of message_payload where ``in_message_payload``."""
    udhi: bool = False
    """The octets begin with a header."""
    sar: tuple[int, int, int] | None = None
    """Reference, total and sequence."""
    in_message_payload: bool = False


class Segmented(msgspec.Struct, frozen=True, gc=False):
    """A text ready to go."""

    encoding: Encoding
    units: int
    """Septets (two for a character of the extension table) or UTF-16 units of the whole text, without headers."""
    segments: int
    """What the handset gets and the carrier charges: as many as there are parts, but for ``LongMode.PAYLOAD``."""
    parts: tuple[Part, ...]
    forced_by: str | None
    """The first character that forced UCS-2: GSM 7-bit or the carrier's alphabet has it not."""


class Plan(msgspec.Struct, frozen=True, gc=False):
    """All of a text's segments but their reference; fields of the same name mean what they do in ``Segmented``."""

    encoding: Encoding
    units: int
    segments: int
    forced_by: str | None
    texts: tuple[str, ...]
    bodies: tuple[bytes, ...]
    """The octets of each text, without header."""
    elements: bytes = b""
    """Elements that every header has: the national tables."""
    mode: LongMode = LongMode.UDH
    reference_bits: ReferenceBits = 8

    def part(self, number: int, reference: int = 0) -> Part:
        """Part ``number``, from 1, under a reference that fits ``reference_bits``; one segment alone uses none."""
        text, body = self.texts[number - 1], self.bodies[number - 1]
        if self.segments == 1:
            return Part(text, udh.header(self.elements) + body, bool(self.elements))
        if not 0 <= reference < 1 << self.reference_bits:
            raise ValueError(f"reference {reference} does not fit into {self.reference_bits} bits")
        if self.mode is LongMode.PAYLOAD:
            return Part(text, body, in_message_payload=True)
        if self.mode is LongMode.SAR:
            return Part(text, body, sar=(reference, self.segments, number))
        concat = udh.concat_element(self.reference_bits, reference, self.segments, number)
        return Part(text, udh.header(concat + self.elements) + body, udhi=True)

    def parts(self, reference: int = 0) -> tuple[Part, ...]:
        """Every part, in order."""
        return tuple([self.part(number, reference) for number in range(1, len(self.texts) + 1)])


def segment(
    text: str,
    *,
    reference: int = 0,
    reference_bits: ReferenceBits = 8,
    max_segments: int = MAX_PARTS,
    mode: LongMode = LongMode.UDH,
    alphabet: Alphabet = Alphabet.GSM7,
    language: Language | None = None,
) -> Segmented:
    """``plan`` and its parts at once, for whoever has the reference already."""
    chosen = plan(
        text,
        reference_bits=reference_bits,
        max_segments=max_segments,
        mode=mode,
        alphabet=alphabet,
        language=language,
    )
    return Segmented(chosen.encoding, chosen.units, chosen.segments, chosen.parts(reference), chosen.forced_by)


def plan(
    text: str,
    *,
    reference_bits: ReferenceBits = 8,
    max_segments: int = MAX_PARTS,
    mode: LongMode = LongMode.UDH,
    alphabet: Alphabet = Alphabet.GSM7,
    language: Language | None = None,
    supplementary: bool = True,
) -> Plan:
    """Chooses the encoding and cuts the text. Raises TooLong and Unencodable.

    ``alphabet`` is the carrier's for data_coding 0. ``language`` permits its national tables, in a header and thus only
    with ``LongMode.UDH``; they are used where they save segments, since UCS-2 is what every handset can read. Without
    ``supplementary`` a character beyond U+FFFF is one that cannot be sent."""
    if language is not None and (mode is not LongMode.UDH or alphabet in _CODECS):
        raise ValueError("national tables need a header and a GSM alphabet")
    nul = text.find("\0")
    if nul >= 0:
        raise Unencodable("\0", nul)
    septets = gsm7.encode(text)
    if septets is not None and len(septets) <= _SEPTETS and alphabet is Alphabet.GSM7:
        return Plan(Encoding.GSM7, len(septets), 1, None, (text,), (septets,))
    max_segments = min(max_segments, MAX_PARTS)
    if len(text) > max_segments * _SEPTETS:  # no encoding has room for it, so no work goes into it
        encoding = Encoding.UCS2 if septets is None else Encoding.GSM7
        raise TooLong(-(-len(text) // _SEPTETS), max_segments, encoding)
    foreign = _first_foreign(text, septets, alphabet)
    if septets is not None and foreign is None:
        chosen = _plan_gsm7(text, septets, alphabet, mode, reference_bits)
    else:
        chosen = _plan_ucs2(text, foreign, mode, reference_bits)
        if not supplementary and chosen.units > len(text):
            position = next(at for at, char in enumerate(text) if char > "\uffff")
            raise Unencodable(text[position], position)
        if language is not None and chosen.segments > 1:
            national = _plans_national(text, language, alphabet, reference_bits)
            chosen = min([chosen, *national], key=_cost)
    if chosen.segments > max_segments:
        raise TooLong(chosen.segments, max_segments, chosen.encoding)
    return chosen


def _first_foreign(text: str, septets: bytes | None, alphabet: Alphabet) -> str | None:
    """The first character that GSM 7-bit or the carrier's alphabet has not."""
    at = gsm7.DEFAULT.first_unencodable(text) if septets is None else None
    if alphabet in _CODECS:
        try:
            text[:at].encode(_CODECS[alphabet])
        except UnicodeEncodeError as error:
            at = error.start
    return None if at is None else text[at]


def _plan_gsm7(
    text: str,
    septets: bytes,
    alphabet: Alphabet,
    mode: LongMode,
    reference_bits: ReferenceBits,
    elements: bytes = b"",
) -> Plan:
    header = len(udh.header(elements))
    pieces = [septets]
    if len(septets) > _room(header):
        header = len(udh.header(udh.concat_element(reference_bits, 0, 0, 0) + elements))
        pieces = cut_septets(septets, _room(header))
    segments = len(pieces)
    if mode is LongMode.PAYLOAD:
        pieces = [septets]
    fill = gsm7.fill_bits(header) if mode is LongMode.UDH else 0
    texts: list[str] = []
    bodies: list[bytes] = []
    at = 0
    for piece in pieces:
        end = at + len(piece) - piece.count(gsm7.ESC)
        texts.append(text[at:end])
        bodies.append(_octets(texts[-1], piece, alphabet, fill))
        at = end
    return Plan(
        Encoding.GSM7, len(septets), segments, None, tuple(texts), tuple(bodies), elements, mode, reference_bits
    )


def _octets(text: str, septets: bytes, alphabet: Alphabet, fill: int) -> bytes:
    """A text in the carrier's default alphabet."""
    if alphabet is Alphabet.GSM7:
        return septets
    if alphabet is Alphabet.GSM7_PACKED:
        return gsm7.pack(septets, fill)
    return text.encode(_CODECS[alphabet])


def _plans_national(text: str, language: Language, alphabet: Alphabet, reference_bits: ReferenceBits) -> Iterator[Plan]:
    """The text with either table of a language, and with both."""
    for locking, single in ((0, language), (language, 0), (language, language)):
        septets = shift.tables(locking, single).encode(text) if shift.is_known(locking, single) else None
        if septets is not None:
            elements = udh.shift_elements(locking, single)
            yield _plan_gsm7(text, septets, alphabet, LongMode.UDH, reference_bits, elements)


def _cost(candidate: Plan) -> tuple[int, int]:
    """Fewest segments, then fewest tables that the handset must know."""
    return candidate.segments, len(candidate.elements)


def _plan_ucs2(text: str, foreign: str | None, mode: LongMode, reference_bits: ReferenceBits) -> Plan:
    try:
        whole = text.encode("utf-16-be")  # without a byte order mark, which handsets show
    except UnicodeEncodeError as error:
        raise Unencodable(text[error.start], error.start) from None
    units = len(whole) // 2
    texts, bodies, segments = [text], [whole], 1
    if len(whole) > _OCTETS:
        header = len(udh.header(udh.concat_element(reference_bits, 0, 0, 0)))
        pieces = cut_units(text, (_OCTETS - header) // 2)
        segments = len(pieces)
        if mode is not LongMode.PAYLOAD:
            texts, bodies = pieces, [piece.encode("utf-16-be") for piece in pieces]
    return Plan(Encoding.UCS2, units, segments, foreign, tuple(texts), tuple(bodies), b"", mode, reference_bits)


def _room(header: int) -> int:
    """How many septets there is room for behind a header of so many octets."""
    return (_OCTETS - header) * 8 // 7
