"""The verbs for segments in doubt: found at start, listed, settled by an operator; and the client's cancel.

Owns: moves that no carrier caused. Does not own: whether a category's doubtful texts are held or sent again (policy).
"""

from collections.abc import Mapping, Sequence

import msgspec

from gateway.errors import Code
from gateway.model.message import State
from gateway.store.reads import state_of
from gateway.store.requeue import requeue
from gateway.store.rollup import Move, moved, roll_up
from gateway.store.unit import Row, Unit

# The states are spelt out in each statement: a bound value would hide from the planner that the partial index applies.
_OPEN = """
SELECT s.message_id, s.n, m.segments, m.client, m.number, m.reference, m.account, m.category, s.carrier,
    s.attempt
FROM segment AS s JOIN message AS m ON m.id = s.message_id WHERE s.state = {state}
"""


class Recovery(msgspec.Struct, frozen=True):
    """The start of the process: what was in flight has lost its link."""

    at: int
    resend: frozenset[str]
    """Categories whose doubtful texts are sent again rather than held."""
    attempts: Mapping[str, int] = {}
    """The most attempts, by carrier: after the last one such a text is held too. A carrier that is not there has no say."""


def recover(unit: Unit, recoveries: Sequence[Recovery]) -> list[int]:
    """Put in doubt, or back into the queue, what a process that died left in flight; tells how many segments."""
    counts: list[int] = []
    for recovery in recoveries:
        rows = unit.sql.execute(_OPEN.format(state="'in_flight'")).fetchall()
        _move(unit, rows, recovery, "restart")
        counts.append(len(rows))
    return counts


def _move(unit: Unit, rows: Sequence[Row], recovery: Recovery, cause: str) -> None:
    moves: list[Move] = []
    for row in rows:
        category, carrier, attempt = row[7:]
        # A text that is what ends the process would else go out with each of its starts, for ever.
        if category in recovery.resend and attempt < recovery.attempts.get(carrier, attempt + 1):
            unit.queued.add(carrier)
            moves.append(moved(row, State.QUEUED, recovery.at, cause))
        else:
            moves.append(moved(row, State.IN_DOUBT, recovery.at, cause, Code.IN_DOUBT_RESTART))
    _set(unit, moves)


def _set(unit: Unit, moves: Sequence[Move]) -> None:
    unit.write(
        "UPDATE segment SET state = v.column3 FROM (VALUES {rows}) AS v WHERE message_id = v.column1 AND n = v.column2",
        [(move.message_id, move.n, move.state) for move in moves],
    )
    roll_up(unit, moves)
    requeue(unit, moves)


_DOUBTFUL = f"""{_OPEN.format(state="'in_doubt'")} AND s.message_id = ?"""


class Settlement(msgspec.Struct, frozen=True):
    """A person's word on a message in doubt."""

    message_id: int
    state: State
    """QUEUED: send it again; UNDELIVERED: it did not go; SUBMITTED: it did."""
    at: int
    reason: str


def settle_doubt(unit: Unit, settlements: Sequence[Settlement]) -> list[bool]:
    """Take a person's word; tells of each whether its message was in doubt."""
    answers: list[bool] = []
    for settlement in settlements:
        rows = unit.sql.execute(_DOUBTFUL, (settlement.message_id,)).fetchall()
        answers.append(bool(rows))
        cause = f"operator: {settlement.reason}"
        moves = [moved(row, settlement.state, settlement.at, cause, Code.SETTLED_BY_OPERATOR) for row in rows]
        if settlement.state is State.QUEUED:
            unit.queued.update(row[8] for row in rows)
        _set(unit, moves)
    return answers


class Cancellation(msgspec.Struct, frozen=True):
    """A wish that a message does not go."""

    message_id: int
    client: str
    at: int
    code: Code = Code.CANCELLED_BY_CLIENT


_SEGMENTS_OF = """
SELECT s.message_id, s.n, m.segments, m.client, m.number, m.reference, m.account, s.state
FROM message AS m JOIN segment AS s ON s.message_id = m.id WHERE m.id = ? AND m.client = ?
"""


def cancel(unit: Unit, cancellations: Sequence[Cancellation]) -> list[State | None]:
    """Cancel messages of which nothing was handed to a carrier yet.

    Tells of each the state it is in now: CANCELLED, or another when it was too late; None when there is no such message.
    """
    answers: list[State | None] = []
    for cancellation in cancellations:
        state = state_of(unit, cancellation.message_id, cancellation.client)
        if state is None:
            answers.append(None)
            continue
        segments = unit.sql.execute(_SEGMENTS_OF, (cancellation.message_id, cancellation.client)).fetchall()
        if not segments or any(segment[7] != State.QUEUED for segment in segments):
            answers.append(state)
            continue
        _set(unit, [moved(row, State.CANCELLED, cancellation.at, "cancel", cancellation.code) for row in segments])
        answers.append(State.CANCELLED)
    return answers


_OVERDUE = """
SELECT DISTINCT s.message_id FROM segment AS s INDEXED BY segment_queue CROSS JOIN message AS m ON m.id = s.message_id
WHERE s.carrier = ? AND s.state = 'queued' AND s.waits IS NULL AND m.expires_at <= ? LIMIT ?
"""


def overdue(unit: Unit, carrier: str, now: int, limit: int) -> tuple[int, ...]:
    """Queued messages whose validity is over. Reads the whole queue of a carrier: never on the writing connection."""
    return tuple(row[0] for row in unit.sql.execute(_OVERDUE, (carrier, now, limit)))


class Expiry(msgspec.Struct, frozen=True):
    """Messages whose validity is over."""

    message_ids: tuple[int, ...]
    now: int


_QUEUED_OF = """
SELECT s.message_id, s.n, m.segments, m.client, m.number, m.reference, m.account
FROM segment AS s JOIN message AS m ON m.id = s.message_id
WHERE m.expires_at <= ? AND s.state = 'queued' AND s.message_id IN ({rows})
"""


def expire(unit: Unit, expiries: Sequence[Expiry]) -> list[int]:
    """End those of the messages that are still queued; tells how many segments."""
    counts: list[int] = []
    for expiry in expiries:
        rows = unit.read(_QUEUED_OF, [(message_id,) for message_id in expiry.message_ids], (expiry.now,))
        code = Code.EXPIRED_BEFORE_SENDING
        _set(unit, [moved(row, State.EXPIRED, expiry.now, "validity", code) for row in rows])
        counts.append(len(rows))
    return counts
