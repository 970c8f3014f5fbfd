"""What carriers' limits let through: counts that outlive the process, and the texts that wait for a window to turn.

Owns: table ``quota`` and the column ``segment.waits``. Does not own: windows and what fits in them (rules/quota), or the rest
of a claim.

A claim meets texts in the order of the queue. One that its limits have room for is charged there and then; one that they do
not is set aside with the key of the limit that stopped it, out of the way of the texts behind it, which may be
anybody's. Its place in the queue is kept: a later claim that finds room under the key brings back as many as fit, oldest
first, before it looks at the queue. So each text is moved once or twice, however often the window turns in vain.
"""

from collections.abc import Iterable, Sequence

import msgspec

from gateway.model.message import FINAL, Claimed
from gateway.rules.quota import Limit, Window, scope_of
from gateway.store.unit import Row, Unit

_KEYS = """
WITH RECURSIVE found (waits) AS (
    SELECT min(waits) FROM segment WHERE carrier = ?1 AND state = 'queued' AND waits IS NOT NULL
    UNION ALL
    SELECT (SELECT min(waits) FROM segment WHERE carrier = ?1 AND state = 'queued' AND waits > found.waits)
    FROM found WHERE found.waits IS NOT NULL
)
SELECT waits FROM found WHERE waits IS NOT NULL
"""
# What has not gone of a text is charged with the first segment that goes in a window.
_OLDEST = """
SELECT s.priority, s.due_at, s.message_id, (SELECT count(*) FROM segment AS t WHERE t.message_id = s.message_id
    AND t.state IN ('queued', 'in_flight'))
FROM segment AS s WHERE s.carrier = ? AND s.state = 'queued' AND s.waits = ?
ORDER BY s.priority, s.due_at, s.message_id, s.n LIMIT ?
"""
_TEXTS = """
SELECT message_id, max(claimed_at), sum(state IN ('queued', 'in_flight')) FROM segment
WHERE message_id IN ({rows}) GROUP BY message_id
"""
_USED = "SELECT key, begins, used FROM quota WHERE carrier = ? AND key IN ({rows})"
_CHARGE = """
INSERT INTO quota (carrier, key, begins, used) VALUES {rows}
ON CONFLICT DO UPDATE SET begins = excluded.begins, used = excluded.used
"""
_SET_ASIDE = (
    "UPDATE segment SET waits = v.column2 FROM (VALUES {rows}) AS v WHERE message_id = v.column1 AND state = 'queued'"
)
_BRING_BACK = "UPDATE segment SET waits = NULL WHERE message_id IN ({rows}) AND waits IS NOT NULL"


