"""A server on memory streams, and a client that reads what it answers: for tests of everything on the web floor."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import trio
from trio.testing import MockClock, memory_stream_pair

from gateway.web.http import Admit, Handler, Request, Response, anybody
from gateway.web.server import Limits, serve

MOMENT = 784111777.0  # RFC 9110 §5.6.7: Sun, 06 Nov 1994 08:49:37 GMT
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"

StreamPair = Callable[[], tuple[trio.abc.HalfCloseableStream, trio.abc.HalfCloseableStream]]


class Answer(msgspec.Struct, frozen=True):
    """One response as the client read it."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, object]:
        return msgspec.json.decode(self.body, type=dict[str, object])


class MemoryListener(trio.abc.Listener[trio.abc.HalfCloseableStream]):
    """Accepts what the test connects."""

    def __init__(self) -> None:
        self.knock, self._accepted = trio.open_memory_channel[trio.abc.HalfCloseableStream](0)

    async def accept(self) -> trio.abc.HalfCloseableStream:
        return await self._accepted.receive()

    async def aclose(self) -> None:
        await self._accepted.aclose()


class Visitor:
    """The client's end of one connection."""

    def __init__(self, stream: trio.abc.HalfCloseableStream) -> None:
        self.stream = stream
        self._received = b""

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            await self.stream.send_all(piece)

    async def drip(self, data: bytes, seconds: float = 0) -> None:
        """Send byte by byte, ``seconds`` apart, each read before the next is sent."""
        for at in range(len(data)):
            await self.stream.send_all(data[at : at + 1])
            if seconds:
                await trio.sleep(seconds)
            else:
                await trio.testing.wait_all_tasks_blocked()

    async def leave(self) -> None:
        """Close without reading what may still come."""
        await trio.aclose_forcefully(self.stream)

    async def answer(self, *, to_head: bool = False) -> Answer:
        """The next response; EOFError when there is none, or half a one."""
        head = await self._until(b"\r\n\r\n")
        line, *fields = head[:-4].decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        assert len(headers) == len(fields), f"a header occurs twice: {fields}"
        version, status, _ = line.split(" ", 2)
        assert version == "HTTP/1.1"
        body = b""
        if not to_head and int(status) not in (100, 204, 304):
            if headers.get("transfer-encoding") == "chunked":
                while size := int(await self._until(b"\r\n"), 16):
                    body += (await self._exactly(size + 2))[:-2]
                assert await self._exactly(2) == b"\r\n"
            elif "content-length" in headers:
                body = await self._exactly(int(headers["content-length"]))
            else:
                body = await self.rest()
        return Answer(int(status), headers, body)

    async def rest(self) -> bytes:
        """Everything until the server closes."""
        while await self._more():
            pass
        rest, self._received = self._received, b""
        return rest

    async def _until(self, mark: bytes) -> bytes:
        while mark not in self._received:
            if not await self._more():
                raise EOFError(f"closed after {self._received!r}")
        return await self._exactly(self._received.index(mark) + len(mark))

    async def _exactly(self, count: int) -> bytes:
        while len(self._received) < count:
            if not await self._more():
                raise EOFError(f"closed after {self._received!r}")
        taken, self._received = self._received[:count], self._received[count:]
        return taken

    async def _more(self) -> bool:
        try:
            received = await self.stream.receive_some(65536)
        except trio.BrokenResourceError:
            return False
        self._received += received
        return bool(received)


class House:
    """A server under test: ``connect()`` to it, ``stopping`` to stop it; ``seen`` reached the handler, ``answered`` is told."""

    def __init__(self, pair: StreamPair) -> None:
        self.listener = MemoryListener()
        self.stopping = trio.Event()
        self.stopped = trio.Event()
        self.seen: list[Request] = []
        self.answered: list[int] = []
        self._pair = pair

    async def connect(self) -> Visitor:
        ours, theirs = self._pair()
        await self.listener.knock.send(theirs)
        return Visitor(ours)


@asynccontextmanager
async def open_house(
    handler: Handler,
    limits: Limits | None = None,
    pair: StreamPair = memory_stream_pair,
    admit: Admit = anybody,
) -> AsyncIterator[House]:
    """A server that answers by ``handler`` for the length of the block."""
    house = House(pair)

    async def record(request: Request) -> Response:
        house.seen.append(request)
        return await handler(request)

    async def stay() -> None:
        await serve(
            [house.listener],
            record,
            limits or Limits(),
            stopping=house.stopping,
            clock=lambda: MOMENT,
            answered=house.answered.append,
            admit=admit,
        )
        house.stopped.set()

    # On a clock that jumps, a test that hangs comes to the end of virtual time at once.
    patience = 100_000 if isinstance(trio.lowlevel.current_clock(), MockClock) else 30
    with trio.fail_after(patience):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(stay)
            yield house
            nursery.cancel_scope.cancel()


async def echo(request: Request) -> Response:
    """The body as it came."""
    return Response(200, request.body, "text/plain")
