"""What the gateway looks after by itself, again and again.

Owns: going round, and that a store which takes nothing for now ends no round but the one under way. Does not own: what is
looked after (doubts, queries, reroute, setbacks, sweep).
"""

import logging
from collections.abc import Awaitable, Callable

import trio

from gateway.errors import Transient

_log = logging.getLogger("gateway.flow")


async def go_round(once: Callable[[], Awaitable[None]], seconds: float, left: str) -> None:
    """For ever: one round, and a pause of so many seconds. ``left`` says what stays undone where the store takes nothing."""
    while True:
        try:
            await once()
        except Transient as error:
            _log.warning("%s: %s", left, error)
        await trio.sleep(seconds)
