"""What stands around each door's router: failures of the floors below become answers, and every answer is counted.

Owns: the mapping of ``Transient`` and a failed store to HTTP, and the count by status class. Does not own: the problems
that resources raise themselves, or what is nobody's fault to foresee (the server's fence).
"""

from math import ceil

from gateway.errors import Code, Transient
from gateway.metrics import Metrics, status_class
from gateway.store.writer import StoreFailed
from gateway.web.http import Handler, Request, Response
from gateway.web.problem import Problem

_STATUS = {Code.STORE_FULL: 507}
"""RFC 4918 §11.5: there is no room to store what is needed. All else that passes is 503."""


def at_border(handler: Handler, metrics: Metrics) -> Handler:
    """``handler`` behind the border."""

    async def answer(request: Request) -> Response:
        status = 500
        try:
            response = await handler(request)
            status = response.status
            return response
        except Problem as problem:
            status = problem.status
            raise
        except Transient as error:
            status = _STATUS.get(error.code, 503)
            raise _later(status, error) from error
        except StoreFailed as error:
            status = 503
            raise Problem(
                status,
                Code.STORE_UNAVAILABLE,
                "The disk failed and the gateway is stopping; whether the request took effect is not known.",
                fix="Repeat it with the same Idempotency-Key when the gateway is back.",
            ) from error
        finally:
            metrics.http_requests.of(status_class(status)).inc()

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
