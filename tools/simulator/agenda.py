"""Things that are due later, in one heap and one task; it owns when, not what.

An action is a plain function that does not wait. Actions that fall due together run together, then `after_each_run` is
called once: the place to flush a journal and hand out deliveries.
"""

import math
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

import trio

Action = Callable[[], None]


class Agenda:
    """Runs actions at their time, in order of time and then of entry."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Action]] = []
        self._numbers = count()
        self._wake = trio.Event()

    def __len__(self) -> int:
        return len(self._heap)

    def later(self, seconds: float, action: Action) -> None:
        """Run `action` that many seconds from now."""
        due = trio.current_time() + seconds
        if not self._heap or due < self._heap[0][0]:
            self._wake.set()
        heappush(self._heap, (due, next(self._numbers), action))

    async def run(self, after_each_run: Action) -> None:
        """Run what falls due, for ever."""
        heap = self._heap
        while True:
            now = trio.current_time()
            ran = False
            while heap and heap[0][0] <= now:
                heappop(heap)[2]()
                ran = True
            if ran:
                after_each_run()
            self._wake = trio.Event()
            with trio.move_on_at(heap[0][0] if heap else math.inf):
                await self._wake.wait()
