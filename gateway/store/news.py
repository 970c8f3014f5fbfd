"""What the event log says of a message: the bodies that clients read, replay and get by webhook.

Owns: the JSON of message events. Does not own: when one is told (the verbs) or how it travels (webhook).
"""

import msgspec

from gateway.errors import Code
from gateway.model.clock import spell_instant
from gateway.model.events import Kind
from gateway.model.ids import spell_message
from gateway.model.message import State
from gateway.store.unit import Unit

# Plain strings, here and wherever many rows are bound: sqlite3 takes four times as long over a member of an enumeration.
KIND_OF = {
    State.HELD: str(Kind.MESSAGE_HELD),
    State.QUEUED: str(Kind.MESSAGE_QUEUED),
    State.SUBMITTED: str(Kind.MESSAGE_SUBMITTED),
    State.IN_DOUBT: str(Kind.MESSAGE_IN_DOUBT),
    State.DELIVERED: str(Kind.MESSAGE_DELIVERED),
    State.UNDELIVERED: str(Kind.MESSAGE_UNDELIVERED),
    State.UNCONFIRMED: str(Kind.MESSAGE_UNCONFIRMED),
    State.EXPIRED: str(Kind.MESSAGE_EXPIRED),
    State.REJECTED: str(Kind.MESSAGE_REJECTED),
    State.BLOCKED: str(Kind.MESSAGE_BLOCKED),
    State.CANCELLED: str(Kind.MESSAGE_CANCELLED),
}


class MessageNews(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What a message event tells. ``cause`` is what made the state change: a rule, a response, a receipt, a person."""

    id: str
    to: str
    state: State
    reference: str | None = None
    account: str | None = None
    code: str | None = None
    cause: str | None = None
    segment: int | None = None
    command_status: int | None = None
    stat: str | None = None
    err: str | None = None
    due_at: str | None = None
    carrier: str | None = None
    """Where it moved to, and with ``carrier_before`` where from."""
    carrier_before: str | None = None


_encode = msgspec.json.Encoder().encode


def tell_message(
    unit: Unit,
    client: str,
    at: int,
    message_id: int,
    number: str,
    state: State,
    *,
    kind: str | None = None,
    reference: str | None = None,
    account: str | None = None,
    code: Code | str | None = None,
    cause: str | None = None,
    segment: int | None = None,
    command_status: int | None = None,
    stat: str | None = None,
    err: str | None = None,
    due_at: int | None = None,
    carrier: str | None = None,
    carrier_before: str | None = None,
) -> None:
    """Tell that a message is now in a state, and why."""
    body = _encode(
        MessageNews(
            spell_message(message_id),
            number,
            state,
            reference,
            account,
            code,
            cause,
            segment,
            command_status,
            stat,
            err,
            None if due_at is None else spell_instant(due_at),
            carrier,
            carrier_before,
        )
    )
    unit.tell(client, at, kind or KIND_OF[state], body, message_id)
