"""What follows where segments go back into the queue.

Owns: remembering the ids of attempts that another will overtake. Does not own: the move itself (settle, doubt), or the look
at what goes out again (claim).
"""

from collections.abc import Iterable

from gateway.model.message import State
from gateway.store.rollup import Move
from gateway.store.unit import Unit

# The next attempt brings an id of its own, and would overwrite the one by which receipts for this one are known.
_OVERTAKE = """
INSERT OR IGNORE INTO superseded (carrier, smsc_key, message_id, n, at)
SELECT s.carrier, s.smsc_key, s.message_id, s.n, ? FROM (VALUES {rows}) AS v
CROSS JOIN segment AS s ON s.message_id = v.column1 AND s.n = v.column2 WHERE s.smsc_key IS NOT NULL
"""


def requeue(unit: Unit, moves: Iterable[Move]) -> None:
    """Take the consequences of those moves, which are rolled up, that put segments back into the queue."""
    back = [move for move in moves if move.state is State.QUEUED]
    if not back:
        return
    at = max(move.at for move in back)
    unit.write(_OVERTAKE, [(move.message_id, move.n) for move in back], (at,))
