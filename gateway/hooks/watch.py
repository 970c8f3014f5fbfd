"""The watch over plugins' calls that are under way.

Owns: when one that computes is given up, and when threads are looked at. Does not own: calls (host), their threads (turns), or
how threads take turns at computing (the process).
"""

import time
from collections.abc import Sequence
from typing import Final, Protocol

import trio

from gateway.hooks.turns import Crew

_LOOK_SECONDS: Final = 0.02


class Watched(Protocol):
    """A call on a thread."""

    @property
    def computed(self) -> float:
        """Seconds that its thread computed for it."""
        ...


class Watch:
    """The calls that are under way."""

    def __init__(self, cpu_seconds: float, crews: Sequence[Crew] = ()) -> None:
        self._cpu_seconds = cpu_seconds
        self._crews = crews
        self._under_way: dict[Watched, tuple[trio.CancelScope, float]] = {}
        """With what gives a call up, and when it began."""
        self._some = trio.Event()

    def begin(self, call: Watched, scope: trio.CancelScope) -> None:
        """A call is to be watched, and given up by cancelling the scope."""
        self._under_way[call] = scope, time.monotonic()
        self._some.set()

    def end(self, call: Watched) -> None:
        """A call has returned, or was given up."""
        del self._under_way[call]

    async def run(self) -> None:
        """For ever: give up calls that compute too long, and let none wait behind one that takes long."""
        while True:
            await self._some.wait()
            await trio.sleep(_LOOK_SECONDS)
            # Asking for a thread's time is a call of the system, and nobody computes longer than there is time: most calls
            # are over before they are asked about.
            latest = time.monotonic() - self._cpu_seconds
            for call, (scope, began) in self._under_way.items():
                if began < latest and call.computed > self._cpu_seconds:
                    scope.cancel()
            for crew in self._crews:
                crew.look()
            if not self._under_way:
                self._some = trio.Event()
