"""Waiting for what shows itself only to those who look: it owns the looking.

Processes, journals and counters of others set no event; that the other end of a connection is gone is seen by reading.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import trio

_PAUSE = 0.02


async def until(condition: Callable[[], object], patience: float) -> bool:
    """Wait until ``condition`` holds, for so many seconds at most; whether it does."""
    with trio.move_on_after(patience):
        while not condition():
            await trio.sleep(_PAUSE)
    return bool(condition())


@asynccontextmanager
async def borne(stream: trio.abc.Stream) -> AsyncIterator[None]:
    """What stands inside goes on until the other end hangs up; all that comes from there is read and thrown away."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_until_hung_up, stream, nursery.cancel_scope)
        try:
            yield
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            nursery.cancel_scope.cancel()


async def _until_hung_up(stream: trio.abc.Stream, scope: trio.CancelScope) -> None:
    try:
        while await stream.receive_some():
            pass
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        pass
    scope.cancel()
