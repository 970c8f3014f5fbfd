"""The watch over plugins' calls that compute.

Owns: when such a call is given up, and how the interpreter takes turns meanwhile. Does not own: calls and their threads (host).

Python threads take turns: one that computes is asked for the interpreter, and hands it over within the switch interval, five
milliseconds. A request changes threads a dozen times on its way to the disk and back, and beside a loop it waits that long at
each change, a tenth of a second in all. So while a plugin computes, the turns are short; where none does, they are as they
were, for turns cost work.
"""

import sys
from typing import Final, Protocol

import trio

_LOOK_SECONDS: Final = 0.02
_COMPUTES: Final = _LOOK_SECONDS / 4
"""Seconds of computing between two looks that are more than a call of ours has use for."""
SHORT_TURN: Final = 0.0005
"""Seconds."""


class Watched(Protocol):
    """A call on a thread."""

    @property
    def ended(self) -> bool:
        """Whether its thread is done with it."""
        ...

    @property
    def computed(self) -> float:
        """Seconds that its thread computed for it."""
        ...


class Watch:
    """The calls that are under way, and the threads of those that were given up and could not be ended."""

    def __init__(self, cpu_seconds: float) -> None:
        self._cpu_seconds = cpu_seconds
        self._under_way: dict[Watched, trio.CancelScope | None] = {}
        """With what gives a call up; None: it was."""
        self._computed: dict[Watched, float] = {}
        """At the last look."""
        self._some = trio.Event()

    def begin(self, call: Watched, scope: trio.CancelScope) -> None:
        """A call is to be watched, and given up by cancelling the scope."""
        self._under_way[call] = scope
        self._some.set()

    def end(self, call: Watched) -> None:
        """A call has returned, or was given up; a thread that goes on nevertheless is still watched."""
        if call.ended:
            del self._under_way[call]
        else:
            self._under_way[call] = None

    async def run(self) -> None:
        """For ever: give up calls that compute too long, and keep turns short as long as one computes."""
        usual = sys.getswitchinterval()
        try:
            while True:
                await self._some.wait()
                await trio.sleep(_LOOK_SECONDS)
                sys.setswitchinterval(min(SHORT_TURN, usual) if self._look() else usual)
                if not self._under_way:
                    self._some = trio.Event()
        finally:
            sys.setswitchinterval(usual)

    def _look(self) -> bool:
        """Whether a call computed since the last look."""
        before, self._computed = self._computed, {}
        computing = False
        for call, scope in list(self._under_way.items()):
            if scope is None and call.ended:
                del self._under_way[call]
                continue
            computed = self._computed[call] = call.computed
            computing = computing or computed - before.get(call, 0.0) > _COMPUTES
            if scope is not None and computed > self._cpu_seconds:
                scope.cancel()
        return computing
