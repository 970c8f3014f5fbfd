"""What the gateway looks after by itself, again and again.

Owns: going round, and that neither a store which takes nothing for now nor a fault of ours ends more than the round under way.
Does not own: what is looked after (doubts, queries, reroute, setbacks, sweep).
"""

import logging
from collections.abc import Awaitable, Callable

import trio

from gateway.errors import Transient

_log = logging.getLogger("gateway.flow")


async def go_round(once: Callable[[], Awaitable[None]], seconds: float, left: str) -> None:
    """For ever: one round, and a pause of so many seconds. ``left`` says what stays undone where one does not come to its end."""
    while True:
        try:
            await once()
        except Transient as error:
            _log.warning("%s: %s", left, error)
        except Exception:  # noqa: BLE001 -- the fence of one round: opt-outs are still to be heard
            _log.exception("a fault of ours, and %s", left)
        await trio.sleep(seconds)
