"""A message's state from the states of its segments, told when it changes.

Owns: the rule of the roll-up. Does not own: how a segment moves (settle, receipts).

The rule: a segment that failed for good fails the message, and those of its segments that are still queued are not sent
(half a text is worse than none); otherwise one in doubt puts the message in doubt; otherwise the segment that is least far
on its way counts. A message that ended stays as it ended, whatever its other segments do. One thing corrects it: all of
them were delivered after all. That nothing was heard of one (unconfirmed) is no such end: any receipt is better.
"""

from collections.abc import Iterable, Sequence

import msgspec

from gateway.errors import Code
from gateway.model.message import TERMINAL, State
from gateway.store.news import tell_message
from gateway.store.unit import Row, Unit

_ORDER = (
    State.BLOCKED,
    State.CANCELLED,
    State.REJECTED,
    State.EXPIRED,
    State.UNDELIVERED,
    State.UNCONFIRMED,
    State.IN_DOUBT,
    State.HELD,
    State.QUEUED,
    State.IN_FLIGHT,
    State.SUBMITTED,
    State.DELIVERED,
)
_RANK = {state: rank for rank, state in enumerate(_ORDER)}
_ENDED = TERMINAL - {State.UNCONFIRMED}
FAILED = _ENDED - {State.DELIVERED}


class Move(msgspec.Struct, frozen=True, gc=False):
    """A segment that moved, with what its message's event should tell."""

    message_id: int
    n: int
    total: int
    client: str
    number: str
    state: State
    at: int
    cause: str
    reference: str | None = None
    account: str | None = None
    code: str | None = None
    command_status: int | None = None
    stat: str | None = None
    err: str | None = None
    due_at: int | None = None


def moved(row: Row, state: State, at: int, cause: str, code: Code | None = None, *, due_at: int | None = None) -> Move:
    """The move of the segment in a row that begins with its message's id, its number, how many there are, client, number,
    reference and account."""
    message_id, n, total, client, number, reference, account = row[:7]
    return Move(message_id, n, total, client, number, state, at, cause, reference, account, code, due_at=due_at)


def combine(states: Iterable[State]) -> State:
    """The state of a message whose segments are in these states: never in flight, which only segments are on disk."""
    state = min(states, key=_RANK.__getitem__)
    return State.QUEUED if state is State.IN_FLIGHT else state


UPDATE_MESSAGE = """
UPDATE message SET state = v.column2, code = v.column3, updated_at = v.column4
FROM (VALUES {rows}) AS v WHERE id = v.column1
"""
_SEGMENTS = """
SELECT json_array(s.message_id, s.state, m.state) AS row FROM segment AS s JOIN message AS m ON m.id = s.message_id
WHERE s.message_id IN ({rows})
"""
_DROP = "UPDATE segment SET state = 'cancelled' WHERE state = 'queued' AND message_id IN ({rows})"


def roll_up(unit: Unit, moves: Sequence[Move]) -> None:
    """Carry segments' moves over to their messages, with an event for each message whose state changed.

    ``moves`` are of segments whose rows are already updated. A message of one segment takes its state; one of several
    needs the other segments' states. A segment that goes back to the queue is told too, as the cause of a delay.
    No two moves are of one segment: each is told, so each has its own roll-up.
    """
    last: dict[int, Move] = {}
    for move in moves:
        kept = last.get(move.message_id)
        if kept is None or kept.state is move.state or _RANK[move.state] < _RANK[kept.state]:
            last[move.message_id] = move
    several = [(message_id,) for message_id, move in last.items() if move.total > 1]
    now_and_before = _states(unit, several) if several else {}
    updates: list[Row] = []
    dropped: list[Row] = []
    for message_id, move in last.items():
        state = move.state
        if move.total > 1:
            states, before = now_and_before[message_id]
            state = combine(states)
            ended = before in _ENDED
            if State.QUEUED in states and (ended or state in FAILED):
                dropped.append((message_id,))
            if ended and state is not State.DELIVERED:
                continue
            if state is before and not (state is State.QUEUED and move.state is State.QUEUED):
                continue
        updates.append((message_id, str(state), move.code, move.at))
        tell_message(
            unit,
            move.client,
            move.at,
            message_id,
            move.number,
            state,
            reference=move.reference,
            account=move.account,
            code=move.code,
            cause=move.cause,
            segment=move.n if move.total > 1 else None,
            command_status=move.command_status,
            stat=move.stat,
            err=move.err,
            due_at=move.due_at,
        )
    unit.write(_DROP, dropped)
    unit.write(UPDATE_MESSAGE, updates)


def _states(unit: Unit, ids: Sequence[Row]) -> dict[int, tuple[set[State], State]]:
    found: dict[int, tuple[set[State], State]] = {}
    for message_id, state, before in unit.gather(_SEGMENTS, ids):
        states, _ = found.setdefault(message_id, (set(), State(before)))
        states.add(State(state))
    return found
