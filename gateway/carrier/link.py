"""One TCP or TLS connection of a bind, alive.

Owns: the tasks that read, write and watch the time for one ``smpp.Connection``. Does not own: when to connect (bind), what
travels (flow), or the protocol (smpp).

The reader takes what one read brought, and hands all responses over at once, then all requests: it awaits nothing else, so
a full window or a slow disk never keeps it from the next enquire_link. One task owns the write side; nobody's time-out can
cut a PDU in half.
"""

import logging
import secrets
from collections.abc import Iterable
from typing import Any

import trio

from gateway.carrier.reason import reason
from gateway.carrier.road import Road
from gateway.smpp.connection import Connection
from gateway.smpp.errors import LocalProtocolError
from gateway.smpp.events import (
    BindRefused,
    Bound,
    Closed,
    CloseReason,
    Malformed,
    NeedData,
    RemoteProtocolError,
    RequestReceived,
    ResponseReceived,
    ResponseTimedOut,
    UnbindReceived,
    Unmatched,
)
from gateway.smpp.pdu import Request, Response, Unbind
from gateway.smpp.session import State

_log = logging.getLogger("gateway.carrier")

_READ = 16384
_TICK_SECONDS = 1.0
_LAST_WORDS_SECONDS = 1.0
_FLUSH_SECONDS = 1.0


