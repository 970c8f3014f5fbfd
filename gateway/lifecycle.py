"""The life of a gateway that has been built: in which order its parts start, and in which they stop.

Owns: nesting their lives, and who hears of a commit. Does not own: what any part does, or how it is made (app).

A stop closes the doors, ends claiming, lets the carriers answer what is in flight, unbinds, and lets webhooks finish what they
are at. Each step has its time, and neither a carrier that is gone nor a disk that takes nothing makes it longer.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable

import msgspec
import trio

from gateway.carrier.pool import Pool
from gateway.config import Config
from gateway.flow.dispatch import Dispatch
from gateway.flow.notify import Notify
from gateway.metrics import status_class
from gateway.store.sqlite import SqliteStore
from gateway.web.auth import Gate, Keys
from gateway.web.check import body_bytes_for
from gateway.web.doors import Doors
from gateway.web.http import Admit, Handler, anybody
from gateway.web.limits import Limits
from gateway.web.listen import open_listeners
from gateway.web.operator import operator_handler
from gateway.web.public import public_handler
from gateway.web.server import serve

_log = logging.getLogger("gateway.app")

_MIB = 1 << 20


class Addresses(msgspec.Struct, frozen=True):
    """Where the doors opened."""

    http: str
    admin: str


Started = Callable[[Addresses, Keys], Awaitable[None]]
"""Called once the doors are open."""


class Gateway:
    """The parts, and their order."""

    def __init__(
        self,
        config: Config,
        store: SqliteStore,
        dispatch: Dispatch,
        pool: Pool,
        notifies: Iterable[Notify],
        rounds: Iterable[Callable[[], Awaitable[None]]],
        doors: Doors,
        token: str,
    ) -> None:
        self._config = config
        self._store = store
        self._dispatch = dispatch
        self._pool = pool
        self._notifies = tuple(notifies)
        self._rounds = tuple(rounds)
        """What goes round by itself for as long as the process lives."""
        self._doors = doors
        self._token = token
        self._closing = trio.Event()

    async def run(self, nursery: trio.Nursery, started: Started | None) -> None:
        """Start everything and wait for the end of an orderly stop."""
        http = await open_listeners(*self._config.gateway.http.address)
        admin = await open_listeners(*self._config.gateway.admin.address)
        self._store.on_commit(self._committed)
        self._store.on_notice(self._doors.plugins.noticed)
        for go_round in self._rounds:
            nursery.start_soon(go_round)
        async with trio.open_nursery() as working:
            for notify in self._notifies:
                working.start_soon(notify.run)
            working.start_soon(self._pool.run)
            working.start_soon(self._doors.plugins.run)
            async with trio.open_nursery() as doors:
                gate = Gate()
                public = public_handler(self._doors, gate)
                await doors.start(self._serve, http, public, gate.admitting(self._doors.keys))
                await doors.start(self._serve, admin, operator_handler(self._doors, self._pool, self._token))
                addresses = Addresses(_spell(http), _spell(admin))
                _log.info("doors open: clients %s, operators %s", addresses.http, addresses.admin)
                if started is not None:
                    await started(addresses, self._doors.keys)
            await self._drain()
        nursery.cancel_scope.cancel()

    def stop(self) -> None:
        """Begin the orderly stop."""
        _log.info("stopping")
        self._closing.set()

    def give_up(self) -> None:
        """Wait for no disk any more: the process is to end at once."""
        self._store.writer.hurry(0.0)

    async def _serve(
        self,
        listeners: list[trio.SocketListener],
        handler: Handler,
        admit: Admit = anybody,
        task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        http = self._config.gateway.http
        limits = Limits(
            header_bytes=http.header_kib * 1024,
            body_bytes_for=body_bytes_for(http.body_mib * _MIB),
            head_seconds=http.head_seconds,
            body_seconds=http.body_seconds,
            idle_seconds=http.idle_seconds,
            connections=http.connections,
            connections_per_ip=http.connections_per_address,
        )
        await serve(
            listeners,
            handler,
            limits,
            stopping=self._closing,
            answered=self._count_answer,
            admit=admit,
            task_status=task_status,
        )

    def _count_answer(self, status: int) -> None:
        self._doors.metrics.http_requests.of(status_class(status)).inc()

    async def _drain(self) -> None:
        """The doors are closed: end claiming, let carriers answer, unbind, let webhooks finish."""
        stop = self._config.gateway.stop
        self._dispatch.stop()
        # What waits for a disk that is full or locked would keep the links, and so the process, for as long as that lasts.
        self._store.writer.hurry(stop.drain_seconds + stop.unbind_seconds)
        with trio.move_on_after(stop.drain_seconds):
            await self._dispatch.drained(self._pool.links())
        self._pool.stop(stop.unbind_seconds)
        self._doors.plugins.stop()
        for notify in self._notifies:
            notify.stop(stop.outbox_seconds)

    def _committed(self, queued: set[str], told: set[str], verbs: int, seconds: float) -> None:
        self._doors.metrics.store_batch_verbs.observe(verbs)
        self._doors.metrics.store_commit_seconds.observe(seconds)
        self._dispatch.wake(queued)
        for notify in self._notifies:
            if notify.client in told:
                notify.wake()
        self._doors.plugins.committed(told)


def _spell(listeners: Iterable[trio.SocketListener]) -> str:
    host, port = next(iter(listeners)).socket.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
