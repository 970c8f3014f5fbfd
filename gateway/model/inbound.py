"""Texts coming in: parts as a carrier hands them over, whole texts, and what they mean.

Owns: the structs of the MO road. Does not own: joining (text/reassembly) or classifying (rules).
"""

from enum import StrEnum

import msgspec

from gateway.model.address import Number
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


class InboundEffect(msgspec.Struct, frozen=True):
    """What a whole inbound text changes, in the one transaction that stores it."""

    inbound: Inbound
    opt_out: tuple[str, ...] = ()
    """Clients whose texts the number no longer wants."""
    opt_in: tuple[str, ...] = ()
    number: Number | None = None
