"""What the binds are doing, for operators.

Owns: the answer. Does not own: the binds (carrier).
"""

from collections.abc import Callable
from typing import Protocol

import msgspec
import trio

from gateway.carrier.bind import BindKind, BindState, BindStatus
from gateway.web.http import Handler, Request, Response
from gateway.web.wire import reply


class Observed(Protocol):
    """Whoever knows what the binds are doing: the pool."""

    def observe(self) -> list[BindStatus]:
        """What each bind is doing now."""
        ...


class BindView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One bind."""

    name: str
    carrier: str
    kind: BindKind
    state: BindState
    seconds: float
    """How long it has been in this state."""
    window: int
    """How many submit_sm may be unanswered."""
    in_flight: int
    """How many are."""
    binds: int
    """How often it was bound since the start."""
    detail: str | None = None
    retry_in_seconds: float | None = None


class BindsView(msgspec.Struct, frozen=True):
    """All binds, by carrier."""

    binds: list[BindView]


def list_binds(pool: Observed, clock: Callable[[], float] = trio.current_time) -> Handler:
    """Answers with all binds; ``clock`` is the one that they tell their times by."""

    async def answer(request: Request) -> Response:
        now = clock()
        return reply(BindsView([_view(status, now) for status in pool.observe()]))

    return answer


def _view(status: BindStatus, now: float) -> BindView:
    return BindView(
        status.name,
        status.carrier,
        status.kind,
        status.state,
        round(max(0.0, now - status.since), 1),
        status.window,
        status.in_flight,
        status.binds,
        status.detail or None,
        None if status.retry_at is None else round(max(0.0, status.retry_at - now), 1),
    )
