"""HTTP/1.1: connections in, ``Request`` to the handler, ``Response`` out.

Owns: putting a server together. Does not own: who is let in (door), or what is said on a connection (conversation), of which one
task serves each.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

import trio

from gateway.errors import Code
from gateway.web.conversation import Conversation
from gateway.web.door import Door
from gateway.web.http import Admit, Handler, anybody
from gateway.web.limits import Limits
from gateway.web.listen import ListenError, Stream, open_listeners
from gateway.web.problem import Problem
from gateway.web.service import RETRY, Service
from gateway.web.words import last_words

__all__ = ["Handler", "Limits", "ListenError", "open_listeners", "serve"]

_BUSY: Final = Problem(503, Code.BUSY, "Too many connections.", fix="Try again later.", headers=RETRY)


def _nobody(status: int) -> None:
    """Counts nothing."""


async def serve(
    listeners: Sequence[trio.abc.Listener[Stream]],
    handler: Handler,
    limits: Limits,
    *,
    stopping: trio.Event | None = None,
    clock: Callable[[], float] = time.time,
    answered: Callable[[int], None] = _nobody,
    admit: Admit = anybody,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Answer on ``listeners``, which are closed in the end.

    When ``stopping`` is set: nothing more is accepted, idle connections are closed, what is under way is answered with
    ``Connection: close``, and ``limits.stop_seconds`` later the rest is cancelled. A cancellation from outside does the
    last at once. ``clock`` gives Unix seconds, for the header Date. ``answered`` is told the status of every answer, whoever
    gave it: a handler, or the server itself to what is no request (400, 408, 413, 431, 503 …). ``admit`` is asked before
    more than a small part of a body is read, so that strangers cannot take the room of all.
    """
    stopping = trio.Event() if stopping is None else stopping
    service = Service(handler, limits, stopping, clock, answered, admit)

    def busy() -> bytes:
        answered(_BUSY.status)
        return last_words(_BUSY, service.date())

    door = Door(limits, lambda stream, peer: Conversation(service, stream, peer), busy)
    await door.keep(listeners, stopping, task_status)
