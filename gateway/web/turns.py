"""Large requests take turns: whoever comes with a small one, or texts STOP, waits behind few of them.

Owns: how much of them is worked on at a time. Does not own: how much is held in memory (service), or how much is written in one
commit (store).

A batch computes for a while before it is on disk. With fifty of them at once the fifty-first caller would wait for all.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import trio

from gateway.config import ClientConfig
from gateway.web.auth import ForClient
from gateway.web.http import Request, Response

SMALL_BYTES: Final = 16 * 1024
"""A body up to here waits for nobody."""
MOST_BYTES: Final = 512 * 1024
"""Of larger bodies that are worked on at a time: some 3,000 texts. One that is larger than that has its turn alone."""


class Turns:
    """A line before a room of limited size: first come, first served."""

    def __init__(self) -> None:
        self._taken = 0
        self._line = trio.StrictFIFOLock()
        self._left = trio.Event()

    def taking(self, handler: ForClient) -> ForClient:
        """The handler, for large requests when it is their turn."""

        async def handle(request: Request, client: ClientConfig) -> Response:
            size = len(request.body)
            if size <= SMALL_BYTES:
                return await handler(request, client)
            async with self.turn(size):
                return await handler(request, client)

        return handle

    @asynccontextmanager
    async def turn(self, size: int) -> AsyncIterator[None]:
        """Wait for a place of this size, and have it for the block."""
        async with self._line:
            while self._taken and self._taken + size > MOST_BYTES:
                await self._left.wait()
            self._taken += size
        try:
            yield
        finally:
            self._taken -= size
            self._left.set()
            self._left = trio.Event()
