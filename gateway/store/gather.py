"""Looks for single things that are made together.

Owns: which of them are one look. Does not own: the look.

What is asked for while a look is under way is the next look: one hop to the disk and one statement for all of it. A look
begins after it was asked for, so nobody is told what was so before.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

import trio

from gateway.errors import Transient

T = TypeVar("T")
R = TypeVar("R")


class _Batch(Generic[T, R]):
    """Those who share a look."""

    def __init__(self) -> None:
        self.wanted: dict[T, None] = {}
        self.led = False
        """Whether somebody makes it."""
        self.done = trio.Event()
        self.found: Mapping[T, R] | None = None
        self.error: Transient | None = None


class Gathered(Generic[T, R]):
    """Looks of one kind."""

    def __init__(self, look: Callable[[Sequence[T]], Awaitable[Mapping[T, R]]]) -> None:
        self._look = look
        self._next: _Batch[T, R] = _Batch()
        self._turn = trio.Lock()

    async def find(self, wanted: Iterable[T]) -> Mapping[T, R]:
        """What there is of it, and of what others asked for with it. Raises what the look raises."""
        wanted = tuple(wanted)
        while True:
            batch = self._next
            batch.wanted.update(dict.fromkeys(wanted))
            if batch.led:
                await batch.done.wait()
            else:
                await self._lead(batch)
            if batch.error is not None:
                raise batch.error
            if batch.found is not None:
                return batch.found
            # Whoever made the look was cancelled.

    async def _lead(self, batch: _Batch[T, R]) -> None:
        batch.led = True
        try:
            async with self._turn:
                self._next = _Batch()
                batch.found = await self._look(tuple(batch.wanted))
        except Transient as error:
            batch.error = error
        finally:
            if self._next is batch:
                self._next = _Batch()
            batch.done.set()
