"""The ordered log of what happened, for clients that poll it or replay what a webhook missed.

Owns: the page of events and its cursor. Does not own: the bodies of events (store), or webhooks (flow).
"""

from typing import Final

import msgspec

from gateway.config import ClientConfig
from gateway.model.clock import spell_instant
from gateway.model.events import Kind
from gateway.web.auth import Gate
from gateway.web.doors import Doors
from gateway.web.http import Request, Response
from gateway.web.routes import Operation, Outcome, Parameter
from gateway.web.wire import read_count, reply

MOST_LISTED: Final = 1000
_LAST_SEQ = (1 << 63) - 1


class EventView(msgspec.Struct, frozen=True):
    """One entry of the log, as a webhook has it too."""

    seq: int
    """Only grows; not without gaps."""
    type: Kind
    timestamp: str
    data: msgspec.Raw
    """What happened, as a JSON object."""


class EventsView(msgspec.Struct, frozen=True):
    """Events, oldest first."""

    events: list[EventView]
    next: int
    """What to send as ``after`` to go on from here."""


_PARAMETERS = (
    Parameter(
        "after",
        "Only events after this sequence number.",
        {"type": "integer", "minimum": 0, "maximum": _LAST_SEQ, "default": 0},
    ),
    Parameter("limit", "At most so many.", {"type": "integer", "minimum": 1, "maximum": MOST_LISTED, "default": 100}),
)


def event_operations(doors: Doors, gate: Gate) -> list[Operation]:
    """The routes."""

    async def read(request: Request, client: ClientConfig) -> Response:
        after = read_count(request, "after", 0, 0, _LAST_SEQ)
        limit = read_count(request, "limit", 100, 1, MOST_LISTED)
        events = [
            EventView(event.seq, event.kind, spell_instant(event.at), event.body)
            for event in await doors.store.events(client.id, after, limit)
        ]
        return reply(EventsView(events, events[-1].seq if events else after))

    return [
        Operation(
            "GET",
            "/v1/events",
            gate.for_client(doors.keys, read),
            id="listEvents",
            summary="Read the log of what happened, in order, from anywhere in it",
            parameters=_PARAMETERS,
            outcomes=(Outcome(200, "Events after the given one; none when nothing happened since.", EventsView),),
            problems=((400, "A parameter is not known."), (422, "The value of a parameter cannot be taken.")),
        )
    ]
