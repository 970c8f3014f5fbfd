"""The reading of what a consumer sent: octets and a data_coding to text.

Owns: what each data_coding means. Does not own: headers (udh) or the joining of parts (reassembly). What comes here has
no header any more, and where parts belong together it is all of them: a character may lie across a cut.
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Final

import msgspec

from gateway.text import gsm7, shift
from gateway.text.alphabet import Alphabet


class Charset(Enum):
    """How the octets of a data_coding are written. The value is Python's codec where one does the work."""

    DEFAULT = "the carrier's default alphabet"
    BINARY = "binary"
    UNKNOWN = "unknown"
    UCS2 = "utf-16-be"
    ASCII = "ascii"
    LATIN1 = "latin-1"
    CYRILLIC = "iso8859-5"
    HEBREW = "iso8859-8"
    JAPANESE = "iso2022_jp"
    KOREAN = "euc_kr"


class Decoded(msgspec.Struct, frozen=True, gc=False):
    """A text as far as it could be read."""

    text: str
    lossy: bool = False
    """Something is missing or a guess; U+FFFD stands where it would be, if there is such a place."""
    binary: bool = False
    """The sender declared octets, not text. ``text`` is the words that they are all the same, else empty."""


# SMPP 3.4 §5.2.19. The values up to 0x0F are SMPP's own and hide those of 3GPP TS 23.038.
_SMPP: Final[Mapping[int, Charset]] = {
    0x00: Charset.DEFAULT,
    0x01: Charset.ASCII,
    0x02: Charset.BINARY,
    0x03: Charset.LATIN1,
    0x04: Charset.BINARY,
    0x06: Charset.CYRILLIC,
    0x07: Charset.HEBREW,
    0x08: Charset.UCS2,
    0x0A: Charset.JAPANESE,
    0x0E: Charset.KOREAN,
}


_CONTROL: Final = re.compile("[\x01-\x08\x0b\x0e-\x1f]")
"""What nobody types."""
_UNREADABLE: Final = re.compile("[\0\x7f\ufffd]|" + _CONTROL.pattern)
_SEPTETS: Final = re.compile(rb"[\x01-\x08\x0b\x0e-\x1f]")
"""The same in octets: where all others are of seven bits too they are septets, whose "$" and "£" are among these."""


def charset(data_coding: int) -> Charset:
    """The charset of a data_coding, 0 to 255: SMPP's own values, then the groups of 3GPP TS 23.038 §4."""
    if data_coding < 0x10:
        return _SMPP.get(data_coding, Charset.UNKNOWN)
    group = data_coding >> 4
    if group < 0x8:  # general group, kept or deleted by the handset: bit 5 compressed, bits 3 and 2 the alphabet
        if data_coding & 0x20:
            return Charset.BINARY
        return (Charset.DEFAULT, Charset.BINARY, Charset.UCS2, Charset.UNKNOWN)[data_coding >> 2 & 0x3]
    if group == 0xE:  # message waiting, UCS-2
        return Charset.UCS2
    if group == 0xF and data_coding & 0x04:  # message class, 8-bit
        return Charset.BINARY
    return Charset.DEFAULT  # message class, message waiting, and the reserved groups (§4: read as the default alphabet)


def is_unpacked(octets: bytes) -> bool:
    """Whether octets that are said to be packed septets are words as they stand. Of packed words of four letters and more the
    eighth, or the padding behind the last, is in no octet that is a letter; and hardly ever are eight octets of packed words
    all of seven bits, with a word among them, or fewer a word between figures and marks."""
    plain = octets.rstrip(b"\r\n\0")
    return _NARROW.fullmatch(plain) is not None or _PLAIN.fullmatch(plain) is not None


def decode(
    octets: bytes, data_coding: int, alphabet: Alphabet = Alphabet.GSM7, *, locking: int = 0, single: int = 0
) -> Decoded:
    """The text of a body. Never fails: what cannot be read is shown as U+FFFD and reported as lossy.

    ``alphabet`` is the carrier's for data_coding 0; ``locking`` and ``single`` are the header's national tables."""
    kind = charset(data_coding)
    if kind is not Charset.UCS2 and kind is not Charset.BINARY and _WIDE.match(octets):
        return Decoded(octets.decode("utf-16-be"), lossy=True)
    if kind is Charset.DEFAULT:
        return _decode_default(octets, alphabet, locking, single)
    if kind is Charset.UCS2:
        return _decode_ucs2(octets)
    if kind is Charset.BINARY:
        text = _words(octets)
        return Decoded(text, lossy=not text or not text.isascii(), binary=True)
    if kind is Charset.UNKNOWN:
        return Decoded(_guess(octets), lossy=True)
    if kind is Charset.ASCII:
        return _decode_ascii(octets)
    if kind is Charset.LATIN1:
        return _decode_latin1(octets)
    return _decode_codec(octets, kind.value)


def _decode_default(octets: bytes, alphabet: Alphabet, locking: int, single: int) -> Decoded:
    if alphabet is Alphabet.LATIN1:
        return Decoded(_guess(octets), lossy=True) if _SEPTETS.search(octets) else _decode_latin1(octets)
    if alphabet is Alphabet.ASCII:
        return _decode_ascii(octets)
    if alphabet is Alphabet.GSM7_PACKED:
        if is_unpacked(octets):
            return Decoded(octets.decode("ascii"), lossy=True)
        octets = gsm7.unpack(octets)
    elif not octets.isascii():
        return Decoded(_guess(octets), lossy=True)
    return Decoded(shift.tables(locking, single).decode(octets), not shift.is_known(locking, single))


