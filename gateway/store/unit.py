"""One transaction under way: the connection, the events it tells, and whom to wake when it is on disk.

Owns: many-row statements and the event log's sequence. Does not own: any table but ``event``.

The sqlite3 module lets go of the interpreter lock around every step of a statement, and under load each such hand-over
costs more than the row itself. So verbs speak in many rows at a time: a statement with 64 rows of values is one step. Row
counts are split into powers of two, so that a few dozen prepared statements serve every batch size.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

Row = tuple[Any, ...]

_MOST_ROWS = 256
_ROWS = "{rows}"


@lru_cache(maxsize=1024)
def _statement(template: str, width: int, count: int) -> str:
    row = f"({', '.join('?' * width)})" if width > 1 else "?"
    return template.replace(_ROWS, ", ".join([row] * count))


def _chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    start, left = 0, len(rows)
    while left:
        size = min(_MOST_ROWS, 1 << (left.bit_length() - 1))
        yield rows[start : start + size]
        start += size
        left -= size


# Events are kept by client, so the greatest number is found by one look a client, however long the log is.
_LAST_SEQ = """
WITH RECURSIVE clients (client) AS (
    SELECT min(client) FROM event
    UNION ALL
    SELECT (SELECT min(client) FROM event WHERE client > clients.client) FROM clients WHERE clients.client IS NOT NULL
)
SELECT max((SELECT max(seq) FROM event WHERE event.client = clients.client)) FROM clients
"""


def last_seq(connection: sqlite3.Connection) -> int:
    """The sequence number of the newest event on disk; 0 where there is none."""
    return int(connection.execute(_LAST_SEQ).fetchone()[0] or 0)


class Unit:
    """The transaction that verbs run in."""

    def __init__(self, connection: sqlite3.Connection, seq: int) -> None:
        self.sql = connection
        self.seq = seq
        """The sequence number of the last event told."""
        self.queued: set[str] = set()
        """Carriers that got work."""
        self.told: set[str] = set()
        """Clients whose log grew."""
        self._events: list[Row] = []

    def write(self, template: str, rows: Sequence[Row], before: Row = ()) -> None:
        """Run a statement over rows: ``{rows}`` in it becomes ``(?, …), …``. ``before`` binds what precedes them."""
        for chunk in _chunks(rows):
            self.sql.execute(_statement(template, len(chunk[0]), len(chunk)), [*before, *chain.from_iterable(chunk)])

    def read(self, template: str, rows: Sequence[Row], before: Row = ()) -> list[Row]:
        """The rows that a query over rows returns."""
        found: list[Row] = []
        for chunk in _chunks(rows):
            values = [*before, *chain.from_iterable(chunk)]
            found += self.sql.execute(_statement(template, len(chunk[0]), len(chunk)), values).fetchall()
        return found

    def tell(self, client: str, at: int, kind: str, body: bytes, message_id: int | None = None) -> int:
        """Put an event at the end of the log; returns its sequence number."""
        self.seq += 1
        self._events.append((client, self.seq, at, kind, message_id, body))
        self.told.add(client)
        return self.seq

    def flush(self) -> None:
        """Write the events told since the last flush."""
        if self._events:
            self.write("INSERT INTO event (client, seq, at, kind, message_id, body) VALUES {rows}", self._events)
            self._events = []

    def forget(self, seq: int) -> None:
        """Drop the events that are not written yet: their savepoint was rolled back to where ``seq`` was the last."""
        self._events = []
        self.seq = seq
