"""One bind, kept up: connect, bind, serve, and after the end back off and begin again.

Owns: the supervisor of one named session, and what the operator sees of it. Does not own: the link while it lives (link), or
what travels (flow).

What ends a link decides the pause. A lost connection is tried again within ``reconnect_seconds``. A refused bind is told
apart: the carrier still holds our last session (ESME_RALYBND) or is busy: wait it out with growing pauses; the
credentials are wrong: raise the alarm and ask ever more rarely, because carriers ban those who hammer.
"""

import logging
import random
import ssl
from collections.abc import Callable
from enum import StrEnum

import msgspec
import trio

from gateway.carrier.link import Link
from gateway.carrier.reason import reason
from gateway.carrier.road import Road
from gateway.config import CarrierConfig
from gateway.smpp import status as statuses
from gateway.smpp.connection import Connection
from gateway.smpp.events import BindRefused, Bound
from gateway.smpp.pdu import BindReceiver, BindTransceiver, BindTransmitter
from gateway.smpp.session import Role
from gateway.smpp.timers import Limits

_log = logging.getLogger("gateway.carrier")

_CREDENTIALS_PAUSE_SECONDS = 60.0
_LONGEST_CREDENTIALS_PAUSE_SECONDS = 600.0
_FIRST_PAUSE_SECONDS = 0.5
_STABLE_SECONDS = 5.0
"""A link that lived so long was a good one: the next pause is the shortest again."""


class BindKind(StrEnum):
    """What a bind carries."""

    TRX = "trx"
    TX = "tx"
    RX = "rx"


class BindState(StrEnum):
    """Where a bind stands, as the operator sees it."""

    STARTING = "starting"
    CONNECTING = "connecting"
    LISTENING = "listening"
    """Waits for the carrier to call."""
    BINDING = "binding"
    BOUND = "bound"
    WAITING = "waiting"
    """The link was lost or could not be made; it is tried again soon."""
    REFUSED = "refused"
    """The carrier refuses our credentials: somebody must look."""
    FAULTED = "faulted"
    """A fault of our own ended it; it is tried again, and the log says what it was."""
    STOPPED = "stopped"


class BindStatus(msgspec.Struct):
    """What a bind is doing, and why."""

    name: str
    carrier: str
    kind: BindKind
    state: BindState = BindState.STARTING
    since: float = 0.0
    """Monotonic seconds."""
    detail: str = ""
    window: int = 0
    in_flight: int = 0
    retry_at: float | None = None
    binds: int = 0
    """How often it was bound since the start."""


_PDUS: dict[BindKind, type[BindTransceiver | BindTransmitter | BindReceiver]] = {
    BindKind.TRX: BindTransceiver,
    BindKind.TX: BindTransmitter,
    BindKind.RX: BindReceiver,
}


