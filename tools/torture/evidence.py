"""What everybody wrote down in one fault run: it owns the evidence, and the name of a broken promise.

It judges nothing: what the journals and the database say of each other is the ledger's.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from gateway.model.message import State
from tools.simulator.journal import Entry
from tools.torture.client import Attempt
from tools.torture.database import Dump

_OUTCOMES: Mapping[str, State] = MappingProxyType(
    {
        "DELIVRD": State.DELIVERED,
        "EXPIRED": State.EXPIRED,
        "DELETED": State.UNDELIVERED,
        "UNDELIV": State.UNDELIVERED,
        "REJECTD": State.REJECTED,
        "SKIPPED": State.UNDELIVERED,
    }
)


class Violation(msgspec.Struct, frozen=True):
    """One broken promise."""

    name: str
    what: str
    """A token, a key, a number: where to look."""
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.what}" + (f" ({self.detail})" if self.detail else "")


class Evidence(msgspec.Struct, frozen=True):
    """What everybody wrote down."""

    client: str
    attempts: Sequence[Attempt]
    carriers: Mapping[str, Sequence[Entry]]
    """By carrier."""
    webhooks: Mapping[str, Sequence[Mapping[str, Any]]]
    """By endpoint."""
    database: Dump
    resend: frozenset[str]
    """Categories whose doubtful texts are sent again."""
    log: str = ""
    """What the gateway wrote to standard error, over all its lives."""
    secrets: Sequence[str] = ()
    """What must not be in it, besides numbers and texts."""
    waiting: frozenset[str] = frozenset()
    """Carriers that never take anything: what is for them still waits."""
    outcomes: Mapping[str, State] = _OUTCOMES
    """What the final receipts of this run's carriers amount to, by their stat."""


def restricted(evidence: Evidence, carrier: str, outcomes: Mapping[str, State]) -> Evidence:
    """What concerns one carrier alone, whose tokens begin with its name. ``outcomes``: what its receipts say otherwise."""
    base = evidence.database
    messages = {message.id: message for message in base.messages.values() if message.carrier == carrier}
    database = msgspec.structs.replace(
        base,
        messages=messages,
        segments={place: segment for place, segment in base.segments.items() if segment.message_id in messages},
        events=[event for event in base.events if event.message_id in messages],
    )
    return msgspec.structs.replace(
        evidence,
        attempts=[attempt for attempt in evidence.attempts if attempt.token.startswith(f"{carrier}.")],
        carriers={carrier: evidence.carriers[carrier]},
        database=database,
        log="",
        outcomes=MappingProxyType({**_OUTCOMES, **outcomes}),
    )
