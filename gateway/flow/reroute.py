"""Texts queued for a carrier that stays down, or that is not configured any more, move to another one that is up.

Owns: when a queue is emptied, how fast, and where each text goes. Does not own: the rule of the choice (rules/routing), or which
texts can move without going twice (store/reroute).

A text follows its program's routes as a new one would. What has nowhere else to go, would need another number of segments
there, or has characters that the other carrier does not take, stays and waits. A queue is looked through a stretch at a time,
each round beginning where the last one ended: a million texts that have to stay cost no more than a thousand.
"""

import logging
from collections import Counter
from collections.abc import Callable

import trio

from gateway.config import Config
from gateway.flow.health import Health
from gateway.flow.pdus import plan_for
from gateway.flow.rounds import go_round
from gateway.flow.routes import Routes
from gateway.rules.routing import Standing
from gateway.store.base import Store
from gateway.store.quota import Recall
from gateway.store.reroute import Movable, Move, Place
from gateway.text.segment import TooLong, Unencodable

_log = logging.getLogger("gateway.flow")

ROUND_SECONDS = 5.0
_BATCH = 250
_BATCHES = 20
"""In a round, of each carrier."""


class Reroute:
    """Goes round the carriers that are down."""

    def __init__(self, config: Config, store: Store, health: Health, now: Callable[[], int]) -> None:
        self._config = config
        self._store = store
        self._health = health
        self._now = now
        self._routes = Routes(config)
        self._configured = {carrier.name for carrier in config.carriers}
        self._places: dict[str, Place] = {}

    async def run(self) -> None:
        """For ever."""
        await go_round(self.once, ROUND_SECONDS, "texts of carriers that are down stay for now")

    async def once(self) -> None:
        """One round."""
        for carrier in self._config.carriers:
            since = self._health.down_since(carrier.name)
            if since is None:
                self._places.pop(carrier.name, None)
            elif self._health.up and trio.current_time() - since >= carrier.reroute_after_seconds:
                await self._empty(carrier.name)
        if self._health.up:
            for removed in set(await self._store.carriers()) - self._configured:
                await self._empty(removed)

    async def _empty(self, carrier: str) -> None:
        moved: Counter[str] = Counter()
        place: Place | None = self._places.get(carrier, Place())
        for _ in range(_BATCHES):
            if place is None or carrier in self._health.up:
                break
            await self._store.recall(Recall(carrier, _BATCH))
            texts, place = await self._store.movable(carrier, self._now(), place, _BATCH)
            moves = [move for text in texts if (move := self._move(text, carrier)) is not None]
            for move, could in zip(moves, await self._store.move(moves), strict=True):
                moved[move.target] += could
        self._places[carrier] = place or Place()
        how = "down" if carrier in self._configured else "not configured any more"
        for target, count in moved.items():
            if count:
                _log.info("%s is %s: %d texts moved to %s", carrier, how, count, target)

    def _move(self, text: Movable, source: str) -> Move | None:
        up = self._health.up
        choice = self._routes.choose(text.client, text.program, text.category, text.number, text.message_id, up)
        # A choice may also name a carrier that is up and may not carry the text.
        target = None
        if choice is not None and choice.standing is Standing.OPEN:
            target = self._config.carrier(choice.carrier)
        if target is None:
            return None
        try:
            plan = plan_for(text.text, target)
        except (Unencodable, TooLong):
            return None
        if len(plan.texts) != text.segments:
            return None
        return Move(text.message_id, source, target.name, plan.encoding, plan.units, text.segments, self._now())
