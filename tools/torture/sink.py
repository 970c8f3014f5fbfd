"""A receiver of webhooks that keeps every request as it came: it owns its door, and what it answers.

It judges nothing. `tools.torture.receivers` has the receiver that the project itself offers.
"""

import time
from collections.abc import Mapping

import msgspec
import trio

_READ = 65_536


class Request(msgspec.Struct, frozen=True):
    """One request."""

    at: float
    """Seconds since 1970."""
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes


class Sink:
    """Answers every request with the same bytes."""

    def __init__(self, answer: bytes = b"HTTP/1.1 204 Empty\r\n\r\n") -> None:
        self.port = 0
        self.received: list[Request] = []
        self.connections = 0
        self._answer = answer

    async def open(self, nursery: trio.Nursery) -> None:
        """Listen until the nursery ends."""
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        self.port = int(listeners[0].socket.getsockname()[1])
        nursery.start_soon(trio.serve_listeners, self._serve, listeners)

    async def _serve(self, stream: trio.SocketStream) -> None:
        self.connections += 1
        received = b""
        try:
            async for octets in stream:
                received += octets
                head, blank, body = received.partition(b"\r\n\r\n")
                lines = head.decode("latin-1").split("\r\n")[1:]
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                if blank and len(body) >= int(headers.get("content-length", "0")):
                    self.received.append(Request(time.time(), headers, body))
                    received = b""
                    await stream.send_all(self._answer)
        except trio.BrokenResourceError:  # the gateway was killed, or has heard enough
            return
