"""A watch on every connect of the process, name servers to order, and receivers on loopback that say what they are told."""

import errno
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
import trio.testing

Play = Callable[[trio.abc.Stream, bytes], Awaitable[bool]]


_watched: list[str] | None = None


def _see(event: str, args: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _watched is not None and isinstance(args[1], tuple):
        _watched.append(str(args[1][0]))
        if not str(args[1][0]).startswith("127."):
            raise ConnectionRefusedError(errno.ECONNREFUSED, "nothing leaves this machine")


# The lowest place at which a connect can be seen from within: the interpreter's own audit event. It cannot be taken
# out again, hence the switch.
sys.addaudithook(_see)


@pytest.fixture
def connects() -> Iterator[list[str]]:
    """The addresses that were connected to. Those outside 127.0.0.0/8 are seen, and refused."""
    global _watched
    _watched = []
    yield _watched
    _watched = None


@pytest.fixture
def patient_clock() -> trio.testing.MockClock:
    """Virtual time that leaps over waiting, once nothing has arrived on any socket for a moment."""
    return trio.testing.MockClock(autojump_threshold=0.05)


class Names:
    """A name server in a dictionary. A list of lists is answered one after the other, the last for good."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = {name.replace("_", "."): iter_last(given) for name, given in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        await trio.lowlevel.checkpoint()
        if host not in self.answers:
            raise OSError(errno.ENOENT, "no such name")
        return next(self.answers[host])


def iter_last(given: list[list[str]]) -> Iterator[list[str]]:
    yield from given
    while True:
        yield given[-1]


class Receiver:
    """What reached a receiver: the requests over the wire, in how many pieces, all connections and those open now."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.requests: list[bytes] = []
        self.pieces = 0
        self.connections = 0
        self.open = 0


def plays(answer: bytes) -> Play:
    """Give this answer to every request, and keep the connection."""

    async def play(stream: trio.abc.Stream, request: bytes) -> bool:
        await stream.send_all(answer)
        return True

    return play


@asynccontextmanager
async def receiver(
    play: Play, *, encrypt: Callable[[trio.SocketStream], trio.abc.Stream] = lambda stream: stream
) -> AsyncIterator[Receiver]:
    """Serve on a free loopback port. `play` answers a request and says whether the connection lives on."""
    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        state = Receiver(listeners[0].socket.getsockname()[1])

        async def serve(tcp: trio.SocketStream) -> None:
            state.connections += 1
            state.open += 1
            stream = encrypt(tcp)
            buffer = b""
            try:
                while chunk := await stream.receive_some(65536):
                    state.pieces += 1
                    buffer += chunk
                    head, blank, body = buffer.partition(b"\r\n\r\n")
                    if not blank:
                        continue
                    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                    if len(body) >= length:
                        state.requests.append(buffer)
                        buffer = b""
                        if not await play(stream, state.requests[-1]):
                            return
            except trio.BrokenResourceError:
                return
            finally:
                state.open -= 1
                await trio.aclose_forcefully(stream)

        nursery.start_soon(trio.serve_listeners, serve, listeners)
        yield state
        nursery.cancel_scope.cancel()
