"""What the gateway's database says, read after the gateway has ended: it owns the reading, and nothing but that.

It reads the file as any SQLite client would, read-only, and by its own statements: the store under proof is not asked.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from gateway.model.message import State


class Segment(msgspec.Struct, frozen=True):
    """A segment's row."""

    message_id: int
    n: int
    state: State
    attempt: int
    smsc_message_id: str | None
    submitted_at: int | None
    receipt_at: int | None
    stat: str | None


class Message(msgspec.Struct, frozen=True):
    """A message's row."""

    id: int
    client: str
    category: str
    number: str
    carrier: str
    text: str
    segments: int
    concat: int
    state: State
    code: str | None
    origin: str

    @property
    def token(self) -> str:
        """The first word of its text, by which carrier and client know it."""
        return self.text.partition(" ")[0]


class Told(msgspec.Struct, frozen=True):
    """An event's row."""

    client: str
    seq: int
    at: int
    kind: str
    message_id: int | None
    body: bytes


class Heard(msgspec.Struct, frozen=True):
    """A consumer's text."""

    carrier: str
    source: str
    text: str
    kind: str


class Kept(msgspec.Struct, frozen=True):
    """A receipt that moved nothing: parked, or kept for the record."""

    carrier: str
    news: bytes
    message_id: int | None


class Dump(msgspec.Struct, frozen=True):
    """The whole."""

    integrity: tuple[str, ...]
    messages: dict[int, Message]
    segments: dict[tuple[int, int], Segment]
    events: list[Told]
    keys: dict[tuple[str, str], tuple[int, ...]]
    """By client and idempotency key: the messages that the key stands for."""
    inbound: list[Heard]
    parts: list[tuple[str, str]]
    """Carrier and source of parts that wait for others."""
    receipts: list[Kept]


class _Answer(msgspec.Struct):
    id: int


class _Answers(msgspec.Struct):
    answers: list[_Answer]


_decode_answers = msgspec.json.Decoder(_Answers).decode


def dump(path: Path) -> Dump:
    """Read a database. Raises sqlite3.Error."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as sql:
        messages = [
            _message(*row)
            for row in sql.execute(
                "SELECT id, client, category, number, carrier, text, segments, concat, state, code, origin"
                " FROM message ORDER BY id"
            )
        ]
        segments = [
            _segment(*row)
            for row in sql.execute(
                "SELECT message_id, n, state, attempt, smsc_message_id, submitted_at, receipt_at, stat"
                " FROM segment ORDER BY message_id, n"
            )
        ]
        return Dump(
            tuple(row[0] for row in sql.execute("PRAGMA integrity_check")),
            {message.id: message for message in messages},
            {(segment.message_id, segment.n): segment for segment in segments},
            [
                Told(*row)
                for row in sql.execute("SELECT client, seq, at, kind, message_id, body FROM event ORDER BY seq")
            ],
            {
                (client, key): tuple(answer.id for answer in _decode_answers(answers).answers)
                for client, key, answers in sql.execute("SELECT client, key, answer FROM idempotency")
            },
            [Heard(*row) for row in sql.execute("SELECT carrier, source, text, kind FROM inbound ORDER BY id")],
            sql.execute("SELECT carrier, source FROM inbound_part").fetchall(),
            [Kept(*row) for row in sql.execute("SELECT carrier, news, message_id FROM receipt ORDER BY id")],
        )


def _message(
    id_: int,
    client: str,
    category: str,
    number: str,
    carrier: str,
    text: str,
    segments: int,
    concat: int,
    state: str,
    code: str | None,
    origin: str,
) -> Message:
    return Message(id_, client, category, number, carrier, text, segments, concat, State(state), code, origin)


def _segment(message_id: int, n: int, state: str, *rest: Any) -> Segment:
    return Segment(message_id, n, State(state), *rest)
