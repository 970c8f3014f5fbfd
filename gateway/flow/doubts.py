"""Texts in doubt whose receipts come under ids that nobody told us: found, where only one can be meant.

Owns: when to look, and what a segment in doubt looked like on the wire. Does not own: the comparison (rules/doubt), the receipts
(store), or what becomes of doubts that stay (policy, an operator).
"""

import logging
from collections.abc import Callable

from gateway.config import CarrierConfig, Config
from gateway.flow.pdus import plan_for, user_message_reference
from gateway.flow.rounds import go_round
from gateway.rules.doubt import Doubtful, Told, resolve
from gateway.store.base import Store
from gateway.store.orphans import Adoption, Parked
from gateway.store.reads import Doubt
from gateway.text.segment import TooLong, Unencodable

_log = logging.getLogger("gateway.flow")

ROUND_SECONDS = 10.0
_DOUBTS = 20_000
"""In a round, of each carrier. Where there are more nothing is resolved: the text that a receipt means might be among those
that were not looked at, and another be taken for it."""
_RECEIPTS = 5000
"""In a round, of each carrier: the newest."""


class Doubts:
    """Goes round the carriers that have texts in doubt."""

    def __init__(self, config: Config, store: Store, now: Callable[[], int]) -> None:
        self._config = config
        self._store = store
        self._now = now

    async def run(self) -> None:
        """For ever."""
        await go_round(self.once, ROUND_SECONDS, "doubts stay for now")

    async def once(self) -> None:
        """One round."""
        for carrier in self._config.carriers:
            doubts = await self._store.doubts(_DOUBTS, carrier.name)
            if 0 < len(doubts) < _DOUBTS:
                await self._resolve(carrier, doubts)

    async def _resolve(self, carrier: CarrierConfig, doubts: list[Doubt]) -> None:
        since = min(doubt.claimed_at or 0 for doubt in doubts)
        parked = await self._store.parked(carrier.name, since, self._now(), _RECEIPTS)
        if not parked:
            return
        pairs = resolve([_doubtful(doubt, carrier) for doubt in doubts], [_told(one) for one in reversed(parked)])
        now = self._now()
        adopted = await self._store.adopt(
            [Adoption(told.receipt_id, doubt.message_id, doubt.n, now) for told, doubt in pairs]
        )
        if any(adopted):
            _log.info("%s: %d segments in doubt were found by their receipts", carrier.name, sum(adopted))


def _doubtful(doubt: Doubt, carrier: CarrierConfig) -> Doubtful:
    reference = user_message_reference(doubt.message_id, doubt.n) if carrier.user_message_reference else None
    return Doubtful(
        doubt.message_id,
        doubt.n,
        doubt.number,
        doubt.sender,
        _text_of(doubt, carrier),
        doubt.claimed_at or 0,
        reference,
    )


def _text_of(doubt: Doubt, carrier: CarrierConfig) -> str:
    """The words of this segment."""
    if doubt.segments == 1:
        return doubt.text
    try:
        texts = plan_for(doubt.text, carrier).texts
    except (Unencodable, TooLong):
        return ""
    return texts[doubt.n - 1] if len(texts) == doubt.segments else ""


def _told(parked: Parked) -> Told:
    news = parked.news
    return Told(
        parked.id,
        news.keys[0] if news.keys else None,
        news.number,
        news.sender,
        news.at,
        news.submit_date,
        news.text,
        news.user_message_reference,
    )
