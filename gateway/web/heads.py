"""A head as both readers take it: our strict look and h11's, which have to agree.

Owns: the agreement, and remembering it. Does not own: what is strict (precheck), or the conversation (conversation).

A client says the same head with nearly every request, and what both readers say of the same bytes is always the same. Taking
each request through h11 again would cost several times as much as all else that the server does for it.
"""

import re
from functools import lru_cache
from typing import Final

import h11
from msgspec.structs import replace

from gateway.web.precheck import LENGTH_DIGITS, Head, check_head, malformed
from gateway.web.problem import Problem

_SHORT: Final = 1024
"""Bytes. Longer heads are not remembered: they would be a way to fill our memory."""
_REMEMBERED: Final = 1024
# In visible characters it frames nothing, whatever it is.
_KEY: Final = re.compile(rb"(?<=\r\nidempotency-key: )[!-~]+(?=\r\n)", re.IGNORECASE)


def look_at(received: bytes, header_bytes: int, header_fields: int, target_bytes: int) -> Head:
    """A whole head, its blank line included. Raises ``Problem``, or h11's error, where a reader refuses it."""
    if len(received) > min(_SHORT, header_bytes):
        return _judge(received, header_bytes, header_fields, target_bytes)
    key = _KEY.search(received)
    if key is None:
        return _judge_once(received, header_bytes, header_fields, target_bytes)
    alike = b"%bk%b" % (received[: key.start()], received[key.end() :])
    head = _judge_once(alike, header_bytes, header_fields, target_bytes)
    return replace(head, headers={**head.headers, "idempotency-key": key[0].decode("ascii")})


def disagreement() -> Problem:
    """Our look at the bytes and h11's must come to the same end; where they do not, nobody knows what was meant."""
    return malformed("The framing of the request is ambiguous.", fix="Send one Content-Length, or chunked alone.")


def _judge(received: bytes, header_bytes: int, header_fields: int, target_bytes: int) -> Head:
    head = check_head(received, header_bytes=header_bytes, header_fields=header_fields, target_bytes=target_bytes)
    if head.content_length >= 10**LENGTH_DIGITS:
        return head  # too large whatever the limit
    reader = h11.Connection(h11.SERVER, max_incomplete_event_size=header_bytes)
    reader.receive_data(received)
    if not isinstance(reader.next_event(), h11.Request):
        raise disagreement()
    follows = head.chunked or head.content_length > 0
    if follows != (reader.next_event() is h11.NEED_DATA):
        raise disagreement()
    return head


_judge_once = lru_cache(maxsize=_REMEMBERED)(_judge)
