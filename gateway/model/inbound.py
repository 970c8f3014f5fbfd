"""Texts coming in: parts as a carrier hands them over, whole texts, and what they mean.

Owns: the structs of the MO road. Does not own: joining (text/reassembly) or classifying (rules).
"""

from enum import StrEnum

import msgspec

from gateway.model.address import Number
from gateway.model.consent import ANY
from gateway.model.hold import Opening
from gateway.model.ids import InboundId


class ReplyKind(StrEnum):
    """What a reply asks for."""

    OPT_OUT = "opt-out"
    OPT_IN = "opt-in"
    HELP = "help"
    NEEDS_REVIEW = "needs-review"
    NONE = "none"


class Part(msgspec.Struct, frozen=True):
    """One part of a long text, waiting for the others."""

    carrier: str
    source: str
    destination: str
    reference: int
    total: int
    seq: int
    body: bytes
    """The part as text/reassembly wants it back."""
    at: int


class SignalName(StrEnum):
    """What a reply reports besides, or instead of, asking for something."""

    WRONG_PARTY = "wrong_party"
    DISPUTE = "dispute"
    ATTORNEY = "attorney"
    BANKRUPTCY = "bankruptcy"
    DECEASED = "deceased"
    TIME_PREFERENCE = "time_preference"
    OTHER_CHANNEL_OPTOUT = "other_channel_optout"
    PAYMENT_INSTRUCTION = "payment_instruction"
    CEASE = "cease"
    HARDSHIP = "hardship"
    HOSTILE = "hostile"


class Heard(msgspec.Struct, frozen=True, omit_defaults=True):
    """One signal as kept: by which rule, on which words; ``channel`` for an opt-out of another channel."""

    name: SignalName
    rule: str
    words: str
    channel: str | None = None


class Reading(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a text was read: the rule that decided on its kind, and the words that it fired on."""

    rule: str = ""
    words: str = ""
    signals: tuple[Heard, ...] = ()
    scope: str | None = None
    """What stood behind a keyword: "all", "12345"."""
    declined: bool = False
    """It was a NO to an open request."""
    language: str = ""
    context: tuple[str, ...] = ()
    """What was open with the consumer when it came."""


class Inbound(msgspec.Struct, frozen=True):
    """One whole text of a consumer, as kept."""

    id: InboundId
    carrier: str
    client: str | None
    """None where no program sends from the address it was sent to."""
    program: str | None
    source: str
    destination: str
    text: str
    kind: ReplyKind
    received_at: int
    parts: int = 1
    complete: bool = True
    fingerprint: bytes = b""
    """Of the PDU: equal for a PDU that is delivered again."""
    link: str = ""
    """The link it came over."""
    reading: Reading = Reading()


class Extent(msgspec.Struct, frozen=True):
    """How far an opt-out reaches; ``*`` in the place of what it does not narrow down."""

    program: str = ANY
    category: str = ANY
    account: str = ANY


class InboundEffect(msgspec.Struct, frozen=True):
    """What a whole inbound text changes, in the one transaction that stores it."""

    inbound: Inbound
    opt_out: tuple[str, ...] = ()
    """Clients whose texts the number no longer wants."""
    opt_in: tuple[str, ...] = ()
    number: Number | None = None
    told: tuple[str, ...] = ()
    """Clients that hear of what the consumer reported."""
    openings: tuple[Opening, ...] = ()
    """Reviews, each with what the number is held for until it is decided."""
    extent: Extent = Extent()
    """Of the opt-out."""
    disowned: bool = False
    """The number is another person's: the opt-out is no wish of the consumer's, and no START takes it back."""
    agreed: bool | None = None
    """The answer to an open request to opt in."""
