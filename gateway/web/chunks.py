"""The strict look at a chunked body before h11 sees it.

Owns: where a chunked body ends, and refusing every spelling of it that readers are known to disagree about. Does not
own: taking the data out (h11, through the conversation). Pure: bytes in, counts or a ``Problem`` out.
"""

import re

from gateway.errors import Code
from gateway.web.precheck import malformed
from gateway.web.problem import Problem

LINE_BYTES = 256
"""A chunk's size line with its extensions; nobody reads those."""

TRAILER_BYTES = 4096
CHUNKS = 4096
"""Chunks of one body. Each costs some 10 µs whatever it holds, so that a body of single bytes would stop the rest."""

_TCHARS = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_QUOTED = rb'"(?:[\t !\x23-\x5b\x5d-\x7e\x80-\xff]++|\\[\t -~\x80-\xff])*"'
# RFC 9112 §7.1.1, without the "bad whitespace" that a sender must not send: h11 reads it one way, others another.
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:;%b(?:=(?:%b|%b))?)*" % (_TCHARS, _TCHARS, _QUOTED))
_TRAILER = re.compile(rb"(%b):[\t\x20-\x7e\x80-\xff]*+" % _TCHARS)
# RFC 9110 §6.5.1: what frames or routes the message, or says who sends it, cannot come after it.
_NO_TRAILER = frozenset({b"content-length", b"transfer-encoding", b"host", b"authorization", b"trailer", b"connection"})

_SIZE_LINE, _CONTENT, _CONTENT_END, _TRAILER_LINE, _DONE = range(5)


class Chunks:
    """One chunked body under way. ``limit`` bounds its content in bytes (413)."""

    __slots__ = ("_chunks", "_left", "_limit", "_size", "_state", "_trailer_bytes")

    def __init__(self, limit: int) -> None:
        self._state = _SIZE_LINE
        self._left = 0
        self._limit = limit
        self._size = 0
        self._chunks = 0
        self._trailer_bytes = 0

    @property
    def done(self) -> bool:
        """Whether the body has ended, trailers included."""
        return self._state == _DONE

    def scan(self, received: bytes) -> int:
        """How many leading bytes of ``received`` are well-formed and belong to the body; the rest must come again."""
        at = 0
        while True:
            if self._state == _CONTENT:
                step = min(self._left, len(received) - at)
                at += step
                self._left -= step
                if self._left:
                    return at
                self._state = _CONTENT_END
            elif self._state == _CONTENT_END:
                end = received[at : at + 2]
                if end != b"\r\n":
                    if b"\r\n".startswith(end):
                        return at
                    raise malformed(
                        "A chunk is not followed by CRLF.", fix="End each chunk with CRLF, and state its true size."
                    )
                at += 2
                self._state = _SIZE_LINE
            elif self._state == _DONE:
                return at
            else:
                line = _line(received, at)
                if line is None:
                    return at
                at += len(line) + 2
                if self._state == _SIZE_LINE:
                    self._begin_chunk(line)
                else:
                    self._take_trailer(line)

    def _begin_chunk(self, line: bytes) -> None:
        match = _SIZE.fullmatch(line)
        if match is None:
            raise malformed(
                "A chunk does not begin with its size in hexadecimal digits.",
                fix="Send chunks as RFC 9112 §7.1 has them.",
            )
        self._left = int(match[1], 16)
        self._size += self._left
        self._chunks += 1
        if self._size > self._limit:
            raise body_too_large(self._limit)
        if self._chunks > CHUNKS:
            raise Problem(
                413, Code.REQUEST_TOO_LARGE, f"The body has more than {CHUNKS} chunks.", fix="Use larger chunks."
            )
        self._state = _CONTENT if self._left else _TRAILER_LINE

    def _take_trailer(self, line: bytes) -> None:
        if not line:
            self._state = _DONE
            return
        match = _TRAILER.fullmatch(line)
        if match is None or match[1].lower() in _NO_TRAILER:
            raise malformed("A trailer field is not allowed or not well-formed.", fix="Send no trailers.")
        self._trailer_bytes += len(line)
        if self._trailer_bytes > TRAILER_BYTES:
            raise Problem(
                431,
                Code.REQUEST_TOO_LARGE,
                f"The trailers have more than {TRAILER_BYTES} bytes.",
                fix="Send no trailers.",
            )


def body_too_large(limit: int) -> Problem:
    """The 413 of a body, announced or sent, of more than ``limit`` bytes."""
    return Problem(413, Code.REQUEST_TOO_LARGE, f"The body has more than {limit} bytes.", fix="Send less at a time.")


def _line(received: bytes, at: int) -> bytes | None:
    """The line at ``at`` without its CRLF; None while it has not ended."""
    end = received.find(b"\r\n", at, at + LINE_BYTES + 2)
    line = received[at:] if end < 0 else received[at:end]
    if b"\n" in line or len(line) > LINE_BYTES:
        raise malformed(
            "A line of the chunked body is too long or ends without CR.", fix="Send chunks as RFC 9112 §7.1 has them."
        )
    return line if end >= 0 else None
