"""What time brings about by itself: texts that expire while no bind of their carrier is up, or while they wait for a quota;
parts that never became whole; reviews that are overdue; requests to opt in and questions that nobody answers; idempotency keys
and unclaimed receipts that have had their time; the ledger's day; gauges that need a look.

Owns: the round. Does not own: what is due (store), or the expired texts that a dispatcher meets (it ends those itself).
"""

import logging
from collections.abc import Awaitable, Callable, Iterable

from gateway.carrier.bind import BindKind, BindState
from gateway.carrier.pool import Pool
from gateway.flow.inbound import InboundRoad
from gateway.flow.ledger import Ledger
from gateway.flow.optins import OptIns
from gateway.flow.reviews import Reviews
from gateway.flow.rounds import go_round
from gateway.metrics import Metrics
from gateway.model.clock import DAY, HOUR
from gateway.store.base import Store
from gateway.store.dialogs import ExpireDialogs
from gateway.store.doubt import Expiry
from gateway.store.forget import Forget
from gateway.store.silence import Silence

_log = logging.getLogger("gateway.flow")

ROUND_SECONDS = 10.0
KEYS_KEPT = 7 * DAY
"""How long an idempotency key is remembered."""
RECEIPT_GRACE = 6 * HOUR
"""How long after a text's validity its receipt may still come before it counts as unconfirmed."""
RECEIPTS_KEPT = 30 * DAY
"""How long a receipt that belongs to no text of ours is listed."""
_BATCH = 1000


class Sweep:
    """Goes round."""

    def __init__(
        self,
        store: Store,
        inbound: InboundRoad,
        reviews: Reviews,
        optins: OptIns,
        ledger: Ledger,
        pool: Pool,
        carriers: Iterable[str],
        metrics: Metrics,
        now: Callable[[], int],
    ) -> None:
        self._store = store
        self._inbound = inbound
        self._reviews = reviews
        self._optins = optins
        self._ledger = ledger
        self._pool = pool
        self._carriers = tuple(carriers)
        self._metrics = metrics
        self._now = now
        self._removed: list[str] = []

    async def run(self) -> None:
        """For ever."""
        await go_round(self.once, ROUND_SECONDS, "what is due waits for the next round")

    async def once(self) -> None:
        """One round."""
        statuses = self._pool.observe()
        claiming = {
            status.carrier for status in statuses if status.state is BindState.BOUND and status.kind is not BindKind.RX
        }
        at_work = await self._store.carriers()
        removed = sorted(set(at_work).difference(self._carriers))
        if removed != self._removed:
            self._removed = removed
            if removed:
                _log.warning("texts are left of carriers that are not configured any more: %s", ", ".join(removed))
        carriers = (*self._carriers, *removed)
        for carrier in carriers:
            # Dispatchers end what they meet; the look through a whole queue is for those that nobody is at.
            while carrier not in claiming and await self._expire(carrier, self._store.overdue) == _BATCH:
                pass
            while await self._expire(carrier, self._store.overdue_waiting) == _BATCH:
                pass
        now = self._now()
        while (await self._store.end_silence(Silence(now - RECEIPT_GRACE, now, _BATCH)))[0]:
            pass
        await self._inbound.end_partial_texts()
        await self._reviews.tell_overdue()
        await self._optins.lapse()
        while (await self._store.expire_dialogs(ExpireDialogs(self._now(), _BATCH)))[0] == _BATCH:
            pass
        await self._ledger.tend()
        keys = Forget(self._now() - KEYS_KEPT, _BATCH)
        while (await self._store.forget_keys(keys))[0] == _BATCH:  # of a day when we were down there may be a million
            pass
        await self._store.forget_receipts(Forget(self._now() - RECEIPTS_KEPT, _BATCH))
        for status in statuses:
            self._metrics.window_in_use.of(status.carrier, status.name).set(status.in_flight)
        for carrier in carriers:
            depth = await self._store.depth(carrier)
            self._metrics.queue_depth.of(carrier).set(depth.queued)
            self._metrics.in_doubt.of(carrier).set(depth.in_doubt)
        parked = dict(await self._store.parked_counts())
        for carrier in carriers:
            self._metrics.receipts_parked.of(carrier).set(parked.get(carrier, 0))

    async def _expire(self, carrier: str, overdue: Callable[[str, int, int], Awaitable[tuple[int, ...]]]) -> int:
        ids = await overdue(carrier, self._now(), _BATCH)
        if ids:
            await self._store.expire(Expiry(ids, self._now()))
        return len(ids)