def _decode_latin1(octets: bytes) -> Decoded:
    if _SEPTETS.search(octets) and octets.isascii():
        return Decoded(_guess(octets), lossy=True)
    if not octets.isascii() and _UTF8.fullmatch(octets) and (text := _utf8(octets)) is not None:
        return Decoded(text, lossy=True)
    # What is a control character there is a curly quote or a dash to whoever sends it: Windows-1252.
    return _decode_codec(octets, "cp1252" if _C1.search(octets) else "latin-1")


def _decode_ascii(octets: bytes) -> Decoded:
    return Decoded(_guess(octets), lossy=not octets.isascii() or _SEPTETS.search(octets) is not None)


_C1: Final = re.compile(rb"[\x80-\x9f]")
_UTF8: Final = re.compile(rb"(?:[\0-\x7f]|[\xc2\xc3][\x80-\xbf]|\xe2[\x80-\xbf]{2}|\xf0[\x80-\xbf]{3})*")
"""Western European, punctuation and pictograms in UTF-8: in Latin-1 they are Â, Ã, â and ð with signs behind each, which
nobody types, and which no handset writes in GSM 7-bit."""
_WIDE: Final = re.compile(rb"(?=(?:\0[\t\n\r -~\xa0-\xff])+(?:\0\0)*\Z)(?:..)*?\0[A-Za-z]\0[A-Za-z .,!?']", re.DOTALL)
_WIDE_SWAPPED: Final = re.compile(
    rb"(?=(?:[\t\n\r -~\xa0-\xff]\0)+(?:\0\0)*\Z)(?:..)*?[A-Za-z]\0[A-Za-z .,!?']\0", re.DOTALL
)
"""Words in UCS-2, and with its octets the other way round: Latin-1 from end to end, and a letter with another behind it."""
_NARROW: Final = re.compile(rb"(?=.{4})(?:[A-Z]+|[A-Z]?[a-z]+)(?:[ .,!?']+(?:[A-Z]+|[A-Z]?[a-z]+))*[ .,!?]*")
"""Words in octets. Two ideographs look so once in a thousand."""
_WORD: Final = rb"(?:[A-Z]{3,}|[A-Z]?[a-z]{2,})"
_PLAIN: Final = re.compile(
    rb"(?=.*(?<![A-Za-z])" + _WORD + rb"(?![A-Za-z]))[\t\n\r -~]{8,}|(?=.{5})[ -@]{0,2}" + _WORD + rb"[ -@]{0,3}",
    re.DOTALL,
)
"""The same with figures and marks in them."""


# Where the profile or the carrier is wrong about the alphabet, every STOP is lost, and nobody notices. What cannot be what it
# was said to be is therefore read as what it looks like.


def _guess(octets: bytes) -> str:
    """The text of octets that are not what they were said to be in: UTF-8, or as Windows has Western European, or septets where
    that would have control characters, packed where they take eight bits."""
    if octets.isascii() and _SEPTETS.search(octets):
        return gsm7.decode(octets)
    if (text := _utf8(octets)) is not None:
        return text
    text = octets.decode("cp1252", "replace")
    return gsm7.decode(gsm7.unpack(octets)) if _CONTROL.search(text) else text


def _utf8(octets: bytes) -> str | None:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _words(octets: bytes) -> str:
    """The words that octets are although they are said to be none; empty where there is anything in them that nobody types.

    Plain words under a binary data_coding are common, and one of them may be STOP: with the end of the line or the NUL that
    was behind it, in UTF-8 or as Windows has Western European, or in UCS-2 with a NUL before each letter."""
    plain = octets[1::2] if octets and len(octets) % 2 == 0 and not any(octets[::2]) else octets
    plain = plain.rstrip(b"\0")
    text = _utf8(plain)
    if text is None:
        text = plain.decode("cp1252", "replace")
        if 2 * sum(char.isascii() for char in text) <= len(text):  # words are spelt in letters, most of them plain
            return ""
    return "" if _UNREADABLE.search(text) else text


def _decode_ucs2(octets: bytes) -> Decoded:
    # UTF-16 big-endian without a mark is the rule (SMPP 3.4 §5.2.19); some send the mark, or little-endian behind one.
    if octets[:2] == b"\xff\xfe":
        return _decode_codec(octets[2:], "utf-16-le")
    narrow = octets.rstrip(b"\0")
    if _NARROW.fullmatch(narrow.rstrip(b"\r\n")):
        return Decoded(narrow.decode("ascii"), lossy=True)
    if _WIDE_SWAPPED.match(octets):
        return Decoded(octets.decode("utf-16-le"), lossy=True)
    return _decode_codec(octets[2:] if octets[:2] == b"\xfe\xff" else octets, "utf-16-be")


def _decode_codec(octets: bytes, codec: str) -> Decoded:
    try:
        return Decoded(octets.decode(codec))
    except UnicodeDecodeError:
        return Decoded(octets.decode(codec, "replace"), lossy=True)
