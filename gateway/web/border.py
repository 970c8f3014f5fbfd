"""What stands around each door's router: failures of the floors below become answers.

Owns: the mapping of ``Transient`` and a failed store to HTTP. Does not own: the problems that resources raise themselves,
or what is nobody's fault to foresee (the server's fence).
"""

from math import ceil

from gateway.errors import Code, Transient
from gateway.store.writer import StoreFailed
from gateway.web.http import Handler, Request, Response
from gateway.web.problem import Problem

_STATUS = {Code.STORE_FULL: 507}
"""RFC 4918 §11.5: there is no room to store what is needed. All else that passes is 503."""


def at_border(handler: Handler) -> Handler:
    """``handler`` behind the border."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Transient as error:
            raise _later(_STATUS.get(error.code, 503), error) from error
        except StoreFailed as error:
            raise Problem(
                503,
                Code.STORE_UNAVAILABLE,
                "The disk failed and the gateway is stopping; whether the request took effect is not known.",
                fix="Repeat it with the same Idempotency-Key when the gateway is back.",
            ) from error

    return answer


def _later(status: int, error: Transient) -> Problem:
    seconds = max(1, ceil(error.after))
    return Problem(
        status,
        error.code,
        error.detail,
        fix=f"Repeat the request in {seconds} s.",
        headers=(("Retry-After", str(seconds)),),
    )
