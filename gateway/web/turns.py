"""Large requests take turns: whoever comes with a small one, or texts STOP, waits behind few of them, and no client behind all
of another's.

Owns: how much of them is worked on at a time, and whose is next. Does not own: how much is held in memory (service), or how much
is written in one commit (store).

A batch computes for a while before it is on disk. With fifty of them at once the fifty-first caller would wait for all.
"""

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import trio

from gateway.config import ClientConfig
from gateway.web.auth import ForClient
from gateway.web.http import Request, Response

SMALL_BYTES: Final = 16 * 1024
"""A body up to here waits for nobody."""
ENOUGH_BYTES: Final = 256 * 1024
"""Of larger bodies that are worked on at a time: some 1,500 texts. Below that the next has its turn, however large it is."""


class Turns:
    """A line before a room of limited size. Clients come in one after the other, each with its oldest request."""

    def __init__(self) -> None:
        self._taken = 0
        # The client whose turn is next comes first.
        self._lines: dict[str, deque[_Waiting]] = {}

    def taking(self, handler: ForClient) -> ForClient:
        """The handler, for large requests when it is their turn."""

        async def handle(request: Request, client: ClientConfig) -> Response:
            size = len(request.body)
            if size <= SMALL_BYTES:
                return await handler(request, client)
            async with self.turn(client.id, size):
                return await handler(request, client)

        return handle

    @asynccontextmanager
    async def turn(self, client: str, size: int) -> AsyncIterator[None]:
        """Wait for this client's turn, and have a place of this size for the block."""
        waiting = _Waiting(size)
        self._lines.setdefault(client, deque()).append(waiting)
        self._call()
        try:
            await waiting.called.wait()
            yield
        finally:
            if waiting.called.is_set():
                self._taken -= size
                self._call()
            else:
                self._withdraw(client, waiting)

    def _call(self) -> None:
        """Call who is next, for as long as there is room."""
        while self._lines and self._taken < ENOUGH_BYTES:
            client = next(iter(self._lines))
            line = self._lines.pop(client)
            called = line.popleft()
            if line:
                self._lines[client] = line
            self._taken += called.size
            called.called.set()

    def _withdraw(self, client: str, waiting: "_Waiting") -> None:
        line = self._lines[client]
        line.remove(waiting)
        if not line:
            del self._lines[client]


class _Waiting:
    """A request in line."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.called = trio.Event()
