"""Why the texts of a carrier wait, for whoever asks.

Owns: gathering the reasons. Does not own: any of them (health, dispatch, store).
"""

from collections.abc import Callable
from enum import StrEnum

import msgspec
import trio

from gateway.flow.dispatch import Dispatch
from gateway.flow.health import Health
from gateway.rules.quota import scope_of
from gateway.store.base import Store


class Cause(StrEnum):
    """What a text can wait for."""

    DOWN = "down"
    """No bind of the carrier is up."""
    PAUSE = "pause"
    """The carrier said that it is too much for now."""
    PACE = "pace"
    """It goes slower than configured, since the carrier said that it was too much."""
    QUOTA = "quota"
    """A limit's window is used up."""
    REMOVED = "removed"
    """The carrier is not configured any more: they move to another of their program, or expire."""


class Wait(msgspec.Struct, frozen=True, omit_defaults=True):
    """One reason. Instants are milliseconds since the epoch."""

    cause: Cause
    since: int | None = None
    until: int | None = None
    rate: float | None = None
    """PDUs a second."""
    key: str | None = None
    """Of the limit: scope, window and whose."""
    segments: int | None = None
    """How many wait for this reason alone."""


class Waits:
    """Knows where to look."""

    def __init__(self, store: Store, dispatch: Dispatch, health: Health, now: Callable[[], int]) -> None:
        self._store = store
        self._dispatch = dispatch
        self._health = health
        self._now = now

    async def of(self, carrier: str) -> list[Wait]:
        """Why texts wait for a carrier now; empty when nothing keeps them."""
        now, clock = self._now(), trio.current_time()
        account = self._dispatch.accounts.get(carrier)
        if account is None:
            return [Wait(Cause.REMOVED)]
        found: list[Wait] = []
        down_since = self._health.down_since(carrier)
        if down_since is not None:
            found.append(Wait(Cause.DOWN, since=now - int((clock - down_since) * 1000)))
        paused_until = account.throttle.paused_until(clock)
        if paused_until is not None:
            found.append(Wait(Cause.PAUSE, until=now + int((paused_until - clock) * 1000)))
        rate = account.throttle.rate(clock)
        if rate is not None and rate != account.config.rate:
            found.append(Wait(Cause.PACE, rate=round(rate, 1)))
        limits = {(limit.scope, limit.per): limit for limit in account.limits}
        for key, segments in await self._store.waiting(carrier):
            limit = limits.get(scope_of(key))
            until = None if limit is None else limit.window(now).ends
            found.append(Wait(Cause.QUOTA, until=until, key=key, segments=segments))
        return found
