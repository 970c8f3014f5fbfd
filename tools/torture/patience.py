"""Waiting for what shows itself only to those who look: it owns the looking.

Processes, journals and counters of others set no event.
"""

from collections.abc import Callable

import trio

_PAUSE = 0.02


async def until(condition: Callable[[], object], patience: float) -> bool:
    """Wait until ``condition`` holds, for so many seconds at most; whether it does."""
    with trio.move_on_after(patience):
        while not condition():
            await trio.sleep(_PAUSE)
    return bool(condition())
