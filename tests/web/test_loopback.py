"""The server on real sockets: what only TCP can show."""

import errno
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio

from gateway.web.http import Handler, Request, Response
from gateway.web.listen import Stream
from gateway.web.server import Limits, open_listeners, serve
from tests.web.harness import MemoryListener, Visitor, echo

GET = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
MEGABYTE = 1024 * 1024


class Port:
    """A server under test on a port of 127.0.0.0/8."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.stopping = trio.Event()
        self.visitors: list[Visitor] = []

    async def visit(self, come_from: str = "127.0.0.1") -> Visitor:
        stream = await trio.open_tcp_stream("127.0.0.1", self.number, local_address=come_from)
        self.visitors.append(Visitor(stream))
        return self.visitors[-1]


@asynccontextmanager
async def listening(handler: Handler, limits: Limits | None = None) -> AsyncIterator[Port]:
    listeners = await open_listeners("127.0.0.1", 0)
    port = Port(listeners[0].socket.getsockname()[1])

    async def stay(task_status: trio.TaskStatus[None]) -> None:
        await serve(listeners, handler, limits or Limits(), stopping=port.stopping, task_status=task_status)

    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            await nursery.start(stay)
            try:
                yield port
            finally:
                for visitor in port.visitors:
                    await visitor.leave()
            nursery.cancel_scope.cancel()


async def test_a_request_and_its_peer() -> None:
    async def who(request: Request) -> Response:
        return Response(200, request.peer.encode())

    async with listening(who) as port:
        for host in ("127.0.0.1", "127.0.0.2"):
            visitor = await port.visit(host)
            await visitor.send(GET)
            assert (await visitor.answer()).body == host.encode()


async def test_large_bodies_both_ways_at_once() -> None:
    content = bytes(range(256)) * (MEGABYTE // 256)
    async with listening(echo) as port:

        async def exchange() -> None:
            visitor = await port.visit()
            await visitor.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % MEGABYTE + content)
            assert (await visitor.answer()).body == content
            await visitor.leave()

        async with trio.open_nursery() as nursery:
            for _ in range(10):
                nursery.start_soon(exchange)


async def test_a_refusal_reaches_a_client_that_sends_everything_first() -> None:
    """Closed with bytes unread, the connection would be reset and the answer lost."""
    async with listening(echo) as port:
        for _ in range(3):
            visitor = await port.visit()
            size = 2 * MEGABYTE
            await visitor.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)
            assert (await visitor.answer()).status == 413
            await visitor.leave()


async def test_a_reset_in_any_moment_harms_nobody_else() -> None:
    async def big(request: Request) -> Response:
        await trio.lowlevel.checkpoint()
        return Response(200, b"x" * 4 * MEGABYTE)

    post = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n"
    async with listening(big) as port:
        good = await port.visit()
        for sent in (b"", b"GE", GET, GET * 3, post, post + b"x" * 10, b"\n"):
            with socket.create_connection(("127.0.0.1", port.number)) as rude:
                rude.sendall(sent)
                await trio.sleep(0.005)
                rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            await good.send(GET)
            assert len((await good.answer()).body) == 4 * MEGABYTE


async def test_a_long_pipeline_does_not_keep_the_others_waiting() -> None:
    order: list[str] = []

    async with listening(lambda request: at_once(request)) as port:
        with socket.create_connection(("127.0.0.1", port.number)) as other:

            async def at_once(request: Request) -> Response:
                if not order:  # while the first is being answered, another client asks something
                    other.sendall(GET.replace(b"/a", b"/other"))
                order.append(request.path)
                return Response(200)

            greedy = await port.visit()
            await trio.testing.wait_all_tasks_blocked()
            await greedy.send(GET * 200)
            for _ in range(200):
                await greedy.answer()
    assert order.index("/other") < 10


async def test_over_the_cap_of_an_address_the_others_still_come_in() -> None:
    async with listening(echo, Limits(connections_per_ip=2)) as port:
        inside = [await port.visit("127.0.0.1") for _ in range(2)]
        for _ in range(3):
            outside = await port.visit("127.0.0.1")
            refused = await outside.answer()
            assert (refused.status, refused.headers["retry-after"]) == (503, "1")
            assert refused.headers["connection"] == "close"
            assert refused.json()["code"] == "gateway.busy"
            assert await outside.rest() == b""
        other = await port.visit("127.0.0.9")
        for visitor in (*inside, other):
            await visitor.send(GET)
            assert (await visitor.answer()).status == 200
        await inside[0].leave()
        while True:  # its place is free as soon as the server has noticed
            visitor = await port.visit("127.0.0.1")
            await visitor.send(GET)
            if (await visitor.answer()).status == 200:
                break


async def test_over_the_cap_of_all_everybody_is_told() -> None:
    async with listening(echo, Limits(connections=2)) as port:
        inside = [await port.visit() for _ in range(2)]
        for visitor in inside:
            await visitor.send(GET)
            await visitor.answer()
        outside = await port.visit("127.0.0.9")
        assert (await outside.answer()).status == 503


async def test_after_a_stop_nobody_listens() -> None:
    async with listening(echo) as port:
        visitor = await port.visit()
        await visitor.send(GET)
        await visitor.answer()
        port.stopping.set()
        assert await visitor.rest() == b""
        with pytest.raises(OSError, match="connect"):
            await port.visit()


async def test_running_out_of_files_is_survived(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    class Exhausted(MemoryListener):
        failures = 3

        async def accept(self) -> Stream:
            if self.failures:
                self.failures -= 1
                raise OSError(errno.EMFILE, "Too many open files")
            return await super().accept()

    listener = Exhausted()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve, [listener], echo, Limits())
        ours, theirs = trio.testing.memory_stream_pair()
        await listener.knock.send(theirs)
        visitor = Visitor(ours)
        await visitor.send(GET)
        assert (await visitor.answer()).status == 200
        nursery.cancel_scope.cancel()
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 3