class Link:
    """A connection to a carrier, from the open socket to its end."""

    def __init__(self, carrier: str, bind: str, stream: trio.abc.Stream, connection: Connection, road: Road) -> None:
        self.id = secrets.token_hex(8)
        """Of this one connection: none before or after it, in this process or another, has the same."""
        self.carrier = carrier
        self.bind = bind
        """The bind's name, such as ``acme/trx-1``."""
        self.connection = connection
        self.closed: Closed | None = None
        self._broken = ""
        """What the socket or TLS gave as it broke."""
        self.unbound_by_peer = False
        self.outcome: Bound | BindRefused | None = None
        self.settled = trio.Event()
        """Set when the bind was answered or the connection ended."""
        self._stream = stream
        self._road = road
        self._outgoing = trio.Event()
        self._ended = trio.Event()
        self.silent = 0
        """Texts that went unanswered since the last answer to one."""
        self._accepted_since = 0
        self._odd_ends = False
        """Whether a PDU with octets behind its last parameter was told of; most come from a carrier that does it always."""
        self._flushed = trio.Event()
        self._flushed.set()

    @property
    def bound(self) -> bool:
        """Whether texts can flow."""
        return self.connection.bound

    @property
    def transmits(self) -> bool:
        """Whether it is bound for our texts, not for theirs alone."""
        return self.connection.state in (State.BOUND_TX, State.BOUND_TRX)

    @property
    def free(self) -> int:
        """Free places in the window."""
        return self.connection.window_size - self.connection.in_flight

    def narrow(self) -> None:
        """The carrier's queue for us is full: its window may be smaller than ours. Half of what is out is tried next."""
        self.connection.window_size = max(1, min(self.connection.window_size, self.connection.in_flight + 1) // 2)
        self._accepted_since = 0

    def widen(self, accepted: int) -> None:
        """Texts were accepted: after four windows of them without a complaint there may be one more at once."""
        most = self.connection.limits.window
        if self.connection.window_size < most:
            self._accepted_since += accepted
            if self._accepted_since >= 4 * self.connection.window_size:
                self._accepted_since = 0
                self.connection.window_size += 1

    def submit(self, pdu: Request, token: Any) -> None:
        """Put a request on its way; ``flush`` when done with a batch. Raises LocalProtocolError, WindowFull."""
        self.connection.request(pdu, trio.current_time(), token)

    def respond(self, request: Request, response: Response) -> None:
        """Put a response on its way; ``flush`` when done with a batch."""
        self.connection.respond(request, response)

    def flush(self) -> None:
        """Have the writer send what is on its way."""
        if self._flushed.is_set():
            self._flushed = trio.Event()
        self._outgoing.set()

    async def flushed(self) -> None:
        """Wait until what was flushed is with the kernel, or the link has ended."""
        await self._flushed.wait()

    async def run(self) -> None:
        """Read, write and watch the time until the connection has ended."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write)
                nursery.start_soon(self._watch)
                await self._read()
                # The last words leave, whoever cancels us now: for one, what the carrier is told that broke the protocol.
                nursery.cancel_scope.shield = True
                with trio.move_on_after(_LAST_WORDS_SECONDS):
                    await self.flushed()
                nursery.cancel_scope.cancel()
        finally:
            self.connection.close("the bind was given up")
            self._pump()
            self._flushed.set()
            with trio.CancelScope(shield=True), trio.move_on_after(1):
                await self._stream.aclose()

    def start_unbind(self) -> None:
        """Say unbind; the link ends when the peer has answered, or a little later. Where either side has said it already there is
        nothing to add: what is in flight may still be answered."""
        if self.connection.state is State.UNBINDING:
            return
        try:
            self.connection.request(Unbind(), trio.current_time())
        except LocalProtocolError:
            self.connection.close("stopped before it was bound")
            self._pump()
        self.flush()

    def give_up(self, detail: str) -> None:
        """End it at once, without a word to the peer."""
        self.connection.close(detail)
        self._pump()

    @property
    def ending(self) -> str:
        """Why it ended, in words; "" while it lives."""
        if self.closed is None:
            return ""
        told = f"{self.closed.reason.value} {self.closed.detail}".strip()
        if self._broken and self.closed.reason is CloseReason.PEER_CLOSED:
            return f"{told} ({self._broken})"
        return told

    async def wait_ended(self) -> None:
        """Wait for the end."""
        await self._ended.wait()

    async def _read(self) -> None:
        while self.closed is None:
            try:
                octets = await self._stream.receive_some(_READ)
            except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
                self._broken = reason(error)
                octets = b""
            self.connection.receive_data(bytes(octets), trio.current_time())
            self._pump()

    async def _write(self) -> None:
        while True:
            octets = self.connection.data_to_send()
            if not octets:
                self._flushed.set()
                if self.closed is not None:
                    return
                await self._outgoing.wait()
                self._outgoing = trio.Event()
                continue
            try:
                await self._stream.send_all(octets)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                self.connection.send_failed()
                self._pump()
                self._flushed.set()
                return

    async def _watch(self) -> None:
        while self.closed is None:
            now = trio.current_time()
            pause = min(max(self.connection.next_deadline() - now, 0.0), _TICK_SECONDS)
            await trio.sleep(pause)
            self.connection.tick(trio.current_time())
            self._pump()

    def _pump(self) -> None:
        """Hand over what happened."""
        responses: list[ResponseReceived] = []
        requests: list[Request] = []
        timeouts: list[ResponseTimedOut] = []
        while not isinstance(event := self.connection.next_event(), NeedData):
            match event:
                case ResponseReceived():
                    responses.append(event)
                    if event.response.trailing:
                        self._tell_odd_end(event.response)
                case RequestReceived():
                    requests.append(event.request)
                    if event.request.trailing:
                        self._tell_odd_end(event.request)
                case ResponseTimedOut():
                    timeouts.append(event)
                case Bound() | BindRefused():
                    self.outcome = event
                    self.settled.set()
                case Closed():
                    try:
                        self._hand_over(responses, requests, timeouts)
                    finally:  # whatever came with the end, what is unanswered is told of
                        self._end(event)
                    responses, requests, timeouts = [], [], []
                case UnbindReceived():
                    self.unbound_by_peer = True
                    _log.info("%s: the carrier said unbind", self.bind)
                case Malformed():
                    _log.warning(
                        "%s: malformed PDU: command %#010x, %s: %s",
                        self.bind,
                        event.command_id,
                        event.field,
                        event.detail,
                    )
                case RemoteProtocolError():
                    _log.error("%s: the carrier broke the protocol: %s", self.bind, event.detail)
                case Unmatched():
                    _log.warning("%s: a response to nothing: %r", self.bind, event.response)
        self._hand_over(responses, requests, timeouts)
        self.flush()

    def _tell_odd_end(self, pdu: Request | Response) -> None:
        if not self._odd_ends:
            self._odd_ends = True
            _log.warning(
                "%s: a %s has %d octets behind its last whole parameter; others like it are not told of",
                self.bind,
                pdu.command_name,
                len(pdu.trailing),
            )

    def _hand_over(
        self,
        responses: list[ResponseReceived],
        requests: list[Request],
        timeouts: list[ResponseTimedOut],
    ) -> None:
        if responses:
            self._road.answered(self, responses)
        if timeouts:
            self._road.overdue(self, timeouts)
        if requests:
            self._road.asked(self, requests)

    def _end(self, closed: Closed) -> None:
        self.closed = closed
        self._road.ended(self, closed)
        self.settled.set()
        self._ended.set()


async def all_flushed(links: Iterable[Link]) -> None:
    """Wait until what these links were given is with the kernel; one that is stuck is waited for no longer than a second.

    A text that a link still holds must not leave after it was told that its number has opted out.
    """
    with trio.move_on_after(_FLUSH_SECONDS):
        for link in links:
            await link.flushed()
