"""What a carrier means by "SMSC default alphabet", which is data_coding 0.

Owns: the names, for either direction. Does not own: the alphabets; gsm7 has the GSM one, Python the others.
"""

from enum import StrEnum


class Alphabet(StrEnum):
    """SMPP 3.4 §5.2.19 leaves the default alphabet to the carrier. Whatever the octets of the link are, the handset is
    reached in GSM 7-bit, so sizes always count septets, and a character goes out only if both alphabets have it."""

    GSM7 = "gsm7"
    """GSM 03.38, one septet in each octet: what nearly all carriers mean."""

    GSM7_PACKED = "packed_gsm7"
    """GSM 03.38, eight septets in seven octets, as on the air."""

    LATIN1 = "latin1"
    """ISO 8859-1; the SMSC translates."""

    ASCII = "ascii"
    """IA5; the SMSC translates."""
