"""A wall clock that was set back: what was to wait for seconds must not wait for hours.

Owns: noticing it, by the clock that only goes forward, and what follows. Does not own: which texts that concerns, or their
places in the queue (store/setbacks).

A machine that starts an hour ahead, and is put right while it runs, has taken texts whose turn is an hour away, and tries whose
pause is longer by that hour. Texts are made due: each is looked at once more before it goes, so that what hours and caps hold
back is held anew, by the right time. What a client wants sent later keeps its instant. The clock may have been put right while
we were down, so texts are looked at when we start as well.
"""

import logging
from collections.abc import Callable

import trio

from gateway.flow.rounds import go_round
from gateway.model.clock import SECOND
from gateway.store.base import Store
from gateway.store.setbacks import SLIGHT, Forward, Setback

_log = logging.getLogger("gateway.flow")

ROUND_SECONDS = 1.0
_BATCH = 1000


class Setbacks:
    """Compares the two clocks."""

    def __init__(self, store: Store, now: Callable[[], int]) -> None:
        self._store = store
        self._now = now
        self._last: tuple[int, float] | None = None
        """What both clocks showed when all was as it should be."""

    async def run(self) -> None:
        """For ever."""
        await go_round(self.once, ROUND_SECONDS, "what waits by the clock that was set back waits for the next round")

    async def once(self) -> None:
        """One round. Raises Transient; then the next one finds the same setback."""
        now, clock = self._now(), trio.current_time()
        back = 0
        if self._last is not None:
            wall, then = self._last
            back = wall + int((clock - then) * SECOND) - now
        if self._last is None or back > SLIGHT:
            texts = await self._bring_forward()
            if back:
                _log.warning("the clock was set back by %d s: %d segments are due that were not", back // SECOND, texts)
                await self._store.shift_retries(Setback(back, now))
        self._last = now, clock

    async def _bring_forward(self) -> int:
        count = 0
        for carrier in await self._store.carriers():
            # By the time that it is then: what is taken or put off meanwhile is not ahead.
            while found := await self._store.ahead(carrier, now := self._now(), _BATCH):
                (segments,) = await self._store.bring_forward(Forward(found, now))
                count += segments
        return count
