"""Webhook endpoints, for operators: where each stands, and having it delivered what was given up.

Owns: the answers. Does not own: deliveries (flow, webhook) or their record (store).
"""

import math

import msgspec

from gateway.store.webhooks import Revival
from gateway.web.doors import Doors
from gateway.web.http import Request, Response
from gateway.web.wire import no_such, reply, spell_time


class EndpointView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One endpoint."""

    client: str
    webhook: str
    enabled: bool
    cursor: int
    """The last event that was taken off the log for it."""
    waiting: int
    """Failed deliveries that will be tried again."""
    dead: int
    """Failed deliveries that were given up, kept for a replay."""
    disabled_at: str | None = None
    reason: str | None = None
    next_at: str | None = None
    """When the first of those that wait is tried again."""
    last_failure: str | None = None
    """What the attempt on the newest event that failed came to: an answer's status, or why there was none."""
    paused_seconds: int | None = None
    """For so long nothing more goes to it, because it answered that it has too much: 429, 502 or 504."""


class EndpointsView(msgspec.Struct, frozen=True):
    """All configured endpoints."""

    webhooks: list[EndpointView]


class ReplayView(msgspec.Struct, frozen=True):
    """How many deliveries became due again."""

    replayed: int


class Endpoints:
    """The handlers."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._known = {
            f"{client.id}/{webhook.id}": (client.id, webhook.id)
            for client in doors.config.clients
            for webhook in client.webhooks
        }

    async def browse(self, request: Request) -> Response:
        """All endpoints."""
        views: list[EndpointView] = []
        for endpoint, (client, webhook) in self._known.items():
            state = await self._doors.store.webhook_state(endpoint)
            views.append(
                EndpointView(
                    client,
                    webhook,
                    state.disabled_at is None,
                    state.cursor,
                    state.waiting,
                    state.dead,
                    spell_time(state.disabled_at),
                    state.reason,
                    spell_time(state.next_at),
                    state.last_failure,
                    math.ceil(self._doors.paused(endpoint)) or None,
                )
            )
        return reply(EndpointsView(views))

    async def replay(self, request: Request) -> Response:
        """Enable an endpoint, end its pause, and make what was given up due again."""
        endpoint = f"{request.params['client']}/{request.params['webhook']}"
        if endpoint not in self._known:
            raise no_such("webhook")
        (count,) = await self._doors.store.revive_webhook(Revival(endpoint, self._doors.now()))
        self._doors.replayed(endpoint)
        return reply(ReplayView(count))
