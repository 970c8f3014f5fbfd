"""The watch over calls that compute."""

import trio
from trio.testing import MockClock

from gateway.hooks.watch import Watch


class Call:
    """Computed as long as it says, and remembers how often it was asked."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.asked = 0

    @property
    def computed(self) -> float:
        self.asked += 1
        return self._seconds


async def look_at(call: Call, limit: float) -> bool:
    """Whether the call is given up within some looks."""
    watch = Watch(limit)
    with trio.CancelScope() as scope:
        watch.begin(call, scope)
        with trio.move_on_after(1):
            await watch.run()
    return scope.cancelled_caught


async def test_what_computed_too_long_is_given_up(autojump_clock: MockClock) -> None:
    assert await look_at(Call(1.0), -1.0)


async def test_what_began_too_lately_for_that_is_not_asked(autojump_clock: MockClock) -> None:
    call = Call(1e9)
    assert not await look_at(call, 1e6)
    assert call.asked == 0
