"""The joining of a consumer's long message: its parts in any order, repeated, in conflict, or not all of them.

Owns: when parts are a message, and what its text is. Does not own: the parts (the store keeps them) or the clock
(``now`` is an argument).

The text is decoded after the joining: a surrogate pair or an escape pair may lie across two parts.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

import msgspec

from gateway.text import gsm7, udh
from gateway.text.alphabet import Alphabet
from gateway.text.decode import Charset, Decoded, charset, decode, is_unpacked

_FULL: Final = 140
"""Octets of a part that has no room left, its header included (3GPP TS 23.040 §9.2.3.24)."""
GAP: Final = "\ufffd"
"""Stands in a partial text for each run of parts that never came."""


class Key(msgspec.Struct, frozen=True, gc=False):
    """What the parts of one message have in common. Without the sender, two consumers' texts would be mixed."""

    carrier: str
    source: str
    destination: str
    reference: int
    total: int


class ReceivedPart(msgspec.Struct, frozen=True, gc=False):
    """One part as it came, its header taken off. A message in one piece is part 1 of 1."""

    body: bytes
    data_coding: int
    at: int
    """When it came, in milliseconds."""
    reference: int = 0
    total: int = 1
    sequence: int = 1
    header_octets: int = 0
    locking: int = 0
    single: int = 0
    ports: tuple[int, int] | None = None
    """Destination and source: the message is for an application on the handset, or from one."""
    fault: str | None = None
    """What was wrong with its place or header and therefore ignored."""

    def key(self, carrier: str, source: str, destination: str) -> Key:
        """What it is stored under, with the other parts of its message."""
        return Key(carrier, source, destination, self.reference, self.total)


class Joined(msgspec.Struct, frozen=True, gc=False):
    """A message put together."""

    text: str
    lossy: bool
    binary: bool
    missing: tuple[int, ...] = ()
    """The parts that never came. A partial text is enough to obey an opt-out in it, never to believe an opt-in."""
    duplicates: int = 0
    left_out: tuple[ReceivedPart, ...] = ()
    """Earlier parts whose place a later, different one took: texts of the consumer too, and not lost."""
    ports: tuple[int, int] | None = None


def receive(
    payload: bytes, *, udhi: bool, data_coding: int, at: int, sar: tuple[int, int, int] | None = None
) -> ReceivedPart:
    """The part in a payload (short_message or message_payload) whose esm_class has the UDHI bit as ``udhi`` says.

    Its place is in its header or, where that has none, in the SAR parameters: reference, total, sequence (SMPP 3.4
    §5.3.2.22 to §5.3.2.24). Never fails: an impossible place, such as part 3 of 2, makes it a message of its own."""
    header = udh.parse(payload) if udhi else udh.Header(payload)
    fault = header.fault
    place = header.concat
    if place is None and sar is not None:
        reference, total, sequence = sar
        if udh.is_place(total, sequence):
            place = udh.Concat(reference, total, sequence)
        else:
            fault = f"part {sequence} of {total}"
    if place is None or place.total == 1:
        place = udh.Concat(0, 1, 1)
    return ReceivedPart(
        body=header.body,
        data_coding=data_coding,
        at=at,
        reference=place.reference,
        total=place.total,
        sequence=place.sequence,
        header_octets=header.octets,
        locking=header.locking,
        single=header.single,
        ports=header.ports,
        fault=fault,
    )


def deadline(parts: Iterable[ReceivedPart], timeout: int) -> int:
    """When ``join`` stops waiting: ``timeout`` milliseconds after the first part came. Later parts do not move it, or an
    opt-out in one of them could wait for ever."""
    return min(part.at for part in parts) + timeout


def join(parts: Sequence[ReceivedPart], alphabet: Alphabet = Alphabet.GSM7, *, now: int, timeout: int) -> Joined | None:
    """The message of one or more parts, all those under one key; None while some are missing and there is time left.

    ``alphabet`` is the carrier's for data_coding 0. Of two different parts for one place the later one counts: the
    phone has used its reference again, and the earlier part is what is left of a message that lost the others."""
    in_order = sorted(parts, key=_arrival)
    total = in_order[0].total
    chosen: dict[int, ReceivedPart] = {}
    left_out: list[ReceivedPart] = []
    duplicates = 0
    for part in in_order:
        earlier = chosen.get(part.sequence)
        if earlier is not None and (earlier.body, _reading(earlier)) == (part.body, _reading(part)):
            duplicates += 1
            continue
        if earlier is not None:
            left_out.append(earlier)
        chosen[part.sequence] = part
    missing = tuple(number for number in range(1, total + 1) if number not in chosen)
    if missing and now < deadline(parts, timeout):
        return None
    found = _read([chosen.get(number) for number in range(1, total + 1)], alphabet)
    ports = next((part.ports for part in chosen.values() if part.ports is not None), None)
    return Joined(found.text, found.lossy, found.binary, missing, duplicates, tuple(left_out), ports)


def _read(places: Sequence[ReceivedPart | None], alphabet: Alphabet) -> Decoded:
    """Decodes each run of neighbours that are written alike in one go."""
    text = ""
    lossy = binary = False
    for reading, run in groupby(places, key=lambda part: None if part is None else _reading(part)):
        if reading is None:
            text += GAP
            continue
        data_coding, locking, single = reading
        written_in = alphabet
        bodies = [(part.body, part.header_octets) for part in run if part is not None]
        packed = alphabet is Alphabet.GSM7_PACKED and charset(data_coding) is Charset.DEFAULT
        if packed and not is_unpacked(b"".join(body for body, _ in bodies)):
            written_in = Alphabet.GSM7
            bodies = [(body, 0) for body in _unpacked(bodies)]
        octets = b"".join(body for body, _ in bodies)
        found = decode(octets, data_coding, written_in, locking=locking, single=single)
        text += found.text
        lossy |= found.lossy
        binary |= found.binary
    return Decoded(text, lossy, binary)


def _unpacked(bodies: Sequence[tuple[bytes, int]]) -> Iterator[bytes]:
    """The septets of parts and the octets of their headers. Each part was packed for itself.

    One that another follows was cut where it was full, so its last septet is a character, but where the next one begins with
    an escape that had no room beside its code."""
    follows = b""
    septets: list[bytes] = []
    for place in range(len(bodies) - 1, -1, -1):
        body, header = bodies[place]
        fill = gsm7.fill_bits(header)
        whole = bool(follows) and header + len(body) == _FULL and follows[0] != gsm7.ESC
        follows = gsm7.unpack(body, fill, whole=whole)
        septets.append(follows)
    return reversed(septets)


def _arrival(part: ReceivedPart) -> int:
    return part.at


def _reading(part: ReceivedPart) -> tuple[int, int, int]:
    return part.data_coding, part.locking, part.single
