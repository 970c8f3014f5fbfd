"""How much one client, and all of them together, may ask of the server.

Owns: the figures and their meaning. Does not own: enforcing them (server, precheck, chunks).
"""

from collections.abc import Callable

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes, seconds and counts; each is answered by the status in brackets."""

    header_bytes: int = 16 * 1024
    """A head, request line and blank line included (431)."""
    header_fields: int = 100
    """Fields in a head (431)."""
    target_bytes: int = 8000
    """A request target as it is sent (414). RFC 9112 §3 recommends to take 8,000."""
    body_bytes: int = 1024 * 1024
    """A body (413), refused before it is read where its length is announced."""
    body_bytes_for: Callable[[str, str], int] | None = None
    """``body_bytes`` by method and path instead."""
    small_body_bytes: int = 64 * 1024
    """So much of a body anybody may send. Who sends more has to be let in (401), and what is more is counted:"""
    bodies_bytes: int = 128 * 1024 * 1024
    """what has come of all bodies together that did not come in one piece with their head, until they are answered (503)."""
    head_seconds: float = 10.0
    """From the connect, or from the first byte of a later request, to the end of the head (408)."""
    body_seconds: float = 20.0
    """From the end of the head to the end of the body (408)."""
    idle_seconds: float = 75.0
    """From a response to the first byte of the next request (closed)."""
    write_seconds: float = 20.0
    """To write a response, or one piece of a streamed one (closed)."""
    linger_seconds: float = 2.0
    """For a refused client to read its answer (closed)."""
    stop_seconds: float = 5.0
    """From the order to stop to the end of what is under way (cancelled)."""
    connections: int = 1000
    """At one time (503 at once)."""
    connections_per_ip: int = 250
    """At one time from one IPv4 address or one IPv6 /64 (503 at once)."""

    def body_limit(self, method: str, path: str) -> int:
        """The most bytes that a body of such a request may have."""
        return self.body_bytes if self.body_bytes_for is None else self.body_bytes_for(method, path)
