"""Owns the cutting of a stream of octets into frames, from the first octet on.

Does not own what a frame means (`codec`), nor how long half a frame may wait (`timers`).
"""

import struct

from gateway.smpp import const
from gateway.smpp.errors import FramingError

_UINT32 = struct.Struct(">I")

_FOREIGN = (
    (b"\x16\x03", "TLS (a handshake); is TLS switched on at one end only?"),
    (b"\x15\x03", "TLS (an alert); is TLS switched on at one end only?"),
    (b"HTTP", "HTTP (an answer); is this the port of a web server?"),
    (b"GET ", "HTTP (a request); this port speaks SMPP"),
    (b"POST", "HTTP (a request); this port speaks SMPP"),
    (b"PUT ", "HTTP (a request); this port speaks SMPP"),
    (b"HEAD", "HTTP (a request); this port speaks SMPP"),
    (b"OPTI", "HTTP (a request); this port speaks SMPP"),
    (b"SSH-", "SSH; is this the right port?"),
)


class FrameBuffer:
    """Takes octets in any portions, gives back whole frames.

    `max_length` is the highest command_length accepted, in octets. Octets of one frame are copied once in and once
    out; what has been taken is cut off only when a read is used up, so that many frames in one read cost no more than
    their own length.
    """

    def __init__(self, max_length: int) -> None:
        self._max_length = max_length
        self._octets = bytearray()
        self._offset = 0
        self.frames = 0
        """Frames given back so far."""

    def feed(self, octets: bytes) -> None:
        """Add what was read."""
        if self._offset:
            del self._octets[: self._offset]
            self._offset = 0
        self._octets += octets

    def next_frame(self) -> bytes | None:
        """The next whole frame, or None if more octets are needed.

        Raises FramingError where command_length is below 16 or above the limit; the buffer is of no more use then.
        """
        octets = self._octets
        offset = self._offset
        available = len(octets) - offset
        if available < 4:
            return None
        (length,) = _UINT32.unpack_from(octets, offset)
        if not const.HEADER_LENGTH <= length <= self._max_length:
            raise self._framing_error(length)
        if length > available:
            return None
        end = offset + length
        self._offset = end
        self.frames += 1
        return bytes(octets[offset:end])

    def __len__(self) -> int:
        """Octets that are waiting for the rest of their frame, or for next_frame."""
        return len(self._octets) - self._offset

    def _framing_error(self, length: int) -> FramingError:
        head = bytes(self._octets[self._offset : self._offset + const.HEADER_LENGTH])
        whole = len(head) == const.HEADER_LENGTH
        speaker = None if self.frames else _foreign_speaker(head)
        error = FramingError(
            f"the peer speaks {speaker}"
            if speaker
            else f"command_length is {length} ({length:#x}); it must be {const.HEADER_LENGTH} to {self._max_length}",
            command_status=const.ESME_RINVCMDLEN,
            command_id=_UINT32.unpack_from(head, 4)[0] if whole else 0,
            sequence_number=_UINT32.unpack_from(head, 12)[0] if whole else 0,
            field="command_length",
        )
        error.foreign = speaker is not None
        return error


def _foreign_speaker(head: bytes) -> str | None:
    for prefix, speaker in _FOREIGN:
        if head.startswith(prefix):
            return speaker
    return None
