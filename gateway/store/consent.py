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
from gateway.store.unit import Row, Unit

_READ = """
SELECT state, changed_at, cause FROM consent WHERE number = ? AND client = ? AND program = ? AND category = ?
"""
_WRITE = """
INSERT INTO consent (number, client, program, category, state, changed_at, cause, evidence)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at, cause = excluded.cause,
    evidence = excluded.evidence
"""
_END_OTHERS = """
UPDATE consent SET state = 'revoked', changed_at = ?, cause = ?
WHERE number = ? AND client = ? AND state = 'confirmed' AND program != '*' AND category != '*'
    AND (? = '*' OR program = ?) AND (? = '*' OR category = ?)
"""
_WAITING = """
SELECT m.id, s.n, m.segments, m.client, m.number, m.reference, m.account
FROM message AS m JOIN segment AS s ON s.message_id = m.id
WHERE m.number = ? AND m.client = ? AND (? = '*' OR m.program = ?) AND (? = '*' OR m.category = ?)
    AND m.origin != 'reply' AND s.state = 'queued'
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
    if granted and change.obtained_at is not None and not _lift(unit, change, change.obtained_at):
        return False
    row = unit.sql.execute(_READ, (change.number, change.client, change.program, change.category)).fetchone()
    if row is not None and row[0] == change.state and change.obtained_at is None:
        if not granted and change.at > row[1]:  # said once more: a grant from between the two does not undo it
            _write(unit, change, change.program, change.category, change.evidence)
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


def _lift(unit: Unit, change: ConsentChange, obtained_at: int) -> bool:
    """Undo the wider opt-outs that a grant is younger than; False, and nothing undone, where one is as young.

    The grant is for its own program and category: the other consents that such an opt-out ended stay ended.
    """
    program, category = change.program, change.category
    lifted: list[Row] = []
    for scope in ((ANY, ANY), (ANY, category), (program, ANY), (program, category)):
        row = unit.sql.execute(_READ, (change.number, change.client, *scope)).fetchone()
        if row is None or row[0] != ConsentState.REVOKED:
            continue
        if row[1] >= obtained_at:
            return False
        if ANY in scope:
            lifted.append((*scope, *row[1:]))
    for program, category, opted_out_at, cause in lifted:
        unit.sql.execute(
            _END_OTHERS,
            (opted_out_at, cause, change.number, change.client, program, program, category, category),
        )
        _write(unit, change, program, category, b"null")
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
    code = Code.CONSENT_OPTED_OUT if ANY in (change.program, change.category) else Code.CONSENT_WITHDRAWN
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
