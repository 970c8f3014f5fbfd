"""The listening socket: it owns accepting, telling who it is, and being away for a while."""

from collections.abc import Awaitable, Callable

import trio

from tools.simulator.endpoint import Endpoint

Serve = Callable[[trio.SocketStream], Awaitable[None]]


class Door:
    """Listens at one endpoint. `open` it, then `run` it."""

    def __init__(self) -> None:
        self._listener: trio.SocketListener | None = None
        self._scope = trio.CancelScope()
        self._away = 0.0

    async def open(self, at: Endpoint) -> Endpoint:
        """Listen; where, with the port that port 0 became. Raises OSError."""
        try:
            listeners = await trio.open_tcp_listeners(at.port, host=at.host)
        except OSError as error:
            raise OSError(error.errno, f"cannot listen on {at}: {error.strerror or error}") from error
        for superfluous in listeners[1:]:
            await superfluous.aclose()
        self._listener = listeners[0]
        host, port = self._listener.socket.getsockname()[:2]
        return Endpoint(host, port)

    def go_away(self, seconds: float) -> None:
        """Refuse connections for so long. Those that are there stay."""
        self._away = seconds
        self._scope.cancel()

    async def run(self, serve: Serve) -> None:
        """Give what is accepted to `serve`, each in a task of its own, for ever."""
        assert self._listener is not None, "open() comes first"
        host, port = self._listener.socket.getsockname()[:2]
        async with trio.open_nursery() as nursery:
            while True:
                with trio.CancelScope() as self._scope:
                    await trio.serve_listeners(serve, [self._listener], handler_nursery=nursery)
                await trio.sleep(self._away)
                await self.open(Endpoint(host, port))


async def introduced(serve: Callable[[trio.SocketStream, str], Awaitable[None]], stream: trio.SocketStream) -> None:
    """Give a connection to `serve` together with the name of its other end; one that has gone already to nobody."""
    try:
        host, port = stream.socket.getpeername()[:2]
    except OSError:
        return
    await serve(stream, str(Endpoint(host, port)))
