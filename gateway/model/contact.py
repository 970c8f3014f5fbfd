"""Contacts with a consumer, on whatever channel: what caps count.

Owns: the channels and one contact. Does not own: counting (rules) or where contacts are kept (store).
"""

from enum import StrEnum

import msgspec


class Channel(StrEnum):
    """How a contact was made."""

    TEXT = "text"
    CALL = "call"
    EMAIL = "email"
    LETTER = "letter"
    VISIT = "visit"


class Contact(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One contact with a consumer, made or under way."""

    at: int
    """Milliseconds since the epoch."""
    channel: Channel = Channel.TEXT
    account: str | None = None
    """What it was about; None counts for every account."""
    planned: bool = False
    """It is to be made at that time, and not before."""


class Report(msgspec.Struct, frozen=True, gc=False):
    """A contact that a client's other systems made."""

    client: str
    id: str
    """The client's own; the first report of an id counts."""
    number: str | None
    account: str | None
    channel: Channel
    at: int
