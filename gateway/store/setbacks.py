"""The verbs for a clock that was set back: what waits by the time that it showed before waits no longer for that.

Owns: which texts wait by a time that is yet to come, and their place in the queue. Does not own: noticing that a clock was set
(flow/setbacks), or whether a text may go (claim looks at it once more).
"""

from collections.abc import Sequence

import msgspec

from gateway.model.clock import SECOND
from gateway.store.unit import Unit

SLIGHT = SECOND
"""What a clock is slewed by, or somebody's turn is late by, is no setback."""

# What last happened to a text was at an instant that is yet to come: so was what its turn was reckoned from. What a client wants
# sent later waits for that, whatever the clock said when it was asked for.
_AHEAD = f"""
SELECT DISTINCT s.message_id FROM segment AS s INDEXED BY segment_queue CROSS JOIN message AS m ON m.id = s.message_id
WHERE s.carrier = ?1 AND s.state = 'queued' AND s.waits IS NULL AND s.priority IN (0, 1, 2, 3) AND s.due_at > ?2
    AND m.updated_at > ?2 + {SLIGHT} AND coalesce(m.send_at, 0) <= ?2
LIMIT ?3
"""  # noqa: S608 - a number of ours
_BRING_FORWARD = """
UPDATE segment SET due_at = ? WHERE due_at > ? AND message_id IN ({rows}) AND state = 'queued' AND waits IS NULL
RETURNING carrier
"""
_RETRIES = (
    "UPDATE webhook_retry SET due_at = due_at - ? WHERE endpoint IN (SELECT endpoint FROM webhook) AND due_at > ?",
    "UPDATE plugin_retry SET due_at = due_at - ? WHERE plugin IN (SELECT name FROM plugin) AND due_at > ?",
)


def ahead(unit: Unit, carrier: str, now: int, limit: int) -> tuple[int, ...]:
    """Texts that wait by a time that is yet to come. Reads all that waits: never on the writing connection."""
    return tuple(row[0] for row in unit.sql.execute(_AHEAD, (carrier, now, limit)))


class Forward(msgspec.Struct, frozen=True):
    """Texts whose turn is now."""

    message_ids: tuple[int, ...]
    now: int


def bring_forward(unit: Unit, forwards: Sequence[Forward]) -> list[int]:
    """Make texts due that still wait; tells how many segments."""
    counts: list[int] = []
    for forward in forwards:
        rows = unit.read(
            _BRING_FORWARD, [(message_id,) for message_id in forward.message_ids], (forward.now, forward.now)
        )
        unit.queued.update(carrier for (carrier,) in rows)
        counts.append(len(rows))
    return counts


class Setback(msgspec.Struct, frozen=True):
    """By how much the clock was set back, in milliseconds, and what it shows now."""

    by: int
    now: int


def shift_retries(unit: Unit, setbacks: Sequence[Setback]) -> list[int]:
    """Let webhooks and plugins wait as long for their next try as they had to when the clock was set; tells how many do."""
    return [
        sum(unit.sql.execute(statement, (setback.by, setback.now)).rowcount for statement in _RETRIES)
        for setback in setbacks
    ]
