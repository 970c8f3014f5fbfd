"""What time brings about by itself: texts that expire while no carrier takes them, parts that never became whole, keys that
nobody will use again.

Owns: the round. Does not own: what is due (store), or the texts that a dispatcher meets (it ends those itself).
"""

from collections.abc import Callable, Iterable

import trio

from gateway.flow.inbound import InboundRoad
from gateway.model.clock import DAY
from gateway.store.base import Store
from gateway.store.doubt import Expiry

ROUND_SECONDS = 30.0
KEYS_KEPT = 7 * DAY
"""How long an idempotency key is remembered."""
_BATCH = 1000


class Sweep:
    """Goes round."""

    def __init__(self, store: Store, inbound: InboundRoad, carriers: Iterable[str], now: Callable[[], int]) -> None:
        self._store = store
        self._inbound = inbound
        self._carriers = tuple(carriers)
        self._now = now

    async def run(self) -> None:
        """For ever."""
        while True:
            await self.once()
            await trio.sleep(ROUND_SECONDS)

    async def once(self) -> None:
        """One round."""
        for carrier in self._carriers:
            while await self._expire(carrier) == _BATCH:
                pass
        await self._inbound.end_partial_texts()
        await self._store.forget_keys(self._now() - KEYS_KEPT)

    async def _expire(self, carrier: str) -> int:
        ids = await self._store.overdue(carrier, self._now(), _BATCH)
        if ids:
            await self._store.expire(Expiry(ids, self._now()))
        return len(ids)
