"""Calls of plugins on threads, a turn at a time.

Owns: the threads of a plugin, which call has its turn on one, and ending a call that is given up. Does not own: what a call may
cost and what its end means (host), or when one computes too long (watch).

An observer is a coroutine that awaits the gateway alone. Its turn ends where it does so: what it wishes for is then done on
the gateway's loop, and with the answer it is in line for another turn. So one thread serves many calls, one hop to it
all the turns that are in line, and what they wish for meets in one commit.

A turn that does not end keeps back those in line no longer than until the next look: then other threads take them. A
thread whose turn was given up is replaced at once, and leaves when it comes back, if it ever does.
"""

import ctypes
import threading
import time
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import suppress
from functools import partial
from typing import Any

import trio

from gateway.errors import Transient
from gateway.hooks.api import Rejected
from gateway.log import Log

_log = Log(__name__)


class TookTooLong(BaseException):
    """Raised in a thread whose turn is given up. No Exception, so that a plugin's own handlers let it pass."""


class Wish:
    """What a call awaits of the gateway."""

    def __init__(self, fulfil: Callable[[], Awaitable[Any]]) -> None:
        self.fulfil = fulfil

    def __await__(self) -> Generator["Wish", Any, Any]:
        return (yield self)


class Call:
    """One call, with what came of it."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, Any]], home: str = "") -> None:
        self._work = work
        self._home = home
        self._coroutine: Coroutine[Any, Any, Any] | None = None
        self._answer: Any = None
        self._refusal: Exception | None = None
        """What its last wish raised."""
        self._lock = threading.Lock()
        self._thread: int | None = None
        """Where it has its turn now."""
        self._clock = 0
        self._since = 0.0
        self._computed = 0.0
        self._given_up = False
        self._cut = False
        """It was given up in the midst of a turn."""
        self.turned = trio.Event()
        self.wish: Wish | None = None
        """What it awaits; None where it has ended, and while it has its turn."""
        self.result: Any = None
        self.failure: str | None = None
        self.transient: Transient | None = None

    async def fulfil(self) -> None:
        """Do what it wishes for; its next turn begins with what comes of that."""
        wish, self.wish = self.wish, None
        assert wish is not None
        try:
            self._answer, self._refusal = await wish.fulfil(), None
        except Exception as error:  # noqa: BLE001 - raised where the plugin awaits it
            self._refusal = error

    @property
    def computed(self) -> float:
        """Seconds that threads computed for it."""
        with self._lock:
            if self._thread is None:
                return self._computed
            return self._computed + time.clock_gettime(self._clock) - self._since

    def take_turn(self) -> bool:
        """On a thread: go on until it ends or awaits the gateway. False where it was given up meanwhile."""
        try:
            with self._lock:
                self._thread = threading.get_ident()
                self._clock = time.pthread_getcpuclockid(self._thread)
                self._since = time.clock_gettime(self._clock)
            if not self._given_up:
                self._go_on()
        except TookTooLong:
            pass  # it came when the plugin's own code had ended, or before it began
        while True:
            try:
                self._end_turn()
                break
            except TookTooLong:
                continue
        if self._given_up:
            self._close()
        return not self._cut

    def give_up(self) -> bool:
        """Nobody waits for it any more. Whether it has its turn now; that is cut short."""
        with self._lock:
            self._given_up = True
            self._cut = self._thread is not None
            if self._thread is not None:
                _raise_in(self._thread, TookTooLong)
            return self._cut

    @property
    def is_open(self) -> bool:
        """Whether the plugin's code has begun and is not at its end."""
        return self._coroutine is not None

    def _go_on(self) -> None:
        try:
            if self._coroutine is None:
                self._coroutine = self._work()
            if self._refusal is None:
                wish: Any = self._coroutine.send(self._answer)
            else:
                wish = self._coroutine.throw(self._refusal)
            if not isinstance(wish, Wish):
                raise RuntimeError("an observer awaits the gateway alone; to wait for a time, schedule a job")
            self.wish = wish
            return
        except StopIteration as end:
            self.result = end.value
        except Transient as error:
            self.transient = error
        except BaseException as error:  # noqa: BLE001 - SystemExit and its like are the plugin's, and end the call alone
            self.failure = told_of(error, self._home)
        self._close()

    def _end_turn(self) -> None:
        with self._lock:
            if self._thread is not None:
                self._computed += time.clock_gettime(self._clock) - self._since
                if self._cut:
                    # What was raised for this call and did not arrive must not reach the thread's next one.
                    _raise_in(self._thread, None)
                self._thread = None

    def _close(self) -> None:
        """End the plugin's code, where it has not ended, on this thread and not wherever it would be forgotten."""
        coroutine, self._coroutine = self._coroutine, None
        if coroutine is not None:
            try:
                coroutine.close()
            except BaseException as error:  # noqa: BLE001 - the call has failed before, and this is no other
                _log.warning("plugin did not end when it was given up", failure=told_of(error, self._home))


