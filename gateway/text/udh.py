"""The user data header in front of a short message.

Owns: its information elements, read and written. Does not own: what parts become (reassembly), or where a text is cut.
"""

from typing import Final

import msgspec

CONCAT_8: Final = 0x00
CONCAT_16: Final = 0x08
PORTS_8: Final = 0x04
PORTS_16: Final = 0x05
SINGLE_SHIFT: Final = 0x24
LOCKING_SHIFT: Final = 0x25

_LENGTHS: Final = {CONCAT_8: 3, CONCAT_16: 4, PORTS_8: 2, PORTS_16: 4, SINGLE_SHIFT: 1, LOCKING_SHIFT: 1}


class Element(msgspec.Struct, frozen=True, gc=False):
    """One information element as it stood in the header (3GPP TS 23.040 §9.2.3.24)."""

    identifier: int
    value: bytes


class Concat(msgspec.Struct, frozen=True, gc=False):
    """The place of one part in a concatenated message."""

    reference: int
    total: int
    sequence: int
    """From 1 to ``total``."""


class Header(msgspec.Struct, frozen=True, gc=False):
    """What a payload says before its text."""

    body: bytes
    octets: int = 0
    """The header's size with its length octet; 0 where there is none and ``body`` is the whole payload."""
    elements: tuple[Element, ...] = ()
    """All of them, known or not."""
    concat: Concat | None = None
    ports: tuple[int, int] | None = None
    """Destination and source."""
    locking: int = 0
    single: int = 0
    fault: str | None = None
    """What was wrong and therefore ignored."""


def parse(payload: bytes) -> Header:
    """Reads the header of a payload whose esm_class has the UDHI bit (SMPP 3.4 §5.2.12).

    A header whose elements do not fill it exactly is ignored whole (3GPP TS 23.040 §9.2.3.24); because some SMSCs set
    the bit on plain text, nothing is cut off the payload then. An empty header says nothing and is what plain UCS-2
    under a false bit looks like, so it too leaves the payload whole."""
    length = payload[0] if payload else 0
    if length == 0:
        return Header(payload, fault="flagged, but there is no header")
    if length >= len(payload):
        return Header(payload, fault=f"header of {length} octets in a payload of {len(payload)}")
    elements = _elements(payload[1 : length + 1])
    if elements is None:
        return Header(payload, fault=f"elements do not fill the header of {length} octets")
    concat: Concat | None = None
    ports: tuple[int, int] | None = None
    locking = single = 0
    fault: str | None = None
    # Of repeated or contradicting elements the last one counts (3GPP TS 23.040 §9.2.3.24).
    for element in elements:
        identifier, value = element.identifier, element.value
        expected = _LENGTHS.get(identifier)
        if expected is None:
            continue
        if len(value) != expected:
            fault = f"element 0x{identifier:02x} has {len(value)} octets, not {expected}"
        elif identifier in (CONCAT_8, CONCAT_16):
            found = Concat(int.from_bytes(value[:-2], "big"), value[-2], value[-1])
            if is_place(found.total, found.sequence):
                concat = found
            else:
                fault = f"part {found.sequence} of {found.total}"
        elif identifier in (PORTS_8, PORTS_16):
            half = expected // 2
            ports = int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big")
        elif identifier == SINGLE_SHIFT:
            single = value[0]
        else:
            locking = value[0]
    return Header(payload[length + 1 :], length + 1, elements, concat, ports, locking, single, fault)


def is_place(total: int, sequence: int) -> bool:
    """Whether a part can be number `sequence` of `total` (3GPP TS 23.040 §9.2.3.24.1)."""
    return 1 <= sequence <= total <= 255


def _elements(header: bytes) -> tuple[Element, ...] | None:
    elements: list[Element] = []
    at = 0
    while at < len(header):
        if at + 2 > len(header):
            return None
        end = at + 2 + header[at + 1]
        if end > len(header):
            return None
        elements.append(Element(header[at], header[at + 2 : end]))
        at = end
    return tuple(elements)


def concat_element(bits: int, reference: int, total: int, sequence: int) -> bytes:
    """The concatenation element with an 8- or a 16-bit reference (3GPP TS 23.040 §9.2.3.24.1, §9.2.3.24.8)."""
    if bits == 8:
        return bytes((CONCAT_8, 3, reference, total, sequence))
    return bytes((CONCAT_16, 4, reference >> 8, reference & 0xFF, total, sequence))


def shift_elements(locking: int, single: int) -> bytes:
    """The elements that announce national tables (3GPP TS 23.040 §9.2.3.24.15, §9.2.3.24.16); b"" for none."""
    elements = bytes((SINGLE_SHIFT, 1, single)) if single else b""
    return elements + bytes((LOCKING_SHIFT, 1, locking)) if locking else elements


def header(elements: bytes) -> bytes:
    """The header that holds these elements, its length octet first; b"" for none."""
    return bytes((len(elements),)) + elements if elements else b""
