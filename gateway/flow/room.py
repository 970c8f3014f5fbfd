"""Whether the disk has room for new texts.

Owns: the early refusal. What is left below the floor drains the queue: answers, receipts and opt-outs still fit. Does not
own: what happens when even that is used up (store).
"""

from collections.abc import Callable

from gateway.model.clock import SECOND

_LOOK_EVERY = SECOND


class Room:
    """Looks at the free space, at most once a second. Where that cannot be told, nobody is told that it is short."""

    def __init__(self, free: Callable[[], int], floor: int, now: Callable[[], int]) -> None:
        self._free = free
        self._floor = floor
        self._now = now
        self._looked_at = 0
        self._enough = True

    def enough(self) -> bool:
        """Whether new texts may be taken."""
        now = self._now()
        if not 0 <= now - self._looked_at < _LOOK_EVERY:
            self._looked_at = now
            try:
                self._enough = self._free() >= self._floor
            except OSError:  # the directory is gone, or its disk: the next commit finds that out, and says so
                self._enough = True
        return self._enough