class Crew:
    """The threads of one plugin."""

    def __init__(self, name: str, most: int) -> None:
        self._name = f"plugin {name}"
        self._most = most
        self._line: deque[Call] = deque()
        self._turned: deque[Call] = deque()
        self._working = 0
        self._lost = 0
        """Threads whose turn was given up, and that have not come back."""

    async def turn(self, call: Call) -> None:
        """Have the call go on until it ends or awaits the gateway."""
        call.turned = trio.Event()
        self._line.append(call)
        if not self._working:
            self._send_one()
        await call.turned.wait()

    def give_up(self, call: Call) -> None:
        """Nobody waits for the call any more: cut its turn short, or have it ended in one."""
        if call.give_up():
            self._working -= 1
            self._lost += 1
        elif call.is_open:
            self._line.append(call)
        if self._line and not self._working:
            self._send_one()

    def look(self) -> None:
        """Where no turn has ended since the last look, those in line wait for one that takes long, and may take as long
        themselves: send a thread for each of them."""
        if not self._turned:
            for _ in range(len(self._line)):
                self._send_one()
        self._collect()

    def _send_one(self) -> None:
        if self._working + self._lost < self._most:
            self._working += 1
            token = trio.lowlevel.current_trio_token()
            trio.lowlevel.start_thread_soon(self._work, partial(self._hand_in, token), self._name)

    def _work(self) -> bool:
        """On a thread: one turn after the other. False where the thread was lost meanwhile."""
        while True:
            try:
                call = self._line.popleft()
            except IndexError:
                return True
            stays = call.take_turn()
            self._turned.append(call)
            if not stays:
                return False

    def _hand_in(self, token: trio.lowlevel.TrioToken, stayed: Any) -> None:
        with suppress(trio.RunFinishedError):  # the gateway has ended
            token.run_sync_soon(self._come_back, stayed)

    def _come_back(self, stayed: Any) -> None:
        if stayed.unwrap():
            self._working -= 1
        else:
            self._lost -= 1
        self._collect()
        if self._line and not self._working:
            self._send_one()

    def _collect(self) -> None:
        while self._turned:
            self._turned.popleft().turned.set()


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread), None if error is None else ctypes.py_object(error)
    )


def told_of(error: BaseException, home: str = "") -> str:
    """What was raised and where, without its message, which may hold anything: of what the gateway refuses the code and the
    field. ``home`` is where the plugin's own code lies: its author looks there, not where that called."""
    places = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    path, line = next((place for place in reversed(places) if place[0].startswith(home)), (places or [("", 0)])[-1])
    kind = type(error).__name__
    if isinstance(error, Rejected):
        kind = f"{kind} ({error.code}, {error.field})"
    return f"{kind} at {path.rpartition('/')[2]}:{line}" if path else kind
