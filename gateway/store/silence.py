"""The verb for texts that a carrier took and never reported on.

Owns: the move from submitted to unconfirmed, once the validity and some grace are over. Does not own: how much grace (flow).

Unconfirmed is an end, and no failure: most of these were delivered. A receipt that comes after all still moves them.
"""

from collections.abc import Sequence

import msgspec

from gateway.errors import Code
from gateway.model.message import State
from gateway.store.rollup import moved, roll_up
from gateway.store.unit import Unit


class Silence(msgspec.Struct, frozen=True):
    """A look for texts whose receipts are no longer to be expected."""

    before: int
    """Of texts that expired before this instant."""
    now: int
    limit: int


_SILENT = """
SELECT s.message_id, s.n, m.segments, m.client, m.number, m.reference, m.account
FROM (SELECT * FROM message INDEXED BY message_submitted WHERE state = 'submitted' AND expires_at < ? LIMIT ?) AS m
JOIN segment AS s ON s.message_id = m.id WHERE s.state = 'submitted'
"""
_END = """
UPDATE segment SET state = 'unconfirmed' FROM (VALUES {rows}) AS v WHERE message_id = v.column1 AND n = v.column2
"""


def end_silence(unit: Unit, looks: Sequence[Silence]) -> list[int]:
    """End what stayed without a receipt; tells how many segments."""
    counts: list[int] = []
    for look in looks:
        rows = unit.sql.execute(_SILENT, (look.before, look.limit)).fetchall()
        unit.write(_END, [row[:2] for row in rows])
        roll_up(unit, [moved(row, State.UNCONFIRMED, look.now, "silence", Code.CARRIER_SILENT) for row in rows])
        counts.append(len(rows))
    return counts
