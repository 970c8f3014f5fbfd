"""One transaction under way: the connection, the events it tells, and whom to wake when it is on disk.

Owns: many-row statements and the event log's sequence. Does not own: any table but ``event``.

The sqlite3 module lets go of the interpreter lock around every step of a statement, and under load each such hand-over
costs more than the rows themselves. So verbs speak in many rows at a time: a statement with 64 rows of values is one step,
and a query on the hot road gathers what it finds into one row of JSON. Row counts are rounded up to a few sizes, and the
statements padded with rows of NULL, which no key equals: so a few dozen prepared statements serve every batch.
"""

import sqlite3
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import msgspec

Row = tuple[Any, ...]

_SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
_ROWS = "{rows}"
_VALUES = "VALUES {rows}"
_NOT_PADDING = "SELECT * FROM (VALUES {rows}) WHERE column1 IS NOT NULL"

_decode = msgspec.json.Decoder(list[Row]).decode


@lru_cache(maxsize=2048)
def _statement(template: str, width: int, count: int, *, padded: bool) -> str:
    if padded and template.lstrip().startswith("INSERT"):
        template = template.replace(_VALUES, _NOT_PADDING)
    row = f"({', '.join('?' * width)})" if width > 1 else "?"
    return template.replace(_ROWS, ", ".join([row] * count))


@lru_cache(maxsize=512)
def _gathering(query: str) -> str:
    # Text, because a subquery forgets that its column is JSON: the rows are put together by hand.
    return f"SELECT '[' || coalesce(group_concat(row), '') || ']' FROM ({query})"  # noqa: S608 - ours, values are bound


def _runs(template: str, rows: Sequence[Row], before: Row) -> Iterator[tuple[str, list[Any]]]:
    """The statements, with their values, that say ``template`` over all rows."""
    most = _SIZES[-1]
    for start in range(0, len(rows), most):
        chunk = rows[start : start + most]
        width = len(chunk[0])
        size = _SIZES[bisect_left(_SIZES, len(chunk))]
        missing = size - len(chunk)
        values = [*before, *chain.from_iterable(chunk), *([None] * (missing * width))]
        yield _statement(template, width, size, padded=missing > 0), values


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


class Surprise(Exception):
    """A verb took for granted what is nearly always so, and it was not: the batch runs again, carefully."""


class Unit:
    """The transaction that verbs run in."""

    def __init__(self, connection: sqlite3.Connection, seq: int, *, careful: bool = True) -> None:
        self.sql = connection
        self.seq = seq
        """The sequence number of the last event told."""
        self.careful = careful
        """Whether a verb has to look first. Where not, it may take the usual for granted and raise Surprise."""
        self.queued: set[str] = set()
        """Carriers that got work."""
        self.told: set[str] = set()
        """Clients whose log grew."""
        self.noticed: set[tuple[str | None, str]] = set()
        """Which plugins are to be told something, by their names or for none of them, and its kind."""
        self._events: list[Row] = []

    def write(self, template: str, rows: Sequence[Row], before: Row = ()) -> int:
        """Run a statement over rows: ``{rows}`` in it becomes ``(?, …), …``. ``before`` binds what precedes them.

        The first column of a row is never NULL. Returns how many rows of the table it touched.
        """
        return sum(self.sql.execute(statement, values).rowcount for statement, values in _runs(template, rows, before))

    def read(self, template: str, rows: Sequence[Row], before: Row = ()) -> list[Row]:
        """The rows that a query over rows returns."""
        found: list[Row] = []
        for statement, values in _runs(template, rows, before):
            found += self.sql.execute(statement, values).fetchall()
        return found

    def gather(self, template: str, rows: Sequence[Row], before: Row = ()) -> list[Row]:
        """``read`` in one step, for the hot road: the query's one column is a ``json_array`` called ``row``."""
        found: list[Row] = []
        for statement, values in _runs(template, rows, before):
            found += _decode(self.sql.execute(_gathering(statement), values).fetchone()[0])
        return found

    def gather_one(self, query: str, values: Row) -> list[Row]:
        """``gather`` for a query that is not over rows."""
        return _decode(self.sql.execute(_gathering(query), values).fetchone()[0])

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
