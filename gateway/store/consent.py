"""The verbs that change consent, and what an opt-out ends.

Owns: consent rows, their events, and the end of every text that still waits for a number that opted out. Does not own:
who may change a consent (flow).
"""

from collections.abc import Sequence

import msgspec

from gateway.errors import Code
from gateway.model.address import Number
from gateway.model.consent import ANY, Consent, ConsentChange, ConsentState
from gateway.model.events import Kind
from gateway.model.message import State
from gateway.store.rollup import Move, roll_up
from gateway.store.unit import Unit

_READ = """
SELECT state, changed_at FROM consent WHERE number = ? AND client = ? AND program = ? AND category = ?
"""
_WRITE = """
INSERT INTO consent (number, client, program, category, state, changed_at, cause, evidence)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at, cause = excluded.cause,
    evidence = excluded.evidence
"""
# By the number, newest first: what still waits is young, and the states are looked at in the index range of one number.
_WAITING = """
SELECT m.id, s.n, m.segments, m.client, m.number, m.reference, m.account
FROM message AS m JOIN segment AS s ON s.message_id = m.id
WHERE m.number = ? AND m.client = ? AND (? = '*' OR m.program = ?) AND (? = '*' OR m.category = ?)
    AND m.origin != 'reply' AND s.state IN ('queued', 'held')
"""

_encode = msgspec.json.Encoder().encode


class ConsentNews(msgspec.Struct, frozen=True):
    """What a consent event tells."""

    number: str
    program: str
    category: str
    state: str
    cause: str


def change_consents(unit: Unit, changes: Sequence[ConsentChange]) -> list[bool]:
    """Make consents stand; tells of each whether it changed anything.

    A grant that is older than an opt-out of its scope changes nothing: the later wish of the consumer counts.
    """
    return [_change(unit, change) for change in changes]


def _change(unit: Unit, change: ConsentChange) -> bool:
    granted = change.state is ConsentState.CONFIRMED
    if granted and change.obtained_at is not None:
        for program, category in ((ANY, ANY), (change.program, ANY), (change.program, change.category)):
            row = unit.sql.execute(_READ, (change.number, change.client, program, category)).fetchone()
            if row is not None and row[0] == ConsentState.REVOKED:
                if row[1] >= change.obtained_at:
                    return False
                if category == ANY:
                    _write(unit, change, program, category, b"null")
    row = unit.sql.execute(_READ, (change.number, change.client, change.program, change.category)).fetchone()
    if row is not None and row[0] == change.state and change.obtained_at is None:
        return False
    if row is None and granted and change.category == ANY:
        return False  # START from a number that never opted out: there is nothing to undo, and it grants nothing.
    _write(unit, change, change.program, change.category, change.evidence)
    kind = Kind.CONSENT_GRANTED if granted else Kind.CONSENT_REVOKED
    body = _encode(ConsentNews(change.number, change.program, change.category, change.state, change.cause))
    unit.tell(change.client, change.at, kind, body)
    if not granted:
        _end_waiting(unit, change)
    return True


def _write(unit: Unit, change: ConsentChange, program: str, category: str, evidence: bytes) -> None:
    unit.sql.execute(
        _WRITE,
        (change.number, change.client, program, category, change.state, change.at, change.cause, evidence),
    )


def _end_waiting(unit: Unit, change: ConsentChange) -> None:
    rows = unit.sql.execute(
        _WAITING,
        (change.number, change.client, change.program, change.program, change.category, change.category),
    ).fetchall()
    unit.write(
        "UPDATE segment SET state = 'blocked' FROM (VALUES {rows}) AS v WHERE message_id = v.column1 AND n = v.column2",
        [row[:2] for row in rows],
    )
    code = Code.CONSENT_OPTED_OUT if change.category == ANY else Code.CONSENT_WITHDRAWN
    roll_up(
        unit,
        [
            Move(message_id, n, total, client, number, State.BLOCKED, change.at, "opt_out", reference, account, code)
            for message_id, n, total, client, number, reference, account in rows
        ],
    )


_CONSENTS = """
SELECT number, client, program, category, state, changed_at, cause, evidence FROM consent
WHERE number = ? AND client = ? ORDER BY program, category
"""


def consents_of(unit: Unit, number: str, client: str) -> list[Consent]:
    """All consents of a number with a client, opt-outs of wider scope first."""
    return [
        Consent(Number(row[0]), row[1], row[2], row[3], ConsentState(row[4]), row[5], row[6], msgspec.Raw(row[7]))
        for row in unit.sql.execute(_CONSENTS, (number, client))
    ]
