"""What is recorded when the gateway itself fails to answer.

Owns: the one log line of a failed request and the answer that leads to it. Does not own: catching the failure (conversation).
"""

import logging
import secrets
import traceback
from collections.abc import Iterator

from gateway.errors import Code
from gateway.web.problem import Problem

log = logging.getLogger("gateway.web")

_DEPTH = 4


def record_incident(error: Exception) -> Problem:
    """Log what failed and where, under a random id, and return the 500 that shows the id.

    Types and places only: the text of an exception may quote a number, a message or a secret.
    """
    incident = secrets.token_hex(8)
    log.error("request failed: incident %s\n%s", incident, "".join(_places(error, _DEPTH)).rstrip())
    return Problem(
        500,
        Code.INTERNAL,
        "The gateway failed to answer; the request may or may not have taken effect.",
        fix=f"Repeat it with the same Idempotency-Key, or ask the operator about incident {incident}.",
        extra={"incident": incident},
    )


def _places(error: BaseException, depth: int) -> Iterator[str]:
    yield f"{type(error).__module__}.{type(error).__qualname__}\n"
    yield from traceback.format_tb(error.__traceback__)
    related = list(error.exceptions) if isinstance(error, BaseExceptionGroup) else []
    if error.__cause__ is not None:
        related.append(error.__cause__)
    elif error.__context__ is not None and not error.__suppress_context__:
        related.append(error.__context__)
    for other in related if depth else ():
        yield from _places(other, depth - 1)
