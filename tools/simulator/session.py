"""One accepted connection: it owns the socket, the `gateway.smpp` machine on it, and how a link goes bad.

Who may bind is `admission`'s, what becomes of a text `intake`'s, what is under way to the peer `handover`'s.

Three tasks share a session: one reads, one writes, one keeps the machine's time. The reader never waits for the writer.
A link that is to go falls silent first: what was answered before still goes out, and of what comes in, texts are
written into the journal and nothing is answered.
"""

import socket
import struct
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import trio

from gateway.smpp import const
from gateway.smpp.connection import Connection
from gateway.smpp.events import (
    Closed,
    Malformed,
    NeedData,
    RemoteProtocolError,
    RequestReceived,
    ResponseReceived,
    ResponseTimedOut,
    UnbindReceived,
    Unmatched,
)
from gateway.smpp.pdu import Bind, CancelSm, GenericNack, QuerySm, Request, Response, SubmitSm, Unbind, response_to
from gateway.smpp.pdu import Outbind as OutbindPdu
from gateway.smpp.session import Role, State
from gateway.smpp.status import name as status_name
from gateway.smpp.timers import NEVER, Limits
from tools.simulator import admission, intake, journal
from tools.simulator.account import Account
from tools.simulator.handover import Handover
from tools.simulator.originate import Nobody, Unwritable
from tools.simulator.scenario import BindType, Fault, Mo, Outbind, Scenario
from tools.simulator.status import status_code

if TYPE_CHECKING:
    from tools.simulator.smsc import Smsc

Silence: TypeAlias = Literal["fin", "rst", "blackhole"]
HowDown: TypeAlias = Silence | Literal["unbind"]

_READ: Final = 65_536
_TICK: Final = 1.0
_FAREWELL: Final = 1.0  # how long a link that goes waits for the peer to read, and to close too
_SHUFFLE_PATIENCE: Final = 0.05
_NO_LINGER: Final = struct.pack("ii", 1, 0)  # close() then sends RST


def limits(scenario: Scenario) -> Limits:
    """The figures of a link that is accepted while this scenario is played."""
    return Limits(
        window=scenario.delivery.window,
        response_timeout=scenario.delivery.timeout,
        enquire_idle=scenario.wire.enquire_every or NEVER,
        inactivity_timeout=scenario.wire.inactivity or NEVER,
    )


