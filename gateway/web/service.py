"""What all conversations of a server share.

Owns: the handler and the limits that are theirs, the bytes of bodies that all hold together, the header Date. Does not own: a
conversation (conversation).
"""

from collections.abc import Callable
from email.utils import formatdate
from typing import Final

import trio

from gateway.errors import Code
from gateway.web.http import Admit, Handler
from gateway.web.limits import Limits
from gateway.web.problem import Problem

RETRY: Final = (("Retry-After", "1"),)


class Service:
    """What all conversations share."""

    def __init__(
        self,
        handler: Handler,
        limits: Limits,
        stopping: trio.Event,
        clock: Callable[[], float],
        answered: Callable[[int], None],
        admit: Admit,
    ) -> None:
        self.handler = handler
        self.admit = admit
        self.answered = answered
        self.limits = limits
        self.stopping = stopping
        self._held = 0
        self._clock = clock
        self._second = -1
        self._date = ""

    def date(self) -> str:
        """The header Date, RFC 9110 §5.6.7."""
        now = int(self._clock())
        if now != self._second:
            self._second = now
            self._date = formatdate(now, usegmt=True)
        return self._date

    def hold(self, count: int) -> None:
        """Count bytes of a body among those of all. Raises Problem where these are too many."""
        if self._held + count > self.limits.bodies_bytes:
            raise Problem(503, Code.BUSY, "Too many large bodies at once.", fix="Try again.", headers=RETRY)
        self._held += count

    def release(self, count: int) -> None:
        """Those bytes are answered."""
        self._held -= count
