"""HTTP as an upstream system speaks it, and as a broken one does: it owns one connection that can be cut at any moment.

It knows no paths and no keys. Bytes go out as given, so that a fault can be put into any of them.
"""

from typing import Any

import msgspec
import trio

_READ = 65_536
_PATIENCE = 30.0


class Answer(msgspec.Struct, frozen=True):
    """An HTTP response."""

    status: int
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return msgspec.json.decode(self.body)


class NoAnswer(Exception):
    """The connection could not be made, or ended before the answer was whole: whether it took effect is not known."""


class Connection:
    """One keep-alive connection to 127.0.0.1; it is made when it is first needed, and again after it was lost.

    ``source``: the loopback address from which; any.
    """

    def __init__(self, port: int, source: str | None = None) -> None:
        self.port = port
        self._source = source
        self._stream: trio.SocketStream | None = None
        self._received = b""

    async def ask(self, octets: bytes, patience: float = _PATIENCE) -> Answer:
        """Send a request, return its answer. Raises NoAnswer."""
        try:
            with trio.fail_after(patience):
                stream = await self.send(octets)
                return await self._answer(stream)
        except (OSError, trio.BrokenResourceError, trio.ClosedResourceError, trio.TooSlowError) as error:
            await self.cut()
            raise NoAnswer(str(error) or type(error).__name__) from error
        except BaseException:
            with trio.CancelScope(shield=True):
                await self.cut()
            raise

    async def send(self, octets: bytes) -> trio.SocketStream:
        """Put bytes on the wire, connecting first where needed. Raises OSError, trio.BrokenResourceError."""
        if self._stream is not None and self._stream.socket.is_readable():
            await self.cut()  # the gateway ended it while it lay idle
        if self._stream is None:
            self._stream = await trio.open_tcp_stream("127.0.0.1", self.port, local_address=self._source)
            self._received = b""
        await self._stream.send_all(octets)
        return self._stream

    async def cut(self) -> None:
        """Drop the connection, whatever is under way on it."""
        if self._stream is not None:
            stream, self._stream = self._stream, None
            await trio.aclose_forcefully(stream)

    async def _answer(self, stream: trio.SocketStream) -> Answer:
        while (end := self._received.find(b"\r\n\r\n")) < 0:
            await self._more(stream)
        lines = self._received[:end].decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ", 2)[1])
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        length = int(headers.get("content-length", "0"))
        start = end + 4
        while len(self._received) < start + length:
            await self._more(stream)
        body = self._received[start : start + length]
        self._received = self._received[start + length :]
        if headers.get("connection", "").lower() == "close":
            await self.cut()
        return Answer(status, headers, body)

    async def _more(self, stream: trio.SocketStream) -> None:
        octets = await stream.receive_some(_READ)
        if not octets:
            raise trio.BrokenResourceError("the connection ended before the answer did")
        self._received += octets


def request(method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> bytes:
    """The bytes of a request with a JSON body, or none."""
    octets = b"" if body is None else msgspec.json.encode(body)
    fields = {"Host": "127.0.0.1"} | (headers or {})
    if body is not None:
        fields |= {"Content-Type": "application/json", "Content-Length": str(len(octets))}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + octets
