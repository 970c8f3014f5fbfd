"""The national language tables of the GSM 7-bit alphabet: Turkish, Spanish and Portuguese.

Owns: the tables. Does not own: whether a text may use them (a handset that has not learnt them shows other letters, so
a carrier profile asks for it), or what their announcement costs (segment).

A locking table replaces the basic table for a whole segment, a single shift table the extension table; an information
element in the header of every segment says so.
"""

from collections.abc import Mapping
from enum import IntEnum
from functools import cache
from typing import Final

from gateway.text import gsm7


class Language(IntEnum):
    """National Language Identifier (3GPP TS 23.038 §6.2.1.2.4)."""

    TURKISH = 1
    SPANISH = 2
    PORTUGUESE = 3


# 3GPP TS 23.038 §A.3.1. There is none for Spanish (§A.3.2).
_TURKISH_BASIC = (
    "@£$¥€éùıòÇ\nĞğ\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ ŞşßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "İABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "çabcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)

# 3GPP TS 23.038 §A.3.3.
_PORTUGUESE_BASIC = (
    "@£$¥êéúíóç\nÔô\rÁá"
    "Δ_ªÇÀ∞^\\€Ó| ÂâÊÉ"
    " !\"#º%&'()*+,-./"
    "0123456789:;<=>?"
    "ÍABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÃÕÚÜ§"
    "~abcdefghijklmno"
    "pqrstuvwxyzãõ`üà"
)

# 3GPP TS 23.038 §A.2.1, §A.2.2, §A.2.3: each holds the default extension table and more.
# fmt: off
_TURKISH_EXTENSION = gsm7.EXTENSION | {
    0x47: "Ğ", 0x49: "İ", 0x53: "Ş", 0x63: "ç", 0x67: "ğ", 0x69: "ı", 0x73: "ş",
}
_SPANISH_EXTENSION = gsm7.EXTENSION | {
    0x09: "ç",
    0x41: "Á", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú",
    0x61: "á", 0x69: "í", 0x6F: "ó", 0x75: "ú",
}
_PORTUGUESE_EXTENSION = gsm7.EXTENSION | {
    0x05: "ê", 0x09: "ç", 0x0B: "Ô", 0x0C: "ô", 0x0E: "Á", 0x0F: "á",
    0x12: "Φ", 0x13: "Γ", 0x15: "Ω", 0x16: "Π", 0x17: "Ψ", 0x18: "Σ", 0x19: "Θ", 0x1F: "Ê",
    0x41: "À", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x5B: "Ã", 0x5C: "Õ",
    0x61: "Â", 0x69: "í", 0x6F: "ó", 0x75: "ú", 0x7B: "ã", 0x7C: "õ", 0x7F: "â",
}
# fmt: on

LOCKING: Final[Mapping[Language, str]] = {Language.TURKISH: _TURKISH_BASIC, Language.PORTUGUESE: _PORTUGUESE_BASIC}
SINGLE: Final[Mapping[Language, Mapping[int, str]]] = {
    Language.TURKISH: _TURKISH_EXTENSION,
    Language.SPANISH: _SPANISH_EXTENSION,
    Language.PORTUGUESE: _PORTUGUESE_EXTENSION,
}


@cache
def tables(locking: int, single: int) -> gsm7.Tables:
    """The tables that two identifiers choose; the default one for 0 and for each identifier without a table here."""
    basic = LOCKING[Language(locking)] if locking in LOCKING else gsm7.BASIC
    extension = SINGLE[Language(single)] if single in SINGLE else gsm7.EXTENSION
    return gsm7.Tables(basic, extension)


def is_known(locking: int, single: int) -> bool:
    """Whether `tables` has what these identifiers ask for; False means that some letters will read wrong."""
    return (locking == 0 or locking in LOCKING) and (single == 0 or single in SINGLE)
