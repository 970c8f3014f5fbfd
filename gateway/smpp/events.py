"""Owns what a connection tells its user: one struct for each thing that can happen, in the past tense.

Does not own when they happen (`connection`).
"""

import enum
from typing import Any, Final

import msgspec

from gateway.smpp.pdu import Request, Response
from gateway.smpp.session import State
from gateway.smpp.window import InFlight


class NeedData(enum.Enum):
    """The one value that says: nothing more to tell until more octets or time come in."""

    NEED_DATA = "need data"


NEED_DATA: Final = NeedData.NEED_DATA


class CloseReason(enum.Enum):
    """Why a connection ended."""

    PEER_CLOSED = "peer closed"
    """The peer ended the stream without unbinding."""
    UNBOUND = "unbound"
    """unbind was said and answered, or the time for the answer ran out."""
    PROTOCOL_ERROR = "protocol error"
    """The peer broke the framing; a RemoteProtocolError event says how."""
    NO_LIFE = "no life"
    """enquire_link went out and nothing at all came back."""
    SESSION_INIT = "session init"
    """No bind was completed in time."""
    INACTIVE = "inactive"
    """Nothing but enquire_link for too long."""
    PARTIAL_PDU = "partial pdu"
    """A PDU began and did not end in time."""
    PEER_NOT_READING = "peer not reading"
    """The peer sends requests but does not take our answers."""
    SEND_FAILED = "send failed"
    """Octets we handed out did not go out."""
    ABANDONED = "abandoned"
    """Our own side gave the connection up."""


class Bound(msgspec.Struct, frozen=True):
    """Our bind was accepted; `state` says for what. `interface_version` is 0x33 where the SMSC did not say (§4.1.2)."""

    request: Request
    response: Response
    state: State
    interface_version: int
    token: Any = None


class BindRefused(msgspec.Struct, frozen=True):
    """Our bind was refused with `response.command_status`; the session is open as before, the connection lives."""

    request: Request
    response: Response
    token: Any = None


class RequestReceived(msgspec.Struct, frozen=True):
    """The peer asks; answer with `respond(request, ...)`. outbind and alert_notification have no answer."""

    request: Request


class ResponseReceived(msgspec.Struct, frozen=True):
    """The answer to a request of ours: a response of its kind, or a generic_nack. `late`: it had been reported overdue."""

    request: Request
    response: Response
    token: Any = None
    late: bool = False


class ResponseTimedOut(msgspec.Struct, frozen=True):
    """No answer came in time. The request may well have been carried out; its place in the window is free again."""

    request: Request
    sequence_number: int
    token: Any = None


class Unmatched(msgspec.Struct, frozen=True):
    """A response or generic_nack that belongs to no request of ours. It is never answered."""

    response: Response


class Malformed(msgspec.Struct, frozen=True):
    """A PDU we could not take: its body does not hold, its command is unknown, or its command is wrong in this state.

    The connection lives. `answered`: the peer has been told `command_status`. Responses are never answered; where one
    has a request of ours, a ResponseReceived with an empty response of the same status follows.
    """

    command_id: int
    sequence_number: int
    command_status: int
    field: str
    detail: str
    answered: bool


class UnbindReceived(msgspec.Struct, frozen=True):
    """The peer has said unbind and been answered. Begin nothing more; Closed follows, after a few seconds at most."""

    request: Request


class RemoteProtocolError(msgspec.Struct, frozen=True):
    """The peer broke the framing, and the connection with it: send what is to send, then close. Closed follows."""

    detail: str
    command_status: int
    foreign: bool = False
    """The peer speaks another protocol altogether."""


class Closed(msgspec.Struct, frozen=True):
    """The end, told exactly once.

    `unanswered`: the requests that never got an answer, texts first, each kind in the order it was sent, without those
    that had been reported overdue. `unsent`: the sequence_numbers of those among them that were never handed out by
    `data_to_send`, so that nobody can have carried them out.
    """

    reason: CloseReason
    detail: str
    unanswered: tuple[InFlight, ...]
    unsent: frozenset[int] = frozenset()


Event = (
    Bound
    | BindRefused
    | RequestReceived
    | ResponseReceived
    | ResponseTimedOut
    | Unmatched
    | Malformed
    | UnbindReceived
    | RemoteProtocolError
    | Closed
)