class Session:
    """A connection from its acceptance to its end."""

    def __init__(self, number: int, stream: trio.abc.Stream, peer: str, smsc: "Smsc") -> None:
        self.number = number
        self.peer = peer
        self.account: Account | None = None
        self.bind: BindType | Literal[""] = ""
        self.orderly = False
        """Whether unbind was said, by either side."""
        self.unanswered = 0
        """Texts whose answer has not been handed to the socket."""
        self.silent: Silence | None = None
        """How the link is going down, once that is decided."""
        self._smsc = smsc
        self._stream = stream
        self._machine = Connection(Role.SMSC, limits(smsc.script.scenario))
        self._handover = Handover(self, self._machine, smsc)
        self._held: list[tuple[SubmitSm, Response, journal.Answered]] = []
        self._out: list[bytes] = []
        self._answered = 0
        self._over = False
        self._reason = ""
        self._stalled_until = 0.0
        self._wake = trio.Event()
        self._read_out = trio.Event()
        self._writing = trio.CancelScope()

    # ---- the three tasks

    def call(self, outbind: Outbind) -> None:
        """Say outbind, on a connection that we made."""
        pdu = OutbindPdu(system_id=outbind.system_id, password=outbind.password)
        self._machine.request(pdu, trio.current_time())

    async def run(self) -> None:
        """Serve the connection until it ends."""
        smsc = self._smsc
        smsc.journal.add(journal.Opened(session=self.number, peer=self.peer))
        fault = smsc.script.fault("open", trio.current_time())
        if fault is not None:
            self.play("open", fault)
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._keep_time)
                nursery.start_soon(self._read)
                with self._writing:
                    await self._write()
                nursery.cancel_scope.cancel()
        finally:
            self._end()
            await trio.aclose_forcefully(self._stream)

    async def _read(self) -> None:
        machine = self._machine
        smsc = self._smsc
        while True:
            if (wait := self._stalled_until - trio.current_time()) > 0:
                await trio.sleep(wait)
            try:
                octets = bytes(await self._stream.receive_some(_READ))
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                self._reason = self._reason or "connection reset"
                octets = b""
            now = trio.current_time()
            machine.receive_data(octets, now)
            self._take_events(now)
            self._wake.set()  # the machine answers some things by itself
            smsc.settle()
            if not octets or machine.state is State.CLOSED:
                self._finish("peer closed")
                self._read_out.set()
                return

    async def _write(self) -> None:
        smsc = self._smsc
        while True:
            octets = self._to_send()
            if octets:
                smsc.journal.flush()
                chunk = smsc.script.scenario.wire.chunk or len(octets)
                try:
                    for at in range(0, len(octets), chunk):
                        await self._stream.send_all(octets[at : at + chunk])
                except (trio.BrokenResourceError, trio.ClosedResourceError):
                    self._finish("connection reset")
                    # What the peer had sent before is still there to be read, and to be written down.
                    await self._read_out.wait()
                    return
            elif self._over:
                return
            elif self.silent == "fin":
                await self._say_goodbye()
                return
            elif self.silent == "rst":
                return
            else:
                self._wake = trio.Event()
                await self._wake.wait()

    def _to_send(self) -> bytes:
        """Everything pending, in one piece. The answers in it count as given: the peer may go on once it has them."""
        octets = self._machine.data_to_send()
        if self._out or self.silent:
            octets = b"".join(self._out) + (b"" if self.silent else octets)
            self._out.clear()
        self.unanswered -= self._answered
        self._answered = 0
        return octets

    async def _say_goodbye(self) -> None:
        """Send FIN and wait for the peer's: to close with unread octets would send RST."""
        if isinstance(self._stream, trio.abc.HalfCloseableStream):
            try:
                await self._stream.send_eof()
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return
            while not self._over:
                self._wake = trio.Event()
                await self._wake.wait()

    async def _keep_time(self) -> None:
        while True:
            await trio.sleep(_TICK)
            if self.open:
                now = trio.current_time()
                self._machine.tick(now)
                self._take_events(now)
                self._wake.set()
                self._smsc.settle()

    # ---- the end

    @property
    def open(self) -> bool:
        """Whether anything still reaches the peer."""
        return self.silent is None and not self._over

    def hang_up(self, how: HowDown, reason: str = "") -> None:
        """Let the link go: with FIN, with RST, without a sign (`blackhole`), or by unbind."""
        if not self.open:
            return
        self._reason = reason or f"{how} by us"
        if how != "unbind":
            self._out.append(self._machine.data_to_send())
            self.silent = how
            self._handover.end()
            if how == "rst" and isinstance(self._stream, trio.SocketStream):
                self._stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            if how != "blackhole":
                self._writing.deadline = trio.current_time() + _FAREWELL
        elif self._machine.bound:
            self.orderly = True
            self._smsc.journal.add(journal.Unbound(session=self.number, by="us"))
            self._machine.request(Unbind(), trio.current_time())
            self._handover.leave()
        else:
            self._finish(self._reason)
        self._wake.set()

    def _finish(self, reason: str) -> None:
        """Nothing more will come in; what is pending still goes out, if the peer takes it in time."""
        self._reason = self._reason or reason
        self._over = True
        self._writing.deadline = min(self._writing.deadline, trio.current_time() + _FAREWELL)
        self._wake.set()

    def _end(self) -> None:
        self._over = True
        self._handover.end()
        self._smsc.forget(self)
        account = self.account.name if self.account is not None else ""
        self._smsc.journal.add(journal.Closed(session=self.number, account=account, reason=self._reason or "stopped"))
        self._smsc.settle()

    # ---- what the machine tells

    def _take_events(self, now: float) -> None:
        next_event = self._machine.next_event
        while True:
            match next_event():
                case NeedData():
                    return
                case RequestReceived(request=SubmitSm() as request):
                    intake.submit(self._smsc, self, request, now)
                case ResponseReceived(response=response):
                    self._handover.answered(response, now)
                case ResponseTimedOut(sequence_number=sequence):
                    self._handover.take_back(sequence, "timeout")
                case RequestReceived(request=request):
                    self._take_request(request, now)
                case UnbindReceived():
                    self.orderly = True
                    self._smsc.journal.add(journal.Unbound(session=self.number, by="them"))
                    self._handover.leave()
                case Malformed(detail=detail, command_status=status):
                    self._complain(f"{detail} ({status_name(status)})")
                case RemoteProtocolError(detail=detail):
                    self._complain(detail)
                case Unmatched(response=response):
                    self._complain(f"{response.command_name} {response.sequence_number} answers nothing")
                case Closed(detail=detail, reason=reason):
                    self._finish(detail or reason.value)

    def _complain(self, detail: str) -> None:
        self._smsc.journal.add(journal.Complained(session=self.number, detail=detail))

    def _take_request(self, request: Request, now: float) -> None:
        if not self.open:
            return
        if isinstance(request, Bind):
            admission.bind(self._smsc, self, request, now)
        elif isinstance(request, QuerySm):
            intake.query(self._smsc, self, request, now)
        elif isinstance(request, CancelSm):
            intake.cancel(self._smsc, self, request, now)
        elif request.answered:
            self._complain(f"{request.command_name} is not served here")
            self.respond(request, response_to(request, const.ESME_RINVCMDID))

    def accept(self, account: Account, bind: BindType) -> None:
        """The bind has been granted."""
        self.account = account
        self.bind = bind
        if bind != "tx":
            self._handover.join(account)

    # ---- answers

    def respond(self, request: Request, response: Response) -> None:
        """Answer now, if anybody is still there."""
        if self.open:
            self._machine.respond(request, response)
            self._wake.set()

    def answer(self, request: SubmitSm, response: Response, record: journal.Answered) -> None:
        """Answer a text, now or in another order than its neighbours, as the scenario has it."""
        shuffle = self._smsc.script.scenario.answers.shuffle
        if shuffle == 1 and not self._held:
            self._answer(request, response, record)
            return
        self._held.append((request, response, record))
        if len(self._held) >= shuffle:
            self._release_held()
        elif len(self._held) == 1:
            self._smsc.agenda.later(_SHUFFLE_PATIENCE, self._release_held)

    def _release_held(self) -> None:
        held, self._held = self._held, []
        for place in self._smsc.script.shuffled(len(held)):
            self._answer(*held[place])

    def _answer(self, request: SubmitSm, response: Response, record: journal.Answered) -> None:
        if not self.open:
            record.status = self.silent or "closed"
        self._smsc.journal.add(record)
        self.respond(request, response)
        self._answered += 1

    def wake(self) -> None:
        """There is something to send."""
        self._wake.set()

    def leave_unanswered(self) -> None:
        """A text will never be answered; it no longer counts for the window."""
        self.unanswered -= 1

    # ---- faults

    def play(
        self, on: str, fault: Fault, sequence: int = 0, request: Request | None = None, mo: Mo | None = None
    ) -> None:
        """Play a fault of the scenario on this link; `request` is what a `status` or `nack` answers."""
        self._smsc.counted["faults"] += 1
        self._smsc.journal.add(journal.FaultPlayed(on=on, do=fault.do, session=self.number, sequence=sequence))
        match fault.do:
            case "fin" | "rst" | "blackhole" | "unbind":
                self.hang_up(fault.do, f"{fault.do} on {on}, by the scenario")
            case "stall":
                self._stalled_until = trio.current_time() + fault.seconds
            case "bytes":
                self._out += (self._machine.data_to_send(), bytes.fromhex(fault.octets))
                self._wake.set()
            case "mo" if mo is not None:
                try:
                    self._smsc.originate(mo, self.account)
                except (Nobody, Unwritable) as error:
                    self._complain(f"the scenario's text cannot be sent: {error}")
            case "status" | "nack" if request is not None:
                self.respond(request, _refusal(request, fault))
            case _:
                pass  # `silence` is played by doing nothing, `delay` by whoever answers


def _refusal(request: Request, fault: Fault) -> Response:
    status = status_code(fault.status)
    if fault.do == "nack":
        return GenericNack(command_status=status)
    bare = response_to(request, status)
    return type(bare)(command_status=status) if fault.with_body else bare