class Bind:
    """The supervisor of one session."""

    def __init__(
        self,
        config: CarrierConfig,
        kind: BindKind,
        index: int,
        password: str,
        road: Road,
        on_state: Callable[[BindStatus], None],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.status = BindStatus(f"{config.name}/{kind}-{index}", config.name, kind)
        self._config = config
        self._password = password
        self._road = road
        self._on_state = on_state
        self._tls = tls
        self._where = f"{config.host}:{config.port}"
        self._stopping = trio.Event()
        self._link: Link | None = None
        self._pause = _FIRST_PAUSE_SECONDS
        self._alarms = 0
        """How often our credentials were refused since the last bind."""

    @property
    def link(self) -> Link | None:
        """The link that is alive now."""
        return self._link

    def observe(self) -> BindStatus:
        """The status with the window as it is now."""
        if self._link is not None:
            self.status.window = self._link.connection.window_size
            self.status.in_flight = self._link.connection.in_flight
        else:
            self.status.in_flight = 0
        return self.status

    def stop(self) -> None:
        """Say unbind if bound, and do not come back."""
        self._stopping.set()
        if self._link is not None:
            self._link.start_unbind()

    async def run(self) -> None:
        """Keep the session up until stopped."""
        while not self._stopping.is_set():
            try:
                pause = await self._once()
            except Exception:  # noqa: BLE001 - the fence of one bind: the others go on
                _log.exception("%s: fault", self.status.name)
                self._tell(BindState.FAULTED, "see the log")
                pause = self._grown_pause(self._config.rebind_seconds)
            if self._stopping.is_set():
                break
            self.status.retry_at = trio.current_time() + pause
            with trio.move_on_after(pause):
                await self._stopping.wait()
            self.status.retry_at = None
        self._tell(BindState.STOPPED, "")

    async def _once(self) -> float:
        """One link from beginning to end; returns how long to wait before the next."""
        self._tell(BindState.CONNECTING, self._where)
        try:
            with trio.fail_after(self._config.bind_seconds):
                stream = await self._connect()
        except (OSError, ssl.SSLError, trio.BrokenResourceError) as error:
            return self._lost(f"cannot connect: {reason(error)}")
        except trio.TooSlowError:
            return self._lost(f"cannot connect within {self._config.bind_seconds:g} s")
        return await self._talk(stream)

    async def _talk(self, stream: trio.abc.Stream) -> float:
        """Bind over a connection and live on it; returns how long to wait before the next."""
        connection = Connection(Role.ESME, self._limits())
        link = Link(self._config.name, self.status.name, stream, connection, self._road)
        self._tell(BindState.BINDING, "")
        self._link = link
        try:
            connection.request(self._bind_pdu(), trio.current_time())
            link.flush()
            return await self._live(link)
        finally:
            self._link = None

    async def _live(self, link: Link) -> float:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(link.run)
            with trio.move_on_after(self._config.bind_seconds):
                await link.settled.wait()
            outcome = link.outcome
            if not isinstance(outcome, Bound):
                nursery.cancel_scope.cancel()
                return self._refused(outcome, link)
            bound_at = trio.current_time()
            self.status.binds += 1
            self._alarms = 0
            self._tell(BindState.BOUND, self._where)
            _log.info("%s: bound: %s", self.status.name, self._where)
            async with trio.open_nursery() as serving:
                serving.start_soon(self._road.serve, link)
                if self._stopping.is_set():
                    link.start_unbind()
                await link.wait_ended()
                serving.cancel_scope.cancel()
            nursery.cancel_scope.cancel()
        if trio.current_time() - bound_at >= _STABLE_SECONDS:
            self._pause = _FIRST_PAUSE_SECONDS
        return self._lost(f"link ended: {link.ending}")

    async def _connect(self) -> trio.abc.Stream:
        stream: trio.abc.Stream = await trio.open_tcp_stream(self._config.host, self._config.port)
        if self._tls is None:
            return stream
        name = self._config.tls.server_name or self._config.host
        secured = trio.SSLStream(stream, self._tls, server_hostname=name)
        try:
            await secured.do_handshake()
        except BaseException:
            await trio.aclose_forcefully(stream)
            raise
        return secured

    def _limits(self) -> Limits:
        config = self._config
        return Limits(
            window=config.window,
            response_timeout=config.response_seconds,
            control_timeout=config.enquire_link_response_seconds,
            session_init_timeout=config.bind_seconds,
            enquire_idle=config.enquire_link_seconds,
        )

    def _bind_pdu(self) -> BindTransceiver | BindTransmitter | BindReceiver:
        pdu_class = _PDUS[self.status.kind]
        return pdu_class(
            system_id=self._config.system_id,
            password=self._password,
            system_type=self._config.system_type,
            address_range=self._config.address_range,
        )

    def _refused(self, outcome: BindRefused | None, link: Link) -> float:
        if outcome is None:
            return self._lost(link.ending or "no answer to the bind")
        status = outcome.response.command_status
        name = statuses.name(status)
        if statuses.judge_bind(status) is statuses.BindVerdict.ALARM:
            _log.error(
                "%s: the carrier refuses our credentials (%s): check system_id, password and system_type in carriers.toml",
                self.status.name,
                name,
            )
            self._tell(BindState.REFUSED, name)
            self._alarms += 1
            return credentials_pause(self._alarms) * random.uniform(0.9, 1.1)  # noqa: S311 - jitter
        _log.warning("%s: bind refused: %s", self.status.name, name)
        self._tell(BindState.WAITING, f"bind refused: {name}")
        return self._grown_pause(self._config.rebind_seconds)

    def _lost(self, detail: str) -> float:
        if not self._stopping.is_set():
            _log.warning("%s: %s", self.status.name, detail)
        self._tell(BindState.WAITING, detail)
        return self._grown_pause(self._config.reconnect_seconds)

    def _grown_pause(self, most: float) -> float:
        pause = min(self._pause, most)
        self._pause = min(self._pause * 2, 3600.0)
        # Jitter, so that binds do not come back in step; what is left of the longest pause is for connecting and binding.
        return pause * random.uniform(0.7, 0.9)  # noqa: S311

    def _tell(self, state: BindState, detail: str) -> None:
        self.status.state = state
        self.status.detail = detail
        self.status.since = trio.current_time()
        self._on_state(self.status)


def credentials_pause(refusals: int) -> float:
    """Seconds until credentials are tried again that were refused so often in a row. Several binds share one password, and some
    carriers lock an account after a handful of wrong ones."""
    return min(_CREDENTIALS_PAUSE_SECONDS * 2.0 ** min(refusals - 1, 8), _LONGEST_CREDENTIALS_PAUSE_SECONDS)
