"""Whether the process lives, and whether it can do its work.

Owns: the two answers. Does not own: what it takes to be ready (app).
"""

import msgspec

from gateway.web.doors import Doors
from gateway.web.http import Request, Response
from gateway.web.routes import Operation, Outcome
from gateway.web.wire import reply


class HealthView(msgspec.Struct, frozen=True, omit_defaults=True):
    """``ok``, or why not."""

    status: str
    reasons: tuple[str, ...] = ()


def health_operations(doors: Doors) -> list[Operation]:
    """The routes; anybody may ask."""

    async def live(request: Request) -> Response:
        return reply(HealthView("ok"))

    async def ready(request: Request) -> Response:
        reasons = tuple(doors.ready())
        return reply(HealthView("not ready", reasons), 503) if reasons else reply(HealthView("ok"))

    return [
        Operation(
            "GET",
            "/healthz",
            live,
            id="getHealth",
            summary="Whether the process lives",
            outcomes=(Outcome(200, "It does.", HealthView),),
            keyless=True,
        ),
        Operation(
            "GET",
            "/readyz",
            ready,
            id="getReadiness",
            summary="Whether the gateway can do its work",
            outcomes=(Outcome(200, "It can.", HealthView), Outcome(503, "It cannot; `reasons` say why.", HealthView)),
            keyless=True,
        ),
    ]
