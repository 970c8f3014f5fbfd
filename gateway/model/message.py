"""Texts going out: what was asked for, what is kept, what a carrier is told, and what came of it.

Owns: the structs of the MT road and the states a message can be in. Does not own: how they are stored, or when a state
may change (store, flow).
"""

from enum import StrEnum

import msgspec

from gateway.errors import Code
from gateway.model.address import Number
from gateway.model.contact import Contact
from gateway.model.hold import HoldReason
from gateway.model.ids import MessageId
from gateway.model.profile import Profile


class State(StrEnum):
    """Where a message, or one segment of it, stands."""

    HELD = "held"
    """Waits for an instant, a consent, or a person."""
    QUEUED = "queued"
    IN_FLIGHT = "in_flight"
    """Marked on disk as about to be written to a carrier, or written and not yet answered."""
    SUBMITTED = "submitted"
    """The carrier took it."""
    IN_DOUBT = "in_doubt"
    """Was in flight when the link or the process died: whether the carrier has it is not known."""
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    EXPIRED = "expired"
    REJECTED = "rejected"
    """The carrier refused it for good."""
    BLOCKED = "blocked"
    """Our rules refused it."""
    CANCELLED = "cancelled"
    UNCONFIRMED = "unconfirmed"
    """The carrier took it and never said what came of it."""


TERMINAL = frozenset(
    {
        State.DELIVERED,
        State.UNDELIVERED,
        State.EXPIRED,
        State.REJECTED,
        State.BLOCKED,
        State.CANCELLED,
        State.UNCONFIRMED,
    }
)
"""The states that a message ends in."""


class Origin(StrEnum):
    """Who asked for a text."""

    CLIENT = "client"
    REPLY = "reply"
    """The one answer to a core word (STOP, START, HELP)."""
    INVITATION = "invitation"
    """A request to opt in: needs no consent, and yet stops at an opt-out, and at every other rule."""
    CODE = "code"
    """The code that follows a YES: an answer too, which nobody but the handset's holder may read."""
    PLUGIN = "plugin"
    ANSWER = "answer"
    """What a plugin says at once to a consumer who chose an answer or wrote a keyword."""
    FAREWELL = "farewell"
    """The one text that confirms an opt-out which an agent entered. Hours hold for it: nobody wrote to us just now."""


ANSWERS = frozenset({Origin.REPLY, Origin.CODE, Origin.ANSWER})
"""The origins of what follows at once from a consumer's own word: no hours and no caps keep it back. Rules on wording and on
whose number it is hold for a plugin's."""
FINAL = frozenset({Origin.REPLY, Origin.FAREWELL})
"""The origins of what goes now or not at all, and after an opt-out: it confirms it."""


class Submission(msgspec.Struct, frozen=True, gc=False):
    """A text that is ready to be judged and stored: number normalised, carrier chosen, segments counted."""

    id: MessageId
    client: str
    program: str
    category: str
    number: Number
    sender: str
    carrier: str
    text: str
    encoding: str
    units: int
    segments: int
    priority: int
    """0 goes first; 3 last."""
    at: int
    expires_at: int
    send_at: int | None = None
    account: str | None = None
    reference: str | None = None
    origin: Origin = Origin.CLIENT
    template: str | None = None
    """The name of the template that it was made of."""
    template_version: int | None = None
    tells_opt_out: bool = False
    """The text says how to get no more of them."""
    charged: int = 0
    """Segments that the carrier makes of a message_payload, and charges for."""

    @property
    def length(self) -> int:
        """Segments that the handset gets: more than go out where the carrier does the cutting."""
        return max(self.segments, self.charged)


class Facts(msgspec.Struct, frozen=True, gc=False):
    """What the store knows of a submission's number at the instant of the judgement."""

    consent: str | None = None
    """The state of the exact (program, number, category), or None."""
    consent_elsewhere: bool = False
    """There is consent for another category of the same program."""
    opted_out: str | None = None
    """The scope of an opt-out that covers this program and category, and was not followed by a new consent; or None."""
    holds: tuple[HoldReason, ...] = ()
    """Why the number is held for this client."""
    consent_pending: bool = False
    """A request to opt in is open, and texts may wait for its answer."""
    fresh_at: int | None = None
    """When the person who gave the consent was last heard of."""
    opt_out_told_at: int | None = None
    """When a text of the program last said how to opt out, as far back as was asked for."""
    contacts: tuple[Contact, ...] = ()
    """With the consumer or about the account, as far back as was asked for; without the text that is judged."""
    profile: Profile | None = None
    ledger_broken: bool = False
    """What the ledger says of the number does not verify."""
    client_day: int = 0
    """How many texts of the client were taken today, where it has a limit."""
    repeated: bool = False
    """The same words went to the number lately, where that is asked."""


