"""Reviews as people see to them: decided, counted, and told of when nobody did.

Owns: that every dispatcher learns of an opt-out by review at once, the alarm, the gauges. Does not own: which text is to be
reviewed (inbound), or what a decision changes (store).
"""

import logging
from collections.abc import Callable, Iterable

from gateway.flow.optouts import OptOuts
from gateway.metrics import Metrics
from gateway.model.ids import ReviewId, spell
from gateway.model.review import Review, ReviewDecision, Verdict
from gateway.store.base import Store
from gateway.store.reviews import Overdue, ReviewOutcome

_log = logging.getLogger("gateway.flow")

_BATCH = 500


class Reviews:
    """Decisions and alarms."""

    def __init__(
        self, store: Store, optouts: OptOuts, metrics: Metrics, clients: Iterable[str], now: Callable[[], int]
    ) -> None:
        self._store = store
        self._optouts = optouts
        self._metrics = metrics
        self._clients = tuple(clients)
        self._now = now

    async def decide(
        self, review_id: int, client: str | None, decision: ReviewDecision, by: str, note: str
    ) -> tuple[ReviewOutcome, Review | None]:
        """Take a person's word on a review of this client (None: of any), durably; and the review as it stands now."""
        verdict = Verdict(ReviewId(review_id), client, decision, by, note, self._now())
        ending = await self._store.review(review_id, client) if decision is ReviewDecision.OPT_OUT else None
        if ending is not None:
            self._optouts.note_hold(ending.number, [ending.client])
        (outcome,) = await self._store.decide_reviews([verdict])
        if ending is not None and outcome is ReviewOutcome.DECIDED:
            self._optouts.note(ending.number, [ending.client])
        return outcome, await self._store.review(review_id, client)

    async def tell_overdue(self) -> None:
        """An event and a line in the log for each review whose time is over; its number stays held."""
        while True:
            (told,) = await self._store.overdue_reviews(Overdue(self._now(), _BATCH))
            for review_id in told:
                _log.error(
                    "review %s is overdue: its number stays held until somebody decides", spell("rev", review_id)
                )
            if len(told) < _BATCH:
                break
        await self.count()

    async def count(self) -> None:
        """Set the gauges."""
        counts = {count.client: count for count in await self._store.review_counts(self._now())}
        for client in {*self._clients, *counts}:
            count = counts.get(client)
            self._metrics.reviews_open.of(client).set(count.open if count else 0)
            self._metrics.reviews_overdue.of(client).set(count.overdue if count else 0)
