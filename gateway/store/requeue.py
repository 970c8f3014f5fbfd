"""What follows where segments go back into the queue.

Owns: remembering the ids of attempts that another will overtake, and the end of what was called off meanwhile. Does not own:
the move itself (settle, doubt), or the look at what goes out again (claim).

What calls texts off (a paid account, the end of a request to opt in) ends those that wait, and lets go what a carrier may have.
One of these that comes back after all is ended here, as it would have been then.
"""

from collections.abc import Iterable, Sequence

import msgspec

from gateway.errors import Code
from gateway.model.account import Account, Owed, is_pointless
from gateway.model.message import State
from gateway.store.consent import end_queued
from gateway.store.rollup import Move
from gateway.store.unit import Row, Unit

# The next attempt brings an id of its own, and would overwrite the one by which receipts for this one are known.
_OVERTAKE = """
INSERT OR IGNORE INTO superseded (carrier, smsc_key, message_id, n, at)
SELECT s.carrier, s.smsc_key, s.message_id, s.n, ? FROM (VALUES {rows}) AS v
CROSS JOIN segment AS s ON s.message_id = v.column1 AND s.n = v.column2 WHERE s.smsc_key IS NOT NULL
"""
_UNLESS_PAID = """
SELECT d.message_id, d.owed, a.body
FROM deed AS d LEFT JOIN account AS a ON a.client = d.client AND a.account = d.account
WHERE d.message_id IN ({rows}) AND d.unless_paid = 1
"""
# Half a text is not called off: the other half went.
_WHOLE = """
SELECT m.id, s.n, m.segments, m.client, m.number, m.reference, m.account
FROM message AS m CROSS JOIN segment AS s ON s.message_id = m.id
WHERE m.id IN ({rows}) AND NOT EXISTS (SELECT 1 FROM segment AS t WHERE t.message_id = m.id AND t.state != 'queued')
"""
_OF_CLOSED = """
SELECT m.id, s.n, m.segments, m.client, m.number, m.reference, m.account
FROM message AS m CROSS JOIN optin AS o ON o.number = m.number AND o.client = m.client AND o.program = m.program
    AND m.id IN (o.message_id, o.code_message_id) AND o.state NOT IN ('invited', 'code_sent')
CROSS JOIN segment AS s ON s.message_id = m.id AND s.state = 'queued'
WHERE m.id IN ({rows}) AND m.origin IN ('invitation', 'code')
"""

_decode = msgspec.json.Decoder(Account).decode


def requeue(unit: Unit, moves: Iterable[Move]) -> None:
    """Take the consequences of those moves, which are rolled up, that put segments back into the queue."""
    back = [move for move in moves if move.state is State.QUEUED]
    if not back:
        return
    at = max(move.at for move in back)
    unit.write(_OVERTAKE, [(move.message_id, move.n) for move in back], (at,))
    texts = list(dict.fromkeys((move.message_id,) for move in back))
    paid = unit.read(_WHOLE, _pointless(unit, texts))
    end_queued(unit, paid, State.CANCELLED, at, "cancel", Code.ACCOUNT_PAID)
    end_queued(unit, unit.read(_OF_CLOSED, texts), State.CANCELLED, at, "optin", Code.OPTIN_CLOSED)


def _pointless(unit: Unit, texts: Sequence[Row]) -> list[Row]:
    """Those of the texts that go only while something is to be paid, and nothing is."""
    found: list[Row] = []
    for message_id, owed, body in unit.read(_UNLESS_PAID, texts):
        # As it was kept: group/name.
        about = True if owed is None else Owed(*owed.split("/", 1))
        if is_pointless(about, None if body is None else _decode(body)):
            found.append((message_id,))
    return found
