"""Who is let in, and who has stayed too long.

Owns: accepting connections, how many there may be at a time, and calling off those that are overdue. Does not own: what
is said on a connection (conversation), nor how the sockets came to be (listen).
"""

import errno
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import trio

from gateway.web.limits import Limits
from gateway.web.listen import Stream, Wire, neighbourhood, take_wire

LOOK_SECONDS: Final = 0.25
"""How often the overdue are looked for: a connection is called off at most so much late."""

log = logging.getLogger("gateway.web")

_OUT_OF_FILES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class Guest(Protocol):
    """A connection as the door sees it."""

    due: float
    """When its present phase has to be over, in Trio's time; infinite while it owes us nothing."""

    @property
    def idle(self) -> bool:
        """Whether nothing of a request has come."""

    def expire(self) -> None:
        """Call the present phase off."""

    async def run(self) -> None:
        """Serve it to its end, close it, and raise nothing."""


class Door:
    """Lets guests in. ``greet`` makes one of an accepted stream and its peer; ``busy`` makes what is said to one turned away."""

    def __init__(self, limits: Limits, greet: Callable[[Stream, str], Guest], busy: Callable[[], bytes]) -> None:
        self._limits = limits
        self._greet = greet
        self._busy = busy
        self._guests: set[Guest] = set()
        self._callers: Counter[str] = Counter()

    async def keep(
        self,
        listeners: Sequence[trio.abc.Listener[Stream]],
        stopping: trio.Event,
        task_status: trio.TaskStatus[None],
    ) -> None:
        """Let guests in until ``stopping``, then close the listeners and wait for the guests; those that are idle are
        called off at once, the rest after ``stop_seconds``."""
        async with trio.open_nursery() as looking:
            looking.start_soon(self._look_for_overdue)
            async with trio.open_nursery() as conversing:
                try:
                    async with trio.open_nursery() as accepting:
                        for listener in listeners:
                            accepting.start_soon(self._accept_from, listener, conversing)
                        task_status.started()
                        await stopping.wait()
                        accepting.cancel_scope.cancel()
                finally:
                    for listener in listeners:
                        await trio.aclose_forcefully(listener)
                conversing.cancel_scope.deadline = trio.current_time() + self._limits.stop_seconds
                for guest in self._guests:
                    if guest.idle:
                        guest.expire()
            looking.cancel_scope.cancel()

    async def _accept_from(self, listener: trio.abc.Listener[Stream], conversing: trio.Nursery) -> None:
        while True:
            try:
                stream = await listener.accept()
            except OSError as error:
                if error.errno not in _OUT_OF_FILES:
                    raise
                log.warning("cannot accept connections: %s; raise the limit of open files", error.strerror)
                await trio.sleep(0.5)
                continue
            peer = "local"
            if isinstance(stream, trio.SocketStream):
                try:
                    stream, peer = take_wire(stream)
                except OSError:
                    await trio.aclose_forcefully(stream)  # gone before it was greeted
                    continue
            caller = neighbourhood(peer)
            if self._has_room_for(caller):
                self._callers[caller] += 1
                guest = self._greet(stream, peer)
                self._guests.add(guest)
                conversing.start_soon(self._entertain, guest, caller)
            elif isinstance(stream, Wire):
                stream.turn_away(self._busy())
            else:
                await trio.aclose_forcefully(stream)

    async def _look_for_overdue(self) -> None:
        while True:
            await trio.sleep(LOOK_SECONDS)
            now = trio.current_time()
            for guest in self._guests:
                if guest.due <= now:
                    guest.expire()

    def _has_room_for(self, caller: str) -> bool:
        return len(self._guests) < self._limits.connections and self._callers[caller] < self._limits.connections_per_ip

    async def _entertain(self, guest: Guest, caller: str) -> None:
        try:
            await guest.run()
        finally:
            self._guests.remove(guest)
            self._callers[caller] -= 1
            if not self._callers[caller]:
                del self._callers[caller]
