"""The verbs that move queued texts from one carrier to another.

Owns: which texts may move, and the move. Does not own: where to (flow), or when.

Only a text that no carrier can have moves: all of its segments wait, and none was ever tried, or came back from every try
with the certainty that the carrier did not take it.
"""

from collections.abc import Sequence

import msgspec

from gateway.model.message import State
from gateway.store.news import tell_message
from gateway.store.unit import Row, Unit


class Place(msgspec.Struct, frozen=True):
    """A place in a carrier's queue."""

    priority: int = 0
    due_at: int = -1
    message_id: int = 0


class Movable(msgspec.Struct, frozen=True, gc=False):
    """A text that could move."""

    message_id: int
    client: str
    program: str
    category: str
    number: str
    text: str
    segments: int


_PRIORITIES = 4
_MOVABLE = """
SELECT s.due_at, s.message_id, m.client, m.program, m.category, m.number, m.text, m.segments
FROM segment AS s CROSS JOIN message AS m ON m.id = s.message_id
WHERE s.carrier = ? AND s.state = 'queued' AND s.waits IS NULL AND s.priority = ? AND s.due_at <= ?
    AND (s.due_at, s.message_id) > (?, ?) AND s.n = 1
    AND m.origin != 'reply'
    AND NOT EXISTS (SELECT 1 FROM segment AS t WHERE t.message_id = s.message_id AND (t.state != 'queued' OR t.attempt > 0))
ORDER BY s.due_at, s.message_id LIMIT ?
"""


def movable(unit: Unit, carrier: str, now: int, after: Place, limit: int) -> tuple[list[Movable], Place | None]:
    """Texts that are due at a carrier and could move, in the order of its queue, and where to go on; None at the end.

    The answer to a consumer's word goes back the way the word came, or not at all.
    """
    found: list[Movable] = []
    for priority in range(after.priority, _PRIORITIES):
        start = (after.due_at, after.message_id) if priority == after.priority else (-1, 0)
        rows = unit.sql.execute(_MOVABLE, (carrier, priority, now, *start, limit - len(found))).fetchall()
        found += [Movable(*row[1:]) for row in rows]
        if len(found) == limit:
            return found, Place(priority, rows[-1][0], rows[-1][1])
    return found, None


class Move(msgspec.Struct, frozen=True, gc=False):
    """A text's move, with how the new carrier's alphabet spells it."""

    message_id: int
    source: str
    target: str
    encoding: str
    units: int
    segments: int
    at: int


_WHOLE = """
SELECT m.id, s.carrier, count(*), max(s.due_at), m.client, m.number, m.reference, m.account
FROM segment AS s JOIN message AS m ON m.id = s.message_id WHERE s.message_id IN ({rows})
GROUP BY m.id HAVING min(s.state = 'queued' AND s.attempt = 0 AND s.carrier = m.carrier)
"""
_MOVE_SEGMENTS = """
UPDATE segment SET carrier = v.column2, bind = NULL, claimed_at = NULL, command_status = NULL, waits = NULL
FROM (VALUES {rows}) AS v WHERE message_id = v.column1
"""
_MOVE_MESSAGE = """
UPDATE message SET carrier = v.column2, encoding = v.column3, units = v.column4, updated_at = v.column5,
    state = 'queued', code = NULL
FROM (VALUES {rows}) AS v WHERE id = v.column1
"""


def move(unit: Unit, moves: Sequence[Move]) -> list[bool]:
    """Move texts; tells of each whether it could still move: whole, untried, due, in as many segments as it has."""
    whole = {row[0]: row[1:] for row in unit.read(_WHOLE, [(one.message_id,) for one in moves])}
    answers: list[bool] = []
    segments: list[Row] = []
    messages: list[Row] = []
    for one in moves:
        carrier, count, due_at, client, number, reference, account = whole.pop(one.message_id, (None,) * 7)
        answers.append(carrier == one.source and count == one.segments and due_at <= one.at)
        if not answers[-1]:
            continue
        segments.append((one.message_id, one.target))
        messages.append((one.message_id, one.target, one.encoding, one.units, one.at))
        tell_message(
            unit,
            client,
            one.at,
            one.message_id,
            number,
            State.QUEUED,
            reference=reference,
            account=account,
            cause="reroute",
            carrier=one.target,
            carrier_before=one.source,
        )
        unit.queued.add(one.target)
    unit.write(_MOVE_SEGMENTS, segments)
    unit.write(_MOVE_MESSAGE, messages)
    return answers
