"""The GSM 7-bit alphabet: text to septets and back, and septets packed into octets.

Owns: the default tables, and what can be done with any tables. Does not own: the national ones (shift), the cutting of
a text (segment), or which alphabet a carrier means (alphabet).

A septet here is one byte below 0x80. A character of the extension table is a pair of them, ESC and a code.
"""

import re
from codecs import charmap_build, charmap_decode, charmap_encode
from collections.abc import Mapping
from typing import Final

ESC: Final = 0x1B
CR: Final = 0x0D
LF: Final = 0x0A

# 3GPP TS 23.038 §6.2.1. The slot of ESC holds a space: what a receiver shows for an escape it does not know.
BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)

# 3GPP TS 23.038 §6.2.1.1.
EXTENSION: Final[dict[int, str]] = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}

_UNDEFINED = "\ufffe"  # what charmap_build reads as "no character here"
_INVALID = 0x80 | ESC  # ESC ESC names no character in any table, so its folded form is free to mean "not a septet"
_IN_FOLDED = re.compile(rb"[\x80-\xff]")
_TO_FOLD = re.compile(rb"\x1b[\x00-\x7f]?|[\x80-\xff]")

# CPython's quick encoding map wants U+0000 in slot 0, where GSM has "@" (otherwise it falls back to a dict, six times
# slower). So the map has "@" in the slot of ESC, which no character owns, and this table puts it back; a NUL, which GSM
# has not, comes out as invalid.
_UNSWAP = bytes.maketrans(bytes((ESC, 0x00)), bytes((0x00, _INVALID)))


class Tables:
    """A basic and an extension table. Inside, an escape pair is folded to one byte, 0x80 | code, so that one character
    map in C does the work in either direction."""

    def __init__(self, basic: str, extension: Mapping[int, str]) -> None:
        own = set(basic[:ESC] + basic[ESC + 1 :])
        codes = ["\0", *basic[1:ESC], basic[0], *basic[ESC + 1 :]]
        # A character that both tables have goes out as one septet.
        codes += [_UNDEFINED if (char := extension.get(code, _UNDEFINED)) in own else char for code in range(0x80)]
        self._encoding = charmap_build("".join(codes))
        # A pair that the extension table does not define shows the basic character (3GPP TS 23.038 §6.2.1.1).
        shown = [extension.get(code, basic[code]) for code in range(0x80)]
        shown[ESC] = "\ufffd"
        self._decoding = basic + "".join(shown)
        self.characters = frozenset(own) | frozenset(extension.values())

    def encode(self, text: str) -> bytes | None:
        """The septets of a text, one a byte; None if any of its characters is in neither table."""
        try:
            folded = charmap_encode(text, "strict", self._encoding)[0].translate(_UNSWAP)
        except UnicodeEncodeError:
            return None
        if folded.isascii():
            return folded
        if _INVALID in folded:
            return None
        return _IN_FOLDED.sub(_unfold, folded)

    def first_unencodable(self, text: str) -> int | None:
        """The index of the first character that is in neither table."""
        try:
            charmap_encode(text, "strict", self._encoding)
        except UnicodeEncodeError as error:
            nul = text.find("\0", 0, error.start)
            return error.start if nul < 0 else nul
        nul = text.find("\0")
        return None if nul < 0 else nul

    def decode(self, septets: bytes) -> str:
        """The text of septets, one a byte. Never fails: an unknown pair shows its basic character, ESC ESC and an ESC
        at the end show a space (3GPP TS 23.038 §6.2.1), a byte above 0x7F shows U+FFFD."""
        if ESC in septets or not septets.isascii():
            septets = _TO_FOLD.sub(_fold, septets)
        return charmap_decode(septets, "strict", self._decoding)[0]


def _unfold(match: re.Match[bytes]) -> bytes:
    return bytes((ESC, match[0][0] & 0x7F))


def _fold(match: re.Match[bytes]) -> bytes:
    found = match[0]
    if found[0] != ESC:
        return bytes((_INVALID,))
    if len(found) == 1 or found[1] == ESC:
        return bytes((ESC,))
    return bytes((found[1] | 0x80,))


DEFAULT: Final = Tables(BASIC, EXTENSION)
encode: Final = DEFAULT.encode
decode: Final = DEFAULT.decode


def fill_bits(header_octets: int) -> int:
    """The bits from the end of a header to the next septet boundary (3GPP TS 23.040 §9.2.3.24)."""
    return -8 * header_octets % 7


def pack(septets: bytes, fill: int = 0) -> bytes:
    """Septets packed eight into seven octets, the first behind ``fill`` zero bits (3GPP TS 23.038 §6.1.2.1).

    Seven spare bits at the end are filled with a CR: zeros would read as one more "@" (§6.1.2.3.1)."""
    if (7 * len(septets) + fill) % 8 == 1:
        septets += bytes((CR,))
    packed = bytearray()
    for at in range(0, len(septets), 8):
        group = 0
        for septet in reversed(septets[at : at + 8]):
            group = group << 7 | septet
        packed += group.to_bytes(7, "little")
    length = (7 * len(septets) + fill + 7) // 8
    return (int.from_bytes(packed, "little") << fill).to_bytes(length + 1, "little")[:length]


def unpack(octets: bytes, fill: int = 0, *, whole: bool = False) -> bytes:
    """The septets packed in these octets behind ``fill`` bits, one a byte.

    SMPP counts octets, not septets. So where the last septet may as well be padding (it fills the last octet to its
    end and is zero or CR) it is taken for padding, unless the octets are known to be ``whole``: all septets that fit."""
    count = max(0, (8 * len(octets) - fill) // 7)
    if fill:
        octets = (int.from_bytes(octets, "little") >> fill).to_bytes(len(octets), "little")
    septets = bytearray()
    for at in range(0, len(octets), 7):
        group = int.from_bytes(octets[at : at + 7], "little")
        septets += bytes(group >> shift & 0x7F for shift in range(0, 56, 7))
    if not whole and count and 7 * count + fill == 8 * len(octets) and septets[count - 1] in (0x00, CR):
        count -= 1
    return bytes(septets[:count])
