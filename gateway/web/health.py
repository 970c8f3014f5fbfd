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
    warnings: tuple[str, ...] = ()
    """What an operator should look at though new texts flow."""


def health_operations(doors: Doors) -> list[Operation]:
    """The routes; anybody may ask."""

    async def live(request: Request) -> Response:
        return reply(HealthView("ok"))

    async def ready(request: Request) -> Response:
        reasons = tuple(doors.ready())
        configured = {carrier.name for carrier in doors.config.carriers}
        removed = len(set(await doors.store.carriers()) - configured)
        # Anybody may ask, so nobody is named.
        warnings = [f"texts are left of {removed} carriers that are not configured any more"] if removed else []
        if doors.plugins.suspended:
            warnings.append(f"{len(doors.plugins.suspended)} plugins failed again and again, and are suspended")
        if doors.ledger.stopped:
            warnings.append(f"the ledger does not verify: {doors.ledger.stopped} numbers get no texts")
        return reply(HealthView("not ready" if reasons else "ok", reasons, tuple(warnings)), 503 if reasons else 200)

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
