"""Owns one SMPP connection as a machine: octets in, events out, octets to send; either end of it.

Does not own a socket, a clock or a task: time is an argument, and what is to be sent is asked for.

The turn of things: `receive_data` what was read, `next_event` until NEED_DATA, send `data_to_send`; `tick` at
`next_deadline` and take events again. enquire_link, unbind and generic_nack are answered inside; the unbind of an SMSC
only when its texts have been, or the time for that is up. A body that does not hold is answered and survived; a length
that does not hold ends the connection; and when it ends, the requests that never got an answer are handed over in the
Closed event.
"""

from collections import deque
from typing import Any

from msgspec.structs import replace

from gateway.smpp import const
from gateway.smpp.buffer import FrameBuffer
from gateway.smpp.codec import decode, encode, without_stray_nul
from gateway.smpp.errors import FramingError, LocalProtocolError, PduError
from gateway.smpp.events import (
    NEED_DATA,
    BindRefused,
    Bound,
    Closed,
    CloseReason,
    Event,
    Malformed,
    NeedData,
    RemoteProtocolError,
    RequestReceived,
    ResponseReceived,
    ResponseTimedOut,
    UnbindReceived,
    Unmatched,
)
from gateway.smpp.fields import STRING_LIMIT
from gateway.smpp.pdu import (
    BY_COMMAND_ID,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DataSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    Request,
    Response,
    SubmitSmResp,
    Unbind,
    UnbindResp,
    bare_response,
)
from gateway.smpp.session import ALLOWED, BOUND, BOUND_BY, Role, State
from gateway.smpp.timers import NEVER, Limits, Timers
from gateway.smpp.window import InFlight, Window

_BINDS = (BindTransceiver, BindTransmitter, BindReceiver)
_OWN = (EnquireLink, Unbind)
"""Requests whose answers are the connection's own business."""
_ENQUIRE_LINK = EnquireLink()
_EARLY_TEXTS = 100
"""How many may overtake the answer to our bind. It is the SMSC's window that they come through, whatever ours is."""