class Quotas:
    """The limits of a carrier during one claim."""

    def __init__(self, unit: Unit, carrier: str, limits: Sequence[Limit], now: int) -> None:
        self.turn: int | None = None
        """When the first window turns that a text waits for."""
        self.more = False
        """Whether texts may be set aside still that the limits have room for."""
        self._unit = unit
        self._carrier = carrier
        self._limits = limits
        self._now = now
        self._windows: dict[str, Window] = {}
        self._charged: set[str] = set()
        self._closed: set[str] = set()
        self._admitted: dict[int, bool] = {}
        self._begun: dict[int, tuple[int | None, int]] = {}
        self._keys: dict[tuple[str, str, str], tuple[str, ...]] = {}

    def bring_back(self, most: int) -> None:
        """Put texts that were set aside back into the queue: those that fit, in its order, and no more than ``most`` segments
        and the rest of the text that the last of them belongs to."""
        keys = [row[0] for row in self._unit.sql.execute(_KEYS, (self._carrier,))]
        if not keys:
            return
        limits = {(limit.scope, limit.per): limit for limit in self._limits}
        self._open((key, limits[scope_of(key)]) for key in keys if scope_of(key) in limits)
        fitting: list[Row] = []
        for key in keys:
            limit = limits.get(scope_of(key))
            window = self._windows.get(key)
            for text in dict.fromkeys(self._unit.sql.execute(_OLDEST, (self._carrier, key, most))):
                if limit is not None and window is not None:  # else the limit is no longer there
                    if not limit.fits(window, text[-1]):
                        self._wait_for(window)
                        break
                    window = msgspec.structs.replace(window, used=window.used + text[-1])
                fitting.append(text)
        back: list[Row] = []
        for _, _, message_id, segments in sorted(fitting):
            if most <= 0:
                break
            back.append((message_id,))
            most -= segments
        self.more = most <= 0
        self._unit.write(_BRING_BACK, back)

    def admit(self, due: Sequence[Claimed], most: int) -> list[Claimed]:
        """The first ``most`` segments that the limits have room for; the texts of those before them are set aside."""
        self._look_up(segment for segment in due if segment.message_id not in self._begun)
        passed: list[Claimed] = []
        aside: list[Row] = []
        for segment in due:
            if len(passed) == most:
                break
            admitted = self._admitted.get(segment.message_id)
            if admitted is None:
                key = self._charge(segment)
                admitted = self._admitted[segment.message_id] = key is None
                if key is not None:
                    aside.append((segment.message_id, key))
            if admitted:
                passed.append(segment)
        self._unit.write(_SET_ASIDE, aside)
        return passed

    def record(self) -> None:
        """Write what was charged."""
        charged = [(key, self._windows[key]) for key in self._charged]
        self._unit.write(_CHARGE, [(self._carrier, key, window.begins, window.used) for key, window in charged])

    def _charge(self, segment: Claimed) -> str | None:
        """Charge what has not gone of the segment's text; the key of the limit that has no room for it."""
        claimed_at, left = self._begun[segment.message_id]
        needed: list[str] = []
        for key, limit in zip(self._keys_of(segment), self._limits, strict=True):
            window = self._windows[key]
            if claimed_at is not None and window.begins <= claimed_at < window.ends:
                continue
            # What confirms goes now or not at all; it is counted.
            held = segment.origin not in FINAL
            if held and (key in self._closed or not limit.fits(window, left)):
                # Nothing smaller overtakes it: it would be overtaken for ever.
                self._closed.add(key)
                self._wait_for(window)
                return key
            needed.append(key)
        for key in needed:
            window = self._windows[key]
            self._windows[key] = msgspec.structs.replace(window, used=window.used + left)
        self._charged.update(needed)
        return None

    def _look_up(self, fresh: Iterable[Claimed]) -> None:
        texts = {segment.message_id: segment for segment in fresh}
        rows = self._unit.read(_TEXTS, [(message_id,) for message_id in texts])
        self._begun.update((message_id, (claimed_at, left)) for message_id, claimed_at, left in rows)
        self._open(
            (key, limit)
            for segment in texts.values()
            for key, limit in zip(self._keys_of(segment), self._limits, strict=True)
        )

    def _open(self, wanted: Iterable[tuple[str, Limit]]) -> None:
        """Look up the windows under these keys, as they are now."""
        new = {key: limit for key, limit in wanted if key not in self._windows}
        used = {
            key: (begins, count)
            for key, begins, count in self._unit.read(_USED, [(key,) for key in new], (self._carrier,))
        }
        for key, limit in new.items():
            self._windows[key] = limit.window(self._now, *used.get(key, ()))

    def _keys_of(self, segment: Claimed) -> tuple[str, ...]:
        names = (segment.client, segment.program, segment.sender)
        keys = self._keys.get(names)
        if keys is None:
            keys = self._keys[names] = tuple(limit.key(*names) for limit in self._limits)
        return keys

    def _wait_for(self, window: Window) -> None:
        self.turn = window.ends if self.turn is None else min(self.turn, window.ends)


class Recall(msgspec.Struct, frozen=True):
    """A wish that no text of a carrier is set aside any more: its limits were removed, or its texts are to move."""

    carrier: str
    limit: int
    """The most segments at a time."""


_RECALL = """
UPDATE segment SET waits = NULL WHERE waits IS NOT NULL AND message_id IN (
    SELECT message_id FROM segment WHERE carrier = ? AND state = 'queued' AND waits IS NOT NULL LIMIT ?
)
"""


def recall(unit: Unit, recalls: Sequence[Recall]) -> list[int]:
    """Put texts that were set aside back into the queue; tells how many segments."""
    counts: list[int] = []
    for one in recalls:
        counts.append(unit.sql.execute(_RECALL, (one.carrier, one.limit)).rowcount)
        unit.queued.add(one.carrier)
    return counts


_WAITING = """
SELECT waits, count(*) FROM segment WHERE carrier = ? AND state = 'queued' AND waits IS NOT NULL GROUP BY waits
"""


def waiting(unit: Unit, carrier: str) -> list[tuple[str, int]]:
    """How many segments are set aside under which key."""
    return list(unit.sql.execute(_WAITING, (carrier,)))


_OVERDUE = """
SELECT DISTINCT s.message_id FROM segment AS s INDEXED BY segment_waiting CROSS JOIN message AS m ON m.id = s.message_id
WHERE s.carrier = ? AND s.state = 'queued' AND s.waits IS NOT NULL AND m.expires_at <= ? LIMIT ?
"""


def overdue_waiting(unit: Unit, carrier: str, now: int, limit: int) -> tuple[int, ...]:
    """Messages that were set aside and whose validity is over: no claim meets them. Never on the writing connection."""
    return tuple(row[0] for row in unit.sql.execute(_OVERDUE, (carrier, now, limit)))