class Ruling(msgspec.Struct, frozen=True, gc=False):
    """What becomes of a submission or a claimed message by the rules."""

    state: State
    due_at: int
    decision: bytes
    """The Decision as JSON."""
    code: Code | None = None
    instead: Submission | None = None
    """A submission as it is to be kept, where the rules changed it: an opt-out line was added, or its validity begins later
    than was thought."""


class Accepted(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What became of a submission, durably."""

    id: MessageId
    state: State
    encoding: str
    segments: int
    code: Code | None = None
    decision: msgspec.Raw = msgspec.Raw(b"null")
    """Of one that is refused."""
    decided_at: int = 0
    due_at: int | None = None
    """Of one that is held, when it may go, where that is known."""


class Claimed(msgspec.Struct, frozen=True, gc=False):
    """One segment that is marked in flight on a bind: the right and the duty to write it once."""

    message_id: MessageId
    n: int
    """1 for the first segment of its message."""
    total: int
    attempt: int
    carrier: str
    client: str
    program: str
    category: str
    number: Number
    sender: str
    text: str
    encoding: str
    concat: int
    """The reference that joins the segments on the handset."""
    expires_at: int
    due_at: int
    origin: Origin
    reference: str | None = None
    account: str | None = None
    closes_at: int | None = None
    """When the hours end in which it may be delivered."""

    @property
    def ends_at(self) -> int:
        """When it may be delivered no more: its validity is over, or the hours are."""
        return self.expires_at if self.closes_at is None else min(self.expires_at, self.closes_at)


class Answer(msgspec.Struct, frozen=True, gc=False):
    """How a claimed segment fared with the carrier."""

    segment: Claimed
    state: State
    """SUBMITTED, QUEUED (again, at ``due_at``), REJECTED, EXPIRED, BLOCKED or IN_DOUBT."""
    at: int
    cause: str
    """What settled it: ``response``, ``link_lost``, ``no_response``, ``opt_out``, ``hold``, ``late``, ``profile``, ``fault``."""
    code: Code | None = None
    command_status: int | None = None
    smsc_message_id: str | None = None
    smsc_key: str | None = None
    """The carrier's id as it is matched by receipts."""
    due_at: int = 0
    spent: bool = True
    """Whether the attempt counts; a throttled one does not."""


class ReceiptNews(msgspec.Struct, frozen=True, gc=False):
    """A delivery receipt as the carrier told it, with the ids it may be matched by."""

    carrier: str
    bind: str
    smsc_message_id: str
    keys: tuple[str, ...]
    """What the id may have been matched by, the likeliest first."""
    state: State | None
    """The segment state that it moves to; None for an intermediate or unknown one."""
    stat: str | None
    err: str | None
    number: str
    """The consumer's number as the receipt has it (its source address)."""
    sender: str
    done_date: str | None
    at: int
    code: Code | None = None
    """What the carrier's ``err`` means, where its profile says."""
    opted_out: bool = False
    """The carrier says that the consumer opted out with it."""
    submit_date: str | None = None
    """As the carrier wrote it: minutes, without a zone."""
    text: str | None = None
    """How the text began, where the receipt repeats it."""
    user_message_reference: int | None = None
    """What we gave the text on its way, where the receipt repeats it."""
    conflict: bool = False
    """Its parameters and its text name another message, or another state; the parameters were believed first."""
    cause: str = "receipt"
    """``receipt``, or ``query`` where we asked."""

    def __repr__(self) -> str:
        return f"ReceiptNews(carrier={self.carrier!r}, stat={self.stat!r}, err={self.err!r})"


class Segment(msgspec.Struct, frozen=True, omit_defaults=True):
    """One segment as kept."""

    n: int
    state: State
    attempt: int
    bind: str | None = None
    claimed_at: int | None = None
    submitted_at: int | None = None
    command_status: int | None = None
    smsc_message_id: str | None = None
    receipt_at: int | None = None
    done_date: str | None = None
    """When the carrier says that it was done: its own clock, in a zone that receipts do not tell."""
    stat: str | None = None
    err: str | None = None
    due_at: int | None = None
    waits: str | None = None
    """The carrier's limit that it waits for, such as ``client/day/acme``."""


class Message(msgspec.Struct, frozen=True):
    """One message as kept, with its segments when they were asked for."""

    id: MessageId
    client: str
    program: str
    category: str
    number: Number
    sender: str
    carrier: str
    text: str
    encoding: str
    units: int
    segment_count: int
    priority: int
    state: State
    code: Code | None
    origin: Origin
    account: str | None
    reference: str | None
    accepted_at: int
    send_at: int | None
    expires_at: int
    updated_at: int
    decided_at: int
    decision: msgspec.Raw
    segments: tuple[Segment, ...] = ()
    template: str | None = None
    template_version: int | None = None