class Connection:
    """One end of one SMPP session. `role` is which end we are."""

    def __init__(self, role: Role, limits: Limits) -> None:
        self.role = role
        self.limits = limits
        self._window = Window(limits.window)
        self._buffer = FrameBuffer(limits.max_command_length)
        self._events: deque[Event] = deque()
        self._outgoing: list[bytes] = []
        self._unsent = 0
        self._ended: CloseReason | None = None
        # The bind under way: ours, out and unanswered, or the peer's, received and not yet answered.
        self._bind: InFlight | None = None
        self._peer_bind: Request | None = None
        # Texts that overtook the answer to our bind.
        self._early: list[Request] = []
        # How many texts of the peer we have not answered yet, and the unbinds whose answers wait for them.
        self._owed = 0
        self._farewells: list[int] = []

        self._now = 0.0
        self._timers = Timers(limits)
        self._enter(State.OPEN)

    # ---- what it is

    @property
    def state(self) -> State:
        """Where the session is."""
        return self._state

    @property
    def bound(self) -> bool:
        """Whether texts can flow: bound, nobody has said unbind, and the stream has not ended."""
        return self._state in BOUND and self._ended is None

    @property
    def in_flight(self) -> int:
        """Texts that wait for their response."""
        return len(self._window)

    @property
    def heard_at(self) -> float:
        """When the peer was heard of last."""
        return self._timers.heard_at

    @property
    def window_size(self) -> int:
        """How many texts may be in flight; to be set at any time, and below what is in flight too."""
        return self._window.size

    @window_size.setter
    def window_size(self, size: int) -> None:
        self._window.size = size

    # ---- octets in, events out

    def receive_data(self, data: bytes, now: float | None = None) -> None:
        """Take what was read; b"" says the peer has closed.

        `now` tells when; without it the latest time told to any method counts as the time of what is read.
        """
        if now is not None:
            self._now = now
        if data:
            self._buffer.feed(data)
        elif self._ended is None:
            self._ended = CloseReason.PEER_CLOSED

    def next_event(self) -> Event | NeedData:
        """What happened next, or NEED_DATA. After Closed it is NEED_DATA for ever."""
        events = self._events
        while not events and self._state is not State.CLOSED:
            try:
                frame = self._buffer.next_frame()
            except FramingError as error:
                self._break(error)
                break
            if frame is not None:
                self._take(frame)
                if self._unsent > self.limits.max_unsent:
                    self._close(CloseReason.PEER_NOT_READING, f"{self._unsent // 1024} KiB of answers are waiting")
            elif self._ended is None:
                return NEED_DATA
            elif self._state is State.UNBINDING:
                self._close(CloseReason.UNBOUND, self._ended.value)
            else:
                self._close(self._ended, "in the middle of a PDU" if len(self._buffer) else "")
        return events.popleft() if events else NEED_DATA

    # ---- what we ask and answer

    def request(self, pdu: Request, now: float, token: Any = None) -> int:
        """Send `pdu` under a new sequence_number, which is returned (the one in `pdu` is not looked at).

        `token` is the caller's own; the events about this request carry it. Raises WindowFull if `pdu` is a text and
        no place is free, LocalProtocolError if the session's state forbids it or a value in it does not fit; nothing
        is sent then.
        """
        self._now = now
        command_id = pdu.command_id
        if command_id not in self._may_send or self._ended is not None:
            raise LocalProtocolError(f"{pdu.command_name} cannot be sent: {self._standing()}")
        if pdu.windowed:
            sequence_number, frame = self._expect_answer(pdu, now + self.limits.response_timeout, token)
            self._outgoing.append(frame)
            self._timers.acted()
            return sequence_number
        return self._control(pdu, now, token)

    def respond(self, to: Request, response: Response) -> None:
        """Send `response` as the answer to `to`, under its sequence_number.

        An ESME_ROK to a bind makes the session bound. On a connection that has ended nothing happens: there is nobody
        left to answer, and an SMSC asks again. Raises LocalProtocolError for an answer that does not belong to `to`.
        """
        expected = to.command_id | const.RESPONSE_BIT
        command_id = response.command_id
        if command_id != const.GENERIC_NACK and (command_id != expected or not to.answered):
            raise LocalProtocolError(f"{response.command_name} does not answer {to.command_name}")
        if self._ended is not None or self._state is State.CLOSED:
            return
        frame = encode(response, to.sequence_number)
        if command_id in BOUND_BY:
            if self._peer_bind is not to:
                raise LocalProtocolError(f"{to.command_name} is not waiting for an answer: {self._standing()}")
            self._peer_bind = None
            if response.command_status == const.ESME_ROK:
                self._enter(BOUND_BY[command_id])
        elif self._peer_bind is to:
            self._peer_bind = None
        self._answer(frame)
        if to.windowed:
            self._owed -= 1
            if not self._owed:
                self._say_farewell()

    def close(self, detail: str = "") -> None:
        """Give the connection up from our side; Closed follows with what is unanswered. No unbind is sent."""
        if self._state is not State.CLOSED:
            self._close(CloseReason.ABANDONED, detail)

    # ---- octets out

    def data_to_send(self) -> bytes:
        """All that is to be sent, in one piece; b"" if there is nothing. What is handed out counts as sent."""
        if not self._outgoing or self._ended is CloseReason.SEND_FAILED:
            return b""
        octets = b"".join(self._outgoing)
        self._outgoing.clear()
        self._unsent = 0
        return octets

    def send_failed(self) -> None:
        """Octets handed out did not go out, or not all: dead for good.

        Responses that were read before still come as events; Closed follows them.
        """
        self._ended = CloseReason.SEND_FAILED

    # ---- time

    def tick(self, now: float) -> None:
        """Let time pass: overdue requests, enquire_link, and the end if its time has come. Take the events after it."""
        self._now = now
        if self._state is State.CLOSED or self._ended is not None:
            return
        missed = False
        for overdue in self._window.expire(now):
            if not isinstance(overdue.request, _OWN):
                self._events.append(ResponseTimedOut(overdue.request, overdue.sequence_number, overdue.token))
                missed = True
        reason = self._timers.ended(now, self._begun_frame())
        if reason is not None:
            self._close(reason, "")
        # A response that does not come is as good a reason as silence to ask whether anybody is there.
        elif self._timers.silent(now) or (missed and self._state in BOUND and not self._timers.asking):
            self._enquire(now)

    def next_deadline(self) -> float:
        """When `tick` is due at the latest; -inf: at once, inf: never.

        It moves with whatever is received or sent: ask again after each, or tick once a second, which costs little.
        """
        if self._state is State.CLOSED or self._ended is not None:
            return NEVER
        return min(self._window.next_deadline(), self._timers.next_deadline(self._begun_frame()))

    def _begun_frame(self) -> int | None:
        return self._buffer.frames if len(self._buffer) else None

    # ---- inside: the session

    def _enter(self, state: State) -> None:
        self._state = state
        self._may_send = frozenset() if state is State.UNBINDING else ALLOWED[self.role, state]
        self._may_receive = ALLOWED[self.role.peer, state]
        if state in BOUND:
            self._timers.bound(self._now)
        elif state is State.UNBINDING:
            self._timers.unbinding()

    def _close(self, reason: CloseReason, detail: str) -> None:
        unanswered = tuple(entry for entry in self._window.abandon() if not isinstance(entry.request, _OWN))
        if self._bind is not None:
            unanswered = (self._bind, *unanswered)
            self._bind = None
        requests = [frame for frame in self._outgoing if not frame[4] & 0x80]
        unsent = frozenset(int.from_bytes(frame[12:16]) for frame in requests)
        # Requests that have not left must not leave any more: they are reported as unsent. Answers may.
        self._outgoing = [frame for frame in self._outgoing if frame[4] & 0x80]
        self._say_farewell()
        self._enter(State.CLOSED)
        self._events.append(
            Closed(reason, detail, unanswered, unsent & {entry.sequence_number for entry in unanswered})
        )

    def _break(self, error: FramingError) -> None:
        if not error.foreign:
            self._answer(encode(GenericNack(error.sequence_number, error.command_status)))
        self._events.append(RemoteProtocolError(error.detail, error.command_status, error.foreign))
        self._close(CloseReason.PROTOCOL_ERROR, error.detail)

    def _standing(self) -> str:
        if self._ended is not None:
            return f"the connection has ended ({self._ended.value})"
        if self._bind is not None:
            return "a bind is under way"
        return f"the {self.role.value} side is {self._state.value}"

    # ---- inside: requests of ours

    def _control(self, pdu: Request, now: float, token: Any) -> int:
        if isinstance(pdu, EnquireLink):
            if self._state not in BOUND:
                raise LocalProtocolError(f"{pdu.command_name} is not sent before the bind: {self._standing()}")
            return self._enquire(now)
        binding = isinstance(pdu, _BINDS)
        if binding and self._bind is not None:
            raise LocalProtocolError(f"{pdu.command_name} cannot be sent: {self._standing()}")
        if binding or not pdu.answered:
            sequence_number = self._window.next_sequence()
            frame = encode(pdu, sequence_number)
            if binding:
                # No deadline of its own: session_init watches over the bind.
                self._bind = InFlight(sequence_number, pdu, token, NEVER)
        else:
            sequence_number, frame = self._expect_answer(pdu, now + self.limits.control_timeout, token)
        self._outgoing.append(frame)
        self._timers.acted()
        if isinstance(pdu, Unbind):
            self._enter(State.UNBINDING)
        elif isinstance(pdu, Outbind):
            self._enter(State.OUTBOUND)
        return sequence_number

    def _expect_answer(self, pdu: Request, deadline: float, token: Any) -> tuple[int, bytes]:
        """A place in the window, and the frame; what cannot be encoded takes no place."""
        sequence_number = self._window.add(pdu, token, deadline)
        try:
            return sequence_number, encode(pdu, sequence_number)
        except LocalProtocolError:
            self._window.withdraw(sequence_number)
            raise

    def _enquire(self, now: float) -> int:
        """Send an enquire_link. If nothing at all is heard from now on, the connection ends."""
        self._timers.enquired(now)
        sequence_number = self._window.add(_ENQUIRE_LINK, None, now + self.limits.control_timeout)
        self._outgoing.append(encode(_ENQUIRE_LINK, sequence_number))
        return sequence_number

    # ---- inside: what the peer sends

    def _take(self, frame: bytes) -> None:
        self._timers.heard(self._now)
        try:
            pdu = decode(frame)
        except PduError as error:
            self._timers.acted()
            self._refuse_octets(error, frame)
            return
        if pdu.trailing:
            pdu = without_stray_nul(pdu)
        if isinstance(pdu, Response):
            self._take_response(pdu)
        else:
            self._take_request(pdu)

    def _take_request(self, request: Request) -> None:
        command_id = request.command_id
        if command_id == const.ENQUIRE_LINK:
            self._answer(encode(EnquireLinkResp(request.sequence_number)))
            return
        self._timers.acted()
        if command_id not in self._may_receive:
            # Some SMSCs start to deliver before they answer the bind: a text refused for that is one they give up.
            if self._bind is not None and request.windowed and len(self._early) < _EARLY_TEXTS:
                self._early.append(request)
            else:
                self._refuse_command(request)
            return
        if command_id == const.UNBIND:
            self._farewells.append(request.sequence_number)
            # Many an SMSC closes upon our answer: a consumer's text, such as a STOP, that is unanswered then may be
            # gone for good. What an ESME has not been answered it knows to be in doubt.
            if self.role is Role.SMSC or not self._owed:
                self._say_farewell()
            if self._state is not State.UNBINDING:
                self._enter(State.UNBINDING)
                self._events.append(UnbindReceived(request))
            return
        if isinstance(request, _BINDS):
            if self._peer_bind is not None:
                self._refuse_command(request)
                return
            self._peer_bind = request
        elif command_id == const.OUTBIND:
            if self._bind is not None:
                self._refuse_command(request)
                return
            self._enter(State.OUTBOUND)
        elif request.windowed:
            self._owed += 1
        self._events.append(RequestReceived(request))

    def _take_response(self, response: Response) -> None:
        command_id = response.command_id
        if command_id == const.ENQUIRE_LINK_RESP:
            self._window.take(response.sequence_number, command_id)
            return
        self._timers.acted()
        if self._bind is not None and self._answers_bind(self._bind, response):
            self._settle_bind(self._bind, response)
            return
        taken = self._window.take(response.sequence_number, command_id)
        if taken is None:
            self._events.append(Unmatched(response))
        else:
            in_flight, late = taken
            request = in_flight.request
            if not isinstance(request, _OWN):
                self._events.append(ResponseReceived(request, response, in_flight.token, late))
            elif isinstance(request, Unbind):
                self._close(CloseReason.UNBOUND, "")
                return
        # SMPP 3.4 §4.3: the peer could not find the end of what we sent, so it will not find the next beginning.
        if command_id == const.GENERIC_NACK and response.command_status == const.ESME_RINVCMDLEN:
            detail = "the peer says that it lost the framing (generic_nack, ESME_RINVCMDLEN)"
            self._events.append(RemoteProtocolError(detail, const.ESME_RINVCMDLEN))
            self._close(CloseReason.PROTOCOL_ERROR, detail)

    def _answers_bind(self, bind: InFlight, response: Response) -> bool:
        # While a bind is out nothing else is, so a generic_nack can mean only that, whatever number it carries. The same goes
        # for a refusal in the form of another bind's response: there are SMSCs that have one form for all.
        if response.command_id == const.GENERIC_NACK or (response.command_id in BOUND_BY and response.command_status):
            return True
        return (
            response.command_id == bind.request.command_id | const.RESPONSE_BIT
            and response.sequence_number == bind.sequence_number
        )

    def _settle_bind(self, bind: InFlight, response: Response) -> None:
        self._bind = None
        state = BOUND_BY.get(response.command_id)
        if state is None or response.command_status != const.ESME_ROK:
            self._events.append(BindRefused(bind.request, response, bind.token))
        else:
            self._enter(state)
            # SMPP 3.4 §4.1.2: an SMSC that does not say which version it speaks is taken to speak 3.3.
            version = response.tlv(const.TLV_SC_INTERFACE_VERSION)
            interface_version = version[0] if version else const.INTERFACE_VERSION_33
            self._events.append(Bound(bind.request, response, state, interface_version, bind.token))
        early, self._early = self._early, []
        for request in early:
            self._take_request(request)

    # ---- inside: answers

    def _answer(self, frame: bytes) -> None:
        self._outgoing.append(frame)
        self._unsent += len(frame)

    def _say_farewell(self) -> None:
        for sequence_number in self._farewells:
            self._answer(encode(UnbindResp(sequence_number)))
        self._farewells.clear()

    def _refuse_command(self, request: Request) -> None:
        """A command that the session's state, or its direction, forbids."""
        already_bound = isinstance(request, _BINDS) and (self._peer_bind is not None or self._state in BOUND)
        self._refuse(
            request.command_id,
            request.sequence_number,
            const.ESME_RALYBND if already_bound else const.ESME_RINVBNDSTS,
            "command_id",
            f"{request.command_name} is out of place: {self._standing()}",
            answer=request.answered,
        )

    def _refuse_octets(self, error: PduError, frame: bytes) -> None:
        """A frame that cannot be read."""
        command_id = error.command_id
        pdu_class = BY_COMMAND_ID.get(command_id)
        # A request that is unknown gets a generic_nack; a response, known or not, is never answered (it might be
        # answered in its turn, and so on without end).
        answer = not command_id & const.RESPONSE_BIT and not (
            pdu_class is not None and issubclass(pdu_class, Request) and not pdu_class.answered
        )
        self._refuse(command_id, error.sequence_number, error.command_status, error.field, error.detail, answer=answer)
        if pdu_class is not None and issubclass(pdu_class, Response):
            # Its body does not hold, its header does: the request has been answered, and how.
            response = bare_response(command_id, error.sequence_number, int.from_bytes(frame[8:12]))
            octets = frame[const.HEADER_LENGTH :]
            if isinstance(response, SubmitSmResp | DataSmResp) and 0 not in octets and len(octets) < STRING_LIMIT:
                # Only the closing NUL is missing: receipts will carry this id.
                response = replace(response, message_id=octets.decode("latin-1"))
            self._take_response(response)

    def _refuse(
        self, command_id: int, sequence_number: int, command_status: int, field: str, detail: str, *, answer: bool
    ) -> None:
        if answer:
            self._answer(encode(bare_response(command_id, sequence_number, command_status)))
        self._events.append(Malformed(command_id, sequence_number, command_status, field, detail, answer))
