"""The ordered log of what happened, as clients read and replay it.

Owns: an event and its kinds. Does not own: delivery to a client (webhook, flow/notify).
"""

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What happened, in the past tense."""

    MESSAGE_ACCEPTED = "message.accepted"
    MESSAGE_HELD = "message.held"
    MESSAGE_QUEUED = "message.queued"
    MESSAGE_BLOCKED = "message.blocked"
    MESSAGE_SUBMITTED = "message.submitted"
    MESSAGE_DELIVERED = "message.delivered"
    MESSAGE_UNDELIVERED = "message.undelivered"
    MESSAGE_EXPIRED = "message.expired"
    MESSAGE_REJECTED = "message.rejected"
    MESSAGE_CANCELLED = "message.cancelled"
    MESSAGE_UNCONFIRMED = "message.unconfirmed"
    MESSAGE_IN_DOUBT = "message.in_doubt"
    INBOUND_RECEIVED = "inbound.received"
    CONSENT_GRANTED = "consent.granted"
    CONSENT_REVOKED = "consent.revoked"


class Event(msgspec.Struct, frozen=True):
    """One entry of the log. ``seq`` only grows: a client that knows the last one it saw misses nothing."""

    seq: int
    client: str
    at: int
    kind: Kind
    body: msgspec.Raw
    """What happened, as a JSON object."""
    message_id: int | None = None
